"""A tool that writes down what it is told."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from retexture.gui.canvas import Canvas
from retexture.gui.tools import Pointer, Tool


class Recorder(Tool):
    """Writes down what it is told."""

    cursor = Qt.CursorShape.PointingHandCursor

    def __init__(self, name: str, told: list[Any], diameter_px: float = 0.0) -> None:
        self.own = name
        self.told = told
        self.size = diameter_px
        self.other: Recorder | None = None

    @property
    def diameter_px(self) -> float:
        return self.size

    @property
    def secondary(self) -> Tool | None:
        return self.other

    def press(self, pointer: Pointer, canvas: Canvas) -> None:
        self.told.append((self.own, "press", pointer))

    def move(self, pointer: Pointer, canvas: Canvas) -> None:
        self.told.append((self.own, "move", pointer))

    def release(self, pointer: Pointer, canvas: Canvas) -> None:
        self.told.append((self.own, "release", pointer))

    def cancel(self, canvas: Canvas) -> None:
        self.told.append((self.own, "cancel", None))

    def paint(self, painter: QPainter, canvas: Canvas) -> None:
        painter.fillRect(0, 0, 3, 3, Qt.GlobalColor.cyan)
