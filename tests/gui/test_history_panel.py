"""The History panel: rows follow the history, clicks and keys travel in it, and its cost is told."""

from functools import partial

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QAbstractItemModelTester, QSignalSpy, QTest
from PySide6.QtWidgets import QLabel, QListView, QListWidget, QMenu, QProgressBar, QToolButton

from retexture.document.history import History
from retexture.gui import theme
from retexture.gui.history_panel import HistoryPanel, cost_text, size_text
from retexture.gui.line_edit import LineEdit
from retexture.session.session import Session
from tests.gui.small_documents import flat_document, picture_document


@pytest.fixture
def session(workspace):
    session = Session(flat_document((0.5, 0.5, 0.5)), title="flat")
    workspace.add(session)
    return session


@pytest.fixture
def panel(qtbot, workspace, session):
    panel = HistoryPanel(workspace)
    qtbot.addWidget(panel)
    panel.resize(300, 500)
    panel.show()
    return panel


def edit(session, count, start=0):
    for i in range(start, start + count):
        session.set("fill_0.opacity", (i % 99 + 1) / 100, f"Opacity {i}")


def replaced(_document, seed):
    return picture_document(seed=seed)


def rows(panel):
    model = panel.findChild(QListView, "history_versions").model()
    return [model.index(i).data() for i in range(model.rowCount())]


def dimmed(panel):
    model = panel.findChild(QListView, "history_versions").model()
    colour = QColor(theme.DISABLED_TEXT)
    return [
        i for i in range(model.rowCount()) if model.index(i).data(Qt.ItemDataRole.ForegroundRole) == colour
    ]


def click_row(panel, row):
    view = panel.findChild(QListView, "history_versions")
    index = view.model().index(row)
    view.scrollTo(index)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(index).center())


def test_a_click_jumps_and_later_versions_are_dimmed(panel, session):
    edit(session, 4)
    assert rows(panel) == ["Open", "Opacity 0", "Opacity 1", "Opacity 2", "Opacity 3"]
    assert dimmed(panel) == []
    click_row(panel, 2)
    assert session.history.index == 2
    assert session.active_layer.opacity == 0.02
    assert dimmed(panel) == [3, 4]
    session.undo()
    assert panel.findChild(QListView, "history_versions").currentIndex().row() == 1


def test_arrow_keys_travel(panel, session):
    edit(session, 3)
    view = panel.findChild(QListView, "history_versions")
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Up)
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert session.history.index == 1
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert session.history.index == 2


@pytest.mark.slow
def test_rows_change_only_where_the_history_does(panel, session):
    edit(session, 1000)
    view = panel.findChild(QListView, "history_versions")
    model = view.model()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, panel)
    inserted, removed, reset = (
        QSignalSpy(signal) for signal in (model.rowsInserted, model.rowsRemoved, model.modelReset)
    )
    edit(session, 1, 7)
    assert (inserted.count(), removed.count()) == (1, 0)
    assert inserted.at(0)[1:] == [1001, 1001]
    session.jump(998)
    assert (inserted.count(), removed.count()) == (1, 0)
    edit(session, 1, 9)
    assert removed.at(0)[1:] == [999, 1001]
    assert inserted.at(1)[1:] == [999, 999]
    assert reset.count() == 0
    assert session.history.index == view.currentIndex().row() == 999


def test_dropped_versions_leave_at_the_top(qtbot, workspace):
    session = Session(picture_document(), title="picture")
    workspace.add(session)
    session.history.budget_bytes = 3 * 120 * 80 * 3 * 2
    panel = HistoryPanel(workspace)
    qtbot.addWidget(panel)
    QAbstractItemModelTester(
        panel.findChild(QListView, "history_versions").model(),
        QAbstractItemModelTester.FailureReportingMode.Fatal,
        panel,
    )
    for i in range(6):
        session.edit(f"Picture {i}", partial(replaced, seed=i))
    assert session.history.evicted == 3
    assert rows(panel) == ["Picture 2", "Picture 3", "Picture 4", "Picture 5"]
    assert panel.findChild(QListView, "history_versions").currentIndex().row() == 3
    assert panel.findChild(QLabel, "history_cost").text() == "169 KB of 169 KB, 3 oldest steps dropped"
    assert panel.findChild(QProgressBar, "history_budget_bar").value() == 1000


