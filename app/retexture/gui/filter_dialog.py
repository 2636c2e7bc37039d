"""The dialog of a filter: added to the layer as a smart filter, with a live preview, kept with OK."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QLabel, QVBoxLayout

from retexture.document.tree import filters_of, known
from retexture.errors import InputError
from retexture.filters import Filter
from retexture.gui import theme
from retexture.gui.buttons import ok_and_cancel
from retexture.gui.canvas import Canvas
from retexture.gui.editor_base import Editor
from retexture.gui.number_field import NumberField
from retexture.gui.property_parts import Part, Row, applied, parts_of, values_of
from retexture.gui.property_sections import editor_of
from retexture.session.filter_edits import with_filter
from retexture.session.session import Session, Update

if TYPE_CHECKING:
    from retexture.gui.window import MainWindow

WIDTH = 380


def move_aside(dialog: QDialog, canvas: Canvas) -> None:
    """Put a dialog into the lower right corner of the canvas: faces are in the middle."""
    corner = canvas.mapToGlobal(canvas.rect().bottomRight())
    size = dialog.sizeHint().expandedTo(dialog.minimumSize())
    dialog.move(corner - QPoint(size.width() + 16, size.height() + 48))


class FilterDialog(QDialog):
    """Shows a filter on the active layer as a draft; the canvas can be moved and zoomed meanwhile.

    OK keeps the filter as one undo step, Cancel takes it off again; so does undo. Any other edit keeps it.
    """

    kept = Signal(object)
    """The Filter as it was set."""

    def __init__(self, window: "MainWindow", session: Session, key: str, added: Filter) -> None:
        """Begin the draft.

        Raises:
            ValueError: the layer takes no filter; in words for the user.
        """
        super().__init__(window)
        document, self.filter_key = with_filter(session.document, key, added)
        self.key = key
        self.workspace = window.workspace
        self._layer = known(document, key)
        self._document = document
        tag = str(added.__struct_config__.tag)
        self.name = f"{tag}_dialog"
        self.setObjectName(self.name)
        self.setWindowTitle(added.label)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.editors: dict[str, Editor] = {}
        self._rows: dict[str, Row] = {}
        self._lay_out()
        self.gesture = session.begin(added.label)
        self.finished.connect(self._end)
        self.workspace.updated.connect(self._follow)
        self.workspace.session_changed.connect(self.close)
        self._show()
        self._show_values()
        self._show_rows()
        move_aside(self, window.canvas)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, theme.SPACE_LARGE)
        column.setSpacing(theme.SPACE)
        target = QLabel(f"On {self._layer.name}")
        target.setObjectName(f"{self.name}_layer")
        target.setStyleSheet(f"color: {theme.DIM_TEXT}")
        column.addWidget(target)
        for row in self._part().rows:
            self._add_editor(row, column)
        column.addSpacing(theme.SPACE)
        line = QHBoxLayout()
        self.preview = QCheckBox("Preview")
        self.preview.setObjectName(f"{self.name}_preview")
        self.preview.setAccessibleName("Preview")
        self.preview.setToolTip("Show the picture with the filter, or as it was")
        self.preview.setChecked(True)
        self.preview.toggled.connect(lambda _on: self._show())
        line.addWidget(self.preview)
        line.addStretch(1)
        line.addWidget(
            ok_and_cancel(self, self.name, "Keep the filter (Enter)", "Leave the layer as it was (Esc)")
        )
        column.addLayout(line)
        self.setMinimumWidth(WIDTH)
        first = next(iter(self.editors.values()), None)
        if first is not None:
            first.setFocus()
        if isinstance(first, NumberField):
            first.edit.setFocus()
            first.edit.selectAll()

    def _part(self) -> Part:
        parts = parts_of(self._document, known(self._document, self.key))
        return next(part for part in parts if part.role == "filter" and part.key == self.filter_key)

    def _add_editor(self, row: Row, column: QVBoxLayout) -> None:
        name = row.parameter.name
        editor = editor_of(row)
        editor.setObjectName(f"{self.name}_{name}")
        editor.changed.connect(lambda value: self._change(name, value))
        editor.cancelled.connect(lambda: self._change(name, editor.value()))
        self.editors[name], self._rows[name] = editor, row
        column.addWidget(editor)

    # -- the draft

    def _change(self, name: str, value: Any) -> None:
        try:
            self._document = applied(self._document, self._rows[name], value)
        except (InputError, ValueError) as error:
            self.workspace.tell_problem(error)
            self.editors[name].cancel()
        self._show_rows()
        self._show()

    def _show(self) -> None:
        """Show the draft, or the picture as it was."""
        self.gesture.update(self._document if self.preview.isChecked() else self.gesture.start)

    def _show_rows(self) -> None:
        """Show the rows that count as the others are set."""
        rows = self._part().rows
        changed = any(row.shown == self.editors[row.parameter.name].isHidden() for row in rows)
        for row in rows:
            self.editors[row.parameter.name].setVisible(row.shown)
        if changed:
            self.adjustSize()

    def _show_values(self) -> None:
        values = values_of(self._document, (self._part(),))
        for name, editor in self.editors.items():
            editor.set_value(values[self._rows[name].path])

    def _follow(self, _update: Update) -> None:
        if not self.gesture.live and self.isVisible():
            self.close()  # another edit has ended it

    def _end(self, result: int) -> None:
        if not self.gesture.live:
            return
        if result != QDialog.DialogCode.Accepted:
            self.gesture.cancel()
            return
        self.gesture.update(self._document)
        self.gesture.commit()
        items = filters_of(known(self._document, self.key))
        self.kept.emit(next(item.filter for item in items if item.key == self.filter_key))
