"""What a recipe is: a published method that makes an ordinary, fully editable document."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.document.document import Document, Source
from retexture.document.layers import AnyLayer, GroupLayer, LayerMask, PixelLayer, RasterMask
from retexture.document.pixels import Pixels, Tiles
from retexture.texture.alignment import Alignment

ORIGINAL = "original"
RETOUCHED = "retouched"
FLAT = "flat"


class Options(msgspec.Struct, frozen=True):
    """What a recipe must know before it builds, as declared parameters; most have none."""


def _silent(_step: str, _done: float) -> None:
    pass


class Materials(msgspec.Struct, frozen=True, kw_only=True):
    """What a recipe works on: pictures of one size, depth 16 and profile."""

    original: Pixels
    """(3, H, W) uint16; for a recipe on one flat picture, that picture."""
    retouched: Pixels | None = None
    """Same shape; None for a recipe on one flat picture."""
    names: tuple[str, str] = ("original", "retouched")
    """File names, for the sources."""
    mask: NDArray[np.uint16] | None = None
    """(H, W): where the texture goes, white 65535. None is everywhere."""
    icc: bytes | None = None
    metadata: dict[str, bytes] = {}
    alignment: Alignment | None = None
    """From the original's grid to the retouched picture's own; None: taken as aligned."""
    found: Alignment | None = None
    """From the original's own grid to the retouched picture's, whichever of the two gives the grid here."""
    unaligned: Pixels | None = None
    """The retouched picture on its own grid, where `retouched` was resampled from it."""
    unaligned_original: Pixels | None = None
    """The same of the original."""
    looked: Any = None
    """What the recipe's `look` made of the original; None: it was not asked."""
    pores: Pixels | None = None
    """(1, h, w) uint16: a plate's texture around mid grey, at the scale of the face; see `texture.plate.scaled`."""
    tell: Callable[[str, float], None] = _silent
    """Called with what is being done and how much of it is, 0-1, from the thread that builds; may raise to give up."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.original.array.shape[2], self.original.array.shape[1]


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """A method: how its document is built, and the settings that its presets make on it."""

    name: str
    """On the command line: ``high-pass``."""
    title: str
    summary: str
    """One sentence for a retoucher."""
    build: Callable[[Materials, Any], Document]
    look: Callable[[NDArray[np.uint16]], Any] | None = None
    """Measures the original (3, H, W) alone: that is done while the pictures are aligned."""
    presets: Mapping[str, Mapping[str, Any]] = {}
    """Paths of `set_parameter`, or names of options, and their values, by preset name."""
    options: type[Options] = Options
    flat: bool = False
    """Works on one picture, without a retouched one."""
    masked: str
    """Key of the layer that a given mask goes to."""


def source_of(materials: Materials, key: str) -> Source:
    """Return the original (or flat) or the retouched picture as a source of that key."""
    if key == RETOUCHED:
        if materials.retouched is None:
            raise ValueError("the recipe needs a retouched picture")
        return Source(key=key, name=materials.names[1], colour=materials.retouched)
    return Source(key=key, name=materials.names[0], colour=materials.original)


def document_of(
    materials: Materials, sources: tuple[Source, ...], layers: tuple[AnyLayer, ...], **more: Any
) -> Document:
    """Return a 16-bit document of the materials' size, profile and metadata."""
    width, height = materials.size
    return Document(
        width_px=width,
        height_px=height,
        depth=16,
        sources=sources,
        layers=layers,
        icc=materials.icc,
        metadata=materials.metadata,
        **more,
    )


def retouched_layer(**more: Any) -> PixelLayer:
    """Return the bottom layer of most recipes: the AI result."""
    return PixelLayer(key=RETOUCHED, name="Retouched", source=RETOUCHED, **more)


def mask_of(materials: Materials, default: float | None = None) -> LayerMask | None:
    """Return the given mask as a painted one; without one, a mask of one value `default` (0 black), or none."""
    width, height = materials.size
    if materials.mask is not None:
        return LayerMask(painted=RasterMask(tiles=Tiles.from_array(materials.mask[None])))
    if default is None:
        return None
    return LayerMask(painted=RasterMask(tiles=Tiles(width, height, background=(round(default * 65535),))))


def group_of(key: str, name: str, *layers: AnyLayer, **more: Any) -> GroupLayer:
    """Return a group, pass-through as Photoshop makes them unless told otherwise."""
    return GroupLayer(key=key, name=name, layers=layers, **more)
