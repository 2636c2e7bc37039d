"""Jobs: the latest of a lane wins, what is stale is dropped, and no thread outlives them."""

import queue
import threading
from collections.abc import Callable, Iterator

import pytest

from retexture.errors import InputError
from retexture.render.render import Cancelled
from retexture.session.jobs import Crash, Job, Jobs

PATIENCE_S = 20


class Window:
    """Stands for the window's thread: what is delivered waits until it is called."""

    def __init__(self, threads: int = 3) -> None:
        self.delivered: queue.Queue[Callable[[], None]] = queue.Queue()
        self.crashes: list[Crash] = []
        self.results: list[object] = []
        self.jobs = Jobs(self.delivered.put, self.crashes.append, threads)

    def deliver(self, count: int = 1) -> None:
        for _ in range(count):
            self.delivered.get(timeout=PATIENCE_S)()

    def settle(self) -> None:
        while not self.jobs.idle:
            self.deliver()


@pytest.fixture
def window() -> Iterator[Window]:
    made = Window()
    yield made
    made.jobs.close()


def test_results_come_on_the_windows_thread(window):
    where: list[str] = []
    window.jobs.submit(
        lambda job: threading.current_thread().name,
        lambda name: where.extend([name, threading.current_thread().name]),
    )
    assert where == []
    window.deliver()
    assert where[0].startswith("retexture-worker")
    assert where[1] == threading.current_thread().name
    assert window.jobs.idle


def test_jobs_of_no_lane_and_of_different_lanes_all_report(window):
    for lane in (None, None, "a", "b"):
        window.jobs.submit(lambda job, lane=lane: lane, window.results.append, lane=lane)
    window.settle()
    assert sorted(map(str, window.results)) == ["None", "None", "a", "b"]


def test_the_latest_of_a_lane_wins_even_when_an_older_one_ends_later(window):
    go, entered = threading.Event(), threading.Event()

    def slow(job: Job[str]) -> str:
        entered.set()
        assert go.wait(PATIENCE_S)
        return "old"

    old = window.jobs.submit(slow, window.results.append, lane="view")
    assert entered.wait(PATIENCE_S)
    window.jobs.submit(lambda job: "new", window.results.append, lane="view")
    assert old.cancelled()
    window.deliver()
    go.set()
    window.settle()
    assert window.results == ["new"]


def test_a_result_that_waits_to_be_delivered_is_dropped_when_it_is_superseded(window):
    window.jobs.submit(lambda job: "old", window.results.append, lane="view")
    stale = window.delivered.get(timeout=PATIENCE_S)
    window.jobs.submit(lambda job: "new", window.results.append, lane="view")
    stale()
    assert window.results == []
    assert not window.jobs.idle
    window.settle()
    assert window.results == ["new"]
    # Late news of the old one has not taken the new one's lane away.
    window.jobs.submit(lambda job: "newer", window.results.append, lane="view")
    window.jobs.cancel("view")
    window.settle()
    assert window.results == ["new"]


def test_a_job_that_was_cancelled_before_it_began_never_runs():
    window = Window(threads=1)
    go, ran = threading.Event(), []
    window.jobs.submit(lambda job: go.wait(PATIENCE_S), lambda _: None)
    window.jobs.submit(lambda job: ran.append(1), window.results.append, lane="later")
    window.jobs.cancel("later")
    window.jobs.cancel("no such lane")
    go.set()
    window.settle()
    assert ran == window.results == []
    window.jobs.close()


def test_work_hears_that_it_is_not_wanted(window):
    entered = threading.Event()
    ended: list[str] = []

    def work(job: Job[None]) -> None:
        entered.set()
        try:
            while True:
                job.progress(1, 4)
        except Cancelled:
            ended.append("cancelled")
            raise

    job = window.jobs.submit(work, window.results.append, lane="long")
    assert entered.wait(PATIENCE_S)
    window.jobs.cancel("long")
    window.settle()
    assert ended == ["cancelled"]
    assert window.results == window.crashes == []
    assert job.done_part == 0.25


def test_progress_and_titles_of_active_jobs(window):
    told: list[int] = []
    window.jobs.submitted = lambda: told.append(len(window.jobs.active))
    go, half = threading.Event(), threading.Event()

    def work(job: Job[int]) -> int:
        job.progress(1, 2)
        half.set()
        assert go.wait(PATIENCE_S)
        job.progress(2, 2)
        return 7

    job = window.jobs.submit(work, window.results.append, title="Opening")
    window.jobs.submit(lambda job: go.wait(PATIENCE_S), lambda _: None)
    assert half.wait(PATIENCE_S)
    assert job.done_part == 0.5
    assert [j.title for j in window.jobs.active] == ["Opening", None]
    window.deliver()
    assert told == [2], "jobs without a title are not worth telling"
    go.set()
    window.settle()
    assert job.done_part == 1
    assert window.results == [7]
    assert window.jobs.active == ()
    nothing = window.jobs.submit(lambda job: job.progress(0, 0), lambda _: None)
    window.settle()
    assert nothing.done_part == 0


