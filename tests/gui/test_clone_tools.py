"""Clone Stamp, Healing Brush, Spot Healing and Patch by the mouse: what comes of each, and what is said."""

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from retexture.document.document import find
from retexture.document.layers import PaintLayer
from retexture.document.pixels import Pixels, Tiles
from retexture.gui.brush_tool import FIRST_BRUSHES, PaintState
from retexture.gui.clone_options import CloneOptions
from retexture.gui.clone_tools import HEALING, SAMPLES, CloneState, CloneTool, HealingTool
from retexture.render.render import render
from retexture.session.brush import Brush
from tests.gui.stage import ALT, LEFT, MOVE, RELEASE, drag, expected, make_canvas, mouse, settle, shot
from tests.session.test_cloning import HEIGHT, WIDTH, separated, skin_document, stored
from tests.texture.skin import disc, shading, skin

HARD = Brush(size_px=32, hardness=1, smoothing=0, opacity_pressure=False)
SPOT = (200, 150)
DOCUMENT = skin_document()
"""400 x 300, with a blemish of 12 px at (200, 150)."""


class Bench:
    """A canvas on which a pixel of the picture is a pixel, and what the workspace says."""

    def __init__(self, qtbot, workspace, document=DOCUMENT):
        self.workspace = workspace
        self.canvas = make_canvas(qtbot, workspace, document, (WIDTH, HEIGHT))
        self.session = workspace.session
        self.session.select(document.layers[-1].key)
        self.state, paint = CloneState(), PaintState()
        paint.set_brush(HARD)
        self.paint = paint
        self.clone, self.heal = CloneTool(paint, self.state), HealingTool(paint, self.state)
        self.canvas.tool = self.clone
        self.said: list[str] = []
        workspace.message.connect(lambda words: self.said.append(words.rstrip(".")))

    def use(self, healing):
        self.state.set_healing(healing)
        self.canvas.tool = self.heal

    def source(self, x, y):
        drag(self.canvas, (x, y), modifiers=ALT)

    def draw(self, *way, let_go=True):
        drag(self.canvas, *way, let_go=let_go)

    def settle(self):
        settle(self.canvas)

    @property
    def picture(self):
        return render(self.session.document)

    @property
    def labels(self):
        return [version.label for version in self.session.history.versions[1:]]

    @property
    def keys(self):
        return [layer.key for layer in self.session.document.layers]

    def tone_at_spot(self):
        """How far the tone at the blemish is from clean skin's."""
        middle = np.s_[:3, 145:155, 195:205]
        truth = shading(HEIGHT, WIDTH)[middle].mean(axis=(1, 2))
        return float(np.abs(self.picture[middle].mean(axis=(1, 2)) / 65535 - truth).max())


@pytest.fixture
def bench(qtbot, workspace):
    return Bench(qtbot, workspace)


# -- Clone Stamp


def test_without_a_source_it_says_what_to_do_and_changes_nothing(bench):
    bench.draw((100, 100), (150, 100))
    assert bench.said == ["Alt-click in the picture first, to set the source"]
    assert bench.session.document is DOCUMENT
    assert bench.labels == []


def test_a_source_outside_the_picture_is_refused_and_the_old_one_stays(bench, qtbot):
    bench.source(120, 100)
    bench.canvas.resize(WIDTH + 60, HEIGHT)
    bench.settle()
    bench.source(10, 100)
    assert bench.said == ["The source lies outside the picture: Alt-click inside it"]
    assert bench.state.source(bench.session) == (120, 100)


def test_a_stroke_shows_the_source_at_once_and_is_one_step(bench):
    before = bench.picture
    bench.source(300, 100)
    assert bench.labels == []
    bench.draw((200, 150), (201, 150), let_go=False)
    bench.settle()
    # While the button is held.
    inside = disc(HEIGHT, WIDTH, 200, 150, 14) == 1
    moved = np.roll(before, (50, -100), axis=(1, 2))
    assert np.array_equal(bench.picture[:, inside], moved[:, inside])
    part = np.s_[144:156, 194:206]
    assert np.array_equal(shot(bench.canvas)[part], expected(bench.canvas, bench.session.document)[part])
    mouse(bench.canvas, RELEASE, 201, 150)
    assert bench.labels == ["Clone Stamp"]
    assert bench.keys == ["skin", "skin_retouch"]
    after = bench.session.document
    bench.session.undo()
    assert bench.session.document is DOCUMENT
    bench.session.redo()
    assert bench.session.document is after


