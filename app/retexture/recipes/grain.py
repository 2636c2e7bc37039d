"""Synthetic grain: noise on 50 % grey over the retouched picture."""

from retexture.document.document import Document
from retexture.document.layers import FillLayer, smart
from retexture.engine.modes import BlendMode
from retexture.filters.add_noise import AddNoise
from retexture.filters.gaussian_blur import GaussianBlur
from retexture.recipes.base import (
    RETOUCHED,
    Materials,
    Options,
    Recipe,
    document_of,
    mask_of,
    retouched_layer,
    source_of,
)


def build(materials: Materials, _options: Options) -> Document:
    """Return Retouched beneath a 50 % grey fill with Add Noise and Gaussian Blur."""
    grain = FillLayer(
        key="grain",
        name="Grain",
        blend_mode=BlendMode.SOFT_LIGHT,
        filters=smart(AddNoise(amount_percent=3, monochromatic=True), GaussianBlur(radius_px=1)),
        mask=mask_of(materials),
    )
    return document_of(materials, (source_of(materials, RETOUCHED),), (retouched_layer(), grain))


RECIPE = Recipe(
    name="grain",
    title="Synthetic grain",
    summary="Breaks up waxy skin with fine monochromatic noise; it is nobody's pores, but needs no original.",
    build=build,
    presets={
        "article": {
            "grain.blend_mode": BlendMode.SOFT_LIGHT,
            "grain.add_noise.amount_percent": 3.0,
            "grain.gaussian_blur.radius_px": 1.0,
        },
        "article-overlay": {
            "grain.blend_mode": BlendMode.OVERLAY,
            "grain.add_noise.amount_percent": 3.0,
            "grain.gaussian_blur.radius_px": 0.5,
        },
    },
    masked="grain",
)
