"""What brushes and gradients paint in: white or black on masks, a colour on paint layers."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QToolButton, QWidget

from retexture.gui import theme
from retexture.gui.colour_field import colour_dialog

Colour = tuple[float, float, float]
HEIGHT = 28


class InkOptions(QWidget):
    """Shows the ink of masks, or the colour of paint layers, and lets it be chosen."""

    white_changed = Signal(bool)
    """Whether masks are painted white; black otherwise."""
    colour_changed = Signal(object)
    """Encoded red, green and blue, 0-1, that paint layers are painted in."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("ink_options")
        self.colour: Colour = (1.0, 1.0, 1.0)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_SMALL)
        self.mask_ink = MaskInk()
        self.mask_ink.clicked.connect(lambda: self._set_white(not self.mask_ink.white))
        self.swatch = QToolButton()
        self.swatch.setObjectName("brush_colour")
        self.swatch.setAccessibleName("Brush colour")
        self.swatch.setToolTip("Colour to paint in: click to choose")
        self.swatch.setFixedSize(36, 22)
        self.swatch.clicked.connect(self._choose_colour)
        row.addWidget(self.mask_ink)
        row.addWidget(self.swatch)
        self.set_colour(self.colour)

    def set_white(self, white: bool) -> None:
        """Show whether masks are painted white, without a signal."""
        self.mask_ink.set_white(white)

    def set_colour(self, colour: Colour) -> None:
        """Show the colour of paint layers, without a signal."""
        self.colour = colour
        shown = QColor.fromRgbF(*colour).name()
        self.swatch.setStyleSheet(
            f"background: {shown}; border: 1px solid {theme.CONTROL}; border-radius: 2px;"
        )

    def refresh(self, *, colour: bool) -> None:
        """Show the colour of paint layers, or the ink of masks."""
        self.mask_ink.setVisible(not colour)
        self.swatch.setVisible(colour)

    def _set_white(self, white: bool) -> None:
        self.set_white(white)
        self.white_changed.emit(white)

    def _choose_colour(self) -> None:
        before = self.colour
        dialog = colour_dialog(before, self)

        def take(colour: Colour) -> None:
            self.set_colour(colour)
            self.colour_changed.emit(colour)

        dialog.currentColorChanged.connect(lambda chosen: take(chosen.getRgbF()[:3]))
        dialog.rejected.connect(lambda: take(before))
        dialog.open()


class MaskInk(QAbstractButton):
    """White and black, as masks are painted: the one in front is painted. A click swaps them."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("mask_ink")
        self.setFixedSize(34, HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_white(True)

    def set_white(self, white: bool) -> None:
        """Show which one is painted."""
        self.white = white
        does = "White: shows the layer" if white else "Black: hides the layer"
        self.setAccessibleName(f"Brush on masks: {'white' if white else 'black'}")
        self.setToolTip(f"{does}\nClick or X swaps, D takes white.")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(34, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        front, back = ("#ffffff", "#000000") if self.white else ("#000000", "#ffffff")
        for place, colour in ((QPoint(13, 9), back), (QPoint(5, 3), front)):
            frame = QRect(place, QSize(16, 16))
            painter.fillRect(frame.adjusted(-1, -1, 1, 1), QColor(theme.CONTROL))
            painter.fillRect(frame, QColor(theme.LINE))
            painter.fillRect(frame.adjusted(1, 1, -1, -1), QColor(colour))
        if self.hasFocus():
            painter.setPen(QColor(theme.ACCENT))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()
