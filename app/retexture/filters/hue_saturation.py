"""Hue/Saturation."""

from typing import Annotated, ClassVar

import numpy as np

from retexture.declare import number
from retexture.filters.base import F32, Context, Filter, clip_unit


class HueSaturation(Filter, frozen=True, tag="hue_saturation"):
    """Like Photoshop's Image > Adjustments > Hue/Saturation, for all colours at once. Needs RGB.

    In HSL: the hue is turned; saturation is multiplied by 1 + s below 0, and divided by 1 - s, up to 1, above;
    then lightness mixes with black below 0 and with white above.
    """

    label: ClassVar[str] = "Hue/Saturation"
    source_note: ClassVar[str] = (
        "HSL of CSS Color Module Level 4, section 7; the slider's curves are common knowledge, not measured"
    )
    pointwise: ClassVar[bool] = True

    hue: Annotated[float, number(-180, 180, unit="degrees", help="Turns all hues; 120 makes red green.")] = (
        0.0
    )
    saturation: Annotated[float, number(-100, 100, unit="%", help="-100 leaves grey.")] = 0.0
    lightness: Annotated[float, number(-100, 100, unit="%", help="-100 is black, 100 is white.")] = 0.0

    def apply(self, colour: F32, context: Context) -> F32:
        colour = clip_unit(colour)
        hue, saturation, lightness = _to_hsl(colour)
        s, mix = np.float32(self.saturation / 100), np.float32(self.lightness / 100)
        if s > 0:
            saturation = clip_unit(saturation / np.maximum(1 - s, np.float32(1e-6)))
        else:
            saturation = saturation * (1 + s)
        if self.hue or self.saturation:
            colour = _to_rgb(hue + np.float32(self.hue / 30), saturation, lightness)
        return colour + (1 - colour) * mix if mix > 0 else colour * (1 + mix)


def _to_hsl(rgb: F32) -> tuple[F32, F32, F32]:
    """Return hue in twelfths of the circle (0 for grey), saturation and lightness 0-1, each (H, W)."""
    r, g, b = rgb
    high, low = rgb.max(0), rgb.min(0)
    chroma, lightness = high - low, (high + low) * np.float32(0.5)
    by = np.where(chroma > 0, chroma, np.float32(1))
    sixths = np.where(high == r, (g - b) / by, np.where(high == g, (b - r) / by + 2, (r - g) / by + 4))
    half_range = np.minimum(lightness, 1 - lightness)
    saturation = chroma / np.where(half_range > 0, 2 * half_range, np.float32(1))
    return 2 * np.where(chroma > 0, sixths, np.float32(0)), np.minimum(saturation, 1), lightness


def _to_rgb(hue: F32, saturation: F32, lightness: F32) -> F32:
    """The reverse of `_to_hsl`; any hue."""
    amplitude = saturation * np.minimum(lightness, 1 - lightness)

    def channel(n: int) -> F32:
        k = (n + hue) % np.float32(12)
        wave: F32 = np.clip(np.minimum(k - 3, 9 - k), np.float32(-1), np.float32(1))
        return lightness - amplitude * wave

    return np.stack([channel(0), channel(8), channel(4)])
