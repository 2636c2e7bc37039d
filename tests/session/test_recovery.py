"""Autosaved copies, as programs leave them that end well, that crash, and that run beside each other."""

import errno
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from retexture.document.document import Document, all_pixels, find
from retexture.document.edits import replace_layer
from retexture.document.layers import PaintLayer
from retexture.errors import InputError
from retexture.files import recovery_copy
from retexture.files.colour import srgb_icc
from retexture.render.render import Cancelled
from retexture.session.recovery import Recovery
from tests.document.documents import sample_document, samples
from tests.files.test_project import assert_same

DOCUMENT = msgspec.structs.replace(
    sample_document(), icc=srgb_icc(), metadata={"exif": b"\0\1\xff", "xmp": b"<x/>"}
)
APP = Path(__file__).resolve().parents[2] / "app"


@pytest.fixture
def recovery(tmp_path: Path) -> Iterator[Recovery]:
    recovery = Recovery(tmp_path / "recovery")
    yield recovery
    recovery.close()


@pytest.fixture
def next_run(tmp_path: Path) -> Iterator[Recovery]:
    """The program started again, over the same folder."""
    recovery = Recovery(tmp_path / "recovery")
    yield recovery
    recovery.close()


def painted(document: Document, x: int, seed: int = 9) -> Document:
    """The document after a stroke of 20 px."""

    layer = find(document, "paint")
    tiles = layer.tiles.written(x, 0, samples((4, 20, 20), seed=seed))
    return replace_layer(document, "paint", msgspec.structs.replace(layer, tiles=tiles))


def files(recovery: Recovery, key: str = "doc") -> dict[str, int]:
    (folder,) = recovery.folder.glob(f"process-*/{key}")
    return {path.name: path.stat().st_ino for path in folder.iterdir()}


def test_an_autosaved_document_is_found_after_a_crash(recovery: Recovery, next_run: Recovery, tmp_path: Path):
    recovery.write("doc", DOCUMENT, "Portrait", tmp_path / "portrait.retexture")
    recovery.write("new", DOCUMENT, "Untitled", None)
    recovery.close()  # what the system does for a program that dies
    newest, older = next_run.found()
    assert (newest.title, newest.path) == ("Untitled", None)
    assert (older.title, older.path) == ("Portrait", tmp_path / "portrait.retexture")
    assert older.when < newest.when
    assert older.bytes > 1000
    assert_same(next_run.restore(older.key), DOCUMENT)
    read = next_run.restore(newest.key)
    assert (read.icc, read.metadata) == (DOCUMENT.icc, DOCUMENT.metadata)
    assert next_run.found() == []


def test_only_new_arrays_are_written(recovery: Recovery):
    first = recovery.write("doc", DOCUMENT, "a", None)
    assert first > 500_000
    before = files(recovery)
    second = recovery.write("doc", painted(DOCUMENT, 0), "a", None)
    assert 0 < second < 600_000  # one tile of four planes
    after = files(recovery)
    kept = {name for name in before if name.startswith("pixels-")}
    assert kept <= after.keys()
    assert all(before[name] == after[name] for name in kept)
    assert len(after) == len(before) + 1
    assert recovery.write("doc", painted(DOCUMENT, 0), "a", None) > 0  # other tiles, though of equal samples


def test_nothing_is_written_where_nothing_changed(recovery: Recovery):
    recovery.write("doc", DOCUMENT, "a", None)
    assert recovery.write("doc", DOCUMENT, "a", None) == 0


def test_the_tiles_of_one_writing_share_a_file(recovery: Recovery):
    recovery.write("doc", DOCUMENT, "a", None)
    assert len(all_pixels(DOCUMENT)) > 5
    assert len(files(recovery)) == 2


