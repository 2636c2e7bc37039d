"""What compose promises, computed by hand or in exact float64; for every engine that is built."""

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from retexture.engine import reference
from retexture.engine.modes import FILL_MODES, BlendMode
from retexture.engine.noise import uniform
from retexture.engine.program import FULL_RANGE, LayerOp, LuminosityOp

Compose = Callable[..., None]


@pytest.fixture(params=["numpy", "compiled"])
def compose(request: pytest.FixtureRequest) -> Any:
    if request.param == "numpy":
        return reference.compose
    try:
        return importlib.import_module("retexture.engine._kernel").compose
    except ImportError:
        pytest.skip("the kernel is not built")


def plane(*values, dtype=np.float32):
    """One row of samples."""
    return np.array([values], dtype)


def grey(*values, dtype=np.float32, **rest) -> LayerOp:
    one = plane(*values, dtype=dtype)
    return LayerOp((one, one, one), **rest)


def colour(r, g, b, **rest) -> LayerOp:
    return LayerOp((plane(r), plane(g), plane(b)), **rest)


def picture(compose, *ops, dtype=np.float32, **how):
    """Compose into four planes of the layers' size."""
    out = np.zeros((4, *ops[0].planes[0].shape), dtype)
    compose(out, ops, **how)
    return out


def first(compose, *ops, **how):
    """Return the grey value of each pixel."""
    return picture(compose, *ops, **how)[0, 0].tolist()


# --- coverage -------------------------------------------------------------------------------------------


def test_nothing_is_transparent_black(compose):
    out = np.ones((4, 2, 3), np.float32)
    compose(out, [])
    assert not out.any()


def test_opacity_mixes_after_the_clip_and_fill_before(compose):
    """Linear Light of 0.9 on 0.8: 1.6 clipped to 1. Half of it afterwards: 0.9; before: 0.8 + 0.4, clipped."""
    base = grey(0.8)
    assert first(compose, base, grey(0.9, mode=BlendMode.LINEAR_LIGHT, opacity=0.5)) == pytest.approx([0.9])
    assert first(compose, base, grey(0.9, mode=BlendMode.LINEAR_LIGHT, fill=0.5)) == pytest.approx([1.0])
    both = grey(0.9, mode=BlendMode.LINEAR_LIGHT, fill=0.125, opacity=0.5)
    assert first(compose, base, both) == pytest.approx([0.8 + 0.5 * 0.125 * 0.8])


@pytest.mark.parametrize(
    "mode", sorted(set(BlendMode) - FILL_MODES - {BlendMode.PASS_THROUGH, BlendMode.DISSOLVE})
)
def test_fill_is_opacity_in_the_other_modes(compose, mode):
    values = np.linspace(0.05, 0.95, 7)
    base, top = grey(*values), grey(*values[::-1], mode=mode)
    alone = first(compose, base, top._replace(fill=0.4))
    assert alone == pytest.approx(first(compose, base, top._replace(opacity=0.4)), abs=1e-6)
    assert first(compose, base, top._replace(fill=0.5, opacity=0.8)) == pytest.approx(alone, abs=1e-6)


def test_alpha_and_masks_multiply(compose):
    top = LayerOp(
        (plane(1.0, 1.0), plane(1.0, 1.0), plane(1.0, 1.0)),
        alpha=plane(128, 255, dtype=np.uint8),
        masks=(plane(65535, 32768, dtype=np.uint16), plane(0.5, 0.25)),
        opacity=0.5,
    )
    expected = [128 / 255 * 0.5 * 0.5, 32768 / 65535 * 0.25 * 0.5]
    assert first(compose, grey(0.0, 0.0), top) == pytest.approx(expected, abs=1e-6)


def test_a_black_mask_leaves_the_picture_to_the_bit(compose):
    rng = np.random.default_rng(1)
    red, green, blue = rng.random((3, 5, 700), np.float32)
    base = LayerOp((red, green, blue))
    top = base._replace(masks=(np.zeros((5, 700), np.uint8),), mode=BlendMode.SCREEN)
    assert np.array_equal(picture(compose, base, top), picture(compose, base))


