"""How much of the original's own texture a retouched picture still has, place by place: loss and plasticness."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.engine.blend import LUMA
from retexture.engine.gaussian import gaussian

F32 = NDArray[np.float32]

REFERENCE_FACE_PX = 1000
"""Lengths that go with the face are told for a face of this width, ear to ear."""

FINEST_PX = 0.6
"""Standard deviation below which a Gaussian blurs next to nothing on the pixel grid."""

COARSEST_PX = 2.8
"""Where the last octave of texture begins at the latest, for the reference face; beyond it lies shading."""

WINDOW = 8
"""Energy is averaged in a Gaussian of this many times the finer blur of its octave."""

LOST, KEPT = 0.8, 0.97
"""Share of the texture up to which all of it is put back, and from which none is."""

QUANTISED = 0.25 / 255
"""Amplitude in an octave that an 8-bit file cannot tell from nothing."""

FINE_PX = (FINEST_PX, 1.5)
"""Standard deviations between which the strengths of both pictures' fine texture are compared."""

MORE, UNEVEN = 1.3, 3.4
"""Times as strong, and kurtosis, from which texture is clearly more and no grain: measured 1.33 and 3.5 or more in
pairs that were swapped, at most 1.27 in sharpened and 3.25 in grained ones."""

SKIN = 0.5
"""A pixel counts as skin from this value of a mask."""

CORE = 0.9
"""The same, off the skin's edge."""

STEP_PX = 4
"""Energies are kept on a grid as coarse as this, in pixels of their octave."""

_STRIP_ROWS = 256
_HALO_ROWS = 8
"""Reach of the blurs of an octave, and even, so that halving keeps its phase."""


class Loss(msgspec.Struct, frozen=True, eq=False):
    """What a retouched picture kept of the original's texture.

    Attributes:
        ratio: (h, w) float32, the size of the skin mask: the share of the original's own texture that is still there,
            0-2, in the octave that lost most. 1 where there was none.
        weight: (h, w) float32 0-1: how much of the texture is to be put back.
        plasticness: 0 nothing is lost on the skin, 1 all is; 0 where there is no skin.
    """

    ratio: F32
    weight: F32
    plasticness: float


def loss_map(original: NDArray[Any], aligned: NDArray[Any], skin: F32, face_width_px: float) -> Loss:
    """Compare the texture of two pictures, octave by octave, from one pixel up to 6/1000 of the face.

    The octaves are levels of a Laplacian pyramid (Burt and Adelson, 1983). The share kept is the covariance of both
    pictures in a Gaussian window over the original's variance there: a tool that draws other texture of the same
    strength has kept nothing. To both is added a quarter of the camera's noise in the original's flattest places, so
    that nothing is divided by nothing.

    Args:
        original: (3, H, W) uint16 over the full range, or float32 0-1, encoded.
        aligned: the retouched picture on the original's grid, of the same shape.
        skin: (h, w) float32 0-1, of any size with the pictures' aspect.
        face_width_px: ear to ear, in pixels of the pictures.

    Raises:
        ValueError: pictures of different shapes, an empty mask, or a width that is not over 0.
    """
    check_pair(original, aligned, skin, face_width_px)
    height, width = original.shape[1:]
    pair: list[NDArray[Any]] = [original, aligned]
    ratio = np.full(skin.shape, 2, np.float32)
    noise = 0.0
    for level in range(octave_count(face_width_px, min(height, width))):
        luma, variance, covariance, pair = _octave(pair, prefilter=level == 0)
        if level == 0:
            noise = _noise_variance(luma, variance)
        floor = max(noise / 4**level, QUANTISED**2)  # an octave further, white noise has a quarter
        variance, covariance = gaussian(np.stack([variance, covariance]), WINDOW * FINEST_PX / STEP_PX)
        kept = (covariance + np.float32(floor)) / (np.maximum(variance, 0) + np.float32(floor))
        np.minimum(ratio, _laid_out(kept, skin.shape, (height, width), STEP_PX * 2**level), out=ratio)
    np.maximum(ratio, 0, out=ratio)
    return Loss(ratio, 1 - smoothstep(LOST, KEPT, ratio), plasticness(ratio, skin))


def plasticness(ratio: F32, skin: F32) -> float:
    """Return 1 minus the median of min(1, ratio) over skin, 0-1; 0 where there is none.

    For one face of several, `skin` is the mask with the others left out.
    """
    kept = ratio[skin >= SKIN]
    return float(1 - np.median(np.minimum(kept, 1))) if kept.size else 0.0


