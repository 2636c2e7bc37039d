"""Frames that open under a button and close at a click outside."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFrame, QWidget

from retexture.gui import theme


def make_popup(name: str, parent: QWidget) -> QFrame:
    """Return an empty frame that opens over the window and closes at a click outside or Esc."""
    popup = QFrame(parent, Qt.WindowType.Popup)
    popup.setObjectName(name)
    popup.setFrameShape(QFrame.Shape.NoFrame)
    popup.setStyleSheet(f"QFrame#{name} {{ background: {theme.PANEL}; border: 1px solid {theme.LINE}; }}")
    return popup


def show_below(popup: QFrame, button: QWidget) -> None:
    """Open a popup under a button, inside the screen."""
    popup.adjustSize()
    place = button.mapToGlobal(QPoint(0, button.height() + 2))
    screen = button.screen().availableGeometry()
    place.setX(max(screen.left(), min(place.x(), screen.right() - popup.width())))
    popup.move(place)
    popup.show()
