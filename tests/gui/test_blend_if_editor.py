"""The Blend-If editor: triangles that split and join, exact at every zoom."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from retexture.document.layers import FULL, BlendIf, Range, Sliders
from retexture.engine.reference import trapezoid_weight
from retexture.gui.blend_if_editor import BlendIfEditor
from retexture.gui.range_bar import BAR_PX, PLOT_PX, RangeBar
from retexture.gui.range_editor import RangeEditor
from retexture.gui.range_handles import ends_of, stops
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
    wheel,
    whole,
)

Y = PLOT_PX + BAR_PX + 6
"""The row of the triangles."""


@pytest.fixture
def editor(qtbot: QtBot) -> BlendIfEditor:
    editor = BlendIfEditor()
    qtbot.addWidget(editor)
    editor.resize(277, 400)  # a bar of 255 px: one level is one pixel
    editor.show()
    assert this(editor).bar.plot().width() == 255
    return editor


def this(editor: BlendIfEditor) -> RangeEditor:
    return editor.sides["this"]


def grey(value: BlendIf) -> Range:
    return value.this.gray


def with_grey(*ends: float) -> BlendIf:
    return BlendIf(this=Sliders(gray=Range(*ends)))


def pull(bar: RangeBar, start: float, *values: float, modifiers: Qt.KeyboardModifier | None = None) -> None:
    """Drag from one value's place to others."""
    places = [(bar.x_of(value), Y) for value in (start, *values)]
    drag(bar, *places, modifiers=modifiers or Qt.KeyboardModifier.NoModifier)


# --- mouse --------------------------------------------------------------------------------------------


def test_whole_triangle_moves_as_one(editor: BlendIfEditor) -> None:
    record = Record(editor)
    pull(this(editor).bar, 0, 20, 40)
    assert record.names() == ["started", "changed", "changed", "committed"]
    assert grey(record.events[-1][1]) == Range(40, 40, 255, 255)


@pytest.mark.parametrize(("to", "expected"), [(90, (90, 100)), (130, (100, 130))])
def test_alt_drag_splits_towards_the_first_movement(
    editor: BlendIfEditor, to: float, expected: tuple[float, float]
) -> None:
    editor.set_value(with_grey(100, 100, 255, 255))
    pull(this(editor).bar, 100, to, modifiers=ALT)
    assert ends_of(grey(editor.value()))[:2] == expected


def test_split_halves_rejoin_when_dragged_together(editor: BlendIfEditor) -> None:
    editor.set_value(with_grey(31, 82, 173, 224))
    pull(this(editor).bar, 31, 60, 120)
    assert grey(editor.value()) == Range(82, 82, 173, 224)
    pull(this(editor).bar, 82, 60)
    assert grey(editor.value()) == Range(60, 60, 173, 224)


def test_black_stops_at_white(editor: BlendIfEditor) -> None:
    editor.set_value(with_grey(31, 82, 173, 224))
    pull(this(editor).bar, 82, 250)
    assert grey(editor.value()) == Range(31, 173, 173, 224)


def test_halves_on_one_spot_can_all_be_taken(editor: BlendIfEditor) -> None:
    for ends, place, stop in (
        ((0, 100, 101, 255), 100, (1,)),
        ((100, 100, 102, 102), 96, (0, 1)),
        ((100, 100, 102, 102), 106, (2, 3)),
        ((100, 101, 255, 255), 94, (0,)),
        ((100, 101, 255, 255), 107, (1,)),
    ):
        editor.set_value(with_grey(*ends))
        bar = this(editor).bar
        assert bar.hit(bar.x_of(place)) == stop or place == 100


def test_every_handle_has_at_least_eleven_pixels(editor: BlendIfEditor) -> None:
    side = this(editor)
    spread = tuple(float(e) for e in np.linspace(20, 235, 4))
    for value in (spread, (60.0, 60.0, 200.0, 200.0)):
        side.set_value(Range(*value))
        for stop in stops(value):
            taken = [x for x in range(side.bar.width()) if side.bar.hit(x) == stop]
            assert len(taken) >= 11


def test_escape_restores_and_set_value_waits(editor: BlendIfEditor) -> None:
    start = with_grey(31, 82, 173, 224)
    editor.set_value(start)
    record, bar = Record(editor), this(editor).bar
    drag(bar, (bar.x_of(82), Y), (bar.x_of(120), Y), let_go=False)
    editor.set_value(BlendIf())
    assert grey(editor.value()) == Range(31, 120, 173, 224)
    QTest.keyClick(bar, Qt.Key.Key_Escape)
    move(bar, bar.x_of(90), Y)
    release(bar, bar.x_of(90), Y)
    assert record.names() == ["started", "changed", "cancelled"]
    assert editor.value() == start
    assert this(editor).value() == start.this.gray


