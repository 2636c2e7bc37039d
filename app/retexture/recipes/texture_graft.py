"""Texture graft: texture synthesised from a clean patch of skin, or from a plate, over the retouched picture."""

from typing import Annotated

import numpy as np

from retexture.declare import described, number, picture_file
from retexture.document.document import Document, Source
from retexture.document.layers import PixelLayer
from retexture.document.pixels import Pixels
from retexture.engine.modes import BlendMode
from retexture.recipes.base import (
    RETOUCHED,
    Materials,
    Options,
    Recipe,
    document_of,
    mask_of,
    retouched_layer,
    source_of,
)
from retexture.texture.graft import fill, separate


class GraftOptions(Options, frozen=True):
    """Where the texture comes from. The texture is baked: changing an option builds it anew."""

    patch: Annotated[
        str,
        described(
            "Rectangle of clean skin in the original, x,y,width,height in px: no mole, fold or hair in it"
        ),
    ] = ""
    plate: Annotated[str, picture_file("File of a texture plate, used instead of a patch")] = ""
    radius_px: Annotated[
        float,
        number(0.5, 100, slider=(1, 20), unit="px", help="Detail finer than this is texture, the rest tone"),
    ] = 6.0
    seed: Annotated[int, number(0, 2**31 - 1, slider=(0, 1000), help="Another seed, another arrangement")] = 1


def cut_patch(materials: Materials, text: str) -> np.ndarray:
    """Return the patch (3, h, w) float32 0-1 that ``x,y,width,height`` names.

    Raises:
        ValueError: another form, or a rectangle that leaves the picture.
    """
    try:
        x, y, width, height = (int(part) for part in text.split(","))
    except ValueError:
        raise ValueError(f"patch must be x,y,width,height in whole pixels, not {text!r}") from None
    full_width, full_height = materials.size
    if x < 0 or y < 0 or width < 1 or height < 1 or x + width > full_width or y + height > full_height:
        raise ValueError(f"the patch {text} leaves the picture of {full_width} x {full_height} px")
    return materials.original.array[:, y : y + height, x : x + width].astype(np.float32) / np.float32(65535)


def read_plate(path: str, icc: bytes | None) -> np.ndarray:
    """Return a plate file's colour, in the profile `icc`, as (3, h, w) float32 0-1.

    Raises:
        InputError: the file cannot be read.
    """
    from retexture.files.colour import convert
    from retexture.files.images import as_depth, read_image

    plate = read_image(path)
    colour = as_depth(convert(plate.colour, plate.icc, icc), 32)
    return np.repeat(colour, 3, 0) if len(colour) == 1 else colour


def synthesised(patch: np.ndarray, size: tuple[int, int], radius_px: float, seed: int) -> np.ndarray:
    """Return the texture of a patch (C, h, w) over any size (width, height), around 0.5, for Linear Light.

    float32 0-1; half of the texture, as Linear Light doubles it.

    Raises:
        ValueError: as of `separate` and `fill`.
    """
    high = fill(separate(patch, radius_px), size[1], size[0], seed)
    return np.asarray(np.clip(high / 2 + np.float32(0.5), 0, 1), np.float32)


def build(materials: Materials, options: GraftOptions) -> Document:
    """Return Retouched beneath the synthesised texture in Linear Light, which adds it once at 100 %."""
    if not options.patch and not options.plate:
        raise ValueError("texture-graft needs clean skin: give patch=x,y,width,height or plate=FILE")
    raw = read_plate(options.plate, materials.icc) if options.plate else cut_patch(materials, options.patch)
    texture = synthesised(raw, materials.size, options.radius_px, options.seed)
    encoded = texture * np.float32(65535) + np.float32(0.5)
    plate = Source(key="texture", name=options.plate or "patch", colour=Pixels(encoded.astype(np.uint16)))
    layer = PixelLayer(
        key="texture",
        name="Texture",
        source="texture",
        blend_mode=BlendMode.LINEAR_LIGHT,
        mask=mask_of(materials),
    )
    return document_of(materials, (source_of(materials, RETOUCHED), plate), (retouched_layer(), layer))


RECIPE = Recipe(
    name="texture-graft",
    title="Texture graft",
    summary="Covers the skin with texture from a clean patch of the same face, or from a texture plate.",
    build=build,
    presets={"article": {"radius_px": 6.0, "texture.opacity": 1.0}},
    options=GraftOptions,
    masked="texture",
)
