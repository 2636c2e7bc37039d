"""What the Clone Stamp and the healing tools share: the source of the texture, and their options."""

from typing import Literal
from weakref import ref

from PySide6.QtCore import QObject, Signal

from retexture.session.cloning import Offset, whole_offset
from retexture.session.sampling import Sample
from retexture.session.session import Session
from retexture.session.view import Point

Healing = Literal["brush", "spot", "patch"]

HEALING: dict[Healing, str] = {"brush": "Healing Brush", "spot": "Spot Healing", "patch": "Patch"}
SAMPLES: dict[Sample, str] = {
    "current": "Current Layer",
    "below": "Current & Below",
    "all": "All Layers",
}


class CloneState(QObject):
    """What the retouching tools share: the source, and their options."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.aligned = True
        self.sample: Sample = "current"
        self.healing: Healing = "brush"
        self._source: tuple[ref[Session], Point] | None = None
        self._offset: Offset | None = None

    def set_aligned(self, aligned: bool) -> None:
        """Keep the distance to the source from stroke to stroke, or begin each stroke at the source."""
        self.aligned, self._offset = aligned, None
        self.changed.emit()

    def set_sample(self, sample: Sample) -> None:
        """Sample other layers."""
        self.sample = sample
        self.changed.emit()

    def set_healing(self, healing: Healing) -> None:
        """Heal in another way."""
        self.healing = healing
        self.changed.emit()

    def next_healing(self) -> None:
        """Go on to the next way to heal."""
        ways = list(HEALING)
        self.set_healing(ways[(ways.index(self.healing) + 1) % len(ways)])

    def set_source(self, session: Session, point: Point) -> None:
        """Sample from here.

        Raises:
            ValueError: the point is not in the picture.
        """
        document = session.document
        if not (0 <= point.x < document.width_px and 0 <= point.y < document.height_px):
            raise ValueError("The source lies outside the picture: Alt-click inside it")
        self._source, self._offset = (ref(session), point), None
        self.changed.emit()

    def source(self, session: Session | None) -> Point | None:
        """Return the source in a document."""
        if self._source is None or session is None or self._source[0]() is not session:
            return None
        return self._source[1]

    def offset(self, session: Session, place: Point) -> Offset:
        """Return the offset to the source of a stroke that begins at a place.

        Raises:
            ValueError: no source was set in this document.
        """
        source = self.source(session)
        if source is None:
            raise ValueError("Alt-click in the picture first, to set the source")
        if not self.aligned or self._offset is None:
            self._offset = whole_offset(source, place)
        return self._offset

    def next_offset(self, session: Session | None, place: Point) -> Offset | None:
        """Return the offset that a stroke would have that began at a place; None without a source."""
        source = self.source(session)
        if source is None:
            return None
        return self._offset if self.aligned and self._offset is not None else whole_offset(source, place)

    def source_at(self, session: Session | None, place: Point | None, painting: bool) -> Point | None:
        """Return what is sampled for a place: the source itself until a stroke has begun."""
        source = self.source(session)
        if source is None or place is None or self._offset is None or not (self.aligned or painting):
            return source
        return Point(place.x + self._offset[0], place.y + self._offset[1])
