"""What the automatic recipe measures on a pair of pictures before it builds layers: skin, lost texture, blemishes."""

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.document.analysis import AlignmentReport, Analysis, FaceBox, Spot
from retexture.engine.blend import LUMA
from retexture.recipes.base import Materials
from retexture.texture.alignment import Alignment, confidence_map
from retexture.texture.alignment_affine import local_contrast, shrunk, wide_blur
from retexture.texture.alignment_flow import CORRELATED, correlation
from retexture.texture.bald import bald_map, narrowed
from retexture.texture.blemishes import blemish_mask, find_blemishes
from retexture.texture.crossover import crossover_px
from retexture.texture.faces import Face, find_faces
from retexture.texture.loss import has_more_texture, loss_map, luma_of, plasticness
from retexture.texture.relight import relight
from retexture.texture.skin import Skin, skin_mask
from retexture.texture.skin_scale import upscale_mask
from retexture.texture.softness import is_soft, soft_map

F32 = NDArray[np.float32]
U16 = NDArray[np.uint16]

ANALYSIS_PX = 6_000_000
"""Larger pictures are measured at this size: what decides is larger than their pixels."""
LEAST_EDGE_PX = 64
"""Below it there is nothing to measure."""
BALD_SHARE = 0.02
"""Of the skin: deep shadows and highlights without texture make up less in sharp portraits (1.3 % at most of six)."""
SOFT_SHARE = 0.1
"""Of the skin, from which on a part of it is out of focus: smooth places make up less in sharp pictures."""
LITTLE = 0.05
"""Of `Measured.soft_places`: up to it, a place has texture."""
SHARP_SHARE = 0.2
"""Of the face: with less, the original is soft all over."""
USUAL_FACE = 0.4
"""Width of a face, as a part of the picture's shorter side, where none was found."""

COMPARED_PX = 500
"""Longest side of the pictures that are held against each other as they lie."""
MATCHING_SHARE = 0.6
"""Of the structure: real pairs have 0.95 and more, mirrored faces 0.25, and 0.3-0.7 when off by 1 % of the width."""
UNMATCHED = (
    "The two pictures do not match pixel for pixel, and contours would show double: the layer Texture is hidden. "
    "Align them, or choose the retouched version of this original."
)

SURE_SHARE = 0.5
"""Of the skin that matches with certainty, below which the user is told."""
UNSURE = (
    "Only {:.0%} of the skin certainly matches the retouched picture, and texture is laid there alone: "
    "to lay it on all skin, switch off the mask Alignment of Texture."
)

MUCH_SMALLER = 0.75
"""Size of a retouched picture, to the original, below which they are compared at its own."""
LITTLE_LOST = 0.25
"""Plasticness up to which the retouched picture may be the original: pairs that were swapped have 0.2 at most."""
SWAPPED = "The retouched picture has more fine texture than the original: are the two swapped?"
SAME = "The two pictures are the same: there is no texture to give back."

LEAST_FACE_PX = 200
"""Narrowest face on which finding blemishes was measured."""
NARROW = (
    "The largest face is only {:.0f} px wide: pores cannot be seen at this size, and small blemishes are hardly "
    "found. Larger pictures restore better."
)

NOTES = {
    "face": (),
    "colour": ("No face was found: skin was taken by its colour. Look at the mask of Texture and mend it.",),
    "none": ("No skin was found, so no texture is laid: paint the mask of Texture where it should go.",),
}
"""What to say about how skin was found."""


class Measured(msgspec.Struct, frozen=True, eq=False):
    """The analysis, and the masks that come from it: (H, W) uint16; None lets everything through."""

    analysis: Analysis
    face_width_px: float
    skin: U16 | None = None
    loss: U16 | None = None
    confidence: U16 | None = None
    found: F32 | None = None
    """(h, w) float32 0-1, at the analysis' size: where texture was measured, and clean skin can be taken from."""
    bald: F32 | None = None
    """The same: where the original itself has no texture; None where it is as good as everywhere."""
    soft_places: F32 | None = None
    """The same: where it is out of focus besides, so that nothing of it is to be laid; None where it is not."""
    faces: tuple[Face, ...] = ()
    """At the analysis' size."""
    soft: bool = False
    """The original has no fine texture anywhere on its faces."""


