"""The Restoration panel, in the whole window, by real events."""

from collections.abc import Iterator

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QTabBar

from retexture.document.edits import delete_layer
from retexture.gui.blemish_list import DECIDED, KEPT
from retexture.gui.window import MainWindow
from retexture.session import restoration
from retexture.session.session import Session
from retexture.session.view import Point, View
from tests.gui.restoring import LEFT, add, around, click, kept, place_of, restored_window, session_of
from tests.gui.small_documents import flat_document
from tests.gui.stage import shot
from tests.gui.window_tour import settle
from tests.session.restored import restored_document


@pytest.fixture
def window() -> Iterator[MainWindow]:
    yield from restored_window()


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
