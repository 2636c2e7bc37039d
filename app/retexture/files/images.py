"""Flat pictures in and out: TIFF, PNG and JPEG, with their depth, profile, transparency and metadata."""

from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.errors import InputError
from retexture.files import jpeg, png
from retexture.files.atomic import atomic_write
from retexture.files.colour import convert, profile_space, srgb_icc
from retexture.files.raster import MAX_PIXELS, Image, as_depth, check_size
from retexture.render.render import Cancelled

if TYPE_CHECKING:
    from retexture.files.tiff import Compression

__all__ = ["MAX_PIXELS", "SUFFIXES", "Image", "as_depth", "in_srgb", "read_image", "write_image"]

Format = Literal["tiff", "png", "jpeg"]

SUFFIXES: Mapping[str, Format] = {
    ".tif": "tiff",
    ".tiff": "tiff",
    ".png": "png",
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
}
"""What `write_image` writes, by suffix (in any case)."""

_TIFF_SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_FORMATS = "use TIFF, PNG or JPEG"
_OTHERS = (
    (0, b"8BPS", "is a Photoshop document, not a flat picture", "flatten it first, with `retexture render`"),
    (0, b"PK\x03\x04", "is a zip or a project, not a picture", "flatten a project with `retexture render`"),
    (0, b"GIF8", "is a GIF picture", _FORMATS),
    (0, b"BM", "is a BMP picture", _FORMATS),
    (0, b"%PDF", "is a PDF document", _FORMATS),
    (8, b"WEBP", "is a WebP picture", _FORMATS),
    (4, b"ftyp", "is a HEIC, AVIF or raw picture or a film", _FORMATS),
)


def read_image(path: str | PathLike[str]) -> Image:
    """Read a flat TIFF, PNG or JPEG file, told apart by content, at its own depth, turned upright.

    8 and 16 bits, TIFF also 32-bit float; grey or RGB, with or without transparency. Of a file with several
    pages the first is read, of one with layers the merged picture; `Image.warnings` says so. A grey picture
    with an RGB profile becomes RGB.

    Raises:
        InputError: missing, a folder, empty, cut off, damaged or of another format; no pixels or more than
            `MAX_PIXELS`; palette, CMYK, Lab, raw, under 8 bits, signed; NaN or infinity; a damaged profile,
            or one that does not fit the picture.
    """
    path = Path(path)
    try:
        if path.is_dir():
            raise InputError(path, "is a folder", "give a picture file")
        if path.exists() and not path.is_file():
            raise InputError(path, "is not an ordinary file", "give a picture file")
        with path.open("rb") as file:
            start = file.read(16)
        image = _reader(path, start)(path)
    except FileNotFoundError as error:
        raise InputError(path, "does not exist", "check the name and the folder") from error
    except PermissionError as error:
        raise InputError(path, "may not be read", "change its permissions") from error
    except MemoryError as error:
        raise InputError(path, "does not fit into memory", "close other programs") from error
    except OSError as error:
        raise InputError(path, f"cannot be read ({error.strerror})", "copy it again") from error
    return _with_checked_profile(image)


def _reader(path: Path, start: bytes) -> Any:
    if not start:
        raise InputError(path, "is empty", "copy it again from where it came, or save it again")
    if start.startswith(_TIFF_SIGNATURES):
        from retexture.files.tiff import read_tiff  # tifffile takes a third of a second to import

        return read_tiff
    if start.startswith(png.SIGNATURE):
        return png.read_png
    if start.startswith(jpeg.SIGNATURE):
        return jpeg.read_jpeg
    for at, mark, problem, remedy in _OTHERS:
        if start[at : at + len(mark)] == mark:
            raise InputError(path, problem, remedy)
    raise InputError(path, "is not a picture of a known format", _FORMATS)


def _with_checked_profile(image: Image) -> Image:
    if image.icc is None:
        return image
    space = profile_space(image.icc, image.path)
    grey = len(image.colour) == 1
    if space == "gray" and not grey:
        raise InputError(
            image.path, "is RGB with a profile for grey pictures", "assign an RGB profile in an image editor"
        )
    if space == "rgb" and grey:
        colour = np.repeat(image.colour, 3, axis=0)
        colour.setflags(write=False)
        note = "it is grey with an RGB profile, and is read as RGB"
        return msgspec.structs.replace(image, colour=colour, warnings=(*image.warnings, note))
    return image


