import cv2
import numpy as np
import pytest

from retexture.texture.grain import Grain, background_grain
from tests.texture.skin import blurred, disc

HEIGHT, WIDTH = 400, 480
SKIN = disc(HEIGHT, WIDTH, 240, 200, 90)
FLAT = np.linspace(0.2, 0.8, WIDTH, dtype=np.float32) * np.ones((3, HEIGHT, 1), np.float32)


def noise(sigma: float = 0.7, seed: int = 3) -> np.ndarray:
    """Grain of unit variance in luma, a little coloured, correlated over about a pixel."""
    rng = np.random.default_rng(seed)
    planes = rng.standard_normal((HEIGHT, WIDTH)) + 0.4 * rng.standard_normal((3, HEIGHT, WIDTH))
    soft = np.stack([cv2.GaussianBlur(p, (0, 0), sigma) for p in planes])
    return np.asarray(soft / soft.mean(0).std(), np.float32)


def added(grain: Grain) -> np.ndarray:
    """What Linear Light adds of it at 100 %."""
    return (grain.texture.astype(np.float32) - 32768) * np.float32(2 / 65535)


def fine(planes: np.ndarray) -> np.ndarray:
    luma = np.tensordot(np.array([0.30, 0.59, 0.11], np.float32), planes, 1)
    return np.asarray(luma - cv2.GaussianBlur(luma, (0, 0), 2.5))


def made(strength: float = 0.01, kept: float = 0.0, sigma: float = 0.7) -> Grain | None:
    grain = strength * noise(sigma)
    return background_grain(FLAT + grain, FLAT + kept * grain, SKIN)


@pytest.mark.parametrize("strength", [0.004, 0.02])
def test_grain_is_as_strong_as_the_originals(strength: float):
    grain = made(strength)
    assert grain is not None
    # The flattest windows are a little below the mean.
    assert fine(added(grain)).std() == pytest.approx(fine(strength * noise()).std(), rel=0.15)


def test_strength_follows_brightness():
    by_light = np.linspace(0.004, 0.02, WIDTH, dtype=np.float32)
    grain = background_grain(FLAT + by_light * noise(), FLAT, SKIN)
    assert grain is not None
    dark, light = (fine(added(grain))[:, part].std() for part in (np.s_[20:80], np.s_[-80:-20]))
    assert light > 2 * dark
    assert [luma for luma, _ in grain.strength] == sorted(luma for luma, _ in grain.strength)


@pytest.mark.parametrize("sigma", [0.5, 1.2])
def test_grain_has_the_originals_spectrum(sigma: float):
    grain = made(0.02, sigma=sigma)
    assert grain is not None
    for distance in (1, 2):
        wanted, found = (
            np.corrcoef(plane[:, :-distance].ravel(), plane[:, distance:].ravel())[0, 1]
            for plane in (fine(noise(sigma)), fine(added(grain)))
        )
        assert found == pytest.approx(wanted, abs=0.1)


def test_grain_has_the_originals_colour():
    grain = made(0.02)
    assert grain is not None
    wanted, found = (
        np.corrcoef(planes[0].ravel(), planes[2].ravel())[0, 1] for planes in (noise(), added(grain))
    )
    assert found == pytest.approx(wanted, abs=0.06)


def test_grain_goes_where_it_is_missing_and_not_on_skin():
    grain = 0.01 * noise()
    aligned = FLAT + np.where(np.arange(WIDTH) < WIDTH // 2, 0, grain)
    found = background_grain(FLAT + grain, aligned, SKIN)
    assert found is not None
    weight = cv2.resize(found.weight, (WIDTH, HEIGHT), interpolation=cv2.INTER_NEAREST)
    assert weight[:80, :200].min() > 0.95
    assert weight[:80, -180:].max() < 0.05
    assert weight[180:220, 220:260].max() == 0


def test_grain_goes_on_hair_and_up_to_outlines():
    """Smooth strands, and the edge of the wall: that the wall's side is plain must not end at it."""
    aligned = FLAT.copy()
    strands = 0.1 * np.sin(np.arange(120) * 0.9) * np.ones((100, 1), np.float32)
    aligned[:, :100, 300:420] = 0.25 + strands
    found = background_grain(aligned + 0.02 * noise(), aligned, SKIN)
    assert found is not None
    weight = cv2.resize(found.weight, (WIDTH, HEIGHT), interpolation=cv2.INTER_NEAREST)
    assert weight[:90, 310:410].min() > 0.9
    assert weight[:, 240:300][np.r_[:80, 300:400]].min() > 0.9
    assert weight[300:, 420:].min() > 0.9


@pytest.mark.slow
def test_the_same_seed_makes_the_same_grain():
    original = FLAT + 0.01 * noise()
    one, again, other = (background_grain(original, FLAT, SKIN, seed) for seed in (1, 1, 2))
    assert np.array_equal(one.texture, again.texture)
    assert not np.array_equal(one.texture, other.texture)


@pytest.mark.slow
def test_the_sum_looks_like_the_original():
    original = FLAT + 0.01 * noise()
    found = background_grain(original, FLAT, SKIN)
    assert found is not None
    weight = cv2.resize(found.weight, (WIDTH, HEIGHT))
    result = fine(FLAT + weight * added(found))[:100]
    assert result.std() == pytest.approx(fine(original)[:100].std(), rel=0.15)


def test_there_is_none_where_nothing_was_lost_or_nothing_was_there():
    assert made(0.01, kept=1.0) is None
    assert made(0.0) is None
    assert background_grain(FLAT + 0.01 * noise(), FLAT, np.ones_like(SKIN)) is None
    assert background_grain(FLAT[:, :20, :20], FLAT[:, :20, :20], SKIN) is None


@pytest.mark.slow
def test_texture_of_cloth_is_not_taken_for_grain():
    cloth = 0.1 * np.sign(np.sin(np.arange(WIDTH) * 1.3)) * np.ones((3, HEIGHT, 1), np.float32)
    original = FLAT + 0.01 * noise()
    original[:, 300:] += cloth[:, 300:]
    found = background_grain(original, blurred(original, 3), SKIN)
    assert found is not None
    assert fine(added(found)).std() == pytest.approx(fine(0.01 * noise()).std(), rel=0.25)


def test_pictures_of_two_shapes_are_refused():
    with pytest.raises(ValueError, match="align"):
        background_grain(FLAT, FLAT[:, 1:], SKIN)
