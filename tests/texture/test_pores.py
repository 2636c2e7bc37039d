from typing import Any

import cv2
import numpy as np
import pytest

from retexture.texture.pores import pore_distance_px


def skin(distance_px: float, size: int = 900, seed: int = 1) -> np.ndarray:
    """Return (h, w) float32 of pits on a jittered grid, under a slow shade and a little noise."""
    rng = np.random.default_rng(seed)
    pits: Any = np.zeros((size, size), np.float32)
    grid = np.arange(distance_px / 2, size, distance_px)
    y, x = (v.ravel() + rng.normal(0, 0.15 * distance_px, v.size) for v in np.meshgrid(grid, grid))
    np.add.at(pits, (y.astype(int) % size, x.astype(int) % size), -1)
    pits = cv2.GaussianBlur(pits, (0, 0), distance_px / 5)
    shade = np.linspace(0.3, 0.7, size, dtype=np.float32)[None]
    noise = rng.normal(0, 0.01, (size, size)).astype(np.float32)
    return np.asarray(shade + 0.1 * pits / pits.std() + noise, np.float32)


@pytest.mark.parametrize("distance_px", [5, 9, 16, 30, 60])
def test_the_distance_of_pits_is_found(distance_px: float) -> None:
    assert pore_distance_px(skin(distance_px)) == pytest.approx(distance_px, rel=0.05)


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_it_scales_with_the_picture(scale: float) -> None:
    plate = skin(16)
    resized = cv2.resize(
        plate, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    )
    assert pore_distance_px(resized) == pytest.approx(16 * scale, rel=0.05)


def test_it_does_not_depend_on_contrast_nor_brightness() -> None:
    plate = skin(12)
    assert pore_distance_px(plate * 0.2 + 0.5) == pytest.approx(pore_distance_px(plate), rel=1e-3)


def test_what_has_no_texture_is_refused() -> None:
    with pytest.raises(ValueError, match="too small"):
        pore_distance_px(np.zeros((10, 300), np.float32))
    with pytest.raises(ValueError, match="flat"):
        pore_distance_px(np.full((300, 300), 0.5, np.float32))
