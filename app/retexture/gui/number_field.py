"""One row of the properties panel: a label, and a number, switch, choice or text."""

import math
import re
from enum import Enum
from typing import Any

import msgspec
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QSizePolicy,
    QSlider,
    QToolTip,
    QWidget,
)

from retexture.declare import Parameter, describe_range
from retexture.engine.modes import BlendMode
from retexture.gui import theme
from retexture.gui.editor_base import STEP_KEYS, Editor, keeps_key
from retexture.gui.line_edit import leaves_undo

HANDLE = "#c4c4c4"
LABEL_WIDTH = 94
VALUE_WIDTH = 68

UNITS = {"px": " px", "%": " %", "degrees": "°"}
UNIT_ENDINGS = ("_px", "_percent", "_levels")
WORDS = {"rgb": "RGB", "gray": "Grey"}
GROUP_STARTS = ("darken", "lighten", "overlay", "difference", "hue", "add")
"""The blend modes that begin a group of the menu."""


def label_of(parameter: Parameter) -> str:
    """Return a parameter's name as a label: ``radius_px`` becomes ``Radius``."""
    name = parameter.name
    for ending in UNIT_ENDINGS:
        name = name.removesuffix(ending)
    return WORDS.get(name) or name.replace("_", " ").capitalize()


def choice_label(choice: str) -> str:
    """Return a choice as a menu writes it: ``linear-light`` becomes ``Linear Light``."""
    if choice in set(BlendMode):
        return BlendMode(choice).label
    return WORDS.get(choice) or choice.replace("-", " ").replace("_", " ").capitalize()


class NumberFormat(msgspec.Struct, frozen=True):
    """How a number is written and read."""

    decimals: int = 0
    """Always shown; up to two more are, if the value has them."""
    unit: str = ""
    scale: float = 1
    """What is shown for 1: 100 for percents."""

    @property
    def step(self) -> float:
        """The value of one step of the arrow keys."""
        return float(10**-self.decimals / self.scale)

    def text(self, value: float) -> str:
        """Return ``2.5 px``."""
        number = f"{value * self.scale:.{self.decimals + 2}f}"
        for _ in range(2):
            number = number.removesuffix("0")
        number = number.removesuffix(".")
        return (number if float(number) else number.lstrip("-")) + self.unit

    def parse(self, text: str) -> float | None:
        """Return the value that was typed, with or without its unit, point or comma; None for no number."""
        match = re.fullmatch(r"\s*([+-]?\d*[.,]?\d+|[+-]?\d+[.,]?)\s*[^\d\s]*\s*", text.replace("−", "-"))
        return round(float(match[1].replace(",", ".")) / self.scale, 9) if match else None

    def rounded(self, value: float) -> float:
        """Return the value with no more decimals than a drag should give."""
        return round(round(value * self.scale, self.decimals) / self.scale, 9)


def number_format(parameter: Parameter) -> NumberFormat:
    """Return how a declared number is written: percents for 0-1 without unit, decimals by its slider's span."""
    low, high = parameter.slider or (0, 1)
    if parameter.kind == "integer":
        return NumberFormat(0, UNITS.get(parameter.unit, ""))
    if not parameter.unit and (low, high) == (0, 1):
        return NumberFormat(0, " %", 100)
    span = high - low
    decimals = 2 if span <= 10 else 1 if span <= 50 or parameter.unit == "px" else 0
    return NumberFormat(decimals, UNITS.get(parameter.unit, ""))


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


def key_factor(modifiers: Qt.KeyboardModifier) -> float:
    """Return 10 with Shift, 0.1 with Ctrl or Alt, else 1."""
    if modifiers & Qt.KeyboardModifier.ShiftModifier:
        return 10
    fine = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    return 0.1 if modifiers & fine else 1


def say_beside(widget: QWidget, text: str) -> None:
    """Show a sentence under a widget for a moment."""
    QToolTip.showText(widget.mapToGlobal(QPoint(0, widget.height())), text, widget)


