"""Known motions of a drawn face, and of real ones where the test pictures are there."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from retexture.texture.alignment import (
    Alignment,
    DifferentPictures,
    _assembled,
    align,
    confidence_map,
    inverse,
    positions,
)
from retexture.texture.alignment_flow import Flow
from retexture.texture.alignment_resample import resample

SIZE = 480


def drawn_face(seed: int, size: int = SIZE, pores: float = 0.02) -> np.ndarray:
    """Return (H, W, 3) float32: shading at several scales, a head, eyes, brows and a mouth; fine noise for pores."""
    rng = np.random.default_rng(seed)
    picture = np.full((size, size, 3), 0.35, np.float32)
    for sigma, amount in ((size / 8, 0.1), (size / 30, 0.04), (size / 100, 0.02)):
        noise = cv2.GaussianBlur(rng.standard_normal((size, size, 3)).astype(np.float32), (0, 0), sigma)
        picture += amount / noise.std() * noise
    unit = size / 100
    jitter = rng.uniform(-3, 3, 12)

    def ellipse(x, y, a, b, angle, colour):
        places = [int(v * unit * 8) for v in (x, y, a, b)]
        cv2.ellipse(
            picture,
            (places[0] // 8, places[1] // 8),
            (places[2] // 8, places[3] // 8),
            angle,
            0,
            360,
            colour,
            -1,
        )

    before = picture.copy()
    ellipse(50, 50, 30, 40, 0, (0.75, 0.6, 0.5))
    for i, side in enumerate((-1, 1)):
        ellipse(50 + side * (13 + jitter[0]), 40 + jitter[1], 6, 2.5, 5 * side, (0.9, 0.9, 0.9))
        ellipse(50 + side * (13 + jitter[0]) + 1, 40 + jitter[1], 2.3, 2.3, 0, (0.15, 0.1, 0.1))
        ellipse(50 + side * (13 + jitter[2]), 33 + jitter[3 + i], 8, 1.2, 8 * side, (0.25, 0.18, 0.15))
        ellipse(50 + side * 4, 58 + jitter[5], 1.4, 1, 0, (0.4, 0.25, 0.2))
    ellipse(50, 70 + jitter[6], 11 + jitter[7], 3, 0, (0.7, 0.35, 0.35))
    ellipse(50, 70 + jitter[6], 10, 0.8, 0, (0.35, 0.15, 0.15))
    picture = 0.75 * cv2.GaussianBlur(picture, (0, 0), 0.8) + 0.25 * before
    return np.clip(picture + pores * rng.standard_normal((size, size, 1)).astype(np.float32), 0, 1)


def smoothed(picture: np.ndarray) -> np.ndarray:
    """Return what an AI tool makes of it: the pores gone, the edges kept, another tone."""
    soft = cv2.bilateralFilter(picture.astype(np.float32), 7, 0.12, 3)
    return np.clip(soft, 0, 1) ** np.float32(0.9) * np.array([1.02, 1, 0.95], np.float32)


def planes(picture: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray((np.clip(picture, 0, 1) * 65535 + 0.5).astype(np.uint16).transpose(2, 0, 1))


def bend(size: int, amount_px: float, seed: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    field = np.stack(
        [
            cv2.GaussianBlur(rng.standard_normal((size, size)).astype(np.float32), (0, 0), size / 9)
            for _ in range(2)
        ]
    )
    return field * np.float32(amount_px / np.abs(field).max())


def moved(picture: np.ndarray, size: tuple[int, int], matrix: np.ndarray, field: np.ndarray | None = None):
    """Return the picture read through `matrix` (from coordinates of the result to its own) plus `field` there."""
    width, height = size
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    places = (matrix[:, :2] @ np.stack([x, y]).reshape(2, -1) + matrix[:, 2:]).reshape(2, height, width)
    index = [p.astype(np.float32) - np.float32(0.5) for p in places]
    if field is not None:
        index = [
            p + cv2.remap(f, *index, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
            for p, f in zip(index, field, strict=True)
        ]
    return cv2.remap(picture, *index, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REFLECT)


def errors_px(found: Alignment, matrix: np.ndarray, field: np.ndarray | None = None) -> np.ndarray:
    """Return how far, in original px, each pixel of the middle of the original is from where it truly lies."""
    x, y = positions(found)
    places = (matrix[:, :2] @ np.stack([x, y]).reshape(2, -1) + matrix[:, 2:]).reshape(2, *x.shape)
    if field is not None:
        index = [p.astype(np.float32) - np.float32(0.5) for p in places]
        places = places + np.stack(
            [cv2.remap(f, *index, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT) for f in field]
        )
    height, width = x.shape
    off = np.hypot(places[0] - (np.arange(width) + 0.5), places[1] - (np.arange(height)[:, None] + 0.5))
    return off[height // 6 : -height // 6, width // 5 : -width // 5]


def around_centre(
    linear: np.ndarray, size: tuple[int, int], shift: tuple[float, float] = (0, 0)
) -> np.ndarray:
    centre = np.array([SIZE / 2, SIZE / 2]) + shift
    return np.hstack([linear, (centre - linear @ (np.array(size) / 2))[:, None]])


def turned(degrees: float) -> np.ndarray:
    a = np.deg2rad(degrees)
    return np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])


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


# --- real faces -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def portraits(data_folder: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return originals and their AI versions, (H, W, 3) float32."""

    def read(path: Path) -> np.ndarray:
        return cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB).astype(np.float32) / 255

    pairs = {}
    for path in sorted((data_folder / "portraits").glob("*_same.png")):
        start = path.name.split("_")[0]
        pairs[path.stem] = (read(path.with_name(f"{start}_orig.png")), read(path))
    return pairs


