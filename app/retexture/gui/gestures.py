"""Editors and the session: each gesture of an editor is one of the session's, each edit tells what is wrong with it."""

from collections.abc import Callable
from typing import Any

from retexture.document.document import Document
from retexture.errors import InputError
from retexture.gui.editor_base import Editor
from retexture.gui.workspace import Workspace
from retexture.session.linked_masks import waiting_px, worked_out
from retexture.session.session import Gesture, Session

AT_ONCE_PX = 1 << 20
"""So much of moved masks is worked out at once: it takes a few milliseconds."""


def attempt(workspace: Workspace, edit: Callable[[Session], object]) -> bool:
    """Carry out an edit of the document in front; tell what the user can mend. Return whether it was done."""
    if workspace.session is None:
        return False
    try:
        edit(workspace.session)
    except (InputError, ValueError) as error:
        workspace.tell_problem(error)
        return False
    return True


def commit(workspace: Workspace, gesture: Gesture) -> None:
    """Commit a gesture; large masks that moved with a layer are worked out before, off the window's thread."""
    document = gesture.document
    if not gesture.live or waiting_px(document) <= AT_ONCE_PX:
        gesture.commit()
        return

    def settle() -> Document:
        return worked_out(document)

    def done(settled: Document) -> None:
        if gesture.live and gesture.settle is settle:
            gesture.settle = None
            gesture.update(settled)
            gesture.commit()

    gesture.settle = settle
    workspace.jobs.submit(lambda _job: settle(), done, lane="moved masks", urgent=True)


class EditorGesture:
    """What an editor changes, as gestures of the document in front.

    A value that the document does not take ends the gesture as if it had been cancelled.
    """

    def __init__(
        self,
        workspace: Workspace,
        editor: Editor,
        label: str | Callable[[], str],
        change: Callable[[Document, Any], Document],
        ended: Callable[[], None] = lambda: None,
    ) -> None:
        """Follow an editor.

        Args:
            workspace: has the document.
            editor: whose value is shown.
            label: what undo would take back, or a function that returns it.
            change: from the document at the gesture's start to the one with a value; its ValueErrors are for the user.
            ended: called when a gesture has ended in one way or the other.
        """
        self.editor = editor
        self.gesture: Gesture | None = None
        self._workspace = workspace
        self._label, self._change, self._ended = label, change, ended
        editor.started.connect(self._begin)
        editor.changed.connect(self._show)
        editor.committed.connect(lambda _value: self._end(keep=True))
        editor.cancelled.connect(lambda: self._end(keep=False))

    def follow(self) -> None:
        """Let go of the gesture where it was ended from elsewhere: by undo, by another edit."""
        if self.gesture is not None and not self.gesture.live:
            self.gesture = None
            self.editor.cancel()

    def _begin(self) -> None:
        session = self._workspace.session
        label = self._label if isinstance(self._label, str) else self._label()
        self.gesture = None if session is None else session.begin(label)

    def _show(self, value: Any) -> None:
        gesture = self.gesture
        if gesture is None or not gesture.live:
            return
        try:
            gesture.update(self._change(gesture.start, value))
        except (InputError, ValueError) as error:
            self._workspace.tell_problem(error)
            self.editor.cancel()

    def _end(self, *, keep: bool) -> None:
        gesture, self.gesture = self.gesture, None
        if gesture is not None:
            if keep:
                commit(self._workspace, gesture)
            else:
                gesture.cancel()
        self._ended()
