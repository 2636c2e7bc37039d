"""The Luminosity panel: Lights, Midtones and Darks in three steps each, as small pictures to mask or select with."""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QIcon, QImage, QKeyEvent, QMouseEvent, QPixmap, QShowEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from retexture.document.document import Document
from retexture.gui import theme
from retexture.gui.gestures import attempt
from retexture.gui.panel_dock import is_seen
from retexture.gui.selector import Selector
from retexture.gui.workspace import Workspace
from retexture.render.cache import Cache
from retexture.render.contents import unit
from retexture.render.render import canvas_size, render
from retexture.session import colour_selection, mask_edits
from retexture.session.colour_selection import LuminosityRange
from retexture.session.mask_edits import Luminosity
from retexture.session.session import Session, Update

SETTLE_MS = 300
"""How long edits must rest before the previews are drawn again."""
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


class LuminosityPanel(QWidget):
    """Nine masks of the picture's luminosity."""

    def __init__(self, workspace: Workspace, selector: Selector) -> None:
        super().__init__()
        self.setObjectName("luminosity_panel")
        self._workspace, self._selector = workspace, selector
        self._stale = True
        self._lane = f"luminosity {id(self)}"
        self._cancel_settling: Callable[[], None] = lambda: None
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
        self._mark_stale()
        self._settle(0)

    def _follow(self, update: Update) -> None:
        if update.changes.region is not None or update.changes.canvas:
            self._mark_stale()
        if self._stale and not update.live:
            self._settle(SETTLE_MS)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._settle(0)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._cancel_settling()

    def _mark_stale(self) -> None:
        self._stale = True
        self._workspace.jobs.cancel(self._lane)

    def _settle(self, ms: int) -> None:
        """Draw the previews in a moment, unless nobody would see them."""
        self._cancel_settling()
        if self._stale and self.isVisible() and self._workspace.session is not None:
            self._cancel_settling = self._workspace.later(ms, self._draw)

    def come_forward(self) -> None:
        """Catch up with what has changed while another tab hid the panel."""
        self._settle(0)

    def _draw(self) -> None:
        session = self._workspace.session
        if session is None or session.gesture is not None or not is_seen(self):
            return
        document, cache = session.document, self._workspace.cache

        def done(planes: dict[Name, Plane]) -> None:
            self._stale = False
            for name, plane in planes.items():
                self.buttons[name].show_plane(plane)

        self._workspace.jobs.submit(
            lambda job: previews(document, cache, job.cancelled), done, lane=self._lane
        )
