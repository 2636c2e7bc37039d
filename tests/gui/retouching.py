"""A canvas for the tools that retouch, on skin with a blemish."""

import numpy as np

from retexture.gui.brush_tool import PaintState
from retexture.gui.clone_state import CloneState
from retexture.gui.clone_tool import CloneTool
from retexture.gui.healing_tool import HealingTool
from retexture.render.render import render
from retexture.session.brush import Brush
from tests.gui.stage import ALT, drag, make_canvas, settle
from tests.session.blemished import HEIGHT, WIDTH, skin_document
from tests.texture.skin import shading

HARD = Brush(size_px=32, hardness=1, smoothing=0, opacity_pressure=False)
SPOT = (200, 150)
DOCUMENT = skin_document()
"""400 x 300, with a blemish of 12 px at (200, 150)."""


class Bench:
    """A canvas on which a pixel of the picture is a pixel, and what the workspace says."""

    def __init__(self, qtbot, workspace, document=DOCUMENT):
        self.workspace = workspace
        self.canvas = make_canvas(qtbot, workspace, document, (WIDTH, HEIGHT))
        self.session = workspace.session
        self.session.select(document.layers[-1].key)
        self.state, paint = CloneState(), PaintState()
        paint.set_brush(HARD)
        self.paint = paint
        self.clone, self.heal = CloneTool(paint, self.state), HealingTool(paint, self.state)
        self.canvas.tool = self.clone
        self.said: list[str] = []
        workspace.message.connect(lambda words: self.said.append(words.rstrip(".")))

    def use(self, healing):
        self.state.set_healing(healing)
        self.canvas.tool = self.heal

    def source(self, x, y):
        drag(self.canvas, (x, y), modifiers=ALT)

    def draw(self, *way, let_go=True):
        drag(self.canvas, *way, let_go=let_go)

    def settle(self):
        settle(self.canvas)

    @property
    def picture(self):
        return render(self.session.document)

    @property
    def labels(self):
        return [version.label for version in self.session.history.versions[1:]]

    @property
    def keys(self):
        return [layer.key for layer in self.session.document.layers]

    def tone_at_spot(self):
        """How far the tone at the blemish is from clean skin's."""
        middle = np.s_[:3, 145:155, 195:205]
        truth = shading(HEIGHT, WIDTH)[middle].mean(axis=(1, 2))
        return float(np.abs(self.picture[middle].mean(axis=(1, 2)) / 65535 - truth).max())
