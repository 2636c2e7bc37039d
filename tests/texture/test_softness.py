"""Whether skin has fine texture is told from its spectrum, whatever noise and compression add."""

import cv2
import numpy as np
import pytest

from retexture.texture.softness import SOFT, is_soft, soft_map, strength
from tests.texture.skin import blurred, shading, skin

SIZE = 448
FACE_PX = 480.0
EVERYWHERE = np.ones((SIZE, SIZE), np.float32)
SHARP = skin(SIZE, SIZE)
BLURRED = blurred(SHARP, 3)


def noisy(planes: np.ndarray, sigma: float) -> np.ndarray:
    noise = np.random.default_rng(3).normal(0, sigma, planes.shape)
    return np.asarray(np.clip(planes + noise, 0, 1), np.float32)


def compressed(planes: np.ndarray, quality: int) -> np.ndarray:
    pixels = np.rint(planes * 255).astype(np.uint8).transpose(1, 2, 0)
    coded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.imdecode(coded, cv2.IMREAD_COLOR).transpose(2, 0, 1).astype(np.float32) / 255


def enlarged(planes: np.ndarray, times: int) -> np.ndarray:
    small = [cv2.resize(p, None, fx=1 / times, fy=1 / times, interpolation=cv2.INTER_AREA) for p in planes]
    return np.stack([cv2.resize(p, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC) for p in small])


def test_strength_is_a_share_of_the_tone() -> None:
    found = strength(SHARP, EVERYWHERE, FACE_PX)
    assert found is not None
    assert 0.015 < found < 0.04
    assert strength(SHARP * np.float32(0.5), EVERYWHERE, FACE_PX) == pytest.approx(found, rel=1e-3)
    twice = SHARP + (SHARP - shading(SIZE, SIZE))
    assert strength(twice, EVERYWHERE, FACE_PX) == pytest.approx(2 * found, rel=0.1)


@pytest.mark.parametrize("quality", [90, 50, 30])
def test_compressed_skin_is_not_soft(quality: int) -> None:
    assert not is_soft(compressed(SHARP, quality), EVERYWHERE, FACE_PX)


@pytest.mark.parametrize("sigma", [0, 0.02, 0.04])
def test_noise_is_no_texture(sigma: float) -> None:
    assert not is_soft(noisy(SHARP, sigma), EVERYWHERE, FACE_PX)
    assert is_soft(noisy(BLURRED, sigma), EVERYWHERE, FACE_PX)
    found = strength(noisy(shading(SIZE, SIZE), sigma), EVERYWHERE, FACE_PX)
    assert found is not None
    assert found < SOFT


def test_a_blurred_or_enlarged_picture_is_soft() -> None:
    assert is_soft(BLURRED, EVERYWHERE, FACE_PX)
    assert is_soft(compressed(BLURRED, 75), EVERYWHERE, FACE_PX)
    assert is_soft(enlarged(SHARP, 7), EVERYWHERE, FACE_PX)
    assert not is_soft(blurred(SHARP, 0.8), EVERYWHERE, FACE_PX)
    assert not is_soft(enlarged(SHARP, 2), EVERYWHERE, FACE_PX)


def test_too_little_skin_tells_nothing() -> None:
    little = 0 * EVERYWHERE
    little[:80, :80] = 1
    assert strength(BLURRED, little, FACE_PX) is None
    assert not is_soft(BLURRED, little, FACE_PX)
    assert not soft_map(BLURRED, little, FACE_PX).any()
    assert strength(BLURRED[:, :40], EVERYWHERE[:40], FACE_PX) is None


def test_where_it_is_soft_is_found() -> None:
    half = SHARP.copy()
    half[:, :, 224:] = BLURRED[:, :, 224:]
    found = soft_map(half, EVERYWHERE, FACE_PX)
    assert found.shape == (SIZE, SIZE)
    assert found[:, 320:].min() > 0.9
    assert found[:, :128].max() < 0.1
    assert np.abs(np.diff(found, axis=1)).max() < 0.1, "it comes gently"
    assert soft_map(SHARP, EVERYWHERE, FACE_PX).max() < 0.1


def test_burnt_out_skin_is_not_soft() -> None:
    burnt = np.where(np.arange(SIZE) < 224, SHARP, 1).astype(np.float32)
    assert not soft_map(burnt, EVERYWHERE, FACE_PX).any()
    assert not soft_map(np.where(burnt < 1, burnt, 0), EVERYWHERE, FACE_PX).any()
