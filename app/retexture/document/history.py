"""Undo: a list of versions of a document, in a budget of bytes."""

from collections import Counter
from itertools import count

import msgspec

from retexture.document.document import Document, all_pixels


class Version(msgspec.Struct, frozen=True):
    """A document as it was after an edit, or as the user kept it under a name."""

    label: str
    document: Document


class History:
    """The versions of one document, oldest first, with the one that is current; and named snapshots beside them.

    A version costs what it does not share: `bytes_used` counts every array (a source, a tile) that some version or
    snapshot holds and the current version does not, once. A commit or a snapshot that goes beyond the budget evicts
    the oldest versions, never the current one and never a snapshot. Undo and redo evict nothing, so that each can
    take back the other, and may leave `bytes_used` above the budget until the next commit.
    """

    def __init__(self, document: Document, *, label: str = "Open", budget_bytes: int = 1 << 30) -> None:
        self.budget_bytes = budget_bytes
        self.evicted = 0
        """How many versions the budget has cost so far."""
        self.index = 0
        self._versions = [Version(label, document)]
        self._snapshots: list[Version] = []
        self._holders: Counter[str] = Counter()
        self._held_bytes = 0
        self._weighed = (document, 0)
        """A document, and the bytes of its arrays: the last one that was asked for."""
        self._hold(document)

    # -- what there is

    @property
    def versions(self) -> tuple[Version, ...]:
        """All versions that undo and redo can reach, oldest first."""
        return tuple(self._versions)

    @property
    def snapshots(self) -> tuple[Version, ...]:
        """The snapshots, oldest first."""
        return tuple(self._snapshots)

    @property
    def document(self) -> Document:
        """The current version."""
        return self._versions[self.index].document

    @property
    def undo_label(self) -> str | None:
        """What undo would take back; None at the oldest version."""
        return self._versions[self.index].label if self.index > 0 else None

    @property
    def redo_label(self) -> str | None:
        """What redo would do again; None at the newest version."""
        return self._versions[self.index + 1].label if self.index + 1 < len(self._versions) else None

    @property
    def bytes_used(self) -> int:
        """Bytes of the arrays that the history holds beyond those of the current version."""
        if self._weighed[0] is not self.document:
            current = sum(pixels.nbytes for pixels in all_pixels(self.document).values())
            self._weighed = self.document, current
        return self._held_bytes - self._weighed[1]

    def free_name(self) -> str:
        """Return ``Snapshot 3``: the first such name that no snapshot has."""
        taken = {kept.label for kept in self._snapshots}
        return next(name for n in count(1) if (name := f"Snapshot {n}") not in taken)

    # -- steps

    def commit(self, label: str, document: Document) -> None:
        """Add a version after the current one and make it current. What could be redone is lost."""
        for version in self._versions[self.index + 1 :]:
            self._release(version.document)
        self._versions[self.index + 1 :] = [Version(label, document)]
        self.index += 1
        self._hold(document)
        self._evict()

    def undo(self) -> Document:
        """Go one version back, if there is one; return the current version."""
        return self.jump(max(self.index - 1, 0))

    def redo(self) -> Document:
        """Go one version on, if there is one; return the current version."""
        return self.jump(min(self.index + 1, len(self._versions) - 1))

    def jump(self, index: int) -> Document:
        """Make any version current; return its document.

        Raises:
            IndexError: there is no version of that index.
        """
        if not 0 <= index < len(self._versions):
            raise IndexError(f"version {index} of {len(self._versions)}")
        self.index = index
        return self.document

    def snapshot(self, name: str) -> None:
        """Keep the current version under a name until `forget`; a snapshot of that name is replaced."""
        document = self.document
        self._hold(document)
        if any(kept.label == name for kept in self._snapshots):
            self.forget(name)
        self._snapshots.append(Version(name, document))
        self._evict()

    def restore(self, name: str) -> Document:
        """Commit a snapshot as a new version, which can be undone; return it.

        Raises:
            KeyError: no snapshot has that name.
        """
        self.commit(name, self._kept(name).document)
        return self.document

    def forget(self, name: str) -> None:
        """Drop a snapshot.

        Raises:
            KeyError: no snapshot has that name.
        """
        kept = self._kept(name)
        self._snapshots.remove(kept)
        self._release(kept.document)

    # -- bytes

    def _kept(self, name: str) -> Version:
        for kept in self._snapshots:
            if kept.label == name:
                return kept
        raise KeyError(name)

    def _hold(self, document: Document) -> None:
        held = all_pixels(document)
        self._weighed = document, sum(pixels.nbytes for pixels in held.values())
        for name, pixels in held.items():
            if not self._holders[name]:
                self._held_bytes += pixels.nbytes
            self._holders[name] += 1

    def _release(self, document: Document) -> None:
        for name, pixels in all_pixels(document).items():
            self._holders[name] -= 1
            if not self._holders[name]:
                del self._holders[name]
                self._held_bytes -= pixels.nbytes

    def _evict(self) -> None:
        while self.index > 0 and self.bytes_used > self.budget_bytes:
            self._release(self._versions.pop(0).document)
            self.index -= 1
            self.evicted += 1
