"""TIFF pictures (TIFF 6.0), 8, 16 and 32 bits; of several pages the first, of layers the merged picture."""

import logging
from collections.abc import Mapping
from io import BufferedReader
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from tifffile import TiffFile, TiffPage, imwrite

from retexture.errors import InputError
from retexture.files.metadata import UNREADABLE, append_directories, exif_of_tiff, tiff_options, upright_xmp
from retexture.files.raster import (
    DECODE_ERRORS,
    Image,
    check_size,
    chunky,
    damaged,
    finished,
    planes,
    split_into,
    upright,
)

Compression = Literal["deflate", "lzw", "zstd"]

_XMP, _LAYERS, _DNG_VERSION, _ORIENTATION = 700, 37724, 50706, 274
_MIN_IS_WHITE, _MIN_IS_BLACK, _RGB, _YCBCR = 0, 1, 2, 6
_JPEG = (6, 7)
_TYPES = {8: "u1", 16: "u2", 32: "f4"}
_ASSOCIATED, _UNASSOCIATED = 1, 2
_BAND_BYTES = 4_000_000

_REFUSED = {
    3: ("is a palette (indexed colour) picture", "convert it to RGB and save it again"),
    4: ("is a transparency mask, not a picture", "give the picture itself"),
    5: ("is a CMYK picture", "convert it to RGB and save it again"),
    8: ("is a Lab picture", "convert it to RGB and save it again"),
    9: ("is a Lab picture", "convert it to RGB and save it again"),
    32803: ("is a camera's raw file", "develop it in a raw converter and save a 16-bit TIFF"),
    34892: ("is a camera's raw file", "develop it in a raw converter and save a 16-bit TIFF"),
}

# The reader reports what it finds odd through logging; what matters is said as errors and warnings here.
logging.getLogger("tifffile").addHandler(logging.NullHandler())


def read_tiff(path: Path) -> Image:
    """Read a TIFF file; see `retexture.files.images.read_image`."""
    with path.open("rb") as file:
        try:
            with TiffFile(file, name=path.name) as tif:
                return _read_page(path, file, tif)
        except DECODE_ERRORS as error:
            raise damaged(path) from error


def _read_page(path: Path, file: BufferedReader, tif: TiffFile) -> Image:
    page = tif.pages.first
    check_size(path, page.imagewidth, page.imagelength)
    _check_kind(path, file, page)
    _check_complete(path, page)
    colours = 1 if page.photometric in (_MIN_IS_WHITE, _MIN_IS_BLACK) else 3
    if page.samplesperpixel < colours:
        raise damaged(path)
    planar = _samples(file, page)
    notes = []
    if page.photometric == _MIN_IS_WHITE:
        white = 1 if planar.dtype == np.float32 else np.iinfo(planar.dtype).max
        planar[:1] = white - planar[:1]
    extras = [int(kind) for kind in page.extrasamples][: len(planar) - colours]
    kinds = [kind for kind in extras if kind in (_ASSOCIATED, _UNASSOCIATED)]
    alpha = colours + extras.index(kinds[0]) if kinds else None
    if kinds and kinds[0] == _ASSOCIATED:
        notes.append("its colours were multiplied by its transparency and are divided by it again")
        _divide(planar[:colours], planar[alpha])
    left_out = len(planar) - colours - (alpha is not None)
    if left_out:
        notes.append(f"{left_out} extra channel{'s' * (left_out > 1)} (saved selections) left out")
    pages = _count_pages(tif)
    if pages > 1:
        notes.append(f"it has {pages} pages; the first one is used")
    if _LAYERS in page.tags:
        notes.append("it has layers; its merged picture is used")
    metadata = _metadata(file, page, notes)
    orientation = page.tags.valueof(_ORIENTATION, default=1)
    return Image(
        path=path,
        icc=bytes(page.iccprofile) if page.iccprofile else None,
        metadata=metadata,
        warnings=tuple(notes),
        **finished(path, upright(planar, orientation), colours, alpha),
    )


def _check_kind(path: Path, file: BufferedReader, page: TiffPage) -> None:
    file.seek(8)
    if file.read(2) == b"CR" or _DNG_VERSION in page.tags or page.subfiletype & 1:
        raise InputError(path, *_REFUSED[32803])
    photometric = int(page.photometric)
    if photometric in _REFUSED:
        raise InputError(path, *_REFUSED[photometric])
    if photometric not in (_MIN_IS_WHITE, _MIN_IS_BLACK, _RGB) and not (
        photometric == _YCBCR and page.compression in _JPEG
    ):
        raise InputError(path, f"is a rare kind of TIFF (photometric {photometric})", "save it again as RGB")
    if page.bitspersample == 1:
        raise InputError(path, "is a 1-bit (black and white) picture", "save it again with 8 or 16 bits")
    kind = {1: "", 2: " signed", 3: " float"}.get(page.sampleformat, " unknown")
    if (page.bitspersample, page.sampleformat) not in ((8, 1), (16, 1), (32, 3)):
        raise InputError(
            path,
            f"has {page.bitspersample}-bit{kind} channels",
            "save it again with 8 or 16 bits per channel, or 32-bit float",
        )
    if page.imagedepth != 1:
        raise InputError(path, "is a volume, not a picture", "save one slice as a picture")


