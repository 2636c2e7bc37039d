"""Where skin shows in a picture: faces, ears and necks without eyes, brows, lips, nostrils, hair and glasses."""

from typing import Literal

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.texture.faces import F32, U8, Face, interleaved
from retexture.texture.skin_colour import BOOL, Tones, colour_distance, skin_coloured, stops_under_skin, tones
from retexture.texture.skin_scale import luma, upscaled
from retexture.texture.skin_shape import FaceShape, area, grid, shape_of

CUT_PX, DRAWN_PX = 128, 288
"""Widths of a face in the small pictures in which its skin is cut out and its parts are drawn."""

MOST_FACES = 12
CUT_ROUNDS = 2

# In widths of the face.
LASHES, LIP_LINE = 0.022, 0.008
FEATHER = 0.012
SPOT, SHADE, FOREIGN, FRAME = 0.12, 0.3, 0.16, 0.03


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
    forehead, says where hair and clothes begin and how far ears and neck reach; a graph cut (Rother, Kolmogorov and
    Blake, GrabCut, 2004) draws the line between them.

    Args:
        picture: (3, h, w) encoded RGB, float32 0-1 or uint8. 1-2 megapixels are enough.
        faces: of this picture (`find_faces`).
    """
    image = interleaved(picture)
    height, width = image.shape[:2]
    mask = np.zeros((height, width), np.float32)
    for face in faces[:MOST_FACES]:
        _add(mask, image, face)
    if mask.max(initial=0) > 0.5:
        return Skin(mask, faces, "face")
    scale = min(1.0, 512 / max(height, width))
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else image
    coloured = skin_coloured(np.asarray(small, np.uint8))
    if coloured is None:
        return Skin(np.zeros_like(mask), faces, "none")
    return Skin(np.asarray(cv2.resize(coloured, (width, height)), np.float32), faces, "colour")


def _add(mask: F32, image: U8, face: Face) -> None:
    """Add the skin of one face to the mask."""
    height, width = image.shape[:2]
    corners = shape_of(face).corners()
    left, top = (max(0, int(v)) for v in corners.min(0))
    right, bottom = (int(v) + 1 for v in corners.max(0))
    right, bottom = min(right, width), min(bottom, height)
    if right - left < 8 or bottom - top < 8:
        return
    crop = image[top:bottom, left:right]
    drawn, shape = _resized(crop, face, left, top, DRAWN_PX)
    cut = _cut(*_resized(crop, face, left, top, CUT_PX))
    found = upscaled(cut, luma(_at(drawn, cut.shape)), luma(drawn), radius=2)
    found *= _without_parts(drawn, shape, found)
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


def _cut(image: U8, shape: FaceShape) -> F32:
    """Return (h, w) float32 1 where face, ears and neck are, eyes, brows, lips and small spots included."""
    size, w = image.shape[:2], shape.width_px
    of = tones(image, max(0.5, 0.006 * w))
    across, under = grid(shape, size)
    oval = area(shape.oval, size) > 127
    parts = np.zeros(size, bool)
    for outline, grow in (
        (shape.lips, 0.015),
        *((e, 0.04) for e in shape.eyes),
        *((b, 0.03) for b in shape.brows),
    ):
        parts |= area(outline, size, grow * w) > 127
    chin, crown = (float(shape.along(shape.oval)[:, 1].max()), float(shape.along(shape.oval)[:, 1].min()))
    mouth = float(shape.along(shape.lips)[:, 1].min())
    inner = _morphed(cv2.MORPH_ERODE, oval, 0.05 * w) & ~parts
    brows = float(min(shape.along(brow)[:, 1].min() for brow in shape.brows))
    # Beards, fringes and glasses are no seeds.
    seeds = inner & (under < mouth - 0.04) & (under > brows - 0.06)
    for eye in shape.eyes:
        seeds &= area(eye, size, 0.15 * w) < 128
    if seeds.sum() < 20:
        seeds = oval
    distance = colour_distance(of, seeds)
    # Hair has lost the colour of skin as well as its light.
    chroma = np.hypot(of.red, of.yellow)
    pale = chroma < 0.3 * np.median(chroma[seeds])
    possible = ~parts & ~pale & (under < chin + 0.3) & (oval | (under > mouth))
    dark = stops_under_skin(of, distance, possible, w)

    head = (across / 0.66) ** 2 + ((under - (chin + crown) / 2 + 0.05) / ((chin - crown) / 2 + 0.3)) ** 2 < 1
    neck = (under > 0.25) & (np.abs(across) < 0.5 + 0.6 * np.maximum(under - chin, 0)) & (under < chin + 0.8)
    upper = oval & (under < mouth)
    if of.grey:
        lit = (dark < np.where(upper, 2.5, 1.8)) & (dark > -2.5)
        # Without colours the line between a cheek and what is behind it is the mesh's guess.
        inside = _morphed(cv2.MORPH_ERODE, oval, 0.03 * w)
        return _tidied(inside & lit, np.zeros(size, np.float32), inside, parts, w)
    # Shade is dark in the colour of skin, hair in its own.
    eyes = float(np.mean([shape.along(eye)[:, 1].mean() for eye in shape.eyes]))
    # The mesh ends below the hairline.
    near = area(shape.oval, size, 0.12 * w) > 127
    hair, rim = ~near & (under < eyes - 0.05), ~oval & (under < mouth)
    throat = (under > mouth) & (under < chin + 0.4) & (np.abs(across) < 0.38)
    forehead = oval & (under < brows - 0.04)
    depth = np.select([forehead, upper, hair, rim, oval], [2.2, 3.2, 1.1, 1.5, 2.0], 2.4).astype(np.float32)
    # Stubble and reflections of clothes take the colour from jaw and throat; beside them are clothes.
    reach = np.select([forehead, upper, hair, rim, oval | throat], [3.5, 4.5, 2.4, 3.2, 6.0], 3.5).astype(
        np.float32
    )
    strange = (distance / reach) ** 2 + (np.maximum(dark, -2 * dark) / depth) ** 2
    marks = np.full(size, cv2.GC_BGD, np.uint8)
    marks[head | neck] = cv2.GC_PR_BGD
    marks[(head | neck) & (strange < 1)] = cv2.GC_PR_FGD
    marks[inner & (strange < 0.8)] = cv2.GC_FGD
    marks[throat & (strange < 0.5)] = cv2.GC_FGD
    marks[~parts & ((distance > 9) | (strange > 6))] = cv2.GC_BGD
    if (marks & 1).any() and not (marks & 1).all():
        scaled = _for_cut(of, seeds)
        cv2.setRNGSeed(1)
        model = np.zeros((2, 1, 65))
        cv2.grabCut(scaled, marks, (0, 0, 0, 0), model[0], model[1], CUT_ROUNDS, cv2.GC_INIT_WITH_MASK)
    skin = _tidied((marks & 1) > 0, distance, oval, parts, w)
    beard = (oval | throat) & (under > mouth) & (under < chin + 0.25) & pale & (dark > 1.5)
    strange_here = _morphed(cv2.MORPH_OPEN, beard, 0.02 * w) | (inner & (under < mouth) & (distance > 4.5))
    skin[_foreign(strange_here, oval, shape, w)] = 0
    return skin


def _for_cut(of: Tones, seeds: BOOL) -> U8:
    """Return (h, w, 3) uint8 tones, the chromas as large as skin's own differences allow."""
    planes = [np.clip(200 + 20 * of.stops, 0, 255)]
    for plane in (of.red, of.yellow):
        middle = np.median(plane[seeds])
        spread = max(1.48 * float(np.median(np.abs(plane[seeds] - middle))), 2.0)
        planes.append(np.clip(128 + 10 * (plane - middle) / spread, 0, 255))
    return np.ascontiguousarray(np.stack(planes, -1), np.uint8)


