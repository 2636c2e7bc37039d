"""What a compositing engine is given: plain arrays and numbers, one `LayerOp` for each layer, bottom first."""

from typing import Any, Literal, NamedTuple

from numpy.typing import NDArray

from retexture.engine.modes import BlendMode

Plane = NDArray[Any]
"""(H, W) uint8 (white 255), uint16 (65535) or float32 (1.0). Rows may be strided, columns contiguous or all equal
(stride 0: a constant plane)."""

Trapezoid = tuple[float, float, float, float]
"""A Blend-If slider, black pair then white pair, in 8-bit numbers 0-255."""

FULL_RANGE: Trapezoid = (0.0, 0.0, 255.0, 255.0)


class LuminosityOp(NamedTuple):
    """A luminosity mask, evaluated on the luma L (0.30/0.59/0.11) of the composite beneath the layer."""

    kind: Literal["lights", "darks", "midtones", "range"]
    power: int
    """n of L^n, (1-L)^n or (4L(1-L))^n; 1 for a range."""
    trapezoid: Trapezoid
    inverted: bool
    density: float


class LayerOp(NamedTuple):
    """One layer over the picture beneath it."""

    planes: tuple[Plane, Plane, Plane]
    """Red, green, blue; straight (not premultiplied). A grey layer names the same array three times."""
    alpha: Plane | None = None
    masks: tuple[Plane, ...] = ()
    """Each multiplies the layer's coverage."""
    mode: BlendMode = BlendMode.NORMAL
    opacity: float = 1.0
    fill: float = 1.0
    this_layer: tuple[Trapezoid, Trapezoid, Trapezoid, Trapezoid] | None = None
    """Blend-If of this layer: Gray, R, G, B. None where every slider spans the full range."""
    underlying: tuple[Trapezoid, Trapezoid, Trapezoid, Trapezoid] | None = None
    luminosity: tuple[LuminosityOp, ...] = ()
    atop: bool = False
    """Keep the coverage of the picture beneath: clipped layers and adjustment layers."""
