"""What a layer holds before it meets the picture beneath: its pixels at a level, through its smart filters.

Every function returns planes for a region: (3, h, w), or (4, h, w) with straight alpha last, or (1, h, w) for the
unfiltered pixels of a grey document. Filtered planes are float32 0-1; unfiltered ones have their source's dtype.
What a layer has outside the canvas is not read by its filters.
"""

import functools
import math
from collections.abc import Callable, Hashable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from retexture.document.document import Document, Source, find
from retexture.document.layers import (
    AdjustmentLayer,
    AnyLayer,
    FillLayer,
    GroupLayer,
    LayerMask,
    PaintLayer,
    PixelLayer,
    RasterMask,
)
from retexture.document.lazy_tiles import LazyTiles
from retexture.document.pixels import TILE, Box, Tiles
from retexture.document.transform import Placement
from retexture.document.tree import MERGED, beneath, everything, placement
from retexture.engine.blend import LUMA
from retexture.engine.reference import WHITE
from retexture.filters.base import Context, Filter
from retexture.filters.gaussian_blur import GaussianBlur
from retexture.render.applying import apply_with_alpha, mixed
from retexture.render.cache import Cache
from retexture.render.keys import Keys, digest, enabled, identity
from retexture.render.opaque import fills_canvas
from retexture.render.placing import resampled, turned, whole_extent
from retexture.render.planes import edge_padded, halved, unit, with_three_planes
from retexture.render.region import Region, blocks

Array = NDArray[Any]
F32 = NDArray[np.float32]
ComposeGroup = Callable[[tuple[AnyLayer, ...], Region], F32]


class Cancelled(Exception):
    """The render was given up because its result is no longer wanted."""


