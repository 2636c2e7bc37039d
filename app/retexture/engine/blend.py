"""Photoshop's blend modes in plain numpy: the specification, and the oracle of the compiled kernel.

Every formula is written once for both ranges that documents use (`Domain`): integers 0-255 with Photoshop's
rounding in 8-bit documents, and reals 0-1 in 16- and 32-bit ones. The 8-bit forms were fitted on pixels that
Photoshop CC rendered (14,688 samples a mode, exact); the real forms are their limit without rounding. The
non-separable modes are those of the W3C's "Compositing and Blending Level 1", section 10.2, with Photoshop's
luma weights.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retexture.engine.modes import FILL_MODES, BlendMode

F32 = NDArray[np.float32]


LUMA = (0.30, 0.59, 0.11)
"""Photoshop's weights of R, G and B for Gray in Blend-If, for Color/Luminosity and for the "Color" comparisons."""


class Domain(NamedTuple):
    """The numbers that stand for white and for the middle of the range."""

    one: float
    half: float
    """The first value of the upper half; 128 of 255 in 8 bits. Neutral grey of the contrast modes."""
    whole_numbers: bool

    def round(self, x: F32) -> F32:
        """Round half up to whole numbers in 8 bits; the identity on reals."""
        rounded: F32 = np.floor(x + np.float32(0.5)) if self.whole_numbers else x
        return rounded

    def clip(self, x: F32) -> F32:
        """Clip to 0..white."""
        return np.asarray(np.clip(x, np.float32(0), np.float32(self.one)), np.float32)


EIGHT_BIT = Domain(255.0, 128.0, True)
REAL = Domain(1.0, 0.5, False)


def luma(rgb: F32) -> F32:
    """Return 0.30 R + 0.59 G + 0.11 B of planar (3, H, W) float32."""
    weighted: F32 = rgb[0] * np.float32(LUMA[0]) + rgb[1] * np.float32(LUMA[1]) + rgb[2] * np.float32(LUMA[2])
    return weighted


def _divide(a: F32, b: F32) -> F32:
    return np.asarray(a / np.where(b == 0, np.float32(1), b), np.float32)


def _multiply(b: F32, s: F32, d: Domain) -> F32:
    return d.round(b * s / d.one)


def _screen(b: F32, s: F32, d: Domain) -> F32:
    return b + s - d.round(b * s / d.one)


def _burn(b: F32, s: F32, d: Domain) -> F32:
    burned = d.one - np.minimum(d.round(_divide((d.one - b) * d.one, s)), np.float32(d.one))
    return np.where(b >= d.one, np.float32(d.one), np.where(s <= 0, np.float32(0), burned))


def _dodge(b: F32, s: F32, d: Domain) -> F32:
    dodged = np.minimum(d.round(_divide(b * d.one, d.one - s)), np.float32(d.one))
    return np.where(b <= 0, np.float32(0), np.where(s >= d.one, np.float32(d.one), dodged))


def _overlay(b: F32, s: F32, d: Domain) -> F32:
    return np.where(b < d.half, d.round(2 * b * s / d.one), _screen(s, 2 * b - d.one, d))


def _hard_light(b: F32, s: F32, d: Domain) -> F32:
    return np.where(s < d.half, d.round(2 * b * s / d.one), _screen(b, 2 * s - 2 * d.half, d))


def _soft_light(b: F32, s: F32, d: Domain) -> F32:
    x: F32 = b / d.one
    spread = np.asarray(b * (d.one - b) / d.one, np.float32)
    curve: F32 = np.where(x <= 0.25, ((16 * x - 12) * x + 4) * x, np.sqrt(np.maximum(x, np.float32(0))))
    dark = b + (2 * s - d.one) / d.one * d.round(spread)
    light = b + (2 * s - 2 * d.half) / d.one * (d.round(curve * d.one) - b)
    return np.where(s < d.half, dark, light)


