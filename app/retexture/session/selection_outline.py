"""The outline of a selection at the scale of a view, for the marching ants."""

import cv2
import numpy as np
from numpy.typing import NDArray

from retexture.document.pixels import Tiles
from retexture.render.region import Region
from retexture.session.selections import HALF

DASH = 4
"""Length of a dash in pixels of the screen."""


def outline(selection: Tiles, scale: float, region: Region) -> NDArray[np.uint8]:
    """Return the pixels of the scaled picture that are selected at least by half and touch one that is not.

    Args:
        selection: what is selected. Outside the canvas nothing is.
        scale: screen pixels for one picture pixel.
        region: of the scaled picture; it may leave it.

    Returns:
        (h, w) uint8: 0 beside the outline, on it its place in the dashes, 1 to 2 `DASH`.
    """
    inside = _inside(selection, scale, region.grown(1))
    middle = inside[1:-1, 1:-1]
    around = inside[:-2, 1:-1] & inside[2:, 1:-1] & inside[1:-1, :-2] & inside[1:-1, 2:]
    rows = np.arange(region.y, region.y + region.height)[:, None]
    columns = np.arange(region.x, region.x + region.width)
    place = (rows + columns) % (2 * DASH) + 1
    return np.where(middle & ~around, place, 0).astype(np.uint8)


def _inside(selection: Tiles, scale: float, region: Region) -> NDArray[np.bool_]:
    size = (selection.width_px, selection.height_px)
    # Means over whole picture pixels first, so that little is left to chance where the picture is shown small.
    cell = max(int(1 / scale + 1e-6), 1)
    x, y = (
        np.floor((np.arange(start, start + length) + 0.5) / scale).astype(np.int64)
        for start, length in ((region.x, region.width), (region.y, region.height))
    )
    valid: NDArray[np.bool_] = ((y >= 0) & (y < size[1]))[:, None] & ((x >= 0) & (x < size[0]))
    if not valid.any():
        return valid
    x, y = np.clip(x, 0, size[0] - 1) // cell, np.clip(y, 0, size[1] - 1) // cell
    left, top = int(x[0]), int(y[0])
    width, height = int(x[-1]) - left + 1, int(y[-1]) - top + 1
    plane = selection.read(left * cell, top * cell, width * cell, height * cell)[0]
    if cell > 1:
        plane = cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA)
    inside: NDArray[np.bool_] = valid & (plane >= HALF)[(y - top)[:, None], x - left]
    return inside
