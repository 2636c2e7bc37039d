"""Whether a composition has no transparency."""

from retexture.document.document import Document
from retexture.document.layers import AnyLayer, GroupLayer, PixelLayer
from retexture.document.tree import Layers, placement
from retexture.engine.modes import BlendMode


def fills_canvas(document: Document, layers: Layers) -> bool:
    """Whether layers, bottom first, leave no transparency on the canvas, as far as the bottom one alone tells."""
    while layers and isinstance(layers[0], GroupLayer) and _covers(layers[0]):
        layers = layers[0].layers
    if not layers or not _covers(layers[0]) or not isinstance(layers[0], PixelLayer):
        return False
    place = placement(document, layers[0])
    left, top, right, bottom = place.bounds()
    covered = left <= 0 and top <= 0 and right >= document.width_px and bottom >= document.height_px
    source = document.source(layers[0].source)
    return source.alpha is None and covered and place.whole_pixels is not None


def _covers(layer: AnyLayer) -> bool:
    blend_if = layer.blend_if
    return (
        layer.visible
        and layer.opacity == layer.fill == 1
        and layer.mask is None
        and layer.blend_mode in (BlendMode.NORMAL, BlendMode.PASS_THROUGH)
        and blend_if.this.is_full
        and blend_if.underlying.is_full
    )
