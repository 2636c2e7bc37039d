"""The options of the Move tool: the way to the transform box, and its numbers."""

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QWidget

from retexture.declare import Parameter
from retexture.document.transform import LIMIT_PX
from retexture.gui import icons, theme
from retexture.gui.buttons import tool_button
from retexture.gui.compact_field import compact_field
from retexture.gui.gestures import attempt
from retexture.gui.labels import label_of
from retexture.gui.number_field import NumberField
from retexture.gui.transform_tool import TransformState
from retexture.session import transform_box
from retexture.session.view import Point


def _number(name: str, help: str, low: float, high: float, default: float, unit: str) -> Parameter:
    slider = (0.0, 400.0) if unit == "%" else (-180.0, 180.0) if unit == "degrees" else (-1000.0, 1000.0)
    return Parameter(name, "number", default, help, low, high, slider, unit)


VALUE_WIDTH = 84
ROUNDED = 0.01
"""How far a number that is shown may be from the one that is meant."""

FIELDS = (
    _number("x_px", "Where the middle lies, from the left edge of the picture", -LIMIT_PX, LIMIT_PX, 0, "px"),
    _number(
        "y_px", "Where the middle lies, from the upper edge of the picture", -LIMIT_PX, LIMIT_PX, 0, "px"
    ),
    _number("width_percent", "Width; below 0 it is mirrored", -10000, 10000, 100, "%"),
    _number("height_percent", "Height; below 0 it is mirrored", -10000, 10000, 100, "%"),
    _number("angle", "Turned clockwise", -360, 360, 0, "degrees"),
)


class TransformOptions(QWidget):
    """Shows a `TransformState` and changes it."""

    def __init__(self, state: TransformState) -> None:
        super().__init__()
        self.setObjectName("transform_options")
        self.state = state
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_LARGE)
        self.begin = QPushButton("Free Transform")
        self.begin.setObjectName("transform_begin")
        self.begin.setAccessibleName("Free Transform")
        self.begin.setToolTip("Scale, turn, distort or warp the layer (Ctrl+T)")
        self.begin.clicked.connect(lambda: attempt(state.workspace, state.begin))
        row.addWidget(self.begin)
        self.fields: dict[str, NumberField] = {}
        for parameter in FIELDS:
            field = compact_field(parameter)
            field.edit.setFixedWidth(VALUE_WIDTH)
            field.setObjectName(f"box_{parameter.name}")
            field.changed.connect(lambda value, name=parameter.name: self._set(name, value))
            if parameter.name != "angle":  # a whole turn more is no other angle
                field.committed.connect(lambda value, field=field: self._tell_limit(field, value))
                field.edit.limited.connect(lambda value, field=field: self._tell_limit(field, value))
            field.cancelled.connect(lambda name=parameter.name: self._set(name, self.fields[name].value()))
            self.fields[parameter.name] = field
            row.addWidget(field)
            if parameter.name == "width_percent":
                self.linked = tool_button(
                    "transform_linked",
                    "link",
                    "Keep proportions",
                    "Width and height change together",
                    checkable=True,
                )
                self.linked.setChecked(True)
                row.addWidget(self.linked)
        self.warp = QPushButton()
        self.warp.setObjectName("transform_warp")
        self.warp.setText("Warp")
        self.warp.setAccessibleName("Warp")
        self.warp.setToolTip("Bend the layer by the points of a mesh")
        self.warp.setCheckable(True)
        self.warp.clicked.connect(state.warp)
        self.apply = self._button(
            "transform_apply", "check", "Apply", "Apply the transform (Enter)", state.commit
        )
        self.cancel = self._button(
            "transform_cancel", "close", "Cancel", "Give the transform up (Esc)", state.cancel
        )
        for widget in (self.warp, self.apply, self.cancel):
            row.addWidget(widget)
        state.changed.connect(self.refresh)
        self.refresh()

    def _button(self, name: str, image: str, words: str, tip: str, does: object) -> QToolButton:
        button = tool_button(name, image, words, tip)
        button.setIcon(icons.icon(image))
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.clicked.connect(lambda: does())  # type: ignore[operator]
        return button

    def refresh(self) -> None:
        """Show the transform under way, or how to begin one."""
        place = self.state.place
        self.begin.setVisible(place is None)
        for widget in (*self.fields.values(), self.linked, self.warp, self.apply, self.cancel):
            widget.setVisible(place is not None)
        if place is None:
            return
        middle, t = transform_box.centre(place), place.transform
        shown = {
            "x_px": middle.x,
            "y_px": middle.y,
            "width_percent": t.scale_x * (-100 if t.flip_x else 100),
            "height_percent": t.scale_y * (-100 if t.flip_y else 100),
            "angle": t.angle_deg,
        }
        for name, value in shown.items():
            self.fields[name].set_value(round(value, 2))
        self.warp.setChecked(self.state.warping)

    def _tell_limit(self, field: NumberField, asked: float) -> None:
        """Show what was made of a number that was asked for, and say so where it is another."""
        self.refresh()
        taken = field.value()
        if self.state.place is None or abs(taken - asked) <= ROUNDED:
            return
        words = f"{label_of(field.parameter)} was set to {field.format.text(taken)}, the nearest there is"
        self.state.workspace.message.emit(words)

    def _set(self, name: str, value: float) -> None:
        place = self.state.place
        if place is None:
            return
        t, middle = place.transform, transform_box.centre(place)
        match name:
            case "x_px" | "y_px":
                wanted = Point(value, middle.y) if name == "x_px" else Point(middle.x, value)
                self.state.set(transform_box.shifted(place, wanted.x - middle.x, wanted.y - middle.y))
            case "angle":
                self.state.set(transform_box.turned_to(place, value))
            case _:
                scales = {"width_percent": t.scale_x, "height_percent": t.scale_y}
                flip, other = {
                    "width_percent": ("flip_x", "height_percent"),
                    "height_percent": ("flip_y", "width_percent"),
                }[name]
                if self.linked.isChecked():
                    scales[other] *= abs(value) / 100 / scales[name]
                scales[name] = abs(value) / 100
                scaled = transform_box.rescaled(place, *scales.values())
                self.state.set(msgspec.structs.replace(scaled, **{flip: value < 0}))