def in_srgb(colour: NDArray[Any], icc: bytes | None) -> NDArray[np.uint16]:
    """Return colour of a profile, grey too, as (3, H, W) uint16 in sRGB."""
    planes: NDArray[np.uint16] = as_depth(convert(colour, icc, srgb_icc()), 16)
    return np.repeat(planes, 3, axis=0) if len(planes) == 1 else planes


def output_format(path: str | PathLike[str]) -> Format:
    """Return the format that a file name's suffix stands for.

    Raises:
        InputError: none of `SUFFIXES`.
    """
    suffix = Path(path).suffix
    if suffix.lower() not in SUFFIXES:
        problem = f"its suffix {suffix} is no flat picture format" if suffix else "has no suffix"
        raise InputError(path, problem, "name it .tif, .png or .jpg")
    return SUFFIXES[suffix.lower()]


def write_image(
    path: str | PathLike[str],
    colour: NDArray[Any],
    *,
    alpha: NDArray[Any] | None = None,
    icc: bytes | None = None,
    metadata: Mapping[str, bytes] | None = None,
    depth: Literal[8, 16, 32] | None = None,
    quality: int = 95,
    compression: "Compression | None" = None,
    overwrite: bool = False,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[str, ...]:
    """Write a flat picture in the format of the file's suffix, whole or not at all.

    Args:
        path: ending in one of `SUFFIXES`.
        colour: (C, H, W), C = 1 or 3; uint8 or uint16 over the full range, or finite float32, 0-1.
        alpha: (H, W), opacity, not multiplied into the colour; None is opaque.
        icc: the profile to put in; None puts in none, which readers take for sRGB.
        metadata: as in `Image.metadata`.
        depth: bits a channel; None keeps those of `colour`. What the format cannot hold is brought to the
            nearest depth below that it can.
        quality: of a JPEG, 1-100.
        compression: of a TIFF; lossless, with a predictor. None is fastest and read by every program.
        overwrite: replace an existing file.
        cancelled: asked when all is encoded, before the file is put in its place.

    Returns:
        What the format could not hold, one phrase each; never silently less than asked for.

    Raises:
        InputError: an unknown suffix; a picture too large for the format; see `atomic_write`.
        Cancelled: `cancelled` said so; nothing is left behind.
        ValueError: a profile that does not fit the number of channels.
    """
    path = Path(path)
    kind = output_format(path)
    metadata = metadata or {}
    channels, height, width = colour.shape
    check_size(path, width, height)
    space = profile_space(icc, path) if icc is not None else None
    if space is not None and (space == "rgb") != (channels == 3):
        raise ValueError(f"a profile for {space} with {channels} channels")
    if kind == "jpeg" and max(width, height) > jpeg.MAX_SIDE:
        raise InputError(path, f"a JPEG has at most {jpeg.MAX_SIDE} pixels a side", "name it .tif or .png")
    notes = []
    asked = depth or colour.dtype.itemsize * 8
    bits = min(asked, {"tiff": 32, "png": 16, "jpeg": 8}[kind])
    if bits < asked:
        notes.append(f"{kind.upper()} holds {bits} bits per channel; the {asked} bits are rounded to that")
    if kind == "jpeg" and alpha is not None:
        notes.append("JPEG holds no transparency; it is left out")
    colour = as_depth(colour, bits)
    alpha = None if alpha is None else as_depth(alpha, bits)
    with atomic_write(path, overwrite) as temporary:
        if kind == "tiff":
            from retexture.files.tiff import write_tiff

            write_tiff(temporary, colour, alpha, icc, metadata, compression)
        elif kind == "png":
            png.write_png(temporary, colour, alpha, icc, metadata)
        else:
            notes += jpeg.write_jpeg(temporary, colour, icc, metadata, quality)
        if cancelled():
            raise Cancelled
    return tuple(notes)
