"""The dialogs of filters: a draft on the layer, kept with OK, taken off with Cancel."""

from collections.abc import Iterator
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from retexture.document.document import Document, find
from retexture.document.layers import FillLayer, PixelLayer
from retexture.document.tree import filters_of
from retexture.filters import FILTERS
from retexture.filters.apply_image import ApplyImage
from retexture.filters.gaussian_blur import GaussianBlur
from retexture.gui.app import wait_until_idle
from retexture.gui.commands import run
from retexture.gui.filter_dialog import FilterDialog
from retexture.gui.menu_bar import COMMANDS
from retexture.gui.window import MainWindow
from retexture.session import selection_edits
from retexture.session.preferences import Preferences
from retexture.session.session import Session
from tests.document.documents import sample_document

W = TypeVar("W", bound=QWidget)


class Hand:
    """A window with one document, whose layer "low" is active."""

    def __init__(self, document: Document) -> None:
        self.window = MainWindow(Preferences())
        self.session = Session(document, title="test")
        self.window.show()
        self.window.workspace.add(self.session)
        self.session.select("low")

    def run(self, name: str) -> None:
        run(next(command for command in COMMANDS if command.name == name), self.window)

    def open(self, name: str) -> FilterDialog:
        self.run(f"filter_{name}")
        (dialog,) = (d for d in self.window.findChildren(FilterDialog) if d.isVisible())
        return dialog

    def steps(self) -> int:
        return len(self.session.history.versions)

    def filters(self) -> list[object]:
        return [item.filter for item in filters_of(find(self.session.document, "low"))]


@pytest.fixture
def hand(qtbot: QtBot) -> Iterator[Hand]:
    hand = Hand(sample_document(40, 30))
    yield hand
    for dialog in hand.window.findChildren(FilterDialog):
        dialog.close()
    assert wait_until_idle(hand.window)
    hand.window.workspace.remove(hand.session)
    hand.window.close()


def child(dialog: FilterDialog, name: str, kind: type[W]) -> W:
    (found,) = dialog.findChildren(kind, f"{dialog.name}_{name}")
    return found


def click(dialog: FilterDialog, name: str) -> None:
    QTest.mouseClick(child(dialog, name, QAbstractButton), Qt.MouseButton.LeftButton)


def test_what_is_typed_is_shown_at_once_and_kept_with_ok(hand: Hand, qtbot: QtBot):
    before = hand.filters()
    dialog = hand.open("gaussian_blur")
    field = child(dialog, "radius_px_value", QLineEdit)
    dialog.activateWindow()
    qtbot.waitUntil(field.hasFocus)
    QTest.keyClicks(field, "2.5")
    QTest.keyClick(field, Qt.Key.Key_Tab)
    assert hand.filters() == [*before, GaussianBlur(radius_px=2.5)]
    assert hand.steps() == 1
    click(dialog, "ok")
    assert hand.session.history.undo_label == "Gaussian Blur"
    assert hand.steps() == 2
    hand.session.undo()
    assert hand.filters() == before


def test_cancel_leaves_nothing(hand: Hand):
    before = hand.session.document
    dialog = hand.open("median")
    assert len(hand.filters()) == len(filters_of(find(before, "low"))) + 1
    click(dialog, "cancel")
    assert hand.session.document is before
    assert hand.steps() == 1


def test_the_preview_can_be_switched_off(hand: Hand):
    before = hand.session.document
    dialog = hand.open("median")
    dialog.preview.click()
    assert hand.session.document is before
    click(dialog, "ok")
    assert len(hand.filters()) == len(filters_of(find(before, "low"))) + 1


def test_undo_takes_the_draft_back_and_another_edit_keeps_it(hand: Hand):
    before = hand.session.document
    dialog = hand.open("median")
    hand.session.undo()
    assert not dialog.isVisible()
    assert hand.session.document is before
    dialog = hand.open("median")
    hand.session.set("low.visible", False, "Hide")
    assert not dialog.isVisible()
    assert [version.label for version in hand.session.history.versions[1:]] == ["Median", "Hide"]


def test_last_filter_repeats_it_as_it_was_set(hand: Hand):
    dialog = hand.open("high_pass")
    dialog.editors["radius_px"].enter(4.5)
    click(dialog, "ok")
    hand.run("last_filter")
    used = hand.filters()[-2:]
    assert used[0] == used[1] == hand.window.last_filter
    assert hand.steps() == 3


def test_apply_image_offers_the_layers_by_name_and_refuses_what_reads_itself(hand: Hand):
    session = hand.session
    session.select("high")
    dialog = hand.open("apply_image")
    combo = child(dialog, "source_choice", QComboBox)
    names = [combo.itemText(i) for i in range(combo.count())]
    assert names[0] == "Merged (beneath)"
    assert find(session.document, "low").name in names
    dialog.editors["source"].enter("low")
    item = filters_of(find(session.document, "high"))[-1].filter
    assert isinstance(item, ApplyImage)
    assert item.source == "low"
    click(dialog, "cancel")
    session.select("low")
    dialog = hand.open("apply_image")
    dialog.editors["source"].enter("high")  # which reads Low
    item = filters_of(find(session.document, "low"))[-1].filter
    assert isinstance(item, ApplyImage)
    assert item.source == "merged"
    assert dialog.editors["source"].value() == "merged"


def test_apply_image_has_scale_and_offset_only_where_they_count(hand: Hand):
    dialog = hand.open("apply_image")

    def shown() -> list[bool]:
        return [dialog.editors[name].isVisible() for name in ("scale", "offset", "invert")]

    assert dialog.editors["blending"].value() == "multiply"
    assert shown() == [False, False, True]
    height = dialog.height()
    dialog.editors["blending"].enter("subtract")
    assert shown() == [True, True, True]
    assert dialog.height() > height
    dialog.editors["blending"].enter("screen")
    assert shown() == [False, False, True]
    assert dialog.height() == height


@pytest.mark.parametrize("kind", FILTERS, ids=lambda kind: kind.label)
def test_every_filter_has_its_editors(hand: Hand, kind: type):
    tag = str(kind.__struct_config__.tag)
    before = len(hand.filters())
    hand.run(f"filter_{tag}")
    for dialog in hand.window.findChildren(FilterDialog):
        if dialog.isVisible():
            assert dialog.editors
            dialog.accept()
    assert hand.filters()[before:] == [kind()]


def test_a_selection_masks_the_filter(hand: Hand):
    selection_edits.select_all(hand.session)
    dialog = hand.open("median")
    dialog.accept()
    assert filters_of(find(hand.session.document, "low"))[-1].mask is not None


def test_fill_goes_above_a_picture_as_a_fill_layer(hand: Hand):
    layer = find(hand.session.document, "low")
    assert isinstance(layer, PixelLayer)
    hand.run("fill")
    dialog = next(d for d in hand.window.children() if d.objectName() == "fill_dialog")
    dialog.accept()
    assert wait_until_idle(hand.window)
    made = hand.session.active_layer
    assert isinstance(made, FillLayer)
    assert made.colour is None
    assert hand.session.history.undo_label == "Fill"
