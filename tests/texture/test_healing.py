"""Healing keeps the source's texture and the target's tone: no seam, no stain, no bald disc. Controls have them."""

import numpy as np
import pytest

from retexture.texture import healing
from retexture.texture.healing import find_clean_patch, find_clean_source, heal, margin_px
from tests.texture.skin import blemish, blurred, disc, high, shading, skin, texture

SIZE = 160
MIDDLE = SIZE / 2
RADII = (8, 20, 45)


def case(radius, tone=0.6, source_tone=0.45):
    """A blemish in the middle of skin, and clean skin of another tone and slope."""
    clean = skin(SIZE, SIZE, 1, tone=tone)
    target = clean + blemish(SIZE, SIZE, MIDDLE, MIDDLE, radius * 0.6)
    source = skin(SIZE, SIZE, 2, tone=source_tone, slope=-0.1, turn=1.5)
    return clean, target, source, disc(SIZE, SIZE, MIDDLE, MIDDLE, radius)


def energy(planes, where):
    return float(np.square(high(planes))[:, where].mean())


def tone_error(out, truth_low, where):
    """How far the tone is from the truth, the worst of all places of a texture's size."""
    return float(np.abs(blurred(out - truth_low, 5))[:, where].max())


@pytest.mark.parametrize("radius", RADII)
def test_the_texture_inside_is_as_strong_as_the_sources(radius):
    clean, target, source, mask = case(radius)
    out = heal(target, source, mask)
    inside = disc(SIZE, SIZE, MIDDLE, MIDDLE, radius - 3) == 1
    assert 0.9 < energy(out, inside) / energy(source, inside) < 1.1
    # Where the two textures meet it is neither flatter nor stronger.
    rim = (disc(SIZE, SIZE, MIDDLE, MIDDLE, radius + 1) == 1) & ~(
        disc(SIZE, SIZE, MIDDLE, MIDDLE, radius - 4) > 0
    )
    usual = (energy(clean, rim) + energy(source, rim)) / 2
    assert 0.75 < energy(out, rim) / usual < 1.25


@pytest.mark.parametrize("radius", RADII)
def test_the_texture_inside_is_the_sources(radius):
    _, target, source, mask = case(radius)
    inside = disc(SIZE, SIZE, MIDDLE, MIDDLE, radius - 4) == 1
    a, b = high(heal(target, source, mask))[:, inside], high(source)[:, inside]
    assert np.corrcoef(a.ravel(), b.ravel())[0, 1] > 0.99


@pytest.mark.parametrize("radius", RADII)
def test_tone_goes_on_over_the_border_and_the_blemish_is_gone(radius):
    clean, target, source, mask = case(radius)
    truth, where = shading(SIZE, SIZE, tone=0.6), disc(SIZE, SIZE, MIDDLE, MIDDLE, radius + 6) > 0
    out = heal(target, source, mask)
    limit = tone_error(clean, truth, where) + 0.012
    assert tone_error(out, truth, where) < limit
    # Controls: the blemish, and the copy's seam.
    assert tone_error(target, truth, where) > 1.5 * limit
    copy = target + (source - target) * mask
    assert tone_error(copy, truth, where) > 3 * limit


def test_a_steep_shadow_goes_on_through_the_healed_place():
    _, target, source, mask = case(20)
    ramp = np.linspace(-0.25, 0.25, SIZE, dtype=np.float32)[None, None]
    truth = shading(SIZE, SIZE, tone=0.6) + ramp
    out = heal(target + ramp, source, mask)
    assert tone_error(out, truth, disc(SIZE, SIZE, MIDDLE, MIDDLE, 26) > 0) < 0.03


def test_what_is_not_masked_stays_the_very_same():
    _, target, source, mask = case(20)
    out = heal(target, source, mask)
    assert np.array_equal(out[:, mask == 0], target[:, mask == 0])
    assert np.array_equal(heal(target, source, np.zeros_like(mask)), target)


