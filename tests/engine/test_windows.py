"""The compiled Median and Surface Blur against the numpy ones."""

import numpy as np
import pytest

from retexture.engine import rank, surface

kernel = pytest.importorskip("retexture.engine._kernel", reason="the kernel is not built")

SHAPES = [(3, 70, 150), (1, 1, 1), (2, 5, 3), (1, 1, 40), (1, 130, 67)]
RADII = [0, 1, 2, 5, 9]
SUFFIXES = ["", "_baseline"]


def planes(shape, kind):
    rng = np.random.default_rng(len(kind))
    match kind:
        case "any":
            return rng.random(shape, np.float32)
        case "few levels":
            return (rng.integers(0, 9, shape) / 255).astype(np.float32)
        case "beyond the range":
            return (3 * rng.standard_normal(shape)).astype(np.float32)
    return np.full(shape, 0.25, np.float32)


KINDS = ["any", "few levels", "beyond the range", "flat"]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", SHAPES)
def test_median(shape, kind, suffix):
    source = planes(shape, kind)
    source.flags.writeable = False
    for radius in RADII:
        result = getattr(kernel, f"median{suffix}")(source, radius)
        assert result.dtype == np.float32
        assert np.array_equal(result, rank.median(source, radius))


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", SHAPES)
def test_surface_blur(shape, kind, suffix):
    source = planes(shape, kind)
    source.flags.writeable = False
    for radius in RADII:
        for span in (0.02, 0.147, 2.5):
            result = getattr(kernel, f"surface_blur{suffix}")(source, radius, span)
            assert result.dtype == np.float32
            assert np.abs(result - surface.surface_blur(source, radius, span)).max() <= 1e-6


def test_large_windows_take_several_tiles():
    """Over radius 16 the median's tiles grow with the window; here two by two of them."""
    source = planes((1, 75, 90), "any")
    assert np.array_equal(kernel.median(source, 18), rank.median(source, 18))


def test_views_are_taken_as_they_look():
    source = planes((3, 40, 60), "any")
    view = source[:, ::2, 5:-3:3]
    assert np.array_equal(kernel.median(view, 2), rank.median(view, 2))
    assert np.array_equal(kernel.surface_blur(view, 2, 0.1), kernel.surface_blur(view.copy(), 2, 0.1))


@pytest.mark.parametrize("radius", [-1, 1001])
def test_impossible_radius(radius):
    source = planes((1, 4, 4), "any")
    with pytest.raises(ValueError, match="radius"):
        kernel.median(source, radius)
    with pytest.raises(ValueError, match="radius"):
        kernel.surface_blur(source, radius, 0.1)


@pytest.mark.parametrize("span", [0, -1])
def test_impossible_span(span):
    with pytest.raises(ValueError, match="span"):
        kernel.surface_blur(planes((1, 4, 4), "any"), 1, span)


def test_wrong_arrays():
    for wrong in (np.zeros((4, 4), np.float32), "planes", None):
        with pytest.raises(TypeError):
            kernel.median(wrong, 1)
    assert kernel.median(np.zeros((3, 0, 5), np.float32), 1).shape == (3, 0, 5)
