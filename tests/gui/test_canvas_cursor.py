"""The cursor on the canvas: the place under it, and the outline of the tool."""

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from retexture.gui.canvas import Canvas
from tests.gui.picture_stage import paint_live
from tests.gui.recorder import Recorder
from tests.gui.stage import MOVE, expected, make_canvas, mouse, pixels, set_view, settle, shot
from tests.session.bench import make_document

DOCUMENT = make_document(403, 277)


@pytest.fixture
def canvas(qtbot, workspace):
    return make_canvas(qtbot, workspace, DOCUMENT)


def test_the_place_under_the_cursor_is_told(canvas):
    told: list[Any] = []
    canvas.cursor_moved.connect(told.append)
    mouse(canvas, MOVE, 30, 40, held=False)
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
    assert told == [canvas.picture_point(30, 40), None]


def test_the_place_under_a_resting_cursor_is_told_again_after_a_zoom(canvas):
    told: list[Any] = []
    mouse(canvas, MOVE, 30, 40, held=False)
    canvas.cursor_moved.connect(told.append)
    before = canvas.picture_point(30, 40)
    canvas.zoom_to(2.0)
    assert told == [canvas.picture_point(30, 40)] != [before]
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
    canvas.zoom_to(1.0)
    assert told[1:] == [None]


def outlined(canvas) -> Any:
    return (shot(canvas).astype(int) != expected(canvas, DOCUMENT)).any(-1)


@pytest.mark.parametrize("zoom", [1.0, 2.0])
def test_the_brush_has_an_outline_of_its_size(canvas, monkeypatch, zoom):
    told: list[Any] = []
    canvas.tool = Recorder("tool", told, diameter_px=60)
    set_view(canvas, zoom=zoom)
    monkeypatch.setattr(canvas, "underMouse", lambda: True)
    monkeypatch.setattr(Recorder, "paint", lambda *_: None)
    QApplication.sendEvent(canvas, QEnterEvent(QPointF(150, 100), QPointF(150, 100), QPointF(150, 100)))
    mouse(canvas, MOVE, 150, 100, held=False)
    rows, columns = np.nonzero(outlined(canvas))
    distance = np.hypot(columns + 0.5 - 150, rows + 0.5 - 100)
    assert distance.min() == pytest.approx(30 * zoom, abs=2.5)
    assert distance.max() == pytest.approx(30 * zoom, abs=2.5)
    # Not while panning, nor when the cursor has gone.
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    assert not outlined(canvas).any()
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
    assert not outlined(canvas).any()


class Screen:
    """What is on the screen, kept up to date by partial repaints alone, as the window system does."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas

    def grab(self) -> np.ndarray:
        QApplication.processEvents()
        screen = self.canvas.screen()
        assert screen is not None
        return pixels(screen.grabWindow(self.canvas.winId()).toImage())


@pytest.mark.parametrize("diameter", [20, 180])
def test_an_outline_that_moves_leaves_nothing_behind(canvas, monkeypatch, diameter):
    """On the real screen, where only what was asked for is repainted."""
    if QApplication.platformName() != "xcb":
        pytest.skip("needs a screen")
    monkeypatch.setattr(canvas, "underMouse", lambda: True)
    monkeypatch.setattr(Recorder, "paint", lambda *_: None)
    canvas.tool = Recorder("tool", [], diameter_px=diameter)
    screen = Screen(canvas)
    for x, y in ((60, 50), (100.5, 90), (200, 120), (203, 121)):
        mouse(canvas, MOVE, x, y, held=False)
        assert np.array_equal(screen.grab(), shot(canvas))
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
    assert np.array_equal(screen.grab(), expected(canvas, DOCUMENT))


def test_an_outline_moves_away_from_a_picture_that_was_zoomed(canvas, monkeypatch):
    if QApplication.platformName() != "xcb":
        pytest.skip("needs a screen")
    monkeypatch.setattr(canvas, "underMouse", lambda: True)
    monkeypatch.setattr(Recorder, "paint", lambda *_: None)
    canvas.tool = Recorder("tool", [], diameter_px=40)
    screen = Screen(canvas)
    mouse(canvas, MOVE, 100, 90, held=False)
    for zoom in (3.0, 1.0):
        set_view(canvas, zoom=zoom)
        screen.grab()
        mouse(canvas, MOVE, 104 + zoom, 90, held=False)
        assert np.array_equal(screen.grab(), shot(canvas))


@pytest.mark.parametrize("zoom", [0.7, 1.0, 3.0])
def test_what_changes_is_repainted_and_no_less(canvas, workspace, zoom):
    """Live edits of a part of the picture reach the real screen in full."""
    if QApplication.platformName() != "xcb":
        pytest.skip("needs a screen")
    session, screen = workspace.session, Screen(canvas)
    changes: list[dict[str, Any]] = [{"zoom": zoom}, {"angle_deg": 15.0}]
    for change in changes:
        set_view(canvas, **change)
        assert np.array_equal(screen.grab(), shot(canvas))
        session.select("paint")
        paint_live(session, [(150, 100), (180, 120)], mask=False)
        settle(canvas)
        assert np.array_equal(screen.grab(), shot(canvas))
        session.undo()
        settle(canvas)
        assert np.array_equal(screen.grab(), shot(canvas))
