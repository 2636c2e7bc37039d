import cv2
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from retexture.engine.blend import EIGHT_BIT, REAL, blend
from retexture.engine.modes import BlendMode
from retexture.filters import Context
from retexture.filters.edge_safe_high_pass import EdgeSafeHighPass
from retexture.filters.gaussian_blur import GaussianBlur
from retexture.filters.high_pass import HighPass
from retexture.filters.texture_gain import TextureGain
from tests.filters.pictures import assert_close, errors, picture


def blurred(colour, sigma):
    planes = [gaussian_filter(p.astype(np.float64), sigma, mode="nearest", truncate=8) for p in colour]
    return np.stack(planes)


@pytest.mark.parametrize("radius", [0.3, 1.5, 6, 10, 20])
@pytest.mark.parametrize(("depth", "neutral"), [(8, 128 / 255), (16, 0.5), (32, 0.5)])
def test_high_pass(radius, depth, neutral):
    colour = picture(160, 180)
    result = HighPass(radius_px=radius).apply(colour, Context(depth=depth))
    expected = (colour - blurred(colour, radius) + neutral).clip(0, 1)
    assert_close(result, expected, worst=2e-4, usual=1.5e-4)


def test_high_pass_tells_radii_and_neutrals_apart():
    colour = picture()
    result = HighPass(radius_px=6).apply(colour, Context())
    assert errors(result, colour - blurred(colour, 6.1) + 0.5)[1] > 2e-4
    assert errors(result, (colour - blurred(colour, 6) + 128 / 255).clip(0, 1))[1] > 1.5e-3


def test_high_pass_clips():
    step = np.zeros((3, 20, 40), np.float32)
    step[:, :, 20:] = 1
    assert HighPass(radius_px=0.1).apply(step, Context()) == pytest.approx(0.5)
    stripes = np.zeros((3, 3, 41), np.float32)
    stripes[:, :, 20] = 1
    result = HighPass(radius_px=10).apply(stripes, Context())
    assert result.max() == 1
    assert 0.45 < result.min() < 0.5


def test_gaussian_blur():
    colour = picture()
    result = GaussianBlur(radius_px=6).apply(colour, Context())
    assert_close(result, blurred(colour, 6), worst=2e-4, usual=1.5e-4)
    assert np.array_equal(GaussianBlur(radius_px=0).apply(colour, Context()), colour)


@pytest.mark.parametrize("radius", [1, 4, 12])
@pytest.mark.parametrize("threshold", [2, 12, 60])
def test_edge_safe_against_opencv(radius, threshold):
    colour = picture()
    result = EdgeSafeHighPass(radius_px=radius, edge_threshold=threshold).apply(colour, Context())

    def expected(threshold):
        epsilon = (threshold / 255) ** 2
        low = [cv2.ximgproc.guidedFilter(p, p, radius, epsilon).astype(np.float64) for p in colour]
        return (colour - np.stack(low) + 0.5).clip(0, 1)

    # OpenCV treats the picture's edges in another way, and works in single precision.
    inner = (slice(None), slice(2 * radius, -2 * radius), slice(2 * radius, -2 * radius))
    assert_close(result[inner], expected(threshold)[inner], worst=5e-5, usual=1e-5)
    assert errors(result[inner], expected(1.1 * threshold)[inner])[1] > 1e-4


def test_edge_safe_has_a_fraction_of_the_halo_and_most_of_the_texture():
    rng = np.random.default_rng(5)
    edge = np.full((1, 80, 160), 0.3)
    edge[:, :, 80:] = 0.7
    texture = 0.012 * rng.standard_normal(edge.shape)
    near, far = slice(60, 100), slice(10, 50)

    def halo(item):
        return np.abs(item.apply(edge.astype(np.float32), Context())[..., near] - 0.5).max()

    def kept(item):
        return (
            item.apply((edge + texture).astype(np.float32), Context())[..., far].std()
            / texture[..., far].std()
        )

    safe, plain = EdgeSafeHighPass(radius_px=12, edge_threshold=12), HighPass(radius_px=6)
    assert halo(plain) > 0.15
    assert halo(safe) < 0.15 * halo(plain)
    assert 0.85 < kept(safe) < 1


def test_edge_safe_keeps_half_of_the_texture_whose_contrast_is_the_threshold():
    texture = 0.5 + 0.02 * np.random.default_rng(6).standard_normal((1, 160, 160))
    for threshold, share in ((0.02, 1 / 2), (0.04, 4 / 5), (0.01, 1 / 5)):
        item = EdgeSafeHighPass(radius_px=30, edge_threshold=threshold * 255)
        result = item.apply(texture.astype(np.float32), Context())
        assert result.std() / texture.std() == pytest.approx(share, abs=0.02)


@pytest.mark.parametrize(("depth", "neutral"), [(8, 128 / 255), (16, 0.5)])
def test_texture_gain(depth, neutral):
    values = np.array([0.1, 0.45, neutral, 0.6, 0.95], np.float32).reshape(1, 1, 5)
    for amount in (0, 50, 100, 150, 200):
        result = TextureGain(amount_percent=amount).apply(values, Context(depth=depth))
        expected = [min(max(neutral + (v - neutral) * amount / 100, 0), 1) for v in values.ravel().tolist()]
        assert result.ravel() == pytest.approx(expected, abs=1e-6)
        assert result[0, 0, 2] == np.float32(neutral)


@pytest.mark.parametrize("depth", [8, 16])
def test_a_flat_high_pass_is_invisible_in_linear_light(depth):
    """The neutral of the filter is the neutral of the mode, in each depth."""
    domain = EIGHT_BIT if depth == 8 else REAL
    flat = HighPass().apply(np.full((3, 9, 9), 0.3, np.float32), Context(depth=depth)) * np.float32(
        domain.one
    )
    backdrop = domain.round(picture(9, 9) * np.float32(domain.one))
    result = blend(BlendMode.LINEAR_LIGHT, backdrop, domain.round(flat), domain)
    assert np.abs(result - backdrop).max() <= 1e-6
