"""Number fields: one gesture, one step."""

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolTip, QWidget
from pytestqt.qtbot import QtBot

from retexture.declare import Parameter
from retexture.gui import editor_base
from retexture.gui.number_field import NumberField
from retexture.gui.number_format import NumberFormat, number_format
from retexture.gui.power_slider import slider_power
from tests.gui.gestures import (
    ALT,
    CTRL,
    SHIFT,
    Record,
    double_click,
    drag,
    move,
    press,
    release,
    type_into,
    wheel,
    whole,
)

RADIUS = Parameter("radius_px", "number", 10.0, "Finer detail is kept.", 0.1, 1000, (0.5, 20), "px")
OPACITY = Parameter("opacity", "number", 1.0, "Mixes.", 0, 1, (0, 1))
SEED = Parameter("seed", "integer", 1, "Which noise.", 0, 999999, (0, 999))
HUE = Parameter("hue", "number", 0.0, "Turns hues.", -180, 180, (-180, 180), "degrees")


def shown(qtbot: QtBot, parameter: Parameter) -> tuple[NumberField, Record]:
    field = NumberField(parameter)
    qtbot.addWidget(field)
    field.resize(280, 26)
    with qtbot.waitActive(field):
        field.show()
        field.activateWindow()
    return field, Record(field)


@pytest.mark.parametrize(
    ("parameter", "value", "text"),
    [
        (RADIUS, 10.0, "10.0 px"),
        (RADIUS, 3.25, "3.25 px"),
        (RADIUS, 0.125, "0.125 px"),
        (OPACITY, 0.5, "50 %"),
        (OPACITY, 0.333, "33.3 %"),
        (HUE, -0.001, "0°"),
        (HUE, -12, "-12°"),
        (SEED, 7, "7"),
    ],
)
def test_number_is_written_with_sensible_decimals(
    qtbot: QtBot, parameter: Parameter, value: float, text: str
) -> None:
    field, record = shown(qtbot, parameter)
    field.set_value(value)
    assert field.edit.text() == text
    assert field.value() == value
    assert not record.events


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("2", 2.0),
        ("2.5px", 2.5),
        (" 3,5 px ", 3.5),
        (".5", 0.5),
        ("500", 500.0),
        ("1e2", None),
        ("", None),
        ("-", None),
    ],
)
def test_typed_number_is_one_step(qtbot: QtBot, typed: str, value: float | None) -> None:
    field, record = shown(qtbot, RADIUS)
    type_into(field, typed or " ")
    if value is None:
        assert not record.events
        assert field.edit.text() == "10.0 px"
        assert QToolTip.text() == "Type a number."
    else:
        assert record.events == whole(value)


def test_percents_are_typed_as_they_are_shown(qtbot: QtBot) -> None:
    field, record = shown(qtbot, OPACITY)
    type_into(field, "33.3 %")
    assert record.events == whole(0.333)


def test_the_lowest_value_may_have_a_word(qtbot: QtBot) -> None:
    field, record = shown(qtbot, msgspec.structs.replace(RADIUS, default=0.0, low=0.0, lowest="Auto"))
    assert field.edit.text() == "Auto"
    assert field.edit.fontMetrics().horizontalAdvance("Auto") < field.edit.width() - 8
    assert "0 is auto" in field.edit.toolTip()
    type_into(field, "4.5")
    assert field.edit.text() == "4.5 px"
    type_into(field, " auto ")
    assert field.edit.text() == "Auto"
    assert record.events == [*whole(4.5), *whole(0.0)]


def test_the_lowest_whole_number_may_have_a_word(qtbot: QtBot) -> None:
    field, _ = shown(qtbot, msgspec.structs.replace(SEED, default=0, lowest="Full size"))
    assert field.edit.text() == "Full size"
    assert field.edit.fontMetrics().horizontalAdvance("Full size") < field.edit.width() - 8
    type_into(field, "full size")
    assert field.value() == 0


@pytest.mark.parametrize(("typed", "value"), [("5000", 1000.0), ("0", 0.1), ("-4", 0.1)])
def test_typed_number_is_held_to_the_hard_range_with_a_word(qtbot: QtBot, typed: str, value: float) -> None:
    field, record = shown(qtbot, RADIUS)
    type_into(field, typed)
    assert record.events == whole(value)
    assert QToolTip.text() == "Between 0.1 px and 1000.0 px."


