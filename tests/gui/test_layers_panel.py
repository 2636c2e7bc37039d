"""The Layers panel by hand: blending, thumbnails, buttons, menus, and the commands of the Layer menu."""

from collections.abc import Iterator
from threading import Event
from typing import TYPE_CHECKING, cast

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QColorDialog, QMenu
from pytestqt.qtbot import QtBot

from retexture.document.document import Document
from retexture.document.edits import set_parameter
from retexture.document.layers import PaintLayer
from retexture.engine.modes import BlendMode
from retexture.gui import commands_layer, layers_panel
from retexture.gui.commands import run
from retexture.gui.filter_dialog import FilterDialog
from retexture.gui.layer_row import parts
from retexture.gui.layers_model import LAYER
from retexture.gui.layers_panel import COMMANDS, LayersPanel
from retexture.gui.workspace import Workspace
from retexture.render.render import render
from retexture.session import selections
from retexture.session.preferences import Preferences
from retexture.session.session import Session
from tests.gui.gestures import ALT, CTRL, NONE, SHIFT, drag, press, release

if TYPE_CHECKING:
    from retexture.gui.window import MainWindow
from tests.gui.layers import Hand, at_work


@pytest.fixture
def hand(qtbot: QtBot) -> Iterator[Hand]:
    yield from at_work(qtbot)


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