def test_esc_gives_back_the_very_document(bench):
    bench.source(300, 100)
    bench.draw((200, 150), (220, 150), let_go=False)
    assert bench.keys == ["skin", "skin_retouch"]
    QTest.keyClick(bench.canvas, Qt.Key.Key_Escape)
    mouse(bench.canvas, RELEASE, 220, 150)
    bench.settle()
    assert bench.session.document is DOCUMENT
    assert bench.labels == []


def test_a_stroke_beside_the_picture_adds_no_layer(bench):
    bench.canvas.resize(WIDTH + 200, HEIGHT)
    bench.settle()
    bench.source(200, 100)
    bench.draw((20, 100), (30, 110))
    assert bench.session.document is DOCUMENT
    assert bench.labels == []


@pytest.mark.parametrize("aligned", [True, False])
def test_aligned_strokes_keep_their_distance_others_begin_at_the_source(bench, aligned):
    bench.state.set_aligned(aligned)
    bench.source(300, 100)
    before = bench.picture
    for x in (100, 160):
        bench.draw((x, 200), (x, 201))
    for x, offset in ((100, 200), (160, 200 if aligned else 140)):
        inside = disc(HEIGHT, WIDTH, x, 200, 14) == 1
        moved = np.roll(before, (100, -offset), axis=(1, 2))
        assert np.array_equal(bench.picture[:, inside], moved[:, inside])


def test_a_new_source_begins_a_new_distance(bench):
    bench.source(300, 100)
    bench.draw((100, 200), (100, 201))
    bench.source(60, 60)
    before = bench.picture
    bench.draw((200, 200), (200, 201))
    inside = disc(HEIGHT, WIDTH, 200, 200, 14) == 1
    assert np.array_equal(bench.picture[:, inside], np.roll(before, (140, 140), axis=(1, 2))[:, inside])


def test_the_source_is_one_of_its_document(bench, workspace, qtbot):
    bench.source(300, 100)
    other = Bench(qtbot, workspace)
    other.canvas.tool = bench.clone
    other.draw((100, 100), (110, 100))
    assert other.said == ["Alt-click in the picture first, to set the source"]


def test_an_empty_source_is_told_and_other_layers_can_be_sampled(bench):
    own = PaintLayer(key="own", name="Own", tiles=Tiles(WIDTH, HEIGHT, background=(0, 0, 0, 0)))
    bench.session.edit("New", lambda d: msgspec.structs.replace(d, layers=(*d.layers, own)), select="own")
    bench.source(300, 100)
    bench.draw((200, 150), (201, 150))
    assert bench.said == ["The source is empty on this layer: set Sample to Current & Below"]
    bench.state.set_sample("below")
    before = bench.picture
    bench.draw((200, 150), (201, 150))
    inside = disc(HEIGHT, WIDTH, 200, 150, 14) == 1
    assert np.array_equal(bench.picture[:, inside], np.roll(before, (50, -100), axis=(1, 2))[:, inside])
    assert bench.keys == ["skin", "own"]


def test_the_source_is_marked_on_the_screen(bench):
    plain = shot(bench.canvas)
    bench.source(300, 100)
    marked = shot(bench.canvas)
    rows, columns = np.nonzero((marked != plain).any(2)[60:140, 260:340])
    assert abs(rows.mean() - 40) < 1.5
    assert abs(columns.mean() - 40) < 1.5
    # It goes along with the stroke, and with the pointer afterwards.
    bench.draw((100, 200), (120, 220))
    mouse(bench.canvas, MOVE, 150, 200, held=False)
    moved = (shot(bench.canvas) != expected(bench.canvas, bench.session.document)).any(2)
    rows, columns = np.nonzero(moved[60:140, 310:390])
    assert abs(rows.mean() + 60 - 100) < 1.5
    assert abs(columns.mean() + 310 - 350) < 1.5


# -- Healing Brush


def test_the_healing_brush_shows_the_clone_and_then_heals(bench):
    bench.use("brush")
    bench.source(360, 260)
    bench.draw(SPOT, (201, 150), let_go=False)
    bench.settle()
    clone = bench.picture
    assert bench.tone_at_spot() > 0.03
    mouse(bench.canvas, RELEASE, 201, 150)
    bench.settle()
    assert bench.labels == ["Healing Brush"]
    assert bench.tone_at_spot() < 0.015
    assert not np.array_equal(bench.picture, clone)
    bench.session.undo()
    assert bench.session.document is DOCUMENT


