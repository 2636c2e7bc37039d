"""Rectangles of pixels at a preview level."""

from collections.abc import Iterator

from retexture.document.changes import Rect

BLOCK = 512
"""Edge of the canonical blocks, laid from the picture's origin at every level."""


class Region(Rect):
    """A rectangle in pixels of the picture at some level."""

    __slots__ = ()

    def grown(self, px: int) -> "Region":
        """Return the region with `px` more on every side."""
        return Region(self.x - px, self.y - px, self.width + 2 * px, self.height + 2 * px)

    def within(self, other: "Region") -> "Region":
        """Return the part inside `other`; its size is 0 where they do not meet."""
        x, y = max(self.x, other.x), max(self.y, other.y)
        right = min(self.x + self.width, other.x + other.width)
        bottom = min(self.y + self.height, other.y + other.height)
        return Region(x, y, max(right - x, 0), max(bottom - y, 0))

    def slices(self, origin: "Region") -> tuple[slice, slice]:
        """Return the (rows, columns) of this region in an array whose first pixel is that of `origin`."""
        y, x = self.y - origin.y, self.x - origin.x
        return slice(y, y + self.height), slice(x, x + self.width)

    def doubled(self) -> "Region":
        """Return the same rectangle one level finer."""
        return Region(2 * self.x, 2 * self.y, 2 * self.width, 2 * self.height)


def blocks(
    region: Region, canvas: Region, height: int = BLOCK, width: int = BLOCK
) -> Iterator[tuple[Region, Region]]:
    """Yield (whole block, its part inside `region`) for each block of `canvas` that meets `region`."""
    for y in range(region.y // height * height, region.y + region.height, height):
        for x in range(region.x // width * width, region.x + region.width, width):
            block = Region(x, y, width, height).within(canvas)
            yield block, block.within(region)
