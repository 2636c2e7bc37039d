"""The Help menu."""

from typing import TYPE_CHECKING

from retexture.gui import (
    clone_tool,
    commands_edit,
    commands_view,
    dodge_tool,
    layers_panel,
    selection_tool,
    spots_overlay,
    transform_tool,
)
from retexture.gui.about_dialog import AboutDialog
from retexture.gui.commands import Command, Key, has_document
from retexture.gui.shortcuts_sheet import ShortcutsSheet

if TYPE_CHECKING:
    from retexture.gui.window import MainWindow

KEYS = (
    *commands_edit.KEYS,
    *clone_tool.KEYS,
    *dodge_tool.KEYS,
    *selection_tool.KEYS,
    *spots_overlay.KEYS,
    *transform_tool.KEYS,
    *commands_view.KEYS,
    *layers_panel.KEYS,
)


def _show_shortcuts(window: "MainWindow") -> None:
    tools = tuple(Key(tool.key, tool.help, "Tools") for tool in window.tools.values())
    ShortcutsSheet(window, [command for command, _ in window.actions_], (*KEYS, *tools)).open()


def _show_guide(window: "MainWindow") -> None:
    assert window.session is not None
    window.open_guide(window.session)


COMMANDS = (
    Command(
        "command_search",
        "Find a Command…",
        "Help",
        lambda w: w.find_command(),
        "Type a few letters of it",
        ("Ctrl+K",),
    ),
    Command("shortcuts", "Keyboard Shortcuts", "Help", _show_shortcuts, "All keys on one sheet", ("F1",)),
    Command(
        "show_guide_steps",
        "Steps of the Recipe",
        "Help",
        _show_guide,
        "The steps of the recipe that made this document",
        (),
        lambda w: has_document(w) and w.session is not None and w.session.recipe is not None,
    ),
    Command(
        "about",
        "About Retexture",
        "Help",
        lambda w: AboutDialog(w).open(),
        "Versions and licences",
        separator=True,
    ),
)
