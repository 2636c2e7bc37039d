"""Where retouching goes, and what cannot be retouched."""

import msgspec
import pytest

from retexture.document.document import find
from retexture.document.layers import FillLayer, GroupLayer
from retexture.document.pixels import Tiles
from retexture.engine.modes import BlendMode
from retexture.session.retouching import retouch_target
from tests.document.documents import sample_document
from tests.session.blemished import HEIGHT, WIDTH, clone, open_at, separated, skin_document
from tests.session.restored import restored_session


def test_on_a_picture_it_goes_to_a_layer_clipped_to_it_and_the_picture_stays():
    session = open_at(skin_document(), "skin")
    target = retouch_target(session)
    assert [layer.key for layer in session.document.layers] == ["skin"]
    assert [layer.key for layer in target.document.layers] == ["skin", "skin_retouch"]
    made = find(target.document, target.key)
    assert (made.name, made.clipped, made.blend_mode) == ("Skin retouch", True, BlendMode.NORMAL)
    assert target.document.layers[0] is session.document.layers[0]
    clone(session, [(100, 100, 1)], (50, 0))
    again = retouch_target(session)
    assert (again.key, again.document) == ("skin_retouch", session.document)
    assert session.active == "skin"


def test_the_retouch_layer_lies_directly_above_inside_the_group():
    document = separated()
    group = GroupLayer(key="group", name="Group", layers=document.layers)
    session = open_at(msgspec.structs.replace(document, layers=(group,)), "low")
    target = retouch_target(session)
    assert [layer.key for layer in target.document.layers[0].layers] == ["low", "low_retouch", "high"]


def test_on_a_paint_layer_it_goes_to_itself():
    session = open_at(sample_document(), "paint")
    assert retouch_target(session)[1:] == ("paint", "paint")
    # What is retouched by a retouch layer is the layer beneath it.
    session = open_at(skin_document(), "skin")
    clone(session, [(100, 100, 1)], (50, 0))
    session.select("skin_retouch")
    assert retouch_target(session)[1:] == ("skin_retouch", "skin")


def test_a_fill_layer_with_grain_is_texture_too():
    document = msgspec.structs.replace(skin_document(), layers=(FillLayer(key="grain", name="Grain"),))
    assert retouch_target(open_at(document, "grain")).key == "grain_retouch"


@pytest.mark.parametrize("target", ["layer", "mask"])
def test_in_a_restoration_it_goes_to_the_picture_in_the_texture(target):
    session = restored_session()
    session.select("texture", target)
    assert retouch_target(session)[1:] == ("original_retouch", "original")
    clone(session, [(100, 100, 1)], (50, 0))
    assert [layer.key for layer in find(session.document, "texture").layers] == [
        "original",
        "original_retouch",
        "donor",
    ]
    assert (session.active, session.target) == ("texture", target)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (None, "Select a layer"),
        ("invert", "Invert has no texture of its own"),
        ("grey", "Nothing can be clipped to Grey alone"),
    ],
)
def test_what_cannot_be_retouched_is_said(key, words):
    with pytest.raises(ValueError, match=words):
        retouch_target(open_at(sample_document(), key))


def test_in_a_group_of_several_pictures_one_is_to_be_selected():
    document = separated()
    group = GroupLayer(key="group", name="Frequencies", layers=document.layers)
    session = open_at(msgspec.structs.replace(document, layers=(group,)), "group")
    with pytest.raises(ValueError, match="Frequencies is a group: select the layer in it"):
        retouch_target(session)


def test_an_empty_selection_locked_layers_masks_and_quick_mask_are_refused():
    session = open_at(msgspec.structs.replace(skin_document(), selection=Tiles(WIDTH, HEIGHT)), "skin")
    with pytest.raises(ValueError, match="What is selected is empty"):
        retouch_target(session)
    session = open_at(sample_document(), "high", "mask")
    with pytest.raises(ValueError, match="The mask of High is selected: click the layer's picture"):
        retouch_target(session)
    session.set_quick_mask(True)
    with pytest.raises(ValueError, match="Leave Quick Mask"):
        retouch_target(session)
    session.set_quick_mask(False)
    session.set("high.locked", True, "Lock")
    session.select("high")
    with pytest.raises(ValueError, match="High is locked: unlock it"):
        retouch_target(session)
    session = open_at(skin_document(), "skin")
    clone(session, [(100, 100, 1)], (50, 0))
    session.set("skin_retouch.locked", True, "Lock")
    with pytest.raises(ValueError, match="Skin retouch is locked"):
        retouch_target(session)


def test_nothing_is_retouched_unseen():
    session = open_at(skin_document(), "skin")
    clone(session, [(100, 100, 1)], (50, 0))
    session.set("skin_retouch.visible", False, "Hide")
    with pytest.raises(ValueError, match="Skin retouch is hidden: show it first"):
        retouch_target(session)
    session.set("skin.visible", False, "Hide")
    with pytest.raises(ValueError, match="Skin is hidden: show it first"):
        retouch_target(session)
