"""What is done to the mask of the selected layer: looked at, disabled, inverted, filled, feathered."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from retexture.declare import parameters
from retexture.document.document import Document
from retexture.document.layers import AnyLayer, RasterMask
from retexture.gui import theme
from retexture.gui.buttons import tool_button
from retexture.gui.gestures import EditorGesture, attempt
from retexture.gui.number_field import NumberField
from retexture.gui.popups import make_popup, show_below
from retexture.gui.workspace import Workspace
from retexture.session import masks
from retexture.session.filter_edits import set_target_enabled
from retexture.session.layer_edits import is_locked, set_unlocked
from retexture.session.painting import edit_mask, fill_mask
from retexture.session.pictures import component_of
from retexture.session.session import Session, Update
from retexture.session.target import FilterMask

FEATHER = next(parameter for parameter in parameters(RasterMask) if parameter.name == "feather_px")


class MaskOptions(QWidget):
    """Buttons for the mask that brushes would paint on. It sends the edits."""

    rubylith_toggled = Signal(bool)
    view_requested = Signal(str, object)
    """Key of the layer whose mask is to be viewed as a picture, or no longer, and which part of the mask."""
    gradient_requested = Signal()
    """The gradient tool is wanted."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.workspace = workspace
        self.setObjectName("mask_options")
        self._viewed = False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        line = QFrame()
        line.setFrameShape(QFrame.Shape.VLine)
        line.setStyleSheet("color: #404040;")
        row.addWidget(line)
        row.addSpacing(theme.SPACE)
        self.rubylith = tool_button(
            "mask_rubylith", "rubylith", "Mask overlay", "Red film where the mask hides (\\)", checkable=True
        )
        self.rubylith.clicked.connect(self.rubylith_toggled)
        self.view = tool_button(
            "mask_view_button",
            "mask_view",
            "View mask",
            "View the mask as a grey picture (Alt+\\)",
            checkable=True,
        )
        self.view.clicked.connect(self._view_mask)
        self.off = tool_button(
            "mask_disable",
            "eye_off",
            "Disable mask",
            "Disable the mask (Shift-click its thumbnail)",
            checkable=True,
        )
        self.off.clicked.connect(
            lambda off: self._edit(lambda s, key: set_target_enabled(s, key, s.target, not off))
        )
        self.invert = tool_button(
            "mask_invert_button", "invert", "Invert mask", "Swap what the mask shows and hides"
        )
        self.invert.clicked.connect(
            lambda: self._edit(lambda s, _: edit_mask(s, "Invert mask", masks.invert))
        )
        self.fill = tool_button("mask_fill_button", "fill", "Fill mask", "Fill the mask with white or black")
        self.fill.clicked.connect(self._popup_fill)
        self.gradient = tool_button(
            "mask_gradient_button", "gradient", "Gradient tool", "Drag a gradient on the mask (G)"
        )
        self.gradient.clicked.connect(self.gradient_requested)
        self.feather_button = tool_button(
            "mask_feather_button",
            "feather",
            "Feather mask",
            "Soften the mask: it stays as painted, and the feather can be changed",
        )
        self.feather_button.clicked.connect(self._popup_feather)
        self.buttons = (
            self.rubylith,
            self.view,
            self.off,
            self.invert,
            self.fill,
            self.gradient,
            self.feather_button,
        )
        for button in self.buttons:
            row.addWidget(button)
        self.popup = make_popup("feather_popup", self)
        column = QVBoxLayout(self.popup)
        column.setContentsMargins(*[theme.SPACE_LARGE] * 4)
        self.feather = NumberField(FEATHER)
        self.feather.setObjectName("mask_feather")
        self.feather.set_label_width(52)
        self.feather.setFixedWidth(280)
        self._feathering = EditorGesture(
            self.workspace, self.feather, "Mask feather", self._feathered, ended=self.refresh
        )
        column.addWidget(self.feather)
        workspace.session_changed.connect(self.refresh)
        workspace.updated.connect(self._follow)
        self.refresh()

    def set_rubylith(self, on: bool) -> None:
        """Show whether the mask is shown as a red film."""
        self.rubylith.setChecked(on)

    def set_view(self, on: bool) -> None:
        """Show whether a mask is viewed as a picture."""
        self._viewed = on
        self.view.setChecked(on)

    def refresh(self) -> None:
        """Show what can be done with the mask of the selected layer."""
        session, layer = self.workspace.session, self._layer
        painted = None if session is None else session.active_mask
        of_filter = session is not None and isinstance(session.target, FilterMask)
        mask = painted if of_filter or layer is None else layer.mask
        locked = session is None or layer is None or is_locked(session.document, layer.key)
        quick_mask = session is not None and session.quick_mask
        for button in self.buttons:
            looks = button in (self.rubylith, self.view)
            paints = button in (self.invert, self.fill, self.gradient)
            usable = painted is not None and (looks or not locked)
            button.setEnabled(layer is not None if quick_mask and paints else usable)
        self.off.setChecked(mask is not None and not mask.enabled)
        if painted is not None:
            self.feather.set_value(painted.feather_px)

    @property
    def _layer(self) -> AnyLayer | None:
        session = self.workspace.session
        return None if session is None else session.active_layer

    def _follow(self, update: Update) -> None:
        self._feathering.follow()
        if not update.live:
            self.refresh()

    def _edit(self, change: Callable[[Session, str], object]) -> None:
        layer = self._layer
        if layer is not None:
            attempt(self.workspace, lambda session: change(session, layer.key))
            self.refresh()

    def _view_mask(self) -> None:
        self.view.setChecked(self._viewed)  # until the window says that it is another
        if self._layer is not None:
            assert self.workspace.session is not None
            self.view_requested.emit(self._layer.key, component_of(self.workspace.session.target))

    def _popup_fill(self) -> None:
        menu = QMenu(self)
        menu.setObjectName("mask_fill_menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name, white in (("White", True), ("Black", False)):
            action = menu.addAction(name)
            action.setObjectName(f"mask_fill_{name.lower()}_action")
            action.triggered.connect(
                lambda _on=False, white=white: self._edit(lambda s, _: fill_mask(s, white))
            )
        menu.popup(self.fill.mapToGlobal(QPoint(0, self.fill.height())))

    def _popup_feather(self) -> None:
        show_below(self.popup, self.feather_button)
        self.feather.setFocus(Qt.FocusReason.PopupFocusReason)

    def _feathered(self, document: Document, value: float) -> Document:
        layer = self._layer
        session = self.workspace.session
        if layer is None or session is None:
            return document
        part = f".{session.target.filter}" if isinstance(session.target, FilterMask) else ""
        return set_unlocked(document, f"{layer.key}{part}.mask.feather_px", value)
