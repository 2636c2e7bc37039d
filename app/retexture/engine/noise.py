"""Noise as an integer hash of seed and position: any region, in any order, gives the same values."""

import numpy as np
from numpy.typing import NDArray

U32 = NDArray[np.uint32]


def mix_bits(h: U32) -> U32:
    """Scramble 32-bit integers: the finaliser of MurmurHash3 (Appleby, public domain), a bijection."""
    h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return h ^ (h >> np.uint32(16))


def hash_grid(x: int, y: int, width: int, height: int, seed: int, step: int = 1) -> U32:
    """Return (height, width) uint32, uniformly distributed, a function of `seed` and the pixel's position alone.

    Args:
        x, y: position of the first sample, in pixels of the full-size picture; may be negative.
        width, height: samples.
        seed: any integer; its low 32 bits count.
        step: distance between samples in full-size pixels (2 at preview level 1).
    """
    columns = (np.arange(width, dtype=np.int64) * step + x).astype(np.uint32)
    rows = (np.arange(height, dtype=np.int64) * step + y).astype(np.uint32)
    row_hash = mix_bits(rows * np.uint32(0x9E3779B1) + mix_bits(np.array([seed & 0xFFFFFFFF], np.uint32)))
    return mix_bits(columns[None, :] * np.uint32(0x85EBCA77) + row_hash[:, None])


def uniform(x: int, y: int, width: int, height: int, seed: int, step: int = 1) -> NDArray[np.float32]:
    """Return (height, width) float32, uniform in [0, 1), with 24 random bits; see `hash_grid`."""
    return (hash_grid(x, y, width, height, seed, step) >> np.uint32(8)).astype(np.float32) * np.float32(
        2**-24
    )


def gaussian(x: int, y: int, width: int, height: int, seed: int, step: int = 1) -> NDArray[np.float32]:
    """Return (height, width) float32, normal with mean 0 and standard deviation 1 (Box and Muller 1958)."""
    radius: NDArray[np.float32] = np.sqrt(-2 * np.log(1 - uniform(x, y, width, height, seed, step)))
    angle = np.float32(2 * np.pi) * uniform(x, y, width, height, ~seed, step)
    return np.asarray(radius * np.cos(angle), np.float32)
