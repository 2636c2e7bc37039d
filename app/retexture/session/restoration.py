"""What an automatic restoration decided, and how the user decides otherwise: blemishes, masks, alignment.

All edits raise ValueError, in words for the user, where something cannot be done.
"""

import math
from collections.abc import Collection
from typing import Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.declare import Parameter
from retexture.document.analysis import AlignmentReport, Analysis, FaceBox, Grid, Spot
from retexture.document.document import Document, Source, find
from retexture.document.edits import replace_layer
from retexture.document.layers import PixelLayer, RasterMask
from retexture.document.pixels import Tiles
from retexture.document.settings import component_names, find_slot
from retexture.document.transform import IDENTITY, Transform
from retexture.document.tree import filters_of
from retexture.files.images import as_depth
from retexture.filters.texture_gain import TextureGain
from retexture.filters.texture_transfer import TextureTransfer
from retexture.recipes.auto import (
    BLEMISHES,
    DONOR,
    TEXTURE,
    UNALIGNED,
    UNALIGNED_ORIGINAL,
    WHITE,
    blemish_of,
    kept_out,
)
from retexture.recipes.base import ORIGINAL, RETOUCHED
from retexture.recipes.materials import TOLD_BEND_PX
from retexture.session.layer_edits import unlocked
from retexture.session.pictures import has_layer
from retexture.session.session import Session
from retexture.session.view import Point
from retexture.texture.blemishes import reach_px, stamped

U16 = NDArray[np.uint16]
State = Literal["aligned", "opened"]
"""Which picture the retouched layer shows: that laid on the original, or that of the file."""

ADDED = "added"
"""Kind of a spot that the user has pointed out."""
KINDS = {"dark": "Dark spot", "red": "Red spot", "bright": "Bright spot", "line": "Line", ADDED: "Added spot"}
LEAST_GRASP_PX = 4.0
"""Radius of what is pointed at for a spot that is smaller, in picture px."""

BEND_REMEDY = "To have the AI's shapes, keep the shape of Retouched."

PAINTED = "painted"
MASKS = (
    (
        TEXTURE,
        PAINTED,
        "Skin",
        "Texture is laid on skin alone: paint white where skin was missed, black where not",
    ),
    (TEXTURE, "loss", "Lost texture", "Texture is laid as far as the retouching took it"),
    (TEXTURE, "alignment", "Alignment", "Texture is laid where the two pictures certainly match"),
    (DONOR, BLEMISHES, "Blemishes", "Clean skin covers the blemishes that are kept out"),
)
"""Layer, component or the painted plane, its name for the user, and what it does."""


# -- what there is


def filter_path(document: Document, kind: type[TextureGain | TextureTransfer], field: str) -> str | None:
    """Return the path of a parameter of the filter of that kind on the texture; None where it is gone."""
    if not has_layer(document, TEXTURE):
        return None
    keys = [item.key for item in filters_of(find(document, TEXTURE)) if isinstance(item.filter, kind)]
    return f"{TEXTURE}.{keys[0]}.{field}" if keys else None


def amount_path(document: Document) -> str | None:
    """Return the path of how much texture is laid, in percent."""
    return filter_path(document, TextureGain, "amount_percent")


def radius_path(document: Document) -> str | None:
    """Return the path of the radius below which detail is texture."""
    return filter_path(document, TextureTransfer, "radius_px")


def relight_path(document: Document) -> str | None:
    """Return the path of how far texture follows the tone."""
    return filter_path(document, TextureTransfer, "relight")


def setting(document: Document, path: str) -> tuple[Parameter, float]:
    """Return the declaration and the value of a number."""
    layer, slot = find_slot(document, path)
    return slot.parameter, float(slot.get(layer))


class MaskPart(NamedTuple):
    """One of the masks that the restoration made."""

    layer: str
    component: int | None
    """Its index in the layer's mask; None: the painted plane."""
    title: str
    help: str
    path: str
    """Of its switch."""
    enabled: bool


