"""What the Layers panel does, without a window: each edit is one undo step."""

import msgspec
import numpy as np
import pytest

from retexture.document.check import check
from retexture.document.document import Document, find, walk
from retexture.document.edits import set_parameter
from retexture.document.layers import (
    AdjustmentLayer,
    FillLayer,
    GroupLayer,
    LayerMask,
    LuminosityMask,
    PaintLayer,
    smart,
)
from retexture.document.pixels import Tiles
from retexture.engine.modes import BlendMode
from retexture.filters import FILTERS
from retexture.filters.add_noise import AddNoise
from retexture.filters.gaussian_blur import GaussianBlur
from retexture.filters.invert import Invert
from retexture.filters.median import Median
from retexture.render.cache import Cache
from retexture.render.contents import Cancelled
from retexture.render.render import render
from retexture.session import layer_edits, merging
from retexture.session.layer_edits import ADJUSTMENTS
from retexture.session.session import Session
from retexture.session.thumbnails import EDGE_PX, Thumbnails, draw_thumbnail, level_of
from tests.document.documents import sample_document

DOCUMENT = sample_document(40, 30)


def session_of(document: Document = DOCUMENT, active: str | None = None) -> Session:
    session = Session(document, title="test")
    if active is not None:
        session.select(active)
    return session


def keys(session: Session) -> list[str]:
    return [layer.key for layer in walk(session.document.layers)]


def layer_of(session: Session, key: str):
    return find(session.document, key)


def assert_one_step(session: Session, before: Document = DOCUMENT) -> None:
    check(session.document)
    assert len(session.history.versions) == 2
    session.undo()
    assert session.document == before
    session.redo()


# -- new layers


def test_a_new_paint_layer_is_empty_and_above_the_active_one() -> None:
    session = session_of(active="low")
    layer_edits.new_paint_layer(session)
    assert keys(session) == ["group", "base", "paint", "grey", "low", "layer_1", "high", "invert"]
    layer = session.active_layer
    assert isinstance(layer, PaintLayer)
    assert (layer.key, layer.name) == ("layer_1", "Layer 1")
    assert not layer.tiles.to_array().any()
    assert np.array_equal(render(session.document), render(DOCUMENT))
    assert_one_step(session)
    layer_edits.new_paint_layer(session)
    assert session.active_layer.name == "Layer 2"


@pytest.mark.parametrize(("depth", "dtype"), [(8, "uint8"), (16, "uint16"), (32, "float32")])
def test_a_new_layer_and_its_mask_fit_the_documents_depth(depth, dtype) -> None:
    session = session_of(Document(width_px=8, height_px=6, depth=depth))
    layer_edits.new_paint_layer(session)
    layer_edits.add_mask(session, "layer_1", "white")
    check(session.document)
    assert session.active_layer.tiles.dtype == dtype


def test_a_layer_between_a_base_and_what_is_clipped_to_it_is_clipped_too() -> None:
    session = session_of(active="paint")
    layer_edits.new_group(session)
    assert session.active == "group_1"
    assert session.active_layer.clipped
    session.select("base")
    layer_edits.new_paint_layer(session)
    assert not session.active_layer.clipped


def test_fill_layers_are_grey_or_of_a_colour() -> None:
    session = session_of()
    layer_edits.new_fill_layer(session)
    assert layer_of(session, "50_grey_1") == FillLayer(key="50_grey_1", name="50% Grey 1")
    assert_one_step(session)
    layer_edits.new_fill_layer(session, (0.1, 0.2, 0.3))
    assert session.active_layer.colour == (0.1, 0.2, 0.3)


@pytest.mark.parametrize("kind", ADJUSTMENTS)
def test_every_pointwise_filter_is_an_adjustment_layer(kind) -> None:
    session = session_of()
    layer_edits.new_adjustment_layer(session, kind)
    layer = session.active_layer
    assert isinstance(layer, AdjustmentLayer)
    assert layer.adjustment == kind()
    assert_one_step(session)


