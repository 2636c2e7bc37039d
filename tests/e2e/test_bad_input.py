"""What cannot be opened or saved: a message that names the file, nothing lost, and the window goes on."""

import errno
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMessageBox

from retexture.files.documents import open_document
from retexture.gui.missing_source_dialog import MissingSourceDialog
from retexture.gui.pair_dialog import PairDialog
from retexture.render.render import flatten
from tests.e2e.driver import Driver
from tests.e2e.pictures import original, retouched, write_tiff


def words_of(box: QMessageBox) -> str:
    return f"{box.text()} {box.informativeText()}"


def refused(driver: Driver) -> str:
    """Return what the message about files says, after closing it."""
    box = driver.dialog
    assert isinstance(box, QMessageBox)
    assert box.objectName() == "open_problems"
    words = words_of(box)
    driver.click(driver.find("open_problems_ok", box))
    driver.settle()
    return words


def is_usable(driver: Driver, picture: Path) -> None:
    """A good picture opens, a stroke is painted, and it is undone."""
    session = driver.open(picture)
    driver.command("Layer")
    driver.settle()
    driver.keys("B")
    driver.stroke((100, 100), (200, 150))
    driver.settle()
    assert session.history.undo_label == "Brush stroke"
    driver.keys("Ctrl+Z")
    driver.settle()
    assert session.history.redo_label == "Brush stroke"


# -- opening


BAD: dict[str, Callable[[Path], object]] = {
    "text.tif": lambda path: path.write_text("This is no picture."),
    "empty.png": lambda path: path.write_bytes(b""),
    "cut.tif": lambda path: _cut(path),
}


def _cut(path: Path) -> None:
    write_tiff(path, original(width=80, height=60))
    path.write_bytes(path.read_bytes()[:2000])


@pytest.mark.slow
@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_read(driver: Driver, pair: tuple[Path, Path], tmp_path: Path, name: str):
    BAD[name](tmp_path / name)
    driver.drop(driver.window.start_page, tmp_path / name)
    assert name in refused(driver)
    assert driver.window.session is None
    is_usable(driver, pair[0])


@pytest.mark.slow
def test_of_two_files_the_good_one_opens_beside_what_is_open(
    driver: Driver, pair: tuple[Path, Path], tmp_path: Path
):
    session = driver.open(pair[0])
    bad = tmp_path / "bad.tif"
    bad.write_text("no picture")
    driver.drop(driver.window, pair[1], bad)
    assert "bad.tif" in refused(driver)
    assert [each.title for each in driver.window.workspace.sessions] == [session.title, pair[1].name]


@pytest.mark.slow
def test_a_file_that_is_not_there(driver: Driver, pair: tuple[Path, Path], tmp_path: Path):
    driver.window.opener.open_paths([tmp_path / "gone.tif"])
    assert "gone.tif" in refused(driver)
    is_usable(driver, pair[0])


@pytest.mark.slow
def test_a_folder_and_ten_files_are_refused(driver: Driver, pair: tuple[Path, Path], tmp_path: Path):
    folder = tmp_path / "holiday"
    folder.mkdir()
    driver.drop(driver.window.start_page, folder)
    words = refused(driver)
    assert "holiday" in words
    assert "folder" in words
    many = [write_tiff(folder / f"{n}.tif", original(n, 60, 40)) for n in range(10)]
    driver.drop(driver.window.start_page, *many)
    assert "10 pictures" in refused(driver)
    is_usable(driver, pair[0])
    driver.drop(driver.window, *many)
    assert "10 pictures" in refused(driver)
    assert len(driver.window.workspace.sessions) == 1


@pytest.mark.slow
def test_a_real_drop_of_two_pictures(driver: Driver, pair: tuple[Path, Path]):
    driver.drop(driver.window, *reversed(pair))
    driver.accept_pair()
    driver.until(lambda: driver.window.session, "the document")
    driver.settle()
    assert driver.session.document.source("original").path == str(pair[0])
    assert driver.session.document.source("retouched").name == pair[1].name


@pytest.mark.slow
def test_two_pictures_of_different_sizes(driver: Driver, tmp_path: Path):
    planes = original()
    large = write_tiff(tmp_path / "face.tif", planes)
    small = write_tiff(
        tmp_path / "face_edited.tif", np.ascontiguousarray(retouched(planes)[:, 10:-10:2, 10:-10:2])
    )
    driver.window.opener.open_paths([large, small])
    dialog = driver.dialog
    assert isinstance(dialog, PairDialog)
    reason = driver.find("pair_reason", dialog)
    assert isinstance(reason, QLabel)
    driver.until(lambda: "sizes differ" in reason.text(), "a word about the sizes")
    driver.click(driver.find("pair_open", dialog))
    driver.until(lambda: driver.window.session, "the document")
    driver.settle()
    document = driver.session.document
    assert (document.width_px, document.height_px) == (600, 400)


# -- projects


