"""Pictures made ready for a recipe: one size, one profile, 16 bits, RGB; and what is said about it."""

import re
import threading
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from imagecodecs import cms_profile
from numpy.typing import NDArray

from retexture.errors import InputError
from retexture.files.colour import convert, srgb_icc
from retexture.files.images import Image
from retexture.recipes.materials import prepare
from retexture.recipes.measuring import measure
from retexture.sample import make_sample

ADOBE = cms_profile("adobergb")
GREY = cms_profile("gray", gamma=2.2)


def noise(dtype: Any, channels: int = 3, height: int = 40, width: int = 60, seed: int = 1) -> NDArray[Any]:
    rng = np.random.default_rng(seed)
    if dtype == np.float32:
        return rng.random((channels, height, width), np.float32)
    return rng.integers(0, np.iinfo(dtype).max, (channels, height, width), dtype=dtype, endpoint=True)


def image(colour: NDArray[Any], name: str = "a.tif", **more: Any) -> Image:
    return Image(colour=colour, path=Path(name), **more)


def test_16_bit_pictures_of_one_kind_are_taken_as_they_are():
    a, b = noise(np.uint16), noise(np.uint16, seed=2)
    materials, notes = prepare(image(a, icc=ADOBE), image(b, "b.tif", icc=ADOBE))
    assert notes == ()
    assert materials.retouched is not None
    assert materials.original.array is a  # nothing is copied
    assert materials.retouched.array is b
    assert materials.icc == ADOBE
    assert materials.names == ("a.tif", "b.tif")
    assert materials.mask is None
    assert materials.size == (60, 40)


def test_8_bits_are_widened_exactly():
    a = noise(np.uint8)
    materials, notes = prepare(image(a), image(a))
    assert notes == ()
    assert np.array_equal(materials.original.array, a.astype(np.uint16) * 257)


def test_floats_are_rounded_clipped_and_told():
    a = noise(np.float32)
    a[0, 0, :3] = (-0.5, 1.5, 0.25)
    materials, notes = prepare(image(a), image(noise(np.uint16)))
    wanted = np.rint(np.clip(a.astype(np.float64), 0, 1) * 65535)
    assert np.abs(materials.original.array - wanted).max() <= 1
    assert len(notes) == 1
    assert notes[0].startswith("a.tif: its 32-bit floats")


@pytest.mark.parametrize("grid", ["original", "retouched"])
def test_the_grid_owns_profile_and_metadata(grid: Any):
    a, b = noise(np.uint16), noise(np.uint16, seed=2)
    materials, notes = prepare(
        image(a, icc=ADOBE, metadata={"xmp": b"a"}),
        image(b, "b.tif", icc=srgb_icc(), metadata={"xmp": b"b"}),
        grid=grid,
    )
    assert materials.retouched is not None
    got = (materials.original.array, materials.retouched.array)
    if grid == "original":
        assert (materials.icc, materials.metadata) == (ADOBE, {"xmp": b"a"})
        assert got[0] is a
        assert np.array_equal(got[1], convert(b, srgb_icc(), ADOBE))
        assert not np.array_equal(got[1], b)
    else:
        assert (materials.icc, materials.metadata) == (srgb_icc(), {"xmp": b"b"})
        assert got[1] is b
        assert np.array_equal(got[0], convert(a, ADOBE, srgb_icc()))
    assert len(notes) == 1
    assert "is converted from its profile" in notes[0]


def test_no_profile_is_srgb_and_said_where_it_matters():
    a, b = noise(np.uint16), noise(np.uint16, seed=2)
    materials, notes = prepare(image(a, icc=srgb_icc()), image(b, "b.tif"))
    assert notes == ()
    assert materials.retouched is not None
    assert materials.retouched.array is b
    _, notes = prepare(image(a, icc=ADOBE), image(b, "b.tif"))
    assert "b.tif" in notes[0]
    assert "assumed" in notes[0]


