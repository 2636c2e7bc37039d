"""Selections by colour and luminosity against formulas pixel by pixel; loading from layers, and masks from them."""

import threading

import msgspec
import numpy as np
import pytest

from retexture.document.document import Depth, Document, Source
from retexture.document.edits import replace_layer
from retexture.document.layers import (
    FillLayer,
    GroupLayer,
    LayerMask,
    LuminosityMask,
    PaintLayer,
    PixelLayer,
    Range,
    RasterMask,
    smart,
)
from retexture.document.pixels import Pixels, Tiles
from retexture.engine.lab import lab
from retexture.filters.invert import Invert
from retexture.render.cache import Cache
from retexture.render.render import Cancelled, render
from retexture.session import colour_selection, masks
from retexture.session.colour_selection import (
    ColourRange,
    LuminosityRange,
    WandSettings,
    as_mask,
    colour_at,
    colour_range,
    connected,
    from_tiles,
    layer_mask,
    luminosity,
    transparency,
    wand,
)
from retexture.session.pictures import mask_picture
from retexture.session.selections import FULL, everything, from_plane
from tests.document.documents import samples

WIDTH, HEIGHT = 300, 270


def cache() -> Cache:
    return Cache(64 << 20)


def plane(selection: Tiles) -> np.ndarray:
    return np.asarray(selection.to_array()[0], np.int64)


def document(planes: np.ndarray, depth: Depth = 16) -> Document:
    return Document(
        width_px=WIDTH,
        height_px=HEIGHT,
        depth=depth,
        layers=(PixelLayer(key="base", name="Base", source="picture"),),
        sources=(Source("picture", "Picture", Pixels(planes)),),
    )


