"""What PSD reading cannot represent is told; adjustment layers; bad files are one line each, whatever is wrong."""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from imagecodecs import cms_profile
from psd_tools.constants import ColorMode, Compression
from psd_tools.psd.adjustments import Curves as StoredCurves
from psd_tools.psd.adjustments import HueSaturation as StoredHueSaturation
from psd_tools.psd.adjustments import LevelRecord
from psd_tools.psd.adjustments import Levels as StoredLevels

from retexture.document.layers import AdjustmentLayer, PaintLayer
from retexture.errors import InputError
from retexture.files.psd import read_psd
from retexture.filters.curves import Curves
from retexture.filters.hue_saturation import HueSaturation
from retexture.filters.invert import Invert
from retexture.filters.levels import Levels
from retexture.render.render import render
from tests.files.psd_builder import fill_block, group, layer, psd, raster_mask

RNG = np.random.default_rng(9)
COLOUR = RNG.integers(0, 256, (3, 4, 8), dtype=np.uint8)


def read(tmp_path, data):
    path = tmp_path / "test.psd"
    path.write_bytes(data)
    return read_psd(path)


# --- notes ---


@pytest.mark.parametrize(
    ("spec", "note"),
    [
        ({"mode": "DISSOLVE"}, "Dissolve is read as Normal, as its pattern is Photoshop's own: 'Skin'"),
        ({"blocks": [(b"knko", b"\2\0\0\0")]}, "deep knockout is read as shallow: 'Skin'"),
        ({"blocks": [(b"tsly", b"\0\0\0\0")]}, "'Transparency Shapes Layer' is taken to be on: 'Skin'"),
        ({"blocks": [(b"brst", b"\0\0\0\1")]}, "blending is not restricted to some channels: 'Skin'"),
        ({"blocks": [(b"SoLd", b"")]}, "smart objects are read as the pixels stored for them: 'Skin'"),
        ({"blocks": [(b"TySh", b"")]}, "text is read as the pixels stored for it: 'Skin'"),
        (
            {"blocks": [(b"PtFl", b"")]},
            "shapes, gradients and patterns are read as the pixels stored for them: 'Skin'",
        ),
    ],
)
def test_notes(tmp_path, spec, note):
    document, notes = read(tmp_path, psd(layer(COLOUR, name="Skin", **spec)))
    assert notes == (note,)
    assert np.array_equal(render(document)[:3], COLOUR)


def test_notes_name_five_layers(tmp_path):
    specs = [layer(COLOUR, name=f"L{i}", mode="DISSOLVE") for i in range(7)]
    _, notes = read(tmp_path, psd(*specs))
    assert notes[0].endswith(": 'L0', 'L1', 'L2', 'L3', 'L4' and 2 more")


def test_fills_without_pixels(tmp_path):
    document, notes = read(tmp_path, psd(layer(COLOUR), layer(None, name="G", blocks=[(b"GdFl", b"")])))
    assert notes == ("fills for which no pixels are stored are left out: 'G'",)
    assert isinstance(document.layers[1], PaintLayer)


@pytest.mark.parametrize("master", [True, False])
@pytest.mark.parametrize("on", [True, False])
def test_effects_that_show_are_told(tmp_path, master, on):
    def item(key, kind, data):
        return struct.pack(">I", len(key) if len(key) != 4 else 0) + key + kind + data

    effect = item(b"enab", b"bool", bytes([on])) + item(b"present", b"bool", b"\1")
    body = struct.pack(">IHI", 1, 0, 0) + b"DrSh" + struct.pack(">I", 2) + effect
    items = item(b"masterFXSwitch", b"bool", bytes([master])) + item(b"DrSh", b"Objc", body)
    block = struct.pack(">II", 0, 16) + struct.pack(">IHI", 1, 0, 0) + b"null" + struct.pack(">I", 2) + items
    _, notes = read(tmp_path, psd(layer(COLOUR, name="Skin", blocks=[(b"lfx2", block)])))
    assert notes == (("layer effects are left out: 'Skin'",) if master and on else ())


