"""Marching ants: the outline of what is selected, over the canvas. It is found off the window's thread."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, QTimer
from PySide6.QtGui import QColor, QImage, QPainter, QRegion

from retexture.document.pixels import Tiles
from retexture.gui.picture_view import PictureView
from retexture.render.region import Region
from retexture.session.selection_outline import DASH, outline
from retexture.session.session import Update
from retexture.session.view import Size, View

STEP_MS = 120
MARCH_MS = 3000
"""How long they march after a change. Then they stand still, and cost nothing."""
LANE = "marching ants"
BLOCK = 64
"""Edge of the squares that are repainted at each step."""
MARGIN_PX = 256
"""Of outline beyond the window, for when the picture is moved."""


class _Ants(NamedTuple):
    image: QImage
    pixels: NDArray[np.uint8]
    """What the image shows; it must live as long."""
    place: Region
    """In the picture at `zoom`."""
    zoom: float
    blocks: tuple[Region, ...]
    """Where there is something to repaint, in the picture at `zoom`."""


class MarchingAnts:
    """Draws what is selected in the document in front, unless Quick Mask shows it."""

    def __init__(self, canvas: PictureView) -> None:
        self._canvas = canvas
        self._ants: _Ants | None = None
        self._shown: tuple[Tiles, View, Size] | None = None
        """What the outline was asked for."""
        self._phase = 0
        self._steps_left = 0
        # No timer of the workspace: ants that march are no work that anyone should wait for.
        self._timer = QTimer(canvas)
        self._timer.setInterval(STEP_MS)
        self._timer.timeout.connect(self._step)
        self.offset = (0.0, 0.0)
        """By how many picture pixels the outline is drawn beside its place, while it is dragged."""
        workspace = canvas.workspace
        workspace.session_changed.connect(lambda _session: self._follow())
        workspace.updated.connect(self._take_update)
        canvas.view_changed.connect(lambda _view, _size: self._follow())
        canvas.look_changed.connect(self._follow)

    @property
    def marching(self) -> bool:
        """Whether they move."""
        return self._timer.isActive()

    @property
    def visible(self) -> bool:
        """Whether there is an outline to draw."""
        return self._ants is not None

    def _take_update(self, update: Update) -> None:
        if update.changes.selection or update.selection or update.changes.canvas:
            self._follow()

    def _follow(self) -> None:
        session = self._canvas.session
        selection = None if session is None or session.quick_mask else session.document.selection
        if selection is None:
            self._canvas.workspace.jobs.cancel(LANE)
            self._timer.stop()
            self._shown = None
            self._take(None)
            return
        view, size = self._canvas.view, self._canvas.pane_size()
        if (selection, view, size) == self._shown:
            return
        changed = self._shown is None or self._shown[0] != selection
        self._shown = (selection, view, size)
        zoom, region = view.zoom, _seen(view, size)

        def done(found: _Ants | None) -> None:
            self._take(found)
            if changed:
                self.march()

        self._canvas.workspace.jobs.submit(lambda _job: _make(selection, zoom, region), done, lane=LANE)

    def _take(self, ants: _Ants | None) -> None:
        if self._ants is not ants:
            self._ants = ants
            self.offset = (0.0, 0.0)
            self._canvas.update()

    def march(self) -> None:
        """March for a while."""
        self._steps_left = MARCH_MS // STEP_MS
        self._timer.start()

    def _step(self) -> None:
        self._steps_left -= 1
        if self._steps_left <= 0 or self._ants is None or not self._canvas.isVisible():
            self._timer.stop()
            return
        self._phase = (self._phase + 1) % (2 * DASH)
        if not self._canvas.view.upright:
            self._canvas.update()
            return
        region = QRegion()
        ratio = self._canvas.devicePixelRatioF()
        for pane in self._canvas.panes():
            for block in self._ants.blocks:
                place = self._target(block, pane.rect)
                region += QRectF(place.topLeft() / ratio, place.size() / ratio).toAlignedRect()
        self._canvas.update(region)

    def _target(self, place: Region, pane: QRect) -> QRectF:
        """Return where a part of the picture at the outline's zoom lies in the window before it is turned."""
        assert self._ants is not None
        view = self._canvas.view
        origin = view.origin(Size(pane.width(), pane.height()))
        k = view.zoom / self._ants.zoom
        x = pane.x() + origin.x + place.x * k + self.offset[0] * view.zoom
        y = pane.y() + origin.y + place.y * k + self.offset[1] * view.zoom
        return QRectF(x, y, place.width * k, place.height * k)

    def paint(self, painter: QPainter) -> None:
        """Draw the outline in every pane, in device pixels of the window."""
        if self._ants is None:
            return
        colours = [0] * (2 * DASH + 1)
        for i in range(2 * DASH):
            dark = (i - self._phase) % (2 * DASH) < DASH
            colours[i + 1] = QColor("black" if dark else "white").rgba()
        self._ants.image.setColorTable(colours)
        for pane in self._canvas.panes():
            painter.save()
            painter.setClipRect(self._canvas.visible_part(pane))
            if not self._canvas.view.upright:
                painter.setTransform(self._canvas.turn(pane), combine=True)
            target = self._target(self._ants.place, pane.rect)
            if self._canvas.view.zoom == self._ants.zoom:
                painter.drawImage(QPointF(round(target.x()), round(target.y())), self._ants.image)
            else:
                painter.drawImage(target, self._ants.image)
            painter.restore()


def _seen(view: View, size: Size) -> Region:
    """Return what of the scaled picture a pane shows, and a margin."""
    origin = view.origin(size)
    width, height = size
    if not view.upright:
        # However it is turned, it shows no more than the circle around it.
        edge = (width**2 + height**2) ** 0.5
        origin = type(origin)(origin.x + (edge - width) / 2, origin.y + (edge - height) / 2)
        width = height = edge
    region = Region(int(-origin.x), int(-origin.y), int(width) + 1, int(height) + 1)
    return region.grown(MARGIN_PX)


def _make(selection: Tiles, zoom: float, region: Region) -> _Ants | None:
    picture = Region(0, 0, int(selection.width_px * zoom) + 1, int(selection.height_px * zoom) + 1)
    region = region.within(picture)
    if not region.width or not region.height:
        return None
    found = outline(selection, zoom, region)
    rows, columns = np.flatnonzero(found.any(1)), np.flatnonzero(found.any(0))
    if not len(rows):
        return None
    top, left = int(rows[0]), int(columns[0])
    pixels = np.ascontiguousarray(found[top : rows[-1] + 1, left : columns[-1] + 1])
    height, width = pixels.shape
    place = Region(region.x + left, region.y + top, width, height)
    image = QImage(pixels.data, width, height, width, QImage.Format.Format_Indexed8)
    blocks = tuple(
        Region(place.x + x, place.y + y, BLOCK, BLOCK).within(place)
        for y in range(0, height, BLOCK)
        for x in range(0, width, BLOCK)
        if pixels[y : y + BLOCK, x : x + BLOCK].any()
    )
    return _Ants(image, pixels, place, zoom, blocks)
