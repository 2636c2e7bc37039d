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
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from retexture.engine.gaussian import gaussian
from retexture.texture import graft
from retexture.texture.averaging import averaged
from retexture.texture.blemishes import Blemish, reach_px, stamped

F32 = NDArray[np.float32]
U16 = NDArray[np.uint16]
Flags = NDArray[np.bool_]

WORK_FACE_PX = 700.0
"""Face width at which clean texture is looked for."""
SPLIT = 2.0
"""Standard deviation that separates a donor's texture from its tone, in crossover radii: what is finer than the
crossover then comes whole from the donor, tone and all."""
LEAST_SPLIT_PX = 2.0
BRIDGES = 4
"""How many times the width of the mean is doubled where little is clean."""
STRIDES = 6.0
"""How far away texture is looked for, in radii of the place."""
CELL_PX = 2
"""Of the grid, at work size, on which texture is looked for."""
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
LUMP_WEIGHT, LUMP_PX, EVEN = 4.0, 2.0, 1.0
"""Against a place, each stop of its strongest texture over its mean from so many on, averaged over so many px at work
size: pores are even, a mouth's corner or a hair is not."""
MOST_STOPS = 1.2
LEAST_GAIN, MOST_GAIN = 0.3, 3.2
"""By which a band of copied texture is made as strong as that around the spot."""
ROUNDS = 3
"""Bands overlap: each time makes up for what the gain of one did to the next."""
BANDS_PX = (1.0, 2.0, 4.0)
"""Standard deviations that part the bands; what is coarser is tone rather than texture and stays as it is."""
LIMIT = 3.0
"""Of the original's own texture in a spot's soft edge, in standard deviations: more belongs to the spot."""
SMALLEST_PATCH_PX, LARGEST_PATCH_PX = 24, 512
"""Of the clean place that texture is made from."""
RING_PX = 8
"""Least width of what is measured around a spot."""


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
    search = _Search(original, aligned, skin, blemishes, face_width_px, split_px)
    places = _places(blemishes)
    for done, spots in enumerate(places):
        if progress:
            progress(done / len(places))
        box = _bounds(spots, width, height, 0)
        if box is None:
            continue
        shift = search.shift(spots, box)
        if shift is None:
            texture = search.made(box, seed)
        else:
            texture = search.parted(_moved(box, *shift))[1]
        at = np.s_[:, box[1] : box[3], box[0] : box[2]]
        tone, own = search.parted(box)
        mask = stamped(spots, box[0], box[1], box[2] - box[0], box[3] - box[1])
        texture = _matched(texture, search, spots, box, radius_px)
        donor[at] = _laid(donor[at], tone, own, texture, mask)
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


def _moved(box: Box, dx: int, dy: int) -> Box:
    return box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy


def _bands(planes: F32) -> list[F32]:
    """Return the parts of (C, h, w) between `BANDS_PX`, the finest first."""
    levels = [planes, *(gaussian(planes, sigma) for sigma in BANDS_PX)]
    return [finer - coarser for finer, coarser in pairwise(levels)]