def mask_parts(document: Document) -> tuple[MaskPart, ...]:
    """Return the masks that are still there."""
    found = []
    for key, name, title, text in MASKS:
        mask = find(document, key).mask if has_layer(document, key) else None
        names = () if mask is None else component_names(mask)
        index = names.index(name) if name in names else None
        part = None if mask is None else mask.painted if index is None else mask.components[index]
        if part is not None and (index is not None or name == PAINTED):
            found.append(MaskPart(key, index, title, text, f"{key}.mask.{name}.enabled", part.enabled))
    return tuple(found)


def given_mask(document: Document) -> U16 | None:
    """Return the texture's mask (H, W), where it was given or painted on; None where it is the skin as it was found."""
    analysis = document.analysis
    mask = find(document, TEXTURE).mask if has_layer(document, TEXTURE) else None
    if analysis is None or mask is None or mask.painted is None:
        return None
    tiles = mask.painted.tiles
    if analysis.skin != "mask" and analysis.mask in ("", tiles.id):
        return None
    plane: U16 = as_depth(tiles.to_array()[0], 16)
    return plane


# -- blemishes


def decisions(analysis: Analysis) -> tuple[bool, ...]:
    """Return of each spot whether it is kept out."""
    kept = set(kept_out(analysis))
    return tuple(spot in kept for spot in analysis.spots)


def title_of(spot: Spot) -> str:
    """Return what a spot looks like and its diameter: ``Dark spot, 12 px``."""
    return f"{KINDS.get(spot.kind, 'Spot')}, {2 * spot.radius_px:.0f} px"


def spot_at(analysis: Analysis, point: Point, slack_px: float = 0.0) -> int | None:
    """Return the index of the smallest spot around a point of the picture, each `slack_px` larger than it is."""
    found = [
        (spot.radius_px, index)
        for index, spot in enumerate(analysis.spots)
        if math.hypot(point.x - spot.x_px, point.y - spot.y_px)
        <= max(spot.radius_px, LEAST_GRASP_PX) + slack_px
    ]
    return min(found)[1] if found else None


def with_sensitivity(document: Document, sensitivity: float) -> Document:
    """Return the document with another threshold for what is kept out; decisions by hand stay."""
    return with_decisions(document, msgspec.structs.replace(_analysis(document), sensitivity=sensitivity))


def decide(session: Session, indices: Collection[int], keep: bool | None) -> None:
    """Keep spots out, let them come back, or (None) leave them to the sensitivity, as one undo step."""
    label = "Let Blemish Return"
    if keep is None:
        label = "Reset Blemishes"
    elif keep:
        label = "Keep Blemish Out"
    if keep is not None and len(indices) > 1:
        label = label.replace("Blemish", "Blemishes")

    def change(document: Document) -> Document:
        analysis = _analysis(document)
        spots = tuple(
            msgspec.structs.replace(spot, kept_out=keep) if i in indices else spot
            for i, spot in enumerate(analysis.spots)
        )
        return with_decisions(document, msgspec.structs.replace(analysis, spots=spots))

    session.edit(label, change)


def toggle(session: Session, indices: Collection[int]) -> None:
    """Let spots come back if all of them are kept out, else keep all of them out."""
    kept = decisions(_analysis(session.document))
    decide(session, indices, not all(kept[i] for i in indices))


def reset_decisions(session: Session) -> None:
    """Leave all spots to the sensitivity."""
    decide(session, range(len(_analysis(session.document).spots)), None)


