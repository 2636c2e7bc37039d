"""Widgets on a screen of their own where Xvfb is there, else without one; a workspace that is closed."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from retexture.gui.saver import Saver
from retexture.gui.window import MainWindow
from retexture.gui.workspace import Workspace
from retexture.session.preferences import Preferences
from retexture.session.session import Session
from tests.gui.small_documents import flat_document
from tests.gui.window_tour import close


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where there is no screen, Qt says of every window that its size hints go nowhere."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support", extend=True))


@pytest.fixture(scope="session")
def qapp_cls() -> type[QApplication]:
    if sys.platform == "linux" and not os.environ.get("DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return QApplication


@pytest.fixture(scope="session", autouse=True)
def empty_clipboard() -> Iterator[None]:
    """What a test put on the clipboard must not outlive Python, which the program sees to when it quits."""
    yield
    if QApplication.instance() is not None:
        QApplication.clipboard().clear()


@pytest.fixture
def workspace(qtbot: QtBot) -> Iterator[Workspace]:
    made = Workspace(Preferences())
    yield made
    made.close()


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    """A shown widget for dialogs to lie on."""
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    """The window of the program in front of all others, with preferences of its own."""
    monkeypatch.setenv("RETEXTURE_CONFIG", str(tmp_path))
    monkeypatch.setenv("RETEXTURE_STATE", str(tmp_path))
    made = MainWindow(Preferences())
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    close(made)


@pytest.fixture
def said(window: MainWindow) -> list[str]:
    """The messages that the window has shown."""
    messages: list[str] = []
    window.workspace.message.connect(messages.append)
    return messages


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of recovery copies, which is the test's own as are its preferences."""
    monkeypatch.setenv("RETEXTURE_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("RETEXTURE_STATE", str(tmp_path / "state"))
    return tmp_path / "state" / "recovery"


@pytest.fixture
def saver(state: Path, workspace: Workspace, parent: QWidget) -> Iterator[Saver]:
    saver = Saver(workspace, parent)
    yield saver
    saver.recovery.close()


@pytest.fixture
def session(workspace: Workspace, tmp_path: Path) -> Session:
    """The document in front, which has a path."""
    session = Session(flat_document((0.2, 0.4, 0.6)), title="portrait")
    session.path = tmp_path / "portrait.retexture"
    workspace.add(session)
    return session
