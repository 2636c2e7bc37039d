"""The strip under the canvas: it shows what is compared, and changes it."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QToolButton

from retexture.gui.compare_bar import MODES, CompareBar
from retexture.session.session import Session
from tests.gui.stage import make_canvas, settle
from tests.session.bench import make_document

DOCUMENT = make_document(403, 277)


@pytest.fixture
def canvas(qtbot, workspace):
    return make_canvas(qtbot, workspace, DOCUMENT)


@pytest.fixture
def bar(qtbot, canvas):
    made = CompareBar(canvas)
    qtbot.addWidget(made)
    made.show()
    made.refresh()
    return made


def button(bar, name) -> Any:
    return bar.findChild(QToolButton, f"compare_{name}")


def chooser(bar, side) -> Any:
    return bar.findChild(QComboBox, f"compare_{side}_picture")


def choices(combo) -> list[str]:
    return [combo.itemText(i) for i in range(combo.count())]


def pressed(bar) -> list[str]:
    return [mode for mode, *_ in MODES if button(bar, mode).isChecked()]


def choose(combo, text) -> None:
    """As the user does: the list is walked by its keys."""
    combo.setFocus()
    for _ in range(combo.count()):
        QTest.keyClick(combo, Qt.Key.Key_Up)
    for _ in range(choices(combo).index(text)):
        QTest.keyClick(combo, Qt.Key.Key_Down)


def test_each_button_is_a_way_to_compare(canvas, bar):
    assert pressed(bar) == ["single"]
    for mode in ("side", "stack", "wipe", "single"):
        QTest.mouseClick(button(bar, mode), Qt.MouseButton.LeftButton)
        assert canvas.look.mode == mode
        assert pressed(bar) == [mode]
    settle(canvas)


def test_it_follows_the_canvas(canvas, bar):
    canvas.set_look(mode="wipe", before="result", after="picture")
    assert pressed(bar) == ["wipe"]
    assert (chooser(bar, "before").currentText(), chooser(bar, "after").currentText()) == (
        "Result",
        "Picture",
    )


def test_pictures_are_chosen_and_swapped(canvas, bar):
    assert choices(chooser(bar, "before")) == ["Picture", "Result"]
    assert chooser(bar, "before").currentText() == "Picture"
    assert chooser(bar, "after").currentText() == "Result"
    choose(chooser(bar, "after"), "Picture")
    assert (canvas.look.before, canvas.look.after) == ("picture", "picture")
    choose(chooser(bar, "before"), "Result")
    assert (canvas.look.before, canvas.look.after) == ("result", "picture")
    QTest.mouseClick(button(bar, "swap"), Qt.MouseButton.LeftButton)
    assert (canvas.look.before, canvas.look.after) == ("picture", "result")
    assert chooser(bar, "before").currentText() == "Picture"


def test_snapshots_can_be_compared_with_until_they_are_forgotten(canvas, bar, workspace):
    session = workspace.session
    session.snapshot("half done")
    assert choices(chooser(bar, "before")) == ["Picture", "Result", "half done"]
    choose(chooser(bar, "before"), "half done")
    assert canvas.look.before == "snapshot:half done"
    session.set("texture.opacity", 0.1, "Opacity")
    assert chooser(bar, "before").currentText() == "half done"
    session.forget("half done")
    assert choices(chooser(bar, "before")) == ["Picture", "Result"]
    assert (canvas.look.before, chooser(bar, "before").currentText()) == ("picture", "Picture")


def test_each_document_has_its_own_comparison_and_none_hides_the_bar(canvas, bar, workspace):
    first = workspace.session
    canvas.set_look(mode="side", before="result")
    other = Session(make_document(257, 300), title="other")
    workspace.add(other)
    assert pressed(bar) == ["single"]
    assert chooser(bar, "before").currentText() == "Picture"
    workspace.activate(first)
    assert pressed(bar) == ["side"]
    assert chooser(bar, "before").currentText() == "Result"
    assert bar.isVisible()
    for session in (first, other):
        workspace.remove(session)
    assert not bar.isVisible()


def test_every_control_has_a_name_and_says_what_it_does(bar):
    for control in (*bar.findChildren(QToolButton), *bar.findChildren(QComboBox)):
        assert control.objectName().startswith("compare_")
        assert control.accessibleName()
        assert control.toolTip()
