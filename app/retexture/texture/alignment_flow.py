"""The bend that an affine map leaves between two pictures: dense flow, and where it can be trusted."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.texture.alignment_affine import local_contrast, shrunk, to_bytes, wide_blur

F32 = NDArray[np.float32]

FINE_PX, COARSE_PX = 1.0, 8.0
"""Band of the feature for a picture of 1000 px: eyes, brows, lips and folds have most of theirs here."""

SEARCH_PX = 500
"""Longest side of the pictures for the first, far-reaching flow."""

WINDOW_PX = 25.0
"""Of the gradient steps, for a picture of 1000 px: twice a blemish, and less than what a liquified face bends in."""

CORRELATED = 0.5
"""Local correlation of the features above which a place counts as the same."""

FAINT = 0.008
"""RMS of fine detail, of a luma of 0-1, that counts half."""

MATCH_PX = 8.0
"""Window of the local correlation, for a picture of 1000 px."""


class Flow(msgspec.Struct, frozen=True):
    """Where the pixels of one picture lie in another, and how sure that is.

    displacement: (2, h, w) float32, x and y in px.
    confidence: (h', w') float32 0-1, smaller: trust.
    detail: (h', w') float32 0-1: how much fine detail both pictures show alike; defocused places and noise have none.
    likeness: 0-1, how sharp that detail is in the blurrier of the two, 1 where they are alike.
    own_detail: the same of what the original alone shows: flat backgrounds have none, and where they lie is not known.
    matched_share: share of the structure that correlates, of the original's or of what both have, whichever is more.
    error_px: median disagreement of the flow forward and back, by the detail that is there to tell.
    """

    displacement: F32
    confidence: F32
    detail: F32
    own_detail: F32
    likeness: float
    matched_share: float
    error_px: float


def _resized(planes: F32, width: int, height: int) -> F32:
    return np.stack([cv2.resize(p, (width, height), interpolation=cv2.INTER_LINEAR) for p in planes])


def moved(plane: F32, displacement: F32) -> F32:
    """Return `plane` (h, w) read at each pixel's place plus `displacement` (2, h, w), edges repeated."""
    height, width = plane.shape
    x = np.arange(width, dtype=np.float32) + displacement[0]
    y = np.arange(height, dtype=np.float32)[:, None] + displacement[1]
    return np.asarray(cv2.remap(plane, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.float32)


def smoothed(displacement: F32, weight: F32, sigmas_px: tuple[float, ...]) -> F32:
    """Blur by weight, from coarse to fine: places without weight take the motion of their surroundings."""
    total = float(weight.mean()) + 1e-9
    result = np.zeros_like(displacement) + (displacement * weight).mean((1, 2), keepdims=True) / total
    for sigma in sigmas_px:
        near = wide_blur(weight, sigma)
        result = (np.stack([wide_blur(d * weight, sigma) for d in displacement]) + 0.05 * total * result) / (
            near + 0.05 * total
        )
    return np.asarray(result, np.float32)


def correlation(original: F32, retouched: F32, sigma_px: float) -> F32:
    """Return the local correlation of two features (h, w), in a Gaussian window; near 0 where both are flat."""
    both = wide_blur(original * retouched, sigma_px)
    powers = (wide_blur(np.square(p), sigma_px) + 0.02 for p in (original, retouched))
    return np.asarray(both / np.sqrt(next(powers) * next(powers)), np.float32)


def _dis(original: F32, retouched: F32) -> F32:
    dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    flow = dis.calc(to_bytes(original), to_bytes(retouched), np.zeros((*original.shape, 2), np.float32))
    return np.ascontiguousarray(np.asarray(flow, np.float32).transpose(2, 0, 1))


def _there_and_back(original: F32, retouched: F32) -> tuple[F32, F32]:
    """Return the flow (2, h, w), and by how many px (h, w) it and that of the other way miss each other."""
    with ThreadPoolExecutor(1, "retexture-aligning") as pool:
        back = pool.submit(_dis, retouched, original)
        forward = _dis(original, retouched)
    return forward, np.hypot(*(forward + np.stack([moved(b, forward) for b in back.result()])))


def _step(original: F32, retouched: F32, inside: F32, unit: float, window_px: float) -> F32:
    """One step of B. Lucas and T. Kanade, "An Iterative Image Registration Technique" (IJCAI 1981).

    Gradients of both pictures, a Gaussian window, robust weights; where there is no structure the step is 0.
    """
    height, width = original.shape
    mean = (original + retouched) / 2
    gx, gy = (cv2.Sobel(mean, cv2.CV_32F, *order, ksize=3, scale=1 / 8) for order in ((1, 0), (0, 1)))
    change = retouched - original
    match = np.clip((correlation(original, retouched, MATCH_PX * unit) - 0.4) / 0.5, 0, 1)
    weight = inside * (np.square(match) + np.float32(1e-3)) / (1 + np.square(change))
    cell = max(1, int(window_px / 5))
    size = (-(-width // cell), -(-height // cell))
    wx, wy = weight * gx, weight * gy
    xx, xy, yy, xt, yt = (
        wide_blur(
            np.asarray(cv2.resize(a * b, size, interpolation=cv2.INTER_AREA), np.float32), window_px / cell
        )
        for a, b in ((wx, gx), (wx, gy), (wy, gy), (wx, change), (wy, change))
    )
    damping = 0.05 * float(np.mean(xx + yy)) + 1e-9
    xx, yy = xx + damping, yy + damping
    det = xx * yy - xy * xy
    step = np.stack([(xy * yt - yy * xt) / det, (xy * xt - xx * yt) / det])
    return _resized(np.clip(step, -2, 2).astype(np.float32), width, height)


def _averaged(planes: F32, width: int, height: int) -> F32:
    return np.stack([cv2.resize(p, (width, height), interpolation=cv2.INTER_AREA) for p in planes])


def _feature(luma: F32, unit: float, finest_px: float) -> F32:
    return local_contrast(
        luma, max(FINE_PX * unit, finest_px, 0.8), max(COARSE_PX * unit, 3.0, 3 * finest_px)
    )


def find_flow(original: F32, retouched: F32, inside: F32, finest_px: float = 0) -> Flow:
    """Find where each pixel of the original lies in the retouched picture.

    First T. Kroeger et al., "Fast Optical Flow using Dense Inverse Search" (ECCV 2016) on small pictures, then
    gradient steps on larger ones. The flow is smoothed by its trust, so that skin without texture moves with
    what surrounds it.

    Args:
        original, retouched: luma (h, w) float32, 0-1, same size, apart by a bend and no more.
        inside: (h, w) float32, 1 where the retouched picture has content.
        finest_px: finest detail that both have, as a standard deviation.
    """
    height, width = original.shape
    small = [shrunk(p, SEARCH_PX) for p in (original, retouched, inside)]
    sh, sw = small[0].shape
    unit = max(sh, sw) / 500
    ours, theirs = (_feature(p, unit, finest_px * sw / width) for p in small[:2])
    flow = np.zeros((2, sh, sw), np.float32)
    for sigmas in ((32.0, 12.0), (32.0, 12.0)):
        near = moved(theirs, flow)
        forward, error = _there_and_back(ours, near)
        trust = small[2] * _trust(ours, moved(near, forward), error, 6 * unit)
        flow = smoothed(flow + forward, trust, tuple(s * unit for s in sigmas))
    for window in (1.5, 1.0):
        flow = flow + _step(ours, moved(theirs, flow), small[2], unit, window * WINDOW_PX * unit)
    flow = _resized(flow, width, height) * np.array([width / sw, height / sh], np.float32)[:, None, None]

    unit = max(height, width) / 1000
    ours, theirs = (_feature(p, unit, finest_px) for p in (original, retouched))
    for _ in range(3):
        flow = flow + _step(ours, moved(theirs, flow), inside, unit, WINDOW_PX * unit)

    ours, near = _averaged(np.stack([ours, moved(theirs, flow)]), sw, sh)
    forward, error = _there_and_back(ours, near)
    error = error + np.hypot(*forward)
    match = correlation(ours, near, 8)
    structure = np.minimum(wide_blur(np.square(ours), 8), 1)
    weight = structure * small[2]
    # Grain that the retouching took from a backdrop is no other photograph; nor is a grain of each picture's own.
    shared = np.minimum(weight, wide_blur(np.square(near), 8) * small[2])
    shares = [float((w * (match > CORRELATED)).sum() / (w.sum() + 1e-9)) for w in (weight, shared)]
    good = np.clip((match - 0.2) / 0.4, 0, 1) * np.clip(2 - error, 0, 1)
    confidence = smoothed(good[None], weight, (24.0, 12.0))[0] * np.clip(2 * small[2] - 1, 0, 1)
    fine_px = max(FINE_PX * unit, finest_px, 0.8)
    detail, own, likeness = _detail(original, moved(retouched, flow), fine_px, 2.5 * unit + 2 * fine_px)
    detail, own = _averaged(np.stack([detail * inside, own * inside]), sw, sh)
    return Flow(
        displacement=flow,
        confidence=np.asarray(confidence, np.float32),
        detail=detail,
        own_detail=own,
        likeness=likeness,
        matched_share=max(shares),
        error_px=weighted_quantile(error.ravel(), own.ravel() + np.float32(1e-6), 0.5) * width / sw,
    )


def weighted_quantile(values: NDArray[Any], weight: NDArray[Any], share: float) -> float:
    """Return the value of (n,) below which `share` of the weight (n,) lies."""
    order = np.argsort(values)
    total = np.cumsum(weight[order], dtype=np.float64)
    return float(values[order][np.searchsorted(total, share * total[-1])])


def _detail(original: F32, retouched: F32, fine_px: float, window_px: float) -> tuple[F32, F32, float]:
    """Return `Flow.detail` (h, w), `Flow.own_detail` and `Flow.likeness`. Noise has nothing in common."""
    fine, other = (
        cv2.GaussianBlur(p, (0, 0), fine_px) - cv2.GaussianBlur(p, (0, 0), 3 * fine_px)
        for p in (original, retouched)
    )
    shared = np.maximum(wide_blur(fine * other, window_px), 0)
    power, other_power = (wide_blur(np.square(p), window_px) + np.float32(1e-12) for p in (fine, other))
    alike = np.clip((shared / np.sqrt(power * other_power) - 0.5) / 0.4, 0, 1)
    alike *= shared / (shared + np.float32(FAINT**2))
    powers = [float((alike * p).sum()) for p in (power, other_power)]
    likeness = (min(powers) / max(powers)) ** 0.5 if min(powers) > 0 else 1.0
    own = power / (power + np.float32(FAINT**2))
    return np.asarray(alike * 2 * shared / (power + other_power), np.float32), own, likeness


def _trust(original: F32, retouched: F32, error_px: F32, window_px: float) -> F32:
    match = np.clip((correlation(original, retouched, window_px) - 0.3) / 0.4, 0, 1)
    power = np.minimum(wide_blur(np.square(original), window_px), 1)
    return np.asarray(match * power / (1 + np.square(error_px / 0.5)) + 1e-4, np.float32)
