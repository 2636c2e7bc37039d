"""A canvas with the tools that select."""

from typing import Any

import numpy as np
from PySide6.QtTest import QTest

from retexture.gui.lasso_tool import LassoTool
from retexture.gui.marquee_tool import MarqueeTool
from retexture.gui.selection_tool import SelectState
from retexture.gui.selector import Selector
from retexture.gui.wand_tool import WandTool
from retexture.session import masks
from retexture.session.painting import painted
from tests.gui.stage import drag, settle
from tests.session.bench import make_document

WIDTH, HEIGHT = 403, 277
SIZE = (WIDTH, HEIGHT)
DOCUMENT = painted(make_document(WIDTH, HEIGHT), "texture", "mask", masks.black(WIDTH, HEIGHT))


class Stage:
    """A canvas with the selection tools, and what is selected."""

    def __init__(self, canvas, workspace):
        self.canvas, self.workspace = canvas, workspace
        self.messages = []
        workspace.message.connect(self.messages.append)
        self.state = SelectState()
        selector = Selector(workspace)
        self.marquee, self.lasso, self.wand = (
            kind(self.state, selector) for kind in (MarqueeTool, LassoTool, WandTool)
        )
        canvas.tool = self.marquee

    @property
    def session(self):
        return self.workspace.session

    @property
    def selection(self):
        selection = self.session.document.selection
        return None if selection is None else selection.to_array()[0]

    @property
    def steps(self):
        return [version.label for version in self.session.history.versions[1:]]

    def at(self, x: float, y: float) -> Any:
        """Where a point of the picture is on the canvas."""
        inside = self.canvas.view.to_window(type(self.canvas.view.centre)(x, y), self.canvas.pane_size())
        return inside.x, inside.y

    def drag(self, *points, **options):
        """Drag over points of the picture."""
        drag(self.canvas, *(self.at(*point) for point in points), **options)
        if options.get("let_go", True):
            settle(self.canvas)

    def key(self, key):
        QTest.keyClick(self.canvas, key)
        settle(self.canvas)


def same(found, selection):
    return np.array_equal(found, selection.to_array()[0])
