"""A document as a flat picture: TIFF, PNG or JPEG, in the depth, profile and size that the user wants."""

from collections.abc import Callable
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Literal

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.declare import described, number
from retexture.document.document import Document
from retexture.errors import InputError
from retexture.files.atomic import check_target
from retexture.files.colour import convert, same_profile, srgb_icc
from retexture.files.images import as_depth, output_format, write_image
from retexture.render.cache import Cache
from retexture.render.region import BLOCK, Region
from retexture.render.render import Cancelled, canvas_size, flatten, is_opaque, render

Array = NDArray[Any]

SUFFIXES = {"tiff": ".tif", "png": ".png", "jpeg": ".jpg"}
_DEPTHS = {"tiff": 32, "png": 16, "jpeg": 8}
"""The most bits per channel that a format holds."""


class ExportSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How a document becomes a picture. As they are, nothing is lost that TIFF can hold."""

    format: Annotated[
        Literal["tiff", "png", "jpeg"],
        described("TIFF keeps everything, PNG all but 32 bits, JPEG is small: 8 bits, no transparency"),
    ] = "tiff"
    depth: Annotated[
        Literal["document", "8", "16", "32"],
        described("Bits per channel: the document's as far as the format holds them, or another number"),
    ] = "document"
    quality: Annotated[int, number(1, 100, slider=(50, 100), help="Of a JPEG")] = 92
    compression: Annotated[
        Literal["none", "lzw", "deflate", "zstd"],
        described("Of a TIFF, always without loss; older programs may not read zstd"),
    ] = "none"
    profile: Annotated[
        Literal["document", "srgb"], described("Colour profile: the document's, or sRGB for the web")
    ] = "document"
    long_edge_px: Annotated[
        int,
        number(0, 100_000, slider=(0, 8000), unit="px", lowest="Full size", help="Size of the longer side"),
    ] = 0
    metadata: Annotated[
        Literal["keep", "strip"], described("EXIF and XMP of the original: camera, time, place, author")
    ] = "keep"


def export_path(path: Path, settings: ExportSettings) -> Path:
    """Return a path with a suffix of the format; one that it has already stays."""
    try:
        fits = output_format(path) == settings.format
    except InputError:
        fits = False
    known = path.suffix.lower() in {".tif", ".tiff", ".png", ".jpg", ".jpeg", ".retexture", ".psd", ".psb"}
    if fits:
        return path
    return path.with_name((path.stem if known else path.name) + SUFFIXES[settings.format])


def output_size(document: Document, settings: ExportSettings) -> tuple[int, int]:
    """Return the picture's width and height in pixels. It is never enlarged."""
    width, height = document.width_px, document.height_px
    scale = min(1, settings.long_edge_px / max(width, height)) if settings.long_edge_px else 1
    return max(1, round(width * scale)), max(1, round(height * scale))


