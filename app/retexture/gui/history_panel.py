"""The History panel: the versions of the document in front, its snapshots, and what they cost."""

from typing import Any

import msgspec
from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QActionGroup, QColor, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QListView,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QProgressBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from retexture.document.history import History, Version
from retexture.gui import theme
from retexture.gui.buttons import tool_button
from retexture.gui.editor_base import keeps_key
from retexture.gui.elided_label import ElidedLabel
from retexture.gui.icons import icon
from retexture.gui.line_edit import LineEdit
from retexture.gui.workspace import Workspace
from retexture.session.session import Session, Update

BUDGETS = (256 << 20, 512 << 20, 1 << 30, 2 << 30, 4 << 30)
"""Bytes that can be chosen for the history."""
SHOWN_SNAPSHOTS = 4
"""Rows of the list of snapshots before it scrolls."""
ROW_PX = 24

Index = QModelIndex | QPersistentModelIndex


def size_text(count: int) -> str:
    """Return bytes as the panel shows them: ``84 MB``, ``1.5 GB``."""
    for unit, name in ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB")):
        if count >= unit:
            value = count / unit
            text = f"{value:.0f}" if value >= 10 else f"{value:.1f}".removesuffix(".0")
            return f"{text} {name}"
    return f"{count} bytes"


def cost_text(history: History) -> str:
    """Return what a history costs: ``84 MB of 1 GB, 3 oldest steps dropped``."""
    text = f"{size_text(history.bytes_used)} of {size_text(history.budget_bytes)}"
    if history.evicted:
        text += f", {history.evicted} oldest step{'s' if history.evicted > 1 else ''} dropped"
    return text


