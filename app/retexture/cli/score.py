"""``retexture score``: how much texture a retouched picture lost, and how well a result brings it back."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from retexture.cli.console import Commands, Notes, Parser, print_json, progress
from retexture.errors import InputError

if TYPE_CHECKING:
    from retexture.recipes.scoring import FaceScore, Scoring

EPILOG = """\
Without RESULT the retouched picture itself is scored. Plasticness 0 is all of the original's own texture, 1 none
of it. On a RESULT that keeps the shapes of a moved or bent RETOUCHED the original is laid first; one that lies
on neither, pixel on pixel, is aligned to the original.

examples:
  retexture score original.tif retouched.tif
  retexture score original.tif retouched.tif restored.tif --picture score.png
  retexture score original.tif retouched.tif restored.tif --json
"""


def add(commands: "Commands[Parser]") -> None:
    """Declare the command's arguments."""
    parser = commands.add_parser(
        "score",
        help="measure lost texture, blemishes, halos and tone of a result",
        description="Measure how much skin texture RETOUCHED lost, and how well RESULT brings it back.",
        epilog=EPILOG,
    )
    parser.add_argument("original", type=Path, metavar="ORIGINAL", help="the picture as taken")
    parser.add_argument("retouched", type=Path, metavar="RETOUCHED", help="the same picture, smoothed")
    parser.add_argument(
        "result",
        type=Path,
        nargs="?",
        metavar="RESULT",
        help="the restored picture; none: RETOUCHED is scored",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--picture", type=Path, metavar="FILE.png", help="write a page with pictures, loss maps and figures"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace the page if it exists")
    parser.add_argument("--mask", type=Path, metavar="FILE", help="the skin: a picture, white on it (found)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Carry the command out; return the exit code."""
    import numpy as np

    from retexture.cli.restore import read_all
    from retexture.files.images import in_srgb
    from retexture.recipes.scoring import DifferentResult, describe, measure
    from retexture.texture.alignment import DifferentPictures

    notes = Notes()
    pictures = [args.original, args.retouched, *([args.result] if args.result else [])]
    inputs = [*pictures, *([args.mask] if args.mask else [])]
    if args.picture:
        _check_page(args.picture, inputs, args.overwrite)
    images = read_all(inputs, notes)
    planes = [in_srgb(image.colour, image.icc) for image in images[: len(pictures)]]
    mask = None
    if args.mask:
        from retexture.recipes.materials import prepare

        materials, texts = prepare(images[0], mask=images[-1])
        notes.add(*(text for text in texts if str(args.mask) in text))
        assert materials.mask is not None
        mask = materials.mask.astype(np.float32) / np.float32(65535)
    del images
    try:
        with progress("Measuring") as tell:
            scoring = measure(planes[0], planes[1], planes[2] if args.result else None, mask, tell)
    except DifferentPictures as error:
        other = args.result if isinstance(error, DifferentResult) else args.retouched
        remedy = "choose versions of one photograph"
        raise InputError(other, f"cannot be aligned: {error}", remedy) from error
    except ValueError as error:
        raise InputError(args.original, str(error), "give the skin as a picture: --mask FILE") from error
    if scoring.moved:
        notes.add(f"{args.result}: {scoring.moved}")
    if args.picture:
        from retexture.files.colour import srgb_icc
        from retexture.files.images import write_image
        from retexture.recipes.score_page import score_page

        page = score_page(scoring, [path.name for path in pictures])
        write_image(args.picture, page, icc=srgb_icc(), overwrite=args.overwrite)
    about = describe(scoring, [str(path) for path in pictures], notes.texts)
    if args.json:
        print_json(about)
    else:
        print("\n".join(lines(scoring, args.original)))
    return 0


def _check_page(path: Path, inputs: list[Path], overwrite: bool) -> None:
    from retexture.cli.documents import check_writable
    from retexture.files.images import output_format

    output_format(path)
    check_writable(path, inputs, overwrite)


def lines(scoring: "Scoring", original: Path) -> list[str]:
    """Return the figures as a table to read, each with what it means."""
    from retexture.recipes.score_page import figure_rows, titles

    _, height, width = scoring.original.shape
    faces = (
        "no face, taken as"
        if not scoring.faces
        else "1 face"
        if len(scoring.faces) == 1
        else f"{len(scoring.faces)} faces, the largest"
    )
    about = f"{faces} {scoring.face_width_px:.0f} px wide, {len(scoring.spots)} blemishes removed"
    top = [f"{original}: {width} x {height} px, {about}"]
    if len(scoring.faces) > 1:
        top += [f"face {n}: {_face_line(face)}" for n, face in enumerate(scoring.faces, 1)]
    top.append("")
    table = [
        ("", titles(scoring), ""),
        *((row.label, row.values, row.meaning) for row in figure_rows(scoring)),
    ]
    return top + [
        f"{label:<18}" + "".join(f"{value:>10}" for value in values) + f"  {meaning}".rstrip()
        for label, values, meaning in table
    ]


def _face_line(face: "FaceScore") -> str:
    """Tell where a face lies and what it lost."""
    place = f"{face.x_px + face.width_px / 2:.0f}, {face.y_px + face.height_px / 2:.0f}"
    after = "" if face.plasticness is None else f", {face.plasticness:.2f} in the result"
    return f"around {place} px, plasticness {face.plasticness_before:.2f}{after}"
