"""Edit > Fill, and pictures placed as layers."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from retexture.document.document import Document, find
from retexture.document.edits import replace_layer
from retexture.document.layers import FillLayer, LayerMask, PaintLayer, PixelLayer, RasterMask
from retexture.document.pixels import Tiles
from retexture.document.tree import placement
from retexture.errors import InputError
from retexture.files.images import Image
from retexture.render.render import flatten
from retexture.session import masks
from retexture.session.fill import clearable, cleared, filled, is_empty
from retexture.session.painting import painted
from retexture.session.place import placed
from retexture.session.selections import rectangle
from retexture.session.session import Session

WIDTH, HEIGHT = 300, 20
"""Two tiles wide."""


def document(
    selection: Tiles | None = None, colour: tuple[int, ...] = (0, 0, 0, 0), depth: int = 16
) -> Document:
    dtype = {8: "uint8", 16: "uint16", 32: "float32"}[depth]
    paint = PaintLayer(
        key="paint", name="Paint", opacity=0.5, tiles=Tiles(WIDTH, HEIGHT, background=colour, dtype=dtype)
    )
    white = FillLayer(key="white", name="White", colour=(1, 1, 1))
    return Document(
        width_px=WIDTH,
        height_px=HEIGHT,
        depth=depth,  # type: ignore[arg-type]
        layers=(white, paint),
        selection=selection,
    )


def test_grey_on_an_empty_layer_is_the_exact_neutral():
    after, key = filled(document(), "paint", None)
    layer = find(after, "paint")
    assert isinstance(layer, FillLayer)
    assert (key, layer.colour, layer.opacity, layer.name) == ("paint", None, 0.5, "Paint")


@pytest.mark.parametrize(("depth", "level"), [(8, 128), (16, 32768), (32, 0.5)])
def test_grey_on_painted_pixels_is_painted(depth: int, level: float):
    white = {8: 255, 16: 65535, 32: 1}[depth]
    after, _ = filled(document(colour=(white, 0, 0, white), depth=depth), "paint", None)
    layer = find(after, "paint")
    assert isinstance(layer, PaintLayer)
    assert layer.tiles.background == (level, level, level, white)


def test_only_what_is_selected_is_filled():
    area = rectangle((WIDTH, HEIGHT), (250, 5), (270, 15))
    after, _ = filled(document(area), "paint", (1.0, 0.0, 0.0))
    layer = find(after, "paint")
    assert isinstance(layer, PaintLayer)
    planes = layer.tiles.to_array()
    inside = np.zeros((HEIGHT, WIDTH), bool)
    inside[5:15, 250:270] = True
    np.testing.assert_array_equal(planes[3], inside * 65535)
    np.testing.assert_array_equal(planes[0], inside * 65535)
    assert not planes[1:3].any()


def test_a_fill_layer_changes_its_colour_or_gets_another_one_where_something_is_selected():
    after, key = filled(document(), "white", (0.0, 0.0, 0.0))
    assert (key, find(after, "white").colour) == ("white", (0.0, 0.0, 0.0))
    area = rectangle((WIDTH, HEIGHT), (0, 0), (10, HEIGHT))
    after, key = filled(document(area), "white", (0.0, 0.0, 0.0))
    assert [layer.key for layer in after.layers] == ["white", key, "paint"]
    colour, _ = flatten(after)
    assert not colour[:, :, :10].any()
    assert (colour[:, :, 10:] == 65535).all()


def test_a_locked_layer_is_not_filled():
    locked = document()
    layers = (locked.layers[0], msgspec.structs.replace(locked.layers[1], locked=True))
    with pytest.raises(ValueError, match="Paint is locked"):
        filled(msgspec.structs.replace(locked, layers=layers), "paint", None)


def test_transparent_paint_is_empty():
    tiles = Tiles(4, 4, background=(0, 0, 0, 0))
    assert is_empty(tiles)
    assert is_empty(tiles.written(0, 0, np.array([9, 9, 9, 0], np.uint16)[:, None, None]))
    assert not is_empty(tiles.written(0, 0, np.array([0, 0, 0, 1], np.uint16)[:, None, None]))


# -- place


def test_a_picture_is_placed_in_the_middle_above_a_layer():
    red = np.zeros((3, 10, 100), np.uint8)
    red[0] = 255
    after, key = placed(document(), Image(colour=red, path=Path("patch.png")), "white")
    layer = find(after, key)
    assert isinstance(layer, PixelLayer)
    assert (key, layer.x_px, layer.y_px) == ("patch", 100, 5)
    assert [each.key for each in after.layers] == ["white", "patch", "paint"]
    colour, _ = flatten(after)
    assert (colour[:, 5:15, 100:200] == np.array([65535, 0, 0])[:, None, None]).all()
    assert (colour[:, :5] == 65535).all()


def test_a_larger_picture_is_fitted_into_the_canvas():
    white = np.full((3, 80, 600), 255, np.uint8)
    after, key = placed(document(), Image(colour=white, path=Path("wide.png")), None)
    layer = find(after, key)
    assert isinstance(layer, PixelLayer)
    assert (layer.transform.scale_x, layer.transform.scale_y) == (0.25, 0.25)
    left, top, right, bottom = placement(after, layer).bounds()
    assert (left, top, right, bottom) == (75, 0, 225, 20)


def test_grey_and_transparent_pictures_fit_in():
    grey = np.full((1, HEIGHT, WIDTH), 128, np.uint8)
    alpha = np.zeros((HEIGHT, WIDTH), np.uint8)
    alpha[:, :150] = 255
    after, _ = placed(document(), Image(colour=grey, alpha=alpha, path=Path("veil.png")), None)
    colour, _ = flatten(after)
    assert (colour[:, :, :150] == 128 * 257).all()
    assert (colour[:, :, 150:] == 65535).all()


def test_a_colour_picture_is_no_part_of_a_grey_document():
    grey = msgspec.structs.replace(document(), mode="grey")
    with pytest.raises(InputError, match="grey"):
        placed(grey, Image(colour=np.zeros((3, 5, 5), np.uint8), path=Path("red.png")), None)


# -- Edit > Clear

AREA = rectangle((WIDTH, HEIGHT), (250, 5), (270, 15))


def clear(session: Session) -> Document:
    surface = clearable(session)
    return painted(session.document, surface.key, surface.target, cleared(surface))


@pytest.mark.parametrize("depth", [8, 16, 32])
def test_selected_pixels_become_transparent(depth: int):
    white = {8: 255, 16: 65535, 32: 1}[depth]
    session = Session(document(AREA, (white, 0, 0, white), depth), title="")
    layer = find(clear(session), "paint")
    assert isinstance(layer, PaintLayer)
    alpha = layer.tiles.to_array()[3]
    inside = AREA.to_array()[0] > 0
    assert not alpha[inside].any()
    assert (alpha[~inside] == white).all()


def test_a_mask_becomes_black_where_it_is_selected():
    tiles = masks.white(WIDTH, HEIGHT)
    before = document(AREA)
    layer = msgspec.structs.replace(find(before, "white"), mask=LayerMask(painted=RasterMask(tiles=tiles)))
    session = Session(replace_layer(before, "white", layer), title="")
    session.select("white", "mask")
    after = find(clear(session), "white").mask.painted.tiles.to_array()[0]
    assert np.array_equal(after, 65535 - AREA.to_array()[0])
    session.select("white")
    with pytest.raises(ValueError, match="White keeps its pixels: click its mask"):
        clearable(session)


def test_what_cannot_be_cleared_is_said():
    session = Session(document(), title="")
    with pytest.raises(ValueError, match="Select what to clear first; a layer is deleted by Delete in"):
        clearable(session)
    session = Session(document(AREA), title="")
    session.set_quick_mask(True)
    with pytest.raises(ValueError, match="Select what to clear first"):
        clearable(session)
    session.set_quick_mask(False)
    session.select("white")
    with pytest.raises(ValueError, match="White keeps its pixels: hide them by Layer > Layer Mask > Hide"):
        clearable(session)
    session.set("paint.locked", True, "Lock")
    session.select("paint")
    with pytest.raises(ValueError, match="Paint is locked"):
        clearable(session)