def _halves(s: F32, d: Domain) -> tuple[F32, F32]:
    """Stretch the lower and the upper half of the range to the whole range, as Vivid and Pin Light do."""
    return d.round(s * d.one / d.half), d.round((s - d.half) * d.one / (d.one - d.half))


def _vivid_light(b: F32, s: F32, d: Domain) -> F32:
    lower, upper = _halves(s, d)
    inner = np.where(s < d.half, _burn(b, lower, d), _dodge(b, upper, d))
    return np.where(s <= 0, np.float32(0), np.where(s >= d.one, np.float32(d.one), inner))


def _pin_light(b: F32, s: F32, d: Domain) -> F32:
    lower, upper = _halves(s, d)
    return np.where(s < d.half, np.minimum(b, lower), np.maximum(b, upper))


def _hard_mix(b: F32, s: F32, d: Domain) -> F32:
    total = b + s
    return np.where((total > d.one) | ((total == d.one) & (b >= d.half)), np.float32(d.one), np.float32(0))


def _divide_mode(b: F32, s: F32, d: Domain) -> F32:
    by_zero = np.where(b <= 0, np.float32(0), np.float32(d.one))
    return np.where(s <= 0, by_zero, np.minimum(d.round(_divide(b * d.one, s)), np.float32(d.one)))


def _light(rgb: F32, d: Domain) -> F32:
    """Return the luma that the modes below compare and keep: in 8 bits of weights in 16384ths, a whole number."""
    if not d.whole_numbers:
        return luma(rgb)
    sum16384 = rgb[0] * np.float32(4915) + rgb[1] * np.float32(9667) + rgb[2] * np.float32(1802)
    return d.round(sum16384 * np.float32(1 / 16384))


def _set_luma(rgb: F32, target: F32, d: Domain) -> F32:
    """W3C SetLum and ClipColor: shift to the target luma, then pull what leaves the range towards it.

    In 8 bits Photoshop pulls by whole 256ths, both steps rounded so that the result stays on the light side.
    """
    rgb = rgb + (target - _light(rgb, d))
    low = rgb.min(0)
    rgb = np.where(low < 0, _pulled(rgb, target, target, target - low, d), rgb)
    high = rgb.max(0)
    return np.where(high > d.one, _pulled(rgb, target, d.one - target, high - target, d), rgb)


def _pulled(rgb: F32, target: F32, room: F32, reach: F32, d: Domain) -> F32:
    """Return colours pulled towards the grey `target`, by as much as brings a distance `reach` to `room`."""
    if not d.whole_numbers:
        return target + (rgb - target) * _divide(room, reach)
    ratio = np.floor(_divide(room * np.float32(256), reach))
    pulled: F32 = target - np.floor((target - rgb) * ratio * np.float32(1 / 256))
    return pulled


def _set_saturation(rgb: F32, target: F32, d: Domain) -> F32:
    """W3C SetSat: spread the channels so that the largest is `target` and the smallest 0."""
    low, spread = rgb.min(0), np.ptp(rgb, 0)
    return np.where(spread > 0, d.round(_divide((rgb - low) * target, spread)), np.float32(0))


def _hue(b: F32, s: F32, d: Domain) -> F32:
    return _set_luma(_set_saturation(s, np.ptp(b, 0), d), _light(b, d), d)


def _saturation(b: F32, s: F32, d: Domain) -> F32:
    return _set_luma(_set_saturation(b, np.ptp(s, 0), d), _light(b, d), d)


