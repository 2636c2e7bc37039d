"""High Pass graft: the original's High Pass in Linear Light over the retouched picture."""

from retexture.document.document import Document
from retexture.document.layers import PixelLayer, SmartFilter, smart
from retexture.engine.modes import BlendMode
from retexture.filters.desaturate import Desaturate
from retexture.filters.high_pass import HighPass
from retexture.recipes.base import (
    ORIGINAL,
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
    """Return Retouched beneath the original's High Pass; opacity 50 %, where Linear Light adds the detail once."""
    desaturate = SmartFilter(Desaturate(), "desaturate", enabled=False)
    texture = PixelLayer(
        key="texture",
        name="High Pass",
        source=ORIGINAL,
        blend_mode=BlendMode.LINEAR_LIGHT,
        opacity=0.5,
        filters=(desaturate, *smart(HighPass(radius_px=2.5))),
        mask=mask_of(materials),
    )
    sources = (source_of(materials, ORIGINAL), source_of(materials, RETOUCHED))
    return document_of(materials, sources, (retouched_layer(), texture))


RECIPE = Recipe(
    name="high-pass",
    title="High Pass graft",
    summary="Lays the original's finest detail over the retouched picture.",
    build=build,
    presets={
        "article": {"texture.opacity": 1.0, "texture.high_pass.radius_px": 2.0},
        "article-grey": {
            "texture.opacity": 1.0,
            "texture.high_pass.radius_px": 2.0,
            "texture.desaturate.enabled": True,
        },
    },
    masked="texture",
)
