"""Masks by hand: the dialogs, Alt-drag in the Layers panel, the Luminosity panel."""

from typing import Any, cast

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from retexture.document.document import find
from retexture.document.edits import set_parameter
from retexture.document.layers import LuminosityMask
from retexture.gui.canvas import Canvas
from retexture.gui.layer_row import parts
from retexture.gui.layers_panel import LayersPanel
from retexture.gui.luminosity_panel import LuminosityPanel, previews
from retexture.gui.mask_dialogs import CombineDialog, CopyMaskDialog, MaskDialog, RefineDialog
from retexture.gui.screen_profile import ScreenProfile
from retexture.gui.selector import Selector
from retexture.render.cache import Cache
from retexture.session import colour_selection, mask_edits, masks
from retexture.session.colour_selection import LuminosityRange
from retexture.session.mask_edits import Refine
from retexture.session.painting import painted
from retexture.session.session import Session
from retexture.session.view import Point, View
from tests.gui.gestures import ALT, move, press, release
from tests.gui.stage import settle
from tests.session.bench import make_document

WIDTH, HEIGHT = 200, 150
SHARP = np.zeros((HEIGHT, WIDTH), np.uint16)
SHARP[:, 90:] = 65535
DOCUMENT = painted(make_document(WIDTH, HEIGHT), "texture", "mask", masks.from_array(SHARP))


@pytest.fixture
def session(workspace):
    made = Session(DOCUMENT, title="test")
    workspace.add(made)
    made.select("texture")
    return made


