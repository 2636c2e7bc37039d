"""Vector masks of Photoshop documents, turned into coverage: Bézier paths by exact area.

The layout of path records is that of Adobe's "Photoshop File Formats Specification", section "Path resource
format": knots as fractions of the document's height and width, one record for each subpath.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

_FLATNESS = 0.01
"""Largest distance in pixels between a curve and the chords that stand for it."""

_CHUNK = 512
"""Edges that are cut into pixels at a time: bounds the memory of damaged paths."""

_BAND = 256
"""Rows that are computed at a time."""

_EXCLUDE, _UNITE, _SUBTRACT, _INTERSECT = range(4)


def vector_coverage(
    setting: Any, width: int, height: int, dtype: type[np.uint8] | type[np.uint16]
) -> NDArray[Any]:
    """Return the coverage of a vector mask, (height, width), over the full range of `dtype`.

    Args:
        setting: psd-tools' `VectorMaskSetting`.
        width: of the document in pixels.
        height: of the document in pixels.
        dtype: of the mask.

    Each subpath's coverage is the exact area of every pixel that lies inside it; where subpaths combine, their
    coverages combine as if their edges were independent.
    """
    path = setting.path or ()
    filled = any(type(item).__name__ == "InitialFillRule" and item.value for item in path)
    components = [
        (operation, [_outline(subpath, width, height) for subpath in subpaths])
        for operation, subpaths in _components(path)
    ]
    white = np.iinfo(dtype).max
    out = np.empty((height, width), dtype)
    for top in range(0, height, _BAND):
        rows = out[top : top + _BAND]
        coverage = _combined(components, filled, top, *rows.shape)
        np.rint((1 - coverage if setting.invert else coverage) * white, out=coverage)
        rows[:] = coverage
    return out


def _combined(
    components: list[tuple[int, list[F64]]], filled: bool, top: int, height: int, width: int
) -> F64:
    """Return the joint coverage of outlines on rows from `top`, (height, width), 0-1."""
    result = np.full((height, width), 1.0 if filled else 0.0)
    for operation, outlines in components:
        inside = np.zeros((height, width))
        for outline in outlines:
            inside = _excluded(inside, _polygon_coverage(outline - (0, top), width, height))
        if operation == _EXCLUDE:
            result = _excluded(result, inside)
        elif operation == _SUBTRACT:
            result = result * (1 - inside)
        elif operation == _INTERSECT:
            result = result * inside
        else:
            result = result + inside - result * inside
    return result


def _components(path: Any) -> list[tuple[int, list[Any]]]:
    """Return the subpaths as (operation, outlines): a negative operation adds an outline to the one before."""
    components: list[tuple[int, list[Any]]] = []
    for item in path:
        if not hasattr(item, "operation") or not len(item):
            continue
        if item.operation < 0 and components:
            components[-1][1].append(item)
        else:
            components.append((item.operation, [item]))
    return components


def _excluded(a: F64, b: F64) -> F64:
    return a + b - 2 * a * b


def _outline(subpath: Any, width: int, height: int) -> F64:
    """Return a subpath's closed outline as chords: (N, 2) points x, y in pixels."""
    scale = np.array([width, height], np.float64)

    def point(pair: tuple[float, float]) -> F64:
        result: F64 = np.array(pair[::-1], np.float64) * scale
        return result

    knots = list(subpath)
    points = []
    for knot, following in zip(knots, knots[1:] + knots[:1], strict=True):
        p = np.stack([point(k) for k in (knot.anchor, knot.leaving, following.preceding, following.anchor)])
        bend = np.abs(np.diff(p, 2, axis=0)).max()
        steps = int(np.clip(np.ceil(np.sqrt(0.75 * bend / _FLATNESS)), 1, 1000))
        t = (np.arange(steps) / steps)[:, None]
        points.append(
            (1 - t) ** 3 * p[0] + 3 * t * (1 - t) ** 2 * p[1] + 3 * t**2 * (1 - t) * p[2] + t**3 * p[3]
        )
    return np.concatenate(points)


def _polygon_coverage(points: F64, width: int, height: int) -> F64:
    """Return the area of each pixel inside a closed polygon, (height, width); overlaps of it count out (even-odd)."""
    total = np.zeros(height * (width + 1))
    edges = np.concatenate([points, np.roll(points, -1, axis=0)], axis=1)
    for start in range(0, len(edges), _CHUNK):
        _add_edges(total, edges[start : start + _CHUNK], width, height)
    winding = np.abs(np.cumsum(total.reshape(height, width + 1), axis=1)[:, :width])
    folded = np.mod(winding, 2)
    return np.where(folded > 1, 2 - folded, folded)


def _add_edges(total: F64, edges: F64, width: int, height: int) -> None:
    """Add to each cell of `total`, rows of width + 1, how much the signed area right of the edges grows there.

    Every edge is cut at the pixel grid; a piece of height dy at the mean position x inside column c adds
    dy (c + 1 - x) to that column and the rest of dy to the next: the running sum of a row is then the coverage.
    """
    low, high = np.minimum(edges[:, 1], edges[:, 3]), np.maximum(edges[:, 1], edges[:, 3])
    edges = edges[(high > low) & (high > 0) & (low < height)]
    if not len(edges):
        return
    at_rows = _cut(edges, 1, height)
    pieces = _cut(at_rows, 0, width)
    dy = pieces[:, 3] - pieces[:, 1]
    x = np.clip((pieces[:, 0] + pieces[:, 2]) / 2, 0, width)
    y = (pieces[:, 1] + pieces[:, 3]) / 2
    inside = (y >= 0) & (y < height) & (x < width)
    dy, x, y = dy[inside], x[inside], y[inside]
    column = np.floor(x)
    cell = (np.floor(y) * (width + 1) + column).astype(np.int64)
    left = dy * (column + 1 - x)
    total += np.bincount(cell, left, len(total))
    total += np.bincount(cell + 1, dy - left, len(total))


def _cut(edges: F64, axis: int, size: int) -> F64:
    """Cut edges (x0, y0, x1, y1) wherever coordinate `axis` is a whole number from 0 to `size`."""
    a, b = edges[:, axis], edges[:, axis + 2]
    low, high = np.minimum(a, b), np.maximum(a, b)
    first = np.clip(np.floor(low) + 1, 0, size + 1).astype(np.int64)
    last = np.clip(np.ceil(high) - 1, -1, size).astype(np.int64)
    cuts = np.maximum(last - first + 1, 0)
    owner = np.repeat(np.arange(len(edges)), cuts + 1)
    nth = np.arange(len(owner)) - np.repeat(np.cumsum(cuts + 1) - cuts - 1, cuts + 1)
    span = np.where(b == a, 1, b - a)
    # Positions 0-1 along the edge where it crosses the whole numbers, counted along its own direction.
    rising = (b >= a)[owner]

    def position(n: NDArray[np.int64]) -> F64:
        whole = np.where(rising, first[owner] + n - 1, last[owner] - n + 1)
        result: F64 = np.clip((whole - a[owner]) / span[owner], 0, 1)
        return result

    start = np.where(nth == 0, 0, position(nth))
    end = np.where(nth == cuts[owner], 1, position(nth + 1))
    origin, vector = edges[owner, :2], edges[owner, 2:] - edges[owner, :2]
    return np.concatenate([origin + vector * start[:, None], origin + vector * end[:, None]], axis=1)