def measure(materials: Materials, sensitivity: float) -> Measured:
    """Measure a pair.

    Args:
        materials: original and retouched picture on one grid. A given mask takes the place of the skin's.
        sensitivity: of `Analysis`.

    Raises:
        ValueError: there is no retouched picture.
        Exception: what `materials.tell` raises.
    """
    if materials.retouched is None:
        raise ValueError("the automatic restoration needs a retouched picture")
    width, height = materials.size
    size = (width, height)
    alignment = None if materials.alignment is None else _report(materials)
    confidence = None if materials.alignment is None else confidence_map(materials.alignment, width, height)
    nothing = Measured(
        Analysis(
            inputs=(materials.original.id, materials.retouched.id),
            skin="none",
            alignment=alignment,
            notes=(
                f"The picture is smaller than {LEAST_EDGE_PX} px: nothing was measured, and no texture is laid.",
            ),
        ),
        max(USUAL_FACE * min(size), 1.0),
        confidence=None if confidence is None else whole(confidence, size),
    )
    if min(size) < LEAST_EDGE_PX:
        return nothing if materials.mask is not None else msgspec.structs.replace(nothing, skin=_black(size))

    scale = analysis_scale(materials.original.array)
    density = 1.0 if materials.alignment is None else materials.alignment.scale
    materials.tell("Finding the skin", 0.0)
    original, found = materials.looked or look(materials.original.array)
    aligned = reduced(materials.retouched.array, scale)
    skin, method, notes = _skin(found, materials.mask)
    seen, skin = skin, certain(skin, materials.alignment)
    sure = float(skin.sum() / (seen.sum() + 1e-6))
    if seen.any() and sure < SURE_SHARE:
        notes = (*notes, UNSURE.format(sure))
    face_px = max((face.width_px for face in found.faces), default=USUAL_FACE * min(original.shape[1:]))
    if not (skin > 0.5).any():
        analysis = msgspec.structs.replace(nothing.analysis, notes=notes)
        return msgspec.structs.replace(nothing, analysis=analysis, skin=whole(found.mask, size))

    materials.tell("Finding removed blemishes", 0.2)
    pictures = materials.original.array, materials.retouched.array
    with ThreadPoolExecutor(1, "retexture-measuring") as pool:
        losing = pool.submit(lambda: loss_map(*pictures, skin, face_px / scale))
        crossing = pool.submit(lambda: crossover_px(original, aligned, skin, face_px, losing.result().weight))
        plane = pool.submit(lambda: upscale_mask(found.mask, luma(pictures[0])))
        # A neck may be soft by nature.
        area = ovals(found.faces, skin.shape)
        bald = pool.submit(lambda: bald_map(original, skin, face_px) * area)
        soft = pool.submit(lambda: is_soft(original, found.mask * area, face_px))
        blemishes = find_blemishes(original, aligned, skin, face_px)
        materials.tell("Fitting the masks", 0.7)
        loss, radius_px = losing.result(), round(crossing.result() / scale, 2)
    # Where nothing matches with certainty the original can be soft, too.
    on_faces = seen * area if found.faces else seen
    clean = on_faces * (1 - blemish_mask(blemishes, *skin.shape[::-1]))
    soft_places = soft_map(original, clean, face_px) * on_faces
    if soft_places.sum() > SOFT_SHARE * skin.sum():
        soft_places = np.maximum(narrowed(soft_places, original, on_faces, face_px) * on_faces, bald.result())
    is_sharp_somewhere = (on_faces * (soft_places < LITTLE)).sum() > SHARP_SHARE * on_faces.sum()
    if found.faces and face_px < LEAST_FACE_PX * scale:
        notes = (*notes, NARROW.format(face_px / scale))
    if materials.alignment is None and not is_in_place(original, aligned):
        notes, sensitivity = (*notes, UNMATCHED), 0.0
    elif np.array_equal(original, aligned):
        notes = (*notes, SAME)
    elif _is_swapped(original, aligned, skin, face_px, loss.plasticness, density / scale):
        notes = (*notes, SWAPPED)
    analysis = msgspec.structs.replace(
        nothing.analysis,
        skin=method,
        notes=notes,
        plasticness=loss.plasticness,
        radius_px=radius_px,
        relight=round(relight(original, aligned, skin, face_px), 2),
        faces=tuple(
            FaceBox(
                face.x / scale,
                face.y / scale,
                face.width / scale,
                face.height / scale,
                plasticness(loss.ratio, skin * _box(face, skin.shape)),
            )
            for face in found.faces
        ),
        spots=tuple(
            Spot(b.x_px / scale, b.y_px / scale, b.radius_px / scale, round(b.score, 2), b.kind)
            for b in blemishes
        ),
        sensitivity=sensitivity,
    )
    return Measured(
        analysis,
        face_px / scale,
        plane.result(),
        whole(loss.weight, size),
        nothing.confidence,
        skin,
        bald.result() if bald.result().sum() > BALD_SHARE * skin.sum() else None,
        soft_places if soft_places.sum() > SOFT_SHARE * skin.sum() else None,
        tuple(found.faces),
        soft.result() and not is_sharp_somewhere,
    )


def skin_within(found: F32, given: F32) -> F32:
    """Return the skin inside a given mask; all of the mask where there is none."""
    both = given * found
    return both if (both > 0.5).any() else given


def is_in_place(original: F32, aligned: F32) -> bool:
    """Return whether two pictures (3, h, w) float32 0-1 match as they lie, as far as they have structure to tell."""
    lumas = [shrunk(luma_of(picture), COMPARED_PX) for picture in (original, aligned)]
    unit = max(lumas[0].shape) / COMPARED_PX
    ours, theirs = (local_contrast(plane, 1.2 * unit, 6 * unit) for plane in lumas)
    structure = np.minimum(wide_blur(np.square(ours), 8 * unit), 1)
    matching = structure[correlation(ours, theirs, 8 * unit) > CORRELATED].sum()
    return bool(matching >= MATCHING_SHARE * structure.sum())


