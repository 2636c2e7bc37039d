"""The zoom as a percentage that can be typed."""

import re

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QWidget

from retexture.gui.line_edit import ENTER, LineEdit
from retexture.session.view import MAX_ZOOM, MIN_ZOOM


def percent(zoom: float) -> str:
    """Return a zoom as it is shown: three figures or whole per cent, ``66.7 %``, ``1600 %``."""
    value = zoom * 100
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    text = f"{value:.{digits}f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} %"


def parse_percent(text: str) -> float | None:
    """Return the zoom of a typed percentage (``50``, ``66.7 %``, ``2x``), within the limits; None for anything else."""
    match = re.fullmatch(r"\s*(\d+(?:[.,]\d*)?|[.,]\d+)\s*(%|x|×)?\s*", text, re.IGNORECASE)
    if match is None:
        return None
    value = float(match[1].replace(",", "."))
    zoom = value if match[2] in ("x", "X", "×") else value / 100
    return min(max(zoom, MIN_ZOOM), MAX_ZOOM)


class ZoomField(LineEdit):
    """Shows the zoom; Enter chooses what was typed, Esc takes it back, Up and Down double and halve it."""

    zoom_chosen = Signal(float)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName("Zoom in per cent")
        self.setToolTip("Zoom: type a percentage and press Enter (Up and Down double and halve it)")
        self.setFixedWidth(64)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._zoom = 1.0
        self.set_zoom(1.0)

    def set_zoom(self, zoom: float) -> None:
        """Show a zoom, unless another is being typed."""
        self._zoom = zoom
        if not self.isModified():
            self.setText(percent(zoom))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in ENTER:
            zoom = parse_percent(self.text())
            self.setText(percent(self._zoom))
            if zoom is not None:
                self.zoom_chosen.emit(zoom)
            self.selectAll()
        elif key == Qt.Key.Key_Escape:
            self.setText(percent(self._zoom))
            self.clearFocus()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            zoom = self._zoom * (2.0 if key == Qt.Key.Key_Up else 0.5)
            self.zoom_chosen.emit(min(max(zoom, MIN_ZOOM), MAX_ZOOM))
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.selectAll()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.setText(percent(self._zoom))
