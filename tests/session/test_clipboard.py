"""Copies of layers and of selected pixels, in the same document and in others."""

import msgspec
import numpy as np
import pytest
from imagecodecs import cms_profile

from retexture.document.check import check
from retexture.document.document import Document, Source, find
from retexture.document.layers import (
    FillLayer,
    GroupLayer,
    LayerMask,
    PaintLayer,
    PixelLayer,
    RasterMask,
    smart,
)
from retexture.document.pixels import Pixels, Tiles
from retexture.document.transform import Transform
from retexture.engine.modes import BlendMode
from retexture.files.colour import convert
from retexture.filters.apply_image import ApplyImage
from retexture.filters.gaussian_blur import GaussianBlur
from retexture.filters.invert import Invert
from retexture.render.cache import Cache
from retexture.render.render import render
from retexture.session import selections
from retexture.session.clipboard import (
    copied_layer,
    copied_pixels,
    needs_conversion,
    pasted,
    reads_others,
    shared_picture,
)
from retexture.session.pictures import content_picture

WIDTH, HEIGHT = 300, 200
ADOBE = cms_profile("adobergb")


def document(
    width: int = WIDTH, height: int = HEIGHT, depth: int = 16, mode: str = "rgb", **more: object
) -> Document:
    dtype = {8: np.uint8, 16: np.uint16}[depth]
    rng = np.random.default_rng(width)
    planes = 1 if mode == "grey" else 3
    picture = rng.integers(0, np.iinfo(dtype).max, (planes, height, width), dtype)
    mask = np.zeros((1, height, width), dtype)
    mask[:, : height // 2] = np.iinfo(dtype).max
    paint = np.zeros((4, height, width), dtype)
    paint[:, 20:60, 30:90] = rng.integers(1, np.iinfo(dtype).max, (4, 40, 60), dtype)
    patch = PixelLayer(
        key="patch",
        name="Patch",
        source="patch",
        x_px=40,
        y_px=30,
        blend_mode=BlendMode.SOFT_LIGHT,
        opacity=0.5,
        filters=smart(GaussianBlur(radius_px=1)),
        mask=LayerMask(painted=RasterMask(Tiles.from_array(mask))),
    )
    return Document(
        width_px=width,
        height_px=height,
        depth=depth,
        mode=mode,
        layers=(
            PixelLayer(key="base", name="Base", source="base"),
            GroupLayer(
                key="group",
                name="Group",
                layers=(PaintLayer(key="paint", name="Paint", tiles=Tiles.from_array(paint)),),
            ),
            patch,
            PixelLayer(key="high", name="High", source="base", filters=smart(ApplyImage(source="base"))),
        ),
        sources=(
            Source("base", "Base", Pixels(picture)),
            Source("patch", "P", Pixels(picture[:, :60, :80].copy())),
        ),
        **more,
    )


def alone(document: Document, key: str) -> np.ndarray:
    """Return a layer by itself, (4, h, w), straight, black where it is transparent."""
    layer = msgspec.structs.replace(find(document, key), blend_mode=BlendMode.NORMAL)
    found = render(msgspec.structs.replace(document, layers=(layer,)), form="float")
    return np.concatenate([found[:3] * found[3], found[3:]])


@pytest.mark.parametrize("key", ["base", "patch", "group", "paint"])
def test_a_pasted_layer_is_the_same_and_shares_its_pixels(key: str) -> None:
    before = document()
    made = pasted(before, copied_layer(before, key), "patch")
    check(made.document)
    assert made.document.sources == before.sources
    assert made.key != key
    assert np.array_equal(alone(made.document, made.key), alone(before, key))
    assert made.note is None
    names = [layer.key for layer in made.document.layers]
    assert names.index(made.key) == names.index("patch") + 1


def test_into_another_document_of_its_size_it_is_where_it_was() -> None:
    before, other = document(), document()
    made = pasted(
        msgspec.structs.replace(other, layers=other.layers[:1]), copied_layer(before, "patch"), None
    )
    check(made.document)
    assert np.array_equal(alone(made.document, made.key), alone(before, "patch"))
    assert not needs_conversion(copied_layer(before, "patch"), other)


def test_into_another_size_it_lies_in_the_middle_with_its_mask() -> None:
    before, other = document(), document(500, 401)
    made = pasted(other, copied_layer(before, "patch"), None)
    check(made.document)
    layer = find(made.document, made.key)
    assert isinstance(layer, PixelLayer)
    assert (layer.x_px, layer.y_px) == (210, 170)
    dx, dy = 170, 140
    moved = alone(made.document, made.key)[:, dy : dy + HEIGHT, dx : dx + WIDTH]
    # The blur reads beyond the small canvas's edge differently, not here.
    assert np.allclose(moved, alone(before, "patch"), atol=1e-6)


def test_a_larger_picture_is_fitted_and_shares_its_pixels() -> None:
    before, other = document(3000, 2000), document()
    made = pasted(other, copied_layer(before, "base"), None)
    check(made.document)
    layer = find(made.document, made.key)
    assert isinstance(layer, PixelLayer)
    assert layer.transform == Transform(scale_x=0.1, scale_y=0.1)
    assert made.document.source(layer.source).colour is before.source("base").colour
    assert made.note is not None
    assert "10.0%" in made.note
    assert (alone(made.document, made.key)[3] == 1).mean() > 0.97


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("mode", ["rgb", "grey"])
@pytest.mark.parametrize("key", ["base", "paint", "patch"])
def test_depth_and_mode_are_converted(depth: int, mode: str, key: str) -> None:
    before = document(depth=16)
    other = document(depth=depth, mode=mode)
    clip = copied_layer(before, key)
    made = pasted(other, clip, None)
    check(made.document)
    wanted = alone(before, key)
    if mode == "grey":
        weights = np.array([0.30, 0.59, 0.11], np.float32)[:, None, None]
        wanted = np.concatenate([np.repeat((wanted[:3] * weights).sum(0, keepdims=True), 3, 0), wanted[3:]])
    assert np.abs(alone(made.document, made.key) - wanted).max() < (0.02 if depth == 8 else 0.003)


def test_profiles_are_converted() -> None:
    before = document()
    other = document(icc=ADOBE)
    made = pasted(other, copied_layer(before, "base"), None)
    layer = find(made.document, made.key)
    assert isinstance(layer, PixelLayer)
    wanted = convert(before.source("base").colour.array, None, ADOBE)
    assert np.array_equal(made.document.source(layer.source).colour.array, wanted)
    check(made.document)


def selected(document: Document, x: int, y: int, right: int, bottom: int) -> Document:
    size = (document.width_px, document.height_px)
    return msgspec.structs.replace(document, selection=selections.rectangle(size, (x, y), (right, bottom)))


def test_what_is_selected_is_copied_where_it_is() -> None:
    before = selected(document(), 50, 40, 90, 70)
    clip = copied_pixels(before, "base", cache=Cache(1 << 26))
    layer = clip.layer
    assert isinstance(layer, PixelLayer)
    assert (layer.x_px, layer.y_px) == (50, 40)
    source = clip.document.source(layer.source)
    assert source.alpha is None
    assert np.array_equal(source.colour.array, before.source("base").colour.array[:, 40:70, 50:90])
    assert pasted(before, clip, "base").document.selection is None, "the new layer takes its place"


def test_a_soft_selection_becomes_transparency() -> None:
    plane = np.linspace(0, 65535, WIDTH).astype(np.uint16)[None].repeat(HEIGHT, 0)
    before = msgspec.structs.replace(document(), selection=selections.from_plane(plane, (WIDTH, HEIGHT)))
    clip = copied_pixels(before, "base", cache=Cache(1 << 26))
    alpha = clip.document.source("pixels").alpha
    assert alpha is not None
    assert np.array_equal(alpha.array, plane[:, 1:])


def test_copied_pixels_have_gone_through_the_filters_but_not_the_mask() -> None:
    before = document()
    clip = copied_pixels(before, "high", cache=Cache(1 << 26))
    wanted = render(content_picture(before, find(before, "high")))
    assert np.array_equal(clip.document.source("pixels").colour.array, wanted[:3])
    # The mask hides the lower half of the layer; its pixels are there all the same.
    patch = copied_pixels(before, "patch", cache=Cache(1 << 26)).document.source("pixels")
    assert patch.colour.array.shape[1] > 60


def test_merged_pixels_are_what_is_seen() -> None:
    before = document()
    clip = copied_pixels(before, None, cache=Cache(1 << 26))
    assert np.array_equal(clip.document.source("pixels").colour.array, render(before)[:3])


def test_where_nothing_is_there_is_nothing_to_copy() -> None:
    with pytest.raises(ValueError, match="Paint has no pixels selected of it"):
        copied_pixels(selected(document(), 200, 150, 290, 190), "paint", cache=Cache(1 << 26))
    empty = msgspec.structs.replace(document(), selection=selections.nothing((WIDTH, HEIGHT)))
    with pytest.raises(ValueError, match="What is selected is empty"):
        copied_pixels(empty, "base", cache=Cache(1 << 26))


def test_what_reads_others_is_known() -> None:
    before = document()
    assert reads_others(find(before, "high"))
    assert not reads_others(find(before, "patch"))
    assert reads_others(FillLayer(key="f", name="F", filters=smart(Invert(), ApplyImage(source="merged"))))
    inside = GroupLayer(
        key="g",
        name="G",
        layers=(
            PixelLayer(key="a", name="A", source="base"),
            PixelLayer(key="b", name="B", source="base", filters=smart(ApplyImage(source="a"))),
        ),
    )
    assert not reads_others(inside)
    with_group = msgspec.structs.replace(before, layers=(*before.layers, inside))
    made = pasted(with_group, copied_layer(with_group, "g"), None)
    check(made.document)
    copy = find(made.document, made.key)
    assert isinstance(copy, GroupLayer)
    assert copy.layers[1].filters[0].filter.reads == copy.layers[0].key == "a_2"  # type: ignore[union-attr]


@pytest.mark.parametrize(("depth", "mode"), [(8, "rgb"), (16, "rgb"), (16, "grey")])
def test_other_programs_get_the_filtered_pixels_in_8_bits(depth: int, mode: str) -> None:
    origin = document(depth=depth, mode=mode)
    shared = shared_picture(copied_layer(origin, "patch"), cache=Cache(1 << 24))
    wanted = render(content_picture(origin, find(origin, "patch")), form="bgra")
    copied = copied_pixels(origin, "patch", cache=Cache(1 << 24)).layer
    assert isinstance(copied, PixelLayer)
    part = wanted[copied.y_px :, copied.x_px :][: shared.shape[0], : shared.shape[1]]
    assert np.abs(shared[..., 3].astype(int) - part[..., 3]).max() <= 1
    opaque = part[..., 3] == 255
    assert opaque.sum() > 3000
    assert np.abs(shared[opaque].astype(int) - part[opaque]).max() <= 1


def test_other_programs_get_srgb() -> None:
    origin = msgspec.structs.replace(document(), icc=ADOBE)
    shared = shared_picture(copied_layer(origin, "base"), cache=Cache(1 << 24))
    wanted = convert(origin.source("base").colour.array, ADOBE, None)
    assert np.abs(shared[..., 2::-1].transpose(2, 0, 1).astype(float) - wanted / 257).max() <= 0.6


def test_what_has_no_pixels_is_no_picture() -> None:
    blank = PaintLayer(key="blank", name="Blank", tiles=Tiles(WIDTH, HEIGHT, background=(0, 0, 0, 0)))
    origin = msgspec.structs.replace(document(), layers=(blank,))
    with pytest.raises(ValueError, match="nothing to copy"):
        shared_picture(copied_layer(origin, "blank"), cache=Cache(1 << 24))
