"""Texture Extractor: a flat picture's texture lifted off, so that what is below can be smoothed hard."""

from retexture.document.document import Document, Link
from retexture.document.layers import PixelLayer, SmartFilter, smart
from retexture.engine.modes import BlendMode
from retexture.filters.apply_image import ApplyImage
from retexture.filters.gaussian_blur import GaussianBlur
from retexture.filters.surface_blur import SurfaceBlur
from retexture.recipes.base import FLAT, Materials, Options, Recipe, document_of, mask_of, source_of

PORE_RADIUS_PX = 5.0


def build(materials: Materials, _options: Options) -> Document:
    """Return Low, a copy of it to smooth behind a black mask, and the lifted texture in Linear Light.

    The composite is the flat picture itself until the smoothing or a mask changes.
    """
    low = PixelLayer(
        key="low", name="Low", source=FLAT, filters=smart(GaussianBlur(radius_px=PORE_RADIUS_PX))
    )
    smooth = PixelLayer(
        key="smooth",
        name="Smooth",
        source=FLAT,
        filters=(
            *smart(GaussianBlur(radius_px=PORE_RADIUS_PX)),
            *smart(SurfaceBlur(radius_px=0)),
            SmartFilter(GaussianBlur(radius_px=0), "smooth_blur"),
        ),
        mask=mask_of(materials, default=0),
    )
    texture = PixelLayer(
        key="texture",
        name="Texture",
        source=FLAT,
        blend_mode=BlendMode.LINEAR_LIGHT,
        filters=smart(ApplyImage(source="low", blending="add", invert=True, scale=2, offset=0)),
    )
    return document_of(
        materials,
        (source_of(materials, FLAT),),
        (low, smooth, texture),
        links=(Link("low.gaussian_blur.radius_px", "smooth.gaussian_blur.radius_px"),),
    )


RECIPE = Recipe(
    name="texture-extractor",
    title="Texture Extractor",
    summary="Lifts the texture off one flat picture: smooth what is below as hard as you like, the pores stay.",
    build=build,
    presets={"article": {"low.gaussian_blur.radius_px": 5.0}},
    flat=True,
    masked="smooth",
)
