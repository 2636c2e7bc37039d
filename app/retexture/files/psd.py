"""Photoshop documents, PSD and PSB, read into our layers through psd-tools' parser (never its compositor)."""

import logging
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any, cast

import numpy as np

from retexture.document.document import Document, Source
from retexture.document.layers import AnyLayer, PixelLayer
from retexture.document.pixels import Pixels
from retexture.errors import InputError
from retexture.files.colour import profile_space
from retexture.files.metadata import UNREADABLE, exif_of_block, upright_xmp
from retexture.files.psd_layers import Reader
from retexture.files.psd_pixels import Depth, decode
from retexture.files.raster import DECODE_ERRORS, check_size, damaged

SIGNATURE = b"8BPS"

_MODES = {0: "bitmap", 2: "indexed colour", 4: "CMYK", 7: "multichannel", 8: "duotone", 9: "Lab"}
_GREY, _RGB = 1, 3
_CONVERT = "convert it to RGB in Photoshop (Image > Mode) and save it again"

_ICC, _EXIF, _XMP = 1039, 1058, 1060

_MAX_OBJECTS = 20_000_000
"""Values that the parser may read: bounds the work that a damaged file can ask for."""

# psd-tools logs what it skips; without a handler of any kind Python would print that to stderr.
logging.getLogger("psd_tools").addHandler(logging.NullHandler())


def read_psd(path: str | PathLike[str]) -> tuple[Document, tuple[str, ...]]:
    """Read a PSD or PSB file into layers: 8, 16 or 32 bits, RGB or grey.

    Kept: pixel layers, groups, fills, raster and vector masks with density and feather, Blend-If, opacity, fill
    opacity, clipping, blend modes, artboards, hidden layers, the colour profile, EXIF and XMP. Shapes, gradients,
    text and smart objects become the pixels that Photoshop stored for them. A file without layers gives its
    flattened picture as the single layer Background; otherwise that picture is never looked at.

    Returns:
        The document, and what could not be represented in it, one line each.

    Raises:
        InputError: missing, a folder, empty, cut off, damaged or no PSD; no pixels or more than `MAX_PIXELS`;
            a colour mode other than RGB and grey; NaN or infinity; a damaged profile.
    """
    path = Path(path)
    with _mendable(path):
        if path.is_dir():
            raise InputError(path, "is a folder", "give a PSD or PSB file")
        with path.open("rb") as file:
            _check_header(path, file.read(26))
            from psd_tools.psd import PSD
            from psd_tools.psd.parse_limits import ParseLimits

            file.seek(0)
            psd = PSD.read(file, parse_limits=ParseLimits(max_objects=_MAX_OBJECTS))
        header = psd.header
        grey = int(header.color_mode) == _GREY
        depth = cast("Depth", header.depth)
        reader = Reader(header.width, header.height, depth, grey, header.version)
        info = psd._get_layer_info()
        layers = _tree(reader, list(psd._iter_layers()))
        if not layers:
            layers = (_flattened(reader, psd),)
        _note_channels(reader, header.channels, -1 if info is None else info.layer_count)
        icc, metadata = _resources(reader, psd.image_resources, path, grey)
        document = Document(
            width_px=header.width,
            height_px=header.height,
            depth=depth,
            mode="grey" if grey else "rgb",
            layers=layers,
            sources=tuple(reader.sources),
            icc=icc,
            metadata=metadata,
        )
    return document, reader.notes.texts()


@contextmanager
def _mendable(path: Path) -> Iterator[None]:
    """Turn every error of reading `path` into an InputError."""
    try:
        yield
    except InputError:
        raise
    except FileNotFoundError as error:
        raise InputError(path, "does not exist", "check the name and the folder") from error
    except PermissionError as error:
        raise InputError(path, "may not be read", "change its permissions") from error
    except MemoryError as error:
        raise InputError(path, "does not fit into memory", "close other programs") from error
    except (*DECODE_ERRORS, zlib.error) as error:
        raise damaged(path) from error


def _check_header(path: Path, start: bytes) -> None:
    """Refuse what is no PSD that we read, by its first 26 bytes, before any memory is taken."""
    if not start:
        raise InputError(path, "is empty", "copy it again from where it came, or save it again")
    if not start.startswith(SIGNATURE):
        raise InputError(path, "is no Photoshop document", "give a PSD or PSB file")
    if len(start) < 26:
        raise damaged(path)
    version, channels, height, width, depth, mode = struct.unpack(">4xH6xHIIHH", start)
    if version not in (1, 2):
        raise damaged(path)
    check_size(path, width, height)
    if mode not in (_GREY, _RGB):
        raise InputError(path, f"is {_MODES.get(mode, 'in an unknown colour mode')}", _CONVERT)
    if depth not in (8, 16, 32) or channels < (1 if mode == _GREY else 3):
        raise damaged(path)


def _tree(reader: Reader, records: list[Any]) -> tuple[AnyLayer, ...]:
    """Return the layers of the flat list of records, bottom first: a bounding divider opens a group, its own
    record, above its members, closes it.
    """
    stack: list[list[AnyLayer]] = [[]]
    for record, channels in records:
        blocks = record.tagged_blocks
        divider = blocks.get_data(b"lsct") or blocks.get_data(b"lsdk")
        kind = 0 if divider is None else int(divider.kind)
        if kind == 3:
            stack.append([])
        elif kind in (1, 2):
            if len(stack) == 1:
                reader.notes.add("a group without a beginning holds no layers", record.name)
                stack.append([])
            members = stack.pop()
            stack[-1].append(reader.group(record, channels, divider, tuple(members)))
        else:
            stack[-1].append(reader.layer(record, channels))
    while len(stack) > 1:
        reader.notes.add("a group without an end is dissolved into its layers")
        members = stack.pop()
        stack[-1].extend(members)
    return tuple(stack[0])


def _flattened(reader: Reader, psd: Any) -> PixelLayer:
    """Return the only picture of a file without layers."""
    header = psd.header
    rows = decode(psd.image_data, header.width, header.height * header.channels, header.depth, header.version)
    planes = rows.reshape(header.channels, header.height, header.width)[: reader.colours]
    key = reader.key("Background")
    reader.sources.append(Source(key, "Background", Pixels(np.ascontiguousarray(planes))))
    return PixelLayer(key=key, name="Background", source=key)


def _note_channels(reader: Reader, channels: int, layer_count: int) -> None:
    """Note channels of the file beside colour and, where the count of layers is negative, transparency."""
    extra = channels - reader.colours - (1 if layer_count < 0 else 0)
    if extra > 0:
        reader.notes.add(f"{extra} alpha or spot channel{'s are' if extra > 1 else ' is'} left out")


def _resources(
    reader: Reader, resources: Any, path: Path, grey: bool
) -> tuple[bytes | None, dict[str, bytes]]:
    """Return the colour profile, and the EXIF and XMP blocks."""
    icc = resources.get_data(_ICC) or None
    if icc is not None:
        icc = bytes(icc)
        space = profile_space(icc, path)
        if (space == "gray") != grey:
            kind = "grey" if grey else "RGB"
            raise InputError(
                path, f"is {kind} with a profile of another kind", "assign it another in Photoshop"
            )
    metadata = {}
    try:
        exif = exif_of_block(bytes(resources.get_data(_EXIF) or b""))[0]
        if exif:
            metadata["exif"] = exif
    except ValueError:
        reader.notes.add(UNREADABLE)
    xmp = resources.get_data(_XMP)
    if xmp:
        metadata["xmp"] = upright_xmp(bytes(xmp))
    return icc, metadata
