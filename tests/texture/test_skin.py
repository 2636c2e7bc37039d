from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest

from retexture.sample import NOT_SKIN
from retexture.texture.faces import find_faces
from retexture.texture.skin import Skin, skin_mask
from retexture.texture.skin_scale import upscale_mask
from retexture.texture.skin_shape import area, shape_of
from tests.texture.faces_at_hand import outlined, planes, portrait, turned


def skin_of(image: np.ndarray) -> Skin:
    return skin_mask(planes(image), find_faces(planes(image)))


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    """Return the common part of two areas as a share of both together."""
    return float((a & b).sum() / (a | b).sum())


def lit(image: np.ndarray, light: tuple[float, float, float]) -> np.ndarray:
    """Return the picture under a coloured light."""
    linear = (image / 255) ** 2.2 * np.array(light)
    return (np.clip(linear, 0, 1) ** (1 / 2.2) * 255 + 0.5).astype(np.uint8)


def test_the_mask_is_the_skin_without_eyes_and_lips() -> None:
    image = portrait()
    skin = skin_of(image)
    assert skin.method == "face"
    assert skin.mask.dtype == np.float32
    assert (skin.mask.min(), skin.mask.max()) == (0, 1)
    eyes_and_mouth = np.zeros((512, 512), bool)
    y, x = np.mgrid[:512, :512]
    for oval in (NOT_SKIN[0], NOT_SKIN[1], NOT_SKIN[4]):
        reach = np.hypot((x - oval.x) / oval.rx, (y - oval.y) / oval.ry)
        assert skin.mask[reach < 0.6].mean() < 0.05
        eyes_and_mouth |= reach < 1
    assert likeness((skin.mask > 0.5) & ~eyes_and_mouth, outlined() & ~eyes_and_mouth) > 0.9
    # Cheeks, nose, forehead, chin.
    for x, y in ((197, 125), (247, 130), (222, 122), (225, 84), (224, 172)):
        assert skin.mask[y - 1 : y + 2, x - 1 : x + 2].min() > 0.9, (x, y)
    # Hair, fringe, collar, suit, flag.
    for x, y in ((205, 40), (165, 80), (215, 68), (225, 205), (120, 300), (30, 60)):
        assert skin.mask[y, x] == 0, (x, y)


@pytest.mark.parametrize(
    "changed",
    [
        lambda image: (image * 0.35).astype(np.uint8),
        lambda image: ((image / 255) ** 1.8 * 255).astype(np.uint8),
        lambda image: ((image / 255) ** 0.6 * 255).astype(np.uint8),
        lambda image: lit(image, (0.6, 0.8, 1.3)),
        lambda image: lit(image, (1.2, 0.8, 0.45)),
        lambda image: lit(image, (0.6, 1.1, 0.6)),
        lambda image: lit(image, (0.12, 0.09, 0.07)),
    ],
    ids=["dark", "steep", "soft", "blue light", "warm light", "green light", "a sixth of the light"],
)
def test_tone_and_light_make_no_difference(changed) -> None:
    image = portrait()
    assert likeness(skin_of(changed(image)).mask > 0.5, skin_of(image).mask > 0.5) > 0.8


@pytest.mark.parametrize("degrees", [-40, 30])
def test_the_mask_turns_with_the_head(degrees: float) -> None:
    straight, there = skin_of(turned(portrait(), 0)).mask, skin_of(turned(portrait(), degrees)).mask
    expected = turned(np.repeat(straight[..., None], 3, 2), degrees)[:, :, 0]
    assert likeness(there > 0.5, (expected > 0.5) & (expected < 2)) > 0.8


def grey_of(image: np.ndarray) -> np.ndarray:
    return np.repeat(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None], 3, 2)


def test_without_colours_the_mask_is_nearly_the_same() -> None:
    image = portrait()
    skin = skin_of(grey_of(image))
    assert skin.method == "face"
    assert likeness(skin.mask > 0.5, skin_of(image).mask > 0.5) > 0.85
    # Cheeks, nose, forehead, chin, neck.
    for x, y in ((197, 125), (247, 130), (222, 122), (225, 84), (224, 172), (205, 180)):
        assert skin.mask[y, x] > 0.9, (x, y)
    # Hair, fringe, collar, suit, flag.
    for x, y in ((205, 40), (165, 80), (215, 68), (225, 205), (120, 300), (30, 60)):
        assert skin.mask[y, x] < 0.1, (x, y)


