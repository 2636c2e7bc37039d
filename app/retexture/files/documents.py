"""Any file that Retexture reads, as a document."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retexture.document.document import Document
    from retexture.files.links import MissingSource

PROJECT = ".retexture"
FLAT_SUFFIXES = (".tif", ".tiff", ".png", ".jpg", ".jpeg")
PHOTOSHOP_SUFFIXES = (".psd", ".psb")

LAYERED = ("project", "PSD", "PSB")
"""Formats, as `file_format` names them, that hold a document of their own."""

_MARKS = {
    b"PK\x03\x04": "project",
    b"8BPS\0\1": "PSD",
    b"8BPS\0\2": "PSB",
    b"8BPS": "PSD",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
}


def file_format(path: Path) -> str:
    """Return ``project``, ``PSD``, ``PSB``, ``TIFF``, ``PNG`` or ``JPEG`` by the file's first bytes, or ``unknown``."""
    try:
        with path.open("rb") as file:
            start = file.read(6)
    except OSError:
        return "unknown"  # the reader of pictures finds the words for what is wrong
    return next((kind for mark, kind in _MARKS.items() if start.startswith(mark)), "unknown")


def open_document(
    path: Path, *, locate: "Callable[[MissingSource], Path | None]" = lambda _missing: None
) -> "tuple[Document, tuple[str, ...]]":
    """Read a project, PSD, PSB or flat picture, told apart by content.

    Args:
        path: the file.
        locate: asked for a project's linked picture that is gone or changed; see `read_project`.

    Returns:
        The document, and what its reader should be told, one phrase each.

    Raises:
        InputError: the file cannot be read, or is of no known kind.
    """
    kind = file_format(path)
    if kind == "project":
        from retexture.files.project import read_project

        return read_project(path, locate=locate), ()
    if kind in ("PSD", "PSB"):
        from retexture.files.psd import read_psd

        return read_psd(path)
    return _picture_document(path)


def _picture_document(path: Path) -> "tuple[Document, tuple[str, ...]]":
    from retexture.document.document import Document, Source
    from retexture.document.layers import PixelLayer
    from retexture.document.pixels import Pixels
    from retexture.files.images import read_image

    image = read_image(path)
    source = Source(
        key="background",
        name=path.name,
        colour=Pixels(image.colour),
        alpha=None if image.alpha is None else Pixels(image.alpha),
        path=str(path.absolute()),
    )
    document = Document(
        width_px=image.width,
        height_px=image.height,
        depth={8: 8, 16: 16, 32: 32}[image.depth],  # type: ignore[arg-type]
        mode="grey" if len(image.colour) == 1 else "rgb",
        layers=(PixelLayer(key="background", name="Background", source="background"),),
        sources=(source,),
        icc=image.icc,
        metadata=dict(image.metadata),
    )
    return document, image.warnings
