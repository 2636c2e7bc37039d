"""JPEG pictures, through Pillow: of the decoders at hand the one that refuses a file that is cut off."""

import warnings
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retexture.errors import InputError
from retexture.files.metadata import UNREADABLE, exif_of_block, upright_xmp
from retexture.files.raster import (
    DECODE_ERRORS,
    Image,
    check_size,
    chunky,
    damaged,
    finished,
    planes,
    upright,
)

SIGNATURE = b"\xff\xd8\xff"

MAX_SIDE = 65_500
"""libjpeg's limit."""

_MAX_SEGMENT = 65_500
"""Bytes of EXIF or XMP that a JPEG segment takes, with their names before them."""


def read_jpeg(path: Path) -> Image:
    """Read a JPEG file; see `retexture.files.images.read_image`."""
    # The class itself: Image.open would answer a large picture with a warning or an error of its own.
    from PIL.JpegImagePlugin import JpegImageFile

    notes: list[str] = []
    metadata: dict[str, bytes] = {}
    orientation = 1
    try:
        # Pillow warns of damaged EXIF data as soon as it opens the file; it is said in `Image.warnings`.
        with warnings.catch_warnings(action="ignore"), path.open("rb") as file, JpegImageFile(file) as jpeg:
            check_size(path, *jpeg.size)
            if jpeg.mode == "CMYK":
                raise InputError(path, "is a CMYK picture", "convert it to RGB and save it again")
            if jpeg.mode not in ("L", "RGB"):
                raise InputError(path, f"is a JPEG of an unknown kind ({jpeg.mode})", "save it again as RGB")
            if "exif" in jpeg.info:
                try:
                    metadata["exif"], orientation = exif_of_block(jpeg.info["exif"])
                except ValueError:
                    notes.append(UNREADABLE)
            if "xmp" in jpeg.info:
                metadata["xmp"] = upright_xmp(jpeg.info["xmp"])
            planar = upright(planes(np.array(jpeg)), orientation)
            icc = jpeg.info.get("icc_profile")
    except DECODE_ERRORS as error:
        raise damaged(path) from error
    return Image(
        path=path,
        icc=icc or None,
        metadata=metadata,
        warnings=tuple(notes),
        **finished(path, planar, len(planar), None),
    )


def write_jpeg(
    path: Path, colour: NDArray[Any], icc: bytes | None, metadata: Mapping[str, bytes], quality: int
) -> tuple[str, ...]:
    """Write planar uint8 samples as a JPEG file without chroma subsampling; return what was left out."""
    from PIL.Image import fromarray

    kept = {name: block for name, block in metadata.items() if len(block) <= _MAX_SEGMENT}
    options: dict[str, Any] = {}
    if kept.get("exif"):
        options["exif"] = b"Exif\0\0" + kept["exif"]
    if "xmp" in kept:
        options["xmp"] = kept["xmp"]
    if icc is not None:
        options["icc_profile"] = icc
    encoded = BytesIO()  # given a file, Pillow says nothing of a disk that takes only a part
    fromarray(chunky(colour, None)).save(encoded, "JPEG", quality=quality, subsampling=0, **options)
    with path.open("wb") as file:
        file.write(encoded.getbuffer())
    return tuple(
        f"JPEG holds 64 KB of {name.upper()} at most; its {name.upper()} data is left out"
        for name in metadata
        if name not in kept
    )
