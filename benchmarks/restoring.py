"""What measuring the automatic restoration takes: pairs of portraits, and a pair restored with its masks."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.document.document import Document, find
from retexture.document.layers import RasterMask
from retexture.files.colour import convert, srgb_icc
from retexture.files.images import as_depth, read_image
from retexture.files.raster import Image
from retexture.recipes import RECIPES
from retexture.recipes.apply import build_document
from retexture.recipes.materials import prepare
from retexture.render.render import flatten
from retexture.texture.faces import Face, find_faces

F32 = NDArray[np.float32]
U16 = NDArray[np.uint16]

ROOT = Path(__file__).resolve().parent.parent


class Pair(msgspec.Struct, frozen=True, eq=False):
    """An original and a retouched picture, (3, H, W) uint16 encoded sRGB."""

    name: str
    original: U16
    retouched: U16


class Restored(msgspec.Struct, frozen=True, eq=False):
    """A restoration: pictures (3, H, W) uint16 on the original's grid, masks (H, W) float32 0-1."""

    original: U16
    aligned: U16
    result: U16
    skin: F32
    loss: F32
    spots: F32
    document: Document


def portraits_folder() -> Path | None:
    """Return the optional folder NAME_orig.png, NAME_TOOL_same.png; None where it is absent."""
    folder = Path(os.environ.get("RETEXTURE_SHARED") or ROOT.parent / "shared") / "data" / "portraits"
    return folder if folder.is_dir() else None


def portrait_pairs(folder: Path) -> Iterator[Pair]:
    """Read each portrait with each of its retouched versions."""
    for original in sorted(folder.glob("*_orig.png")):
        name = original.name.removesuffix("_orig.png")
        for retouched in sorted(folder.glob(f"{name}_*.png")):
            if retouched != original:
                yield read_pair(original, retouched, retouched.stem)


def read_pair(original: Path, retouched: Path, name: str) -> Pair:
    return Pair(name, *(_planes(read_image(path)) for path in (original, retouched)))


def _planes(image: Image) -> U16:
    colour: NDArray[Any] = as_depth(convert(image.colour, image.icc, srgb_icc()), 16)
    return np.repeat(colour, 3, axis=0) if len(colour) == 1 else colour


def restore(pair: Pair) -> Restored:
    """Restore a pair as ``retexture restore`` does."""
    images = [
        Image(planes, Path(name))
        for name, planes in (("original", pair.original), ("retouched", pair.retouched))
    ]
    materials, _ = prepare(*images, aligned=True)
    assert materials.retouched is not None
    document = build_document(RECIPES["auto"], materials)
    return Restored(
        materials.original.array,
        materials.retouched.array,
        flatten(document)[0],
        _painted(document, "texture"),
        _component(document, "texture", "loss"),
        _component(document, "donor", "blemishes"),
        document,
    )


def _painted(document: Document, layer: str) -> F32:
    """Return the plane to paint on, which the recipe makes of the skin."""
    mask = find(document, layer).mask
    assert mask is not None
    assert mask.painted is not None
    return np.asarray(mask.painted.tiles.to_array()[0] / np.float32(65535), np.float32)


def _component(document: Document, layer: str, name: str) -> F32:
    mask = find(document, layer).mask
    assert mask is not None
    for component in mask.components:
        if isinstance(component, RasterMask) and component.name == name:
            return np.asarray(component.tiles.to_array()[0] / np.float32(65535), np.float32)
    raise KeyError(name)


def floats(planes: U16) -> F32:
    """Return (3, H, W) uint16 as (H, W, 3) float32 0-1."""
    return np.asarray(np.ascontiguousarray(planes.transpose(1, 2, 0)) / np.float32(65535), np.float32)


def words(picture: F32) -> U16:
    """Return (H, W, 3) float32 0-1 as (3, H, W) uint16."""
    return np.ascontiguousarray((np.clip(picture, 0, 1) * 65535 + 0.5).astype(np.uint16).transpose(2, 0, 1))


def faces_of(picture: F32) -> tuple[Face, ...]:
    """Return the faces of (H, W, 3) float32, the widest first, in its pixels."""
    scale = min(1.0, 1600 / max(picture.shape[:2]))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    found = find_faces(np.ascontiguousarray(np.asarray(small, np.float32).transpose(2, 0, 1)))
    whole = [
        msgspec.structs.replace(
            face,
            x=face.x / scale,
            y=face.y / scale,
            width=face.width / scale,
            height=face.height / scale,
            width_px=face.width_px / scale,
            marks=face.marks / np.float32(scale),
        )
        for face in found
    ]
    return tuple(sorted(whole, key=lambda face: -face.width_px))
