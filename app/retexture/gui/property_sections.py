"""The sections of the properties panel: what each holds, read from declarations, and the widgets that show them."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec
from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QColorDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from retexture.declare import Parameter
from retexture.document.document import Document
from retexture.document.edits import replace_layer, set_parameter
from retexture.document.layers import (
    AdjustmentLayer,
    AnyLayer,
    BlendIf,
    FillLayer,
    LayerMask,
    LuminosityMask,
    PixelLayer,
    SmartFilter,
)
from retexture.document.settings import COLOUR, WARP, component_names, slots
from retexture.document.tree import MERGED, everything, filters_of, known
from retexture.gui import icons, theme
from retexture.gui.blend_if_editor import BlendIfEditor
from retexture.gui.buttons import push_button, tool_button
from retexture.gui.choice_field import ChoiceField
from retexture.gui.editor_base import Editor
from retexture.gui.editors import make_editor
from retexture.gui.field import Field
from retexture.gui.labels import choice_label, label_of
from retexture.session.transforming import set_place

BLEND_IF = Parameter(
    "blend_if", "range", BlendIf(), "Hides the layer by its own values or by those beneath it"
)
ELSEWHERE = frozenset({"name", "visible", "locked"})
"""Fields of a layer that the Layers panel shows."""
PLACE = ("x_px", "y_px")
"""Fields of a layer that its position shows."""
EDGES = {"x_px": "left_px", "y_px": "top_px"}
SHIFTS = {"x_px": "shift_x_px", "y_px": "shift_y_px", "angle_deg": "angle"}
"""What the rows of a position are called, so that two kinds of x can be told apart."""

BLENDING = ("blend_mode", "opacity", "fill")
MASKING = ("kind", "power", "range", "density", "feather_px", "inverted")
"""The order of rows, where it is not that of the declarations; others follow."""

MENUS = frozenset({"filter", "component", "filter_mask"})
"""Roles of sections that have a menu."""

LABEL_WIDTH = 84
HEADER_HEIGHT = 28


# -- what a section holds


class Row(NamedTuple):
    """One parameter."""

    path: str
    parameter: Parameter
    undo: str
    """What undo would take back: ``High Pass radius``."""
    choices: tuple[tuple[str, str], ...] = ()
    """(value, name) of each choice, where they are layers."""
    shown: bool = True


class Part(NamedTuple):
    """One section, or a part of one."""

    kind: str
    """Sections of a kind are open or closed together: ``high_pass``, ``mask``, ``blend_if``."""
    title: str
    layer: str
    """Key of the layer whose parameters these are."""
    key: str = ""
    """Of the smart filter, or the name of the mask's component."""
    rows: tuple[Row, ...] = ()
    eye: str | None = None
    """Path of the switch in its header."""
    parts: tuple["Part", ...] = ()
    role: str = ""
    """``filter``, ``hidden`` (a filter of a hidden layer), ``mask``, ``painted``, ``component`` or nothing."""
    painted: bool = False
    """The layer's mask has a painted plane: it can be filled and inverted."""


def parts_of(document: Document, layer: AnyLayer) -> tuple[Part, ...]:
    """Return the sections of a layer, the topmost first."""
    rows = {slot.path: (slot.parameter, slot.steps) for slot in slots(layer)}
    key = layer.key
    found = [_filter_part(document, layer, item) for item in reversed(filters_of(layer))]
    if isinstance(layer, AdjustmentLayer):
        label = layer.adjustment.label
        own = [
            Row(path, p, f"{label} {_word(p)}")
            for path, (p, steps) in rows.items()
            if steps[0] == "adjustment"
        ]
        if own:
            found.append(Part(str(layer.adjustment.__struct_config__.tag), label, key, rows=tuple(own)))
    if isinstance(layer, FillLayer):
        found.append(Part("fill", "Fill", key, rows=(Row(f"{key}.colour", COLOUR, "Fill colour"),)))
    if layer.mask is not None:
        found.append(_mask_part(layer, layer.mask))
    blending = [
        Row(path, p, label_of(p))
        for path, (p, steps) in rows.items()
        if len(steps) == 1 and p.name not in (*ELSEWHERE, *PLACE) and p is not COLOUR
    ]
    blending.sort(key=lambda row: _rank(row, BLENDING))
    found.append(Part("blending", "Blending", key, rows=tuple(blending)))
    found.append(Part("blend_if", "Blend-If", key, rows=(Row(f"{key}.blend_if", BLEND_IF, "Blend-If"),)))
    if isinstance(layer, PixelLayer):
        found.append(_place_part(layer))
    return tuple(found)


