"""Strokes by mouse and pen: where they land, what they cost to undo, and that timing changes nothing."""

from typing import Any

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from retexture.document.document import find
from retexture.document.edits import set_parameter
from retexture.document.layers import RasterMask
from retexture.gui.brush_tool import FIRST_BRUSHES, BrushTool, EraserTool, GradientTool, PaintState
from retexture.render.render import render
from retexture.session import masks
from retexture.session.brush import Brush
from retexture.session.filter_edits import set_filter_mask
from retexture.session.painting import painted
from retexture.session.session import Session
from retexture.session.strokes import Stroke
from retexture.session.target import FilterMask
from retexture.session.view import Point
from tests.gui.brush_strokes import (
    BLACK,
    DOCUMENT,
    PLAIN,
    WAY,
    brush_canvas,
    centre_of_paint,
    mask_of,
    new_paint,
    strokes,
)
from tests.gui.stage import (
    ALT,
    LEFT,
    MOVE,
    PRESS,
    RELEASE,
    RIGHT,
    SHIFT,
    drag,
    expected,
    mouse,
    set_view,
    settle,
    shot,
)


@pytest.fixture
def canvas(qtbot, workspace):
    return brush_canvas(qtbot, workspace)


# -- one stroke


def test_a_stroke_is_what_the_session_paints_and_one_undo_step(canvas, workspace):
    session = workspace.session
    updates: list[Any] = []
    session.subscribe(updates.append)
    drag(canvas, *WAY)
    wanted = Stroke(BLACK, PLAIN, (1.0,))
    wanted.begin(*canvas.picture_point(*WAY[0]))
    for place in (*WAY[1:], WAY[-1]):
        wanted.move(*canvas.picture_point(*place))
    wanted.finish()
    assert np.array_equal(mask_of(session), wanted.tiles.to_array()[0])
    assert mask_of(session).max() == 65535
    assert strokes(session) == ["Brush stroke"]
    assert updates[0].live
    assert [u.history for u in updates].count(True) == 1
    settle(canvas)
    assert np.array_equal(shot(canvas)[:, :20], expected(canvas, session.document)[:, :20])
    session.undo()
    assert session.document is DOCUMENT


def test_a_click_is_a_dab_under_the_pointer(canvas, workspace):
    drag(canvas, (150, 100))
    assert centre_of_paint(mask_of(workspace.session)) == pytest.approx(
        canvas.picture_point(150, 100), abs=0.51
    )


def test_the_picture_follows_while_the_stroke_is_drawn(canvas, workspace):
    """Drafts are drawn at once, without the release."""
    canvas.tool.state.set_brush(msgspec.structs.replace(PLAIN, size_px=60))
    before = shot(canvas)
    drag(canvas, (100, 100), (160, 120), let_go=False)
    settle(canvas)
    draft = workspace.session.document
    assert workspace.session.history.document is DOCUMENT
    assert np.array_equal(shot(canvas)[:40], expected(canvas, draft)[:40])
    inside = np.s_[90:110, 95:105]
    assert not np.array_equal(shot(canvas)[inside], before[inside])
    assert np.array_equal(shot(canvas)[inside], expected(canvas, draft)[inside])
    mouse(canvas, RELEASE, 160, 120)
    assert strokes(workspace.session) == ["Brush stroke"]


@pytest.mark.parametrize("smoothing", [0.0, 0.6])
def test_timing_changes_nothing(canvas, workspace, smoothing):
    """The same events with and without the screen drawn in between give the same bytes."""
    session = workspace.session
    canvas.tool.state.set_brush(msgspec.structs.replace(PLAIN, smoothing=smoothing, flow=0.3, hardness=0.2))
    found = []
    for between in (lambda: None, QApplication.processEvents, lambda: settle(canvas)):
        mouse(canvas, PRESS, *WAY[0])
        for place in WAY[1:]:
            between()
            mouse(canvas, MOVE, *place)
        between()
        mouse(canvas, RELEASE, *WAY[-1])
        found.append(mask_of(session))
        session.undo()
    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[0], found[2])
    assert found[0].any()


