"""The Properties panel, driven by mouse and keys: what it shows is the document, and each gesture is one step."""

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QColorDialog, QMenu
from pytestqt.qtbot import QtBot

from retexture.document.document import Document, find
from retexture.document.layers import FillLayer, PixelLayer, Range, RasterMask, smart
from retexture.document.pixels import Pixels, Tiles
from retexture.document.settings import slots
from retexture.engine.modes import BlendMode
from retexture.filters.apply_image import ApplyImage
from retexture.filters.curves import Curves
from retexture.filters.gaussian_blur import GaussianBlur
from retexture.gui.blend_if_editor import BlendIfEditor
from retexture.gui.choice_field import ChoiceField
from retexture.gui.colour_field import ColourField
from retexture.gui.curve_editor import CurveEditor
from retexture.gui.number_field import NumberField
from retexture.gui.properties_panel import HISTOGRAM_LANE, PropertiesPanel
from retexture.gui.property_sections import Section
from retexture.gui.workspace import Workspace
from retexture.recipes import RECIPES
from retexture.recipes.apply import build_document
from retexture.recipes.base import Materials
from retexture.render.cache import Cache
from retexture.session.histogram import count_judged
from retexture.session.layer_edits import add_filter, new_adjustment_layer, new_fill_layer, set_locked
from retexture.session.preferences import Preferences
from retexture.session.session import Session, Update
from tests.gui.gestures import ALT, drag, move, press, release

RADIUS = "low.gaussian_blur.radius_px"


def picture(seed: int) -> Pixels:
    rng = np.random.default_rng(seed)
    return Pixels((rng.random((3, 48, 64)) * 65535).astype(np.uint16))


def recipe(name: str) -> Document:
    chosen = RECIPES[name]
    mask = np.full((48, 64), 65535, np.uint16)
    retouched = None if chosen.flat else picture(2)
    return build_document(chosen, Materials(original=picture(1), retouched=retouched, mask=mask))


@pytest.fixture
def workspace(qtbot: QtBot) -> Iterator[Workspace]:
    made = Workspace(Preferences())
    crashes: list[Any] = []
    made.crashed.connect(crashes.append)
    yield made
    made.close()
    assert not crashes, crashes[0].details


def shown(
    qtbot: QtBot, workspace: Workspace, document: Document, active: str
) -> tuple[PropertiesPanel, Session]:
    panel = PropertiesPanel(workspace)
    qtbot.addWidget(panel)
    panel.resize(320, 900)
    session = Session(document, title="test")
    session.select(active)
    workspace.add(session)
    with qtbot.waitActive(panel):
        panel.show()
        panel.activateWindow()
    return panel, session


@pytest.fixture
def hybrid(qtbot: QtBot, workspace: Workspace) -> tuple[PropertiesPanel, Session]:
    return shown(qtbot, workspace, recipe("hybrid-fs"), "high")


def value(session: Session, path: str) -> Any:
    layer = find(session.document, path.partition(".")[0])
    return next(slot.get(layer) for slot in slots(layer) if slot.path == path)


def number(panel: PropertiesPanel, path: str) -> NumberField:
    field = panel.editor(path)
    assert isinstance(field, NumberField)
    return field


def section(panel: PropertiesPanel, kind: str, key: str = "") -> Section:
    found = panel.section(kind, key)
    assert found is not None
    return found


def steps(session: Session) -> list[str]:
    return [version.label for version in session.history.versions[1:]]


def watch(session: Session) -> list[Update]:
    updates: list[Update] = []
    session.subscribe(updates.append)
    return updates


def click(widget: Any) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def choose(section: Section, action: str) -> None:
    """Click an entry of a header's menu."""
    click(section.more)
    menu = section.findChild(QMenu, "section_menu")
    assert menu is not None
    QTest.mouseClick(
        menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(menu_action(menu, action)).center()
    )