def with_decisions(document: Document, analysis: Analysis) -> Document:
    """Return the document with other decisions on the same spots: its mask of blemishes drawn anew where they changed.

    Equals `recipes.auto.with_analysis`, in time that goes with what changes instead of with the picture's size.

    Raises:
        ValueError: Clean skin or its mask of blemishes is gone, or it is locked.
    """
    before = _analysis(document)
    old, new = decisions(before), decisions(analysis)
    layer = unlocked(document, DONOR) if has_layer(document, DONOR) else None
    mask = None if layer is None else layer.mask
    names = () if mask is None else component_names(mask)
    if layer is None or mask is None or BLEMISHES not in names:
        raise ValueError("Clean skin, or its mask of blemishes, was deleted: undo that first")
    part = mask.components[names.index(BLEMISHES)]
    assert isinstance(part, RasterMask), "only masks of pixels have names"
    changed = [spot for spot, was, now in zip(analysis.spots, old, new, strict=True) if was != now]
    made = msgspec.structs.replace(document, analysis=analysis)
    if not changed:
        return made
    tiles = _redrawn(part.tiles, changed, kept_out(analysis))
    parts = list(mask.components)
    parts[names.index(BLEMISHES)] = msgspec.structs.replace(part, tiles=tiles)
    masked = msgspec.structs.replace(layer, mask=msgspec.structs.replace(mask, components=tuple(parts)))
    return replace_layer(made, DONOR, masked)


def _redrawn(tiles: Tiles, changed: Collection[Spot], kept: Collection[Spot]) -> Tiles:
    """Return the mask with the places of some spots drawn anew from all that are kept out."""
    shown = [blemish_of(spot) for spot in kept]
    for spot in (blemish_of(each) for each in changed):
        reach = reach_px(spot)
        left, top = max(math.floor(spot.x_px - reach), 0), max(math.floor(spot.y_px - reach), 0)
        width = min(math.ceil(spot.x_px + reach), tiles.width_px) - left
        height = min(math.ceil(spot.y_px + reach), tiles.height_px) - top
        if width <= 0 or height <= 0:
            continue
        near = [
            other
            for other in shown
            if math.hypot(other.x_px - spot.x_px, other.y_px - spot.y_px) < 1.5 * reach + reach_px(other) + 2
        ]
        plane = stamped(near, left, top, width, height) * WHITE + 0.5
        tiles = tiles.written(left, top, plane.astype(tiles.dtype)[None])
    return tiles


def _analysis(document: Document) -> Analysis:
    if document.analysis is None:
        raise ValueError("this document was not made by the automatic restoration: it has no blemishes")
    return document.analysis


# -- alignment


def alignment_words(report: AlignmentReport | None, side_px: int) -> tuple[str, ...]:
    """Return how the retouched picture lay on the original, a sentence each; `side_px` is the picture's longer side."""
    if report is None:
        return ("The two pictures were taken as aligned.",)
    certain = f"{report.coverage * 100:.0f} % of what both show matches with certainty."
    if not report.resampled:
        return ("The retouched picture lies exactly on the original; it was left untouched.", certain)
    moves = _moves(report, side_px)
    if report.grid == "retouched":
        laid = "The original was laid on it; its own pixels were kept."
    elif report.covered < 0.995:
        laid = (
            f"It was laid on the original, of which it covers {report.covered * 100:.0f} %; "
            "the rest is the original's own."
        )
    else:
        laid = "It was laid on the original."
    words: tuple[str, ...] = (
        f"The retouched picture was {', '.join(moves)}. {laid}",
        f"They now match within about {report.residual_px:.1f} px. {certain}",
    )
    if report.grid == "original" and report.bend_px > TOLD_BEND_PX:
        words += (
            "So shapes that the AI changed, such as a slimmer face, are the original's again.",
            BEND_REMEDY,
        )
    return words


def grid_of(document: Document) -> Grid:
    """Return whose shape was kept."""
    report = None if document.analysis is None else document.analysis.alignment
    return "original" if report is None else report.grid


def other_shape_problem(document: Document) -> str | None:
    """Say why the shape of the other picture cannot be kept instead, in a document that was aligned; None if it can."""
    key, raw = (RETOUCHED, UNALIGNED) if grid_of(document) == "original" else (ORIGINAL, UNALIGNED_ORIGINAL)
    source = _source(document, raw) or _source(document, key)
    if source is None:
        return "One of the two pictures is gone"
    _, height, width = source.colour.array.shape
    if (width, height) == (document.width_px, document.height_px):
        return None
    return (
        f"The other picture has {width} x {height} px, this document {document.width_px} x {document.height_px}: "
        "open the two pictures again, and choose there whose shape to keep"
    )


