"""The frames of the panels at the window's sides: tabs where several share a place, a title where one is alone."""

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar, QWidget


class PanelDock(QDockWidget):
    """One panel's frame, called ``{name}_dock``."""

    def __init__(self, name: str, title: str, panel: QWidget, window: QMainWindow, *, titled: bool) -> None:
        """Frame a panel; where not `titled`, the panel has a heading of its own and stays where it is."""
        super().__init__(title, window)
        self.setObjectName(f"{name}_dock")
        self.setAccessibleName(title)
        self.setWidget(panel)
        self._titled = titled
        self._bare = QWidget()
        """A title bar of no height."""
        if not titled:
            self.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetClosable)
            self.setTitleBarWidget(self._bare)

    def show_title(self, window: QMainWindow) -> None:
        """Show the title, unless a tab says it already."""
        shares = any(not other.isHidden() for other in window.tabifiedDockWidgets(self))
        bar = self._bare if not self._titled or (shares and not self.isFloating()) else None
        if self.titleBarWidget() is not bar:
            # The types say that there must be one: None brings Qt's own back.
            self.setTitleBarWidget(bar)  # type: ignore[arg-type]
            self._bare.setVisible(bar is not None)


def is_seen(panel: QWidget) -> bool:
    """Whether anything of a panel is to be seen: one in a tab behind is visible to Qt, and lies outside the window."""
    return panel.isVisible() and not panel.visibleRegion().isEmpty()


def settle_docks(docks: Iterable[PanelDock], window: QMainWindow) -> None:
    """Show titles where they are needed, and all of each tab's text."""
    for dock in docks:
        dock.show_title(window)
    for bar in window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
        bar.setObjectName("panel_tabs")
        bar.setAccessibleName("Panels")
        bar.setElideMode(Qt.TextElideMode.ElideNone)
        # A click leaves the focus where the work is.
        bar.setFocusPolicy(Qt.FocusPolicy.TabFocus)
