"""Retouching with the picture's own pixels: clone strokes, healing, patches.

What is painted on a picture or fill layer goes to a paint layer clipped to it, named after it with "retouch": the
layer itself stays as it is. On a paint layer it goes to that.
"""

import math
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.document.check import DTYPES
from retexture.document.document import Document, find, walk
from retexture.document.edits import insert_layer, unique_key
from retexture.document.layers import AnyLayer, FillLayer, GroupLayer, PaintLayer, PixelLayer
from retexture.document.pixels import TILE, Tiles
from retexture.document.tree import MERGED, Layers, filters_of
from retexture.engine.modes import BlendMode
from retexture.render.cache import Cache
from retexture.render.region import Region
from retexture.render.render import render
from retexture.session import selections
from retexture.session.brush import Brush
from retexture.session.layer_edits import is_locked, refuse_hidden, siblings, upwards
from retexture.session.session import Session
from retexture.session.strokes import Stroke, full_scale
from retexture.texture.healing import find_clean_source, heal, margin_px, search_px

Array = NDArray[Any]
F32 = NDArray[np.float32]
Offset = tuple[int, int]
"""From a pixel to its source, in px."""

Sample = Literal["current", "below", "all"]

MOST_SEARCH_PX = 600
"""How far around a place its clean texture is looked for, but for places that are larger themselves."""
PICTURE_MODES = frozenset(
    {
        BlendMode.NORMAL,
        BlendMode.PASS_THROUGH,
        BlendMode.DISSOLVE,
        BlendMode.DARKEN,
        BlendMode.LIGHTEN,
        BlendMode.DARKER_COLOR,
        BlendMode.LIGHTER_COLOR,
        BlendMode.HUE,
        BlendMode.SATURATION,
        BlendMode.COLOR,
        BlendMode.LUMINOSITY,
    }
)
"""In these a layer shows colours of its own; in others it holds texture, light or shade."""
FAINT = 0.5 / 255
"""Coverage that shows nowhere."""


class Cover(NamedTuple):
    """How far each pixel of a rectangle is painted: (h, w) float32 0-1, and where its first pixel lies."""

    x: int
    y: int
    plane: F32

    @property
    def region(self) -> Region:
        """The rectangle."""
        return Region(self.x, self.y, self.plane.shape[1], self.plane.shape[0])


class Target(NamedTuple):
    """Where retouching goes: the paint layer's key, in a document that has it; the layer that is retouched."""

    document: Document
    key: str
    layer: str

    @property
    def tiles(self) -> Tiles:
        """What is painted on."""
        layer = find(self.document, self.key)
        assert isinstance(layer, PaintLayer)
        return layer.tiles


def retouch_target(session: Session) -> Target:
    """Return where retouching the selected layer goes, or the only picture in a group that is selected.

    A new layer for it is in the target's document alone.

    Raises:
        ValueError: it cannot be retouched; in words for the user.
    """
    document, layer = session.document, session.active_layer
    if layer is None:
        raise ValueError("Select a layer to retouch")
    if session.quick_mask:
        raise ValueError("Leave Quick Mask (Q) to retouch the picture")
    if isinstance(layer, GroupLayer):
        layer = _picture_in(layer)
    elif session.target != "layer":
        raise ValueError(f"The mask of {layer.name} is selected: click the layer's picture to retouch it")
    if is_locked(document, layer.key):
        raise ValueError(f"{layer.name} is locked: unlock it to retouch it")
    refuse_hidden(document, layer.key)
    if document.selection is not None and selections.is_empty(document.selection):
        raise ValueError("What is selected is empty, so nothing can be retouched: deselect with Ctrl+D")
    if isinstance(layer, PaintLayer):
        base = retouched_by(document, layer.key)
        return Target(document, layer.key, layer.key if base is None else base.key)
    if not isinstance(layer, PixelLayer | FillLayer):
        raise ValueError(
            f"{layer.name} has no texture of its own: select a layer that has, or retouch on a new layer"
        )
    if layer.clipped or not layer.clips_as_group:
        raise ValueError(f"Nothing can be clipped to {layer.name} alone: retouch on a new layer above it")
    found = retouch_of(document, layer.key)
    if found is not None:
        if found.locked:
            raise ValueError(f"{found.name} is locked: unlock it to retouch {layer.name}")
        refuse_hidden(document, found.key)
        return Target(document, found.key, layer.key)
    name = f"{layer.name} retouch"
    new = PaintLayer(
        key=unique_key(document, f"{layer.key} retouch"),
        name=name,
        clipped=True,
        tiles=Tiles(
            document.width_px, document.height_px, background=(0, 0, 0, 0), dtype=DTYPES[document.depth]
        ),
    )
    return Target(insert_layer(document, new, above=layer.key), new.key, layer.key)


