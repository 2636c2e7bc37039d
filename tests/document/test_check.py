from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings

from retexture.document.check import MAX_NESTING, check
from retexture.document.document import Document, Link, Source
from retexture.document.layers import (
    AdjustmentLayer,
    BlendIf,
    FillLayer,
    GroupLayer,
    LayerMask,
    PaintLayer,
    PixelLayer,
    Range,
    RasterMask,
    Sliders,
    SmartFilter,
)
from retexture.document.pixels import Pixels, Tiles
from retexture.engine.modes import BlendMode
from retexture.filters.apply_image import ApplyImage
from retexture.filters.gaussian_blur import GaussianBlur
from retexture.filters.invert import Invert
from tests.document.documents import documents, sample_document

WIDTH, HEIGHT = 300, 20


@pytest.mark.slow
@settings(max_examples=60)
@given(documents())
def test_every_document_of_the_generator_is_accepted(document: Document) -> None:
    check(document)


def test_the_sample_is_accepted() -> None:
    check(sample_document())


def pixels(*shape: int, dtype="uint16") -> Pixels:
    return Pixels(np.zeros(shape, dtype))


def fill(**more) -> FillLayer:
    return FillLayer(**{"key": "fill", "name": "Fill", **more})


def masked(tiles: Tiles) -> FillLayer:
    return fill(mask=LayerMask(painted=RasterMask(tiles)))


def paint(tiles: Tiles) -> PaintLayer:
    return PaintLayer(key="paint", name="Paint", tiles=tiles)


def with_tile(column: int, row: int, *shape: int, dtype="uint16") -> Tiles:
    return Tiles(WIDTH, HEIGHT, tiles={(column, row): pixels(*shape, dtype=dtype)})


def nested(depth: int) -> GroupLayer:
    layer = GroupLayer(key="g0", name="Group")
    for i in range(depth):
        layer = GroupLayer(key=f"g{i + 1}", name="Group", layers=(layer,))
    return layer


