"""The look: neutral, legible, even."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QFontInfo, QIcon, QPalette
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from retexture.gui import theme
from tests.gui.test_icons import colours

Group, Role = QPalette.ColorGroup, QPalette.ColorRole
GROUPS = (Group.Active, Group.Inactive, Group.Disabled)
ROLES = [role for role in Role if role not in (Role.NoRole, Role.NColorRoles)]
ACCENTED = {Role.Highlight, Role.Accent, Role.Link, Role.LinkVisited}


@pytest.fixture
def themed(qapp: QApplication) -> Iterator[QApplication]:
    before = qapp.style().name(), qapp.palette(), qapp.font(), qapp.styleSheet()
    icons = QIcon.themeName(), QIcon.themeSearchPaths()
    theme.apply(qapp)
    yield qapp
    qapp.setStyleSheet(before[3])
    qapp.setStyle(before[0])
    qapp.setPalette(before[1])
    qapp.setFont(before[2])
    QIcon.setThemeSearchPaths(icons[1])
    QIcon.setThemeName(icons[0])


def luminance(colour: str) -> float:
    """Relative luminance of sRGB (WCAG 2.2)."""
    parts = (QColor(colour).redF(), QColor(colour).greenF(), QColor(colour).blueF())
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def is_neutral(colour: QColor) -> bool:
    return colour.red() == colour.green() == colour.blue()


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("role", ROLES)
def test_palette_is_complete_and_neutral(
    qapp: QApplication, role: QPalette.ColorRole, group: QPalette.ColorGroup
) -> None:
    palette = theme.palette()
    assert palette.isBrushSet(group, role)
    if role not in ACCENTED or group == Group.Disabled:
        assert is_neutral(palette.color(group, role))


def test_style_sheet_is_neutral_but_for_the_accent(qapp: QApplication) -> None:
    named = set(re.findall(r"#[0-9a-fA-F]{6}\b", theme.style_sheet()))
    assert {name for name in named if not is_neutral(QColor(name))} == {theme.ACCENT, theme.SELECTION}


def test_style_sheet_names_pictures_that_exist(qapp: QApplication) -> None:
    pictures = re.findall(r'url\("([^"]+)"\)', theme.style_sheet())
    assert pictures
    assert [name for name in pictures if not Path(name).is_file()] == []


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        *((theme.TEXT, g) for g in (theme.WINDOW, theme.PANEL, theme.FIELD, theme.RAISED, theme.BUTTON)),
        *((theme.DIM_TEXT, ground) for ground in (theme.WINDOW, theme.PANEL, theme.FIELD)),
        *((theme.BRIGHT_TEXT, ground) for ground in (theme.SELECTED, theme.SELECTION)),
        *((tone, theme.PANEL) for tone in (theme.WARNING, theme.ERROR)),
    ],
)
def test_text_is_legible(text: str, ground: str) -> None:
    assert contrast(text, ground) >= 4.5


@pytest.mark.parametrize("ground", [theme.WINDOW, theme.PANEL, theme.FIELD])
def test_outlines_and_focus_are_seen(ground: str) -> None:
    assert contrast(theme.CONTROL, ground) >= 3
    assert contrast(theme.ACCENT, ground) >= 3


def test_disabled_text_is_dimmer_but_legible() -> None:
    assert 2.8 <= contrast(theme.DISABLED_TEXT, theme.PANEL) < contrast(theme.DIM_TEXT, theme.PANEL)


def test_font_is_12_to_13_px(qapp: QApplication) -> None:
    assert 12 <= QFontInfo(theme.font()).pixelSize() <= 13


def test_controls_of_one_row_are_of_one_height(themed: QApplication, qtbot: QtBot, qtlog) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)
    bare = QSpinBox()
    bare.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
    editable = QComboBox()
    editable.setEditable(True)
    controls = [QPushButton("Export"), QComboBox(), editable, QLineEdit(), QSpinBox(), QDoubleSpinBox(), bare]
    for control in controls:
        layout.addWidget(control)
    with qtbot.waitExposed(window):
        window.show()
    assert {control.height() for control in controls} == {theme.CONTROL_HEIGHT}
    field = bare.findChild(QLineEdit)
    assert field is not None
    assert field.width() > bare.width() / 2  # Qt can lose the text of a spin box without buttons
    assert [r.message for r in qtlog.records if "sheet" in r.message or "propert" in r.message.lower()] == []


def test_rows_of_trees(themed: QApplication, qtbot: QtBot) -> None:
    tree = QTreeWidget()
    qtbot.addWidget(tree)
    item = QTreeWidgetItem(tree, ["High"])
    with qtbot.waitExposed(tree):
        tree.show()
    assert tree.visualItemRect(item).height() == theme.ROW_HEIGHT


@pytest.mark.parametrize("name", ["folder", "folder-new", "text-x-generic", "computer", "go-up"])
def test_icons_of_qts_own_dialogs_are_grey(themed: QApplication, name: str) -> None:
    found = colours(QIcon.fromTheme(name).pixmap(40).toImage())
    assert found
    assert all(QColor(each).saturation() == 0 for each in found)
