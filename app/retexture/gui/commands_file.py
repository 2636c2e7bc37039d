"""The File menu."""

from typing import TYPE_CHECKING

from retexture.gui import commands_texture
from retexture.gui.commands import Command, has_document
from retexture.gui.export_dialog import ExportDialog, quick_export
from retexture.gui.place_file import ask_to_place
from retexture.gui.report_dialog import COMMANDS as REPORT_COMMANDS

if TYPE_CHECKING:
    from retexture.gui.window import MainWindow


def open_pair(window: "MainWindow", recipe: str | None = None) -> None:
    """Ask for the pictures of a recipe and open them."""
    window.opener.ask_for_pictures(recipe)


def _save(window: "MainWindow") -> None:
    assert window.session is not None
    window.saver.save(window.session)


def _save_as(window: "MainWindow") -> None:
    assert window.session is not None
    window.saver.save_as(window.session)


def _close(window: "MainWindow") -> None:
    assert window.session is not None
    window.saver.close(window.session)


def _export(window: "MainWindow") -> None:
    assert window.session is not None
    ExportDialog(window.workspace, window.session, window).open()


def _quick_export(window: "MainWindow") -> None:
    assert window.session is not None
    quick_export(window.workspace, window.session)


def _quit(window: "MainWindow") -> None:
    window.close()


def _toggle_linked(window: "MainWindow") -> None:
    window.saver.set_linked(not window.workspace.preferences.link_sources)


COMMANDS = (
    Command(
        "open",
        "Open…",
        "File",
        lambda w: w.opener.ask(),
        "Open pictures, projects or Photoshop files",
        ("Ctrl+O",),
    ),
    Command(
        "open_pair",
        "Open Original and Retouched…",
        "File",
        open_pair,
        "Choose an original and its retouched version, and a recipe",
        ("Ctrl+Shift+O",),
    ),
    Command(
        "open_sample",
        "Open the Sample",
        "File",
        lambda w: w.opener.open_sample(),
        "A portrait to try things on",
    ),
    Command(
        "place",
        "Place…",
        "File",
        ask_to_place,
        "Add a picture file to the document as a layer above the selected one",
        (),
        has_document,
    ),
    *commands_texture.FILE_COMMANDS,
    Command(
        "close",
        "Close",
        "File",
        _close,
        "Close the document in front",
        ("Ctrl+W",),
        has_document,
        separator=True,
    ),
    Command("save", "Save", "File", _save, "Save the project with all its layers", ("Ctrl+S",), has_document),
    Command(
        "save_as",
        "Save As…",
        "File",
        _save_as,
        "Save the project under another name",
        ("Ctrl+Shift+S",),
        has_document,
    ),
    Command(
        "link_sources",
        "Link Pictures instead of Embedding",
        "File",
        _toggle_linked,
        "Projects name their pictures' files and do not hold them: smaller, but the files must stay",
        checked=lambda w: w.workspace.preferences.link_sources,
    ),
    Command(
        "export",
        "Export…",
        "File",
        _export,
        "Write the finished picture as TIFF, PNG or JPEG",
        ("Ctrl+Shift+Alt+S",),
        has_document,
        separator=True,
    ),
    Command(
        "quick_export",
        "Quick Export",
        "File",
        _quick_export,
        "Export with the last settings beside the original, under a new name",
        ("F9",),
        has_document,
    ),
    *REPORT_COMMANDS,
    Command("quit", "Quit", "File", _quit, "Close the window", ("Ctrl+Q",), separator=True),
)
