"""The bar of the current tool's options. Those of one kind of tool are widgets of their own."""

from collections.abc import Callable, Collection

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLayout, QSizePolicy, QToolButton, QWidget

from retexture.gui import theme
from retexture.gui.brush_options import BrushOptions
from retexture.gui.buttons import push_button
from retexture.gui.ink_options import InkOptions
from retexture.gui.mask_options import MaskOptions
from retexture.gui.value_edit import ValueEdit
from retexture.gui.workspace import Workspace
from retexture.session.painting import brush_pixels
from retexture.session.session import Update

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


class ToolOptions(QWidget):
    """The options of the tool in hand."""

    gradient_kind_changed = Signal(str)
    """``linear`` or ``radial``."""
    number_entered = Signal()
    """Enter in one of the numbers: the work goes on in the picture."""
    fit_requested = Signal()
    zoom_requested = Signal(float)

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.workspace = workspace
        self.setObjectName("tool_options")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.tool = ""
        self._boxes: list[tuple[QWidget, frozenset[str], Callable[[], bool]]] = []
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
        self.brush_options = BrushOptions()
        self._gradient_box = self._make_gradient()
        self._zoom_box = self._make_zoom()
        self.ink_options = InkOptions()
        self.mask_options = MaskOptions(workspace)
        for box in (self.brush_options, self._gradient_box, self._zoom_box, self.ink_options):
            row.addWidget(box)
        row.addStretch(1)
        row.addWidget(self.mask_options)
        self._follow_numbers(self.brush_options)
        row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # a narrow window leaves fields out
        workspace.session_changed.connect(self._show_ink)
        workspace.updated.connect(self._follow)
        self.set_tool("brush")

    # -- parts

    @staticmethod
    def _box(name: str, spacing: int = theme.SPACE_SMALL) -> tuple[QWidget, QHBoxLayout]:
        box = QWidget()
        box.setObjectName(name)
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(spacing)
        return box, row

    def _make_gradient(self) -> QWidget:
        box, row = self._box("gradient_options", 2)
        group = QActionGroup(self)
        for kind, tip in (
            ("linear", "From where you press to where you let go"),
            ("radial", "A circle about where you press"),
        ):
            button = QToolButton()
            action = QAction(kind.capitalize(), group)
            action.setCheckable(True)
            action.setChecked(kind == "linear")
            action.setToolTip(f"{kind.capitalize()} gradient: {tip[0].lower()}{tip[1:]}")
            action.triggered.connect(lambda _on, kind=kind: self.gradient_kind_changed.emit(kind))
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

    # -- what the window shows here

    def add_box(
        self, box: QWidget, tools: Collection[str], brush: Callable[[], bool] = lambda: False
    ) -> None:
        """Add the options of more tools; `brush` tells whether the brush's are shown with them."""
        self._row.insertWidget(self._row.indexOf(self.ink_options), box)
        self._boxes.append((box, frozenset(tools), brush))
        self._follow_numbers(box)
        box.setVisible(self.tool in tools)

    def _follow_numbers(self, box: QWidget) -> None:
        for edit in box.findChildren(ValueEdit):
            if edit.window() is self.window():  # those of a popup keep the focus
                edit.done.connect(self.number_entered)

    def set_tool(self, name: str) -> None:
        """Show the options of a tool, one of `TOOLS`."""
        self.tool = name
        self.name.setText(TOOLS.get(name, name.capitalize()))
        brushes = any(name in tools and brush() for _, tools, brush in self._boxes)
        self.brush_options.setVisible(name in PAINTING or brushes)
        for box, tools, _ in self._boxes:
            box.setVisible(name in tools)
        self._gradient_box.setVisible(name == "gradient")
        self._zoom_box.setVisible(name in ("hand", "zoom"))
        self.mask_options.setVisible(name in PAINTING or name == "gradient")
        self._show_ink()
        self._fit()

    def _show_ink(self) -> None:
        """Show what is painted in on the selected layer."""
        session = self.workspace.session
        layer = None if session is None else session.active_layer
        on_layer = (
            session is not None
            and layer is not None
            and session.target == "layer"
            and brush_pixels(session.document, layer) is not None
        )
        quick_mask = session is not None and session.quick_mask
        self.ink_options.setVisible(self.tool in PAINTING or self.tool == "gradient")
        self.ink_options.refresh(colour=on_layer and self.tool in PAINTING and not quick_mask)

    def _follow(self, update: Update) -> None:
        if not update.live:
            self._show_ink()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Leave out what there is no room for."""

        def fits() -> bool:
            self._row.invalidate()
            return self._row.sizeHint().width() <= self.width()

        self.brush_options.leave_out(fits)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, HEIGHT)
