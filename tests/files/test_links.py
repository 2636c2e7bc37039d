"""Projects whose pictures stay in their own files."""

import os
import zipfile
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
import pytest
from imagecodecs import cms_profile

from retexture.document.document import Document
from retexture.errors import InputError
from retexture.files.documents import open_document
from retexture.files.images import as_depth, read_image, write_image
from retexture.files.links import MissingSource
from retexture.files.project import read_project, write_project
from retexture.recipes.hybrid_fs import RECIPE
from retexture.recipes.materials import prepare
from tests.files.pictures import picture
from tests.files.test_project import assert_same


@pytest.fixture
def pictures(tmp_path: Path) -> tuple[Path, Path]:
    folder = tmp_path / "pictures"
    folder.mkdir()
    paths = folder / "original.tif", folder / "retouched.png"
    for path, dtype in zip(paths, ("uint16", "uint8"), strict=True):
        write_image(path, picture(dtype))
    return paths


def restoration(original: Path, retouched: Path) -> Document:
    """A document as the window makes it: sources that name their files."""
    materials, _ = prepare(read_image(original), read_image(retouched))
    document = RECIPE.build(materials, RECIPE.options())
    paths = {"original": str(original), "retouched": str(retouched)}
    sources = tuple(msgspec.structs.replace(s, path=paths[s.key]) for s in document.sources)
    return msgspec.structs.replace(document, sources=sources)