def test_a_face_without_a_mesh_has_a_mask() -> None:
    image = portrait()
    faces = tuple(msgspec.structs.replace(face, landmarks=None) for face in find_faces(planes(image)))
    mask = skin_mask(planes(image), faces).mask > 0.5
    assert likeness(mask, skin_of(image).mask > 0.5) > 0.7


def test_a_blemish_leaves_no_hole() -> None:
    image = portrait()
    for x, y in ((200, 128), (244, 126), (228, 88)):
        cv2.circle(image, (x, y), 2, (150, 60, 50), -1, cv2.LINE_AA)
    mask = skin_of(image).mask
    for x, y in ((200, 128), (244, 126), (228, 88)):
        assert mask[y, x] > 0.9, (x, y)


def test_skin_reaches_the_lips() -> None:
    image = cv2.resize(portrait()[12:192, 136:316], (900, 900), interpolation=cv2.INTER_CUBIC)
    skin = skin_of(image)
    shape, size = shape_of(skin.faces[0]), skin.mask.shape
    lips = area(shape.lips, size)
    rim = (area(shape.lips, size, 0.013 * shape.width_px) > 127) & (
        area(shape.lips, size, 0.009 * shape.width_px) == 0
    )
    assert (skin.mask[rim] > 0.9).mean() > 0.95
    assert skin.mask[lips > 127].mean() < 0.08


@pytest.mark.parametrize("coloured", [True, False])
def test_glasses_are_left_out_and_the_skin_within_them_is_not(coloured: bool) -> None:
    image = cv2.resize(portrait()[12:192, 136:316], (540, 540), interpolation=cv2.INTER_CUBIC)
    for x in (203, 339):
        cv2.circle(image, (x, 279), 52, (28, 24, 22), 6, cv2.LINE_AA)
    mask = skin_of(image if coloured else grey_of(image)).mask
    for x in (203, 339):
        assert mask[279 + 52, x] < 0.1
        assert mask[279 + 36, x] > 0.9


def test_every_face_has_its_skin() -> None:
    head = portrait()[12:192, 136:316]
    both = np.full((200, 400, 3), 90, np.uint8)
    both[10:190, 10:190], both[10:190, 210:390] = head, head[:, ::-1]
    mask = skin_of(both).mask > 0.5
    assert mask[:, :200].sum() == pytest.approx(mask[:, 200:].sum(), rel=0.1)
    assert likeness(mask[:, 10:190], mask[:, 389:209:-1]) > 0.85


def test_without_a_face_patches_of_skin_colour_are_taken() -> None:
    bare = np.full((300, 400, 3), 90, np.uint8)
    cv2.ellipse(bare, (200, 150), (90, 60), 20, 0, 360, (205, 150, 125), -1)
    skin = skin_mask(planes(bare), ())
    assert skin.method == "colour"
    assert skin.mask[150, 200] == pytest.approx(1, abs=1e-3)
    assert skin.mask[20, 20] == 0


@pytest.mark.parametrize("colour", [(0, 0, 0), (128, 128, 128), (40, 90, 200), (255, 255, 255)])
def test_without_skin_the_mask_is_empty(colour: tuple[int, int, int]) -> None:
    flat = np.full((120, 200, 3), colour, np.uint8)
    skin = skin_mask(planes(flat), ())
    assert (skin.method, skin.mask.max(), skin.mask.shape) == ("none", 0, (120, 200))


@pytest.mark.parametrize("kind", [np.float32, np.uint16])
def test_a_mask_is_enlarged_along_the_edges_of_the_picture(kind) -> None:
    full = np.full((1100, 1300), 0.25, np.float32)
    y, x = np.mgrid[:1100, :1300]
    inside = (x - 600) ** 2 + (y - 500) ** 2 < 350**2
    full[inside] = 0.75
    small = cv2.resize(inside.astype(np.float32), (130, 110), interpolation=cv2.INTER_AREA)
    luma = full if kind == np.float32 else (full * 65535).astype(np.uint16)
    seen: list[float] = []
    large = upscale_mask(small, luma, seen.append)
    assert large.dtype == np.uint16
    assert np.abs(large / 65535 - inside).max() < 0.1
    assert seen == sorted(seen)
    assert seen[-1] == 1