def test_another_document_shows_its_own_versions(panel, workspace, session):
    edit(session, 3)
    other = Session(flat_document((0, 0, 0)), title="other", label="New")
    workspace.add(other)
    assert rows(panel) == ["New"]
    workspace.activate(session)
    assert len(rows(panel)) == 4
    workspace.remove(session)
    workspace.remove(other)
    assert rows(panel) == []
    assert panel.findChild(QLabel, "history_cost").text() == "No document"


def test_undo_and_redo_buttons(panel, session):
    undo, redo = (panel.findChild(QToolButton, f"history_{name}") for name in ("undo", "redo"))
    assert not undo.isEnabled()
    edit(session, 2)
    assert undo.toolTip().startswith("Undo Opacity 1")
    QTest.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert session.history.index == 1
    assert redo.toolTip().startswith("Redo Opacity 1")
    QTest.mouseClick(redo, Qt.MouseButton.LeftButton)
    assert session.history.index == 2
    assert not redo.isEnabled()


def add_snapshot(panel, name=None):
    QTest.mouseClick(panel.findChild(QToolButton, "history_add_snapshot"), Qt.MouseButton.LeftButton)
    field = panel.findChild(LineEdit, "history_snapshot_name")
    assert field.isVisible()
    if name is not None:
        QTest.keyClicks(field, name)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert not field.isVisible()


def test_snapshots_are_named_restored_by_a_click_and_dropped_by_a_key(panel, session):
    edit(session, 1)
    add_snapshot(panel)
    kept = session.document
    edit(session, 2, 20)
    add_snapshot(panel, "Client")
    names = panel.findChild(QListWidget, "history_snapshots")
    assert [names.item(i).text() for i in range(names.count())] == ["Snapshot 1", "Client"]

    spot = names.visualItemRect(names.item(0)).center()
    QTest.mouseClick(names.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert session.document is kept
    versions = len(session.history.versions)
    QTest.mouseClick(names.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert len(session.history.versions) == versions

    names.setFocus()
    QTest.keyClick(names, Qt.Key.Key_Delete)
    assert [s.label for s in session.history.snapshots] == ["Client"]


def test_a_snapshot_is_dropped_by_its_menu(panel, session):
    add_snapshot(panel, "One")
    names = panel.findChild(QListWidget, "history_snapshots")
    names.customContextMenuRequested.emit(names.visualItemRect(names.item(0)).center())
    menu = names.findChild(QMenu, "snapshot_menu")
    drop = next(action for action in menu.actions() if action.objectName() == "snapshot_delete")
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(drop).center())
    assert session.history.snapshots == ()


def test_a_taken_name_is_refused_and_escape_gives_up(panel, workspace, session):
    told = QSignalSpy(workspace.message)
    add_snapshot(panel, "One")
    edit(session, 1)
    add_snapshot(panel, "One")
    assert "'One'" in told.at(0)[0]
    assert len(session.history.snapshots) == 1
    QTest.mouseClick(panel.findChild(QToolButton, "history_add_snapshot"), Qt.MouseButton.LeftButton)
    field = panel.findChild(LineEdit, "history_snapshot_name")
    QTest.keyClicks(field, "Two")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert not field.isVisible()
    assert len(session.history.snapshots) == 1


def test_the_budget_is_chosen_from_a_menu(qtbot, panel, workspace, session):
    button = panel.findChild(QToolButton, "history_budget")
    menu = button.menu()
    menu.popup(button.mapToGlobal(QPoint(0, 0)))
    assert [a.text() for a in menu.actions()] == ["256 MB", "512 MB", "1 GB", "2 GB", "4 GB"]
    assert [a.text() for a in menu.actions() if a.isChecked()] == ["1 GB"]
    spot = menu.actionGeometry(menu.actions()[3]).center()
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=spot)
    assert session.history.budget_bytes == 2 << 30
    assert workspace.preferences.history_mb == 2048
    assert button.text() == "2 GB"


def test_texts_of_costs():
    assert [size_text(n) for n in (0, 84 << 20, 3 << 29, 5 << 18, 12 << 30)] == [
        "0 bytes",
        "84 MB",
        "1.5 GB",
        "1.2 MB",
        "12 GB",
    ]
    history = History(flat_document((0, 0, 0)))
    assert cost_text(history) == "0 bytes of 1 GB"
    history.evicted = 1
    assert cost_text(history).endswith(", 1 oldest step dropped")
