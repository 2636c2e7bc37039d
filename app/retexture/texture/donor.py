"""The original without its blemishes: the retouched picture's tone there, under clean texture of the same face.

A spot's fine texture is copied, pixel for pixel and in all channels, from clean skin near by that is as strong, as
bright and runs the same way, so that pits stay dark and the spectrum is the skin's own. Where it meets the texture
around, both are mixed so that the contrast stays, as in E. Heitz and F. Neyret, "High-Performance By-Example Noise
using a Histogram-Preserving Blending Operator" (2018). Where nothing clean is large enough or near, texture is made
from the largest clean place by that method (`graft.fill`).
"""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.engine.gaussian import gaussian
from retexture.texture import graft
from retexture.texture.blemishes import Blemish, reach_px, stamped

F32 = NDArray[np.float32]
U16 = NDArray[np.uint16]
Flags = NDArray[np.bool_]

WORK_FACE_PX = 1000.0
"""Face width at which clean texture is looked for."""
SPLIT = 1.5
"""Standard deviation that separates a donor's texture from its tone, in crossover radii: what is finer than the
crossover then comes whole from the donor, tone and all."""
LEAST_SPLIT_PX = 2.0
STRIDES = 6.0
"""How far away texture is looked for, in radii of the place."""
FINALISTS = 12
"""Places whose surroundings are compared pixel by pixel."""
TONE = 0.06
"""A difference of tone that speaks against a place as much as any other reason does at 1."""
STOP_WEIGHT, TURN_WEIGHT, BUMP_WEIGHT, DISTANCE_WEIGHT, USED_WEIGHT = 3.0, 2.0, 1.5, 0.15, 2.0
"""Against a place: each stop of texture more or less, another direction, each stop of bumps over the cleanest, each
radius of distance, and that it was taken before."""
MISMATCH_WEIGHT, BLOB_WEIGHT = 1.0, 5.0
"""Against a place whose rim differs from the target's, and against one that is darker or brighter as a whole: in
standard deviations of the texture."""
MOST_STOPS = 1.2
LEAST_GAIN, MOST_GAIN = 0.3, 1.8
"""By which a band of copied texture is made as strong as that around the spot."""
BANDS_PX = (1.0, 2.0, 4.0)
"""Standard deviations that part the bands; what is coarser is tone rather than texture and stays as it is."""
LIMIT = 3.0
"""Of the original's own texture in a spot's soft edge, in standard deviations: more belongs to the spot."""
SMALLEST_PATCH_PX = 24


