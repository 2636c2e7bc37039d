"""Blemishes that the retouched picture no longer has: where they are, how large, how sure; and their mask.

What the original has and the retouched picture lacks is sought, as spots over many sizes, by the Laplacian of
Gaussian measured against its own noise (T. Lindeberg, "Feature Detection with Automatic Scale Selection", Int. J.
Computer Vision 30(2), 1998). A spot that both have (a kept mole) leaves no difference and is none; pores and stubble
are too small or make up the noise; an edge that lies half a pixel off is expected there and weighs as noise.
"""

import math
from collections.abc import Sequence
from itertools import combinations

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.texture.colour_difference import (
    LEAST_NOISE,
    LOCAL,
    SURROUND,
    blurred,
    colour_difference,
    lab,
    mean_near,
    parted,
    sample,
    shrunk,
    turned,
)
from retexture.texture.flaw_regions import Flaw, round_flaws

F32 = NDArray[np.float32]
Flags = NDArray[np.bool_]

WORK_FACE_PX = 700.0
"""Face width that spots are sought at: the smallest are then 2 px in radius."""
SMALLEST, LARGEST = 0.0028, 0.032
"""Radii that are sought, as shares of the face width."""
LEAST_RADIUS_PX = 1.5
STEPS_PER_OCTAVE = 2
EDGE_PX = 0.25
"""How far the retouched picture may lie off, at work size, before its edges count as spots."""
EDGE_SHARE = 0.7
"""Standard deviation at which edges are measured, as a share of the spot's."""
LEAST_SIGMA_PX = 1.06
"""Of a spot on the grid that it is sought on: larger spots are sought on coarser grids."""
KEPT = 0.2
"""Of a spot that the retouched picture has itself, how much more of it the original may have without being one."""
TAIL, TAIL_SIGMAS = 0.98, 2.33
"""Share of the skin whose noise is below so many standard deviations; pits, which are rare and deep, make it more."""
ROUND = 0.35
"""Lesser over greater extent of a spot; below it is a line."""
SHORT_LINE, LONG_LINE = 0.6, 0.35
"""Share of their strength that a short line (a scar) and a long one (a wrinkle) score, if they are mere shade."""
COLOURED = 0.7
"""Of a line's difference, how much is no shade where it scores its whole strength: folds and hairs are dark, marks
have a colour."""
BLACK = np.array([16.0, 0.0, 0.0])
"""L* from which shade, which scales light, scales L*, a*, b* alike."""
LINE_END = 3.0
"""Where a line ends sideways, in standard deviations of its strongest pixels."""
WHOLE = 1.3
"""How many times as large as a spot in its middle another must be to hold it."""
OVERLAPPING = 0.75
"""Of both radii together: spots that lie nearer are decided together."""
GAP_SIGMA, GAP = 0.003, 0.3
"""Of two spots' deviations, at a standard deviation as a share of the face width: with less between they are two."""
END = 0.2
"""Of its deviation at the centre: where a spot ends."""
MOST_SCORE, DEFAULT_SCORE, LEAST_SCORE = 12.0, 4.8, 3.8
"""That a spot must have at a sensitivity of 0, 50 and 100."""
DEFAULT_SENSITIVITY = 50.0
FEATHER = 0.3
"""Width of the mask's soft edge, outside the spot's radius, as a share of it."""
LEAST_FEATHER_PX = 1.5


class Blemish(msgspec.Struct, frozen=True):
    """A spot: its centre (the first pixel's own centre is 0.5, 0.5) and where it ends, px of the searched picture.

    The score is its strength over that of the texture around; `kind` is "dark", "red", "bright" or "line".
    """

    x_px: float
    y_px: float
    radius_px: float
    score: float
    kind: str = "dark"

    def scaled(self, factor: float) -> "Blemish":
        """Return the same spot on a picture of `factor` times the size."""
        return Blemish(self.x_px * factor, self.y_px * factor, self.radius_px * factor, self.score, self.kind)


def score_threshold(sensitivity: float) -> float:
    """Return the least score of the spots that a sensitivity of 0-100 takes."""
    return float(np.interp(sensitivity, [0, 50, 100], [MOST_SCORE, DEFAULT_SCORE, LEAST_SCORE]))


