"""The export dialog: what it offers, where it writes, and that nothing of the user's is overwritten unasked."""

import threading
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QWidget,
)

from retexture.declare import parameters
from retexture.errors import InputError
from retexture.files.images import read_image
from retexture.gui import file_dialogs
from retexture.gui.export_dialog import ExportDialog, folder_beside, new_path, quick_export
from retexture.render.render import flatten
from retexture.session import export, opening
from retexture.session.export import ExportSettings
from retexture.session.preferences import Preferences
from retexture.session.session import Session
from tests.gui.portraits import write_pair
from tests.gui.small_documents import picture_document


@pytest.fixture
def session(workspace, tmp_path):
    document, _ = opening.open_document(write_pair(tmp_path)[0])
    session = Session(document, title="IMG_1.tif")
    workspace.add(session)
    return session


@pytest.fixture
def dialog(qtbot, workspace, session):
    window = QWidget()
    qtbot.addWidget(window)
    dialog = ExportDialog(workspace, session, window)
    dialog.open()
    yield dialog
    if workspace.jobs.active:
        dialog.reject()


def settle(qtbot, workspace):
    qtbot.waitUntil(lambda: workspace.idle)


def child(dialog, kind, name):
    return dialog.findChild(kind, name)


def choose(dialog, setting, value):
    """Choose with the keyboard, as a user would."""
    combo = child(dialog, QWidget, f"export_{setting}").findChild(QComboBox)
    index = combo.findData(value)
    combo.setFocus()
    for _ in range(abs(index - combo.currentIndex())):
        QTest.keyClick(combo, Qt.Key.Key_Down if index > combo.currentIndex() else Qt.Key.Key_Up)


def type_into(dialog, name, text):
    line = child(dialog, QLineEdit, name)
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, text)


def press(dialog, name):
    QTest.mouseClick(child(dialog, QPushButton, name), Qt.MouseButton.LeftButton)


def shown_settings(dialog):
    found = (child(dialog, QWidget, f"export_{p.name}") for p in parameters(ExportSettings))
    return {widget.objectName().removeprefix("export_") for widget in found if not widget.isHidden()}


def test_it_starts_beside_the_original_under_a_new_name(dialog, tmp_path):
    assert dialog.path == tmp_path / "IMG_1_restored.tif"
    assert child(dialog, QLineEdit, "export_name").selectedText() == "IMG_1_restored"


def test_every_setting_has_an_editor_and_shows_only_where_it_counts(dialog):
    everything = {p.name for p in parameters(ExportSettings)}
    assert shown_settings(dialog) == everything - {"quality"}
    choose(dialog, "format", "jpeg")
    assert shown_settings(dialog) == everything - {"compression", "depth"}
    choose(dialog, "format", "png")
    assert shown_settings(dialog) == everything - {"compression", "quality"}


def test_the_suffix_follows_the_format(dialog, tmp_path):
    choose(dialog, "format", "jpeg")
    assert child(dialog, QLineEdit, "export_name").text() == "IMG_1_restored.jpg"
    type_into(dialog, "export_name", "final")
    assert dialog.path == tmp_path / "final.jpg"


def test_enter_exports_what_the_renderer_makes(qtbot, workspace, session, dialog, tmp_path):
    spy = QSignalSpy(workspace.message)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    settle(qtbot, workspace)
    written = read_image(tmp_path / "IMG_1_restored.tif")
    colour, _ = flatten(session.document)
    assert np.array_equal(written.colour, colour)
    assert not workspace.jobs.active
    assert str(tmp_path / "IMG_1_restored.tif") in spy.at(0)[0]
    assert workspace.preferences.folders["export"] == str(tmp_path)


def test_settings_are_used_and_remembered(qtbot, workspace, dialog, tmp_path):
    choose(dialog, "format", "jpeg")
    size = child(dialog, QWidget, "export_long_edge_px").findChild(QLineEdit)
    assert size.text() == "Full size"
    size.setFocus()
    size.selectAll()
    QTest.keyClicks(size, "32")
    QTest.keyClick(size, Qt.Key.Key_Tab)
    assert "32 × 24 px" in child(dialog, QLabel, "export_size").text()
    press(dialog, "export_run")
    settle(qtbot, workspace)
    image = read_image(tmp_path / "IMG_1_restored.jpg")
    assert (image.width, image.height) == (32, 24)
    assert workspace.preferences.export == ExportSettings(format="jpeg", long_edge_px=32)


def test_the_size_on_disk_is_estimated_when_settings_have_settled(qtbot, workspace, dialog):
    label = child(dialog, QLabel, "export_size")
    assert "estimating" in label.text()
    settle(qtbot, workspace)
    assert "64 × 48 px" in label.text()
    assert "18 KB" in label.text()
    choose(dialog, "depth", "8")
    assert "estimating" in label.text()
    settle(qtbot, workspace)
    assert "about 9" in label.text()


def test_an_input_is_never_replaced(qtbot, workspace, dialog, tmp_path):
    before = (tmp_path / "IMG_1.tif").read_bytes()
    type_into(dialog, "export_name", "IMG_1.tif")
    press(dialog, "export_run")
    settle(qtbot, workspace)
    problem = child(dialog, QLabel, "export_problem")
    assert problem.isVisible()
    assert "made from" in problem.text()
    assert (tmp_path / "IMG_1.tif").read_bytes() == before
    type_into(dialog, "export_name", "other.tif")
    assert not problem.isVisible()


