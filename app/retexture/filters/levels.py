"""Levels."""

from typing import Annotated, ClassVar, Literal

import numpy as np

from retexture.declare import described, number
from retexture.filters.base import F32, Context, Filter, clip_unit

LEAST_SPAN = 2.0
"""Photoshop keeps the white input handle this far, of 255, above the black one."""


class Levels(Filter, frozen=True, tag="levels"):
    """Photoshop's Image > Adjustments > Levels, for all channels or one. The numbers are 8-bit ones, 0-255."""

    label: ClassVar[str] = "Levels"
    source_note: ClassVar[str] = (
        "input range stretched to 0-1, power 1 / gamma, mapped to the output range: common knowledge"
    )
    pointwise: ClassVar[bool] = True

    channel: Annotated[Literal["rgb", "red", "green", "blue"], described("Which channels are changed.")] = (
        "rgb"
    )
    input_black: Annotated[
        float, number(0, 253, unit="levels", help="This and darker becomes output black.")
    ] = 0.0
    gamma: Annotated[float, number(0.1, 9.99, slider=(0.2, 5), help="Midtones: over 1 lightens them.")] = 1.0
    input_white: Annotated[
        float, number(2, 255, unit="levels", help="This and lighter becomes output white.")
    ] = 255.0
    output_black: Annotated[float, number(0, 255, unit="levels", help="What black becomes.")] = 0.0
    output_white: Annotated[float, number(0, 255, unit="levels", help="What white becomes.")] = 255.0

    def apply(self, colour: F32, context: Context) -> F32:
        out = colour.copy()
        changed = slice(None) if self.channel == "rgb" else ("red", "green", "blue").index(self.channel)
        out[changed] = self._map(colour[changed])
        return out

    def _map(self, v: F32) -> F32:
        black = np.float32(self.input_black / 255)
        span = np.float32(max(self.input_white - self.input_black, LEAST_SPAN) / 255)
        low, high = np.float32(self.output_black / 255), np.float32(self.output_white / 255)
        stretched = clip_unit((v - black) / span)
        return low + (high - low) * np.power(stretched, np.float32(1 / self.gamma))