class ValueEdit(QLineEdit):
    """A typed number. Arrow keys and, with the focus, the wheel step it; Escape takes the typing back."""

    entered = Signal(float)
    """A number within the hard range was typed."""
    stepped = Signal(float)
    """So many steps up (or, negative, down) were asked for."""

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
        self.returnPressed.connect(self._take)

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

    def _take(self) -> None:
        number = self._format.parse(self.text()) if self.isModified() else None
        modified = self.isModified()
        self.setModified(False)
        if number is None:
            self._restore()
            if modified:
                say_beside(self, "Type a number.")
            return
        inside = min(max(number, self._low), self._high)
        if inside != number:
            say_beside(self, f"Between {self._format.text(self._low)} and {self._format.text(self._high)}.")
        self._number = inside
        self._restore()
        self.entered.emit(inside)

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


class PowerSlider(QSlider):
    """A slider that goes where it is pressed. Its positions are 0-1; the field gives them their meaning."""

    grabbed = Signal()
    moved = Signal(float)
    released = Signal()

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
        self.setSliderDown(True)
        self.grabbed.emit()
        if not self._offset:
            self.moved.emit(self._position_at(x))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.moved.emit(self._position_at(event.position().x() - self._offset))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(False)
            self.released.emit()

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


class Field(Editor):
    """A labelled row for one parameter."""

    def __init__(self, parameter: Parameter, label: QLabel, parent: QWidget | None = None) -> None:
        super().__init__(parameter.default, parent)
        self.parameter = parameter
        self.default: Any = parameter.default
        """What a double click on the label sets; None: nothing."""
        self.label = label
        self.setObjectName(parameter.name)
        label.setObjectName(f"{parameter.name}_label")
        label.setFixedWidth(LABEL_WIDTH)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(6)
        self.row.addWidget(label)
        self.setFixedHeight(theme.CONTROL_HEIGHT)
        self._label_text = label.text()

    def _add(self, control: QWidget, name: str, tip: str) -> None:
        control.setObjectName(f"{self.parameter.name}_{name}")
        control.setAccessibleName(self._label_text or label_of(self.parameter))
        control.setAccessibleDescription(self.parameter.help)
        control.setToolTip(tip)
        self.row.addWidget(control)

    def set_label_width(self, width_px: int) -> None:
        """Make room for the label, so that the rows of a panel line up."""
        self.label.setFixedWidth(width_px)
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        metrics = QFontMetrics(self.label.font())
        self.label.setText(
            metrics.elidedText(self._label_text, Qt.TextElideMode.ElideRight, self.label.maximumWidth())
        )


