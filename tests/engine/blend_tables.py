"""What each blend mode gives, in whole numbers and fractions for 8 bits and in float64 for reals.

Written from Photoshop's arithmetic as published by its users and fitted on rendered pixels. No code and, in
8 bits, no floating point is shared with the engine.
"""

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from retexture.engine.modes import BlendMode

I64 = NDArray[np.int64]
Table = Callable[[I64, I64], I64]


def quotient(p: I64, q: I64 | int) -> I64:
    """Return p / q rounded to the nearest whole number, half up, for q > 0."""
    rounded_down: I64 = (2 * p + q) // (2 * np.asarray(q))
    return rounded_down


def screen(b: I64, s: I64) -> I64:
    return b + s - quotient(b * s, 255)


def clamp(x: I64) -> I64:
    return np.minimum(np.maximum(x, 0), 255)


def burn(b: I64, s: I64) -> I64:
    burned = np.maximum(255 - quotient((255 - b) * 255, np.maximum(s, 1)), 0)
    return np.select([b == 255, s == 0], [255, 0], burned)


def dodge(b: I64, s: I64) -> I64:
    dodged = np.minimum(quotient(b * 255, np.maximum(255 - s, 1)), 255)
    return np.select([b == 0, s == 255], [0, 255], dodged)


def lower(s: I64) -> I64:
    return quotient(255 * s, 128)


def upper(s: I64) -> I64:
    return quotient(255 * (s - 128), 127)


def vivid(b: I64, s: I64) -> I64:
    halves = np.where(s < 128, burn(b, lower(np.minimum(s, 127))), dodge(b, upper(np.maximum(s, 128))))
    return np.select([s == 0, s == 255], [0, 255], halves)


def rounded_root(n: int) -> int:
    return (math.isqrt(4 * n) + 1) // 2


def rounded(x: Fraction) -> int:
    return math.floor(x + Fraction(1, 2))


def curve(b: int) -> int:
    """Return Soft Light's D(b), in whole numbers: the square root of b, or a cubic below a quarter."""
    x = Fraction(b, 255)
    return rounded_root(255 * b) if 4 * x > 1 else rounded(255 * ((16 * x - 12) * x + 4) * x)


CURVE = np.array([curve(b) for b in range(256)], np.int64)


def soft(b: I64, s: I64) -> I64:
    dark = quotient(255 * b + (2 * s - 255) * quotient(b * (255 - b), 255), 255)
    light = quotient(255 * b + (2 * s - 256) * (CURVE[b] - b), 255)
    return np.where(s < 128, dark, light)


TABLES: dict[BlendMode, Table] = {
    BlendMode.NORMAL: lambda b, s: s,
    BlendMode.DISSOLVE: lambda b, s: s,
    BlendMode.DARKEN: np.minimum,
    BlendMode.MULTIPLY: lambda b, s: quotient(b * s, 255),
    BlendMode.COLOR_BURN: burn,
    BlendMode.LINEAR_BURN: lambda b, s: clamp(b + s - 255),
    BlendMode.LIGHTEN: np.maximum,
    BlendMode.SCREEN: screen,
    BlendMode.COLOR_DODGE: dodge,
    BlendMode.LINEAR_DODGE: lambda b, s: clamp(b + s),
    BlendMode.OVERLAY: lambda b, s: np.where(b < 128, quotient(2 * b * s, 255), screen(s, 2 * b - 255)),
    BlendMode.SOFT_LIGHT: soft,
    BlendMode.HARD_LIGHT: lambda b, s: np.where(s < 128, quotient(2 * b * s, 255), screen(b, 2 * s - 256)),
    BlendMode.VIVID_LIGHT: vivid,
    BlendMode.LINEAR_LIGHT: lambda b, s: clamp(b + 2 * s - 256),
    BlendMode.PIN_LIGHT: lambda b, s: np.where(s < 128, np.minimum(b, lower(s)), np.maximum(b, upper(s))),
    BlendMode.HARD_MIX: lambda b, s: np.where((b + s > 255) | ((b + s == 255) & (b > 127)), 255, 0),
    BlendMode.DIFFERENCE: lambda b, s: np.abs(b - s),
    BlendMode.EXCLUSION: lambda b, s: b + s - 2 * quotient(b * s, 255),
    BlendMode.SUBTRACT: lambda b, s: clamp(b - s),
    BlendMode.DIVIDE: lambda b, s: np.where(
        s == 0, np.where(b == 0, 0, 255), clamp(quotient(255 * b, np.maximum(s, 1)))
    ),
}

