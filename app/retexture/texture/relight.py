"""How far restored texture should follow the light: from the tone curve between original and retouched picture."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]

FACE_PX = 100
"""Width at which a face has no texture left, shading alone."""
SKIN = 0.9
DARKEST = 1 / 64
USUAL = 0.5
"""Where nothing can be told."""
DOUBT = 0.05
"""Tones that differ by less than this, in natural logarithm, tell nothing."""
LEAST_PIXELS = 50


def relight(original: NDArray[Any], aligned: NDArray[Any], skin: F32, face_width_px: float) -> float:
    """Return the exponent p that makes (A / O) ** p, with the pictures' tones A and O, the slope of the curve O to A.

    Fine detail goes through a tone curve with the curve's slope. Where light was multiplied the slope is A / O and p
    is 1; where blacks were lifted it is less, even under 0: brighter, and of less contrast. The curve of each channel
    is fitted as A = c O ** g, so its slope is g A / O, and p solves p ln(A / O) = ln g + ln(A / O) over the skin by
    least squares.

    Args:
        original, aligned: (3, h, w) float32 0-1, encoded, on one grid.
        skin: (h, w) float32 0-1.
        face_width_px: ear to ear.

    Returns:
        -1 to 1; about 0.5 where the tones are alike or there is too little skin.
    """
    scale = min(1.0, FACE_PX / face_width_px)
    size = [max(1, round(edge * scale)) for edge in skin.shape[::-1]]
    at = cv2.resize(skin, size, interpolation=cv2.INTER_AREA) > SKIN
    above = below = 0.0
    for channel in range(3):
        tones = [cv2.resize(p[channel], size, interpolation=cv2.INTER_AREA)[at] for p in (original, aligned)]
        usable = np.minimum(*tones) > DARKEST
        if usable.sum() < LEAST_PIXELS:
            continue
        o, a = (np.log(tone[usable].astype(np.float64)) for tone in tones)
        ratio = a - o
        power = max(_slope(o, a), 0.1)
        above += float(np.mean(ratio * (np.log(power) + ratio)))
        below += float(np.mean(ratio * ratio))
    doubt = 3 * DOUBT**2
    return float(np.clip((above + USUAL * doubt) / (below + doubt), -1, 1))


def _slope(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Return the slope of a line through points, of which some are off (iteratively reweighted least squares)."""
    weight = np.ones_like(x)
    slope = 1.0
    for _ in range(5):
        mean_x, mean_y = np.average(x, weights=weight), np.average(y, weights=weight)
        spread = float(np.sum(weight * (x - mean_x) ** 2))
        if spread < 1e-4 * len(x):
            return 1.0
        slope = float(np.sum(weight * (x - mean_x) * (y - mean_y))) / spread
        off = np.abs(y - mean_y - slope * (x - mean_x))
        weight = 1 / (1 + (off / (2 * np.median(off) + 1e-6)) ** 2)
    return slope
