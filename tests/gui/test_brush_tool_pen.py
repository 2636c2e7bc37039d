"""Strokes of a pen: its pressure, its other end, and mouse events made from it."""

from typing import Any

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt

from retexture.session import masks
from retexture.session.painting import painted
from retexture.session.strokes import Stroke
from tests.gui.brush_strokes import BLACK, DOCUMENT, HEIGHT, PLAIN, WIDTH, brush_canvas, mask_of, strokes
from tests.gui.stage import MOVE, PRESS, RELEASE, Pen, drag, mouse


@pytest.fixture
def canvas(qtbot, workspace):
    return brush_canvas(qtbot, workspace)


def test_a_pen_paints_with_its_pressure(canvas, workspace):
    session = workspace.session
    brush = msgspec.structs.replace(PLAIN, opacity_pressure=True, size_pressure=True)
    canvas.tool.state.set_brush(brush)
    way = [(60, 60, 0.2), (120, 80, 0.5), (200, 61, 1.0), (210, 150, 0.7)]
    Pen(canvas).stroke(*way)
    wanted = Stroke(BLACK, brush, (1.0,))
    for x, y, pressure in way:
        point = canvas.picture_point(x, y)
        if (x, y) == (60, 60):
            wanted.begin(point.x, point.y, pressure)
        else:
            wanted.move(point.x, point.y, pressure)
    wanted.finish()
    assert np.array_equal(mask_of(session), wanted.tiles.to_array()[0])
    assert strokes(session) == ["Brush stroke"]
    x, y = (int(v) for v in canvas.picture_point(60, 60))
    assert 0.15 < mask_of(session)[y, x] / 65535 < 0.3


def test_the_other_end_of_the_pen_erases(canvas, workspace):
    session = workspace.session
    session.edit("White", lambda d: painted(d, "texture", "mask", masks.white(WIDTH, HEIGHT)))
    Pen(canvas, eraser=True).stroke((150, 100, 1.0), (170, 100, 1.0))
    x, y = (int(v) for v in canvas.picture_point(160, 100))
    assert mask_of(session)[y, x] == 0
    assert strokes(session)[-1] == "Eraser"
    Pen(canvas).stroke((150, 100, 1.0), (170, 100, 1.0))
    assert mask_of(session)[y, x] == 65535


def test_mouse_events_made_from_the_pens_are_dropped(canvas, workspace):
    session = workspace.session
    pen = Pen(canvas)
    made = Qt.MouseEventSource.MouseEventSynthesizedBySystem
    pen.send(QEvent.Type.TabletPress, 60, 60, 1.0)
    mouse(canvas, PRESS, 60, 60, source=made)
    for x in range(70, 200, 10):
        pen.send(QEvent.Type.TabletMove, x, 60, 1.0)
        mouse(canvas, MOVE, x, 90, source=made)
    mouse(canvas, RELEASE, 200, 90, source=made)
    assert session.gesture is not None, "the double ends nothing"
    pen.send(QEvent.Type.TabletRelease, 200, 60, 0.0)
    drag(canvas, (100, 150), (200, 150), source=made)
    assert strokes(session) == ["Brush stroke"]
    rows = np.nonzero(mask_of(session))[0]
    assert np.ptp(rows) <= 14


def test_a_pen_that_hovers_paints_nothing(canvas, workspace):
    told: list[Any] = []
    canvas.cursor_moved.connect(told.append)
    Pen(canvas).send(QEvent.Type.TabletMove, 60, 60, 0.0)
    assert workspace.session.document is DOCUMENT
    assert told == [canvas.picture_point(60, 60)]
