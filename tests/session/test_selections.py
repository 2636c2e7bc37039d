"""Selections: shapes against other ways to draw them, the algebra of combining, and what changes a selection."""

from math import erf

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retexture.document.changes import Rect
from retexture.document.pixels import Tiles
from retexture.session import selections
from retexture.session.selections import (
    FULL,
    bounds,
    combined,
    contracted,
    ellipse,
    everything,
    expanded,
    feathered,
    from_plane,
    inverted,
    is_empty,
    moved,
    nothing,
    polygon,
    rectangle,
)

SIZE = (300, 270)
SIXTEENTHS = (np.arange(16) + 0.5) / 16


def plane(selection: Tiles) -> np.ndarray:
    assert (selection.width_px, selection.height_px, selection.dtype) == (*SIZE, np.uint16)
    return np.asarray(selection.to_array()[0], np.int64)


def supersampled(points: np.ndarray) -> np.ndarray:
    """Return the winding rule asked of 16 x 16 points in every pixel: (H, W) 0-1."""
    x = (np.arange(SIZE[0])[:, None] + SIXTEENTHS).ravel()
    y = (np.arange(SIZE[1])[:, None] + SIXTEENTHS).ravel()
    winding = np.zeros((len(y), len(x)), np.int8)
    for (x0, y0), (x1, y1) in zip(points, np.roll(points, -1, axis=0), strict=True):
        rows = np.flatnonzero((y >= min(y0, y1)) & (y < max(y0, y1)))
        if y0 != y1:
            crossing = x0 + (y[rows] - y0) * (x1 - x0) / (y1 - y0)
            winding[rows] += np.where(x[None] > crossing[:, None], 1 if y1 > y0 else -1, 0).astype(np.int8)
    inside = (winding != 0).reshape(SIZE[1], 16, SIZE[0], 16)
    return np.asarray(inside.mean((1, 3)))


def check_drawn(selection: Tiles, expected: np.ndarray) -> None:
    """A pixel of 256 samples knows its area to some percent; on the whole the two must agree far better."""
    error = np.abs(plane(selection) / FULL - expected)
    edge = (expected > 0) & (expected < 1)
    assert error.max() < 0.06
    assert not edge.any() or np.percentile(error[edge], 90) < 0.02
    assert error[~edge].max() < 0.02
    assert abs(plane(selection).sum() / FULL - expected.sum()) <= 0.002 * edge.sum()


# -- shapes


@pytest.mark.parametrize("corners", [((20, 30), (290, 260)), ((290.4, 30.2), (20.4, 260.4))])
def test_a_rectangle_is_of_whole_pixels(corners) -> None:
    expected = np.zeros(SIZE[::-1], np.int64)
    expected[30:260, 20:290] = FULL
    assert np.array_equal(plane(rectangle(SIZE, *corners)), expected)


def test_a_rectangle_ends_at_the_canvas() -> None:
    assert np.array_equal(plane(rectangle(SIZE, (-50, -50), (900, 900))), plane(everything(SIZE)))
    assert is_empty(rectangle(SIZE, (-50, -50), (-10, 100)))
    assert is_empty(rectangle(SIZE, (50.1, 50), (50.2, 100)))


def test_an_ellipse_is_the_curve() -> None:
    (x0, y0), (x1, y1) = (17.3, 250.5), (280.25, 40.75)
    x = (np.arange(SIZE[0])[:, None] + SIXTEENTHS).ravel()
    y = (np.arange(SIZE[1])[:, None] + SIXTEENTHS).ravel()
    cx, cy, rx, ry = (x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) / 2, (y0 - y1) / 2
    inside = ((x - cx) / rx)[None] ** 2 + ((y - cy) / ry)[:, None] ** 2 <= 1
    check_drawn(ellipse(SIZE, (x0, y0), (x1, y1)), inside.reshape(SIZE[1], 16, SIZE[0], 16).mean((1, 3)))
    area = plane(ellipse(SIZE, (x0, y0), (x1, y1))).sum() / FULL
    assert area == pytest.approx(np.pi * rx * ry, rel=1e-5)


POLYGONS = {
    "triangle": [(10.5, 20.25), (290.1, 100), (40, 265.7)],
    "the other way round": [(40, 265.7), (290.1, 100), (10.5, 20.25)],
    "beyond every side": [(-100, 130), (150, -90), (420, 140), (155, 500)],
    "a figure of eight": [(20, 20), (280, 250), (280, 20), (20, 250)],
    "twice round": [(20, 20), (250, 20), (250, 250), (20, 250), (60, 60), (200, 60), (200, 200), (60, 200)],
    "along the pixels": [(10, 10), (100, 10), (100, 100), (50, 100), (50, 50), (10, 50)],
}


@pytest.mark.parametrize("name", POLYGONS)
def test_a_polygon_covers_pixels_by_their_area(name) -> None:
    points = np.array(POLYGONS[name], np.float64)
    check_drawn(polygon(SIZE, points), supersampled(points))


