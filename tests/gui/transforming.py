"""The window with a picture to transform, and the hand that does it."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from retexture.document.document import Document, Source, find
from retexture.document.layers import FillLayer, PaintLayer, PixelLayer
from retexture.document.pixels import Pixels, Tiles
from retexture.document.transform import Placement
from retexture.gui.app import wait_until_idle
from retexture.gui.transform_tool import _in_window
from retexture.gui.window import MainWindow
from retexture.session import transform_box
from retexture.session.session import Session
from retexture.session.view import Point
from tests.gui.stage import CTRL, NONE, drag

WIDTH, HEIGHT = 400, 300


def with_patch(window: MainWindow) -> MainWindow:
    rng = np.random.default_rng(5)
    paint = np.zeros((4, HEIGHT, WIDTH), np.uint16)
    paint[:, 200:240, 20:90] = 50000
    document = Document(
        width_px=WIDTH,
        height_px=HEIGHT,
        sources=(
            Source("base", "Base", Pixels(np.full((3, HEIGHT, WIDTH), 20000, np.uint16))),
            Source("patch", "Patch", Pixels(rng.integers(30000, 60000, (3, 80, 120), np.uint16))),
        ),
        layers=(
            PixelLayer(key="base", name="Base", source="base"),
            FillLayer(key="fill", name="Fill", colour=(0.2, 0.2, 0.2), opacity=0.1),
            PaintLayer(key="paint", name="Paint", tiles=Tiles.from_array(paint)),
            PixelLayer(key="patch", name="Patch", source="patch", x_px=100, y_px=80),
        ),
    )
    session = Session(document, title="one")
    window.workspace.add(session)
    session.select("patch")
    window.canvas.setFocus()
    window.canvas.zoom_to(1.0)
    wait_until_idle(window)
    return window


def place(window: MainWindow) -> Placement:
    found = window.transforming.place
    assert found is not None, "no box is shown"
    return found


def patch(window: MainWindow, key: str = "patch") -> PixelLayer:
    assert window.session is not None
    layer = find(window.session.document, key)
    assert isinstance(layer, PixelLayer)
    return layer


def at(window: MainWindow, point: Point, dx: float = 0, dy: float = 0) -> tuple[float, float]:
    """Return where a point of the picture lies in the canvas, in its own pixels."""
    where = _in_window(point, window.canvas) / window.canvas.devicePixelRatioF()
    return where.x() + dx, where.y() + dy


def pull(
    window: MainWindow, start: Point, dx: float, dy: float, modifiers=NONE, *, let_go: bool = True
) -> None:
    """Drag from a point of the picture by pixels of the screen, as at 100 %."""
    a, middle, b = at(window, start), at(window, start, dx / 2, dy / 2), at(window, start, dx, dy)
    drag(window.canvas, a, middle, b, modifiers=modifiers, let_go=let_go)
    if let_go:
        wait_until_idle(window)


def press(window: MainWindow, key: Qt.Key, modifiers=NONE) -> None:
    QTest.keyClick(window.canvas, key, modifiers)


def begin(window: MainWindow) -> None:
    press(window, Qt.Key.Key_T, CTRL)
    assert window.transforming.box is not None
    assert window.canvas.tool.name == "move"


def handle(window: MainWindow, index: int) -> Point:
    return transform_box.handles(place(window))[index]
