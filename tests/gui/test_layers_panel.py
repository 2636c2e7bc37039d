"""The Layers panel by hand: clicks, keys and drags become edits, and the rows follow the document."""

from collections.abc import Iterator
from threading import Event
from typing import TYPE_CHECKING, cast

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QColorDialog, QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from retexture.document.document import Document, find, walk
from retexture.document.edits import set_parameter
from retexture.document.layers import GroupLayer, PaintLayer, smart
from retexture.engine.modes import BlendMode
from retexture.filters.add_noise import AddNoise
from retexture.filters.invert import Invert
from retexture.filters.median import Median
from retexture.gui import commands_layer, layers_panel
from retexture.gui.commands import run
from retexture.gui.filter_dialog import FilterDialog
from retexture.gui.layer_row import EYE_WIDTH, FILTER_HEIGHT, MASKED_FILTER_HEIGHT, Parts, RowLook, parts
from retexture.gui.layers_model import LAYER
from retexture.gui.layers_panel import COMMANDS, LayersPanel
from retexture.gui.workspace import Workspace
from retexture.render.render import render
from retexture.session import selections
from retexture.session.preferences import Preferences
from retexture.session.selection_edits import add_filter_mask
from retexture.session.session import Session
from retexture.session.target import FilterMask, Target
from tests.document.documents import sample_document
from tests.gui.gestures import ALT, CTRL, NONE, SHIFT, double_click, drag, move, press, release

if TYPE_CHECKING:
    from retexture.gui.window import MainWindow

PICTURE = sample_document(40, 30)
BASE = msgspec.structs.replace(
    find(PICTURE, "base"), filters=smart(Invert(), Median(), AddNoise()), clipped=False
)


def sample() -> Document:
    """From the top: Invert, High (mask, Apply Image), Low (Gaussian Blur), Group of Grey, Paint, Base (3 filters)."""
    group = find(PICTURE, "group")
    assert isinstance(group, GroupLayer)
    plain = msgspec.structs.replace(group, layers=(BASE, *group.layers[1:]), filters=())
    return msgspec.structs.replace(PICTURE, layers=(plain, *PICTURE.layers[1:]), links=())


class Hand:
    """A panel on the screen, and where its rows are."""

    def __init__(self, qtbot: QtBot, document: Document) -> None:
        self.qtbot = qtbot
        self.workspace = Workspace(Preferences())
        self.panel = LayersPanel(self.workspace)
        self.panel.canvas = self.panel  # type: ignore[attr-defined] # where the window has its own; dialogs lie on it
        self.tree = self.panel.tree
        self.session = Session(document, title="test")
        self.messages: list[str] = []
        self.workspace.message.connect(self.messages.append)
        self.workspace.add(self.session)
        self.panel.resize(320, 700)
        qtbot.addWidget(self.panel)
        self.panel.show()
        qtbot.waitExposed(self.panel)

    @property
    def view(self):
        return self.tree.viewport()

    @property
    def document(self) -> Document:
        return self.session.document

    def layer(self, key: str):
        return find(self.document, key)

    def keys(self) -> list[str]:
        return [layer.key for layer in walk(self.document.layers)]

    def steps(self) -> int:
        return len(self.session.history.versions) - 1

    def box(self, key: str, filter_key: str | None = None) -> QRect:
        return self.tree.visualRect(self.tree.rows.find((key, filter_key)))

    def look(self, key: str, filter_key: str | None = None) -> RowLook:
        row = self.tree.rows.row_of(self.tree.rows.find((key, filter_key)))
        assert row is not None
        return self.tree.rows.look(row)

    @property
    def window(self) -> "MainWindow":
        """The panel alone has all that its commands need."""
        return cast("MainWindow", self.panel)

    @property
    def target(self) -> Target:
        return self.session.target

    def run(self, name: str) -> None:
        run(COMMANDS[name], self.window)

    def name_editor(self) -> QLineEdit:
        editor = self.tree.findChild(QLineEdit, "layer_name")
        assert editor is not None
        return editor

    def part(self, key: str, part: str, filter_key: str | None = None) -> tuple[int, int]:
        box = self.box(key, filter_key)
        if part == "eye":
            return EYE_WIDTH // 2, box.center().y()
        where: Parts = parts(box, self.look(key, filter_key))
        rect: QRect = getattr(where, part)
        assert not rect.isEmpty()
        return min(rect.left() + 12, rect.center().x()), rect.center().y()

    def click(self, key: str, part: str = "name", modifiers=NONE, filter_key: str | None = None) -> None:
        place = QPoint(*self.part(key, part, filter_key))
        QTest.mouseClick(self.view, Qt.MouseButton.LeftButton, modifiers, place)

    def place(self, key: str, share: float, filter_key: str | None = None) -> tuple[int, int]:
        """A point in a row, so far down in it."""
        box = self.box(key, filter_key)
        return box.center().x(), box.top() + round(box.height() * share)

    def drag_row(
        self, key: str, to: tuple[int, int], filter_key: str | None = None, let_go: bool = True
    ) -> None:
        x, y = self.part(key, "name", filter_key)
        drag(self.view, (x, y), (x + 3, y + 5), (x + 5, y + 20), to, let_go=let_go)

    def key(self, key: Qt.Key, modifiers=NONE) -> None:
        QTest.keyClick(self.tree, key, modifiers)

    def check(self) -> None:
        """The rows are the document's, in its order from the top."""
        shown = [row.name for row in self.tree.rows.rows]

        def wanted(layers):
            for layer in reversed(layers):
                yield layer.key, None
                for item in reversed(getattr(layer, "filters", ())):
                    yield layer.key, item.key
                if isinstance(layer, GroupLayer):
                    yield from wanted(layer.layers)

        assert shown == list(wanted(self.document.layers))
        for row in self.tree.rows.rows:
            assert self.tree.rows.look(row).layer is find(self.document, row.key)
        assert self.tree.current_key == self.session.active


