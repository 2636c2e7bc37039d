"""Any part of a picture as pixels for the screen, at any scale: exact, from a preview level, or coarser still."""

import functools
import math
from collections.abc import Callable, Hashable
from typing import Any

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.document.changes import Rect
from retexture.document.document import Document
from retexture.document.layers import PixelLayer
from retexture.document.tree import everything
from retexture.engine import area_resample
from retexture.engine.resample import source_span
from retexture.render.cache import Cache
from retexture.render.region import Region
from retexture.render.render import (
    Cancelled,
    canvas_size,
    in_parallel,
    render,
    urgent_workers,
    workers,
)
from retexture.render.weights import blend_if_weight
from retexture.session.texture_loss import Heat, lay_heat

BGRA = NDArray[np.uint8]

BAND_PX = 1 << 21
"""Full-size pixels of a band of the exact picture."""
HIDDEN_TINT = (255, 120, 0)
"""Blue, as B, G, R: unlike skin, unlike the rubylith."""


class Picture(msgspec.Struct, frozen=True):
    """What a view shows."""

    document: Document
    hidden_of: str | None = None
    """Tint the pixels that this layer's Blend-If hides."""
    heat: Heat | None = None
    """Lay it over all."""


def scaled_size(document: Document, scale: float) -> tuple[int, int]:
    """Return (width, height) of the picture at a scale up to 1."""
    # Rounded down, so that no pixel covers less than it should at this scale; but not for a last digit's sake.
    return max(int(document.width_px * scale + 1e-6), 1), max(int(document.height_px * scale + 1e-6), 1)


def scaled_region(document: Document, rect: Rect, scale: float) -> Region:
    """Return the pixels of the picture at a scale up to 1 that a rectangle of the picture meets."""
    if scale == 1:
        return Region(*rect)
    width, height = scaled_size(document, scale)
    fx, fy = width / document.width_px, height / document.height_px
    # A preview level spreads a change over its own larger pixels.
    margin = 2 / scale
    x, y = math.floor((rect.x - margin) * fx), math.floor((rect.y - margin) * fy)
    right = math.ceil((rect.x + rect.width + margin) * fx)
    bottom = math.ceil((rect.y + rect.height + margin) * fy)
    return Region(x, y, right - x, bottom - y).within(Region(0, 0, width, height))


def draw(
    picture: Picture,
    scale: float,
    region: Region,
    *,
    exact: bool,
    cache: Cache,
    direct: bool = False,
    draft: bool = False,
    cached_only: bool = False,
    cancelled: Callable[[], bool] = lambda: False,
) -> BGRA:
    """Return a part of a picture at a scale up to 1: (h, w, 4) uint8, straight alpha, in the document's profile.

    Args:
        picture: what to draw.
        scale: screen pixels for one picture pixel.
        region: pixels of the scaled picture.
        exact: average the full-size picture; else the nearest larger preview level.
        cache: of `render`.
        direct, draft, cached_only, cancelled: of `render`.
    """
    level = 0 if exact or scale == 1 else max(math.floor(math.log2(1 / scale) + 1e-9), 0)
    pixels_of = functools.partial(
        _pixels,
        picture,
        cache=cache,
        direct=direct,
        draft=draft,
        cached_only=cached_only,
        cancelled=cancelled,
    )
    if scale == 1:
        out = pixels_of(region, 0)
    else:
        out = _shrunk(picture, scale, region, level, pixels_of, cached_only, cancelled)
    if picture.heat is not None:
        lay_heat(out, picture.heat, region, scaled_size(picture.document, scale))
    return out


def _shrunk(
    picture: Picture,
    scale: float,
    region: Region,
    level: int,
    pixels_of: Callable[[Region, int], BGRA],
    cached_only: bool,
    cancelled: Callable[[], bool],
) -> BGRA:
    """Return a part of a picture at a scale below 1, each pixel the mean of what it covers of a level."""
    width, height = scaled_size(picture.document, scale)
    # What one pixel of the scaled picture covers, in pixels of the level.
    step_x = picture.document.width_px / width / (1 << level)
    step_y = picture.document.height_px / height / (1 << level)
    canvas = Region(0, 0, *canvas_size(picture.document, level))
    out = np.empty((region.height, region.width, 4), np.uint8)
    rows = max(int(BAND_PX / (step_x * region.width * step_y)), 1)
    for top in range(0, region.height, rows):
        band = Region(region.x, region.y + top, region.width, min(rows, region.height - top))
        x, right = source_span(band.x, band.width, step_x, canvas.width)
        y, bottom = source_span(band.y, band.height, step_y, canvas.height)
        source = Region(x, y, right - x, bottom - y)
        if cancelled():
            raise Cancelled
        pixels = pixels_of(source, level)

        def shrink(rows: range, top: int = top, source: Region = source, pixels: BGRA = pixels) -> None:
            area_resample(
                pixels,
                out[top + rows.start : top + rows.stop],
                step_x,
                step_y,
                region.x,
                region.y + top + rows.start,
                source_x=source.x,
                source_y=source.y,
                width_px=canvas.width,
                height_px=canvas.height,
            )

        half = band.height // 2
        parts = (range(half), range(half, band.height))
        for _ in in_parallel(shrink, parts, urgent_workers if cached_only else workers):
            pass
    return out


def draw_coarse(picture: Picture, scale: float, region: Region, factor: int, **options: Any) -> BGRA:
    """Return what `draw` does, drawn at 1/`factor` of the scale and enlarged."""
    if factor == 1:
        return draw(picture, scale, region, exact=False, **options)
    width, height = scaled_size(picture.document, scale)
    small = scale / factor
    small_width, small_height = scaled_size(picture.document, small)
    fx, fy = small_width / width, small_height / height
    x, y = math.floor(region.x * fx), math.floor(region.y * fy)
    right, bottom = (region.x + region.width) * fx, (region.y + region.height) * fy
    whole = Region(0, 0, small_width, small_height)
    part = Region(x, y, math.ceil(right) - x, math.ceil(bottom) - y).within(whole)
    pixels = draw(picture, small, part, exact=False, **options)
    at = [[fx, 0, (region.x + 0.5) * fx - 0.5 - part.x], [0, fy, (region.y + 0.5) * fy - 0.5 - part.y]]
    enlarged = cv2.warpAffine(
        pixels,
        np.array(at, np.float64),
        (region.width, region.height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(enlarged, np.uint8)


def _pixels(picture: Picture, region: Region, level: int, *, cache: Cache, **options: Any) -> BGRA:
    bgra: BGRA = render(picture.document, region, level, form="bgra", cache=cache, **options)
    if picture.hidden_of is not None:
        weight = blend_if_weight(picture.document, picture.hidden_of, region, level, cache=cache)
        strength = (1 - weight)[..., None] * np.float32(0.7)
        colour = bgra[..., :3]
        colour[:] = colour + (np.array(HIDDEN_TINT, np.float32) - colour) * strength + np.float32(0.5)
    return bgra


def places(document: Document) -> tuple[Hashable, ...]:
    """Return where the sources of all pixel layers lie."""
    layers = (layer for layer in everything(document) if isinstance(layer, PixelLayer))
    return tuple((layer.key, layer.x_px, layer.y_px, layer.transform) for layer in layers)
