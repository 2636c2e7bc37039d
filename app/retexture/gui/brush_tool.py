"""Painting with mouse and pen: on the mask of the selected layer, or on a paint layer."""

from typing import ClassVar, Literal
from weakref import ref

import msgspec
from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QPainter

from retexture.document.changes import Rect
from retexture.document.document import Document
from retexture.document.pixels import Tiles
from retexture.gui.canvas import Canvas
from retexture.gui.picture_painting import paint_drag
from retexture.gui.tools import Pointer, Tool
from retexture.gui.workspace import Workspace
from retexture.session.brush import Brush
from retexture.session.histogram import Values, read_values
from retexture.session.masks import gradient, within
from retexture.session.painting import Surface, paint_surface, painted, unseen_words
from retexture.session.session import Gesture, Session
from retexture.session.strokes import Stroke
from retexture.session.target import Target
from retexture.session.view import Point, Size

MAX_SIZE_PX = 5000

FIRST_BRUSHES = {
    "clone": Brush(size_px=100.0, hardness=0.3, smoothing=0.0, opacity_pressure=False),
    "dodge": Brush(size_px=80.0, flow=0.02, smoothing=0.0, opacity_pressure=False, flow_pressure=True),
    "heal": Brush(size_px=40.0, hardness=0.8, smoothing=0.0, opacity_pressure=False),
}
"""By the kind of tool, where it is not the brush of all."""

Place = tuple[str | None, Target]
"""What is painted on: the key of a layer, and what of it. No key: the selection, in Quick Mask."""


