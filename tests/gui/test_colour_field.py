"""The colour of a fill layer."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QColorDialog
from pytestqt.qtbot import QtBot

from retexture.document.document import Document
from retexture.document.layers import FillLayer
from retexture.gui.colour_field import ColourField
from retexture.gui.workspace import Workspace
from tests.gui.properties import click, shown, steps, value


def test_fill_colour(qtbot: QtBot, workspace: Workspace) -> None:
    document = Document(width_px=8, height_px=8, layers=(FillLayer(key="fill", name="Fill"),))
    panel, session = shown(qtbot, workspace, document, "fill")
    field = panel.editor("fill.colour")
    assert isinstance(field, ColourField)
    assert field.box.isChecked()
    field.box.click()
    assert value(session, "fill.colour") == (0.5, 0.5, 0.5)
    field.box.click()
    assert value(session, "fill.colour") is None
    assert steps(session) == ["Fill colour", "Fill colour"]


def test_fill_colour_is_tried_out_while_the_dialogue_is_open(qtbot: QtBot, workspace: Workspace) -> None:
    document = Document(width_px=8, height_px=8, layers=(FillLayer(key="fill", name="Fill"),))
    panel, session = shown(qtbot, workspace, document, "fill")
    field = panel.editor("fill.colour")
    assert isinstance(field, ColourField)
    for key, wanted in ((Qt.Key.Key_Escape, None), (Qt.Key.Key_Return, (0.2, 0.4, 0.6))):
        click(field.swatch)
        dialog = panel.findChild(QColorDialog)
        assert isinstance(dialog, QColorDialog)
        qtbot.waitUntil(dialog.isActiveWindow)
        dialog.setCurrentColor(QColor.fromRgbF(0.9, 0.4, 0.6))
        dialog.setCurrentColor(QColor.fromRgbF(0.2, 0.4, 0.6))
        assert value(session, "fill.colour") == pytest.approx((0.2, 0.4, 0.6), abs=1 / 255)
        QTest.keyClick(dialog, key)
        qtbot.waitUntil(lambda: panel.findChild(QColorDialog) is None)
        found = value(session, "fill.colour")
        assert found == (wanted and pytest.approx(wanted, abs=1 / 255))
    assert steps(session) == ["Fill colour"]
