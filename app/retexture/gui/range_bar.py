"""A bar from black to white with four handles, under the histogram that they cut: mouse, keys, zoom."""

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from retexture.document.layers import FULL, Range
from retexture.gui import theme
from retexture.gui.editor_base import STEP_KEYS, Editor, keeps_key, key_factor
from retexture.gui.histogram_view import BARS, Counts, faded, heights, outline
from retexture.gui.range_handles import Ends, Stop, ends_of, joined, moved, split, stops

WHITES = ("#ffffff", "#e05252", "#52b85c", "#5280e0")
"""The light end of each channel's bar."""

LARGEST_ZOOM = 32
MARGIN = 11
"""Beside the bar: room for a half triangle at its end."""
PLOT_PX, BAR_PX, HANDLE_PX = 44, 10, 14
HALF_PX = 7
"""Half the width of a triangle."""
REACH_PX = 11
"""How far from its value, outward, a half triangle can be taken."""
OUTLINE = "#b4b4b4"
PLAIN_KEYS = frozenset({Qt.Key.Key_S, Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus})


class RangeBar(QWidget):
    """The histogram with its trapezoid, the gradient bar and the triangles, zoomed about any value."""

    zoomed = Signal()

    def __init__(self, editor: Editor) -> None:
        """Show the `Range` of an editor, and change it by its gestures."""
        super().__init__(editor)
        self.editor = editor
        self.handle = 0
        """The selected one, 0-3."""
        self.counts: Counts | None = None
        self.channel = 0
        self.log = False
        self.zoom = 1
        self.low = 0.0
        """The value at the left end of the bar."""
        self._stop: Stop | None = None
        self._pull = False
        self._start_x = self._offset = 0.0
        self._pan_low: float | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setFixedHeight(PLOT_PX + BAR_PX + HANDLE_PX + 2)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(268, self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.height())

    # --- values and places ------------------------------------------------------------------------

    @property
    def ends(self) -> Ends:
        """The four handles that are shown."""
        return ends_of(self.editor.value())

    @property
    def span(self) -> float:
        """How many levels are in view."""
        return 255 / self.zoom

    def plot(self) -> QRectF:
        """Return the histogram's area; its left and right edges are the ends of the view."""
        return QRectF(MARGIN, 1, self.width() - 2 * MARGIN, PLOT_PX)

    def x_of(self, value: float) -> float:
        """Return the x coordinate of a value 0-255; it may lie outside the widget."""
        area = self.plot()
        return area.left() + (value - self.low) / self.span * area.width()

    def value_at(self, x: float) -> float:
        """Return the value at an x coordinate, not rounded and not held to 0-255."""
        area = self.plot()
        return self.low + (x - area.left()) / area.width() * self.span

    def _shown_x(self, handle: int) -> float:
        """Return where a handle is drawn: one that is out of view waits at the end."""
        area = self.plot()
        return min(max(self.x_of(self.ends[handle]), area.left()), area.right())

    def _rounded(self, value: float) -> float:
        """Return a dragged value with as many decimals as a pixel can tell apart."""
        a_pixel = self.span / self.plot().width()
        return round(value, 0 if self.zoom == 1 else 1 if a_pixel >= 0.1 else 2)

    def set_zoom(self, zoom: int, about: float | None = None) -> None:
        """Zoom, 1 to 32, keeping the value `about` where it is; None: the middle of the view."""
        zoom = min(max(zoom, 1), LARGEST_ZOOM)
        centre = self.low + self.span / 2 if about is None else about
        share = (centre - self.low) / self.span
        self.zoom = zoom
        self._scroll(centre - share * self.span)
        self.zoomed.emit()

    def _scroll(self, low: float) -> None:
        self.low = min(max(low, 0.0), 255 - self.span)
        self.update()

    # --- handles ----------------------------------------------------------------------------------

    def selected_stop(self) -> Stop:
        """Return the handles that the keyboard moves."""
        return next(stop for stop in stops(self.ends) if self.handle in stop)

    def hit(self, x: float) -> Stop | None:
        """Return the handles under an x coordinate of the triangles' row."""
        near = []
        for stop in stops(self.ends):
            place = self._shown_x(stop[0])
            left = HALF_PX if len(stop) == 2 else REACH_PX if stop[0] in (0, 2) else 1
            right = HALF_PX if len(stop) == 2 else REACH_PX if stop[0] in (1, 3) else 1
            if place - left <= x <= place + right:
                near.append((abs(x - (place + (right - left) / 2)), stop))
        return min(near)[1] if near else None

    def _on_handles(self, y: float) -> bool:
        return y >= PLOT_PX

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        x = self._start_x = event.position().x()
        if not self._on_handles(event.position().y()):
            self._pan_low = self.low
            return
        stop = self.hit(x)
        if stop is None:
            return
        self._stop, self._offset = stop, x - self._shown_x(stop[0])
        self._pull = len(stop) == 2 and bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if self.handle not in stop:
            self.handle = stop[0]
        self.editor.begin()
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if self._pan_low is not None:
            self._scroll(self._pan_low - (x - self._start_x) / self.plot().width() * self.span)
            return
        if self._stop is None:
            self._point(event.position())
            return
        if x == self._start_x or not self.editor.is_active:
            return
        if self._pull:  # the way of the first movement says which half goes
            half = self._stop[0] if x < self._start_x else self._stop[1]
            self._stop, self._pull = (half,), False
            self.handle = half
        value = self._rounded(self.value_at(x - self._offset))
        self.editor.drag_to(Range(*moved(self.ends, self._stop, value)))

    def _point(self, place: QPointF) -> None:
        if not self._on_handles(place.y()):
            shape = Qt.CursorShape.OpenHandCursor if self.zoom > 1 else Qt.CursorShape.ArrowCursor
        elif self.hit(place.x()) is not None:
            shape = Qt.CursorShape.SizeHorCursor
        else:
            shape = Qt.CursorShape.ArrowCursor
        self.setCursor(shape)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._stop = self._pan_low = None
            self.editor.finish()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self._on_handles(event.position().y()):
            self.editor.enter(FULL)
        else:
            self.set_zoom(1)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned, sideways = event.angleDelta().y(), event.angleDelta().x()
        if turned == 0 and sideways and self.zoom > 1:
            self._scroll(self.low - sideways / 120 * self.span / 8)
        elif turned == 0 or (turned < 0 and self.zoom == 1) or self.editor.is_active:
            event.ignore()  # the panel scrolls
            return
        else:
            zoom = self.zoom * 2 if turned > 0 else self.zoom // 2
            self.set_zoom(zoom, self.value_at(event.position().x()))
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.editor.is_active:
            return
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            stop = self.hit(event.pos().x()) if self._on_handles(event.pos().y()) else None
            where = event.globalPos()
            if stop is not None and self.handle not in stop:
                self.handle = stop[0]
                self.update()
        else:
            stop = self.selected_stop()
            where = self.mapToGlobal(QPoint(round(self._shown_x(self.handle)), self.height()))
        menu = self.menu(stop)
        menu.exec(where)
        menu.deleteLater()

    def menu(self, stop: Stop | None) -> QMenu:
        """Return the context menu of a handle, or of the bar beside the handles."""
        menu = QMenu(self)
        if stop is not None:
            menu.addAction("Split\tS" if len(stop) == 2 else "Join\tS", self.split_or_join)
            menu.addSeparator()
        menu.addAction("Reset This Bar", lambda: self.editor.enter(FULL))
        menu.addAction("Whole Range in View", lambda: self.set_zoom(1)).setEnabled(self.zoom > 1)
        return menu

    def split_or_join(self) -> None:
        """Split the selected triangle, or join its halves where the selected one is."""
        if len(self.selected_stop()) == 2:
            new = split(self.ends, self.handle, max(16 / self.zoom, 1))
        else:
            new = joined(self.ends, self.handle)
        self.editor.enter(Range(*new))

    # --- keyboard ---------------------------------------------------------------------------------

    def focusNextPrevChild(self, next: bool) -> bool:
        # Tab goes from handle to handle before it leaves the bar.
        known = stops(self.ends)
        index = known.index(self.selected_stop()) + (1 if next else -1)
        if 0 <= index < len(known):
            self.handle = known[index][0]
            self.update()
            return True
        return super().focusNextPrevChild(next)

    def focusInEvent(self, event: QFocusEvent) -> None:
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            forward = event.reason() == Qt.FocusReason.TabFocusReason
            self.handle = stops(self.ends)[0 if forward else -1][0]
        super().focusInEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        return keeps_key(event, STEP_KEYS | {Qt.Key.Key_Home, Qt.Key.Key_End}, PLAIN_KEYS) or super().event(
            event
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in PLAIN_KEYS and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().keyPressEvent(event)
            return
        keys, stop = Qt.Key, self.selected_stop()
        steps = {keys.Key_Left: -1, keys.Key_Down: -1, keys.Key_Right: 1, keys.Key_Up: 1}
        value = self.ends[stop[0]]
        if event.key() in steps:
            value += steps[Qt.Key(event.key())] * key_factor(event.modifiers())
        elif event.key() in (keys.Key_Home, keys.Key_End):
            value = 0 if event.key() == keys.Key_Home else 255
        elif event.key() == keys.Key_S:
            self.split_or_join()
            return
        elif event.key() in (keys.Key_Plus, keys.Key_Equal, keys.Key_Minus):
            self.set_zoom(self.zoom // 2 if event.key() == keys.Key_Minus else self.zoom * 2)
            return
        else:
            super().keyPressEvent(event)
            return
        self.editor.step_to(Range(*moved(self.ends, stop, round(value, 6))))

    # --- drawing ----------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        area = self.plot()
        painter.fillRect(area, QColor(theme.FIELD))
        if self.counts is not None:
            values = heights(self.counts, self.low, self.low + self.span, int(area.width()), log=self.log)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(BARS[self.channel]))
            painter.drawPolygon(outline(values, area.adjusted(0, 4, 0, 0)))
        self._paint_trapezoid(painter, area)
        self._paint_scale(painter, area)
        bar = QRectF(area.left(), area.bottom(), area.width(), BAR_PX)
        gradient = QLinearGradient(bar.topLeft(), bar.topRight())
        white = QColor(WHITES[self.channel])
        for place, value in ((0, self.low), (1, self.low + self.span)):
            share = value / 255
            gradient.setColorAt(
                place, QColor.fromRgbF(white.redF() * share, white.greenF() * share, white.blueF() * share)
            )
        painter.fillRect(bar, gradient)
        painter.setPen(QPen(QColor(theme.LINE), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(area.united(bar).adjusted(-0.5, -0.5, 0.5, 0.5))
        painter.drawLine(bar.topLeft() - QPointF(0, 0.5), bar.topRight() - QPointF(0, 0.5))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = bar.bottom() + 1
        stop = self.selected_stop()
        order = sorted(range(4), key=lambda handle: handle in stop)  # the selected one on top
        for handle in order:
            self._paint_handle(painter, handle, top, self.hasFocus() and handle in stop)
        painter.end()

    def _paint_trapezoid(self, painter: QPainter, area: QRectF) -> None:
        b0, b1, w0, w1 = (self.x_of(end) for end in self.ends)
        top, bottom = area.top() + 1, area.bottom()
        shape = [(b0, bottom), (b1, top), (w0, top), (w1, bottom)]
        trapezoid = QPolygonF([QPointF(x, y) for x, y in shape])
        shown, whole = QPainterPath(), QPainterPath()
        shown.addPolygon(trapezoid)
        shown.closeSubpath()
        whole.addRect(area)
        painter.save()
        painter.setClipRect(area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.editor.value().is_full:
            painter.fillPath(whole.subtracted(shown), faded(QColor(theme.FIELD), 0.72))
        painter.setPen(QPen(QColor(theme.TEXT), 1.25))
        painter.drawPolyline(trapezoid)
        painter.restore()

    def _paint_scale(self, painter: QPainter, area: QRectF) -> None:
        if self.zoom == 1:
            return
        painter.setPen(QColor(theme.DIM_TEXT))
        text = area.adjusted(4, 2, -4, -2)
        painter.drawText(text, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, f"{self.low:.1f}")
        high = f"{self.low + self.span:.1f}"
        painter.drawText(text, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight, high)

    def _paint_handle(self, painter: QPainter, handle: int, top: float, focused: bool) -> None:
        ends = self.ends
        x, in_view = self._shown_x(handle), self.low <= ends[handle] <= self.low + self.span
        # Halves of one triangle when they are together, apart when it is split.
        side = -HALF_PX if handle in (0, 2) else HALF_PX
        base = top + HANDLE_PX - 2
        half = QPolygonF([QPointF(x, top), QPointF(x, base), QPointF(x + side, base)])
        fill = QColor("#101010" if handle < 2 else "#f0f0f0")
        if not in_view:
            fill = faded(fill, 0.35)
        together = ends[0] == ends[1] if handle < 2 else ends[2] == ends[3]
        if together:
            if side > 0:
                return  # drawn with the other half
            half = QPolygonF(
                [QPointF(x, top), QPointF(x - HALF_PX, base), QPointF(x + HALF_PX, base), QPointF(x, top)]
            )
        edge = theme.ACCENT if focused else OUTLINE
        painter.setPen(QPen(QColor(edge), 1.5 if focused else 1))
        painter.setBrush(fill)
        painter.drawPolygon(half)
