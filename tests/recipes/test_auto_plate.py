"""The automatic recipe where the original has no fine texture: it says so, and lays a plate's."""

from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest

from retexture.document.document import Document, find
from retexture.document.edits import delete_layer, set_parameter
from retexture.document.pixels import Pixels
from retexture.errors import InputError
from retexture.files.project import read_project, write_project
from retexture.recipes import RECIPES, measuring
from retexture.recipes.apply import build_document
from retexture.recipes.auto import ENLARGED, NOT_NEEDED, OWN_TEXTURE, PLATE, SOFT, kept_out
from retexture.recipes.base import Materials
from retexture.render.render import flatten
from retexture.sample import Sample, make_sample
from retexture.texture.softness import SOFT as LEAST
from retexture.texture.softness import USUAL, strength
from tests.texture.skin import blurred
from tests.texture.test_pores import skin as pits

SIZE = 640


def coded(planes: np.ndarray) -> np.ndarray:
    return np.rint(np.clip(planes, 0, 1) * 65535).astype(np.uint16)


@pytest.fixture(scope="module")
def sample() -> Sample:
    return make_sample(SIZE)


@pytest.fixture(scope="module")
def plate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(pits(12, 700), tmp_path_factory.mktemp("plates") / "pores.png")


def written(plane: np.ndarray, path: Path) -> Path:
    cv2.imwrite(str(path), np.repeat(coded(plane)[..., None], 3, axis=2))
    return path


def soft(planes: np.ndarray) -> np.ndarray:
    return coded(blurred(planes.astype(np.float32) / 65535, 3.5))


def restored(original: np.ndarray, sample: Sample, *settings: str, **more: object) -> Document:
    given = Materials(original=Pixels(original.copy()), retouched=Pixels(sample.retouched.copy()), **more)
    return build_document(RECIPES["auto"], given, None, settings)


@pytest.fixture(scope="module")
def bare(sample: Sample) -> Document:
    return restored(soft(sample.original), sample)


@pytest.fixture(scope="module")
def laid(sample: Sample, plate: Path) -> Document:
    return restored(soft(sample.original), sample, f"plate={plate}")


def keys(document: Document) -> list[str]:
    return [layer.key for layer in document.layers]


def pixels(document: Document) -> np.ndarray:
    return flatten(document)[0]


def plane(document: Document, name: str) -> np.ndarray:
    mask = find(document, PLATE).mask
    return next(c for c in mask.components if c.name == name).tiles.to_array()[0] / 65535


def texture_of(document: Document, area: np.ndarray, face_px: float) -> float:
    found = strength(pixels(document).astype(np.float32) / 65535, area.astype(np.float32), face_px)
    assert found is not None
    return found


def test_a_soft_original_is_told_and_a_sharp_one_is_not(sample: Sample, bare: Document) -> None:
    assert SOFT in bare.analysis.notes
    assert PLATE not in keys(bare)
    assert np.array_equal(pixels(bare), sample.retouched), "it would only be blurred"
    assert SOFT not in restored(sample.original, sample).analysis.notes


def test_the_plate_is_laid_on_all_skin_and_nowhere_else(
    sample: Sample, bare: Document, laid: Document
) -> None:
    assert keys(laid) == ["retouched", "texture", PLATE]
    assert SOFT not in laid.analysis.notes
    assert any("(layer Plate texture)" in note for note in laid.analysis.notes)
    skin = plane(laid, "skin")
    assert (plane(laid, "bald") == 1).all()
    face_px = max(face.width_px for face in laid.analysis.faces)
    before, after = (texture_of(document, skin > 0.9, face_px) for document in (bare, laid))
    assert before < LEAST
    # In this light picture pores are fainter than in a middle tone.
    assert 0.4 * USUAL < after < 1.1 * USUAL
    assert after > 4 * before
    assert np.array_equal(pixels(laid)[:, skin == 0], pixels(bare)[:, skin == 0])


def test_it_is_an_ordinary_layer(bare: Document, laid: Document, tmp_path: Path) -> None:
    assert np.array_equal(pixels(delete_layer(laid, PLATE)), pixels(bare))
    skin = plane(laid, "skin") > 0.99
    added = [
        (pixels(document).astype(np.float64) - pixels(bare))[1, skin].std()
        for document in (laid, set_parameter(laid, "plate.texture_gain.amount_percent", 50.0))
    ]
    assert added[1] == pytest.approx(added[0] / 2, rel=0.05)
    file = tmp_path / "plate.retexture"
    write_project(file, laid)
    again = read_project(file)
    assert np.array_equal(pixels(again), pixels(laid))


@pytest.mark.slow
def test_where_half_of_the_face_is_soft_that_half_gets_it(sample: Sample, plate: Path) -> None:
    original = sample.original.copy()
    middle = round(measuring_middle(sample))
    original[:, :, middle:] = soft(sample.original)[:, :, middle:]
    document = restored(original, sample, f"plate={plate}")
    assert keys(document) == ["retouched", "texture", PLATE]
    bald = plane(document, "bald")
    assert bald[:, : middle - 60].max() < 0.35
    assert bald[:, middle + 40 :].max() > 0.9
    (note,) = [note for note in document.analysis.notes if "(layer Plate texture)" in note]
    assert 10 < int(note.partition(" %")[0].split()[-1]) < 60


