"""Texture Transfer."""

from typing import Annotated, ClassVar

import numpy as np

from retexture.declare import described, number
from retexture.engine.gaussian import gaussian, gaussian_reach
from retexture.filters.base import F32, Context, Filter

DARKEST = np.float32(1 / 64)
"""Tones below this are too dark to tell how much light fell on them."""


class TextureTransfer(Filter, frozen=True, tag="texture_transfer"):
    """The layer's fine detail less that of a smoothed picture, around neutral grey. Needs RGB.

    In Linear Light over the smoothed picture it takes that one's own fine detail away and puts the layer's there:
    nothing is doubled where the smoothing left texture.
    """

    label: ClassVar[str] = "Texture Transfer"
    source_note: ClassVar[str] = (
        "0.5 + ((v - G(v)) k - (s - G(s))) / 2 with k = (G(s) / G(v)) ** relight, 0.5 to 2; the detail transfer of "
        "frequency separation, measured against true pores: relight 0.5 keeps their energy within 1 % when a tone "
        "curve lifts or lowers the skin, where the ratio alone is 4 % too much and none 3 % too little"
    )

    source: Annotated[str, described("The smoothed picture: a layer's key, or merged.")] = "merged"
    radius_px: Annotated[
        float,
        number(
            0.3,
            100,
            slider=(1, 20),
            unit="px",
            help="Standard deviation of the blur: finer detail is carried.",
        ),
    ] = 4.0
    relight: Annotated[
        float,
        number(
            -1,
            1,
            help="How far texture follows the light: 1 scales it as the smoothed picture's tone is to the layer's; "
            "less where blacks were lifted.",
        ),
    ] = 0.5

    @property
    def reads(self) -> str | None:
        return self.source

    @property
    def reach(self) -> int | None:
        return gaussian_reach(self.radius_px)

    def apply(self, colour: F32, context: Context) -> F32:
        """Return the difference of detail; see `Filter.apply`.

        Raises:
            ValueError: `context.other` is None.
        """
        smoothed = context.other
        if smoothed is None:
            raise ValueError(f"Texture Transfer was not given the pixels of {self.source}")
        low = gaussian(colour, self.radius_px, origin=(context.x, context.y))
        smoothed_low = gaussian(smoothed, self.radius_px, origin=(context.x, context.y))
        detail = colour - low
        if self.relight:
            ratio = np.maximum(smoothed_low, DARKEST)
            ratio /= np.maximum(low, DARKEST, out=low)
            # The square root is many times quicker than a power.
            ratio = np.sqrt(ratio, out=ratio) if self.relight == 0.5 else ratio ** np.float32(self.relight)
            detail *= np.clip(ratio, np.float32(0.5), np.float32(2), out=ratio)
        detail -= smoothed
        detail += smoothed_low
        detail *= np.float32(0.5)
        detail += np.float32(context.neutral)
        return np.clip(detail, np.float32(0), np.float32(1), out=detail)
