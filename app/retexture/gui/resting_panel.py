"""Panels that show what is computed from the picture: anew once edits rest, and only where somebody sees it."""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from retexture.gui.panel_dock import is_seen
from retexture.gui.workspace import Workspace
from retexture.session.jobs import Job
from retexture.session.session import Session

SETTLE_MS = 300
"""How long edits must rest before something is computed again."""
T = TypeVar("T")


class RestingPanel(QWidget):
    """A panel whose `refresh` is called when what it shows is stale, edits rest and it is seen."""

    def __init__(self, workspace: Workspace, name: str) -> None:
        """Make a panel called ``{name}_panel``."""
        super().__init__()
        self.setObjectName(f"{name}_panel")
        self._workspace = workspace
        self._stale = True
        """What is shown is not the document's."""
        self._lane = f"{name} {id(self)}"
        self._cancel_settling: Callable[[], None] = lambda: None

    def refresh(self, session: Session) -> None:
        """Begin to compute anew. Each panel has its own."""

    def compute(self, work: Callable[[Job[T]], T], show: Callable[[T], None]) -> None:
        """Run `work` on another thread; `show` gets what it made, unless that is stale by then."""

        def done(made: T) -> None:
            self._stale = False
            show(made)

        self._workspace.jobs.submit(work, done, lane=self._lane)

    def mark_stale(self) -> None:
        """Note that what is shown is not the document's, nor what is being computed."""
        self._stale = True
        self._workspace.jobs.cancel(self._lane)

    def settle(self, ms: int = 0) -> None:
        """Compute in `ms` milliseconds what is stale, unless nobody would see it."""
        self._cancel_settling()
        if self._stale and self.isVisible() and self._workspace.session is not None:
            self._cancel_settling = self._workspace.later(ms, self._refresh_if_seen)

    def come_forward(self) -> None:
        """Catch up with what has changed while another tab hid the panel."""
        self.settle()

    def _refresh_if_seen(self) -> None:
        session = self._workspace.session
        if session is not None and session.gesture is None and is_seen(self):
            self.refresh(session)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.settle()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._cancel_settling()
