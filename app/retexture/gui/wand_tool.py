"""The magic wand."""

import math
from collections.abc import Callable

from retexture.document.document import Document
from retexture.document.pixels import Tiles
from retexture.gui.canvas import Canvas
from retexture.gui.selection_tool import SelectionTool
from retexture.gui.tools import Pointer
from retexture.session.colour_selection import wand
from retexture.session.selections import combined, feathered


class WandTool(SelectionTool):
    """Selects what has the colour of the pixel that is clicked."""

    name = "wand"
    label = "Magic Wand"
    key = "W"
    help = "Click a colour to select all that is like it"

    def press(self, pointer: Pointer, canvas: Canvas) -> None:
        assert canvas.session is not None
        x, y = math.floor(pointer.picture.x), math.floor(pointer.picture.y)
        mode, settings, feather_px = self.mode_of(pointer), self.state.wand, self.state.feather_px
        active, cache = canvas.session.active, canvas.workspace.passing

        def work(document: Document, cancelled: Callable[[], bool]) -> Tiles:
            new = wand(document, x, y, settings, active, cache=cache, cancelled=cancelled)
            if feather_px:
                new = feathered(new, feather_px)
            return combined(document.selection, new, mode)

        self.selector.run("Magic Wand", work, title="Selecting by colour")

    def hover(self, pointer: Pointer, canvas: Canvas) -> None:
        """It is always a cross: the wand moves no selection."""
