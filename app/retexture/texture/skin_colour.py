"""The colour of one person's skin, measured on the face itself: no table of skin tones decides who has a face."""

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.texture.faces import F32, U8

BOOL = NDArray[np.bool_]

LEVELS = 7
"""Brightnesses at which the colour of skin is measured: highlights are paler, shade is redder."""

LEAST_SPREAD = 1.8
GREY_CHROMA = 4.0
"""Chroma, off the picture's own tint, below which lightness tells more of skin than colour does."""


class Tones(msgspec.Struct, frozen=True):
    """A picture as brightness and as two chromas that do not change with the exposure.

    stops: (h, w) float32, log2 of the luminance; 0 is white.
    red, yellow: (h, w) float32, 100 a* / (L* + 16) and 100 b* / (L* + 16): a brighter light multiplies all three alike.
    """

    stops: F32
    red: F32
    yellow: F32

    @property
    def grey(self) -> bool:
        """Whether the picture has no colours to speak of, or is toned with one (sepia)."""
        off = np.hypot(self.red - np.median(self.red), self.yellow - np.median(self.yellow))
        return bool(np.percentile(off, 90) < GREY_CHROMA)


def tones(image: U8, sigma_px: float) -> Tones:
    """Return the tones of (h, w, 3) uint8 RGB, blurred first."""
    soft = cv2.GaussianBlur(image.astype(np.float32) / np.float32(255), (0, 0), sigma_px)
    lab = cv2.cvtColor(soft, cv2.COLOR_RGB2LAB).astype(np.float32)
    level = lab[..., 0] + 16
    return Tones(3 * np.log2(level / 116), 100 * lab[..., 1] / level, 100 * lab[..., 2] / level)


def colour_distance(of: Tones, seeds: BOOL) -> F32:
    """Return (h, w) float32 how far each pixel's chroma lies from that of the seeds of its brightness.

    In robust standard deviations (1.48 medians of absolute deviations), measured on the seeds after two thirds of
    their outliers are gone; brightnesses outside the seeds' are held to the nearest ones.
    """
    inside = seeds
    planes, floors = (of.red, of.yellow, of.stops), (LEAST_SPREAD, LEAST_SPREAD, 0.3)
    spread = 0.3
    for _ in range(3):
        near = seeds.copy()
        for plane, least in zip(planes, floors, strict=True):
            middle = np.median(plane[inside])
            spread = max(1.48 * float(np.median(np.abs(plane[inside] - middle))), least)
            near &= np.abs(plane - middle) < 3 * spread
        inside = near
    stops = of.stops[inside]
    levels = np.quantile(stops, np.linspace(0.01, 0.99, LEVELS))
    total = np.zeros(of.stops.shape, np.float32)
    for plane in (of.red, of.yellow):
        values = plane[inside]
        middles, widths = [], []
        for level in levels:
            some = values[np.abs(stops - level) < max(0.25, 0.5 * spread)]
            middles.append(float(np.median(some)))
            widths.append(max(1.48 * float(np.median(np.abs(some - middles[-1]))), LEAST_SPREAD))
        off = (plane - np.interp(of.stops, levels, middles)) / np.interp(of.stops, levels, widths)
        total += (off * off).astype(np.float32)
    return np.sqrt(total)


def stops_under_skin(of: Tones, distance: F32, possible: BOOL, width_px: float) -> F32:
    """Return (h, w) float32 how much darker each pixel is than the skin around it, in stops (brighter: negative).

    Args:
        distance: of `colour_distance`.
        possible: pixels that may be skin.
        width_px: of the face.
    """
    fits = possible & (distance < 5)
    weight = fits.astype(np.float32)
    around = of.stops
    for _ in range(3):
        wide = _mean(of.stops, weight, 0.3 * width_px)
        trust = np.clip(4 * cv2.GaussianBlur(weight, (0, 0), 0.1 * width_px), 0, 1)
        around = np.asarray(trust * _mean(of.stops, weight, 0.1 * width_px) + (1 - trust) * wide, np.float32)
        weight = (fits & (of.stops > around - 0.6) & (of.stops < around + 1)).astype(np.float32)
    return around - of.stops


def _mean(plane: F32, weight: F32, sigma_px: float) -> F32:
    """Return the mean around each pixel, of the weighted ones."""
    # A wide blur of a quarter of the picture is the same blur.
    step = max(1, int(sigma_px / 6))
    size = (-(-plane.shape[1] // step), -(-plane.shape[0] // step))
    top, bottom = (
        cv2.GaussianBlur(cv2.resize(p, size, interpolation=cv2.INTER_AREA), (0, 0), sigma_px / step)
        for p in (plane * weight, weight)
    )
    mean = (top + 1e-5 * float(plane.mean())) / (bottom + 1e-5)
    return np.asarray(cv2.resize(mean, plane.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def skin_coloured(image: U8) -> F32 | None:
    """Return (h, w) float32 0-1 the patches whose hue may be skin's, for pictures without a face; None without any.

    A rule for all skin tones under common light: orange to red hues of middle saturation, in patches that are large
    and smooth.
    """
    of = tones(image, 1.5)
    hue = np.degrees(np.arctan2(of.yellow, of.red))
    chroma = np.hypot(of.red, of.yellow)
    fits = (hue > 15) & (hue < 78) & (chroma > 9) & (chroma < 60) & (of.stops > -6.5) & (of.stops < -0.1)
    height, width = fits.shape
    edge = max(3, round(min(height, width) / 60) | 1)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (edge, edge))
    opened = cv2.morphologyEx(fits.astype(np.uint8), cv2.MORPH_OPEN, disc)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=4)
    large = [i for i in range(1, count) if stats[i, cv2.CC_STAT_AREA] > 0.02 * height * width]
    if not large:
        return None
    patches = cv2.morphologyEx(np.isin(labels, large).astype(np.uint8), cv2.MORPH_CLOSE, disc)
    return np.asarray(cv2.GaussianBlur(patches.astype(np.float32), (0, 0), edge / 3), np.float32)
