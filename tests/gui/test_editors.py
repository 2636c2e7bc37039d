"""Which editor a parameter gets, and what all editors have."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from retexture.declare import Kind, Parameter, parameters
from retexture.document.layers import Range
from retexture.filters.add_noise import AddNoise
from retexture.filters.curves import Curves
from retexture.filters.high_pass import HighPass
from retexture.gui.choice_field import ChoiceField
from retexture.gui.curve_editor import CurveEditor
from retexture.gui.editors import make_editor
from retexture.gui.number_field import NumberField
from retexture.gui.switch_field import SwitchField


def test_editor_is_chosen_by_kind(qtbot: QtBot) -> None:
    kinds = {
        "number": NumberField, "integer": NumberField, "switch": SwitchField, "choice": ChoiceField,
        "curve": CurveEditor,
    }  # fmt: skip
    holder = QWidget()
    qtbot.addWidget(holder)
    layout = QVBoxLayout(holder)
    declared = [p for kind in (AddNoise, HighPass, Curves) for p in parameters(kind)]
    for parameter in declared:
        editor = make_editor(parameter, holder)
        layout.addWidget(editor)
        assert type(editor) is kinds[parameter.kind]
        assert editor.value() == parameter.default
        assert editor.objectName() == parameter.name
    ranged = make_editor(Parameter("range", "range", Range(1, 2, 3, 4), "Ends."), holder)
    assert ranged.value() == Range(1, 2, 3, 4)


@pytest.mark.parametrize("kind", ["number", "integer", "switch", "choice", "text", "file", "curve", "range"])
def test_every_control_has_a_name_a_hint_and_is_reached_by_tab(qtbot: QtBot, kind: Kind) -> None:
    parameter = Parameter("some_thing", kind, None, "What it does.", 0, 10, (0, 10), choices=("a", "b"))
    editor = make_editor(parameter)
    qtbot.addWidget(editor)
    controls = [w for w in editor.findChildren(QWidget) if w.focusPolicy() & Qt.FocusPolicy.TabFocus]
    controls = [w for w in controls if w.objectName().startswith("some_thing")]
    assert controls
    names = [w.objectName() for w in controls]
    assert len(set(names)) == len(names)
    for control in controls:
        assert control.accessibleName(), control.objectName()
        assert control.toolTip(), control.objectName()