def test_press_alone_leaves_no_step(editor: BlendIfEditor) -> None:
    editor.set_value(with_grey(31.4, 82, 173, 224))
    record, bar = Record(editor), this(editor).bar
    drag(bar, (bar.x_of(31.4) - 3, Y))
    assert record.names() == ["started", "cancelled"]


def test_double_click_on_the_bar_resets_it(editor: BlendIfEditor) -> None:
    editor.set_value(with_grey(31, 82, 173, 224))
    record, bar = Record(editor), this(editor).bar
    double_click(bar, bar.x_of(128), PLOT_PX + 4)
    assert record.events == whole(BlendIf())


# --- zoom ---------------------------------------------------------------------------------------------


def test_wheel_zooms_about_the_pointer(editor: BlendIfEditor) -> None:
    bar = this(editor).bar
    x = bar.x_of(200)
    for zoom in (2, 4, 8, 16, 32, 32):
        assert wheel(bar, x, 20, 1)
        assert bar.zoom == zoom
        assert bar.value_at(x) == pytest.approx(200)
    for _ in range(5):
        wheel(bar, x, 20, -1)
    assert (bar.zoom, bar.low) == (1, 0)
    assert not wheel(bar, x, 20, -1)  # the panel scrolls


def test_buttons_zoom_about_mid_grey(editor: BlendIfEditor) -> None:
    side = this(editor)
    for _ in range(4):
        side.zoom_in.click()
    assert side.zoom_label.text() == "16×"
    assert side.bar.low + side.bar.span / 2 == pytest.approx(127.5)


@pytest.mark.parametrize(("zoom", "step"), [(1, 1.0), (4, 0.1), (32, 0.01)])
def test_dragged_handle_is_under_the_pointer_at_every_zoom(
    editor: BlendIfEditor, zoom: int, step: float
) -> None:
    editor.set_value(with_grey(125, 125, 255, 255))
    bar = this(editor).bar
    bar.set_zoom(zoom)
    start = bar.x_of(125)
    for pixels in (1, 2, 7, 30):
        press(bar, start, Y)
        move(bar, start + pixels, Y)
        value = grey(editor.value()).black_low
        assert value == pytest.approx(round(value / step) * step)
        assert value == pytest.approx(125 + pixels * bar.span / 255, abs=step / 2)
        assert abs(bar.x_of(value) - (start + pixels)) <= 1
        QTest.keyClick(bar, Qt.Key.Key_Escape)
        release(bar, start, Y)


def test_handle_out_of_view_waits_at_the_end_and_can_be_fetched(editor: BlendIfEditor) -> None:
    bar = this(editor).bar
    bar.set_zoom(8)
    left = bar.plot().left()
    drag(bar, (left, Y), (left + 20, Y))
    assert grey(editor.value()).black_low == pytest.approx(bar.low + 20 * bar.span / 255, abs=0.1)


def test_drag_of_the_histogram_scrolls_the_view_and_edits_nothing(editor: BlendIfEditor) -> None:
    record, bar = Record(editor), this(editor).bar
    bar.set_zoom(4)
    low = bar.low
    drag(bar, (100, 20), (60, 20))
    assert bar.low == pytest.approx(low + 40 * bar.span / 255)
    drag(bar, (100, 20), (9000, 20))
    assert bar.low == 0
    assert not record.events


# --- keyboard -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "modifier", "value"),
    [
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, 32),
        (Qt.Key.Key_Left, SHIFT, 21),
        (Qt.Key.Key_Right, CTRL, 31.1),
        (Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier, 0),
        (Qt.Key.Key_End, Qt.KeyboardModifier.NoModifier, 82),
    ],
)
def test_keys_move_the_selected_handle(
    editor: BlendIfEditor, key: Qt.Key, modifier: Qt.KeyboardModifier, value: float
) -> None:
    editor.set_value(with_grey(31, 82, 173, 224))
    record, bar = Record(editor), this(editor).bar
    bar.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(bar, key, modifier)
    editor.finish()
    assert record.events == whole(with_grey(value, 82, 173, 224))


