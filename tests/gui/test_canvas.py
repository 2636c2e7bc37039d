"""Mouse, wheel, touch pad and keys on the canvas: what they move, and what they leave alone."""

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QFocusEvent, QNativeGestureEvent, QPointingDevice
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from retexture.gui.canvas import Canvas
from retexture.gui.screen_profile import ScreenProfile
from retexture.gui.tools import Tool
from retexture.session import pictures
from retexture.session.view import MAX_ZOOM, MIN_ZOOM, Point
from tests.gui.recorder import Recorder
from tests.gui.stage import (
    ALT,
    CTRL,
    LEFT,
    MIDDLE,
    MOVE,
    PRESS,
    RELEASE,
    RIGHT,
    SHIFT,
    Pen,
    drag,
    expected,
    make_canvas,
    mouse,
    set_view,
    settle,
    shot,
    wheel,
)
from tests.session.bench import make_document

WIDTH, HEIGHT = 403, 277
DOCUMENT = make_document(WIDTH, HEIGHT)


@pytest.fixture
def canvas(qtbot, workspace):
    return make_canvas(qtbot, workspace, DOCUMENT)


@pytest.fixture
def told(canvas):
    told: list[Any] = []
    canvas.tool = Recorder("tool", told)
    canvas.tool.other = Recorder("secondary", told)
    return told


def steps(told):
    return [(name, step) for name, step, _ in told]


# -- the tool


def test_the_left_button_is_the_tools(canvas, told):
    mouse(canvas, MOVE, 10, 10, held=False)
    drag(canvas, (60, 50), (70, 55), (80, 60))
    assert steps(told) == [("tool", s) for s in ("press", "move", "move", "release")]
    pointers = [pointer for *_, pointer in told]
    assert [p[:2] for p in pointers] == [(60, 50), (70, 55), (80, 60), (80, 60)]
    origin = canvas.view.origin(canvas.pane_size())
    assert [p.picture for p in pointers[:2]] == [
        (60 - origin.x, 50 - origin.y),
        (70 - origin.x, 55 - origin.y),
    ]
    assert {p.pressure for p in pointers} == {1.0}
    assert not any(p.eraser for p in pointers)


def test_modifiers_reach_the_tool(canvas, told):
    drag(canvas, (60, 50), modifiers=SHIFT | CTRL)
    assert told[0][2].holds(SHIFT)
    assert told[0][2].holds(CTRL)
    assert not told[0][2].holds(ALT)


def test_alt_and_the_right_button_are_the_secondary_tools(canvas, told):
    drag(canvas, (60, 50), (70, 55), button=RIGHT, modifiers=ALT)
    assert steps(told) == [("secondary", s) for s in ("press", "move", "release")]
    told.clear()
    canvas.tool.other = None
    drag(canvas, (60, 50), (70, 55), button=RIGHT, modifiers=ALT)
    assert told == []


def test_the_right_button_asks_for_the_menu(canvas, told):
    asked: list[Any] = []
    canvas.menu_requested.connect(asked.append)
    drag(canvas, (60, 50), button=RIGHT)
    assert asked == [canvas.mapToGlobal(QPointF(60, 50)).toPoint()]
    assert told == []


def test_a_button_ends_only_what_it_began(canvas, told):
    mouse(canvas, PRESS, 60, 50)
    mouse(canvas, PRESS, 60, 50, button=MIDDLE)
    mouse(canvas, RELEASE, 60, 50, button=MIDDLE)
    mouse(canvas, MOVE, 70, 50)
    mouse(canvas, RELEASE, 70, 50)
    assert steps(told) == [("tool", s) for s in ("press", "move", "release")]


def test_esc_gives_up_what_is_pressed_else_the_gesture(canvas, told, workspace):
    drag(canvas, (60, 50), (70, 55), let_go=False)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    mouse(canvas, MOVE, 80, 60)
    mouse(canvas, RELEASE, 80, 60)
    assert steps(told) == [("tool", s) for s in ("press", "move", "cancel")]
    session = workspace.session
    session.begin("Slider").set("texture.opacity", 0.1)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert session.document is DOCUMENT


def test_nothing_is_pressed_without_a_document(qtbot, workspace):
    canvas = Canvas(workspace, ScreenProfile())
    qtbot.addWidget(canvas)
    canvas.show()
    told: list[Any] = []
    canvas.tool = Recorder("tool", told)
    canvas.setEnabled(True)
    drag(canvas, (60, 50), (70, 55))
    drag(canvas, (60, 50), (70, 55), button=MIDDLE)
    wheel(canvas, 10, 10, 1)
    for key in (Qt.Key.Key_C, Qt.Key.Key_Escape, Qt.Key.Key_Space):
        QTest.keyClick(canvas, key)
    canvas.set_look(mode="side")
    canvas.fit()
    canvas.zoom_step(1)
    assert told == []
    assert canvas.look.mode == "single"
    assert canvas.settled
    assert canvas.displayed() is None


