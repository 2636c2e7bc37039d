"""Retouching: where it goes, what it samples, and that cloned pixels are the very pixels."""

import msgspec
import numpy as np
import pytest

from retexture.document.document import Document, Source, find, walk
from retexture.document.edits import replace_layer
from retexture.document.layers import FillLayer, GroupLayer, PaintLayer, PixelLayer, smart
from retexture.document.pixels import Pixels, Tiles
from retexture.engine.dabs import paint
from retexture.engine.modes import BlendMode
from retexture.filters.apply_image import ApplyImage
from retexture.filters.gaussian_blur import GaussianBlur
from retexture.render.cache import Cache
from retexture.render.region import Region
from retexture.render.render import render
from retexture.session import cloning
from retexture.session.brush import Brush
from retexture.session.cloning import (
    CloneStroke,
    Cover,
    MarkStroke,
    Sampled,
    clean_offset,
    cover_of,
    healed,
    paint_over,
    polygon_cover,
    remedy,
    retouch_target,
    sampled_document,
    source_cover,
    trimmed,
    whole_offset,
)
from retexture.session.painting import painted
from retexture.session.session import Session
from tests.document.documents import DTYPES, sample_document, samples
from tests.session.restored import restored_session
from tests.texture.skin import blemish, disc, shading, skin

WIDTH, HEIGHT = 400, 300
HARD = Brush(size_px=41, hardness=1, smoothing=0, opacity_pressure=False)


def stored(planes, depth):
    white = {8: 255, 16: 65535, 32: 1}[depth]
    values = np.clip(planes, 0, 1) * white
    return (values if depth == 32 else np.round(values)).astype(DTYPES[depth])


def skin_document(depth=16, spot=True):
    planes = skin(HEIGHT, WIDTH, 3)
    if spot:
        planes = planes + blemish(HEIGHT, WIDTH, 200, 150, 12)
    picture = Source("picture", "Picture", Pixels(stored(planes, depth)))
    return Document(
        width_px=WIDTH,
        height_px=HEIGHT,
        depth=depth,
        layers=(PixelLayer(key="skin", name="Skin", source="picture"),),
        sources=(picture,),
    )


def separated():
    """The skin as Low and High."""
    low = PixelLayer(key="low", name="Low", source="picture", filters=smart(GaussianBlur(radius_px=4)))
    high = PixelLayer(
        key="high",
        name="High",
        source="picture",
        blend_mode=BlendMode.LINEAR_LIGHT,
        filters=smart(ApplyImage(source="low", blending="add", invert=True, scale=2)),
    )
    return msgspec.structs.replace(skin_document(), layers=(low, high))


def open_at(document, key, target="layer"):
    session = Session(document, title="")
    session.select(key, target)
    return session


def sampled(document, key="skin", sample="current"):
    what = (document, key, sample)
    return Sampled(sampled_document(*what), Cache(64 << 20), remedy(*what))


def clone(session, way, offset, brush=HARD, sample="current", selection=None):
    """Make a stroke as the tool does, and return the target."""
    target = retouch_target(session)
    picture = sampled(session.document, target.layer, sample)
    stroke = CloneStroke(target.tiles, brush, picture, offset, selection)
    stroke.begin(*way[0])
    for event in way[1:]:
        stroke.move(*event)
    stroke.finish()
    gesture = session.begin("Clone Stamp")
    gesture.update(target.document)
    gesture.update(painted(gesture.document, target.key, "layer", stroke.tiles))
    gesture.commit()
    return target


def cover(x, y, radius):
    return trimmed(Cover(0, 0, disc(HEIGHT, WIDTH, x, y, radius)))


# -- where it goes


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


# -- what it samples


@pytest.mark.parametrize("region", [Region(0, 0, WIDTH, HEIGHT), Region(200, 240, 150, 60)])
def test_a_part_is_read_as_the_whole_is_rendered_and_outside_is_nothing(region):
    document = separated()
    picture = Sampled(document, Cache(64 << 20))
    whole = render(document)
    rows, columns = region.slices(Region(0, 0, WIDTH, HEIGHT))
    assert np.array_equal(picture.read(region), whole[:, rows, columns])
    wide = picture.read(Region(-30, -20, 60, 50))
    assert np.array_equal(wide[:, 20:, 30:], whole[:, :30, :30])
    assert not wide[:, :20].any()
    assert not wide[:, :, :30].any()
    assert picture.is_empty(Region(WIDTH, 0, 10, 10))
    assert not picture.is_empty(Region(WIDTH - 1, 0, 10, 10))


def test_only_what_is_needed_is_rendered(monkeypatch):
    regions = []

    def watched(document, region, **options):
        regions.append(region)
        return render(document, region, **options)

    monkeypatch.setattr(cloning, "render", watched)
    picture = Sampled(skin_document(), Cache(64 << 20))
    picture.read(Region(10, 10, 50, 50))
    picture.read(Region(20, 20, 50, 50))
    assert regions == [Region(0, 0, 256, 256)]


