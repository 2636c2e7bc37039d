"""Opening: a linked picture that is gone or was changed."""

from datetime import UTC, datetime

import pytest
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QLabel, QMessageBox

from retexture.files.project import write_project
from retexture.gui import file_dialogs
from retexture.gui.missing_source_dialog import MissingSourceDialog
from retexture.gui.open_files import Opener
from retexture.session import opening
from tests.gui.opening import press, settle, shown
from tests.gui.portraits import write_pair


@pytest.fixture
def opener(workspace, parent):
    return Opener(workspace, parent)


@pytest.fixture
def linked(tmp_path):
    """A project whose original has gone to another folder, and where it is now."""
    grainy, _ = write_pair(tmp_path)
    document, _ = opening.open_document(grainy)
    project = tmp_path / "linked.retexture"
    assert write_project(project, document, linked=True) == ()
    (tmp_path / "moved").mkdir()
    return project, grainy.rename(tmp_path / "moved" / grainy.name)


def test_a_linked_picture_that_moved_is_asked_for(qtbot, workspace, opener, parent, linked, monkeypatch):
    project, moved = linked
    opener.open_paths([project])
    qtbot.waitUntil(lambda: bool(shown(parent, MissingSourceDialog)))
    (dialog,) = shown(parent, MissingSourceDialog)
    monkeypatch.setattr(file_dialogs, "choose_file", lambda *_: str(moved))
    press(dialog, "missing_locate")
    settle(qtbot, workspace)
    assert workspace.session.path == project
    assert workspace.session.document.sources[0].path == str(moved)


def test_a_linked_picture_that_was_changed_makes_unsaved_work(
    qtbot, workspace, opener, parent, linked, monkeypatch
):
    project, _ = linked
    changed = (project.parent / "IMG_2.tif").rename(project.parent / "IMG_1.tif")
    opener.open_paths([project])
    qtbot.waitUntil(lambda: bool(shown(parent, MissingSourceDialog)))
    (dialog,) = shown(parent, MissingSourceDialog)
    assert dialog.missing.reason == "changed"
    monkeypatch.setattr(file_dialogs, "choose_file", lambda *_: str(changed))
    press(dialog, "missing_locate")
    settle(qtbot, workspace)
    assert workspace.session.path == project
    assert workspace.session.modified


def test_skip_does_not_open_and_says_so_in_passing(qtbot, workspace, opener, parent, linked):
    spy = QSignalSpy(workspace.message)
    opener.open_paths([linked[0]])
    qtbot.waitUntil(lambda: bool(shown(parent, MissingSourceDialog)))
    press(shown(parent, MissingSourceDialog)[0], "missing_skip")
    settle(qtbot, workspace)
    assert workspace.sessions == []
    assert shown(parent, QMessageBox) == []
    assert "not opened" in spy.at(0)[0]


def test_the_window_can_be_closed_while_the_question_is_open(qtbot, workspace, opener, parent, linked):
    opener.open_paths([linked[0]])
    qtbot.waitUntil(lambda: bool(shown(parent, MissingSourceDialog)))
    workspace.close()
    assert workspace.jobs.idle


def test_the_question_says_what_is_missing(qtbot, tmp_path):
    when = datetime(2026, 5, 4, 10, tzinfo=UTC)
    path = tmp_path / "portrait.tif"
    missing = opening.MissingSource(
        "original", path, "changed", "has changed since it was linked", 3 << 20, when
    )
    dialog = MissingSourceDialog(tmp_path / "work.retexture", missing)
    qtbot.addWidget(dialog)
    words = " ".join(label.text() for label in dialog.findChildren(QLabel))
    for part in ("portrait.tif", "work.retexture", "has changed", "3 MB", "2026"):
        assert part in words