def test_large_arrays_have_files_of_their_own(recovery: Recovery, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(recovery_copy, "FRAME_BYTES", 500_000)  # one tile of paint
    recovery.write("doc", DOCUMENT, "a", None)
    assert len(files(recovery)) == 3


def test_the_folder_stays_small_however_long_one_paints(recovery: Recovery, next_run: Recovery):
    document = DOCUMENT
    first = recovery.write("doc", DOCUMENT, "a", None)
    for i in range(40):
        document = painted(document, 7 * i, i)
        recovery.write("doc", document, "a", None)
    (folder,) = recovery.folder.glob("process-*/doc")
    assert sum(path.stat().st_size for path in folder.iterdir()) < 3 * first
    recovery.close()
    (found,) = next_run.found()
    assert_same(next_run.restore(found.key), document)


def test_a_restored_document_goes_on_in_its_copy(recovery: Recovery, next_run: Recovery, tmp_path: Path):
    recovery.write("doc", DOCUMENT, "a", None)
    recovery.close()
    (found,) = next_run.found()
    document = painted(next_run.restore(found.key), 0)
    assert 0 < next_run.write(found.key, document, "a", None) < 600_000
    assert next_run.found() == []
    next_run.close()
    third = Recovery(tmp_path / "recovery")
    (found,) = third.found()
    assert_same(third.restore(found.key), document)
    third.discard(found.key)
    assert list(third.folder.iterdir()) == []
    third.close()


def test_a_saved_document_is_not_offered_but_kept_until_it_is_closed(
    recovery: Recovery, next_run: Recovery, tmp_path: Path
):
    path = tmp_path / "a.retexture"
    recovery.write("doc", DOCUMENT, "a", None)
    assert recovery.write("doc", DOCUMENT, "a", path, saved=True) == 0
    recovery.close()
    assert next_run.found() == []
    assert list(recovery.folder.iterdir()) == []


def test_an_older_version_that_is_saved_takes_the_copys_place(
    recovery: Recovery, next_run: Recovery, tmp_path: Path
):
    path = tmp_path / "a.retexture"
    recovery.write("doc", painted(DOCUMENT, 0), "a", path)
    recovery.write("doc", DOCUMENT, "a", path, saved=True)
    redone = painted(DOCUMENT, 0, 4)
    recovery.write("doc", redone, "a", path)
    recovery.close()
    (found,) = next_run.found()
    assert found.path == path
    assert_same(next_run.restore(found.key), redone)


def test_what_was_given_up_while_it_waited_writes_nothing(recovery: Recovery, next_run: Recovery):
    recovery.write("doc", DOCUMENT, "a", None)
    with pytest.raises(Cancelled):
        recovery.write("doc", DOCUMENT, "a", None, saved=True, cancelled=lambda: True)
    recovery.close()
    assert len(next_run.found()) == 1


def test_a_closed_document_leaves_nothing(recovery: Recovery):
    recovery.write("doc", DOCUMENT, "a", None)
    recovery.discard("doc")
    recovery.discard("never autosaved")
    recovery.close()
    assert list(recovery.folder.iterdir()) == []


def test_without_a_document_no_folder_is_made(recovery: Recovery):
    assert recovery.found() == []
    recovery.close()
    assert not recovery.folder.exists()


def test_programs_that_live_keep_their_copies(recovery: Recovery, next_run: Recovery):
    recovery.write("doc", DOCUMENT, "a", None)
    next_run.write("doc", DOCUMENT, "b", None)
    assert next_run.found() == []
    assert recovery.found() == []
    recovery.write("doc", painted(DOCUMENT, 0), "a", None)


def test_what_one_program_found_no_other_finds(recovery: Recovery, next_run: Recovery, tmp_path: Path):
    recovery.write("doc", DOCUMENT, "a", None)
    recovery.close()
    assert len(next_run.found()) == 1
    beside = Recovery(tmp_path / "recovery")
    assert beside.found() == []
    next_run.close()  # without an answer: offered again
    assert len(beside.found()) == 1
    beside.close()


def test_files_of_others_in_the_folder_are_left_alone(recovery: Recovery):
    (recovery.folder / "process-notes").mkdir(parents=True)
    (recovery.folder / "letter.txt").write_text("dear")
    assert recovery.found() == []
    assert sorted(path.name for path in recovery.folder.iterdir()) == ["letter.txt", "process-notes"]


def test_a_killed_process_leaves_what_it_wrote(next_run: Recovery):
    program = (
        "import os, sys, signal\n"
        "from pathlib import Path\n"
        "from retexture.session.recovery import Recovery\n"
        "from tests.document.documents import sample_document\n"
        "Recovery(Path(sys.argv[1])).write('doc', sample_document(40, 30), 'Killed', None)\n"
        "os.kill(os.getpid(), getattr(signal, 'SIGKILL', signal.SIGTERM))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, str(next_run.folder)],
        env={**os.environ, "PYTHONPATH": f"{APP}{os.pathsep}{APP.parent}"},
        capture_output=True,
        check=False,
    )
    assert ended.returncode != 0, ended
    (found,) = next_run.found()
    assert found.title == "Killed"
    assert next_run.restore(found.key).width_px == 40


# -- when writing fails


def test_a_cancelled_writing_leaves_the_copy_before(recovery: Recovery, next_run: Recovery):
    recovery.write("doc", DOCUMENT, "a", None)
    changed = painted(painted(DOCUMENT, 0), 280)
    for n in range(3):
        answers = chain([False] * n, repeat(True))
        with pytest.raises(Cancelled):
            recovery.write("doc", changed, "a", None, cancelled=partial(next, answers))
    recovery.close()
    (found,) = next_run.found()
    assert_same(next_run.restore(found.key), DOCUMENT)


def test_a_full_disk_leaves_the_copy_before(
    recovery: Recovery, next_run: Recovery, monkeypatch: pytest.MonkeyPatch
):
    recovery.write("doc", DOCUMENT, "a", None)
    with monkeypatch.context() as patched:

        def full(*_arguments: Any) -> Any:
            raise OSError(errno.ENOSPC, "No space left on device")

        patched.setattr(recovery_copy, "write_frames", full)
        with pytest.raises(InputError, match="the disk is full; free some space"):
            recovery.write("doc", painted(DOCUMENT, 0), "a", None)
    recovery.close()
    (found,) = next_run.found()
    assert_same(next_run.restore(found.key), DOCUMENT)


def test_files_that_someone_deleted_are_written_again(recovery: Recovery, next_run: Recovery):
    recovery.write("doc", DOCUMENT, "a", None)
    (folder,) = recovery.folder.glob("process-*/doc")
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    recovery.write("doc", DOCUMENT, "a", None)
    recovery.close()
    (found,) = next_run.found()
    assert_same(next_run.restore(found.key), DOCUMENT)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("")
    recovery = Recovery(tmp_path / "file" / "recovery")
    with pytest.raises(InputError, match="the recovery folder cannot be made"):
        recovery.write("doc", DOCUMENT, "a", None)
    assert recovery.found() == []
    recovery.close()


# -- damage


def manifest(folder: Path, change: Any) -> None:
    content = json.loads((folder / "document.json").read_text())
    change(content)
    (folder / "document.json").write_text(json.dumps(content))


def _delete_pixels(folder: Path) -> None:
    next(folder.glob("pixels-*")).unlink()


def _cut_pixels(folder: Path) -> None:
    path = next(folder.glob("pixels-*"))
    path.write_bytes(path.read_bytes()[:-10])


def _flip_pixels(folder: Path) -> None:
    path = next(folder.glob("pixels-*"))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x55
    path.write_bytes(data)


DAMAGE: dict[str, Any] = {
    "no pixels": _delete_pixels,
    "cut pixels": _cut_pixels,
    "other pixels": _flip_pixels,
    "empty": lambda folder: (folder / "document.json").write_bytes(b""),
    "no JSON": lambda folder: (folder / "document.json").write_bytes(b"{"),
    "newer": lambda folder: manifest(folder, lambda c: c.update(version=999)),
    "out of the folder": lambda folder: manifest(
        folder, lambda c: c["pixels"][0].update(file="../../../../etc/passwd")
    ),
    "huge": lambda folder: manifest(folder, lambda c: c["pixels"][0].update(shape=[3, 10**6, 10**6])),
    "frames": lambda folder: manifest(folder, lambda c: c["pixels"][0].update(frames=[])),
    "offset": lambda folder: manifest(folder, lambda c: c["pixels"][0].update(offset=10**9)),
    "invalid": lambda folder: manifest(folder, lambda c: c["document"].update(sources=[])),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_copy_is_offered_and_its_folder_named(recovery: Recovery, next_run: Recovery, name: str):
    recovery.write("doc", DOCUMENT, "a", None)
    recovery.close()
    (folder,) = recovery.folder.glob("process-*/doc")
    DAMAGE[name](folder)
    (found,) = next_run.found()
    with pytest.raises(InputError) as error:
        next_run.restore(found.key)
    assert error.value.path == str(folder)
    assert "\n" not in str(error.value)
    assert next_run.found() == [found]
    next_run.discard(found.key)
    assert next_run.found() == []
    assert list(next_run.folder.iterdir()) == []


@pytest.mark.slow
def test_damaged_bytes_never_give_other_pixels(recovery: Recovery, next_run: Recovery):
    document = sample_document(20, 20)
    recovery.write("doc", document, "a", None)
    recovery.close()
    (folder,) = recovery.folder.glob("process-*/doc")
    path = next(folder.glob("pixels-*"))
    whole = path.read_bytes()
    (found,) = next_run.found()
    chance = random.Random(4)
    refusals = 0
    for _ in range(200):
        data = bytearray(whole)
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        path.write_bytes(data)
        try:
            read = next_run.restore(found.key)
        except InputError:
            refusals += 1
        else:
            assert_same(read, document)
    assert refusals > 100


def test_a_document_of_every_dtype_comes_back(recovery: Recovery, next_run: Recovery):
    colour = samples((3, 2200, 1100), "float32")  # more than one frame
    document = Document(width_px=9, height_px=9, depth=32)
    source = msgspec.structs.replace(DOCUMENT.sources[0], colour=type(DOCUMENT.sources[0].colour)(colour))
    document = msgspec.structs.replace(document, sources=(source,))
    recovery.write("doc", document, "a", None)
    recovery.close()
    (found,) = next_run.found()
    read = next_run.restore(found.key)
    assert_same(read, document)
    assert np.array_equal(read.sources[0].colour.array, colour)
    assert not any(isinstance(layer, PaintLayer) for layer in read.layers)
