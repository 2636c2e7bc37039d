"""What dropped files mean, which of two pictures is the original, and the documents that recipes open as."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from retexture.document.document import find
from retexture.errors import InputError
from retexture.files.images import Image, read_image, write_image
from retexture.files.project import write_project
from retexture.recipes import RECIPES
from retexture.render.render import flatten
from retexture.session.opening import (
    BLACK_MASKED,
    Plan,
    build,
    guess_pair,
    open_document,
    plan,
    read_pictures,
)
from tests.document.documents import sample_document
from tests.files.pictures import picture


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of pictures a, b, c; projects p, q; a letter; and a folder."""
    write_image(tmp_path / "a.tif", picture("uint16"))
    write_image(tmp_path / "b.png", picture("uint8"))
    write_image(tmp_path / "c.jpg", picture("uint8"))
    write_project(tmp_path / "p.retexture", sample_document(20, 20))
    shutil.copy(tmp_path / "p.retexture", tmp_path / "q.retexture")
    (tmp_path / "photoshop.psd").write_bytes(b"8BPS\0\1" + bytes(20))
    (tmp_path / "letter.txt").write_text("dear")
    (tmp_path / "film.gif").write_bytes(b"GIF89a")
    (tmp_path / "holiday").mkdir()
    return tmp_path


def planned(folder: Path, *names: str) -> Plan:
    return plan([folder / name for name in names])


def test_one_file_is_one_document(folder: Path):
    for name in ("a.tif", "p.retexture", "photoshop.psd"):
        assert planned(folder, name) == Plan(documents=(folder / name,))
    assert planned(folder) == Plan()


def test_two_pictures_are_a_pair(folder: Path):
    assert planned(folder, "c.jpg", "a.tif") == Plan(pair=(folder / "c.jpg", folder / "a.tif"))


def test_layered_files_open_side_by_side_and_a_picture_with_them(folder: Path):
    names = "p.retexture", "photoshop.psd", "q.retexture"
    assert planned(folder, *names) == Plan(documents=tuple(folder / name for name in names))
    assert planned(folder, "a.tif", *names).documents[0] == folder / "a.tif"


def test_the_same_file_twice_is_one(folder: Path):
    assert planned(folder, "a.tif", "holiday/../a.tif").pair is None
    assert len(planned(folder, "a.tif", "holiday/../a.tif").documents) == 1


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["holiday"], "holiday: is a folder; choose one document, or an original and its retouched version"),
        (["a.tif", "holiday"], "is a folder"),
        (
            ["a.tif", "b.png", "c.jpg"],
            "3 pictures: are too many at once; choose one document, or an original",
        ),
        (["missing.tif"], "missing.tif: does not exist"),
        (["a.tif", "missing.tif"], "missing.tif: does not exist"),
        (["letter.txt"], "letter.txt: is not a picture of a known format; use TIFF, PNG or JPEG"),
        (["a.tif", "film.gif"], "film.gif: is a GIF picture"),
    ],
)
def test_what_cannot_be_opened_is_refused(folder: Path, names: list[str], words: str):
    (problem,) = planned(folder, *names).problems
    assert words in str(problem)


def test_what_can_be_opened_is_opened_beside_what_cannot(folder: Path):
    found = planned(folder, "letter.txt", "p.retexture", "a.tif", "holiday", "missing.tif")
    assert found.documents == (folder / "p.retexture", folder / "a.tif")
    assert [Path(each.path).name for each in found.problems] == ["letter.txt", "holiday", "missing.tif"]
    assert planned(folder, "a.tif", "b.png", "c.jpg", "q.retexture").documents == (folder / "q.retexture",)
    assert planned(folder, "a.tif", "letter.txt", "b.png").pair == (folder / "a.tif", folder / "b.png")


def test_a_pair_is_asked_about_while_documents_open(folder: Path):
    found = planned(folder, "a.tif", "p.retexture", "b.png")
    assert found == Plan(documents=(folder / "p.retexture",), pair=(folder / "a.tif", folder / "b.png"))


