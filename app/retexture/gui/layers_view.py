"""The rows of the Layers panel: which there are, which are open and selected, as the session has them."""

from collections.abc import Callable
from weakref import WeakKeyDictionary

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeView

from retexture.document.layers import AdjustmentLayer, FillLayer
from retexture.errors import InputError
from retexture.gui import theme
from retexture.gui.layer_row import EYE_WIDTH, INDENT, ROW_ROLE, RowDelegate, RowLook, drawn
from retexture.gui.layers_model import EYE, LAYER, LayersModel, Name
from retexture.gui.workspace import Workspace
from retexture.session import layer_edits
from retexture.session.session import Session
from retexture.session.target import Target

Index = QModelIndex | QPersistentModelIndex


class LayersView(QTreeView):
    """The rows, open or closed. The current row is the active layer; others may be selected with it."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.workspace = workspace
        self.rows = LayersModel()
        self._session: Session | None = None
        self._collapsed: WeakKeyDictionary[Session, set[str]] = WeakKeyDictionary()
        self._syncing = False
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
