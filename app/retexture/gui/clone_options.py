"""The options of the retouching tools: how the healing tool heals, alignment, and which layers are sampled."""

from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QWidget

from retexture.gui import theme
from retexture.gui.clone_state import HEALING, SAMPLES, CloneState


class CloneOptions(QWidget):
    """Shows a `CloneState` and changes it."""

    def __init__(self, state: CloneState) -> None:
        super().__init__()
        self.setObjectName("clone_options")
        self.state = state
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_LARGE)
        self.healing = QComboBox()
        self.healing.setObjectName("healing_mode")
        self.healing.setAccessibleName("Way to heal")
        self.healing.setToolTip(
            "Healing Brush: Alt-click a source, then paint\n"
            "Spot Healing: click a blemish\n"
            "Patch: draw round a place, then drag it to a clean one (Shift+J)"
        )
        for mode, words in HEALING.items():
            self.healing.addItem(words, mode)
        self.healing.activated.connect(lambda _index: state.set_healing(self.healing.currentData()))
        self.aligned = QCheckBox("Aligned")
        self.aligned.setObjectName("clone_aligned")
        self.aligned.setAccessibleName("Aligned")
        self.aligned.setToolTip(
            "On: the source keeps its distance from stroke to stroke\nOff: each stroke begins at the source"
        )
        self.aligned.clicked.connect(state.set_aligned)
        self.sample = QComboBox()
        self.sample.setObjectName("clone_sample")
        self.sample.setAccessibleName("Sample")
        self.sample.setToolTip("Which layers the pixels are taken from, as they are when a stroke begins")
        for sample, words in SAMPLES.items():
            self.sample.addItem(words, sample)
        self.sample.activated.connect(lambda _index: state.set_sample(self.sample.currentData()))
        label = QLabel("Sample")
        label.setBuddy(self.sample)
        for widget in (self.healing, self.aligned, label, self.sample):
            row.addWidget(widget)
        state.changed.connect(self.refresh)
        self.set_tool("clone")

    def set_tool(self, name: str) -> None:
        """Show the options of a tool, ``clone`` or ``heal``."""
        self._heals = name == "heal"
        self.refresh()

    @property
    def needs_brush(self) -> bool:
        """Whether the tool has a brush."""
        return not self._heals or self.state.healing != "patch"

    def refresh(self) -> None:
        """Show the state."""
        self.healing.setVisible(self._heals)
        self.aligned.setVisible(not self._heals or self.state.healing == "brush")
        self.healing.setCurrentIndex(self.healing.findData(self.state.healing))
        self.aligned.setChecked(self.state.aligned)
        self.sample.setCurrentIndex(self.sample.findData(self.state.sample))
