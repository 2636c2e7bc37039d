"""The Restoration panel: what the automatic restoration measured and decided, and how to decide otherwise."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from retexture.declare import Parameter, parameters
from retexture.document.analysis import Analysis, Grid
from retexture.document.document import Document
from retexture.document.edits import set_parameter
from retexture.filters.texture_gain import TextureGain
from retexture.filters.texture_transfer import TextureTransfer
from retexture.gui import theme
from retexture.gui.blemish_list import BlemishList
from retexture.gui.buttons import push_button, tool_button
from retexture.gui.choice_field import ChoiceField
from retexture.gui.gestures import EditorGesture, attempt
from retexture.gui.labels import choice_label
from retexture.gui.number_field import NumberField
from retexture.gui.restoration_masks import RestorationMasks
from retexture.gui.spots_overlay import Spots
from retexture.gui.workspace import Workspace
from retexture.recipes.materials import Preparation
from retexture.session import remeasuring, restoration
from retexture.session.jobs import Job
from retexture.session.restoration import State
from retexture.session.session import Session, Update
from retexture.session.texture_loss import measured_on
from retexture.session.view import Point

LABEL_WIDTH = 74
LIST_PX = 206
"""Height of the list: eight rows and a half, so that more can be seen to follow."""
STATES: tuple[tuple[State, str, str], ...] = (
    ("aligned", "Aligned", "Show the retouched picture as it was laid on the original"),
    ("opened", "As opened", "Show the retouched picture as its file has it, stretched onto the original"),
)


class RestorationPanel(QWidget):
    """Shows and sets what the recipe `auto` decided in the document in front."""

    place_requested = Signal(object, float)
    """Bring a Point of the picture into the middle, with so many picture px around it in view."""
    loss_toggled = Signal(bool)
    """Show, or no longer, where texture was lost."""

    def __init__(self, workspace: Workspace, spots: Spots) -> None:
        super().__init__()
        self.setObjectName("restoration_panel")
        self.setAccessibleName("Restoration")
        self._workspace, self._spots = workspace, spots
        self._analysis: Analysis | None = None
        self._gestures: list[EditorGesture] = []
        content = QWidget()
        self._column = QVBoxLayout(content)
        self._column.setContentsMargins(theme.SPACE_LARGE, theme.SPACE, theme.SPACE_LARGE, theme.SPACE_LARGE)
        self._column.setSpacing(theme.SPACE_SMALL)
        scroll = QScrollArea()
        scroll.setObjectName("restoration_scroll")
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(content)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)
        self._build()
        spots.picked.connect(self._pick)
        spots.shown_changed.connect(self.circles.setChecked)
        workspace.session_changed.connect(lambda _session: self._show())
        workspace.updated.connect(self._follow)
        self._show()

    # -- parts

    def _build(self) -> None:
        self._build_stale()
        self.notes = _text("restoration_notes")
        self._column.addWidget(self.notes)
        declared = {p.name: p for kind in (TextureGain, TextureTransfer, Analysis) for p in parameters(kind)}
        self.texture = self._number("texture", declared["amount_percent"], "Texture", self._with_amount)
        self.radius = self._number("radius", declared["radius_px"], "Texture radius", self._with_radius)
        with self._section("Blemishes") as column:
            self._build_blemishes(column, declared["sensitivity"])
        with self._section("Masks") as column:
            self.masks = RestorationMasks(self._workspace)
            column.addWidget(self.masks)
        with self._section("Alignment") as column:
            self._build_alignment(column)
        with self._section("Faces") as column:
            self.loss = QCheckBox("Show texture loss")
            self.loss.setObjectName("restoration_texture_loss")
            self.loss.setAccessibleName("Show texture loss")
            self.loss.setToolTip(
                "Colours over the picture tell how much texture the retouching took (Ctrl+Alt+L)"
            )
            self.loss.clicked.connect(self.loss_toggled)
            self._heading_row.addWidget(self.loss)
            self._faces = QVBoxLayout()
            self._faces.setSpacing(0)
            column.addLayout(self._faces)
        self._column.addStretch(1)

    def _build_stale(self) -> None:
        self.stale = QFrame()
        self.stale.setObjectName("restoration_stale")
        self.stale.setStyleSheet(
            f"#restoration_stale {{ background: {theme.RAISED}; border-left: 3px solid {theme.WARNING}; }}"
        )
        self.reason = _text("restoration_reason")
        self.update_button = push_button(
            "restoration_update",
            "Update",
            "Measure again with the pictures as they are now; decisions on blemishes stay",
            self.measure_again,
        )
        row = QHBoxLayout(self.stale)
        row.setContentsMargins(theme.SPACE, theme.SPACE_SMALL, theme.SPACE_SMALL, theme.SPACE_SMALL)
        row.addWidget(self.reason, 1)
        row.addWidget(self.update_button)
        self._column.addWidget(self.stale)

    @contextmanager
    def _section(self, title: str) -> Iterator[QVBoxLayout]:
        line = QFrame()
        line.setFixedHeight(1)
        line.setStyleSheet(f"background: {theme.LINE}")
        heading = QLabel(title)
        heading.setObjectName(f"restoration_{title.lower()}_heading")
        font = heading.font()
        font.setBold(True)
        heading.setFont(font)
        self._column.addSpacing(theme.SPACE_SMALL)
        self._column.addWidget(line)
        row = self._heading_row = QHBoxLayout()
        row.addWidget(heading)
        row.addStretch(1)
        self._column.addLayout(row)
        yield self._column

    def _number(
        self, name: str, parameter: Parameter, undo: str, change: Callable[[Document, Any], Document]
    ) -> NumberField:
        field = NumberField(msgspec.structs.replace(parameter, name=name))
        field.setObjectName(f"restoration_{name}")
        field.set_label_width(LABEL_WIDTH)
        gesture = EditorGesture(self._workspace, field, undo, change, lambda: self._spots.show_live(False))
        self._gestures.append(gesture)
        self._column.addWidget(field)
        return field

    def _build_blemishes(self, column: QVBoxLayout, sensitivity: Parameter) -> None:
        self.count = QLabel()
        self.count.setObjectName("restoration_count")
        self.count.setStyleSheet(f"color: {theme.DIM_TEXT}")
        self._heading_row.addWidget(self.count)
        change = restoration.with_sensitivity
        self.sensitivity = self._number("sensitivity", sensitivity, "Blemish Sensitivity", change)
        self.sensitivity.started.connect(lambda: self._spots.show_live(True))
        self.list = BlemishList("restoration_blemishes")
        self.list.setFixedHeight(LIST_PX)
        self.list.toggled.connect(
            lambda rows: attempt(self._workspace, lambda session: restoration.toggle(session, rows))
        )
        self.list.pointed.connect(self._spots.point_at)
        self.list.wanted.connect(self._go_to_spot)
        self._found = QWidget()
        found = QVBoxLayout(self._found)
        found.setContentsMargins(0, 0, 0, 0)
        found.setSpacing(theme.SPACE_SMALL)
        found.addWidget(self.list)
        column.addWidget(self._found)
        self.circles = QCheckBox("Show circles")
        self.circles.setObjectName("restoration_circles")
        self.circles.setAccessibleName("Show circles")
        self.circles.setToolTip(
            "Circles around all blemishes: solid ones are kept out, dashed ones come back\n"
            "Click one with the Hand (H, or hold Space) to toggle it; the right button does with any tool\n"
            "The right button elsewhere adds one, as large as the brush"
        )
        self.circles.clicked.connect(self._spots.show)
        self.go_to = tool_button(
            "restoration_go_to",
            "target",
            "Show in picture",
            "Show the selected blemish in the picture (Enter)",
        )
        self.go_to.clicked.connect(lambda: self._go_to_spot(self.list.currentIndex().row()))
        self.reset = tool_button(
            "restoration_reset", "undo", "Reset decisions", "Leave all blemishes to the sensitivity again"
        )
        self.reset.clicked.connect(lambda: attempt(self._workspace, restoration.reset_decisions))
        row = QHBoxLayout()
        row.addWidget(self.circles)
        row.addStretch(1)
        row.addWidget(self.go_to)
        row.addWidget(self.reset)
        found.addLayout(row)
        self.list.pointed.connect(lambda _rows: self._show_buttons())

    def _build_alignment(self, column: QVBoxLayout) -> None:
        self.alignment = _text("restoration_alignment")
        column.addWidget(self.alignment)
        row = QHBoxLayout()
        group = QButtonGroup(self)
        self.states: dict[str, QRadioButton] = {}
        for state, words, tip in STATES:
            button = self.states[state] = QRadioButton(words)
            button.setObjectName(f"restoration_{state}")
            button.setAccessibleName(words)
            button.setToolTip(tip)
            group.addButton(button)
            row.addWidget(button)
            button.clicked.connect(partial(self._set_alignment, state))
        row.addStretch(1)
        self._switch = QWidget()
        self._switch.setLayout(row)
        row.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._switch)
        (grid,) = parameters(Preparation)
        self.shape = ChoiceField(grid)
        self.shape.setObjectName("restoration_shape")
        self.shape.set_label_width(self.fontMetrics().horizontalAdvance(grid.title) + theme.SPACE)
        self.shape.committed.connect(self._keep_shape)
        column.addWidget(self.shape)

    # -- edits

    def measure_again(self) -> None:
        """Measure the document in front anew, off the window's thread; one undo step."""
        self._measure(None, "Update Restoration")

    def _keep_shape(self, grid: Grid) -> None:
        self._measure(grid, f"Keep Shape of {choice_label(grid)}")

    def _measure(self, grid: Grid | None, undo: str) -> None:
        session = self._workspace.session
        if session is None or session.document.analysis is None:
            return
        session.finish_gesture()
        before, cache = session.document, self._workspace.passing

        def work(job: Job[Document | ValueError]) -> Document | ValueError:
            def tell(_step: str, done: float) -> None:
                job.progress(round(100 * done), 100)

            try:
                return remeasuring.measured_again(
                    before, cache=cache, tell=tell, cancelled=job.cancelled, grid=grid
                )
            except ValueError as error:
                return error

        for control in (self.update_button, self.shape):
            control.setEnabled(False)
        self._workspace.jobs.submit(
            work,
            lambda made: session.soon(lambda: self._take(session, before, made, undo)),
            lane=f"measuring {id(session)}",
            title=f"Measuring {session.title}",
            ended=self._measured,
        )

    def _measured(self) -> None:
        self.update_button.setEnabled(True)
        self._show()

    def _take(self, session: Session, before: Document, made: Document | ValueError, undo: str) -> None:
        if isinstance(made, ValueError):
            self._workspace.tell_problem(made)
        elif session.document is not before:
            self._workspace.message.emit("The document was edited meanwhile: update it again")
        elif session in self._workspace.sessions:
            session.edit(undo, lambda _: made)

    def _with_amount(self, document: Document, value: float) -> Document:
        path = restoration.amount_path(document)
        return document if path is None else set_parameter(document, path, value)

    def _with_radius(self, document: Document, value: float) -> Document:
        path = restoration.radius_path(document)
        return document if path is None else set_parameter(document, path, value)

    def _set_alignment(self, state: State) -> None:
        attempt(self._workspace, lambda session: restoration.set_alignment(session, state))
        self._show()

    # -- looking

    def _go_to_spot(self, row: int) -> None:
        if self._analysis is not None and 0 <= row < len(self._analysis.spots):
            spot = self._analysis.spots[row]
            self._spots.point_at(self.list.chosen())
            self.place_requested.emit(Point(spot.x_px, spot.y_px), 16 * spot.radius_px)

    def _go_to_face(self, index: int) -> None:
        if self._analysis is not None:
            face = restoration.faces_from_left(self._analysis)[index]
            middle = Point(face.x_px + face.width_px / 2, face.y_px + face.height_px / 2)
            self.place_requested.emit(middle, 1.2 * max(face.width_px, face.height_px))

    def _pick(self, index: int) -> None:
        self.list.choose(index)

    def show_loss(self, on: bool) -> None:
        """Show whether the colours of lost texture are over the picture."""
        self.loss.setChecked(on)

    # -- following the session

    def _follow(self, update: Update) -> None:
        for gesture in self._gestures:
            gesture.follow()
        if not update.live:
            self._show()
        elif self._session_analysis() is not self._analysis:
            self._show_blemishes()

    def _session_analysis(self) -> Analysis | None:
        session = self._workspace.session
        return None if session is None else session.document.analysis

    def _show(self) -> None:
        session = self._workspace.session
        self._show_blemishes()
        self.setEnabled(self._analysis is not None)
        if session is None or self._analysis is None:
            return
        document = session.document
        reason = remeasuring.stale(document)
        self.stale.setVisible(reason is not None)
        self.reason.setText(reason or "")
        self._show_sliders(document)
        self.radius.set_default(self._analysis.radius_px or None)
        self.notes.setText("\n".join(self._analysis.notes))
        self.notes.setVisible(bool(self._analysis.notes))
        self.masks.show_document(document)
        side_px = max(document.width_px, document.height_px)
        self.alignment.setText(" ".join(restoration.alignment_words(self._analysis.alignment, side_px)))
        state = restoration.alignment_state(document)
        self._switch.setVisible(state is not None)
        if state is not None:
            self.states[state].setChecked(True)
        self._show_shape(document, self._analysis)
        self._show_faces(self._analysis)
        self.loss.setEnabled(measured_on(document) is not None)

    def _show_shape(self, document: Document, analysis: Analysis) -> None:
        self.shape.setVisible(analysis.alignment is not None and analysis.alignment.resampled)
        problem = restoration.other_shape_problem(document)
        self.shape.setEnabled(problem is None and self.update_button.isEnabled())
        self.shape.combo.setToolTip(problem or self.shape.parameter.help)
        self.shape.set_value(restoration.grid_of(document))

    def _show_sliders(self, document: Document) -> None:
        for field, path in (
            (self.texture, restoration.amount_path(document)),
            (self.radius, restoration.radius_path(document)),
        ):
            field.setEnabled(path is not None)
            if path is not None:
                field.set_value(restoration.setting(document, path)[1])

    def _show_blemishes(self) -> None:
        analysis = self._analysis = self._session_analysis()
        self.list.rows.show(analysis)
        if analysis is not None:
            kept, number = sum(restoration.decisions(analysis)), len(analysis.spots)
            self.count.setText(f"{kept} of {number} kept out" if number else "none was removed")
            self._found.setVisible(bool(number))
            self.sensitivity.setEnabled(bool(number))
            self.sensitivity.set_value(analysis.sensitivity)
        self._show_buttons()

    def _show_buttons(self) -> None:
        spots = () if self._analysis is None else self._analysis.spots
        self.go_to.setEnabled(bool(self.list.chosen()))
        self.reset.setEnabled(any(spot.kept_out is not None for spot in spots))

    def _show_faces(self, analysis: Analysis) -> None:
        words = restoration.face_words(analysis)
        while self._faces.count() > len(words):
            item = self._faces.takeAt(self._faces.count() - 1)
            widget = None if item is None else item.widget()
            if widget is not None:
                widget.deleteLater()
        while self._faces.count() < len(words):
            self._faces.addWidget(self._face_button(self._faces.count()))
        for index, text in enumerate(words):
            item = self._faces.itemAt(index)
            button = None if item is None else item.widget()
            assert isinstance(button, QToolButton)
            button.setText(f" {text}")  # clear of its icon
            button.setAccessibleName(text)
            button.setEnabled(bool(analysis.faces))

    def _face_button(self, index: int) -> QToolButton:
        button = tool_button(
            f"restoration_face_{index + 1}", "target", "Face", "Show this face", edge_px=None
        )
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.clicked.connect(partial(self._go_to_face, index))
        return button


def _text(name: str) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return label
