"""The marquee: rectangles and ellipses."""

import math

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from retexture.gui.canvas import Canvas
from retexture.gui.selection_tool import ALT, SHIFT, SelectionTool, SelectState, is_click, panes_of, thin_pen
from retexture.gui.selector import Selector
from retexture.gui.tools import Pointer
from retexture.session.selections import Mode, ellipse, rectangle
from retexture.session.view import Point


class MarqueeTool(SelectionTool):
    """Selects rectangles and ellipses."""

    name = "marquee"
    label = "Marquee"
    key = "M"
    help = "Drag to select a rectangle or an ellipse"

    def __init__(self, state: SelectState, selector: Selector) -> None:
        super().__init__(state, selector)
        self._start: Pointer | None = None
        self._end: Pointer | None = None
        self._mode: Mode = "replace"
        self._fresh = {SHIFT: False, ALT: False}
        """Whether a key has been up since the press: only then does it change the shape."""

    def press(self, pointer: Pointer, canvas: Canvas) -> None:
        if self.begin_drag(pointer, canvas):
            return
        self._start = self._end = pointer
        self._mode = self.mode_of(pointer)
        self._fresh = {key: not pointer.holds(key) for key in (SHIFT, ALT)}

    def move(self, pointer: Pointer, canvas: Canvas) -> None:
        if self.drag(pointer, canvas) or self._start is None:
            return
        self._end = pointer
        for key in self._fresh:
            self._fresh[key] |= not pointer.holds(key)
        canvas.update()

    def release(self, pointer: Pointer, canvas: Canvas) -> None:
        if self.end_drag(pointer, canvas) or self._start is None:
            return
        start, self._end = self._start, pointer
        corners = self._corners()
        self._start = self._end = None
        canvas.update()
        if is_click(start, pointer):
            self.deselect_unless_combining(self._mode, canvas)
        elif self.state.elliptical:
            self.combine("Elliptical Marquee", self._mode, lambda size: ellipse(size, *corners))
        else:
            self.combine("Rectangular Marquee", self._mode, lambda size: rectangle(size, *corners))

    def cancel(self, canvas: Canvas) -> None:
        self._start = self._end = None
        super().cancel(canvas)

    def _corners(self) -> tuple[Point, Point]:
        """Return two opposite corners of the shape, on corners of pixels."""
        assert self._start is not None
        assert self._end is not None
        a, b = (Point(round(p.picture.x), round(p.picture.y)) for p in (self._start, self._end))
        dx, dy = b.x - a.x, b.y - a.y
        if self._fresh[SHIFT] and self._end.holds(SHIFT):
            edge = max(abs(dx), abs(dy))
            dx, dy = math.copysign(edge, dx), math.copysign(edge, dy)
        if self._fresh[ALT] and self._end.holds(ALT):
            a = Point(a.x - dx, a.y - dy)
            dx, dy = 2 * dx, 2 * dy
        return a, Point(a.x + dx, a.y + dy)

    def paint(self, painter: QPainter, canvas: Canvas) -> None:
        if self._start is None:
            return
        a, b = self._corners()
        path = QPainterPath()
        rect = QRectF(QPointF(*a), QPointF(*b)).normalized()
        if self.state.elliptical:
            path.addEllipse(rect)
        else:
            path.addRect(rect)
        for _pane in panes_of(painter, canvas):
            for pen in _pens():
                painter.setPen(pen)
                painter.drawPath(path)


def _pens() -> tuple[QPen, QPen]:
    """Return the pens that draw one line over the other: black, and white dashes."""
    dashes = thin_pen(QColor("white"))
    dashes.setDashPattern([4, 4])
    return thin_pen(QColor("black")), dashes