def test_typing_is_taken_when_the_focus_leaves(qtbot: QtBot) -> None:
    field, record = shown(qtbot, RADIUS)
    type_into(field, "4", Qt.Key.Key_Tab)
    field.edit.clearFocus()
    assert record.events == whole(4.0)


def test_click_into_the_field_selects_the_number(qtbot: QtBot) -> None:
    field, record = shown(qtbot, RADIUS)
    field.slider.setFocus()
    QTest.mouseClick(field.edit, Qt.MouseButton.LeftButton)
    assert field.edit.selectedText() == "10.0 px"
    QTest.keyClicks(field.edit, "7")
    QTest.keyClick(field.edit, Qt.Key.Key_Enter)
    assert record.events == whole(7.0)


def test_escape_takes_typing_back(qtbot: QtBot) -> None:
    field, record = shown(qtbot, RADIUS)
    type_into(field, "4", Qt.Key.Key_Escape)
    field.edit.clearFocus()
    assert field.edit.text() == "10.0 px"
    assert not record.events


def test_value_from_outside_does_not_disturb_typing(qtbot: QtBot) -> None:
    field, _ = shown(qtbot, RADIUS)
    field.edit.setFocus()
    field.edit.selectAll()
    QTest.keyClicks(field.edit, "12")
    field.set_value(3.0)
    assert field.edit.text() == "12"
    QTest.keyClick(field.edit, Qt.Key.Key_Escape)
    assert field.edit.text() == "3.0 px"


@pytest.mark.parametrize(
    ("key", "modifier", "value"),
    [
        (Qt.Key.Key_Up, Qt.KeyboardModifier.NoModifier, 10.1),
        (Qt.Key.Key_Down, Qt.KeyboardModifier.NoModifier, 9.9),
        (Qt.Key.Key_Up, SHIFT, 11.0),
        (Qt.Key.Key_Down, CTRL, 9.99),
        (Qt.Key.Key_PageUp, Qt.KeyboardModifier.NoModifier, 11.0),
    ],
)
def test_arrow_keys_step_in_the_value_field_and_on_the_slider(
    qtbot: QtBot, key: Qt.Key, modifier: Qt.KeyboardModifier, value: float
) -> None:
    field, record = shown(qtbot, RADIUS)
    for control in (field.edit, field.slider):
        field.set_value(10.0)
        control.setFocus()
        QTest.keyClick(control, key, modifier)
        field.finish()
        assert record.take() == whole(value)


def test_arrow_keys_stop_at_the_hard_range(qtbot: QtBot) -> None:
    field, record = shown(qtbot, OPACITY)
    QTest.keyClick(field.edit, Qt.Key.Key_Up)
    assert not record.events
    QTest.keyClick(field.edit, Qt.Key.Key_Down)
    field.finish()
    assert record.events == whole(0.99)


