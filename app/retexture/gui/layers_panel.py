"""The Layers panel: the tree of layers, their blending above it, buttons for new ones beneath it."""

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, cast

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QPixmap
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMenu,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from retexture.declare import Parameter
from retexture.document.document import Document, walk
from retexture.document.layers import AnyLayer, FillLayer, GroupLayer
from retexture.document.settings import slots
from retexture.document.tree import filters_of
from retexture.engine.modes import BlendMode
from retexture.gui import commands_edit, commands_layer, commands_select, theme
from retexture.gui.buttons import tool_button
from retexture.gui.choice_field import ChoiceField
from retexture.gui.commands import Command, Key, run
from retexture.gui.field import Field
from retexture.gui.gestures import EditorGesture
from retexture.gui.layers_tree import LayersTree
from retexture.gui.number_field import NumberField
from retexture.gui.picture_painting import image_of
from retexture.gui.workspace import Workspace
from retexture.session import filter_edits, layer_edits
from retexture.session.jobs import Job
from retexture.session.selection_edits import add_filter_mask
from retexture.session.session import Session, Update
from retexture.session.target import FilterMask, Target
from retexture.session.thumbnails import BGRA, Thumbnails, draw_thumbnail

if TYPE_CHECKING:
    from retexture.gui.window import MainWindow

THUMBNAIL_DELAY_MS = 150
"""How long nothing must have changed before thumbnails are drawn: the picture itself comes first."""
PATIENCE = 6
"""So many times they wait for other jobs to end; one may itself wait for an answer of the user's."""
THUMBNAIL_LANE = "layer thumbnails"

KEYS: tuple[Key, ...] = (
    Key("Delete", "Deletes the selected layers, or the smart filter", "Layers panel"),
    Key("Space", "Shows or hides the selected layers, or the smart filter", "Layers panel"),
    Key("F2", "Renames the layer", "Layers panel"),
    Key("Enter", "Edits the smart filter in Properties, or renames the layer", "Layers panel"),
    Key("Alt+click on an eye", "Shows this layer alone, and all others again", "Layers panel"),
    Key("Alt+click on a mask", "Shows the mask as a picture", "Layers panel"),
    Key("Shift+click on a mask", "Switches the mask off or on", "Layers panel"),
    Key("Alt+click on Add Mask", "Adds a black mask, which hides all", "Layers panel"),
)

COMMANDS = {
    command.name: command
    for command in (*commands_layer.COMMANDS, *commands_select.COMMANDS, *commands_edit.COMMANDS)
}

Entry = str | tuple[str, tuple[str, ...]] | None
"""Of a menu: a command's name, a title with those of a submenu, or a line."""

ADD_MENU: tuple[Entry, ...] = (
    *("new_grey_fill", "new_colour_fill", None),
    *(command.name for command in commands_layer.NEW if command.menu.endswith("Adjustment Layer")),
)
LAYER_MENU: tuple[Entry, ...] = (
    *("rename_layer", "duplicate_layer", "delete_layer", None),
    *(
        "show_layer",
        "lock_layer",
        "clipping_mask",
        None,
        "group_layers",
        "ungroup_layers",
        "new_merged_layer",
    ),
)
MASK_MENU: tuple[Entry, ...] = (
    *(
        "mask_reveal_all",
        "mask_hide_all",
        None,
        "mask_from_lights",
        "mask_from_midtones",
        "mask_from_darks",
        None,
    ),
    *("invert_mask", "mask_disable", "mask_delete", "mask_link"),
    *(None, "mask_refine", "mask_copy", "mask_combine"),
)
FILTER_MENU = tuple(command.name for command in commands_layer.FILTER_COMMANDS)


SHOWN_LATER = frozenset({"mask", "pixels", "filters", "adjustment"})
"""Aspects of a layer that its row shows in its thumbnails alone."""


