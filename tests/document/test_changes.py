"""What has changed from one document to another, in which aspects, and where."""

import msgspec
import numpy as np
import pytest

from retexture.document.changes import ASPECTS, Changes, Rect, changes
from retexture.document.document import Document, Source, find
from retexture.document.edits import (
    delete_layer,
    group_layers,
    insert_layer,
    move_layer,
    replace_layer,
    set_parameter,
)
from retexture.document.layers import FillLayer, PaintLayer, PixelLayer, RasterMask, smart
from retexture.document.pixels import Pixels, Tiles
from retexture.document.transform import FLAT_MESH, Transform
from retexture.filters.apply_image import ApplyImage
from retexture.filters.gaussian_blur import GaussianBlur
from retexture.render.render import render
from tests.document.changing import (
    CANVAS,
    DOCUMENT,
    HEIGHT,
    WIDTH,
    differing,
    painted,
    painted_mask,
    with_filters,
)
from tests.document.documents import samples

FILL = FillLayer(key="fill", name="Fill")


def test_the_same_document_has_not_changed() -> None:
    assert changes(DOCUMENT, DOCUMENT) == Changes()
    assert changes(DOCUMENT, msgspec.structs.replace(DOCUMENT)) == Changes()
    assert not Changes().structure


@pytest.mark.parametrize(
    ("path", "value", "aspect", "region"),
    [
        ("high.name", "Texture", "name", None),
        ("high.locked", True, "lock", None),
        ("high.visible", False, "visibility", CANVAS),
        ("high.opacity", 0.5, "blending", CANVAS),
        ("high.blend_mode", "overlay", "blending", CANVAS),
        ("high.blend_if.this.gray", (9, 9, 200, 255), "blending", CANVAS),
        ("high.mask.density", 0.5, "mask", CANVAS),
        ("high.mask.enabled", False, "mask", CANVAS),
        ("high.mask.luminosity.power", 2, "mask", CANVAS),
        ("grey.colour", (0, 0, 1), "pixels", CANVAS),
        ("grey.clipped", False, "blending", CANVAS),
        ("high.apply_image.scale", 1, "filters", CANVAS),
    ],
)
def test_a_parameter_changes_its_layer_in_its_aspect(path, value, aspect, region) -> None:
    found = changes(DOCUMENT, set_parameter(DOCUMENT, path, value))
    assert found == Changes(changed={path.split(".")[0]: frozenset({aspect})}, region=region)


def test_a_group_is_not_changed_by_its_members() -> None:
    found = changes(DOCUMENT, set_parameter(DOCUMENT, "base.opacity", 0.5))
    assert set(found.changed) == {"base"}


def test_linked_layers_change_together() -> None:
    found = changes(DOCUMENT, set_parameter(DOCUMENT, "low.gaussian_blur.radius_px", 5))
    assert found.changed == {"group": frozenset({"filters"}), "low": frozenset({"filters"})}


def test_what_is_invisible_and_unread_needs_no_redraw() -> None:
    document = set_parameter(DOCUMENT, "group.visible", False)
    assert changes(document, set_parameter(document, "base.opacity", 0.5)).region is None
    assert changes(document, painted(document, "paint", 0, 0)).region is None
    assert changes(document, set_parameter(document, "group.opacity", 0.5)).region is None
    # It still decides what the layer above it is clipped to.
    assert changes(document, set_parameter(document, "group.clipped", True)).region == CANVAS


def test_what_is_invisible_but_read_is_redrawn_in_its_reader() -> None:
    document = delete_layer(DOCUMENT, "low")
    found = changes(document, set_parameter(document, "low.gaussian_blur.enabled", False))
    assert found == Changes(changed={"low": frozenset({"filters"})}, region=CANVAS)
    assert changes(document, set_parameter(document, "low.opacity", 0.5)).region is None


def test_painting_a_mask_changes_its_tiles() -> None:
    found = changes(DOCUMENT, painted_mask(DOCUMENT, "high", 300, 10))
    assert found == Changes(changed={"high": frozenset({"mask"})}, region=Rect(256, 0, 256, 256))
    found = changes(DOCUMENT, painted_mask(DOCUMENT, "high", 510, 254))
    assert found.region == Rect(256, 0, WIDTH - 256, HEIGHT)


def test_painting_a_mask_that_is_off_changes_nothing_to_see() -> None:
    for path in ("high.mask.enabled", "high.mask.painted.enabled"):
        document = set_parameter(DOCUMENT, path, False)
        assert changes(document, painted_mask(document, "high", 0, 0)).region is None


def test_a_feathered_mask_changes_as_far_as_its_feather() -> None:
    document = set_parameter(DOCUMENT, "high.mask.feather_px", 2)
    assert changes(document, painted_mask(document, "high", 0, 0)).region == Rect(0, 0, 256 + 9, 256 + 9)


