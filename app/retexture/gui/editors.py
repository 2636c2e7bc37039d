"""Which editor a declared parameter gets: by its kind, never by the filter that declares it."""

from PySide6.QtWidgets import QWidget

from retexture.declare import Parameter
from retexture.gui.choice_field import ChoiceField
from retexture.gui.curve_editor import CurveEditor
from retexture.gui.editor_base import Editor
from retexture.gui.file_field import FileField
from retexture.gui.number_field import NumberField
from retexture.gui.range_editor import RangeEditor
from retexture.gui.switch_field import SwitchField
from retexture.gui.text_field import TextField


def make_editor(parameter: Parameter, parent: QWidget | None = None) -> Editor:
    """Return the editor of a parameter, showing its default; its objectName is the parameter's name."""
    match parameter.kind:
        case "number" | "integer":
            return NumberField(parameter, parent)
        case "switch":
            return SwitchField(parameter, parent)
        case "choice":
            return ChoiceField(parameter, parent)
        case "file":
            return FileField(parameter, parent)
        case "text":
            return TextField(parameter, parent)
        case "curve":
            return CurveEditor(parameter, parent)
        case "range":
            return RangeEditor(parameter, parent)
