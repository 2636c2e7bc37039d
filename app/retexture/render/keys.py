"""What decides a stage's pixels, as small numbers: the cache's keys.

A key holds ids and parameters, never pixels, so that what is remembered keeps no array alive.
"""

import hashlib
from collections.abc import Callable, Hashable, Iterable

from retexture.document.document import Document, Source, find
from retexture.document.layers import (
    AdjustmentLayer,
    AnyLayer,
    FillLayer,
    GroupLayer,
    LayerMask,
    LuminosityMask,
    PaintLayer,
    PixelLayer,
    RasterMask,
    SmartFilter,
)
from retexture.document.lazy_tiles import LazyTiles
from retexture.document.pixels import Tiles
from retexture.document.tree import MERGED, beneath
from retexture.render.cache import Cache

Layers = tuple[AnyLayer, ...]


def enabled(layer: AnyLayer) -> tuple[SmartFilter, ...]:
    """Return a layer's smart filters that are switched on."""
    return () if isinstance(layer, AdjustmentLayer) else tuple(f for f in layer.filters if f.enabled)


def digest(ids: Iterable[str | None]) -> bytes:
    """Return 16 bytes that stand for ids: a block of a coarse level shows thousands of tiles."""
    return hashlib.blake2b(" ".join(i or "-" for i in ids).encode(), digest_size=16).digest()


def identity(tiles: Tiles) -> Hashable:
    """Return what decides pixels read of tiles: lazy ones show about the same until they are worked out."""
    return (tiles.id, isinstance(tiles, LazyTiles) and not tiles.known)


class Keys:
    """The keys of one document at one preview level; each is worked out once."""

    def __init__(self, document: Document, level: int, cache: Cache) -> None:
        self._document = document
        self._frame = (document.width_px, document.height_px, document.depth, document.mode, level)
        self._cache = cache
        self._sources: dict[str, Source] = {s.key: s for s in document.sources}
        self._known: dict[tuple[int, Hashable], tuple[int, AnyLayer]] = {}

    def number(self, *parts: Hashable) -> int:
        """Return the number of a stage that `parts` decide within this document's frame."""
        return self._cache.number((self._frame, parts))

    def content(self, layer: AnyLayer, filters: int | None = None) -> int:
        """Return the number of a layer's content after its first `filters` filters that are on (None: all)."""
        return self._once(layer, filters, lambda: self._content(layer, filters))

    def _once(self, layer: AnyLayer, what: Hashable, compute: Callable[[], int]) -> int:
        """Remember a number by the layer's identity; the layer is held, so that no other one can take its id."""
        known = self._known.get((id(layer), what))
        if known is None:
            known = self._known[id(layer), what] = (compute(), layer)
        return known[0]

    def _content(self, layer: AnyLayer, filters: int | None) -> int:
        through = tuple(self._filter(layer, item) for item in enabled(layer)[:filters])
        return self.number(type(layer).__name__, self._base(layer), through)

    def _base(self, layer: AnyLayer) -> Hashable:
        match layer:
            case PixelLayer():
                source = self._sources[layer.source]
                alpha = None if source.alpha is None else source.alpha.id
                return (source.colour.id, alpha, layer.x_px, layer.y_px, layer.transform)
            case PaintLayer():
                return identity(layer.tiles)
            case FillLayer():
                return layer.colour
            case GroupLayer():
                return self.stack(layer.layers)
            case _:
                return layer.adjustment

    def _filter(self, layer: AnyLayer, item: SmartFilter) -> Hashable:
        reads = item.filter.reads
        mask = item.mask
        own: Hashable = item.filter if mask is None or not mask.enabled else (item.filter, _plane(mask))
        if reads is None:
            return own
        if reads == MERGED:
            return (own, self.stack(beneath(self._document, layer.key)))
        return (own, self.content(find(self._document, reads)))

    def stack(self, layers: Layers) -> int:
        """Return the number of a composition of layers. Hidden ones count too: others are clipped to them."""
        return self.number("stack", tuple(self._placed(layer) for layer in layers))

    def _placed(self, layer: AnyLayer) -> int:
        return self._once(layer, "placed", lambda: self.number(_settings(layer), self.content(layer)))


def _settings(layer: AnyLayer) -> Hashable:
    return (
        layer.visible,
        layer.opacity,
        layer.fill,
        layer.blend_mode,
        layer.clipped,
        layer.clips_as_group,
        layer.knockout,
        layer.blend_if,
        _mask(layer.mask),
    )


def _mask(mask: LayerMask | None) -> Hashable:
    if mask is None:
        return None
    return (mask.enabled, *(_plane(plane) for plane in (mask.painted, *mask.components)))


def _plane(plane: RasterMask | LuminosityMask | None) -> Hashable:
    if isinstance(plane, RasterMask):
        return (identity(plane.tiles), plane.enabled, plane.inverted, plane.density, plane.feather_px)
    return plane
