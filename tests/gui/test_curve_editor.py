"""The curve editor and the pressure strip."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QInputDevice, QPointingDevice, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from retexture.declare import Parameter
from retexture.filters.base import Context
from retexture.filters.curves import Curves
from retexture.gui.curve_editor import CurveEditor, evaluate, put
from retexture.gui.pressure_strip import PressureStrip
from tests.gui.gestures import CTRL, SHIFT, Record, drag, move, release, whole

STRAIGHT = ((0.0, 0.0), (255.0, 255.0))
THREE = ((0.0, 0.0), (100.0, 150.0), (255.0, 255.0))
CURVE = Parameter("points", "curve", STRAIGHT, "Input and output of each point.")


@pytest.fixture
def editor(qtbot: QtBot) -> CurveEditor:
    editor = CurveEditor(CURVE)
    qtbot.addWidget(editor)
    editor.resize(280, 340)
    editor.show()
    return editor


def at(editor: CurveEditor, x: float, y: float) -> tuple[float, float]:
    place = editor.plot.place((x, y))
    return place.x(), place.y()


def test_drawn_line_is_the_filters_own_interpolation(editor: CurveEditor) -> None:
    editor.set_value(((0, 20), (40, 10), (128, 200), (255, 230)))
    area = editor.plot.area()
    line = editor.plot.line().toList()
    x = np.array([(p.x() - area.left()) / area.width() for p in line])
    y = np.array([(area.bottom() - p.y()) / area.height() for p in line])
    picture = np.repeat(x.astype(np.float32).reshape(1, 1, -1), 3, axis=0)
    expected = Curves(points=editor.value()).apply(picture, Context())[0, 0]
    assert np.abs(y - expected).max() < 1e-5
    assert (x[0], x[-1]) == (0, 1)


def test_press_on_the_line_adds_a_point_without_a_jump(editor: CurveEditor) -> None:
    record = Record(editor)
    editor.set_value(THREE)
    on_line = float(evaluate(THREE, np.array([180.0]))[0])
    drag(editor.plot, at(editor, 180, on_line - 4))
    assert record.events == whole((*THREE[:2], (180.0, float(round(on_line))), THREE[2]))


def test_press_away_from_the_line_adds_a_point_there_and_the_drag_goes_on(editor: CurveEditor) -> None:
    record = Record(editor)
    drag(editor.plot, at(editor, 60, 200), at(editor, 80, 220))
    assert record.names() == ["started", "changed", "changed", "committed"]
    assert record.events[-1][1] == (STRAIGHT[0], (80.0, 220.0), STRAIGHT[1])


def test_drag_moves_a_point_between_its_neighbours_only(editor: CurveEditor) -> None:
    editor.set_value(THREE)
    record = Record(editor)
    drag(editor.plot, at(editor, 100, 150), at(editor, 120, 90), at(editor, 262, 90))
    assert [value for name, value in record.events if name == "changed"] == [
        (THREE[0], (120.0, 90.0), THREE[2]),
        (THREE[0], (254.0, 90.0), THREE[2]),
    ]
    assert record.names()[-1] == "committed"


def test_press_on_a_point_changes_nothing(editor: CurveEditor) -> None:
    editor.set_value(((0, 0), (100.5, 150.25), (255, 255)))
    record = Record(editor)
    x, y = at(editor, 101, 151)
    drag(editor.plot, (x, y), (x + 1, y))
    assert record.names() == ["started", "cancelled"]
    assert editor.plot.selected == 1


def test_point_dragged_out_is_deleted_and_comes_back_with_the_pointer(editor: CurveEditor) -> None:
    editor.set_value(THREE)
    record = Record(editor)
    drag(editor.plot, at(editor, 100, 150), (120, -100), at(editor, 90, 80), (120, -100))
    assert [value for name, value in record.events if name == "changed"] == [
        STRAIGHT, (THREE[0], (90.0, 80.0), THREE[2]), STRAIGHT,
    ]  # fmt: skip
    assert record.events[-1] == ("committed", STRAIGHT)


def test_the_last_two_points_stay(editor: CurveEditor) -> None:
    drag(editor.plot, at(editor, 255, 255), (120, -100))
    assert len(editor.value()) == 2
    editor.plot.select(0)
    QTest.keyClick(editor.plot, Qt.Key.Key_Delete)
    assert len(editor.value()) == 2


def test_a_seventeenth_point_is_refused(editor: CurveEditor) -> None:
    points = tuple((float(17 * i), float(17 * i)) for i in range(16))
    editor.set_value(points)
    record = Record(editor)
    drag(editor.plot, at(editor, 25, 200))
    assert not record.events
    assert editor.value() == points


def test_escape_restores_the_curve(editor: CurveEditor) -> None:
    editor.set_value(THREE)
    record = Record(editor)
    drag(editor.plot, at(editor, 100, 150), at(editor, 50, 50), let_go=False)
    QTest.keyClick(editor.plot, Qt.Key.Key_Escape)
    move(editor.plot, *at(editor, 60, 60))
    release(editor.plot, *at(editor, 60, 60))
    assert record.names() == ["started", "changed", "cancelled"]
    assert editor.value() == THREE


def test_tab_cycles_the_points_and_then_goes_on(editor: CurveEditor) -> None:
    editor.set_value(THREE)
    editor.plot.setFocus(Qt.FocusReason.TabFocusReason)
    seen = [editor.plot.selected]
    for _ in range(2):
        QTest.keyClick(editor.plot, Qt.Key.Key_Tab)
        seen.append(editor.plot.selected)
    assert seen == [0, 1, 2]
    assert not editor.plot.focusNextPrevChild(True) or not editor.plot.hasFocus()


@pytest.mark.parametrize(
    ("key", "modifier", "point"),
    [
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, (101, 150)),
        (Qt.Key.Key_Left, SHIFT, (90, 150)),
        (Qt.Key.Key_Up, CTRL, (100, 150.1)),
        (Qt.Key.Key_Down, SHIFT, (100, 140)),
    ],
)
def test_arrow_keys_move_the_selected_point(
    editor: CurveEditor, key: Qt.Key, modifier: Qt.KeyboardModifier, point: tuple[float, float]
) -> None:
    editor.set_value(THREE)
    editor.plot.select(1)
    record = Record(editor)
    QTest.keyClick(editor.plot, key, modifier)
    editor.finish()
    assert record.events == whole((THREE[0], point, THREE[2]))


def test_delete_takes_the_selected_point(editor: CurveEditor) -> None:
    editor.set_value(THREE)
    editor.plot.select(1)
    record = Record(editor)
    QTest.keyClick(editor.plot, Qt.Key.Key_Delete)
    assert record.events == whole(STRAIGHT)


def test_fields_show_and_set_the_selected_point(editor: CurveEditor) -> None:
    editor.set_value(THREE)
    editor.plot.select(1)
    assert (editor.input.text(), editor.output.text()) == ("100", "150")
    record = Record(editor)
    editor.output.setFocus()
    editor.output.selectAll()
    QTest.keyClicks(editor.output, "99.5")
    QTest.keyClick(editor.output, Qt.Key.Key_Return)
    assert record.take() == whole((THREE[0], (100, 99.5), THREE[2]))
    QTest.keyClick(editor.input, Qt.Key.Key_Up)
    editor.finish()
    assert record.take() == whole((THREE[0], (101, 99.5), THREE[2]))


def test_reset_goes_back_to_the_default(editor: CurveEditor) -> None:
    editor.set_value(THREE)
    record = Record(editor)
    editor.reset_button.click()
    assert record.events == whole(STRAIGHT)


def test_every_made_curve_is_one_that_the_filter_takes() -> None:
    rng = np.random.default_rng(3)
    for _ in range(200):
        inputs = np.sort(rng.choice(2540, rng.integers(2, 15), replace=False)) / 10 + 0.5
        others = tuple((float(x), 10.0) for x in inputs)
        rank = int(rng.integers(0, len(others) + 1))
        points = put(others, rank, (float(rng.uniform(-40, 300)), float(rng.uniform(-40, 300))))
        Curves(points=points)
        assert all(0 <= x <= 255 and 0 <= y <= 255 for x, y in points)


def test_last_point_close_to_its_neighbour_stays_in_range(editor: CurveEditor) -> None:
    editor.set_value(((0.0, 0.0), (254.6, 200.0), (255.0, 255.0)))
    editor.plot.select(2)
    QTest.keyClick(editor.plot, Qt.Key.Key_Right)
    assert 254.6 < editor.value()[2][0] <= 255


def test_pressure_is_written_in_percent(qtbot: QtBot) -> None:
    editor = CurveEditor(CURVE, names=("Pressure", "Size"), percent=True)
    qtbot.addWidget(editor)
    editor.set_value(((0, 0), (127.5, 51), (255, 255)))
    editor.plot.select(1)
    assert (editor.input.text(), editor.output.text()) == ("50 %", "20 %")
    assert editor.output.accessibleName() == "Size of the selected point"


# --- pressure strip -------------------------------------------------------------------------------------


def pen(strip: PressureStrip, kind: QEvent.Type, x: float, pressure: float) -> None:
    device = QPointingDevice.primaryPointingDevice()
    assert isinstance(device, QInputDevice)
    left = Qt.MouseButton.LeftButton
    place = QPointF(x, 30)
    event = QTabletEvent(
        kind, device, place, place, pressure, 0, 0, 0, 0, 0, Qt.KeyboardModifier.NoModifier, left, left
    )
    QApplication.sendEvent(strip, event)
    assert event.isAccepted()


def test_strip_shows_the_pens_pressure_after_the_curve(qtbot: QtBot) -> None:
    strip = PressureStrip()
    qtbot.addWidget(strip)
    strip.resize(280, 84)
    strip.show()
    assert strip.summary() == "Stroke here to test the pressure"
    strip.set_curve(((0, 0), (255, 127.5)))
    pen(strip, QEvent.Type.TabletPress, 20, 0.2)
    pen(strip, QEvent.Type.TabletMove, 60, 0.9)
    pen(strip, QEvent.Type.TabletMove, 90, 0.5)
    assert strip.pressures() == pytest.approx([0.1, 0.45, 0.25], abs=1e-6)
    assert strip.summary() == "Pen 20–90 %    After the curve 10–45 %"
    light = strip.grab().toImage().pixelColor(60, 25).lightness()
    assert light > 150  # 12 px wide there: 5 px off its middle is inside
    pen(strip, QEvent.Type.TabletPress, 20, 0.7)
    assert len(strip.stroke) == 1


def test_mouse_presses_fully(qtbot: QtBot) -> None:
    strip = PressureStrip()
    qtbot.addWidget(strip)
    strip.show()
    drag(strip, (20, 20), (40, 20), (60, 25))
    assert strip.pressures() == [1, 1, 1]
