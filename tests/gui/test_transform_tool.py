"""The Move tool and the transform box by mouse and keys, in the window."""

from functools import partial

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QListView, QMenu
from pytestqt.qtbot import QtBot

from retexture.document.document import find
from retexture.document.layers import PixelLayer
from retexture.document.transform import Transform
from retexture.gui.app import wait_until_idle
from retexture.gui.window import MainWindow
from retexture.session import selection_edits, transform_box
from retexture.session.view import Point
from tests.gui.stage import ALT, CTRL, LEFT, MOVE, NONE, RELEASE, RIGHT, SHIFT, expected, mouse, shot
from tests.gui.transforming import at, begin, handle, patch, place, press, pull, with_patch


@pytest.fixture
def window(window: MainWindow) -> MainWindow:
    return with_patch(window)


def test_the_move_tool_moves_by_whole_pixels(window: MainWindow) -> None:
    press(window, Qt.Key.Key_V)
    assert window.canvas.tool.name == "move"
    pull(window, Point(150, 100), 31, -12)
    assert (patch(window).x_px, patch(window).y_px) == (131, 68)
    pull(window, Point(150, 100), 3, 40, SHIFT)
    assert (patch(window).x_px, patch(window).y_px) == (131, 108)
    assert window.session is not None
    assert [v.label for v in window.session.history.versions[1:]] == ["Move Patch", "Move Patch"]
    assert np.array_equal(shot(window.canvas), expected(window.canvas, window.session.document))


def test_that_a_selection_is_not_moved_alone_is_told(window: MainWindow, said: list[str]) -> None:
    assert window.session is not None
    selection_edits.select_all(window.session)
    note = "All of Patch moves, not what is selected: Ctrl+J puts that into a layer of its own first"
    press(window, Qt.Key.Key_V)
    pull(window, Point(150, 100), 31, -12)
    press(window, Qt.Key.Key_Left)
    begin(window)
    press(window, Qt.Key.Key_Escape)
    next(a for c, a in window.actions_ if c.name == "flip_horizontal").trigger()
    assert said == [note] * 4
    selection_edits.select(window.session, "Deselect", None)
    press(window, Qt.Key.Key_Left)
    assert said == [note] * 4


def test_esc_puts_back_what_is_being_moved(window: MainWindow) -> None:
    assert window.session is not None
    before = window.session.document
    press(window, Qt.Key.Key_V)
    pull(window, Point(150, 100), 30, 30, let_go=False)
    wait_until_idle(window)
    assert window.session.document is not before
    press(window, Qt.Key.Key_Escape)
    mouse(window.canvas, RELEASE, *at(window, Point(150, 100), 30, 30))
    assert window.session.document is before


def test_arrow_keys_nudge(window: MainWindow) -> None:
    press(window, Qt.Key.Key_V)
    press(window, Qt.Key.Key_Right)
    press(window, Qt.Key.Key_Up, SHIFT)
    assert (patch(window).x_px, patch(window).y_px) == (101, 70)


@pytest.mark.parametrize(("key", "words"), [("fill", "covers the whole picture"), ("base", "is locked")])
def test_what_cannot_be_moved_is_told(window: MainWindow, key: str, words: str, said: list[str]) -> None:
    assert window.session is not None
    if key == "base":
        window.session.set("base.locked", True, "Lock")
    window.session.select(key)
    before = window.session.document
    press(window, Qt.Key.Key_V)
    pull(window, Point(50, 50), 20, 20)
    press(window, Qt.Key.Key_Right)
    press(window, Qt.Key.Key_T, CTRL)
    assert window.session.document is before
    assert window.transforming.box is None
    assert all(words in each for each in said[-3:])


def test_a_corner_scales_and_enter_applies(window: MainWindow) -> None:
    assert window.session is not None
    begin(window)
    pull(window, handle(window, 2), 60, 40)
    assert patch(window).transform.scale_x == pytest.approx(1.5, abs=0.01)
    assert patch(window).transform.scale_y == pytest.approx(1.5, abs=0.02)
    steps = len(window.session.history.versions)
    press(window, Qt.Key.Key_Return)
    assert window.transforming.box is None
    assert len(window.session.history.versions) == steps + 1
    wait_until_idle(window)
    assert np.array_equal(shot(window.canvas), expected(window.canvas, window.session.document))
    window.session.undo()
    assert patch(window).transform.is_identity


def test_modifiers_of_the_handles(window: MainWindow) -> None:
    begin(window)
    centre = transform_box.centre(place(window))
    pull(window, handle(window, 2), 60, 0, SHIFT)
    t = place(window).transform
    assert t.scale_x == pytest.approx(t.scale_y)
    window.transforming.reset()
    pull(window, handle(window, 5), 30, 0, ALT)
    assert transform_box.centre(place(window)) == centre
    assert place(window).transform.scale_x == pytest.approx(1.5, abs=0.02)
    window.transforming.reset()
    pull(window, handle(window, 1), 20, -15, CTRL)
    t = place(window).transform
    assert (t.top_right_x_px, t.top_right_y_px) == (pytest.approx(20, abs=1), pytest.approx(-15, abs=1))
    window.transforming.reset()
    corner = handle(window, 1)
    pull(window, Point(corner.x + 40, corner.y), 0, 60, SHIFT)
    assert place(window).transform.angle_deg % 15 == 0
    assert place(window).transform.angle_deg > 0


