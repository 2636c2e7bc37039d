"""The command search (Ctrl+K): every command of the menus, found by a few letters of its name."""

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QAction, QColor, QFont, QFontMetrics, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from retexture.gui import theme
from retexture.gui.commands import Command
from retexture.gui.line_edit import ENTER, SearchField

WIDTH_PX = 560
ROWS = 11
ROW_PX = 30

Index = QModelIndex | QPersistentModelIndex
COMMAND, MARKED = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1


class Match(NamedTuple):
    """How well letters fit a text, and where they lie in it."""

    score: float
    places: tuple[int, ...]


def match(letters: str, text: str) -> Match | None:
    """Find letters in a text, in order; None where they are not all there.

    Beginnings of words count most, then letters that follow each other; the places are those of the best score.
    """
    letters, low = letters.casefold(), text.casefold()
    rest = iter(low)
    if not letters or not all(letter in rest for letter in letters):
        return None
    starts = [i == 0 or not low[i - 1].isalnum() for i in range(len(low))]
    # best[j]: the best way to find the letters so far that ends at j.
    best: list[Match | None] = [
        Match(10.0 if starts[j] else 1.0, (j,)) if low[j] == letters[0] else None for j in range(len(low))
    ]
    for letter in letters[1:]:
        nearest: Match | None = None
        now: list[Match | None] = [None] * len(low)
        for j in range(1, len(low)):
            previous = best[j - 1]
            if previous is not None and (nearest is None or previous.score > nearest.score):
                nearest = previous
            if low[j] != letter:
                continue
            ways = []
            if nearest is not None:
                ways.append(Match(nearest.score + (8.0 if starts[j] else 1.0), (*nearest.places, j)))
            if previous is not None:
                ways.append(Match(previous.score + 9.0, (*previous.places, j)))
            now[j] = max(ways, key=lambda way: way.score, default=None)
        best = now
    found = max((way for way in best if way is not None), key=lambda way: way.score)
    # Of two texts that fit alike, the shorter one is meant.
    whole = 6.0 if low.startswith(letters) else 0.0
    return Match(found.score + whole - len(low) / 100, found.places)


def rank(query: str, command: Command) -> Match | None:
    """Find each word of a query in a command's label, else in its menus, else as a word's start in its help.

    What begins with the query counts most: the label, or with its submenu before it, as in New Layer.

    Returns:
        the sum of the scores, and the places of letters in the label; None where a word is nowhere.
    """
    score, places = 0.0, set[int]()
    label = match(query.replace(" ", ""), command.label)
    for word in query.split():
        in_label = match(word, command.label)
        in_menu = match(word, command.menu)
        if in_label is not None and _is_near(in_label.places):
            score += in_label.score
            places.update(in_label.places)
        elif in_menu is not None and _is_near(in_menu.places):
            score += in_menu.score / 2
        elif any(part.casefold().startswith(word.casefold()) for part in command.help.split()):
            score += 2.0 * len(word)
        elif label is not None:
            return label
        else:
            return None
    return Match(score + _said(" ".join(query.casefold().split()), command), tuple(sorted(places)))


def _said(words: str, command: Command) -> float:
    """Return what it counts that a command is called so, or that its name begins so."""
    label = command.label.casefold().rstrip("…")
    above, _, submenu = command.menu.casefold().rpartition(" > ")
    names = (label, f"{submenu} {label}") if above else (label,)
    return 100.0 if words in names else 50.0 if any(name.startswith(words) for name in names) else 0.0


def slips(word: str, other: str) -> int:
    """Return how many letters of a word are wrong, missing, too many or swapped with the next, to begin another."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(word):
        older, before, row = before, row, [i + 1]
        for j, wanted in enumerate(other):
            ways = [before[j] + (letter != wanted), before[j + 1] + 1, row[j] + 1]
            if i and j and letter == other[j - 1] and word[i - 1] == wanted:
                ways.append(older[j - 1] + 1)
            row.append(min(ways))
    return min(row)


def rank_with_slips(query: str, command: Command) -> Match | None:
    """Find each word of a query as the start of a word of a command's label or menus, with a slip or two in it."""
    score = 0.0
    for word in query.casefold().split():
        allowed = 0 if len(word) < 4 else 1 if len(word) < 8 else 2
        ways = [
            (slips(word, part), -worth)
            for text, worth in ((command.label, 10.0), (command.menu, 5.0))
            for part in re.findall(r"\w+", text.casefold())
        ]
        wrong, worth = min(ways)
        if wrong > allowed:
            return None
        score -= worth + 3 * wrong
    return Match(score - len(command.label) / 100, ())


