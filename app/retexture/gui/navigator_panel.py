"""The Navigator panel: the whole result, small, with what the canvas shows of it; and the zoom."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSlider, QVBoxLayout, QWidget

from retexture.gui import theme
from retexture.gui.buttons import tool_button
from retexture.gui.picture_painting import checkerboard, image_of
from retexture.gui.resting_panel import SETTLE_MS, RestingPanel
from retexture.gui.screen_profile import ScreenProfile
from retexture.gui.workspace import Workspace
from retexture.gui.zoom_field import ZoomField
from retexture.render.region import Region
from retexture.session.drawing import Picture, draw, scaled_size
from retexture.session.session import Session, Update
from retexture.session.view import MAX_ZOOM, MIN_ZOOM, Point, Size, View

BGRA = NDArray[np.uint8]

SLIDER_STEPS = 1000
CHECK_PX = 6


def slider_value(zoom: float) -> int:
    """Return where the zoom slider stands: equal steps are equal factors."""
    return round(SLIDER_STEPS * math.log(zoom / MIN_ZOOM) / math.log(MAX_ZOOM / MIN_ZOOM))


def slider_zoom(value: int) -> float:
    """Return the zoom of a position of the slider."""
    return float(MIN_ZOOM * (MAX_ZOOM / MIN_ZOOM) ** (value / SLIDER_STEPS))


class NavigatorView(QWidget):
    """The small picture and the frame of what is visible; a click or drag asks for another middle, arrows move it."""

    view_moved = Signal(Point)
    """The point of the picture that shall lie in the middle of the canvas."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("navigator_view")
        self.setAccessibleName("Navigator")
        self.setToolTip("Click or drag to move the view (arrow keys too)")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(80)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._picture = Size(0, 0)
        self._image = QImage()
        self._view: View | None = None
        self._window = Size(1, 1)
        self._grip: Point | None = None
        self._checks = checkerboard(CHECK_PX)

    def sizeHint(self) -> QSize:
        return QSize(280, 190)

    def set_picture(self, picture: Size, image: QImage | None = None) -> None:
        """Show a picture of a size in picture pixels; None keeps the image before, an empty one clears it."""
        if image is not None:
            self._image = image
        if picture != self._picture or image is not None:
            self._picture = picture
            self.update()

    def set_view(self, view: View, window: Size) -> None:
        """Show what of the picture a window of `window` device pixels sees."""
        if (view, window) != (self._view, self._window):
            self._view, self._window = view, window
            self.update()

    @property
    def target(self) -> QRect:
        """Where the picture lies in the widget."""
        if min(self._picture) <= 0:
            return QRect()
        inside = self.rect().adjusted(1, 1, -1, -1)
        scale = min(inside.width() / self._picture.width, inside.height() / self._picture.height)
        width, height = (
            max(round(self._picture.width * scale), 1),
            max(round(self._picture.height * scale), 1),
        )
        return QRect(
            inside.x() + (inside.width() - width) // 2,
            inside.y() + (inside.height() - height) // 2,
            width,
            height,
        )

    @property
    def frame(self) -> QPolygonF:
        """The canvas's window, in the coordinates of the widget: turned and flipped against the upright picture."""
        if self._view is None or min(self._picture) <= 0:
            return QPolygonF()
        width, height = self._window
        corners = (Point(0, 0), Point(width, 0), Point(width, height), Point(0, height))
        return QPolygonF([self._to_widget(self._view.to_picture(corner, self._window)) for corner in corners])

    def _to_widget(self, point: Point) -> QPointF:
        target = self.target
        return QPointF(
            target.x() + point.x / self._picture.width * target.width(),
            target.y() + point.y / self._picture.height * target.height(),
        )

    def _to_picture(self, at: QPointF) -> Point:
        target = self.target
        return Point(
            (at.x() - target.x()) / target.width() * self._picture.width,
            (at.y() - target.y()) / target.height() * self._picture.height,
        )

    # -- events

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._view is None or self.target.isEmpty():
            return
        at = self._to_picture(event.position())
        if self.frame.containsPoint(event.position(), Qt.FillRule.OddEvenFill):
            # Held where it is gripped.
            self._grip = Point(self._view.centre.x - at.x, self._view.centre.y - at.y)
        else:
            self._grip = Point(0, 0)
            self._move_to(at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None:
            at = self._to_picture(event.position())
            self._move_to(Point(at.x + self._grip.x, at.y + self._grip.y))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._grip = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, -1),
            Qt.Key.Key_Down: (0, 1),
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None or self._view is None or self.target.isEmpty():
            super().keyPressEvent(event)
            return
        # A tenth of the window, in the directions that the canvas shows.
        tenth = min(self._window) / 10
        self._move_to(self._view.moved(-step[0] * tenth, -step[1] * tenth).centre)

    def _move_to(self, point: Point) -> None:
        x = min(max(point.x, 0.0), self._picture.width)
        y = min(max(point.y, 0.0), self._picture.height)
        self.view_moved.emit(Point(x, y))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.CANVAS))
        target = self.target
        if target.isEmpty():
            painter.setPen(QColor(theme.DIM_TEXT))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "No document")
            return
        if not self._image.isNull():
            if self._image.hasAlphaChannel():
                painter.drawTiledPixmap(target, self._checks)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(QRectF(target), self._image)
        frame = QPainterPath()
        frame.addPolygon(self.frame)
        frame.closeSubpath()
        whole = QPainterPath()
        whole.addRect(QRectF(target))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._view is not None:
            painter.fillPath(whole.subtracted(frame), QColor(0, 0, 0, 110))
            painter.setClipRect(target.adjusted(-1, -1, 1, 1))
            painter.setBrush(QBrush(Qt.BrushStyle.NoBrush))
            # Dark beneath light: seen on any picture.
            for colour, width in ((QColor(0, 0, 0, 150), 3.0), (QColor(theme.BRIGHT_TEXT), 1.2)):
                painter.setPen(QPen(colour, width))
                painter.drawPath(frame.intersected(whole))
        if self.hasFocus():
            painter.setClipping(False)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QColor(theme.ACCENT))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))


