import colorsys

import msgspec
import numpy as np
import pytest
from scipy.interpolate import CubicSpline, PchipInterpolator
from skimage import exposure

from retexture.filters import AnyFilter, Context
from retexture.filters.black_white import BlackWhite
from retexture.filters.curves import Curves
from retexture.filters.desaturate import Desaturate
from retexture.filters.hue_saturation import HueSaturation
from retexture.filters.invert import Invert
from retexture.filters.levels import Levels
from tests.filters.pictures import assert_close, errors, picture


def per_pixel(function, colour):
    """Map each pixel (r, g, b) of double precision through a function."""
    pixels = [function(*pixel) for pixel in colour.reshape(3, -1).T.astype(np.float64).tolist()]
    return np.array(pixels).T.reshape(colour.shape)


def assert_other_channels_unchanged(kind, **parameters):
    colour = picture()
    for i, channel in enumerate(("red", "green", "blue")):
        one = kind(channel=channel, **parameters).apply(colour, Context())
        everything = kind(**parameters).apply(colour, Context())
        expected = colour.copy()
        expected[i] = everything[i]
        assert np.array_equal(one, expected)
        assert not np.array_equal(one, everything)


def test_desaturate_is_the_lightness_of_hsl():
    colour = picture(40, 50)
    result = Desaturate().apply(colour, Context())
    expected = per_pixel(lambda r, g, b: (colorsys.rgb_to_hls(r, g, b)[1],) * 3, colour)
    assert_close(result, expected, worst=1e-7, usual=1e-7)
    luma = np.tensordot([0.30, 0.59, 0.11], colour.astype(np.float64), 1)
    assert errors(result, luma)[1] > 0.02


def test_invert():
    colour = picture()
    result = Invert().apply(colour, Context())
    assert_close(result, 1 - colour.astype(np.float64), worst=1e-7, usual=1e-7)
    assert_close(Invert().apply(result, Context()), colour, worst=1e-7, usual=1e-7)


@pytest.mark.parametrize(
    ("black", "gamma", "white", "out_black", "out_white"),
    [
        (0, 1, 255, 0, 255),
        (20, 1.4, 230, 0, 255),
        (0, 0.5, 255, 10, 200),
        (100, 3, 110, 255, 0),
        (0, 9.99, 2, 0, 255),
    ],
)
def test_levels(black, gamma, white, out_black, out_white):
    colour = picture()
    item = Levels(
        input_black=black, gamma=gamma, input_white=white, output_black=out_black, output_white=out_white
    )

    def expected(gamma):
        stretched = exposure.rescale_intensity(
            colour.astype(np.float64), in_range=(black / 255, white / 255), out_range=(0.0, 1.0)
        )
        powered = exposure.adjust_gamma(stretched, 1 / gamma)
        return out_black / 255 + (out_white - out_black) / 255 * powered

    result = item.apply(colour, Context())
    worst = 1e-6 if gamma < 2 else 2e-3  # the power's slope is infinite at 0
    assert_close(result, expected(gamma), worst=worst, usual=1e-6)
    assert errors(result, expected(gamma * 1.02))[1] > 1e-6 or white == 2


def test_levels_worked_example():
    """Middle grey with gamma 2 is the square root: 64 of 255 becomes 255 * sqrt(64 / 255) = 127.75."""
    grey = np.full((3, 1, 1), 64 / 255, np.float32)
    assert Levels(gamma=2).apply(grey, Context()).ravel() * 255 == pytest.approx([127.7498] * 3, abs=1e-3)


def test_levels_handles_cannot_meet():
    ramp = np.linspace(0, 1, 256, dtype=np.float32).reshape(1, 1, 256)
    crossed = Levels(input_black=200, input_white=100).apply(ramp, Context()).ravel()
    assert crossed[200] == 0
    assert crossed[201] == pytest.approx(0.5, abs=1e-5)
    assert crossed[202] == pytest.approx(1, abs=1e-5)


def test_levels_of_one_channel():
    assert_other_channels_unchanged(Levels, gamma=1.7)


CURVES = [
    ((0, 0), (255, 255)),
    ((0, 255), (255, 0)),
    ((0, 0), (64, 40), (192, 220), (255, 255)),
    ((30, 10), (90, 120), (140, 100), (210, 250)),
    tuple((i * 17, int(17 * i + 9 * (-1) ** i)) if 0 < i < 15 else (i * 17, i * 17) for i in range(16)),
]


@pytest.mark.parametrize("points", CURVES)
def test_curves(points):
    colour = picture()
    result = Curves(points=points).apply(colour, Context())
    x, y = np.array(points).T / 255
    inside = colour.astype(np.float64).clip(x[0], x[-1])
    spline = CubicSpline(x, y, bc_type="natural")
    assert_close(result, spline(inside).clip(0, 1), worst=2e-6, usual=1e-6)
    if len(points) > 2:
        assert errors(result, PchipInterpolator(x, y)(inside))[1] > 1e-3
        assert errors(result, CubicSpline(x, y, bc_type="not-a-knot")(inside).clip(0, 1))[1] > 1e-3


def test_curves_go_through_their_points():
    for points in CURVES:
        inputs = np.array([x / 255 for x, _ in points], np.float32).reshape(1, 1, -1)
        result = Curves(points=points).apply(inputs, Context()) * 255
        assert result.ravel() == pytest.approx([y for _, y in points], abs=1e-3)


