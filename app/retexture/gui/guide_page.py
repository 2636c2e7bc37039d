"""One step of a guided recipe: what it says, and the few controls that it needs."""

from functools import partial

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QLayout,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from retexture.document.document import Document
from retexture.document.settings import find_slot, snake_case
from retexture.gui import theme
from retexture.gui.buttons import push_button
from retexture.gui.editor_base import Editor
from retexture.gui.editors import make_editor
from retexture.gui.gestures import EditorGesture, attempt
from retexture.gui.icons import icon
from retexture.gui.number_field import NumberField
from retexture.gui.workspace import Workspace
from retexture.session.guides import Control, Step, brush_size_px, is_possible, with_mask
from retexture.session.layer_edits import set_unlocked
from retexture.session.painting import fill_mask
from retexture.session.session import Session, Update

LABEL_WIDTH = 84

COMPARES = (
    ("side", "compare_side", "Side by side", "Original and result beside each other (Y)"),
    ("wipe", "compare_wipe", "Wipe", "One picture, divided by a line that you drag (Shift+Y)"),
    ("single", "compare_single", "Result", "The result alone; hold C to see the original"),
)

BRUSHES = (
    ("guide_brush_white", "Paint white", "Take a soft white brush (B; X swaps white and black)", True),
    ("guide_brush_black", "Paint black", "Take a soft black brush (B; X swaps white and black)", False),
)
DODGES = (
    ("guide_dodge", "Dodge", "Take Dodge and Burn to lighten (O; Alt darkens)", True),
    ("guide_burn", "Burn", "Take Dodge and Burn to darken (O; Alt lightens)", False),
)
"""Name, words, tip, and whether it paints white."""