class NavigatorPanel(RestingPanel):
    """The small view with the zoom beneath it. The canvas tells it where it looks by `set_view`."""

    view_moved = Signal(Point)
    """The point of the picture that shall lie in the middle of the canvas."""
    zoom_chosen = Signal(float)

    def __init__(self, workspace: Workspace, screen: ScreenProfile | None = None) -> None:
        super().__init__(workspace, "navigator")
        self._screen = screen or ScreenProfile()
        self._view = View()

        self.small_view = NavigatorView(self)
        self.small_view.view_moved.connect(self.view_moved)
        self._out = tool_button("navigator_zoom_out", "minus", "Zoom Out", "Zoom Out (Ctrl+-)", edge_px=None)
        self._out.clicked.connect(lambda: self.zoom_chosen.emit(self._view.next_stop(-1)))
        self._in = tool_button("navigator_zoom_in", "plus", "Zoom In", "Zoom In (Ctrl++)", edge_px=None)
        self._in.clicked.connect(lambda: self.zoom_chosen.emit(self._view.next_stop(1)))
        self._slider = QSlider(Qt.Orientation.Horizontal, self)
        self._slider.setObjectName("navigator_zoom")
        self._slider.setAccessibleName("Zoom")
        self._slider.setToolTip("Zoom")
        self._slider.setRange(0, SLIDER_STEPS)
        self._slider.setSingleStep(10)
        self._slider.setPageStep(75)
        self._slider.valueChanged.connect(lambda value: self.zoom_chosen.emit(slider_zoom(value)))
        self._field = ZoomField("navigator_percent", self)
        self._field.zoom_chosen.connect(self.zoom_chosen)

        foot = QHBoxLayout()
        foot.setSpacing(theme.SPACE_SMALL)
        foot.addWidget(self._field)
        foot.addWidget(self._out)
        foot.addWidget(self._slider, 1)
        foot.addWidget(self._in)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE, theme.SPACE, theme.SPACE, theme.SPACE)
        column.setSpacing(theme.SPACE)
        column.addWidget(self.small_view, 1)
        column.addLayout(foot)

        workspace.session_changed.connect(self._show_session)
        workspace.updated.connect(self._update)
        self._screen.changed.connect(self._take_profile)
        self._show_session(workspace.session)

    def set_view(self, view: View, window: Size) -> None:
        """Show where the canvas looks.

        Args:
            view: of the canvas.
            window: its size in device pixels.
        """
        self._view = view
        self.small_view.set_view(view, window)
        self._field.set_zoom(view.zoom)
        if not self._slider.isSliderDown():
            self._slider.blockSignals(True)
            self._slider.setValue(slider_value(view.zoom))
            self._slider.blockSignals(False)

    # -- following the session

    def _show_session(self, session: Session | None) -> None:
        for control in (self._out, self._in, self._slider, self._field):
            control.setEnabled(session is not None)
        size = (
            Size(session.document.width_px, session.document.height_px) if session is not None else Size(0, 0)
        )
        self.small_view.set_picture(size, QImage())
        self.mark_stale()
        self.settle()

    def _update(self, update: Update) -> None:
        found = update.changes
        if found.region is not None or found.canvas or found.profile:
            self.mark_stale()
        if not update.live:
            self.settle(SETTLE_MS)

    def _take_profile(self) -> None:
        self.mark_stale()
        self.settle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.mark_stale()
        self.settle(SETTLE_MS)

    def refresh(self, session: Session) -> None:
        """Render the small picture."""
        document, cache = session.document, self._workspace.cache
        size = Size(document.width_px, document.height_px)
        self.small_view.set_picture(size)
        scale = min(self.small_view.target.width() * self.devicePixelRatioF() / size.width, 1.0)
        if scale <= 0:
            return
        region = Region(0, 0, *scaled_size(document, scale))

        def show(pixels: BGRA) -> None:
            image = image_of(pixels).copy()
            transform = self._screen.transform(document)
            if transform is not None:
                image.applyColorTransform(transform)
            self.small_view.set_picture(size, image)

        self.compute(
            lambda job: draw(
                Picture(document), scale, region, exact=False, cache=cache, cancelled=job.cancelled
            ),
            show,
        )
