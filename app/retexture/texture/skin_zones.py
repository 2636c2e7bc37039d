"""Zones in and around a face in which skin is judged in different ways."""

from typing import Any

import cv2
import msgspec
import numpy as np

from retexture.texture.skin_colour import BOOL
from retexture.texture.skin_shape import FaceShape, area, grid


class Zones(msgspec.Struct, frozen=True):
    """(h, w) bool each.

    oval: the face, up to the forehead. inner: well within it, off the parts. upper: over the mouth. forehead: over the
    brows. parts: eyes, brows and lips, with room around them. hair: over the eyes and beyond the oval. rim: beside the
    oval, where ears are. throat, beard: under the mouth, near the middle. possible: where head and neck can be.
    seeds: sure to be skin. reference: where the brightness of skin is measured.
    """

    oval: BOOL
    inner: BOOL
    upper: BOOL
    forehead: BOOL
    parts: BOOL
    hair: BOOL
    rim: BOOL
    throat: BOOL
    beard: BOOL
    possible: BOOL
    seeds: BOOL
    reference: BOOL


def zones_of(shape: FaceShape, size: tuple[Any, ...]) -> Zones:
    """Return the zones of a face in a picture of (h, w) pixels."""
    w = shape.width_px
    across, under = grid(shape, size)
    oval = area(shape.oval, size) > 127
    parts = area(shape.lips, size, 0.015 * w) > 127
    for outlines, room in ((shape.eyes, 0.04), (shape.brows, 0.03)):
        for outline in outlines:
            parts |= area(outline, size, room * w) > 127
    inner = morphed(cv2.MORPH_ERODE, oval, 0.05 * w) & ~parts

    heights = shape.along(shape.oval)[:, 1]
    crown, chin = float(heights.min()), float(heights.max())
    mouth = float(shape.along(shape.lips)[:, 1].min())
    eyes = float(np.mean([shape.along(eye)[:, 1].mean() for eye in shape.eyes]))
    brows = float(min(shape.along(brow)[:, 1].min() for brow in shape.brows))

    # Beards, fringes and glasses are no seeds.
    seeds = inner & (under < mouth - 0.04) & (under > brows - 0.06)
    for eye in shape.eyes:
        seeds &= area(eye, size, 0.15 * w) < 128
    head = (across / 0.66) ** 2 + ((under - (chin + crown) / 2 + 0.05) / ((chin - crown) / 2 + 0.3)) ** 2 < 1
    neck = (under > 0.25) & (np.abs(across) < 0.5 + 0.6 * np.maximum(under - chin, 0)) & (under < chin + 0.8)
    throat = (under > mouth) & (under < chin + 0.4) & (np.abs(across) < 0.38)
    # The mesh ends below the hairline.
    near = area(shape.oval, size, 0.12 * w) > 127
    return Zones(
        oval=oval,
        inner=inner,
        upper=oval & (under < mouth),
        forehead=oval & (under < brows - 0.04),
        parts=parts,
        hair=~near & (under < eyes - 0.05),
        rim=~oval & (under < mouth),
        throat=throat & ~oval,
        beard=(oval | throat) & (under > mouth) & (under < chin + 0.25),
        possible=head | neck,
        seeds=seeds,
        reference=~parts & (under < chin + 0.3) & (oval | (under > mouth)),
    )


def morphed(operation: int, inside: BOOL, radius_px: float) -> BOOL:
    """Return an area eroded, opened or closed with a disc."""
    edge = 2 * max(1, round(radius_px)) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (edge, edge))
    return np.asarray(cv2.morphologyEx(inside.astype(np.uint8), operation, disc) > 0)
