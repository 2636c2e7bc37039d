"""Healed places have the texture of others and their own tone."""

import msgspec
import numpy as np
import pytest

from retexture.document.document import Source, find
from retexture.document.edits import replace_layer
from retexture.document.layers import PaintLayer
from retexture.document.pixels import Pixels, Tiles
from retexture.engine.modes import BlendMode
from retexture.render.render import render
from retexture.session.cloning import Cover
from retexture.session.healing import clean_offset, healed, source_cover
from retexture.session.painting import painted
from retexture.session.retouching import retouch_target
from retexture.texture.healing import heal
from tests.document.documents import samples
from tests.session.blemished import HEIGHT, WIDTH, cover, open_at, sampled, skin_document, stored
from tests.texture.skin import disc, shading, skin


@pytest.mark.parametrize("depth", [8, 16, 32])
def test_a_healed_spot_is_gone_and_the_rest_stays(depth):
    document = skin_document(depth)
    session = open_at(document, "skin")
    target = retouch_target(session)
    place = cover(200, 150, 16)
    tiles = healed(target.tiles, place, sampled(document), (60, 10))
    after = render(painted(target.document, target.key, "layer", tiles))
    before = render(document)
    white = 1 if depth == 32 else np.iinfo(after.dtype).max
    outside = disc(HEIGHT, WIDTH, 200, 150, 16) == 0
    assert np.array_equal(after[:, outside], before[:, outside])
    middle = np.s_[:, 144:156, 194:206]
    truth = shading(HEIGHT, WIDTH)[middle].mean(axis=(1, 2))
    assert np.abs(after[:3][middle].mean(axis=(1, 2)) / white - truth).max() < 0.015
    assert np.abs(before[:3][middle].mean(axis=(1, 2)) / white - truth).max() > 0.08


def test_through_a_soft_cover_the_healed_picture_itself_is_seen():
    """The alpha of the retouch layer is the cover; the colour makes up for what shines through."""
    document = skin_document()
    target = retouch_target(open_at(document, "skin"))
    soft = cover(200, 150, 30)
    soft = soft._replace(plane=soft.plane * np.float32(0.5))
    tiles = healed(target.tiles, soft, sampled(document), (80, 10))
    alpha = tiles.read(*soft.region)[3] / 65535
    assert np.allclose(alpha, soft.plane, atol=1e-3)
    picture = sampled(document)
    region = soft.region.grown(40)
    mask = np.zeros((region.height, region.width), np.float32)
    mask[soft.region.slices(region)] = soft.plane
    wanted = heal(
        picture.unit(region)[:3], picture.unit(region._replace(x=region.x + 80, y=region.y + 10))[:3], mask
    )
    shown = render(painted(target.document, target.key, "layer", tiles), region)[:3] / 65535
    assert np.abs(shown - wanted).max() < 2e-3


def test_healing_takes_nothing_from_outside_the_picture():
    document = skin_document()
    target = retouch_target(open_at(document, "skin"))
    tiles = healed(target.tiles, cover(60, 150, 30), sampled(document), (-60, 0))
    alpha = tiles.to_array()[3]
    assert not alpha[:, :60].any()
    assert alpha[:, 60:].any()


def test_an_empty_layer_has_nothing_to_heal():
    empty = PaintLayer(key="own", name="Own", tiles=Tiles(WIDTH, HEIGHT, background=(0, 0, 0, 0)))
    document = msgspec.structs.replace(skin_document(), layers=(*skin_document().layers, empty))
    own = sampled(document, "own")
    with pytest.raises(ValueError, match="nothing to heal here on this layer: set Sample to Current & Below"):
        healed(empty.tiles, cover(200, 150, 16), own, (60, 0))
    with pytest.raises(ValueError, match="nothing to heal here"):
        clean_offset(cover(200, 150, 16), own)
    tiles = healed(empty.tiles, cover(200, 150, 16), sampled(document, "own", "below"), (60, 0))
    assert tiles.to_array()[3].any()
    texture = replace_layer(
        document, "own", msgspec.structs.replace(empty, blend_mode=BlendMode.LINEAR_LIGHT)
    )
    with pytest.raises(ValueError, match="nothing to heal here on this layer: choose a place"):
        healed(empty.tiles, cover(200, 150, 16), sampled(texture, "own"), (60, 0))


def test_why_a_source_heals_nothing_is_said():
    document = skin_document()
    half = replace_layer(document, "skin", msgspec.structs.replace(find(document, "skin"), x_px=200))
    tiles = Tiles(WIDTH, HEIGHT, background=(0, 0, 0, 0))
    with pytest.raises(ValueError, match="The source lies outside the picture: choose one inside it"):
        healed(tiles, cover(100, 150, 16), sampled(document), (-200, 0))
    with pytest.raises(ValueError, match="The source is empty on this layer"):
        healed(tiles, cover(300, 150, 16), sampled(half), (-200, 0))


def test_a_spot_takes_clean_texture_and_the_next_one_other():
    document = skin_document()
    picture, place = sampled(document), cover(200, 150, 14)
    first = clean_offset(place, picture)
    used = [source_cover(place, first)]
    second = clean_offset(place, picture, used)
    assert np.hypot(first[0] - second[0], first[1] - second[1]) > 2 * 14
    # Rather the same again than nothing.
    everything = Cover(0, 0, np.ones((HEIGHT, WIDTH), np.float32))
    assert clean_offset(place, picture, [everything]) == first


def test_nothing_clean_near_is_said():
    picture = Source("picture", "Picture", Pixels(samples((3, HEIGHT, WIDTH), "uint16")))
    stripes = np.where(np.arange(WIDTH) // 15 % 2, 6000, 60000) * np.ones((3, HEIGHT, 1))
    planes = np.where(disc(HEIGHT, WIDTH, 200, 150, 30) > 0, stored(skin(HEIGHT, WIDTH), 16), stripes).astype(
        np.uint16
    )
    document = msgspec.structs.replace(
        skin_document(), sources=(msgspec.structs.replace(picture, colour=Pixels(planes)),)
    )
    with pytest.raises(ValueError, match="No clean texture is near: use the Healing Brush"):
        clean_offset(cover(200, 150, 12), sampled(document))


# -- a draft that is a preview


def test_a_gesture_that_is_committed_early_settles_first():
    document, session = skin_document(), open_at(skin_document(), "skin")
    preview = msgspec.structs.replace(session.document, metadata={"exif": b"preview"})
    settled = msgspec.structs.replace(document, metadata={"exif": b"settled"})
    gesture = session.begin("Healing Brush")
    gesture.update(preview)
    gesture.settle = lambda: settled
    session.set("skin.opacity", 0.5, "Opacity")
    assert [version.label for version in session.history.versions] == ["Open", "Healing Brush", "Opacity"]
    assert session.history.versions[1].document is settled


def test_a_gesture_that_is_given_up_does_not_settle():
    session = open_at(skin_document(), "skin")
    before = session.document
    gesture = session.begin("Healing Brush")
    gesture.update(msgspec.structs.replace(before, metadata={"exif": b"preview"}))
    gesture.settle = lambda: pytest.fail("settled")
    session.undo()
    assert session.document is before
    assert len(session.history.versions) == 1
