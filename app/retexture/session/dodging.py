"""Dodging and burning: the grey layer or the pair of Curves that it is painted on, and which of them a stroke meets."""

from typing import NamedTuple

from retexture.document import edits
from retexture.document.check import DTYPES, MASK_DTYPES
from retexture.document.document import Document, walk
from retexture.document.edits import insert_layer
from retexture.document.layers import (
    AdjustmentLayer,
    AnyLayer,
    GroupLayer,
    LayerMask,
    PaintLayer,
    RasterMask,
)
from retexture.document.pixels import Tiles
from retexture.document.tree import everything
from retexture.engine.modes import BlendMode
from retexture.filters.curves import Curves
from retexture.session import masks
from retexture.session.layer_edits import is_locked, refuse_hidden
from retexture.session.painting import Surface, brush_pixels, grey, selected
from retexture.session.session import Session
from retexture.session.target import Target

LIGHTER, DARKER = "dodge_curves", "burn_curves"
"""Keys of the pair of Curves; those of further pairs end in the same number."""
UP, DOWN = ((0, 0), (112, 144), (255, 255)), ((0, 0), (144, 112), (255, 255))

MISSING = "Dodge and burn needs a layer of its own: add one with Layer > New > Dodge and Burn Layer"


class Ground(NamedTuple):
    """What a stroke is painted on, and with what."""

    surface: Surface
    value: tuple[float, ...]
    """White or black on the grey layer, white on a mask."""


def grey_pixels(document: Document, layer: AnyLayer) -> Tiles | None:
    """Return the pixels of a layer of 50 % grey, on which painting lighter dodges, darker burns; None of others."""
    pixels = None if layer.blend_mode == BlendMode.NORMAL else brush_pixels(document, layer)
    return pixels if pixels is not None and pixels.background == grey(document.depth) else None


def new_layer(session: Session) -> None:
    """Add a 50 % grey paint layer in Soft Light on top of all."""
    document = session.document
    key = edits.unique_key(document, "dodge_burn")
    tiles = Tiles(
        document.width_px,
        document.height_px,
        background=grey(document.depth),
        dtype=DTYPES[document.depth],
    )
    layer = PaintLayer(key=key, name="Dodge & Burn", blend_mode=BlendMode.SOFT_LIGHT, tiles=tiles)
    session.edit("New Dodge and Burn Layer", lambda d: insert_layer(d, layer), select=key)


def new_curves(session: Session) -> None:
    """Add a group of two Curves on top of all, one up and one down, both hidden by black masks."""
    document = session.document
    n = 1
    while {layer.key for layer in everything(document)} & set(_pair(n)):
        n += 1
    keys = _pair(n)
    black = masks.black(document.width_px, document.height_px, MASK_DTYPES[document.depth][0])
    burn, dodge = (
        AdjustmentLayer(
            key=key,
            name=name,
            adjustment=Curves(points=points),
            mask=LayerMask(painted=RasterMask(tiles=black)),
        )
        for key, name, points in ((keys[1], "Burn", DOWN), (keys[0], "Dodge", UP))
    )
    group = GroupLayer(
        key=edits.unique_key(document, "dodge_burn_curves"),
        name="Dodge & Burn Curves",
        layers=(burn, dodge),
    )
    session.edit("New Dodge and Burn Curves", lambda d: insert_layer(d, group), select=dodge.key)
    session.select(dodge.key, "mask")


def ground(session: Session, *, burn: bool) -> Ground:
    """Return what dodging or burning paints on: the active layer where it is meant for it, else the topmost that is.

    Raises:
        ValueError: there is none, or it is locked or hidden; in words for the user.
    """
    document = session.document
    active = session.active_layer
    around = (() if active is None else (active,)) + tuple(reversed(tuple(walk(document.layers))))
    for layer in around:
        pixels = grey_pixels(document, layer)
        if pixels is not None:
            return Ground(_surface(document, layer, pixels, "layer"), (float(not burn),) * 3)
        painted = _curves_mask(document, layer.key, burn=burn)
        if painted is not None:
            return Ground(_surface(document, *painted, "mask"), (1.0,))
    raise ValueError(MISSING)


def _surface(document: Document, layer: AnyLayer, tiles: Tiles, target: Target) -> Surface:
    if is_locked(document, layer.key):
        raise ValueError(f"{layer.name} is locked: unlock it to dodge and burn")
    refuse_hidden(document, layer.key)
    return Surface(layer.key, target, tiles, selected(document))


def _curves_mask(document: Document, key: str, *, burn: bool) -> tuple[AnyLayer, Tiles] | None:
    """Return the Curves of the pair that a key belongs to which are painted on, and their mask."""
    for stem in (LIGHTER, DARKER):
        number = key.removeprefix(stem)
        if number != key and (not number or number.removeprefix("_").isdigit()):
            wanted = (DARKER if burn else LIGHTER) + number
            layer = next((l for l in walk(document.layers) if l.key == wanted), None)
            if layer is not None and layer.mask is not None and layer.mask.painted is not None:
                return layer, layer.mask.painted.tiles
    return None


def _pair(n: int) -> tuple[str, str]:
    end = "" if n == 1 else f"_{n}"
    return LIGHTER + end, DARKER + end
