"""Masks that move with their layer: what a move or a transform does to the layer, it does to the linked masks too.

A mask of whole-pixel shifts is exact; any other change resamples it once, from what it was when the change began.
Masks of smart filters always go along.
"""

import math
from collections.abc import Callable
from typing import Any

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.document.layers import AnyLayer, LayerMask, RasterMask
from retexture.document.pixels import TILE, Pixels, Tiles
from retexture.document.transform import Placement, apply
from retexture.document.tree import filters_of
from retexture.render.placing import source_points

Array = NDArray[Any]
F64 = NDArray[np.float64]

DRAFT_PX = 1 << 20
"""So many pixels of a mask are resampled at a time while it is under the hand: larger ones at a fraction."""

WARPED_PX = 32_000
"""Longer sides than that are warped at a fraction of their resolution: `cv2.remap` takes no more."""

NODES_PX = 8
"""A warp is followed at every so many pixels, and interpolated between them."""


def with_planes(mask: LayerMask, change: Callable[[Tiles], Tiles]) -> LayerMask:
    """Return a layer mask with all its raster planes changed."""
    painted = None if mask.painted is None else _with_tiles(mask.painted, change)
    parts = tuple(_with_tiles(c, change) if isinstance(c, RasterMask) else c for c in mask.components)
    return msgspec.structs.replace(mask, painted=painted, components=parts)


def _with_tiles(plane: RasterMask, change: Callable[[Tiles], Tiles]) -> RasterMask:
    return msgspec.structs.replace(plane, tiles=change(plane.tiles))


def carried(layer: AnyLayer, change: Callable[[Tiles], Tiles]) -> AnyLayer:
    """Return a layer whose mask, if it is linked, and whose filters' masks are changed."""
    changes: dict[str, object] = {}
    if layer.mask is not None and layer.mask.linked:
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


class Carrier:
    """Takes masks along while a gesture lasts; what it has read of them is kept for the next step."""

    def __init__(self) -> None:
        self._read: dict[tuple[str, int], Array] = {}

    def carry(self, tiles: Tiles, before: Placement, after: Placement, *, draft: bool = False) -> Tiles:
        """Return one plane of tiles, changed as a picture that went from one placement to another.

        Args:
            tiles: the mask as it was at the start.
            before: where the picture lay then.
            after: where it lies now.
            draft: large ones at a fraction of their resolution: for what is under the hand.

        Raises:
            ValueError: the corners of a placement cross.
        """
        if before == after or not tiles.tiles:
            return tiles
        shift = whole_shift(before, after)
        if shift is not None and not draft:
            return shifted_tiles(tiles, *shift)
        origin, size = _stored(tiles)
        box = _landing(tiles, (*origin, *size), before, after)
        if box is None:
            return Tiles(tiles.width_px, tiles.height_px, background=tiles.background, dtype=tiles.dtype)
        x, y, width, height = box
        coarse = max(math.ceil(math.sqrt(width * height / DRAFT_PX)), 1) if draft else 1
        warped = before.transform.warp is not None or after.transform.warp is not None
        if warped:
            coarse = max(coarse, -(-max(width, height) // WARPED_PX))
        small = (-(-width // coarse), -(-height // coarse))
        shrink = _reduction(before, after, (x + width / 2, y + height / 2)) * coarse
        factor = max(int(min(shrink + 1e-6, max(size))), -(-max(size) // WARPED_PX) if warped else 1)
        source = self._reduced(tiles, factor)
        background = float(tiles.background[0])
        if not warped:
            backwards = before.matrix @ np.linalg.inv(after.matrix)
            to_small = _scaling(1 / factor, (-origin[0] / factor - 0.5, -origin[1] / factor - 0.5))
            from_small = _scaling(coarse, (x + coarse / 2, y + coarse / 2))
            plane: Array = cv2.warpPerspective(
                source,
                to_small @ backwards @ from_small,
                small,
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_CONSTANT,
                borderValue=background,
            )
        else:
            columns, rows = _followed((x, y), small, coarse, before, after)
            plane = cv2.remap(
                source,
                ((columns - origin[0]) / factor - 0.5).astype(np.float32),
                ((rows - origin[1]) / factor - 0.5).astype(np.float32),
                cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_CONSTANT,
                borderValue=background,
            )
        if coarse > 1:
            whole = (small[0] * coarse, small[1] * coarse)
            plane = cv2.resize(plane, whole)[:height, :width]
        return _cut(plane, x, y, tiles, draft=draft)

    def _reduced(self, tiles: Tiles, factor: int) -> Array:
        """Return the plane of what is stored of tiles (see `_stored`), in squares of pixels averaged."""
        name = (tiles.id, factor)
        if name not in self._read:
            (x, y), (width, height) = _stored(tiles)
            whole = (-(-width // factor) * factor, -(-height // factor) * factor)
            plane = tiles.read(x, y, *whole)[0]  # beyond the canvas is background
            if factor > 1:
                reduced = (whole[0] // factor, whole[1] // factor)
                plane = np.asarray(cv2.resize(plane, reduced, interpolation=cv2.INTER_AREA))
            self._read[name] = plane
        return self._read[name]


def _stored(tiles: Tiles) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return (x, y) and (width, height) of the rectangle around the tiles that are not background."""
    columns, rows = [c for c, _ in tiles.tiles], [r for _, r in tiles.tiles]
    x, y = min(columns) * TILE, min(rows) * TILE
    right, bottom = (max(columns) + 1) * TILE, (max(rows) + 1) * TILE
    return (x, y), (min(right, tiles.width_px) - x, min(bottom, tiles.height_px) - y)


def _landing(
    tiles: Tiles, stored: tuple[int, int, int, int], before: Placement, after: Placement
) -> tuple[int, int, int, int] | None:
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


def _cut(plane: Array, x: int, y: int, like: Tiles, *, draft: bool) -> Tiles:
    """Return a plane whose corner lies at a tile's corner as tiles on a canvas like another one's.

    Those of a draft share the plane's memory.
    """
    found: dict[tuple[int, int], Pixels] = {}
    for top in range(0, plane.shape[0], TILE):
        for left in range(0, plane.shape[1], TILE):
            part = plane[None, top : top + TILE, left : left + TILE]
            if draft or (part != like.background[0]).any():
                found[(x + left) // TILE, (y + top) // TILE] = Pixels(part if draft else part.copy())
    return Tiles(like.width_px, like.height_px, background=like.background, dtype=like.dtype, tiles=found)
