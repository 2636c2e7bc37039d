"""The circles of blemishes on the canvas, in the whole window, by real events."""

from collections.abc import Iterator

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from retexture.gui.canvas_menu import show_canvas_menu
from retexture.gui.window import MainWindow
from retexture.session.view import Point, View
from tests.gui.restoring import LEFT, click, kept, place_of, restored_window, session_of
from tests.gui.stage import shot
from tests.gui.window_tour import command, settle


@pytest.fixture
def window() -> Iterator[MainWindow]:
    yield from restored_window()


def test_circles_are_shown_on_demand(window):
    window.canvas.set_view(View(zoom=2, centre=Point(120, 100)))
    settle(window)
    before = shot(window.canvas)
    click(window, "restoration_circles")
    assert window.canvas.spots.shown
    drawn = np.argwhere((shot(window.canvas) != before).any(axis=2))
    for index in range(4):
        at = place_of(window, index)
        reach = 2 * session_of(window).document.analysis.spots[index].radius_px + 4
        near = np.hypot(drawn[:, 1] - at.x(), drawn[:, 0] - at.y())
        assert (near < reach).any()
    command("blemish_circles", window)
    assert not window.restoration.circles.isChecked()
    assert np.array_equal(shot(window.canvas), before)


def test_those_that_come_back_are_dashed(window):
    window.canvas.set_view(View(zoom=4, centre=Point(120, 100)))
    settle(window)
    before = shot(window.canvas)
    window.canvas.spots.show(True)
    drawn = (shot(window.canvas) != before).any(axis=2)

    def share(index: int) -> float:
        at = place_of(window, index)
        radius = 4 * session_of(window).document.analysis.spots[index].radius_px
        angles = np.linspace(0, 2 * np.pi, 200)
        rows = np.rint(at.y() + radius * np.sin(angles)).astype(int)
        columns = np.rint(at.x() + radius * np.cos(angles)).astype(int)
        return float(drawn[rows, columns].mean())

    assert share(0) > 0.97
    assert 0.3 < share(2) < 0.9


@pytest.mark.parametrize("way", ["hand", "space"])
def test_a_click_with_the_hand_toggles(window, way, qtbot):
    canvas = window.canvas
    canvas.spots.show(True)
    if way == "hand":
        window.set_tool("hand")
    else:
        window.set_tool("brush")
        canvas.setFocus()
        QTest.keyPress(canvas, Qt.Key.Key_Space)
    at = place_of(window, 0)

    def points() -> bool:
        # Again: the screen's own pointer may come in between.
        QTest.mouseMove(canvas, at - QPoint(70, 50))
        QTest.mouseMove(canvas, at)
        return canvas.cursor().shape() == Qt.CursorShape.PointingHandCursor

    qtbot.waitUntil(points)
    QTest.mouseClick(canvas, LEFT, pos=at)
    assert kept(window) == (False, True, False, False)
    assert window.restoration.list.chosen() == [0]
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert session_of(window).history.undo_label == "Let Blemish Return"


def test_a_drag_with_the_hand_moves_the_picture(window):
    canvas = window.canvas
    canvas.set_view(View(zoom=6, centre=Point(80, 80)))
    canvas.spots.show(True)
    window.set_tool("hand")
    at, centre = place_of(window, 0), canvas.view.centre
    QTest.mousePress(canvas, LEFT, pos=at)
    QTest.mouseMove(canvas, at + QPoint(60, 0))
    QTest.mouseRelease(canvas, LEFT, pos=at + QPoint(60, 0))
    assert canvas.view.centre != centre
    assert session_of(window).history.undo_label is None


def test_a_brush_paints_on_circles(window):
    window.canvas.spots.show(True)
    window.set_tool("brush")
    session_of(window).select("donor")
    QTest.mouseClick(window.canvas, LEFT, pos=place_of(window, 0))
    settle(window)
    assert kept(window) == (True, True, False, False)


def test_hidden_circles_are_not_clicked(window):
    window.set_tool("hand")
    QTest.mouseClick(window.canvas, LEFT, pos=place_of(window, 0))
    assert session_of(window).history.undo_label is None


def test_the_right_button_offers_it_with_any_tool(window):
    window.canvas.spots.show(True)
    window.set_tool("brush")
    menu = show_canvas_menu(window, window.canvas.mapToGlobal(place_of(window, 2)))
    (action,) = [a for a in menu.actions() if a.objectName() == "canvas_menu_blemish"]
    assert action.text() == "Keep Blemish Out"
    action.trigger()
    menu.close()
    assert kept(window) == (True, True, True, False)
    menu = show_canvas_menu(window, window.canvas.mapToGlobal(place_of(window, 2, offset=30)))
    assert not [a for a in menu.actions() if a.objectName() == "canvas_menu_blemish"]
    menu.close()


def test_the_right_button_adds_a_blemish_as_large_as_the_brush(window, qtbot):
    session, at = session_of(window), window.canvas.mapToGlobal(place_of(window, 2, offset=40))

    def offered():
        menu = show_canvas_menu(window, at)
        menu.close()
        return [a for a in menu.actions() if a.objectName() == "canvas_menu_add_blemish"]

    assert not offered()
    window.canvas.spots.show(True)
    window.paint.set_brush(msgspec.structs.replace(window.paint.brush, size_px=12.0))
    (action,) = offered()
    assert action.text() == "Keep This Spot Out, 12 px as the Brush"
    action.trigger()
    qtbot.waitUntil(lambda: session.history.undo_label == "Add Blemish")
    assert kept(window) == (True, True, False, False, True)
    assert session.document.analysis.spots[4].radius_px == 6
    assert window.restoration.list.chosen() == [4]
    session.undo()
    assert kept(window) == (True, True, False, False)
    window.paint.set_brush(msgspec.structs.replace(window.paint.brush, size_px=90.0))
    (action,) = offered()
    with qtbot.waitSignal(window.workspace.message) as told:
        action.trigger()
    assert "make the brush 40 px or smaller" in told.args[0]


def test_a_stroke_on_clean_skin_that_is_not_seen_is_told(window, qtbot):
    session_of(window).select("donor")
    window.set_tool("brush")
    window.paint.set_brush(msgspec.structs.replace(window.paint.brush, size_px=6.0))
    with qtbot.waitSignal(window.workspace.message) as told:
        QTest.mouseClick(window.canvas, LEFT, pos=place_of(window, 0, offset=40))
    assert "Clean skin shows only where a blemish is kept out" in told.args[0]
