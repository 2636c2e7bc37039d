"""The bar of the current tool's options: brush, pen pressure, colour, and what is done to the mask."""

from collections.abc import Callable, Collection
from typing import Any

import msgspec
from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from retexture.declare import Parameter, parameters
from retexture.document.document import Document
from retexture.document.layers import AnyLayer, PaintLayer, RasterMask
from retexture.gui import icons, theme
from retexture.gui.buttons import push_button, tool_button
from retexture.gui.colour_field import colour_dialog
from retexture.gui.curve_editor import CurveEditor
from retexture.gui.gestures import EditorGesture, attempt
from retexture.gui.labels import label_of
from retexture.gui.number_field import NumberField
from retexture.gui.pressure_strip import PressureStrip
from retexture.gui.workspace import Workspace
from retexture.session import masks
from retexture.session.brush import Brush
from retexture.session.layer_edits import is_locked, set_target_enabled, set_unlocked
from retexture.session.painting import edit_mask, fill_mask
from retexture.session.pictures import component_of
from retexture.session.session import Session, Update
from retexture.session.target import FilterMask

Colour = tuple[float, float, float]

TOOLS = {
    "marquee": "Marquee",
    "lasso": "Lasso",
    "wand": "Magic Wand",
    "brush": "Brush",
    "eraser": "Eraser",
    "clone": "Clone Stamp",
    "heal": "Healing Brush",
    "dodge": "Dodge / Burn",
    "gradient": "Gradient",
    "hand": "Hand",
    "zoom": "Zoom",
}
PAINTING = frozenset({"brush", "eraser"})
HEIGHT = 28
VALUE_WIDTH, SIZE_WIDTH = 58, 74
OPTIONAL = ("smoothing", "spacing", "pressure_curve", "flow", "hardness")
"""Fields of the brush that a narrow window leaves out, the first to go first."""

DECLARED = {parameter.name: parameter for parameter in parameters(Brush)}
FEATHER = next(parameter for parameter in parameters(RasterMask) if parameter.name == "feather_px")


