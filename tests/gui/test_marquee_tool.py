"""The marquee by mouse and keys on the canvas, and what all tools that select do."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from retexture.session import selection_edits
from retexture.session.selections import FULL, combined, ellipse, feathered, moved, rectangle
from tests.gui.selecting import DOCUMENT, SIZE, Stage, same
from tests.gui.stage import ALT, MOVE, PRESS, RELEASE, SHIFT, drag, make_canvas, mouse, set_view, settle, shot

BOTH = SHIFT | ALT


@pytest.fixture
def stage(qtbot, workspace):
    return Stage(make_canvas(qtbot, workspace, DOCUMENT, (500, 350)), workspace)


def test_a_rectangle_is_selected_as_one_undo_step(stage):
    stage.drag((40, 50), (90, 100), (200, 160))
    assert same(stage.selection, rectangle(SIZE, (40, 50), (200, 160)))
    assert stage.steps == ["Rectangular Marquee"]
    stage.session.undo()
    assert stage.session.document is DOCUMENT
    stage.session.redo()
    assert same(stage.selection, rectangle(SIZE, (40, 50), (200, 160)))


def test_an_ellipse(stage):
    stage.state.set(elliptical=True)
    stage.drag((200, 160), (90, 100), (40, 50))
    assert same(stage.selection, ellipse(SIZE, (40, 50), (200, 160)))
    assert stage.steps == ["Elliptical Marquee"]


@pytest.mark.parametrize(("keys", "mode"), [(SHIFT, "add"), (ALT, "subtract"), (BOTH, "intersect")])
@pytest.mark.parametrize("by_key", [True, False])
def test_keys_and_buttons_combine(stage, keys, mode, by_key):
    first, second = rectangle(SIZE, (40, 50), (200, 160)), rectangle(SIZE, (120, 90), (260, 220))
    stage.drag((40, 50), (200, 160))
    if by_key:
        stage.drag((120, 90), (260, 220), modifiers=keys)
    else:
        stage.state.set(mode=mode)
        stage.drag((120, 90), (260, 220))
    assert same(stage.selection, combined(first, second, mode))


def test_steps_in_a_row_all_count(stage):
    """The next drag does not wait for the one before."""
    wanted = None
    for i in range(8):
        points = [(20 + 40 * i, 20), (60 + 40 * i, 60 + 20 * i)]
        drag(stage.canvas, *(stage.at(*point) for point in points), modifiers=SHIFT)
        wanted = combined(wanted, rectangle(SIZE, *points), "add")
    settle(stage.canvas)
    assert same(stage.selection, wanted)
    assert len(stage.steps) == 8


def test_shift_while_dragging_squares_and_alt_draws_from_the_middle(stage):
    def pull(first, *rest):
        mouse(stage.canvas, PRESS, *stage.at(*first))
        for (x, y), keys in rest:
            mouse(stage.canvas, MOVE, *stage.at(x, y), modifiers=keys)
        (x, y), keys = rest[-1]
        mouse(stage.canvas, RELEASE, *stage.at(x, y), modifiers=keys)
        settle(stage.canvas)

    none = Qt.KeyboardModifier.NoModifier
    pull((100, 100), ((120, 110), none), ((160, 120), SHIFT))
    assert same(stage.selection, rectangle(SIZE, (100, 100), (160, 160)))
    selection_edits.select(stage.session, "Deselect", None)
    pull((100, 100), ((120, 110), none), ((160, 120), ALT))
    assert same(stage.selection, rectangle(SIZE, (40, 80), (160, 120)))
    # A key that combines shapes the marquee only after it was let go.
    pull((200, 200), ((220, 210), SHIFT), ((260, 220), SHIFT))
    assert stage.steps[-1] == "Rectangular Marquee"


def test_keys_held_at_the_press_do_not_square(stage):
    stage.drag((40, 50), (100, 60), (200, 160), modifiers=SHIFT)
    assert same(stage.selection, rectangle(SIZE, (40, 50), (200, 160)))


def test_a_click_deselects(stage):
    stage.drag((40, 50), (200, 160))
    stage.drag((300, 200))
    assert stage.selection is None
    assert stage.steps == ["Rectangular Marquee", "Deselect"]
    stage.drag((300, 200))
    assert len(stage.steps) == 2, "there was nothing to deselect"
    stage.session.undo()
    stage.drag((300, 200), modifiers=SHIFT)
    assert stage.selection is not None


def test_a_shape_beside_the_picture_says_so(stage):
    stage.drag((-40, -30), (-10, 100))
    assert stage.selection is None
    assert stage.messages == ["Nothing was selected: no pixel was left"]
    stage.drag((40, 50), (200, 160))
    stage.drag((20, 30), (220, 200), modifiers=ALT)
    assert stage.selection is None
    assert stage.messages[-1] == "Nothing is selected any more: no pixel was left"


def test_esc_gives_the_shape_up(stage):
    before = shot(stage.canvas)
    stage.drag((40, 50), (200, 160), let_go=False)
    assert not np.array_equal(shot(stage.canvas), before)
    stage.key(Qt.Key.Key_Escape)
    mouse(stage.canvas, RELEASE, *stage.at(200, 160))
    settle(stage.canvas)
    assert stage.session.document is DOCUMENT
    assert np.array_equal(shot(stage.canvas), before)


def test_feather_softens_what_is_selected_next(stage):
    stage.drag((40, 50), (200, 160))
    stage.state.set(feather_px=5.0)
    stage.drag((120, 90), (260, 220), modifiers=SHIFT)
    soft = feathered(rectangle(SIZE, (120, 90), (260, 220)), 5)
    assert same(stage.selection, combined(rectangle(SIZE, (40, 50), (200, 160)), soft, "add"))


def test_a_faint_selection_tells_that_its_outline_does_not_show(stage):
    stage.state.set(feather_px=60.0)
    stage.drag((100, 100), (112, 112))
    assert 0 < stage.selection.max() < FULL / 2
    assert "outline does not show" in stage.messages[-1]
    assert not stage.canvas.ants.visible


@pytest.mark.parametrize("zoom", [0.5, 3.0])
def test_the_zoom_does_not_matter(stage, zoom):
    set_view(stage.canvas, zoom=zoom)
    stage.drag((180, 120), (190, 130), (220, 160))
    assert same(stage.selection, rectangle(SIZE, (180, 120), (220, 160)))


def test_in_a_turned_view(stage):
    set_view(stage.canvas, angle_deg=30.0, flipped=True)
    stage.drag((150, 100), (230, 170))
    assert same(stage.selection, rectangle(SIZE, (150, 100), (230, 170)))
    assert stage.canvas.ants.visible
    shot(stage.canvas)


def test_the_selection_is_dragged(stage):
    stage.drag((40, 50), (200, 160))
    stage.drag((100, 100), (110, 130), (137, 88))
    assert same(stage.selection, moved(rectangle(SIZE, (40, 50), (200, 160)), 37, -12))
    assert stage.steps[-1] == "Move Selection"
    assert stage.canvas.ants.offset == (0, 0)


def test_esc_puts_a_dragged_selection_back(stage):
    stage.drag((40, 50), (200, 160))
    before = stage.session.document
    stage.drag((100, 100), (137, 88), let_go=False)
    assert stage.canvas.ants.offset == (37, -12)
    stage.key(Qt.Key.Key_Escape)
    assert stage.canvas.ants.offset == (0, 0)
    assert stage.session.document is before


def test_a_click_inside_deselects_too(stage):
    stage.drag((40, 50), (200, 160))
    stage.drag((100, 100))
    assert stage.selection is None


def test_the_cursor_tells_what_a_press_would_do(stage):
    stage.drag((40, 50), (200, 160))
    shapes = []
    for point in ((100, 100), (300, 200)):
        mouse(stage.canvas, MOVE, *stage.at(*point), held=False)
        shapes.append(stage.canvas.cursor().shape())
    assert shapes == [Qt.CursorShape.SizeAllCursor, Qt.CursorShape.CrossCursor]
