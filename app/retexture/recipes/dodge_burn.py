"""Dodge and burn: a 50 % grey Soft Light layer to paint on."""

import numpy as np

from retexture.document.document import Document
from retexture.document.layers import PaintLayer
from retexture.document.pixels import Tiles
from retexture.engine.modes import BlendMode
from retexture.recipes.base import (
    RETOUCHED,
    Materials,
    Options,
    Recipe,
    document_of,
    mask_of,
    retouched_layer,
    source_of,
)

GREY = 32768
"""50 % grey in 16 bits: half a step above 0.5, which moves no 16-bit value in Soft Light."""


def build(materials: Materials, _options: Options) -> Document:
    """Return Retouched beneath a grey paint layer: painting lighter dodges, darker burns."""
    width, height = materials.size
    paint = PaintLayer(
        key="dodge_burn",
        name="Dodge & Burn",
        blend_mode=BlendMode.SOFT_LIGHT,
        tiles=Tiles(width, height, background=(GREY, GREY, GREY, 65535), dtype=np.uint16),
        mask=mask_of(materials),
    )
    return document_of(materials, (source_of(materials, RETOUCHED),), (retouched_layer(), paint))


RECIPE = Recipe(
    name="dodge-burn",
    title="Dodge and burn",
    summary="A 50 % grey Soft Light layer over the retouched picture, to paint light and shade on.",
    build=build,
    presets={"article": {"dodge_burn.blend_mode": BlendMode.SOFT_LIGHT}},
    masked="dodge_burn",
)
