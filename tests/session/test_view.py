"""The geometry of a view: there and back again, and zoom about the cursor."""

import math
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from retexture.session.view import MAX_ZOOM, MIN_ZOOM, STOPS, Point, Size, View

coordinates = st.floats(-4000, 8000)
points = st.builds(Point, coordinates, coordinates)
sizes = st.builds(Size, st.integers(1, 3000), st.integers(1, 3000))
zooms = st.floats(MIN_ZOOM, MAX_ZOOM)
angles = st.one_of(st.sampled_from([0.0, 15.0, 90.0, 180.0, 270.0]), st.floats(0, 359))
views = st.builds(View, zoom=zooms, centre=points, angle_deg=angles, flipped=st.booleans())
upright = st.builds(View, zoom=zooms, centre=points)


def near(a: Point, b: Point, px: float) -> bool:
    return abs(a.x - b.x) <= px and abs(a.y - b.y) <= px


@given(views, points, sizes)
def test_to_the_picture_and_back(view, point, window):
    there = view.to_picture(point, window)
    assert near(view.to_window(there, window), point, 1e-5)
    back = view.to_window(point, window)
    assert near(view.to_picture(back, window), point, 1e-5)


@given(upright, points, sizes)
def test_upright_views_scale_about_a_whole_origin(view, point, window):
    origin = view.origin(window)
    assert origin == (int(origin.x), int(origin.y))
    x, y = view.to_window(point, window)
    assert x == pytest.approx(origin.x + point.x * view.zoom)
    assert y == pytest.approx(origin.y + point.y * view.zoom)
    # The centre is in the middle, to the rounding.
    assert near(view.to_window(view.centre, window), Point(window.width / 2, window.height / 2), 0.501)


@given(views, points, sizes)
def test_turning_and_flipping_are_about_the_middle_of_the_window(view, point, window):
    """Against complex numbers: a turn clockwise on the screen, after a mirror."""
    plain = View(zoom=view.zoom, centre=view.centre)
    middle = complex(window.width, window.height) / 2
    offset = complex(*plain.to_window(point, window)) - middle
    if view.flipped:
        offset = complex(-offset.real, offset.imag)
    wanted = middle + offset * complex(
        math.cos(math.radians(view.angle_deg)), math.sin(math.radians(view.angle_deg))
    )
    assert near(view.to_window(point, window), Point(wanted.real, wanted.imag), 1e-5)


@given(views, zooms, points, sizes)
def test_zoom_keeps_what_is_under_the_cursor(view, zoom, at, window):
    fixed = view.to_picture(at, window)
    now = view.zoomed(zoom, at, window)
    assert (now.zoom, now.angle_deg, now.flipped) == (zoom, view.angle_deg, view.flipped)
    # The picture's corner is on a whole pixel: up to half a pixel along each of its axes.
    assert math.dist(now.to_window(fixed, window), at) <= math.sqrt(0.5) + 1e-4
    if view.upright:
        assert near(now.to_window(fixed, window), at, 0.5001)


@given(upright, st.integers(0, 2000), st.integers(0, 2000), sizes)
def test_zooming_in_and_out_at_a_place_comes_back(view, x, y, window):
    at = Point(x, y)
    fixed = view.to_picture(at, window)
    now = view
    for zoom in (*(view.zoom * 1.2**i for i in range(1, 6)), *(view.zoom * 1.2**i for i in range(4, -1, -1))):
        now = now.zoomed(zoom, at, window)
    assert near(now.to_window(fixed, window), at, 5)


def test_zoom_stays_between_its_ends():
    window = Size(640, 480)
    assert View().zoomed(1e6, Point(0, 0), window).zoom == MAX_ZOOM
    assert View().zoomed(0, Point(0, 0), window).zoom == MIN_ZOOM


@given(views, points, points, sizes)
def test_a_point_can_be_put_anywhere(view, point, at, window):
    now = view.with_point_at(point, at, window)
    x, y = now.to_window(point, window)
    assert math.dist((x, y), at) <= math.sqrt(0.5) + 1e-4


