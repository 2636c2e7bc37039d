"""Documents that have been painted on, and where their pictures differ."""

import msgspec
import numpy as np

from retexture.document.changes import Rect
from retexture.document.document import Document, find
from retexture.document.edits import replace_layer
from retexture.document.layers import PaintLayer, smart
from retexture.render.render import render
from tests.document.documents import sample_document, samples

WIDTH, HEIGHT = 600, 300
DOCUMENT = sample_document(WIDTH, HEIGHT)
CANVAS = Rect(0, 0, WIDTH, HEIGHT)


def painted_mask(document: Document, key: str, x: int, y: int, width: int = 5, height: int = 5) -> Document:
    layer = find(document, key)
    assert layer.mask is not None
    assert layer.mask.painted is not None
    tiles = layer.mask.painted.tiles.written(x, y, samples((1, height, width), seed=8))
    mask = msgspec.structs.replace(
        layer.mask, painted=msgspec.structs.replace(layer.mask.painted, tiles=tiles)
    )
    return replace_layer(document, key, msgspec.structs.replace(layer, mask=mask))


def painted(document: Document, key: str, x: int, y: int) -> Document:
    layer = find(document, key)
    assert isinstance(layer, PaintLayer)
    tiles = layer.tiles.written(x, y, samples((4, 5, 5), seed=8))
    return replace_layer(document, key, msgspec.structs.replace(layer, tiles=tiles))


def with_filters(document: Document, key: str, *filters) -> Document:
    return replace_layer(document, key, msgspec.structs.replace(find(document, key), filters=smart(*filters)))


def differing(old: Document, new: Document) -> np.ndarray:
    return np.asarray((render(old) != render(new)).any(0))
