import zipfile
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retexture.document.document import Document, Source, all_pixels
from retexture.document.edits import delete_layer, duplicate_layer, insert_layer
from retexture.document.layers import FillLayer, PixelLayer
from retexture.document.pixels import Pixels, Tiles
from retexture.errors import InputError
from retexture.files import members
from retexture.files.colour import srgb_icc
from retexture.files.project import read_project, write_project
from retexture.files.schema import FRAME_BYTES, frame_slices
from retexture.render.render import render
from tests.document.documents import documents, sample_document, samples

DOCUMENT = sample_document()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def assert_same(read: Document, written: Document) -> None:
    assert read == written
    before, after = all_pixels(written), all_pixels(read)
    assert before.keys() == after.keys()
    for name, pixels in before.items():
        assert pixels.array.dtype == after[name].array.dtype
        assert np.array_equal(pixels.array, after[name].array)
        assert not after[name].array.flags.writeable


@pytest.mark.slow
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(documents())
def test_every_document_comes_back(tmp_path: Path, document: Document) -> None:
    path = tmp_path / "a.retexture"
    write_project(path, document, overwrite=True)
    assert_same(read_project(path), document)


def test_everything_of_a_document_comes_back(tmp_path: Path) -> None:
    document = delete_layer(duplicate_layer(DOCUMENT, "group"), "low")
    selection = Tiles.from_array(samples((1, DOCUMENT.height_px, DOCUMENT.width_px), seed=5))
    document = msgspec.structs.replace(
        document, icc=srgb_icc(), metadata={"exif": b"\0\1", "xmp": b"<x/>"}, selection=selection
    )
    write_project(tmp_path / "a.retexture", document)
    read = read_project(tmp_path / "a.retexture")
    assert_same(read, document)
    assert (read.icc, read.metadata, read.links) == (srgb_icc(), document.metadata, DOCUMENT.links)
    assert [layer.key for layer in read.hidden] == ["low"]
    assert read.selection == selection
    assert np.array_equal(read.selection.to_array(), selection.to_array())
    assert np.array_equal(render(read), render(document))


def test_planes_that_were_shared_are_shared(tmp_path: Path) -> None:
    document = duplicate_layer(DOCUMENT, "paint")
    write_project(tmp_path / "a.retexture", document)
    with zipfile.ZipFile(tmp_path / "a.retexture") as archive:
        stored = [name for name in archive.namelist() if name.startswith("pixels/")]
    assert len(stored) == len(all_pixels(document)) == 9
    group = read_project(tmp_path / "a.retexture").layers[0]
    assert group.layers[1].tiles is group.layers[2].tiles


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_arrays_of_several_frames_come_back(tmp_path: Path, dtype: str) -> None:
    shape = (3, 2100, 1100) if dtype == "float32" else (3, 3100, 1500)
    colour = samples(shape, dtype)
    assert len(frame_slices(shape, colour.itemsize)) >= 3
    alpha = Pixels(samples(shape[1:], dtype)[:, ::-1])  # not contiguous
    source = Source("s", "s", Pixels(colour), alpha)
    depths: dict[str, Literal[8, 16, 32]] = {"uint8": 8, "uint16": 16, "float32": 32}
    document = Document(width_px=9, height_px=9, depth=depths[dtype], sources=(source,))
    write_project(tmp_path / "a.retexture", document)
    assert_same(read_project(tmp_path / "a.retexture"), document)


@given(
    st.sampled_from([(1, 1), (3, 5, 7), (4, 256, 256), (1, 5000, 3000), (3, 3000, 5000), (2, 3, 9_000_000)]),
    st.sampled_from([1, 2, 4]),
)
def test_frames_cover_an_array_once_in_order(shape: tuple[int, ...], itemsize: int) -> None:
    indices = np.broadcast_to(np.arange(shape[-2])[:, None], shape)  # no memory is taken
    parts = [indices[part] for part in frame_slices(shape, itemsize)]
    assert sum(part.size for part in parts) == np.prod(shape)
    assert all(part.size * itemsize <= max(FRAME_BYTES, shape[-1] * itemsize) for part in parts)
    if len(parts) > 1:
        rows = [row for part in parts for row in part[..., 0].ravel().tolist()]
        assert rows == list(range(shape[-2])) * (shape[0] if len(shape) == 3 else 1)


def test_the_same_document_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in "ab":
        write_project(tmp_path / f"{name}.retexture", DOCUMENT)
    assert (tmp_path / "a.retexture").read_bytes() == (tmp_path / "b.retexture").read_bytes()


def test_an_existing_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.retexture"
    write_project(path, DOCUMENT)
    before = path.read_bytes()
    with pytest.raises(InputError, match="exists already"):
        write_project(path, insert_layer(DOCUMENT, FillLayer(key="f", name="F")))
    assert path.read_bytes() == before
    assert names(tmp_path) == ["a.retexture"]


def test_nothing_is_left_of_a_failed_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_samples: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(members, "pack", fails)
    with pytest.raises(InputError, match="the disk is full"):
        write_project(tmp_path / "a.retexture", DOCUMENT)
    assert names(tmp_path) == []


def test_an_invalid_document_is_not_written(tmp_path: Path) -> None:
    document = insert_layer(DOCUMENT, PixelLayer(key="p", name="P", source="nothing"))
    with pytest.raises(ValueError, match="p shows the source nothing"):
        write_project(tmp_path / "a.retexture", document)
    assert names(tmp_path) == []