@pytest.fixture
def hand(qtbot: QtBot) -> Iterator[Hand]:
    hand = Hand(qtbot, sample())
    yield hand
    hand.check()
    hand.workspace.close()


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


def test_the_session_decides_what_is_current(hand: Hand) -> None:
    hand.session.select("paint")
    assert hand.tree.selected_keys() == ("paint",)
    hand.session.select("high", "mask")
    hand.session.undo()
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


def test_the_mask_button_adds_white_and_with_alt_black(hand: Hand) -> None:
    button = hand.panel.buttons["add_mask"]
    hand.click("low")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert hand.layer("low").mask.painted.tiles.background == (65535,)
    hand.click("paint")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton, ALT)
    assert hand.layer("paint").mask.painted.tiles.background == (0,)
    assert hand.target == "mask"
    assert hand.part("paint", "mask")


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


def test_a_locked_layer_keeps_its_blending_filters_and_mask(hand: Hand) -> None:
    for key in ("base", "high"):
        hand.session.edit("Lock", lambda document, key=key: set_parameter(document, f"{key}.locked", True))
    before = hand.session.document
    hand.click("base", "eye", filter_key="invert")
    hand.click("high", "mask", SHIFT)
    hand.click("high")
    for field, value in (
        (hand.panel.opacity, 0.5),
        (hand.panel.fill, 0.5),
        (hand.panel.mode, BlendMode.SCREEN),
    ):
        shown = field.value()
        field.enter(value)
        assert field.value() == shown != value
    assert hand.session.document is before
    assert ["is locked: unlock it first" in words for words in hand.messages] == [True] * 5
    hand.click("high", "eye")
    assert not hand.layer("high").visible


# -- smart filters


def test_a_double_click_on_a_filter_opens_it(hand: Hand) -> None:
    with hand.qtbot.waitSignal(hand.panel.filter_activated) as opened:
        double_click(hand.view, *hand.part("low", "name", "gaussian_blur"))
    assert opened.args == ["low", "gaussian_blur"]
    with hand.qtbot.waitSignal(hand.panel.filter_activated):
        hand.key(Qt.Key.Key_Return)
    assert hand.session.active == "low"


def test_a_filter_is_added_from_the_menu_through_its_dialog(hand: Hand) -> None:
    hand.click("low")
    menu = hand.panel.buttons["add_filter"].menu()
    menu.aboutToShow.emit()
    action = next(a for a in menu.actions() if a.objectName() == "filter_median")
    action.trigger()
    dialog = hand.panel.findChild(FilterDialog)
    assert dialog.isVisible()
    dialog.accept()
    assert [item.key for item in hand.layer("low").filters] == ["gaussian_blur", "median"]


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


# -- dragging layers


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


def test_a_group_cannot_be_dragged_into_itself(hand: Hand) -> None:
    hand.drag_row("group", hand.place("paint", 0.2))
    assert hand.steps() == 0
    assert hand.messages == []


# -- groups and scrolling are how it is looked at


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


# -- blending


