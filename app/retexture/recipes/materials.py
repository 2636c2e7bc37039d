"""Pictures read from files, made ready for a recipe: one size, one profile, 16 bits, RGB."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.declare import described
from retexture.document.analysis import Grid
from retexture.document.pixels import Pixels
from retexture.engine.blend import LUMA
from retexture.errors import InputError
from retexture.files.colour import convert, profile_name, profile_space, same_profile, srgb_icc
from retexture.files.images import Image, as_depth
from retexture.recipes.base import Materials
from retexture.texture.alignment import Alignment, DifferentPictures, align, inverse, positions
from retexture.texture.alignment_resample import is_of_whole_pixels, resample

F32 = NDArray[np.float32]
U16 = NDArray[np.uint16]

SAME_SHAPE = 0.01
"""Aspect ratios that differ by more than this are another crop, not rounding."""

LEAST_COVERED = 0.05
"""Share of the original that the retouched picture must show."""

FEATHER_PX = 6
"""Width in which a picture gives way to the other at the edge of its frame."""

BAND_PX = 256
"""Rows that are filled at a time."""

TONE_STEP_PX = 8
"""Tones are compared at every so many pixels."""

TOLD_BEND_PX = 2.0
"""Bend above which the user is told whose shape is kept."""

GRID_REMEDY = "--grid retouched; in the window, Keep the shape of: Retouched"

FAR_SCALE = 4.0
"""Times larger or smaller above which the user is told."""


class Preparation(msgspec.Struct, frozen=True):
    """How two pictures are brought together."""

    grid: Annotated[
        Grid,
        described(
            "Original undoes what the AI moved or bent. Retouched keeps it, for liquified faces and Edit In: "
            "the original's texture is fitted to it. Size and profile go with the shape",
            title="Keep the shape of",
        ),
    ] = "original"


def prepare(
    original: Image,
    retouched: Image | None = None,
    *,
    grid: Grid = "original",
    mask: Image | None = None,
    aligned: bool = False,
    look: Callable[[U16], Any] | None = None,
    tell: Callable[[str, float], None] = lambda _step, _done: None,
) -> tuple[Materials, tuple[str, ...]]:
    """Bring the pictures of a restoration to one pixel grid, profile and depth.

    Args:
        original: with the texture; for a recipe on one flat picture, that picture.
        retouched: the other picture.
        grid: whose size, profile and metadata are kept; the other one is resized and converted to it.
        mask: white where the texture goes; of a colour picture its encoded grey counts, 0.30 R + 0.59 G + 0.11 B.
        aligned: find how the retouched picture lies on the original, and resample the one that is not the grid's;
            else pictures of two sizes are stretched onto each other.
        look: see `Recipe.look`; runs on another thread meanwhile, where the original stays as it is.
        tell: see `Materials.tell`.

    Returns:
        The materials: (3, H, W) uint16 in the profile of the grid's picture, in sRGB where that is one for grey.
        And what was done to the pictures that the user may not expect, one phrase each.

    Raises:
        InputError: a damaged profile; pictures to align that are not of one photograph.
        ValueError: the grid of a retouched picture that is not given.
    """
    owner = retouched if grid == "retouched" else original
    if owner is None:
        raise ValueError("no retouched picture gives the grid")
    notes: list[str] = []
    icc = owner.icc
    if icc is not None and profile_space(icc, owner.path) == "gray":
        icc = srgb_icc()
        notes.append(f"{owner.path}: is grey; the result is in RGB, profile sRGB")
    size = (owner.width, owner.height)
    pictures = [image for image in (original, retouched) if image is not None]
    planes = [_encoded(image, icc, notes) for image in pictures]
    unaligned = unaligned_original = alignment = found = looked = None
    if aligned and retouched is not None:
        raw = list(planes)
        with ThreadPoolExecutor(1, "retexture-looking") as pool:
            looking = None if look is None or grid == "retouched" else pool.submit(look, planes[0])
            found, alignment = _aligned(planes, retouched, grid, notes, tell)
            looked = None if looking is None else looking.result()
        unaligned_original, unaligned = (
            None if plane is now else Pixels(plane) for plane, now in zip(raw, planes, strict=True)
        )
    else:
        planes = [_resized(p, image, size, notes) for p, image in zip(planes, pictures, strict=True)]
    materials = Materials(
        original=Pixels(planes[0]),
        retouched=Pixels(planes[1]) if retouched is not None else None,
        names=(original.path.name, retouched.path.name if retouched is not None else ""),
        mask=None if mask is None else _mask(mask, size, notes),
        icc=icc,
        metadata=dict(owner.metadata),
        alignment=alignment,
        found=found,
        unaligned=unaligned,
        unaligned_original=unaligned_original,
        looked=looked,
        tell=tell,
    )
    return materials, tuple(notes)


def _aligned(
    planes: list[U16],
    retouched: Image,
    grid: Grid,
    notes: list[str],
    tell: Callable[[str, float], None],
) -> tuple[Alignment, Alignment]:
    """Put the pictures of `planes` onto one grid; return how the retouched one lay, and the same from that grid.

    Raises:
        InputError: they are not of one photograph, or the retouched one shows next to nothing of it.
    """
    try:
        found = align(planes[0], planes[1], lambda done: tell("Aligning", done))
    except ValueError as error:
        remedy = "choose the retouched version of this original"
        if not isinstance(error, DifferentPictures):
            remedy += ", or turn alignment off (--align off)"
        raise InputError(retouched.path, f"cannot be aligned: {error}", remedy) from error
    if found.is_identity:
        return found, found
    if grid == "original" and found.covered < LEAST_COVERED:
        remedy = f"choose a version that shows more of it, or keep this one's frame ({GRID_REMEDY})"
        raise InputError(retouched.path, f"shows only {found.covered:.1%} of the original", remedy)
    notes.append(f"{retouched.path}: {_words(found, grid)}")
    tell("Resampling", 0)
    if grid == "retouched":
        back = inverse(found)
        planes[0] = completed(resample(planes[0], back), planes[1], back)
        return found, back
    planes[1] = completed(resample(planes[1], found), planes[0], found)
    return found, found


def completed(resampled: U16, own: U16, alignment: Alignment) -> U16:
    """Return a resampled picture with the grid's own pixels, in its tone, where its frame does not reach.

    Args:
        resampled, own: (C, H, W) uint16, the picture that was laid on the grid, and the grid's.
        alignment: of `resampled`. Where its frame reaches everywhere, `resampled` itself is returned.
    """
    width, height = alignment.original_size
    if not alignment.is_bent:
        ends = np.array([0.5, width - 0.5]), np.array([0.5, height - 0.5])
        corners = np.stack([*(p.ravel() for p in np.meshgrid(*ends)), np.ones(4)])
        if _inside_px(alignment, *(alignment.affine @ corners)).min() > -0.5:
            return resampled
    tone = None
    out = resampled
    for top in range(0, height, BAND_PX):
        rows = np.s_[:, top : top + BAND_PX]
        inside_px = _inside_px(alignment, *positions(alignment, top, min(top + BAND_PX, height)))
        if inside_px.min() > -0.5:
            continue
        if tone is None:
            tone = _tone(resampled, own, alignment)
            out = resampled.copy()
        toned = own[rows] * tone[0] + tone[1]
        mixed = toned + np.clip(inside_px / FEATHER_PX, 0, 1) * (resampled[rows] - toned)
        out[rows] = np.clip(np.rint(mixed), 0, 65535)
    return out


def _inside_px(alignment: Alignment, x: Any, y: Any) -> F32:
    """Return how far places lie inside the frame of the picture that is laid, in px of the grid; below 0 outside."""
    width, height = alignment.retouched_size
    least = np.minimum(np.minimum(x, width - x), np.minimum(y, height - y))
    return np.asarray(least / alignment.scale, np.float32)


def _tone(resampled: U16, own: U16, alignment: Alignment) -> tuple[F32, F32]:
    """Return gain and lift (C, 1, 1) that bring `own` to the mean and spread of `resampled` where both are."""
    step = TONE_STEP_PX
    sampled = range(0, resampled.shape[1], step)
    seen = np.concatenate([_inside_px(alignment, *positions(alignment, y, y + 1)) > 0 for y in sampled])
    wanted, given = (p[:, ::step, ::step][:, seen[:, ::step]].astype(np.float32) for p in (resampled, own))
    if not wanted.size:
        return np.ones((len(own), 1, 1), np.float32), np.zeros((len(own), 1, 1), np.float32)
    gain = np.clip((wanted.std(1) + 1) / (given.std(1) + 1), 0.5, 2)
    lift = wanted.mean(1) - gain * given.mean(1)
    return gain[:, None, None], lift[:, None, None]


def coverage_words(found: Alignment) -> str:
    """Return how much of two pictures matches."""
    return f"{found.coverage:.0%} of what both show matches with certainty"


def _words(found: Alignment, grid: Grid) -> str:
    """Return what was done about how the retouched picture lay."""
    degrees = ("", "90 degrees to the right", "180 degrees", "90 degrees to the left")[found.quarter_turns]
    turned = [*(["mirrored"] if found.mirrored else []), *([f"turned by {degrees}"] if degrees else [])]
    was = f"was {' and '.join(turned)}; " if turned else ""
    ours, theirs = (f"{width} x {height} px" for width, height in (found.original_size, found.retouched_size))
    how = "resampled" if found.is_bent or not is_of_whole_pixels(found) else "moved by whole pixels"
    if grid == "original":
        done, sizes = "is aligned to the original", f", {theirs} onto {ours}"
    else:
        done, sizes = "keeps its pixels; the original is aligned to it", f", {ours} onto {theirs}"
    words = [
        f"{was}{done} within about {max(found.residual_px, 0.1):.1f} px",
        f"{how}{sizes if ours != theirs else ''}",
        coverage_words(found),
    ]
    if grid == "original" and found.covered < 0.995:
        words.append(f"covers {found.covered:.0%} of the original; the rest is the original's own")
    if grid == "original" and found.bend_px > TOLD_BEND_PX:
        bent = f"bent by up to {found.bend_px:.0f} px"
        words.append(f"{bent}: the original's shape is kept; to keep the other: {GRID_REMEDY}")
    if found.scale > FAR_SCALE:
        words.append(
            f"is {found.scale:.2g} times as large as the original: its finest detail has no place there"
        )
    elif found.scale < 1 / FAR_SCALE:
        words.append(f"is {found.scale:.2g} times as large as the original: it has no fine detail of its own")
    return "; ".join(words)


def _encoded(image: Image, icc: bytes | None, notes: list[str]) -> U16:
    """Return a picture's colour as (3, H, W) uint16 in a profile; nothing is copied where nothing changes."""
    if image.alpha is not None:
        notes.append(f"{image.path}: its transparency is left out; its colours are used as stored")
    if image.depth == 32:
        notes.append(f"{image.path}: its 32-bit floats are converted to 16 bits, clipped to 0-1")
    if profile_space(image.icc or srgb_icc(), image.path) == "rgb" and not same_profile(image.icc, icc):
        unnamed = ", which is assumed as it has none," if image.icc is None else ""
        notes.append(
            f"{image.path}: is converted from its profile {profile_name(image.icc)}{unnamed} to {profile_name(icc)}"
        )
    colour: U16 = as_depth(convert(image.colour, image.icc, icc), 16)
    if len(colour) == 1:
        colour = np.repeat(colour, 3, axis=0)
    return colour


