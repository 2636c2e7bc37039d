"""The side panel of a guided recipe: its steps, and the few controls that each one needs."""

from functools import partial
from typing import Literal
from weakref import WeakKeyDictionary

import msgspec
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QIcon, QPixmap, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from retexture.document.document import Document
from retexture.document.settings import find_slot, snake_case
from retexture.gui import theme
from retexture.gui.buttons import push_button, tool_button
from retexture.gui.editor_base import Editor
from retexture.gui.editors import make_editor
from retexture.gui.gestures import EditorGesture, attempt
from retexture.gui.icons import icon
from retexture.gui.number_field import NumberField
from retexture.gui.workspace import Workspace
from retexture.recipes import RECIPES
from retexture.session.guides import GUIDES, Control, Step, brush_size_px, is_possible, with_mask
from retexture.session.layer_edits import set_unlocked
from retexture.session.painting import fill_mask
from retexture.session.session import Session, Update

WIDTH_PX = 300
LABEL_WIDTH = 84

State = Literal["done", "skipped"]


class Progress(msgspec.Struct):
    """How far the guide of one document is."""

    index: int = 0
    states: dict[int, State] = {}


COMPARES = (
    ("side", "compare_side", "Side by side", "Original and result beside each other (Y)"),
    ("wipe", "compare_wipe", "Wipe", "One picture, divided by a line that you drag"),
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


ROW_STYLE = f"""
QPushButton {{ text-align: left; background: transparent; border: 1px solid transparent; padding: 3px 6px; }}
QPushButton:hover {{ background: {theme.RAISED}; }}
QPushButton:checked {{ background: {theme.SELECTED}; }}
QPushButton:focus {{ border-color: {theme.ACCENT}; }}
"""


class GuidePanel(QWidget):
    """The steps of the recipe that made the document in front.

    Steps are only help: what they show and set are ordinary layers and parameters, one undo step each.
    """

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
    compare_requested = Signal(str)
    """``side``, ``wipe`` or ``single``."""
    closed = Signal()
    """The user is done with the guide, or wants no guide."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.workspace = workspace
        self.setObjectName("guide_panel")
        self.setAccessibleName("Guide")
        self.setMinimumWidth(WIDTH_PX - 20)
        self._progress: WeakKeyDictionary[Session, Progress] = WeakKeyDictionary()
        self._session: Session | None = None
        self._opened: Step | None = None
        self._possible = True
        self._previewing = False
        self._comparing = False
        self._editors: dict[str, EditorGesture] = {}
        self._rubylith = QCheckBox()
        self._modes: dict[str, QToolButton] = {}
        self._build()
        workspace.session_changed.connect(self._session_changed)
        workspace.updated.connect(self._updated)
        self._session_changed(workspace.session)

    # -- what is shown

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps for the document in front; none where no recipe made it."""
        if self._session is None or self._session.recipe is None:
            return ()
        return GUIDES.get(self._session.recipe, ())

    @property
    def step(self) -> Step | None:
        """The step that is shown."""
        progress = self._now()
        return self.steps[progress.index] if progress is not None else None

    def sizeHint(self) -> QSize:
        return QSize(WIDTH_PX, 480)

    def restart(self) -> None:
        """Go to the first step of the guide for the document in front, with no step marked."""
        if self._session is not None:
            self._leave()
            self._progress[self._session] = Progress()
            self._show_guide()

    def go_to(self, index: int) -> None:
        """Show a step by its number from 0."""
        progress = self._now()
        if progress is not None and 0 <= index < len(self.steps):
            self._leave()
            progress.index = index
            self._show_guide()

    def next(self) -> None:
        """Mark the step as done and show the next one; after the last one, close the guide."""
        self._advance("done")

    def skip(self) -> None:
        """Show the next step without marking this one as done."""
        self._advance("skipped")

    def back(self) -> None:
        """Show the step before."""
        progress = self._now()
        if progress is not None:
            self.go_to(progress.index - 1)

    def _advance(self, state: State) -> None:
        progress = self._now()
        if progress is None:
            return
        progress.states[progress.index] = state
        if progress.index + 1 < len(self.steps):
            self.go_to(progress.index + 1)
        else:
            self._leave()
            self._show_list()
            self.closed.emit()

    def _close(self) -> None:
        self._leave()
        self.closed.emit()

    def _now(self) -> Progress | None:
        if self._session is None or not self.steps:
            return None
        return self._progress.setdefault(self._session, Progress())

    # -- the widgets that stay

    def _build(self) -> None:
        self._title = QLabel()
        self._title.setObjectName("guide_title")
        self._title.setWordWrap(True)
        self._title.setStyleSheet(f"font-weight: 600; font-size: 14px; color: {theme.BRIGHT_TEXT};")
        close = tool_button(
            "guide_close",
            "close",
            "Close the guide",
            "Close the guide; the layers stay as they are",
            edge_px=None,
        )
        close.clicked.connect(self._close)
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)

        self._list = QVBoxLayout()
        self._list.setSpacing(1)

        line = QFrame()
        line.setFixedHeight(1)
        line.setStyleSheet(f"background: {theme.LINE};")

        self._page = QWidget()
        self._page.setObjectName("guide_page")
        self._page_layout = QVBoxLayout(self._page)
        self._page_layout.setContentsMargins(theme.SPACE_LARGE, 0, theme.SPACE_LARGE, 0)
        self._page_layout.setSpacing(theme.SPACE_LARGE)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(self._page)

        self._back = push_button("guide_back", "Back", "Show the step before", self.back)
        self._skip = push_button("guide_skip", "Skip", "Go on without this step", self.skip)
        self._next = push_button("guide_next", "Next", "Go on to the next step", self.next)
        foot = QHBoxLayout()
        foot.setSpacing(theme.SPACE)
        foot.addWidget(self._back)
        foot.addStretch(1)
        foot.addWidget(self._skip)
        foot.addWidget(self._next)

        for layout in (head, self._list, foot):
            layout.setContentsMargins(theme.SPACE_LARGE, 0, theme.SPACE_LARGE, 0)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, theme.SPACE_LARGE, 0, theme.SPACE_LARGE)
        whole.setSpacing(theme.SPACE_LARGE)
        whole.addLayout(head)
        whole.addLayout(self._list)
        whole.addWidget(line)
        whole.addWidget(area, 1)
        whole.addLayout(foot)

    # -- following the workspace

    def _session_changed(self, session: Session | None) -> None:
        self._leave()
        self._session = session
        self._show_guide()

    def _updated(self, update: Update) -> None:
        for made in self._editors.values():
            made.follow()
        if update.live or self._session is None or self._opened is None:
            return
        document = self._session.document
        if is_possible(document, self._opened) != self._possible:
            self._show_page(self._opened, document)
        elif self._possible:
            for path, made in self._editors.items():
                layer, slot = find_slot(document, path)
                made.editor.set_value(slot.get(layer))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not event.spontaneous():  # else the window itself came back
            self._show_guide()

    def hideEvent(self, event: QHideEvent) -> None:
        if not event.spontaneous():
            self._leave()
        super().hideEvent(event)

    # -- one step

    def _show_guide(self) -> None:
        self._show_list()
        if self.isVisible():
            self._enter()

    def _show_list(self) -> None:
        _clear(self._list)
        progress = self._now()
        recipe = self._session.recipe if self._session is not None else None
        self._title.setText(RECIPES[recipe].title if recipe in RECIPES else "No guide for this document")
        for button in (self._back, self._skip, self._next):
            button.setVisible(progress is not None)
        if progress is None:
            return
        for n, step in enumerate(self.steps):
            self._list.addWidget(self._row(n, step, progress))
        last = progress.index == len(self.steps) - 1
        self._back.setEnabled(progress.index > 0)
        self._skip.setVisible(not last)
        self._next.setText("Done" if last else "Next")
        self._next.setAccessibleName(self._next.text())
        self._next.setToolTip("Close the guide; the layers stay" if last else "Go on to the next step")

    def _row(self, n: int, step: Step, progress: Progress) -> QPushButton:
        current = n == progress.index
        state = progress.states.get(n)
        row = QPushButton(f"{n + 1}   {step.title}")
        row.setObjectName(f"guide_step_{n + 1}")
        spoken = {None: "", "done": ", done", "skipped": ", skipped"}[state]
        row.setAccessibleName(f"Step {n + 1} of {len(self.steps)}: {step.title}{spoken}")
        row.setToolTip(f"Go to step {n + 1}")
        row.setCheckable(True)
        row.setChecked(current)
        row.setStyleSheet(ROW_STYLE)
        row.setIconSize(QSize(14, 14))
        row.setIcon(icon({"done": "check", "skipped": "skip"}[state], 14) if state else _blank())
        row.clicked.connect(partial(self.go_to, n))
        return row

    def _enter(self) -> None:
        """Show the step, and put into place what it works on."""
        if self._opened is not None:
            return
        step, session = self.step, self._session
        if step is None or session is None:
            _clear(self._page_layout)
            words = _words("Guides belong to recipes: open an original and a retouched picture with one.")
            self._page_layout.addWidget(words)
            self._page_layout.addStretch(1)
            return
        self._opened = step
        self._show_page(step, session.document)
        if self._possible:
            self._prepare(session, step)

    def _show_page(self, step: Step, document: Document) -> None:
        _clear(self._page_layout)
        self._editors = {}
        self._possible = is_possible(document, step)
        if self._possible:
            self._page_layout.addWidget(_words(step.text))
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
            self._page_layout.addWidget(
                _words("What this step works on is no longer in the document. Skip the step.")
            )
        self._page_layout.addStretch(1)

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

    def _leave(self) -> None:
        """Take back what only the open step shows: the texture on grey, the rubylith, the divided view."""
        for made in self._editors.values():
            made.editor.finish()
        step, self._opened = self._opened, None
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

    # -- controls of one step

    def _add_controls(self, controls: tuple[Control, ...], document: Document) -> None:
        if not controls:
            return
        rows = QVBoxLayout()
        rows.setSpacing(theme.SPACE_SMALL)
        for control in controls:
            rows.addWidget(self._control(control, document))
        self._page_layout.addLayout(rows)

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
        self._page_layout.addWidget(box)

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
        self._page_layout.addLayout(fills)
        self._rubylith = QCheckBox("Rubylith: red where the mask hides")
        self._rubylith.setObjectName("guide_rubylith")
        self._rubylith.setAccessibleName("Rubylith")
        self._rubylith.setToolTip("Show the mask as a red film over the picture (\\)")
        self._rubylith.toggled.connect(self.rubylith_toggled)
        self._page_layout.addWidget(self._rubylith)
        if loss:
            box = QCheckBox("Colours: where texture was lost")
            box.setObjectName("guide_loss")
            box.setAccessibleName("Texture loss")
            box.setToolTip(
                "Show how much texture the retouching took as colours over the picture (Ctrl+Alt+L)"
            )
            box.toggled.connect(self.loss_toggled)
            self._page_layout.addWidget(box)

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
        self._page_layout.addLayout(brushes)

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
            row.addWidget(button, 1)
        self._page_layout.addLayout(row)

    def _compare(self, mode: str, _clicked: bool = False) -> None:
        self._comparing = mode != "single"
        self._modes[mode].setChecked(True)
        self.compare_requested.emit(mode)


def _blank() -> QIcon:
    """Return an empty icon, so that all rows line up."""
    empty = QPixmap(14, 14)
    empty.fill(Qt.GlobalColor.transparent)
    return QIcon(empty)


def _words(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("guide_text")
    label.setWordWrap(True)
    label.setAccessibleName(text)
    return label


def _clear(layout: QLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
        elif (inner := item.layout()) is not None:
            _clear(inner)
