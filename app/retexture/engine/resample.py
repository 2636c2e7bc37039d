"""Area-average downsampling in plain numpy: the specification of the compiled kernel's, and its stand-in."""

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]

UNIT = 4096
"""Edges of output pixels are rounded to 1/UNIT of a source pixel, so that all sums are of whole numbers."""

LARGEST_SCALE = 1000


def source_span(offset: float, count: int, scale: float, size_px: int) -> tuple[int, int]:
    """Return the first source row (or column) that `count` output ones from `offset` need, and the one after the last.

    Args:
        offset: the first output row, counted from the picture's origin.
        scale: source pixels for each output pixel.
        size_px: the whole picture's height (or width).
    """
    start, stop = (min(max(_edge(offset + i, scale), 0), size_px * UNIT) for i in (0, count))
    return start // UNIT, max(-(-stop // UNIT), start // UNIT)


def area_resample(
    source: U8,
    out: U8,
    scale_x: float,
    scale_y: float,
    offset_x: float = 0,
    offset_y: float = 0,
    *,
    source_x: int = 0,
    source_y: int = 0,
    width_px: int | None = None,
    height_px: int | None = None,
) -> None:
    """Write to each pixel of `out` the mean of its rectangle of the picture, rounded half up.

    Pixel (row i, column j) of `out` covers, in the picture's pixels, x from (offset_x + j) scale_x to
    (offset_x + j + 1) scale_x, and y alike: so any part of a result equals that part of the whole. Outside the
    picture is nothing: a rectangle at its border is clipped, one beyond it gives 0, 0, 0, 0.

    Args:
        source: (H, W, 4) uint8, BGRA with straight alpha; colours count by their alpha. It holds the picture from
            pixel (source_x, source_y), at least as far as `out` needs (`source_span`).
        out: (h, w, 4) uint8.
        scale_x, scale_y: source pixels for each output pixel, 1 to 1000.
        offset_x, offset_y: the place of out's first pixel, in output pixels.
        width_px, height_px: the whole picture's size; None: it ends where `source` ends.

    Raises:
        ValueError: a scale out of range, or a source that does not hold what `out` needs.
    """
    width = source_x + source.shape[1] if width_px is None else width_px
    height = source_y + source.shape[0] if height_px is None else height_px
    columns = _edges(out.shape[1], scale_x, offset_x, source_x, source.shape[1], width, "x")
    rows = _edges(out.shape[0], scale_y, offset_y, source_y, source.shape[0], height, "y")
    for y, (top, bottom) in enumerate(pairwise(rows.tolist())):
        first, last = top // UNIT, -(-bottom // UNIT)
        weights = np.minimum(bottom, (np.arange(first, last) + 1) * UNIT)
        weights -= np.maximum(top, np.arange(first, last) * UNIT)
        used = source[first:last].astype(np.int64)
        used[..., :3] *= used[..., 3:]
        # Sums wrap around at 2^64, their differences are exact all the same.
        summed = np.zeros((source.shape[1] + 1, 4), np.int64)
        np.cumsum((used * weights[:, None, None]).sum(0), 0, out=summed[1:])
        part = columns % UNIT
        inside = summed[columns // UNIT] * UNIT
        inside += np.diff(summed, axis=0, append=summed[-1:])[columns // UNIT] * part[:, None]
        totals = np.diff(inside, axis=0)
        areas = np.concatenate(
            [np.repeat(totals[:, 3:], 3, 1), np.diff(columns)[:, None] * (bottom - top)], axis=1
        )
        out[y] = (2 * totals + areas) // np.maximum(2 * areas, 1)


def _edge(place: float, scale: float) -> int:
    return math.floor(place * scale * UNIT + 0.5)


def _edges(
    count: int, scale: float, offset: float, start: int, size: int, whole: int, axis: str
) -> NDArray[np.int64]:
    """Return the count + 1 borders of output pixels along an axis, in 1/UNIT of a pixel of the source array."""
    if not 1 <= scale <= LARGEST_SCALE:
        raise ValueError(f"scale_{axis} must be 1 to {LARGEST_SCALE}")
    edges = np.array([_edge(offset + i, scale) for i in range(count + 1)], np.int64)
    edges = np.clip(edges, 0, whole * UNIT)
    inside = edges[:-1] < edges[1:]
    if inside.any() and (edges[:-1][inside][0] // UNIT < start or -(-edges[-1] // UNIT) > start + size):
        raise ValueError(f"the source does not reach over all of out along {axis}")
    return np.clip(edges - start * UNIT, 0, size * UNIT)
