"""The Restoration panel and the circles on the canvas, in the whole window, by real events."""

import threading
from collections.abc import Iterator

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QScrollArea, QTabBar

from retexture.document.document import Document
from retexture.document.edits import delete_layer, set_parameter
from retexture.gui.blemish_list import DECIDED, KEPT
from retexture.gui.canvas_menu import show_canvas_menu
from retexture.gui.window import MainWindow
from retexture.session import remeasuring, restoration
from retexture.session.session import Session
from retexture.session.view import Point, View
from tests.gui.small_documents import flat_document
from tests.gui.stage import shot
from tests.gui.test_controls import new_window
from tests.gui.window_tour import close, command, settle
from tests.session.restored import restored_document

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window() -> Iterator[MainWindow]:
    window = new_window()
    add(window, Session(restored_document(unaligned=(60, 120)), title="restored"))
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    yield window
    close(window)


def add(window: MainWindow, session: Session) -> None:
    window.workspace.add(session)
    settle(window)


def session_of(window: MainWindow) -> Session:
    assert window.session is not None
    return window.session


def kept(window: MainWindow) -> tuple[bool, ...]:
    analysis = session_of(window).document.analysis
    assert analysis is not None
    return restoration.decisions(analysis)


def click(window: MainWindow, name: str) -> None:
    button = window.restoration.findChild(QAbstractButton, name)
    window.restoration.findChild(QScrollArea).ensureWidgetVisible(button)
    settle(window)
    QTest.mouseClick(button, LEFT, pos=QPoint(10, button.height() // 2))
    settle(window)


def place_of(window: MainWindow, index: int, offset: float = 0.0) -> QPoint:
    """Return where a spot lies on the canvas."""
    spot = session_of(window).document.analysis.spots[index]
    canvas = window.canvas
    at = canvas.view.to_window(Point(spot.x_px + offset, spot.y_px), canvas.pane_size())
    return QPoint(round(at.x), round(at.y)) / canvas.devicePixelRatioF()


def around(window: MainWindow, index: int) -> np.ndarray:
    """Return what the canvas shows around a spot."""
    at, reach = place_of(window, index), 40
    return shot(window.canvas)[at.y() - reach : at.y() + reach, at.x() - reach : at.x() + reach]


# -- where it is


def test_it_comes_with_a_restored_document_and_goes_with_it(window):
    assert window.restoration.isVisible()
    add(window, Session(flat_document((0.5, 0.5, 0.5)), title="flat"))
    assert not window.restoration.isVisible()
    assert not window.docks["restoration"].toggleViewAction().isEnabled()
    window.workspace.activate(window.workspace.sessions[0])
    settle(window)
    assert window.restoration.isVisible()


def test_all_tabs_are_seen(window):
    bars = [b for b in window.findChildren(QTabBar, "panel_tabs") if b.isVisible()]
    names = [[bar.tabText(i) for i in range(bar.count())] for bar in bars]
    assert ["Properties", "Restoration", "History", "Navigator"] in names
    for bar in bars:
        assert bar.tabRect(bar.count() - 1).right() <= bar.width()


# -- sliders


def test_the_texture_slider_is_one_undo_step(window):
    field = window.restoration.texture
    slider, session = field.slider, session_of(window)
    middle = slider.height() // 2
    QTest.mousePress(slider, LEFT, pos=QPoint(round(slider.x_of(0.5)), middle))
    for part in (0.55, 0.6, 0.75):
        QTest.mouseMove(slider, QPoint(round(slider.x_of(part)), middle))
    assert session.gesture is not None
    path = restoration.amount_path(session.document)
    assert restoration.setting(session.document, path)[1] == pytest.approx(150, abs=2)
    QTest.mouseRelease(slider, LEFT, pos=QPoint(round(slider.x_of(0.75)), middle))
    assert session.history.undo_label == "Texture"
    session.undo()
    assert restoration.setting(session.document, path)[1] == 100
    assert field.value() == 100
    assert session.history.undo_label is None


def test_the_sensitivity_moves_the_checks_and_the_mask_while_it_is_dragged(window):
    panel, session = window.restoration, session_of(window)
    slider = panel.sensitivity.slider
    middle = slider.height() // 2
    assert panel.count.text() == "2 of 4 kept out"
    QTest.mousePress(slider, LEFT, pos=QPoint(round(slider.x_of(0.5)), middle))
    QTest.mouseMove(slider, QPoint(round(slider.x_of(1)), middle))
    assert session.gesture is not None
    assert panel.count.text() == "4 of 4 kept out"
    assert panel.list.rows.index(3, KEPT).data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
    settle(window)
    assert (around(window, 0)[..., :] > 235).any(), "circles are shown meanwhile"
    QTest.keyClick(slider, Qt.Key.Key_Escape)
    assert kept(window) == (True, True, False, False)
    assert panel.count.text() == "2 of 4 kept out"
    assert session.history.undo_label is None
    QTest.mouseRelease(slider, LEFT, pos=QPoint(round(slider.x_of(1)), middle))


def test_the_radius_goes_back_to_what_was_measured(window):
    field, session = window.restoration.radius, session_of(window)
    path = restoration.radius_path(session.document)
    session.set(path, 9.0, "Radius")
    assert field.value() == 9.0
    QTest.mouseDClick(field.label, LEFT)
    assert restoration.setting(session.document, path)[1] == 3.5


def test_without_its_filter_a_slider_rests(window):
    session_of(window).edit("Delete", lambda d: delete_layer(d, "texture"))
    assert not window.restoration.texture.isEnabled()
    assert not window.restoration.radius.isEnabled()


def test_what_cannot_be_decided_is_said(window, qtbot):
    session_of(window).edit("Delete", lambda d: delete_layer(d, "donor"))
    window.restoration.list.choose(0)
    with qtbot.waitSignal(window.workspace.message) as said:
        QTest.keyClick(window.restoration.list, Qt.Key.Key_Space)
    assert "was deleted: undo that first" in said.args[0]
    assert kept(window) == (True, True, False, False)


# -- the list


def test_a_check_mark_toggles_a_blemish(window):
    view = window.restoration.list
    rect = view.visualRect(view.rows.index(0, KEPT))
    QTest.mouseClick(view.viewport(), LEFT, pos=rect.topLeft() + QPoint(12, rect.height() // 2))
    assert kept(window) == (False, True, False, False)
    assert view.rows.index(0, DECIDED).data() == "By hand"
    session_of(window).undo()
    assert view.rows.index(0, KEPT).data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked


def test_space_toggles_all_that_are_selected_in_one_step(window):
    view = window.restoration.list
    view.choose(1)
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert view.chosen() == [1, 2]
    QTest.keyClick(view, Qt.Key.Key_Space)
    assert kept(window) == (True, True, True, False)
    assert view.chosen() == [1, 2]
    session_of(window).undo()
    assert kept(window) == (True, True, False, False)


def test_enter_brings_a_blemish_into_the_middle(window):
    window.canvas.set_view(View(zoom=8, centre=Point(10, 10)))
    view = window.restoration.list
    view.choose(2)
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Return)
    settle(window)
    spot = session_of(window).document.analysis.spots[2]
    size = window.canvas.pane_size()
    middle = window.canvas.view.to_picture(Point(size.width / 2, size.height / 2), size)
    assert middle == pytest.approx((spot.x_px, spot.y_px), abs=1)


def test_a_reset_takes_decisions_back(window):
    assert not window.restoration.reset.isEnabled()
    restoration.toggle(session_of(window), [0])
    click(window, "restoration_reset")
    assert kept(window) == (True, True, False, False)
    assert not window.restoration.reset.isEnabled()


def test_where_nothing_was_removed_there_is_no_list(window):
    assert window.restoration.list.isVisible()
    add(window, Session(restored_document(found=()), title="clean"))
    assert window.restoration.count.text() == "none was removed"
    assert not window.restoration.list.isVisible()
    assert not window.restoration.sensitivity.isEnabled()
    window.workspace.activate(window.workspace.sessions[0])
    settle(window)
    assert window.restoration.list.isVisible()


# -- circles


def test_circles_are_shown_on_demand(window):
    window.canvas.set_view(View(zoom=2, centre=Point(120, 100)))
    settle(window)
    before = shot(window.canvas)
    click(window, "restoration_circles")
    assert window.canvas.spots.shown
    drawn = np.argwhere((shot(window.canvas) != before).any(axis=2))
    for index in range(4):
        at = place_of(window, index)
        reach = 2 * session_of(window).document.analysis.spots[index].radius_px + 4
        near = np.hypot(drawn[:, 1] - at.x(), drawn[:, 0] - at.y())
        assert (near < reach).any()
    command("blemish_circles", window)
    assert not window.restoration.circles.isChecked()
    assert np.array_equal(shot(window.canvas), before)


def test_those_that_come_back_are_dashed(window):
    window.canvas.set_view(View(zoom=4, centre=Point(120, 100)))
    settle(window)
    before = shot(window.canvas)
    window.canvas.spots.show(True)
    drawn = (shot(window.canvas) != before).any(axis=2)

    def share(index: int) -> float:
        at = place_of(window, index)
        radius = 4 * session_of(window).document.analysis.spots[index].radius_px
        angles = np.linspace(0, 2 * np.pi, 200)
        rows = np.rint(at.y() + radius * np.sin(angles)).astype(int)
        columns = np.rint(at.x() + radius * np.cos(angles)).astype(int)
        return float(drawn[rows, columns].mean())

    assert share(0) > 0.97
    assert 0.3 < share(2) < 0.9


@pytest.mark.parametrize("way", ["hand", "space"])
def test_a_click_with_the_hand_toggles(window, way, qtbot):
    canvas = window.canvas
    canvas.spots.show(True)
    if way == "hand":
        window.set_tool("hand")
    else:
        window.set_tool("brush")
        canvas.setFocus()
        QTest.keyPress(canvas, Qt.Key.Key_Space)
    at = place_of(window, 0)

    def points() -> bool:
        # Again: the screen's own pointer may come in between.
        QTest.mouseMove(canvas, at - QPoint(70, 50))
        QTest.mouseMove(canvas, at)
        return canvas.cursor().shape() == Qt.CursorShape.PointingHandCursor

    qtbot.waitUntil(points)
    QTest.mouseClick(canvas, LEFT, pos=at)
    assert kept(window) == (False, True, False, False)
    assert window.restoration.list.chosen() == [0]
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert session_of(window).history.undo_label == "Let Blemish Return"


def test_a_drag_with_the_hand_moves_the_picture(window):
    canvas = window.canvas
    canvas.set_view(View(zoom=6, centre=Point(80, 80)))
    canvas.spots.show(True)
    window.set_tool("hand")
    at, centre = place_of(window, 0), canvas.view.centre
    QTest.mousePress(canvas, LEFT, pos=at)
    QTest.mouseMove(canvas, at + QPoint(60, 0))
    QTest.mouseRelease(canvas, LEFT, pos=at + QPoint(60, 0))
    assert canvas.view.centre != centre
    assert session_of(window).history.undo_label is None


def test_a_brush_paints_on_circles(window):
    window.canvas.spots.show(True)
    window.set_tool("brush")
    session_of(window).select("donor")
    QTest.mouseClick(window.canvas, LEFT, pos=place_of(window, 0))
    settle(window)
    assert kept(window) == (True, True, False, False)


def test_hidden_circles_are_not_clicked(window):
    window.set_tool("hand")
    QTest.mouseClick(window.canvas, LEFT, pos=place_of(window, 0))
    assert session_of(window).history.undo_label is None


def test_the_right_button_offers_it_with_any_tool(window):
    window.canvas.spots.show(True)
    window.set_tool("brush")
    menu = show_canvas_menu(window, window.canvas.mapToGlobal(place_of(window, 2)))
    (action,) = [a for a in menu.actions() if a.objectName() == "canvas_menu_blemish"]
    assert action.text() == "Keep Blemish Out"
    action.trigger()
    menu.close()
    assert kept(window) == (True, True, True, False)
    menu = show_canvas_menu(window, window.canvas.mapToGlobal(place_of(window, 2, offset=30)))
    assert not [a for a in menu.actions() if a.objectName() == "canvas_menu_blemish"]
    menu.close()


def test_the_right_button_adds_a_blemish_as_large_as_the_brush(window, qtbot):
    session, at = session_of(window), window.canvas.mapToGlobal(place_of(window, 2, offset=40))

    def offered():
        menu = show_canvas_menu(window, at)
        menu.close()
        return [a for a in menu.actions() if a.objectName() == "canvas_menu_add_blemish"]

    assert not offered()
    window.canvas.spots.show(True)
    window.paint.set_brush(msgspec.structs.replace(window.paint.brush, size_px=12.0))
    (action,) = offered()
    assert action.text() == "Keep This Spot Out, 12 px as the Brush"
    action.trigger()
    qtbot.waitUntil(lambda: session.history.undo_label == "Add Blemish")
    assert kept(window) == (True, True, False, False, True)
    assert session.document.analysis.spots[4].radius_px == 6
    assert window.restoration.list.chosen() == [4]
    session.undo()
    assert kept(window) == (True, True, False, False)
    window.paint.set_brush(msgspec.structs.replace(window.paint.brush, size_px=90.0))
    (action,) = offered()
    with qtbot.waitSignal(window.workspace.message) as told:
        action.trigger()
    assert "make the brush 40 px or smaller" in told.args[0]


def test_a_stroke_on_clean_skin_that_is_not_seen_is_told(window, qtbot):
    session_of(window).select("donor")
    window.set_tool("brush")
    window.paint.set_brush(msgspec.structs.replace(window.paint.brush, size_px=6.0))
    with qtbot.waitSignal(window.workspace.message) as told:
        QTest.mouseClick(window.canvas, LEFT, pos=place_of(window, 0, offset=40))
    assert "Clean skin shows only where a blemish is kept out" in told.args[0]


# -- masks, alignment, faces


def test_an_eye_switches_a_mask(window):
    click(window, "restoration_loss_eye")
    parts = restoration.mask_parts(session_of(window).document)
    assert [part.enabled for part in parts] == [True, False, True, True]
    assert session_of(window).history.undo_label == "Disable Lost texture Mask"
    session_of(window).undo()
    assert window.restoration.findChild(QAbstractButton, "restoration_loss_eye").isChecked()


def test_a_mask_is_viewed_and_not(window):
    click(window, "restoration_blemishes_view")
    assert window.canvas.look.mask_of == ("donor", 0)
    click(window, "restoration_loss_view")
    assert window.canvas.look.mask_of == ("texture", 0)
    assert not window.restoration.findChild(QAbstractButton, "restoration_blemishes_view").isChecked()
    click(window, "restoration_loss_view")
    assert window.canvas.look.mask_of is None


def test_a_mask_is_laid_over_the_picture_as_a_film(window):
    at = place_of(window, 2)
    click(window, "restoration_blemishes_film")
    assert window.canvas.look.film_of == ("donor", 0)
    blue, _, red = shot(window.canvas)[at.y(), at.x()].astype(int)
    assert red > blue + 60, "red where the mask hides"
    at = place_of(window, 0)
    blue, _, red = shot(window.canvas)[at.y(), at.x()].astype(int)
    assert abs(red - blue) < 40
    click(window, "restoration_skin_view")
    assert window.canvas.look.film_of is None
    click(window, "restoration_skin_film")
    assert window.canvas.look.mask_of is None
    film = window.restoration.findChild(QAbstractButton, "restoration_skin_film")
    assert film.isChecked()
    session_of(window).edit("Delete", lambda d: delete_layer(d, "texture"))
    assert window.canvas.look.film_of is None
    assert not film.isChecked()


def test_the_alignment_is_switched(window):
    assert "25.0 × 60.0 % of its size" in window.restoration.alignment.text()
    click(window, "restoration_opened")
    assert restoration.alignment_state(session_of(window).document) == "opened"
    session_of(window).undo()
    assert window.restoration.states["aligned"].isChecked()


def test_a_face_is_shown(window):
    window.canvas.set_view(View(zoom=8, centre=Point(10, 10)))
    click(window, "restoration_face_1")
    face = session_of(window).document.analysis.faces[0]
    size = window.canvas.pane_size()
    shown = (
        window.canvas.view.to_picture(Point(0, 0), size),
        window.canvas.view.to_picture(Point(*size), size),
    )
    assert shown[0].x <= face.x_px
    assert shown[1].y >= face.y_px + face.height_px


def test_notes_are_read_first(window):
    assert not window.restoration.notes.isVisible()
    session = session_of(window)
    analysis = msgspec.structs.replace(session.document.analysis, notes=("No face was found.",))
    session.edit("Note", lambda d: msgspec.structs.replace(d, analysis=analysis))
    assert window.restoration.notes.isVisible()
    assert window.restoration.notes.text() == "No face was found."


# -- measured again


def test_a_stale_restoration_offers_its_update(window, monkeypatch):
    panel, session = window.restoration, session_of(window)
    assert not panel.stale.isVisible()
    session.set("retouched.transform.x_px", 5.0, "Move")
    assert panel.stale.isVisible()
    assert "was moved or replaced" in panel.reason.text()
    made = set_parameter(session.document, "retouched.transform.x_px", 0.0)
    monkeypatch.setattr(remeasuring, "measured_again", lambda *_args, **_more: made)
    click(window, "restoration_update")
    assert session.document == made
    assert session.history.undo_label == "Update Restoration"
    assert not panel.stale.isVisible()


def test_why_it_cannot_be_updated_is_said(window, qtbot):
    session = session_of(window)  # its retouched picture is one flat colour
    session.set("retouched.transform.x_px", 5.0, "Move")
    with qtbot.waitSignal(window.workspace.message) as said:
        command("update_restoration", window)
    assert "Retouched cannot be aligned" in said.args[0]
    settle(window)
    assert window.restoration.update_button.isEnabled()


def test_an_edit_meanwhile_wins(window, monkeypatch, qtbot):
    session, go_on = session_of(window), threading.Event()

    def measured(document, **_more):
        assert go_on.wait(20)
        return set_parameter(document, "retouched.opacity", 0.5)

    monkeypatch.setattr(remeasuring, "measured_again", measured)
    command("update_restoration", window)
    restoration.toggle(session, [0])
    with qtbot.waitSignal(window.workspace.message) as said:
        go_on.set()
    assert "edited meanwhile" in said.args[0]
    assert session.history.undo_label == "Let Blemish Return"


# -- whose shape is kept


def choose_shape(window: MainWindow, key: Qt.Key) -> None:
    combo = window.restoration.shape.combo
    window.restoration.findChild(QScrollArea).ensureWidgetVisible(combo)
    combo.setFocus()
    QTest.keyClick(combo, key)
    settle(window)


def with_shape(document: Document, grid: str) -> Document:
    report = msgspec.structs.replace(document.analysis.alignment, grid=grid, bend_px=7.0)
    return msgspec.structs.replace(
        document, analysis=msgspec.structs.replace(document.analysis, alignment=report)
    )


def test_the_other_shape_is_kept_by_measuring_again(window, monkeypatch):
    session = Session(with_shape(restored_document(unaligned=(240, 200)), "original"), title="bent")
    add(window, session)
    panel, asked = window.restoration, []
    assert "bent by up to 7.0 px" in panel.alignment.text()
    assert "keep the shape of Retouched" in panel.alignment.text()
    assert panel.shape.value() == "original"

    def measured(document, *, grid, **_more):
        asked.append(grid)
        return with_shape(document, grid)

    monkeypatch.setattr(remeasuring, "measured_again", measured)
    choose_shape(window, Qt.Key.Key_Down)
    assert asked == ["retouched"]
    assert session.history.undo_label == "Keep Shape of Retouched"
    assert panel.shape.value() == "retouched"
    assert "keep the shape of Retouched" not in panel.alignment.text()
    session.undo()
    assert panel.shape.value() == "original"


def test_a_shape_that_cannot_be_kept_is_shown_as_it_was(window, qtbot):
    add(window, Session(restored_document(unaligned=(240, 200)), title="flat"))
    with qtbot.waitSignal(window.workspace.message) as said:  # the retouched picture is one flat colour
        choose_shape(window, Qt.Key.Key_Down)
    assert "Retouched cannot be aligned" in said.args[0]
    assert window.restoration.shape.value() == "original"
    assert window.restoration.shape.isEnabled()


def test_for_pictures_of_two_sizes_the_way_is_told(window):
    shape = window.restoration.shape
    assert shape.isVisible()
    assert not shape.isEnabled()
    assert "open the two pictures again" in shape.combo.toolTip()
    assert shape.label.text() == "Keep the shape of"
    add(window, Session(restored_document(), title="in place"))
    assert not shape.isVisible()
