"""``retexture sample``: a pair of pictures to try everything on."""

import argparse
from pathlib import Path

from retexture.cli.console import Commands, Parser

EPILOG = """\
Nothing is downloaded. The portrait is a real one that scikit-image ships; its pores are synthetic.

example:
  retexture sample try
  retexture restore try/original.tif try/retouched.tif -o try/restored.tif
"""


def add(commands: "Commands[Parser]") -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser(
        "sample",
        help="make a sample original, its smoothed version and the truth",
        description="Make an original, a smoothed version and the known truth in DIR.",
        epilog=EPILOG,
    )
    parser.add_argument("directory", type=Path, metavar="DIR", help="a folder; made if it does not exist")
    parser.add_argument("--overwrite", action="store_true", help="replace files that exist")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Carry the command out; return the exit code."""
    from retexture.sample import describe, write_sample

    for path in write_sample(args.directory, args.overwrite):
        print(path)
    print()
    print(describe())
    return 0
