"""The Select menu and Ctrl-click on thumbnails in the window, by keys and clicks."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QDialog

from retexture.document.document import find
from retexture.document.layers import RasterMask
from retexture.gui.selection_dialogs import ColourRangeDialog, LuminosityRangeDialog, RadiusDialog
from retexture.gui.window import MainWindow
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
from tests.gui.select_hand import ALT, CTRL, MASK, PAINT, RECT, SHIFT, SIZE, Hand


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
