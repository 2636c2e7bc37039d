"""What a layer holds before it meets the picture beneath: its pixels at a level, through its smart filters.

Every function returns planes for a region: (3, h, w), or (4, h, w) with straight alpha last, or (1, h, w) for the
unfiltered pixels of a grey document. Filtered planes are float32 0-1; unfiltered ones have their source's dtype.
"""

from collections.abc import Callable, Hashable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from retexture.document.document import Document, Source, find, walk
from retexture.document.layers import (
    AdjustmentLayer,
    AnyLayer,
    FillLayer,
    GroupLayer,
    LayerMask,
    PaintLayer,
    PixelLayer,
    RasterMask,
    SmartFilter,
)
from retexture.document.pixels import Tiles
from retexture.engine.modes import BlendMode
from retexture.engine.reference import WHITE
from retexture.filters.base import Context, Filter
from retexture.render.cache import Cache
from retexture.render.region import Region, blocks

Array = NDArray[Any]
F32 = NDArray[np.float32]
ComposeGroup = Callable[[tuple[AnyLayer, ...], Region], F32]


def unit(planes: Array) -> F32:
    """Return float32 0-1 of planes whose dtype tells their range."""
    if planes.dtype == np.float32:
        return planes
    return planes.astype(np.float32) * np.float32(1 / WHITE[planes.dtype.name])


