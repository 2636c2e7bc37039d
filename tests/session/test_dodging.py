"""The layers that dodging and burning paints on, in numbers."""

import msgspec
import numpy as np
import pytest

from retexture.document.document import Document, Source, find
from retexture.document.edits import delete_layer, insert_layer, set_parameter
from retexture.document.layers import FillLayer, PaintLayer, PixelLayer, smart
from retexture.document.pixels import Pixels
from retexture.engine.modes import BlendMode
from retexture.filters.add_noise import AddNoise
from retexture.recipes import dodge_burn
from retexture.render.render import render
from retexture.session import dodging, painting, selections
from retexture.session.brush import Brush
from retexture.session.fill import filled
from retexture.session.layer_edits import new_paint_layer
from retexture.session.painting import painted
from retexture.session.session import Session
from retexture.session.strokes import Stroke

WIDTH, HEIGHT = 300, 40
DTYPES = {8: np.uint8, 16: np.uint16, 32: np.float32}


def ramp(depth: int = 16) -> Document:
    """A picture that has every level of 8 bits, and in more bits values between."""
    line = np.arange(WIDTH * HEIGHT * 3).reshape(3, HEIGHT, WIDTH) * 7919
    top = 255 if depth == 8 else 65535
    colour = (line % (top + 1)).astype(np.uint16)
    values = colour.astype(DTYPES[depth]) if depth < 32 else (colour / 65535).astype(np.float32)
    return Document(
        width_px=WIDTH,
        height_px=HEIGHT,
        depth=depth,  # type: ignore[arg-type]
        sources=(Source("picture", "Picture", Pixels(values)),),
        layers=(PixelLayer(key="base", name="Base", source="picture"),),
    )


@pytest.mark.parametrize("make", [dodging.new_layer, dodging.new_curves])
@pytest.mark.parametrize("depth", [8, 16, 32])
def test_new_layers_change_no_pixel_and_are_one_undo_step(depth, make):
    session = Session(ramp(depth), title="ramp")
    before = session.document
    make(session)
    assert len(session.history.versions) == 2
    assert np.array_equal(render(session.document), render(before))
    session.undo()
    assert session.document is before


def test_the_recipes_layer_is_one_to_paint_on():
    assert painting.grey(16)[:3] == (dodge_burn.GREY,) * 3


def dab(session: Session, flow: float, *, burn: bool) -> np.ndarray:
    """Paint one hard dab of a flow; return the planes of what was painted on."""
    (key, target, tiles, selection), value = dodging.ground(session, burn=burn)
    brush = Brush(size_px=20, hardness=1, flow=flow, smoothing=0, opacity_pressure=False)
    stroke = Stroke(tiles, brush, value, selection)
    stroke.begin(100.5, 20.5)
    stroke.finish()
    session.edit("dab", lambda d: painted(d, key, target, stroke.tiles))
    return stroke.tiles.to_array()


@pytest.mark.parametrize("flow", [0.01, 0.02, 0.05])
@pytest.mark.parametrize("burn", [False, True])
def test_a_dab_changes_the_layer_by_its_flow(flow, burn):
    session = Session(ramp(), title="ramp")
    dodging.new_layer(session)
    planes = dab(session, flow, burn=burn)
    wanted = 32768 + flow * ((0 if burn else 65535) - 32768)
    assert np.abs(planes[:3, 20, 100] - wanted).max() <= 0.51
    assert (planes[:3, 20, 200] == 32768).all()
    assert (planes[3] == 65535).all()
    before, after = (render(v.document)[:3, 20, 100].astype(int) for v in session.history.versions[-2:])
    assert (after <= before).all() if burn else (after >= before).all()
    assert (after != before).any()