class NumberField(Field):
    """Kinds `number` and `integer`: a label that scrubs, a slider, and the value with its unit.

    The slider covers the parameter's slider range; what is typed, stepped or scrubbed may go on to the hard range.
    """

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        label = ScrubLabel(label_of(parameter))
        super().__init__(parameter, label, parent)
        self.format = number_format(parameter)
        low, high = parameter.slider or (0, 1)
        self._slider_low, self._slider_high = float(low), float(high)
        self._low = float(low) if parameter.low is None else parameter.low
        self._high = float(high) if parameter.high is None else parameter.high
        self._power = slider_power(parameter)
        self._scrubbed = 0.0
        hint = [parameter.help, f"{self._describe_range()}; Up and Down step, with Shift by ten."]
        self.slider = PowerSlider()
        self.edit = ValueEdit(self.format, self._low, self._high, VALUE_WIDTH)
        self._add(self.slider, "slider", "\n".join(hint))
        self._add(self.edit, "value", "\n".join(hint))
        if self._value is None:
            self._value = self._low
        self.setFocusProxy(self.edit)
        self._hint_label()
        self.slider.origin = self._position(min(max(0.0, self._slider_low), self._slider_high))
        label.grabbed.connect(self._start_scrub)
        label.moved.connect(self._scrub)
        label.released.connect(self.finish)
        label.reset.connect(self.reset)
        self.slider.grabbed.connect(self.begin)
        self.slider.moved.connect(lambda position: self.drag_to(self._value_at(position)))
        self.slider.released.connect(self.finish)
        self.edit.entered.connect(lambda value: self.enter(self._whole(value)))
        self.edit.stepped.connect(self.step)
        self._show()

    def _describe_range(self) -> str:
        if self.format.scale == 1:
            return describe_range(self.parameter).capitalize()
        return f"{self.format.text(self._low)} to {self.format.text(self._high)}"

    def _hint_label(self) -> None:
        hint = f"{self.parameter.help}\nDrag left or right: Shift is faster, Ctrl or Alt finer."
        if self.default is not None:
            hint += f"\nDouble click to go back to {self.format.text(self.default)}."
        self.label.setToolTip(hint)
        self.slider.mark = None if self.default is None else self._position(self.default)
        self.slider.update()

    def set_default(self, value: float | None) -> None:
        """Set what a double click on the label goes back to; None takes the reset away."""
        self.default = value
        self._hint_label()

    def _position(self, value: float) -> float:
        share = (value - self._slider_low) / (self._slider_high - self._slider_low)
        return float(min(max(share, 0), 1) ** (1 / self._power))

    def _value_at(self, position: float) -> float:
        span = self._slider_high - self._slider_low
        value = self.format.rounded(self._slider_low + span * position**self._power)
        return self._whole(min(max(value, self._slider_low), self._slider_high))

    def _whole(self, value: float) -> float:
        inside = min(max(value, self._low), self._high)
        return round(inside) if self.parameter.kind == "integer" else inside

    def _stepped(self, value: float, steps: float) -> float:
        step = self.format.step
        if self.parameter.kind == "integer":
            steps = math.copysign(max(abs(steps), 1), steps)
        return self._whole(round(value + steps * step, 9))

    def step(self, steps: float) -> None:
        """Change the value by so many steps of its last shown decimal."""
        self.step_to(self._stepped(self._value, steps))

    def _start_scrub(self) -> None:
        self.edit.setFocus(Qt.FocusReason.MouseFocusReason)  # so that Escape comes here
        self.begin()
        self._scrubbed = 0.0

    def _scrub(self, steps: float) -> None:
        # Whole steps only: 0.3 of one, three times over, must make one.
        self._scrubbed += steps
        unit = 1.0 if self.parameter.kind == "integer" else 0.1
        whole = math.trunc(self._scrubbed / unit + math.copysign(1e-9, self._scrubbed)) * unit
        self._scrubbed -= whole
        if whole:
            self.drag_to(self._stepped(self._value, whole))

    def reset(self) -> None:
        """Go back to the default, as one gesture."""
        if self.default is not None:
            self.enter(self.default)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.default is None:
            return
        menu = QMenu(self)
        menu.addAction(f"Reset to {self.format.text(self.default)}", self.reset)
        menu.exec(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        steps = {
            keys.Key_Up: 1, keys.Key_Right: 1, keys.Key_Down: -1, keys.Key_Left: -1,
            keys.Key_PageUp: 10, keys.Key_PageDown: -10,
        }  # fmt: skip
        if self.slider.hasFocus() and event.key() in steps:
            self.step(steps[Qt.Key(event.key())] * key_factor(event.modifiers()))
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = (event.angleDelta().y() or event.angleDelta().x()) / 120
        if self.slider.hasFocus() and notches and not self.is_active:
            self.step(notches * key_factor(event.modifiers()))
            event.accept()
        else:
            event.ignore()

    def _show(self) -> None:
        self.slider.set_position(self._position(self._value))
        self.edit.show_number(self._value)


class SwitchField(Field):
    """Kind `switch`: a check box."""

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parameter, QLabel(""), parent)
        self.box = QCheckBox(label_of(parameter))
        self._add(self.box, "box", f"{parameter.help}\nSpace switches it.")
        self.row.addStretch(1)
        self.setFocusProxy(self.box)
        self._value = bool(self._value)
        self._show()
        self.box.clicked.connect(self.enter)

    def _show(self) -> None:
        self.box.setChecked(bool(self._value))


