"""Cloning: strokes and covers painted with what another place of the picture shows."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from retexture.document.pixels import TILE, Tiles
from retexture.render.region import Region
from retexture.session import selections
from retexture.session.brush import Brush
from retexture.session.sampling import Sampled
from retexture.session.strokes import Stroke, full_scale

Array = NDArray[Any]
F32 = NDArray[np.float32]
Offset = tuple[int, int]
"""From a pixel to its source, in px."""


FAINT = 0.5 / 255
"""Coverage that shows nowhere."""


class Cover(NamedTuple):
    """How far each pixel of a rectangle is painted: (h, w) float32 0-1, and where its first pixel lies."""

    x: int
    y: int
    plane: F32

    @property
    def region(self) -> Region:
        """The rectangle."""
        return Region(self.x, self.y, self.plane.shape[1], self.plane.shape[0])


def paint_over(out: Array, base: Array, coverage: F32, colour: Array) -> None:
    """Write to `out` what `base` becomes when other pixels are painted over it through coverage, rounded half up.

    As `engine.paint` does it with one colour: at full coverage the pixels themselves.

    Args:
        out, base: (4, h, w) uint8, uint16 or float32, full scale 255, 65535 or 1, straight alpha last.
        coverage: (h, w) float32, 0-1.
        colour: (3, h, w), in the same scale.
    """
    white = np.float32(full_scale(out.dtype))
    alpha = base[3].astype(np.float32)
    total = alpha + (white - alpha) * coverage
    share = np.minimum(coverage * white / np.where(total > 0, total, np.float32(1)), np.float32(1))
    start = base[:3].astype(np.float32)
    mixed = np.concatenate([start + (colour - start) * share, total[None]])
    out[:] = mixed if out.dtype == np.float32 else np.floor(mixed + np.float32(0.5))


class CloneStroke(Stroke):
    """A stroke that paints with a picture, moved by an offset."""

    def __init__(
        self, tiles: Tiles, brush: Brush, sampled: Sampled, offset: Offset, selection: Tiles | None = None
    ) -> None:
        super().__init__(tiles, brush, (0.0, 0.0, 0.0), selection)
        self._sampled = sampled
        self._offset = offset

    def _paint(self, out: Array, before: Array, coverage: F32, left: int, top: int) -> None:
        height, width = coverage.shape
        dx, dy = self._offset
        source = self._sampled.read(Region(left + dx, top + dy, width, height))
        through = coverage * (source[3] * np.float32(1 / full_scale(source.dtype)))
        paint_over(out, before, through, source[:3])


class MarkStroke(Stroke):
    """A stroke that only notes what it covers."""

    def __init__(self, tiles: Tiles, brush: Brush, selection: Tiles | None = None) -> None:
        super().__init__(tiles, brush, (0.0, 0.0, 0.0), selection)

    def _paint(self, out: Array, before: Array, coverage: F32, left: int, top: int) -> None:
        out[:] = before


def cover_of(stroke: Stroke) -> Cover | None:
    """Return what a stroke covers, as far as it is selected; None where that is nothing."""
    planes = {key: plane for key, plane in stroke.coverage.items() if plane.max() > FAINT}
    if not planes:
        return None
    left, top = (TILE * min(key[axis] for key in planes) for axis in (0, 1))
    right = max(key[0] * TILE + plane.shape[1] for key, plane in planes.items())
    bottom = max(key[1] * TILE + plane.shape[0] for key, plane in planes.items())
    whole = np.zeros((bottom - top, right - left), np.float32)
    for (column, row), plane in planes.items():
        x, y = column * TILE - left, row * TILE - top
        whole[y : y + plane.shape[0], x : x + plane.shape[1]] = plane
    return trimmed(Cover(left, top, whole), stroke.selection)


def trimmed(cover: Cover, selection: Tiles | None = None) -> Cover | None:
    """Return the part of a cover that is selected and shows anything; None where there is none."""
    plane = cover.plane
    if selection is not None:
        plane = plane * (selection.read(*cover.region)[0] * np.float32(1 / full_scale(selection.dtype)))
    plane = np.where(plane > FAINT, plane, np.float32(0))
    rows, columns = np.flatnonzero(plane.any(axis=1)), np.flatnonzero(plane.any(axis=0))
    if not rows.size:
        return None
    y, x = int(rows[0]), int(columns[0])
    return Cover(cover.x + x, cover.y + y, plane[y : rows[-1] + 1, x : columns[-1] + 1])


def polygon_cover(points: Sequence[tuple[float, float]], canvas: Region) -> Cover | None:
    """Return the inside of a closed outline in document pixels, antialiased; None where it holds nothing."""
    if len(points) < 3:
        return None
    inside = selections.polygon((canvas.width, canvas.height), np.array(points, np.float64))
    found = selections.bounds(inside)
    if found is None:
        return None
    return trimmed(Cover(found.x, found.y, inside.read(*found)[0] * np.float32(1 / full_scale(inside.dtype))))


def cloned(tiles: Tiles, cover: Cover, sampled: Sampled, offset: Offset) -> Tiles:
    """Return the tiles with a picture, moved by an offset, painted through a cover."""
    source = sampled.read(shifted(cover.region, offset))
    through = cover.plane * (source[3] * np.float32(1 / full_scale(source.dtype)))
    return covered(tiles, cover._replace(plane=through), source[:3])


def shifted(region: Region, offset: Offset) -> Region:
    """Return the region that lies at an offset from another."""
    return region._replace(x=region.x + offset[0], y=region.y + offset[1])


def covered(tiles: Tiles, cover: Cover, colour: Array) -> Tiles:
    """Return the tiles with colour, (3, h, w) in their scale, painted through a cover."""
    before = tiles.read(*cover.region)
    out = np.empty_like(before)
    paint_over(out, before, cover.plane, colour)
    return tiles.written(cover.x, cover.y, out)


def whole_offset(source: tuple[float, float], place: tuple[float, float]) -> Offset:
    """Return the offset in whole pixels from a place to its source: nothing is resampled."""
    return math.floor(source[0] + 0.5 - place[0]), math.floor(source[1] + 0.5 - place[1])
