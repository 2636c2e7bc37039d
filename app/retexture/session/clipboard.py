"""Layers and pixels taken from one document into another, or into the same one.

ValueErrors are in words for the user.
"""

from collections.abc import Callable
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.document.check import MASK_DTYPES
from retexture.document.document import Document, Source, find, walk
from retexture.document.edits import insert_layer, rereading, unique_key
from retexture.document.layers import AnyLayer, GroupLayer, PaintLayer, PixelLayer
from retexture.document.pixels import Pixels, Tiles
from retexture.document.transform import Transform
from retexture.document.tree import MERGED, filters_of, placement
from retexture.engine.blend import LUMA
from retexture.files.colour import convert
from retexture.files.images import as_depth
from retexture.render.cache import Cache
from retexture.render.planes import unit
from retexture.render.region import Region
from retexture.render.render import DTYPES, render
from retexture.session import masks, selections
from retexture.session.linked_masks import shifted_tiles, with_planes
from retexture.session.pictures import content_picture
from retexture.session.transform_box import fitted
from retexture.session.transforming import painted_bounds, unique_source_key

CanvasSize = tuple[int, int]


class Clip(NamedTuple):
    """What was copied: a document of one layer. Its pixels are shared with the one that it was copied from."""

    document: Document

    @property
    def layer(self) -> AnyLayer:
        """The layer."""
        return self.document.layers[0]


class Pasted(NamedTuple):
    """A document with what was pasted."""

    document: Document
    key: str
    """Of the new layer."""
    note: str | None
    """What the user should know."""


def reads_others(layer: AnyLayer) -> bool:
    """Whether a layer's content is made of other layers too, so that it cannot stand elsewhere as it is."""
    own = {each.key for each in walk((layer,))}
    return any(
        f.filter.reads is not None and (f.filter.reads == MERGED or f.filter.reads not in own)
        for each in walk((layer,))
        for f in filters_of(each)
    )


def copied_layer(document: Document, key: str) -> Clip:
    """Return a layer with all that it has: mask, filters, transform, members."""
    layer = find(document, key)
    used = {each.source for each in walk((layer,)) if isinstance(each, PixelLayer)}
    sources = tuple(source for source in document.sources if source.key in used)
    bare = msgspec.structs.replace(
        document,
        layers=(msgspec.structs.replace(layer, clipped=False, knockout=False),),
        hidden=(),
        sources=sources,
        links=(),
        metadata={},
        selection=None,
    )
    return Clip(bare)


def copied_pixels(
    document: Document,
    key: str | None,
    *,
    cache: Cache,
    cancelled: Callable[[], bool] = lambda: False,
) -> Clip:
    """Return the pixels of a layer, through its filters, or of all that is seen, as far as they are selected.

    They lie where they were. Takes long: for a worker thread.

    Args:
        document: where from.
        key: of the layer; None takes the merged picture.
        cache: of `render`.
        cancelled: of `render`.

    Raises:
        ValueError: nothing is there.
        Cancelled: `cancelled` said so.
    """
    name, picture = "Merged", document
    if key is not None:
        layer = find(document, key)
        name, picture = layer.name, content_picture(document, layer)
    selection = document.selection
    region = Region(0, 0, document.width_px, document.height_px)
    if selection is not None:
        around = selections.bounds(selection)
        if around is None:
            raise ValueError("What is selected is empty: deselect with Ctrl+D, or select something")
        region = Region(*around)
    planes = render(picture, region, cache=cache, cancelled=cancelled)
    alpha = planes[3]
    if selection is not None:
        weight = unit(selection.read(*region)[0])
        white = 1.0 if alpha.dtype == np.float32 else float(np.iinfo(alpha.dtype).max)
        seen = unit(alpha) * weight
        alpha = seen if alpha.dtype == np.float32 else np.floor(seen * white + 0.5).astype(alpha.dtype)
    rows, columns = (np.flatnonzero(alpha.any(axis)) for axis in (1, 0))
    if not len(rows):
        where = "selected of it" if selection is not None else "on it"
        raise ValueError(f"{name} has no pixels {where}: there is nothing to copy")
    inside = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    colour = planes[:1] if document.mode == "grey" else planes[:3]
    cut = alpha[inside]
    opaque = bool((cut == (1 if cut.dtype == np.float32 else np.iinfo(cut.dtype).max)).all())
    source = Source(
        key="pixels",
        name=name,
        colour=Pixels(np.ascontiguousarray(colour[:, inside[0], inside[1]])),
        alpha=None if opaque else Pixels(np.ascontiguousarray(cut)),
    )
    x, y = region.x + int(columns[0]), region.y + int(rows[0])
    pixels = PixelLayer(key="pixels", name=name, source="pixels", x_px=x, y_px=y)
    bare = msgspec.structs.replace(
        document, layers=(pixels,), hidden=(), sources=(source,), links=(), metadata={}, selection=None
    )
    return Clip(bare)


