"""What the pointer does on the canvas: one small class for each tool."""

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QMenu

from retexture.session.view import Point

if TYPE_CHECKING:
    from retexture.gui.canvas import Canvas


class Pointer(NamedTuple):
    """Where the mouse or pen is."""

    x: float
    y: float
    """In the window, device pixels."""
    picture: Point
    """In the picture."""
    pressure: float = 1.0
    """0-1; 1 of a mouse."""
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    eraser: bool = False
    """The pen's other end."""

    def holds(self, modifier: Qt.KeyboardModifier) -> bool:
        """Whether a modifier key is held."""
        return bool(self.modifiers & modifier)


class Tool:
    """A tool does nothing until it is told otherwise."""

    name: ClassVar[str] = ""
    label: ClassVar[str] = ""
    key: ClassVar[str] = ""
    help: ClassVar[str] = ""
    cursor: Qt.CursorShape = Qt.CursorShape.ArrowCursor

    @property
    def diameter_px(self) -> float:
        """Diameter of the outline around the cursor, in picture pixels; 0 is none."""
        return 0.0

    @property
    def secondary(self) -> "Tool | None":
        """What Alt and the right button do."""
        return None

    def press(self, pointer: Pointer, canvas: "Canvas") -> None:
        """Begin."""

    def move(self, pointer: Pointer, canvas: "Canvas") -> None:
        """Go on; called between press and release alone."""

    def release(self, pointer: Pointer, canvas: "Canvas") -> None:
        """End."""

    def cancel(self, canvas: "Canvas") -> None:
        """Give up: Esc was pressed."""

    def hover(self, pointer: Pointer, canvas: "Canvas") -> None:
        """The pointer moves and no button is held."""

    def press_key(self, key: int, canvas: "Canvas") -> bool:
        """A key of `Qt.Key` was pressed on the canvas, and no button is held. Return whether it is the tool's."""
        return False

    def menu(self, canvas: "Canvas") -> QMenu | None:
        """Return what the right button opens; None is the usual menu."""
        return None

    def paint(self, painter: QPainter, canvas: "Canvas") -> None:
        """Draw over the picture, in device pixels of the window."""


class PanTool(Tool):
    """Moves the picture."""

    name = "hand"
    label = "Hand"
    key = "H"
    help = "Move the picture in its window; Space does so with any tool"
    cursor = Qt.CursorShape.OpenHandCursor

    def __init__(self) -> None:
        self._last: tuple[float, float] | None = None

    def press(self, pointer: Pointer, canvas: "Canvas") -> None:
        self._last = pointer[:2]

    def move(self, pointer: Pointer, canvas: "Canvas") -> None:
        if self._last is not None:
            dx, dy = pointer.x - self._last[0], pointer.y - self._last[1]
            self._last = pointer[:2]
            canvas.set_view(canvas.view.moved(dx, dy))


class WipeTool(Tool):
    """Moves the line between before and after."""

    cursor = Qt.CursorShape.SplitHCursor

    def __init__(self) -> None:
        self._start = 0.0

    def press(self, pointer: Pointer, canvas: "Canvas") -> None:
        self._start = canvas.wipe_x

    def move(self, pointer: Pointer, canvas: "Canvas") -> None:
        canvas.move_wipe(pointer.x)

    def cancel(self, canvas: "Canvas") -> None:
        canvas.move_wipe(self._start)


class ZoomTool(Tool):
    """Zooms: a click by one stop, a drag to the left or right smoothly."""

    name = "zoom"
    label = "Zoom"
    key = "Z"
    help = "Click to zoom in, Alt-click to zoom out, drag to zoom smoothly"
    cursor = Qt.CursorShape.CrossCursor
    DRAG_PX = 4
    DOUBLING_PX = 100

    def __init__(self) -> None:
        self._start: Pointer | None = None
        self._zoom = 1.0
        self._dragged = False

    def press(self, pointer: Pointer, canvas: "Canvas") -> None:
        self._start, self._zoom, self._dragged = pointer, canvas.view.zoom, False

    def move(self, pointer: Pointer, canvas: "Canvas") -> None:
        if self._start is None:
            return
        dx = pointer.x - self._start.x
        self._dragged |= abs(dx) > self.DRAG_PX
        if self._dragged:
            canvas.zoom_to(
                self._zoom * 2 ** (dx / self.DOUBLING_PX), canvas.point_in_pane(self._start.x, self._start.y)
            )

    def release(self, pointer: Pointer, canvas: "Canvas") -> None:
        if self._start is not None and not self._dragged:
            out = pointer.holds(Qt.KeyboardModifier.AltModifier)
            canvas.zoom_to(
                canvas.view.next_stop(-1 if out else 1), canvas.point_in_pane(pointer.x, pointer.y)
            )
        self._start = None