def test_pictures_are_read_in_their_order(folder: Path):
    first, second = read_pictures([folder / "b.png", folder / "a.tif"])
    assert (first.path, second.path) == (folder / "b.png", folder / "a.tif")
    (folder / "b.png").write_bytes(b"\x89PNG")
    with pytest.raises(InputError, match=r"b\.png"):
        read_pictures([folder / "b.png", folder / "a.tif"])


# -- which one is the original


def image(path: str, colour: np.ndarray | None = None) -> Image:
    return Image(np.zeros((3, 40, 60), np.uint8) if colour is None else colour, Path(path))


@pytest.mark.parametrize(
    ("original", "retouched"),
    [
        ("DSC0123.tif", "DSC0123-Edit.tif"),
        ("DSC0123.nef.tif", "DSC0123_retouched.jpg"),
        ("p.tif", "p_evoto.tif"),
        ("p.tif", "p-AI.png"),
        ("p.tif", "pSmooth.png"),
        ("p.tif", "p_edit2.png"),
        ("p_orig.tif", "p.tif"),
        ("raw.tif", "p.tif"),
        ("a_unretouched.tif", "a_b.tif"),
        ("before.jpg", "after.jpg"),
        ("original.tif", "retouched.tif"),
        ("final_original.tif", "final_retouched.tif"),
        ("IMG_1.tif", "IMG_1b.tif"),
        ("IMG_1.tif", "IMG_1 (2).tif"),
        ("originals/IMG_1.tif", "finals/IMG_1.tif"),
        ("shoot/IMG_1.tif", "shoot/Retouched/IMG_1.jpg"),
        ("portrait.tif", "portrait2.tif"),
    ],
)
def test_names_tell_the_original(original: str, retouched: str):
    for a, b in ((original, retouched), (retouched, original)):
        guess = guess_pair(image(a), image(b))
        assert (str(guess.original.path), str(guess.retouched.path)) == (original, retouched)
        assert guess.by == "name"
        assert guess.reason.endswith(".")


def test_the_reason_names_the_file():
    assert (
        guess_pair(image("p.tif"), image("p-Edit.tif")).reason == "p-Edit.tif is named as retouched (“edit”)."
    )
    assert guess_pair(image("p.tif"), image("p1.tif")).reason == "p1.tif is named after p.tif."


def portrait(width: int, texture: float, dtype: str = "uint16") -> np.ndarray:
    """Soft light and shade with hair, and skin of some texture."""
    rng = np.random.default_rng(2)
    size = (width, width * 2 // 3)
    colour = cv2.resize(rng.random((5, 7, 3), np.float32) * 0.5 + 0.2, size, interpolation=cv2.INTER_CUBIC)
    grain = cv2.resize(rng.normal(0, texture, (400, 600)).astype(np.float32), size)
    colour = colour + grain[..., None]
    white = np.iinfo(dtype).max
    return np.ascontiguousarray((np.clip(colour, 0, 1) * white).astype(dtype).transpose(2, 0, 1))


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_texture_tells_where_names_do_not(order: int, dtype: str):
    pair = [image("IMG_1.tif", portrait(600, 0.02)), image("IMG_2.tif", portrait(600, 0.008, dtype))]
    guess = guess_pair(*pair[::order])
    assert (guess.by, guess.original.path.name) == ("texture", "IMG_1.tif")
    assert "times the fine texture" in guess.reason


def test_sharpened_hair_does_not_pass_for_texture():
    smooth = portrait(600, 0.004)
    smooth[:, :, 200:300:25] = 65535  # a few hard lines
    guess = guess_pair(image("IMG_1.tif", smooth), image("IMG_2.tif", portrait(600, 0.02)))
    assert guess.original.path.name == "IMG_2.tif"


def test_texture_is_compared_at_the_same_scale():
    """The larger picture's texture is as coarse as it is enlarged."""
    guess = guess_pair(image("IMG_1.tif", portrait(1200, 0.012)), image("IMG_2.tif", portrait(600, 0.03)))
    assert guess.original.path.name == "IMG_2.tif"
    guess = guess_pair(image("IMG_1.tif", portrait(1200, 0.03)), image("IMG_2.tif", portrait(600, 0.012)))
    assert guess.original.path.name == "IMG_1.tif"


def test_when_nothing_tells_the_order_stays():
    colour = portrait(600, 0.02)
    guess = guess_pair(image("IMG_2.tif", colour), image("IMG_1.tif", colour))
    assert (guess.by, guess.original.path.name) == ("order", "IMG_2.tif")
    tiny = np.zeros((1, 1, 1), np.uint8)
    assert guess_pair(image("IMG_2.tif", tiny), image("IMG_1.tif", tiny)).by == "order"


# -- documents


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Image, Image]:
    write_image(tmp_path / "o.tif", picture("uint16"))
    write_image(tmp_path / "r.png", picture("uint8"))
    return read_image(tmp_path / "o.tif"), read_image(tmp_path / "r.png")


