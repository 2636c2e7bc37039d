"""High Pass with Blend-If: the desaturated original's High Pass, kept off hard edges, shadows and highlights."""

from retexture.document.document import Document
from retexture.document.layers import FULL, BlendIf, PixelLayer, Range, Sliders, smart
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
    """Return Retouched beneath the High Pass layer.

    This Layer gates contrast, since High Pass is a spike at mid grey: 96/116 | 140/160 halves the halo at edges
    and leaves the pores. Only Underlying protects shadows and highlights.
    """
    texture = PixelLayer(
        key="texture",
        name="High Pass",
        source=ORIGINAL,
        blend_mode=BlendMode.LINEAR_LIGHT,
        opacity=0.5,
        filters=smart(Desaturate(), HighPass(radius_px=3)),
        blend_if=BlendIf(
            this=Sliders(gray=Range(96, 116, 140, 160)), underlying=Sliders(gray=Range(20, 60, 210, 245))
        ),
        mask=mask_of(materials),
    )
    sources = (source_of(materials, ORIGINAL), source_of(materials, RETOUCHED))
    return document_of(materials, sources, (retouched_layer(), texture))


RECIPE = Recipe(
    name="high-pass-blend-if",
    title="High Pass with Blend-If",
    summary="High Pass that Blend-If keeps off hard edges, deep shadows and highlights.",
    build=build,
    presets={
        "article": {
            "texture.opacity": 1.0,
            "texture.high_pass.radius_px": 3.0,
            "texture.blend_if.this.gray": Range(31, 82, 173, 224),
            "texture.blend_if.underlying.gray": FULL,
        }
    },
    masked="texture",
)