@pytest.mark.parametrize(
    ("white", "tool", "value"),
    [(True, BrushTool, 65535), (False, BrushTool, 0), (True, EraserTool, 0), (False, EraserTool, 65535)],
)
def test_masks_are_painted_white_or_black_and_erased_to_the_opposite(canvas, workspace, white, tool, value):
    session = workspace.session
    session.edit("Grey", lambda d: painted(d, "texture", "mask", masks.fill(BLACK, 0.5)))
    canvas.tool = tool(canvas.tool.state)
    canvas.tool.state.set_white(white)
    drag(canvas, (150, 100))
    x, y = (int(v) for v in canvas.picture_point(150, 100))
    assert mask_of(session)[y, x] == value
    assert strokes(session)[-1] == ("Eraser" if tool is EraserTool else "Brush stroke")


def test_paint_layers_are_painted_in_the_colour_and_erased_to_nothing(canvas, workspace):
    session = workspace.session
    session.select("paint")
    canvas.tool.state.set_colour((1.0, 0.5, 0.0))
    drag(canvas, (150, 100))
    x, y = (int(v) for v in canvas.picture_point(150, 100))
    assert find(session.document, "paint").tiles.read(x, y, 1, 1).ravel().tolist() == [65535, 32768, 0, 65535]
    settle(canvas)
    canvas.tool = EraserTool(canvas.tool.state)
    drag(canvas, (150, 100))
    assert find(session.document, "paint").tiles.read(x, y, 1, 1)[3] == 0
    assert strokes(session) == ["Brush stroke", "Eraser"]


def test_alt_and_a_click_take_the_colour_of_the_picture_to_paint_layers_in(canvas, workspace):
    session = workspace.session
    session.select("paint")
    document = session.document
    left, top = canvas.view.origin(canvas.pane_size())
    x, y = int(100 - left), int(60 - top)
    drag(canvas, (100, 60), (140, 60), modifiers=ALT)
    settle(canvas)
    assert canvas.tool.state.colour == pytest.approx(render(document)[:3, y, x] / 65535, abs=1e-4)
    assert session.document is document
    session.select("texture", "mask")
    drag(canvas, (100, 60), (140, 60), modifiers=ALT)
    assert strokes(session) == ["Brush stroke"]


@pytest.mark.parametrize("pause", [False, True])
def test_a_stroke_that_changes_nothing_is_no_step(canvas, workspace, pause):
    canvas.tool.state.set_white(False)
    drag(canvas, *WAY, let_go=False)
    if pause:
        settle(canvas)
    mouse(canvas, RELEASE, *WAY[-1])
    assert strokes(workspace.session) == []
    assert workspace.session.document is DOCUMENT
    assert not workspace.session.modified


def test_a_stroke_outside_the_picture_paints_nothing(canvas, workspace):
    canvas.resize(900, 700)
    settle(canvas)
    drag(canvas, (5, 5), (50, 10))
    assert strokes(workspace.session) == []


# -- giving up


def test_esc_during_a_stroke_gives_back_the_very_document(canvas, workspace):
    session = workspace.session
    seen = np.s_[70:140, 80:170]  # away from where the cursor is before and after
    before = shot(canvas)[seen]
    drag(canvas, (100, 100), (160, 120), let_go=False)
    assert not np.array_equal(mask_of(session), BLACK.to_array()[0])
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert session.document is DOCUMENT
    # What comes of the same press is nothing more.
    mouse(canvas, MOVE, 200, 150)
    mouse(canvas, RELEASE, 200, 150)
    settle(canvas)
    assert session.document is DOCUMENT
    assert strokes(session) == []
    assert np.array_equal(shot(canvas)[seen], before)


def test_undo_during_a_stroke_drops_it(canvas, workspace):
    session = workspace.session
    drag(canvas, (100, 100), (160, 120), let_go=False)
    session.undo()
    mouse(canvas, MOVE, 200, 150)
    settle(canvas)
    mouse(canvas, RELEASE, 200, 150)
    assert session.document is DOCUMENT
    assert strokes(session) == []
    drag(canvas, (100, 100))
    assert strokes(session) == ["Brush stroke"], "the next one is whole again"


def test_another_layer_selected_during_a_stroke_gets_none_of_it(canvas, workspace):
    session = workspace.session
    drag(canvas, (100, 100), (160, 120), let_go=False)
    session.select("base")
    mouse(canvas, MOVE, 200, 150)
    settle(canvas)
    mouse(canvas, RELEASE, 200, 150)
    assert strokes(session) == ["Brush stroke"]
    assert mask_of(session).any()
    assert find(session.document, "base") is find(DOCUMENT, "base")


