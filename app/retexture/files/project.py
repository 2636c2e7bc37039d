"""Project files, ``.retexture``: a zip of ``document.json`` and one member for each array, profile and metadata block.

Nothing is ever unpacked to disk, so names of members cannot point anywhere. Arrays are little-endian samples; integer
ones are stored as differences along each row (the first sample as it is), and every frame is one zstd frame.
"""

import os
import zipfile
import zlib
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import IO, Any, TypeVar

import imagecodecs
import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.document.check import check
from retexture.document.document import Document, all_pixels
from retexture.document.pixels import Pixels
from retexture.errors import InputError
from retexture.files.atomic import atomic_write
from retexture.files.colour import profile_space
from retexture.files.raster import DECODE_ERRORS
from retexture.files.schema import (
    VERSION,
    Array,
    Block,
    Frame,
    Members,
    Project,
    check_sizes,
    decode_document,
    describe_array,
    encode,
    frame_slices,
    sha256,
)

MAX_JSON_BYTES = 1 << 27
MAX_BLOCK_BYTES = 1 << 27

MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""From each older version of ``document.json``, as plain dictionaries and lists, the one that follows it."""

_DOCUMENT = "document.json"
_MADE = (1980, 1, 1, 0, 0, 0)  # the same document gives the same bytes
_ZIP_ERRORS = (*DECODE_ERRORS, zipfile.BadZipFile, zlib.error)
_AGAIN = "copy it again from where it came, or open an older copy"

T = TypeVar("T")
R = TypeVar("R")


def write_project(path: str | os.PathLike[str], document: Document, *, overwrite: bool = False) -> None:
    """Write a document as a project file, whole or not at all. Each array is stored once, however often it is used.

    Raises:
        InputError: see `atomic_write`; also a document too large to be read again.
        ValueError: the document is not one that `check` accepts.
    """
    path = Path(path)
    check(document)
    pixels = tuple(all_pixels(document).values())
    check_sizes(path, (document.width_px, document.height_px), tuple(map(describe_array, pixels)))
    with atomic_write(path, overwrite) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        arrays = tuple(_write_arrays(archive, pixels))
        icc = None if document.icc is None else _write_block(archive, "icc", document.icc)
        metadata = {
            name: _write_block(archive, f"metadata/{name}", data) for name, data in document.metadata.items()
        }
        bare = msgspec.structs.replace(document, icc=None, metadata={})
        project = Project("retexture", VERSION, arrays, icc, metadata, document=bare)
        archive.writestr(zipfile.ZipInfo(_DOCUMENT, _MADE), encode(project), zipfile.ZIP_DEFLATED, 6)


def _write_block(archive: zipfile.ZipFile, name: str, data: bytes) -> Block:
    archive.writestr(zipfile.ZipInfo(name, _MADE), data)
    return Block(len(data), sha256(data))


def _write_arrays(archive: zipfile.ZipFile, pixels: Iterable[Pixels]) -> Iterator[Array]:
    parts = [(p, part) for p in pixels for part in frame_slices(p.array.shape, p.array.itemsize)]
    with ThreadPoolExecutor(_workers(), "retexture-project") as pool:
        packed = _in_order(pool, lambda item: _pack(item[0].array[item[1]]), parts)
        for p in pixels:
            frames = []
            info = zipfile.ZipInfo(f"pixels/{p.id}", _MADE)
            with archive.open(info, "w", force_zip64=p.nbytes > 1 << 30) as member:
                for _ in frame_slices(p.array.shape, p.array.itemsize):
                    data, digest = next(packed)
                    member.write(data)
                    frames.append(Frame(len(data), digest))
            yield describe_array(p, tuple(frames))


def _pack(samples: NDArray[Any]) -> tuple[bytes, str]:
    """Return compressed samples, and the hash of the samples. zstd's first level writes 400 MB/s and more."""
    samples = np.ascontiguousarray(samples)
    digest = sha256(samples)
    if samples.dtype.kind == "u":
        samples = imagecodecs.delta_encode(samples, axis=-1)
    return bytes(imagecodecs.zstd_encode(samples.tobytes(), level=1)), digest


