"""The Move tool, and the transform box with its handles."""

import math
from collections.abc import Callable
from functools import partial
from typing import ClassVar, Literal

import numpy as np
from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QMenu

from retexture.document.document import Document
from retexture.document.transform import IDENTITY, MESH, Placement, Transform
from retexture.gui.canvas import Canvas
from retexture.gui.commands import Key
from retexture.gui.gestures import commit
from retexture.gui.tools import Pointer, Tool
from retexture.gui.workspace import Workspace
from retexture.session import transform_box
from retexture.session.session import Session, Update
from retexture.session.transforming import FreeTransform, Move, note_on_selection, nudge
from retexture.session.view import Point, Size

SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
CTRL = Qt.KeyboardModifier.ControlModifier

GRIP_PX = 9
"""How near to a handle a press takes it, in device-independent pixels."""
HANDLE_PX = 7
FAR_NUDGE_PX = 10
LIGHT, DARK = QColor(255, 255, 255), QColor(0, 0, 0, 160)

ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}

KEYS = (
    Key("Arrow keys", "Move the layer by 1 px, with Shift by 10 px", "Moving and transforming"),
    Key("Shift while moving", "Straight across or straight down", "Moving and transforming"),
    Key(
        "Drag a handle",
        "Scale; Shift keeps the proportions, Alt scales about the centre",
        "Moving and transforming",
    ),
    Key("Ctrl+drag a corner", "Distort", "Moving and transforming"),
    Key(
        "Ctrl+Alt+Shift+drag",
        "Perspective: a corner, and the one beside it the other way",
        "Moving and transforming",
    ),
    Key("Drag outside the box", "Turn; Shift in steps of 15°", "Moving and transforming"),
    Key("Enter, Esc", "Apply the transform, or give it up", "Moving and transforming"),
)


Way = Literal["free", "distort", "perspective", "warp"]
"""What a drag of a corner does without keys; of a warp, its control points are shown instead of the handles."""

HINTS: dict[Way, str] = {
    "distort": "Drag a corner: the others stay",
    "perspective": "Drag a corner along a side: the corner beside it goes the other way",
}


class TransformState(QObject):
    """The transform under way, shared by the tool, the options bar and the commands."""

    changed = Signal()
    """It has begun, has another value, or has ended."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.workspace = workspace
        self.box: FreeTransform | None = None
        self.way: Way = "free"
        workspace.updated.connect(self._follow)
        workspace.session_changed.connect(self._follow_session)

    @property
    def warping(self) -> bool:
        """Whether the warp's control points are shown, instead of the handles."""
        return self.way == "warp"

    @property
    def place(self) -> Placement | None:
        """Where the layer lies."""
        return None if self.box is None else self.box.place

    def begin(
        self, session: Session, label: str = "Free Transform", placed: tuple[Document, str] | None = None
    ) -> None:
        """Show the box around the active layer, or around what is placed; ValueErrors are for the user."""
        if self.box is None:
            self.box = FreeTransform(session, label, placed)
            self.way = "free" if self.box.place.transform.warp is None else "warp"
            if placed is None:
                self.tell_selection(session)
            self.changed.emit()

    def tell_selection(self, session: Session) -> None:
        """Say that the layer moves as a whole, where something of it is selected."""
        note = note_on_selection(session)
        if note is not None:
            self.workspace.message.emit(note)

    def set(self, transform: Transform) -> None:
        """Show another transform."""
        if self.box is not None:
            self.box.set(transform)
            self.changed.emit()

    def change(self, change: Callable[[Placement], Transform]) -> None:
        """Show what a change makes of the transform."""
        if self.box is not None:
            self.set(change(self.box.place))

    def warp(self, on: bool) -> None:
        """Show the warp's control points, or the handles of the box."""
        self.take("warp" if on else "free")

    def take(self, way: Way) -> None:
        """Let drags do something else; say what, where the box looks the same."""
        if self.box is None or way == self.way:
            return
        if way == "warp" and not self.box.can_warp:
            self.workspace.message.emit(f"{self.box.name} cannot be warped: warp its layers one by one")
        else:
            self.way = way
        if way in HINTS:
            self.workspace.message.emit(HINTS[way])
        self.changed.emit()

    def reset(self) -> None:
        """Show the layer as its source is: the whole transform is taken off."""
        self.way = "free"
        self.set(IDENTITY)

    def commit(self) -> None:
        """Apply it, as one undo step."""
        box, self.box = self.box, None
        if box is not None:
            told = box.commit(partial(commit, self.workspace))
            if told is not None:
                self.workspace.message.emit(told)
            self._ended()

    def cancel(self) -> None:
        """Give it up."""
        box, self.box = self.box, None
        if box is not None:
            box.cancel()
            self._ended()

    def _ended(self) -> None:
        self.way = "free"
        self.changed.emit()

    def _follow(self, _update: Update) -> None:
        # Undo, or an edit elsewhere, has ended the gesture.
        if self.box is not None and not self.box.live:
            self.box = None
            self._ended()

    def _follow_session(self, _session: Session | None) -> None:
        if self.box is not None and not self.box.live:
            self.box = None
            self._ended()


