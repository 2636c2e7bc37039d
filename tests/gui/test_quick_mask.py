"""Painting where something is selected, and on the selection itself."""

import numpy as np
import pytest

from retexture.gui.brush_tool import BrushTool, GradientTool, PaintState
from retexture.session import masks
from retexture.session.brush import Brush
from retexture.session.pictures import with_film
from retexture.session.selections import FULL, everything
from retexture.session.strokes import Stroke
from tests.gui.selecting import DOCUMENT, SIZE, Stage, same
from tests.gui.stage import RELEASE, drag, expected, make_canvas, mouse, settle, shot


@pytest.fixture
def stage(qtbot, workspace):
    return Stage(make_canvas(qtbot, workspace, DOCUMENT, (500, 350)), workspace)


def test_brush_and_gradient_keep_to_the_selection(stage):
    state = PaintState()
    state.set_brush(Brush(size_px=60, hardness=1, smoothing=0, opacity_pressure=False))
    stage.session.select("texture", "mask")
    stage.drag((100, 60), (200, 160))
    selected = stage.selection == FULL
    stage.canvas.tool = BrushTool(state)
    stage.drag((60, 100), (300, 110))
    mask = stage.session.active_layer.mask.painted.tiles.to_array()[0]
    assert (mask[selected] > 0).any()
    assert not mask[~selected].any()
    stage.canvas.tool = GradientTool(state)
    before = mask
    stage.drag((50, 50), (250, 200))
    mask = stage.session.active_layer.mask.painted.tiles.to_array()[0]
    assert np.array_equal(mask[~selected], before[~selected])
    whole = masks.gradient(masks.black(*SIZE), (50, 50), (250, 200), 1, 0).to_array()[0]
    assert np.array_equal(mask[selected], whole[selected])


def test_quick_mask_is_painted_and_shown_as_a_film(stage):
    brush = Brush(size_px=40, hardness=1, smoothing=0, opacity_pressure=False)
    state = PaintState()
    state.set_brush(brush)
    stage.drag((100, 60), (200, 160))
    assert stage.canvas.ants.visible
    stage.session.set_quick_mask(True)
    settle(stage.canvas)
    assert not stage.canvas.ants.visible
    stage.canvas.tool = BrushTool(state)
    start = stage.session.document.selection
    stage.drag((40, 200), (300, 230))
    wanted = Stroke(start, brush, (1.0,))
    wanted.begin(40, 200)
    wanted.move(300, 230)
    wanted.move(300, 230)
    wanted.finish()
    assert same(stage.selection, wanted.tiles)
    assert stage.session.document.layers is DOCUMENT.layers
    film = with_film(stage.session.document)
    inside = np.s_[:, :20]  # beside the cursor's outline
    assert np.array_equal(shot(stage.canvas)[inside], expected(stage.canvas, film)[inside])
    stage.session.set_quick_mask(False)
    settle(stage.canvas)
    assert stage.canvas.ants.visible


def test_a_quick_mask_stroke_redraws_no_more_than_it_touches(stage, monkeypatch):
    regions = []
    stage.drag((100, 60), (200, 160))
    stage.session.set_quick_mask(True)
    settle(stage.canvas)
    viewport = stage.canvas.panes()[-1].viewport
    show = viewport.show
    monkeypatch.setattr(
        viewport,
        "show",
        lambda picture, region=None, **options: (regions.append(region), show(picture, region, **options)),
    )
    state = PaintState()
    state.set_brush(Brush(size_px=10, hardness=1, smoothing=0, opacity_pressure=False))
    stage.canvas.tool = BrushTool(state)
    drag(stage.canvas, stage.at(50, 50), stage.at(60, 50), let_go=False)
    settle(stage.canvas)
    assert regions
    assert all(region is not None and region.width <= 40 and region.height <= 20 for region in regions)
    mouse(stage.canvas, RELEASE, *stage.at(60, 50))


def test_the_gradient_draws_the_selection_in_quick_mask(stage):
    stage.session.set_quick_mask(True)
    stage.canvas.tool = GradientTool(PaintState())
    stage.drag((50, 50), (250, 200))
    assert same(stage.selection, masks.gradient(everything(SIZE), (50, 50), (250, 200), 1, 0))