BACKGROUND = (0, 0, 0, 0)

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no canvas": ({"width_px": 0}, "the canvas has no pixels"),
    "twice the same key": ({"layers": (fill(), fill())}, "fill is the key of more than one layer"),
    "the same key hidden": (
        {"layers": (fill(),), "hidden": (fill(),)},
        "fill is the key of more than one layer",
    ),
    "reserved key": (
        {"layers": (fill(key="merged"),)},
        "merged is the key of more than one layer, or reserved",
    ),
    "dotted key": ({"layers": (fill(key="a.b"),)}, "snake case, not 'a.b'"),
    "empty key": ({"layers": (fill(key=""),)}, "snake case, not ''"),
    "no such source": (
        {"layers": (PixelLayer(key="a", name="a", source="b"),)},
        "a shows the source b, which does not exist",
    ),
    "twice the same source": (
        {"sources": (Source("s", "", pixels(3, 2, 2)), Source("s", "", pixels(3, 2, 2)))},
        "s is the key of more than one source",
    ),
    "planes": (
        {"sources": (Source("s", "", pixels(2, 2, 2)),)},
        r"source s: \(2, 2, 2\) is no shape of a rgb",
    ),
    "flat": ({"sources": (Source("s", "", pixels(2, 2)),)}, r"source s: \(2, 2\) is no shape"),
    "empty": ({"sources": (Source("s", "", pixels(3, 0, 2)),)}, r"source s: \(3, 0, 2\) is no shape"),
    "colour in grey": (
        {"mode": "grey", "sources": (Source("s", "", pixels(3, 2, 2)),)},
        "no shape of a grey picture",
    ),
    "dtype": (
        {"sources": (Source("s", "", pixels(3, 2, 2, dtype="uint8")),)},
        "source s: its colour is uint8, not uint16",
    ),
    "dtype of alpha": (
        {"sources": (Source("s", "", pixels(3, 2, 2), pixels(2, 2, dtype="float32")),)},
        "source s: its alpha is float32, not uint16",
    ),
    "shape of alpha": (
        {"sources": (Source("s", "", pixels(3, 2, 2), pixels(2, 3)),)},
        r"source s: alpha of \(2, 3\) on colour of \(3, 2, 2\)",
    ),
    "size of a mask": ({"layers": (masked(Tiles(5, 5)),)}, r"fill\.mask: tiles of 5 x 5 pixels do not fit"),
    "dtype of a mask": (
        {"layers": (masked(Tiles(WIDTH, HEIGHT, dtype="uint8")),)},
        r"fill\.mask: tiles of uint8, not uint16",
    ),
    "planes of a mask": (
        {"layers": (masked(Tiles(WIDTH, HEIGHT, background=(0, 0))),)},
        r"fill\.mask: a background of \(0, 0\)",
    ),
    "background": (
        {"layers": (masked(Tiles(WIDTH, HEIGHT, background=(65536,))),)},
        r"a background of \(65536,\) where 1 values 0 to 65535 fit",
    ),
    "planes of paint": ({"layers": (paint(Tiles(WIDTH, HEIGHT)),)}, "paint: a background of"),
    "dtype of paint": (
        {"layers": (paint(Tiles(WIDTH, HEIGHT, background=BACKGROUND, dtype="float32")),)},
        "paint: tiles of float32, not uint16",
    ),
    "tile outside": ({"layers": (masked(with_tile(2, 0, 1, 20, 256)),)}, r"a tile at \(2, 0\), outside"),
    "tile before": ({"layers": (masked(with_tile(-1, 0, 1, 20, 256)),)}, r"a tile at \(-1, 0\), outside"),
    "tile too large": (
        {"layers": (masked(with_tile(1, 0, 1, 20, 256)),)},
        r"the tile at \(1, 0\) is uint16 \(1, 20, 256\), not uint16 \(1, 20, 44\)",
    ),
    "dtype of a tile": (
        {"layers": (masked(with_tile(0, 0, 1, 20, 256, dtype="uint8")),)},
        r"the tile at \(0, 0\) is uint8",
    ),
    "size of the selection": ({"selection": Tiles(5, 5)}, "the selection: tiles of 5 x 5 pixels do not fit"),
    "dtype of the selection": (
        {"selection": Tiles(WIDTH, HEIGHT, dtype="uint8")},
        "the selection: tiles of uint8, not uint16",
    ),
    "opacity": ({"layers": (fill(opacity=1.5),)}, r"fill\.opacity must be 0 to 1, not 1\.5"),
    "pass through": (
        {"layers": (fill(blend_mode=BlendMode.PASS_THROUGH),)},
        r"fill\.blend_mode must be one of normal",
    ),
    "range": (
        {"layers": (fill(blend_if=BlendIf(underlying=Sliders(red=Range(9, 8)))),)},
        r"fill\.blend_if\.underlying\.red must be",
    ),
    "radius": (
        {"layers": (fill(filters=(SmartFilter(GaussianBlur(radius_px=-1), "blur"),)),)},
        r"fill\.blur\.radius_px must be 0 to 1000 px",
    ),
    "filters of one key": (
        {"layers": (fill(filters=(SmartFilter(Invert(), "a"), SmartFilter(Invert(), "a"))),)},
        "more than one filter of fill",
    ),
    "filter of a reserved key": (
        {"layers": (fill(filters=(SmartFilter(Invert(), "mask"),)),)},
        "mask is the key of more than one filter of fill, or reserved",
    ),
    "adjustment with reach": (
        {"layers": (AdjustmentLayer(key="a", name="a", adjustment=GaussianBlur()),)},
        "a: Gaussian Blur cannot be an adjustment layer",
    ),
    "adjustment that reads": (
        {"layers": (AdjustmentLayer(key="a", name="a", adjustment=ApplyImage()),)},
        "a: Apply Image cannot be an adjustment layer",
    ),
    "read of nothing": (
        {"layers": (fill(filters=(SmartFilter(ApplyImage(source="b"), "a"),)),)},
        r"fill\.a reads b, which is no layer",
    ),
    "link from nothing": (
        {"layers": (fill(),), "links": (Link("low.opacity", "fill.opacity"),)},
        "low: no such layer",
    ),
    "link to nothing": (
        {"layers": (fill(),), "links": (Link("fill.opacity", "fill.radius"),)},
        r"fill\.radius: no such parameter",
    ),
    "nesting": ({"layers": (nested(MAX_NESTING),)}, "groups are nested more than"),
    "deepest nesting": ({"hidden": (nested(900),)}, "groups are nested more than"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_rendered_is_refused_with_the_place(name: str) -> None:
    changed, message = WRONG[name]
    with pytest.raises(ValueError, match=message):
        check(msgspec.structs.replace(Document(width_px=WIDTH, height_px=HEIGHT), **changed))


def test_nesting_up_to_the_limit_is_accepted() -> None:
    check(Document(width_px=1, height_px=1, layers=(nested(MAX_NESTING - 1),)))