def _place_part(layer: PixelLayer) -> Part:
    """Return the section of where a pixel layer lies."""
    rows: list[Row] = []
    corners: list[Row] = []
    for slot in slots(layer):
        if slot.parameter is WARP:
            continue  # bent by hand, on the canvas
        if slot.steps[0] == "transform":
            p = _renamed(slot.parameter, SHIFTS)
            owner = corners if "corner" in p.help else rows
            owner.append(Row(slot.path, p, f"Transform {_word(p)}"))
        elif slot.parameter.name in PLACE:
            rows.append(Row(slot.path, _renamed(slot.parameter, EDGES), "Move"))
    inner = Part("distortion", "Distortion", layer.key, rows=tuple(corners), role="inner")
    return Part("position", "Position", layer.key, rows=tuple(rows), parts=(inner,))


def _renamed(parameter: Parameter, names: dict[str, str]) -> Parameter:
    return msgspec.structs.replace(parameter, name=names.get(parameter.name, parameter.name))


def _rank(row: Row, order: tuple[str, ...]) -> int:
    name = row.parameter.name
    return order.index(name) if name in order else len(order)


def _word(parameter: Parameter) -> str:
    label = label_of(parameter)
    return label if label.isupper() else label.lower()


def _filter_part(document: Document, layer: AnyLayer, item: SmartFilter, reader: str = "") -> Part:
    """Return the section of a smart filter; `reader` names the hidden layer whose filter it is."""
    path, label = f"{layer.key}.{item.key}", item.filter.label
    rows = []
    for slot in slots(layer):
        if slot.steps[:1] == ("filters",) and slot.path.rpartition(".")[0] == path and "filter" in slot.steps:
            p = slot.parameter
            names = (
                p.kind == "text" and item.filter.reads is not None and slot.get(layer) == item.filter.reads
            )
            choices = _readable(document, layer.key) if names else ()
            if choices:
                p = msgspec.structs.replace(p, kind="choice", choices=tuple(key for key, _ in choices))
            rows.append(Row(slot.path, p, f"{label} {_word(p)}", choices))
    read = [l for l in document.hidden if l.key == item.filter.reads]
    inner = [_filter_part(document, l, each, l.name) for l in read for each in reversed(filters_of(l))]
    if item.mask is not None and not reader:
        inner.insert(0, _filter_mask_part(layer, item))
    return Part(
        str(item.filter.__struct_config__.tag),
        f"Reads: {reader} (hidden) – {label}" if reader else label,
        layer.key,
        item.key,
        tuple(rows),
        f"{path}.enabled",
        tuple(inner),
        "hidden" if reader else "filter",
    )


def _filter_mask_part(layer: AnyLayer, item: SmartFilter) -> Part:
    """Return the part of a filter's section that is about where the filter works."""
    path = f"{layer.key}.{item.key}.mask"
    rows = [
        Row(slot.path, slot.parameter, f"Filter mask {_word(slot.parameter)}")
        for slot in slots(layer)
        if slot.path.rpartition(".")[0] == path and slot.parameter.name != "enabled"
    ]
    rows.sort(key=lambda row: _rank(row, MASKING))
    return Part(
        "filter_mask", "Filter Mask", layer.key, item.key, tuple(rows), f"{path}.enabled", role="filter_mask"
    )


