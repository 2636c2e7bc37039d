"""Texture plates: what there is in a folder, how large their pores are, and how one is placed."""

from pathlib import Path
from typing import Annotated

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.declare import number
from retexture.document.document import Document, find
from retexture.document.edits import replace_layer
from retexture.document.layers import PixelLayer, smart
from retexture.document.transform import Transform
from retexture.engine.blend import LUMA
from retexture.engine.modes import BlendMode
from retexture.errors import InputError
from retexture.files.colour import convert
from retexture.files.images import SUFFIXES, Image, as_depth, read_image
from retexture.filters.high_pass import HighPass
from retexture.session import selections
from retexture.session.place import placed
from retexture.texture.pores import PORES_PER_FACE, pore_distance_px, scale_to

THUMBNAIL_PX = 112
MOST_PLATES = 500
"""Files of a folder that are shown."""


class PlateSettings(msgspec.Struct, frozen=True):
    """How large a plate's pores are to be."""

    pores_per_face: Annotated[
        float, number(10, 3000, slider=(50, 600), help="Pores side by side over the width of the face")
    ] = PORES_PER_FACE
    face_width_px: Annotated[
        float,
        number(10, 100_000, slider=(100, 6000), unit="px", help="Width of the face, from cheek to cheek"),
    ] = 1500.0


class Plate(msgspec.Struct, frozen=True):
    """A picture file of a plate folder."""

    path: Path
    thumbnail: NDArray[np.uint8] | None
    """(h, w, 4) uint8, blue, green, red and alpha, in sRGB; None where the file cannot be read."""
    size_px: tuple[int, int] = (0, 0)
    pore_px: float | None = None
    """How far apart its pores lie; None where that cannot be measured."""
    problem: str = ""


def plate_files(folder: Path) -> tuple[Path, ...]:
    """Return the picture files of a folder, by name; none of a folder that cannot be read."""
    try:
        found = [path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file()]
    except OSError:
        return ()
    return tuple(sorted(found, key=lambda path: path.name.lower()))[:MOST_PLATES]


def read_plate(path: Path) -> Plate:
    """Read a plate: its thumbnail and the size of its pores. Takes long: for a worker thread."""
    try:
        image = read_image(path)
        scale = THUMBNAIL_PX / max(image.width, image.height)
        size = (max(round(image.width * scale), 1), max(round(image.height * scale), 1))
        shrinks = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        small = np.stack([cv2.resize(p, size, interpolation=shrinks) for p in image.colour])
        shown = as_depth(convert(small, image.icc, None), 8)
    except InputError as error:
        return Plate(path, None, problem=str(error))
    rgb = np.repeat(shown, 3, 0) if len(shown) == 1 else shown
    opaque = np.full_like(rgb[:1], 255)
    thumbnail = np.ascontiguousarray(np.concatenate([rgb[::-1], opaque]).transpose(1, 2, 0))
    try:
        pore_px = pore_distance_px(_brightness(image))
    except ValueError as error:
        return Plate(path, thumbnail, (image.width, image.height), problem=str(error))
    return Plate(path, thumbnail, (image.width, image.height), pore_px)


def _brightness(image: Image) -> NDArray[np.float32]:
    colour = as_depth(image.colour, 32)
    grey = colour[0] if len(colour) == 1 else np.tensordot(np.array(LUMA, np.float32), colour, 1)
    return np.asarray(grey, np.float32)


def scale_of(pore_px: float | None, settings: PlateSettings) -> float:
    """Return the scale at which a plate has so many pores over the face; 1 where its pores are not known."""
    return scale_to(pore_px, settings.face_width_px / settings.pores_per_face)


def face_width(document: Document) -> float:
    """Return a guess at the width of the face: the selection's, that of a face that was found, half the picture's."""
    around = None if document.selection is None else selections.bounds(document.selection)
    if around is None and document.analysis is not None and document.analysis.faces:
        return max(face.width_px for face in document.analysis.faces)
    return float(around.width if around is not None else max(document.width_px // 2, 10))


def placed_plate(
    document: Document, image: Image, above: str | None, settings: PlateSettings, pore_px: float | None
) -> tuple[Document, str]:
    """Return a document with a plate as a layer that adds its fine detail once, and the layer's key.

    The plate lies in the middle of the selection, else of the picture; scaled so that its pores are as large as the
    settings say; with High Pass at three quarters of their distance, in Linear Light at 50 %, which adds what the
    filter leaves once. Takes long: for a worker thread.

    Raises:
        InputError: as of `placed`.
    """
    scale = scale_of(pore_px, settings)
    after, key = placed(document, image, above)
    layer = find(after, key)
    assert isinstance(layer, PixelLayer)
    around = None if document.selection is None else selections.bounds(document.selection)
    x, y = layer.x_px, layer.y_px
    if around is not None:
        x = around.x + (around.width - image.width) // 2
        y = around.y + (around.height - image.height) // 2
    radius_px = round(min(max(0.75 * scale * (pore_px or 8.0), 0.5), 100), 1)
    plate = msgspec.structs.replace(
        layer,
        x_px=x,
        y_px=y,
        transform=Transform(scale_x=scale, scale_y=scale),
        filters=smart(HighPass(radius_px=radius_px)),
        blend_mode=BlendMode.LINEAR_LIGHT,
        opacity=0.5,
    )
    return replace_layer(after, key, plate), key
