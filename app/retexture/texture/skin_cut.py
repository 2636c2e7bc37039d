"""The line between skin and what is around it, drawn in a small picture of one face."""

import cv2
import numpy as np

from retexture.texture.faces import F32, U8
from retexture.texture.skin_colour import BOOL, Tones, colour_distance, stops_under_skin, tones
from retexture.texture.skin_grey import grey_skin, roughness
from retexture.texture.skin_shape import FaceShape, area, grid
from retexture.texture.skin_zones import Zones, morphed, zones_of

ROUNDS = 2

GLARE = 5.5
"""Farthest from the colour of skin that white light on it is, in standard deviations."""

# In widths of the face.
SPOT, SHADE, FOREIGN, FRAME = 0.12, 0.35, 0.16, 0.03


def skin_cut(image: U8, shape: FaceShape, finer: U8) -> F32:
    """Return (h, w) float32 1 where face, ears and neck are; eyes, brows, lips and small spots count as skin.

    Each pixel is judged by its colour, how much darker than the skin around it it is, and where it lies; a graph cut
    (Rother, Kolmogorov and Blake, GrabCut, 2004) settles what is left open.

    Args:
        image: (h, w, 3) uint8 RGB, the face some 130 px wide.
        shape: of the face in this image.
        finer: (H, W, 3) uint8 RGB, the same up to some three times as large.
    """
    w = shape.width_px
    of = tones(image, max(0.5, 0.006 * w))
    zones = zones_of(shape, of.stops.shape)
    seeds = zones.seeds if zones.seeds.sum() >= 20 else zones.oval
    distance = colour_distance(of, seeds)
    # Hair has lost the colour of skin as well as its light.
    chroma = np.hypot(of.red, of.yellow)
    pale = chroma < 0.3 * np.median(chroma[seeds])
    dark = stops_under_skin(of, distance, zones.reference & ~pale, w)
    if of.grey:
        rough = roughness(finer, seeds, w)
        soft = grey_skin(of, rough, dark, seeds, zones, shape)
        skin = _tidied(soft > 0.5, np.full_like(distance, 9), zones, w)
        beard = morphed(cv2.MORPH_OPEN, zones.beard & (rough > 2.5) & (dark > 1.2), 0.02 * w)
        strange = beard | _glasses(of.stops, rough, zones, shape)
        skin &= ~_foreign(strange, zones.oval, shape)
        clear = np.clip(2 * soft - 0.5, 0, 1)
        return np.where(skin == (soft > 0.5), clear, skin).astype(np.float32)
    marks = _marks(zones, distance, dark)
    if (marks & 1).any() and not (marks & 1).all():
        cv2.setRNGSeed(1)
        model = np.zeros((2, 1, 65))
        picture = _for_cut(of, seeds)
        cv2.grabCut(picture, marks, (0, 0, 0, 0), model[0], model[1], ROUNDS, cv2.GC_INIT_WITH_MASK)
    skin = _tidied((marks & 1) > 0, distance, zones, w)
    near = area(shape.oval, skin.shape, 0.12 * w) > 127
    shine = near & (dark < -0.3) & (chroma < 0.6 * np.median(chroma[seeds])) & (distance < GLARE)
    skin |= _glare(shine & ~zones.parts, skin, w)
    beard = zones.beard & pale & (dark > 1.5)
    rims = _lines(of.stops, w) & (chroma < 0.7 * np.median(chroma[seeds]))
    glasses = zones.inner & zones.upper & ~(zones.forehead & (dark < -0.3)) & ((distance > 4.5) | rims)
    strange = morphed(cv2.MORPH_OPEN, beard, 0.02 * w) | glasses
    skin &= ~_foreign(strange, zones.oval, shape)
    return skin.astype(np.float32)


def _lines(stops: F32, width_px: float) -> BOOL:
    """Return what is darker than all around it."""
    return np.asarray(cv2.blur(stops, (2 * round(0.07 * width_px) + 1,) * 2) - stops > 0.7)


def _glasses(stops: F32, rough: F32, zones: Zones, shape: FaceShape) -> BOOL:
    """Return rims and mirrored lenses in a grey picture, if there is more structure under an eye than skin has."""
    size, w = stops.shape, shape.width_px
    under = grid(shape, size)[1]
    for eye in shape.eyes:
        bag = (area(eye, size, 0.16 * w) > 127) & (area(eye, size, 0.08 * w) < 128)
        bag &= under > float(shape.along(eye)[:, 1].mean())
        if (rough[bag] > 2).sum() > 0.2 * bag.sum():
            return zones.inner & zones.upper & ((rough > 3) | _lines(stops, w))
    return np.zeros(size, bool)