def test_current_is_the_layers_own_picture_below_its_effect_all_everything():
    document = separated()
    above = FillLayer(key="above", name="Above", colour=(0, 0, 0))
    document = msgspec.structs.replace(document, layers=(*document.layers, above))
    current = render(sampled_document(document, "high", "current"))
    assert np.array_equal(current, render(msgspec.structs.replace(_alone(document, "high"))))
    assert abs(float(current[:3].mean()) / 65535 - 0.5) < 0.01
    plain = replace_layer(document, "high", find(_alone(document, "high"), "high"))
    below = render(sampled_document(plain, "high", "below"))
    assert np.array_equal(below, render(msgspec.structs.replace(plain, layers=plain.layers[:2])))
    assert not render(sampled_document(plain, "high", "all"))[:3].any()


@pytest.mark.parametrize("sample", ["below", "all"])
def test_merged_pixels_are_kept_off_texture(sample):
    document = separated()
    words = "is in Linear Light, so it takes no merged pixels: set Sample to Current Layer"
    with pytest.raises(ValueError, match=f"High {words}"):
        sampled_document(document, "high", sample)
    sampled_document(document, "low", sample)
    inner = find(_alone(document, "high"), "high")
    group = GroupLayer(key="group", name="Texture", blend_mode=BlendMode.LINEAR_LIGHT, layers=(inner,))
    with pytest.raises(ValueError, match=f"Texture {words}"):
        sampled_document(msgspec.structs.replace(document, layers=(group,)), "high", sample)
    hair = replace_layer(document, "high", msgspec.structs.replace(inner, blend_mode=BlendMode.DARKEN))
    sampled_document(hair, "high", sample)


def _alone(document, key):
    layer = msgspec.structs.replace(find(document, key), blend_mode=BlendMode.NORMAL)
    return msgspec.structs.replace(document, layers=(layer,), hidden=document.layers)


@pytest.mark.parametrize("sample", ["current", "below"])
def test_earlier_retouching_is_sampled_too(sample):
    session = open_at(skin_document(), "skin")
    clone(session, [(100, 100, 1)], (50, 0))
    picture = render(sampled_document(session.document, "skin", sample))
    assert np.array_equal(picture, render(session.document))


def test_a_layer_that_reads_what_is_beneath_is_sampled_with_it():
    document = separated()
    reads = msgspec.structs.replace(find(document, "high"), filters=smart(ApplyImage(source="merged")))
    document = replace_layer(document, "high", reads)
    normal = replace_layer(document, "high", msgspec.structs.replace(reads, blend_mode=BlendMode.NORMAL))
    assert np.array_equal(render(sampled_document(document, "high", "current")), render(normal))


def test_below_goes_up_to_a_member_of_a_group_only():
    document = separated()
    group = GroupLayer(key="group", name="Group", layers=document.layers, blend_mode=BlendMode.NORMAL)
    document = msgspec.structs.replace(document, layers=(group,))
    below = sampled_document(document, "low", "below")
    assert [layer.key for layer in walk(below.layers)] == ["group", "low"]


# -- cloning


@pytest.mark.parametrize("depth", [8, 16, 32])
@pytest.mark.parametrize("offset", [(50, 0), (-37, 21), (3, -2)])
def test_cloned_pixels_are_the_very_pixels(depth, offset):
    document = skin_document(depth)
    session = open_at(document, "skin")
    clone(session, [(200, 150, 1), (230, 160, 1)], offset)
    before, after = render(document), render(session.document)
    inside = disc(HEIGHT, WIDTH, 200, 150, 19) == 1
    moved = np.roll(before, (-offset[1], -offset[0]), axis=(1, 2))
    assert np.array_equal(after[:, inside], moved[:, inside])
    outside = (disc(HEIGHT, WIDTH, 200, 150, 60) == 0) & (disc(HEIGHT, WIDTH, 230, 160, 60) == 0)
    assert np.array_equal(after[:, outside], before[:, outside])


def test_a_stroke_does_not_sample_what_it_has_painted():
    """With the source under the stroke the picture moves on once, and is not smeared along."""
    document = skin_document()
    session = open_at(document, "skin")
    clone(session, [(100, 150, 1), (250, 150, 1)], (-10, 0))
    before, after = render(document), render(session.document)
    inside = np.s_[:, 140:160, 100:250]
    assert np.array_equal(after[inside], np.roll(before, 10, axis=2)[inside])


def test_cloning_on_the_texture_keeps_the_tone():
    document = separated()
    session = open_at(document, "high")
    clone(session, [(200, 150, 1)], (60, 0))
    shown = render(session.document).astype(float) / 65535
    high = render(sampled_document(document, "high", "current")).astype(float) / 65535
    low = render(sampled_document(document, "low", "current")).astype(float) / 65535
    y, x = 150, 200
    expected = low[:3, y, x] + 2 * high[:3, y, x + 60] - 1
    assert shown[:3, y, x] == pytest.approx(np.clip(expected, 0, 1), abs=1e-4)