@pytest.mark.parametrize("rows", [256, 512])
def test_the_merged_picture_becomes_the_topmost_layer(monkeypatch, rows) -> None:
    monkeypatch.setattr(merging, "BAND_ROWS", rows)
    document = sample_document(300, 530)
    document = set_parameter(document, "high.opacity", 0.5)
    told: list[tuple[int, int]] = []
    tiles = merging.merged_tiles(document, Cache(64 << 20), progress=lambda *done: told.append(done))
    assert np.array_equal(tiles.to_array(), render(document))
    assert told[-1] == (530, 530)
    session = session_of(document, "base")
    merging.add_merged(session, tiles)
    assert session.document.layers[-1].key == session.active == "merged_1"
    assert np.array_equal(render(session.document), render(document))
    assert_one_step(session, document)


def test_merging_needs_whole_pictures_at_once_and_gives_way() -> None:
    document = Document(
        width_px=20,
        height_px=600,
        layers=(FillLayer(key="a", name="a", filters=smart(GaussianBlur(radius_px=900))),),
    )
    assert np.array_equal(merging.merged_tiles(document, Cache(1 << 20)).to_array(), render(document))
    with pytest.raises(Cancelled):
        merging.merged_tiles(document, Cache(1 << 20), cancelled=lambda: True)


# -- layers as a whole


def test_duplicates_lie_above_and_the_topmost_is_selected() -> None:
    session = session_of()
    layer_edits.duplicate(session, ("high", "base", "group"))
    assert keys(session) == [
        *("group", "base", "paint", "grey", "group_2", "base_2", "paint_2", "grey_2"),
        *("low", "high", "high_2", "invert"),
    ]
    assert session.active == "high_2"
    assert_one_step(session)


def test_layers_are_deleted_together() -> None:
    session = session_of()
    layer_edits.delete(session, ("high", "group", "paint"))
    assert keys(session) == ["low", "invert"]
    assert session.history.undo_label == "Delete 2 Layers"
    assert_one_step(session)


def test_the_last_layer_stays() -> None:
    session = session_of()
    with pytest.raises(ValueError, match="keeps one layer"):
        layer_edits.delete(session, keys(session))


def test_grouping_and_ungrouping() -> None:
    session = session_of()
    layer_edits.group(session, ("low", "high"))
    assert session.active == "group_1"
    assert [layer.key for layer in session.active_layer.layers] == ["low", "high"]
    assert session.active_layer.name == "Group 1"
    assert_one_step(session)
    layer_edits.ungroup(session, "group_1")
    assert session.document == DOCUMENT
    assert session.active == "high"


def test_names_are_tidied_and_empty_ones_ignored() -> None:
    session = session_of()
    layer_edits.rename(session, "low", "  ")
    layer_edits.rename(session, "low", " Low ")
    assert len(session.history.versions) == 1
    layer_edits.rename(session, "low", " Soft  tone ")
    assert layer_of(session, "low").name == "Soft tone"
    assert_one_step(session)


def test_clipping_needs_a_layer_beneath() -> None:
    session = session_of()
    with pytest.raises(ValueError, match="Base has no layer beneath"):
        layer_edits.set_clipped(session, "base", True)
    layer_edits.set_clipped(session, "high", True)
    assert layer_of(session, "high").clipped
    assert_one_step(session)


def test_solo_hides_all_others_and_brings_back_what_was_shown() -> None:
    session = session_of()
    layer_edits.set_visible(session, ("low", "grey"), False)
    before = session.document
    layer_edits.solo(session, "paint")
    shown = {layer.key for layer in walk(session.document.layers) if layer.visible}
    assert shown == {"group", "paint"}
    layer_edits.rename(session, "low", "Tone")
    layer_edits.solo(session, "paint")
    layer_edits.rename(session, "low", "Low")
    assert session.document == before
    # A group alone shows its members as they were.
    layer_edits.solo(session, "group")
    assert [layer.key for layer in walk(session.document.layers) if layer.visible] == [
        "group",
        "base",
        "paint",
    ]


