"""Black & White."""

from typing import Annotated, ClassVar

import numpy as np
from msgspec import Meta

from retexture.declare import number
from retexture.filters.base import F32, Context, Filter, clip_unit


def _weight(name: str) -> Meta:
    return number(-200, 300, unit="%", help=f"How light {name} become.")


class BlackWhite(Filter, frozen=True, tag="black_white"):
    """Like Photoshop's Image > Adjustments > Black & White, with its six default weights. Needs RGB.

    A colour is grey, a secondary and a primary on top of each other, min + (mid - min) + (max - mid); the second
    part counts with the weight of the secondary that lacks the smallest channel, the third with the weight of
    the largest channel.
    """

    label: ClassVar[str] = "Black & White"
    source_note: ClassVar[str] = (
        "the decomposition into grey, secondary and primary is common knowledge, not measured"
    )
    pointwise: ClassVar[bool] = True

    reds: Annotated[float, _weight("reds")] = 40.0
    yellows: Annotated[float, _weight("yellows")] = 60.0
    greens: Annotated[float, _weight("greens")] = 40.0
    cyans: Annotated[float, _weight("cyans")] = 60.0
    blues: Annotated[float, _weight("blues")] = 20.0
    magentas: Annotated[float, _weight("magentas")] = 80.0

    def apply(self, colour: F32, context: Context) -> F32:
        r, g, b = colour
        high, low = colour.max(0), colour.min(0)
        middle = np.maximum(np.minimum(r, g), np.minimum(np.maximum(r, g), b))
        # Where two channels tie, the part that would be ambiguous is 0.
        primary = np.select([high == r, high == g], [self.reds, self.greens], self.blues)
        secondary = np.select([low == b, low == r], [self.yellows, self.cyans], self.magentas)
        grey = low + ((middle - low) * secondary + (high - middle) * primary) / 100
        return np.repeat(clip_unit(grey.astype(np.float32))[None], 3, 0)
