"""What brushes paint on: a layer's own pixels, its mask, or the mask of one of its smart filters."""

from typing import Literal, NamedTuple

import msgspec

from retexture.document.layers import AnyLayer, LayerMask, RasterMask
from retexture.document.tree import filters_of


class FilterMask(NamedTuple):
    """The mask of a smart filter of the layer."""

    filter: str
    """Key of the filter."""


Target = Literal["layer", "mask"] | FilterMask


def mask_at(layer: AnyLayer | None, target: Target) -> RasterMask | None:
    """Return the mask that a target names; the layer's painted one where it names the layer. None: it is not there."""
    if layer is None:
        return None
    if isinstance(target, FilterMask):
        return next((item.mask for item in filters_of(layer) if item.key == target.filter), None)
    return None if layer.mask is None else layer.mask.painted


def with_mask_at(layer: AnyLayer, target: Target, mask: RasterMask) -> AnyLayer:
    """Return a layer with another mask there."""
    if not isinstance(target, FilterMask):
        whole = layer.mask or LayerMask()
        return msgspec.structs.replace(layer, mask=msgspec.structs.replace(whole, painted=mask))
    filters = tuple(
        msgspec.structs.replace(item, mask=mask) if item.key == target.filter else item
        for item in filters_of(layer)
    )
    return msgspec.structs.replace(layer, filters=filters)
