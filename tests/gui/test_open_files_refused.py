"""Opening: what is refused is told in words, and the files beside it open."""

import pytest
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QMessageBox

from retexture.files.project import write_project
from retexture.gui.open_files import Opener
from retexture.session import opening
from retexture.session.preferences import Preferences
from tests.gui.opening import press, settle, shown
from tests.gui.portraits import write_pair
from tests.gui.small_documents import picture_document


@pytest.fixture
def opener(workspace, parent):
    return Opener(workspace, parent)


def test_a_folder_is_refused_in_words(qtbot, workspace, opener, parent, tmp_path):
    opener.open_paths([tmp_path])
    settle(qtbot, workspace)
    (box,) = shown(parent, QMessageBox)
    assert box.text() == f"“{tmp_path.name}” is a folder."
    assert box.informativeText().endswith(".")
    press(box, "open_problems_ok")
    assert shown(parent, QMessageBox) == []


def test_ten_pictures_are_refused_together(qtbot, workspace, opener, parent, tmp_path):
    path, _ = write_pair(tmp_path)
    copies = [tmp_path / f"copy_{n}.tif" for n in range(10)]
    for copy in copies:
        copy.write_bytes(path.read_bytes())
    opener.open_paths(copies)
    settle(qtbot, workspace)
    (box,) = shown(parent, QMessageBox)
    assert box.text() == "10 pictures are too many at once."
    assert workspace.sessions == []


def test_several_damaged_projects_are_told_in_one_message_and_the_good_one_opens(
    qtbot, workspace, opener, parent, tmp_path
):
    good = tmp_path / "good.retexture"
    write_project(good, picture_document())
    bad = [tmp_path / f"bad_{n}.retexture" for n in range(2)]
    for path in bad:
        path.write_bytes(good.read_bytes()[:300])
    opener.open_paths([bad[0], good, bad[1]])
    settle(qtbot, workspace)
    assert workspace.session.path == good
    (box,) = shown(parent, QMessageBox)
    assert all(path.name in box.informativeText() for path in bad)


def test_what_is_no_picture_is_told_and_the_project_beside_it_opens(
    qtbot, workspace, opener, parent, tmp_path
):
    project, letter = tmp_path / "good.retexture", tmp_path / "notpic.tif"
    write_project(project, picture_document())
    letter.write_text("dear")
    opener.open_paths([letter, project, tmp_path / "gone.tif"])
    settle(qtbot, workspace)
    assert [session.path for session in workspace.sessions] == [project]
    (box,) = shown(parent, QMessageBox)
    assert "notpic.tif" in box.informativeText()
    assert "gone.tif" in box.informativeText()


def test_a_recent_file_that_is_gone_is_forgotten(qtbot, workspace, opener, parent, tmp_path):
    gone = tmp_path / "gone.retexture"
    workspace.preferences = Preferences(recent_files=(str(gone), str(tmp_path / "other.tif")))
    spy = QSignalSpy(opener.recent_changed)
    opener.open_paths([gone])
    settle(qtbot, workspace)
    (box,) = shown(parent, QMessageBox)
    assert "does not exist" in box.text()
    assert workspace.preferences.recent_files == (str(tmp_path / "other.tif"),)
    assert spy.count() == 1


def test_an_unreadable_picture_of_a_pair_is_told(qtbot, workspace, opener, parent, tmp_path):
    grainy, smooth = write_pair(tmp_path)
    smooth.write_bytes(smooth.read_bytes()[:200])
    opener.open_pictures(grainy, smooth)
    settle(qtbot, workspace)
    (box,) = shown(parent, QMessageBox)
    assert smooth.name in box.text()
    assert workspace.sessions == []


def test_damage_is_told_without_what_is_inside(qtbot, workspace, opener, parent, tmp_path):
    path = tmp_path / "bad.retexture"
    write_project(path, picture_document())
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 0x55
    path.write_bytes(data)
    opener.open_paths([path])
    settle(qtbot, workspace)
    (box,) = shown(parent, QMessageBox)
    assert box.text() == "“bad.retexture” is damaged."
    assert "damaged (" in box.toolTip()


@pytest.fixture
def three(tmp_path):
    """Projects of which the first cannot be read."""
    paths = [tmp_path / f"{name}.retexture" for name in ("bad", "strange", "good")]
    for path in paths:
        write_project(path, picture_document())
    paths[0].write_bytes(paths[0].read_bytes()[:300])
    return paths


def test_a_defect_while_opening_keeps_the_others(qtbot, workspace, opener, parent, three, monkeypatch):
    read = opening.open_document

    def open_document(path, **options):
        if path == three[1]:
            raise RuntimeError("oops")
        return read(path, **options)

    monkeypatch.setattr(opening, "open_document", open_document)
    crashes = QSignalSpy(workspace.crashed)
    opener.open_paths(three)
    settle(qtbot, workspace)
    assert [session.path for session in workspace.sessions] == [three[2]]
    assert crashes.count() == 1
    (box,) = shown(parent, QMessageBox)
    assert "bad.retexture" in box.text()


def test_a_cancelled_file_keeps_the_others(qtbot, workspace, opener, parent, three, monkeypatch):
    read = opening.open_document

    def open_document(path, **options):
        if path == three[1]:
            (job,) = workspace.jobs.active
            job.cancel()
        return read(path, **options)

    monkeypatch.setattr(opening, "open_document", open_document)
    opener.open_paths(three)
    settle(qtbot, workspace)
    assert [session.path for session in workspace.sessions] == [three[2]]
    assert len(shown(parent, QMessageBox)) == 1
