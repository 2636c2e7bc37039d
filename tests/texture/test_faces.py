import hashlib
import re
import subprocess
import sys

import cv2
import numpy as np
import pytest

from retexture.texture.faces import CHIN, LEFT_EAR, PACKAGE, RIGHT_EAR, Face, find_faces
from tests.texture.faces_at_hand import planes, portrait, turned

MODELS = PACKAGE.parents[1] / "resources" / "models"


def only(faces: tuple[Face, ...]) -> Face:
    assert len(faces) == 1
    return faces[0]


def test_a_face_is_found_where_it_is() -> None:
    face = only(find_faces(planes(portrait())))
    assert (face.x + face.width / 2, face.y + face.height / 2) == pytest.approx((225, 120), abs=8)
    assert face.width_px == pytest.approx(93, abs=8)
    assert face.landmarks is not None
    assert face.landmarks.shape == (468, 2)
    assert face.landmarks[CHIN] == pytest.approx((224, 176), abs=10)
    assert face.landmarks[RIGHT_EAR, 0] < face.marks[0, 0] < face.marks[1, 0] < face.landmarks[LEFT_EAR, 0]


def test_float_planes_are_the_same_picture() -> None:
    image = planes(portrait())
    face, same = only(find_faces(image)), only(find_faces(image.astype(np.float32) / 255))
    assert same.width_px == face.width_px


@pytest.mark.parametrize("degrees", [-45, -20, 20, 45, 90, 180])
def test_turned_heads_are_found(degrees: float) -> None:
    face = only(find_faces(planes(turned(portrait(), degrees))))
    assert face.landmarks is not None
    assert face.width_px == pytest.approx(93, abs=10)
    down = face.landmarks[CHIN] - face.landmarks[10]
    assert np.degrees(np.arctan2(down[0], down[1])) == pytest.approx(degrees, abs=12) or degrees == 180


@pytest.mark.parametrize(("degrees", "scale"), [(140, 1), (240, 1), (140, 2), (240, 0.5), (260, 0.5)])
def test_eyes_are_not_taken_for_the_mouth(degrees: float, scale: float) -> None:
    """The mesh fits these faces upside down too: the detector is only less certain."""
    image = cv2.resize(turned(portrait(), degrees), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    face = only(find_faces(planes(image)))
    assert face.landmarks is not None
    across, down = face.landmarks[CHIN] - face.landmarks[10]
    assert (np.degrees(np.arctan2(across, down)) - degrees + 180) % 360 - 180 == pytest.approx(0, abs=12)


@pytest.mark.parametrize("turns", [1, 2, 3])
@pytest.mark.parametrize("scale", [0.5, 1])
def test_a_picture_turned_by_quarters_has_the_same_face(turns: int, scale: float) -> None:
    upright = cv2.resize(portrait(), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    face = only(find_faces(planes(np.rot90(upright, turns))))
    assert face.landmarks is not None
    width, height = upright.shape[1::-1]
    x, y = face.landmarks[CHIN]
    back = [(x, y), (width - y, x), (width - x, height - y), (y, height - x)][turns]
    assert back == pytest.approx((224 * scale, 176 * scale), abs=10 * scale)


@pytest.mark.parametrize("scale", [0.2, 0.5, 4.0])
def test_the_size_of_the_picture_does_not_matter(scale: float) -> None:
    face = only(
        find_faces(planes(cv2.resize(portrait(), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)))
    )
    assert face.width_px == pytest.approx(93 * scale, rel=0.12)


def test_a_face_that_fills_the_picture_is_found() -> None:
    face = only(find_faces(planes(portrait()[75:175, 183:271])))
    assert face.landmarks is not None
    assert face.width_px == pytest.approx(93, abs=12)


def test_a_small_face_in_a_large_picture_is_found() -> None:
    large = np.full((2000, 3000, 3), 120, np.uint8)
    large[900:1080, 1700:1880] = portrait()[12:192, 136:316]
    face = only(find_faces(planes(large)))
    assert (face.x + face.width / 2, face.y + face.height / 2) == pytest.approx((1789, 1008), abs=10)


def test_several_faces_are_found_largest_first() -> None:
    head = portrait()[12:192, 136:316]
    both = np.full((400, 640, 3), 120, np.uint8)
    both[100:280, 20:200] = head
    both[20:380, 260:620] = cv2.resize(head, (360, 360))
    large, small = find_faces(planes(both))
    assert large.width_px == pytest.approx(2 * small.width_px, rel=0.1)
    assert large.x > small.x


@pytest.mark.parametrize("factor", [0.15, 0.35])
def test_dark_pictures_and_grey_ones_do(factor: float) -> None:
    dark = (portrait() * factor).astype(np.uint8)
    grey = np.repeat(cv2.cvtColor(dark, cv2.COLOR_RGB2GRAY)[..., None], 3, 2)
    assert only(find_faces(planes(dark))).landmarks is not None
    assert only(find_faces(planes(grey))).landmarks is not None


@pytest.mark.parametrize("size", [(300, 400), (5, 5), (1, 900)])
def test_where_there_is_no_face_none_is_found(size: tuple[int, int]) -> None:
    assert find_faces(np.zeros((3, *size), np.uint8)) == ()
    noise = np.random.default_rng(1).integers(0, 256, (3, *size), np.uint8)
    assert find_faces(noise) == ()


def test_other_arrays_are_refused() -> None:
    with pytest.raises(ValueError, match="planes"):
        find_faces(np.zeros((400, 300, 3), np.uint8))


def test_a_face_can_be_scaled() -> None:
    face = only(find_faces(planes(portrait())))
    large = face.scaled(2)
    assert (large.x, large.width_px, large.score) == (2 * face.x, 2 * face.width_px, face.score)
    assert face.landmarks is not None
    assert large.landmarks == pytest.approx(2 * face.landmarks)


def test_the_models_are_those_that_their_page_names() -> None:
    page = (MODELS / "README.md").read_text(encoding="utf-8")
    named = dict(re.findall(r"^\| (\S+\.(?:onnx|tflite)) .* ([0-9a-f]{64}) \|$", page, flags=re.MULTILINE))
    there = {
        p.name: hashlib.sha256(p.read_bytes()).hexdigest()
        for p in MODELS.iterdir()
        if p.suffix not in (".md", ".txt")
    }
    assert named == there
    assert len(there) == 2


def test_importing_loads_no_model() -> None:
    code = """
from retexture.texture.faces import _detector, _mesh_net
print(_detector.cache_info().currsize, _mesh_net.cache_info().currsize)
"""
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent
    )
    assert run.stdout.split() == ["0", "0"]


def test_finding_prints_nothing() -> None:
    code = (
        "import numpy as n; import retexture.texture.faces as f; f.find_faces(n.zeros((3, 64, 64), n.uint8))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent
    )
    assert run.stdout + run.stderr == ""