def test_paint_changes_as_far_as_the_filters_above_it_reach() -> None:
    assert changes(DOCUMENT, painted(DOCUMENT, "paint", 0, 0)).region == Rect(0, 0, 256, 256)
    own = with_filters(DOCUMENT, "paint", GaussianBlur(radius_px=1), GaussianBlur(radius_px=2))
    assert changes(own, painted(own, "paint", 0, 0)).region == Rect(0, 0, 256 + 5 + 9, 256 + 5 + 9)
    group = set_parameter(own, "group.gaussian_blur.enabled", True)
    assert changes(group, painted(group, "paint", 0, 0)).region == Rect(0, 0, 256 + 23, 256 + 23)
    off = set_parameter(own, "paint.gaussian_blur.enabled", False)
    assert changes(off, painted(off, "paint", 0, 0)).region == Rect(0, 0, 256 + 9, 256 + 9)


def test_a_filter_of_the_whole_picture_changes_all_of_it() -> None:
    document = with_filters(DOCUMENT, "paint", GaussianBlur(radius_px=1000))
    assert changes(document, painted(document, "paint", 0, 0)).region == CANVAS


def test_readers_change_where_what_they_read_does() -> None:
    document = with_filters(DOCUMENT, "low", ApplyImage(source="paint"), GaussianBlur(radius_px=1))
    document = set_parameter(document, "group.visible", False)
    # low reaches 5 px, and high reads low.
    assert changes(document, painted(document, "paint", 0, 0)).region == Rect(0, 0, 261, 261)


def test_the_picture_beneath_may_be_read() -> None:
    document = with_filters(DOCUMENT, "low", ApplyImage(source="merged"), GaussianBlur(radius_px=1))
    assert changes(document, painted(document, "paint", 0, 0)).region == Rect(0, 0, 261, 261)


def test_the_picture_beneath_may_be_invisible_and_read_by_what_is_not() -> None:
    """In an invisible group, grey reads the picture beneath itself, and low reads grey."""
    document = with_filters(DOCUMENT, "grey", ApplyImage(source="merged"))
    document = with_filters(document, "low", ApplyImage(source="grey"))
    document = set_parameter(document, "group.visible", False)
    after = painted(document, "paint", 0, 0)
    assert differing(document, after).any()
    assert changes(document, after).region == Rect(0, 0, 256, 256)


def test_layers_come_go_and_move() -> None:
    added = insert_layer(DOCUMENT, FILL, above="base")
    assert changes(DOCUMENT, added) == Changes(added=("fill",), region=CANVAS)
    assert changes(added, DOCUMENT) == Changes(removed=("fill",), region=CANVAS)
    assert changes(added, DOCUMENT).structure
    assert changes(added, move_layer(added, "fill", below="base")) == Changes(moved=("fill",), region=CANVAS)
    assert changes(added, move_layer(added, "fill")) == Changes(moved=("fill",), region=CANVAS)
    assert changes(DOCUMENT, delete_layer(DOCUMENT, "low")) == Changes(removed=("low",), region=CANVAS)
    grouped = changes(DOCUMENT, group_layers(DOCUMENT, ["low", "high"]))
    assert grouped == Changes(added=("group_2",), moved=("low", "high"), region=CANVAS)


def test_a_moved_layer_that_also_changed_is_both() -> None:
    after = set_parameter(move_layer(DOCUMENT, "low"), "low.opacity", 0.5)
    found = changes(DOCUMENT, after)
    assert (found.moved, found.changed) == (("low",), {"low": frozenset({"blending"})})


def test_canvas_and_profile() -> None:
    wider = msgspec.structs.replace(DOCUMENT, width_px=WIDTH + 1)
    assert changes(DOCUMENT, wider) == Changes(canvas=True, region=Rect(0, 0, WIDTH + 1, HEIGHT))
    assert changes(DOCUMENT, msgspec.structs.replace(DOCUMENT, depth=8)).canvas
    profiled = msgspec.structs.replace(DOCUMENT, icc=b"profile")
    assert changes(DOCUMENT, profiled) == Changes(profile=True, region=CANVAS)
    assert changes(DOCUMENT, msgspec.structs.replace(DOCUMENT, metadata={"xmp": b"x"})) == Changes()


def test_a_selection_changes_no_pixel() -> None:
    selected = msgspec.structs.replace(DOCUMENT, selection=Tiles(WIDTH, HEIGHT))
    assert changes(DOCUMENT, selected) == changes(selected, DOCUMENT) == Changes(selected=CANVAS)
    assert changes(selected, msgspec.structs.replace(selected)) == Changes()
    more = selected.selection.written(5, 5, np.ones((1, 2, 3), np.uint16))
    after = msgspec.structs.replace(DOCUMENT, selection=more)
    assert changes(selected, after).selected == Rect(0, 0, 256, 256)
    assert changes(selected, after, Rect(5, 5, 3, 2)) == Changes(selected=Rect(5, 5, 3, 2))
    assert changes(selected, after).selection


