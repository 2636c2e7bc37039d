"""A row with a check box."""

from PySide6.QtWidgets import QCheckBox, QLabel, QWidget

from retexture.declare import Parameter
from retexture.gui.field import Field
from retexture.gui.labels import label_of


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
