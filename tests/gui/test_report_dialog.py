"""Measure Result: off the window's thread, shown as a table, and written to files."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton

from retexture.errors import InputError
from retexture.files.images import read_image
from retexture.gui import file_dialogs, report_dialog
from retexture.gui.report_dialog import ReportDialog
from retexture.gui.window import MainWindow
from retexture.recipes.score_page import PLAIN
from retexture.session.session import Session
from tests.gui.reports import a_report
from tests.gui.small_documents import flat_document
from tests.gui.test_controls import new_window
from tests.gui.window_tour import close, command, settle
from tests.session.restored import restored_document

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window() -> Iterator[MainWindow]:
    window = new_window()
    window.workspace.add(Session(restored_document(), title="restored"))
    settle(window)
    yield window
    close(window)


@pytest.fixture
def dialog(window: MainWindow, tmp_path: Path) -> ReportDialog:
    dialog = ReportDialog(window.workspace, a_report(), str(tmp_path), window)
    dialog.open()
    return dialog


def dialogs(window: MainWindow) -> list[ReportDialog]:
    return [each for each in window.findChildren(ReportDialog) if each.isVisible()]


def shown(dialog: ReportDialog) -> list[str]:
    return [label.text() for label in dialog.findChildren(QLabel) if label.isVisible()]


def save(window: MainWindow, dialog: ReportDialog, kind: str) -> None:
    QTest.mouseClick(dialog.findChild(QPushButton, f"report_save_{kind}"), LEFT)
    settle(window)


def said(dialog: ReportDialog) -> str:
    return dialog.findChild(QLabel, "report_said").text()


def test_a_result_that_had_to_be_aligned_is_told(window, dialog):
    assert said(dialog) == ""
    report = a_report()
    moved = msgspec.structs.replace(
        report, scoring=msgspec.structs.replace(report.scoring, was_in_place=False)
    )
    other = ReportDialog(window.workspace, moved, "", window)
    other.open()
    words = "The result does not lie on the original; it was aligned to it before it was measured."
    assert words in shown(other)


def test_the_command_measures_what_is_shown_and_shows_the_figures(window, monkeypatch):
    measured = []

    def measure(document, title, _cache, tell, _cancelled):
        assert threading.current_thread() is not threading.main_thread()
        tell("Measuring", 0.5)
        measured.append((document, title))
        return a_report()

    monkeypatch.setattr(report_dialog, "make_report", measure)
    command("measure_result", window)
    settle(window)
    assert measured == [(window.session.document, "restored")]
    (dialog,) = dialogs(window)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialogs(window) == []


def test_it_is_cancelled_in_the_status_bar(window, monkeypatch, qtbot):
    def measure(_document, _title, _cache, tell, _cancelled):
        while True:
            tell("Measuring", 0.5)

    monkeypatch.setattr(report_dialog, "make_report", measure)
    command("measure_result", window)
    view = window.status._jobs
    qtbot.waitUntil(view.isVisible)
    assert view.findChild(QLabel, "status_job_title").text() == "Report: Measuring…"
    QTest.mouseClick(view.findChild(QToolButton, "status_job_cancel"), LEFT)
    settle(window)
    assert dialogs(window) == []
    assert window.workspace.jobs.idle


def test_what_cannot_be_measured_is_told_in_passing(window, monkeypatch):
    def measure(_document, title, _cache, _tell, _cancelled):
        raise InputError(title, "cannot be measured: no skin is found", "open a portrait")

    monkeypatch.setattr(report_dialog, "make_report", measure)
    command("measure_result", window)
    settle(window)
    assert dialogs(window) == []
    assert "no skin is found. Open a portrait." in window.status._message.text()


def test_documents_without_a_pair_cannot_be_measured(window):
    window.workspace.add(Session(flat_document((0.5, 0.5, 0.5), width=300, height=200), title="flat"))
    settle(window)
    action = next(action for each, action in window.actions_ if each.name == "measure_result")
    assert not action.isEnabled()


def test_every_figure_is_shown_before_and_after_with_what_it_means(dialog):
    texts = shown(dialog)
    assert "94.2 of 100" in dialog.findChild(QLabel, "report_overall").text()
    assert "61.5" in dialog.findChild(QLabel, "report_overall").text()
    for label in list(PLAIN.values())[1:]:
        assert any(text.startswith(label[:1].upper() + label[1:]) for text in texts), label
    for value in ("0.70", "0.05", "-", "40 %"):
        assert value in texts
    assert any(text.startswith("Share of the skin's own texture") for text in texts)


def test_the_report_is_saved_as_a_page_and_as_figures(window, dialog, tmp_path, monkeypatch):
    asked = []

    def choose(_parent, _title, place, filters):
        asked.append((place, filters))
        return place

    monkeypatch.setattr(file_dialogs, "choose_name", choose)
    save(window, dialog, "picture")
    assert read_image(tmp_path / "restored-report.png").width > 1000
    save(window, dialog, "figures")
    assert json.loads((tmp_path / "restored-report.json").read_text())["overall"] == 94.2
    assert said(dialog) == f"Saved as {tmp_path / 'restored-report.json'}"
    assert [filters.count("*.png") for _, filters in asked] == [1, 0]
    assert window.workspace.preferences.folders["report"] == str(tmp_path)


def test_a_file_that_nobody_was_asked_about_is_not_replaced(window, dialog, tmp_path, monkeypatch):
    (tmp_path / "mine.json").write_text("mine")
    monkeypatch.setattr(file_dialogs, "choose_name", lambda *_: str(tmp_path / "mine"))
    save(window, dialog, "figures")
    assert "exists already" in said(dialog)
    assert (tmp_path / "mine.json").read_text() == "mine"
    monkeypatch.setattr(file_dialogs, "choose_name", lambda *_: "")
    save(window, dialog, "figures")
    assert (tmp_path / "mine.json").read_text() == "mine"
