"""A restoration measured again after its pictures have changed, on the sample portrait."""

import functools
from typing import Any

import cv2
import msgspec
import numpy as np
import pytest

from retexture.document.analysis import Grid, Spot
from retexture.document.document import Document, find
from retexture.document.edits import delete_layer, set_parameter
from retexture.document.layers import PixelLayer
from retexture.document.pixels import Pixels
from retexture.recipes.auto import AutoOptions, build
from retexture.recipes.base import Materials
from retexture.render.cache import Cache
from retexture.render.render import Cancelled, render
from retexture.sample import make_sample
from retexture.session import remeasuring, restoration
from retexture.session.added_blemish import with_blemish
from retexture.session.mask_edits import with_tiles
from retexture.session.session import Session
from retexture.texture.alignment import align
from tests.session.restored import restored_document


@functools.cache
def restored() -> Document:
    """The sample at a third of its size, as `auto` makes it."""
    sample = make_sample()
    original, retouched = (smaller(planes) for planes in (sample.original, sample.retouched))
    alignment = align(original.array, retouched.array)
    assert alignment.is_identity
    materials = Materials(original=original, retouched=retouched, alignment=alignment)
    return build(materials, AutoOptions(sensitivity=60))


def smaller(planes: np.ndarray) -> Pixels:
    return Pixels(np.stack([cv2.resize(p, (680, 680), interpolation=cv2.INTER_AREA) for p in planes]))


def again(document: Document, steps: list[str] | None = None, grid: Grid | None = None) -> Document:
    def tell(step: str, _done: float) -> None:
        if steps is not None:
            steps.append(step)

    return remeasuring.measured_again(document, cache=Cache(64 << 20), tell=tell, grid=grid)


def plane(document: Document, key: str, index: int) -> np.ndarray:
    return find(document, key).mask.components[index].tiles.to_array()


def moved(document: Document, dx: float) -> Document:
    return set_parameter(document, "retouched.transform.x_px", dx)


# -- stale


def test_a_new_restoration_is_not_stale():
    assert remeasuring.stale(restored_document()) is None
    assert remeasuring.stale(Document(width_px=8, height_px=8)) is None


def test_a_move_makes_it_stale_and_its_way_back_does_not():
    document = moved(restored_document(), 3)
    assert remeasuring.stale(document) == "Retouched was moved or replaced since it was measured."
    assert remeasuring.stale(moved(document, 0)) is None


@pytest.mark.parametrize(
    ("key", "says"), [("retouched", "Retouched was"), ("original", "The original is another")]
)
def test_another_picture_makes_it_stale(key, says):
    document = restored_document()
    sources = tuple(
        msgspec.structs.replace(s, colour=Pixels(s.colour.array.copy())) if s.key == key else s
        for s in document.sources
    )
    assert remeasuring.stale(msgspec.structs.replace(document, sources=sources)).startswith(says)


def test_what_is_not_measured_does_not_make_it_stale():
    document = set_parameter(restored_document(), "texture.texture_gain.amount_percent", 150.0)
    assert remeasuring.stale(restoration.with_sensitivity(document, 90)) is None


def test_what_cannot_be_measured_is_not_offered():
    document = delete_layer(moved(restored_document(), 3), "texture")
    assert remeasuring.stale(document) is None
    with pytest.raises(ValueError, match="was deleted: undo that first"):
        again(document)


# -- again


@pytest.mark.slow
def test_the_same_pictures_give_the_same():
    document = restored()
    steps: list[str] = []
    new = again(document, steps)
    assert "Aligning" in steps
    assert "Finding removed blemishes" in steps
    assert new.sources == document.sources
    assert msgspec.structs.replace(new.analysis, mask="") == msgspec.structs.replace(
        document.analysis, mask=""
    )
    assert new.analysis.mask == find(new, "texture").mask.painted.tiles.id
    assert np.array_equal(render(new), render(document))


@pytest.mark.slow
def test_what_the_user_set_stays():
    session = Session(restored(), title="sample")
    assert len(session.document.analysis.spots) > 3
    kept = restoration.decisions(session.document.analysis)
    restoration.toggle(session, [1])
    session.set("texture.texture_gain.amount_percent", 140.0, "Texture")
    session.set("texture.mask.loss.enabled", False, "Mask")
    session.set(restoration.radius_path(session.document), 7.25, "Radius")
    new = again(session.document)
    assert new.analysis.spots[1].kept_out is not kept[1]
    assert new.analysis.sensitivity == 60
    assert restoration.setting(new, "texture.texture_gain.amount_percent")[1] == 140
    assert restoration.setting(new, restoration.radius_path(new))[1] == 7.25
    assert [part.enabled for part in restoration.mask_parts(new)] == [True, False, True, True]


