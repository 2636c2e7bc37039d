"""Pixel arrays as immutable values: compared by identity of content, shared between versions of a document."""

import uuid
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Pixels:
    """A read-only array with an id, minted at creation. Equality and hash are the id's: never the bytes'."""

    __slots__ = ("array", "id")

    def __init__(self, array: NDArray[Any], id: str | None = None) -> None:
        """Take over `array`, which becomes read-only; pass a copy where it must stay writable."""
        array.flags.writeable = False
        self.array = array
        self.id = id or uuid.uuid4().hex

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pixels) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"Pixels({self.id[:8]}, {self.array.dtype} {self.array.shape})"

    @property
    def nbytes(self) -> int:
        """Bytes of memory held."""
        return self.array.nbytes


TILE = 256
"""Edge of a tile in pixels."""

Box = tuple[int, int, int, int]
"""X, y, width and height in pixels."""


class Tiles:
    """Planes of the document's size in 256-px tiles; a version shares every tile it did not change.

    A missing tile is filled with `background`. Equality and hash are those of the id, minted with each version.
    """

    __slots__ = ("background", "dtype", "height_px", "id", "tiles", "width_px")

    def __init__(
        self,
        width_px: int,
        height_px: int,
        *,
        background: tuple[float, ...] = (0,),
        dtype: Any = np.uint16,
        tiles: dict[tuple[int, int], Pixels] | None = None,
        id: str | None = None,
    ) -> None:
        """Make planes, as many as `background` has values, of `dtype`. Keys of `tiles` are (column, row)."""
        self.width_px = width_px
        self.height_px = height_px
        self.background = background
        self.dtype = np.dtype(dtype)
        self.tiles = dict(tiles or {})
        self.id = id or uuid.uuid4().hex

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tiles) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    @classmethod
    def from_array(cls, planes: NDArray[Any], background: tuple[float, ...] | None = None) -> "Tiles":
        """Make tiles of (C, H, W) planes; tiles that are all background are left out."""
        if background is None:
            background = (0,) * planes.shape[0]
        empty = cls(planes.shape[2], planes.shape[1], background=background, dtype=planes.dtype)
        return empty.written(0, 0, planes)

    def read(self, x: int, y: int, width: int, height: int) -> NDArray[Any]:
        """Return a new (C, height, width) array; what lies outside the document is background."""
        out = np.empty((len(self.background), height, width), self.dtype)
        out[:] = np.array(self.background, self.dtype)[:, None, None]
        for column, row in self._met(x, y, width, height):
            tile = self.tiles.get((column, row))
            if tile is None:
                continue
            left, top = column * TILE - x, row * TILE - y
            planes, tall, wide = tile.array.shape
            x0, x1 = max(left, 0), min(left + wide, width)
            y0, y1 = max(top, 0), min(top + tall, height)
            out[:planes, y0:y1, x0:x1] = tile.array[:, y0 - top : y1 - top, x0 - left : x1 - left]
        return out

    def written(self, x: int, y: int, planes: NDArray[Any]) -> "Tiles":
        """Return the version with `planes` (C, h, w) written at (x, y), clipped to the document."""
        _, height, width = planes.shape
        tiles = dict(self.tiles)
        for column, row in self._met(x, y, width, height):
            left, top = column * TILE, row * TILE
            wide, tall = min(TILE, self.width_px - left), min(TILE, self.height_px - top)
            tile = self.read(left, top, wide, tall)
            x0, x1 = max(x, left), min(x + width, left + wide)
            y0, y1 = max(y, top), min(y + height, top + tall)
            tile[:, y0 - top : y1 - top, x0 - left : x1 - left] = planes[:, y0 - y : y1 - y, x0 - x : x1 - x]
            if (tile == np.array(self.background, self.dtype)[:, None, None]).all():
                tiles.pop((column, row), None)
            else:
                tiles[column, row] = Pixels(tile)
        return Tiles(self.width_px, self.height_px, background=self.background, dtype=self.dtype, tiles=tiles)

    def _met(self, x: int, y: int, width: int, height: int) -> Iterator[tuple[int, int]]:
        """Yield (column, row) of the tiles that a rectangle meets inside the document."""
        right, bottom = min(x + width, self.width_px), min(y + height, self.height_px)
        x, y = max(x, 0), max(y, 0)
        if x < right and y < bottom:
            for row in range(y // TILE, -(-bottom // TILE)):
                for column in range(x // TILE, -(-right // TILE)):
                    yield column, row

    @property
    def extent(self) -> Box | None:
        """The rectangle around the tiles that are stored; None where there is only background."""
        if not self.tiles:
            return None
        columns, rows = [c for c, _ in self.tiles], [r for _, r in self.tiles]
        x, y = min(columns) * TILE, min(rows) * TILE
        right = min((max(columns) + 1) * TILE, self.width_px)
        return x, y, right - x, min((max(rows) + 1) * TILE, self.height_px) - y

    def to_array(self) -> NDArray[Any]:
        """Return all planes, (C, height_px, width_px)."""
        return self.read(0, 0, self.width_px, self.height_px)

    @property
    def nbytes(self) -> int:
        """Bytes of memory held in tiles."""
        return sum(tile.nbytes for tile in self.tiles.values())