def test_straight_curve_changes_nothing():
    colour = picture()
    assert_close(Curves().apply(colour, Context()), colour, worst=1e-7, usual=1e-7)


def test_curves_of_one_channel():
    assert_other_channels_unchanged(Curves, points=CURVES[2])


@pytest.mark.parametrize(
    "points",
    [
        "[[0,0]]",
        "[]",
        "[[0,0],[0,255]]",
        "[[255,0],[0,255]]",
        "[[0,0],[300,255]]",
        "[[0,-1],[255,255]]",
        "[[0],[1]]",
    ],
)
def test_impossible_curves_are_refused(points):
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(f'{{"type":"curves","points":{points}}}', type=AnyFilter)


def hue_saturation(hue, saturation, lightness):
    def pixel(r, g, b):
        h, l, s = colorsys.rgb_to_hls(r, g, b)
        a = saturation / 100
        s = min(s / (1 - a), 1) if a > 0 else s * (1 + a)
        rgb = colorsys.hls_to_rgb((h + hue / 360) % 1, l, s)
        m = lightness / 100
        return [v + (1 - v) * m if m > 0 else v * (1 + m) for v in rgb]

    return pixel


@pytest.mark.parametrize(
    ("hue", "saturation", "lightness"),
    [
        (0, 0, 0),
        (30, 0, 0),
        (-180, 0, 0),
        (0, 40, 0),
        (0, -70, 0),
        (0, 0, 25),
        (0, 0, -60),
        (145, 20, -10),
        (-5, 99, 3),
    ],
)
def test_hue_saturation(hue, saturation, lightness):
    colour = picture(40, 50)
    item = HueSaturation(hue=hue, saturation=saturation, lightness=lightness)
    result = item.apply(colour, Context())
    # Near black and white the saturation is a quotient of two small numbers.
    expected = per_pixel(hue_saturation(hue, saturation, lightness), colour)
    assert_close(result, expected, worst=1e-5, usual=2e-6)
    wrong = per_pixel(hue_saturation(hue + 2, saturation, lightness - 1), colour)
    assert errors(result, wrong)[1] > 5e-3


def test_hue_saturation_ends():
    colour = picture()
    assert_close(
        HueSaturation(saturation=-100).apply(colour, Context()),
        Desaturate().apply(colour, Context()),
        1e-6,
        1e-6,
    )
    assert HueSaturation(lightness=100).apply(colour, Context()).min() == 1
    assert HueSaturation(lightness=-100).apply(colour, Context()).max() == 0
    red = np.array([1, 0, 0], np.float32).reshape(3, 1, 1)
    assert HueSaturation(hue=120).apply(red, Context()).ravel() == pytest.approx([0, 1, 0], abs=1e-6)
    grey = np.full((3, 4, 4), 0.37, np.float32)
    assert HueSaturation(hue=77, saturation=100).apply(grey, Context()) == pytest.approx(0.37, abs=1e-6)


def test_black_white_of_pure_colours():
    weights = {"reds": 10, "yellows": 20, "greens": 30, "cyans": 40, "blues": 50, "magentas": 60}
    colours = {
        "reds": (1, 0, 0),
        "yellows": (1, 1, 0),
        "greens": (0, 1, 0),
        "cyans": (0, 1, 1),
        "blues": (0, 0, 1),
        "magentas": (1, 0, 1),
    }
    for name, rgb in colours.items():
        result = BlackWhite(**weights).apply(np.array(rgb, np.float32).reshape(3, 1, 1), Context())
        assert result.ravel() == pytest.approx([weights[name] / 100] * 3, abs=1e-6)


@pytest.mark.parametrize(
    ("rgb", "grey"),
    [
        # min + (mid - min) * secondary + (max - mid) * primary, with the default weights
        ((0.8, 0.5, 0.2), 0.2 + 0.3 * 0.6 + 0.3 * 0.4),  # orange: yellow and red
        ((0.2, 0.5, 0.9), 0.2 + 0.3 * 0.6 + 0.4 * 0.2),  # azure: cyan and blue
        ((0.7, 0.1, 0.4), 0.1 + 0.3 * 0.8 + 0.3 * 0.4),  # rose: magenta and red
        ((0.3, 0.6, 0.1), 0.1 + 0.2 * 0.6 + 0.3 * 0.4),  # lime: yellow and green
        ((0.42, 0.42, 0.42), 0.42),
    ],
)
def test_black_white_of_mixed_colours(rgb, grey):
    result = BlackWhite().apply(np.array(rgb, np.float32).reshape(3, 1, 1), Context())
    assert result.ravel() == pytest.approx([grey] * 3, abs=1e-6)


def test_black_white_is_continuous_where_two_channels_tie():
    """Along a path through all hues the grey never jumps: the parts that change hands are 0 there."""
    hues = np.linspace(0, 1, 3001)
    path = np.array([colorsys.hsv_to_rgb(h, 0.8, 0.9) for h in hues], np.float32).T[:, None]
    grey = BlackWhite().apply(path, Context())[0, 0]
    assert np.abs(np.diff(grey)).max() < 0.003
    assert np.ptp(grey) > 0.3