def test_a_new_picture_in_a_source_changes_who_shows_it() -> None:
    other = Source("picture", "Other", Pixels(samples((3, HEIGHT, WIDTH), seed=9)))
    found = changes(DOCUMENT, msgspec.structs.replace(DOCUMENT, sources=(other,)))
    assert found.changed == {key: frozenset({"pixels"}) for key in ("base", "low", "high")}
    assert found.region == CANVAS
    renamed = Source("picture", "Renamed", DOCUMENT.sources[0].colour)
    assert changes(DOCUMENT, msgspec.structs.replace(DOCUMENT, sources=(renamed,))) == Changes()


def test_a_layer_of_another_kind_has_changed_in_all() -> None:
    fill = FillLayer(key="low", name="Low")
    document = delete_layer(DOCUMENT, "high")
    found = changes(document, replace_layer(document, "low", fill))
    assert found.changed["low"] == frozenset(ASPECTS.values())
    assert found.region == CANVAS


def test_every_field_of_every_layer_is_an_aspect() -> None:
    for kind in (PixelLayer, PaintLayer, FillLayer, type(DOCUMENT.layers[-1]), type(DOCUMENT.layers[0])):
        assert set(kind.__struct_fields__) - {"key", "layers"} <= set(ASPECTS)


# -- transforms and masks of filters


def with_patch(**fields: object) -> Document:
    source = Source("small", "Small", Pixels(samples((3, 40, 60), seed=5)))
    patch = PixelLayer(key="patch", name="Patch", source="small", **{"x_px": 100, "y_px": 80, **fields})
    return insert_layer(msgspec.structs.replace(DOCUMENT, sources=(*DOCUMENT.sources, source)), patch)


def area_of_change(before: Document, after: Document) -> Rect:
    """Return the rectangle around the pixels that differ."""
    rows, columns = np.nonzero((render(before) != render(after)).any(0))
    x, y = int(columns.min()), int(rows.min())
    return Rect(x, y, int(columns.max()) + 1 - x, int(rows.max()) + 1 - y)


def holds(outer: Rect, inner: Rect) -> bool:
    return (
        outer.x <= inner.x
        and outer.y <= inner.y
        and outer.x + outer.width >= inner.x + inner.width
        and outer.y + outer.height >= inner.y + inner.height
    )


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("patch.x_px", 140),
        ("patch.transform.x_px", -12.5),
        ("patch.transform.angle_deg", 30.0),
        ("patch.transform.scale_x", 2.0),
        ("patch.transform.top_left_x_px", 20.0),
        ("patch.transform.flip_x", True),
    ],
)
@pytest.mark.parametrize("filters", [(), smart(GaussianBlur(radius_px=2))])
def test_a_move_changes_where_the_picture_was_and_is(
    path: str, value: object, filters: tuple[object, ...]
) -> None:
    before = with_patch(filters=filters)
    after = set_parameter(before, path, value)
    found = changes(before, after)
    assert found.changed == {"patch": frozenset({"pixels"})}
    assert found.region is not None
    assert holds(found.region, area_of_change(before, after))
    assert found.region.width < 250
    assert found.region.height < 200


def test_a_warp_changes_where_its_hull_is() -> None:
    before = with_patch()
    mesh = list(FLAT_MESH)
    mesh[5] = (30.0, -40.0)
    layer = find(before, "patch")
    bent = msgspec.structs.replace(layer, transform=Transform(warp=tuple(mesh)))
    after = replace_layer(before, "patch", bent)
    region = changes(before, after).region
    assert region is not None
    assert holds(region, area_of_change(before, after))
    assert region.width < 200


def test_a_move_outside_the_canvas_changes_nothing() -> None:
    before = with_patch(x_px=5000)
    after = set_parameter(before, "patch.x_px", 6000)
    found = changes(before, after)
    assert found.region is None
    assert found.changed == {"patch": frozenset({"pixels"})}


def test_another_source_in_the_same_place_changes_all() -> None:
    before = with_patch()
    after = replace_layer(before, "patch", msgspec.structs.replace(find(before, "patch"), source="picture"))
    assert changes(before, after).region == CANVAS


def test_painting_a_filters_mask_changes_the_tiles_that_differ() -> None:
    mask = RasterMask(Tiles(WIDTH, HEIGHT))
    item = msgspec.structs.replace(smart(GaussianBlur(radius_px=2))[0], mask=mask)
    before = with_patch(filters=(item,))
    tiles = mask.tiles.written(110, 90, samples((1, 5, 5), seed=8))
    painted_item = msgspec.structs.replace(item, mask=msgspec.structs.replace(mask, tiles=tiles))
    patch = msgspec.structs.replace(find(before, "patch"), filters=(painted_item,))
    after = replace_layer(before, "patch", patch)
    found = changes(before, after)
    assert found.changed == {"patch": frozenset({"filters"})}
    assert found.region == Rect(0, 0, 256, 256)
    assert holds(found.region, area_of_change(before, after))
    # Other settings of the filter change all.
    off = set_parameter(after, "patch.gaussian_blur.mask.enabled", False)
    assert changes(after, off).region == CANVAS
