"""The layers of a document: five kinds, with masks, Blend-If and smart filters. All are immutable values."""

from typing import Annotated, Literal

import msgspec

from retexture.declare import described, number
from retexture.document.pixels import Tiles
from retexture.document.transform import IDENTITY, LIMIT_PX, Transform
from retexture.engine.modes import BlendMode
from retexture.filters import AnyFilter


class Range(msgspec.Struct, frozen=True, array_like=True):
    """A Blend-If slider: the black pair and the white pair of handles, in 8-bit numbers 0-255.

    Weight 0 below `black_low`, a linear ramp to 1 at `black_high`, 1 up to `white_low`, a linear ramp to 0 at
    `white_high`. Equal handles of a pair are an unsplit triangle, whose value is inside.
    """

    black_low: Annotated[float, msgspec.Meta(ge=0, le=255)] = 0
    black_high: Annotated[float, msgspec.Meta(ge=0, le=255)] = 0
    white_low: Annotated[float, msgspec.Meta(ge=0, le=255)] = 255
    white_high: Annotated[float, msgspec.Meta(ge=0, le=255)] = 255

    @property
    def is_full(self) -> bool:
        """Whether the slider hides nothing."""
        return self == FULL

    def __str__(self) -> str:
        return f"{self.black_low:g}/{self.black_high:g}|{self.white_low:g}/{self.white_high:g}"

    @classmethod
    def parse(cls, text: str) -> "Range":
        """Read ``31/82|173/224``, or ``31|224`` for unsplit handles.

        Raises:
            ValueError: another form, numbers outside 0-255, or a pair out of order.
        """
        try:
            black, white = text.split("|")
            pairs = [[float(v) for v in pair.split("/")] for pair in (black, white)]
            (b0, b1), (w0, w1) = ((pair[0], pair[-1]) for pair in pairs if len(pair) in (1, 2))
        except ValueError:
            raise ValueError(f"a Blend-If range is written 31/82|173/224 or 31|224, not {text!r}") from None
        if not (0 <= b0 <= b1 <= 255 and 0 <= w0 <= w1 <= 255):
            raise ValueError(f"a Blend-If range runs from 0 to 255, each pair in order, not {text!r}")
        return cls(b0, b1, w0, w1)


FULL = Range()


class Sliders(msgspec.Struct, frozen=True):
    """The four sliders of one side of Blend-If. Their weights multiply."""

    gray: Annotated[Range, described("Range of grey: 0.30 R + 0.59 G + 0.11 B")] = FULL
    red: Annotated[Range, described("Range of red")] = FULL
    green: Annotated[Range, described("Range of green")] = FULL
    blue: Annotated[Range, described("Range of blue")] = FULL

    @property
    def is_full(self) -> bool:
        """Whether no slider hides anything."""
        return self.gray.is_full and self.red.is_full and self.green.is_full and self.blue.is_full


class BlendIf(msgspec.Struct, frozen=True):
    """Blend-If: where the layer shows, by its own values and by those of the picture beneath it."""

    this: Sliders = Sliders()
    """The layer's own pixels, after its smart filters."""
    underlying: Sliders = Sliders()


class LuminosityMask(msgspec.Struct, frozen=True, tag="luminosity"):
    """A mask computed live from the luma L of the composite beneath: Lights, Darks, Midtones or any range."""

    kind: Annotated[
        Literal["lights", "darks", "midtones", "range"],
        described("Lights L^n, Darks (1-L)^n, Midtones (4L(1-L))^n, or a range with split ends"),
    ] = "lights"
    power: Annotated[int, number(1, 3, help="n: each step narrows the mask")] = 1
    range: Annotated[Range, described("Ends of a range mask, in 8-bit numbers")] = FULL
    enabled: Annotated[bool, described("Off: the component is ignored")] = True
    inverted: Annotated[bool, described("Swap shown and hidden")] = False
    density: Annotated[float, number(0, 1, help="0 lets everything through, 1 masks fully")] = 1.0


class RasterMask(msgspec.Struct, frozen=True, tag="raster"):
    """A mask of pixels, painted or generated: one plane of tiles, 0 hides, full scale shows."""

    tiles: Tiles
    name: str = ""
    """What generated it (skin, blemishes ...); empty for a painted one."""
    enabled: Annotated[bool, described("Off: the mask is ignored")] = True
    inverted: Annotated[bool, described("Swap shown and hidden")] = False
    density: Annotated[float, number(0, 1, help="0 lets everything through, 1 masks fully")] = 1.0
    feather_px: Annotated[
        float, number(0, 1000, slider=(0, 100), unit="px", help="Gaussian softening of the mask")
    ] = 0.0


