"""Pictures that a project links: their pixels stay in their own files, and are known again by their hashes."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.document.document import Depth, Document, Source
from retexture.document.pixels import Pixels
from retexture.errors import InputError
from retexture.files.colour import convert, same_profile
from retexture.files.images import Image, as_depth, read_image
from retexture.files.members import digests, workers
from retexture.files.schema import Frame, Linked, describe_array

_DEPTHS: dict[str, Depth] = {"uint8": 8, "uint16": 16, "float32": 32}


class MissingSource(msgspec.Struct, frozen=True):
    """A linked picture that is not found as it was."""

    key: str
    """Of the document's source."""
    path: Path
    """Where it was looked for last."""
    reason: Literal["gone", "changed", "unreadable"]
    problem: str
    """In words, about `path`."""
    size_bytes: int
    """Of the file as it was linked."""
    modified: datetime
    """When the file that was linked had been written."""


Locate = Callable[[MissingSource], Path | None]


def link_sources(project: Path, document: Document) -> tuple[tuple[Linked, ...], tuple[str, ...]]:
    """Find the sources of a document that reading their own files gives again, exactly.

    Returns:
        How to find those, and why the others cannot be linked, one phrase each.
    """
    links: list[Linked] = []
    notes = []
    with ThreadPoolExecutor(workers(), "retexture-links") as pool:
        for source in document.sources:
            held = {array.id for link in links for array in link.arrays}
            if source.colour.id in held or (source.alpha is not None and source.alpha.id in held):
                continue  # another source has linked these pixels
            try:
                links.append(_linked(pool, project, document, source))
            except (_NotLinked, InputError, OSError) as error:
                reason = error.problem if isinstance(error, InputError) else str(error)
                notes.append(f"{source.name} is kept in the project: {reason}")
    return tuple(links), tuple(notes)


class _NotLinked(Exception):
    pass


def _linked(pool: ThreadPoolExecutor, project: Path, document: Document, source: Source) -> Linked:
    if source.path is None:
        raise _NotLinked("it has no file of its own")
    path = Path(source.path)
    image = read_image(path)
    planes = [source.colour] if source.alpha is None else [source.colour, source.alpha]
    colour = source.colour.array
    found = _developed(image, document.icc, colour, source.alpha is not None)
    if len(found) != len(planes) or not all(map(np.array_equal, found, (p.array for p in planes))):
        raise _NotLinked("its file does not give these pixels (it was resized or converted, or has changed)")
    arrays = [describe_array(p, tuple(Frame(0, digest) for digest in digests(pool, p.array))) for p in planes]
    status = path.stat()
    return Linked(
        source=source.key,
        colour=arrays[0],
        alpha=arrays[1] if len(arrays) > 1 else None,
        path=str(path.resolve()),
        relative=_relative(path, project),
        size_bytes=status.st_size,
        modified=status.st_mtime,
    )


def _relative(path: Path, project: Path) -> str | None:
    try:
        return Path(os.path.relpath(path.resolve(), project.resolve().parent)).as_posix()
    except ValueError:  # on Windows, from one drive to another
        return None


def _developed(image: Image, icc: bytes | None, like: NDArray[Any], alpha: bool) -> list[NDArray[Any]]:
    """Return a picture's colour, and alpha where wanted and there, as a source of the profile and kind of `like`."""
    depth = _DEPTHS[like.dtype.name]
    colour = image.colour if same_profile(image.icc, icc) else convert(image.colour, image.icc, icc)
    colour = as_depth(colour, depth)
    if len(colour) == 1 and len(like) == 3:
        colour = np.repeat(colour, 3, axis=0)
    return [colour] if image.alpha is None or not alpha else [colour, as_depth(image.alpha, depth)]


def read_links(
    project: Path, links: tuple[Linked, ...], icc: bytes | None, locate: Locate
) -> tuple[dict[str, Pixels], dict[str, str]]:
    """Read linked pictures, each from beside the project, from where it was, or from where `locate` says.

    Args:
        project: the project file.
        links: what it links.
        icc: the document's profile.
        locate: told what is missing, returns a file to take or None. To return the very file that is told to be
            ``changed`` takes it as it is now.

    Returns:
        The pixels by the ids that the project knows, under new ids where they are not those that were linked;
        and the files by the keys of the sources.

    Raises:
        InputError: `locate` gave None, or a file that cannot take the picture's place.
    """
    pixels: dict[str, Pixels] = {}
    paths: dict[str, str] = {}
    with ThreadPoolExecutor(workers(), "retexture-links") as pool:
        for link in links:
            path, found, same = _found(pool, project, link, icc, locate)
            for array, plane in zip(link.arrays, found, strict=True):
                pixels[array.id] = Pixels(plane, array.id if same else None)
            paths[link.source] = str(path)
    return pixels, paths


def _found(
    pool: ThreadPoolExecutor, project: Path, link: Linked, icc: bytes | None, locate: Locate
) -> tuple[Path, list[NDArray[Any]], bool]:
    """Return a linked picture's file, its planes, and whether they are those that were linked."""
    places = [Path(link.path)]
    if link.relative is not None:
        places.insert(0, (project.resolve().parent / link.relative).resolve())
    missing = _missing(link, Path(link.path), "gone", "is gone")
    for path in dict.fromkeys(places):
        if path.exists():
            planes, told = _tried(pool, path, link, icc)
            if told is None:
                return path, planes, True
            missing = told
    while True:
        chosen = locate(missing)
        if chosen is None:
            remedy = "put it back, or open the project in the window and choose the file"
            raise InputError(missing.path, f"is linked by {project.name} and {missing.problem}", remedy)
        planes, told = _tried(pool, chosen, link, icc)
        if told is None:
            return chosen.resolve(), planes, True
        if told == missing:  # the same file again
            if told.reason == "changed":
                return chosen.resolve(), planes, False
            raise InputError(chosen, told.problem, "choose the picture that was linked")
        missing = told


def _missing(
    link: Linked, path: Path, reason: Literal["gone", "changed", "unreadable"], problem: str
) -> MissingSource:
    modified = datetime.fromtimestamp(link.modified, UTC)
    return MissingSource(link.source, path, reason, problem, link.size_bytes, modified)


def _tried(
    pool: ThreadPoolExecutor, path: Path, link: Linked, icc: bytes | None
) -> tuple[list[NDArray[Any]], MissingSource | None]:
    """Return the planes that a file gives, none if they cannot be used at all; and what is wrong with them, if so."""
    try:
        image = read_image(path)
        planes = _developed(
            image, icc, np.empty((link.colour.shape[0], 0, 0), link.colour.dtype), link.alpha is not None
        )
    except InputError as error:
        return [], _missing(link, path, "unreadable", error.problem)
    height, width = link.colour.shape[1:]
    if (image.height, image.width) != (height, width):
        problem = f"has {image.width} x {image.height} px where the linked picture had {width} x {height}"
        return [], _missing(link, path, "unreadable", problem)
    if [plane.shape for plane in planes] != [array.shape for array in link.arrays]:
        return [], _missing(link, path, "unreadable", "has other channels than the linked picture had")
    for array, plane in zip(link.arrays, planes, strict=True):
        if digests(pool, plane) != tuple(frame.sha256 for frame in array.frames):
            return planes, _missing(link, path, "changed", "has changed since it was linked")
    return planes, None
