"""The median filter in plain numpy: the specification of the compiled kernel's, and its stand-in."""

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]


def median(planes: F32, radius: int) -> F32:
    """Replace each sample by the median of the square window of side 2 radius + 1 around it.

    Args:
        planes: (C, H, W) float32, any range; no NaN.
        radius: 0 or more; 0 returns a copy.

    Returns:
        (C, H, W) float32: values of the input, unchanged. Edge pixels are repeated outside.
    """
    side = 2 * radius + 1
    padded = np.pad(planes, ((0, 0), (radius, radius), (radius, radius)), mode="edge")
    out = np.empty_like(planes)
    for i, plane in enumerate(padded):
        for y in range(planes.shape[1]):
            windows = np.lib.stride_tricks.sliding_window_view(plane[y : y + side], side, 1)
            flat = windows.transpose(1, 0, 2).reshape(planes.shape[2], side * side)
            out[i, y] = np.partition(flat, side * side // 2, 1)[:, side * side // 2]
    return out
