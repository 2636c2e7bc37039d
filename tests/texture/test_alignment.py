"""Known motions of a drawn face."""

import cv2
import numpy as np
import pytest

from retexture.texture.alignment import (
    DifferentPictures,
    _assembled,
    align,
    confidence_map,
    inverse,
    positions,
)
from retexture.texture.alignment_flow import Flow
from retexture.texture.alignment_resample import resample
from tests.texture.drawn_faces import (
    SIZE,
    around_centre,
    bend,
    drawn_face,
    errors_px,
    moved,
    planes,
    smoothed,
    turned,
)


@pytest.fixture(scope="module")
def original() -> np.ndarray:
    return drawn_face(1)


@pytest.fixture(scope="module")
def retouched(original) -> np.ndarray:
    return smoothed(original)


def test_a_picture_that_did_not_move_is_not_resampled(original, retouched):
    a = planes(retouched)
    found = align(planes(original), a)
    assert found.is_identity
    assert resample(a, found) is a
    assert found.coverage > 0.95


def on_backdrop(picture: np.ndarray, seed: int) -> np.ndarray:
    """Return a picture in the middle of a larger plain one, whose faint noise is its own."""
    noise = np.random.default_rng(seed).normal(0.7, 0.0024, (3 * SIZE, 3 * SIZE, 1)).astype(np.float32)
    backdrop = np.repeat(noise, 3, axis=2)
    backdrop[SIZE : 2 * SIZE, SIZE : 2 * SIZE] = picture
    return backdrop


def test_a_plain_backdrop_tells_nothing_of_the_match(original, retouched):
    found = align(planes(on_backdrop(original, 1)), planes(on_backdrop(retouched, 2)))
    assert found.is_identity
    assert found.coverage > 0.9
    assert found.residual_px < 0.5


def test_one_wrong_place_is_not_told_as_the_bend():
    ones = np.ones((60, 60), np.float32)
    wave = 4 * np.sin(np.arange(480, dtype=np.float32) / 30)
    displacement = np.stack([np.zeros((480, 480), np.float32), np.tile(wave, (480, 1))])
    displacement[:, 472:, 232:240] = 40
    flow = Flow(displacement, ones, ones, ones, 1.0, 1.0, 0.1)
    found = _assembled(np.eye(2, 3), flow, (1.0, 1.0), (480, 480), (480, 480))
    assert np.hypot(*found.grid).max() > 20
    assert found.bend_px == pytest.approx(4, abs=0.6)
    assert inverse(found).bend_px == pytest.approx(found.bend_px, rel=1e-3)


@pytest.mark.parametrize(
    ("size", "linear", "shift", "limit_px"),
    [
        pytest.param((SIZE, SIZE), np.eye(2), (3.3, -1.7), 0.25, id="shift"),
        pytest.param((360, 360), np.eye(2) / 0.759, (1.5, -2), 0.25, id="smaller"),
        pytest.param((749, 720), np.diag([1 / 1.56, 1 / 1.5]), (0, 4.4), 0.25, id="larger, stretched"),
        pytest.param((120, 120), np.eye(2) * 4, (0.8, 0), 0.5, id="a quarter of the size"),
        pytest.param((336, 336), np.eye(2), (20.4, -31.2), 0.25, id="crop"),
        pytest.param((SIZE, SIZE), turned(5), (0, 0), 0.25, id="5 degrees"),
    ],
)
def test_an_affine_motion_is_found(original, retouched, size, linear, shift, limit_px):
    matrix = around_centre(linear, size, shift)
    found = align(planes(original), planes(moved(retouched, size, matrix)))
    off = errors_px(found, matrix)
    assert np.median(off) < limit_px
    assert np.quantile(off, 0.95) < 2 * limit_px
    assert not found.mirrored
    assert found.quarter_turns == 0


@pytest.mark.parametrize("amount_px", [4.0, 8.0])
def test_a_bend_is_found(original, retouched, amount_px):
    field, matrix = bend(SIZE, amount_px), np.eye(2, 3)
    found = align(planes(original), planes(moved(retouched, (SIZE, SIZE), matrix, field)))
    off = errors_px(found, matrix, field)
    assert found.is_bent
    assert np.median(off) < 0.25
    assert np.quantile(off, 0.95) < 1


