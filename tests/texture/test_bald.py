"""Where the face has lost its texture it is found, and given back from the rest of the face."""

import numpy as np
import pytest

from retexture.texture.bald import bald_map, lacking, narrowed, synthesise
from tests.texture.skin import shading, skin, texture

SIZE = 400
FACE_PX = 400.0
EVERYWHERE = np.ones((SIZE, SIZE), np.float32)
PARTLY = skin(SIZE, SIZE)
PARTLY[:, :, 260:] = shading(SIZE, SIZE)[:, :, 260:] + 0.03 * texture(SIZE, SIZE)[:, :, 260:]


def coded(planes: np.ndarray) -> np.ndarray:
    return (np.clip(planes, 0, 1) * 65535 + 0.5).astype(np.uint16)


def test_the_place_without_texture_is_found() -> None:
    bald = bald_map(PARTLY, EVERYWHERE, FACE_PX)
    assert bald[:, 300:].min() > 0.9
    assert bald[:, :240].max() < 0.05
    assert bald_map(skin(SIZE, SIZE), EVERYWHERE, FACE_PX).max() < 0.05
    assert not bald_map(PARTLY, 0 * EVERYWHERE, FACE_PX).any()


def test_it_is_given_the_texture_of_the_rest() -> None:
    area = bald_map(PARTLY, EVERYWHERE, FACE_PX)
    made = synthesise(coded(PARTLY), area, EVERYWHERE, FACE_PX, 4.0)
    assert made.dtype == np.uint16
    assert made.shape == PARTLY.shape
    assert (made[:, area == 0] == 32768).all()
    added = (made.astype(np.float32) - 32768) * 2 / 65535
    usual = texture(SIZE, SIZE)[:, :, :240]
    assert added[:, :, 300:].std() == pytest.approx(usual.std(), rel=0.2)
    skewed = [((v - v.mean()) ** 3).mean() / v.std() ** 3 for v in (added[:, :, 300:], usual)]
    assert skewed[0] < 0.5 * skewed[1] < 0
    assert (made == synthesise(coded(PARTLY), area, EVERYWHERE, FACE_PX, 4.0)).all()
    assert (made != synthesise(coded(PARTLY), area, EVERYWHERE, FACE_PX, 4.0, seed=2)).any()


def test_in_the_dark_it_is_fainter() -> None:
    area = bald_map(PARTLY, EVERYWHERE, FACE_PX)
    darker = PARTLY.copy()
    darker[:, 200:, 260:] *= 0.4
    made = synthesise(coded(darker), area, EVERYWHERE, FACE_PX, 4.0).astype(np.float32) - 32768
    assert made[:, 260:, 320:].std() == pytest.approx(0.4 * made[:, :140, 320:].std(), rel=0.25)


def test_without_clean_skin_it_says_so() -> None:
    with pytest.raises(ValueError, match="no clean skin"):
        synthesise(coded(PARTLY), EVERYWHERE, EVERYWHERE, FACE_PX, 4.0)


def test_nothing_wanted_is_nothing_added() -> None:
    assert (synthesise(coded(PARTLY), 0 * EVERYWHERE, EVERYWHERE, FACE_PX, 4.0) == 32768).all()


def test_a_coarse_map_ends_where_texture_ends() -> None:
    coarse = np.tile(np.clip((np.arange(SIZE, dtype=np.float32) - 160) / 200, 0, 1), (SIZE, 1))
    found = narrowed(coarse, PARTLY, EVERYWHERE, FACE_PX)
    assert found[:, :240].max() < 0.1
    assert found[:, 280:].min() > 0.9


def test_what_remains_is_not_given_twice() -> None:
    bald = np.tile((np.arange(SIZE) >= 260).astype(np.float32), (SIZE, 1))
    smooth = shading(SIZE, SIZE)
    for left, wanted in ((0.0, 1.0), (0.6, 0.8), (1.0, 0.63)):
        aligned = smooth + np.float32(left) * texture(SIZE, SIZE)
        amount = lacking(PARTLY, aligned, bald, EVERYWHERE, FACE_PX)
        assert amount[:, 300:].mean() == pytest.approx(wanted, abs=0.1)
        assert amount[:, :240].max() < 0.01
