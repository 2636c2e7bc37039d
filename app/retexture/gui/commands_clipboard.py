"""The Edit menu's cutting, copying and clearing, and layers from one document to another."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog

from retexture.document.document import Document
from retexture.gui.commands import Command, has_document, has_layer
from retexture.session import layer_edits
from retexture.session.fill import clearable, cleared
from retexture.session.painting import painted
from retexture.session.session import Session

if TYPE_CHECKING:
    from retexture.gui.window import MainWindow


def _session(window: "MainWindow") -> Session:
    assert window.session is not None
    return window.session


def _cut(window: "MainWindow") -> None:
    """Copy and clear what is selected of the layer; without a selection, copy and delete the layer."""
    session = _session(window)
    key = session.active
    if session.document.selection is None and key is not None:
        window.clipboard.copy(session)
        layer_edits.delete(session, (key,))
        return
    if clearable(session).mask:
        raise ValueError("A mask is selected: click the layer's picture to cut from it")
    window.clipboard.copy(session)
    _clear_pixels(window, "Cut")


def _clear(window: "MainWindow") -> None:
    # A polygon that is being drawn takes its last corner back.
    if not window.canvas.tool.press_key(Qt.Key.Key_Delete, window.canvas):
        _clear_pixels(window, "Clear")


def _clear_pixels(window: "MainWindow", label: str) -> None:
    """Take away what is selected, as one undo step."""
    session = _session(window)
    session.finish_gesture()
    surface, document = clearable(session), session.document

    def take(made: Document) -> None:
        if session.document is document:
            session.edit(label, lambda _: made)
        else:
            window.workspace.message.emit("Nothing was cleared: the document has changed meanwhile")

    window.workspace.jobs.submit(
        lambda _job: painted(document, surface.key, surface.target, cleared(surface)),
        lambda made: session.soon(lambda: take(made)),
        lane=f"clear {id(session)}",
        title="Clearing",
    )


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
        "cut",
        "Cut",
        "Edit",
        _cut,
        "Copy and take away what is selected of the layer; without a selection, the layer",
        ("Ctrl+X",),
        has_layer,
        separator=True,
    ),
    Command(
        "copy",
        "Copy",
        "Edit",
        lambda w: w.clipboard.copy(_session(w)),
        "Copy what is selected of the layer; without a selection, the layer",
        ("Ctrl+C",),
        has_layer,
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
    Command(
        "clear",
        "Clear",
        "Edit",
        _clear,
        "Make what is selected of the layer transparent, or its mask black there",
        ("Delete", "Backspace"),
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
