"""The window over its parts: panels that stay as they are left, digits, the menu of the canvas, selection and undo."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QEnterEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QListView, QMenu
from pytestqt.qtbot import QtBot

from retexture.document.edits import insert_layer
from retexture.document.layers import FillLayer, LayerMask, RasterMask
from retexture.gui.app import wait_until_idle
from retexture.gui.history_panel import ROW_PX
from retexture.gui.panel_dock import is_seen
from retexture.gui.popups import show_below
from retexture.gui.value_edit import ValueEdit
from retexture.gui.window import MainWindow
from retexture.session import layer_edits, masks
from retexture.session.session import Session
from tests.gui.small_documents import flat_document
from tests.gui.window_tour import close

LEFT = Qt.MouseButton.LeftButton


def open_one(window: MainWindow, title: str = "one") -> Session:
    """Open a small document with a fill layer under a white mask."""
    document = flat_document((0.4, 0.4, 0.4), width=400, height=300)
    white = LayerMask(painted=RasterMask(tiles=masks.white(document.width_px, document.height_px)))
    document = insert_layer(document, FillLayer(key="grey", name="Grey", mask=white))
    session = Session(document, title=title)
    window.workspace.add(session)
    session.select("grey", "mask")
    wait_until_idle(window)
    return session


@pytest.mark.slow
def test_panels_stay_as_they_are_left(window: MainWindow, qtbot: QtBot):
    open_one(window, "one")
    window.docks["histogram"].hide()
    window.docks["navigator"].raise_()
    open_one(window, "two")
    window.tabs.setCurrentIndex(0)
    assert not window.docks["histogram"].isVisible()
    for session in tuple(window.workspace.sessions):
        window.workspace.remove(session)
    assert not window.docks["layers"].isVisible()
    open_one(window, "three")
    assert not window.docks["histogram"].isVisible()
    assert window.docks["layers"].isVisible()


def test_history_shows_the_step_that_it_is_at_when_it_comes_forward(window: MainWindow, qtbot: QtBot):
    session = open_one(window)
    versions = window.history.findChild(QListView, "history_versions")
    for step in range(16):
        session.set("grey.opacity", step / 100, f"Opacity {step}")
    window.docks["history"].raise_()
    qtbot.waitUntil(lambda: is_seen(versions))
    shown = versions.visualRect(versions.currentIndex())
    assert versions.height() < 16 * ROW_PX
    assert versions.viewport().rect().contains(shown)


def shows_tools(window: MainWindow) -> bool:
    return window.tool_bar.isVisible() and window.tool_options.isVisible()


def test_tools_come_back_after_the_last_document(window: MainWindow, qtbot: QtBot):
    open_one(window)
    window.workspace.remove(window.session)
    assert not window.tool_bar.isVisible()
    open_one(window)
    assert shows_tools(window)
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, "J")
    assert window.canvas.tool.name == "heal"


@pytest.mark.slow
def test_tools_come_back_where_they_were_remembered_as_hidden(window: MainWindow, qtbot: QtBot):
    open_one(window)
    window.tool_bar.hide()
    window.tool_options.parentWidget().hide()
    close(window)
    other = MainWindow(window.workspace.preferences)
    other.show()
    try:
        open_one(other)
        assert shows_tools(other)
    finally:
        close(other)


@pytest.mark.parametrize(
    ("tool", "field"),
    [("B", "brush_size_px_value"), ("W", "wand_tolerance_value"), ("M", "selection_feather_value")],
)
def test_enter_in_a_number_of_the_options_gives_the_focus_back(window: MainWindow, tool: str, field: str):
    open_one(window)
    QTest.keyClick(window.canvas, tool)
    edit = window.findChild(ValueEdit, field)
    for typed, returns in (("7", True), ("", True), ("much", False), ("999999", False)):
        edit.setFocus()
        QTest.keyClicks(edit, typed)
        QTest.keyClick(edit, Qt.Key.Key_Return)
        assert window.canvas.hasFocus() == returns, "what could not be taken is said beside the field"
    window.canvas.setFocus()
    edit.setFocus()
    QTest.keyClick(edit, Qt.Key.Key_Return)
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_J)
    assert window.canvas.tool.name == "heal"


def test_enter_in_a_popup_of_the_options_stays_there(window: MainWindow):
    open_one(window)
    window.set_tool("brush")
    options = window.tool_options.brush_options
    show_below(options.popup, options.more)
    edit = options.popup.findChildren(ValueEdit)[0]
    edit.setFocus()
    QTest.keyClicks(edit, "50")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert not window.canvas.hasFocus()
    options.popup.close()


@pytest.mark.slow
def test_the_state_is_remembered_by_the_next_window(window: MainWindow, qtbot: QtBot):
    open_one(window)
    window.docks["history"].hide()
    close(window)
    kept = window.workspace.preferences
    other = MainWindow(kept)
    other.show()
    try:
        open_one(other)
        assert not other.docks["history"].isVisible()
        assert other.docks["properties"].isVisible()
    finally:
        close(other)


def test_two_digits_are_one_step(window: MainWindow):
    session = open_one(window)
    window.set_tool("hand")
    steps = len(session.history.versions)
    QTest.keyClicks(window.canvas, "35")
    window.digits.pause.timeout.emit()
    assert session.active_layer is not None
    assert session.active_layer.opacity == 0.35
    assert len(session.history.versions) == steps + 1
    QTest.keyClicks(window.canvas, "0")
    window.digits.pause.timeout.emit()
    assert session.active_layer.opacity == 1.0
    window.set_tool("brush")
    QTest.keyClicks(window.canvas, "2")
    assert window.paint.brush.opacity == 0.2
    assert session.active_layer.opacity == 1.0


def test_digits_leave_a_locked_layer_alone(window: MainWindow):
    session = open_one(window)
    window.set_tool("hand")
    layer_edits.set_locked(session, ["grey"], True)
    said: list[str] = []
    window.workspace.message.connect(said.append)
    QTest.keyClicks(window.canvas, "3")
    assert session.active_layer is not None
    assert session.active_layer.opacity == 1.0
    assert "locked" in said[-1]


def test_undo_selects_what_was_selected(window: MainWindow):
    session = open_one(window)
    assert (session.active, session.target) == ("grey", "mask")
    layer_edits.duplicate(session, ["grey"])
    assert session.active != "grey"
    session.undo()
    assert (session.active, session.target) == ("grey", "mask")


def test_the_right_button_opens_size_and_hardness(window: MainWindow, qtbot: QtBot):
    open_one(window)
    window.set_tool("brush")
    QTest.mouseClick(window.canvas, Qt.MouseButton.RightButton, pos=QPoint(50, 50))
    menu = window.findChild(QMenu, "canvas_menu")
    assert menu is not None
    qtbot.waitUntil(menu.isVisible)
    value = menu.findChild(ValueEdit, "canvas_menu_size_px_value")
    assert value is not None
    value.selectAll()
    QTest.keyClicks(value, "77")
    QTest.keyClick(value, Qt.Key.Key_Return)
    assert window.paint.brush.size_px == 77
    menu.close()


def test_the_pointer_brings_the_keys_to_the_canvas(window: MainWindow, qtbot: QtBot):
    open_one(window)
    window.layers.tree.setFocus()
    at = QPointF(60, 60)
    QApplication.sendEvent(window.canvas, QEnterEvent(at, at, at))
    assert window.canvas.hasFocus()
    # Who types goes on typing.
    window.layers.opacity.edit.setFocus()
    QApplication.sendEvent(window.canvas, QEnterEvent(at, at, at))
    assert window.layers.opacity.edit.hasFocus()


def test_a_release_that_went_elsewhere_ends_the_stroke(window: MainWindow):
    session = open_one(window)
    window.set_tool("brush")
    window.paint.set_white(False)
    QTest.mousePress(window.canvas, LEFT, pos=QPoint(200, 200))
    assert session.gesture is not None
    at = QPointF(230, 200)
    none = Qt.MouseButton.NoButton
    move = QMouseEvent(QEvent.Type.MouseMove, at, at, none, none, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(window.canvas, move)
    assert session.gesture is None
    assert session.history.undo_label == "Brush stroke"


def test_an_edit_of_a_job_waits_for_the_stroke(window: MainWindow):
    session = open_one(window)
    window.set_tool("brush")
    window.paint.set_white(False)
    QTest.mousePress(window.canvas, LEFT, pos=QPoint(200, 200))
    session.soon(lambda: layer_edits.new_group(session))
    QTest.mouseMove(window.canvas, QPoint(260, 200))
    assert session.gesture is not None
    QTest.mouseRelease(window.canvas, LEFT, pos=QPoint(260, 200))
    assert [v.label for v in session.history.versions][-2:] == ["Brush stroke", "New Group"]


def test_esc_takes_back_the_brush_size_and_the_wipe(window: MainWindow):
    open_one(window)
    window.set_tool("brush")
    size = window.paint.brush.size_px
    canvas, alt = window.canvas, Qt.KeyboardModifier.AltModifier
    QTest.mousePress(canvas, Qt.MouseButton.RightButton, alt, QPoint(200, 200))
    QTest.mouseMove(canvas, QPoint(260, 200))
    assert window.paint.brush.size_px > size
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert window.paint.brush.size_px == size
    QTest.mouseRelease(canvas, Qt.MouseButton.RightButton, alt, QPoint(260, 200))
    canvas.set_look(mode="wipe")
    wait_until_idle(window)
    x = round(canvas.wipe_x / canvas.devicePixelRatioF())
    QTest.mousePress(canvas, LEFT, pos=QPoint(x, 200))
    QTest.mouseMove(canvas, QPoint(x + 60, 200))
    assert canvas.look.wipe > 0.5
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.look.wipe == 0.5
    QTest.mouseRelease(canvas, LEFT, pos=QPoint(x + 60, 200))


@pytest.mark.parametrize(
    ("words", "tool"), [("healing", "heal"), ("spot", "heal"), ("clone", "clone"), ("marquee", "marquee")]
)
def test_the_command_search_finds_the_tools(window: MainWindow, words: str, tool: str):
    open_one(window)
    window.find_command()
    field = window.search.findChild(QLineEdit, "command_search_field")
    assert field is not None
    QTest.keyClicks(field, words)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert window.canvas.tool is window.tools[tool]
    assert window.clone.healing == ("spot" if words == "spot" else "brush")
