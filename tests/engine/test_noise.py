"""Noise: known hash values, any region the same as the whole, distribution and independence."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retexture.engine.noise import gaussian, hash_grid, mix_bits, uniform


def scramble(h: int) -> int:
    """MurmurHash3's finaliser on Python's integers."""
    h ^= h >> 16
    h = h * 0x85EBCA6B & 0xFFFFFFFF
    h ^= h >> 13
    h = h * 0xC2B2AE35 & 0xFFFFFFFF
    return h ^ h >> 16


def expected(x: int, y: int, seed: int) -> int:
    row = scramble((y * 0x9E3779B1 + scramble(seed & 0xFFFFFFFF)) & 0xFFFFFFFF)
    return scramble((x * 0x85EBCA77 + row) & 0xFFFFFFFF)


def test_published_values_of_the_finaliser():
    known = {0: 0, 1: 0x514E28B7, 0xFFFFFFFF: 0x81F16F39}
    assert [int(v) for v in mix_bits(np.array(list(known), np.uint32))] == list(known.values())


@given(
    st.integers(-(2**31), 2**31),
    st.integers(-(2**31), 2**31),
    st.integers(-(2**63), 2**63),
    st.integers(1, 64),
)
def test_a_sample_depends_on_seed_and_position_alone(x, y, seed, step):
    grid = hash_grid(x, y, 3, 2, seed, step)
    for row in range(2):
        for column in range(3):
            assert int(grid[row, column]) == expected(x + column * step, y + row * step, seed)


@given(st.integers(-500, 500), st.integers(-500, 500), st.integers(0, 40), st.integers(0, 40))
def test_any_region_is_cut_from_the_whole(x, y, left, top):
    whole, part = uniform(x, y, 64, 64, 5), uniform(x + left, y + top, 20, 20, 5)
    assert np.array_equal(whole[top : top + 20, left : left + 20], part)


def test_preview_levels_sample_the_full_picture():
    assert np.array_equal(hash_grid(10, 20, 8, 8, 3, step=4), hash_grid(10, 20, 32, 32, 3)[::4, ::4])


def test_uniform_distribution():
    sample = uniform(0, 0, 1024, 1024, 11)
    assert sample.dtype == np.float32
    assert sample.min() >= 0
    assert sample.max() < 1
    counts = np.histogram(sample, 256, (0, 1))[0]
    chi_square = ((counts - counts.mean()) ** 2).sum() / counts.mean()
    # 255 degrees of freedom: mean 255, standard deviation 22.6.
    assert 150 < chi_square < 360


def test_gaussian_distribution():
    sample = gaussian(0, 0, 1024, 1024, 11).astype(np.float64)
    assert np.isfinite(sample).all()
    assert sample.mean() == pytest.approx(0, abs=0.005)
    assert sample.std() == pytest.approx(1, abs=0.005)
    assert (sample**3).mean() == pytest.approx(0, abs=0.02)
    assert (sample**4).mean() == pytest.approx(3, abs=0.05)


@pytest.mark.parametrize("noise", [uniform, gaussian])
def test_neighbours_and_seeds_are_independent(noise):
    sample = noise(0, 0, 512, 512, 1).astype(np.float64)
    sample -= sample.mean()
    spread = (sample**2).mean()

    def correlation(a: np.ndarray, b: np.ndarray) -> float:
        return float((a * b).mean() / spread)

    for dx, dy in [(1, 0), (0, 1), (1, 1), (2, 0), (0, 2), (16, 0), (0, 16)]:
        assert abs(correlation(sample[dy:, dx:], sample[: 512 - dy, : 512 - dx])) < 0.01
    for seed in (0, 2, 1 << 20):
        other = noise(0, 0, 512, 512, seed)
        assert abs(correlation(sample, other - other.mean())) < 0.01
    blurred = (sample[:, 1:] + sample[:, :-1]) / 2  # what such a bound must reject
    assert abs(correlation(blurred[:, 1:], blurred[:, :-1])) > 0.1