def find_blemishes(
    original: F32,
    aligned: F32,
    skin: F32,
    face_width_px: float,
    threshold: float = LEAST_SCORE,
) -> tuple[Blemish, ...]:
    """Return the spots of the original that the retouched picture lacks, the surest first.

    Args:
        original, aligned: (3, h, w) float32, encoded RGB 0-1, of one size and on one grid.
        skin: (h, w) float32, 0-1.
        face_width_px: ear to ear.
        threshold: least score, see `score_threshold`.

    Raises:
        ValueError: sizes that differ; a face width that is not positive.
    """
    if original.shape != aligned.shape or original.shape[1:] != skin.shape:
        raise ValueError(
            f"original {original.shape}, retouched {aligned.shape} and skin {skin.shape}: must be of one size"
        )
    if not face_width_px > 0:
        raise ValueError(f"face width {face_width_px} px: must be over 0")
    box = _box(skin, math.ceil(0.1 * face_width_px))
    if box is None:
        return ()
    factor = min(1.0, WORK_FACE_PX / face_width_px)
    top, left = box[0].start, box[1].start
    planes = [shrunk(p[:, *box], factor) for p in (original, aligned)]
    weight = shrunk(skin[box][None], factor)[0]
    factor_x, factor_y = (weight.shape[1 - i] / skin[box].shape[1 - i] for i in (0, 1))
    difference, toned = colour_difference(lab(planes[0]), lab(planes[1]), weight, factor * face_width_px)
    spots = _spots(difference, toned, weight, factor * face_width_px, threshold)
    return tuple(
        Blemish(left + s.x_px / factor_x, top + s.y_px / factor_y, s.radius_px / factor_x, s.score, s.kind)
        for s in spots
    )


def blemish_mask(blemishes: Sequence[Blemish], width_px: int, height_px: int) -> F32:
    """Return (height_px, width_px) float32: 1 in the spots, falling to 0 a little outside."""
    return stamped(blemishes, 0, 0, width_px, height_px)


def stamped(blemishes: Sequence[Blemish], left: int, top: int, width: int, height: int) -> F32:
    """Return the part of the mask of `blemish_mask` from a pixel on."""
    mask = np.zeros((height, width), np.float32)
    for spot in blemishes:
        reach = reach_px(spot)
        x0, y0 = max(math.floor(spot.x_px - reach) - left, 0), max(math.floor(spot.y_px - reach) - top, 0)
        x1, y1 = math.ceil(spot.x_px + reach) - left, math.ceil(spot.y_px + reach) - top
        part = mask[y0 : max(y1, 0), x0 : max(x1, 0)]
        if not part.size:
            continue
        rows, columns = np.ogrid[y0 : y0 + part.shape[0], x0 : x0 + part.shape[1]]
        away = np.hypot(rows + (top + 0.5 - spot.y_px), columns + (left + 0.5 - spot.x_px))
        t = np.clip((reach - away) / (reach - spot.radius_px), 0, 1).astype(np.float32)
        np.maximum(part, t * t * (3 - 2 * t), out=part)
    return mask


def reach_px(spot: Blemish) -> float:
    """Return how far from its centre a spot's mask is above 0."""
    return spot.radius_px + max(FEATHER * spot.radius_px, LEAST_FEATHER_PX)


def _box(skin: F32, margin: int) -> tuple[slice, slice] | None:
    found = []
    for axis in (1, 0):
        at = np.flatnonzero((skin > 0.05).any(axis=axis))
        if not at.size:
            return None
        found.append(slice(max(int(at[0]) - margin, 0), int(at[-1]) + 1 + margin))
    return found[0], found[1]


def _squared_slope(planes: F32) -> F32:
    x, y = (
        np.stack([cv2.Sobel(p, -1, *order, ksize=3, scale=1 / 8) for p in planes])
        for order in ((1, 0), (0, 1))
    )
    return np.asarray(x * x + y * y, np.float32)


