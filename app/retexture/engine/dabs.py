"""Brush dabs in plain numpy: the specification of the compiled kernel's, and its stand-in.

A stroke collects dabs in a plane of coverage (`stamp`) and lets paint through it onto what was there before the
stroke (`paint`): so dabs build up by their flow, and no more than the stroke's opacity is ever reached.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]


def ramp(radius_px: float, hardness: float) -> tuple[float, float]:
    """Return the distances from a dab's centre, in px, where it begins to fade and where it ends.

    It fades from hardness x radius to the radius, over one pixel at least: that is the antialiasing of a hard dab,
    which ends half a pixel outside its radius.
    """
    middle, soft = (1 + hardness) * radius_px / 2, max((1 - hardness) * radius_px, 1)
    return middle - soft / 2, middle + soft / 2


def stamp(coverage: F32, dabs: NDArray[np.float64], left: int = 0, top: int = 0) -> None:
    """Lay round dabs on a stroke's coverage, one after the other, in place.

    The shape is 1 inside, then 1 - t²(3 - 2t) (smoothstep, t from 0 to 1 along `ramp`), then 0; own choice, close to
    a raised cosine, half strong in the ramp's middle. A dab thinner than a pixel is weakened by its area. Each dab
    adds flow x shape of what coverage still lacks to its ceiling; where it lacks nothing it stays.

    Args:
        coverage: (h, w) float32, 0-1.
        dabs: (n, 6) float64: x and y of the centre (the first pixel's own centre is 0.5, 0.5), radius in px,
            hardness, flow and ceiling, each 0-1.
        left, top: the place of coverage's first pixel in the dabs' coordinates.

    Raises:
        ValueError: a dab has values beyond these.
    """
    if not (np.isfinite(dabs[:, :3]).all() and (dabs[:, 2] >= 0).all()):
        raise ValueError("a dab's centre must be finite, its radius 0 or more")
    if not ((dabs[:, 3:] >= 0) & (dabs[:, 3:] <= 1)).all():
        raise ValueError("a dab's hardness, flow and ceiling must be 0 to 1")
    columns, rows = (
        np.arange(n) + (origin + 0.5) for n, origin in zip(coverage.shape[::-1], (left, top), strict=True)
    )
    for x, y, radius, hardness, flow, ceiling in dabs:
        inner, outer = ramp(radius, hardness)
        near_x = slice(*np.searchsorted(columns, (x - outer - 1, x + outer + 1)))
        near_y = slice(*np.searchsorted(rows, (y - outer - 1, y + outer + 1)))
        dx, dy = (columns[near_x] - x).astype(np.float32), (rows[near_y] - y).astype(np.float32)
        distance = np.sqrt((dx * dx)[None] + (dy * dy)[:, None])
        t = np.clip(
            (distance - np.float32(inner)) * np.float32(1 / (outer - inner)), np.float32(0), np.float32(1)
        )
        shape = np.maximum(np.float32(1) - t * t * (np.float32(3) - np.float32(2) * t), np.float32(0))
        amount = np.float32(flow * min(1, 4 * radius * radius)) * shape
        part = coverage[near_y, near_x]
        part += amount * np.maximum(np.float32(ceiling) - part, np.float32(0))


def paint(out: NDArray[Any], base: NDArray[Any], coverage: F32, value: tuple[float, ...] | None) -> None:
    """Write to `out` what `base` becomes when `value` is painted through coverage, rounded half up.

    Args:
        out, base: (C, h, w) uint8, uint16 or float32, full scale 255, 65535 or 1; they do not overlap.
        coverage: (h, w) float32, 0-1; whole numbers stop at 0 and full scale where it is beyond, or NaN.
        value: 0-1. C numbers: each plane is mixed with its own, as a mask is. C - 1 numbers: a colour, painted over
            planes whose last is their straight alpha. None erases: the last plane is lowered, the others are kept.

    Raises:
        ValueError: another number of values, or one beyond 0-1.
    """
    if not all(0 <= v <= 1 for v in value or ()):
        raise ValueError("value must be 0 to 1")
    white = np.float32(1 if out.dtype == np.float32 else np.iinfo(out.dtype).max)
    values = [np.float32(v * float(white)) for v in value or ()]
    if value is not None and not (values and len(values) in (len(out) - 1, len(out))):
        raise ValueError("value must have a number for each plane, or for each but the last")
    if len(values) == len(out):
        for to, plane, v in zip(out, base, values, strict=True):
            _mix(to, plane, v, coverage)
        return
    alpha = base[-1].astype(np.float32)
    _mix(out[-1], alpha, white if values else np.float32(0), coverage)
    if not values:
        out[:-1] = base[:-1]
        return
    # How much of the new colour is in the result: what was there shows through by its own alpha alone.
    total = alpha + (white - alpha) * coverage
    share = np.fmin(coverage * white / np.where(total > 0, total, np.float32(1)), np.float32(1))
    for to, plane, v in zip(out[:-1], base[:-1], values, strict=True):
        _mix(to, plane, v, share)


def _mix(out: NDArray[Any], base: NDArray[Any], value: np.float32, amount: F32) -> None:
    start = base.astype(np.float32)
    mixed = start + (value - start) * amount
    if out.dtype == np.float32:
        out[:] = mixed
        return
    white = np.float32(np.iinfo(out.dtype).max)
    out[:] = np.floor(np.fmin(np.fmax(mixed, np.float32(0)), white) + np.float32(0.5))  # NaN becomes 0


def bounds(x: float, y: float, radius_px: float, hardness: float) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of the pixels that a dab may touch (right and bottom exclusive)."""
    _, outer = ramp(radius_px, hardness)
    left, top = (math.floor(v - outer - 0.5) + 1 for v in (x, y))
    right, bottom = (math.ceil(v + outer - 0.5) for v in (x, y))
    return left, top, right, bottom