def make_donor(
    original: U16,
    aligned: U16,
    skin: F32,
    blemishes: Sequence[Blemish],
    radius_px: float,
    face_width_px: float,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> U16:
    """Return the original with every spot replaced: the retouched picture's tone and clean texture of its own.

    Laid over the original through `blemish_mask`, it shows neither spot nor seam; where that mask is 0, it equals it.

    Args:
        original, aligned: (3, H, W) uint16, encoded RGB, on one grid.
        skin: (h, w) float32 0-1, of any size, of the same view.
        blemishes: on the original's grid.
        radius_px: crossover of the texture that is taken from the donor, full-size px.
        face_width_px: ear to ear, full-size px.
        seed: of made texture; the same seed gives the same picture.
        progress: told 0-1; may raise to cancel.

    Raises:
        ValueError: sizes that differ; a radius or a face width that is not positive.
    """
    if original.shape != aligned.shape:
        raise ValueError(f"original {original.shape} and retouched {aligned.shape}: must be of one size")
    if not (radius_px > 0 and face_width_px > 0):
        raise ValueError(f"radius {radius_px} px, face width {face_width_px} px: must be over 0")
    donor = original.copy()
    if not blemishes:
        return donor
    split_px = max(SPLIT * radius_px, LEAST_SPLIT_PX)
    _, height, width = original.shape
    search = _Search(original, aligned, skin, blemishes, face_width_px)
    places = _places(blemishes)
    for done, spots in enumerate(places):
        if progress:
            progress(done / len(places))
        box = _bounds(spots, width, height, 0)
        wide = _bounds(spots, width, height, math.ceil(2.5 * split_px) + 2)
        if box is None or wide is None:
            continue
        inner = np.s_[box[1] - wide[1] : box[3] - wide[1], box[0] - wide[0] : box[2] - wide[0]]
        mask = stamped(spots, wide[0], wide[1], wide[2] - wide[0], wide[3] - wide[1])
        place = _Place(spots, box, mask[inner], *_parted(search, wide, split_px))
        texture = _copied(search, place, wide, split_px)
        if texture is None:
            texture = search.made(split_px, box, seed)
        texture = _matched(texture, place, mask, search.weights(wide)[1], radius_px)
        at = np.s_[:, box[1] : box[3], box[0] : box[2]]
        donor[at] = _laid(donor[at], place.tone[:, *inner], place.own[:, *inner], texture, mask[inner])
    return donor


Box = tuple[int, int, int, int]


def _places(blemishes: Sequence[Blemish]) -> list[list[Blemish]]:
    """Return the spots in groups whose masks touch."""
    groups: list[list[Blemish]] = []
    for spot in blemishes:
        touching = [g for g in groups if any(_touch(spot, other) for other in g)]
        groups = [g for g in groups if not any(g is t for t in touching)]
        groups.append([spot, *(s for g in touching for s in g)])
    return groups


def _touch(a: Blemish, b: Blemish) -> bool:
    return math.hypot(a.x_px - b.x_px, a.y_px - b.y_px) < reach_px(a) + reach_px(b) + 2


def _bounds(spots: Sequence[Blemish], width: int, height: int, margin: int) -> Box | None:
    x0 = min(math.floor(s.x_px - reach_px(s)) for s in spots) - margin
    y0 = min(math.floor(s.y_px - reach_px(s)) for s in spots) - margin
    x1 = max(math.ceil(s.x_px + reach_px(s)) for s in spots) + margin
    y1 = max(math.ceil(s.y_px + reach_px(s)) for s in spots) + margin
    box = max(x0, 0), max(y0, 0), min(x1, width), min(y1, height)
    return box if box[0] < box[2] and box[1] < box[3] else None


def _window(picture: U16, box: Box) -> F32:
    return picture[:, box[1] : box[3], box[0] : box[2]].astype(np.float32) / np.float32(65535)


def _mean(planes: F32, weight: F32, sigma: float) -> F32:
    """Return the weighted mean around each pixel (normalised convolution), of (C, h, w)."""
    share = gaussian(weight[None], sigma) + np.float32(1e-6)
    return np.asarray(gaussian(planes * weight, sigma) / share, np.float32)


class _Place(msgspec.Struct, frozen=True):
    """Spots that touch; their box and its mask; tone and own fine part of a wider box."""

    spots: Sequence[Blemish]
    box: Box
    mask: F32
    tone: F32
    own: F32


def _parted(search: "_Search", wide: Box, split_px: float) -> tuple[F32, F32]:
    """Return the tone, and the original's fine part over it, of a part of the picture.

    The tone is the retouched picture, brought to the original's by what they differ in where the skin is clean.
    """
    skin, clean = search.weights(wide)
    aligned = _window(search.aligned, wide)
    step = _window(search.original, wide) - aligned
    # Far from anything clean the mean falls back to the skin's, then to all.
    slow = _mean(step, clean + np.float32(1e-3) * skin + np.float32(1e-6), split_px)
    return aligned + slow, step - slow


def _texture(search: "_Search", box: Box, split_px: float) -> F32:
    """Return the fine texture of a part of the picture: what the original has over the retouched one."""
    margin = math.ceil(2.5 * split_px) + 2
    wide = (
        max(box[0] - margin, 0),
        max(box[1] - margin, 0),
        min(box[2] + margin, search.width),
        min(box[3] + margin, search.height),
    )
    fine = _parted(search, wide, split_px)[1]
    return fine[:, box[1] - wide[1] : box[3] - wide[1], box[0] - wide[0] : box[2] - wide[0]]


def _bands(planes: F32) -> list[F32]:
    """Return the parts of (C, h, w) between `BANDS_PX`, the finest first."""
    levels = [planes, *(gaussian(planes, sigma) for sigma in BANDS_PX)]
    return [finer - coarser for finer, coarser in pairwise(levels)]


_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def _matched(texture: F32, place: _Place, mask: F32, clean: F32, radius_px: float) -> F32:
    """Return the texture with each band as strong as the skin around has it over the retouched picture's own.

    Energies add: with the retouched picture's, which stays, the whole is then as strong as the original around.
    """
    weight = clean * (mask == 0)
    if float(weight.sum()) < 25:
        return texture
    left = np.tensordot(_LUMA, place.tone, 1)[None]
    whole = left + np.tensordot(_LUMA, place.own, 1)[None]
    out = texture.copy()
    # Of the donor only what is finer than the crossover will be seen.
    luma = np.tensordot(_LUMA, texture, 1)[None]
    seen = _bands(luma - gaussian(luma, radius_px))
    for band, fine, all_of, of_left in zip(_bands(texture), seen, _bands(whole), _bands(left), strict=True):
        missing = float(((all_of**2 - of_left**2)[0] * weight).sum() / weight.sum())
        has = float(np.square(fine).mean())
        gain = math.sqrt(max(missing, 0.0) / max(has, 1e-12))
        out += band * np.float32(min(max(gain, LEAST_GAIN), MOST_GAIN) - 1)
    return out


def _laid(under: U16, tone: F32, own: F32, texture: F32, mask: F32) -> U16:
    """Return what, seen through the mask over the original, is the tone with a mixture of both textures.

    The mixture m t + (1 - m) o is divided by the root of m² + (1 - m)², so that its contrast is that of either.
    """
    limit = LIMIT * np.sqrt(np.square(texture).mean(axis=(1, 2), keepdims=True))
    rest = 1 - mask
    gain = 1 / np.sqrt(mask * mask + rest * rest)
    extra = (gain - 1) * rest / np.maximum(mask, np.float32(1e-3))
    drawn = tone + gain * texture + extra * np.clip(own, -limit, limit)
    # Where the spot itself shows in the soft edge, its part beyond the limit is taken out again.
    drawn -= (rest / np.maximum(mask, np.float32(0.15))) * (own - np.clip(own, -limit, limit))
    whole = np.clip(np.rint(drawn * 65535), 0, 65535).astype(np.uint16)
    return np.where(mask > 0, whole, under)


class _Search:
    """What is clean in a picture, what it is like around each place, and which places were taken."""

    def __init__(
        self, original: U16, aligned: U16, skin: F32, blemishes: Sequence[Blemish], face_width_px: float
    ) -> None:
        _, self.height, self.width = original.shape
        self.original, self.aligned = original, aligned
        self.factor = min(1.0, WORK_FACE_PX / face_width_px)
        size = max(round(self.width * self.factor), 1), max(round(self.height * self.factor), 1)
        self.factor = size[0] / self.width
        lumas = []
        for picture in (original, aligned):
            luma = np.zeros(size[::-1], np.float32)
            for plane, share in zip(picture, _LUMA, strict=True):
                luma += cv2.resize(plane, size, interpolation=cv2.INTER_AREA) * (share / np.float32(65535))
            lumas.append(luma)
        self.skin = np.asarray(cv2.resize(skin, size, interpolation=cv2.INTER_LINEAR), np.float32)
        scaled = [s.scaled(self.factor) for s in blemishes]
        self.spots = stamped(scaled, 0, 0, *size)
        grown = cv2.dilate((self.spots > 0).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        self.clean = np.where(grown, 0, np.clip(2 * self.skin - 1, 0, 1)).astype(np.float32)
        self.depth = cv2.distanceTransform(
            np.pad(((self.skin > 0.5) & ~grown).astype(np.uint8), 1), cv2.DIST_L2, cv2.DIST_MASK_5
        )[1:-1, 1:-1]
        self.maps(lumas[1], lumas[0] - lumas[1])
        self.used: list[tuple[float, float, float]] = []
        self.plates: dict[float, F32 | None] = {}

    def maps(self, tone: F32, luma: F32) -> None:
        soft, low = _soft(luma, 0.8), _soft(luma, 2.0)
        fine = luma - low
        slope_x, slope_y = (cv2.Sobel(fine, -1, *order, ksize=3) for order in ((1, 0), (0, 1)))
        bumps = low - _soft(luma, 8.0)
        planes = [
            np.ones_like(luma),
            tone,
            (luma - soft) ** 2,
            (soft - low) ** 2,
            slope_x**2 + slope_y**2,
            slope_x**2 - slope_y**2,
            2 * slope_x * slope_y,
            bumps**2,
        ]
        self.sums = [cv2.integral(p * self.clean, sdepth=cv2.CV_64F) for p in planes]

    def weights(self, box: Box) -> tuple[F32, F32]:
        """Return what is skin, and what is clean skin, in a part of the picture at its full size."""
        offset = np.array([box[0] + 0.5, box[1] + 0.5]) * self.factor - 0.5 * self.factor
        return self._part(self.skin, box, offset), self._part(self.clean, box, offset)

    def _part(self, plane: F32, box: Box, offset: NDArray[np.float64]) -> F32:
        found = cv2.warpAffine(
            plane,
            np.array([[self.factor, 0, offset[0]], [0, self.factor, offset[1]]]),
            (box[2] - box[0], box[3] - box[1]),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(found, np.float32)

    def around(self, x: NDArray[np.int_], y: NDArray[np.int_], half: int) -> list[NDArray[np.float64]]:
        """Return the means of the maps over squares of clean skin."""
        height, width = self.clean.shape
        x0, x1 = np.clip(x - half, 0, width), np.clip(x + half + 1, 0, width)
        y0, y1 = np.clip(y - half, 0, height), np.clip(y + half + 1, 0, height)
        sums = [s[y1, x1] - s[y0, x1] - s[y1, x0] + s[y0, x0] for s in self.sums]
        return [s / np.maximum(sums[0], 1e-6) for s in sums[1:]]

    def candidates(self, x: float, y: float, radius: float) -> list[tuple[float, int, int]]:
        """Return (cost, dx, dy), the best first: work-size shifts to clean places like the one around (x, y)."""
        reach = math.ceil(STRIDES * radius) + 12
        step = max(round(radius / 4), 1)
        at = np.arange(-reach, reach + 1, step)
        dx, dy = (g.ravel() for g in np.meshgrid(at, at))
        column, row = np.rint(x + dx).astype(int), np.rint(y + dy).astype(int)
        height, width = self.clean.shape
        inside = (column >= 0) & (row >= 0) & (column < width) & (row < height)
        dx, dy, column, row = (v[inside] for v in (dx, dy, column, row))
        free = self.depth[row, column] > radius + 1
        dx, dy, column, row = (v[free] for v in (dx, dy, column, row))
        if not dx.size:
            return []
        here = self.around(np.array([round(x)]), np.array([round(y)]), math.ceil(2.5 * radius) + 4)
        if not here[1][0] > 0:
            return []
        there = self.around(column, row, math.ceil(radius))
        stops = [
            0.5 * np.abs(np.log2((t + 1e-9) / (h + 1e-9))) for t, h in zip(there[1:3], here[1:3], strict=True)
        ]
        turned = np.hypot(
            *(
                t / (there[3] + 1e-9) - h / (here[3] + 1e-9)
                for t, h in zip(there[4:6], here[4:6], strict=True)
            )
        )
        bumps = 0.5 * np.log2(there[6] + 1e-7)
        cost = (
            np.abs(there[0] - here[0]) / TONE
            + STOP_WEIGHT * (stops[0] + stops[1])
            + TURN_WEIGHT * turned
            + BUMP_WEIGHT * (bumps - np.quantile(bumps, 0.1))
            + DISTANCE_WEIGHT * np.hypot(dx, dy) / radius
        )
        for used_x, used_y, used_radius in self.used:
            cost += USED_WEIGHT * (np.hypot(column - used_x, row - used_y) < radius + used_radius)
        cost[np.maximum(*stops) > MOST_STOPS] = np.inf
        order = np.argsort(cost, kind="stable")[:FINALISTS]
        return [(float(cost[i]), int(dx[i]), int(dy[i])) for i in order if math.isfinite(cost[i])]

    def made(self, split_px: float, box: Box, seed: int) -> F32:
        """Return texture made from the largest clean place, or none where no place is large enough."""
        if split_px not in self.plates:
            self.plates[split_px] = self.plate(split_px)
        plate = self.plates[split_px]
        width, height = box[2] - box[0], box[3] - box[1]
        if plate is None:
            return np.zeros((3, height, width), np.float32)
        return graft.fill(plate, height, width, seed, (box[0], box[1]))

    def plate(self, split_px: float) -> F32 | None:
        row, column = np.unravel_index(int(np.argmax(self.depth)), self.depth.shape)
        half = int(float(self.depth[row, column]) / math.sqrt(2) / self.factor)
        if 2 * half < SMALLEST_PATCH_PX:
            return None
        half = min(half, 256)
        x, y = int((column + 0.5) / self.factor), int((row + 0.5) / self.factor)
        box = max(x - half, 0), max(y - half, 0), min(x + half, self.width), min(y + half, self.height)
        fine = _texture(self, box, split_px)
        return None if float(fine.std()) < 1e-5 else fine - fine.mean(axis=(1, 2), keepdims=True)


def _soft(plane: F32, sigma: float) -> F32:
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE), np.float32)


def _copied(search: _Search, place: _Place, wide: Box, split_px: float) -> F32 | None:
    """Return the texture of the best clean place near; None where there is none."""
    box, mask = place.box, place.mask
    middle = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    radius = max(math.hypot(s.x_px - middle[0], s.y_px - middle[1]) + reach_px(s) for s in place.spots)
    work = search.factor
    # The soft edge shows how well a place's course of tone goes on from here; the middle must show no spot again.
    rim = mask * (1 - mask)
    inner = np.s_[box[1] - wide[1] : box[3] - wide[1], box[0] - wide[0] : box[2] - wide[0]]
    own = gaussian(place.own[:, *inner], max(split_px / 3, 1.0))
    best: tuple[float, F32, int, int] | None = None
    for cost, dx, dy in search.candidates(middle[0] * work - 0.5, middle[1] * work - 0.5, radius * work):
        x, y = round(dx / work), round(dy / work)
        there = box[0] + x, box[1] + y, box[2] + x, box[3] + y
        if there[0] < 0 or there[1] < 0 or there[2] > search.width or there[3] > search.height:
            continue
        texture = _texture(search, there, split_px)
        soft = gaussian(texture, max(split_px / 3, 1.0))
        usual = float(np.sqrt(np.mean(np.square(texture)))) + 1e-6
        off = math.sqrt(float((np.square(own - soft).mean(axis=0) * rim).sum() / rim.sum())) / usual
        blob = float(np.abs((soft * mask).sum(axis=(1, 2))).max() / mask.sum()) / usual
        cost += MISMATCH_WEIGHT * off + BLOB_WEIGHT * blob
        if best is None or cost < best[0]:
            best = cost, texture, dx, dy
    if best is None:
        return None
    _, texture, dx, dy = best
    search.used.append((middle[0] * work + dx, middle[1] * work + dy, radius * work))
    return texture
