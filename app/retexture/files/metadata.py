"""EXIF and XMP between picture formats.

Kept: camera, artist, copyright, description, software and date; resolution; the whole Exif and GPS
directories except maker notes (their inner offsets break when they move), and the pixel size and thumbnail,
which would describe another picture. Orientation becomes 1, as pictures are turned upright when read.
"""

import re
import struct
import warnings
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from retexture.files.raster import DECODE_ERRORS

if TYPE_CHECKING:
    from PIL.Image import Exif

EXIF_DIRECTORY, GPS_DIRECTORY = 0x8769, 0x8825
X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT = 282, 283, 296

UNREADABLE = "its EXIF data cannot be read (damaged, or in a BigTIFF) and is left out"

_RESOLUTION = (X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT)
_INCH, _CENTIMETRE = 2, 3
_KEPT = (270, 271, 272, *_RESOLUTION, 305, 306, 315, 33432)
_ORIENTATION = 274
_DROPPED = (37500, 40962, 40963, 40965)  # maker note, pixel width and height, interoperability pointer
_XMP_ORIENTATION = re.compile(rb"(<tiff:Orientation>|tiff:Orientation=[\"'])[2-8]")


def exif_of_block(block: bytes) -> tuple[bytes, int]:
    """Return an EXIF block (with or without its ``Exif`` prefix) cleaned as above, and its orientation, 1-8.

    The block is empty where nothing worth keeping is in it.

    Raises:
        ValueError: the block is damaged.
    """
    return _read(lambda exif: exif.load(block))


def exif_of_tiff(file: BinaryIO) -> bytes:
    """Return the EXIF data of an open TIFF file's first page as a block, cleaned as above; empty if none.

    Raises:
        ValueError: it is damaged.
    """
    file.seek(0)
    return _read(lambda exif: exif.load_from_fp(file))[0]


def upright_xmp(packet: bytes) -> bytes:
    """Return an XMP packet that says orientation 1, otherwise byte for byte the same."""
    return _XMP_ORIENTATION.sub(rb"\g<1>1", packet)


def tiff_options(block: bytes) -> dict[str, Any]:
    """Return an EXIF block's main directory as `tifffile.imwrite` options: resolution and `extratags`.

    Its Exif and GPS directories are written there by `append_directories`.
    """
    exif = _loaded(block)
    options: dict[str, Any] = {}
    if X_RESOLUTION in exif and Y_RESOLUTION in exif:
        options["resolution"] = tuple(_ratio(exif[tag]) for tag in (X_RESOLUTION, Y_RESOLUTION))
        options["resolutionunit"] = exif.get(RESOLUTION_UNIT, 2)
    texts = [
        (tag, 2, None, exif[tag].encode("latin-1") + b"\0", True)
        for tag in _KEPT
        if isinstance(exif.get(tag), str)
    ]
    places = [
        (directory - 1, 4, 1, 0, True)
        for directory in (EXIF_DIRECTORY, GPS_DIRECTORY)
        if exif.get_ifd(directory)
    ]
    options["extratags"] = texts + places
    return options


def append_directories(path: Path, block: bytes) -> None:
    """Write an EXIF block's Exif and GPS directories to the end of a TIFF file made with `tiff_options`.

    tifffile does not write these two tags, so their places carry the unused tag number just below, which is
    put right here.
    """
    from PIL.TiffImagePlugin import ImageFileDirectory_v2
    from tifffile import TiffFile

    exif = _loaded(block)
    with path.open("r+b") as file:
        with TiffFile(file) as tif:
            order, big = tif.byteorder, tif.is_bigtiff
            tags = {code: (tag.offset, tag.valueoffset) for code, tag in tif.pages.first.tags.items()}
        for directory in (EXIF_DIRECTORY, GPS_DIRECTORY):
            entries = exif.get_ifd(directory)
            if not entries or big:
                continue
            written = ImageFileDirectory_v2(b"II*\0\0\0\0\0" if order == "<" else b"MM\0*\0\0\0\0")
            written.update(entries)
            tag_at, value_at = tags[directory - 1]
            file.seek(0, 2)
            start = file.tell() + file.tell() % 2
            file.seek(start)
            file.write(written.tobytes(start))
            file.seek(tag_at)
            file.write(struct.pack(order + "H", directory))
            file.seek(value_at)
            file.write(struct.pack(order + "I", start))


def _loaded(block: bytes) -> "Exif":
    from PIL.Image import Exif

    exif = Exif()
    exif.load(block)
    return exif


def _read(load: "Callable[[Exif], None]") -> tuple[bytes, int]:
    from PIL.Image import Exif

    exif = Exif()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            load(exif)
            orientation = exif.get(_ORIENTATION, 1)
            return _cleaned(exif), orientation if orientation in range(1, 9) else 1
    except (*DECODE_ERRORS, UserWarning) as error:
        raise ValueError("damaged EXIF") from error


def _cleaned(exif: "Exif") -> bytes:
    from PIL.Image import Exif

    clean = Exif()
    resolved = exif.get(RESOLUTION_UNIT, _INCH) in (_INCH, _CENTIMETRE)  # else just an aspect ratio
    for tag in _KEPT:
        if tag in exif and (resolved or tag not in _RESOLUTION):
            value = exif[tag]
            # Pillow reads text as Latin-1 but writes ASCII: as bytes, UTF-8 comes through.
            clean[tag] = value.encode("latin-1", "replace") if isinstance(value, str) else value
    for directory in (EXIF_DIRECTORY, GPS_DIRECTORY):
        entries = {tag: value for tag, value in exif.get_ifd(directory).items() if tag not in _DROPPED}
        if entries:
            clean.get_ifd(directory).update(entries)
            clean[directory] = 0
    if not clean:
        return b""
    clean[_ORIENTATION] = 1
    return clean.tobytes().removeprefix(b"Exif\0\0")


def _ratio(value: Any) -> tuple[int, int]:
    fraction = Fraction(float(value)).limit_denominator(10000)
    return fraction.numerator, fraction.denominator