class MoveTool(Tool):
    """Moves the active layer. While a transform is under way, it drags the handles of its box."""

    name: ClassVar[str] = "move"
    label: ClassVar[str] = "Move"
    key: ClassVar[str] = "V"
    help: ClassVar[str] = "Drag the layer that is selected in Layers; Ctrl+T scales and turns it"

    def __init__(self, state: TransformState) -> None:
        self.state = state
        self.cursor = Qt.CursorShape.SizeAllCursor
        self._move: Move | None = None
        self._nudged: Move | None = None
        """By the arrow keys, the last time."""
        self._start: Pointer | None = None
        self._place: Placement | None = None
        self._drag: Callable[[Pointer], Transform] | None = None
        self._waiting: Pointer | None = None

    # -- dragging

    def press(self, pointer: Pointer, canvas: Canvas) -> None:
        assert canvas.session is not None
        self._start = pointer
        if self.state.box is not None:
            self._place = self.state.box.place
            self._drag = self._drag_of(pointer, canvas)
            return
        try:
            self._move = Move(canvas.session)
            self.state.tell_selection(canvas.session)
        except ValueError as error:
            canvas.workspace.tell_problem(error)

    def move(self, pointer: Pointer, canvas: Canvas) -> None:
        # Of the events that wait only the last one counts.
        if (self._move is not None or self._drag is not None) and self._waiting is None:
            canvas.workspace.later(0, lambda: self._show(canvas))
        self._waiting = pointer

    def _show(self, canvas: Canvas) -> None:
        pointer, self._waiting = self._waiting, None
        if pointer is None:
            return
        if self._move is not None:
            self._move.show(*self._way(pointer))
        elif self._drag is not None and self.state.box is not None:
            self.state.set(self._drag(pointer))
            canvas.update()

    def release(self, pointer: Pointer, canvas: Canvas) -> None:
        self._waiting = pointer
        self._show(canvas)
        move, self._move, self._drag, self._start = self._move, None, None, None
        if move is not None:
            move.commit(partial(commit, canvas.workspace))

    def cancel(self, canvas: Canvas) -> None:
        """Esc while a button is held: back to where the press found it."""
        move, place = self._move, self._place
        dragging = self._drag is not None
        self._move = self._drag = self._start = self._waiting = None
        if move is not None:
            move.cancel()
        elif dragging and place is not None:
            self.state.set(place.transform)
            canvas.update()

    def _way(self, pointer: Pointer) -> tuple[int, int]:
        """Return how far the pointer has gone in whole pixels; with Shift only across or down."""
        assert self._start is not None
        dx = pointer.picture.x - self._start.picture.x
        dy = pointer.picture.y - self._start.picture.y
        if pointer.holds(SHIFT):
            dx, dy = (dx, 0.0) if abs(dx) > abs(dy) else (0.0, dy)
        return round(dx), round(dy)

    def _drag_of(self, pointer: Pointer, canvas: Canvas) -> Callable[[Pointer], Transform] | None:
        """Return what a drag that begins here does to the transform, as it is now."""
        place, start = self.state.place, pointer.picture
        assert place is not None
        if self.state.warping:
            index = _nearest(transform_box.warp_points(place), pointer, canvas)
            if index is not None:
                return lambda p: transform_box.bent(place, index, p.picture)
        else:
            handle = _nearest(transform_box.handles(place), pointer, canvas)
            way = self._way_with(pointer)
            if handle is not None and handle in transform_box.CORNERS:
                if way == "perspective":
                    return lambda p: transform_box.in_perspective(place, handle, p.picture)
                if way == "distort":
                    return lambda p: transform_box.distorted(place, handle, p.picture)
            if handle is not None:
                return lambda p: transform_box.scaled(
                    place, handle, p.picture, keep=p.holds(SHIFT), about_centre=p.holds(ALT)
                )
        if self.state.warping or transform_box.contains(place, start):

            def shift(p: Pointer) -> Transform:
                dx, dy = self._way(p)
                return transform_box.shifted(place, dx, dy)

            return shift
        return lambda p: transform_box.turned(place, start, p.picture, snap=p.holds(SHIFT))

    def _way_with(self, pointer: Pointer) -> Way:
        """Return what a drag does with the keys that are held."""
        if not pointer.holds(CTRL):
            return self.state.way
        return "perspective" if pointer.holds(ALT) and pointer.holds(SHIFT) else "distort"

    def hover(self, pointer: Pointer, canvas: Canvas) -> None:
        place = self.state.place
        if place is None:
            self.cursor = Qt.CursorShape.SizeAllCursor
            return
        points = transform_box.warp_points(place) if self.state.warping else transform_box.handles(place)
        index = _nearest(points, pointer, canvas)
        if index is None:
            inside = transform_box.contains(place, pointer.picture)
            self.cursor = Qt.CursorShape.SizeAllCursor if inside else Qt.CursorShape.CrossCursor
        elif self.state.warping or (index in transform_box.CORNERS and self._way_with(pointer) != "free"):
            self.cursor = Qt.CursorShape.PointingHandCursor
        else:
            self.cursor = _resize_cursor(points[index], transform_box.centre(place), canvas)

    # -- keys

    def press_key(self, key: int, canvas: Canvas) -> bool:
        if key in ARROWS:
            far = FAR_NUDGE_PX if canvas.key_modifiers & SHIFT else 1
            dx, dy = (v * far for v in ARROWS[Qt.Key(key)])
            if self.state.box is not None:
                self.state.change(lambda place: transform_box.shifted(place, dx, dy))
                canvas.update()
            elif canvas.session is not None:
                try:
                    finish = partial(commit, canvas.workspace)
                    self._nudged = nudge(canvas.session, dx, dy, finish, self._nudged)
                    self.state.tell_selection(canvas.session)
                except ValueError as error:
                    canvas.workspace.tell_problem(error)
            return True
        if self.state.box is None:
            return False
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.state.commit()
        elif key == Qt.Key.Key_Escape:
            self.state.cancel()
        else:
            return False
        canvas.update()
        return True

    # -- the box

    def menu(self, canvas: Canvas) -> QMenu | None:
        """Return what the right button opens while a transform is under way."""
        if self.state.box is None:
            return None
        menu = QMenu(canvas)
        menu.setObjectName("transform_menu")
        for name, label, does in BOX_CHANGES:
            menu.addAction(label, partial(self.state.change, does)).setObjectName(f"{name}_action")
        menu.addSeparator()
        for way in ("distort", "perspective", "warp"):
            action = menu.addAction(way.capitalize())
            action.setObjectName(f"transform_{way}_action")
            action.setCheckable(True)
            action.setChecked(self.state.way == way)
            action.triggered.connect(lambda on, way=way: self.state.take(way if on else "free"))
        menu.addAction("Reset", self.state.reset).setObjectName("transform_reset_action")
        menu.addSeparator()
        menu.addAction("Apply\tEnter", self.state.commit).setObjectName("transform_apply_action")
        menu.addAction("Cancel\tEsc", self.state.cancel).setObjectName("transform_cancel_action")
        return menu

    def paint(self, painter: QPainter, canvas: Canvas) -> None:
        place = self.state.place
        if place is None:
            return
        ratio = canvas.devicePixelRatioF()
        # Long lines of smooth edges would take longer than the picture.
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, self.state.warping)
        if self.state.warping:
            lines = _mesh_lines(place)
            points = transform_box.warp_points(place)
        else:
            points = transform_box.handles(place)
            lines = [[*points[:4], points[0]]]
        paths = [_path(line, canvas) for line in lines]
        for colour, width in ((DARK, 3 * ratio), (LIGHT, ratio)):
            painter.setPen(QPen(colour, width))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for path in paths:
                painter.drawPath(path)
        edge = HANDLE_PX * ratio
        painter.setPen(QPen(DARK, ratio))
        painter.setBrush(QBrush(LIGHT))
        for point in points:
            at = _in_window(point, canvas)
            if self.state.warping:
                painter.drawEllipse(at, edge / 2, edge / 2)
            else:
                painter.drawRect(round(at.x() - edge / 2), round(at.y() - edge / 2), round(edge), round(edge))
        if not self.state.warping:
            middle = _in_window(transform_box.centre(place), canvas)
            for colour, width in ((DARK, 3 * ratio), (LIGHT, ratio)):
                painter.setPen(QPen(colour, width))
                painter.drawLine(middle - QPointF(edge, 0), middle + QPointF(edge, 0))
                painter.drawLine(middle - QPointF(0, edge), middle + QPointF(0, edge))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


