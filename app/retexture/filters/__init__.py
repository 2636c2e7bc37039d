"""One file for each smart filter; `FILTERS` lists them all."""

from retexture.filters.base import Context, Filter
from retexture.filters.gaussian_blur import GaussianBlur

AnyFilter = GaussianBlur

FILTERS: tuple[type[Filter], ...] = (GaussianBlur,)

__all__ = ["FILTERS", "AnyFilter", "Context", "Filter"]
