"""A mask of a small picture at the size of the large one, its edges at that picture's edges."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from retexture.texture.faces import F32, U8

U16 = NDArray[np.uint16]

BAND_ROWS = 512
EPSILON = 4e-4
"""Variance of luma (0-1) beneath which there is no edge."""


def luma(image: U8) -> F32:
    """Return (h, w) float32 0-1 of (h, w, 3) uint8 RGB."""
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.float32) / np.float32(255)


def upscaled(mask: F32, small: F32, large: F32, radius: int) -> F32:
    """Return the mask at the size of `large`, 0-1, guided by its luma (He and Sun, Fast Guided Filter, 2015).

    Args:
        mask, small: (h, w) float32, and the luma of the picture that the mask was made for.
        large: (H, W) float32 the same picture's luma.
        radius: of the windows, in pixels of the mask.
    """
    slope, offset = _lines(mask, small, radius)
    rows, columns = large.shape
    line, shift = (cv2.resize(p, (columns, rows), interpolation=cv2.INTER_LINEAR) for p in (slope, offset))
    return np.asarray(np.clip(line * large + shift, 0, 1), np.float32)


def upscale_mask(mask: F32, luma_full: F32 | U16, progress: Callable[[float], None] | None = None) -> U16:
    """Return the mask at the size of the full picture, (H, W) uint16, its edges at the full picture's edges.

    Args:
        mask: (h, w) float32 0-1.
        luma_full: (H, W) brightness of the full picture, float32 0-1 or uint16.
        progress: called with 0-1 after each band of rows.
    """
    height, width = luma_full.shape
    scale = np.float32(1 / 65535 if luma_full.dtype == np.uint16 else 1)
    small = cv2.resize(luma_full, mask.shape[::-1], interpolation=cv2.INTER_AREA).astype(np.float32) * scale
    slope, offset = _lines(mask, small, 2)
    out = np.empty((height, width), np.uint16)
    for top in range(0, height, BAND_ROWS):
        bottom = min(top + BAND_ROWS, height)
        line, shift = (_rows(p, top, bottom, height, width) for p in (slope, offset))
        line *= luma_full[top:bottom] * scale
        line += shift
        np.clip(line, 0, 1, out=line)
        out[top:bottom] = line * np.float32(65535) + np.float32(0.5)
        if progress:
            progress(bottom / height)
    return out


def _rows(plane: F32, top: int, bottom: int, height: int, width: int) -> F32:
    """Return rows of the plane as it were enlarged to height and width."""
    sx, sy = plane.shape[1] / width, plane.shape[0] / height
    matrix = np.array([[sx, 0, (sx - 1) / 2], [0, sy, sy * (top + 0.5) - 0.5]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = (width, bottom - top)
    return np.asarray(
        cv2.warpAffine(plane, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32
    )


def _lines(mask: F32, guide: F32, radius: int) -> tuple[F32, F32]:
    """Return slope and offset of the lines by which the mask follows the guide around each pixel."""
    size = (2 * radius + 1, 2 * radius + 1)

    def mean(plane: F32) -> F32:
        return np.asarray(cv2.blur(plane, size, borderType=cv2.BORDER_REFLECT), np.float32)

    middle, level = mean(guide), mean(mask)
    slope = (mean(guide * mask) - middle * level) / (np.maximum(mean(guide * guide) - middle**2, 0) + EPSILON)
    return mean(slope), mean(level - slope * middle)