BOX_CHANGES: tuple[tuple[str, str, Callable[[Placement], Transform]], ...] = (
    ("flip_horizontal", "Flip Horizontal", lambda place: transform_box.mirrored(place, across=True)),
    ("flip_vertical", "Flip Vertical", lambda place: transform_box.mirrored(place, across=False)),
    ("turn_right", "Rotate 90° Clockwise", lambda place: transform_box.quarter_turned(place, 1)),
    ("turn_left", "Rotate 90° Counter-clockwise", lambda place: transform_box.quarter_turned(place, -1)),
    ("turn_half", "Rotate 180°", lambda place: transform_box.quarter_turned(place, 2)),
)
"""Name, label and what it does, of the turns and mirrors."""


def _in_window(point: Point, canvas: Canvas) -> QPointF:
    """Return where a point of the picture lies in the window, in device pixels; in the last pane of several."""
    pane = canvas.panes()[-1]
    at = canvas.view.to_window(point, Size(pane.rect.width(), pane.rect.height()))
    return QPointF(at.x + pane.rect.x(), at.y + pane.rect.y())


def _nearest(points: list[Point], pointer: Pointer, canvas: Canvas) -> int | None:
    """Return the index of the point that a press takes, or None."""
    zoom = canvas.view.zoom / canvas.devicePixelRatioF()
    away = [math.dist(point, pointer.picture) * zoom for point in points]
    nearest = int(np.argmin(away))
    return nearest if away[nearest] <= GRIP_PX else None


