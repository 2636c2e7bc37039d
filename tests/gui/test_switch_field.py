"""Check boxes: one click, one step."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from retexture.declare import Parameter
from retexture.gui.switch_field import SwitchField
from tests.gui.gestures import Record, whole


def test_switch_is_one_step(qtbot: QtBot) -> None:
    field = SwitchField(Parameter("monochromatic", "switch", True, "No colour speckles."))
    qtbot.addWidget(field)
    field.show()
    record = Record(field)
    assert field.box.isChecked()
    QTest.keyClick(field.box, Qt.Key.Key_Space)
    assert record.take() == whole(False)
    field.set_value(True)
    assert field.box.isChecked()
    assert not record.events
