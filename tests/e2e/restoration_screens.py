"""The states of the Restoration panel for ``./run screenshots``."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.e2e.stage_hand import Stage


def restoration(stage: "Stage") -> None:
    """The panel with circles, under a drag, with a mask over the picture, moved and stale."""
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtWidgets import QScrollArea

    window = stage.window
    stage.open_recipe("auto")
    stage.click("guide_close")
    panel = window.restoration
    stage.take("restoration")
    stage.click("restoration_circles")
    stage.take("restoration-circles")
    slider = panel.sensitivity.slider
    places = [(slider.x_of(part), slider.height() / 2) for part in (0.5, 0.6, 0.75, 0.9)]
    stage.drag(slider, *places, let_go=False)
    stage.take("restoration-sensitivity")
    stage.test.mouseRelease(
        slider, Qt.MouseButton.LeftButton, pos=QPoint(round(places[-1][0]), slider.height() // 2)
    )
    panel.list.setFocus()
    stage.key("Down")
    stage.key("Down")
    stage.key("Space")
    stage.key("Return")
    stage.take("restoration-blemish")
    stage.key("Ctrl+0")
    scroll = panel.findChild(QScrollArea)
    scroll.verticalScrollBar().setValue(scroll.verticalScrollBar().maximum())
    stage.click("restoration_loss_film")
    stage.take("restoration-film")
    stage.click("restoration_loss_film")
    window.session.set("retouched.transform.x_px", 4.0, "Move")
    scroll.verticalScrollBar().setValue(0)
    stage.take("restoration-stale")
    stage.key("Ctrl+Z")
    stage.click("restoration_circles")


PARTS = (restoration,)
