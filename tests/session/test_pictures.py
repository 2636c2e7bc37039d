"""What a view can show besides the result, against plain arithmetic on arrays."""

from typing import Any

import msgspec
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from retexture.document.document import Document, Source, find
from retexture.document.edits import delete_layer, replace_layer, set_parameter
from retexture.document.layers import (
    AnyLayer,
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
from retexture.filters.apply_image import ApplyImage
from retexture.filters.base import Context
from retexture.filters.gaussian_blur import GaussianBlur
from retexture.filters.high_pass import HighPass
from retexture.filters.invert import Invert
from retexture.render.render import render
from retexture.session import pictures
from retexture.session.session import Session
from tests.document.documents import samples

WIDTH, HEIGHT = 300, 270
STEP = 1 / 65535
COLOUR = samples((3, HEIGHT, WIDTH))
SMALL = samples((3, 40, 50), seed=5)
ALPHA = samples((40, 50), seed=6)
MASK = samples((1, HEIGHT, WIDTH), seed=7)
SOURCES = (
    Source("picture", "Picture", Pixels(COLOUR)),
    Source("small", "Small", Pixels(SMALL), Pixels(ALPHA)),
)


def pixel(key: str, **more: Any) -> PixelLayer:
    return PixelLayer(**({"key": key, "name": key, "source": "picture"} | more))


def document(*layers: AnyLayer, **more) -> Document:
    return Document(width_px=WIDTH, height_px=HEIGHT, sources=SOURCES, layers=layers, **more)


def raster(**more) -> RasterMask:
    return RasterMask(Tiles.from_array(MASK.copy()), **more)


def grey(picture: Document) -> np.ndarray:
    """Return the one plane of a picture that must be grey and opaque."""
    planes = render(picture, form="float")
    assert (planes[3] == 1).all()
    assert np.abs(planes[1:3] - planes[0]).max() < 1e-6
    return np.asarray(planes[0], np.float64)


def assert_near(got: np.ndarray, wanted: np.ndarray, steps: float = 1.01) -> None:
    error = np.abs(got - wanted) / STEP
    assert np.percentile(error, 99) <= min(steps, 1.01)
    assert error.max() <= steps


# -- sources


def test_a_source_is_shown_where_its_first_layer_has_it():
    doc = document(
        pixel("base"),
        GroupLayer(key="g", name="", layers=(pixel("p", source="small", x_px=-7, y_px=250, opacity=0.1),)),
        pixel("q", source="small", x_px=90),
    )
    assert np.array_equal(render(pictures.source_picture(doc, "picture"))[:3], COLOUR)
    shown = render(pictures.source_picture(doc, "small"))
    assert np.array_equal(shown[:3, 250:, :43], SMALL[:, :20, 7:])
    assert np.array_equal(shown[3, 250:, :43], ALPHA[:20, 7:])
    shown[:, 250:, :43] = 0
    assert not shown.any()
    with pytest.raises(KeyError):
        pictures.source_picture(doc, "nothing")


def test_a_source_that_no_layer_shows_any_more_lies_in_the_corner():
    shown = render(pictures.source_picture(document(), "small"))
    assert np.array_equal(shown[:3, :40, :50], SMALL)
    hidden = msgspec.structs.replace(document(), hidden=(pixel("h", source="small", x_px=3, y_px=4),))
    assert np.array_equal(render(pictures.source_picture(hidden, "small"))[:3, 4:44, 3:53], SMALL)


# -- filters


def applied(planes: np.ndarray, *filters) -> np.ndarray:
    """Return filters applied to all of a picture whose edge is repeated."""
    pad = 40
    out = np.asarray(np.pad(planes, ((0, 0), (pad, pad), (pad, pad)), mode="edge"), np.float32)
    for item in filters:
        out = item.apply(out, Context(depth=16, x=-pad, y=-pad))
    return np.asarray(out[:, pad:-pad, pad:-pad])


CHAIN: tuple[HighPass, Invert] = (HighPass(radius_px=3), Invert())


@pytest.mark.parametrize("enabled", [(True, True), (False, True), (True, False)])
def test_a_filter_is_shown_alone_after_those_before_it(enabled):
    filters = tuple(
        msgspec.structs.replace(f, enabled=on) for f, on in zip(smart(*CHAIN), enabled, strict=True)
    )
    layer = pixel(
        "texture",
        filters=filters,
        visible=False,
        opacity=0.3,
        fill=0.5,
        blend_mode=BlendMode.OVERLAY,
        blend_if=BlendIf(this=Sliders(gray=Range(100, 100, 120, 120))),
        mask=LayerMask(painted=raster()),
        clipped=True,
    )
    doc = document(FillLayer(key="base", name=""), layer, FillLayer(key="top", name=""))
    own = COLOUR * np.float32(STEP)
    first = applied(own, CHAIN[0])
    got = render(pictures.filter_picture(doc, "texture", "high_pass"), form="float")
    assert_near(got[:3], first, 2)
    both = applied(own, *(CHAIN if enabled[0] else CHAIN[1:]))
    got = render(pictures.filter_picture(doc, "texture", "invert"), form="float")
    assert_near(got[:3], both, 2)


@pytest.mark.parametrize("mode", [BlendMode.PASS_THROUGH, BlendMode.LINEAR_LIGHT])
def test_a_filter_inside_a_group_is_shown_as_if_there_were_none(mode):
    member = pixel("texture", filters=smart(HighPass(radius_px=3)))
    blurred = smart(GaussianBlur(radius_px=9)) if mode is not BlendMode.PASS_THROUGH else ()
    group = GroupLayer(
        key="group",
        name="",
        layers=(FillLayer(key="under", name=""), member),
        blend_mode=mode,
        filters=blurred,
        opacity=0.5,
        visible=False,
        mask=LayerMask(painted=raster()),
        blend_if=BlendIf(underlying=Sliders(gray=Range(100, 100, 120, 120))),
    )
    doc = document(pixel("base"), group)
    got = render(pictures.filter_picture(doc, "texture", "high_pass"), form="float")
    assert_near(got[:3], applied(COLOUR * np.float32(STEP), HighPass(radius_px=3)), 2)


def test_the_filters_of_a_group_are_shown_on_the_group():
    members = (pixel("a"), FillLayer(key="b", name="", colour=(1, 0, 0), opacity=0.5))
    group = GroupLayer(
        key="group",
        name="",
        layers=members,
        blend_mode=BlendMode.NORMAL,
        filters=smart(Invert()),
        opacity=0.2,
    )
    got = render(pictures.filter_picture(document(pixel("base"), group), "group", "invert"), form="float")
    content = COLOUR * STEP * 0.5
    content[0] += 0.5
    assert_near(got[:3], 1 - content, 2)


def test_a_filter_may_read_what_lies_above_its_layer():
    reader = ApplyImage(source="above", blending="normal", invert=False)
    doc = document(
        pixel("base"),
        pixel("low", filters=smart(reader)),
        FillLayer(key="above", name="", colour=(0.2, 0.4, 0.6)),
    )
    got = render(pictures.filter_picture(doc, "low", "apply_image"), form="float")
    assert np.abs(got[:3] - np.array([0.2, 0.4, 0.6])[:, None, None]).max() < STEP


def test_a_filter_of_a_hidden_layer_is_shown():
    low = pixel("low", filters=smart(GaussianBlur(radius_px=2)))
    high = pixel("high", filters=smart(ApplyImage(source="low")))
    doc = delete_layer(document(low, high), "low")
    assert [l.key for l in doc.hidden] == ["low"]
    got = render(pictures.filter_picture(doc, "low", "gaussian_blur"), form="float")[:3]
    wanted = np.stack([gaussian_filter(p * STEP, 2, mode="nearest", truncate=6) for p in COLOUR])
    assert_near(got, wanted, 3)


# -- masks


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize(("density", "feather_px"), [(1.0, 0.0), (0.6, 0.0), (1.0, 3.0), (0.25, 2.0)])
def test_a_painted_mask_is_shown_as_it_masks(enabled, inverted, density, feather_px):
    painted = raster(enabled=enabled, inverted=inverted, density=density, feather_px=feather_px)
    layer = pixel("top", mask=LayerMask(painted=painted, components=(LuminosityMask(),), enabled=enabled))
    doc = document(pixel("base"), GroupLayer(key="g", name="", layers=(layer,)))
    wanted = MASK[0] * STEP
    if feather_px:
        wanted = gaussian_filter(wanted, feather_px, mode="nearest", truncate=6)
    if inverted:
        wanted = 1 - wanted
    wanted = 1 - density * (1 - wanted)
    assert_near(grey(pictures.mask_picture(doc, "top")), wanted, 3)


def test_no_mask_is_white():
    doc = document(pixel("base"), pixel("top"))
    assert (grey(pictures.mask_picture(doc, "top")) == 1).all()


def luma(planes: Any) -> Any:
    return 0.30 * planes[0] + 0.59 * planes[1] + 0.11 * planes[2]


def weight(kind: str, light: Any, power: int = 1) -> Any:
    match kind:
        case "lights":
            return light**power
        case "darks":
            return (1 - light) ** power
        case "midtones":
            return (4 * light * (1 - light)) ** power
        case _:
            value = light * 255
            return np.clip((value - 20) / 40, 0, 1) * np.clip((210 - value) / 30, 0, 1)


@pytest.mark.parametrize("kind", ["lights", "darks", "midtones", "range"])
@pytest.mark.parametrize(("power", "inverted", "density"), [(1, False, 1.0), (2, False, 1.0), (3, True, 0.7)])
def test_a_luminosity_mask_is_shown_as_it_masks(kind, power, inverted, density):
    mask = LuminosityMask(
        kind=kind,
        power=power,
        range=Range(20, 60, 180, 210),
        inverted=inverted,
        density=density,
        enabled=False,
    )
    shading = FillLayer(key="shade", name="", colour=(0.1, 0.3, 0.5), opacity=0.4)
    layer = pixel("top", mask=LayerMask(painted=raster(), components=(raster(), mask)))
    doc = document(pixel("base"), shading, layer, FillLayer(key="above", name=""))
    light = luma(COLOUR * STEP * 0.6 + np.array([0.1, 0.3, 0.5])[:, None, None] * 0.4)
    wanted = weight(kind, light, power)
    wanted = 1 - wanted if inverted else wanted
    wanted = 1 - density * (1 - wanted)
    # A ramp of 30 levels multiplies the rounding of the picture beneath.
    assert_near(grey(pictures.mask_picture(doc, "top", 1)), wanted, 12)
    assert_near(grey(pictures.mask_picture(doc, "top", 0)), MASK[0] * STEP, 2)


def masked_white(doc: Document, key: str) -> np.ndarray:
    """Return how a layer's luminosity mask lets it through, seen in the result: white less black."""
    shown = []
    for value in (1.0, 0.0):
        layer = find(doc, key)
        fill = FillLayer(key=key, name="", colour=(value,) * 3, mask=layer.mask)
        shown.append(render(replace_layer(doc, key, fill), form="float"))
    return np.asarray(shown[0][0] - shown[1][0], np.float64)


@pytest.mark.parametrize("mode", [BlendMode.PASS_THROUGH, BlendMode.NORMAL])
@pytest.mark.parametrize("opacity", [1.0, 0.3])
def test_inside_a_group_a_luminosity_mask_is_judged_on_what_the_group_sees(mode, opacity):
    top = FillLayer(key="top", name="", mask=LayerMask(components=(LuminosityMask(),)))
    under = FillLayer(
        key="under", name="", colour=(0.7, 0.2, 0.4), opacity=0.5 if mode is BlendMode.PASS_THROUGH else 1
    )
    group = GroupLayer(key="g", name="", layers=(under, top), blend_mode=mode)
    doc = document(pixel("base"), group)
    wanted = masked_white(doc, "top")
    # The group's own settings do not change what its members see.
    faint = msgspec.structs.replace(group, opacity=opacity, visible=opacity == 1)
    shown = grey(pictures.mask_picture(replace_layer(doc, "g", faint), "top", 0))
    assert_near(shown, wanted, 2)


def test_what_is_beneath_a_mask_may_read_what_is_above():
    reader = pixel("low", filters=smart(ApplyImage(source="above", blending="normal", invert=False)))
    top = pixel("top", mask=LayerMask(components=(LuminosityMask(),)))
    doc = document(reader, top, FillLayer(key="above", name="", colour=(0.2, 0.4, 0.6)))
    assert_near(
        grey(pictures.mask_picture(doc, "top", 0)),
        np.full((HEIGHT, WIDTH), luma(np.array([0.2, 0.4, 0.6]))),
        2,
    )


def test_masks_of_8_bit_and_grey_documents_are_shown_within_a_level():
    for depth, mode in ((8, "rgb"), (16, "grey")):
        dtype = np.uint8 if depth == 8 else np.uint16
        white = int(np.iinfo(dtype).max)
        colour: Any = (COLOUR[: 1 if mode == "grey" else 3] // (65535 // white)).astype(dtype)
        plane: Any = (MASK // (65535 // white)).astype(dtype)
        top = pixel(
            "top", mask=LayerMask(painted=RasterMask(Tiles.from_array(plane)), components=(LuminosityMask(),))
        )
        doc = msgspec.structs.replace(
            document(pixel("base"), top),
            depth=depth,
            mode=mode,
            sources=(Source("picture", "", Pixels(colour)),),
        )
        light = luma(np.broadcast_to(colour / white, (3, HEIGHT, WIDTH)))
        assert np.abs(grey(pictures.mask_picture(doc, "top")) - plane[0] / white).max() <= 0.51 / 255
        assert np.abs(grey(pictures.mask_picture(doc, "top", 0)) - light).max() <= 1.6 / 255


@pytest.mark.parametrize("inverted", [False, True])
def test_the_rubylith_is_a_red_film_where_the_mask_hides(inverted):
    top = pixel("top", opacity=0.5, mask=LayerMask(painted=raster(inverted=inverted, enabled=False)))
    doc = document(pixel("base"), top)
    hidden = MASK[0] * STEP
    hidden = hidden if inverted else 1 - hidden
    result = render(doc, form="float")[:3]
    film = np.array([1.0, 0, 0])[:, None, None]
    wanted = result + (film - result) * 0.5 * hidden
    assert_near(render(pictures.with_rubylith(doc, "top"), form="float")[:3], wanted, 1.5)
    assert pictures.with_rubylith(doc, "base") is doc


# -- names


def test_pictures_are_named_and_found():
    session = Session(document(pixel("base"), pixel("top")), title="")
    first = session.document
    session.set("top.opacity", 0.5, "Opacity")
    session.snapshot("half done")
    session.set("top.opacity", 0.25, "Opacity")
    assert pictures.names(session) == ("picture", "small", "result", "snapshot:half done")
    assert pictures.named(session, "result") is session.document
    assert find(pictures.named(session, "snapshot:half done"), "top").opacity == 0.5
    assert np.array_equal(render(pictures.named(session, "picture"))[:3], COLOUR)
    for gone in ("snapshot:gone", "gone", ""):
        assert pictures.named(session, gone) is first
    names = [pictures.label(name) for name in (*pictures.names(session), "as_taken", "")]
    assert names == ["Picture", "Small", "Result", "half done", "As taken", "As opened"]


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        (("original", "retouched", "patch"), "retouched"),
        (("patch", "flat"), "flat"),
        (("original",), "original"),
        (("scan",), "scan"),
        ((), ""),
    ],
)
def test_the_first_comparison_is_with_the_retouched_picture(keys, wanted):
    sources = tuple(Source(key, key, SOURCES[0].colour) for key in keys)
    doc = Document(width_px=WIDTH, height_px=HEIGHT, sources=sources)
    assert pictures.default_before(Session(doc, title="")) == wanted


def test_what_a_document_has():
    top = pixel("top", mask=LayerMask(components=(LuminosityMask(),)), filters=smart(HighPass(radius_px=3)))
    doc = document(pixel("base", mask=LayerMask(painted=raster())), top)
    assert pictures.has_layer(doc, "top")
    assert not pictures.has_layer(doc, "nobody")
    assert pictures.has_filter(doc, "top", "high_pass")
    assert not pictures.has_filter(doc, "top", "invert")
    assert not pictures.has_filter(doc, "nobody", "invert")
    assert pictures.has_mask(doc, "base")
    assert not pictures.has_mask(doc, "base", 0)
    assert not pictures.has_mask(doc, "top")
    assert pictures.has_mask(doc, "top", 0)
    assert not pictures.has_mask(doc, "top", 1)
    assert not pictures.has_mask(doc, "nobody")
    assert pictures.has_layer(set_parameter(doc, "top.visible", False), "top")
