"""Masks that move with their layer, and groups that are transformed as one."""

import msgspec
import numpy as np
import pytest

from retexture.document.check import check
from retexture.document.document import Document, Source, find
from retexture.document.edits import set_parameter
from retexture.document.layers import (
    AdjustmentLayer,
    AnyLayer,
    FillLayer,
    GroupLayer,
    LayerMask,
    PaintLayer,
    PixelLayer,
    RasterMask,
    SmartFilter,
    smart,
)
from retexture.document.pixels import Pixels, Tiles
from retexture.document.transform import IDENTITY, Placement, Transform
from retexture.document.tree import placement
from retexture.filters.apply_image import ApplyImage
from retexture.filters.invert import Invert
from retexture.render.cache import Cache
from retexture.render.region import Region
from retexture.render.render import Cancelled, render
from retexture.session import transform_box
from retexture.session.linked_masks import carry, shifted, shifted_tiles, waiting_px, worked_out
from retexture.session.session import Gesture, Session, Update
from retexture.session.transforming import FreeTransform, Move, along, nudge, set_mask_linked, set_place

WIDTH, HEIGHT = 600, 400
PLACE = Placement(IDENTITY, 120, 80, 100, 60)


def spot(background: int = 0, dtype: str = "uint16") -> Tiles:
    """A soft round spot around (160, 100)."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    level = np.clip(1.5 - np.hypot(x - 160, y - 100) / 30, 0, 1)
    top = 255 if dtype == "uint8" else 65535
    plane = background + (top - 2 * background) * level if background else top * level
    return Tiles.from_array(plane.round().astype(dtype)[None], (background,))


def mask(*, linked: bool = True, tiles: Tiles | None = None) -> LayerMask:
    return LayerMask(painted=RasterMask(tiles or spot()), linked=linked)


def session(active: str, *, linked: bool = True) -> Session:
    rng = np.random.default_rng(2)
    paint = np.zeros((4, HEIGHT, WIDTH), np.uint16)
    paint[:, 200:260, 300:380] = rng.integers(1, 65536, (4, 60, 80), np.uint16)
    sources = (
        Source("base", "Base", Pixels(rng.integers(0, 65536, (3, HEIGHT, WIDTH), np.uint16))),
        Source("patch", "Patch", Pixels(rng.integers(0, 65536, (3, 80, 120), np.uint16))),
    )
    inside: tuple[AnyLayer, ...] = (
        PixelLayer(
            key="turned", name="Turned", source="patch", x_px=320, y_px=40, transform=Transform(angle_deg=30)
        ),
        PaintLayer(key="paint", name="Paint", tiles=Tiles.from_array(paint)),
        AdjustmentLayer(key="invert", name="Invert", adjustment=Invert(), mask=mask()),
    )
    layers: tuple[AnyLayer, ...] = (
        PixelLayer(key="base", name="Base", source="base"),
        PixelLayer(
            key="patch",
            name="Patch",
            source="patch",
            x_px=100,
            y_px=60,
            mask=mask(linked=linked),
            filters=(SmartFilter(Invert(), "invert", mask=RasterMask(spot())),),
        ),
        GroupLayer(key="group", name="Group", layers=inside, mask=mask()),
        FillLayer(key="fill", name="Fill", mask=mask(linked=linked)),
    )
    made = Session(Document(width_px=WIDTH, height_px=HEIGHT, layers=layers, sources=sources), title="t")
    made.select(active)
    return made


def masked(tiles: Tiles) -> Document:
    """White through a mask, over black."""
    layers = tuple(
        FillLayer(key=key, name=key, colour=(level,) * 3, mask=(key == "white" and mask(tiles=tiles)) or None)
        for key, level in (("black", 0.0), ("white", 1.0))
    )
    return Document(width_px=WIDTH, height_px=HEIGHT, depth=16, layers=layers)


def plane(document: Document, key: str) -> np.ndarray:
    found = find(document, key).mask
    assert found is not None
    assert found.painted is not None
    return found.painted.tiles.to_array()[0].astype(float)


def middle(levels: np.ndarray) -> tuple[float, float]:
    """Return the centre of gravity, in document pixels."""
    y, x = np.mgrid[0 : levels.shape[0], 0 : levels.shape[1]] + 0.5
    return float((x * levels).sum() / levels.sum()), float((y * levels).sum() / levels.sum())


# -- tiles


@pytest.mark.parametrize("background", [0, 65535])
def test_whole_pixels_are_exact(background: int) -> None:
    tiles = spot(background)
    after = carry(tiles, PLACE, PLACE._replace(x_px=113, y_px=60 - 29))
    assert np.array_equal(after.read(53, 11, 240, 200), tiles.read(40, 40, 240, 200))
    assert after.background == (background,)


def test_mirrors_and_right_angles_are_exact() -> None:
    tiles = spot()
    flipped = carry(tiles, PLACE, PLACE._replace(transform=Transform(flip_x=True)))
    # About x = 160.
    assert np.array_equal(flipped.read(60, 0, 200, 400), tiles.read(60, 0, 200, 400)[:, :, ::-1])
    turned = carry(tiles, PLACE, PLACE._replace(transform=Transform(angle_deg=90)))
    square = tiles.read(60, 0, 200, 200)[0]
    assert np.array_equal(turned.read(60, 0, 200, 200)[0], np.rot90(square, -1))


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize(
    "transform",
    [
        Transform(angle_deg=25, x_px=40.5, y_px=100.25),
        Transform(scale_x=0.4, scale_y=0.3),
        Transform(scale_x=2.5, scale_y=1.5, x_px=60),
        Transform(top_left_x_px=20, bottom_right_y_px=15),
        Transform(warp=tuple((3.0 * (i % 4), 2.0 * (i // 4)) for i in range(16))),
    ],
)
def test_a_mask_stays_on_its_picture(transform: Transform, dtype: str) -> None:
    """Where a point of the picture goes, the mask's value goes."""
    tiles = spot(dtype=dtype)
    after_place = PLACE._replace(transform=transform)
    after = carry(tiles, PLACE, after_place).to_array()[0].astype(float)
    before = tiles.to_array()[0].astype(float)
    points = np.stack(np.meshgrid(np.arange(20, 101, 10.0), np.arange(15, 70, 9.0)), -1).reshape(-1, 2)
    wanted = [before[int(y), int(x)] for x, y in PLACE.to_document(points)]
    found = [after[int(y), int(x)] for x, y in after_place.to_document(points)]
    assert np.abs(np.array(found) - wanted).max() < 0.12 * before.max()
    assert np.std(wanted) > 0.2 * before.max()


