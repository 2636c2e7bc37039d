import numpy as np
import pytest

from retexture.texture.crossover import LARGEST, SMALLEST, crossover_px
from retexture.texture.loss import has_more_texture, loss_map, octave_count, plasticness
from tests.texture.skin import blemish, blurred, high, shading, skin, texture

SIZE = 240
FACE_PX = 1000.0
EVERYWHERE = np.ones((SIZE, SIZE), np.float32)
ORIGINAL = skin(SIZE, SIZE)


def grained(strength: float, seed: int = 9) -> np.ndarray:
    """The original's shading with as much texture, but none of its own."""
    return shading(SIZE, SIZE) + texture(SIZE, SIZE, seed, strength)


def test_nothing_is_lost_in_the_original_itself():
    loss = loss_map(ORIGINAL, ORIGINAL, EVERYWHERE, FACE_PX)
    assert loss.plasticness == 0
    assert np.allclose(loss.ratio, 1)
    assert not loss.weight.any()


def test_all_is_lost_in_a_blur():
    loss = loss_map(ORIGINAL, blurred(ORIGINAL, 8), EVERYWHERE, FACE_PX)
    assert loss.plasticness > 0.9
    assert loss.weight.min() == 1


@pytest.mark.parametrize("kept", [0.25, 0.5, 0.75])
def test_a_share_that_is_left_is_told(kept: float):
    aligned = blurred(ORIGINAL, 12) + kept * (ORIGINAL - blurred(ORIGINAL, 12))
    assert loss_map(ORIGINAL, aligned, EVERYWHERE, FACE_PX).plasticness == pytest.approx(1 - kept, abs=0.03)


def test_another_texture_of_the_same_strength_keeps_nothing():
    assert loss_map(ORIGINAL, grained(0.02), EVERYWHERE, FACE_PX).plasticness > 0.9


def test_a_new_tone_is_no_loss():
    toned = 0.1 + 0.95 * ORIGINAL + 0.05 * shading(SIZE, SIZE, slope=0.4)
    loss = loss_map(ORIGINAL, toned, EVERYWHERE, FACE_PX)
    assert loss.plasticness < 0.06


def test_more_texture_is_told_from_grain_and_from_less():
    smooth = blurred(ORIGINAL, 1.5)
    uneven = smooth + texture(SIZE, SIZE, seed=4) * np.linspace(0.1, 2, SIZE, dtype=np.float32)
    assert has_more_texture(smooth, uneven, EVERYWHERE)
    assert not has_more_texture(uneven, smooth, EVERYWHERE)
    assert not has_more_texture(smooth, smooth, EVERYWHERE)
    grain = np.random.default_rng(2).normal(0, 0.03, (SIZE, SIZE)).astype(np.float32)
    assert not has_more_texture(smooth, smooth + grain, EVERYWHERE)


