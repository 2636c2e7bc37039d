"""The editor of Blend-If: for each channel two bars of handles, drawn on the histograms that they cut."""

import msgspec
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QHBoxLayout,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from retexture.declare import Parameter
from retexture.document.layers import FULL, BlendIf, Range
from retexture.gui import theme
from retexture.gui.editor_base import Editor
from retexture.gui.histogram_view import Counts
from retexture.gui.range_bar import MARGIN
from retexture.gui.range_editor import RangeEditor

CHANNELS = ("Grey", "Red", "Green", "Blue")


class ChannelButton(QToolButton):
    """One of the channels; a dot says that its sliders hide something."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hides = False
        self.setText(text)
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hides:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.BRIGHT_TEXT))
            painter.drawEllipse(QPointF(self.width() - 7.5, 7.5), 2.5, 2.5)
            painter.end()


class BlendIfEditor(Editor):
    """Blend-If of a layer: This Layer and Underlying, for the chosen channel; the value is a `BlendIf`."""

    overlay_toggled = Signal(bool)
    """The pixels that Blend-If hides are to be marked in the picture, or no longer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(BlendIf(), parent)
        self.setObjectName("blend_if")
        self.channel = 0
        """0 grey, 1 red, 2 green, 3 blue."""
        self._counts: dict[str, Counts | None] = {"this": None, "underlying": None}
        sides = {
            "this": Parameter(
                "this_layer", "range", FULL, "Hides the layer where its own values are outside."
            ),
            "underlying": Parameter(
                "underlying", "range", FULL, "Hides the layer where the values beneath it are outside."
            ),
        }
        self.chooser = QButtonGroup(self)
        self.chooser.setExclusive(True)
        channels = QHBoxLayout()
        channels.setContentsMargins(MARGIN, 0, MARGIN, 0)
        channels.setSpacing(theme.SPACE_SMALL)
        self.channel_buttons = [ChannelButton(name) for name in CHANNELS]
        for i, button in enumerate(self.channel_buttons):
            button.setObjectName(f"blend_if_{CHANNELS[i].lower()}")
            self.chooser.addButton(button, i)
            channels.addWidget(button)
        self.channel_buttons[0].setChecked(True)
        self.chooser.idClicked.connect(self.set_channel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE)
        layout.addLayout(channels)
        self.sides = {side: RangeEditor(parameter) for side, parameter in sides.items()}
        self.sides["this"].heading.setText("This Layer")
        for side, editor in self.sides.items():
            editor.started.connect(lambda side=side: self._begin(side))
            editor.changed.connect(lambda value, side=side: self._take(side, value))
            editor.committed.connect(lambda _value: super(BlendIfEditor, self).finish())
            editor.cancelled.connect(lambda: super(BlendIfEditor, self).cancel())
            layout.addWidget(editor)
        self.overlay = QCheckBox("Show hidden pixels")
        self.overlay.setObjectName("blend_if_overlay")
        self.overlay.setAccessibleName("Show hidden pixels")
        self.overlay.setToolTip("Marks in the picture what Blend-If hides. Space switches it.")
        self.overlay.toggled.connect(self.overlay_toggled)
        self.reset_button = QToolButton()
        self.reset_button.setText("Reset All")
        self.reset_button.setObjectName("blend_if_reset")
        self.reset_button.setAccessibleName("Reset all of Blend-If")
        self.reset_button.setToolTip("Sets the bars of all channels back, so that nothing is hidden.")
        self.reset_button.clicked.connect(lambda: self.enter(BlendIf()))
        bottom = QHBoxLayout()
        bottom.setContentsMargins(MARGIN, 0, MARGIN, 0)
        bottom.addWidget(self.overlay)
        bottom.addStretch(1)
        bottom.addWidget(self.reset_button)
        layout.addLayout(bottom)
        self._show()

    @property
    def is_stepping(self) -> bool:
        return any(editor.is_stepping for editor in self.sides.values())

    def finish(self) -> None:
        for editor in self.sides.values():
            editor.finish()
        super().finish()

    def cancel(self) -> None:
        for editor in self.sides.values():
            editor.cancel()
        super().cancel()

    def _begin(self, side: str) -> None:
        """Begin the gesture of one side, ending steps of the other."""
        for name, editor in self.sides.items():
            if name != side:
                editor.finish()
        self.begin()

    def set_channel(self, channel: int) -> None:
        """Show grey, red, green or blue: 0-3."""
        self.finish()
        self.channel = channel
        self.channel_buttons[channel].setChecked(True)
        for editor in self.sides.values():
            editor.set_channel(channel)
        self._show_counts()
        self._show()

    def set_histograms(self, this: Counts | None, underlying: Counts | None) -> None:
        """Show counts of the layer after its filters, and of the picture beneath; None for not known.

        Each is (4, bins) for grey, red, green, blue, equal bins over 0-255.
        """
        self._counts = {"this": this, "underlying": underlying}
        self._show_counts()

    def set_overlay(self, on: bool) -> None:
        """Show whether hidden pixels are marked, without a signal."""
        self.overlay.blockSignals(True)
        self.overlay.setChecked(on)
        self.overlay.blockSignals(False)

    def _show_counts(self) -> None:
        for side, editor in self.sides.items():
            counts = self._counts[side]
            editor.set_histogram(None if counts is None else counts[self.channel])

    def _field(self) -> str:
        return ("gray", "red", "green", "blue")[self.channel]

    def _take(self, side: str, value: Range) -> None:
        sliders = msgspec.structs.replace(getattr(self._value, side), **{self._field(): value})
        self.drag_to(msgspec.structs.replace(self._value, **{side: sliders}))

    def _show(self) -> None:
        for side, editor in self.sides.items():
            editor.set_value(getattr(getattr(self._value, side), self._field()))
        for i, button in enumerate(self.channel_buttons):
            field = ("gray", "red", "green", "blue")[i]
            hides = any(not getattr(getattr(self._value, side), field).is_full for side in self.sides)
            button.hides = hides
            button.setAccessibleName(f"{CHANNELS[i]}, hides something" if hides else CHANNELS[i])
            button.setToolTip(
                f"Blend-If by {CHANNELS[i].lower()}." + (" It hides something." if hides else "")
            )
            button.update()
