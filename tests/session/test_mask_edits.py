"""Masks added and switched; refined, copied and combined, against numbers made directly."""

from typing import get_args

import cv2
import msgspec
import numpy as np
import pytest

from retexture.document.document import Document, find
from retexture.document.edits import replace_layer, set_parameter
from retexture.document.layers import LayerMask, LuminosityMask
from retexture.document.pixels import Tiles
from retexture.engine.guided import guided, guided_by
from retexture.render.cache import Cache
from retexture.render.region import Region
from retexture.render.render import Cancelled, render
from retexture.session import mask_edits, masks, selections
from retexture.session.mask_edits import Refine, Way
from retexture.session.painting import painted
from retexture.session.session import Session
from tests.session.bench import make_document
from tests.session.editing import DOCUMENT as SAMPLE
from tests.session.editing import assert_one_step, layer_of, session_of

WIDTH, HEIGHT = 330, 270
DOCUMENT = make_document(WIDTH, HEIGHT)
SHARP = np.zeros((HEIGHT, WIDTH), np.uint16)
SHARP[:, 160:] = 65535


def with_mask(plane, key="texture", **changes):
    document = painted(DOCUMENT, "texture", "mask", masks.from_array(plane))
    layer = find(document, "texture")
    changes = {"feather_px": 0.0} | changes
    new = msgspec.structs.replace(layer.mask.painted, **changes)
    mask = msgspec.structs.replace(layer.mask, painted=new)
    return replace_layer(document, key, msgspec.structs.replace(find(document, key), mask=mask))


def plane_of(document, key="texture"):
    return find(document, key).mask.painted.tiles.to_array()[0]


def direct(plane, guide, radius, epsilon):
    """The guided filter by its definition: a line fitted in each window, all lines that meet a pixel averaged."""
    edge = (2 * radius + 1,) * 2

    def mean(values):
        return cv2.blur(values, edge, borderType=cv2.BORDER_REPLICATE)

    covariance = mean(guide * plane) - mean(guide) * mean(plane)
    a = covariance / (mean(guide * guide) - mean(guide) ** 2 + epsilon)
    b = mean(plane) - a * mean(guide)
    return mean(a) * guide + mean(b)


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(mask_edits, "BLOCK_PX", 64)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("settings", [Refine(3, 0.5), Refine(40, 0.0), Refine(5, 1.0)])
def test_refining_is_the_guided_filter_by_the_picture_beneath(settings):
    document = with_mask(SHARP)
    tiles = mask_edits.refined(document, "texture", settings, cache=Cache(1 << 26))
    beneath = render(msgspec.structs.replace(document, layers=document.layers[:1]))[:3] / 65535
    grey = 0.30 * beneath[0] + 0.59 * beneath[1] + 0.11 * beneath[2]
    wanted = np.clip(direct(SHARP / 65535, grey, settings.radius_px, settings.epsilon), 0, 1)
    assert np.abs(tiles.to_array()[0] / 65535 - wanted).max() < 1e-4
    assert (tiles.to_array()[0] != SHARP).any()


@pytest.mark.parametrize("level", [0, 1, 2])
def test_a_part_is_refined_about_as_the_whole_is(level):
    document, part = with_mask(SHARP), Region(101, 33, 150, 170)
    tiles = mask_edits.refined_part(document, "texture", Refine(16), part, level, cache=Cache(1 << 26))
    found = tiles.to_array()[0].astype(int)
    wanted = mask_edits.refined(document, "texture", Refine(16), cache=Cache(1 << 26)).to_array()[0]
    inside = part.slices(Region(0, 0, WIDTH, HEIGHT))
    off = np.abs(found - wanted)[inside] / 65535
    assert off.mean() < (1e-4, 0.03, 0.06)[level]
    found[inside] = SHARP[inside]
    assert np.array_equal(found, SHARP)


