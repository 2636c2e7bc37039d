"""The tree of the Layers panel: clicks, keys and drags on its rows become edits of the session."""

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QToolTip

from retexture.document.edits import set_parameter
from retexture.document.tree import filters_of
from retexture.gui.layer_row import EYE_WIDTH, HINTS, RowLook, part_at
from retexture.gui.layers_drag import RowDrag
from retexture.gui.layers_model import EYE, Name, Row
from retexture.gui.layers_view import LayersView
from retexture.gui.workspace import Workspace
from retexture.session import filter_edits, layer_edits, mask_edits
from retexture.session.selections import Mode
from retexture.session.session import Gesture, Session
from retexture.session.target import FilterMask, Target
from retexture.session.transforming import set_mask_linked

OWN_KEYS = frozenset(
    {
        *(Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End),
        *(Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Space, Qt.Key.Key_F2, Qt.Key.Key_Delete),
        *(Qt.Key.Key_Backspace, Qt.Key.Key_Return, Qt.Key.Key_Enter),
    }
)
"""What the tree does by itself; all other keys are the window's."""

COMBINE: dict[tuple[bool, bool], Mode] = {
    (False, False): "replace",
    (True, False): "add",
    (False, True): "subtract",
    (True, True): "intersect",
}
"""How Ctrl-click on a thumbnail combines with what is selected, by Shift and Alt."""


