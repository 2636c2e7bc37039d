"""Counts of a picture's values, for the histogram panel and behind curves and Blend-If."""

import cv2
import numpy as np
from numpy.typing import NDArray

from retexture.engine.blend import luma

BAND_ROWS = 64
"""Rows counted at a time, so that their grey stays in the processor's cache."""


def histogram(planes: NDArray[np.float32], bins: int = 1024) -> NDArray[np.int64]:
    """Count the values of a picture.

    Args:
        planes: (3, H, W) float32, red, green, blue, 0-1; values beyond are counted in the end bins, NaN as 0.
        bins: how many equal bins span 0-1; bin i holds values from i / bins up to below (i + 1) / bins, the last
            one 1 as well.

    Returns:
        (4, bins) int64: grey (0.30 R + 0.59 G + 0.11 B), red, green, blue.
    """
    counts = np.zeros((4, bins), np.int64)
    below_one = np.nextafter(np.float32(1), np.float32(0))  # calcHist leaves the upper end out
    for top in range(0, planes.shape[1], BAND_ROWS):
        band = planes[:, top : top + BAND_ROWS]
        for row, values in zip(counts, (luma(band), *band), strict=True):
            inside = np.ascontiguousarray(np.fmin(np.fmax(values, np.float32(0)), below_one))
            row += cv2.calcHist([inside], [0], None, [bins], [0, 1]).ravel().astype(np.int64)
    return counts
