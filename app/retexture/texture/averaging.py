"""Averages large planes down to a small size."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]


def averaged(plane: NDArray[Any], size: tuple[int, int]) -> F32:
    """Return (h, w), of uint16 over the full range or of float32 0-1, at a smaller size (width, height), float32 0-1.

    Halves come first, as OpenCV is many times quicker at them than at other scales; the last step is a larger one.
    """
    while plane.shape[1] >= 4 * size[0] and plane.shape[0] >= 4 * size[1]:
        half = (-(-plane.shape[1] // 2), -(-plane.shape[0] // 2))
        plane = cv2.resize(plane, half, interpolation=cv2.INTER_AREA)
    scale = np.float32(1 / 65535 if plane.dtype == np.uint16 else 1)
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA) * scale, np.float32)
