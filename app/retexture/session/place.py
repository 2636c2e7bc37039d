"""A picture file as a layer of a document."""

import msgspec
import numpy as np

from retexture.document import edits
from retexture.document.document import Document, Source
from retexture.document.edits import insert_layer
from retexture.document.layers import PixelLayer
from retexture.document.pixels import Pixels
from retexture.document.transform import Transform
from retexture.errors import InputError
from retexture.files.colour import convert
from retexture.files.images import Image, as_depth
from retexture.session.transform_box import fitted


def placed(document: Document, image: Image, above: str | None) -> tuple[Document, str]:
    """Return a document with a picture as a layer in the middle, and the layer's key.

    It has its own size, or is scaled down to fit into the canvas. Colours are converted to the document's profile
    and depth. Takes long: for a worker thread.

    Args:
        document: the one to change.
        image: as read.
        above: key of the layer beneath the new one; None is on top of all.

    Raises:
        InputError: a damaged profile, or a picture in colour for a grey document.
    """
    if document.mode == "grey" and len(image.colour) > 1:
        raise InputError(
            image.path, "is in colour, and the document is grey", "place it into a document in RGB"
        )
    colour = as_depth(convert(image.colour, image.icc, document.icc), document.depth)
    if document.mode == "rgb" and len(colour) == 1:
        colour = np.repeat(colour, 3, axis=0)
    name = image.path.stem
    key = edits.unique_key(document, name)
    taken = {source.key for source in document.sources}
    source_key, n = key, 2
    while source_key in taken:
        source_key, n = f"{key}_{n}", n + 1
    alpha = None if image.alpha is None else Pixels(as_depth(image.alpha[None], document.depth)[0])
    source = Source(
        key=source_key,
        name=image.path.name,
        colour=Pixels(colour),
        alpha=alpha,
        path=str(image.path.absolute()),
    )
    scale = fitted((image.width, image.height), (document.width_px, document.height_px))
    layer = PixelLayer(
        key=key,
        name=name,
        source=source_key,
        transform=Transform(scale_x=scale, scale_y=scale),
        x_px=(document.width_px - image.width) // 2,
        y_px=(document.height_px - image.height) // 2,
    )
    document = msgspec.structs.replace(document, sources=(*document.sources, source))
    return insert_layer(document, layer, above=above), key
