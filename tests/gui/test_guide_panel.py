"""The guide panel: steps act on ordinary layers, a value is one undo step, what a step shows ends with it."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
)

from retexture.document.document import find
from retexture.document.edits import delete_layer
from retexture.document.settings import find_slot
from retexture.gui.guide_panel import GuidePanel
from retexture.gui.number_field import NumberField
from retexture.recipes import RECIPES
from retexture.recipes.apply import trial_document
from retexture.session.guides import GUIDES
from retexture.session.session import Session


@pytest.fixture
def panel(qtbot, workspace):
    panel = GuidePanel(workspace)
    qtbot.addWidget(panel)
    panel.show()
    return panel


def opened(panel, name, recipe=True):
    session = Session(trial_document(RECIPES[name], masked=False), title=name)
    session.recipe = name if recipe else None
    panel.workspace.add(session)
    panel.set_open(True)
    return session


def child(panel, kind, name):
    QApplication.processEvents()  # what was just made is shown
    return next(found for found in panel.findChildren(kind, name) if found.isVisible())


def click(panel, name, kind=QAbstractButton):
    QTest.mouseClick(child(panel, kind, name), Qt.MouseButton.LeftButton)


def told(spy):
    return [tuple(spy.at(i)) for i in range(spy.count())]


@pytest.mark.parametrize("name", RECIPES)
def test_every_guide_can_be_gone_through(workspace, panel, name):
    session = opened(panel, name)
    closed = QSignalSpy(panel.closed)
    layer = target = None
    for n, step in enumerate(GUIDES[name]):
        assert panel.step is step
        assert child(panel, QPushButton, f"guide_step_{n + 1}").isChecked()
        if step.layer:
            assert session.active == step.layer
            # Once a mask is painted, the brush stays on it in the steps on that layer that follow.
            stays = step.layer == layer and target == "mask"
            layer, target = step.layer, "mask" if step.kind == "mask" or stays else "layer"
            assert session.target == target
        click(panel, "guide_next")
    assert closed.count() == 1


@pytest.mark.parametrize("name", RECIPES)
def test_skipping_everything_leaves_the_picture_as_it_was(workspace, panel, name):
    session = opened(panel, name)
    before = session.document
    for _ in GUIDES[name][:-1]:
        click(panel, "guide_skip")
    assert {v.label for v in session.history.versions} <= {"Open", "Add Layer Mask"}
    for layer in session.document.layers:
        was = find(before, layer.key)
        if layer.mask is not None and was.mask is None:
            assert (layer.mask.painted.tiles.to_array() == 65535).all()


def test_the_texture_is_shown_alone_while_its_step_is_open(workspace, panel):
    preview, ended = QSignalSpy(panel.page.filter_preview), QSignalSpy(panel.page.filter_preview_ended)
    opened(panel, "hybrid-fs")
    assert told(preview) == [("high", "apply_image")]
    box = child(panel, QCheckBox, "guide_preview")
    box.click()
    assert ended.count() == 1
    box.click()
    click(panel, "guide_next")
    assert (preview.count(), ended.count()) == (2, 2)
    click(panel, "guide_back")
    panel.hide()
    assert (preview.count(), ended.count()) == (3, 3)


def test_the_colours_of_lost_texture_last_as_long_as_their_step(workspace, panel):
    toggled = QSignalSpy(panel.page.loss_toggled)
    opened(panel, "auto")
    child(panel, QCheckBox, "guide_loss").click()
    assert told(toggled) == [(True,)]
    click(panel, "guide_next")
    assert told(toggled) == [(True,), (False,)]


def test_a_typed_radius_is_one_undo_step(workspace, panel):
    session = opened(panel, "hybrid-fs")
    edit = child(panel, NumberField, "guide_radius").findChild(QLineEdit)
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, "8.5")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    for path in ("low.gaussian_blur.radius_px", "retouched_group.gaussian_blur.radius_px"):
        layer, slot = find_slot(session.document, path)
        assert slot.get(layer) == 8.5
    assert [v.label for v in session.history.versions] == ["Open", "Radius"]


def test_a_dragged_value_is_live_and_one_undo_step(workspace, panel):
    session = opened(panel, "hybrid-fs")
    panel.go_to(2)
    field = child(panel, NumberField, "guide_opacity")
    field.begin()
    field.drag_to(0.6)
    field.drag_to(0.5)
    assert find(session.document, "high").opacity == 0.5
    assert len(session.history.versions) == 1
    field.finish()
    assert [v.label for v in session.history.versions] == ["Open", "Opacity"]
    field.begin()
    field.drag_to(0.1)
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert find(session.document, "high").opacity == 0.5
    assert len(session.history.versions) == 2


def test_values_follow_undo(workspace, panel):
    session = opened(panel, "hybrid-fs")
    field = child(panel, NumberField, "guide_radius")
    session.set("low.gaussian_blur.radius_px", 12.0, "Radius")
    assert field.value() == 12
    session.undo()
    assert field.value() == 6


def test_a_reset_goes_back_to_the_recipes_own_number(workspace, panel):
    session = opened(panel, "hybrid-fs")
    session.set("low.gaussian_blur.radius_px", 12.0, "Radius")
    child(panel, NumberField, "guide_radius").reset()
    layer, slot = find_slot(session.document, "low.gaussian_blur.radius_px")
    assert slot.get(layer) == 6


def test_the_mask_step_gives_the_layer_a_mask_and_the_hand_a_brush(workspace, panel):
    brush = QSignalSpy(panel.page.brush_requested)
    session = opened(panel, "hybrid-fs")
    click(panel, "guide_next")
    assert find(session.document, "high").mask.painted is not None
    assert (session.active, session.target) == ("high", "mask")
    click(panel, "guide_brush_white")
    assert [(opacity, white) for _, opacity, white in told(brush)] == [(0.5, False), (0.5, True)]
    for button, value in (("guide_fill_black", 0), ("guide_fill_white", 65535)):
        click(panel, button)
        assert find(session.document, "high").mask.painted.tiles.background == (value,)


def test_the_dodge_and_burn_step_gives_the_hand_its_tool(workspace, panel):
    brush, dodge = QSignalSpy(panel.page.brush_requested), QSignalSpy(panel.page.dodge_requested)
    session = opened(panel, "dodge-burn")
    click(panel, "guide_burn")
    click(panel, "guide_dodge")
    assert [burn for _, burn in told(dodge)] == [False, True, False]
    assert not brush.count()
    assert session.active == "dodge_burn"


def test_a_locked_layer_is_left_alone_and_that_is_told(workspace, panel, qtbot):
    session = opened(panel, "hybrid-fs")
    click(panel, "guide_next")
    session.set("high.locked", True, "Lock")
    told_words = QSignalSpy(workspace.message)
    before = session.document
    click(panel, "guide_fill_black")
    click(panel, "guide_next")
    field = next(f for f in panel.findChildren(NumberField) if f.objectName() == "guide_opacity")
    field.enter(0.11)
    assert field.value() == before.layers[-1].opacity != 0.11
    assert session.document is before
    assert all("High is locked" in words for (words,) in told(told_words))
    assert told_words.count() == 2


def test_undo_of_the_added_mask_is_not_taken_back(workspace, panel):
    session = opened(panel, "hybrid-fs")
    click(panel, "guide_next")
    session.undo()
    assert find(session.document, "high").mask.painted is None
    session.redo()
    assert find(session.document, "high").mask.painted is not None


def test_the_rubylith_ends_with_its_step(workspace, panel):
    rubylith = QSignalSpy(panel.page.rubylith_toggled)
    opened(panel, "texture-extractor")
    click(panel, "guide_next")
    assert told(rubylith) == [(True,)]
    click(panel, "guide_next")
    assert told(rubylith) == [(True,), (False,)]


def test_the_review_compares_and_gives_the_single_picture_back(workspace, panel):
    compare = QSignalSpy(panel.page.compare_requested)
    opened(panel, "grain")
    panel.go_to(3)
    click(panel, "guide_compare_wipe", QToolButton)
    assert child(panel, QToolButton, "guide_compare_wipe").isChecked()
    click(panel, "guide_next")
    assert told(compare) == [("side",), ("wipe",), ("single",)]


def test_each_document_keeps_its_place_in_the_guide(workspace, panel):
    first = opened(panel, "grain")
    click(panel, "guide_next")
    second = opened(panel, "hybrid-fs")
    assert panel.step is GUIDES["hybrid-fs"][0]
    workspace.activate(first)
    assert panel.step is GUIDES["grain"][1]
    assert child(panel, QPushButton, "guide_step_1").accessibleName().endswith(", done")
    workspace.activate(second)
    assert panel.step is GUIDES["hybrid-fs"][0]


def test_what_a_step_shows_ends_in_the_document_that_it_shows_it_in(workspace, panel):
    first = opened(panel, "grain")
    ended = []
    panel.page.filter_preview_ended.connect(lambda: ended.append(workspace.session))
    second = opened(panel, "hybrid-fs")
    assert ended == [first]
    workspace.activate(first)
    assert ended == [first, second]


def test_each_document_has_its_guide_open_or_closed(workspace, panel):
    preview = QSignalSpy(panel.page.filter_preview)
    first = opened(panel, "grain")
    click(panel, "guide_close")
    second = opened(panel, "hybrid-fs")
    assert told(preview) == [("grain", "gaussian_blur"), ("high", "apply_image")]
    workspace.activate(first)
    first.select("retouched")
    panel.hide()
    panel.show()
    assert preview.count() == 2
    assert (panel.is_open, first.active) == (False, "retouched")
    workspace.activate(second)
    assert panel.is_open
    assert preview.count() == 3


def test_restart_begins_anew(workspace, panel):
    opened(panel, "grain")
    click(panel, "guide_skip")
    panel.restart()
    assert panel.step is GUIDES["grain"][0]
    assert child(panel, QPushButton, "guide_step_1").accessibleName().endswith("Match the grain")


def test_a_hidden_panel_does_nothing_until_it_is_shown(workspace, panel):
    panel.hide()
    preview = QSignalSpy(panel.page.filter_preview)
    session = opened(panel, "hybrid-fs")
    session.select("retouched")
    assert preview.count() == 0
    panel.show()
    assert preview.count() == 1
    assert session.active == "high"


def test_a_document_without_a_recipe_has_no_steps(workspace, panel):
    opened(panel, "grain", recipe=False)
    assert panel.steps == ()
    assert not panel.findChild(QPushButton, "guide_next").isVisible()
    workspace.remove(workspace.session)
    assert panel.step is None


def test_a_deleted_layer_is_told_and_its_undo_brings_the_step_back(workspace, panel):
    session = opened(panel, "grain")
    session.edit("Delete", lambda document: delete_layer(document, "grain"))
    assert "no longer" in child(panel, QLabel, "guide_text").text()
    click(panel, "guide_next")
    assert "no longer" in child(panel, QLabel, "guide_text").text()
    session.undo()
    assert child(panel, QLabel, "guide_text").text() == GUIDES["grain"][1].text


def test_closing_ends_what_the_step_shows(workspace, panel):
    ended, closed = QSignalSpy(panel.page.filter_preview_ended), QSignalSpy(panel.closed)
    opened(panel, "grain")
    click(panel, "guide_close")
    assert (ended.count(), closed.count()) == (1, 1)


@pytest.mark.parametrize("name", RECIPES)
def test_every_control_is_named_and_reached_by_keyboard(workspace, panel, name):
    opened(panel, name)
    for n in range(len(GUIDES[name])):
        panel.go_to(n)
        for control in panel.findChildren(QAbstractButton):
            if control.isVisible():
                assert control.objectName()
                assert control.accessibleName()
                assert control.toolTip()
                assert control.focusPolicy() & Qt.FocusPolicy.TabFocus
