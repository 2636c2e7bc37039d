"""The tree of the Layers panel: clicks, keys and drags on its rows become edits of the session."""

from collections.abc import Callable
from typing import NamedTuple
from weakref import WeakKeyDictionary

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    QTimerEvent,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractItemView, QApplication, QHeaderView, QToolTip, QTreeView

from retexture.document.edits import set_parameter
from retexture.document.layers import AdjustmentLayer, FillLayer, GroupLayer
from retexture.document.tree import filters_of
from retexture.errors import InputError
from retexture.gui import theme
from retexture.gui.layer_row import EYE_WIDTH, INDENT, ROW_ROLE, RowDelegate, RowLook, drawn, parts
from retexture.gui.layers_model import EYE, LAYER, LayersModel, Name, Row
from retexture.gui.workspace import Workspace
from retexture.session import layer_edits
from retexture.session.layer_edits import Place
from retexture.session.mask_edits import copy_mask
from retexture.session.selections import Mode
from retexture.session.session import Gesture, Session
from retexture.session.target import FilterMask, Target
from retexture.session.transforming import set_mask_linked

Index = QModelIndex | QPersistentModelIndex

OWN_KEYS = frozenset(
    {
        *(Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End),
        *(Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Space, Qt.Key.Key_F2, Qt.Key.Key_Delete),
        *(Qt.Key.Key_Backspace, Qt.Key.Key_Return, Qt.Key.Key_Enter),
    }
)
"""What the tree does by itself; all other keys are the window's."""

SCROLL_ZONE_PX, SCROLL_STEP_PX, SCROLL_MS = 24, 12, 30
"""While something is dragged near the upper or lower edge."""

COMBINE: dict[tuple[bool, bool], Mode] = {
    (False, False): "replace",
    (True, False): "add",
    (False, True): "subtract",
    (True, True): "intersect",
}
"""How Ctrl-click on a thumbnail combines with what is selected, by Shift and Alt."""

HINTS = {
    "eye": "Shows or hides the layer; drag over eyes for several. Alt-click: this layer alone, and back.",
    "filter_eye": "Switches the smart filter on or off.",
    "picture": "The layer's own pixels. Click to paint on them, Ctrl-click to select where they are opaque.",
    "mask": "The layer mask. Click to paint on it, Alt-click to view it, Alt-drag it to another layer to copy it, "
    "Shift-click to switch it off or on, Ctrl-click to select what it shows.",
    "filter_mask": "The mask of the smart filter: white shows its effect. Click to paint on it, Alt-click to view it, "
    "Shift-click to switch it off or on.",
    "link": "Chained: the mask moves and is transformed with the layer. Click to chain or to unchain it.",
    "lock": "Locked. Click to unlock.",
    "clip": "Clipped to the layer beneath (Ctrl+Alt+G).",
    "name": "Double-click to rename (F2). Drag to move.",
    "filter": "Double-click to edit in Properties. Drag to reorder.",
}


class Drop(NamedTuple):
    """Where what is dragged would go."""

    place: Place
    row: Row
    line: QRect
    """Painted to show it: a line, or the group's row."""