def test_alpha_over_alpha_is_exact(compose):
    """Against the W3C's source-over with blending, in float64: cs' = (1 - ab) cs + ab B(cb, cs), co = ..."""
    rng = np.random.default_rng(2)
    under, over = rng.random((4, 8, 300)), rng.random((4, 8, 300))
    under[3, :2], over[3, 2:4], under[3, 4:6], over[3, 6:] = 0, 0, 1, 1
    ab, a_s = under[3], over[3]
    covered = ab + a_s * (1 - ab)
    for mode, blended in [
        (BlendMode.NORMAL, over[:3]),
        (BlendMode.MULTIPLY, under[:3] * over[:3]),
        (BlendMode.SCREEN, under[:3] + over[:3] - under[:3] * over[:3]),
    ]:
        top = LayerOp(tuple(over[:3].astype(np.float32)), alpha=over[3].astype(np.float32), mode=mode)
        got = picture(compose, top, backdrop=under.astype(np.float32))
        mixed = (1 - a_s) * ab * under[:3] + a_s * (1 - ab) * over[:3] + a_s * ab * blended
        expected = np.divide(mixed, covered, out=np.zeros_like(mixed), where=covered > 0)
        assert np.abs(got[3] - covered).max() < 1e-6
        error = np.abs(got[:3] - expected)
        assert error.max() < 2e-6
        assert np.percentile(error, 99) < 5e-7


def test_fill_of_nothing_shows_nothing_over_nothing(compose):
    for mode in FILL_MODES:
        assert not picture(compose, grey(0.7, mode=mode, fill=0.0)).any()
    # Half there: over nothing the eight modes cover by fill, like any other.
    out = picture(compose, grey(0.7, mode=BlendMode.LINEAR_LIGHT, fill=0.5))
    assert out[:, 0, 0].tolist() == pytest.approx([0.7, 0.7, 0.7, 0.5])


def test_atop_keeps_the_coverage_beneath(compose):
    backdrop = np.array([0.2, 0.2, 0.2, 0.5], np.float32)[:, None, None]
    out = picture(compose, grey(1.0, atop=True, opacity=0.5), backdrop=backdrop)
    assert out[:, 0, 0].tolist() == pytest.approx([0.6, 0.6, 0.6, 0.5])
    out = picture(compose, grey(1.0, opacity=0.5), backdrop=backdrop)
    assert out[3, 0, 0] == pytest.approx(0.75)


# --- Blend-If -------------------------------------------------------------------------------------------

SPLIT = (40.0, 80.0, 160.0, 200.0)
WEIGHTS = {20: 0, 40: 0, 48: 0.2, 64: 0.6, 80: 1, 120: 1, 160: 1, 168: 0.8, 184: 0.4, 200: 0, 240: 0}
UNSPLIT = (60.0, 60.0, 160.0, 160.0)
INSIDE = {0: 0, 59: 0, 60: 1, 100: 1, 160: 1, 161: 0, 255: 0}


def sliders(which, ends):
    """Sliders of Gray, R, G, B of which one is set."""
    return tuple(ends if i == which else FULL_RANGE for i in range(4))


