"""Sheets to judge the automatic restoration by eye: ``./run contact-sheet DIR [--pairs ORIGINAL RETOUCHED]...``.

One sheet for each pair: original, retouched and restored at the same places at 100 % and 200 %, the masks that the
restoration made, and its score. Without pairs: each portrait of the optional data folder with each of its AI versions,
and portraits with planted flaws; or the sample with such flaws where that folder is absent.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from benchmarks.flaws import KINDS, TONES, plant
from benchmarks.restoration import lifted, portrait_at
from benchmarks.restoring import (
    Pair,
    Restored,
    faces_of,
    floats,
    portrait_pairs,
    portraits_folder,
    read_pair,
    restore,
    words,
)
from retexture.files.colour import srgb_icc
from retexture.files.images import write_image
from retexture.recipes.auto import kept_out
from retexture.recipes.score_page import figure_rows
from retexture.recipes.scoring import Scoring, measure
from retexture.sample import write_sample

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]
U16 = NDArray[np.uint16]

CELL_PX, GAP_PX, MARGIN_PX, LINE_PX = 256, 6, 24, 22
COLUMNS = ("original", "retouched", "restored")
GREY, INK, QUIET, RING = 118, 235, 195, (255, 255, 255)
SPOTS = 2


class Place(msgspec.Struct, frozen=True):
    """What is looked at: where its middle lies, in px."""

    name: str
    x: float
    y: float


def places(done: Restored) -> list[Place]:
    """Return where most texture was lost, the largest blemishes that are kept out, and the edges of a face."""
    found = [_lost(done)]
    analysis = done.document.analysis
    assert analysis is not None
    spots = sorted(kept_out(analysis), key=lambda spot: -spot.radius_px * spot.score)
    found += [Place(f"removed blemish {n + 1}", s.x_px, s.y_px) for n, s in enumerate(spots[:SPOTS])]
    faces = faces_of(floats(done.original))
    if faces:
        eye, mouth, nose = faces[0].marks[0], faces[0].marks[3], faces[0].marks[2]
        found += [
            Place("eye", float(eye[0]), float(eye[1])),
            Place("lips", float(mouth[0]), float(mouth[1])),
            Place("nose", float(nose[0]), float(nose[1])),
        ]
        x, y, width = faces[0].x, faces[0].y, faces[0].width
        found.append(Place("hairline", x + width / 2, y + 0.02 * faces[0].height))
        found.append(Place("side of the face", x + 0.06 * width, y + 0.5 * faces[0].height))
    return found


def _lost(done: Restored) -> Place:
    weight = done.skin * done.loss
    box = cv2.boxFilter(weight, -1, (CELL_PX // 2,) * 2, borderType=cv2.BORDER_CONSTANT)
    y, x = np.unravel_index(int(box.argmax()), box.shape)
    return Place("most texture lost", float(x), float(y))


def sheet(done: Restored, name: str) -> U16:
    """Return the sheet of a restoration, (3, H, W) uint16."""
    shown = places(done)
    pictures = [_bytes(planes) for planes in (done.original, done.aligned, done.result)]
    maps = _maps(done, shown)
    rows = _figures(done)
    map_px = max(m.shape[0] for m in maps)
    width = 2 * MARGIN_PX + 6 * CELL_PX + 6 * GAP_PX + 12
    top = MARGIN_PX + 3 * LINE_PX
    height = (
        top
        + len(shown) * (CELL_PX + LINE_PX + GAP_PX)
        + max(map_px, len(rows) * 20)
        + 3 * LINE_PX
        + MARGIN_PX
    )
    page = Image.new("RGB", (width, height), (GREY,) * 3)
    draw = ImageDraw.Draw(page)

    def write(x: float, y: float, text: str, size: int = 15, ink: int = INK, anchor: str = "ls") -> None:
        draw.text((x, y), text, fill=(ink,) * 3, font=ImageFont.load_default(size), anchor=anchor)

    write(MARGIN_PX, MARGIN_PX + 14, name, 22)
    left = [MARGIN_PX + i * (CELL_PX + GAP_PX) + (12 if i > 2 else 0) for i in range(6)]
    for i, x in enumerate(left):
        write(x, top - 6, f"{COLUMNS[i % 3]}, {100 if i < 3 else 200} %", ink=QUIET)
    y = top
    for place in shown:
        for i, x in enumerate(left):
            page.paste(Image.fromarray(_crop(pictures[i % 3], place, 1 if i < 3 else 2)), (x, y))
        y += CELL_PX
        write(MARGIN_PX, y + 16, f"{place.name}, at {place.x:.0f}, {place.y:.0f} px", ink=QUIET)
        y += LINE_PX + GAP_PX
    y += LINE_PX
    x = MARGIN_PX
    for text, picture in zip(("places and blemishes kept out", "skin mask", "loss map"), maps, strict=True):
        page.paste(Image.fromarray(picture), (x, y))
        write(x, y - 6, text, ink=QUIET)
        x += picture.shape[1] + GAP_PX
    ends = (width - MARGIN_PX - 100, width - MARGIN_PX)
    for end, head in zip(ends, ("retouched", "restored"), strict=True):
        write(end, y - 6, head, ink=QUIET, anchor="rs")
    for n, (label, values) in enumerate(rows):
        write(width - MARGIN_PX - 400, y + 16 + 20 * n, label)
        for end, value in zip(ends, values, strict=False):
            write(end, y + 16 + 20 * n, value, anchor="rs")
    return np.ascontiguousarray(np.asarray(page).transpose(2, 0, 1)).astype(np.uint16) * np.uint16(257)


def _bytes(planes: U16) -> U8:
    return np.ascontiguousarray(((planes.astype(np.uint32) + 128) // 257).astype(np.uint8).transpose(1, 2, 0))


def _crop(picture: U8, place: Place, zoom: int) -> U8:
    """Return a square around a place, grey where the picture ends, its pixels doubled or as they are."""
    side = CELL_PX // zoom
    x0, y0 = round(place.x) - side // 2, round(place.y) - side // 2
    out = np.full((side, side, 3), GREY, np.uint8)
    height, width = picture.shape[:2]
    top, left, bottom, right = max(y0, 0), max(x0, 0), min(y0 + side, height), min(x0 + side, width)
    if bottom > top and right > left:
        out[top - y0 : bottom - y0, left - x0 : right - x0] = picture[top:bottom, left:right]
    return np.ascontiguousarray(out.repeat(zoom, axis=0).repeat(zoom, axis=1))


def _maps(done: Restored, shown: Sequence[Place]) -> list[U8]:
    height, width = done.skin.shape
    scale = min(360 / width, 400 / height)
    size = (round(width * scale), round(height * scale))
    small_view = cv2.resize(_bytes(done.original), size, interpolation=cv2.INTER_AREA)
    view = np.ascontiguousarray(np.asarray(small_view, np.uint8))
    analysis = done.document.analysis
    assert analysis is not None
    for spot in kept_out(analysis):
        centre = (round(spot.x_px * scale), round(spot.y_px * scale))
        cv2.circle(view, centre, max(3, round(1.5 * spot.radius_px * scale)), RING, 1, cv2.LINE_AA)
    for place in shown:
        corner = [round((at - CELL_PX / 2) * scale) for at in (place.x, place.y)]
        end = [round((at + CELL_PX / 2) * scale) for at in (place.x, place.y)]
        cv2.rectangle(view, corner, end, (160, 160, 160), 1)
    masks = []
    for mask in (done.skin, done.skin * done.loss):
        small = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
        masks.append(np.repeat(np.asarray(small * 255 + 0.5, np.uint8)[..., None], 3, axis=2))
    return [view, *masks]


def _figures(done: Restored) -> list[tuple[str, tuple[str, ...]]]:
    try:
        scoring: Scoring = measure(done.original, done.aligned, done.result)
    except ValueError as error:
        return [(f"no score: {error}", ())]
    analysis = done.document.analysis
    assert analysis is not None
    lines = [(row.label, row.values) for row in figure_rows(scoring)]
    about = (("faces", str(len(analysis.faces))), ("graft radius, px", f"{analysis.radius_px:.1f}"))
    return lines + [(label, ("", value)) for label, value in about]


def flawed(pairs: Sequence[Pair]) -> Iterator[Pair]:
    """Return pairs with flaws of each kind, on skins of other tones; other faces in turn."""
    tones = list(TONES)
    for number, (name, kind) in enumerate(KINDS.items()):
        pair = pairs[(5 * number) % len(pairs)]
        tone = tones[number % len(tones)]
        portrait = portrait_at(pair, 500, tone)
        if portrait is None:
            continue
        original, retouched, skin, face_px = portrait
        planted = plant(kind, original, retouched, skin, face_px, number)
        yield Pair(f"{name}, {tone}, {pair.name}", words(planted.original), words(lifted(planted.retouched)))


def pairs_of(args: argparse.Namespace) -> Iterator[Pair]:
    if args.pairs:
        for original, retouched in args.pairs:
            yield read_pair(original, retouched, f"{original.stem}, {retouched.stem}")
        return
    folder = portraits_folder()
    if folder is None:
        print(
            "there are no portraits (RETEXTURE_SHARED names the folder that holds data/portraits): the sample",
            file=sys.stderr,
        )
        with tempfile.TemporaryDirectory() as name:
            files = write_sample(Path(name), overwrite=True)
            pairs = [read_pair(files[0], files[1], "sample")]
    else:
        pairs = list(portrait_pairs(folder))
    yield from pairs
    yield from flawed([pair for pair in pairs if pair.original.shape == pair.retouched.shape])


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="./run contact-sheet", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="where the sheets go, as PNG")
    parser.add_argument(
        "--pairs",
        nargs=2,
        type=Path,
        action="append",
        metavar=("ORIGINAL", "RETOUCHED"),
        help="a pair of your own; may be repeated",
    )
    parser.add_argument("--only", default="", help="part of the name of the pairs to show")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    for pair in pairs_of(args):
        if args.only not in pair.name:
            continue
        path = args.folder / f"{pair.name.replace(', ', '-').replace(' ', '-')}.png"
        write_image(path, sheet(restore(pair), pair.name), icc=srgb_icc(), depth=8, overwrite=True)
        print(path, flush=True)


if __name__ == "__main__":
    main()