def export(
    document: Document,
    path: Path,
    settings: ExportSettings,
    *,
    overwrite: bool = False,
    cache: Cache | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[str, ...]:
    """Compose a document and write it, whole or not at all; for a worker thread.

    Args:
        document: what to export.
        path: with a suffix of the settings' format (see `export_path`).
        settings: the format and what goes into it.
        overwrite: replace an existing file.
        cache: rendered blocks to use.
        progress: told (done, in all), on this thread; never after the file is in its place.
        cancelled: asked until then, from any thread.

    Returns:
        What the format could not hold, one phrase each.

    Raises:
        Cancelled: `cancelled` said so; nothing is left behind.
        InputError: the suffix is another format's; the file cannot be written.
    """
    if output_format(path) != settings.format:
        raise InputError(
            path,
            f"is not named as a {settings.format.upper()}",
            f"let the name end in {SUFFIXES[settings.format]}",
        )
    check_target(path, overwrite)
    colour, alpha = flatten(
        document,
        cache=cache,
        cancelled=cancelled,
        progress=lambda done, total: progress(4 * done, 5 * total),
    )
    colour, alpha = _resized(colour, alpha, output_size(document, settings))
    colour, icc = _in_profile(colour, document.icc, settings)
    if cancelled():
        raise Cancelled
    metadata = document.metadata if settings.metadata == "keep" else {}
    return _write(
        path,
        document,
        colour,
        alpha,
        settings,
        icc=icc,
        metadata=metadata,
        overwrite=overwrite,
        cancelled=cancelled,
    )


def _in_profile(colour: Array, icc: bytes | None, settings: ExportSettings) -> tuple[Array, bytes | None]:
    """Return colour in the profile that is asked for, and that profile."""
    if settings.profile == "document":
        return colour, icc
    if not same_profile(icc, srgb_icc()):
        colour = convert(colour, icc, srgb_icc())
    return colour, srgb_icc() if len(colour) == 3 else None  # a grey picture without a profile is sRGB


def _write(
    path: Path,
    document: Document,
    colour: Array,
    alpha: Array | None,
    settings: ExportSettings,
    **options: Any,
) -> tuple[str, ...]:
    """Write planes as the settings say; `options` of `write_image`."""
    if settings.depth == "document":
        depth = min(document.depth, _DEPTHS[settings.format])
    else:
        depth = int(settings.depth)
    # Before the format sees them: it would say that it rounds what a conversion made from 8 bits to 16.
    return write_image(
        path,
        as_depth(colour, depth),
        alpha=None if alpha is None else as_depth(alpha, depth),
        quality=settings.quality,
        compression=None if settings.compression == "none" else settings.compression,
        **options,
    )


def _resized(colour: Array, alpha: Array | None, size: tuple[int, int]) -> tuple[Array, Array | None]:
    """Return colour (C, H, W) and alpha (H, W) at a smaller size, each pixel the average of those it covers."""
    height, width = colour.shape[1:]
    if size == (width, height):
        return colour, alpha
    if alpha is None:
        return _averaged(colour, size), None
    # Colours count as much as they are seen, or else those beneath transparency would show at its edges.
    dtype = colour.dtype
    white = np.float32(1 if dtype.kind == "f" else np.iinfo(dtype).max)
    opacity = alpha.astype(np.float32) / white
    small = _averaged(opacity[None], size)[0]
    planes = np.empty((len(colour), size[1], size[0]), dtype)
    for plane, out in zip(colour, planes, strict=True):
        seen = _averaged((plane * opacity)[None], size)[0]
        value = np.divide(seen, small, out=np.zeros_like(seen), where=small > 0)
        out[:] = value if dtype.kind == "f" else np.rint(np.minimum(value, white))
    return planes, (small if dtype.kind == "f" else np.rint(small * white)).astype(dtype)


def _averaged(planes: Array, size: tuple[int, int]) -> Array:
    return np.stack([cv2.resize(plane, size, interpolation=cv2.INTER_AREA) for plane in planes])


# -- how large the file will be

SAMPLE_BLOCKS = 24
"""Of the picture's blocks, spread evenly, as many are encoded."""


def estimate_bytes(
    document: Document,
    settings: ExportSettings,
    *,
    cache: Cache | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> int:
    """Estimate the bytes of the exported file by encoding a sample of the picture; for a worker thread.

    Args:
        document: what would be exported.
        settings: how.
        cache: rendered blocks to use.
        progress: told (done, in all).
        cancelled: asked between blocks.

    Raises:
        Cancelled: `cancelled` said so.
        InputError: there is no room for temporary files.
    """
    width, height = output_size(document, settings)
    level = 0  # a preview not smaller than what is wanted stands for the picture
    while (canvas := canvas_size(document, level + 1))[0] >= width and canvas[1] >= height:
        level += 1
    canvas = canvas_size(document, level)
    opaque = is_opaque(document)
    regions = _sample(canvas)
    parts = []
    for done, region in enumerate(regions):
        if cancelled():
            raise Cancelled
        progress(done, len(regions))
        planes = render(document, region, level, alpha=not opaque, cache=cache, cancelled=cancelled)
        size = (
            max(1, round(region.width * width / canvas[0])),
            max(1, round(region.height * height / canvas[1])),
        )
        colour, alpha = _resized(planes[:3], None if opaque else planes[3], size)
        parts.append(colour if alpha is None else np.concatenate([colour, alpha[None]]))
    sample = _stacked(parts)
    colour, icc = _in_profile(sample[: 1 if document.mode == "grey" else 3], document.icc, settings)
    white = 1 if document.depth == 32 else np.iinfo(sample.dtype).max
    alpha = None if opaque or bool((sample[3] == white).all()) else sample[3]
    with TemporaryDirectory(prefix="retexture-") as folder:
        path = Path(folder) / f"sample{SUFFIXES[settings.format]}"
        _write(path, document, colour, alpha, settings)
        written = path.stat().st_size
    extra = len(icc or b"")
    if settings.metadata == "keep":
        extra += sum(map(len, document.metadata.values()))
    pixels: int = sample.shape[1] * sample.shape[2]
    return round(written * width * height / pixels) + extra


def _sample(canvas: tuple[int, int]) -> list[Region]:
    """Return up to some `SAMPLE_BLOCKS` blocks, spread over the picture's rows and columns."""
    whole = Region(0, 0, *canvas)
    columns, rows = -(-canvas[0] // BLOCK), -(-canvas[1] // BLOCK)
    step = -(-columns * rows // SAMPLE_BLOCKS)
    shift = max(1, round(0.618 * step))
    return [
        Region(column * BLOCK, row * BLOCK, BLOCK, BLOCK).within(whole)
        for row, column in product(range(rows), range(columns))
        if (column + shift * row) % step == 0
    ]


def _stacked(parts: list[Array]) -> Array:
    """Return pictures (C, h, w) as one, beneath each other; narrow ones, from the right edge, are left out."""
    widest = max(part.shape[2] for part in parts)
    parts = [part for part in parts if 2 * part.shape[2] > widest]
    width = min(part.shape[2] for part in parts)
    return np.concatenate([part[:, :, :width] for part in parts], axis=1)
