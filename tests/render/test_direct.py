"""What is rendered for a region alone, and levels of masks that strokes change: the same pixels as ever."""

from functools import cache
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retexture.document.document import Document, find
from retexture.document.edits import replace_layer, set_parameter
from retexture.document.layers import FillLayer, LayerMask, PaintLayer, RasterMask
from retexture.document.pixels import TILE, Pixels, Tiles
from retexture.recipes import RECIPES
from retexture.recipes.apply import build_document
from retexture.recipes.base import Materials
from retexture.render import contents
from retexture.render.cache import Cache
from retexture.render.keys import digest
from retexture.render.region import Region
from retexture.render.render import canvas_size, render
from tests.document.documents import sample_document, samples

WIDTH, HEIGHT = 1100, 570
"""Two by three blocks of 512, none of them whole at the right and below."""


@cache
def recipe_document(name: str) -> Document:
    """A recipe's document with its mask half painted."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    base = (x * 40 + y * 30) % 50_000
    noise = samples((3, HEIGHT, WIDTH), seed=1) // 8
    original, retouched = (Pixels((base + n).astype(np.uint16)) for n in (noise, noise // 4))
    recipe = RECIPES[name]
    given = Materials(original=original, retouched=None if recipe.flat else retouched)
    document = build_document(recipe, given, None, ["patch=5,5,200,190"] if name == "texture-graft" else [])
    layer = find(document, recipe.masked)
    plane = np.where(x > 300, 50_000, 900).astype(np.uint16)[None]
    mask = LayerMask(painted=RasterMask(Tiles.from_array(plane), feather_px=4))
    return replace_layer(document, recipe.masked, msgspec.structs.replace(layer, mask=mask))


@cache
def whole(name: str, level: int) -> np.ndarray:
    return render(recipe_document(name), level=level, form="bgra")


def regions(level: int) -> st.SearchStrategy[Region]:
    width, height = canvas_size(recipe_document("grain"), level)

    @st.composite
    def draw(draw: st.DrawFn) -> Region:
        x, y = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
        return Region(x, y, draw(st.integers(1, width - x)), draw(st.integers(1, height - y)))

    return draw()


@pytest.mark.slow
@pytest.mark.parametrize("level", [0, 1, 2])
@pytest.mark.parametrize("name", RECIPES)
@settings(max_examples=8)
@given(st.data())
def test_direct_is_the_same_bit_for_bit(name, level, data):
    document = recipe_document(name)
    canvas = Region(0, 0, *canvas_size(document, level))
    shared = Cache(1 << 28)
    for _ in range(3):
        region = data.draw(regions(level))
        if data.draw(st.booleans()):
            # Some of the blocks are known.
            render(document, region, level, form="bgra", cache=shared)
            region = data.draw(regions(level))
        got = render(document, region, level, form="bgra", cache=shared, direct=True)
        assert np.array_equal(got, whole(name, level)[region.slices(canvas)])


@pytest.mark.parametrize("level", [0, 1])
def test_direct_is_the_same_with_every_kind_of_layer(level):
    document = sample_document(700, 560)
    document = set_parameter(document, "group.gaussian_blur.enabled", True)
    reference = render(document, level=level)
    canvas = Region(0, 0, *canvas_size(document, level))
    rng = np.random.default_rng(level)
    for _ in range(8):
        x, y = int(rng.integers(canvas.width)), int(rng.integers(canvas.height))
        width, height = (
            int(rng.integers(1, canvas.width - x + 1)),
            int(rng.integers(1, canvas.height - y + 1)),
        )
        region = Region(x, y, width, height)
        got = render(document, region, level, cache=Cache(1 << 28), direct=True)
        assert np.array_equal(got, reference[(slice(None), *region.slices(canvas))])


def test_direct_keeps_nothing_that_a_drag_would_not_use_again():
    document = recipe_document("high-pass")
    cache = Cache(1 << 28)
    render(document, Region(20, 20, 300, 200), form="bgra", cache=cache, direct=True)
    assert cache.used_bytes == 0
    render(document, Region(20, 20, 300, 200), form="bgra", cache=cache)
    assert cache.used_bytes > 0


# -- levels of tiles


def halves(plane: np.ndarray, level: int) -> np.ndarray:
    """Return (h, w) float64: 2 x 2 means, as often as the level says, the last row and column repeated where odd."""
    out = plane.astype(np.float64)
    for _ in range(level):
        out = np.pad(out, ((0, out.shape[0] % 2), (0, out.shape[1] % 2)), mode="edge")
        out = (out[::2, ::2] + out[1::2, ::2] + out[::2, 1::2] + out[1::2, 1::2]) / 4
    return out


def masked_white(tiles: Tiles) -> Document:
    """White shown through a mask over black: the picture is the mask."""
    black, white = (
        FillLayer(key=key, name="", colour=(v,) * 3) for key, v in (("black", 0.0), ("white", 1.0))
    )
    white = msgspec.structs.replace(white, mask=LayerMask(painted=RasterMask(tiles)))
    return Document(width_px=tiles.width_px, height_px=tiles.height_px, layers=(black, white))


@pytest.mark.parametrize("level", [1, 2, 3, 5, 8, 9, 10])
@settings(max_examples=10)
@given(st.integers(0, 2**31))
def test_levels_of_a_mask_follow_every_stroke(level, seed):
    """One cache over many versions gives what each version's own array gives."""
    rng = np.random.default_rng(seed)
    width, height = int(rng.integers(1, 1400)), int(rng.integers(1, 900))
    tiles = Tiles(width, height, background=(float(rng.choice([0, 65535])),))
    cache = Cache(1 << 28)
    versions = [tiles]
    for _ in range(6):
        x, y = int(rng.integers(width)), int(rng.integers(height))
        stroke = samples(
            (1, int(rng.integers(1, 400)), int(rng.integers(1, 500))), seed=int(rng.integers(99))
        )
        tiles = tiles.written(x, y, stroke)
        versions.append(tiles)
        # An undone one is found again.
        for version in (tiles, versions[int(rng.integers(len(versions)))]):
            got = render(masked_white(version), level=level, form="float", cache=cache)[0]
            assert np.abs(got - halves(version.to_array()[0] / 65535, level)).max() < 2e-6


