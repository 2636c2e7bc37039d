"""A picture to show on a canvas, and strokes on it as they are painted."""

import msgspec
import numpy as np
from PySide6.QtGui import QColorSpace

from retexture.session.brush import Brush
from retexture.session.painting import painted
from retexture.session.strokes import Stroke
from tests.gui.stage import expected, shot
from tests.session.bench import make_document

WIDTH, HEIGHT = 403, 277
DOCUMENT = make_document(WIDTH, HEIGHT)
LABELLED = np.s_[40:]
"""Rows under the names of pictures."""


def assert_shows(canvas, document) -> None:
    wanted = expected(canvas, document)
    got = shot(canvas)
    assert got.shape == wanted.shape
    assert np.array_equal(got, wanted)


def paint_live(session, way, mask=True):
    """Paint a stroke as a tool does, told in its drafts."""
    layer = session.active_layer
    tiles = layer.mask.painted.tiles if mask else layer.tiles
    stroke = Stroke(tiles, Brush(size_px=40, hardness=0.5), (0.0,) if mask else (1.0, 0.2, 0.0))
    gesture = session.begin("Stroke")
    for i, place in enumerate(way):
        dirty = stroke.move(*place) if i else stroke.begin(*place)
        gesture.update(
            painted(gesture.document, session.active, "mask" if mask else "layer", stroke.tiles), dirty
        )
    gesture.commit()


def adobe_document():
    icc = QColorSpace(QColorSpace.NamedColorSpace.AdobeRgb).iccProfile().data()
    return msgspec.structs.replace(DOCUMENT, icc=icc)
