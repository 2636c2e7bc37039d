"""The editor of a range: a bar with handles, and fields for their values."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from retexture.declare import Parameter
from retexture.document.layers import FULL, Range
from retexture.gui import theme
from retexture.gui.editor_base import Editor
from retexture.gui.histogram_view import Counts
from retexture.gui.labels import label_of
from retexture.gui.number_format import NumberFormat
from retexture.gui.range_bar import LARGEST_ZOOM, MARGIN, RangeBar
from retexture.gui.range_handles import ends_of, typed
from retexture.gui.value_edit import ValueEdit, say_beside

NAMES = ("Black, lower half", "Black, upper half", "White, lower half", "White, upper half")
FIELDS = ("black_low", "black_high", "white_low", "white_high")


class RangeEditor(Editor):
    """Kind `range`: four handles on a bar from black to white, with the histogram that they cut."""

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        """Make the editor of a parameter of kind `range`; its label is the heading."""
        super().__init__(parameter.default or FULL, parent)
        self.parameter = parameter
        name, title = parameter.name, label_of(parameter)
        self.setObjectName(name)
        self.bar = RangeBar(self)
        self.bar.setObjectName(f"{name}_bar")
        self.bar.setAccessibleName(title)
        self.bar.setAccessibleDescription(parameter.help)
        self.bar.setToolTip(
            f"{parameter.help}\n"
            "Drag a triangle; with Alt, or after S, its halves part. Double click the bar to reset it.\n"
            "Tab goes from handle to handle; arrow keys move by 1, with Shift by 10, with Ctrl by 0.1.\n"
            "The wheel zooms; drag the histogram to scroll."
        )
        self.log = QToolButton()
        self.log.setText("Log")
        self.log.setCheckable(True)
        self.log.toggled.connect(self._set_log)
        self.zoom_out, self.zoom_in = QToolButton(), QToolButton()
        self.zoom_label = QLabel("1×")
        self.zoom_label.setMinimumWidth(26)
        self.zoom_label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.zoom_label.setObjectName(f"{name}_zoom")
        self.zoom_label.setAccessibleName(f"{title}: zoom of the histogram")
        self.zoom_out.setText("−")
        self.zoom_in.setText("+")
        self.zoom_out.clicked.connect(lambda: self.bar.set_zoom(self.bar.zoom // 2))
        self.zoom_in.clicked.connect(lambda: self.bar.set_zoom(self.bar.zoom * 2))
        self.bar.zoomed.connect(self._show_zoom)
        self.heading = QLabel(title)
        self.heading.setObjectName(f"{name}_label")
        top = QHBoxLayout()
        top.setContentsMargins(MARGIN, 0, MARGIN, 0)
        top.setSpacing(2)
        top.addWidget(self.heading)
        top.addStretch(1)
        buttons = (
            (
                self.log,
                "log",
                "logarithmic histogram",
                "Logarithmic heights: shows rare values. Space switches it.",
            ),
            (self.zoom_out, "zoom_out", "zoom out", "See more of the range (-)."),
            (self.zoom_label, "zoom", "zoom", "Zoom of the histogram."),
            (self.zoom_in, "zoom_in", "zoom in", "See finer steps about the middle of the view (+)."),
        )
        for button, ending, what, tip in buttons:
            button.setObjectName(f"{name}_{ending}")
            button.setAccessibleName(f"{title}: {what}")
            button.setToolTip(tip)
            top.addWidget(button)
        bottom = QHBoxLayout()
        bottom.setContentsMargins(MARGIN, 0, MARGIN, 0)
        bottom.setSpacing(theme.SPACE_SMALL)
        self.fields: list[ValueEdit] = []
        for i, field in enumerate(FIELDS):
            edit = ValueEdit(NumberFormat(0), 0, 255, 50)
            edit.setObjectName(f"{name}_{field}")
            edit.setAccessibleName(f"{title}: {NAMES[i]}")
            edit.setToolTip(f"{NAMES[i]}, 0 to 255; Up and Down step, with Shift by ten.")
            edit.entered.connect(lambda value, i=i: self._type(i, value))
            edit.stepped.connect(lambda count, i=i: self._step(i, count))
            self.fields.append(edit)
            bottom.addWidget(edit)
            if i in (0, 2):
                bottom.addWidget(QLabel("/"))
            if i == 1:
                bottom.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_SMALL)
        layout.addLayout(top)
        layout.addWidget(self.bar)
        layout.addLayout(bottom)
        self.setFocusProxy(self.bar)
        self.set_histogram(None)
        self._show_zoom()
        self._show()

    def set_histogram(self, counts: Counts | None) -> None:
        """Show (N,) counts of equal bins over 0-255 behind the trapezoid, or none."""
        self.bar.counts = counts
        self.log.setEnabled(counts is not None)
        self.bar.update()

    def set_channel(self, channel: int) -> None:
        """Colour the bar for grey, red, green or blue: 0-3."""
        self.bar.channel = channel
        self.bar.update()

    def _type(self, handle: int, value: float) -> None:
        self.enter(self._typed(handle, value))

    def _step(self, handle: int, count: float) -> None:
        value = round(ends_of(self._value)[handle] + count, 6)
        self.step_to(self._typed(handle, min(max(value, 0.0), 255.0)))

    def _typed(self, handle: int, value: float) -> Range:
        new = typed(ends_of(self._value), handle, value)
        if new[handle] != value:
            say_beside(self.fields[handle], "Black and white do not cross.")
        self.bar.handle = handle
        return Range(*new)

    def _set_log(self, on: bool) -> None:
        self.bar.log = on
        self.bar.update()

    def _show_zoom(self) -> None:
        zoom = self.bar.zoom
        self.zoom_label.setText(f"{zoom}×")
        self.zoom_out.setEnabled(zoom > 1)
        self.zoom_in.setEnabled(zoom < LARGEST_ZOOM)

    def _show(self) -> None:
        for edit, end in zip(self.fields, ends_of(self._value), strict=True):
            edit.show_number(end)
        self.bar.update()