def _picture_in(group: GroupLayer) -> PixelLayer:
    """Return the only picture in a group.

    Raises:
        ValueError: there is none, or another one.
    """
    found = [layer for layer in walk(group.layers) if isinstance(layer, PixelLayer)]
    if len(found) != 1:
        raise ValueError(f"{group.name} is a group: select the layer in it that is to be retouched")
    return found[0]


def retouch_of(document: Document, key: str) -> PaintLayer | None:
    """Return the layer that holds the retouching of another one, directly above it; None where there is none."""
    beside = siblings(document, key)
    place = next(i for i, layer in enumerate(beside) if layer.key == key)
    above = beside[place + 1] if place + 1 < len(beside) else None
    if isinstance(above, PaintLayer) and above.clipped and above.key.startswith(f"{key}_retouch"):
        return above
    return None


def retouched_by(document: Document, key: str) -> AnyLayer | None:
    """Return the layer whose retouching a paint layer holds; None where it is one of its own."""
    beside = siblings(document, key)
    place = next(i for i, layer in enumerate(beside) if layer.key == key)
    base = beside[place - 1] if place else None
    own = base is not None and retouch_of(document, base.key)
    return base if own and own.key == key else None


# -- what is sampled


class Sampled:
    """A picture as it was when it began to be sampled, at full size, rendered where it is needed and no further.

    Args:
        document: what is composed.
        cache: of `render`.
        remedy: what the user can do where it is empty.
    """

    def __init__(self, document: Document, cache: Cache, remedy: str = "") -> None:
        self.remedy = remedy
        self.canvas = Region(0, 0, document.width_px, document.height_px)
        self.dtype = np.dtype(DTYPES[document.depth])
        self._document = document
        self._cache = cache
        self._tiles: dict[tuple[int, int], Array] = {}

    def read(self, region: Region) -> Array:
        """Return (4, h, w) of the document's dtype, straight alpha last; nothing outside the document."""
        out = np.zeros((4, region.height, region.width), self.dtype)
        inside = region.within(self.canvas)
        if not (inside.width and inside.height):
            return out
        for row in range(inside.y // TILE, (inside.y + inside.height - 1) // TILE + 1):
            for column in range(inside.x // TILE, (inside.x + inside.width - 1) // TILE + 1):
                tile = Region(column * TILE, row * TILE, TILE, TILE).within(self.canvas)
                part = tile.within(inside)
                out[(slice(None), *part.slices(region))] = self._tile(tile)[(slice(None), *part.slices(tile))]
        return out

    def _tile(self, tile: Region) -> Array:
        found = self._tiles.get(tile[:2])
        if found is None:
            found = self._tiles[tile[:2]] = render(self._document, tile, cache=self._cache)
        return found

    def is_empty(self, region: Region) -> bool:
        """Whether there is nothing to be seen in a region."""
        return not self.read(region)[3].any()

    def unit(self, region: Region) -> F32:
        """Return the same as float32 0-1."""
        planes = self.read(region)
        return planes.astype(np.float32) * np.float32(1 / full_scale(self.dtype))


def sampled_document(document: Document, layer: str, sample: Sample) -> Document:
    """Return what is sampled: a layer's own picture with its retouching, that with all below it, or everything.

    Raises:
        ValueError: the layer holds texture, on which merged layers would lie as a stain; in words for the user.
    """
    texture = _texture(document, layer)
    if sample != "current" and texture is not None:
        mode = texture.blend_mode.label
        raise ValueError(
            f"{texture.name} is in {mode}, so it takes no merged pixels: set Sample to Current Layer"
        )
    if sample == "all":
        return document
    retouch = retouch_of(document, layer)
    base = find(document, layer)
    if sample == "below":
        layers = _up_to(document.layers, (base,) if retouch is None else (base, retouch))
    else:
        alone = msgspec.structs.replace(
            base,
            visible=True,
            opacity=1.0,
            fill=1.0,
            blend_mode=BlendMode.NORMAL,
            clipped=False,
            blend_if=type(base.blend_if)(),
            knockout=False,
            mask=None,
        )
        layers = (alone,) if retouch is None else (alone, retouch)
        if any(item.enabled and item.filter.reads == MERGED for item in filters_of(base)):
            layers = _up_to(document.layers, layers)
    # What is left out may still be read.
    return msgspec.structs.replace(document, layers=layers, hidden=(*document.hidden, *document.layers))


def remedy(document: Document, layer: str, sample: Sample) -> str:
    """Return what helps where there is nothing on what is sampled."""
    alone = sample == "current" and _texture(document, layer) is None
    return "set Sample to Current & Below" if alone else "choose a place where there is something"


def _texture(document: Document, key: str) -> AnyLayer | None:
    """Return what blends a layer's pixels as texture: itself, or a group that it lies in. None: they are a picture."""
    return next((each for each in upwards(document, key) if each.blend_mode not in PICTURE_MODES), None)


def _up_to(layers: Layers, last: Layers) -> Layers:
    """Return the layers from the bottom up to `last`, which take the place of the one with the first one's key."""
    for i, layer in enumerate(layers):
        if layer.key == last[0].key:
            return (*layers[:i], *last)
        if isinstance(layer, GroupLayer):
            inner = _up_to(layer.layers, last)
            if inner:
                return (*layers[:i], msgspec.structs.replace(layer, layers=inner))
    return ()


# -- painting with it


def paint_over(out: Array, base: Array, coverage: F32, colour: Array) -> None:
    """Write to `out` what `base` becomes when other pixels are painted over it through coverage, rounded half up.

    As `engine.paint` does it with one colour: at full coverage the pixels themselves.

    Args:
        out, base: (4, h, w) uint8, uint16 or float32, full scale 255, 65535 or 1, straight alpha last.
        coverage: (h, w) float32, 0-1.
        colour: (3, h, w), in the same scale.
    """
    white = np.float32(full_scale(out.dtype))
    alpha = base[3].astype(np.float32)
    total = alpha + (white - alpha) * coverage
    share = np.minimum(coverage * white / np.where(total > 0, total, np.float32(1)), np.float32(1))
    start = base[:3].astype(np.float32)
    mixed = np.concatenate([start + (colour - start) * share, total[None]])
    out[:] = mixed if out.dtype == np.float32 else np.floor(mixed + np.float32(0.5))


class CloneStroke(Stroke):
    """A stroke that paints with a picture, moved by an offset."""

    def __init__(
        self, tiles: Tiles, brush: Brush, sampled: Sampled, offset: Offset, selection: Tiles | None = None
    ) -> None:
        super().__init__(tiles, brush, (0.0, 0.0, 0.0), selection)
        self._sampled = sampled
        self._offset = offset

    def _paint(self, out: Array, before: Array, coverage: F32, left: int, top: int) -> None:
        height, width = coverage.shape
        dx, dy = self._offset
        source = self._sampled.read(Region(left + dx, top + dy, width, height))
        through = coverage * (source[3] * np.float32(1 / full_scale(source.dtype)))
        paint_over(out, before, through, source[:3])


class MarkStroke(Stroke):
    """A stroke that only notes what it covers."""

    def __init__(self, tiles: Tiles, brush: Brush, selection: Tiles | None = None) -> None:
        super().__init__(tiles, brush, (0.0, 0.0, 0.0), selection)

    def _paint(self, out: Array, before: Array, coverage: F32, left: int, top: int) -> None:
        out[:] = before


def cover_of(stroke: Stroke) -> Cover | None:
    """Return what a stroke covers, as far as it is selected; None where that is nothing."""
    planes = {key: plane for key, plane in stroke.coverage.items() if plane.max() > FAINT}
    if not planes:
        return None
    left, top = (TILE * min(key[axis] for key in planes) for axis in (0, 1))
    right = max(key[0] * TILE + plane.shape[1] for key, plane in planes.items())
    bottom = max(key[1] * TILE + plane.shape[0] for key, plane in planes.items())
    whole = np.zeros((bottom - top, right - left), np.float32)
    for (column, row), plane in planes.items():
        x, y = column * TILE - left, row * TILE - top
        whole[y : y + plane.shape[0], x : x + plane.shape[1]] = plane
    return trimmed(Cover(left, top, whole), stroke.selection)


def trimmed(cover: Cover, selection: Tiles | None = None) -> Cover | None:
    """Return the part of a cover that is selected and shows anything; None where there is none."""
    plane = cover.plane
    if selection is not None:
        plane = plane * (selection.read(*cover.region)[0] * np.float32(1 / full_scale(selection.dtype)))
    plane = np.where(plane > FAINT, plane, np.float32(0))
    rows, columns = np.flatnonzero(plane.any(axis=1)), np.flatnonzero(plane.any(axis=0))
    if not rows.size:
        return None
    y, x = int(rows[0]), int(columns[0])
    return Cover(cover.x + x, cover.y + y, plane[y : rows[-1] + 1, x : columns[-1] + 1])


def polygon_cover(points: Sequence[tuple[float, float]], canvas: Region) -> Cover | None:
    """Return the inside of a closed outline in document pixels, antialiased; None where it holds nothing."""
    if len(points) < 3:
        return None
    inside = selections.polygon((canvas.width, canvas.height), np.array(points, np.float64))
    found = selections.bounds(inside)
    if found is None:
        return None
    return trimmed(Cover(found.x, found.y, inside.read(*found)[0] * np.float32(1 / full_scale(inside.dtype))))


def cloned(tiles: Tiles, cover: Cover, sampled: Sampled, offset: Offset) -> Tiles:
    """Return the tiles with a picture, moved by an offset, painted through a cover."""
    source = sampled.read(_moved(cover.region, offset))
    through = cover.plane * (source[3] * np.float32(1 / full_scale(source.dtype)))
    return _covered(tiles, cover._replace(plane=through), source[:3])


def healed(tiles: Tiles, cover: Cover, sampled: Sampled, offset: Offset) -> Tiles:
    """Return the tiles with a cover healed: the texture at an offset under the picture's own tone.

    The colour that is painted where the cover is half there is such that, through its alpha, the healed picture shows.

    Raises:
        ValueError: the picture has nothing there that could be healed; in words for the user.
    """
    margin = margin_px(np.pad(cover.plane, 1))
    region = cover.region.grown(margin).within(sampled.canvas)
    target, source = sampled.unit(region), sampled.unit(_moved(region, offset))
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
    return _covered(tiles, cover._replace(plane=mask[inner]), colour * np.float32(full_scale(sampled.dtype)))


def _why_nothing(cover: Cover, sampled: Sampled, offset: Offset = (0, 0)) -> str:
    """Return why a cover cannot be healed, and what helps."""
    source = _moved(cover.region, offset).within(sampled.canvas)
    if not (source.width and source.height):
        return "The source lies outside the picture: choose one inside it"
    empty = "There is nothing to heal here" if sampled.is_empty(cover.region) else "The source is empty"
    return f"{empty} on this layer: {sampled.remedy}"


def _moved(region: Region, offset: Offset) -> Region:
    return region._replace(x=region.x + offset[0], y=region.y + offset[1])


def _covered(tiles: Tiles, cover: Cover, colour: Array) -> Tiles:
    before = tiles.read(*cover.region)
    out = np.empty_like(before)
    paint_over(out, before, cover.plane, colour)
    return tiles.written(cover.x, cover.y, out)


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


def whole_offset(source: tuple[float, float], place: tuple[float, float]) -> Offset:
    """Return the offset in whole pixels from a place to its source: nothing is resampled."""
    return math.floor(source[0] + 0.5 - place[0]), math.floor(source[1] + 0.5 - place[1])