def fail(error: Exception) -> Callable[[Job[None]], None]:
    def work(job: Job[None]) -> None:
        raise error

    return work


def test_what_the_user_can_mend_goes_to_failed(window):
    problem = InputError("a.tif", "is missing", "choose it again")
    told: list[InputError] = []
    window.jobs.submit(fail(problem), window.results.append, failed=told.append)
    window.settle()
    assert told == [problem]
    assert window.results == window.crashes == []


def test_a_defect_goes_to_crashed_with_its_traceback(window):
    window.jobs.submit(fail(KeyError("oops")), window.results.append, title="Rendering", failed=fail)
    window.settle()
    crash = window.crashes[0]
    assert crash.title == "Rendering"
    assert str(crash) == "KeyError: 'oops'"
    assert "Traceback" in crash.details
    assert "in work" in crash.details, "where it was raised"
    assert window.results == []


def test_a_problem_without_failed_is_told_all_the_same(window):
    window.jobs.submit(fail(InputError("a.tif", "is missing", "choose it")), window.results.append, lane="x")
    window.settle()
    assert [crash.title for crash in window.crashes] == ["Work in the background"]


def test_failures_of_jobs_that_are_not_wanted_are_not_told(window):
    go = threading.Event()

    def work(job: Job[None]) -> None:
        assert go.wait(PATIENCE_S)
        raise RuntimeError

    window.jobs.submit(work, window.results.append, lane="a")
    window.jobs.cancel("a")
    go.set()
    window.settle()
    assert window.crashes == window.results == []


def test_a_job_may_submit_the_next_when_it_is_done(window):
    def again(result: int) -> None:
        window.results.append(result)
        if result < 3:
            window.jobs.submit(lambda job: result + 1, again, lane="chain")

    window.jobs.submit(lambda job: 1, again, lane="chain")
    window.settle()
    assert window.results == [1, 2, 3]


def test_close_cancels_and_waits_for_the_threads():
    before = set(threading.enumerate())
    window = Window(threads=2)
    entered = threading.Semaphore(0)

    def work(job: Job[None]) -> None:
        entered.release()
        while not job.cancelled():
            pass

    for _ in range(5):
        window.jobs.submit(work, window.results.append)
    for _ in range(2):
        assert entered.acquire(timeout=PATIENCE_S)
    window.jobs.close()
    assert set(threading.enumerate()) == before
    assert window.jobs.idle
    assert window.jobs.active == ()
    # What was on its way to the window comes to nothing, and so does what is asked for from now on.
    window.jobs.submit(work, window.results.append, title="Late")
    while not window.delivered.empty():
        window.deliver()
    assert window.results == window.crashes == []
    assert window.jobs.idle


@pytest.mark.parametrize("how", ["done", "failed", "crashed", "cancelled", "superseded"])
def test_the_end_of_a_job_is_told_however_it_ended(window, how):
    told: list[str] = []
    go = threading.Event()

    def work(job: Job[str]) -> str:
        assert go.wait(PATIENCE_S)
        if how == "failed":
            raise InputError("a.tif", "is missing", "choose it again")
        if how == "crashed":
            raise RuntimeError
        return "done"

    window.jobs.submit(
        work,
        told.append,
        lane="a",
        failed=lambda _: told.append("failed"),
        ended=lambda: told.append("ended"),
    )
    if how == "cancelled":
        window.jobs.cancel("a")
    if how == "superseded":
        window.jobs.submit(lambda job: "newer", window.results.append, lane="a")
    go.set()
    window.settle()
    assert told == ([how] if how in ("done", "failed") else []) + ["ended"]
    assert len(window.crashes) == (how == "crashed")


def test_an_urgent_job_does_not_wait_for_long_ones():
    window = Window(threads=1)
    go = threading.Event()
    window.jobs.submit(lambda job: go.wait(PATIENCE_S), lambda _: None)
    window.jobs.submit(lambda job: "at once", window.results.append, urgent=True)
    window.deliver()
    assert window.results == ["at once"]
    go.set()
    window.settle()
    window.jobs.close()