SETTINGS = {"texture-graft": ["patch=0,0,32,32"]}


@pytest.mark.parametrize("name", sorted(BLACK_MASKED))
def test_texture_is_painted_in_through_a_black_mask(pair: tuple[Image, Image], name: str):
    document, notes = build(name, *pair, settings=SETTINGS.get(name, ()), black_mask=True)
    assert notes == ()
    colour, alpha = flatten(document)
    assert alpha is None
    assert np.array_equal(colour, pair[1].colour.astype(np.uint16) * 257)
    mask = find(document, RECIPES[name].masked).mask
    assert not mask.painted.tiles.to_array().any()
    open_to_see, _ = build(name, *pair, settings=SETTINGS.get(name, ()), black_mask=False)
    assert not np.array_equal(flatten(open_to_see)[0], colour)


def test_hybrid_separation_opens_white_with_a_plane_to_paint_on(pair: tuple[Image, Image]):
    assert "hybrid-fs" not in BLACK_MASKED
    document, _ = build("hybrid-fs", *pair, black_mask=False)
    mask = find(document, "high").mask
    assert (mask.painted.tiles.to_array() == 65535).all()
    assert len(mask.components) == 1
    hidden, _ = build("hybrid-fs", *pair, black_mask=True)
    assert find(hidden, "high").mask.components == mask.components


def test_the_texture_extractor_masks_as_its_recipe_says(pair: tuple[Image, Image]):
    document, _ = build("texture-extractor", pair[0], None, black_mask=False)
    assert not find(document, "smooth").mask.painted.tiles.to_array().any()
    assert [source.path for source in document.sources] == [str(pair[0].path)]


def test_sources_know_their_files_and_share_their_pixels(pair: tuple[Image, Image]):
    document, _ = build("hybrid-fs", *pair, preset="article", black_mask=False)
    assert [source.path for source in document.sources] == [str(picture.path) for picture in pair]
    assert document.source("original").colour.array is pair[0].colour


def test_what_was_done_to_the_pictures_is_told(tmp_path: Path, pair: tuple[Image, Image]):
    write_image(tmp_path / "small.png", picture("uint8", height=20))
    small = read_image(tmp_path / "small.png")
    document, notes = build("hybrid-fs", pair[0], small, black_mask=False)
    assert (document.width_px, document.height_px) == (53, 37)
    assert any("is resized from 53 x 20 to 53 x 37 px" in note for note in notes)
    document, _ = build("hybrid-fs", pair[0], small, black_mask=False, grid="retouched")
    assert document.height_px == 20


def test_a_wrong_setting_is_an_error_that_one_can_mend(pair: tuple[Image, Image]):
    with pytest.raises(InputError, match="needs clean skin"):
        build("texture-graft", *pair, black_mask=True)
    with pytest.raises(InputError, match="has no preset"):
        build("grain", *pair, preset="none", black_mask=True)


def test_any_document_opens(folder: Path):
    assert open_document(folder / "p.retexture") == open_document(folder / "q.retexture")
    document, _ = open_document(folder / "b.png")
    assert document.depth == 8
    assert document.sources[0].path == str(folder / "b.png")
