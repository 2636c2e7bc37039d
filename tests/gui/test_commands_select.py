"""The Select menu, Quick Mask and Ctrl-click on thumbnails in the window, by keys and clicks."""

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QDialog

from retexture.document.document import Document, find
from retexture.document.edits import insert_layer
from retexture.document.layers import FillLayer, LayerMask, PaintLayer, RasterMask
from retexture.document.pixels import Tiles
from retexture.document.tree import filters_of
from retexture.filters.invert import Invert
from retexture.gui.app import wait_until_idle
from retexture.gui.commands import run
from retexture.gui.layer_row import ROW_ROLE, parts
from retexture.gui.layers_model import LAYER
from retexture.gui.menu_bar import COMMANDS
from retexture.gui.selection_dialogs import ColourRangeDialog, LuminosityRangeDialog, RadiusDialog
from retexture.gui.window import MainWindow
from retexture.session import selection_edits
from retexture.session.brush import Brush
from retexture.session.colour_selection import (
    ColourRange,
    LuminosityRange,
    colour_at,
    colour_range,
    luminosity,
)
from retexture.session.selections import (
    FULL,
    combined,
    contracted,
    expanded,
    feathered,
    from_plane,
    inverted,
    rectangle,
)
from retexture.session.session import Session
from tests.document.documents import samples
from tests.gui.small_documents import picture_document

SIZE = (400, 300)
RECT = rectangle(SIZE, (50, 40), (220, 190))
MASK = from_plane(samples((300, 400), seed=4), SIZE)
PAINT = Tiles.from_array(samples((4, 300, 400), seed=5), (0, 0, 0, 0))
NONE, CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