class LayersPanel(QWidget):
    """Shows the layers of the document in front, and sends edits."""

    mask_view_requested = Signal(str, object)
    """Alt-click on a mask (its layer's key, and None or its smart filter's): show it as a picture, or no longer."""
    filter_activated = Signal(str, str)
    """A smart filter (its layer's key and its own) is to be edited in Properties."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.setObjectName("layers_panel")
        self.workspace = workspace
        self.tree = LayersTree(workspace)
        self._gestures: list[EditorGesture] = []
        self._thumbnail_keys: dict[tuple[str, Target], Hashable] = {}
        self._cancel_thumbnails: Callable[[], None] | None = None
        self._patience = PATIENCE
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._blending())
        layout.addWidget(self.tree, 1)
        layout.addWidget(self._buttons())
        self.tree.mask_view_requested.connect(self.mask_view_requested)
        self.tree.filter_activated.connect(self._activate_filter)
        self.tree.menu_requested.connect(lambda place: self.make_menu().popup(place))
        workspace.session_changed.connect(self._take_session)
        workspace.updated.connect(self._follow)
        self._take_session(workspace.session)

    # -- parts

    def _blending(self) -> QWidget:
        area = QWidget()
        self.mode = ChoiceField(_parameter(FillLayer(key="any", name=""), "blend_mode"))
        self.group_mode = ChoiceField(_parameter(GroupLayer(key="any", name=""), "blend_mode"))
        self.mode.combo.setObjectName("layers_blend_mode")
        self.group_mode.combo.setObjectName("layers_group_blend_mode")
        self.opacity = NumberField(_parameter(FillLayer(key="any", name=""), "opacity"))
        self.fill = NumberField(_parameter(FillLayer(key="any", name=""), "fill"))
        for field in (self.mode, self.group_mode):
            field.label.hide()
            self._connect(field, "blend_mode", "Blend Mode")
        for number, name, label in ((self.opacity, "opacity", "Opacity"), (self.fill, "fill", "Fill")):
            number.slider.hide()
            number.set_label_width(number.label.fontMetrics().horizontalAdvance("Opacity") + 2)
            number.label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            number.edit.setFixedWidth(58)
            number.edit.setObjectName(f"layers_{name}_value")  # Properties has the same parameters
            self._connect(number, name, label)
        self.lock = _button("lock_layer", "lock")
        self.lock.setCheckable(True)
        self.lock.clicked.connect(lambda: self._run("lock_layer"))
        self._lock_label = QLabel("Lock")
        self._lock_label.setBuddy(self.lock)
        rows = QVBoxLayout(area)
        rows.setContentsMargins(theme.SPACE, theme.SPACE_SMALL, theme.SPACE, theme.SPACE_SMALL)
        rows.setSpacing(theme.SPACE_SMALL)
        first, second = QHBoxLayout(), QHBoxLayout()
        for row in (first, second):
            row.setSpacing(theme.SPACE)
            rows.addLayout(row)
        self._modes = QStackedWidget()
        self._modes.setFixedHeight(self.mode.height())
        self._modes.addWidget(self.mode)
        self._modes.addWidget(self.group_mode)
        first.addWidget(self._modes, 1)
        first.addWidget(self.opacity)
        second.addWidget(self._lock_label)
        second.addWidget(self.lock)
        second.addStretch(1)
        second.addWidget(self.fill)
        return area

    def _buttons(self) -> QWidget:
        area = QWidget()
        row = QHBoxLayout(area)
        row.setContentsMargins(theme.SPACE, theme.SPACE_SMALL, theme.SPACE, theme.SPACE_SMALL)
        row.setSpacing(theme.SPACE)
        row.addStretch(1)
        self.buttons = {
            "add_mask": _button("mask_reveal_all", "mask_add", "Adds a layer mask; with Alt a black one"),
            "add_filter": _button(None, "filter", "Adds a smart filter"),
            "add_adjustment": _button(None, "adjustment", "Adds a fill or adjustment layer"),
            "add_group": _button("new_group", "group_add"),
            "add_layer": _button("new_layer", "layer_add"),
            "delete": _button(
                "delete_layer", "trash", "Deletes the selected layers, or the smart filter (Delete)"
            ),
        }
        for name, button in self.buttons.items():
            button.setObjectName(f"layers_{name}")
            row.addWidget(button)
        self.buttons["add_mask"].clicked.connect(self._add_mask)
        self.buttons["add_group"].clicked.connect(lambda: self._run("new_group"))
        self.buttons["add_layer"].clicked.connect(lambda: self._run("new_layer"))
        self.buttons["delete"].clicked.connect(self.tree.delete_current)
        for name, entries in (("add_filter", FILTER_MENU), ("add_adjustment", ADD_MENU)):
            menu = QMenu(self.buttons[name])
            menu.setObjectName(f"layers_{name}_menu")
            menu.aboutToShow.connect(lambda menu=menu, entries=entries: self._fill(menu, entries))
            self.buttons[name].setMenu(menu)
            self.buttons[name].setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        return area

    # -- commands

    @property
    def _main_window(self) -> "MainWindow":
        """The window that commands are run with; the panel itself, if it stands alone, has all that they need."""
        widget: QWidget | None = self
        while widget is not None and not isinstance(widget, QMainWindow):
            widget = widget.parentWidget()
        return cast("MainWindow", widget or self)

    def _run(self, name: str) -> None:
        run(COMMANDS[name], self._main_window)
        self._show_blending()

    def _add_mask(self) -> None:
        alt = QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.AltModifier
        session = self.workspace.session
        selected = session is not None and session.document.selection is not None
        self._run(f"mask_{'hide' if alt else 'reveal'}_{'selection' if selected else 'all'}")

    def _fill(self, menu: QMenu, entries: tuple[Entry, ...]) -> None:
        menu.clear()
        for entry in entries:
            if entry is None:
                menu.addSeparator()
            elif isinstance(entry, str):
                self._add_command(menu, COMMANDS[entry])
            else:
                self._fill(menu.addMenu(entry[0]), entry[1])

    def _add_command(self, menu: QMenu, command: Command) -> None:
        window = self._main_window
        action = menu.addAction(command.label, lambda: run(command, window))
        action.setObjectName(command.name)
        action.setEnabled(command.enabled(window))
        if command.checked is not None:
            action.setCheckable(True)
            action.setChecked(command.enabled(window) and command.checked(window))
        if command.keys:  # shown only: the window's own action has the shortcut
            action.setText(f"{command.label}\t{_native(command.keys[0])}")

    def make_menu(self) -> QMenu:
        """Return the context menu of the current row, to be shown once."""
        menu = QMenu(self)
        menu.setObjectName("layers_menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        name = self.tree.current_name
        if name is not None and name[1] is not None:
            self._fill_filter_menu(menu, name[0], name[1])
            return menu
        self._fill(menu, LAYER_MENU)
        menu.addSeparator()
        self._fill(menu.addMenu("Layer Mask"), MASK_MENU)
        self._fill(menu.addMenu("Add Smart Filter"), FILTER_MENU)
        return menu

    def _fill_filter_menu(self, menu: QMenu, key: str, filter_key: str) -> None:
        items = filters_of(self.tree.rows.layers[key])
        place = next(i for i, item in enumerate(items) if item.key == filter_key)

        def move(to: int) -> None:
            self.tree.attempt(lambda session: filter_edits.move_filter(session, key, filter_key, to))

        menu.addAction("Edit in Properties\tEnter", lambda: self._activate_filter(key, filter_key))
        enabled = menu.addAction("Enabled\tSpace", self.tree.toggle_current)
        enabled.setCheckable(True)
        enabled.setChecked(items[place].enabled)
        menu.addSeparator()
        menu.addAction("Move Up", lambda: move(place + 1)).setEnabled(place + 1 < len(items))
        menu.addAction("Move Down", lambda: move(place - 1)).setEnabled(place > 0)
        menu.addSeparator()
        mask = items[place].mask
        attempt = self.tree.attempt
        if mask is None:
            selected = self.workspace.session is not None and self.workspace.session.document.selection
            label = "Add Filter Mask from Selection" if selected else "Add Filter Mask"
            menu.addAction(label, lambda: attempt(lambda s: add_filter_mask(s, key, filter_key)))
        else:
            target, on = FilterMask(filter_key), not mask.enabled
            menu.addAction(
                f"{'Enable' if on else 'Disable'} Filter Mask",
                lambda: attempt(lambda s: filter_edits.set_target_enabled(s, key, target, on)),
            )
            menu.addAction(
                "Delete Filter Mask",
                lambda: attempt(lambda s: filter_edits.set_filter_mask(s, key, filter_key, None)),
            )
        menu.addSeparator()
        menu.addAction("Delete\tDel", self.tree.delete_current)
        for action in menu.actions():
            action.setObjectName("filter_" + action.text().partition("\t")[0].lower().replace(" ", "_"))

    def _activate_filter(self, key: str, filter_key: str) -> None:
        self.filter_activated.emit(key, filter_key)

    # -- following the session

    def _take_session(self, session: Session | None) -> None:
        self._thumbnail_keys.clear()
        self.tree.show_session(session)
        self._show_blending()
        self._refresh_soon()

    def _follow(self, update: Update) -> None:
        for each in self._gestures:
            each.follow()
        changes = update.changes
        # A stroke or a filter's slider changes no row before it ends: painting must not wait for the panel.
        quiet = update.live and all(aspects <= SHOWN_LATER for aspects in changes.changed.values())
        shown = changes.structure or changes.changed or changes.canvas or update.selection or update.history
        if shown and not (quiet and not changes.structure):
            self.tree.follow()
            self._show_blending()
        if update.live:
            self.workspace.jobs.cancel(THUMBNAIL_LANE)
        else:
            self._refresh_soon()

    def _show_blending(self) -> None:
        """Show the active layer's blending in the fields, without signals."""
        session = self.workspace.session
        layer = None if session is None else session.active_layer
        is_group = isinstance(layer, GroupLayer)
        self._modes.setCurrentWidget(self.group_mode if is_group else self.mode)
        for widget in (self._modes, self.opacity, self.fill, self.lock, self._lock_label):
            widget.setEnabled(layer is not None)
        for button in self.buttons.values():
            button.setEnabled(session is not None)
        if layer is not None:
            (self.group_mode if is_group else self.mode).set_value(layer.blend_mode)
            self.opacity.set_value(layer.opacity)
            self.fill.set_value(layer.fill)
        self.lock.setChecked(layer is not None and layer.locked)

    # -- blending

    def _connect(self, field: Field, name: str, label: str) -> None:
        def change(document: Document, value: Any) -> Document:
            """Give the value to all selected layers that can take it."""
            layers = {layer.key: layer for layer in walk(document.layers)}
            for key in self.tree.selected_keys():
                if value != BlendMode.PASS_THROUGH or isinstance(layers[key], GroupLayer):
                    document = layer_edits.set_unlocked(document, f"{key}.{name}", value)
            return document

        self._gestures.append(EditorGesture(self.workspace, field, label, change, ended=self._show_blending))

    # -- thumbnails: one after the other, off this thread, when nothing moves

    def _refresh_soon(self, patience: int = PATIENCE) -> None:
        self._patience = patience
        if self._cancel_thumbnails is not None:
            self._cancel_thumbnails()
        self._cancel_thumbnails = self.workspace.later(THUMBNAIL_DELAY_MS, self._refresh_thumbnails)

    def _refresh_thumbnails(self) -> None:
        self._cancel_thumbnails = None
        session = self.workspace.session
        if session is None or session.gesture is not None:
            return  # the gesture's end asks again
        if self._patience > 0 and not self.workspace.jobs.idle:
            self._refresh_soon(self._patience - 1)
            return
        document = session.document
        wanted = self._wanted(document)
        for name in [name for name in self._thumbnail_keys if name not in wanted]:
            del self._thumbnail_keys[name]
            self.tree.rows.set_thumbnail(*name, None)
        stale = [name for name, key in wanted.items() if self._thumbnail_keys.get(name) != key]
        if stale:
            self._draw(session, document, stale[0], wanted[stale[0]])

    def _wanted(self, document: Document) -> dict[tuple[str, Target], Hashable]:
        """Return what decides each thumbnail that there should be, by layer, the topmost first."""
        thumbnails = Thumbnails(document, self.workspace.cache)
        found: dict[tuple[str, Target], Hashable] = {}
        for row in self.tree.rows.rows:
            whats: tuple[Target, ...] = ("layer", "mask")
            if row.filter_key is not None:
                whats = (FilterMask(row.filter_key),)
            for what in whats:
                key = thumbnails.key(self.tree.rows.layers[row.key], what)
                if key is not None:
                    found[row.key, what] = key
        return found

    def _draw(self, session: Session, document: Document, name: tuple[str, Target], key: Hashable) -> None:
        layer_key, what = name

        def work(job: Job[BGRA]) -> BGRA:
            return draw_thumbnail(
                document, layer_key, what, cache=self.workspace.cache, cancelled=job.cancelled
            )

        def done(picture: BGRA) -> None:
            if session is self.workspace.session:
                self.tree.rows.set_thumbnail(layer_key, what, QPixmap.fromImage(image_of(picture)))
                self._thumbnail_keys[name] = key
                self._refresh_thumbnails()

        self.workspace.jobs.submit(work, done, lane=THUMBNAIL_LANE)


def _parameter(layer: AnyLayer, name: str) -> Parameter:
    """Return the declaration of a layer's blending as its kind takes it; `fill` under its short name."""
    slot = next(slot for slot in slots(layer) if slot.steps == (name,))
    return msgspec.structs.replace(slot.parameter, default=getattr(layer, name))


def _native(keys: str) -> str:
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)


def _button(name: str | None, picture: str, help: str | None = None) -> QToolButton:
    """Return a button with an icon, in the words of its command."""
    command = None if name is None else COMMANDS[name]
    said = help or (command.help if command is not None else "")
    keys = f" ({_native(command.keys[0])})" if command is not None and command.keys else ""
    button = tool_button(f"layers_{picture}", picture, said, said + keys, icon_px=20, edge_px=None)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button
