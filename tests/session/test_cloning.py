"""Cloned pixels are the very pixels, through what a stroke or an outline covers."""

import numpy as np
import pytest

from retexture.document.pixels import Tiles
from retexture.engine.dabs import paint
from retexture.render.region import Region
from retexture.render.render import render
from retexture.session.cloning import MarkStroke, cover_of, paint_over, polygon_cover, trimmed, whole_offset
from retexture.session.sampling import sampled_document
from tests.document.documents import DTYPES, samples
from tests.session.blemished import HARD, HEIGHT, WIDTH, clone, cover, open_at, separated, skin_document
from tests.texture.skin import disc


@pytest.mark.parametrize("depth", [8, 16, 32])
@pytest.mark.parametrize("offset", [(50, 0), (-37, 21), (3, -2)])
def test_cloned_pixels_are_the_very_pixels(depth, offset):
    document = skin_document(depth)
    session = open_at(document, "skin")
    clone(session, [(200, 150, 1), (230, 160, 1)], offset)
    before, after = render(document), render(session.document)
    inside = disc(HEIGHT, WIDTH, 200, 150, 19) == 1
    moved = np.roll(before, (-offset[1], -offset[0]), axis=(1, 2))
    assert np.array_equal(after[:, inside], moved[:, inside])
    outside = (disc(HEIGHT, WIDTH, 200, 150, 60) == 0) & (disc(HEIGHT, WIDTH, 230, 160, 60) == 0)
    assert np.array_equal(after[:, outside], before[:, outside])


def test_a_stroke_does_not_sample_what_it_has_painted():
    """With the source under the stroke the picture moves on once, and is not smeared along."""
    document = skin_document()
    session = open_at(document, "skin")
    clone(session, [(100, 150, 1), (250, 150, 1)], (-10, 0))
    before, after = render(document), render(session.document)
    inside = np.s_[:, 140:160, 100:250]
    assert np.array_equal(after[inside], np.roll(before, 10, axis=2)[inside])


def test_cloning_on_the_texture_keeps_the_tone():
    document = separated()
    session = open_at(document, "high")
    clone(session, [(200, 150, 1)], (60, 0))
    shown = render(session.document).astype(float) / 65535
    high = render(sampled_document(document, "high", "current")).astype(float) / 65535
    low = render(sampled_document(document, "low", "current")).astype(float) / 65535
    y, x = 150, 200
    expected = low[:3, y, x] + 2 * high[:3, y, x + 60] - 1
    assert shown[:3, y, x] == pytest.approx(np.clip(expected, 0, 1), abs=1e-4)


def test_undo_and_redo_are_exact_and_one_step():
    session = open_at(separated(), "high")
    before = session.document
    clone(session, [(200, 150, 1), (210, 150, 1)], (60, 0))
    after, picture = session.document, render(session.document)
    assert [version.label for version in session.history.versions] == ["Open", "Clone Stamp"]
    session.undo()
    assert session.document is before
    session.redo()
    assert session.document is after
    assert np.array_equal(render(session.document), picture)


def test_what_lies_outside_the_picture_is_not_cloned():
    document = skin_document()
    session = open_at(document, "skin")
    clone(session, [(30, 150, 1)], (-30, 0))
    before, after = render(document), render(session.document)
    assert np.array_equal(after[:, 140:160, 11:29], before[:, 140:160, 11:29])
    assert np.array_equal(after[:, 140:160, 31:47], before[:, 140:160, 1:17])


def test_only_what_is_selected_is_cloned():
    selection = Tiles.from_array(np.zeros((1, HEIGHT, WIDTH), np.uint16))
    selection = selection.written(200, 0, np.full((1, HEIGHT, 200), 65535, np.uint16))
    document = skin_document()
    session = open_at(document, "skin")
    clone(session, [(200, 150, 1)], (50, 0), selection=selection)
    before, after = render(document), render(session.document)
    assert np.array_equal(after[:, :, :200], before[:, :, :200])
    assert not np.array_equal(after[:, :, 200:], before[:, :, 200:])


@pytest.mark.parametrize("dtype", DTYPES.values())
def test_one_colour_is_painted_as_the_engine_paints_it(dtype):
    base = samples((4, 40, 30), dtype, 1)
    coverage = samples((40, 30), "float32", 2)
    white = 1 if dtype == "float32" else np.iinfo(dtype).max
    colour = np.broadcast_to(np.array([0.2, 0.5, 0.9], np.float32)[:, None, None] * white, (3, 40, 30))
    expected, out = np.empty_like(base), np.empty_like(base)
    paint(expected, base, coverage, (0.2, 0.5, 0.9))
    paint_over(out, base, coverage, colour)
    assert np.allclose(out.astype(float), expected.astype(float), atol=1 if dtype != "float32" else 1e-6)


# -- covers


def test_a_stroke_that_marks_tells_what_it_covers_and_paints_nothing():
    tiles = Tiles(WIDTH, HEIGHT, background=(0, 0, 0, 0))
    stroke = MarkStroke(tiles, HARD)
    stroke.begin(250.5, 150.5)
    stroke.finish()
    assert stroke.tiles is tiles
    found = cover_of(stroke)
    assert found.region == Region(230, 130, 41, 41)
    assert np.allclose(found.plane, disc(HEIGHT, WIDTH, 250.5, 150.5, 20.5)[130:171, 230:271], atol=0.1)
    away = MarkStroke(tiles, HARD)
    away.begin(-100, -100)
    assert cover_of(away) is None


def test_a_cover_is_no_more_than_what_is_selected():
    selection = Tiles(WIDTH, HEIGHT).written(0, 0, np.full((1, 150, WIDTH), 65535, np.uint16))
    stroke = MarkStroke(Tiles(WIDTH, HEIGHT, background=(0, 0, 0, 0)), HARD, selection)
    stroke.begin(200, 150)
    found = cover_of(stroke)
    assert found.y + found.plane.shape[0] == 150
    assert trimmed(cover(200, 250, 20), selection) is None


def test_the_inside_of_an_outline():
    canvas = Region(0, 0, WIDTH, HEIGHT)
    found = polygon_cover([(10, 20), (50, 20), (50, 60), (10, 60)], canvas)
    whole = np.zeros((HEIGHT, WIDTH))
    whole[found.region.slices(canvas)] = found.plane
    assert whole[21:59, 11:49].min() == 1
    assert whole.sum() == pytest.approx(40 * 40)
    circle = [(200 + 50 * np.cos(t), 150 + 50 * np.sin(t)) for t in np.linspace(0, 6.28, 100)]
    assert polygon_cover(circle, canvas).plane.sum() == pytest.approx(np.pi * 50**2, rel=0.002)
    assert polygon_cover([(10, 20), (50, 20)], canvas) is None
    assert polygon_cover([(-90, 20), (-50, 20), (-50, 70)], canvas) is None


@pytest.mark.parametrize(
    ("source", "place", "offset"),
    [
        ((10.5, 20.5), (10.5, 20.5), (0, 0)),
        ((10.9, 20.1), (3.2, 40.0), (8, -20)),
        ((0, 0), (0.6, 0.4), (-1, 0)),
    ],
)
def test_offsets_are_whole_pixels(source, place, offset):
    assert whole_offset(source, place) == offset
