"""The size of pores: how far apart the grain of a picture of skin lies, measured from its spectrum."""

import cv2
import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]

SMALLEST_PX, LARGEST_PX = 2.5, 200.0
"""Distances that are looked for."""

PORES_PER_FACE = 200.0
"""Pores side by side over the width of a face, unless the user says otherwise."""

MOST_SCALED = 10.0
"""What would have to be scaled by more, or made smaller by more, is no plate: its pores were mistaken."""

WINDOW_PX = 1024
STEPS_PER_OCTAVE = 12


def pore_distance_px(plane: F32) -> float:
    """Return the typical distance of pores from each other, in pixels.

    It is the wavelength at which the brightness of the picture has most energy per octave, between 2.5 and 200
    pixels (and no more than a quarter of the picture). Plates of skin have their maximum where pores and the cells
    between them alternate; slower shading and finer grain lie on either side of it. Measured on up to five windows
    of 1024 pixels, with a Hann window each, after a plane was taken off; the maximum is refined by a parabola.

    Args:
        plane: (h, w) float32, brightness 0-1, 16 px or more each way.

    Raises:
        ValueError: too small, or without texture.
    """
    height, width = plane.shape
    if min(height, width) < 16:
        raise ValueError(f"{width} x {height} px is too small to measure pores: take at least 16 px each way")
    edge = min(WINDOW_PX, height, width)
    octaves = np.arange(np.log2(SMALLEST_PX), np.log2(min(LARGEST_PX, edge / 4)) + 1e-9, 1 / STEPS_PER_OCTAVE)
    energy = np.zeros(len(octaves))
    for y, x in {(0, 0), (0, 1), (1, 0), (1, 1), (0.5, 0.5)}:
        top, left = int(y * (height - edge)), int(x * (width - edge))
        energy += _energy(plane[top : top + edge, left : left + edge], 2**octaves)
    if not energy.max() > 1e-9:
        raise ValueError("the picture is flat and has no pores to measure")
    best = int(energy.argmax())
    if 0 < best < len(energy) - 1:
        a, b, c = energy[best - 1 : best + 2]
        best_at = octaves[best] + 0.5 * (a - c) / (a - 2 * b + c) / STEPS_PER_OCTAVE
    else:
        best_at = octaves[best]
    return float(2**best_at)


def scale_to(pore_px: float | None, wanted_px: float) -> float:
    """Return the scale that puts pores `wanted_px` apart, 0.1 to 10; 1 where their distance is not known (None)."""
    return 1.0 if pore_px is None else min(max(wanted_px / pore_px, 1 / MOST_SCALED), MOST_SCALED)


def _energy(window: F32, wavelengths: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the energy of a square window around each wavelength, per octave."""
    edge = len(window)
    y, x = np.mgrid[-1 : 1 : edge * 1j, -1 : 1 : edge * 1j]
    flat = window.astype(np.float64) - window.mean()
    flat -= x * (flat * x).mean() / (x * x).mean() + y * (flat * y).mean() / (y * y).mean()
    hann = np.hanning(edge)
    spectrum = np.abs(np.fft.rfft2(flat * np.outer(hann, hann))) ** 2
    fy, fx = np.fft.fftfreq(edge)[:, None], np.fft.rfftfreq(edge)[None]
    frequency = np.hypot(fy, fx)
    inside = (frequency > 0) & (frequency <= 0.5)
    place = -np.log2(frequency[inside])
    # A band of half an octave either way, falling off: rings of few frequencies are not left to chance.
    edges = np.arange(np.log2(2), 9, 0.5 / STEPS_PER_OCTAVE)
    found, _ = np.histogram(place, edges, weights=spectrum[inside])
    reach = np.abs(np.arange(-STEPS_PER_OCTAVE, STEPS_PER_OCTAVE + 1)) / STEPS_PER_OCTAVE
    kernel = 1 - reach
    smooth = cv2.filter2D(found[None], cv2.CV_64F, kernel[None], borderType=cv2.BORDER_CONSTANT)[0]
    middles = (edges[1:] + edges[:-1]) / 2
    return np.asarray(np.interp(np.log2(wavelengths), middles, smooth), np.float64)
