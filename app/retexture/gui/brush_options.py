"""The options of the brush: its numbers, what the pen's pressure changes, and the curve of the pressure."""

from collections.abc import Callable
from typing import Any

import msgspec
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from retexture.declare import parameters
from retexture.gui import icons, theme
from retexture.gui.buttons import tool_button
from retexture.gui.compact_field import compact_field
from retexture.gui.curve_editor import CurveEditor
from retexture.gui.number_field import NumberField
from retexture.gui.popups import make_popup, show_below
from retexture.gui.pressure_strip import PressureStrip
from retexture.session.brush import Brush

OPTIONAL = ("smoothing", "spacing", "flow", "hardness")
"""Fields of the brush that a narrow window moves into the popup, the first to go first."""

DECLARED = {parameter.name: parameter for parameter in parameters(Brush)}


class BrushOptions(QWidget):
    """Shows a brush and changes it."""

    changed = Signal(object)
    """The Brush, while it is being changed."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("brush_options")
        self.brush = Brush()
        """What brushes paint with; set by `set_brush`."""
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_LARGE)
        self.fields: dict[str, NumberField] = {}
        self.parts: dict[str, QWidget] = {}
        """What is shown of each of the brush's numbers, in order."""
        self.pressure: dict[str, QToolButton] = {}
        for name, parameter in DECLARED.items():
            if parameter.kind != "number":
                continue
            field = compact_field(parameter)
            field.setObjectName(f"brush_{name}")
            field.changed.connect(lambda value, name=name: self._change(name, value))
            field.cancelled.connect(lambda name=name: self._change(name, self.fields[name].value()))
            self.fields[name] = field
            switch = DECLARED.get(f"{name.removesuffix('_px')}_pressure")
            if switch is None:
                self.parts[name] = field
                row.addWidget(field)
                continue
            group = QWidget()
            group.setObjectName(f"brush_{name}_group")
            inner = QHBoxLayout(group)
            inner.setContentsMargins(0, 0, 0, 0)
            inner.setSpacing(2)
            inner.addWidget(field)
            button = tool_button(
                f"brush_{switch.name}", "pressure", switch.help, f"{switch.help} (Space)", checkable=True
            )
            button.clicked.connect(lambda on, name=switch.name: self._change(name, on))
            self.pressure[switch.name] = button
            inner.addWidget(button)
            self.parts[name] = group
            row.addWidget(group)
        self.more = QToolButton()
        self.more.setObjectName("brush_more")
        self.more.setText("More")
        self.more.setAccessibleName("More of the brush")
        self.more.setToolTip(
            "What there is no room for in this row, and what the pen's pressure does: "
            "its curve, and a strip to try it on (Space)"
        )
        self.more.setIcon(icons.icon("chevron_down", 12))
        self.more.setIconSize(QSize(12, 12))
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.more.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow after the word
        self.more.setFixedHeight(24)
        self.more.clicked.connect(lambda: show_below(self.popup, self.more))
        row.addWidget(self.more)
        self.popup: QFrame = self._make_popup()
        self.set_brush(self.brush)

    def _make_popup(self) -> QFrame:
        popup = make_popup("brush_popup", self)
        column = QVBoxLayout(popup)
        column.setContentsMargins(*[theme.SPACE_LARGE] * 4)
        column.setSpacing(theme.SPACE)
        self._left_out = QVBoxLayout()
        self._left_out.setSpacing(theme.SPACE_SMALL)
        column.addLayout(self._left_out)
        column.setAlignment(self._left_out, Qt.AlignmentFlag.AlignLeft)
        self.curve = CurveEditor(DECLARED["pressure_curve"], names=("Pressure", "Effect"), percent=True)
        self.curve.setFixedWidth(280)
        self.curve.changed.connect(lambda points: self._change("pressure_curve", points))
        self.curve.cancelled.connect(lambda: self._change("pressure_curve", self.curve.value()))
        self.strip = PressureStrip()
        heading = QLabel("Pen pressure")
        font = heading.font()
        font.setBold(True)
        heading.setFont(font)
        for widget in (heading, self.curve, self.strip):
            column.addWidget(widget)
        return popup

    def set_brush(self, brush: Brush) -> None:
        """Show a brush, without a signal."""
        self.brush = brush
        for name, field in self.fields.items():
            field.set_value(getattr(brush, name))
        for name, button in self.pressure.items():
            button.setChecked(getattr(brush, name))
        self.curve.set_value(brush.pressure_curve)
        self.strip.set_curve(brush.pressure_curve)

    def leave_out(self, fits: Callable[[], bool]) -> None:
        """Move fields, one after the other, into the popup until `fits` says that there is room for the rest."""
        # A button with a picture after its word tells its layout less than it needs.
        self.more.setMinimumWidth(self.more.sizeHint().width())
        for place, part in enumerate(self.parts.values()):
            if self._row.indexOf(part) < 0:
                self._row.insertWidget(place, part)
                part.show()
        for name in OPTIONAL:
            # Layouts would look at it again only when events are handled.
            self._row.invalidate()
            self.updateGeometry()
            if fits():
                break
            self._left_out.insertWidget(0, self.parts[name], 0, Qt.AlignmentFlag.AlignRight)
            self.parts[name].show()

    def _change(self, name: str, value: Any) -> None:
        brush = msgspec.structs.replace(self.brush, **{name: value})
        if brush != self.brush:
            self.brush = brush
            self.strip.set_curve(brush.pressure_curve)
            self.changed.emit(brush)
