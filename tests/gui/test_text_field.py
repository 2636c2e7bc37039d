"""Lines of text: taken with Enter, given up with Esc."""

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from retexture.declare import Parameter
from retexture.gui.text_field import TextField
from tests.gui.gestures import Record, type_into, whole


def test_text_is_taken_with_enter_and_given_up_with_escape(qtbot: QtBot) -> None:
    field = TextField(Parameter("source", "text", "merged", "A layer's key."))
    qtbot.addWidget(field)
    field.show()
    record = Record(field)
    type_into(field, "low")
    assert record.take() == whole("low")
    type_into(field, "high", Qt.Key.Key_Escape)
    assert field.edit.text() == "low"
    assert not record.events
