"""Surface Blur in plain numpy: the specification of the compiled kernel's, and its stand-in."""

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]


def surface_blur(planes: F32, radius: int, span: float) -> F32:
    """Return the mean of each sample's square window, weighted by max(0, span - |value - centre|).

    Args:
        planes: (C, H, W) float32, any range.
        radius: the window's side is 2 radius + 1; 0 returns a copy.
        span: over 0; values that differ by this or more do not count.

    Returns:
        (C, H, W) float32. Edge pixels are repeated outside.
    """
    _, height, width = planes.shape
    padded = np.pad(planes, ((0, 0), (radius, radius), (radius, radius)), mode="edge")
    # Sums of differences from the centre, a window's row at a time: single precision is enough for both.
    weights, sums = np.zeros_like(planes), np.zeros_like(planes)
    for y in range(2 * radius + 1):
        row_weights, row_sums = np.zeros_like(planes), np.zeros_like(planes)
        for x in range(2 * radius + 1):
            difference = padded[:, y : y + height, x : x + width] - planes
            weight = np.maximum(np.float32(span) - np.abs(difference), np.float32(0))
            row_weights += weight
            row_sums += weight * difference
        weights += row_weights
        sums += row_sums
    return planes + sums / weights
