"""The original healed: no spot in its tone, the skin's own texture over it, and no other pixel touched."""

import numpy as np
import pytest

from retexture.texture.blemishes import Blemish, blemish_mask
from retexture.texture.donor import make_donor
from tests.texture.skin import blemish, blurred, high, shading, skin, texture

SIZE = 300
FACE_PX = 500.0
RADIUS_PX = 3.0
SPOTS = (Blemish(90, 100, 12, 9), Blemish(210, 180, 8, 7), Blemish(120, 230, 6, 6))


def coded(planes: np.ndarray) -> np.ndarray:
    return (np.clip(planes, 0, 1) * 65535 + 0.5).astype(np.uint16)


ORIGINAL = coded(
    skin(SIZE, SIZE) + sum(blemish(SIZE, SIZE, s.x_px, s.y_px, 0.8 * s.radius_px) for s in SPOTS)
)
ALIGNED = coded(shading(SIZE, SIZE) + 0.1 * texture(SIZE, SIZE) + 0.04)
EVERYWHERE = np.ones((SIZE, SIZE), np.float32)
MASK = blemish_mask(SPOTS, SIZE, SIZE)


def healed(donor: np.ndarray) -> np.ndarray:
    return ORIGINAL / 65535 * (1 - MASK) + donor / 65535 * MASK


@pytest.fixture(scope="module")
def donor() -> np.ndarray:
    return make_donor(ORIGINAL, ALIGNED, EVERYWHERE, SPOTS, RADIUS_PX, FACE_PX)


def test_only_the_spots_are_touched(donor: np.ndarray) -> None:
    assert donor.dtype == np.uint16
    assert (donor[:, MASK == 0] == ORIGINAL[:, MASK == 0]).all()
    assert (donor[:, MASK == 1] != ORIGINAL[:, MASK == 1]).mean() > 0.95
    none = make_donor(ORIGINAL, ALIGNED, EVERYWHERE, (), RADIUS_PX, FACE_PX)
    assert (none == ORIGINAL).all()


def test_the_spots_are_gone_from_the_tone(donor: np.ndarray) -> None:
    spots = skin(SIZE, SIZE) - ORIGINAL / 65535
    left = blurred(healed(donor) - skin(SIZE, SIZE), 4.0)
    assert np.abs(spots[:, MASK == 1]).max() > 0.1
    assert np.abs(left[:, MASK > 0]).max() < 0.015


def test_the_high_pass_has_no_ring_and_no_dent(donor: np.ndarray) -> None:
    fine = high(healed(donor), RADIUS_PX)
    slow = np.abs(blurred(fine, 2.5))
    for region in (MASK == 1, (MASK > 0) & (MASK < 1)):
        assert slow[:, region].mean() < 1.6 * slow[:, MASK == 0].mean()


@pytest.mark.parametrize("sigmas", [(0.0, 1.0), (1.0, 2.0)])
def test_the_texture_is_as_strong_as_around(donor: np.ndarray, sigmas: tuple[float, float]) -> None:
    planes = healed(donor)
    finer = blurred(planes, sigmas[0]) if sigmas[0] else planes
    band = (finer - blurred(planes, sigmas[1])).mean(axis=0)
    usual = band[MASK == 0].std()
    assert 0.8 < band[MASK == 1].std() / usual < 1.25
    assert 0.75 < band[(MASK > 0) & (MASK < 1)].std() / usual < 1.3


def test_pits_stay_dark(donor: np.ndarray) -> None:
    def skew(values: np.ndarray) -> float:
        return float(((values - values.mean()) ** 3).mean() / values.std() ** 3)

    fine = high(healed(donor)).mean(axis=0)
    assert skew(fine[MASK == 0]) < -0.3
    assert skew(fine[MASK == 1]) < -0.15


def test_texture_is_made_where_nothing_clean_is_near() -> None:
    island = np.zeros((SIZE, SIZE), np.float32)
    island[60:140, 50:130] = 1  # the spot fills most of it
    island[220:280, 220:280] = 1  # too small to copy from
    spot = (Blemish(90, 100, 24, 9),)
    mask = blemish_mask(spot, SIZE, SIZE)
    first, again, other = (
        make_donor(ORIGINAL, ALIGNED, island, spot, RADIUS_PX, FACE_PX, seed) for seed in (1, 1, 2)
    )
    assert (first == again).all()
    assert (first != other).any()
    fine = high(first / 65535).mean(axis=0)
    assert 0.7 < fine[mask == 1].std() / fine[mask == 0].std() < 1.3


def test_spots_at_the_border_and_far_outside_do_no_harm() -> None:
    spots = (Blemish(2, 150, 10, 9), Blemish(299, 299, 10, 9), Blemish(-90, 900, 10, 9))
    donor = make_donor(ORIGINAL, ALIGNED, EVERYWHERE, spots, RADIUS_PX, FACE_PX)
    mask = blemish_mask(spots, SIZE, SIZE)
    assert (donor[:, mask == 0] == ORIGINAL[:, mask == 0]).all()
    assert np.abs(blurred(donor / 65535 - skin(SIZE, SIZE), 4.0))[:, mask == 1].max() < 0.03


def test_a_face_without_clean_skin_takes_the_retouched_tone() -> None:
    donor = make_donor(ORIGINAL, ALIGNED, 0 * EVERYWHERE, SPOTS, RADIUS_PX, FACE_PX)
    left = (donor / 65535 - ALIGNED / 65535)[:, MASK == 1]
    assert left.std() < 0.03


def test_the_mask_of_the_skin_may_be_smaller_than_the_picture() -> None:
    donor = make_donor(ORIGINAL, ALIGNED, EVERYWHERE[::3, ::3], SPOTS, RADIUS_PX, FACE_PX)
    assert (donor == make_donor(ORIGINAL, ALIGNED, EVERYWHERE, SPOTS, RADIUS_PX, FACE_PX)).all()


def test_progress_is_told_and_may_cancel() -> None:
    told: list[float] = []
    make_donor(ORIGINAL, ALIGNED, EVERYWHERE, SPOTS, RADIUS_PX, FACE_PX, progress=told.append)
    assert told == sorted(told)
    assert len(told) == len(SPOTS)

    def cancel(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_donor(ORIGINAL, ALIGNED, EVERYWHERE, SPOTS, RADIUS_PX, FACE_PX, progress=cancel)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="one size"):
        make_donor(ORIGINAL, ALIGNED[:, 1:], EVERYWHERE, SPOTS, RADIUS_PX, FACE_PX)
    with pytest.raises(ValueError, match="over 0"):
        make_donor(ORIGINAL, ALIGNED, EVERYWHERE, SPOTS, 0, FACE_PX)