@pytest.mark.parametrize("depth", [8, 16, 32])
def test_a_layer_that_was_filled_with_grey_by_hand_is_painted_on_in_one_undo_step(depth):
    session = Session(ramp(depth), title="ramp")
    new_paint_layer(session)
    key = session.active
    session.edit("Fill", lambda d: filled(d, key, None)[0])
    with pytest.raises(ValueError, match="layer of its own"):
        dodging.ground(session, burn=False)  # it still covers the picture
    session.set(f"{key}.blend_mode", BlendMode.SOFT_LIGHT, "Blend Mode")
    session.set(f"{key}.opacity", 0.5, "Opacity")
    before = session.document
    planes = dab(session, 0.05, burn=False)
    layer = find(session.document, key)
    assert isinstance(layer, PaintLayer)
    assert (layer.blend_mode, layer.opacity, layer.name) == (BlendMode.SOFT_LIGHT, 0.5, "Layer 1")
    lighter, same = render(session.document), render(before)
    assert (lighter[:3, 20, 100] > same[:3, 20, 100]).any()
    assert np.array_equal(lighter[..., 200], same[..., 200])
    assert planes[0, 20, 100] > planes[0, 20, 200]
    session.undo()
    assert session.document is before


def test_grain_on_grey_is_not_painted_on():
    session = Session(ramp(), title="ramp")
    grain = FillLayer(key="grain", name="Grain", blend_mode=BlendMode.OVERLAY, filters=smart(AddNoise()))
    session.edit("Grain", lambda d: insert_layer(d, grain))
    with pytest.raises(ValueError, match="layer of its own"):
        dodging.ground(session, burn=False)
    with pytest.raises(ValueError, match="paint on a new layer"):
        painting.paint_target(session)


@pytest.mark.parametrize("burn", [False, True])
def test_on_curves_each_paints_white_on_its_own_mask(burn):
    session = Session(ramp(), title="ramp")
    dodging.new_curves(session)
    session.select("base")
    dab(session, 0.02, burn=burn)
    wanted, other = ("burn_curves", "dodge_curves") if burn else ("dodge_curves", "burn_curves")
    masks = {key: find(session.document, key).mask.painted.tiles.to_array()[0] for key in (wanted, other)}
    assert abs(int(masks[wanted][20, 100]) - 0.02 * 65535) <= 0.51
    assert not masks[other].any()


def test_a_second_pair_is_painted_by_itself():
    session = Session(ramp(), title="ramp")
    dodging.new_curves(session)
    dodging.new_curves(session)
    session.select("dodge_curves")
    assert dodging.ground(session, burn=True).surface.key == "burn_curves"
    session.select("burn_curves_2")
    assert dodging.ground(session, burn=False).surface.key == "dodge_curves_2"


def test_the_active_layer_goes_before_the_topmost_one():
    session = Session(ramp(), title="ramp")
    dodging.new_layer(session)
    dodging.new_layer(session)
    session.select("base")
    assert dodging.ground(session, burn=False).surface.key == "dodge_burn_2"
    session.select("dodge_burn")
    assert dodging.ground(session, burn=False).surface.key == "dodge_burn"


def test_what_is_missing_locked_hidden_or_empty_is_told_in_words():
    session = Session(ramp(), title="ramp")
    with pytest.raises(ValueError, match="Layer > New > Dodge and Burn Layer"):
        dodging.ground(session, burn=False)
    dodging.new_curves(session)
    session.edit("Delete", lambda d: delete_layer(d, "burn_curves"))
    with pytest.raises(ValueError, match="add one"):
        dodging.ground(session, burn=True)
    dodging.new_layer(session)
    locked = set_parameter(session.document, "dodge_burn.locked", True)
    session.edit("Lock", lambda _: locked)
    with pytest.raises(ValueError, match="is locked"):
        dodging.ground(session, burn=False)
    unlocked = set_parameter(session.document, "dodge_burn.locked", False)
    hidden = set_parameter(unlocked, "dodge_burn.visible", False)
    session.edit("Hide", lambda _: hidden)
    with pytest.raises(ValueError, match="is hidden: show it"):
        dodging.ground(session, burn=False)
    empty = msgspec.structs.replace(unlocked, selection=selections.nothing((WIDTH, HEIGHT)))
    session.edit("Select", lambda _: empty)
    with pytest.raises(ValueError, match="Ctrl\\+D"):
        dodging.ground(session, burn=False)