def test_a_blemish_that_reaches_over_the_border_does_not_run_in(monkeypatch):
    clean, _, source, mask = case(20)
    # Its rim lies outside on one side: a dark stain at the border.
    target = clean + blemish(SIZE, SIZE, MIDDLE + 21, MIDDLE, 5, depth=0.3)
    inside = disc(SIZE, SIZE, MIDDLE, MIDDLE, 15) == 1
    truth = shading(SIZE, SIZE, tone=0.6)
    kept = tone_error(heal(target, source, mask), truth, inside)
    step = healing._tone_step
    monkeypatch.setattr(
        healing, "_tone_step", lambda d, w, outside, px: (step(d, w, outside, px)[0] * 0 + d, w)
    )
    stained = tone_error(heal(target, source, mask), truth, inside)
    assert kept < 0.02
    assert stained > 1.5 * kept


@pytest.mark.parametrize("opacity", [0.3, 0.5, 0.7])
def test_a_weak_brush_does_not_flatten_the_texture(opacity):
    clean, _, source, mask = case(45)
    inside = disc(SIZE, SIZE, MIDDLE, MIDDLE, 40) == 1
    out = heal(clean, source, mask * np.float32(opacity))
    assert 0.85 < energy(out, inside) / energy(source, inside) < 1.15
    mixture = clean + (source - clean) * np.float32(opacity)
    assert energy(mixture, inside) / energy(source, inside) < 0.75


def test_the_same_texture_is_not_strengthened():
    clean, _, _, mask = case(45)
    out = heal(clean, clean - np.float32(0.1), mask * np.float32(0.5))
    inside = disc(SIZE, SIZE, MIDDLE, MIDDLE, 40) == 1
    assert energy(out, inside) / energy(clean, inside) == pytest.approx(1, abs=0.02)


def test_unknown_pixels_are_neither_healed_nor_believed():
    _, target, source, mask = case(20)
    known = np.ones((SIZE, SIZE), bool)
    known[:, :70] = False
    source[:, :, :70] = 9
    out = heal(target, source, mask, known)
    assert np.array_equal(out[:, :, :70], target[:, :, :70])
    truth = shading(SIZE, SIZE, tone=0.6)
    assert tone_error(out, truth, (mask > 0) & (np.arange(SIZE) > 80)) < 0.03


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (37, 5), (200, 3)])
def test_any_shape_and_mask_gives_numbers(channels, shape):
    rng = np.random.default_rng(1)
    target, source = (rng.random((channels, *shape), dtype=np.float32) for _ in "ts")
    for mask in (np.ones(shape, np.float32), rng.random(shape, dtype=np.float32).round()):
        out = heal(target, source, mask)
        assert out.shape == target.shape
        assert out.dtype == np.float32
        assert np.isfinite(out).all()


def test_what_lies_further_away_than_the_margin_has_no_say():
    _, target, source, mask = case(20)
    margin = margin_px(mask)
    far = disc(SIZE, SIZE, MIDDLE, MIDDLE, 20 + margin + 2) == 0
    other = np.where(far, np.float32(0), target)
    assert np.allclose(heal(other, source, mask), heal(target, source, mask) * ~far, atol=2e-3)


# -- where there is clean texture


def spotted(*spots, seed=3, size=300):
    """Clean skin with blemishes at (x, y, radius)."""
    picture = skin(size, size, seed)
    for spot in spots:
        picture = picture + blemish(size, size, *spot)
    return picture


def patch_for(*arguments):
    """Where the patch is that must be found."""
    found = find_clean_patch(*arguments)
    assert found is not None
    return found


def test_the_patch_is_clean_and_apart():
    others = [(150 + 45 * np.cos(a), 150 + 45 * np.sin(a), 10) for a in np.linspace(0, 5.5, 6)]
    picture = spotted((150, 150, 10), *others)
    found = patch_for(picture, 150, 150, 12)
    at = np.array([150, 150]) + found
    assert np.hypot(*found) > 2 * 12
    assert all(np.hypot(at[0] - x, at[1] - y) > 12 + 0.7 * r for x, y, r in others)