def test_extra_channels_are_told(tmp_path):
    _, notes = read(tmp_path, psd(layer(COLOUR), channels=5))
    assert notes == ("2 alpha or spot channels are left out",)


def test_unbalanced_groups(tmp_path):
    """A file that lacks an end of a group is read all the same."""
    data = psd(group(layer(COLOUR)))
    start, end = (data.index(struct.pack(">I", kind), data.index(b"lsct")) for kind in (3, 1))
    lost = bytearray(data)
    lost[end : end + 4] = struct.pack(">I", 0)
    document, notes = read(tmp_path, bytes(lost))
    assert notes == ("a group without an end is dissolved into its layers",)
    assert len(document.layers) == 2
    lost = bytearray(data)
    lost[start : start + 4] = struct.pack(">I", 0)
    document, notes = read(tmp_path, bytes(lost))
    assert notes[0].startswith("a group without a beginning holds no layers")
    assert np.array_equal(render(document)[:3], COLOUR)


# --- adjustment layers ---


def records(**changed):
    """Level records for RGB, red, green, blue: black, white, output black and white, gamma in percent."""
    neutral = (0, 255, 0, 255, 100)
    items: Any = [LevelRecord(*changed.get(name, neutral)) for name in ("rgb", "red", "green", "blue")]
    return StoredLevels(items=items + [LevelRecord(*neutral)] * 25, version=2)


POINTS: Any = [[(0, 0), (190, 128), (255, 255)]]
HUES: Any = [[(0, 0, 0, 0), (0, 0, 0)]] * 6


@pytest.mark.parametrize(
    ("block", "wanted"),
    [
        ((b"nvrt", b""), Invert()),
        (
            (b"levl", records(green=(10, 200, 5, 250, 120))),
            Levels(
                channel="green", input_black=10, input_white=200, output_black=5, output_white=250, gamma=1.2
            ),
        ),
        (
            (b"curv", StoredCurves(version=1, count_map=1, data=POINTS)),
            Curves(points=((0, 0), (128, 190), (255, 255))),
        ),
        (
            (b"hue2", StoredHueSaturation(2, 0, (0, 0, 0), (20, -30, 5), HUES)),
            HueSaturation(hue=20, saturation=-30, lightness=5),
        ),
    ],
)
def test_adjustments(tmp_path, block, wanted):
    document, notes = read(tmp_path, psd(layer(COLOUR), layer(None, name="A", blocks=[block])))
    adjusting = document.layers[1]
    assert isinstance(adjusting, AdjustmentLayer)
    assert adjusting.adjustment == wanted
    assert bool(notes) == (block[0] != b"nvrt")


@pytest.mark.parametrize(
    ("block", "kind"),
    [
        ((b"levl", records(red=(10, 200, 0, 255, 100), blue=(0, 255, 9, 255, 100))), "Levels"),
        ((b"hue2", StoredHueSaturation(2, 1, (20, 30, 0), (0, 0, 0), HUES)), "Hue/Saturation"),
        ((b"vibA", b""), "Vibrance"),
        ((b"thrs", b"\0\x80\0\0"), "Threshold"),
    ],
)
def test_adjustments_that_are_left_out(tmp_path, block, kind):
    mask = raster_mask(COLOUR[0])
    document, notes = read(tmp_path, psd(layer(COLOUR), layer(None, name="A", mask=mask, blocks=[block])))
    assert notes == (f"adjustment layers of the kind {kind} with such settings are left out: 'A'",)
    assert np.array_equal(render(document)[:3], COLOUR)
    assert document.layers[1].mask is not None


def test_inverted_picture(tmp_path):
    document, _ = read(tmp_path, psd(layer(COLOUR), layer(None, blocks=[(b"nvrt", b"")])))
    assert np.array_equal(render(document)[:3], 255 - COLOUR)


# --- bad files ---

