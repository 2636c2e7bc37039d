"""Digits set opacity, with Shift flow or fill: of the brush with a painting tool, else of the selected layer."""

from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QKeySequence, QShortcut

from retexture.gui.brush_tool import BrushTool
from retexture.gui.tools import Tool
from retexture.session.layer_edits import is_locked
from retexture.session.session import Gesture, Session

if TYPE_CHECKING:
    from retexture.gui.window import MainWindow

PAUSE_MS = 600
"""Two digits typed within it are one number, and one undo step: 3 5 is 35 %."""


class DigitKeys(QObject):
    """The keys 0 to 9 of a window."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._typed = ""
        self._field: tuple[Tool, str] | None = None
        """What was typed for: the tool in hand, and the field."""
        self._gesture: Gesture | None = None
        self.pause = QTimer(self)
        self.pause.setSingleShot(True)
        self.pause.setInterval(PAUSE_MS)
        self.pause.timeout.connect(self._forget)
        for digit in "0123456789":
            for prefix, shifted in (("", False), ("Shift+", True)):
                shortcut = QShortcut(QKeySequence(prefix + digit), window)
                shortcut.activated.connect(lambda d=digit, s=shifted: self._type(d, s))

    def _type(self, digit: str, shifted: bool) -> None:
        session, paint = self._window.session, self._window.paint
        if session is None:
            return
        tool = self._window.canvas.tool
        paints = isinstance(tool, BrushTool)
        field = ("flow" if paints else "fill") if shifted else "opacity"
        if (tool, field) != self._field:
            self._forget()
            self._field = (tool, field)
        self._typed = (self._typed + digit)[-2:]
        self.pause.start()
        value = int(self._typed) / 100 if len(self._typed) == 2 else (int(digit) or 10) / 10
        if paints:
            paint.set_brush(msgspec.structs.replace(paint.brush, **{field: value}))
        elif session.active is not None:
            self._set(session, session.active, field, value)

    def _set(self, session: Session, key: str, field: str, value: float) -> None:
        if is_locked(session.document, key):
            self._window.workspace.message.emit(f"The layer is locked: unlock it to change its {field}.")
            return
        if self._gesture is None or not self._gesture.live or len(self._typed) == 1:
            self._gesture = session.begin(field.capitalize())
        self._gesture.set(f"{key}.{field}", value)

    def _forget(self) -> None:
        self._typed = ""
        if self._gesture is not None:
            self._gesture.commit()
            self._gesture = None
