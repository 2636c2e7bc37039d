"""What every smart filter is: a frozen struct of declared parameters that turns arrays into arrays."""

import functools
from typing import ClassVar, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.declare import parameters

F32 = NDArray[np.float32]


def clip_unit(v: F32) -> F32:
    """Clip to 0-1."""
    return np.clip(v, np.float32(0), np.float32(1))


class Context(msgspec.Struct, frozen=True):
    """What a filter is told besides its pixels."""

    depth: int = 16
    """Bits of the document: 8, 16 or 32."""
    x: int = 0
    y: int = 0
    """Position of the first pixel in the picture at this level; may be negative in a halo."""
    step: int = 1
    """Full-size pixels from one sample to the next: 2 at preview level 1."""
    other: F32 | None = None
    """The pixels of the input that `Filter.reads` names, same region, (3, H, W) float32 0-1."""

    @property
    def neutral(self) -> float:
        """Neutral grey: 128/255 in 8-bit documents, 0.5 otherwise."""
        return 128 / 255 if self.depth == 8 else 0.5


class Filter(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """A smart filter. Subclasses declare parameters, `label`, and what `apply` does.

    The renderer hands `apply` a region with a halo of `reach` pixels on every side, the picture's edge pixels
    repeated beyond its borders, and cuts the halo off again; so a filter needs no border treatment of its own.
    """

    label: ClassVar[str]
    source_note: ClassVar[str]
    """Where the formula comes from."""
    pointwise: ClassVar[bool] = False
    """Each pixel depends on the same pixel alone: the filter can also be an adjustment layer."""
    moves_alpha: ClassVar[bool] = False
    """The filter also applies to the layer's transparency (blurs)."""
    premultiplied: ClassVar[bool] = False
    """The filter is linear and moves alpha: on a layer with transparency it works on premultiplied colour."""

    @property
    def reach(self) -> int | None:
        """How far, in pixels, a result looks around itself. None: the whole picture is needed."""
        return 0

    @property
    def reads(self) -> str | None:
        """The other input: a layer's key, or ``merged`` for the picture beneath the layer; None for no other."""
        return None

    def apply(self, colour: F32, context: Context) -> F32:
        """Return the filtered pixels, a new array.

        Args:
            colour: (C, H, W) float32, C 1 to 4 planes treated alike unless the filter says otherwise; 0-1, encoded
                in the document's profile; not to be written to.
            context: depth, position and the other input.
        """
        raise AssertionError(f"{type(self).__name__} does not define apply")

    def at_level(self, level: int) -> Self:
        """Return the filter for the picture at 1/2^level: every length in px is scaled, other fields are kept."""
        if level == 0:
            return self
        lengths = length_fields(type(self))
        return msgspec.structs.replace(self, **{name: getattr(self, name) / 2**level for name in lengths})


@functools.cache
def length_fields(kind: type[Filter]) -> tuple[str, ...]:
    """Return the names of a filter's parameters that are lengths in pixels."""
    return tuple(p.name for p in parameters(kind) if p.unit == "px")
