"""How a picture lies in its window: zoom, position, rotation and flip. Plain geometry."""

import math
from typing import NamedTuple

import msgspec

MIN_ZOOM = 0.05
MAX_ZOOM = 32.0

STOPS = (
    0.05, 0.0625, 0.0833, 0.125, 0.1667, 0.25, 0.3333, 0.5, 0.6667, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 12.0, 16.0, 32.0,
)  # fmt: skip
"""Zooms of Ctrl++ and Ctrl+-."""


class Point(NamedTuple):
    """A position: in the picture (its first pixel spans 0 to 1), or in the window in device pixels."""

    x: float
    y: float


class Size(NamedTuple):
    """Width and height: of the picture in pixels, or of the window in device pixels."""

    width: float
    height: float


class View(msgspec.Struct, frozen=True):
    """A look at a picture. Zoom 1 shows one picture pixel on one device pixel."""

    zoom: float = 1.0
    centre: Point = Point(0, 0)
    """What of the picture lies in the middle of the window."""
    angle_deg: float = 0.0
    """Clockwise."""
    flipped: bool = False
    """Mirrored left to right, before it is turned."""

    @property
    def upright(self) -> bool:
        """Whether rows and columns of the picture are those of the screen."""
        return self.angle_deg == 0 and not self.flipped

    def origin(self, window: Size) -> Point:
        """Return where the picture's corner lies before it is turned and flipped, in whole device pixels.

        Whole, so that picture pixels are screen pixels at 100 %.
        """
        x, y = self._exact_origin(window)
        return Point(_whole(x), _whole(y))

    def _exact_origin(self, window: Size) -> Point:
        return Point(
            window.width / 2 - self.centre.x * self.zoom, window.height / 2 - self.centre.y * self.zoom
        )

    def to_window(self, point: Point, window: Size) -> Point:
        """Return where a point of the picture lies in the window."""
        origin = self.origin(window)
        x, y = origin.x + point.x * self.zoom, origin.y + point.y * self.zoom
        if self.upright:
            return Point(x, y)
        x, y = x - window.width / 2, y - window.height / 2
        if self.flipped:
            x = -x
        cos, sin = _turn(self.angle_deg)
        return Point(window.width / 2 + x * cos - y * sin, window.height / 2 + x * sin + y * cos)

    def to_picture(self, point: Point, window: Size) -> Point:
        """Return what of the picture lies at a point of the window."""
        return self._to_picture(point, window, self.origin(window))

    def _to_picture(self, point: Point, window: Size, origin: Point) -> Point:
        x, y = point
        if not self.upright:
            x, y = x - window.width / 2, y - window.height / 2
            cos, sin = _turn(-self.angle_deg)
            x, y = x * cos - y * sin, x * sin + y * cos
            if self.flipped:
                x = -x
            x, y = x + window.width / 2, y + window.height / 2
        return Point((x - origin.x) / self.zoom, (y - origin.y) / self.zoom)

    def zoomed(self, zoom: float, at: Point, window: Size) -> "View":
        """Return the view at another zoom that leaves what is under `at` in its place."""
        zoom = min(max(zoom, MIN_ZOOM), MAX_ZOOM)
        fixed = self.to_picture(at, window)
        view = msgspec.structs.replace(self, zoom=zoom)
        return view.with_point_at(fixed, at, window)

    def with_point_at(self, point: Point, at: Point, window: Size) -> "View":
        """Return the view moved so that a point of the picture lies at a point of the window."""
        # Where the corner would be without rounding: two roundings would be twice as far off.
        now = self._to_picture(at, window, self._exact_origin(window))
        centre = Point(self.centre.x + point.x - now.x, self.centre.y + point.y - now.y)
        return msgspec.structs.replace(self, centre=centre)

    def moved(self, dx: float, dy: float) -> "View":
        """Return the view with the picture moved by device pixels of the window."""
        cos, sin = _turn(-self.angle_deg)
        x, y = dx * cos - dy * sin, dx * sin + dy * cos
        if self.flipped:
            x = -x
        centre = Point(self.centre.x - x / self.zoom, self.centre.y - y / self.zoom)
        return msgspec.structs.replace(self, centre=centre)

    def turned(self, degrees: float) -> "View":
        """Return the view turned clockwise about the middle of the window."""
        angle = round((self.angle_deg + degrees) % 360, 3) % 360
        return msgspec.structs.replace(self, angle_deg=angle)

    def fitting(self, picture: Size, window: Size) -> "View":
        """Return the view that shows all of the picture, in the middle; turned as it is."""
        cos, sin = (abs(v) for v in _turn(self.angle_deg))
        width = picture.width * cos + picture.height * sin
        height = picture.width * sin + picture.height * cos
        zoom = min(window.width / width, window.height / height)
        centre = Point(picture.width / 2, picture.height / 2)
        return msgspec.structs.replace(self, zoom=min(max(zoom, MIN_ZOOM), MAX_ZOOM), centre=centre)

    def kept_inside(self, picture: Size) -> "View":
        """Return the view with its centre on the picture, so that the picture cannot be lost."""
        centre = Point(min(max(self.centre.x, 0), picture.width), min(max(self.centre.y, 0), picture.height))
        return self if centre == self.centre else msgspec.structs.replace(self, centre=centre)

    def next_stop(self, direction: int) -> float:
        """Return the next larger (1) or smaller (-1) usual zoom."""
        if direction > 0:
            return next((stop for stop in STOPS if stop > self.zoom * 1.001), MAX_ZOOM)
        return next((stop for stop in reversed(STOPS) if stop < self.zoom * 0.999), MIN_ZOOM)


def _whole(value: float) -> int:
    """Round halves one way, whatever the last digits are: steps of one pixel then move by one pixel each."""
    return math.floor(value + 0.5 + 1e-6)


def _turn(degrees: float) -> tuple[float, float]:
    """Return (cos, sin), exact for quarter turns."""
    quarter = degrees / 90
    if quarter == round(quarter):
        return ((1, 0), (0, 1), (-1, 0), (0, -1))[int(quarter) % 4]
    return math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
