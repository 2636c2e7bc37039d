"""The slider of a number, and the law between its positions and values."""

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from retexture.declare import Parameter
from retexture.gui import theme
from retexture.gui.editor_base import STEP_KEYS, keeps_key

HANDLE = "#c4c4c4"


def slider_power(parameter: Parameter) -> float:
    """Return p of the slider's law, value = low + span * position^p: over 1 gives small values more room."""
    low, high = parameter.slider or (0, 1)
    if parameter.kind == "integer" or parameter.unit not in ("", "px"):
        return 1
    if low > 0 and high >= 10 * low:
        middle = (math.sqrt(low * high) - low) / (high - low)
        return min(3, math.log(middle) / math.log(0.5))
    if low == 0 and parameter.unit == "px":
        return 2 if high <= 100 else 3
    return 1


class PowerSlider(QSlider):
    """A slider that goes where it is pressed. Its positions are 0-1; the field gives them their meaning."""

    grabbed = Signal()
    moved = Signal(float)
    released = Signal()
    clicked = Signal()
    """Released where it was pressed."""
    reset = Signal()

    RADIUS = 6
    STEPS = 10000  # of QSlider's own whole numbers, which screen readers see

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setRange(0, self.STEPS)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # the value field is the stop for Tab
        self.setFixedHeight(theme.CONTROL_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.origin = 0.0
        """Where the coloured part begins: the position of 0."""
        self.mark: float | None = None
        """The position of the default."""
        self._offset = 0.0
        self._dragged = False

    def sizeHint(self) -> QSize:
        return QSize(120, theme.CONTROL_HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(50, theme.CONTROL_HEIGHT)

    def set_position(self, position: float) -> None:
        """Move the handle to a position 0-1."""
        self.setValue(round(position * self.STEPS))
        self.update()

    def x_of(self, position: float) -> float:
        """Return the x coordinate of a position 0-1."""
        return self.RADIUS + 1 + position * (self.width() - 2 * self.RADIUS - 2)

    def _position_at(self, x: float) -> float:
        room = self.width() - 2 * self.RADIUS - 2
        return min(max((x - self.RADIUS - 1) / max(room, 1), 0), 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        x, handle = event.position().x(), self.x_of(self.value() / self.STEPS)
        self._offset = x - handle if abs(x - handle) <= self.RADIUS + 1 else 0
        self._dragged = False
        self.setSliderDown(True)
        self.grabbed.emit()
        if not self._offset:
            self.moved.emit(self._position_at(x))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._dragged = True
            self.moved.emit(self._position_at(event.position().x() - self._offset))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(False)
            (self.released if self._dragged else self.clicked).emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.mark is not None:
            self.reset.emit()
        else:
            self.mousePressEvent(event)

    def event(self, event: QEvent) -> bool:
        return keeps_key(event, STEP_KEYS) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()  # the field steps by its own unit

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        middle, enabled = self.height() / 2, self.isEnabled()
        start, end, handle = self.x_of(0), self.x_of(1), self.x_of(self.value() / self.STEPS)
        painter.setBrush(QColor(theme.LINE))
        painter.drawRoundedRect(QRectF(start, middle - 2, end - start, 4), 2, 2)
        origin = self.x_of(self.origin)
        painter.setBrush(QColor(theme.CONTROL if enabled else theme.BUTTON))
        painter.drawRoundedRect(QRectF(min(origin, handle), middle - 2, abs(handle - origin), 4), 2, 2)
        if self.mark is not None:
            painter.setBrush(QColor(theme.CONTROL if enabled else theme.BUTTON))
            painter.drawRect(QRectF(round(self.x_of(self.mark)) - 0.5, middle + 7, 1, 3))
        grip = theme.BRIGHT_TEXT if self.underMouse() or self.isSliderDown() else HANDLE
        painter.setPen(QPen(QColor(theme.ACCENT if self.hasFocus() else theme.LINE), 1))
        painter.setBrush(QColor(grip if enabled else theme.DISABLED_TEXT))
        painter.drawEllipse(QPointF(handle, middle), self.RADIUS, self.RADIUS)
        painter.end()
