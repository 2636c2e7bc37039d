"""The options of the retouching tools, and what they share."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from retexture.gui.clone_options import CloneOptions
from retexture.gui.clone_state import HEALING, SAMPLES, CloneState
from tests.gui.stage import LEFT


def test_the_state_goes_round_the_ways_to_heal():
    state = CloneState()
    seen = [state.healing]
    for _ in HEALING:
        state.next_healing()
        seen.append(state.healing)
    assert seen == ["brush", "spot", "patch", "brush"]


def test_the_options_show_and_set_the_state(qtbot):
    state = CloneState()
    options = CloneOptions(state)
    qtbot.addWidget(options)
    options.show()
    assert options.aligned.isChecked()
    assert not options.healing.isVisible()
    qtbot.mouseClick(options.aligned, LEFT)
    assert not state.aligned
    options.sample.setFocus()
    QTest.keyClick(options.sample, Qt.Key.Key_Down)
    assert state.sample == list(SAMPLES)[1]
    options.set_tool("heal")
    assert (options.healing.isVisible(), options.needs_brush) == (True, True)
    state.set_healing("patch")
    assert options.healing.currentText() == "Patch"
    assert (options.aligned.isVisible(), options.needs_brush) == (False, False)
    QTest.keyClick(options.healing, Qt.Key.Key_Up)
    assert state.healing == "spot"
