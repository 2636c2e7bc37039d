"""Commands of an automatic restoration: its panel and what it shows over the picture."""

from typing import TYPE_CHECKING

from retexture.gui.commands import Command

if TYPE_CHECKING:
    from retexture.gui.window import MainWindow


def has_analysis(window: "MainWindow") -> bool:
    """Whether the document in front was made by the automatic restoration."""
    session = window.workspace.session
    return session is not None and session.document.analysis is not None


def _toggle_circles(window: "MainWindow") -> None:
    window.canvas.spots.show(not window.canvas.spots.shown)


# fmt: off
COMMANDS = (
    Command(
        "blemish_circles", "Blemish Circles", "View", _toggle_circles,
        "Circles around removed blemishes: solid ones are kept out, dashed ones come back", ("Ctrl+Shift+B",),
        has_analysis, lambda w: w.canvas.spots.shown, separator=True,
    ),
    Command(
        "update_restoration", "Update Restoration", "Image", lambda w: w.restoration.measure_again(),
        "Measure again with the pictures as they are now: alignment, skin, lost texture, blemishes", (),
        has_analysis,
    ),
)
# fmt: on
