"""The command search: what fits what is typed, and how it is run."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QListView, QMainWindow

from retexture.gui import menu_bar
from retexture.gui.command_search import COMMAND, Commands, CommandSearch, match, rank, slips
from retexture.gui.commands import Command


def command(label, menu="Layer", help="", keys=()):
    return Command(label.lower().replace(" ", "_"), label, menu, lambda window: None, help, keys)


COMMANDS = (
    command("Open…", "File", "Open a document", ("Ctrl+O",)),
    command("New Layer", "Layer > New", "Add an empty layer", ("Ctrl+Shift+N",)),
    command("Duplicate Layer", "Layer", "Add a copy above it", ("Ctrl+J",)),
    command("Delete Layer", "Layer", "Remove it"),
    command("Invert Mask", "Edit > Mask", "White becomes black", ("Ctrl+I",)),
    command("Brush", "Edit", "Paint with it", ("B",)),
    command("Zoom In", "View", "Show the picture larger", ("Ctrl++",)),
    command("Zoom Out", "View", "Show the picture smaller", ("Ctrl+-",)),
)


def found(query):
    scored = [(rank(query, c), c.label) for c in COMMANDS]
    fitting = [(m.score, label) for m, label in scored if m is not None]
    return [label for _, label in sorted(fitting, key=lambda entry: -entry[0])]


def test_letters_are_found_at_the_starts_of_words_and_in_a_row():
    assert match("nl", "New Layer").places == (0, 4)
    assert match("lay", "New Layer").places == (4, 5, 6)
    assert match("DL", "Duplicate Layer").places == (0, 10)
    assert match("xyz", "New Layer") is None
    assert match("al", "la") is None


def test_ranking():
    assert found("nl")[0] == "New Layer"
    assert found("dup")[0] == "Duplicate Layer"
    assert found("layer")[0] == "New Layer"
    assert found("zo")[:2] == ["Zoom In", "Zoom Out"]
    assert found("mask inv") == ["Invert Mask"]
    assert found("larger") == ["Zoom In"]
    assert found("qqq") == []


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("new layer", "new_layer"),
        ("New  Group", "new_group"),
        ("history", "show_history"),
        ("histogram", "show_histogram"),
        ("navigator", "show_navigator"),
        ("layers", "show_layers"),
        ("wipe", "split_wipe"),
        ("clear", "clear"),
        ("clear mask", "clear"),
        ("next doc", "next_document"),
    ],
)
def test_what_commands_are_called_finds_them_first(qtbot, query, name):
    parent = QMainWindow()
    qtbot.addWidget(parent)
    model = Commands([(each, QAction(each.label, parent)) for each in menu_bar.COMMANDS], parent)
    model.search(query)
    assert model.data(model.index(0), COMMAND).name == name


def test_words_for_a_black_mask_find_the_fills(qtbot):
    fitting = {each.name for each in menu_bar.COMMANDS if rank("clear mask", each) is not None}
    assert {"clear", "fill_background"} <= fitting


@pytest.mark.parametrize(
    ("word", "other", "wrong"),
    [
        ("layer", "layer", 0),
        ("lay", "layer", 0),
        ("laeyr", "layer", 1),
        ("layr", "layer", 1),
        ("llayer", "layer", 1),
        ("kayer", "layer", 1),
        ("dupicate", "duplicate", 1),
        ("brsuh", "zoom", 5),
    ],
)
def test_slips_are_counted_to_the_start_of_a_word(word, other, wrong):
    assert slips(word, other) == wrong


def test_small_slips_are_forgiven_where_nothing_fits(window):
    for typed, label in (
        ("dupliacte", "Duplicate Layer"),
        ("invret", "Invert Mask"),
        ("brsuh", "Brush"),
        ("zoim in", "Zoom In"),
        ("nxw", None),
        ("xyzzy", None),
    ):
        model = Commands(window.pairs, window)
        model.search(typed)
        assert (model.data(model.index(0)) if model.rowCount() else None) == label


@pytest.fixture
def window(qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    window.resize(1000, 700)
    window.field = QLineEdit()
    window.setCentralWidget(window.field)
    window.pairs = []
    for each in COMMANDS:
        action = QAction(each.label, window)
        action.setShortcuts([QKeySequence(k) for k in each.keys])
        window.addAction(action)
        window.pairs.append((each, action))
    window.search = CommandSearch(window, window.pairs)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.field.setFocus()
    return window


def action(window, label):
    return next(a for c, a in window.pairs if c.label == label)


def typed(window, text=""):
    window.search.open()
    field = window.search.findChild(QLineEdit, "command_search_field")
    QTest.keyClicks(field, text)
    return field


def shown(window):
    model = window.search.findChild(QListView, "command_search_list").model()
    return [model.index(i).data() for i in range(model.rowCount())]


def test_all_commands_are_listed_before_anything_is_typed(window):
    typed(window)
    assert shown(window) == [c.label for c in COMMANDS]
    assert window.search.geometry().center().x() == pytest.approx(500, abs=1)
    assert window.rect().contains(window.search.geometry())


def test_enter_runs_what_was_found_and_gives_the_focus_back(window):
    run = QSignalSpy(action(window, "Duplicate Layer").triggered)
    field = typed(window, "dupl")
    assert shown(window)[0] == "Duplicate Layer"
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert run.count() == 1
    assert not window.search.isVisible()
    assert window.field.hasFocus()


def test_no_other_control_has_the_focus_in_between(window):
    QLineEdit(window).show()
    field = typed(window, "dupl")
    spy = QSignalSpy(QApplication.instance().focusChanged)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert [spy.at(i)[1] for i in range(spy.count())] == [window.field]


def test_letters_that_are_keys_of_commands_are_typed(window):
    run = QSignalSpy(action(window, "Brush").triggered)
    field = typed(window, "b")
    assert field.text() == "b"
    assert run.count() == 0


def test_up_and_down_choose_and_go_round(window):
    run = QSignalSpy(action(window, "Zoom Out").triggered)
    field = typed(window)
    QTest.keyClick(field, Qt.Key.Key_Up)
    help_line = window.search.findChild(QLabel, "command_search_help")
    assert help_line.text() == "Show the picture smaller"
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert help_line.text() == "Open a document"
    QTest.keyClick(field, Qt.Key.Key_PageDown)
    QTest.keyClick(field, Qt.Key.Key_Enter)
    assert run.count() == 1


def test_escape_and_a_click_elsewhere_leave(window):
    QTest.keyClick(typed(window, "zo"), Qt.Key.Key_Escape)
    assert not window.search.isVisible()
    assert window.field.hasFocus()
    typed(window)
    assert window.search.isVisible()
    QTest.mouseClick(window, Qt.MouseButton.LeftButton, pos=QPoint(5, 690))
    assert not window.search.isVisible()


def test_what_cannot_be_run_is_listed_last_among_equals_and_stays(window):
    action(window, "Zoom In").setEnabled(False)
    run = QSignalSpy(action(window, "Zoom In").triggered)
    field = typed(window, "zoom in")
    assert shown(window)[0] == "Zoom In"
    assert window.search.findChild(QLabel, "command_search_help").text().startswith("Not possible now.")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert run.count() == 0
    assert window.search.isVisible()


def test_a_click_runs(window):
    run = QSignalSpy(action(window, "Delete Layer").triggered)
    typed(window, "delete")
    view = window.search.findChild(QListView, "command_search_list")
    spot = view.visualRect(view.model().index(0)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert run.count() == 1
    assert not window.search.isVisible()


def test_nothing_fits(window):
    field = typed(window, "qqq")
    assert window.search.findChild(QLabel, "command_search_help").text() == "No command fits."
    QTest.keyClick(field, Qt.Key.Key_Return)
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert window.search.isVisible()
