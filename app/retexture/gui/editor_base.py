"""What every editor of the properties panel is: one value, changed by gestures that can be undone as one step."""

from collections.abc import Collection
from typing import Any

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

STEP_KEYS = frozenset(
    {
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_PageDown,
    }
)


JOIN_MS = 700
"""Steps of keys and the wheel that follow each other sooner are one gesture, as are the clicks of a double click."""


def keeps_key(event: QEvent, keys: Collection[Qt.Key] = (), plain: Collection[Qt.Key] = ()) -> bool:
    """Claim a key before a command of the window gets it, and tell whether it was claimed.

    Args:
        event: any event of the widget that has the focus.
        keys: wanted with any modifiers.
        plain: wanted alone or with Shift: with Ctrl they stay the window's.
    """
    if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    alone = not event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
    if event.key() in keys or (alone and event.key() in plain):
        event.accept()
        return True
    return False


def key_factor(modifiers: Qt.KeyboardModifier) -> float:
    """Return 10 with Shift, 0.1 with Ctrl or Alt, else 1."""
    if modifiers & Qt.KeyboardModifier.ShiftModifier:
        return 10
    fine = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    return 0.1 if modifiers & fine else 1


class Editor(QWidget):
    """Shows one value and reports the gestures that change it.

    A gesture is `started`, any number of `changed`, and `committed` or `cancelled`. What is typed sends started,
    changed and committed at once; steps of keys and the wheel are committed when no other one follows soon. A gesture
    that ends where it began is cancelled: it leaves no undo step. Escape cancels and shows the value from the
    gesture's start again.
    """

    started = Signal()
    changed = Signal(object)
    """The live value."""
    committed = Signal(object)
    """The final value: one undo step."""
    cancelled = Signal()

    def __init__(self, value: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value = value
        self._before = value
        self._active = False
        # Not the workspace's timers: what a step leads to is shown already.
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self.finish)

    def setObjectName(self, name: str) -> None:
        """Call the editor by a name, and its controls after it: ``high_pass_radius_px_slider``."""
        before = self.objectName()
        if before and before != name:
            for control in self.findChildren(QWidget):
                own = control.objectName()
                if own.startswith(f"{before}_"):
                    control.setObjectName(name + own[len(before) :])
        super().setObjectName(name)

    @property
    def is_active(self) -> bool:
        """Whether a gesture of the mouse is under way."""
        return self._active and not self.is_stepping

    @property
    def is_stepping(self) -> bool:
        """Whether steps of keys or the wheel are under way, which may go on or end at any time."""
        return self._pause.isActive()

    def value(self) -> Any:
        """Return the value that is shown."""
        return self._value

    def set_value(self, value: Any) -> None:
        """Show a value, without signals. Ignored while a gesture is under way: the hand has the last word."""
        if not self._active:
            self._value = value
            self._show()

    def begin(self) -> None:
        """Start a gesture, if none is under way."""
        if self.is_stepping:
            self.finish()
        if not self._active:
            self._before, self._active = self._value, True
            self.started.emit()

    def drag_to(self, value: Any) -> None:
        """Go on to a value within a gesture. Ignored after the gesture was cancelled."""
        if self._active and value != self._value:
            self._value = value
            self._show()
            self.changed.emit(value)

    def finish(self) -> None:
        """End the gesture."""
        self._pause.stop()
        if not self._active:
            return
        self._active = False
        self._show()
        if self._value == self._before:
            self.cancelled.emit()
        else:
            self.committed.emit(self._value)

    def finish_soon(self) -> None:
        """End the gesture, unless a second click or a step soon goes on with it."""
        if self._value == self._before:
            self.finish()
        elif self._active:
            self._pause.start(JOIN_MS)

    def cancel(self) -> None:
        """Drop the gesture and show the value from its start."""
        self._pause.stop()
        if not self._active:
            return
        self._active, self._value = False, self._before
        self._show()
        self.cancelled.emit()

    def enter(self, value: Any) -> None:
        """Take a typed value as a whole gesture. Ignored while another gesture is under way."""
        if self.is_stepping:
            self.finish()
        if not self._active and value != self._value:
            self.begin()
            self.drag_to(value)
            self.finish()
        else:
            self._show()

    def step_to(self, value: Any) -> None:
        """Take a step of a key or the wheel. Ignored while a gesture of the mouse is under way."""
        if self.is_active:
            return
        if not self._active:
            if value == self._value:
                self._show()
                return
            self.begin()
        self.drag_to(value)
        if self._active:  # it may have been refused
            self._pause.start(JOIN_MS)

    def _show(self) -> None:
        """Bring the child widgets in line with the value."""
        self.update()

    def event(self, event: QEvent) -> bool:
        return (self.is_active and keeps_key(event, {Qt.Key.Key_Escape})) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.is_active:
            self.cancel()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        # Another window took over: the button's release will not come here.
        lost = event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow()
        if lost and QApplication.activePopupWidget() is None:
            self.finish()
        super().changeEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        if self.is_stepping:
            self.finish()
        self.cancel()
        super().hideEvent(event)
