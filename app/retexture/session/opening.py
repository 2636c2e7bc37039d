"""What files that were dropped or chosen mean, which of two pictures is the original, and the document of a recipe."""

import os
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import cv2
import msgspec
import numpy as np

from retexture.document.analysis import Grid
from retexture.document.document import Document, find, walk
from retexture.document.edits import replace_layer
from retexture.document.layers import LayerMask, RasterMask
from retexture.document.pixels import Tiles
from retexture.errors import InputError
from retexture.files.documents import LAYERED, file_format, open_document
from retexture.files.images import Image, as_depth, read_image
from retexture.files.links import MissingSource
from retexture.recipes import RECIPES
from retexture.recipes.apply import build_document
from retexture.recipes.auto import UNALIGNED, UNALIGNED_ORIGINAL
from retexture.recipes.base import FLAT, ORIGINAL, RETOUCHED
from retexture.recipes.materials import prepare
from retexture.session.session import Session

__all__ = ["Guess", "MissingSource", "Plan", "build", "guess_pair", "open_document", "plan", "read_pictures"]

BLACK_MASKED = frozenset({"grain", "high-pass", "high-pass-blend-if", "texture-graft"})
"""Recipes whose texture is painted in: in the window they open with a black mask."""

ALIGNED = frozenset({"auto"})
"""Recipes whose retouched picture is aligned unless somebody says otherwise."""

ALIGNING_PART = 0.4
"""Of the time that an automatic restoration takes."""

_CHOOSE = "choose one document, or an original and its retouched version"


class Plan(msgspec.Struct, frozen=True):
    """What to do with some files: open each document, and ask which picture of the pair is the original."""

    documents: tuple[Path, ...] = ()
    """Each opens in a tab of its own."""
    pair: tuple[Path, Path] | None = None
    problems: tuple[InputError, ...] = ()
    """Of files that are missing, folders or of no known kind; of more pictures than a pair."""


def plan(paths: Sequence[Path]) -> Plan:
    """Decide what files mean, by their first bytes. The same file twice is one."""
    files = list({os.path.realpath(path): path for path in paths}.values())
    layered, flat, problems = list[Path](), list[Path](), list[InputError]()
    for path in files:
        try:
            (layered if _is_layered(path) else flat).append(path)
        except InputError as error:
            problems.append(error)
    if len(flat) > 2:
        problems.append(InputError(f"{len(flat)} pictures", "are too many at once", _CHOOSE))
    return Plan(
        documents=tuple(path for path in files if path in layered or flat == [path]),
        pair=(flat[0], flat[1]) if len(flat) == 2 else None,
        problems=tuple(problems),
    )


def _is_layered(path: Path) -> bool:
    """Return whether a file has layers, or is a flat picture; raise InputError where it is neither."""
    if path.is_dir():
        raise InputError(path, "is a folder", _CHOOSE)
    kind = file_format(path)
    if kind == "unknown":
        read_image(path)  # which says what is wrong with it
    return kind in LAYERED


def read_pictures(paths: Sequence[Path]) -> tuple[Image, ...]:
    """Read flat pictures side by side.

    Raises:
        InputError: as of `read_image`.
    """
    if len(paths) == 1:
        return (read_image(paths[0]),)
    with ThreadPoolExecutor(len(paths), "retexture-opening") as pool:
        return tuple(pool.map(read_image, paths))


# -- which one is the original


class Guess(msgspec.Struct, frozen=True, eq=False):
    """Which of two pictures seems to be the original."""

    original: Image
    retouched: Image
    reason: str
    """A sentence for the user."""
    by: Literal["name", "texture", "order"]


_ORIGINAL_WORDS = frozenset(
    {
        "original",
        "originals",
        "orig",
        "raw",
        "source",
        "before",
        "unretouched",
        "unedited",
        "untouched",
        "ooc",
        "sooc",
    }
)
_RETOUCHED_WORDS = frozenset(
    {
        "edit", "edited", "edits", "retouch", "retouched", "evoto", "ai", "smooth", "smoothed", "final", "finals",
        "after", "done", "beauty", "skin", "processed", "result", "output", "imagen", "aftershoot", "portraitpro",
        "retouch4me", "luminar", "enhanced", "export", "exported",
    }
)  # fmt: skip

