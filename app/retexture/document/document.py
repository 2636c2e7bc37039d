"""The document: an immutable value that holds everything a picture is made of."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from retexture.document.analysis import Analysis
from retexture.document.layers import AdjustmentLayer, AnyLayer, GroupLayer, LayerMask, PaintLayer, RasterMask
from retexture.document.pixels import Pixels, Tiles

Depth = Literal[8, 16, 32]


class Source(msgspec.Struct, frozen=True):
    """A picture that layers show: planes in the document's profile and depth."""

    key: str
    name: str
    colour: Pixels
    """(3, H, W) or (1, H, W): uint8, uint16 or float32 by the document's depth."""
    alpha: Pixels | None = None
    """(H, W), same dtype; None is opaque."""
    path: str | None = None
    """The file that it was read from."""


class Link(msgspec.Struct, frozen=True):
    """A parameter that follows another: setting `leader` sets `follower` too. Both are paths of `set_parameter`."""

    leader: str
    follower: str


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """Layers over a canvas. Colour values are encoded RGB in the document's profile."""

    width_px: int
    height_px: int
    depth: Depth = 16
    mode: Literal["rgb", "grey"] = "rgb"
    layers: tuple[AnyLayer, ...] = ()
    """Bottom first."""
    hidden: tuple[AnyLayer, ...] = ()
    """Deleted layers that filters still read: never shown, their parameters still editable."""
    sources: tuple[Source, ...] = ()
    links: tuple[Link, ...] = ()
    icc: bytes | None = None
    """The profile of all colour in the document; None is sRGB."""
    metadata: dict[str, bytes] = {}
    """Blocks of the original file that exports carry over, by name (exif, xmp)."""
    recipe: str | None = None
    """Name of the recipe that made it."""
    selection: Tiles | None = None
    """One uint16 plane: where tools work, 65535 fully. None: nothing is selected, and they work everywhere."""
    analysis: Analysis | None = None
    """What an automatic restoration measured."""

    def source(self, key: str) -> Source:
        """Return a source by key; KeyError where there is none."""
        for source in self.sources:
            if source.key == key:
                return source
        raise KeyError(key)


def walk(layers: tuple[AnyLayer, ...]) -> Iterator[AnyLayer]:
    """Yield every layer, bottom first, a group before its members."""
    for layer in layers:
        yield layer
        if isinstance(layer, GroupLayer):
            yield from walk(layer.layers)


def find(document: Document, key: str) -> AnyLayer:
    """Return a layer, shown or hidden, by key; KeyError where there is none."""
    for layer in (*walk(document.layers), *walk(document.hidden)):
        if layer.key == key:
            return layer
    raise KeyError(key)


def mask_tiles(mask: LayerMask | None) -> Iterator[Tiles]:
    """Yield the tiles of a mask's planes."""
    if mask is not None:
        for plane in (mask.painted, *mask.components):
            if isinstance(plane, RasterMask):
                yield plane.tiles


def planes_of(layer: AnyLayer) -> Iterator[Tiles]:
    """Yield all tiles of a layer, not of its members: its paint, its mask's planes and its filters' masks."""
    yield from mask_tiles(layer.mask)
    if isinstance(layer, PaintLayer):
        yield layer.tiles
    if not isinstance(layer, AdjustmentLayer):
        yield from (item.mask.tiles for item in layer.filters if item.mask is not None)


def all_pixels(document: Document) -> dict[str, Pixels]:
    """Return every array that the document holds, by id: what memory, undo and project files must keep."""
    found = {}
    for source in document.sources:
        for pixels in (source.colour, source.alpha):
            if pixels is not None:
                found[pixels.id] = pixels
    for layer in (*walk(document.layers), *walk(document.hidden)):
        for tiles in planes_of(layer):
            found.update({tile.id: tile for tile in tiles.tiles.values()})
    if document.selection is not None:
        found.update({tile.id: tile for tile in document.selection.tiles.values()})
    return found
