"""Pictures read from files, made ready for a recipe: one size, one profile, 16 bits, RGB."""

from collections.abc import Callable
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from retexture.document.pixels import Pixels
from retexture.engine.blend import LUMA
from retexture.errors import InputError
from retexture.files.colour import convert, profile_name, profile_space, same_profile, srgb_icc
from retexture.files.images import Image, as_depth
from retexture.recipes.base import Materials
from retexture.texture.alignment import Alignment, align, inverse
from retexture.texture.alignment_resample import resample

U16 = NDArray[np.uint16]

SAME_SHAPE = 0.01
"""Aspect ratios that differ by more than this are another crop, not rounding."""


def prepare(
    original: Image,
    retouched: Image | None = None,
    *,
    grid: Literal["original", "retouched"] = "original",
    mask: Image | None = None,
    aligned: bool = False,
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
    unaligned = alignment = None
    if aligned and retouched is not None:
        raw = planes[1]
        alignment = _aligned(planes, retouched, grid, notes, tell)
        unaligned = None if planes[1] is raw or grid == "retouched" else Pixels(raw)
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
        unaligned=unaligned,
        tell=tell,
    )
    return materials, tuple(notes)


def _aligned(
    planes: list[U16],
    retouched: Image,
    grid: Literal["original", "retouched"],
    notes: list[str],
    tell: Callable[[str, float], None],
) -> Alignment:
    """Put the pictures of `planes` onto one grid, and return how the retouched one lay.

    Raises:
        InputError: they are not of one photograph.
    """
    try:
        found = align(planes[0], planes[1], lambda done: tell("Aligning", done))
    except ValueError as error:
        remedy = "choose the retouched version of this original, or turn alignment off (--align off)"
        raise InputError(retouched.path, f"cannot be aligned: {error}", remedy) from error
    if found.is_identity:
        return found
    words = _words(found)
    tell("Resampling", 0)
    if grid == "retouched":
        found = inverse(found)
        planes[0] = resample(planes[0], found)
    else:
        planes[1] = resample(planes[1], found)
    notes.append(f"{retouched.path}: {words}")
    return found


def _words(found: Alignment) -> str:
    """Return what was done about how the retouched picture lay."""
    turned = [
        *(["mirrored"] if found.mirrored else []),
        *([f"turned by {90 * found.quarter_turns} degrees"] if found.quarter_turns else []),
    ]
    sizes = [f"{width} x {height}" for width, height in (found.retouched_size, found.original_size)]
    resized = f", {sizes[0]} px onto {sizes[1]} px," if sizes[0] != sizes[1] else ""
    was = f"was {' and '.join(turned)}; " if turned else ""
    return (
        f"{was}is aligned to the original{resized} within about "
        f"{max(found.residual_px, 0.1):.1f} px; {found.coverage:.0%} of the picture matches with certainty"
    )


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
    return plane
