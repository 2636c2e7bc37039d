"""Blocks of rendered stages, least recently used first out, within a budget of bytes."""

import itertools
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]

MOST_NUMBERS = 100_000
"""Entries of the table of keys, a few hundred bytes each: some tens of megabytes beside the budget."""


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
        self._counter = itertools.count()

    def number(self, key: Hashable) -> int:
        """Return a small number that stands for `key`, so that keys that hold keys stay small.

        A number is never given twice: when the table is full it starts anew, and old blocks are merely not found.
        """
        with self._lock:
            number = self._numbers.get(key)
            if number is None:
                if len(self._numbers) >= MOST_NUMBERS:
                    self._numbers.clear()
                number = self._numbers[key] = next(self._counter)
            return number

    def has(self, key: Hashable) -> bool:
        """Whether `get` would find the array."""
        with self._lock:
            return key in self._arrays

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
                if array.base is not None:  # a view would keep its whole halo alive, uncounted
                    array = array.copy()
                array.flags.writeable = False
                with self._lock:
                    self._store(key, array)
            finally:
                with self._lock:
                    if self._pending.get(key) is pending:
                        del self._pending[key]
        return array

    def _find(self, key: Hashable) -> Array | None:
        array = self._arrays.get(key)
        if array is not None:
            self._arrays.move_to_end(key)
        return array

    def _store(self, key: Hashable, array: Array) -> None:
        replaced = self._arrays.pop(key, None)
        self._arrays[key] = array
        self.used_bytes += array.nbytes - (0 if replaced is None else replaced.nbytes)
        while self.used_bytes > self.budget_bytes and len(self._arrays) > 1:
            _, oldest = self._arrays.popitem(last=False)
            self.used_bytes -= oldest.nbytes
