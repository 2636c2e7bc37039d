"""The hand, the magnifying glass and the split line."""

import pytest

from retexture.gui.brush_tool import BrushTool, EraserTool, GradientTool, PaintState
from retexture.gui.tools import PanTool, Pointer, Tool, WipeTool, ZoomTool
from retexture.session.view import MAX_ZOOM, Point
from tests.gui.stage import ALT, SHIFT, drag, make_canvas, set_view
from tests.session.bench import make_document

DOCUMENT = make_document(403, 277)


@pytest.fixture
def canvas(qtbot, workspace):
    return make_canvas(qtbot, workspace, DOCUMENT)


def test_the_hand_moves_the_picture(canvas):
    canvas.tool = PanTool()
    fixed = canvas.picture_point(100, 80)
    drag(canvas, (100, 80), (113, 75), (141, 99))
    assert canvas.picture_point(141, 99) == pytest.approx(fixed)
    # A second drag begins anew.
    fixed = canvas.picture_point(20, 20)
    drag(canvas, (20, 20), (10, 15))
    assert canvas.picture_point(10, 15) == pytest.approx(fixed)


@pytest.mark.parametrize("mode", ["single", "side", "stack"])
def test_a_click_of_the_glass_zooms_by_one_stop_where_it_is(canvas, mode):
    canvas.tool = ZoomTool()
    canvas.set_look(mode=mode)
    for at in ((40, 30), (250, 170)):
        for modifiers, zoom in ((SHIFT, 2), (SHIFT, 3), (ALT, 2), (ALT, 1), (ALT, 0.6667), (SHIFT, 1)):
            fixed = canvas.picture_point(*at)
            drag(canvas, at, modifiers=modifiers)
            assert canvas.view.zoom == zoom
            assert canvas.picture_point(*at) == pytest.approx(fixed, abs=0.51 / zoom + 1e-6)


def test_a_hand_that_trembles_still_clicks(canvas):
    canvas.tool = ZoomTool()
    drag(canvas, (40, 30), (43, 31), (42, 30))
    assert canvas.view.zoom == 2


@pytest.mark.parametrize("mode", ["single", "side"])
def test_a_drag_of_the_glass_zooms_smoothly_about_its_start(canvas, mode):
    canvas.tool = ZoomTool()
    canvas.set_look(mode=mode)
    set_view(canvas, zoom=1.0)
    fixed = canvas.picture_point(140, 80)
    drag(canvas, (140, 80), (190, 85), (240, 90))
    assert canvas.view.zoom == pytest.approx(2)
    assert canvas.picture_point(140, 80) == pytest.approx(fixed, abs=0.8)
    drag(canvas, (240, 80), (40, 80))
    assert canvas.view.zoom == pytest.approx(0.5)
    drag(canvas, (0, 80), (99999, 80))
    assert canvas.view.zoom == MAX_ZOOM


def test_a_drag_back_to_its_start_is_no_click(canvas):
    canvas.tool = ZoomTool()
    drag(canvas, (140, 80), (190, 85), (140, 80))
    assert canvas.view.zoom == 1


def test_the_split_line_goes_where_the_pointer_is(canvas):
    canvas.set_look(mode="wipe")
    canvas.tool = WipeTool()
    drag(canvas, (20, 80), (60, 80))
    assert canvas.wipe_x == pytest.approx(60)


def test_a_plain_tool_does_nothing(canvas, workspace):
    view = canvas.view
    canvas.tool = Tool()
    drag(canvas, (20, 80), (60, 80))
    canvas.tool.cancel(canvas)
    assert canvas.view == view
    assert workspace.session.document is DOCUMENT
    assert canvas.tool.diameter_px == 0
    assert canvas.tool.secondary is None


def test_a_pointer_knows_its_modifiers():
    pointer = Pointer(1, 2, Point(3, 4), modifiers=SHIFT | ALT)
    assert pointer.holds(SHIFT)
    assert pointer.holds(ALT)
    assert not Pointer(1, 2, Point(3, 4)).holds(ALT)


def test_every_tool_has_a_name_a_key_and_a_word_of_help():
    state = PaintState()
    tools: list[Tool] = [BrushTool(state), EraserTool(state), GradientTool(state), PanTool(), ZoomTool()]
    assert len({tool.name for tool in tools}) == len({tool.key for tool in tools}) == 5
    assert all(tool.label and tool.help for tool in tools)
