import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from retexture.filters import Context
from retexture.filters.texture_transfer import TextureTransfer
from tests.filters.pictures import assert_close, picture


def blurred(planes, sigma):
    return np.stack(
        [gaussian_filter(p.astype(np.float64), sigma, mode="nearest", truncate=4) for p in planes]
    )


def linear_light(below, top):
    return below + 2 * top - 1


def test_over_the_smoothed_picture_it_has_the_layers_detail_alone():
    layer, smoothed = 0.3 + 0.4 * picture(), 0.3 + 0.4 * picture(seed=4)
    texture = TextureTransfer(radius_px=3, relight=0).apply(layer, Context(other=smoothed))
    expected = blurred(smoothed, 3) + layer - blurred(layer, 3)
    assert_close(linear_light(smoothed, texture), expected.astype(np.float32), worst=1e-5, usual=2e-6)


@pytest.mark.parametrize("relight", [0.5, 1])
@pytest.mark.parametrize("light", [0.5, 1.6])
def test_texture_follows_the_light(light, relight):
    layer = np.float32(0.5) + 0.2 * (picture() - np.float32(0.5))
    smoothed = (blurred(layer, 3) * light).astype(np.float32)
    texture = TextureTransfer(radius_px=3, relight=relight).apply(layer, Context(other=smoothed))
    inner = np.s_[:, 16:-16, 16:-16]
    detail = (layer - blurred(layer, 3)) * light**relight - (smoothed - blurred(smoothed, 3))
    # The blur of a blur is a little flatter than itself: the ratio of the two lows is not quite the light's.
    assert np.abs(2 * (texture - 0.5) - detail)[inner].max() < 0.02 * np.abs(detail[inner]).max() + 2e-3


def test_black_neither_divides_by_zero_nor_grows_texture():
    layer = np.zeros((3, 40, 40), np.float32)
    texture = TextureTransfer(relight=1).apply(layer, Context(other=0.3 + 0 * layer))
    assert_close(texture, np.full_like(layer, 0.5), worst=1e-6, usual=1e-6)


def test_without_the_other_picture_it_says_so():
    with pytest.raises(ValueError, match="was not given the pixels of merged"):
        TextureTransfer().apply(picture(), Context())