def halved(planes: F32, alpha: bool) -> F32:
    """Return the means of 2 x 2 cells; colour weighted by alpha, the last plane, where there is one."""
    size = (planes.shape[2] // 2, planes.shape[1] // 2)
    if alpha:
        planes = np.concatenate([planes[:-1] * planes[-1:], planes[-1:]])
    small: Array = np.stack(
        [cv2.resize(np.ascontiguousarray(p), size, interpolation=cv2.INTER_AREA) for p in planes]
    )
    if alpha:
        small[:-1] /= np.where(small[-1] > 0, small[-1], np.float32(1))
    return np.asarray(small, np.float32)


class Contents:
    """The layers' contents of one document at one preview level."""

    def __init__(self, document: Document, level: int, cache: Cache, compose: ComposeGroup) -> None:
        self.document = document
        self.level = level
        self.cache = cache
        self.compose = compose
        self.canvas = Region(0, 0, -(-document.width_px >> level), -(-document.height_px >> level))
        self._sources: dict[str, Source] = {s.key: s for s in document.sources}

    def finer(self) -> "Contents":
        """Return the same document one level finer."""
        return Contents(self.document, self.level - 1, self.cache, self.compose)

    # -- which layers make what: the cache's keys

    def key(self, layer: AnyLayer, filters: int | None = None) -> Hashable:
        """Return what decides a layer's content after its first `filters` filters (None: all of them)."""
        base: Hashable
        match layer:
            case PixelLayer():
                source = self._sources[layer.source]
                base = (source.colour.id, source.alpha and source.alpha.id, layer.x_px, layer.y_px)
            case PaintLayer():
                base = layer.tiles.id
            case FillLayer():
                base = layer.colour
            case GroupLayer():
                base = self.stack_key(layer.layers)
            case _:
                base = layer.adjustment
        return (
            layer.__class__.__name__,
            self.document.depth,
            base,
            *(self._filter_key(layer, f) for f in self._enabled(layer)[:filters]),
        )

    def _filter_key(self, layer: AnyLayer, item: SmartFilter) -> Hashable:
        reads = item.filter.reads
        if reads is None:
            return item.filter
        if reads == "merged":
            return (item.filter, self.stack_key(self.beneath(layer.key)))
        return (item.filter, self.key(find(self.document, reads)))

    def stack_key(self, layers: tuple[AnyLayer, ...]) -> Hashable:
        """Return what decides the composition of layers."""
        return tuple((layer, self.key(layer)) for layer in layers if layer.visible)

    def beneath(self, key: str) -> tuple[AnyLayer, ...]:
        """Return the layers whose composition is the picture beneath a layer: what its Apply Image reads as merged.

        A hidden layer has no place of its own: it reads what lies beneath the layer that reads it.
        """
        found = _beneath(self.document.layers, key)
        if found is not None:
            return found
        for layer in (*walk(self.document.layers), *walk(self.document.hidden)):
            if any(f.filter.reads == key for f in self._enabled(layer)):
                return self.beneath(layer.key)
        return ()

    @staticmethod
    def _enabled(layer: AnyLayer) -> tuple[SmartFilter, ...]:
        if isinstance(layer, AdjustmentLayer):
            return ()
        return tuple(f for f in layer.filters if f.enabled)

    def is_plain(self, layer: AnyLayer) -> bool:
        """Whether a layer's content is read straight from an array, with nothing to compute or cache."""
        return not self._enabled(layer) and not isinstance(layer, GroupLayer) and self.level == 0

    # -- pixels

    def planes(self, layer: AnyLayer, region: Region) -> Array:
        """Return a layer's content, through all its filters, for a region inside the canvas."""
        return self._stage(layer, len(self._enabled(layer)), region)

    def _stage(self, layer: AnyLayer, count: int, region: Region) -> Array:
        if count == 0:
            return self._unfiltered(layer, region)
        filters = self._enabled(layer)
        item = filters[count - 1].filter.at_level(self.level)
        if item.reach == 0 and item.reads is None and count < len(filters):
            return self._filtered(layer, count, item, region)
        name = self.cache.number((self.level, self.key(layer, count)))
        if item.reach is None:
            whole = self.cache.get(name, lambda: self._filtered(layer, count, item, self.canvas))
            return whole[(slice(None), *region.slices(self.canvas))]
        return self._assemble(name, region, lambda block: self._filtered(layer, count, item, block))

    def _assemble(self, name: Hashable, region: Region, compute: Callable[[Region], Array]) -> Array:
        """Cut a region from canonical blocks; a view where one block holds it."""
        out: Array | None = None
        for block, part in blocks(region, self.canvas):
            array = self.cache.get((name, block.x, block.y), lambda block=block: compute(block))  # type: ignore[misc]
            cut = array[(slice(None), *part.slices(block))]
            if part == region:
                return cut
            if out is None:
                out = np.empty((len(array), region.height, region.width), array.dtype)
            out[(slice(None), *part.slices(region))] = cut
        assert out is not None, "an empty region has no blocks"
        return out

    def _filtered(self, layer: AnyLayer, count: int, item: Filter, region: Region) -> F32:
        reach = item.reach or 0
        halo = region.grown(reach)
        inside = halo.within(self.canvas)
        planes = _with_three_planes(unit(self._stage(layer, count - 1, inside)))
        planes = _edge_padded(planes, halo, inside)
        other = None
        if item.reads is not None:
            other = _edge_padded(self._read(layer, item.reads, inside), halo, inside)
        context = Context(depth=self.document.depth, x=halo.x, y=halo.y, step=1 << self.level, other=other)
        if len(planes) == 4:
            colour, alpha = planes[:3], planes[3:]
            if item.moves_alpha:
                alpha_out = item.apply(alpha, context)
                colour = item.apply(colour * alpha, context)
                colour /= np.where(alpha_out > 0, alpha_out, np.float32(1))
            else:
                colour, alpha_out = item.apply(colour, context), alpha
            result = np.concatenate([colour, alpha_out])
        else:
            result = item.apply(planes, context)
        if self.document.depth == 8:
            result = np.floor(np.clip(result, 0, 1) * np.float32(255) + np.float32(0.5)) * np.float32(1 / 255)
        return result[:, reach : reach + region.height, reach : reach + region.width]

    def _read(self, layer: AnyLayer, reads: str, region: Region) -> F32:
        """Return the colour that a filter reads from elsewhere; transparent parts of it read as they are stored."""
        if reads == "merged":
            beneath = self.beneath(layer.key)
            name = self.cache.number((self.level, "merged", self.stack_key(beneath)))
            return self._assemble(name, region, lambda block: self.compose(beneath, block)[:3])
        planes = self.planes(find(self.document, reads), region)
        return _with_three_planes(unit(planes))[:3]

    def _unfiltered(self, layer: AnyLayer, region: Region) -> Array:
        match layer:
            case FillLayer():
                colour = layer.colour or (Context(depth=self.document.depth).neutral,) * 3
                shape = (3, region.height, region.width)
                return np.broadcast_to(np.array(colour, np.float32)[:, None, None], shape)
            case GroupLayer():
                name = self.cache.number((self.level, self.key(layer, 0)))
                return self._assemble(name, region, lambda block: self.compose(layer.layers, block))
            case AdjustmentLayer():
                raise ValueError(f"the adjustment layer {layer.key} has no pixels of its own to read")
            case PaintLayer():
                return self._at_level(layer.tiles.id, region, layer, lambda r: layer.tiles.read(*r))
            case _:
                return self._at_level(self.key(layer, 0), region, layer, lambda r: self._placed(layer, r))

    def _at_level(
        self, name: Hashable, region: Region, layer: AnyLayer, read: Callable[[Region], Array]
    ) -> Array:
        """Return `read`'s full-size pixels, halved as often as the level says; each level is cached in blocks."""
        if self.level == 0:
            return read(region)
        number = self.cache.number((self.level, "halved", name))

        def compute(block: Region) -> F32:
            finer = self.finer()
            wanted = block.doubled()
            inside = wanted.within(finer.canvas)
            planes = unit(finer._at_level(name, inside, layer, read))
            return halved(_edge_padded(planes, wanted, inside), alpha=len(planes) in (2, 4))

        return self._assemble(number, region, compute)

    def _placed(self, layer: PixelLayer, region: Region) -> Array:
        """Return a source's full-size pixels where the layer puts them; transparent where the source ends."""
        source = self._sources[layer.source]
        colour = source.colour.array
        alpha = None if source.alpha is None else source.alpha.array
        extent = Region(layer.x_px, layer.y_px, colour.shape[2], colour.shape[1])
        canvas = Region(0, 0, self.document.width_px, self.document.height_px)
        inside = region.within(extent)
        if alpha is None and canvas.within(extent) == canvas:
            return colour[(slice(None), *region.slices(extent))]
        out = np.zeros((4, region.height, region.width), colour.dtype)
        if inside.width and inside.height:
            rows, columns = inside.slices(extent)
            target = (slice(None), *inside.slices(region))
            out[:3][target] = colour[:, rows, columns]
            white = WHITE[colour.dtype.name]
            out[3:][target] = white if alpha is None else alpha[rows, columns]
        return out

    # -- masks

    def mask_plane(self, mask: RasterMask, region: Region) -> Array:
        """Return (h, w) of a raster mask, feathered, inverted, thinned by density; else in its tiles' dtype."""
        if mask.feather_px > 0:
            plane = unit(self._feathered(mask, region))
        else:
            plane = self._mask_level(mask.tiles, region)[0]
        if mask.inverted:
            plane = 1 - unit(plane)
        if mask.density < 1:
            plane = 1 - np.float32(mask.density) * (1 - unit(plane))
        return plane

    def _mask_level(self, tiles: Tiles, region: Region) -> Array:
        return self._at_level(("mask", tiles.id), region, None, lambda r: tiles.read(*r))  # type: ignore[arg-type]

    def _feathered(self, mask: RasterMask, region: Region) -> Array:
        from retexture.filters.gaussian_blur import GaussianBlur

        feather = GaussianBlur(radius_px=mask.feather_px).at_level(self.level)
        name = self.cache.number((self.level, "feather", mask.tiles.id, mask.feather_px))

        def compute(block: Region) -> F32:
            halo = block.grown(feather.reach or 0)
            inside = halo.within(self.canvas)
            planes = _edge_padded(unit(self._mask_level(mask.tiles, inside)), halo, inside)
            blurred = feather.apply(planes, Context(x=halo.x, y=halo.y))
            return blurred[(slice(None), *block.slices(halo))]

        if feather.reach is None:
            whole = self.cache.get(name, lambda: compute(self.canvas))
            return np.asarray(whole[0][region.slices(self.canvas)])
        return np.asarray(self._assemble(name, region, compute)[0])

    def mask_planes(self, mask: LayerMask | None, region: Region) -> tuple[Array, ...]:
        """Return the raster planes of a layer mask that are switched on."""
        if mask is None or not mask.enabled:
            return ()
        rasters = [m for m in (mask.painted, *mask.components) if isinstance(m, RasterMask) and m.enabled]
        return tuple(self.mask_plane(m, region) for m in rasters)


def _with_three_planes(planes: F32) -> F32:
    return np.repeat(planes, 3, 0) if len(planes) == 1 else planes


def _edge_padded(planes: Array, wanted: Region, inside: Region) -> Array:
    """Extend planes of `inside` to `wanted` by repeating the edge pixels, as Photoshop's blurs do."""
    if wanted == inside:
        return planes
    top, left = inside.y - wanted.y, inside.x - wanted.x
    bottom, right = wanted.height - inside.height - top, wanted.width - inside.width - left
    return np.pad(planes, ((0, 0), (top, bottom), (left, right)), mode="edge")


def _beneath(layers: tuple[AnyLayer, ...], key: str) -> tuple[AnyLayer, ...] | None:
    for i, layer in enumerate(layers):
        if layer.key == key:
            return layers[:i]
        if isinstance(layer, GroupLayer):
            inner = _beneath(layer.layers, key)
            if inner is not None:
                return (*layers[:i], *inner) if layer.blend_mode is BlendMode.PASS_THROUGH else inner
    return None
