"""The affine map between two pictures of the same photograph, from nothing: any scale, turn, mirror and crop."""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

SEARCH_PX = 400
"""Longest side of the pictures in which features are looked for."""

LOWE_RATIO = 0.8
FEWEST_MATCHES = 16
LARGEST_STRETCH = 1.35
"""Most that one axis may be stretched against the other, shear included."""

REACH_SHARE = 0.01
"""How far a match may lie from the affine map, as a share of the longest side: faces are also bent."""

SMOOTH_PX = 160
"""Longest side of the pictures that are compared whole, where there are too few features."""


def local_contrast(luma: F32, fine_px: float, coarse_px: float, floor: float = 3e-3) -> F32:
    """Return the band between two Gaussians, divided by its RMS around: what a change of tone or light leaves.

    Args:
        luma: (H, W) float32, 0-1.
        fine_px, coarse_px: standard deviations of the two.
        floor: RMS of the band below which it counts as flat.

    Returns:
        (H, W) float32 with an RMS of about 1 where there is structure, less where there is none.
    """
    band = cv2.GaussianBlur(luma, (0, 0), fine_px, borderType=cv2.BORDER_REPLICATE) - wide_blur(
        luma, coarse_px
    )
    return np.asarray(band / np.sqrt(wide_blur(np.square(band), 2 * coarse_px) + floor**2), np.float32)