@pytest.mark.parametrize("owner_icc", [None, ADOBE, GREY])
@pytest.mark.parametrize("other_icc", [None, GREY])
def test_grey_pictures_become_rgb(owner_icc: bytes | None, other_icc: bytes | None):
    """Neutral in, neutral out; where the grid's profile is for grey, sRGB takes its place."""
    grey = noise(np.uint16, channels=1)
    owner = noise(np.uint16, channels=1 if owner_icc == GREY else 3, seed=2)
    materials, notes = prepare(image(owner, icc=owner_icc), image(grey, "grey.tif", icc=other_icc))
    assert materials.retouched is not None
    assert materials.original.array.shape == materials.retouched.array.shape == (3, 40, 60)
    assert materials.icc == (srgb_icc() if owner_icc == GREY else owner_icc)
    spread = np.ptp(materials.retouched.array.astype(int), axis=0).max()
    assert spread <= 40  # of 65535: LittleCMS's own rounding of neutrals
    assert any("is grey" in note for note in notes) == (owner_icc == GREY)


@pytest.mark.parametrize(
    ("size", "method"), [((120, 80), cv2.INTER_AREA), ((30, 20), cv2.INTER_CUBIC), ((60, 41), cv2.INTER_AREA)]
)
def test_another_size_is_brought_to_the_grid(size: tuple[int, int], method: int):
    b = noise(np.uint16, width=size[0], height=size[1])
    materials, notes = prepare(image(noise(np.uint16)), image(b, "b.tif"))
    assert materials.retouched is not None
    wanted = np.stack([cv2.resize(plane, (60, 40), interpolation=method) for plane in b])
    assert np.array_equal(materials.retouched.array, wanted)
    assert len(notes) == 1
    assert f"{size[0]} x {size[1]} to 60 x 40 px" in notes[0]
    assert ("stretched" in notes[0]) == (size == (60, 41))


def test_sizes_keep_centres_in_place():
    """A ramp at half the size, enlarged, lies on the ramp: pixel centres are mapped, not corners.

    A pixel of the ramp is 1000; mapped corners would move it by half of one. OpenCV's cubic (a = -0.75) is
    itself up to a tenth of one off a straight line.
    """
    ramp = np.broadcast_to(np.linspace(1000, 60000, 60), (3, 40, 60)).astype(np.uint16)
    half = ramp.reshape(3, 20, 2, 30, 2).mean((2, 4)).astype(np.uint16)
    materials, _ = prepare(image(ramp.copy()), image(half, "b.tif"))
    assert materials.retouched is not None
    error = np.abs(materials.retouched.array.astype(int) - ramp)[:, :, 4:-4]
    assert error.max() <= 100


# --- aligned --------------------------------------------------------------------------------------


def drawn(width: int, height: int) -> NDArray[np.uint16]:
    """Return (3, height, width): detail of many sizes."""
    rng = np.random.default_rng(7)
    out = np.full((height, width, 3), 0.5, np.float32)
    for sigma in (2, 5, 12, 40):
        detail = cv2.GaussianBlur(rng.standard_normal(out.shape).astype(np.float32), (0, 0), sigma)
        out += 0.09 / detail.std() * detail
    return np.ascontiguousarray((np.clip(out, 0, 1) * 65535).astype(np.uint16).transpose(2, 0, 1))


@pytest.fixture(scope="module")
def scene() -> NDArray[np.uint16]:
    return drawn(400, 300)


def aligned(ours: NDArray[Any], theirs: NDArray[Any], grid: Any = "original"):
    materials, notes = prepare(image(ours), image(theirs, "b.tif"), grid=grid, aligned=True)
    assert materials.retouched is not None
    return materials, notes, materials.original.array, materials.retouched.array


