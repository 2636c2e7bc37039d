"""Message boxes: which button was chosen, by mouse and by key."""

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton, QWidget

from retexture.gui.messages import ask, ask_unsaved, tell


@pytest.fixture
def window(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return window


def then(act):
    """Do something with the box that comes up next."""

    def do():
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        act(box)

    QTimer.singleShot(0, do)


def click(name):
    return lambda box: QTest.mouseClick(box.findChild(QPushButton, name), Qt.MouseButton.LeftButton)


def press(key):
    return lambda box: QTest.keyClick(box, key)


@pytest.mark.parametrize(
    ("act", "answer"),
    [
        (click("unsaved_work_save"), "save"),
        (click("unsaved_work_discard"), "discard"),
        (click("unsaved_work_cancel"), "cancel"),
        (press(Qt.Key.Key_Return), "save"),
        (press(Qt.Key.Key_Escape), "cancel"),
        (lambda box: box.close(), "cancel"),
    ],
)
def test_unsaved_work(window, act, answer):
    then(act)
    assert ask_unsaved(window, "portrait.retexture") == answer


def test_unsaved_work_names_the_document(window):
    texts: list[str] = []

    def read(box):
        texts.append(box.text())
        box.close()

    then(read)
    ask_unsaved(window, "portrait.retexture")
    assert "portrait.retexture" in texts[0]


def test_ask_and_tell(window):
    then(press(Qt.Key.Key_Escape))
    answer = ask(
        window, "which", "Which", "Which of both?", {"one": ("One", "accept"), "two": ("Two", "accept")}
    )
    assert answer == "two"
    names: list[str] = []

    def read(box):
        names.append(box.objectName())
        press(Qt.Key.Key_Return)(box)

    then(read)
    tell(window, "told", "Done", "It is done.")
    assert names == ["told"]
