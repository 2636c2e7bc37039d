"""``retexture recipes``: every method, its presets and parameters."""

import argparse
from typing import TYPE_CHECKING, Any

from retexture.cli.console import Commands, Parser, print_json

if TYPE_CHECKING:
    from retexture.declare import Parameter
    from retexture.document.document import Document
    from retexture.recipes.base import Recipe

EPILOG = """\
Every parameter is set with `--set`; options, which have no dot in their name, too.

examples:
  retexture recipes
  retexture recipes hybrid-fs
  retexture recipes --json
"""

LONGEST = 70
"""Longer lists of choices, such as all blend modes, are left to ``--json``."""


def add(commands: "Commands[Parser]") -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser(
        "recipes",
        help="list every recipe, preset and parameter",
        description="List every recipe with its presets, options and parameters: default, range, unit.",
        epilog=EPILOG,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="these recipes alone")
    parser.add_argument("--json", action="store_true", help="print JSON, with slider ranges and help texts")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Carry the command out; return the exit code."""
    from retexture.errors import InputError
    from retexture.recipes import RECIPES

    for name in args.names:
        if name not in RECIPES:
            raise InputError(f"recipe {name}", "does not exist", "the recipes are " + ", ".join(RECIPES))
    described = [describe_recipe(RECIPES[name]) for name in args.names or RECIPES]
    if args.json:
        print_json(described)
    else:
        print("\n\n".join("\n".join(_lines(recipe)) for recipe in described))
    return 0


def describe_recipe(recipe: "Recipe") -> dict[str, Any]:
    """Return all that can be set in a recipe, as plain values: the listing of ``--json``."""
    from retexture.declare import parameters
    from retexture.recipes import DEFAULT_RECIPE
    from retexture.recipes.apply import trial_document

    always = {path for path, _, _ in _settable(trial_document(recipe, masked=False))}
    return {
        "name": recipe.name,
        "title": recipe.title,
        "summary": recipe.summary,
        "default": recipe.name == DEFAULT_RECIPE,
        "flat": recipe.flat,
        "presets": {
            name: {path: _plain(value) for path, value in values.items()}
            for name, values in recipe.presets.items()
        },
        "options": [
            {"name": option.name, **_declaration(option), "default": _plain(option.default)}
            for option in parameters(recipe.options)
        ],
        "parameters": [
            {
                "path": path,
                **_declaration(parameter),
                "default": _plain(value),
                "needs_mask": path not in always,
            }
            for path, parameter, value in _settable(trial_document(recipe, masked=True))
        ],
    }


def _settable(document: "Document") -> "list[tuple[str, Parameter, Any]]":
    """Return the parameters that change the picture or its layers; of hidden layers only the filters are read."""
    from retexture.document.document import walk
    from retexture.document.edits import parameter_paths
    from retexture.document.tree import filters_of

    filters = {f"{l.key}.{f.key}" for l in walk(document.hidden) for f in filters_of(l)}
    hidden = {layer.key for layer in walk(document.hidden)}

    def matters(path: str) -> bool:
        return path.partition(".")[0] not in hidden or path.rpartition(".")[0] in filters

    return [row for row in parameter_paths(document) if matters(row[0])]


def _declaration(parameter: "Parameter") -> dict[str, Any]:
    from retexture.document.settings import describe

    return {
        "title": parameter.title,
        "kind": parameter.kind,
        "low": parameter.low,
        "high": parameter.high,
        "slider": parameter.slider and list(parameter.slider),
        "unit": parameter.unit,
        "choices": list(parameter.choices),
        "takes": describe(parameter),
        "help": parameter.help,
    }


def _plain(value: Any) -> Any:
    """Return a parameter's value as JSON holds it, and as ``--set`` takes it where it is a range."""
    from retexture.document.layers import Range

    match value:
        case Range():
            return str(value)
        case tuple():
            return [_plain(item) for item in value]
        case str():
            return str(value)
        case _:
            return value


def _lines(recipe: dict[str, Any]) -> list[str]:
    lines = [
        f"{recipe['name']}{' (default)' if recipe['default'] else ''}: {recipe['title']}",
        f"  {recipe['summary']}",
    ]
    if recipe["flat"]:
        lines.append("  works on one flat picture: `retexture extract`")
    for name, values in recipe["presets"].items():
        settings = " ".join(f"{path}={_text(value)}" for path, value in values.items())
        lines.append(f"  --preset {name}: {settings}")
    rows = [(option["name"], option) for option in recipe["options"]]
    rows += [(parameter["path"], parameter) for parameter in recipe["parameters"]]
    width = max(len(name) for name, _ in rows)
    for name, row in rows:
        mask = " (with --mask FILE)" if row.get("needs_mask") else ""
        takes = row["takes"] if len(row["takes"]) <= LONGEST else f"one of {len(row['choices'])}: see --json"
        title = f": {row['title']}" if row["title"] else ""
        lines.append(f"    {name:{width}}  {_text(row['default'])}  ({takes}){mask}{title}")
    return lines


def _text(value: Any) -> str:
    match value:
        case bool():
            return "on" if value else "off"
        case float():
            return f"{value:g}"
        case list():
            return " ".join("/".join(_text(v) for v in point) for point in value)
        case None:
            return "neutral"
        case "":
            return "''"
        case _:
            return str(value)