@pytest.fixture
def opened(qtbot, workspace, session):
    """Open a dialog over a panel, which has all that it needs of the window."""
    parent: Any = LayersPanel(workspace)
    qtbot.addWidget(parent)
    parent.canvas = Canvas(workspace, ScreenProfile())
    qtbot.addWidget(parent.canvas)
    parent.canvas.resize(WIDTH, HEIGHT)
    parent.canvas.show()
    parent.canvas.set_view(View(centre=Point(WIDTH // 2, HEIGHT // 2)))
    settle(parent.canvas)

    def open_(kind: Any, key: str = "texture") -> MaskDialog:
        dialog = kind(parent, session, key)
        dialog.open()
        return dialog

    return open_


def wait(qtbot, workspace):
    qtbot.waitUntil(lambda: workspace.idle)


def plane_of(session, key="texture"):
    return find(session.document, key).mask.painted.tiles.to_array()[0]


def confirm(dialog, name):
    QTest.mouseClick(dialog.findChild(QPushButton, f"{name}_ok"), Qt.MouseButton.LeftButton)


def test_refine_does_what_its_fields_say_as_one_step(qtbot, workspace, session, opened):
    wanted = mask_edits.refined(DOCUMENT, "texture", Refine(7, 0.25), cache=Cache(1 << 24)).to_array()[0]
    dialog = opened(RefineDialog)
    dialog.fields["radius_px"].set_value(7)
    dialog.fields["edge_strength"].set_value(0.25)
    confirm(dialog, "refine_mask")
    wait(qtbot, workspace)
    assert np.array_equal(plane_of(session), wanted)
    assert [v.label for v in session.history.versions[1:]] == ["Refine Layer Mask"]
    session.undo()
    assert session.document is DOCUMENT


def test_refine_shows_what_it_does_before_it_does_it(qtbot, workspace, session, opened):
    dialog = opened(RefineDialog)
    wait(qtbot, workspace)
    wanted = mask_edits.refined(DOCUMENT, "texture", Refine(), cache=Cache(1 << 24)).to_array()[0]
    assert np.abs(plane_of(session).astype(int) - wanted).max() <= 1
    dialog.fields["radius_px"].enter(3.0)
    wait(qtbot, workspace)
    narrower = mask_edits.refined(DOCUMENT, "texture", Refine(3), cache=Cache(1 << 24)).to_array()[0]
    assert np.abs(plane_of(session).astype(int) - narrower).max() <= 1
    assert (narrower != wanted).any()
    dialog.preview.click()
    assert session.document is DOCUMENT
    dialog.preview.click()
    wait(qtbot, workspace)
    assert session.document is not DOCUMENT
    dialog.reject()
    assert session.document is DOCUMENT
    assert session.gesture is None
    assert len(session.history.versions) == 1


def test_any_other_edit_drops_the_draft_of_refine(qtbot, workspace, session, opened):
    dialog = opened(RefineDialog)
    wait(qtbot, workspace)
    session.edit("Opacity", lambda d: set_parameter(d, "texture.opacity", 0.9))
    assert not dialog.isVisible()
    assert np.array_equal(plane_of(session), SHARP)
    assert [v.label for v in session.history.versions[1:]] == ["Opacity"]


def test_a_mask_that_changed_meanwhile_is_left_alone(qtbot, workspace, session, opened):
    with qtbot.waitSignal(workspace.message) as told:
        confirm(opened(RefineDialog), "refine_mask")
        session.edit("Fill", lambda d: painted(d, "texture", "mask", masks.black(WIDTH, HEIGHT)))
    assert "refine it again" in told.args[0]
    assert not plane_of(session).any()


def test_copy_offers_the_layers_that_can_take_it(session, opened):
    session.edit("Lock", lambda d: set_parameter(d, "paint.locked", True))
    dialog = opened(CopyMaskDialog)
    names = [dialog.target.itemText(i) for i in range(dialog.target.count())]
    assert names == ["Base"]
    confirm(dialog, "copy_mask")
    assert find(session.document, "base").mask == find(session.document, "texture").mask


@pytest.mark.parametrize(("way", "wanted"), [("multiply", SHARP), ("subtract", 65535 - SHARP)])
def test_combine_by_the_dialog(qtbot, workspace, session, opened, way, wanted):
    mask_edits.copy_mask(session, "texture", "paint")
    session.edit("white", lambda d: painted(d, "texture", "mask", masks.white(WIDTH, HEIGHT)))
    for key in ("texture", "paint"):
        session.edit("sharp", lambda d, k=key: set_parameter(d, f"{k}.mask.feather_px", 0.0))
    dialog = opened(CombineDialog)
    dialog.way.setCurrentIndex(dialog.way.findData(way))
    steps = len(session.history.versions)
    confirm(dialog, "combine_masks")
    wait(qtbot, workspace)
    assert np.array_equal(plane_of(session), wanted)
    assert len(session.history.versions) == steps + 1


def test_what_cannot_be_done_is_said_before_anything_is_asked(session, opened):
    with pytest.raises(ValueError, match="No other layer has a painted mask"):
        opened(CombineDialog)
    with pytest.raises(ValueError, match="no painted mask"):
        opened(RefineDialog, "base")


# -- Alt-drag


@pytest.fixture
def layers(qtbot, workspace, session):
    panel = LayersPanel(workspace)
    panel.resize(320, 500)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitExposed(panel)
    return panel.tree


def place(tree, key, part):
    index = tree.rows.find((key, None))
    row = tree.rows.row_of(index)
    box = parts(tree.visualRect(index), tree.rows.look(row))._asdict()[part]
    return box.center()


def alt_drag(tree, start: QPoint, end: QPoint, *, let_go=True):
    view = tree.viewport()
    press(view, start.x(), start.y(), ALT)
    for part in (0.5, 1):
        at = start + (end - start) * part
        move(view, at.x(), at.y(), ALT)
    if let_go:
        release(view, end.x(), end.y(), ALT)


def test_alt_drag_copies_the_mask_to_the_layer_beneath_the_pointer(layers, session):
    alt_drag(layers, place(layers, "texture", "mask"), place(layers, "paint", "name"))
    assert find(session.document, "paint").mask == find(session.document, "texture").mask
    assert [v.label for v in session.history.versions[1:]] == ["Copy Layer Mask to Paint"]


def test_alt_drag_onto_itself_or_given_up_copies_nothing(layers, session):
    start = place(layers, "texture", "mask")
    alt_drag(layers, start, place(layers, "texture", "name"))
    alt_drag(layers, start, place(layers, "paint", "name"), let_go=False)
    QTest.keyClick(layers, Qt.Key.Key_Escape)
    release(layers.viewport(), start.x(), start.y(), ALT)
    assert session.document is DOCUMENT


def test_alt_click_still_views_the_mask(qtbot, layers):
    at = place(layers, "texture", "mask")
    with qtbot.waitSignal(layers.mask_view_requested) as asked:
        press(layers.viewport(), at.x(), at.y(), ALT)
        release(layers.viewport(), at.x(), at.y(), ALT)
    assert asked.args == ["texture", None]


def test_alt_drag_to_a_locked_layer_is_refused_in_words(qtbot, workspace, layers, session):
    session.edit("Lock", lambda d: set_parameter(d, "paint.locked", True))
    locked = session.document
    with qtbot.waitSignal(workspace.message) as told:
        alt_drag(layers, place(layers, "texture", "mask"), place(layers, "paint", "name"))
    assert "locked" in told.args[0]
    assert session.document is locked


# -- the Luminosity panel


@pytest.fixture
def panel(qtbot, workspace, session):
    made = LuminosityPanel(workspace, Selector(workspace))
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    wait(qtbot, workspace)
    return made


def test_a_click_multiplies_the_mask_into_the_active_layers(panel, session):
    QTest.mouseClick(panel.buttons["midtones", 2], Qt.MouseButton.LeftButton)
    assert find(session.document, "texture").mask.components == (LuminosityMask(kind="midtones", power=2),)
    assert find(session.document, "texture").mask.painted == find(DOCUMENT, "texture").mask.painted
    QTest.keyClick(panel.buttons["lights", 1], Qt.Key.Key_Space)
    assert len(find(session.document, "texture").mask.components) == 2
    assert len(session.history.versions) == 3


def test_ctrl_click_selects(qtbot, workspace, panel, session):
    QTest.mouseClick(
        panel.buttons["darks", 3], Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier
    )
    wait(qtbot, workspace)
    wanted = colour_selection.luminosity(DOCUMENT, LuminosityRange("darks", 3), cache=Cache(1 << 24))
    assert np.array_equal(session.document.selection.to_array(), wanted.to_array())
    assert find(session.document, "texture") is find(DOCUMENT, "texture")


def test_previews_are_the_powers_of_the_pictures_grey():
    grey = np.full((3, HEIGHT, WIDTH), 65535 // 4, np.uint16)
    source = msgspec.structs.replace(DOCUMENT.sources[0], colour=type(DOCUMENT.sources[0].colour)(grey))
    flat = msgspec.structs.replace(DOCUMENT, sources=(source,), layers=DOCUMENT.layers[:1])
    found = previews(flat, Cache(1 << 24), lambda: False)
    for power in (1, 2, 3):
        for kind, wanted in (("lights", 0.25), ("darks", 0.75), ("midtones", 0.75)):
            plane = found[cast("Any", kind), power]
            assert abs(int(plane[5, 5]) - 255 * wanted**power) <= 1.5
            assert 40 <= max(plane.shape) <= 2 * 80


def test_previews_follow_the_picture_once_edits_rest(qtbot, workspace, panel, session):
    before = panel.buttons["lights", 1].icon().cacheKey()
    session.edit("Hide", lambda d: set_parameter(d, "texture.visible", False))
    qtbot.waitUntil(lambda: panel.buttons["lights", 1].icon().cacheKey() != before)


def test_without_a_document_nothing_can_be_pressed(panel, workspace, session):
    workspace.remove(session)
    assert not any(button.isEnabled() for button in panel.buttons.values())
