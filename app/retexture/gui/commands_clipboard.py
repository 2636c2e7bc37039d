"""The Edit menu's copying, and layers from one document to another."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QInputDialog

from retexture.gui.commands import Command, has_document, has_layer
from retexture.session.session import Session

if TYPE_CHECKING:
    from retexture.gui.window import MainWindow


def _session(window: "MainWindow") -> Session:
    assert window.session is not None
    return window.session


def _duplicate_into(window: "MainWindow") -> None:
    """Ask for the document that the active layer is to be copied into."""
    session = _session(window)
    clip = window.clipboard.duplicated(session)  # what is wrong with it is said before anything is asked
    others = [each for each in window.workspace.sessions if each is not session]
    if len(others) == 1:
        window.clipboard.put_into(others[0], clip)
        return
    names = [f"{i}: {each.title}" for i, each in enumerate(others, 1)]
    dialog = QInputDialog(window)
    dialog.setObjectName("duplicate_into_dialog")
    dialog.setWindowTitle("Duplicate Layer")
    dialog.setLabelText("Document that gets the copy:")
    dialog.setComboBoxItems(names)
    dialog.textValueSelected.connect(lambda name: window.clipboard.put_into(others[names.index(name)], clip))
    dialog.open()


def _has_two(window: "MainWindow") -> bool:
    return has_layer(window) and len(window.workspace.sessions) > 1


COMMANDS = (
    Command(
        "copy",
        "Copy",
        "Edit",
        lambda w: w.clipboard.copy(_session(w)),
        "Copy what is selected of the layer; without a selection, the layer",
        ("Ctrl+C",),
        has_layer,
        separator=True,
    ),
    Command(
        "copy_merged",
        "Copy Merged",
        "Edit",
        lambda w: w.clipboard.copy_merged(_session(w)),
        "Copy what is selected of the picture as it is seen",
        ("Ctrl+Shift+C",),
        has_document,
    ),
    Command(
        "paste",
        "Paste",
        "Edit",
        lambda w: w.clipboard.paste(_session(w)),
        "Add what was copied as a layer, also a picture from another program",
        ("Ctrl+V",),
        has_document,
    ),
)

LAYER_COMMANDS = (
    Command(
        "duplicate_into",
        "Duplicate Layer to Another Document…",
        "Layer",
        _duplicate_into,
        "Copies the layer with its mask and filters into another open document",
        (),
        _has_two,
    ),
)
