"""The brush: its declared parameters, and what a dab is at a given pen pressure."""

import functools
from itertools import pairwise
from typing import Annotated, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.declare import curve, described, number
from retexture.filters.base import Context
from retexture.filters.curves import Curves, Level

Points = tuple[tuple[Level, Level], ...]

IDENTITY: Points = ((0, 0), (255, 255))

SIZE_STEPS = ((10, 1), (100, 10), (200, 25), (300, 50), (5000, 100))
"""Up to which size in px the [ and ] keys go in which steps, as Photoshop's."""


class Dab(NamedTuple):
    """A dab's radius in px; flow, 0-1: how much one dab adds; ceiling, 0-1: how much many can reach."""

    radius_px: float
    flow: float
    ceiling: float


class Brush(msgspec.Struct, frozen=True):
    """A round brush. Opacity is what a whole stroke reaches at most, flow what each of its dabs adds."""

    size_px: Annotated[
        float, number(0.5, 5000, slider=(1, 1000), unit="px", help="Diameter of the brush. Keys [ and ]")
    ] = 200.0
    hardness: Annotated[
        float,
        number(0, 1, help="How far the full strength reaches towards the rim. Keys Shift+[ and Shift+]"),
    ] = 0.0
    opacity: Annotated[
        float, number(0, 1, help="What one stroke reaches at most, however often it crosses itself")
    ] = 1.0
    flow: Annotated[float, number(0, 1, help="What each dab adds: a low flow builds up slowly")] = 1.0
    spacing: Annotated[
        float, number(0.01, 2, slider=(0, 1), help="Distance between dabs, as a part of the diameter")
    ] = 0.1
    smoothing: Annotated[
        float, number(0, 1, help="Steadies the hand: the stroke follows the pointer more loosely")
    ] = 0.1
    size_pressure: Annotated[bool, described("Pen pressure changes the size")] = False
    opacity_pressure: Annotated[bool, described("Pen pressure changes the opacity")] = True
    flow_pressure: Annotated[bool, described("Pen pressure changes the flow")] = False
    pressure_curve: Annotated[
        Points, curve("Pressure of the pen (input) and its effect (output), 0 to 255")
    ] = IDENTITY

    def __post_init__(self) -> None:
        if any(b[0] <= a[0] for a, b in pairwise(self.pressure_curve)):
            raise ValueError("the points of the pressure curve must have ascending inputs")

    def dab(self, pressure: float) -> Dab:
        """Return the dab at a pen pressure of 0-1; 1 is a mouse's."""
        effect = pressure_effect(self.pressure_curve, min(max(pressure, 0.0), 1.0))
        return Dab(
            self.size_px / 2 * (effect if self.size_pressure else 1),
            self.flow * (effect if self.flow_pressure else 1),
            self.opacity * (effect if self.opacity_pressure else 1),
        )

    def stepped(self, direction: int, coarse: bool = False) -> "Brush":
        """Return the brush after a press of ] (direction 1) or [ (-1): the next round size, up to 5000 px.

        With `coarse` (Shift) the hardness goes up or down by a quarter instead.
        """
        if coarse:
            return msgspec.structs.replace(self, hardness=min(max(self.hardness + direction / 4, 0.0), 1.0))
        size = self.size_px
        if direction > 0:
            step = next((step for end, step in SIZE_STEPS if size < end), 100)
            size = min((size // step + 1) * step, 5000)
        else:
            step = next((step for end, step in SIZE_STEPS if size <= end), 100)
            size = max((-(-size // step) - 1) * step, 1 if size > 1 else 0.5)
        return msgspec.structs.replace(self, size_px=float(size))


def pressure_effect(points: Points, pressure: float) -> float:
    """Return what a pressure curve makes of a pressure, both 0-1: the natural spline of the filter Curves."""
    if points == IDENTITY:
        return pressure
    table = _table(points)
    return float(np.interp(pressure, np.linspace(0, 1, len(table)), table))


@functools.lru_cache(maxsize=16)
def _table(points: Points) -> NDArray[np.float32]:
    inputs = np.linspace(0, 1, 1025, dtype=np.float32)
    outputs: NDArray[np.float32] = Curves(points=points).apply(inputs[None, None], Context())[0, 0]
    return outputs
