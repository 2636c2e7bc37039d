"""How much fine texture a face has: whether a picture of it is soft (out of focus, or enlarged), and where."""

import functools

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

USUAL = 0.025
"""Strength on the smoother half of six sharp portraits of light to dark skin: all have 0.020 to 0.041."""
SOFT = 0.0068
"""Strength below which there is no fine texture. Blurred by 4/1000 of the face width, or enlarged 4 times, the six have
0.0013 to 0.0058; sharp, with JPEG of quality 30, with noise of 0.04, or a third of the size, 0.0082 and more."""
LEAST_SHARE = 0.03
"""Of a few windows: with fewer soft ones nothing is. All of six sharp portraits have none, in any light."""
EXPOSED = (0.03, 0.98)
"""Brightest channel between which a place can be told: burnt-out and black skin is no soft skin."""
FADE = (0.7, 1.2)
"""Times `SOFT`: a window of up to the first has no texture, from the second on it has texture of its own."""
SPREAD = 1.2
"""Standard deviation, in distances of windows, by which what was found in them is joined."""


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
    size = _window_px(face_width_px)
    places = _places(area, size)
    if len(places) < FEWEST_WINDOWS:
        return None
    places = places[:: -(-len(places) // MOST_WINDOWS)]
    return _strength(np.median(_spectra(picture, places * (size // 2), size), axis=0), size, face_width_px)


def is_soft(picture: F32, area: F32, face_width_px: float) -> bool:
    """Return whether a face has no fine texture at all; False where there is too little skin to tell."""
    found = strength(picture, area, face_width_px)
    return found is not None and found < SOFT


def soft_map(picture: F32, area: F32, face_width_px: float) -> F32:
    """Return where a picture has no fine texture, (h, w) float32 0-1; 0 where there is too little skin to tell.

    Args:
        picture, area, face_width_px: as of `strength`. What lies outside the area is taken as its surroundings are.
    """
    size = _window_px(face_width_px)
    half = size // 2
    height, width = area.shape
    brightest = picture.max(axis=0) if picture.ndim == 3 else picture
    places = _places(area * ((brightest > EXPOSED[0]) & (brightest < EXPOSED[1])), size)

    def strengths(places: NDArray[np.int_]) -> list[float]:
        return [
            _strength(_spectra(picture, place[None] * half, size)[0], size, face_width_px) for place in places
        ]

    few = strengths(places[:: max(1, -(-len(places) // MOST_WINDOWS))])
    if len(places) < FEWEST_WINDOWS or np.mean(np.array(few) < SOFT) < LEAST_SHARE:
        return np.zeros(area.shape, np.float32)
    known, soft = np.zeros((2, height // half + 1, width // half + 1), np.float32)
    low, high = (share * SOFT for share in FADE)
    for (row, column), found in zip(places, strengths(places), strict=True):
        known[row, column], soft[row, column] = 1, np.interp(found, [low, high], [1, 0])
    soft, known = (
        cv2.GaussianBlur(p, (0, 0), SPREAD, borderType=cv2.BORDER_REFLECT_101) for p in (soft, known)
    )
    joined = np.asarray(soft / np.maximum(known, 1e-9), np.float32)
    # A window's value belongs to its middle.
    place = np.array([[1 / half, 0, 0.5 / half - 1], [0, 1 / half, 0.5 / half - 1]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    laid = cv2.warpAffine(joined, place, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(laid, np.float32)


def _window_px(face_width_px: float) -> int:
    return WINDOW_PX if face_width_px >= WIDE_FACE_PX else SMALL_WINDOW_PX


def _places(area: F32, size: int) -> NDArray[np.int_]:
    """Return (n, 2) row and column, in half windows, of the windows that lie in the area."""
    half = size // 2
    height, width = (n // half for n in area.shape)
    if min(height, width) < 2:
        return np.zeros((0, 2), np.int_)
    cells = cv2.resize(area[: height * half, : width * half], (width, height), interpolation=cv2.INTER_AREA)
    share = (cells[1:, 1:] + cells[1:, :-1] + cells[:-1, 1:] + cells[:-1, :-1]) / 4
    return np.asarray(np.argwhere(share > INSIDE), np.int_)


def _spectra(picture: F32, places: NDArray[np.int_], size: int) -> F64:
    """Return (n, size / 2 + 1): the energy, as a share of the tone's, of windows (n, 2) in rings of frequency."""
    windows = np.stack([luma_of(picture[..., y : y + size, x : x + size]) for y, x in places])
    tone = np.maximum(windows.mean(axis=(1, 2), keepdims=True), np.float32(1e-3))
    taper = np.outer(np.hanning(size), np.hanning(size))
    power = np.abs(np.fft.fft2((windows / tone - 1) * taper)) ** 2 / (taper**2).sum() / size**2
    ring = _rings(size)
    inside = ring <= size // 2
    return np.array([np.bincount(ring[inside], each[inside]) for each in power])


def _strength(spectrum: F64, size: int, face_width_px: float) -> float:
    """Return what a spectrum of `_spectra` has in the band of texture, without the noise."""
    ring = _rings(size)
    count = np.bincount(ring[ring <= size // 2])
    wave_px = size / np.maximum(np.arange(len(count)), 0.5)
    noise = 0.0
    if face_width_px >= FINE_FACE_PX:
        noise = float(np.median((spectrum / count)[wave_px < NOISE_WAVE_PX]))
    low, high = (share * face_width_px for share in (LEAST_WAVE, MOST_WAVE))
    band = (wave_px >= max(low, LEAST_WAVE_PX)) & (wave_px <= max(high, LEAST_MOST_WAVE_PX))
    return float(np.sqrt(max((spectrum - noise * count)[band].sum(), 0.0)))


@functools.cache
def _rings(size: int) -> NDArray[np.intp]:
    at = np.fft.fftfreq(size, 1 / size)
    return np.asarray(np.rint(np.hypot(at[:, None], at[None])), np.intp)
