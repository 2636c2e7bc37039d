import threading

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retexture.document.document import Document, Source
from retexture.document.layers import (
    BlendIf,
    FillLayer,
    GroupLayer,
    LayerMask,
    LuminosityMask,
    PixelLayer,
    Range,
    RasterMask,
    Sliders,
    smart,
)
from retexture.document.pixels import Pixels, Tiles
from retexture.engine.modes import BlendMode
from retexture.filters.gaussian_blur import GaussianBlur
from retexture.render.cache import Cache
from retexture.render.region import Region
from retexture.render.render import Cancelled, canvas_size, flatten, is_opaque, render
from tests.render import oracle

WIDTH, HEIGHT = 67, 45
rng = np.random.default_rng(20)


def picture(channels=3, height=HEIGHT, width=WIDTH):
    return Pixels(rng.integers(0, 65536, (channels, height, width), dtype=np.uint16))


SOURCES = (
    Source(key="a", name="a", colour=picture()),
    Source(key="b", name="b", colour=picture()),
    Source(
        key="small",
        name="small",
        colour=picture(3, 20, 30),
        alpha=Pixels(rng.integers(0, 65536, (20, 30), dtype=np.uint16)),
    ),
)
MASK = Tiles.from_array(rng.integers(0, 65536, (1, HEIGHT, WIDTH), dtype=np.uint16))
# Steps of these modes would turn rounding into whole levels; tests/engine holds each of them alone.
SMOOTH_MODES = [m for m in BlendMode if m not in {
    BlendMode.DISSOLVE, BlendMode.PASS_THROUGH, BlendMode.HARD_MIX, BlendMode.DARKER_COLOR,
    BlendMode.LIGHTER_COLOR, BlendMode.HUE, BlendMode.SATURATION, BlendMode.DIVIDE, BlendMode.COLOR_BURN,
    BlendMode.COLOR_DODGE, BlendMode.VIVID_LIGHT,
}]  # fmt: skip
units = st.sampled_from([0.0, 0.25, 0.6, 1.0])
ranges = st.sampled_from([Range(), Range(20, 60, 190, 240), Range(0, 0, 150, 255)])


@st.composite
def masks(draw):
    raster = RasterMask(
        tiles=MASK,
        inverted=draw(st.booleans()),
        density=draw(units),
        feather_px=draw(st.sampled_from([0.0, 2.0])),
    )
    light = LuminosityMask(
        kind=draw(st.sampled_from(["lights", "darks", "midtones", "range"])),
        power=draw(st.integers(1, 3)),
        range=Range(20, 90, 150, 220),
        inverted=draw(st.booleans()),
        density=draw(units),
    )
    return LayerMask(painted=raster, components=draw(st.sampled_from([(), (light,)])))


@st.composite
def layers(draw, depth=0):
    common = {
        "key": "",
        "name": "",
        "visible": draw(st.sampled_from([True, True, True, False])),
        "opacity": draw(units),
        "fill": draw(units),
        "blend_mode": draw(st.sampled_from(SMOOTH_MODES)),
        "clipped": draw(st.sampled_from([False, False, True])),
        "clips_as_group": draw(st.booleans()),
        "blend_if": BlendIf(this=Sliders(gray=draw(ranges)), underlying=Sliders(green=draw(ranges))),
        "mask": draw(st.one_of(st.none(), masks())),
    }
    filters = smart(GaussianBlur(radius_px=1.5), enabled=draw(st.booleans()))
    kind = draw(
        st.sampled_from(["pixel", "small", "fill", "group", "pass"] if depth < 2 else ["pixel", "fill"])
    )
    if kind == "pixel":
        return PixelLayer(source=draw(st.sampled_from(["a", "b"])), filters=filters, **common)
    if kind == "small":
        return PixelLayer(
            source="small", x_px=draw(st.integers(-9, 50)), y_px=draw(st.integers(-9, 40)), **common
        )
    if kind == "fill":
        return FillLayer(colour=draw(st.sampled_from([None, (0.2, 0.7, 0.9)])), **common)
    members = tuple(draw(st.lists(layers(depth=depth + 1), max_size=3)))
    if kind == "pass":
        common |= {"blend_mode": BlendMode.PASS_THROUGH}
        filters = ()
    return GroupLayer(layers=members, filters=filters, **common)


