"""L*a*b* against published values, against the formulas in double precision, and against LittleCMS's idea of grey."""

import numpy as np
import pytest

from retexture.engine.lab import distance, lab


def formula(rgb: np.ndarray) -> np.ndarray:
    """IEC 61966-2-1 and CIE 15:2004, in double precision, one pixel at a time by axis 0."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    matrix = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.072175],
            [0.0193339, 0.119192, 0.9503041],
        ]
    )
    x, y, z = (row @ linear / row.sum() for row in matrix)
    fx, fy, fz = (np.where(t > 216 / 24389, np.cbrt(t), (24389 / 27 * t + 16) / 116) for t in (x, y, z))
    return np.stack([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)])


@pytest.mark.parametrize(
    ("rgb", "expected"),
    [
        ((255, 255, 255), (100, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        # Lindbloom's calculator, sRGB, D65, no adaptation.
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 255, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
        ((128, 128, 128), (53.585, 0, 0)),
    ],
)
def test_known_colours(rgb: tuple[int, ...], expected: tuple[float, ...]) -> None:
    found = lab(np.array(rgb, np.uint16).reshape(3, 1) * np.uint16(257))[:, 0]
    assert np.abs(found - expected).max() < 0.02


def test_every_colour_is_as_the_formulas_have_it() -> None:
    rng = np.random.default_rng(4)
    rgb = rng.integers(0, 65536, (3, 40, 50), dtype=np.uint16)
    rgb[:, :10] //= np.uint16(40)  # the dark part of the curves
    expected = formula(rgb.reshape(3, -1) / 65535).reshape(rgb.shape)
    assert np.abs(lab(rgb) - expected).max() < 2e-3


def test_distance_is_that_of_points() -> None:
    planes = np.array([[0, 3, 10], [0, 4, 0], [0, 0, 10]], np.float32)
    assert distance(planes, np.zeros(3, np.float32)).tolist() == pytest.approx([0, 5, 200**0.5])