@pytest.mark.parametrize("depth", [8, 16, 32])
@pytest.mark.parametrize(("ends", "weights"), [(SPLIT, WEIGHTS), (UNSPLIT, INSIDE)], ids=["split", "unsplit"])
@pytest.mark.parametrize("which", range(4), ids=["gray", "red", "green", "blue"])
class TestBlendIf:
    """The slider of one channel at a time. That channel has the values of the table, the others 100."""

    def gated(self, which, weights, dtype):
        values = np.array([list(weights)], np.int64) * {"uint8": 1, "uint16": 257}[np.dtype(dtype).name]
        other = np.full_like(values, 100 * values.max() // max(weights))
        planes = [values if which in (0, c + 1) else other for c in range(3)]
        return tuple(p.astype(dtype) for p in planes)

    def test_this_layer(self, compose, which, ends, weights, depth):
        dtype = np.uint8 if depth == 8 else np.uint16
        layer = LayerOp(self.gated(which, weights, dtype), this_layer=sliders(which, ends))
        black = LayerOp((np.zeros_like(layer.planes[0]),) * 3)
        got = picture(compose, black, layer, depth=depth)[0, 0]
        shown = layer.planes[0][0] / (255 if depth == 8 else 65535)
        expected = shown * list(weights.values())
        if depth == 8:
            expected = np.floor(expected * 255 + 0.5) / 255
        assert got.tolist() == pytest.approx(expected.tolist(), abs=1e-6)

    def test_underlying(self, compose, which, ends, weights, depth):
        dtype = np.uint8 if depth == 8 else np.uint16
        base = LayerOp(self.gated(which, weights, dtype))
        white = LayerOp(
            (np.full_like(base.planes[0], np.iinfo(dtype).max),) * 3, underlying=sliders(which, ends)
        )
        got = picture(compose, base, white, depth=depth)[0, 0]
        under = base.planes[0][0] / (255 if depth == 8 else 65535)
        expected = under + (1 - under) * list(weights.values())
        if depth == 8:
            expected = np.floor(expected * 255 + 0.5) / 255
        assert got.tolist() == pytest.approx(expected.tolist(), abs=1e-6)


def test_gray_is_weighted_luma(compose):
    """Pure red, green and blue are 76.5, 150.45 and 28.05 in Gray: a ramp from 0 to 255 shows the weights."""
    ramp = (0.0, 255.0, 255.0, 255.0)
    for rgb, weight in [((1, 0, 0), 0.30), ((0, 1, 0), 0.59), ((0, 0, 1), 0.11), ((1, 1, 0), 0.89)]:
        out = picture(compose, colour(0, 0, 0), colour(*rgb, this_layer=sliders(0, ramp)))[:3, 0, 0]
        assert out.tolist() == pytest.approx([weight * c for c in rgb], abs=1e-6)


def test_sliders_of_all_channels_and_both_sides_multiply(compose):
    ends = (0.0, 255.0, 255.0, 255.0)
    both = colour(
        0.8,
        0.5,
        0.2,
        this_layer=(FULL_RANGE, ends, ends, FULL_RANGE),
        underlying=(ends, FULL_RANGE, FULL_RANGE, ends),
    )
    weight = 0.8 * 0.5 * (0.30 * 0.5 + 0.59 * 0.6 + 0.11 * 0.9) * 0.9
    out = picture(compose, colour(0.5, 0.6, 0.9), both)[:3, 0, 0]
    expected = [b + (s - b) * weight for b, s in [(0.5, 0.8), (0.6, 0.5), (0.9, 0.2)]]
    assert out.tolist() == pytest.approx(expected, abs=1e-6)


def test_full_sliders_do_not_hide_what_is_brighter_than_white(compose):
    top = grey(2.5, this_layer=sliders(0, (0.0, 0.0, 255.0, 255.0)))
    assert first(compose, grey(0.0), top, depth=32) == [2.5]


def test_underlying_counts_as_far_as_there_is_something_beneath(compose):
    """Where half of the backdrop is there, hiding it from the slider hides half of the layer."""
    hidden = grey(1.0, 1.0, 1.0, underlying=sliders(0, (128.0, 128.0, 255.0, 255.0)))
    backdrop = np.zeros((4, 1, 3), np.float32)
    backdrop[3] = [0, 0.5, 1]
    out = picture(compose, hidden, backdrop=backdrop)
    assert out[3, 0].tolist() == pytest.approx([1, 0.75, 1])
    assert out[0, 0].tolist() == pytest.approx([1, (0.5 * 0.5 + 0.25) / 0.75, 0])


# --- luminosity masks -----------------------------------------------------------------------------------


@pytest.mark.parametrize("power", [1, 2, 3])
@pytest.mark.parametrize(
    ("kind", "base"),
    [("lights", lambda v: v), ("darks", lambda v: 1 - v), ("midtones", lambda v: 4 * v * (1 - v))],
)
def test_luminosity_masks(compose, kind, base, power):
    rgb = np.array([0.9, 0.4, 0.1])
    light = float(rgb @ [0.30, 0.59, 0.11])
    for inverted, density in [(False, 1.0), (True, 1.0), (False, 0.6), (True, 0.25)]:
        op = LuminosityOp(kind, power, FULL_RANGE, inverted, density)
        weight = base(light) ** power
        weight = 1 - density * (1 - (1 - weight if inverted else weight))
        out = picture(compose, colour(*rgb), colour(1, 1, 1, luminosity=(op,)))[:3, 0, 0]
        assert out.tolist() == pytest.approx((rgb + (1 - rgb) * weight).tolist(), abs=1e-6)


def test_luminosity_range_has_split_ends_and_masks_multiply(compose):
    values = [v / 255 for v in WEIGHTS]
    band = LuminosityOp("range", 1, SPLIT, inverted=False, density=1.0)
    got = first(compose, grey(*values), grey(*[1.0] * len(values), luminosity=(band,)))
    expected = [v + (1 - v) * w for v, w in zip(values, WEIGHTS.values(), strict=True)]
    assert got == pytest.approx(expected, abs=1e-6)
    lights = LuminosityOp("lights", 1, FULL_RANGE, inverted=False, density=1.0)
    got = first(compose, grey(*values), grey(*[1.0] * len(values), luminosity=(band, lights)))
    expected = [v + (1 - v) * w * v for v, w in zip(values, WEIGHTS.values(), strict=True)]
    assert got == pytest.approx(expected, abs=1e-6)


# --- depth, dissolve, output ----------------------------------------------------------------------------


def test_8_bits_are_quantised_after_every_layer(compose):
    """Ten layers of black at 1 %: from 200, each takes 2 levels off while it stands above 150."""
    stack = [grey(200, dtype=np.uint8), *[grey(0, dtype=np.uint8, opacity=0.01)] * 10]
    assert first(compose, *stack, depth=8, dtype=np.uint8) == [180]
    reals = first(compose, *stack, depth=16)
    assert reals == pytest.approx([200 / 255 * 0.99**10], abs=1e-6)
    assert round(reals[0] * 255) == 181


def test_8_bits_take_16_bit_planes_to_the_nearest_level(compose):
    values = np.array([[0, 128, 129, 257, 32639, 32768, 65535]], np.uint16)
    out = picture(compose, LayerOp((values,) * 3), depth=8, dtype=np.uint8)
    assert out[0, 0].tolist() == [0, 0, 1, 1, 127, 128, 255]


def test_8_bit_alpha_is_quantised(compose):
    out = picture(compose, grey(100, dtype=np.uint8, opacity=0.3), depth=8)
    assert out[3, 0, 0] == pytest.approx(77 / 255)  # 76.5, half up
    assert out[0, 0, 0] == pytest.approx(100 / 255)


@pytest.mark.parametrize("opacity", [0.1, 0.5, 0.9])
def test_dissolve(compose, opacity):
    size = (256, 256)
    top = LayerOp((np.broadcast_to(np.float32(1), size),) * 3, mode=BlendMode.DISSOLVE, opacity=opacity)
    out = np.zeros((4, *size), np.float32)
    compose(out, [top], origin=(30, -7), step=2)
    assert set(np.unique(out[3]).tolist()) == {0.0, 1.0}
    spread = (opacity * (1 - opacity) / out[3].size) ** 0.5
    assert out[3].mean() == pytest.approx(opacity, abs=5 * spread)
    pattern = uniform(30, -7, 256, 256, reference.DISSOLVE_SEED, 2) < np.float32(opacity)
    assert np.array_equal(out[3] == 1, pattern)
    part = np.zeros((4, 40, 50), np.float32)
    compose(
        part, [top._replace(planes=(top.planes[0][:40, :50],) * 3)], origin=(30 + 2 * 9, -7 + 2 * 5), step=2
    )
    assert np.array_equal(part, out[:, 5:45, 9:59])


def test_output_forms(compose):
    """Integers are rounded half up and clipped; BGRA is interleaved; floats go out as they are."""
    top = LayerOp(
        (plane(-0.5, 0.25, 0.5), plane(0.0, 1.0, 1.5), plane(0.1, 0.2, 0.3)), alpha=plane(1.0, 0.5, 1.0)
    )
    floats = picture(compose, top)
    assert floats[:, 0, 2].tolist() == pytest.approx([0.5, 1.5, 0.3, 1.0])
    assert picture(compose, top, dtype=np.uint8)[:, 0].T.tolist() == [
        [0, 0, 26, 255],
        [64, 255, 51, 128],
        [128, 255, 77, 255],
    ]
    assert picture(compose, top, dtype=np.uint16)[:, 0, 1].tolist() == [16384, 65535, 13107, 32768]
    screen = np.zeros((1, 3, 4), np.uint8)
    compose(screen, [top], bgra=True)
    assert screen[0].tolist() == [[26, 0, 0, 255], [51, 255, 64, 128], [77, 255, 128, 255]]
    three = np.zeros((3, 1, 3), np.float32)
    compose(three, [top])
    assert np.array_equal(three, floats[:3])


def test_mix_is_premultiplied():
    """Half of opaque red over nothing is red, half there; not half-dark red."""
    nothing, red = np.zeros((4, 1, 1), np.float32), np.array([1, 0, 0, 1], np.float32)[:, None, None]
    half = np.full((1, 1), 0.5, np.float32)
    assert reference.mix(nothing, red, half)[:, 0, 0].tolist() == [1, 0, 0, 0.5]
    blue = np.array([0, 0, 1, 1], np.float32)[:, None, None]
    assert reference.mix(blue, red, half)[:, 0, 0].tolist() == [0.5, 0, 0.5, 1]
    assert reference.mix(blue, red, half, depth=8)[:, 0, 0].tolist() == pytest.approx(
        [128 / 255, 0, 128 / 255, 1]
    )
