"""The sections of the properties panel, as widgets: a header, and an editor for each parameter."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from retexture.document.settings import COLOUR
from retexture.gui import icons, theme
from retexture.gui.blend_if_editor import BlendIfEditor
from retexture.gui.buttons import push_button, tool_button
from retexture.gui.choice_field import ChoiceField
from retexture.gui.colour_field import ColourField
from retexture.gui.editor_base import Editor
from retexture.gui.editors import make_editor
from retexture.gui.field import Field
from retexture.gui.property_parts import BLEND_IF, Part, Row, flat
from retexture.gui.section_header import Header

MENUS = frozenset({"filter", "component", "filter_mask"})
"""Roles of sections that have a menu."""
LABEL_WIDTH = 84


class Bound:
    """An editor, and the parameter that it shows at present."""

    def __init__(self, row: Row, part: Part, owner: Part) -> None:
        self.row = row
        self.part = part
        self.owner = owner
        """The outermost section that it is in."""
        self.editor: Editor = editor_of(row)
        self._name()

    def rebind(self, row: Row, part: Part, owner: Part) -> None:
        """Let the editor stand for another parameter of the same declaration."""
        self.row, self.part, self.owner = row, part, owner
        self.editor.setVisible(row.shown)
        self._name()

    def _name(self) -> None:
        path = self.row.path if self.part.role == "hidden" else self.row.path.partition(".")[2]
        self.editor.setObjectName(path.replace(".", "_"))


def editor_of(row: Row) -> Editor:
    """Return the editor of a row's parameter."""
    if row.parameter is BLEND_IF:
        return BlendIfEditor()
    editor = ColourField(row.parameter) if row.parameter is COLOUR else make_editor(row.parameter)
    if isinstance(editor, Field):
        editor.set_label_width(LABEL_WIDTH)
    if isinstance(editor, ChoiceField):
        for key, name in row.choices:
            editor.combo.setItemText(editor.combo.findData(key), name)
    return editor