_CROP_PX = 384
_CENTRES = ((0.5, 0.5), (0.35, 0.4), (0.65, 0.4), (0.5, 0.25), (0.5, 0.7))
"""Of the crops, as parts of width and height: where portraits have their faces."""
_SIGMA = 1.5
"""Texture is what is finer than this many px of the smaller picture..."""
_EDGE = 0.04
"""... and fainter than this: hair and lashes, which retouching sharpens, count no more than pores."""
_ALIKE = 1.03


def guess_pair(a: Image, b: Image) -> Guess:
    """Guess which of two pictures is the original: by their names, else by which has more fine texture."""
    named = _original_by_name(a.path, b.path)
    if named is not None:
        index, reason = named
        return Guess(*((a, b) if index == 0 else (b, a)), reason, "name")
    smaller = min(a.width, b.width)
    textures = [_texture(image, image.width / smaller) for image in (a, b)]
    original, retouched = (a, b) if textures[0] >= textures[1] else (b, a)
    most, least = max(textures), min(textures)
    if most < _ALIKE * least or most == 0:
        return Guess(a, b, "Neither the names nor the texture tell which is the original.", "order")
    times = f"{most / least:.1f} times the" if least > 0 and most / least >= 1.15 else "more"
    return Guess(original, retouched, f"{original.path.name} has {times} fine texture.", "texture")


def _original_by_name(a: Path, b: Path) -> tuple[int, str] | None:
    """Return the index of the original and the reason, where names tell."""
    words = [_words(path.stem) for path in (a, b)]
    if a.stem.lower() == b.stem.lower():
        words = [_words(path.parent.name) for path in (a, b)]
    own = [words[0] - words[1], words[1] - words[0]]
    for known, what, index_of in (
        (_RETOUCHED_WORDS, "as retouched", (1, 0)),
        (_ORIGINAL_WORDS, "as the original", (0, 1)),
    ):
        found = [sorted(names & known) for names in own]
        if bool(found[0]) != bool(found[1]):
            index = 0 if found[0] else 1
            return index_of[index], f"{(a, b)[index].name} is named {what} (“{found[index][0]}”)."
    stems = a.stem.lower(), b.stem.lower()
    for index, (short, long) in ((0, stems), (1, stems[::-1])):
        rest = long[len(short) :]
        # IMG_1 and IMG_12 are two pictures of one camera.
        if rest and long.startswith(short) and not (rest[0].isdigit() and short[-1:].isdigit()):
            return index, f"{(b, a)[index].name} is named after {(a, b)[index].name}."
    return None


