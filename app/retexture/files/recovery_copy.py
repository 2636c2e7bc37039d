"""A recovery copy of a document: a folder of ``document.json`` and files of packed arrays.

Arrays that are in the folder already are not written again. An array's file is one of ``pixels-ID``: a large array has
one of its own, the small ones of one writing (the tiles of some strokes) lie together in another. ``document.json`` is
replaced once all that it names is there, and only then are the files deleted that it no longer names: the folder holds
a whole document at any moment.
"""

import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Annotated, Any

import msgspec
import numpy as np

from retexture.document.check import check
from retexture.document.document import Document, all_pixels
from retexture.document.pixels import Pixels
from retexture.errors import InputError
from retexture.files.atomic import atomic_write
from retexture.files.members import in_order, packed, read_frames, unpack, workers, write_frames
from retexture.files.raster import DECODE_ERRORS
from retexture.files.schema import (
    FRAME_BYTES,
    VERSION,
    Array,
    Count,
    check_sizes,
    decode_document,
    describe_array,
    encode,
    frame_slices,
    migrated,
)
from retexture.render.render import Cancelled

_DOCUMENT = "document.json"
_REMEDY = "open the last saved file instead"


class _Packed(Array, frozen=True):
    file: Annotated[str, msgspec.Meta(pattern=r"^pixels-[0-9a-f]{32}$")]
    offset: Count

    @property
    def packed_bytes(self) -> int:
        return sum(frame.size for frame in self.frames)


class About(msgspec.Struct, frozen=True):
    """What a copy says of itself."""

    title: str
    path: str | None
    """The document's own file, where it has one."""
    dirty: bool
    """The document had changes that its own file had not."""
    when: datetime


class _Manifest(msgspec.Struct, frozen=True, kw_only=True):
    format: str = "retexture"
    version: int = VERSION
    about: About
    pixels: tuple[_Packed, ...]
    document: Document
    """With its profile and metadata in it."""


class _Stated(msgspec.Struct, frozen=True):
    about: About
    pixels: tuple[_Packed, ...]


class _Size(msgspec.Struct, frozen=True):
    width_px: int
    height_px: int


class _Sized(msgspec.Struct, frozen=True):
    document: _Size