def test_a_needle_within_one_row_of_pixels() -> None:
    found = plane(polygon(SIZE, np.array([(10, 10.2), (290, 10.4), (10, 10.6)])))
    width = 0.4 * (1 - (np.arange(280) + 0.5) / 280)
    assert np.abs(found[10, 10:290] / FULL - width).max() < 2e-5
    assert found.sum() == found[10, 10:290].sum()


def test_a_lasso_of_ten_thousand_points() -> None:
    angle = np.linspace(0, 2 * np.pi, 10_000, endpoint=False)
    radius = 90 + 20 * np.sin(angle * 37)
    points = np.stack([150 + radius * np.cos(angle), 135 + radius * np.sin(angle)], 1)
    x, y = points.T
    found = plane(polygon(SIZE, points))
    shoelace = abs((x * np.roll(y, -1) - y * np.roll(x, -1)).sum()) / 2
    assert found.sum() / FULL == pytest.approx(shoelace, rel=1e-5)
    filled = np.zeros(SIZE[::-1], np.uint8)
    cv2.fillPoly(filled, [np.rint(points * 256 - 128).astype(np.int32)], 255, cv2.LINE_8, shift=8)
    certain = cv2.GaussianBlur(filled, (9, 9), 3)
    assert (found[certain == 255] == FULL).all()
    assert (found[certain == 0] == 0).all()


@given(st.lists(st.tuples(st.floats(-50, 350), st.floats(-50, 350)), min_size=3, max_size=3))
@settings(max_examples=50)
def test_the_area_of_any_triangle_inside(corners) -> None:
    points = np.clip(np.array(corners), 0, 270)
    (ax, ay), (bx, by), (cx, cy) = points
    area = abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2
    # Each pixel on the edge is rounded.
    assert plane(polygon(SIZE, points)).sum() / FULL == pytest.approx(area, abs=0.01)


@pytest.mark.parametrize("points", [[(5, 5), (5, 5)], [(5, 5), (50, 50)], [(-9, -9), (-5, -9), (-5, -5)], []])
def test_a_line_around_nothing_selects_nothing(points) -> None:
    assert is_empty(polygon(SIZE, np.array(points, np.float64).reshape(-1, 2)))


# -- how they combine


def soft(seed: int, background: int = 0) -> Tiles:
    """A selection of every level, in some of the tiles."""
    out = Tiles(*SIZE, background=(background,))
    values = np.random.default_rng(seed).integers(0, FULL, (1, 200, 150), dtype=np.uint16, endpoint=True)
    return out.written(80 * seed, 30 * seed, values)


A, B, C = soft(0), soft(1, FULL), soft(2)


def same(a: Tiles, b: Tiles) -> bool:
    return np.array_equal(plane(a), plane(b))


def test_each_mode_pixel_by_pixel() -> None:
    a, b = plane(A), plane(B)
    assert np.array_equal(plane(combined(A, B, "add")), np.maximum(a, b))
    assert np.array_equal(plane(combined(A, B, "intersect")), np.minimum(a, b))
    assert np.array_equal(plane(combined(A, B, "subtract")), np.minimum(a, FULL - b))
    assert combined(A, B, "replace") is B
    assert np.array_equal(plane(inverted(A)), FULL - a)


@pytest.mark.parametrize("mode", ["replace", "add", "subtract", "intersect"])
def test_where_nothing_was_selected_the_new_one_is_the_selection(mode) -> None:
    assert combined(None, A, mode) is A


def test_boolean_algebra() -> None:
    for one, other in ((A, B), (B, C), (A, C)):
        for mode in ("add", "intersect"):
            assert same(combined(one, other, mode), combined(other, one, mode))
            assert same(combined(one, one, mode), one)
            left = combined(combined(A, B, mode), C, mode)
            assert same(left, combined(A, combined(B, C, mode), mode))
        # De Morgan; a difference is an intersection with what is left.
        assert same(
            inverted(combined(one, other, "add")), combined(inverted(one), inverted(other), "intersect")
        )
        assert same(combined(one, other, "subtract"), combined(one, inverted(other), "intersect"))
        assert same(combined(combined(one, other, "add"), one, "intersect"), one)
    assert same(inverted(inverted(A)), A)
    assert same(combined(A, nothing(SIZE), "add"), A)
    assert same(combined(A, everything(SIZE), "intersect"), A)
    assert is_empty(combined(A, everything(SIZE), "subtract"))
    hard = rectangle(SIZE, (10, 10), (290, 200))
    assert is_empty(combined(hard, hard, "subtract"))
    assert same(combined(hard, inverted(hard), "add"), everything(SIZE))


