"""Plates of a folder, and where one is placed; texture from the patch that is selected."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from retexture.document.check import check
from retexture.document.document import Document, Source, find
from retexture.document.layers import AdjustmentLayer, FillLayer, PixelLayer
from retexture.document.pixels import Pixels
from retexture.engine.modes import BlendMode
from retexture.files.images import read_image, write_image
from retexture.filters.invert import Invert
from retexture.render.cache import Cache
from retexture.render.render import render
from retexture.session import selections
from retexture.session.grafting import grafted
from retexture.session.plates import (
    PlateSettings,
    face_width,
    placed_plate,
    plate_files,
    read_plate,
    scale_of,
)
from tests.texture.test_pores import skin

WIDTH, HEIGHT = 500, 400


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    plate = np.rint(np.clip(skin(12, 480), 0, 1) * 65535).astype(np.uint16)
    write_image(tmp_path / "skin.tif", np.stack([plate] * 3))
    write_image(tmp_path / "Flat.png", np.full((3, 200, 200), 128, np.uint8))
    (tmp_path / "broken.png").write_bytes(b"no picture")
    (tmp_path / "notes.txt").write_text("no plate")
    return tmp_path


def document(**more: object) -> Document:
    picture = np.rint(np.clip(skin(20, 500, seed=3)[:HEIGHT], 0, 1) * 65535).astype(np.uint16)
    return Document(
        width_px=WIDTH,
        height_px=HEIGHT,
        layers=(
            PixelLayer(key="base", name="Base", source="base"),
            FillLayer(key="fill", name="Fill", opacity=0.5),
        ),
        sources=(Source("base", "Base", Pixels(np.stack([picture] * 3))),),
        **more,
    )


def selected(x: int, y: int, right: int, bottom: int, **more: object) -> Document:
    return document(selection=selections.rectangle((WIDTH, HEIGHT), (x, y), (right, bottom)), **more)


def test_pictures_of_a_folder_are_found(folder: Path) -> None:
    assert [path.name for path in plate_files(folder)] == ["broken.png", "Flat.png", "skin.tif"]
    assert plate_files(folder / "missing") == ()


def test_a_plate_is_read_with_its_pores(folder: Path) -> None:
    plate = read_plate(folder / "skin.tif")
    assert plate.pore_px == pytest.approx(12, rel=0.05)
    assert plate.thumbnail is not None
    assert plate.thumbnail.shape == (112, 112, 4)
    flat = read_plate(folder / "Flat.png")
    assert flat.pore_px is None
    assert flat.thumbnail is not None
    assert "no pores" in flat.problem
    broken = read_plate(folder / "broken.png")
    assert broken.thumbnail is None
    assert "broken.png" in broken.problem


def test_the_scale_makes_the_pores_as_large_as_wanted() -> None:
    settings = PlateSettings(pores_per_face=100, face_width_px=1000)
    assert scale_of(20, settings) == 0.5
    assert scale_of(None, settings) == 1
    assert scale_of(1e9, settings) == 0.1
    assert scale_of(1e-9, settings) == 10


def test_the_face_is_as_wide_as_the_selection() -> None:
    assert face_width(selected(100, 50, 380, 200)) == 280
    assert face_width(document()) == 250


def test_a_plate_is_placed_in_the_selection_and_adds_its_detail_once(folder: Path) -> None:
    before = selected(100, 50, 300, 250)
    settings = PlateSettings(pores_per_face=40, face_width_px=200)
    image = read_image(folder / "skin.tif")
    after, key = placed_plate(before, image, "base", settings, 12.0)
    check(after)
    layer = find(after, key)
    assert isinstance(layer, PixelLayer)
    assert (layer.blend_mode, layer.opacity) == (BlendMode.LINEAR_LIGHT, 0.5)
    assert layer.transform.scale_x == pytest.approx(5 / 12)
    centre = (layer.x_px + image.width / 2, layer.y_px + image.height / 2)
    assert centre == (200, 150)
    # Its pores are five pixels apart now: detail is added, no tone.
    shown = [
        msgspec.structs.replace(d, layers=tuple(l for l in d.layers if l.key != "fill"))
        for d in (before, after)
    ]
    change = np.diff([render(d, form="float")[0, 100:200, 150:250] for d in shown], axis=0)[0]
    assert abs(float(change.mean())) < 0.01
    assert 0.01 < float(change.std()) < 0.3


# -- grafts


def test_texture_comes_from_what_is_selected_under_a_black_mask() -> None:
    before = selected(50, 60, 170, 190)
    after, key, name = grafted(before, "base", 6.0, 1, cache=Cache(1 << 26))
    check(after)
    assert name == "Base"
    assert after.selection is None
    layer = find(after, key)
    assert isinstance(layer, PixelLayer)
    assert layer.blend_mode is BlendMode.LINEAR_LIGHT
    assert np.array_equal(render(after), render(before))
    texture = after.source(layer.source).colour.array / 65535 - 0.5
    patch = before.source("base").colour.array[:, 60:190, 50:170] / 65535
    assert texture.shape == (3, HEIGHT, WIDTH)
    assert abs(float(texture.mean())) < 0.002
    assert 0.3 < 2 * float(texture.std()) / float((patch - patch.mean()).std()) < 1.5


def test_the_original_is_taken_where_there_is_one() -> None:
    flat = np.full((3, HEIGHT, WIDTH), 30000, np.uint16)
    before = selected(50, 60, 170, 190)
    sources = (msgspec.structs.replace(before.sources[0], key="original"), Source("flat", "F", Pixels(flat)))
    layers = (PixelLayer(key="base", name="Base", source="flat"),)
    before = msgspec.structs.replace(before, sources=sources, layers=layers)
    after, key, name = grafted(before, "base", 6.0, 1, cache=Cache(1 << 26))
    assert name == "the original"
    layer = find(after, key)
    assert isinstance(layer, PixelLayer)
    assert after.source(layer.source).colour.array.std() > 100


@pytest.mark.parametrize("depth", [8, 32])
def test_other_depths_get_their_own_samples(depth: int) -> None:
    before = selected(50, 60, 170, 190)
    dtype, white = {8: (np.uint8, 255), 32: (np.float32, 1)}[depth]
    colour = (before.sources[0].colour.array / 65535 * white).astype(dtype)
    sources = (Source("base", "Base", Pixels(colour)),)
    after, _, _ = grafted(
        msgspec.structs.replace(before, depth=depth, sources=sources), "base", 6.0, 1, cache=Cache(1 << 26)
    )
    check(after)


def test_what_cannot_be_grafted_is_told() -> None:
    cache = Cache(1 << 26)
    with pytest.raises(ValueError, match="Select a patch"):
        grafted(document(), "base", 6.0, 1, cache=cache)
    with pytest.raises(ValueError, match="too small"):
        grafted(selected(50, 60, 60, 70), "base", 6.0, 1, cache=cache)
    flat = selected(50, 60, 170, 190)
    with pytest.raises(ValueError, match="no texture"):
        grafted(flat, "fill", 6.0, 1, cache=cache)
    inverted = msgspec.structs.replace(
        flat, layers=(*flat.layers, AdjustmentLayer(key="invert", name="Invert", adjustment=Invert()))
    )
    with pytest.raises(ValueError, match="Invert has no pixels"):
        grafted(inverted, "invert", 6.0, 1, cache=cache)
    small = PixelLayer(key="small", name="Small", source="base", x_px=100)
    beside = msgspec.structs.replace(flat, layers=(*flat.layers, small))
    with pytest.raises(ValueError, match="Small is transparent"):
        grafted(beside, "small", 6.0, 1, cache=cache)
