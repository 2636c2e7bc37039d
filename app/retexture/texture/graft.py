"""Texture of any size from a small patch of clean skin: histogram-preserving tile-and-blend.

After E. Heitz and F. Neyret, "High-Performance By-Example Noise using a Histogram-Preserving Blending
Operator" (Proc. ACM Comput. Graph. Interact. Tech. 1(2), 2018), with decorrelated colours and sharpened
weights as in T. Deliot and E. Heitz, "Procedural Stochastic Textures by Tiling and Blending" (GPU Zen 2,
2019). The patch is mapped to normal values; at each vertex of a triangular lattice a hexagon of it, from a
random place, is laid down and blended with its neighbours so that the variance stays; the result is mapped
back through the patch's own histogram. Dark pits stay dark pits, which noise of the same spectrum would not
give.
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from retexture.engine.gaussian import gaussian
from retexture.engine.noise import hash_grid

F32 = NDArray[np.float32]

SMALLEST_PATCH_PX = 16
LARGEST_EDGE_PX = 64
"""Longest edge of the lattice: many times the size of a pore, and no piece large enough to be known again."""

SHARPNESS = 2.0
"""Exponent of the blending weights. Above 1 less area is a mixture, in which pits lose their shape; above 4
the borders of small pieces begin to show."""

_Z = np.linspace(-5, 5, 4097)
_PHI = np.array([0.5 * math.erfc(-z / math.sqrt(2)) for z in _Z])


def _checked(patch: F32, what: str) -> F32:
    if patch.ndim != 3 or not patch.size:
        raise ValueError(f"{what}: expected (channels, height, width), got shape {patch.shape}")
    height, width = patch.shape[1:]
    if min(height, width) < SMALLEST_PATCH_PX:
        raise ValueError(
            f"{what}: {width} x {height} px is too small; take at least {SMALLEST_PATCH_PX} px each way"
        )
    if not np.isfinite(patch).all():
        raise ValueError(f"{what}: holds values that are no numbers (NaN or infinity)")
    if float(patch.std(axis=(1, 2)).max()) < 1e-6:
        raise ValueError(f"{what}: is one flat colour and has no texture; take a place with visible pores")
    return np.ascontiguousarray(patch, np.float32)


def separate(patch: F32, radius_px: float) -> F32:
    """Return the texture of a patch: the patch minus its Gaussian blur.

    A smooth surface (2nd order, fitted by least squares) is taken off before the blur, so that shading across
    the patch leaves no ramp along the borders, where the blur sees one side only.

    Args:
        patch: (C, H, W) float32, encoded values 0-1, 16 px or more each way.
        radius_px: standard deviation of the blur, over 0.

    Returns:
        (C, H, W) float32, each channel of mean 0.

    Raises:
        ValueError: a patch too small, flat or with NaN; a radius that is not positive.
    """
    patch = _checked(patch, "texture patch")
    if not radius_px > 0:
        raise ValueError(f"texture radius {radius_px} px: must be over 0")
    _, height, width = patch.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].reshape(2, -1)
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)
    flat = patch.reshape(len(patch), -1).T.astype(np.float64)
    residual = flat - terms @ np.linalg.lstsq(terms, flat, rcond=None)[0]
    planes = np.ascontiguousarray(residual.T.reshape(patch.shape), np.float32)
    margin = min(math.ceil(4 * radius_px) + 1, 4 * max(height, width))
    mirrored = np.pad(planes, ((0, 0), (margin, margin), (margin, margin)), mode="symmetric")
    low = gaussian(mirrored, radius_px)[:, margin : margin + height, margin : margin + width]
    high = planes - low
    return np.asarray(high - high.mean(axis=(1, 2), keepdims=True), np.float32)


def lattice(height: int, width: int) -> tuple[int, int]:
    """Return the edge length and the row distance, px, of the triangular lattice for a patch of this size.

    A hexagon is two edges wide: at a quarter of the patch to an edge, half the patch is left to choose from.
    """
    edge = min(LARGEST_EDGE_PX, 2 * (min(height, width) // 8))
    return edge, round(edge * math.sqrt(3) / 2)


def _weights(edge: int, row: int) -> F32:
    """Return (2 row - 1, 2 edge - 1): a vertex's share in the pixels around it; squares sum to 1 at each.

    The share is the barycentric coordinate, raised to `SHARPNESS`; the three vertices around a pixel then
    blend independent normal values to one of unchanged variance (Heitz & Neyret 2018).
    """

    def share(dx: NDArray[np.int_], dy: NDArray[np.int_]) -> NDArray[np.float64]:
        out = 1 - np.maximum(np.abs(dy) / row, np.abs(dx) / edge + np.abs(dy) / (2 * row))
        return np.asarray(np.clip(out, 0, None) ** SHARPNESS)

    dy, dx = np.mgrid[1 - row : row, 1 - edge : edge]
    around = [(0, 0), (edge, 0), (-edge, 0)] + [(s * edge // 2, t * row) for s in (-1, 1) for t in (-1, 1)]
    energy = np.sum([share(dx - x, dy - y) ** 2 for x, y in around], axis=0)
    return np.asarray(share(dx, dy) / np.sqrt(energy), np.float32)


def _to_normal(plane: NDArray[np.float64]) -> tuple[F32, NDArray[np.float64]]:
    """Return the plane mapped to the normal distribution, and the table that maps `_Z` back to its values."""
    ordered = np.sort(plane, axis=None)
    below = np.searchsorted(ordered, plane, "left") + np.searchsorted(ordered, plane, "right")
    rank = below / (2 * ordered.size)  # equal values share their middle rank
    back = np.interp(_PHI, (np.arange(ordered.size) + 0.5) / ordered.size, ordered)
    return np.interp(rank, _PHI, _Z).astype(np.float32), back


def _from_normal(plane: F32, table: NDArray[np.float64]) -> F32:
    """Look the values of a plane up in a table over `_Z`, with linear interpolation."""
    step = np.diff(table, append=table[-1]).astype(np.float32)
    start = table.astype(np.float32)
    scale = (len(_Z) - 1) / (_Z[-1] - _Z[0])
    position = np.clip((plane - np.float32(_Z[0])) * np.float32(scale), 0, len(_Z) - 1)
    index = position.astype(np.int32)
    position -= index
    return np.asarray(start[index] + step[index] * position, np.float32)


def fill(high: F32, height_px: int, width_px: int, seed: int, origin: tuple[int, int] = (0, 0)) -> F32:
    """Cover any area with texture like the patch's, without seam or repeat.

    Every pixel is a function of patch, seed and position alone: a region equals the same part of the whole.
    Pieces are neither turned nor mirrored: light keeps falling from the same side. They lie on whole pixels:
    nothing is resampled.

    Args:
        high: (C, H, W) float32, mean 0: what `separate` gives; 16 px or more each way (64 to look well).
        height_px, width_px: size of the region.
        seed: any integer; its low 32 bits count.
        origin: position (x, y) of the region's first pixel; may be negative.

    Returns:
        (C, height_px, width_px) float32, with the patch's values, spectrum and correlation of channels.

    Raises:
        ValueError: a patch too small, flat or with NaN; a region of no pixels.
    """
    high = _checked(high, "texture patch")
    if height_px < 1 or width_px < 1:
        raise ValueError(f"texture of {width_px} x {height_px} px: needs at least one pixel")
    channels, patch_height, patch_width = high.shape
    # Rotated to their principal axes the channels are uncorrelated, so that each can have its own table.
    flat = high.reshape(channels, -1).astype(np.float64)
    axes = np.linalg.eigh(np.cov(flat, bias=True).reshape(channels, channels))[1]
    mapped = [_to_normal(p.reshape(patch_height, patch_width)) for p in axes.T @ flat]
    normal = np.stack([plane for plane, _ in mapped])

    edge, row = lattice(patch_height, patch_width)
    weights = _weights(edge, row)
    left, top = origin
    out = np.zeros((channels, height_px, width_px), np.float32)
    first_row, last_row = (top - row) // row, (top + height_px - 1) // row + 1
    first, last = (left - edge) // edge - 1, (left + width_px - 1) // edge + 1
    count = (last - first + 1, last_row - first_row + 1)
    from_x = hash_grid(first, first_row, *count, seed) % np.uint32(patch_width - 2 * edge + 2)
    from_y = hash_grid(first, first_row, *count, seed ^ 0x5BD1E995) % np.uint32(patch_height - 2 * row + 2)
    for j in range(count[1]):
        y = (first_row + j) * row - (row - 1) - top  # of the hexagon's box, in the region
        y0, y1 = max(0, y), min(height_px, y + 2 * row - 1)
        if y0 >= y1:
            continue
        shift = edge // 2 if (first_row + j) % 2 else 0
        for i in range(count[0]):
            x = (first + i) * edge + shift - (edge - 1) - left
            x0, x1 = max(0, x), min(width_px, x + 2 * edge - 1)
            if x0 >= x1:
                continue
            px, py = int(from_x[j, i]) - x, int(from_y[j, i]) - y
            for target, source in zip(out, normal, strict=True):
                cv2.accumulateProduct(
                    source[py + y0 : py + y1, px + x0 : px + x1],
                    weights[y0 - y : y1 - y, x0 - x : x1 - x],
                    target[y0:y1, x0:x1],
                )
    for top_row in range(0, height_px, 64):  # bands stay in the cache
        band = np.s_[:, top_row : top_row + 64]
        back = np.stack([_from_normal(p, table) for p, (_, table) in zip(out[band], mapped, strict=True)])
        out[band] = (
            np.einsum("cd,dhw->chw", axes.astype(np.float32), back) if channels > 1 else back * axes[0, 0]
        )
    return out
