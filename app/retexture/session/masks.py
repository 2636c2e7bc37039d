"""Whole masks: made, filled, inverted, and given gradients. Planes are one plane of tiles, uniform ones left out."""

import math
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from retexture.document.pixels import TILE, Pixels, Tiles
from retexture.session.strokes import full_scale


def white(width_px: int, height_px: int, dtype: Any = np.uint16) -> Tiles:
    """Return a mask that shows everything; `dtype` is uint8, uint16 or float32."""
    return fill(Tiles(width_px, height_px, dtype=dtype), 1)


def black(width_px: int, height_px: int, dtype: Any = np.uint16) -> Tiles:
    """Return a mask that hides everything."""
    return Tiles(width_px, height_px, dtype=dtype)


def from_array(plane: NDArray[Any], dtype: Any = np.uint16) -> Tiles:
    """Return a mask of an (H, W) plane of bool, uint8, uint16 or floating point 0-1, in `dtype`'s full scale."""
    top = 1.0 if plane.dtype.kind in "bf" else full_scale(plane.dtype)
    if plane.dtype != dtype:
        levels = np.clip(plane.astype(np.float32) / np.float32(top), 0, 1)
        plane = _in(levels * np.float32(full_scale(np.dtype(dtype))), np.dtype(dtype))
    # The corner is most often as what surrounds the subject.
    return Tiles.from_array(plane[None], background=(plane[0, 0].item(),))


def fill(tiles: Tiles, value: float) -> Tiles:
    """Return the mask filled with a value of 0-1."""
    return Tiles(tiles.width_px, tiles.height_px, background=(_level(value, tiles.dtype),), dtype=tiles.dtype)


def clear(tiles: Tiles) -> Tiles:
    """Return the mask filled with black."""
    return fill(tiles, 0)


def invert(tiles: Tiles) -> Tiles:
    """Return the mask with shown and hidden swapped."""
    top = tiles.dtype.type(full_scale(tiles.dtype))
    return Tiles(
        tiles.width_px,
        tiles.height_px,
        background=(full_scale(tiles.dtype) - tiles.background[0],),
        dtype=tiles.dtype,
        tiles={key: Pixels(top - tile.array) for key, tile in tiles.tiles.items()},
    )


def converted(tiles: Tiles, dtype: Any) -> Tiles:
    """Return the mask in another dtype, full scale staying full scale."""
    dtype = np.dtype(dtype)
    if tiles.dtype == dtype:
        return tiles
    scale = np.float32(full_scale(dtype) / full_scale(tiles.dtype))
    return Tiles(
        tiles.width_px,
        tiles.height_px,
        background=(_level(tiles.background[0] / full_scale(tiles.dtype), dtype),),
        dtype=dtype,
        tiles={key: Pixels(_in(t.array.astype(np.float32) * scale, dtype)) for key, t in tiles.tiles.items()},
    )


def within(before: Tiles, after: Tiles, selection: Tiles | None) -> Tiles:
    """Return a mask that has become `after` as far as it is selected, and stays `before` elsewhere; None is all."""
    if selection is None or before == after:
        return after
    found = {}
    for row in range(-(-before.height_px // TILE)):
        for column in range(-(-before.width_px // TILE)):
            x, y = column * TILE, row * TILE
            size = (min(TILE, before.width_px - x), min(TILE, before.height_px - y))
            selected = selection.tiles.get((column, row))
            weight = selection.background[0] if selected is None else int(selected.array[0, 0, 0])
            if weight in (0, 65535) and (selected is None or (selected.array == weight).all()):
                side = before if weight == 0 else after
                tile = side.tiles.get((column, row))
                found[column, row] = Pixels(side.read(x, y, *size)) if tile is None else tile
                continue
            part = selection.read(x, y, *size) * np.float32(1 / 65535)
            old, new = before.read(x, y, *size), after.read(x, y, *size)
            mixed = old + (new.astype(np.float32) - old) * part
            found[column, row] = Pixels(_in(mixed, before.dtype))
    background = np.array(before.background, before.dtype)[:, None, None]
    tiles = {key: tile for key, tile in found.items() if (tile.array != background).any()}
    return Tiles(
        before.width_px, before.height_px, background=before.background, dtype=before.dtype, tiles=tiles
    )


def gradient(
    tiles: Tiles,
    start: tuple[float, float],
    end: tuple[float, float],
    value0: float = 0.0,
    value1: float = 1.0,
    kind: Literal["linear", "radial"] = "linear",
) -> Tiles:
    """Return the mask replaced by a gradient from `value0` at `start` to `value1` at `end`, flat beyond.

    Args:
        start, end: x and y in document pixels, a pixel's centre at +0.5; where both are one place, all is `value1`.
        value0, value1: 0-1.
        kind: linear along the line, or radial: circles about `start`, the last through `end`.
    """
    length = math.dist(start, end)
    out = fill(tiles, value1)
    if length == 0:
        return out
    flat: dict[tuple[int, int], Pixels] = {}  # by shape: tiles that are all value0
    found: dict[tuple[int, int], Pixels] = {}
    for row in range(-(-tiles.height_px // TILE)):
        for column in range(-(-tiles.width_px // TILE)):
            x, y = column * TILE, row * TILE
            wide, tall = min(TILE, tiles.width_px - x), min(TILE, tiles.height_px - y)
            dx = (np.arange(x, x + wide) + (0.5 - start[0])).astype(np.float32)[None]
            dy = (np.arange(y, y + tall) + (0.5 - start[1])).astype(np.float32)[:, None]
            if kind == "linear":
                along = [(b - a) / length**2 for a, b in zip(start, end, strict=True)]
                t = dx * np.float32(along[0]) + dy * np.float32(along[1])
            else:
                t = np.sqrt(dx * dx + dy * dy) * np.float32(1 / length)
            low, high = t.min(), t.max()
            if low >= 1:
                continue
            if high <= 0 and (tall, wide) in flat:
                found[column, row] = flat[tall, wide]
                continue
            np.clip(t, 0, 1, out=t)
            top = full_scale(tiles.dtype)
            t *= np.float32((value1 - value0) * top)
            t += np.float32(value0 * top)
            found[column, row] = Pixels(_in(t, tiles.dtype)[None])
            if high <= 0:
                flat[tall, wide] = found[column, row]
    return Tiles(tiles.width_px, tiles.height_px, background=out.background, dtype=tiles.dtype, tiles=found)


def _level(value: float, dtype: np.dtype) -> float:
    level = value * full_scale(dtype)
    return level if dtype == np.float32 else math.floor(level + 0.5)


def _in(levels: NDArray[np.float32], dtype: np.dtype) -> NDArray[Any]:
    return levels if dtype == np.float32 else np.floor(levels + np.float32(0.5)).astype(dtype)