def has_more_texture(original: F32, aligned: F32, skin: F32) -> bool:
    """Return whether a retouched picture clearly has more fine texture than the original, and not by added grain.

    Grain is Gaussian and much the same everywhere, so its kurtosis is near 3; that of skin's texture is higher.

    Args:
        original, aligned, skin: as of `loss_map`, of one size.
    """
    lumas = [luma_of(picture) for picture in (original, aligned)]
    ours, theirs = ((_blur(y, FINE_PX[0]) - _blur(y, FINE_PX[1]))[skin > CORE] for y in lumas)
    more = theirs - ours
    kurtosis = np.mean((more - more.mean()) ** 4) / max(float(more.var()) ** 2, 1e-30)
    return bool(np.median(np.abs(theirs)) > MORE * np.median(np.abs(ours)) and kurtosis > UNEVEN)


def octave_count(face_width_px: float, side_px: int) -> int:
    """Return how many octaves, the first from 0.6 to 1.2 px, hold texture for a face of this width."""
    coarsest = COARSEST_PX * face_width_px / REFERENCE_FACE_PX
    count = 2
    while FINEST_PX * 2**count <= coarsest and side_px >> count >= 32:
        count += 1
    return count


def smoothstep(low: float, high: float, x: F32) -> F32:
    """Return 0 up to `low`, 1 from `high`, and a smooth course between."""
    t = np.clip((x - np.float32(low)) / np.float32(high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def luma_of(picture: NDArray[Any]) -> F32:
    """Return (h, w) float32 0-1 of (3, h, w) uint16 or float32; a plane (h, w) float32 is handed back."""
    if picture.ndim == 2:
        return picture
    scale = 1 / 65535 if picture.dtype == np.uint16 else 1
    first, second, third = (np.float32(weight * scale) for weight in LUMA)
    return np.asarray(picture[0] * first + picture[1] * second + picture[2] * third, np.float32)


def check_pair(original: NDArray[Any], aligned: NDArray[Any], skin: F32, face_width_px: float) -> None:
    """Raise ValueError where two pictures and a mask cannot be compared."""
    if original.shape != aligned.shape or original.ndim != 3 or len(original) != 3:
        raise ValueError(
            f"pictures of {original.shape} and {aligned.shape} samples: align the retouched one to the original first"
        )
    if skin.ndim != 2 or not skin.size:
        raise ValueError(f"a skin mask of shape {skin.shape}: give a plane of one pixel or more")
    if not face_width_px > 0:
        raise ValueError(f"a face {face_width_px} px wide: give its width from ear to ear")


def _octave(pair: list[NDArray[Any]], prefilter: bool) -> tuple[F32, F32, F32, list[NDArray[Any]]]:
    """Return luma, variance and covariance of an octave on the coarse grid, and both pictures at half the size."""
    height = pair[0].shape[-2]

    def strip(top: int) -> tuple[F32, ...]:
        bottom = min(top + _STRIP_ROWS, height)
        first, last = max(0, top - _HALO_ROWS), min(height, bottom + _HALO_ROWS)
        bands, halves = [], []
        for picture in pair:
            y = luma_of(picture[..., first:last, :])
            if prefilter:
                y = _blur(y, FINEST_PX)
            low = _blur(y, np.sqrt(3) * FINEST_PX)  # on top of the blur that is there: twice as much
            bands.append((y - low)[top - first : bottom - first])
            halves.append(_shrunk(low[top - first : bottom - first], 2))
        o, a = bands
        coarse = _shrunk(halves[0], STEP_PX // 2)
        return coarse, _shrunk(o * o, STEP_PX), _shrunk(o * a, STEP_PX), *halves

    with ThreadPoolExecutor(2) as pool:
        strips = list(pool.map(strip, range(0, height, _STRIP_ROWS)))
    luma, variance, covariance, first, second = (np.concatenate(rows) for rows in zip(*strips, strict=True))
    return luma, variance, covariance, [first, second]


def _blur(plane: F32, sigma_px: float) -> F32:
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma_px, borderType=cv2.BORDER_REPLICATE), np.float32)


def _shrunk(plane: F32, step: int) -> F32:
    """Return the means of squares of `step` pixels; the last row and column are repeated to fill theirs."""
    down, right = (-n % step for n in plane.shape)
    if down or right:
        plane = np.pad(plane, ((0, down), (0, right)), mode="edge")
    size = (plane.shape[1] // step, plane.shape[0] // step)
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32)


def _noise_variance(luma: F32, variance: F32) -> float:
    """Return a quarter of the variance of the flattest places that are neither black nor white."""
    inside = variance[(luma > 0.02) & (luma < 0.98)]
    return float(np.percentile(inside, 5)) / 4 if inside.size else 0.0


def _laid_out(plane: F32, shape: tuple[int, int], size: tuple[int, int], step: int) -> F32:
    """Return a plane whose pixels are `step` px wide in a picture of `size` (H, W), as a map of `shape` over it."""
    y, x = size[0] / shape[0] / step, size[1] / shape[1] / step
    place = np.array([[x, 0, x / 2 - 0.5], [0, y, y / 2 - 0.5]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    laid = cv2.warpAffine(plane, place, shape[::-1], flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(laid, np.float32)