def _moves(report: AlignmentReport, side_px: int) -> list[str]:
    a, b, x, c, d, y = report.matrix
    across, down = math.hypot(a, c), math.hypot(b, d)
    turn = math.degrees(math.atan2(c, -a if report.mirrored else a))
    tilt = (turn + 45) % 90 - 45
    moves = ["mirrored"] if report.mirrored else []
    if report.quarter_turns:
        moves.append(f"turned by {('90° to the right', '180°', '90° to the left')[report.quarter_turns - 1]}")
    # What fits a bend best has some size, tilt and shift of its own: what moves no place further is no other move.
    slack = max(0.001, 2 * report.bend_px / side_px)
    if abs(across - 1) > slack or abs(down - 1) > slack:
        same = abs(across / down - 1) < 0.002
        moves.append(f"at {across * 100:.1f} %" if same else f"at {across * 100:.1f} × {down * 100:.1f} %")
        moves[-1] += " of its size"
    elif not report.mirrored and not report.quarter_turns and math.hypot(x, y) >= max(0.05, report.bend_px):
        moves.append(f"shifted by {math.hypot(x, y):.1f} px")
    if abs(tilt) >= max(0.05, math.degrees(2 * report.bend_px / side_px)):
        moves.append(f"tilted by {abs(tilt):.1f}°")
    if report.bend_px >= 0.05:
        moves.append(f"bent by up to {report.bend_px:.1f} px")
    return moves or ["slightly off"]


def alignment_state(document: Document) -> State | None:
    """Return which picture the retouched layer shows; None where there is but one, or the layer is gone."""
    layer = find(document, RETOUCHED) if has_layer(document, RETOUCHED) else None
    if not isinstance(layer, PixelLayer) or _source(document, UNALIGNED) is None:
        return None
    return {RETOUCHED: "aligned", UNALIGNED: "opened"}.get(layer.source)  # type: ignore[return-value]


def set_alignment(session: Session, state: State) -> None:
    """Let the retouched layer show the aligned picture, or that of the file, stretched onto the canvas."""
    if alignment_state(session.document) in (state, None):
        return

    def change(document: Document) -> Document:
        layer = unlocked(document, RETOUCHED)
        key = RETOUCHED if state == "aligned" else UNALIGNED
        source = _source(document, key)
        if source is None or not isinstance(layer, PixelLayer):
            raise ValueError("The aligned picture is gone")
        transform = fitting(source, document)
        new = msgspec.structs.replace(layer, source=key, x_px=0, y_px=0, transform=transform)
        return replace_layer(document, RETOUCHED, new)

    session.edit("Align Retouched" if state == "aligned" else "Remove Alignment", change)


def fitting(source: Source, document: Document) -> Transform:
    """Return the transform that stretches a source onto the canvas."""
    _, height, width = source.colour.array.shape
    if (width, height) == (document.width_px, document.height_px):
        return IDENTITY
    return Transform(
        x_px=(document.width_px - width) / 2,
        y_px=(document.height_px - height) / 2,
        scale_x=document.width_px / width,
        scale_y=document.height_px / height,
    )


def _source(document: Document, key: str) -> Source | None:
    return next((source for source in document.sources if source.key == key), None)


# -- faces


def faces_from_left(analysis: Analysis) -> tuple[FaceBox, ...]:
    """Return the faces in the order in which they are numbered."""
    return tuple(sorted(analysis.faces, key=lambda face: face.x_px + face.width_px / 2))


def face_words(analysis: Analysis) -> tuple[str, ...]:
    """Return how much texture each face from the left, or all skin where none was found, has lost."""
    if not analysis.faces:
        return (
            ()
            if analysis.skin == "none"
            else (f"Skin: {analysis.plasticness * 100:.0f} % of the texture was lost",)
        )
    lost = [f"{face.plasticness * 100:.0f} %" for face in faces_from_left(analysis)]
    if len(lost) == 1:
        return (f"Face: {lost[0]} of the texture was lost",)
    return tuple(f"Face {number} from the left: {percent} was lost" for number, percent in enumerate(lost, 1))
