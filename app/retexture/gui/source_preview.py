"""What a press of the Clone Stamp or the Healing Brush would bring, shown inside the brush's outline."""

from typing import NamedTuple

import msgspec
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath

from retexture.document.document import Document
from retexture.gui.canvas import Canvas
from retexture.gui.panes import Pane
from retexture.render.region import Region
from retexture.session import pictures
from retexture.session.brush import Brush
from retexture.session.cloning import CloneStroke, Offset
from retexture.session.drawing import BGRA, Picture, draw, scaled_region
from retexture.session.jobs import Job
from retexture.session.painting import painted
from retexture.session.retouching import Target, retouch_target
from retexture.session.sampling import Sample, Sampled, sampled_document
from retexture.session.session import Session
from retexture.session.view import Point

LANE = "source preview"
LEAST_PX, MOST_PX = 6, 800
"""Diameters on the screen between which there is something to see, and little to draw."""
MOST_PICTURE_PX = 2000


class Ground(NamedTuple):
    """Where a stroke would go and what it would sample, as long as the document stays the same."""

    document: Document
    layer: str | None
    sample: Sample
    target: Target
    sampled: Sampled


class Dab(msgspec.Struct, frozen=True):
    """What is to be seen."""

    brush: Brush
    offset: Offset
    place: Point


class Drawn(NamedTuple):
    """Pixels of a region of the picture at a scale."""

    dab: Dab
    document: Document
    scale: float
    region: Region
    pixels: BGRA


class SourcePreview:
    """A dab of the source under the pointer. It is drawn off the window's thread; until then the last one shows."""

    def __init__(self) -> None:
        self._ground: Ground | None = None
        self._asked: tuple[Dab, Document, float] | None = None
        self._drawn: Drawn | None = None
        self._shown = QRect()

    def clear(self, canvas: Canvas) -> None:
        """Show nothing."""
        canvas.workspace.jobs.cancel(LANE)
        self._ground = self._asked = self._drawn = None
        if not self._shown.isNull():
            shown, self._shown = self._shown, QRect()
            canvas.update(shown)

    def paint(
        self, painter: QPainter, canvas: Canvas, brush: Brush, sample: Sample, offset: Offset, place: Point
    ) -> None:
        """Show what a dab at a place of the picture would bring, with all of the brush's opacity."""
        session, pane = canvas.session, canvas.panes()[-1]
        assert session is not None
        ground = self._on(session, sample, canvas)
        seen = LEAST_PX <= brush.size_px * canvas.view.zoom <= MOST_PX and brush.size_px <= MOST_PICTURE_PX
        if ground is None or not seen or pane.name != pictures.RESULT or not canvas.look.plain:
            self.clear(canvas)
            return
        full = Brush(size_px=brush.size_px, hardness=brush.hardness, smoothing=0.0, opacity_pressure=False)
        dab, scale = Dab(full, offset, place), pane.viewport.scale
        if self._asked != (dab, ground.document, scale):
            self._asked = (dab, ground.document, scale)
            self._ask(dab, ground, scale, canvas)
        drawn = self._drawn
        if drawn is not None and drawn.document is ground.document and drawn.scale == scale:
            painter.save()
            painter.setClipRect(canvas.visible_part(pane))
            painter.setClipPath(_circle(canvas, pane, drawn.dab), Qt.ClipOperation.IntersectClip)
            canvas.paint_part(painter, pane, drawn.region, drawn.pixels)
            painter.restore()

    def _on(self, session: Session, sample: Sample, canvas: Canvas) -> Ground | None:
        """Return the ground of a stroke; None where one would be refused, or is under way."""
        document, layer = session.document, session.active
        if session.gesture is not None:
            return None
        if (
            self._ground is None
            or self._ground.document is not document
            or self._ground[1:3] != (layer, sample)
        ):
            try:
                target = retouch_target(session)
                picture = sampled_document(document, target.layer, sample)
            except ValueError:
                return None
            self._ground = Ground(document, layer, sample, target, Sampled(picture, canvas.workspace.cache))
        return self._ground

    def _ask(self, dab: Dab, ground: Ground, scale: float, canvas: Canvas) -> None:
        target, cache, selection = ground.target, canvas.workspace.cache, ground.document.selection

        def work(job: Job[Drawn | None]) -> Drawn | None:
            stroke = CloneStroke(target.tiles, dab.brush, ground.sampled, dab.offset, selection)
            touched = stroke.begin(*dab.place)
            if touched is None:
                return None
            document = painted(target.document, target.key, "layer", stroke.tiles)
            region = scaled_region(document, touched, scale)
            pixels = draw(
                Picture(document),
                scale,
                region,
                exact=False,
                cache=cache,
                direct=True,
                cancelled=job.cancelled,
            )
            return Drawn(dab, ground.document, scale, region, pixels)

        def done(drawn: Drawn | None) -> None:
            before, self._drawn, self._shown = self._shown, drawn, QRect()
            if drawn is not None:
                ratio = canvas.devicePixelRatioF()
                around = _circle(canvas, canvas.panes()[-1], drawn.dab).boundingRect()
                self._shown = QRectF(around.topLeft() / ratio, around.size() / ratio).toAlignedRect()
            canvas.update(before)
            canvas.update(self._shown)

        canvas.workspace.jobs.submit(work, done, lane=LANE, urgent=True)


def _circle(canvas: Canvas, pane: Pane, dab: Dab) -> QPainterPath:
    """Return the brush's outline in device pixels of the window."""
    at = canvas.view.to_window(dab.place, canvas.pane_size())
    radius, path = dab.brush.size_px * canvas.view.zoom / 2, QPainterPath()
    path.addEllipse(QPointF(at.x + pane.rect.x(), at.y + pane.rect.y()), radius, radius)
    return path