SOUND = psd(
    layer(COLOUR, name="Base"),
    group(
        layer(
            COLOUR, name="x", alpha=COLOUR[1], mask=raster_mask(COLOUR[0], parameters=(128, 2.0, None, None))
        ),
        layer(None, name="Fill", blocks=[fill_block(255, 128, 0)]),
        layer(COLOUR, name="Zip", compression=Compression.ZIP_WITH_PREDICTION),
    ),
    resources=[(1039, cms_profile("adobergb"))],
)


def header(version=1, channels=3, height=4, width=8, depth=8, mode=3):
    return struct.pack(">4sH6xHIIHH", b"8BPS", version, channels, height, width, depth, mode)


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"", "is empty"),
        (b"8BPS", "is damaged or cut off"),
        (b"not a PSD at all", "is no Photoshop document"),
        (header(version=3) + SOUND[26:], "is damaged or cut off"),
        (header(width=0) + SOUND[26:], "has no pixels (0 x 4)"),
        (header(width=100_000, height=100_000) + SOUND[26:], "claims 100000 x 100000 pixels"),
        (header(mode=0, depth=1) + SOUND[26:], "is bitmap"),
        (header(mode=2) + SOUND[26:], "is indexed colour"),
        (header(mode=4, channels=4) + SOUND[26:], "is CMYK"),
        (header(mode=7) + SOUND[26:], "is multichannel"),
        (header(mode=8, channels=1) + SOUND[26:], "is duotone"),
        (header(mode=9) + SOUND[26:], "is Lab"),
        (header(depth=1) + SOUND[26:], "is damaged or cut off"),
        (header(channels=2) + SOUND[26:], "is damaged or cut off"),
        (psd(layer(COLOUR), resources=[(1039, b"no profile")]), "its colour profile is damaged"),
        (
            psd(layer(COLOUR), resources=[(1039, cms_profile("gray", gamma=2.2))]),
            "is RGB with a profile of another kind",
        ),
        (psd(layer(np.full((3, 4, 8), np.nan, np.float32)), depth=32), "is damaged or cut off"),
    ],
)
def test_bad_files(tmp_path, data, part):
    path = tmp_path / "bad.psd"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_psd(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: {part}")
    assert "; " in text
    assert "\n" not in text
    assert path.read_bytes() == data


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        read_psd(tmp_path / "none.psd")
    with pytest.raises(InputError, match="is a folder"):
        read_psd(tmp_path)


def test_grey_is_read_with_its_profile(tmp_path):
    icc = cms_profile("gray", gamma=2.2)
    data = psd(layer(COLOUR[:1]), mode=ColorMode.GRAYSCALE, channels=1, resources=[(1039, icc)])
    document, _ = read(tmp_path, data)
    assert (document.mode, document.icc) == ("grey", icc)


def outcome(path: Path, data: bytes) -> str:
    """Reads it; anything but a document or an InputError fails the test."""
    path.write_bytes(data)
    try:
        document, _ = read_psd(path)
    except InputError:
        return "refused"
    assert (document.width_px, document.height_px) >= (1, 1)
    return "read"


def test_every_truncation_is_refused_or_read(tmp_path):
    lengths = {*range(0, len(SOUND), 23), len(SOUND) - 1}
    outcomes = [outcome(tmp_path / "cut.psd", SOUND[:n]) for n in sorted(lengths)]
    assert outcomes.count("refused") > 0.8 * len(outcomes)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_damaged_bytes(tmp_path, seed):
    """Any bytes changed: a document or one error."""
    rng = np.random.default_rng(seed)
    outcomes = set()
    for _ in range(150):
        data = bytearray(SOUND)
        for at in rng.integers(26, len(data), rng.integers(1, 6)):
            data[at] = rng.choice(np.array([0, 1, 0x7F, 0x80, 0xFF, int(rng.integers(0, 256))]))
        outcomes.add(outcome(tmp_path / "damaged.psd", bytes(data)))
    assert outcomes == {"read", "refused"}