def test_opacity_is_one_step_for_all_selected_layers(hand: Hand) -> None:
    hand.click("high")
    hand.click("low", modifiers=CTRL)
    label = hand.panel.opacity.label
    drag(label, (30, 10), (26, 10), (0, 10), let_go=False)
    assert hand.session.gesture is not None
    assert hand.layer("high").opacity < 1
    release(label, 0, 10)
    assert hand.layer("high").opacity == hand.layer("low").opacity < 1
    assert (hand.steps(), hand.session.history.undo_label) == (1, "Opacity")
    hand.session.undo()
    assert hand.panel.opacity.value() == 1


def test_a_typed_fill(hand: Hand) -> None:
    hand.click("high")
    edit = hand.panel.fill.edit
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, "35")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert hand.layer("high").fill == 0.35
    assert hand.session.history.undo_label == "Fill"


def test_the_open_list_of_modes_shows_each_live_and_escape_takes_it_back(hand: Hand) -> None:
    hand.click("low")
    combo = hand.panel.mode.combo
    combo.showPopup()
    popup = combo.view()
    index = combo.findData(BlendMode.SCREEN.value)
    popup.scrollTo(combo.model().index(index, 0))
    QTest.mouseMove(popup.viewport(), popup.visualRect(combo.model().index(index, 0)).center())
    QApplication.processEvents()
    assert hand.session.gesture is not None
    assert hand.layer("low").blend_mode == BlendMode.SCREEN
    QTest.keyClick(popup, Qt.Key.Key_Escape)
    hand.qtbot.waitUntil(lambda: hand.session.gesture is None)
    assert hand.layer("low").blend_mode == BlendMode.NORMAL
    assert hand.steps() == 0
    combo.showPopup()
    popup.setCurrentIndex(combo.model().index(index, 0))
    QTest.keyClick(popup, Qt.Key.Key_Return)
    assert hand.layer("low").blend_mode == BlendMode.SCREEN
    assert hand.steps() == 1


def test_groups_alone_can_pass_through(hand: Hand) -> None:
    hand.click("low")
    assert hand.panel.mode.combo.findData("pass-through") == -1
    assert hand.panel.mode.isVisible()
    hand.click("group")
    assert hand.panel.group_mode.value() == BlendMode.PASS_THROUGH
    assert hand.panel.group_mode.isVisible()
    hand.click("low", modifiers=CTRL)
    hand.click("group", modifiers=CTRL)
    hand.click("group", modifiers=CTRL)
    hand.panel.group_mode.enter(BlendMode.MULTIPLY)
    assert hand.layer("low").blend_mode == BlendMode.MULTIPLY
    hand.panel.group_mode.enter(BlendMode.PASS_THROUGH)
    assert hand.layer("low").blend_mode == BlendMode.MULTIPLY
    assert hand.layer("group").blend_mode == BlendMode.PASS_THROUGH


# -- thumbnails


def test_thumbnails_are_drawn_when_it_is_quiet_and_only_what_changed(hand: Hand, monkeypatch) -> None:
    drawn: list[tuple[str, str]] = []
    real = hand.tree.rows.set_thumbnail

    def note(key, what, picture):
        drawn.append((key, what))
        real(key, what, picture)

    monkeypatch.setattr(hand.tree.rows, "set_thumbnail", note)
    hand.qtbot.waitUntil(lambda: hand.workspace.idle)
    assert set(drawn) == {
        *((key, "layer") for key in ("base", "paint", "grey", "low", "high")),
        ("high", "mask"),
    }
    assert hand.tree.rows.thumbnails["high", "mask"].height() == 30
    drawn.clear()
    gesture = hand.session.begin("Radius")
    gesture.set("low.gaussian_blur.radius_px", 5.0)
    hand.qtbot.waitUntil(lambda: hand.workspace.idle)
    assert not drawn
    gesture.commit()
    hand.session.set("low.opacity", 0.5, "Opacity")
    hand.qtbot.waitUntil(lambda: hand.workspace.idle)
    assert drawn == [("high", "layer"), ("low", "layer")], "High reads Low"
    drawn.clear()
    hand.session.undo()
    hand.session.edit("Delete", lambda document: set_parameter(document, "high.mask.inverted", True))
    hand.qtbot.waitUntil(lambda: hand.workspace.idle)
    assert drawn == [("high", "mask")]


