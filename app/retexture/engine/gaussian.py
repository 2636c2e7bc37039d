"""Gaussian blur of float planes: exact for small radii, through a coarser grid for large ones."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]

cv2.setNumThreads(1)  # blocks already run in parallel; threads inside them would fight for the same cores

DIRECT_LIMIT_PX = 12.0
"""Above this standard deviation the blur runs on a grid of half the size, and so on down: many times faster."""

WHOLE_LIMIT_PX = 64.0
"""Above this the halo would outweigh the block: the blur is computed once for the whole picture."""


PREFILTER_PX = 1.2
"""Blur before halving: keeps fine texture from aliasing into the coarse grid."""

HALVING_VARIANCE = PREFILTER_PX**2 + 0.25
"""Of the prefilter and of the mean over 2 x 2 cells, in px squared."""

MARGIN = 4
"""Coarse cells of repeated edge around a plane, for the interpolation and the prefilter."""


def gaussian_reach(sigma_px: float) -> int | None:
    """Return how many pixels around itself a blurred pixel depends on; None for the whole picture.

    cv2 truncates at 4 sigma; at 3 sigma a block would differ from the whole picture by up to 13/65535.
    """
    if sigma_px > WHOLE_LIMIT_PX:
        return None
    reach, step = 0, 1
    while sigma_px > DIRECT_LIMIT_PX:
        step *= 2
        reach += MARGIN * step
        sigma_px = math.sqrt(sigma_px**2 - HALVING_VARIANCE) / 2
    return reach + (math.ceil(4 * sigma_px) + 1 if sigma_px > 0 else 0) * step


def _blur_planes(planes: F32, sigma: float) -> F32:
    size = round(8 * sigma + 1) | 1  # OpenCV's own rule for float pictures
    out = np.empty(planes.shape, np.float32)  # in rows, whatever the order of `planes` in memory
    for i, plane in enumerate(planes):
        cv2.GaussianBlur(plane, (size, size), sigma, dst=out[i], borderType=cv2.BORDER_REPLICATE)
    return out


def _cubic(t: float) -> F32:
    """Return the weights of four samples at a place `t` after the second one.

    Catmull and Rom's cubic (1974), exact for parabolas, which cv2's cubic (a = -0.75) is not.
    """
    weights = (
        ((2 - t) * t - 1) * t,
        (3 * t - 5) * t * t + 2,
        ((4 - 3 * t) * t + 1) * t,
        (t - 1) * t * t,
    )
    return np.array(weights, np.float32) / np.float32(2)


HALVES = ((_cubic(0.75), 2), (_cubic(0.25), 1))
"""A coarse sample becomes two, a quarter of a step before it and after it: weights, and which of them is its own."""


def _doubled(coarse: F32, start: tuple[int, int], size: tuple[int, int]) -> F32:
    """Interpolate (C, h, w) to twice the samples each way; return a part of `size` (H, W) from `start` (y, x)."""
    out = np.empty((len(coarse), *size), np.float32)
    for plane, target in zip(coarse, out, strict=True):
        for y, (along_y, own_y) in enumerate(HALVES):
            for x, (along_x, own_x) in enumerate(HALVES):
                between = cv2.sepFilter2D(plane, -1, along_x, along_y, anchor=(own_x, own_y))
                part = target[(y - start[0]) % 2 :: 2, (x - start[1]) % 2 :: 2]
                top, left = (start[0] + 1 - y) // 2, (start[1] + 1 - x) // 2
                part[:] = between[top : top + part.shape[0], left : left + part.shape[1]]
    return out


def gaussian(planes: F32, sigma_px: float, origin: tuple[int, int] = (0, 0)) -> F32:
    """Blur each plane with a Gaussian of standard deviation `sigma_px`, edge pixels repeated outside.

    Args:
        planes: (C, H, W) float32, any range.
        sigma_px: 0 or more; 0 returns a copy.
        origin: position (x, y) of the first pixel in the picture. The coarse grid of large blurs is laid from the
            picture's origin, so that a region gives the same pixels as the whole.

    Returns:
        (C, H, W) float32. Up to sigma 12 OpenCV's own separable kernel, truncated at 4 sigma. Above it a small blur,
        means of 2 x 2 cells, the rest of the variance on that coarse grid, and cubic interpolation: within 1e-4
        of the exact blur.
    """
    if sigma_px <= 0.05:
        return planes.copy()
    if sigma_px <= DIRECT_LIMIT_PX:
        return _blur_planes(planes, sigma_px)
    _, height, width = planes.shape
    x, y = origin
    left, top = x % 2 + 2 * MARGIN, y % 2 + 2 * MARGIN
    right, bottom = (x + width) % 2 + 2 * MARGIN, (y + height) % 2 + 2 * MARGIN
    padded = _blur_planes(np.pad(planes, ((0, 0), (top, bottom), (left, right)), mode="edge"), PREFILTER_PX)
    size = (padded.shape[2] // 2, padded.shape[1] // 2)
    coarse = np.stack([cv2.resize(p, size, interpolation=cv2.INTER_AREA) for p in padded])
    coarse_origin = ((x - left) // 2, (y - top) // 2)
    blurred = gaussian(coarse, math.sqrt(sigma_px**2 - HALVING_VARIANCE) / 2, coarse_origin)
    return _doubled(blurred, (top, left), (height, width))
