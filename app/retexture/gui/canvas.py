"""The picture: one view of it, or two side by side or under a split line; zoom, pan, turn; and what tools draw on it."""

import math
from typing import Literal, NamedTuple

import msgspec
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QColorTransform,
    QEnterEvent,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPointingDevice,
    QRegion,
    QResizeEvent,
    QTabletEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QWidget

from retexture.document.document import Document
from retexture.gui.screen_profile import ScreenProfile
from retexture.gui.tools import PanTool, Pointer, Tool
from retexture.gui.workspace import Workspace
from retexture.render.region import Region
from retexture.render.render import is_opaque
from retexture.session import pictures
from retexture.session.session import Session, Update
from retexture.session.view import Point, Size, View
from retexture.session.viewport import Picture, Viewport

Mode = Literal["single", "side", "stack", "wipe"]

GAP = 2
"""Between two views, in device pixels."""
WIPE_GRIP = 6
"""How near to the split line a press moves it, in device pixels."""
PIXEL_GRID_ZOOM = 8.0
CHECKS = (QColor(102, 102, 102), QColor(153, 153, 153))
CHECK_PX = 8
SURROUND = QColor(40, 40, 40)
WHEEL_STEP = 1.2
"""How much a notch of the wheel zooms."""

LIGHT = frozenset({"name", "lock", "visibility", "blending", "mask"})
"""Aspects whose change leaves what filters made as it is."""


class Look(msgspec.Struct, frozen=True):
    """What is shown of a document, and how: kept for each document while it is open."""

    view: View | None = None
    """None: to be fitted."""
    mode: Mode = "single"
    before: str = ""
    after: str = pictures.RESULT
    wipe: float = 0.5
    """Where the split line lies, 0-1 of the width."""
    rubylith: bool = False
    mask_of: tuple[str, int | None] | None = None
    """A layer whose mask is viewed, and the index of the component, None for the painted one."""
    hidden_of: str | None = None
    """A layer whose pixels that Blend-If hides are tinted."""


class Pane(NamedTuple):
    """One of the views: its part of the window in device pixels, and what shows it."""

    rect: QRect
    viewport: Viewport
    name: str


