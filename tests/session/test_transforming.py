"""Moving and transforming layers of a session: pixels, undo steps, and what is refused."""

import msgspec
import numpy as np
import pytest

from retexture.document.check import check
from retexture.document.document import Document, Source, find
from retexture.document.layers import AdjustmentLayer, FillLayer, GroupLayer, PaintLayer, PixelLayer
from retexture.document.pixels import Pixels, Tiles
from retexture.document.transform import Transform
from retexture.filters.invert import Invert
from retexture.render.render import render
from retexture.session import transform_box
from retexture.session.linked_masks import shifted_tiles
from retexture.session.session import Session
from retexture.session.transforming import FreeTransform, Move, moved, nudge, painted_bounds

WIDTH, HEIGHT = 600, 400


def paint(seed: int = 1) -> Tiles:
    planes = np.zeros((4, HEIGHT, WIDTH), np.uint16)
    planes[:, 50:290, 30:310] = np.random.default_rng(seed).integers(1, 65536, (4, 240, 280), np.uint16)
    return Tiles.from_array(planes)


def session(active: str = "patch") -> Session:
    rng = np.random.default_rng(2)
    sources = (
        Source("base", "Base", Pixels(rng.integers(0, 65536, (3, HEIGHT, WIDTH), np.uint16))),
        Source("patch", "Patch", Pixels(rng.integers(0, 65536, (3, 80, 120), np.uint16))),
    )
    layers = (
        PixelLayer(key="base", name="Base", source="base"),
        FillLayer(key="fill", name="Fill", colour=(0.5, 0.5, 0.5), opacity=0.3),
        AdjustmentLayer(key="invert", name="Invert", adjustment=Invert(), opacity=0.2),
        PixelLayer(key="patch", name="Patch", source="patch", x_px=100, y_px=60),
        GroupLayer(key="group", name="Group", layers=(PaintLayer(key="paint", name="Paint", tiles=paint()),)),
        GroupLayer(key="empty", name="Empty"),
        PaintLayer(key="blank", name="Blank", tiles=Tiles(WIDTH, HEIGHT, background=(0, 0, 0, 0))),
    )
    made = Session(Document(width_px=WIDTH, height_px=HEIGHT, layers=layers, sources=sources), title="t")
    made.select(active)
    return made


@pytest.mark.parametrize("by", [(0, 0), (1, 0), (-37, 300), (256, 0), (5000, 0), (-300, -260)])
def test_tiles_are_shifted_exactly(by: tuple[int, int]) -> None:
    before = paint().to_array()
    after = shifted_tiles(paint(), *by).to_array()
    wanted = np.zeros_like(before)
    dx, dy = by
    rows = slice(max(dy, 0), HEIGHT + min(dy, 0)), slice(max(-dy, 0), HEIGHT - max(dy, 0))
    columns = slice(max(dx, 0), WIDTH + min(dx, 0)), slice(max(-dx, 0), WIDTH - max(dx, 0))
    if abs(dx) < WIDTH and abs(dy) < HEIGHT:
        wanted[:, rows[0], columns[0]] = before[:, rows[1], columns[1]]
    assert np.array_equal(after, wanted)


def test_tiles_are_put_on_another_canvas() -> None:
    after = shifted_tiles(paint(), 10, -20, (700, 300))
    assert (after.width_px, after.height_px) == (700, 300)
    assert np.array_equal(after.read(40, 30, 280, 240), paint().read(30, 50, 280, 240))


def test_what_is_painted_has_bounds() -> None:
    assert painted_bounds(paint()) == (30, 50, 280, 240)
    assert painted_bounds(Tiles(WIDTH, HEIGHT, background=(0, 0, 0, 0))) is None


@pytest.mark.parametrize("active", ["patch", "paint", "group"])
def test_a_move_is_one_step_of_whole_pixels(active: str) -> None:
    made = session(active)
    before = made.document
    move = Move(made)
    for step in range(1, 5):
        move.show(3 * step, -2 * step)
    move.commit()
    assert [v.label for v in made.history.versions[1:]] == [f"Move {find(before, active).name}"]
    alone = [
        [l for l in d.layers if l.key == (active if active != "paint" else "group")]
        for d in (before, made.document)
    ]
    pictures = [
        render(msgspec.structs.replace(before, sources=d.sources, layers=tuple(l)))
        for d, l in zip((before, made.document), alone, strict=True)
    ]
    assert np.array_equal(pictures[1][:, :-8, 12:], pictures[0][:, 8:, :-12])
    check(made.document)
    made.undo()
    assert made.document is before


def test_a_move_that_is_given_up_or_goes_nowhere_leaves_no_trace() -> None:
    made = session("paint")
    before = made.document
    move = Move(made)
    move.show(5, 5)
    assert made.document is not before
    move.cancel()
    assert made.document is before
    move = Move(made)
    move.show(5, 5)
    move.show(0, 0)
    move.commit()
    assert len(made.history.versions) == 1


