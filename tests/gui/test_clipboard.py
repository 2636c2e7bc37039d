"""Copy and paste in the window: by keys, over documents, and pictures of other programs."""

import os
import subprocess
import sys

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtTest import QTest

from retexture.document.document import Document, Source, find
from retexture.document.edits import insert_layer
from retexture.document.layers import PaintLayer, PixelLayer, smart
from retexture.document.pixels import Pixels, Tiles
from retexture.filters.apply_image import ApplyImage
from retexture.filters.invert import Invert
from retexture.gui.app import wait_until_idle
from retexture.gui.window import MainWindow
from retexture.render.render import render
from retexture.session import selections
from retexture.session.layer_edits import new_adjustment_layer
from retexture.session.session import Session

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def window(window: MainWindow) -> MainWindow:
    QGuiApplication.clipboard().clear()
    return window


def open_one(window: MainWindow, width: int = 300, height: int = 200, title: str = "one") -> Session:
    pixels = np.random.default_rng(width).integers(0, 65536, (3, height, width), np.uint16)
    document = Document(
        width_px=width,
        height_px=height,
        layers=(
            PixelLayer(key="base", name="Base", source="base"),
            PixelLayer(key="high", name="High", source="base", filters=smart(ApplyImage(source="base"))),
        ),
        sources=(Source("base", "Base", Pixels(pixels)),),
    )
    session = Session(document, title=title)
    window.workspace.add(session)
    session.select("base")
    window.canvas.setFocus()
    wait_until_idle(window)
    return session


COPY_AND_QUIT = """
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from retexture.document.document import Document
from retexture.document.layers import FillLayer
from retexture.gui.clipboard import Clipboard
from retexture.gui.workspace import Workspace
from retexture.session.preferences import Preferences
from retexture.session.session import Session

app = QApplication([])
workspace = Workspace(Preferences())
clipboard = Clipboard(workspace)
session = Session(Document(width_px=8, height_px=8, layers=(FillLayer(key="a", name="a"),)), title="one")
session.select("a")
clipboard.copy(session)
QTimer.singleShot(0, app.quit)
app.exec()
workspace.close()
"""


@pytest.mark.slow
def test_a_program_that_holds_a_copy_ends_well() -> None:
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run(
        [sys.executable, "-c", COPY_AND_QUIT], env=env, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout) == (0, ""), ran.stderr


def press(window: MainWindow, key: Qt.Key, modifiers=CTRL) -> None:
    QTest.keyClick(window.canvas, key, modifiers)
    wait_until_idle(window)


def select(session: Session, *corners: tuple[float, float]) -> None:
    size = (session.document.width_px, session.document.height_px)
    rectangle = selections.rectangle(size, *corners)
    session.edit("Select", lambda d: msgspec.structs.replace(d, selection=rectangle))


def pixel_layer(session: Session, key: str | None) -> PixelLayer:
    layer = find(session.document, key or "")
    assert isinstance(layer, PixelLayer)
    return layer


def test_a_copied_layer_is_pasted_above_and_selected(window: MainWindow) -> None:
    session = open_one(window)
    press(window, Qt.Key.Key_C)
    press(window, Qt.Key.Key_V)
    assert [layer.key for layer in session.document.layers] == ["base", "base_2", "high"]
    assert session.active == "base_2"
    assert session.history.undo_label == "Paste"


def test_what_is_selected_is_pasted_where_it_was(window: MainWindow) -> None:
    session = open_one(window)
    select(session, (20, 30), (70, 60))
    press(window, Qt.Key.Key_C)
    press(window, Qt.Key.Key_V)
    layer = pixel_layer(session, session.active)
    assert (layer.x_px, layer.y_px) == (20, 30)
    assert session.document.source(layer.source).colour.array.shape == (3, 30, 50)


def test_ctrl_j_copies_the_selected_part_or_the_layer(window: MainWindow) -> None:
    session = open_one(window)
    select(session, (20, 30), (70, 60))
    before = render(session.document)
    press(window, Qt.Key.Key_J)
    layer = pixel_layer(session, session.active)
    assert layer.name == "Base copy"
    assert (layer.x_px, layer.y_px) == (20, 30)
    assert session.history.undo_label == "Layer via Copy"
    assert np.array_equal(render(session.document), before)
    press(window, Qt.Key.Key_D)
    session.select("base")
    press(window, Qt.Key.Key_J)
    assert session.history.undo_label == "Duplicate Base"


