"""A strip to try a pen on: what its pressure is, and what the pressure curve makes of it."""

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QTabletEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from retexture.gui import theme
from retexture.gui.curve_editor import Points, evaluate

WIDEST_PX = 28
LINE_PX = 20
"""Room for the line of text below the stroke."""
STRAIGHT: Points = ((0.0, 0.0), (255.0, 255.0))


class PressureStrip(QWidget):
    """Shows the last stroke over it, as wide as the curve makes its pressure; a mouse presses fully."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.curve: Points = STRAIGHT
        self.stroke: list[tuple[QPointF, float]] = []
        """Positions, and the pen's own pressure 0-1."""
        self.setObjectName("pressure_strip")
        self.setAccessibleName("Pressure test strip")
        self.setToolTip("Stroke here with the pen to see its pressure after the curve.")
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._describe()

    def sizeHint(self) -> QSize:
        return QSize(268, 84)

    def set_curve(self, points: Points) -> None:
        """Set the pressure curve: 2 to 16 points (input, output), each 0-255."""
        self.curve = points
        self._describe()

    def clear(self) -> None:
        """Take the stroke away."""
        self.stroke = []
        self._describe()

    def pressures(self) -> list[float]:
        """Return the stroke's pressures after the curve, each 0-1."""
        raw = np.array([p for _, p in self.stroke], np.float64)
        out: list[float] = (evaluate(self.curve, raw * 255) / 255).tolist() if len(raw) else []
        return out

    def summary(self) -> str:
        """Say the smallest and the largest pressure of the stroke, of the pen and after the curve."""
        if not self.stroke:
            return "Stroke here to test the pressure"
        pen, out = [p for _, p in self.stroke], self.pressures()
        return (
            f"Pen {100 * min(pen):.0f}–{100 * max(pen):.0f} %    "
            f"After the curve {100 * min(out):.0f}–{100 * max(out):.0f} %"
        )

    def _describe(self) -> None:
        self.setAccessibleDescription(self.summary())
        self.update()

    def _add(self, place: QPointF, pressure: float) -> None:
        self.stroke.append((place, min(max(pressure, 0.0), 1.0)))
        self._describe()

    def tabletEvent(self, event: QTabletEvent) -> None:
        if event.type() == QEvent.Type.TabletPress:
            self.clear()
            self._add(event.position(), event.pressure())
        elif event.type() == QEvent.Type.TabletMove and event.buttons():
            self._add(event.position(), event.pressure())
        event.accept()  # so that no mouse events are made of it

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.clear()
            self._add(event.position(), 1.0)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._add(event.position(), 1.0)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.FIELD))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(self.rect().adjusted(1, 1, -1, -LINE_PX))
        places = [place for place, _ in self.stroke]
        widths = [1 + (WIDEST_PX - 1) * p for p in self.pressures()]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.TEXT))
        for place, width in zip(places, widths, strict=True):
            painter.drawEllipse(place, width / 2, width / 2)
        for i in range(1, len(places)):
            width = (widths[i - 1] + widths[i]) / 2
            pen = QPen(QColor(theme.TEXT), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawLine(places[i - 1], places[i])
        painter.setClipping(False)
        painter.setPen(QColor(theme.DIM_TEXT))
        line = QRectF(8, self.height() - LINE_PX - 2, self.width() - 16, LINE_PX)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.summary())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(QColor(theme.LINE), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()
