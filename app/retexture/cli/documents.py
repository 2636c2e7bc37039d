"""A document as any file that Retexture writes."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from retexture.cli.console import progress
from retexture.errors import InputError
from retexture.files.documents import FLAT_SUFFIXES, PHOTOSHOP_SUFFIXES, PROJECT

if TYPE_CHECKING:
    from retexture.document.document import Document


def check_output(path: Path, inputs: Iterable[Path], overwrite: bool, *, layered: bool = False) -> None:
    """Refuse an output that cannot or must not be written, before any picture is read.

    Args:
        path: the output.
        inputs: the files that are read; none is overwritten unless `overwrite`.
        overwrite: an existing file may be replaced.
        layered: only a layered format will do.

    Raises:
        InputError: a suffix of no format that is written; an input; see `check_writable`.
    """
    suffix = path.suffix.lower()
    if suffix in PHOTOSHOP_SUFFIXES:
        remedy = f"name it {PROJECT} to keep the layers"
        raise InputError(
            path,
            "Photoshop files are read, not written",
            remedy + ("" if layered else ", or .tif for a picture"),
        )
    if layered and suffix != PROJECT:
        raise InputError(
            path,
            "holds no layers, and layers are all that is made here",
            f"name it {PROJECT}; `retexture render` makes a picture of that",
        )
    if suffix != PROJECT and suffix not in FLAT_SUFFIXES:
        kind = f"no known format has the suffix '{suffix}'" if suffix else "has no suffix to tell the format"
        raise InputError(path, kind, f"name it .tif, .png or .jpg, or {PROJECT} to keep the layers")
    check_writable(path, inputs, overwrite)


def check_writable(path: Path, inputs: Iterable[Path], overwrite: bool) -> None:
    """Refuse a target that is an input, exists already, or lies where nothing can be written.

    Raises:
        InputError: any of these.
    """
    from retexture.files.atomic import check_target

    if not overwrite and any(_is_same_file(path, other) for other in inputs):
        raise InputError(path, "is also an input", "choose another name, or add --overwrite to replace it")
    check_target(path, overwrite)
    folder = Path(os.path.realpath(path)).parent
    if not os.access(folder, os.W_OK):
        raise InputError(
            path, "its folder is not writable", "choose another folder or change its permissions"
        )


def _is_same_file(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False


def save_document(document: "Document", path: Path, overwrite: bool) -> tuple[str, ...]:
    """Write a document in the format of the suffix: a project with its layers, a picture composed of them.

    Returns:
        What the format could not hold, one phrase each.

    Raises:
        InputError: the file cannot be written.
    """
    if path.suffix.lower() == PROJECT:
        from retexture.files.project import write_project

        write_project(path, document, overwrite=overwrite)
        return ()
    from retexture.files.images import write_image
    from retexture.render.render import flatten

    with progress("Rendering") as tell:
        colour, alpha = flatten(document, progress=tell)
    return write_image(
        path, colour, alpha=alpha, icc=document.icc, metadata=document.metadata, overwrite=overwrite
    )
