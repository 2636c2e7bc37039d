"""A label that is dragged to change the number beside it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QLabel, QWidget

from retexture.gui.editor_base import key_factor


class ScrubLabel(QLabel):
    """A label that changes its value when dragged left or right."""

    grabbed = Signal()
    moved = Signal(float)
    """By so many steps since the last time."""
    released = Signal()
    reset = Signal()

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._x: float | None = None
        self._dragging = False
        self.setCursor(Qt.CursorShape.SizeHorCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._x, self._dragging = event.position().x(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._x is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        x = event.position().x()
        # A double click must not be taken for two small drags.
        if not self._dragging and abs(x - self._x) < 3:
            return
        if not self._dragging:
            self._dragging = True
            self.grabbed.emit()
        self.moved.emit((x - self._x) * key_factor(event.modifiers()))
        self._x = x

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._x = None
        if self._dragging:
            self._dragging = False
            self.released.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.reset.emit()
