"""Layers and smart filters are dragged in the Layers panel."""

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from retexture.document.document import find
from retexture.gui.layer_row import EYE_WIDTH
from tests.gui.gestures import ALT, CTRL, drag, move, release
from tests.gui.layers import Hand, at_work


@pytest.fixture
def hand(qtbot: QtBot) -> Iterator[Hand]:
    yield from at_work(qtbot)


@pytest.mark.parametrize(
    ("dragged", "onto", "share", "expected"),
    [
        ("invert", "add_noise", 0.2, ["median", "add_noise", "invert"]),
        ("invert", "median", 0.2, ["median", "invert", "add_noise"]),
        ("add_noise", "median", 0.8, ["invert", "add_noise", "median"]),
        ("add_noise", "invert", 0.9, ["add_noise", "invert", "median"]),
        ("median", "median", 0.9, ["invert", "median", "add_noise"]),
    ],
)
def test_filters_are_dragged_within_their_layer(hand: Hand, dragged, onto, share, expected) -> None:
    hand.drag_row("base", hand.place("base", share, onto), dragged)
    assert [item.key for item in hand.layer("base").filters] == expected


def test_a_filter_cannot_be_dragged_to_another_layer(hand: Hand) -> None:
    hand.drag_row("base", hand.place("low", 0.5, "gaussian_blur"), "median")
    hand.drag_row("base", hand.place("low", 0.5), "median")
    assert hand.steps() == 0


@pytest.mark.parametrize(
    ("dragged", "onto", "share", "expected"),
    [
        ("low", "high", 0.2, "group base paint grey high low invert"),
        ("invert", "high", 0.8, "group base paint grey low invert high"),
        ("low", "group", 0.5, "group base paint grey low high invert"),
        ("low", "group", 0.9, "group base paint grey low high invert"),
        ("low", "paint", 0.2, "group base paint low grey high invert"),
        ("low", "base", 0.9, "group low base paint grey high invert"),
        ("grey", "group", 0.1, "group base paint grey low high invert"),
        ("group", "invert", 0.1, "low high invert group base paint grey"),
    ],
)
def test_layers_are_dragged_between_rows_and_into_groups(hand: Hand, dragged, onto, share, expected) -> None:
    hand.drag_row(dragged, hand.place(onto, share))
    assert hand.keys() == expected.split()
    assert hand.session.history.undo_label == f"Move {hand.layer(dragged).name}"
    inside = {layer.key for layer in find(hand.document, "group").layers}
    assert ("low" in inside) == (
        onto in ("paint", "base") or (dragged, share) in [("low", 0.5), ("low", 0.9)]
    )
    assert ("grey" in inside) == (dragged != "grey")


def test_several_layers_are_dragged_together(hand: Hand) -> None:
    hand.click("high")
    hand.click("low", modifiers=CTRL)
    hand.drag_row("low", hand.place("paint", 0.9))
    assert hand.keys() == ["group", "base", "low", "high", "paint", "grey", "invert"]
    assert hand.steps() == 1


def test_below_all_rows_is_the_bottom_and_left_of_a_group_beneath_it(hand: Hand) -> None:
    hand.drag_row("high", (100, hand.view.height() - 30))
    assert hand.keys()[0] == "high"
    hand.session.undo()
    _, y = hand.place("base", 0.9)
    hand.drag_row("high", (EYE_WIDTH + 2, y))
    assert hand.keys()[0] == "high"


def test_a_drop_is_shown_and_escape_gives_it_up(hand: Hand) -> None:
    hand.drag_row("low", hand.place("group", 0.5), let_go=False)
    assert hand.tree.grab().toImage() != hand.tree.grab(QRect(0, 0, 1, 1)).toImage()
    before = _pixels(hand)
    hand.key(Qt.Key.Key_Escape)
    assert not np.array_equal(_pixels(hand), before), "the mark is gone"
    release(hand.view, *hand.place("group", 0.5))
    assert hand.steps() == 0


def _pixels(hand: Hand) -> np.ndarray:
    image = hand.tree.grab().toImage()
    return np.array(image.constBits()).copy()


def test_a_mask_is_copied_onto_a_layer_that_is_out_of_view(hand: Hand, qtbot: QtBot) -> None:
    hand.panel.resize(320, 260)
    QApplication.processEvents()
    bar = hand.tree.verticalScrollBar()
    hand.tree.scrollToTop()
    assert hand.box("base").top() > hand.view.height()
    start = hand.part("high", "mask")
    edge = (start[0], hand.view.height() - 3)
    drag(hand.view, start, (start[0] + 20, start[1]), edge, modifiers=ALT, let_go=False)
    qtbot.waitUntil(lambda: bar.value() == bar.maximum())
    to = hand.place("base", 0.5)
    move(hand.view, *to, ALT)
    release(hand.view, *to, ALT)
    assert hand.layer("base").mask == hand.layer("high").mask
    assert hand.steps() == 1


def test_a_group_cannot_be_dragged_into_itself(hand: Hand) -> None:
    hand.drag_row("group", hand.place("paint", 0.2))
    assert hand.steps() == 0
    assert hand.messages == []
