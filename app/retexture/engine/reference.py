"""The compositing engine in plain numpy: the specification of the compiled kernel, and its stand-in."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retexture.engine.blend import EIGHT_BIT, F32, REAL, Domain, blend, luma
from retexture.engine.modes import FILL_MODES, BlendMode
from retexture.engine.noise import uniform
from retexture.engine.program import FULL_RANGE, LayerOp, LuminosityOp, Plane, Trapezoid

WHITE = {"uint8": 255.0, "uint16": 65535.0, "float32": 1.0}

RANGE_SLACK = 255 / 65535 / 2
"""Half a 16-bit step in 8-bit numbers: a value that equals a Blend-If end in exact arithmetic stays inside."""

DISSOLVE_SEED = 0x0D15501E

SOURCE_FIRST = FILL_MODES | {BlendMode.NORMAL, BlendMode.DISSOLVE}
"""The modes of Photoshop's first order of steps over transparency in 8 bits."""


def to_unit(plane: Plane) -> F32:
    """Return (H, W) float32 0-1 of an array whose dtype tells its range."""
    if plane.dtype == np.float32:
        return plane
    return plane.astype(np.float32) * np.float32(1 / WHITE[plane.dtype.name])


def to_domain(plane: Plane, domain: Domain) -> F32:
    """Return (H, W) float32 in `domain`: whole numbers 0-255 in 8 bits, else 0-1."""
    if not domain.whole_numbers:
        return to_unit(plane)
    if plane.dtype == np.uint8:
        return plane.astype(np.float32)
    return domain.round(to_unit(plane) * np.float32(255))


def trapezoid_weight(value: F32, ends: Trapezoid) -> F32:
    """Return the weight 0-1 of a Blend-If slider for `value` in 8-bit numbers.

    The ramps between split handles are linear, as measured on a Photoshop 2025 render; the ends are inside.
    """
    b0, b1, w0, w1 = (np.float32(e) for e in ends)
    slack = np.float32(RANGE_SLACK)
    if b1 > b0:
        rise: F32 = np.clip((value - b0) * (np.float32(1) / (b1 - b0)), np.float32(0), np.float32(1))
    else:
        rise = (value >= b0 - slack).astype(np.float32)
    if w1 > w0:
        fall: F32 = np.clip((w1 - value) * (np.float32(1) / (w1 - w0)), np.float32(0), np.float32(1))
    else:
        fall = (value <= w1 + slack).astype(np.float32)
    return rise * fall


def blend_if_weight(rgb: F32, sliders: Sequence[Trapezoid], domain: Domain) -> F32:
    """Return the product of the Gray, R, G and B sliders' weights for planar (3, H, W) colour in `domain`.

    A slider that spans the full range hides nothing, not even values beyond white in 32-bit documents.
    """
    scale = np.float32(255 / domain.one)
    weight = np.ones(rgb.shape[1:], np.float32)
    for channel, ends in zip((luma(rgb), *rgb), sliders, strict=True):
        if ends != FULL_RANGE:
            weight = weight * trapezoid_weight(channel * scale, ends)
    return weight


def luminosity_weight(rgb: F32, op: LuminosityOp, domain: Domain) -> F32:
    """Return the weight of a luminosity mask for the composite beneath, planar (3, H, W) in `domain`."""
    light = luma(rgb) * np.float32(1 / domain.one)
    if op.kind == "range":
        weight = trapezoid_weight(light * np.float32(255), op.trapezoid)
    else:
        base = {"lights": light, "darks": 1 - light, "midtones": 4 * light * (1 - light)}[op.kind]
        weight = np.clip(base, np.float32(0), np.float32(1))
        base = weight
        for _ in range(op.power - 1):
            weight = weight * base
    if op.inverted:
        weight = 1 - weight
    return 1 - np.float32(op.density) * (1 - weight)


