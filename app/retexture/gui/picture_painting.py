"""What is drawn over a picture: its pixel grid, its name, the split line; and the checkerboard under it."""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPen, QPixmap

CHECKS = (QColor(102, 102, 102), QColor(153, 153, 153))


@cache
def checkerboard(edge_px: int = 8) -> QPixmap:
    """Return the tile that shows transparency, of checks of so many pixels."""
    tile = QPixmap(2 * edge_px, 2 * edge_px)
    tile.fill(CHECKS[0])
    painter = QPainter(tile)
    painter.fillRect(0, 0, edge_px, edge_px, CHECKS[1])
    painter.fillRect(edge_px, edge_px, edge_px, edge_px, CHECKS[1])
    painter.end()
    return tile


def image_of(pixels: NDArray[np.uint8], opaque: bool | None = None) -> QImage:
    """Return (h, w, 4) uint8, blue, green, red and straight alpha, as an image over the same memory.

    `opaque` says whether all of it is; None: look. Who keeps the image longer than the pixels copies it.
    """
    if opaque is None:
        opaque = bool((pixels[..., 3] == 255).all())
    form = QImage.Format.Format_RGB32 if opaque else QImage.Format.Format_ARGB32
    return QImage(pixels.data, pixels.shape[1], pixels.shape[0], pixels.strides[0], form)


def paint_grid(painter: QPainter, target: QRectF, zoom: float) -> None:
    """Draw lines between pixels that are `zoom` wide and fill `target`."""
    pen = QPen(QColor(128, 128, 128, 90))
    pen.setCosmetic(True)
    painter.setPen(pen)
    for i in range(round(target.width() / zoom) + 1):
        x = target.x() + i * zoom
        painter.drawLine(QPointF(x, target.top()), QPointF(x, target.bottom()))
    for i in range(round(target.height() / zoom) + 1):
        y = target.y() + i * zoom
        painter.drawLine(QPointF(target.left(), y), QPointF(target.right(), y))


def paint_label(painter: QPainter, text: str, area: QRect, font: QFont, *, right: bool) -> None:
    """Write a picture's name into the upper left or right corner of its area."""
    painter.setFont(font)
    box = painter.fontMetrics().boundingRect(text).adjusted(-8, -4, 8, 4)
    x = area.right() - box.width() - 8 if right else area.x() + 8
    box = QRect(x, area.y() + 8, box.width(), box.height())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 140))
    painter.drawRect(box)
    painter.setPen(QColor(230, 230, 230))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def paint_wipe(painter: QPainter, x: float, height: float) -> None:
    """Draw the split line with its handle."""
    for colour, width in ((QColor(0, 0, 0, 160), 3), (QColor(235, 235, 235), 1)):
        painter.setPen(QPen(colour, width))
        painter.drawLine(QPointF(x, 0), QPointF(x, height))
    painter.setBrush(QColor(60, 60, 60))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.drawEllipse(QPointF(x, height / 2), 11, 11)
    for side in (-1, 1):
        tip = QPointF(x + 7 * side, height / 2)
        painter.drawPolyline([tip + QPointF(-3 * side, -4), tip, tip + QPointF(-3 * side, 4)])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def paint_outline(painter: QPainter, centre: QPointF, radius: float) -> None:
    """Draw the outline of a brush, visible on light and dark."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    radius = max(radius, 1.5)
    for colour, r in ((QColor(0, 0, 0, 170), radius + 0.75), (QColor(255, 255, 255, 220), radius)):
        painter.setPen(QPen(colour, 1))
        painter.drawEllipse(centre, r, r)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def paint_drag(painter: QPainter, start: QPointF, end: QPointF) -> None:
    """Draw the line of a drag, visible on light and dark: a ring where it began, a dot where it is now."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for colour, width in ((QColor(0, 0, 0, 170), 3.5), (QColor(255, 255, 255, 235), 1.5)):
        painter.setPen(QPen(colour, width))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawLine(start, end)
        painter.drawEllipse(start, 5, 5)
        painter.setBrush(colour)
        painter.drawEllipse(end, 3, 3)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
