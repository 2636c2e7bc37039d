"""Files of pictures: typed as text is, or chosen in a dialog."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from retexture.declare import Parameter
from retexture.gui import file_dialogs
from retexture.gui.file_field import FileField
from tests.gui.gestures import Record, type_into, whole


def test_a_file_is_chosen_or_typed(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    field = FileField(Parameter("plate", "file", "", "A texture plate."))
    qtbot.addWidget(field)
    field.show()
    record = Record(field)
    asked: list[tuple[str, ...]] = []
    answers = iter(["/pictures/plate.tif", ""])

    def choose(_parent: object, *words: str) -> str:
        asked.append(words)
        return next(answers)

    monkeypatch.setattr(file_dialogs, "choose_file", choose)
    qtbot.mouseClick(field.button, Qt.MouseButton.LeftButton)
    assert record.take() == whole("/pictures/plate.tif")
    assert field.edit.text() == "/pictures/plate.tif"
    qtbot.mouseClick(field.button, Qt.MouseButton.LeftButton)  # given up: what was chosen stays
    assert not record.events
    assert field.value() == "/pictures/plate.tif"
    assert asked[1][1] == "/pictures/plate.tif"  # the dialog begins where the last file lies
    type_into(field, "other.png")
    assert record.take() == whole("other.png")
