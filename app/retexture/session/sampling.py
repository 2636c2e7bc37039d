"""What retouching samples: a layer, that with what lies below it, or everything."""

from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.document.check import DTYPES
from retexture.document.document import Document, find
from retexture.document.layers import AnyLayer, GroupLayer
from retexture.document.pixels import TILE
from retexture.document.tree import MERGED, Layers, filters_of
from retexture.engine.modes import BlendMode
from retexture.render.cache import Cache
from retexture.render.region import Region
from retexture.render.render import render
from retexture.session.layer_edits import upwards
from retexture.session.retouching import retouch_of
from retexture.session.strokes import full_scale

Array = NDArray[Any]
F32 = NDArray[np.float32]

Sample = Literal["current", "below", "all"]


PICTURE_MODES = frozenset(
    {
        BlendMode.NORMAL,
        BlendMode.PASS_THROUGH,
        BlendMode.DISSOLVE,
        BlendMode.DARKEN,
        BlendMode.LIGHTEN,
        BlendMode.DARKER_COLOR,
        BlendMode.LIGHTER_COLOR,
        BlendMode.HUE,
        BlendMode.SATURATION,
        BlendMode.COLOR,
        BlendMode.LUMINOSITY,
    }
)
"""In these a layer shows colours of its own; in others it holds texture, light or shade."""


class Sampled:
    """A picture as it was when it began to be sampled, at full size, rendered where it is needed and no further.

    Args:
        document: what is composed.
        cache: of `render`.
        remedy: what the user can do where it is empty.
    """

    def __init__(self, document: Document, cache: Cache, remedy: str = "") -> None:
        self.remedy = remedy
        self.canvas = Region(0, 0, document.width_px, document.height_px)
        self.dtype = np.dtype(DTYPES[document.depth])
        self._document = document
        self._cache = cache
        self._tiles: dict[tuple[int, int], Array] = {}

    def read(self, region: Region) -> Array:
        """Return (4, h, w) of the document's dtype, straight alpha last; nothing outside the document."""
        out = np.zeros((4, region.height, region.width), self.dtype)
        inside = region.within(self.canvas)
        if not (inside.width and inside.height):
            return out
        for row in range(inside.y // TILE, (inside.y + inside.height - 1) // TILE + 1):
            for column in range(inside.x // TILE, (inside.x + inside.width - 1) // TILE + 1):
                tile = Region(column * TILE, row * TILE, TILE, TILE).within(self.canvas)
                part = tile.within(inside)
                out[(slice(None), *part.slices(region))] = self._tile(tile)[(slice(None), *part.slices(tile))]
        return out

    def _tile(self, tile: Region) -> Array:
        found = self._tiles.get(tile[:2])
        if found is None:
            found = self._tiles[tile[:2]] = render(self._document, tile, cache=self._cache)
        return found

    def is_empty(self, region: Region) -> bool:
        """Whether there is nothing to be seen in a region."""
        return not self.read(region)[3].any()

    def unit(self, region: Region) -> F32:
        """Return the same as float32 0-1."""
        planes = self.read(region)
        return planes.astype(np.float32) * np.float32(1 / full_scale(self.dtype))


def sampled_document(document: Document, layer: str, sample: Sample) -> Document:
    """Return what is sampled: a layer's own picture with its retouching, that with all below it, or everything.

    Raises:
        ValueError: the layer holds texture, on which merged layers would lie as a stain; in words for the user.
    """
    texture = _texture(document, layer)
    if sample != "current" and texture is not None:
        mode = texture.blend_mode.label
        raise ValueError(
            f"{texture.name} is in {mode}, so it takes no merged pixels: set Sample to Current Layer"
        )
    if sample == "all":
        return document
    retouch = retouch_of(document, layer)
    base = find(document, layer)
    if sample == "below":
        layers = _up_to(document.layers, (base,) if retouch is None else (base, retouch))
    else:
        alone = msgspec.structs.replace(
            base,
            visible=True,
            opacity=1.0,
            fill=1.0,
            blend_mode=BlendMode.NORMAL,
            clipped=False,
            blend_if=type(base.blend_if)(),
            knockout=False,
            mask=None,
        )
        layers = (alone,) if retouch is None else (alone, retouch)
        if any(item.enabled and item.filter.reads == MERGED for item in filters_of(base)):
            layers = _up_to(document.layers, layers)
    # What is left out may still be read.
    return msgspec.structs.replace(document, layers=layers, hidden=(*document.hidden, *document.layers))


def remedy(document: Document, layer: str, sample: Sample) -> str:
    """Return what helps where there is nothing on what is sampled."""
    alone = sample == "current" and _texture(document, layer) is None
    return "set Sample to Current & Below" if alone else "choose a place where there is something"


def _texture(document: Document, key: str) -> AnyLayer | None:
    """Return what blends a layer's pixels as texture: itself, or a group that it lies in. None: they are a picture."""
    return next((each for each in upwards(document, key) if each.blend_mode not in PICTURE_MODES), None)


def _up_to(layers: Layers, last: Layers) -> Layers:
    """Return the layers from the bottom up to `last`, which take the place of the one with the first one's key."""
    for i, layer in enumerate(layers):
        if layer.key == last[0].key:
            return (*layers[:i], *last)
        if isinstance(layer, GroupLayer):
            inner = _up_to(layer.layers, last)
            if inner:
                return (*layers[:i], msgspec.structs.replace(layer, layers=inner))
    return ()
