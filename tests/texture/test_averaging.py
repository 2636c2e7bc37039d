import numpy as np

from retexture.texture.averaging import averaged

rng = np.random.default_rng(3)


def test_each_sample_is_the_mean_of_those_it_covers() -> None:
    plane = rng.integers(0, 65536, (160, 320)).astype(np.uint16)
    means = plane.reshape(20, 8, 40, 8).mean(axis=(1, 3)) / 65535
    assert np.abs(averaged(plane, (40, 20)) - means).max() < 2 / 65535


def test_floats_keep_their_range_and_odd_edges_their_place() -> None:
    ramp = np.tile(np.linspace(0, 1, 101, dtype=np.float32), (77, 1))
    small = averaged(ramp, (30, 20))
    assert small.dtype == np.float32
    assert small.shape == (20, 30)
    assert np.abs(small[5] - (np.arange(30) + 0.5) / 30).max() < 0.02
