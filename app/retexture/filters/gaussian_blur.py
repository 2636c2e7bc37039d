"""Gaussian Blur."""

from typing import Annotated, ClassVar

from retexture.declare import number
from retexture.engine.gaussian import gaussian, gaussian_reach
from retexture.filters.base import F32, Context, Filter


class GaussianBlur(Filter, frozen=True, tag="gaussian_blur"):
    """Photoshop's Filter > Blur > Gaussian Blur; its radius is taken as the Gaussian's standard deviation."""

    label: ClassVar[str] = "Gaussian Blur"
    source_note: ClassVar[str] = "radius = standard deviation: common knowledge, not measured"
    moves_alpha: ClassVar[bool] = True
    premultiplied: ClassVar[bool] = True

    radius_px: Annotated[
        float,
        number(0, 1000, slider=(0, 20), unit="px", help="Standard deviation of the blur; 0 changes nothing."),
    ] = 6.0

    @property
    def reach(self) -> int | None:
        return gaussian_reach(self.radius_px)

    def apply(self, colour: F32, context: Context) -> F32:
        return gaussian(colour, self.radius_px, origin=(context.x, context.y))