class LayersTree(QTreeView):
    """The rows. The current row is the active layer; others may be selected with it, to group or delete them."""

    mask_view_requested = Signal(str, object)
    """Alt-click on a mask: its layer's key, and None, or the key of the smart filter that it is of."""
    selection_requested = Signal(str, str, str)
    """Ctrl-click on a layer's ``picture`` or ``mask``: load it as the selection, combined in a `Mode`."""
    filter_activated = Signal(str, str)
    """Double click on a smart filter: its layer's key and its own."""
    menu_requested = Signal(QPoint)
    """A context menu of the current row, at a place on the screen."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.workspace = workspace
        self.rows = LayersModel()
        self._session: Session | None = None
        self._collapsed: WeakKeyDictionary[Session, set[str]] = WeakKeyDictionary()
        self._syncing = False
        self._pressed: Name | None = None
        self._eyes: tuple[Gesture, bool] | None = None
        """Eyes being opened (True) or shut by a drag over them."""
        self._dragged: tuple[Name, ...] = ()
        self._drop: Drop | None = None
        self._copied_mask: tuple[str, QPoint] | None = None
        """The layer whose mask was Alt-pressed, and where."""
        self._scroll_timer = 0
        self.setObjectName("layers_tree")
        self.setAccessibleName("Layers")
        self.setModel(self.rows)
        self.setItemDelegate(RowDelegate(self))
        self.setTreePosition(LAYER)
        self.setHeaderHidden(True)
        self.setIndentation(INDENT)
        self.setExpandsOnDoubleClick(False)
        self.setAllColumnsShowFocus(True)
        self.setMouseTracking(False)
        self.setDragEnabled(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.header()
        header.setMinimumSectionSize(EYE_WIDTH)
        header.setStretchLastSection(True)
        header.setSectionResizeMode(EYE, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(EYE, EYE_WIDTH)
        self.expanded.connect(lambda index: self._remember(index, collapsed=False))
        self.collapsed.connect(lambda index: self._remember(index, collapsed=True))
        self.rows.renamed.connect(
            lambda key, name: self.attempt(lambda session: layer_edits.rename(session, key, name))
        )

    # -- following the session

    def show_session(self, session: Session | None) -> None:
        """Show another document, or none."""
        self._stop_drag()
        self._session = None
        self.follow()
        self._session = session
        self.rows.thumbnails.clear()
        self.follow()

    def follow(self) -> None:
        """Show what the session is now: its layers, and which one is active."""
        session = self._session
        selected, current = self._selected_names(), self.current_name
        scrolled = self.verticalScrollBar().value()
        self._syncing = True
        if session is None:
            rebuilt = self.rows.show(None, None, "layer")
        else:
            rebuilt = self.rows.show(session.document, session.active, session.target)
        if rebuilt:
            self._restore(selected, current)
            self.verticalScrollBar().setValue(scrolled)
        if session is not None and (rebuilt or self.current_key != session.active):
            self._make_current(session.active)
        self._syncing = False

    def _restore(self, selected: tuple[Name, ...], current: Name | None) -> None:
        """Open, select and make current again what the rows before were, as far as it is still there."""
        closed = self._closed
        for row in self.rows.rows:
            if row.children:
                self.setExpanded(self.rows.find(row.name, EYE), row.key not in closed)
        chosen = QItemSelection()
        for name in selected:
            index = self.rows.find(name)
            if index.isValid():
                chosen.select(index, index)
        rows = QItemSelectionModel.SelectionFlag.Rows
        self.selectionModel().select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect | rows)
        if current is not None and (index := self.rows.find(current)).isValid():
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)

    def _make_current(self, key: str | None) -> None:
        """Make a layer's row the current one, alone; keep the current row if it is of that layer."""
        if key is None:
            self.selectionModel().clear()
        elif self.current_key != key:
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.selectionModel().setCurrentIndex(self.rows.find((key, None)), flags)
            self.scrollTo(self.currentIndex())

    @property
    def _closed(self) -> set[str]:
        """Keys of the layers whose rows are closed: how the document is looked at, not what it is."""
        return set() if self._session is None else self._collapsed.setdefault(self._session, set())

    def _remember(self, index: QModelIndex, *, collapsed: bool) -> None:
        row = self.rows.row_of(index)
        if row is not None and collapsed:
            self._closed.add(row.key)
        elif row is not None:
            self._closed.discard(row.key)

    # -- what is selected

    @property
    def current_name(self) -> Name | None:
        """The current row: a layer's key, and a smart filter's or None."""
        row = self.rows.row_of(self.currentIndex())
        return None if row is None else row.name

    @property
    def current_key(self) -> str | None:
        """The key of the current row's layer."""
        return None if self.current_name is None else self.current_name[0]

    def selected_keys(self) -> tuple[str, ...]:
        """Return the keys of the selected layers from the top, the active one among them."""
        active = None if self._session is None else self._session.active
        keys = {key for key, _ in self._selected_names()} | {active}
        return tuple(row.key for row in self.rows.rows if row.filter_key is None and row.key in keys)

    def _selected_names(self) -> tuple[Name, ...]:
        rows = (self.rows.row_of(index) for index in self.selectionModel().selectedRows(EYE))
        return tuple(row.name for row in rows if row is not None)

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        row = self.rows.row_of(current)
        if row is None or self._syncing or self._session is None:
            return
        if row.key != self._session.active:
            layer = self.rows.layers[row.key]
            # Neither has pixels of its own to paint on.
            target: Target = "mask" if isinstance(layer, AdjustmentLayer | FillLayer) else "layer"
            self._session.select(row.key, target)

    def attempt(self, edit: Callable[[Session], object]) -> None:
        """Carry out an edit; tell what the user can mend."""
        if self._session is None:
            return
        try:
            edit(self._session)
        except (InputError, ValueError) as error:
            self.workspace.tell_problem(error)

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
        self.attempt(lambda s: layer_edits.set_filter_enabled(s, key, filter_key, not item.enabled))

    def delete_current(self) -> None:
        """Delete the current smart filter, or the selected layers."""
        name = self.current_name
        if name is None:
            return
        key, filter_key = name
        if filter_key is None:
            self.attempt(lambda session: layer_edits.delete(session, self.selected_keys()))
        else:
            self.attempt(lambda session: layer_edits.delete_filter(session, key, filter_key))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier == Qt.KeyboardModifier.NoModifier
            if (plain and event.key() in OWN_KEYS) or (event.key() == Qt.Key.Key_Escape and self._dragged):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        name = self.current_name
        if self.state() == QAbstractItemView.State.EditingState:
            super().keyPressEvent(event)  # the name's editor passes on what ends it
        elif event.key() == keys.Key_Escape and self._dragged:
            self._stop_drag()
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
        for name, box in parts(rect, look)._asdict().items():
            if box.contains(point) and name != "name":
                of_filter = "filter_mask" if name == "mask" else "filter"
                return row, look, name if look.filter is None else of_filter
        return row, look, "name" if look.filter is None else "filter"

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
            on = look.layer.mask is not None and layer_edits.mask_is_on(look.layer.mask)
            self.attempt(lambda session: layer_edits.set_mask_enabled(session, row.key, not on))
        elif part == "filter_mask" and (shift or alt):
            assert row.filter_key is not None
            if alt:
                self.mask_view_requested.emit(row.key, row.filter_key)
            else:
                place = FilterMask(row.filter_key)
                on = look.mask_is_on
                self.attempt(lambda s: layer_edits.set_target_enabled(s, row.key, place, not on))
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
                self._copied_mask = (row.key, event.position().toPoint())

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
        elif self._copied_mask is not None:
            self._drag_mask(point)
        elif self._dragged:
            self._drag_to(point)
        elif self._pressed is not None:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pressed = None
        if self._eyes is not None:
            self._eyes[0].commit()
            self._eyes = None
        elif self._copied_mask is not None:
            super().mouseReleaseEvent(event)
            self._drop_mask()
        elif self._dragged:
            self._drop_here()
        else:
            super().mouseReleaseEvent(event)

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

    # -- dragging rows. Not by Qt's drag and drop: rows go nowhere else, and Escape and the line are ours.

    def startDrag(self, supportedActions: Qt.DropAction) -> None:
        if self._pressed is None:
            return
        if self._pressed[1] is not None:
            self._dragged = (self._pressed,)
        else:
            self._dragged = tuple((key, None) for key, item in self._selected_names() if item is None)
        self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def _drag_mask(self, point: QPoint) -> None:
        """Show which layer would get a copy of the mask."""
        assert self._copied_mask is not None
        key, start = self._copied_mask
        if not self._dragged and (point - start).manhattanLength() < QApplication.startDragDistance():
            return
        self._dragged = ((key, None),)
        self.viewport().setCursor(Qt.CursorShape.DragCopyCursor)
        row = self.rows.row_of(self.indexAt(QPoint(self.viewport().width() // 2, point.y())))
        onto = row is not None and row.filter_key is None and row.key != key
        self._drop = Drop("into", row, self._box(row)) if onto and row is not None else None
        self.viewport().update()

    def _drop_mask(self) -> None:
        """Copy the mask to the layer it was dragged onto; a click views it."""
        assert self._copied_mask is not None
        (key, _), dragged, drop = self._copied_mask, self._dragged, self._drop
        self._stop_drag()
        if not dragged:
            self.mask_view_requested.emit(key, None)
        elif drop is not None:
            self.attempt(lambda session: copy_mask(session, key, drop.row.key))

    def _stop_drag(self) -> None:
        self._dragged, self._drop, self._copied_mask = (), None, None
        self.viewport().unsetCursor()
        self.viewport().update()
        if self._scroll_timer:
            self.killTimer(self._scroll_timer)
            self._scroll_timer = 0

    def _drag_to(self, point: QPoint) -> None:
        is_filter = self._dragged[0][1] is not None
        self._drop = self._filter_drop(point) if is_filter else self._layer_drop(point)
        self.viewport().update()
        beyond = not SCROLL_ZONE_PX <= point.y() < self.viewport().height() - SCROLL_ZONE_PX
        if beyond and not self._scroll_timer:
            self._scroll_timer = self.startTimer(SCROLL_MS)
        elif not beyond and self._scroll_timer:
            self.killTimer(self._scroll_timer)
            self._scroll_timer = 0

    def timerEvent(self, event: QTimerEvent) -> None:
        if event.timerId() != self._scroll_timer:
            super().timerEvent(event)
            return
        point = self.viewport().mapFromGlobal(self.cursor().pos())
        step = -SCROLL_STEP_PX if point.y() < self.viewport().height() // 2 else SCROLL_STEP_PX
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + step)
        self._drag_to(point)

    def _drop_here(self) -> None:
        dragged, drop = self._dragged, self._drop
        self._stop_drag()
        if drop is None:
            return
        key, filter_key = dragged[0]
        if filter_key is None:
            keys = [each for each, _ in dragged]
            self.attempt(lambda session: layer_edits.move(session, keys, drop.place, drop.row.key))
            return
        rest = [item.key for item in filters_of(self.rows.layers[key]) if item.key != filter_key]
        if drop.row.filter_key in rest:
            place = rest.index(drop.row.filter_key) + (drop.place == "above")
            self.attempt(lambda session: layer_edits.move_filter(session, key, filter_key, place))

    def _filter_drop(self, point: QPoint) -> Drop | None:
        """Return between which filters of its own layer a dragged filter would go."""
        row = self.rows.row_of(self.indexAt(QPoint(self.viewport().width() // 2, point.y())))
        if row is None or row.filter_key is None or row.key != self._dragged[0][0]:
            return None
        box = self._box(row)
        above = point.y() < box.center().y()
        return Drop(
            "above" if above else "below", row, self._line(box, box.top() if above else box.bottom() + 1)
        )

    def _layer_drop(self, point: QPoint) -> Drop | None:
        """Return where dragged layers would go: between rows, or into a group whose row is met in its middle."""
        index = self.indexAt(QPoint(self.viewport().width() // 2, point.y()))
        row = self.rows.row_of(index)
        if row is None:
            rows = [each for each in self.rows.rows if each.filter_key is None and each.parent is None]
            if point.y() < 0 or not rows:
                return None
            return self._allowed("below", rows[-1], self._bottom(rows[-1]))
        if row.filter_key is not None:
            assert row.parent is not None
            row = row.parent
        box = self._box(row)
        group = isinstance(self.rows.layers[row.key], GroupLayer)
        share = (point.y() - box.top()) / box.height()
        if share < (0.3 if group else 0.5):
            return self._allowed("above", row, box.top())
        if group and (share < 0.7 or self._open_members(row)):
            return self._allowed("into", row, box.top())
        # Left of the row, below a group's last member: below the group itself.
        while (
            row.parent is not None
            and row is row.parent.children[-1]
            and point.x() < self._box(row).left() - INDENT
        ):
            row = row.parent
        return self._allowed("below", row, self._bottom(row))

    def _open_members(self, row: Row) -> bool:
        return self.isExpanded(self.rows.find(row.name, EYE)) and any(
            c.filter_key is None for c in row.children
        )

    def _allowed(self, place: Place, row: Row, y: int) -> Drop | None:
        above: Row | None = row
        while above is not None:
            if (above.key, None) in self._dragged:
                return None
            above = above.parent
        box = self._box(row)
        return Drop(place, row, box if place == "into" else self._line(box, y))

    def _box(self, row: Row) -> QRect:
        return self.visualRect(self.rows.find(row.name))

    def _bottom(self, row: Row) -> int:
        """Return y beneath a row and all that is open under it."""
        while row.children and self.isExpanded(self.rows.find(row.name, EYE)):
            row = row.children[-1]
        return self._box(row).bottom() + 1

    @staticmethod
    def _line(box: QRect, y: int) -> QRect:
        return QRect(box.left(), y - 1, box.width(), 2)

    # -- painting

    def drawRow(self, painter: QPainter, options: object, index: Index) -> None:
        rect: QRect = options.rect  # type: ignore[attr-defined] # QStyleOptionViewItem
        beside = QRect(EYE_WIDTH, rect.top(), self.viewport().width() - EYE_WIDTH, rect.height())
        if self.selectionModel().isSelected(index):
            painter.fillRect(beside, QColor(theme.SELECTED))
        super().drawRow(painter, options, index)  # type: ignore[arg-type]
        painter.fillRect(QRect(0, rect.bottom(), self.viewport().width(), 1), QColor(theme.LINE))

    def drawBranches(self, painter: QPainter, rect: QRect, index: Index) -> None:
        row = self.rows.row_of(index)
        if row is None or not row.children:
            return
        is_open = self.isExpanded(self.rows.find(row.name, EYE))
        look: RowLook = index.data(ROW_ROLE)
        colour = theme.TEXT if look.on and look.shown else theme.DISABLED_TEXT
        edge = 12
        x, y = rect.right() - INDENT + (INDENT - edge) // 2 + 1, rect.center().y() - edge // 2
        name = "chevron_down" if is_open else "chevron_right"
        painter.drawPixmap(x, y, drawn(name, edge, colour, self.devicePixelRatioF()))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._drop is None:
            return
        painter = QPainter(self.viewport())
        line = self._drop.line
        if self._drop.place == "into":
            painter.setPen(QPen(QColor(theme.BRIGHT_TEXT), 2))
            painter.drawRoundedRect(line.adjusted(1, 1, -1, -2), 3, 3)
        else:
            painter.fillRect(line, QColor(theme.BRIGHT_TEXT))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(QColor(theme.BRIGHT_TEXT))
            painter.drawEllipse(line.left() - 2, line.top() - 2, 5, 5)
        painter.end()