def test_bands_leave_no_seam() -> None:
    rng = np.random.default_rng(2)
    mask = cv2.GaussianBlur(rng.random((64, 48), np.float32), (0, 0), 3)
    large = upscale_mask(mask, np.full((1280, 960), 0.5, np.float32)) / 65535
    assert np.abs(np.diff(large, axis=0)).max() < 0.01


@pytest.mark.slow
@pytest.mark.data
def test_portraits_are_covered(data_folder: Path) -> None:
    """Between the parts of the face the mask is whole; what is no face is left out."""
    paths = sorted((data_folder / "portraits").glob("*_orig.png"))
    assert paths
    for path in paths:
        bgr = cv2.imread(str(path))
        assert bgr is not None
        skin = skin_of(np.ascontiguousarray(bgr[..., ::-1]))
        shape, size = shape_of(skin.faces[0]), skin.mask.shape
        w = shape.width_px
        inner = cv2.erode(area(shape.oval, size), np.ones((round(0.12 * w),) * 2, np.uint8)) > 127
        places = np.argwhere(np.ones(size, bool)).astype(np.float32)[:, ::-1]
        under = shape.along(places)[:, 1].reshape(size)
        inner &= (under > 0.12) & (under < 0.45)
        for outline in (shape.lips, shape.nostrils):
            inner &= area(outline, size, 0.06 * w) == 0
            assert skin.mask[area(shape.lips, size) > 250].mean() < 0.1, path.name
        assert (skin.mask[inner] > 0.95).mean() > 0.97, path.name
        assert skin.mask[0].max() < 0.1, path.name


def toned(image: np.ndarray) -> np.ndarray:
    return (grey_of(image) * np.array([1, 0.93, 0.8])).astype(np.uint8)


def darker(image: np.ndarray) -> np.ndarray:
    """Return the picture with skin of a darker tone, on which light shines more."""
    return ((image / 255) ** np.array([1.75, 1.9, 2.0]) * 255 + 0.5).astype(np.uint8)


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.parametrize("changed", [grey_of, toned, darker])
def test_changed_portraits_have_the_same_skin(changed, data_folder: Path) -> None:
    """Forehead, ears and neck are in, hair and what is behind is out, shining skin leaves no holes."""
    alike = []
    for path in sorted((data_folder / "portraits").glob("*_orig.png")):
        bgr = cv2.imread(str(path))
        assert bgr is not None
        image = np.ascontiguousarray(bgr[..., ::-1])
        alike.append(likeness(skin_of(changed(image)).mask > 0.5, skin_of(image).mask > 0.5))
    assert np.median(alike) >= 0.9
    assert min(alike) >= 0.75


def test_a_face_close_to_a_larger_one_keeps_its_eyes_out_of_the_skin() -> None:
    head = portrait()[75:178, 190:262]
    image = np.full((500, 420, 3), 120, np.uint8)
    image[20:432, 20:308] = cv2.resize(head, None, fx=4, fy=4)
    image[120:223, 308:380] = head
    faces = find_faces(planes(image))
    assert len(faces) == 2
    mask = skin_mask(planes(image), faces).mask
    for eye in (eye for face in faces for eye in shape_of(face).eyes):
        assert mask[area(eye, mask.shape) > 200].mean() < 0.15


def test_faint_brows_are_no_skin() -> None:
    image = cv2.resize(portrait()[20:220, 120:330], None, fx=3, fy=3)
    (face,) = find_faces(planes(image))
    brows = np.max([area(brow, image.shape[:2]) for brow in shape_of(face).brows], axis=0) / 255
    plain = cv2.medianBlur(image, 61)  # without hair
    bare = plain + (1 - brows[..., None]) * (image.astype(np.float32) - plain)
    linear = (bare / 255) ** 2.2
    haired = [linear * 2 ** (-stops * brows[..., None]) for stops in (0.4, 0)]
    mask, shaved = (
        skin_mask(planes((255 * light ** (1 / 2.2)).astype(np.uint8)), (face,)).mask for light in haired
    )
    assert mask[brows > 0.9].mean() < 0.3
    assert shaved[brows > 0.9].mean() > 0.6
