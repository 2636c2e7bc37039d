"""Every bad input is one line that names the file and a remedy, and the file stays as it was."""

import os
import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from imagecodecs import cms_profile
from PIL import Image as Pillow

from retexture.errors import InputError
from retexture.files.images import MAX_PIXELS, Image, read_image, write_image

ADOBE = cms_profile("adobergb")
GREY = cms_profile("gray", gamma=2.2)
PIXELS = np.random.default_rng(2).integers(0, 65536, (3, 40, 60), dtype=np.uint16)
CHUNKY = np.ascontiguousarray(PIXELS.transpose(1, 2, 0))


def saved(suffix: str, **options: Any) -> bytes:
    """The bytes of a sound 16-bit (JPEG: 8-bit) picture."""
    file = BytesIO()
    if suffix == "tif":
        tifffile.imwrite(file, CHUNKY, photometric="rgb", metadata=None, **options)
    elif suffix == "png":
        from imagecodecs import png_encode

        file.write(png_encode(CHUNKY))
    else:
        Pillow.fromarray((CHUNKY >> 8).astype(np.uint8)).save(file, "JPEG", **options)
    return file.getvalue()


def tiff(data: np.ndarray[Any, Any], **options: Any) -> bytes:
    file = BytesIO()
    tifffile.imwrite(file, data, metadata=None, **options)
    return file.getvalue()


def pillow(mode: str, kind: str, **options: Any) -> bytes:
    file = BytesIO()
    Pillow.fromarray((CHUNKY >> 8).astype(np.uint8)).convert(mode).save(file, kind, **options)
    return file.getvalue()


def with_tag(data: bytes, code: int, value: int, index: int = 0) -> bytes:
    """A TIFF file with another value in a tag."""
    with tifffile.TiffFile(BytesIO(data)) as tif:
        tag = tif.pages.first.tags[code]
        form = tif.byteorder + {3: "H", 4: "I"}[tag.dtype]
        at = tag.valueoffset + index * struct.calcsize(form)
    changed = bytearray(data)
    struct.pack_into(form, changed, at, value)
    return bytes(changed)


def with_size(data: bytes, width: int, height: int) -> bytes:
    return with_tag(with_tag(data, 256, width), 257, height)


def png_header(width: int, height: int, bits: int = 8, kind: int = 2, data: bytes | None = None) -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0)
    rest = (saved("png") if data is None else data)[33:]
    return (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header)) + rest
    )


def jpeg_size(width: int, height: int) -> bytes:
    data = bytearray(saved("jpg"))
    struct.pack_into(">HH", data, data.index(b"\xff\xc0") + 5, height, width)
    return bytes(data)


def png_with(name: bytes, content: bytes) -> bytes:
    data = saved("png")
    chunk = struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
    return data[:33] + chunk + data[33:]


def iccp(profile: bytes) -> bytes:
    return b"ICC profile\0\0" + zlib.compress(profile)


def not_finite(value: float) -> bytes:
    floats = np.full((5, 6, 3), 0.5, np.float32)
    floats[4, 5, 2] = value
    return tiff(floats, photometric="rgb")


def first_bytecount_zero() -> bytes:
    return with_tag(saved("tif", rowsperstrip=10), 279, 0, 1)


CMYK = np.zeros((8, 9, 4), np.uint8)
DNG = [(50706, 1, 4, b"\1\4\0\0", True)]

BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "is empty"),
    "text": (lambda: b"this is no picture at all, but a letter", "not a picture of a known format"),
    "one byte": (lambda: b"I", "not a picture of a known format"),
    "zeros": (lambda: bytes(1000), "not a picture of a known format"),
    "photoshop": (lambda: b"8BPS\0\1" + bytes(100), "Photoshop document"),
    "zip": (lambda: b"PK\x03\x04" + bytes(100), "zip or a project"),
    "gif": (lambda: pillow("P", "GIF"), "GIF"),
    "webp": (lambda: b"RIFF\0\0\0\0WEBPVP8 " + bytes(50), "WebP"),
    "heic": (lambda: b"\0\0\0\x18ftypheic" + bytes(50), "HEIC"),
    "bmp": (lambda: pillow("RGB", "BMP"), "BMP"),
    # sizes
    "tiff 0 wide": (lambda: with_size(saved("tif"), 0, 40), "has no pixels"),
    "tiff 0 high": (lambda: with_size(saved("tif"), 60, 0), "has no pixels"),
    "png 0": (lambda: png_header(0, 5), "has no pixels"),
    "jpeg 0": (lambda: jpeg_size(0, 5), "has no pixels|damaged"),
    "tiff 100000": (lambda: with_size(saved("tif"), 100_000, 100_000), "claims 100000 x 100000 pixels"),
    "tiff tiled 100000": (
        lambda: with_size(saved("tif", tile=(16, 16)), 100_000, 100_000),
        "claims 100000 x 100000 pixels",
    ),
    "png 100000": (lambda: png_header(100_000, 100_000), "claims 100000 x 100000 pixels"),
    "jpeg 65500": (lambda: jpeg_size(65_500, 65_500), "claims 65500 x 65500 pixels"),
    "png bomb within the limit": (lambda: png_header(17_000, 17_000), "damaged or cut off"),
    "tiff larger than its data": (lambda: with_size(saved("tif"), 6000, 4000), "damaged or cut off"),
    # colours
    "cmyk tiff": (lambda: tiff(CMYK, photometric="separated"), "CMYK"),
    "cmyk jpeg": (lambda: pillow("CMYK", "JPEG"), "CMYK"),
    "palette tiff": (lambda: pillow("P", "TIFF"), "palette"),
    "palette png": (lambda: pillow("P", "PNG"), "palette"),
    "palette png with transparency": (lambda: pillow("P", "PNG", transparency=0), "palette"),
    "lab tiff": (lambda: tiff(CMYK[:, :, :3], photometric="cielab"), "Lab"),
    "1-bit tiff": (lambda: pillow("1", "TIFF"), "1-bit"),
    "1-bit png": (lambda: pillow("1", "PNG"), "1 bit per channel"),
    "4-bit png": (lambda: png_header(60, 40, 4, 0), "4 bit per channel"),
    "signed tiff": (lambda: tiff(CHUNKY.astype(np.int16), photometric="rgb"), "16-bit signed"),
    "signed bytes": (lambda: tiff(CHUNKY.astype(np.int8), photometric="rgb"), "8-bit signed"),
    "32-bit integers": (lambda: tiff(CHUNKY.astype(np.uint32), photometric="rgb"), "32-bit channels"),
    "half floats": (lambda: tiff((CHUNKY / 65535).astype(np.float16), photometric="rgb"), "16-bit float"),
    "64-bit floats": (lambda: tiff(CHUNKY.astype(np.float64), photometric="rgb"), "64-bit float"),
    "complex": (lambda: tiff(CHUNKY[:, :, 0].astype(np.complex64), photometric="minisblack"), "64-bit"),
    "raw": (lambda: tiff(CHUNKY[:, :, 0], photometric="cfa", extratags=DNG), "raw file"),
    "dng preview": (lambda: tiff(CHUNKY, photometric="rgb", subfiletype=1), "raw file"),
    # values
    "nan": (lambda: not_finite(np.nan), "NaN or infinity"),
    "inf": (lambda: not_finite(np.inf), "NaN or infinity"),
    "-inf": (lambda: not_finite(-np.inf), "NaN or infinity"),
    # profiles
    "profile of noise": (lambda: saved("tif", iccprofile=b"x" * 300), "colour profile is damaged"),
    "profile cut off": (lambda: saved("tif", iccprofile=ADOBE[:500]), "colour profile is damaged"),
    "profile cmyk": (
        lambda: saved("tif", iccprofile=ADOBE[:16] + b"CMYK" + ADOBE[20:]),
        "colour profile is for CMYK",
    ),
    "profile grey on rgb": (lambda: saved("tif", iccprofile=GREY), "RGB with a profile for grey"),
    "png profile damaged": (lambda: png_with(b"iCCP", iccp(ADOBE[:400])), "colour profile is damaged"),
    "png profile not packed": (lambda: png_with(b"iCCP", b"ICC profile\0\0xxxxxxx"), "damaged"),
    "png profile bomb": (lambda: png_with(b"iCCP", iccp(bytes(40_000_000))), "damaged"),
    "jpeg profile": (lambda: saved("jpg", icc_profile=ADOBE[:400]), "colour profile is damaged"),
    # damage
    "strip without data": (first_bytecount_zero, "damaged or cut off"),
    "strip outside the file": (lambda: with_tag(saved("tif"), 273, 10_000_000), "damaged or cut off"),
    "png bit flip": (lambda: saved("png")[:5000] + b"\xaa\xbb" + saved("png")[5002:], "damaged or cut off"),
    "png header only": (lambda: saved("png")[:33], "damaged or cut off"),
    "tiff header only": (lambda: saved("tif")[:8], "damaged or cut off"),
    "tiff directory past the end": (lambda: b"II*\0\xff\xff\xff\x7f", "damaged or cut off"),
    "tiff directory in circles": (lambda: b"II*\0\x08\0\0\0\0\0\x08\0\0\0", "damaged|no pixels"),
    "jpeg start only": (lambda: b"\xff\xd8\xff\xe0" + bytes(20), "damaged or cut off"),
}


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_image(path)
    line = str(caught.value)
    assert line.startswith(f"{path}: ")
    assert "; " in line
    assert "\n" not in line
    return line


