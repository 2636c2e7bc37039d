"""Where brushes paint: what can be painted on is said, and nothing but its tiles changes."""

import msgspec
import numpy as np
import pytest

from retexture.document.document import find, walk
from retexture.document.edits import insert_layer, replace_layer, set_parameter
from retexture.document.layers import FillLayer, PaintLayer, RasterMask
from retexture.engine.modes import BlendMode
from retexture.render.render import render
from retexture.session import masks
from retexture.session.brush import Brush
from retexture.session.filter_edits import set_filter_mask, set_target_enabled
from retexture.session.look import Look
from retexture.session.masks import black
from retexture.session.painting import (
    edit_mask,
    fill_mask,
    paint_surface,
    paint_target,
    painted,
    unseen_words,
)
from retexture.session.pictures import mask_picture, with_rubylith
from retexture.session.session import Session
from retexture.session.strokes import Stroke
from retexture.session.target import FilterMask
from tests.document.documents import sample_document
from tests.session.restored import restored_document

DOCUMENT = sample_document()


def open_session(key: str, target: str = "layer") -> Session:
    session = Session(DOCUMENT, title="")
    session.select(key, "mask" if target == "mask" else "layer")
    return session


def test_the_mask_that_is_selected_is_painted_on():
    target, tiles = paint_target(open_session("high", "mask"))
    assert target == "mask"
    assert tiles is find(DOCUMENT, "high").mask.painted.tiles


def test_a_paint_layer_is_painted_on():
    target, tiles = paint_target(open_session("paint"))
    assert target == "layer"
    assert tiles is find(DOCUMENT, "paint").tiles


def test_a_layer_of_grey_is_painted_on_as_paint():
    document = insert_layer(DOCUMENT, FillLayer(key="plain", name="Plain", blend_mode=BlendMode.SOFT_LIGHT))
    session = Session(document, title="")
    target, tiles = paint_target(session)
    assert target == "layer"
    now = painted(document, "plain", target, tiles)
    assert isinstance(find(now, "plain"), PaintLayer)
    assert np.abs(render(now).astype(int) - render(document).astype(int)).max() <= 1  # of 65535


def test_the_mask_of_a_paint_layer_is_painted_on_when_it_is_the_target():
    session = open_session("paint")
    given = msgspec.structs.replace(find(DOCUMENT, "paint"), mask=find(DOCUMENT, "high").mask)
    session.edit("Mask", lambda d: replace_layer(d, "paint", given))
    assert paint_target(session) == ("layer", given.tiles)
    session.select("paint", "mask")
    assert paint_target(session) == ("mask", given.mask.painted.tiles)


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


@pytest.mark.parametrize(("key", "target", "hidden"), [("high", "mask", "high"), ("paint", "layer", "group")])
def test_nothing_is_painted_unseen(key, target, hidden):
    session = open_session(key, target)
    session.set(f"{hidden}.visible", False, "Hide")
    with pytest.raises(ValueError, match=f"{hidden.title()} is hidden: show it first"):
        paint_target(session)


@pytest.mark.parametrize(("key", "mask"), [("high", True), ("paint", False)])
def test_nothing_but_the_tiles_changes(key, mask):
    planes = 1 if mask else 4
    tiles = find(DOCUMENT, "high").mask.painted.tiles if mask else find(DOCUMENT, "paint").tiles
    other = tiles.written(5, 6, tiles.read(50, 60, 7, 8))
    assert len(other.background) == planes
    target = "mask" if mask else "layer"
    now = painted(DOCUMENT, key, target, other)
    layer, before = find(now, key), find(DOCUMENT, key)
    if mask:
        assert layer.mask.painted.tiles is other
        assert painted(now, key, target, before.mask.painted.tiles) == DOCUMENT
    else:
        assert isinstance(layer, PaintLayer)
        assert layer.tiles is other
        assert painted(now, key, target, before.tiles) == DOCUMENT
    shared = {l.key for a, l in zip(walk(DOCUMENT.layers), walk(now.layers), strict=True) if a is l}
    assert {l.key for l in walk(DOCUMENT.layers)} - shared == ({"high"} if mask else {"paint", "group"})


