"""The Layers panel at work on a sample, and the hand that works with it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import msgspec
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from retexture.document.document import Document, find, walk
from retexture.document.layers import GroupLayer, smart
from retexture.filters.add_noise import AddNoise
from retexture.filters.invert import Invert
from retexture.filters.median import Median
from retexture.gui.commands import run
from retexture.gui.layer_row import EYE_WIDTH, Parts, RowLook, parts
from retexture.gui.layers_panel import COMMANDS, LayersPanel
from retexture.gui.workspace import Workspace
from retexture.session.preferences import Preferences
from retexture.session.session import Session
from retexture.session.target import Target
from tests.document.documents import sample_document
from tests.gui.gestures import NONE, drag

if TYPE_CHECKING:
    from retexture.gui.window import MainWindow


PICTURE = sample_document(40, 30)
BASE = msgspec.structs.replace(
    find(PICTURE, "base"), filters=smart(Invert(), Median(), AddNoise()), clipped=False
)


def sample() -> Document:
    """From the top: Invert, High (mask, Apply Image), Low (Gaussian Blur), Group of Grey, Paint, Base (3 filters)."""
    group = find(PICTURE, "group")
    assert isinstance(group, GroupLayer)
    plain = msgspec.structs.replace(group, layers=(BASE, *group.layers[1:]), filters=())
    return msgspec.structs.replace(PICTURE, layers=(plain, *PICTURE.layers[1:]), links=())


class Hand:
    """A panel on the screen, and where its rows are."""

    def __init__(self, qtbot: QtBot, document: Document) -> None:
        self.qtbot = qtbot
        self.workspace = Workspace(Preferences())
        self.panel = LayersPanel(self.workspace)
        self.panel.canvas = self.panel  # type: ignore[attr-defined] # where the window has its own; dialogs lie on it
        self.tree = self.panel.tree
        self.session = Session(document, title="test")
        self.messages: list[str] = []
        self.workspace.message.connect(self.messages.append)
        self.workspace.add(self.session)
        self.panel.resize(320, 700)
        qtbot.addWidget(self.panel)
        self.panel.show()
        qtbot.waitExposed(self.panel)

    @property
    def view(self):
        return self.tree.viewport()

    @property
    def document(self) -> Document:
        return self.session.document

    def layer(self, key: str):
        return find(self.document, key)

    def keys(self) -> list[str]:
        return [layer.key for layer in walk(self.document.layers)]

    def steps(self) -> int:
        return len(self.session.history.versions) - 1

    def box(self, key: str, filter_key: str | None = None) -> QRect:
        return self.tree.visualRect(self.tree.rows.find((key, filter_key)))

    def look(self, key: str, filter_key: str | None = None) -> RowLook:
        row = self.tree.rows.row_of(self.tree.rows.find((key, filter_key)))
        assert row is not None
        return self.tree.rows.look(row)

    @property
    def window(self) -> "MainWindow":
        """The panel alone has all that its commands need."""
        return cast("MainWindow", self.panel)

    @property
    def target(self) -> Target:
        return self.session.target

    def run(self, name: str) -> None:
        run(COMMANDS[name], self.window)

    def name_editor(self) -> QLineEdit:
        editor = self.tree.findChild(QLineEdit, "layer_name")
        assert editor is not None
        return editor

    def part(self, key: str, part: str, filter_key: str | None = None) -> tuple[int, int]:
        box = self.box(key, filter_key)
        if part == "eye":
            return EYE_WIDTH // 2, box.center().y()
        where: Parts = parts(box, self.look(key, filter_key))
        rect: QRect = getattr(where, part)
        assert not rect.isEmpty()
        return min(rect.left() + 12, rect.center().x()), rect.center().y()

    def click(self, key: str, part: str = "name", modifiers=NONE, filter_key: str | None = None) -> None:
        place = QPoint(*self.part(key, part, filter_key))
        QTest.mouseClick(self.view, Qt.MouseButton.LeftButton, modifiers, place)

    def place(self, key: str, share: float, filter_key: str | None = None) -> tuple[int, int]:
        """A point in a row, so far down in it."""
        box = self.box(key, filter_key)
        return box.center().x(), box.top() + round(box.height() * share)

    def drag_row(
        self, key: str, to: tuple[int, int], filter_key: str | None = None, let_go: bool = True
    ) -> None:
        x, y = self.part(key, "name", filter_key)
        drag(self.view, (x, y), (x + 3, y + 5), (x + 5, y + 20), to, let_go=let_go)

    def key(self, key: Qt.Key, modifiers=NONE) -> None:
        QTest.keyClick(self.tree, key, modifiers)

    def check(self) -> None:
        """The rows are the document's, in its order from the top."""
        shown = [row.name for row in self.tree.rows.rows]

        def wanted(layers):
            for layer in reversed(layers):
                yield layer.key, None
                for item in reversed(getattr(layer, "filters", ())):
                    yield layer.key, item.key
                if isinstance(layer, GroupLayer):
                    yield from wanted(layer.layers)

        assert shown == list(wanted(self.document.layers))
        for row in self.tree.rows.rows:
            assert self.tree.rows.look(row).layer is find(self.document, row.key)
        assert self.tree.current_key == self.session.active


def at_work(qtbot: QtBot) -> Iterator[Hand]:
    """Yield a hand on the sample; what it has done must be what the rows show."""
    hand = Hand(qtbot, sample())
    yield hand
    hand.check()
    hand.workspace.close()