@pytest.mark.slow
def test_what_was_painted_on_the_skins_mask_stays():
    document = restored()
    before = find(document, "texture").mask.painted.tiles
    assert restoration.given_mask(document) is None
    painted = before.written(0, 0, np.full((1, 50, 680), 65535, np.uint16))
    document = with_tiles(document, "texture", painted)
    new = again(again(document))
    assert np.array_equal(find(new, "texture").mask.painted.tiles.to_array(), painted.to_array())
    assert np.array_equal(restoration.given_mask(new), painted.to_array()[0])
    assert remeasuring.PAINT_STAYED in again(document).analysis.notes
    assert len(new.analysis.spots) > 3


@pytest.mark.slow
def test_a_moved_picture_is_laid_back_on_the_original():
    document = moved(restored(), 6)
    new = again(document)
    layer = find(new, "retouched")
    assert isinstance(layer, PixelLayer)
    assert (layer.source, layer.transform.is_identity) == ("retouched", True)
    before, after = (d.source("retouched").colour.array.astype(float) for d in (restored(), new))
    assert np.abs(before - after)[:, 20:-20, 20:-20].mean() < 0.01 * 65535
    assert remeasuring.stale(new) is None
    assert new.analysis.alignment is not None
    assert restoration.alignment_state(new) == "aligned"
    assert new.source("unaligned").colour == restored().source("retouched").colour


@pytest.mark.slow
def test_as_opened_is_measured_as_it_lies():
    session = Session(again(moved(restored(), 6)), title="sample")
    restoration.set_alignment(session, "opened")
    assert "on the aligned picture" in (remeasuring.stale(session.document) or "")
    new = again(session.document)
    assert remeasuring.stale(new) is None
    assert restoration.alignment_state(new) == "opened"
    assert new.analysis.alignment is None
    assert new.sources == session.document.sources


@pytest.mark.slow
def test_texture_is_shown_when_the_pictures_match_again():
    sample = restored()
    off = np.roll(sample.source("retouched").colour.array, 14, axis=2)
    original = Pixels(soft_on_the_right())
    document = build(Materials(original=original, retouched=Pixels(off)), AutoOptions())
    shown = again(document)
    for key in ("texture", "own_texture"):
        assert (find(document, key).visible, find(shown, key).visible) == (False, True)
    hidden = set_parameter(shown, "texture.visible", False)
    assert not find(again(hidden), "texture").visible, "the user's decision"


@pytest.mark.slow
def test_another_photograph_is_refused():
    document = restored()
    other = np.random.default_rng(1).integers(
        0, 65535, document.source("retouched").colour.array.shape, np.uint16
    )
    other = np.stack([cv2.GaussianBlur(p, (0, 0), 9) for p in other])
    sources = tuple(
        msgspec.structs.replace(s, colour=Pixels(other)) if s.key == "retouched" else s
        for s in document.sources
    )
    with pytest.raises(ValueError, match="Retouched cannot be aligned"):
        again(msgspec.structs.replace(document, sources=sources))


@pytest.mark.slow
def test_it_can_be_given_up():
    def tell(step: str, _done: float) -> None:
        if step == "Finding the skin":
            raise Cancelled

    with pytest.raises(Cancelled):
        remeasuring.measured_again(restored(), cache=Cache(64 << 20), tell=tell)


@pytest.mark.slow
def test_a_blemish_that_was_added_stays():
    document = restored()
    taken = [(s.x_px, s.y_px) for s in document.analysis.spots]
    x, y = next(
        (x, y) for x in range(240, 440, 20) for y in range(240, 440, 20)
        if min(np.hypot(x - a, y - b) for a, b in taken) > 25
    )  # fmt: skip
    new = again(with_blemish(document, x, y, 8.0))
    (spot,) = (each for each in new.analysis.spots if each.kind == restoration.ADDED)
    assert (spot.x_px, spot.y_px, spot.kept_out) == (x, y, True)
    assert find(new, "donor").tiles.to_array()[3, y, x] == plane(new, "donor", 0)[0, y, x] == 65535
    let_back = msgspec.structs.replace(spot, kept_out=False)
    spots = tuple(let_back if each == spot else each for each in new.analysis.spots)
    decided = restoration.with_decisions(new, msgspec.structs.replace(new.analysis, spots=spots))
    assert again(decided).analysis.spots[-1] == let_back