def test_on_the_texture_of_a_separation_only_texture_is_healed(qtbot, workspace):
    bench = Bench(qtbot, workspace, separated())
    bench.use("brush")
    bench.source(300, 100)
    bench.draw(SPOT, (201, 150))
    bench.settle()
    assert bench.keys == ["low", "high", "high_retouch"]
    grey = find(bench.session.document, "high_retouch").tiles.to_array()
    inside = disc(HEIGHT, WIDTH, 200, 150, 10) == 1
    assert abs(float(grey[:3, inside].mean()) / 65535 - 0.5) < 0.01


@pytest.mark.parametrize("mode", ["brush", "spot"])
def test_what_is_begun_before_it_is_healed_finds_it_healed(bench, mode):
    bench.use(mode)
    bench.source(300, 100)
    bench.draw(SPOT, (201, 150))
    # At once, without waiting for the job.
    bench.session.set("skin.name", "Cheek", "Rename")
    assert bench.labels == [HEALING[mode], "Rename"]
    assert bench.tone_at_spot() < 0.02
    bench.settle()
    assert bench.labels == [HEALING[mode], "Rename"]


def test_undo_before_it_is_healed_drops_it(bench):
    bench.use("brush")
    bench.source(300, 100)
    bench.draw(SPOT, (201, 150))
    bench.session.undo()
    bench.settle()
    assert bench.session.document is DOCUMENT
    assert bench.labels == []


def test_strokes_in_a_row_are_all_healed(bench):
    bench.use("spot")
    for x in (120, 200, 280):
        bench.draw((x, 150), (x + 2, 150))
    bench.settle()
    assert bench.labels == ["Spot Healing"] * 3
    assert bench.tone_at_spot() < 0.02
    assert bench.said == []


# -- Spot Healing


def test_one_click_heals_a_spot(bench):
    bench.use("spot")
    assert bench.tone_at_spot() > 0.08
    bench.draw(SPOT)
    bench.settle()
    assert bench.labels == ["Spot Healing"]
    assert bench.tone_at_spot() < 0.02
    untouched = disc(HEIGHT, WIDTH, 200, 150, 18) == 0
    assert np.array_equal(bench.picture[:, untouched], render(DOCUMENT)[:, untouched])


def test_while_it_is_marked_nothing_changes_but_the_film(bench):
    bench.use("spot")
    before = shot(bench.canvas)
    bench.draw((100, 100), (140, 100), let_go=False)
    bench.settle()
    assert np.array_equal(bench.picture, render(DOCUMENT))
    film = shot(bench.canvas)
    assert (film[100, 95:120] < before[100, 95:120]).all()
    QTest.keyClick(bench.canvas, Qt.Key.Key_Escape)
    bench.settle()
    assert bench.session.document is DOCUMENT
    mouse(bench.canvas, MOVE, 390, 290, held=False)
    assert np.array_equal(shot(bench.canvas)[90:110, 90:150], before[90:110, 90:150])


