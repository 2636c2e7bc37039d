"""Alt+Backspace and Ctrl+Backspace, with the focus on the canvas and in the Layers panel."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from retexture.document.document import find
from retexture.document.edits import insert_layer
from retexture.document.layers import FillLayer, LayerMask, PaintLayer, RasterMask
from retexture.document.pixels import Tiles
from retexture.gui.app import wait_until_idle
from retexture.gui.window import MainWindow
from retexture.session import masks
from retexture.session.session import Session
from tests.gui.small_documents import picture_document

ALT, CTRL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def session(window: MainWindow) -> Session:
    """A picture, a paint layer under a grey mask, and a fill."""
    document = picture_document()
    size = (document.width_px, document.height_px)
    grey = LayerMask(painted=RasterMask(tiles=masks.fill(masks.white(*size), 0.5)))
    empty = Tiles(*size, background=(0, 0, 0, 0))
    document = insert_layer(document, PaintLayer(key="paint", name="Paint", tiles=empty, mask=grey))
    made = Session(insert_layer(document, FillLayer(key="fill", name="Fill")), title="one")
    window.workspace.add(made)
    wait_until_idle(window)
    return made


@pytest.fixture(params=["canvas", "layers_tree"])
def focused(window: MainWindow, session: Session, request: pytest.FixtureRequest) -> QWidget:
    widget = window.findChild(QWidget, request.param)
    assert isinstance(widget, QWidget)
    return widget


def press(window: MainWindow, widget: QWidget, modifiers: Qt.KeyboardModifier) -> None:
    widget.setFocus()
    assert QApplication.focusWidget() is widget
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Backspace, modifiers)
    wait_until_idle(window)


def mask_values(session: Session) -> set[int]:
    mask = find(session.document, "paint").mask
    assert mask is not None
    assert mask.painted is not None
    return set(np.unique(mask.painted.tiles.to_array()))


def pixels(session: Session) -> list[int]:
    layer = find(session.document, "paint")
    assert isinstance(layer, PaintLayer)
    (colour,) = np.unique(layer.tiles.to_array().reshape(4, -1), axis=1).T
    return [int(v) for v in colour]


def test_the_layer_is_filled_while_it_is_the_target(window: MainWindow, session: Session, focused: QWidget):
    session.select("paint")
    window.paint.set_colour((1.0, 0.0, 0.0))
    press(window, focused, ALT)
    assert pixels(session) == [65535, 0, 0, 65535]
    press(window, focused, CTRL)
    assert pixels(session) == [0, 0, 0, 65535]
    assert mask_values(session) == {32768}


def test_the_mask_is_filled_while_it_is_the_target(window: MainWindow, session: Session, focused: QWidget):
    session.select("paint", "mask")
    before = find(session.document, "paint")
    press(window, focused, ALT)
    assert mask_values(session) == {65535}
    press(window, focused, CTRL)
    assert mask_values(session) == {0}
    window.paint.set_white(False)
    press(window, focused, CTRL)
    assert mask_values(session) == {65535}
    assert isinstance(before, PaintLayer)
    after = find(session.document, "paint")
    assert isinstance(after, PaintLayer)
    assert after.tiles is before.tiles


def test_a_fill_layer_takes_the_colour(window: MainWindow, session: Session, focused: QWidget):
    session.select("fill")
    window.paint.set_colour((0.25, 0.5, 0.75))
    press(window, focused, ALT)
    layer = find(session.document, "fill")
    assert isinstance(layer, FillLayer)
    assert layer.colour == (0.25, 0.5, 0.75)


def test_a_picture_without_a_mask_says_what_to_do(
    window: MainWindow, session: Session, focused: QWidget, said: list[str]
):
    session.select("base")
    before = session.document
    press(window, focused, ALT)
    assert session.document is before
    assert said[-1] == "Base has no pixels of its own to fill: add a mask, or fill a new layer"