def test_the_loss_lies_where_the_texture_went():
    aligned = ORIGINAL.copy()
    aligned[:, :, : SIZE // 2] = blurred(ORIGINAL, 8)[:, :, : SIZE // 2]
    loss = loss_map(ORIGINAL, aligned, EVERYWHERE, FACE_PX)
    assert loss.weight[:, : SIZE // 2 - 20].min() == 1
    assert loss.weight[:, SIZE // 2 + 60 :].max() == 0
    left = np.where(np.arange(SIZE) < SIZE // 2, EVERYWHERE, 0)
    assert plasticness(loss.ratio, left) > 0.8
    assert plasticness(loss.ratio, EVERYWHERE - left) < 0.02


def test_maps_have_the_size_of_the_mask_and_16_bits_say_the_same():
    aligned = blurred(ORIGINAL, 1)
    coarse = np.ones((SIZE // 3, SIZE // 3), np.float32)
    whole = loss_map(ORIGINAL, aligned, EVERYWHERE, FACE_PX)
    bits = [np.rint(np.clip(p, 0, 1) * 65535).astype(np.uint16) for p in (ORIGINAL, aligned)]
    small = loss_map(bits[0], bits[1], coarse, FACE_PX)
    assert small.ratio.shape == small.weight.shape == coarse.shape
    assert small.plasticness == pytest.approx(whole.plasticness, abs=0.01)
    assert np.abs(small.ratio - whole.ratio[1::3, 1::3]).max() < 0.05


@pytest.mark.parametrize("fill", [0.0, 0.5, 1.0])
def test_flat_pictures_lost_nothing_and_divide_by_nothing(fill: float):
    flat = np.full((3, 50, 70), fill, np.float32)
    loss = loss_map(flat, flat, np.ones((5, 7), np.float32), 40)
    assert loss.plasticness == 0
    assert np.isfinite(loss.ratio).all()


@pytest.mark.parametrize(("height", "width"), [(2, 3), (3, 200), (37, 41), (255, 258)])
def test_any_size_is_measured(height: int, width: int):
    picture = skin(height, width)
    loss = loss_map(picture, blurred(picture, 3), np.ones((height, width), np.float32), 100)
    assert np.isfinite(loss.ratio).all()
    assert 0 <= loss.plasticness <= 1


def test_strips_leave_no_seam():
    tall = skin(600, 80)
    whole = loss_map(tall, blurred(tall, 1), np.ones((600, 80), np.float32), 300)
    part = loss_map(tall[:, 128:472], blurred(tall, 1)[:, 128:472], np.ones((344, 80), np.float32), 300)
    assert np.abs(whole.ratio[200:400] - part.ratio[72:272]).max() < 0.02


def test_no_skin_is_not_plastic():
    assert loss_map(ORIGINAL, blurred(ORIGINAL, 8), 0 * EVERYWHERE, FACE_PX).plasticness == 0


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(ValueError, match="align"):
        loss_map(ORIGINAL, ORIGINAL[:, 1:], EVERYWHERE, FACE_PX)
    with pytest.raises(ValueError, match="mask"):
        loss_map(ORIGINAL, ORIGINAL, EVERYWHERE[:0], FACE_PX)
    with pytest.raises(ValueError, match="ear to ear"):
        loss_map(ORIGINAL, ORIGINAL, EVERYWHERE, 0)


def test_larger_faces_have_more_octaves():
    counts = [octave_count(face, 4000) for face in (100, 500, 1000, 2000, 4000)]
    assert counts == sorted(counts)
    assert counts[0] == 2
    assert counts[-1] > counts[2]
    assert octave_count(4000, 60) == 2


def test_the_more_is_gone_the_larger_the_radius():
    mild, strong = (crossover_px(ORIGINAL, blurred(ORIGINAL, s), EVERYWHERE, FACE_PX) for s in (0.7, 6))
    assert SMALLEST <= mild < strong <= LARGEST


@pytest.mark.parametrize("smoothing", [0.7, 1.5, 6])
def test_what_a_graft_of_this_radius_leaves_wrong_is_little(smoothing: float):
    aligned = blurred(ORIGINAL, smoothing)
    radius = crossover_px(ORIGINAL, aligned, EVERYWHERE, FACE_PX)
    graft = aligned + high(ORIGINAL, radius) - high(aligned, radius)
    inside = np.s_[:, 30:-30, 30:-30]
    wrong = (graft - ORIGINAL)[inside].std()
    assert wrong < 0.1 * high(ORIGINAL, 8)[inside].std()


def test_what_was_not_smoothed_has_no_say_in_the_radius():
    all_gone = blurred(ORIGINAL, 6)
    partly = ORIGINAL.copy()
    partly[..., :90] = all_gone[..., :90]
    lost = loss_map(ORIGINAL, partly, EVERYWHERE, FACE_PX).weight
    wanted = crossover_px(ORIGINAL, all_gone, EVERYWHERE, FACE_PX)
    assert crossover_px(ORIGINAL, partly, EVERYWHERE, FACE_PX) < 0.9 * wanted
    assert crossover_px(ORIGINAL, partly, EVERYWHERE, FACE_PX, lost) == pytest.approx(wanted, rel=0.08)


def test_the_radius_goes_with_the_face_and_not_with_a_spot():
    aligned = blurred(ORIGINAL, 2)
    radius = crossover_px(ORIGINAL, aligned, EVERYWHERE, FACE_PX)
    spotted = ORIGINAL + blemish(SIZE, SIZE, 120, 120, 14)
    assert crossover_px(spotted, aligned, EVERYWHERE, FACE_PX) == pytest.approx(radius, rel=0.2)
    assert crossover_px(ORIGINAL, aligned, EVERYWHERE, 300) <= LARGEST * 0.3
    assert crossover_px(ORIGINAL, aligned, 0 * EVERYWHERE, FACE_PX) == pytest.approx(
        (SMALLEST * LARGEST) ** 0.5
    )
    assert crossover_px(ORIGINAL, aligned, EVERYWHERE, 20) == 1
