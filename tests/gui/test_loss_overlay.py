"""The colours of lost texture: switched by their command, for each document, and gone when they are off."""

from collections.abc import Iterator

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QCheckBox, QToolButton

from retexture.document.edits import delete_layer
from retexture.gui import loss_overlay
from retexture.gui.window import MainWindow
from retexture.session.guides import GUIDES
from retexture.session.session import Session
from tests.gui.small_documents import flat_document
from tests.gui.stage import shot
from tests.gui.test_controls import new_window
from tests.gui.window_tour import close, settle
from tests.session.restored import restored_document

SWITCH = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


@pytest.fixture
def window() -> Iterator[MainWindow]:
    window = new_window()
    add(window)
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    yield window
    close(window)


def add(window: MainWindow) -> Session:
    session = Session(restored_document(), title="restored")
    window.workspace.add(session)
    settle(window)
    return session


def switch(window: MainWindow) -> None:
    QTest.keyClick(window.canvas, Qt.Key.Key_L, SWITCH)
    settle(window)


def is_shown(window: MainWindow) -> bool:
    """Whether colours are to be seen: the document itself is grey."""
    middle = shot(window.canvas)[100:-100, 100:-100].astype(int)
    colourful = bool((np.ptp(middle, axis=2) > 60).any())
    assert colourful == (window.canvas.look.heat is not None)
    assert colourful == window.loss.isVisible()
    return colourful


def grey(session: Session) -> None:
    """Take the colour out of the pictures."""

    def change(document):
        sources = tuple(
            msgspec.structs.replace(each, colour=type(each.colour)(each.colour.array[[0, 0, 0]]))
            for each in document.sources
        )
        return msgspec.structs.replace(document, sources=sources)

    session.edit("Grey", change)


def test_a_key_shows_the_colours_and_takes_them_away(window):
    grey(window.session)
    settle(window)
    before = shot(window.canvas)
    assert not is_shown(window)
    switch(window)
    assert is_shown(window)
    assert "70 %" in window.loss.accessibleDescription()
    switch(window)
    assert not is_shown(window)
    np.testing.assert_array_equal(shot(window.canvas), before)


def test_the_panels_boxes_follow_the_colours_and_switch_them(window):
    box = window.restoration.loss
    guide = window.guide.page
    guide.open(window.session, next(step for step in GUIDES["auto"] if step.loss))
    other = guide.findChild(QCheckBox, "guide_loss")
    assert not box.isChecked()
    assert not other.isChecked()
    switch(window)
    assert window.loss.is_on
    assert box.isChecked()
    assert other.isChecked()
    other.click()
    assert not window.loss.is_on
    assert not box.isChecked()
    box.click()
    assert window.loss.is_on
    assert other.isChecked()
    add(window)
    assert not box.isChecked()


def test_faces_are_told_from_the_left(window):
    def change(document):
        (face,) = document.analysis.faces
        left = msgspec.structs.replace(face, x_px=0.0, width_px=20.0, plasticness=0.33)
        analysis = msgspec.structs.replace(document.analysis, faces=(face, left))
        return msgspec.structs.replace(document, analysis=analysis)

    window.session.edit("Faces", change)
    switch(window)
    assert "Faces from the left: 33 %, 71 %" in window.loss.accessibleDescription()
    buttons = [window.restoration.findChild(QToolButton, f"restoration_face_{n}") for n in (1, 2)]
    assert [button.text().strip() for button in buttons] == [
        "Face 1 from the left: 33 % was lost",
        "Face 2 from the left: 71 % was lost",
    ]
    places = QSignalSpy(window.restoration.place_requested)
    buttons[0].click()
    assert places.at(0)[0].x == 10


def test_each_document_keeps_its_own(window):
    first = window.session
    grey(first)
    switch(window)
    grey(add(window))
    settle(window)
    assert not is_shown(window)
    window.workspace.activate(first)
    settle(window)
    assert is_shown(window)


def test_it_is_measured_again_when_the_pictures_are_others(window):
    switch(window)
    heat = window.canvas.look.heat
    grey(window.session)
    settle(window)
    assert window.canvas.look.heat not in (None, heat)
    window.session.undo()
    settle(window)
    assert window.canvas.look.heat.of == heat.of


def test_without_what_it_is_measured_on_it_goes_and_comes_back_with_an_undo(window):
    grey(window.session)
    switch(window)
    window.session.edit("Delete", lambda document: delete_layer(document, "texture"))
    settle(window)
    assert not is_shown(window)
    window.session.undo()
    settle(window)
    assert is_shown(window)


def test_only_restorations_have_it(window):
    window.workspace.add(Session(flat_document((0.5, 0.5, 0.5), width=300, height=200), title="flat"))
    settle(window)
    assert not window.loss.is_possible
    switch(window)
    assert not is_shown(window)


def test_what_cannot_be_measured_is_told(window, monkeypatch):
    def fail(_document):
        raise ValueError("the pictures have two sizes")

    monkeypatch.setattr(loss_overlay, "measure_loss", fail)
    switch(window)
    assert not window.loss.is_on
    assert window.status.findChild(type(window.status._message)).text() == "the pictures have two sizes"


def test_the_legend_stays_in_its_corner(window):
    switch(window)
    window.resize(window.width() - 100, window.height() - 60)
    settle(window)
    assert window.loss.geometry().bottom() == window.canvas.height() - 1 - loss_overlay.MARGIN