def test_thumbnails_do_not_wait_for_a_job_that_waits_for_the_user(hand: Hand, qtbot, monkeypatch) -> None:
    monkeypatch.setattr(layers_panel, "THUMBNAIL_DELAY_MS", 1)
    answered = Event()
    hand.workspace.jobs.submit(lambda _job: answered.wait(), lambda _answer: None)
    hand.workspace.activate(None)
    hand.workspace.activate(hand.session)
    assert not hand.tree.rows.thumbnails
    qtbot.waitUntil(lambda: len(hand.tree.rows.thumbnails) == len(hand.panel._wanted(hand.document)))
    assert not hand.workspace.jobs.idle
    answered.set()


def test_thumbnails_of_another_document_are_its_own(hand: Hand) -> None:
    hand.qtbot.waitUntil(lambda: hand.workspace.idle)
    hand.workspace.add(Session(Document(width_px=4, height_px=4), title="empty"))
    assert hand.tree.rows.thumbnails == {}
    hand.workspace.activate(hand.session)
    hand.qtbot.waitUntil(lambda: hand.workspace.idle)
    assert ("high", "mask") in hand.tree.rows.thumbnails


# -- commands and menus


def test_without_a_document_nothing_can_be_done(qtbot: QtBot) -> None:
    workspace = Workspace(Preferences())
    panel = LayersPanel(workspace)
    qtbot.addWidget(panel)
    assert not any(button.isEnabled() for button in panel.buttons.values())
    window = cast("MainWindow", panel)
    for command in commands_layer.COMMANDS:
        assert not command.enabled(window), command.name
        run(command, window)
    workspace.close()


def test_the_merged_picture_comes_from_a_worker(hand: Hand) -> None:
    before = render(hand.document)
    hand.run("new_merged_layer")
    assert hand.steps() == 0
    hand.qtbot.waitUntil(lambda: hand.workspace.idle)
    assert hand.keys()[-1] == hand.session.active == "merged_1"
    assert isinstance(hand.layer("merged_1"), PaintLayer)
    assert np.array_equal(render(hand.document), before)


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("clipping_mask", lambda layer: layer.clipped),
        ("lock_layer", lambda layer: layer.locked),
        ("show_layer", lambda layer: layer.visible),
        ("mask_disable", lambda layer: not layer.mask.enabled),
    ],
)
def test_commands_that_are_on_or_off(hand: Hand, name, check) -> None:
    command = COMMANDS[name]
    assert command.checked is not None
    hand.click("high")
    for _ in range(2):
        before = check(hand.layer("high"))
        assert command.checked(hand.window) == before
        hand.run(name)
        assert command.checked(hand.window) == check(hand.layer("high")) != before


def test_a_colour_is_asked_for(hand: Hand, monkeypatch) -> None:
    monkeypatch.setattr(QColorDialog, "getColor", lambda *_: QColor(255, 0, 51))
    hand.run("new_colour_fill")
    assert hand.session.active_layer.colour == pytest.approx((1, 0, 0.2))
    monkeypatch.setattr(QColorDialog, "getColor", lambda *_: QColor())
    hand.run("new_colour_fill")
    assert hand.steps() == 1


def test_smart_objects_are_explained(hand: Hand) -> None:
    hand.run("convert_to_smart_object")
    assert "every layer keeps its source" in hand.messages[0]
    assert hand.steps() == 0


def test_what_cannot_be_done_is_told(hand: Hand) -> None:
    hand.click("base")
    hand.run("clipping_mask")
    assert hand.messages == ["Base has no layer beneath to be clipped to"]


def _menu(hand: Hand, key: str, filter_key: str | None = None) -> QMenu:
    place = QPoint(*hand.part(key, "name", filter_key))
    press_at = hand.view.mapToGlobal(place)
    QTest.mouseClick(hand.view, Qt.MouseButton.RightButton, NONE, place)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, press_at)
    QApplication.sendEvent(hand.view, event)
    menu = hand.panel.findChild(QMenu, "layers_menu")
    assert menu is not None
    assert menu.isVisible()
    return menu


def _choose(menu: QMenu, name: str) -> None:
    action = next(a for a in menu.actions() if a.objectName() == name)
    assert action.isEnabled()
    action.trigger()
    menu.close()


def test_the_context_menu_of_a_layer(hand: Hand) -> None:
    menu = _menu(hand, "low")
    assert hand.session.active == "low"
    titles = [a.menu().title() for a in menu.actions() if isinstance(a.menu(), QMenu)]
    assert titles == ["Layer Mask", "Add Smart Filter"]
    _choose(menu, "duplicate_layer")
    assert hand.session.active == "low_2"


def test_the_context_menu_of_a_filter(hand: Hand) -> None:
    _choose(_menu(hand, "base", "invert"), "filter_move_up")
    assert [item.key for item in hand.layer("base").filters] == ["median", "invert", "add_noise"]
    QApplication.processEvents()
    _choose(_menu(hand, "base", "invert"), "filter_delete")
    assert [item.key for item in hand.layer("base").filters] == ["median", "add_noise"]