def keyed(stack, above=""):
    """Return layers with keys of their own, which no two of a document share."""
    return tuple(
        msgspec.structs.replace(
            layer,
            key=(key := f"layer{above}_{i}"),
            name=key,
            **({"layers": keyed(layer.layers, f"{above}_{i}")} if isinstance(layer, GroupLayer) else {}),
        )
        for i, layer in enumerate(stack)
    )


documents = st.lists(layers(), min_size=1, max_size=4).map(
    lambda stack: Document(width_px=WIDTH, height_px=HEIGHT, sources=SOURCES, layers=keyed(stack))
)


def base(**changes):
    return PixelLayer(**({"key": "base", "name": "base", "source": "a"} | changes))


def document(*stack, **more):
    return Document(width_px=WIDTH, height_px=HEIGHT, sources=SOURCES, layers=stack, **more)


@pytest.mark.slow
@settings(max_examples=150)
@given(documents)
def test_any_document_equals_the_plain_renderer(doc):
    got = render(doc, form="float")
    wanted = oracle.render(doc)
    error = np.abs(got * got[3] - wanted * wanted[3])[:3]
    assert np.abs(got[3] - wanted[3]).max() < 1e-5
    assert np.percentile(error, 99) < 1e-5
    assert error.max() < 2e-3  # the steps at Blend-If's unsplit ends and at zero alpha


@settings(max_examples=40)
@given(documents, st.integers(0, 66), st.integers(0, 44), st.data())
def test_a_region_equals_the_same_part_of_the_whole(doc, x, y, data):
    region = Region(x, y, data.draw(st.integers(1, WIDTH - x)), data.draw(st.integers(1, HEIGHT - y)))
    whole = render(doc)
    part = render(doc, region)
    assert np.array_equal(part, whole[(slice(None), *region.slices(Region(0, 0, WIDTH, HEIGHT)))])


def wide_document():
    colour = np.random.default_rng(3).integers(0, 65536, (3, 700, 1300), dtype=np.uint16)
    source = Source(key="a", name="a", colour=Pixels(colour))
    blurred = base(key="blurred", filters=smart(GaussianBlur(radius_px=5)), blend_mode=BlendMode.OVERLAY)
    grain = base(key="grain", blend_mode=BlendMode.DISSOLVE, opacity=0.3)
    return Document(width_px=1300, height_px=700, sources=(source,), layers=(base(), blurred, grain))


@pytest.mark.parametrize("level", [0, 1, 2])
@pytest.mark.parametrize(
    "region", [Region(0, 0, 90, 80), Region(101, 33, 211, 107), Region(200, 0, 100, 175)]
)
def test_a_region_across_blocks_equals_the_whole_at_every_level(level, region):
    doc = wide_document()
    whole = render(doc, level=level, form="bgra")
    assert whole.shape[1::-1] == canvas_size(doc, level)
    for cache in (Cache(1), Cache(1 << 28)):
        part = render(doc, region, level, form="bgra", cache=cache)
        assert np.array_equal(part, whole[region.slices(Region(0, 0, *canvas_size(doc, level)))])


