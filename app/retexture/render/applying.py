"""A filter applied to planes of a region: transparency, its mask."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from retexture.engine.gaussian import gaussian
from retexture.engine.reference import mix
from retexture.filters.base import Context, Filter

Array = NDArray[Any]
F32 = NDArray[np.float32]


def mixed(before: F32, after: F32, weight: F32) -> F32:
    """Return `after` where the weight (h, w) is 1, `before` where it is 0: straight planes, mixed premultiplied."""
    if len(before) == 4:
        return mix(before, after, weight)
    return np.asarray(before + (after - before) * weight, np.float32)


def apply_with_alpha(item: Filter, planes: F32, context: Context) -> F32:
    """Apply a filter to (4, h, w) with straight alpha.

    What lies under full transparency is no colour of the layer's: a filter that looks around finds there the
    weighted mean of its surroundings instead. A linear filter that moves alpha works on premultiplied colour.
    """
    colour, alpha = planes[:3], planes[3:]
    if item.premultiplied:
        moved = item.apply(alpha, context)
        colour = item.apply(colour * alpha, context)
        colour /= np.where(moved > 0, moved, np.float32(1))
        return np.concatenate([colour, moved])
    if item.reach != 0 and bool((alpha < 1).any()):
        sigma = (item.reach or max(planes.shape[1:])) / 4
        near = gaussian(np.concatenate([colour * alpha, alpha]), sigma, (context.x, context.y))
        around = near[:3] / np.maximum(near[3:], np.float32(1e-6))
        colour = np.asarray(colour * alpha + around * (1 - alpha), np.float32)
    return np.concatenate(
        [item.apply(colour, context), item.apply(alpha, context) if item.moves_alpha else alpha]
    )
