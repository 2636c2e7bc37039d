"""Wide round flaws are found as wholes, whatever their parts; what is not round is none."""

import numpy as np

from retexture.texture.flaw_regions import LEVEL, round_flaws
from tests.texture.skin import disc

SIZE = 300
FACE_PX = 500.0
EVERYWHERE = np.ones((SIZE, SIZE), np.float32)
RED, YELLOW = np.array([[-5, 12, 3], [12, 2, 10]], np.float32)[..., None, None]


def pores() -> np.ndarray:
    return np.random.default_rng(1).normal(0, 2, (3, SIZE, SIZE)).astype(np.float32)


def test_a_disc_with_a_head_is_one_flaw() -> None:
    difference = pores() + RED * disc(SIZE, SIZE, 140, 160, 20) + YELLOW * disc(SIZE, SIZE, 145, 158, 6)
    (flaw,) = round_flaws(difference, EVERYWHERE, FACE_PX)
    assert np.hypot(flaw.x_px - 140, flaw.y_px - 160) < 1
    assert 19 < flaw.radius_px < 24
    assert 16 < flaw.least_radius_px < flaw.radius_px
    assert flaw.strength > 2 * LEVEL


def test_a_hair_that_runs_into_a_flaw_does_not_hide_it() -> None:
    hair = -10 * (np.arange(SIZE) == 160)[:, None] * np.ones((3, 1, 1))
    (flaw,) = round_flaws(
        (pores() + RED * disc(SIZE, SIZE, 140, 160, 20) + hair).astype(np.float32), EVERYWHERE, FACE_PX
    )
    assert np.hypot(flaw.x_px - 140, flaw.y_px - 160) < 3


def test_lines_long_patches_and_plain_skin_are_none() -> None:
    rows, columns = np.mgrid[:SIZE, :SIZE]
    patch = (np.abs(rows - 80) < 8) & (np.abs(columns - 150) < 50)
    line = np.abs(rows - 200) < 3
    assert round_flaws((pores() + RED * (patch | line)).astype(np.float32), EVERYWHERE, FACE_PX) == []
    assert round_flaws(pores(), EVERYWHERE, FACE_PX) == []
    assert round_flaws(pores(), 0 * EVERYWHERE, FACE_PX) == []


def test_a_large_picture_has_the_same_flaw_in_its_own_pixels() -> None:
    difference = pores() + RED * disc(SIZE, SIZE, 140, 160, 20)
    twice = np.kron(difference, np.ones((1, 2, 2), np.float32))
    (flaw,) = round_flaws(twice, np.ones((2 * SIZE, 2 * SIZE), np.float32), 2 * FACE_PX)
    assert np.hypot(flaw.x_px - 280, flaw.y_px - 320) < 3
    assert 37 < flaw.radius_px < 48
