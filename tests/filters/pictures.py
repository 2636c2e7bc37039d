"""What the filters' tests filter, and how they measure the result."""

import numpy as np


def picture(height=90, width=110, seed=0):
    """A (3, H, W) float32 picture 0-1: coloured ramps, an edge, a dark and a bright corner, fine texture."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width] / np.array([height, width])[:, None, None]
    planes = np.stack([0.2 + 0.6 * x, 0.75 - 0.5 * y, 0.3 + 0.4 * np.sin(5 * (x + y)) ** 2])
    planes[:, (x - 0.5) ** 2 + (y - 0.4) ** 2 < 0.05] -= np.array([0.1, 0.25, 0.3])[:, None]
    planes[:, : height // 6, : width // 6] = 0
    planes[:, -height // 6 :, -width // 6 :] = 1
    return (planes + 0.03 * rng.standard_normal(planes.shape)).clip(0, 1).astype(np.float32)


def grown(planes, x, y, width, height, reach):
    """Return a region with its halo; edge pixels repeated beyond the picture, as a renderer does it."""
    rows = np.clip(np.arange(y - reach, y + height + reach), 0, planes.shape[1] - 1)
    columns = np.clip(np.arange(x - reach, x + width + reach), 0, planes.shape[2] - 1)
    return np.ascontiguousarray(planes[:, rows[:, None], columns[None]])


def errors(result, reference):
    """Return the largest error and the 99th percentile of errors."""
    difference = np.abs(np.asarray(result, np.float64) - reference)
    return difference.max(), np.percentile(difference, 99)


def assert_close(result, reference, worst, usual):
    """Hold the largest error and the 99th percentile under a limit each."""
    largest, percentile = errors(result, reference)
    assert largest <= worst
    assert percentile <= usual
