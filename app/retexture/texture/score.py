"""How good a restored portrait is, in figures; there is no true picture to hold it against.

On clean skin the original is the reference for texture; the retouched picture is the reference for tone, for what
became of blemishes, and for everything that is not skin.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Any

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.declare import number
from retexture.texture.loss import FINEST_PX, REFERENCE_FACE_PX, SKIN, check_pair, loss_map, luma_of

F32 = NDArray[np.float32]
Spot = tuple[float, float, float]
"""x, y and radius of a blemish that was removed, in pixels of the pictures."""

BANDS = (0.7, 1.4, 2.8, 5.6)
"""Standard deviations between which the three bands of texture lie, for the reference face."""

COLOUR_PIXELS = 2_000_000
"""Spots, tone, halo and what is outside are measured on pictures no larger than this."""

POINTS = {
    "plasticness": 35,
    "likeness": 15,
    "energy": 10,
    "blemishes": 20,
    "halo": 5,
    "tone": 10,
    "outside": 5,
}
"""What each fault can cost of the 100 points at most."""

WORST_ENERGY_DB, WORST_HALO, WORST_COLOUR = 6.0, 25.0, 5.0
"""Energy off, halo (1/255) and mean colour difference that cost all their points."""


CALMEST_PERCENT = 85
"""Texture is compared on this part of the skin: folds, nostrils and lids outdo any pore."""

EDGE_LIGHTNESS = 8.0
"""A pixel is at an edge where its surroundings differ by this, in L*."""


class Score(msgspec.Struct, frozen=True):
    """The figures of a restoration; a figure that could not be measured is None."""

    overall: Annotated[
        float,
        number(0, 100, help="In one number: 100 is the retouched tone with the subject's own skin."),
    ]
    plasticness_before: Annotated[
        float, number(0, 1, help="The same of the retouched picture, where a result is scored.")
    ]
    plasticness: Annotated[
        float, number(0, 1, help="Share of the skin's own texture that is missing: 0 none, 1 all of it.")
    ]
    likeness: Annotated[
        float, number(-1, 1, help="Is it the subject's own texture? 1 is the very same, 0 any other.")
    ]
    energy_fine: Annotated[
        float, number(0, 100, help="Strength of the finest texture against the original's; 1 is the same.")
    ]
    energy_middle: Annotated[float, number(0, 100, help="The same of pores.")]
    energy_coarse: Annotated[float, number(0, 100, help="The same of fine wrinkles and uneven skin.")]
    blemish_return: Annotated[
        float | None,
        number(
            0,
            100,
            help="What of a removed blemish came back: 0 nothing, 1 all. Nine in ten are below.",
        ),
    ]
    halo: Annotated[
        float, number(0, 255, unit="/255", help="Bright or dark seams at edges: how far they overshoot.")
    ]
    tone_shift: Annotated[
        float,
        number(
            0, 200, unit="dE", help="Mean colour difference of the skin's tone from the retouched picture."
        ),
    ]
    outside_change: Annotated[
        float | None, number(0, 200, unit="dE", help="Mean colour difference from it away from the skin.")
    ]
    skin_share: Annotated[float, number(0, 1, help="Part of the picture that is skin.")]
    spots: Annotated[int, number(0, 100_000, help="Blemishes that the retouched picture removed.")]
    alignment_residual_px: Annotated[
        float | None, number(0, 1000, unit="px", help="How far apart the pictures still lie after alignment.")
    ]


def score_pictures(
    original: NDArray[Any],
    aligned: NDArray[Any],
    result: NDArray[Any],
    skin: F32,
    face_width_px: float,
    spots: Sequence[Spot] = (),
    residual_px: float | None = None,
    lost: tuple[float, float] | None = None,
) -> Score:
    """Measure a result; hand over `aligned` as the result to measure the retouched picture itself.

    Args:
        original, aligned, result: (3, H, W) uint16 or float32 0-1, encoded sRGB, on one grid.
        skin: (h, w) float32 0-1, of any size with the pictures' aspect.
        face_width_px: ear to ear, in pixels of the pictures.
        spots: the blemishes that were to stay away.
        residual_px: what the alignment says of itself.
        lost: plasticness of `aligned` and of `result`, where `loss_map` has told it already.

    Raises:
        ValueError: pictures of different shapes, an empty mask, no skin, or a width that is not over 0.
    """
    check_pair(original, aligned, skin, face_width_px)
    check_pair(original, result, skin, face_width_px)
    if not (skin >= SKIN).any():
        raise ValueError("no skin is marked: give a mask that is white on the skin")
    if lost is None:
        before = loss_map(original, aligned, skin, face_width_px).plasticness
        after = before if result is aligned else loss_map(original, result, skin, face_width_px).plasticness
    else:
        before, after = lost
    energies, likeness = _texture(original, result, skin, face_width_px, spots)

    height, width = original.shape[1:]
    scale = min(1.0, (COLOUR_PIXELS / (height * width)) ** 0.5)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    o, a, r = (_view(picture, size) for picture in (original, aligned, result))
    skin = _resized(skin, size)
    face = face_width_px * scale / REFERENCE_FACE_PX
    spots = [(x * scale, y * scale, radius * scale) for x, y, radius in spots]
    blemish = _blemish_return(o, a, r, skin, spots, face)
    halo = _halo(o, a, r, face)
    tone = float(_distance(_blurred(r, 24 * face), _blurred(a, 24 * face))[skin >= SKIN].mean())
    outside = _outside(a, r, skin, face)
    return Score(
        overall=overall(after, likeness, energies, blemish, halo, tone, outside),
        plasticness_before=before,
        plasticness=after,
        likeness=likeness,
        energy_fine=energies[0],
        energy_middle=energies[1],
        energy_coarse=energies[2],
        blemish_return=blemish,
        halo=halo,
        tone_shift=tone,
        outside_change=outside,
        skin_share=float(skin.mean()),
        spots=len(spots),
        alignment_residual_px=residual_px,
    )


def overall(
    plasticness: float,
    likeness: float,
    energies: Sequence[float],
    blemish_return: float | None,
    halo: float,
    tone_shift: float,
    outside_change: float | None,
) -> float:
    """Return 0-100: 100 less what each fault costs (`POINTS`), in proportion and never more than that.

    plasticness, 1 - likeness and blemish_return count as they are; the mean distance of the energies from 1 in dB,
    the halo and the colour differences in shares of `WORST_ENERGY_DB`, `WORST_HALO` and `WORST_COLOUR`.
    """
    off_db = float(np.mean([abs(20 * np.log10(max(energy, 1e-6))) for energy in energies]))
    faults = {
        "plasticness": plasticness,
        "likeness": 1 - likeness,
        "energy": off_db / WORST_ENERGY_DB,
        "blemishes": blemish_return or 0.0,
        "halo": halo / WORST_HALO,
        "tone": tone_shift / WORST_COLOUR,
        "outside": (outside_change or 0.0) / WORST_COLOUR,
    }
    return 100 - sum(POINTS[name] * min(max(fault, 0.0), 1.0) for name, fault in faults.items())


def _texture(
    original: NDArray[Any], result: NDArray[Any], skin: F32, face_width_px: float, spots: Sequence[Spot]
) -> tuple[list[float], float]:
    """Return RMS of each band, result over original, and the correlation of the two finer ones, on clean skin."""
    height, width = original.shape[1:]
    rows, columns = (np.flatnonzero((skin >= SKIN).any(axis)) for axis in (1, 0))
    top, bottom = (int(i * height / skin.shape[0]) for i in (rows[0], rows[-1] + 1))
    left, right = (int(i * width / skin.shape[1]) for i in (columns[0], columns[-1] + 1))
    face = max(face_width_px / REFERENCE_FACE_PX, FINEST_PX / BANDS[0])
    step = max(1, int(BANDS[0] * face / FINEST_PX / 1.2))  # a finer grid would show nothing more
    size = (max(1, (right - left) // step), max(1, (bottom - top) // step))
    planes = [
        cv2.resize(luma_of(picture[:, top:bottom, left:right]), size, interpolation=cv2.INTER_AREA).reshape(
            size[::-1]
        )
        for picture in (original, result)
    ]
    box = np.ascontiguousarray(skin[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    clean = (_resized(box, size) >= SKIN).astype(np.uint8)
    for x, y, radius in spots:
        centre = round((x - left) / step), round((y - top) / step)
        cv2.circle(clean, centre, round(1.5 * radius / step) + 1, 0, -1)
    where = clean > 0 if clean.any() else clean == 0  # spots all over
    sigmas = [sigma * face / step for sigma in BANDS]
    stacks = [[_blurred(plane, sigma) for sigma in sigmas] for plane in planes]
    bands = [[a - b for a, b in pairwise(stack)] for stack in stacks]
    detail = _blurred(np.asarray(np.sum(np.square(bands[0]), axis=0)), 3 * sigmas[-1])
    where &= detail <= np.percentile(detail[where], CALMEST_PERCENT)
    o, r = ([band[where] for band in three] for three in bands)
    energies = [_rms(x) / _rms(y) for x, y in zip(r, o, strict=True)]
    own, found = o[0] + o[1], r[0] + r[1]
    return energies, float(np.mean(own * found, dtype=np.float64) / (_rms(own) * _rms(found)))


def _blemish_return(o: F32, a: F32, r: F32, skin: F32, spots: Sequence[Spot], face: float) -> float | None:
    """Return the 90th percentile, over spots, of the share of the original's difference that the result has.

    A spot is what sets the original apart from the retouched picture there, against the skin in a ring around it, in
    L*, a* and b*; the share is the projection of the result's difference on it.
    """
    planted, shown = (_smooth(p, 2 * face) - _smooth(a, 2 * face) for p in (o, r))
    spotless = (skin >= SKIN).astype(np.uint8)
    for x, y, radius in spots:
        cv2.circle(spotless, (int(x), int(y)), round(1.3 * radius) + 1, 0, -1)
    shares = []
    for x, y, radius in spots:
        reach = int(2.2 * radius) + 4
        top, left = max(0, int(y) - reach), max(0, int(x) - reach)
        area = np.s_[top : int(y) + reach + 1, left : int(x) + reach + 1]
        rows, columns = np.ogrid[area]
        away = np.hypot(
            rows[: spotless[area].shape[0]] + 0.5 - y, columns[:, : spotless[area].shape[1]] + 0.5 - x
        )
        inside, ring = away <= max(radius, 1), spotless[area] > 0
        if not inside.any() or not ring.any():
            continue
        lost = planted[area][inside] - planted[area][ring].mean(0)
        back = shown[area][inside] - shown[area][ring].mean(0)
        energy = float(np.sum(lost * lost, dtype=np.float64))
        if energy > 0:
            shares.append(abs(float(np.sum(lost * back, dtype=np.float64))) / energy)
    return float(np.percentile(shares, 90)) if shares else None


def _halo(o: F32, a: F32, r: F32, face: float) -> float:
    """Return the 99.5th percentile, at edges, of how far luma lies outside the range of both pictures around, 1/255.

    The range is that of 7 x 7 pixels, the original brought to the retouched tone: by a curve, then by what is coarse.
    """
    original, aligned, result = (p[..., 0] for p in (o, a, r))
    toned = _toned(original, aligned)
    toned += _blurred(aligned - toned, 24 * face)
    square = np.ones((7, 7), np.uint8)
    highest = np.maximum(cv2.dilate(toned, square), cv2.dilate(aligned, square))
    lowest = np.minimum(cv2.erode(toned, square), cv2.erode(aligned, square))
    edges = np.abs(_smooth(toned, 2 * face) - _blurred(toned, 12 * face)) > EDGE_LIGHTNESS
    edges = cv2.dilate(edges.astype(np.uint8), square) > 0
    if not edges.any():
        return 0.0
    beyond = np.maximum(np.maximum(result - highest, lowest - result)[edges], 0)
    return float(np.percentile(beyond, 99.5) * 2.55)


def _toned(source: F32, target: F32) -> F32:
    """Return lightness 0-100 of a picture under the rising curve that brings it nearest to another one."""
    step = np.clip(source * 0.64, 0, 63).astype(np.intp).ravel()
    count = np.bincount(step, minlength=64)
    there = np.flatnonzero(count)
    x = (np.bincount(step, source.ravel(), 64)[there] / count[there]).astype(np.float32)
    y = np.maximum.accumulate(np.bincount(step, target.ravel(), 64)[there] / count[there]).astype(np.float32)
    return np.asarray(np.interp(source, x, y), np.float32)


def _outside(a: F32, r: F32, skin: F32, face: float) -> float | None:
    reach = 2 * round(40 * face) + 1
    near = cv2.dilate((skin > 0.05).astype(np.uint8), np.ones((reach, reach), np.uint8))
    margin = 1 + round(0.012 * min(skin.shape))  # where a picture that was moved has no pixels
    near[:margin] = near[-margin:] = near[:, :margin] = near[:, -margin:] = 1
    away = near == 0
    return float(_distance(r, a)[away].mean()) if away.any() else None


def _view(picture: NDArray[Any], size: tuple[int, int]) -> F32:
    """Return (h, w, 3) float32 L* 0-100, a*, b* of a picture, at a size (width, height) that is no larger."""
    scale = np.float32(1 / 65535 if picture.dtype == np.uint16 else 1)
    small = [cv2.resize(plane, size, interpolation=cv2.INTER_AREA) * scale for plane in picture]
    return np.asarray(cv2.cvtColor(np.stack(small, axis=2), cv2.COLOR_RGB2LAB), np.float32)


def _resized(mask: F32, size: tuple[int, int]) -> F32:
    return np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_LINEAR), np.float32)


def _smooth(picture: F32, sigma_px: float) -> F32:
    return np.asarray(
        cv2.GaussianBlur(picture, (0, 0), max(sigma_px, 0.3), borderType=cv2.BORDER_REPLICATE), np.float32
    )


def _blurred(picture: F32, sigma_px: float) -> F32:
    """Blur by a radius that may be large, at a fraction of the size."""
    step = max(1, int(sigma_px / 4))
    small = np.asarray(
        cv2.resize(picture, None, fx=1 / step, fy=1 / step, interpolation=cv2.INTER_AREA), np.float32
    )
    size = (picture.shape[1], picture.shape[0])
    return np.asarray(cv2.resize(_smooth(small, sigma_px / step), size), np.float32)


def _distance(one: F32, other: F32) -> F32:
    return np.asarray(np.sqrt(np.sum((one - other) ** 2, axis=-1)), np.float32)


def _rms(values: F32) -> float:
    return float(np.sqrt(np.mean(np.square(values, dtype=np.float64)))) + 1e-9