def test_solo_of_a_document_that_never_showed_more_shows_all() -> None:
    layers = (FillLayer(key="a", name="A", visible=False), FillLayer(key="b", name="B"))
    session = session_of(Document(width_px=4, height_px=4, layers=layers))
    layer_edits.solo(session, "b")
    assert [layer.visible for layer in session.document.layers] == [True, True]


def test_solo_of_a_hidden_layer_shows_it() -> None:
    session = session_of(set_parameter(DOCUMENT, "low.visible", False))
    layer_edits.solo(session, "low")
    assert [layer.key for layer in session.document.layers if layer.visible] == ["low"]


# -- locks


@pytest.mark.parametrize(
    "edit",
    [
        lambda s: layer_edits.delete(s, ("paint",)),
        lambda s: layer_edits.delete(s, ("group",)),
        lambda s: layer_edits.add_mask(s, "paint", "white"),
        lambda s: layer_edits.add_filter(s, "paint", Invert),
        lambda s: layer_edits.set_clipped(s, "paint", False),
        lambda s: layer_edits.set_unlocked(s.document, "paint.opacity", 0.5),
        lambda s: layer_edits.set_mask_enabled(s, "high", False),
        lambda s: layer_edits.set_filter_enabled(s, "low", "gaussian_blur", False),
    ],
)
def test_a_locked_layer_keeps_its_pixels_and_blending(edit) -> None:
    document = DOCUMENT
    for key in ("paint", "high", "low"):
        document = set_parameter(document, f"{key}.locked", True)
    session = session_of(document)
    with pytest.raises(ValueError, match="is locked: unlock it first"):
        edit(session)
    assert len(session.history.versions) == 1


def test_a_locked_group_locks_its_members() -> None:
    session = session_of()
    layer_edits.set_locked(session, ("group",), True)
    assert layer_edits.is_locked(session.document, "paint")
    with pytest.raises(ValueError, match="Group is locked: unlock it first"):
        layer_edits.delete(session, ("paint",))
    assert not layer_edits.is_locked(session.document, "low")


def test_a_locked_layer_can_be_hidden_and_moved() -> None:
    session = session_of(set_parameter(DOCUMENT, "low.locked", True))
    layer_edits.set_visible(session, ("low",), False)
    layer_edits.move(session, ("low",), "into", "group")
    assert not layer_of(session, "low").visible
    layer_edits.set_locked(session, ("low",), False)
    layer_edits.delete(session, ("low",))


# -- order


@pytest.mark.parametrize(
    ("moved", "place", "target", "expected"),
    [
        (("low", "invert"), "below", "group", "low invert group base paint grey high"),
        (("low", "invert"), "above", "base", "group base low invert paint grey high"),
        (("base", "invert"), "into", "group", "group paint grey base invert low high"),
        (("group", "base", "low"), "above", "high", "high group base paint grey low invert"),
    ],
)
def test_layers_move_together_and_keep_their_order(moved, place, target, expected) -> None:
    session = session_of()
    layer_edits.move(session, moved, place, target)
    assert keys(session) == expected.split()
    assert_one_step(session)


def test_moving_nowhere_is_no_step() -> None:
    session = session_of()
    layer_edits.move(session, ("low",), "above", "group")
    assert len(session.history.versions) == 1
    with pytest.raises(ValueError, match="into or beside themselves"):
        layer_edits.move(session, ("group", "low"), "into", "group")


