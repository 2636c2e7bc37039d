"""The start page: what it offers, by mouse, keyboard and drop."""

from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QPushButton

from retexture.gui.start_page import RecentRow, RecipeCard, StartPage
from retexture.gui.workspace import Workspace
from retexture.recipes import DEFAULT_RECIPE, RECIPES
from retexture.session.preferences import Preferences

NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def workspace(qtbot, tmp_path):
    workspace = Workspace(Preferences(recent_files=(str(tmp_path / "a.tif"), str(tmp_path / "b.retexture"))))
    yield workspace
    workspace.close()


@pytest.fixture
def page(qtbot, workspace):
    page = StartPage(workspace)
    qtbot.addWidget(page)
    page.resize(1280, 700)
    page.show()
    return page


@pytest.mark.parametrize(
    ("button", "signal", "value"),
    [
        ("start_open", "open_requested", []),
        ("start_open_pair", "open_pair_requested", [None]),
        ("start_sample", "sample_requested", []),
    ],
)
def test_a_button_says_what_is_wanted(page, button, signal, value):
    spy = QSignalSpy(getattr(page, signal))
    QTest.mouseClick(page.findChild(QPushButton, button), Qt.MouseButton.LeftButton)
    assert [spy.at(i) for i in range(spy.count())] == [value]


def test_there_is_a_card_for_every_recipe_the_usual_one_first(page):
    cards = page.findChildren(RecipeCard)
    assert {card.recipe.name for card in cards} == set(RECIPES)
    assert page.cards[0].recipe.name == DEFAULT_RECIPE
    for card in cards:
        assert card.accessibleName() == card.recipe.title
        assert card.accessibleDescription() == card.recipe.summary


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_a_card_is_chosen_by_click_and_key(page, key):
    spy = QSignalSpy(page.open_pair_requested)
    QTest.mouseClick(page.cards[2], Qt.MouseButton.LeftButton)
    QTest.keyClick(page.cards[3], key)
    assert [spy.at(i)[0] for i in range(spy.count())] == [page.cards[n].recipe.name for n in (2, 3)]


def test_arrow_keys_go_from_card_to_card(page, qtbot):
    page.activateWindow()
    page.cards[0].setFocus()
    QTest.keyClick(page.cards[0], Qt.Key.Key_Right)
    assert page.focusWidget() is page.cards[1]
    QTest.keyClick(page.cards[1], Qt.Key.Key_Down)
    assert page.focusWidget() is page.cards[5]
    QTest.keyClick(page.cards[5], Qt.Key.Key_Up)
    QTest.keyClick(page.cards[1], Qt.Key.Key_Left)
    assert page.focusWidget() is page.cards[0]
    QTest.keyClick(page.cards[0], Qt.Key.Key_Up)
    assert page.focusWidget() is page.cards[0]


def test_recent_files_are_listed_newest_first_and_opened(page, tmp_path):
    rows = page.findChildren(RecentRow)
    assert [row.path for row in rows] == [tmp_path / "a.tif", tmp_path / "b.retexture"]
    spy = QSignalSpy(page.recent_requested)
    QTest.mouseClick(rows[1], Qt.MouseButton.LeftButton)
    QTest.keyClick(rows[0], Qt.Key.Key_Return)
    assert [spy.at(i)[0] for i in range(spy.count())] == [tmp_path / "b.retexture", tmp_path / "a.tif"]


def test_refresh_shows_what_the_preferences_have_now(page, workspace, tmp_path):
    workspace.preferences = msgspec.structs.replace(
        workspace.preferences, recent_files=(str(tmp_path / "c.psd"),)
    )
    page.refresh()
    QApplication.processEvents()
    assert [row.path.name for row in page.findChildren(RecentRow) if row.isVisible()] == ["c.psd"]


def test_dropped_files_are_passed_on(page):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile("/pictures/a.tif"), QUrl.fromLocalFile("/pictures/b.tif")])
    spy = QSignalSpy(page.files_dropped)
    left, copy = Qt.MouseButton.LeftButton, Qt.DropAction.CopyAction
    enter = QDragEnterEvent(page.rect().center(), copy, mime, left, NONE)
    QApplication.sendEvent(page, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(page, QDropEvent(QPointF(page.rect().center()), copy, mime, left, NONE))
    assert spy.at(0)[0] == [Path("/pictures/a.tif"), Path("/pictures/b.tif")]


def test_dropped_text_is_refused(page):
    mime = QMimeData()
    mime.setText("hello")
    event = QDragEnterEvent(
        page.rect().center(), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, NONE
    )
    event.ignore()
    QApplication.sendEvent(page, event)
    assert not event.isAccepted()


def test_every_control_is_named_and_reached_by_keyboard(page):
    for control in page.findChildren(QAbstractButton):
        assert control.objectName()
        assert control.accessibleName()
        assert control.toolTip()
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus


@pytest.mark.parametrize("size", [(1280, 700), (2560, 1340)])
def test_the_column_is_centred_and_not_cut(page, size):
    page.resize(*size)
    QApplication.processEvents()
    left = page.findChild(QPushButton, "start_open").mapTo(page, page.rect().topLeft()).x()
    card = page.cards[3]
    right = page.width() - card.mapTo(page, card.rect().topRight()).x()
    assert left >= 16
    assert abs(left - right) <= 12
    assert page.cards[-1].mapTo(page, card.rect().bottomLeft()).y() < page.height()