def certain(skin: F32, alignment: Alignment | None) -> F32:
    """Return a mask (h, w) float32 0-1 where the match is certain: only there can the pictures be compared."""
    if alignment is None:
        return skin
    return skin * np.clip(confidence_map(alignment, *skin.shape[::-1]), 0, 1)


def analysis_scale(picture: U16) -> float:
    """Return the scale, 1 or less, at which a picture (3, H, W) is measured."""
    return min(1.0, math.sqrt(ANALYSIS_PX / picture[0].size))


def look(picture: U16) -> tuple[F32, Skin]:
    """Return a picture (3, H, W) at the size at which it is measured, (3, h, w) float32 0-1, and its skin."""
    small = reduced(picture, analysis_scale(picture))
    return small, skin_mask(small, find_faces(small))


def find_skin(picture: U16) -> tuple[U16, tuple[str, ...]]:
    """Return the mask (H, W) uint16 of the skin in (3, H, W), and what to say about it."""
    _, found = look(picture)
    return upscale_mask(found.mask, luma(picture)), NOTES[found.method]


def reduced(planes: NDArray[Any], scale: float) -> F32:
    """Return uint16 planes, or float32 0-1, as float32 0-1 at a scale of 1 or less: means of the pixels covered."""
    _, height, width = planes.shape
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    out = np.empty((len(planes), size[1], size[0]), np.float32)
    for plane, target in zip(planes, out, strict=True):
        small = plane if scale == 1 else cv2.resize(plane, size, interpolation=cv2.INTER_AREA)
        np.multiply(small, np.float32(1 / 65535 if planes.dtype == np.uint16 else 1), out=target)
    return out


def luma(planes: U16) -> U16:
    """Return (H, W) uint16, the encoded luma of (3, H, W)."""
    out = np.empty(planes.shape[1:], np.uint16)
    weights = np.array([LUMA], np.float32)
    for top in range(0, len(out), 256):
        rows = slice(top, top + 256)
        out[rows] = cv2.transform(cv2.merge(list(planes[:, rows])), weights)
    return out


def _skin(
    found: Skin, mask: U16 | None
) -> tuple[F32, Literal["face", "colour", "mask", "none"], tuple[str, ...]]:
    """Return where texture is measured: the skin, inside a given mask; how it was found; what to say about it."""
    if mask is not None:
        small = cv2.resize(mask, found.mask.shape[::-1], interpolation=cv2.INTER_AREA)
        given = np.asarray(small, np.float32) / np.float32(65535)
        return skin_within(found.mask, given), "mask", ()
    return found.mask, found.method, NOTES[found.method]


def _is_swapped(original: F32, aligned: F32, skin: F32, face_px: float, lost: float, density: float) -> bool:
    """Return whether the retouched picture is more likely to be the original.

    Args:
        original, aligned, skin, face_px: as they are measured.
        lost: plasticness.
        density: pixels of the retouched picture's file to one of these.
    """
    if density < MUCH_SMALLER:  # its detail is coarser, and the other one's finest is not in question
        original, aligned = (reduced(picture, density) for picture in (original, aligned))
        skin = reduced(skin[None], density)[0]
        lost = loss_map(original, aligned, skin, density * face_px).plasticness
    return lost < LITTLE_LOST and has_more_texture(original, aligned, skin)


def _box(face: Face, shape: tuple[int, ...]) -> F32:
    inside = np.zeros(shape, np.float32)
    x, y = max(0, round(face.x)), max(0, round(face.y))
    inside[y : max(0, round(face.y + face.height)), x : max(0, round(face.x + face.width))] = 1
    return inside


def ovals(faces: Sequence[Face], shape: tuple[int, ...]) -> F32:
    """Return 1 in the ovals of faces, falling to 0 at their edge."""
    out = np.zeros(shape, np.float32)
    y, x = np.ogrid[: shape[0], : shape[1]]
    for face in faces:
        across = (x + 0.5 - face.x - face.width / 2) / (face.width / 2)
        down = (y + 0.5 - face.y - face.height / 2) / (face.height / 2)
        np.maximum(out, np.clip(10 * (1 - np.hypot(across, down)), 0, 1), out=out)
    return out


def _black(size: tuple[int, int]) -> U16:
    return np.zeros(size[::-1], np.uint16)


def _report(materials: Materials) -> AlignmentReport:
    found = materials.found or materials.alignment
    assert found is not None, "checked by the caller"
    return AlignmentReport(
        matrix=tuple(float(v) for v in found.matrix),
        bend_px=found.bend_px,
        coverage=found.coverage,
        residual_px=found.residual_px,
        mirrored=found.mirrored,
        quarter_turns=found.quarter_turns,
        resampled=not found.is_identity,
        covered=found.covered,
        grid="original" if found is materials.alignment else "retouched",
    )


def whole(mask: F32, size: tuple[int, int]) -> U16:
    """Return a mask of 0-1 at full size."""
    small = (np.clip(mask, 0, 1) * np.float32(65535) + np.float32(0.5)).astype(np.uint16)
    return small if mask.shape == size[::-1] else np.asarray(cv2.resize(small, size), np.uint16)
