"""Stand-ins for the window's clock and threads: nothing happens until the test says so, in any order."""

import random
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from retexture.session.jobs import Crash, Jobs


class Later:
    """Stands for the window's timers: time passes by hand."""

    def __init__(self) -> None:
        self.waiting: dict[int, tuple[int, Callable[[], None]]] = {}
        self._count = 0

    def __call__(self, ms: int, work: Callable[[], None]) -> Callable[[], None]:
        self._count += 1
        name = self._count
        self.waiting[name] = (ms, work)

        def cancel() -> None:
            self.waiting.pop(name, None)

        return cancel

    def ring(self) -> None:
        """All that waits becomes due."""
        due, self.waiting = self.waiting, {}
        for _, work in due.values():
            work()


class Pool:
    """Stands for the threads: what is submitted waits to be run."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def submit(self, work: Callable[..., None], *arguments: Any) -> "Future[None]":
        self.waiting.append(lambda: work(*arguments))
        return Future()

    def shutdown(self, **_options: Any) -> None:
        self.waiting.clear()


class LateJobs(Jobs):
    """Jobs that run, and whose results arrive, when the test says so."""

    def __init__(self) -> None:
        self.delivered: list[Callable[[], None]] = []
        self.crashes: list[Crash] = []
        super().__init__(self.delivered.append, self.crashes.append)
        self.pool = Pool()
        self._pool = self._urgent = self.pool  # type: ignore[assignment]

    def step(self, rng: random.Random) -> bool:
        """Run one job or deliver one result, any of those that wait; return whether there was one."""
        choices = [*((self.pool.waiting, i) for i in range(len(self.pool.waiting)))]
        choices += [(self.delivered, i) for i in range(len(self.delivered))]
        if not choices:
            return False
        where, i = rng.choice(choices)
        where.pop(i)()
        return True

    def settle(self, later: Later) -> None:
        """Let everything happen until nothing is left to happen."""
        rng = random.Random(0)
        while True:
            while self.step(rng):
                pass
            if not later.waiting:
                return
            later.ring()
