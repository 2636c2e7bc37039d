"""Dodging and burning: paints light and shade on the layer that is made for it, whichever layer is active."""

from typing import ClassVar

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from retexture.gui.brush_tool import BrushTool, PaintState
from retexture.gui.canvas import Canvas
from retexture.gui.commands import Key
from retexture.gui.tools import Pointer
from retexture.session.dodging import ground
from retexture.session.session import Session
from retexture.session.strokes import Stroke

KEYS = (
    Key("Alt+drag", "Dodge: burn instead, and the other way round", "Retouching"),
    Key("Shift+O", "Swap Dodge and Burn", "Retouching"),
)


class DodgeState(QObject):
    """Whether the tool burns, shared by the tool and its options."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.burn = False

    def set_burn(self, burn: bool) -> None:
        """Darken from now on, or lighten."""
        if burn != self.burn:
            self.burn = burn
            self.changed.emit()


class DodgeTool(BrushTool):
    """Paints white or black on a 50 % grey layer, or white on the masks of a pair of Curves; Alt swaps the two."""

    name = "dodge"
    label = "Dodge and Burn"
    key = "O"
    help = "Paint lighter, with Alt darker, on the Dodge and Burn layer"
    kind: ClassVar[str] = "dodge"

    def __init__(self, state: PaintState, dodging: DodgeState) -> None:
        super().__init__(state)
        self.dodging = dodging

    def _set_down(self, session: Session, pointer: Pointer, canvas: Canvas) -> None:
        burn = self.dodging.burn != pointer.holds(Qt.KeyboardModifier.AltModifier)
        session.finish_gesture()
        (key, target, tiles, selection), value = ground(session, burn=burn)
        self._gesture = session.begin("Burn" if burn else "Dodge")
        self._place = (key, target)
        self._stroke = Stroke(tiles, self.state.brush, value, selection)


class DodgeOptions(QWidget):
    """Shows a `DodgeState` and changes it."""

    def __init__(self, state: DodgeState) -> None:
        super().__init__()
        self.setObjectName("dodge_options")
        self.state = state
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self.mode = QComboBox()
        self.mode.setObjectName("dodge_mode")
        self.mode.setAccessibleName("Dodge or burn")
        self.mode.setToolTip("Dodge lightens, Burn darkens; Alt while painting does the other (Shift+O)")
        self.mode.addItems(["Dodge", "Burn"])
        self.mode.setFixedWidth(88)  # before it is shown its style, and so its size, is not known
        self.mode.activated.connect(lambda index: state.set_burn(index == 1))
        row.addWidget(self.mode)
        state.changed.connect(self.refresh)

    def refresh(self) -> None:
        """Show the state."""
        self.mode.setCurrentIndex(int(self.state.burn))