def test_a_right_click_keeps_several_selected(hand: Hand) -> None:
    hand.click("high")
    hand.click("low", modifiers=CTRL)
    _choose(_menu(hand, "low"), "group_layers")
    assert [layer.key for layer in hand.session.active_layer.layers] == ["low", "high"]


def test_every_control_has_a_name_and_says_what_it_does(hand: Hand) -> None:
    controls = [
        *hand.panel.buttons.values(),
        hand.panel.lock,
        hand.panel.mode.combo,
        hand.panel.group_mode.combo,
    ]
    controls += [hand.panel.opacity.edit, hand.panel.fill.edit]
    names = [control.objectName() for control in controls]
    assert len(set(names)) == len(names)
    for control in controls:
        assert control.objectName()
        assert control.accessibleName()
        assert control.toolTip()
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert "Ctrl+Shift+N" in hand.panel.buttons["add_layer"].toolTip()
    index = hand.tree.rows.find(("high", None), LAYER)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "High, Linear Light"
    for entry in COMMANDS.values():
        assert entry.help


@pytest.mark.parametrize("add", ["button", "new_grey_fill", "new_curves_layer"])
def test_what_is_selected_becomes_the_mask(hand: Hand, add: str) -> None:
    hand.session.select("paint")
    rectangle = selections.rectangle((40, 30), (5, 5), (20, 25))
    hand.session.edit("Select", lambda d: msgspec.structs.replace(d, selection=rectangle))
    if add == "button":
        hand.panel.buttons["add_mask"].click()
    else:
        hand.panel._run(add)
    layer = hand.session.active_layer
    assert layer is not None
    assert layer.mask is not None
    assert layer.mask.painted is not None
    assert (layer.mask.painted.tiles.to_array() > 0).sum() == 15 * 20
    assert hand.document.selection is None
    assert hand.session.target == "mask"


def test_the_chain_links_the_mask_by_click_and_menu(hand: Hand) -> None:
    def linked() -> bool:
        mask = hand.layer("high").mask
        assert mask is not None
        return bool(mask.linked)

    chain = parts(hand.box("high"), hand.look("high")).link
    assert parts(hand.box("low"), hand.look("low")).link.isEmpty()
    assert linked()
    with_chain = hand.view.grab(chain).toImage()
    press(hand.view, *hand.part("high", "link"))
    release(hand.view, *hand.part("high", "link"))
    assert not linked()
    assert hand.session.history.undo_label == "Unlink Layer Mask"
    assert hand.view.grab(chain).toImage() != with_chain
    hand.session.select("high")
    hand.panel._run("mask_link")
    assert linked()
    checked = COMMANDS["mask_link"].checked
    assert checked is not None
    assert checked(hand.panel._main_window)


@pytest.mark.parametrize("selected", [False, True])
def test_a_filter_mask_is_added_switched_and_deleted_from_the_menu(hand: Hand, selected: bool) -> None:
    def mask():
        return next(f for f in hand.layer("base").filters if f.key == "median").mask

    def choose(name: str) -> None:
        _choose(_menu(hand, "base", "median"), f"filter_{name}")
        hand.qtbot.waitUntil(lambda: hand.panel.findChild(QMenu, "layers_menu") is None)

    if selected:
        rectangle = selections.rectangle((40, 30), (5, 5), (20, 25))
        hand.session.edit("Select", lambda d: msgspec.structs.replace(d, selection=rectangle))
    choose(f"add_filter_mask{'_from_selection' if selected else ''}")
    assert (mask().tiles.to_array() > 0).sum() == (15 * 20 if selected else 40 * 30)
    choose("disable_filter_mask")
    assert not mask().enabled
    choose("enable_filter_mask")
    assert mask().enabled
    choose("delete_filter_mask")
    assert mask() is None
    labels = [version.label for version in hand.session.history.versions]
    assert labels[-4:] == [
        "Add Filter Mask",
        "Disable Filter Mask",
        "Enable Filter Mask",
        "Delete Filter Mask",
    ]


def test_the_filter_mask_of_a_locked_layer_is_left_alone(hand: Hand) -> None:
    hand.session.set("base.locked", True, "Lock")
    before = hand.document
    _choose(_menu(hand, "base", "median"), "filter_add_filter_mask")
    assert hand.document is before
    assert "is locked" in hand.messages[-1]


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
