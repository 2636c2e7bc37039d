"""The shortcuts sheet: made of the declarations, searchable."""

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QScrollArea, QWidget

from retexture.gui.commands import Command, Key
from retexture.gui.shortcuts_sheet import Line, ShortcutsSheet, fitting, in_columns, lines


def command(label, menu, keys=()):
    return Command(label.lower().replace(" ", "_"), label, menu, lambda window: None, "Help", keys)


COMMANDS = (
    command("Zoom In", "View", ("Ctrl++", "Ctrl+=")),
    command("Open…", "File", ("Ctrl+O",)),
    command("No Key", "File"),
    command("Layer…", "Layer > New", ("Ctrl+Shift+N",)),
)
KEYS = (
    Key("Space", "Hold and drag: move the picture.", "View"),
    Key("Alt+right-drag", "Brush size", "Brush"),
)


def test_lines_follow_the_menus_and_gestures_join_their_group():
    assert lines(COMMANDS, KEYS) == [
        Line("Ctrl+O", "Open", "File"),
        Line("Ctrl+Shift+N", "New › Layer", "Layer"),
        Line("Ctrl++ or Ctrl+=", "Zoom In", "View"),
        Line("Space", "Hold and drag: move the picture", "View"),
        Line("Alt+right-drag", "Brush size", "Brush"),
    ]


def test_fitting_lines_have_every_word_in_text_group_or_keys():
    found = lines(COMMANDS, KEYS)
    assert [line.text for line in fitting(found, "view zoom")] == ["Zoom In"]
    assert [line.text for line in fitting(found, "ctrl+shift")] == ["New › Layer"]
    assert fitting(found, "zoom file") == []
    assert fitting(found, "") == found


@pytest.mark.parametrize("columns", [1, 2, 3])
def test_columns_keep_groups_whole_and_in_order(columns):
    sizes = {"File": 9, "Edit": 12, "Layer": 4, "View": 20, "Brush": 3, "Help": 1}
    shown = [Line(str(i), group, group) for group, size in sizes.items() for i in range(size)]
    made = in_columns(shown, columns)
    assert len(made) <= columns
    assert [line for column in made for block in column for line in block] == shown
    assert all(len({line.group for line in block}) == 1 for column in made for block in column)


def texts(sheet):
    page = sheet.findChild(QWidget, "shortcuts_area").widget()
    return {label.text() for label in page.findChildren(QLabel)}


def test_the_sheet_shows_and_searches_them(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    sheet = ShortcutsSheet(parent, COMMANDS, KEYS)
    sheet.open()
    assert {"View", "Zoom In", "Ctrl++", "Ctrl+=", "Brush size"} <= texts(sheet)
    field = sheet.findChild(QLineEdit, "shortcuts_search")
    assert field is not None
    QTest.keyClicks(field, "brush")
    assert texts(sheet) == {"Brush", "Alt+right-drag", "Brush size"}
    QTest.keyClicks(field, "xyz")
    assert texts(sheet) == {"No shortcut fits."}


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (760, 500), (420, 360)])
def test_the_sheet_lies_inside_the_window_and_scrolls(qtbot, width, height):
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.resize(width, height)
    parent.show()
    many = tuple(
        command(f"Command {i}", menu, (f"F{i}",)) for menu in ("File", "Edit", "View") for i in range(1, 30)
    )
    sheet = ShortcutsSheet(parent, many, KEYS)
    sheet.open()
    assert sheet.width() < width
    assert sheet.height() < height
    area = sheet.findChild(QScrollArea, "shortcuts_area")
    assert area.verticalScrollBar().maximum() > 0
    assert area.horizontalScrollBar().maximum() == 0