def _words(name: str) -> set[str]:
    """Return the words of a name, in lower case: ``DSC01-EditFinal_2`` has dsc, 01, edit, final, 2."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return set(re.findall(r"[^\W_]+", spaced.lower())) | set(re.findall(r"[a-z]+", spaced.lower()))


def _texture(image: Image, scale: float) -> float:
    """Return the mean of the fine detail, 0-1, in crops of the green or grey plane; `scale` widens all lengths."""
    plane = image.colour[len(image.colour) // 2]
    size = round(_CROP_PX * min(scale, 2))
    energies = []
    for x, y in _CENTRES:
        left = max(0, min(round(x * image.width) - size // 2, image.width - size))
        top = max(0, min(round(y * image.height) - size // 2, image.height - size))
        crop = as_depth(np.ascontiguousarray(plane[top : top + size, left : left + size]), 32)
        detail = np.abs(crop - cv2.GaussianBlur(crop, (0, 0), _SIGMA * scale))
        energies.append(float(np.minimum(detail, _EDGE).mean()))
    return sum(energies) / len(energies)


# -- the document of a recipe


def build(
    recipe_name: str,
    original: Image,
    retouched: Image | None,
    preset: str | None = None,
    settings: Sequence[str] = (),
    *,
    black_mask: bool,
    grid: Grid = "original",
    aligned: bool | None = None,
    tell: Callable[[str, float], None] = lambda _step, _done: None,
) -> tuple[Document, tuple[str, ...]]:
    """Build a recipe's document from pictures, its sources knowing their files.

    Args:
        recipe_name: one of `RECIPES`.
        original: or the flat picture of a recipe for one.
        retouched: None for a recipe on one picture.
        preset: one of the recipe's.
        settings: ``PATH=VALUE`` each, of options and parameters.
        black_mask: hide the layer that takes the mask, to be painted in (see `BLACK_MASKED`); else its mask is as
            the recipe has it, white where that leaves it open.
        grid: whose size, profile and metadata the document has.
        aligned: find how the retouched picture lies on the original. None: as the recipe usually has it (`ALIGNED`).
        tell: called with what is being done and how much of all is, 0-1; may raise to give up.

    Returns:
        The document, and what was done to the pictures that the user may not expect, one phrase each.

    Raises:
        InputError: a damaged profile, a file that cannot be read, or a setting that the recipe does not take;
            pictures to align that are not of one photograph.
    """
    recipe = RECIPES[recipe_name]
    aligned = recipe_name in ALIGNED if aligned is None else aligned
    begins = ALIGNING_PART if aligned else 0.0
    materials, texts = prepare(
        original,
        retouched,
        grid=grid,
        aligned=aligned,
        look=recipe.look,
        tell=lambda step, done: tell(step, begins * done),
    )
    materials = msgspec.structs.replace(
        materials, tell=lambda step, done: tell(step, begins + (1 - begins) * done)
    )
    try:
        document = build_document(recipe, materials, preset, settings)
    except ValueError as error:
        raise InputError(recipe.title, str(error), "choose other settings") from error
    # Where a picture was resampled, its file holds what is not aligned.
    own = ORIGINAL if materials.unaligned_original is None else UNALIGNED_ORIGINAL
    files = {own: original.path, FLAT: original.path}
    if retouched is not None:
        files[RETOUCHED if materials.unaligned is None else UNALIGNED] = retouched.path
    sources = tuple(
        msgspec.structs.replace(source, path=str(files[source.key].absolute()))
        if source.key in files
        else source
        for source in document.sources
    )
    document = msgspec.structs.replace(document, sources=sources, recipe=recipe_name)
    images = [image for image in (original, retouched) if image is not None]
    notes = [f"{image.path}: {text}" for image in images for text in image.warnings]
    notes += texts if document.analysis is None else (*texts, *document.analysis.notes)
    return _with_mask(document, recipe.masked, black_mask), tuple(_plain(note, images) for note in notes)


def select_masked(session: Session) -> None:
    """Select the layer that takes the mask of the document's recipe; the mask itself where it is painted in."""
    recipe = RECIPES.get(session.recipe or "")
    if recipe is not None and any(layer.key == recipe.masked for layer in walk(session.document.layers)):
        session.select(recipe.masked, "mask" if session.recipe in BLACK_MASKED else "layer")


def _plain(note: str, images: Sequence[Image]) -> str:
    """Return a note with pictures called by their names, without folders."""
    for image in images:
        note = note.replace(f"{image.path}: ", f"{image.path.name}: ")
    return note


def _with_mask(document: Document, key: str, black: bool) -> Document:
    """Return the document with a plane to paint on in the layer's mask, where it has or shall have one."""
    layer = find(document, key)
    mask = layer.mask or (LayerMask() if black else None)
    if mask is None or (mask.painted is not None and not black):
        return document
    level = 0 if black else 65535
    plane = RasterMask(Tiles(document.width_px, document.height_px, background=(level,)))
    masked = msgspec.structs.replace(mask, painted=plane)
    return replace_layer(document, key, msgspec.structs.replace(layer, mask=masked))