def _strength(difference: F32, toned: F32, weight: F32, sigma: float, face: float, edge_px: float) -> F32:
    """Return how far spots of a size stick out of the texture around, in its standard deviations."""
    # Each blur goes on from the one before: variances add.
    wider = sigma * math.sqrt(SURROUND**2 - 1)
    soft = blurred(difference, sigma)
    blob = soft - blurred(soft, wider)
    size = np.abs(blob)
    at = sample(weight, 0.3)
    usual = LEAST_NOISE + (1.4826 * np.median(size.reshape(3, -1)[:, at], axis=1) if at.size else np.zeros(3))
    usual = usual[:, None, None].astype(np.float32)
    noise = mean_near(np.minimum(size, 4 * usual), weight, LOCAL * face)
    noise = mean_near(np.minimum(size, 2.5 * noise), weight, LOCAL * face) / np.float32(0.8)
    if at.size:
        noise = np.maximum(noise, LEAST_NOISE / 100)
        tail = np.quantile(size.reshape(3, -1)[:, at] / noise.reshape(3, -1)[:, at], TAIL, axis=1)
        noise *= np.maximum(tail / TAIL_SIGMAS, 1).astype(np.float32)[:, None, None]
    edges = blurred(toned, EDGE_SHARE * sigma)
    soft = blurred(edges, sigma * math.sqrt(1 - EDGE_SHARE**2))
    left = np.float32(KEPT) * (soft - blurred(soft, wider))
    slack = np.float32(edge_px**2) * _squared_slope(edges)
    power = (np.square(blob) / (noise**2 + slack + np.square(left).sum(axis=0) + LEAST_NOISE**2)).sum(axis=0)
    return np.where(weight > 0.3, np.sqrt(power), np.float32(0))


def _spots(difference: F32, toned: F32, weight: F32, face: float, threshold: float) -> list[Blemish]:
    smallest = max(SMALLEST * face, LEAST_RADIUS_PX)
    count = max(math.floor(STEPS_PER_OCTAVE * math.log2(max(LARGEST * face / smallest, 1))) + 1, 1)
    radii = [smallest * 2 ** (i / STEPS_PER_OCTAVE) for i in range(count)]
    stack = np.empty((count, *weight.shape), np.float32)
    axes = parted(difference, weight, smallest / math.sqrt(2))
    planes, share, cell = [turned(p, axes) for p in (difference, toned)], weight[None], 1
    for radius, strength in zip(radii, stack, strict=True):
        sigma = radius / math.sqrt(2)
        # What is large is smooth: a coarser grid will do.
        while sigma / cell > 2 * LEAST_SIGMA_PX:
            planes, share, cell = [shrunk(p, 0.5) for p in planes], shrunk(share, 0.5), 2 * cell
        here = _strength(planes[0], planes[1], share[0], sigma / cell, face / cell, EDGE_PX / cell)
        strength[:] = (
            here if cell == 1 else cv2.resize(here, weight.shape[::-1], interpolation=cv2.INTER_CUBIC)
        )
    peaks = np.empty_like(stack, bool)
    for i, plane in enumerate(stack):
        side = 2 * max(round(0.7 * radii[i]), 1) + 1
        around = cv2.dilate(stack[max(i - 1, 0) : i + 2].max(axis=0), np.ones((side, side), np.uint8))
        peaks[i] = (plane >= around) & (plane > threshold)
    level, row, column = np.nonzero(peaks)
    order = np.argsort(-stack[level, row, column], kind="stable")
    found: list[Blemish] = []
    covered = np.zeros(weight.shape, bool)
    for i in order:
        y, x, radius = int(row[i]), int(column[i]), radii[level[i]]
        over = [s for s in found if math.hypot(s.x_px - 0.5 - x, s.y_px - 0.5 - y) < s.radius_px]
        # A spot may have a head, stronger than itself: the whole then takes its place.
        if any(radius < WHOLE * s.radius_px for s in over):
            continue
        known = None if over else covered
        spots = _measured(difference, toned, weight, x, y, radius, float(stack[level[i], y, x]), known)
        if (
            not spots
            or spots[0].score < threshold
            or any(spots[0].radius_px < WHOLE * s.radius_px for s in over)
        ):
            continue
        if over:
            spots = [msgspec.structs.replace(s, score=max(s.score, *(o.score for o in over))) for s in spots]
            found = [s for s in found if not any(s is o for o in over)]
        found += spots
        _cover(covered, spots)
    found = _together(_joined(found, round_flaws(difference, weight, face), difference, face))
    return sorted(found, key=lambda s: -s.score)


