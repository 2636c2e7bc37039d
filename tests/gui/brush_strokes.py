"""A canvas with the Brush tool on a black mask, and what strokes have left there."""

import numpy as np

from retexture.document.document import find
from retexture.gui.brush_tool import BrushTool, PaintState
from retexture.session import masks
from retexture.session.brush import Brush
from retexture.session.painting import painted
from tests.gui.stage import make_canvas
from tests.session.bench import make_document

WIDTH, HEIGHT = 403, 277
BLACK = masks.black(WIDTH, HEIGHT)
DOCUMENT = painted(make_document(WIDTH, HEIGHT), "texture", "mask", BLACK)
PLAIN = Brush(size_px=14, hardness=1, smoothing=0, opacity_pressure=False)
WAY = [(60, 60), (120.5, 80.25), (200, 61), (210, 150), (90, 120)]


def brush_canvas(qtbot, workspace):
    made = make_canvas(qtbot, workspace, DOCUMENT)
    session = workspace.session
    session.select("texture", "mask")
    state = PaintState()
    state.set_brush(PLAIN)
    made.tool = BrushTool(state)
    return made


def mask_of(session, key="texture"):
    return find(session.document, key).mask.painted.tiles.to_array()[0]


def centre_of_paint(plane):
    """Return (x, y) of the middle of what is painted, in picture pixels."""
    rows, columns = np.nonzero(plane > 32768)
    return (columns.min() + columns.max() + 1) / 2, (rows.min() + rows.max() + 1) / 2


def new_paint(session):
    now, before = (find(d, "paint").tiles.to_array() for d in (session.document, DOCUMENT))
    return (now != before).any(0)


def strokes(session):
    return [version.label for version in session.history.versions[1:]]
