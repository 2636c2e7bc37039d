"""A restoration that is measured again, as it is or for the other picture's shape."""

import threading
from collections.abc import Iterator

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QScrollArea

from retexture.document.document import Document
from retexture.document.edits import set_parameter
from retexture.gui.window import MainWindow
from retexture.session import remeasuring, restoration
from retexture.session.session import Session
from tests.gui.restoring import add, click, restored_window, session_of
from tests.gui.window_tour import command, settle
from tests.session.restored import restored_document


@pytest.fixture
def window() -> Iterator[MainWindow]:
    yield from restored_window()


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