def test_without_a_plate_it_gets_the_texture_of_the_other_half(sample: Sample) -> None:
    original = sample.original.copy()
    middle = round(measuring_middle(sample))
    original[:, :, middle:] = soft(sample.original)[:, :, middle:]
    document = restored(original, sample)
    assert keys(document) == ["retouched", "texture", OWN_TEXTURE]
    (note,) = [note for note in document.analysis.notes if "(layer Own texture)" in note]
    assert 20 < int(note.partition(" %")[0].split()[-1]) < 60
    group = find(document, "texture").mask
    loss = next(c for c in group.components if c.name == "loss").tiles.to_array()[0]
    face = document.analysis.faces[0]
    y, x = (np.arange(n) for n in pixels(document).shape[1:])
    away = np.hypot(
        (x - face.x_px) / face.width_px * 2 - 1, ((y - face.y_px) / face.height_px * 2 - 1)[:, None]
    )
    skin = (away < 0.8) & (group.painted.tiles.to_array()[0] > 60000)
    right = skin & (x > middle + 30)
    assert np.percentile(loss[right], 90) < 3000, "what is blurred is not laid"
    sharp, made = (texture_of(document, area, face.width_px) for area in (skin & (x < middle - 30), right))
    assert 0.6 < made / sharp < 1.3


def measuring_middle(sample: Sample) -> float:
    given = Materials(original=Pixels(sample.original.copy()), retouched=Pixels(sample.retouched.copy()))
    face = measuring.measure(given, 50.0).analysis.faces[0]
    return face.x_px + face.width_px / 2


@pytest.mark.slow
def test_a_sharp_original_is_left_alone(sample: Sample, plate: Path) -> None:
    with_plate, without = (
        restored(sample.original, sample, *settings) for settings in ([f"plate={plate}"], [])
    )
    assert keys(with_plate) == ["retouched", "texture"]
    assert NOT_NEEDED in with_plate.analysis.notes
    assert np.array_equal(pixels(with_plate), pixels(without))


def test_blemishes_stay_out_and_get_texture_too(bare: Document, laid: Document) -> None:
    spots = kept_out(laid.analysis)
    assert spots == kept_out(bare.analysis)
    assert spots
    change = (pixels(laid).astype(np.float32) - pixels(bare)) / 65535
    skin = plane(laid, "skin") > 0.9
    y, x = np.mgrid[:SIZE, :SIZE]
    inside = skin & np.any([np.hypot(x - s.x_px, y - s.y_px) < s.radius_px for s in spots], axis=0)
    assert inside.sum() > 100
    assert change[1, inside].std() > 0.6 * change[1, skin].std()
    slow = blurred(change, 6)[:, skin]
    assert np.abs(slow).max() < 0.02, "no spot comes back"


@pytest.mark.slow
def test_a_given_mask_bounds_it(sample: Sample, plate: Path) -> None:
    mask = np.zeros((SIZE, SIZE), np.uint16)
    mask[:, : SIZE // 2] = 65535
    document = restored(soft(sample.original), sample, f"plate={plate}", mask=mask)
    assert PLATE in keys(document)
    assert np.array_equal(pixels(document)[:, :, SIZE // 2 :], sample.retouched[:, :, SIZE // 2 :])


@pytest.mark.slow
def test_a_plate_that_is_enlarged_is_told(sample: Sample, tmp_path: Path) -> None:
    small = written(pits(3, 200), tmp_path / "small.png")
    document = restored(soft(sample.original), sample, f"plate={small}", "pores_per_face=30")
    assert ENLARGED in document.analysis.notes


@pytest.mark.slow
def test_what_is_no_plate_is_refused(sample: Sample, tmp_path: Path) -> None:
    flat = written(np.full((300, 300), 0.5, np.float32), tmp_path / "flat.png")
    tiny = written(pits(12, 100), tmp_path / "tiny.png")
    for file, problem in (
        (flat, "cannot be used"),
        (tiny, "cannot be used"),
        (tmp_path / "no.png", "does not exist"),
    ):
        with pytest.raises(InputError, match=problem):
            restored(sample.original, sample, f"plate={file}")


def test_sources_hold_what_is_needed_to_lay_it_again(sample: Sample, laid: Document) -> None:
    pores = laid.source("pores").colour
    given = Materials(
        original=Pixels(soft(sample.original)), retouched=Pixels(sample.retouched.copy()), pores=pores
    )
    again = build_document(RECIPES["auto"], given)
    assert np.array_equal(pixels(again), pixels(laid))
    assert msgspec.structs.replace(again.analysis, mask="", inputs=("", "")) == msgspec.structs.replace(
        laid.analysis, mask="", inputs=("", "")
    )
