"""Tiles that are worked out only when they are asked for: what moves under the hand is looked at in part."""

import threading
from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from retexture.document.pixels import Box, Pixels, Tiles

ReadLevel = Callable[[Tiles, int, Box], NDArray[Any]]
"""Returns the planes (C, h, w) of tiles for a box of a preview level: in their dtype, or float32 0-1."""

Preview = Callable[[int, Box, ReadLevel], NDArray[Any]]
"""Returns about what `ReadLevel` would, for a level and a box."""


class LazyTiles(Tiles):
    """A mask or paint that has been moved: its tiles are worked out once, by the first thread that reads them."""

    __slots__ = ("_extent", "_known", "_lock", "_make", "preview")

    def __init__(
        self, like: Tiles, make: Callable[[], Tiles], extent: Box | None, preview: Preview | None = None
    ) -> None:
        """Prepare them.

        Args:
            like: of the same size, background and dtype.
            make: works out what they hold.
            extent: (x, y, width, height) outside of which there is only background; None: there is nothing else.
            preview: reads a part of them without working them out.
        """
        super().__init__(like.width_px, like.height_px, background=like.background, dtype=like.dtype)
        self._lock = threading.Lock()
        self._known: dict[tuple[int, int], Pixels] | None = None
        self._make: Callable[[], Tiles] | None = make
        self._extent = extent
        self.preview = preview

    @property
    def known(self) -> bool:
        """Whether they have been worked out."""
        return self._known is not None

    @property
    def tiles(self) -> dict[tuple[int, int], Pixels]:
        """What they hold; may take long."""
        with self._lock:
            if self._known is None:
                assert self._make is not None
                self._known = self._make().tiles
                self._make = self.preview = None  # they hold what the tiles were made of
            return self._known

    @tiles.setter
    def tiles(self, value: dict[tuple[int, int], Pixels]) -> None:
        self._known = value

    @property
    def extent(self) -> Box | None:
        return self._extent

    def plain(self) -> Tiles:
        """Return the same tiles, worked out; may take long."""
        return Tiles(
            self.width_px,
            self.height_px,
            background=self.background,
            dtype=self.dtype,
            tiles=self.tiles,
            id=self.id,
        )