class Section(QWidget):
    """A section that opens and closes. Its body is made when it is first opened."""

    opened = Signal(bool)
    """By the user."""
    switched = Signal(bool)
    """Its eye was."""
    alone_switched = Signal(bool)
    """Whether the filter's output is to be shown alone while a length is dragged."""
    command = Signal(str)
    """``view``, or one of `section_commands.run`."""

    def __init__(
        self, part: Part, connect: Callable[[Bound], None], wire: "Callable[[Section], None]"
    ) -> None:
        """Make the section.

        Args:
            part: what it shows at first.
            connect: is given each new editor, once.
            wire: is given each new section, once, the inner ones too.
        """
        super().__init__()
        self.part = part
        self.owner = part
        self.bounds: list[Bound] = []
        self.inner: list[Section] = []
        self._connect, self._wire = connect, wire
        self.mask_view: QPushButton | None = None
        self._shown_eye: tuple[str, bool] | None = None
        self._built = False
        self._is_inner = part.role in ("hidden", "painted", "component", "filter_mask", "inner")
        self.movable = (False, False)
        """Whether the filter can go up, and down."""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._make_top(part))
        self.body = QWidget()
        self.column = QVBoxLayout(self.body)
        # The Blend-If editor has a margin of its own, for handles at its ends.
        edge = 0 if self._is_inner else 2 if part.kind == "blend_if" else theme.SPACE_LARGE
        self.column.setContentsMargins(
            edge, theme.SPACE_SMALL if self._is_inner else theme.SPACE, edge, theme.SPACE_LARGE
        )
        self.column.setSpacing(theme.SPACE_SMALL)
        self.body.hide()
        layout.addWidget(self.body)
        wire(self)
        self.bind(part, part)

    def _make_top(self, part: Part) -> QWidget:
        top = QWidget()
        top.setObjectName("section_top")
        top.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        if not self._is_inner:
            top.setStyleSheet(
                f"#section_top {{ background: {theme.RAISED}; border-top: 1px solid {theme.LINE}; }}"
            )
        row = QHBoxLayout(top)
        row.setContentsMargins(0, 0, theme.SPACE_SMALL, 0)
        row.setSpacing(0)
        self.header = Header(self._is_inner)
        self.header.clicked.connect(self._open)
        row.addWidget(self.header, 1)
        self.alone = tool_button(
            "",
            "target",
            "Show filter alone",
            "Show this filter's output alone while a radius is dragged",
            checkable=True,
        )
        self.alone.clicked.connect(self.alone_switched)
        self.view = tool_button(
            "", "mask_view", "View Mask", "Show this mask as a grey picture", checkable=True
        )
        self.view.clicked.connect(lambda: self.command.emit("view"))
        self.eye = tool_button("", "eye", "Visible", checkable=True)
        self.eye.setStyleSheet(
            "QToolButton:checked:!hover { background: transparent; }"
        )  # being on is no news
        self.eye.clicked.connect(self.switched)
        self.more = QToolButton()
        self.more.setText("⋯")
        self.more.setFixedSize(24, 24)
        self.more.clicked.connect(lambda: self.popup(self.more.mapToGlobal(QPoint(0, self.more.height()))))
        lengths = any(r.parameter.unit == "px" for each in flat((part,)) for r in each.rows)
        for button, shown in (
            (self.alone, part.role == "filter" and lengths),
            (self.view, part.role == "component"),
            (self.eye, part.eye is not None),
            (self.more, part.role in MENUS),
        ):
            row.addWidget(button)
            button.setVisible(shown)
        return top

    # -- binding

    def bind(self, part: Part, owner: Part) -> None:
        """Show another part of the same shape."""
        self.part, self.owner = part, owner
        stem = part.key or part.kind
        if part.role == "hidden":
            stem = f"{part.layer}_{stem}"
        elif part.role in ("painted", "component"):
            stem = f"mask_{stem}"
        elif part.role == "filter_mask":
            stem = f"{stem}_mask"
        self.setObjectName(f"{stem}_section")
        self.header.setObjectName(f"{stem}_header")
        self.header.set_title(part.title)
        for name, button in (
            ("alone", self.alone),
            ("view", self.view),
            ("eye", self.eye),
            ("more", self.more),
        ):
            button.setObjectName(f"{stem}_{name}")
        self.alone.setAccessibleName(f"Show {part.title} alone while a radius is dragged")
        self.view.setAccessibleName(f"View {part.title}")
        self.more.setAccessibleName(f"{part.title} menu")
        self.more.setToolTip(f"{part.title}: move, delete")
        if self._built:
            for bound, row in zip(self.bounds, part.rows, strict=True):
                bound.rebind(row, part, owner)
            for section, inner in zip(self.inner, part.parts, strict=True):
                section.bind(inner, owner)

    def set_open(self, is_open: bool) -> None:
        """Open or close it."""
        if is_open and not self._built:
            self._build()
        self.header.setChecked(is_open)
        self.body.setVisible(is_open)

    @property
    def is_open(self) -> bool:
        """Whether its body is shown."""
        return self.header.isChecked()

    def set_eye(self, on: bool) -> None:
        """Show whether what it stands for is on."""
        if self._shown_eye == (self.part.title, on):
            return
        self._shown_eye = self.part.title, on
        self.eye.setChecked(on)
        self.eye.setIcon(icons.icon("eye" if on else "eye_off", 16))
        what = f"{'Hide' if on else 'Show'} {self.part.title}"
        self.eye.setAccessibleName(what)
        self.eye.setToolTip(f"{what} (Space)")

    def _open(self, on: bool) -> None:
        self.set_open(on)
        self.opened.emit(on)

    def _build(self) -> None:
        self._built = True
        for row in self.part.rows:
            bound = Bound(row, self.part, self.owner)
            self.bounds.append(bound)
            self.column.addWidget(bound.editor)
            bound.editor.setVisible(row.shown)
            self._connect(bound)
        if not self.part.rows and not self.part.parts:
            note = QLabel("This filter has nothing to set.")
            note.setEnabled(False)
            self.column.addWidget(note)
        for inner in self.part.parts:
            section = Section(inner, self._connect, self._wire)
            section.owner = self.owner
            self.inner.append(section)
            self.column.addWidget(section)
        if self.part.painted:
            self.column.addSpacing(theme.SPACE_SMALL)
            self.column.addLayout(self._make_mask_buttons())

    def _make_mask_buttons(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(theme.SPACE_SMALL)
        self.mask_view = self._button(
            "properties_view_mask",
            "View Mask",
            "Show the mask as a grey picture (Alt-click its thumbnail)",
            "view",
        )
        self.mask_view.setCheckable(True)
        buttons = (
            self.mask_view,
            self._button("properties_invert_mask", "Invert", "Swap what the mask shows and hides", "invert"),
            self._button("properties_fill_white", "Fill White", "Show the layer everywhere", "white"),
            self._button("properties_fill_black", "Fill Black", "Hide the layer everywhere", "black"),
        )
        for i, button in enumerate(buttons):
            grid.addWidget(button, i // 2, i % 2)
        return grid

    def _button(self, name: str, text: str, tip: str, command: str) -> QPushButton:
        return push_button(name, text, tip, lambda: self.command.emit(command))

    # -- menu

    def popup(self, place: QPoint) -> None:
        """Show the menu of what can be done with it."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setObjectName("section_menu")

        def add(name: str, text: str, enabled: bool = True) -> None:
            action = menu.addAction(text, lambda: self.command.emit(name))
            action.setObjectName(f"section_{name}")
            action.setEnabled(enabled)

        if self.part.role == "filter":
            add("up", "Move Up", self.movable[0])
            add("down", "Move Down", self.movable[1])
            menu.addSeparator()
        if self.part.role == "component":
            add("view", "View Mask")
            menu.addSeparator()
        if self.part.role == "filter" and not any(inner.role == "filter_mask" for inner in self.part.parts):
            add("add_mask", "Add Filter Mask")
        add("delete", f"Delete {self.part.title}")
        menu.popup(place)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.part.role in MENUS and self.header.geometry().contains(event.pos()):
            self.popup(event.globalPos())
        else:
            super().contextMenuEvent(event)
