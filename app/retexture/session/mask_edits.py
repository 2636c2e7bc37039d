"""What is done to whole layer masks: added, switched, refined, copied, combined, made of luminosity, cut down.

All raise ValueError, in words for the user, where something cannot be done.
"""

from collections.abc import Callable
from typing import Annotated, Any, Literal

import cv2
import msgspec
import numpy as np

from retexture.declare import number
from retexture.document.check import MASK_DTYPES
from retexture.document.document import Document, walk
from retexture.document.edits import replace_layer, set_parameter
from retexture.document.layers import AnyLayer, LayerMask, LuminosityMask, RasterMask
from retexture.document.pixels import Pixels, Tiles
from retexture.document.settings import component_names
from retexture.document.tree import beneath, known
from retexture.engine.blend import luma
from retexture.engine.guided import guided_by
from retexture.render.cache import Cache
from retexture.render.planes import unit
from retexture.render.region import Region
from retexture.render.render import Cancelled, canvas_size, render
from retexture.session import colour_selection, masks
from retexture.session.layer_edits import unlocked
from retexture.session.selections import FULL
from retexture.session.session import Session
from retexture.session.strokes import full_scale

Way = Literal["multiply", "add", "subtract", "intersect"]
MaskKind = Literal["white", "black", "lights", "darks", "midtones"]
Luminosity = Literal["lights", "midtones", "darks"]

BLOCK_PX = 2048
"""Edge of what is refined of a mask at a time."""


class Refine(msgspec.Struct, frozen=True):
    """How a mask is fitted to the picture's edges."""

    radius_px: Annotated[
        int, number(1, 250, slider=(1, 100), unit="px", help="How far from its edge the mask is changed")
    ] = 20
    edge_strength: Annotated[
        float, number(0, 1, help="How faint an edge of the picture may be for the mask to follow it")
    ] = 0.5

    @property
    def epsilon(self) -> float:
        """The guided filter's: a contrast of 10 % counts as an edge at strength 0, one of 0.1 % at strength 1."""
        return float(10 ** (-2 - 4 * self.edge_strength))


# -- a mask of a layer


def add_mask(session: Session, key: str, kind: MaskKind) -> None:
    """Add a layer mask: a painted one, white or black; or one of the luminosity beneath. It becomes the target."""
    document = session.document
    layer = unlocked(document, key)
    mask = layer.mask or LayerMask()
    if kind in ("white", "black"):
        if mask.painted is not None:
            raise ValueError(f"{layer.name} has a painted mask already")
        make = masks.white if kind == "white" else masks.black
        tiles = make(document.width_px, document.height_px, MASK_DTYPES[document.depth][0])
        mask = msgspec.structs.replace(mask, painted=RasterMask(tiles=tiles), enabled=True)
    else:
        parts = (*mask.components, LuminosityMask(kind=kind))  # type: ignore[arg-type] # its three first kinds
        mask = msgspec.structs.replace(mask, components=parts, enabled=True)
    new = msgspec.structs.replace(layer, mask=mask)
    session.edit("Add Layer Mask", lambda d: replace_layer(d, key, new))
    if mask.painted is not None:
        session.select(key, "mask")


def delete_mask(session: Session, key: str) -> None:
    """Delete a layer's mask with all its components."""
    layer = _masked(session.document, key)
    new = msgspec.structs.replace(layer, mask=None)
    session.edit("Delete Layer Mask", lambda d: replace_layer(d, key, new))


def mask_is_on(mask: LayerMask) -> bool:
    """Whether anything of a mask has an effect."""
    return mask.enabled and any(
        plane is not None and plane.enabled for plane in (mask.painted, *mask.components)
    )


def set_mask_enabled(session: Session, key: str, enabled: bool) -> None:
    """Switch a layer's mask on or off. Where all its parts are off, switching on switches its first one on."""
    layer = _masked(session.document, key)
    assert layer.mask is not None
    label = "Enable Layer Mask" if enabled else "Disable Layer Mask"
    paths = [f"{key}.mask.enabled"]
    if enabled and not mask_is_on(msgspec.structs.replace(layer.mask, enabled=True)):
        part = "painted" if layer.mask.painted is not None else component_names(layer.mask)[0]
        paths.append(f"{key}.mask.{part}.enabled")

    def change(document: Document) -> Document:
        for path in paths:
            document = set_parameter(document, path, enabled)
        return document

    session.edit(label, change)


def _masked(document: Document, key: str) -> AnyLayer:
    layer = unlocked(document, key)
    if layer.mask is None:
        raise ValueError(f"{layer.name} has no mask")
    return layer


# -- refining


