"""The list of blemishes: each with a check mark where it is kept out, the surest first."""

from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeView, QWidget

from retexture.document.analysis import Analysis
from retexture.gui import theme
from retexture.gui.editor_base import STEP_KEYS, keeps_key
from retexture.session import restoration

Index = QModelIndex | QPersistentModelIndex
ROLE = Qt.ItemDataRole
COLUMNS = ("Kept out", "Size", "Strength", "Decided")
KEPT, SIZE, STRENGTH, DECIDED = range(4)
WIDEST = ("Kept out", "999 px", "Strength", "By hand")
"""What each column must have room for."""
PADDING_PX = 18
HELP = (
    "Checked blemishes are kept out: clean skin lies over them",
    "Diameter in the picture",
    "How far it stands out of the skin around: the sensitivity is a threshold on it",
    "By the sensitivity, or by hand: that stays whatever the sensitivity is",
)
ROW_PX = 24
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Blemishes(QAbstractTableModel):
    """What an analysis found, a row each."""

    toggled = Signal(int)
    """The check mark of a row was clicked."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._analysis: Analysis | None = None
        self._kept: tuple[bool, ...] = ()

    def show(self, analysis: Analysis | None) -> None:
        """Show an analysis; rows stay where only decisions are others."""
        spots = () if self._analysis is None else self._analysis.spots
        before = tuple(zip(spots, self._kept, strict=True))
        kept = () if analysis is None else restoration.decisions(analysis)
        after = () if analysis is None else tuple(zip(analysis.spots, kept, strict=True))
        if len(before) != len(after):
            self.beginResetModel()
        self._analysis, self._kept = analysis, kept
        if len(before) != len(after):
            self.endResetModel()
            return
        for row, (was, now) in enumerate(zip(before, after, strict=True)):
            if was != now:
                self.dataChanged.emit(self.index(row, 0), self.index(row, len(COLUMNS) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._kept)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = ROLE.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return None
        return {
            ROLE.DisplayRole: COLUMNS[section],
            ROLE.ToolTipRole: HELP[section],
            ROLE.TextAlignmentRole: RIGHT if section in (SIZE, STRENGTH) else LEFT,
        }.get(Qt.ItemDataRole(role))

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsUserCheckable if index.column() == KEPT else flags

    def data(self, index: Index, role: int = ROLE.DisplayRole) -> Any:
        assert self._analysis is not None
        spot, kept, column = self._analysis.spots[index.row()], self._kept[index.row()], index.column()
        match role:
            case ROLE.DisplayRole:
                by_hand = "By hand" if spot.kept_out is not None else ""
                kind = spot.kind.capitalize()
                return (kind, f"{2 * spot.radius_px:.0f} px", f"{spot.score:.1f}", by_hand)[column]
            case ROLE.CheckStateRole if column == KEPT:
                return Qt.CheckState.Checked if kept else Qt.CheckState.Unchecked
            case ROLE.TextAlignmentRole:
                return RIGHT if column in (SIZE, STRENGTH) else LEFT
            case ROLE.ForegroundRole if not kept:
                return QColor(theme.DIM_TEXT)
            case ROLE.AccessibleTextRole if column == KEPT:
                return f"{restoration.title_of(spot)}, {'kept out' if kept else 'comes back'}"
            case ROLE.ToolTipRole:
                state = "is kept out" if kept else "comes back"
                return (
                    f"{restoration.title_of(spot)}: {state}\nSpace toggles it, Enter shows it in the picture"
                )
        return None

    def setData(self, index: Index, value: Any, role: int = ROLE.EditRole) -> bool:
        if role != ROLE.CheckStateRole:
            return False
        self.toggled.emit(index.row())
        return True


class BlemishList(QTreeView):
    """Shows `Blemishes`. Space toggles what is selected, Enter or a double click shows it in the picture."""

    toggled = Signal(list)
    """Rows to keep out or let come back."""
    pointed = Signal(list)
    """Rows that are selected, or under the pointer."""
    wanted = Signal(int)
    """A row to be shown in the picture."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName("Blemishes")
        self.setToolTip("What the retouching removed. Space toggles the selected ones, Enter shows one")
        self.rows = Blemishes(self)
        self.setModel(self.rows)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setExpandsOnDoubleClick(False)
        self.setStyleSheet(f"QTreeView::item {{ min-height: {ROW_PX}px; }}")
        head = self.header()
        head.setSectionsClickable(False)
        head.setSectionsMovable(False)
        head.setStretchLastSection(False)
        # Of fixed widths: to fit them to all rows at each change takes longer than to draw the picture.
        head.setMinimumSectionSize(20)
        for column, widest in enumerate(WIDEST):
            stretches = column == KEPT
            mode = QHeaderView.ResizeMode.Stretch if stretches else QHeaderView.ResizeMode.Fixed
            head.setSectionResizeMode(column, mode)
            head.resizeSection(column, self.fontMetrics().horizontalAdvance(widest) + PADDING_PX)
        self.rows.toggled.connect(lambda row: self.toggled.emit([row]))
        self.entered.connect(lambda index: self.pointed.emit(sorted({*self.chosen(), index.row()})))
        self.selectionModel().selectionChanged.connect(lambda *_: self.pointed.emit(self.chosen()))
        self.doubleClicked.connect(lambda index: self.wanted.emit(index.row()))

    def chosen(self) -> list[int]:
        """Return the rows that are selected."""
        return sorted(index.row() for index in self.selectionModel().selectedRows())

    def choose(self, row: int) -> None:
        """Select a row and bring it into view."""
        index = self.rows.index(row, KEPT)
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        self.scrollTo(index)

    def event(self, event: QEvent) -> bool:
        own = {
            *STEP_KEYS,
            Qt.Key.Key_Home,
            Qt.Key.Key_End,
            Qt.Key.Key_Space,
            Qt.Key.Key_Return,
            Qt.Key.Key_Enter,
        }
        return keeps_key(event, plain=own) or super().event(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed.emit(self.chosen())
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        rows = self.chosen()
        if event.key() == Qt.Key.Key_Space and rows:
            self.toggled.emit(rows)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and rows:
            self.wanted.emit(self.currentIndex().row())
        else:
            super().keyPressEvent(event)
