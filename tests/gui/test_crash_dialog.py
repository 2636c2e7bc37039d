"""What is shown of a defect; the window lives on."""

import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QWidget

from retexture import __version__
from retexture.engine import ENGINE
from retexture.gui.crash_dialog import CrashDialog, install_hook, show_crash
from retexture.gui.workspace import Workspace
from retexture.session.jobs import Crash
from retexture.session.preferences import Preferences


def make_crash(title="Rendering"):
    try:
        raise ValueError("three planes wanted")
    except ValueError as raised:
        return Crash(title, raised)


@pytest.fixture
def window(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return window


def click(dialog, name):
    QTest.mouseClick(dialog.findChild(QPushButton, name), Qt.MouseButton.LeftButton)


def dialogs(window):
    return [dialog for dialog in window.findChildren(CrashDialog) if dialog.isVisible()]


def test_it_says_what_failed_and_leaves_the_window_usable(window):
    dialog = show_crash(window, make_crash())
    assert not dialog.isModal()
    what = dialog.findChild(QLabel, "crash_what").text()
    assert what == "Rendering failed. Your document is untouched and can be saved."
    assert dialog.findChild(QLabel, "crash_why").text() == "ValueError: three planes wanted"


def test_details_are_folded_away_and_can_be_copied(window):
    dialog = show_crash(window, make_crash())
    details = dialog.findChild(QPlainTextEdit, "crash_details")
    assert not details.isVisible()
    click(dialog, "crash_show_details")
    assert details.isVisible()
    click(dialog, "crash_copy")
    copied = QGuiApplication.clipboard().text()
    assert copied == details.toPlainText()
    for part in (f"Retexture {__version__}", f"Engine: {ENGINE}", "Traceback", "in make_crash"):
        assert part in copied


def test_the_same_crash_again_is_counted_in_one_dialog(qtbot, window):
    for _ in range(3):
        dialog = show_crash(window, make_crash())
    assert dialogs(window) == [dialog]
    assert dialog.findChild(QLabel, "crash_why").text().endswith("(3 times)")
    other = show_crash(window, make_crash("Saving"))
    assert set(dialogs(window)) == {dialog, other}
    click(dialog, "crash_close")
    assert dialogs(window) == [other]
    QTest.keyClick(other, Qt.Key.Key_Escape)
    assert dialogs(window) == []


def test_a_defect_on_a_worker_is_shown(qtbot, window):
    workspace = Workspace(Preferences())
    workspace.crashed.connect(lambda crash: show_crash(window, crash))
    workspace.jobs.submit(lambda job: 1 // 0, lambda result: None, title="Counting")
    qtbot.waitUntil(lambda: bool(dialogs(window)))
    assert dialogs(window)[0].findChild(QLabel, "crash_what").text().startswith("Counting failed.")
    workspace.close()


def test_an_exception_in_a_slot_is_shown_and_the_window_lives_on(qtbot, window, capsys):
    before = sys.excepthook
    remove = install_hook(window)
    button = QPushButton(window)
    button.clicked.connect(lambda: 1 // 0)
    pressed = []
    button.clicked.connect(lambda: pressed.append(1))
    try:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    finally:
        remove()
    assert pressed == [1]
    assert "ZeroDivisionError" in dialogs(window)[0].findChild(QLabel, "crash_why").text()
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert sys.excepthook is before


def test_the_users_interrupt_goes_its_own_way(window, monkeypatch):
    met = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: met.append(kind))
    remove = install_hook(window)
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    remove()
    assert met == [KeyboardInterrupt]
    assert dialogs(window) == []
