"""Every control of the window has a name for tests, one for screen readers, a tooltip, and a way to it by keys."""

import re
from collections import Counter
from typing import NamedTuple

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAction, QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QSlider,
    QStyle,
    QStyleOptionComboBox,
    QTabBar,
    QToolBar,
    QToolButton,
    QWidget,
)

from retexture.gui.app import make_application
from retexture.gui.canvas import Canvas
from retexture.gui.elided_label import ElidedLabel
from retexture.gui.layers_tree import LayersTree
from retexture.gui.menu_bar import COMMANDS
from retexture.gui.window import MainWindow
from retexture.session.preferences import Preferences
from tests.gui.list_controls import DOCUMENT, with_names
from tests.gui.portraits import write_pair
from tests.gui.window_tour import Place, close, controls, settle, tour

OWN_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
WITHOUT_TOOLTIP = (QLabel, QPlainTextEdit, QScrollArea, QTabBar, Canvas, LayersTree)
"""What is read; what has tooltips for each of its parts; and the canvas, where one would lie over the picture."""
TEXT_BUTTONS = (QPushButton, QToolButton, QCheckBox)
MOST_TABS = 400


class Faults(NamedTuple):
    """What a tour has found wrong, one line for each control."""

    names: dict[str, list[str]]
    """The objectNames of each place."""
    unnamed: list[str]
    twice: list[str]
    unspoken: list[str]
    without_tooltip: list[str]
    clipped: list[str]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Faults:
    window = new_window()
    faults = Faults({}, [], [], [], [], [])
    for place in tour(window, tmp_path_factory.mktemp("tour")):
        look(place, faults)
    close(window)
    return faults


def new_window() -> MainWindow:
    make_application()
    window = MainWindow(Preferences())
    window.resize(1280, 800)
    window.show()
    return window


def look(place: Place, faults: Faults) -> None:
    """Note what is wrong at one stop."""
    here = list(controls(place))
    names = faults.names.setdefault(place.title, [])
    names += [name for name in (widget.objectName() for widget in here) if name not in names]

    def note(kind: list[str], widget: QWidget) -> None:
        text = f"{place.title}: {type(widget).__name__} {widget.objectName()}"
        if text not in kind:
            kind.append(text)

    count = Counter(widget.objectName() for widget in here)
    for widget in here:
        if not OWN_NAME.fullmatch(widget.objectName()):
            note(faults.unnamed, widget)
        if count[widget.objectName()] > 1:
            note(faults.twice, widget)
        if not spoken(widget):
            note(faults.unspoken, widget)
        if not widget.toolTip() and not isinstance(widget, WITHOUT_TOOLTIP):
            note(faults.without_tooltip, widget)
    for widget in (place.root, *place.root.findChildren(QWidget)):
        if widget.isVisible() and is_clipped(widget):
            note(faults.clipped, widget)


def spoken(widget: QWidget) -> str:
    """Return what a screen reader calls a control."""
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)


def is_clipped(widget: QWidget) -> bool:
    """Whether a text has less room than it needs. Labels that are made to be elided have their text as a tooltip."""
    if isinstance(widget, ElidedLabel):
        return bool(widget.text()) and not widget.toolTip()
    if isinstance(widget, QLabel):
        if not widget.text() or not widget.pixmap().isNull():
            return False
        if widget.wordWrap():
            return widget.heightForWidth(widget.width()) > widget.height()
        return widget.text().endswith("…") or widget.sizeHint().width() > widget.width() + 1
    if isinstance(widget, QTabBar):
        widths = [widget.fontMetrics().horizontalAdvance(widget.tabText(i)) for i in range(widget.count())]
        return any(widget.tabRect(i).width() < width + 8 for i, width in enumerate(widths))
    if isinstance(widget, QComboBox):
        option = QStyleOptionComboBox()
        widget.initStyleOption(option)
        room = widget.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, widget
        )
        return widget.fontMetrics().horizontalAdvance(widget.currentText()) > room.width()
    if isinstance(widget, QAbstractButton) and isinstance(widget, TEXT_BUTTONS):
        style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        if isinstance(widget, QToolButton):
            style = widget.toolButtonStyle()
            if style == Qt.ToolButtonStyle.ToolButtonIconOnly and not widget.icon().isNull():
                return False
        beside = style == Qt.ToolButtonStyle.ToolButtonTextBesideIcon and not widget.icon().isNull()
        text = widget.fontMetrics().horizontalAdvance(widget.text().replace("&", ""))
        return text + (widget.iconSize().width() if beside else 0) > widget.width() - 4
    return False


