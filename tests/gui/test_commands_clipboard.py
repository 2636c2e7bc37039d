"""Edit > Duplicate Layer to Another Document, of three documents."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QInputDialog

from retexture.document.edits import insert_layer
from retexture.document.layers import FillLayer, smart
from retexture.filters.apply_image import ApplyImage
from retexture.gui.app import wait_until_idle
from retexture.gui.window import MainWindow
from retexture.session.session import Session
from tests.gui.small_documents import flat_document


def open_three(window: MainWindow) -> tuple[Session, Session]:
    """Open documents one, two and three; the first one, in front, has a layer that reads another."""
    document = flat_document((0.2, 0.4, 0.6))
    reader = FillLayer(key="reader", name="Reader", filters=smart(ApplyImage(source="fill_0")))
    sessions = [
        Session(insert_layer(document, reader), title="one"),
        Session(document, title="two"),
        Session(document, title="three"),
    ]
    for session in sessions:
        window.workspace.add(session)
    window.workspace.activate(sessions[0])
    wait_until_idle(window)
    return sessions[0], sessions[2]


def duplicate(window: MainWindow) -> list[QInputDialog]:
    {command.name: action for command, action in window.actions_}["duplicate_into"].trigger()
    return [d for d in window.findChildren(QInputDialog) if d.isVisible()]


def test_the_document_is_chosen_and_gets_the_layer(window: MainWindow) -> None:
    one, three = open_three(window)
    one.select("fill_0")
    (dialog,) = duplicate(window)
    combo = dialog.findChild(QComboBox)
    assert [combo.itemText(i) for i in range(combo.count())] == ["1: two", "2: three"]
    combo.setCurrentIndex(1)
    QTest.keyClick(combo, Qt.Key.Key_Return)
    wait_until_idle(window)
    assert window.session is three
    assert [layer.name for layer in three.document.layers] == ["Fill 0", "Fill 0"]
    assert three.history.undo_label == "Duplicate Fill 0"


def test_a_layer_that_is_made_of_others_is_refused_before_anything_is_asked(
    window: MainWindow, said: list[str]
) -> None:
    one, _ = open_three(window)
    one.select("reader")
    assert duplicate(window) == []
    assert "Reader is made of other layers too" in said[-1]
    assert window.session is one
