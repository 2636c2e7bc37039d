"""Edge-safe High Pass: a high pass that makes no halos."""

import math
from typing import Annotated, ClassVar

import numpy as np

from retexture.declare import number
from retexture.engine.guided import guided
from retexture.filters.base import F32, Context, Filter, clip_unit


class EdgeSafeHighPass(Filter, frozen=True, tag="edge_safe_high_pass"):
    """The picture minus a guided filter of it, around neutral grey: texture without the halos at edges."""

    label: ClassVar[str] = "Edge-safe High Pass"
    source_note: ClassVar[str] = "He, Sun and Tang, Guided Image Filtering (2013), each channel its own guide"

    radius_px: Annotated[
        float,
        number(1, 100, slider=(2, 60), unit="px", help="Half the window's side: larger shapes are left out."),
    ] = 12.0
    edge_threshold: Annotated[
        float,
        number(
            0.5,
            128,
            slider=(2, 40),
            unit="levels",
            help="Local contrast (standard deviation, of 255) of which half is kept; stronger edges are left out.",
        ),
    ] = 12.0

    @property
    def _radius(self) -> int:
        return max(1, math.floor(self.radius_px + 0.5))

    @property
    def reach(self) -> int | None:
        return 2 * self._radius

    def apply(self, colour: F32, context: Context) -> F32:
        low = guided(colour, self._radius, (self.edge_threshold / 255) ** 2)
        return clip_unit(colour - low + np.float32(context.neutral))