def test_the_edge_of_a_mask_moves_to_the_pictures():
    guide = np.zeros((60, 60), np.float32)
    guide[:, 30:] = 0.8
    sloppy = np.zeros((60, 60), np.float32)
    sloppy[:, 27:] = 1
    fitted = guided_by(sloppy, guide, 8, 1e-4)
    assert abs(fitted[30, 30] - fitted[30, 29]) > 0.5
    assert abs(fitted[30, 27] - fitted[30, 26]) < 0.1


def test_a_plane_guided_by_itself_is_the_filter_of_one_picture():
    plane = np.random.default_rng(3).random((40, 50)).astype(np.float32)
    assert np.abs(guided_by(plane, plane, 4, 0.01) - guided(plane[None], 4, 0.01)[0]).max() < 1e-6


def test_refining_leaves_what_is_not_selected():
    left = selections.rectangle((WIDTH, HEIGHT), (0, 0), (WIDTH, 100))
    document = msgspec.structs.replace(with_mask(SHARP), selection=left)
    plane = mask_edits.refined(document, "texture", Refine(), cache=Cache(1 << 26)).to_array()[0]
    assert np.array_equal(plane[100:], SHARP[100:])
    assert (plane[:100] != SHARP[:100]).any()


def test_refining_can_be_given_up_and_is_refused_where_there_is_nothing_to_refine():
    with pytest.raises(Cancelled):
        mask_edits.refined(with_mask(SHARP), "texture", Refine(), cache=Cache(1), cancelled=lambda: True)
    with pytest.raises(ValueError, match="no painted mask"):
        mask_edits.refined(DOCUMENT, "base", Refine(), cache=Cache(1))
    locked = set_parameter(DOCUMENT, "texture.locked", True)
    with pytest.raises(ValueError, match="is locked"):
        mask_edits.refined(locked, "texture", Refine(), cache=Cache(1))


def test_what_was_refined_is_one_step_and_never_over_later_strokes():
    session = Session(with_mask(SHARP), title="test")
    before = mask_edits.painted_mask(session.document, "texture").tiles
    new = masks.black(WIDTH, HEIGHT)
    mask_edits.set_refined(session, "texture", before, new)
    assert not plane_of(session.document).any()
    assert len(session.history.versions) == 2
    with pytest.raises(ValueError, match="refine it again"):
        mask_edits.set_refined(session, "texture", before, new)
    session.undo()
    assert np.array_equal(plane_of(session.document), SHARP)


def test_a_copied_mask_is_the_same_with_its_components():
    document = with_mask(SHARP, feather_px=3.0, inverted=True)
    session = Session(document, title="test")
    mask_edits.add_luminosity(session, "texture", "darks", 3)
    mask_edits.copy_mask(session, "texture", "paint")
    assert find(session.document, "paint").mask == find(session.document, "texture").mask
    assert find(session.document, "paint").mask.components == (LuminosityMask(kind="darks", power=3),)
    assert len(session.history.versions) == 3
    with pytest.raises(ValueError, match="no mask to copy"):
        mask_edits.copy_mask(session, "base", "paint")
    session.edit("Lock", lambda d: set_parameter(d, "paint.locked", True))
    with pytest.raises(ValueError, match="is locked"):
        mask_edits.copy_mask(session, "texture", "paint")


def random_tiles(seed, background=0):
    """A mask of which some tiles are there and others are not."""
    plane = np.random.default_rng(seed).integers(0, 65536, (1, HEIGHT, WIDTH), np.uint16)
    plane[:, :, 256:] = background if seed % 2 else plane[:, :, 256:]
    plane[:, 256:] = background
    return Tiles.from_array(plane, (background,))


@pytest.mark.parametrize("way", get_args(Way))
@pytest.mark.parametrize("background", [0, 65535, 1234])
def test_the_algebra_of_two_masks(way, background):
    one, other = random_tiles(1, background), random_tiles(2)
    a, b = (tiles.to_array()[0] / 65535 for tiles in (one, other))
    wanted = {
        "multiply": a * b,
        "add": np.minimum(a + b, 1),
        "subtract": np.maximum(a - b, 0),
        "intersect": np.minimum(a, b),
    }[way]
    found = mask_edits.mixed(one, other, way).to_array()[0]
    assert np.abs(found - wanted * 65535).max() <= 0.5001
    assert np.array_equal(
        mask_edits.mixed(one, masks.white(WIDTH, HEIGHT), "multiply").to_array()[0], one.to_array()[0]
    )
    assert not mask_edits.mixed(one, one, "subtract").to_array().any()