def test_steps_that_follow_soon_are_one_gesture(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    field, record = shown(qtbot, RADIUS)
    field.set_value(10.0)
    field.edit.setFocus()
    QTest.keyClick(field.edit, Qt.Key.Key_Up)
    wheel(field.edit, 5, 5, 2)
    monkeypatch.setattr(editor_base, "JOIN_MS", 1)
    with qtbot.waitSignal(field.committed):
        QTest.keyClick(field.edit, Qt.Key.Key_Down, SHIFT)
    steps = [("changed", value) for value in (10.1, 10.3, 9.3)]
    assert record.take() == [("started", None), *steps, ("committed", 9.3)]
    monkeypatch.undo()
    QTest.keyClick(field.edit, Qt.Key.Key_Up)
    QTest.keyClick(field.edit, Qt.Key.Key_Down)
    field.finish()
    assert record.names()[-1] == "cancelled", "there and back is no step"


@pytest.mark.parametrize("how", ["typed", "dragged", "hidden", "reset"])
def test_another_gesture_ends_the_steps(qtbot: QtBot, how: str) -> None:
    field, record = shown(qtbot, RADIUS)
    field.set_value(10.0)
    field.edit.setFocus()
    QTest.keyClick(field.edit, Qt.Key.Key_Up)
    match how:
        case "typed":
            type_into(field, "5")
        case "dragged":
            press(field.slider, field.slider.x_of(0.1), 5)
        case "hidden":
            field.hide()
        case "reset":
            field.set_default(4.0)
            field.reset()
    assert record.events[:3] == whole(10.1)
    assert field.is_active == (how == "dragged")
    assert not field.is_stepping


def test_wheel_steps_only_with_the_focus(qtbot: QtBot) -> None:
    field, record = shown(qtbot, RADIUS)
    for control in (field.edit, field.slider):
        control.clearFocus()
        assert not wheel(control, 5, 5, 1)
        assert not record.events
    field.edit.setFocus()
    assert wheel(field.edit, 5, 5, 1)
    field.finish()
    assert record.take() == whole(10.1)
    assert wheel(field.edit, 5, 5, -1, SHIFT)
    field.finish()
    assert record.take() == whole(9.1)


def test_slider_drag_is_one_step(qtbot: QtBot) -> None:
    field, record = shown(qtbot, OPACITY)
    slider, y = field.slider, field.slider.height() / 2
    drag(slider, (slider.x_of(1), y), (slider.x_of(0.7), y), (slider.x_of(0.5), y), let_go=False)
    field.set_value(0.123)  # the hand has the last word
    release(slider, slider.x_of(0.5), y)
    assert record.names() == ["started", "changed", "changed", "committed"]
    assert record.events[-1] == ("committed", 0.5)
    assert field.value() == 0.5
    assert field.edit.text() == "50 %"


def test_press_on_the_slider_goes_there_and_a_press_on_the_handle_moves_nothing(qtbot: QtBot) -> None:
    field, record = shown(qtbot, OPACITY)
    slider, y = field.slider, field.slider.height() / 2
    drag(slider, (slider.x_of(0.25), y))
    assert not field.is_active
    field.finish()
    assert record.take()[-1] == ("committed", 0.25)
    drag(slider, (slider.x_of(0.25) + 4, y))
    assert record.take() == [("started", None), ("cancelled", None)]


def test_a_click_on_the_slider_is_committed_when_no_other_follows(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editor_base, "JOIN_MS", 0)
    field, record = shown(qtbot, OPACITY)
    field.set_value(0.6)
    QTest.mouseClick(field.slider, Qt.MouseButton.LeftButton, pos=QPoint(round(field.slider.x_of(0.25)), 5))
    qtbot.waitUntil(lambda: record.names()[-1] == "committed")
    assert field.value() == pytest.approx(0.25, abs=0.02)


def test_a_double_click_on_the_slider_goes_back_to_the_default_in_one_step(qtbot: QtBot) -> None:
    field, record = shown(qtbot, OPACITY)
    field.set_value(0.6)
    double_click(field.slider, field.slider.x_of(0.25), 5)
    assert record.names() == ["started", "changed", "changed", "committed"]
    assert field.value() == 1.0
    double_click(field.slider, field.slider.x_of(1.0) - 2, 5)
    assert record.names()[4:] == ["started", "cancelled"]
    field.set_default(None)
    double_click(field.slider, field.slider.x_of(0.25), 5)
    assert field.value() == 0.25


def test_escape_restores_the_value_from_the_start_of_a_drag(qtbot: QtBot) -> None:
    field, record = shown(qtbot, RADIUS)
    slider, y = field.slider, field.slider.height() / 2
    field.set_value(0.1)
    drag(slider, (slider.x_of(0.2), y), (slider.x_of(0.9), y), let_go=False)
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Escape)
    move(slider, slider.x_of(0.4), y)
    release(slider, slider.x_of(0.4), y)
    assert record.names() == ["started", "changed", "changed", "cancelled"]
    assert field.value() == 0.1
    assert field.edit.text() == "0.1 px"


