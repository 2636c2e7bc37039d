"""Surface Blur."""

import math
from typing import Annotated, ClassVar

from retexture.declare import number
from retexture.engine import surface_blur
from retexture.filters.base import F32, Context, Filter


class SurfaceBlur(Filter, frozen=True, tag="surface_blur"):
    """Photoshop's Filter > Blur > Surface Blur: a mean of the pixels of like value; edges stay.

    The time grows with the square of the radius.
    """

    label: ClassVar[str] = "Surface Blur"
    source_note: ClassVar[str] = (
        "weights 1 - |v - centre| / (2.5 threshold), not under 0, over the (2 radius + 1)^2 window, each channel for "
        "itself: the formula in general circulation, not measured"
    )
    moves_alpha: ClassVar[bool] = True

    radius_px: Annotated[
        float,
        number(0, 100, slider=(0, 20), unit="px", help="Half the window's side, rounded; 0 changes nothing."),
    ] = 5.0
    threshold_levels: Annotated[
        float,
        number(
            2,
            255,
            slider=(2, 100),
            unit="levels",
            help="How unlike, of 255, pixels may be and still be mixed.",
        ),
    ] = 15.0

    @property
    def _radius(self) -> int:
        return math.floor(self.radius_px + 0.5)

    @property
    def reach(self) -> int | None:
        return self._radius

    def apply(self, colour: F32, context: Context) -> F32:
        return surface_blur(colour, self._radius, 2.5 * self.threshold_levels / 255)
