"""The outline for the marching ants against its definition, pixel by pixel."""

import numpy as np
import pytest

from retexture.document.pixels import Tiles
from retexture.render.region import Region
from retexture.session.selection_outline import DASH, outline
from retexture.session.selections import HALF, ellipse, everything, nothing, rectangle
from tests.document.documents import samples

SIZE = (300, 270)
CANVAS = Region(0, 0, *SIZE)


def edges(inside: np.ndarray) -> np.ndarray:
    wide = np.pad(inside, 1)
    around = wide[:-2, 1:-1] & wide[2:, 1:-1] & wide[1:-1, :-2] & wide[1:-1, 2:]
    return inside & ~around


def test_it_is_the_selected_pixels_beside_those_that_are_not() -> None:
    selection = Tiles.from_array(samples((1, *SIZE[::-1]), seed=3))
    found = outline(selection, 1, CANVAS)
    assert np.array_equal(found > 0, edges(selection.to_array()[0] >= HALF))


def test_the_canvas_is_an_edge_and_nothing_has_none() -> None:
    found = outline(everything(SIZE), 1, CANVAS.grown(5))
    expected = np.zeros((280, 310), bool)
    expected[5:-5, 5:-5] = edges(np.ones(SIZE[::-1], bool))
    assert np.array_equal(found > 0, expected)
    assert not outline(nothing(SIZE), 1, CANVAS).any()
    assert not outline(everything(SIZE), 1, Region(900, 900, 10, 10)).any()


def test_dashes_go_on_from_region_to_region() -> None:
    selection = rectangle(SIZE, (20, 30), (250, 200))
    whole = outline(selection, 1, CANVAS)
    part = Region(15, 25, 100, 60)
    assert np.array_equal(outline(selection, 1, part), whole[25:85, 15:115])
    top = whole[30, 20:250].astype(int)
    assert set(np.diff(top)) == {1, 1 - 2 * DASH}


@pytest.mark.parametrize("scale", [2, 3, 8])
def test_larger_than_life_it_follows_the_pixels(scale) -> None:
    selection = Tiles.from_array(samples((1, *SIZE[::-1]), seed=4))
    inside = (selection.to_array()[0] >= HALF).repeat(scale, 0).repeat(scale, 1)
    region = Region(40, 50, 200, 150)
    assert np.array_equal(outline(selection, scale, region) > 0, edges(inside)[50:200, 40:240])


@pytest.mark.parametrize("scale", [0.5, 0.25, 0.1])
def test_shown_small_it_is_where_the_edge_is(scale) -> None:
    selection = ellipse(SIZE, (30, 40), (280, 240))
    found = outline(selection, scale, Region(0, 0, int(300 * scale), int(270 * scale)))
    y, x = np.nonzero(found)
    radius = np.hypot(((x + 0.5) / scale - 155) / 125, ((y + 0.5) / scale - 140) / 100)
    assert np.abs(radius - 1).max() < 1.5 / scale / 100
    inside = np.zeros_like(found, bool)
    cell = round(1 / scale)
    means = selection.to_array()[0, : 270 // cell * cell, : 300 // cell * cell].astype(float)
    means = means.reshape(270 // cell, cell, 300 // cell, cell).mean((1, 3))
    inside[: means.shape[0], : means.shape[1]] = means >= HALF
    assert np.array_equal(found > 0, edges(inside))