@pytest.mark.parametrize(
    ("key", "direction", "expected"),
    [
        ("low", "forward", "group base paint grey high low invert"),
        ("low", "backward", "low group base paint grey high invert"),
        ("low", "front", "group base paint grey high invert low"),
        ("grey", "back", "group grey base paint low high invert"),
        ("grey", "forward", "group base paint grey low high invert"),
        ("base", "backward", "base group paint grey low high invert"),
        ("invert", "forward", "group base paint grey low high invert"),
        ("group", "back", "group base paint grey low high invert"),
    ],
)
def test_arranging(key, direction, expected) -> None:
    session = session_of()
    layer_edits.arrange(session, key, direction)
    assert keys(session) == expected.split()
    if (key, direction) == ("grey", "forward"):
        assert [layer.key for layer in session.document.layers][:2] == ["group", "grey"]


# -- masks


@pytest.mark.parametrize(("kind", "value"), [("white", 65535), ("black", 0)])
def test_a_painted_mask_becomes_the_target(kind, value) -> None:
    session = session_of(active="low")
    layer_edits.add_mask(session, "low", kind)
    assert (layer_of(session, "low").mask.painted.tiles.to_array() == value).all()
    assert (session.active, session.target) == ("low", "mask")
    assert_one_step(session)
    with pytest.raises(ValueError, match="has a painted mask already"):
        layer_edits.add_mask(session, "low", "white")
    layer_edits.delete_mask(session, "low")
    assert layer_of(session, "low").mask is None
    assert session.target == "layer"
    with pytest.raises(ValueError, match="has no mask"):
        layer_edits.delete_mask(session, "low")


def test_luminosity_masks_multiply_into_the_mask() -> None:
    session = session_of()
    layer_edits.add_mask(session, "low", "midtones")
    assert layer_of(session, "low").mask == LayerMask(components=(LuminosityMask(kind="midtones"),))
    assert session.target == "layer"
    assert_one_step(session)
    layer_edits.add_mask(session, "low", "black")
    assert layer_of(session, "low").mask.components == (LuminosityMask(kind="midtones"),)


def test_a_mask_is_switched_off_and_on() -> None:
    session = session_of()
    layer_edits.set_mask_enabled(session, "high", False)
    assert not layer_edits.mask_is_on(layer_of(session, "high").mask)
    layer_edits.set_mask_enabled(session, "high", True)
    assert session.document == DOCUMENT


def test_switching_on_a_mask_of_parts_that_are_off_switches_the_first_on() -> None:
    off = LayerMask(components=(LuminosityMask(enabled=False), LuminosityMask(kind="darks", enabled=False)))
    low = msgspec.structs.replace(find(DOCUMENT, "low"), mask=off)
    session = session_of(
        Document(
            width_px=4,
            height_px=4,
            layers=(msgspec.structs.replace(low, filters=()),),
            sources=DOCUMENT.sources,
        )
    )
    assert not layer_edits.mask_is_on(off)
    layer_edits.set_mask_enabled(session, "low", True)
    assert [part.enabled for part in layer_of(session, "low").mask.components] == [True, False]


# -- smart filters


@pytest.mark.parametrize("kind", FILTERS)
def test_every_filter_can_be_added(kind) -> None:
    session = session_of()
    key = layer_edits.add_filter(session, "paint", kind)
    assert layer_of(session, "paint").filters[-1].filter == kind()
    assert layer_of(session, "paint").filters[-1].key == key
    assert_one_step(session)
    render(session.document)


def test_filters_are_moved_switched_and_deleted() -> None:
    session = session_of()
    for kind in (Invert, Median, AddNoise, Invert):
        layer_edits.add_filter(session, "base", kind)

    def order() -> list[str]:
        return [item.key for item in layer_of(session, "base").filters]

    assert order() == ["invert", "median", "add_noise", "invert_2"]
    layer_edits.move_filter(session, "base", "invert", 2)
    assert order() == ["median", "add_noise", "invert", "invert_2"]
    layer_edits.move_filter(session, "base", "invert", 2)
    assert len(session.history.versions) == 6
    layer_edits.set_filter_enabled(session, "base", "median", False)
    assert not layer_of(session, "base").filters[0].enabled
    assert session.history.undo_label == "Disable Median"
    layer_edits.delete_filter(session, "base", "median")
    assert order() == ["add_noise", "invert", "invert_2"]


