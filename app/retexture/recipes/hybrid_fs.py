"""Hybrid frequency separation: the original's High layer over the AI result in Low's place."""

from retexture.document.document import Document, Link
from retexture.document.layers import LayerMask, LuminosityMask, PixelLayer, SmartFilter, smart
from retexture.engine.modes import BlendMode
from retexture.filters.apply_image import ApplyImage
from retexture.filters.gaussian_blur import GaussianBlur
from retexture.recipes.base import (
    ORIGINAL,
    RETOUCHED,
    Materials,
    Options,
    Recipe,
    document_of,
    group_of,
    mask_of,
    retouched_layer,
    source_of,
)

RADIUS_PX = 6.0


def build(materials: Materials, _options: Options) -> Document:
    """Return what the article's last step leaves: the retouched group, and High above it.

    Low was deleted and the group dragged into its place; High still reads Low, which is kept hidden, so that its
    radius can be changed. A 16-bit document takes the 16-bit form of Apply Image: Add, Invert, scale 2, offset 0.
    The group's Gaussian, off at first, follows Low's radius: it takes the AI's leftover texture away before the
    original's is added.
    """
    low = PixelLayer(key="low", name="Low", source=ORIGINAL, filters=smart(GaussianBlur(radius_px=RADIUS_PX)))
    mask = mask_of(materials) or LayerMask()
    tone = LuminosityMask(kind="midtones", enabled=False)
    high = PixelLayer(
        key="high",
        name="High",
        source=ORIGINAL,
        blend_mode=BlendMode.LINEAR_LIGHT,
        filters=smart(ApplyImage(source="low", blending="add", invert=True, scale=2, offset=0)),
        mask=LayerMask(painted=mask.painted, components=(tone,)),
    )
    smoothing = SmartFilter(GaussianBlur(radius_px=RADIUS_PX), "gaussian_blur", enabled=False)
    group = group_of("retouched_group", "Retouched", retouched_layer(), filters=(smoothing,))
    return document_of(
        materials,
        (source_of(materials, ORIGINAL), source_of(materials, RETOUCHED)),
        (group, high),
        hidden=(low,),
        links=(Link("low.gaussian_blur.radius_px", "retouched_group.gaussian_blur.radius_px"),),
    )


RECIPE = Recipe(
    name="hybrid-fs",
    title="Hybrid frequency separation",
    summary="The AI's tone in the low frequencies, the original's texture in the high ones.",
    build=build,
    presets={
        "article": {"low.gaussian_blur.radius_px": 6.0, "high.mask.luminosity.enabled": True},
        "clean-low": {"retouched_group.gaussian_blur.enabled": True},
    },
    masked="high",
)
