"""A file appears whole or not at all."""

import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from retexture.errors import InputError
from retexture.files.atomic import atomic_write
from retexture.files.images import write_image

APP = Path(__file__).parents[2] / "app"


def listing(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_a_new_file_has_its_content_and_ordinary_permissions(tmp_path: Path):
    target = tmp_path / "a.tif"
    with atomic_write(target) as temporary:
        assert temporary.parent == target.parent
        assert temporary.suffix == ".tif"
        temporary.write_bytes(b"all of it")
        assert not target.exists()
    umask = os.umask(0)
    os.umask(umask)
    assert target.read_bytes() == b"all of it"
    assert stat.S_IMODE(target.stat().st_mode) == 0o666 & ~umask
    assert listing(tmp_path) == ["a.tif"]


def test_an_existing_file_is_refused_and_untouched(tmp_path: Path):
    target = tmp_path / "a.tif"
    target.write_bytes(b"old")
    with pytest.raises(InputError, match=r"a\.tif: exists already; .*--overwrite"), atomic_write(target):
        pytest.fail("the block must not run")
    assert target.read_bytes() == b"old"
    assert listing(tmp_path) == ["a.tif"]


def test_a_file_that_appears_meanwhile_is_not_overwritten(tmp_path: Path):
    target = tmp_path / "a.tif"

    def write() -> None:
        with atomic_write(target) as temporary:
            temporary.write_bytes(b"new")
            target.write_bytes(b"another program's")

    with pytest.raises(InputError, match="exists already"):
        write()
    assert target.read_bytes() == b"another program's"
    assert listing(tmp_path) == ["a.tif"]


def test_overwriting_replaces_the_content_and_keeps_the_permissions(tmp_path: Path):
    target = tmp_path / "a.tif"
    target.write_bytes(b"old")
    target.chmod(0o640)
    with atomic_write(target, overwrite=True) as temporary:
        temporary.write_bytes(b"new")
    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt, SystemExit])
def test_any_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path, failure: type[BaseException]):
    target = tmp_path / "a.tif"
    target.write_bytes(b"old")

    def write() -> None:
        with atomic_write(target, overwrite=True) as temporary:
            temporary.write_bytes(b"half")
            raise failure

    with pytest.raises(failure):
        write()
    assert target.read_bytes() == b"old"
    assert listing(tmp_path) == ["a.tif"]


def test_a_symbolic_link_stays_one(tmp_path: Path):
    (tmp_path / "there").mkdir()
    real = tmp_path / "there" / "real.tif"
    real.write_bytes(b"old")
    link = tmp_path / "link.tif"
    link.symlink_to(real)
    with atomic_write(link, overwrite=True) as temporary:
        assert temporary.parent == real.parent
        temporary.write_bytes(b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


def test_a_dangling_link_creates_its_file(tmp_path: Path):
    link = tmp_path / "link.tif"
    link.symlink_to(tmp_path / "real.tif")
    with atomic_write(link) as temporary:
        temporary.write_bytes(b"new")
    assert link.is_symlink()
    assert (tmp_path / "real.tif").read_bytes() == b"new"


def test_the_longest_name_still_works(tmp_path: Path):
    target = tmp_path / ("n" * 251 + ".tif")
    with atomic_write(target) as temporary:
        temporary.write_bytes(b"x")
    assert target.read_bytes() == b"x"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("missing/a.tif", "its folder does not exist"),
        ("folder.tif", "is a folder"),
        ("file/a.tif", "its folder is a file"),
        ("n" * 300 + ".tif", "has too long a name"),
    ],
)
@pytest.mark.parametrize("overwrite", [False, True])
def test_impossible_targets_are_named_with_a_remedy(tmp_path: Path, name: str, problem: str, overwrite: bool):
    (tmp_path / "folder.tif").mkdir()
    (tmp_path / "file").write_bytes(b"")
    target = tmp_path / name
    with pytest.raises(InputError) as caught, atomic_write(target, overwrite):
        pytest.fail("the block must not run")
    assert str(caught.value).startswith(f"{target}: {problem}; ")
    assert listing(tmp_path) == ["file", "folder.tif"]


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        (errno.EACCES, "is not writable"),
        (errno.EROFS, "is on a read-only disk"),
        (errno.ENOSPC, "the disk is full"),
        (errno.EIO, "could not be written"),
    ],
)
def test_a_refusal_to_create_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, problem: str
):
    def refuse(*_args: object) -> int:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        with pytest.raises(InputError, match=f"a.tif: .*{problem}"), atomic_write(tmp_path / "a.tif"):
            pytest.fail("the block must not run")
    assert listing(tmp_path) == []


def test_a_disk_that_is_full_only_when_flushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with (
        pytest.raises(InputError, match=r"a\.tif: .*the disk is full; free some space"),
        atomic_write(tmp_path / "a.tif") as temporary,
    ):
        temporary.write_bytes(b"data")
    assert listing(tmp_path) == []


def test_an_error_about_another_file_keeps_its_name(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match="other"), atomic_write(tmp_path / "a.tif"):
        (tmp_path / "other").read_bytes()
    assert listing(tmp_path) == []


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
@pytest.mark.parametrize("existing", [True, False])
def test_a_kill_in_the_middle_leaves_no_partial_file(tmp_path: Path, sent: signal.Signals, existing: bool):
    target = tmp_path / "a.tif"
    if existing:
        target.write_bytes(b"old")
    program = (
        "import sys; from retexture.files.atomic import atomic_write\n"
        "with atomic_write(sys.argv[1], True) as temporary, open(temporary, 'wb') as file:\n"
        "    file.write(b'half'); file.flush(); print('half', flush=True); sys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(target)],
        env={**os.environ, "PYTHONPATH": str(APP)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"half\n"
    process.send_signal(sent)
    process.communicate()
    assert process.returncode != 0
    assert (target.read_bytes() if target.exists() else None) == (b"old" if existing else None)
    if sent == signal.SIGINT:  # nothing can tidy up after SIGKILL; what it leaves is hidden by its dot
        assert listing(tmp_path) == (["a.tif"] if existing else [])
    assert all(name.startswith(".") or name == "a.tif" for name in listing(tmp_path))


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX limits")
@pytest.mark.parametrize("name", ["a.tif", "a.png", "a.jpg"])
def test_a_disk_that_takes_only_a_part(tmp_path: Path, name: str):
    target = tmp_path / name
    program = (
        "import resource, sys; import numpy as np\n"
        "from retexture.errors import InputError; from retexture.files.images import write_image\n"
        "picture = np.random.default_rng(1).integers(0, 65536, (3, 300, 300), dtype=np.uint16)\n"
        "write_image(sys.argv[2], picture)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
        "try:\n    write_image(sys.argv[1], picture)\n"
        "except InputError as error:\n    print(error)\n"
    )
    good = tmp_path / f"good-{name}"
    done = subprocess.run(
        [sys.executable, "-c", program, str(target), str(good)],
        env={**os.environ, "PYTHONPATH": str(APP)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith(f"{target}: could not be written")
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
    assert listing(tmp_path) == [good.name]
    assert good.stat().st_size > 50_000


def test_write_image_refuses_an_existing_file(tmp_path: Path):
    target = tmp_path / "a.png"
    target.write_bytes(b"old")
    with pytest.raises(InputError, match="--overwrite"):
        write_image(target, np.zeros((3, 4, 4), np.uint8))
    assert target.read_bytes() == b"old"
    write_image(target, np.zeros((3, 4, 4), np.uint8), overwrite=True)
    assert target.read_bytes() != b"old"
