"""The dialogs of the Select menu: a radius, a range of colours, a range of luminosity."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from retexture.declare import Parameter, number, parameters
from retexture.document.document import Document
from retexture.document.pixels import Tiles
from retexture.engine.lab import lab
from retexture.gui import theme
from retexture.gui.buttons import ok_and_cancel
from retexture.gui.canvas import Canvas
from retexture.gui.colour_field import colour_dialog
from retexture.gui.editor_base import Editor
from retexture.gui.editors import make_editor
from retexture.gui.filter_dialog import move_aside
from retexture.gui.number_field import NumberField
from retexture.gui.tools import Pointer, Tool
from retexture.render.render import canvas_size
from retexture.session.colour_selection import (
    ColourRange,
    Lab,
    LuminosityRange,
    colour_at,
    colour_range,
    luminosity,
    luminous,
    similar,
    srgb,
)
from retexture.session.jobs import Job
from retexture.session.selections import MAX_EXPAND_PX, combined

if TYPE_CHECKING:
    from retexture.gui.window import MainWindow

PREVIEW_PX = 280
"""The longer edge of a preview."""
LABEL_WIDTH = 72


class Feather(msgspec.Struct, frozen=True):
    """How a selection is softened."""

    radius_px: Annotated[
        float, number(0.1, 1000, slider=(0.5, 100), unit="px", help="Standard deviation of the Gaussian")
    ] = 5.0


class Grow(msgspec.Struct, frozen=True):
    """How far a selection grows or shrinks."""

    radius_px: Annotated[
        int,
        number(1, MAX_EXPAND_PX, slider=(1, 100), unit="px", help="Radius of the disc that is moved along"),
    ] = 4


class RadiusDialog(QDialog):
    """Asks for a radius."""

    def __init__(
        self, title: str, name: str, settings: Feather | Grow, take: Callable[[Any], None], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setObjectName(f"{name}_dialog")
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.field = NumberField(parameters(type(settings))[0])
        self.field.setObjectName(f"{name}_radius")
        self.field.set_value(settings.radius_px)
        self.field.setMinimumWidth(320)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, theme.SPACE_LARGE)
        column.setSpacing(theme.SPACE_LARGE)
        column.addWidget(self.field)
        column.addWidget(ok_and_cancel(self, name, "Select (Enter)"))
        self.accepted.connect(lambda: take(self.field.value()))
        self.field.edit.setFocus()
        self.field.edit.selectAll()


class RangeDialog(QDialog):
    """Selects by colours or by luminosity, with a small preview of what would be selected."""

    heading = ""
    name = ""

    def __init__(self, window: "MainWindow", settings: ColourRange | LuminosityRange) -> None:
        super().__init__(window)
        self.window_ = window
        self.settings: Any = settings
        self.setObjectName(f"{self.name}_dialog")
        self.setWindowTitle(self.heading)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.session = window.session
        assert self.session is not None
        self.small: NDArray[np.uint16] | None = None
        """The picture, small: (3, h, w) uint16 sRGB."""
        self.preview = Preview()
        self.preview.setObjectName(f"{self.name}_preview")
        self.editors: dict[str, Editor] = {}
        self.side = QVBoxLayout()
        self.side.setSpacing(theme.SPACE_LARGE)
        for parameter in parameters(type(settings)):
            self._add_editor(parameter)
        self.mode = QComboBox()
        self.mode.setObjectName(f"{self.name}_mode")
        self.mode.setAccessibleName("Combine")
        self.mode.setToolTip("How the range combines with what is selected")
        for mode, words in (
            ("replace", "New Selection"),
            ("add", "Add"),
            ("subtract", "Subtract"),
            ("intersect", "Intersect"),
        ):
            self.mode.addItem(words, mode)
        self.side.addWidget(self.mode)
        self.side.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self.preview)
        row.addLayout(self.side, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, theme.SPACE_LARGE)
        column.setSpacing(theme.SPACE_LARGE)
        column.addLayout(row)
        self.buttons = ok_and_cancel(self, self.name, "Select (Enter)")
        column.addWidget(self.buttons)
        self.accepted.connect(self._select)
        window.workspace.session_changed.connect(self.reject)
        self._show_settings()
        self._read(self.session.document)

    def _add_editor(self, parameter: Parameter) -> None:
        editor = make_editor(parameter)
        editor.setObjectName(f"{self.name}_{parameter.name}")
        if isinstance(editor, NumberField):
            editor.set_label_width(LABEL_WIDTH)
        editor.setMinimumWidth(300)
        editor.changed.connect(lambda value, name=parameter.name: self.change(**{name: value}))
        editor.cancelled.connect(
            lambda name=parameter.name: self.change(**{name: self.editors[name].value()})
        )
        self.editors[parameter.name] = editor
        self.side.addWidget(editor)

    def _read(self, document: Document) -> None:
        """Get the picture, small, from a preview level."""
        level = max((max(document.width_px, document.height_px) // PREVIEW_PX).bit_length() - 1, 0)
        cache = self.window_.workspace.passing

        def work(job: "Job[NDArray[np.uint16]]") -> NDArray[np.uint16]:
            return srgb(document, level=level, cache=cache, cancelled=job.cancelled)

        def done(planes: NDArray[np.uint16]) -> None:
            self.small = planes
            self._show_settings()

        self.preview.set_shape(*canvas_size(document, level))
        self._job = self.window_.workspace.jobs.submit(work, done, lane="range preview")
        self.finished.connect(self._job.cancel)

    def change(self, **fields: object) -> None:
        """Set some of the settings and show what they select."""
        self.settings = msgspec.structs.replace(self.settings, **fields)
        self._show_settings()

    def _show_settings(self) -> None:
        for name, editor in self.editors.items():
            editor.set_value(getattr(self.settings, name))
        if self.small is not None:
            self.preview.show_plane(self.plane(self.small))

    def plane(self, small: NDArray[np.uint16]) -> NDArray[np.uint16]:
        """Return what is selected of the small picture."""
        raise AssertionError(f"{type(self).__name__} does not say what it selects")

    def selected(self, document: Document, cancelled: Callable[[], bool]) -> Tiles:
        """Return what is selected of the document."""
        raise AssertionError(f"{type(self).__name__} does not say what it selects")

    def _select(self) -> None:
        mode = self.mode.currentData()
        # The dialog is gone when the work is done; what it was told is not.
        selected = self.selected

        def work(document: Document, cancelled: Callable[[], bool]) -> Tiles:
            return combined(document.selection, selected(document, cancelled), mode)

        self.window_.selector.run(self.heading, work, title=self.heading)


class ColourRangeDialog(RangeDialog):
    """Select > Colour Range."""

    heading = "Colour Range"
    name = "colour_range"

    def __init__(self, window: "MainWindow") -> None:
        self.colour = QPushButton("Colour…")
        self.hint = QLabel("Click a colour in the picture.\nShift-click adds another one.")
        super().__init__(window, ColourRange())
        self.colour.setObjectName("colour_range_colour")
        self.colour.setAccessibleName("Choose a colour")
        self.colour.setToolTip("Choose the colour by its numbers instead of in the picture")
        self.colour.setAutoDefault(False)
        self.colour.clicked.connect(self._choose)
        self.hint.setObjectName("colour_range_hint")
        self.side.insertWidget(0, self.hint)
        self.side.insertWidget(1, self.colour)
        self._tool = window.canvas.tool
        window.canvas.tool = PickTool(self)
        window.canvas.refresh_cursor()
        self.finished.connect(self._give_back)
        move_aside(self, window.canvas)

    def _give_back(self) -> None:
        canvas = self.window_.canvas
        if isinstance(canvas.tool, PickTool):
            canvas.tool = self._tool
            canvas.refresh_cursor()

    def pick(self, colour: Lab, *, add: bool) -> None:
        """Select a colour, alone or with those before."""
        self.change(colours=(*self.settings.colours, colour) if add else (colour,))

    def _choose(self) -> None:
        dialog = colour_dialog((0.5, 0.5, 0.5), self)

        def take(chosen: QColor) -> None:
            shares = (chosen.redF(), chosen.greenF(), chosen.blueF())
            levels = np.rint(np.array(shares) * 65535).astype(np.uint16)
            self.pick(tuple(float(v) for v in lab(levels[:, None])[:, 0]), add=False)  # type: ignore[arg-type]

        dialog.colorSelected.connect(take)
        dialog.open()

    def _show_settings(self) -> None:
        super()._show_settings()
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(bool(self.settings.colours))

    def plane(self, small: NDArray[np.uint16]) -> NDArray[np.uint16]:
        if not self.settings.colours:
            return np.zeros(small.shape[1:], np.uint16)
        return similar(small, self.settings.colours, self.settings.tolerance, self.settings.falloff)

    def selected(self, document: Document, cancelled: Callable[[], bool]) -> Tiles:
        cache = self.window_.workspace.passing
        return colour_range(document, self.settings, cache=cache, cancelled=cancelled)


class LuminosityRangeDialog(RangeDialog):
    """Select > Luminosity Range."""

    heading = "Luminosity Range"
    name = "luminosity_range"

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window, LuminosityRange())
        move_aside(self, window.canvas)

    def _show_settings(self) -> None:
        super()._show_settings()
        ranged = self.settings.kind == "range"
        counts = None
        if self.small is not None:
            whole = LuminosityRange()
            counts = np.bincount(
                luminous(self.small * np.float32(1 / 65535), whole).ravel() >> 8, minlength=256
            )
        self.editors["range"].set_histogram(counts)  # type: ignore[attr-defined] # a RangeEditor
        self.editors["range"].setVisible(ranged)
        self.editors["power"].setVisible(not ranged)

    def plane(self, small: NDArray[np.uint16]) -> NDArray[np.uint16]:
        return luminous(small * np.float32(1 / 65535), self.settings)

    def selected(self, document: Document, cancelled: Callable[[], bool]) -> Tiles:
        return luminosity(document, self.settings, cache=self.window_.workspace.passing, cancelled=cancelled)


class PickTool(Tool):
    """Takes colours from the picture for a dialog."""

    name = "pick"
    label = "Pick Colour"
    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, dialog: ColourRangeDialog) -> None:
        self.dialog = dialog

    def press(self, pointer: Pointer, canvas: Canvas) -> None:
        assert canvas.session is not None
        x, y = int(pointer.picture.x // 1), int(pointer.picture.y // 1)
        # The mean of a few pixels: one alone is half noise.
        colour = colour_at(canvas.session.document, x, y, 1, cache=canvas.workspace.passing)
        if colour is None:
            canvas.workspace.message.emit("Click inside the picture to take a colour")
        else:
            self.dialog.pick(colour, add=pointer.holds(Qt.KeyboardModifier.ShiftModifier))


class Preview(QWidget):
    """A small picture of what is selected: white where fully."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Preview of the selection")
        self.setToolTip("White is selected, black is not")
        self._pixmap = QPixmap()
        self.set_shape(3, 2)

    def set_shape(self, width: int, height: int) -> None:
        """Take the shape of a picture."""
        k = PREVIEW_PX / max(width, height)
        self.setFixedSize(max(round(width * k), 1), max(round(height * k), 1))

    def show_plane(self, plane: NDArray[np.uint16]) -> None:
        """Show an (h, w) uint16 plane."""
        grey = np.ascontiguousarray(plane >> 8, np.uint8)
        image = QImage(
            grey.data, grey.shape[1], grey.shape[0], grey.shape[1], QImage.Format.Format_Grayscale8
        )
        smooth = Qt.TransformationMode.SmoothTransformation
        fit = Qt.AspectRatioMode.IgnoreAspectRatio
        self._pixmap = QPixmap.fromImage(image.scaled(self.size(), fit, smooth))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("black"))
        painter.drawPixmap(0, 0, self._pixmap)
        painter.end()
