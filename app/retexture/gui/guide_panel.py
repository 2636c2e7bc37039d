"""The side panel of a guided recipe: its steps, and the page of the one that is shown."""

from functools import partial
from typing import Literal
from weakref import WeakKeyDictionary, WeakSet

import msgspec
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QIcon, QPixmap, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from retexture.gui import theme
from retexture.gui.buttons import push_button, tool_button
from retexture.gui.guide_page import GuidePage, clear
from retexture.gui.icons import icon
from retexture.gui.workspace import Workspace
from retexture.recipes import RECIPES
from retexture.session.guides import GUIDES, Step
from retexture.session.session import Session

WIDTH_PX = 270

State = Literal["done", "skipped"]


class Progress(msgspec.Struct):
    """How far the guide of one document is."""

    index: int = 0
    states: dict[int, State] = {}


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

    closed = Signal()
    """The user is done with the guide, or wants no guide."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.workspace = workspace
        self.setObjectName("guide_panel")
        self.setAccessibleName("Guide")
        self.setMinimumWidth(WIDTH_PX - 20)
        self._progress: WeakKeyDictionary[Session, Progress] = WeakKeyDictionary()
        self._open: WeakSet[Session] = WeakSet()
        """The documents whose guide is wanted."""
        self._session: Session | None = None
        self.page = GuidePage(workspace)
        self._build()
        workspace.leaving.connect(self.page.leave)
        workspace.session_changed.connect(self._session_changed)
        workspace.updated.connect(self.page.follow)
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

    @property
    def is_open(self) -> bool:
        """Whether the guide is wanted for the document in front."""
        return self._session in self._open

    def sizeHint(self) -> QSize:
        return QSize(WIDTH_PX, 480)

    def restart(self) -> None:
        """Open the guide for the document in front at its first step, with no step marked."""
        if self._session is not None:
            self.page.leave()
            self._progress[self._session] = Progress()
            self.set_open(True)

    def set_open(self, on: bool) -> None:
        """Open the guide for the document in front at the step where it was, or close it."""
        if self._session is None:
            return
        if on:
            self._open.add(self._session)
            self._show_guide()
        else:
            self.page.leave()
            self._open.discard(self._session)

    def go_to(self, index: int) -> None:
        """Show a step by its number from 0."""
        progress = self._now()
        if progress is not None and 0 <= index < len(self.steps):
            self.page.leave()
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
            self._show_list()
            self._close()

    def _close(self) -> None:
        self.set_open(False)
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

        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(self.page)

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
        self._session = session
        self._show_guide()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not event.spontaneous():  # else the window itself came back
            self._show_guide()

    def hideEvent(self, event: QHideEvent) -> None:
        if not event.spontaneous():
            self.page.leave()
        super().hideEvent(event)

    # -- the list of steps

    def _show_guide(self) -> None:
        self._show_list()
        if self.isVisible() and self.is_open:
            self.page.open(self._session, self.step)

    def _show_list(self) -> None:
        clear(self._list)
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


def _blank() -> QIcon:
    """Return an empty icon, so that all rows line up."""
    empty = QPixmap(14, 14)
    empty.fill(Qt.GlobalColor.transparent)
    return QIcon(empty)
