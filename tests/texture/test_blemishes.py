"""Spots that the retouched picture lacks are found, each once and to its end; what it kept is left alone."""

import numpy as np
import pytest

from retexture.texture.blemishes import (
    DEFAULT_SCORE,
    DEFAULT_SENSITIVITY,
    Blemish,
    blemish_mask,
    find_blemishes,
    score_threshold,
)
from tests.texture.skin import blemish, blurred, disc, shading, skin, texture

SIZE = 400
FACE_PX = 600.0
PLACES = [(80.0, 90.0, 10.0), (300.0, 110.0, 6.0), (120.0, 300.0, 14.0), (290.0, 290.0, 4.0)]
EVERYWHERE = np.ones((SIZE, SIZE), np.float32)


def smoothed(seed: int = 1) -> np.ndarray:
    """What a retouching tool makes of the skin: nearly no texture, and a warmer, brighter tone."""
    waxy = shading(SIZE, SIZE) + 0.15 * texture(SIZE, SIZE, seed)
    return (waxy * np.array([1.03, 1.0, 0.96])[:, None, None] + 0.02).astype(np.float32)


def with_spots(depth: float = 0.15) -> np.ndarray:
    return skin(SIZE, SIZE) + sum(blemish(SIZE, SIZE, x, y, r, depth) for x, y, r in PLACES)


def near_the_middle(found: tuple[Blemish, ...]) -> list[Blemish]:
    return [s for s in sure(found) if np.hypot(s.x_px - 200, s.y_px - 200) < 8]


def sure(found: tuple[Blemish, ...]) -> list[Blemish]:
    return [s for s in found if s.score >= score_threshold(DEFAULT_SENSITIVITY)]


@pytest.mark.parametrize("depth", [0.15, -0.12], ids=["dark", "bright"])
def test_every_spot_is_found_once_and_little_else(depth: float) -> None:
    found = sure(find_blemishes(with_spots(depth), smoothed(), EVERYWHERE, FACE_PX))
    kinds = set()
    for x, y, radius in PLACES:
        near = [s for s in found if np.hypot(s.x_px - x, s.y_px - y) < radius]
        assert len(near) == 1, (x, y, near)
        assert np.hypot(near[0].x_px - x, near[0].y_px - y) < 1.5
        assert 0.7 * radius < near[0].radius_px < 1.8 * radius
        kinds.add(near[0].kind)
    others = [s for s in found if min(np.hypot(s.x_px - x, s.y_px - y) - r for x, y, r in PLACES) > 0]
    assert blemish_mask(others, SIZE, SIZE).mean() < 0.01
    assert kinds <= ({"dark", "red"} if depth > 0 else {"bright", "red"})
    assert [s.score for s in found] == sorted((s.score for s in found), reverse=True)


def test_skin_without_spots_has_hardly_any() -> None:
    found = sure(find_blemishes(skin(SIZE, SIZE), smoothed(), EVERYWHERE, FACE_PX))
    assert blemish_mask(found, SIZE, SIZE).mean() < 0.01


def test_a_mole_that_was_kept_is_none() -> None:
    mole = blemish(SIZE, SIZE, 200, 200, 9)
    removed, kept = (
        find_blemishes(skin(SIZE, SIZE) + mole, smoothed() + left * mole, EVERYWHERE, FACE_PX)
        for left in (0, 1)
    )
    assert near_the_middle(removed)
    assert not near_the_middle(kept)


def test_an_edge_that_lies_a_little_off_is_none() -> None:
    rows = np.arange(SIZE)[:, None]
    edges = [np.broadcast_to(0.2 * np.tanh((rows - at) / 1.5), (SIZE, SIZE)) for at in (200, 200.3)]
    found = find_blemishes(
        (skin(SIZE, SIZE) + edges[0]).astype(np.float32),
        (smoothed() + edges[1]).astype(np.float32),
        EVERYWHERE,
        FACE_PX,
    )
    assert blemish_mask(sure(found), SIZE, SIZE)[190:210].mean() < 0.05


