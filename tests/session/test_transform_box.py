"""What drags of handles make of a transform: points of the picture end up under the pointer."""

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retexture.document.transform import IDENTITY, Placement, Transform, apply
from retexture.session import transform_box as box
from retexture.session.view import Point

PLAIN = Placement(IDENTITY, 200, 100, 40, 30)
TURNED = PLAIN._replace(transform=Transform(angle_deg=30, scale_x=1.5, scale_y=0.5, flip_x=True, x_px=7.5))
DISTORTED = PLAIN._replace(transform=Transform(angle_deg=-20, top_left_x_px=30, bottom_right_y_px=25))
PLACES = {"plain": PLAIN, "turned": TURNED, "distorted": DISTORTED}


def after(place: Placement, transform: Transform) -> Placement:
    return place._replace(transform=transform)


def near(a: Point, b: Point, away: float = 1e-6) -> bool:
    return math.dist(a, b) <= away


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("handle", range(4))
def test_a_corner_follows_the_pointer_and_the_opposite_one_stays(name: str, handle: int) -> None:
    place = PLACES[name]
    points = box.handles(place)
    to = Point(points[handle].x + 23, points[handle].y - 17)
    moved = box.handles(after(place, box.scaled(place, handle, to)))
    assert near(moved[handle ^ 2], points[handle ^ 2])
    assert near(moved[handle], to, 1e-6)


@pytest.mark.parametrize("handle", range(4, 8))
def test_a_side_scales_across_itself(handle: int) -> None:
    points = box.handles(TURNED)
    to = Point(points[handle].x + 12, points[handle].y + 9)
    new = box.scaled(TURNED, handle, to)
    moved = box.handles(after(TURNED, new))
    assert near(moved[handle ^ 2], points[handle ^ 2])
    kept = "scale_y" if handle in (5, 7) else "scale_x"
    assert getattr(new, kept) == getattr(TURNED.transform, kept)


def test_proportions_are_kept_and_the_centre_stays() -> None:
    points = box.handles(TURNED)
    new = box.scaled(TURNED, 2, Point(points[2].x + 40, points[2].y + 5), keep=True)
    assert new.scale_x / new.scale_y == pytest.approx(3)
    centred = box.scaled(TURNED, 2, Point(points[2].x + 40, points[2].y + 5), about_centre=True)
    assert near(box.centre(after(TURNED, centred)), box.centre(TURNED))


def test_a_drag_through_the_opposite_side_mirrors() -> None:
    points = box.handles(PLAIN)
    new = box.scaled(PLAIN, 5, Point(points[7].x - 100, points[5].y))
    assert new.flip_x
    assert new.scale_x == pytest.approx(0.5)
    assert near(box.handles(after(PLAIN, new))[7], points[7])


def test_nothing_gets_smaller_than_a_pixel() -> None:
    points = box.handles(PLAIN)
    new = box.scaled(PLAIN, 2, points[0])
    assert new.scale_x == pytest.approx(1 / 200)
    assert new.scale_y == pytest.approx(1 / 100)
    wide = Placement(IDENTITY, 5000, 5000)
    assert box.rescaled(wide, 0, 0).scale_x == 0.001
    assert box.rescaled(wide, 1e9, 1).scale_x == 100


def test_turning_follows_the_pointer_and_snaps() -> None:
    c = box.centre(TURNED)
    quarter = box.turned(TURNED, Point(c.x + 10, c.y), Point(c.x, c.y + 10))
    assert quarter.angle_deg == pytest.approx(120)
    snapped = box.turned(TURNED, Point(c.x + 10, c.y), Point(c.x + 10, c.y + 1), snap=True)
    assert snapped.angle_deg == 30
    assert near(box.centre(after(TURNED, quarter)), c)


