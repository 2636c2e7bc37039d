"""Retouching with the picture's own pixels: Clone Stamp, Healing Brush, Spot Healing, Patch."""

from collections.abc import Callable
from typing import Literal
from weakref import ref

import cv2
import numpy as np
from PySide6.QtCore import QObject, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from retexture.document.document import Document
from retexture.document.pixels import Tiles
from retexture.gui.brush_tool import BrushTool, PaintState
from retexture.gui.canvas import Canvas
from retexture.gui.commands import Key
from retexture.gui.source_preview import SourcePreview
from retexture.gui.tools import Pointer
from retexture.render.region import Region
from retexture.session.cloning import (
    CloneStroke,
    Cover,
    MarkStroke,
    Offset,
    Sample,
    Sampled,
    Target,
    clean_offset,
    cloned,
    cover_of,
    healed,
    polygon_cover,
    retouch_target,
    sampled_document,
    source_cover,
    trimmed,
    whole_offset,
)
from retexture.session.painting import painted
from retexture.session.session import Gesture, Session
from retexture.session.strokes import Stroke
from retexture.session.view import Point

Healing = Literal["brush", "spot", "patch"]

HEALING: dict[Healing, str] = {"brush": "Healing Brush", "spot": "Spot Healing", "patch": "Patch"}
SAMPLES: dict[Sample, str] = {
    "current": "Current Layer",
    "below": "Current & Below",
    "all": "All Layers",
}
KEYS = (
    Key("Alt+click", "Clone Stamp and Healing Brush: set the source", "Retouching"),
    Key("Shift+J", "Next of Healing Brush, Spot Healing and Patch", "Retouching"),
)

CROSS_PX = 9
"""Half the width of the source's cross on the screen."""
FILM = QColor(0, 0, 0, 90)
"""Over what a spot-healing stroke covers."""
REMEMBERED = 8
"""Places whose texture was taken last and is not taken again near by."""


class CloneState(QObject):
    """What the retouching tools share: the source, and their options."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.aligned = True
        self.sample: Sample = "current"
        self.healing: Healing = "brush"
        self._source: tuple[ref[Session], Point] | None = None
        self._offset: Offset | None = None

    def set_aligned(self, aligned: bool) -> None:
        """Keep the distance to the source from stroke to stroke, or begin each stroke at the source."""
        self.aligned, self._offset = aligned, None
        self.changed.emit()

    def set_sample(self, sample: Sample) -> None:
        """Sample other layers."""
        self.sample = sample
        self.changed.emit()

    def set_healing(self, healing: Healing) -> None:
        """Heal in another way."""
        self.healing = healing
        self.changed.emit()

    def next_healing(self) -> None:
        """Go on to the next way to heal."""
        ways = list(HEALING)
        self.set_healing(ways[(ways.index(self.healing) + 1) % len(ways)])

    def set_source(self, session: Session, point: Point) -> None:
        """Sample from here.

        Raises:
            ValueError: the point is not in the picture.
        """
        document = session.document
        if not (0 <= point.x < document.width_px and 0 <= point.y < document.height_px):
            raise ValueError("The source lies outside the picture: Alt-click inside it")
        self._source, self._offset = (ref(session), point), None
        self.changed.emit()

    def source(self, session: Session | None) -> Point | None:
        """Return the source in a document."""
        if self._source is None or session is None or self._source[0]() is not session:
            return None
        return self._source[1]

    def offset(self, session: Session, place: Point) -> Offset:
        """Return the offset to the source of a stroke that begins at a place.

        Raises:
            ValueError: no source was set in this document.
        """
        source = self.source(session)
        if source is None:
            raise ValueError("Alt-click in the picture first, to set the source")
        if not self.aligned or self._offset is None:
            self._offset = whole_offset(source, place)
        return self._offset

    def next_offset(self, session: Session | None, place: Point) -> Offset | None:
        """Return the offset that a stroke would have that began at a place; None without a source."""
        source = self.source(session)
        if source is None:
            return None
        return self._offset if self.aligned and self._offset is not None else whole_offset(source, place)

    def source_at(self, session: Session | None, place: Point | None, painting: bool) -> Point | None:
        """Return what is sampled for a place: the source itself until a stroke has begun."""
        source = self.source(session)
        if source is None or place is None or self._offset is None or not (self.aligned or painting):
            return source
        return Point(place.x + self._offset[0], place.y + self._offset[1])


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
        if around.within(self._sampled.canvas).width and self._sampled.is_empty(around):
            raise ValueError("The source is empty on this layer: set Sample to Current & Below")
        self._stroke = CloneStroke(
            self._target.tiles, self.state.brush, self._sampled, self._offset, session.document.selection
        )
        self._begin(session)

    def _prepare(self, session: Session, canvas: Canvas) -> None:
        """Find out where the strokes go and what they sample."""
        session.finish_gesture()
        self._target = retouch_target(session)
        picture = sampled_document(session.document, self._target.layer, self.clone.sample)
        self._sampled = Sampled(picture, canvas.workspace.cache)

    def _begin(self, session: Session) -> None:
        assert self._target is not None
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
            return
        if self.mode == "spot":
            self._trail = [pointer.picture]
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
        self._trail = [pointer.picture]
        self._prepare(session, canvas)
        assert self._target is not None
        self._stroke = MarkStroke(self._target.tiles, self.state.brush, session.document.selection)
        self._begin(session)

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
        self._begin(session)

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


def in_window(canvas: Canvas, point: Point) -> QPointF:
    """Return where a point of the picture lies on the canvas, in its last pane, in device pixels."""
    inside = canvas.view.to_window(point, canvas.pane_size())
    rect = canvas.panes()[-1].rect
    return QPointF(inside.x + rect.x(), inside.y + rect.y())
