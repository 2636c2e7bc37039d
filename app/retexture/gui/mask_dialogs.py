"""The dialogs of layer masks: refined to the picture's edges, copied to a layer, combined with another one."""

import math
from typing import TYPE_CHECKING, get_args

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QFormLayout, QVBoxLayout

from retexture.declare import parameters
from retexture.document.document import walk
from retexture.document.pixels import Tiles
from retexture.gui import theme
from retexture.gui.buttons import ok_and_cancel
from retexture.gui.filter_dialog import move_aside
from retexture.gui.number_field import NumberField
from retexture.session import mask_edits
from retexture.session.jobs import Job
from retexture.session.layer_edits import is_locked
from retexture.session.mask_edits import Refine, Way
from retexture.session.session import Session, Update

if TYPE_CHECKING:
    from retexture.gui.window import MainWindow

FIELD_WIDTH = 340


class MaskDialog(QDialog):
    """What the dialogs share: the layer whose mask is meant, and the buttons."""

    def __init__(
        self, window: "MainWindow", session: Session, key: str, name: str, title: str, does: str
    ) -> None:
        super().__init__(window)
        self.workspace, self.session, self.key = window.workspace, session, key
        self.setObjectName(f"{name}_dialog")
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.form = QFormLayout()
        self.form.setSpacing(theme.SPACE_LARGE)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, theme.SPACE_LARGE)
        column.setSpacing(theme.SPACE_LARGE)
        column.addLayout(self.form)
        column.addWidget(ok_and_cancel(self, name, f"{does} (Enter)"))
        window.workspace.session_changed.connect(self.reject)

    def add_choice(self, name: str, label: str, tip: str, choices: dict[str, str]) -> QComboBox:
        """Add a list of words by what they stand for."""
        box = QComboBox()
        box.setObjectName(name)
        box.setAccessibleName(label)
        box.setToolTip(tip)
        box.setMinimumWidth(220)
        for value, words in choices.items():
            box.addItem(words, value)
        self.form.addRow(label, box)
        return box


class RefineDialog(MaskDialog):
    """Asks how a mask is refined, and refines it off the window's thread.

    Meanwhile the visible part shows it, as a draft at the canvas's scale; any other edit drops the draft.
    """

    def __init__(self, window: "MainWindow", session: Session, key: str) -> None:
        mask_edits.painted_mask(session.document, key)
        super().__init__(window, session, key, "refine_mask", "Refine Layer Mask", "Refine the mask")
        self._canvas, self._lane = window.canvas, f"refined part {id(self)}"
        self.fields: dict[str, NumberField] = {}
        for parameter in parameters(Refine):
            field = NumberField(parameter)
            field.setObjectName(f"refine_mask_{parameter.name}")
            field.set_value(getattr(Refine(), parameter.name))
            field.set_label_width(90)
            field.setMinimumWidth(FIELD_WIDTH)
            field.changed.connect(lambda _value: self._show())
            field.cancelled.connect(self._show)
            self.fields[parameter.name] = field
            self.form.addRow(field)
        self.preview = QCheckBox("Preview")
        self.preview.setObjectName("refine_mask_preview")
        self.preview.setAccessibleName("Preview")
        self.preview.setToolTip("Show the refined mask, or the mask as it was")
        self.preview.setChecked(True)
        self.preview.toggled.connect(lambda _on: self._show())
        self.form.addRow(self.preview)
        self.gesture = session.begin("Refine Layer Mask")
        self.gesture.settle = lambda: self.gesture.start
        window.canvas.view_changed.connect(self._show)
        window.workspace.updated.connect(self._follow)
        self.finished.connect(self._drop)
        self.accepted.connect(self._refine)
        self._show()
        move_aside(self, window.canvas)
        self.fields["radius_px"].edit.setFocus()
        self.fields["radius_px"].edit.selectAll()

    def open(self) -> None:
        """Show the dialog; the canvas can be moved and zoomed meanwhile."""
        self.show()

    @property
    def settings(self) -> Refine:
        """What the fields say."""
        values = {name: field.value() for name, field in self.fields.items()}
        return msgspec.convert(values | {"radius_px": round(values["radius_px"])}, Refine)

    # -- the draft

    def _show(self, *_view: object) -> None:
        """Show the visible part refined, or the mask as it was."""
        gesture, key, settings, cache = self.gesture, self.key, self.settings, self.workspace.cache
        if not gesture.live:
            return
        if not self.preview.isChecked():
            self.workspace.jobs.cancel(self._lane)
            gesture.update(gesture.start)
            return
        region = self._canvas.visible_region()
        level = max(math.floor(math.log2(1 / self._canvas.view.zoom)), 0)

        def work(job: "Job[Tiles]") -> Tiles:
            return mask_edits.refined_part(
                gesture.start, key, settings, region, level, cache=cache, cancelled=job.cancelled
            )

        def done(tiles: Tiles) -> None:
            gesture.update(mask_edits.with_tiles(gesture.start, key, tiles))

        self.workspace.jobs.submit(work, done, lane=self._lane, urgent=True)

    def _follow(self, _update: Update) -> None:
        if not self.gesture.live and self.isVisible():
            self.close()  # another edit has ended it

    def _drop(self, _result: int) -> None:
        self.workspace.jobs.cancel(self._lane)
        self.gesture.cancel()

    def _refine(self) -> None:
        self.gesture.cancel()
        settings = self.settings
        workspace, session, key = self.workspace, self.session, self.key
        session.finish_gesture()
        document = session.document
        before = mask_edits.painted_mask(document, key).tiles

        def work(job: "Job[Tiles]") -> Tiles:
            return mask_edits.refined(
                document,
                key,
                settings,
                cache=workspace.passing,
                cancelled=job.cancelled,
                progress=job.progress,
            )

        def take(tiles: Tiles) -> None:
            try:
                mask_edits.set_refined(session, key, before, tiles)
            except ValueError as error:
                workspace.tell_problem(error)

        workspace.jobs.submit(
            work,
            lambda tiles: session.soon(lambda: take(tiles)),
            lane=f"mask {id(session)}",
            title="Refining the mask",
        )