_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def _matched(texture: F32, search: "_Search", spots: Sequence[Blemish], box: Box, radius_px: float) -> F32:
    """Return the texture with each band as strong as the skin around has it over the retouched picture's own.

    Energies add: with the retouched picture's, which stays, the whole is then as strong as the original around.
    """
    wide = _bounds(
        spots, search.width, search.height, max(RING_PX, min(box[2] - box[0], box[3] - box[1]) // 3)
    )
    assert wide is not None
    inside = stamped(spots, wide[0], wide[1], wide[2] - wide[0], wide[3] - wide[1])
    weight = search.part(search.clean, wide) * (inside == 0)
    if float(weight.sum()) < 25:
        return texture
    tone, own = search.parted(wide)
    left = np.tensordot(_LUMA, tone, 1)[None]
    whole = left + np.tensordot(_LUMA, own, 1)[None]
    missing = [
        max(float(((all_of**2 - of_left**2)[0] * weight).sum() / weight.sum()), 0.0)
        for all_of, of_left in zip(_bands(whole), _bands(left), strict=True)
    ]
    bands, gains, out = _bands(texture), np.ones(len(missing)), texture
    for _ in range(ROUNDS):
        # Of the donor only what is finer than the crossover will be seen.
        luma = np.tensordot(_LUMA, out, 1)[None]
        has = [max(float(np.square(fine).mean()), 1e-12) for fine in _bands(luma - gaussian(luma, radius_px))]
        gains = np.clip(gains * np.sqrt(np.divide(missing, has)), LEAST_GAIN, MOST_GAIN)
        out = texture + sum(np.float32(gain - 1) * band for gain, band in zip(gains, bands, strict=True))
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


def _bridged(values: F32, clean: F32, skin: F32, sigma: float) -> F32:
    """Return the mean of the clean values around each pixel; the larger a gap, the wider the mean that bridges it.

    Args:
        values: (h, w, C) float32.
        clean, skin: (h, w) float32; where nothing is clean the skin's mean counts, else that of all.
        sigma: standard deviation where all is clean, px.
    """
    cell = max(int(sigma / 4), 1)
    height, width = clean.shape
    weight = next(w for w in (clean, skin, np.ones_like(clean)) if float(w.sum()) >= 1)
    size = [math.ceil(width / cell), math.ceil(height / cell)]
    share = np.asarray(cv2.resize(weight, size, interpolation=cv2.INTER_AREA), np.float32)
    drawn = np.asarray(cv2.resize(values * weight[..., None], size, interpolation=cv2.INTER_AREA), np.float32)
    out = (drawn.sum(axis=(0, 1)) / share.sum())[None, None]
    reach = sigma / cell
    for level in range(BRIDGES, -1, -1):
        grid = [max(n >> level, 1) for n in size]
        coarse = [
            np.asarray(cv2.resize(p, grid, interpolation=cv2.INTER_AREA), np.float32) for p in (share, drawn)
        ]
        near, mean = (_soft(p, reach) for p in coarse)
        trust = (near / (near + np.float32(0.03)))[..., None]
        mean /= near[..., None] + np.float32(1e-6)
        out = np.asarray(cv2.resize(out, grid, interpolation=cv2.INTER_LINEAR), np.float32)
        out = out + trust * (mean - out)
    return np.asarray(cv2.resize(out, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


class _Search:
    """What is clean in a picture, what it is like around each place, and which places were taken.

    Kept at work size: `skin` and `clean`, the share of clean skin; `slow`, by how much the tones of the original and
    of the retouched picture differ; `fine`, by how much the rest does.
    """

    def __init__(
        self,
        original: U16,
        aligned: U16,
        skin: F32,
        blemishes: Sequence[Blemish],
        face_width_px: float,
        split_px: float,
    ) -> None:
        _, self.height, self.width = original.shape
        self.original, self.aligned, self.split_px = original, aligned, split_px
        factor = min(1.0, WORK_FACE_PX / face_width_px)
        size = max(round(self.width * factor), 1), max(round(self.height * factor), 1)
        self.factor = size[0] / self.width
        step = np.empty((size[1], size[0], 3), np.float32)
        tone = np.zeros(size[::-1], np.float32)
        for i, share in enumerate(_LUMA):
            own, other = (averaged(p[i], size) for p in (original, aligned))
            step[..., i] = own - other
            tone += share * other
        self.skin = np.asarray(cv2.resize(skin, size, interpolation=cv2.INTER_LINEAR), np.float32)
        spots = stamped([s.scaled(self.factor) for s in blemishes], 0, 0, *size)
        grown = cv2.dilate((spots > 0).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        self.clean = np.where(grown, 0, np.clip(2 * self.skin - 1, 0, 1)).astype(np.float32)
        free = np.pad(((self.skin > 0.5) & ~grown).astype(np.uint8), 1)
        self.depth = cv2.distanceTransform(free, cv2.DIST_L2, cv2.DIST_MASK_5)[1:-1, 1:-1]
        self.slow = _bridged(step, self.clean, self.skin, split_px * self.factor)
        self.fine = step - self.slow
        self.rough = np.sqrt(_soft(np.square(self.fine).sum(axis=2), LUMP_PX))
        self.soft = _soft(self.fine, max(split_px * self.factor / 3, 1.0))
        self.maps(tone, self.fine @ _LUMA)
        self.used: list[tuple[float, float, float]] = []
        self.plate: F32 | None = None

    def maps(self, tone: F32, luma: F32) -> None:
        soft, low = _soft(luma, 0.8), _soft(luma, 2.0)
        fine = luma - low
        slope_x, slope_y = (cv2.Sobel(fine, -1, *order, ksize=3) for order in ((1, 0), (0, 1)))
        bumps = low - _soft(luma, 8.0)
        height, width = (n // CELL_PX for n in luma.shape)
        whole = np.s_[: height * CELL_PX, : width * CELL_PX]

        def cells(plane: F32) -> NDArray[Any]:
            return cv2.resize((plane * self.clean)[whole], (width, height), interpolation=cv2.INTER_AREA)

        means = [
            cells(np.ones_like(luma)),
            cells(tone),
            cells((luma - soft) ** 2),
            cells((soft - low) ** 2),
            cells(slope_x**2 + slope_y**2),
            cells(slope_x**2 - slope_y**2),
            cells(2 * slope_x * slope_y),
            cells(bumps**2),
        ]
        self.sums = cv2.integral(cv2.merge(means), sdepth=cv2.CV_64F)

    def part(self, plane: F32, box: Box) -> F32:
        """Return a part, at the picture's full size, of a plane of work size."""
        offset = [(at + 0.5) * self.factor - 0.5 for at in box[:2]]
        found = cv2.warpAffine(
            plane,
            np.array([[self.factor, 0, offset[0]], [0, self.factor, offset[1]]]),
            (box[2] - box[0], box[3] - box[1]),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(found, np.float32)

    def parted(self, box: Box) -> tuple[F32, F32]:
        """Return the tone, and the original's fine part over it, of a part of the picture.

        The tone is the retouched picture's, brought to the original's by what they differ in where the skin is clean.
        """
        tone = _window(self.aligned, box) + np.moveaxis(self.part(self.slow, box), 2, 0)
        return tone, _window(self.original, box) - tone

    def shift(self, spots: Sequence[Blemish], box: Box) -> tuple[int, int] | None:
        """Return (dx, dy), full-size px, to the best clean place near; None where there is none."""
        work = self.factor
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        radius = work * max(math.hypot(s.x_px - x, s.y_px - y) + reach_px(s) for s in spots)
        x, y = x * work - 0.5, y * work - 0.5
        place = [s.scaled(work) for s in spots]
        height, width = self.clean.shape
        at = _bounds(place, width, height, 0)
        if at is None:
            return None
        mask = stamped(place, at[0], at[1], at[2] - at[0], at[3] - at[1])
        # The soft edge shows how well a place's course of tone goes on from here; the middle must show no spot again.
        rim = mask * (1 - mask) + np.float32(1e-6)
        own = self.soft[at[1] : at[3], at[0] : at[2]]
        best: tuple[float, int, int] | None = None
        for cost, dx, dy in self.candidates(x, y, radius):
            there = _moved(at, dx, dy)
            full = _moved(box, round(dx / work), round(dy / work))
            if min(*there[:2], *full[:2]) < 0 or there[2] > width or there[3] > height:
                continue
            if full[2] > self.width or full[3] > self.height:
                continue
            soft = self.soft[there[1] : there[3], there[0] : there[2]]
            usual = (
                float(np.sqrt(np.mean(np.square(self.fine[there[1] : there[3], there[0] : there[2]])))) + 1e-6
            )
            off = math.sqrt(float((np.square(own - soft).mean(axis=2) * rim).sum() / rim.sum())) / usual
            blob = float(np.abs((soft * mask[..., None]).sum(axis=(0, 1))).max() / mask.sum()) / usual
            rough = self.rough[there[1] : there[3], there[0] : there[2]]
            lump = math.log2(float(rough.max()) / (float(rough.mean()) + 1e-6) + 1e-6)
            cost += MISMATCH_WEIGHT * off + BLOB_WEIGHT * blob + LUMP_WEIGHT * max(lump - EVEN, 0)
            if best is None or cost < best[0]:
                best = cost, dx, dy
        if best is None:
            return None
        self.used.append((x + best[1], y + best[2], radius))
        return round(best[1] / work), round(best[2] / work)

    def around(self, x: NDArray[np.int_], y: NDArray[np.int_], half: int) -> NDArray[np.float64]:
        """Return the means of the maps over squares of clean skin, of whole cells."""
        height, width = (n - 1 for n in self.sums.shape[:2])
        x0, x1 = np.clip((x - half) // CELL_PX, 0, width), np.clip((x + half) // CELL_PX + 1, 0, width)
        y0, y1 = np.clip((y - half) // CELL_PX, 0, height), np.clip((y + half) // CELL_PX + 1, 0, height)
        s = self.sums
        sums = (s[y1, x1] - s[y0, x1] - s[y1, x0] + s[y0, x0]).T
        return np.asarray(sums[1:] / np.maximum(sums[0], 1e-6))

    def candidates(self, x: float, y: float, radius: float) -> list[tuple[float, int, int]]:
        """Return (cost, dx, dy), the best first: work-size shifts to clean places like the one around (x, y)."""
        reach = math.ceil(STRIDES * radius) + 12
        step = max(round(radius / 4), CELL_PX)
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

    def made(self, box: Box, seed: int) -> F32:
        """Return texture made from the largest clean place; none where no place is large enough."""
        if self.plate is None:
            self.plate = self.largest()
        width, height = box[2] - box[0], box[3] - box[1]
        if not self.plate.size:
            return np.zeros((3, height, width), np.float32)
        return graft.fill(self.plate, height, width, seed, (box[0], box[1]))

    def largest(self) -> F32:
        """Return the texture of the largest clean square; no pixels where it is too small or flat."""
        row, column = np.unravel_index(int(np.argmax(self.depth)), self.depth.shape)
        half = min(int(float(self.depth[row, column]) / math.sqrt(2) / self.factor), LARGEST_PATCH_PX // 2)
        x, y = int((column + 0.5) / self.factor), int((row + 0.5) / self.factor)
        box = max(x - half, 0), max(y - half, 0), min(x + half, self.width), min(y + half, self.height)
        if min(box[2] - box[0], box[3] - box[1]) < SMALLEST_PATCH_PX:
            return np.zeros((3, 0, 0), np.float32)
        fine = self.parted(box)[1]
        fine -= fine.mean(axis=(1, 2), keepdims=True)
        return fine if float(fine.std()) > 1e-5 else fine[:, :0, :0]


def _soft(plane: F32, sigma: float) -> F32:
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE), np.float32)