def test_nothing_is_found_outside_the_skin() -> None:
    left = EVERYWHERE.copy()
    left[:, 200:] = 0
    found = sure(find_blemishes(with_spots(), smoothed(), left, FACE_PX))
    assert all(any(np.hypot(s.x_px - x, s.y_px - y) < r for s in found) for x, y, r in PLACES if x < 200)
    assert all(s.x_px < 200 for s in found)
    assert find_blemishes(with_spots(), smoothed(), 0 * EVERYWHERE, FACE_PX) == ()


def test_a_scar_is_covered_along_most_of_it() -> None:
    rows, columns = np.mgrid[:SIZE, :SIZE]
    scar = -0.12 * np.exp(-(((rows - 200) / 2.2) ** 2)) * (np.abs(columns - 200) < 12)
    found = sure(
        find_blemishes((skin(SIZE, SIZE) + scar).astype(np.float32), smoothed(), EVERYWHERE, FACE_PX)
    )
    mask = blemish_mask(found, SIZE, SIZE)
    assert mask[200, 190:211].mean() > 0.6
    assert mask[190:211, 180:221].mean() < 0.6
    assert mask.mean() < 0.012


@pytest.mark.parametrize(
    ("colour", "taken"),
    [((-0.02, -0.05, -0.04), True), ((-0.05, -0.04, -0.03), False)],
    ids=["a red scratch", "a fold's shade"],
)
def test_a_long_line_is_a_blemish_if_it_has_a_colour(colour: tuple[float, ...], taken: bool) -> None:
    rows, columns = np.mgrid[:SIZE, :SIZE]
    line = np.exp(-(((rows - 200) / 2.0) ** 2)) * (np.abs(columns - 200) < 40)
    original = skin(SIZE, SIZE) + np.array(colour)[:, None, None] * line
    found = sure(find_blemishes(original.astype(np.float32), smoothed(), EVERYWHERE, FACE_PX))
    covered = blemish_mask(found, SIZE, SIZE)[200, 170:231].mean()
    assert covered > 0.7 if taken else covered < 0.3


def test_small_faint_spots_of_pigment_are_found() -> None:
    places = [(60.0 + 55 * i, 70.0 + 50 * j) for i in range(6) for j in range(6)]
    pigment = np.array([0.25, 0.45, 0.6], np.float32)[:, None, None]
    freckles = sum(
        pigment * blemish(SIZE, SIZE, x, y, 2.0, 0.12).mean(axis=0, keepdims=True) for x, y in places
    )
    found = sure(find_blemishes(skin(SIZE, SIZE) + freckles, smoothed(), EVERYWHERE, FACE_PX))
    near = [any(np.hypot(s.x_px - x, s.y_px - y) < 2 for s in found) for x, y in places]
    assert np.mean(near) > 0.6


def pustule(x: float, y: float, radius: float, length: float = 1.0) -> np.ndarray:
    """A red patch, `length` times as long as wide, with a bright yellow head off its middle."""
    rows, columns = np.ogrid[:SIZE, :SIZE]
    red, head = (
        np.exp(-((((columns + 0.5 - at) / wide) ** 2 + ((rows + 0.5 - y) / size) ** 2) / 0.5))
        for at, size, wide in ((x, radius, length * radius), (x + 3, 0.35 * radius, 0.35 * radius))
    )
    colours = np.array([[0.02, -0.06, -0.05], [0.09, 0.14, 0.09]])[..., None, None]
    return np.asarray(colours[0] * red + colours[1] * head, np.float32)


@pytest.mark.parametrize("radius", [12, 20, 28])
def test_a_pustule_is_one_spot_with_its_head(radius: float) -> None:
    found = find_blemishes(skin(SIZE, SIZE) + pustule(200, 200, radius), smoothed(), EVERYWHERE, FACE_PX)
    near = [s for s in found if np.hypot(s.x_px - 200, s.y_px - 200) < radius]
    assert len(near) == 1
    assert near[0].score >= DEFAULT_SCORE
    assert 0.8 * radius < near[0].radius_px < 1.3 * radius