class Versions(QAbstractListModel):
    """The versions as rows, oldest first; `show` tells the view only what differs."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._versions: tuple[Version, ...] = ()
        self._evicted = 0
        self.current = -1

    def show(self, history: History | None) -> None:
        """Show a history, or nothing."""
        new = history.versions if history is not None else ()
        gone = max((history.evicted if history is not None else 0) - self._evicted, 0)
        if gone and gone < len(self._versions) and new and new[0] is self._versions[gone]:
            self.beginRemoveRows(QModelIndex(), 0, gone - 1)
            self._versions = self._versions[gone:]
            self.current -= gone
            self.endRemoveRows()
        old = self._versions
        same = next(
            (i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a is not b), min(len(old), len(new))
        )
        if same < len(old):
            self.beginRemoveRows(QModelIndex(), same, len(old) - 1)
            self._versions = old[:same]
            self.endRemoveRows()
        if same < len(new):
            self.beginInsertRows(QModelIndex(), same, len(new) - 1)
            self._versions = new
            self.endInsertRows()
        self._evicted = history.evicted if history is not None else 0
        current = history.index if history is not None else -1
        if current != self.current and new:
            first, last = sorted((min(max(self.current, 0), len(new) - 1), current))
            self.current = current
            self.dataChanged.emit(self.index(first), self.index(last))
        self.current = current

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._versions)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        version = self._versions[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return version.label
        if role == Qt.ItemDataRole.SizeHintRole:
            return QSize(0, ROW_PX)
        undone = index.row() > self.current
        if role == Qt.ItemDataRole.ForegroundRole and undone:
            return QColor(theme.DISABLED_TEXT)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            state = "undone" if undone else "current" if index.row() == self.current else "done"
            return f"{version.label}, {state}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return (
                f"{version.label} (undone: click to do it again)" if undone else f"Back to: {version.label}"
            )
        return None


class _Snapshots(QListWidget):
    """The list of snapshots: a click or Enter restores, Delete forgets."""

    wanted = Signal(str)
    unwanted = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("history_snapshots")
        self.setAccessibleName("Snapshots")
        self.setToolTip("Click a snapshot to bring it back (Delete drops it)")
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)
        self.itemClicked.connect(lambda item: self.wanted.emit(item.text()))

    def event(self, event: QEvent) -> bool:
        return keeps_key(event, plain={Qt.Key.Key_Delete, Qt.Key.Key_Backspace}) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        chosen, key = self.currentRow(), event.key()
        if chosen >= 0 and key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.unwanted.emit(self.item(chosen).text())
        elif chosen >= 0 and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.wanted.emit(self.item(chosen).text())
        else:
            super().keyPressEvent(event)

    def _open_menu(self, at: QPoint) -> None:
        item = self.itemAt(at)
        if item is None:
            return
        name = item.text()
        menu = QMenu(self)
        menu.setObjectName("snapshot_menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        restore = menu.addAction(icon("history"), "Restore", lambda: self.wanted.emit(name))
        restore.setObjectName("snapshot_restore")
        drop = menu.addAction(icon("trash"), "Delete Snapshot", lambda: self.unwanted.emit(name))
        drop.setObjectName("snapshot_delete")
        menu.popup(self.viewport().mapToGlobal(at))


class HistoryPanel(QWidget):
    """Versions to jump to, snapshots above them, and the bytes that all of it takes below."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.setObjectName("history_panel")
        self._workspace = workspace
        self._showing = False

        self._snapshots = _Snapshots(self)
        self._snapshots.wanted.connect(self._restore)
        self._snapshots.unwanted.connect(self._forget)
        self._name = _NameField(self)
        self._name.named.connect(self._add_snapshot)
        self._add = tool_button(
            "history_add_snapshot",
            "snapshot",
            "New Snapshot",
            "New Snapshot: keep the picture as it is now under a name",
            icon_px=20,
            edge_px=None,
        )
        self._add.clicked.connect(self._ask_name)

        self._versions = Versions(self)
        self._list = QListView(self)
        self._list.setObjectName("history_versions")
        self._list.setAccessibleName("Versions")
        self._list.setToolTip("Click a version to go back to it; nothing is lost until the next edit")
        self._list.setUniformItemSizes(True)
        self._list.setModel(self._versions)
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.selectionModel().currentRowChanged.connect(self._jump)

        self._undo = tool_button("history_undo", "undo", "Undo", icon_px=20, edge_px=None)
        self._undo.clicked.connect(lambda: self._with_session(Session.undo))
        self._redo = tool_button("history_redo", "redo", "Redo", icon_px=20, edge_px=None)
        self._redo.clicked.connect(lambda: self._with_session(Session.redo))
        self._cost = ElidedLabel("history_cost", self)
        self._bar = QProgressBar(self)
        self._bar.setObjectName("history_budget_bar")
        self._bar.setAccessibleName("Part of the history's memory that is in use")
        self._bar.setTextVisible(False)
        self._bar.setStyleSheet("QProgressBar { min-height: 2px; max-height: 2px; }")
        self._bar.setRange(0, 1000)
        self._budget = self._make_budget_button()

        self._arrange()
        workspace.session_changed.connect(self._show)
        workspace.updated.connect(self._update)
        self._show(workspace.session)

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE_SMALL)
        self._title = QLabel("Snapshots", self)
        head.addWidget(self._title, 1)
        head.addWidget(self._name, 1)
        head.addWidget(self._add)
        foot = QHBoxLayout()
        foot.setSpacing(theme.SPACE_SMALL)
        foot.addWidget(self._undo)
        foot.addWidget(self._redo)
        foot.addStretch(1)
        foot.addWidget(self._budget)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE, theme.SPACE, theme.SPACE, theme.SPACE)
        column.setSpacing(theme.SPACE_SMALL)
        column.addLayout(head)
        column.addWidget(self._snapshots)
        column.addSpacing(theme.SPACE_SMALL)
        column.addWidget(self._list, 1)
        column.addSpacing(theme.SPACE_SMALL)
        column.addWidget(self._cost)
        column.addWidget(self._bar)
        column.addLayout(foot)

    def _make_budget_button(self) -> QToolButton:
        button = tool_button("history_budget", None, "Memory that the history may take", edge_px=None)
        menu = QMenu(button)
        menu.setObjectName("history_budget_menu")
        group = QActionGroup(menu)
        self._budgets: dict[int, QAction] = {}
        for budget in BUDGETS:
            action = menu.addAction(size_text(budget))
            action.setObjectName(f"history_budget_{budget >> 20}_mb")
            action.setCheckable(True)
            action.triggered.connect(lambda _checked=False, budget=budget: self._set_budget(budget))
            group.addAction(action)
            self._budgets[budget] = action
        menu.aboutToShow.connect(self._check_budget)
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        button.setStyleSheet("QToolButton { padding-right: 18px; }")
        return button

    # -- following the session

    def come_forward(self) -> None:
        """Show the step that the document is at: behind another tab the list has had another height."""
        self._list.scrollTo(self._list.currentIndex())

    def _update(self, update: Update) -> None:
        session = self._workspace.session
        if update.history:
            self._show(session)
        elif session is not None:
            # A gesture under way can be taken back, whether or not there is a step before it.
            self._undo.setEnabled(session.gesture is not None or session.history.undo_label is not None)

    def _show(self, session: Session | None) -> None:
        history = session.history if session is not None else None
        self._showing = True
        self._versions.show(history)
        current = self._versions.index(self._versions.current)
        if current != self._list.currentIndex():
            self._list.setCurrentIndex(current)
            self._list.scrollTo(current)
        self._showing = False
        self._show_snapshots(history)
        self._show_cost(history)
        undo, redo = (history.undo_label, history.redo_label) if history is not None else (None, None)
        self._undo.setEnabled(undo is not None)
        self._redo.setEnabled(redo is not None)
        self._undo.setToolTip(f"Undo {undo or ''}".strip() + " (Ctrl+Z)")
        self._redo.setToolTip(f"Redo {redo or ''}".strip() + " (Shift+Ctrl+Z)")
        for control in (self._add, self._budget, self._list):
            control.setEnabled(session is not None)
        if session is None:
            self._name.hide()
            self._title.show()

    def _show_snapshots(self, history: History | None) -> None:
        names = [kept.label for kept in history.snapshots] if history is not None else []
        if names != [self._snapshots.item(i).text() for i in range(self._snapshots.count())]:
            self._snapshots.clear()
            for name in names:
                QListWidgetItem(icon("snapshot", 16), name, self._snapshots)
        self._snapshots.setVisible(bool(names))
        self._snapshots.setFixedHeight(min(len(names), SHOWN_SNAPSHOTS) * ROW_PX + 4)

    def _show_cost(self, history: History | None) -> None:
        self._cost.setText(cost_text(history) if history is not None else "No document")
        self._cost.setToolTip("" if history is None else f"{self._cost.text()}. Snapshots are never dropped.")
        used = history.bytes_used / history.budget_bytes if history is not None else 0
        self._bar.setValue(round(min(used, 1) * 1000))
        budget = history.budget_bytes if history is not None else self._workspace.preferences.history_mb << 20
        self._budget.setText(size_text(budget))

    # -- what the user does

    def _with_session(self, step: Any) -> None:
        if self._workspace.session is not None:
            step(self._workspace.session)

    def _jump(self, current: QModelIndex) -> None:
        if not self._showing and current.isValid():
            self._with_session(lambda session: session.jump(current.row()))

    def _restore(self, name: str) -> None:
        session = self._workspace.session
        if session is None:
            return
        session.finish_gesture()
        kept = next(kept for kept in session.history.snapshots if kept.label == name)
        if kept.document is not session.document:
            session.restore(name)

    def _forget(self, name: str) -> None:
        self._with_session(lambda session: session.forget(name))

    def _ask_name(self) -> None:
        session = self._workspace.session
        if session is None:
            return
        self._title.hide()
        self._name.ask(session.history.free_name())

    def _add_snapshot(self, name: str) -> None:
        self._title.show()
        session = self._workspace.session
        if session is None or not name:
            return
        if any(kept.label == name for kept in session.history.snapshots):
            self._workspace.tell_problem(
                ValueError(f"A snapshot is called '{name}' already; choose another name.")
            )
        else:
            session.snapshot(name)

    def _check_budget(self) -> None:
        session = self._workspace.session
        for budget, action in self._budgets.items():
            action.setChecked(session is not None and session.history.budget_bytes == budget)

    def _set_budget(self, budget_bytes: int) -> None:
        preferences = self._workspace.preferences
        self._workspace.preferences = msgspec.structs.replace(preferences, history_mb=budget_bytes >> 20)
        for session in self._workspace.sessions:
            session.history.budget_bytes = budget_bytes
        self._show(self._workspace.session)


class _NameField(LineEdit):
    """Asks for a name in place: Enter gives it, Esc or leaving the field gives an empty one."""

    named = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("history_snapshot_name")
        self.setAccessibleName("Name of the snapshot")
        self.setToolTip("Name of the snapshot (Enter keeps it, Esc gives up)")
        self.setMaxLength(80)
        self.hide()
        self.editingFinished.connect(lambda: self._end(""))
        self.returnPressed.connect(lambda: self._end(self.text().strip()))

    def ask(self, suggestion: str) -> None:
        self.setText(suggestion)
        self.show()
        self.selectAll()
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._end("")
        else:
            super().keyPressEvent(event)

    def _end(self, name: str) -> None:
        # Hiding takes the focus, which ends the editing once more.
        if not self.isHidden():
            self.blockSignals(True)
            self.hide()
            self.blockSignals(False)
            self.named.emit(name)
