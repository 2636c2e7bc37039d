"""Pictures come back as they were written, and as other programs write and read them."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import tifffile
from imagecodecs import cms_profile
from PIL import Image as Pillow

from retexture.errors import InputError
from retexture.files.images import as_depth, output_format, read_image, write_image
from tests.files.pictures import assert_picture, chunky, picture

APP = Path(__file__).parents[2] / "app"
ADOBE = cms_profile("adobergb")
GREY = cms_profile("gray", gamma=2.2)


# --- round trips ----------------------------------------------------------------------------------


@pytest.mark.parametrize("compression", [None, "deflate", "lzw", "zstd"])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("transparent", [False, True])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_tiff_round_trip(tmp_path: Path, dtype: str, transparent: bool, channels: int, compression: Any):
    colour = picture(dtype, channels)
    alpha = picture(dtype, 4)[3] if transparent else None
    icc = ADOBE if channels == 3 else GREY
    notes = write_image(tmp_path / "a.tif", colour, alpha=alpha, icc=icc, compression=compression)
    image = read_image(tmp_path / "a.tif")
    assert notes == image.warnings == ()
    assert_picture(image, colour, alpha)
    assert (image.icc, image.depth, image.width, image.height) == (icc, colour.itemsize * 8, 53, 37)
    assert image.metadata == {}


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("transparent", [False, True])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_png_round_trip(tmp_path: Path, dtype: str, transparent: bool, channels: int):
    colour = picture(dtype, channels)
    alpha = picture(dtype, 4)[3] if transparent else None
    icc = ADOBE if channels == 3 else GREY
    assert write_image(tmp_path / "a.png", colour, alpha=alpha, icc=icc) == ()
    image = read_image(tmp_path / "a.png")
    assert_picture(image, colour, alpha)
    assert image.icc == icc
    assert image.warnings == ()


@pytest.mark.parametrize("channels", [1, 3])
def test_jpeg_round_trip(tmp_path: Path, channels: int):
    y, x = np.mgrid[0:64, 0:96]
    smooth = np.stack([x * 2, y * 3, x + y]).astype(np.uint8)[:channels]
    icc = ADOBE if channels == 3 else GREY
    assert write_image(tmp_path / "a.JPG", smooth, icc=icc, quality=98) == ()
    image = read_image(tmp_path / "a.JPG")
    error = np.abs(image.colour.astype(int) - smooth)
    assert image.icc == icc
    assert error.max() <= 4
    assert np.percentile(error, 99) <= 2


def test_jpeg_decodes_as_another_decoder_does(tmp_path: Path):
    write_image(tmp_path / "a.jpg", picture("uint8"), quality=90)
    other = cv2.imread(str(tmp_path / "a.jpg"), cv2.IMREAD_COLOR_RGB)
    assert other is not None
    error = np.abs(chunky(read_image(tmp_path / "a.jpg").colour).astype(int) - other)
    assert error.max() <= 1


@pytest.mark.parametrize("name", ["a.tif", "a.png"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_another_reader_sees_the_same(tmp_path: Path, name: str, dtype: str):
    colour = picture(dtype)
    write_image(tmp_path / name, colour)
    other = cv2.imread(str(tmp_path / name), cv2.IMREAD_UNCHANGED)
    assert other is not None
    assert other.dtype == colour.dtype
    assert np.array_equal(other[:, :, ::-1], chunky(colour))


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_png_of_another_writer(tmp_path: Path, dtype: str, channels: int):
    planar = picture(dtype, channels)
    order = [0] if channels == 1 else [2, 1, 0, 3][:channels]
    assert cv2.imwrite(str(tmp_path / "a.png"), chunky(planar[order]))
    assert_picture(read_image(tmp_path / "a.png"), planar[:3], planar[3] if channels == 4 else None)


def test_png_with_one_transparent_colour(tmp_path: Path):
    colour = picture("uint8")
    one = colour[:, 5, 7]
    Pillow.fromarray(chunky(colour)).save(tmp_path / "a.png", transparency=tuple(int(v) for v in one))
    alpha = np.where((colour == one[:, None, None]).all(axis=0), 0, 255).astype(np.uint8)
    assert alpha[5, 7] == 0
    assert_picture(read_image(tmp_path / "a.png"), colour, alpha)


@pytest.mark.parametrize(
    "options",
    [
        {"planarconfig": "separate"},
        {"planarconfig": "separate", "compression": "zlib", "rowsperstrip": 8},
        {"tile": (16, 32)},
        {"tile": (16, 32), "compression": "lzw", "predictor": True},
        {"rowsperstrip": 5},
        {"byteorder": ">"},
        {"byteorder": ">", "compression": "zlib", "predictor": True},
        {"byteorder": ">", "planarconfig": "separate"},
        {"bigtiff": True},
        {"compression": "packbits"},
        {"compression": "zstd", "predictor": True, "rowsperstrip": 7},
    ],
    ids=str,
)
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_tiff_of_every_layout(tmp_path: Path, dtype: str, options: dict[str, Any], channels: int):
    planar = picture(dtype, channels)
    separate = options.get("planarconfig") == "separate" and channels > 1
    options = {**options, "planarconfig": options.get("planarconfig", "contig") if channels > 1 else None}
    tifffile.imwrite(
        tmp_path / "a.tif",
        planar if separate else chunky(planar),
        photometric="minisblack" if channels == 1 else "rgb",
        extrasamples=["unassalpha"] if channels == 4 else None,
        metadata=None,
        **options,
    )
    assert_picture(read_image(tmp_path / "a.tif"), planar[:3], planar[3] if channels == 4 else None)


def test_one_pixel(tmp_path: Path):
    for name in ("a.tif", "a.png"):
        colour = picture("uint16", 3, 1, 1)
        write_image(tmp_path / name, colour)
        assert_picture(read_image(tmp_path / name), colour)


def test_the_content_decides_not_the_suffix(tmp_path: Path):
    colour = picture("uint16")
    write_image(tmp_path / "a.png", colour)
    (tmp_path / "a.png").rename(tmp_path / "a.jpg")
    assert_picture(read_image(tmp_path / "a.jpg"), colour)


# --- kinds that need a step more ------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_white_is_zero(tmp_path: Path, dtype: str):
    grey = picture(dtype, 1)
    tifffile.imwrite(tmp_path / "a.tif", np.iinfo(dtype).max - grey[0], photometric="miniswhite")
    assert_picture(read_image(tmp_path / "a.tif"), grey)


def test_associated_alpha_is_divided_out(tmp_path: Path):
    rng = np.random.default_rng(5)
    alpha = rng.integers(0, 65536, (20, 30), dtype=np.uint16)
    alpha[0] = 0
    alpha[1] = 65535
    colour = picture("uint16", 3, 20, 30)
    multiplied = np.rint(colour * (alpha / 65535)).astype(np.uint16)
    stack = np.concatenate([multiplied, alpha[None]])
    tifffile.imwrite(tmp_path / "a.tif", chunky(stack), photometric="rgb", extrasamples=["assocalpha"])
    image = read_image(tmp_path / "a.tif")
    assert image.alpha is not None
    assert np.array_equal(image.alpha, alpha)
    assert "multiplied by its transparency" in image.warnings[0]
    assert (image.colour[:, 0] == 0).all()
    assert np.array_equal(image.colour[:, 1], colour[:, 1])
    error = np.abs(image.colour[:, 2:].astype(float) - colour[:, 2:])
    assert (error <= 0.5 * 65535 / np.maximum(alpha[2:], 1) + 0.5).all()  # the rounding, divided likewise


def test_extra_channels_are_mentioned(tmp_path: Path):
    planar = picture("uint8", 5)
    kinds = ["unspecified", "unassalpha"]
    tifffile.imwrite(tmp_path / "a.tif", chunky(planar), photometric="rgb", extrasamples=kinds)
    image = read_image(tmp_path / "a.tif")
    assert_picture(image, planar[:3], planar[4])
    assert image.warnings == ("1 extra channel (saved selections) left out",)


def test_the_first_of_several_pages(tmp_path: Path):
    first, second = picture("uint16"), picture("uint16", 3, 20, 20)
    with tifffile.TiffWriter(tmp_path / "a.tif") as tif:
        tif.write(chunky(first), photometric="rgb", metadata=None)
        tif.write(chunky(second), photometric="rgb", metadata=None)
        tif.write(chunky(second), photometric="rgb", metadata=None, subfiletype=1)
    image = read_image(tmp_path / "a.tif")
    assert_picture(image, first)
    assert image.warnings == ("it has 2 pages; the first one is used",)


def test_a_preview_is_no_page(tmp_path: Path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as tif:
        tif.write(chunky(picture("uint16")), photometric="rgb", metadata=None)
        tif.write(chunky(picture("uint16", 3, 8, 8)), photometric="rgb", metadata=None, subfiletype=1)
    assert read_image(tmp_path / "a.tif").warnings == ()


def test_layers_are_mentioned(tmp_path: Path):
    layers = (37724, 7, 20, b"Adobe Photoshop Docu", True)
    tifffile.imwrite(tmp_path / "a.tif", chunky(picture("uint8")), photometric="rgb", extratags=[layers])
    assert read_image(tmp_path / "a.tif").warnings == ("it has layers; its merged picture is used",)


def test_highlights_beyond_white_are_kept_in_32_bits(tmp_path: Path):
    colour = picture("float32") * 3 - 1
    write_image(tmp_path / "a.tif", colour)
    assert_picture(read_image(tmp_path / "a.tif"), colour)


@pytest.mark.parametrize("name", ["a.tif", "a.png"])
def test_a_grey_picture_with_an_rgb_profile_is_rgb(tmp_path: Path, name: str):
    grey = picture("uint8", 1)
    if name == "a.tif":
        tifffile.imwrite(tmp_path / name, grey[0], photometric="minisblack", iccprofile=ADOBE)
    else:
        Pillow.fromarray(grey[0]).save(tmp_path / name, icc_profile=ADOBE)
    image = read_image(tmp_path / name)
    assert_picture(image, np.repeat(grey, 3, axis=0))
    assert image.icc == ADOBE
    assert "grey with an RGB profile" in image.warnings[0]


# --- depth ----------------------------------------------------------------------------------------


def test_as_depth_is_exact():
    eight = np.arange(256, dtype=np.uint8)[None]
    sixteen = np.arange(65536, dtype=np.uint16)[None]
    assert np.array_equal(as_depth(eight, 16), np.arange(256)[None] * 257)
    assert np.array_equal(as_depth(as_depth(eight, 16), 8), eight)
    assert np.array_equal(as_depth(as_depth(eight, 32), 8), eight)
    assert np.array_equal(as_depth(as_depth(sixteen, 32), 16), sixteen)
    assert np.array_equal(as_depth(sixteen, 8), np.rint(sixteen / 257))
    assert as_depth(sixteen, 32).max() == 1
    assert as_depth(np.array([[-0.5, 0.5, 1.5]], np.float32), 16).tolist() == [[0, 32768, 65535]]
    for same in (eight, sixteen):
        assert as_depth(same, same.itemsize * 8) is same


@pytest.mark.parametrize("depth", [8, 16, 32, None])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize(("name", "most"), [("a.tif", 32), ("a.png", 16), ("a.jpg", 8)])
def test_depth_is_what_was_asked_or_said(tmp_path: Path, name: str, most: int, dtype: str, depth: Any):
    colour = picture(dtype)
    notes = write_image(tmp_path / name, colour, depth=depth)
    asked = depth or colour.itemsize * 8
    assert read_image(tmp_path / name).depth == min(asked, most)
    assert bool(notes) == (asked > most)
    assert all(f"{most} bits" in note for note in notes)


def test_jpeg_says_that_transparency_is_left_out(tmp_path: Path):
    colour = picture("uint8")
    notes = write_image(tmp_path / "a.jpg", colour, alpha=colour[0])
    assert notes == ("JPEG holds no transparency; it is left out",)


# --- names and arguments --------------------------------------------------------------------------


def test_formats_by_suffix(tmp_path: Path):
    assert [output_format(f"x.{s}") for s in ("TIF", "tiff", "png", "JPG", "jpeg")] == [
        "tiff",
        "tiff",
        "png",
        "jpeg",
        "jpeg",
    ]
    for name in ("a.bmp", "a", "a.tif.bak"):
        with pytest.raises(InputError, match=f"{name}: .*suffix.*; name it"):
            write_image(tmp_path / name, picture("uint8"))
    assert list(tmp_path.iterdir()) == []


def test_a_profile_that_does_not_fit_is_a_mistake_of_the_program(tmp_path: Path):
    with pytest.raises(ValueError, match="gray with 3 channels"):
        write_image(tmp_path / "a.tif", picture("uint8"), icc=GREY)


def test_too_wide_for_jpeg(tmp_path: Path):
    with pytest.raises(InputError, match="65500"):
        write_image(tmp_path / "a.jpg", np.zeros((1, 1, 65_501), np.uint8))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a.tif", "a.png", "a.jpg"])
def test_imageio_has_no_part_in_it(tmp_path: Path, name: str):
    """It turns 16-bit PNG into 8-bit silently."""
    program = (
        "import sys; import numpy as np\n"
        "from retexture.files.images import read_image, write_image\n"
        "write_image(sys.argv[1], np.zeros((3, 4, 4), np.uint16)); read_image(sys.argv[1])\n"
        "sys.exit('imageio' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(APP)}
    subprocess.run([sys.executable, "-c", program, str(tmp_path / name)], check=True, env=environment)
