"""Reads a retouched picture on its original's pixel grid, once, as sharp as it is."""

import math
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
from numpy.typing import NDArray

from retexture.texture.alignment import Alignment, positions

F32 = NDArray[np.float32]
U16 = NDArray[np.uint16]

BAND_PX = 256
LOBES = 3
FINER = 1.05
"""Retouched px for one original px above which finer detail is filtered off, so that it cannot alias."""

COARSEST = 2.5
"""Above this the picture is averaged to half its size first."""


def resample(retouched: U16, alignment: Alignment, workers: int = 2) -> U16:
    """Read the retouched picture where the alignment says, as (C, H, W) uint16 of the original's size.

    Whole-pixel shifts, mirrors and turns copy samples, and the identity returns `retouched` itself. All else is
    Lanczos of 8 x 8 samples (C. Duchon, "Lanczos Filtering in One and Two Dimensions", 1979), after a sharp low pass
    of as many as needed where the picture gets smaller. Beyond its frame its edge is repeated.
    """
    if retouched.shape[:0:-1] != alignment.retouched_size:
        raise ValueError("The alignment is of a picture of another size. Align the two again.")
    if alignment.is_identity:
        return retouched
    width, height = alignment.original_size
    if not alignment.is_bent and _is_of_whole_pixels(alignment):
        return _copied(retouched, alignment)
    pixels, zoom_x, zoom_y = _prefiltered(np.ascontiguousarray(retouched.transpose(1, 2, 0)), alignment)
    out = np.empty((retouched.shape[0], height, width), np.uint16)

    def fill(top: int) -> None:
        bottom = min(top + BAND_PX, height)
        x, y = positions(alignment, top, bottom)
        x, y = x * np.float32(zoom_x) - np.float32(0.5), y * np.float32(zoom_y) - np.float32(0.5)
        band = cv2.remap(pixels, x, y, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE)
        out[:, top:bottom] = np.atleast_3d(band).transpose(2, 0, 1)

    with ThreadPoolExecutor(workers, thread_name_prefix="retexture-worker") as pool:
        list(pool.map(fill, range(0, height, BAND_PX)))
    return out


def _is_of_whole_pixels(alignment: Alignment) -> bool:
    matrix = alignment.affine
    linear = np.abs(matrix[:, :2])
    if not (np.isin(linear, (0, 1)).all() and (linear.sum(0) == 1).all() and (linear.sum(1) == 1).all()):
        return False
    return bool((matrix[:, 2] == np.round(matrix[:, 2])).all())


def _copied(retouched: U16, alignment: Alignment) -> U16:
    matrix = alignment.affine
    ends = [np.arange(n) + 0.5 for n in alignment.original_size]
    is_turned = matrix[0, 0] == 0
    at = []
    for row, size in zip(matrix, alignment.retouched_size, strict=True):
        along = ends[0] if row[0] else ends[1]
        at.append(np.clip(np.floor((row[0] or row[1]) * along + row[2]), 0, size - 1).astype(np.intp))
    x, y = at
    picked = retouched.take(y, 1).take(x, 2)
    return np.ascontiguousarray(picked.transpose(0, 2, 1)) if is_turned else picked


def _prefiltered(pixels: U16, alignment: Alignment) -> tuple[U16, float, float]:
    """Return (h, w, C) without what the original's grid cannot hold, and its own zoom where it was averaged down."""
    per_px = np.hypot(alignment.affine[:, 0], alignment.affine[:, 1])
    height, width = pixels.shape[:2]
    while per_px.min() > COARSEST:
        size = (-(-pixels.shape[1] // 2), -(-pixels.shape[0] // 2))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint16)
        per_px = per_px / 2
    if per_px.max() > FINER:
        along_x, along_y = (_low_pass(s) for s in per_px)
        filtered = cv2.sepFilter2D(pixels, -1, along_x, along_y, borderType=cv2.BORDER_REPLICATE)
        pixels = np.asarray(filtered, np.uint16)
    return np.atleast_3d(pixels), pixels.shape[1] / width, pixels.shape[0] / height


def _low_pass(samples: float) -> F32:
    """Return a windowed sinc that ends at `samples` samples for each that remains; 1 and below keep all."""
    if samples <= FINER:
        return np.ones(1, np.float32)
    reach = math.ceil(LOBES * samples) - 1
    at = np.arange(-reach, reach + 1) / samples
    taps = np.sinc(at) * np.sinc(at / LOBES)
    return np.asarray(taps / taps.sum(), np.float32)