def test_what_stays_is_shared() -> None:
    right = rectangle(SIZE, (270, 10), (290, 20))
    both = combined(A, right, "add")
    assert both.tiles[1, 0] is right.tiles[1, 0]
    assert all(both.tiles[key] is A.tiles[key] for key in A.tiles)
    first, second = everything(SIZE), rectangle(SIZE, (0, 0), SIZE)
    assert combined(second, first, "subtract").tiles == {}
    assert second.tiles[0, 0] is rectangle((512, 512), (0, 0), (512, 512)).tiles[1, 1]


def test_bounds() -> None:
    assert bounds(rectangle(SIZE, (20, 30), (290, 260))) == Rect(20, 30, 270, 230)
    assert bounds(everything(SIZE)) == Rect(0, 0, *SIZE)
    assert bounds(nothing(SIZE)) is None
    assert bounds(inverted(rectangle(SIZE, (0, 0), (300, 100)))) == Rect(0, 100, 300, 170)
    faint = from_plane(np.full((4, 5), 99, np.uint16), SIZE, 7, 8)
    assert bounds(faint) == Rect(7, 8, 5, 4)
    assert bounds(faint, 100) is None
    assert not is_empty(faint)
    assert is_empty(inverted(rectangle(SIZE, (0, 0), SIZE)))


# -- how they are changed


@pytest.mark.parametrize("by", [(17, -9), (-200, 250), (400, 0)])
def test_moved_by_whole_pixels(by) -> None:
    dx, dy = by
    expected = np.zeros(SIZE[::-1], np.int64)
    source = plane(C)
    for y in range(SIZE[1]):
        if 0 <= y + dy < SIZE[1]:
            row = np.roll(source[y], dx)
            row[: max(dx, 0)] = 0
            row[SIZE[0] + min(dx, 0) :] = 0
            expected[y + dy] = row
    assert np.array_equal(plane(moved(C, dx, dy)), expected)


@pytest.mark.parametrize("sigma", [0.8, 4.0, 12.0])
def test_feather_is_the_gaussian(sigma) -> None:
    shape = polygon(SIZE, np.array([(40, 40), (200, 90), (120, 230)]))
    radius = int(4 * sigma) + 2
    weights = np.exp(-(np.arange(-radius, radius + 1) ** 2) / (2 * sigma**2))
    weights /= weights.sum()
    wide = np.pad(plane(shape) / FULL, radius, mode="edge")
    rows = np.apply_along_axis(lambda v: np.convolve(v, weights, "valid"), 1, wide)
    expected = np.apply_along_axis(lambda v: np.convolve(v, weights, "valid"), 0, rows)
    error = np.abs(plane(feathered(shape, sigma)) / FULL - expected)
    assert error.max() < 2e-4  # truncated at four sigma
    assert np.percentile(error, 50) < 2e-5


def test_a_large_feather_is_near_the_gaussian() -> None:
    edge = rectangle(SIZE, (0, 0), (150, 270))
    found = plane(feathered(edge, 30))[100] / FULL
    x = np.arange(SIZE[0]) + 0.5
    expected = np.array([0.5 - 0.5 * erf((at - 150) / (30 * 2**0.5)) for at in x])
    assert np.abs(found - expected)[30:-30].max() < 1e-3


def test_feathering_changes_nothing_that_has_no_edge() -> None:
    assert same(feathered(everything(SIZE), 8), everything(SIZE))
    assert is_empty(feathered(nothing(SIZE), 8))
    whole = rectangle(SIZE, (0, 0), SIZE)
    assert same(feathered(whole, 8), whole)


@pytest.mark.parametrize("radius", [1, 2, 5, 23])
def test_expanding_is_the_maximum_over_a_disc(radius) -> None:
    x = np.arange(-radius, radius + 1)
    disc = (x[:, None] ** 2 + x**2 <= radius**2).astype(np.uint8)
    sparse = np.where(np.random.default_rng(3).random(SIZE[::-1]) < 0.002, plane(A).astype(np.uint16) + 1, 0)
    selection = from_plane(sparse.astype(np.uint16), SIZE)
    expected = cv2.dilate(selection.to_array()[0], disc)
    assert np.array_equal(plane(expanded(selection, radius)), expected)
    shrunk = cv2.erode(inverted(selection).to_array()[0], disc)
    assert np.array_equal(plane(contracted(inverted(selection), radius)), shrunk)


def test_the_canvas_is_no_edge_of_a_selection_that_shrinks() -> None:
    found = contracted(rectangle(SIZE, (0, 0), (100, 270)), 10)
    assert same(found, rectangle(SIZE, (0, 0), (90, 270)))
    assert same(contracted(everything(SIZE), 10), everything(SIZE))
    assert is_empty(contracted(rectangle(SIZE, (100, 100), (110, 110)), 6))


@pytest.mark.parametrize("radius", [0, selections.MAX_EXPAND_PX + 1])
def test_a_radius_out_of_bounds_is_refused(radius) -> None:
    with pytest.raises(ValueError, match="by 1 to 500 px"):
        expanded(A, radius)