def test_one_place_made_smaller_is_found(original, retouched):
    y, x = (
        v - SIZE * share
        for v, share in zip(np.mgrid[:SIZE, :SIZE].astype(np.float32), (0.5, 0.5), strict=True)
    )
    pull = 0.14 * np.exp(-(np.square(x) + np.square(y)) / (2 * 36**2))
    field, matrix = np.stack([x * pull, y * pull]).astype(np.float32), np.eye(2, 3)
    found = align(planes(original), planes(moved(retouched, (SIZE, SIZE), matrix, field)))
    assert found.is_bent
    moved_px = np.hypot(*field)[SIZE // 6 : -SIZE // 6, SIZE // 5 : -SIZE // 5]
    assert np.quantile(errors_px(found, matrix, field)[moved_px > 1], 0.9) < 1


def test_noise_where_nothing_is_sharp_is_no_bend(original, retouched):
    """Behind the face all is soft, and each picture has its own noise there."""
    y, x = np.mgrid[:SIZE, :SIZE] / SIZE - 0.5
    face = (np.square(x / 0.3) + np.square(y / 0.4) < 1)[..., None]
    rng = np.random.default_rng(4)

    def noisy(picture: np.ndarray) -> np.ndarray:
        soft = cv2.GaussianBlur(picture, (0, 0), 12)
        return np.where(face, picture, soft) + 0.01 * rng.standard_normal((SIZE, SIZE, 1)).astype(np.float32)

    assert align(planes(noisy(original)), planes(noisy(retouched))).is_identity


@pytest.mark.parametrize("is_mirrored", [False, True])
@pytest.mark.parametrize("turns", [1, 2, 3])
def test_turns_and_mirror_are_undone_exactly(original, retouched, turns, is_mirrored):
    a = planes(retouched)
    turned = np.rot90(a[:, :, ::-1] if is_mirrored else a, -turns, (1, 2))
    found = align(planes(original), np.ascontiguousarray(turned))
    assert (found.mirrored, found.quarter_turns) == (is_mirrored, turns)
    assert np.array_equal(resample(np.ascontiguousarray(turned), found), a)


@pytest.mark.slow
def test_a_crop_by_whole_pixels_is_copied(original, retouched):
    a = planes(retouched)
    cut = np.ascontiguousarray(a[:, 40:400, 60:450])
    found = align(planes(original), cut)
    back = resample(cut, found)
    assert np.array_equal(back[:, 40:400, 60:450], cut)
    assert np.array_equal(back[:, 0, 100], cut[:, 0, 40])  # beyond the frame its edge is repeated
    confidence = confidence_map(found, SIZE, SIZE)
    assert confidence[80:360, 100:400].min() > 0.5
    assert confidence[:20].max() < 0.05
    assert found.covered == pytest.approx(360 * 390 / SIZE**2, abs=0.03)
    assert found.coverage > 0.95  # of what both show
    whole = align(planes(original), a)
    assert found.residual_px == pytest.approx(whole.residual_px, abs=0.05)


def test_a_larger_picture_comes_back_as_sharp_as_it_was(original, retouched):
    size = (720, 720)
    matrix = around_centre(np.eye(2) / 1.52, size)
    a = planes(moved(retouched, size, matrix))
    back = resample(a, align(planes(original), a))
    middle = (slice(None), slice(30, -30), slice(30, -30))
    off = np.abs(back.astype(int) - planes(retouched))[middle]
    assert off.mean() < 65535 * 0.004


def test_the_way_back_is_the_inverse(original, retouched):
    field = bend(SIZE, 8)
    size = (600, 560)
    matrix = around_centre(np.diag([SIZE / 600, SIZE / 560]), size)
    there = align(planes(original), planes(moved(retouched, size, matrix, field)))
    back = inverse(there)
    assert (back.original_size, back.retouched_size) == (there.retouched_size, there.original_size)
    x, y = positions(there)
    bx, by = (
        cv2.remap(p, x - np.float32(0.5), y - np.float32(0.5), cv2.INTER_LINEAR) for p in positions(back)
    )
    middle = (slice(40, -40), slice(40, -40))
    assert np.abs(bx - (np.arange(SIZE) + 0.5))[middle].max() < 0.2
    assert np.abs(by - (np.arange(SIZE)[:, None] + 0.5))[middle].max() < 0.2


@pytest.mark.slow
@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("is_mirrored", [False, True])
def test_turns_of_the_way_back_are_named_rightly(original, retouched, turns, is_mirrored):
    a = planes(retouched)
    turned = np.ascontiguousarray(np.rot90(a[:, :, ::-1] if is_mirrored else a, -turns, (1, 2)))
    back = inverse(align(planes(original), turned))
    again = align(turned, planes(original))
    assert (back.mirrored, back.quarter_turns) == (again.mirrored, again.quarter_turns)
    assert np.array_equal(resample(a, back), turned)


@pytest.mark.slow
def test_a_face_that_is_not_the_same_is_refused(original):
    with pytest.raises(DifferentPictures, match="same photograph"):
        align(planes(original), planes(smoothed(drawn_face(2))))


def test_grain_that_was_taken_from_a_backdrop_is_no_other_photograph(original, retouched):
    wide = [
        cv2.copyMakeBorder(p, 240, 240, 240, 240, cv2.BORDER_CONSTANT, value=(0.5,) * 3)
        for p in (original, retouched)
    ]
    grain = np.random.default_rng(1).normal(0, 0.03, wide[0].shape[:2])[..., None]
    assert align(planes(np.clip(wide[0] + grain, 0, 1)), planes(wide[1])).is_identity


def test_noise_is_refused(original):
    noise = np.random.default_rng(0).random((SIZE, SIZE, 3), np.float32)
    with pytest.raises(DifferentPictures):
        align(planes(original), planes(noise))


@pytest.mark.parametrize("value", [0, 0.5, 1])
def test_a_flat_picture_is_refused(original, value):
    flat = planes(np.full((SIZE, SIZE, 3), value, np.float32))
    with pytest.raises(DifferentPictures, match="retouched image is one flat colour"):
        align(planes(original), flat)
    with pytest.raises(DifferentPictures, match="original is one flat colour"):
        align(flat, planes(original))


def test_a_stamp_is_refused(original):
    with pytest.raises(ValueError, match="smaller than"):
        align(planes(original), planes(original)[:, :20])


def test_a_thumbnail_is_aligned(original, retouched):
    small = [cv2.resize(p, (160, 160), interpolation=cv2.INTER_AREA) for p in (original, retouched)]
    assert align(*map(planes, small)).is_identity


def test_a_picture_of_another_size_is_not_resampled(original, retouched):
    found = align(planes(original), planes(retouched))
    with pytest.raises(ValueError, match="Align"):
        resample(planes(retouched)[:, :100], found)


def test_progress_may_cancel(original, retouched):
    def cancel(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        align(planes(original), planes(retouched), cancel)