BLENDS: dict[BlendMode, Callable[[F32, F32, Domain], F32]] = {
    BlendMode.NORMAL: lambda _b, s, _d: s,
    BlendMode.DISSOLVE: lambda _b, s, _d: s,
    BlendMode.DARKEN: lambda b, s, _d: np.minimum(b, s),
    BlendMode.MULTIPLY: _multiply,
    BlendMode.COLOR_BURN: _burn,
    BlendMode.LINEAR_BURN: lambda b, s, d: d.clip(b + s - d.one),
    BlendMode.DARKER_COLOR: lambda b, s, d: np.where(_light(s, d) < _light(b, d), s, b),
    BlendMode.LIGHTEN: lambda b, s, _d: np.maximum(b, s),
    BlendMode.SCREEN: _screen,
    BlendMode.COLOR_DODGE: _dodge,
    BlendMode.LINEAR_DODGE: lambda b, s, d: d.clip(b + s),
    BlendMode.LIGHTER_COLOR: lambda b, s, d: np.where(_light(s, d) > _light(b, d), s, b),
    BlendMode.OVERLAY: _overlay,
    BlendMode.SOFT_LIGHT: _soft_light,
    BlendMode.HARD_LIGHT: _hard_light,
    BlendMode.VIVID_LIGHT: _vivid_light,
    BlendMode.LINEAR_LIGHT: lambda b, s, d: d.clip(b + (2 * s - 2 * d.half)),
    BlendMode.PIN_LIGHT: _pin_light,
    BlendMode.HARD_MIX: _hard_mix,
    BlendMode.DIFFERENCE: lambda b, s, _d: np.abs(b - s),
    BlendMode.EXCLUSION: lambda b, s, d: b + s - 2 * d.round(b * s / d.one),
    BlendMode.SUBTRACT: lambda b, s, d: d.clip(b - s),
    BlendMode.DIVIDE: _divide_mode,
    BlendMode.HUE: _hue,
    BlendMode.SATURATION: _saturation,
    BlendMode.COLOR: lambda b, s, d: _set_luma(s, _light(b, d), d),
    BlendMode.LUMINOSITY: lambda b, s, d: _set_luma(b, _light(s, d), d),
}


def _scale_effect(mode: BlendMode, b: F32, s: F32, fill: float, d: Domain) -> F32:
    """Blend with fill under 1 in one of the eight modes: the source moves towards the mode's neutral colour.

    Linear Light's form, b + fill (2s - 1) clipped, is consistent with a rendered file; that the others follow
    the same rule is documented only as "these eight differ". Hard Mix, a threshold, becomes a ramp of slope
    1 / (1 - fill) instead.
    """
    f = np.float32(fill)
    match mode:
        case BlendMode.LINEAR_LIGHT:
            return d.clip(b + f * (2 * s - 2 * d.half))
        case BlendMode.LINEAR_BURN:
            return d.clip(b - f * (d.one - s))
        case BlendMode.LINEAR_DODGE:
            return d.clip(b + f * s)
        case BlendMode.DIFFERENCE:
            return np.abs(b - f * s)
        case BlendMode.COLOR_BURN:
            return _burn(b, d.round(d.one - f * (d.one - s)), d)
        case BlendMode.COLOR_DODGE:
            return _dodge(b, d.round(f * s), d)
        case BlendMode.VIVID_LIGHT:
            return _vivid_light(b, d.round(d.half + f * (s - d.half)), d)
        case _:
            return d.clip(np.asarray((b - f * (d.one - s)) / (1 - f), np.float32))


def blend(mode: BlendMode, backdrop: F32, source: F32, domain: Domain, fill: float = 1.0) -> F32:
    """Return the blended colour of two opaque pictures.

    Args:
        mode: any blend mode but Pass Through. Dissolve is Normal here; its pattern acts on the coverage.
        backdrop: planar (3, H, W) float32, in `domain`.
        source: the layer above, same shape and range.
        domain: `EIGHT_BIT` (whole numbers 0-255) or `REAL` (0-1).
        fill: fill opacity 0-1; it acts here only for the eight `FILL_MODES`.

    Returns:
        (3, H, W) float32 in `domain`, not rounded after the last step. The arithmetic modes clip to the range.
    """
    if fill < 1 and mode in FILL_MODES:
        return _scale_effect(mode, backdrop, source, fill, domain)
    return BLENDS[mode](backdrop, source, domain)