def test_decisions_go_with_their_places():
    old = (Spot(50, 50, 6, 9, kept_out=False), Spot(90, 50, 6, 9), Spot(150, 50, 6, 9, kept_out=True))
    new = (Spot(90, 50, 6, 9), Spot(52, 49, 5, 8), Spot(190, 50, 6, 7))
    assert [s.kept_out for s in remeasuring._decided(old, new)] == [None, False, None]
    assert remeasuring._decided(old, ()) == ()


# -- what is made beside the texture


def with_picture(document: Document, key: str, planes: np.ndarray) -> Document:
    sources = tuple(
        msgspec.structs.replace(s, colour=Pixels(planes)) if s.key == key else s for s in document.sources
    )
    return msgspec.structs.replace(document, sources=sources)


def fresh(document: Document, **options: Any) -> Document:
    """Return what the recipe makes of the document's pictures."""
    original, retouched = (document.source(key).colour for key in ("original", "retouched"))
    alignment = align(original.array, retouched.array)
    materials = Materials(original=original, retouched=retouched, alignment=alignment)
    return build(materials, AutoOptions(sensitivity=60, **options))


def soft_on_the_right() -> np.ndarray:
    """The original, half of the face out of focus."""
    planes = restored().source("original").colour.array.copy()
    planes[:, :, 340:] = np.stack([cv2.GaussianBlur(p, (0, 0), 4) for p in planes])[:, :, 340:]
    return planes


def relit(planes: np.ndarray) -> np.ndarray:
    """A picture under other light: texture follows all of it."""
    return (planes * np.linspace(0.6, 1, planes.shape[2])).astype(np.uint16)


def keys(document: Document) -> list[str]:
    return [layer.key for layer in document.layers]


@pytest.mark.slow
def test_the_faces_own_texture_comes_and_goes_as_it_is_needed():
    document = restored()
    assert keys(document) == ["retouched", "texture"]
    soft = again(with_picture(document, "original", soft_on_the_right()))
    wanted = fresh(soft)
    assert keys(soft) == keys(wanted) == ["retouched", "texture", "own_texture"]
    assert np.array_equal(render(soft), render(wanted))
    assert any("layer Own texture" in note for note in soft.analysis.notes)
    sharp = again(with_picture(soft, "original", document.source("original").colour.array))
    assert keys(sharp) == ["retouched", "texture"]
    assert not any(source.key == "own_texture" for source in sharp.sources)
    assert np.array_equal(render(sharp), render(document))
    assert keys(again(delete_layer(soft, "own_texture"))) == ["retouched", "texture"], "the user's decision"


