"""The line in which a number is typed and stepped."""

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QLineEdit, QToolTip, QWidget

from retexture.gui import theme
from retexture.gui.editor_base import keeps_key, key_factor
from retexture.gui.line_edit import leaves_undo
from retexture.gui.number_format import NumberFormat


def say_beside(widget: QWidget, text: str) -> None:
    """Show a sentence under a widget for a moment."""
    QToolTip.showText(widget.mapToGlobal(QPoint(0, widget.height())), text, widget)


class ValueEdit(QLineEdit):
    """A typed number. Arrow keys and, with the focus, the wheel step it; Escape takes the typing back."""

    entered = Signal(float)
    """A number within the hard range was typed."""
    stepped = Signal(float)
    """So many steps up (or, negative, down) were asked for."""
    limited = Signal(float)
    """This number was typed, which is outside the hard range; the nearest inside was entered."""
    done = Signal()
    """Enter took what was typed as it is, or nothing had been typed."""

    def __init__(
        self, form: NumberFormat, low: float, high: float, width: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._format, self._low, self._high = form, low, high
        self._number = low
        self._turned = 0
        self._clicked_into = False
        self.setFixedSize(width, theme.CONTROL_HEIGHT)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.returnPressed.connect(self._finish)

    def show_number(self, number: float) -> None:
        """Show a number, unless another one is just being typed."""
        self._number = number
        if not (self.hasFocus() and self.isModified()):
            self._restore()

    def _restore(self) -> None:
        self.setText(self._format.text(self._number))
        self.setModified(False)
        if self.hasFocus():
            self.selectAll()

    def _finish(self) -> None:
        if self._take():
            self.done.emit()

    def _take(self) -> bool:
        """Enter what was typed; return whether it could be taken as it is."""
        number = self._format.parse(self.text()) if self.isModified() else None
        modified = self.isModified()
        self.setModified(False)
        if number is None:
            self._restore()
            if modified:
                say_beside(self, "Type a number.")
            return not modified
        inside = min(max(number, self._low), self._high)
        if inside != number:
            say_beside(self, f"Between {self._format.text(self._low)} and {self._format.text(self._high)}.")
        self._number = inside
        self._restore()
        self.entered.emit(inside)
        if inside != number:
            self.limited.emit(number)
        return inside == number

    def event(self, event: QEvent) -> bool:
        wanted = {Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown}
        wanted |= {Qt.Key.Key_Return, Qt.Key.Key_Enter}
        if self.isModified():
            wanted.add(Qt.Key.Key_Escape)
        return leaves_undo(self, event) or keeps_key(event, wanted) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        steps = {keys.Key_Up: 1, keys.Key_Down: -1, keys.Key_PageUp: 10, keys.Key_PageDown: -10}
        if event.key() in steps:
            self._take_typed()
            self.stepped.emit(steps[Qt.Key(event.key())] * key_factor(event.modifiers()))
        elif event.key() == keys.Key_Escape and self.isModified():
            self._restore()
        else:
            super().keyPressEvent(event)

    def _take_typed(self) -> None:
        if self.isModified():
            self._take()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.hasFocus():
            event.ignore()
            return
        self._turned += event.angleDelta().y() or event.angleDelta().x()  # Alt and Shift may turn the axis
        notches = int(self._turned / 120)
        self._turned -= notches * 120
        if notches:
            self._take_typed()
            self.stepped.emit(notches * key_factor(event.modifiers()))
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._clicked_into = event.reason() == Qt.FocusReason.MouseFocusReason
        self.selectAll()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        # The press that gave the focus has placed the cursor: typing shall replace the number all the same.
        if self._clicked_into and not self.hasSelectedText():
            self.selectAll()
        self._clicked_into = False

    def focusOutEvent(self, event: QFocusEvent) -> None:
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._take_typed()
            self.deselect()
        super().focusOutEvent(event)
