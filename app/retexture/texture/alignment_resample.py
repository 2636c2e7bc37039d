"""Reads a retouched picture on its original's pixel grid, once, as sharp as it is."""

import math
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
from numpy.typing import NDArray

from retexture.texture.alignment import Alignment, positions

F32 = NDArray[np.float32]
U16 = NDArray[np.uint16]

BAND_PX, TILE_PX = 256, 512
LOBES = 3
MARGIN_PX = 6
"""Around what is read, for the taps of both interpolations."""

_AT = np.arange(-3, 5) - 0.5
HALFWAY = np.asarray(np.sinc(_AT) * np.sinc(_AT / 4), np.float32)
HALFWAY /= HALFWAY.sum()
"""Lanczos' weights of eight samples for the place in their middle."""

FINER = 1.05
"""Retouched px for one original px above which finer detail is filtered off, so that it cannot alias."""

COARSEST = 2.5
"""Above this the picture is averaged to half its size first."""


def resample(retouched: U16, alignment: Alignment, workers: int = 2) -> U16:
    """Read the retouched picture where the alignment says, as (C, H, W) uint16 of the original's size.

    Whole-pixel shifts, mirrors and turns copy samples, and the identity returns `retouched` itself. All else is
    brought to twice the samples by Lanczos of 8 x 8 (C. Duchon, "Lanczos Filtering in One and Two Dimensions", 1979)
    and read from there by a cubic: as sharp as Lanczos at every place, at a third of the time. Where the picture gets
    smaller, a sharp low pass of as many samples as needed comes first. Beyond its frame its edge is repeated.
    """
    if retouched.shape[:0:-1] != alignment.retouched_size:
        raise ValueError("The alignment is of a picture of another size. Align the two again.")
    if alignment.is_identity:
        return retouched
    width, height = alignment.original_size
    if not alignment.is_bent and is_of_whole_pixels(alignment):
        return _copied(retouched, alignment)
    planes = _prefiltered(retouched, alignment)
    zoom_x, zoom_y = (n / m for n, m in zip(planes.shape[:0:-1], alignment.retouched_size, strict=True))
    out = np.empty((len(planes), height, width), np.uint16)

    def fill(top: int) -> None:
        bottom = min(top + BAND_PX, height)
        x, y = positions(alignment, top, bottom)
        x, y = x * np.float32(zoom_x) - np.float32(0.5), y * np.float32(zoom_y) - np.float32(0.5)
        for left in range(0, width, TILE_PX):
            columns = np.s_[:, left : left + TILE_PX]
            _read(planes, x[columns], y[columns], out[:, top:bottom, left : left + TILE_PX])

    with ThreadPoolExecutor(workers, thread_name_prefix="retexture-worker") as pool:
        list(pool.map(fill, range(0, height, BAND_PX)))
    return out


def _read(planes: U16, x: F32, y: F32, out: U16) -> None:
    """Read planes (C, H, W) at places that are counted from the first sample's centre."""
    height, width = planes.shape[1:]
    x, y = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
    x0, y0 = max(int(x.min()) - MARGIN_PX, 0), max(int(y.min()) - MARGIN_PX, 0)
    part = planes[:, y0 : int(y.max()) + MARGIN_PX + 1, x0 : int(x.max()) + MARGIN_PX + 1]
    places = cv2.convertMaps(2 * (x - np.float32(x0)), 2 * (y - np.float32(y0)), cv2.CV_16SC2)
    for plane, target in zip(part, out, strict=True):
        read = cv2.remap(
            _doubled(plane), *places, interpolation=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
        target[:] = np.clip(np.rint(read), 0, 65535)


def _doubled(plane: U16) -> F32:
    """Return twice the samples each way: those that are there, and between them Lanczos'."""
    height, width = plane.shape
    out = np.empty((2 * height, 2 * width), np.float32)
    own = out[::2]
    own[:, ::2] = plane
    one = np.ones(1, np.float32)
    border = cv2.BORDER_REPLICATE
    own[:, 1::2] = cv2.sepFilter2D(plane, cv2.CV_32F, HALFWAY, one, anchor=(3, 0), borderType=border)
    out[1::2] = cv2.sepFilter2D(own, -1, one, HALFWAY, anchor=(0, 3), borderType=border)
    return out


def is_of_whole_pixels(alignment: Alignment) -> bool:
    """Tell whether samples are copied, none computed, where it is not bent."""
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


def _prefiltered(planes: U16, alignment: Alignment) -> U16:
    """Return (C, h, w) without what the original's grid cannot hold, averaged down where it is much larger."""
    per_px = np.hypot(alignment.affine[:, 0], alignment.affine[:, 1])
    while per_px.min() > COARSEST:
        size = (-(-planes.shape[2] // 2), -(-planes.shape[1] // 2))
        planes = np.stack([cv2.resize(p, size, interpolation=cv2.INTER_AREA) for p in planes])
        per_px = per_px / 2
    if per_px.max() > FINER:
        along_x, along_y = (_low_pass(s) for s in per_px)
        border = cv2.BORDER_REPLICATE
        planes = np.stack([cv2.sepFilter2D(p, -1, along_x, along_y, borderType=border) for p in planes])
    return planes


def _low_pass(samples: float) -> F32:
    """Return a windowed sinc that ends at `samples` samples for each that remains; 1 and below keep all."""
    if samples <= FINER:
        return np.ones(1, np.float32)
    reach = math.ceil(LOBES * samples) - 1
    at = np.arange(-reach, reach + 1) / samples
    taps = np.sinc(at) * np.sinc(at / LOBES)
    return np.asarray(taps / taps.sum(), np.float32)