@pytest.mark.slow
def test_the_users_own_settings_of_made_texture_stay():
    made = again(with_picture(restored(), "original", soft_on_the_right()))
    made = set_parameter(made, "own_texture.opacity", 0.4)
    made = set_parameter(made, "own_texture.mask.skin.enabled", False)
    darker = with_picture(made, "original", soft_on_the_right() // 2)
    new, wanted = again(darker), fresh(darker)
    assert find(new, "own_texture").opacity == 0.4
    assert [part.enabled for part in find(new, "own_texture").mask.components] == [False, True]
    texture = [document.source("own_texture").colour.array for document in (new, wanted, made)]
    assert np.array_equal(texture[0], texture[1])
    assert not np.array_equal(texture[0], texture[2])


@pytest.mark.slow
def test_background_grain_is_matched_anew_where_it_was_asked_for():
    rng = np.random.default_rng(5)
    clean = restored().source("original").colour.array

    def noisy(strength: float) -> np.ndarray:
        return np.clip(clean + rng.normal(0, strength, clean.shape[1:]), 0, 65535).astype(np.uint16)

    first, second = (with_picture(restored(), "original", noisy(strength)) for strength in (600, 1200))
    document = fresh(first, grain=True)
    assert keys(document)[-1] == "grain"
    new = again(with_picture(document, "original", second.source("original").colour.array))
    wanted = fresh(second, grain=True)
    assert np.array_equal(new.source("grain").colour.array, wanted.source("grain").colour.array)
    assert np.array_equal(plane(new, "grain", 0), plane(wanted, "grain", 0))
    assert not np.array_equal(plane(new, "grain", 0), plane(document, "grain", 0))
    assert "grain" not in keys(again(second))


@pytest.mark.slow
def test_how_far_texture_follows_the_light_is_measured_unless_it_was_set():
    document = restored()
    path = restoration.relight_path(document)
    new_light = relit(document.source("retouched").colour.array)
    by_hand = set_parameter(document, path, -0.25)
    new, kept = (again(with_picture(each, "retouched", new_light)) for each in (document, by_hand))
    wanted = fresh(new)
    assert restoration.setting(new, path)[1] == restoration.setting(wanted, path)[1] == new.analysis.relight
    assert new.analysis.relight > document.analysis.relight + 0.1
    assert restoration.setting(kept, path)[1] == -0.25
    assert np.array_equal(render(new), render(wanted))


# -- whose shape is kept


def bent(planes: np.ndarray) -> np.ndarray:
    """A picture with the middle of the face drawn to one side."""
    y, x = np.mgrid[: planes.shape[1], : planes.shape[2]].astype(np.float32)
    away = 6 * np.exp(-(np.square(x - 340) + np.square(y - 340)) / (2 * 80**2))
    return np.stack([cv2.remap(p, x + away, y, cv2.INTER_CUBIC) for p in planes])


@pytest.mark.slow
def test_the_other_shape_is_kept_and_the_first_one_again():
    liquified = bent(restored().source("retouched").colour.array)
    straight = again(with_picture(restored(), "retouched", liquified))
    assert straight.analysis.alignment.bend_px == pytest.approx(6, abs=0.6)
    assert restoration.BEND_REMEDY in restoration.alignment_words(straight.analysis.alignment, 800)
    assert restoration.other_shape_problem(straight) is None

    kept = again(straight, grid="retouched")
    assert restoration.grid_of(kept) == kept.analysis.alignment.grid == "retouched"
    assert kept.analysis.alignment.bend_px == pytest.approx(6, abs=0.6)
    assert np.array_equal(kept.source("retouched").colour.array, liquified)
    assert [s.key for s in kept.sources] == ["original", "retouched", "unaligned_original"]
    assert kept.source("unaligned_original").colour == restored().source("original").colour
    wanted = bent(restored().source("original").colour.array).astype(float)
    off = np.abs(kept.source("original").colour.array - wanted)[:, 200:480, 200:480].mean()
    unbent = np.abs(restored().source("original").colour.array - wanted)[:, 200:480, 200:480].mean()
    assert off < unbent / 4
    assert remeasuring.stale(kept) is None
    assert restoration.BEND_REMEDY not in restoration.alignment_words(kept.analysis.alignment, 800)

    # Texture is fitted from the original as it was opened: once, however often it is measured.
    assert np.array_equal(render(again(kept)), render(kept))
    back = again(kept, grid="original")
    assert restoration.grid_of(back) == "original"
    assert np.array_equal(render(back), render(straight))
    assert {s.key for s in back.sources} == {"original", "retouched", "unaligned"}


def test_the_shape_of_a_picture_of_another_size_is_not_kept():
    document = restored_document(unaligned=(60, 120))
    problem = restoration.other_shape_problem(document)
    assert problem is not None
    assert "60 x 120 px" in problem
    with pytest.raises(ValueError, match="open the two pictures again"):
        again(document, grid="retouched")


@pytest.mark.slow
def test_the_plates_texture_is_laid_again() -> None:
    document = restored()
    original = document.source("original").colour.array
    soft = np.stack([cv2.GaussianBlur(p, (0, 0), 4) for p in original])
    rng = np.random.default_rng(4)
    pits = np.rint(32768 + 9000 * cv2.GaussianBlur(rng.standard_normal((200, 200)), (0, 0), 1.2))
    materials = Materials(
        original=Pixels(soft),
        retouched=document.source("retouched").colour,
        pores=Pixels(pits.clip(0, 65535).astype(np.uint16)[None]),
    )
    laid = set_parameter(build(materials, AutoOptions()), "plate.texture_gain.amount_percent", 60.0)
    remade = again(laid)
    assert [layer.key for layer in remade.layers] == ["retouched", "texture", "plate"]
    before, after = (each.source("plate").colour.array[1].ravel() for each in (laid, remade))
    assert np.corrcoef(before, after)[0, 1] > 0.9
    assert find(remade, "plate").filters[0].filter.amount_percent == 60
    without = again(delete_layer(laid, "plate"))
    assert [layer.key for layer in without.layers] == ["retouched", "texture"], "neither it nor Own texture"
