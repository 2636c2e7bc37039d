import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from retexture.engine.gaussian import DIRECT_LIMIT_PX, gaussian, gaussian_reach

rng = np.random.default_rng(8)
NOISE = rng.random((2, 300, 400), dtype=np.float32)
EDGE = np.where(np.arange(400) < 170, 0.9, 0.2) * np.ones((2, 300, 1))
SIGMAS = [0.5, 1, 3, 11.9, DIRECT_LIMIT_PX + 0.01, 20, 47, 64, 150]


@pytest.mark.slow
@pytest.mark.parametrize("sigma", SIGMAS)
@pytest.mark.parametrize("picture", [NOISE, EDGE.astype(np.float32)], ids=["noise", "edge"])
def test_it_is_the_gaussian_with_repeated_edges(picture, sigma):
    wanted = np.stack(
        [gaussian_filter(p.astype(np.float64), sigma, mode="nearest", truncate=6) for p in picture]
    )
    error = np.abs(gaussian(picture, sigma) - wanted)
    # Cut at 4 sigma, a kernel loses 6e-5 of its weight; the coarse grids add less than that.
    assert error.max() < 6e-5
    assert np.percentile(error, 95) < 3e-5


def test_another_radius_is_told_apart():
    wanted = gaussian_filter(NOISE[0].astype(np.float64), 20.2, mode="nearest", truncate=6)
    assert np.abs(gaussian(NOISE, 20)[0] - wanted).max() > 1e-4


@pytest.mark.parametrize("sigma", [3, 11.9, 12.1, 20])
@pytest.mark.parametrize("corner", [(150, 130), (151, 131)])
def test_a_region_with_its_halo_equals_the_whole(sigma, corner):
    reach = gaussian_reach(sigma)
    assert reach is not None
    x, y = corner
    whole = gaussian(NOISE, sigma)[:, y : y + 20, x : x + 30]
    cut = NOISE[:, y - reach : y + 20 + reach, x - reach : x + 30 + reach]
    part = gaussian(cut, sigma, (x - reach, y - reach))[:, reach : reach + 20, reach : reach + 30]
    assert np.abs(part - whole).max() < 1e-6


def test_radius_0_gives_a_copy_and_very_large_ones_want_the_whole_picture():
    same = gaussian(NOISE, 0)
    assert np.array_equal(same, NOISE)
    assert same is not NOISE
    assert gaussian_reach(65) is None
    assert np.abs(np.diff(gaussian(NOISE, 1000))).max() < 1e-3


def test_planes_may_lie_in_any_order_in_memory():
    turned = np.random.default_rng(2).random((9, 7, 3), np.float32).transpose(2, 0, 1)
    assert np.array_equal(gaussian(turned, 1.5), gaussian(np.ascontiguousarray(turned), 1.5))
