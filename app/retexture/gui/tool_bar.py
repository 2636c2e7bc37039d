"""The column of the tools' buttons."""

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QToolBar

from retexture.gui.icons import icon
from retexture.gui.tools import Tool


class ToolBar(QToolBar):
    """A button for each tool, with its key: ``tool_brush`` is the action of the brush."""

    chosen = Signal(str)
    """Name of the tool that is wanted."""

    def __init__(self, tools: Iterable[Tool]) -> None:
        super().__init__("Tools")
        self.setObjectName("tools")
        self.setMovable(False)
        self.setOrientation(Qt.Orientation.Vertical)
        self._group = QActionGroup(self)
        self._actions: dict[str, QAction] = {}
        for tool in tools:
            action = QAction(icon(tool.name), tool.label, self)
            action.setObjectName(f"tool_{tool.name}")
            action.setShortcut(QKeySequence(tool.key))
            action.setToolTip(f"{tool.label}: {tool.help} ({tool.key})")
            action.setCheckable(True)
            action.triggered.connect(lambda _checked, name=tool.name: self.chosen.emit(name))
            self._group.addAction(action)
            self._actions[tool.name] = action
            self.add(action, tool.label)

    def add(self, action: QAction, words: str) -> None:
        """Add the button of an action; `words` for screen readers."""
        self.addAction(action)
        button = self.widgetForAction(action)
        button.setObjectName(f"{action.objectName()}_button")
        button.setAccessibleName(words)

    def show_tool(self, name: str) -> None:
        """Show which tool is in hand."""
        self._actions[name].setChecked(True)
