"""Pictures read from files, made ready for a recipe: one size, one profile, 16 bits, RGB."""

from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from retexture.document.pixels import Pixels
from retexture.engine.blend import LUMA
from retexture.files.colour import convert, profile_name, profile_space, same_profile, srgb_icc
from retexture.files.images import Image, as_depth
from retexture.recipes.base import Materials

U16 = NDArray[np.uint16]

SAME_SHAPE = 0.01
"""Aspect ratios that differ by more than this are another crop, not rounding."""


def prepare(
    original: Image,
    retouched: Image | None = None,
    *,
    grid: Literal["original", "retouched"] = "original",
    mask: Image | None = None,
) -> tuple[Materials, tuple[str, ...]]:
    """Bring the pictures of a restoration to one pixel grid, profile and depth.

    Args:
        original: with the texture; for a recipe on one flat picture, that picture.
        retouched: the other picture.
        grid: whose size, profile and metadata are kept; the other one is resized and converted to it.
        mask: white where the texture goes; of a colour picture its encoded grey counts, 0.30 R + 0.59 G + 0.11 B.

    Returns:
        The materials: (3, H, W) uint16 in the profile of the grid's picture, in sRGB where that is one for grey.
        And what was done to the pictures that the user may not expect, one phrase each.

    Raises:
        InputError: a damaged profile.
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
    planes = [
        _resized(_encoded(image, icc, notes), image, size, notes)
        for image in (original, retouched)
        if image is not None
    ]
    materials = Materials(
        original=Pixels(planes[0]),
        retouched=Pixels(planes[1]) if retouched is not None else None,
        names=(original.path.name, retouched.path.name if retouched is not None else ""),
        mask=None if mask is None else _mask(mask, size, notes),
        icc=icc,
        metadata=dict(owner.metadata),
    )
    return materials, tuple(notes)


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
