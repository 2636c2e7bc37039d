"""The outline of the selection on the canvas."""

import numpy as np
import pytest

from retexture.gui.selector import Selector
from retexture.gui.wand_tool import WandTool
from retexture.session import selection_edits
from retexture.session.selections import inverted, rectangle
from tests.gui.selecting import DOCUMENT, SIZE, Stage
from tests.gui.stage import expected, make_canvas, set_view, settle, shot


@pytest.fixture
def stage(qtbot, workspace):
    return Stage(make_canvas(qtbot, workspace, DOCUMENT, (500, 350)), workspace)


def ants_of(canvas):
    """Where the canvas shows something else than its picture."""
    return (shot(canvas) != expected(canvas, canvas.session.document)).any(2)


def test_ants_run_along_the_edge(stage):
    stage.drag((40, 50), (200, 160))
    stage.canvas.tool = WandTool(stage.state, Selector(stage.workspace))
    (x0, y0), (x1, y1) = (tuple(round(v) for v in stage.at(*p)) for p in ((40, 50), (200, 160)))
    edge = np.zeros(shot(stage.canvas).shape[:2], bool)
    edge[y0:y1, x0:x1] = True
    edge[y0 + 1 : y1 - 1, x0 + 1 : x1 - 1] = False
    seen = ants_of(stage.canvas)
    assert not seen[~edge].any()
    assert seen[edge].mean() > 0.95  # one may be of the picture's own colour
    colours = {tuple(pixel) for pixel in shot(stage.canvas)[seen].tolist()}
    assert colours == {(0, 0, 0), (255, 255, 255)}


def test_ants_march_for_a_while_and_then_stand_still(stage, qtbot):
    stage.drag((40, 50), (200, 160))
    ants = stage.canvas.ants
    assert ants.marching
    first = shot(stage.canvas)
    ants._step()
    assert not np.array_equal(shot(stage.canvas), first)
    for _ in range(100):
        ants._step()
    assert not ants.marching
    assert ants.visible
    still = shot(stage.canvas)
    set_view(stage.canvas, zoom=2.0)
    set_view(stage.canvas, zoom=1.0)
    assert not ants.marching, "looking elsewhere wakes nobody"
    assert np.array_equal(shot(stage.canvas), still)


def test_ants_stop_where_nobody_sees_them(stage):
    stage.drag((40, 50), (200, 160))
    stage.canvas.hide()
    stage.canvas.ants._step()
    assert not stage.canvas.ants.marching


def test_ants_go_with_the_selection(stage):
    stage.drag((40, 50), (200, 160))
    selection_edits.select(stage.session, "Deselect", None)
    settle(stage.canvas)
    assert not stage.canvas.ants.visible
    assert not stage.canvas.ants.marching
    stage.canvas.tool = WandTool(stage.state, Selector(stage.workspace))
    assert not ants_of(stage.canvas).any()


@pytest.mark.parametrize("mode", ["side", "stack", "wipe"])
def test_every_pane_shows_them(stage, mode):
    stage.canvas.set_look(mode=mode)
    settle(stage.canvas)
    without = shot(stage.canvas)
    selection_edits.select(stage.session, "All", inverted(rectangle(SIZE, (0, 0), (10, 10))))
    settle(stage.canvas)
    seen = (shot(stage.canvas) != without).any(2)
    for pane in stage.canvas.panes():
        part = stage.canvas.visible_part(pane)
        assert seen[part.top() : part.bottom() + 1, part.left() : part.right() + 1].any()


def test_the_timer_wakes_the_ants(stage, qtbot):
    stage.drag((40, 50), (200, 160))
    before = stage.canvas.ants._phase
    qtbot.waitUntil(lambda: stage.canvas.ants._phase != before)
