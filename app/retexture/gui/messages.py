"""Message boxes, all of one kind: asked and told in the same words, with names that tests and keyboards can find."""

from typing import Literal

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget

from retexture.gui import theme
from retexture.gui.icons import pixmap

Kind = Literal["info", "warning"]
Unsaved = Literal["save", "discard", "cancel"]

ROLES = {
    "accept": QMessageBox.ButtonRole.AcceptRole,
    "destroy": QMessageBox.ButtonRole.DestructiveRole,
    "reject": QMessageBox.ButtonRole.RejectRole,
}
Role = Literal["accept", "destroy", "reject"]

LABELS: dict[str, tuple[str, Role]] = {
    "save": ("Save", "accept"),
    "discard": ("Don't Save", "destroy"),
    "cancel": ("Cancel", "reject"),
    "ok": ("OK", "accept"),
    "yes": ("Yes", "accept"),
    "no": ("No", "reject"),
}
"""What buttons of usual names say."""


def ask(
    parent: QWidget | None,
    name: str,
    title: str,
    text: str,
    buttons: dict[str, tuple[str, Role]],
    *,
    details: str = "",
    kind: Kind = "info",
) -> str:
    """Ask in a box over the window; return the name of the button that was chosen.

    Args:
        parent: the window.
        name: objectName of the box; its buttons are ``{name}_{button}``.
        title: the question or what happened, in a few words.
        text: one sentence.
        buttons: label and role by name. The first one is what Enter chooses. Esc and closing choose the one that
            rejects, or the last one where none does.
        details: smaller, beneath.
        kind: which picture it has.
    """
    box = QMessageBox(parent)
    box.setObjectName(name)
    box.setOption(QMessageBox.Option.DontUseNativeDialog)
    box.setWindowTitle(title)
    box.setText(f"{text}")
    box.setInformativeText(details)
    colour = theme.WARNING if kind == "warning" else theme.TEXT
    box.setIconPixmap(pixmap(kind, 32, colour, box.devicePixelRatioF()))
    made: dict[str, QPushButton] = {}
    for key, (label, role) in buttons.items():
        button = box.addButton(label, ROLES[role])
        button.setObjectName(f"{name}_{key}")
        button.setAccessibleName(label)
        button.setToolTip(label)
        button.setIconSize(QSize(0, 0))
        made[key] = button
    escape = next((key for key, (_, role) in buttons.items() if role == "reject"), list(buttons)[-1])
    box.setDefaultButton(next(iter(made.values())))
    box.setEscapeButton(made[escape])
    made[escape].setToolTip(f"{buttons[escape][0]} (Esc)")
    first = next(iter(made))
    made[first].setToolTip(f"{buttons[first][0]} (Enter)")
    box.exec()
    chosen = box.clickedButton()
    answer = next((key for key, button in made.items() if button is chosen), escape)
    box.deleteLater()
    return answer


def tell(
    parent: QWidget | None, name: str, title: str, text: str, *, details: str = "", kind: Kind = "info"
) -> None:
    """Tell something that must be read before work goes on."""
    ask(parent, name, title, text, {"ok": LABELS["ok"]}, details=details, kind=kind)


def ask_unsaved(parent: QWidget | None, title: str) -> Unsaved:
    """Ask what becomes of the unsaved work in the document of a title that is to be closed."""
    buttons = {key: LABELS[key] for key in ("save", "discard", "cancel")}
    answer = ask(
        parent,
        "unsaved_work",
        "Unsaved Work",
        f"Save the changes to “{title}” before it is closed?",
        buttons,
        details="What is not saved is lost.",
        kind="warning",
    )
    return "save" if answer == "save" else "discard" if answer == "discard" else "cancel"
