"""The guide in the window: open or closed for each document, and nothing of it on the picture while it is closed."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from retexture.gui.window import MainWindow
from retexture.session.saving import save
from retexture.session.session import Session
from tests.gui.portraits import write_pair
from tests.gui.window_tour import settle

Pair = tuple[Path, Path]


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return write_pair(tmp_path, scale=2)


def build(window: MainWindow, pair: Pair, recipe: str) -> Session:
    """Open two pictures with a recipe."""
    window.opener.open_pictures(*pair, recipe)
    settle(window)
    assert window.session is not None
    return window.session


def shows_guide(window: MainWindow) -> bool:
    """Whether the guide is open; its texture on grey is to be seen with it alone."""
    shown = window.guide.isVisible()
    assert (window.canvas.look.filter is not None) == shown
    return shown


def close_guide(window: MainWindow) -> None:
    button = window.guide.findChild(QToolButton, "guide_close")
    assert button is not None
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_closed_guide_stays_closed_and_an_open_one_comes_back(window: MainWindow, pair: Pair):
    first = build(window, pair, "hybrid-fs")
    close_guide(window)
    assert not shows_guide(window)
    second = build(window, pair, "hybrid-fs")
    assert shows_guide(window)
    for session, shown in ((first, False), (second, True), (first, False)):
        window.workspace.activate(session)
        assert shows_guide(window) == shown
    window.workspace.remove(first)
    assert shows_guide(window)


def test_the_window_menu_opens_the_guide_of_one_document(window: MainWindow, pair: Pair):
    first = build(window, pair, "hybrid-fs")
    second = build(window, pair, "hybrid-fs")
    action = window.findChild(QAction, "show_guide")
    assert action is not None
    action.trigger()
    assert not shows_guide(window)
    window.workspace.activate(first)
    assert shows_guide(window)
    window.workspace.activate(second)
    action.trigger()
    assert shows_guide(window)


def test_a_project_that_is_opened_again_shows_its_picture(window: MainWindow, pair: Pair, tmp_path: Path):
    made = build(window, pair, "hybrid-fs")
    path = tmp_path / "work.retexture"
    save(made.document, path)
    window.workspace.remove(made)
    window.opener.open_paths([path])
    settle(window)
    assert window.session is not None
    assert window.session.recipe == "hybrid-fs"
    assert not shows_guide(window)
    assert window.canvas.look.plain