JOINT = {
    BlendMode.DARKER_COLOR,
    BlendMode.LIGHTER_COLOR,
    BlendMode.HUE,
    BlendMode.SATURATION,
    BlendMode.COLOR,
    BlendMode.LUMINOSITY,
}


# --- the modes that look at three channels ---

Colour = tuple[int, int, int]


def light(c: Colour) -> int:
    """Return the luma with weights in 16384ths, as fitted on Photoshop's pixels; half up."""
    return (4915 * c[0] + 9667 * c[1] + 1802 * c[2] + 8192) // 16384


def pull(x: int, y: int, room: int, reach: int) -> int:
    """Pull a channel towards the luma y, by whole 256ths."""
    return y - (y - x) * (256 * room // reach) // 256


def with_light(c: Colour, y: int) -> Colour:
    """SetLum and ClipColor of W3C Compositing 10.2, in Photoshop's whole numbers."""
    r, g, b = (x + y - light(c) for x in c)
    low = min(r, g, b)
    if low < 0:
        r, g, b = (pull(x, y, y, y - low) for x in (r, g, b))
    high = max(r, g, b)
    if high > 255:
        r, g, b = (pull(x, y, 255 - y, high - y) for x in (r, g, b))
    return r, g, b


def with_saturation(c: Colour, target: int) -> Colour:
    """SetSat of W3C Compositing 10.2, by sorting the channels as the text does, in whole numbers."""
    low, mid, high = sorted(range(3), key=lambda i: c[i])
    result = [0, 0, 0]
    if c[high] > c[low]:
        result[mid] = rounded(Fraction((c[mid] - c[low]) * target, c[high] - c[low]))
        result[high] = target
    return result[0], result[1], result[2]


def saturation(c: Colour) -> int:
    return max(c) - min(c)


def joint(mode: BlendMode, b: Colour, s: Colour) -> Colour:
    match mode:
        case BlendMode.DARKER_COLOR:
            return s if light(s) < light(b) else b
        case BlendMode.LIGHTER_COLOR:
            return s if light(s) > light(b) else b
        case BlendMode.HUE:
            return with_light(with_saturation(s, saturation(b)), light(b))
        case BlendMode.SATURATION:
            return with_light(with_saturation(b, saturation(s)), light(b))
        case BlendMode.COLOR:
            return with_light(s, light(b))
        case _:
            return with_light(b, light(s))


def colour_pairs(count: int) -> tuple[I64, I64]:
    """Return (3, N) pairs: random colours, greys, and all corners of the cube against each other."""
    rng = np.random.default_rng(20)
    corners = np.stack(np.meshgrid([0, 255], [0, 255], [0, 255])).reshape(3, 8)
    greys = np.tile(rng.integers(0, 256, count // 8), (3, 1))
    b = np.concatenate([rng.integers(0, 256, (3, count)), np.repeat(corners, 8, axis=1), greys], axis=1)
    s = np.concatenate(
        [rng.integers(0, 256, (3, count)), np.tile(corners, (1, 8)), rng.integers(0, 256, greys.shape)],
        axis=1,
    )
    return b, s


def joint_table(mode: BlendMode, b: I64, s: I64) -> I64:
    """Return (3, N) of (3, N) pairs."""
    pairs = zip(zip(*b.tolist(), strict=True), zip(*s.tolist(), strict=True), strict=True)
    return np.array([joint(mode, under, over) for under, over in pairs], np.int64).T


# --- reals ---

F64 = NDArray[np.float64]


def ratio(p: F64, q: F64, at_zero: float) -> F64:
    return np.minimum(np.divide(p, q, out=np.full_like(p, at_zero), where=q != 0), 1)


def real_burn(b: F64, s: F64) -> F64:
    return np.select([b >= 1, s <= 0], [1.0, 0.0], 1 - ratio(1 - b, s, 1))


def real_dodge(b: F64, s: F64) -> F64:
    return np.select([b <= 0, s >= 1], [0.0, 1.0], ratio(b, 1 - s, 1))


def real_soft(b: F64, s: F64) -> F64:
    d = np.where(b <= 0.25, ((16 * b - 12) * b + 4) * b, np.sqrt(b))
    return np.where(s < 0.5, b - (1 - 2 * s) * b * (1 - b), b + (2 * s - 1) * (d - b))


def real_hard(b: F64, s: F64) -> F64:
    return np.where(s < 0.5, 2 * b * s, 1 - 2 * (1 - b) * (1 - s))


REALS: dict[BlendMode, Callable[[F64, F64], F64]] = {
    BlendMode.NORMAL: lambda b, s: s,
    BlendMode.DISSOLVE: lambda b, s: s,
    BlendMode.DARKEN: np.minimum,
    BlendMode.MULTIPLY: lambda b, s: b * s,
    BlendMode.COLOR_BURN: real_burn,
    BlendMode.LINEAR_BURN: lambda b, s: np.clip(b + s - 1, 0, 1),
    BlendMode.LIGHTEN: np.maximum,
    BlendMode.SCREEN: lambda b, s: 1 - (1 - b) * (1 - s),
    BlendMode.COLOR_DODGE: real_dodge,
    BlendMode.LINEAR_DODGE: lambda b, s: np.clip(b + s, 0, 1),
    BlendMode.OVERLAY: lambda b, s: real_hard(s, b),
    BlendMode.SOFT_LIGHT: real_soft,
    BlendMode.HARD_LIGHT: real_hard,
    BlendMode.VIVID_LIGHT: lambda b, s: np.select(
        [s <= 0, s >= 1, s < 0.5], [0.0, 1.0, real_burn(b, np.minimum(2 * s, 1))], real_dodge(b, 2 * s - 1)
    ),
    BlendMode.LINEAR_LIGHT: lambda b, s: np.clip(b + 2 * s - 1, 0, 1),
    BlendMode.PIN_LIGHT: lambda b, s: np.where(s < 0.5, np.minimum(b, 2 * s), np.maximum(b, 2 * s - 1)),
    BlendMode.HARD_MIX: lambda b, s: np.where((b + s > 1) | ((b + s == 1) & (b >= 0.5)), 1.0, 0.0),
    BlendMode.DIFFERENCE: lambda b, s: np.abs(b - s),
    BlendMode.EXCLUSION: lambda b, s: b + s - 2 * b * s,
    BlendMode.SUBTRACT: lambda b, s: np.clip(b - s, 0, 1),
    BlendMode.DIVIDE: lambda b, s: np.where(s == 0, np.sign(b), ratio(b, s, 1)),
}


def real_grid() -> tuple[F64, F64]:
    """Return pairs on steps of 1/256, which single precision holds exactly, so that jumps are met exactly."""
    b, s = np.meshgrid(np.arange(257) / 256, np.arange(257) / 256, indexing="ij")
    return b, s


def real_luma(c: F64) -> F64:
    weights: F64 = np.array([0.30, 0.59, 0.11])
    return np.tensordot(weights, c, 1)


def real_with_luma(c: F64, y: F64) -> F64:
    c = c + (y - real_luma(c))
    low, high = c.min(0), c.max(0)
    c = np.where(low < 0, y + (c - y) * y / np.where(low < 0, y - low, 1), c)
    return np.where(high > 1, y + (c - y) * (1 - y) / np.where(high > 1, high - y, 1), c)


def real_with_saturation(c: F64, target: F64) -> F64:
    spread = c.max(0) - c.min(0)
    return np.where(spread > 0, (c - c.min(0)) * target / np.where(spread > 0, spread, 1), 0)


def real_joint(mode: BlendMode, b: F64, s: F64) -> F64:
    """W3C Compositing 10.2 on (3, N) in 0-1."""
    match mode:
        case BlendMode.DARKER_COLOR:
            return np.where(real_luma(s) < real_luma(b), s, b)
        case BlendMode.LIGHTER_COLOR:
            return np.where(real_luma(s) > real_luma(b), s, b)
        case BlendMode.HUE:
            return real_with_luma(real_with_saturation(s, np.ptp(b, 0)), real_luma(b))
        case BlendMode.SATURATION:
            return real_with_luma(real_with_saturation(b, np.ptp(s, 0)), real_luma(b))
        case BlendMode.COLOR:
            return real_with_luma(s, real_luma(b))
        case _:
            return real_with_luma(b, real_luma(s))
