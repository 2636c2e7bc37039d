"""Project files, ``.retexture``: a zip of ``document.json`` and one member for each array, profile and metadata block.

Nothing is ever unpacked to disk, so names of members cannot point anywhere. How arrays are bytes is in `members`;
pictures whose pixels stay in their own files are in `links`.
"""

import os
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.document.check import check
from retexture.document.document import Document, all_pixels
from retexture.document.pixels import Pixels
from retexture.errors import InputError
from retexture.files.atomic import atomic_write, check_target
from retexture.files.colour import profile_space
from retexture.files.links import MissingSource, link_sources, read_links
from retexture.files.members import in_order, packed, read_frames, unpack, workers, write_frames
from retexture.files.raster import DECODE_ERRORS
from retexture.files.schema import (
    VERSION,
    Array,
    Block,
    Members,
    Project,
    check_sizes,
    decode_document,
    describe_array,
    encode,
    frame_slices,
    migrated,
    sha256,
)

MAX_JSON_BYTES = 1 << 27
MAX_BLOCK_BYTES = 1 << 27

_DOCUMENT = "document.json"
_MADE = (1980, 1, 1, 0, 0, 0)  # the same document gives the same bytes
_ZIP_ERRORS = (*DECODE_ERRORS, zipfile.BadZipFile, zlib.error)
_AGAIN = "copy it again from where it came, or open an older copy"


def write_project(
    path: str | os.PathLike[str], document: Document, *, overwrite: bool = False, linked: bool = False
) -> tuple[str, ...]:
    """Write a document as a project file, whole or not at all. Each array is stored once, however often it is used.

    Args:
        path: the file.
        document: what to write.
        overwrite: replace an existing file.
        linked: leave out the pixels of sources that can be read again, exactly, from their own files.

    Returns:
        Which sources could not be linked and are in the file, with the reason, one phrase each.

    Raises:
        InputError: see `atomic_write`; also a document too large to be read again.
        ValueError: the document is not one that `check` accepts.
    """
    path = Path(path)
    check(document)
    check_target(path, overwrite)
    held = all_pixels(document)
    check_sizes(path, (document.width_px, document.height_px), tuple(map(describe_array, held.values())))
    links, notes = link_sources(path, document) if linked else ((), ())
    elsewhere = {array.id for link in links for array in link.arrays}
    pixels = tuple(p for name, p in held.items() if name not in elsewhere)
    with atomic_write(path, overwrite) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        arrays = tuple(_write_arrays(archive, pixels))
        icc = None if document.icc is None else _write_block(archive, "icc", document.icc)
        metadata = {
            name: _write_block(archive, f"metadata/{name}", data) for name, data in document.metadata.items()
        }
        bare = msgspec.structs.replace(document, icc=None, metadata={})
        project = Project("retexture", VERSION, arrays, icc, metadata, links, document=bare)
        archive.writestr(zipfile.ZipInfo(_DOCUMENT, _MADE), encode(project), zipfile.ZIP_DEFLATED, 6)
    return notes


def _write_block(archive: zipfile.ZipFile, name: str, data: bytes) -> Block:
    archive.writestr(zipfile.ZipInfo(name, _MADE), data)
    return Block(len(data), sha256(data))


def _write_arrays(archive: zipfile.ZipFile, pixels: tuple[Pixels, ...]) -> Iterator[Array]:
    with ThreadPoolExecutor(workers(), "retexture-project") as pool:
        data = packed(pool, pixels)
        for p in pixels:
            info = zipfile.ZipInfo(f"pixels/{p.id}", _MADE)
            with archive.open(info, "w", force_zip64=p.nbytes > 1 << 30) as member:
                frames = write_frames(member, p, data)
            yield describe_array(p, frames)


def read_project(
    path: str | os.PathLike[str], *, locate: Callable[[MissingSource], Path | None] = lambda _missing: None
) -> Document:
    """Read a project file. Ids are those that were written; nothing is taken from the file that `check` refuses.

    Args:
        path: the file.
        locate: asked, on this thread, for each linked picture that is not found as it was; see `read_links`.

    Raises:
        InputError: the file cannot be read, is no project file, is of a newer version, or is damaged; a linked
            picture is gone or changed, and `locate` gave no other.
    """
    path = Path(path)
    try:
        if path.exists() and not path.is_file():
            raise InputError(path, "is no ordinary file", "give the name of a project file")
        if not zipfile.is_zipfile(path):
            path.open("rb").close()
            raise InputError(path, "is no Retexture project, or is cut off", _AGAIN)
        with zipfile.ZipFile(path) as archive:
            return _read(path, archive, locate)
    except FileNotFoundError as error:
        raise InputError(path, "does not exist", "check the name and the folder") from error
    except PermissionError as error:
        raise InputError(path, "may not be read", "change its permissions") from error
    except MemoryError as error:
        raise InputError(path, "does not fit into memory", "close other programs") from error
    except _ZIP_ERRORS as error:
        raise InputError(path, f"is damaged ({_reason(error)})", _AGAIN) from error