def test_where_nothing_clean_is_near_it_says_so_and_changes_nothing(qtbot, workspace):
    stripes = np.where(np.arange(WIDTH) // 15 % 2, 0.1, 0.9) * np.ones((3, HEIGHT, 1))
    planes = np.where(disc(HEIGHT, WIDTH, *SPOT, 30) > 0, skin(HEIGHT, WIDTH), stripes)
    source = msgspec.structs.replace(DOCUMENT.sources[0], colour=Pixels(stored(planes, 16)))
    document = msgspec.structs.replace(DOCUMENT, sources=(source,))
    bench = Bench(qtbot, workspace, document)
    bench.use("spot")
    bench.draw(SPOT)
    bench.settle()
    assert bench.said == ["No clean texture is near: use the Healing Brush, and Alt-click what it shall take"]
    assert bench.session.document is document
    assert bench.labels == []


# -- Patch


def around(radius, points=24):
    turns = np.linspace(0, 2 * np.pi, points)
    return [(SPOT[0] + radius * np.cos(t), SPOT[1] + radius * np.sin(t)) for t in turns]


def test_a_patch_is_drawn_then_dragged_to_a_clean_place(bench):
    bench.use("patch")
    assert bench.heal.diameter_px == 0
    bench.draw(*around(20))
    assert bench.session.document is DOCUMENT
    bench.draw(SPOT, (240, 140), (280, 130), let_go=False)
    bench.settle()
    # While it is dragged the clone is shown.
    inside = disc(HEIGHT, WIDTH, *SPOT, 16) == 1
    moved = np.roll(render(DOCUMENT), (20, -80), axis=(1, 2))
    assert np.array_equal(bench.picture[:, inside], moved[:, inside])
    mouse(bench.canvas, RELEASE, 280, 130)
    bench.settle()
    assert bench.labels == ["Patch"]
    assert bench.tone_at_spot() < 0.015
    untouched = disc(HEIGHT, WIDTH, *SPOT, 22) == 0
    assert np.array_equal(bench.picture[:, untouched], render(DOCUMENT)[:, untouched])


def test_esc_takes_a_dragged_patch_back_and_then_its_outline(bench):
    bench.use("patch")
    bench.draw(*around(20))
    outlined = shot(bench.canvas)
    bench.draw(SPOT, (280, 130), let_go=False)
    bench.settle()
    QTest.keyClick(bench.canvas, Qt.Key.Key_Escape)
    mouse(bench.canvas, RELEASE, 280, 130)
    bench.settle()
    assert bench.session.document is DOCUMENT
    assert np.array_equal(shot(bench.canvas), outlined)
    QTest.keyClick(bench.canvas, Qt.Key.Key_Escape)
    assert np.array_equal(shot(bench.canvas), expected(bench.canvas, DOCUMENT))


def test_a_click_a_line_and_a_patch_put_back_change_nothing(bench):
    bench.use("patch")
    bench.draw((50, 50))
    bench.draw((50, 50), (60, 60))
    bench.draw(*around(20))
    bench.draw(SPOT, (250, 150), SPOT)
    bench.settle()
    assert bench.session.document is DOCUMENT
    assert bench.labels == []


# -- what is in the way


@pytest.mark.parametrize("mode", [None, "brush", "spot", "patch"])
def test_a_locked_layer_refuses_in_words(bench, mode):
    bench.session.set("skin.locked", True, "Lock")
    document = bench.session.document
    bench.source(300, 100)
    if mode is not None:
        bench.use(mode)
    if mode == "patch":
        bench.draw(*around(20))
    bench.draw(SPOT, (210, 150))
    bench.settle()
    assert bench.said == ["Skin is locked: unlock it to retouch it"]
    assert bench.session.document is document


@pytest.mark.parametrize("mode", [None, "brush", "spot", "patch"])
def test_only_what_is_selected_is_retouched(bench, mode):
    white = np.full((1, HEIGHT, 200), 65535, np.uint16)
    selection = Tiles(WIDTH, HEIGHT).written(0, 0, white)
    bench.session.edit("Select", lambda d: msgspec.structs.replace(d, selection=selection))
    bench.source(300, 100)
    if mode is not None:
        bench.use(mode)
    if mode == "patch":
        bench.draw(*around(20))
    bench.draw(SPOT, (280, 130) if mode == "patch" else (201, 150))
    bench.settle()
    now, before = bench.picture, render(DOCUMENT)
    assert np.array_equal(now[:, :, 200:], before[:, :, 200:])
    assert not np.array_equal(now[:, :, :200], before[:, :, :200])


def test_the_state_goes_round_the_ways_to_heal():
    state = CloneState()
    seen = [state.healing]
    for _ in HEALING:
        state.next_healing()
        seen.append(state.healing)
    assert seen == ["brush", "spot", "patch", "brush"]


def test_each_kind_of_tool_keeps_its_brush():
    state = PaintState()
    state.set_brush(HARD)
    state.take("heal")
    assert state.brush == FIRST_BRUSHES["heal"]
    assert state.brush_of("brush") == HARD
    small = msgspec.structs.replace(state.brush, size_px=9)
    state.set_brush(small)
    state.take("brush")
    assert state.brush == HARD
    assert state.brush_of("heal") == small


# -- the options bar


def test_the_options_show_and_set_the_state(qtbot):
    state = CloneState()
    options = CloneOptions(state)
    qtbot.addWidget(options)
    options.show()
    assert options.aligned.isChecked()
    assert not options.healing.isVisible()
    qtbot.mouseClick(options.aligned, LEFT)
    assert not state.aligned
    options.sample.setFocus()
    QTest.keyClick(options.sample, Qt.Key.Key_Down)
    assert state.sample == list(SAMPLES)[1]
    options.set_tool("heal")
    assert (options.healing.isVisible(), options.needs_brush) == (True, True)
    state.set_healing("patch")
    assert options.healing.currentText() == "Patch"
    assert (options.aligned.isVisible(), options.needs_brush) == (False, False)
    QTest.keyClick(options.healing, Qt.Key.Key_Up)
    assert state.healing == "spot"


# -- what a press would bring


@pytest.fixture
def over(bench, monkeypatch):
    """Move the pointer, and return where the screen shows something else than the picture: (H, W)."""
    monkeypatch.setattr(bench.canvas, "underMouse", lambda: True)

    def move(x, y, **options):
        mouse(bench.canvas, MOVE, x, y, held=False, **options)
        shot(bench.canvas)  # what is missed is asked for
        bench.settle()
        return shot(bench.canvas)

    return move


INSIDE = disc(HEIGHT, WIDTH, 200, 150, 12) == 1
"""Within the outline of a brush of 32 px."""


def test_the_outline_shows_what_a_press_would_bring_and_the_document_stays(bench, over):
    bench.source(300, 100)
    shown = over(200, 150)
    assert bench.session.document is DOCUMENT
    bench.draw((200, 150), (200, 151))
    brought = expected(bench.canvas, bench.session.document)
    assert (brought != expected(bench.canvas, DOCUMENT))[INSIDE].any()
    assert np.array_equal(shown[INSIDE], brought[INSIDE])
    assert bench.session.history.undo_label == "Clone Stamp"


def test_on_a_texture_layer_it_shows_the_picture_that_would_come_of_it(qtbot, workspace, monkeypatch):
    bench = Bench(qtbot, workspace, separated())
    before = bench.session.document
    monkeypatch.setattr(bench.canvas, "underMouse", lambda: True)
    bench.source(300, 100)
    mouse(bench.canvas, MOVE, 200, 150, held=False)
    shot(bench.canvas)
    bench.settle()
    shown = shot(bench.canvas)
    bench.draw((200, 150), (200, 151))
    assert bench.session.document is not before
    assert np.array_equal(shown[INSIDE], expected(bench.canvas, bench.session.document)[INSIDE])


@pytest.mark.parametrize("aligned", [True, False])
def test_what_is_shown_is_aligned_as_the_next_stroke_is(bench, over, aligned):
    bench.state.set_aligned(aligned)
    bench.source(300, 100)
    bench.draw((100, 250), (100, 251))
    shown = over(200, 150)
    bench.draw((200, 150), (200, 151))
    assert np.array_equal(shown[INSIDE], expected(bench.canvas, bench.session.document)[INSIDE])


def test_nothing_is_shown_while_a_source_is_picked_nor_where_no_stroke_can_begin(bench, over):
    bench.source(300, 100)
    plain = expected(bench.canvas, DOCUMENT)
    assert not np.array_equal(over(200, 150)[INSIDE], plain[INSIDE])
    assert np.array_equal(over(200, 150, modifiers=ALT)[INSIDE], plain[INSIDE])
    over(200, 150)
    bench.session.edit(
        "Lock",
        lambda d: msgspec.structs.replace(d, layers=(msgspec.structs.replace(d.layers[0], locked=True),)),
    )
    bench.settle()
    assert np.array_equal(over(200, 150)[INSIDE], plain[INSIDE])


def test_after_undo_the_outline_shows_no_picture_that_is_gone(bench, over):
    bench.source(300, 100)
    bench.draw((200, 150), (220, 150))
    over(200, 150)
    bench.session.undo()
    bench.settle()
    shot(bench.canvas)
    bench.settle()
    shown = shot(bench.canvas)
    bench.draw((200, 150), (200, 151))
    assert np.array_equal(shown[INSIDE], expected(bench.canvas, bench.session.document)[INSIDE])


def test_in_a_wipe_the_picture_before_stays_as_it_is(bench, over):
    bench.source(300, 100)
    bench.canvas.set_look(mode="wipe")
    bench.settle()
    shown, plain = over(200, 80), expected(bench.canvas, DOCUMENT)
    inside = disc(HEIGHT, WIDTH, 200, 80, 12) == 1
    left, right = inside.copy(), inside.copy()
    left[:, 198:], right[:, :203] = False, False
    assert np.array_equal(shown[left], plain[left])
    assert not np.array_equal(shown[right], plain[right])
