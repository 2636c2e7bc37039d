"""Arrays as bytes: in frames, integer samples as differences along each row, and every frame one zstd frame."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO, Any, TypeVar

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from retexture.document.pixels import Pixels
from retexture.files.schema import Array, Frame, frame_slices, sha256

T = TypeVar("T")
R = TypeVar("R")


def pack(samples: NDArray[Any]) -> tuple[memoryview, str]:
    """Return compressed samples, and the hash of the samples. zstd's first level writes 400 MB/s and more."""
    samples = np.ascontiguousarray(samples)
    digest = sha256(samples)
    if samples.dtype.kind == "u":
        samples = imagecodecs.delta_encode(samples, axis=-1)
    # Into memory of our own, and not by way of bytes: to copy those keeps all other threads from Python.
    out = np.empty(samples.nbytes + samples.nbytes // 128 + 1024, np.uint8)
    return memoryview(imagecodecs.zstd_encode(samples, level=1, out=out)), digest  # type: ignore[arg-type]


def unpack(data: bytes, out: NDArray[Any], digest: str) -> None:
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


def packed(pool: ThreadPoolExecutor, pixels: Iterable[Pixels]) -> Iterator[tuple[memoryview, str]]:
    """Yield (compressed bytes, hash) of every frame of some arrays, in their order."""
    parts = ((p.array, part) for p in pixels for part in frame_slices(p.array.shape, p.array.itemsize))
    return in_order(pool, lambda item: pack(item[0][item[1]]), parts)


def write_frames(
    member: IO[bytes], pixels: Pixels, data: Iterator[tuple[memoryview, str]]
) -> tuple[Frame, ...]:
    """Write an array's frames, the next that `packed` gives, and return what describes them."""
    frames = []
    for _ in frame_slices(pixels.array.shape, pixels.array.itemsize):
        content, digest = next(data)
        member.write(content)
        frames.append(Frame(len(content), digest))
    return tuple(frames)


def read_frames(
    member: IO[bytes], entry: Array, array: NDArray[Any]
) -> Iterator[tuple[bytes, NDArray[Any], str]]:
    """Yield the arguments of `unpack` for every frame of an array.

    Raises:
        EOFError: the member ends too soon.
    """
    for part, frame in zip(frame_slices(array.shape, array.itemsize), entry.frames, strict=True):
        data = member.read(frame.size)
        if len(data) != frame.size:
            raise EOFError("a member is cut off")
        yield data, array[part], frame.sha256


def digests(pool: ThreadPoolExecutor, array: NDArray[Any]) -> tuple[str, ...]:
    """Return the hash of every frame of an array."""
    parts = frame_slices(array.shape, array.itemsize)
    return tuple(in_order(pool, lambda part: sha256(np.ascontiguousarray(array[part])), parts))


def workers() -> int:
    """Return how many threads pack and unpack."""
    return min(8, os.cpu_count() or 1)


def in_order(pool: ThreadPoolExecutor, work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """Yield the results for the items in their order, with only a few under way at a time: memory stays bounded."""
    pending: deque[Future[R]] = deque()
    for item in items:
        pending.append(pool.submit(work, item))
        if len(pending) > 2 * workers():
            yield pending.popleft().result()
    while pending:
        yield pending.popleft().result()
