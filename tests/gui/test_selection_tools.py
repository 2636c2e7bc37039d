"""Marquee, lasso, polygon and wand by mouse and keys on the canvas; the marching ants over it."""

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from retexture.gui.brush_tool import BrushTool, GradientTool, PaintState
from retexture.gui.selection_tools import LassoTool, MarqueeTool, SelectState, WandTool
from retexture.gui.selector import Selector
from retexture.session import masks, selection_edits
from retexture.session.brush import Brush
from retexture.session.colour_selection import WandSettings, wand
from retexture.session.painting import painted
from retexture.session.pictures import with_film
from retexture.session.selections import (
    FULL,
    combined,
    ellipse,
    everything,
    feathered,
    inverted,
    moved,
    polygon,
    rectangle,
)
from retexture.session.strokes import Stroke
from tests.gui.stage import (
    ALT,
    MOVE,
    PRESS,
    RELEASE,
    SHIFT,
    drag,
    expected,
    make_canvas,
    mouse,
    set_view,
    settle,
    shot,
)
from tests.session.test_viewport import make_document

WIDTH, HEIGHT = 403, 277
SIZE = (WIDTH, HEIGHT)
DOCUMENT = painted(make_document(WIDTH, HEIGHT), "texture", "mask", masks.black(WIDTH, HEIGHT))
BOTH = SHIFT | ALT


class Stage:
    """A canvas with the selection tools, and what is selected."""

    def __init__(self, canvas, workspace):
        self.canvas, self.workspace = canvas, workspace
        self.messages = []
        workspace.message.connect(self.messages.append)
        self.state = SelectState()
        selector = Selector(workspace)
        self.marquee, self.lasso, self.wand = (
            kind(self.state, selector) for kind in (MarqueeTool, LassoTool, WandTool)
        )
        canvas.tool = self.marquee

    @property
    def session(self):
        return self.workspace.session

    @property
    def selection(self):
        selection = self.session.document.selection
        return None if selection is None else selection.to_array()[0]

    @property
    def steps(self):
        return [version.label for version in self.session.history.versions[1:]]

    def at(self, x: float, y: float) -> Any:
        """Where a point of the picture is on the canvas."""
        inside = self.canvas.view.to_window(type(self.canvas.view.centre)(x, y), self.canvas.pane_size())
        return inside.x, inside.y

    def drag(self, *points, **options):
        """Drag over points of the picture."""
        drag(self.canvas, *(self.at(*point) for point in points), **options)
        if options.get("let_go", True):
            settle(self.canvas)

    def key(self, key):
        QTest.keyClick(self.canvas, key)
        settle(self.canvas)


@pytest.fixture
def stage(qtbot, workspace):
    return Stage(make_canvas(qtbot, workspace, DOCUMENT, (500, 350)), workspace)


def same(found, selection):
    return np.array_equal(found, selection.to_array()[0])


# -- marquee


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


# -- lasso and polygon


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


# -- wand


def test_the_wand_selects_by_colour(stage):
    stage.canvas.tool = stage.wand
    stage.state.set(wand=WandSettings(tolerance=20.0))
    stage.drag((150.5, 100.5))
    wanted = wand(DOCUMENT, 150, 100, WandSettings(tolerance=20.0), cache=stage.workspace.passing)
    assert same(stage.selection, wanted)
    stage.drag((30.5, 30.5), modifiers=SHIFT)
    more = wand(DOCUMENT, 30, 30, WandSettings(tolerance=20.0), cache=stage.workspace.passing)
    assert same(stage.selection, combined(wanted, more, "add"))


def test_the_wand_outside_the_picture_says_so(stage):
    stage.canvas.tool = stage.wand
    stage.drag((-5, 10))
    assert "Click inside the picture to select colours" in stage.messages[0]
    assert stage.session.document is DOCUMENT


# -- painting


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


# -- marching ants


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


def test_shortcuts_of_the_window_are_not_the_tools(stage):
    """Keys that a tool does not know go on to the window."""
    stage.canvas.tool = stage.lasso
    assert not stage.lasso.press_key(Qt.Key.Key_Return, stage.canvas)
    stage.state.set(polygonal=True)
    stage.drag((60, 60))
    assert not stage.lasso.press_key(Qt.Key.Key_B, stage.canvas)