class Copy:
    """The copy of one document in a folder of its own. For one thread at a time."""

    def __init__(self, folder: Path) -> None:
        """Take over a folder, which may hold a copy already or not exist."""
        self.folder = folder
        self._held: dict[str, _Packed] = {}
        """What is in files, by id."""
        self._sizes: dict[str, int] = {}
        """Bytes of each file."""

    def write(self, document: Document, about: About, cancelled: Callable[[], bool] = lambda: False) -> int:
        """Bring the copy to a version of its document.

        Returns:
            How many bytes of arrays were written.

        Raises:
            Cancelled: `cancelled` said so; the copy is the one before.
            InputError: the folder cannot be written, or the disk is full; the copy is the one before.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            problem = f"cannot be made ({error.strerror})"
            raise InputError(self.folder, problem, "free some space or change its permissions") from error
        pixels = all_pixels(document)
        sparse = self._sparse_files(pixels)
        missing = [
            p for name, p in pixels.items() if name not in self._held or self._held[name].file in sparse
        ]
        large = [[p] for p in missing if p.nbytes >= FRAME_BYTES]
        small = [p for p in missing if p.nbytes < FRAME_BYTES]
        written = sum(self._write_file(group, cancelled) for group in [*large, small] if group)
        entries = tuple(self._held[name] for name in pixels)
        self._write_manifest(encode(_Manifest(about=about, pixels=entries, document=document)))
        self._keep(entries)
        return written

    def read(self) -> Document:
        """Return the document, its arrays under their ids.

        Raises:
            InputError: naming the folder: the copy is damaged, or of a newer version.
        """
        with _damage_named(self.folder):
            project = migrated(self.folder, msgspec.json.decode((self.folder / _DOCUMENT).read_bytes()))
            stated = msgspec.convert(project, _Stated)
            size = msgspec.convert(project, _Sized).document
            check_sizes(self.folder, (size.width_px, size.height_px), stated.pixels)
            document = decode_document(project, self._read_arrays(stated.pixels))
            check(document)
        self._sizes = {entry.file: (self.folder / entry.file).stat().st_size for entry in stated.pixels}
        self._keep(stated.pixels)
        return document

    def about(self) -> About | None:
        """Return what the copy says of itself; None where there is none.

        Raises:
            InputError: naming the folder: the copy is damaged, or of a newer version.
        """
        with _damage_named(self.folder):
            try:
                content = (self.folder / _DOCUMENT).read_bytes()
            except FileNotFoundError:
                return None
            return msgspec.convert(migrated(self.folder, msgspec.json.decode(content)), _Stated).about

    def delete(self) -> None:
        """Delete the copy, as far as the system lets it."""
        with suppress(OSError):  # first, so that half a copy is never taken for one
            (self.folder / _DOCUMENT).unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        self._held, self._sizes = {}, {}

    @property
    def nbytes(self) -> int:
        """Bytes on disk."""
        try:
            return sum(path.stat().st_size for path in self.folder.iterdir())
        except OSError:
            return 0

    # -- writing

    def _sparse_files(self, pixels: dict[str, Pixels]) -> set[str]:
        """Return the files that are gone or that the document uses less than half of: what it uses is written anew."""
        used_bytes = dict.fromkeys(self._sizes, 0)
        for name in self._held.keys() & pixels.keys():
            used_bytes[self._held[name].file] += self._held[name].packed_bytes
        return {
            file
            for file, size in self._sizes.items()
            if 2 * used_bytes[file] < size or not (self.folder / file).exists()
        }

    def _write_file(self, pixels: Sequence[Pixels], cancelled: Callable[[], bool]) -> int:
        def unless_cancelled(items: Sequence[Pixels]) -> Iterator[Pixels]:
            for p in items:
                if cancelled():
                    raise Cancelled
                yield p

        name = f"pixels-{uuid.uuid4().hex}"
        entries = []
        offset = 0
        with (
            atomic_write(self.folder / name) as temporary,
            temporary.open("wb") as file,
            ThreadPoolExecutor(workers(), "retexture-copy") as pool,
        ):
            data = packed(pool, pixels)
            for p in unless_cancelled(pixels):
                described = describe_array(p, write_frames(file, p, data))
                entry = _Packed(**msgspec.structs.asdict(described), file=name, offset=offset)
                entries.append(entry)
                offset += entry.packed_bytes
            if cancelled():
                raise Cancelled
        self._held.update({entry.id: entry for entry in entries})
        self._sizes[name] = offset
        return offset

    def _write_manifest(self, content: bytes) -> None:
        with atomic_write(self.folder / _DOCUMENT, overwrite=True) as temporary:
            temporary.write_bytes(content)

    def _keep(self, entries: tuple[_Packed, ...]) -> None:
        """Forget and delete everything but these arrays."""
        self._held = {entry.id: entry for entry in entries}
        named = {entry.file for entry in entries}
        self._sizes = {file: size for file, size in self._sizes.items() if file in named}
        for path in self.folder.iterdir():
            if path.name not in named and path.name != _DOCUMENT:
                with suppress(OSError):
                    path.unlink()

    # -- reading

    def _read_arrays(self, entries: tuple[_Packed, ...]) -> dict[str, Pixels]:
        arrays = {entry.id: np.empty(entry.shape, entry.dtype) for entry in entries}
        with ExitStack() as stack, ThreadPoolExecutor(workers(), "retexture-copy") as pool:
            files: dict[str, tuple[IO[bytes], int]] = {}

            def frames() -> Iterator[tuple[bytes, Any, str]]:
                for entry in entries:
                    if entry.file not in files:
                        path = self.folder / entry.file
                        files[entry.file] = stack.enter_context(path.open("rb")), path.stat().st_size
                    file, size = files[entry.file]
                    array = arrays[entry.id]
                    if len(frame_slices(array.shape, array.itemsize)) != len(entry.frames):
                        raise ValueError("an array has another size than its frames")
                    if entry.offset + entry.packed_bytes > size:
                        raise ValueError("a file is cut off")
                    file.seek(entry.offset)
                    yield from read_frames(file, entry, array)

            for _ in in_order(pool, lambda frame: unpack(*frame), frames()):
                pass
        return {name: Pixels(array, name) for name, array in arrays.items()}


@contextmanager
def _damage_named(folder: Path) -> Iterator[None]:
    """Turn whatever a damaged copy runs into, into an InputError that names its folder."""
    try:
        yield
    except MemoryError as error:
        raise InputError(folder, "does not fit into memory", "close other programs") from error
    except DECODE_ERRORS as error:
        reason = (isinstance(error, OSError) and error.strerror) or error
        raise InputError(folder, f"this recovery copy is damaged ({reason})", _REMEDY) from error
