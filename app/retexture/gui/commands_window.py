"""The Window menu: the open documents, and the panels."""

from typing import TYPE_CHECKING

from retexture.gui.commands import Command
from retexture.gui.panel_dock import is_seen

if TYPE_CHECKING:
    from retexture.gui.window import MainWindow

PANELS = {
    "properties": ("Properties", "What the selected layer, its filters and its mask are set to"),
    "restoration": ("Restoration", "What the automatic restoration has found, and how it is used"),
    "history": ("History", "The steps so far, to go back to, and snapshots"),
    "navigator": ("Navigator", "The whole picture, and what part of it is in view"),
    "layers": ("Layers", "The stack of layers with their masks and filters"),
    "luminosity": ("Luminosity", "Lights, midtones and darks to select or to mask by"),
    "histogram": ("Histogram", "How often each value is in the picture"),
    "guide": ("Guide", "The steps of the recipe that made this document"),
}
"""Title and help of each panel, by the name of its frame."""


def _next_document(window: "MainWindow", step: int) -> None:
    workspace = window.workspace
    assert workspace.session is not None
    index = workspace.sessions.index(workspace.session) + step
    workspace.activate(workspace.sessions[index % len(workspace.sessions)])


def _has_several(window: "MainWindow") -> bool:
    return len(window.workspace.sessions) > 1


def _is_shown(window: "MainWindow", name: str) -> bool:
    return is_seen(window.docks[name].widget())


def _toggle(window: "MainWindow", name: str) -> None:
    """Hide a panel that is seen; bring one forward that is hidden, or lies behind another."""
    dock = window.docks[name]
    if _is_shown(window, name):
        dock.hide()
    else:
        dock.show()
        dock.raise_()
    if name == "guide":
        window.guide.set_open(not dock.isHidden())


def _has_panel(window: "MainWindow", name: str) -> bool:
    session = window.session
    if session is None:
        return False
    if name == "restoration":
        return session.document.analysis is not None
    return name != "guide" or session.recipe is not None


def _panel(name: str, title: str, help: str) -> Command:
    return Command(
        f"show_{name}",
        title,
        "Window",
        lambda w: _toggle(w, name),
        help,
        enabled=lambda w: _has_panel(w, name),
        checked=lambda w: _is_shown(w, name),
        separator=name == next(iter(PANELS)),
    )


COMMANDS = (
    Command(
        "next_document",
        "Next Document",
        "Window",
        lambda w: _next_document(w, 1),
        "Bring the document of the next tab to the front",
        ("Ctrl+Tab",),
        _has_several,
    ),
    Command(
        "previous_document",
        "Previous Document",
        "Window",
        lambda w: _next_document(w, -1),
        "Bring the document of the tab before to the front",
        ("Ctrl+Shift+Tab",),
        _has_several,
    ),
    *(_panel(name, *words) for name, words in PANELS.items()),
)
