"""Stages that are cached, filtered or read: what once went wrong, or easily could."""

import gc
import weakref

import msgspec
import numpy as np
import pytest

from retexture.document.document import Document, Source
from retexture.document.layers import (
    AdjustmentLayer,
    FillLayer,
    GroupLayer,
    LayerMask,
    LuminosityMask,
    PaintLayer,
    PixelLayer,
    RasterMask,
    smart,
)
from retexture.document.pixels import Pixels, Tiles
from retexture.engine.modes import BlendMode
from retexture.filters.add_noise import AddNoise
from retexture.filters.apply_image import ApplyImage
from retexture.filters.edge_safe_high_pass import EdgeSafeHighPass
from retexture.filters.gaussian_blur import GaussianBlur
from retexture.filters.high_pass import HighPass
from retexture.filters.invert import Invert
from retexture.filters.median import Median
from retexture.filters.surface_blur import SurfaceBlur
from retexture.filters.texture_gain import TextureGain
from retexture.render.cache import Cache
from retexture.render.region import Region
from retexture.render.render import Cancelled, flatten, render

SIZE = 100
rng = np.random.default_rng(4)


def source(key="a", size=SIZE, dtype=np.uint16, planes=3, value=None):
    colour = rng.integers(0, 65536, (planes, size, size)).astype(np.uint16)
    if value is not None:
        colour[:] = value
    return Source(key=key, name=key, colour=Pixels(colour if dtype == np.uint16 else colour.astype(dtype)))


def document(*layers, sources=(), size=SIZE, **more):
    return Document(width_px=size, height_px=size, sources=sources, layers=layers, **more)


def fill(key, value=0.5, **more):
    return FillLayer(key=key, name=key, colour=(value,) * 3, **more)


