import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retexture.document.pixels import TILE, Pixels, Tiles
from tests.document.documents import samples

SIZES = st.sampled_from([(1, 1), (255, 3), (256, 256), (257, 511), (520, 300)])


def test_pixels_are_read_only() -> None:
    pixels = Pixels(np.zeros((3, 2, 2), np.uint16))
    with pytest.raises(ValueError, match="read-only"):
        pixels.array[0] = 1


def test_pixels_are_equal_by_id_alone() -> None:
    array = np.zeros((3, 2, 2), np.uint16)
    a, b = Pixels(array), Pixels(array)
    assert a != b
    assert a == Pixels(np.ones(5), a.id)
    assert len({a, b, Pixels(array, a.id)}) == 2
    assert a != a.id


@st.composite
def writes(draw: st.DrawFn, width: int, height: int) -> tuple[int, int, int, int, int]:
    """Position, size and seed of a rectangle that may leave the document."""
    x, y = draw(st.integers(-300, width + 20)), draw(st.integers(-300, height + 20))
    return x, y, draw(st.integers(1, 600)), draw(st.integers(1, 400)), draw(st.integers(0, 9))


@given(st.data(), SIZES, st.sampled_from(["uint8", "uint16", "float32"]), st.integers(1, 4))
def test_tiles_hold_what_a_plain_array_holds(data, size, dtype, planes) -> None:
    width, height = size
    background = tuple(data.draw(st.sampled_from([0.0, 1.0])) for _ in range(planes))
    tiles = Tiles(width, height, background=background, dtype=dtype)
    padding = 1000
    plain = np.empty((planes, height + 2 * padding, width + 2 * padding), dtype)
    plain[:] = np.array(background, dtype)[:, None, None]
    outside = plain.copy()
    for x, y, w, h, seed in data.draw(st.lists(writes(width, height), max_size=3)):
        block = samples((planes, h, w), dtype, seed)
        tiles = tiles.written(x, y, block)
        plain[:, y + padding : y + padding + h, x + padding : x + padding + w] = block
    # What was written beyond the document is lost.
    inside = (slice(None), slice(padding, padding + height), slice(padding, padding + width))
    outside[inside] = plain[inside]
    assert np.array_equal(tiles.to_array(), outside[inside])
    x, y, w, h, _ = data.draw(writes(width, height))
    expected = outside[:, y + padding : y + padding + h, x + padding : x + padding + w]
    assert np.array_equal(tiles.read(x, y, w, h), expected)


def test_a_version_shares_the_tiles_it_did_not_change() -> None:
    before = Tiles.from_array(samples((1, 600, 700)))
    after = before.written(300, 10, np.ones((1, 5, 5), np.uint16))
    changed = {key for key in before.tiles if before.tiles[key] is not after.tiles[key]}
    assert changed == {(1, 0)}
    assert before != after
    assert np.array_equal(before.to_array(), samples((1, 600, 700)))


def test_tiles_of_background_are_left_out() -> None:
    array = np.full((1, 300, 600), 7, np.uint16)
    array[0, 280, 599] = 8
    tiles = Tiles.from_array(array, (7,))
    assert set(tiles.tiles) == {(2, 1)}
    assert tiles.nbytes == 2 * (600 - 2 * TILE) * (300 - TILE)
    assert not tiles.written(599, 280, np.full((1, 1, 1), 7, np.uint16)).tiles


def test_tiles_are_equal_by_id_alone() -> None:
    tiles = Tiles(5, 5)
    assert tiles == Tiles(9, 9, id=tiles.id)
    assert len({tiles, Tiles(5, 5), Tiles(9, 9, id=tiles.id)}) == 2
