"""A small document like those of the automatic restoration, made in no time."""

import numpy as np

from retexture.document.analysis import AlignmentReport, Analysis, FaceBox, Spot
from retexture.document.document import Document, Source
from retexture.document.layers import GroupLayer, LayerMask, PaintLayer, PixelLayer, RasterMask, smart
from retexture.document.pixels import Pixels, Tiles
from retexture.engine.modes import BlendMode
from retexture.filters.texture_gain import TextureGain
from retexture.filters.texture_transfer import TextureTransfer
from retexture.recipes.auto import with_analysis
from retexture.session.session import Session
from retexture.texture.blemishes import score_threshold

WHITE = 65535


def spots(width: int, height: int) -> tuple[Spot, ...]:
    """Four spots, two of which the usual sensitivity keeps out."""
    usual, least = score_threshold(50), score_threshold(100)
    return (
        Spot(0.30 * width, 0.40 * height, 8.0, 1.5 * usual, "dark"),
        Spot(0.65 * width, 0.45 * height, 6.0, 1.2 * usual, "red"),
        Spot(0.45 * width, 0.70 * height, 5.0, 0.5 * (usual + least), "bright"),
        Spot(0.70 * width, 0.75 * height, 4.0, 1.01 * least, "line"),
    )


def restored_document(
    width: int = 240,
    height: int = 200,
    found: tuple[Spot, ...] | None = None,
    *,
    unaligned: tuple[int, int] | None = None,
) -> Document:
    """Return noise over its smoothed self, with an analysis; `unaligned`: size of the picture as it was opened."""
    rng = np.random.default_rng(3)
    original = rng.integers(20000, 44000, (3, height, width), dtype=np.uint16)
    retouched = np.full((3, height, width), 32000, np.uint16)
    sources = [
        Source(key="original", name="a.png", colour=Pixels(original)),
        Source(key="retouched", name="b.png", colour=Pixels(retouched)),
    ]
    alignment = AlignmentReport((1, 0, 0, 0, 1, 0), 0.0, 0.8, 0.1, resampled=False)
    if unaligned is not None:
        shape = (3, unaligned[1], unaligned[0])
        sources.append(Source(key="unaligned", name="b.png", colour=Pixels(np.full(shape, 30000, np.uint16))))
        alignment = AlignmentReport((unaligned[0] / width, 0, 0, 0, unaligned[1] / height, 0), 2.0, 0.8, 0.1)
    analysis = Analysis(
        inputs=(sources[0].colour.id, sources[1].colour.id),
        skin="face",
        faces=(FaceBox(0.2 * width, 0.2 * height, 0.6 * width, 0.7 * height, 0.71),),
        plasticness=0.7,
        radius_px=3.5,
        alignment=alignment,
        spots=spots(width, height) if found is None else found,
    )
    donor = PaintLayer(
        key="donor",
        name="Clean skin",
        tiles=Tiles(width, height, background=(30000, 30000, 30000, WHITE)),
        mask=LayerMask(components=(plane(width, height, 0, "blemishes"),)),
    )
    texture = GroupLayer(
        key="texture",
        name="Texture",
        blend_mode=BlendMode.LINEAR_LIGHT,
        layers=(PixelLayer(key="original", name="Original", source="original"), donor),
        filters=smart(TextureTransfer(source="retouched", radius_px=3.5), TextureGain()),
        mask=LayerMask(
            painted=plane(width, height, WHITE, "skin"),
            components=tuple(plane(width, height, WHITE, name) for name in ("loss", "alignment")),
        ),
    )
    document = Document(
        width_px=width,
        height_px=height,
        layers=(PixelLayer(key="retouched", name="Retouched", source="retouched"), texture),
        sources=tuple(sources),
        analysis=analysis,
        recipe="auto",
    )
    return with_analysis(document, analysis)


def plane(width: int, height: int, value: int, name: str) -> RasterMask:
    """Return a mask of one value."""
    return RasterMask(Tiles(width, height, background=(value,)), name=name)


def restored_session() -> Session:
    """Return it opened."""
    return Session(restored_document(), title="sample")