def stored(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return [name for name in archive.namelist() if name.startswith("pixels/")]


@pytest.fixture
def project(tmp_path: Path, pictures: tuple[Path, Path]) -> Path:
    path = tmp_path / "a.retexture"
    assert write_project(path, restoration(*pictures), linked=True) == ()
    assert stored(path) == []
    return path


def never(missing: MissingSource) -> Path | None:
    pytest.fail(f"asked for {missing}")


def test_linked_pictures_come_back_under_their_ids(tmp_path: Path, pictures: tuple[Path, Path]) -> None:
    document = restoration(*pictures)
    write_project(tmp_path / "a.retexture", document, linked=True)
    assert (tmp_path / "a.retexture").stat().st_size < 5000
    assert_same(read_project(tmp_path / "a.retexture", locate=never), document)


def test_without_being_asked_to_link_pictures_are_kept(tmp_path: Path, pictures: tuple[Path, Path]) -> None:
    write_project(tmp_path / "a.retexture", restoration(*pictures))
    assert len(stored(tmp_path / "a.retexture")) == 2
    pictures[0].unlink()
    read_project(tmp_path / "a.retexture", locate=never)


def test_a_project_that_moves_with_its_pictures_finds_them(
    tmp_path: Path, project: Path, pictures: tuple[Path, Path]
) -> None:
    before = read_project(project)
    (tmp_path / "elsewhere").mkdir()
    project.rename(tmp_path / "elsewhere" / "a.retexture")
    pictures[0].parent.rename(tmp_path / "elsewhere" / "pictures")
    after = read_project(tmp_path / "elsewhere" / "a.retexture", locate=never)
    assert [Path(str(source.path)).parent.parent.name for source in after.sources] == ["elsewhere"] * 2
    assert [source.colour for source in after.sources] == [source.colour for source in before.sources]


def test_a_project_that_moves_alone_finds_its_pictures(tmp_path: Path, project: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    project.rename(tmp_path / "deep" / "er" / "a.retexture")
    read_project(tmp_path / "deep" / "er" / "a.retexture", locate=never)


def test_a_picture_that_moved_is_asked_for(
    tmp_path: Path, project: Path, pictures: tuple[Path, Path]
) -> None:
    before = read_project(project)
    moved = tmp_path / "moved.tif"
    status = pictures[0].stat()
    pictures[0].rename(moved)
    asked = []

    def locate(missing: MissingSource) -> Path:
        asked.append(missing)
        return moved

    after = read_project(project, locate=locate)
    assert [(m.key, m.path, m.reason, m.size_bytes) for m in asked] == [
        ("original", pictures[0], "gone", status.st_size)
    ]
    assert asked[0].modified.timestamp() == pytest.approx(status.st_mtime)
    assert after.source("original").path == str(moved)
    assert after.source("original").colour == before.source("original").colour


def test_without_an_answer_the_picture_and_the_project_are_named(
    project: Path, pictures: tuple[Path, Path]
) -> None:
    pictures[1].unlink()
    with pytest.raises(InputError) as error:
        open_document(project)
    assert str(error.value) == (
        f"{pictures[1]}: is linked by a.retexture and is gone; put it back, or open the project in the window "
        "and choose the file"
    )


def test_a_new_time_or_format_of_the_same_pixels_is_no_change(
    project: Path, pictures: tuple[Path, Path]
) -> None:
    image = read_image(pictures[0])
    write_image(pictures[0], image.colour, compression="deflate", overwrite=True)
    os.utime(pictures[1], (0, 0))
    read_project(project, locate=never)


def test_a_changed_picture_is_taken_only_when_it_is_chosen_again(
    project: Path, pictures: tuple[Path, Path]
) -> None:
    before = read_project(project)
    changed = picture("uint16")
    changed[1, 5, 7] ^= 1
    write_image(pictures[0], changed, overwrite=True)
    with pytest.raises(InputError, match=r"original\.tif: is linked by a\.retexture and has changed"):
        read_project(project)
    asked = []

    def locate(missing: MissingSource) -> Path:
        asked.append(missing.reason)
        return missing.path

    after = read_project(project, locate=locate)
    assert asked == ["changed"]
    assert np.array_equal(after.source("original").colour.array, changed)
    assert after.source("original").colour != before.source("original").colour
    assert after.source("retouched").colour == before.source("retouched").colour


def test_another_picture_is_told_to_be_another(project: Path, pictures: tuple[Path, Path]) -> None:
    pictures[0].unlink()
    answers = [pictures[1], None]
    asked = []

    def locate(missing: MissingSource) -> Path | None:
        asked.append((missing.path, missing.reason))
        return answers[len(asked) - 1]

    with pytest.raises(InputError, match=r"retouched\.png: is linked"):
        read_project(project, locate=locate)
    assert asked == [(pictures[0], "gone"), (pictures[1], "changed")]


def test_what_cannot_take_a_pictures_place_is_refused(
    tmp_path: Path, project: Path, pictures: tuple[Path, Path]
) -> None:
    pictures[0].unlink()
    small = tmp_path / "small.png"
    write_image(small, picture("uint8", height=20))
    for other, words in (
        (small, "has 53 x 20 px where the linked picture had 53 x 37"),
        (tmp_path, "is a folder"),
        (tmp_path / "none.tif", "does not exist"),
    ):
        with pytest.raises(InputError) as error:
            read_project(project, locate=partial(lambda other, _: other, other))
        assert (error.value.path, error.value.problem) == (str(other), words)


def test_what_its_file_does_not_give_is_kept_in_the_project(
    tmp_path: Path, pictures: tuple[Path, Path]
) -> None:
    small = tmp_path / "small.png"
    write_image(small, picture("uint8", height=20))
    path = tmp_path / "a.retexture"
    document = restoration(pictures[0], small)
    (note,) = write_project(path, document, linked=True)
    assert note.startswith("small.png is kept in the project: its file does not give these pixels (it was ")
    small.unlink()
    assert stored(path) == [f"pixels/{document.source('retouched').colour.id}"]
    assert_same(read_project(path, locate=never), document)
    pictures[0].unlink()
    notes = write_project(path, document, linked=True, overwrite=True)
    assert [note.partition(": ")[2] for note in notes] == ["does not exist"] * 2
    pathless = msgspec.structs.replace(
        document, sources=tuple(msgspec.structs.replace(s, path=None) for s in document.sources)
    )
    assert "it has no file of its own" in write_project(path, pathless, linked=True, overwrite=True)[0]


def test_a_picture_converted_from_another_profile_is_linked(tmp_path: Path) -> None:
    original, retouched = tmp_path / "original.tif", tmp_path / "retouched.tif"
    write_image(original, picture("uint16"), icc=cms_profile("adobergb"))
    write_image(retouched, picture("uint8")[:1])
    document = restoration(original, retouched)
    assert not np.array_equal(
        document.source("retouched").colour.array[0], as_depth(read_image(retouched).colour, 16)[0]
    )
    assert write_project(tmp_path / "a.retexture", document, linked=True) == ()
    assert stored(tmp_path / "a.retexture") == []
    assert_same(read_project(tmp_path / "a.retexture", locate=never), document)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_transparency_is_linked_too(tmp_path: Path, dtype: str) -> None:
    path = tmp_path / "a.tif"
    write_image(path, picture(dtype), alpha=picture(dtype, 1)[0])
    document, _ = open_document(path)
    assert write_project(tmp_path / "a.retexture", document, linked=True) == ()
    assert stored(tmp_path / "a.retexture") == []
    assert_same(open_document(tmp_path / "a.retexture", locate=never)[0], document)


def test_pixels_that_two_sources_share_are_linked_once(tmp_path: Path, pictures: tuple[Path, Path]) -> None:
    document = restoration(*pictures)
    twin = msgspec.structs.replace(document.sources[0], key="twin")
    document = msgspec.structs.replace(document, sources=(*document.sources, twin))
    assert write_project(tmp_path / "a.retexture", document, linked=True) == ()
    assert_same(read_project(tmp_path / "a.retexture", locate=never), document)
