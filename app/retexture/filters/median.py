"""Median."""

import math
from typing import Annotated, ClassVar

from retexture.declare import number
from retexture.engine import median
from retexture.filters.base import F32, Context, Filter


class Median(Filter, frozen=True, tag="median"):
    """Photoshop's Filter > Noise > Median: the middle value of a square window, each channel for itself."""

    label: ClassVar[str] = "Median"
    source_note: ClassVar[str] = "median of the (2 radius + 1)^2 window; that it is a square is not measured"
    moves_alpha: ClassVar[bool] = True

    radius_px: Annotated[
        float,
        number(0, 100, slider=(0, 20), unit="px", help="Half the window's side, rounded; 0 changes nothing."),
    ] = 1.0

    @property
    def _radius(self) -> int:
        return math.floor(self.radius_px + 0.5)

    @property
    def reach(self) -> int | None:
        return self._radius

    def apply(self, colour: F32, context: Context) -> F32:
        return median(colour, self._radius)
