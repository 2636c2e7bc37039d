"""The geometry of the transform box: what a drag of one of its handles makes of a transform. No document, no window.

Points are in the document. A handle is a number: the corners clockwise from the top left are 0 to 3, the sides after
each of them (top, right, bottom, left) 4 to 7.
"""

import math

import msgspec
import numpy as np

from retexture.document.transform import (
    F64,
    FLAT_MESH,
    LARGEST_SCALE,
    LIMIT_PX,
    MESH,
    SMALLEST_SCALE,
    Placement,
    Transform,
    apply,
    control_points,
    is_convex,
)
from retexture.session.view import Point

CORNERS, SIDES = range(4), range(4, 8)
SNAP_DEG = 15


def handles(place: Placement) -> list[Point]:
    """Return where the eight handles lie."""
    corners = [Point(x, y) for x, y in apply(place.matrix, _corners(place)).tolist()]
    sides = [_middle(a, b) for a, b in zip(corners, [*corners[1:], corners[0]], strict=True)]
    return [*corners, *sides]


def centre(place: Placement) -> Point:
    """Return the point that turning and scaling about the centre leaves in its place."""
    t = place.transform
    return Point(place.x_px + place.width_px / 2 + t.x_px, place.y_px + place.height_px / 2 + t.y_px)


def limited(place: Placement) -> Transform:
    """Return the transform inside its limits: never smaller than a pixel, or than 0.1 %."""
    t = place.transform

    def scale(value: float, size: int) -> float:
        return min(max(value, SMALLEST_SCALE, 1 / size), LARGEST_SCALE)

    def shift(value: float) -> float:
        return min(max(value, -LIMIT_PX), LIMIT_PX)

    return msgspec.structs.replace(
        t,
        x_px=shift(t.x_px),
        y_px=shift(t.y_px),
        scale_x=scale(t.scale_x, place.width_px),
        scale_y=scale(t.scale_y, place.height_px),
        angle_deg=math.remainder(t.angle_deg, 360),
    )


def shifted(place: Placement, dx: float, dy: float) -> Transform:
    """Return the transform moved by document pixels."""
    t = place.transform
    return _limited(place, x_px=t.x_px + dx, y_px=t.y_px + dy)


def scaled(
    place: Placement, handle: int, to: Point, *, keep: bool = False, about_centre: bool = False
) -> Transform:
    """Return the transform whose handle lies at a point, or as near as can be.

    Args:
        place: as it was when the drag began.
        handle: which one.
        to: where it is dragged.
        keep: width and height keep their proportions.
        about_centre: the centre stays; else the handle opposite does.
    """
    points = handles(place)
    fixed = centre(place) if about_centre else points[handle ^ 2]
    before, after = (_straight(place, p.x - fixed.x, p.y - fixed.y) for p in (points[handle], to))
    kx, ky = (a / b if abs(b) > 1e-6 else 1.0 for a, b in zip(after, before, strict=True))
    if keep:
        k = (before[0] * after[0] + before[1] * after[1]) / max(before[0] ** 2 + before[1] ** 2, 1e-12)
        kx = ky = k
    elif handle in SIDES:
        # A side that a distortion has tilted is still moved across itself.
        across = handle in (5, 7)
        kx, ky = (kx, 1.0) if across else (1.0, ky)
    return _rescaled(place, kx, ky, fixed)


def rescaled(place: Placement, scale_x: float, scale_y: float) -> Transform:
    """Return the transform of another width and height, its centre in its place."""
    return _limited(place, scale_x=scale_x, scale_y=scale_y)


def turned(place: Placement, start: Point, to: Point, *, snap: bool = False) -> Transform:
    """Return the transform turned as from one point around the centre to another; `snap` to steps of 15 degrees."""
    c = centre(place)
    swept = math.atan2(to.y - c.y, to.x - c.x) - math.atan2(start.y - c.y, start.x - c.x)
    angle = place.transform.angle_deg + math.degrees(swept)
    return _limited(place, angle_deg=round(angle / SNAP_DEG) * SNAP_DEG if snap else angle)


def turned_to(place: Placement, angle_deg: float) -> Transform:
    """Return the transform turned to an angle, its centre in its place."""
    return _limited(place, angle_deg=angle_deg)


def distorted(place: Placement, corner: int, to: Point) -> Transform:
    """Return the transform with one corner at a point; as it was where the corners would cross."""
    return _pulled(place, {corner: _way_of(place, corner, to)})


