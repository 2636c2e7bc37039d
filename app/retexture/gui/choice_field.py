"""A row with a menu of choices, which are tried out while it is open."""

from enum import Enum
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QLabel, QSizePolicy, QWidget

from retexture.declare import Parameter
from retexture.engine.modes import BlendMode
from retexture.gui import theme
from retexture.gui.editor_base import STEP_KEYS, keeps_key
from retexture.gui.field import Field
from retexture.gui.labels import choice_label, label_of

GROUP_STARTS = ("darken", "lighten", "overlay", "difference", "hue", "add")
"""The blend modes that begin a group of the menu."""


class ChoiceField(Field):
    """Kind `choice`: a menu that shows each choice while the pointer or the arrow keys are over it.

    The open menu is a gesture: `changed` for the item under the pointer, `cancelled` if it is closed without
    a choice. Values are of the default's own type, so a blend mode comes out as a `BlendMode`.
    """

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parameter, QLabel(label_of(parameter)), parent)
        self.label.setToolTip(parameter.help)
        self.combo = Combo()
        self._add(
            self.combo, "choice", f"{parameter.help}\nUp and Down choose; hover in the open list to preview."
        )
        self.row.setStretchFactor(self.combo, 1)
        self.setFocusProxy(self.combo)
        choices = list(parameter.choices)
        if BlendMode.PASS_THROUGH in choices:  # a group's own mode comes first, as in Photoshop
            choices.remove(BlendMode.PASS_THROUGH)
            choices.insert(0, BlendMode.PASS_THROUGH)
        for choice in choices:
            starts = choice in GROUP_STARTS or (choice == BlendMode.NORMAL and self.combo.count() > 0)
            if starts and BlendMode.NORMAL in choices:
                self.combo.insertSeparator(self.combo.count())
            self.combo.addItem(choice_label(choice), choice)
        # The list closes before it tells what was chosen.
        self._closed = QTimer(self)
        self._closed.setSingleShot(True)
        self._closed.timeout.connect(self.cancel)
        self.combo.opened.connect(self._open)
        self.combo.closed.connect(self._closed.start)
        self.combo.highlighted.connect(lambda index: self.drag_to(self._choice(index)))
        self.combo.activated.connect(self._choose)
        self._show()

    def _choice(self, index: int) -> Any:
        choice = self.combo.itemData(index)
        if choice is None:
            return self._value
        return type(self.default)(choice) if isinstance(self.default, Enum) else choice

    def _open(self) -> None:
        self._closed.stop()
        self.begin()

    def _choose(self, index: int) -> None:
        choice = self._choice(index)
        if self.is_active:
            self.drag_to(choice)
            self.finish()
        else:
            self.enter(choice)

    def _show(self) -> None:
        if not self.is_active:  # the open list keeps its own highlight
            self.combo.setCurrentIndex(self.combo.findData(str(self._value or "")))


class Combo(QComboBox):
    """A combo box that says when its list opens and closes, and leaves the wheel to the panel it scrolls in."""

    opened = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedHeight(theme.CONTROL_HEIGHT)
        self.setMinimumContentsLength(6)
        self.setMaxVisibleItems(40)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._list = self.view().window()
        self._list.installEventFilter(self)

    def event(self, event: QEvent) -> bool:
        return keeps_key(event, plain=STEP_KEYS) or super().event(event)

    def showPopup(self) -> None:
        self.opened.emit()
        super().showPopup()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Hide:
            self.closed.emit()
        return super().eventFilter(watched, event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()