class ChoiceField(Field):
    """Kind `choice`: a menu that shows each choice while the pointer or the arrow keys are over it.

    The open menu is a gesture: `changed` for the item under the pointer, `cancelled` if it is closed without
    a choice. Values are of the default's own type, so a blend mode comes out as a `BlendMode`.
    """

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parameter, QLabel(label_of(parameter)), parent)
        self.label.setToolTip(parameter.help)
        self.combo = Combo()
        self._add(
            self.combo, "choice", f"{parameter.help}\nUp and Down choose; hover in the open list to preview."
        )
        self.row.setStretchFactor(self.combo, 1)
        self.setFocusProxy(self.combo)
        choices = list(parameter.choices)
        if BlendMode.PASS_THROUGH in choices:  # a group's own mode comes first, as in Photoshop
            choices.remove(BlendMode.PASS_THROUGH)
            choices.insert(0, BlendMode.PASS_THROUGH)
        for choice in choices:
            starts = choice in GROUP_STARTS or (choice == BlendMode.NORMAL and self.combo.count() > 0)
            if starts and BlendMode.NORMAL in choices:
                self.combo.insertSeparator(self.combo.count())
            self.combo.addItem(choice_label(choice), choice)
        # The list closes before it tells what was chosen.
        self._closed = QTimer(self)
        self._closed.setSingleShot(True)
        self._closed.timeout.connect(self.cancel)
        self.combo.opened.connect(self._open)
        self.combo.closed.connect(self._closed.start)
        self.combo.highlighted.connect(lambda index: self.drag_to(self._choice(index)))
        self.combo.activated.connect(self._choose)
        self._show()

    def _choice(self, index: int) -> Any:
        choice = self.combo.itemData(index)
        if choice is None:
            return self._value
        return type(self.default)(choice) if isinstance(self.default, Enum) else choice

    def _open(self) -> None:
        self._closed.stop()
        self.begin()

    def _choose(self, index: int) -> None:
        choice = self._choice(index)
        if self.is_active:
            self.drag_to(choice)
            self.finish()
        else:
            self.enter(choice)

    def _show(self) -> None:
        if not self.is_active:  # the open list keeps its own highlight
            self.combo.setCurrentIndex(self.combo.findData(str(self._value or "")))


class Combo(QComboBox):
    """A combo box that says when its list opens and closes, and leaves the wheel to the panel it scrolls in."""

    opened = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedHeight(theme.CONTROL_HEIGHT)
        self.setMinimumContentsLength(6)
        self.setMaxVisibleItems(40)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._list = self.view().window()
        self._list.installEventFilter(self)

    def event(self, event: QEvent) -> bool:
        return keeps_key(event, plain=STEP_KEYS) or super().event(event)

    def showPopup(self) -> None:
        self.opened.emit()
        super().showPopup()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Hide:
            self.closed.emit()
        return super().eventFilter(watched, event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class TextField(Field):
    """Kind `text`: a line of text, taken with Enter or when the focus leaves it."""

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parameter, QLabel(label_of(parameter)), parent)
        self.label.setToolTip(parameter.help)
        self.edit = QLineEdit()
        self.edit.setFixedHeight(theme.CONTROL_HEIGHT)
        self._add(self.edit, "text", f"{parameter.help}\nEnter takes it, Esc takes the typing back.")
        self.setFocusProxy(self.edit)
        self._value = self._value or ""
        self.edit.editingFinished.connect(self._take)
        self._show()

    def _take(self) -> None:
        if self.edit.isModified():
            self.edit.setModified(False)
            self.enter(self.edit.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.edit.isModified():
            self.edit.setModified(False)
            self._show()
        else:
            super().keyPressEvent(event)

    def _show(self) -> None:
        if not (self.edit.hasFocus() and self.edit.isModified()):
            self.edit.setText(str(self._value))
