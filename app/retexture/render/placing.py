"""A source's pixels where a transform puts them: resampled once, from the source itself or from its reduced copies.

Interpolation is cubic convolution. Where the picture gets smaller, it is read from a copy halved as often as fits,
and blurred by what is left of the reduction, so that fine texture does not turn into moire.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from retexture.document.transform import MESH, Placement, apply, bernstein
from retexture.render.region import Region

Array = NDArray[Any]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

Read = Callable[[tuple[int, int], Region], F32]
"""Returns planes (C, h, w) of a region of the source halved so often in x and in y; any alpha last, premultiplied."""

GRID_PX = 8
"""A warp is inverted at every so many pixels, and interpolated between them."""

MARGIN_PX = 4
"""What cubic convolution and the blur before it read around a point."""

DRAFT_GRID_PX = 16

_FAR = 1e6


class _Lookup(NamedTuple):
    """Where in the source, in its pixels from its corner, the pixels of a region come from: (h, w) each."""

    x: F64
    y: F64
    step_x: F64
    """How much of the source, in its own direction, a pixel covers: (h, w), or (1, 1) where it is the same for all."""
    step_y: F64


def resampled(
    place: Placement, region: Region, level: int, read: Read, size: tuple[int, int], *, draft: bool = False
) -> F32:
    """Return a source's pixels for a region of the document at a level.

    Args:
        place: where the source lies.
        region: pixels of the document at `level`.
        level: as of `render`.
        read: the source's pixels.
        size: the source's width and height.
        draft: read between the pixels of the nearest reduced copy, the quickest way: for pictures under the hand.

    Returns:
        (C + 1, h, w) float32 0-1 of a source without alpha, else (C, h, w): straight, alpha last. Edges of the
        picture that fall inside a pixel cover it in part.
    """
    if draft:
        planes, coverage = _drafted(place, region, level, read, size)
    else:
        lookup = _lookup(place, region, level)
        inside = _inside(lookup, size)
        if not inside.any():
            channels = len(read((0, 0), Region(0, 0, 1, 1)))
            return np.zeros((channels + channels % 2, region.height, region.width), np.float32)
        if lookup.step_x.size == 1:
            steps = (float(lookup.step_x[0, 0]), float(lookup.step_y[0, 0]))
            planes = _sampled(lookup, np.ones((1, 1), bool), steps, read, size)
        else:
            planes = _varying(lookup, inside > 0, read, size)
        coverage = inside.astype(np.float32)
    if len(planes) % 2:
        return np.concatenate([planes, np.broadcast_to(coverage, planes.shape[1:])[None]])
    alpha = planes[-1]
    planes[:-1] /= np.where(alpha > 1e-4, alpha, np.float32(1))
    planes[-1] = np.clip(np.where(alpha > 1e-4, alpha, 0), 0, 1) * coverage
    return planes


def _inside(lookup: _Lookup, size: tuple[int, int]) -> F64:
    """Return how much of each pixel the source covers: (h, w), or (1, 1) where it covers all."""
    corners = np.s_[:: max(lookup.x.shape[0] - 1, 1), :: max(lookup.x.shape[1] - 1, 1)]
    if lookup.step_x.size == 1:
        ends = [
            _edge(at[corners], length, step)
            for at, length, step in zip(lookup[:2], size, lookup[2:], strict=True)
        ]
        if min(float(end.min()) for end in ends) == 1:
            return np.ones((1, 1))
    return _edge(lookup.x, size[0], lookup.step_x) * _edge(lookup.y, size[1], lookup.step_y)


def _edge(at: F64, size: int, step: F64) -> F64:
    """Return how much of each pixel lies between 0 and `size` along an axis of the source."""
    # A picture thinner than a pixel covers no more of it than its own width.
    covered: F64 = np.clip(np.minimum(at, size - at) / step + 0.5, 0, np.minimum(size / step, 1))
    return covered


def _lookup(place: Placement, region: Region, level: int) -> _Lookup:
    scale = 1 << level
    inverse = np.asarray(np.linalg.inv(place.matrix), np.float64)
    x = (region.x + np.arange(region.width) + 0.5)[None, :] * scale
    y = (region.y + np.arange(region.height) + 0.5)[:, None] * scale
    affine = bool((inverse[2, :2] == 0).all())
    mesh = place.transform.warp
    if mesh is not None:
        at_x, at_y = _unwarped(place, inverse, region, scale)
    else:
        at_x, at_y = (inverse[i, 0] * x + (inverse[i, 1] * y + inverse[i, 2]) for i in (0, 1))
        if affine:
            if inverse[2, 2] != 1:
                at_x, at_y = at_x / inverse[2, 2], at_y / inverse[2, 2]
            steps: F64 = np.hypot(inverse[:2, 0], inverse[:2, 1]) / abs(inverse[2, 2]) * scale
            return _Lookup(at_x, at_y, *(np.full((1, 1), step) for step in steps))
        w = inverse[2, 0] * x + (inverse[2, 1] * y + inverse[2, 2])
        behind = w <= 1e-12  # beyond the horizon
        w[behind] = 1
        at_x, at_y = at_x / w, at_y / w
        at_x[behind] = at_y[behind] = -_FAR
    return _Lookup(at_x, at_y, *(_slope(at) for at in (at_x, at_y)))


def _slope(at: F64) -> F64:
    """Return how much a coordinate changes from a pixel to the next."""
    padded = np.pad(at, ((0, 1), (0, 1)), mode="reflect", reflect_type="odd") if min(at.shape) > 1 else None
    if padded is None:
        return np.ones_like(at)
    slope: F64 = np.hypot(padded[:-1, 1:] - at, padded[1:, :-1] - at)
    return np.maximum(slope, 1e-6)


# -- sampling


def _sampled(
    lookup: _Lookup, where: NDArray[np.bool_], steps: tuple[float, float], read: Read, size: tuple[int, int]
) -> F32:
    """Return planes (C, h, w) of the source, prepared for one reduction, at all points; right where `where` holds."""
    halvings = tuple(max(math.floor(math.log2(max(step, 1)) + 1e-9), 0) for step in steps)
    # A side of one pixel has nothing left to halve.
    nx, ny = (min(n, max(length - 1, 0).bit_length()) for n, length in zip(halvings, size, strict=True))
    width, height = -(-size[0] >> nx), -(-size[1] >> ny)
    across, down = (_blur(step / (1 << n)) for step, n in zip(steps, (nx, ny), strict=True))
    columns, rows = lookup.x * (1 / (1 << nx)), lookup.y * (1 / (1 << ny))
    columns -= 0.5
    rows -= 0.5
    np.clip(columns, -MARGIN_PX, width - 1 + MARGIN_PX, out=columns)
    np.clip(rows, -MARGIN_PX, height - 1 + MARGIN_PX, out=rows)
    used = [at if where.size == 1 else at[where] for at in (columns, rows)]
    left, right = _reach(float(used[0].min()), float(used[0].max()), width)
    top, bottom = _reach(float(used[1].min()), float(used[1].max()), height)
    planes = read((nx, ny), Region(left, top, right - left, bottom - top))
    map_x, map_y = (columns - left).astype(np.float32), (rows - top).astype(np.float32)
    out = np.empty((len(planes), *map_x.shape), np.float32)
    for plane, target in zip(planes, out, strict=True):
        source = np.ascontiguousarray(plane)
        if len(across) > 1 or len(down) > 1:
            source = cv2.sepFilter2D(source, cv2.CV_32F, across, down, borderType=cv2.BORDER_REPLICATE)
        cv2.remap(source, map_x, map_y, cv2.INTER_CUBIC, dst=target, borderMode=cv2.BORDER_REPLICATE)
    return out


def _reach(low: float, high: float, size: int) -> tuple[int, int]:
    """Return the first source pixel that points from `low` to `high` need, and the one after the last."""
    first = min(max(math.floor(low) - MARGIN_PX, 0), size - 1)
    last = max(min(math.ceil(high) + MARGIN_PX + 1, size), first + 1)
    return first, last


def _blur(step: float) -> F64:
    """Return the kernel (n, 1) that takes off what a reduction by 1 to 2 cannot show."""
    side = 0.25 * min(max(2 * (step - 1), 0), 1)
    return np.array([[side], [1 - 2 * side], [side]]) if side > 1e-6 else np.ones((1, 1))


def _varying(lookup: _Lookup, inside: NDArray[np.bool_], read: Read, size: tuple[int, int]) -> F32:
    """Sample where the reduction changes from pixel to pixel: between two reductions half a stop apart."""
    rung = 2 * np.log2(np.maximum(np.sqrt(lookup.step_x * lookup.step_y), 1))
    # No reduction beyond one pixel.
    rung = np.minimum(rung, 2 * max(max(size) - 1, 1).bit_length())
    found = rung[inside]
    out: F32 | None = None
    for k in range(math.floor(found.min()), math.ceil(found.max()) + 1):
        weight = np.clip(1 - np.abs(rung - k), 0, 1)
        where = inside & (weight > 0)
        if where.any():
            planes = _sampled(lookup, where, (2 ** (k / 2), 2 ** (k / 2)), read, size)
            planes *= (weight * inside).astype(np.float32)
            out = planes if out is None else out + planes
    assert out is not None, "a rung for each pixel"
    return out


# -- drafts


def _drafted(
    place: Placement, region: Region, level: int, read: Read, size: tuple[int, int]
) -> tuple[F32, F32]:
    """Return planes (C, h, w) of the source and their coverage (h, w)."""
    inverse = np.asarray(np.linalg.inv(place.matrix), np.float64)
    scale = 1 << level
    at: tuple[F64, F64] | None = None
    if place.transform.warp is not None:
        at = _unwarped(place, inverse, region, scale, DRAFT_GRID_PX)
        points = np.stack([a[::8, ::8].ravel() for a in at], 1)
        near = ((points > -np.array(size)) & (points < 2 * np.array(size))).all(1)
        points = points[near] if near.any() else np.zeros((1, 2))
        spread = np.ptp(points, axis=0)
        step = math.sqrt(max(float(spread[0] * spread[1]), 1) / len(points)) / 8
    else:
        ends = [(region.x, region.y), (region.x + region.width, region.y + region.height)]
        corners = (
            np.array([(x, y) for x in (ends[0][0], ends[1][0]) for y in (ends[0][1], ends[1][1])]) * scale
        )
        middle = corners.mean(0)
        around = apply(inverse, middle + np.array([(0, 0), (scale, 0), (0, scale)]))
        step = math.sqrt(abs(float(np.linalg.det(around[1:] - around[0]))))
        seen = bool((corners @ inverse[2, :2] + inverse[2, 2] > 1e-9).all())
        points = apply(inverse, corners) if seen else np.array([(0, 0), size])
    n = min(max(round(math.log2(max(step, 1))), 0), max(max(size) - 1, 1).bit_length())
    width, height = -(-size[0] >> n), -(-size[1] >> n)
    (low_x, low_y), (high_x, high_y) = points.min(0) / (1 << n) - 0.5, points.max(0) / (1 << n) - 0.5
    left, right = _reach(low_x, high_x, width)
    top, bottom = _reach(low_y, high_y, height)
    planes = read((n, n), Region(left, top, right - left, bottom - top))
    # A border of the edge's colour, where the coverage runs out.
    planes = np.pad(planes, ((0, 0), (1, 1), (1, 1)), mode="edge")
    covered = np.ones(planes.shape[1:], np.float32)
    for edge, outside in (
        (np.s_[:, 0], left == 0),
        (np.s_[:, -1], right == width),
        (np.s_[0], top == 0),
        (np.s_[-1], bottom == height),
    ):
        if outside:
            covered[edge] = 0
    if at is not None:
        columns, rows = (
            np.clip(a / (1 << n) + 0.5 - first, -2, 1 << 15).astype(np.float32)
            for a, first in zip(at, (left, top), strict=True)
        )
    shape = (region.width, region.height)
    to_source = np.array([[1 / (1 << n), 0, 0.5 - left], [0, 1 / (1 << n), 0.5 - top], [0, 0, 1]])
    from_pixel = np.array(
        [[scale, 0, (region.x + 0.5) * scale], [0, scale, (region.y + 0.5) * scale], [0, 0, 1]]
    )
    matrix = to_source @ inverse @ from_pixel
    affine = at is None and bool((matrix[2, :2] == 0).all())

    def read_off(plane: F32, border: int) -> F32:
        if at is not None:
            return np.asarray(
                cv2.remap(plane, columns, rows, cv2.INTER_LINEAR, borderMode=border), np.float32
            )
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        if affine:
            return np.asarray(
                cv2.warpAffine(plane, matrix[:2] / matrix[2, 2], shape, flags=flags, borderMode=border),
                np.float32,
            )
        return np.asarray(
            cv2.warpPerspective(plane, matrix, shape, flags=flags, borderMode=border), np.float32
        )

    out = np.stack([read_off(plane, cv2.BORDER_REPLICATE) for plane in planes])
    if covered.all():
        return out, np.ones((1, 1), np.float32)
    return out, read_off(covered, cv2.BORDER_CONSTANT)


# -- backwards


def source_points(place: Placement, points: F64, inverse: F64 | None = None) -> F64:
    """Return the points of the source that lie at points (n, 2) of the document; far outside it where none does.

    `inverse` is of the placement's matrix, where the caller has it.
    """
    if inverse is None:
        inverse = np.asarray(np.linalg.inv(place.matrix), np.float64)
    w = points @ inverse[2, :2] + inverse[2, 2]
    source = np.full_like(points, -_FAR)
    source[w > 1e-12] = apply(inverse, points[w > 1e-12])
    if place.transform.warp is not None:
        source, error = _solved(place, source)
        source[error > 1] = -_FAR
    return source


def _unwarped(
    place: Placement, inverse: F64, region: Region, scale: int, step_px: int = GRID_PX
) -> tuple[F64, F64]:
    """Return the points of the source that a warp takes to each pixel, found on a grid and interpolated."""
    # The grid lies on whole multiples, so that each region finds the same values.
    left, top = (v // step_px * step_px for v in (region.x, region.y))
    nx = -(-(region.x + region.width - left) // step_px) + 1
    ny = -(-(region.y + region.height - top) // step_px) + 1
    xs, ys = ((start + np.arange(n) * step_px + 0.5) * scale for start, n in ((left, nx), (top, ny)))
    points = np.stack(np.meshgrid(xs, ys), -1).reshape(-1, 2)
    grid = source_points(place, points, inverse).reshape(ny, nx, 2)
    down = _between(region.y - top, region.height, ny, step_px)
    across = _between(region.x - left, region.width, nx, step_px)
    at_x, at_y = (down @ grid[..., i] @ across.T for i in (0, 1))
    return at_x, at_y


def _between(first: int, count: int, nodes: int, step_px: int) -> F64:
    """Return the weights (count, nodes) of linear interpolation between nodes, at `count` pixels from `first`."""
    at = (first + np.arange(count))[:, None] / step_px - np.arange(nodes)
    weights: F64 = np.clip(1 - np.abs(at), 0, 1)
    return weights


def _solved(place: Placement, wanted: F64) -> tuple[F64, F64]:
    """Return the points that the warp takes to `wanted` (n, 2), and how far each misses it, in source pixels."""
    mesh = place.transform.warp
    assert mesh is not None
    size = np.array([place.width_px, place.height_px], np.float64)
    offsets = np.array(mesh).reshape(MESH, MESH, 2) / size
    goal = wanted / size
    # Newton's method from the nearest of a grid of points.
    v, u = np.mgrid[0:1:13j, 0:1:13j].reshape(2, -1)
    starts = np.stack([u, v], 1)
    ends = starts + _patch(bernstein(v), bernstein(u), offsets)
    nearest = ((goal[:, None] - ends[None]) ** 2).sum(-1).argmin(1)
    at: F64 = starts[nearest].copy()
    for _ in range(12):
        bu, bv = bernstein(at[:, 0]), bernstein(at[:, 1])
        missing = goal - at - _patch(bv, bu, offsets)
        du = _patch(bv, _slopes(at[:, 0]), offsets) + np.array([1, 0])
        dv = _patch(_slopes(at[:, 1]), bu, offsets) + np.array([0, 1])
        det = du[:, 0] * dv[:, 1] - du[:, 1] * dv[:, 0]
        det = np.where(np.abs(det) < 1e-9, 1e-9, det)
        move = np.stack(
            [
                (missing[:, 0] * dv[:, 1] - missing[:, 1] * dv[:, 0]) / det,
                (missing[:, 1] * du[:, 0] - missing[:, 0] * du[:, 1]) / det,
            ],
            1,
        )
        at = np.clip(at + np.clip(move, -0.25, 0.25), -1, 2)
    bu, bv = bernstein(at[:, 0]), bernstein(at[:, 1])
    missing = goal - at - _patch(bv, bu, offsets)
    return at * size, np.hypot(*(missing * size).T)


def _patch(down: F64, across: F64, offsets: F64) -> F64:
    """Return sums (n, 2) of a mesh's offsets (4, 4, 2), weighted by (n, 4) in rows and in columns."""
    return np.stack([((down @ offsets[..., i]) * across).sum(1) for i in (0, 1)], 1)


def _slopes(t: F64) -> F64:
    """Return the derivatives of the Bernstein polynomials at t, (..., 4)."""
    s = 1 - t
    return np.stack([-3 * s * s, 3 * s * s - 6 * s * t, 6 * s * t - 3 * t * t, 3 * t * t], -1)


def whole_extent(place: Placement) -> tuple[Region, F64]:
    """Return where a source of whole pixels lies in the document, and its matrix."""
    matrix = place.whole_pixels
    assert matrix is not None, "a placement of whole pixels"
    left, top, right, bottom = (round(v) for v in place.bounds())
    return Region(left, top, right - left, bottom - top), matrix


def turned(planes: Array, matrix: F64, extent: Region, region: Region) -> Array:
    """Return the pixels (C, h, w) of a source that a matrix of whole pixels puts into a region of its extent."""
    if matrix[0, 0] == 0:
        planes = planes.transpose(0, 2, 1)
    across, down = (matrix[:, 0] + matrix[:, 1])[:2]
    found = planes[:, :: int(down), :: int(across)][(slice(None), *region.slices(extent))]
    return found if found.strides[2] == found.itemsize else np.ascontiguousarray(found)
