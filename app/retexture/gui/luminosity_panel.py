"""The Luminosity panel: Lights, Midtones and Darks in three steps each, as small pictures to mask or select with."""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QImage, QKeyEvent, QMouseEvent, QPixmap
from PySide6.QtWidgets import QGridLayout, QLabel, QToolButton, QVBoxLayout

from retexture.document.document import Document
from retexture.gui import theme
from retexture.gui.gestures import attempt
from retexture.gui.resting_panel import SETTLE_MS, RestingPanel
from retexture.gui.selector import Selector
from retexture.gui.workspace import Workspace
from retexture.render.cache import Cache
from retexture.render.planes import unit
from retexture.render.render import canvas_size, render
from retexture.session import colour_selection, mask_edits
from retexture.session.colour_selection import LuminosityRange
from retexture.session.mask_edits import Luminosity
from retexture.session.session import Session, Update

PREVIEW_PX = 80
"""The longer edge of a preview, at least."""
ICON = QSize(66, 48)

Name = tuple[Luminosity, int]
KINDS: tuple[Luminosity, ...] = ("lights", "midtones", "darks")
POWERS = (1, 2, 3)
NAMES: tuple[Name, ...] = tuple((kind, power) for kind in KINDS for power in POWERS)
Plane = NDArray[np.uint8]


def previews(document: Document, cache: Cache, cancelled: Callable[[], bool]) -> dict[Name, Plane]:
    """Return all nine masks of the picture, small: (h, w) uint8, white where they show. For a worker thread.

    Raises:
        Cancelled: `cancelled` said so.
    """
    level = 0
    while max(canvas_size(document, level + 1)) >= PREVIEW_PX:
        level += 1
    small = unit(render(document, level=level, alpha=False, cache=cache, cancelled=cancelled))
    return {
        (kind, power): (colour_selection.luminous(small, LuminosityRange(kind, power)) >> 8).astype(np.uint8)
        for kind, power in NAMES
    }


class MaskButton(QToolButton):
    """One of the masks."""

    chosen = Signal(bool)
    """Whether Ctrl was held: to select it."""

    def __init__(self, kind: Luminosity, power: int) -> None:
        super().__init__()
        self._select = False
        title = f"{kind.capitalize()} {power}"
        self.setObjectName(f"luminosity_{kind}_{power}")
        self.setAccessibleName(title)
        self.setIconSize(ICON)
        self.setToolTip(
            f"{title}\nClick: multiply it into the mask of the active layer, judged on what is beneath the layer\n"
            "Ctrl-click: select it, judged on the whole picture"
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.clicked.connect(lambda: self.chosen.emit(self._select))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._select = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        super().mouseReleaseEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        self._select = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        super().keyReleaseEvent(event)

    def show_plane(self, plane: Plane | None) -> None:
        """Show an (h, w) uint8 plane, or none."""
        pixmap = QPixmap(self.iconSize())
        pixmap.fill(Qt.GlobalColor.transparent)
        if plane is not None:
            grey = np.ascontiguousarray(plane)
            height, width = grey.shape
            image = QImage(grey.data, width, height, width, QImage.Format.Format_Grayscale8)
            pixmap = QPixmap.fromImage(
                image.scaled(
                    self.iconSize(),
                    Qt.AspectRatioMode.KeepAspectRatio,
                    Qt.TransformationMode.SmoothTransformation,
                )
            )
        self.setIcon(QIcon(pixmap))


class LuminosityPanel(RestingPanel):
    """Nine masks of the picture's luminosity."""

    def __init__(self, workspace: Workspace, selector: Selector) -> None:
        super().__init__(workspace, "luminosity")
        self._selector = selector
        grid = QGridLayout()
        grid.setSpacing(theme.SPACE_SMALL)
        for row, kind in enumerate(KINDS, 1):
            grid.addWidget(QLabel(kind.capitalize()), row, 0)
        for power in POWERS:
            grid.addWidget(QLabel(str(power)), 0, power, Qt.AlignmentFlag.AlignHCenter)
        self.buttons: dict[Name, MaskButton] = {}
        for kind, power in NAMES:
            button = self.buttons[kind, power] = MaskButton(kind, power)
            button.chosen.connect(partial(self._choose, kind, power))
            grid.addWidget(button, KINDS.index(kind) + 1, power)
        hint = QLabel("Click: mask the active layer. Ctrl-click: select.")
        hint.setObjectName("luminosity_hint")
        hint.setStyleSheet(f"color: {theme.DIM_TEXT}")
        hint.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE, theme.SPACE, theme.SPACE, theme.SPACE)
        column.setSpacing(theme.SPACE)
        column.addWidget(hint)
        column.addLayout(grid)
        column.addStretch(1)
        workspace.session_changed.connect(self._show_session)
        workspace.updated.connect(self._follow)
        self._show_session(workspace.session)

    def _choose(self, kind: Luminosity, power: int, select: bool) -> None:
        session = self._workspace.session
        if session is None:
            return
        if not select:
            if session.active is None:
                self._workspace.message.emit("Select a layer to mask in the Layers panel")
            else:
                key = session.active
                attempt(self._workspace, lambda s: mask_edits.add_luminosity(s, key, kind, power))
            return
        settings, cache = LuminosityRange(kind, power), self._workspace.passing
        self._selector.run(
            f"Select {kind.capitalize()} {power}",
            lambda document, cancelled: colour_selection.luminosity(
                document, settings, cache=cache, cancelled=cancelled
            ),
            title="Selecting by luminosity",
        )

    # -- following the session

    def _show_session(self, session: Session | None) -> None:
        for button in self.buttons.values():
            button.setEnabled(session is not None)
            button.show_plane(None)
        self.mark_stale()
        self.settle()

    def _follow(self, update: Update) -> None:
        if update.changes.region is not None or update.changes.canvas:
            self.mark_stale()
        if not update.live:
            self.settle(SETTLE_MS)

    def refresh(self, session: Session) -> None:
        """Draw the previews."""
        document, cache = session.document, self._workspace.cache

        def show(planes: dict[Name, Plane]) -> None:
            for name, plane in planes.items():
                self.buttons[name].show_plane(plane)

        self.compute(lambda job: previews(document, cache, job.cancelled), show)