def smooth() -> np.ndarray:
    """Colours that change slowly, with patches of the same colour apart from each other."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    planes: np.ndarray = (
        np.stack([x * 150, y * 180, (x + y) * 90]).astype(np.uint16) + samples((3, HEIGHT, WIDTH)) // 64
    )
    planes[:, 20:60, 20:60] = planes[:, 200:240, 200:240] = np.array([50000, 30000, 20000])[:, None, None]
    return planes


PICTURE = document(smooth())


def distances(planes: np.ndarray, x: int, y: int) -> np.ndarray:
    found = lab(planes).astype(np.float64)
    return np.asarray(np.sqrt(((found - found[:, y, x][:, None, None]) ** 2).sum(0)))


# -- the wand


@pytest.mark.parametrize("tolerance", [0.0, 5.0, 30.0])
def test_the_wand_selects_up_to_the_tolerance(tolerance: float) -> None:
    settings = WandSettings(antialias=False, tolerance=tolerance, contiguous=False)
    found = plane(wand(PICTURE, 150, 100, settings, cache=cache()))
    far = distances(smooth(), 150, 100)
    certain = np.abs(far - tolerance) > 1e-3
    assert np.array_equal(found[certain], np.where(far <= tolerance, FULL, 0)[certain])
    assert found[100, 150] == FULL


def test_antialias_smooths_the_edge_over_a_pixel_on_both_sides() -> None:
    found = plane(wand(PICTURE, 40, 40, WandSettings(tolerance=1), cache=cache()))
    assert (found[21:59, 21:59] == FULL).all()
    assert np.allclose(found[40, 18:22] / FULL, [0, 0.25, 0.75, 1], atol=1e-4)
    assert not found[:19].any()
    # A single pixel stays within the outline, which runs at one half.
    one = plane(wand(PICTURE, 150, 100, WandSettings(tolerance=0), cache=cache()))
    assert np.allclose(one[100, 148:153] / FULL, [0, 0.125, 0.5, 0.125, 0], atol=1e-4)


def grown(inside: np.ndarray, x: int, y: int) -> np.ndarray:
    """Flood fill one pixel at a time."""
    found, waiting = np.zeros_like(inside), [(y, x)]
    while waiting:
        row, column = waiting.pop()
        if 0 <= row < HEIGHT and 0 <= column < WIDTH and inside[row, column] and not found[row, column]:
            found[row, column] = True
            waiting += [(row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)]
    return found


def test_contiguous_is_what_hangs_together_over_edges() -> None:
    inside = np.random.default_rng(8).random((HEIGHT, WIDTH)) < 0.62
    inside[100, 100] = True
    level = np.where(inside, 40000, 0).astype(np.uint16)
    assert np.array_equal(connected(level, 100, 100), np.where(grown(inside, 100, 100), 40000, 0))
    assert not connected(level, *np.argwhere(~inside)[0][::-1].tolist()).any()


def test_patches_apart_are_selected_without_contiguous() -> None:
    both = plane(
        wand(PICTURE, 40, 40, WandSettings(antialias=False, tolerance=1, contiguous=False), cache=cache())
    )
    one = plane(wand(PICTURE, 40, 40, WandSettings(antialias=False, tolerance=1), cache=cache()))
    assert (both[20:60, 20:60] == FULL).all()
    assert (both[200:240, 200:240] == FULL).all()
    assert (one[20:60, 20:60] == FULL).all()
    assert not one[200:240, 200:240].any()


def test_the_sample_is_a_mean() -> None:
    expected = lab(smooth()[:, 99:102, 149:152]).mean((1, 2))
    found = colour_at(PICTURE, 150, 100, 1, cache=cache())
    assert found is not None
    assert np.abs(np.array(found) - expected).max() < 1e-4
    corner = colour_at(PICTURE, 0, 0, 2, cache=cache())
    assert corner is not None
    assert np.abs(np.array(corner) - lab(smooth()[:, :3, :3]).mean((1, 2))).max() < 1e-4
    assert colour_at(PICTURE, WIDTH, 0, cache=cache()) is None
    # The pixel that is clicked is selected, however far it is from the mean around it.
    settings = WandSettings(antialias=False, tolerance=0, sample="5x5")
    assert plane(wand(PICTURE, 150, 100, settings, cache=cache())).sum() == FULL


def test_the_wand_judges_all_layers_or_one() -> None:
    above = FillLayer(key="fill", name="Fill", colour=(0.2, 0.4, 0.6))
    layered = msgspec.structs.replace(PICTURE, layers=(*PICTURE.layers, above))
    assert (plane(wand(layered, 5, 5, WandSettings(), cache=cache())) == FULL).all()
    alone = wand(
        layered, 40, 40, WandSettings(antialias=False, tolerance=1, all_layers=False), "base", cache=cache()
    )
    assert np.array_equal(
        plane(alone), plane(wand(PICTURE, 40, 40, WandSettings(antialias=False, tolerance=1), cache=cache()))
    )


@pytest.mark.parametrize("depth", [8, 32])
def test_the_wand_at_every_depth(depth) -> None:
    planes = smooth() // 257 if depth == 8 else (smooth() / np.float32(65535)).astype(np.float32)
    picture = document(planes.astype(np.uint8) if depth == 8 else planes, depth)
    found = plane(wand(picture, 40, 40, WandSettings(antialias=False, tolerance=2), cache=cache()))
    assert (found[20:60, 20:60] == FULL).all()
    assert not found[200:240, 200:240].any()


def test_a_wide_profile_is_judged_by_what_it_means() -> None:
    from imagecodecs import cms_profile

    planes = np.full((3, HEIGHT, WIDTH), 30000, np.uint16)
    planes[0, :, 100:] = 36000
    tagged = msgspec.structs.replace(document(planes), icc=bytes(cms_profile("adobergb")))
    far = colour_at(tagged, 200, 5, cache=cache())
    plain = colour_at(document(planes), 200, 5, cache=cache())
    assert far is not None
    assert plain is not None
    assert far[1] > plain[1] + 2  # a stronger red in Adobe RGB


def test_a_click_outside_is_told() -> None:
    with pytest.raises(ValueError, match="inside the picture"):
        wand(PICTURE, -1, 5, WandSettings(), cache=cache())


def test_the_wand_can_be_given_up() -> None:
    asked = threading.Event()

    def cancelled() -> bool:
        asked.set()
        return True

    with pytest.raises(Cancelled):
        wand(PICTURE, 5, 5, WandSettings(), cache=cache(), cancelled=cancelled)
    assert asked.is_set()


# -- ranges


def test_a_colour_range_fades_beyond_its_tolerance() -> None:
    planes = smooth()
    wanted = tuple(tuple(lab(planes)[:, y, x].tolist()) for x, y in ((40, 40), (150, 100)))
    found = plane(colour_range(PICTURE, ColourRange(8.0, 16.0, wanted), cache=cache())) / FULL
    nearest = np.minimum(distances(planes, 40, 40), distances(planes, 150, 100))
    assert np.abs(found - np.clip(1 - (nearest - 8) / 16, 0, 1)).max() < 1e-4
    hard = plane(colour_range(PICTURE, ColourRange(8.0, 0.0, wanted), cache=cache()))
    certain = np.abs(nearest - 8) > 1e-3
    assert np.array_equal(hard[certain], np.where(nearest <= 8, FULL, 0)[certain])


@pytest.mark.parametrize(
    "settings",
    [
        LuminosityRange(),
        LuminosityRange("darks", 3),
        LuminosityRange("midtones", 2),
        LuminosityRange("range", range=Range(30, 90, 120, 200)),
    ],
)
def test_luminosity_is_what_a_luminosity_mask_above_the_picture_shows(settings: LuminosityRange) -> None:
    found = plane(luminosity(PICTURE, settings, cache=cache()))
    mask = LuminosityMask(kind=settings.kind, power=settings.power, range=settings.range)
    above = FillLayer(key="fill", name="Fill", mask=LayerMask(components=(mask,)))
    layered = msgspec.structs.replace(PICTURE, layers=(*PICTURE.layers, above))
    expected = render(mask_picture(layered, "fill", 0))[0].astype(np.int64)
    assert np.abs(found - expected).max() <= 2
    luma = np.array([0.3, 0.59, 0.11]) @ smooth().reshape(3, -1) / FULL
    weight = {
        "lights": luma,
        "darks": (1 - luma) ** 3,
        "midtones": (4 * luma * (1 - luma)) ** 2,
        "range": np.interp(luma * 255, [30, 90, 120, 200], [0, 1, 1, 0]),
    }[settings.kind]
    assert np.abs(found.ravel() / FULL - weight).max() < 1e-4


# -- layers and masks


def test_transparency_of_each_kind_of_layer() -> None:
    paint = PaintLayer(
        key="paint", name="Paint", tiles=Tiles.from_array(samples((4, HEIGHT, WIDTH), seed=2), (0, 0, 0, 0)),
        opacity=0.3, visible=False, filters=smart(Invert()),
        mask=LayerMask(painted=RasterMask(Tiles(WIDTH, HEIGHT))),
    )  # fmt: skip
    group = GroupLayer(key="group", name="Group", layers=(paint,))
    placed = PixelLayer(key="placed", name="Placed", source="picture", x_px=100, y_px=-30)
    layered = msgspec.structs.replace(PICTURE, layers=(*PICTURE.layers, group, placed))
    alpha = paint.tiles.to_array()[3]
    assert np.array_equal(plane(transparency(layered, "paint", cache=cache())), alpha)
    expected = np.zeros((HEIGHT, WIDTH), np.int64)
    expected[: HEIGHT - 30, 100:] = FULL
    assert np.array_equal(plane(transparency(layered, "placed", cache=cache())), expected)
    assert (plane(transparency(layered, "base", cache=cache())) == FULL).all()


def masked(mask: RasterMask, depth: Depth = 16) -> Document:
    planes = smooth() if depth == 16 else (smooth() // 257).astype(np.uint8)
    base = PixelLayer(key="base", name="Base", source="picture", mask=LayerMask(painted=mask))
    return replace_layer(document(planes, depth), "base", base)


def test_a_mask_becomes_the_selection_and_back() -> None:
    tiles = Tiles.from_array(samples((1, HEIGHT, WIDTH), seed=4))
    loaded = layer_mask(masked(RasterMask(tiles)), "base", cache=cache())
    assert loaded is tiles
    assert as_mask(loaded, PICTURE) is tiles
    eight = Tiles.from_array(samples((1, HEIGHT, WIDTH), "uint8", seed=4))
    small = masked(RasterMask(eight), 8)
    loaded = layer_mask(small, "base", cache=cache())
    assert np.array_equal(plane(loaded), eight.to_array()[0].astype(int) * 257)
    assert np.array_equal(as_mask(loaded, small).to_array(), eight.to_array())
    assert as_mask(None, PICTURE).background == (FULL,)
    assert as_mask(None, small).background == (255,)


def test_a_mask_is_loaded_as_it_works() -> None:
    tiles = from_plane(np.full((50, 60), FULL, np.uint16), (WIDTH, HEIGHT), 20, 30)
    mask = RasterMask(tiles, inverted=True, density=0.8, feather_px=3)
    found = plane(layer_mask(masked(mask), "base", cache=cache()))
    expected = render(mask_picture(masked(mask), "base"))[0].astype(np.int64)
    assert np.abs(found - expected).max() <= 1
    with pytest.raises(ValueError, match="Base has no painted mask"):
        layer_mask(PICTURE, "base", cache=cache())


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_masks_change_their_dtype_and_keep_their_scale(dtype) -> None:
    tiles = masks.gradient(masks.black(WIDTH, HEIGHT, dtype), (20, 0), (280, 0))
    found = from_tiles(tiles)
    top = {"uint8": 255, "uint16": FULL, "float32": 1}[dtype]
    assert np.abs(plane(found) / FULL - tiles.to_array()[0] / top).max() < 1 / FULL
    assert found.background == (FULL,)


# -- masks within a selection


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_a_mask_changes_as_far_as_it_is_selected(dtype) -> None:
    before = masks.gradient(masks.white(WIDTH, HEIGHT, dtype), (0, 0), (WIDTH, 0))
    after = masks.invert(before)
    selected = samples((1, 200, 280), seed=6)
    selected[:, :100] = 0
    selection = Tiles(WIDTH, HEIGHT).written(10, 40, selected)
    found = masks.within(before, after, selection).to_array()
    weight = selection.to_array() / FULL
    exact = before.to_array() + (after.to_array().astype(float) - before.to_array()) * weight
    assert np.abs(found - exact).max() <= (1e-6 if dtype == "float32" else 0.51)
    assert np.array_equal(found[weight == 0], before.to_array()[weight == 0])
    assert np.array_equal(found[weight == 1], after.to_array()[weight == 1])


def test_the_whole_and_nothing_of_a_mask() -> None:
    before = masks.gradient(masks.white(WIDTH, HEIGHT), (0, 0), (WIDTH, 0))
    after = masks.fill(before, 1)
    assert masks.within(before, after, None) is after
    assert np.array_equal(
        masks.within(before, after, everything((WIDTH, HEIGHT))).to_array(), after.to_array()
    )
    kept = masks.within(before, after, Tiles(WIDTH, HEIGHT))
    assert kept.tiles == before.tiles
    assert colour_selection.from_tiles(before) is before
