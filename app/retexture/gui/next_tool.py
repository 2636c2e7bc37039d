"""Ways to a tool beside its button: Shift and its key, which go on to the next of its kind; the command search."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtGui import QAction

from retexture.gui.clone_state import HEALING, Healing
from retexture.gui.commands import Command, has_document, make_action
from retexture.gui.healing_tool import HealingTool

if TYPE_CHECKING:
    from retexture.gui.window import MainWindow


def next_healing(window: "MainWindow") -> None:
    """Healing Brush, Spot Healing, Patch."""
    if window.canvas.tool is window.tools["heal"]:
        window.clone.next_healing()
    window.set_tool("heal")


def next_dodging(window: "MainWindow") -> None:
    """Dodge, Burn."""
    if window.canvas.tool is window.tools["dodge"]:
        window.dodging.set_burn(not window.dodging.burn)
    window.set_tool("dodge")


def next_marquee(window: "MainWindow") -> None:
    """Rectangular, elliptical."""
    if window.canvas.tool is window.tools["marquee"]:
        window.selecting.set(elliptical=not window.selecting.elliptical)
    window.set_tool("marquee")


def next_lasso(window: "MainWindow") -> None:
    """Free, polygonal."""
    if window.canvas.tool is window.tools["lasso"]:
        window.canvas.tool.cancel(window.canvas)
        window.selecting.set(polygonal=not window.selecting.polygonal)
    window.set_tool("lasso")


NEXT = {"J": next_healing, "O": next_dodging, "M": next_marquee, "L": next_lasso}


def take_brush(window: "MainWindow", size_px: float, opacity: float, white: bool) -> None:
    """Take the brush, soft, to paint a mask white or black."""
    window.set_tool("brush")
    brush = msgspec.structs.replace(window.paint.brush, size_px=size_px, opacity=opacity, hardness=0.0)
    window.paint.set_brush(brush)
    window.paint.set_white(white)


def take_dodge(window: "MainWindow", size_px: float, burn: bool) -> None:
    """Take Dodge and Burn in a size, with the flow that it has."""
    window.set_tool("dodge")
    window.paint.set_brush(msgspec.structs.replace(window.paint.brush, size_px=size_px))
    window.dodging.set_burn(burn)


def take_healing(window: "MainWindow", way: Healing) -> None:
    """Take the healing tool, to heal in a way."""
    window.clone.set_healing(way)
    window.set_tool("heal")


def found_tools(window: "MainWindow") -> Iterator[tuple[Command, QAction]]:
    """Yield the tools, and the ways to heal, as what the command search finds."""
    for name, tool in window.tools.items():
        action = window.findChild(QAction, f"tool_{name}")
        assert action is not None
        take = partial(type(window).set_tool, name=name)
        yield Command(name, tool.label, "Tools", take, tool.help, (tool.key,)), action
    for way, label in HEALING.items():
        if label != HealingTool.label:
            take = partial(take_healing, way=way)
            command = Command(f"heal_{way}", label, "Tools", take, HealingTool.help, (), has_document)
            yield command, make_action(command, window)
