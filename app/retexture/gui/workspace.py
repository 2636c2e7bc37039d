"""What all parts of the window share: the open documents, the worker threads, the cache, the user's preferences."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from retexture.errors import InputError
from retexture.gui.messages import words
from retexture.render.cache import Cache
from retexture.session.jobs import Jobs
from retexture.session.preferences import Preferences
from retexture.session.session import Session, Update

CACHE_BYTES = 192 << 20
PASSING_BYTES = 48 << 20


class Workspace(QObject):
    """The open documents. Panels show `session` and follow `session_changed` and `updated`."""

    leaving = Signal()
    """Another document is about to come to the front."""
    session_changed = Signal(object)
    """Another document is in front: the Session, or None."""
    sessions_changed = Signal()
    """A document was opened or closed."""
    updated = Signal(object)
    """The Update of a change of the document in front."""
    changed = Signal(object, object)
    """Session and Update of a change of any open document, in front or not."""
    preferences_changed = Signal()
    message = Signal(str)
    """A passing word for the status bar."""
    crashed = Signal(object)
    """A Crash: a defect met on a worker thread."""
    _delivered = Signal(object)

    def __init__(self, preferences: Preferences) -> None:
        super().__init__()
        self._preferences = preferences
        self.cache = Cache(CACHE_BYTES)
        self.passing = Cache(PASSING_BYTES)
        """For renders of whole pictures, whose blocks are not needed again."""
        self.sessions: list[Session] = []
        self.session: Session | None = None
        self._closed = False
        self._delivered.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self.jobs = Jobs(self._delivered.emit, self.crashed.emit)
        self._timers: set[QTimer] = set()

    @property
    def preferences(self) -> Preferences:
        """What is remembered from one run to the next."""
        return self._preferences

    @preferences.setter
    def preferences(self, preferences: Preferences) -> None:
        if preferences != self._preferences:
            self._preferences = preferences
            self.preferences_changed.emit()

    # -- documents

    def add(self, session: Session) -> None:
        """Open a document and bring it to the front."""
        self.sessions.append(session)
        session.history.budget_bytes = self.preferences.history_mb << 20
        session.subscribe(lambda update: self._forward(session, update))
        self.activate(session)
        self.sessions_changed.emit()

    def remove(self, session: Session) -> None:
        """Close a document; the one beside it comes to the front."""
        index = self.sessions.index(session)
        self.sessions.remove(session)
        if session is self.session:
            self.activate(self.sessions[max(index - 1, 0)] if self.sessions else None)
        self.sessions_changed.emit()

    def activate(self, session: Session | None) -> None:
        """Bring a document to the front, or none."""
        if session is not self.session:
            if self.session is not None:
                self.session.finish_gesture()
            self.leaving.emit()
            self.session = session
            self.session_changed.emit(session)

    def _forward(self, session: Session, update: Update) -> None:
        if session in self.sessions:
            self.changed.emit(session, update)
        if session is self.session:
            self.updated.emit(update)

    def _deliver(self, work: Callable[[], None]) -> None:
        if not self._closed:
            work()

    # -- time

    def later(self, ms: int, work: Callable[[], None]) -> Callable[[], None]:
        """Call `work` after milliseconds, unless the returned function is called before."""
        timer = QTimer(self)
        timer.setSingleShot(True)
        self._timers.add(timer)

        def drop() -> None:
            timer.stop()
            self._timers.discard(timer)
            timer.deleteLater()

        def fire() -> None:
            drop()
            self._deliver(work)  # not for a window that is gone

        timer.timeout.connect(fire)
        timer.start(ms)
        return lambda: drop() if timer in self._timers else None

    @property
    def idle(self) -> bool:
        """Whether nothing is under way: no job, nothing to be delivered, nothing to be done in a moment."""
        return self.jobs.idle and not self._timers

    # -- words

    def tell_problem(self, error: InputError | ValueError) -> None:
        """Show, in passing, what the user can mend."""
        self.message.emit(" ".join(words(error)) if isinstance(error, InputError) else str(error))

    def close(self) -> None:
        """Stop the timers and the threads."""
        for timer in tuple(self._timers):
            timer.stop()
        self._timers.clear()
        self._closed = True
        self.jobs.close()
