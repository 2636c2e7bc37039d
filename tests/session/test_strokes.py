"""Strokes: pixels depend on events alone, share what they do not touch, and never exceed the opacity."""

import msgspec
import numpy as np
import pytest

from retexture.document.changes import Rect
from retexture.document.pixels import Tiles
from retexture.engine import dabs
from retexture.session import masks, strokes
from retexture.session.brush import Brush
from retexture.session.strokes import Stroke

DTYPES = [np.uint8, np.uint16, np.float32]
PLAIN = Brush(size_px=40, hardness=0.5, smoothing=0, opacity_pressure=False)
WAY = [(30.2, 40.7, 0.2), (80, 90, 0.9), (300, 260, 1), (310, 20, 0.4), (310, 20, 0.5), (-50, 10, 0.7)]


def but(**changes):
    return msgspec.structs.replace(PLAIN, **changes)


def draw(way, brush=PLAIN, tiles=None, value=(1.0,), **options):
    stroke = Stroke(masks.black(400, 300) if tiles is None else tiles, brush, value, **options)
    stroke.begin(*way[0])
    for event in way[1:]:
        stroke.move(*event)
    stroke.finish()
    return stroke.tiles


def pixels(*arguments, **options):
    return draw(*arguments, **options).to_array()


def line(events, length=300):
    steps = np.linspace(0, 1, events + 1)
    return [(20 + length * t, 30 + 0.5 * length * t, 0.3 + 0.6 * t) for t in steps]


@pytest.mark.parametrize("value", [(1.0,), None])
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_dab_is_the_engines(dtype, value):
    base = masks.gradient(masks.black(400, 300, dtype), (0, 0), (400, 300))
    coverage = np.zeros((300, 400), np.float32)
    dabs.stamp(coverage, np.array([(255.25, 250.5, 20, 0.5, 1, 1)]))
    expected = np.empty_like(base.to_array())
    dabs.paint(expected, base.to_array(), coverage, value)
    assert np.array_equal(pixels([(255.25, 250.5, 1)], tiles=base, value=value), expected)


@pytest.mark.parametrize("brush", [PLAIN, but(smoothing=0.7, size_pressure=True, opacity_pressure=True)])
def test_looking_at_the_tiles_changes_nothing(brush):
    stroke = Stroke(masks.black(400, 300), brush, (1.0,))
    seen = []
    stroke.begin(*WAY[0])
    for event in WAY[1:]:
        seen.append((stroke.tiles, stroke.tiles.to_array()))
        stroke.move(*event)
    stroke.finish()
    assert np.array_equal(stroke.tiles.to_array(), pixels(WAY, brush))
    # Each version is still what it was.
    assert all(np.array_equal(tiles.to_array(), array) for tiles, array in seen)


@pytest.mark.parametrize("size", [1, 7.3, 40, 100])
@pytest.mark.parametrize("spacing", [0.05, 0.1, 0.25])
@pytest.mark.parametrize("length", [300, 317.3])
def test_a_line_is_the_same_through_any_number_of_events(size, spacing, length):
    brush = but(size_px=size, spacing=spacing, size_pressure=True, opacity_pressure=True, flow=0.6)
    once = pixels(line(1, length), brush)
    for events in (2, 3, 10, 77):
        assert np.array_equal(pixels(line(events, length), brush), once)


def test_dabs_are_spaced_by_the_diameter():
    array = pixels([(50.5, 50.5, 1), (351, 50.5, 1)], but(size_px=10, spacing=2, hardness=1))[0]
    assert np.flatnonzero(array[50] == 65535)[::9].tolist() == [46 + 20 * i for i in range(16)]
    # With the size, the pressure changes the distance.
    thin = [(50.5, 50.5, 0.5), (351, 50.5, 0.5)]
    array = pixels(thin, but(size_px=20, spacing=2, hardness=1, size_pressure=True))[0]
    assert np.flatnonzero(array[50] == 65535)[::9].tolist() == [46 + 20 * i for i in range(16)]


def test_a_stroke_over_itself_reaches_its_opacity_and_no_more():
    brush = but(opacity=0.4, flow=0.3, hardness=1)
    scribble = [(100 + 60 * (i % 2), 100 + i / 10, 1) for i in range(40)]
    array = pixels(scribble, brush)
    assert array.max() == round(0.4 * 65535)
    twice = pixels(scribble, brush, tiles=draw(scribble, brush))
    assert twice.max() == pytest.approx((1 - 0.6**2) * 65535, abs=2)


def test_low_flow_builds_up():
    brush = but(flow=0.1, hardness=1)
    still = pixels([(100.5, 100.5, 1)], brush)[0, 100, 100]
    moved = pixels([(70, 100.5, 1), (130, 100.5, 1)], brush)[0, 100, 100]
    assert still == round(0.1 * 65535)
    assert still < moved < 65535


def test_untouched_tiles_are_shared_and_the_old_version_stays():
    tiles = masks.gradient(masks.black(800, 800), (0, 0), (799, 799))
    before = tiles.to_array()
    painted = draw([(300, 300, 1), (400, 300, 1)], tiles=tiles)
    assert {key for key in tiles.tiles if painted.tiles[key] != tiles.tiles[key]} == {(1, 1)}
    assert np.array_equal(tiles.to_array(), before)
    assert not painted.tiles[1, 1].array.flags.writeable


