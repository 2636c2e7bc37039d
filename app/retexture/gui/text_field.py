"""A row with a line of text."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from retexture.declare import Parameter
from retexture.gui import theme
from retexture.gui.field import Field
from retexture.gui.labels import label_of


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
