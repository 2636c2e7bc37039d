"""The names of Photoshop's blend modes, in the order of its menu."""

from enum import StrEnum


class BlendMode(StrEnum):
    """A layer's blend mode. The value is the name in project files and on the command line."""

    NORMAL = "normal"
    DISSOLVE = "dissolve"
    DARKEN = "darken"
    MULTIPLY = "multiply"
    COLOR_BURN = "color-burn"
    LINEAR_BURN = "linear-burn"
    DARKER_COLOR = "darker-color"
    LIGHTEN = "lighten"
    SCREEN = "screen"
    COLOR_DODGE = "color-dodge"
    LINEAR_DODGE = "linear-dodge"
    LIGHTER_COLOR = "lighter-color"
    OVERLAY = "overlay"
    SOFT_LIGHT = "soft-light"
    HARD_LIGHT = "hard-light"
    VIVID_LIGHT = "vivid-light"
    LINEAR_LIGHT = "linear-light"
    PIN_LIGHT = "pin-light"
    HARD_MIX = "hard-mix"
    DIFFERENCE = "difference"
    EXCLUSION = "exclusion"
    SUBTRACT = "subtract"
    DIVIDE = "divide"
    HUE = "hue"
    SATURATION = "saturation"
    COLOR = "color"
    LUMINOSITY = "luminosity"
    PASS_THROUGH = "pass-through"
    """Of groups only: the group's layers blend straight onto the picture beneath the group."""

    @property
    def label(self) -> str:
        """The name as Photoshop's menu writes it: ``Linear Light``."""
        return (
            "Linear Dodge (Add)" if self is BlendMode.LINEAR_DODGE else self.value.replace("-", " ").title()
        )


FILL_MODES = frozenset(
    {
        BlendMode.COLOR_BURN,
        BlendMode.LINEAR_BURN,
        BlendMode.COLOR_DODGE,
        BlendMode.LINEAR_DODGE,
        BlendMode.VIVID_LIGHT,
        BlendMode.LINEAR_LIGHT,
        BlendMode.HARD_MIX,
        BlendMode.DIFFERENCE,
    }
)
"""The eight modes where fill scales the effect before it is clipped, while opacity mixes afterwards."""
