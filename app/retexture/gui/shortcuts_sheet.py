"""The shortcuts sheet (F1): every key and gesture on one page, made from the declarations of the commands."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from retexture.gui import theme
from retexture.gui.commands import MENUS, Command, Key
from retexture.gui.line_edit import SearchField

COLUMN_PX = 340
MOST_COLUMNS = 3
GROUP_ROWS = 2
"""Rows that the title of a group takes, with the gap above it."""


class Line(NamedTuple):
    """One line of the sheet."""

    keys: str
    """As shown; two ways to do it stand on both sides of `` or ``."""
    text: str
    group: str


def lines(commands: Iterable[Command], keys: Iterable[Key]) -> list[Line]:
    """Return the lines of the sheet: commands that have keys in the order of the menus, then gestures by group."""
    found = [
        Line(" or ".join(_native(way) for way in command.keys), _text(command), command.menu.split(" > ")[0])
        for command in commands
        if command.keys
    ]
    order = {menu: i for i, menu in enumerate(MENUS)}
    found.sort(key=lambda line: order.get(line.group, len(order)))
    groups = dict.fromkeys(key.group for key in keys)
    found += [
        Line(key.keys, key.help.rstrip("."), group) for group in groups for key in keys if key.group == group
    ]
    return found


def _text(command: Command) -> str:
    """Return a command's label; of a single word with its submenu, without which `Layer` says little."""
    label, submenu = command.label.rstrip("…"), command.menu.rpartition(" > ")[2]
    return f"{submenu} › {label}" if " > " in command.menu and " " not in label else label


def fitting(all_lines: Iterable[Line], query: str) -> list[Line]:
    """Return the lines that have each word of a query in their text, their group or their keys."""
    words = query.casefold().split()
    return [line for line in all_lines if all(word in " ".join(line).casefold() for word in words)]


def in_columns(shown: Sequence[Line], columns: int) -> list[list[list[Line]]]:
    """Return the groups of lines in columns, their order kept, so that the longest column is short."""
    groups: dict[str, list[Line]] = {}
    for line in shown:
        groups.setdefault(line.group, []).append(line)
    blocks = list(groups.values())
    heights = [len(block) + GROUP_ROWS for block in blocks]
    limit = max([*heights, -(-sum(heights) // columns)], default=0)
    while True:
        made: list[list[list[Line]]] = [[]]
        height = 0
        for block, rows in zip(blocks, heights, strict=True):
            if height + rows > limit and made[-1]:
                made.append([])
                height = 0
            made[-1].append(block)
            height += rows
        if len(made) <= columns:
            return made
        limit += 1


def _native(keys: str) -> str:
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText) or keys


class ShortcutsSheet(QDialog):
    """All shortcuts in columns, with a field to search them."""

    def __init__(self, parent: QWidget, commands: Iterable[Command], keys: Iterable[Key]) -> None:
        super().__init__(parent)
        self.setObjectName("shortcuts_sheet")
        self.setWindowTitle("Keyboard Shortcuts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._lines = lines(commands, tuple(keys))
        self._field = SearchField("shortcuts_search", "Search shortcuts", self)
        self._field.own_keys = frozenset()
        self._field.setToolTip("Show only lines with these words")
        self._field.textChanged.connect(self._show)
        self._area = QScrollArea(self)
        self._area.setObjectName("shortcuts_area")
        self._area.setAccessibleName("Shortcuts")
        self._area.setWidgetResizable(True)
        close = QPushButton("Close", self)
        close.setObjectName("shortcuts_close")
        close.setToolTip("Close (Esc)")
        close.setAutoDefault(False)
        close.clicked.connect(self.accept)
        head = QHBoxLayout()
        head.addWidget(self._field, 1)
        head.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, theme.SPACE_LARGE, 4, theme.SPACE_LARGE)
        column.setSpacing(theme.SPACE_LARGE)
        head.setContentsMargins(0, 0, theme.SPACE_LARGE, 0)
        column.addLayout(head)
        column.addWidget(self._area, 1)
        room = parent.window().size()
        self._columns = min(max((room.width() - 80) // COLUMN_PX, 1), MOST_COLUMNS)
        self._show("")
        width = min(self._columns * (COLUMN_PX + 30) + 40, room.width() - 40)
        self._page.resize(width - 40, 0)
        height = self._page.heightForWidth(width - 40) + 90
        self.resize(width, min(height, room.height() - 40))

    def _show(self, query: str) -> None:
        shown = fitting(self._lines, query)
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(0, 0, theme.SPACE_LARGE, 0)
        row.setSpacing(28)
        for groups in in_columns(shown, self._columns):
            row.addLayout(self._column(groups), 1)
        for _ in range(self._columns - row.count()):
            row.addStretch(1)
        if not shown:
            nothing = QLabel("No shortcut fits.")
            nothing.setStyleSheet(f"color: {theme.DIM_TEXT}")
            row.insertWidget(0, nothing, 1, Qt.AlignmentFlag.AlignTop)
        self._page = page
        self._area.setWidget(page)

    def _column(self, groups: list[list[Line]]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.SPACE)
        grid.setVerticalSpacing(5)
        grid.setColumnStretch(1, 1)
        row = 0
        for group in groups:
            title = QLabel(group[0].group)
            title.setStyleSheet(f"color: {theme.BRIGHT_TEXT}; font-weight: bold;")
            title.setContentsMargins(0, 0 if row == 0 else 12, 0, 2)
            grid.addWidget(title, row, 0, 1, 2)
            for line in group:
                row += 1
                grid.addWidget(_caps(line.keys), row, 0, Qt.AlignmentFlag.AlignTop)
                text = QLabel(line.text)
                text.setWordWrap(True)
                text.setMinimumHeight(20)
                text.setMinimumWidth(120)
                grid.addWidget(text, row, 1)
            row += 1
        grid.setRowStretch(row, 1)
        return grid


def _caps(keys: str) -> QWidget:
    """Return keys as they look on a keyboard, one frame for each way."""
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    for way in keys.split(" or "):
        cap = QLabel(way)
        cap.setStyleSheet(
            f"background: {theme.BUTTON}; border: 1px solid {theme.LINE}; border-radius: 3px; padding: 1px 5px;"
        )
        row.addWidget(cap)
    row.addStretch(1)
    return box