class LayersTree(LayersView):
    """Rows to work on: their parts take clicks and drags, the current row keys."""

    mask_view_requested = Signal(str, object)
    """Alt-click on a mask: its layer's key, and None, or the key of the smart filter that it is of."""
    selection_requested = Signal(str, str, str)
    """Ctrl-click on a layer's ``picture`` or ``mask``: load it as the selection, combined in a `Mode`."""
    filter_activated = Signal(str, str)
    """Double click on a smart filter: its layer's key and its own."""
    menu_requested = Signal(QPoint)
    """A context menu of the current row, at a place on the screen."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._pressed: Name | None = None
        self._eyes: tuple[Gesture, bool] | None = None
        """Eyes being opened (True) or shut by a drag over them."""
        self._drag = RowDrag(self, self.rows, self.attempt)

    def show_session(self, session: Session | None) -> None:
        """Show another document, or none."""
        self._drag.stop()
        super().show_session(session)

    # -- what the keys do, and the commands with them

    def rename_current(self) -> None:
        """Edit the current layer's name in place."""
        if self.current_key is not None:
            index = self.rows.find((self.current_key, None))
            self.scrollTo(index)
            self.setCurrentIndex(index)
            self.edit(index)

    def toggle_current(self) -> None:
        """Shut or open the eye of the current smart filter, or of all selected layers."""
        name = self.current_name
        if name is None:
            return
        key, filter_key = name
        if filter_key is None:
            shown = not self.rows.layers[key].visible
            self.attempt(lambda session: layer_edits.set_visible(session, self.selected_keys(), shown))
        else:
            self._toggle_filter(key, filter_key)

    def _toggle_filter(self, key: str, filter_key: str) -> None:
        item = next(f for f in filters_of(self.rows.layers[key]) if f.key == filter_key)
        self.attempt(lambda s: filter_edits.set_filter_enabled(s, key, filter_key, not item.enabled))

    def delete_current(self) -> None:
        """Delete the current smart filter, or the selected layers."""
        name = self.current_name
        if name is None:
            return
        key, filter_key = name
        if filter_key is None:
            self.attempt(lambda session: layer_edits.delete(session, self.selected_keys()))
        else:
            self.attempt(lambda session: filter_edits.delete_filter(session, key, filter_key))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if (_is_plain(event) and event.key() in OWN_KEYS) or (
                event.key() == Qt.Key.Key_Escape and self._drag.dragged
            ):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        name = self.current_name
        if self.state() == QAbstractItemView.State.EditingState:
            super().keyPressEvent(event)  # the name's editor passes on what ends it
        elif event.key() == keys.Key_Escape and self._drag.dragged:
            self._drag.stop()
        elif not _is_plain(event) and event.key() in (keys.Key_Delete, keys.Key_Backspace):
            event.ignore()  # Alt+Backspace fills, wherever the focus is
        elif event.key() in (keys.Key_Delete, keys.Key_Backspace):
            self.delete_current()
        elif event.key() == keys.Key_Space:
            self.toggle_current()
        elif event.key() in (keys.Key_F2, keys.Key_Return, keys.Key_Enter):
            if name is not None and name[1] is not None and event.key() != keys.Key_F2:
                self.filter_activated.emit(*name)
            else:
                self.rename_current()
        elif event.key() in OWN_KEYS:
            super().keyPressEvent(event)
        else:
            event.ignore()

    # -- the mouse

    def _at(self, point: QPoint) -> tuple[Row, RowLook, str] | None:
        """Return the row under a point, how it looks, and the name of the part that is met; a key of `HINTS`."""
        index = self.indexAt(point)
        row = self.rows.row_of(index)
        if row is None:
            return None
        look = self.rows.look(row)
        if index.column() == EYE:
            return row, look, "eye" if look.filter is None else "filter_eye"
        rect = self.visualRect(index)
        if point.x() < rect.left():
            return row, look, "branch" if row.children else "name"
        return row, look, part_at(rect, look, point)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        met = self._at(event.position().toPoint())
        if met is None:
            event.accept()  # a click beside the rows leaves the active layer active
            return
        row, look, part = met
        self._pressed = row.name
        if event.button() != Qt.MouseButton.LeftButton:
            if row.name not in self._selected_names():
                super().mousePressEvent(event)
            return
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if part in ("picture", "mask") and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.selection_requested.emit(row.key, part, COMBINE[shift, alt])
        elif part == "eye" and alt:
            self.attempt(lambda session: layer_edits.solo(session, row.key))
        elif part == "eye":
            self._begin_eyes(row.key)
        elif part == "filter_eye":
            assert row.filter_key is not None
            self._toggle_filter(row.key, row.filter_key)
        elif part == "mask" and shift:
            on = look.layer.mask is not None and mask_edits.mask_is_on(look.layer.mask)
            self.attempt(lambda session: mask_edits.set_mask_enabled(session, row.key, not on))
        elif part == "filter_mask" and (shift or alt):
            assert row.filter_key is not None
            if alt:
                self.mask_view_requested.emit(row.key, row.filter_key)
            else:
                place = FilterMask(row.filter_key)
                on = look.mask_is_on
                self.attempt(lambda s: filter_edits.set_target_enabled(s, row.key, place, not on))
        elif part == "link":
            linked = look.layer.mask is not None and look.layer.mask.linked
            self.attempt(lambda session: set_mask_linked(session, row.key, not linked))
        elif part == "lock":
            self.attempt(lambda session: layer_edits.set_locked(session, (row.key,), False))
        else:
            super().mousePressEvent(event)
            self._aim(row, part)
            if part == "mask" and alt:
                self._pressed = None
                self._drag.copied_mask = (row.key, event.position().toPoint())

    def _aim(self, row: Row, part: str) -> None:
        """Make the picture or the mask that was clicked what brushes paint on."""
        targets: dict[str, Target] = {"picture": "layer", "mask": "mask"}
        if row.filter_key is not None:
            targets = {"filter_mask": FilterMask(row.filter_key)}
        target, session = targets.get(part), self._session
        if target is not None and session is not None and session.active == row.key:
            if target != session.target:
                session.select(row.key, target)

    def _begin_eyes(self, key: str) -> None:
        assert self._session is not None
        show = not self.rows.layers[key].visible
        name = self.rows.layers[key].name
        self._eyes = self._session.begin(f"{'Show' if show else 'Hide'} {name}"), show
        self._set_eye(key)

    def _set_eye(self, key: str) -> None:
        assert self._eyes is not None
        gesture, show = self._eyes
        if self.rows.layers[key].visible != show:
            gesture.update(set_parameter(gesture.document, f"{key}.visible", show))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        if self._eyes is not None:
            row = self.rows.row_of(self.indexAt(QPoint(EYE_WIDTH // 2, point.y())))
            if row is not None and row.filter_key is None:
                self._set_eye(row.key)
        elif self._drag.is_on:
            self._drag.move(point)
        elif self._pressed is not None:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pressed = None
        if self._eyes is not None:
            self._eyes[0].commit()
            self._eyes = None
            return
        copied, dragged = self._drag.copied_mask, bool(self._drag.dragged)
        if copied is not None or not dragged:
            super().mouseReleaseEvent(event)
        if self._drag.is_on:
            self._drag.release()
        if copied is not None and not dragged:
            self.mask_view_requested.emit(copied[0], None)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        met = self._at(event.position().toPoint())
        if met is None or event.button() != Qt.MouseButton.LeftButton:
            return
        row, _, part = met
        if part in ("eye", "filter_eye", "link", "lock"):
            self.mousePressEvent(event)
        elif part == "branch":
            super().mouseDoubleClickEvent(event)
        elif row.filter_key is not None:
            self.filter_activated.emit(row.key, row.filter_key)
        elif part == "name" and not event.modifiers():
            self.rename_current()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            place = self.visualRect(self.currentIndex()).center()
        else:
            place = event.pos()
            if self._at(place) is None:
                return
        if self.current_name is not None:
            self.menu_requested.emit(self.viewport().mapToGlobal(place))

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            met = self._at(event.pos())
            hint = None if met is None else HINTS.get(met[2])
            if met is not None and hint is not None:
                QToolTip.showText(event.globalPos(), f"{met[1].name}\n{hint}", self.viewport())
            else:
                QToolTip.hideText()
            return True
        return super().viewportEvent(event)

    def startDrag(self, supportedActions: Qt.DropAction) -> None:
        if self._pressed is None:
            return
        if self._pressed[1] is not None:
            self._drag.begin((self._pressed,))
        else:
            self._drag.begin(tuple((key, None) for key, item in self._selected_names() if item is None))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        self._drag.paint(painter)
        painter.end()


def _is_plain(event: QKeyEvent) -> bool:
    return event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier == Qt.KeyboardModifier.NoModifier