def test_adjustment_layers_take_no_filters() -> None:
    with pytest.raises(ValueError, match="without pixels to filter"):
        layer_edits.add_filter(session_of(), "invert", Median)


# -- thumbnails


@pytest.mark.parametrize(
    ("size", "level"), [((64, 10), 0), ((128, 128), 0), ((129, 3), 1), ((256, 200), 1), ((6000, 4000), 6)]
)
def test_thumbnails_are_drawn_from_64_to_128_px(size, level) -> None:
    document = Document(width_px=size[0], height_px=size[1])
    assert level_of(document) == level
    assert level == 0 or 64 <= -(-max(size) >> level) <= 128


def test_a_thumbnail_is_the_layers_content_alone() -> None:
    red = FillLayer(key="red", name="Red", colour=(1, 0, 0), opacity=0.2, blend_mode=BlendMode.SCREEN)
    paint = np.zeros((4, 200, 300), np.uint16)
    paint[1, :, :150] = paint[3, :, :150] = 65535
    paint[0, :, 150:] = 65535  # under full transparency
    layers = (red, PaintLayer(key="green", name="Green", tiles=Tiles.from_array(paint)))
    document = Document(width_px=300, height_px=200, layers=layers)
    cache = Cache(16 << 20)
    picture = draw_thumbnail(document, "red", "layer", cache=cache)
    assert picture.shape == (43, EDGE_PX, 4)
    assert (picture == (0, 0, 255, 255)).all()
    green = draw_thumbnail(document, "green", "layer", cache=cache)
    assert (green[:, :31] == (0, 255, 0, 255)).all()
    assert not green[:, 33:, 3].any()


def test_a_masks_thumbnail_is_grey() -> None:
    session = session_of(
        Document(width_px=300, height_px=200, layers=(FillLayer(key="a", name="A", colour=(1, 1, 1)),))
    )
    layer_edits.new_fill_layer(session)
    layer_edits.add_mask(session, "50_grey_1", "lights")
    lights = draw_thumbnail(session.document, "50_grey_1", "mask", cache=Cache(16 << 20))
    assert (lights[..., :3] >= 254).all()
    layer_edits.add_mask(session, "50_grey_1", "black")
    painted = draw_thumbnail(session.document, "50_grey_1", "mask", cache=Cache(16 << 20))
    assert (painted == (0, 0, 0, 255)).all()


def test_a_thumbnails_key_changes_with_its_pixels_alone() -> None:
    cache = Cache(16 << 20)

    def key(document: Document, layer: str = "low", what="layer"):
        return Thumbnails(document, cache).key(find(document, layer), what)

    assert key(DOCUMENT) == key(set_parameter(set_parameter(DOCUMENT, "low.opacity", 0.5), "low.name", "x"))
    changed = set_parameter(DOCUMENT, "low.gaussian_blur.radius_px", 3.0)
    assert key(changed) != key(DOCUMENT)
    assert key(changed, "high") != key(DOCUMENT, "high"), "it reads low"
    assert key(changed, "paint") == key(DOCUMENT, "paint")
    assert key(changed, "high", "mask") == key(DOCUMENT, "high", "mask")
    inverted = set_parameter(DOCUMENT, "high.mask.inverted", True)
    assert key(inverted, "high", "mask") != key(DOCUMENT, "high", "mask")
    assert key(DOCUMENT, "group") is None
    assert key(DOCUMENT, "invert") is None
    assert key(DOCUMENT, "low", "mask") is None


def test_groups_have_no_thumbnail_and_new_groups_no_members() -> None:
    session = session_of()
    layer_edits.new_group(session)
    assert isinstance(session.active_layer, GroupLayer)
    assert session.active_layer.layers == ()
