"""The canvas: the picture, and what mouse, pen and keys do on it."""

import math

import msgspec
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPointingDevice,
    QRegion,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QGestureEvent,
    QLineEdit,
    QPinchGesture,
    QPlainTextEdit,
    QToolTip,
)

from retexture.gui.marching_ants import MarchingAnts
from retexture.gui.panes import Pane
from retexture.gui.picture_painting import paint_outline
from retexture.gui.picture_view import PictureView
from retexture.gui.screen_profile import ScreenProfile
from retexture.gui.spots_overlay import Spots
from retexture.gui.tools import PanTool, Pointer, Tool, WipeTool
from retexture.gui.workspace import Workspace
from retexture.session.pictures import Component
from retexture.session.view import Point, View

WIPE_GRIP_PX = 6
"""How near to the split line a press moves it."""
WHEEL_STEP = 1.2
"""How much a notch of the wheel zooms."""
CLICK_PX = 4
"""A press that moves further is no click."""
LARGE_OUTLINE_PX = 40
"""From this radius on, only the ring of an outline is repainted."""

NO_SYNTHETIC = Qt.MouseEventSource.MouseEventNotSynthesized


class Canvas(PictureView):
    """The picture under the pointer. It sends no edits itself: `tool` does."""

    cursor_moved = Signal(object)
    """The Point of the picture under the cursor, or None."""
    menu_requested = Signal(QPoint)

    def __init__(self, workspace: Workspace, screen: ScreenProfile) -> None:
        super().__init__(workspace, screen)
        self.setObjectName("canvas")
        self.setAccessibleName("Canvas")
        self.setMouseTracking(True)
        self.setTabletTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.grabGesture(Qt.GestureType.PinchGesture)
        self.ants = MarchingAnts(self)
        self.spots: Spots = Spots(workspace)
        self.spots.changed.connect(self.update)
        self._spot: tuple[int, Pointer] | None = None
        """The circle that was pressed, and where."""
        self.tool: Tool = Tool()
        self._pan = PanTool()
        self._wipe = WipeTool()
        self._pressed: Tool | None = None
        self._button = Qt.MouseButton.NoButton
        self._pressed_pane: Pane | None = None
        self.key_modifiers = Qt.KeyboardModifier.NoModifier
        """Held with the key that was pressed last."""
        self._space = False
        self._cursor: QPointF | None = None
        self._outline = QRect()
        self._close_view: View | None = None
        """What `look_closely` has shown."""
        self.view_changed.connect(self._move_picture)

    # -- the cursor

    def paint_over(self, painter: QPainter) -> None:
        self.ants.paint(painter)
        self.spots.paint(painter, self)
        self.tool.paint(painter, self)
        if self._cursor is not None and self.tool.diameter_px > 0 and self.underMouse() and not self._space:
            paint_outline(painter, self._cursor, self.tool.diameter_px * self.view.zoom / 2)

    def refresh_cursor(self) -> None:
        """Show the cursor of the tool that a press would begin."""
        self.setCursor((self._pan if self._space else self.tool).cursor)
        self._move_outline()

    def _move_picture(self) -> None:
        """Note that something else of the picture lies under the cursor."""
        self._move_outline()
        if self._cursor is not None:
            self.cursor_moved.emit(self.picture_point(self._cursor.x(), self._cursor.y()))

    def _move_outline(self) -> None:
        """Repaint where the outline was and where it is."""
        before, self._outline = self._outline, QRect()
        if self._cursor is not None and self.tool.diameter_px > 0:
            ratio = self.devicePixelRatioF()
            reach = (self.tool.diameter_px * self.view.zoom / 2 + 4) / ratio
            centre = self._cursor / ratio
            self._outline = QRectF(
                centre.x() - reach, centre.y() - reach, 2 * reach, 2 * reach
            ).toAlignedRect()
        for rect in (before, self._outline):
            self._update_ring(rect)

    def _update_ring(self, rect: QRect) -> None:
        edge = rect.width() // 2
        if edge < LARGE_OUTLINE_PX:
            self.update(rect)
            return
        inner = int((edge - 8) * 0.7)  # the square in the ring's inner rim
        hole = QRect(rect.center() - QPoint(inner, inner), rect.center() + QPoint(inner, inner))
        self.update(QRegion(rect).subtracted(QRegion(hole)))

    # -- what is shown

    def toggle_mask_view(self, key: str, component: Component = None) -> None:
        """Show a layer's mask as a picture, or the picture again."""
        shown = (key, component)
        self.set_look(mask_of=None if self.look.mask_of == shown else shown, film_of=None)

    def toggle_film(self, key: str, component: Component) -> None:
        """Lay a component of a layer's mask over the picture as a red film, or no longer."""
        shown = (key, component)
        self.set_look(film_of=None if self.look.film_of == shown else shown, mask_of=None)

    def show_place(self, point: Point, span_px: float) -> None:
        """Bring a point of the picture into the middle, and as many picture px around it into view."""
        size = self.pane_size()
        zoom = min(min(size.width, size.height) / max(span_px, 1.0), 2.0)
        if self.view.zoom > zoom or span_px * self.view.zoom < min(size) / 6:
            self.zoom_to(zoom)
        self.set_view(msgspec.structs.replace(self.view, centre=point))

    def look_closely(self, on: bool) -> None:
        """Show 100 % of the largest face, else of the middle, instead of all of the picture; or all of it again.

        A view that the user has chosen stays.
        """
        if on and self.session is not None and self.look.fitted and self.view.zoom < 1:
            analysis = self.session.document.analysis
            faces = () if analysis is None else analysis.faces
            face = max(faces, key=lambda face: face.width_px, default=None)
            centre = self.view.centre
            if face is not None:
                centre = Point(face.x_px + face.width_px / 2, face.y_px + face.height_px / 2)
            self.set_view(msgspec.structs.replace(self.view, zoom=1.0, centre=centre))
            self._close_view = self.view
        elif not on and self.view == self._close_view:
            self.fit()

    # -- pointing

    def pane_at(self, x: float, y: float) -> Pane:
        """Return the pane under a point in device pixels; while a button is held, the one of the press."""
        return self._pressed_pane or super().pane_at(x, y)

    def _pointer(
        self, position: QPointF, modifiers: Qt.KeyboardModifier, pressure: float = 1.0, eraser: bool = False
    ) -> Pointer:
        at = position * self.devicePixelRatioF()
        return Pointer(at.x(), at.y(), self.picture_point(at.x(), at.y()), pressure, modifiers, eraser)

    def _begin(self, button: Qt.MouseButton, pointer: Pointer) -> None:
        if self.session is None or self._pressed is not None:
            return
        tool: Tool | None = None
        if button == Qt.MouseButton.MiddleButton or (button == Qt.MouseButton.LeftButton and self._space):
            tool = self._pan
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif button == Qt.MouseButton.LeftButton:
            tool = self._wipe if self._near_wipe(pointer) else self.tool
        elif button == Qt.MouseButton.RightButton and pointer.holds(Qt.KeyboardModifier.AltModifier):
            tool = self.tool.secondary
        elif button == Qt.MouseButton.RightButton:
            place = QPointF(pointer.x, pointer.y) / self.devicePixelRatioF()
            self.menu_requested.emit(self.mapToGlobal(place).toPoint())
        if tool is not None:
            self._pressed_pane = self.pane_at(pointer.x, pointer.y)
            self._pressed, self._button = tool, button
            spot = self._spot_at(pointer) if button == Qt.MouseButton.LeftButton else None
            self._spot = None if spot is None else (spot, pointer)
            tool.press(pointer, self)

    def _move(self, pointer: Pointer) -> None:
        self._cursor = QPointF(pointer.x, pointer.y)
        if self._pressed is not None:
            self._pressed.move(pointer, self)
        elif not self._space:
            if self.session is not None:
                self.tool.hover(pointer, self)
            self.setCursor((self._wipe if self._near_wipe(pointer) else self.tool).cursor)
        if self._pressed is None and self._spot_at(pointer) is not None:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        elif self._pressed is None and self._space:
            self.setCursor(self._pan.cursor)
        self._move_outline()
        self.cursor_moved.emit(pointer.picture if self.session is not None else None)

    def _end(self, pointer: Pointer) -> None:
        if self._pressed is not None:
            tool, self._pressed, self._pressed_pane = self._pressed, None, None
            tool.release(pointer, self)
            self._click_spot(pointer)
        self.refresh_cursor()

    def _spot_at(self, pointer: Pointer) -> int | None:
        """Return the blemish whose circle a click with the hand would toggle."""
        hand = self._space or (isinstance(self.tool, PanTool) and not self._near_wipe(pointer))
        return self.spots.at(pointer.picture, self.view.zoom) if hand else None

    def _click_spot(self, pointer: Pointer) -> None:
        """Toggle the blemish whose circle was pressed, unless the picture was moved by it."""
        spot, self._spot = self._spot, None
        reach = CLICK_PX * self.devicePixelRatioF()
        if spot is not None and math.hypot(pointer.x - spot[1].x, pointer.y - spot[1].y) <= reach:
            self.spots.click(spot[0])

    def _near_wipe(self, pointer: Pointer) -> bool:
        near = abs(pointer.x - self.wipe_x) <= WIPE_GRIP_PX * self.devicePixelRatioF()
        return self.look.mode == "wipe" and near

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.source() == NO_SYNTHETIC:
            self._begin(event.button(), self._pointer(event.position(), event.modifiers()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.source() != NO_SYNTHETIC:
            return
        pointer = self._pointer(event.position(), event.modifiers())
        if self._pressed is not None and not event.buttons() & self._button:
            self._end(pointer)  # the release went to a dialog that has come up
        self._move(pointer)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.source() == NO_SYNTHETIC and event.button() == self._button:
            self._end(self._pointer(event.position(), event.modifiers()))

    def tabletEvent(self, event: QTabletEvent) -> None:
        event.accept()
        eraser = event.pointerType() == QPointingDevice.PointerType.Eraser
        pointer = self._pointer(event.position(), event.modifiers(), event.pressure(), eraser)
        match event.type():
            case QEvent.Type.TabletPress:
                self._begin(event.button(), pointer)
            case QEvent.Type.TabletMove:
                self._move(pointer)
            case _:
                self._end(pointer)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._cursor = event.position() * self.devicePixelRatioF()
        # Space, C and Esc are the canvas's while the pointer is on it; who types a value goes on typing.
        typing = isinstance(QApplication.focusWidget(), QLineEdit | QAbstractSpinBox | QPlainTextEdit)
        if self.isActiveWindow() and not typing:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.refresh_cursor()

    def leaveEvent(self, event: QEvent) -> None:
        self._cursor = None
        self._move_outline()
        self.cursor_moved.emit(None)

    # -- keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.key_modifiers = event.modifiers()
        if event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self._space = True
                self.refresh_cursor()
        elif event.key() == Qt.Key.Key_C and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            self.hold_before(True)
        elif event.key() == Qt.Key.Key_Escape and self._pressed is not None:
            tool, self._pressed, self._pressed_pane = self._pressed, None, None
            tool.cancel(self)
        elif self._pressed is None and self.session is not None and self.tool.press_key(event.key(), self):
            event.accept()
        elif event.key() == Qt.Key.Key_Escape and self.session is not None:
            self.session.cancel_gesture()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.isAutoRepeat():
            return
        if event.key() == Qt.Key.Key_Space:
            self._space = False
            self.refresh_cursor()
        elif event.key() == Qt.Key.Key_C:
            self.hold_before(False)
        else:
            super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._space = False
        self.hold_before(False)
        self.refresh_cursor()

    # -- wheel and gestures

    def wheelEvent(self, event: QWheelEvent) -> None:
        """A wheel zooms about the cursor, a touch pad scrolls; Ctrl zooms with both, Shift scrolls sideways."""
        if self.session is None:
            return
        ratio = self.devicePixelRatioF()
        pixels, notches = event.pixelDelta(), event.angleDelta()
        scrolls = not pixels.isNull() and event.phase() != Qt.ScrollPhase.NoScrollPhase
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if (scrolls and not control) or shift:
            delta = QPointF(pixels) if scrolls else QPointF(notches) / 2
            dx, dy = (delta.y(), 0.0) if shift and not delta.x() else (delta.x(), delta.y())
            self.set_view(self.view.moved(dx * ratio, dy * ratio))
        elif notches.y():
            at = event.position() * ratio
            self.zoom_to(
                self.view.zoom * WHEEL_STEP ** (notches.y() / 120), self.point_in_pane(at.x(), at.y())
            )
        event.accept()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            spot = self._spot_at(self._pointer(QPointF(event.pos()), Qt.KeyboardModifier.NoModifier))
            QToolTip.showText(event.globalPos(), "" if spot is None else self.spots.words(spot), self)
            return True
        if isinstance(event, QNativeGestureEvent):
            at = event.position() * self.devicePixelRatioF()
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.zoom_to(self.view.zoom * (1 + event.value()), self.point_in_pane(at.x(), at.y()))
                return True
            if event.gestureType() == Qt.NativeGestureType.RotateNativeGesture:
                self.set_view(self.view.turned(event.value()))
                return True
        if isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture) and not math.isclose(pinch.scaleFactor(), 1.0):
                at = QPointF(self.mapFromGlobal(pinch.centerPoint().toPoint())) * self.devicePixelRatioF()
                self.zoom_to(self.view.zoom * pinch.scaleFactor(), self.point_in_pane(at.x(), at.y()))
            return True
        return super().event(event)