def _reason(error: Exception) -> str:
    return f"{error.args[0]}" if error.args else type(error).__name__


def _read(path: Path, archive: zipfile.ZipFile, locate: Callable[[MissingSource], Path | None]) -> Document:
    names = archive.namelist()
    if len(set(names)) != len(names):
        raise ValueError("a member is there twice")
    if any(name.startswith("/") or ".." in name.split("/") or "\\" in name or ":" in name for name in names):
        raise ValueError("a member's name points out of the file")
    if _DOCUMENT not in names:
        raise InputError(path, "is a zip file, but no Retexture project", "give the name of a project file")
    project = migrated(path, msgspec.json.decode(_read_member(archive, _DOCUMENT, MAX_JSON_BYTES)))
    members = msgspec.convert(project, Members)
    stated = msgspec.convert(project, _Sized).document
    arrays = (*members.pixels, *(array for link in members.linked for array in link.arrays))
    check_sizes(path, (stated.width_px, stated.height_px), arrays)
    twice = [name for name, times in Counter(array.id for array in arrays).items() if times > 1]
    if twice:
        raise ValueError(f"the pixels {twice[0]} are there twice")
    icc = None if members.icc is None else _read_block(archive, "icc", members.icc)
    found, paths = read_links(path, members.linked, icc, locate)
    document = decode_document(project, _read_arrays(archive, members.pixels) | found)
    document = msgspec.structs.replace(
        document,
        sources=tuple(
            msgspec.structs.replace(source, path=paths.get(source.key, source.path))
            for source in document.sources
        ),
        icc=icc,
        metadata={
            name: _read_block(archive, f"metadata/{name}", block) for name, block in members.metadata.items()
        },
    )
    check(document)
    if document.icc is not None and profile_space(document.icc, path) != _SPACES[document.mode]:
        raise ValueError(f"the profile is not for {document.mode} pictures")
    return document


_SPACES = {"rgb": "rgb", "grey": "gray"}


class _Size(msgspec.Struct, frozen=True):
    width_px: int
    height_px: int


class _Sized(msgspec.Struct, frozen=True):
    document: _Size


def _read_member(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    if archive.getinfo(name).file_size > limit:
        raise ValueError(f"{name} claims more than {limit >> 20} MB")
    with archive.open(name) as member:
        return member.read()


def _read_block(archive: zipfile.ZipFile, name: str, block: Block) -> bytes:
    data = _read_member(archive, name, MAX_BLOCK_BYTES)
    if len(data) != block.size or sha256(data) != block.sha256:
        raise ValueError(f"{name} is not what was saved")
    return data


def _read_arrays(archive: zipfile.ZipFile, entries: tuple[Array, ...]) -> dict[str, Pixels]:
    found: dict[str, NDArray[Any]] = {entry.id: np.empty(entry.shape, entry.dtype) for entry in entries}
    # Closed at once, with the member it has open, when a frame turns out to be damaged.
    with (
        closing(_frames(archive, entries, found)) as frames,
        ThreadPoolExecutor(workers(), "retexture-project") as pool,
    ):
        for _ in in_order(pool, lambda frame: unpack(*frame), frames):
            pass
    return {name: Pixels(array, name) for name, array in found.items()}


def _frames(
    archive: zipfile.ZipFile, entries: tuple[Array, ...], arrays: dict[str, NDArray[Any]]
) -> Generator[tuple[bytes, NDArray[Any], str], None, None]:
    """Yield (compressed bytes, the part of the array that they fill, hash) of all frames."""
    for entry in entries:
        info = archive.getinfo(f"pixels/{entry.id}")
        array = arrays[entry.id]
        parts = frame_slices(array.shape, array.itemsize)
        # Stored as they are, the members cannot be larger than the file itself.
        stored = info.compress_type == zipfile.ZIP_STORED and info.file_size == sum(
            f.size for f in entry.frames
        )
        if not stored or len(parts) != len(entry.frames):
            raise ValueError(f"{info.filename} has another size than its pixels")
        with archive.open(info) as member:
            yield from read_frames(member, entry, array)
            member.read()  # to the end, where the zip's own checksum is compared
