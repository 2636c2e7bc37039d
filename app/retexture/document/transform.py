"""How a pixel layer lies in the document: shifted, scaled, turned, distorted and warped, as parameters.

A point of the source goes through the warp mesh, then through the distortion of the corners, both in source pixels;
then it is mirrored and scaled about the source's centre, turned about it, and shifted in document pixels. Scaling and
turning a distorted picture therefore keeps its distortion.
"""

import functools
import math
from typing import Annotated, Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.declare import described, number

F64 = NDArray[np.float64]

LIMIT_PX = 1_000_000
SMALLEST_SCALE, LARGEST_SCALE = 0.001, 100.0

Offset = tuple[float, float]
Mesh = tuple[Offset, ...]
"""Offsets of the 4 x 4 control points of a warp, row by row from the top left, in source pixels."""

MESH = 4
FLAT_MESH: Mesh = ((0.0, 0.0),) * MESH**2

_SHIFT = number(-LIMIT_PX, LIMIT_PX, slider=(-1000, 1000), unit="px", help="Shift to the right")
_SHIFT_DOWN = number(-LIMIT_PX, LIMIT_PX, slider=(-1000, 1000), unit="px", help="Shift downwards")


def _corner(name: str, way: str) -> msgspec.Meta:
    text = f"Distortion: how far the {name} corner lies {way}, in the source's own pixels"
    return number(-LIMIT_PX, LIMIT_PX, slider=(-1000, 1000), unit="px", help=text)


class Transform(msgspec.Struct, frozen=True):
    """Where a picture lies. The default leaves it in its place, pixel for pixel."""

    x_px: Annotated[float, _SHIFT] = 0.0
    y_px: Annotated[float, _SHIFT_DOWN] = 0.0
    scale_x: Annotated[
        float, number(SMALLEST_SCALE, LARGEST_SCALE, slider=(0.05, 4), help="Width, 1 is as it is")
    ] = 1.0
    scale_y: Annotated[
        float, number(SMALLEST_SCALE, LARGEST_SCALE, slider=(0.05, 4), help="Height, 1 is as it is")
    ] = 1.0
    flip_x: Annotated[bool, described("Mirrored left to right")] = False
    flip_y: Annotated[bool, described("Mirrored top to bottom")] = False
    angle_deg: Annotated[
        float, number(-360, 360, slider=(-180, 180), unit="degrees", help="Turned clockwise about its centre")
    ] = 0.0
    top_left_x_px: Annotated[float, _corner("top left", "further right")] = 0.0
    top_left_y_px: Annotated[float, _corner("top left", "lower")] = 0.0
    top_right_x_px: Annotated[float, _corner("top right", "further right")] = 0.0
    top_right_y_px: Annotated[float, _corner("top right", "lower")] = 0.0
    bottom_right_x_px: Annotated[float, _corner("bottom right", "further right")] = 0.0
    bottom_right_y_px: Annotated[float, _corner("bottom right", "lower")] = 0.0
    bottom_left_x_px: Annotated[float, _corner("bottom left", "further right")] = 0.0
    bottom_left_y_px: Annotated[float, _corner("bottom left", "lower")] = 0.0
    warp: Mesh | None = None

    @property
    def is_identity(self) -> bool:
        """Whether nothing is changed."""
        return self == IDENTITY

    @property
    def corners(self) -> tuple[Offset, Offset, Offset, Offset]:
        """The offsets of the corners, clockwise from the top left."""
        return (
            (self.top_left_x_px, self.top_left_y_px),
            (self.top_right_x_px, self.top_right_y_px),
            (self.bottom_right_x_px, self.bottom_right_y_px),
            (self.bottom_left_x_px, self.bottom_left_y_px),
        )

    def with_corners(self, offsets: tuple[Offset, ...]) -> "Transform":
        """Return it with other offsets of the corners, clockwise from the top left."""
        names = ("top_left", "top_right", "bottom_right", "bottom_left")
        fields = {
            f"{n}_{axis}_px": o[i] for n, o in zip(names, offsets, strict=True) for i, axis in enumerate("xy")
        }
        return msgspec.structs.replace(self, **fields)


IDENTITY = Transform()


class Placement(NamedTuple):
    """A transform of a source of a size, at its place in the document."""

    transform: Transform
    width_px: int
    height_px: int
    x_px: int = 0
    y_px: int = 0

    @property
    def matrix(self) -> F64:
        """The 3 x 3 homography from points of the source (its top left corner is 0, 0) to points of the document.

        The warp is not in it.

        Raises:
            ValueError: the distorted corners form no convex quadrilateral.
        """
        return _matrix(self)

    @property
    def whole_pixels(self) -> F64 | None:
        """The matrix where it only shifts by whole pixels, mirrors and turns by right angles; else None."""
        return _whole(self)

    def outline(self, steps: int = 1) -> F64:
        """Return (4 steps, 2) points of the document around the picture, clockwise from the top left corner."""
        t = np.arange(steps) / steps
        zero, one = np.zeros(steps), np.ones(steps)
        u = np.concatenate([t, one, 1 - t, zero])
        v = np.concatenate([zero, t, one, 1 - t])
        return self.to_document(np.stack([u * self.width_px, v * self.height_px], 1))

    def to_document(self, points: F64) -> F64:
        """Return where points (n, 2) of the source lie in the document."""
        mesh = self.transform.warp
        if mesh is not None:
            points = warped(mesh, points, self.width_px, self.height_px)
        return apply(self.matrix, points)

    def bounds(self) -> tuple[float, float, float, float]:
        """Return (left, top, right, bottom) of a rectangle of the document that holds all of the picture."""
        return _bounds(self)


