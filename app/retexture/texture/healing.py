"""Healing: the fine texture of a clean place under the tone of the place that is healed, and where to find one.

Gradient-domain cloning after P. Pérez, M. Gangnet and A. Blake, "Poisson Image Editing" (SIGGRAPH 2003): the source
keeps its gradients, and a membrane takes up the difference at the border (Z. Farbman et al., "Coordinates for Instant
Image Cloning", SIGGRAPH 2009). Here the membrane is not pinned to the border's single pixels, whose texture would run
into the healed place as streaks, and a blemish that reaches over the border as a stain: it is drawn by springs to a
band around the border (a screened Poisson equation: P. Bhat et al., "Fourier Analysis of the 2D Screened Poisson
Equation for Gradient Domain Problems", ECCV 2008), whose outliers are let go (iteratively reweighted least squares).

Where the healed and the untouched texture meet they are mixed so that the contrast stays, as in E. Heitz and F.
Neyret, "High-Performance By-Example Noise using a Histogram-Preserving Blending Operator" (2018): a plain mixture of
two textures is flatter than either.
"""

import math
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
Flags = NDArray[np.bool_]

EDGE_PX = 2.0
"""Over which the healed texture fades in, inside a hard border."""
FINE_PX = 2.0
"""Standard deviation that separates texture from tone where two textures are mixed."""
SWEEPS = 24
"""Of the membrane at each resolution; it comes from a coarser one, so that only its finest part is left to settle."""
INNER = 1.5
"""How far from the border a blemish reaches out of the mask, in `_smooth_px`."""
LEAST_OFF = 0.003
RIDGE = np.float32(0.05)
"""Of the slopes fitted to the tone: flat where there is too little to see one."""
COARSEST = 6
"""Cells of the membrane's coarsest grid, about."""


def margin_px(mask: F32) -> int:
    """Return how many pixels around what is healed `heal` wants to see: the band whose tone it goes by."""
    return math.ceil(_band_px(_inradius(mask > 0))) + 2


def heal(target: F32, source: F32, mask: F32, known: Flags | None = None) -> F32:
    """Return the target with the source's texture where the mask is, in the target's own tone.

    Args:
        target: (C, h, w) float32, encoded values 0-1, with `margin_px` around the mask where there is picture.
        source: (C, h, w) float32, the clean place, pixel for pixel.
        mask: (h, w) float32, 0-1: how far each pixel is healed.
        known: (h, w), where both are picture; None is everywhere. Elsewhere nothing is healed.

    Returns:
        (C, h, w) float32, the target's own values where the mask is 0.
    """
    if known is not None:
        mask = mask * known
    reach = mask > 0
    if not reach.any():
        return target.copy()
    depth_px = _inradius(reach)
    outside = _distance(~reach)
    weight = (~reach & (outside <= _band_px(depth_px))).astype(np.float32)
    if known is not None:
        weight *= known
    difference = np.ascontiguousarray(np.moveaxis(target - source, 0, 2))
    step, trust = _tone_step(difference, weight, outside, _smooth_px(depth_px))
    healed = source + np.moveaxis(_membrane(step, trust), 2, 0)
    edge = _distance(reach) / np.float32(max(min(EDGE_PX, depth_px / 2), 1e-3))
    amount = np.minimum(mask, _smoothstep(edge))
    out = _mixed(target, healed, amount)
    return np.where(amount > 0, out, target)


def _inradius(reach: Flags) -> float:
    """Return the radius of the largest disc in a region."""
    return float(_distance(reach).max(initial=0))


def _distance(inside: Flags) -> F32:
    """Return (h, w): each pixel's distance from what is not inside, 0 there. The picture's border is no end."""
    found = cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    return np.asarray(found, np.float32)


def _smooth_px(depth_px: float) -> float:
    """Return over how many pixels around the border the tone is averaged."""
    return min(max(depth_px / 4, 1.5), 6.0)


def _band_px(depth_px: float) -> float:
    return 4 * _smooth_px(depth_px)


def _smoothstep(t: F32) -> F32:
    t = np.clip(t, 0, 1)
    return t * t * (3 - 2 * t)


def _tone_step(difference: F32, weight: F32, outside: F32, smooth_px: float) -> tuple[F32, F32]:
    """Return the difference's tone along a band, and how far it can be trusted there.

    Mistrusted is what lies at the border and is unlike the band further out: a blemish that the mask leaves out. An
    edge of the picture that goes on outwards is like it.
    """
    at_border = outside <= INNER * smooth_px
    near = _fitted(difference, weight, smooth_px / 2)
    further = _fitted(difference, weight * ~at_border, smooth_px)
    off = np.sqrt(np.square(near - further).mean(axis=2))
    judged = off[at_border & (weight > 0)]
    if judged.size and judged.size < np.count_nonzero(weight):
        usual = max(float(np.median(judged)), LEAST_OFF)
        weight = np.where(at_border, weight / (1 + (off / np.float32(3 * usual)) ** 4), weight)
    return _fitted(difference, weight, smooth_px), weight


