"""Selections: one uint16 plane of tiles, 65535 selected, 0 not. Shapes, how they combine, and how they are changed."""

import math
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from retexture.document.changes import Rect
from retexture.document.pixels import TILE, Pixels, Tiles
from retexture.engine.gaussian import gaussian, gaussian_reach

U16 = NDArray[np.uint16]
Mode = Literal["replace", "add", "subtract", "intersect"]
CanvasSize = tuple[int, int]
"""Width and height in pixels."""

FULL = 65535
HALF = 32768
"""From here on a pixel counts as selected where there is only in or out, as for the marching ants."""
ELLIPSE_ERROR_PX = 0.002
MAX_EXPAND_PX = 500

_WHITE = Pixels(np.full((1, TILE, TILE), FULL, np.uint16))
"""The tile of all selections that is wholly selected: shared, it costs its memory once."""


def everything(size: CanvasSize) -> Tiles:
    """Return the selection of the whole canvas."""
    return Tiles(*size, background=(FULL,))


def nothing(size: CanvasSize) -> Tiles:
    """Return a selection of no pixel."""
    return Tiles(*size)


def from_plane(plane: U16, size: CanvasSize, x: int = 0, y: int = 0) -> Tiles:
    """Return the selection of an (h, w) uint16 plane that lies at (x, y) of the canvas, nothing around it."""
    return _tidied(Tiles(*size).written(x, y, plane[None]))


# -- shapes


