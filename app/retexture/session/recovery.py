"""Autosaved copies of the open documents, and those that a program left which ended without closing them.

The recovery folder holds one folder ``process-ID`` for each running program, with a lock that the system releases when
the program ends, however it ends; in it one folder for each open document (`files.recovery_copy`).
"""

import re
import shutil
import sys
import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import msgspec

from retexture.document.document import Document
from retexture.errors import InputError
from retexture.files.recovery_copy import About, Copy
from retexture.render.render import Cancelled

_PROCESS = re.compile(r"process-[0-9a-f]{32}")
_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LOCK = "lock"


class Recovered(msgspec.Struct, frozen=True):
    """A document that a program left unsaved."""

    key: str
    """For `Recovery.restore`, `write` and `discard`."""
    title: str
    path: Path | None
    """The document's own file, where it has one."""
    when: datetime
    bytes: int
    """On disk."""


class Recovery:
    """The copies of one running program. Every method may be called from any thread, and may take a while."""

    def __init__(self, folder: Path) -> None:
        """Take a folder that all running programs share; it is made when the first copy is written."""
        self.folder = folder
        self._lock = threading.Lock()
        self._own: Path | None = None
        self._copies: dict[str, tuple[Copy, threading.Lock]] = {}
        self._found: dict[str, Recovered] = {}
        self._files: dict[Path, IO[bytes]] = {}
        """Held locks by the folder ``process-ID``: the program's own, and those of dead programs it looks after."""

    def write(
        self,
        key: str,
        document: Document,
        title: str,
        path: Path | None,
        *,
        saved: bool = False,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> int:
        """Bring a document's copy to a version, writing only the arrays that it has not yet.

        Args:
            key: of the open document: letters, digits, ``_`` and ``-``; or that of a restored one, whose copy then
                goes on.
            document: what to keep.
            title: for the list after a crash.
            path: the document's own file, where it has one.
            saved: that file holds this version: the copy is kept until it is closed, but not offered after a crash.
            cancelled: asked before anything is written, and between arrays.

        Returns:
            How many bytes of arrays were written.

        Raises:
            Cancelled: `cancelled` said so; the copy is the one before.
            InputError: the folder cannot be written, or the disk is full; the copy is the one before.
        """
        copy, lock = self._copy(key)
        with lock:
            if cancelled():  # while it waited for a later writing, which must have the last word
                raise Cancelled
            about = About(title, None if path is None else str(path), not saved, datetime.now(UTC))
            written = copy.write(document, about, cancelled)
        self._found.pop(key, None)
        return written

    def discard(self, key: str) -> None:
        """Delete a document's copy, if there is one: it was closed, or the user does not want it back."""
        if not self._has(key):
            return
        copy, lock = self._copy(key)
        with lock:
            copy.delete()
        with self._lock:
            self._copies.pop(key, None)
            self._found.pop(key, None)
            process = copy.folder.parent
            if process != self._own:
                self._release_if_empty(process)

    def found(self) -> list[Recovered]:
        """Return what programs left that live no longer, newest first, until it is restored or discarded.

        From now on it is this program's to look after. Copies of documents that had been saved are deleted.
        """
        with self._lock:
            for process in self._processes():
                if process in self._files or not self._take(process):
                    continue
                for folder in sorted(process.iterdir()):
                    if folder.is_dir():
                        self._look(folder)
                self._release_if_empty(process)
            return sorted(self._found.values(), key=lambda recovered: recovered.when, reverse=True)

    def restore(self, key: str) -> Document:
        """Return a document that was `found`. Its copy stays, and `write` under the same key goes on with it.

        Raises:
            InputError: naming the folder: the copy is damaged.
        """
        copy, lock = self._copy(key)
        with lock:
            document = copy.read()
        self._found.pop(key, None)
        return document

    def close(self) -> None:
        """Let go of the folder at the program's end. Copies that were not discarded are found the next time."""
        with self._lock:
            for process in list(self._files):
                if not self._release_if_empty(process):
                    self._files.pop(process).close()
            self._own = None
            self._copies.clear()
            self._found.clear()

    # -- folders and locks

    def _has(self, key: str) -> bool:
        with self._lock:
            return key in self._copies

    def _copy(self, key: str) -> tuple[Copy, threading.Lock]:
        with self._lock:
            if key not in self._copies:
                if not _KEY.fullmatch(key):
                    raise ValueError(f"{key!r} is no key of an open document")
                self._copies[key] = Copy(self._own_folder() / key), threading.Lock()
            return self._copies[key]

    def _own_folder(self) -> Path:
        for _ in range(3):
            if self._own is not None:
                break
            process = self.folder / f"process-{uuid.uuid4().hex}"
            try:
                process.mkdir(parents=True)
            except OSError as error:
                raise self._refused(f"cannot be made ({error.strerror})") from error
            if self._take(process):  # else another program took it for a dead one's, and it is gone
                self._own = process
        if self._own is None:
            raise self._refused("cannot be locked")
        return self._own

    def _refused(self, problem: str) -> InputError:
        remedy = "free some space, change its permissions, or set RETEXTURE_STATE to another folder"
        return InputError(self.folder, f"the recovery folder {problem}", remedy)

    def _processes(self) -> list[Path]:
        try:
            return sorted(path for path in self.folder.iterdir() if _PROCESS.fullmatch(path.name))
        except OSError:
            return []

    def _take(self, process: Path) -> bool:
        """Lock a program's folder; tell whether no living program had it."""
        try:
            file = (process / _LOCK).open("ab")
        except OSError:
            return False
        if _locked(file) and (process / _LOCK).exists():
            self._files[process] = file
            return True
        file.close()
        return False

    def _look(self, folder: Path) -> None:
        """Note a dead program's copy, or delete one that nobody misses."""
        copy = Copy(folder)
        try:
            about = copy.about()
        except InputError:  # `restore` will say what is wrong
            when = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
            about = About("damaged copy", None, True, when)
        if about is None or not about.dirty:
            copy.delete()
            return
        key = f"{folder.parent.name}-{folder.name}"
        self._copies[key] = copy, threading.Lock()
        path = None if about.path is None else Path(about.path)
        self._found[key] = Recovered(key, about.title, path, about.when, copy.nbytes)

    def _release_if_empty(self, process: Path) -> bool:
        try:
            if any(path.is_dir() for path in process.iterdir()):
                return False
        except OSError:
            return False
        if sys.platform == "win32":  # which deletes no open file
            self._files.pop(process).close()
            shutil.rmtree(process, ignore_errors=True)
        else:  # deleted while it is locked, so that nobody else takes it
            shutil.rmtree(process, ignore_errors=True)
            self._files.pop(process).close()
        return True


def _locked(file: IO[bytes]) -> bool:
    """Lock an open file for as long as it is open; tell whether it could be had."""
    with suppress(OSError):
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