def in_perspective(place: Placement, corner: int, to: Point) -> Transform:
    """Return the transform with one corner dragged along a side of the picture, the side that the drag keeps to.

    The corner at that side's other end goes as far the other way. As it was where the corners would cross.
    """
    dx, dy = _way_of(place, corner, to)
    if abs(dx) >= abs(dy):
        return _pulled(place, {corner: (dx, 0), corner ^ 1: (-dx, 0)})
    return _pulled(place, {corner: (0, dy), 3 - corner: (0, -dy)})


def mirrored(place: Placement, *, across: bool) -> Transform:
    """Return the transform mirrored left to right as the document shows it (`across`), or top to bottom."""
    t = place.transform
    name = "flip_x" if across else "flip_y"
    return _limited(place, angle_deg=-t.angle_deg, **{name: not getattr(t, name)})


def quarter_turned(place: Placement, quarters: int) -> Transform:
    """Return the transform turned clockwise by right angles; one of whole pixels stays so, half a pixel aside."""
    after = _limited(place, angle_deg=place.transform.angle_deg + 90 * quarters)
    if place.whole_pixels is not None and place._replace(transform=after).whole_pixels is None:
        aside = {
            name: getattr(after, name) + (-0.5 if getattr(after, name) % 1 else 0.5)
            for name in ("x_px", "y_px")
        }
        after = msgspec.structs.replace(after, **aside)
    return after


def composed(place: Placement, before: Placement, after: Placement) -> Transform:
    """Return the transform of a picture that is changed as another one was, from one placement to another.

    A turned picture that is scaled along other axes than its own gets distorted corners. It does not follow a warp.

    Raises:
        ValueError: corners cross, or it gets out of the limits.
    """
    if place == before:
        return after.transform
    t, width, height = place.transform, place.width_px, place.height_px
    if before.transform.warp != after.transform.warp:
        return t
    wanted = after.matrix @ np.linalg.inv(before.matrix) @ place.matrix
    distortion = Placement(Transform().with_corners(t.corners), width, height).matrix
    rest = wanted @ np.linalg.inv(distortion)
    rest /= rest[2, 2]
    across, down = rest[:2, 0], rest[:2, 1]
    scales = [float(np.hypot(*side)) for side in (across, down)]
    ((x, y),) = apply(rest, np.array([[width / 2, height / 2]])).tolist()
    shift = (round(x - width / 2 - place.x_px, 9), round(y - height / 2 - place.y_px, 9))
    new: Transform = msgspec.structs.replace(t, x_px=shift[0], y_px=shift[1])
    if abs(float(across @ down)) < 1e-9 * scales[0] * scales[1] and np.abs(rest[2, :2]).max() < 1e-12:
        mirrored = float(np.linalg.det(rest[:2, :2])) < 0
        turn = math.degrees(math.atan2(across[1], across[0]))
        ways = [(turn + 180 * flip_x, flip_x, flip_x != mirrored) for flip_x in (t.flip_x, not t.flip_x)]
        angle, flip_x, flip_y = min(ways, key=lambda way: abs(math.remainder(way[0] - t.angle_deg, 360)))
        new = msgspec.structs.replace(
            new,
            scale_x=round(scales[0], 12),
            scale_y=round(scales[1], 12),
            flip_x=flip_x,
            flip_y=flip_y,
            angle_deg=round(math.remainder(angle, 360), 9),
        )
    else:
        plain = place._replace(transform=new.with_corners(((0, 0),) * 4)).matrix
        own = np.linalg.inv(plain) @ wanted
        corners = _corners(place)
        if not (corners @ own[2, :2] / own[2, 2] + 1 > 1e-6).all():
            raise ValueError("the corners of a distorted picture lie beyond the horizon")
        offsets = (apply(own, corners) - corners).tolist()
        new = new.with_corners(tuple((round(dx, 9), round(dy, 9)) for dx, dy in offsets))
    values = (new.x_px, new.y_px, *(v for offset in new.corners for v in offset))
    if max(map(abs, values)) > LIMIT_PX or not all(
        SMALLEST_SCALE <= v <= LARGEST_SCALE for v in (new.scale_x, new.scale_y)
    ):
        raise ValueError("a picture would get too large, too small, or too far away")
    place._replace(transform=new).matrix  # noqa: B018 - it refuses corners that cross
    return new


def warp_points(place: Placement) -> list[Point]:
    """Return where the sixteen control points of the warp lie."""
    mesh = place.transform.warp or FLAT_MESH
    points = apply(place.matrix, control_points(mesh, place.width_px, place.height_px))
    return [Point(x, y) for x, y in points.tolist()]


