"""Where brushes paint: what can be painted on is said, and nothing but its tiles changes."""

import msgspec
import pytest

from retexture.document.document import find, walk
from retexture.document.edits import replace_layer, set_parameter
from retexture.document.layers import PaintLayer
from retexture.session.masks import black
from retexture.session.painting import paint_target, painted
from retexture.session.session import Session
from tests.document.documents import sample_document

DOCUMENT = sample_document()


def open_session(key: str, target: str = "layer") -> Session:
    session = Session(DOCUMENT, title="")
    session.select(key, "mask" if target == "mask" else "layer")
    return session


def test_the_mask_that_is_selected_is_painted_on():
    tiles, mask = paint_target(open_session("high", "mask"))
    assert mask
    assert tiles is find(DOCUMENT, "high").mask.painted.tiles


def test_a_paint_layer_is_painted_on():
    tiles, mask = paint_target(open_session("paint"))
    assert not mask
    assert tiles is find(DOCUMENT, "paint").tiles


def test_the_mask_of_a_paint_layer_is_painted_on_when_it_is_the_target():
    session = open_session("paint")
    given = msgspec.structs.replace(find(DOCUMENT, "paint"), mask=find(DOCUMENT, "high").mask)
    session.edit("Mask", lambda d: replace_layer(d, "paint", given))
    assert paint_target(session) == (given.tiles, False)
    session.select("paint", "mask")
    assert paint_target(session) == (given.mask.painted.tiles, True)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("high", "Click the mask of High to paint on it"),
        ("low", "Low has no mask to paint on: add one, or paint on a new layer"),
        ("group", "Group has no mask to paint on"),
        ("invert", "Invert has no mask"),
        (None, "Select a layer to paint on"),
    ],
)
def test_what_cannot_be_painted_on_is_said_with_what_helps(key, words):
    with pytest.raises(ValueError, match=words):
        paint_target(open_session(key))


@pytest.mark.parametrize("target", ["layer", "mask"])
def test_a_locked_layer_is_not_painted_on(target):
    session = open_session("high", target)
    session.set("high.locked", True, "Lock")
    session.select("high", "mask" if target == "mask" else "layer")
    with pytest.raises(ValueError, match="High is locked: unlock it"):
        paint_target(session)


@pytest.mark.parametrize(("key", "mask"), [("high", True), ("paint", False)])
def test_nothing_but_the_tiles_changes(key, mask):
    planes = 1 if mask else 4
    tiles = find(DOCUMENT, "high").mask.painted.tiles if mask else find(DOCUMENT, "paint").tiles
    other = tiles.written(5, 6, tiles.read(50, 60, 7, 8))
    assert len(other.background) == planes
    now = painted(DOCUMENT, key, mask, other)
    layer, before = find(now, key), find(DOCUMENT, key)
    if mask:
        assert layer.mask.painted.tiles is other
        assert painted(now, key, mask, before.mask.painted.tiles) == DOCUMENT
    else:
        assert isinstance(layer, PaintLayer)
        assert layer.tiles is other
        assert painted(now, key, mask, before.tiles) == DOCUMENT
    shared = {l.key for a, l in zip(walk(DOCUMENT.layers), walk(now.layers), strict=True) if a is l}
    assert {l.key for l in walk(DOCUMENT.layers)} - shared == ({"high"} if mask else {"paint", "group"})


def test_a_mask_keeps_its_settings_when_it_is_painted_on():
    document = set_parameter(set_parameter(DOCUMENT, "high.mask.feather_px", 3), "high.mask.density", 0.5)
    now = painted(document, "high", True, black(300, 270))
    plane = find(now, "high").mask.painted
    assert (plane.feather_px, plane.density) == (3, 0.5)
    assert find(now, "high").mask.components == find(document, "high").mask.components
