"""A drawn face, what an AI tool makes of it, and known motions of pictures."""

import cv2
import numpy as np

from retexture.texture.alignment import Alignment, positions

SIZE = 480


def drawn_face(seed: int, size: int = SIZE, pores: float = 0.02) -> np.ndarray:
    """Return (H, W, 3) float32: shading at several scales, a head, eyes, brows and a mouth; fine noise for pores."""
    rng = np.random.default_rng(seed)
    picture = np.full((size, size, 3), 0.35, np.float32)
    for sigma, amount in ((size / 8, 0.1), (size / 30, 0.04), (size / 100, 0.02)):
        noise = cv2.GaussianBlur(rng.standard_normal((size, size, 3)).astype(np.float32), (0, 0), sigma)
        picture += amount / noise.std() * noise
    unit = size / 100
    jitter = rng.uniform(-3, 3, 12)

    def ellipse(x, y, a, b, angle, colour):
        places = [int(v * unit * 8) for v in (x, y, a, b)]
        cv2.ellipse(
            picture,
            (places[0] // 8, places[1] // 8),
            (places[2] // 8, places[3] // 8),
            angle,
            0,
            360,
            colour,
            -1,
        )

    before = picture.copy()
    ellipse(50, 50, 30, 40, 0, (0.75, 0.6, 0.5))
    for i, side in enumerate((-1, 1)):
        ellipse(50 + side * (13 + jitter[0]), 40 + jitter[1], 6, 2.5, 5 * side, (0.9, 0.9, 0.9))
        ellipse(50 + side * (13 + jitter[0]) + 1, 40 + jitter[1], 2.3, 2.3, 0, (0.15, 0.1, 0.1))
        ellipse(50 + side * (13 + jitter[2]), 33 + jitter[3 + i], 8, 1.2, 8 * side, (0.25, 0.18, 0.15))
        ellipse(50 + side * 4, 58 + jitter[5], 1.4, 1, 0, (0.4, 0.25, 0.2))
    ellipse(50, 70 + jitter[6], 11 + jitter[7], 3, 0, (0.7, 0.35, 0.35))
    ellipse(50, 70 + jitter[6], 10, 0.8, 0, (0.35, 0.15, 0.15))
    picture = 0.75 * cv2.GaussianBlur(picture, (0, 0), 0.8) + 0.25 * before
    return np.clip(picture + pores * rng.standard_normal((size, size, 1)).astype(np.float32), 0, 1)


def smoothed(picture: np.ndarray) -> np.ndarray:
    """Return what an AI tool makes of it: the pores gone, the edges kept, another tone."""
    soft = cv2.bilateralFilter(picture.astype(np.float32), 7, 0.12, 3)
    return np.clip(soft, 0, 1) ** np.float32(0.9) * np.array([1.02, 1, 0.95], np.float32)


def planes(picture: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray((np.clip(picture, 0, 1) * 65535 + 0.5).astype(np.uint16).transpose(2, 0, 1))


def bend(size: int, amount_px: float, seed: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    field = np.stack(
        [
            cv2.GaussianBlur(rng.standard_normal((size, size)).astype(np.float32), (0, 0), size / 9)
            for _ in range(2)
        ]
    )
    return field * np.float32(amount_px / np.abs(field).max())


def moved(picture: np.ndarray, size: tuple[int, int], matrix: np.ndarray, field: np.ndarray | None = None):
    """Return the picture read through `matrix` (from coordinates of the result to its own) plus `field` there."""
    width, height = size
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    places = (matrix[:, :2] @ np.stack([x, y]).reshape(2, -1) + matrix[:, 2:]).reshape(2, height, width)
    index = [p.astype(np.float32) - np.float32(0.5) for p in places]
    if field is not None:
        index = [
            p + cv2.remap(f, *index, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
            for p, f in zip(index, field, strict=True)
        ]
    return cv2.remap(picture, *index, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REFLECT)


def errors_px(found: Alignment, matrix: np.ndarray, field: np.ndarray | None = None) -> np.ndarray:
    """Return how far, in original px, each pixel of the middle of the original is from where it truly lies."""
    x, y = positions(found)
    places = (matrix[:, :2] @ np.stack([x, y]).reshape(2, -1) + matrix[:, 2:]).reshape(2, *x.shape)
    if field is not None:
        index = [p.astype(np.float32) - np.float32(0.5) for p in places]
        places = places + np.stack(
            [cv2.remap(f, *index, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT) for f in field]
        )
    height, width = x.shape
    off = np.hypot(places[0] - (np.arange(width) + 0.5), places[1] - (np.arange(height)[:, None] + 0.5))
    return off[height // 6 : -height // 6, width // 5 : -width // 5]


def around_centre(
    linear: np.ndarray, size: tuple[int, int], shift: tuple[float, float] = (0, 0)
) -> np.ndarray:
    centre = np.array([SIZE / 2, SIZE / 2]) + shift
    return np.hstack([linear, (centre - linear @ (np.array(size) / 2))[:, None]])


def turned(degrees: float) -> np.ndarray:
    a = np.deg2rad(degrees)
    return np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
