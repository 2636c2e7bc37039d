"""Circles over the picture around the blemishes of an automatic restoration, and what a click on one does."""

import math
from collections.abc import Collection

from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen

from retexture.document.analysis import Analysis, Spot
from retexture.document.document import Document
from retexture.gui import theme
from retexture.gui.commands import Key
from retexture.gui.gestures import attempt
from retexture.gui.panes import Pane
from retexture.gui.picture_view import PictureView
from retexture.gui.workspace import Workspace
from retexture.session import restoration
from retexture.session.added_blemish import with_blemish
from retexture.session.jobs import Job
from retexture.session.view import Point, Size

KEYS = (
    Key("Click on a circle", "Hand, or Space held: keep a blemish out, or let it come back", "Retouching"),
)

LEAST_DRAWN_PX = 5.0
"""Radius of the smallest circle, in device-independent pixels: smaller ones would be dots."""
SLACK_PX = 3.0
"""How far outside a circle it is still meant."""
DASH_PX = 4.5
"""Of a dash and as long a gap, about: they fit the circle. Small circles have fewer."""
FEWEST_DASHES = 5
DARK, LIGHT = QColor(0, 0, 0, 150), QColor("#f4f4f4")
POINTED = QColor(theme.WARNING)


class Spots(QObject):
    """Which circles are shown. Solid: kept out. Dashed: comes back."""

    changed = Signal()
    """Something else is to be drawn."""
    shown_changed = Signal(bool)
    picked = Signal(int)
    """A circle was clicked: the spot's index."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self.shown = False
        self.live = False
        """The sensitivity is being dragged: all are shown as long."""
        self.pointed: frozenset[int] = frozenset()
        """Those that the list points at: always shown."""
        workspace.session_changed.connect(lambda _session: self.point_at(()))

    @property
    def analysis(self) -> Analysis | None:
        """What was found in the document in front; None of one without blemishes."""
        session = self._workspace.session
        return None if session is None else session.document.analysis

    def show(self, on: bool) -> None:
        """Show all circles, or only those pointed at."""
        if on != self.shown:
            self.shown = on
            self.shown_changed.emit(on)
            self.changed.emit()

    def show_live(self, on: bool) -> None:
        """Show all circles while something about them is dragged."""
        if on != self.live:
            self.live = on
            self.changed.emit()

    def point_at(self, indices: Collection[int]) -> None:
        """Make some circles stand out."""
        if frozenset(indices) != self.pointed:
            self.pointed = frozenset(indices)
            self.changed.emit()

    # -- the pointer

    def at(self, point: Point, zoom: float) -> int | None:
        """Return the index of the circle around a point of the picture, seen at a zoom in device pixels."""
        if self.analysis is None or not self.shown:
            return None
        return restoration.spot_at(self.analysis, point, SLACK_PX / zoom)

    def words(self, index: int) -> str:
        """Return what to say about a spot."""
        assert self.analysis is not None
        kept = restoration.decisions(self.analysis)[index]
        now, then = ("kept out", "let it come back") if kept else ("comes back", "keep it out")
        return f"{restoration.title_of(self.analysis.spots[index])}: {now}\nClick to {then}"

    def click(self, index: int) -> None:
        """Decide otherwise about a spot."""
        attempt(self._workspace, lambda session: restoration.toggle(session, [index]))
        self.picked.emit(index)

    def add(self, point: Point, diameter_px: float) -> None:
        """Keep out a blemish that was not found, with clean skin made for it off the window's thread."""
        session = self._workspace.session
        if session is None:
            return
        session.finish_gesture()
        before = session.document

        def work(_job: Job[Document | ValueError]) -> Document | ValueError:
            try:
                return with_blemish(before, point.x, point.y, diameter_px / 2)
            except ValueError as error:
                return error

        def take(made: Document | ValueError) -> None:
            if isinstance(made, ValueError):
                self._workspace.tell_problem(made)
            elif session.document is not before:
                self._workspace.message.emit("The document was edited meanwhile: add the blemish again")
            elif session in self._workspace.sessions:
                session.edit("Add Blemish", lambda _: made)
                self.picked.emit(len(before.analysis.spots) if before.analysis else 0)

        self._workspace.jobs.submit(
            work,
            lambda made: session.soon(lambda: take(made)),
            lane=f"adding {id(session)}",
            title="Making clean skin",
            urgent=True,
        )

    # -- drawing

    def paint(self, painter: QPainter, canvas: PictureView) -> None:
        """Draw the circles in every pane, in device pixels of the window."""
        analysis = self.analysis
        everything = self.shown or self.live
        if analysis is None or canvas.holds_before or not (everything or self.pointed):
            return
        kept = restoration.decisions(analysis)
        for pane in canvas.panes():
            painter.save()
            painter.setClipRect(canvas.visible_part(pane))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for index, spot in enumerate(analysis.spots):
                if everything or index in self.pointed:
                    self._circle(painter, canvas, pane, spot, kept[index], index in self.pointed)
            painter.restore()

    def _circle(
        self, painter: QPainter, canvas: PictureView, pane: Pane, spot: Spot, kept: bool, pointed: bool
    ) -> None:
        ratio, rect = canvas.devicePixelRatioF(), pane.rect
        at = canvas.view.to_window(Point(spot.x_px, spot.y_px), Size(rect.width(), rect.height()))
        radius = max(spot.radius_px * canvas.view.zoom, LEAST_DRAWN_PX * ratio)
        reach = radius + 4 * ratio
        inside = -reach < at.x < rect.width() + reach and -reach < at.y < rect.height() + reach
        if not inside:
            return
        centre = QPointF(rect.x() + at.x, rect.y() + at.y)
        dashes = max(round(math.pi * radius / (DASH_PX * ratio)), FEWEST_DASHES)
        dash = math.pi * radius / dashes
        width = (2.5 if pointed else 1.5) * ratio
        for colour, wide in ((DARK, width + 1.5 * ratio), (POINTED if pointed else LIGHT, width)):
            pen = QPen(colour, wide)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            if not kept:
                pen.setDashPattern([dash / wide, dash / wide])
            painter.setPen(pen)
            painter.drawEllipse(centre, radius, radius)
