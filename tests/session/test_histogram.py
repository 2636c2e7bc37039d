"""Counting of a picture's values."""

import numpy as np
import pytest

from retexture.session.histogram import histogram


def picture(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(5).random((3, height, width), np.float32)


@pytest.mark.parametrize("bins", [256, 1000, 1024])
@pytest.mark.parametrize("height", [1, 63, 64, 65, 200])
def test_counts_are_those_of_plain_binning(bins: int, height: int) -> None:
    planes = picture(height, 37)
    counts = histogram(planes, bins)
    grey = np.float32(0.30) * planes[0] + np.float32(0.59) * planes[1] + np.float32(0.11) * planes[2]
    for row, values in zip(counts, (grey, *planes), strict=True):
        # A value within a rounding error of a bin's edge may be counted on either side of it.
        expected = np.bincount((values.astype(np.float64).ravel() * bins).astype(int), minlength=bins)
        assert np.abs(np.cumsum(row) - np.cumsum(expected)).max() <= 1
    assert counts.dtype == np.int64
    assert counts.sum(axis=1).tolist() == [height * 37] * 4


def test_every_level_of_8_bits_has_a_bin_of_its_own() -> None:
    levels = (np.arange(256, dtype=np.float32) / 255).reshape(1, 1, 256)
    counts = histogram(np.repeat(levels, 3, axis=0))
    assert counts.max() == 1
    assert np.count_nonzero(counts[1]) == 256
    assert counts[1, 0] == counts[1, -1] == 1


def test_values_beyond_the_range_are_counted_at_its_ends_and_nan_as_0() -> None:
    plane = np.array([[-3, 0, 1, 7, np.nan, np.inf, -np.inf]], np.float32)
    counts = histogram(np.stack([plane] * 3), 16)
    for row in counts:
        assert (row[0], row[-1], row.sum()) == (4, 3, 7)


def test_a_part_of_a_larger_picture_can_be_counted_in_place() -> None:
    planes = picture(80, 90)
    part = planes[:, 10:70:2, 5:60]
    before = planes.copy()
    assert np.array_equal(histogram(part), histogram(part.copy()))
    assert np.array_equal(planes, before)


def test_an_empty_picture_has_no_counts() -> None:
    assert histogram(np.zeros((3, 0, 4), np.float32)).sum() == 0