def test_a_pen_is_told_with_its_pressure_and_its_end(canvas, told):
    Pen(canvas).stroke((60, 50, 0.25), (70, 55, 0.5))
    Pen(canvas, eraser=True).stroke((60, 50, 1.0))
    assert steps(told) == [("tool", s) for s in ("press", "move", "release", "press", "release")]
    assert [p.pressure for *_, p in told] == pytest.approx([0.25, 0.5, 0, 1, 0], abs=1e-3)
    assert [p.eraser for *_, p in told] == [False] * 3 + [True] * 2


def test_doubles_of_pen_and_touch_are_dropped(canvas, told):
    for source in (
        Qt.MouseEventSource.MouseEventSynthesizedBySystem,
        Qt.MouseEventSource.MouseEventSynthesizedByQt,
        Qt.MouseEventSource.MouseEventSynthesizedByApplication,
    ):
        drag(canvas, (60, 50), (70, 55), source=source)
    assert told == []


def test_a_tool_draws_over_the_picture(canvas, told):
    got = shot(canvas)
    assert (got[:3, :3] == (255, 255, 0)).all()
    assert np.array_equal(got[3:], expected(canvas, DOCUMENT)[3:])


# -- panning


@pytest.mark.parametrize("how", ["middle", "space"])
@pytest.mark.parametrize("zoom", [1.0, 2.0])
def test_a_drag_moves_the_picture_with_the_pointer(canvas, told, how, zoom):
    set_view(canvas, zoom=zoom)
    fixed = canvas.picture_point(100, 80)
    if how == "space":
        QTest.keyPress(canvas, Qt.Key.Key_Space)
        assert canvas.cursor().shape() == Qt.CursorShape.OpenHandCursor
    drag(canvas, (100, 80), (113, 75), (141, 99), button=MIDDLE if how == "middle" else LEFT)
    assert canvas.picture_point(141, 99) == pytest.approx(fixed)
    if how == "space":
        QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert canvas.cursor().shape() == Qt.CursorShape.PointingHandCursor
    assert told == []
    settle(canvas)
    canvas.tool = Tool()
    assert np.array_equal(shot(canvas), expected(canvas, DOCUMENT))
    canvas.tool = Recorder("tool", told)
    drag(canvas, (100, 80))
    assert steps(told) == [("tool", "press"), ("tool", "release")]


@pytest.mark.parametrize("angle", [0.0, 30.0, 180.0])
@pytest.mark.parametrize("flipped", [False, True])
def test_a_turned_picture_moves_with_the_pointer_too(canvas, angle, flipped):
    set_view(canvas, angle_deg=angle, flipped=flipped)
    fixed = canvas.picture_point(100, 80)
    drag(canvas, (100, 80), (141, 99), button=MIDDLE)
    assert canvas.picture_point(141, 99) == pytest.approx(fixed, abs=1.01)


def test_the_picture_cannot_be_dragged_away(canvas):
    drag(canvas, (100, 80), (9000, 9000), button=MIDDLE)
    assert canvas.view.centre == Point(0, 0)
    drag(canvas, (100, 80), (-9000, -9000), button=MIDDLE)
    assert canvas.view.centre == Point(WIDTH, HEIGHT)


def test_space_is_let_go_of_with_the_focus_and_its_repeats_are_nothing(canvas, told):
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    QApplication.sendEvent(canvas, QFocusEvent(QEvent.Type.FocusOut))
    drag(canvas, (60, 50))
    assert steps(told) == [("tool", "press"), ("tool", "release")]


# -- the wheel


@pytest.mark.parametrize("modifiers", [Qt.KeyboardModifier.NoModifier, CTRL])
@pytest.mark.parametrize("angle", [0.0, 90.0, 33.0])
def test_the_wheel_zooms_about_the_cursor(canvas, modifiers, angle):
    set_view(canvas, angle_deg=angle)
    for at in ((40, 30), (250, 170)):
        for notches in (1, 1, -3, 2, 0.5):
            before, fixed = canvas.view.zoom, canvas.picture_point(*at)
            wheel(canvas, *at, notches, modifiers)
            assert canvas.view.zoom == pytest.approx(before * 1.2**notches)
            now = canvas.view.to_window(fixed, canvas.pane_size())
            assert np.hypot(now.x - at[0], now.y - at[1]) <= 0.71
    settle(canvas)


