"""Selections made from the picture: by colour, by luminosity, from a layer's transparency or mask."""

from collections.abc import Callable
from typing import Annotated, Literal

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.declare import described, number
from retexture.document.document import Document, find
from retexture.document.layers import Range
from retexture.document.pixels import Tiles
from retexture.engine.blend import REAL
from retexture.engine.lab import distance, lab
from retexture.engine.program import LuminosityOp
from retexture.engine.reference import luminosity_weight
from retexture.files.colour import convert
from retexture.render.cache import Cache
from retexture.render.planes import unit
from retexture.render.region import Region
from retexture.render.render import Cancelled, render, workers
from retexture.render.stack import Stack
from retexture.session import masks
from retexture.session.pictures import content_picture, layer_picture
from retexture.session.selections import FULL, U16, CanvasSize, everything, from_plane

F32 = NDArray[np.float32]
Lab = tuple[float, float, float]
Ask = Callable[[], bool]

BAND = 256
"""Rows that are judged at a time."""


class WandSettings(msgspec.Struct, frozen=True):
    """What the magic wand selects."""

    tolerance: Annotated[
        float, number(0, 100, unit="ΔE", help="Distance in Lab up to which colours are the same")
    ] = 10.0
    antialias: Annotated[bool, described("Smooth edges: beside them pixels are partly selected")] = True
    contiguous: Annotated[bool, described("Only what is connected to the pixel that is clicked")] = True
    all_layers: Annotated[bool, described("Judge the picture as it shows; off: the selected layer alone")] = (
        True
    )
    sample: Annotated[
        Literal["point", "3x3", "5x5"], described("Take the colour of the pixel, or the mean around it")
    ] = "point"


class ColourRange(msgspec.Struct, frozen=True):
    """Which colours are selected, and how softly."""

    tolerance: Annotated[
        float, number(0, 100, unit="ΔE", help="Distance in Lab up to which colours are selected fully")
    ] = 10.0
    falloff: Annotated[
        float, number(0, 100, unit="ΔE", help="Distance beyond it over which the selection fades")
    ] = 10.0
    colours: tuple[Lab, ...] = ()
    """L*, a*, b*: the nearest one counts."""


class LuminosityRange(msgspec.Struct, frozen=True):
    """Which lightness is selected, as luminosity masks have it."""

    kind: Annotated[
        Literal["lights", "midtones", "darks", "range"],
        described("Lights L^n, Midtones (4L(1-L))^n, Darks (1-L)^n, or a range with split ends"),
    ] = "lights"
    power: Annotated[int, number(1, 3, help="n: each step narrows the selection")] = 1
    range: Annotated[Range, described("Ends of the range, in 8-bit numbers")] = Range()


# -- the picture that is judged


def shown(document: Document, layer: str | None = None) -> Document:
    """Return what is judged: the picture, or one layer's content through its filters."""
    return document if layer is None else layer_picture(document, find(document, layer))


def srgb(
    document: Document,
    region: Region | None = None,
    level: int = 0,
    *,
    cache: Cache,
    cancelled: Ask = lambda: False,
    direct: bool = False,
) -> U16:
    """Return a document's colours as (3, h, w) uint16 sRGB; `region`, `level` and `direct` are those of `render`.

    Colours outside sRGB become the nearest inside it; what is transparent counts as the colour that it hides.

    Raises:
        Cancelled: `cancelled` said so.
    """
    planes = render(document, region, level, alpha=False, cache=cache, direct=direct, cancelled=cancelled)
    if document.icc is not None and document.mode == "rgb":
        planes = convert(planes, document.icc, None)
    if planes.dtype == np.uint8:
        return np.multiply(planes, 257, dtype=np.uint16)
    if planes.dtype == np.float32:
        planes = np.rint(np.clip(planes, 0, 1) * FULL)
    return np.asarray(planes, np.uint16)


def colour_at(document: Document, x: int, y: int, radius_px: int = 0, *, cache: Cache) -> Lab | None:
    """Return the mean L*, a*, b* of the square around a pixel, as far as it is inside; None outside the picture."""
    if not (0 <= x < document.width_px and 0 <= y < document.height_px):
        return None
    edge = 2 * radius_px + 1
    canvas = Region(0, 0, document.width_px, document.height_px)
    region = Region(x - radius_px, y - radius_px, edge, edge).within(canvas)
    mean = lab(srgb(document, region, cache=cache, direct=True)).mean((1, 2), dtype=np.float64)
    return tuple(float(v) for v in mean)  # type: ignore[return-value] # three of them


# -- by colour


def similar(
    colours: U16, wanted: tuple[Lab, ...], tolerance: float, falloff: float, cancelled: Ask = lambda: False
) -> U16:
    """Return how far each pixel is selected: fully up to `tolerance` (Delta E 1976) from the nearest wanted colour.

    Args:
        colours: (3, H, W) uint16 sRGB.
        wanted: L*, a*, b*.
        tolerance: 0-100.
        falloff: beyond the tolerance, over how much the selection fades in a straight line.
        cancelled: asked between bands.

    Returns:
        (H, W) uint16.

    Raises:
        Cancelled: `cancelled` said so.
    """
    out = np.empty(colours.shape[1:], np.uint16)

    def judge(top: int) -> None:
        if cancelled():
            raise Cancelled
        planes = lab(colours[:, top : top + BAND])
        nearest = np.full(planes.shape[1:], np.inf, np.float32)
        for colour in wanted:
            np.minimum(nearest, distance(planes, np.array(colour, np.float32)), out=nearest)
        beyond = nearest - np.float32(tolerance)
        weight = (
            np.clip(1 - beyond / np.float32(falloff), 0, 1) if falloff else (beyond <= 0).astype(np.float32)
        )
        out[top : top + BAND] = np.rint(weight * FULL)

    for _ in workers.map(judge, range(0, len(out), BAND)):
        pass
    return out


