"""Saving, closing, autosave and recovery: what keeps work from being lost."""

import math
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from weakref import WeakKeyDictionary

import msgspec
from PySide6.QtCore import QEventLoop, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from retexture.document.document import Document
from retexture.errors import InputError
from retexture.gui import file_dialogs
from retexture.gui.export_dialog import folder_beside
from retexture.gui.messages import ask, ask_under_way, ask_unsaved, tell, words
from retexture.gui.recovery_dialog import RecoveryDialog
from retexture.gui.workspace import Workspace
from retexture.session import preferences
from retexture.session.jobs import Job
from retexture.session.opening import select_masked
from retexture.session.recovery import Recovered, Recovery
from retexture.session.saving import project_path, save
from retexture.session.session import Session, Update

AUTOSAVE_MS = 60_000
END_S = 5.0
"""How long the end of the program waits for a recovery copy that is being written."""
NOT_SAVED = "The file was not saved"
LOOK_MS = 20
"""How often what is waited for is looked at, where nothing else happens."""

Told = Callable[[bool], None]
"""Is told whether a document was saved."""


class _Save(NamedTuple):
    """A project to be written."""

    session: Session
    document: Document
    path: Path
    told: list[Told]


class Saver(QObject):
    """Writes projects, recovery copies and preferences on worker threads, and asks before work is dropped."""

    autosaving = Signal()
    """Whatever else should be remembered is to go into the preferences now."""

    def __init__(self, workspace: Workspace, window: QWidget) -> None:
        super().__init__(window)
        self._workspace = workspace
        self._window = window
        self.recovery = Recovery(preferences.recovery_folder())
        self._keys: WeakKeyDictionary[Session, str] = WeakKeyDictionary()
        self._copied: WeakKeyDictionary[Session, Document] = WeakKeyDictionary()
        """What the recovery copy of a session holds, and offers after a crash."""
        self._saves: deque[_Save] = deque()
        """One after the other: the first one is being written."""
        self._closing = False
        self._writing_preferences = threading.Lock()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(AUTOSAVE_MS)
        self._timer.timeout.connect(self.autosave)
        workspace.changed.connect(self._follow)
        workspace.preferences_changed.connect(self._keep_preferences)

    def _follow(self, session: Session, update: Update) -> None:
        if update.file and session.modified and not self._timer.isActive():
            self._timer.start()

    # -- recovery copies

    def autosave(self) -> None:
        """Bring the recovery copies of all documents with unsaved work up to date, and keep the preferences."""
        self._timer.stop()
        self.autosaving.emit()
        for session in self._workspace.sessions:
            if session.modified and self._copied.get(session) is not session.history.document:
                self._copy(session)

    def _copy(self, session: Session) -> None:
        """Bring a document's recovery copy to its current version."""
        key = self._keys.setdefault(session, uuid.uuid4().hex)
        document, saved = session.history.document, not session.modified
        title, path = session.title, session.path

        def work(job: Job[int]) -> int:
            return self.recovery.write(key, document, title, path, saved=saved, cancelled=job.cancelled)

        def done(_bytes: int) -> None:
            if not saved:
                self._copied[session] = document

        def failed(error: InputError) -> None:
            self._workspace.message.emit(" ".join((f"“{title}” has no new recovery copy.", *words(error))))

        self._copied.pop(session, None)
        self._workspace.jobs.submit(work, done, lane=f"autosave {key}", failed=failed)

    def offer_recovered(self) -> None:
        """Look for what a crash has left, and offer it."""

        def done(found: list[Recovered]) -> None:
            if found:
                dialog = RecoveryDialog(found, self._window)
                dialog.recover_requested.connect(self._recover)
                dialog.discard_requested.connect(self._forget_copy)
                dialog.open()

        self._workspace.jobs.submit(
            lambda _job: self.recovery.found(), done, lane="recovery", failed=self._workspace.tell_problem
        )

    def _recover(self, found: Recovered) -> None:
        def done(document: Document) -> None:
            session = Session(document, title=found.title, path=found.path, label="Recover")
            self._keys[session] = found.key
            self._copied[session] = document
            select_masked(session)
            self._workspace.add(session)
            session.mark_unsaved()

        def failed(error: InputError) -> None:
            sentence, remedy = words(error)
            tell(self._window, "file_problem", "Not recovered", sentence, details=remedy, kind="warning")

        self._workspace.jobs.submit(
            lambda _job: self.recovery.restore(found.key), done, title="Recovering", failed=failed
        )

    def _forget_copy(self, found: Recovered) -> None:
        self._workspace.jobs.submit(
            lambda _job: self.recovery.discard(found.key),
            lambda _none: None,
            failed=self._workspace.tell_problem,
        )

    # -- saving

    def save(self, session: Session, told: Told = lambda _saved: None) -> None:
        """Save a project under its name, or ask for one; `told` is told whether it was saved."""
        if session.path is None:
            self.save_as(session, told)
        else:
            self._write(session, session.path, told)

    def save_as(self, session: Session, told: Told = lambda _saved: None) -> None:
        """Ask for a name and save a project under it."""
        folder = folder_beside(session, self._workspace.preferences.folders.get("save", ""))
        start = session.path or folder / f"{Path(session.title).stem}.retexture"
        name = file_dialogs.choose_name(
            self._window, "Save As", str(start), "Retexture projects (*.retexture)"
        )
        path = project_path(Path(name)) if name else None
        if path is not None and (path == Path(name) or not path.exists() or self._may_replace(path)):
            self._write(session, path, told)
        else:
            told(False)

    def _may_replace(self, path: Path) -> bool:
        """Ask; for a name that has been given a suffix only after the dialog has asked about it."""
        answer = ask(
            self._window,
            "replace_file",
            "Replace",
            f"{path.name} is there already. Replace it?",
            {"replace": ("Replace", "destroy"), "cancel": ("Cancel", "reject")},
            details=str(path.parent),
            kind="warning",
        )
        return answer == "replace"

    def _write(self, session: Session, path: Path, told: Told) -> None:
        """Write a project when those before it are written: of two versions the newer one is to stay."""
        session.finish_gesture()
        document = session.document
        last = self._saves[-1] if self._saves else None
        if last is not None and (last.session, last.path) == (session, path) and last.document is document:
            last.told.append(told)
            return
        self._saves.append(_Save(session, document, path, [told]))
        if last is None:
            self._write_next()

    def _write_next(self) -> None:
        session, document, path, _ = self._saves[0]
        linked = self._workspace.preferences.link_sources
        outcome: list[bool] = []

        def saved(notes: tuple[str, ...]) -> None:
            outcome.append(True)
            session.mark_saved(document, path)
            if session in self._keys:
                self._copy(session)
            kept = preferences.with_recent(self._workspace.preferences, path)
            self._workspace.preferences = preferences.with_folder(kept, "save", path.parent)
            self._workspace.message.emit("; ".join((f"Saved {path.name}", *notes)))

        def failed(error: InputError) -> None:
            sentence, remedy = words(error)
            details = f"{remedy}\n\nThe document is still open and unchanged."
            tell(self._window, "file_problem", NOT_SAVED, sentence, details=details, kind="warning")

        def ended() -> None:
            told = self._saves.popleft().told
            if self._saves:
                self._write_next()
            for tell_saved in told:
                tell_saved(bool(outcome))

        self._workspace.jobs.submit(
            lambda _job: save(document, path, overwrite=True, linked=linked),
            saved,
            title=f"Saving {path.name}",
            failed=failed,
            ended=ended,
        )

    # -- closing

    def may_close(self, session: Session) -> bool:
        """Ask about unsaved work; return whether the document may be closed."""
        return self._asking(lambda: self._may_drop(session))

    def _asking(self, may: Callable[[], bool]) -> bool:
        """Ask one thing at a time: while the answer to a question is carried out, the window can be used."""
        if self._closing:
            self._workspace.message.emit("Wait a moment: what was closed before is still being written.")
            return False
        self._closing = True
        try:
            return may()
        finally:
            self._closing = False

    def _may_drop(self, session: Session) -> bool:
        session.finish_gesture()
        while session.modified:
            answer = ask_unsaved(self._window, session.title)
            if answer != "save":
                return answer == "discard"
            outcome: list[bool] = []
            self.save(session, outcome.append)
            self._wait(lambda found=outcome: bool(found))  # type: ignore[misc]
            if not outcome[0]:
                return False
            session.finish_gesture()  # the window can be used while a file is written
        return True

    def close(self, session: Session) -> None:
        """Close a document, unless its unsaved work is to be kept."""
        if self.may_close(session):
            self._drop_copy(session)
            self._workspace.remove(session)

    def may_end(self) -> bool:
        """Ask about unsaved work and about what is under way; return whether the window may be closed."""
        return self._asking(self._may_end)

    def _may_end(self) -> bool:
        answered: dict[Session, Document] = {}
        while True:
            for session in tuple(self._workspace.sessions):
                if answered.get(session) is not session.document:
                    self._workspace.activate(session)
                    if not self._may_drop(session):
                        return False
                    answered[session] = session.document
            titles = self._under_way()
            if not titles:
                return True
            answer = ask_under_way(self._window, titles)
            if answer == "stay":
                return False
            if answer == "stop":
                self._stop_all()
                return True
            self._wait(lambda: not self._under_way())

    def _under_way(self) -> list[str]:
        return [job.title for job in self._workspace.jobs.active if job.title is not None]

    def _stop_all(self) -> None:
        while len(self._saves) > 1:
            self._saves.pop()
        for job in self._workspace.jobs.active:
            job.cancel()

    def _wait(self, condition: Callable[[], bool], timeout_s: float = math.inf) -> None:
        """Handle events until a condition holds or the time is up."""
        until = time.monotonic() + timeout_s
        loop, wake = QEventLoop(), QTimer()
        wake.start(LOOK_MS)
        while not condition() and time.monotonic() < until:
            loop.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)

    def _drop_copy(self, session: Session) -> None:
        key = self._keys.pop(session, None)
        if key is not None:
            self._workspace.jobs.cancel(f"autosave {key}")
            self._workspace.jobs.submit(
                lambda _job: self.recovery.discard(key),
                lambda _none: None,
                failed=self._workspace.tell_problem,
            )

    def end(self) -> None:
        """Drop all recovery copies: the program ends in good order."""
        self._timer.stop()
        for session in self._workspace.sessions:
            self._drop_copy(session)
        self._wait(lambda: self._workspace.jobs.idle, END_S)
        self.recovery.close()

    # -- preferences

    def _keep_preferences(self) -> None:
        self._workspace.jobs.submit(
            lambda _job: self._write_preferences(),
            lambda _none: None,
            lane="preferences",
            failed=self._workspace.tell_problem,
        )

    def _write_preferences(self) -> None:
        with self._writing_preferences:  # the last to write has the newest
            preferences.save(self._workspace.preferences)

    def set_linked(self, linked: bool) -> None:
        """Link the pictures of projects from now on, or embed them."""
        self._workspace.preferences = msgspec.structs.replace(
            self._workspace.preferences, link_sources=linked
        )

    def save_preferences(self) -> None:
        """Write the preferences; a failure is no reason to keep the window open."""
        try:
            self._write_preferences()
        except InputError as error:
            self._workspace.tell_problem(error)