def test_beyond_a_cropped_picture_is_the_originals_own_in_its_tone(scene):
    theirs = (0.8 * scene + 5000).astype(np.uint16)
    _, notes, ours, laid = aligned(scene, np.ascontiguousarray(theirs[:, 40:260, 50:350]))
    assert ours is scene
    off = np.abs(laid.astype(int) - theirs)
    assert off[:, 50:250, 60:340].max() == 0
    assert off.max() < 700  # repeated edges, or another tone, would be tens of times that
    assert len(notes) == 1
    assert "moved by whole pixels, 300 x 220 px onto 400 x 300 px" in notes[0]
    assert re.search("covers 5[4-6]% of the original; the rest is the original's own", notes[0])


def test_the_edge_of_the_frame_is_no_seam(scene):
    light = np.linspace(0.9, 0.6, 400)
    theirs = (light * scene).astype(np.uint16)
    *_, laid = aligned(scene, np.ascontiguousarray(theirs[:, :, 100:]))
    ratio = laid.mean((0, 1)) / scene.mean((0, 1))
    assert np.abs(np.diff(ratio)).max() < 0.03


def test_the_original_is_completed_where_it_ends(scene):
    theirs = cv2.copyMakeBorder(scene.transpose(1, 2, 0), 60, 60, 0, 0, cv2.BORDER_CONSTANT).transpose(
        2, 0, 1
    )
    _, notes, ours, laid = aligned(scene, np.ascontiguousarray(theirs), "retouched")
    assert np.array_equal(laid, theirs)
    assert np.array_equal(ours[:, 70:350], scene[:, 10:290])
    assert np.ptp(ours[:, :50]) < 6 * 65535 // 100  # one colour, no streaks
    words = "keeps its pixels; the original is aligned to it within about 0.1 px; moved by whole pixels"
    assert words in notes[0]


def test_next_to_nothing_of_the_original_is_refused():
    large = drawn(600, 450)
    piece = np.ascontiguousarray(large[:, 150:244, 200:332])
    with pytest.raises(InputError, match=r"shows only 4\.\d% of the original.*--grid retouched"):
        aligned(large, piece)
    assert aligned(large, piece, "retouched")[0].size == (132, 94)


def test_whichever_picture_is_resampled_the_way_found_is_forward(scene):
    small = np.stack([cv2.resize(p, (200, 150), interpolation=cv2.INTER_AREA) for p in scene])
    forward, notes, *_ = aligned(scene, small)
    words = r"is aligned to the original within about 0\.\d px; resampled, 200 x 150 px onto 400 x 300 px;"
    assert re.search(words, notes[0])
    back, notes, *_ = aligned(scene, small, "retouched")
    words = r"the original is aligned to it within about 0\.\d px; resampled, 400 x 300 px onto 200 x 150 px;"
    assert re.search(words, notes[0])
    assert forward.found is forward.alignment
    assert back.found is not None
    assert back.alignment is not None
    assert back.found.matrix == pytest.approx(forward.alignment.affine.ravel())
    assert back.alignment.original_size == (200, 150)
    for materials, grid in ((forward, "original"), (back, "retouched")):
        report = measure(materials, 0.5).analysis.alignment
        assert report is not None
        assert (report.matrix[0], report.grid) == (pytest.approx(0.5, abs=0.01), grid)


@pytest.mark.parametrize(
    ("turns", "words"), [(1, "90 degrees to the left"), (2, "180 degrees"), (3, "90 degrees to the right")]
)
def test_a_turn_is_named_as_people_do(scene, turns, words):
    notes = aligned(scene, np.ascontiguousarray(np.rot90(scene, turns, (1, 2))))[1]
    assert notes[0].startswith(f"b.tif: was turned by {words}; is aligned")


@pytest.mark.parametrize(("size", "words"), [((2000, 1500), "is 5 times as"), ((80, 60), "is 0.2 times as")])
def test_a_far_larger_or_smaller_picture_is_told(scene, size, words):
    other = np.stack([cv2.resize(p, size, interpolation=cv2.INTER_AREA) for p in scene])
    notes = aligned(scene, other)[1]
    assert f"{words} large as the original" in notes[0]


