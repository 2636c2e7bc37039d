"""A row with the path of a picture: typed, or chosen in the dialog for files."""

from PySide6.QtWidgets import QPushButton, QWidget

from retexture.declare import Parameter
from retexture.gui import file_dialogs
from retexture.gui.place_file import FILTER
from retexture.gui.text_field import TextField


class FileField(TextField):
    """Kind `file`: the line of its path, and a button that asks for the file."""

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parameter, parent)
        self.button = QPushButton("Choose…")
        self.button.setAutoDefault(False)
        self._add(self.button, "choose", parameter.help)
        self.button.setAccessibleName(f"Choose {self._label_text}")
        self.button.clicked.connect(self._choose)

    def _choose(self) -> None:
        name = file_dialogs.choose_file(self, f"Choose {self._label_text}", self.edit.text(), FILTER)
        if name:
            self.enter(name)