def test_a_layer_that_reads_others_is_copied_as_pixels(window: MainWindow) -> None:
    session = open_one(window)
    session.select("high")
    press(window, Qt.Key.Key_C)
    press(window, Qt.Key.Key_V)
    assert pixel_layer(session, session.active).filters == ()


@pytest.mark.slow
def test_merged_pixels_go_into_another_tab(window: MainWindow) -> None:
    session = open_one(window)
    press(window, Qt.Key.Key_C, CTRL | SHIFT)
    other = open_one(window, 401, 300, "two")
    press(window, Qt.Key.Key_V)
    layer = pixel_layer(other, other.active)
    assert layer.name == "Merged"
    assert (layer.x_px, layer.y_px) == (50, 50)
    merged = render(session.document)[:3]
    assert np.array_equal(other.document.source(layer.source).colour.array, merged)


@pytest.mark.slow
def test_a_layer_is_duplicated_into_the_other_document(window: MainWindow, said: list[str]) -> None:
    session = open_one(window)
    other = open_one(window, 100, 80, "two")
    window.workspace.activate(session)
    {command.name: action for command, action in window.actions_}["duplicate_into"].trigger()
    wait_until_idle(window)
    assert window.session is other
    layer = pixel_layer(other, other.active)
    assert layer.transform.scale_x == pytest.approx(1 / 3)
    assert any("fitted into it" in each for each in said)


def test_nothing_to_paste_is_told(window: MainWindow, said: list[str]) -> None:
    session = open_one(window)
    before = session.document
    press(window, Qt.Key.Key_V)
    assert session.document is before
    assert "nothing to paste" in said[-1]


def test_a_picture_of_another_program_is_pasted(window: MainWindow) -> None:
    session = open_one(window)
    press(window, Qt.Key.Key_C)  # ours is older
    image = QImage(40, 30, QImage.Format.Format_ARGB32)
    image.fill(QColor(255, 0, 0, 128))
    image.setPixelColor(0, 0, QColor(0, 255, 0, 255))
    QGuiApplication.clipboard().setImage(image)
    press(window, Qt.Key.Key_V)
    layer = pixel_layer(session, session.active)
    source = session.document.source(layer.source)
    assert source.alpha is not None
    assert source.alpha.array[10, 10] == 128 * 257
    assert source.colour.array[:, 0, 0].tolist() == [0, 65535, 0]
    assert source.colour.array[:, 10, 10].tolist() == [65535, 0, 0]
    assert (layer.x_px, layer.y_px) == (130, 85)


def test_a_far_larger_picture_is_made_smaller_and_that_is_told(window: MainWindow, said: list[str]) -> None:
    session = open_one(window)
    image = QImage(3000, 2000, QImage.Format.Format_RGB32)
    image.fill(QColor(10, 200, 30))
    QGuiApplication.clipboard().setImage(image)
    press(window, Qt.Key.Key_V)
    source = session.document.source(pixel_layer(session, session.active).source)
    assert source.colour.array.shape == (3, 200, 300)
    assert "made smaller to fit" in said[-1]
    press(window, Qt.Key.Key_Z)
    assert session.active == "base"


def test_other_programs_can_paste_a_copied_layer(window: MainWindow) -> None:
    session = open_one(window)
    press(window, Qt.Key.Key_C)
    held = QGuiApplication.clipboard().mimeData()
    assert held.hasImage()
    image = QGuiApplication.clipboard().image()
    wanted = (session.document.source("base").colour.array / 257).round()
    assert (image.width(), image.height()) == (300, 200)
    for x, y in ((0, 0), (299, 0), (17, 181)):
        colour = image.pixelColor(x, y)
        assert [colour.red(), colour.green(), colour.blue()] == wanted[:, y, x].tolist()
    press(window, Qt.Key.Key_V)  # here it is still the layer
    pasted = pixel_layer(session, session.active)
    assert pasted.source == "base"


