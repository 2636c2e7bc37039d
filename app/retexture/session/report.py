"""The report on a restoration: the picture as it is now, scored against the original and the retouched picture."""

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np

from retexture.document.document import Document
from retexture.errors import InputError
from retexture.files.atomic import atomic_write
from retexture.files.colour import srgb_icc
from retexture.files.images import in_srgb, write_image
from retexture.recipes.auto import UNALIGNED
from retexture.recipes.base import ORIGINAL, RETOUCHED
from retexture.recipes.score_page import score_page
from retexture.recipes.scoring import DifferentResult, Scoring, describe, measure
from retexture.render.cache import Cache
from retexture.render.render import flatten
from retexture.session.restoration import given_mask
from retexture.texture.alignment import DifferentPictures

RENDERING_PART = 0.25
"""Of the time that a report takes."""


class Report(msgspec.Struct, frozen=True, eq=False):
    """A score, and the names of original, retouched picture and result."""

    scoring: Scoring
    names: tuple[str, str, str]


def has_pair(document: Document) -> bool:
    """Return whether a document has an original and a retouched picture to measure it against."""
    return {ORIGINAL, RETOUCHED} <= {source.key for source in document.sources}


def make_report(
    document: Document,
    title: str,
    cache: Cache,
    tell: Callable[[str, float], None] = lambda _step, _done: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Report:
    """Score what a document shows, as ``retexture score`` scores its exported picture; inside a mask that was given.

    Args:
        document: it.
        title: what the result is called.
        cache: of `flatten`.
        tell: called with what is being done and how much of all is, 0-1; may raise to give up.
        cancelled: whether rendering is to be given up; it raises Cancelled then.

    Raises:
        InputError: no skin is found, or the pictures are not of one photograph.
    """
    keys = {source.key for source in document.sources}
    retouched = document.source(UNALIGNED if UNALIGNED in keys else RETOUCHED)
    original = document.source(ORIGINAL)
    tell("Rendering", 0.0)
    result, _ = flatten(document, cache=cache, cancelled=cancelled)
    tell("Measuring", RENDERING_PART)
    planes = (original.colour.array, retouched.colour.array, result)
    before, smoothed, after = (in_srgb(each, document.icc) for each in planes)

    def measuring(done: int, total: int) -> None:
        tell("Measuring", RENDERING_PART + (1 - RENDERING_PART) * done / total)

    given = given_mask(document)
    mask = None if given is None else given.astype(np.float32) / np.float32(65535)
    try:
        scoring = measure(before, smoothed, after, mask, progress=measuring, within=True)
    except ValueError as error:
        is_retouched = isinstance(error, DifferentPictures) and not isinstance(error, DifferentResult)
        name = retouched.name if is_retouched else title
        remedy = "open a portrait and its retouched version"
        raise InputError(name, f"cannot be measured: {error}", remedy) from error
    return Report(scoring, (original.name, retouched.name, title))


def save_page(report: Report, path: Path, *, overwrite: bool) -> None:
    """Write the report as a PNG to look at.

    Raises:
        InputError: the file exists, or cannot be written.
    """
    write_image(path, score_page(report.scoring, report.names), icc=srgb_icc(), overwrite=overwrite)


def save_figures(report: Report, path: Path, *, overwrite: bool) -> None:
    """Write the figures as JSON.

    Raises:
        InputError: the file exists, or cannot be written.
    """
    text = json.dumps(describe(report.scoring, report.names), indent=2)
    with atomic_write(path, overwrite) as temporary:
        temporary.write_text(text + "\n", encoding="ascii")
