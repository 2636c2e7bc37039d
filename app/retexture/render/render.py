"""Rendering: a pure function of (document, region, level)."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from retexture.document.document import Document, walk
from retexture.document.layers import AnyLayer, GroupLayer
from retexture.render.cache import Cache
from retexture.render.contents import Cancelled
from retexture.render.opaque import fills_canvas
from retexture.render.region import BLOCK, Region, blocks
from retexture.render.stack import Stack

Array = NDArray[Any]
Form = Literal["planar", "float", "bgra"]
T = TypeVar("T")

__all__ = ["Cancelled", "canvas_size", "flatten", "is_opaque", "render"]

BAND_ROWS = 64
"""Rows of a task where nothing is filtered: full-width bands read and write memory in long runs."""

DTYPES = {8: np.uint8, 16: np.uint16, 32: np.float32}

CORES = os.cpu_count() or 1

workers = ThreadPoolExecutor(CORES, thread_name_prefix="retexture-worker")
"""As many threads as there are cores, for work on parts of one picture that waits for nothing else."""
urgent_workers = ThreadPoolExecutor(CORES, thread_name_prefix="retexture-worker-urgent")
"""For what somebody waits for at this moment: it does not stand in line behind whole pictures."""


def canvas_size(document: Document, level: int = 0) -> tuple[int, int]:
    """Return (width, height) in pixels of the picture at a level: halves, rounded up."""
    return -(-document.width_px >> level), -(-document.height_px >> level)


def render(
    document: Document,
    region: Region | None = None,
    level: int = 0,
    *,
    form: Form = "planar",
    alpha: bool = True,
    cache: Cache | None = None,
    direct: bool = False,
    draft: bool = False,
    cached_only: bool = False,
    cancelled: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Array:
    """Compose a document's layers.

    Args:
        document: what to render.
        region: pixels of the picture at `level`; None is all of it. A region equals the same part of the whole.
        level: 0 is full size; n the picture at 1/2^n with lengths in px scaled, a preview.
        form: ``planar`` (4, h, w) in the document's depth; ``float`` (4, h, w) float32 0-1; ``bgra`` (h, w, 4)
            uint8. Straight alpha last, encoded RGB in the document's profile (a grey document gives R = G = B).
        alpha: whether planar forms have the alpha plane; a picture known to be opaque needs none.
        cache: blocks of earlier renders; one that is shared makes an unchanged filter free.
        direct: compute filters that are not in the cache for the region alone, and do not keep them: the least work
            while a parameter is dragged.
        draft: of a direct render: read transformed layers the quickest way, between the pixels of reduced copies.
        cached_only: give up where a filter is not in the cache: what is drawn at once, or not at all.
        cancelled: asked before each block and each filter, from worker threads.
        progress: told (blocks done, blocks in all), on the calling thread.

    Raises:
        Cancelled: `cancelled` said so, or a filter is missing with `cached_only`.
        ValueError: the region leaves the canvas or is empty.
    """
    stack = Stack(document, level, cache or Cache(256 << 20), cancelled, direct, cached_only, draft)
    canvas = stack.contents.canvas
    region = region or canvas
    if region.within(canvas) != region or not (region.width and region.height):
        raise ValueError(f"the region {tuple(region)} is not inside the canvas {tuple(canvas)}")
    if form == "bgra":
        out: Array = np.empty((region.height, region.width, 4), np.uint8)
    else:
        dtype = np.float32 if form == "float" else DTYPES[document.depth]
        out = np.empty((4 if alpha else 3, region.height, region.width), dtype)
    plain = all(stack.contents.is_plain(layer) for layer in walk(document.layers) if not _is_group(layer))
    size = (BAND_ROWS, canvas.width) if plain and level == 0 else (BLOCK, BLOCK)
    parts = [part for _, part in blocks(region, canvas, *size)]

    def work(part: Region) -> None:
        rows, columns = part.slices(region)
        target = out[rows, columns] if form == "bgra" else out[:, rows, columns]
        stack.compose_into(target, document.layers, part, bgra=form == "bgra")

    for done, _ in enumerate(in_parallel(work, parts, urgent_workers if cached_only else workers), 1):
        progress(done, len(parts))
    return out


def in_parallel(
    work: Callable[[T], None], parts: Iterable[T], pool: ThreadPoolExecutor = workers
) -> Iterator[None]:
    """Do work on parts, only a few of them under way at a time, so that several pictures share the threads fairly."""
    pending: deque[Future[None]] = deque()
    try:
        for part in parts:
            pending.append(pool.submit(work, part))
            if len(pending) > CORES:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        for future in pending:
            future.cancel()


def _is_group(layer: AnyLayer) -> bool:
    return isinstance(layer, GroupLayer) and not any(f.enabled for f in layer.filters)


def is_opaque(document: Document) -> bool:
    """Whether the picture has no transparency, as far as the bottom layer alone tells."""
    return fills_canvas(document, document.layers)


def flatten(document: Document, **options: Any) -> tuple[Array, Array | None]:
    """Render a document at full size for a file.

    Args:
        document: what to render.
        options: `cache`, `cancelled`, `progress` of `render`.

    Returns:
        Colour (3, H, W), or (1, H, W) of a grey document, and alpha (H, W) or None where all is opaque; in the
        dtype of the document's depth.
    """
    opaque = is_opaque(document)
    planes = render(document, alpha=not opaque, **options)
    colour = planes[: 1 if document.mode == "grey" else 3]
    white = 1 if document.depth == 32 else np.iinfo(planes.dtype).max
    return colour, None if opaque or bool((planes[3] == white).all()) else planes[3]
