"""Small documents for the panels: a flat colour, a picture, layers."""

import numpy as np

from retexture.document.document import Document, Source
from retexture.document.layers import FillLayer, PixelLayer
from retexture.document.pixels import Pixels


def picture_document(
    width: int = 120, height: int = 80, *, seed: int = 5, icc: bytes | None = None
) -> Document:
    """A random 16-bit picture in one layer, `base`."""
    planes = np.random.default_rng(seed).integers(
        0, 65535, (3, height, width), dtype=np.uint16, endpoint=True
    )
    return Document(
        width_px=width,
        height_px=height,
        layers=(PixelLayer(key="base", name="Base", source="original"),),
        sources=(Source(key="original", name="Original", colour=Pixels(planes)),),
        icc=icc,
    )


def flat_document(*colours: tuple[float, float, float], width: int = 120, height: int = 80) -> Document:
    """Layers `fill_0`, `fill_1`, ... of one colour each."""
    layers = tuple(FillLayer(key=f"fill_{i}", name=f"Fill {i}", colour=c) for i, c in enumerate(colours))
    return Document(width_px=width, height_px=height, layers=layers)
