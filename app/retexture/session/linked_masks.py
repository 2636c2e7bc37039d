"""Masks that move with their layer: what a move or a transform does to the layer, it does to the linked masks too.

A mask of whole-pixel shifts is exact; any other change resamples it once, from what it was when the change began.
Masks of smart filters always go along. What is under the hand is looked at in part, at the level that is shown: all
of a mask is worked out at the end, off the window's thread.
"""

import math
from collections.abc import Callable
from typing import Any

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.document.document import Document, planes_of
from retexture.document.layers import AnyLayer, GroupLayer, LayerMask, PaintLayer, RasterMask
from retexture.document.lazy_tiles import LazyTiles, ReadLevel
from retexture.document.pixels import TILE, Box, Pixels, Tiles
from retexture.document.transform import Placement, apply
from retexture.document.tree import Layers, everything, filters_of
from retexture.render.placing import source_points
from retexture.session.strokes import full_scale

Array = NDArray[Any]
F64 = NDArray[np.float64]

WARPED_PX = 32_000
"""Longer sides than that are warped at a fraction of their resolution: `cv2.remap` takes no more."""

NODES_PX = 8
"""A warp is followed at every so many pixels, and interpolated between them."""


def with_layers(document: Document, change: Callable[[AnyLayer], AnyLayer]) -> Document:
    """Return a document with every layer changed; what `change` returns as it was stays the same object."""

    def through(layers: Layers) -> Layers:
        made = []
        for layer in layers:
            new = change(layer)
            if isinstance(layer, GroupLayer) and isinstance(new, GroupLayer):
                members = through(layer.layers)
                if members is not layer.layers:
                    new = msgspec.structs.replace(new, layers=members)
            made.append(new)
        same = all(a is b for a, b in zip(made, layers, strict=True))
        return layers if same else tuple(made)

    return msgspec.structs.replace(document, layers=through(document.layers), hidden=through(document.hidden))


def with_planes(mask: LayerMask, change: Callable[[Tiles], Tiles]) -> LayerMask:
    """Return a layer mask with all its raster planes changed."""
    painted = None if mask.painted is None else _with_tiles(mask.painted, change)
    parts = tuple(_with_tiles(c, change) if isinstance(c, RasterMask) else c for c in mask.components)
    return msgspec.structs.replace(mask, painted=painted, components=parts)


def _with_tiles(plane: RasterMask, change: Callable[[Tiles], Tiles]) -> RasterMask:
    return msgspec.structs.replace(plane, tiles=change(plane.tiles))


def carried(layer: AnyLayer, change: Callable[[Tiles], Tiles], *, linked_only: bool = True) -> AnyLayer:
    """Return a layer whose mask, if it is linked (or in any case), and whose filters' masks are changed."""
    changes: dict[str, object] = {}
    if layer.mask is not None and (layer.mask.linked or not linked_only):
        changes["mask"] = with_planes(layer.mask, change)
    if any(item.mask is not None for item in filters_of(layer)):
        changes["filters"] = tuple(
            item if item.mask is None else msgspec.structs.replace(item, mask=_with_tiles(item.mask, change))
            for item in filters_of(layer)
        )
    return msgspec.structs.replace(layer, **changes) if changes else layer


