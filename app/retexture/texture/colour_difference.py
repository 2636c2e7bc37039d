"""What the original has over the retouched picture, in L*, a*, b*, once both are of one tone; and its noise."""

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]

LOCAL = 0.05
"""Standard deviation, as a share of the face width, of what is near: its tone is no spot, its texture is the noise."""
SAMPLES = 20000
"""Pixels of skin that stand for all."""
LEAST_NOISE = np.float32(0.15)
"""In units of L*, a*, b*: of a picture without any texture."""
SURROUND = 1.8
"""Standard deviation of a spot's surroundings over its own: 1.6 is nearest to the Laplacian (Marr & Hildreth, 1980)."""


def shrunk(planes: F32, factor: float) -> F32:
    """Return (C, h, w) at `factor` times the size, each sample the mean of those it covers."""
    if factor == 1:
        return planes
    size = [max(round(n * factor), 1) for n in planes.shape[:0:-1]]
    return sized(planes, size, cv2.INTER_AREA)


def sized(planes: F32, size: Sequence[int], method: int) -> F32:
    """Return (C, h, w) at another size, (width, height), px, by one of the methods of cv2.resize."""
    out = np.empty((len(planes), size[1], size[0]), np.float32)
    for plane, target in zip(planes, out, strict=True):
        cv2.resize(np.ascontiguousarray(plane), size, dst=target, interpolation=method)
    return out


def lab(rgb: F32) -> F32:
    """Return L*, a*, b* of (3, h, w) encoded RGB 0-1."""
    pixels = np.ascontiguousarray(np.moveaxis(np.clip(rgb, 0, 1), 0, 2))
    return np.stack(cv2.split(cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB)))


def blurred(planes: F32, sigma: float) -> F32:
    """Return (C, h, w) blurred by a Gaussian with a standard deviation in px."""
    out = np.empty_like(planes)
    for plane, target in zip(planes, out, strict=True):
        cv2.GaussianBlur(plane, (0, 0), sigma, dst=target, borderType=cv2.BORDER_REPLICATE)
    return out


def mean_near(values: F32, weight: F32, sigma: float) -> F32:
    """Return the weighted mean around each pixel (normalised convolution); on a coarser grid, as it is smooth."""
    cell = max(int(sigma / 4), 1)
    size = [math.ceil(n / cell) for n in weight.shape[::-1]]
    small = sized(values * weight, size, cv2.INTER_AREA)
    share = sized(weight[None], size, cv2.INTER_AREA)
    mean = blurred(small, sigma / cell) / (blurred(share, sigma / cell) + np.float32(1e-4))
    return sized(mean, weight.shape[::-1], cv2.INTER_LINEAR)


def sample(weight: F32, least: float) -> NDArray[np.int_]:
    """Return where, in a flattened plane, the weight is above a limit: some of the places, as many do not tell more."""
    at = np.flatnonzero(weight.ravel() > least)
    return at[:: max(1, at.size // SAMPLES)]


def _retoned(source: F32, target: F32, weight: F32) -> F32:
    """Return the source in the target's tone: a quadratic map of colours, fitted by reweighted least squares."""
    at = sample(weight, 0.5)
    given, wanted = (p.reshape(3, -1)[:, at].astype(np.float64) for p in (source, target))
    if at.size < 100:
        return source
    middle = given.mean(axis=1, keepdims=True).astype(np.float32)
    # Beyond the skin's own colours the map goes on in straight lines.
    lowest, highest = np.quantile((given - middle) / 20, [0.01, 0.99], axis=1)[..., None].astype(np.float32)

    def terms(colours: NDArray[np.floating]) -> NDArray[np.floating]:
        x = (colours - middle) / np.float32(20)
        bent = np.clip(x, lowest, highest)
        squares = [bent[i] * bent[j] for i in range(3) for j in range(i, 3)]
        return np.stack([np.ones_like(x[0]), *x, *squares])

    matrix, trust = terms(given), np.ones(at.size)
    ridge = 1e-5 * at.size * np.diag([0.0] * 4 + [1.0] * 6)
    for _ in range(4):
        weighted = matrix * trust
        fitted = np.linalg.solve(weighted @ matrix.T + ridge + 1e-9 * np.eye(10), weighted @ wanted.T)
        off = np.linalg.norm(wanted - fitted.T @ matrix, axis=0)
        trust = 1 / (1 + (off / (2 * np.median(off) + 1e-6)) ** 2)
    pixels, out = source.reshape(3, -1), np.empty((3, weight.size), np.float32)
    for first in range(0, weight.size, 8192):  # so few stay in the processor's cache
        part = np.s_[:, first : first + 8192]
        out[part] = fitted.T.astype(np.float32) @ terms(pixels[part])
    return out.reshape(source.shape)


def colour_difference(original: F32, aligned: F32, weight: F32, face: float) -> tuple[F32, F32]:
    """Return what the original has over the retouched picture, in L*, a*, b*; and the latter in its tone."""
    toned = _retoned(aligned, original, weight)
    difference = original - toned
    # Tone is smooth: it is measured on coarser cells.
    cell = max(int(LOCAL * face / 8), 1)
    coarse, share = shrunk(difference, 1 / cell), shrunk(weight[None], 1 / cell)[0]
    tone = mean_near(coarse, share, LOCAL * face / cell)
    for _ in range(2):
        off = np.linalg.norm(coarse - tone, axis=0)
        usual = float(np.median(off[share > 0.5])) if (share > 0.5).any() else 1.0
        trust = share / (1 + (off / (2 * usual + np.float32(1e-3))) ** 2)
        tone = mean_near(coarse, trust, LOCAL * face / cell)
    difference -= sized(tone, weight.shape[::-1], cv2.INTER_LINEAR)
    # The curve of the skin's tones says nothing of a bright background, which would ring the face with spots.
    difference *= np.minimum(2 * weight, 1)
    return difference, toned


def parted(planes: F32, weight: F32, sigma: float) -> NDArray[np.float64]:
    """Return the axes along which the noise of a scale varies independently: pits are dark, light is coloured."""
    soft = blurred(planes, sigma)
    values = (soft - blurred(soft, sigma * math.sqrt(SURROUND**2 - 1))).reshape(3, -1)[:, sample(weight, 0.3)]
    if values.shape[1] < 100:
        return np.eye(3)
    usual = 3 * (1.4826 * np.median(np.abs(values), axis=1, keepdims=True) + LEAST_NOISE)
    inner = values[:, (np.abs(values) < usual).all(axis=0)]
    return np.linalg.eigh(np.cov(inner))[1].T


def turned(planes: F32, axes: NDArray[np.float64]) -> F32:
    """Return (3, h, w) along other axes, see `parted`."""
    return np.stack([sum(np.float32(n) * p for n, p in zip(axis, planes, strict=True)) for axis in axes])