def test_perspective_by_keys_moves_the_corner_beside_the_other_way(window: MainWindow) -> None:
    begin(window)
    pull(window, handle(window, 1), 20, 3, CTRL | ALT | SHIFT)
    assert place(window).transform.corners == ((-20, 0), (20, 0), (0, 0), (0, 0))
    window.transforming.reset()
    pull(window, handle(window, 1), 3, -20, CTRL | ALT | SHIFT)
    assert place(window).transform.corners == ((0, 0), (0, -20), (0, 20), (0, 0))


@pytest.mark.parametrize(
    ("name", "corners"),
    [
        ("distort", ((0, 0), (20, 3), (0, 0), (0, 0))),
        ("perspective", ((-20, 0), (20, 0), (0, 0), (0, 0))),
    ],
)
def test_the_menu_opens_the_box_for_what_it_says(
    window: MainWindow, name: str, corners: object, said: list[str]
) -> None:
    assert window.session is not None
    actions = {command.name: action for command, action in window.actions_}
    actions[name].trigger()
    assert "Drag a corner" in said[-1]
    pull(window, handle(window, 1), 20, 3)
    assert place(window).transform.corners == corners
    actions["scale"].trigger()  # the same box
    pull(window, handle(window, 4), 0, 10)
    assert place(window).transform.corners == corners
    assert place(window).transform.scale_y < 1
    press(window, Qt.Key.Key_Return)
    assert window.session.history.undo_label == name.capitalize()
    actions["rotate"].trigger()
    corner = handle(window, 1)
    pull(window, Point(corner.x + 40, corner.y), 0, 60)
    assert place(window).transform.angle_deg > 0
    assert window.transforming.way == "free"


@pytest.mark.parametrize("name", ["Scale", "Rotate", "Distort", "Perspective"])
def test_the_search_finds_the_transforms(window: MainWindow, name: str) -> None:
    window.find_command()
    QTest.keyClicks(window.search.findChild(QLineEdit, "command_search_field"), name.lower())
    assert window.search.findChild(QListView, "command_search_list").currentIndex().data() == name
    window.search.close()


def test_esc_gives_the_box_up(window: MainWindow) -> None:
    assert window.session is not None
    before = window.session.document
    begin(window)
    pull(window, handle(window, 0), -30, -30)
    assert window.session.document is not before
    kept = place(window).transform
    pull(window, handle(window, 0), -30, -30, let_go=False)
    wait_until_idle(window)
    assert place(window).transform != kept
    press(window, Qt.Key.Key_Escape)  # first the drag ...
    mouse(window.canvas, RELEASE, *at(window, Point(0, 0)))
    assert window.transforming.box is not None
    assert place(window).transform == kept
    press(window, Qt.Key.Key_Escape)  # ... then the box
    assert window.transforming.box is None
    assert window.session.document is before
    assert not window.session.modified


def type_number(window: MainWindow, name: str, text: str) -> None:
    edit = window.transform_options.fields[name].edit
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, text)
    QTest.keyClick(edit, Qt.Key.Key_Return)


def test_numbers_are_typed(window: MainWindow, said: list[str]) -> None:
    begin(window)
    fields = window.transform_options.fields
    type_in = partial(type_number, window)
    type_in("width_percent", "50")
    t = place(window).transform
    assert (t.scale_x, t.scale_y) == (0.5, 0.5)
    QTest.mouseClick(window.transform_options.linked, LEFT)
    type_in("height_percent", "200")
    t = place(window).transform
    assert (t.scale_x, t.scale_y) == (0.5, 2)
    type_in("angle", "-90")
    type_in("x_px", "100")
    type_in("y_px", "40,5")
    assert place(window).transform.angle_deg == -90
    assert transform_box.centre(place(window)) == (100, 40.5)
    assert said == []
    type_in("width_percent", "0")
    assert place(window).transform.scale_x == 1 / 120, "of 120 px one is left"
    assert fields["width_percent"].edit.text() == "0.83 %"
    assert set(said) == {"Width was set to 0.83 %, the nearest there is"}
    type_in("width_percent", "20000")
    assert said[-1] == "Width was set to 10000 %, the nearest there is"
    QTest.mouseClick(window.transform_options.apply, LEFT)
    assert window.transforming.box is None
    assert patch(window).transform.angle_deg == -90
    assert window.canvas.hasFocus()