def oval(shape: tuple[int, int]) -> np.ndarray:
    y, x = np.ogrid[: shape[0], : shape[1]]
    return ((y / shape[0] - 0.52) / 0.36) ** 2 + ((x / shape[1] - 0.5) / 0.28) ** 2 < 1


@pytest.mark.data
@pytest.mark.slow
def test_real_faces_are_aligned_to_a_quarter_of_a_pixel(portraits):
    """Scale 1.5 with 4 % anisotropy, 1 degree and 8 px of bend."""
    medians, tails, best = [], [], []
    for original, retouched in portraits.values():
        n = original.shape[0]
        size = (round(n * 1.56), round(n * 1.5))
        linear = turned(1) @ np.diag([1 / 1.56, 1 / 1.5])
        matrix = np.hstack(
            [linear, (np.array([n / 2 + 6, n / 2 - 9]) - linear @ (np.array(size) / 2))[:, None]]
        )
        field = bend(n, 8)
        found = align(planes(original), planes(moved(retouched**0.92, size, matrix, field)))
        x, y = positions(found)
        places = (matrix[:, :2] @ np.stack([x, y]).reshape(2, -1) + matrix[:, 2:]).reshape(2, n, n)
        index = [p.astype(np.float32) - np.float32(0.5) for p in places]
        places = places + np.stack([cv2.remap(f, *index, cv2.INTER_LINEAR) for f in field])
        off = np.hypot(places[0] - (np.arange(n) + 0.5), places[1] - (np.arange(n)[:, None] + 0.5))
        face = oval((n, n))
        sure = confidence_map(found, n, n)[face]
        medians.append(np.median(off[face]))
        tails.append(np.quantile(off[face], 0.95))
        best.append(np.quantile(off[face][sure >= np.quantile(sure, 0.2)], 0.95))
    assert np.median(medians) < 0.25
    assert np.median(tails) < 1
    assert np.median(best) < 0.6


@pytest.mark.data
@pytest.mark.slow
def test_real_faces_that_did_not_move_are_left_alone(portraits):
    for name, (original, retouched) in portraits.items():
        assert align(planes(original), planes(retouched**0.92)).is_identity, name


def as_jpeg(picture: np.ndarray, quality: int) -> np.ndarray:
    whole = np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    stored = cv2.imencode(".jpg", whole, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.imdecode(stored, cv2.IMREAD_COLOR).astype(np.float32) / 255


def with_pores(picture: np.ndarray, amount: float) -> np.ndarray:
    noise = np.random.default_rng(2).standard_normal(picture.shape[:2]).astype(np.float32)
    pores = cv2.GaussianBlur(noise, (0, 0), 1.2)
    return cv2.GaussianBlur(picture, (0, 0), 2) + (amount / pores.std() * pores)[..., None]


def lit_from_the_right(picture: np.ndarray) -> np.ndarray:
    return picture * np.linspace(0.6, 1.5, picture.shape[1], dtype=np.float32)[:, None]


def defocused_behind(picture: np.ndarray) -> np.ndarray:
    face = cv2.GaussianBlur(oval(picture.shape[:2]).astype(np.float32), (0, 0), 25)[..., None]
    return face * picture + (1 - face) * cv2.GaussianBlur(picture, (0, 0), 20)


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.parametrize("name", ["if006_esrgan_same", "lon061_esrgan_same"])
def test_real_faces_that_did_not_move_are_not_bent(portraits, name):
    """Fields of defocus have nothing fine to go by, and noise there is no motion."""
    original, retouched = portraits[name]
    changed = {
        "JPEG": as_jpeg(retouched, 75),
        "relit": lit_from_the_right(retouched),
        "pores": with_pores(retouched, 0.016),
        "defocused": defocused_behind(retouched),
    }
    for what, picture in changed.items():
        assert align(planes(original), planes(picture)).is_identity, what
    soft = cv2.GaussianBlur(original, (0, 0), 4)
    assert align(planes(soft), planes(retouched)).is_identity
    small = [cv2.resize(p, (200, 200), interpolation=cv2.INTER_AREA) for p in (original, retouched)]
    assert align(*map(planes, small)).is_identity
    cut = align(planes(original), planes(retouched[60:-60, 80:-20]))
    assert not cut.is_bent
    assert cut.matrix == (1, 0, -80, 0, 1, -60)


@pytest.mark.data
@pytest.mark.slow
def test_a_bend_of_a_real_face_stays_on_the_face(portraits):
    """A nose made smaller by up to 3 px, before a background that the retouching blurred."""
    original, retouched = portraits["if006_w2x_denoise3_same"]
    n = len(original)
    y, x = np.mgrid[:n, :n].astype(np.float32) - np.array([0.56, 0.5])[:, None, None].astype(np.float32) * n
    pull = np.exp(-(np.square(x) + np.square(y)) / (2 * (0.05 * n) ** 2))
    field = np.stack([x * pull, y * pull]) * np.float32(0.1)
    matrix = np.eye(2, 3)
    found = align(planes(original), planes(moved(defocused_behind(retouched), (n, n), matrix, field)))
    assert found.is_bent
    off, moved_px = errors_px(found, matrix, field), np.hypot(*field)[n // 6 : -n // 6, n // 5 : -n // 5]
    assert np.quantile(off[moved_px > 1], 0.9) < 0.5
    assert np.quantile(off[oval((n, n))[n // 6 : -n // 6, n // 5 : -n // 5]], 0.95) < 0.6


@pytest.mark.data
@pytest.mark.slow
def test_people_in_the_same_pose_are_told_apart(portraits):
    names = sorted(portraits)
    for one, other in zip(names, names[2:], strict=False):
        with pytest.raises(DifferentPictures):
            align(planes(portraits[one][0]), planes(portraits[other][1]))
