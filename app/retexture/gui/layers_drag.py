"""What is dragged in the Layers panel, rows or a mask: where it would go, and how that is shown.

Not by Qt's drag and drop: rows go nowhere else, and Escape and the line are ours.
"""

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QApplication, QTreeView

from retexture.document.layers import GroupLayer
from retexture.document.tree import filters_of
from retexture.gui import theme
from retexture.gui.layer_row import INDENT
from retexture.gui.layers_model import EYE, LayersModel, Name, Row
from retexture.session import filter_edits, layer_edits
from retexture.session.layer_edits import Place
from retexture.session.mask_edits import copy_mask
from retexture.session.session import Session

SCROLL_ZONE_PX, SCROLL_STEP_PX, SCROLL_MS = 24, 12, 30
"""While something is dragged near the upper or lower edge."""


class Drop(NamedTuple):
    """Where what is dragged would go."""

    place: Place
    row: Row
    line: QRect
    """Painted to show it: a line, or the group's row."""


class RowDrag(QObject):
    """A drag in a tree of layers, from the press to the edit."""

    def __init__(
        self, view: QTreeView, rows: LayersModel, attempt: Callable[[Callable[[Session], object]], None]
    ) -> None:
        super().__init__(view)
        self._view = view
        self._rows = rows
        self._attempt = attempt
        self.dragged: tuple[Name, ...] = ()
        """Rows on their way; of a mask that is copied, its layer's."""
        self.drop: Drop | None = None
        self.copied_mask: tuple[str, QPoint] | None = None
        """The layer whose mask was Alt-pressed, and where."""
        self._point = QPoint()
        """Where the pointer is."""
        self._scrolling = QTimer(self, interval=SCROLL_MS)
        self._scrolling.timeout.connect(self._scroll)

    @property
    def is_on(self) -> bool:
        """Whether rows are on their way, or a mask may be."""
        return bool(self.dragged) or self.copied_mask is not None

    def begin(self, names: tuple[Name, ...]) -> None:
        """Drag layers, or one smart filter."""
        self.dragged = names
        self._view.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def move(self, point: QPoint) -> None:
        """Show where what is dragged would go from a point of the viewport."""
        self._point = point
        if self.copied_mask is not None:
            if not self.dragged and not self._takes_mask_along(point):
                return
            self.drop = self._mask_drop(point)
        elif self.dragged[0][1] is not None:
            self.drop = self._filter_drop(point)
        else:
            self.drop = self._layer_drop(point)
        self._view.viewport().update()
        beyond = not SCROLL_ZONE_PX <= point.y() < self._view.viewport().height() - SCROLL_ZONE_PX
        if not beyond:
            self._scrolling.stop()
        elif not self._scrolling.isActive():
            self._scrolling.start()

    def _takes_mask_along(self, point: QPoint) -> bool:
        """Whether the mask that was pressed is dragged from here on."""
        assert self.copied_mask is not None
        key, start = self.copied_mask
        if (point - start).manhattanLength() < QApplication.startDragDistance():
            return False
        self.dragged = ((key, None),)
        self._view.viewport().setCursor(Qt.CursorShape.DragCopyCursor)
        return True

    def _mask_drop(self, point: QPoint) -> Drop | None:
        """Return which layer would get a copy of the mask."""
        row = self._rows.row_of(self._view.indexAt(QPoint(self._view.viewport().width() // 2, point.y())))
        if row is None or row.filter_key is not None or row.name in self.dragged:
            return None
        return Drop("into", row, self._box(row))

    def stop(self) -> None:
        """Give the drag up."""
        self.dragged, self.drop, self.copied_mask = (), None, None
        self._view.viewport().unsetCursor()
        self._view.viewport().update()
        self._scrolling.stop()

    def _scroll(self) -> None:
        up = self._point.y() < self._view.viewport().height() // 2
        bar = self._view.verticalScrollBar()
        bar.setValue(bar.value() + (-SCROLL_STEP_PX if up else SCROLL_STEP_PX))
        self.move(self._point)

    def release(self) -> None:
        """Carry out what was shown, if anything was."""
        copied, dragged, drop = self.copied_mask, self.dragged, self.drop
        self.stop()
        if drop is None:
            return
        key, filter_key = dragged[0]
        if copied is not None:
            self._attempt(lambda session: copy_mask(session, key, drop.row.key))
        elif filter_key is None:
            keys = [each for each, _ in dragged]
            self._attempt(lambda session: layer_edits.move(session, keys, drop.place, drop.row.key))
        else:
            self._move_filter(key, filter_key, drop)

    def _move_filter(self, key: str, filter_key: str, drop: Drop) -> None:
        rest = [item.key for item in filters_of(self._rows.layers[key]) if item.key != filter_key]
        if drop.row.filter_key in rest:
            place = rest.index(drop.row.filter_key) + (drop.place == "above")
            self._attempt(lambda session: filter_edits.move_filter(session, key, filter_key, place))

    def _filter_drop(self, point: QPoint) -> Drop | None:
        """Return between which filters of its own layer a dragged filter would go."""
        row = self._rows.row_of(self._view.indexAt(QPoint(self._view.viewport().width() // 2, point.y())))
        if row is None or row.filter_key is None or row.key != self.dragged[0][0]:
            return None
        box = self._box(row)
        above = point.y() < box.center().y()
        return Drop(
            "above" if above else "below", row, self._line(box, box.top() if above else box.bottom() + 1)
        )

    def _layer_drop(self, point: QPoint) -> Drop | None:
        """Return where dragged layers would go: between rows, or into a group whose row is met in its middle."""
        index = self._view.indexAt(QPoint(self._view.viewport().width() // 2, point.y()))
        row = self._rows.row_of(index)
        if row is None:
            rows = [each for each in self._rows.rows if each.filter_key is None and each.parent is None]
            if point.y() < 0 or not rows:
                return None
            return self._allowed("below", rows[-1], self._bottom(rows[-1]))
        if row.filter_key is not None:
            assert row.parent is not None
            row = row.parent
        box = self._box(row)
        group = isinstance(self._rows.layers[row.key], GroupLayer)
        share = (point.y() - box.top()) / box.height()
        if share < (0.3 if group else 0.5):
            return self._allowed("above", row, box.top())
        if group and (share < 0.7 or self._open_members(row)):
            return self._allowed("into", row, box.top())
        # Left of the row, below a group's last member: below the group itself.
        while (
            row.parent is not None
            and row is row.parent.children[-1]
            and point.x() < self._box(row).left() - INDENT
        ):
            row = row.parent
        return self._allowed("below", row, self._bottom(row))

    def _open_members(self, row: Row) -> bool:
        return self._view.isExpanded(self._rows.find(row.name, EYE)) and any(
            c.filter_key is None for c in row.children
        )

    def _allowed(self, place: Place, row: Row, y: int) -> Drop | None:
        above: Row | None = row
        while above is not None:
            if (above.key, None) in self.dragged:
                return None
            above = above.parent
        box = self._box(row)
        return Drop(place, row, box if place == "into" else self._line(box, y))

    def _box(self, row: Row) -> QRect:
        return self._view.visualRect(self._rows.find(row.name))

    def _bottom(self, row: Row) -> int:
        """Return y beneath a row and all that is open under it."""
        while row.children and self._view.isExpanded(self._rows.find(row.name, EYE)):
            row = row.children[-1]
        return self._box(row).bottom() + 1

    @staticmethod
    def _line(box: QRect, y: int) -> QRect:
        return QRect(box.left(), y - 1, box.width(), 2)

    def paint(self, painter: QPainter) -> None:
        """Draw where what is dragged would go."""
        if self.drop is None:
            return
        line = self.drop.line
        if self.drop.place == "into":
            painter.setPen(QPen(QColor(theme.BRIGHT_TEXT), 2))
            painter.drawRoundedRect(line.adjusted(1, 1, -1, -2), 3, 3)
        else:
            painter.fillRect(line, QColor(theme.BRIGHT_TEXT))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(QColor(theme.BRIGHT_TEXT))
            painter.drawEllipse(line.left() - 2, line.top() - 2, 5, 5)
