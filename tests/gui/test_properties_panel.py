"""The Properties panel, driven by mouse and keys: what it shows is the document, and each gesture is one step."""

from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from retexture.document.document import find
from retexture.document.layers import PixelLayer, Range
from retexture.engine.modes import BlendMode
from retexture.filters.apply_image import ApplyImage
from retexture.filters.curves import Curves
from retexture.gui.blend_if_editor import BlendIfEditor
from retexture.gui.choice_field import ChoiceField
from retexture.gui.curve_editor import CurveEditor
from retexture.gui.properties_panel import PropertiesPanel
from retexture.gui.property_sections import Section
from retexture.gui.workspace import Workspace
from retexture.session.filter_edits import add_filter
from retexture.session.layer_edits import new_adjustment_layer, new_fill_layer, set_locked
from retexture.session.session import Session
from tests.gui.gestures import ALT, drag, move, press, release
from tests.gui.properties import RADIUS, click, number, recipe, section, shown, steps, value, watch


@pytest.fixture
def hybrid(qtbot: QtBot, workspace: Workspace) -> tuple[PropertiesPanel, Session]:
    return shown(qtbot, workspace, recipe("hybrid-fs"), "high")


def test_sections_are_those_of_the_layer(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    assert [s.part.title for s in panel.sections] == [
        "Apply Image",
        "Layer Mask",
        "Blending",
        "Blend-If",
        "Position",
    ]
    session.select("retouched_group")
    assert [s.part.title for s in panel.sections] == ["Gaussian Blur", "Blending", "Blend-If"]
    session.select(None)
    assert panel.sections == []


def test_names_for_people_and_for_scripts(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    assert number(panel, "high.opacity").objectName() == "opacity"
    assert number(panel, RADIUS).objectName() == "low_gaussian_blur_radius_px"
    session.select("retouched_group")
    session.select("high")
    names = [child.objectName() for child in panel.findChildren(Section)]
    assert names
    assert len(names) == len(set(names))
    for each in panel._all():
        for button in (each.header, each.eye, each.more, each.alone, each.view):
            assert button.accessibleName(), each.objectName()
            assert button.toolTip(), each.objectName()


def test_a_position_is_set_like_any_parameter(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    panel.open_sections = {"position": True, "distortion": True}
    number(panel, "high.transform.angle_deg").edit.setFocus()
    QTest.keyClicks(number(panel, "high.transform.angle_deg").edit, "12")
    QTest.keyClick(number(panel, "high.transform.angle_deg").edit, Qt.Key.Key_Return)
    assert value(session, "high.transform.angle_deg") == 12
    assert steps(session) == ["Transform angle"]
    before = session.document
    corner = number(panel, "high.transform.top_left_x_px").edit
    corner.setFocus()
    QTest.keyClicks(corner, "900000")  # beyond the opposite corner
    QTest.keyClick(corner, Qt.Key.Key_Return)
    assert session.document is before


def test_dragged_slider_is_shown_live_and_is_one_step(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    updates = watch(session)
    slider = number(panel, "high.opacity").slider
    y = slider.height() / 2
    drag(slider, (slider.x_of(1), y), (slider.x_of(0.8), y), (slider.x_of(0.6), y), (slider.x_of(0.5), y))
    assert [u.live for u in updates] == [True, True, True, False]
    assert value(session, "high.opacity") == pytest.approx(0.5, abs=0.02)
    assert steps(session) == ["Opacity"]


def test_escape_restores(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    before = session.document
    slider = number(panel, "high.opacity").slider
    y = slider.height() / 2
    press(slider, slider.x_of(1), y)
    move(slider, slider.x_of(0.3), y)
    assert value(session, "high.opacity") < 0.4
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Escape)
    assert session.document is before
    assert number(panel, "high.opacity").value() == 1
    move(slider, slider.x_of(0.2), y)
    release(slider, slider.x_of(0.2), y)
    assert session.document is before
    assert steps(session) == []


def test_typed_value_is_one_step_that_undo_takes_back(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    edit = number(panel, "high.apply_image.scale").edit
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, "1.5")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert value(session, "high.apply_image.scale") == 1.5
    assert steps(session) == ["Apply Image scale"]
    session.undo()
    assert number(panel, "high.apply_image.scale").value() == 2
    assert edit.text() == "2.00"


def test_undo_during_a_drag_drops_it(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    field = number(panel, "high.opacity")
    y = field.slider.height() / 2
    press(field.slider, field.slider.x_of(1), y)
    move(field.slider, field.slider.x_of(0.3), y)
    session.undo()
    assert field.value() == 1
    release(field.slider, field.slider.x_of(0.3), y)
    assert (session.gesture, steps(session)) == (None, [])


def test_selecting_another_layer_during_a_drag_keeps_it_on_its_own(
    hybrid: tuple[PropertiesPanel, Session],
) -> None:
    panel, session = hybrid
    session.select("retouched")
    field = number(panel, "retouched.opacity")
    y = field.slider.height() / 2
    press(field.slider, field.slider.x_of(1), y)
    move(field.slider, field.slider.x_of(0.5), y)
    session.select("high")
    move(field.slider, field.slider.x_of(0.1), y)
    release(field.slider, field.slider.x_of(0.1), y)
    assert value(session, "retouched.opacity") == pytest.approx(0.5, abs=0.02)
    assert value(session, "high.opacity") == 1
    assert number(panel, "high.opacity").value() == 1
    assert steps(session) == ["Opacity"]


def test_changes_from_elsewhere_are_shown_and_leave_the_widgets(
    hybrid: tuple[PropertiesPanel, Session],
) -> None:
    panel, session = hybrid
    sections, field = list(panel.sections), number(panel, "high.opacity")
    gesture = session.begin("Opacity")
    gesture.set("high.opacity", 0.25)
    assert field.value() == 0.25
    gesture.commit()
    session.set("high.visible", False, "Hide")
    session.undo()
    session.undo()
    assert field.value() == 1
    assert panel.sections == sections


def test_hovering_a_blend_mode_tries_it_out(qtbot: QtBot, hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    field = panel.editor("high.blend_mode")
    assert isinstance(field, ChoiceField)
    field.combo.setFocus()
    field.combo.showPopup()
    view = field.combo.view()
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert session.gesture is not None
    tried = value(session, "high.blend_mode")
    assert tried != BlendMode.LINEAR_LIGHT
    QTest.keyClick(view, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: session.gesture is None)
    assert value(session, "high.blend_mode") == BlendMode.LINEAR_LIGHT
    assert steps(session) == []


def test_refused_value_is_told_and_taken_back(hybrid: tuple[PropertiesPanel, Session], qtbot: QtBot) -> None:
    panel, session = hybrid
    add_filter(session, "retouched_group", ApplyImage)
    session.set("retouched_group.apply_image.source", "high", "Source")
    session.select("high")
    field = panel.editor("high.apply_image.source")
    assert isinstance(field, ChoiceField)
    before = session.document
    field.combo.setFocus()
    with qtbot.waitSignal(panel.workspace.message) as told:
        QTest.keyClick(field.combo, Qt.Key.Key_End)  # the group, which reads High itself
    assert "high" in told.args[0]
    assert session.document == before
    assert field.combo.currentText() == "Low (hidden)"


def test_filter_alone_while_a_radius_is_dragged(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, _ = hybrid
    heard: list[Any] = []
    panel.filter_preview.connect(lambda *keys: heard.append(keys))
    panel.filter_preview_ended.connect(lambda: heard.append("ended"))
    slider = number(panel, RADIUS).slider
    y = slider.height() / 2
    drag(slider, (slider.x_of(0.5), y), (slider.x_of(0.6), y))
    assert heard == []
    alone = section(panel, "apply_image").alone
    click(alone)
    drag(slider, (slider.x_of(0.6), y), (slider.x_of(0.7), y), let_go=False)
    assert heard == [("high", "apply_image")]
    release(slider, slider.x_of(0.7), y)
    assert heard == [("high", "apply_image"), "ended"]
    scale = number(panel, "high.apply_image.scale").slider  # no length: the picture stays
    drag(scale, (scale.x_of(1), y), (scale.x_of(0.7), y))
    assert len(heard) == 2


def test_sections_stay_open_or_closed_by_their_kind(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    blending = section(panel, "blending")
    assert blending.body.isVisible()
    click(blending.header)
    session.select("retouched")
    assert not section(panel, "blending").body.isVisible()
    header = section(panel, "blending").header
    header.setFocus()
    QTest.keyClick(header, Qt.Key.Key_Right)
    session.select("high")
    assert section(panel, "blending").body.isVisible()
    assert panel.open_sections == {"blending": True}


def test_edit_filter_opens_shows_and_focuses(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    session.select("high")
    panel.open_sections = {"gaussian_blur": False}
    panel.edit_filter("retouched_group", "gaussian_blur")
    assert session.active == "retouched_group"
    assert section(panel, "gaussian_blur").is_open
    assert number(panel, "retouched_group.gaussian_blur.radius_px").edit.hasFocus()


def test_curve_of_an_adjustment_layer(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    new_adjustment_layer(session, Curves)
    path = f"{session.active}.adjustment.points"
    editor = panel.editor(path)
    assert isinstance(editor, CurveEditor)
    place, up = editor.plot.place((128, 128)), editor.plot.place((128, 160))
    drag(editor.plot, (place.x(), place.y()), (up.x(), up.y()))
    points = value(session, path)
    assert len(points) == 3
    assert points[1][1] == pytest.approx(160, abs=2)
    assert steps(session)[-1] == "Curves points"


def test_locked_layer_cannot_be_edited_until_it_is_unlocked(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    set_locked(session, ("high",), True)
    assert not number(panel, "high.opacity").isEnabled()
    assert panel.locked.isVisible()
    click(panel.unlock)
    assert number(panel, "high.opacity").isEnabled()
    assert not find(session.document, "high").locked


def test_alt_drag_splits_a_handle_in_one_step(qtbot: QtBot, hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    click(section(panel, "blend_if").header)
    editor = panel.editor("high.blend_if")
    assert isinstance(editor, BlendIfEditor)
    bar = editor.sides["underlying"].bar
    y = bar.height() - 5
    updates = watch(session)
    drag(bar, (bar.x_of(0), y), (bar.x_of(30), y), (bar.x_of(60), y), modifiers=ALT)
    got = find(session.document, "high").blend_if.underlying.gray
    assert got.black_low == 0
    assert got.black_high == pytest.approx(60, abs=2)
    assert (got.white_low, got.white_high) == (255, 255)
    assert find(session.document, "high").blend_if.this.is_full
    assert [u.live for u in updates] == [True, True, False]
    assert steps(session) == ["Blend-If"]
    session.undo()
    assert editor.sides["underlying"].value() == Range()


def test_hidden_pixels_are_marked_for_the_selected_layer_alone(
    hybrid: tuple[PropertiesPanel, Session],
) -> None:
    panel, session = hybrid
    heard: list[Any] = []
    panel.hidden_overlay.connect(heard.append)
    click(section(panel, "blend_if").header)
    editor = panel.editor("high.blend_if")
    assert isinstance(editor, BlendIfEditor)
    editor.overlay.click()
    session.select("retouched")
    assert heard == ["high", None]
    assert not editor.overlay.isChecked()


def test_documents_come_and_go(qtbot: QtBot, workspace: Workspace) -> None:
    panel, first = shown(qtbot, workspace, recipe("hybrid-fs"), "high")
    source = PixelLayer(key="only", name="Only", source="original")
    document = msgspec.structs.replace(recipe("hybrid-fs"), layers=(source,), hidden=(), links=())
    second = Session(document, title="second")
    workspace.add(second)
    new_fill_layer(second)
    assert panel.sections[0].part.kind == "fill"
    workspace.activate(first)
    assert panel.sections[0].part.kind == "apply_image"
    workspace.remove(first)
    workspace.remove(second)
    assert panel.sections == []
    assert "Open a document" in panel.heading.text()


def test_a_section_that_is_opened_comes_into_view(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    bar = panel.scroller.verticalScrollBar()
    for height, fits in ((300, False), (620, True)):
        panel.resize(300, height)
        bar.setValue(0)
        found = section(panel, "blend_if")
        found.header.click()
        top = found.mapTo(panel.scroller.viewport(), QPoint()).y()
        room = panel.scroller.viewport().height()
        assert bar.value() > 0
        assert (found.height() <= room) == fits
        assert top == (room - found.height() if fits else 0)
        found.header.click()
    panel.resize(300, 300)
    section(panel, "blend_if").header.click()
    session.select("retouched")
    assert bar.value() == 0, "other sections are read from the top"