def test_masks_are_combined_as_they_work():
    """Inverted and half as dense: 0 shows fully, full scale shows half."""
    document = with_mask(SHARP, inverted=True, density=0.5)
    half = masks.from_array(np.full((HEIGHT, WIDTH), 0.5, np.float32))
    session = Session(document, title="test")
    mask_edits.copy_mask(session, "texture", "paint")
    session.edit("plain", lambda d: painted(d, "paint", "mask", half))
    tiles = mask_edits.combined(session.document, "texture", "paint", "multiply", cache=Cache(1 << 20))
    mask_edits.set_combined(session, "texture", tiles, "multiply")
    a = np.where(SHARP > 0, 0.5, 1.0)
    b = 1 - 0.5 * 0.5
    assert np.abs(plane_of(session.document) / 65535 - a * b).max() < 3e-5
    mask = find(session.document, "texture").mask.painted
    assert (mask.inverted, mask.density, mask.feather_px) == (False, 1.0, 0.0)


def test_a_layer_without_a_mask_counts_as_white():
    session = Session(with_mask(SHARP), title="test")
    tiles = mask_edits.combined(session.document, "base", "texture", "subtract", cache=Cache(1 << 20))
    mask_edits.set_combined(session, "base", tiles, "subtract")
    assert np.array_equal(plane_of(session.document, "base"), 65535 - SHARP)
    names = [layer.key for layer in mask_edits.masked_layers(session.document)]
    assert names == ["texture", "base"]


# -- a mask of a layer


@pytest.mark.parametrize(("kind", "value"), [("white", 65535), ("black", 0)])
def test_a_painted_mask_becomes_the_target(kind, value) -> None:
    session = session_of(active="low")
    mask_edits.add_mask(session, "low", kind)
    assert (layer_of(session, "low").mask.painted.tiles.to_array() == value).all()
    assert (session.active, session.target) == ("low", "mask")
    assert_one_step(session)
    with pytest.raises(ValueError, match="has a painted mask already"):
        mask_edits.add_mask(session, "low", "white")
    mask_edits.delete_mask(session, "low")
    assert layer_of(session, "low").mask is None
    assert session.target == "layer"
    with pytest.raises(ValueError, match="has no mask"):
        mask_edits.delete_mask(session, "low")


def test_luminosity_masks_multiply_into_the_mask() -> None:
    session = session_of()
    mask_edits.add_mask(session, "low", "midtones")
    assert layer_of(session, "low").mask == LayerMask(components=(LuminosityMask(kind="midtones"),))
    assert session.target == "layer"
    assert_one_step(session)
    mask_edits.add_mask(session, "low", "black")
    assert layer_of(session, "low").mask.components == (LuminosityMask(kind="midtones"),)


def test_a_mask_is_switched_off_and_on() -> None:
    session = session_of()
    mask_edits.set_mask_enabled(session, "high", False)
    assert not mask_edits.mask_is_on(layer_of(session, "high").mask)
    mask_edits.set_mask_enabled(session, "high", True)
    assert session.document == SAMPLE


def test_switching_on_a_mask_of_parts_that_are_off_switches_the_first_on() -> None:
    off = LayerMask(components=(LuminosityMask(enabled=False), LuminosityMask(kind="darks", enabled=False)))
    low = msgspec.structs.replace(find(SAMPLE, "low"), mask=off)
    session = session_of(
        Document(
            width_px=4,
            height_px=4,
            layers=(msgspec.structs.replace(low, filters=()),),
            sources=SAMPLE.sources,
        )
    )
    assert not mask_edits.mask_is_on(off)
    mask_edits.set_mask_enabled(session, "low", True)
    assert [part.enabled for part in layer_of(session, "low").mask.components] == [True, False]