def _joined(spots: Sequence[Blemish], flaws: Sequence[Flaw], difference: F32, face: float) -> list[Blemish]:
    """Return the spots, those that are parts of a larger flaw as one, as sure as the surest of them."""
    spots = list(spots)
    for flaw in flaws:
        parts = [s for s in spots if math.hypot(s.x_px - flaw.x_px, s.y_px - flaw.y_px) < flaw.radius_px]
        whole = [s for s in parts if flaw.least_radius_px < WHOLE * s.radius_px]
        if not parts or (len(parts) == 1 and whole) or _lie_apart(parts, difference, face):
            continue
        surest = max(parts, key=lambda s: s.score)
        radius = max(flaw.radius_px, *(s.radius_px for s in parts))
        spots = [s for s in spots if not any(s is p for p in parts)]
        score = max(surest.score, flaw.strength)
        spots.append(Blemish(flaw.x_px, flaw.y_px, radius, score, surest.kind))
    return spots


def _lie_apart(spots: Sequence[Blemish], difference: F32, face: float) -> bool:
    """Return whether there is skin between two of the spots."""
    reach = max(s.radius_px for s in spots)
    x0, y0 = (
        max(math.floor(min(at) - reach), 0) for at in zip(*((s.x_px, s.y_px) for s in spots), strict=True)
    )
    x1, y1 = (math.ceil(max(at) + reach) for at in zip(*((s.x_px, s.y_px) for s in spots), strict=True))
    size = np.linalg.norm(blurred(difference[:, y0:y1, x0:x1], max(GAP_SIGMA * face, 0.7)), axis=0)
    for a, b in combinations(spots, 2):
        if math.hypot(a.x_px - b.x_px, a.y_px - b.y_px) < a.radius_px + b.radius_px:
            continue
        t = np.linspace(0, 1, 16)
        x, y = a.x_px + t * (b.x_px - a.x_px) - x0, a.y_px + t * (b.y_px - a.y_px) - y0
        along = size[np.minimum(y.astype(int), len(size) - 1), np.minimum(x.astype(int), size.shape[1] - 1)]
        if along.min() < GAP * min(along[0], along[-1]):
            return True
    return False


def _together(spots: Sequence[Blemish]) -> list[Blemish]:
    """Return the spots, each as sure as the surest that overlaps it: a piece of a flaw does not stay alone.

    Not every two kinds may be of one flaw: beside a dark spot skin seems bright, and a line into one may be a wrinkle.
    """
    if not spots:
        return []
    x, y, radius, score = np.array([(s.x_px, s.y_px, s.radius_px, s.score) for s in spots]).T
    kind = np.array([s.kind for s in spots])
    red, line = kind == "red", kind == "line"
    akin = (kind[:, None] == kind) | ((red[:, None] | red) & ~(line[:, None] | line))
    near = np.hypot(x[:, None] - x, y[:, None] - y) < OVERLAPPING * (radius[:, None] + radius)
    best = np.where(akin & near, score, 0).max(axis=1)
    return [msgspec.structs.replace(s, score=float(n)) for s, n in zip(spots, best, strict=True)]


def _cover(covered: Flags, spots: Sequence[Blemish]) -> None:
    for spot in spots:
        reach = math.ceil(reach_px(spot))
        x0, y0 = max(int(spot.x_px) - reach, 0), max(int(spot.y_px) - reach, 0)
        part = covered[y0 : int(spot.y_px) + reach + 1, x0 : int(spot.x_px) + reach + 1]
        part |= stamped([spot], x0, y0, part.shape[1], part.shape[0]) > 0.5


