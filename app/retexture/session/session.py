"""One open document: its history, the gesture under way, and what is selected. Everything goes through here."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from retexture.document.changes import Changes, Rect, changes
from retexture.document.document import Document, walk
from retexture.document.edits import set_parameter
from retexture.document.history import History
from retexture.document.layers import AnyLayer, RasterMask
from retexture.session.target import Target, mask_at


class Update(msgspec.Struct, frozen=True):
    """What has changed about a session: each view redraws what it shows of it."""

    changes: Changes = Changes()
    """Between the document before and the one now."""
    live: bool = False
    """The document is a gesture's draft."""
    history: bool = False
    """Versions, snapshots or the current one."""
    selection: bool = False
    """The active layer, which mask of it is the target, or Quick Mask. Not what is selected of the picture."""
    file: bool = False
    """The path, or whether there is unsaved work."""


Listener = Callable[[Update], None]


class Session:
    """One open document. Not thread-safe: it belongs to the thread of the window.

    Listeners are called after each change, in the order in which they subscribed.
    """

    def __init__(
        self, document: Document, *, title: str, path: Path | None = None, label: str = "Open"
    ) -> None:
        self.title = title
        self.path = path
        """The project file that it was read from or saved to."""
        self.recipe = document.recipe
        """Name of the recipe that made it, whose guide can be opened."""
        self.history = History(document, label=label)
        self.gesture: Gesture | None = None
        self.active: str | None = document.layers[-1].key if document.layers else None
        self.target: Target = "layer"
        self.quick_mask = False
        """Brushes, gradients and fills paint what is selected."""
        self._saved: Document | None = document
        self._listeners: list[Listener] = []
        self._waiting: list[Callable[[], None]] = []
        self._selected: dict[int, tuple[Document, str | None, Target]] = {}
        """What was selected when a version was left: undo selects it again."""

    # -- what there is

    @property
    def document(self) -> Document:
        """The document as it is shown: a gesture's draft, or the current version."""
        return self.gesture.document if self.gesture is not None else self.history.document

    @property
    def active_layer(self) -> AnyLayer | None:
        """The selected layer, or None."""
        return next((l for l in walk(self.document.layers) if l.key == self.active), None)

    @property
    def active_mask(self) -> RasterMask | None:
        """The mask that is the target; the active layer's painted one while its pixels are."""
        return mask_at(self.active_layer, self.target)

    @property
    def modified(self) -> bool:
        """Whether there is unsaved work."""
        return self.document is not self._saved

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` after each change, until the returned function is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    # -- edits

    def edit(self, label: str, change: Callable[[Document], Document], *, select: str | None = None) -> None:
        """Commit one edit as one undo step; nothing happens where it changes nothing.

        Args:
            label: what undo would take back.
            change: from the current version to the next one; its ValueErrors are for the user.
            select: key of the layer to select afterwards.
        """
        self.finish_gesture()
        before = self.document
        after = change(before)
        if after != before:
            self._remember_selection(before)
            self.history.commit(label, after)
            self._changed(before, history=True, select=select)

    def set(self, path: str, value: Any, label: str) -> None:
        """Set one parameter as one undo step."""
        self.edit(label, lambda document: set_parameter(document, path, value))

    def begin(self, label: str) -> "Gesture":
        """Begin a gesture: a draft that its release commits as one undo step. One that is under way is committed."""
        self.finish_gesture()
        self.gesture = Gesture(self, label, self.document)
        return self.gesture

    def soon(self, work: Callable[[], None]) -> None:
        """Do work now, or when the gesture under way has ended: an edit that a job has made must not cut a stroke."""
        if self.gesture is None:
            work()
        else:
            self._waiting.append(work)

    def finish_gesture(self) -> None:
        """Commit the gesture that is under way, if there is one."""
        if self.gesture is not None:
            self.gesture.commit()

    def cancel_gesture(self) -> None:
        """Drop the gesture that is under way, if there is one."""
        if self.gesture is not None:
            self.gesture.cancel()

    # -- history

    def undo(self) -> None:
        """Go one version back; a gesture under way is dropped instead."""
        if self.gesture is not None:
            self.gesture.cancel()
        else:
            self._travel(self.history.undo)

    def redo(self) -> None:
        """Go one version on."""
        self.finish_gesture()
        self._travel(self.history.redo)

    def jump(self, index: int) -> None:
        """Make a version of the history current."""
        self.finish_gesture()
        self._travel(lambda: self.history.jump(index))

    def restore(self, name: str) -> None:
        """Make a snapshot's document a new version."""
        self.finish_gesture()
        self._travel(lambda: self.history.restore(name))

    def snapshot(self, name: str) -> None:
        """Keep the current version under a name."""
        self.finish_gesture()
        self.history.snapshot(name)
        self._tell(Update(history=True))

    def forget(self, name: str) -> None:
        """Drop a snapshot."""
        self.history.forget(name)
        self._tell(Update(history=True))

    def _travel(self, step: Callable[[], Document]) -> None:
        before, selected = self.document, (self.active, self.target)
        self._remember_selection(before)
        step()
        left = self._selected.get(id(self.document))
        if left is not None and left[0] is self.document:
            self.active, self.target = left[1:]
        self._changed(before, history=True, selected=selected)

    def _remember_selection(self, document: Document) -> None:
        kept = [id(version.document) for version in self.history.versions]
        self._selected = {key: self._selected[key] for key in kept if key in self._selected}
        self._selected[id(document)] = (document, self.active, self.target)

    def _do_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        for work in waiting:
            self.soon(work)

    # -- selection and file

    def select(self, key: str | None, target: Target = "layer") -> None:
        """Select a layer, or a mask of it as what brushes paint on; a mask that is not there is never the target."""
        self.active, self.target = key, target
        self._settle_selection()
        self._tell(Update(selection=True))

    def set_quick_mask(self, on: bool) -> None:
        """Let brushes paint what is selected, or the layer again."""
        if on != self.quick_mask:
            self.finish_gesture()
            self.quick_mask = on
            self._tell(Update(selection=True))

    def mark_saved(self, document: Document, path: Path) -> None:
        """Note that a version was written to a project file."""
        self._saved, self.path, self.title = document, path, path.name
        self._tell(Update(file=True))

    def mark_unsaved(self) -> None:
        """Note that no file holds this document: it was recovered."""
        self._saved = None
        self._tell(Update(file=True))

    # -- telling

    def _changed(
        self,
        before: Document,
        *,
        live: bool = False,
        history: bool = False,
        painted: Rect | None = None,
        select: str | None = None,
        selected: tuple[str | None, Target] | None = None,
    ) -> None:
        selected = selected or (self.active, self.target)
        if select is not None:
            self.active, self.target = select, "layer"
        elif before is not self.document:
            self._keep_selection_near(before)
        self._settle_selection()
        found = changes(before, self.document, painted)
        moved = (self.active, self.target) != selected
        first = (before is self._saved) != (self.document is self._saved)
        self._tell(Update(found, live=live, history=history, selection=moved, file=first or not live))

    def _keep_selection_near(self, before: Document) -> None:
        """Where the active layer has gone, select what now lies in its place."""
        keys = [layer.key for layer in walk(self.document.layers)]
        if self.active in keys:
            return
        old = [layer.key for layer in walk(before.layers)]
        place = old.index(self.active) if self.active in old else len(keys) - 1
        self.active = keys[min(max(place - 1, 0), len(keys) - 1)] if keys else None

    def _settle_selection(self) -> None:
        layer = self.active_layer
        if layer is None:
            self.active = None
        if mask_at(layer, self.target) is None:
            self.target = "layer"

    def _tell(self, update: Update) -> None:
        for listener in tuple(self._listeners):
            listener(update)


class Gesture:
    """A draft under way: a slider that is dragged, a stroke. `commit` makes it one version, `cancel` drops it."""

    def __init__(self, session: Session, label: str, document: Document) -> None:
        self.label = label
        self.start = document
        self.document = document
        self.session = session
        self.settle: Callable[[], Document] | None = None
        """Makes the document to commit, where the draft is a preview of it that is still being worked out."""

    @property
    def live(self) -> bool:
        """Whether it is still under way."""
        return self.session.gesture is self

    def update(self, document: Document, painted: Rect | None = None) -> None:
        """Show another draft; `painted` is where its tiles differ from the last one's, if the caller knows."""
        if not self.live:
            return
        before, self.document = self.document, document
        if document is not before:
            self.session._changed(before, live=True, painted=painted)

    def set(self, path: str, value: Any) -> None:
        """Show the document as it was at the start with one parameter set."""
        self.update(set_parameter(self.start, path, value))

    def commit(self) -> None:
        """Make the draft a version, unless nothing has changed."""
        if not self.live:
            return
        if self.settle is not None:
            settle, self.settle = self.settle, None
            self.update(settle())
        self.session.gesture = None
        if self.document != self.start:
            self.session._remember_selection(self.start)
            self.session.history.commit(self.label, self.document)
            self.session._changed(self.document, history=True)
        else:
            self.session._changed(self.document)
        self.session._do_waiting()

    def cancel(self) -> None:
        """Go back to the document as it was at the start."""
        if not self.live:
            return
        self.session.gesture = None
        self.session._changed(self.document)
        self.session._do_waiting()
