"""The rows of the Layers panel by hand: clicks and keys become edits."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from retexture.document.document import walk
from retexture.gui.layer_row import FILTER_HEIGHT, MASKED_FILTER_HEIGHT, parts
from retexture.session.selection_edits import add_filter_mask
from retexture.session.target import FilterMask
from tests.gui.gestures import ALT, CTRL, SHIFT, double_click, drag, move, press, release
from tests.gui.layers import Hand, at_work


@pytest.fixture
def hand(qtbot: QtBot) -> Iterator[Hand]:
    yield from at_work(qtbot)


# -- eyes


def test_an_eye_hides_its_layer_without_selecting_it(hand: Hand) -> None:
    hand.click("low", "eye")
    assert not hand.layer("low").visible
    assert hand.session.active == "invert"
    assert hand.session.history.undo_label == "Hide Low"
    hand.click("low", "eye")
    assert hand.layer("low").visible
    assert hand.steps() == 2


def test_dragging_over_eyes_hides_several_in_one_step(hand: Hand) -> None:
    press(hand.view, *hand.part("high", "eye"))
    move(hand.view, *hand.part("low", "eye"))
    assert hand.session.gesture is not None
    release(hand.view, *hand.part("low", "eye"))
    assert [hand.layer(key).visible for key in ("invert", "high", "low")] == [True, False, False]
    assert hand.steps() == 1


def test_alt_click_on_an_eye_shows_one_layer_alone_and_back(hand: Hand) -> None:
    before = hand.document
    hand.click("paint", "eye", ALT)
    assert [layer.key for layer in walk(hand.document.layers) if layer.visible] == ["group", "paint"]
    hand.click("paint", "eye", ALT)
    assert hand.document == before


def test_a_filters_eye_switches_it(hand: Hand) -> None:
    hand.click("low", "eye", filter_key="gaussian_blur")
    assert not hand.layer("low").filters[0].enabled
    assert hand.session.history.undo_label == "Disable Gaussian Blur"


def test_what_is_inside_a_hidden_group_is_dimmed(hand: Hand) -> None:
    assert hand.look("paint").shown
    hand.click("group", "eye")
    assert not hand.look("paint").shown
    assert hand.look("group").shown


# -- selecting


def test_a_click_selects_and_the_mask_is_aimed_at_by_a_click_on_it(hand: Hand) -> None:
    hand.click("high")
    assert (hand.session.active, hand.target) == ("high", "layer")
    hand.click("high", "mask")
    assert hand.target == "mask"
    hand.click("high")
    assert hand.target == "mask", "the name leaves the target"
    hand.click("high", "picture")
    assert hand.target == "layer"
    hand.click("low")
    hand.click("high", "mask")
    assert (hand.session.active, hand.target) == ("high", "mask")
    assert hand.steps() == 0


def test_fills_and_adjustments_are_painted_on_their_masks(hand: Hand) -> None:
    hand.click("grey")
    assert hand.target == "layer"
    hand.run("mask_reveal_all")
    hand.click("low")
    hand.click("grey")
    assert hand.target == "mask"


def test_arrow_keys_move_the_selection(hand: Hand) -> None:
    hand.click("high")
    hand.key(Qt.Key.Key_Down)
    assert hand.tree.current_name == ("high", "apply_image")
    assert hand.session.active == "high"
    hand.key(Qt.Key.Key_Down)
    assert hand.session.active == "low"
    hand.key(Qt.Key.Key_Up)
    hand.key(Qt.Key.Key_Up)
    assert hand.session.active == "high"


def test_several_layers_are_grouped_and_deleted(hand: Hand) -> None:
    hand.click("high")
    hand.click("low", modifiers=CTRL)
    assert hand.tree.selected_keys() == ("high", "low")
    hand.run("group_layers")
    assert [layer.key for layer in hand.session.active_layer.layers] == ["low", "high"]
    hand.click("invert")
    hand.click("group_1", modifiers=SHIFT)
    hand.key(Qt.Key.Key_Delete)
    assert hand.keys() == ["group", "base", "paint", "grey"]
    assert hand.steps() == 2


def test_a_click_beside_the_rows_changes_nothing(hand: Hand) -> None:
    hand.click("high")
    drag(hand.view, (100, hand.view.height() - 5))
    assert hand.session.active == "high"
    assert hand.tree.selected_keys() == ("high",)


# -- masks


def test_alt_click_on_a_mask_asks_for_its_view(hand: Hand) -> None:
    with hand.qtbot.waitSignal(hand.panel.mask_view_requested) as asked:
        hand.click("high", "mask", ALT)
    assert asked.args == ["high", None]


def test_shift_click_on_a_mask_switches_it(hand: Hand) -> None:
    hand.click("high", "mask", SHIFT)
    assert not hand.layer("high").mask.enabled
    assert hand.session.active == "invert"
    hand.click("high", "mask", SHIFT)
    assert hand.layer("high").mask.enabled


# -- names, keys


def test_a_double_click_renames(hand: Hand) -> None:
    double_click(hand.view, *hand.part("low", "name"))
    editor = hand.name_editor()
    assert editor.text() == "Low"
    QTest.keyClicks(editor, "Tone")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    hand.qtbot.waitUntil(lambda: hand.layer("low").name == "Tone")
    assert hand.steps() == 1


def test_f2_renames_and_escape_leaves_the_name(hand: Hand) -> None:
    hand.click("low")
    hand.key(Qt.Key.Key_F2)
    editor = hand.name_editor()
    QTest.keyClicks(editor, "Tone")
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert hand.layer("low").name == "Low"
    assert hand.steps() == 0


def test_space_and_delete_work_on_the_current_row(hand: Hand) -> None:
    hand.click("low")
    hand.key(Qt.Key.Key_Space)
    assert not hand.layer("low").visible
    hand.click("base", filter_key="median")
    hand.key(Qt.Key.Key_Space)
    assert not hand.layer("base").filters[1].enabled
    hand.key(Qt.Key.Key_Delete)
    assert [item.key for item in hand.layer("base").filters] == ["invert", "add_noise"]
    assert hand.session.active == "base"


@pytest.mark.parametrize("key", [Qt.Key.Key_Backspace, Qt.Key.Key_Delete])
@pytest.mark.parametrize("modifiers", [ALT, CTRL, SHIFT])
def test_delete_with_a_modifier_is_left_to_the_window(hand: Hand, key, modifiers) -> None:
    hand.click("low")
    hand.key(key, modifiers)
    hand.click("base", filter_key="median")
    hand.key(key, modifiers)
    assert hand.steps() == 0


def test_a_locked_layer_says_why_it_is_not_deleted(hand: Hand) -> None:
    hand.click("low")
    QTest.mouseClick(hand.panel.lock, Qt.MouseButton.LeftButton)
    assert hand.layer("low").locked
    hand.tree.setFocus()
    hand.key(Qt.Key.Key_Delete)
    assert hand.messages == ["Low is locked: unlock it first"]
    hand.click("low", "lock")
    assert not hand.layer("low").locked
    assert not hand.panel.lock.isChecked()


def test_a_double_click_on_a_filter_opens_it(hand: Hand) -> None:
    with hand.qtbot.waitSignal(hand.panel.filter_activated) as opened:
        double_click(hand.view, *hand.part("low", "name", "gaussian_blur"))
    assert opened.args == ["low", "gaussian_blur"]
    with hand.qtbot.waitSignal(hand.panel.filter_activated):
        hand.key(Qt.Key.Key_Return)
    assert hand.session.active == "low"


def test_a_filters_mask_is_shown_beside_it_and_taken_by_clicks(hand: Hand) -> None:
    target = FilterMask("median")
    assert hand.box("base", "median").height() == FILTER_HEIGHT
    hand.session.select("high")
    hand.tree.attempt(lambda session: add_filter_mask(session, "base", "median"))
    assert hand.session.active == "base"
    assert hand.target == target
    assert hand.box("base", "median").height() == MASKED_FILTER_HEIGHT
    hand.qtbot.waitUntil(lambda: hand.look("base", "median").mask_thumbnail is not None)
    where = parts(hand.box("base", "median"), hand.look("base", "median"))
    assert where.mask.left() > where.picture.right()
    assert where.name.left() > where.mask.right()
    viewed: list[tuple[str, str | None]] = []
    hand.panel.mask_view_requested.connect(lambda *what: viewed.append(what))
    hand.click("base", "picture")
    assert hand.target == "layer"
    hand.click("base", "mask", filter_key="median")
    assert hand.target == target
    assert hand.look("base", "median").mask_is_target
    assert not hand.look("base").mask_is_target
    hand.click("base", "mask", SHIFT, "median")
    assert not hand.look("base", "median").mask_is_on
    hand.click("base", "mask", SHIFT, "median")
    assert hand.look("base", "median").mask_is_on
    hand.click("base", "mask", ALT, "median")
    assert viewed == [("base", "median")]
    hand.click("base", "name", filter_key="median")
    assert hand.target == target
    hand.session.undo()
    hand.session.undo()
    hand.session.undo()
    assert hand.target == "layer"
    assert hand.box("base", "median").height() == FILTER_HEIGHT