class CopyMaskDialog(MaskDialog):
    """Asks which layer gets a copy of the mask."""

    def __init__(self, window: "MainWindow", session: Session, key: str) -> None:
        layers = {l.key: l.name for l in walk(session.document.layers) if l.key != key}
        free = {k: name for k, name in layers.items() if not is_locked(session.document, k)}
        if not free:
            raise ValueError("No other layer can take the mask: add one, or unlock one")
        super().__init__(window, session, key, "copy_mask", "Copy Layer Mask", "Copy the mask")
        tip = "The layer whose mask is replaced; in the Layers panel, Alt-drag the mask onto it"
        self.target = self.add_choice("copy_mask_layer", "To layer", tip, dict(reversed(free.items())))
        self.accepted.connect(self._copy)

    def _copy(self) -> None:
        try:
            mask_edits.copy_mask(self.session, self.key, self.target.currentData())
        except ValueError as error:
            self.workspace.tell_problem(error)


class CombineDialog(MaskDialog):
    """Asks with which layer's mask the mask is combined, and how."""

    def __init__(self, window: "MainWindow", session: Session, key: str) -> None:
        others = {l.key: l.name for l in mask_edits.masked_layers(session.document) if l.key != key}
        if not others:
            raise ValueError("No other layer has a painted mask to combine with")
        super().__init__(window, session, key, "combine_masks", "Combine Layer Masks", "Combine the masks")
        self.other = self.add_choice(
            "combine_masks_layer", "With mask of", "The layer whose mask is combined with this one", others
        )
        self.way = self.add_choice(
            "combine_masks_way",
            "By",
            "Multiply: a times b. Add: a plus b. Subtract: a minus b. Intersect: the darker of both",
            {way: way.capitalize() for way in get_args(Way)},
        )
        self.accepted.connect(self._combine)

    def _combine(self) -> None:
        workspace, session, key = self.workspace, self.session, self.key
        other, way = self.other.currentData(), self.way.currentData()
        session.finish_gesture()
        document = session.document

        def take(tiles: Tiles) -> None:
            try:
                if session.document is not document:
                    raise ValueError(
                        "The picture was changed while the masks were combined: combine them again"
                    )
                mask_edits.set_combined(session, key, tiles, way)
            except ValueError as error:
                workspace.tell_problem(error)

        workspace.jobs.submit(
            lambda _job: mask_edits.combined(document, key, other, way, cache=workspace.passing),
            lambda tiles: session.soon(lambda: take(tiles)),
            lane=f"mask {id(session)}",
            title="Combining masks",
        )