@given(views, st.floats(-500, 500), st.floats(-500, 500), points, sizes)
def test_moving_moves_the_picture_along_the_screen(view, dx, dy, point, window):
    x, y = view.to_window(point, window)
    now = view.moved(dx, dy).to_window(point, window)
    assert math.dist(now, (x + dx, y + dy)) <= math.sqrt(2) + 1e-4


@given(zooms, st.integers(1, 3000), st.integers(0, 9000), st.sampled_from([-1, 1]))
def test_moving_by_whole_pixels_moves_by_as_many(zoom, width, corner, step):
    """No step is swallowed and made up for by the next: the picture would shiver."""
    view, window = View(zoom=zoom, centre=Point(corner / 2, 0)), Size(width, 5)
    places = []
    for _ in range(12):
        places.append(view.origin(window).x)
        view = view.moved(step, 0)
    assert {b - a for a, b in pairwise(places)} == {step}


@given(views, st.integers(1, 9000), st.integers(1, 9000), sizes)
def test_fitting_shows_all_of_the_picture_and_no_larger_fits(view, width, height, window):
    picture = Size(width, height)
    fitted = view.fitting(picture, window)
    assert (fitted.angle_deg, fitted.flipped) == (view.angle_deg, view.flipped)
    assume(MIN_ZOOM < fitted.zoom < MAX_ZOOM)
    corners = [fitted.to_window(Point(x, y), window) for x in (0, width) for y in (0, height)]
    spare = []
    for values, size in (([c.x for c in corners], window.width), ([c.y for c in corners], window.height)):
        assert min(values) >= -1
        assert max(values) <= size + 1
        assert (min(values) + max(values)) / 2 == pytest.approx(size / 2, abs=0.75)
        spare.append(size - (max(values) - min(values)))
    assert min(spare) == pytest.approx(0, abs=1e-6 * max(window))


@given(views, st.floats(-360, 360))
def test_turning_adds_up_within_a_full_turn(view, degrees):
    turned = view.turned(degrees)
    assert 0 <= turned.angle_deg < 360
    distance = (turned.angle_deg - view.angle_deg - degrees) % 360
    assert min(distance, 360 - distance) < 1e-3


def test_quarter_turns_and_flips_are_exact():
    window = Size(100, 60)
    view = View(zoom=2, centre=Point(50, 30))
    for degrees, wanted in ((0, (70, 40)), (90, (40, 50)), (180, (30, 20)), (270, (60, 10))):
        turned = view.turned(degrees)
        assert math.dist(turned.to_window(Point(60, 35), window), wanted) == 0
        assert math.dist(turned.to_picture(Point(*wanted), window), (60, 35)) == 0
    flipped = View(zoom=2, centre=Point(50, 30), flipped=True)
    assert math.dist(flipped.to_window(Point(60, 35), window), (30, 40)) == 0
    assert view.turned(360) == view
    assert [v.upright for v in (view, flipped, view.turned(90))] == [True, False, False]


def test_the_picture_cannot_be_lost():
    picture = Size(300, 200)
    assert View(centre=Point(-9, 500)).kept_inside(picture).centre == (0, 200)
    inside = View(centre=Point(10, 20))
    assert inside.kept_inside(picture) is inside


def test_stops_go_up_and_down_by_one():
    view = View(zoom=MIN_ZOOM)
    met = [view.zoom]
    while view.zoom < MAX_ZOOM:
        view = View(zoom=view.next_stop(1))
        met.append(view.zoom)
    assert tuple(met) == STOPS
    down = [view.zoom]
    while view.zoom > MIN_ZOOM:
        view = View(zoom=view.next_stop(-1))
        down.append(view.zoom)
    assert tuple(reversed(down)) == STOPS
    assert View(zoom=0.7).next_stop(1) == 1
    assert View(zoom=0.7).next_stop(-1) == 0.6667
    assert View(zoom=1 / 3).next_stop(1) == 0.5
