"""Area-average downsampling: against plain means, any part against the whole, the compiled against numpy."""

from fractions import Fraction

import numpy as np
import pytest

from retexture.engine import resample


@pytest.fixture(params=["numpy", "", "_baseline"])
def area_resample(request):
    if request.param == "numpy":
        return resample.area_resample
    kernel = pytest.importorskip("retexture.engine._kernel", reason="the kernel is not built")
    return getattr(kernel, f"area_resample{request.param}")


def picture(height, width, opaque=True):
    pixels = np.random.default_rng(5).integers(0, 256, (height, width, 4), np.uint8)
    if opaque:
        pixels[..., 3] = 255
    else:
        pixels[2:9, 3:20, 3] = 0
    return pixels


def test_whole_scales_are_plain_means(area_resample):
    source = picture(12, 30)
    out = np.empty((4, 10, 4), np.uint8)
    area_resample(source, out, 3, 3)
    sums = source.reshape(4, 3, 10, 3, 4).astype(int).sum((1, 3))
    assert np.array_equal(out, (2 * sums + 9) // 18)


def test_a_scale_of_one_copies(area_resample):
    source = picture(7, 9)
    out = np.empty_like(source)
    area_resample(source, out, 1, 1)
    assert np.array_equal(out, source)


def test_halves_are_rounded_up(area_resample):
    source = np.full((1, 2, 4), 255, np.uint8)
    source[0, :, :3] = [[10, 0, 255], [11, 1, 254]]
    out = np.empty((1, 1, 4), np.uint8)
    area_resample(source, out, 2, 1)
    assert out[0, 0].tolist() == [11, 1, 255, 255]


def test_pixels_cut_by_a_border_count_by_their_part(area_resample):
    source = picture(10, 15)
    scale = Fraction(5, 2)
    out = np.empty((4, 6, 4), np.uint8)
    area_resample(source, out, 2.5, 2.5)
    for i, j in np.ndindex(4, 6):
        total, area = [Fraction(0)] * 4, Fraction(0)
        for y, x in np.ndindex(10, 15):
            tall = min(y + 1, (i + 1) * scale) - max(y, i * scale)
            wide = min(x + 1, (j + 1) * scale) - max(x, j * scale)
            if tall > 0 and wide > 0:
                area += tall * wide
                total = [t + tall * wide * int(v) for t, v in zip(total, source[y, x], strict=True)]
        assert out[i, j].tolist() == [int(t / area + Fraction(1, 2)) for t in total]


def test_colours_count_by_their_alpha(area_resample):
    source = np.array([[[200, 100, 0, 255], [0, 0, 255, 51], [9, 9, 9, 0], [9, 9, 9, 0]]], np.uint8)
    out = np.empty((1, 2, 4), np.uint8)
    area_resample(source, out, 2, 1)
    assert out[0].tolist() == [[167, 83, 43, 153], [0, 0, 0, 0]]


@pytest.mark.parametrize("opaque", [True, False])
@pytest.mark.parametrize("scale", [1, 1.37, 2, 3.3333, 17.9])
def test_any_part_is_that_part_of_the_whole(area_resample, scale, opaque):
    source = picture(83, 117, opaque)
    tall, wide = int(83 / scale) + 1, int(117 / scale) + 1
    whole = np.empty((tall, wide, 4), np.uint8)
    area_resample(source, whole, scale, scale * 0.9 if scale > 2 else scale)
    scale_y = scale * 0.9 if scale > 2 else scale
    for top, bottom, left, right in [(0, 2, 0, wide), (tall // 3, tall, wide // 4, wide - 1), (1, 2, 1, 2)]:
        y0, y1 = resample.source_span(top, bottom - top, scale_y, 83)
        x0, x1 = resample.source_span(left, right - left, scale, 117)
        out = np.full((bottom - top + 2, right - left + 2, 4), 7, np.uint8)
        area_resample(
            source[y0:y1, x0:x1],
            out[1:-1, 1:-1],
            scale,
            scale_y,
            left,
            top,
            source_x=x0,
            source_y=y0,
            width_px=117,
            height_px=83,
        )
        assert np.array_equal(out[1:-1, 1:-1], whole[top:bottom, left:right])
        assert (out[[0, -1]] == 7).all()
        assert (out[:, [0, -1]] == 7).all()


@pytest.mark.parametrize("opaque", [True, False])
@pytest.mark.parametrize("scale", [(1, 1), (1.001, 1.7), (2.5, 4), (7.1, 5.3), (40, 90)])
@pytest.mark.parametrize("offset", [(0, 0), (-2, 3), (0.37, -1.25)])
def test_compiled_is_numpy(area_resample, scale, offset, opaque):
    source = picture(61, 97, opaque)
    out, expected = (np.empty((23, 31, 4), np.uint8) for _ in range(2))
    area_resample(source, out, *scale, *offset)
    resample.area_resample(source, expected, *scale, *offset)
    assert np.array_equal(out, expected)


def test_outside_the_picture_is_nothing(area_resample):
    out = np.full((5, 6, 4), 9, np.uint8)
    area_resample(picture(4, 4), out, 2, 2, -2, -1)
    assert (out[1:3, 2:4, 3] == 255).all()
    out[1:3, 2:4] = 0
    assert not out.any()


def test_a_border_pixel_is_the_mean_of_what_it_has(area_resample):
    source = np.full((3, 3, 4), 255, np.uint8)
    out = np.empty((2, 2, 4), np.uint8)
    area_resample(source, out, 2, 2)
    assert (out == 255).all()


def test_source_span():
    assert resample.source_span(0, 10, 2.5, 100) == (0, 25)
    assert resample.source_span(1, 1, 2.5, 100) == (2, 5)
    assert resample.source_span(-3, 2, 2.5, 100) == (0, 0)
    assert resample.source_span(39, 9, 2.5, 100) == (97, 100)


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"scale_x": 0.5}, "scale_x"),
        ({"scale_y": 1001}, "scale_y"),
        ({"scale_y": float("nan")}, "scale_y"),
        ({"width_px": 99}, "along x"),
        ({"source_y": 2, "height_px": 4}, "along y"),
    ],
)
def test_what_cannot_be_done(area_resample, wrong, match):
    arguments = {"scale_x": 2, "scale_y": 2, **wrong}
    with pytest.raises(ValueError, match=match):
        area_resample(picture(4, 4), np.empty((4, 4, 4), np.uint8), **arguments)