def _check_complete(path: Path, page: TiffPage) -> None:
    """Refuse strips and tiles outside the file or without data: the reader would give black there."""
    size = page.parent.filehandle.size
    needed = int(np.prod(page.chunked))
    offsets, counts = page.dataoffsets, page.databytecounts
    if len(offsets) < needed or len(counts) < needed:
        raise damaged(path)
    for offset, count in zip(offsets, counts, strict=False):
        if offset < 8 or count < 1 or offset + count > size:
            raise damaged(path)
    if page.compression == 1 and sum(counts) < page.nbytes:
        raise damaged(path)


def _samples(file: BufferedReader, page: TiffPage) -> NDArray[Any]:
    """Return all samples as native (N, H, W)."""
    _, _, height, width, samples = page.shaped
    if not page.is_memmappable or page.planarconfig != 1 or samples == 1:
        array = page.asarray().reshape(page.shaped)
        array = array[:, 0, :, :, 0] if page.planarconfig != 1 else array[0, 0]
        array = array.astype(array.dtype.newbyteorder("="), copy=False)
        return np.require(array, requirements=["C", "W", "O"]) if page.planarconfig != 1 else planes(array)
    # The usual uncompressed file, a band at a time: as fast as mapping it, with half the memory, and a file
    # that shrinks meanwhile is an error instead of the end of the program.
    dtype = np.dtype(page.parent.byteorder + _TYPES[page.bitspersample])
    rows = max(1, _BAND_BYTES // (width * samples * dtype.itemsize))
    band = np.empty((min(rows, height), width, samples), dtype)
    planar = np.empty((samples, height, width), dtype.newbyteorder("="))
    file.seek(page.dataoffsets[0])
    for top in range(0, height, rows):
        part = band[: min(rows, height - top)]
        if file.readinto(part.data) != part.nbytes:
            raise EOFError
        split_into(part.astype(planar.dtype, copy=False), planar[:, top : top + len(part)])
    return planar


def _divide(colour: NDArray[Any], alpha: NDArray[Any]) -> None:
    """Divide colour (C, H, W) by alpha (H, W), a row at a time; black where alpha is 0."""
    floats = colour.dtype == np.float32
    white = 1.0 if floats else float(np.iinfo(colour.dtype).max)
    for y in range(alpha.shape[0]):
        opacity = alpha[y].astype(np.float64) / white
        row = np.divide(colour[:, y], opacity, out=np.zeros(colour[:, y].shape), where=opacity > 0)
        colour[:, y] = row if floats else np.rint(np.minimum(row, white))


def _count_pages(tif: TiffFile) -> int:
    """Return the number of pages without previews (reduced-resolution ones)."""
    return sum(1 for page in tif.pages if not getattr(page, "subfiletype", 0) & 1)


def _metadata(file: BufferedReader, page: TiffPage, notes: list[str]) -> dict[str, bytes]:
    metadata: dict[str, bytes] = {}
    try:
        if exif := exif_of_tiff(file):
            metadata["exif"] = exif
    except ValueError:
        notes.append(UNREADABLE)
    xmp = page.tags.valueof(_XMP)
    if isinstance(xmp, bytes):
        metadata["xmp"] = upright_xmp(xmp)
    return metadata


def write_tiff(
    path: Path,
    colour: NDArray[Any],
    alpha: NDArray[Any] | None,
    icc: bytes | None,
    metadata: Mapping[str, bytes],
    compression: Compression | None,
) -> None:
    """Write planar uint8, uint16 or float32 samples as a chunky TIFF file."""
    exif = metadata.get("exif")
    options = tiff_options(exif) if exif else {"extratags": []}
    if "xmp" in metadata:
        options["extratags"].append((_XMP, 1, len(metadata["xmp"]), metadata["xmp"], True))
    data = chunky(colour, alpha)
    imwrite(
        path,
        data,
        photometric="rgb" if len(colour) == 3 else "minisblack",
        planarconfig="contig" if data.ndim == 3 else None,
        extrasamples=None if alpha is None else ["unassalpha"],
        iccprofile=icc,
        compression=compression,
        predictor=compression is not None,
        rowsperstrip=None if compression is None else 64,
        metadata=None,
        software=False,
        **options,
    )
    if exif:
        append_directories(path, exif)