def _readable(document: Document, reader: str) -> tuple[tuple[str, str], ...]:
    """Return (key, name) of what a layer's filter can read."""
    hidden = {layer.key for layer in document.hidden}
    return (
        (MERGED, "Merged (beneath)"),
        *(
            (layer.key, f"{layer.name} (hidden)" if layer.key in hidden else layer.name)
            for layer in reversed(list(everything(document)))
            if layer.key != reader and not isinstance(layer, AdjustmentLayer)
        ),
    )


def _mask_part(layer: AnyLayer, mask: LayerMask) -> Part:
    path = f"{layer.key}.mask"
    names = component_names(mask)
    owned: dict[str, list[Row]] = {name: [] for name in ("painted", *names)}
    link: tuple[Row, ...] = ()
    for slot in slots(layer):
        steps, p = slot.steps, slot.parameter
        if steps == ("mask", "linked"):
            link = (Row(slot.path, p, "Link Layer Mask"),)
        if steps[0] != "mask" or len(steps) < 3 or p.name == "enabled":
            continue
        component = mask.components[steps[2]] if isinstance(steps[2], int) else None
        owner = "painted" if component is None else names[int(steps[2])]
        shown = True
        if isinstance(component, LuminosityMask) and p.name in ("range", "power"):
            shown = (component.kind == "range") == (p.name == "range")
        owned[owner].append(Row(slot.path, p, f"Layer mask {_word(p)}", shown=shown))
    for each in owned.values():
        each.sort(key=lambda row: _rank(row, MASKING))
    parts = [
        Part(
            f"mask_{component.__struct_config__.tag}",
            _component_title(component, name),
            layer.key,
            name,
            tuple(owned[name]),
            f"{path}.{name}.enabled",
            role="component",
        )
        for component, name in zip(mask.components, names, strict=True)
    ]
    has_painted = mask.painted is not None
    rows = tuple(owned["painted"])
    if parts and has_painted:
        eye = f"{path}.painted.enabled"
        parts.insert(0, Part("mask_painted", "Painted", layer.key, "painted", rows, eye, role="painted"))
        rows = ()
    return Part(
        "mask",
        "Layer Mask",
        layer.key,
        "",
        (*rows, *link),
        f"{path}.enabled",
        tuple(parts),
        "mask",
        painted=has_painted,
    )


def _component_title(component: Any, name: str) -> str:
    if isinstance(component, LuminosityMask):
        return f"Luminosity: {choice_label(component.kind)}"
    return f"Generated: {getattr(component, 'name', '') or name}"


def shape(part: Part) -> Any:
    """Return what decides the widgets of a section: sections of one shape can show each other's parameters."""
    rows = tuple((row.parameter, row.choices) for row in part.rows)
    return part.kind, part.role, rows, part.painted, tuple(shape(inner) for inner in part.parts)


def values_of(document: Document, parts: tuple[Part, ...]) -> dict[str, Any]:
    """Return the value of every path that sections show; of layers that a draft is without, none."""
    keys = {part.layer for part in flat(parts)}
    found: dict[str, Any] = {}
    for layer in everything(document):
        if layer.key in keys:
            found[f"{layer.key}.blend_if"] = layer.blend_if
            found.update((slot.path, slot.get(layer)) for slot in slots(layer))
    return found


def flat(parts: tuple[Part, ...]) -> Iterator[Part]:
    """Yield sections and their inner parts."""
    for part in parts:
        yield part
        yield from flat(part.parts)


def applied(document: Document, row: Row, value: Any) -> Document:
    """Return the document with a row's parameter set.

    Raises:
        ValueError: the value cannot be taken; in words for the user.
    """
    key, _, field = row.path.partition(".")
    if field in PLACE or field.startswith("transform."):
        return set_place(document, row.path, value)
    if row.parameter is not BLEND_IF:
        return set_parameter(document, row.path, value)
    return replace_layer(document, key, msgspec.structs.replace(known(document, key), blend_if=value))


# -- widgets


