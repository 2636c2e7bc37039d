"""Desaturate."""

from typing import ClassVar

import numpy as np

from retexture.filters.base import F32, Context, Filter


class Desaturate(Filter, frozen=True, tag="desaturate"):
    """Photoshop's Image > Adjustments > Desaturate: the lightness of HSL in all three channels. Needs RGB."""

    label: ClassVar[str] = "Desaturate"
    source_note: ClassVar[str] = (
        "(max + min) / 2, the lightness of HSL, not luma: common knowledge, not measured"
    )
    pointwise: ClassVar[bool] = True

    def apply(self, colour: F32, context: Context) -> F32:
        grey = (colour.max(0) + colour.min(0)) * np.float32(0.5)
        return np.repeat(grey[None], len(colour), 0)
