"""Invert."""

from typing import ClassVar

from retexture.filters.base import F32, Context, Filter


class Invert(Filter, frozen=True, tag="invert"):
    """Photoshop's Image > Adjustments > Invert: the negative."""

    label: ClassVar[str] = "Invert"
    source_note: ClassVar[str] = "1 - v"
    pointwise: ClassVar[bool] = True

    def apply(self, colour: F32, context: Context) -> F32:
        return 1 - colour
