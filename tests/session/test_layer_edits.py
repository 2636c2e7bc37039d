"""The functions behind the Layers panel: layers made, moved, grouped and locked, each in one undo step."""

import numpy as np
import pytest

from retexture.document.check import check
from retexture.document.document import Document, walk
from retexture.document.edits import set_parameter
from retexture.document.layers import AdjustmentLayer, FillLayer, GroupLayer, PaintLayer
from retexture.filters.invert import Invert
from retexture.render.render import render
from retexture.session import filter_edits, layer_edits, mask_edits
from retexture.session.layer_edits import ADJUSTMENTS
from tests.session.editing import DOCUMENT, assert_one_step, keys, layer_of, session_of

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
    mask_edits.add_mask(session, "layer_1", "white")
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
    assert layer.mask.painted.tiles.to_array().min() == 65535
    assert session.target == "mask"
    assert_one_step(session)


def test_a_new_group_has_no_members() -> None:
    session = session_of()
    layer_edits.new_group(session)
    assert isinstance(session.active_layer, GroupLayer)
    assert session.active_layer.layers == ()


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
        lambda s: mask_edits.add_mask(s, "paint", "white"),
        lambda s: filter_edits.add_filter(s, "paint", Invert),
        lambda s: layer_edits.set_clipped(s, "paint", False),
        lambda s: layer_edits.set_unlocked(s.document, "paint.opacity", 0.5),
        lambda s: mask_edits.set_mask_enabled(s, "high", False),
        lambda s: filter_edits.set_filter_enabled(s, "low", "gaussian_blur", False),
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