def _morphed(operation: int, inside: BOOL, radius_px: float) -> BOOL:
    """Return an area eroded, opened or closed with a disc."""
    edge = 2 * max(1, round(radius_px)) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (edge, edge))
    return np.asarray(cv2.morphologyEx(inside.astype(np.uint8), operation, disc) > 0)


def _tidied(skin: BOOL, distance: F32, oval: BOOL, parts: BOOL, width_px: float) -> F32:
    """Return the face and what is surely skin beside it, small holes (moles, blemishes, eyes, lips) filled."""
    whole = (skin | (parts & oval)).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(whole, connectivity=4)
    kept = np.zeros(skin.shape, bool)
    for i in range(1, count):
        piece = labels == i
        # An ear behind hair, a neck under a beard.
        apart = stats[i, cv2.CC_STAT_AREA] > 0.03 * width_px**2 and np.median(distance[piece]) < 3
        if (piece & oval).sum() > 0.02 * width_px**2 or apart:
            kept |= piece
    count, labels, stats, _ = cv2.connectedComponentsWithStats((~kept).astype(np.uint8), connectivity=4)
    for i in range(1, count):
        across = max(stats[i, cv2.CC_STAT_WIDTH], stats[i, cv2.CC_STAT_HEIGHT])
        # The shade under a chin may be as dark as hair, but has the colour of skin.
        if across < SPOT * width_px or (across < SHADE * width_px and np.median(distance[labels == i]) < 7):
            kept |= labels == i
    # A blemish at the hairline is a bay, no hole.
    kept |= _morphed(cv2.MORPH_CLOSE, kept, 0.03 * width_px) & oval
    return kept.astype(np.float32)


