"""Small pictures of layers and masks for the Layers panel, drawn from preview levels."""

from collections.abc import Callable, Hashable

import cv2
import numpy as np
from numpy.typing import NDArray

from retexture.document.document import Document, find
from retexture.document.layers import AdjustmentLayer, AnyLayer, GroupLayer
from retexture.document.tree import beneath
from retexture.render.cache import Cache
from retexture.render.keys import Keys
from retexture.render.planes import unit
from retexture.render.render import render
from retexture.render.stack import Stack
from retexture.session.pictures import mask_picture
from retexture.session.target import Target, mask_at

BGRA = NDArray[np.uint8]

EDGE_PX = 64
"""The longer edge of a thumbnail is no longer."""


def level_of(document: Document) -> int:
    """Return the preview level at which the longer edge is 64 to 128 px, or 0 where the picture is smaller."""
    return max((max(document.width_px, document.height_px) - 1).bit_length() - 7, 0)


class Thumbnails:
    """The keys of one document's thumbnails: what decides their pixels. Cheap enough for the window's thread."""

    def __init__(self, document: Document, cache: Cache) -> None:
        self._document = document
        self._keys = Keys(document, level_of(document), cache)

    def key(self, layer: AnyLayer, what: Target) -> Hashable | None:
        """Return what decides a thumbnail's pixels; None where there is none: groups, adjustments, no mask."""
        if what == "layer":
            return None if isinstance(layer, GroupLayer | AdjustmentLayer) else self._keys.content(layer)
        painted, mask = mask_at(layer, what), layer.mask
        if painted is not None:
            return (painted.tiles.id, painted.inverted, painted.density, painted.feather_px)
        if mask is None or what != "mask" or not mask.components:
            return None
        return (mask.components[0], self._keys.stack(beneath(self._document, layer.key)))


def draw_thumbnail(
    document: Document, key: str, what: Target, *, cache: Cache, cancelled: Callable[[], bool] = lambda: False
) -> BGRA:
    """Return a layer's content through its filters, or a mask of it in grey: (h, w, 4) uint8, no edge over 64 px.

    The layer's mask is the painted one, else the first component. For a worker thread.

    Raises:
        Cancelled: `cancelled` said so.
        KeyError: no layer has that key.
    """
    level = level_of(document)
    layer = find(document, key)
    if what == "layer":
        contents = Stack(document, level, cache, cancelled).contents
        picture = _bgra(unit(contents.planes(layer, contents.canvas)))
    elif (painted := mask_at(layer, what)) is not None:
        contents = Stack(document, level, cache, cancelled).contents
        picture = _bgra(unit(contents.mask_plane(painted, contents.canvas))[None])
    else:
        grey = mask_picture(document, key, 0)
        picture = render(grey, None, level, form="bgra", cache=cache, cancelled=cancelled)
    return _small(picture)


def _bgra(planes: NDArray[np.float32]) -> BGRA:
    """Return (1, h, w) grey, (3, h, w) or (4, h, w) straight planes as (h, w, 4) uint8."""
    colour = planes[[2, 1, 0]] if len(planes) >= 3 else planes[[0, 0, 0]]
    alpha = planes[3:] if len(planes) == 4 else np.ones_like(planes[:1])
    whole = np.clip(np.concatenate([colour, alpha]), 0, 1) * np.float32(255) + np.float32(0.5)
    return np.ascontiguousarray(whole.astype(np.uint8).transpose(1, 2, 0))


def _small(picture: BGRA) -> BGRA:
    height, width = picture.shape[:2]
    scale = EDGE_PX / max(width, height)
    if scale >= 1:
        return picture
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    # Colours count by their alpha, so that what lies under full transparency does not show.
    alpha = picture[..., 3:].astype(np.float32)
    weighted = np.concatenate([picture[..., :3] * alpha, alpha], axis=2)
    small = cv2.resize(weighted, size, interpolation=cv2.INTER_AREA)
    small[..., :3] = small[..., :3] / np.maximum(small[..., 3:], np.float32(1e-6))
    return np.asarray(np.clip(small + np.float32(0.5), 0, 255), np.uint8)