def test_tab_goes_from_handle_to_handle(editor: BlendIfEditor) -> None:
    editor.set_value(with_grey(31, 82, 224, 224))
    bar = this(editor).bar
    bar.setFocus(Qt.FocusReason.TabFocusReason)
    seen = [bar.selected_stop()]
    for _ in range(2):
        QTest.keyClick(bar, Qt.Key.Key_Tab)
        seen.append(bar.selected_stop())
    assert seen == [(0,), (1,), (2, 3)]
    QTest.keyClick(bar, Qt.Key.Key_Backtab, SHIFT)
    assert bar.selected_stop() == (1,)


def test_s_splits_and_joins(editor: BlendIfEditor) -> None:
    editor.set_value(with_grey(100, 100, 255, 255))
    record, bar = Record(editor), this(editor).bar
    bar.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(bar, Qt.Key.Key_S)
    assert record.take() == whole(with_grey(92, 108, 255, 255))
    QTest.keyClick(bar, Qt.Key.Key_Tab)
    QTest.keyClick(bar, Qt.Key.Key_S)
    assert record.take() == whole(with_grey(108, 108, 255, 255))


def test_context_menu_splits_and_joins(editor: BlendIfEditor) -> None:
    editor.set_value(with_grey(100, 100, 173, 224))
    bar = this(editor).bar
    for handle, entry, expected in (
        (0, "Split\tS", (92, 108, 173, 224)),
        (3, "Join\tS", (92, 108, 224, 224)),
        (3, "Reset This Bar", (0, 0, 255, 255)),
    ):
        bar.handle = handle
        menu = bar.menu(bar.selected_stop())
        next(action for action in menu.actions() if action.text() == entry).trigger()
        assert ends_of(grey(editor.value())) == expected


def test_fields_show_and_take_values(editor: BlendIfEditor) -> None:
    editor.set_value(with_grey(31, 82, 173.25, 224))
    fields = this(editor).fields
    assert [field.text() for field in fields] == ["31", "82", "173.25", "224"]
    record = Record(editor)
    fields[1].setFocus()
    fields[1].selectAll()
    QTest.keyClicks(fields[1], "90.5")
    QTest.keyClick(fields[1], Qt.Key.Key_Return)
    assert record.take() == whole(with_grey(31, 90.5, 173.25, 224))
    QTest.keyClick(fields[0], Qt.Key.Key_Down, SHIFT)
    editor.finish()
    assert record.take() == whole(with_grey(21, 90.5, 173.25, 224))


def test_key_presses_that_follow_soon_are_one_gesture(editor: BlendIfEditor) -> None:
    editor.set_value(with_grey(31, 82, 173, 224))
    record, bar = Record(editor), this(editor).bar
    bar.setFocus(Qt.FocusReason.TabFocusReason)
    for _ in range(3):
        QTest.keyClick(bar, Qt.Key.Key_Right)
    editor.finish()
    assert record.names() == ["started", "changed", "changed", "changed", "committed"]
    assert record.events[-1] == ("committed", with_grey(34, 82, 173, 224))


@pytest.mark.parametrize("other", ["side", "channel", "reset", "drag"])
def test_steps_end_where_something_else_is_changed(editor: BlendIfEditor, other: str) -> None:
    editor.set_value(with_grey(31, 82, 173, 224))
    record = Record(editor)
    QTest.keyClick(this(editor).fields[0], Qt.Key.Key_Up)
    match other:
        case "side":
            QTest.keyClick(editor.sides["underlying"].fields[0], Qt.Key.Key_Up)
        case "channel":
            editor.channel_buttons[1].click()
            assert this(editor).value() == FULL
        case "reset":
            editor.reset_button.click()
        case "drag":
            pull(this(editor).bar, 224, 200)
    editor.finish()
    assert record.events[:3] == whole(with_grey(32, 82, 173, 224))
    assert record.names()[3:] == ([] if other == "channel" else ["started", "changed", "committed"])


def test_what_ends_the_whole_ends_its_sides(editor: BlendIfEditor) -> None:
    QTest.keyClick(this(editor).fields[0], Qt.Key.Key_Up)
    editor.finish()
    editor.set_value(with_grey(31, 82, 173, 224))
    assert this(editor).fields[0].text() == "31"
    QTest.keyClick(this(editor).fields[0], Qt.Key.Key_Up)
    editor.cancel()
    assert this(editor).fields[0].text() == "31"
    assert not editor.is_stepping


# --- the whole editor -----------------------------------------------------------------------------------


def test_only_the_chosen_channel_of_one_side_is_changed(editor: BlendIfEditor) -> None:
    start = BlendIf(Sliders(gray=Range(1, 2, 3, 4)), Sliders(blue=Range(5, 5, 200, 210)))
    editor.set_value(start)
    editor.channel_buttons[3].click()
    record = Record(editor)
    pull(editor.sides["underlying"].bar, 5, 25)
    expected = BlendIf(Sliders(gray=Range(1, 2, 3, 4)), Sliders(blue=Range(25, 25, 200, 210)))
    assert record.events == whole(expected)


