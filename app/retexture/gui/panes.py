"""How the window is divided between the views of a picture."""

from typing import NamedTuple

from PySide6.QtCore import QRect

from retexture.session.look import Mode
from retexture.session.view import Size
from retexture.session.viewport import Viewport

GAP = 2
"""Between two views, in device pixels."""


class Pane(NamedTuple):
    """One of the views: its part of the window in device pixels, what fills it, the name of the picture."""

    rect: QRect
    viewport: Viewport
    name: str


def pane_rects(mode: Mode, size: Size) -> list[QRect]:
    """Return the parts of a window of a size in device pixels, the picture before first, in a mode of `Look`."""
    width, height = (int(v) for v in size)
    match mode:
        case "side":
            half = (width - GAP) // 2
            return [QRect(0, 0, half, height), QRect(width - half, 0, half, height)]
        case "stack":
            half = (height - GAP) // 2
            return [QRect(0, 0, width, half), QRect(0, height - half, width, half)]
        case "wipe":
            return [QRect(0, 0, width, height), QRect(0, 0, width, height)]
        case _:
            return [QRect(0, 0, width, height)]