@pytest.mark.parametrize(("radius", "gap"), [(3.0, 9), (4.5, 13), (8.0, 22)])
def test_two_spots_side_by_side_stay_two(radius: float, gap: float) -> None:
    pair = sum(blemish(SIZE, SIZE, 200 + side * gap, 200, radius, 0.1) for side in (-0.5, 0.5))
    found = sure(find_blemishes(skin(SIZE, SIZE) + pair, smoothed(), EVERYWHERE, FACE_PX))
    for side in (-0.5, 0.5):
        near = [s for s in found if np.hypot(s.x_px - 200 - side * gap, s.y_px - 200) < 2]
        assert len(near) == 1
        assert near[0].radius_px < 0.6 * gap


def test_pieces_of_a_long_flaw_are_as_sure_as_its_head() -> None:
    found = find_blemishes(skin(SIZE, SIZE) + pustule(200, 200, 20, 2.5), smoothed(), EVERYWHERE, FACE_PX)
    head = min(found, key=lambda s: np.hypot(s.x_px - 203, s.y_px - 200))
    pieces = [
        s
        for s in found
        if s.kind == "red"
        and np.hypot(s.x_px - head.x_px, s.y_px - head.y_px) < 0.7 * (s.radius_px + head.radius_px)
    ]
    assert head.kind == "bright"
    assert pieces
    assert all(s.score >= head.score for s in pieces)


def test_a_large_picture_gives_the_same_spots_in_its_own_pixels() -> None:
    twice = [np.kron(p, np.ones((1, 2, 2), np.float32)) for p in (with_spots(), smoothed())]
    large = sure(find_blemishes(twice[0], twice[1], np.ones((2 * SIZE, 2 * SIZE), np.float32), 2 * FACE_PX))
    for x, y, _ in PLACES:
        assert any(np.hypot(s.x_px / 2 - x, s.y_px / 2 - y) < 2 for s in large)


def test_the_mask_is_whole_in_a_spot_and_nothing_far_from_it() -> None:
    mask = blemish_mask([Blemish(50.5, 40.5, 10, 9), Blemish(-3, 5, 6, 9), Blemish(500, 500, 5, 9)], 120, 100)
    assert mask.shape == (100, 120)
    away = np.hypot(*(g - c for g, c in zip(np.mgrid[:100, :120], (40, 50), strict=True)))
    assert (mask[away <= 10] == 1).all()
    assert (mask[(away > 13.1) & (away < 25)] == 0).all()
    assert 0 < mask[40, 62] < 1
    assert mask[5, 0] > 0
    assert not mask[90:, 110:].any()


def test_more_sensitivity_takes_more_spots() -> None:
    levels = [score_threshold(s) for s in (-5, 0, 25, 50, 75, 100, 200)]
    assert levels == sorted(levels, reverse=True)
    assert score_threshold(DEFAULT_SENSITIVITY) == DEFAULT_SCORE


def test_a_spot_scales_with_its_picture() -> None:
    assert Blemish(10, 20, 3, 7, "red").scaled(2) == Blemish(20, 40, 6, 7, "red")


def test_sizes_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match="one size"):
        find_blemishes(skin(40, 40), skin(40, 41), np.ones((40, 40), np.float32), 100)
    with pytest.raises(ValueError, match="face width"):
        find_blemishes(skin(40, 40), skin(40, 40), np.ones((40, 40), np.float32), 0)


def test_flat_pictures_have_no_spots() -> None:
    flat = np.full((3, 60, 60), 0.5, np.float32)
    assert find_blemishes(flat, blurred(flat, 2), np.ones((60, 60), np.float32), 80) == ()


def test_a_bright_background_gives_a_dark_face_no_ring_of_spots() -> None:
    face = disc(SIZE, SIZE, 200, 200, 150)[None]
    original = 0.8 + blurred(face, 1.0) * (0.15 * skin(SIZE, SIZE) - 0.8)
    retouched = 0.03 + 0.95 * (0.8 + blurred(face, 0.3) * (0.15 * smoothed() - 0.8)) ** 0.9
    pair = [np.asarray(picture, np.float32) for picture in (original, retouched)]
    found = sure(find_blemishes(pair[0], pair[1], blurred(face, 3.0)[0], FACE_PX))
    assert not [s for s in found if np.hypot(s.x_px - 200, s.y_px - 200) > 130]
