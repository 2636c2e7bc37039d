"""The rows of the Layers panel follow the document, and stay as they were looked at."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from retexture.document.edits import set_parameter
from retexture.session.session import Session
from tests.gui.gestures import drag
from tests.gui.layers import Hand, at_work, sample


@pytest.fixture
def hand(qtbot: QtBot) -> Iterator[Hand]:
    yield from at_work(qtbot)


def test_the_session_decides_what_is_current(hand: Hand) -> None:
    hand.session.select("paint")
    assert hand.tree.selected_keys() == ("paint",)
    hand.session.select("high", "mask")
    hand.session.undo()
    assert hand.tree.selected_keys() == ("high",)


def test_a_closed_group_stays_closed_and_opens_for_what_is_selected_inside(hand: Hand) -> None:
    index = hand.tree.rows.find(("group", None), 0)
    hand.click("group")
    hand.key(Qt.Key.Key_Left)
    assert not hand.tree.isExpanded(index)
    hand.click("invert")
    hand.run("new_layer")
    hand.session.undo()
    assert not hand.tree.isExpanded(hand.tree.rows.find(("group", None), 0))
    assert hand.steps() == 1
    other = Session(sample(), title="other")
    hand.workspace.add(other)
    assert hand.tree.isExpanded(hand.tree.rows.find(("group", None), 0))
    hand.workspace.activate(hand.session)
    assert not hand.tree.isExpanded(hand.tree.rows.find(("group", None), 0))
    hand.session.select("paint")
    assert hand.tree.isExpanded(hand.tree.rows.find(("group", None), 0))


def test_a_triangle_opens_and_shuts(hand: Hand) -> None:
    box = hand.box("group")
    drag(hand.view, (box.left() - 8, box.center().y()))
    assert hand.box("paint").isEmpty()
    assert hand.steps() == 0


def test_a_change_of_a_layer_rebuilds_nothing(hand: Hand) -> None:
    hand.panel.resize(320, 260)
    hand.tree.verticalScrollBar().setValue(60)
    resets: list[None] = []
    hand.tree.rows.modelReset.connect(lambda: resets.append(None))
    gesture = hand.session.begin("Opacity")
    gesture.set("high.opacity", 0.5)
    gesture.commit()
    hand.session.set("low.name", "Tone", "Rename")
    assert not resets
    assert hand.tree.verticalScrollBar().value() == 60
    hand.session.edit("Lock", lambda document: set_parameter(document, "base.locked", True))
    hand.run("duplicate_layer")
    assert len(resets) == 1
