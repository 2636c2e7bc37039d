"""Transformed pixel layers against an independent reference, and what must be exact."""

import math

import msgspec
import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from retexture.document.document import Document, Source
from retexture.document.layers import FillLayer, PixelLayer, RasterMask, SmartFilter, smart
from retexture.document.pixels import Pixels, Tiles
from retexture.document.transform import FLAT_MESH, Placement, Transform, apply, warped
from retexture.filters.gaussian_blur import GaussianBlur
from retexture.filters.invert import Invert
from retexture.render.cache import Cache
from retexture.render.region import Region
from retexture.render.render import flatten, is_opaque, render

WIDTH, HEIGHT = 300, 220


def smooth(height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    """Return (3, h, w) float64 0-1 of waves of 40 pixels and more."""
    y, x = np.mgrid[0:height, 0:width]
    waves = (0.5 + 0.2 * np.sin(x / 7 + k) + 0.2 * np.cos(y / 9 - k) for k in range(3))
    return np.stack(list(waves))


def noise(height: int = HEIGHT, width: int = WIDTH, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 65536, (3, height, width), np.uint16)


def document(pixels: np.ndarray, transform: Transform = Transform(), **more: object) -> Document:  # noqa: B008
    if pixels.dtype == np.float64:
        pixels = np.rint(pixels * 65535).astype(np.uint16)
    alpha = more.pop("alpha", None)
    place = {axis: more.pop(axis, 0) for axis in ("x_px", "y_px")}
    layer = PixelLayer(key="a", name="A", source="s", transform=transform, **place, **more)
    source = Source("s", "S", Pixels(pixels), None if alpha is None else Pixels(alpha))
    return Document(width_px=WIDTH, height_px=HEIGHT, layers=(layer,), sources=(source,))


def drawn(pixels: np.ndarray, transform: Transform, level: int = 0, **more: object) -> np.ndarray:
    """Return (4, h, w) float 0-1."""
    return render(document(pixels, transform, **more), level=level, form="float")


def reference(pixels: np.ndarray, transform: Transform) -> tuple[np.ndarray, np.ndarray]:
    """Return the quintic spline of a picture at each pixel's place, and where it lies well inside the picture."""
    _, height, width = pixels.shape
    inverse = np.linalg.inv(Placement(transform, width, height).matrix)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH] + 0.5
    at = apply(inverse, np.stack([x.ravel(), y.ravel()], 1)).reshape(HEIGHT, WIDTH, 2)
    places = np.stack([at[..., 1], at[..., 0]]) - 0.5
    inside = (at > 6).all(-1) & (at[..., 0] < width - 6) & (at[..., 1] < height - 6)
    return np.stack([map_coordinates(p, places, order=5, mode="nearest") for p in pixels]), inside


TRANSFORMS = {
    "a part of a pixel": Transform(x_px=0.3, y_px=-12.75),
    "larger": Transform(scale_x=2.5, scale_y=1.5),
    "turned": Transform(angle_deg=23),
    "turned and mirrored": Transform(angle_deg=-71, flip_x=True, scale_x=0.9, scale_y=1.2),
    "in perspective": Transform(top_left_x_px=60, top_right_x_px=-40, bottom_left_y_px=-20),
}


@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_smooth_picture_is_where_the_transform_puts_it(name: str) -> None:
    transform = TRANSFORMS[name]
    found = drawn(smooth(), transform)
    wanted, inside = reference(smooth(), transform)
    assert inside.sum() > 10_000
    error = np.abs(found[:3] - wanted)[:, inside]
    assert error.max() < 0.006
    assert np.percentile(error, 99) < 0.004
    assert (found[3][inside] == 1).all()