def shifted_tiles(tiles: Tiles, dx: int, dy: int, size: tuple[int, int] | None = None) -> Tiles:
    """Return tiles moved by whole pixels, on a canvas of a size (by default their own); what leaves it is gone."""
    width, height = size or (tiles.width_px, tiles.height_px)
    if (dx, dy) == (0, 0) and (width, height) == (tiles.width_px, tiles.height_px):
        return tiles
    met = {
        (x // TILE, y // TILE)
        for column, row in tiles.tiles
        for x in (column * TILE + dx, column * TILE + dx + TILE - 1)
        for y in (row * TILE + dy, row * TILE + dy + TILE - 1)
        if 0 <= x < width + TILE and 0 <= y < height + TILE
    }
    empty = np.array(tiles.background, tiles.dtype)[:, None, None]
    found: dict[tuple[int, int], Pixels] = {}
    for column, row in met:
        wide, tall = min(TILE, width - column * TILE), min(TILE, height - row * TILE)
        if wide > 0 and tall > 0:
            tile = tiles.read(column * TILE - dx, row * TILE - dy, wide, tall)
            if (tile != empty).any():
                found[column, row] = Pixels(tile)
    return Tiles(width, height, background=tiles.background, dtype=tiles.dtype, tiles=found)


def whole_shift(before: Placement, after: Placement) -> tuple[int, int] | None:
    """Return by how many whole pixels something was moved; None where more was done to it."""
    a, b = before.transform, after.transform
    dx = b.x_px - a.x_px + after.x_px - before.x_px
    dy = b.y_px - a.y_px + after.y_px - before.y_px
    if msgspec.structs.replace(b, x_px=a.x_px, y_px=a.y_px) != a or dx % 1 or dy % 1:
        return None
    return int(dx), int(dy)


def carry(tiles: Tiles, before: Placement, after: Placement) -> Tiles:
    """Return one plane of tiles, changed as a picture that went from one placement to another; worked out later.

    Args:
        tiles: the mask as it was at the start.
        before: where the picture lay then.
        after: where it lies now.

    Raises:
        ValueError: the corners of a placement cross.
    """
    if before == after or tiles.extent is None:
        return tiles
    box = _landing(tiles, tiles.extent, before, after)
    if box is None:
        return Tiles(tiles.width_px, tiles.height_px, background=tiles.background, dtype=tiles.dtype)

    def make() -> Tiles:
        shift = whole_shift(before, after)
        return _resampled(tiles, box, before, after) if shift is None else shifted_tiles(tiles, *shift)

    def preview(level: int, part: Box, read: ReadLevel) -> Array:
        return _previewed(tiles, box, before, after, level, part, read)

    return LazyTiles(tiles, make, box, preview)


def shifted(tiles: Tiles, dx: int, dy: int) -> Tiles:
    """Return tiles of any planes moved by whole pixels, what leaves the canvas gone; worked out later."""
    if (dx, dy) == (0, 0) or tiles.extent is None:
        return tiles
    x, y, width, height = tiles.extent
    left, top = max(x + dx, 0), max(y + dy, 0)
    right, bottom = min(x + dx + width, tiles.width_px), min(y + dy + height, tiles.height_px)
    box = (left, top, right - left, bottom - top) if left < right and top < bottom else None
    return LazyTiles(tiles, lambda: shifted_tiles(tiles, dx, dy), box)


def worked_out(document: Document) -> Document:
    """Return a document whose tiles are all worked out, equal to it; may take long, and be asked for on any thread."""

    def plain(tiles: Tiles) -> Tiles:
        return tiles.plain() if isinstance(tiles, LazyTiles) else tiles

    def change(layer: AnyLayer) -> AnyLayer:
        if not any(isinstance(tiles, LazyTiles) for tiles in planes_of(layer)):
            return layer
        new = carried(layer, plain, linked_only=False)
        return msgspec.structs.replace(new, tiles=plain(new.tiles)) if isinstance(new, PaintLayer) else new

    return with_layers(document, change)


def waiting_px(document: Document) -> int:
    """Return how many samples of a document are not worked out yet."""
    lazy = (t for layer in everything(document) for t in planes_of(layer) if isinstance(t, LazyTiles))
    boxes = ((t.extent, len(t.background)) for t in lazy if not t.known)
    return sum(box[2] * box[3] * planes for box, planes in boxes if box is not None)


def _resampled(tiles: Tiles, box: Box, before: Placement, after: Placement) -> Tiles:
    """Return what `carry` prepares, of other changes than shifts by whole pixels."""
    x, y, width, height = box
    assert tiles.extent is not None
    left, top, wide, tall = tiles.extent
    warped = before.transform.warp is not None or after.transform.warp is not None
    coarse = -(-max(width, height) // WARPED_PX) if warped else 1
    small = (-(-width // coarse), -(-height // coarse))
    shrink = _reduction(before, after, (x + width / 2, y + height / 2)) * coarse
    factor = max(int(min(shrink + 1e-6, max(wide, tall))), -(-max(wide, tall) // WARPED_PX) if warped else 1)
    source = _reduced(tiles, tiles.extent, factor)
    lookup = _lookup((x, y), small, coarse, before, after)
    plane = _warped(source, (left, top), factor, lookup, small, float(tiles.background[0]))
    if coarse > 1:
        whole = (small[0] * coarse, small[1] * coarse)
        plane = cv2.resize(plane, whole)[:height, :width]
    return _cut(plane, x, y, tiles)


def _previewed(
    tiles: Tiles, box: Box, before: Placement, after: Placement, level: int, part: Box, read: ReadLevel
) -> Array:
    """Return a part of a level of what `carry` prepares: (1, h, w), read from the level that it is enlarged least."""
    x, y, width, height = part
    step = 1 << level
    background = np.array(tiles.background[0], tiles.dtype)
    left, top, right, bottom = x * step, y * step, (x + width) * step, (y + height) * step
    if left >= box[0] + box[2] or right <= box[0] or top >= box[1] + box[3] or bottom <= box[1]:
        return np.full((1, height, width), background)
    shrink = _reduction(before, after, ((left + right) / 2, (top + bottom) / 2))
    coarser = level + int(math.log2(shrink) + 1e-6)
    scale = 1 << coarser
    lookup = _lookup((left, top), (width, height), step, before, after)
    wide, tall = -(-tiles.width_px >> coarser), -(-tiles.height_px >> coarser)
    x0, y0, x1, y1 = _span(lookup, (width, height))
    # One more on each side for what lies between pixels, and one for the rounding.
    sx, sy = max(math.floor(max(x0 / scale, -1e6)) - 2, 0), max(math.floor(max(y0 / scale, -1e6)) - 2, 0)
    ex, ey = min(math.ceil(min(x1 / scale, 1e6)) + 2, wide), min(math.ceil(min(y1 / scale, 1e6)) + 2, tall)
    if sx >= ex or sy >= ey:
        return np.full((1, height, width), background)
    source = read(tiles, coarser, (sx, sy, ex - sx, ey - sy))[0]
    level_of_it = float(background) / (1 if source.dtype == tiles.dtype else full_scale(tiles.dtype))
    origin = (sx * scale, sy * scale)
    return _warped(source, origin, scale, lookup, (width, height), level_of_it)[None]


Lookup = F64 | tuple[F64, F64]
"""Where pixels come from: a matrix of their indices, or (h, w) of x and of y; in document pixels."""


def _lookup(
    corner: tuple[int, int], size: tuple[int, int], step: int, before: Placement, after: Placement
) -> Lookup:
    """Return where the pixels of a box, each so many of the document wide, lay before."""
    if before.transform.warp is not None or after.transform.warp is not None:
        return _followed(corner, size, step, before, after)
    middle = (corner[0] + step / 2, corner[1] + step / 2)
    return np.asarray(before.matrix @ np.linalg.inv(after.matrix) @ _scaling(step, middle), np.float64)


def _span(lookup: Lookup, size: tuple[int, int]) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of where the pixels of a lookup come from."""
    if isinstance(lookup, tuple):
        columns, rows = lookup
        return float(columns.min()), float(rows.min()), float(columns.max()), float(rows.max())
    width, height = size
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64) - 0.5
    if (corners @ lookup[2, :2] + lookup[2, 2] <= 1e-9).any():
        return -math.inf, -math.inf, math.inf, math.inf
    (left, top), (right, bottom) = (f(apply(lookup, corners), 0) for f in (np.min, np.max))
    return float(left), float(top), float(right), float(bottom)


def _warped(
    source: Array,
    origin: tuple[int, int],
    factor: int,
    lookup: Lookup,
    size: tuple[int, int],
    background: float,
) -> Array:
    """Return (h, w) of a plane whose pixels are each so many of the document wide, its corner at `origin`."""
    plane: Array
    if isinstance(lookup, tuple):
        plane = cv2.remap(
            source,
            ((lookup[0] - origin[0]) / factor - 0.5).astype(np.float32),
            ((lookup[1] - origin[1]) / factor - 0.5).astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=background,
        )
        return plane
    to_source = _scaling(1 / factor, (-origin[0] / factor - 0.5, -origin[1] / factor - 0.5))
    plane = cv2.warpPerspective(
        source,
        to_source @ lookup,
        size,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=background,
    )
    return plane


def _reduced(tiles: Tiles, box: Box, factor: int) -> Array:
    """Return a box of a plane, in squares of pixels averaged."""
    x, y, width, height = box
    whole = (-(-width // factor) * factor, -(-height // factor) * factor)
    plane: Array = tiles.read(x, y, *whole)[0]  # beyond the canvas is background
    if factor == 1:
        return plane
    small = (whole[0] // factor, whole[1] // factor)
    return np.asarray(cv2.resize(plane, small, interpolation=cv2.INTER_AREA))


def _landing(tiles: Tiles, stored: Box, before: Placement, after: Placement) -> Box | None:
    """Return (x, y, width, height), in whole tiles, of all that can be other than background; None: nothing can."""
    left, top, right, bottom = 0.0, 0.0, float(tiles.width_px), float(tiles.height_px)
    if before.transform.warp is None and after.transform.warp is None:
        forth = after.matrix @ np.linalg.inv(before.matrix)
        x, y, width, height = stored
        corners = np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], np.float64)
        if (corners @ forth[2, :2] + forth[2, 2] > 1e-9).all():
            (x0, y0), (x1, y1) = (f(apply(forth, corners), 0) for f in (np.min, np.max))
            left, top = max(left, x0 - 1), max(top, y0 - 1)
            right, bottom = min(right, x1 + 1), min(bottom, y1 + 1)
    if left >= right or top >= bottom:
        return None
    column, row = int(left) // TILE * TILE, int(top) // TILE * TILE
    end_x = min(-(-math.ceil(right) // TILE) * TILE, tiles.width_px)
    end_y = min(-(-math.ceil(bottom) // TILE) * TILE, tiles.height_px)
    return column, row, end_x - column, end_y - row


def _reduction(before: Placement, after: Placement, at: tuple[float, float]) -> float:
    """Return how many pixels of the mask, in each direction, become one around a point."""
    around = np.array([at, (at[0] + 1, at[1]), (at[0], at[1] + 1)])
    a, b, c = apply(before.matrix, apply(np.asarray(np.linalg.inv(after.matrix), np.float64), around))
    area = abs(float((b - a)[0] * (c - a)[1] - (b - a)[1] * (c - a)[0]))
    return max(math.sqrt(area), 1)


def _scaling(scale: float, shift: tuple[float, float]) -> F64:
    return np.array([[scale, 0, shift[0]], [0, scale, shift[1]], [0, 0, 1]])


def _followed(
    corner: tuple[int, int], size: tuple[int, int], step: int, before: Placement, after: Placement
) -> tuple[F64, F64]:
    """Return where the pixels (h, w) of a box, each so many of the document wide, lay before a warp."""
    edge = NODES_PX * step
    counts = [-(-n // NODES_PX) + 2 for n in size]
    # One node more on each side: what lies between nodes is interpolated, never continued.
    xs, ys = (c + (np.arange(n) - 0.5) * edge for c, n in zip(corner, counts, strict=True))
    points = np.stack(np.meshgrid(xs, ys), -1).reshape(-1, 2)
    old = np.clip(before.to_document(source_points(after, points)), -1e5, 1e5)
    grid = old.reshape(counts[1], counts[0], 2)
    whole = (counts[0] * NODES_PX, counts[1] * NODES_PX)
    inside = np.s_[NODES_PX : NODES_PX + size[1], NODES_PX : NODES_PX + size[0]]
    columns, rows = (
        np.asarray(cv2.resize(np.ascontiguousarray(grid[..., i]), whole)[inside], np.float64) for i in (0, 1)
    )
    return columns, rows


def _cut(plane: Array, x: int, y: int, like: Tiles) -> Tiles:
    """Return a plane whose corner lies at a tile's corner as tiles on a canvas like another one's."""
    found: dict[tuple[int, int], Pixels] = {}
    for top in range(0, plane.shape[0], TILE):
        for left in range(0, plane.shape[1], TILE):
            part = plane[None, top : top + TILE, left : left + TILE]
            if (part != like.background[0]).any():
                found[(x + left) // TILE, (y + top) // TILE] = Pixels(part.copy())
    return Tiles(like.width_px, like.height_px, background=like.background, dtype=like.dtype, tiles=found)
