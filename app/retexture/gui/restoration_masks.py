"""The masks of an automatic restoration: their switches, and the views of each."""

from functools import partial

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from retexture.document.document import Document
from retexture.gui import icons, theme
from retexture.gui.buttons import tool_button
from retexture.gui.gestures import attempt
from retexture.gui.workspace import Workspace
from retexture.session import restoration
from retexture.session.restoration import MaskPart

MaskView = tuple[str, object] | None


class RestorationMasks(QWidget):
    """A row for each mask of the restoration: whether it works, and how it is looked at."""

    view_requested = Signal(str, object)
    """Show a layer's (key) component of its mask (index, or None) as a picture, or the picture again."""
    film_requested = Signal(str, object)
    """Lay a layer's (key) component of its mask (index, or None) over the picture as a red film, or no longer."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._rows: dict[str, MaskRow] = {}
        self._views: tuple[MaskView, MaskView] = (None, None)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_SMALL)
        for _, name, title, text in restoration.MASKS:
            row = self._rows[title] = MaskRow("skin" if name == restoration.PAINTED else name, title, text)
            row.eye.clicked.connect(lambda on, title=title: self._switch(title, on))
            row.view.clicked.connect(partial(self._request, self.view_requested, title))
            row.film.clicked.connect(partial(self._request, self.film_requested, title))
            column.addWidget(row)

    def show_document(self, document: Document) -> None:
        """Show which masks a document has, and which of them work."""
        parts = {part.title: part for part in restoration.mask_parts(document)}
        for title, row in self._rows.items():
            row.setVisible(title in parts)
            if title in parts:
                row.set_on(parts[title].enabled)

    def set_views(self, alone: MaskView, film: MaskView) -> None:
        """Show which masks are viewed, alone and as a film: of a layer (key), a component (index)."""
        self._views = alone, film
        for title, row in self._rows.items():
            part = self._part(title)
            place = None if part is None else (part.layer, part.component)
            row.view.setChecked(place is not None and alone == place)
            row.film.setChecked(place is not None and film == place)

    def _switch(self, title: str, on: bool) -> None:
        part = self._part(title)
        if part is not None:
            label = f"{'Enable' if on else 'Disable'} {title} Mask"
            attempt(self._workspace, lambda session: session.set(part.path, on, label))
        if self._workspace.session is not None:
            self.show_document(self._workspace.session.document)

    def _request(self, wanted: SignalInstance, title: str) -> None:
        part = self._part(title)
        if part is not None:
            wanted.emit(part.layer, part.component)
        self.set_views(*self._views)

    def _part(self, title: str) -> MaskPart | None:
        session = self._workspace.session
        parts = () if session is None else restoration.mask_parts(session.document)
        return next((part for part in parts if part.title == title), None)


class MaskRow(QWidget):
    """One of the masks: its switch, its name, and a button that shows it."""

    def __init__(self, name: str, title: str, text: str) -> None:
        super().__init__()
        self._title = title
        self.eye = tool_button(f"restoration_{name}_eye", "eye", title, checkable=True)
        self.eye.setStyleSheet("QToolButton:checked:!hover { background: transparent; }")
        label = QLabel(title)
        label.setToolTip(text)
        film = f"{text}\nLay a red film over the picture where this mask hides"
        self.film = tool_button(
            f"restoration_{name}_film", "rubylith", f"{title} as a film", film, checkable=True
        )
        tip = f"{text}\nShow this mask as a grey picture"
        self.view = tool_button(f"restoration_{name}_view", "mask_view", f"View {title}", tip, checkable=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_SMALL)
        row.addWidget(self.eye)
        row.addWidget(label, 1)
        row.addWidget(self.film)
        row.addWidget(self.view)

    def set_on(self, on: bool) -> None:
        """Show whether the mask is in use."""
        self.eye.setChecked(on)
        self.eye.setIcon(icons.icon("eye" if on else "eye_off", 16))
        words = f"{'Switch off' if on else 'Switch on'} the mask {self._title} (Space)"
        self.eye.setAccessibleName(words.removesuffix(" (Space)"))
        self.eye.setToolTip(words)
