"""Projects as the window saves them, also where the disk is full."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from retexture.document.document import Document
from retexture.errors import InputError
from retexture.files.images import write_image
from retexture.session.opening import open_document
from retexture.session.saving import project_path, save
from tests.document.documents import sample_document
from tests.files.pictures import picture
from tests.files.test_project import assert_same

APP = Path(__file__).resolve().parents[2] / "app"


def opened(path: Path) -> Document:
    return open_document(path)[0]


def test_a_saved_document_opens_again(tmp_path: Path):
    document = sample_document()
    assert save(document, tmp_path / "a.retexture") == ()
    assert_same(opened(tmp_path / "a.retexture"), document)


def test_another_file_is_replaced_only_when_told(tmp_path: Path):
    save(sample_document(20, 20), tmp_path / "a.retexture")
    with pytest.raises(InputError, match="exists already"):
        save(sample_document(30, 30), tmp_path / "a.retexture")
    save(sample_document(30, 30), tmp_path / "a.retexture", overwrite=True)
    assert opened(tmp_path / "a.retexture").width_px == 30


def test_pictures_are_linked_when_told(tmp_path: Path):
    write_image(tmp_path / "a.tif", picture("uint16", height=500, width=600))
    document = opened(tmp_path / "a.tif")
    assert save(document, tmp_path / "linked.retexture", linked=True) == ()
    save(document, tmp_path / "whole.retexture")
    assert (tmp_path / "linked.retexture").stat().st_size < 5000
    assert (tmp_path / "whole.retexture").stat().st_size > 500_000
    assert_same(opened(tmp_path / "linked.retexture"), document)
    assert_same(opened(tmp_path / "whole.retexture"), document)


def test_what_could_not_be_linked_is_told(tmp_path: Path):
    notes = save(sample_document(20, 20), tmp_path / "a.retexture", linked=True)
    assert notes == ("Picture is kept in the project: it has no file of its own",)


def test_only_projects_are_saved(tmp_path: Path):
    with pytest.raises(
        InputError, match=r"a\.tif: is not named as a project; let the name end in \.retexture"
    ):
        save(sample_document(20, 20), tmp_path / "a.tif")
    assert project_path(tmp_path / "a.b") == tmp_path / "a.b.retexture"
    assert project_path(tmp_path / "a.Retexture") == tmp_path / "a.Retexture"


@pytest.mark.skipif(os.name == "nt", reason="needs a limit for the size of files")
def test_a_full_disk_leaves_the_old_file(tmp_path: Path):
    """A real refusal of the system, in the middle of the writing."""
    path = tmp_path / "a.retexture"
    save(sample_document(20, 20), path)
    before = path.read_bytes()
    program = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from retexture.errors import InputError\n"
        "from retexture.session.saving import save\n"
        "from tests.document.documents import sample_document\n"
        "document = sample_document()\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "try:\n"
        "    save(document, Path(sys.argv[1]), overwrite=True)\n"
        "except InputError as error:\n"
        "    print(error)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        env={**os.environ, "PYTHONPATH": f"{APP}{os.pathsep}{APP.parent}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stderr == ""
    assert ran.stdout.startswith(f"{path}: could not be written")
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.retexture"]
