"""The tools that select: marquee, lasso and polygon, magic wand."""

import math
from collections.abc import Callable, Iterator
from weakref import ref

import numpy as np
from PySide6.QtCore import QObject, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from retexture.document.document import Document
from retexture.document.pixels import Tiles
from retexture.gui.canvas import Canvas
from retexture.gui.commands import Key
from retexture.gui.panes import Pane
from retexture.gui.selector import Selector
from retexture.gui.tools import Pointer, Tool
from retexture.session.colour_selection import WandSettings, wand
from retexture.session.selection_edits import select
from retexture.session.selections import (
    HALF,
    CanvasSize,
    Mode,
    combined,
    ellipse,
    feathered,
    moved,
    polygon,
    rectangle,
)
from retexture.session.session import Session
from retexture.session.view import Point, Size

CLICK_PX = 3
"""A drag that goes no further, in device pixels, is a click."""
NEAR_PX = 8
"""How near to its first corner a click closes a polygon, in device pixels."""

SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier

KEYS = (
    Key("Shift+drag", "Add to the selection; Alt subtracts, Shift+Alt intersects", "Selecting"),
    Key("Shift while dragging", "Marquee: a square or a circle; Alt: from its middle", "Selecting"),
    Key("Drag inside", "Move the outline of the selection", "Selecting"),
    Key("Shift+M", "Rectangular or elliptical marquee", "Selecting"),
    Key("Shift+L", "Lasso or polygonal lasso", "Selecting"),
    Key("Enter, Backspace", "Polygonal lasso: close it, take the last corner back", "Selecting"),
    Key("Ctrl+click a thumbnail", "Load a layer's transparency or mask as the selection", "Selecting"),
)


Shape = Callable[[CanvasSize], Tiles]
"""Makes a selection on a canvas of a size."""


class SelectState(QObject):
    """What the selection tools share with the options bar."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.mode: Mode = "replace"
        self.feather_px = 0.0
        self.elliptical = False
        self.polygonal = False
        self.wand = WandSettings()

    def set(self, **fields: object) -> None:
        """Set some of the fields."""
        for name, value in fields.items():
            setattr(self, name, value)
        self.changed.emit()


class SelectionTool(Tool):
    """What the tools share: how a shape combines with what is selected, and dragging the selection itself."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, state: SelectState, selector: Selector) -> None:
        self.state = state
        self.selector = selector
        self._dragged_from: Pointer | None = None

    def mode_of(self, pointer: Pointer) -> Mode:
        """Return how what is drawn from here on combines: by the keys held, else as the options bar says."""
        match pointer.holds(SHIFT), pointer.holds(ALT):
            case True, True:
                return "intersect"
            case True, False:
                return "add"
            case False, True:
                return "subtract"
            case _:
                return self.state.mode

    def begin_drag(self, pointer: Pointer, canvas: Canvas) -> bool:
        """Begin to drag the selection where the press is inside it and draws no shape to combine with it."""
        if self.mode_of(pointer) == "replace" and _is_inside(canvas, pointer.picture):
            self._dragged_from = pointer
        return self._dragged_from is not None

    def drag(self, pointer: Pointer, canvas: Canvas) -> bool:
        """Drag the outline on, if it is being dragged."""
        if self._dragged_from is None:
            return False
        canvas.ants.offset = _way(self._dragged_from, pointer)
        canvas.update()
        return True

    def end_drag(self, pointer: Pointer, canvas: Canvas) -> bool:
        """Put the selection down, if it was being dragged; a click inside it deselects."""
        start, self._dragged_from = self._dragged_from, None
        if start is None:
            return False
        assert canvas.session is not None
        dx, dy = _way(start, pointer)
        if _is_click(start, pointer):
            canvas.ants.offset = (0, 0)
            select(canvas.session, "Deselect", None)
        else:
            self.selector.run(
                "Move Selection", lambda d, _: None if d.selection is None else moved(d.selection, dx, dy)
            )
        return True

    def cancel(self, canvas: Canvas) -> None:
        self._dragged_from = None
        canvas.ants.offset = (0, 0)
        canvas.update()

    def hover(self, pointer: Pointer, canvas: Canvas) -> None:
        movable = self.mode_of(pointer) == "replace" and _is_inside(canvas, pointer.picture)
        self.cursor = Qt.CursorShape.SizeAllCursor if movable else Qt.CursorShape.CrossCursor

    def combine(self, label: str, mode: Mode, shape: Shape) -> None:
        """Select a shape, feathered as the options bar says, together with what is selected."""
        feather_px = self.state.feather_px

        def work(document: Document) -> Tiles:
            new = shape((document.width_px, document.height_px))
            if feather_px:
                new = feathered(new, feather_px)
            return combined(document.selection, new, mode)

        self.selector.run(label, lambda document, _cancelled: work(document))

    def deselect_unless_combining(self, mode: Mode, canvas: Canvas) -> None:
        """A shape of no size was drawn: a click deselects."""
        assert canvas.session is not None
        if mode == "replace":
            select(canvas.session, "Deselect", None)


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
        if _is_click(start, pointer):
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
            twice = last is not None and _is_click(last, pointer)
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
        dark, light = (_pen(QColor(colour)) for colour in ("black", "white"))
        beside = line.translated(1 / canvas.view.zoom, 1 / canvas.view.zoom)
        for _pane in panes_of(painter, canvas):
            painter.setPen(dark)
            painter.drawPolyline(beside)
            painter.setPen(light)
            painter.drawPolyline(line)


