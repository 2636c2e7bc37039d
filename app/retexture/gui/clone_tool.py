"""The Clone Stamp: painting with the picture's own pixels from another place."""

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from retexture.document.document import find
from retexture.gui.brush_tool import BrushTool, PaintState
from retexture.gui.canvas import Canvas
from retexture.gui.clone_state import CloneState
from retexture.gui.commands import Key
from retexture.gui.source_preview import SourcePreview
from retexture.gui.tools import Pointer
from retexture.render.region import Region
from retexture.session.cloning import CloneStroke, Offset
from retexture.session.retouching import Target, retouch_target
from retexture.session.sampling import Sampled, remedy, sampled_document
from retexture.session.session import Gesture, Session
from retexture.session.strokes import Stroke
from retexture.session.view import Point

KEYS = (
    Key("Alt+click", "Clone Stamp and Healing Brush: set the source", "Retouching"),
    Key("Shift+J", "Next of Healing Brush, Spot Healing and Patch", "Retouching"),
)

CROSS_PX = 9
"""Half the width of the source's cross on the screen."""


class CloneTool(BrushTool):
    """Paints with the picture from another place."""

    name = "clone"
    label = "Clone Stamp"
    key = "S"
    help = "Paint with another place of the picture: Alt-click it first"
    kind = "clone"

    def __init__(self, paint: PaintState, clone: CloneState) -> None:
        super().__init__(paint)
        self.clone = clone
        self._target: Target | None = None
        self._sampled: Sampled | None = None
        self._offset: Offset = (0, 0)
        self._here: Point | None = None
        self._cross = QRect()
        self._preview = SourcePreview()
        self._picks = False
        """Alt is held: a press sets the source."""

    @property
    def step_label(self) -> str:
        """What undo takes back."""
        return self.label

    def press(self, pointer: Pointer, canvas: Canvas) -> None:
        self._here = pointer.picture
        self._preview.clear(canvas)
        if pointer.holds(Qt.KeyboardModifier.AltModifier):
            assert canvas.session is not None
            try:
                self.clone.set_source(canvas.session, pointer.picture)
            except ValueError as error:
                canvas.workspace.tell_problem(error)
        else:
            super().press(pointer, canvas)
        canvas.update()

    def move(self, pointer: Pointer, canvas: Canvas) -> None:
        super().move(pointer, canvas)
        self.hover(pointer, canvas)

    def hover(self, pointer: Pointer, canvas: Canvas) -> None:
        self._here, self._picks = pointer.picture, pointer.holds(Qt.KeyboardModifier.AltModifier)
        self._move_cross(canvas)

    def release(self, pointer: Pointer, canvas: Canvas) -> None:
        super().release(pointer, canvas)
        canvas.update()

    def _set_down(self, session: Session, pointer: Pointer, canvas: Canvas) -> None:
        self._prepare(session, canvas)
        assert self._target is not None
        assert self._sampled is not None
        self._offset = self.clone.offset(session, pointer.picture)
        source = self.clone.source_at(session, pointer.picture, painting=True)
        assert source is not None
        radius = max(int(self.state.brush.size_px / 2), 1)
        around = Region(int(source.x) - radius, int(source.y) - radius, 2 * radius + 1, 2 * radius + 1)
        seen = around.within(self._sampled.canvas)
        if not (seen.width and seen.height):
            raise ValueError("The source lies outside the picture here: Alt-click another one")
        if self._sampled.is_empty(seen):
            raise ValueError(f"The source is empty on this layer: {self._sampled.remedy}")
        self._stroke = CloneStroke(
            self._target.tiles, self.state.brush, self._sampled, self._offset, session.document.selection
        )
        self._begin(session, canvas)

    def _prepare(self, session: Session, canvas: Canvas) -> None:
        """Find out where the strokes go and what they sample."""
        session.finish_gesture()
        self._target = retouch_target(session)
        what = (session.document, self._target.layer, self.clone.sample)
        self._sampled = Sampled(sampled_document(*what), canvas.workspace.cache, remedy(*what))

    def _begin(self, session: Session, canvas: Canvas) -> None:
        assert self._target is not None
        if self._target.document is not session.document:
            name = find(self._target.document, self._target.key).name
            canvas.workspace.message.emit(f"Retouching goes to a new layer: {name}")
        self._gesture = session.begin(self.step_label)
        self._gesture.update(self._target.document)
        self._place = (self._target.key, "layer")

    def _lift(self, gesture: Gesture, stroke: Stroke, canvas: Canvas) -> None:
        assert self._target is not None
        if stroke.tiles == self._target.tiles:
            gesture.cancel()  # a new layer would stay empty
        else:
            gesture.commit()

    # -- the source on the screen

    def _move_cross(self, canvas: Canvas) -> None:
        before, self._cross = self._cross, QRect()
        at = self._source_in_window(canvas)
        if at is not None:
            ratio, reach = canvas.devicePixelRatioF(), CROSS_PX + 3
            middle = at / ratio
            self._cross = QRectF(middle.x() - reach, middle.y() - reach, 2 * reach, 2 * reach).toAlignedRect()
        if before != self._cross:
            canvas.update(before)
            canvas.update(self._cross)

    def _source_in_window(self, canvas: Canvas) -> QPointF | None:
        source = self.clone.source_at(canvas.session, self._here, self._stroke is not None)
        return None if source is None else in_window(canvas, source)

    def paint(self, painter: QPainter, canvas: Canvas) -> None:
        at = self._source_in_window(canvas)
        if at is None:
            return
        self._paint_preview(painter, canvas)
        reach = CROSS_PX * canvas.devicePixelRatioF()
        for colour, width in ((Qt.GlobalColor.black, 3), (Qt.GlobalColor.white, 1)):
            painter.setPen(QPen(colour, width * canvas.devicePixelRatioF()))
            painter.drawLine(at - QPointF(reach, 0), at + QPointF(reach, 0))
            painter.drawLine(at - QPointF(0, reach), at + QPointF(0, reach))

    def _paint_preview(self, painter: QPainter, canvas: Canvas) -> None:
        offset = None if self._here is None else self.clone.next_offset(canvas.session, self._here)
        if offset is None or self._here is None or self._picks or self._stroke or not canvas.underMouse():
            self._preview.clear(canvas)
        else:
            self._preview.paint(painter, canvas, self.state.brush, self.clone.sample, offset, self._here)


def in_window(canvas: Canvas, point: Point) -> QPointF:
    """Return where a point of the picture lies on the canvas, in its last pane, in device pixels."""
    inside = canvas.view.to_window(point, canvas.pane_size())
    rect = canvas.panes()[-1].rect
    return QPointF(inside.x + rect.x(), inside.y + rect.y())
