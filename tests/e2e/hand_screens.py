"""The states of the retoucher's tools and dialogs for ``./run screenshots``."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.e2e.stage_hand import Stage

Place = tuple[float, float]


def at(stage: "Stage", x: float, y: float) -> Place:
    """Return where on the canvas a place lies that is given as parts of the picture."""
    from retexture.gui.clone_tool import in_window
    from retexture.session.view import Point

    canvas, document = stage.window.canvas, stage.window.session.document
    place = in_window(canvas, Point(x * document.width_px, y * document.height_px))
    return place.x() / canvas.devicePixelRatioF(), place.y() / canvas.devicePixelRatioF()


def press(stage: "Stage", *places: Place, alt: bool = False, let_go: bool = True) -> None:
    """Drag on the canvas through places given as parts of the picture."""
    stage.drag(stage.window.canvas, *(at(stage, *place) for place in places), alt=alt, let_go=let_go)


def hover(stage: "Stage", place: Place) -> None:
    """Move the pointer over the canvas."""
    from PySide6.QtCore import QPoint

    x, y = at(stage, *place)
    stage.test.mouseMove(stage.window.canvas, QPoint(round(x), round(y)))
    stage.wait()


def texture_tools(stage: "Stage") -> None:
    """Clone Stamp and the three ways to heal on the texture, each before, under way or after."""
    window = stage.window
    window.session.select("high")
    stage.key("Ctrl+1")
    stage.key("S")
    press(stage, (0.64, 0.47), alt=True)
    hover(stage, (0.37, 0.55))
    stage.take("clone-stamp-preview")
    press(stage, (0.37, 0.55), (0.38, 0.57), (0.4, 0.59), let_go=False)
    stage.take("clone-stamp")
    stage.key("Esc")
    stage.key("J")
    press(stage, (0.64, 0.55), alt=True)
    stage.take("healing-brush-before")
    press(stage, (0.34, 0.54), (0.38, 0.58))
    stage.take("healing-brush-after")
    stage.key("Shift+J")
    press(stage, (0.36, 0.55), (0.38, 0.57), let_go=False)
    stage.take("spot-healing")
    stage.key("Esc")
    stage.key("Shift+J")
    press(stage, (0.33, 0.53), (0.39, 0.54), (0.38, 0.61), (0.33, 0.6))
    press(stage, (0.36, 0.57), (0.5, 0.57), (0.63, 0.57), let_go=False)
    stage.take("patch")
    stage.key("Esc")
    stage.key("Shift+J")
    stage.key("Ctrl+0")
    stage.key("B")


def light_and_shade(stage: "Stage") -> None:
    """Dodge and burn with its helper view, and the pair of Curves."""
    stage.command("dodge and burn layer")
    for way in (((0.38, 0.55), (0.4, 0.6)), ((0.62, 0.55), (0.63, 0.6))):
        press(stage, *way)
        press(stage, *way, alt=way[0][0] > 0.5)
    stage.take("dodge-and-burn")
    stage.key("Ctrl+Alt+O")
    stage.take("dodge-and-burn-view")
    stage.key("Ctrl+Alt+O")
    stage.command("dodge and burn by curves")
    stage.take("dodge-and-burn-curves")
    stage.key("B")


def transforming(stage: "Stage") -> None:
    """The transform box: free, distorted and as a warp."""
    stage.key("M")
    press(stage, (0.36, 0.45), (0.5, 0.5), (0.66, 0.69))
    stage.window.session.select("retouched")
    stage.key("Ctrl+J")
    stage.key("Ctrl+T")
    stage.take("free-transform")
    stage.click("transform_warp")
    press(stage, (0.46, 0.53), (0.43, 0.51), (0.4, 0.49))
    stage.take("warp")
    stage.key("Esc")
    stage.key("Ctrl+D")
    stage.key("B")


def dialogs(stage: "Stage") -> None:
    """Fill, Add Noise, Apply Image, Feather, Refine and Place Plate, each with the picture that it changes."""
    from PySide6.QtWidgets import QDialog

    def picture(words: str, name: str) -> None:
        stage.command(words)
        stage.take(name)
        for dialog in stage.window.findChildren(QDialog):
            if dialog.isVisible() and not dialog.objectName().startswith("command"):
                dialog.close()
        stage.wait()

    from retexture.document.edits import set_parameter
    from retexture.engine.modes import BlendMode

    session = stage.window.session
    stage.key("Ctrl+Shift+N")
    stage.key("Shift+F5")
    stage.take("fill")
    stage.key("Return")
    session.edit("Blend", lambda d: set_parameter(d, f"{session.active}.blend_mode", BlendMode.OVERLAY))
    picture("add noise", "add-noise")
    stage.window.session.select("retouched")
    picture("apply image", "apply-image")
    stage.key("M")
    press(stage, (0.36, 0.3), (0.5, 0.5), (0.66, 0.6))
    picture("feather", "feather")
    stage.key("Ctrl+D")
    stage.window.session.select("high", "mask")
    stage.key("B")
    stage.key("D")
    stage.key("X")
    press(stage, (0.36, 0.5), (0.38, 0.6), (0.42, 0.65))
    stage.key("Alt+\\")
    picture("refine", "refine-mask")
    stage.key("Alt+\\")
    stage.panel("Luminosity")
    stage.take("luminosity")
    stage.panel("Layers")


def plates(stage: "Stage") -> None:
    """Place Plate with a folder of plates."""
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QListWidget

    from retexture.session import preferences

    workspace, folder = stage.window.workspace, stage.pair[0].parent
    workspace.preferences = preferences.with_folder(workspace.preferences, "plates", folder)
    stage.command("place plate")
    found = stage.find(QListWidget, "plate_list")
    stage.test.mouseClick(
        found.viewport(), Qt.MouseButton.LeftButton, pos=found.visualItemRect(found.item(0)).center()
    )
    stage.take("place-plate")
    stage.key("Esc")


PARTS = (texture_tools, light_and_shade, transforming, dialogs, plates)