def _is_near(places: tuple[int, ...]) -> bool:
    """Whether letters lie close enough together to be meant."""
    return places[-1] - places[0] < 5 * len(places) + 8


class Commands(QAbstractListModel):
    """The commands that fit what is typed, the best first; all of them in the order of the menus at first."""

    def __init__(self, actions: Sequence[tuple[Command, QAction]], parent: QObject) -> None:
        super().__init__(parent)
        self._all = list(actions)
        self._shown: list[tuple[Command, QAction, tuple[int, ...]]] = []

    def search(self, query: str) -> None:
        """Show what fits."""
        self.beginResetModel()
        if query.strip():
            found = [(rank(query, command), command, action) for command, action in self._all]
            if all(fit is None for fit, _, _ in found):
                found = [(rank_with_slips(query, command), command, action) for command, action in self._all]
            fitting = [(fit, command, action) for fit, command, action in found if fit is not None]
            # What can be run now comes first among equals.
            fitting.sort(key=lambda entry: (-entry[0].score, not entry[2].isEnabled()))
            self._shown = [(command, action, fit.places) for fit, command, action in fitting]
        else:
            self._shown = [(command, action, ()) for command, action in self._all]
        self.endResetModel()

    def action(self, row: int) -> QAction:
        """Return the action of a row."""
        return self._shown[row][1]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        command, action, places = self._shown[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return command.label
        if role == Qt.ItemDataRole.AccessibleTextRole:
            state = "" if action.isEnabled() else ", not possible now"
            return f"{command.label}, {command.menu}{state}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return command.help
        return {COMMAND: command, MARKED: places}.get(role)

    def flags(self, index: Index) -> Qt.ItemFlag:
        # Those that cannot be run can be chosen all the same, to read their help.
        return Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemNeverHasChildren


class _Row(QStyledItemDelegate):
    """Draws the label with its found letters bright, its menu dim beside it, and its keys at the right."""

    def __init__(self, model: Commands, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        command: Command = index.data(COMMAND)
        action = self._model.action(index.row())
        state, rect = option.state, QRect(option.rect)
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.fillRect(rect, QColor(theme.SELECTED))
        dim = QColor(
            theme.DISABLED_TEXT if not action.isEnabled() else "#b4b4b4" if chosen else theme.DIM_TEXT
        )
        plain = QColor(theme.TEXT if action.isEnabled() else theme.DISABLED_TEXT)
        font = QFont(option.font)
        bold = QFont(font)
        bold.setBold(True)
        inside = rect.adjusted(12, 0, -12, 0)
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        painter.setFont(font)
        painter.setPen(dim)
        painter.drawText(inside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, keys)
        right = inside.right() - (QFontMetrics(font).horizontalAdvance(keys) + 16 if keys else 0)
        x = float(inside.left())
        base = inside.center().y() + (QFontMetrics(font).ascent() - QFontMetrics(font).descent()) / 2 + 1
        marked = set(index.data(MARKED))
        for place, letter in enumerate(command.label):
            painter.setFont(bold if place in marked else font)
            painter.setPen(QColor(theme.BRIGHT_TEXT) if place in marked and action.isEnabled() else plain)
            painter.drawText(QPointF(x, base), letter)
            x += QFontMetrics(painter.font()).horizontalAdvance(letter)
        painter.setFont(font)
        painter.setPen(dim)
        rest = QRect(round(x) + 12, inside.y(), right - round(x) - 12, inside.height())
        path = QFontMetrics(font).elidedText(
            command.menu.replace(" > ", " › "), Qt.TextElideMode.ElideRight, rest.width()
        )
        painter.drawText(rest, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, path)


class CommandSearch(QFrame):
    """A list over the window: type, choose with Up and Down, run with Enter, leave with Esc or a click elsewhere.

    Args:
        window: it lies over.
        actions: all commands with their actions, in the order of the menus.
    """

    def __init__(self, window: QWidget, actions: Sequence[tuple[Command, QAction]]) -> None:
        super().__init__(window)
        self.setObjectName("command_search")
        self.setAccessibleName("Command search")
        self.setStyleSheet(
            f"#command_search {{ background: {theme.RAISED}; border: 1px solid #5a5a5a; border-radius: 6px; }}"
            f"#command_search_list {{ background: {theme.RAISED}; border: none; }}"
            f"#command_search_help {{ color: {theme.TEXT}; }}"
        )
        self._window = window
        self._before: QWidget | None = None
        self._model = Commands(actions, self)
        self._field = _Field("command_search_field", "Search commands", self)
        self._field.setToolTip("A few letters of a command; Up and Down choose, Enter runs it, Esc leaves")
        self._field.textChanged.connect(self._search)
        self._field.installEventFilter(self)
        self._list = QListView(self)
        self._list.setObjectName("command_search_list")
        self._list.setAccessibleName("Commands found")
        self._list.setToolTip("Click a command to run it")
        self._list.setUniformItemSizes(True)
        self._list.setMouseTracking(True)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setModel(self._model)
        self._list.setItemDelegate(_Row(self._model, self))
        self._list.clicked.connect(self._run)
        self._list.selectionModel().currentChanged.connect(self._show_help)
        self._help = QLabel(self)
        self._help.setObjectName("command_search_help")
        self._help.setContentsMargins(6, 2, 6, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE, theme.SPACE, theme.SPACE, theme.SPACE)
        column.setSpacing(theme.SPACE_SMALL)
        column.addWidget(self._field)
        column.addWidget(self._list)
        column.addWidget(self._help)
        self.hide()

    def open(self) -> None:
        """Show it, empty, with the focus; or close it where it is open."""
        if self.isVisible():
            self.close()
            return
        self._before = QApplication.focusWidget()
        self._field.clear()
        self._search("")
        self.show()
        self.raise_()
        self._field.setFocus(Qt.FocusReason.PopupFocusReason)
        self.window().installEventFilter(self)
        QApplication.instance().focusChanged.connect(self._leave)  # type: ignore[union-attr]

    def closeEvent(self, event: QEvent) -> None:
        if self.isVisible():
            QApplication.instance().focusChanged.disconnect(self._leave)  # type: ignore[union-attr]
            self.window().removeEventFilter(self)
        event.accept()

    def _leave(self, _old: QWidget | None, new: QWidget | None) -> None:
        if new is not None and not self.isAncestorOf(new):
            self._before = None
            self.close()

    def _give_back(self) -> None:
        """Close, and give the focus to where it was."""
        if self._before is not None:
            # Before it closes, or Qt gives the focus to whatever control is next. A field may have gone by now.
            with suppress(RuntimeError):
                self._before.setFocus(Qt.FocusReason.PopupFocusReason)
        self._before = None
        self.close()

    def _place(self) -> None:
        window = self._window
        width = min(WIDTH_PX, window.width() - 40)
        chrome = (
            self._field.sizeHint().height()
            + self._help.sizeHint().height()
            + 2 * theme.SPACE
            + 2 * theme.SPACE_SMALL
            + 2
        )
        top = max(window.height() // 8, 20)
        most = max((window.height() - top - chrome - 20) // ROW_PX, 2)
        rows = min(ROWS, most, max(self._model.rowCount(), 1))
        self.setGeometry((window.width() - width) // 2, top, width, chrome + rows * ROW_PX)

    def _search(self, query: str) -> None:
        self._model.search(query)
        self._place()
        self._choose(0)
        if not self._model.rowCount():
            self._help.setText("No command fits.")

    def _choose(self, row: int) -> None:
        count = self._model.rowCount()
        if count:
            index = self._model.index(row % count)
            self._list.setCurrentIndex(index)
            self._list.scrollTo(index)

    def _show_help(self, index: QModelIndex) -> None:
        if index.isValid():
            possible = self._model.action(index.row()).isEnabled()
            text = index.data(COMMAND).help
            text = text if possible else f"Not possible now. {text}"
            self._help.setToolTip(text)
            self._help.setText(
                self._help.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, self.width() - 40)
            )

    def _run(self, index: QModelIndex) -> None:
        if index.isValid() and self._model.action(index.row()).isEnabled():
            action = self._model.action(index.row())
            self._give_back()
            action.trigger()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.window():
            if event.type() == QEvent.Type.Resize:
                self._place()
            elif event.type() == QEvent.Type.MouseButtonPress:
                self._give_back()
            return False
        if event.type() == QEvent.Type.KeyPress:
            key, row = event.key(), self._list.currentIndex().row()  # type: ignore[attr-defined]
            steps = {
                Qt.Key.Key_Up: -1,
                Qt.Key.Key_Down: 1,
                Qt.Key.Key_PageUp: -ROWS,
                Qt.Key.Key_PageDown: ROWS,
            }
            if key == Qt.Key.Key_Escape:
                self._give_back()
            elif key in ENTER:
                self._run(self._list.currentIndex())
            elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
                self._choose(row + steps[key])
            elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
                self._choose(min(max(row + steps[key], 0), self._model.rowCount() - 1))
            else:
                return False
            return True
        return super().eventFilter(watched, event)


class _Field(SearchField):
    own_keys = SearchField.own_keys | {Qt.Key.Key_PageUp, Qt.Key.Key_PageDown}