@pytest.mark.parametrize(("answer", "replaced"), [("replace", True), ("cancel", False)])
def test_an_existing_file_is_replaced_only_when_the_user_says_so(
    qtbot, workspace, dialog, tmp_path, answer, replaced
):
    there = tmp_path / "there.tif"
    there.write_bytes(b"old")
    type_into(dialog, "export_name", "there.tif")

    def reply():
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        press(box, f"replace_file_{answer}")

    QTimer.singleShot(0, reply)
    press(dialog, "export_run")
    settle(qtbot, workspace)
    assert (there.read_bytes() != b"old") is replaced


def test_a_folder_that_is_not_there_is_told_and_the_dialog_stays(qtbot, workspace, dialog, tmp_path):
    type_into(dialog, "export_folder", str(tmp_path / "nowhere"))
    press(dialog, "export_run")
    settle(qtbot, workspace)
    assert "folder of “IMG_1_restored.tif” does not exist" in child(dialog, QLabel, "export_problem").text()
    assert child(dialog, QPushButton, "export_run").isEnabled()
    type_into(dialog, "export_folder", str(tmp_path))
    press(dialog, "export_run")
    settle(qtbot, workspace)
    assert (tmp_path / "IMG_1_restored.tif").exists()


def test_a_full_disk_is_told_and_the_dialog_stays(qtbot, workspace, dialog, tmp_path, monkeypatch):
    def full(_document, path, _settings, **_options):
        raise InputError(path, "could not be written: the disk is full", "free some space")

    monkeypatch.setattr(export, "export", full)
    press(dialog, "export_run")
    settle(qtbot, workspace)
    assert "the disk is full. Free some space." in child(dialog, QLabel, "export_problem").text()
    assert dialog.isVisible()


def test_an_export_is_given_up(qtbot, workspace, dialog, tmp_path, monkeypatch):
    begun = threading.Event()

    def slow(_document, _path, _settings, *, progress, cancelled, **_options):
        begun.set()
        while not cancelled():
            progress(1, 2)
        return ()

    monkeypatch.setattr(export, "export", slow)
    press(dialog, "export_run")
    assert begun.wait(5)
    assert not child(dialog, QPushButton, "export_run").isEnabled()
    press(dialog, "export_cancel")
    settle(qtbot, workspace)
    assert dialog.isVisible()
    assert child(dialog, QPushButton, "export_run").isEnabled()
    press(dialog, "export_cancel")
    assert workspace.preferences.export == ExportSettings()


def test_a_defect_leaves_the_dialog_usable(qtbot, workspace, dialog, monkeypatch):
    def broken(*_arguments, **_options):
        raise ZeroDivisionError

    crashed = QSignalSpy(workspace.crashed)
    monkeypatch.setattr(export, "export", broken)
    press(dialog, "export_run")
    qtbot.waitUntil(lambda: crashed.count() == 1)
    settle(qtbot, workspace)
    assert crashed.count() == 1
    assert child(dialog, QPushButton, "export_run").isEnabled()


def test_the_folder_is_chosen(dialog, tmp_path, monkeypatch):
    (tmp_path / "out").mkdir()
    monkeypatch.setattr(file_dialogs, "choose_folder", lambda *a, **k: str(tmp_path / "out"))
    press(dialog, "export_browse")
    assert dialog.path == tmp_path / "out" / "IMG_1_restored.tif"


def test_without_a_name_there_is_nothing_to_export(dialog):
    line = child(dialog, QLineEdit, "export_name")
    line.selectAll()
    QTest.keyClick(line, Qt.Key.Key_Delete)
    assert not child(dialog, QPushButton, "export_run").isEnabled()
    choose(dialog, "format", "png")
    assert line.text() == ""


def test_escape_closes(qtbot, workspace, dialog):
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    settle(qtbot, workspace)
    assert workspace.jobs.idle


def test_every_control_is_named(dialog):
    for control in dialog.findChildren(QAbstractButton):
        assert control.objectName()
        assert control.accessibleName()
        assert control.toolTip()


# -- quick export


def test_quick_export_takes_a_new_name_each_time(qtbot, workspace, session, tmp_path):
    spy = QSignalSpy(workspace.message)
    workspace.preferences = Preferences(export=ExportSettings(format="png"))
    first = quick_export(workspace, session)
    settle(qtbot, workspace)
    second = quick_export(workspace, session)
    settle(qtbot, workspace)
    assert [first, second] == [tmp_path / "IMG_1_restored.png", tmp_path / "IMG_1_restored_2.png"]
    assert np.array_equal(read_image(first).colour, read_image(second).colour)
    assert [str(path) in spy.at(i)[0] for i, path in enumerate((first, second))] == [True, True]


def test_quick_export_tells_what_went_wrong(qtbot, workspace, session, monkeypatch):
    def full(_document, path, _settings, **_options):
        raise InputError(path, "could not be written: the disk is full", "free some space")

    monkeypatch.setattr(export, "export", full)
    spy = QSignalSpy(workspace.message)
    quick_export(workspace, session)
    settle(qtbot, workspace)
    assert "the disk is full. Free some space" in spy.at(0)[0]


def test_a_document_without_files_goes_to_the_last_folder(workspace, session, tmp_path):
    bare = Session(picture_document(), title="Sample")
    assert folder_beside(bare, str(tmp_path)) == tmp_path
    assert folder_beside(bare, str(tmp_path / "gone")) == Path.home()
    assert new_path(bare, tmp_path, ExportSettings()) == tmp_path / "Sample_restored.tif"
