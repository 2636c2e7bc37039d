"""``retexture restore``: an original and a retouched picture become a restored one."""

import argparse
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retexture.cli.console import Commands, Notes, Parser, option_errors, steps
from retexture.errors import InputError

if TYPE_CHECKING:
    from retexture.document.document import Document
    from retexture.files.images import Image
    from retexture.recipes.apply import Choice
    from retexture.recipes.base import Materials, Recipe

RECIPE_NAMES = (
    "auto",
    "grain",
    "high-pass",
    "high-pass-blend-if",
    "texture-graft",
    "hybrid-fs",
    "dodge-burn",
)
"""The recipes for two pictures, known without importing them."""

LISTED = "`retexture recipes` lists every recipe, preset and parameter"

EPILOG = f"""\
recipes: {", ".join(RECIPE_NAMES)}
({LISTED})

examples:
  retexture restore original.tif retouched.tif -o restored.tif
  retexture restore original.tif retouched.tif -o restored.retexture --recipe high-pass-blend-if \\
      --preset article --set texture.opacity=0.5
  retexture restore soft.tif retouched.tif -o restored.tif --set plate=pores.tif
"""


def add(commands: "Commands[Parser]") -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser(
        "restore",
        help="put an original's skin texture back into its retouched version",
        description="Put the skin texture of ORIGINAL back into RETOUCHED.",
        epilog=EPILOG,
    )
    parser.add_argument(
        "original", type=Path, metavar="ORIGINAL", help="the picture as taken: TIFF, PNG or JPEG"
    )
    parser.add_argument("retouched", type=Path, metavar="RETOUCHED", help="the same picture, smoothed")
    add_output(parser, "ends in .tif, .png, .jpg, or in .retexture, which keeps the layers")
    parser.add_argument(
        "--recipe",
        default="auto",
        metavar="NAME|FILE",
        help="the method, or a file of settings (%(default)s)",
    )
    add_settings(parser)
    parser.add_argument(
        "--align",
        choices=("auto", "off"),
        help="find how RETOUCHED lies on ORIGINAL; off takes them as lying pixel on pixel "
        "(auto for the recipe auto, else off)",
    )
    parser.add_argument(
        "--grid",
        choices=("original", "retouched"),
        default="original",
        help="whose shape, size, profile and metadata OUT has; retouched keeps what the AI moved or bent, "
        "and fits the original's texture to it (%(default)s)",
    )
    parser.set_defaults(run=run)


def add_output(parser: Parser, help: str) -> None:
    """Declare where the result goes."""
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help=help)
    parser.add_argument("--overwrite", action="store_true", help="replace OUT if it exists")
    parser.add_argument(
        "--report", type=Path, metavar="FILE.json", help="write what was done and made, as JSON"
    )


def add_settings(parser: Parser) -> None:
    """Declare how a recipe is set."""
    parser.add_argument("--preset", metavar="NAME", help="the recipe's numbers of that name, such as article")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        dest="settings",
        metavar="KEY.FILTER.PARAM=VALUE",
        help="change one parameter; may be repeated",
    )
    parser.add_argument(
        "--mask",
        metavar="all|skin|FILE",
        help="where texture goes: everywhere, on the skin that is found, or a picture, white is all of it "
        "(skin for the recipe auto, else all)",
    )


def run(args: argparse.Namespace) -> int:
    """Carry the command out; return the exit code."""
    from retexture.recipes.apply import load_recipe

    choice = load_recipe(args.recipe)
    if choice.recipe.flat:
        raise InputError(
            f"recipe {choice.recipe.name}", "works on one flat picture", "use `retexture extract FLAT -o OUT`"
        )
    return make(args, choice, [args.original, args.retouched])


