"""A window with something to select in, and a hand that selects by keys and clicks."""

import msgspec
import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog

from retexture.document.document import Document
from retexture.document.layers import FillLayer, LayerMask, PaintLayer, RasterMask
from retexture.document.pixels import Tiles
from retexture.gui.app import wait_until_idle
from retexture.gui.commands import run
from retexture.gui.layer_row import ROW_ROLE, parts
from retexture.gui.layers_model import LAYER
from retexture.gui.menu_bar import COMMANDS
from retexture.gui.window import MainWindow
from retexture.session import selection_edits
from retexture.session.selections import from_plane, rectangle
from retexture.session.session import Session
from tests.document.documents import samples
from tests.gui.small_documents import picture_document

SIZE = (400, 300)
RECT = rectangle(SIZE, (50, 40), (220, 190))
MASK = from_plane(samples((300, 400), seed=4), SIZE)
PAINT = Tiles.from_array(samples((4, 300, 400), seed=5), (0, 0, 0, 0))
NONE, CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


class Hand:
    """The window with a picture, a paint layer and a masked fill, and its user."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        self.messages: list[str] = []
        window.workspace.message.connect(self.messages.append)
        document = picture_document(*SIZE)
        layers = (
            *document.layers,
            PaintLayer(key="paint", name="Paint", tiles=PAINT),
            FillLayer(key="fill", name="Fill", mask=LayerMask(painted=RasterMask(MASK))),
        )
        self.session = Session(msgspec.structs.replace(document, layers=layers), title="one")
        window.workspace.add(self.session)
        self.wait()

    @property
    def document(self) -> Document:
        return self.session.document

    @property
    def steps(self) -> list[str]:
        return [version.label for version in self.session.history.versions[1:]]

    def wait(self) -> None:
        assert wait_until_idle(self.window)
        QApplication.processEvents()

    def keys(self, sequence: str) -> None:
        QTest.keySequence(self.window, sequence)
        self.wait()

    def run(self, name: str) -> None:
        run(next(command for command in COMMANDS if command.name == name), self.window)
        self.wait()

    def enabled(self, name: str) -> bool:
        return next(command for command in COMMANDS if command.name == name).enabled(self.window)

    def select(self, selection: Tiles | None = RECT) -> None:
        selection_edits.select(self.session, "Selected", selection)

    def selected(self) -> np.ndarray:
        assert self.document.selection is not None
        return np.asarray(self.document.selection.to_array()[0])

    def is_selected(self, selection: Tiles) -> bool:
        return np.array_equal(self.selected(), selection.to_array()[0])

    def click_thumbnail(self, key: str, part: str, modifiers: Qt.KeyboardModifier) -> None:
        tree = self.window.layers.tree
        index = tree.rows.find((key, None), LAYER)
        box = getattr(parts(tree.visualRect(index), index.data(ROW_ROLE)), part)
        QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, modifiers, box.center())
        self.wait()

    def dialog(self, kind: type[QDialog]) -> QDialog:
        found = [d for d in self.window.findChildren(kind) if d.isVisible()]
        assert len(found) == 1
        return found[0]

    def click(self, dialog: QDialog, name: str) -> None:
        button = dialog.findChild(QAbstractButton, name)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        self.wait()

    def click_picture(self, x: float, y: float, modifiers: Qt.KeyboardModifier = NONE) -> None:
        canvas = self.window.canvas
        place = canvas.view.to_window(type(canvas.view.centre)(x, y), canvas.pane_size())
        at = QPoint(round(place.x), round(place.y))
        QTest.mouseMove(canvas, at)
        QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, modifiers, at)
        self.wait()