def test_dot_marks_channels_that_hide_something(editor: BlendIfEditor) -> None:
    editor.set_value(BlendIf(Sliders(red=Range(10, 20, 255, 255)), Sliders(blue=Range(0, 0, 200, 255))))
    assert [button.hides for button in editor.channel_buttons] == [False, True, False, True]
    assert editor.channel_buttons[1].accessibleName() == "Red, hides something"
    editor.reset_button.click()
    assert not any(button.hides for button in editor.channel_buttons)
    assert editor.value() == BlendIf()


def test_overlay_is_asked_for(qtbot: QtBot, editor: BlendIfEditor) -> None:
    asked: list[bool] = []
    editor.overlay_toggled.connect(asked.append)
    editor.overlay.click()
    editor.set_overlay(False)
    assert asked == [True]
    assert not editor.overlay.isChecked()


def test_histograms_belong_to_sides_and_channels(editor: BlendIfEditor) -> None:
    counts = np.arange(4 * 1024).reshape(4, 1024)
    editor.set_histograms(counts, None)
    editor.set_channel(2)
    shown = this(editor).bar.counts
    assert shown is not None
    assert np.array_equal(shown, counts[2])
    assert editor.sides["underlying"].bar.counts is None
    assert not editor.sides["underlying"].log.isEnabled()


def test_trapezoid_is_drawn_where_blend_if_weighs(qtbot: QtBot, editor: BlendIfEditor) -> None:
    editor.set_value(with_grey(31, 82, 173, 224))
    image = this(editor).bar.grab().toImage()
    bar = this(editor).bar
    area = bar.plot()
    ends = ends_of(grey(editor.value()))
    for value in (50, 70, 128, 190, 210):
        x = round(bar.x_of(value))
        column = [image.pixelColor(x, y).lightness() for y in range(1, PLOT_PX)]
        drawn = int(np.argmax(column)) + 1
        weight = float(
            trapezoid_weight(np.array([value], np.float32), (ends[0], ends[1], ends[2], ends[3]))[0]
        )
        assert abs(drawn - (area.bottom() - weight * (area.height() - 1))) <= 2


def test_all_controls_have_names_and_hints(editor: BlendIfEditor) -> None:
    controls: list[QWidget] = [
        *editor.findChildren(QAbstractButton),
        *editor.findChildren(QLineEdit),
        this(editor).bar,
    ]
    names = [control.objectName() for control in controls]
    assert len(set(names)) == len(names)
    for control in controls:
        assert control.objectName()
        assert control.accessibleName()
        assert control.toolTip()
        # Of the channels, Tab goes to the chosen one, and arrow keys go on.
        reached = control.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert reached or control in editor.channel_buttons[1:]


def test_arrow_keys_choose_the_channel(qtbot: QtBot, editor: BlendIfEditor) -> None:
    with qtbot.waitActive(editor):
        editor.activateWindow()
    editor.channel_buttons[0].setFocus()
    for channel in (1, 2):
        QTest.keyClick(editor.channel_buttons[channel - 1], Qt.Key.Key_Right)
        assert editor.channel_buttons[channel].isChecked()
        assert editor.channel == channel


def test_keys_of_the_bar_are_not_lost_to_commands_of_the_window(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    editor = BlendIfEditor(window)
    ran: list[str] = []
    for keys in ("S", "Right", "Home", "Ctrl+S", "Esc"):
        QShortcut(QKeySequence(keys), window, lambda keys=keys: ran.append(keys))
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    editor.set_value(with_grey(100, 100, 255, 255))
    bar = this(editor).bar
    bar.setFocus(Qt.FocusReason.TabFocusReason)
    for key in (Qt.Key.Key_S, Qt.Key.Key_Right, Qt.Key.Key_Home):
        QTest.keyClick(bar, key)
    assert grey(editor.value()) == Range(0, 108, 255, 255)
    press(bar, bar.x_of(0) - 2, Y)
    move(bar, bar.x_of(40), Y)
    QTest.keyClick(bar, Qt.Key.Key_Escape)
    release(bar, bar.x_of(40), Y)
    assert not ran
    QTest.keyClick(bar, Qt.Key.Key_S, CTRL)
    QTest.keyClick(bar, Qt.Key.Key_Escape)
    assert ran == ["Ctrl+S", "Esc"]
