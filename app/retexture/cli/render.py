"""``retexture render``: a picture of a layered file."""

import argparse
from pathlib import Path

from retexture.cli.console import Commands, Notes, Parser

EPILOG = """\
The picture is always composed from the layers; a flattened copy in the file is not looked at.
It has the document's depth, colour profile, EXIF and XMP; transparency is kept in TIFF and PNG.

example:
  retexture render portrait.psd -o portrait.tif
"""


def add(commands: "Commands[Parser]") -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser(
        "render",
        help="flatten a project, PSD or PSB by composing its layers",
        description="Compose the layers of a project, PSD or PSB file into a picture.",
        epilog=EPILOG,
    )
    parser.add_argument("document", type=Path, metavar="DOCUMENT", help="project, PSD, PSB or flat picture")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="OUT",
        help="ends in .tif, .png, .jpg or .retexture",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace OUT if it exists")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Carry the command out; return the exit code."""
    from retexture.cli.documents import check_output, save_document
    from retexture.files.documents import open_document

    notes = Notes()
    check_output(args.output, [args.document], args.overwrite)
    document, warnings = open_document(args.document)
    notes.add(*(f"{args.document}: {text}" for text in warnings))
    notes.add(*(f"{args.output}: {text}" for text in save_document(document, args.output, args.overwrite)))
    return 0
