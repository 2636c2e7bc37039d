"""The original's grain for backgrounds from which a retouching tool took it.

How strong grain is at each brightness is read from the flattest windows, as noise level functions are (C. Liu et al.,
"Noise Estimation from a Single Image", CVPR 2006). Its look, spectrum and colour, is that of asymptotic discrete spot
noise (B. Galerne, Y. Gousseau and J.-M. Morel, "Random Phase Textures: Theory and Synthesis", IEEE Trans. Image
Processing 20(1), 2011), for which grain, unlike skin, is random enough.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.engine.noise import gaussian as white_noise
from retexture.texture.loss import luma_of, smoothstep

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
U16 = NDArray[np.uint16]

FINE_PX, SHADING_PX = 2.5, 7.0
"""Standard deviations: grain is measured on what is finer than the first, and ends before the second."""

WINDOW_PX = 32
MOST_WINDOWS = 1200
FEWEST_WINDOWS = 12
FLATTEST = 0.25
"""Part of the windows of one brightness that are taken for flat."""

LEVELS = 12
"""Steps of brightness at which grain is measured."""

LOST, KEPT = 0.5, 0.9
"""Share of the grain's amplitude up to which all of it is put back, and from which none is."""

LEAST = 0.3 / 255
"""Grain weaker than this is none: it is what eight bits make of a smooth picture."""

PERIODS_PX = (512, 625)
"""Two sheets of noise with these periods are laid over each other: together they repeat after 320,000 px."""

SAMPLES = 16
"""Windows of grain that make a sheet."""

WEIGHT_STEP_PX = 8
ALONG_PX = ((0, 2), (2, 0), (2, 2), (2, -2))
"""Row and column: directions in which grain is as strong as in any, while an edge or a hair has one without detail."""
NEAR, WIDE = 2, 12
"""Standard deviations, in steps of `WEIGHT_STEP_PX`, over which places are joined."""
WIDE_SHARE = 0.01
"""What the wide surroundings count: where the near ones tell nothing, as along an outline, they decide."""


class Grain(msgspec.Struct, frozen=True, eq=False):
    """Grain to add to a retouched picture.

    Attributes:
        texture: (3, H, W) uint16: 32768 + half the grain, full range 65535, so that Linear Light adds all of it.
        weight: (h, w) float32 0-1, of an eighth of the size: where the retouched picture lacks grain and no skin is.
        strength: standard deviation of the grain by brightness: pairs (luma 0-1, 0-1).
    """

    texture: U16
    weight: F32
    strength: tuple[tuple[float, float], ...]


def background_grain(original: NDArray[Any], aligned: NDArray[Any], skin: F32, seed: int = 1) -> Grain | None:
    """Measure the original's grain away from the skin, and make as much of it as the retouched picture lacks.

    Args:
        original: (3, H, W) uint16 over the full range, or float32 0-1, encoded.
        aligned: the retouched picture on the original's grid.
        skin: (h, w) float32 0-1, of any size with the pictures' aspect.
        seed: any integer; the same gives the same grain.

    Returns:
        The grain; None where the original has none or the retouched picture kept it.

    Raises:
        ValueError: pictures of different shapes.
    """
    if original.shape != aligned.shape or original.ndim != 3:
        raise ValueError(
            f"pictures of {original.shape} and {aligned.shape} samples: align the retouched one first"
        )
    windows = _windows(original, aligned, skin)
    if len(windows) < FEWEST_WINDOWS:
        return None
    curve = _noise_curve(windows)
    flat = [w for w in windows if w.variance < 2 * np.interp(w.luma, *curve)]
    lost = [w for w in flat if w.variance > LEAST**2 and w.kept < KEPT**2 * w.variance]
    if len(lost) < max(FEWEST_WINDOWS, len(flat) / 10):
        return None
    sheets = [_sheet(lost, period, seed + i) for i, period in enumerate(PERIODS_PX)]
    luma, strength = curve[0], np.sqrt(curve[1])
    return Grain(
        texture=_laid(aligned, sheets, luma, strength),
        weight=_weight(
            aligned, skin, luma, strength, float(_energies(luma_of(sheets[0])).min(axis=0).mean())
        ),
        strength=tuple((float(x), float(y)) for x, y in zip(luma, strength, strict=True)),
    )


