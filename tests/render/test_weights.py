"""What Blend-If lets show, as numbers, against the trapezoid of its definition in float64."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retexture.document.document import Document, Source
from retexture.document.layers import (
    AdjustmentLayer,
    BlendIf,
    FillLayer,
    GroupLayer,
    PixelLayer,
    Range,
    Sliders,
    smart,
)
from retexture.document.pixels import Pixels
from retexture.engine.modes import BlendMode
from retexture.filters.invert import Invert
from retexture.render.cache import Cache
from retexture.render.region import Region
from retexture.render.render import render
from retexture.render.weights import blend_if_weight, layer_and_beneath
from tests.document.documents import samples

WIDTH, HEIGHT = 67, 45
WHOLE = Region(0, 0, WIDTH, HEIGHT)


def trapezoid(value, r):
    """Weight of values 0-1 under a range in 8-bit numbers; the ends are inside."""
    v = value * 255
    weight = np.ones_like(v)
    rising, falling = (v >= r.black_low) & (v < r.black_high), (v > r.white_low) & (v <= r.white_high)
    weight = np.where(rising, (v - r.black_low) / max(r.black_high - r.black_low, 1e-9), weight)
    weight = weight * np.where(falling, (r.white_high - v) / max(r.white_high - r.white_low, 1e-9), 1)
    return np.where((v < r.black_low) | (v > r.white_high), 0, weight)


def weight_of(rgb, sliders):
    grey = 0.30 * rgb[0] + 0.59 * rgb[1] + 0.11 * rgb[2]
    found = trapezoid(grey, sliders.gray)
    for plane, r in zip(rgb, (sliders.red, sliders.green, sliders.blue), strict=True):
        found = found * trapezoid(plane, r)
    return found


def make_document(blend_if, depth=16, **more):
    dtype = np.uint8 if depth == 8 else np.uint16
    sources = tuple(
        Source(key, key, Pixels(samples((3, HEIGHT, WIDTH), np.dtype(dtype).name, seed)))
        for key, seed in (("a", 1), ("b", 2))
    )
    top = PixelLayer(**({"key": "top", "name": "", "source": "b", "blend_if": blend_if} | more))
    base = PixelLayer(key="base", name="", source="a")
    return Document(width_px=WIDTH, height_px=HEIGHT, depth=depth, sources=sources, layers=(base, top))


def values(document, index):
    array = document.sources[index].colour.array
    return array / np.iinfo(array.dtype).max


ends = st.lists(st.sampled_from([0, 10, 31, 82, 100, 128, 173, 224, 255]), min_size=4, max_size=4).map(
    lambda found: Range(*sorted(found[:2]), *sorted(found[2:]))
)
sides = st.builds(
    Sliders, gray=ends, red=st.just(Range()) | ends, green=st.just(Range()), blue=st.just(Range()) | ends
)


@settings(max_examples=60)
@given(sides, sides)
def test_the_weight_is_the_product_of_the_trapezoids(this, underlying):
    document = make_document(BlendIf(this=this, underlying=underlying))
    got = blend_if_weight(document, "top", WHOLE, cache=Cache(1 << 24))
    assert got.shape == (HEIGHT, WIDTH)
    assert got.dtype == np.float32
    wanted = weight_of(values(document, 1), this) * weight_of(values(document, 0), underlying)
    error = np.abs(got - wanted)
    # On the edge of a step, the last digit decides.
    assert np.percentile(error, 99) < 1e-4
    assert (error > 1e-3).mean() < 0.002


def test_in_8_bits_whole_levels_are_judged():
    sliders = Sliders(gray=Range(60, 100, 150, 200))
    document = make_document(BlendIf(this=sliders), depth=8)
    got = blend_if_weight(document, "top", WHOLE, cache=Cache(1 << 24))
    b = document.sources[1].colour.array.astype(np.float64)
    for grey in (np.floor, np.ceil):
        level = grey(0.30 * b[0] + 0.59 * b[1] + 0.11 * b[2])
        near = np.abs(got - trapezoid(level / 255, sliders.gray))
        assert np.percentile(near, 50) < 0.03
        assert near.max() <= 1 / 40 + 0.5 / 40 + 1e-6


def test_the_weight_is_how_far_the_layer_shows():
    """Against the result: white through Blend-If over black would be it, but for what Blend-If judges."""
    blend_if = BlendIf(
        this=Sliders(gray=Range(60, 100, 150, 200)), underlying=Sliders(red=Range(0, 80, 200, 255))
    )
    document = make_document(blend_if)
    got = blend_if_weight(document, "top", WHOLE, cache=Cache(1 << 24))
    shown = render(document, form="float")[:3]
    wanted = values(document, 0) + (values(document, 1) - values(document, 0)) * got
    assert np.abs(shown - wanted).max() < 1e-5


def test_a_part_equals_that_part_of_the_whole_at_every_level():
    document = make_document(BlendIf(this=Sliders(gray=Range(60, 100, 150, 200))), filters=smart(Invert()))
    for level, whole in ((0, WHOLE), (1, Region(0, 0, 34, 23))):
        all_of_it = blend_if_weight(document, "top", whole, level, cache=Cache(1 << 24))
        part = Region(5, 7, 13, 9)
        got = blend_if_weight(document, "top", part, level, cache=Cache(1 << 24))
        assert np.array_equal(got, all_of_it[part.slices(whole)])


def test_filters_are_judged_and_masks_and_opacity_are_not():
    blend_if = BlendIf(this=Sliders(gray=Range(60, 100, 150, 200)))
    inverted = make_document(blend_if, filters=smart(Invert()), opacity=0.1, visible=False)
    got = blend_if_weight(inverted, "top", WHOLE, cache=Cache(1 << 24))
    assert np.percentile(np.abs(got - weight_of(1 - values(inverted, 1), blend_if.this)), 99) < 1e-4


def test_what_is_judged_is_the_layer_and_what_lies_beneath_it():
    document = make_document(BlendIf())
    shade = FillLayer(key="shade", name="", colour=(0.2, 0.4, 0.6), opacity=0.5)
    document = msgspec.structs.replace(
        document, layers=(document.layers[0], shade, document.layers[1], FillLayer(key="above", name=""))
    )
    own, beneath = layer_and_beneath(document, "top", WHOLE, cache=Cache(1 << 24))
    assert np.abs(own - values(document, 1)).max() < 1e-6
    wanted = values(document, 0) * 0.5 + np.array([0.1, 0.2, 0.3])[:, None, None]
    assert np.abs(beneath - wanted).max() < 1e-6
    with pytest.raises(KeyError):
        layer_and_beneath(document, "nobody", WHOLE, cache=Cache(1 << 24))


def test_an_adjustment_layer_is_judged_by_its_result():
    document = make_document(BlendIf())
    judged = BlendIf(this=Sliders(gray=Range(60, 100, 150, 200)))
    invert = AdjustmentLayer(key="invert", name="", adjustment=Invert(), blend_if=judged)
    document = msgspec.structs.replace(document, layers=(document.layers[0], invert))
    own, beneath = layer_and_beneath(document, "invert", WHOLE, cache=Cache(1 << 24))
    assert np.abs(beneath - values(document, 0)).max() < 1e-6
    assert np.abs(own - (1 - values(document, 0))).max() < 1e-6
    shown = weight_of(1 - values(document, 0), judged.this)
    got = blend_if_weight(document, "invert", WHOLE, cache=Cache(1 << 24))
    assert np.percentile(np.abs(got - shown), 99) < 1e-4


@pytest.mark.parametrize("mode", [BlendMode.PASS_THROUGH, BlendMode.NORMAL])
def test_inside_a_group_what_the_group_shows_it_is_judged(mode):
    document = make_document(BlendIf())
    half = FillLayer(key="half", name="", colour=(0.2, 0.4, 0.6), opacity=0.5)
    group = GroupLayer(key="g", name="", layers=(half, document.layers[1]), blend_mode=mode)
    document = msgspec.structs.replace(document, layers=(document.layers[0], group))
    _, beneath = layer_and_beneath(document, "top", WHOLE, cache=Cache(1 << 24))
    colour = np.array([0.2, 0.4, 0.6])[:, None, None]
    wanted = values(document, 0) * 0.5 + colour * 0.5 if mode is BlendMode.PASS_THROUGH else colour
    assert np.abs(beneath - wanted).max() < 1e-5


def test_a_grey_layer_has_three_equal_colours():
    grey = Source("a", "a", Pixels(samples((1, HEIGHT, WIDTH))))
    layer = PixelLayer(
        key="top", name="", source="a", blend_if=BlendIf(this=Sliders(red=Range(60, 100, 150, 200)))
    )
    document = Document(width_px=WIDTH, height_px=HEIGHT, mode="grey", sources=(grey,), layers=(layer,))
    own, _ = layer_and_beneath(document, "top", WHOLE, cache=Cache(1 << 24))
    assert own.shape == (3, HEIGHT, WIDTH)
    assert np.abs(own - grey.colour.array / 65535).max() < 1e-6
