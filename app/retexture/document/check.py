"""What every document must fulfil to be rendered: run on what comes from a file and before one is written."""

import numpy as np

from retexture.document.document import Document, Source
from retexture.document.layers import (
    AdjustmentLayer,
    AnyLayer,
    GroupLayer,
    LayerMask,
    PaintLayer,
    PixelLayer,
    RasterMask,
)
from retexture.document.pixels import TILE, Pixels, Tiles
from retexture.document.settings import checked, find_slot, slots
from retexture.document.tree import (
    Layers,
    check_keys,
    check_layer_keys,
    check_references,
    everything,
    filters_of,
    placement,
)

DTYPES = {8: "uint8", 16: "uint16", 32: "float32"}
"""Sample types of sources and paint by the document's depth."""

MASK_DTYPES = {8: ("uint8",), 16: ("uint16",), 32: ("uint16", "float32")}

MAX_NESTING = 64
"""Groups within groups: far beyond what people make, and what recursion can take."""


def check(document: Document) -> None:
    """Refuse a document that could not be rendered or edited.

    Raises:
        ValueError: duplicate or malformed keys; missing sources, inputs of filters or ends of links; a layer that
            reads itself; planes of a shape or dtype that does not fit the document's size, depth and mode; a
            parameter outside its range; groups nested too deeply. The message names the place.
    """
    if document.width_px < 1 or document.height_px < 1:
        raise ValueError(f"the canvas has no pixels ({document.width_px} x {document.height_px})")
    _check_nesting(document.layers)
    _check_nesting(document.hidden)
    check_layer_keys(document)
    check_keys("source", (source.key for source in document.sources))
    for source in document.sources:
        _check_source(document, source)
    for layer in everything(document):
        _check_layer(document, layer)
    if document.selection is not None:
        _check_tiles(document, document.selection, "the selection", 1, ("uint16",))
    check_references(document)
    for link in document.links:
        for path in (link.leader, link.follower):
            find_slot(document, path)


def _check_nesting(layers: Layers, depth: int = 0) -> None:
    if depth > MAX_NESTING:
        raise ValueError(f"groups are nested more than {MAX_NESTING} deep")
    for layer in layers:
        if isinstance(layer, GroupLayer):
            _check_nesting(layer.layers, depth + 1)


def _check_source(document: Document, source: Source) -> None:
    colour, alpha = source.colour.array, source.alpha
    planes = (1,) if document.mode == "grey" else (1, 3)
    if colour.ndim != 3 or colour.shape[0] not in planes or 0 in colour.shape:
        raise ValueError(f"source {source.key}: {colour.shape} is no shape of a {document.mode} picture")
    for name, array in (("colour", colour), ("alpha", None if alpha is None else alpha.array)):
        if array is not None and array.dtype != DTYPES[document.depth]:
            raise ValueError(
                f"source {source.key}: its {name} is {array.dtype}, not {DTYPES[document.depth]} as the document's"
            )
    if alpha is not None and alpha.array.shape != colour.shape[1:]:
        raise ValueError(f"source {source.key}: alpha of {alpha.array.shape} on colour of {colour.shape}")


def _check_layer(document: Document, layer: AnyLayer) -> None:
    for slot in slots(layer):
        checked(slot, slot.get(layer))
    match layer:
        case PixelLayer():
            _check_pixel_layer(document, layer)
        case PaintLayer():
            _check_tiles(document, layer.tiles, layer.key, 4, (DTYPES[document.depth],))
        case AdjustmentLayer() if not layer.adjustment.pointwise or layer.adjustment.reads is not None:
            raise ValueError(f"{layer.key}: {layer.adjustment.label} cannot be an adjustment layer")
        case _:
            pass
    masks = [(f"{layer.key}.mask", plane) for plane in _planes(layer.mask)]
    masks += [(f"{layer.key}.{f.key}.mask", f.mask) for f in filters_of(layer) if f.mask is not None]
    for where, plane in masks:
        _check_tiles(document, plane.tiles, where, 1, MASK_DTYPES[document.depth])


def _check_pixel_layer(document: Document, layer: PixelLayer) -> None:
    if all(source.key != layer.source for source in document.sources):
        raise ValueError(f"{layer.key} shows the source {layer.source}, which does not exist")
    try:
        placement(document, layer).matrix  # noqa: B018 - it refuses what cannot be drawn
    except ValueError as error:
        raise ValueError(f"{layer.key}.transform: {error}") from error


def _planes(mask: LayerMask | None) -> tuple[RasterMask, ...]:
    if mask is None:
        return ()
    return tuple(plane for plane in (mask.painted, *mask.components) if isinstance(plane, RasterMask))


def _check_tiles(document: Document, tiles: Tiles, where: str, planes: int, dtypes: tuple[str, ...]) -> None:
    if (tiles.width_px, tiles.height_px) != (document.width_px, document.height_px):
        raise ValueError(
            f"{where}: tiles of {tiles.width_px} x {tiles.height_px} pixels do not fit the canvas"
        )
    if tiles.dtype not in dtypes:
        raise ValueError(f"{where}: tiles of {tiles.dtype}, not {' or '.join(dtypes)}")
    white = 1.0 if tiles.dtype == np.float32 else float(np.iinfo(tiles.dtype).max)
    if len(tiles.background) != planes or not all(0 <= value <= white for value in tiles.background):
        raise ValueError(
            f"{where}: a background of {tiles.background} where {planes} values 0 to {white:g} fit"
        )
    for (column, row), tile in tiles.tiles.items():
        wide, tall = tile_size(tiles, column, row)
        if wide < 1 or tall < 1 or column < 0 or row < 0:
            raise ValueError(f"{where}: a tile at ({column}, {row}), outside the canvas")
        _check_tile(tile, (planes, tall, wide), tiles.dtype, f"{where}: the tile at ({column}, {row})")


def tile_size(tiles: Tiles, column: int, row: int) -> tuple[int, int]:
    """Return a tile's width and height in pixels: less than `TILE` at the right and lower edge."""
    return min(TILE, tiles.width_px - column * TILE), min(TILE, tiles.height_px - row * TILE)


def _check_tile(tile: Pixels, shape: tuple[int, int, int], dtype: np.dtype, where: str) -> None:
    if tile.array.shape != shape or tile.array.dtype != dtype:
        raise ValueError(f"{where} is {tile.array.dtype} {tile.array.shape}, not {dtype} {shape}")
