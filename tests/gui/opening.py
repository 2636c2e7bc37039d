"""What a hand does with the dialogs of files that are opened."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton


def shown(parent, kind):
    return [dialog for dialog in parent.findChildren(kind) if dialog.isVisible()]


def settle(qtbot, workspace):
    qtbot.waitUntil(lambda: workspace.idle)


def press(dialog, name):
    QTest.mouseClick(dialog.findChild(QPushButton, name), Qt.MouseButton.LeftButton)