def test_another_document_in_front_during_a_stroke_gets_none_of_it(canvas, workspace):
    first = workspace.session
    drag(canvas, (100, 100), (160, 120), let_go=False)
    second = Session(DOCUMENT, title="second")
    workspace.add(second)
    mouse(canvas, MOVE, 200, 150)
    mouse(canvas, RELEASE, 200, 150)
    settle(canvas)
    assert second.document is DOCUMENT
    assert strokes(first) == ["Brush stroke"]


@pytest.mark.parametrize(
    ("key", "target", "words"),
    [
        ("texture", "layer", "Click the mask of Texture"),
        ("base", "layer", "Base has no mask"),
        (None, "layer", "Select a layer"),
    ],
)
def test_what_cannot_be_painted_on_is_said(canvas, workspace, key, target, words):
    session = workspace.session
    told: list[str] = []
    workspace.message.connect(told.append)
    session.select(key, target)
    drag(canvas, *WAY)
    assert len(told) == 1
    assert told[0].startswith(words)
    assert session.document is DOCUMENT
    assert session.gesture is None


def test_a_locked_layer_is_said_to_be_locked(canvas, workspace):
    told: list[Any] = []
    workspace.message.connect(told.append)
    workspace.session.edit("Lock", lambda d: set_parameter(d, "texture.locked", True))
    workspace.session.select("texture", "mask")
    drag(canvas, *WAY)
    assert [words.rstrip(".") for words in told] == ["Texture is locked: unlock it to paint on it"]
    assert strokes(workspace.session) == ["Lock"]


# -- straight strokes


def test_shift_click_goes_straight_on_from_the_stroke_before(canvas, workspace):
    session = workspace.session
    drag(canvas, (60, 60))
    first = find(session.document, "texture").mask.painted.tiles
    drag(canvas, (220, 140), modifiers=SHIFT)
    once = mask_of(session)
    a, b = (np.array(canvas.picture_point(*p)) for p in ((60, 60), (220, 140)))
    wanted = Stroke(first, PLAIN, (1.0,))
    wanted.begin(*a)
    wanted.move(*b)
    wanted.finish()
    assert np.array_equal(once, wanted.tiles.to_array()[0])
    assert strokes(session) == ["Brush stroke"] * 2
    for part in np.linspace(0, 1, 30):
        x, y = a + (b - a) * part
        assert once[int(y), int(x)] == 65535


def test_shift_click_with_nothing_before_is_a_dab(canvas, workspace):
    session = workspace.session
    drag(canvas, (220, 140), modifiers=SHIFT)
    dab = mask_of(session)
    assert centre_of_paint(dab) == pytest.approx(canvas.picture_point(220, 140), abs=0.51)
    # Nor does it come from a stroke on another layer, or in another document.
    session.select("paint")
    drag(canvas, (20, 20), modifiers=SHIFT)
    assert np.ptp(np.nonzero(new_paint(session))[1]) <= 14
    other = Session(DOCUMENT, title="other")
    workspace.add(other)
    other.select("paint")
    canvas.set_view(msgspec.structs.replace(canvas.view, zoom=1.0, centre=Point(201, 138)))
    drag(canvas, (150, 100), modifiers=SHIFT)
    assert np.ptp(np.nonzero(new_paint(other))[1]) <= 14


def test_a_stroke_that_was_given_up_is_not_gone_on_from(canvas, workspace):
    drag(canvas, (60, 60))
    drag(canvas, (200, 150), (220, 160), let_go=False)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    mouse(canvas, RELEASE, 220, 160)
    drag(canvas, (60, 120), modifiers=SHIFT)
    columns = np.nonzero(mask_of(workspace.session))[1]
    assert np.ptp(columns) <= 14, "down from the first"


# -- size and hardness


