"""``retexture inspect``: what is in a file."""

import argparse
from pathlib import Path

from retexture.cli.console import Commands, Parser, print_json, say

EPILOG = """\
Layers are listed top first, as in the Layers panel, each with its key for `--set` in brackets.

examples:
  retexture inspect portrait.psd
  retexture inspect restored.retexture --json
"""


def add(commands: "Commands[Parser]") -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser(
        "inspect",
        help="tell size, depth, profile and layers of a file",
        description="Tell what is in a project, PSD, PSB or flat picture, and what of it cannot be represented.",
        epilog=EPILOG,
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="project, PSD, PSB, TIFF, PNG or JPEG")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Carry the command out; return the exit code."""
    from retexture.cli.describe import describe_document, layer_lines
    from retexture.files.documents import file_format, open_document

    document, warnings = open_document(args.file)
    about = {"file": str(args.file), "format": file_format(args.file), **describe_document(document)}
    about["warnings"] = list(warnings)
    if args.json:
        print_json(about)
        return 0
    profile = (
        about["profile"] if about["profile_embedded"] else f"{about['profile']} (assumed, none embedded)"
    )
    mode = {"rgb": "RGB", "grey": "grey"}[about["mode"]]
    print(f"{args.file}: {about['format']}, {about['width_px']} x {about['height_px']} px, ", end="")
    print(f"{about['depth']}-bit {mode}")
    print(f"profile: {profile}")
    for name, size in about["metadata_bytes"].items():
        print(f"{name.upper()}: {size} bytes")
    print("layers, top first:")
    print("\n".join(layer_lines(about["layers"])))
    if "hidden" in about:
        print("hidden, read by filters:")
        print("\n".join(layer_lines(about["hidden"])))
    for text in warnings:
        say(f"note: {args.file}: {text}")
    return 0
