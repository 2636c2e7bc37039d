"""Taking a group away: its members stay, and every pixel with them."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retexture.document.check import check
from retexture.document.document import Document, walk
from retexture.document.edits import group_layers, set_parameter, ungroup
from retexture.document.layers import (
    BlendIf,
    FillLayer,
    GroupLayer,
    LayerMask,
    Range,
    RasterMask,
    Sliders,
    smart,
)
from retexture.document.pixels import Tiles
from retexture.engine.modes import BlendMode
from retexture.filters.apply_image import ApplyImage
from retexture.filters.invert import Invert
from retexture.render.render import render
from tests.document.documents import documents, sample_document

DOCUMENT = sample_document(40, 30)


def keys(document: Document) -> list[str]:
    return [layer.key for layer in walk(document.layers)]


def fill(key: str, grey: float = 0.4, **more) -> FillLayer:
    return FillLayer(key=key, name=key, colour=(grey, grey / 2, 1 - grey), **more)


def stack(*layers) -> Document:
    return Document(width_px=8, height_px=6, layers=layers)


def group(*layers, **more) -> GroupLayer:
    return GroupLayer(key="g", name="Group", layers=layers, **more)


def test_members_take_the_groups_place() -> None:
    document = group_layers(DOCUMENT, ["low", "high"], key="pair")
    after = ungroup(document, "pair")
    assert after == DOCUMENT
    assert np.array_equal(render(after), render(DOCUMENT))


def test_the_first_member_is_not_clipped_to_what_is_beneath_the_group() -> None:
    document = stack(fill("base", opacity=0.5), group(fill("a", 0.9, clipped=True), fill("b", clipped=True)))
    after = ungroup(document, "g")
    assert [layer.clipped for layer in after.layers] == [False, False, True]
    assert np.array_equal(render(after), render(document))


def test_inside_another_group() -> None:
    document = stack(
        fill("base"), GroupLayer(key="outer", name="Outer", layers=(group(fill("a"), fill("b")),))
    )
    assert keys(ungroup(document, "g")) == ["base", "outer", "a", "b"]


MASK = LayerMask(painted=RasterMask(Tiles(8, 6)))


@pytest.mark.parametrize(
    ("more", "remedy"),
    [
        ({"visible": False}, "show it first"),
        ({"blend_mode": BlendMode.NORMAL}, "Pass Through"),
        ({"opacity": 0.5}, "opacity"),
        ({"fill": 0.5}, "opacity and fill"),
        ({"mask": MASK}, "delete its mask"),
        ({"blend_if": BlendIf(this=Sliders(gray=Range(10, 20, 255, 255)))}, "Blend-If"),
        ({"filters": smart(Invert())}, "smart filters"),
        ({"clipped": True}, "clipping mask"),
        ({"knockout": True}, "knockout"),
    ],
)
def test_a_group_that_does_more_than_hold_its_members_is_kept(more, remedy) -> None:
    document = stack(fill("base"), group(fill("a"), **more))
    with pytest.raises(ValueError, match="Group cannot be ungrouped") as error:
        ungroup(document, "g")
    assert remedy in str(error.value)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (stack(group(fill("a")), fill("b", clipped=True)), "clipping mask"),
        (stack(group(fill("a")), fill("b", filters=smart(ApplyImage(source="g")))), "another layer reads it"),
        (stack(fill("base"), group(fill("a", knockout=True))), "knockout"),
    ],
)
def test_a_group_that_others_need_is_kept(document, reason) -> None:
    with pytest.raises(ValueError, match=reason):
        ungroup(document, "g")


def test_what_is_switched_off_goes_with_the_group() -> None:
    off = msgspec.structs.replace(MASK, enabled=False)
    document = stack(
        fill("base"), group(fill("a", opacity=0.3), mask=off, filters=smart(Invert(), enabled=False))
    )
    after = ungroup(document, "g")
    assert keys(after) == ["base", "a"]
    assert np.array_equal(render(after), render(document))


def test_only_groups_are_ungrouped() -> None:
    with pytest.raises(ValueError, match="Low is no group"):
        ungroup(DOCUMENT, "low")


@pytest.mark.slow
@settings(max_examples=60)
@given(documents(), st.data())
def test_ungrouping_changes_no_pixel(document, data) -> None:
    groups = [layer for layer in walk(document.layers) if isinstance(layer, GroupLayer)]
    if not groups:
        return
    key = data.draw(st.sampled_from(groups)).key
    # Random groups do much of what keeps them; without that, what is around them decides.
    for name, value in {"visible": True, "blend_mode": "pass-through", "opacity": 1.0, "fill": 1.0}.items():
        document = set_parameter(document, f"{key}.{name}", value)
    try:
        after = ungroup(document, key)
    except ValueError as error:
        if "cannot be ungrouped" not in str(error):
            raise
        return
    check(after)
    assert key not in keys(after)
    assert np.array_equal(render(after), render(document))
