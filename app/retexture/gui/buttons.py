"""Buttons with all that a control has: a name, words for screen readers, a tooltip."""

from collections.abc import Callable

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPushButton, QToolButton

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


def ok_and_cancel(
    dialog: QDialog, name: str, tip: str, cancel_tip: str = "Close (Esc)", *, ok: str = ""
) -> QDialogButtonBox:
    """Return the buttons that end a dialog, connected to it.

    Args:
        dialog: accepted by the one, rejected by the other.
        name: what their objectNames begin with: ``fill_ok``, ``fill_cancel``.
        tip: what accepting does, and its key.
        cancel_tip: what rejecting does, and its key.
        ok: other words than OK on the one that accepts; its objectName ends with them.
    """
    kinds = QDialogButtonBox.StandardButton
    box = QDialogButtonBox(kinds.Ok | kinds.Cancel)
    if ok:
        box.button(kinds.Ok).setText(ok)
    for kind, ending, words in ((kinds.Ok, ok.lower() or "ok", tip), (kinds.Cancel, "cancel", cancel_tip)):
        button = box.button(kind)
        button.setObjectName(f"{name}_{ending}")
        button.setAccessibleName(button.text().replace("&", ""))
        button.setToolTip(words)
    box.accepted.connect(dialog.accept)
    box.rejected.connect(dialog.reject)
    return box