def test_a_planted_blemish_is_removed():
    clean = skin(300, 300, 3)
    picture = spotted((150, 150, 10))
    dx, dy = patch_for(picture, 150, 150, 12)
    source = np.roll(picture, (-dy, -dx), axis=(1, 2))
    out = heal(picture, source, disc(300, 300, 150, 150, 12))
    where = disc(300, 300, 150, 150, 16) > 0
    truth = shading(300, 300)
    assert tone_error(out, truth, where) < tone_error(clean, truth, where) + 0.012
    assert tone_error(picture, truth, where) > 0.06


def test_the_patch_has_the_texture_of_the_place():
    """Fine pores to the left and right, coarse skin above and below: what is around the spot decides."""
    fine, coarse = texture(300, 300, 1, 0.012), texture(300, 300, 2, 0.04)
    rows = np.arange(300)
    middle = (rows > 110) & (rows < 190)
    picture = shading(300, 300) + np.where(middle[None, :, None], fine, coarse)
    dx, dy = patch_for(picture + blemish(300, 300, 150, 150, 10), 150, 150, 14)
    assert abs(dy) < 30
    assert abs(dx) > 28


def test_the_patch_has_the_direction_of_the_place():
    along, across = texture(300, 300, 1, flat=4), texture(300, 300, 1, flat=4).swapaxes(1, 2)
    left = np.arange(300) < 205
    picture = shading(300, 300, slope=0.02) + np.where(left, along, across)
    for x, side in ((160, -1), (250, 1)):
        dx, _ = patch_for(picture + blemish(300, 300, x, 150, 8), x, 150, 10)
        assert (x + dx + 10 < 205) == (side < 0)
        assert (x + dx - 10 > 205) == (side > 0)


def test_what_is_to_be_avoided_is_not_taken():
    picture = spotted((150, 150, 10))
    avoid = np.ones((300, 300), bool)
    avoid[:, 220:] = False
    dx, _ = patch_for(picture, 150, 150, 12, avoid)
    assert 150 + dx - 12 >= 220


def test_nothing_is_found_where_there_is_nothing_clean():
    picture = spotted((150, 150, 10))
    assert find_clean_patch(picture, 150, 150, 12, np.ones((300, 300), bool)) is None
    # No room beside it.
    assert find_clean_patch(picture[:, 130:170, 130:170], 20, 20, 12) is None
    # Another thing altogether all around: black and white stripes.
    stripes = np.where(np.arange(300) // 20 % 2, 0.1, 0.9).astype(np.float32)
    picture = np.where(disc(300, 300, 150, 150, 30) > 0, picture, stripes)
    assert find_clean_patch(picture, 150, 150, 12) is None


def test_a_place_of_any_shape_is_found_a_source_of_its_shape():
    picture = spotted((150, 150, 8), (210, 150, 8))
    place = np.zeros((300, 300), bool)
    place[146:155, 110:190] = True
    found = find_clean_source(picture, place)
    assert found is not None
    dx, dy = found
    moved = np.roll(place, (dy, dx), axis=(0, 1))
    assert not (moved & place).any()
    assert not (moved & (disc(300, 300, 210, 150, 6) > 0)).any()
    assert find_clean_source(picture, np.zeros((300, 300), bool)) is None


def test_a_spot_at_the_edge_of_the_picture_finds_texture_inside():
    picture = spotted((6, 5, 8))
    dx, dy = patch_for(picture, 6, 5, 9)
    assert 6 + dx - 9 >= 0 or dx >= 0
    assert 5 + dy >= 0
    moved = np.roll(disc(300, 300, 6, 5, 9) > 0, (dy, dx), axis=(0, 1))
    assert moved.sum() == (disc(300, 300, 6, 5, 9) > 0).sum()
