"""Commands declared once: menus, keys, the command search, the shortcuts sheet and tooltips come from here."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtGui import QAction, QKeySequence

from retexture.errors import InputError

if TYPE_CHECKING:
    from retexture.gui.window import MainWindow

MENUS = ("File", "Edit", "Image", "Layer", "Select", "Filter", "View", "Window", "Help")


class Command(NamedTuple):
    """One command of the menus."""

    name: str
    """Snake case; the objectName of its action."""
    label: str
    """As in Photoshop's menus, with ``…`` where a dialog follows."""
    menu: str
    """``Layer``, or ``Layer > Layer Mask`` for a submenu."""
    run: "Callable[[MainWindow], None]"
    help: str
    """One short sentence: status bar, tooltip and search."""
    keys: tuple[str, ...] = ()
    """Key sequences, the first one shown: ``Ctrl+Shift+N``."""
    enabled: "Callable[[MainWindow], bool]" = lambda _window: True
    checked: "Callable[[MainWindow], bool] | None" = None
    """For what is on or off."""
    separator: bool = False
    """A line goes above it."""


class Key(NamedTuple):
    """A key or gesture that no menu has: for the shortcuts sheet."""

    keys: str
    help: str
    group: str


def has_document(window: "MainWindow") -> bool:
    """Whether a document is open."""
    return window.workspace.session is not None


def has_layer(window: "MainWindow") -> bool:
    """Whether a layer is selected."""
    session = window.workspace.session
    return session is not None and session.active_layer is not None


def has_mask(window: "MainWindow") -> bool:
    """Whether the selected layer has a painted mask."""
    session = window.workspace.session
    layer = session.active_layer if session is not None else None
    return layer is not None and layer.mask is not None and layer.mask.painted is not None


def has_target_mask(window: "MainWindow") -> bool:
    """Whether the selected layer has a painted mask, or the mask of its filter is what brushes paint on."""
    session = window.workspace.session
    return session is not None and session.active_mask is not None


def make_action(command: Command, window: "MainWindow") -> QAction:
    """Return the action of a command, as a child of the window."""
    action = QAction(command.label, window)
    action.setObjectName(command.name)
    action.setShortcuts([QKeySequence(keys) for keys in command.keys])
    shown = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    action.setToolTip(f"{command.help} ({shown})" if shown else command.help)
    action.setStatusTip(command.help)
    action.setCheckable(command.checked is not None)
    action.triggered.connect(lambda: run(command, window))
    return action


def run(command: Command, window: "MainWindow") -> None:
    """Run a command if it can be run now; what the user can mend is told in the status bar."""
    if not command.enabled(window):
        return
    try:
        command.run(window)
    except (InputError, ValueError) as error:
        window.workspace.tell_problem(error)


def refresh(actions: Iterable[tuple[Command, QAction]], window: "MainWindow") -> None:
    """Show which commands can be run and which are on."""
    for command, action in actions:
        action.setEnabled(command.enabled(window))
        if command.checked is not None:
            action.setChecked(command.enabled(window) and command.checked(window))
