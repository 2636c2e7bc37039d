"""Texture Gain."""

from typing import Annotated, ClassVar

import numpy as np

from retexture.declare import number
from retexture.filters.base import F32, Context, Filter, clip_unit


class TextureGain(Filter, frozen=True, tag="texture_gain"):
    """Scales the deviation of a texture layer (a high pass, say) from neutral grey."""

    label: ClassVar[str] = "Texture Gain"
    source_note: ClassVar[str] = "neutral + (v - neutral) * amount, clipped"
    pointwise: ClassVar[bool] = True

    amount_percent: Annotated[
        float, number(0, 200, unit="%", help="0 leaves no texture, 100 changes nothing, 200 doubles it.")
    ] = 100.0

    def apply(self, colour: F32, context: Context) -> F32:
        neutral = np.float32(context.neutral)
        return clip_unit(neutral + (colour - neutral) * np.float32(self.amount_percent / 100))