@pytest.mark.parametrize("name", PLACES)
def test_a_distorted_corner_is_where_it_was_dragged(name: str) -> None:
    place = PLACES[name]
    to = Point(box.handles(place)[1].x + 15, box.handles(place)[1].y - 8)
    moved = box.handles(after(place, box.distorted(place, 1, to)))
    assert near(moved[1], to, 1e-6)
    assert all(near(moved[i], box.handles(place)[i], 1e-6) for i in (0, 2, 3))


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("corner", range(4))
def test_in_perspective_the_corner_beside_goes_the_other_way(name: str, corner: int) -> None:
    place = PLACES[name]
    corners = [Point(*xy) for xy in place.transform.corners]
    for way, partner in (((6.0, 2.0), corner ^ 1), ((-1.0, 5.0), 3 - corner)):
        own = np.array([(0, 0), (1, 0), (1, 1), (0, 1)])[corner] * (place.width_px, place.height_px)
        plain = place._replace(transform=place.transform.with_corners(((0, 0),) * 4))
        ((x, y),) = apply(plain.matrix, np.array([own + corners[corner] + way]))
        moved = box.in_perspective(place, corner, Point(x, y)).corners
        along = np.array(way) * ((1, 0) if abs(way[0]) > abs(way[1]) else (0, 1))
        for i, before in enumerate(corners):
            sign = {corner: 1, partner: -1}.get(i, 0)
            assert moved[i] == pytest.approx(tuple(before + sign * along), abs=1e-6)


def test_corners_never_cross() -> None:
    opposite = box.handles(PLAIN)[2]
    beyond = Point(opposite.x + 50, opposite.y + 50)
    assert box.distorted(PLAIN, 0, beyond) == PLAIN.transform
    assert box.in_perspective(PLAIN, 0, beyond) == PLAIN.transform


@pytest.mark.parametrize("across", [True, False])
@pytest.mark.parametrize("name", PLACES)
def test_a_mirror_is_one_of_the_document(name: str, across: bool) -> None:
    place = PLACES[name]
    new = after(place, box.mirrored(place, across=across))
    c = box.centre(place)
    inside = np.array([(20.0, 70.0), (150.0, 10.0)])
    before, now = apply(place.matrix, inside), apply(new.matrix, inside)
    wanted = before.copy()
    axis = 0 if across else 1
    wanted[:, axis] = 2 * c[axis] - wanted[:, axis]
    assert np.allclose(now, wanted)


@pytest.mark.parametrize("size", [(200, 100), (201, 100), (7, 4)])
def test_quarters_stay_on_whole_pixels_and_come_back(size: tuple[int, int]) -> None:
    place = Placement(IDENTITY, *size)
    start = place
    for _ in range(4):
        place = after(place, box.quarter_turned(place, 1))
        assert place.whole_pixels is not None
    assert place.transform == start.transform
    assert after(start, box.quarter_turned(start, 2)).whole_pixels is not None


def test_a_point_of_the_warp_goes_where_it_is_dragged() -> None:
    to = Point(box.warp_points(TURNED)[6].x + 9, box.warp_points(TURNED)[6].y + 4)
    place = after(TURNED, box.bent(TURNED, 6, to))
    assert near(box.warp_points(place)[6], to, 1e-6)
    assert near(box.warp_points(place)[5], box.warp_points(TURNED)[5], 1e-6)
    # A corner of the patch is the picture's corner, and takes its handles along.
    corner = Point(box.warp_points(place)[0].x - 9, box.warp_points(place)[0].y - 4)
    bent = after(place, box.bent(place, 0, corner))
    assert near(Point(*bent.to_document(np.zeros((1, 2)))[0]), corner, 1e-6)
    assert near(
        box.warp_points(bent)[1],
        Point(box.warp_points(place)[1].x - 9, box.warp_points(place)[1].y - 4),
        1e-6,
    )


def test_inside_and_outside() -> None:
    for place in PLACES.values():
        assert box.contains(place, box.centre(place))
        assert not box.contains(place, Point(-500, 0))


@given(
    st.integers(0, 7),
    st.floats(-1e7, 1e7),
    st.floats(-1e7, 1e7),
    st.booleans(),
    st.booleans(),
    st.sampled_from([*PLACES]),
)
def test_whatever_is_dragged_stays_inside_the_limits(
    handle: int, x: float, y: float, keep: bool, middle: bool, name: str
) -> None:
    place = PLACES[name]
    new = after(place, box.scaled(place, handle, Point(x, y), keep=keep, about_centre=middle))
    for field in ("scale_x", "scale_y"):
        assert 0.001 <= getattr(new.transform, field) <= 100
    assert all(math.isfinite(v) for v in msgspec.structs.astuple(new.transform) if isinstance(v, float))
    assert np.isfinite(new.matrix).all()


def test_a_picture_is_fitted_and_never_enlarged() -> None:
    assert box.fitted((1000, 500), (500, 400)) == 0.5
    assert box.fitted((100, 50), (500, 400)) == 1
