"""Offers, after a crash, the documents that were not saved."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from retexture.gui import theme
from retexture.gui.buttons import push_button
from retexture.gui.history_panel import size_text
from retexture.session.recovery import Recovered


class RecoveryDialog(QDialog):
    """A list to choose from. What is neither recovered nor discarded is offered again the next time."""

    recover_requested = Signal(object)
    """A Recovered: open it."""
    discard_requested = Signal(object)
    """A Recovered: delete it."""

    def __init__(self, found: Sequence[Recovered], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("recovery_dialog")
        self.setWindowTitle("Recover unsaved work")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._found = list(found)
        heading = QLabel("Retexture ended before this work was saved")
        heading.setStyleSheet(f"font-weight: 600; font-size: 14px; color: {theme.BRIGHT_TEXT};")
        text = QLabel(
            "Recovered documents open in tabs of their own. Their files are as they were last saved."
        )
        text.setStyleSheet(f"color: {theme.DIM_TEXT};")
        self.list = QTreeWidget()
        self.list.setObjectName("recovery_list")
        self.list.setAccessibleName("Unsaved documents")
        self.list.setToolTip("Select what to recover or to discard")
        self.list.setHeaderLabels(["Document", "Last copy", "Size"])
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        header = self.list.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for recovered in self._found:
            when = recovered.when.astimezone().strftime("%d %b %Y, %H:%M")
            item = QTreeWidgetItem([recovered.title, when, size_text(recovered.bytes)])
            item.setToolTip(
                0, str(recovered.path) if recovered.path is not None else "Was never saved to a file"
            )
            item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.list.addTopLevelItem(item)
        self.list.selectAll()
        self.list.itemSelectionChanged.connect(self._refresh)
        self.list.itemDoubleClicked.connect(lambda _item: self._recover())

        self.discard = push_button(
            "recovery_discard", "Discard", "Delete the selected copies for good", self._discard
        )
        self.later = push_button(
            "recovery_later", "Later", "Keep them and ask again the next time (Esc)", self.reject
        )
        self.recover = push_button(
            "recovery_recover", "Recover", "Open the selected documents (Enter)", self._recover
        )
        self.recover.setDefault(True)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.SPACE)
        buttons.addWidget(self.discard)
        buttons.addStretch(1)
        buttons.addWidget(self.later)
        buttons.addWidget(self.recover)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 16, 16, 16)
        whole.setSpacing(theme.SPACE_LARGE)
        whole.addWidget(heading)
        whole.addWidget(text)
        whole.addWidget(self.list, 1)
        whole.addLayout(buttons)
        self._refresh()

    def sizeHint(self) -> QSize:
        return QSize(560, 320)

    def _refresh(self) -> None:
        chosen = bool(self.list.selectedItems())
        self.recover.setEnabled(chosen)
        self.discard.setEnabled(chosen)

    def _take_selected(self) -> list[Recovered]:
        """Return the selected documents, and take them off the list."""
        rows = sorted(self.list.indexOfTopLevelItem(item) for item in self.list.selectedItems())
        taken = [self._found[row] for row in rows]
        for row in reversed(rows):
            self.list.takeTopLevelItem(row)
            del self._found[row]
        return taken

    def _recover(self) -> None:
        for recovered in self._take_selected():
            self.recover_requested.emit(recovered)
        self._close_if_empty()

    def _discard(self) -> None:
        for recovered in self._take_selected():
            self.discard_requested.emit(recovered)
        self._close_if_empty()

    def _close_if_empty(self) -> None:
        if not self._found:
            self.accept()
