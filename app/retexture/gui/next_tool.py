"""What Shift and the key of a tool do: take the tool, or where it is in hand already the next of its kind."""

from typing import TYPE_CHECKING

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
