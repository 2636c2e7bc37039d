"""Strokes through any view: zoomed, turned, flipped, in two panes."""

import msgspec
import numpy as np
import pytest

from retexture.session.view import Point
from tests.gui.brush_strokes import PLAIN, brush_canvas, centre_of_paint, mask_of, strokes
from tests.gui.stage import MOVE, PRESS, RELEASE, drag, mouse, set_view, settle


@pytest.fixture
def canvas(qtbot, workspace):
    return brush_canvas(qtbot, workspace)


@pytest.mark.parametrize("angle", [0.0, 15.0, 90.0, 222.0])
@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("zoom", [0.5, 1.0, 3.0])
def test_a_dab_lands_where_the_pixel_under_the_pointer_is(canvas, workspace, angle, flipped, zoom):
    """Against the picture that is shown: the dab changes the screen under the pointer, and the mask where it should."""
    session = workspace.session
    set_view(canvas, angle_deg=angle, flipped=flipped, zoom=zoom)
    canvas.tool.state.set_brush(msgspec.structs.replace(PLAIN, size_px=16))
    for at in ((150, 100), (110.5, 120)):
        # A turn clockwise about the middle of the window, of the mirrored picture.
        offset = complex(at[0] - 150, at[1] - 100) * np.exp(-1j * np.radians(angle))
        dx = -offset.real if flipped else offset.real
        wanted = canvas.view.centre.x + dx / zoom, canvas.view.centre.y + offset.imag / zoom
        drag(canvas, at)
        found = centre_of_paint(mask_of(session))
        assert found == pytest.approx(wanted, abs=0.51 + 0.51 / zoom)
        session.undo()


@pytest.mark.parametrize("mode", ["side", "stack"])
def test_both_panes_are_painted_in_and_a_stroke_keeps_to_its_own(canvas, workspace, mode):
    session = workspace.session
    canvas.set_look(mode=mode)
    settle(canvas)
    panes = canvas.panes()
    for pane in panes:
        x, y = pane.rect.center().x(), pane.rect.center().y()
        drag(canvas, (x, y))
        found = centre_of_paint(mask_of(session))
        assert found == pytest.approx(canvas.view.centre, abs=1.01)
        session.undo()
    # From the right pane to the left, or the lower to the upper: straight on in the picture.
    start, end = (panes[1].rect.center(), panes[0].rect.center())
    drag(canvas, (start.x(), start.y()), (end.x(), end.y()))
    rows, columns = np.nonzero(mask_of(session))
    begun = canvas.view.centre
    assert (columns.max() if mode == "side" else rows.max()) <= (begun.x if mode == "side" else begun.y) + 9
    distance = start.x() - end.x() if mode == "side" else start.y() - end.y()
    length = np.ptp(columns) if mode == "side" else np.ptp(rows)
    assert length == pytest.approx(distance + 14, abs=3)


def test_the_wheel_may_zoom_in_the_middle_of_a_stroke(canvas, workspace):
    mouse(canvas, PRESS, 150, 100)
    canvas.zoom_to(2.0, Point(150, 100))
    mouse(canvas, MOVE, 190, 100)
    mouse(canvas, RELEASE, 190, 100)
    rows, columns = np.nonzero(mask_of(workspace.session))
    assert np.ptp(columns) == pytest.approx(20 + 14, abs=2)
    assert np.ptp(rows) == pytest.approx(14, abs=2)
    assert strokes(workspace.session) == ["Brush stroke"]