class WandTool(SelectionTool):
    """Selects what has the colour of the pixel that is clicked."""

    name = "wand"
    label = "Magic Wand"
    key = "Shift+W"
    help = "Click a colour to select all that is like it"

    def press(self, pointer: Pointer, canvas: Canvas) -> None:
        assert canvas.session is not None
        x, y = math.floor(pointer.picture.x), math.floor(pointer.picture.y)
        mode, settings, feather_px = self.mode_of(pointer), self.state.wand, self.state.feather_px
        active, cache = canvas.session.active, canvas.workspace.passing

        def work(document: Document, cancelled: Callable[[], bool]) -> Tiles:
            new = wand(document, x, y, settings, active, cache=cache, cancelled=cancelled)
            if feather_px:
                new = feathered(new, feather_px)
            return combined(document.selection, new, mode)

        self.selector.run("Magic Wand", work, title="Selecting by colour")

    def hover(self, pointer: Pointer, canvas: Canvas) -> None:
        """It is always a cross: the wand moves no selection."""


# -- where things are


def panes_of(painter: QPainter, canvas: Canvas) -> Iterator[Pane]:
    """Yield each pane, with the painter drawing in it in pixels of the picture."""
    for pane in canvas.panes():
        painter.save()
        painter.setClipRect(canvas.visible_part(pane), Qt.ClipOperation.IntersectClip)
        if not canvas.view.upright:
            painter.setTransform(canvas.turn(pane), combine=True)
        origin = canvas.view.origin(Size(pane.rect.width(), pane.rect.height()))
        painter.translate(pane.rect.x() + origin.x, pane.rect.y() + origin.y)
        painter.scale(canvas.view.zoom, canvas.view.zoom)
        yield pane
        painter.restore()


def _window_rect(canvas: Canvas, picture: QRectF) -> QRect:
    """Return where a rectangle of the picture lies in an upright window, with room for the width of a line."""
    pane, ratio, zoom = canvas.panes()[-1], canvas.devicePixelRatioF(), canvas.view.zoom
    origin = canvas.view.origin(Size(pane.rect.width(), pane.rect.height()))
    x = (pane.rect.x() + origin.x + picture.x() * zoom) / ratio
    y = (pane.rect.y() + origin.y + picture.y() * zoom) / ratio
    size = picture.size() * (zoom / ratio)
    return QRectF(x, y, size.width(), size.height()).toAlignedRect().adjusted(-3, -3, 3, 3)


def _pen(colour: QColor) -> QPen:
    pen = QPen(colour, 1)
    pen.setCosmetic(True)
    return pen


def _pens() -> tuple[QPen, QPen]:
    """Return the pens that draw one line over the other: black, and white dashes."""
    dashes = _pen(QColor("white"))
    dashes.setDashPattern([4, 4])
    return _pen(QColor("black")), dashes


def _way(start: Pointer, end: Pointer) -> tuple[int, int]:
    return round(end.picture.x - start.picture.x), round(end.picture.y - start.picture.y)


def _is_click(start: Pointer, end: Pointer) -> bool:
    return math.dist(start[:2], end[:2]) <= CLICK_PX


def _is_inside(canvas: Canvas, point: Point) -> bool:
    """Whether a point of the picture is selected, and no Quick Mask hides the outline."""
    session = canvas.session
    if session is None or session.quick_mask or session.document.selection is None:
        return False
    x, y = math.floor(point.x), math.floor(point.y)
    document = session.document
    if not (0 <= x < document.width_px and 0 <= y < document.height_px):
        return False
    return bool(session.document.selection.read(x, y, 1, 1)[0, 0, 0] >= HALF)