def _resized(planes: U16, image: Image, size: tuple[int, int], notes: list[str]) -> U16:
    """Return planes (C, H, W) at a size (width, height), each pixel's centre staying in its place."""
    if (image.width, image.height) == size:
        return planes
    text = f"{image.path}: is resized from {image.width} x {image.height} to {size[0]} x {size[1]} px"
    if abs(image.width * size[1] / (image.height * size[0]) - 1) > SAME_SHAPE:
        text += "; the shapes differ, so it is stretched: crop one picture like the other for a true match"
    notes.append(text)
    shrinks = size[0] <= image.width and size[1] <= image.height
    method = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    result = np.empty((len(planes), size[1], size[0]), np.uint16)
    for plane, out in zip(planes, result, strict=True):
        cv2.resize(plane, size, dst=out, interpolation=method)
    return result


def _mask(image: Image, size: tuple[int, int], notes: list[str]) -> U16:
    """Return a picture as a mask (H, W) of a size."""
    if image.alpha is not None:
        notes.append(f"{image.path}: the mask's transparency is left out; its grey counts")
    colour: NDArray[Any] = as_depth(image.colour, 16)
    if len(colour) == 3 and not (
        np.array_equal(colour[0], colour[1]) and np.array_equal(colour[0], colour[2])
    ):
        grey = np.tensordot(np.array(LUMA), colour, 1)
        colour = np.rint(grey).astype(np.uint16)[None]
    plane: U16 = _resized(colour[:1], image, size, notes)[0]
    if not plane.any():
        notes.append(
            f"{image.path}: the mask is black all over, so nothing is laid: paint white where it should be"
        )
    return plane
