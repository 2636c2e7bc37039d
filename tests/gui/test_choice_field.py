"""Menus of choices: tried out while the list is open, one gesture, one step."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from retexture.declare import parameters
from retexture.document.layers import PixelLayer
from retexture.engine.modes import BlendMode
from retexture.gui.choice_field import ChoiceField
from tests.gui.gestures import Record, wheel, whole


@pytest.fixture
def mode(qtbot: QtBot) -> ChoiceField:
    parameter = next(p for p in parameters(PixelLayer) if p.name == "blend_mode")
    field = ChoiceField(parameter)
    qtbot.addWidget(field)
    field.resize(280, 26)
    field.show()
    return field


def index(field: ChoiceField, choice: BlendMode) -> int:
    return field.combo.findData(str(choice))


def hover(field: ChoiceField, choice: BlendMode) -> None:
    view = field.combo.view()
    at = field.combo.model().index(index(field, choice), 0)
    view.scrollTo(at)
    place = view.visualRect(at).center()
    # Where the pointer lies already, a move to there is none.
    QTest.mouseMove(view.viewport(), place - QPoint(3, 0))
    QTest.mouseMove(view.viewport(), place)


def test_choices_are_in_photoshops_words_groups_and_order(mode: ChoiceField) -> None:
    combo = mode.combo
    texts = [combo.itemText(i) for i in range(combo.count())]
    assert texts[0] == "Pass Through"
    assert texts[1] == ""  # the separator
    assert texts[2:6] == ["Normal", "Dissolve", "", "Darken"]
    assert "Linear Dodge (Add)" in texts
    assert texts.count("") == 6
    assert combo.currentText() == "Normal"


def test_hover_in_the_open_list_previews_and_closing_it_cancels(qtbot: QtBot, mode: ChoiceField) -> None:
    record = Record(mode)
    mode.combo.showPopup()
    hover(mode, BlendMode.OVERLAY)
    hover(mode, BlendMode.LINEAR_LIGHT)
    assert record.take() == [
        ("started", None), ("changed", BlendMode.OVERLAY), ("changed", BlendMode.LINEAR_LIGHT),
    ]  # fmt: skip
    mode.set_value(BlendMode.SCREEN)
    assert mode.value() == BlendMode.LINEAR_LIGHT
    QTest.keyClick(mode.combo.view(), Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not mode.is_active)
    assert record.take() == [("cancelled", None)]
    assert mode.combo.currentText() == "Normal"


def test_click_in_the_open_list_commits(qtbot: QtBot, mode: ChoiceField) -> None:
    record = Record(mode)
    mode.combo.showPopup()
    hover(mode, BlendMode.OVERLAY)
    QTest.keyClick(mode.combo.view(), Qt.Key.Key_Return)
    QApplication.processEvents()
    assert record.events == whole(BlendMode.OVERLAY)
    assert isinstance(record.events[-1][1], BlendMode)
    assert mode.combo.currentText() == "Overlay"


def test_arrow_keys_choose_without_the_list(mode: ChoiceField) -> None:
    record = Record(mode)
    mode.combo.setFocus()
    QTest.keyClick(mode.combo, Qt.Key.Key_Down)
    assert record.events == whole(BlendMode.DISSOLVE)


def test_wheel_over_a_choice_scrolls_the_panel(mode: ChoiceField) -> None:
    record = Record(mode)
    mode.combo.clearFocus()
    assert not wheel(mode.combo, 5, 5, -1)
    assert not record.events