@pytest.mark.parametrize("brush", [PLAIN, but(smoothing=0.5, size_pressure=True)])
def test_what_is_told_dirty_is_what_changed(brush):
    stroke = Stroke(masks.black(400, 300), brush, (1.0,))
    steps = [
        lambda: stroke.begin(*WAY[0]),
        *(lambda e=e: stroke.move(*e) for e in WAY[1:]),
        lambda: stroke.move(-500, -500, 1),
        stroke.finish,
    ]
    for step in steps:
        old = stroke.tiles.to_array()
        rect = step()
        changed = (stroke.tiles.to_array() != old)[0]
        if rect is None:
            assert not changed.any()
            continue
        x, y, width, height = rect
        assert 0 <= x < x + width <= 400
        assert 0 <= y < y + height <= 300
        changed[y : y + height, x : x + width] = False
        assert not changed.any()


def test_a_dabs_rectangle_is_exact():
    stroke = Stroke(masks.black(400, 300), but(size_px=40, hardness=0), (1.0,))
    assert stroke.begin(100, 90.5) == Rect(80, 71, 40, 39)
    assert stroke.move(101, 90.5) is None  # nearer than a dab's distance
    assert stroke.begin(5, 295) == Rect(0, 275, 25, 25)


def test_outside_the_canvas_nothing_happens_but_the_way_goes_on():
    stroke = Stroke(masks.black(400, 300), PLAIN, (1.0,))
    assert stroke.begin(-100, 50) is None
    assert not stroke.tiles.tiles
    rect = stroke.move(500, 50)
    assert rect is not None
    assert (rect.x, rect.width) == (0, 400)
    whole = pixels([(-100, 50, 1), (500, 50, 1)], tiles=masks.black(400, 300))
    assert np.array_equal(stroke.tiles.to_array(), whole)
    wide = Tiles(700, 300)
    moved = pixels([(100, 50, 1), (700, 50, 1)], tiles=wide)
    assert np.array_equal(moved[:, :, 200:600], whole)


def test_smoothing_trails_and_catches_up_at_the_end():
    brush = but(smoothing=0.8, size_px=10, hardness=1)
    stroke = Stroke(masks.black(400, 300), brush, (1.0,))
    stroke.begin(50, 50)
    stroke.move(350, 50)
    assert not stroke.tiles.to_array()[0, 50, 200:].any()
    stroke.finish()
    assert (stroke.tiles.to_array()[0, 50, 50:350] == 65535).all()
    # Jitter across the way is damped.
    jagged = [(50 + 3 * i, 150 + 12 * (i % 2), 1) for i in range(80)]
    tall = [pixels(jagged, but(smoothing=s, size_px=10))[0, :, 150].astype(bool).sum() for s in (0, 0.8)]
    assert tall[1] < tall[0]


def test_a_click_is_one_dab():
    assert np.array_equal(pixels([(100, 100, 1)], but(smoothing=0.9)), pixels([(100, 100, 1)]))


@pytest.mark.parametrize("dtype", DTYPES)
def test_paint_layers(dtype):
    white = 1 if dtype == np.float32 else np.iinfo(dtype).max
    empty = Tiles(400, 300, background=(0, 0, 0, 0), dtype=dtype)
    painted = draw([(250, 100, 1), (280, 100, 1)], but(hardness=1), tiles=empty, value=(1.0, 0.0, 0.2))
    array = painted.to_array()
    assert array[:, 100, 260].tolist() == pytest.approx([white, 0, 0.2 * white, white])
    assert not array[:, 200].any()
    erased = draw([(250, 100, 1), (280, 100, 1)], but(hardness=1, size_px=60), tiles=painted, value=None)
    assert not erased.to_array()[3].any()


def test_a_stroke_that_changes_nothing_gives_back_its_tiles():
    tiles = masks.gradient(masks.black(400, 300), (0, 0), (400, 0))
    assert draw(WAY, but(opacity=0), tiles=tiles) == tiles
    assert draw(WAY, tiles=masks.black(400, 300), value=(0.0,)).tiles == {}
    shown = draw(WAY, but(size_px=3000, hardness=1))
    assert (shown.to_array() == 65535).all()
    assert draw(WAY, but(size_px=3000, hardness=1), tiles=shown, value=(0.0,)).tiles == {}


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_selection_lets_paint_through(dtype):
    plane = np.zeros((300, 400), np.float32)
    plane[:, 100:200], plane[:, 200:] = 1, 0.5
    array = pixels([(80, 100, 1), (330, 100, 1)], but(hardness=1), selection=masks.from_array(plane, dtype))[
        0, 100
    ]
    assert not array[:100].any()
    assert (array[100:200] == 65535).all()
    assert np.abs(array[200:330] / 65535 - 0.5).max() < 0.003


def test_the_numpy_engine_paints_the_same(monkeypatch):
    brush = but(size_pressure=True, opacity_pressure=True, flow=0.4, smoothing=0.3)
    first = pixels(WAY, brush)
    monkeypatch.setattr(strokes, "stamp", dabs.stamp)
    monkeypatch.setattr(strokes, "paint", dabs.paint)
    assert np.array_equal(pixels(WAY, brush), first)


@pytest.mark.parametrize(("planes", "value"), [(1, (1.0, 0.0, 0.0)), (4, (1.0,)), (4, (1.0,) * 4), (1, ())])
def test_a_value_must_fit_the_planes(planes, value):
    with pytest.raises(ValueError, match="planes"):
        Stroke(Tiles(9, 9, background=(0,) * planes), PLAIN, value)
