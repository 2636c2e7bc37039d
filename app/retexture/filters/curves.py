"""Curves."""

from itertools import pairwise
from typing import Annotated, ClassVar, Literal

import msgspec
import numpy as np

from retexture.declare import curve, described
from retexture.filters.base import F32, Context, Filter, clip_unit

Level = Annotated[float, msgspec.Meta(ge=0, le=255)]


class Curves(Filter, frozen=True, tag="curves"):
    """Photoshop's Image > Adjustments > Curves, for all channels or one.

    The curve is the natural cubic spline through the points, flat beyond the first and the last, clipped to the
    range. Two points make a straight line. Like Photoshop's it may swing over between steep points.
    """

    label: ClassVar[str] = "Curves"
    source_note: ClassVar[str] = (
        "natural cubic spline (de Boor, A Practical Guide to Splines, 1978); that Photoshop's is one is common "
        "knowledge, not measured"
    )
    pointwise: ClassVar[bool] = True

    channel: Annotated[Literal["rgb", "red", "green", "blue"], described("Which channels are changed.")] = (
        "rgb"
    )
    points: Annotated[
        tuple[tuple[Level, Level], ...], curve("Input and output of each point of the curve, 0 to 255.")
    ] = ((0, 0), (255, 255))

    def __post_init__(self) -> None:
        inputs = [x for x, _ in self.points]
        if any(b <= a for a, b in pairwise(inputs)):
            raise ValueError("the points of a curve must have ascending inputs")

    def apply(self, colour: F32, context: Context) -> F32:
        out = colour.copy()
        changed = slice(None) if self.channel == "rgb" else ("red", "green", "blue").index(self.channel)
        out[changed] = self._map(colour[changed])
        return out

    def _map(self, v: F32) -> F32:
        x, y = np.array(self.points, np.float64).T / 255
        coefficients = _natural_spline(x, y).astype(np.float32)
        inside = np.clip(v, np.float32(x[0]), np.float32(x[-1]))
        piece = np.searchsorted(x[1:-1].astype(np.float32), inside, side="right")
        a, b, c, d = coefficients[:, piece]
        t = inside - x[:-1].astype(np.float32)[piece]
        return clip_unit(((d * t + c) * t + b) * t + a)


def _natural_spline(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return (4, n - 1): the cubics' coefficients, constant term first, in the distance from each piece's start."""
    width, rise = np.diff(x), np.diff(y) / np.diff(x)
    # Second derivatives: 0 at both ends, continuous first derivative at the points between.
    system = np.eye(len(x))
    right = np.zeros(len(x))
    for i in range(1, len(x) - 1):
        system[i, i - 1 : i + 2] = width[i - 1], 2 * (width[i - 1] + width[i]), width[i]
        right[i] = 6 * (rise[i] - rise[i - 1])
    bend = np.linalg.solve(system, right)
    slope = rise - width * (2 * bend[:-1] + bend[1:]) / 6
    return np.stack([y[:-1], slope, bend[:-1] / 2, np.diff(bend) / (6 * width)])