class ColourField(Field):
    """A fill layer's colour: the document's neutral grey, or one of the user's."""

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parameter, QLabel("Colour"), parent)
        self.swatch = QToolButton()
        self.swatch.setFixedSize(44, theme.CONTROL_HEIGHT)
        self._add(self.swatch, "swatch", f"{parameter.help}\nClick to choose a colour.")
        self.box = QCheckBox("Neutral grey")
        self._add(self.box, "neutral", "The grey that changes nothing. Space switches it.")
        self.box.setAccessibleName("Neutral grey")
        self.row.addStretch(1)
        self.setFocusProxy(self.swatch)
        self.swatch.clicked.connect(self._choose)
        self.box.clicked.connect(lambda on: self.enter(None if on else (0.5, 0.5, 0.5)))
        self._show()

    def _choose(self) -> None:
        dialog = colour_dialog(self._value or (0.5, 0.5, 0.5), self)
        dialog.currentColorChanged.connect(lambda colour: self._try(colour.getRgbF()[:3]))
        dialog.accepted.connect(self.finish)
        dialog.rejected.connect(self.cancel)
        dialog.open()

    def _try(self, colour: tuple[float, float, float]) -> None:
        self.begin()  # only now: the dialogue's opening takes the window's activation, which ends gestures
        self.drag_to(colour)

    def _show(self) -> None:
        self.box.setChecked(self._value is None)
        red, green, blue = (round(v * 255) for v in self._value or (0.5, 0.5, 0.5))
        self.swatch.setStyleSheet(
            f"background: rgb({red}, {green}, {blue}); border: 1px solid {theme.CONTROL};"
        )


def colour_dialog(colour: tuple[float, float, float], parent: QWidget) -> QColorDialog:
    """Return a colour dialogue that begins with encoded RGB 0-1; it deletes itself when it closes."""
    dialog = QColorDialog(QColor.fromRgbF(*colour), parent)
    dialog.setOption(QColorDialog.ColorDialogOption.DontUseNativeDialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setObjectName("colour_dialog")
    return dialog


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


class Header(QAbstractButton):
    """The title of a section: a click, Space, or Left and Right close and open it."""

    def __init__(self, inner: bool) -> None:
        super().__init__()
        self._inner = inner
        self.setCheckable(True)
        self.setFixedHeight(theme.CONTROL_HEIGHT if inner else HEADER_HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the focus where the work is
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def set_title(self, title: str) -> None:
        """Show a title."""
        self.setText(title)
        self.setAccessibleName(f"{title} section")
        self.setToolTip(f"{title}\nOpen or close (Space, Left, Right)")

    def sizeHint(self) -> QSize:
        return QSize(80, HEADER_HEIGHT)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            if self.isChecked() != (event.key() == Qt.Key.Key_Right):
                self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colour = theme.BRIGHT_TEXT if self.underMouse() else theme.TEXT
        arrow = icons.pixmap(
            "chevron_down" if self.isChecked() else "chevron_right", 14, colour, self.devicePixelRatio()
        )
        left = 0 if self._inner else 4
        painter.drawPixmap(QPoint(left, (self.height() - 14) // 2), arrow)
        font = self.font()
        font.setBold(not self._inner)
        painter.setFont(font)
        painter.setPen(QColor(colour))
        room = QRect(left + 20, 0, self.width() - left - 24, self.height())
        text = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        if self.hasFocus():
            painter.setPen(QColor(theme.ACCENT))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()


class Section(QWidget):
    """A section that opens and closes. Its body is made when it is first opened."""

    opened = Signal(bool)
    """By the user."""
    switched = Signal(bool)
    """Its eye was."""
    alone_switched = Signal(bool)
    """Whether the filter's output is to be shown alone while a length is dragged."""
    command = Signal(str)
    """``up``, ``down``, ``delete``, ``view``, ``invert``, ``white``, ``black``, ``reset``."""

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
            self._button(
                "properties_invert_mask", "Invert", "Swap what the mask shows and hides (Ctrl+I)", "invert"
            ),
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
