"""High Pass."""

from typing import Annotated, ClassVar

import numpy as np

from retexture.declare import number
from retexture.engine.gaussian import gaussian, gaussian_reach
from retexture.filters.base import F32, Context, Filter


class HighPass(Filter, frozen=True, tag="high_pass"):
    """Photoshop's Filter > Other > High Pass: the picture minus its Gaussian blur, around neutral grey."""

    label: ClassVar[str] = "High Pass"
    source_note: ClassVar[str] = (
        "v - G(v, radius) + neutral, clipped; radius = standard deviation: common knowledge, not measured"
    )

    radius_px: Annotated[
        float,
        number(
            0.1,
            1000,
            slider=(0.5, 20),
            unit="px",
            help="Standard deviation of the blur: finer detail is kept.",
        ),
    ] = 10.0

    @property
    def reach(self) -> int | None:
        return gaussian_reach(self.radius_px)

    def apply(self, colour: F32, context: Context) -> F32:
        low = gaussian(colour, self.radius_px, origin=(context.x, context.y))
        # In place: on blocks of megabytes fresh arrays cost more than the arithmetic.
        np.subtract(colour, low, out=low)
        low += np.float32(context.neutral)
        return np.clip(low, np.float32(0), np.float32(1), out=low)
