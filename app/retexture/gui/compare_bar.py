"""The strip under the canvas: how before and after are shown, and which pictures they are."""

from PySide6.QtWidgets import QButtonGroup, QComboBox, QHBoxLayout, QLabel, QToolButton, QWidget

from retexture.gui.canvas import Canvas
from retexture.gui.icons import icon
from retexture.session import pictures

MODES = (
    ("single", "compare_single", "One picture", "Show one picture; hold C for the one before"),
    ("side", "compare_side", "Side by side", "Before and after beside each other (Y)"),
    ("stack", "compare_stack", "One above the other", "Before above after (Alt+Y)"),
    ("wipe", "compare_wipe", "Split", "A line to drag between before and after (Shift+Y)"),
)


class CompareBar(QWidget):
    """Shows what the canvas compares, and changes it."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__()
        self.setObjectName("compare_bar")
        self._canvas = canvas
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 3, 8, 3)
        layout.setSpacing(4)
        self._modes = QButtonGroup(self)
        self._buttons: dict[str, QToolButton] = {}
        for mode, picture, label, tip in MODES:
            button = QToolButton()
            button.setObjectName(f"compare_{mode}")
            button.setAccessibleName(label)
            button.setToolTip(tip)
            button.setIcon(icon(picture, 16))
            button.setCheckable(True)
            button.setAutoRaise(True)
            button.clicked.connect(lambda _checked, m=mode: canvas.set_look(mode=m))
            self._modes.addButton(button)
            self._buttons[mode] = button
            layout.addWidget(button)
        layout.addSpacing(8)
        self._before = self._chooser("before", "Before", layout)
        layout.addSpacing(8)
        self._after = self._chooser("after", "After", layout)
        swap = QToolButton()
        swap.setObjectName("compare_swap")
        swap.setAccessibleName("Swap before and after")
        swap.setToolTip("Swap before and after (Shift+X)")
        swap.setIcon(icon("swap", 16))
        swap.setAutoRaise(True)
        swap.clicked.connect(lambda: canvas.set_look(before=canvas.look.after, after=canvas.look.before))
        layout.addWidget(swap)
        layout.addStretch(1)
        canvas.look_changed.connect(self.refresh)
        canvas.workspace.updated.connect(
            lambda update: self.refresh() if update.history and not update.live else None
        )

    def _chooser(self, side: str, title: str, layout: QHBoxLayout) -> QComboBox:
        label = QLabel(title)
        combo = QComboBox()
        combo.setObjectName(f"compare_{side}_picture")
        combo.setAccessibleName(f"Picture {side}")
        combo.setToolTip(f"The picture {side}: original, retouched, result or a snapshot")
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        combo.activated.connect(lambda index: self._canvas.set_look(**{side: combo.itemData(index)}))
        label.setBuddy(combo)
        layout.addWidget(label)
        layout.addWidget(combo)
        return combo

    def refresh(self) -> None:
        """Show what the canvas shows."""
        look, session = self._canvas.look, self._canvas.session
        self.setVisible(session is not None)
        if session is None:
            return
        self._buttons[look.mode].setChecked(True)
        choices = pictures.names(session)
        for combo, name in ((self._before, look.before), (self._after, look.after)):
            shown = choices if name in choices else (*choices, name)
            if [combo.itemData(i) for i in range(combo.count())] != list(shown):
                combo.clear()
                for choice in shown:
                    combo.addItem(pictures.label(choice), choice)
            combo.setCurrentIndex(shown.index(name))
