"""The Clone Stamp by the mouse: what comes of it, and what is said."""

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from retexture.document.layers import PaintLayer
from retexture.document.pixels import Tiles
from tests.gui.retouching import DOCUMENT, Bench
from tests.gui.stage import MOVE, RELEASE, expected, mouse, shot
from tests.session.blemished import HEIGHT, WIDTH, separated
from tests.texture.skin import disc


@pytest.fixture
def bench(qtbot, workspace):
    return Bench(qtbot, workspace)


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


def test_where_it_goes_is_told_once(bench):
    bench.source(300, 100)
    bench.draw((200, 150), (201, 150))
    bench.draw((200, 200), (201, 200))
    assert bench.said == ["Retouching goes to a new layer: Skin retouch"]


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


@pytest.mark.parametrize("mode", [None, "brush"])
def test_a_source_that_has_left_the_picture_is_told(bench, mode):
    if mode is not None:
        bench.use(mode)
    bench.source(20, 150)
    bench.draw((200, 150), (201, 150))
    bench.settle()
    document = bench.session.document
    bench.draw((100, 150), (110, 150))
    bench.settle()
    assert bench.said[1:] == ["The source lies outside the picture here: Alt-click another one"]
    assert bench.session.document is document


@pytest.mark.parametrize("sample", ["below", "all"])
def test_merged_pixels_are_refused_on_texture(qtbot, workspace, sample):
    bench = Bench(qtbot, workspace, separated())
    bench.source(300, 100)
    bench.state.set_sample(sample)
    bench.draw((200, 150), (210, 150))
    assert bench.said == [
        "High is in Linear Light, so it takes no merged pixels: set Sample to Current Layer"
    ]
    assert bench.labels == []


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