def bent(place: Placement, index: int, to: Point) -> Transform:
    """Return the transform with one control point of its warp at a point; a corner takes its neighbours along."""
    mesh = list(place.transform.warp or FLAT_MESH)
    base = control_points(FLAT_MESH, place.width_px, place.height_px)
    (wanted,) = apply(np.asarray(np.linalg.inv(place.matrix), np.float64), np.array([to]))
    dx, dy = wanted - base[index] - mesh[index]
    row, column = divmod(index, MESH)
    taken = [index]
    if row in (0, MESH - 1) and column in (0, MESH - 1):
        # As in Photoshop, the handles of a corner move with it.
        inner_row, inner_column = (1 if v == 0 else MESH - 2 for v in (row, column))
        taken += [inner_row * MESH + column, row * MESH + inner_column, inner_row * MESH + inner_column]
    for i in taken:
        x, y = mesh[i][0] + float(dx), mesh[i][1] + float(dy)
        mesh[i] = (min(max(x, -LIMIT_PX), LIMIT_PX), min(max(y, -LIMIT_PX), LIMIT_PX))
    return msgspec.structs.replace(place.transform, warp=tuple(mesh))


def fitted(size: tuple[int, int], canvas: tuple[int, int]) -> float:
    """Return the scale at which a picture fits into a canvas; 1 where it fits as it is."""
    return min(1.0, canvas[0] / size[0], canvas[1] / size[1])


def contains(place: Placement, point: Point) -> bool:
    """Whether a point lies inside the box."""
    corners = handles(place)[:4]
    signs = []
    for a, b in zip(corners, [*corners[1:], corners[0]], strict=True):
        signs.append((b.x - a.x) * (point.y - a.y) - (b.y - a.y) * (point.x - a.x))
    return min(signs) >= 0 or max(signs) <= 0


def _corners(place: Placement) -> F64:
    width, height = place.width_px, place.height_px
    return np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)


def _middle(a: Point, b: Point) -> Point:
    return Point((a.x + b.x) / 2, (a.y + b.y) / 2)


def _straight(place: Placement, x: float, y: float) -> tuple[float, float]:
    """Return a direction of the document as it is before the picture is turned."""
    a = math.radians(-place.transform.angle_deg)
    return x * math.cos(a) - y * math.sin(a), x * math.sin(a) + y * math.cos(a)


def _own(place: Placement, point: Point) -> tuple[float, float]:
    """Return a point of the document in the source's own pixels, distorted as it is."""
    t, c = place.transform, centre(place)
    x, y = _straight(place, point.x - c.x, point.y - c.y)
    sx, sy = (-t.scale_x if t.flip_x else t.scale_x), (-t.scale_y if t.flip_y else t.scale_y)
    return x / sx + place.width_px / 2, y / sy + place.height_px / 2


def _way_of(place: Placement, corner: int, to: Point) -> tuple[float, float]:
    """Return how far a corner is from a point, in the source's own pixels."""
    x, y = _own(place, to)
    own_x, own_y = _corners(place)[corner] + place.transform.corners[corner]
    return x - float(own_x), y - float(own_y)


def _pulled(place: Placement, ways: dict[int, tuple[float, float]]) -> Transform:
    """Return the transform with corners moved in the source's own pixels; as it was where they would cross."""
    offsets = np.array(place.transform.corners)
    for corner, way in ways.items():
        offsets[corner] = np.clip(offsets[corner] + way, -LIMIT_PX, LIMIT_PX)
    if not is_convex((_corners(place) + offsets).tolist()):
        return place.transform
    return place.transform.with_corners(tuple((x, y) for x, y in offsets.tolist()))


def _rescaled(place: Placement, kx: float, ky: float, fixed: Point) -> Transform:
    """Return the transform with its sides multiplied, a point of the picture in its place; below 0 they mirror it."""
    t = place.transform
    x, y = _own(place, fixed)
    scale = limited(
        place._replace(
            transform=msgspec.structs.replace(t, scale_x=t.scale_x * abs(kx), scale_y=t.scale_y * abs(ky))
        )
    )
    new = msgspec.structs.replace(scale, flip_x=t.flip_x != (kx < 0), flip_y=t.flip_y != (ky < 0))
    sx, sy = (-new.scale_x if new.flip_x else new.scale_x), (-new.scale_y if new.flip_y else new.scale_y)
    ox, oy = (x - place.width_px / 2) * sx, (y - place.height_px / 2) * sy
    a = math.radians(t.angle_deg)
    cx = fixed.x - (ox * math.cos(a) - oy * math.sin(a))
    cy = fixed.y - (ox * math.sin(a) + oy * math.cos(a))
    before = centre(place)
    return limited(
        place._replace(
            transform=msgspec.structs.replace(new, x_px=t.x_px + cx - before.x, y_px=t.y_px + cy - before.y)
        )
    )


def _limited(place: Placement, **changes: object) -> Transform:
    return limited(place._replace(transform=msgspec.structs.replace(place.transform, **changes)))
