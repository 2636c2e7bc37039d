"""The JSON of a project file: the document with its arrays named by id, and how the arrays lie in their members."""

import hashlib
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import numpy as np

from retexture.document.document import Document
from retexture.document.pixels import Pixels, Tiles
from retexture.errors import InputError
from retexture.files.raster import MAX_PIXELS, check_size

VERSION = 3

MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {
    # Version 2 may link pictures; older programs would miss their pixels.
    1: lambda project: {**project, "linked": []},
    # Version 3 may have a selection and an analysis, and name its recipe; older programs would lose them.
    2: lambda project: project,
}
"""From each older version of ``document.json``, as plain dictionaries and lists, the one that follows it."""

FRAME_BYTES = 1 << 23
"""Largest part of an array that is compressed in one go."""

MAX_BYTES = 32 * MAX_PIXELS
"""All arrays together: room for more than a pair of the largest pictures at 32 bits."""

Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Hash = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, msgspec.Meta(ge=0, lt=1 << 40)]
Dtype = Literal["uint8", "uint16", "float32"]


class Frame(msgspec.Struct, frozen=True, array_like=True):
    """A part of an array: the bytes it takes in its member, and the SHA-256 of its samples before compression."""

    size: Count
    sha256: Hash


class Array(msgspec.Struct, frozen=True):
    """An array: member ``pixels/ID``, its frames one after the other (see `frame_slices`)."""

    id: Id
    dtype: Dtype
    shape: Annotated[tuple[Count, ...], msgspec.Meta(min_length=2, max_length=3)]
    frames: tuple[Frame, ...]

    @property
    def nbytes(self) -> int:
        """Bytes of the samples."""
        return math.prod(self.shape) * np.dtype(self.dtype).itemsize


class Block(msgspec.Struct, frozen=True):
    """A member of plain bytes."""

    size: Count
    sha256: Hash


class Linked(msgspec.Struct, frozen=True):
    """A picture whose pixels are read again from its own file. The frames of its arrays have a hash and no size."""

    source: str
    """Key of the document's source."""
    colour: Array
    alpha: Array | None
    path: str
    """Absolute."""
    relative: str | None
    """From the project's folder; None where there is no such path (another drive)."""
    size_bytes: Count
    """Of the file, and `modified` its time, as they were: what tells one version from another to people."""
    modified: float
    """Seconds since 1970."""

    @property
    def arrays(self) -> tuple[Array, ...]:
        """Colour, and alpha where it is read too."""
        return (self.colour,) if self.alpha is None else (self.colour, self.alpha)


class Members(msgspec.Struct, frozen=True):
    """What the other members of the file are."""

    format: Literal["retexture"]
    version: int
    pixels: tuple[Array, ...] = ()
    icc: Block | None = None
    """Member ``icc``: the document's profile."""
    metadata: dict[Id, Block] = {}
    """Members ``metadata/NAME``: the document's metadata."""
    linked: tuple[Linked, ...] = ()
    """Arrays that are no members, but pictures elsewhere."""


class Project(Members, frozen=True, kw_only=True):
    """All of ``document.json``. The document's own profile and metadata are empty here: they are members."""

    document: Document


class _Document(msgspec.Struct, frozen=True):
    document: Document


class _Tiles(msgspec.Struct, frozen=True):
    id: Id
    width_px: Count
    height_px: Count
    background: tuple[float, ...]
    dtype: Dtype
    tiles: tuple[tuple[Count, Count, Id], ...]
    """Column, row and id of each tile."""


def describe_array(pixels: Pixels, frames: tuple[Frame, ...] = ()) -> Array:
    """Return an array's entry.

    Raises:
        ValueError: an id that cannot be a member's name, or a dtype or shape that no document has.
    """
    entry = (pixels.id, pixels.array.dtype.name, pixels.array.shape, frames)
    return msgspec.convert(dict(zip(Array.__struct_fields__, entry, strict=True)), Array)


