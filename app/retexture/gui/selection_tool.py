"""What the tools that select have in common: their state, combining, dragging the selection, drawing on it."""

import math
from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen

from retexture.document.document import Document
from retexture.document.pixels import Tiles
from retexture.gui.canvas import Canvas
from retexture.gui.commands import Key
from retexture.gui.panes import Pane
from retexture.gui.selector import Selector
from retexture.gui.tools import Pointer, Tool
from retexture.session.colour_selection import WandSettings
from retexture.session.selection_edits import select
from retexture.session.selections import HALF, CanvasSize, Mode, combined, feathered, moved
from retexture.session.view import Point, Size

CLICK_PX = 3
"""A drag that goes no further, in device pixels, is a click."""

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
        if is_click(start, pointer):
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


def thin_pen(colour: QColor) -> QPen:
    """Return a pen as thin at every zoom."""
    pen = QPen(colour, 1)
    pen.setCosmetic(True)
    return pen


def _way(start: Pointer, end: Pointer) -> tuple[int, int]:
    return round(end.picture.x - start.picture.x), round(end.picture.y - start.picture.y)


def is_click(start: Pointer, end: Pointer) -> bool:
    """Whether the pointer stayed where it was pressed."""
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
