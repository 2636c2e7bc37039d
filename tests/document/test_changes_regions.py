"""The region of a change holds every pixel that differs, whatever is edited or painted."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retexture.document.changes import Rect, changes
from retexture.document.document import Document, find
from retexture.document.edits import delete_layer, parameter_paths, replace_layer, set_parameter
from retexture.document.layers import LayerMask
from retexture.filters.apply_image import ApplyImage
from retexture.filters.gaussian_blur import GaussianBlur
from retexture.filters.texture_gain import TextureGain
from retexture.session.brush import Brush
from retexture.session.painting import painted as put
from retexture.session.strokes import Stroke
from tests.document.changing import CANVAS, DOCUMENT, differing, painted, painted_mask, with_filters
from tests.document.documents import sample_document, values
from tests.document.test_edits import edited

SMALL = sample_document(300, 262)


def assert_holds(old: Document, new: Document) -> None:
    outside = differing(old, new)
    region = changes(old, new).region
    if region is not None:
        outside[region.y : region.y + region.height, region.x : region.x + region.width] = False
    assert not outside.any()


@pytest.mark.slow
@settings(max_examples=25)
@given(st.data())
def test_no_pixel_changes_outside_the_region_of_any_edit(data) -> None:
    document = SMALL
    for _ in range(data.draw(st.integers(0, 3))):
        document = data.draw(edited(document))
    assert_holds(document, data.draw(edited(document)))


STAGES = {
    "plain": lambda d: d,
    "feathered": lambda d: set_parameter(d, "high.mask.feather_px", 3),
    "blurred": lambda d: with_filters(d, "paint", GaussianBlur(radius_px=2), TextureGain()),
    "blurred group": lambda d: set_parameter(d, "group.gaussian_blur.enabled", True),
    "strongly blurred": lambda d: with_filters(d, "paint", GaussianBlur(radius_px=14)),
    "read": lambda d: with_filters(d, "low", ApplyImage(source="paint"), GaussianBlur(radius_px=2)),
    "read by more": lambda d: with_filters(d, "base", ApplyImage(source="low")),
    "read beneath": lambda d: with_filters(d, "low", ApplyImage(source="merged"), GaussianBlur(radius_px=2)),
    "group hidden": lambda d: set_parameter(d, "group.visible", False),
    "low hidden": lambda d: delete_layer(d, "low"),
}


@settings(max_examples=40)
@given(st.lists(st.sampled_from(sorted(STAGES)), unique=True, max_size=4), st.booleans(), st.integers(0, 295))
def test_no_pixel_changes_outside_the_region_of_a_stroke(stages, on_mask, x) -> None:
    document = SMALL
    for stage in stages:
        try:
            document = STAGES[stage](document)
        except ValueError:
            continue  # a circle: two of the stages read each other
    if on_mask:
        assert_holds(document, painted_mask(document, "high", x, 250, 5, 12))
    else:
        assert_holds(document, painted(document, "paint", x, 250))


@settings(max_examples=30)
@given(st.data())
def test_no_region_means_that_no_pixel_changes(data) -> None:
    path, parameter, _ = data.draw(
        st.sampled_from([p for p in parameter_paths(SMALL) if p[1].name != "colour"])
    )
    try:
        after = set_parameter(SMALL, path, data.draw(values(parameter)))
    except ValueError:
        return  # a key that is no layer's
    assert_holds(SMALL, after)
    assert isinstance(find(after, "high").mask, LayerMask)


# -- what a caller knows to be painted


def with_masks(document: Document) -> Document:
    """Every layer that can be painted on through a mask has one."""
    mask = find(document, "high").mask
    for key in ("group", "paint", "low"):
        layer = msgspec.structs.replace(find(document, key), mask=LayerMask(painted=mask.painted))
        document = replace_layer(document, key, layer)
    return document


def contains(outer: Rect, inner: Rect) -> bool:
    right, bottom = outer.x + outer.width, outer.y + outer.height
    return (
        outer.x <= inner.x
        and outer.y <= inner.y
        and inner.x + inner.width <= right
        and inner.y + inner.height <= bottom
    )


@pytest.mark.slow
@settings(max_examples=20)
@given(
    st.lists(st.sampled_from(sorted(STAGES)), unique=True, max_size=4),
    st.sampled_from(["high", "group", "paint", "low", None]),
    st.integers(0, 2**31),
)
def test_no_pixel_changes_outside_the_region_of_what_was_painted(stages, mask_of, seed) -> None:
    """Drafts of a stroke, each told with the rectangle that it has changed; and the undo of all of it."""
    document = with_masks(SMALL)
    for stage in stages:
        try:
            document = STAGES[stage](document)
        except ValueError:
            continue  # a circle: two of the stages read each other
    rng = np.random.default_rng(seed)
    key = mask_of or "paint"
    layer = find(document, key)
    tiles = layer.tiles if mask_of is None else layer.mask.painted.tiles
    value = (0.9, 0.1, 0.4) if mask_of is None else (float(rng.random() < 0.5),)
    brush = Brush(size_px=float(rng.choice([4, 25, 120])), hardness=float(rng.random()))
    stroke = Stroke(tiles, brush, value)
    now = document
    for i in range(4):
        x, y = rng.random() * 300, rng.random() * 262
        dirty = stroke.move(x, y) if i else stroke.begin(x, y)
        if dirty is None:
            continue
        before, now = now, put(now, key, mask_of is not None, stroke.tiles)
        region = changes(before, now, dirty).region
        known_by_tiles = changes(before, now).region
        outside = differing(before, now)
        if region is not None:
            assert known_by_tiles is not None
            assert contains(known_by_tiles, region)
            outside[region.y : region.y + region.height, region.x : region.x + region.width] = False
        assert not outside.any()
    assert_holds(now, document)
    assert_holds(document, now)


def test_a_small_dab_redraws_little() -> None:
    """Not the whole tile, and with filters above it no more than they reach."""
    found = changes(DOCUMENT, painted_mask(DOCUMENT, "high", 300, 10), Rect(300, 10, 5, 5))
    assert found.region == Rect(300, 10, 5, 5)
    feathered = set_parameter(DOCUMENT, "high.mask.feather_px", 2)
    found = changes(feathered, painted_mask(feathered, "high", 300, 100), Rect(300, 100, 5, 5))
    assert found.region == Rect(300 - 9, 100 - 9, 5 + 18, 5 + 18)
    group = set_parameter(DOCUMENT, "group.gaussian_blur.enabled", True)
    found = changes(group, painted(group, "paint", 300, 100), Rect(300, 100, 5, 5))
    assert found.region == Rect(300 - 9, 100 - 9, 5 + 18, 5 + 18)


def test_what_was_painted_says_nothing_about_other_edits() -> None:
    faint = set_parameter(DOCUMENT, "high.opacity", 0.5)
    assert changes(DOCUMENT, faint, Rect(0, 0, 5, 5)).region == CANVAS
    both = painted_mask(faint, "high", 300, 10)
    assert changes(DOCUMENT, both, Rect(300, 10, 5, 5)).region == CANVAS
