"""Selections as steps of a session, masks made of them, painting within them, and Quick Mask."""

from collections.abc import Callable

import numpy as np
import pytest

from retexture.document.document import Document, find
from retexture.document.layers import FillLayer, LayerMask, PaintLayer, RasterMask
from retexture.document.pixels import Tiles
from retexture.filters.gaussian_blur import GaussianBlur
from retexture.filters.invert import Invert
from retexture.session import filter_edits, layer_edits, masks, pictures, selection_edits
from retexture.session.brush import Brush
from retexture.session.colour_selection import as_mask
from retexture.session.look import Look
from retexture.session.painting import paint_surface, painted
from retexture.session.selections import FULL, everything, feathered, from_plane, inverted, nothing, rectangle
from retexture.session.session import Session
from retexture.session.strokes import Stroke
from tests.document.documents import samples

SIZE = (300, 270)
SOFT = feathered(rectangle(SIZE, (40, 40), (200, 180)), 6)


def session(depth: int = 16) -> Session:
    mask_type = "uint8" if depth == 8 else "uint16"
    grey = FillLayer(key="grey", name="Grey")
    masked = FillLayer(
        key="masked",
        name="Masked",
        mask=LayerMask(
            painted=RasterMask(Tiles.from_array(samples((1, 270, 300), mask_type, 7)), feather_px=3)
        ),
    )
    paint = PaintLayer(
        key="paint",
        name="Paint",
        tiles=Tiles(*SIZE, background=(0, 0, 0, 0), dtype="uint8" if depth == 8 else "uint16"),
    )
    document = Document(width_px=300, height_px=270, depth=depth, layers=(grey, masked, paint))  # type: ignore[arg-type]
    return Session(document, title="test")


def test_each_step_can_be_undone_and_redone() -> None:
    made = session()
    start = made.document
    selection_edits.select_all(made)
    selection_edits.select(made, "Rectangle", SOFT)
    selection_edits.select(made, "Deselect", None)
    labels = [version.label for version in made.history.versions]
    assert labels == ["Open", "Select All", "Rectangle", "Deselect"]
    made.undo()
    assert made.document.selection is SOFT
    made.undo()
    assert made.document.selection is not None
    assert made.document.selection.background == (FULL,)
    made.undo()
    assert made.document is start
    made.redo()
    made.redo()
    assert made.document.selection is SOFT


def test_what_was_selected_last_is_found() -> None:
    made = session()
    assert selection_edits.last_selection(made) is None
    selection_edits.select(made, "Rectangle", SOFT)
    assert selection_edits.last_selection(made) is None
    selection_edits.select(made, "Deselect", None)
    made.set("grey.opacity", 0.5, "Opacity")
    assert selection_edits.last_selection(made) is SOFT


def test_deselecting_nothing_is_no_step() -> None:
    made = session()
    selection_edits.select(made, "Deselect", None)
    assert len(made.history.versions) == 1


# -- masks


@pytest.mark.parametrize("depth", [8, 16, 32])
@pytest.mark.parametrize("hide", [False, True])
def test_a_mask_of_the_selection(depth, hide) -> None:
    made = session(depth)
    selection_edits.select(made, "Rectangle", SOFT)
    selection_edits.add_mask(made, "grey", hide=hide)
    mask = find(made.document, "grey").mask
    assert mask is not None
    assert mask.painted is not None
    levels = mask.painted.tiles.to_array() / (255 if depth == 8 else FULL)
    wanted = (inverted(SOFT) if hide else SOFT).to_array() / FULL
    assert np.abs(levels - wanted).max() <= (0.5 / 255 + 1e-6 if depth == 8 else 0)
    assert made.document.selection is None
    assert (made.active, made.target) == ("grey", "mask")
    made.undo()
    assert made.document.selection is SOFT


def test_saved_in_place_of_a_mask() -> None:
    made = session()
    selection_edits.select(made, "Rectangle", SOFT)
    selection_edits.save_mask(made, "masked")
    mask = find(made.document, "masked").mask
    assert mask is not None
    assert mask.painted == RasterMask(SOFT)
    assert made.document.selection is SOFT
    selection_edits.save_mask(made, "grey")
    assert find(made.document, "grey").mask == LayerMask(painted=RasterMask(SOFT))


