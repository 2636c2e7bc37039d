"""Orientation, EXIF and XMP of every format, checked with Pillow and tifffile."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from imagecodecs import cms_profile
from PIL import Image as Pillow
from PIL import ImageOps
from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import IFDRational

from retexture.files.images import as_depth, read_image, write_image
from tests.files.pictures import assert_picture, chunky, picture

ADOBE = cms_profile("adobergb")
XMP = b'<?xpacket?><x:xmpmeta><rdf:Description tiff:Orientation="6" dc:title="J\xc3\xbcrgen"/></x:xmpmeta>'


# --- orientation ----------------------------------------------------------------------------------

# Where row 0 and column 0 of the stored picture lie (TIFF 6.0, page 36), by plain numpy.
TURNS = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
    8: lambda a: np.rot90(a, 1),
}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_tiff_orientation(tmp_path: Path, orientation: int, dtype: str):
    stored = chunky(picture(dtype, 4))
    tags = [(274, 3, 1, orientation, True)]
    tifffile.imwrite(
        tmp_path / "a.tif",
        stored,
        photometric="rgb",
        extrasamples=["unassalpha"],
        extratags=tags,
        metadata=None,
    )
    turned = TURNS[orientation](stored).transpose(2, 0, 1)
    image = read_image(tmp_path / "a.tif")
    assert_picture(image, turned[:3], turned[3])
    write_image(tmp_path / "b.tif", image.colour, alpha=image.alpha, metadata=image.metadata)
    again = read_image(tmp_path / "b.tif")
    assert_picture(again, turned[:3], turned[3])


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tif"])
def test_orientation_as_pillow_turns(tmp_path: Path, orientation: int, name: str):
    exif = Pillow.Exif()
    exif[274] = orientation
    exif[315] = "Someone"
    Pillow.fromarray(chunky(picture("uint8"))).save(tmp_path / name, exif=exif)
    with Pillow.open(tmp_path / name) as opened:
        expected = np.asarray(ImageOps.exif_transpose(opened))
    image = read_image(tmp_path / name)
    assert np.array_equal(chunky(image.colour), expected)
    written = Pillow.Exif()
    written.load(image.metadata["exif"])
    assert written[274] == 1


# --- metadata -------------------------------------------------------------------------------------


def with_metadata(path: Path, orientation: int = 1) -> None:
    """Save an 8-bit picture as a camera or Photoshop would, by Pillow."""
    exif = Pillow.Exif()
    exif[271] = "Camera maker"
    exif[274] = orientation
    exif[315] = "Jürgen".encode()
    exif[282] = exif[283] = IFDRational(300, 1)
    exif[296] = 2
    directory = exif.get_ifd(0x8769)
    directory[33434] = IFDRational(1, 125)
    directory[36867] = "2026:11:21 10:00:00"
    directory[37500] = b"maker note with offsets inside"
    directory[40962] = 53
    exif.get_ifd(0x8825)[1] = "N"
    if path.suffix == ".tif":
        exif[700] = XMP
    options: dict[str, Any] = {"exif": exif.tobytes(), "icc_profile": ADOBE}
    colour = Pillow.fromarray(chunky(picture("uint8")))
    if path.suffix == ".tif":
        colour.save(path, **options)
        # Pillow replaces what is not ASCII when it writes a TIFF file.
        path.write_bytes(path.read_bytes().replace(b"J??rgen", "Jürgen".encode()))
    elif path.suffix == ".jpg":
        colour.save(path, xmp=XMP, **options)
    else:
        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", XMP.decode(), zip=True)
        colour.save(path, pnginfo=info, **options)


@pytest.mark.parametrize("source", ["a.tif", "a.png", "a.jpg"])
@pytest.mark.parametrize("target", ["b.tif", "b.png", "b.jpg"])
def test_metadata_goes_from_every_format_to_every_other(tmp_path: Path, source: str, target: str):
    with_metadata(tmp_path / source, orientation=6)
    image = read_image(tmp_path / source)
    assert image.warnings == ()
    options: dict[str, Any] = {"icc": image.icc, "metadata": image.metadata}
    assert write_image(tmp_path / target, image.colour, **options) == ()

    with Pillow.open(tmp_path / target) as other:  # an independent reader
        exif = other.getexif()
        directory, gps = exif.get_ifd(0x8769), exif.get_ifd(0x8825)
        assert exif[271] == "Camera maker"
        assert exif[315].encode("latin-1").decode() == "Jürgen"
        assert (exif[282], exif[283], exif[296]) == (300, 300, 2)
        assert exif.get(274, 1) == 1
        assert directory == {33434: IFDRational(1, 125), 36867: "2026:11:21 10:00:00"}
        assert gps == {1: "N"}
        assert other.info["icc_profile"] == ADOBE

    again = read_image(tmp_path / target)
    assert again.metadata["xmp"].rstrip(b"\0") == XMP.replace(b'"6"', b'"1"')
    assert again.metadata["exif"] == image.metadata["exif"]
    if target != "b.jpg":
        assert np.array_equal(again.colour, image.colour)


def test_tiff_with_metadata_is_sound(tmp_path: Path):
    with_metadata(tmp_path / "a.tif")
    image = read_image(tmp_path / "a.tif")
    for compression in (None, "deflate"):
        path = tmp_path / f"{compression}.tif"
        write_image(path, as_depth(image.colour, 16), metadata=image.metadata, compression=compression)
        with tifffile.TiffFile(path) as tif:
            codes = [tag.code for tag in tif.pages.first.tags]
            assert codes == sorted(codes)
            assert tif.pages.first.tags[34665].value["ExposureTime"] == (1, 125)
            assert tif.pages.first.tags[34853].value["GPSLatitudeRef"] == "N"
            assert tif.pages.first.tags[34665].dtype == 4
        assert np.array_equal(read_image(path).colour, as_depth(image.colour, 16))


@pytest.mark.parametrize("name", ["a.png", "a.jpg"])
def test_damaged_exif_is_left_out_and_said(tmp_path: Path, name: str):
    exif = b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 30
    Pillow.fromarray(chunky(picture("uint8"))).save(tmp_path / name, exif=exif)
    image = read_image(tmp_path / name)
    assert "exif" not in image.metadata
    assert image.warnings == ("its EXIF data cannot be read (damaged, or in a BigTIFF) and is left out",)


def test_xmp_too_long_for_jpeg_is_said(tmp_path: Path):
    notes = write_image(tmp_path / "a.jpg", picture("uint8"), metadata={"xmp": b"x" * 70_000})
    assert notes == ("JPEG holds 64 KB of XMP at most; its XMP data is left out",)
    notes = write_image(tmp_path / "b.jpg", picture("uint8"), metadata={"xmp": b"x" * 65_000})
    assert notes == ()


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_no_empty_block_is_written_for_metadata_without_content(tmp_path: Path, suffix: str):
    path = tmp_path / f"a{suffix}"
    write_image(path, np.zeros((3, 8, 8), np.uint8), metadata={"exif": b""})
    assert b"eXIf" not in path.read_bytes()
    assert b"Exif\0\0" not in path.read_bytes()