def _fitted(values: F32, weight: F32, sigma: float) -> F32:
    """Return at each pixel the plane fitted to weighted values around it (moving least squares), of (h, w, C).

    A mean would lag behind a slope where only one side of a pixel has weight.
    """
    at = np.arange(-math.ceil(2.5 * sigma), math.ceil(2.5 * sigma) + 1)
    bell = np.exp(-0.5 * (at / sigma) ** 2)
    bell /= bell.sum()
    kernels = [(bell * (at / sigma) ** n).astype(np.float32) for n in range(3)]

    def moment(planes: F32, x: int, y: int) -> F32:
        out = cv2.sepFilter2D(planes, -1, kernels[x], kernels[y], borderType=cv2.BORDER_CONSTANT)
        return np.asarray(out.reshape(planes.shape), np.float32)

    s, sx, sy, sxx, sxy, syy = (
        moment(weight, *xy) for xy in ((0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2))
    )
    sxx, syy = sxx + RIDGE * s, syy + RIDGE * s
    weighted = values * weight[..., None]
    t, tx, ty = (moment(weighted, *xy) for xy in ((0, 0), (1, 0), (0, 1)))
    of_t, of_tx, of_ty = sxx * syy - sxy * sxy, sx * syy - sy * sxy, sx * sxy - sy * sxx
    whole = np.maximum(s * of_t - sx * of_tx + sy * of_ty, np.float32(1e-12))
    return np.asarray(
        (t * of_t[..., None] - tx * of_tx[..., None] + ty * of_ty[..., None]) / whole[..., None], np.float32
    )


def _membrane(values: F32, weight: F32) -> F32:
    """Return the surface F that minimises |grad F|² + weight · (F - values)², of (h, w, C).

    Jacobi's method from the coarsest grid to the finest (cascadic multigrid: F. Bornemann and P. Deuflhard, 1996).
    """
    height, width = weight.shape
    levels = int(math.log2(max(min(height, width) / COARSEST, 1)))
    step = 1 << levels
    pad = ((0, -height % step), (0, -width % step))
    weight = np.pad(weight, pad)
    drawn = np.pad(values, (*pad, (0, 0))) * weight[..., None]
    surface = (drawn.sum(axis=(0, 1)) / max(float(weight.sum()), 1e-6)).astype(np.float32)[None, None]
    for level in range(levels, -1, -1):
        size = (weight.shape[1] >> level, weight.shape[0] >> level)
        spring = np.float32(4**level)
        pull = spring * cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
        force = spring * cv2.resize(drawn, size, interpolation=cv2.INTER_AREA).reshape(*size[::-1], -1)
        share = (1 / (4 + pull))[..., None]
        surface = cv2.resize(surface, size, interpolation=cv2.INTER_LINEAR).reshape(force.shape)
        for _ in range(SWEEPS * (4 if level == levels else 1)):
            around = cv2.filter2D(surface, -1, _CROSS, borderType=cv2.BORDER_REPLICATE)
            surface = (around.reshape(force.shape) + force) * share
    return np.asarray(surface[:height, :width], np.float32)


_CROSS = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], np.float32)


def _mixed(target: F32, healed: F32, amount: F32) -> F32:
    """Return a mixture of two pictures in which the fine part keeps its contrast where both are half there."""
    fine = [p - _blurred(p, FINE_PX) for p in (target, healed)]
    # Of a blemish under a soft brush no more is kept than texture is strong.
    limit = 3 * np.sqrt(np.mean(np.square(fine[1]), axis=(1, 2), keepdims=True))
    old, new = np.clip(fine[0], -limit, limit), fine[1]
    half = (amount > 0.02) & (amount < 0.98)
    alike = 0.0
    if half.any():
        power = float(np.sqrt(np.square(old[:, half]).mean() * np.square(new[:, half]).mean()))
        alike = min(max(float((old[:, half] * new[:, half]).mean()) / max(power, 1e-12), 0.0), 1.0)
    rest = 1 - amount
    lost = amount * amount + rest * rest + np.float32(2 * alike) * amount * rest
    gain = 1 / np.sqrt(lost) - 1
    out = target + (healed - target) * amount + (old * rest + new * amount) * gain
    return np.asarray(np.clip(out, 0, None), np.float32)