def menu_action(menu: QMenu, name: str) -> Any:
    return next(action for action in menu.actions() if action.objectName() == name)


# -- what is shown


def test_sections_are_those_of_the_layer(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    assert [s.part.title for s in panel.sections] == [
        "Apply Image",
        "Layer Mask",
        "Blending",
        "Blend-If",
        "Position",
    ]
    session.select("retouched_group")
    assert [s.part.title for s in panel.sections] == ["Gaussian Blur", "Blending", "Blend-If"]
    session.select(None)
    assert panel.sections == []


def test_filters_are_listed_as_in_the_layers_panel(qtbot: QtBot, workspace: Workspace) -> None:
    panel, _ = shown(qtbot, workspace, recipe("high-pass-blend-if"), "texture")
    document = panel.workspace.session.document  # type: ignore[union-attr]
    applied = [item.key for item in find(document, "texture").filters]  # type: ignore[union-attr]
    assert [s.part.key for s in panel.sections if s.part.role == "filter"] == applied[::-1]


@pytest.mark.parametrize("name", sorted(RECIPES.keys() - {"texture-graft"}))  # that one needs a plate
def test_every_parameter_is_shown_once_with_its_value(qtbot: QtBot, workspace: Workspace, name: str) -> None:
    document = recipe(name)
    panel, session = shown(qtbot, workspace, document, document.layers[-1].key)
    kinds = ("blend_if", "mask_luminosity", "mask_raster", "position", "distortion")
    panel.open_sections = dict.fromkeys(kinds, True)
    for layer in document.layers:
        session.select(layer.key)
        elsewhere = {f"{layer.key}.{field}" for field in ("name", "visible", "locked", "transform.warp")}
        declared = {s.path for s in slots(layer) if ".blend_if." not in s.path} - elsewhere
        bounds = panel._bounds()
        paths = [bound.row.path for bound in bounds]
        eyes = [s.part.eye for s in panel._all() if s.part.eye]
        assert len(paths) == len(set(paths))
        # A mask without components has one switch for both.
        missing = declared - {*paths, *eyes}
        assert missing <= {f"{layer.key}.mask.painted.enabled"}
        for bound in bounds:
            if bound.part.layer == layer.key and bound.row.path in declared:
                assert bound.editor.value() == value(session, bound.row.path), bound.row.path


def test_names_for_people_and_for_scripts(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    assert number(panel, "high.opacity").objectName() == "opacity"
    assert number(panel, RADIUS).objectName() == "low_gaussian_blur_radius_px"
    session.select("retouched_group")
    session.select("high")
    names = [child.objectName() for child in panel.findChildren(Section)]
    assert names
    assert len(names) == len(set(names))
    for each in panel._all():
        for button in (each.header, each.eye, each.more, each.alone, each.view):
            assert button.accessibleName(), each.objectName()
            assert button.toolTip(), each.objectName()


def test_a_position_is_set_like_any_parameter(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    panel.open_sections = {"position": True, "distortion": True}
    number(panel, "high.transform.angle_deg").edit.setFocus()
    QTest.keyClicks(number(panel, "high.transform.angle_deg").edit, "12")
    QTest.keyClick(number(panel, "high.transform.angle_deg").edit, Qt.Key.Key_Return)
    assert value(session, "high.transform.angle_deg") == 12
    assert steps(session) == ["Transform angle"]
    before = session.document
    corner = number(panel, "high.transform.top_left_x_px").edit
    corner.setFocus()
    QTest.keyClicks(corner, "900000")  # beyond the opposite corner
    QTest.keyClick(corner, Qt.Key.Key_Return)
    assert session.document is before


def test_a_filters_mask_is_added_switched_and_deleted(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    session.select("retouched_group")
    choose(section(panel, "gaussian_blur"), "section_add_mask")
    item = find(session.document, "retouched_group").filters[0]  # type: ignore[union-attr]
    assert item.mask is not None
    inner = section(panel, "filter_mask")
    assert inner.isVisible()
    click(inner.eye)
    assert value(session, "retouched_group.gaussian_blur.mask.enabled") is False
    choose(inner, "section_delete")
    assert find(session.document, "retouched_group").filters[0].mask is None  # type: ignore[union-attr]
    assert steps(session) == ["Add Filter Mask", "Disable Filter Mask", "Delete Filter Mask"]


# -- gestures


def test_dragged_slider_is_shown_live_and_is_one_step(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    updates = watch(session)
    slider = number(panel, "high.opacity").slider
    y = slider.height() / 2
    drag(slider, (slider.x_of(1), y), (slider.x_of(0.8), y), (slider.x_of(0.6), y), (slider.x_of(0.5), y))
    assert [u.live for u in updates] == [True, True, True, False]
    assert value(session, "high.opacity") == pytest.approx(0.5, abs=0.02)
    assert steps(session) == ["Opacity"]


def test_escape_restores(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    before = session.document
    slider = number(panel, "high.opacity").slider
    y = slider.height() / 2
    press(slider, slider.x_of(1), y)
    move(slider, slider.x_of(0.3), y)
    assert value(session, "high.opacity") < 0.4
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Escape)
    assert session.document is before
    assert number(panel, "high.opacity").value() == 1
    move(slider, slider.x_of(0.2), y)
    release(slider, slider.x_of(0.2), y)
    assert session.document is before
    assert steps(session) == []


def test_typed_value_is_one_step_that_undo_takes_back(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    edit = number(panel, "high.apply_image.scale").edit
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, "1.5")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert value(session, "high.apply_image.scale") == 1.5
    assert steps(session) == ["Apply Image scale"]
    session.undo()
    assert number(panel, "high.apply_image.scale").value() == 2
    assert edit.text() == "2.00"


def test_undo_during_a_drag_drops_it(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    field = number(panel, "high.opacity")
    y = field.slider.height() / 2
    press(field.slider, field.slider.x_of(1), y)
    move(field.slider, field.slider.x_of(0.3), y)
    session.undo()
    assert field.value() == 1
    release(field.slider, field.slider.x_of(0.3), y)
    assert (session.gesture, steps(session)) == (None, [])


def test_selecting_another_layer_during_a_drag_keeps_it_on_its_own(
    hybrid: tuple[PropertiesPanel, Session],
) -> None:
    panel, session = hybrid
    session.select("retouched")
    field = number(panel, "retouched.opacity")
    y = field.slider.height() / 2
    press(field.slider, field.slider.x_of(1), y)
    move(field.slider, field.slider.x_of(0.5), y)
    session.select("high")
    move(field.slider, field.slider.x_of(0.1), y)
    release(field.slider, field.slider.x_of(0.1), y)
    assert value(session, "retouched.opacity") == pytest.approx(0.5, abs=0.02)
    assert value(session, "high.opacity") == 1
    assert number(panel, "high.opacity").value() == 1
    assert steps(session) == ["Opacity"]


def test_changes_from_elsewhere_are_shown_and_leave_the_widgets(
    hybrid: tuple[PropertiesPanel, Session],
) -> None:
    panel, session = hybrid
    sections, field = list(panel.sections), number(panel, "high.opacity")
    gesture = session.begin("Opacity")
    gesture.set("high.opacity", 0.25)
    assert field.value() == 0.25
    gesture.commit()
    session.set("high.visible", False, "Hide")
    session.undo()
    session.undo()
    assert field.value() == 1
    assert panel.sections == sections


def test_hovering_a_blend_mode_tries_it_out(qtbot: QtBot, hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    field = panel.editor("high.blend_mode")
    assert isinstance(field, ChoiceField)
    field.combo.setFocus()
    field.combo.showPopup()
    view = field.combo.view()
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert session.gesture is not None
    tried = value(session, "high.blend_mode")
    assert tried != BlendMode.LINEAR_LIGHT
    QTest.keyClick(view, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: session.gesture is None)
    assert value(session, "high.blend_mode") == BlendMode.LINEAR_LIGHT
    assert steps(session) == []


def test_refused_value_is_told_and_taken_back(hybrid: tuple[PropertiesPanel, Session], qtbot: QtBot) -> None:
    panel, session = hybrid
    add_filter(session, "retouched_group", ApplyImage)
    session.set("retouched_group.apply_image.source", "high", "Source")
    session.select("high")
    field = panel.editor("high.apply_image.source")
    assert isinstance(field, ChoiceField)
    before = session.document
    field.combo.setFocus()
    with qtbot.waitSignal(panel.workspace.message) as told:
        QTest.keyClick(field.combo, Qt.Key.Key_End)  # the group, which reads High itself
    assert "high" in told.args[0]
    assert session.document == before
    assert field.combo.currentText() == "Low (hidden)"


# -- hidden inputs and references


def test_hidden_low_can_be_changed_where_it_is_read(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    inner = section(panel, "apply_image").inner
    assert [s.part.title for s in inner] == ["Reads: Low (hidden) – Gaussian Blur"]
    slider = number(panel, RADIUS).slider
    y = slider.height() / 2
    start = slider.value() / slider.STEPS
    drag(slider, (slider.x_of(start), y), (slider.x_of(0.8), y))
    assert value(session, RADIUS) > 6
    assert value(session, "retouched_group.gaussian_blur.radius_px") == value(session, RADIUS)
    assert steps(session) == ["Gaussian Blur radius"]


def test_source_is_a_list_of_layers(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    field = panel.editor("high.apply_image.source")
    assert isinstance(field, ChoiceField)
    names = [field.combo.itemText(i) for i in range(field.combo.count())]
    assert names == ["Merged (beneath)", "Low (hidden)", "Retouched", "Retouched"]
    assert field.combo.currentText() == "Low (hidden)"
    field.combo.setFocus()
    QTest.keyClick(field.combo, Qt.Key.Key_Up)
    assert value(session, "high.apply_image.source") == "merged"
    session.undo()
    again = panel.editor("high.apply_image.source")
    assert isinstance(again, ChoiceField)
    assert again.combo.currentText() == "Low (hidden)"


def test_filter_alone_while_a_radius_is_dragged(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, _ = hybrid
    heard: list[Any] = []
    panel.filter_preview.connect(lambda *keys: heard.append(keys))
    panel.filter_preview_ended.connect(lambda: heard.append("ended"))
    slider = number(panel, RADIUS).slider
    y = slider.height() / 2
    drag(slider, (slider.x_of(0.5), y), (slider.x_of(0.6), y))
    assert heard == []
    alone = section(panel, "apply_image").alone
    click(alone)
    drag(slider, (slider.x_of(0.6), y), (slider.x_of(0.7), y), let_go=False)
    assert heard == [("high", "apply_image")]
    release(slider, slider.x_of(0.7), y)
    assert heard == [("high", "apply_image"), "ended"]
    scale = number(panel, "high.apply_image.scale").slider  # no length: the picture stays
    drag(scale, (scale.x_of(1), y), (scale.x_of(0.7), y))
    assert len(heard) == 2


# -- sections


def test_eyes_switch_filter_mask_and_component(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    for kind, key, path in (
        ("apply_image", "apply_image", "high.apply_image.enabled"),
        ("mask", "", "high.mask.enabled"),
        ("mask_luminosity", "luminosity", "high.mask.luminosity.enabled"),
    ):
        eye, was = section(panel, kind, key).eye, value(session, path)
        click(eye)
        assert value(session, path) is not was
        assert eye.isChecked() is not was
        session.undo()
        assert eye.isChecked() is was


def test_sections_stay_open_or_closed_by_their_kind(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    blending = section(panel, "blending")
    assert blending.body.isVisible()
    click(blending.header)
    session.select("retouched")
    assert not section(panel, "blending").body.isVisible()
    header = section(panel, "blending").header
    header.setFocus()
    QTest.keyClick(header, Qt.Key.Key_Right)
    session.select("high")
    assert section(panel, "blending").body.isVisible()
    assert panel.open_sections == {"blending": True}


def test_filter_menu_moves_and_deletes(qtbot: QtBot, workspace: Workspace) -> None:
    layer = FillLayer(key="fill", name="Fill", filters=smart(GaussianBlur(), Curves()))
    panel, session = shown(qtbot, workspace, Document(width_px=8, height_px=8, layers=(layer,)), "fill")

    def keys() -> list[str]:
        return [item.key for item in find(session.document, "fill").filters]  # type: ignore[union-attr]

    assert section(panel, "curves").movable == (False, True)
    choose(section(panel, "gaussian_blur"), "section_up")
    assert keys() == ["curves", "gaussian_blur"]
    assert [s.part.key for s in panel.sections[:2]] == ["gaussian_blur", "curves"]
    choose(section(panel, "curves"), "section_delete")
    assert keys() == ["gaussian_blur"]
    assert steps(session) == ["Move Gaussian Blur", "Delete Curves"]
    session.undo()
    assert panel.section("curves") is not None


def test_edit_filter_opens_shows_and_focuses(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    session.select("high")
    panel.open_sections = {"gaussian_blur": False}
    panel.edit_filter("retouched_group", "gaussian_blur")
    assert session.active == "retouched_group"
    assert section(panel, "gaussian_blur").is_open
    assert number(panel, "retouched_group.gaussian_blur.radius_px").edit.hasFocus()


def test_fill_colour(qtbot: QtBot, workspace: Workspace) -> None:
    document = Document(width_px=8, height_px=8, layers=(FillLayer(key="fill", name="Fill"),))
    panel, session = shown(qtbot, workspace, document, "fill")
    field = panel.editor("fill.colour")
    assert isinstance(field, ColourField)
    assert field.box.isChecked()
    field.box.click()
    assert value(session, "fill.colour") == (0.5, 0.5, 0.5)
    field.box.click()
    assert value(session, "fill.colour") is None
    assert steps(session) == ["Fill colour", "Fill colour"]


def test_curve_of_an_adjustment_layer(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    new_adjustment_layer(session, Curves)
    path = f"{session.active}.adjustment.points"
    editor = panel.editor(path)
    assert isinstance(editor, CurveEditor)
    place, up = editor.plot.place((128, 128)), editor.plot.place((128, 160))
    drag(editor.plot, (place.x(), place.y()), (up.x(), up.y()))
    points = value(session, path)
    assert len(points) == 3
    assert points[1][1] == pytest.approx(160, abs=2)
    assert steps(session)[-1] == "Curves points"


def test_locked_layer_cannot_be_edited_until_it_is_unlocked(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    set_locked(session, ("high",), True)
    assert not number(panel, "high.opacity").isEnabled()
    assert panel.locked.isVisible()
    click(panel.unlock)
    assert number(panel, "high.opacity").isEnabled()
    assert not find(session.document, "high").locked


def test_fill_colour_is_tried_out_while_the_dialogue_is_open(qtbot: QtBot, workspace: Workspace) -> None:
    document = Document(width_px=8, height_px=8, layers=(FillLayer(key="fill", name="Fill"),))
    panel, session = shown(qtbot, workspace, document, "fill")
    field = panel.editor("fill.colour")
    assert isinstance(field, ColourField)
    for key, wanted in ((Qt.Key.Key_Escape, None), (Qt.Key.Key_Return, (0.2, 0.4, 0.6))):
        click(field.swatch)
        dialog = panel.findChild(QColorDialog)
        assert isinstance(dialog, QColorDialog)
        qtbot.waitUntil(dialog.isActiveWindow)
        dialog.setCurrentColor(QColor.fromRgbF(0.9, 0.4, 0.6))
        dialog.setCurrentColor(QColor.fromRgbF(0.2, 0.4, 0.6))
        assert value(session, "fill.colour") == pytest.approx((0.2, 0.4, 0.6), abs=1 / 255)
        QTest.keyClick(dialog, key)
        qtbot.waitUntil(lambda: panel.findChild(QColorDialog) is None)
        found = value(session, "fill.colour")
        assert found == (wanted and pytest.approx(wanted, abs=1 / 255))
    assert steps(session) == ["Fill colour"]


# -- masks


def test_mask_buttons(hybrid: tuple[PropertiesPanel, Session], qtbot: QtBot) -> None:
    panel, session = hybrid

    def levels() -> set[int]:
        mask = find(session.document, "high").mask
        assert mask is not None
        assert mask.painted is not None
        return set(np.unique(mask.painted.tiles.to_array()).tolist())

    for name, wanted in (
        ("properties_fill_black", {0}),
        ("properties_invert_mask", {65535}),
        ("properties_fill_white", {65535}),
    ):
        click(panel.findChild(object, name))
        assert levels() == wanted, name
    assert steps(session) == ["Fill black", "Invert mask", "Fill white"]
    with qtbot.waitSignal(panel.mask_view_requested) as asked:
        click(panel.findChild(object, "properties_view_mask"))
    assert asked.args == ["high", None]
    with qtbot.waitSignal(panel.mask_view_requested) as asked:
        click(section(panel, "mask_luminosity").view)
    assert asked.args == ["high", 0]
    assert not section(panel, "mask_luminosity").view.isChecked()
    panel.set_mask_view(("high", 0))
    assert section(panel, "mask_luminosity").view.isChecked()


def test_component_shows_what_its_kind_needs(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    click(section(panel, "mask_luminosity").header)
    power, ends = panel.editor("high.mask.luminosity.power"), panel.editor("high.mask.luminosity.range")
    assert power is not None
    assert ends is not None
    assert (power.isVisible(), ends.isVisible()) == (True, False)
    session.set("high.mask.luminosity.kind", "range", "kind")
    assert (power.isVisible(), ends.isVisible()) == (False, True)
    assert section(panel, "mask_luminosity").header.text() == "Luminosity: Range"


def test_component_is_deleted_from_its_menu(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    choose(section(panel, "mask_luminosity"), "section_delete")
    mask = find(session.document, "high").mask
    assert mask is not None
    assert mask.components == ()
    # The painted mask alone needs no part of its own.
    assert panel.section("mask_painted") is None
    assert panel.editor("high.mask.density") is not None


def test_generated_mask_alone_goes_with_its_last_component(qtbot: QtBot, workspace: Workspace) -> None:
    tiles = Tiles(64, 48, background=(65535,))
    document = recipe("hybrid-fs")
    high = find(document, "high")
    assert high.mask is not None
    mask = msgspec.structs.replace(
        high.mask, painted=None, components=(RasterMask(tiles=tiles, name="Skin"),)
    )
    layers = (document.layers[0], msgspec.structs.replace(high, mask=mask))
    panel, session = shown(qtbot, workspace, msgspec.structs.replace(document, layers=layers), "high")
    skin = section(panel, "mask_raster")
    assert skin.header.text() == "Generated: Skin"
    choose(skin, "section_delete")
    assert find(session.document, "high").mask is None
    assert panel.section("mask") is None


# -- Blend-If


def test_alt_drag_splits_a_handle_in_one_step(qtbot: QtBot, hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    click(section(panel, "blend_if").header)
    editor = panel.editor("high.blend_if")
    assert isinstance(editor, BlendIfEditor)
    bar = editor.sides["underlying"].bar
    y = bar.height() - 5
    updates = watch(session)
    drag(bar, (bar.x_of(0), y), (bar.x_of(30), y), (bar.x_of(60), y), modifiers=ALT)
    got = find(session.document, "high").blend_if.underlying.gray
    assert got.black_low == 0
    assert got.black_high == pytest.approx(60, abs=2)
    assert (got.white_low, got.white_high) == (255, 255)
    assert find(session.document, "high").blend_if.this.is_full
    assert [u.live for u in updates] == [True, True, False]
    assert steps(session) == ["Blend-If"]
    session.undo()
    assert editor.sides["underlying"].value() == Range()


def test_histograms_follow_what_is_judged_and_nothing_else(
    qtbot: QtBot, hybrid: tuple[PropertiesPanel, Session]
) -> None:
    panel, session = hybrid
    jobs = panel.workspace.jobs
    assert not jobs.active
    click(section(panel, "blend_if").header)
    assert [job.lane for job in jobs.active] == [HISTOGRAM_LANE]
    editor = panel.editor("high.blend_if")
    assert isinstance(editor, BlendIfEditor)

    def settled() -> bool:
        return panel.workspace.idle

    def counts() -> Any:
        return editor.sides["this"].bar.counts

    qtbot.waitUntil(settled)
    expected, beneath = count_judged(session.document, "high", Cache(1 << 24))
    np.testing.assert_array_equal(counts(), expected[0])
    np.testing.assert_array_equal(editor.sides["underlying"].bar.counts, beneath[0])
    assert counts().sum() == 48 * 64
    # Its own opacity, mask and Blend-If are judged by nothing.
    session.set("high.opacity", 0.5, "opacity")
    session.set("high.mask.density", 0.5, "density")
    assert jobs.idle
    gesture = session.begin("radius")
    gesture.set(RADIUS, 2.0)
    assert jobs.idle  # not before it ends
    gesture.commit()
    qtbot.waitUntil(settled)
    changed, _ = count_judged(session.document, "high", Cache(1 << 24))
    np.testing.assert_array_equal(counts(), changed[0])
    assert (changed != expected).any()


def test_hidden_pixels_are_marked_for_the_selected_layer_alone(
    hybrid: tuple[PropertiesPanel, Session],
) -> None:
    panel, session = hybrid
    heard: list[Any] = []
    panel.hidden_overlay.connect(heard.append)
    click(section(panel, "blend_if").header)
    editor = panel.editor("high.blend_if")
    assert isinstance(editor, BlendIfEditor)
    editor.overlay.click()
    session.select("retouched")
    assert heard == ["high", None]
    assert not editor.overlay.isChecked()


def test_documents_come_and_go(qtbot: QtBot, workspace: Workspace) -> None:
    panel, first = shown(qtbot, workspace, recipe("hybrid-fs"), "high")
    source = PixelLayer(key="only", name="Only", source="original")
    document = msgspec.structs.replace(recipe("hybrid-fs"), layers=(source,), hidden=(), links=())
    second = Session(document, title="second")
    workspace.add(second)
    new_fill_layer(second)
    assert panel.sections[0].part.kind == "fill"
    workspace.activate(first)
    assert panel.sections[0].part.kind == "apply_image"
    workspace.remove(first)
    workspace.remove(second)
    assert panel.sections == []
    assert "Open a document" in panel.heading.text()


def test_a_section_that_is_opened_comes_into_view(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    bar = panel.scroller.verticalScrollBar()
    for height, fits in ((300, False), (620, True)):
        panel.resize(300, height)
        bar.setValue(0)
        found = section(panel, "blend_if")
        found.header.click()
        top = found.mapTo(panel.scroller.viewport(), QPoint()).y()
        room = panel.scroller.viewport().height()
        assert bar.value() > 0
        assert (found.height() <= room) == fits
        assert top == (room - found.height() if fits else 0)
        found.header.click()
    panel.resize(300, 300)
    section(panel, "blend_if").header.click()
    session.select("retouched")
    assert bar.value() == 0, "other sections are read from the top"