def test_a_level_is_the_mean_of_the_full_picture_where_nothing_is_filtered():
    doc = document(base())
    half = render(doc, level=1, form="float")[:3]
    full = render(doc, form="float")[:3]
    padded = np.pad(full, ((0, 0), (0, HEIGHT % 2), (0, WIDTH % 2)), mode="edge")
    means = padded.reshape(3, padded.shape[1] // 2, 2, padded.shape[2] // 2, 2).mean((2, 4))
    assert np.abs(half - means).max() < 1e-6


def test_an_unchanged_filter_is_not_computed_again(monkeypatch):
    calls = []
    plain = GaussianBlur.apply

    def counted(self, *arguments):
        calls.append(1)
        return plain(self, *arguments)

    monkeypatch.setattr(GaussianBlur, "apply", counted)
    cache = Cache(1 << 28)
    doc = document(base(), base(key="top", filters=smart(GaussianBlur(radius_px=2)), opacity=0.5))
    render(doc, cache=cache)
    before = len(calls)
    top = msgspec.structs.replace(doc.layers[1], opacity=0.7, blend_mode=BlendMode.OVERLAY)
    render(msgspec.structs.replace(doc, layers=(doc.layers[0], top)), cache=cache)
    assert before > 0
    assert len(calls) == before
    wider = msgspec.structs.replace(top, filters=smart(GaussianBlur(radius_px=3)))
    render(msgspec.structs.replace(doc, layers=(doc.layers[0], wider)), cache=cache)
    assert len(calls) > before


def test_the_cache_keeps_to_its_budget():
    cache = Cache(3 << 20)
    render(wide_document(), cache=cache)
    assert 0 < cache.used_bytes <= 3 << 20


def test_a_cancelled_render_stops_and_leaves_the_cache_usable():
    doc, cache, asked = wide_document(), Cache(1 << 28), threading.Event()

    def cancelled():
        try:
            return asked.is_set()
        finally:
            asked.set()

    with pytest.raises(Cancelled):
        render(doc, cache=cache, cancelled=cancelled)
    assert np.array_equal(render(doc, cache=cache), render(doc))


def test_progress_counts_every_block():
    seen = []
    render(wide_document(), progress=lambda done, total: seen.append((done, total)))
    assert sorted(seen)[-1] == (len(seen), len(seen))


def test_a_region_outside_the_canvas_is_refused():
    with pytest.raises(ValueError, match="not inside the canvas"):
        render(document(base()), Region(60, 0, 20, 10))


def test_flatten_drops_alpha_only_where_all_is_opaque():
    colour, alpha = flatten(document(base()))
    assert alpha is None
    assert np.array_equal(colour, SOURCES[0].colour.array)
    _, alpha = flatten(document(base(opacity=0.5)))
    assert alpha is not None
    assert not is_opaque(document(base(opacity=0.5)))


def test_an_8_bit_document_is_quantised_after_every_layer():
    colour = np.random.default_rng(5).integers(0, 256, (3, 40, 50), dtype=np.uint8)
    sources = (Source(key="a", name="a", colour=Pixels(colour)),)
    grey = FillLayer(key="grey", name="grey", blend_mode=BlendMode.LINEAR_LIGHT)
    veil = FillLayer(key="veil", name="veil", colour=(0.0, 0.0, 0.0), opacity=80 / 255)
    doc = Document(width_px=50, height_px=40, depth=8, sources=sources, layers=(base(), grey))
    assert np.array_equal(render(doc)[:3], colour), "neutral grey changes nothing in Linear Light"
    doc = msgspec.structs.replace(doc, layers=(base(), veil, msgspec.structs.replace(veil, key="again")))
    step = np.floor(colour * (175 / 255) + 0.5)
    assert np.array_equal(render(doc)[:3], np.floor(step * (175 / 255) + 0.5).astype(np.uint8))


def test_a_blur_on_the_canvas_edge_repeats_the_edge_pixels():
    flat = Pixels(np.full((3, HEIGHT, WIDTH), 30000, np.uint16))
    sources = (Source(key="a", name="a", colour=flat),)
    doc = Document(
        width_px=WIDTH,
        height_px=HEIGHT,
        sources=sources,
        layers=(base(filters=smart(GaussianBlur(radius_px=9))),),
    )
    assert np.abs(render(doc)[:3].astype(int) - 30000).max() <= 1