class Hand:
    """The window with a picture, a paint layer and a masked fill, and its user."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        self.messages: list[str] = []
        window.workspace.message.connect(self.messages.append)
        document = picture_document(*SIZE)
        layers = (
            *document.layers,
            PaintLayer(key="paint", name="Paint", tiles=PAINT),
            FillLayer(key="fill", name="Fill", mask=LayerMask(painted=RasterMask(MASK))),
        )
        self.session = Session(msgspec.structs.replace(document, layers=layers), title="one")
        window.workspace.add(self.session)
        self.wait()

    @property
    def document(self) -> Document:
        return self.session.document

    @property
    def steps(self) -> list[str]:
        return [version.label for version in self.session.history.versions[1:]]

    def wait(self) -> None:
        assert wait_until_idle(self.window)
        QApplication.processEvents()

    def keys(self, sequence: str) -> None:
        QTest.keySequence(self.window, sequence)
        self.wait()

    def run(self, name: str) -> None:
        run(next(command for command in COMMANDS if command.name == name), self.window)
        self.wait()

    def enabled(self, name: str) -> bool:
        return next(command for command in COMMANDS if command.name == name).enabled(self.window)

    def select(self, selection: Tiles | None = RECT) -> None:
        selection_edits.select(self.session, "Selected", selection)

    def selected(self) -> np.ndarray:
        assert self.document.selection is not None
        return np.asarray(self.document.selection.to_array()[0])

    def is_selected(self, selection: Tiles) -> bool:
        return np.array_equal(self.selected(), selection.to_array()[0])

    def click_thumbnail(self, key: str, part: str, modifiers: Qt.KeyboardModifier) -> None:
        tree = self.window.layers.tree
        index = tree.rows.find((key, None), LAYER)
        box = getattr(parts(tree.visualRect(index), index.data(ROW_ROLE)), part)
        QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, modifiers, box.center())
        self.wait()

    def dialog(self, kind: type[QDialog]) -> QDialog:
        found = [d for d in self.window.findChildren(kind) if d.isVisible()]
        assert len(found) == 1
        return found[0]

    def click(self, dialog: QDialog, name: str) -> None:
        button = dialog.findChild(QAbstractButton, name)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        self.wait()

    def click_picture(self, x: float, y: float, modifiers: Qt.KeyboardModifier = NONE) -> None:
        canvas = self.window.canvas
        place = canvas.view.to_window(type(canvas.view.centre)(x, y), canvas.pane_size())
        at = QPoint(round(place.x), round(place.y))
        QTest.mouseMove(canvas, at)
        QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, modifiers, at)
        self.wait()


@pytest.fixture
def hand(window: MainWindow) -> Hand:
    return Hand(window)


# -- by keys


@pytest.mark.slow
def test_all_deselect_reselect_and_inverse(hand: Hand) -> None:
    hand.keys("Ctrl+A")
    assert (hand.selected() == FULL).all()
    hand.keys("Ctrl+D")
    assert hand.document.selection is None
    hand.keys("Ctrl+Shift+D")
    assert (hand.selected() == FULL).all()
    hand.select()
    hand.keys("Ctrl+Shift+I")
    assert hand.is_selected(inverted(RECT))
    assert hand.steps == ["Select All", "Deselect", "Reselect", "Selected", "Inverse"]
    for _ in hand.steps:
        hand.session.undo()
    assert hand.document.selection is None


def test_without_a_selection_there_is_nothing_to_change(hand: Hand) -> None:
    names = ("deselect", "reselect", "inverse", "feather_selection", "expand_selection", "save_selection")
    assert not any(hand.enabled(name) for name in names)
    hand.select()
    assert [hand.enabled(name) for name in names] == [True, False, True, True, True, True]


def test_tools_by_their_keys(hand: Hand) -> None:
    window = hand.window
    for keys, tool, elliptical, polygonal in (
        ("M", "marquee", False, False),
        ("Shift+M", "marquee", True, False),
        ("Shift+M", "marquee", False, False),
        ("L", "lasso", False, False),
        ("Shift+L", "lasso", False, True),
        ("W", "wand", False, True),
        ("Shift+M", "marquee", False, True),
    ):
        hand.keys(keys)
        assert window.canvas.tool is window.tools[tool]
        assert (window.selecting.elliptical, window.selecting.polygonal) == (elliptical, polygonal)
        assert window.selection_options.isVisible()
        assert window.selection_options.wand.isVisible() == (tool == "wand")


def test_the_options_bar_and_the_tools_agree(hand: Hand) -> None:
    window, options = hand.window, hand.window.selection_options
    hand.keys("M")
    QTest.mouseClick(options.findChild(QAbstractButton, "elliptical_marquee"), Qt.MouseButton.LeftButton)
    QTest.mouseClick(options.findChild(QAbstractButton, "select_subtract"), Qt.MouseButton.LeftButton)
    assert window.selecting.elliptical
    assert window.selecting.mode == "subtract"
    hand.keys("W")
    options.antialias.click()
    options.contiguous.click()
    options.all_layers.click()
    options.sample.setCurrentIndex(1)
    options.sample.activated.emit(1)
    options.tolerance.enter(33.0)
    settings = window.selecting.wand
    assert (settings.tolerance, settings.antialias, settings.contiguous) == (33, False, False)
    assert (settings.all_layers, settings.sample) == (False, "3x3")
    options.feather.enter(7.0)
    assert window.selecting.feather_px == 7


# -- dialogs


@pytest.mark.parametrize(
    ("name", "radius", "change"),
    [("feather", 8.0, feathered), ("expand", 9, expanded), ("contract", 9, contracted)],
)
def test_a_radius_is_asked_for(hand: Hand, name, radius, change) -> None:
    hand.select()
    if name == "feather":
        hand.keys("Shift+F6")
    else:
        hand.run(f"{name}_selection")
    dialog = hand.dialog(RadiusDialog)
    assert isinstance(dialog, RadiusDialog)
    edit = dialog.field.edit
    edit.selectAll()
    QTest.keyClicks(edit, str(radius))
    hand.click(dialog, f"{name}_selection_ok")
    assert hand.is_selected(change(RECT, radius))
    assert hand.steps[-1] == f"{name.capitalize()} Selection"


def test_a_dialog_that_is_closed_changes_nothing(hand: Hand) -> None:
    hand.select()
    before = hand.document
    for name, kind in (
        ("feather_selection", RadiusDialog),
        ("colour_range", ColourRangeDialog),
        ("luminosity_range", LuminosityRangeDialog),
    ):
        hand.run(name)
        QTest.keyClick(hand.dialog(kind), Qt.Key.Key_Escape)
        hand.wait()
    assert hand.document is before
    assert hand.window.canvas.tool is hand.window.tools["brush"]


def test_contracting_to_nothing_says_so(hand: Hand) -> None:
    hand.select(rectangle(SIZE, (100, 100), (104, 104)))
    hand.run("contract_selection")
    hand.click(hand.dialog(RadiusDialog), "contract_selection_ok")
    assert hand.document.selection is None
    assert hand.messages[-1] == "Nothing is selected any more: no pixel was left"
    hand.session.undo()
    assert hand.document.selection is not None


def test_a_colour_range_is_picked_in_the_picture(hand: Hand) -> None:
    hand.run("colour_range")
    dialog = hand.dialog(ColourRangeDialog)
    ok = dialog.findChild(QAbstractButton, "colour_range_ok")
    assert not ok.isEnabled()
    hand.click_picture(120.5, 80.5)
    hand.click_picture(300.5, 200.5, SHIFT)
    cache = hand.window.workspace.passing
    colours = tuple(colour_at(hand.document, x, y, 1, cache=cache) for x, y in ((120, 80), (300, 200)))
    assert ok.isEnabled()
    mode = dialog.findChild(QComboBox, "colour_range_mode")
    mode.setCurrentIndex(mode.findData("subtract"))
    hand.select()
    hand.click(dialog, "colour_range_ok")
    wanted = colour_range(hand.document, ColourRange(colours=colours), cache=cache)  # type: ignore[arg-type]
    assert hand.is_selected(combined(RECT, wanted, "subtract"))
    assert hand.window.canvas.tool is hand.window.tools["brush"]


@pytest.mark.parametrize("name", ["colour_range", "luminosity_range"])
def test_ranges_are_asked_for_beside_the_face(hand: Hand, name: str) -> None:
    hand.window.resize(1600, 1000)
    hand.wait()
    hand.run(name)
    (dialog,) = (d for d in hand.window.findChildren(QDialog) if d.isVisible())
    canvas = hand.window.canvas
    place = dialog.frameGeometry().translated(-canvas.mapToGlobal(QPoint(0, 0)))
    assert canvas.rect().contains(place)
    assert not place.contains(canvas.rect().center())
    dialog.close()


def test_a_range_of_luminosity(hand: Hand) -> None:
    hand.run("luminosity_range")
    dialog = hand.dialog(LuminosityRangeDialog)
    assert isinstance(dialog, LuminosityRangeDialog)
    assert dialog.small is not None
    dialog.change(kind="darks", power=2)
    grey = dialog.preview.grab().toImage().pixelColor(50, 50).red()
    assert 0 < grey < 255
    hand.click(dialog, "luminosity_range_ok")
    cache = hand.window.workspace.passing
    assert hand.is_selected(luminosity(hand.document, LuminosityRange("darks", 2), cache=cache))


def test_closing_the_document_closes_the_dialog(hand: Hand) -> None:
    hand.run("colour_range")
    dialog = hand.dialog(ColourRangeDialog)
    hand.window.workspace.remove(hand.session)
    assert not dialog.isVisible()


# -- layers


@pytest.mark.parametrize(
    ("keys", "mode"),
    [(CTRL, "replace"), (CTRL | SHIFT, "add"), (CTRL | ALT, "subtract"), (CTRL | SHIFT | ALT, "intersect")],
)
def test_ctrl_click_loads_a_thumbnail(hand: Hand, keys, mode) -> None:
    hand.select()
    active = hand.session.active
    hand.click_thumbnail("fill", "mask", keys)
    assert hand.is_selected(combined(RECT, MASK, mode))
    hand.select()
    hand.click_thumbnail("paint", "picture", keys)
    alpha = from_plane(PAINT.to_array()[3], SIZE)
    assert hand.is_selected(combined(RECT, alpha, mode))
    assert hand.session.active == active


def test_selections_are_loaded_by_the_menu(hand: Hand) -> None:
    hand.run("load_mask")
    assert hand.is_selected(MASK)
    hand.session.select("paint")
    hand.run("load_transparency")
    assert np.array_equal(hand.selected(), PAINT.to_array()[3])
    hand.keys("Ctrl+Alt+2")
    cache = hand.window.workspace.passing
    assert hand.is_selected(luminosity(hand.document, LuminosityRange(), cache=cache))


def test_the_mask_button_takes_the_selection(hand: Hand) -> None:
    hand.session.select("paint")
    hand.select()
    hand.window.layers.buttons["add_mask"].click()
    mask = find(hand.document, "paint").mask
    assert mask is not None
    assert mask.painted == RasterMask(RECT)
    assert hand.document.selection is None
    hand.session.undo()
    hand.run("mask_hide_selection")
    mask = find(hand.document, "paint").mask
    assert mask is not None
    assert mask.painted is not None
    assert np.array_equal(mask.painted.tiles.to_array(), inverted(RECT).to_array())


def test_mask_commands_keep_to_the_selection(hand: Hand) -> None:
    hand.select()
    hand.session.select("fill", "mask")
    inside = RECT.to_array()[0] == FULL
    before = MASK.to_array()[0]
    for name, wanted in (("fill_foreground", FULL), ("fill_background", 0), ("invert_mask", FULL - before)):
        hand.run(name)
        mask = find(hand.document, "fill").mask
        assert mask is not None
        assert mask.painted is not None
        plane = mask.painted.tiles.to_array()[0]
        assert np.array_equal(plane, np.where(inside, wanted, before))
        hand.session.undo()


# -- Quick Mask


@pytest.mark.slow
def test_quick_mask_by_key(hand: Hand) -> None:
    window = hand.window
    hand.select()
    hand.keys("Q")
    assert hand.session.quick_mask
    action = next(action for command, action in window.actions_ if command.name == "quick_mask")
    assert action.isChecked()
    window.paint.set_brush(Brush(size_px=60, hardness=1, smoothing=0, opacity_pressure=False))
    hand.click_picture(200.5, 150.5)
    assert hand.selected()[150, 200] == 0
    assert hand.selected()[60, 60] == FULL
    hand.run("invert_mask")
    assert hand.selected()[150, 200] == FULL
    assert hand.selected()[60, 60] == 0
    hand.keys("Q")
    assert not hand.session.quick_mask
    assert hand.messages[-1] == "Quick Mask ended: what is not red is selected"
    assert not action.isChecked()
    assert hand.selected()[150, 200] == FULL
    assert find(hand.document, "fill").mask == LayerMask(painted=RasterMask(MASK))


@pytest.mark.slow
def test_ctrl_i_inverts_what_is_painted_on(hand: Hand) -> None:
    before = MASK.to_array()
    hand.session.select("fill", "mask")
    hand.keys("Ctrl+I")
    mask = find(hand.document, "fill").mask
    assert mask is not None
    assert mask.painted is not None
    assert np.array_equal(mask.painted.tiles.to_array(), FULL - before)
    hand.session.select("fill")
    hand.keys("Ctrl+I")
    layer = find(hand.document, "fill")
    assert layer.mask == mask
    assert [item.filter for item in filters_of(layer)] == [Invert()]
    hand.select()
    hand.keys("Q")
    hand.keys("Ctrl+I")
    assert hand.is_selected(inverted(RECT))


@pytest.mark.slow
def test_quick_mask_begins_with_black_and_gives_the_ink_back(hand: Hand) -> None:
    window, paint = hand.window, hand.window.paint
    hand.keys("Q")
    paint.set_brush(Brush(size_px=60, hardness=1, smoothing=0, opacity_pressure=False))
    hand.click_picture(200.5, 150.5)
    assert hand.selected()[150, 200] == 0
    assert hand.selected()[60, 60] == FULL
    hand.keys("X")
    assert paint.white
    first = hand.session
    window.workspace.add(Session(picture_document(*SIZE), title="other"))
    assert paint.white
    hand.keys("X")
    window.workspace.activate(first)
    assert not paint.white
    hand.keys("X")
    hand.keys("Q")
    assert not paint.white


def test_the_options_bar_shows_the_ink_of_what_is_painted_on(hand: Hand) -> None:
    ink = hand.window.tool_options.ink_options
    hand.session.edit("Fill", lambda d: insert_layer(d, FillLayer(key="grey", name="Grey")), select="grey")
    assert ink.swatch.isVisible()
    hand.session.select("fill", "mask")
    assert not ink.swatch.isVisible()


def test_the_options_bar_paints_the_quick_mask(hand: Hand) -> None:
    options = hand.window.tool_options
    hand.session.select("paint")
    assert options.ink_options.swatch.isVisible()
    assert not options.mask_options.invert.isEnabled()
    hand.select()
    hand.keys("Q")
    assert options.ink_options.mask_ink.isVisible()
    assert not options.ink_options.swatch.isVisible()
    options.mask_options.invert.click()
    assert hand.is_selected(inverted(RECT))
    assert not options.mask_options.feather_button.isEnabled()


def test_quick_mask_that_is_red_everywhere_says_so(hand: Hand) -> None:
    hand.keys("Q")
    hand.run("fill_foreground")
    hand.keys("Q")
    assert hand.document.selection is None
    assert hand.messages[-1] == "Nothing is selected: the Quick Mask was red everywhere"