@pytest.mark.parametrize("level", [1, 2, 4])
def test_levels_of_paint_weigh_colour_by_its_alpha(level):
    width, height = 611, 402
    planes = samples((4, height, width), seed=3)
    planes[3, :, :200] = 0
    layer = PaintLayer(key="paint", name="", tiles=Tiles.from_array(planes, (0, 0, 0, 0)))
    document = Document(width_px=width, height_px=height, layers=(layer,))
    cache = Cache(1 << 28)
    for _ in range(2):
        now = find(document, "paint").tiles.to_array() / 65535
        got = render(document, level=level, form="float", cache=cache)
        alpha = halves(now[3], level)
        assert np.abs(got[3] - alpha).max() < 2e-6
        for plane, colour in zip(got[:3], now[:3], strict=True):
            assert np.abs(plane * got[3] - halves(colour * now[3], level)).max() < 2e-6
        written = find(document, "paint").tiles.written(300, 100, samples((4, 90, 300), seed=8))
        document = replace_layer(document, "paint", msgspec.structs.replace(layer, tiles=written))


def test_a_stroke_computes_only_the_blocks_that_it_meets(monkeypatch):
    """The others are found by the tiles that they show."""
    made = []
    plain = contents.halved

    def counted(planes: Any, alpha: bool) -> Any:
        made.append(1)
        return plain(planes, alpha)

    monkeypatch.setattr(contents, "halved", counted)
    tiles = Tiles.from_array(samples((1, 2100, 2100)))
    cache = Cache(1 << 28)
    render(masked_white(tiles), level=1, form="float", cache=cache)
    first = len(made)
    assert first == 9
    tiles = tiles.written(3 * TILE, 3 * TILE, samples((1, 20, 20), seed=4))
    render(masked_white(tiles), level=1, form="float", cache=cache)
    assert len(made) == first + 1


def test_masks_of_other_kinds_never_share_a_level():
    """The same number is black for one kind of pixel and white for another."""
    cache = Cache(1 << 28)
    for dtype, wanted in ((np.uint16, 1 / 65535), (np.float32, 1.0), (np.uint8, 1 / 255)):
        tiles = Tiles(300, 200, background=(1,), dtype=dtype)
        got = render(masked_white(tiles), level=1, form="float", cache=cache)[0]
        assert np.abs(got - wanted).max() < 1e-6


@pytest.mark.parametrize("level", [9, 10])
def test_a_mask_wider_than_any_block_keeps_its_coarsest_levels(level):
    tiles = Tiles(40_000, 3).written(39_000, 0, samples((1, 3, 800), seed=2))
    got = render(masked_white(tiles), level=level, form="float")[0]
    assert got.max() > 0.05
    assert np.abs(got - halves(tiles.to_array()[0] / 65535, level)).max() < 2e-6


def test_what_a_block_is_known_by_stays_small_and_tells_all_apart():
    ids = [tuple("ab"[:n]) + (None,) * m for n in range(3) for m in range(3)]
    found = {digest(each) for each in (*ids, (None, "a"), ("b",), ("ab",))}
    assert len(found) == len(ids) + 3
    assert {len(each) for each in found} == {16}