def _marks(zones: Zones, distance: F32, dark: F32) -> U8:
    """Return (h, w) uint8 what is skin, what is not, and what probably, in GrabCut's numbers."""
    # Shade is dark in the colour of skin, hair in its own. Stubble and reflections of clothes take the colour from jaw
    # and throat; beside them are clothes.
    where = [zones.forehead, zones.upper, zones.hair, zones.rim, zones.oval, zones.throat]
    depth = np.select(where, [2.2, 3.2, 1.1, 1.5, 2.0, 2.4], 2.4)
    reach = np.select(where, [3.5, 4.5, 2.4, 3.2, 6.0, 6.0], 3.5)
    strange = (distance / reach) ** 2 + (np.maximum(dark, -2 * dark) / depth) ** 2
    marks = np.full(distance.shape, cv2.GC_BGD, np.uint8)
    marks[zones.possible] = cv2.GC_PR_BGD
    marks[zones.possible & (strange < 1)] = cv2.GC_PR_FGD
    marks[zones.inner & (strange < 0.8)] = cv2.GC_FGD
    marks[zones.throat & (strange < 0.5)] = cv2.GC_FGD
    marks[~zones.parts & ((distance > 9) | (strange > 6))] = cv2.GC_BGD
    return marks


def _for_cut(of: Tones, seeds: BOOL) -> U8:
    """Return (h, w, 3) uint8 tones, the chromas as large as skin's own differences allow."""
    planes = [np.clip(200 + 20 * of.stops, 0, 255)]
    for plane in (of.red, of.yellow):
        middle = np.median(plane[seeds])
        spread = max(1.48 * float(np.median(np.abs(plane[seeds] - middle))), 2.0)
        planes.append(np.clip(128 + 10 * (plane - middle) / spread, 0, 255))
    return np.ascontiguousarray(np.stack(planes, -1), np.uint8)


def _tidied(skin: BOOL, distance: F32, zones: Zones, width_px: float) -> BOOL:
    """Return the face and what is surely skin beside it, small holes (moles, blemishes, eyes, lips) filled."""
    whole = (skin | (zones.parts & zones.oval)).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(whole, connectivity=4)
    kept = np.zeros(skin.shape, bool)
    for i in range(1, count):
        piece = labels == i
        # An ear behind hair, a neck under a beard.
        apart = stats[i, cv2.CC_STAT_AREA] > 0.03 * width_px**2 and np.median(distance[piece]) < 3
        if (piece & zones.oval).sum() > 0.02 * width_px**2 or apart:
            kept |= piece
    count, labels, stats, _ = cv2.connectedComponentsWithStats((~kept).astype(np.uint8), connectivity=4)
    for i in range(1, count):
        hole = labels == i
        # The shade under a chin may be as dark and as pale as hair.
        limit = SHADE if zones.throat[hole].mean() > 0.7 else SPOT
        if max(stats[i, cv2.CC_STAT_WIDTH], stats[i, cv2.CC_STAT_HEIGHT]) < limit * width_px:
            kept |= hole
    # A blemish at the hairline is a bay, no hole.
    kept |= morphed(cv2.MORPH_CLOSE, kept, 0.03 * width_px) & zones.oval
    return kept


def _glare(shine: BOOL, skin: BOOL, width_px: float) -> BOOL:
    """Return reflections of light on skin: small, and with skin around most of them but for the hair over them."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        (shine & ~skin).astype(np.uint8), connectivity=4
    )
    out = np.zeros(skin.shape, bool)
    for i in range(1, count):
        piece = labels == i
        ring = (cv2.dilate(piece.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0) & ~piece
        if stats[i, cv2.CC_STAT_AREA] < 0.08 * width_px**2 and skin[ring].mean() > 0.4:
            out |= piece
    return out


def _foreign(strange: BOOL, oval: BOOL, shape: FaceShape) -> BOOL:
    """Return what is too large for a blemish and no skin: beards and glasses, lenses that hide the skin included."""
    size, width_px = oval.shape, shape.width_px
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
