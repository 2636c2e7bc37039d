"""A row with a colour, and the dialogue that chooses one."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QCheckBox, QColorDialog, QLabel, QToolButton, QWidget

from retexture.declare import Parameter
from retexture.gui import theme
from retexture.gui.field import Field


class ColourField(Field):
    """A fill layer's colour: the document's neutral grey, or one of the user's."""

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parameter, QLabel("Colour"), parent)
        self.swatch = QToolButton()
        self.swatch.setFixedSize(44, theme.CONTROL_HEIGHT)
        self._add(self.swatch, "swatch", f"{parameter.help}\nClick to choose a colour.")
        self.box = QCheckBox("Neutral grey")
        self._add(self.box, "neutral", "The grey that changes nothing. Space switches it.")
        self.box.setAccessibleName("Neutral grey")
        self.row.addStretch(1)
        self.setFocusProxy(self.swatch)
        self.swatch.clicked.connect(self._choose)
        self.box.clicked.connect(lambda on: self.enter(None if on else (0.5, 0.5, 0.5)))
        self._show()

    def _choose(self) -> None:
        dialog = colour_dialog(self._value or (0.5, 0.5, 0.5), self)
        dialog.currentColorChanged.connect(lambda colour: self._try(colour.getRgbF()[:3]))
        dialog.accepted.connect(self.finish)
        dialog.rejected.connect(self.cancel)
        dialog.open()

    def _try(self, colour: tuple[float, float, float]) -> None:
        self.begin()  # only now: the dialogue's opening takes the window's activation, which ends gestures
        self.drag_to(colour)

    def _show(self) -> None:
        self.box.setChecked(self._value is None)
        red, green, blue = (round(v * 255) for v in self._value or (0.5, 0.5, 0.5))
        self.swatch.setStyleSheet(
            f"background: rgb({red}, {green}, {blue}); border: 1px solid {theme.CONTROL};"
        )


def colour_dialog(colour: tuple[float, float, float], parent: QWidget) -> QColorDialog:
    """Return a colour dialogue that begins with encoded RGB 0-1; it deletes itself when it closes."""
    dialog = QColorDialog(QColor.fromRgbF(*colour), parent)
    dialog.setOption(QColorDialog.ColorDialogOption.DontUseNativeDialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setObjectName("colour_dialog")
    return dialog