def _blurred(planes: F32, sigma: float) -> F32:
    return np.stack([cv2.GaussianBlur(p, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE) for p in planes])


# -- where there is clean texture

SEARCH_CELLS = 24
"""The place is no larger than this, in cells of the grid that is searched."""
STRIDES = 5.0
"""How far away texture is looked for, in diameters of the place."""
FINALISTS = 24
"""Places whose surroundings are compared with the target's, pixel by pixel."""
TONE = 0.06
"""A difference of tone that speaks against a place as much as any other reason does at 1."""
TEXTURE_WEIGHT, TURN_WEIGHT, BUMP_WEIGHT, DISTANCE_WEIGHT = 3.0, 2.0, 2.5, 0.3
"""Against a place: each stop of texture more or less, another direction, bumps as in the cleanest, each diameter."""
MOST_BUMPS = 3.0
"""In a clean place, as a multiple of the cleanest places near."""
LEAST_BUMP = 1 / 255
MOST_TONE = 0.25
MOST_STOPS = 2.0
MOST_MISMATCH = 0.08
"""Between the course of the tone around the target and around its source: more would show as a seam."""


def search_px(diameter_px: float) -> int:
    """Return how far around a place its clean texture may lie: what `find_clean_patch` wants to see of a picture."""
    return math.ceil(STRIDES * max(diameter_px, 8.0)) + 16


def find_clean_patch(
    picture: F32, x: float, y: float, radius_px: float, avoid: Flags | None = None
) -> tuple[int, int] | None:
    """Return where near a round place there is clean texture like that around it; see `find_clean_source`.

    Args:
        picture: (C, H, W) float32, encoded values 0-1.
        x, y: the place's centre in the picture (the first pixel's own centre is 0.5, 0.5).
        radius_px: its radius, over 0.
        avoid: (H, W), what must not be taken.
    """
    rows, columns = np.ogrid[: picture.shape[1], : picture.shape[2]]
    place = np.hypot(rows + 0.5 - y, columns + 0.5 - x) <= max(radius_px, 1.0)
    return find_clean_source(picture, place, avoid)


def find_clean_source(picture: F32, place: Flags, avoid: Flags | None = None) -> tuple[int, int] | None:
    """Return where near a place of any shape there is clean texture like that around it.

    Args:
        picture: (C, H, W) float32, encoded values 0-1.
        place: (H, W), what is to be healed.
        avoid: (H, W), what must not be taken.

    Returns:
        (dx, dy): the pixel at (x + dx, y + dy) is the source of the one at (x, y). None where nothing clean is near.
    """
    height, width = place.shape
    rows, columns = np.flatnonzero(place.any(axis=1)), np.flatnonzero(place.any(axis=0))
    if not rows.size:
        return None
    depth_px = _inradius(place)
    edge = max(2.0, depth_px / 6)
    outside = _distance(~place)
    whole = outside <= edge
    ring = (outside > edge) & (outside <= edge + max(6.0, 1.5 * depth_px))
    if not ring.any():
        return None
    maps = _Maps(picture, depth_px)
    cell = max(1, math.ceil(max(np.ptp(rows), np.ptp(columns)) / SEARCH_CELLS))
    top, bottom = max(rows[0] - math.ceil(edge), 0), min(rows[-1] + math.ceil(edge) + 1, height)
    left, right = max(columns[0] - math.ceil(edge), 0), min(columns[-1] + math.ceil(edge) + 1, width)
    kernel = _shrunk(whole[top:bottom, left:right].astype(np.float32), cell)
    kernel /= kernel.sum()

    def mean(plane: F32) -> F32:
        """Return the plane's mean over the place, moved so that its corner is at each cell."""
        small = _shrunk(plane, cell)
        found = cv2.filter2D(small, -1, kernel, anchor=(0, 0), borderType=cv2.BORDER_REPLICATE)
        return np.asarray(
            found[: small.shape[0] - kernel.shape[0] + 1, : small.shape[1] - kernel.shape[1] + 1]
        )

    taken = whole if avoid is None else whole | avoid
    free = mean(taken.astype(np.float32)) < 1e-4
    # Close beside the place the eye would see the same pores twice.
    rows_from, columns_from = np.mgrid[: free.shape[0], : free.shape[1]] * cell
    dx, dy = columns_from - left, rows_from - top
    away = np.hypot(dx, dy) / max(bottom - top, right - left)
    free &= away <= STRIDES
    cost = np.where(free, maps.cost(mean, place, ring) + DISTANCE_WEIGHT * away, np.inf)
    found: list[tuple[float, int, int]] = []
    apart = max(1, round(depth_px / 3 / cell))
    for _ in range(FINALISTS):
        row, column = divmod(int(np.argmin(cost)), cost.shape[1])
        value = float(cost[row, column])
        if not math.isfinite(value):
            break
        x, y = int(dx[row, column]), int(dy[row, column])
        mismatch = maps.mismatch(ring, x, y)
        if mismatch < MOST_MISMATCH:
            found.append((value + mismatch / (TONE / 5), x, y))
        cost[max(row - apart, 0) : row + apart + 1, max(column - apart, 0) : column + apart + 1] = np.inf
    if not found:
        return None
    _, x, y = min(found)
    return x, y


