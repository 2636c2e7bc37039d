import math
from collections.abc import Callable
from typing import get_args

import msgspec
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from retexture.engine.blend import EIGHT_BIT, REAL, blend
from retexture.engine.modes import BlendMode
from retexture.filters import Context
from retexture.filters.apply_image import ApplyImage, Blending
from tests.filters.pictures import assert_close, errors, picture

EIGHT_BIT_FORM = ApplyImage(blending="subtract", scale=2, offset=128, invert=False)
SIXTEEN_BIT_FORM = ApplyImage(blending="add", scale=2, offset=0, invert=True)


def all_pairs():
    """Every pair of 8-bit numbers: target down, source across; as whole numbers and as two pictures."""
    t, s = np.mgrid[0:256, 0:256]
    pictures = (np.repeat(p[None].astype(np.float32) / np.float32(255), 3, 0) for p in (t, s))
    return t, s, *pictures


def apply(item, target, source, depth):
    return item.apply(target, Context(depth=depth, other=source))


@pytest.mark.parametrize(("scale", "offset"), [(1, 0), (2, 128), (1.5, -20), (1, 255)])
@pytest.mark.parametrize("invert", [False, True])
@pytest.mark.parametrize("blending", ["add", "subtract"])
def test_add_and_subtract_in_8_bits(blending, invert, scale, offset):
    t, s, target, source = all_pairs()
    item = ApplyImage(blending=blending, scale=scale, offset=offset, invert=invert)
    result = apply(item, target, source, 8)[1] * 255
    used = 255 - s if invert else s
    exact = (t + used if blending == "add" else t - used) / scale + offset
    expected = np.floor(exact.clip(0, 255) + 0.5)
    # A third of a level's noise in the division may fall on the other side of a half only where it is one.
    tie = np.abs(exact - np.floor(exact) - 0.5) < 1e-4 if scale == 1.5 else np.zeros_like(exact, bool)
    assert np.array_equal(np.rint(result)[~tie], expected[~tie])
    assert np.abs(result - np.rint(result)).max() < 1e-4


@pytest.mark.parametrize("blending", ["add", "subtract"])
def test_add_and_subtract_in_16_bits(blending):
    target, source = picture(), picture(seed=4)
    item = ApplyImage(blending=blending, scale=1.25, offset=-13, invert=False)
    sign = 1 if blending == "add" else -1
    expected = (target.astype(np.float64) + sign * source.astype(np.float64)) / 1.25 - 13 / 255
    assert_close(apply(item, target, source, 16), expected.clip(0, 1), worst=1e-6, usual=1e-6)


def separated(item, depth):
    """The original, and what is left of it after a frequency separation laid over the low layer again."""
    domain = EIGHT_BIT if depth == 8 else REAL
    one = np.float32(domain.one)
    original = 0.25 + picture() * np.float32(0.5)
    low = np.stack([gaussian_filter(p, 6, mode="nearest") for p in original])
    original, low = domain.round(original * one), domain.round(low * one)
    high = apply(item, original / one, low / one, depth) * one
    again = domain.clip(domain.round(blend(BlendMode.LINEAR_LIGHT, low, domain.round(high), domain)))
    return original, low, again


def test_separation_of_16_bits_gives_the_original_back():
    original, _, again = separated(SIXTEEN_BIT_FORM, 16)
    assert_close(again, original, worst=5e-7, usual=3e-7)


def test_separation_of_8_bits_is_off_by_one_to_one_side_where_the_difference_is_odd():
    original, low, again = separated(EIGHT_BIT_FORM, 8)
    odd = (original - low) % 2 == 1
    assert np.array_equal(again - original, odd.astype(np.float32))
    assert 0.45 < odd.mean() < 0.55


def test_each_depth_needs_its_own_form():
    original, _, again = separated(EIGHT_BIT_FORM, 16)
    assert again - original == pytest.approx(1 / 255, abs=1e-6)
    original, _, again = separated(SIXTEEN_BIT_FORM, 8)
    assert (again - original).mean() < -0.3


def test_defaults_are_those_of_photoshops_dialog():
    plain = ApplyImage(
        source="merged", channel="rgb", blending="multiply", scale=1, offset=0, invert=False, opacity=1
    )
    assert ApplyImage() == plain
    assert ApplyImage().reads == "merged"
    assert ApplyImage(source="low").reads == "low"


