"""Real mouse events with modifiers, and a record of what an editor reports."""

from typing import Any

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from retexture.gui.editor_base import Editor
from retexture.gui.number_field import NumberField
from retexture.gui.text_field import TextField

NONE = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier


class Record:
    """The signals of an editor in order: ("changed", 3.5), ("cancelled", None)."""

    def __init__(self, editor: Editor) -> None:
        self.events: list[tuple[str, Any]] = []
        editor.started.connect(lambda: self.events.append(("started", None)))
        editor.changed.connect(lambda value: self.events.append(("changed", value)))
        editor.committed.connect(lambda value: self.events.append(("committed", value)))
        editor.cancelled.connect(lambda: self.events.append(("cancelled", None)))

    def names(self) -> list[str]:
        return [name for name, _ in self.events]

    def take(self) -> list[tuple[str, Any]]:
        events, self.events = self.events, []
        return events


def whole(value: Any) -> list[tuple[str, Any]]:
    """What a typed value reports."""
    return [("started", None), ("changed", value), ("committed", value)]


def heard(signal: Any) -> list[Any]:
    """Return a list that gets what a signal tells."""
    found: list[Any] = []
    signal.connect(found.append)
    return found


def bring_up(qtbot: QtBot, widget: QWidget) -> None:
    """Show a widget as the active window, closed after the test."""
    qtbot.addWidget(widget)
    with qtbot.waitActive(widget):
        widget.show()
        widget.activateWindow()


def click(widget: QWidget) -> None:
    """Click into the middle."""
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def type_into(field: NumberField | TextField, text: str, end: Qt.Key = Qt.Key.Key_Return) -> None:
    """Type into a field in place of what it shows."""
    field.edit.setFocus()
    field.edit.selectAll()
    QTest.keyClicks(field.edit, text)
    QTest.keyClick(field.edit, end)


def mouse(
    widget: QWidget, kind: QEvent.Type, x: float, y: float, modifiers: Qt.KeyboardModifier = NONE
) -> None:
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    button = none if kind == QEvent.Type.MouseMove else left
    buttons = none if kind == QEvent.Type.MouseButtonRelease else left
    place = QPointF(x, y)
    event = QMouseEvent(kind, place, QPointF(widget.mapToGlobal(place)), button, buttons, modifiers)
    QApplication.sendEvent(widget, event)


def press(widget: QWidget, x: float, y: float, modifiers: Qt.KeyboardModifier = NONE) -> None:
    mouse(widget, QEvent.Type.MouseButtonPress, x, y, modifiers)


def move(widget: QWidget, x: float, y: float, modifiers: Qt.KeyboardModifier = NONE) -> None:
    mouse(widget, QEvent.Type.MouseMove, x, y, modifiers)


def release(widget: QWidget, x: float, y: float, modifiers: Qt.KeyboardModifier = NONE) -> None:
    mouse(widget, QEvent.Type.MouseButtonRelease, x, y, modifiers)


def drag(
    widget: QWidget, *places: tuple[float, float], modifiers: Qt.KeyboardModifier = NONE, let_go: bool = True
) -> None:
    press(widget, *places[0], modifiers)
    for place in places[1:]:
        move(widget, *place, modifiers)
    if let_go:
        release(widget, *places[-1], modifiers)


def double_click(widget: QWidget, x: float, y: float) -> None:
    drag(widget, (x, y))
    mouse(widget, QEvent.Type.MouseButtonDblClick, x, y)
    release(widget, x, y)


def wheel(widget: QWidget, x: float, y: float, notches: int, modifiers: Qt.KeyboardModifier = NONE) -> bool:
    """Turn the wheel and tell whether the widget took it."""
    place = QPointF(x, y)
    event = QWheelEvent(
        place,
        QPointF(widget.mapToGlobal(place)),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    event.ignore()
    QApplication.sendEvent(widget, event)
    return event.isAccepted()
