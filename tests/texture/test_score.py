import numpy as np
import pytest

from retexture.declare import parameters
from retexture.texture.score import POINTS, Score, overall, score_pictures
from tests.texture.skin import blemish, blurred, disc, high, shading, skin, texture

SIZE = 320
FACE_PX = 500.0
SPOTS = ((90.0, 100.0, 8.0), (200.0, 210.0, 6.0), (120.0, 220.0, 7.0))
SKIN = disc(SIZE, SIZE, SIZE / 2, SIZE / 2, 140)
CLEAN = np.clip(skin(SIZE, SIZE), 0, 1)
ORIGINAL = CLEAN + sum(blemish(SIZE, SIZE, *spot) for spot in SPOTS)
RETOUCHED = blurred(CLEAN, 4) + np.float32(0.03)
IDEAL = RETOUCHED + SKIN * (high(CLEAN, 4) - high(RETOUCHED, 4))


def score(
    result: np.ndarray, original: np.ndarray = ORIGINAL, spots: object = SPOTS, **more: object
) -> Score:
    return score_pictures(original, RETOUCHED, result, SKIN, FACE_PX, spots, **more)


def test_the_retouched_picture_is_plastic_and_otherwise_without_fault():
    found = score(RETOUCHED)
    assert found.plasticness == found.plasticness_before > 0.8
    assert found.energy_fine < 0.3
    assert (found.blemish_return, found.halo, found.tone_shift, found.outside_change) == (0, 0, 0, 0)
    assert found.spots == 3
    assert found.skin_share == pytest.approx(SKIN.mean(), abs=0.01)


def test_own_texture_on_the_retouched_tone_is_best():
    best = score(IDEAL)
    assert best.overall > 93
    assert best.plasticness < 0.05
    assert best.likeness > 0.97
    assert best.energy_fine == pytest.approx(1, abs=0.06)
    assert best.blemish_return is not None
    assert best.blemish_return < 0.1
    assert best.tone_shift < 0.1
    assert best.outside_change is not None
    assert best.outside_change < 0.1
    for other in (RETOUCHED, ORIGINAL, RETOUCHED + 2 * high(ORIGINAL, 4)):
        assert score(other).overall < best.overall - 8


def test_the_original_brings_all_blemishes_back():
    found = score(ORIGINAL)
    assert found.blemish_return == pytest.approx(1, abs=1e-3)
    assert found.plasticness == 0
    assert found.likeness == pytest.approx(1)
    assert found.tone_shift > 1


@pytest.mark.parametrize("share", [0.25, 0.5])
def test_a_share_of_the_blemishes_is_told(share: float):
    spots = sum(blemish(SIZE, SIZE, *spot) for spot in SPOTS)
    assert score(IDEAL + share * spots).blemish_return == pytest.approx(share, abs=0.08)


def test_strange_texture_has_energy_but_is_not_the_subjects_own():
    other = texture(SIZE, SIZE, seed=5)
    found = score(RETOUCHED + SKIN * other)
    assert found.energy_middle > 0.7
    assert abs(found.likeness) < 0.2
    assert found.plasticness > 0.8


def test_texture_that_is_laid_on_twice_has_too_much_energy():
    assert score(RETOUCHED + 2 * SKIN * high(CLEAN, 4)).energy_fine > 1.7


def test_a_seam_at_an_edge_is_a_halo():
    step = np.where(np.arange(SIZE) < SIZE // 2, np.float32(-0.25), np.float32(0.25))
    original, retouched = ORIGINAL + step, RETOUCHED + step
    sharpened = retouched + 0.8 * SKIN * high(np.broadcast_to(step, retouched.shape), 4)
    halo = [
        score_pictures(original, retouched, result, SKIN, FACE_PX, SPOTS).halo
        for result in (retouched, sharpened)
    ]
    assert halo[0] == 0
    assert halo[1] > 10


def test_what_changed_outside_is_told():
    change = score(np.where(SKIN > 0, RETOUCHED, RETOUCHED + 0.1)).outside_change
    assert change is not None
    assert change > 3


def test_figures_that_cannot_be_measured_are_none():
    everywhere = np.ones_like(SKIN)
    found = score_pictures(ORIGINAL, RETOUCHED, IDEAL, everywhere, FACE_PX)
    assert (found.blemish_return, found.outside_change, found.alignment_residual_px) == (None, None, None)
    assert score(IDEAL, residual_px=0.2).alignment_residual_px == 0.2


def test_16_bits_say_the_same():
    o, a, r = (np.rint(np.clip(p, 0, 1) * 65535).astype(np.uint16) for p in (ORIGINAL, RETOUCHED, IDEAL))
    found, expected = score_pictures(o, a, r, SKIN, FACE_PX, SPOTS), score(IDEAL)
    for name in Score.__struct_fields__:
        assert getattr(found, name) == pytest.approx(getattr(expected, name), abs=0.05), name


def test_a_picture_twice_as_large_says_nearly_the_same():
    o, a, r = (np.repeat(np.repeat(p, 2, 1), 2, 2) for p in (ORIGINAL, RETOUCHED, IDEAL))
    found = score_pictures(o, a, r, SKIN, 2 * FACE_PX, [(2 * x, 2 * y, 2 * r) for x, y, r in SPOTS])
    assert found.overall == pytest.approx(score(IDEAL).overall, abs=3)


@pytest.mark.parametrize("fill", [0.0, 1.0])
def test_black_and_white_pictures_give_numbers(fill: float):
    flat = np.full((3, 60, 80), fill, np.float32)
    found = score_pictures(flat, flat, flat, np.ones((60, 80), np.float32), 50, [(30, 30, 4)])
    for parameter in parameters(Score):
        value = getattr(found, parameter.name)
        assert value is None or np.isfinite(value), parameter.name


def test_spots_all_over_and_beyond_the_border_are_no_trouble():
    spots = [(x, y, 60.0) for x in range(-20, 360, 40) for y in range(-20, 360, 40)]
    assert np.isfinite(score(IDEAL, spots=spots).likeness)


def test_refusals_say_what_to_do():
    with pytest.raises(ValueError, match="skin"):
        score_pictures(ORIGINAL, RETOUCHED, IDEAL, 0 * SKIN, FACE_PX)
    with pytest.raises(ValueError, match="align"):
        score_pictures(ORIGINAL, RETOUCHED, IDEAL[:, 1:], SKIN, FACE_PX)


def test_every_figure_is_declared_with_help_and_within_its_range():
    declared = {parameter.name: parameter for parameter in parameters(Score)}
    assert tuple(declared) == Score.__struct_fields__
    found = score(IDEAL)
    for name, parameter in declared.items():
        assert parameter.help.endswith(".")
        value = getattr(found, name)
        assert value is None or float(parameter.low) <= value <= float(parameter.high), name


def test_points():
    assert sum(POINTS.values()) == 100
    perfect = (0.0, 1.0, (1.0, 1.0, 1.0), 0.0, 0.0, 0.0, 0.0)
    assert overall(*perfect) == 100
    assert overall(1.0, -1.0, (0.0, 0.0, 0.0), 5.0, 255.0, 100.0, 100.0) == 0
    assert overall(0.5, *perfect[1:]) == pytest.approx(100 - 0.5 * POINTS["plasticness"])
    assert overall(*perfect[:3], None, 0.0, 0.0, None) == 100


def test_shading_alone_is_measured():
    smooth = shading(SIZE, SIZE)
    assert np.isfinite(score_pictures(smooth, smooth, smooth, SKIN, FACE_PX).overall)