class GuidePage(QWidget):
    """What one step says, and its controls, which act on the document's own layers and parameters."""

    filter_preview = Signal(str, str)
    """Show this layer's (key) filter (key) alone."""
    filter_preview_ended = Signal()
    brush_requested = Signal(float, float, bool)
    """Take the soft brush: diameter in px of the picture, opacity 0-1, whether it paints white."""
    dodge_requested = Signal(float, bool)
    """Take Dodge and Burn: diameter in px of the picture, whether it burns."""
    rubylith_toggled = Signal(bool)
    loss_toggled = Signal(bool)
    """Show, or no longer, where texture was lost."""
    close_look_requested = Signal(bool)
    """Show pores, or all of the picture again."""
    compare_requested = Signal(str)
    """``side``, ``wipe`` or ``single``."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.setObjectName("guide_page")
        self.workspace = workspace
        self._session: Session | None = None
        self._opened: Step | None = None
        self._possible = True
        self._previewing = False
        self._comparing = False
        self._loss_shown = False
        self._loss: QCheckBox | None = None
        self._editors: dict[str, EditorGesture] = {}
        self._rubylith = QCheckBox()
        self._modes: dict[str, QToolButton] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(theme.SPACE_LARGE, 0, theme.SPACE_LARGE, 0)
        self._layout.setSpacing(theme.SPACE_LARGE)

    # -- opening and leaving a step

    def open(self, session: Session | None, step: Step | None) -> None:
        """Show a step of a document's guide, and put into place what it works on; None: say where guides are."""
        if self._opened is not None:
            return
        if step is None or session is None:
            clear(self._layout)
            words = _words("Guides belong to recipes: open an original and a retouched picture with one.")
            self._layout.addWidget(words)
            self._layout.addStretch(1)
            return
        self._session, self._opened = session, step
        self._show_step(step, session.document)
        if self._possible:
            self._prepare(session, step)

    def follow(self, update: Update) -> None:
        """Show what the step's values are now, or that its layer is gone."""
        for made in self._editors.values():
            made.follow()
        if update.live or self._session is None or self._opened is None:
            return
        document = self._session.document
        if is_possible(document, self._opened) != self._possible:
            self._show_step(self._opened, document)
        elif self._possible:
            for path, made in self._editors.items():
                layer, slot = find_slot(document, path)
                made.editor.set_value(slot.get(layer))

    def show_loss(self, on: bool) -> None:
        """Show whether the colours of lost texture are over the picture."""
        self._loss_shown = on
        if self._loss is not None:
            self._loss.setChecked(on)

    def _show_step(self, step: Step, document: Document) -> None:
        clear(self._layout)
        self._editors = {}
        self._loss = None
        self._possible = is_possible(document, step)
        if self._possible:
            self._layout.addWidget(_words(step.text))
            self._add_controls(step.controls, document)
            match step.kind:
                case "texture":
                    self._add_preview()
                case "mask":
                    self._add_brushes()
                    self._add_mask_tools(step.loss)
                case "paint":
                    self._add_brushes()
                case "review":
                    self._add_compare()
        else:
            self._layout.addWidget(
                _words("What this step works on is no longer in the document. Skip the step.")
            )
        self._layout.addStretch(1)

    def _prepare(self, session: Session, step: Step) -> None:
        if step.brush is not None:
            self._take_brush(white=step.brush.white)
        elif step.layer and session.active != step.layer:
            session.select(step.layer)
        if step.kind == "texture":
            self._preview(True)
        elif step.kind == "review":
            self._compare("side")
        elif step.rubylith:
            self._rubylith.setChecked(True)
        if step.closely:
            self.close_look_requested.emit(True)

    def leave(self) -> None:
        """Take back what only the open step shows: texture on grey, rubylith, the divided and the close view."""
        for made in self._editors.values():
            made.editor.finish()
        self._loss = None
        step, self._opened, self._session = self._opened, None, None
        self._editors = {}
        if step is None:
            return
        if step.kind == "mask" and self._possible:
            self._rubylith.setChecked(False)
            if step.loss:
                self.loss_toggled.emit(False)
        self._preview(False)
        if self._comparing:
            self._compare("single")
        if step.closely:
            self.close_look_requested.emit(False)

    # -- controls of one step

    def _add_controls(self, controls: tuple[Control, ...], document: Document) -> None:
        if not controls:
            return
        rows = QVBoxLayout()
        rows.setSpacing(theme.SPACE_SMALL)
        for control in controls:
            rows.addWidget(self._control(control, document))
        self._layout.addLayout(rows)

    def _control(self, control: Control, document: Document) -> Editor:
        layer, slot = find_slot(document, control.path)
        editor = make_editor(msgspec.structs.replace(slot.parameter, name=snake_case(control.label)))
        editor.setObjectName(f"guide_{snake_case(control.label)}")
        editor.set_value(slot.get(layer))
        if isinstance(editor, NumberField):
            editor.set_label_width(LABEL_WIDTH)
            editor.set_default(self._opening_value(control.path))

        def change(before: Document, value: object) -> Document:
            return set_unlocked(before, control.path, value)

        self._editors[control.path] = EditorGesture(self.workspace, editor, control.label, change)
        return editor

    def _opening_value(self, path: str) -> float | None:
        """Return a parameter's value in the oldest version: the recipe's own number, which a reset goes back to."""
        if self._session is None:
            return None
        try:
            layer, slot = find_slot(self._session.history.versions[0].document, path)
        except ValueError:
            return None
        return float(slot.get(layer))

    def _add_preview(self) -> None:
        box = QCheckBox("Show the texture on grey")
        box.setObjectName("guide_preview")
        box.setAccessibleName(box.text())
        box.setToolTip("Off: the picture with the texture in it")
        box.setChecked(True)
        box.toggled.connect(self._preview)
        self._layout.addWidget(box)

    def _preview(self, on: bool) -> None:
        if on and self._opened is not None:
            self._previewing = True
            self.filter_preview.emit(self._opened.layer, self._opened.filter)
        elif not on and self._previewing:
            self._previewing = False
            self.filter_preview_ended.emit()

    def _add_mask_tools(self, loss: bool) -> None:
        fills = QHBoxLayout()
        fills.setSpacing(theme.SPACE)
        for name, text, white in (
            ("guide_fill_white", "Fill white", True),
            ("guide_fill_black", "Fill black", False),
        ):
            tip = (
                "Fill the whole mask: the layer shows everywhere"
                if white
                else "Fill the whole mask: hide the layer"
            )
            fills.addWidget(push_button(name, text, tip, partial(self._fill, white)), 1)
        self._layout.addLayout(fills)
        self._rubylith = QCheckBox("Rubylith: red where the mask hides")
        self._rubylith.setObjectName("guide_rubylith")
        self._rubylith.setAccessibleName("Rubylith")
        self._rubylith.setToolTip("Show the mask as a red film over the picture (\\)")
        self._rubylith.toggled.connect(self.rubylith_toggled)
        self._layout.addWidget(self._rubylith)
        if loss:
            box = self._loss = QCheckBox("Colours: where texture was lost")
            box.setObjectName("guide_loss")
            box.setAccessibleName("Texture loss")
            box.setToolTip(
                "Show how much texture the retouching took as colours over the picture (Ctrl+Alt+L)"
            )
            box.setChecked(self._loss_shown)
            box.toggled.connect(self.loss_toggled)
            self._layout.addWidget(box)

    def _fill(self, white: bool) -> None:
        attempt(self.workspace, lambda session: fill_mask(session, white))

    def _add_brushes(self) -> None:
        """Add the two ways of the step's tool: white and black of the brush, dodge and burn."""
        brushes = QHBoxLayout()
        brushes.setSpacing(theme.SPACE)
        paints = self._opened is not None and self._opened.kind == "paint"
        for name, text, tip, white in DODGES if paints else BRUSHES:
            button = push_button(name, text, tip, partial(self._take_brush, white=white))
            button.setIcon(icon("dodge" if paints else "brush", 16))
            brushes.addWidget(button, 1)
        self._layout.addLayout(brushes)

    def _take_brush(self, *, white: bool) -> None:
        step, session = self._opened, self._session
        if step is None or step.brush is None or session is None:
            return
        size_px = brush_size_px(session.document, step.brush)
        if step.kind == "paint":
            session.select(step.layer)
            self.dodge_requested.emit(size_px, not white)
            return
        attempt(self.workspace, lambda s: s.edit("Add Layer Mask", lambda d: with_mask(d, step.layer)))
        session.select(step.layer, "mask")
        self.brush_requested.emit(size_px, step.brush.opacity, white)

    def _add_compare(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE_SMALL)
        group = QButtonGroup(row)
        for mode, picture, text, tip in COMPARES:
            button = QToolButton()
            button.setObjectName(f"guide_compare_{mode}")
            button.setText(text)
            button.setAccessibleName(text)
            button.setToolTip(tip)
            button.setIcon(icon(picture, 20))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setCheckable(True)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.clicked.connect(partial(self._compare, mode))
            group.addButton(button)
            self._modes[mode] = button
            row.addWidget(button, button.sizeHint().width())
        self._layout.addLayout(row)

    def _compare(self, mode: str, _clicked: bool = False) -> None:
        self._comparing = mode != "single"
        self._modes[mode].setChecked(True)
        self.compare_requested.emit(mode)


def _words(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("guide_text")
    label.setWordWrap(True)
    label.setAccessibleName(text)
    return label


def clear(layout: QLayout) -> None:
    """Empty a layout, and what lies in it, of widgets."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
        elif (inner := item.layout()) is not None:
            clear(inner)
