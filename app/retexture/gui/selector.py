"""Makes selections off the window's thread, one after the other, and puts them into the document."""

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from retexture.document.document import Document
from retexture.document.pixels import Tiles
from retexture.gui.workspace import Workspace
from retexture.session.jobs import Job
from retexture.session.selection_edits import select
from retexture.session.selections import HALF, bounds
from retexture.session.session import Session

LANE = "selection"

Work = Callable[[Document, Callable[[], bool]], Tiles | None]
"""Gets the document, and what tells whether the work is no longer wanted; returns what is to be selected."""


class _Task(NamedTuple):
    session: Session
    label: str
    title: str | None
    work: Work


class _Made(NamedTuple):
    selection: Tiles | None
    note: str | None
    """What the user should know."""


class Selector:
    """Each piece of work gets the document that the one before it left: Shift-drags in a row all count."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._waiting: deque[_Task] = deque()
        self._job: Job[_Made | ValueError] | None = None
        self._held = False
        """What has been made waits for the end of a stroke."""

    def run(self, label: str, work: Work, *, title: str | None = None) -> None:
        """Select what `work` finds in the document in front, as one undo step.

        Args:
            label: of the step.
            work: runs on a worker thread; its ValueErrors are for the user.
            title: what is told where it takes long.
        """
        assert self.workspace.session is not None
        self._waiting.append(_Task(self.workspace.session, label, title, work))
        # A job that was given up, or that met a defect, tells nothing.
        if not self._held and (self._job is None or self._job not in self.workspace.jobs.active):
            self._next()

    def _next(self) -> None:
        self._job = None
        if not self._waiting:
            return
        task = self._waiting.popleft()
        document = task.session.document

        def work(job: "Job[_Made | ValueError]") -> _Made | ValueError:
            try:
                return _judged(task.work(document, job.cancelled), document)
            except ValueError as error:
                return error

        def take(made: _Made | ValueError) -> None:
            self._held = False
            self._take(task, made)
            self._next()

        def done(made: _Made | ValueError) -> None:
            self._held = True
            task.session.soon(lambda: take(made))

        self._job = self.workspace.jobs.submit(work, done, lane=LANE, title=task.title)

    def _take(self, task: _Task, made: _Made | ValueError) -> None:
        if isinstance(made, ValueError):
            self.workspace.tell_problem(made)
        elif task.session in self.workspace.sessions:
            select(task.session, task.label, made.selection)
            if made.note is not None:
                self.workspace.message.emit(made.note)


def _judged(selection: Tiles | None, before: Document) -> _Made:
    if selection is None:
        return _Made(None, None)
    if bounds(selection) is None:
        words = "Nothing is selected any more" if before.selection is not None else "Nothing was selected"
        return _Made(None, f"{words}: no pixel was left")
    if bounds(selection, HALF) is None:
        return _Made(selection, "Selected, but no pixel by half or more: the outline does not show it")
    return _Made(selection, None)