def _foreign(strange: BOOL, oval: BOOL, shape: FaceShape, width_px: float) -> BOOL:
    """Return what is too large for a blemish and no skin: beards and glasses, lenses that hide the skin included."""
    size = strange.shape
    disc = np.ones((3, 3), np.uint8)
    joined = cv2.morphologyEx(strange.astype(np.uint8), cv2.MORPH_CLOSE, disc)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    out = np.zeros(size, bool)
    for i in range(1, count):
        piece = labels == i
        across = max(stats[i, cv2.CC_STAT_WIDTH], stats[i, cv2.CC_STAT_HEIGHT])
        # Folds of the neck may be as dark and pale, but hang from no beard.
        if across > FOREIGN * width_px and (piece & oval).sum() > 0.05 * piece.sum():
            out |= piece
    for eye in shape.eyes:
        around = area(eye, size, 0.1 * width_px) > 127
        ring = around & ~(area(eye, size, 0.04 * width_px) > 127)
        # Mirrored or dark lenses; through clear ones the skin shows.
        if (strange & ring).sum() > 0.4 * ring.sum():
            across = grid(shape, size)[0] * np.sign(float(shape.along(eye)[:, 0].mean()))
            lens = out & (area(eye, size, 0.2 * width_px) > 127) & (across > 0.04)
            points = np.argwhere(lens)[:, ::-1].astype(np.float32)
            if len(points) > 2:
                out |= (
                    area(np.asarray(cv2.convexHull(points), np.float32)[:, 0], size, FRAME * width_px) > 127
                )
    return np.asarray(cv2.dilate(out.astype(np.uint8), disc) > 0)


def _without_parts(image: U8, shape: FaceShape, skin: F32) -> F32:
    """Return (h, w) float32 0 at eyes and lips, and at the hair of brows and the dark of nostrils."""
    size, w = image.shape[:2], shape.width_px
    out = np.ones(size, np.float32)
    for outline, grow in ((shape.lips, LIP_LINE), *((eye, LASHES) for eye in shape.eyes)):
        out *= 1 - area(outline, size, grow * w) / np.float32(255)
    stops = tones(image, max(0.5, 0.003 * w)).stops
    outside = skin * out
    for brow in shape.brows:
        outside *= 1 - area(brow, size, 0.02 * w) / np.float32(255)
    around = _around(stops, outside, 0.06 * w)
    for outline, grow, dark in (*((b, 0.03, 0.35) for b in shape.brows), (shape.nostrils, 0.01, 0.75)):
        there = cv2.GaussianBlur(area(outline, size, grow * w), (0, 0), 0.01 * w) / np.float32(255)
        hair = np.clip((around - stops - dark) / (0.7 * dark), 0, 1)
        out *= 1 - there * hair
    return np.asarray(out, np.float32)


def _around(plane: F32, weight: F32, sigma_px: float) -> NDArray[np.float32]:
    top, bottom = (cv2.GaussianBlur(p, (0, 0), sigma_px) for p in (plane * weight, weight))
    return np.asarray((top + 1e-4 * float(plane.mean())) / (bottom + 1e-4), np.float32)
