"""CIE L*a*b* of sRGB colours, and distances in it."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]

# IEC 61966-2-1, its primaries and white point D65.
_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_RELATIVE = (_TO_XYZ / _TO_XYZ.sum(1, keepdims=True)).astype(np.float32)
_DARK = (6 / 29) ** 3


def lab(rgb: NDArray[np.uint16]) -> F32:
    """Return (3, ...) float32 L* 0-100, a* and b* of (3, ...) uint16 encoded sRGB; white is L* 100, a* = b* = 0."""
    share = _RELATIVE @ _linear()[rgb.reshape(3, -1)]
    root = np.cbrt(share)
    dark = share <= np.float32(_DARK)
    root[dark] = share[dark] * np.float32(1 / (3 * (6 / 29) ** 2)) + np.float32(4 / 29)
    x, y, z = root
    out = np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], dtype=np.float32)
    return out.reshape(rgb.shape)


def distance(planes: F32, colour: F32) -> F32:
    """Return the distance (CIE 1976, Delta E*ab) of (3, ...) L*a*b* from one colour of 3 numbers."""
    total = np.zeros(planes.shape[1:], np.float32)
    for plane, value in zip(planes, colour, strict=True):
        difference = plane - value
        total += difference * difference
    return np.sqrt(total)


@cache
def _linear() -> F32:
    """Return linear light 0-1 by encoded uint16 value."""
    encoded = np.arange(65536) / 65535
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4).astype(
        np.float32
    )