def make(args: argparse.Namespace, choice: "Choice", pictures: list[Path]) -> int:
    """Build a recipe's document from pictures and write it; return the exit code."""
    from retexture.cli.documents import check_output, check_writable, save_document
    from retexture.recipes.apply import build_document, check_settings
    from retexture.recipes.materials import coverage_words, prepare

    notes = Notes()
    recipe, preset = choice.recipe, args.preset or choice.preset
    settings = [*choice.settings, *args.settings]
    mask = mask_file(args.mask)
    whole = args.mask or ("skin" if recipe.name == "auto" else "all")
    inputs = [*pictures, *([mask] if mask else []), Path(args.recipe)]
    check_output(args.output, inputs, args.overwrite, layered=recipe.flat)
    if args.report:
        if args.report.resolve() == args.output.resolve():
            raise InputError(args.report, "is both the output and the report", "give them two names")
        check_writable(args.report, inputs, args.overwrite)
    with option_errors(f"recipe {recipe.name}", LISTED):
        check_settings(recipe, preset, settings, masked=mask is not None)

    images = read_all([*pictures, *([mask] if mask else [])], notes)
    with steps() as tell:
        materials, texts = prepare(
            images[0],
            None if recipe.flat else images[1],
            grid=args.grid,
            mask=images[-1] if mask else None,
            aligned=(args.align or ("auto" if recipe.name == "auto" else "off")) == "auto",
            look=recipe.look,
            tell=tell,
        )
        del images
        notes.add(*texts)
        if materials.found is not None and materials.found.is_identity:
            notes.add(f"{pictures[1]}: lies exactly on the original; {coverage_words(materials.found)}")
        if mask is None:
            materials = masked(materials, recipe, whole, notes)
        with option_errors(f"recipe {recipe.name}", LISTED):
            document = build_document(recipe, materials, preset, settings)
    del materials
    if document.analysis is not None:
        notes.add(*document.analysis.notes)
    notes.add(*(f"{args.output}: {text}" for text in save_document(document, args.output, args.overwrite)))
    if args.report:
        write_report(args, choice, preset, settings, pictures, document, notes)
    return 0


def mask_file(name: str | None) -> Path | None:
    """Return the file of a ``--mask``; None for a word."""
    return None if name in (None, "all", "skin") else Path(name)


def masked(materials: "Materials", recipe: "Recipe", where: str, notes: Notes) -> "Materials":
    """Return materials with the mask of a word, where the recipe does not make it itself."""
    import numpy as np
    from msgspec.structs import replace

    from retexture.recipes.measuring import find_skin

    width, height = materials.size
    if recipe.name == "auto":
        return (
            materials
            if where == "skin"
            else replace(materials, mask=np.full((height, width), 65535, np.uint16))
        )
    if where == "all":
        return materials
    skin, note = find_skin(materials.original.array)
    notes.add(*note)
    return replace(materials, mask=skin)


def read_all(paths: list[Path], notes: Notes) -> "list[Image]":
    """Read pictures side by side; their decoders run in parallel."""
    from retexture.files.images import read_image

    with ThreadPoolExecutor(len(paths)) as pool:
        images = list(pool.map(read_image, paths))
    notes.add(*(f"{image.path}: {text}" for image in images for text in image.warnings))
    return images


def write_report(
    args: argparse.Namespace,
    choice: "Choice",
    preset: str | None,
    settings: list[str],
    pictures: list[Path],
    document: "Document",
    notes: Notes,
) -> None:
    """Write what was done, and the layers that were made, as JSON."""
    import json

    from msgspec import to_builtins

    from retexture import __version__
    from retexture.cli.describe import describe_document
    from retexture.engine import ENGINE
    from retexture.files.atomic import atomic_write

    score = _score(document, str(args.output), notes)
    report = {
        "retexture": __version__,
        "engine": ENGINE,
        "recipe": choice.recipe.name,
        "preset": preset,
        "settings": settings,
        "inputs": [str(path) for path in pictures],
        "mask": args.mask or ("skin" if choice.recipe.name == "auto" else "all"),
        "output": str(args.output),
        "warnings": notes.texts,
        "analysis": to_builtins(document.analysis),
        "score": score,
        **describe_document(document),
    }
    with atomic_write(args.report, args.overwrite) as temporary:
        temporary.write_text(json.dumps(report, indent=2) + "\n", encoding="ascii")


def _score(document: "Document", name: str, notes: Notes) -> "dict[str, Any] | None":
    """Return what the result is worth; None, with a note, where that cannot be measured."""
    from retexture.recipes.scoring import describe
    from retexture.render.cache import Cache
    from retexture.session.report import has_pair, make_report

    if not has_pair(document):
        return None
    try:
        with steps() as tell:
            report = make_report(document, name, Cache(256 << 20), tell)
    except InputError as error:
        notes.add(str(error))
        return None
    return describe(report.scoring, report.names)
