"""The line between skin and what is around it in a picture without colours: by lightness, texture and place."""

import cv2
import numpy as np

from retexture.texture.faces import F32, U8
from retexture.texture.skin_colour import BOOL, Tones, tones
from retexture.texture.skin_shape import FaceShape, grid
from retexture.texture.skin_zones import Zones

ROUNDS, STEPS = 3, 150
"""How often skin and surroundings are measured anew, and most steps to the line between them."""

EDGE_STOPS = 0.35
"""Difference of neighbours at which they hold together a third as well, in a face of 128 px."""

EVIDENCE = 0.005
"""How much a pixel's own look weighs against its neighbours'."""

SURE = 4.0

# In widths of the face.
STRUCTURE, STRANDS, CONTOUR = 0.006, 0.02, 0.03
RAMP = 0.08


def grey_skin(of: Tones, rough: F32, dark: F32, seeds: BOOL, zones: Zones, shape: FaceShape) -> F32:
    """Return (h, w) float32 0-1 where face, ears and neck are; in between where nothing in the picture tells.

    Skin and what is around it are known by the lightness and texture nearby, as in local active contours (Lankton and
    Tannenbaum, 2008); the line between them is drawn where the lightness steps, as by random walkers (Grady, 2006).

    Args:
        of: tones of a picture with a face some 130 px wide.
        rough: of `roughness`, at the size of this picture.
        dark: of `stops_under_skin`.
        seeds: (h, w) bool, sure to be skin.
        zones, shape: of the face in this picture.
    """
    w = shape.width_px
    stops = np.maximum(of.stops, -8)
    sideways, down = (
        np.exp(-np.abs(np.diff(stops, axis=axis)) * np.float32(w / 128 / EDGE_STOPS)) for axis in (1, 0)
    )
    place = _place(np.median(stops[seeds]) - stops, rough, zones, shape)
    hidden = zones.parts & zones.oval
    lit = (dark < np.where(zones.upper, 2.5, 1.8)) & (dark > -2.5)
    skin = (zones.oval & lit & (place > 0)).astype(np.float32)
    around = ~zones.possible | (~zones.parts & ((dark > 2.5) | (dark < -2)))
    for _ in range(ROUNDS):
        likely = place.copy()
        inside = (skin > 0.6) & zones.possible & ~zones.parts
        for plane, least in ((stops, 0.25), (rough, 1.5)):
            likely += np.clip(_oddity(plane, around, w, least) - _oddity(plane, inside, w, least), -4, 4)
        likely[hidden] = SURE
        weight = np.float32(EVIDENCE) * np.minimum(np.abs(likely), 6) + np.float32(1e-4)
        skin = _spread((likely > 0).astype(np.float32), weight, sideways, down, skin)
        around = skin < 0.4
    return skin


def roughness(finer: U8, seeds: BOOL, width_px: float) -> F32:
    """Return (h, w) float32 how much more fine structure there is than in the seeds, in robust standard deviations.

    Args:
        finer: (H, W, 3) uint8 RGB, the face large enough for strands of hair: some 290 px wide.
        seeds: (h, w) bool in a smaller picture of the same, sure to be skin.
        width_px: of the face in the smaller picture.
    """
    size = seeds.shape[::-1]
    w = width_px * finer.shape[1] / size[0]
    stops = np.maximum(tones(finer, 0.6).stops, -8)
    fine = np.abs(stops - cv2.GaussianBlur(stops, (0, 0), max(0.8, STRUCTURE * w)))
    amount = np.log2(np.float32(0.01) + cv2.GaussianBlur(fine, (0, 0), STRANDS * w))
    edge = 2 * round(CONTOUR * w) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (edge, edge))
    # A single line, such as the head's contour, is no hair.
    amount = cv2.resize(cv2.morphologyEx(amount, cv2.MORPH_OPEN, disc), size, interpolation=cv2.INTER_AREA)
    middle = np.median(amount[seeds])
    spread = max(1.48 * float(np.median(np.abs(amount[seeds] - middle))), 0.3)
    return np.asarray((amount - middle) / spread, np.float32)