def _shrunk(plane: F32, cell: int) -> F32:
    if cell == 1:
        return plane
    height, width = (n // cell * cell for n in plane.shape)
    size = (max(width // cell, 1), max(height // cell, 1))
    return np.asarray(
        cv2.resize(plane[: max(height, 1), : max(width, 1)], size, interpolation=cv2.INTER_AREA)
    )


Mean = Callable[[F32], F32]


class _Maps:
    """What a picture is like around each pixel: its tone, its texture, and what sticks out of both."""

    def __init__(self, picture: F32, depth_px: float) -> None:
        sharp, self.low = _blurred(picture, 1.0), _blurred(picture, FINE_PX)
        self.energies = [np.square(p).mean(axis=0) for p in (picture - sharp, sharp - self.low)]
        fine = (picture - self.low).mean(axis=0)
        slope_x, slope_y = (cv2.Sobel(fine, -1, *order, ksize=3) for order in ((1, 0), (0, 1)))
        self.steepness = slope_x * slope_x + slope_y * slope_y
        self.along = slope_x * slope_x - slope_y * slope_y
        self.across = 2 * slope_x * slope_y
        bumps = self.low - _blurred(picture, min(max(depth_px, 4.0), 24.0))
        self.bumps = np.square(np.square(bumps).mean(axis=0))

    def cost(self, mean: Mean, place: Flags, ring: Flags) -> NDArray[np.float64]:
        """Return for each place what speaks against it, infinite where it will not do."""

        def usual(plane: F32, where: Flags) -> float:
            # What is strongest there is of the blemish, or no skin.
            values = plane[where]
            return float(np.mean(values[values <= np.quantile(values, 0.9)])) + 1e-12

        tone = [float(np.median(plane[ring])) for plane in self.low]
        off = np.sqrt(sum((mean(p) - t) ** 2 for p, t in zip(self.low, tone, strict=True)) / len(tone))
        ratios = [
            np.log2(np.maximum(mean(e), 1e-12) / np.float32(usual(e, ring | place))) for e in self.energies
        ]
        steep = np.maximum(mean(self.steepness), np.float32(1e-12))
        turned = np.hypot(
            mean(self.along) / steep - float(self.along[ring].sum() / self.steepness[ring].sum()),
            mean(self.across) / steep - float(self.across[ring].sum() / self.steepness[ring].sum()),
        )
        bumps = np.maximum(mean(self.bumps), 0) ** np.float32(0.25)
        level = max(float(np.quantile(bumps, 0.1)), LEAST_BUMP)
        unclean = bumps / np.float32(level)
        cost = off / TONE + TURN_WEIGHT * turned + BUMP_WEIGHT * unclean
        bad = (unclean > MOST_BUMPS) | (off > MOST_TONE)
        for ratio in ratios:
            cost += TEXTURE_WEIGHT * np.abs(ratio)
            bad |= np.abs(ratio) > MOST_STOPS
        return np.where(bad, np.inf, cost)

    def mismatch(self, ring: Flags, dx: int, dy: int) -> float:
        """Return how unlike the tone's course around the place and around the one at a distance are."""
        rows, columns = np.nonzero(ring)
        inside = (
            (rows + dy >= 0)
            & (rows + dy < ring.shape[0])
            & (columns + dx >= 0)
            & (columns + dx < ring.shape[1])
        )
        if inside.mean() < 0.5:
            return math.inf
        rows, columns = rows[inside], columns[inside]
        step = self.low[:, rows, columns] - self.low[:, rows + dy, columns + dx]
        # The membrane takes up what is even: a step, a slope.
        slope = np.stack([np.ones(rows.size), rows - rows.mean(), columns - columns.mean()], axis=1)
        step -= (slope @ np.linalg.lstsq(slope, step.T, rcond=None)[0]).T
        return float(np.sqrt(np.mean(np.minimum(np.abs(step), MOST_TONE) ** 2)))
