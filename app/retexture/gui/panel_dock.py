"""The frames of the panels at the window's sides: tabs where several share a place, a title where one is alone."""

from collections.abc import Iterable

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar, QTabWidget, QWidget

from retexture.gui.workspace import Workspace
from retexture.session.session import Session

PANEL_WIDTH = 320


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


class PanelDocks:
    """The frames of all panels of a window: where they lie, and when they are shown."""

    def __init__(self, window: QMainWindow, workspace: Workspace) -> None:
        self._window, self._workspace = window, workspace
        self.docks: dict[str, PanelDock] = {}
        kept = workspace.preferences.window_state
        self._state = QByteArray.fromBase64(kept.encode()) if kept else None
        """Where the panels lie, while no document shows them."""
        self._divided = bool(kept)
        self._shown = False
        self._measured = False
        """The document in front was made by the automatic restoration."""
        self._settling = False
        window.setDockOptions(
            QMainWindow.DockOption.AnimatedDocks
            | QMainWindow.DockOption.AllowNestedDocks
            | QMainWindow.DockOption.AllowTabbedDocks
        )
        window.setTabPosition(Qt.DockWidgetArea.RightDockWidgetArea, QTabWidget.TabPosition.North)

    def add(self, name: str, title: str, panel: QWidget, place: Qt.DockWidgetArea | str) -> None:
        """Frame a panel, at a side of the window or as a tab beside the panel of another name."""
        window = self._window
        dock = self.docks[name] = PanelDock(name, title, panel, window, titled=name != "guide")
        if isinstance(place, str):
            layout = window.layout()
            assert layout is not None
            layout.activate()  # else Qt makes the bar of a second group of tabs twice
            window.tabifyDockWidget(self.docks[place], dock)
        else:
            window.addDockWidget(place, dock)
        dock.visibilityChanged.connect(self._settle)
        dock.dockLocationChanged.connect(self._settle)
        dock.topLevelChanged.connect(self._settle)

    def arrange(self) -> None:
        """Lay the panels out as they are at first."""
        self._bring_forward()
        self._window.resizeDocks([self.docks["properties"]], [PANEL_WIDTH], Qt.Orientation.Horizontal)

    def _bring_forward(self) -> None:
        self.docks["properties"].raise_()
        self.docks["layers"].raise_()

    def state(self) -> str:
        """Return where the panels lie, as the preferences keep it."""
        state = self._window.saveState() if self._shown else self._state
        return "" if state is None else state.toBase64().toStdString()

    def show(self, session: Session | None) -> None:
        """Hide the panels with the last document, and show with the first one those that were shown before."""
        if session is None:
            if self._shown:
                self._state = self._window.saveState()
            for dock in self.docks.values():
                dock.hide()
        elif not self._shown:
            if self._state is not None:
                self._window.restoreState(self._state)
            else:
                for name, dock in self.docks.items():
                    dock.setVisible(name not in ("guide", "restoration"))
                self._bring_forward()
                self._divide()
        self._shown = session is not None
        self._show_restoration(session)

    def _show_restoration(self, session: Session | None) -> None:
        """Show the Restoration panel in front where there is something for it, and else not at all."""
        measured = session is not None and session.document.analysis is not None
        dock = self.docks["restoration"]
        dock.toggleViewAction().setEnabled(measured)
        before, self._measured = self._measured, measured
        if measured and not before:
            dock.show()
            dock.raise_()
        elif not measured:
            dock.hide()

    def _divide(self) -> None:
        """At the first document, divide the height between Properties and Layers, unless the user has done so."""
        if self._divided:
            return
        self._divided = True
        docks, shares = [self.docks["properties"], self.docks["layers"]], (0.57, 0.43)
        heights = [round(part * self._window.height()) for part in shares]
        self._window.resizeDocks(docks, heights, Qt.Orientation.Vertical)

    def _settle(self) -> None:
        """Once Qt has laid the docks out, show their titles and tabs as they lie now."""
        if self._settling:
            return
        self._settling = True

        def settle() -> None:
            self._settling = False
            settle_docks(self.docks.values(), self._window)

        self._workspace.later(0, settle)