def test_hiding_the_field_drops_its_gesture(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    field = NumberField(RADIUS, holder)
    holder.show()
    record = Record(field)
    press(field.slider, field.slider.x_of(0.9), 10)
    field.hide()
    assert record.names() == ["started", "changed", "cancelled"]
    assert not field.is_active


@pytest.mark.parametrize(("modifier", "value"), [(None, 13.0), (SHIFT, 40.0), (CTRL, 10.3), (ALT, 10.3)])
def test_label_scrubs(qtbot: QtBot, modifier: Qt.KeyboardModifier | None, value: float) -> None:
    field, record = shown(qtbot, RADIUS)
    drag(field.label, (5, 5), (20, 5), (35, 5), modifiers=modifier or Qt.KeyboardModifier.NoModifier)
    assert record.names() == ["started", "changed", "changed", "committed"]
    assert field.value() == pytest.approx(value)


def test_scrub_leaves_the_sliders_range_but_not_the_hard_one(qtbot: QtBot) -> None:
    field, _ = shown(qtbot, RADIUS)
    drag(field.label, (5, 5), (505, 5), modifiers=SHIFT)
    assert field.value() == 510
    drag(field.label, (5, 5), (-5000, 5), modifiers=SHIFT)
    assert field.value() == 0.1


def test_fine_scrub_of_whole_numbers_adds_up(qtbot: QtBot) -> None:
    field, _ = shown(qtbot, SEED)
    drag(field.label, *[(5 + x, 5) for x in range(0, 33, 3)], modifiers=CTRL)
    assert field.value() == 4
    assert isinstance(field.value(), int)


def test_escape_ends_a_scrub(qtbot: QtBot) -> None:
    field, record = shown(qtbot, RADIUS)
    drag(field.label, (5, 5), (60, 5), let_go=False)
    QTest.keyClick(field.edit, Qt.Key.Key_Escape)
    move(field.label, 90, 5)
    release(field.label, 90, 5)
    assert record.names() == ["started", "changed", "cancelled"]
    assert field.value() == 10


def test_double_click_on_the_label_resets(qtbot: QtBot) -> None:
    field, record = shown(qtbot, RADIUS)
    field.set_value(3.0)
    double_click(field.label, 5, 5)
    assert record.take() == whole(10.0)
    field.set_default(4.5)
    double_click(field.label, 5, 5)
    assert record.take() == whole(4.5)
    assert "4.5 px" in field.label.toolTip()


@pytest.mark.parametrize("parameter", [RADIUS, OPACITY, SEED, HUE])
def test_slider_reaches_both_ends_of_its_range(qtbot: QtBot, parameter: Parameter) -> None:
    field, _ = shown(qtbot, parameter)
    slider, y = field.slider, field.slider.height() / 2
    drag(slider, (slider.x_of(0.6), y), (-50, y))
    assert parameter.slider is not None
    assert field.value() == parameter.slider[0]
    drag(slider, (slider.x_of(0.4), y), (900, y))
    assert field.value() == parameter.slider[1]


def test_wide_ranges_give_small_values_more_room() -> None:
    wide = msgspec.structs.replace(RADIUS, slider=(0.1, 1000))
    assert slider_power(wide) == 3
    assert 0.1 + 999.9 * 0.2 ** slider_power(wide) < 10
    assert slider_power(OPACITY) == slider_power(SEED) == slider_power(HUE) == 1


@pytest.mark.parametrize(("position", "value"), [(0.25, 0.9), (0.5, 3.2), (0.65, 6.2)])
def test_handle_of_a_power_slider_stays_under_the_pointer(
    qtbot: QtBot, position: float, value: float
) -> None:
    field, _ = shown(qtbot, RADIUS)
    x = field.slider.x_of(position)
    drag(field.slider, (x, 13))
    assert field.value() == value
    assert abs(field.slider.x_of(field.slider.value() / field.slider.STEPS) - x) < 2


def test_value_beyond_the_slider_leaves_the_handle_at_its_end(qtbot: QtBot) -> None:
    field, _ = shown(qtbot, RADIUS)
    field.set_value(800)
    assert field.slider.value() == field.slider.maximum()
    field.set_value(0.1)
    assert field.slider.value() == 0


def test_number_format_reads_what_it_writes() -> None:
    for parameter in (RADIUS, OPACITY, SEED, HUE):
        form = number_format(parameter)
        for value in (0.0, 1.0, 0.25, 0.5):
            assert form.parse(form.text(value)) == value
    assert NumberFormat(0).parse("−5") == -5
    assert NumberFormat(0).parse("5 6") is None


def test_long_label_is_shortened_within_its_width(qtbot: QtBot) -> None:
    long = msgspec.structs.replace(RADIUS, name="a_really_very_long_name_of_a_parameter_px")
    field, _ = shown(qtbot, long)
    assert field.label.text().endswith("…")
    assert field.slider.accessibleName() == "A really very long name of a parameter"


def test_keys_of_a_field_are_not_lost_to_commands_of_the_window(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    field = NumberField(RADIUS, window)
    ran: list[str] = []
    for keys in ("Up", "Return", "Esc", "5"):
        QShortcut(QKeySequence(keys), window, lambda keys=keys: ran.append(keys))
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    type_into(field, "5")
    QTest.keyClick(field.edit, Qt.Key.Key_Up)
    assert field.value() == 5.1
    type_into(field, "9", Qt.Key.Key_Escape)
    assert field.value() == 5.1
    assert not ran
    QTest.keyClick(field.edit, Qt.Key.Key_Escape)
    assert ran == ["Esc"]
