"""Add Noise."""

from typing import Annotated, ClassVar, Literal

import numpy as np

from retexture.declare import described, number
from retexture.engine.noise import gaussian, uniform
from retexture.filters.base import F32, Context, Filter, clip_unit

CHANNEL_SEED = 0x9E3779B9
"""Apart from one channel's seed to the next: the golden ratio's fraction in 32 bits."""


class AddNoise(Filter, frozen=True, tag="add_noise"):
    """Photoshop's Filter > Noise > Add Noise. The same seed gives the same noise, pixel by pixel."""

    label: ClassVar[str] = "Add Noise"
    source_note: ClassVar[str] = (
        "uniform in (-a, a) or normal with standard deviation a, a = amount / 100: common knowledge, not measured; "
        "the noise itself is a hash of position and seed, not Photoshop's"
    )

    amount_percent: Annotated[
        float,
        number(
            0, 400, slider=(0, 20), unit="%", help="Uniform: largest change; Gaussian: standard deviation."
        ),
    ] = 3.0
    distribution: Annotated[
        Literal["uniform", "gaussian"],
        described("Uniform noise is even, Gaussian noise has stronger specks."),
    ] = "uniform"
    monochromatic: Annotated[bool, described("The same noise in all channels: no colour speckles.")] = True
    seed: Annotated[
        int, number(0, 999_999, slider=(0, 999), help="Which noise; the same seed repeats it.")
    ] = 1

    def apply(self, colour: F32, context: Context) -> F32:
        amount = np.float32(self.amount_percent / 100)
        planes = 1 if self.monochromatic else len(colour)
        noise = np.stack([self._noise(c, colour, context) for c in range(planes)])
        return clip_unit(colour + amount * noise)

    def _noise(self, channel: int, colour: F32, context: Context) -> F32:
        _, height, width = colour.shape
        seed = self.seed + channel * CHANNEL_SEED
        place = (context.x * context.step, context.y * context.step, width, height, seed, context.step)
        if self.distribution == "gaussian":
            return gaussian(*place)
        return 2 * uniform(*place) - 1
