"""File > Place Plate and Layer > Texture from Selection, by hand."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from retexture.document.document import Document, Source, find
from retexture.document.layers import PixelLayer
from retexture.document.pixels import Pixels
from retexture.files.images import write_image
from retexture.gui import file_dialogs
from retexture.gui.app import wait_until_idle
from retexture.gui.commands_texture import GraftDialog
from retexture.gui.plate_dialog import PlateDialog
from retexture.gui.window import MainWindow
from retexture.session import selections
from retexture.session.session import Session
from tests.texture.test_pores import skin

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "plates"
    made.mkdir()
    plate = np.rint(np.clip(skin(12, 300), 0, 1) * 65535).astype(np.uint16)
    write_image(made / "skin.tif", np.stack([plate] * 3))
    (made / "broken.png").write_bytes(b"no picture")
    return made


@pytest.fixture
def window(window: MainWindow) -> MainWindow:
    picture = np.rint(np.clip(skin(20, 400, seed=3), 0, 1) * 65535).astype(np.uint16)
    layer = PixelLayer(key="base", name="Base", source="base")
    source = Source("base", "Base", Pixels(np.stack([picture] * 3)))
    session = Session(Document(width_px=400, height_px=400, layers=(layer,), sources=(source,)), title="one")
    window.workspace.add(session)
    wait_until_idle(window)
    return window


def run(window: MainWindow, name: str) -> None:
    window.refresh_commands()
    {command.name: action for command, action in window.actions_}[name].trigger()


def dialog_of(window: MainWindow, kind: type[Any]) -> Any:
    return next(each for each in window.findChildren(kind) if each.isVisible())


def test_a_plate_is_chosen_scaled_and_placed(window: MainWindow, folder: Path, monkeypatch) -> None:
    session = window.session
    assert session is not None
    run(window, "place_plate")
    dialog = dialog_of(window, PlateDialog)
    assert not dialog.place.isEnabled()
    monkeypatch.setattr(file_dialogs, "choose_folder", lambda *_: str(folder))
    QTest.mouseClick(dialog.findChild(QPushButton, "plate_choose_folder"), LEFT)
    wait_until_idle(window)
    assert [dialog.list.item(i).text() for i in range(dialog.list.count())] == ["broken.png", "skin.tif"]
    assert not dialog.list.item(0).flags() & Qt.ItemFlag.ItemIsEnabled
    dialog.list.setCurrentRow(1)
    assert "px apart" in dialog.note.text()
    field = dialog.fields["pores_per_face"].edit
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "50")
    QTest.keyClick(field, Qt.Key.Key_Tab)
    assert dialog.settings.pores_per_face == 50
    QTest.mouseClick(dialog.place, LEFT)
    wait_until_idle(window)
    layer = find(session.document, session.active or "")
    assert isinstance(layer, PixelLayer)
    assert layer.name == "skin"
    assert layer.transform.scale_x == pytest.approx(200 / 50 / 12, rel=0.05)
    assert window.transforming.box is not None
    QTest.keyClick(window.canvas, Qt.Key.Key_Return)
    assert session.history.undo_label == "Place skin.tif"
    assert [layer.name for layer in session.document.layers] == ["Base", "skin"]
    # The folder is remembered.
    assert window.workspace.preferences.folders["plates"] == str(folder)
    run(window, "place_plate")
    assert dialog_of(window, PlateDialog).list.count() == 2
    dialog_of(window, PlateDialog).reject()


def test_escape_in_the_box_gives_the_plate_up(window: MainWindow, folder: Path) -> None:
    session = window.session
    assert session is not None
    before = session.document
    run(window, "place_plate")
    dialog = dialog_of(window, PlateDialog)
    dialog.show_folder(folder)
    wait_until_idle(window)
    dialog.list.setCurrentRow(1)
    QTest.mouseClick(dialog.place, LEFT)
    wait_until_idle(window)
    assert len(session.document.layers) == 2
    QTest.keyClick(window.canvas, Qt.Key.Key_Escape)
    assert session.document is before
    assert session.history.undo_label is None


def test_of_a_file_that_cannot_be_read_only_that_is_said(window: MainWindow, folder: Path) -> None:
    run(window, "place_plate")
    dialog = dialog_of(window, PlateDialog)
    dialog.show_folder(folder)
    dialog.list.setCurrentRow(0)
    wait_until_idle(window)
    assert "broken.png" in dialog.note.text()
    assert "placed" not in dialog.note.text()
    assert not dialog.place.isEnabled()
    dialog.reject()


def test_an_empty_folder_is_told(window: MainWindow, tmp_path: Path) -> None:
    run(window, "place_plate")
    dialog = dialog_of(window, PlateDialog)
    (tmp_path / "none").mkdir()
    dialog.show_folder(tmp_path / "none")
    assert "There are no TIFF" in dialog.note.text()
    assert not dialog.place.isEnabled()
    dialog.reject()


def test_texture_from_the_selection(window: MainWindow, said: list[str]) -> None:
    session = window.session
    assert session is not None
    rectangle = selections.rectangle((400, 400), (100, 100), (200, 200))
    session.edit("Select", lambda d: msgspec.structs.replace(d, selection=rectangle))
    run(window, "texture_from_selection")
    dialog = dialog_of(window, GraftDialog)
    QTest.mouseClick(dialog.findChild(QPushButton, "graft_ok"), LEFT)
    wait_until_idle(window)
    assert session.history.undo_label == "Texture from Selection"
    assert session.target == "mask"
    assert "paint white" in said[-1]
    session.undo()
    small = selections.rectangle((400, 400), (100, 100), (105, 105))
    session.edit("Select", lambda d: msgspec.structs.replace(d, selection=small))
    run(window, "texture_from_selection")
    dialog_of(window, GraftDialog).accept()
    wait_until_idle(window)
    assert "too small" in said[-1]