def _coverage(op: LayerOp, rgb: F32, backdrop: F32, domain: Domain) -> F32:
    """Return the layer's coverage before opacity and fill: alpha, masks, Blend-If, luminosity masks."""
    height, width = rgb.shape[1:]
    coverage = np.ones((height, width), np.float32) if op.alpha is None else to_unit(op.alpha)
    for mask in op.masks:
        coverage = coverage * to_unit(mask)
    if op.this_layer is not None:
        coverage = coverage * blend_if_weight(rgb, op.this_layer, domain)
    if op.underlying is not None:
        weight = blend_if_weight(backdrop[:3], op.underlying, domain)
        coverage = coverage * (1 + backdrop[3] * (weight - 1))
    for range_op in op.luminosity:
        coverage = coverage * luminosity_weight(backdrop[:3], range_op, domain)
    return coverage


def _over(acc: F32, op: LayerOp, domain: Domain, dissolve: F32 | None) -> F32:
    """Put one layer over `acc` ((4, H, W): colour in `domain`, alpha 0-1) and return the new picture."""
    rgb = np.stack([to_domain(p, domain) for p in op.planes])
    coverage = _coverage(op, rgb, acc, domain)
    blended = domain.round(blend(op.mode, acc[:3], rgb, domain, op.fill))
    if domain.whole_numbers:
        return _over_8_bit(acc, op, rgb, blended, coverage, dissolve)
    colour, alpha = acc[:3], acc[3]
    weight = coverage * np.float32(op.opacity)
    fill = np.float32(op.fill)
    over_colour = weight if op.mode in FILL_MODES else weight * fill
    over_nothing = weight * fill
    if dissolve is not None:
        over_colour = over_nothing = (over_nothing > dissolve).astype(np.float32)
    mixed = colour + (blended - colour) * over_colour
    if op.atop:
        return np.concatenate([mixed, alpha[None]])
    bare = (1 - alpha) * over_nothing
    covered = alpha + bare
    premultiplied = mixed * alpha + rgb * bare
    result = np.where(alpha >= 1, mixed, premultiplied / np.where(covered > 0, covered, np.float32(1)))
    covered = np.where(alpha >= 1, np.float32(1), covered)
    return np.concatenate([result, covered[None]])


def _share(x: F32, of: F32 | np.float32) -> F32:
    """Return x · of / 255, a whole number."""
    return EIGHT_BIT.round(x * of * np.float32(1 / 255))


def _towards(a: F32, b: F32, weight: F32) -> F32:
    """Return the whole number that lies `weight` 255ths of the way from a to b."""
    return EIGHT_BIT.round(a + (b - a) * weight * np.float32(1 / 255))


def _over_8_bit(acc: F32, op: LayerOp, rgb: F32, blended: F32, coverage: F32, dissolve: F32 | None) -> F32:
    """`_over` in whole numbers 0-255 as Photoshop computes: coverage, alpha and each step of colour rounded.

    Both orders were fitted on stacks that Photoshop rendered over transparency, one file for each mode, and are
    exact on all their pixels. Normal and the eight modes where fill acts on the effect first bring the layer's
    own colour towards the blended one by the alpha beneath, then mix that in by the layer's share of the new
    alpha. The other modes first mix the blended colour in by the layer's coverage, then the layer's own by the
    share of what was bare.
    """
    colour, alpha = acc[:3], EIGHT_BIT.round(acc[3] * np.float32(255))
    opacity, fill = np.float32(op.opacity), np.float32(op.fill)
    coverage = EIGHT_BIT.round(coverage * np.float32(255))
    over_nothing = _share(coverage, np.floor(opacity * fill * np.float32(255) + np.float32(0.5)))
    over_colour = over_nothing
    if op.mode in FILL_MODES:
        over_colour = _share(coverage, np.floor(opacity * np.float32(255) + np.float32(0.5)))
    if dissolve is not None:
        over_colour = over_nothing = np.where(
            over_nothing * np.float32(1 / 255) > dissolve, np.float32(255), np.float32(0)
        )
    if op.atop:
        return np.concatenate([_towards(colour, blended, over_colour), acc[3:]])
    covered = alpha + over_nothing - _share(alpha, over_nothing)
    whole: F32 = np.asarray(np.float32(255) / np.where(covered > 0, covered, np.float32(1)), np.float32)
    if op.mode in SOURCE_FIRST and (op.fill == 1 or op.mode not in FILL_MODES):
        own = _towards(rgb, blended, alpha)
        result = _towards(colour, own, EIGHT_BIT.round(over_nothing * whole))
    else:
        mixed = _towards(colour, blended, over_colour)
        result = _towards(mixed, rgb, EIGHT_BIT.round((covered - alpha) * whole))
    return np.concatenate([result, (covered * np.float32(1 / 255))[None]])