def _unpack(data: bytes, out: NDArray[Any], digest: str) -> None:
    """Fill `out` with the samples of a frame.

    Raises:
        ValueError, RuntimeError: other samples than were written, or none.
    """
    raw = imagecodecs.zstd_decode(data, out=out.nbytes)
    if len(raw) != out.nbytes:
        raise ValueError("a frame is too short")
    samples = np.frombuffer(raw, out.dtype).reshape(out.shape)
    if samples.dtype.kind == "u":
        samples = imagecodecs.delta_decode(samples, axis=-1)
    if sha256(np.ascontiguousarray(samples)) != digest:
        raise ValueError("the pixels are not those that were saved")
    if samples.dtype.kind == "f" and not np.isfinite(samples).all():
        raise ValueError("the pixels are no numbers (NaN or infinity)")
    out[:] = samples


def _workers() -> int:
    return min(8, os.cpu_count() or 1)


def _in_order(pool: ThreadPoolExecutor, work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """Yield the results for the items in their order, with only a few under way at a time: memory stays bounded."""
    pending: deque[Future[R]] = deque()
    for item in items:
        pending.append(pool.submit(work, item))
        if len(pending) > 2 * _workers():
            yield pending.popleft().result()
    while pending:
        yield pending.popleft().result()


def read_project(path: str | os.PathLike[str]) -> Document:
    """Read a project file. Ids are those that were written; nothing is taken from the file that `check` refuses.

    Raises:
        InputError: the file cannot be read, is no project file, is of a newer version, or is damaged.
    """
    path = Path(path)
    try:
        if path.exists() and not path.is_file():
            raise InputError(path, "is no ordinary file", "give the name of a project file")
        if not zipfile.is_zipfile(path):
            path.open("rb").close()
            raise InputError(path, "is no Retexture project, or is cut off", _AGAIN)
        with zipfile.ZipFile(path) as archive:
            return _read(path, archive)
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


def _read(path: Path, archive: zipfile.ZipFile) -> Document:
    names = archive.namelist()
    if len(set(names)) != len(names):
        raise ValueError("a member is there twice")
    if any(name.startswith("/") or ".." in name.split("/") or "\\" in name or ":" in name for name in names):
        raise ValueError("a member's name points out of the file")
    if _DOCUMENT not in names:
        raise InputError(path, "is a zip file, but no Retexture project", "give the name of a project file")
    project = _migrated(path, msgspec.json.decode(_read_member(archive, _DOCUMENT, MAX_JSON_BYTES)))
    members = msgspec.convert(project, Members)
    size = msgspec.convert(project, _Sized).document
    check_sizes(path, (size.width_px, size.height_px), members.pixels)
    pixels = _read_arrays(archive, members.pixels)
    document = msgspec.structs.replace(
        decode_document(project, pixels),
        icc=None if members.icc is None else _read_block(archive, "icc", members.icc),
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


class _Version(msgspec.Struct, frozen=True):
    format: str
    version: int


def _migrated(path: Path, project: Any) -> dict[str, Any]:
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
    found: dict[str, NDArray[Any]] = {}
    for entry in entries:
        if entry.id in found:
            raise ValueError(f"the pixels {entry.id} are there twice")
        found[entry.id] = np.empty(entry.shape, entry.dtype)
    # Closed at once, with the member it has open, when a frame turns out to be damaged.
    with (
        closing(_frames(archive, entries, found)) as frames,
        ThreadPoolExecutor(_workers(), "retexture-project") as pool,
    ):
        for _ in _in_order(pool, lambda frame: _unpack(*frame), frames):
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
            for part, frame in zip(parts, entry.frames, strict=True):
                yield _exactly(member, frame.size), array[part], frame.sha256
            member.read()  # to the end, where the zip's own checksum is compared


def _exactly(member: IO[bytes], size: int) -> bytes:
    data = member.read(size)
    if len(data) != size:
        raise EOFError("a member is cut off")
    return data
