"""The Window menu: the next document, tabs in another order, and panels that come forward or go."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from retexture.gui.app import wait_until_idle
from retexture.gui.commands_window import PANELS
from retexture.gui.panel_dock import is_seen
from retexture.gui.window import MainWindow
from retexture.session.session import Session
from tests.gui.small_documents import flat_document


@pytest.fixture
def three(window: MainWindow) -> list[Session]:
    """Three documents in tabs, the last one in front."""
    sessions = [Session(flat_document((0.4, 0.4, 0.4)), title=name) for name in ("one", "two", "three")]
    for session in sessions:
        window.workspace.add(session)
    wait_until_idle(window)
    return sessions


def titles(window: MainWindow) -> list[str]:
    return [window.tabs.tabText(i) for i in range(window.tabs.count())]


def test_control_tab_goes_round_the_documents(window: MainWindow, three: list[Session]):
    for keys, title in (
        ("Ctrl+Tab", "one"),
        ("Ctrl+Tab", "two"),
        ("Ctrl+Shift+Tab", "one"),
        ("Ctrl+Shift+Tab", "three"),
    ):
        QTest.keySequence(window.canvas, QKeySequence(keys))
        assert window.session is not None
        assert window.session.title == title
        assert window.tabs.tabText(window.tabs.currentIndex()) == title


def test_tabs_are_dragged_into_another_order(window: MainWindow, three: list[Session]):
    tabs = window.tabs
    start, end = (tabs.tabRect(i).center() for i in (2, 0))
    QTest.mousePress(tabs, Qt.MouseButton.LeftButton, pos=start)
    for x in range(start.x(), end.x() - 20, -4):
        QTest.mouseMove(tabs, QPoint(x, start.y()))
    QTest.mouseRelease(tabs, Qt.MouseButton.LeftButton, pos=end)
    assert [session.title for session in window.workspace.sessions] == ["three", "one", "two"]
    assert titles(window) == ["three", "one", "two"]
    assert window.session is three[2]
    tabs.setCurrentIndex(1)
    assert window.session is three[0]
    window.workspace.remove(three[0])
    assert titles(window) == ["three", "two"]


def action(window: MainWindow, name: str) -> QAction:
    found = window.findChild(QAction, f"show_{name}")
    assert isinstance(found, QAction)
    window.refresh_commands()
    return found


def test_a_panel_behind_a_tab_comes_forward_and_one_that_is_seen_goes(
    window: MainWindow, three: list[Session], qtbot: QtBot
):
    history = window.docks["history"].widget()
    assert not action(window, "history").isChecked()
    action(window, "history").trigger()
    qtbot.waitUntil(lambda: is_seen(history))
    assert action(window, "history").isChecked()
    action(window, "history").trigger()
    assert window.docks["history"].isHidden()
    action(window, "history").trigger()
    qtbot.waitUntil(lambda: is_seen(history))


def test_panels_that_have_nothing_to_show_are_not_offered(window: MainWindow, qtbot: QtBot):
    assert not any(action(window, name).isEnabled() for name in PANELS)
    window.workspace.add(Session(flat_document((0.4, 0.4, 0.4)), title="one"))
    assert {name for name in PANELS if not action(window, name).isEnabled()} == {"restoration", "guide"}
