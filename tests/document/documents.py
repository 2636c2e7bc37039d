"""Documents for tests: a small one of every kind of layer, and random ones."""

import string
from typing import Any, Literal, get_args

import msgspec
import numpy as np
from hypothesis import strategies as st

from retexture.declare import Parameter, parameters
from retexture.document.document import Document, Link, Source
from retexture.document.layers import (
    AdjustmentLayer,
    AnyLayer,
    BlendIf,
    FillLayer,
    GroupLayer,
    LayerMask,
    LuminosityMask,
    PaintLayer,
    PixelLayer,
    Range,
    RasterMask,
    Sliders,
    SmartFilter,
    smart,
)
from retexture.document.pixels import Pixels, Tiles
from retexture.document.transform import IDENTITY, Transform
from retexture.engine.modes import BlendMode
from retexture.filters import FILTERS, Filter
from retexture.filters.apply_image import ApplyImage
from retexture.filters.gaussian_blur import GaussianBlur
from retexture.filters.invert import Invert

DTYPES = {8: "uint8", 16: "uint16", 32: "float32"}
MASK_DTYPES = {8: "uint8", 16: "uint16", 32: "uint16"}


def samples(shape: tuple[int, ...], dtype: str = "uint16", seed: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if dtype == "float32":
        return rng.random(shape, dtype=np.float32)
    return rng.integers(0, np.iinfo(dtype).max, shape, dtype=dtype, endpoint=True)


def white(dtype: str) -> float:
    return 1.0 if dtype == "float32" else float(np.iinfo(dtype).max)


def sample_document(width: int = 300, height: int = 270) -> Document:
    """Low and High over a group, with paint, fill and adjustment layers, masks, and a link; every kind of layer."""
    mask = RasterMask(Tiles.from_array(samples((1, height, width), seed=1)))
    paint = Tiles.from_array(samples((4, height, width), seed=2), (0, 0, 0, 0))
    skin = RasterMask(Tiles(width, height, background=(65535,)), name="Skin tones")
    group = GroupLayer(
        key="group",
        name="Group",
        layers=(
            PixelLayer(key="base", name="Base", source="picture"),
            PaintLayer(key="paint", name="Paint", tiles=paint, opacity=0.5),
            FillLayer(key="grey", name="Grey", blend_mode=BlendMode.OVERLAY, clipped=True, opacity=0.7),
        ),
        filters=(SmartFilter(GaussianBlur(radius_px=2), "gaussian_blur", enabled=False),),
    )
    low = PixelLayer(key="low", name="Low", source="picture", filters=smart(GaussianBlur(radius_px=2)))
    high = PixelLayer(
        key="high",
        name="High",
        source="picture",
        blend_mode=BlendMode.LINEAR_LIGHT,
        filters=smart(ApplyImage(source="low", blending="add", invert=True, scale=2)),
        mask=LayerMask(painted=mask, components=(skin, LuminosityMask(), LuminosityMask(kind="darks"))),
    )
    return Document(
        width_px=width,
        height_px=height,
        layers=(
            group,
            low,
            high,
            AdjustmentLayer(key="invert", name="Invert", adjustment=Invert(), fill=0.3),
        ),
        sources=(Source("picture", "Picture", Pixels(samples((3, height, width)))),),
        links=(Link("low.gaussian_blur.radius_px", "group.gaussian_blur.radius_px"),),
    )


# -- random ones

units = st.floats(0, 1, width=32)
levels = st.floats(0, 255, width=32)
keys = st.text(string.ascii_lowercase + string.digits + "_", min_size=1, max_size=6)


@st.composite
def ranges(draw: st.DrawFn) -> Range:
    pairs = [sorted([draw(levels), draw(levels)]) for _ in "bw"]
    return Range(*pairs[0], *pairs[1])


def curves() -> st.SearchStrategy[tuple[tuple[float, float], ...]]:
    points = st.lists(st.tuples(levels, levels), min_size=2, max_size=5, unique_by=lambda point: point[0])
    return points.map(lambda found: tuple(sorted(found)))


def values(parameter: Parameter) -> st.SearchStrategy[Any]:
    """Return values that a declared parameter takes."""
    match parameter.kind:
        case "number":
            assert parameter.low is not None
            assert parameter.high is not None
            return st.floats(parameter.low, parameter.high)
        case "integer":
            assert parameter.low is not None
            assert parameter.high is not None
            return st.integers(int(parameter.low), int(parameter.high))
        case "switch":
            return st.booleans()
        case "choice":
            return st.sampled_from(parameter.choices)
        case "range":
            return ranges()
        case "curve":
            return curves()
        case _:
            return st.text(max_size=8)


@st.composite
def filters(draw: st.DrawFn, kinds: tuple[type[Filter], ...] = FILTERS) -> Any:
    kind = draw(st.sampled_from(kinds))
    chosen = {p.name: draw(values(p)) for p in parameters(kind) if p.name != "source"}
    return msgspec.convert(chosen, kind)


@st.composite
def tiles(draw: st.DrawFn, width: int, height: int, planes: int, dtype: str) -> Tiles:
    background = tuple(draw(st.sampled_from([0.0, white(dtype)])) for _ in range(planes))
    found = Tiles(width, height, background=background, dtype=dtype)
    for _ in range(draw(st.integers(0, 2))):
        x, y = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
        seed = draw(st.integers(0, 9))
        found = found.written(x, y, samples((planes, min(40, height), min(30, width)), dtype, seed))
    return found


@st.composite
def layer_masks(draw: st.DrawFn, width: int, height: int, depth: int) -> LayerMask:
    def raster(name: str) -> RasterMask:
        more = {p.name: draw(values(p)) for p in parameters(RasterMask)}
        return RasterMask(draw(tiles(width, height, 1, MASK_DTYPES[depth])), name, **more)

    def luminosity() -> LuminosityMask:
        return LuminosityMask(**{p.name: draw(values(p)) for p in parameters(LuminosityMask)})

    painted = raster("") if draw(st.booleans()) else None
    components = tuple(
        raster(draw(st.text(max_size=5))) if draw(st.booleans()) else luminosity()
        for _ in range(draw(st.integers(0, 2)))
    )
    return LayerMask(painted, components, draw(st.booleans()))


def transforms() -> st.SearchStrategy[Transform]:
    """Return transforms of every kind; small distortions and warps, so that no corners cross."""
    shifts, bends, scales = st.floats(-60, 60), st.floats(-0.2, 0.2), st.floats(0.05, 3)
    mesh = st.lists(st.tuples(bends, bends), min_size=16, max_size=16).map(tuple)
    return st.builds(
        Transform,
        x_px=shifts,
        y_px=shifts,
        scale_x=scales,
        scale_y=scales,
        flip_x=st.booleans(),
        flip_y=st.booleans(),
        angle_deg=st.floats(-360, 360) | st.sampled_from([90, -90, 180]),
        top_left_x_px=bends,
        bottom_right_y_px=bends,
        warp=st.none() | mesh,
    )


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Return valid documents of every depth, mode, kind of layer, mask and filter."""
    depth: Literal[8, 16, 32] = draw(st.sampled_from([8, 16, 32]))
    mode: Literal["rgb", "grey"] = draw(st.sampled_from(["rgb", "grey"]))
    width, height = draw(st.sampled_from([(1, 1), (20, 30), (257, 3), (300, 260)]))
    dtype = DTYPES[depth]
    sources = []
    for i in range(draw(st.integers(1, 2))):
        shape = (1 if mode == "grey" else 3, draw(st.integers(1, 40)), draw(st.integers(1, 40)))
        alpha = Pixels(samples(shape[1:], dtype)) if draw(st.booleans()) else None
        sources.append(
            Source(f"source{i}", draw(st.text(max_size=5)), Pixels(samples(shape, dtype, i)), alpha)
        )
    used = {"merged"}

    def key() -> str:
        found = draw(keys.filter(lambda k: k not in used))
        used.add(found)
        return found

    def smart_filters() -> tuple[SmartFilter, ...]:
        names = draw(st.lists(keys, max_size=2, unique=True).filter(lambda found: "mask" not in found))
        return tuple(
            SmartFilter(draw(filters()), name, draw(st.booleans()), draw(st.none() | filter_masks()))
            for name in names
        )

    def filter_masks() -> st.SearchStrategy[RasterMask]:
        return st.builds(RasterMask, tiles(width, height, 1, MASK_DTYPES[depth]), density=units)

    def layer(nesting: int) -> AnyLayer:
        kind = draw(st.sampled_from([k for k in get_args(AnyLayer) if nesting or k is not GroupLayer]))
        choices = [m for m in BlendMode if kind is GroupLayer or m is not BlendMode.PASS_THROUGH]
        shared: dict[str, Any] = {
            p.name: draw(values(p)) for p in parameters(kind) if p.name not in ("blend_mode", "x_px", "y_px")
        } | {"key": key(), "blend_mode": draw(st.sampled_from(choices))}
        if draw(st.booleans()):
            sliders = [Sliders(*(draw(ranges()) for _ in range(4))) for _ in range(2)]
            shared["blend_if"] = BlendIf(*sliders)
        if draw(st.booleans()):
            shared["mask"] = draw(layer_masks(width, height, depth))
        if kind is AdjustmentLayer:
            pointwise = tuple(f for f in FILTERS if f.pointwise and f is not ApplyImage)
            return AdjustmentLayer(**shared, adjustment=draw(filters(pointwise)))
        shared["filters"] = smart_filters()
        if kind is PixelLayer:
            place: dict[str, Any] = {axis: draw(st.integers(-50, 50)) for axis in ("x_px", "y_px")}
            place["transform"] = draw(st.just(IDENTITY) | transforms())
            return PixelLayer(**shared, source=draw(st.sampled_from(sources)).key, **place)
        if kind is PaintLayer:
            return PaintLayer(**shared, tiles=draw(tiles(width, height, 4, dtype)))
        if kind is FillLayer:
            return FillLayer(**shared, colour=draw(st.none() | st.tuples(units, units, units)))
        return GroupLayer(**shared, layers=tuple(layer(nesting - 1) for _ in range(draw(st.integers(0, 2)))))

    return Document(
        width_px=width,
        height_px=height,
        depth=depth,
        mode=mode,
        layers=tuple(layer(2) for _ in range(draw(st.integers(0, 4)))),
        sources=tuple(sources),
        metadata=draw(st.dictionaries(st.sampled_from(["exif", "xmp"]), st.binary(max_size=20))),
        selection=draw(st.none() | tiles(width, height, 1, "uint16")),
    )
