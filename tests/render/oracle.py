"""A second renderer, written for clarity alone: whole pictures, float64, one layer after another, no blocks.

It shares no code with the product but the document's types and the blend formulas of the numpy engine, which
tests/engine holds against tables of their own.
"""

import msgspec
import numpy as np
from scipy.ndimage import gaussian_filter

from retexture.document.layers import (
    AdjustmentLayer,
    BlendIf,
    FillLayer,
    GroupLayer,
    LuminosityMask,
    PixelLayer,
    RasterMask,
)
from retexture.engine.blend import REAL, blend
from retexture.engine.modes import FILL_MODES, BlendMode
from retexture.filters.base import Context


def blur(plane, sigma):
    """The kernel's tail is cut where the product says it is: Blend-If's ramps would show another cut."""
    return gaussian_filter(plane, sigma, mode="nearest", radius=(round(8 * sigma + 1) | 1) // 2)


def grey(rgb):
    return 0.30 * rgb[0] + 0.59 * rgb[1] + 0.11 * rgb[2]


def ramp(v, r):
    v = v * 255
    rise = (
        np.clip((v - r.black_low) / (r.black_high - r.black_low), 0, 1)
        if r.black_high > r.black_low
        else (v >= r.black_low - 1e-3) * 1.0
    )
    fall = (
        np.clip((r.white_high - v) / (r.white_high - r.white_low), 0, 1)
        if r.white_high > r.white_low
        else (v <= r.white_high + 1e-3) * 1.0
    )
    return rise * fall


def sliders(rgb, s):
    return ramp(grey(rgb), s.gray) * ramp(rgb[0], s.red) * ramp(rgb[1], s.green) * ramp(rgb[2], s.blue)


def mask(layer, beneath):
    weight = np.ones(beneath.shape[1:])
    if layer.mask is None or not layer.mask.enabled:
        return weight
    for m in (layer.mask.painted, *layer.mask.components):
        if m is None or not m.enabled:
            continue
        if isinstance(m, RasterMask):
            w = m.tiles.to_array()[0] / 65535
            w = blur(w, m.feather_px) if m.feather_px else w
        else:
            assert isinstance(m, LuminosityMask)
            light = grey(beneath[:3])
            w = {
                "lights": light**m.power,
                "darks": (1 - light) ** m.power,
                "midtones": (4 * light * (1 - light)) ** m.power,
                "range": ramp(light, m.range),
            }[m.kind]
        w = 1 - w if m.inverted else w
        weight = weight * (1 - m.density * (1 - w))
    return weight


def content(document, layer):
    height, width = document.height_px, document.width_px
    out = np.zeros((4, height, width))
    if isinstance(layer, PixelLayer):
        source = document.source(layer.source)
        pixels = source.colour.array / 65535
        for y in range(pixels.shape[1]):
            for x in range(pixels.shape[2]):
                Y, X = y + layer.y_px, x + layer.x_px
                if 0 <= Y < height and 0 <= X < width:
                    out[:3, Y, X] = pixels[:, y, x]
                    out[3, Y, X] = 1 if source.alpha is None else source.alpha.array[y, x] / 65535
    elif isinstance(layer, FillLayer):
        out[:3] = np.array(layer.colour or (0.5,) * 3)[:, None, None]
        out[3] = 1
    else:
        assert isinstance(layer, GroupLayer)
        out = compose(document, layer.layers, out)
    for item in layer.filters:
        if item.enabled:
            sigma = item.filter.radius_px
            pre = np.concatenate([out[:3] * out[3:], out[3:]])
            pre = np.stack([blur(p, sigma) for p in pre])
            out = np.concatenate([pre[:3] / np.maximum(pre[3:], 1e-12), pre[3:]])
    return out


def put(source, layer, picture):
    mode = BlendMode.NORMAL if layer.blend_mode is BlendMode.PASS_THROUGH else layer.blend_mode
    b, ab, s = picture[:3], picture[3], source[:3]
    cover = source[3] * mask(layer, picture) * sliders(s, layer.blend_if.this)
    cover = cover * (1 + ab * (sliders(b, layer.blend_if.underlying) - 1)) * layer.opacity
    strength = cover if mode in FILL_MODES else cover * layer.fill
    mixed = b + (blend(mode, b, s, REAL, layer.fill) - b) * strength
    bare = (1 - ab) * cover * layer.fill
    alpha = ab + bare
    return np.concatenate([(mixed * ab + s * bare) / np.maximum(alpha, 1e-12), alpha[None]])


def with_clipped(document, base, source, clipped, picture):
    if clipped and base.clips_as_group:
        inner = np.concatenate([source[:3], np.ones_like(source[3:])])
        inside = tuple(msgspec.structs.replace(layer, clipped=False) for layer in clipped)
        inner = compose(document, inside, inner)
        source = np.concatenate([inner[:3], source[3:]])
        clipped = []
    shape = source[3] * mask(base, picture)
    picture = put(source, base, picture)
    if clipped:
        opaque = np.concatenate([picture[:3], np.ones_like(picture[3:])])
        inside = tuple(msgspec.structs.replace(layer, clipped=False) for layer in clipped)
        inner = compose(document, inside, opaque)
        picture = np.concatenate([picture[:3] + (inner[:3] - picture[:3]) * shape, picture[3:]])
    return picture


def compose(document, layers, picture):
    i = 0
    while i < len(layers):
        base, clipped = layers[i], []
        i += 1
        while i < len(layers) and layers[i].clipped:
            clipped.append(layers[i])
            i += 1
        if not base.visible:
            continue
        if isinstance(base, AdjustmentLayer):
            changed = base.adjustment.apply(picture[:3].astype(np.float32), Context())
            weight = mask(base, picture) * base.opacity * base.fill
            picture = np.concatenate([picture[:3] + (changed - picture[:3]) * weight, picture[3:]])
        elif (
            isinstance(base, GroupLayer)
            and base.blend_mode is BlendMode.PASS_THROUGH
            and not any(f.enabled for f in base.filters)
        ):
            weight = mask(base, picture) * base.opacity * base.fill
            inside = compose(document, base.layers, picture)
            if clipped or base.blend_if != BlendIf():
                outline = content(document, base)[3]
                brought = inside[:3] * inside[3] - picture[:3] * picture[3] * (1 - outline)
                own = np.where(outline > 1e-6, brought / np.maximum(outline, 1e-6), 0).clip(0, 1)
                source = np.concatenate([own, outline[None]])
                picture = with_clipped(document, base, source, clipped, picture)
                continue
            alpha = picture[3] + (inside[3] - picture[3]) * weight
            pre = picture[:3] * picture[3] + (inside[:3] * inside[3] - picture[:3] * picture[3]) * weight
            picture = np.concatenate([pre / np.maximum(alpha, 1e-12), alpha[None]])
        else:
            picture = with_clipped(document, base, content(document, base), clipped, picture)
    return picture


def render(document):
    return compose(document, document.layers, np.zeros((4, document.height_px, document.width_px)))
