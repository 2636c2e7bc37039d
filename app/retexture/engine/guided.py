"""The guided filter: a blur that stops at edges, those of the picture itself or of another one."""

import cv2
import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]


def _mean(plane: F64, radius: int) -> F64:
    size = (2 * radius + 1, 2 * radius + 1)
    return np.asarray(cv2.boxFilter(plane, cv2.CV_64F, size, borderType=cv2.BORDER_REPLICATE), np.float64)


def guided(planes: F32, radius: int, epsilon: float) -> F32:
    """Smooth each plane, guided by itself (He, Sun and Tang, Guided Image Filtering, 2013, equations 5, 6 and 8).

    In double precision: the variance is a difference of squares, and `epsilon` is small beside them.

    Args:
        planes: (C, H, W) float32.
        radius: the windows are squares of 2 radius + 1; a result depends on 2 radius pixels around it.
        epsilon: variance, in the planes' units squared, of which half is smoothed away; over 0.

    Returns:
        (C, H, W) float32; edge pixels are repeated outside.
    """
    out = np.empty_like(planes)
    for i, plane in enumerate(planes):
        # About the middle of the range, for the same reason.
        guide = plane.astype(np.float64) - 0.5
        mean = _mean(guide, radius)
        variance = np.maximum(_mean(guide * guide, radius) - mean * mean, 0)
        slope = variance / (variance + epsilon)
        out[i] = _mean(slope, radius) * guide + _mean(mean * (1 - slope), radius) + 0.5
    return out


def guided_by(plane: F32, guide: F32, radius: int, epsilon: float) -> F32:
    """Smooth a plane along the edges of another one (the same paper, equations 4 to 8).

    Args:
        plane: (H, W) float32.
        guide: (H, W) float32, 0-1.
        radius: as of `guided`.
        epsilon: variance, in the guide's units squared, beneath which it has no edge; over 0.

    Returns:
        (H, W) float32, which may lie a little outside the plane's range; edge pixels are repeated outside.
    """
    p, i = plane.astype(np.float64), guide.astype(np.float64) - 0.5
    mean_p, mean_i = _mean(p, radius), _mean(i, radius)
    variance = np.maximum(_mean(i * i, radius) - mean_i * mean_i, 0)
    slope = (_mean(i * p, radius) - mean_i * mean_p) / (variance + epsilon)
    return np.asarray(_mean(slope, radius) * i + _mean(mean_p - slope * mean_i, radius), np.float32)
