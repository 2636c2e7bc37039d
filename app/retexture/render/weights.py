"""What Blend-If shows of a layer, as numbers: for the overlay of hidden pixels and for histograms."""

import numpy as np
from numpy.typing import NDArray

from retexture.document.document import Document, find
from retexture.document.layers import AdjustmentLayer
from retexture.document.tree import beneath
from retexture.engine.blend import EIGHT_BIT, REAL
from retexture.engine.reference import blend_if_weight as weight_of
from retexture.render.cache import Cache
from retexture.render.planes import unit
from retexture.render.region import Region
from retexture.render.stack import Stack, sliders

F32 = NDArray[np.float32]


def layer_and_beneath(
    document: Document, key: str, region: Region, level: int = 0, *, cache: Cache
) -> tuple[F32, F32]:
    """Return what Blend-If judges: a layer's filtered colour and the picture beneath it, (3, h, w) float32 0-1 each.

    An adjustment layer has no colour of its own: its result is judged, as Photoshop does.

    Raises:
        KeyError: no layer has that key.
    """
    layer = find(document, key)
    stack = Stack(document, level, cache)
    under = stack.isolated(beneath(document, key), region)
    if isinstance(layer, AdjustmentLayer):
        plain = AdjustmentLayer(key=key, name=layer.name, adjustment=layer.adjustment)
        return stack.isolated((*beneath(document, key), plain), region)[:3], under[:3]
    own = unit(stack.contents.planes(layer, region))
    return (np.repeat(own, 3, 0) if len(own) == 1 else own[:3]), under[:3]


def blend_if_weight(document: Document, key: str, region: Region, level: int = 0, *, cache: Cache) -> F32:
    """Return how far a layer's Blend-If lets each pixel show: (h, w) float32, 0 hidden, 1 shown."""
    layer = find(document, key)
    domain = EIGHT_BIT if document.depth == 8 else REAL
    weight = np.ones((region.height, region.width), np.float32)
    planes = layer_and_beneath(document, key, region, level, cache=cache)
    for side, colour in zip((layer.blend_if.this, layer.blend_if.underlying), planes, strict=True):
        ends = sliders(side)
        if ends is not None:
            weight *= weight_of(domain.round(colour * np.float32(domain.one)), ends, domain)
    return weight