def apply(matrix: F64, points: F64) -> F64:
    """Return points (n, 2) through a homography."""
    moved = points @ matrix[:, :2].T + matrix[:, 2]
    return np.asarray(moved[:, :2] / moved[:, 2:], np.float64)


@functools.lru_cache(256)
def _matrix(place: Placement) -> F64:
    t, width, height = place.transform, place.width_px, place.height_px
    to_centre = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1]])
    distorted = _distortion(t, width, height)
    a = math.radians(t.angle_deg)
    cos, sin = math.cos(a), math.sin(a)
    if t.angle_deg % 90 == 0:
        cos, sin = ((1, 0), (0, 1), (-1, 0), (0, -1))[int(t.angle_deg // 90) % 4]
    sx = -t.scale_x if t.flip_x else t.scale_x
    sy = -t.scale_y if t.flip_y else t.scale_y
    x, y = place.x_px + width / 2 + t.x_px, place.y_px + height / 2 + t.y_px
    turned = np.array([[cos * sx, -sin * sy, x], [sin * sx, cos * sy, y], [0, 0, 1]])
    matrix: F64 = turned @ to_centre @ distorted
    matrix.flags.writeable = False
    return matrix


@functools.lru_cache(256)
def _bounds(place: Placement) -> tuple[float, float, float, float]:
    mesh = place.transform.warp
    points = place.outline()
    if mesh is not None:  # a Bezier patch lies in the hull of its control points
        points = apply(place.matrix, control_points(mesh, place.width_px, place.height_px))
    (left, top), (right, bottom) = points.min(0), points.max(0)
    return float(left), float(top), float(right), float(bottom)


def _distortion(t: Transform, width: int, height: int) -> F64:
    if not any(offset != (0, 0) for offset in t.corners):
        return np.eye(3)
    corners = [(0, 0), (width, 0), (width, height), (0, height)]
    moved = [(x + dx, y + dy) for (x, y), (dx, dy) in zip(corners, t.corners, strict=True)]
    if not is_convex(moved):
        raise ValueError("the corners of a distorted picture must not cross: move them apart, or reset them")
    rows, values = [], []
    for (x, y), (u, v) in zip(corners, moved, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    solved = np.linalg.solve(np.array(rows, np.float64), np.array(values, np.float64))
    return np.append(solved, 1.0).reshape(3, 3)


def is_convex(corners: list[Offset]) -> bool:
    """Whether four corners, clockwise, form a convex quadrilateral of some area."""
    turns = []
    for i in range(4):
        (ax, ay), (bx, by), (cx, cy) = corners[i], corners[(i + 1) % 4], corners[(i + 2) % 4]
        turns.append((bx - ax) * (cy - by) - (by - ay) * (cx - bx))
    return min(turns) > 1e-3


@functools.lru_cache(256)
def _whole(place: Placement) -> F64 | None:
    t = place.transform
    if t.warp is not None or any(offset != (0, 0) for offset in t.corners):
        return None
    matrix = place.matrix
    whole: F64 = np.rint(matrix)
    right = set(np.abs(matrix[:2, :2]).ravel().tolist()) == {0.0, 1.0}
    return whole if right and bool((np.abs(matrix - whole) < 1e-9).all()) else None


# -- the warp mesh


def control_points(mesh: Mesh, width: int, height: int) -> F64:
    """Return the (16, 2) control points of a warp of a source, in its pixels."""
    v, u = np.mgrid[0:MESH, 0:MESH].reshape(2, -1) / (MESH - 1)
    return np.asarray(np.stack([u * width, v * height], 1) + np.array(mesh), np.float64)


def bernstein(t: F64) -> F64:
    """Return the four cubic Bernstein polynomials at t, (..., 4)."""
    s = 1 - t
    return np.stack([s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t], -1)


def warped(mesh: Mesh, points: F64, width: int, height: int) -> F64:
    """Return where a bicubic Bezier patch takes points (n, 2) of the source."""
    offsets = np.array(mesh).reshape(MESH, MESH, 2)
    bu, bv = bernstein(points[:, 0] / width), bernstein(points[:, 1] / height)
    return np.asarray(points + np.einsum("ni,nj,ijc->nc", bv, bu, offsets), np.float64)


def checked_mesh(mesh: Any) -> None:
    """Refuse a mesh that is none.

    Raises:
        ValueError: another number of points, or offsets that are no numbers or out of reach.
    """
    if mesh is None:
        return
    if len(mesh) != MESH**2:
        raise ValueError(f"a warp has {MESH**2} control points, not {len(mesh)}")
    if not all(math.isfinite(v) and abs(v) <= LIMIT_PX for point in mesh for v in point):
        raise ValueError("a control point of the warp is out of reach")