def _measured(
    difference: F32,
    toned: F32,
    weight: F32,
    x: int,
    y: int,
    radius: float,
    strength: float,
    covered: Flags | None,
) -> list[Blemish]:
    """Return the spot around a place, or a line as a row of spots; none where nothing sticks out.

    What other spots cover is no part of it.
    """
    reach = math.ceil(4 * radius) + 2
    y0, x0 = max(y - reach, 0), max(x - reach, 0)
    part = np.s_[y0 : y + reach + 1, x0 : x + reach + 1]
    soft = blurred(difference[:, *part], max(radius / 5, 0.7))
    usable = weight[part] > 0.1
    if covered is not None:
        usable &= ~covered[part]
    rows, columns = np.ogrid[y0 : y0 + usable.shape[0], x0 : x0 + usable.shape[1]]
    away = np.hypot(rows - y, columns - x)
    around = (away > 2 * radius) & (away < 3.2 * radius + 1)
    if (around & usable).sum() >= 8:
        around &= usable
    soft = soft - np.median(soft[:, around], axis=1)[:, None, None]
    peak = soft[:, away <= max(radius / 2, 1)].mean(axis=1)
    size = float(np.linalg.norm(peak))
    if size < 1e-3:
        return []
    along = np.tensordot(peak / np.float32(size), soft, 1)
    strong = along > 0.5 * size
    light, red = float(peak[0]), float(peak[1])
    kind = "bright" if light > abs(red) else "red" if red > abs(light) else "dark"
    near = _piece(strong & (away <= 2 * radius) & usable, x - x0, y - y0)
    if len(near) < 3:
        near = np.array([[x - x0, y - y0]] * 3)
    spread, _ = _axes(near)
    if spread[0] < ROUND * spread[1]:
        whole = _piece(strong & (away <= 4 * radius) & usable, x - x0, y - y0)
        whole = whole if len(whole) > 3 else near
        coloured = _coloured(soft[:, whole[:, 1], whole[:, 0]].mean(axis=1), toned[:, y, x])
        return _row(whole, x0, y0, radius, strength, coloured)
    centre = near.mean(axis=0) + np.array([x0, y0])
    ring = np.minimum(np.rint(np.hypot(rows - centre[1], columns - centre[0])).astype(int), reach)
    counts = np.bincount(ring[usable], minlength=reach + 1)
    # A head of another colour is not where the spot ends.
    rings = [np.bincount(ring[usable], plane[usable], minlength=reach + 1) for plane in soft]
    profile = np.linalg.norm(rings, axis=0) / np.maximum(counts, 1)
    end = min(max(_end(profile, END * size, 0.7 * radius, 2 * radius), 0.8 * radius), 2.2 * radius)
    return [Blemish(float(centre[0]) + 0.5, float(centre[1]) + 0.5, end, strength, kind)]


def _coloured(change: F32, colour: F32) -> float:
    """Return the part, 0-1, of a change of a colour that is no shade, which darkens or lightens it as it is."""
    shade = colour + BLACK
    along = float(change @ shade) / float(np.linalg.norm(shade))
    return math.sqrt(max(1 - along**2 / float(change @ change), 0))


def _piece(flags: Flags, x: int, y: int) -> NDArray[np.int_]:
    """Return the (x, y) of the pixels in one piece with a place."""
    pieces = cv2.connectedComponents(flags.astype(np.uint8))[1]
    if not pieces[y, x]:
        return np.zeros((0, 2), int)
    rows, columns = np.nonzero(pieces == pieces[y, x])
    return np.stack([columns, rows], axis=1)


def _axes(pixels: NDArray[np.int_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the standard deviations of pixels along their two axes, the lesser first, and the axes."""
    squares, axes = np.linalg.eigh(np.cov(pixels.T) + np.eye(2) / 12)
    return np.sqrt(squares), axes


def _row(
    pixels: NDArray[np.int_], x0: int, y0: int, radius: float, strength: float, coloured: float
) -> list[Blemish]:
    """Return a line, a scar or a wrinkle, as a row of spots; a long one without colour, a wrinkle, scores less."""
    spread, axes = _axes(pixels)
    end = max(LINE_END * float(spread[0]), LEAST_RADIUS_PX)
    place = (pixels - pixels.mean(axis=0)) @ axes[:, 1]
    length = float(np.ptp(place)) + 1
    score = strength * max(LONG_LINE if length > 6 * radius else SHORT_LINE, min(coloured / COLOURED, 1))
    count = max(math.ceil(length / (1.2 * end)), 1)
    bins = np.minimum(((place - place.min()) / length * count).astype(int), count - 1)
    centres = [pixels[bins == i].mean(axis=0) for i in range(count) if (bins == i).any()]
    return [Blemish(float(x) + x0 + 0.5, float(y) + y0 + 0.5, end, score, "line") for x, y in centres]


def _end(profile: NDArray[np.float64], level: float, first: float, otherwise: float) -> float:
    """Return where a profile falls below a level, between its samples."""
    below = np.flatnonzero((profile < level) & (np.arange(profile.size) >= first))
    if not below.size:
        return otherwise
    at = int(below[0])
    if at < 1 or profile[at - 1] <= level:
        return float(at)
    return at - 1 + float((profile[at - 1] - level) / (profile[at - 1] - profile[at]))
