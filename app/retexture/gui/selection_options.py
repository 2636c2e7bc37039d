"""The options of the selection tools."""

import msgspec
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QComboBox, QHBoxLayout, QLabel, QToolButton, QWidget

from retexture.declare import Parameter, parameters
from retexture.document.layers import RasterMask
from retexture.gui import theme
from retexture.gui.buttons import tool_button
from retexture.gui.compact_field import compact_field
from retexture.gui.number_field import NumberField
from retexture.gui.selection_tool import SelectState
from retexture.session.colour_selection import WandSettings
from retexture.session.selections import Mode

MODES: tuple[tuple[Mode, str, str], ...] = (
    ("replace", "select_new", "New selection"),
    ("add", "select_add", "Add to the selection (Shift)"),
    ("subtract", "select_subtract", "Subtract from the selection (Alt)"),
    ("intersect", "select_intersect", "Intersect with the selection (Shift+Alt)"),
)
SHAPES = {
    "marquee": (
        ("rectangular_marquee", "marquee", "Rectangle (Shift+M)"),
        ("elliptical_marquee", "marquee_ellipse", "Ellipse (Shift+M)"),
    ),
    "lasso": (
        ("free_lasso", "lasso", "Free line (Shift+L)"),
        ("polygonal_lasso", "lasso_polygon", "Polygon, clicked corner by corner (Shift+L)"),
    ),
}
SAMPLES = {"point": "Point", "3x3": "3 × 3 Mean", "5x5": "5 × 5 Mean"}
FEATHER = next(p for p in parameters(RasterMask) if p.name == "feather_px")
TOLERANCE = next(p for p in parameters(WandSettings) if p.name == "tolerance")
TOOLS = ("marquee", "lasso", "wand")


class SelectionOptions(QWidget):
    """Shows a `SelectState` and changes it."""

    def __init__(self, state: SelectState) -> None:
        super().__init__()
        self.setObjectName("selection_options")
        self.state = state
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_LARGE)
        self._shapes = {tool: self._make_shapes(tool, row) for tool in SHAPES}
        self._make_modes(row)
        self.feather = _field(FEATHER, "selection_feather")
        self.feather.setToolTip("Softens the edge of what is selected next: a Gaussian of this radius")
        self.feather.changed.connect(lambda value: state.set(feather_px=value))
        row.addWidget(self.feather)
        self._make_wand(row)
        state.changed.connect(self.refresh)
        self.set_tool("marquee")

    def _make_shapes(self, tool: str, row: QHBoxLayout) -> list[QToolButton]:
        group = QButtonGroup(self)
        buttons = []
        for other, (name, icon, tip) in enumerate(SHAPES[tool]):
            button = tool_button(name, icon, tip.partition(" (")[0].partition(",")[0], tip, checkable=True)
            field = "elliptical" if tool == "marquee" else "polygonal"
            button.clicked.connect(
                lambda _on, field=field, other=other: self.state.set(**{field: bool(other)})
            )
            group.addButton(button)
            buttons.append(button)
        row.addWidget(_joined(buttons))
        return buttons

    def _make_modes(self, row: QHBoxLayout) -> None:
        group = QButtonGroup(self)
        self._modes: dict[Mode, QToolButton] = {}
        for mode, name, tip in MODES:
            button = tool_button(name, name, tip.partition(" (")[0], tip, checkable=True)
            button.clicked.connect(lambda _on, mode=mode: self.state.set(mode=mode))
            group.addButton(button)
            self._modes[mode] = button
        row.addWidget(_joined(list(self._modes.values())))

    def _make_wand(self, row: QHBoxLayout) -> None:
        self.wand = QWidget()
        inner = QHBoxLayout(self.wand)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(theme.SPACE_LARGE)
        self.tolerance = _field(TOLERANCE, "wand_tolerance")
        self.tolerance.changed.connect(lambda value: self._set_wand(tolerance=value))
        self.antialias = self._switch(
            "antialias", "Anti-alias", "Smooth the edges: beside them pixels are partly selected"
        )
        self.contiguous = self._switch(
            "contiguous", "Contiguous", "Only what is connected to the pixel that is clicked"
        )
        self.all_layers = self._switch(
            "all_layers", "All Layers", "Judge the picture as it shows; off: the selected layer alone"
        )
        self.sample = QComboBox()
        self.sample.setObjectName("wand_sample")
        self.sample.setAccessibleName("Sample")
        self.sample.setToolTip("Take the colour of the pixel, or the mean around it")
        for sample, words in SAMPLES.items():
            self.sample.addItem(words, sample)
        self.sample.activated.connect(lambda _index: self._set_wand(sample=self.sample.currentData()))
        label = QLabel("Sample")
        label.setBuddy(self.sample)
        for widget in (self.tolerance, self.antialias, self.contiguous, self.all_layers, label, self.sample):
            inner.addWidget(widget)
        row.addWidget(self.wand)

    def _switch(self, field: str, words: str, tip: str) -> QCheckBox:
        """Return the box of a switch of the wand."""
        box = QCheckBox(words)
        box.setObjectName(f"wand_{field}")
        box.setAccessibleName(words)
        box.setToolTip(tip)
        box.clicked.connect(lambda on: self._set_wand(**{field: on}))
        return box

    def _set_wand(self, **fields: object) -> None:
        self.state.set(wand=msgspec.structs.replace(self.state.wand, **fields))

    def set_tool(self, name: str) -> None:
        """Show the options of a tool, one of `TOOLS`."""
        for tool, buttons in self._shapes.items():
            box = buttons[0].parentWidget()
            assert box is not None
            box.setVisible(tool == name)
        self.wand.setVisible(name == "wand")
        self.refresh()

    def refresh(self) -> None:
        """Show the state."""
        state = self.state
        self._shapes["marquee"][int(state.elliptical)].setChecked(True)
        self._shapes["lasso"][int(state.polygonal)].setChecked(True)
        self._modes[state.mode].setChecked(True)
        self.feather.set_value(state.feather_px)
        self.tolerance.set_value(state.wand.tolerance)
        self.antialias.setChecked(state.wand.antialias)
        self.contiguous.setChecked(state.wand.contiguous)
        self.all_layers.setChecked(state.wand.all_layers)
        self.sample.setCurrentIndex(self.sample.findData(state.wand.sample))


def _field(parameter: Parameter, name: str) -> NumberField:
    field = compact_field(parameter)
    field.setObjectName(name)
    return field


def _joined(buttons: list[QToolButton]) -> QWidget:
    """Return buttons of one choice side by side."""
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(2)
    for button in buttons:
        row.addWidget(button)
    return box
