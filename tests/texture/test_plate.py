"""A plate's texture on a face: at its scale and strength, in its tones, without repeat."""

import cv2
import numpy as np
import pytest

from retexture.texture.plate import LEAST_PORE_PX, plate_texture, scaled
from retexture.texture.pores import pore_distance_px
from retexture.texture.softness import strength
from tests.texture.skin import blurred, shading, texture
from tests.texture.test_pores import skin as pits

SIZE = 512
FACE_PX = 800.0
EVERYWHERE = np.ones((SIZE, SIZE), np.float32)
FLAT = np.full((3, SIZE, SIZE), 0.5, np.float32)
WANTED = 0.025


def plate(distance_px: float = 12, size: int = 600) -> np.ndarray:
    return np.repeat(pits(distance_px, size)[None], 3, axis=0)


def coded(planes: np.ndarray) -> np.ndarray:
    return (np.clip(planes, 0, 1) * 65535 + 0.5).astype(np.uint16)


def added(aligned: np.ndarray, seed: int = 1, wanted: float = WANTED) -> np.ndarray:
    """Return what Linear Light would add."""
    high = scaled(plate(), FACE_PX, 120)[0]
    made = plate_texture(high, coded(aligned), EVERYWHERE, FACE_PX, wanted, seed)
    assert made.dtype == np.uint16
    assert made.shape == aligned.shape
    return (made.astype(np.float32) - 32768) * 2 / 65535


@pytest.mark.slow
@pytest.mark.parametrize(
    ("distance_px", "face_px", "pores"), [(12, 1000, 125), (30, 1000, 125), (12, 2400, 200)]
)
def test_pores_are_as_far_apart_as_the_face_asks(distance_px: float, face_px: float, pores: float) -> None:
    high, scale = scaled(plate(distance_px, 900), face_px, pores)
    wanted_px = face_px / pores
    assert scale == pytest.approx(wanted_px / distance_px, rel=0.06)
    assert pore_distance_px(high[0]) == pytest.approx(wanted_px, rel=0.15)
    assert abs(float(high.mean())) < 1e-3


def test_pores_never_become_noise() -> None:
    high, _ = scaled(plate(), 300, 200)
    assert pore_distance_px(high[0]) == pytest.approx(LEAST_PORE_PX, rel=0.15)


def test_a_hair_on_the_plate_is_cut_down(monkeypatch: pytest.MonkeyPatch) -> None:
    hairy = plate()
    hairy[:, 250:350, 300:302] = 0

    def farthest() -> float:
        high = scaled(hairy, FACE_PX, 120)[0]
        return float(np.abs(high).max() / high.std())

    assert farthest() < 3.5
    monkeypatch.setattr("retexture.texture.plate.MOST_DEVIATION", np.inf)
    assert farthest() > 5, "the control"


def test_plates_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="flat"):
        scaled(FLAT, FACE_PX, 120)
    with pytest.raises(ValueError, match=r"only 4. x 4. px"):
        scaled(plate(30, 250), FACE_PX, 160)


@pytest.mark.slow
@pytest.mark.parametrize("tone", [0.3, 0.5])
def test_it_is_as_strong_as_wanted_in_every_tone(tone: float) -> None:
    smooth = np.full_like(FLAT, tone)
    for wanted in (WANTED, 2 * WANTED):
        found = strength(smooth + added(smooth, wanted=wanted), EVERYWHERE, FACE_PX)
        assert found == pytest.approx(wanted, rel=0.15)


def test_pores_fade_towards_white_and_show_more_in_blue() -> None:
    middle, bright = (added(np.full_like(FLAT, tone)).std(axis=(1, 2)) for tone in (0.5, 0.95))
    assert (bright < 0.35 * middle).all()
    assert middle[0] < middle[1] < middle[2]


@pytest.mark.slow
def test_what_the_retouched_picture_has_is_not_doubled() -> None:
    smooth = np.repeat(shading(SIZE, SIZE, 0.5, 0)[:1], 3, axis=0)
    kept = smooth + texture(SIZE, SIZE, strength=0.03)
    alone = added(smooth)
    middle = np.s_[:, 100:-100, 100:-100]
    assert added(kept)[middle].std() < 0.3 * alone[middle].std()
    partly = smooth + 0.2 * (kept - smooth)
    assert 0.5 * alone[middle].std() < added(partly)[middle].std() < alone[middle].std()


def test_an_edge_takes_texture_from_its_surroundings_only() -> None:
    line = FLAT.copy()
    line[:, :, 255:258] = 0.1
    alone, beside = added(FLAT), added(line)
    assert beside[:, :, 320:].std() == pytest.approx(alone[:, :, 320:].std(), rel=0.1)


def repeat(plane: np.ndarray) -> float:
    """Return how alike a texture is to itself, moved by 24 px and more: 1 is a tile."""
    spectrum = np.abs(np.fft.fft2(plane - plane.mean())) ** 2
    alike = np.fft.fftshift(np.fft.ifft2(spectrum).real)
    alike /= alike.max()
    middle = len(plane) // 2
    alike[middle - 24 : middle + 25, middle - 24 : middle + 25] = 0
    return float(alike.max())


def test_nothing_repeats_and_no_seam_shows() -> None:
    made = added(FLAT)[1]
    tiled = np.tile(made[:128, :128], (4, 4))
    assert repeat(tiled) > 0.95, "the control"
    assert repeat(made) < 0.35
    steps = np.abs(np.diff(made, axis=1)).mean(axis=0)
    seamed = made.copy()
    seamed[:, 256:] = np.roll(made, 77, axis=0)[:, 256:]
    control = np.abs(np.diff(seamed, axis=1)).mean(axis=0)
    assert control[255] > 1.3 * np.median(control)
    assert steps.max() < 1.3 * np.median(steps)


@pytest.mark.slow
def test_pits_stay_dark() -> None:
    made = added(FLAT)[1]
    assert ((made - made.mean()) ** 3).mean() / made.std() ** 3 < -0.3
    assert (added(FLAT) == added(FLAT)).all()
    assert (added(FLAT) != added(FLAT, seed=2)).any()


def test_slow_shades_of_the_plate_stay_behind() -> None:
    shaded = plate() + np.linspace(-0.2, 0.2, 600, dtype=np.float32)[None, :, None]
    high = scaled(shaded, FACE_PX, 120)[0]
    slow = blurred(high, 25)
    assert slow.std() < 0.1 * high.std()
    assert cv2.blur(high[0], (60, 60)).std() < 0.1 * high.std()
