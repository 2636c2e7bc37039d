"""A stroke of the brush on a mask or a paint layer: pointer positions in, new versions of the tiles out."""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from retexture.document.changes import Rect
from retexture.document.pixels import TILE, Pixels, Tiles
from retexture.engine import paint, stamp
from retexture.engine.dabs import bounds
from retexture.session.brush import Brush

SMALLEST_STEP_PX = 0.5
"""Dabs are never closer, so that tiny brushes end."""

LOOSEST = 0.95
"""Part of the way to the pointer that the stroke stays behind at full smoothing."""

Event = tuple[float, float, float]
"""Position in document pixels (a pixel's centre is at +0.5) and pressure 0-1."""

Key = tuple[int, int]


class Stroke:
    """One stroke, from `begin` over `move`s to `finish`.

    Dabs lie on straight lines between the events, `spacing` x diameter apart, and depend on positions and pressures
    alone: never on time, nor on when the tiles are looked at. A curve through the events would need the next one
    before it could paint up to this one. What the dabs cover is collected for the whole stroke and painted onto the
    tiles that it began with, so crossing itself never exceeds the opacity.
    """

    def __init__(
        self,
        tiles: Tiles,
        brush: Brush,
        value: tuple[float, ...] | None,
        selection: Tiles | None = None,
    ) -> None:
        """Prepare a stroke; nothing is painted yet.

        Args:
            tiles: what is painted on: one plane of a mask, or colour planes and alpha.
            value: 0-1: one number for a mask, the colour (painted over, opaque) for a paint layer; None erases.
            selection: one plane of the same size that lets paint through, 0 nothing, full scale all.

        Raises:
            ValueError: the value has another number of planes than the tiles are for.
        """
        planes = len(tiles.background)
        if value is not None and len(value) != max(planes - 1, 1):
            raise ValueError(f"a value of {len(value)} numbers cannot be painted on {planes} planes")
        self._base = tiles
        self._tiles = tiles
        self._brush = brush
        self._value = value
        self._selection = selection
        self._coverage: dict[Key, NDArray[np.float32]] = {}
        background = np.array(tiles.background, tiles.dtype)[:, None, None]
        self._blank = np.broadcast_to(background, (planes, TILE, TILE)).copy()
        self._pointer: Event = (0, 0, 0)
        self._place: Event = (0, 0, 0)  # where the smoothed path has got to
        self._until_dab_px = 0.0

    @property
    def tiles(self) -> Tiles:
        """The tiles with the stroke so far: an immutable version that shares what was not touched."""
        return self._tiles

    @property
    def coverage(self) -> dict[Key, NDArray[np.float32]]:
        """What the dabs cover of the tiles they met, (h, w) 0-1 by (column, row), whatever is selected."""
        return self._coverage

    @property
    def selection(self) -> Tiles | None:
        """What lets paint through."""
        return self._selection

    def begin(self, x: float, y: float, pressure: float = 1.0) -> Rect | None:
        """Set the brush down: one dab. Return the pixels that changed; None outside the document."""
        self._pointer = self._place = (x, y, pressure)
        return self._lay([self._dab(self._place)])

    def move(self, x: float, y: float, pressure: float = 1.0) -> Rect | None:
        """Go on to a position; return the pixels that changed, or None."""
        self._pointer = (x, y, pressure)
        part = 1 - LOOSEST * self._brush.smoothing
        return self._follow(_between(self._place, self._pointer, part))

    def finish(self) -> Rect | None:
        """Catch up with the pointer, and let go of tiles that are as they were; return the pixels that changed."""
        rect = self._follow(self._pointer)
        self._tiles = self._tidied()
        return rect

    def _follow(self, end: Event) -> Rect | None:
        start, self._place = self._place, end
        length = math.dist(start[:2], end[:2])
        dabs = []
        # A dab at the very end of a line belongs to it, whatever the sum of its parts was rounded to.
        at = self._until_dab_px
        while at <= length + 1e-6:
            dabs.append(self._dab(_between(start, end, at / length if length else 1)))
            at += self._until_dab_px
        self._until_dab_px = at - length
        return self._lay(dabs)

    def _dab(self, event: Event) -> tuple[float, ...]:
        """Return a dab as a row for `stamp`, and set the distance to the next."""
        radius, flow, ceiling = self._brush.dab(event[2])
        self._until_dab_px = max(2 * radius * self._brush.spacing, SMALLEST_STEP_PX)
        # Rounded, so that the same line gives the same pixels through however many events it comes.
        x, y, radius = (round(v * 1024) / 1024 for v in (event[0], event[1], radius))
        return x, y, radius, self._brush.hardness, flow, ceiling

    def _lay(self, dabs: list[tuple[float, ...]]) -> Rect | None:
        touched: dict[Key, tuple[list[tuple[float, ...]], Box]] = {}
        for dab in dabs:
            x, y, radius, hardness, *_ = dab
            for key, box in self._met(bounds(x, y, radius, hardness)):
                there = touched.get(key)
                if there is None:
                    touched[key] = ([dab], box)
                else:
                    there[0].append(dab)
                    touched[key] = (there[0], _around(there[1], box))
        if not touched:
            return None
        tiles = dict(self._tiles.tiles)
        whole: Box | None = None
        for key, (here, box) in touched.items():
            tiles[key] = self._painted(key, np.array(here), box)
            whole = box if whole is None else _around(whole, box)
        self._tiles = self._version(tiles)
        assert whole is not None
        left, top, right, bottom = whole
        return Rect(left, top, right - left, bottom - top)

    def _painted(self, key: Key, dabs: NDArray[np.float64], box: "Box") -> Pixels:
        """Return a tile after dabs on it, which touch the pixels of `box`."""
        x, y = key[0] * TILE, key[1] * TILE
        tall, wide = min(TILE, self._base.height_px - y), min(TILE, self._base.width_px - x)
        base = self._base.tiles.get(key)
        before = self._blank[:, :tall, :wide] if base is None else base.array
        coverage = self._coverage.get(key)
        if coverage is None:
            coverage = self._coverage[key] = np.zeros((tall, wide), np.float32)
        left, top, right, bottom = box
        part = np.s_[top - y : bottom - y, left - x : right - x]
        stamp(coverage[part], dabs, left, top)
        if (bottom - top, right - left) == (tall, wide):
            out = np.empty_like(before, order="C")
        else:
            now = self._tiles.tiles.get(key)
            out = (before if now is None else now.array).copy()
        through = coverage[part]
        if self._selection is not None:
            selected = self._selection.read(left, top, right - left, bottom - top)[0]
            through = through * (selected * np.float32(1 / full_scale(self._selection.dtype)))
        self._paint(out[:, *part], before[:, *part], through, left, top)
        return Pixels(out)

    def _paint(
        self,
        out: NDArray[np.generic],
        before: NDArray[np.generic],
        coverage: NDArray[np.float32],
        left: int,
        top: int,
    ) -> None:
        """Write what `before`, whose first pixel lies at (left, top), becomes under the paint."""
        paint(out, before, coverage, self._value)

    def _met(self, box: "Box") -> Iterator[tuple[Key, "Box"]]:
        """Yield the tiles inside the document that a box meets, with the part of the box in each."""
        left, top = max(box[0], 0), max(box[1], 0)
        right, bottom = min(box[2], self._base.width_px), min(box[3], self._base.height_px)
        if left >= right or top >= bottom:
            return
        for row in range(top // TILE, (bottom - 1) // TILE + 1):
            for column in range(left // TILE, (right - 1) // TILE + 1):
                x, y = column * TILE, row * TILE
                yield (
                    (column, row),
                    (max(left, x), max(top, y), min(right, x + TILE), min(bottom, y + TILE)),
                )

    def _tidied(self) -> Tiles:
        """Return the tiles without new ones that hold what was there before, or nothing but background."""
        tiles = dict(self._tiles.tiles)
        for key in self._coverage:
            array = tiles[key].array
            _, tall, wide = array.shape
            base, blank = self._base.tiles.get(key), self._blank[:, :tall, :wide]
            if base is not None and _equal(array, base.array):
                tiles[key] = base
            elif _equal(array, blank):
                del tiles[key]
        if tiles == self._base.tiles:
            return self._base
        return self._version(tiles)

    def _version(self, tiles: dict[Key, Pixels]) -> Tiles:
        base = self._base
        return Tiles(base.width_px, base.height_px, background=base.background, dtype=base.dtype, tiles=tiles)


Box = tuple[int, int, int, int]
"""Left, top, right, bottom; the last two exclusive."""


def full_scale(dtype: np.dtype) -> float:
    """Return the value that shows fully: 255, 65535 or 1."""
    return 1.0 if dtype == np.float32 else float(np.iinfo(dtype).max)


def _around(a: Box, b: Box) -> Box:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def _between(start: Event, end: Event, part: float) -> Event:
    if part == 1:
        return end
    x, y, pressure = (a + (b - a) * part for a, b in zip(start, end, strict=True))
    return x, y, pressure


def _equal(a: NDArray[np.generic], b: NDArray[np.generic]) -> bool:
    # Most tiles that differ do so in a coarse grid already.
    return np.array_equal(a[:, ::16, ::16], b[:, ::16, ::16]) and np.array_equal(a, b)
