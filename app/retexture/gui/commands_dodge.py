"""Commands of dodging and burning: its layers, and the view to judge it by."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from retexture.gui.commands import Command, has_document
from retexture.session import dodging
from retexture.session.session import Session

if TYPE_CHECKING:
    from retexture.gui.window import MainWindow


def _add(make: Callable[[Session], None]) -> "Callable[[MainWindow], None]":
    def run(window: "MainWindow") -> None:
        assert window.workspace.session is not None
        make(window.workspace.session)
        window.set_tool("dodge")

    return run


def _toggle_view(window: "MainWindow") -> None:
    window.canvas.set_look(contrast=not window.canvas.look.contrast)


def _is_viewed(window: "MainWindow") -> bool:
    return window.canvas.look.contrast


# fmt: off
COMMANDS = (
    Command(
        "new_dodge_burn_layer", "Dodge and Burn Layer", "Layer > New", _add(dodging.new_layer),
        "Adds a 50% grey layer in Soft Light, and takes the tool that paints light and shade on it", (),
        has_document, separator=True,
    ),
    Command(
        "new_dodge_burn_curves", "Dodge and Burn by Curves", "Layer > New", _add(dodging.new_curves),
        "Adds two Curves, one up and one down, under black masks that the tool paints on", (), has_document,
    ),
    Command(
        "dodge_burn_view", "Dodge and Burn View", "View", _toggle_view,
        "Show the picture in black and white with much contrast; it is never exported", ("Ctrl+Alt+O",),
        has_document, _is_viewed,
    ),
)
# fmt: on
