"""The healing tool in its three ways: Healing Brush, Spot Healing, Patch."""

from collections.abc import Callable
from weakref import ref

import cv2
import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from retexture.document.document import Document
from retexture.document.pixels import Tiles
from retexture.gui.brush_tool import PaintState
from retexture.gui.canvas import Canvas
from retexture.gui.clone_state import HEALING, CloneState, Healing
from retexture.gui.clone_tool import CloneTool, in_window
from retexture.gui.tools import Pointer
from retexture.render.region import Region
from retexture.session.cloning import (
    Cover,
    MarkStroke,
    cloned,
    cover_of,
    polygon_cover,
    trimmed,
    whole_offset,
)
from retexture.session.healing import clean_offset, healed, source_cover
from retexture.session.painting import painted
from retexture.session.session import Gesture, Session
from retexture.session.strokes import Stroke
from retexture.session.view import Point

FILM = QColor(0, 0, 0, 90)
"""Over what a spot-healing stroke covers."""
REMEMBERED = 8
"""Places whose texture was taken last and is not taken again near by."""


class HealingTool(CloneTool):
    """Heals: the texture of a clean place under the tone of the place that is healed."""

    name = "heal"
    label = "Healing Brush"
    key = "J"
    help = "Texture of another place in the tone of this one; Shift+J: Spot Healing, Patch"
    kind = "heal"

    def __init__(self, paint: PaintState, clone: CloneState) -> None:
        super().__init__(paint, clone)
        self._trail: list[Point] = []
        """The way of a spot-healing stroke, and the outline of a patch while it is drawn."""
        self._outline: list[Point] = []
        self._outlined: ref[Session] | None = None
        self._cover: Cover | None = None
        self._grip: Point | None = None
        """Where a patch is held while it is dragged."""
        self._used: list[Cover] = []
        self._used_in: ref[Session] | None = None

    @property
    def mode(self) -> Healing:
        """How it heals."""
        return self.clone.healing

    @property
    def diameter_px(self) -> float:
        return 0.0 if self.mode == "patch" else super().diameter_px

    @property
    def step_label(self) -> str:
        return HEALING[self.mode]

    # -- Healing Brush and Spot Healing

    def press(self, pointer: Pointer, canvas: Canvas) -> None:
        if self.mode == "patch":
            self._press_patch(pointer, canvas)
        else:
            super().press(pointer, canvas)

    def move(self, pointer: Pointer, canvas: Canvas) -> None:
        if self.mode == "patch":
            self._move_patch(pointer, canvas)
            return
        if self.mode == "spot" and self._stroke is not None:
            self._trail.append(pointer.picture)
            canvas.update()
        super().move(pointer, canvas)

    def release(self, pointer: Pointer, canvas: Canvas) -> None:
        if self.mode == "patch":
            self._release_patch(canvas)
        else:
            super().release(pointer, canvas)

    def cancel(self, canvas: Canvas) -> None:
        if self._grip is None:
            self._outline, self._cover = [], None
        self._grip, self._trail = None, []
        super().cancel(canvas)
        canvas.update()

    def press_key(self, key: int, canvas: Canvas) -> bool:
        if key != Qt.Key.Key_Escape or not self._outline:
            return False
        self._outline, self._cover = [], None
        canvas.update()
        return True

    def _set_down(self, session: Session, pointer: Pointer, canvas: Canvas) -> None:
        if self.mode != "spot":
            super()._set_down(session, pointer, canvas)
            return
        self._prepare(session, canvas)
        assert self._target is not None
        self._stroke = MarkStroke(self._target.tiles, self.state.brush, session.document.selection)
        self._begin(session, canvas)
        self._trail = [pointer.picture]

    def _flush(self) -> None:
        if self.mode == "spot":
            self._waiting, self._dirty = False, None
        else:
            super()._flush()

    def _lift(self, gesture: Gesture, stroke: Stroke, canvas: Canvas) -> None:
        cover = cover_of(stroke)
        assert self._target is not None
        assert self._sampled is not None
        if cover is None:
            self._trail = []
            gesture.cancel()
            return
        tiles, sampled, offset = self._target.tiles, self._sampled, self._offset
        if self.mode == "brush":
            self._heal(gesture, canvas, lambda: healed(tiles, cover, sampled, offset))
            return
        used = self._used_here(gesture.session)

        def heal_spot() -> Tiles:
            found = clean_offset(cover, sampled, used)
            used.append(source_cover(cover, found))
            del used[:-REMEMBERED]
            return healed(tiles, cover, sampled, found)

        self._heal(gesture, canvas, heal_spot)

    def _used_here(self, session: Session) -> list[Cover]:
        if self._used_in is None or self._used_in() is not session:
            self._used_in, self._used = ref(session), []
        return self._used

    def _heal(self, gesture: Gesture, canvas: Canvas, work: Callable[[], Tiles]) -> None:
        """Show the healed picture as soon as it is worked out; at once where something else is begun before."""
        draft, key, workspace = gesture.document, self._place[0], canvas.workspace

        def attempt() -> Document | ValueError:
            try:
                return painted(draft, key, "layer", work())
            except ValueError as error:
                return error

        def settled(outcome: Document | ValueError) -> Document:
            self._trail = []
            canvas.update()
            if isinstance(outcome, ValueError):
                workspace.tell_problem(outcome)
                return gesture.start
            return outcome

        def take(outcome: Document | ValueError) -> None:
            if gesture.live and gesture.settle is not None:
                gesture.settle = lambda: settled(outcome)
                gesture.commit()
            elif self._stroke is None:  # it was undone
                self._trail = []
                canvas.update()

        gesture.settle = lambda: settled(attempt())
        workspace.jobs.submit(lambda _job: attempt(), take, lane="healing", title="Healing")

    # -- Patch

    def _press_patch(self, pointer: Pointer, canvas: Canvas) -> None:
        session = canvas.session
        assert session is not None
        if self._cover is not None and self._outlined is not None and self._outlined() is session:
            corners = np.array(self._outline, np.float32)
            if cv2.pointPolygonTest(corners, pointer.picture, False) >= 0:
                self._grasp(session, pointer, canvas)
                return
        self._outline, self._cover, self._outlined = [], None, ref(session)
        self._trail = [pointer.picture]
        canvas.update()

    def _grasp(self, session: Session, pointer: Pointer, canvas: Canvas) -> None:
        try:
            self._prepare(session, canvas)
        except ValueError as error:
            canvas.workspace.tell_problem(error)
            return
        self._grip, self._offset = pointer.picture, (0, 0)
        self._begin(session, canvas)

    def _move_patch(self, pointer: Pointer, canvas: Canvas) -> None:
        if self._trail:
            self._trail.append(pointer.picture)
        elif self._grip is not None:
            self._offset = whole_offset(pointer.picture, self._grip)
            if not self._waiting:
                self._waiting = True
                canvas.workspace.later(0, self._show_patch)
        canvas.update()

    def _show_patch(self) -> None:
        """Show what the patch would bring, not yet healed."""
        self._waiting = False
        gesture, target, sampled, cover = self._gesture, self._target, self._sampled, self._cover
        if gesture is None or target is None or sampled is None or cover is None or self._grip is None:
            return
        part = trimmed(cover, gesture.document.selection)
        if part is not None:
            tiles = cloned(target.tiles, part, sampled, self._offset)
            gesture.update(painted(target.document, target.key, "layer", tiles))

    def _release_patch(self, canvas: Canvas) -> None:
        session = canvas.session
        if self._trail:
            assert session is not None
            canvas_px = Region(0, 0, session.document.width_px, session.document.height_px)
            self._outline, self._trail = self._trail, []
            self._cover = polygon_cover(self._outline, canvas_px)
            if self._cover is None:
                self._outline = []
            canvas.update()
            return
        gesture, self._gesture, grip, self._grip = self._gesture, None, self._grip, None
        target, sampled, cover, offset = self._target, self._sampled, self._cover, self._offset
        if gesture is None or grip is None or target is None or sampled is None or cover is None:
            return
        part = trimmed(cover, gesture.document.selection)
        if offset == (0, 0) or part is None:
            gesture.cancel()
            return
        tiles = target.tiles
        self._heal(gesture, canvas, lambda: healed(tiles, part, sampled, offset))
        canvas.update()

    # -- on the screen

    def paint(self, painter: QPainter, canvas: Canvas) -> None:
        match self.mode:
            case "brush":
                super().paint(painter, canvas)
            case "spot":
                self._paint_trail(painter, canvas)
            case "patch":
                self._paint_outline(painter, canvas)

    def _paint_trail(self, painter: QPainter, canvas: Canvas) -> None:
        if not self._trail:
            return
        points = [in_window(canvas, point) for point in self._trail]
        path = QPainterPath(points[0])
        for point in points[1:] or [points[0] + QPointF(0.01, 0)]:
            path.lineTo(point)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ends = (Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        painter.strokePath(path, QPen(FILM, self.state.brush.size_px * canvas.view.zoom, *ends))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_outline(self, painter: QPainter, canvas: Canvas) -> None:
        if self._outlined is None or self._outlined() is not canvas.session:
            return
        shapes = [(self._trail or self._outline, not self._trail)]
        if self._grip is not None:
            dx, dy = self._offset
            shapes.append(([Point(x + dx, y + dy) for x, y in self._outline], True))
        for points, closed in shapes:
            polygon = QPolygonF([in_window(canvas, point) for point in points])
            for colour, style in (
                (Qt.GlobalColor.black, Qt.PenStyle.SolidLine),
                (Qt.GlobalColor.white, Qt.PenStyle.DashLine),
            ):
                painter.setPen(QPen(colour, canvas.devicePixelRatioF(), style))
                (painter.drawPolygon if closed else painter.drawPolyline)(polygon)
