"""Where the retouching took texture: measured for the overlay, as the mask made of it does not tell how much."""

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.document.document import Document, find
from retexture.document.layers import RasterMask
from retexture.document.pixels import Pixels
from retexture.files.images import as_depth
from retexture.recipes.auto import TEXTURE
from retexture.recipes.base import ORIGINAL, RETOUCHED
from retexture.recipes.measuring import USUAL_FACE
from retexture.render.region import Region
from retexture.session.pictures import has_layer
from retexture.texture.loss import loss_map

U8 = NDArray[np.uint8]

MAP_PX = 1_500_000
"""The map is no larger: it is smooth."""
STRENGTH = 0.75
"""Of the colours over the picture in grey."""
COLOURS = np.asarray(
    cv2.applyColorMap(np.arange(256, dtype=np.uint8), cv2.COLORMAP_INFERNO), np.uint8
).reshape(256, 3)
"""(256, 3), blue, green, red: black where nothing is lost, to yellow where all is."""
_BGRA = np.concatenate([COLOURS, np.full((256, 1), 255, np.uint8)], axis=1).view(np.uint32)[:, 0]


class Heat(msgspec.Struct, frozen=True):
    """Lost texture as colours over a picture."""

    planes: Pixels
    """(2, h, w) uint8, of the picture's aspect: how much is lost, and how far that is shown."""
    of: tuple[str, ...]
    """Ids of the pixels that it was measured on."""


def measured_on(document: Document) -> tuple[str, ...] | None:
    """Return the ids of what the loss is measured on; None where that is not in the document."""
    sources = {source.key: source.colour for source in document.sources}
    skin = _cover(document)
    if document.analysis is None or not skin or not {ORIGINAL, RETOUCHED} <= set(sources):
        return None
    return (sources[ORIGINAL].id, sources[RETOUCHED].id, *(plane.tiles.id for plane in skin))


def measure_loss(document: Document) -> Heat:
    """Measure how much of the original's texture the retouched picture lacks, on skin where they match for certain.

    Raises:
        ValueError: the document has not what it is measured on, or pictures of two sizes.
    """
    of, analysis = measured_on(document), document.analysis
    if of is None or analysis is None:
        raise ValueError("the original, the retouched picture or the mask of the skin is gone")
    size_px = document.width_px, document.height_px
    scale = min(1.0, (MAP_PX / (size_px[0] * size_px[1])) ** 0.5)
    small = max(1, round(size_px[0] * scale)), max(1, round(size_px[1] * scale))
    cover = np.full(small[::-1], 255, np.float32)
    for mask in _cover(document):
        part = cv2.resize(as_depth(mask.tiles.to_array()[0], 8), small, interpolation=cv2.INTER_AREA)
        cover *= part / np.float32(255)
    plane = np.rint(cover).astype(np.uint8)
    face_px = max((face.width_px for face in analysis.faces), default=USUAL_FACE * min(size_px))
    pair = [as_depth(document.source(key).colour.array, 16) for key in (ORIGINAL, RETOUCHED)]
    ratio = loss_map(pair[0], pair[1], plane.astype(np.float32) / np.float32(255), face_px).ratio
    lost = ((1 - np.clip(ratio, 0, 1)) * 255 + 0.5).astype(np.uint8)
    return Heat(Pixels(np.stack([lost, plane])), of)


def lay_heat(pixels: U8, heat: Heat, region: Region, size_px: tuple[int, int]) -> None:
    """Turn pixels to grey, and colour them by what is lost.

    Args:
        pixels: (h, w, 4) uint8, blue, green, red, alpha; written to.
        heat: the colours.
        region: what of the scaled picture the pixels are.
        size_px: width and height of all of it.
    """
    _, height, width = heat.planes.array.shape
    fx, fy = width / size_px[0], height / size_px[1]
    at = np.array([[fx, 0, (region.x + 0.5) * fx - 0.5], [0, fy, (region.y + 0.5) * fy - 0.5]])
    lost, cover = (
        cv2.warpAffine(
            plane,
            at,
            (region.width, region.height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        for plane in heat.planes.array
    )
    weight = cover * np.float32(STRENGTH / 255)
    grey = cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_BGRA2GRAY), cv2.COLOR_GRAY2BGRA)
    colours = np.take(_BGRA, np.asarray(lost, np.uint8)).view(np.uint8).reshape(pixels.shape)
    pixels[..., :3] = cv2.blendLinear(grey, colours, 1 - weight, weight)[..., :3]


def _cover(document: Document) -> tuple[RasterMask, ...]:
    """Return the masks of the skin and of the certainty of the match; none where the skin's is gone."""
    mask = find(document, TEXTURE).mask if has_layer(document, TEXTURE) else None
    if mask is None or mask.painted is None:
        return ()
    parts = (part for part in mask.components if isinstance(part, RasterMask) and part.name == "alignment")
    return (mask.painted, *parts)