def test_a_mask_keeps_its_settings_when_it_is_painted_on():
    document = set_parameter(set_parameter(DOCUMENT, "high.mask.feather_px", 3), "high.mask.density", 0.5)
    now = painted(document, "high", "mask", black(300, 270))
    plane = find(now, "high").mask.painted
    assert (plane.feather_px, plane.density) == (3, 0.5)
    assert find(now, "high").mask.components == find(document, "high").mask.components


# -- masks of smart filters

BLUR = FilterMask("gaussian_blur")


@pytest.mark.parametrize(("x", "is_seen"), [(72, True), (84, True), (200, False)])
def test_paint_that_clean_skins_mask_hides_is_told(x, is_seen):
    document = restored_document()  # a spot of 8 px is kept out at 72, 80
    stroke = Stroke(find(document, "donor").tiles, Brush(size_px=20, hardness=1), (0, 0, 0))
    stroke.begin(x, 80)
    stroke.finish()
    words = unseen_words(document, "donor", "layer", stroke.coverage)
    assert (words is None) == is_seen
    if words is not None:
        assert "Healing Brush" in words
    assert unseen_words(document, "texture", "mask", stroke.coverage) is None
    off = set_parameter(document, "donor.mask.blemishes.enabled", False)
    assert unseen_words(off, "donor", "layer", stroke.coverage) is None


def with_filter_mask() -> Session:
    session = open_session("low")
    tiles = masks.white(DOCUMENT.width_px, DOCUMENT.height_px)
    set_filter_mask(session, "low", BLUR.filter, RasterMask(tiles))
    session.select("low", BLUR)
    return session


def filter_mask(session: Session) -> RasterMask | None:
    return next(f.mask for f in find(session.document, "low").filters if f.key == BLUR.filter)


def test_a_filters_mask_is_painted_on_and_filled_when_it_is_the_target():
    session = with_filter_mask()
    assert session.target == BLUR
    surface = paint_surface(session)
    assert surface.mask
    assert surface[:2] == ("low", BLUR)
    blurred = render(session.document)
    fill_mask(session, white=False)
    assert session.target == BLUR
    assert filter_mask(session).tiles.background == (0,)
    assert not (render(session.document) == blurred).all()
    edit_mask(session, "Invert mask", masks.invert)
    assert (render(session.document) == blurred).all()
    other = masks.black(DOCUMENT.width_px, DOCUMENT.height_px)
    assert painted(session.document, "low", BLUR, other) != session.document
    with pytest.raises(ValueError, match="Select a layer with a mask"):
        fill_mask(session, white=True, target="mask")


def test_a_filters_mask_that_goes_is_no_target_and_comes_back_with_undo():
    session = with_filter_mask()
    set_filter_mask(session, "low", BLUR.filter, None)
    assert session.target == "layer"
    assert session.active_mask is None
    session.undo()
    assert session.target == BLUR
    session.set("low.locked", True, "Lock")
    with pytest.raises(ValueError, match="Low is locked"):
        paint_surface(session)
    session.select("low", FilterMask("none"))
    assert session.target == "layer"


def test_a_filters_mask_is_switched_viewed_and_laid_over_as_a_film():
    session = with_filter_mask()
    half = masks.from_array(np.arange(DOCUMENT.width_px)[None] < np.full((DOCUMENT.height_px, 1), 20))
    session.edit("Half", lambda document: painted(document, "low", BLUR, half))
    grey = render(mask_picture(session.document, "low", BLUR.filter))
    assert (grey[:3, :, :20] == grey.max()).all()
    assert (grey[:3, :, 20:] == 0).all()
    film = Look(rubylith=True).picture(session, "result").document
    assert film == with_rubylith(session.document, "low", BLUR.filter)
    plain, red = render(session.document), render(film)
    assert (red[:, :, :20] == plain[:, :, :20]).all()
    assert (red[0, :, 20:] > red[1, :, 20:]).all()
    look = Look(mask_of=("low", BLUR.filter))
    assert look.settled(session) is look
    set_target_enabled(session, "low", BLUR, False)
    assert not filter_mask(session).enabled
    assert session.history.undo_label == "Disable Filter Mask"
    set_filter_mask(session, "low", BLUR.filter, None)
    assert look.settled(session).mask_of is None
