"""The guided recipes: for each method, the few steps that a retoucher takes, in the order in which they are taken.

A step only points at ordinary layers and parameters; everything that it does can be done without it as well.
"""

from typing import Literal

import msgspec
import numpy as np

from retexture.document.document import Document, find, walk
from retexture.document.edits import replace_layer
from retexture.document.layers import LayerMask, RasterMask
from retexture.document.settings import find_slot
from retexture.document.tree import filters_of
from retexture.session.masks import white

Kind = Literal["texture", "mask", "paint", "settings", "review"]


class Control(msgspec.Struct, frozen=True):
    """A parameter that a step offers."""

    path: str
    """As of `set_parameter`."""
    label: str


class Brush(msgspec.Struct, frozen=True, kw_only=True):
    """The soft brush that a step puts into the hand."""

    white: bool
    opacity: float
    """Of a stroke, 0-1."""
    size_part: float = 1 / 12
    """Diameter as a part of the picture's shorter side."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step. Its layer is selected while it is open."""

    kind: Kind
    """Texture: `filter` is shown alone, on grey. Mask: the layer's mask is painted. Paint: the layer is dodged."""
    title: str
    text: str
    layer: str = ""
    """Key; a review has none."""
    filter: str = ""
    """Key of the layer's smart filter that is shown alone."""
    controls: tuple[Control, ...] = ()
    brush: Brush | None = None
    rubylith: bool = False
    """The step opens with the mask shown in red over the picture."""
    loss: bool = False
    """The step offers to show in colours where texture was lost."""
    closely: bool = False
    """Pores are looked at: the step opens at 100 %."""


def _review(text: str, *, closely: bool = True) -> Step:
    return Step(kind="review", title="Before and after", text=text, closely=closely)


_PAINT_IN = Brush(white=True, opacity=0.2)
_PAINT_OUT = Brush(white=False, opacity=0.5)

_KEEP_OFF = (
    "Look at edges, hair, lips and eyes at 100 %. If the texture looks crisp rather than real, "
    "go back and lower it."
)