def _round_alpha(alpha: F32, domain: Domain) -> F32:
    return domain.round(alpha * np.float32(255)) * np.float32(1 / 255) if domain.whole_numbers else alpha


def compose(
    out: NDArray[Any],
    ops: Sequence[LayerOp],
    *,
    backdrop: F32 | None = None,
    depth: int = 16,
    origin: tuple[int, int] = (0, 0),
    step: int = 1,
    bgra: bool = False,
) -> None:
    """Compose layers, bottom first, over `backdrop` into `out`.

    Args:
        out: where the picture goes: planar (4, H, W) or (3, H, W), RGB with or without alpha, of uint8, uint16
            or float32; or with `bgra` (H, W, 4) uint8 for the screen. Colour is straight, not premultiplied, in
            the document's own encoding. Integers are rounded half up and clipped.
        ops: the layers; all planes have `out`'s height and width.
        backdrop: (4, H, W) float32 0-1, straight; None is transparent black.
        depth: 8 quantises the picture to 8 bits after every layer and uses 128/255 as neutral grey, as
            Photoshop does in 8-bit documents; 16 and 32 keep reals and use 0.5.
        origin: position of the first pixel in the full-size picture, for Dissolve's pattern.
        step: full-size pixels from one sample to the next (2 at preview level 1).
        bgra: `out` is interleaved blue, green, red, alpha.
    """
    domain = EIGHT_BIT if depth == 8 else REAL
    height, width = out.shape[:2] if bgra else out.shape[1:]
    acc = np.zeros((4, height, width), np.float32)
    if backdrop is not None:
        acc[:3] = domain.round(backdrop[:3] * np.float32(domain.one))
        acc[3] = _round_alpha(backdrop[3], domain)
    for op in ops:
        dissolve = None
        if op.mode is BlendMode.DISSOLVE:
            dissolve = uniform(*origin, width, height, DISSOLVE_SEED, step)
        acc = _over(acc, op, domain, dissolve)
    acc[:3] *= np.float32(1 / domain.one)
    store(out, acc, bgra=bgra)


def store(out: NDArray[Any], picture: F32, *, bgra: bool = False) -> None:
    """Write planar (4, H, W) float32 0-1 into `out` in the form that `compose` documents."""
    if out.dtype == np.float32:
        out[...] = picture[: out.shape[0]]
        return
    white = np.float32(WHITE[out.dtype.name])
    whole = np.clip(picture, np.float32(0), np.float32(1)) * white + np.float32(0.5)
    if bgra:
        out[...] = np.moveaxis(whole[[2, 1, 0, 3]], 0, -1).astype(out.dtype)
    else:
        out[...] = whole[: out.shape[0]].astype(out.dtype)


def mix(backdrop: F32, result: F32, weight: F32, *, depth: int = 16) -> F32:
    """Mix a pass-through group's result with what was beneath it, by opacity, fill and mask, premultiplied.

    Args:
        backdrop, result: (4, H, W) float32 0-1, straight colour and alpha.
        weight: (H, W) float32 0-1, or a scalar array.
        depth: 8 rounds the mix to 8 bits.

    Returns:
        (4, H, W) float32 0-1, straight.
    """
    alpha = backdrop[3] + (result[3] - backdrop[3]) * weight
    under = backdrop[:3] * backdrop[3]
    colour = under + (result[:3] * result[3] - under) * weight
    colour = colour / np.where(alpha > 0, alpha, np.float32(1))
    mixed = np.concatenate([colour, alpha[None]])
    return EIGHT_BIT.round(mixed * np.float32(255)) * np.float32(1 / 255) if depth == 8 else mixed
