"""Apply Image."""

from typing import Annotated, ClassVar, Literal

import numpy as np

from retexture.declare import described, number
from retexture.engine.blend import EIGHT_BIT, REAL, Domain, blend, luma
from retexture.engine.modes import BlendMode
from retexture.filters.base import F32, Context, Filter

Blending = Literal[
    "normal", "darken", "multiply", "color-burn", "linear-burn", "darker-color", "lighten", "screen", "color-dodge",
    "linear-dodge", "lighter-color", "overlay", "soft-light", "hard-light", "vivid-light", "linear-light", "pin-light",
    "hard-mix", "difference", "exclusion", "divide", "add", "subtract",
]  # fmt: skip
"""What the dialogue offers: a layer's blend modes without Dissolve and the four of hue; Add and Subtract."""

CHANNELS = {"red": 0, "green": 1, "blue": 2}


class ApplyImage(Filter, frozen=True, tag="apply_image"):
    """Photoshop's Image > Apply Image: blends a source into the layer. Needs RGB.

    The defaults are what Photoshop's dialog begins with. Frequency separation is Add, Invert, scale 2, offset 0 in
    16-bit documents, that is (target - source) / 2 + 0.5; in 8-bit ones Subtract, scale 2, offset 128, and whole
    numbers throughout. With the source beneath in Linear Light, each gives the target back.
    """

    label: ClassVar[str] = "Apply Image"
    source_note: ClassVar[str] = (
        "Add (target + source) / scale + offset, Subtract (target - source) / scale + offset: Adobe's Photoshop "
        "help, Blend images with Apply Image; rounding half up in 8 bits is not measured"
    )

    source: Annotated[str, described("A layer's key, or merged: the picture beneath the layer.")] = "merged"
    channel: Annotated[
        Literal["rgb", "red", "green", "blue", "gray"],
        described("Which channel of the source; gray is its luma."),
    ] = "rgb"
    blending: Annotated[Blending, described("How the source combines with the layer, the target.")] = (
        "multiply"
    )
    scale: Annotated[float, number(1, 2, help="Add and Subtract: divides the sum or the difference.")] = 1.0
    offset: Annotated[
        float,
        number(-255, 255, unit="levels", help="Add and Subtract: added afterwards, 128 being mid grey."),
    ] = 0.0
    invert: Annotated[bool, described("Use the negative of the source.")] = False
    opacity: Annotated[float, number(0, 1, help="Mixes the result with the layer as it was.")] = 1.0

    @property
    def reads(self) -> str | None:
        return self.source

    def apply(self, colour: F32, context: Context) -> F32:
        """Return the blended pixels; see `Filter.apply`.

        Raises:
            ValueError: `context.other` is None.
        """
        if context.other is None:
            raise ValueError(f"Apply Image was not given the pixels of {self.source}")
        domain = EIGHT_BIT if context.depth == 8 else REAL
        one = np.float32(domain.one)
        target = domain.round(colour * one) if domain.whole_numbers else colour
        mixed = self._blend(target, self._source(context.other, domain), domain)
        mixed = domain.round(np.clip(mixed, np.float32(0), one, out=mixed))
        if self.opacity < 1:
            mixed = domain.round(target + (mixed - target) * np.float32(self.opacity))
        return mixed / one if domain.whole_numbers else mixed

    def _source(self, other: F32, domain: Domain) -> F32:
        """Return the source's channels in `domain`, in an array of its own."""
        if self.channel in CHANNELS:
            other = np.repeat(other[CHANNELS[self.channel]][None], 3, 0)
        source = domain.round(other * np.float32(domain.one))
        if self.channel == "gray":
            source = np.repeat(domain.round(luma(source))[None], 3, 0)
        return np.subtract(np.float32(domain.one), source, out=source) if self.invert else source

    def _blend(self, target: F32, source: F32, domain: Domain) -> F32:
        """Return the blended pixels before they are clipped; `source` is used up: temporaries cost more than sums."""
        match self.blending:
            case "add":
                source += target
            case "subtract":
                np.subtract(target, source, out=source)
            case _:
                return blend(BlendMode(self.blending), target, source, domain)
        source /= np.float32(self.scale)
        source += np.float32(self.offset / 255 * domain.one)
        return source