def shared_picture(
    clip: Clip, *, cache: Cache, cancelled: Callable[[], bool] = lambda: False
) -> NDArray[np.uint8]:
    """Return what other programs get of a copy: its pixels through its filters, without its mask, in sRGB.

    Takes long: for a worker thread.

    Returns:
        (h, w, 4) uint8: blue, green, red and straight alpha.

    Raises:
        InputError: a damaged profile.
        ValueError: it has no pixels.
        Cancelled: `cancelled` said so.
    """
    picture = copied_pixels(clip.document, clip.layer.key, cache=cache, cancelled=cancelled).document
    (source,) = picture.sources
    colour = as_depth(convert(source.colour.array, picture.icc, None), 8)
    _, height, width = colour.shape
    alpha = None if source.alpha is None else as_depth(source.alpha.array[None], 8)[0]
    shared = np.full((height, width, 4), 255, np.uint8)
    for i, plane in enumerate(colour[::-1] if len(colour) == 3 else np.repeat(colour, 3, axis=0)):
        shared[..., i] = plane
    if alpha is not None:
        shared[..., 3] = alpha
    return shared


def pasted(document: Document, clip: Clip, above: str | None, *, name: str | None = None) -> Pasted:
    """Return a document with a copy as a new layer, and nothing selected.

    On a canvas of the same size it lies where it was, else in the middle.

    Colours are converted to the document's profile, depth and mode. Takes long where they differ: for a worker thread.

    Args:
        document: the one to change.
        clip: what was copied.
        above: key of the layer beneath the new one; None is on top of all.
        name: of the new layer; None keeps the copied one's.

    Raises:
        InputError: a damaged profile.
    """
    size, from_size = ((d.width_px, d.height_px) for d in (document, clip.document))
    layer, note = clip.layer, None
    dx = dy = 0
    if size != from_size:
        left, top, right, bottom = _bounds(clip)
        scale = fitted((max(round(right - left), 1), max(round(bottom - top), 1)), size)
        if scale < 1 and isinstance(layer, PixelLayer):
            layer = _scaled(layer, scale)
            note = (
                f"{layer.name} is larger than the document: it is fitted into it, at {scale:.1%} of its size"
            )
        elif scale < 1:
            note = f"{layer.name} is larger than the document: what is outside it cannot be seen"
        # Of the layer itself, but not of less than whole pixels: what was sharp stays sharp.
        dx, dy = round((size[0] - left - right) / 2), round((size[1] - top - bottom) / 2)
    keys: dict[str, str] = {}
    for each in walk((layer,)):
        keys[each.key] = unique_key(document, name if each is layer and name else each.key, keys.values())
    sources: list[Source] = []
    renamed: dict[str, str] = {}
    for source in clip.document.sources:
        made = _converted_source(source, clip.document, document)
        same = next(
            (s for s in (*document.sources, *sources) if (s.colour, s.alpha) == (made.colour, made.alpha)),
            None,
        )
        if same is None:
            holder = msgspec.structs.replace(document, sources=(*document.sources, *sources))
            same = msgspec.structs.replace(made, key=unique_source_key(holder, keys[layer.key]))
            sources.append(same)
        renamed[source.key] = same.key

    def fit(tiles: Tiles) -> Tiles:
        wanted = np.dtype(MASK_DTYPES[document.depth][0])
        return masks.converted(shifted_tiles(tiles, dx, dy, size), wanted)

    def moved(each: AnyLayer) -> AnyLayer:
        changes: dict[str, object] = {
            "key": keys[each.key],
            "mask": each.mask and with_planes(each.mask, fit),
        }
        if filters_of(each):
            changes["filters"] = tuple(
                msgspec.structs.replace(
                    rereading(f, keys),
                    mask=f.mask and msgspec.structs.replace(f.mask, tiles=fit(f.mask.tiles)),
                )
                for f in filters_of(each)
            )
        if isinstance(each, PixelLayer):
            changes |= {"source": renamed[each.source], "x_px": each.x_px + dx, "y_px": each.y_px + dy}
        elif isinstance(each, PaintLayer):
            painted = _converted_paint(each.tiles, clip.document, document)
            changes["tiles"] = shifted_tiles(painted, dx, dy, size)
        elif isinstance(each, GroupLayer):
            changes["layers"] = tuple(moved(member) for member in each.layers)
        return msgspec.structs.replace(each, **changes)

    new = msgspec.structs.replace(moved(layer), name=name or layer.name)
    with_sources = msgspec.structs.replace(document, sources=(*document.sources, *sources), selection=None)
    return Pasted(insert_layer(with_sources, new, above=above), new.key, note)