def test_the_wheel_stops_at_the_ends(canvas):
    wheel(canvas, 150, 100, 60)
    assert canvas.view.zoom == MAX_ZOOM
    wheel(canvas, 150, 100, -90)
    assert canvas.view.zoom == MIN_ZOOM


def test_the_wheel_zooms_both_panes_about_the_cursor_in_its_own(canvas):
    canvas.set_look(mode="side")
    settle(canvas)
    for x in (40, 270):
        fixed = canvas.picture_point(x, 90)
        wheel(canvas, x, 90, 2)
        assert canvas.picture_point(x, 90) == pytest.approx(fixed, abs=0.71)


def test_shift_and_the_wheel_scroll_sideways(canvas):
    set_view(canvas, zoom=2.0)
    before = canvas.view
    wheel(canvas, 150, 100, 1, SHIFT)
    assert canvas.view == before.moved(60, 0)
    wheel(canvas, 150, 100, -2, SHIFT)
    assert canvas.view.centre == pytest.approx(before.moved(-60, 0).centre)
    assert canvas.view.zoom == 2


def test_a_touch_pad_scrolls_and_zooms_with_control(canvas):
    set_view(canvas, zoom=2.0)
    before = canvas.view
    wheel(canvas, 150, 100, 0, scrolled=(13, -7))
    assert canvas.view == before.moved(13, -7)
    wheel(canvas, 150, 100, 0, CTRL, scrolled=(0, 60))
    assert canvas.view.zoom == pytest.approx(2 * 1.2)


def test_a_touch_pad_pinches_and_turns(canvas):
    def gesture(kind: Qt.NativeGestureType, value: float) -> None:
        place = QPointF(40, 30)
        QApplication.sendEvent(
            canvas,
            QNativeGestureEvent(
                kind,
                QPointingDevice.primaryPointingDevice(),
                2,
                place,
                place,
                QPointF(canvas.mapToGlobal(place)),
                value,
                QPointF(),
            ),
        )

    fixed = canvas.picture_point(40, 30)
    gesture(Qt.NativeGestureType.ZoomNativeGesture, 0.25)
    assert canvas.view.zoom == 1.25
    assert canvas.picture_point(40, 30) == pytest.approx(fixed, abs=0.71)
    gesture(Qt.NativeGestureType.RotateNativeGesture, 15)
    assert canvas.view.angle_deg == 15


# -- the split line


def test_the_split_line_is_dragged(canvas, told, workspace):
    canvas.set_look(mode="wipe")
    assert canvas.wipe_x == 150
    mouse(canvas, MOVE, 153, 60, held=False)
    assert canvas.cursor().shape() == Qt.CursorShape.SplitHCursor
    mouse(canvas, MOVE, 170, 60, held=False)
    assert canvas.cursor().shape() == Qt.CursorShape.PointingHandCursor
    drag(canvas, (153, 60), (120, 70), (90, 60))
    assert canvas.wipe_x == pytest.approx(90)
    assert told == []
    settle(canvas)
    canvas.tool = Tool()
    before = expected(canvas, pictures.source_picture(DOCUMENT, "picture"))
    rows = np.r_[40:80, 120:200]
    assert np.array_equal(shot(canvas)[rows][:, :87], before[rows][:, :87])
    assert np.array_equal(shot(canvas)[rows][:, 93:], expected(canvas, DOCUMENT)[rows][:, 93:])
    drag(canvas, (90, 60), (-50, 60))
    assert canvas.look.wipe == 0
    drag(canvas, (0, 60), (9000, 60))
    assert canvas.look.wipe == 1
    assert workspace.session.document is DOCUMENT


def test_the_pen_drags_the_split_line_too(canvas, told):
    canvas.set_look(mode="wipe")
    Pen(canvas).stroke((150, 60, 1.0), (200, 60, 1.0))
    assert canvas.wipe_x == pytest.approx(200)
    assert told == []


def test_beside_the_split_line_the_tool_works_on(canvas, told):
    canvas.set_look(mode="wipe")
    drag(canvas, (100, 60), (150, 60), (200, 60))
    assert steps(told) == [("tool", s) for s in ("press", "move", "move", "release")]
    assert canvas.wipe_x == 150
    fixed = canvas.picture_point(150, 60)
    drag(canvas, (150, 60), (160, 70), button=MIDDLE)
    assert canvas.wipe_x == 150, "the middle button pans on the line too"
    assert canvas.picture_point(160, 70) == pytest.approx(fixed)