class LayerMask(msgspec.Struct, frozen=True):
    """A layer's mask: the painted plane, and components that multiply into it, each with its own switches."""

    painted: RasterMask | None = None
    components: tuple[RasterMask | LuminosityMask, ...] = ()
    enabled: Annotated[bool, described("Off: the whole layer mask is ignored")] = True
    linked: Annotated[bool, described("The mask moves and is transformed with its layer")] = True


class SmartFilter(msgspec.Struct, frozen=True):
    """A filter on a layer, re-applied whenever what is beneath it changes."""

    filter: AnyFilter
    key: str
    enabled: Annotated[bool, described("Off: the filter is skipped")] = True
    mask: RasterMask | None = None
    """Where the filter works: white shows its result, black what was before it. None is everywhere."""


def smart(*filters: AnyFilter, enabled: bool = True) -> tuple[SmartFilter, ...]:
    """Wrap filters, the first applied first, each under its type's name as key; a second of a type ends in ``_2``."""
    wrapped: list[SmartFilter] = []
    tags = [str(f.__struct_config__.tag) for f in filters]
    for i, tag in enumerate(tags):
        n = tags[:i].count(tag) + 1
        wrapped.append(SmartFilter(filters[i], tag if n == 1 else f"{tag}_{n}", enabled))
    return tuple(wrapped)


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """What all kinds of layers share."""

    key: str
    """Snake-case, unique in the document: names the layer in `--set`, links and references."""
    name: Annotated[str, described("The name in the Layers panel")]
    visible: Annotated[bool, described("The eye")] = True
    locked: Annotated[bool, described("Locked against edits")] = False
    opacity: Annotated[float, number(0, 1, help="Mixes the layer's result with the picture beneath")] = 1.0
    fill: Annotated[
        float, number(0, 1, help="Like opacity, but in eight modes it scales the effect before it is clipped")
    ] = 1.0
    blend_mode: Annotated[BlendMode, described("How the layer combines with the picture beneath")] = (
        BlendMode.NORMAL
    )
    clipped: Annotated[bool, described("Clipped to the layer beneath")] = False
    clips_as_group: Annotated[bool, described("Blend the layers clipped to this one as a group with it")] = (
        True
    )
    blend_if: BlendIf = BlendIf()
    knockout: bool = False
    """The layer replaces what is beneath it inside its group: it blends with the picture beneath the group."""
    mask: LayerMask | None = None


class PixelLayer(Layer, frozen=True, tag="pixel"):
    """Pixels of a source, placed in the document."""

    source: str
    """Key of the source."""
    x_px: Annotated[int, number(-LIMIT_PX, LIMIT_PX, slider=(-1000, 1000), unit="px", help="Left edge")] = 0
    y_px: Annotated[int, number(-LIMIT_PX, LIMIT_PX, slider=(-1000, 1000), unit="px", help="Top edge")] = 0
    transform: Transform = IDENTITY
    filters: tuple[SmartFilter, ...] = ()


class PaintLayer(Layer, frozen=True, tag="paint"):
    """The layer's own pixels: red, green, blue and alpha tiles, straight."""

    tiles: Tiles
    filters: tuple[SmartFilter, ...] = ()


class FillLayer(Layer, frozen=True, tag="fill"):
    """One colour, covering the document."""

    colour: tuple[float, float, float] | None = None
    """Encoded RGB 0-1; None is the document's neutral grey (128/255 in 8 bits, else 0.5)."""
    filters: tuple[SmartFilter, ...] = ()


class AdjustmentLayer(Layer, frozen=True, tag="adjustment"):
    """A pointwise filter on the composite beneath."""

    adjustment: AnyFilter


class GroupLayer(Layer, frozen=True, tag="group"):
    """Layers, bottom first. In Pass Through they blend onto the picture beneath, else among themselves first."""

    layers: tuple["AnyLayer", ...] = ()
    filters: tuple[SmartFilter, ...] = ()
    blend_mode: Annotated[BlendMode, described("How the group combines with the picture beneath")] = (
        BlendMode.PASS_THROUGH
    )


AnyLayer = PixelLayer | PaintLayer | FillLayer | AdjustmentLayer | GroupLayer