class Canvas(QWidget):
    """Shows the document in front. It sends no edits itself: `tool` does."""

    view_changed = Signal(object, object)
    """(View, Size) of the window in device pixels."""
    cursor_moved = Signal(object)
    """The Point of the picture under the cursor, or None."""
    look_changed = Signal()
    tool_menu_requested = Signal(QPoint)

    def __init__(self, workspace: Workspace, screen: ScreenProfile) -> None:
        super().__init__()
        self.setObjectName("canvas")
        self.setAccessibleName("Canvas")
        self.setMouseTracking(True)
        self.setTabletTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.grabGesture(Qt.GestureType.PinchGesture)
        self.workspace = workspace
        self.screen_profile = screen
        self.look = Look()
        self.tool: Tool = PanTool()
        self.surround = SURROUND
        self._looks: dict[int, Look] = {}
        self._viewports = [self._viewport(0), self._viewport(1)]
        self._shown: list[QImage | None] = [None, None]
        self._transform: QColorTransform | None = None
        self._holding = False
        self._filter: tuple[str, str] | None = None
        self._pan = PanTool()
        self._pressed: Tool | None = None
        self._space = False
        self._wiping = False
        self._cursor: QPointF | None = None
        self._outline = QRect()
        self._checks = _checkerboard()
        workspace.session_changed.connect(self._take_session)
        workspace.updated.connect(self._follow)
        screen.changed.connect(self._take_profile)

    def _viewport(self, index: int) -> Viewport:
        return Viewport(
            self.workspace.jobs,
            self.workspace.cache,
            lambda region: self._repaint(index, region),
            self.workspace.later,
        )

    # -- state

    @property
    def session(self) -> Session | None:
        """The document in front."""
        return self.workspace.session

    @property
    def view(self) -> View:
        """How the picture lies in each pane."""
        return self.look.view or View()

    @property
    def settled(self) -> bool:
        """Whether the exact picture is shown."""
        return self.session is None or all(pane.viewport.settled for pane in self.panes())

    def device_size(self) -> Size:
        """Return the widget's size in device pixels."""
        ratio = self.devicePixelRatioF()
        return Size(round(self.width() * ratio), round(self.height() * ratio))

    def pane_size(self) -> Size:
        """Return the size of each pane in device pixels."""
        rect = self._rects()[0]
        return Size(rect.width(), rect.height())

    def _rects(self) -> list[QRect]:
        width, height = (int(v) for v in self.device_size())
        match self.look.mode:
            case "side":
                half = (width - GAP) // 2
                return [QRect(0, 0, half, height), QRect(width - half, 0, half, height)]
            case "stack":
                half = (height - GAP) // 2
                return [QRect(0, 0, width, half), QRect(0, height - half, width, half)]
            case "wipe":
                return [QRect(0, 0, width, height), QRect(0, 0, width, height)]
            case _:
                return [QRect(0, 0, width, height)]

    def panes(self) -> list[Pane]:
        """Return what is shown now, the one before first."""
        rects = self._rects()
        if len(rects) == 1:
            return [Pane(rects[0], self._viewports[1], self.look.before if self._holding else self.look.after)]
        names = (self.look.before, self.look.after)
        return [Pane(*each) for each in zip(rects, self._viewports, names, strict=True)]

    # -- documents

    def _take_session(self, session: Session | None) -> None:
        self._looks = {key: look for key, look in self._looks.items() if any(id(s) == key for s in self.workspace.sessions)}
        for viewport in self._viewports:
            viewport.close()
            viewport.picture = None
        self._filter = None
        self._holding = False
        self.setEnabled(session is not None)
        if session is None:
            self.look = Look()
            self.update()
            return
        self.look = self._looks.get(id(session)) or Look(before=pictures.default_before(session))
        self._take_profile()
        if self.look.view is None:
            self.fit()
        else:
            self._look_again()
        self.look_changed.emit()

    def _follow(self, update: Update) -> None:
        changed = update.changes
        if changed.canvas or changed.profile:
            self._take_profile()
            self._show_all()
            return
        if self.look.mask_of is not None and self._mask_is_gone():
            self.set_look(mask_of=None)
        if changed.region is None and not (changed.changed or changed.structure):
            if update.selection and self.look.rubylith:
                self._show_all(light=True)
            return
        aspects = frozenset().union(*changed.changed.values()) if changed.changed else frozenset()
        light = not changed.structure and aspects <= LIGHT
        if self._plain():
            if changed.region is None:
                return
            region = changed.region
        else:
            region = None if not light or self.look.hidden_of is not None or not aspects <= {"mask"} else changed.region
            if changed.region is None and not light:
                region = None
        for pane in self.panes():
            picture = self._picture(pane.name)
            now = pane.viewport.picture
            if now is not None and now.document.layers == picture.document.layers and now == picture:
                continue
            pane.viewport.show(picture, region, light=light, moving=update.live)

    def _plain(self) -> bool:
        """Whether the result is shown as it is."""
        look = self.look
        return not (look.rubylith or look.mask_of or look.hidden_of or self._filter)

    def _mask_is_gone(self) -> bool:
        session, shown = self.session, self.look.mask_of
        return shown is not None and (session is None or not pictures.has_mask(session.document, *shown))

    def _picture(self, name: str) -> Picture:
        assert self.session is not None
        document = pictures.named(self.session, name)
        if name != pictures.RESULT:
            return Picture(document)
        look = self.look
        if self._filter is not None and pictures.has_filter(document, *self._filter):
            return Picture(pictures.filter_picture(document, *self._filter))
        if look.mask_of is not None:
            return Picture(pictures.mask_picture(document, *look.mask_of))
        hidden = look.hidden_of if look.hidden_of and pictures.has_layer(document, look.hidden_of) else None
        if look.rubylith and self.session.active is not None:
            document = pictures.with_rubylith(document, self.session.active)
        return Picture(document, hidden)

    def _show_all(self, *, light: bool = False) -> None:
        """Render everything that is shown."""
        if self.session is None:
            return
        for pane in self.panes():
            pane.viewport.show(self._picture(pane.name), light=light)
        self.update()

    def displayed(self) -> Document | None:
        """Return the document that the last pane shows, with its overlays; None without one."""
        return None if self.session is None else self._picture(self.panes()[-1].name).document

    # -- what is shown

    def set_look(self, **changes: object) -> None:
        """Change what is shown: fields of `Look` but its view."""
        look = msgspec.structs.replace(self.look, **changes)
        if look == self.look or self.session is None:
            return
        sizes = self.pane_size()
        self._set(look)
        if self.pane_size() != sizes and look.view is not None:
            self._look_again()
        self._show_all(light=True)
        self.look_changed.emit()

    def hold_before(self, held: bool) -> None:
        """Show the picture before, as long as it is held."""
        if self.session is not None and held != self._holding and self.look.mode == "single":
            self._holding = held
            self._show_all(light=True)

    def show_filter(self, layer_key: str | None, filter_key: str = "") -> None:
        """Show what a filter puts out alone; None ends that."""
        self._filter = None if layer_key is None else (layer_key, filter_key)
        self._show_all(light=layer_key is None)

    def _set(self, look: Look) -> None:
        self.look = look
        if self.session is not None:
            self._looks[id(self.session)] = look

    # -- view

    def set_view(self, view: View) -> None:
        """Show another part of the picture."""
        if self.session is None:
            return
        document = self.session.document
        view = view.kept_inside(Size(document.width_px, document.height_px))
        if view != self.look.view:
            self._set(msgspec.structs.replace(self.look, view=view))
            self._look_again()

    def _look_again(self) -> None:
        size = self.pane_size()
        for pane in self.panes():
            first = pane.viewport.picture is None
            pane.viewport.look(self.view, size)
            if first:
                pane.viewport.show(self._picture(pane.name))
        self.update()
        self.view_changed.emit(self.view, size)

    def fit(self) -> None:
        """Show all of the picture."""
        if self.session is not None:
            document = self.session.document
            picture = Size(document.width_px, document.height_px)
            self.set_view(self.view.fitting(picture, self.pane_size()))

    def zoom_to(self, zoom: float, at: Point | None = None) -> None:
        """Zoom about a point of the pane, by default its middle."""
        size = self.pane_size()
        self.set_view(self.view.zoomed(zoom, at or Point(size.width / 2, size.height / 2), size))

    def zoom_step(self, direction: int) -> None:
        """Zoom to the next usual zoom, in (1) or out (-1)."""
        self.zoom_to(self.view.next_stop(direction))

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self.session is not None:
            self._look_again()

    # -- where things are

    def pane_at(self, x: float, y: float) -> Pane:
        """Return the pane under a point in device pixels; the last one where there is none."""
        panes = self.panes()
        for pane in panes:
            if pane.rect.contains(int(x), int(y)) and (self.look.mode != "wipe" or x < self._wipe_x()):
                return pane
        return panes[-1]

    def picture_point(self, x: float, y: float) -> Point:
        """Return what of the picture lies under a point of the window in device pixels."""
        pane = self.pane_at(x, y)
        at = Point(x - pane.rect.x(), y - pane.rect.y())
        return self.view.to_picture(at, Size(pane.rect.width(), pane.rect.height()))

    def _wipe_x(self) -> float:
        return self.look.wipe * self.device_size().width

    # -- painting

    def _take_profile(self) -> None:
        session = self.session
        self._transform = self.screen_profile.transform(session.document) if session is not None else None
        self._shown = [None, None]
        self.update()

    def _repaint(self, index: int, region: Region | None) -> None:
        if region is None:
            self._shown[index] = None
            self.update()
            return
        self._refresh_shown(index, region)
        pane = next((p for p in self.panes() if p.viewport is self._viewports[index]), None)
        if pane is None:
            return
        if not self.view.upright:
            self.update()
            return
        target = self._target(pane, region)
        ratio = self.devicePixelRatioF()
        area = QRectF(target.x() / ratio, target.y() / ratio, target.width() / ratio, target.height() / ratio)
        self.update(area.toAlignedRect().adjusted(-1, -1, 1, 1))

    def _refresh_shown(self, index: int, region: Region) -> None:
        """Convert a region of a frame to the screen's profile, where that is another one."""
        shown = self._shown[index]
        if self._transform is None or shown is None:
            return
        part = region.within(self._viewports[index].region)
        frame = self._viewports[index].region
        if shown.size() != QSize(frame.width, frame.height) or part.width * part.height * 2 > frame.width * frame.height:
            self._shown[index] = None
            return
        x, y = part.x - frame.x, part.y - frame.y
        piece = self._raw_image(index).copy(x, y, part.width, part.height)
        piece.applyColorTransform(self._transform)
        painter = QPainter(shown)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        painter.drawImage(x, y, piece)
        painter.end()

    def _raw_image(self, index: int) -> QImage:
        viewport = self._viewports[index]
        frame = viewport.frame
        opaque = viewport.picture is not None and is_opaque(viewport.picture.document)
        form = QImage.Format.Format_RGB32 if opaque else QImage.Format.Format_ARGB32
        return QImage(frame.data, frame.shape[1], frame.shape[0], frame.strides[0], form)

    def _image(self, index: int) -> QImage:
        """Return a frame as the screen shows it."""
        if self._transform is None:
            return self._raw_image(index)
        shown = self._shown[index]
        if shown is None:
            shown = self._raw_image(index).copy()
            shown.applyColorTransform(self._transform)
            self._shown[index] = shown
        return shown

    def _target(self, pane: Pane, region: Region) -> QRectF:
        """Return where a region of the scaled picture lies in the window, before it is turned, in device pixels."""
        size = Size(pane.rect.width(), pane.rect.height())
        origin = self.view.origin(size)
        k = self.view.zoom / pane.viewport.scale
        return QRectF(
            pane.rect.x() + origin.x + region.x * k,
            pane.rect.y() + origin.y + region.y * k,
            region.width * k,
            region.height * k,
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), self.surround)
        if self.session is not None:
            ratio = self.devicePixelRatioF()
            painter.scale(1 / ratio, 1 / ratio)
            for pane in self.panes():
                painter.save()
                painter.setClipRect(self._visible_part(pane), Qt.ClipOperation.IntersectClip)
                self._paint_pane(painter, pane)
                painter.restore()
            if self.look.mode == "wipe":
                self._paint_wipe(painter)
            self.tool.paint(painter, self)
            self._paint_outline(painter)
        painter.end()

    def _visible_part(self, pane: Pane) -> QRect:
        if self.look.mode != "wipe":
            return pane.rect
        x = round(self._wipe_x())
        rect = QRect(pane.rect)
        if pane.viewport is self._viewports[0]:
            rect.setRight(x - 1)
        else:
            rect.setLeft(x)
        return rect

    def _paint_pane(self, painter: QPainter, pane: Pane) -> None:
        viewport = pane.viewport
        if viewport.picture is None or viewport.frame.size == 0:
            return
        painter.save()
        if not self.view.upright:
            painter.setTransform(self.turn(pane), combine=True)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.view.angle_deg % 90 != 0)
        target = self._target(pane, viewport.region)
        image = self._image(self._viewports.index(viewport))
        if image.format() != QImage.Format.Format_RGB32:
            painter.drawTiledPixmap(target, self._checks)
        if viewport.scale == self.view.zoom and self.view.upright:
            painter.drawImage(target.topLeft(), image)
        else:
            painter.drawImage(target, image)
        if self.view.zoom >= PIXEL_GRID_ZOOM:
            self._paint_grid(painter, target)
        painter.restore()
        if len(self.panes()) > 1 or self._holding:
            self._paint_label(painter, pane)

    def turn(self, pane: Pane) -> QTransform:
        """Return how the view turns and flips a pane, in device pixels of the window."""
        centre = QRectF(pane.rect).center()
        transform = QTransform()
        transform.translate(centre.x(), centre.y())
        transform.rotate(self.view.angle_deg)
        if self.view.flipped:
            transform.scale(-1, 1)
        transform.translate(-centre.x(), -centre.y())
        return transform

    def _paint_grid(self, painter: QPainter, target: QRectF) -> None:
        zoom = self.view.zoom
        pen = QPen(QColor(128, 128, 128, 90))
        pen.setCosmetic(True)
        painter.setPen(pen)
        for i in range(round(target.width() / zoom) + 1):
            x = target.x() + i * zoom
            painter.drawLine(QPointF(x, target.top()), QPointF(x, target.bottom()))
        for i in range(round(target.height() / zoom) + 1):
            y = target.y() + i * zoom
            painter.drawLine(QPointF(target.left(), y), QPointF(target.right(), y))

    def _paint_label(self, painter: QPainter, pane: Pane) -> None:
        ratio = self.devicePixelRatioF()
        font = self.font()
        font.setPixelSize(round(12 * ratio))
        painter.setFont(font)
        text = pictures.label(pane.name)
        area = painter.fontMetrics().boundingRect(text).adjusted(-8, -4, 8, 4)
        visible = self._visible_part(pane)
        right = self.look.mode == "wipe" and pane.viewport is self._viewports[1]
        x = visible.right() - area.width() - 8 if right else visible.x() + 8
        box = QRect(x, visible.y() + 8, area.width(), area.height())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 140))
        painter.drawRect(box)
        painter.setPen(QColor(230, 230, 230))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_wipe(self, painter: QPainter) -> None:
        x, height = self._wipe_x(), self.device_size().height
        painter.setPen(QPen(QColor(0, 0, 0, 160), 3))
        painter.drawLine(QPointF(x, 0), QPointF(x, height))
        painter.setPen(QPen(QColor(235, 235, 235), 1))
        painter.drawLine(QPointF(x, 0), QPointF(x, height))
        painter.setBrush(QColor(60, 60, 60))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = QPointF(x, height / 2)
        painter.drawEllipse(middle, 11, 11)
        for side in (-1, 1):
            tip = QPointF(x + 7 * side, height / 2)
            painter.drawPolyline([tip + QPointF(-3 * side, -4), tip, tip + QPointF(-3 * side, 4)])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    # -- the brush's outline

    def _paint_outline(self, painter: QPainter) -> None:
        if self._cursor is None or not self.underMouse() or self._space:
            return
        diameter = self.tool.diameter_px * self.view.zoom
        if diameter <= 0:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        radius = max(diameter / 2, 1.5)
        for colour, r in ((QColor(0, 0, 0, 170), radius + 0.75), (QColor(255, 255, 255, 220), radius)):
            painter.setPen(QPen(colour, 1))
            painter.drawEllipse(self._cursor, r, r)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _move_outline(self) -> None:
        """Repaint where the outline was and where it is."""
        ratio = self.devicePixelRatioF()
        reach = self.tool.diameter_px * self.view.zoom / 2 + 4
        before, self._outline = self._outline, QRect()
        if self._cursor is not None and self.tool.diameter_px > 0:
            c = self._cursor / ratio
            r = reach / ratio
            self._outline = QRectF(c.x() - r, c.y() - r, 2 * r, 2 * r).toAlignedRect()
        if self.tool.diameter_px > 0 or not before.isEmpty():
            self._update_ring(before)
            self._update_ring(self._outline)

    def _update_ring(self, rect: QRect) -> None:
        """Repaint a circle's edge; of a large one not what is inside."""
        edge = rect.width() // 2
        if edge < 40:
            self.update(rect)
            return
        inner = round(edge * 0.68)
        centre = rect.center()
        hole = QRegion(centre.x() - inner, centre.y() - inner, 2 * inner, 2 * inner)
        self.update(QRegion(rect).subtracted(hole))

    def refresh_cursor(self) -> None:
        """Show the cursor of the tool that a press would begin."""
        self.setCursor((self._pan if self._space else self.tool).cursor)
        self._move_outline()

    # -- pointing

    def _pointer(
        self, position: QPointF, modifiers: Qt.KeyboardModifier, pressure: float = 1.0, eraser: bool = False
    ) -> Pointer:
        at = position * self.devicePixelRatioF()
        return Pointer(at.x(), at.y(), self.picture_point(at.x(), at.y()), pressure, modifiers, eraser)

    def _begin(self, tool: Tool, pointer: Pointer) -> None:
        if self.session is not None and self._pressed is None:
            self._pressed = tool
            tool.press(pointer, self)

    def _move(self, pointer: Pointer) -> None:
        self._cursor = QPointF(pointer.x, pointer.y)
        if self._pressed is not None:
            self._pressed.move(pointer, self)
        self._move_outline()
        self.cursor_moved.emit(pointer.picture if self.session is not None else None)

    def _end(self, pointer: Pointer) -> None:
        if self._pressed is not None:
            tool, self._pressed = self._pressed, None
            tool.release(pointer, self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.session is None or event.source() != Qt.MouseEventSource.MouseEventNotSynthesized:
            return
        pointer = self._pointer(event.position(), event.modifiers())
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if self.look.mode == "wipe" and abs(pointer.x - self._wipe_x()) <= WIPE_GRIP * self.devicePixelRatioF():
            self._wiping = True
        elif event.button() == Qt.MouseButton.MiddleButton or self._space:
            self._begin(self._pan, pointer)
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif event.button() == Qt.MouseButton.LeftButton:
            self._begin(self.tool, pointer)
        elif event.button() == Qt.MouseButton.RightButton:
            secondary = self.tool.secondary if alt else None
            if secondary is not None:
                self._begin(secondary, pointer)
            else:
                self.tool_menu_requested.emit(event.globalPosition().toPoint())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.source() != Qt.MouseEventSource.MouseEventNotSynthesized:
            return
        pointer = self._pointer(event.position(), event.modifiers())
        if self._wiping:
            part = pointer.x / max(self.device_size().width, 1)
            self._set(msgspec.structs.replace(self.look, wipe=min(max(part, 0.0), 1.0)))
            self.update()
            return
        if self.look.mode == "wipe" and self._pressed is None:
            near = abs(pointer.x - self._wipe_x()) <= WIPE_GRIP * self.devicePixelRatioF()
            self.setCursor(Qt.CursorShape.SplitHCursor if near else self.tool.cursor)
        self._move(pointer)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.source() != Qt.MouseEventSource.MouseEventNotSynthesized:
            return
        self._wiping = False
        self._end(self._pointer(event.position(), event.modifiers()))
        self.refresh_cursor()

    def tabletEvent(self, event: QTabletEvent) -> None:
        event.accept()
        if self.session is None:
            return
        eraser = event.pointerType() == QPointingDevice.PointerType.Eraser
        pointer = self._pointer(event.position(), event.modifiers(), event.pressure(), eraser)
        match event.type():
            case QEvent.Type.TabletPress:
                if event.button() == Qt.MouseButton.LeftButton:
                    self._begin(self._pan if self._space else self.tool, pointer)
                elif event.button() == Qt.MouseButton.MiddleButton:
                    self._begin(self._pan, pointer)
                elif event.button() == Qt.MouseButton.RightButton:
                    alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
                    if alt and self.tool.secondary is not None:
                        self._begin(self.tool.secondary, pointer)
            case QEvent.Type.TabletMove:
                self._move(pointer)
            case _:
                self._end(pointer)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._cursor = event.position() * self.devicePixelRatioF()
        self.refresh_cursor()

    def leaveEvent(self, event: QEvent) -> None:
        self._cursor = None
        self._move_outline()
        self.cursor_moved.emit(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._space = False
        self.hold_before(False)
        self.refresh_cursor()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self._space = True
                self.refresh_cursor()
        elif event.key() == Qt.Key.Key_C and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            self.hold_before(True)
        elif event.key() == Qt.Key.Key_Escape and self._pressed is not None:
            tool, self._pressed = self._pressed, None
            tool.cancel(self)
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

    def wheelEvent(self, event: QWheelEvent) -> None:
        """A wheel zooms about the cursor, a touch pad or tablet scrolls; Ctrl swaps that, Shift scrolls sideways."""
        if self.session is None:
            return
        ratio = self.devicePixelRatioF()
        pixels, notches = event.pixelDelta(), event.angleDelta()
        scrolls = not pixels.isNull() and event.source() != Qt.MouseEventSource.MouseEventNotSynthesized
        scrolls |= not pixels.isNull() and event.phase() != Qt.ScrollPhase.NoScrollPhase
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if (scrolls and not control) or shift:
            delta = pixels if scrolls else notches / 2
            dx, dy = delta.x() * ratio, delta.y() * ratio
            if shift and not dx:
                dx, dy = dy, 0
            self.set_view(self.view.moved(dx, dy))
        elif notches.y():
            at = event.position() * ratio
            pane = self.pane_at(at.x(), at.y())
            point = Point(at.x() - pane.rect.x(), at.y() - pane.rect.y())
            self.zoom_to(self.view.zoom * WHEEL_STEP ** (notches.y() / 120), point)
        event.accept()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.NativeGesture and isinstance(event, QNativeGestureEvent):
            at = event.position() * self.devicePixelRatioF()
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.zoom_to(self.view.zoom * (1 + event.value()), Point(at.x(), at.y()))
                return True
            if event.gestureType() == Qt.NativeGestureType.RotateNativeGesture:
                self.set_view(self.view.turned(event.value()))
                return True
        if event.type() == QEvent.Type.Gesture and isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture) and not math.isclose(pinch.scaleFactor(), 1.0):
                at = QPointF(self.mapFromGlobal(pinch.centerPoint().toPoint())) * self.devicePixelRatioF()
                self.zoom_to(self.view.zoom * pinch.scaleFactor(), Point(at.x(), at.y()))
            return True
        return super().event(event)


def _checkerboard() -> QPixmap:
    tile = QPixmap(2 * CHECK_PX, 2 * CHECK_PX)
    tile.fill(CHECKS[0])
    painter = QPainter(tile)
    painter.fillRect(0, 0, CHECK_PX, CHECK_PX, CHECKS[1])
    painter.fillRect(CHECK_PX, CHECK_PX, CHECK_PX, CHECK_PX, CHECKS[1])
    painter.end()
    return tile