def refined(
    document: Document,
    key: str,
    settings: Refine,
    *,
    cache: Cache,
    cancelled: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Tiles:
    """Return a layer's painted mask with its edges where the picture beneath the layer has them. For a worker thread.

    The guide is the grey 0.30 R + 0.59 G + 0.11 B of the picture beneath; of the whole picture where nothing is
    beneath. What is not selected stays as it is.

    Raises:
        Cancelled: `cancelled` said so.
        ValueError: the layer has no painted mask, or is locked.
    """
    tiles = painted_mask(document, key).tiles
    picture = _guide(document, key)
    canvas = Region(0, 0, document.width_px, document.height_px)
    reach = 2 * settings.radius_px
    out = tiles.to_array()
    top_level = np.float32(full_scale(tiles.dtype))
    corners = [(x, y) for y in range(0, canvas.height, BLOCK_PX) for x in range(0, canvas.width, BLOCK_PX)]
    for i, (x, y) in enumerate(corners):
        if cancelled():
            raise Cancelled
        block = Region(x, y, BLOCK_PX, BLOCK_PX).within(canvas)
        around = Region(x - reach, y - reach, block.width + 2 * reach, block.height + 2 * reach)
        around = around.within(canvas)
        plane = unit(tiles.read(*around)[0])
        # What is all white or all black stays so, whatever the picture.
        if plane.min() != plane.max():
            picked = render(picture, around, alpha=False, cache=cache, cancelled=cancelled)
            fitted = guided_by(plane, luma(unit(picked)), settings.radius_px, settings.epsilon)
            levels = np.clip(fitted[block.slices(around)], 0, 1) * top_level
            whole = levels if tiles.dtype == np.float32 else np.rint(levels)
            out[(0, *block.slices(canvas))] = whole
        progress(i + 1, len(corners))
    return masks.within(tiles, Tiles.from_array(out, tiles.background), document.selection)


def refined_part(
    document: Document,
    key: str,
    settings: Refine,
    region: Region,
    level: int,
    *,
    cache: Cache,
    cancelled: Callable[[], bool] = lambda: False,
) -> Tiles:
    """Return a layer's painted mask with a region refined about as `refined` does it, at a preview level.

    Args:
        document, key, settings, cache, cancelled: of `refined`.
        region: in document pixels.
        level: 0 is full size, each further one half of that.

    Raises:
        Cancelled, ValueError: as of `refined`.
    """
    tiles, step = painted_mask(document, key).tiles, 1 << level
    width, height = canvas_size(document, level)
    radius = max(round(settings.radius_px / step), 1)
    reach = 2 * radius
    x, y = region.x // step, region.y // step
    right, bottom = -(-(region.x + region.width) // step), -(-(region.y + region.height) // step)
    around = Region(x - reach, y - reach, right - x + 2 * reach, bottom - y + 2 * reach)
    around = around.within(Region(0, 0, width, height))
    full = Region(around.x * step, around.y * step, around.width * step, around.height * step)
    full = full.within(Region(0, 0, document.width_px, document.height_px))
    size = (around.width, around.height)
    plane = cv2.resize(unit(tiles.read(*full)[0]), size, interpolation=cv2.INTER_AREA)
    guide = render(_guide(document, key), around, level, alpha=False, cache=cache, cancelled=cancelled)
    fitted = guided_by(np.asarray(plane, np.float32), luma(unit(guide)), radius, settings.epsilon)
    if cancelled():
        raise Cancelled
    enlarged = cv2.resize(fitted, (full.width, full.height), interpolation=cv2.INTER_LINEAR)
    part = region.within(full)
    levels = np.clip(enlarged[part.slices(full)], 0, 1) * np.float32(full_scale(tiles.dtype))
    whole = levels if tiles.dtype == np.float32 else np.rint(levels)
    changed = tiles.written(part.x, part.y, np.asarray(whole, tiles.dtype)[None])
    return masks.within(tiles, changed, document.selection)


def _guide(document: Document, key: str) -> Document:
    """Return the picture whose edges a layer's mask follows."""
    below = beneath(document, key)
    if not below:
        return document
    return msgspec.structs.replace(
        document, layers=below, hidden=(*document.hidden, *document.layers), selection=None
    )


def set_refined(session: Session, key: str, before: Tiles, tiles: Tiles) -> None:
    """Take what `refined` made of a mask's tiles, unless the mask has been changed since."""
    if painted_mask(session.document, key).tiles != before:
        raise ValueError("The mask was changed while it was refined: refine it again")
    session.edit("Refine Layer Mask", lambda document: with_tiles(document, key, tiles))


def painted_mask(document: Document, key: str) -> RasterMask:
    """Return the painted mask of a layer that may be changed."""
    layer = unlocked(document, key)
    if layer.mask is None or layer.mask.painted is None:
        raise ValueError(f"{layer.name} has no painted mask: add one first")
    return layer.mask.painted


# -- from layer to layer


def masked_layers(document: Document) -> tuple[AnyLayer, ...]:
    """Return the layers that have a painted mask, from the top."""
    with_mask = (l for l in walk(document.layers) if l.mask is not None and l.mask.painted is not None)
    return tuple(with_mask)[::-1]


def copy_mask(session: Session, key: str, to: str) -> None:
    """Give a layer the mask of another one with all its components, in place of its own."""
    mask, target = known(session.document, key).mask, unlocked(session.document, to)
    if mask is None:
        raise ValueError(f"{known(session.document, key).name} has no mask to copy")
    if key == to:
        return
    new = msgspec.structs.replace(target, mask=mask)
    session.edit(f"Copy Layer Mask to {target.name}", lambda d: replace_layer(d, to, new))


def combined(document: Document, key: str, other: str, way: Way, *, cache: Cache) -> Tiles:
    """Return the painted masks of two layers combined, as they work: feathered, inverted, thinned by their density.

    With a and b of 0-1: multiply is a b, add a + b up to 1, subtract a - b down to 0, intersect the smaller one.
    A layer without a painted mask counts as white.
    """
    layer = unlocked(document, key)
    size = (document.width_px, document.height_px)
    bare = layer.mask is None or layer.mask.painted is None
    a = masks.white(*size) if bare else colour_selection.layer_mask(document, key, cache=cache)
    b = colour_selection.layer_mask(document, other, cache=cache)
    return colour_selection.as_mask(mixed(a, b, way), document)


def mixed(a: Tiles, b: Tiles, way: Way) -> Tiles:
    """Return two masks, one plane of uint16 each, mixed pixel by pixel, rounded."""
    mix = WAYS[way]
    background = int(mix(np.int64(a.background[0]), np.int64(b.background[0])))
    found: dict[tuple[int, int], Pixels] = {}
    for place in a.tiles.keys() | b.tiles.keys():
        levels = (
            np.int64(side.background[0]) if tile is None else tile.array.astype(np.int64)
            for side, tile in ((side, side.tiles.get(place)) for side in (a, b))
        )
        tile = np.asarray(mix(*levels), np.uint16)
        if (tile != background).any():
            found[place] = Pixels(tile)
    return Tiles(a.width_px, a.height_px, background=(background,), tiles=found)


WAYS: dict[Way, Callable[[Any, Any], Any]] = {
    "multiply": lambda a, b: (a * b + FULL // 2) // FULL,
    "add": lambda a, b: np.minimum(a + b, FULL),
    "subtract": lambda a, b: np.maximum(a - b, 0),
    "intersect": np.minimum,
}


def set_combined(session: Session, key: str, tiles: Tiles, way: Way) -> None:
    """Make what `combined` returned a layer's painted mask: it shows as it is, without feather or density."""
    label = f"Combine Layer Masks: {way.capitalize()}"
    session.edit(label, lambda document: with_tiles(document, key, tiles, plain=True))


def with_tiles(document: Document, key: str, tiles: Tiles, *, plain: bool = False) -> Document:
    """Return the document with other tiles of a layer's painted mask; `plain`: without its feather and density."""
    layer = unlocked(document, key)
    mask = layer.mask or LayerMask()
    if plain or mask.painted is None:
        painted = RasterMask(tiles=tiles, name="" if mask.painted is None else mask.painted.name)
    else:
        painted = msgspec.structs.replace(mask.painted, tiles=tiles)
    new = msgspec.structs.replace(layer, mask=msgspec.structs.replace(mask, painted=painted))
    return replace_layer(document, key, new)


# -- luminosity


def add_luminosity(session: Session, key: str, kind: Luminosity, power: int) -> None:
    """Let a luminosity mask of the picture beneath multiply into a layer's mask."""
    layer = unlocked(session.document, key)
    mask = layer.mask or LayerMask()
    parts = (*mask.components, LuminosityMask(kind=kind, power=power))
    new = msgspec.structs.replace(layer, mask=msgspec.structs.replace(mask, components=parts, enabled=True))
    label = f"Mask by {kind.capitalize()} {power}"
    session.edit(label, lambda document: replace_layer(document, key, new))


# -- components


def delete_component(session: Session, key: str, name: str, title: str) -> None:
    """Delete a component of a layer's mask by its name; the mask goes with the last one of what it has."""

    def change(document: Document) -> Document:
        layer = known(document, key)
        assert layer.mask is not None
        names = component_names(layer.mask)
        kept = tuple(c for c, n in zip(layer.mask.components, names, strict=True) if n != name)
        mask = msgspec.structs.replace(layer.mask, components=kept)
        left = mask if kept or mask.painted is not None else None
        return replace_layer(document, key, msgspec.structs.replace(layer, mask=left))

    session.edit(f"Delete {title}", change)