def test_what_cannot_be_is_told() -> None:
    made = session()
    with pytest.raises(ValueError, match="Select something first"):
        selection_edits.add_mask(made, "grey")
    with pytest.raises(ValueError, match="Select something first"):
        selection_edits.save_mask(made, "grey")
    selection_edits.select(made, "Rectangle", SOFT)
    with pytest.raises(ValueError, match="Masked has a painted mask already"):
        selection_edits.add_mask(made, "masked")
    layer_edits.set_locked(made, ("grey",), True)
    for change in (selection_edits.add_mask, selection_edits.save_mask):
        with pytest.raises(ValueError, match="Grey is locked"):
            change(made, "grey")


def test_a_filter_gets_a_mask_of_the_selection() -> None:
    made = session()
    filter_edits.add_filter(made, "paint", GaussianBlur)
    selection_edits.select(made, "Rectangle", SOFT)
    filter_edits.add_filter(made, "paint", GaussianBlur)
    first, second = find(made.document, "paint").filters  # type: ignore[union-attr]
    assert first.mask is None
    assert second.mask == RasterMask(SOFT)


# -- painting


@pytest.mark.parametrize("target", ["mask", "layer"])
@pytest.mark.parametrize("depth", [8, 16])
def test_painting_keeps_to_the_selection_exactly(target, depth) -> None:
    """What is painted is mixed with what was there by the coverage times the selection."""
    made = session(depth)
    selection_edits.select(made, "Rectangle", SOFT)
    made.select("masked" if target == "mask" else "paint", target)
    surface = paint_surface(made)
    assert surface.selection is SOFT
    value = (1.0,) if target == "mask" else (0.2, 0.5, 0.9)
    brush = Brush(size_px=60, hardness=0.3, opacity=0.7, flow=0.5, smoothing=0)

    def stroked(through: Tiles | None, tiles: Tiles, paint: tuple[float, ...]) -> np.ndarray:
        stroke = Stroke(tiles, brush, paint, through)
        for step, place in enumerate([(20, 30), (120, 100), (260, 220)]):
            (stroke.move if step else stroke.begin)(*place)
        stroke.finish()
        return stroke.tiles.to_array()

    coverage = stroked(None, masks.black(*SIZE, np.float32), (1.0,))[0]
    amount = coverage * (SOFT.to_array()[0] / FULL)
    top = 255 if depth == 8 else FULL
    before = surface.tiles.to_array().astype(float)
    found = stroked(SOFT, surface.tiles, value)
    if target == "mask":
        assert np.abs(found[0] - (before[0] + (top - before[0]) * amount)).max() < 0.52
    else:
        assert np.abs(found[3] - top * amount).max() < 0.52
        # Of an opaque colour over nothing, the colour is itself wherever there is any.
        there = found[3] > 0
        for plane, level in zip(found, value, strict=False):
            assert np.abs(plane[there] - level * top).max() < 0.52
    assert np.array_equal(found[:, SOFT.to_array()[0] == 0], before[:, SOFT.to_array()[0] == 0])


def test_an_empty_selection_says_why_nothing_is_painted() -> None:
    made = session()
    made.select("paint")
    selection_edits.select(made, "Nothing", nothing(SIZE))
    with pytest.raises(ValueError, match="deselect with Ctrl"):
        paint_surface(made)


# -- Quick Mask


def stroke_on(tiles: Tiles) -> Tiles:
    stroke = Stroke(tiles, Brush(size_px=50, hardness=0.5, smoothing=0), (0.0,))
    stroke.begin(80, 90)
    stroke.move(230, 160)
    stroke.finish()
    return stroke.tiles