def wide_blur(plane: F32, sigma_px: float) -> F32:
    """Blur (h, w) with a Gaussian on coarser cells: no halving of the last bit, but many times faster."""
    cell = max(1, int(sigma_px / 3))
    height, width = plane.shape
    size = (-(-width // cell), -(-height // cell))
    coarse = cv2.resize(plane, size, interpolation=cv2.INTER_AREA) if cell > 1 else plane
    blurred = cv2.GaussianBlur(coarse, (0, 0), sigma_px / cell, borderType=cv2.BORDER_REPLICATE)
    if cell == 1:
        return np.asarray(blurred, np.float32)
    return np.asarray(cv2.resize(blurred, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def to_bytes(feature: F32) -> NDArray[np.uint8]:
    """Return a feature of RMS 1 as uint8, 0 at 128, for the parts of OpenCV that take no other."""
    return cv2.convertScaleAbs(np.clip(feature * 40 + 128, 0, 255)).astype(np.uint8, copy=False)


def square(matrix: F64) -> F64:
    """Return the (3, 3) matrix of an affine (2, 3) one."""
    return np.vstack([matrix, [0, 0, 1]])


def scaled(matrix: F64, from_x: float, from_y: float, to_x: float, to_y: float) -> F64:
    """Return the matrix for pictures enlarged by from_x, from_y (the one mapped from) and to_x, to_y (the other)."""
    return np.diag([to_x, to_y]) @ matrix @ np.diag([1 / from_x, 1 / from_y, 1])


def shrunk(luma: F32, longest_px: float) -> F32:
    """Return the picture at most `longest_px` long, pixels averaged."""
    height, width = luma.shape
    factor = min(1, longest_px / max(height, width))
    size = (max(round(width * factor), 1), max(round(height * factor), 1))
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.float32)


def is_plausible(matrix: F64) -> bool:
    """Tell whether a (2, 3) matrix is what an export, a crop or an AI tool makes of a picture."""
    long, short = np.linalg.svd(matrix[:, :2], compute_uv=False)
    return bool(short > 1e-3 and long / short < LARGEST_STRETCH)


def find_affine(original: F32, retouched: F32) -> F64 | None:
    """Find the affine map from original to retouched coordinates (continuous: 0.5 is the first pixel's centre).

    Scale-invariant features (D. Lowe, "Distinctive Image Features from Scale-Invariant Keypoints", IJCV 2004) of
    both, mirrored too, with RANSAC; where there are too few, correlation of the whole pictures in eight
    orientations. Then G. Evangelidis and E. Psarakis, "Parametric Image Alignment Using Enhanced Correlation
    Coefficient Maximization" (PAMI 2008).

    Args:
        original, retouched: luma, (H, W) float32, 0-1, of any sizes.

    Returns:
        (2, 3) float64, or None where the two have nothing in common.
    """
    small = shrunk(original, SEARCH_PX), shrunk(retouched, SEARCH_PX)
    found = _by_features(*small)
    if found is None:
        return _by_whole_picture(original, retouched)
    matrix = scaled(found, *_factors(small[0], original), *_factors(small[1], retouched))
    refined = _by_correlation(original, retouched, matrix, 300)
    return matrix if refined is None else refined[0]


def _factors(small: F32, large: F32) -> tuple[float, float]:
    return large.shape[1] / small.shape[1], large.shape[0] / small.shape[0]


def _by_features(original: F32, retouched: F32) -> F64 | None:
    sift = cv2.SIFT.create(nfeatures=1200, contrastThreshold=0.02)
    spread = [to_bytes(local_contrast(p, 0.8, 8)) for p in (original, retouched)]
    points, wanted = sift.detectAndCompute(spread[0], np.ones_like(spread[0]))
    if len(points) < FEWEST_MATCHES:
        return None
    places = np.array([p.pt for p in points]) + 0.5
    best, most = None, FEWEST_MATCHES - 1
    width = retouched.shape[1]
    for is_mirrored in (False, True):
        picture = np.ascontiguousarray(spread[1][:, ::-1]) if is_mirrored else spread[1]
        others, given = sift.detectAndCompute(picture, np.ones_like(picture))
        if len(others) < FEWEST_MATCHES:
            continue
        pairs = cv2.BFMatcher().knnMatch(wanted, given, k=2)
        good = [a for a, b in pairs if a.distance < LOWE_RATIO * b.distance]
        if len(good) < FEWEST_MATCHES:
            continue
        ours = places[[m.queryIdx for m in good]]
        theirs = np.array([others[m.trainIdx].pt for m in good]) + 0.5
        estimate, inlier = cv2.estimateAffine2D(
            ours,
            theirs,
            ransacReprojThreshold=REACH_SHARE * max(retouched.shape),
            maxIters=4000,
            confidence=0.999,
        )
        matrix = np.asarray(estimate, np.float64)
        if matrix.shape != (2, 3) or not is_plausible(matrix):
            continue
        # Several features at one place are one.
        count = len(np.unique((ours[inlier[:, 0] > 0] // 4).astype(int), axis=0))
        if count > most:
            if is_mirrored:
                matrix = np.array([[-1, 0, width], [0, 1, 0]]) @ square(matrix)
            best, most = matrix, count
        if count > 3 * FEWEST_MATCHES:
            break
    return best


def frame_maps(size: tuple[int, int], other: tuple[int, int]) -> Iterator[F64]:
    """Yield the maps of one frame (width, height) onto another: upright first, turned, mirrored."""
    ours, theirs = np.array(size, np.float64), np.array(other, np.float64)
    quarter = np.array([[0.0, -1.0], [1.0, 0.0]])
    for mirror in (1.0, -1.0):
        for turns in range(4):
            linear = np.linalg.matrix_power(quarter, turns) @ np.diag([mirror, 1.0])
            linear = np.diag(theirs / (np.abs(linear) @ ours)) @ linear
            yield np.hstack([linear, (theirs / 2 - linear @ ours / 2)[:, None]])


def _by_whole_picture(original: F32, retouched: F32) -> F64 | None:
    starts = [m for m in frame_maps(original.shape[::-1], retouched.shape[::-1]) if is_plausible(m)]
    tried = [_by_correlation(original, retouched, start, SMOOTH_PX) for start in starts]
    found = [t for t in tried if t is not None]
    if not found:
        return None
    matrix, correlation = max(found, key=lambda t: t[1])
    return matrix if correlation > 0.3 else None


def _by_correlation(original: F32, retouched: F32, start: F64, longest_px: float) -> tuple[F64, float] | None:
    """Return the map improved, and the correlation that it reaches; None where there is nothing to go by."""
    height, width = original.shape
    factor = min(1, longest_px / max(height, width))
    # The retouched picture is brought close to the original first, so that one band fits both.
    size = (max(round(width * factor), 8), max(round(height * factor), 8))
    small = cv2.resize(original, size, interpolation=cv2.INTER_AREA)
    zoom = (size[0] / width, size[1] / height)
    near = scaled(start, *zoom, 1, 1)
    moved, inside = carried(retouched, near, size)
    features = [local_contrast(np.asarray(p, np.float32), 1.5, 10) for p in (small, moved)]
    if min(float(f.std()) for f in features) < 0.05 or inside.mean() < 0.05:
        return None
    mask = cv2.erode((inside > 0.99).astype(np.uint8), np.ones((7, 7), np.uint8))
    identity = np.eye(2, 3, dtype=np.float32)
    criteria = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 40, 1e-4)
    try:
        correlation, change = cv2.findTransformECC(
            features[0], features[1], identity, cv2.MOTION_AFFINE, criteria, mask, 3
        )
    except cv2.error:  # it does not converge
        return None
    centred = np.asarray(change, np.float64)
    centred[:, 2] += 0.5 - centred[:, :2] @ [0.5, 0.5]
    matrix = near @ square(centred) @ np.diag([*zoom, 1])
    return (matrix, float(correlation)) if is_plausible(matrix) else None


def carried(luma: F32, matrix: F64, size: tuple[int, int]) -> tuple[F32, F32]:
    """Return the picture read through an affine map, and 0-1 how much of each pixel lies inside it.

    Args:
        luma: (h, w) float32.
        matrix: (2, 3), from coordinates of the result to those of `luma`.
        size: (width, height) of the result.
    """
    # Where the result is coarser, the picture is averaged down first.
    factor = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    if factor > 1.1:
        smaller = shrunk(luma, max(luma.shape) / factor)
        zoom = _factors(luma, smaller)
        luma, matrix = smaller, scaled(matrix, 1, 1, *zoom)
    index = matrix.copy()
    index[:, 2] += index[:, :2] @ [0.5, 0.5] - 0.5
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    moved = cv2.warpAffine(luma, index, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    whole = np.ones_like(luma)
    inside = cv2.warpAffine(whole, index, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    return np.asarray(moved, np.float32), np.asarray(inside, np.float32)
