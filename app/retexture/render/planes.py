"""Planes of pixels, (C, h, w): their range, their number, their edges, half their size."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from retexture.engine.reference import WHITE
from retexture.render.region import Region

Array = NDArray[Any]
F32 = NDArray[np.float32]


def unit(planes: Array) -> F32:
    """Return float32 0-1 of planes whose dtype tells their range."""
    if planes.dtype == np.float32:
        return planes
    values = planes.astype(np.float32)
    values *= np.float32(1 / WHITE[planes.dtype.name])
    return values


def halved(planes: F32, alpha: bool) -> F32:
    """Return the means of 2 x 2 cells; colour weighted by alpha, the last plane, where there is one."""
    size = (planes.shape[2] // 2, planes.shape[1] // 2)
    if alpha:
        planes = np.concatenate([planes[:-1] * planes[-1:], planes[-1:]])
    small: Array = np.stack(
        [cv2.resize(np.ascontiguousarray(p), size, interpolation=cv2.INTER_AREA) for p in planes]
    )
    if alpha:
        small[:-1] /= np.where(small[-1] > 0, small[-1], np.float32(1))
    return np.asarray(small, np.float32)


def with_three_planes(planes: F32) -> F32:
    """Return a grey plane thrice, others as they are."""
    return np.repeat(planes, 3, 0) if len(planes) == 1 else planes


def edge_padded(planes: Array, wanted: Region, inside: Region) -> Array:
    """Extend planes of `inside` to `wanted` by repeating the edge pixels, as Photoshop's blurs do."""
    if wanted == inside:
        return planes
    top, left = inside.y - wanted.y, inside.x - wanted.x
    bottom, right = wanted.height - inside.height - top, wanted.width - inside.width - left
    return np.pad(planes, ((0, 0), (top, bottom), (left, right)), mode="edge")
