"""A line to type in that keeps the keys it needs from the window's shortcuts."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QWidget

from retexture.gui.icons import icon

ENTER = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})


def leaves_undo(edit: QLineEdit, event: QEvent) -> bool:
    """Leave undo and redo to the window where nothing was typed into a field; return whether that was asked."""
    if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent) or edit.isModified():
        return False
    undo, redo = QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo
    if event.matches(undo) or event.matches(redo):
        event.ignore()
        return True
    return False


class LineEdit(QLineEdit):
    """A line edit whose `own_keys` come to it even where a command of the window has them."""

    own_keys = ENTER | {Qt.Key.Key_Escape, Qt.Key.Key_Up, Qt.Key.Key_Down}

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if event.key() in self.own_keys:
                event.accept()
                return True
        return leaves_undo(self, event) or super().event(event)


class SearchField(LineEdit):
    """A line edit with a magnifying glass."""

    def __init__(self, name: str, words: str, parent: QWidget) -> None:
        """Make it; `words` say, while it is empty, what is searched."""
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(words)
        self.setPlaceholderText(words)
        # What the theme says of tool buttons would push the glass out of the middle.
        self.setStyleSheet(
            "QToolButton { min-width: 0; min-height: 0; padding: 0; border: none; background: none; }"
        )
        self.addAction(icon("search", 16), self.ActionPosition.LeadingPosition)