def _resize_cursor(handle: Point, centre: Point, canvas: Canvas) -> Qt.CursorShape:
    """Return the double arrow that points away from the middle."""
    way = _in_window(handle, canvas) - _in_window(centre, canvas)
    octant = round(math.degrees(math.atan2(way.y(), way.x())) / 45) % 4
    shapes = (
        Qt.CursorShape.SizeHorCursor,
        Qt.CursorShape.SizeFDiagCursor,
        Qt.CursorShape.SizeVerCursor,
        Qt.CursorShape.SizeBDiagCursor,
    )
    return shapes[octant]


def _mesh_lines(place: Placement) -> list[list[Point]]:
    """Return the lines of a warp's mesh, curved as the patch is."""
    steps = np.linspace(0, 1, 17)
    lines = []
    for at in np.linspace(0, 1, MESH):
        for u, v in ((np.full_like(steps, at), steps), (steps, np.full_like(steps, at))):
            points = np.stack([u * place.width_px, v * place.height_px], 1)
            lines.append([Point(x, y) for x, y in place.to_document(points).tolist()])
    return lines


def _path(points: list[Point], canvas: Canvas) -> QPainterPath:
    path = QPainterPath(_in_window(points[0], canvas))
    for point in points[1:]:
        path.lineTo(_in_window(point, canvas))
    return path