def saved_project(driver: Driver, path: Path, *, linked: bool = False) -> None:
    """Save the document in front under a name, and close it."""
    if linked:
        driver.command("Link Pictures instead of Embedding")
    with driver.answering(driver.file(path)):
        driver.keys("Ctrl+Shift+S")
    driver.settle()
    driver.keys("Ctrl+W")
    driver.settle()
    assert driver.window.session is None


@pytest.mark.slow
def test_a_linked_picture_that_has_gone_is_asked_for(driver: Driver, pair: tuple[Path, Path], tmp_path: Path):
    session = driver.open(*pair)
    picture = flatten(session.document)[0]
    project = tmp_path / "linked.retexture"
    saved_project(driver, project, linked=True)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    moved = pair[0].rename(elsewhere / "renamed.tif")

    driver.window.opener.open_paths([project])
    question = driver.dialog
    assert isinstance(question, MissingSourceDialog)
    text = " ".join(label.text() for label in question.findChildren(QLabel))
    assert "linked.retexture" in text
    assert "portrait.tif" in text
    driver.click(driver.find("missing_skip", question))
    driver.settle()
    assert driver.window.session is None
    assert any("linked.retexture was not opened" in message for message in driver.messages)

    driver.window.opener.open_paths([project])
    question = driver.dialog
    with driver.answering(driver.file(moved)):
        driver.click(driver.find("missing_locate", question))
    driver.until(lambda: driver.window.session, "the document")
    driver.settle()
    np.testing.assert_array_equal(flatten(driver.session.document)[0], picture)


@pytest.mark.slow
def test_damaged_and_newer_projects(driver: Driver, pair: tuple[Path, Path], tmp_path: Path):
    driver.open(pair[0])
    good = tmp_path / "good.retexture"
    saved_project(driver, good)
    damaged = tmp_path / "damaged.retexture"
    data = bytearray(good.read_bytes())
    data[len(data) // 3 : len(data) // 3 + 4000] = bytes(4000)  # in the middle of the picture
    damaged.write_bytes(data)
    newer = tmp_path / "newer.retexture"
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(newer, "w") as new:
        for name in old.namelist():
            member = old.read(name)
            if name == "document.json":
                member, count = re.subn(rb'"version": ?\d+', b'"version":99', member, count=1)
                assert count == 1
            new.writestr(name, member)
    for path in (damaged, newer):
        driver.window.opener.open_paths([path])
        words = refused(driver)
        assert path.name in words
        assert driver.window.session is None
    assert "newer" in words.replace(path.name, "")
    driver.open(good)


# -- saving


@contextmanager
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every write of a project fails, as on a full disk."""

    def write(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(zipfile.ZipFile, "writestr", write)
        patch.setattr("zipfile._ZipWriteFile.write", write)
        yield


@pytest.mark.slow
def test_a_disk_that_fills_while_saving(
    driver: Driver, pair: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    session = driver.open(*pair)
    project = tmp_path / "work.retexture"
    with driver.answering(driver.file(project)):
        driver.keys("Ctrl+S")
    driver.settle()
    before = project.read_bytes()

    driver.keys("B")
    driver.click_layer("high", "mask")
    driver.keys("X")  # black: the mask is white
    driver.stroke((100, 100), (300, 200))
    driver.settle()
    picture = flatten(session.document)[0]
    said: list[str] = []

    def read(box: QMessageBox) -> None:
        said.append(words_of(box))
        driver.click(driver.find("file_problem_ok", box))

    with full_disk(monkeypatch):
        with driver.answering(read):
            driver.keys("Ctrl+S")
        driver.settle()
    assert "work.retexture" in said[0]
    assert "disk is full" in said[0]
    assert driver.window.isWindowModified()
    assert project.read_bytes() == before
    assert [path.name for path in tmp_path.glob("*retexture*")] == ["work.retexture"]
    np.testing.assert_array_equal(flatten(session.document)[0], picture)

    driver.keys("Ctrl+S")
    driver.settle()
    assert not session.modified
    np.testing.assert_array_equal(flatten(open_document(project)[0])[0], picture)


@pytest.mark.slow
def test_an_export_where_nothing_can_be_written(driver: Driver, pair: tuple[Path, Path], tmp_path: Path):
    driver.open(*pair)
    driver.keys("Ctrl+Shift+Alt+S")
    dialog = driver.dialog
    folder = driver.find("export_folder", dialog)
    driver.focus(folder)
    driver.type_over(str(tmp_path / "missing"))
    driver.click(driver.find("export_run", dialog))
    problem = dialog.findChild(QLabel, "export_problem")
    driver.until(problem.isVisible, "the problem")
    assert "folder of “portrait_restored.tif” does not exist" in problem.text()
    # One of the pictures that it was made from is never replaced.
    driver.focus(folder)
    driver.type_over(str(tmp_path))
    driver.focus(driver.find("export_name", dialog))
    driver.type_over("portrait.tif")
    before = pair[0].read_bytes()
    driver.key(Qt.Key.Key_Return)
    driver.until(problem.isVisible, "the problem")
    assert "made from" in problem.text()
    driver.key(Qt.Key.Key_Escape)
    driver.settle()
    assert pair[0].read_bytes() == before
