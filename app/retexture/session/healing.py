"""Healing: the texture of a clean place under the own tone of the place that is healed."""

import numpy as np
from numpy.typing import NDArray

from retexture.document.pixels import Tiles
from retexture.session.cloning import Cover, Offset, covered, shifted
from retexture.session.sampling import Sampled
from retexture.session.strokes import full_scale
from retexture.texture.healing import find_clean_source, heal, margin_px, search_px

F32 = NDArray[np.float32]

MOST_SEARCH_PX = 600
"""How far around a place its clean texture is looked for, but for places that are larger themselves."""


def healed(tiles: Tiles, cover: Cover, sampled: Sampled, offset: Offset) -> Tiles:
    """Return the tiles with a cover healed: the texture at an offset under the picture's own tone.

    The colour that is painted where the cover is half there is such that, through its alpha, the healed picture shows.

    Raises:
        ValueError: the picture has nothing there that could be healed; in words for the user.
    """
    margin = margin_px(np.pad(cover.plane, 1))
    region = cover.region.grown(margin).within(sampled.canvas)
    target, source = sampled.unit(region), sampled.unit(shifted(region, offset))
    known = (target[3] > 0.999) & (source[3] > 0.999)
    mask = np.zeros(known.shape, np.float32)
    inner = cover.region.slices(region)
    mask[inner] = cover.plane * known[inner]
    if not mask.any():
        raise ValueError(_why_nothing(cover, sampled, offset))
    out = heal(target[:3], source[:3], mask, known)
    amount = np.where(mask > 0, mask, np.float32(1))
    colour = (target[:3] + (out - target[:3]) / amount)[(slice(None), *inner)]
    if sampled.dtype != np.float32:
        colour = np.clip(colour, 0, 1)
    return covered(tiles, cover._replace(plane=mask[inner]), colour * np.float32(full_scale(sampled.dtype)))


def _why_nothing(cover: Cover, sampled: Sampled, offset: Offset = (0, 0)) -> str:
    """Return why a cover cannot be healed, and what helps."""
    source = shifted(cover.region, offset).within(sampled.canvas)
    if not (source.width and source.height):
        return "The source lies outside the picture: choose one inside it"
    empty = "There is nothing to heal here" if sampled.is_empty(cover.region) else "The source is empty"
    return f"{empty} on this layer: {sampled.remedy}"


def clean_offset(cover: Cover, sampled: Sampled, used: list[Cover] | None = None) -> Offset:
    """Return where the best clean texture for a cover is.

    Args:
        cover: what is to be healed.
        sampled: the picture.
        used: what was taken for other places and should not be seen twice.

    Raises:
        ValueError: nothing clean is near; in words for the user.
    """
    size = max(cover.plane.shape)
    region = cover.region.grown(min(search_px(size), max(MOST_SEARCH_PX, size))).within(sampled.canvas)
    picture = sampled.unit(region)
    place = np.zeros(picture.shape[1:], bool)
    place[cover.region.slices(region)] = cover.plane > 0
    missing = picture[3] < 0.999
    if missing[place].all():
        raise ValueError(_why_nothing(cover, sampled))
    avoid = missing.copy()
    for other in used or []:
        part = other.region.within(region)
        if part.width and part.height:
            avoid[part.slices(region)] |= other.plane[part.slices(other.region)] > 0
    found = find_clean_source(picture[:3], place, avoid) or find_clean_source(picture[:3], place, missing)
    if found is None:
        raise ValueError("No clean texture is near: use the Healing Brush, and Alt-click what it shall take")
    return found


def source_cover(cover: Cover, offset: Offset) -> Cover:
    """Return what a healed cover has taken."""
    return cover._replace(x=cover.x + offset[0], y=cover.y + offset[1])