GUIDES: dict[str, tuple[Step, ...]] = {
    "auto": (
        Step(
            kind="mask",
            title="Check the skin",
            text="Texture comes back on skin that lost it, and nowhere else. Paint black where it should not. "
            "What was found is under Masks in the panel Restoration, each part with its own eye.",
            layer="texture",
            brush=_PAINT_OUT,
            loss=True,
        ),
        Step(
            kind="settings",
            title="Check removed blemishes",
            text="Blemishes that the AI took away are covered with clean skin of the same face. Moles and freckles "
            "that belong to it: bring them back one by one in the panel Restoration.",
            layer="donor",
            controls=(Control("donor.opacity", "Clean skin"),),
        ),
        Step(
            kind="texture",
            closely=True,
            title="Set the texture",
            text="What is added is shown on grey. 100 % is as strong as in the original. Lower it for softer skin. "
            "The radius was measured: raise it only if pores look thin.",
            layer="texture",
            filter="texture_gain",
            controls=(
                Control("texture.texture_gain.amount_percent", "Texture"),
                Control("texture.texture_transfer.radius_px", "Radius"),
            ),
        ),
        _review("Look at 100 %: pores as in the original, no blemish back, lashes and hair untouched."),
    ),
    "grain": (
        Step(
            kind="texture",
            closely=True,
            title="Match the grain",
            text="The grain is shown on grey. At 100 %, set its size and its strength to skin that was not smoothed.",
            layer="grain",
            filter="gaussian_blur",
            controls=(
                Control("grain.gaussian_blur.radius_px", "Grain size"),
                Control("grain.add_noise.amount_percent", "Amount"),
            ),
        ),
        Step(
            kind="mask",
            title="Paint the grain in",
            text="The mask starts black: no grain yet. Paint white over the waxy skin. Strokes at 20 % build up.",
            layer="grain",
            brush=_PAINT_IN,
        ),
        Step(
            kind="settings",
            title="Set the strength",
            text="Lower the opacity until you no longer notice the grain. To spare highlights, split the white "
            "triangle of Underlying Layer under Blend-If in Properties.",
            layer="grain",
            controls=(Control("grain.opacity", "Opacity"),),
        ),
        _review("Grain should hide the wax and nothing more. If you see noise, go back and lower it."),
    ),
    "high-pass": (
        Step(
            kind="texture",
            closely=True,
            title="Pick the radius",
            text="The lifted texture is shown on grey. Raise the radius until pores and fine hair are crisp. "
            "Stop before the shapes of the face appear.",
            layer="texture",
            filter="high_pass",
            controls=(Control("texture.high_pass.radius_px", "Radius"),),
        ),
        Step(
            kind="mask",
            title="Paint the texture in",
            text="The mask starts black: no texture yet. Paint white over the skin that was smoothed too far. "
            "Strokes at 20 % build up.",
            layer="texture",
            brush=_PAINT_IN,
        ),
        Step(
            kind="settings",
            title="Set the strength",
            text="At 50 % the detail is added once, at 100 % twice. Desaturate if colour noise comes along.",
            layer="texture",
            controls=(
                Control("texture.opacity", "Opacity"),
                Control("texture.desaturate.enabled", "Desaturate"),
            ),
        ),
        _review(_KEEP_OFF),
    ),
    "high-pass-blend-if": (
        Step(
            kind="texture",
            closely=True,
            title="Pick the radius",
            text="The lifted texture is shown on grey. Raise the radius until pores are crisp. About 3 px suits a "
            "face that fills a 24-megapixel picture.",
            layer="texture",
            filter="high_pass",
            controls=(Control("texture.high_pass.radius_px", "Radius"),),
        ),
        Step(
            kind="settings",
            title="Keep it off edges and extremes",
            text="Under Blend-If in Properties: This Layer fades hard edges, which lie far from mid grey. Underlying "
            "Layer fades shadows and highlights. Alt-drag a triangle to split it.",
            layer="texture",
            controls=(Control("texture.opacity", "Opacity"),),
        ),
        Step(
            kind="mask",
            title="Paint the texture in",
            text="The mask starts black: no texture yet. Paint white over the smoothed skin; Blend-If keeps watch at "
            "the edges.",
            layer="texture",
            brush=_PAINT_IN,
        ),
        _review(_KEEP_OFF),
    ),
    "texture-graft": (
        Step(
            kind="mask",
            title="Paint the texture in",
            text="The mask starts black: no texture yet. Paint white over the skin that lost its own, cheeks and "
            "forehead first. Leave lips, eyes and hair.",
            layer="texture",
            brush=_PAINT_IN,
        ),
        Step(
            kind="settings",
            title="Set the strength",
            text="100 % is as strong as in the patch. Turned away and blurred skin wants less. To spare highlights, "
            "split the white triangle of Underlying Layer under Blend-If in Properties.",
            layer="texture",
            controls=(Control("texture.opacity", "Opacity"),),
        ),
        _review(
            "Look for repeats and for pores of the wrong size. If you find any, open the pair with another patch."
        ),
    ),
    "hybrid-fs": (
        Step(
            kind="texture",
            closely=True,
            title="Pick the radius",
            text="The original's texture is shown on grey. Raise the radius until all pores are in it. Stop before "
            "shadows and blotches come along: those are the AI's part.",
            layer="high",
            filter="apply_image",
            controls=(Control("low.gaussian_blur.radius_px", "Radius"),),
        ),
        Step(
            kind="mask",
            title="Quick mask",
            text="The mask starts white: texture everywhere. Paint black over blemishes that come back, and over hair, "
            "lips and eyes if their edges double.",
            layer="high",
            brush=_PAINT_OUT,
        ),
        Step(
            kind="settings",
            title="Balance tone and texture",
            text="Lower the opacity if pores look harsh. Blur the AI's own texture if pores look doubled. Midtones "
            "only spares deep shadows and highlights.",
            layer="high",
            controls=(
                Control("high.opacity", "Opacity"),
                Control("retouched_group.gaussian_blur.enabled", "Blur retouched"),
                Control("high.mask.luminosity.enabled", "Midtones only"),
            ),
        ),
        _review(_KEEP_OFF),
    ),
    "texture-extractor": (
        Step(
            kind="texture",
            closely=True,
            title="Set the pore radius",
            text="The lifted texture is shown on grey. Raise the radius until every pore is in it. What is smoothed "
            "later is only what you do not see here.",
            layer="texture",
            filter="apply_image",
            controls=(Control("low.gaussian_blur.radius_px", "Pore radius"),),
        ),
        Step(
            kind="mask",
            title="Mask the skin",
            text="Paint white where the skin may be smoothed. Nothing changes yet: the rubylith shows in red what "
            "is left alone.",
            layer="smooth",
            brush=Brush(white=True, opacity=1.0),
            rubylith=True,
        ),
        Step(
            kind="settings",
            title="Smooth beneath the pores",
            text="Surface Blur evens blotches and keeps edges. Blur takes the rest. The pores lie above and stay.",
            layer="smooth",
            controls=(
                Control("smooth.surface_blur.radius_px", "Surface Blur"),
                Control("smooth.surface_blur.threshold_levels", "Threshold"),
                Control("smooth.smooth_blur.radius_px", "Blur"),
                Control("smooth.opacity", "Opacity"),
            ),
        ),
        _review(
            "The pores should be where they were, on calmer skin. If the face looks flat, lower the smoothing."
        ),
    ),
    "dodge-burn": (
        Step(
            kind="paint",
            title="Paint light and shade",
            text="Dodge and Burn (O) lightens, with Alt it darkens; Shift+O swaps the two. At 1 to 5 % flow many faint "
            "strokes build up. Ctrl+Alt+O shows light and shade alone, in black and white.",
            layer="dodge_burn",
            brush=Brush(white=True, opacity=1.0, size_part=1 / 40),
        ),
        Step(
            kind="settings",
            title="Set the strength",
            text="Lower the opacity until the light looks like it was there from the start.",
            layer="dodge_burn",
            controls=(Control("dodge_burn.opacity", "Opacity"),),
        ),
        _review(
            "Step back with Ctrl+0: at the size of the screen no stroke should be seen, only the shape.",
            closely=False,
        ),
    ),
}
"""Steps by the name of the recipe."""


def is_possible(document: Document, step: Step) -> bool:
    """Return whether the document still has what a step is about."""
    if not step.layer:
        return True
    layer = next((l for l in walk(document.layers) if l.key == step.layer), None)
    if layer is None or (step.filter and step.filter not in [item.key for item in filters_of(layer)]):
        return False
    try:
        for control in step.controls:
            find_slot(document, control.path)
    except ValueError:
        return False
    return True


def with_mask(document: Document, key: str) -> Document:
    """Return the document with a painted mask on a layer: the one that it has, or a white one, which hides nothing."""
    layer = find(document, key)
    mask = layer.mask or LayerMask()
    if mask.painted is not None:
        return document
    tiles = white(document.width_px, document.height_px, np.uint8 if document.depth == 8 else np.uint16)
    mask = msgspec.structs.replace(mask, painted=RasterMask(tiles=tiles))
    return replace_layer(document, key, msgspec.structs.replace(layer, mask=mask))


def brush_size_px(document: Document, brush: Brush) -> float:
    """Return the diameter of a step's brush in pixels of the picture."""
    return max(1.0, round(min(document.width_px, document.height_px) * brush.size_part))
