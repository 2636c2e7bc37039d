"""The fields of the bar of options: a label that scrubs and the number, without a slider."""

from PySide6.QtWidgets import QSizePolicy

from retexture.declare import Parameter
from retexture.gui import theme
from retexture.gui.labels import label_of
from retexture.gui.number_field import NumberField

VALUE_WIDTH, SIZE_WIDTH = 58, 74


def compact_field(parameter: Parameter) -> NumberField:
    """Return the field of a number without its slider: the label scrubs, the value is typed or stepped."""
    field = NumberField(parameter)
    field.slider.hide()
    field.row.setSpacing(theme.SPACE_SMALL)
    field.edit.setFixedWidth(SIZE_WIDTH if parameter.unit == "px" else VALUE_WIDTH)
    field.set_label_width(field.fontMetrics().horizontalAdvance(label_of(parameter)) + 4)
    field.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return field
