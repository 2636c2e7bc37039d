"""A placed picture comes in the transform box."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from retexture.gui import place_file
from retexture.gui.app import wait_until_idle
from retexture.gui.window import MainWindow
from retexture.session.session import Session
from tests.gui.stage import CTRL
from tests.gui.transforming import patch, place, with_patch


@pytest.fixture
def window(window: MainWindow) -> MainWindow:
    return with_patch(window)


def placed_file(window: MainWindow, tmp_path: Path) -> Session:
    assert window.session is not None
    file = tmp_path / "wide.png"
    assert cv2.imwrite(str(file), np.full((600, 1600, 3), 200, np.uint8))
    place_file.place(window, window.session, file)
    wait_until_idle(window)
    return window.session


def test_a_placed_picture_is_fitted_into_the_box_and_enter_keeps_it(window: MainWindow, tmp_path) -> None:
    session = placed_file(window, tmp_path)
    assert place(window).transform.scale_x == 0.25
    assert len(session.history.versions) == 1
    QTest.keyClick(window.canvas, Qt.Key.Key_Right)
    QTest.keyClick(window.canvas, Qt.Key.Key_Return)
    wait_until_idle(window)
    assert window.transforming.place is None
    assert [version.label for version in session.history.versions] == ["Open", "Place wide.png"]
    assert session.active == "wide"
    assert patch(window, "wide").transform.x_px == 1
    QTest.keyClick(window.canvas, Qt.Key.Key_Z, CTRL)
    assert session.active == "patch"
    assert len(session.document.sources) == 2


def test_esc_takes_a_placed_picture_away(window: MainWindow, tmp_path) -> None:
    session = placed_file(window, tmp_path)
    QTest.keyClick(window.canvas, Qt.Key.Key_Escape)
    wait_until_idle(window)
    assert len(session.history.versions) == 1
    assert len(session.document.layers) == 4
    assert session.active == "patch"


def test_another_edit_keeps_a_placed_picture(window: MainWindow, tmp_path) -> None:
    session = placed_file(window, tmp_path)
    session.set("wide.opacity", 0.5, "Opacity")
    assert window.transforming.place is None
    labels = [version.label for version in session.history.versions]
    assert labels == ["Open", "Place wide.png", "Opacity"]
