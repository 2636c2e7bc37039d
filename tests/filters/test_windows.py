"""Median and Surface Blur."""

import numpy as np
import pytest
from scipy import ndimage

from retexture.filters import Context
from retexture.filters.median import Median
from retexture.filters.surface_blur import SurfaceBlur
from tests.filters.pictures import assert_close, errors, picture


@pytest.mark.parametrize("radius", [1, 2, 3.4, 7])
def test_median(radius):
    colour = picture()
    result = Median(radius_px=radius).apply(colour, Context())
    side = 2 * round(radius) + 1
    expected = np.stack([ndimage.median_filter(p, side, mode="nearest") for p in colour])
    assert np.array_equal(result, expected)
    next_rank = ndimage.rank_filter(colour[0], side * side // 2 + 1, side, mode="nearest")
    assert not np.array_equal(result[0], next_rank)


@pytest.mark.parametrize("kind", [Median, SurfaceBlur])
def test_radius_below_half_changes_nothing(kind):
    colour = picture()
    for radius in (0, 0.49):
        assert np.array_equal(kind(radius_px=radius).apply(colour, Context()), colour)
    assert not np.array_equal(kind(radius_px=0.5).apply(colour, Context()), colour)


def by_hand(plane, radius, threshold, y, x, falloff=2.5):
    """Surface Blur of one pixel in double precision, written out."""
    centre = float(plane[y, x])
    weights = values = 0.0
    for dy in range(-radius, radius + 1):
        for dx in range(-radius, radius + 1):
            row = min(max(y + dy, 0), plane.shape[0] - 1)
            column = min(max(x + dx, 0), plane.shape[1] - 1)
            value = float(plane[row, column])
            weight = max(0.0, 1 - abs(value - centre) * 255 / (falloff * threshold))
            weights += weight
            values += weight * value
    return values / weights


@pytest.mark.parametrize(("radius", "threshold"), [(1, 15), (5, 15), (5, 2), (9, 60), (20, 255)])
def test_surface_blur(radius, threshold):
    colour = picture()
    result = SurfaceBlur(radius_px=radius, threshold_levels=threshold).apply(colour, Context())
    rng = np.random.default_rng(radius)
    places = [
        (0, 0, 0),
        (1, 89, 109),
        (2, 89, 0),
        *zip(*(rng.integers(0, n, 40) for n in colour.shape), strict=True),
    ]
    measured = np.array([result[place] for place in places])
    expected = np.array([by_hand(colour[c], radius, threshold, y, x) for c, y, x in places])
    assert_close(measured, expected, worst=1e-6, usual=5e-7)
    wrong = np.array([by_hand(colour[c], radius, threshold, y, x, falloff=2.4) for c, y, x in places])
    assert errors(measured, wrong)[0] > 2e-5


def test_surface_blur_smooths_texture_and_leaves_a_strong_edge():
    rng = np.random.default_rng(2)
    edge = np.full((1, 60, 80), 0.3)
    edge[:, :, 40:] = 0.6
    noisy = (edge + 0.01 * rng.standard_normal(edge.shape)).astype(np.float32)
    result = SurfaceBlur(radius_px=5, threshold_levels=15).apply(noisy, Context())
    assert (result - edge).std() < 0.2 * (noisy - edge).std()
    # 0.3 of full scale is over 2.5 * 15 / 255: nothing crosses the edge.
    assert np.abs(result - edge).max() < 0.01
    assert np.array_equal(
        SurfaceBlur(radius_px=5, threshold_levels=15).apply(edge.astype(np.float32), Context()),
        edge.astype(np.float32),
    )


def test_median_of_values_beyond_the_range():
    """32-bit documents go beyond white and below black."""
    values = (picture()[:1] * 8 - 3).astype(np.float32)
    expected = ndimage.median_filter(values[0], 5, mode="nearest")
    assert np.array_equal(Median(radius_px=2).apply(values, Context())[0], expected)