class ToolOptions(QWidget):
    """The options of the tool in hand. It keeps the brush and the colours, and sends the masks' edits."""

    brush_changed = Signal(object)
    """The Brush, while it is being changed."""
    white_changed = Signal(bool)
    """Whether masks are painted white; black otherwise."""
    colour_changed = Signal(object)
    """Encoded red, green and blue, 0-1, that paint layers are painted in."""
    rubylith_toggled = Signal(bool)
    mask_view_requested = Signal(str, object)
    """Key of the layer whose mask is to be viewed as a picture, or no longer."""
    gradient_requested = Signal()
    """The gradient tool is wanted."""
    gradient_kind_changed = Signal(str)
    """``linear`` or ``radial``."""
    fit_requested = Signal()
    zoom_requested = Signal(float)

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.workspace = workspace
        self.setObjectName("tool_options")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.brush = Brush()
        """What brushes paint with; set by `set_brush`."""
        self.white = True
        self.colour: Colour = (1.0, 1.0, 1.0)
        self.tool = ""
        self._boxes: list[tuple[QWidget, frozenset[str], Callable[[], bool]]] = []
        self._viewed = False
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE_SMALL, 0, theme.SPACE_SMALL, 0)
        row.setSpacing(theme.SPACE_LARGE)
        self.name = QLabel()
        self.name.setObjectName("tool_name")
        self.name.setAccessibleName("Tool")
        # All names have the same room, so that nothing moves when the tool changes.
        self.name.setFixedWidth(
            max(self.name.fontMetrics().horizontalAdvance(name) for name in TOOLS.values()) + 4
        )
        row.addWidget(self.name)
        self._brush_box = self._make_brush()
        self._gradient_box = self._make_gradient()
        self._zoom_box = self._make_zoom()
        self._ink_box = self._make_ink()
        self._mask_box = self._make_mask()
        for box in (self._brush_box, self._gradient_box, self._zoom_box, self._ink_box):
            row.addWidget(box)
        row.addStretch(1)
        row.addWidget(self._mask_box)
        row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # a narrow window leaves fields out
        self.popup = self._make_popup()
        workspace.session_changed.connect(self._take_session)
        workspace.updated.connect(self._follow)
        self.set_tool("brush")
        self.set_brush(self.brush)
        self.set_colour(self.colour)

    # -- parts

    @staticmethod
    def _box(name: str, spacing: int = theme.SPACE_SMALL) -> tuple[QWidget, QHBoxLayout]:
        box = QWidget()
        box.setObjectName(name)
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(spacing)
        return box, row

    def _make_brush(self) -> QWidget:
        box, row = self._box("brush_options", theme.SPACE_LARGE)
        self._brush_row = row
        self.fields: dict[str, NumberField] = {}
        self.parts: dict[str, QWidget] = {}
        """What is shown of each of the brush's parameters."""
        self.pressure: dict[str, QToolButton] = {}
        for name, parameter in DECLARED.items():
            if parameter.kind != "number":
                continue
            field = compact_field(parameter)
            field.setObjectName(f"brush_{name}")
            field.changed.connect(lambda value, name=name: self._change(name, value))
            field.cancelled.connect(lambda name=name: self._change(name, self.fields[name].value()))
            self.fields[name] = field
            switch = DECLARED.get(f"{name.removesuffix('_px')}_pressure")
            if switch is None:
                self.parts[name] = field
                row.addWidget(field)
                continue
            group, inner = self._box(f"brush_{name}_group", 2)
            inner.addWidget(field)
            button = tool_button(
                f"brush_{switch.name}", "pressure", switch.help, f"{switch.help} (Space)", checkable=True
            )
            button.clicked.connect(lambda on, name=switch.name: self._change(name, on))
            self.pressure[switch.name] = button
            inner.addWidget(button)
            self.parts[name] = group
            row.addWidget(group)
        self.curve_button = self.parts["pressure_curve"] = QToolButton()
        self.curve_button.setObjectName("brush_pressure_curve_button")
        self.curve_button.setText("Pen")
        self.curve_button.setAccessibleName("Pen pressure curve")
        self.curve_button.setToolTip(
            "What the pen's pressure does: its curve, and a strip to try it on (Space)"
        )
        self.curve_button.setIcon(icons.icon("chevron_down", 12))
        self.curve_button.setIconSize(QSize(12, 12))
        self.curve_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.curve_button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow after the word
        self.curve_button.setFixedHeight(24)
        self.curve_button.clicked.connect(lambda: show_below(self.popup, self.curve_button))
        row.addWidget(self.curve_button)
        return box

    def _make_popup(self) -> QFrame:
        popup = make_popup("pressure_popup", self)
        column = QVBoxLayout(popup)
        column.setContentsMargins(*[theme.SPACE_LARGE] * 4)
        column.setSpacing(theme.SPACE)
        self.curve = CurveEditor(DECLARED["pressure_curve"], names=("Pressure", "Effect"), percent=True)
        self.curve.setFixedWidth(280)
        self.curve.changed.connect(lambda points: self._change("pressure_curve", points))
        self.curve.cancelled.connect(lambda: self._change("pressure_curve", self.curve.value()))
        self.strip = PressureStrip()
        heading = QLabel("Pen pressure")
        font = heading.font()
        font.setBold(True)
        heading.setFont(font)
        for widget in (heading, self.curve, self.strip):
            column.addWidget(widget)
        return popup

    def _make_gradient(self) -> QWidget:
        box, row = self._box("gradient_options", 2)
        self.gradient_kind = "linear"
        group = QActionGroup(self)
        for kind, tip in (
            ("linear", "From where you press to where you let go"),
            ("radial", "A circle about where you press"),
        ):
            button = QToolButton()
            action = QAction(kind.capitalize(), group)
            action.setCheckable(True)
            action.setChecked(kind == self.gradient_kind)
            action.setToolTip(f"{kind.capitalize()} gradient: {tip[0].lower()}{tip[1:]}")
            action.triggered.connect(lambda _on, kind=kind: self._set_gradient(kind))
            button.setDefaultAction(action)
            button.setObjectName(f"gradient_{kind}")
            button.setAccessibleName(f"{kind.capitalize()} gradient")
            row.addWidget(button)
        return box

    def _make_zoom(self) -> QWidget:
        box, row = self._box("zoom_options")
        for name, text, tip, run in (
            ("zoom_fit", "Fit", "Show all of the picture (Ctrl+0)", self.fit_requested.emit),
            (
                "zoom_100",
                "100 %",
                "One picture pixel on one screen pixel (Ctrl+1)",
                lambda: self.zoom_requested.emit(1.0),
            ),
        ):
            button = push_button(f"options_{name}", text, tip, run)
            button.setAccessibleName(f"Zoom: {text}")
            row.addWidget(button)
        return box

    def _make_ink(self) -> QWidget:
        box, row = self._box("ink_options")
        self.mask_ink = MaskInk()
        self.mask_ink.clicked.connect(lambda: self._set_white(not self.white))
        self.swatch = QToolButton()
        self.swatch.setObjectName("brush_colour")
        self.swatch.setAccessibleName("Brush colour")
        self.swatch.setToolTip("Colour to paint in: click to choose")
        self.swatch.setFixedSize(36, 22)
        self.swatch.clicked.connect(self._choose_colour)
        row.addWidget(self.mask_ink)
        row.addWidget(self.swatch)
        return box

    def _make_mask(self) -> QWidget:
        box, row = self._box("mask_options", 2)
        line = QFrame()
        line.setFrameShape(QFrame.Shape.VLine)
        line.setStyleSheet("color: #404040;")
        row.addWidget(line)
        row.addSpacing(theme.SPACE)
        self.rubylith = tool_button(
            "mask_rubylith", "rubylith", "Mask overlay", "Red film where the mask hides (\\)", checkable=True
        )
        self.rubylith.clicked.connect(self.rubylith_toggled)
        self.mask_view = tool_button(
            "mask_view_button",
            "mask_view",
            "View mask",
            "View the mask as a grey picture (Alt+\\)",
            checkable=True,
        )
        self.mask_view.clicked.connect(self._view_mask)
        self.mask_off = tool_button(
            "mask_disable",
            "eye_off",
            "Disable mask",
            "Disable the mask (Shift-click its thumbnail)",
            checkable=True,
        )
        self.mask_off.clicked.connect(
            lambda off: self._edit(lambda s, key: set_target_enabled(s, key, s.target, not off))
        )
        self.mask_invert = tool_button(
            "mask_invert_button", "invert", "Invert mask", "Swap what the mask shows and hides (Ctrl+I)"
        )
        self.mask_invert.clicked.connect(
            lambda: self._edit(lambda s, _: edit_mask(s, "Invert mask", masks.invert))
        )
        self.mask_fill = tool_button(
            "mask_fill_button", "fill", "Fill mask", "Fill the mask with white or black"
        )
        self.mask_fill.clicked.connect(self._popup_fill)
        self.mask_gradient = tool_button(
            "mask_gradient_button", "gradient", "Gradient tool", "Drag a gradient on the mask (G)"
        )
        self.mask_gradient.clicked.connect(self.gradient_requested)
        self.mask_feather = tool_button(
            "mask_feather_button",
            "feather",
            "Feather mask",
            "Soften the mask: it stays as painted, and the feather can be changed",
        )
        self.mask_feather.clicked.connect(self._popup_feather)
        self._mask_buttons = (
            self.rubylith,
            self.mask_view,
            self.mask_off,
            self.mask_invert,
            self.mask_fill,
            self.mask_gradient,
            self.mask_feather,
        )
        for button in self._mask_buttons:
            row.addWidget(button)
        self.feather_popup = make_popup("feather_popup", self)
        column = QVBoxLayout(self.feather_popup)
        column.setContentsMargins(*[theme.SPACE_LARGE] * 4)
        self.feather = NumberField(FEATHER)
        self.feather.setObjectName("mask_feather")
        self.feather.set_label_width(52)
        self.feather.setFixedWidth(280)
        self._feathering = EditorGesture(
            self.workspace, self.feather, "Mask feather", self._feathered, ended=self.refresh
        )
        column.addWidget(self.feather)
        return box

    # -- what the window shows here

    def add_box(
        self, box: QWidget, tools: Collection[str], brush: Callable[[], bool] = lambda: False
    ) -> None:
        """Add the options of more tools; `brush` tells whether the brush's are shown with them."""
        self._row.insertWidget(self._row.indexOf(self._ink_box), box)
        self._boxes.append((box, frozenset(tools), brush))
        box.setVisible(self.tool in tools)

    def set_tool(self, name: str) -> None:
        """Show the options of a tool, one of `TOOLS`."""
        self.tool = name
        self.name.setText(TOOLS.get(name, name.capitalize()))
        brushes = any(name in tools and brush() for _, tools, brush in self._boxes)
        self._brush_box.setVisible(name in PAINTING or brushes)
        for box, tools, _ in self._boxes:
            box.setVisible(name in tools)
        self._gradient_box.setVisible(name == "gradient")
        self._zoom_box.setVisible(name in ("hand", "zoom"))
        self._mask_box.setVisible(name in PAINTING or name == "gradient")
        self.refresh()
        self._fit()

    def set_brush(self, brush: Brush) -> None:
        """Show a brush, without a signal."""
        self.brush = brush
        for name, field in self.fields.items():
            field.set_value(getattr(brush, name))
        for name, button in self.pressure.items():
            button.setChecked(getattr(brush, name))
        self.curve.set_value(brush.pressure_curve)
        self.strip.set_curve(brush.pressure_curve)

    def set_white(self, white: bool) -> None:
        """Show whether masks are painted white, without a signal."""
        self.white = white
        self.mask_ink.set_white(white)

    def set_colour(self, colour: Colour) -> None:
        """Show the colour of paint layers, without a signal."""
        self.colour = colour
        shown = QColor.fromRgbF(*colour).name()
        self.swatch.setStyleSheet(
            f"background: {shown}; border: 1px solid {theme.CONTROL}; border-radius: 2px;"
        )

    def set_rubylith(self, on: bool) -> None:
        """Show whether the mask is shown as a red film."""
        self.rubylith.setChecked(on)

    def set_mask_view(self, on: bool) -> None:
        """Show whether a mask is viewed as a picture."""
        self._viewed = on
        self.mask_view.setChecked(on)

    def refresh(self) -> None:
        """Show what can be done with the selected layer."""
        session, layer = self.workspace.session, self._layer
        painted = None if session is None else session.active_mask
        of_filter = session is not None and isinstance(session.target, FilterMask)
        mask = painted if of_filter or layer is None else layer.mask
        locked = session is None or layer is None or is_locked(session.document, layer.key)
        quick_mask = session is not None and session.quick_mask
        for button in self._mask_buttons:
            looks = button in (self.rubylith, self.mask_view)
            paints = button in (self.mask_invert, self.mask_fill, self.mask_gradient)
            usable = painted is not None and (looks or not locked)
            button.setEnabled(layer is not None if quick_mask and paints else usable)
        self.mask_off.setChecked(mask is not None and not mask.enabled)
        if painted is not None:
            self.feather.set_value(painted.feather_px)
        on_layer = isinstance(layer, PaintLayer) and session is not None and session.target == "layer"
        paints = on_layer and self.tool in PAINTING and not quick_mask
        self._ink_box.setVisible(self.tool in PAINTING or self.tool == "gradient")
        self.mask_ink.setVisible(not paints)
        self.swatch.setVisible(paints)

    @property
    def _layer(self) -> AnyLayer | None:
        session = self.workspace.session
        return None if session is None else session.active_layer

    def _take_session(self, _session: Session | None) -> None:
        self.refresh()

    def _follow(self, update: Update) -> None:
        self._feathering.follow()
        if not update.live:
            self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Leave out what there is no room for."""
        # A button with a picture after its word tells its layout less than it needs.
        self.curve_button.setMinimumWidth(self.curve_button.sizeHint().width())
        for name in OPTIONAL:
            self.parts[name].show()
        for name in OPTIONAL:
            # Layouts would look at it again only when events are handled.
            self._brush_row.invalidate()
            self._brush_box.updateGeometry()
            self._row.invalidate()
            if self._row.sizeHint().width() <= self.width():
                break
            self.parts[name].hide()

    def minimumSizeHint(self) -> QSize:
        return QSize(200, HEIGHT)

    # -- brush

    def _change(self, name: str, value: Any) -> None:
        brush = msgspec.structs.replace(self.brush, **{name: value})
        if brush != self.brush:
            self.brush = brush
            self.strip.set_curve(brush.pressure_curve)
            self.brush_changed.emit(brush)

    def _set_white(self, white: bool) -> None:
        self.set_white(white)
        self.white_changed.emit(white)

    def _choose_colour(self) -> None:
        before = self.colour
        dialog = colour_dialog(before, self)

        def take(colour: Colour) -> None:
            self.set_colour(colour)
            self.colour_changed.emit(colour)

        dialog.currentColorChanged.connect(lambda chosen: take(chosen.getRgbF()[:3]))
        dialog.rejected.connect(lambda: take(before))
        dialog.open()

    def _set_gradient(self, kind: str) -> None:
        self.gradient_kind = kind
        self.gradient_kind_changed.emit(kind)

    # -- mask

    def _edit(self, change: Callable[[Session, str], object]) -> None:
        layer = self._layer
        if layer is not None:
            attempt(self.workspace, lambda session: change(session, layer.key))
            self.refresh()

    def _view_mask(self) -> None:
        self.mask_view.setChecked(self._viewed)  # until the window says that it is another
        if self._layer is not None:
            assert self.workspace.session is not None
            self.mask_view_requested.emit(self._layer.key, component_of(self.workspace.session.target))

    def _popup_fill(self) -> None:
        menu = QMenu(self)
        menu.setObjectName("mask_fill_menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name, key, white in (("White", "Alt+Backspace", True), ("Black", "Ctrl+Backspace", False)):
            action = menu.addAction(f"{name}\t{key}")
            action.setObjectName(f"mask_fill_{name.lower()}_action")
            action.triggered.connect(
                lambda _on=False, white=white: self._edit(lambda s, _: fill_mask(s, white))
            )
        menu.popup(self.mask_fill.mapToGlobal(QPoint(0, self.mask_fill.height())))

    def _popup_feather(self) -> None:
        show_below(self.feather_popup, self.mask_feather)
        self.feather.setFocus(Qt.FocusReason.PopupFocusReason)

    def _feathered(self, document: Document, value: float) -> Document:
        layer = self._layer
        session = self.workspace.session
        if layer is None or session is None:
            return document
        part = f".{session.target.filter}" if isinstance(session.target, FilterMask) else ""
        return set_unlocked(document, f"{layer.key}{part}.mask.feather_px", value)


def compact_field(parameter: Parameter) -> NumberField:
    """Return the field of a number without its slider: the label scrubs, the value is typed or stepped."""
    field = NumberField(parameter)
    field.slider.hide()
    field.row.setSpacing(theme.SPACE_SMALL)
    field.edit.setFixedWidth(SIZE_WIDTH if parameter.unit == "px" else VALUE_WIDTH)
    field.set_label_width(field.fontMetrics().horizontalAdvance(label_of(parameter)) + 4)
    field.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return field


def make_popup(name: str, parent: QWidget) -> QFrame:
    """Return an empty frame that opens over the window and closes at a click outside or Esc."""
    popup = QFrame(parent, Qt.WindowType.Popup)
    popup.setObjectName(name)
    popup.setFrameShape(QFrame.Shape.NoFrame)
    popup.setStyleSheet(f"QFrame#{name} {{ background: {theme.PANEL}; border: 1px solid {theme.LINE}; }}")
    return popup


def show_below(popup: QFrame, button: QWidget) -> None:
    """Open a popup under a button, inside the screen."""
    popup.adjustSize()
    place = button.mapToGlobal(QPoint(0, button.height() + 2))
    screen = button.screen().availableGeometry()
    place.setX(max(screen.left(), min(place.x(), screen.right() - popup.width())))
    popup.move(place)
    popup.show()


class MaskInk(QAbstractButton):
    """White and black, as masks are painted: the one in front is painted. A click swaps them."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("mask_ink")
        self.setFixedSize(34, HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_white(True)

    def set_white(self, white: bool) -> None:
        """Show which one is painted."""
        self.white = white
        does = "White: shows the layer" if white else "Black: hides the layer"
        self.setAccessibleName(f"Brush on masks: {'white' if white else 'black'}")
        self.setToolTip(f"{does}\nClick or X swaps, D takes white.")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(34, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        front, back = ("#ffffff", "#000000") if self.white else ("#000000", "#ffffff")
        for place, colour in ((QPoint(13, 9), back), (QPoint(5, 3), front)):
            frame = QRect(place, QSize(16, 16))
            painter.fillRect(frame.adjusted(-1, -1, 1, 1), QColor(theme.CONTROL))
            painter.fillRect(frame, QColor(theme.LINE))
            painter.fillRect(frame.adjusted(1, 1, -1, -1), QColor(colour))
        if self.hasFocus():
            painter.setPen(QColor(theme.ACCENT))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()