def test_a_copied_selection_is_a_picture_with_transparency(window: MainWindow) -> None:
    session = open_one(window)
    ellipse = selections.ellipse((300, 200), (20, 30), (70, 60))
    session.edit("Select", lambda d: msgspec.structs.replace(d, selection=ellipse))
    press(window, Qt.Key.Key_C)
    image = QGuiApplication.clipboard().image()
    assert image.width() < 60
    assert image.pixelColor(25, 15).alpha() == 255
    assert image.pixelColor(0, 0).alpha() == 0


def test_a_copy_of_another_program_is_not_taken_away(window: MainWindow) -> None:
    session = open_one(window)
    window.clipboard.copy(session)
    foreign = QImage(4, 3, QImage.Format.Format_RGB32)
    foreign.fill(QColor(1, 2, 3))
    QGuiApplication.clipboard().setImage(foreign)
    wait_until_idle(window)
    assert QGuiApplication.clipboard().image().width() == 4


def test_an_adjustment_layer_is_copied_without_a_picture(window: MainWindow) -> None:
    session = open_one(window)
    new_adjustment_layer(session, Invert)
    press(window, Qt.Key.Key_C)
    assert not QGuiApplication.clipboard().mimeData().hasImage()
    press(window, Qt.Key.Key_V)
    assert len(session.document.layers) == 4


# -- Cut and Clear


def painted_one(window: MainWindow) -> Session:
    """A picture with a white paint layer on it, of which a part is selected."""
    session = open_one(window)
    tiles = Tiles(300, 200, background=(65535,) * 4)
    session.edit("New", lambda d: insert_layer(d, PaintLayer(key="paint", name="Paint", tiles=tiles)))
    session.select("paint")
    select(session, (20, 30), (120, 90))
    return session


def is_clear(session: Session) -> bool:
    alpha = find(session.document, "paint").tiles.to_array()[3]
    return not alpha[30:90, 20:120].any() and bool(alpha[:30].all())


def test_delete_clears_what_is_selected_as_one_step(window: MainWindow) -> None:
    session = painted_one(window)
    before = session.document
    press(window, Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier)
    assert is_clear(session)
    assert session.history.undo_label == "Clear"
    session.undo()
    assert session.document is before


def test_cut_pixels_can_be_pasted(window: MainWindow) -> None:
    session = painted_one(window)
    whole = render(session.document)
    press(window, Qt.Key.Key_X)
    assert is_clear(session)
    assert session.history.undo_label == "Cut"
    assert not np.array_equal(render(session.document), whole)
    press(window, Qt.Key.Key_V)
    assert np.array_equal(render(session.document), whole)


def test_without_a_selection_the_layer_is_cut(window: MainWindow) -> None:
    session = painted_one(window)
    session.edit("Deselect", lambda d: msgspec.structs.replace(d, selection=None))
    whole = render(session.document)
    press(window, Qt.Key.Key_X)
    assert [layer.key for layer in session.document.layers] == ["base", "high"]
    session.select("high")
    press(window, Qt.Key.Key_V)
    assert [layer.name for layer in session.document.layers] == ["Base", "High", "Paint"]
    assert np.array_equal(render(session.document), whole)


def test_what_cannot_be_cut_or_cleared_is_said(window: MainWindow, said: list[str]) -> None:
    session = painted_one(window)
    session.select("base")
    document = session.document
    for key, modifiers in ((Qt.Key.Key_X, CTRL), (Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier)):
        press(window, key, modifiers)
        assert said == ["Base keeps its pixels: hide them by Layer > Layer Mask > Hide Selection"]
        said.clear()
    assert session.document is document


def test_delete_takes_a_corner_of_a_polygon_back_and_clears_nothing(window: MainWindow) -> None:
    session = painted_one(window)
    document = session.document
    window.selecting.set(polygonal=True)
    window.set_tool("lasso")
    for x in (40, 80, 120):
        QTest.mouseClick(window.canvas, Qt.MouseButton.LeftButton, pos=QPoint(x, 60))
    press(window, Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier)
    assert len(window.tools["lasso"].points) == 2
    assert session.document is document
