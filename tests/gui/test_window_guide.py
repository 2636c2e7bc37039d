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
from retexture.session.view import Point
from tests.gui.portraits import write_pair
from tests.gui.window_tour import settle
from tests.session.restored import restored_document

Pair = tuple[Path, Path]


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return write_pair(tmp_path, scale=2)


@pytest.fixture
def large_pair(tmp_path: Path) -> Pair:
    """Pictures that do not fit into the window at 100 %."""
    return write_pair(tmp_path, scale=16)


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


@pytest.mark.slow
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


def test_what_is_painted_in_opens_with_a_soft_white_brush(window: MainWindow, pair: Pair):
    brush = window.paint.brush
    window.set_tool("heal")
    window.paint.set_white(False)
    build(window, pair, "hybrid-fs")
    assert (window.canvas.tool.name, window.paint.brush_of("brush"), window.paint.white) == (
        "heal",
        brush,
        False,
    )
    session = build(window, pair, "high-pass")
    brush = window.paint.brush
    assert (window.canvas.tool.name, brush.size_px, brush.hardness, brush.opacity) == ("brush", 8, 0, 0.2)
    assert (session.target, window.paint.white) == ("mask", True)


def test_pores_are_looked_at_at_100_percent_and_the_mask_on_all_of_the_picture(
    window: MainWindow, large_pair: Pair
):
    build(window, large_pair, "hybrid-fs")
    canvas, middle = window.canvas, Point(512, 384)
    for close in (True, False, False, True):
        assert (canvas.view.zoom == 1.0, canvas.look.fitted) == (close, not close)
        assert canvas.view.centre == middle
        window.guide.next()
    assert canvas.look.fitted
    assert canvas.view.zoom < 1


def test_a_view_that_was_chosen_stays_through_the_guide(window: MainWindow, large_pair: Pair):
    build(window, large_pair, "hybrid-fs")
    canvas = window.canvas
    canvas.set_view(canvas.view.moved(30, 20))
    chosen = canvas.view
    for _ in window.guide.steps:
        assert canvas.view == chosen
        window.guide.next()
    assert canvas.view == chosen


def test_the_close_view_of_one_document_leaves_the_others_as_they_are(window: MainWindow, large_pair: Pair):
    first = build(window, large_pair, "hybrid-fs")
    window.guide.next()
    build(window, large_pair, "hybrid-fs")
    assert window.canvas.view.zoom == 1.0
    window.workspace.activate(first)
    assert window.canvas.look.fitted


def test_a_face_that_is_known_is_looked_at(window: MainWindow):
    session = Session(restored_document(), title="restored")
    window.workspace.add(session)
    settle(window)
    window.canvas.setFixedSize(60, 40)
    settle(window)
    window.canvas.look_closely(True)
    assert session.document.analysis is not None
    (face,) = session.document.analysis.faces
    assert window.canvas.view.zoom == 1.0
    assert window.canvas.view.centre == Point(face.x_px + face.width_px / 2, face.y_px + face.height_px / 2)
