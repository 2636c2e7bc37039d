"""The picture as one layer: what is seen, merged into a paint layer on top of all."""

from collections.abc import Callable

from retexture.document.check import DTYPES
from retexture.document.document import Document
from retexture.document.edits import insert_layer, unique_key
from retexture.document.layers import PaintLayer
from retexture.document.pixels import TILE, Pixels, Tiles
from retexture.document.tree import everything, filters_of
from retexture.render.cache import Cache
from retexture.render.region import Region
from retexture.render.render import render
from retexture.session.layer_edits import numbered
from retexture.session.session import Session

BAND_ROWS = 4 * TILE
"""Rendered at a time."""


def merged_tiles(
    document: Document,
    cache: Cache,
    cancelled: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Tiles:
    """Return the picture as the pixels of a paint layer: red, green, blue, alpha. Takes long: for a worker thread.

    Raises:
        Cancelled: `cancelled` said so.
    """
    tiles: dict[tuple[int, int], Pixels] = {}
    # A filter of the whole picture would be computed anew for each band.
    whole = any(f.enabled and f.filter.reach is None for l in everything(document) for f in filters_of(l))
    rows = document.height_px if whole else BAND_ROWS
    for top in range(0, document.height_px, rows):
        band = Region(0, top, document.width_px, min(rows, document.height_px - top))
        planes = render(document, band, cache=cache, cancelled=cancelled)
        for y in range(0, band.height, TILE):
            for x in range(0, band.width, TILE):
                tile = planes[:, y : y + TILE, x : x + TILE].copy()
                if tile.any():
                    tiles[x // TILE, (top + y) // TILE] = Pixels(tile)
        progress(top + band.height, document.height_px)
    return Tiles(
        document.width_px,
        document.height_px,
        background=(0, 0, 0, 0),
        dtype=DTYPES[document.depth],
        tiles=tiles,
    )


def add_merged(session: Session, tiles: Tiles) -> None:
    """Add what `merged_tiles` made as a paint layer on top of all."""
    name = numbered(session.document, "Merged")
    key = unique_key(session.document, name)
    layer = PaintLayer(key=key, name=name, tiles=tiles)
    session.edit("Merge Visible as New Layer", lambda d: insert_layer(d, layer), select=key)
