"""How a parameter and its choices are called in the window."""

from retexture.declare import Parameter
from retexture.engine.modes import BlendMode

UNIT_ENDINGS = ("_px", "_percent", "_levels")
WORDS = {"rgb": "RGB", "gray": "Grey"}


def label_of(parameter: Parameter) -> str:
    """Return a parameter's title, or its name as a label: ``radius_px`` becomes ``Radius``."""
    if parameter.title:
        return parameter.title
    name = parameter.name
    for ending in UNIT_ENDINGS:
        name = name.removesuffix(ending)
    return WORDS.get(name) or name.replace("_", " ").capitalize()


def choice_label(choice: str) -> str:
    """Return a choice as a menu writes it: ``linear-light`` becomes ``Linear Light``."""
    if choice in set(BlendMode):
        return BlendMode(choice).label
    return WORDS.get(choice) or choice.replace("-", " ").replace("_", " ").capitalize()
