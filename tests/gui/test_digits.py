"""The digits: what they set, and which of them are one number."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from retexture.gui.window import MainWindow
from tests.gui.test_window import open_one


def test_digits_of_two_fields_are_two_numbers(window: MainWindow):
    session = open_one(window)
    window.set_tool("brush")
    QTest.keyClicks(window.canvas, "5")
    QTest.keyClick(window.canvas, "3", Qt.KeyboardModifier.ShiftModifier)
    assert (window.paint.brush.opacity, window.paint.brush.flow) == (0.5, 0.3)
    QTest.keyClick(window.canvas, "5", Qt.KeyboardModifier.ShiftModifier)
    assert window.paint.brush.flow == 0.35
    window.set_tool("hand")
    QTest.keyClicks(window.canvas, "2")
    QTest.keyClick(window.canvas, "4", Qt.KeyboardModifier.ShiftModifier)
    assert session.active_layer is not None
    assert (session.active_layer.opacity, session.active_layer.fill) == (0.2, 0.4)
