"""What is shown of a defect; the window lives on."""

import sys

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton

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


def click(dialog, name):
    QTest.mouseClick(dialog.findChild(QPushButton, name), Qt.MouseButton.LeftButton)


def dialogs(parent):
    return [dialog for dialog in parent.findChildren(CrashDialog) if dialog.isVisible()]


def test_it_says_what_failed_and_leaves_the_window_usable(parent):
    dialog = show_crash(parent, make_crash())
    assert not dialog.isModal()
    what = dialog.findChild(QLabel, "crash_what").text()
    assert what == "Rendering failed. Your document is untouched and can be saved."
    assert dialog.findChild(QLabel, "crash_why").text() == "ValueError: three planes wanted"


def test_details_are_folded_away_and_can_be_copied(parent):
    dialog = show_crash(parent, make_crash())
    details = dialog.findChild(QPlainTextEdit, "crash_details")
    assert not details.isVisible()
    click(dialog, "crash_show_details")
    assert details.isVisible()
    click(dialog, "crash_copy")
    copied = QGuiApplication.clipboard().text()
    assert copied == details.toPlainText()
    for part in (f"Retexture {__version__}", f"Engine: {ENGINE}", "Traceback", "in make_crash"):
        assert part in copied


def test_the_same_crash_again_is_counted_in_one_dialog(qtbot, parent):
    for _ in range(3):
        dialog = show_crash(parent, make_crash())
    assert dialogs(parent) == [dialog]
    assert dialog.findChild(QLabel, "crash_why").text().endswith("(3 times)")
    other = show_crash(parent, make_crash("Saving"))
    assert set(dialogs(parent)) == {dialog, other}
    click(dialog, "crash_close")
    assert dialogs(parent) == [other]
    QTest.keyClick(other, Qt.Key.Key_Escape)
    assert dialogs(parent) == []


def test_a_defect_on_a_worker_is_shown(qtbot, parent):
    workspace = Workspace(Preferences())
    workspace.crashed.connect(lambda crash: show_crash(parent, crash))
    workspace.jobs.submit(lambda job: 1 // 0, lambda result: None, title="Counting")
    qtbot.waitUntil(lambda: bool(dialogs(parent)))
    assert dialogs(parent)[0].findChild(QLabel, "crash_what").text().startswith("Counting failed.")
    workspace.close()


def test_an_exception_in_a_slot_is_shown_and_the_window_lives_on(qtbot, parent, capsys):
    before = sys.excepthook
    remove = install_hook(parent)
    button = QPushButton(parent)
    button.clicked.connect(lambda: 1 // 0)
    pressed = []
    button.clicked.connect(lambda: pressed.append(1))
    try:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    finally:
        remove()
    assert pressed == [1]
    assert "ZeroDivisionError" in dialogs(parent)[0].findChild(QLabel, "crash_why").text()
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert sys.excepthook is before


def test_the_users_interrupt_goes_its_own_way(parent, monkeypatch):
    met = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: met.append(kind))
    remove = install_hook(parent)
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    remove()
    assert met == [KeyboardInterrupt]
    assert dialogs(parent) == []
