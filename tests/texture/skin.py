"""Skin for tests: shading, mottling, and pores along a direction, each of known strength."""

import cv2
import numpy as np


def shading(height: int, width: int, tone: float = 0.6, slope: float = 0.12, turn: float = 0.4) -> np.ndarray:
    """A smooth face of three channels: the tone, and a slope over the whole picture."""
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    course = slope * (np.cos(turn) * x + np.sin(turn) * y) - 0.05 * (x * x + y * y)
    return np.stack([tone + course, 0.75 * tone + course, 0.6 * tone + 0.8 * course]).astype(np.float32)


def texture(height: int, width: int, seed: int = 1, strength: float = 0.02, flat: float = 1.6) -> np.ndarray:
    """Pores of standard deviation `strength`, the same in all channels, `flat` times as wide as high."""
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((height, width)).astype(np.float32)
    fine = cv2.GaussianBlur(noise, (0, 0), sigmaX=1.1 * flat, sigmaY=1.1)
    pores = -np.maximum(fine / fine.std() - 0.8, 0)
    grain = cv2.GaussianBlur(rng.standard_normal((height, width)).astype(np.float32), (0, 0), 0.7)
    both = pores / pores.std() + grain / grain.std()
    both -= cv2.GaussianBlur(both, (0, 0), 5)
    return np.asarray(np.repeat((both / both.std() * strength)[None], 3, axis=0), np.float32)


def skin(height: int, width: int, seed: int = 1, **more: float) -> np.ndarray:
    """Shading and texture, (3, height, width) float32 0-1."""
    return np.asarray(shading(height, width, **more) + texture(height, width, seed))


def blemish(height: int, width: int, x: float, y: float, radius: float, depth: float = 0.15) -> np.ndarray:
    """A dark, reddish spot to add, soft at its rim."""
    rows, columns = np.ogrid[:height, :width]
    spot = np.exp(-(((columns + 0.5 - x) ** 2 + (rows + 0.5 - y) ** 2) / (0.7 * radius) ** 2))
    return np.asarray(-depth * np.array([0.6, 1.2, 1.2])[:, None, None] * spot, np.float32)


def disc(height: int, width: int, x: float, y: float, radius: float) -> np.ndarray:
    """An antialiased disc, (height, width) float32 0-1."""
    rows, columns = np.ogrid[:height, :width]
    away = np.hypot(columns + 0.5 - x, rows + 0.5 - y)
    return np.asarray(np.clip(radius + 0.5 - away, 0, 1), np.float32)


def blurred(planes: np.ndarray, sigma: float) -> np.ndarray:
    return np.stack([cv2.GaussianBlur(p, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE) for p in planes])


def high(planes: np.ndarray, sigma: float = 2.5) -> np.ndarray:
    return np.asarray(planes - blurred(planes, sigma))