def rectangle(size: CanvasSize, start: tuple[float, float], end: tuple[float, float]) -> Tiles:
    """Return the rectangle between two corners, each moved to the nearest corner of a pixel, as far as it is inside."""
    (left, right), (top, bottom) = (
        sorted(min(max(math.floor(v + 0.5), 0), limit) for v in pair)
        for pair, limit in zip(zip(start, end, strict=True), size, strict=True)
    )
    width, height = right - left, bottom - top
    if not width or not height:
        return nothing(size)
    tiles: dict[tuple[int, int], Pixels] = {}
    for row in range(top // TILE, -(-bottom // TILE)):
        for column in range(left // TILE, -(-right // TILE)):
            x, y = column * TILE, row * TILE
            if left <= x and x + TILE <= right and top <= y and y + TILE <= bottom:
                tiles[column, row] = _WHITE
                continue
            tile = np.zeros((1, min(TILE, size[1] - y), min(TILE, size[0] - x)), np.uint16)
            tile[:, max(top - y, 0) : bottom - y, max(left - x, 0) : right - x] = FULL
            tiles[column, row] = _shared(Pixels(tile))
    return Tiles(*size, tiles=tiles)


def ellipse(size: CanvasSize, start: tuple[float, float], end: tuple[float, float]) -> Tiles:
    """Return the ellipse that touches the sides of the rectangle between two corners, its edge antialiased."""
    (x0, y0), (x1, y1) = start, end
    rx, ry = abs(x1 - x0) / 2, abs(y1 - y0) / 2
    corners = max(16, math.ceil(math.pi * math.sqrt(max(rx, ry) / (2 * ELLIPSE_ERROR_PX))))
    # A little outside the ellipse, so that the polygon's sides are as far inside it as its corners are outside.
    grow = 2 / (1 + math.cos(math.pi / corners))
    angle = np.linspace(0, 2 * math.pi, corners, endpoint=False)
    x = (x0 + x1) / 2 + rx * grow * np.cos(angle)
    y = (y0 + y1) / 2 + ry * grow * np.sin(angle)
    return polygon(size, np.stack([x, y], 1))


def polygon(size: CanvasSize, points: NDArray[np.float64]) -> Tiles:
    """Return what a closed line encircles: each pixel by the part of its area that is inside (within 1/65535).

    Args:
        size: of the canvas.
        points: (N, 2) x and y in picture pixels, inside the canvas or not. What the line goes round more than once is
            selected too (non-zero winding).
    """
    x, y, part, rise = _pieces(np.asarray(points, np.float64), *size)
    tiles: dict[tuple[int, int], Pixels] = {}
    for row in np.unique(y // TILE):
        here = y // TILE == row
        band = (x[here], y[here] - row * TILE, part[here], rise[here])
        tall = min(TILE, size[1] - int(row) * TILE)
        covered = np.zeros(tall)  # by the edges to the left, in each row
        for column in range(-(-size[0] // TILE)):
            inside = band[0] // TILE == column
            wide = min(TILE, size[0] - column * TILE)
            if inside.any():
                xs, ys, parts, rises = (each[inside] for each in band)
                at = ys * (TILE + 1) + xs - column * TILE
                # An edge covers what lies to its right: of its own pixel a part, of the next ones all.
                area = np.bincount(at, rises * (1 - parts), tall * (TILE + 1) + 1)
                area += np.bincount(at + 1, rises * parts, tall * (TILE + 1) + 1)
                cover = np.cumsum(area[:-1].reshape(tall, TILE + 1), axis=1)[:, :wide] + covered[:, None]
                covered += np.bincount(ys, rises, tall)
            elif abs(covered[0]) < 0.5:
                continue
            elif (tall, wide) == (TILE, TILE):
                tiles[column, int(row)] = _WHITE
                continue
            else:
                cover = np.ones((tall, wide))
            level = np.rint(np.minimum(np.abs(cover), 1) * FULL).astype(np.uint16)
            if level.any():
                tiles[column, int(row)] = _shared(Pixels(level[None]))
    return Tiles(*size, tiles=tiles)


def _pieces(points: NDArray[np.float64], width: int, height: int) -> tuple[NDArray[Any], ...]:
    """Return the edges inside the canvas cut at pixel borders: column, row, mean place in the pixel 0-1, signed height.

    What is left of the canvas is moved to its border, for it covers all that lies to its right.
    """
    start, end = points, np.roll(points, -1, axis=0)
    edges = np.concatenate([start, end], axis=1)
    edges = _cut(edges[edges[:, 1] != edges[:, 3]], 1, height)
    for side in (0.0, float(width)):
        edges = _cut_at(edges, side)
    edges[:, [0, 2]] = np.clip(edges[:, [0, 2]], 0, width)
    edges = _cut(edges, 0, width)
    x = np.minimum(np.floor((edges[:, 0] + edges[:, 2]) / 2), width).astype(np.int64)
    y = np.minimum(np.floor((edges[:, 1] + edges[:, 3]) / 2), height - 1).astype(np.int64)
    return x, y, (edges[:, 0] + edges[:, 2]) / 2 - x, edges[:, 3] - edges[:, 1]


def _cut(edges: NDArray[np.float64], axis: int, limit: int) -> NDArray[np.float64]:
    """Return (N, 4) edges (x0, y0, x1, y1) cut at whole numbers of an axis; what is outside 0 to `limit` is dropped."""
    a, b = edges[:, axis], edges[:, axis + 2]
    low, high = np.minimum(a, b), np.maximum(a, b)
    first = np.clip(np.floor(low), 0, limit)
    count = np.maximum(np.clip(np.ceil(high), 0, limit) - first, 0).astype(np.int64)
    # An edge along a border of pixels has no length across it, and is one piece.
    count = np.where((low == high) & (low >= 0) & (low <= limit), 1, count)
    whole = np.repeat(np.arange(len(edges)), count)
    step = np.arange(len(whole)) - np.repeat(np.cumsum(count) - count, count) + first[whole]
    span = (b - a)[whole]
    with np.errstate(all="ignore"):
        t0, t1 = ((step + k - a[whole]) / span for k in (0, 1))
    flat = span == 0
    t0, t1 = np.where(flat, 0, np.clip(t0, 0, 1)), np.where(flat, 1, np.clip(t1, 0, 1))
    t0, t1 = np.minimum(t0, t1), np.maximum(t0, t1)
    return _parts(edges[whole], t0, t1)


def _cut_at(edges: NDArray[np.float64], x: float) -> NDArray[np.float64]:
    """Return edges cut where they cross a column."""
    span = edges[:, 2] - edges[:, 0]
    crosses = (np.minimum(edges[:, 0], edges[:, 2]) < x) & (np.maximum(edges[:, 0], edges[:, 2]) > x)
    cut = edges[crosses]
    t = (x - cut[:, 0]) / span[crosses]
    zero = np.zeros(len(t))
    return np.concatenate([edges[~crosses], _parts(cut, zero, t), _parts(cut, t, zero + 1)])


def _parts(
    edges: NDArray[np.float64], t0: NDArray[np.float64], t1: NDArray[np.float64]
) -> NDArray[np.float64]:
    start, way = edges[:, :2], edges[:, 2:] - edges[:, :2]
    return np.concatenate([start + way * t0[:, None], start + way * t1[:, None]], axis=1)


# -- how they combine


def combined(old: Tiles | None, new: Tiles, mode: Mode) -> Tiles:
    """Return a selection made from what was selected and a new shape.

    Added, each pixel is as selected as in the one that selects it more; intersected, as in the one that selects it
    less; subtracted, no more than the new one leaves. Where nothing was selected, the new one is the selection.
    """
    if old is None or mode == "replace":
        return new
    if mode == "add":
        return _merged(old, new, np.maximum)
    if mode == "intersect":
        return _merged(old, new, np.minimum)
    return _merged(old, new, lambda a, b: np.minimum(a, FULL - b))


def inverted(selection: Tiles) -> Tiles:
    """Return the selection of what was not selected."""
    return _merged(selection, selection, lambda a, _: FULL - a)


def is_empty(selection: Tiles) -> bool:
    """Whether no pixel is selected at all."""
    return bounds(selection) is None if selection.background[0] else not _any(selection)


def _any(selection: Tiles) -> bool:
    return any(tile is _WHITE or tile.array.any() for tile in selection.tiles.values())


def bounds(selection: Tiles, least: int = 1) -> Rect | None:
    """Return the smallest rectangle around all pixels that are selected at least so much; None without any."""
    left = top = 1 << 40
    right = bottom = 0
    for row in range(-(-selection.height_px // TILE)):
        for column in range(-(-selection.width_px // TILE)):
            x, y = column * TILE, row * TILE
            wide, tall = min(TILE, selection.width_px - x), min(TILE, selection.height_px - y)
            tile = selection.tiles.get((column, row))
            if tile is None or tile is _WHITE:
                if tile is None and selection.background[0] < least:
                    continue
                x0, x1, y0, y1 = 0, wide, 0, tall
            else:
                inside = tile.array[0] >= least
                columns, rows = inside.any(0).nonzero()[0], inside.any(1).nonzero()[0]
                if not len(rows):
                    continue
                x0, x1, y0, y1 = columns[0], columns[-1] + 1, rows[0], rows[-1] + 1
            left, right = min(left, x + int(x0)), max(right, x + int(x1))
            top, bottom = min(top, y + int(y0)), max(bottom, y + int(y1))
    return Rect(left, top, right - left, bottom - top) if right else None


def _merged(a: Tiles, b: Tiles, mix: Callable[[Any, Any], Any]) -> Tiles:
    """Return two selections mixed pixel by pixel; tiles that are as before are shared."""
    background = int(mix(np.int64(a.background[0]), np.int64(b.background[0])))
    found: dict[tuple[int, int], Pixels] = {}
    for key in a.tiles.keys() | b.tiles.keys():
        pixels = [side.tiles.get(key) for side in (a, b)]
        arrays = [
            np.uint16(side.background[0]) if tile is None else tile.array
            for side, tile in zip((a, b), pixels, strict=True)
        ]
        mixed = np.asarray(mix(*arrays), np.uint16)
        if (mixed == background).all():
            continue
        same = (p for p in pixels if p is not None and np.array_equal(p.array, mixed))
        found[key] = next(same, None) or _shared(Pixels(mixed))
    return Tiles(a.width_px, a.height_px, background=(background,), tiles=found)


def _tidied(selection: Tiles) -> Tiles:
    """Return the selection with its wholly selected tiles shared."""
    tiles = {key: _shared(tile) for key, tile in selection.tiles.items()}
    return Tiles(selection.width_px, selection.height_px, background=selection.background, tiles=tiles)


def _shared(tile: Pixels) -> Pixels:
    return _WHITE if tile.array.shape == _WHITE.array.shape and (tile.array == FULL).all() else tile


# -- how they are changed


def moved(selection: Tiles, dx: int, dy: int) -> Tiles:
    """Return the selection moved by whole pixels; what comes in from outside is not selected."""
    size = (selection.width_px, selection.height_px)
    around = bounds(selection)
    if around is None:
        return selection
    plane = selection.read(*around)
    return _tidied(Tiles(*size).written(around.x + dx, around.y + dy, plane))


def feathered(selection: Tiles, radius_px: float) -> Tiles:
    """Return the selection softened by a Gaussian of standard deviation `radius_px`; the canvas's edge is repeated."""
    reach = gaussian_reach(radius_px)
    plane, x, y = _around_edges(selection, reach)
    if plane is None:
        return selection
    soft = gaussian(plane[None].astype(np.float32), radius_px, (x, y))[0]
    return _put_back(selection, np.rint(np.clip(soft, 0, FULL)).astype(np.uint16), x, y)


def expanded(selection: Tiles, radius_px: int) -> Tiles:
    """Return the selection grown by a disc: each pixel as selected as the most selected one within `radius_px`.

    Raises:
        ValueError: the radius is not 1 to `MAX_EXPAND_PX`.
    """
    if not 1 <= radius_px <= MAX_EXPAND_PX:
        raise ValueError(f"A selection grows or shrinks by 1 to {MAX_EXPAND_PX} px")
    plane, x, y = _around_edges(selection, radius_px)
    return selection if plane is None else _put_back(selection, _dilated(plane, radius_px), x, y)


def contracted(selection: Tiles, radius_px: int) -> Tiles:
    """Return the selection shrunk by a disc; the canvas's edge is no edge of it.

    Raises:
        ValueError: the radius is not 1 to `MAX_EXPAND_PX`.
    """
    return inverted(expanded(inverted(selection), radius_px))


def _around_edges(selection: Tiles, reach: int | None) -> tuple[U16 | None, int, int]:
    """Return the plane around all that is not uniform, grown by a reach (None: all of it), and where it lies."""
    size = (selection.width_px, selection.height_px)
    if not selection.tiles:
        return None, 0, 0
    if reach is None:
        return selection.to_array()[0], 0, 0
    columns, rows = ([key[axis] for key in selection.tiles] for axis in (0, 1))
    x, y = max(min(columns) * TILE - reach, 0), max(min(rows) * TILE - reach, 0)
    right = min((max(columns) + 1) * TILE + reach, size[0])
    bottom = min((max(rows) + 1) * TILE + reach, size[1])
    return selection.read(x, y, right - x, bottom - y)[0], x, y


def _put_back(selection: Tiles, plane: U16, x: int, y: int) -> Tiles:
    empty = Tiles(selection.width_px, selection.height_px, background=selection.background)
    return _tidied(empty.written(x, y, plane[None]))


def _dilated(plane: U16, radius: int) -> U16:
    """Return the maximum over a disc. Its rows are widened from the top of the disc to its middle, and laid over."""
    height, width = plane.shape
    out = plane.copy()
    wide, half = plane, 0
    for dy in range(radius, -1, -1):
        wanted = math.isqrt(radius * radius - dy * dy)
        while half < wanted:
            # Overlapping by at most what there is already, so that no pixel between is missed.
            step = min(wanted - half, 2 * half + 1)
            rest = max(width - step, 0)
            grown = wide.copy()
            np.maximum(grown[:, step:], wide[:, :rest], out=grown[:, step:])
            np.maximum(grown[:, :rest], wide[:, step:], out=grown[:, :rest])
            wide, half = grown, half + step
        for a, b in ((dy, 0), (0, dy)):
            if height > dy:
                np.maximum(out[a : height - b], wide[b : height - a], out=out[a : height - b])
    return out
