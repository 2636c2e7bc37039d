"""The document's layers and smart filters as the model of a tree: a reflection, never a state of its own."""

from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QPixmap

from retexture.document.document import Document, walk
from retexture.document.layers import AnyLayer, GroupLayer
from retexture.document.tree import Layers, filters_of
from retexture.gui.layer_row import ROW_ROLE, RowLook
from retexture.session.target import FilterMask, Target

Index = QModelIndex | QPersistentModelIndex
Name = tuple[str, str | None]
"""A layer's key, and that of its smart filter or None."""

EYE, LAYER = 0, 1
"""The columns."""


class Row:
    """One row: a layer, or a smart filter of one. Its place among its parent's children is `place`."""

    def __init__(self, name: Name, parent: "Row | None", place: int) -> None:
        self.name = name
        self.parent = parent
        self.place = place
        self.children: list[Row] = []
        self.number = 0

    @property
    def key(self) -> str:
        """The layer's key."""
        return self.name[0]

    @property
    def filter_key(self) -> str | None:
        """The smart filter's key; None: the row is the layer's own."""
        return self.name[1]


class LayersModel(QAbstractItemModel):
    """Rows from the topmost layer down; under a layer its smart filters, the last applied first, then its members."""

    renamed = Signal(str, str)
    """A layer's key, and the name that was typed."""

    def __init__(self) -> None:
        super().__init__()
        self.document: Document | None = None
        self.layers: dict[str, AnyLayer] = {}
        self.thumbnails: dict[tuple[str, Target], QPixmap] = {}
        self.active: str | None = None
        self.target: Target = "layer"
        self._rows: list[Row] = []
        self._top: list[Row] = []
        self._shape: Any = None

    # -- following the document

    def show(self, document: Document | None, active: str | None, target: Target) -> bool:
        """Reflect a document; return whether it has other rows than before. Else only those that differ are told of."""
        shape = None if document is None else _shape(document.layers)
        before, was = self.layers, (self.active, self.target)
        self.document, self.active, self.target = document, active, target
        self.layers = {} if document is None else {layer.key: layer for layer in walk(document.layers)}
        if shape != self._shape:
            self.beginResetModel()
            self._shape, self._rows = shape, []
            self._top = [] if document is None else self._build(document.layers, None)
            self.endResetModel()
            return True
        different = {key for key, layer in self.layers.items() if before.get(key) is not layer}
        if was != (active, target):
            different |= {key for key in (was[0], active) if key is not None}
        for row in self._rows:
            # What is inside a hidden group is dimmed with it.
            if any(each in different for each in _path(row)):
                self._tell(row)
        return False

    def set_thumbnail(self, key: str, what: Target, picture: QPixmap | None) -> None:
        """Show a small picture of a layer or of a mask of it."""
        if picture is None:
            self.thumbnails.pop((key, what), None)
        else:
            self.thumbnails[key, what] = picture
        for row in self._rows:
            if row.name == (key, what.filter if isinstance(what, FilterMask) else None):
                self._tell(row)

    def _tell(self, row: Row) -> None:
        self.dataChanged.emit(self._index(row, EYE), self._index(row, LAYER))

    def _build(self, layers: Layers, parent: Row | None) -> list[Row]:
        rows = []
        for place, layer in enumerate(reversed(layers)):
            row = self._row((layer.key, None), parent, place + (len(self._filters(parent))))
            rows.append(row)
            row.children = [
                self._row((layer.key, item.key), row, i) for i, item in enumerate(reversed(filters_of(layer)))
            ]
            if isinstance(layer, GroupLayer):
                row.children += self._build(layer.layers, row)
        return rows

    def _filters(self, row: Row | None) -> tuple[Any, ...]:
        return () if row is None else filters_of(self.layers[row.key])

    def _row(self, name: Name, parent: Row | None, place: int) -> Row:
        row = Row(name, parent, place)
        row.number = len(self._rows)
        self._rows.append(row)
        return row

    # -- rows and indices

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows, from the top, whether their groups are open or not."""
        return tuple(self._rows)

    def row_of(self, index: Index) -> Row | None:
        """Return the row of an index."""
        return self._rows[index.internalId()] if index.isValid() else None

    def find(self, name: Name, column: int = LAYER) -> QModelIndex:
        """Return the index of a row; an invalid one where there is none."""
        row = next((row for row in self._rows if row.name == name), None)
        return QModelIndex() if row is None else self._index(row, column)

    def _index(self, row: Row, column: int) -> QModelIndex:
        return self.createIndex(row.place, column, row.number)

    def look(self, row: Row) -> RowLook:
        """Return what a row shows."""
        layer = self.layers[row.key]
        item = next((f for f in filters_of(layer) if f.key == row.filter_key), None)
        mask: Target = "mask" if row.filter_key is None else FilterMask(row.filter_key)
        above = _path(row)[1:] if row.filter_key is None else _path(row)
        return RowLook(
            layer=layer,
            filter=item,
            shown=all(self.layers[key].visible for key in above),
            target=self.target if row.key == self.active else None,
            thumbnail=self.thumbnails.get((row.key, "layer")),
            mask_thumbnail=self.thumbnails.get((row.key, mask)),
        )

    # -- what Qt asks

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        above = self.row_of(parent)
        rows = self._top if above is None else above.children
        inside = 0 <= row < len(rows) and 0 <= column < self.columnCount()
        return self._index(rows[row], column) if inside else QModelIndex()

    def parent(self, index: Index = QModelIndex()) -> QModelIndex:  # type: ignore[override] # noqa: B008
        row = self.row_of(index)
        return QModelIndex() if row is None or row.parent is None else self._index(row.parent, 0)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        if parent.isValid() and parent.column() != 0:
            return 0
        row = self.row_of(parent)
        return len(self._top if row is None else row.children)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 2

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled
        row = self.row_of(index)
        if row is not None and row.filter_key is None and index.column() == LAYER:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.row_of(index)
        if row is None:
            return None
        look = self.look(row)
        if role == ROW_ROLE:
            return look
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == EYE:
            return f"{look.name} is {'shown' if look.on else 'hidden'}"
        if role == Qt.ItemDataRole.AccessibleTextRole:
            words = [look.name, look.details, "locked" if look.layer.locked else ""]
            return ", ".join(filter(None, words))
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole) and index.column() == LAYER:
            return look.name
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        row = self.row_of(index)
        if row is None or role != Qt.ItemDataRole.EditRole:
            return False
        self.renamed.emit(row.key, str(value))
        return True


def _path(row: Row) -> list[str]:
    """Return a row's layer and the groups around it, from the inside out."""
    keys = [row.key]
    above = row.parent
    while above is not None:
        if above.key != keys[-1]:
            keys.append(above.key)
        above = above.parent
    return keys


def _shape(layers: Layers) -> tuple[Any, ...]:
    """Return what decides which rows there are."""
    return tuple(
        (
            layer.key,
            tuple(item.key for item in filters_of(layer)),
            _shape(layer.layers) if isinstance(layer, GroupLayer) else None,
        )
        for layer in layers
    )
