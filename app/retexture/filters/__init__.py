"""One file for each smart filter; `FILTERS` lists them all."""

from retexture.filters.add_noise import AddNoise
from retexture.filters.apply_image import ApplyImage
from retexture.filters.base import Context, Filter
from retexture.filters.black_white import BlackWhite
from retexture.filters.curves import Curves
from retexture.filters.desaturate import Desaturate
from retexture.filters.edge_safe_high_pass import EdgeSafeHighPass
from retexture.filters.gaussian_blur import GaussianBlur
from retexture.filters.high_pass import HighPass
from retexture.filters.hue_saturation import HueSaturation
from retexture.filters.invert import Invert
from retexture.filters.levels import Levels
from retexture.filters.median import Median
from retexture.filters.surface_blur import SurfaceBlur
from retexture.filters.texture_gain import TextureGain
from retexture.filters.texture_transfer import TextureTransfer

AnyFilter = (
    GaussianBlur
    | HighPass
    | EdgeSafeHighPass
    | SurfaceBlur
    | Median
    | AddNoise
    | ApplyImage
    | TextureTransfer
    | TextureGain
    | Desaturate
    | Levels
    | Curves
    | HueSaturation
    | BlackWhite
    | Invert
)

FILTERS: tuple[type[Filter], ...] = (
    GaussianBlur,
    HighPass,
    EdgeSafeHighPass,
    SurfaceBlur,
    Median,
    AddNoise,
    ApplyImage,
    TextureTransfer,
    TextureGain,
    Desaturate,
    Levels,
    Curves,
    HueSaturation,
    BlackWhite,
    Invert,
)

__all__ = ["FILTERS", "AnyFilter", "Context", "Filter"]