class PaintState(QObject):
    """What brushes paint with, shared by the brush tools and the options bar."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.brush = Brush()
        self.kind = "brush"
        self._brushes = dict(FIRST_BRUSHES)
        self.white: bool = True
        """On masks: white shows, black hides."""
        self._mask_white: bool | None = None
        """What masks are painted with, while Quick Mask has an ink of its own."""
        self.colour = (1.0, 1.0, 1.0)
        """On paint layers: encoded RGB 0-1."""

    def set_brush(self, brush: Brush) -> None:
        """Paint with another brush from now on."""
        if brush != self.brush:
            self.brush = brush
            self.changed.emit()

    def take(self, kind: str) -> None:
        """Go on with the brush of another kind of tool: each keeps its own."""
        if kind != self.kind:
            self._brushes[self.kind], self.kind = self.brush, kind
            self.set_brush(self._brushes.get(kind, Brush()))

    def brush_of(self, kind: str) -> Brush:
        """Return the brush of a kind of tool."""
        return self.brush if kind == self.kind else self._brushes.get(kind, Brush())

    def set_white(self, white: bool) -> None:
        """Paint masks white or black from now on."""
        if white != self.white:
            self.white = white
            self.changed.emit()

    def set_quick_mask(self, on: bool) -> None:
        """Begin Quick Mask with black, which paints its film, and go on with the ink of before after it."""
        if on and self._mask_white is None:
            self._mask_white = self.white
            self.set_white(False)
        elif not on and self._mask_white is not None:
            self.set_white(self._mask_white)
            self._mask_white = None

    def set_colour(self, colour: tuple[float, float, float]) -> None:
        """Paint layers in another colour from now on."""
        if colour != self.colour:
            self.colour = colour
            self.changed.emit()


class BrushTool(Tool):
    """Paints a stroke."""

    name = "brush"
    label = "Brush"
    key = "B"
    help = "Paint on the layer's mask, or on a paint layer, where Alt-click takes the picture's colour"
    cursor = Qt.CursorShape.CrossCursor
    erases = False
    kind: ClassVar[str] = "brush"
    """Tools of a kind share a brush."""

    def __init__(self, state: PaintState) -> None:
        self.state = state
        self._sizer = BrushSizeTool(state)
        self._stroke: Stroke | None = None
        self._gesture: Gesture | None = None
        self._place: Place = ("", "layer")
        self._dirty: Rect | None = None
        self._waiting = False
        self._last: tuple[ref[Session], Place, Point] | None = None
        """Where the stroke before ended."""

    @property
    def diameter_px(self) -> float:
        return self.state.brush.size_px

    @property
    def secondary(self) -> Tool:
        return self._sizer

    def _value(self, mask: bool, eraser: bool) -> tuple[float, ...] | None:
        erases = self.erases or eraser
        if mask:
            return (float(self.state.white != erases),)
        return None if erases else self.state.colour

    def press(self, pointer: Pointer, canvas: Canvas) -> None:
        session = canvas.session
        assert session is not None
        in_colour = self.name == "brush" and session.target == "layer" and not session.quick_mask
        if in_colour and pointer.holds(Qt.KeyboardModifier.AltModifier):
            self._take_colour(session, pointer.picture, canvas.workspace)
            return
        try:
            self._set_down(session, pointer, canvas)
        except ValueError as error:
            canvas.workspace.tell_problem(error)
            return
        assert self._stroke is not None
        self._dirty = None
        here, last = (ref(session), self._place), self._last
        if pointer.holds(Qt.KeyboardModifier.ShiftModifier) and last is not None and last[:2] == here:
            self._add(self._stroke.begin(*last[2], pointer.pressure))
            self._add(self._stroke.move(*pointer.picture, pointer.pressure))
        else:
            self._add(self._stroke.begin(*pointer.picture, pointer.pressure))
        self._flush()

    def _take_colour(self, session: Session, place: Point, workspace: Workspace) -> None:
        """Paint in the colour that the picture has at a place."""
        document = session.document

        def done(found: Values | None) -> None:
            if found is not None:
                red, green, blue = (min(max(value, 0.0), 1.0) for value in found)
                self.state.set_colour((red, green, blue))

        workspace.jobs.submit(
            lambda job: read_values(document, place, workspace.cache, job.cancelled),
            done,
            lane="colour of the brush",
            urgent=True,
        )

    def _set_down(self, session: Session, pointer: Pointer, canvas: Canvas) -> None:
        """Begin the gesture and its stroke.

        Raises:
            ValueError: nothing can be painted on; in words for the user.
        """
        surface = paint_surface(session)
        label = "Eraser" if self.erases or pointer.eraser else "Brush stroke"
        self._gesture = session.begin(label)
        self._place = (surface.key, surface.target)
        value = self._value(surface.mask, pointer.eraser)
        self._stroke = Stroke(surface.tiles, self.state.brush, value, surface.selection)

    def move(self, pointer: Pointer, canvas: Canvas) -> None:
        if self._stroke is None:
            return
        self._add(self._stroke.move(*pointer.picture, pointer.pressure))
        # Events that wait are taken in before the screen is drawn: the stroke never lags behind the pen.
        if self._dirty is not None and not self._waiting:
            self._waiting = True
            canvas.workspace.later(0, self._flush)

    def release(self, pointer: Pointer, canvas: Canvas) -> None:
        stroke, gesture, self._stroke, self._gesture = self._stroke, self._gesture, None, None
        if stroke is None or gesture is None:
            return
        self._add(stroke.move(*pointer.picture, pointer.pressure) if pointer.pressure else None)
        self._add(stroke.finish())
        # Also where nothing is left to show: the stroke has let go of tiles that are as they were.
        gesture.update(painted(gesture.document, *self._place, stroke.tiles), self._dirty)
        self._dirty = None
        unseen = unseen_words(gesture.document, *self._place, stroke.coverage)
        self._lift(gesture, stroke, canvas)
        if unseen is not None:
            canvas.workspace.message.emit(unseen)
        self._last = (ref(gesture.session), self._place, pointer.picture)

    def _lift(self, gesture: Gesture, stroke: Stroke, canvas: Canvas) -> None:
        """End the gesture of a stroke that is finished."""
        gesture.commit()

    def cancel(self, canvas: Canvas) -> None:
        gesture, self._stroke, self._gesture, self._dirty = self._gesture, None, None, None
        if gesture is not None:
            gesture.cancel()

    def _add(self, dirty: Rect | None) -> None:
        if dirty is not None:
            self._dirty = dirty if self._dirty is None else _union(self._dirty, dirty)

    def _flush(self) -> None:
        """Show what has been painted since."""
        self._waiting = False
        if self._stroke is None or self._gesture is None or self._dirty is None:
            return
        dirty, self._dirty = self._dirty, None
        self._gesture.update(painted(self._gesture.document, *self._place, self._stroke.tiles), dirty)


class EraserTool(BrushTool):
    """Erases: on masks it paints the opposite of the brush."""

    name = "eraser"
    label = "Eraser"
    key = "E"
    help = "Erase from a paint layer; on a mask, paint the opposite of the brush"
    erases = True


class BrushSizeTool(Tool):
    """Alt and the right button: right makes the brush larger, down makes it harder."""

    HARDNESS_PX = 200

    def __init__(self, state: PaintState) -> None:
        self.state = state
        self._start: Pointer | None = None
        self._brush = state.brush

    @property
    def diameter_px(self) -> float:
        return self.state.brush.size_px

    def press(self, pointer: Pointer, canvas: Canvas) -> None:
        self._start, self._brush = pointer, self.state.brush

    def move(self, pointer: Pointer, canvas: Canvas) -> None:
        if self._start is None:
            return
        size = self._brush.size_px + 2 * (pointer.x - self._start.x) / canvas.view.zoom
        hardness = self._brush.hardness + (pointer.y - self._start.y) / self.HARDNESS_PX
        size = min(max(round(size, 1 if size < 10 else 0), 1), MAX_SIZE_PX)
        self.state.set_brush(
            msgspec.structs.replace(self._brush, size_px=size, hardness=min(max(hardness, 0), 1))
        )
        canvas.update()

    def release(self, pointer: Pointer, canvas: Canvas) -> None:
        self._start = None

    def cancel(self, canvas: Canvas) -> None:
        self._start = None
        self.state.set_brush(self._brush)


class GradientTool(Tool):
    """Draws a gradient on the mask, from the press to the release."""

    name = "gradient"
    label = "Gradient"
    key = "G"
    help = "Drag a gradient on the layer's mask, from the brush's colour to its opposite"
    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, state: PaintState) -> None:
        self.state = state
        self.kind: Literal["linear", "radial"] = "linear"
        self._start: Pointer | None = None
        self._gesture: Gesture | None = None
        self._surface: Surface | None = None
        self._end: Pointer | None = None

    def press(self, pointer: Pointer, canvas: Canvas) -> None:
        session = canvas.session
        assert session is not None
        try:
            surface = paint_surface(session)
            if not surface.mask:
                raise ValueError("Gradients are drawn on masks: click the layer's mask, or add one")
        except ValueError as error:
            canvas.workspace.tell_problem(error)
            return
        self._start = self._end = pointer
        self._surface, self._gesture = surface, session.begin("Gradient")

    def move(self, pointer: Pointer, canvas: Canvas) -> None:
        if self._start is not None:
            self._end = pointer
            canvas.update()

    def release(self, pointer: Pointer, canvas: Canvas) -> None:
        start, gesture, surface = self._start, self._gesture, self._surface
        self._forget(canvas)
        if start is None or gesture is None or surface is None:
            return
        if start.picture == pointer.picture:
            gesture.cancel()
            return
        first, kind = float(self.state.white), self.kind

        def draw() -> Tiles:
            drawn = gradient(surface.tiles, start.picture, pointer.picture, first, 1 - first, kind)
            return within(surface.tiles, drawn, surface.selection)

        def settle() -> Document:
            return painted(gesture.start, surface.key, surface.target, draw())

        def done(document: Document) -> None:
            gesture.settle = None
            gesture.update(document)
            gesture.commit()

        gesture.settle = settle
        canvas.workspace.jobs.submit(lambda _job: settle(), done, title="Drawing the gradient")

    def cancel(self, canvas: Canvas) -> None:
        gesture = self._gesture
        self._forget(canvas)
        if gesture is not None:
            gesture.cancel()

    def _forget(self, canvas: Canvas) -> None:
        self._start = self._end = self._gesture = self._surface = None
        canvas.update()

    def paint(self, painter: QPainter, canvas: Canvas) -> None:
        if self._start is None or self._end is None:
            return
        pane = canvas.pane_at(self._start.x, self._start.y)
        size, corner = Size(pane.rect.width(), pane.rect.height()), QPointF(pane.rect.topLeft())
        start, end = (
            QPointF(*canvas.view.to_window(pointer.picture, size)) + corner
            for pointer in (self._start, self._end)
        )
        paint_drag(painter, start, end)


def _union(a: Rect, b: Rect) -> Rect:
    x, y = min(a.x, b.x), min(a.y, b.y)
    right, bottom = max(a.x + a.width, b.x + b.width), max(a.y + a.height, b.y + b.height)
    return Rect(x, y, right - x, bottom - y)