@pytest.mark.slow
def test_every_control_has_a_name_in_snake_case(found: Faults):
    assert not found.unnamed


@pytest.mark.slow
def test_no_two_controls_of_a_place_share_a_name(found: Faults):
    assert not found.twice


@pytest.mark.slow
def test_every_control_has_a_name_for_screen_readers(found: Faults):
    assert not found.unspoken


@pytest.mark.slow
def test_every_control_says_what_it_does(found: Faults):
    assert not found.without_tooltip


@pytest.mark.slow
def test_no_text_is_clipped(found: Faults):
    assert not found.clipped


@pytest.mark.slow
def test_places_share_no_names(found: Faults):
    of = Counter(name for names in found.names.values() for name in names)
    twice = {name for name, count in of.items() if count > 1} - {
        "original_choose",
        "pair_open",
        "pair_cancel",
    }
    assert not twice  # the one dialog for two pictures and for one is on the tour twice


@pytest.mark.slow
def test_the_document_lists_them_all(found: Faults):
    text = DOCUMENT.read_text(encoding="utf-8")
    assert with_names(text, found.names) == text, "run python -m tests.gui.list_controls"


# -- by keys alone


@pytest.mark.slow
def test_tab_reaches_every_control(tmp_path):
    window = new_window()
    original, retouched = write_pair(tmp_path, scale=8)
    window.opener.open_pictures(original, retouched, "high-pass-blend-if")
    settle(window)
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    window.canvas.setFocus()
    reached: set[QWidget] = set()
    for _ in range(MOST_TABS):
        QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
        focus = QApplication.focusWidget()
        if focus is window.canvas:
            break
        assert focus is not None
        reached.add(focus)
    assert QApplication.focusWidget() is window.canvas, "Tab does not come back to where it began"
    left = [w.objectName() for w in controls(Place("", window)) if w.isEnabled() and not has_way(w, reached)]
    close(window)
    assert not left


def has_way(widget: QWidget, reached: set[QWidget]) -> bool:
    """Whether Tab goes to a control, or arrows do from another of its group, or it has a key."""
    if widget in reached or isinstance(widget, Canvas):
        return True
    if isinstance(widget, QAbstractButton):
        group: QButtonGroup | None = widget.group()
        if group is not None and group.exclusive():
            return any(button in reached for button in group.buttons())
    if isinstance(widget, QSlider):
        # The number beside it takes the same arrows.
        stem = widget.objectName().removesuffix("slider")
        return any(other.objectName() == f"{stem}value" for other in reached)
    if isinstance(widget, QToolButton):
        action: QAction | None = widget.defaultAction()
        return action is not None and not action.shortcut().isEmpty()
    return False


def test_tools_tell_their_keys():
    window = new_window()
    bar = window.findChild(QToolBar, "tools")
    actions = [action for action in bar.actions() if not action.shortcut().isEmpty()]
    assert len(actions) == len(window.tools) + 1, "and Quick Mask"
    for action in actions:
        assert f"({action.shortcut().toString()})" in action.toolTip()
    close(window)


def test_no_key_is_used_twice():
    window = new_window()
    keys = [sequence.toString() for action in window.findChildren(QAction) for sequence in action.shortcuts()]
    keys += [shortcut.key().toString() for shortcut in window.findChildren(QShortcut)]
    close(window)
    assert [key for key, count in Counter(keys).items() if count > 1] == []


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_says_what_it_does(command):
    assert OWN_NAME.fullmatch(command.name)
    assert len(command.help) > 8
    assert not command.help.endswith(".")
    assert all(not QKeySequence(keys).isEmpty() for keys in command.keys)


def test_no_two_commands_share_a_name():
    names = Counter(command.name for command in COMMANDS)
    assert names.most_common(1)[0][1] == 1
