"""A row with a number: a label that scrubs, a slider, and the value with its unit."""

import math

from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QMenu, QWidget

from retexture.declare import Parameter, describe_range
from retexture.gui.editor_base import key_factor
from retexture.gui.field import Field
from retexture.gui.labels import label_of
from retexture.gui.number_format import number_format
from retexture.gui.power_slider import PowerSlider, slider_power
from retexture.gui.scrub_label import ScrubLabel
from retexture.gui.value_edit import ValueEdit

VALUE_WIDTH = 68


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
        self.slider.clicked.connect(self.finish_soon)
        self.slider.reset.connect(self._reset_after_click)
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
        """Set what a double click on label or slider goes back to; None takes the reset away."""
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

    def _reset_after_click(self) -> None:
        """Go back to the default, in the gesture of the click that moved the handle."""
        if self.is_stepping and self.default is not None:
            self.drag_to(self.default)
            self.finish()
        else:
            self.reset()

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
