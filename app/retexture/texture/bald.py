"""Texture for places where the original has none itself (out of focus, under make-up): the same face's own.

It is made by histogram-preserving tile-and-blend (`graft.fill`) from the largest clean place of the face.
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from retexture.texture import graft

F32 = NDArray[np.float32]
U16 = NDArray[np.uint16]

BAND = (0.0012, 0.005)
"""Standard deviations, as shares of the face width, between which pores have their energy."""
LEAST_BAND_PX = (0.5, 1.5)
NEAR = 0.03
"""Standard deviation, as a share of the face width, over which energy is averaged."""
CLOSE, LEAST_CLOSE_PX = 0.015, 6.0
"""The same, for borders; at least so many pixels."""
NONE, FULL = 2.0, 3.5
"""Stops of texture less than the face's median at which a place begins to be bald, and is wholly."""
USUAL = 0.6
"""Stops from the face's median within which a place is good to take texture from."""
LARGEST_PATCH_PX = 512
MOST_TONE = 1.5
"""Times the patch's tone up to which texture is stronger where it is brighter."""
MOST_LEFT = 0.6
"""Of the usual energy: beyond it lie edges, which take no texture's place."""
EARLY = 0.3
"""How soft a place is from which on it is looked at closely, and all that it lacks is given."""
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def bald_map(original: F32, skin: F32, face_width_px: float) -> F32:
    """Return how far the skin lacks the texture that the rest of the face has, (h, w) float32 0-1.

    Args:
        original: (3, h, w) float32, encoded RGB 0-1.
        skin: (h, w) float32 0-1.
        face_width_px: ear to ear.
    """
    stops = _stops(_luma_of(original), skin, face_width_px)
    t = np.clip((-stops - NONE) / (FULL - NONE), 0, 1)
    return np.asarray(t * t * (3 - 2 * t) * skin, np.float32)


def narrowed(soft: F32, original: F32, skin: F32, face_width_px: float) -> F32:
    """Return a coarse map of soft places, (h, w) float32 0-1, with its border where texture itself ends.

    Args:
        soft: (h, w) float32 0-1, as of `softness.soft_map`.
        original, skin, face_width_px: as of `bald_map`.
    """
    ours, usual = _usual(original, soft, skin, face_width_px)
    amplitude = cv2.resize(np.sqrt(ours / usual), soft.shape[::-1], interpolation=cv2.INTER_LINEAR)
    t = np.clip((soft - 0.4 + 2 * (0.6 - np.minimum(amplitude, 1))) / 0.3 + 0.5, 0, 1)
    return np.asarray(t * t * (3 - 2 * t) * np.minimum(soft / EARLY, 1), np.float32)


