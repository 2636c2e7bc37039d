"""Lasso and polygon by mouse and keys on the canvas."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from retexture.session.selections import polygon
from tests.gui.selecting import DOCUMENT, SIZE, Stage, same
from tests.gui.stage import MOVE, drag, make_canvas, mouse, settle, shot


@pytest.fixture
def stage(qtbot, workspace):
    return Stage(make_canvas(qtbot, workspace, DOCUMENT, (500, 350)), workspace)


def test_a_lasso(stage):
    way = [(60, 60), (120, 40), (220, 80), (200, 200), (80, 180)]
    stage.canvas.tool = stage.lasso
    stage.drag(*way)
    assert same(stage.selection, polygon(SIZE, np.array(way, float)))
    assert stage.steps == ["Lasso"]


@pytest.mark.slow
def test_a_lasso_of_ten_thousand_points_keeps_them_all(stage):
    stage.canvas.tool = stage.lasso
    angle = np.linspace(0, 2 * np.pi, 10_000, endpoint=False)
    radius = 90 + 20 * np.sin(angle * 37)
    way = [(200 + r * np.cos(a), 138 + r * np.sin(a)) for a, r in zip(angle, radius, strict=True)]
    places = [stage.at(*point) for point in way]
    drag(stage.canvas, *places)
    settle(stage.canvas)
    points = np.array([stage.canvas.picture_point(*place) for place in places])
    assert same(stage.selection, polygon(SIZE, points))


def test_the_line_is_drawn_and_goes(stage):
    before = shot(stage.canvas)
    stage.canvas.tool = stage.lasso
    stage.drag((60, 60), (220, 80), (200, 200), let_go=False)
    drawn = (shot(stage.canvas) != before).any(2)
    rows, columns = drawn.nonzero()
    (x0, y0), (x1, y1) = stage.at(60, 60), stage.at(221, 201)
    assert x0 - 1 <= columns.min() <= columns.max() <= x1 + 1
    assert y0 - 1 <= rows.min() <= rows.max() <= y1 + 1
    stage.key(Qt.Key.Key_Escape)
    assert np.array_equal(shot(stage.canvas), before)


CORNERS = [(60, 60), (220, 80), (200, 200)]


@pytest.mark.parametrize("end", ["enter", "start", "twice"])
def test_a_polygon_is_clicked(stage, end):
    stage.state.set(polygonal=True)
    stage.canvas.tool = stage.lasso
    for corner in CORNERS:
        stage.drag(corner)
    mouse(stage.canvas, MOVE, *stage.at(100, 190), held=False)
    assert stage.selection is None
    if end == "enter":
        stage.key(Qt.Key.Key_Return)
    else:
        stage.drag(CORNERS[0] if end == "start" else CORNERS[-1])
    assert same(stage.selection, polygon(SIZE, np.array(CORNERS, float)))
    assert stage.steps == ["Polygonal Lasso"]
    assert stage.lasso.points == []


def test_a_corner_is_taken_back_and_esc_gives_up(stage):
    stage.state.set(polygonal=True)
    stage.canvas.tool = stage.lasso
    for corner in (*CORNERS, (350, 250)):
        stage.drag(corner)
    stage.key(Qt.Key.Key_Backspace)
    assert stage.lasso.points == CORNERS
    stage.key(Qt.Key.Key_Escape)
    assert stage.lasso.points == []
    assert stage.session.document is DOCUMENT


def test_a_line_around_nothing_deselects(stage):
    stage.drag((40, 50), (200, 160))
    stage.canvas.tool = stage.lasso
    stage.drag((300, 200), (301, 200))
    assert stage.selection is None


def test_shortcuts_of_the_window_are_not_the_tools(stage):
    """Keys that a tool does not know go on to the window."""
    stage.canvas.tool = stage.lasso
    assert not stage.lasso.press_key(Qt.Key.Key_Return, stage.canvas)
    stage.state.set(polygonal=True)
    stage.drag((60, 60))
    assert not stage.lasso.press_key(Qt.Key.Key_B, stage.canvas)