def connected(plane: U16, x: int, y: int) -> U16:
    """Return the selected part of an (H, W) plane that hangs together with a pixel over its edges."""
    height, width = plane.shape
    found = np.zeros((height + 2, width + 2), np.uint8)
    inside = (plane > 0).astype(np.uint8)
    cv2.floodFill(inside, found, (x, y), 0, flags=4 | cv2.FLOODFILL_MASK_ONLY | (1 << 8))
    return plane * found[1:-1, 1:-1]


def wand(
    document: Document,
    x: int,
    y: int,
    settings: WandSettings,
    layer: str | None = None,
    *,
    cache: Cache,
    cancelled: Ask = lambda: False,
) -> Tiles:
    """Return the pixels whose colour is near that of one pixel.

    Args:
        document: what is judged.
        x, y: the pixel.
        settings: how.
        layer: the selected one, judged where not all layers are.
        cache: for the render.
        cancelled: asked now and then.

    Raises:
        Cancelled: `cancelled` said so.
        ValueError: the pixel is outside the picture; in words for the user.
    """
    picture = shown(document, None if settings.all_layers else layer)
    radius = {"point": 0, "3x3": 1, "5x5": 2}[settings.sample]
    colour = colour_at(picture, x, y, radius, cache=cache)
    if colour is None:
        raise ValueError("Click inside the picture to select colours")
    plane = similar(
        srgb(picture, cache=cache, cancelled=cancelled), (colour,), settings.tolerance, 0, cancelled
    )
    # The pixel that was clicked belongs to it, however far the mean around it is from its own colour.
    plane[y, x] = FULL
    if settings.contiguous:
        plane = connected(plane, x, y)
    if settings.antialias:
        plane = antialiased(plane)
    return from_plane(plane, _size(document))


def antialiased(plane: U16) -> U16:
    """Return a selection of whole pixels with its edges smoothed over a pixel on both sides.

    What was selected stays inside the outline, be it a single pixel.
    """
    soft = cv2.GaussianBlur(plane, (3, 3), 0, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(np.maximum(soft, plane // 2 + plane % 2), np.uint16)


def colour_range(
    document: Document, settings: ColourRange, *, cache: Cache, cancelled: Ask = lambda: False
) -> Tiles:
    """Return the pixels whose colour is near one of some colours, all over the picture.

    Raises:
        Cancelled: `cancelled` said so.
    """
    colours = srgb(document, cache=cache, cancelled=cancelled)
    plane = similar(colours, settings.colours, settings.tolerance, settings.falloff, cancelled)
    return from_plane(plane, _size(document))


# -- by luminosity


def luminous(colours: F32, settings: LuminosityRange) -> U16:
    """Return how far (3, H, W) float32 colours of 0-1 are selected by their luma 0.30/0.59/0.11: (H, W) uint16."""
    ends = settings.range
    trapezoid = (ends.black_low, ends.black_high, ends.white_low, ends.white_high)
    op = LuminosityOp(settings.kind, settings.power, trapezoid, False, 1.0)
    return np.rint(luminosity_weight(colours, op, REAL) * FULL).astype(np.uint16)


def luminosity(
    document: Document, settings: LuminosityRange, *, cache: Cache, cancelled: Ask = lambda: False
) -> Tiles:
    """Return the picture's luminosity, or a range of it, as a selection: as a luminosity mask above it has it.

    Raises:
        Cancelled: `cancelled` said so.
    """
    planes = render(document, alpha=False, cache=cache, cancelled=cancelled)
    out = np.empty(planes.shape[1:], np.uint16)

    def judge(top: int) -> None:
        out[top : top + BAND] = luminous(unit(planes[:, top : top + BAND]), settings)

    for _ in workers.map(judge, range(0, len(out), BAND)):
        pass
    return from_plane(out, _size(document))


# -- from layers, and to masks


def transparency(document: Document, key: str, *, cache: Cache, cancelled: Ask = lambda: False) -> Tiles:
    """Return where a layer's content, through its filters, is opaque; its mask does not count.

    Raises:
        Cancelled: `cancelled` said so.
        KeyError: no layer has that key.
    """
    picture = content_picture(document, find(document, key))
    alpha = render(picture, cache=cache, cancelled=cancelled)[3:]
    return from_tiles(Tiles.from_array(np.ascontiguousarray(alpha)))


def layer_mask(document: Document, key: str, *, cache: Cache) -> Tiles:
    """Return a layer's painted mask as a selection, as it works: feathered, inverted, thinned by its density.

    Raises:
        ValueError: the layer has none; in words for the user.
    """
    layer = find(document, key)
    mask = layer.mask.painted if layer.mask is not None else None
    if mask is None:
        raise ValueError(f"{layer.name} has no painted mask to load")
    if not (mask.feather_px or mask.inverted or mask.density < 1):
        return from_tiles(mask.tiles)
    contents = Stack(document, 0, cache).contents
    plane = unit(contents.mask_plane(mask, contents.canvas))
    return from_plane(np.rint(plane * FULL).astype(np.uint16), _size(document))


def from_tiles(mask: Tiles) -> Tiles:
    """Return a mask's one plane of tiles as a selection, tiles of uint16 shared."""
    return masks.converted(mask, np.dtype(np.uint16))


def as_mask(selection: Tiles | None, document: Document) -> Tiles:
    """Return a selection (None: everything) as a mask's tiles, in the dtype that masks of the document have."""
    tiles = selection or everything(_size(document))
    return masks.converted(tiles, np.dtype(np.uint8 if document.depth == 8 else np.uint16))


def _size(document: Document) -> CanvasSize:
    return document.width_px, document.height_px
