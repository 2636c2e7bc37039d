"""Texture over the whole picture from the patch that is selected."""

from collections.abc import Callable

import msgspec
import numpy as np

from retexture.document.check import MASK_DTYPES
from retexture.document.document import Document, Source, find
from retexture.document.edits import insert_layer, unique_key
from retexture.document.layers import AdjustmentLayer, LayerMask, PixelLayer, RasterMask
from retexture.document.pixels import Pixels
from retexture.engine.modes import BlendMode
from retexture.files.images import as_depth
from retexture.recipes.base import ORIGINAL
from retexture.recipes.texture_graft import synthesised
from retexture.render.cache import Cache
from retexture.render.region import Region
from retexture.render.render import render
from retexture.session import masks, selections
from retexture.session.layer_edits import numbered
from retexture.session.pictures import content_picture, source_picture
from retexture.session.transforming import unique_source_key

MOST_PATCH_PX = 1024
"""Edge of what is taken of a larger selection, from its middle: more would say nothing new, and take long."""


def picture_of_patch(document: Document, key: str) -> tuple[Document, str]:
    """Return what a patch is cut from, and its name: the original where the document has one, else a layer's pixels.

    Raises:
        ValueError: the layer has no pixels.
    """
    if any(source.key == ORIGINAL for source in document.sources):
        return source_picture(document, ORIGINAL), "the original"
    layer = find(document, key)
    if isinstance(layer, AdjustmentLayer):
        raise ValueError(f"{layer.name} has no pixels: select the layer that has the texture")
    return content_picture(document, layer), layer.name


def grafted(
    document: Document,
    key: str,
    radius_px: float,
    seed: int,
    *,
    cache: Cache,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[Document, str, str]:
    """Return a document with a texture layer made of the patch that is selected, its key, and where the patch is from.

    The layer lies above another one in Linear Light, under a black mask. Takes long: for a worker thread.

    Args:
        document: with a selection: clean skin, 16 px or more each way (64 to look well).
        key: of the layer beneath the new one; see `picture_of_patch` for the patch.
        radius_px: detail finer than this is texture.
        seed: another seed, another arrangement.
        cache: of `render`.
        cancelled: of `render`.

    Raises:
        ValueError: nothing, too little, or a flat or transparent place is selected.
        Cancelled: `cancelled` said so.
    """
    around = None if document.selection is None else selections.bounds(document.selection, selections.HALF)
    if around is None:
        raise ValueError("Select a patch of clean skin first: no mole, fold or hair in it")
    picture, name = picture_of_patch(document, key)
    width, height = min(around.width, MOST_PATCH_PX), min(around.height, MOST_PATCH_PX)
    x, y = around.x + (around.width - width) // 2, around.y + (around.height - height) // 2
    patch = render(picture, Region(x, y, width, height), form="float", cache=cache, cancelled=cancelled)
    if float(patch[3].min()) < 1:
        raise ValueError(
            f"{name[:1].upper()}{name[1:]} is transparent in what is selected: select another place"
        )
    planes = 1 if document.mode == "grey" else 3
    size = (document.width_px, document.height_px)
    texture = synthesised(np.ascontiguousarray(patch[:planes]), size, radius_px, seed)
    source = Source(
        key=unique_source_key(document, "texture"),
        name=f"Texture from {name}",
        colour=Pixels(as_depth(texture, document.depth)),
    )
    title = numbered(document, "Texture")
    black = masks.black(*size, MASK_DTYPES[document.depth][0])
    layer = PixelLayer(
        key=unique_key(document, title),
        name=title,
        source=source.key,
        blend_mode=BlendMode.LINEAR_LIGHT,
        mask=LayerMask(painted=RasterMask(tiles=black)),
    )
    after = msgspec.structs.replace(document, sources=(*document.sources, source), selection=None)
    return insert_layer(after, layer, above=key), layer.key, name
