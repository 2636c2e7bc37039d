"""A document as a project file."""

from pathlib import Path

from retexture.document.document import Document
from retexture.errors import InputError
from retexture.files.documents import PROJECT
from retexture.files.project import write_project


def save(document: Document, path: Path, *, overwrite: bool = False, linked: bool = False) -> tuple[str, ...]:
    """Write a project, whole or not at all; for a worker thread, as it may take seconds.

    Args:
        document: the version to keep.
        path: ending in ``.retexture``.
        overwrite: replace an existing file.
        linked: leave the pixels of pictures that can be read again in their own files.

    Returns:
        Which pictures are in the file although they should have been linked, and why, one phrase each.

    Raises:
        InputError: another suffix; the disk is full or the folder cannot be written. An existing file is then as
            it was.
    """
    if path.suffix.lower() != PROJECT:
        raise InputError(path, "is not named as a project", f"let the name end in {PROJECT}")
    return write_project(path, document, overwrite=overwrite, linked=linked)


def project_path(path: Path) -> Path:
    """Return a name that a user gave, with the suffix of a project."""
    return path if path.suffix.lower() == PROJECT else path.with_name(path.name + PROJECT)
