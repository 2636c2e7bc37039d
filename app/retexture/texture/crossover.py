"""The radius at which a picture is best parted into the retouched picture's tone and the original's texture."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from retexture.texture.loss import REFERENCE_FACE_PX, SKIN, check_pair, luma_of

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

LEFT_OVER = 0.005
"""Share of the texture's energy that may stay wrong: an error of a fourteenth of the amplitude."""

SMALLEST, LARGEST = 4.0, 10.0
"""Limits of the radius for the reference face: above the widest pore, and below shading and most blemishes."""

SHADING = 8.0
"""Standard deviation beyond which a blur holds shading alone, for the reference face."""

CUTOFF = 0.187
"""A Gaussian of this over f pixels has half its amplitude at the frequency f, in cycles a pixel."""

TILE_PX = 64
MOST_TILES = 300
ENOUGH_LOST = 0.05
"""Of the windows: from so many on, those without texture alone are measured."""
FINE_FACE_PX = 700
"""Faces wider than this are measured at a fraction of their size: the radius goes with what is coarse."""


def crossover_px(
    original: NDArray[Any], aligned: NDArray[Any], skin: F32, face_width_px: float, lost: F32 | None = None
) -> float:
    """Return the standard deviation of the Gaussian that parts texture from tone, in pixels of the pictures.

    What a graft A + HP(O) - HP(A) leaves wrong in the texture is the blurred difference of the pictures, whose power
    is |G(f)|^2 |O - A|^2(f). It is summed over the frequencies of texture, from windows on skin, of each frequency the
    median window: spots that were removed do not count. The radius is the smallest that leaves less than 0.5 % of
    the texture's energy wrong: a tool that kept the coarser texture needs a small one.

    Args:
        original: (3, H, W) uint16 or float32 0-1, encoded.
        aligned: the retouched picture on the original's grid.
        skin: (h, w) float32 0-1, of any size with the pictures' aspect.
        face_width_px: ear to ear, in pixels of the pictures.
        lost: (h, w) float32 0-1, the size of `skin`: where texture is missing (`Loss.weight`). Where that is enough of
            the skin, it is measured there alone: what was left as it was has no say in the radius.

    Returns:
        4 to 10 px in a face of 1000 px, and in proportion; never under 1 px. The middle where there is too little skin
        to measure.

    Raises:
        ValueError: see `loss_map`.
    """
    check_pair(original, aligned, skin, face_width_px)
    step = max(1, int(face_width_px / FINE_FACE_PX))
    tiles = _tiles(original, aligned, skin, lost, step)
    scale = face_width_px / REFERENCE_FACE_PX
    low, high = SMALLEST * scale, LARGEST * scale
    if not tiles:
        return max(1.0, float(np.sqrt(low * high)))
    rings, texture, wrong = _spectra(tiles)
    frequency = rings / TILE_PX / step
    fine = frequency > CUTOFF / (SHADING * scale)
    wanted = LEFT_OVER * float(texture[fine].sum())
    for radius in np.geomspace(low, high, 25):
        passed = np.exp(-2 * (np.pi * radius * frequency[fine]) ** 2) ** 2
        if float((wrong[fine] * passed).sum()) <= wanted:
            break
    return max(1.0, float(radius))


def _tiles(
    original: NDArray[Any], aligned: NDArray[Any], skin: F32, lost: F32 | None, step: int
) -> list[tuple[F32, F32]]:
    """Return luma windows of both pictures at 1/step of the size, where all is skin, evenly over it."""
    height, width = original.shape[1:]
    size = TILE_PX * step
    mask = cv2.resize((skin >= SKIN).astype(np.float32), (width // step, height // step))
    places = [
        (y, x)
        for y in range(0, height // step - TILE_PX + 1, TILE_PX // 2)
        for x in range(0, width // step - TILE_PX + 1, TILE_PX // 2)
        if mask[y : y + TILE_PX, x : x + TILE_PX].mean() > 0.9
    ]
    if lost is not None:
        weight = cv2.resize(lost, (width // step, height // step))
        without = [(y, x) for y, x in places if weight[y : y + TILE_PX, x : x + TILE_PX].mean() > 0.5]
        places = without if len(without) > ENOUGH_LOST * len(places) else places
    window = np.outer(np.hanning(TILE_PX), np.hanning(TILE_PX)).astype(np.float32)
    tiles = []
    for y, x in places[:: -(-len(places) // MOST_TILES) or 1]:
        area = np.s_[:, y * step : y * step + size, x * step : x * step + size]
        pair = [
            cv2.resize(luma_of(p[area]), (TILE_PX, TILE_PX), interpolation=cv2.INTER_AREA)
            for p in (original, aligned)
        ]
        tiles.append(tuple((plane - plane.mean()) * window for plane in pair))
    return tiles


def _spectra(tiles: list[tuple[F32, F32]]) -> tuple[F64, F64, F64]:
    """Return ring numbers, and the median energy in each ring of the original and of the difference."""
    u, v = np.fft.fftfreq(TILE_PX, 1 / TILE_PX)[:, None], np.fft.rfftfreq(TILE_PX, 1 / TILE_PX)[None]
    ring = np.rint(np.hypot(u, v)).astype(np.intp).ravel()
    count = TILE_PX // 2 + 1

    def power(plane: F32) -> F64:
        energy = np.abs(np.fft.rfft2(plane)).ravel() ** 2
        return np.asarray(np.bincount(ring, energy)[:count], np.float64)

    texture = np.median([power(o) for o, _ in tiles], axis=0)
    wrong = np.median([power(o - a) for o, a in tiles], axis=0)
    return np.arange(count, dtype=np.float64), texture, wrong