def frame_slices(shape: tuple[int, ...], itemsize: int) -> list[tuple[slice, ...]]:
    """Return how an array, (H, W) or (C, H, W), is cut into frames: whole where it is small, else rows of a plane."""
    if math.prod(shape) * itemsize <= FRAME_BYTES:
        return [(slice(None),)]
    *planes, height, width = shape
    rows = max(1, FRAME_BYTES // (width * itemsize))
    bands = [slice(top, min(top + rows, height)) for top in range(0, height, rows)]
    if not planes:
        return [(band,) for band in bands]
    return [(slice(c, c + 1), band) for c in range(planes[0]) for band in bands]


def check_sizes(path: Path, document_size: tuple[int, int], arrays: tuple[Array, ...]) -> None:
    """Refuse sizes that could only exhaust the memory, before any is taken.

    Raises:
        InputError: more pixels than any picture may have, or more bytes than `MAX_BYTES`.
    """
    check_size(path, *document_size)
    for array in arrays:
        check_size(path, array.shape[-1], array.shape[-2])
        if len(array.shape) == 3 and not 1 <= array.shape[0] <= 4:
            raise InputError(path, f"claims pixels of {array.shape[0]} channels", "copy it again")
    total = sum(array.nbytes for array in arrays)
    if total > MAX_BYTES:
        problem = f"claims {total >> 30} GB of pixels, over the limit of {MAX_BYTES >> 30}"
        raise InputError(path, problem, "use smaller pictures, or fewer of them")


def sha256(data: Any) -> str:
    """Return the SHA-256 of contiguous bytes or samples, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


class _Version(msgspec.Struct, frozen=True):
    format: str
    version: int


def migrated(path: Path, project: Any) -> dict[str, Any]:
    """Return a decoded ``document.json`` as `VERSION` has it.

    Raises:
        InputError: of another program, or of a newer version.
        ValueError: of no version that there has been.
    """
    stated = msgspec.convert(project, _Version)
    if stated.format != "retexture":
        raise InputError(path, "is no Retexture project", "give the name of a project file")
    if stated.version > VERSION:
        problem = f"was saved by a newer Retexture (file version {stated.version}; this one reads {VERSION})"
        raise InputError(path, problem, "update Retexture")
    for version in range(stated.version, VERSION):
        if version not in MIGRATIONS:
            raise ValueError(f"there has never been a file version {version}")
        project = MIGRATIONS[version](project)
    return {**project, "version": VERSION}


def encode(project: msgspec.Struct) -> bytes:
    """Return ``document.json``: a `Project`, or another struct that holds a document."""

    def as_builtin(value: Any) -> Any:
        if isinstance(value, Pixels):
            return value.id
        if isinstance(value, Tiles):
            tiles = tuple((column, row, tile.id) for (column, row), tile in sorted(value.tiles.items()))
            size = (value.width_px, value.height_px)
            return _Tiles(value.id, *size, value.background, value.dtype.name, tiles)
        raise TypeError(f"{type(value).__name__} has no place in a project file")

    return msgspec.json.encode(project, enc_hook=as_builtin)


def decode_document(project: Mapping[str, Any], pixels: Mapping[str, Pixels]) -> Document:
    """Return the document of a decoded ``document.json``.

    Args:
        project: plain dictionaries and lists.
        pixels: the arrays by id. Planes of one id become one `Tiles`.

    Raises:
        msgspec.ValidationError: not as the schema says; the message ends with the place.
    """
    planes: dict[str, tuple[_Tiles, Tiles]] = {}

    def named(id: str) -> Pixels:
        if id not in pixels:
            raise ValueError(f"there are no pixels {id}")
        return pixels[id]

    def from_builtin(kind: type, value: Any) -> Any:
        if kind is Pixels:
            return named(msgspec.convert(value, str))
        if kind is not Tiles:
            raise TypeError(f"{kind} is not of this schema")
        record = msgspec.convert(value, _Tiles)
        if record.id not in planes:
            planes[record.id] = (
                record,
                Tiles(
                    record.width_px,
                    record.height_px,
                    background=record.background,
                    dtype=record.dtype,
                    tiles={(column, row): named(tile) for column, row, tile in record.tiles},
                    id=record.id,
                ),
            )
        if planes[record.id][0] != record:
            raise ValueError(f"there are two tilings of the id {record.id}")
        return planes[record.id][1]

    return msgspec.convert(project, _Document, dec_hook=from_builtin).document