@pytest.mark.parametrize("name", BAD)
def test_bad_file(tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]):
    make, problem = BAD[name]
    data = make()
    path = tmp_path / "bad picture.dat"
    path.write_bytes(data)
    assert any(part in refusal(path) for part in problem.split("|"))
    assert path.read_bytes() == data
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        ("tif", {}),
        ("tif", {"rowsperstrip": 7}),
        ("tif", {"tile": (16, 16)}),
        ("tif", {"compression": "zlib", "rowsperstrip": 7}),
        ("tif", {"compression": "lzw", "predictor": True}),
        ("tif", {"compression": "zstd", "tile": (16, 16)}),
        ("tif", {"planarconfig": "separate"}),
        ("png", {}),
        ("jpg", {}),
        ("jpg", {"progressive": True}),
    ],
    ids=str,
)
@pytest.mark.parametrize("kept", [0.02, 0.3, 0.5, 0.9, 0.99, -1])
def test_cut_off(tmp_path: Path, suffix: str, options: dict[str, Any], kept: float):
    if options.get("planarconfig") == "separate":
        data = tiff(PIXELS, photometric="rgb", planarconfig="separate")
    else:
        data = saved(suffix, **options)
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(data)
    read_image(path)
    path.write_bytes(data[: int(len(data) * kept) if kept > 0 else -1])
    assert "damaged or cut off" in refusal(path)


def test_libpng_does_not_print_what_it_thinks(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    checksum = struct.pack(">I", zlib.crc32(b"iCCP" + iccp(ADOBE)))
    data = png_with(b"iCCP", iccp(ADOBE))
    assert checksum in data
    data = data.replace(checksum, bytes(4))
    (tmp_path / "a.png").write_bytes(data)
    image = read_image(tmp_path / "a.png")
    assert image.icc == ADOBE
    assert np.array_equal(image.colour, PIXELS)
    assert capfd.readouterr() == ("", "")


def test_missing_and_folders(tmp_path: Path):
    assert "does not exist" in refusal(tmp_path / "nowhere.tif")
    assert "does not exist" in refusal(tmp_path / "no folder" / "nowhere.tif")
    (tmp_path / "folder.tif").mkdir()
    assert "is a folder" in refusal(tmp_path / "folder.tif")
    (tmp_path / "loop.tif").symlink_to(tmp_path / "loop.tif")
    refusal(tmp_path / "loop.tif")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="POSIX pipes")
def test_a_pipe_does_not_hang(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.tif")
    assert "not an ordinary file" in refusal(tmp_path / "pipe.tif")


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "a.tif"
    path.write_bytes(saved("tif"))

    def refuse(*_args: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert "may not be read" in refusal(path)


def test_the_limit_holds_for_writing_too(tmp_path: Path):
    side = int(MAX_PIXELS**0.5) + 1
    huge = np.broadcast_to(np.uint8(0), (3, side, side))
    with pytest.raises(InputError, match="limit of 300 megapixels"):
        write_image(tmp_path / "a.tif", huge)
    with pytest.raises(InputError, match="has no pixels"):
        write_image(tmp_path / "a.tif", np.zeros((3, 0, 5), np.uint8))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", ["tif", "png", "jpg"])
@pytest.mark.parametrize("damage", ["bytes", "cuts"])
def test_any_damage_is_an_input_error_or_a_picture(tmp_path: Path, suffix: str, damage: str):
    """Never another exception, whatever bytes change; nor a picture of another size than the header's."""
    options = {"rowsperstrip": 9, "compression": "zlib"} if suffix == "tif" else {}
    data = saved(suffix, **options)
    rng = np.random.default_rng(17)
    path = tmp_path / "a.dat"
    # The structure, where damage does most: TIFF's directory, PNG's and JPEG's headers.
    reach = 400 if suffix != "jpg" else 700
    lines: list[str] = []
    for _ in range(250):
        changed = bytearray(data)
        if damage == "bytes":
            for at in rng.integers(4, reach, rng.integers(1, 5)):
                changed[at] = rng.integers(0, 256)
        else:
            at = int(rng.integers(4, len(data) - 20))
            del changed[at : at + int(rng.integers(1, 20))]
        path.write_bytes(changed)
        try:
            image = read_image(path)
        except InputError as error:
            lines.append(str(error))
        else:
            assert isinstance(image, Image)
            assert image.colour.size
    assert len(lines) > 20
    assert not any("\n" in line for line in lines)