def test_a_number_below_0_mirrors_and_the_other_side_goes_along_as_shown(
    window: MainWindow, said: list[str]
) -> None:
    begin(window)
    fields = window.transform_options.fields
    type_number(window, "width_percent", "-50")
    t = place(window).transform
    assert (t.scale_x, t.flip_x, t.scale_y, t.flip_y) == (0.5, True, 0.5, False)
    assert [fields[f"{side}_percent"].value() for side in ("width", "height")] == [-50, 50]
    type_number(window, "height_percent", "-25")
    t = place(window).transform
    assert (t.scale_x, t.flip_x, t.scale_y, t.flip_y) == (0.25, True, 0.25, True)
    assert [fields[f"{side}_percent"].value() for side in ("width", "height")] == [-25, -25]
    type_number(window, "width_percent", "100")
    t = place(window).transform
    assert (t.scale_x, t.flip_x, t.scale_y, t.flip_y) == (1, False, 1, True)
    assert said == []


def test_the_fields_are_there_with_the_box_alone(window: MainWindow) -> None:
    press(window, Qt.Key.Key_V)
    options = window.transform_options
    assert options.begin.isVisible()
    assert not options.fields["angle"].isVisible()
    QTest.mouseClick(options.begin, LEFT)
    assert not options.begin.isVisible()
    assert options.fields["angle"].isVisible()
    QTest.mouseClick(options.cancel, LEFT)
    assert options.begin.isVisible()


def test_the_right_button_turns_and_mirrors(window: MainWindow, qtbot: QtBot) -> None:
    begin(window)
    mouse(window.canvas, MOVE, *at(window, Point(150, 100)), held=False)
    QTest.mousePress(window.canvas, RIGHT, NONE, QPoint(*(round(v) for v in at(window, Point(150, 100)))))
    menu = next(m for m in window.canvas.findChildren(QMenu) if m.isVisible())
    names = {action.objectName() for action in menu.actions() if not action.isSeparator()}
    assert {
        "flip_horizontal_action",
        "turn_right_action",
        "transform_warp_action",
        "transform_reset_action",
    } <= names
    next(a for a in menu.actions() if a.objectName() == "flip_horizontal_action").trigger()
    menu.close()
    assert place(window).transform == Transform(flip_x=True)
    press(window, Qt.Key.Key_Return)
    assert window.session is not None
    assert np.array_equal(
        window.session.document.source("patch").colour.array,
        window.session.document.source(patch(window).source).colour.array,
    )


def test_the_menus_transforms_work_at_once(window: MainWindow) -> None:
    assert window.session is not None
    actions = {command.name: action for command, action in window.actions_}
    actions["turn_right"].trigger()
    assert patch(window).transform.angle_deg == 90
    assert window.session.history.undo_label == "Rotate 90° Clockwise"
    actions["reset_transform"].trigger()
    assert patch(window).transform.is_identity


def test_the_warp_is_bent_by_its_points(window: MainWindow) -> None:
    begin(window)
    QTest.mouseClick(window.transform_options.warp, LEFT)
    assert window.transforming.warping
    window.canvas.setFocus()
    pull(window, transform_box.warp_points(place(window))[5], 14, 9)
    mesh = place(window).transform.warp
    assert mesh is not None
    assert mesh[5] == (pytest.approx(14, abs=1), pytest.approx(9, abs=1))
    press(window, Qt.Key.Key_Return)
    assert patch(window).transform.warp == mesh
    press(window, Qt.Key.Key_T, CTRL)
    assert window.transforming.warping, "a warped layer shows its mesh again"


def test_another_tool_applies_it_and_undo_gives_it_up(window: MainWindow) -> None:
    assert window.session is not None
    begin(window)
    pull(window, handle(window, 2), 20, 20)
    press(window, Qt.Key.Key_B)
    assert window.transforming.box is None
    assert window.session.history.undo_label == "Free Transform"
    before = window.session.document
    begin(window)
    pull(window, handle(window, 2), 20, 20)
    press(window, Qt.Key.Key_Z, CTRL)
    assert window.transforming.box is None
    assert window.session.document is before
    assert window.transform_options.begin.isVisible()


def test_paint_becomes_a_picture_and_the_window_says_so(window: MainWindow, said: list[str]) -> None:
    assert window.session is not None
    window.session.select("paint")
    begin(window)
    pull(window, handle(window, 2), 30, 30)
    press(window, Qt.Key.Key_Return)
    assert isinstance(find(window.session.document, "paint"), PixelLayer)
    assert any("is a picture now" in each for each in said)


def test_the_box_is_drawn_and_goes(window: MainWindow) -> None:
    press(window, Qt.Key.Key_V)  # a tool without an outline around the cursor
    wait_until_idle(window)
    before = shot(window.canvas)
    begin(window)
    wait_until_idle(window)
    assert not np.array_equal(shot(window.canvas), before)
    press(window, Qt.Key.Key_Escape)
    wait_until_idle(window)
    assert np.array_equal(shot(window.canvas), before)