def shown(doc, **options):
    return render(doc, form="float", **options)[:, SIZE // 2, SIZE // 2]


def test_documents_of_different_size_share_a_cache():
    cache = Cache(1 << 26)
    grain = FillLayer(key="grain", name="grain", filters=smart(AddNoise(amount_percent=10)))
    for size in (600, 130, 700):
        doc = document(grain, size=size)
        assert np.array_equal(render(doc, cache=cache), render(doc))


def test_hiding_a_clipping_base_hides_what_is_clipped_to_it_in_a_cached_group():
    cache = Cache(1 << 26)
    for visible in (True, False, True):
        members = (fill("a", 0.2), fill("b", 0.9, visible=visible), fill("c", 0.5, clipped=True))
        doc = document(GroupLayer(key="g", name="g", blend_mode=BlendMode.NORMAL, layers=members))
        assert shown(doc, cache=cache)[0] == pytest.approx(0.5 if visible else 0.2, abs=1e-6)


@pytest.mark.parametrize("as_group", [True, False])
def test_an_adjustment_clipped_to_a_layer_changes_only_that_layer(as_group):
    half = Tiles.from_array(
        np.where(np.arange(SIZE) < 40, 0, 65535).astype(np.uint16) * np.ones((4, SIZE, 1), np.uint16)
    )
    base = PaintLayer(key="base", name="base", tiles=half, clips_as_group=as_group)
    invert = AdjustmentLayer(key="invert", name="invert", adjustment=Invert(), clipped=True)
    picture = render(document(fill("under", 0.3), base, invert), form="float")[0]
    assert np.allclose(picture[:, :40], 0.3, atol=1e-5)
    assert np.allclose(picture[:, 40:], 0, atol=1e-5)


def test_clipped_layers_that_blend_by_themselves_keep_the_shape_of_their_base():
    base = fill("base", 0.2, opacity=0.5, clips_as_group=False)
    doc = document(base, fill("above", 0.8, clipped=True))
    assert shown(doc)[3] == pytest.approx(0.5, abs=1e-6)
    darks = LayerMask(components=(LuminosityMask(kind="darks"),))
    masked = msgspec.structs.replace(base, opacity=1.0, mask=darks)
    doc = document(fill("under", 1.0), masked, fill("above", 0.5, clipped=True))
    assert shown(doc)[0] == pytest.approx(1.0, abs=1e-6)


def test_a_pass_through_group_keeps_passing_through_with_blend_if():
    from retexture.document.layers import BlendIf, Range, Sliders

    invert = AdjustmentLayer(key="invert", name="invert", adjustment=Invert())
    judged = BlendIf(underlying=Sliders(red=Range(0, 0, 200, 200)))
    group = GroupLayer(key="g", name="g", layers=(invert,), blend_if=judged)
    assert shown(document(fill("a", 0.6), group))[0] == pytest.approx(0.6, abs=1e-6), (
        "an adjustment has no shape"
    )
    members = (fill("m", 0.5, blend_mode=BlendMode.MULTIPLY),)
    group = msgspec.structs.replace(group, layers=members)
    assert shown(document(fill("a", 0.6), group))[0] == pytest.approx(0.3, abs=1e-5)
    assert shown(document(fill("a", 0.9), group))[0] == pytest.approx(0.9, abs=1e-5)


@pytest.mark.parametrize(
    "kind",
    [HighPass(radius_px=5), EdgeSafeHighPass(radius_px=8), SurfaceBlur(radius_px=4), Median(radius_px=3)],
)
def test_what_lies_under_transparency_does_not_bleed_in(kind):
    flat = source(value=39321, size=60)
    layer = PixelLayer(key="layer", name="layer", source="a", x_px=20, y_px=20, filters=smart(kind))
    picture = render(document(layer, sources=(flat,)), form="float")
    inside = picture[:3, 26:74, 26:74]
    wanted = 0.5 if isinstance(kind, HighPass | EdgeSafeHighPass) else 0.6
    assert np.abs(inside - wanted).max() < 2e-3
    rim = picture[:3, 20:80, 20:80][:, picture[3, 20:80, 20:80] > 0]
    assert np.abs(rim - wanted).max() < 2e-2


def test_reading_a_layer_with_transparency_reads_it_over_white_at_every_level():
    small = source(key="small", value=20000, size=40)
    layers = (
        PixelLayer(key="read", name="read", source="small", visible=False),
        fill("reader", 0.2, filters=smart(ApplyImage(source="read", blending="normal", invert=False))),
    )
    doc = document(*layers, sources=(small,))
    for level in (0, 1, 2):
        picture = render(doc, level=level, form="float")[0]
        assert picture[1, 1] == pytest.approx(20000 / 65535, abs=1e-4)
        assert picture[-2, -2] == pytest.approx(1.0, abs=1e-4)


def test_the_picture_beneath_is_read_as_merged():
    layers = (
        fill("a", 0.3),
        fill("b", 0.5, opacity=0.5),
        fill(
            "c", 1.0, filters=smart(ApplyImage(source="merged", blending="subtract", invert=False, scale=1))
        ),
    )
    assert shown(document(*layers))[0] == pytest.approx(1 - 0.4, abs=1e-5)


def test_many_layers_that_read_the_merged_picture_take_no_more_than_their_number(monkeypatch):
    calls = []
    plain = ApplyImage.apply

    def counted(self, *arguments):
        calls.append(1)
        return plain(self, *arguments)

    monkeypatch.setattr(ApplyImage, "apply", counted)
    reader = smart(ApplyImage(source="merged", blending="multiply", invert=False))
    layers = [fill("first", 0.9)] + [fill(f"layer_{i}", 0.99, filters=reader, opacity=0.1) for i in range(40)]
    render(document(*layers, size=8))
    assert len(calls) == 40


def test_a_version_that_nobody_holds_is_not_kept_by_the_cache():
    cache = Cache(1 << 20)
    alive: list[weakref.ref[object]] = []
    for i in range(5):
        tiles = Tiles.from_array(np.full((4, SIZE, SIZE), 1000 * i + 1, np.uint16))
        alive.extend(weakref.ref(pixels.array) for pixels in tiles.tiles.values())
        paint = PaintLayer(key="p", name="p", tiles=tiles)
        group = GroupLayer(key="g", name="g", layers=(paint,), blend_mode=BlendMode.NORMAL)
        render(document(group), cache=cache)
    del tiles, paint, group
    gc.collect()
    assert not any(reference() is not None for reference in alive)


def test_the_cache_counts_all_that_it_holds():
    cache = Cache(1 << 30)
    layer = PixelLayer(key="a", name="a", source="a", filters=smart(GaussianBlur(radius_px=30)))
    render(document(layer, sources=(source(size=600),), size=600), cache=cache)
    held = [array if array.base is None else array.base for array in cache._arrays.values()]
    assert sum(array.nbytes for array in held) == cache.used_bytes > 0


def test_filters_of_the_whole_picture_run_once_whatever_the_cache_holds(monkeypatch):
    calls = []
    plain = GaussianBlur.apply

    def counted(self, *arguments):
        calls.append(1)
        return plain(self, *arguments)

    monkeypatch.setattr(GaussianBlur, "apply", counted)
    layers = [
        PixelLayer(key=f"l{r}", name="l", source="a", opacity=0.5, filters=smart(GaussianBlur(radius_px=r)))
        for r in (70, 80)
    ]
    render(document(*layers, sources=(source(size=1100),), size=1100), cache=Cache(1))
    assert len(calls) == 2


def test_a_grey_document_stays_grey_and_keeps_a_colours_luma():
    noisy = fill("noise", 0.5, filters=smart(AddNoise(amount_percent=20, monochromatic=False)))
    picture = render(document(noisy, mode="grey"), form="float")
    assert np.array_equal(picture[0], picture[1])
    assert np.array_equal(picture[0], picture[2])
    red = FillLayer(key="red", name="red", colour=(1.0, 0.0, 0.0))
    colour, _ = flatten(document(red, mode="grey"))
    assert colour.shape == (1, SIZE, SIZE)
    assert abs(int(colour[0, 0, 0]) - 0.30 * 65535) <= 0.5


def test_an_adjustment_that_changes_nothing_keeps_values_above_white():
    bright = Source(key="a", name="a", colour=Pixels(np.full((3, SIZE, SIZE), 2.0, np.float32)))
    layers = (
        PixelLayer(key="a", name="a", source="a"),
        AdjustmentLayer(key="x", name="x", adjustment=TextureGain(), opacity=0.0),
    )
    assert shown(document(*layers, sources=(bright,), depth=32))[0] == 2.0


def test_a_render_can_be_cancelled_between_filters():
    asked = []

    def cancelled():
        asked.append(1)
        return len(asked) > 2

    layer = PixelLayer(
        key="a",
        name="a",
        source="a",
        filters=smart(GaussianBlur(radius_px=2), Median(radius_px=2), HighPass(radius_px=2)),
    )
    with pytest.raises(Cancelled):
        render(document(layer, sources=(source(),)), Region(0, 0, 10, 10), cancelled=cancelled)
    assert len(asked) == 3


def test_what_a_mask_hides_all_over_is_not_computed(monkeypatch):
    plane = np.zeros((1, 1024, 1024), np.uint16)
    plane[:, 512:] = 65535
    mask = LayerMask(painted=RasterMask(Tiles.from_array(plane)))
    layer = PixelLayer(key="a", name="a", source="a", filters=smart(HighPass(radius_px=2)), mask=mask)
    tops = []
    apply = HighPass.apply

    def counted(self, colour, context):
        tops.append(context.y)
        return apply(self, colour, context)

    monkeypatch.setattr(HighPass, "apply", counted)
    flatten(document(fill("below", 0.3), layer, sources=(source(size=1024),), size=1024))
    assert tops
    assert min(tops) > 400
