"""Buttons with all that a control has: a name, words for screen readers, a tooltip."""

from collections.abc import Callable

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QPushButton, QToolButton

from retexture.gui import icons


def tool_button(
    name: str,
    icon: str | None,
    words: str,
    tip: str = "",
    *,
    icon_px: int = 16,
    edge_px: int | None = 24,
    checkable: bool = False,
) -> QToolButton:
    """Return a button with an icon.

    Args:
        name: its objectName.
        icon: of `icons.icon`; None for a button whose words are set later.
        words: its accessible name, and its tooltip unless `tip` is given.
        tip: its tooltip.
        icon_px: edge of the icon.
        edge_px: edge of the button; None: as the style has it.
        checkable: stays down.
    """
    button = QToolButton()
    button.setObjectName(name)
    if icon is not None:
        button.setIcon(icons.icon(icon, icon_px))
        button.setIconSize(QSize(icon_px, icon_px))
    if edge_px is not None:
        button.setFixedSize(edge_px, edge_px)
    button.setAccessibleName(words)
    button.setToolTip(tip or words)
    button.setCheckable(checkable)
    return button


def push_button(name: str, text: str, tip: str, run: Callable[[], object]) -> QPushButton:
    """Return a button with words, which Enter elsewhere does not press."""
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAccessibleName(text.rstrip("…"))
    button.setToolTip(tip)
    button.setAutoDefault(False)
    button.clicked.connect(lambda: run())
    return button