def lacking(original: F32, aligned: F32, bald: F32, skin: F32, face_width_px: float) -> F32:
    """Return how much of the face's usual texture is missing where it is bald: (h, w) float32, amplitude 0-1.

    There remain the original's, as far as a place is not bald, and the retouched picture's own, as far as it is.

    Args:
        original, aligned: (3, h, w) float32, encoded RGB 0-1, the second the retouched picture.
        bald, skin: (h, w) float32 0-1.
        face_width_px: ear to ear.
    """
    ours, usual = _usual(original, bald, skin, face_width_px)
    theirs, _ = _energy(_luma_of(aligned), skin, face_width_px, max(CLOSE, LEAST_CLOSE_PX / face_width_px))
    here = cv2.resize(bald, ours.shape[::-1], interpolation=cv2.INTER_AREA)
    left = (ours * (1 - here) ** 2 + theirs * here**2) / usual
    amount = np.sqrt(1 - np.minimum(left, MOST_LEFT)) * np.minimum(here / EARLY, 1)
    return np.asarray(cv2.resize(amount, bald.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def synthesise(
    original: U16, area: F32, skin: F32, face_width_px: float, radius_px: float, seed: int = 0
) -> U16:
    """Return the face's own texture over an area, (3, H, W) uint16 about 32768: twice what is to be added to it.

    Laid in Linear Light it adds the texture, as strong as the tone there over that where it was taken; outside the
    area it is 32768 and adds nothing.

    Args:
        original: (3, H, W) uint16, encoded RGB.
        area, skin: (h, w) float32 0-1, of any size, of the same view: where texture is wanted, and what is skin.
        face_width_px: ear to ear, full-size px.
        radius_px: standard deviation of the high pass, full-size px.
        seed: the same seed gives the same texture.

    Raises:
        ValueError: no clean place is large enough to take texture from.
    """
    _, height, width = original.shape
    factor = min(1.0, 700.0 / face_width_px)
    size = max(round(width * factor), 1), max(round(height * factor), 1)
    small = [cv2.resize(p, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 65535 for p in original]
    skin = np.asarray(cv2.resize(skin, size), np.float32)
    area = np.asarray(cv2.resize(area, size), np.float32)
    luma = _luma_of(np.stack(small))
    # What has none must not pull down what is usual.
    stops = _stops(luma, skin * (1 - area), factor * face_width_px)
    good = (skin > 0.5) & (area < 0.1) & (np.abs(stops) < USUAL)
    depth = cv2.distanceTransform(np.pad(good.astype(np.uint8), 1), cv2.DIST_L2, cv2.DIST_MASK_5)[1:-1, 1:-1]
    row, column = np.unravel_index(int(np.argmax(depth)), depth.shape)
    half = min(int(float(depth[row, column]) / math.sqrt(2) / factor), LARGEST_PATCH_PX // 2)
    x, y = int((column + 0.5) / factor), int((row + 0.5) / factor)
    left, top = max(x - half, 0), max(y - half, 0)
    patch = original[:, top : y + half, left : x + half]
    if min(patch.shape[1:]) < graft.SMALLEST_PATCH_PX:
        raise ValueError("no clean skin is large enough to take texture from: take it from a texture plate")
    high = graft.separate(patch.astype(np.float32) / np.float32(65535), radius_px)
    high *= np.float32(2 ** -float(stops[row, column]))
    out = np.full(original.shape, 32768, np.uint16)
    rows, columns = np.flatnonzero(area.max(axis=1) > 0), np.flatnonzero(area.max(axis=0) > 0)
    if not rows.size:
        return out
    x0, y0 = int(columns[0] / factor), int(rows[0] / factor)
    x1, y1 = (
        min(math.ceil((columns[-1] + 1) / factor), width),
        min(math.ceil((rows[-1] + 1) / factor), height),
    )
    # Pores are shades of their surroundings: in the dark they are fainter.
    tone = _soft(luma, NEAR * factor * face_width_px) / max(
        float(_LUMA @ patch.mean(axis=(1, 2))) / 65535, 1e-3
    )
    weight = cv2.resize(area * np.minimum(tone, MOST_TONE), (width, height))[y0:y1, x0:x1]
    fine = graft.fill(high, y1 - y0, x1 - x0, seed, (x0, y0)) * weight
    out[:, y0:y1, x0:x1] = np.clip(np.rint(32768 + fine * np.float32(65535 / 2)), 0, 65535).astype(np.uint16)
    return out


def _stops(luma: F32, skin: F32, face_width_px: float) -> F32:
    """Return by how many stops the texture around each pixel is stronger than the face's median."""
    energy, share = _energy(luma, skin, face_width_px, NEAR)
    here = energy[share > 0.5]
    usual = float(np.median(here)) if here.size else 1.0
    stops = np.asarray(0.5 * np.log2((energy + 1e-9) / (usual + 1e-9)), np.float32)
    return np.asarray(cv2.resize(stops, skin.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _usual(original: F32, bald: F32, skin: F32, face_width_px: float) -> tuple[F32, float]:
    """Return the energy around each place, on a coarse grid, and the median where nothing is bald."""
    energy, _ = _energy(_luma_of(original), skin, face_width_px, max(CLOSE, LEAST_CLOSE_PX / face_width_px))
    here = energy[cv2.resize(skin * (1 - bald), energy.shape[::-1], interpolation=cv2.INTER_AREA) > 0.5]
    return energy, (float(np.median(here)) if here.size else 1.0) + 1e-9


def _luma_of(planes: F32) -> F32:
    return np.asarray(np.tensordot(_LUMA, planes, 1), np.float32)


def _energy(luma: F32, skin: F32, face_width_px: float, near: float) -> tuple[F32, F32]:
    """Return the energy of texture around each place, and the share of skin there, both on a coarse grid.

    near: standard deviation of the surroundings, as a share of the face width.
    """
    fine, coarse = (max(b * face_width_px, least) for b, least in zip(BAND, LEAST_BAND_PX, strict=True))
    energy = (_soft(luma, fine) - _soft(luma, coarse)) ** 2 * skin
    # The mean over so wide a window is smooth: a coarser grid will do.
    cell = max(int(near * face_width_px / 4), 1)
    size = [-(-n // cell) for n in skin.shape[::-1]]
    strength, share = (
        np.asarray(cv2.resize(p, size, interpolation=cv2.INTER_AREA), np.float32) for p in (energy, skin)
    )
    sigma = near * face_width_px / cell
    around = _soft(strength, sigma) / (_soft(share, sigma) + np.float32(1e-4))
    return np.asarray(around, np.float32), share


def _soft(plane: F32, sigma: float) -> F32:
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101), np.float32)