class _Window(msgspec.Struct, frozen=True, eq=False):
    """A window away from the skin: brightness, variance of the original's and the retouched fine luma, the original.

    quietest: energy of the original along the direction with the least.
    """

    luma: float
    variance: float
    kept: float
    quietest: float
    ours: F32


def _windows(original: NDArray[Any], aligned: NDArray[Any], skin: F32) -> list[_Window]:
    height, width = original.shape[1:]
    rows, columns = (np.arange(0, edge - WINDOW_PX + 1, WINDOW_PX) for edge in (height, width))
    covered = cv2.dilate(skin, np.ones((3, 3), np.uint8))
    y, x = (
        (at + WINDOW_PX // 2) * size // whole
        for at, size, whole in zip((rows, columns), skin.shape, (height, width), strict=True)
    )
    places = (
        np.argwhere(covered[np.ix_(y, x)] < 0.05) * WINDOW_PX if len(y) and len(x) else np.empty((0, 2), int)
    )
    places = places[:: max(1, -(-len(places) // MOST_WINDOWS))]

    def window(place: NDArray[Any]) -> _Window | None:
        top, left = int(place[0]), int(place[1])
        area = np.s_[:, top : top + WINDOW_PX, left : left + WINDOW_PX]
        scale = np.float32(1 / 65535 if original.dtype == np.uint16 else 1)
        ours, theirs = (np.asarray(picture[area] * scale, np.float32) for picture in (original, aligned))
        luma = float(luma_of(aligned[area]).mean())
        if not 0.02 < luma < 0.98:
            return None
        variance, kept = (float(_fine(luma_of(planes), FINE_PX).var()) for planes in (ours, theirs))
        return _Window(luma, variance, kept, float(_energies(luma_of(ours)).mean(axis=(1, 2)).min()), ours)

    with ThreadPoolExecutor(2) as pool:
        return [found for found in pool.map(window, places) if found is not None]


def _fine(plane: F32, sigma_px: float) -> F32:
    return plane - np.asarray(
        cv2.GaussianBlur(plane, (0, 0), sigma_px, borderType=cv2.BORDER_REFLECT), np.float32
    )


def _noise_curve(windows: list[_Window]) -> tuple[F64, F64]:
    """Return brightness and variance of grain there: the middle of the flattest windows of each step of brightness."""
    luma = np.array([w.luma for w in windows])
    variance = np.array([w.variance for w in windows])
    quietest = np.array([w.quietest for w in windows])
    # In hair it is the direction of the strands that tells of grain, by what it has where all are alike.
    flat = (variance > LEAST**2) & (variance <= np.quantile(variance, FLATTEST))
    if flat.any():
        variance = np.minimum(variance, quietest / np.median(quietest[flat] / variance[flat]))
    edges = np.unique(np.quantile(luma, np.linspace(0, 1, LEVELS + 1)))
    steps = np.clip(np.searchsorted(edges, luma, "right") - 1, 0, max(0, len(edges) - 2))
    found = [
        (luma[steps == step].mean(), np.quantile(variance[steps == step], FLATTEST / 2))
        for step in np.unique(steps)
    ]
    x, y = np.array(found).T
    # A step of brightness that holds no flat window shows texture, not grain: never far above its neighbours.
    y = np.minimum(y, 2 * np.median(y))
    return x, y


def _sheet(windows: list[_Window], period: int, seed: int) -> F32:
    """Return (3, period, period) float32, periodic, with the windows' mean spectrum; its fine luma has variance 1."""
    taper = np.outer(np.hanning(WINDOW_PX), np.hanning(WINDOW_PX)).astype(np.float32)
    # The middle half: the weakest windows lack coarse grain by chance, the strongest may hold texture.
    ordered = sorted(windows, key=lambda w: w.variance)
    usual = ordered[len(ordered) // 4 : max(len(ordered) * 3 // 4, len(ordered) // 4 + 1)]
    usual = usual[:: max(1, len(usual) // SAMPLES)][:SAMPLES]
    total = np.zeros((3, period, period // 2 + 1), np.complex64)
    for i, window in enumerate(usual):
        kernel = np.zeros((3, period, period), np.float32)
        grain = np.stack([_fine(plane, SHADING_PX) for plane in window.ours])
        kernel[:, :WINDOW_PX, :WINDOW_PX] = grain * taper / np.sqrt(window.variance)
        noise = white_noise(0, 0, period, period, seed + 7919 * i)
        total += np.fft.rfft2(kernel) * np.fft.rfft2(noise)
    sheet = np.fft.irfft2(total, s=(period, period)).astype(np.float32)
    return np.asarray(sheet / _fine(luma_of(sheet), FINE_PX).std(), np.float32)


def _laid(aligned: NDArray[Any], sheets: list[F32], luma: F64, strength: F64) -> U16:
    """Return both sheets over the whole picture, as strong as its brightness asks."""
    _, height, width = aligned.shape
    out = np.empty((3, height, width), np.uint16)
    table = np.interp(np.linspace(0, 1, 256), luma, strength).astype(np.float32) * np.float32(
        65535 / 2 / np.sqrt(2)
    )
    wide = [np.tile(sheet, (1, 1, -(-width // sheet.shape[2])))[..., :width] for sheet in sheets]

    def band(top: int) -> None:
        rows = range(top, min(top + 64, height))
        bright = cv2.GaussianBlur(luma_of(aligned[:, rows.start : rows.stop]), (0, 0), FINE_PX)
        amount = table[np.clip(bright * 255 + 0.5, 0, 255).astype(np.uint8)]
        for channel in range(3):
            one, other = (sheet[channel].take(rows, axis=0, mode="wrap") for sheet in wide)
            one += other
            one *= amount
            one += np.float32(32768.5)
            out[channel, rows.start : rows.stop] = one

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(band, range(0, height, 64)))
    return out


def _energies(luma: F32) -> F32:
    """Return the energy of second differences in each step of `WEIGHT_STEP_PX`, (4, h, w): along each direction."""
    height, width = luma.shape
    size = (-(-width // WEIGHT_STEP_PX), -(-height // WEIGHT_STEP_PX))
    wide = cv2.copyMakeBorder(luma, 2, 2, 2, 2, cv2.BORDER_REFLECT_101)
    found = np.empty((len(ALONG_PX), *size[::-1]), np.float32)
    for (y, x), out in zip(ALONG_PX, found, strict=True):
        ahead, behind = (wide[2 + n * y :, 2 + n * x :][:height, :width] for n in (1, -1))
        off = 2 * luma - ahead - behind
        cv2.resize(off * off, size, dst=out, interpolation=cv2.INTER_AREA)
    return found


def _weight(aligned: NDArray[Any], skin: F32, luma: F64, strength: F64, unit: float) -> F32:
    """Return where grain is missing, from 1 where half of its amplitude is gone, away from skin.

    unit: least of `_energies`, on average, for grain whose fine luma has variance 1.
    """
    _, height, width = aligned.shape
    size = (-(-width // WEIGHT_STEP_PX), -(-height // WEIGHT_STEP_PX))
    energy, bright = np.empty(size[::-1], np.float32), np.empty(size[::-1], np.float32)

    def band(top: int) -> None:
        y = luma_of(aligned[:, top : top + 256])
        at = np.s_[top // WEIGHT_STEP_PX : -(-min(top + 256, height) // WEIGHT_STEP_PX)]
        energy[at] = _energies(y).min(axis=0)
        bright[at] = cv2.resize(y, (size[0], at.stop - at.start), interpolation=cv2.INTER_AREA)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(band, range(0, height, 256)))
    wanted = np.maximum(np.interp(bright, luma, strength).astype(np.float32), np.float32(LEAST))
    left = np.minimum(energy / (np.float32(unit) * wanted**2), 30)
    # Edges and hair have more of it than grain: they tell less than what is flat around them.
    known = np.exp(-2 * left)
    near, wide = (cv2.GaussianBlur(np.dstack([left * known, known]), (0, 0), sigma) for sigma in (NEAR, WIDE))
    there, total = cv2.split(near + np.float32(WIDE_SHARE) * wide)
    lacking = 1 - smoothstep(LOST, KEPT, np.sqrt(there / total))
    return np.asarray(lacking * (1 - cv2.resize(skin, size, interpolation=cv2.INTER_AREA)), np.float32)
