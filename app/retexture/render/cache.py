"""Blocks of rendered stages, least recently used first out, within a budget of bytes."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]


class Cache:
    """A thread-safe store of read-only arrays under keys that name everything that made them.

    A key holds ids and parameters, so nothing is ever invalidated: an undone edit finds its blocks again. Two
    threads that want the same missing block wait for one computation.
    """

    def __init__(self, budget_bytes: int) -> None:
        self.budget_bytes = budget_bytes
        self.used_bytes = 0
        self._arrays: OrderedDict[Hashable, Array] = OrderedDict()
        self._pending: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()
        self._numbers: dict[Hashable, int] = {}

    def number(self, key: Hashable) -> int:
        """Return a small number that stands for `key`: deep keys are hashed once a render, not once a block."""
        with self._lock:
            return self._numbers.setdefault(key, len(self._numbers))

    def get(self, key: Hashable, compute: Callable[[], Array]) -> Array:
        """Return the array under `key`, computing it if it is missing."""
        with self._lock:
            if (found := self._find(key)) is not None:
                return found
            pending = self._pending.setdefault(key, threading.Lock())
        with pending:
            with self._lock:
                if (found := self._find(key)) is not None:
                    return found
            try:
                array = compute()
                array.flags.writeable = False
                with self._lock:
                    self._store(key, array)
            finally:
                with self._lock:
                    self._pending.pop(key, None)
        return array

    def _find(self, key: Hashable) -> Array | None:
        array = self._arrays.get(key)
        if array is not None:
            self._arrays.move_to_end(key)
        return array

    def _store(self, key: Hashable, array: Array) -> None:
        self._arrays[key] = array
        self.used_bytes += array.nbytes
        while self.used_bytes > self.budget_bytes and len(self._arrays) > 1:
            _, oldest = self._arrays.popitem(last=False)
            self.used_bytes -= oldest.nbytes
