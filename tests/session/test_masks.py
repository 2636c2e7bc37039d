"""Whole masks: their values, and that what is uniform takes no memory."""

import numpy as np
import pytest

from retexture.document.pixels import Tiles
from retexture.session import masks

DTYPES = [np.uint8, np.uint16, np.float32]


def full(dtype):
    return 1.0 if dtype == np.float32 else np.iinfo(dtype).max


@pytest.mark.parametrize("dtype", DTYPES)
def test_uniform_masks_hold_no_tiles(dtype):
    shown, hidden = masks.white(300, 270, dtype), masks.black(300, 270, dtype)
    assert (shown.to_array() == full(dtype)).all()
    assert not hidden.to_array().any()
    assert (masks.invert(shown).to_array() == 0).all()
    assert masks.clear(shown).to_array().max() == 0
    half = masks.fill(hidden, 0.5)
    assert half.to_array()[0, 0, 0] == {np.uint8: 128, np.uint16: 32768, np.float32: 0.5}[dtype]
    assert {t.nbytes for t in (shown, hidden, half)} == {0}
    assert {t.dtype for t in (shown, hidden, half)} == {np.dtype(dtype)}


@pytest.mark.parametrize("dtype", DTYPES)
def test_inverting_twice_is_nothing(dtype):
    rng = np.random.default_rng(1)
    plane = rng.random((270, 300), np.float32)
    if dtype != np.float32:
        plane = (plane * full(dtype)).astype(dtype)
    mask = masks.from_array(plane, dtype)
    assert np.array_equal(mask.to_array()[0], plane)
    once = masks.invert(mask)
    assert np.array_equal(once.to_array()[0], np.array(full(dtype), dtype) - plane)
    assert np.allclose(masks.invert(once).to_array(), mask.to_array(), atol=1e-7)


def test_from_array_fits_any_depth_and_leaves_uniform_tiles_out():
    plane = np.zeros((600, 700), bool)
    plane[300:310, 300:310] = True
    for source in (plane, plane * np.uint8(255), plane * np.uint16(65535), plane * 1.0):
        mask = masks.from_array(source)
        assert mask.dtype == np.uint16
        assert np.array_equal(mask.to_array()[0], plane * np.uint16(65535))
        assert list(mask.tiles) == [(1, 1)]
    assert masks.from_array(~plane, np.uint8).tiles.keys() == {(1, 1)}
    assert masks.from_array(np.full((3, 3), 0.5), np.uint8).to_array()[0, 0, 0] == 128


def test_linear_gradient():
    mask = masks.gradient(masks.black(2000, 300, np.uint16), (500, 100), (1500, 100), 0.2, 0.8)
    row = mask.to_array()[0, 7]
    assert (mask.to_array()[0] == row).all()
    expected = 0.2 + 0.6 * np.clip((np.arange(2000) + 0.5 - 500) / 1000, 0, 1)
    assert np.abs(row - expected * 65535).max() < 1
    assert (1999 // 256, 0) not in mask.tiles
    assert mask.tiles[0, 0] is not None
    assert mask.tiles[0, 0].nbytes == 2 * 256 * 256
    # Flat tiles of one shape are one array.
    wide = masks.gradient(masks.black(2000, 300, np.uint16), (1000, 0), (1500, 0))
    assert wide.tiles[0, 0] is wide.tiles[2, 0]


def test_gradient_along_a_slope_and_back():
    mask = masks.gradient(masks.black(100, 100, np.float32), (10, 10), (90, 50))
    y, x = np.mgrid[:100, :100] + 0.5
    expected = np.clip(((x - 10) * 80 + (y - 10) * 40) / (80**2 + 40**2), 0, 1)
    assert np.abs(mask.to_array()[0] - expected).max() < 1e-5
    back = masks.gradient(masks.black(100, 100, np.float32), (90, 50), (10, 10), 1, 0)
    assert np.abs(back.to_array() - mask.to_array()).max() < 1e-5


def test_radial_gradient():
    mask = masks.gradient(Tiles(600, 500, dtype=np.uint8), (100, 80), (160, 160), 1, 0, "radial")
    y, x = np.mgrid[:500, :600] + 0.5
    expected = 255 * (1 - np.clip(np.hypot(x - 100, y - 80) / 100, 0, 1))
    assert np.abs(mask.to_array()[0] - expected).max() <= 0.51
    assert mask.tiles.keys() == {(0, 0)}


def test_a_gradient_to_its_own_start_is_flat():
    mask = masks.gradient(masks.black(50, 50), (9, 9), (9, 9), 0, 1)
    assert (mask.to_array() == 65535).all()