def needs_conversion(clip: Clip, document: Document) -> bool:
    """Whether pasting takes long."""
    a, b = clip.document, document
    return (a.icc, a.depth, a.mode) != (b.icc, b.depth, b.mode)


def _bounds(clip: Clip) -> tuple[float, float, float, float]:
    """Return (left, top, right, bottom) of what a layer and its members show, unmasked; the canvas where it is all."""
    boxes = []
    for each in walk((clip.layer,)):
        if isinstance(each, PixelLayer):
            boxes.append(placement(clip.document, each).bounds())
        elif isinstance(each, PaintLayer) and (found := painted_bounds(each.tiles)) is not None:
            x, y, width, height = found
            boxes.append((x, y, x + width, y + height))
    if not boxes:
        return 0, 0, clip.document.width_px, clip.document.height_px
    edges = np.array(boxes, np.float64)
    (left, top), (right, bottom) = edges[:, :2].min(0), edges[:, 2:].max(0)
    return float(left), float(top), float(right), float(bottom)


def _scaled(layer: PixelLayer, scale: float) -> PixelLayer:
    t = layer.transform
    smaller: Transform = msgspec.structs.replace(
        t, scale_x=max(t.scale_x * scale, 0.001), scale_y=max(t.scale_y * scale, 0.001)
    )
    return msgspec.structs.replace(layer, transform=smaller)


def _converted_source(source: Source, origin: Document, target: Document) -> Source:
    """Return a source in another document's profile, depth and mode; the same one where they are the same."""
    if (origin.icc, origin.depth, origin.mode) == (target.icc, target.depth, target.mode):
        return source
    colour = _converted(source.colour.array, origin, target)
    alpha = None if source.alpha is None else Pixels(as_depth(source.alpha.array[None], target.depth)[0])
    # Its file would be read again in the other document's colours.
    return Source(key=source.key, name=source.name, colour=Pixels(colour), alpha=alpha)


def _converted(colour: np.ndarray, origin: Document, target: Document) -> np.ndarray:
    icc = origin.icc
    if target.mode == "grey" and len(colour) == 3:
        # In the picture's own profile first: a grey profile has no place for colours.
        luma = np.tensordot(np.array(LUMA, np.float32), unit(colour), 1)[None]
        return np.ascontiguousarray(as_depth(np.asarray(luma, np.float32), target.depth))
    made = as_depth(convert(colour, icc, target.icc), target.depth)
    if target.mode == "rgb" and len(made) == 1:
        made = np.repeat(made, 3, axis=0)
    return np.ascontiguousarray(made)


def _converted_paint(tiles: Tiles, origin: Document, target: Document) -> Tiles:
    if (origin.icc, origin.depth, origin.mode) == (target.icc, target.depth, target.mode):
        return tiles
    found: dict[tuple[int, int], Pixels] = {}
    for place, tile in tiles.tiles.items():
        colour = tile.array[:1] if origin.mode == "grey" else tile.array[:3]
        made = _converted(np.ascontiguousarray(colour), origin, target)
        three = np.repeat(made, 3, axis=0) if len(made) == 1 else made
        alpha = as_depth(np.ascontiguousarray(tile.array[3:]), target.depth)
        found[place] = Pixels(np.concatenate([three, alpha]))
    dtype = DTYPES[target.depth]
    return Tiles(tiles.width_px, tiles.height_px, background=(0, 0, 0, 0), dtype=dtype, tiles=found)