class Contents:
    """The layers' contents of one document at one preview level."""

    def __init__(
        self,
        document: Document,
        level: int,
        cache: Cache,
        compose: ComposeGroup,
        cancelled: Callable[[], bool] = lambda: False,
        direct: bool = False,
        cached_only: bool = False,
        draft: bool = False,
    ) -> None:
        """Prepare them. `direct` computes what is not cached for the region that is asked for, and keeps it nowhere;
        `cached_only` gives up there. `draft` reads what is transformed the quickest way, in direct renders alone.
        """
        self.document = document
        self.level = level
        self._direct = direct
        self._cached_only = cached_only
        # What reads a whole picture is kept even of a direct render, so it must not be of drafts.
        self._draft = (draft and direct) and all(
            f.filter.reach is not None for layer in everything(document) for f in enabled(layer)
        )
        self.canvas = Region(0, 0, -(-document.width_px >> level), -(-document.height_px >> level))
        self._cache = cache
        self._compose = compose
        self._cancelled = cancelled
        self._keys = Keys(document, level, cache)
        self._whole: dict[int, Array] = {}
        self._sources: dict[str, Source] = {s.key: s for s in document.sources}

    def _finer(self, levels: int = 1) -> "Contents":
        """Return the same document at a finer level."""
        return Contents(
            self.document,
            self.level - levels,
            self._cache,
            self._compose,
            self._cancelled,
            self._direct,
            self._cached_only,
            self._draft,
        )

    def is_plain(self, layer: AnyLayer) -> bool:
        """Whether a layer's content is read straight from an array, with nothing to compute or cache."""
        if isinstance(layer, PixelLayer) and placement(self.document, layer).whole_pixels is None:
            return False
        return not enabled(layer) and not isinstance(layer, GroupLayer) and self.level == 0

    # -- pixels

    def planes(self, layer: AnyLayer, region: Region) -> Array:
        """Return a layer's content, through all its filters, for a region inside the canvas."""
        return self._stage(layer, len(enabled(layer)), region)

    def _stage(self, layer: AnyLayer, count: int, region: Region) -> Array:
        if count == 0:
            return self._unfiltered(layer, region)
        filters = enabled(layer)
        item = filters[count - 1].filter.at_level(self.level)
        if item.reach == 0 and item.reads is None and count < len(filters):
            return self._filtered(layer, count, item, region)
        name = self._keys.content(layer, count)
        if item.reach is None:
            return self._from_whole(name, region, lambda: self._filtered(layer, count, item, self.canvas))
        return self._assemble(name, region, lambda block: self._filtered(layer, count, item, block))

    def _from_whole(self, name: int, region: Region, compute: Callable[[], Array]) -> Array:
        """Cut a region from a stage computed in one piece, which is kept to this render's end whatever its size."""
        if self._cached_only and not self._cache.has(name):
            raise Cancelled
        if name not in self._whole:
            self._whole[name] = self._cache.get(name, compute)
        return self._whole[name][(slice(None), *region.slices(self.canvas))]

    def _assemble(
        self,
        name: int,
        region: Region,
        compute: Callable[[Region], Array],
        *,
        keep: bool = False,
        canvas: Region | None = None,
    ) -> Array:
        """Cut a region from canonical blocks; a view where one block holds it. `keep`: also where all is direct."""
        out: Array | None = None
        met = list(blocks(region, canvas or self.canvas))
        if (self._direct or self._cached_only) and not keep:
            if not all(self._cache.has((name, block.x, block.y)) for block, _ in met):
                self._give_way()
                if self._cached_only:
                    raise Cancelled
                return compute(region)
        for block, part in met:
            self._give_way()
            array = self._cache.get((name, block.x, block.y), lambda block=block: compute(block))  # type: ignore[misc]
            cut = array[(slice(None), *part.slices(block))]
            if part == region:
                return cut
            if out is None:
                out = np.empty((len(array), region.height, region.width), array.dtype)
            out[(slice(None), *part.slices(region))] = cut
        assert out is not None, "an empty region has no blocks"
        return out

    def _give_way(self) -> None:
        if self._cancelled():
            raise Cancelled

    def _filtered(self, layer: AnyLayer, count: int, item: Filter, region: Region) -> F32:
        self._give_way()
        filters = enabled(layer)
        reach = item.reach or 0
        # Transparent pixels take colour from as far again.
        halo = region.grown(2 * reach if reach and self._may_be_transparent(layer) else reach)
        inside = halo.within(self.canvas)
        planes = with_three_planes(unit(self._stage(layer, count - 1, inside)))
        if len(planes) == 4 and not self._may_be_transparent(layer):
            planes = planes[:3]  # of a group that is opaque
        planes = edge_padded(planes, halo, inside)
        other = None
        if item.reads is not None:
            other = edge_padded(self._read(layer, item.reads, inside), halo, inside)
        context = Context(depth=self.document.depth, x=halo.x, y=halo.y, step=1 << self.level, other=other)
        if len(planes) == 4:
            result = apply_with_alpha(item, planes, context)
        else:
            result = item.apply(planes, context)
        mask = filters[count - 1].mask
        if mask is not None and mask.enabled:
            rows, columns = region.slices(halo)
            weight = unit(self.mask_plane(mask, region))
            result = mixed(planes[:, rows, columns], result[:, rows, columns], weight)
            halo = region
        if self.document.mode == "grey":
            result[1:3] = result[0]
        if self.document.depth == 8:
            result = np.floor(np.clip(result, 0, 1) * np.float32(255) + np.float32(0.5)) * np.float32(1 / 255)
        return result[(slice(None), *region.slices(halo))]

    def _may_be_transparent(self, layer: AnyLayer) -> bool:
        if isinstance(layer, PixelLayer):
            return self._sources[layer.source].alpha is not None or not self._covers_canvas(layer)
        if isinstance(layer, GroupLayer):
            return not fills_canvas(self.document, layer.layers)
        return not isinstance(layer, FillLayer)

    def _read(self, layer: AnyLayer, reads: str, region: Region) -> F32:
        """Return the colour that a filter reads from elsewhere, over white where that is transparent."""
        if reads == MERGED:
            below = beneath(self.document, layer.key)
            name = self._keys.number("merged", self._keys.stack(below))
            planes = self._assemble(name, region, lambda block: self._compose(below, block))
        else:
            planes = with_three_planes(unit(self.planes(find(self.document, reads), region)))
        return planes if len(planes) == 3 else planes[:3] * planes[3] + (1 - planes[3])

    def _unfiltered(self, layer: AnyLayer, region: Region) -> Array:
        match layer:
            case FillLayer():
                colour = layer.colour or (Context(depth=self.document.depth).neutral,) * 3
                if self.document.mode == "grey":
                    colour = (sum(weight * c for weight, c in zip(LUMA, colour, strict=True)),) * 3
                shape = (3, region.height, region.width)
                return np.broadcast_to(np.array(colour, np.float32)[:, None, None], shape)
            case GroupLayer():
                name = self._keys.content(layer, 0)
                return self._assemble(name, region, lambda block: self._compose(layer.layers, block))
            case AdjustmentLayer():
                raise ValueError(f"the adjustment layer {layer.key} has no pixels of its own to read")
            case PaintLayer():
                return self._tiles_at_level(layer.tiles, region)
            case _:
                place = placement(self.document, layer)
                pixels = (*_ids(self._sources[layer.source]), layer.x_px, layer.y_px, layer.transform)
                if place.whole_pixels is None or self._under_the_hand(layer, pixels, region):
                    return self._resampled(layer, place, pixels, region)
                return self._at_level(pixels, region, lambda r: self._placed(layer, r))

    def _at_level(self, pixels: Hashable, region: Region, read: Callable[[Region], Array]) -> Array:
        """Return `read`'s full-size pixels, halved as often as the level says; each level is cached in blocks."""
        if self.level == 0:
            return read(region)

        # Even levels come from the next even one: the level between would fill the cache and is rarely looked at.
        steps = 1 if self.level % 2 else 2

        def compute(block: Region) -> F32:
            finer = self._finer(steps)
            wanted = block.doubled() if steps == 1 else block.doubled().doubled()
            inside = wanted.within(finer.canvas)
            planes = unit(finer._at_level(pixels, inside, read))
            planes = edge_padded(planes, wanted, inside)
            for _ in range(steps):
                planes = halved(planes, alpha=len(planes) == 4)
            return planes

        return self._assemble(self._keys.number("halved", pixels), region, compute, keep=True)

    def _placed(self, layer: PixelLayer, region: Region) -> Array:
        """Return a source's full-size pixels where the layer puts them, whole; transparent where the source ends."""
        source = self._sources[layer.source]
        colour = source.colour.array
        alpha = None if source.alpha is None else source.alpha.array[None]
        extent, matrix = whole_extent(placement(self.document, layer))
        inside = region.within(extent)
        if alpha is None and inside == region and self._covers_canvas(layer):
            return turned(colour, matrix, extent, region)
        out = np.zeros((4, region.height, region.width), colour.dtype)
        if inside.width and inside.height:
            target = (slice(None), *inside.slices(region))
            out[:3][target] = turned(colour, matrix, extent, inside)
            white = WHITE[colour.dtype.name]
            out[3:][target] = white if alpha is None else turned(alpha, matrix, extent, inside)
        return out

    def _covers_canvas(self, layer: PixelLayer) -> bool:
        place = placement(self.document, layer)
        if place.whole_pixels is None:
            return False
        canvas = Region(0, 0, self.document.width_px, self.document.height_px)
        return canvas.within(whole_extent(place)[0]) == canvas

    def _under_the_hand(self, layer: PixelLayer, pixels: Hashable, region: Region) -> bool:
        """Whether a layer of whole pixels is being moved: then halving it anew for each place would take long."""
        if (
            not self._draft
            or self.level == 0
            or not (layer.x_px or layer.y_px or not layer.transform.is_identity)
        ):
            return False
        name = self._keys.number("halved", pixels)
        return not all(self._cache.has((name, b.x, b.y)) for b, _ in blocks(region, self.canvas))

    def _resampled(self, layer: PixelLayer, place: Placement, pixels: Hashable, region: Region) -> F32:
        """Return a transformed source's pixels; nothing is computed or kept where it does not lie."""
        left, top, right, bottom = (v / (1 << self.level) for v in place.bounds())
        x, y = math.floor(left) - 1, math.floor(top) - 1
        extent = Region(x, y, math.ceil(right) + 1 - x, math.ceil(bottom) + 1 - y)
        inside = region.within(extent)
        if not (inside.width and inside.height):
            return np.zeros((4, region.height, region.width), np.float32)
        source = self._sources[layer.source]
        ends = math.inf if self.document.depth == 32 else 1.0

        def compute(part: Region) -> F32:
            self._give_way()
            size = (place.width_px, place.height_px)
            reduced = functools.partial(self._reduced, source)
            planes = resampled(place, part, self.level, reduced, size, draft=self._draft)
            if ends == 1:
                np.clip(planes, 0, 1, out=planes)
            if self.document.depth == 8 and self.level == 0:
                planes = np.floor(planes * np.float32(255) + np.float32(0.5)) * np.float32(1 / 255)
            return np.concatenate([planes[:1]] * 3 + [planes[1:]]) if len(planes) == 2 else planes

        found = self._assemble(self._keys.number("transformed", pixels), inside, compute)
        if inside == region:
            return found
        out = np.zeros((4, region.height, region.width), np.float32)
        out[(slice(None), *inside.slices(region))] = found
        return out

    def _reduced(self, source: Source, halvings: tuple[int, int], region: Region) -> F32:
        """Return a source halved so often in x and in y, (C, h, w) float32; any alpha last, and premultiplied."""
        nx, ny = halvings
        _, height, width = source.colour.array.shape
        if nx == ny == 0:
            rows, columns = region.slices(Region(0, 0, width, height))
            planes = unit(source.colour.array[:, rows, columns])
            if source.alpha is None:
                return planes
            alpha = unit(source.alpha.array[rows, columns])[None]
            return np.concatenate([planes * alpha, alpha])
        # Two halvings at a time: the copy between would fill the cache.
        sx, sy = (0 if n == 0 else 1 if n % 2 else 2 for n in halvings)
        if sx and sy and sx != sy:
            sx = sy = 1
        whole = Region(0, 0, -(-width >> nx), -(-height >> ny))
        finer = Region(0, 0, -(-width >> (nx - sx)), -(-height >> (ny - sy)))

        def compute(block: Region) -> F32:
            self._give_way()
            wanted = Region(block.x << sx, block.y << sy, block.width << sx, block.height << sy)
            inside = wanted.within(finer)
            planes = self._reduced(source, (nx - sx, ny - sy), inside)
            planes = edge_padded(planes, wanted, inside)
            size = (block.width, block.height)
            return np.stack(
                [cv2.resize(np.ascontiguousarray(p), size, interpolation=cv2.INTER_AREA) for p in planes]
            )

        name = self._cache.number(("reduced", _ids(source), nx, ny))
        return self._assemble(name, region, compute, keep=True, canvas=whole)

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

    def _tiles_at_level(self, tiles: Tiles, region: Region) -> Array:
        """Return tiles, halved as often as the level says: a block is known by the tiles in it, so that a stroke costs
        no more than the blocks that it meets.
        """
        if isinstance(tiles, LazyTiles) and not tiles.known:
            if self._cached_only:
                raise Cancelled
            preview = tiles.preview
            if preview is not None and (self.level or self._direct):
                return preview(self.level, region, self._tiles_of_level)
        if self.level == 0:
            return tiles.read(*region)

        def compute(block: Region) -> F32:
            finer = self._finer()
            wanted = block.doubled()
            inside = wanted.within(finer.canvas)
            planes = unit(finer._tiles_at_level(tiles, inside))
            return halved(edge_padded(planes, wanted, inside), alpha=len(planes) == 4)

        out = np.empty((len(tiles.background), region.height, region.width), np.float32)
        empty = unit(np.array(tiles.background, tiles.dtype))[:, None, None]
        for block, part in blocks(region, self.canvas):
            self._give_way()
            ids = self._ids(tiles, block)
            if not any(ids):
                out[(slice(None), *part.slices(region))] = empty
                continue
            name = self._keys.number("tiles", tiles.background, digest(ids))
            array = self._cache.get((name, block.x, block.y), lambda block=block: compute(block))  # type: ignore[misc]
            out[(slice(None), *part.slices(region))] = array[(slice(None), *part.slices(block))]
        return out

    def _tiles_of_level(self, tiles: Tiles, level: int, box: Box) -> Array:
        contents = self if level == self.level else self._finer(self.level - level)
        return contents._tiles_at_level(tiles, Region(*box))

    def _ids(self, tiles: Tiles, block: Region) -> tuple[str | None, ...]:
        """Return the ids of the tiles that a block shows, None for those that are background."""
        x, y, width, height = (v << self.level for v in block)
        columns = range(x // TILE, -(-(x + width) // TILE))
        rows = range(y // TILE, -(-(y + height) // TILE))
        found = (tiles.tiles.get((column, row)) for row in rows for column in columns)
        return tuple(None if tile is None else tile.id for tile in found)

    def _mask_level(self, tiles: Tiles, region: Region) -> Array:
        return self._tiles_at_level(tiles, region)

    def _feathered(self, mask: RasterMask, region: Region) -> Array:
        feather = GaussianBlur(radius_px=mask.feather_px).at_level(self.level)
        name = self._keys.number("feather", identity(mask.tiles), mask.feather_px)

        def compute(block: Region) -> F32:
            halo = block.grown(feather.reach or 0)
            inside = halo.within(self.canvas)
            planes = edge_padded(unit(self._mask_level(mask.tiles, inside)), halo, inside)
            blurred = feather.apply(planes, Context(x=halo.x, y=halo.y))
            return blurred[(slice(None), *block.slices(halo))]

        if feather.reach is None:
            return np.asarray(self._from_whole(name, region, lambda: compute(self.canvas))[0])
        return np.asarray(self._assemble(name, region, compute)[0])

    def mask_planes(self, mask: LayerMask | None, region: Region) -> tuple[Array, ...]:
        """Return the raster planes of a layer mask that are switched on."""
        if mask is None or not mask.enabled:
            return ()
        rasters = [m for m in (mask.painted, *mask.components) if isinstance(m, RasterMask) and m.enabled]
        return tuple(self.mask_plane(m, region) for m in rasters)


def _ids(source: Source) -> tuple[str, str | None]:
    return source.colour.id, None if source.alpha is None else source.alpha.id
