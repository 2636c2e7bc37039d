"""A picture's values, counted and read: for the histogram panel, behind curves and Blend-If, under the cursor."""

import math
from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from retexture.document.document import Document, find
from retexture.document.layers import AdjustmentLayer, AnyLayer
from retexture.document.tree import beneath
from retexture.engine.blend import luma
from retexture.render.cache import Cache
from retexture.render.keys import Keys
from retexture.render.planes import unit
from retexture.render.region import Region
from retexture.render.render import canvas_size, render
from retexture.render.stack import Stack
from retexture.render.weights import layer_and_beneath
from retexture.session.view import Point

Counts = NDArray[np.int64]
Values = tuple[float, ...]

MOST_PX = 1_600_000
"""Pixels that are counted: the largest preview level of no more. 24 megapixels are counted at a quarter of the size."""

BAND_ROWS = 64
"""Rows counted at a time, so that their grey stays in the processor's cache."""


def histogram(planes: NDArray[np.float32], bins: int = 1024) -> Counts:
    """Count the values of a picture.

    Args:
        planes: (3, H, W) float32, red, green, blue, 0-1; values beyond are counted in the end bins, NaN as 0.
        bins: how many equal bins span 0-1; bin i holds values from i / bins up to below (i + 1) / bins, the last
            one 1 as well.

    Returns:
        (4, bins) int64: grey (0.30 R + 0.59 G + 0.11 B), red, green, blue.
    """
    counts = np.zeros((4, bins), np.int64)
    below_one = np.nextafter(np.float32(1), np.float32(0))  # calcHist leaves the upper end out
    for top in range(0, planes.shape[1], BAND_ROWS):
        band = planes[:, top : top + BAND_ROWS]
        for row, values in zip(counts, (luma(band), *band), strict=True):
            inside = np.ascontiguousarray(np.fmin(np.fmax(values, np.float32(0)), below_one))
            row += cv2.calcHist([inside], [0], None, [bins], [0, 1]).ravel().astype(np.int64)
    return counts


class Statistics(NamedTuple):
    """Of one channel, in 8-bit numbers."""

    mean: float
    deviation: float
    median: float


def statistics(counts: Counts) -> Statistics:
    """Return the statistics of counted values.

    Args:
        counts: (bins,) of equal bins over 0-255; not all zero.
    """
    centres = (np.arange(len(counts)) + 0.5) * (255 / len(counts))
    total = counts.sum()
    mean = float((centres * counts).sum() / total)
    deviation = float(np.sqrt(((centres - mean) ** 2 * counts).sum() / total))
    median = float(centres[np.searchsorted(np.cumsum(counts), total / 2)])
    return Statistics(mean, deviation, median)


def counted_level(document: Document) -> int:
    """Return the first preview level of no more than `MOST_PX` pixels."""
    level = 0
    while math.prod(canvas_size(document, level)) > MOST_PX:
        level += 1
    return level


def count(document: Document, layer_key: str | None, cache: Cache, cancelled: Callable[[], bool]) -> Counts:
    """Return the histogram, (4, bins), of what is not transparent of a picture at `counted_level`.

    Args:
        document: whose result is counted,
        layer_key: or this layer of it, after its filters and before its mask; an adjustment layer's result.
        cache: of `render`.
        cancelled: of `render`.
    """
    level = counted_level(document)
    if layer_key is None:
        planes = render(document, level=level, form="float", cache=cache, cancelled=cancelled)
    else:
        layer = find(document, layer_key)
        stack = Stack(document, level, cache, cancelled)
        region = Region(0, 0, *canvas_size(document, level))
        if isinstance(layer, AdjustmentLayer):
            planes = stack.isolated((*beneath(document, layer_key), layer), region)
        else:
            planes = unit(stack.contents.planes(layer, region))
    colour = planes[:3] if len(planes) >= 3 else np.repeat(planes[:1], 3, axis=0)
    if len(planes) in (2, 4) and not (shown := planes[-1] > 0).all():
        colour = colour[:, shown][:, :, None]
    return histogram(np.asarray(colour, np.float32))


def judged_number(document: Document, layer: AnyLayer, cache: Cache) -> int:
    """Return a number that stands for what `count_judged` counts. Cheap enough for the window's thread."""
    keys = Keys(document, 0, cache)
    # A layer's name has a part in it as well: what is beneath is judged from its place.
    return keys.number("judged", keys.content(layer), keys.stack(beneath(document, layer.key)))


def count_judged(document: Document, key: str, cache: Cache) -> tuple[Counts, Counts]:
    """Return the histograms of what Blend-If judges, (4, bins) each: a layer after its filters, the picture beneath.

    They are counted at `counted_level`.
    """
    level = counted_level(document)
    region = Region(0, 0, *canvas_size(document, level))
    own, under = layer_and_beneath(document, key, region, level, cache=cache)
    return histogram(own), histogram(under)


def read_values(
    document: Document, point: Point, cache: Cache, cancelled: Callable[[], bool]
) -> Values | None:
    """Return red, green and blue, 0-1, of a picture's pixel at a point; None outside of it."""
    x, y = math.floor(point.x), math.floor(point.y)
    if not (0 <= x < document.width_px and 0 <= y < document.height_px):
        return None
    pixel = render(document, Region(x, y, 1, 1), form="float", cache=cache, direct=True, cancelled=cancelled)
    red, green, blue = pixel[:3, 0, 0].tolist()
    return red, green, blue