def test_undo_and_redo_are_exact_and_one_step():
    session = open_at(separated(), "high")
    before = session.document
    clone(session, [(200, 150, 1), (210, 150, 1)], (60, 0))
    after, picture = session.document, render(session.document)
    assert [version.label for version in session.history.versions] == ["Open", "Clone Stamp"]
    session.undo()
    assert session.document is before
    session.redo()
    assert session.document is after
    assert np.array_equal(render(session.document), picture)


def test_what_lies_outside_the_picture_is_not_cloned():
    document = skin_document()
    session = open_at(document, "skin")
    clone(session, [(30, 150, 1)], (-30, 0))
    before, after = render(document), render(session.document)
    assert np.array_equal(after[:, 140:160, 11:29], before[:, 140:160, 11:29])
    assert np.array_equal(after[:, 140:160, 31:47], before[:, 140:160, 1:17])


def test_only_what_is_selected_is_cloned():
    selection = Tiles.from_array(np.zeros((1, HEIGHT, WIDTH), np.uint16))
    selection = selection.written(200, 0, np.full((1, HEIGHT, 200), 65535, np.uint16))
    document = skin_document()
    session = open_at(document, "skin")
    clone(session, [(200, 150, 1)], (50, 0), selection=selection)
    before, after = render(document), render(session.document)
    assert np.array_equal(after[:, :, :200], before[:, :, :200])
    assert not np.array_equal(after[:, :, 200:], before[:, :, 200:])


@pytest.mark.parametrize("dtype", DTYPES.values())
def test_one_colour_is_painted_as_the_engine_paints_it(dtype):
    base = samples((4, 40, 30), dtype, 1)
    coverage = samples((40, 30), "float32", 2)
    white = 1 if dtype == "float32" else np.iinfo(dtype).max
    colour = np.broadcast_to(np.array([0.2, 0.5, 0.9], np.float32)[:, None, None] * white, (3, 40, 30))
    expected, out = np.empty_like(base), np.empty_like(base)
    paint(expected, base, coverage, (0.2, 0.5, 0.9))
    paint_over(out, base, coverage, colour)
    assert np.allclose(out.astype(float), expected.astype(float), atol=1 if dtype != "float32" else 1e-6)


# -- covers


def test_a_stroke_that_marks_tells_what_it_covers_and_paints_nothing():
    tiles = Tiles(WIDTH, HEIGHT, background=(0, 0, 0, 0))
    stroke = MarkStroke(tiles, HARD)
    stroke.begin(250.5, 150.5)
    stroke.finish()
    assert stroke.tiles is tiles
    found = cover_of(stroke)
    assert found.region == Region(230, 130, 41, 41)
    assert np.allclose(found.plane, disc(HEIGHT, WIDTH, 250.5, 150.5, 20.5)[130:171, 230:271], atol=0.1)
    away = MarkStroke(tiles, HARD)
    away.begin(-100, -100)
    assert cover_of(away) is None


def test_a_cover_is_no_more_than_what_is_selected():
    selection = Tiles(WIDTH, HEIGHT).written(0, 0, np.full((1, 150, WIDTH), 65535, np.uint16))
    stroke = MarkStroke(Tiles(WIDTH, HEIGHT, background=(0, 0, 0, 0)), HARD, selection)
    stroke.begin(200, 150)
    found = cover_of(stroke)
    assert found.y + found.plane.shape[0] == 150
    assert trimmed(cover(200, 250, 20), selection) is None


def test_the_inside_of_an_outline():
    canvas = Region(0, 0, WIDTH, HEIGHT)
    found = polygon_cover([(10, 20), (50, 20), (50, 60), (10, 60)], canvas)
    whole = np.zeros((HEIGHT, WIDTH))
    whole[found.region.slices(canvas)] = found.plane
    assert whole[21:59, 11:49].min() == 1
    assert whole.sum() == pytest.approx(40 * 40)
    circle = [(200 + 50 * np.cos(t), 150 + 50 * np.sin(t)) for t in np.linspace(0, 6.28, 100)]
    assert polygon_cover(circle, canvas).plane.sum() == pytest.approx(np.pi * 50**2, rel=0.002)
    assert polygon_cover([(10, 20), (50, 20)], canvas) is None
    assert polygon_cover([(-90, 20), (-50, 20), (-50, 70)], canvas) is None


# -- healing


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
    wanted = cloning.heal(
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


@pytest.mark.parametrize(
    ("source", "place", "offset"),
    [
        ((10.5, 20.5), (10.5, 20.5), (0, 0)),
        ((10.9, 20.1), (3.2, 40.0), (8, -20)),
        ((0, 0), (0.6, 0.4), (-1, 0)),
    ],
)
def test_offsets_are_whole_pixels(source, place, offset):
    assert whole_offset(source, place) == offset


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
