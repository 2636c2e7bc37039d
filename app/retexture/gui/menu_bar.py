"""All commands of the window, and its menus, which are made of them."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from retexture.gui import (
    commands_clipboard,
    commands_edit,
    commands_file,
    commands_help,
    commands_layer,
    commands_restoration,
    commands_select,
    commands_texture,
    commands_transform,
    commands_view,
    commands_window,
)
from retexture.gui.commands import MENUS, Command, make_action

if TYPE_CHECKING:
    from retexture.gui.window import MainWindow

COMMANDS: tuple[Command, ...] = (
    *commands_file.COMMANDS,
    *commands_edit.COMMANDS,
    *commands_clipboard.COMMANDS,
    *commands_transform.COMMANDS,
    *commands_layer.COMMANDS,
    *commands_clipboard.LAYER_COMMANDS,
    *commands_texture.LAYER_COMMANDS,
    *commands_select.COMMANDS,
    *commands_view.COMMANDS,
    *commands_restoration.COMMANDS,
    *commands_window.COMMANDS,
    *commands_help.COMMANDS,
)


def make_menus(window: "MainWindow") -> list[tuple[Command, QAction]]:
    """Fill the menu bar of a window that has its panels; return each command with its action."""
    made: list[tuple[Command, QAction]] = []
    menus: dict[str, QMenu] = {}
    for name in MENUS:
        menus[name] = window.menuBar().addMenu("Fil&ter" if name == "Filter" else f"&{name}")
        menus[name].setObjectName(f"menu_{name.lower()}")
        menus[name].aboutToShow.connect(window.refresh_commands)
    for command in COMMANDS:
        action = make_action(command, window)
        made.append((command, action))
        menu = _menu(menus, command.menu)
        if command.separator:
            menu.addSeparator()
        menu.addAction(action)
        window.addAction(action)
        if command.name == "open_pair":
            menu.addMenu(_recent_menu(window))
    for name in list(menus):
        if not menus[name].actions():
            menus[name].menuAction().setVisible(False)
    return made


def _menu(menus: dict[str, QMenu], path: str) -> QMenu:
    if path not in menus:
        parent, _, title = path.rpartition(" > ")
        menu = _menu(menus, parent).addMenu(title)
        menu.setObjectName("menu_" + path.lower().replace(" > ", "_").replace(" ", "_"))
        menus[path] = menu
    return menus[path]


def _recent_menu(window: "MainWindow") -> QMenu:
    menu = QMenu("Open Recent", window)
    menu.setObjectName("menu_open_recent")

    def fill() -> None:
        menu.clear()
        for text in window.workspace.preferences.recent_files:
            action = menu.addAction(text)
            action.triggered.connect(lambda _checked, path=text: window.opener.open_paths([Path(path)]))
        if menu.isEmpty():
            menu.addAction("No files yet").setEnabled(False)

    menu.aboutToShow.connect(fill)
    return menu
