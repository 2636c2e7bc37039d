"""Where skin shows in a picture: faces, ears and necks without eyes, brows, lips, nostrils, hair and glasses."""

from typing import Literal

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.texture.faces import F32, U8, Face, interleaved
from retexture.texture.skin_colour import skin_coloured, tones
from retexture.texture.skin_cut import skin_cut
from retexture.texture.skin_scale import luma, upscaled
from retexture.texture.skin_shape import FaceShape, area, shape_of

CUT_PX, DRAWN_PX = 128, 288
"""Widths of a face in the small pictures in which its skin is cut out and its parts are drawn."""

MOST_FACES = 12

# In widths of the face.
LASHES = 0.022
FEATHER = 0.008


class Skin(msgspec.Struct, frozen=True):
    """Skin of a picture.

    mask: (h, w) float32, 0-1.
    faces: that it was found from.
    method: "face"; "colour": no face, but patches of a skin colour; "none": neither, and the mask is 0 all over.
    """

    mask: F32
    faces: tuple[Face, ...]
    method: Literal["face", "colour", "none"]


def skin_mask(picture: F32 | U8, faces: tuple[Face, ...]) -> Skin:
    """Find the skin of faces, with their ears and necks; the mask's edges follow the picture's.

    The face mesh says where eyes, brows and lips are; a colour model of each face, made from its own cheeks, nose and
    forehead, says where hair and clothes begin and how far ears and neck reach.

    Args:
        picture: (3, h, w) encoded RGB, float32 0-1 or uint8. 1-2 megapixels are enough.
        faces: of this picture (`find_faces`).
    """
    image = interleaved(picture)
    height, width = image.shape[:2]
    mask = np.zeros((height, width), np.float32)
    for face in faces[:MOST_FACES]:
        _add(mask, image, face, tuple(other for other in faces if other is not face))
    if mask.max(initial=0) > 0.5:
        return Skin(mask, faces, "face")
    scale = min(1.0, 512 / max(height, width))
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else image
    coloured = skin_coloured(np.asarray(small, np.uint8))
    if coloured is None:
        return Skin(np.zeros_like(mask), faces, "none")
    return Skin(np.asarray(cv2.resize(coloured, (width, height)), np.float32), faces, "colour")


def _add(mask: F32, image: U8, face: Face, others: tuple[Face, ...]) -> None:
    """Add the skin of one face to the mask; eyes, brows and lips of others are left to those."""
    height, width = image.shape[:2]
    corners = shape_of(face).corners()
    left, top = (max(0, int(v)) for v in corners.min(0))
    right, bottom = (int(v) + 1 for v in corners.max(0))
    right, bottom = min(right, width), min(bottom, height)
    if right - left < 8 or bottom - top < 8:
        return
    crop = image[top:bottom, left:right]
    drawn, shape = _resized(crop, face, left, top, DRAWN_PX)
    cut = skin_cut(*_resized(crop, face, left, top, CUT_PX), drawn)
    found = upscaled(cut, luma(_at(drawn, cut.shape)), luma(drawn), radius=2)
    found *= _without_parts(drawn, shape, found)
    for other in others:
        theirs = shape_of(other, left, top, shape.width_px / face.width_px)
        for outline in (theirs.lips, *theirs.eyes, *theirs.brows):
            found *= 1 - area(outline, found.shape, LASHES * theirs.width_px) / np.float32(255)
    part = upscaled(found, luma(drawn), luma(crop), radius=max(1, round(FEATHER * shape.width_px)))
    # Whole within, nothing without: what is left of the guide's own contrast goes.
    part = np.clip((part - 0.06) / 0.74, 0, 1, dtype=np.float32)
    target = mask[top:bottom, left:right]
    np.maximum(target, part, out=target)


def _resized(crop: U8, face: Face, left: int, top: int, face_px: float) -> tuple[U8, FaceShape]:
    """Return the crop with its face shrunk to at most a width, and the face's shape in it."""
    height, width = crop.shape[:2]
    scale = min(1.0, face_px / face.width_px)
    size = (max(4, round(height * scale)), max(4, round(width * scale)))
    return _at(crop, size), shape_of(face, left, top, scale)


def _at(image: U8, size: tuple[int, ...]) -> U8:
    return np.asarray(cv2.resize(image, size[::-1], interpolation=cv2.INTER_AREA), np.uint8)


def _without_parts(image: U8, shape: FaceShape, skin: F32) -> F32:
    """Return (h, w) float32 0 at eyes and lips, and at the hair of brows and the dark of nostrils."""
    size, w = image.shape[:2], shape.width_px
    out = np.ones(size, np.float32)
    for outline, grow in ((shape.lips, 0), *((eye, LASHES) for eye in shape.eyes)):
        out *= 1 - area(outline, size, grow * w) / np.float32(255)
    stops = tones(image, max(0.5, 0.003 * w)).stops
    outside = skin * out
    for brow in shape.brows:
        outside *= 1 - area(brow, size, 0.02 * w) / np.float32(255)
    around = _around(stops, outside, 0.06 * w)
    for outline, grow, dark in (*((b, 0.03, 0.2) for b in shape.brows), (shape.nostrils, 0.01, 0.75)):
        there = cv2.GaussianBlur(area(outline, size, grow * w), (0, 0), 0.01 * w) / np.float32(255)
        hair = np.clip((around - stops - dark) / (0.7 * dark), 0, 1)
        out *= 1 - there * hair
    return np.asarray(out, np.float32)


def _around(plane: F32, weight: F32, sigma_px: float) -> NDArray[np.float32]:
    top, bottom = (cv2.GaussianBlur(p, (0, 0), sigma_px) for p in (plane * weight, weight))
    return np.asarray((top + 1e-4 * float(plane.mean())) / (bottom + 1e-4), np.float32)