def test_a_smaller_picture_is_the_mean_of_what_its_pixels_cover() -> None:
    big = noise(4 * HEIGHT, 4 * WIDTH)
    found = drawn(big, Transform(scale_x=0.25, scale_y=0.25), x_px=-WIDTH * 3 // 2, y_px=-HEIGHT * 3 // 2)
    wanted = big.reshape(3, HEIGHT, 4, WIDTH, 4).mean((2, 4)) / 65535
    assert np.abs(found[:3] - wanted).max() < 1e-4


@pytest.mark.parametrize("scale", [0.7, 0.5, 0.35, 0.12, 0.05])
@pytest.mark.parametrize("angle", [0, 30])
def test_fine_stripes_turn_grey_when_they_get_smaller(scale: float, angle: float) -> None:
    stripes = np.zeros((3, 1200, 1600))
    stripes[:, :, ::2] = 1
    found = drawn(stripes, Transform(scale_x=scale, scale_y=scale, angle_deg=angle), x_px=-650, y_px=-490)
    inside = found[3] == 1
    assert inside.sum() > 2000
    # Cubic convolution alone swings by 0.5.
    assert np.abs(found[:3, inside] - 0.5).max() < 0.2


def test_perspective_reads_the_far_side_from_a_reduced_copy() -> None:
    stripes = np.zeros((3, 1200, 1600))
    stripes[:, :, ::2] = 1
    far = Transform(scale_x=0.18, scale_y=0.18, top_left_x_px=700, top_right_x_px=-700)
    found = drawn(stripes, far, x_px=-650, y_px=-490)
    assert np.abs(found[:3, found[3] == 1] - 0.5).max() < 0.2


def test_the_identity_is_exact() -> None:
    pixels = noise()
    assert np.array_equal(flatten(document(pixels))[0], pixels)
    assert is_opaque(document(pixels))
    assert flatten(document(pixels))[1] is None


def test_a_whole_shift_is_exact() -> None:
    pixels = noise()
    for shifted in (document(pixels, Transform(x_px=17, y_px=-30)), document(pixels, x_px=17, y_px=-30)):
        colour, alpha = flatten(shifted)
        assert np.array_equal(colour[:, :-30, 17:], pixels[:, 30:, :-17])
        assert alpha is not None
        assert (alpha[:-30, 17:] == 65535).all()
        assert not alpha[-30:].any()
        assert not alpha[:, :17].any()


@pytest.mark.parametrize("flip_x", [False, True])
@pytest.mark.parametrize("flip_y", [False, True])
@pytest.mark.parametrize("angle", [0, 90, 180, -90, 360])
@pytest.mark.parametrize("size", [(64, 64), (80, 46), (81, 47)])
def test_right_angles_and_mirrors_are_exact(
    flip_x: bool, flip_y: bool, angle: int, size: tuple[int, int]
) -> None:
    width, height = size
    pixels = noise(height, width)
    odd = (width + height) % 2 and angle % 180
    assert not odd, "sizes that lie on whole pixels either way"
    transform = Transform(flip_x=flip_x, flip_y=flip_y, angle_deg=angle)
    colour, alpha = flatten(document(pixels, transform, x_px=40, y_px=50))
    wanted = pixels[:, :, ::-1] if flip_x else pixels
    wanted = wanted[:, ::-1] if flip_y else wanted
    wanted = np.rot90(wanted, -(angle // 90), (1, 2))  # clockwise
    _, tall, wide = wanted.shape
    x, y = 40 + (width - wide) // 2, 50 + (height - tall) // 2
    assert np.array_equal(colour[:, y : y + tall, x : x + wide], wanted)
    assert alpha is not None
    assert int((alpha > 0).sum()) == width * height


def test_a_flip_reads_alpha_too() -> None:
    alpha = noise()[0]
    found = render(document(noise(seed=2), Transform(flip_x=True), alpha=alpha))
    assert np.array_equal(found[3], alpha[:, ::-1])


@pytest.mark.parametrize("name", [*TRANSFORMS, "smaller", "warped"])
@pytest.mark.parametrize("level", [0, 1, 2])
def test_a_region_equals_that_part_of_the_whole(name: str, level: int) -> None:
    more = {
        "smaller": Transform(scale_x=0.31, scale_y=0.6, angle_deg=10),
        "warped": Transform(warp=bent(), angle_deg=5),
    }
    transform = (TRANSFORMS | more)[name]
    whole_document = msgspec.structs.replace(document(noise(), transform), width_px=1100, height_px=700)
    layers = (msgspec.structs.replace(whole_document.layers[0], x_px=380, y_px=230),)
    whole_document = msgspec.structs.replace(whole_document, layers=layers)
    whole = render(whole_document, level=level)
    for region in (Region(101, 60, 97, 83), Region(130, 85, 20, 5)):
        region = Region(region.x * 4 >> level, region.y * 4 >> level, region.width, region.height)
        rows, columns = region.slices(Region(0, 0, 0, 0))
        part = render(whole_document, region, level)
        assert part.any()
        assert np.array_equal(part, whole[:, rows, columns])


@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_preview_level_looks_like_the_halved_picture(name: str) -> None:
    exact, preview = (drawn(smooth(), TRANSFORMS[name], level) for level in (0, 1))
    premultiplied = [np.concatenate([p[:3] * p[3:], p[3:]]) for p in (exact, preview)]
    halved = premultiplied[0].reshape(4, HEIGHT // 2, 2, WIDTH // 2, 2).mean((2, 4))
    error = np.abs(premultiplied[1] - halved)
    assert np.percentile(error, 98) < 0.01
    assert error.max() < 0.3  # at the edge, where coverage is estimated


def test_edges_are_antialiased_and_keep_their_colour() -> None:
    flat = np.full((3, 101, 101), 0.8)
    found = drawn(flat, Transform(angle_deg=30), x_px=100, y_px=60)
    assert set(np.unique(found[3][:, 150])) - {0.0, 1.0}
    # The coverage is the square's area, and no edge takes on the colour of what is outside.
    assert found[3].sum() == pytest.approx(101 * 101, rel=0.002)
    assert np.abs(found[:3, found[3] > 0] - 0.8).max() < 1e-3


def test_transparent_pixels_bring_no_colour_in() -> None:
    alpha = np.zeros((HEIGHT, WIDTH), np.uint16)
    alpha[60:160, 80:220] = 65535
    pixels = np.where(alpha > 0, 0.75, 0.0) * np.ones((3, 1, 1))
    for scale in (0.4, 1.7):
        found = drawn(pixels, Transform(angle_deg=17, scale_x=scale, scale_y=scale), alpha=alpha)
        seen = found[3] > 0.05
        assert np.abs(found[:3, seen] - 0.75).max() < 0.01
        assert found[3].sum() == pytest.approx(100 * 140 * scale * scale, rel=0.01)


def bent() -> tuple[tuple[float, float], ...]:
    """Return a mesh that is bent, and folds nowhere."""
    mesh = list(FLAT_MESH)
    mesh[5], mesh[6], mesh[0], mesh[11] = (30.0, -25.0), (-20.0, 18.0), (15.0, 10.0), (25.0, 5.0)
    return tuple(mesh)


def test_a_flat_warp_changes_nothing_to_see() -> None:
    found = drawn(smooth(), Transform(warp=FLAT_MESH))
    assert np.abs(found[:3] - smooth())[:, 1:-1, 1:-1].max() < 2e-4


def test_a_warp_takes_points_where_its_patch_says() -> None:
    mesh = bent()
    found = drawn(smooth(), Transform(warp=mesh))
    y, x = np.mgrid[10 : HEIGHT - 10 : 9, 10 : WIDTH - 10 : 9]
    places = np.stack([x.ravel() + 0.5, y.ravel() + 0.5], 1)
    moved = warped(mesh, places, WIDTH, HEIGHT) - 0.5
    inside = (moved > 4).all(1) & (moved[:, 0] < WIDTH - 5) & (moved[:, 1] < HEIGHT - 5)
    at = moved[inside][:, ::-1].T
    for plane, wanted in zip(found, smooth(), strict=False):
        read = map_coordinates(plane.astype(np.float64), at, order=3)
        assert np.abs(read - wanted[y, x].ravel()[inside]).max() < 0.01
    assert (map_coordinates(found[3], at, order=1) == 1).all()


def test_the_smallest_and_the_largest_scale_are_drawn() -> None:
    tiny = drawn(smooth(), Transform(scale_x=0.001, scale_y=0.001))
    assert 0 < tiny[3].sum() < 1
    mixed = drawn(smooth(), Transform(scale_x=0.001, scale_y=1))
    assert 0 < mixed[3].sum() == pytest.approx(0.3 * HEIGHT, rel=0.05)
    huge = drawn(smooth(), Transform(scale_x=100, scale_y=100))
    assert (huge[3] == 1).all()


def test_what_lies_outside_the_canvas_is_nothing() -> None:
    found = drawn(smooth(), Transform(x_px=5000.5))
    assert not found[3].any()


def test_corners_that_cross_are_refused() -> None:
    with pytest.raises(ValueError, match="must not cross"):
        Placement(Transform(top_left_x_px=900), WIDTH, HEIGHT).matrix  # noqa: B018


@pytest.mark.parametrize(("depth", "dtype"), [(8, np.uint8), (16, np.uint16), (32, np.float32)])
def test_every_depth_and_grey_is_transformed(depth: int, dtype: type) -> None:
    white = 1 if dtype is np.float32 else np.iinfo(dtype).max
    pixels = (smooth()[:1] * white).astype(dtype)
    found = msgspec.structs.replace(document(pixels, TRANSFORMS["turned"]), depth=depth, mode="grey")
    planes = render(found, form="float")
    wanted, inside = reference(smooth()[:1], TRANSFORMS["turned"])
    assert np.abs(planes[0] - wanted[0])[inside].max() < 0.01
    assert np.array_equal(planes[0], planes[1])
    if depth == 8:
        assert np.allclose(np.rint(planes[0] * 255) / 255, planes[0], atol=1e-6)


def test_moving_one_is_another_picture_to_the_cache() -> None:
    cache = Cache(1 << 28)
    shown = [
        render(document(noise(), Transform(angle_deg=angle)), cache=cache) for angle in (10.0, 11.0, 10.0)
    ]
    assert not np.array_equal(shown[0], shown[1])
    assert np.array_equal(shown[0], shown[2])


@pytest.mark.parametrize("name", [*TRANSFORMS, "warped", "moved"])
@pytest.mark.parametrize("level", [0, 1, 2])
def test_a_draft_is_near_and_leaves_no_trace(name: str, level: int) -> None:
    transform = (TRANSFORMS | {"warped": Transform(warp=bent()), "moved": Transform(x_px=24, y_px=-36)})[name]
    cache = Cache(1 << 28)
    drafted = render(
        document(smooth(), transform), level=level, form="float", cache=cache, direct=True, draft=True
    )
    exact = render(document(smooth(), transform), level=level, form="float")
    error = np.abs(drafted * drafted[3] - exact * exact[3])
    assert np.percentile(error, 95) < 0.04
    assert np.percentile(error, 50) < 0.005
    after = render(document(smooth(), transform), level=level, form="float", cache=cache)
    assert np.array_equal(after, exact)


def test_a_filter_works_on_the_transformed_pixels() -> None:
    turned = Transform(angle_deg=45, scale_x=1.2, scale_y=1.2)
    plain, inverted = (drawn(smooth(), turned, filters=f) for f in ((), smart(Invert())))
    seen = plain[3] > 0
    assert np.abs(plain[:3, seen] + inverted[:3, seen] - 1).max() < 1e-3


# -- masks of filters


def masked(mask: RasterMask, *more: SmartFilter) -> np.ndarray:
    item = SmartFilter(Invert(), "invert", mask=mask)
    return render(document(noise(), filters=(item, *more)), form="float")


def test_a_filter_works_where_its_mask_is_white() -> None:
    weights = np.linspace(0, 65535, WIDTH).astype(np.uint16)[None, None].repeat(HEIGHT, 1)
    found = masked(RasterMask(Tiles.from_array(weights)))
    before, after = (render(document(noise(), filters=f), form="float") for f in ((), smart(Invert())))
    w = weights[0] / 65535
    wanted = before[:3] * (1 - w) + after[:3] * w
    assert np.abs(found[:3] - wanted).max() < 1e-5
    assert np.array_equal(found[:3, :, 0], before[:3, :, 0])


def test_the_switches_of_a_filters_mask() -> None:
    black = RasterMask(Tiles(WIDTH, HEIGHT))
    before, after = (render(document(noise(), filters=f), form="float") for f in ((), smart(Invert())))
    assert np.array_equal(masked(black), before)
    assert np.allclose(masked(msgspec.structs.replace(black, enabled=False)), after, atol=1e-6)
    assert np.allclose(masked(msgspec.structs.replace(black, inverted=True)), after, atol=1e-6)
    half = masked(msgspec.structs.replace(black, density=0.5))
    assert np.abs(half - (before + after) / 2).max() < 1e-5


def test_a_filter_after_a_masked_one_sees_the_mixture() -> None:
    blur = SmartFilter(GaussianBlur(radius_px=3), "gaussian_blur")
    found = masked(RasterMask(Tiles(WIDTH, HEIGHT)), blur)
    plain = render(document(noise(), filters=(blur,)), form="float")
    assert np.abs(found - plain).max() < 1e-6


def test_a_masked_blur_of_a_see_through_layer_is_mixed_premultiplied() -> None:
    blur = SmartFilter(
        GaussianBlur(radius_px=4), "blur", mask=RasterMask(Tiles(WIDTH, HEIGHT, background=(32768,)))
    )
    flat = np.full((3, 60, 60), 0.8)
    found = render(document(flat, filters=(blur,), x_px=50, y_px=50), form="float")
    assert np.abs(found[:3, found[3] > 0.01] - 0.8).max() < 1e-3


def test_a_transformed_layer_over_another_is_composed() -> None:
    turned = document(smooth(), Transform(angle_deg=45))
    over = msgspec.structs.replace(
        turned, layers=(FillLayer(key="f", name="F", colour=(0, 0, 0)), *turned.layers)
    )
    found = render(over, form="float")
    alone = render(turned, form="float")
    assert np.abs(found[:3] - alone[:3] * alone[3]).max() < 1e-3
    assert math.isclose(float(found[3].min()), 1)
