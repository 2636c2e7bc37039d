"""The tabs of the open documents."""

from PySide6.QtWidgets import QTabBar

from retexture.gui.workspace import Workspace
from retexture.session.session import Session, Update


class DocumentTabs(QTabBar):
    """A tab for each open document, with a star where it has unsaved work."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self.setObjectName("document_tabs")
        self.setAccessibleName("Open documents")
        self.setTabsClosable(True)
        self.setMovable(True)
        self.setExpanding(False)
        self.setDocumentMode(True)
        self.setDrawBase(False)
        workspace.session_changed.connect(self._show)
        workspace.sessions_changed.connect(self._show)
        workspace.changed.connect(self._follow)
        self.currentChanged.connect(self._choose)
        self.tabMoved.connect(self._move)

    def _show(self) -> None:
        sessions, shown = self._workspace.sessions, self._workspace.session
        self.blockSignals(True)
        while self.count() > len(sessions):
            self.removeTab(self.count() - 1)
        while self.count() < len(sessions):
            self.addTab("")
        self._name()
        if shown is not None:
            self.setCurrentIndex(sessions.index(shown))
        self.blockSignals(False)

    def _name(self) -> None:
        for i, session in enumerate(self._workspace.sessions):
            self.setTabText(i, session.title + ("*" if session.modified else ""))
            self.setTabToolTip(i, str(session.path or session.title))

    def _follow(self, _session: Session, update: Update) -> None:
        if update.file or update.history:
            self._name()

    def _move(self, old: int, new: int) -> None:
        sessions = self._workspace.sessions
        sessions.insert(new, sessions.pop(old))

    def _choose(self, index: int) -> None:
        if 0 <= index < len(self._workspace.sessions):
            self._workspace.activate(self._workspace.sessions[index])
