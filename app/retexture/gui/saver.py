"""Saving, closing, autosave and recovery: what keeps work from being lost."""

import time
import uuid
from collections.abc import Callable
from pathlib import Path
from weakref import WeakKeyDictionary

import msgspec
from PySide6.QtCore import QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QFileDialog, QWidget

from retexture.document.document import Document
from retexture.errors import InputError
from retexture.gui.messages import ask_unsaved, tell
from retexture.gui.recovery_dialog import RecoveryDialog
from retexture.gui.workspace import Workspace
from retexture.session import preferences
from retexture.session.jobs import Job
from retexture.session.recovery import Recovered, Recovery
from retexture.session.saving import project_path, save
from retexture.session.session import Session, Update

AUTOSAVE_MS = 60_000
END_S = 5.0
"""How long the end of the program waits for a recovery copy that is being written."""


class Saver(QObject):
    """Writes projects and recovery copies on worker threads, and asks before work is dropped."""

    def __init__(self, workspace: Workspace, window: QWidget) -> None:
        super().__init__(window)
        self._workspace = workspace
        self._window = window
        self.recovery = Recovery(preferences.recovery_folder())
        self._keys: WeakKeyDictionary[Session, str] = WeakKeyDictionary()
        self._copied: WeakKeyDictionary[Session, Document] = WeakKeyDictionary()
        """What the recovery copy of a session holds."""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(AUTOSAVE_MS)
        self._timer.timeout.connect(self.autosave)
        workspace.updated.connect(self._follow)

    def _follow(self, update: Update) -> None:
        session = self._workspace.session
        if update.file and session is not None and session.modified and not self._timer.isActive():
            self._timer.start()

    # -- recovery copies

    def autosave(self) -> None:
        """Bring the recovery copies of all documents with unsaved work up to date."""
        self._timer.stop()
        for session in self._workspace.sessions:
            document = session.history.document
            if session.modified and self._copied.get(session) is not document:
                self._copy(session, document)

    def _copy(self, session: Session, document: Document) -> None:
        key = self._keys.setdefault(session, uuid.uuid4().hex)
        title, path = session.title, session.path

        def work(job: Job[int]) -> int:
            return self.recovery.write(key, document, title, path, cancelled=job.cancelled)

        def done(_bytes: int) -> None:
            self._copied[session] = document

        self._workspace.jobs.submit(work, done, lane=f"autosave {key}", failed=self._workspace.tell_problem)

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
            self._workspace.add(session)
            session.mark_unsaved()

        self._workspace.jobs.submit(
            lambda _job: self.recovery.restore(found.key), done, title="Recovering", failed=self._tell_failed
        )

    def _forget_copy(self, found: Recovered) -> None:
        self._workspace.jobs.submit(
            lambda _job: self.recovery.discard(found.key),
            lambda _none: None,
            failed=self._workspace.tell_problem,
        )

    # -- saving

    def save(self, session: Session, done: Callable[[bool], None] = lambda _saved: None) -> None:
        """Save a project under its name, or ask for one; `done` is told whether it was saved."""
        if session.path is None:
            self.save_as(session, done)
        else:
            self._write(session, session.path, done)

    def save_as(self, session: Session, done: Callable[[bool], None] = lambda _saved: None) -> None:
        """Ask for a name and save a project under it."""
        folder = self._workspace.preferences.folders.get("save", "")
        start = session.path or Path(folder) / f"{Path(session.title).stem}.retexture"
        name, _ = QFileDialog.getSaveFileName(
            self._window,
            "Save As",
            str(start),
            "Retexture projects (*.retexture)",
            options=QFileDialog.Option.DontUseNativeDialog,
        )
        if name:
            self._write(session, project_path(Path(name)), done)
        else:
            done(False)

    def _write(self, session: Session, path: Path, done: Callable[[bool], None]) -> None:
        session.finish_gesture()
        document = session.document
        linked = self._workspace.preferences.link_sources
        key = self._keys.get(session)

        def work(_job: Job[tuple[str, ...]]) -> tuple[str, ...]:
            notes = save(document, path, overwrite=True, linked=linked)
            if key is not None:
                self.recovery.saved(key, path)
            return notes

        def saved(notes: tuple[str, ...]) -> None:
            session.mark_saved(document, path)
            kept = preferences.with_recent(self._workspace.preferences, path)
            self._workspace.preferences = preferences.with_folder(kept, "save", path.parent)
            self._workspace.message.emit("; ".join((f"Saved {path.name}", *notes)))
            done(True)

        def failed(error: InputError) -> None:
            self._tell_failed(error)
            done(False)

        # Not in a lane: a save is never given up for another one.
        self._workspace.jobs.submit(work, saved, title=f"Saving {path.name}", failed=failed)

    def _tell_failed(self, error: InputError) -> None:
        tell(self._window, "file_problem", "Nothing Is Lost", f"{error}", kind="warning")

    # -- closing

    def may_close(self, session: Session) -> bool:
        """Ask about unsaved work; return whether the document may be closed."""
        session.finish_gesture()
        if not session.modified:
            return True
        answer = ask_unsaved(self._window, session.title)
        if answer != "save":
            return answer == "discard"
        loop = QEventLoop()
        outcome: list[bool] = []

        def done(saved: bool) -> None:
            outcome.append(saved)
            loop.quit()

        self.save(session, done)
        if not outcome:
            loop.exec()
        return outcome[0]

    def close(self, session: Session) -> None:
        """Close a document, unless its unsaved work is to be kept."""
        if self.may_close(session):
            self._drop_copy(session)
            self._workspace.remove(session)

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
        until = time.monotonic() + END_S
        loop = QEventLoop()
        while not self._workspace.jobs.idle and time.monotonic() < until:
            loop.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        self.recovery.close()

    # -- preferences

    def set_linked(self, linked: bool) -> None:
        """Link the pictures of projects from now on, or embed them."""
        self._workspace.preferences = msgspec.structs.replace(
            self._workspace.preferences, link_sources=linked
        )

    def save_preferences(self) -> None:
        """Write the preferences; a failure is no reason to keep the window open."""
        try:
            preferences.save(self._workspace.preferences)
        except InputError as error:
            self._workspace.tell_problem(error)
