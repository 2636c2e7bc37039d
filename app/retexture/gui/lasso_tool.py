"""The lasso, free or as a polygon."""

import math
from weakref import ref

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from retexture.gui.canvas import Canvas
from retexture.gui.selection_tool import CLICK_PX, SelectionTool, SelectState, is_click, panes_of, thin_pen
from retexture.gui.selector import Selector
from retexture.gui.tools import Pointer
from retexture.session.selections import Mode, polygon
from retexture.session.session import Session
from retexture.session.view import Point, Size

NEAR_PX = 8
"""How near to its first corner a click closes a polygon, in device pixels."""


class LassoTool(SelectionTool):
    """Selects what a free line, or a polygon clicked corner by corner, encircles."""

    name = "lasso"
    label = "Lasso"
    key = "L"
    help = "Draw around what you select; as polygon, click its corners"

    def __init__(self, state: SelectState, selector: Selector) -> None:
        super().__init__(state, selector)
        self._points = QPolygonF()
        self._mode: Mode = "replace"
        self._pressed: Pointer | None = None
        self._rubber: Point | None = None
        """Where the next corner of the polygon would be."""
        self._session: ref[Session] | None = None

    @property
    def points(self) -> list[Point]:
        """The line so far."""
        return [Point(p.x(), p.y()) for p in self._points.toList()]

    @property
    def _drawing(self) -> bool:
        return not self._points.isEmpty()

    def _is_of(self, canvas: Canvas) -> bool:
        """Whether the line belongs to the document in front."""
        return self._session is not None and self._session() is canvas.session

    def press(self, pointer: Pointer, canvas: Canvas) -> None:
        if not self._is_of(canvas):
            self._forget(canvas)
        last, self._pressed = self._pressed, pointer
        if self._drawing and self.state.polygonal:
            twice = last is not None and is_click(last, pointer)
            if twice or self._is_near_start(pointer, canvas):
                self._close(canvas)
            else:
                self._add(pointer.picture, canvas)
            return
        if self.begin_drag(pointer, canvas):
            return
        assert canvas.session is not None
        self._session = ref(canvas.session)
        self._mode = self.mode_of(pointer)
        self._points = QPolygonF([QPointF(*pointer.picture)])

    def move(self, pointer: Pointer, canvas: Canvas) -> None:
        if self.drag(pointer, canvas):
            return
        if self.state.polygonal:
            self.hover(pointer, canvas)
        elif self._drawing:
            self._add(pointer.picture, canvas)

    def release(self, pointer: Pointer, canvas: Canvas) -> None:
        if self.end_drag(pointer, canvas) or self.state.polygonal or not self._drawing:
            return
        self._add(pointer.picture, canvas)
        self._close(canvas)

    def hover(self, pointer: Pointer, canvas: Canvas) -> None:
        if self._drawing and self._is_of(canvas):
            self.cursor = Qt.CursorShape.CrossCursor
            before, self._rubber = self._rubber or pointer.picture, pointer.picture
            last = self._points.last()
            self._repaint(canvas, QPolygonF([last, QPointF(*before), QPointF(*pointer.picture)]))
        else:
            super().hover(pointer, canvas)

    def press_key(self, key: int, canvas: Canvas) -> bool:
        if not self._drawing:
            return False
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._close(canvas)
        elif key in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self._points.remove(self._points.size() - 1)
            self._pressed = None
            canvas.update()
        elif key == Qt.Key.Key_Escape:
            self._forget(canvas)
        else:
            return False
        return True

    def cancel(self, canvas: Canvas) -> None:
        self._forget(canvas)
        super().cancel(canvas)

    def _add(self, point: Point, canvas: Canvas) -> None:
        last = self._points.last()
        if (last.x(), last.y()) != point:
            self._points.append(QPointF(*point))
            self._repaint(canvas, QPolygonF([last, QPointF(*point)]))

    def _repaint(self, canvas: Canvas, line: QPolygonF) -> None:
        if canvas.view.upright and len(canvas.panes()) == 1:
            canvas.update(_window_rect(canvas, line.boundingRect()))
        else:
            canvas.update()

    def _is_near_start(self, pointer: Pointer, canvas: Canvas) -> bool:
        first, near = self._points.first(), NEAR_PX / canvas.view.zoom
        distance = math.dist((first.x(), first.y()), pointer.picture)
        return self._points.size() > 2 and distance <= near

    def _close(self, canvas: Canvas) -> None:
        points = np.array([(p.x(), p.y()) for p in self._points.toList()], np.float64)
        mode = self._mode
        self._forget(canvas)
        extent = np.ptp(points, axis=0)
        if len(points) < 3 or extent.max() * canvas.view.zoom <= CLICK_PX:
            self.deselect_unless_combining(mode, canvas)
        else:
            label = "Polygonal Lasso" if self.state.polygonal else "Lasso"
            self.combine(label, mode, lambda size: polygon(size, points))

    def _forget(self, canvas: Canvas) -> None:
        self._points = QPolygonF()
        self._rubber = self._pressed = None
        canvas.update()

    def paint(self, painter: QPainter, canvas: Canvas) -> None:
        if not self._drawing or not self._is_of(canvas):
            return
        line = QPolygonF(self._points)
        if self._rubber is not None:
            line.append(QPointF(*self._rubber))
        # Beside each other, not dashed: dashes along ten thousand points would take longer than a frame.
        dark, light = (thin_pen(QColor(colour)) for colour in ("black", "white"))
        beside = line.translated(1 / canvas.view.zoom, 1 / canvas.view.zoom)
        for _pane in panes_of(painter, canvas):
            painter.setPen(dark)
            painter.drawPolyline(beside)
            painter.setPen(light)
            painter.drawPolyline(line)


def _window_rect(canvas: Canvas, picture: QRectF) -> QRect:
    """Return where a rectangle of the picture lies in an upright window, with room for the width of a line."""
    pane, ratio, zoom = canvas.panes()[-1], canvas.devicePixelRatioF(), canvas.view.zoom
    origin = canvas.view.origin(Size(pane.rect.width(), pane.rect.height()))
    x = (pane.rect.x() + origin.x + picture.x() * zoom) / ratio
    y = (pane.rect.y() + origin.y + picture.y() * zoom) / ratio
    size = picture.size() * (zoom / ratio)
    return QRectF(x, y, size.width(), size.height()).toAlignedRect().adjusted(-3, -3, 3, 3)