def test_channels():
    target, source = picture(), picture(seed=4)
    plain = ApplyImage(blending="normal", invert=False)
    for i, channel in enumerate(("red", "green", "blue")):
        result = apply(msgspec.structs.replace(plain, channel=channel), target, source, 16)
        assert np.array_equal(result, np.repeat(source[i : i + 1], 3, 0))
    grey = apply(ApplyImage(channel="gray", blending="normal", invert=False), target, source, 16)
    expected = np.tensordot([0.30, 0.59, 0.11], source.astype(np.float64), 1)
    assert_close(grey, np.repeat(expected[None], 3, 0), worst=1e-6, usual=1e-6)
    eight = apply(ApplyImage(channel="gray", blending="normal", invert=False), target, source, 8) * 255
    assert np.abs(eight - np.rint(eight)).max() < 1e-4
    assert errors(grey, source)[0] > 0.1


def test_gray_is_a_whole_number_in_8_bits():
    """Luma of (51, 51, 54) is 51.33, so 51: (100 - 51) / 2 = 24.5, rounded up to 25; 51.33 would give 24."""
    target = np.full((3, 1, 1), 100 / 255, np.float32)
    source = (np.array([51, 51, 54], np.float32) / np.float32(255)).reshape(3, 1, 1)
    item = ApplyImage(channel="gray", blending="subtract", scale=2)
    assert apply(item, target, source, 8).ravel() * 255 == pytest.approx([25] * 3, abs=1e-4)


HAND: dict[str, Callable[[float, float], float]] = {
    "normal": lambda t, s: s,
    "darken": min,
    "lighten": max,
    "multiply": lambda t, s: t * s,
    "screen": lambda t, s: t + s - t * s,
    "difference": lambda t, s: abs(t - s),
    "linear-dodge": lambda t, s: min(t + s, 1),
    "linear-burn": lambda t, s: max(t + s - 1, 0),
    "linear-light": lambda t, s: min(max(t + 2 * s - 1, 0), 1),
    "overlay": lambda t, s: 2 * t * s if t < 0.5 else 1 - 2 * (1 - t) * (1 - s),
    "hard-light": lambda t, s: 2 * t * s if s < 0.5 else 1 - 2 * (1 - t) * (1 - s),
    "exclusion": lambda t, s: t + s - 2 * t * s,
}


@pytest.mark.parametrize("blending", HAND)
def test_blend_modes_take_the_layer_as_backdrop(blending):
    target, source = picture(20, 24), picture(20, 24, seed=4)
    for invert in (False, True):
        result = apply(ApplyImage(blending=blending, invert=invert), target, source, 16)
        used = 1 - source if invert else source
        pairs = zip(target.ravel().tolist(), used.ravel().tolist(), strict=True)
        expected = np.array([HAND[blending](t, s) for t, s in pairs]).reshape(target.shape)
        assert_close(result, expected, worst=1e-6, usual=1e-6)


def test_every_blending_is_a_mode_or_has_scale_and_offset():
    modes = {mode.value for mode in BlendMode}
    assert set(get_args(Blending)) - modes == {"add"}
    assert {"dissolve", "pass-through", "hue"}.isdisjoint(get_args(Blending))


@pytest.mark.parametrize("depth", [8, 16])
def test_opacity_mixes_with_the_layer(depth):
    target, source = picture(), picture(seed=4)
    if depth == 8:
        target, source = (np.rint(p * 255).astype(np.float32) / np.float32(255) for p in (target, source))
    result = apply(ApplyImage(blending="normal", invert=False, opacity=0.3), target, source, depth)
    expected = target + (source.astype(np.float64) - target) * 0.3
    step = 0.5 / 255 if depth == 8 else 0
    assert_close(result, expected, worst=step + 1e-6, usual=step + 1e-6)
    untouched = apply(ApplyImage(opacity=0), target, source, depth)
    assert_close(untouched, target, worst=1e-7, usual=1e-7)


def test_without_a_source_it_says_so():
    with pytest.raises(ValueError, match="low"):
        ApplyImage(source="low").apply(picture(), Context())


def test_worked_example():
    """Target 200, source 150: (200 - 150) / 2 + 128 = 153; laid over 150 in Linear Light 150 + 2 * 153 - 256 = 200."""
    target, source = (np.full((3, 1, 1), v / 255, np.float32) for v in (200, 150))
    high = apply(EIGHT_BIT_FORM, target, source, 8) * 255
    assert high.ravel() == pytest.approx([153] * 3, abs=1e-4)
    assert math.isclose(150 + 2 * round(float(high[0, 0, 0])) - 256, 200)
