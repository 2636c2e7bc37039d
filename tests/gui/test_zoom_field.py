"""The zoom as it is shown and typed."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest

from retexture.gui.zoom_field import ZoomField, parse_percent, percent


@pytest.mark.parametrize(
    ("zoom", "text"), [(1, "100 %"), (2 / 3, "66.7 %"), (0.05, "5 %"), (0.0625, "6.25 %"), (32, "3200 %")]
)
def test_percent(zoom, text):
    assert percent(zoom) == text


@pytest.mark.parametrize(
    ("text", "zoom"),
    [
        ("50", 0.5),
        (" 66,7 % ", 0.667),
        ("2x", 2),
        ("9999", 32),
        ("0", 0.05),
        ("", None),
        ("-5", None),
        ("1e3", None),
    ],
)
def test_parse_percent(text, zoom):
    assert parse_percent(text) == (None if zoom is None else pytest.approx(zoom))


@pytest.fixture
def field(qtbot):
    field = ZoomField("zoom")
    qtbot.addWidget(field)
    field.show()
    field.setFocus()
    field.selectAll()
    return field


def test_enter_chooses(field):
    chosen = QSignalSpy(field.zoom_chosen)
    QTest.keyClicks(field, "25")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert chosen.at(0) == [0.25]
    QTest.keyClicks(field, "many")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert chosen.count() == 1
    assert field.text() == "100 %"


def test_what_is_typed_stays_while_the_canvas_zooms_and_escape_takes_it_back(field):
    QTest.keyClicks(field, "3")
    field.set_zoom(0.5)
    assert field.text() == "3"
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "50 %"


def test_arrows_double_and_halve(field):
    chosen = QSignalSpy(field.zoom_chosen)
    QTest.keyClick(field, Qt.Key.Key_Up)
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert [chosen.at(i)[0] for i in range(2)] == [2, 0.5]
