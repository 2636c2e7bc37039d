"""``retexture extract``: the texture of one flat picture lifted onto a layer of its own."""

import argparse
from pathlib import Path

from retexture.cli.console import Commands, Parser
from retexture.cli.restore import add_output, add_settings, make

EPILOG = """\
OUT shows the flat picture unchanged until something in it is smoothed or painted.

example:
  retexture extract smoothed.jpg -o layers.retexture --set smooth.surface_blur.radius_px=12
"""


def add(commands: "Commands[Parser]") -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser(
        "extract",
        help="lift the texture of one flat picture onto a layer",
        description="Separate one flat picture into tone, a copy to smooth, and texture (Texture Extractor).",
        epilog=EPILOG,
    )
    parser.add_argument("flat", type=Path, metavar="FLAT", help="TIFF, PNG or JPEG")
    add_output(parser, "a layered file: ends in .retexture")
    add_settings(parser)
    parser.set_defaults(run=run, recipe="texture-extractor", grid="original", align=None)


def run(args: argparse.Namespace) -> int:
    """Carry the command out; return the exit code."""
    from retexture.recipes.apply import load_recipe

    return make(args, load_recipe(args.recipe), [args.flat])