TURNED = Transform(angle_deg=25, x_px=40)
BENT = Transform(warp=tuple((3.0 * (i % 4), 2.0 * (i // 4)) for i in range(16)))


@pytest.mark.parametrize("transform", [Transform(x_px=40, y_px=24), TURNED, BENT, Transform(scale_x=0.3)])
@pytest.mark.parametrize("level", [0, 1, 2])
@pytest.mark.parametrize("background", [0, 65535])
def test_what_is_under_the_hand_is_read_in_part(transform: Transform, level: int, background: int) -> None:
    """A preview shows, at its level, about what is worked out at the end; and works nothing out itself."""
    document = masked(carry(spot(background), PLACE, PLACE._replace(transform=transform)))
    canvas = Region(0, 0, WIDTH >> level, HEIGHT >> level)
    preview = render(document, canvas, level, alpha=False, direct=True)
    part = Region(90 >> level, 60 >> level, 100 >> level, 90 >> level)
    corner = render(document, part, level, alpha=False, direct=True)
    assert waiting_px(document) > 0
    exact = render(worked_out(document), canvas, level, alpha=False)
    assert worked_out(document) == document
    assert waiting_px(document) == 0
    assert np.std(exact) > 1000
    assert np.abs(preview.astype(float) - exact).max() < (9000 if level else 3000)
    assert np.abs(preview.astype(float) - exact).mean() < 60
    assert np.abs(corner.astype(float) - preview[(slice(None), *part.slices(canvas))]).max() < 2500


def test_previews_are_not_taken_for_the_picture() -> None:
    document = masked(carry(spot(), PLACE, PLACE._replace(transform=TURNED)))
    cache = Cache(1 << 24)
    render(document, Region(0, 0, WIDTH >> 1, HEIGHT >> 1), 1, cache=cache)
    assert waiting_px(document) > 0
    exact = render(document, cache=cache)
    assert waiting_px(document) == 0
    assert np.array_equal(exact, render(worked_out(document)))
    after = render(document, Region(0, 0, WIDTH >> 1, HEIGHT >> 1), 1, cache=cache)
    assert np.array_equal(after, render(worked_out(document), Region(0, 0, WIDTH >> 1, HEIGHT >> 1), 1))


def test_the_windows_thread_works_no_mask_out() -> None:
    document = masked(carry(spot(), PLACE, PLACE._replace(transform=TURNED)))
    with pytest.raises(Cancelled):
        render(document, level=1, cached_only=True)
    session = Session(masked(spot()), title="t")
    updates: list[Update] = []
    session.subscribe(updates.append)
    gesture = session.begin("Move")
    gesture.update(document)
    gesture.update(masked(carry(spot(), PLACE, PLACE._replace(x_px=200))))
    assert waiting_px(session.document) > 0
    region = updates[-1].changes.region
    assert region is not None
    assert region.x + region.width <= 512
    gesture.cancel()


def test_paint_is_moved_later_too() -> None:
    levels = np.random.default_rng(1).integers(0, 65536, (4, HEIGHT, WIDTH), np.uint16)
    tiles = Tiles.from_array(levels)
    after = shifted(tiles, 30, -20)
    assert after.extent == (30, 0, WIDTH - 30, HEIGHT - 20)
    assert np.array_equal(after.to_array(), shifted_tiles(tiles, 30, -20).to_array())
    assert shifted(tiles, WIDTH, 0).extent is None
    assert shifted(tiles, WIDTH, 0).tiles == {}


def test_what_leaves_the_canvas_is_gone_and_uniform_masks_stay() -> None:
    far = PLACE._replace(transform=Transform(x_px=5000.5))
    assert carry(spot(), PLACE, far).tiles == {}
    uniform = Tiles(WIDTH, HEIGHT, background=(65535,))
    assert carry(uniform, PLACE, far) is uniform


def test_the_widest_masks_are_warped_too() -> None:
    levels = np.zeros((1, 20, 33_000), np.uint16)
    levels[:, 5:15] = 65535
    place = Placement(IDENTITY, 33_000, 20)
    bent = place._replace(transform=Transform(warp=((0.0, 3.0),) * 16))
    after = carry(Tiles.from_array(levels), place, bent)
    assert after.read(32_000, 11, 1, 4).min() == 65535
    assert after.read(32_000, 0, 1, 5).max() == 0


# -- layers


def test_a_moved_layer_takes_its_masks_along() -> None:
    made = session("patch")
    before = made.document
    alone = (find(before, "patch"),)
    move = Move(made)
    move.show(7, 5)
    move.show(30, -12)
    move.commit()
    assert [v.label for v in made.history.versions] == ["Open", "Move Patch"]
    old = render(msgspec.structs.replace(before, layers=alone))
    new = render(msgspec.structs.replace(before, layers=(find(made.document, "patch"),)))
    assert np.array_equal(new[:, :-12, 30:], old[:, 12:, :-30])
    assert old[3].any()
    check(made.document)
    made.undo()
    assert made.document is before


def test_a_mask_that_is_not_linked_stays_or_moves_alone() -> None:
    made = session("patch", linked=False)
    before = plane(made.document, "patch")
    nudge(made, 10, 0)
    assert np.array_equal(plane(made.document, "patch"), before)
    assert find(made.document, "patch").x_px == 110  # type: ignore[union-attr]
    made.select("patch", "mask")
    nudge(made, 0, 20)
    assert np.array_equal(plane(made.document, "patch")[20:], before[:-20])
    assert find(made.document, "patch").y_px == 60  # type: ignore[union-attr]
    assert made.history.undo_label == "Move Patch Mask"
    box = FreeTransform(made)
    assert not box.can_warp
    assert box.place.x_px < 160 < box.place.x_px + box.place.width_px
    box.set(transform_box.rescaled(box.place, 2, 2))
    box.commit()
    assert plane(made.document, "patch").sum() == pytest.approx(4 * before.sum(), rel=0.01)
    assert find(made.document, "patch").transform == IDENTITY  # type: ignore[union-attr]


def test_a_transformed_layer_takes_its_mask_along_from_where_it_was() -> None:
    made = session("patch")
    before = plane(made.document, "patch")
    box = FreeTransform(made)
    for angle in range(5, 361, 5):
        box.set(transform_box.turned_to(box.place, angle))
    box.commit()
    # A full turn, made in steps: as it was, to the last bit.
    assert np.array_equal(plane(made.document, "patch"), before)
    made.undo()
    box = FreeTransform(made)
    box.set(transform_box.rescaled(box.place, 0.5, 0.5))
    box.commit()
    assert plane(made.document, "patch").sum() == pytest.approx(before.sum() / 4, rel=0.01)
    check(made.document)


def test_covering_layers_move_by_their_masks() -> None:
    made = session("fill")
    before = plane(made.document, "fill")
    nudge(made, 15, 0)
    assert np.array_equal(plane(made.document, "fill")[:, 15:], before[:, :-15])
    loose = session("fill", linked=False)
    with pytest.raises(ValueError, match="covers the whole picture"):
        nudge(loose, 1, 0)


def test_values_of_the_place_take_the_mask_along() -> None:
    made = session("patch")
    before = plane(made.document, "patch")
    after = set_place(made.document, "patch.x_px", 140)
    assert np.array_equal(plane(after, "patch")[:, 40:], before[:, :-40])
    after = set_place(made.document, "patch.transform.angle_deg", 90.0)
    assert np.allclose(middle(plane(after, "patch")), middle(before), atol=1.5)
    assert np.array_equal(plane(set_parameter(made.document, "patch.x_px", 140), "patch"), before)


def test_hidden_layers_that_only_it_reads_go_along() -> None:
    made = session("patch")
    low = PixelLayer(key="low", name="Low", source="patch", x_px=100, y_px=60)
    high = PixelLayer(
        key="high", name="High", source="patch", x_px=100, y_px=60, filters=smart(ApplyImage(source="low"))
    )
    document = msgspec.structs.replace(made.document, layers=(high,), hidden=(low,))
    assert along(document, "high") == {"high", "low"}
    high_too = msgspec.structs.replace(high, key="other")
    assert along(msgspec.structs.replace(document, layers=(high, high_too)), "high") == {"high"}
    reader = Session(document, title="t")
    before = render(document)
    nudge(reader, 20, 0)
    assert np.array_equal(render(reader.document)[:, :, 20:], before[:, :, :-20])
    box = FreeTransform(reader)
    box.set(Transform(angle_deg=180))
    box.commit()
    turned = find(reader.document, "low")
    assert isinstance(turned, PixelLayer)
    assert turned.transform.angle_deg == 180
    inside = render(reader.document)[:3, 60:140, 120:240]
    assert np.array_equal(inside, before[:3, 60:140, 100:220][:, ::-1, ::-1])


# -- groups


def test_a_group_is_transformed_as_one() -> None:
    made = session("group")
    before = made.document
    box = FreeTransform(made)
    assert not box.can_warp
    turned = placement(before, find(before, "turned")).bounds()  # type: ignore[arg-type]
    assert box.place.x_px <= min(turned[0], 300)
    # About the box's centre: what was up is down.
    box.set(Transform(flip_y=True))
    told = box.commit()
    assert told is not None
    assert "Paint is a picture now" in told
    assert [v.label for v in made.history.versions] == ["Open", "Free Transform"]
    check(made.document)
    y = 2 * box.place.y_px + box.place.height_px
    for key in ("group", "invert"):
        was = middle(plane(before, key))
        assert np.allclose(middle(plane(made.document, key)), (was[0], y - was[1]), atol=0.01)
    made.undo()
    assert made.document is before


def test_members_of_a_group_land_where_the_box_takes_them() -> None:
    made = session("group")
    box = FreeTransform(made)
    inner = find(made.document, "turned")
    assert isinstance(inner, PixelLayer)
    was = placement(made.document, inner)
    for transform in (
        Transform(scale_x=1.5, scale_y=1.5, angle_deg=20),
        Transform(scale_x=2, scale_y=0.5),  # shears what is turned
        Transform(flip_y=True, x_px=13.5),
        Transform(top_right_y_px=60, bottom_left_x_px=-30),
    ):
        box.set(transform)
        assert box.place.transform == transform
        now = find(made.document, "turned")
        assert isinstance(now, PixelLayer)
        way = box.place.matrix @ np.linalg.inv(box.start.matrix)
        wanted = np.concatenate([was.outline(3), np.ones((12, 1))], 1) @ way.T
        wanted = wanted[:, :2] / wanted[:, 2:]
        assert np.allclose(placement(made.document, now).outline(3), wanted, atol=1e-6)
    box.set(Transform(scale_x=1.5, scale_y=1.5))
    assert find(made.document, "turned").transform.angle_deg == pytest.approx(30)  # type: ignore[union-attr]
    assert find(made.document, "turned").transform.corners == IDENTITY.corners  # type: ignore[union-attr]
    box.cancel()


def test_a_group_that_is_only_shifted_keeps_its_paint() -> None:
    made = session("group")
    before = render(msgspec.structs.replace(made.document, layers=(find(made.document, "group"),)))
    box = FreeTransform(made)
    box.set(Transform(x_px=-20, y_px=6))
    assert box.commit() is None
    assert isinstance(find(made.document, "paint"), PaintLayer)
    after = render(msgspec.structs.replace(made.document, layers=(find(made.document, "group"),)))
    assert np.array_equal(after[:, 6:, :-20], before[:, :-6, 20:])


def test_a_group_takes_no_warp_and_none_without_pixels() -> None:
    made = session("group")
    box = FreeTransform(made)
    box.set(Transform(warp=((1.0, 1.0),) * 16))
    assert not box.changed
    box.cancel()
    bare = PaintLayer(key="paint", name="P", tiles=Tiles(WIDTH, HEIGHT, background=(0, 0, 0, 0)))
    group = GroupLayer(key="group", name="Group", layers=(bare,))
    empty = Session(Document(width_px=WIDTH, height_px=HEIGHT, layers=(group,)), title="t")
    with pytest.raises(ValueError, match="Group is empty"):
        FreeTransform(empty)
    assert empty.gesture is None


def test_the_link_is_a_step() -> None:
    made = session("patch")
    set_mask_linked(made, "patch", False)
    assert made.history.undo_label == "Unlink Layer Mask"
    made.set("patch.locked", True, "Lock")
    with pytest.raises(ValueError, match="is locked"):
        set_mask_linked(made, "patch", True)
    made.select("base")
    with pytest.raises(ValueError, match="has no mask"):
        set_mask_linked(made, "base", True)


def test_projects_of_before_are_linked() -> None:
    old = msgspec.json.encode({"enabled": True, "components": []})
    assert msgspec.json.decode(old, type=LayerMask).linked


def test_a_move_that_is_being_finished_goes_on() -> None:
    made = session("patch")
    before = plane(made.document, "patch")
    kept: list[Gesture] = []
    first = nudge(made, 10, 0, kept.append)
    assert nudge(made, 0, 5, kept.append, first) is first
    made.select("fill")
    assert nudge(made, 1, 1, kept.append, first) is not first
    made.finish_gesture()
    assert [v.label for v in made.history.versions] == ["Open", "Move Patch", "Move Fill"]
    assert np.array_equal(plane(made.document, "patch")[5:, 10:], before[:-5, :-10])
