"""A blemish that the automatic restoration did not find: kept out by hand, clean skin made for it alone."""

import math

import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.document.analysis import Spot
from retexture.document.document import Document, find
from retexture.document.edits import replace_layer
from retexture.document.layers import PaintLayer
from retexture.files.images import as_depth
from retexture.recipes.auto import DONOR, TEXTURE, WHITE, blemish_of
from retexture.recipes.base import ORIGINAL, RETOUCHED
from retexture.recipes.measuring import USUAL_FACE
from retexture.session.layer_edits import unlocked
from retexture.session.pictures import has_layer
from retexture.session.restoration import ADDED, radius_path, setting, with_decisions
from retexture.texture.blemishes import Blemish, blemish_mask, reach_px
from retexture.texture.donor import make_donor

LARGEST_PART = 0.1
"""Radius of a spot, as a part of the picture's shorter side, above which it is no blemish."""
AROUND = 8.0
"""How far around it clean skin is looked for, in its radii, and least, as a part of the face's width."""
LEAST_AROUND = 0.25


def with_blemish(
    document: Document, x_px: float, y_px: float, radius_px: float, kept_out: bool | None = True
) -> Document:
    """Return the document with one more spot and what is decided on it. Takes a moment: for a worker thread.

    What was painted on Clean skin there goes.

    Raises:
        ValueError: no restoration; a layer or a picture is gone or locked; a place outside; too large a radius.
    """
    analysis, width, height = document.analysis, document.width_px, document.height_px
    sources = {source.key: source.colour.array for source in document.sources}
    shapes = {sources[key].shape for key in (ORIGINAL, RETOUCHED) if key in sources}
    layer = unlocked(document, DONOR) if has_layer(document, DONOR) else None
    if analysis is None or not isinstance(layer, PaintLayer) or not {ORIGINAL, RETOUCHED} <= set(sources):
        raise ValueError(
            "A blemish is added to an automatic restoration with its pictures and its Clean skin"
        )
    if shapes != {(3, height, width)}:
        raise ValueError(
            "The pictures have another size than the document: choose Image > Update Restoration"
        )
    if not (0 <= x_px < width and 0 <= y_px < height):
        raise ValueError("That place is outside the picture")
    face_px = max((face.width_px for face in analysis.faces), default=USUAL_FACE * min(width, height))
    most_px = LARGEST_PART * min(width, height)
    if radius_px > most_px:
        raise ValueError(
            f"A blemish of {2 * radius_px:.0f} px is too large: make the brush {2 * most_px:.0f} px or smaller"
        )
    spot = Spot(x_px, y_px, radius_px, 0.0, ADDED, False)
    group = _touching(spot, analysis.spots)
    around = max(AROUND * reach_px(blemish_of(spot)), LEAST_AROUND * face_px)
    left, top = (max(0, math.floor(at - around)) for at in (x_px, y_px))
    part = np.s_[top : math.ceil(y_px + around), left : math.ceil(x_px + around)]
    original, retouched = (sources[key][(slice(None), *part)] for key in (ORIGINAL, RETOUCHED))

    def moved(each: Spot) -> Blemish:
        return blemish_of(msgspec.structs.replace(each, x_px=each.x_px - left, y_px=each.y_px - top))

    _, tall, wide = original.shape
    others = [moved(each) for each in analysis.spots if each not in group]
    skin = _skin(document, left, top, wide, tall) * (1 - blemish_mask(others, wide, tall))
    path = radius_path(document)
    radius = (0.0 if path is None else setting(document, path)[1]) or analysis.radius_px or 1.0
    donor = make_donor(original, retouched, skin, [moved(each) for each in group], radius, face_px)
    tiles = layer.tiles
    for each in map(moved, group):
        reach = reach_px(each) + 1
        x0, y0 = (max(0, math.floor(at - reach)) for at in (each.x_px, each.y_px))
        planes = donor[:, y0 : math.ceil(each.y_px + reach), x0 : math.ceil(each.x_px + reach)]
        if planes.size:
            opaque = np.full((1, *planes.shape[1:]), WHITE, np.uint16)
            tiles = tiles.written(left + x0, top + y0, np.concatenate([planes, opaque]))
    made = replace_layer(document, DONOR, msgspec.structs.replace(layer, tiles=tiles))
    there = msgspec.structs.replace(analysis, spots=(*analysis.spots, spot))
    shown = msgspec.structs.replace(spot, kept_out=kept_out)
    return with_decisions(
        msgspec.structs.replace(made, analysis=there),
        msgspec.structs.replace(analysis, spots=(*analysis.spots, shown)),
    )


def _touching(spot: Spot, spots: tuple[Spot, ...]) -> list[Spot]:
    """Return a spot and those whose masks touch its own, or one another: their clean skin is made as one."""
    group = [spot]
    for each in group:  # grows meanwhile
        reach = reach_px(blemish_of(each)) + 2
        group += [
            other
            for other in spots
            if other not in group
            and math.hypot(other.x_px - each.x_px, other.y_px - each.y_px)
            < reach + reach_px(blemish_of(other))
        ]
    return group


def _skin(document: Document, left: int, top: int, width: int, height: int) -> NDArray[np.float32]:
    mask = find(document, TEXTURE).mask if has_layer(document, TEXTURE) else None
    if mask is None or mask.painted is None:
        return np.ones((height, width), np.float32)
    plane = as_depth(mask.painted.tiles.read(left, top, width, height)[0], 16)
    return np.asarray(plane / np.float32(WHITE), np.float32)