def test_it_is_told_whose_shape_is_kept(scene):
    y, x = np.mgrid[:300, :400].astype(np.float32)
    away = 4 * np.exp(-(np.square(x - 200) + np.square(y - 150)) / (2 * 40**2))
    bent = np.stack([cv2.remap(p, x + away, y, cv2.INTER_CUBIC) for p in scene])
    notes = aligned(scene, bent)[1]
    assert "bent by up to 4 px: the original's shape is kept; to keep the other: --grid retouched" in notes[0]
    assert "bent" not in aligned(scene, bent, "retouched")[1][0]


def test_the_grid_of_the_retouched_picture():
    materials, notes = prepare(
        image(noise(np.uint16)), image(noise(np.uint16, width=30, height=20), "b.tif"), grid="retouched"
    )
    assert materials.size == (30, 20)
    assert notes[0].startswith("a.tif: is resized")
    with pytest.raises(ValueError, match="no retouched picture"):
        prepare(image(noise(np.uint16)), grid="retouched")


def test_transparency_is_left_out_and_told():
    a = image(noise(np.uint16), alpha=noise(np.uint16)[0])
    materials, notes = prepare(a, image(noise(np.uint16), "b.tif"))
    assert materials.original.array is a.colour
    assert notes == ("a.tif: its transparency is left out; its colours are used as stored",)


def test_one_flat_picture():
    materials, notes = prepare(image(noise(np.uint8)))
    assert materials.retouched is None
    assert notes == ()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_mask_is_grey(dtype: Any, channels: int):
    m = noise(dtype, channels)
    materials, notes = prepare(
        image(noise(np.uint16)), mask=image(m, "mask.png", icc=ADOBE if channels == 3 else None)
    )
    white = 1.0 if dtype == np.float32 else float(np.iinfo(dtype).max)
    values = m.astype(np.float64) / white
    grey = values[0] if channels == 1 else np.tensordot((0.30, 0.59, 0.11), values, 1)
    assert materials.mask is not None
    assert materials.mask.dtype == np.uint16
    assert np.abs(materials.mask - grey * 65535).max() <= 1
    assert notes == ()


def test_a_grey_mask_saved_in_colour_stays_exact():
    plane = noise(np.uint16, 1)
    materials, _ = prepare(image(noise(np.uint16)), mask=image(np.repeat(plane, 3, 0), "mask.png"))
    assert materials.mask is not None
    assert np.array_equal(materials.mask, plane[0])


@pytest.mark.parametrize(("white", "told"), [(0, True), (1, False)])
def test_a_black_mask_is_told(white: int, told: bool):
    mask = np.zeros((1, 40, 60), np.uint8)
    mask[0, 20, 30] = white
    _, notes = prepare(image(noise(np.uint16)), mask=image(mask, "mask.png"))
    assert any("mask.png: the mask is black all over" in note for note in notes) == told


def test_a_mask_of_another_size():
    mask = np.full((1, 20, 30), 65535, np.uint16)
    mask[:, :, :15] = 0
    materials, notes = prepare(image(noise(np.uint16)), mask=image(mask, "mask.png", alpha=mask[0]))
    assert materials.mask is not None
    assert materials.mask.shape == (40, 60)
    assert not materials.mask[:, :27].any()
    assert (materials.mask[:, 33:] == 65535).all()
    assert len(notes) == 2
    assert "transparency" in notes[0]
    assert "30 x 20 to 60 x 40" in notes[1]


@pytest.mark.slow
def test_the_original_is_looked_at_where_it_stays_as_it_is():
    sample = make_sample(400)
    pictures = image(sample.original), image(sample.retouched, "b.tif")
    seen: list[tuple[str, np.ndarray]] = []

    def look(planes):
        seen.append((threading.current_thread().name, planes))
        return "looked"

    materials, _ = prepare(*pictures, aligned=True, look=look)
    ((thread, planes),) = seen
    assert materials.looked == "looked"
    assert planes is materials.original.array
    assert thread != threading.current_thread().name  # while the pictures are aligned
    materials, _ = prepare(*pictures, aligned=True, look=look, grid="retouched")
    assert materials.looked is None
    assert len(seen) == 1
