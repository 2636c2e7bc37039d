"""From the name of a recipe, a preset and settings to a document."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from retexture.declare import parameters, parse
from retexture.document.document import Document
from retexture.document.edits import parse_setting, set_parameter
from retexture.document.pixels import Pixels
from retexture.errors import InputError
from retexture.recipes import RECIPES
from retexture.recipes.base import Materials, Recipe

TRIAL_PX = 32
TRIAL_OPTIONS: dict[str, dict[str, Any]] = {
    "texture-graft": {"patch": f"0,0,{TRIAL_PX},{TRIAL_PX}", "plate": ""}
}
"""Options that let a recipe build on a picture of `TRIAL_PX`, where the defaults or the user's do not."""


class Choice(msgspec.Struct, frozen=True):
    """A recipe and how it is set."""

    recipe: Recipe
    preset: str | None = None
    settings: tuple[str, ...] = ()
    """``PATH=VALUE`` each; later ones win."""


class _Saved(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a file of settings holds."""

    recipe: str
    preset: str | None = None
    set: dict[str, bool | int | float | str | list[tuple[float, float]]] = {}


def load_recipe(name_or_file: str) -> Choice:
    """Return the recipe of a name, or the recipe, preset and settings of a JSON file.

    The file holds ``{"recipe": NAME, "preset": NAME, "set": {PATH: VALUE}}``; the last two may be missing.

    Raises:
        InputError: neither a recipe nor a file; a file that cannot be read or holds something else.
    """
    if name_or_file in RECIPES:
        return Choice(RECIPES[name_or_file])
    path = Path(name_or_file)
    if not path.exists():
        raise InputError(
            f"recipe {name_or_file}",
            "is neither a recipe nor a file",
            "the recipes are " + ", ".join(RECIPES),
        )
    remedy = 'it should hold {"recipe": NAME, "preset": NAME, "set": {"layer.filter.param": VALUE}}'
    try:
        saved = msgspec.json.decode(path.read_bytes(), type=_Saved)
    except OSError as error:
        raise InputError(path, f"cannot be read ({error.strerror})", "give a file of settings") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(path, f"is no file of settings: {error}", remedy) from error
    if saved.recipe not in RECIPES:
        raise InputError(
            path,
            f"names the recipe {saved.recipe!r}, which there is not",
            "the recipes are " + ", ".join(RECIPES),
        )
    settings = tuple(f"{key}={_text(value)}" for key, value in saved.set.items())
    return Choice(RECIPES[saved.recipe], saved.preset, settings)


def _text(value: bool | float | str | list[tuple[float, float]]) -> str:
    match value:
        case bool():
            return "on" if value else "off"
        case list():
            return " ".join(f"{x:g}/{y:g}" for x, y in value)
        case _:
            return str(value)


def build_document(
    recipe: Recipe, materials: Materials, preset: str | None = None, settings: Iterable[str] = ()
) -> Document:
    """Build a recipe's document: options first, then the preset's values, then the settings, later ones winning.

    Args:
        recipe: the method.
        materials: what it works on.
        preset: the name of one of the recipe's presets.
        settings: ``PATH=VALUE`` each: a path of `set_parameter`, or the name of one of the recipe's options.

    Raises:
        ValueError: no such preset, option or parameter, or a value out of range; the message says what there is.
        InputError: a file that an option names cannot be read.
    """
    options, edits = _split(recipe, preset, settings)
    return _edited(recipe.build(materials, recipe.options(**options)), recipe, preset, edits)


def check_settings(recipe: Recipe, preset: str | None, settings: Sequence[str], *, masked: bool) -> None:
    """Refuse wrong settings before any picture is read, by building the document on a tiny one.

    What depends on the picture itself (a rectangle that must lie in it) is found by `build_document` alone.

    Args:
        recipe: the method.
        preset: the name of a preset.
        settings: as of `build_document`.
        masked: a mask will be given, and may be set.

    Raises:
        ValueError: as of `build_document`.
    """
    options, edits = _split(recipe, preset, settings)
    recipe.options(**options)
    _edited(trial_document(recipe, masked=masked), recipe, preset, edits)


def trial_document(recipe: Recipe, *, masked: bool) -> Document:
    """Return a recipe's document on a tiny picture: it has every layer and parameter that a real one has."""
    ramp = np.linspace(0, 65535, 3 * TRIAL_PX * TRIAL_PX).astype(np.uint16).reshape(3, TRIAL_PX, TRIAL_PX)
    materials = Materials(
        original=Pixels(ramp),
        retouched=None if recipe.flat else Pixels(ramp.copy()),
        mask=ramp[0] if masked else None,
    )
    return recipe.build(materials, recipe.options(**TRIAL_OPTIONS.get(recipe.name, {})))


def _split(recipe: Recipe, preset: str | None, settings: Iterable[str]) -> tuple[dict[str, Any], list[str]]:
    """Return the values of options, checked; and the other settings."""
    declared = {p.name: p for p in parameters(recipe.options)}
    options = {name: value for name, value in _preset(recipe, preset).items() if name in declared}
    edits = []
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals:
            raise ValueError(f"a setting is written PATH=VALUE, not {setting!r}")
        if name in declared:
            options[name] = parse(declared[name], text)
        elif "." in name:
            edits.append(setting)
        else:
            known = "; its options are " + ", ".join(declared) if declared else ", and no options at all"
            raise ValueError(f"{recipe.name} has no option {name!r}{known}")
    return options, edits


def _preset(recipe: Recipe, preset: str | None) -> dict[str, Any]:
    if preset is None:
        return {}
    if preset not in recipe.presets:
        known = f"it has {', '.join(recipe.presets)}" if recipe.presets else "it has none"
        raise ValueError(f"{recipe.name} has no preset {preset!r}; {known}")
    return dict(recipe.presets[preset])


def _edited(document: Document, recipe: Recipe, preset: str | None, settings: Iterable[str]) -> Document:
    declared = {p.name for p in parameters(recipe.options)}
    for path, value in _preset(recipe, preset).items():
        if path not in declared:
            document = set_parameter(document, path, value)
    for setting in settings:
        path, value = parse_setting(document, setting)
        document = set_parameter(document, path, value)
    return document