@pytest.mark.parametrize("zoom", [1.0, 2.0])
def test_alt_and_the_right_button_change_size_and_hardness(canvas, workspace, zoom):
    set_view(canvas, zoom=zoom)
    state = canvas.tool.state
    state.set_brush(msgspec.structs.replace(PLAIN, size_px=50, hardness=0.5))
    told: list[Any] = []
    state.changed.connect(lambda: told.append(state.brush))
    drag(canvas, (100, 100), (110, 100), (120, 80), modifiers=ALT, button=RIGHT)
    # The rim goes with the pointer: 20 px of the screen to the right.
    assert state.brush.size_px == pytest.approx(50 + 2 * 20 / zoom)
    assert state.brush.hardness == pytest.approx(0.5 - 20 / 200)
    assert len(told) == 2
    drag(canvas, (100, 100), (-5000, 9000), modifiers=ALT, button=RIGHT)
    assert (state.brush.size_px, state.brush.hardness) == (1, 1)
    drag(canvas, (100, 100), (99999, -9000), modifiers=ALT, button=RIGHT)
    assert (state.brush.size_px, state.brush.hardness) == (5000, 0)
    assert workspace.session.document is DOCUMENT
    assert canvas.tool.diameter_px == 5000


def test_a_dragged_size_is_round(canvas):
    set_view(canvas, zoom=0.7)
    state = canvas.tool.state
    for start, dragged in ((60, 100.0), (3, 43.0), (3.3, 6.2)):
        state.set_brush(msgspec.structs.replace(PLAIN, size_px=start))
        drag(canvas, (100, 100), (114 if dragged > 10 else 101, 100), modifiers=ALT, button=RIGHT)
        assert state.brush.size_px == dragged


def test_esc_while_sizing_gives_the_brush_back(canvas):
    drag(canvas, (100, 100), (150, 60), modifiers=ALT, button=RIGHT, let_go=False)
    assert canvas.tool.state.brush != PLAIN
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    mouse(canvas, MOVE, 190, 60, modifiers=ALT, button=RIGHT)
    mouse(canvas, RELEASE, 190, 60, modifiers=ALT, button=RIGHT)
    assert canvas.tool.state.brush == PLAIN


def test_another_button_does_not_end_a_stroke(canvas, workspace):
    drag(canvas, (60, 60), (100, 60), let_go=False)
    mouse(canvas, PRESS, 100, 60, button=RIGHT, modifiers=ALT)
    mouse(canvas, RELEASE, 100, 60, button=RIGHT, modifiers=ALT)
    mouse(canvas, MOVE, 140, 60)
    mouse(canvas, RELEASE, 140, 60, button=LEFT)
    assert strokes(workspace.session) == ["Brush stroke"]
    assert np.ptp(np.nonzero(mask_of(workspace.session))[1]) == pytest.approx(80 + 14, abs=2)
    assert canvas.tool.state.brush == PLAIN


def test_the_state_tells_of_its_changes():
    state = PaintState()
    told: list[int] = []
    state.changed.connect(lambda: told.append(1))
    state.set_brush(PLAIN)
    state.set_white(False)
    state.set_colour((0.1, 0.2, 0.3))
    assert (state.brush, state.white, state.colour) == (PLAIN, False, (0.1, 0.2, 0.3))
    assert len(told) == 3


def test_the_mask_of_a_smart_filter_is_painted_and_takes_gradients(canvas, workspace):
    session = workspace.session
    key = find(DOCUMENT, "texture").filters[0].key
    set_filter_mask(session, "texture", key, RasterMask(BLACK))
    session.select("texture", FilterMask(key))

    def plane():
        return find(session.document, "texture").filters[0].mask.tiles.to_array()[0]

    before = mask_of(session)
    drag(canvas, *WAY)
    settle(canvas)
    assert (plane() > 0).any()
    assert np.array_equal(mask_of(session), before)
    assert session.target == FilterMask(key)
    assert strokes(session) == ["Add Filter Mask", "Brush stroke"]
    canvas.tool = GradientTool(canvas.tool.state)
    settle(canvas)
    assert np.array_equal(shot(canvas), expected(canvas, session.document))
    drag(canvas, WAY[0], WAY[2])
    settle(canvas)
    assert len(np.unique(plane())) > 50
    assert strokes(session)[-1] == "Gradient"
    assert np.array_equal(mask_of(session), before)


def test_each_kind_of_tool_keeps_its_brush():
    state = PaintState()
    painting = Brush(size_px=32, hardness=1)
    state.set_brush(painting)
    state.take("heal")
    assert state.brush == FIRST_BRUSHES["heal"]
    assert state.brush_of("brush") == painting
    small = msgspec.structs.replace(state.brush, size_px=9)
    state.set_brush(small)
    state.take("brush")
    assert state.brush == painting
    assert state.brush_of("heal") == small
