"""What the rows of a panel share: a label, and room for the control of one parameter."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from retexture.declare import Parameter
from retexture.gui import theme
from retexture.gui.editor_base import Editor
from retexture.gui.labels import label_of

LABEL_WIDTH = 94


class Field(Editor):
    """A labelled row for one parameter."""

    def __init__(self, parameter: Parameter, label: QLabel, parent: QWidget | None = None) -> None:
        super().__init__(parameter.default, parent)
        self.parameter = parameter
        self.default: Any = parameter.default
        """What a double click on the label sets; None: nothing."""
        self.label = label
        self.setObjectName(parameter.name)
        label.setObjectName(f"{parameter.name}_label")
        label.setFixedWidth(LABEL_WIDTH)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(6)
        self.row.addWidget(label)
        self.setFixedHeight(theme.CONTROL_HEIGHT)
        self._label_text = label.text()

    def _add(self, control: QWidget, name: str, tip: str) -> None:
        control.setObjectName(f"{self.parameter.name}_{name}")
        control.setAccessibleName(self._label_text or label_of(self.parameter))
        control.setAccessibleDescription(self.parameter.help)
        control.setToolTip(tip)
        self.row.addWidget(control)

    def set_label_width(self, width_px: int) -> None:
        """Make room for the label, so that the rows of a panel line up."""
        self.label.setFixedWidth(width_px)
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        metrics = QFontMetrics(self.label.font())
        self.label.setText(
            metrics.elidedText(self._label_text, Qt.TextElideMode.ElideRight, self.label.maximumWidth())
        )
