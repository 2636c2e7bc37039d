"""Known motions of real faces, where the test pictures are there."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from retexture.texture.alignment import DifferentPictures, align, confidence_map, positions
from tests.texture.drawn_faces import bend, errors_px, moved, planes, turned


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