@pytest.mark.parametrize("before", [None, SOFT])
def test_in_quick_mask_a_stroke_is_the_selection(before) -> None:
    made = session()
    if before is not None:
        selection_edits.select(made, "Rectangle", before)
    made.set_quick_mask(True)
    surface = paint_surface(made)
    assert (surface.key, surface.mask, surface.selection) == (None, True, None)
    start = everything(SIZE) if before is None else before
    assert np.array_equal(surface.tiles.to_array(), start.to_array())
    gesture = made.begin("Brush stroke")
    gesture.update(painted(gesture.document, None, "mask", stroke_on(surface.tiles)))
    gesture.commit()
    selection = made.document.selection
    assert selection is not None
    assert np.array_equal(selection.to_array(), stroke_on(start).to_array())
    assert made.document.layers is made.history.versions[0].document.layers
    made.undo()
    assert made.document.selection is before


def test_quick_mask_needs_no_layer_and_no_lock_stops_it() -> None:
    made = session()
    layer_edits.set_locked(made, ("grey", "masked", "paint"), True)
    made.set_quick_mask(True)
    assert paint_surface(made).key is None
    made.select(None)
    assert paint_surface(made).key is None


def test_quick_mask_that_is_red_everywhere_deselects() -> None:
    made = session()
    made.set_quick_mask(True)
    made.edit("Fill", lambda document: painted(document, None, "mask", nothing(SIZE)))
    assert selection_edits.end_quick_mask(made) == "Nothing is selected: the Quick Mask was red everywhere"
    assert made.document.selection is None
    assert not made.quick_mask
    made.set_quick_mask(True)
    made.edit("Fill", lambda document: painted(document, None, "mask", SOFT))
    assert selection_edits.end_quick_mask(made) is None
    assert made.document.selection is SOFT


def test_the_film_lies_where_nothing_is_selected() -> None:
    made = session()
    look = Look()
    made.set_quick_mask(True)
    assert look.picture(made, pictures.RESULT).document == made.document
    selection_edits.select(made, "Rectangle", SOFT)
    shown = look.picture(made, pictures.RESULT).document
    film = shown.layers[-1]
    assert isinstance(film, FillLayer)
    assert film.mask == LayerMask(painted=RasterMask(SOFT, inverted=True))
    assert shown.layers[:-1] == made.document.layers
    made.set_quick_mask(False)
    assert look.picture(made, pictures.RESULT).document is made.document


def test_leaving_and_entering_quick_mask_is_told() -> None:
    made = session()
    told: list[bool] = []
    made.subscribe(lambda update: told.append(update.selection))
    made.set_quick_mask(True)
    made.set_quick_mask(True)
    made.set_quick_mask(False)
    assert told == [True, True]


def test_history_counts_what_selections_hold() -> None:
    made = session()
    one = from_plane(samples((270, 300), seed=1), SIZE)
    selection_edits.select(made, "One", one)
    selection_edits.select(made, "Two", from_plane(samples((270, 300), seed=2), SIZE))
    assert made.history.bytes_used == one.nbytes


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize(
    "new", [layer_edits.new_fill_layer, lambda s: layer_edits.new_adjustment_layer(s, Invert)]
)
def test_what_covers_the_picture_is_masked_by_the_selection(
    depth: int, new: Callable[[Session], None]
) -> None:
    made = session(depth)
    selection_edits.select(made, "Rectangle", SOFT)
    new(made)
    layer = made.active_layer
    assert layer is not None
    assert layer.mask is not None
    assert layer.mask.painted is not None
    assert layer.mask.painted.tiles.dtype == ("uint8" if depth == 8 else "uint16")
    plain = as_mask(SOFT, made.document).to_array()
    assert np.array_equal(layer.mask.painted.tiles.to_array(), plain)
    assert 0 < plain.mean() < plain.max()
    assert (made.target, made.document.selection) == ("mask", None)
    made.undo()
    assert made.document.selection is SOFT


def test_new_paint_layers_and_groups_leave_the_selection() -> None:
    made = session()
    selection_edits.select(made, "Rectangle", SOFT)
    for new in (layer_edits.new_paint_layer, layer_edits.new_group):
        new(made)
        assert made.active_layer is not None
        assert made.active_layer.mask is None
        assert made.document.selection is SOFT