def _place(under_face: F32, rough: F32, zones: Zones, shape: FaceShape) -> F32:
    """Return (h, w) float32 the log odds of skin by where a pixel lies, and of hair over the eyes by its look.

    Args:
        under_face: (h, w) float32 how many stops darker than the face's middle.
        rough, zones, shape: as above.
    """
    across, under = grid(shape, zones.oval.shape)
    chin = float(shape.along(shape.oval)[:, 1].max())
    mouth = float(shape.along(shape.lips)[:, 1].min())
    eyes = float(np.mean([shape.along(eye)[:, 1].mean() for eye in shape.eyes]))
    beyond, within = (
        cv2.distanceTransform(side.astype(np.uint8), cv2.DIST_L2, 5) / np.float32(shape.width_px)
        for side in (~zones.oval, zones.oval)
    )
    # The mesh ends below the hairline and beside the ears.
    reach = np.interp(under, [eyes - 0.25, eyes + 0.05, (eyes + mouth) / 2, mouth], [0.16, 0.08, 0.06, 0.0])
    side = np.clip((reach - beyond + within) / RAMP, -4, 3)
    neck = np.clip((0.38 + 0.1 * np.maximum(under - chin, 0) - np.abs(across)) / RAMP, -4, 2)
    place = np.maximum(side, np.where(under > chin - 0.1, neck, -4))
    place[zones.inner] = np.where(zones.forehead, 2, SURE)[zones.inner]
    place[~zones.possible] = -6
    hairy = np.interp(under, [eyes - 0.12, eyes + 0.02], [1, 0]) * (1.5 * np.clip(rough - 1, -0.5, 3))
    place -= np.where(within > 0.02, 0, hairy)
    # A fringe is darker than the face, wrinkles and highlights are not.
    fringe = np.clip(under_face - 0.9, 0, 1)
    place -= np.where(zones.forehead, fringe * (6 + 1.5 * np.clip(rough - 1, 0, 3)), 0)
    return np.asarray(place, np.float32)


def _oddity(plane: F32, area: BOOL, width_px: float, least: float) -> F32:
    """Return (h, w) float32 how unlikely each value is in an area, by the mean and spread nearby."""
    weight = area.astype(np.float32)
    sums = [np.zeros(plane.shape, np.float32) for _ in range(3)]
    # The nearest count; where there are none, those farther off.
    for reach, share in ((0.1, 1.0), (0.3, 0.05), (1.0, 0.002)):
        step = max(1, int(reach * width_px / 4))
        size = (-(-plane.shape[1] // step), -(-plane.shape[0] // step))
        for total, part in zip(sums, (weight, weight * plane, weight * plane * plane), strict=True):
            small = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
            wide = cv2.GaussianBlur(small, (0, 0), reach * width_px / step)
            total += np.float32(share) * cv2.resize(wide, plane.shape[::-1], interpolation=cv2.INTER_LINEAR)
    mean, square = sums[1] / (sums[0] + 1e-6), sums[2] / (sums[0] + 1e-6)
    spread = np.sqrt(np.maximum(square - mean * mean, 0) + np.float32(least * least))
    return np.asarray(np.minimum(((plane - mean) / spread) ** 2 / 2, 6) + np.log(spread), np.float32)


def _spread(target: F32, weight: F32, sideways: F32, down: F32, start: F32) -> F32:
    """Return what is near the target by its weight, and near its neighbours by theirs: conjugate gradients."""

    def applied(plane: F32) -> F32:
        out = weight * plane
        flow = sideways * np.diff(plane, axis=1)
        out[:, 1:] += flow
        out[:, :-1] -= flow
        flow = down * np.diff(plane, axis=0)
        out[1:] += flow
        out[:-1] -= flow
        return out

    own = weight.copy()
    own[:, 1:] += sideways
    own[:, :-1] += sideways
    own[1:] += down
    own[:-1] += down
    found, rest = start, weight * target - applied(start)
    way = eased = rest / own
    size = first = float(np.vdot(rest, eased))
    for _ in range(STEPS):
        if size <= 1e-6 * first:
            break
        pulled = applied(way)
        length = np.float32(size / float(np.vdot(way, pulled)))
        found, rest = found + length * way, rest - length * pulled
        eased = rest / own
        size, before = float(np.vdot(rest, eased)), size
        way = eased + np.float32(size / before) * way
    return np.asarray(np.clip(found, 0, 1), np.float32)