def test_paint_shows_the_same_while_it_is_moved() -> None:
    made = session("paint")
    move = Move(made)
    move.show(17, 9)
    during = render(made.document)
    move.commit()
    assert np.array_equal(during, render(made.document))
    assert isinstance(find(made.document, "paint"), PaintLayer)


def test_a_nudge_is_one_step() -> None:
    made = session()
    nudge(made, -10, 0)
    assert find(made.document, "patch").x_px == 90  # type: ignore[union-attr]
    assert made.history.undo_label == "Move Patch"


@pytest.mark.parametrize(
    ("active", "words"),
    [
        ("fill", "covers the whole picture"),
        ("invert", "covers the whole picture"),
        ("empty", "has no pixels"),
    ],
)
def test_what_has_no_place_is_refused(active: str, words: str) -> None:
    made = session(active)
    for begin in (Move, FreeTransform, lambda s: nudge(s, 1, 0)):
        with pytest.raises(ValueError, match=words):
            begin(made)
    assert made.gesture is None


@pytest.mark.parametrize(("active", "locked"), [("patch", "patch"), ("paint", "group"), ("group", "paint")])
def test_what_is_locked_is_refused(active: str, locked: str) -> None:
    made = session(active)
    made.set(f"{locked}.locked", True, "Lock")
    with pytest.raises(ValueError, match="is locked: unlock it"):
        Move(made)


@pytest.mark.parametrize(("active", "hidden"), [("patch", "patch"), ("paint", "group")])
def test_what_is_hidden_is_not_moved_unseen(active: str, hidden: str) -> None:
    made = session(active)
    made.set(f"{hidden}.visible", False, "Hide")
    for begin in (Move, FreeTransform):
        with pytest.raises(ValueError, match="is hidden: show it first"):
            begin(made)


def test_empty_layers_are_not_transformed() -> None:
    with pytest.raises(ValueError, match="Blank is empty"):
        FreeTransform(session("blank"))


def test_a_transform_is_one_step_and_esc_restores() -> None:
    made = session()
    before = made.document
    box = FreeTransform(made)
    box.set(Transform(angle_deg=20))
    box.set(transform_box.shifted(box.place, 4, 4))
    assert find(made.document, "patch").transform == box.place.transform  # type: ignore[union-attr]
    box.cancel()
    assert made.document is before
    box = FreeTransform(made)
    box.set(Transform(angle_deg=20, scale_x=2))
    assert box.commit() is None
    assert made.history.undo_label == "Free Transform"
    check(made.document)
    # Again: it goes on from where it was, from the source's own pixels.
    box = FreeTransform(made)
    assert box.place.transform.angle_deg == 20
    made.undo()
    assert not box.live
    made.undo()
    assert made.document is before


def test_a_transform_back_to_the_start_is_no_step() -> None:
    made = session("paint")
    before = made.document
    box = FreeTransform(made)
    box.set(Transform(x_px=3))
    box.set(Transform())
    box.commit()
    assert made.document is before
    assert len(made.history.versions) == 1


def test_a_transformed_paint_layer_becomes_a_picture_and_says_so() -> None:
    made = session("paint")
    before = render(made.document)
    box = FreeTransform(made)
    box.set(Transform(flip_x=True))
    told = box.commit()
    assert told is not None
    assert "Paint is a picture now" in told
    layer = find(made.document, "paint")
    assert isinstance(layer, PixelLayer)
    check(made.document)
    made.undo()
    assert np.array_equal(render(made.document), before)
    assert isinstance(find(made.document, "paint"), PaintLayer)


def test_a_paint_layer_that_was_only_moved_stays_one() -> None:
    made = session("paint")
    box = FreeTransform(made)
    box.set(Transform(x_px=12, y_px=-5))
    during = render(made.document)
    assert box.commit() is None
    assert isinstance(find(made.document, "paint"), PaintLayer)
    assert np.array_equal(render(made.document), during)


def test_crossed_corners_and_zero_sizes_are_passed_over() -> None:
    made = session()
    box = FreeTransform(made)
    box.set(Transform(scale_x=0.5))
    box.set(Transform(top_left_x_px=5000))
    assert box.place.transform == Transform(scale_x=0.5)
    box.set(msgspec.structs.replace(Transform(), scale_x=0.0, scale_y=-3.0))
    assert box.place.transform.scale_x == pytest.approx(1 / 120)
    assert box.place.transform.scale_y == pytest.approx(1 / 80)
    box.commit()
    check(made.document)


def test_moving_far_away_stays_inside_the_limits() -> None:
    made = session()
    after = moved(made.document, "patch", 10**9, -(10**9))
    check(after)
