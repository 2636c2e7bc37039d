"""Texture from a plate, for a face that has none of its own to give back.

The plate's pores are brought to the face's scale and laid over all of it without seam or repeat (`graft.fill`). As
pores are shades, they darken each place in proportion to its tone, and the blue more than the red that skin scatters
further; as in photographs, they fade towards white. Where the retouched picture has texture, only what is missing is
added: energies add.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from retexture.texture import graft
from retexture.texture.bald import BAND, LEAST_BAND_PX
from retexture.texture.pores import pore_distance_px, scale_to
from retexture.texture.softness import strength

F32 = NDArray[np.float32]
U16 = NDArray[np.uint16]

LEAST_PORE_PX = 4.0
"""Pores closer than this would be noise rather than pores."""
RADIUS = 1.5
"""Standard deviation of the high pass, in distances of pores: what is coarser is the plate's own face."""
LARGEST_PLATE_PX = 1024
"""Of the middle of a scaled plate, which is taken."""
SMALLEST_PLATE_PX = 48
MOST_DEVIATION = 3.0
"""Standard deviations beyond which a plate shows a hair or a mole rather than pores."""
PIGMENT = np.array([0.82, 1.08, 1.25], np.float32)
"""Share of a pore's shade in R, G and B: medians of six portraits of light to dark skin."""
SHOULDER = 0.4
"""Pores fade from this far below white, each channel by itself: on the portraits they are strongest at 0.6."""
WORK_FACE_PX = 700.0
"""Face width at which tone and energy are looked at."""
NEAR = 0.02
"""Standard deviation, as a share of the face width, of the surroundings whose tone and energy count."""
MOST_LEFT = 4.0
"""Times the wanted energy up to which what is in the retouched picture counts: beyond it lie edges."""
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def scaled(plate: F32, face_width_px: float, pores_per_face: float) -> tuple[F32, float]:
    """Return the middle of a plate at the scale of a face, (1, h, w) float32 of mean 0; and that scale.

    Args:
        plate: (3, h, w) float32, encoded RGB 0-1.
        face_width_px: ear to ear.
        pores_per_face: pores side by side over the face, as far as pixels can show so many.

    Raises:
        ValueError: a plate that is flat, or too small at that scale.
    """
    luma = np.tensordot(_LUMA, plate, 1).astype(np.float32)
    wanted_px = max(face_width_px / pores_per_face, LEAST_PORE_PX)
    scale = scale_to(pore_distance_px(luma), wanted_px)
    height, width = (min(n, round(LARGEST_PLATE_PX / scale)) for n in luma.shape)
    top, left = (luma.shape[0] - height) // 2, (luma.shape[1] - width) // 2
    size = round(width * scale), round(height * scale)
    if min(size) < SMALLEST_PLATE_PX:
        raise ValueError(
            f"at the scale of this face's pores it is only {size[0]} x {size[1]} px: take a larger one"
        )
    middle = luma[top : top + height, left : left + width]
    small = cv2.resize(middle, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    high = graft.separate(np.asarray(small, np.float32)[None], RADIUS * wanted_px)
    most = MOST_DEVIATION * float(high.std())
    return np.clip(high, -most, most), scale


def plate_texture(
    high: F32, aligned: U16, skin: F32, face_width_px: float, wanted: float, seed: int = 1
) -> U16:
    """Return a plate's texture over a whole picture, (3, H, W) uint16 about 32768: twice what is to be added to it.

    Laid in Linear Light it adds the texture.

    Args:
        high: (1, h, w) float32, as of `scaled`.
        aligned: (3, H, W) uint16, encoded RGB: the retouched picture, which the texture is for.
        skin: (h, w) float32 0-1, of any size, of the same view.
        face_width_px: ear to ear, full-size px.
        wanted: how strong texture is to be, as of `softness.strength`.
        seed: the same seed gives the same texture.
    """
    _, height, width = aligned.shape
    has = strength(1 + high[0], np.ones_like(high[0]), face_width_px) or float(high.std())
    shade = graft.fill(high * np.float32(wanted / has), height, width, seed)[0]
    factor = min(1.0, WORK_FACE_PX / face_width_px)
    size = max(round(width * factor), 1), max(round(height * factor), 1)
    small = np.stack([cv2.resize(p, size, interpolation=cv2.INTER_AREA) for p in aligned])
    small = small.astype(np.float32) / np.float32(65535)
    weight = np.asarray(cv2.resize(skin, size), np.float32) + np.float32(1e-3)
    near_px = NEAR * factor * face_width_px
    mean = _soft(weight, near_px)
    tone = np.stack([_soft(p * weight, near_px) / mean for p in small])
    gain = _missing(small, tone, weight, shade, factor * face_width_px, near_px)
    out = np.empty(aligned.shape, np.uint16)
    for target, level, pigment in zip(out, tone, PIGMENT, strict=True):
        depth = level * np.clip((1 - level) / np.float32(SHOULDER), 0, 1)
        amount = cv2.resize(depth * gain * (pigment * np.float32(65535 / 2)), (width, height))
        target[:] = np.clip(np.rint(32768 + shade * amount), 0, 65535)
    return out


def _missing(small: F32, tone: F32, weight: F32, shade: F32, face_px: float, near_px: float) -> F32:
    """Return the share of the texture's amplitude that the retouched picture, at work size, lacks around each place."""
    luma = np.tensordot(_LUMA, small, 1).astype(np.float32) / np.maximum(np.tensordot(_LUMA, tone, 1), 1e-3)
    part = cv2.resize(shade, small.shape[:0:-1], interpolation=cv2.INTER_AREA)
    fine, coarse = (max(b * face_px, least) for b, least in zip(BAND, LEAST_BAND_PX, strict=True))
    planes = [np.asarray(p, np.float32) for p in (luma, part)]
    energy, wanted = ((_soft(p, fine) - _soft(p, coarse)) ** 2 for p in planes)
    whole = float(wanted.mean())
    energy = np.minimum(energy, MOST_LEFT * whole)
    left = _soft(energy * weight, near_px) / _soft(weight, near_px)
    return np.asarray(np.sqrt(np.clip(1 - left / max(whole, 1e-12), 0, 1)), np.float32)


def _soft(plane: F32, sigma: float) -> F32:
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101), np.float32)
