"""How much fine texture a face has: whether a picture of it is soft all over (out of focus, or enlarged)."""

import cv2
import numpy as np
from numpy.typing import NDArray

from retexture.texture.loss import luma_of

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

LEAST_WAVE, MOST_WAVE = 0.004, 0.014
"""Wavelengths between which texture is measured, as shares of the face width: pores, and the cells between them."""
LEAST_WAVE_PX, LEAST_MOST_WAVE_PX = 2.5, 6.0
"""Both at the least: finer than the first a picture holds next to nothing."""
NOISE_WAVE_PX = 2.45
"""Wavelengths below this tell of noise, which has as much in every frequency."""
FINE_FACE_PX = 350
"""In faces narrower than this, pores themselves are as fine as noise: nothing is taken off for it."""
WINDOW_PX, SMALL_WINDOW_PX = 64, 32
WIDE_FACE_PX = 400
"""Face width from which the larger windows fit between its features."""
FEWEST_WINDOWS, MOST_WINDOWS = 4, 60
INSIDE = 0.9
"""Share of a window that must be skin."""

USUAL = 0.033
"""Median strength of six sharp portraits of light to dark skin, 0.020 to 0.041; JPEG of quality 30 leaves 0.014."""
SOFT = 0.0075
"""Strength below which there is no fine texture: blurred by 4/1000 of the face width, it is 0.0013 to 0.0034."""


def strength(picture: F32, area: F32, face_width_px: float) -> float | None:
    """Return how strong fine texture is: the median over windows of its standard deviation as a share of the tone.

    Camera noise, told by the frequencies above those of texture, is taken off.

    Args:
        picture: (3, h, w) float32, encoded RGB 0-1, or (h, w), its luma.
        area: (h, w) float32 0-1: where it is measured.
        face_width_px: ear to ear.

    Returns:
        0 or more; None where too few windows lie in the area to tell.
    """
    size = WINDOW_PX if face_width_px >= WIDE_FACE_PX else SMALL_WINDOW_PX
    half = size // 2
    height, width = (n // half for n in area.shape)
    if min(height, width) < 2:
        return None
    cells = cv2.resize(area[: height * half, : width * half], (width, height), interpolation=cv2.INTER_AREA)
    share = (cells[1:, 1:] + cells[1:, :-1] + cells[:-1, 1:] + cells[:-1, :-1]) / 4
    places = half * np.argwhere(share > INSIDE)
    if len(places) < FEWEST_WINDOWS:
        return None
    places = places[:: -(-len(places) // MOST_WINDOWS)]
    windows = np.stack([luma_of(picture[..., y : y + size, x : x + size]) for y, x in places])
    tone = np.maximum(windows.mean(axis=(1, 2), keepdims=True), np.float32(1e-3))
    taper = np.outer(np.hanning(size), np.hanning(size))
    power = np.abs(np.fft.fft2((windows / tone - 1) * taper)) ** 2 / (taper**2).sum() / size**2
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.fftfreq(size)[None])
    ring = np.rint(frequency * size).astype(np.intp)
    inside = ring <= size // 2
    usual = np.median([np.bincount(ring[inside], p[inside]) for p in power], axis=0)
    count = np.bincount(ring[inside])
    wave_px = size / np.maximum(np.arange(len(count)), 0.5)
    noise = 0.0
    if face_width_px >= FINE_FACE_PX:
        noise = float(np.median((usual / count)[wave_px < NOISE_WAVE_PX]))
    low, high = (share * face_width_px for share in (LEAST_WAVE, MOST_WAVE))
    band = (wave_px >= max(low, LEAST_WAVE_PX)) & (wave_px <= max(high, LEAST_MOST_WAVE_PX))
    return float(np.sqrt(max((usual - noise * count)[band].sum(), 0.0)))


def is_soft(picture: F32, area: F32, face_width_px: float) -> bool:
    """Return whether a face has no fine texture at all; False where there is too little skin to tell."""
    found = strength(picture, area, face_width_px)
    return found is not None and found < SOFT
