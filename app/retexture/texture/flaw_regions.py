"""Flaws that are wide and of several colours, as a pustule with its head: where they are as wholes.

Each part of such a flaw sticks out by itself; what belongs together is one piece of skin in which the colour differs.
"""

import math

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.texture.colour_difference import LEAST_NOISE, blurred, parted, sample, shrunk, turned

F32 = NDArray[np.float32]

SIGMA = 0.0075
"""Standard deviation, as a share of the face width, at which colours are compared: pores are gone, flaws are not."""
GRID_SIGMA_PX = 1.5
"""Least of it on the grid that is used."""
LEVEL = 4.0
"""From which a colour belongs to a flaw, in standard deviations of the skin's."""
LEAST_RADIUS, LARGEST_RADIUS = 0.014, 0.07
"""As shares of the face width: what is smaller has no parts."""
SHARE = 0.2
"""Of where it differs most, how much a flaw differs at its end."""
BLUR_REACH = 1.8
"""Standard deviations that a blur carries such an end outwards, of a flaw that is small against it."""
FILLED = 0.7
"""Of its disc, how much a round flaw takes up at least: neighbours leave gaps, creases and hair leave most of it."""
ENCLOSED = 0.95
"""Of the flaw, what lies within its radius."""


class Flaw(msgspec.Struct, frozen=True):
    """A place (the first pixel's own centre is 0.5, 0.5) and a radius, px; how far it sticks out, as `LEVEL`.

    The flaw may be smaller than the radius, which blur widened, but not than `least_radius_px`.
    """

    x_px: float
    y_px: float
    radius_px: float
    least_radius_px: float
    strength: float


def round_flaws(difference: F32, weight: F32, face_width_px: float) -> list[Flaw]:
    """Return the discs around wide round flaws.

    Args:
        difference: (3, h, w) float32, from `colour_difference`.
        weight: (h, w) float32 0-1, skin.
        face_width_px: ear to ear.
    """
    cell = max(int(SIGMA * face_width_px / GRID_SIGMA_PX), 1)
    sigma = max(SIGMA * face_width_px / cell, 0.5)
    planes, skin = shrunk(difference, 1 / cell), shrunk(weight[None], 1 / cell)[0]
    at = sample(skin, 0.3)
    if not at.size:
        return []
    colours = turned(blurred(planes, sigma), parted(planes, skin, sigma))
    noise = 1.4826 * np.median(np.abs(colours.reshape(3, -1)[:, at]), axis=1) + LEAST_NOISE
    power = np.square(colours / noise[:, None, None].astype(np.float32)).sum(axis=0)
    other = ((power > LEVEL**2) & (skin > 0.3)).astype(np.uint8)
    least, largest = (share * face_width_px / cell for share in (LEAST_RADIUS, LARGEST_RADIUS))
    # A hair or a crease that runs into a flaw is no part of it.
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, [2 * round(least / 2) + 1] * 2)
    other = cv2.morphologyEx(other, cv2.MORPH_OPEN, brush)
    _, pieces, boxes, _ = cv2.connectedComponentsWithStats(other, connectivity=4)
    found = []
    for number, (x0, y0, width, height, area) in enumerate(boxes.tolist()):
        if number == 0 or not FILLED * math.pi * least**2 < area < math.pi * largest**2:
            continue
        part = np.s_[y0 : y0 + height, x0 : x0 + width]
        inside = pieces[part] == number
        inside &= power[part] > SHARE**2 * power[part][inside].max()
        ys, xs = np.nonzero(inside)
        x, y = float(xs.mean()), float(ys.mean())
        radius = float(np.quantile(np.hypot(xs - x, ys - y), ENCLOSED)) + 0.5
        if least <= radius <= largest and len(xs) * ENCLOSED > FILLED * math.pi * radius**2:
            scale_x, scale_y = (weight.shape[1 - i] / skin.shape[1 - i] for i in (0, 1))
            found.append(
                Flaw(
                    (x0 + x + 0.5) * scale_x,
                    (y0 + y + 0.5) * scale_y,
                    radius * scale_x,
                    math.sqrt(max(radius**2 - (BLUR_REACH * sigma) ** 2, 0)) * scale_x,
                    math.sqrt(float(np.median(power[part][inside]))),
                )
            )
    return found
