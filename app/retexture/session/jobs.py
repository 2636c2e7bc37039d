"""Work off the window's thread: a job of a lane takes the place of the one before it, and stale results are dropped."""

import itertools
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, TypeVar

from retexture.errors import InputError
from retexture.render.render import Cancelled

T = TypeVar("T")


UNTOLD = "Work in the background"
"""What a crash calls a job without a title."""


class Job(Generic[T]):
    """One piece of work. `work` gets it, asks `cancelled()` and tells `progress(done, total)`."""

    def __init__(self, lane: str, title: str | None) -> None:
        self.lane = lane
        self.title = title
        """What the user is told that it does; None is not worth telling."""
        self.started = time.monotonic()
        self.done_part = 0.0
        """0-1."""
        self.step = ""
        """Which part of the work is under way, for the user; most jobs have no parts."""
        self._cancelled = threading.Event()

    def cancelled(self) -> bool:
        """Whether its result is no longer wanted."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Give the job up; its result will be dropped."""
        self._cancelled.set()

    def progress(self, done: int, total: int) -> None:
        """Tell how far the work is; raise Cancelled where it is no longer wanted."""
        self.done_part = done / max(total, 1)
        if self.cancelled():
            raise Cancelled

    def tell(self, step: str, done: float) -> None:
        """Tell which step is under way, and how much of all work is done, 0-1; raise Cancelled as `progress` does."""
        self.step = step
        self.progress(round(1000 * max(done, self.done_part)), 1000)


class Crash(Exception):
    """A defect met by a job, with the traceback for the user to copy."""

    def __init__(self, title: str, error: BaseException) -> None:
        super().__init__(f"{type(error).__name__}: {error}")
        self.title = title
        self.details = "".join(traceback.format_exception(error))


class Jobs:
    """Runs jobs on worker threads and hands their results to the window's thread.

    Args:
        deliver: brings a function to the window's thread and calls it there; called from worker threads.
        crashed: is told of defects in jobs that have no `failed` of their own for them.
        threads: how many jobs run at a time.
    """

    def __init__(
        self,
        deliver: Callable[[Callable[[], None]], None],
        crashed: Callable[[Crash], None],
        threads: int = 3,
    ) -> None:
        self._deliver = deliver
        self._crashed = crashed
        self.submitted: Callable[[], None] = lambda: None
        """Called on the window's thread after a job with a title was submitted."""
        self._pool = ThreadPoolExecutor(threads, "retexture-worker-job")
        self._urgent = ThreadPoolExecutor(2, "retexture-worker-urgent-job")
        self._lanes: dict[str, Job[Any]] = {}
        self._names = itertools.count()
        self._alive: set[Job[Any]] = set()
        self._lock = threading.Lock()
        self._closed = False

    @property
    def active(self) -> tuple[Job[Any], ...]:
        """Jobs that run or wait, and are still wanted; the oldest first."""
        with self._lock:
            found = [job for job in self._alive if not job.cancelled()]
        return tuple(sorted(found, key=lambda job: job.started))

    @property
    def idle(self) -> bool:
        """Whether nothing runs, waits, or is yet to be delivered."""
        with self._lock:
            return not self._alive

    def submit(
        self,
        work: Callable[[Job[T]], T],
        done: Callable[[T], None],
        *,
        lane: str | None = None,
        title: str | None = None,
        failed: Callable[[InputError], None] | None = None,
        ended: Callable[[], None] = lambda: None,
        urgent: bool = False,
    ) -> Job[T]:
        """Start a job; cancel the one of the same lane that is under way. After `close` it is cancelled at once.

        Args:
            work: runs on a worker thread.
            done: gets the result on the window's thread, unless the job was cancelled or superseded.
            lane: jobs of one lane take each other's place; None is a lane of its own.
            title: shown with progress when it takes long.
            failed: gets, on the window's thread, what the user can mend.
            ended: called on the window's thread after all that, however the job ended.
            urgent: somebody waits for it at this moment: it does not stand in line behind long jobs.
        """
        job: Job[T] = Job(lane or f"job {next(self._names)}", title)
        with self._lock:
            if self._closed:
                job.cancel()
                return job
            before = self._lanes.get(job.lane)
            self._lanes[job.lane] = job
            self._alive.add(job)
        if before is not None:
            before.cancel()
        if title is not None:
            self._deliver(lambda: self.submitted())
        (self._urgent if urgent else self._pool).submit(self._run, job, work, done, failed, ended)
        return job

    def cancel(self, lane: str) -> None:
        """Give up the job of a lane, if there is one."""
        with self._lock:
            job = self._lanes.get(lane)
        if job is not None:
            job.cancel()

    def close(self) -> None:
        """Cancel everything and wait for the threads to end."""
        with self._lock:
            self._closed = True
            jobs = tuple(self._alive)
        for job in jobs:
            job.cancel()
        for pool in (self._pool, self._urgent):
            pool.shutdown(wait=True, cancel_futures=True)
        with self._lock:
            self._alive.clear()

    def _run(
        self,
        job: Job[T],
        work: Callable[[Job[T]], T],
        done: Callable[[T], None],
        failed: Callable[[InputError], None] | None,
        ended: Callable[[], None],
    ) -> None:
        tell: Callable[[], None] = lambda: None  # noqa: E731 - replaced below
        try:
            if not job.cancelled():
                result = work(job)
                tell = lambda: done(result)  # noqa: E731
        except Cancelled:
            job.cancel()
        except InputError as error:
            mendable = error
            if failed is None:
                crash = Crash(job.title or UNTOLD, error)
                tell = lambda: self._crashed(crash)  # noqa: E731
            else:
                tell = lambda: failed(mendable)  # noqa: E731
        except Exception as error:  # noqa: BLE001 - the window lives on, and shows it
            found = Crash(job.title or UNTOLD, error)
            tell = lambda: self._crashed(found)  # noqa: E731
        self._deliver(lambda: self._finish(job, tell, ended))

    def _finish(self, job: Job[Any], tell: Callable[[], None], ended: Callable[[], None]) -> None:
        with self._lock:
            self._alive.discard(job)
            if self._lanes.get(job.lane) is job:
                del self._lanes[job.lane]
        try:
            if not job.cancelled():
                tell()
        finally:
            ended()
