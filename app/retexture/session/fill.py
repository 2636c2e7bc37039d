"""Edit > Fill: a layer's pixels, or a fill layer where a layer has none to be filled. Edit > Clear."""

import msgspec
import numpy as np

from retexture.document import edits
from retexture.document.document import Document
from retexture.document.edits import insert_layer, replace_layer
from retexture.document.layers import FillLayer, LayerMask, PaintLayer, RasterMask
from retexture.document.pixels import TILE, Pixels, Tiles
from retexture.engine import paint
from retexture.filters.base import Context
from retexture.session import masks
from retexture.session.colour_selection import as_mask
from retexture.session.layer_edits import Colour, unlocked
from retexture.session.painting import Surface, brush_pixels, paint_surface
from retexture.session.session import Session
from retexture.session.strokes import full_scale


def filled(document: Document, key: str, colour: Colour | None) -> tuple[Document, str]:
    """Fill a layer as far as it is selected; return the document, and the key of the layer that has the colour.

    A paint layer's pixels are filled; an empty one becomes a fill layer if all of it gets 50 % grey, which is then
    exactly the grey that changes nothing. A fill layer changes its colour. Other layers show a picture and keep it:
    a fill layer goes above them. Takes long where something is selected: for a worker thread.

    Args:
        document: the one to change.
        key: of a layer.
        colour: encoded RGB 0-1; None is 50 % grey.

    Raises:
        ValueError: the layer is locked.
    """
    layer, selection = unlocked(document, key), document.selection
    whole = selection is None
    if isinstance(layer, PaintLayer) and whole and colour is None and is_empty(layer.tiles):
        shared = {name: getattr(layer, name) for name in FillLayer.__struct_fields__ if hasattr(layer, name)}
        return replace_layer(document, key, FillLayer(**shared)), key
    if isinstance(layer, PaintLayer):
        rgb = colour or (Context(depth=document.depth).neutral,) * 3
        tiles = filled_tiles(layer.tiles, rgb, selection)
        return replace_layer(document, key, msgspec.structs.replace(layer, tiles=tiles)), key
    if isinstance(layer, FillLayer) and whole:
        return replace_layer(document, key, msgspec.structs.replace(layer, colour=colour)), key
    name = "50% Grey" if colour is None else "Colour Fill"
    mask = None if whole else LayerMask(painted=RasterMask(tiles=as_mask(selection, document)))
    new = FillLayer(key=edits.unique_key(document, name), name=name, colour=colour, mask=mask)
    return insert_layer(document, new, above=key), new.key


def is_empty(tiles: Tiles) -> bool:
    """Whether a paint layer's pixels are all transparent."""
    return tiles.background[-1] == 0 and not any(tile.array[-1].any() for tile in tiles.tiles.values())


def filled_tiles(tiles: Tiles, colour: Colour, selection: Tiles | None) -> Tiles:
    """Return a paint layer's tiles with an opaque colour painted over them, where they are selected."""
    if selection is not None:
        return _painted(tiles, colour, selection)
    white = full_scale(tiles.dtype)
    values = [v * white if tiles.dtype == np.float32 else float(int(v * white + 0.5)) for v in colour]
    return Tiles(tiles.width_px, tiles.height_px, background=(*values, float(white)), dtype=tiles.dtype)


def _painted(tiles: Tiles, colour: Colour | None, selection: Tiles) -> Tiles:
    """Return a paint layer's tiles painted over, or (None) erased, where they are selected."""
    found = dict(tiles.tiles)
    for row in range(-(-tiles.height_px // TILE)):
        for column in range(-(-tiles.width_px // TILE)):
            x, y = column * TILE, row * TILE
            size = (min(TILE, tiles.width_px - x), min(TILE, tiles.height_px - y))
            selected = selection.read(x, y, *size)[0]
            if not selected.any():
                continue
            before = tiles.read(x, y, *size)
            out = np.empty_like(before)
            paint(out, before, selected * np.float32(1 / full_scale(selection.dtype)), colour)
            found[column, row] = Pixels(out)
    return Tiles(tiles.width_px, tiles.height_px, background=tiles.background, dtype=tiles.dtype, tiles=found)


def clearable(session: Session) -> Surface:
    """Return the pixels or the mask of which what is selected can be cleared.

    Raises:
        ValueError: nothing is selected, or the layer has no pixels of its own, is locked or hidden; in words for the
            user.
    """
    document, layer = session.document, session.active_layer
    if session.quick_mask or document.selection is None:
        raise ValueError("Select what to clear first; a layer is deleted by Delete in the Layers panel")
    if layer is not None and session.target == "layer" and brush_pixels(document, layer) is None:
        masked = layer.mask is not None and layer.mask.painted is not None
        how = (
            "click its mask, and clear that" if masked else "hide them by Layer > Layer Mask > Hide Selection"
        )
        raise ValueError(f"{layer.name} keeps its pixels: {how}")
    return paint_surface(session)


def cleared(surface: Surface) -> Tiles:
    """Return the tiles with what is selected made transparent, of a mask black. Takes long: for a worker thread."""
    tiles, selection = surface.tiles, surface.selection
    assert selection is not None
    if surface.mask:
        return masks.within(tiles, masks.fill(tiles, 0.0), selection)
    return _painted(tiles, None, selection)
