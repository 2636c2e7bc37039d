"""Everything that a score is measured with: the pictures brought together, their skin, faces and blemishes."""

from collections.abc import Callable, Sequence
from typing import Any

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.document.analysis import Grid
from retexture.recipes.materials import completed
from retexture.recipes.measuring import (
    COMPARED_PX,
    analysis_scale,
    certain,
    is_in_place,
    reduced,
    skin_within,
)
from retexture.texture.alignment import Alignment, DifferentPictures, align, inverse
from retexture.texture.alignment_resample import resample
from retexture.texture.blemishes import DEFAULT_SENSITIVITY, Blemish, find_blemishes, score_threshold
from retexture.texture.faces import Face, find_faces
from retexture.texture.loss import SKIN, loss_map, plasticness
from retexture.texture.score import Score, score_pictures
from retexture.texture.skin import skin_mask

F32 = NDArray[np.float32]
U16 = NDArray[np.uint16]

FACE_OF_SKIN = 1.1
"""Width of a face over the root of the skin's area, where no face was found to measure."""


class DifferentResult(DifferentPictures):
    """The result is not of the photograph that the original is."""


class FaceScore(msgspec.Struct, frozen=True):
    """One face of a picture, and what it lost.

    Attributes:
        x_px, y_px, width_px, height_px: the box around it.
        plasticness_before, plasticness: of the retouched picture and of the result, 0-1.
    """

    x_px: float
    y_px: float
    width_px: float
    height_px: float
    plasticness_before: float
    plasticness: float | None


class Scoring(msgspec.Struct, frozen=True, eq=False):
    """A restoration and its figures.

    Attributes:
        original, aligned: (3, H, W) uint16 on one grid; the retouched picture.
        result: the same of the result, on that grid; None where the retouched picture alone is scored.
        skin: (h, w) float32 0-1, of the pictures' aspect, no larger: where the pictures match with certainty.
        ratios: what of the texture the retouched picture and, where there is one, the result still have
            (`Loss.ratio`), each of the size of `skin`.
        skin_method: how it was found: "face", "colour" or "given".
        face_width_px: of the largest face, ear to ear.
        faces: each with its figures, largest first.
        spots: blemishes that the retouched picture removed.
        alignment: how the retouched picture lay.
        grid: whose all of it is on: the retouched picture's where the result lay on that one, moved or bent.
        was_in_place: whether the result lay on one of the two, pixel on pixel; else it was brought to the original.
        before: the figures of the retouched picture.
        after: of the result.
    """

    original: U16
    aligned: U16
    result: U16 | None
    skin: F32
    ratios: tuple[F32, ...]
    skin_method: str
    face_width_px: float
    faces: tuple[FaceScore, ...]
    spots: tuple[Blemish, ...]
    alignment: Alignment
    grid: Grid
    was_in_place: bool
    before: Score
    after: Score | None

    @property
    def moved(self) -> str:
        """What was done since the result did not lie on the original, as a sentence's end; empty where it did."""
        if self.grid == "retouched":
            return "lies on the retouched picture: the original was laid on that one before it was measured"
        if not self.was_in_place:
            return "does not lie on the original; it was aligned to it before it was measured"
        return ""


def measure(
    original: U16,
    retouched: U16,
    result: U16 | None = None,
    mask: F32 | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    *,
    within: bool = False,
) -> Scoring:
    """Align pictures, find skin and blemishes, and score the retouched picture and the result.

    Args:
        original: (3, H, W) uint16, encoded sRGB.
        retouched: the AI's result, of any size.
        result: the restored picture. On one that keeps the retouched picture's moved or bent shapes the original
            is laid; one that lies on neither of the two, pixel on pixel, is aligned to the original.
        mask: (h, w) float32, white on the skin, with the original's aspect; None: it is found.
        progress: told steps done and in all; may raise to cancel.
        within: of the mask only the skin in it counts, where any is found, as for a restoration.

    Raises:
        DifferentPictures: the retouched picture is not of the original's photograph.
        DifferentResult: the result is not.
        ValueError: no skin is found.
    """
    steps = 5
    alignment = certainty = align(original, retouched)
    aligned = _laid(retouched, original, alignment)
    progress(1, steps)
    grid: Grid = "original"
    if result is not None and _keeps_shape(result, retouched, aligned, alignment):
        grid, certainty = "retouched", inverse(alignment)
        if mask is not None:
            mask = _mask_laid(mask, original.shape[1:], certainty)
        original, aligned = _laid(original, retouched, certainty), retouched
    scale = analysis_scale(original)
    small, small_aligned = (reduced(picture, scale) for picture in (original, aligned))
    faces = tuple(sorted(find_faces(small), key=lambda face: -face.width_px))
    was_in_place = result is None or grid == "retouched" or _lies_on(original, result, faces, scale)
    if result is not None and not was_in_place:
        try:
            result = _laid(result, original, align(original, result))
        except DifferentPictures as error:
            raise DifferentResult(str(error).replace("retouched image", "result")) from error
    progress(2, steps)
    if mask is None or within:
        found = skin_mask(small, faces)
        skin, faces, method = found.mask, found.faces, str(found.method)
    if mask is not None:
        given = np.asarray(cv2.resize(mask, small.shape[:0:-1], interpolation=cv2.INTER_AREA), np.float32)
        skin, method = skin_within(skin, given) if within else given, "given"
    skin = certain(skin, certainty)
    if not (skin >= SKIN).any():
        raise ValueError("no face and no skin are found")
    face_px = faces[0].width_px if faces else FACE_OF_SKIN * float(np.sqrt((skin >= SKIN).sum()))
    spots = find_blemishes(small, small_aligned, skin, face_px, score_threshold(DEFAULT_SENSITIVITY))
    spots = tuple(spot.scaled(1 / scale) for spot in spots)
    progress(3, steps)
    places = [(spot.x_px, spot.y_px, spot.radius_px) for spot in spots]
    compared = [aligned] if result is None else [aligned, result]
    losses = [loss_map(original, picture, skin, face_px / scale) for picture in compared]

    def score(index: int) -> Score:
        lost = (losses[0].plasticness, losses[index].plasticness)
        residual = certainty.residual_px
        face = face_px / scale
        return score_pictures(original, aligned, compared[index], skin, face, places, residual, lost)

    before = score(0)
    progress(4, steps)
    after = None if result is None else score(1)
    progress(5, steps)
    return Scoring(
        original=original,
        aligned=aligned,
        result=result,
        skin=skin,
        ratios=tuple(loss.ratio for loss in losses),
        skin_method=method,
        face_width_px=face_px / scale,
        faces=_scored_faces(faces, [loss.ratio for loss in losses], skin, scale),
        spots=spots,
        alignment=alignment,
        grid=grid,
        was_in_place=was_in_place,
        before=before,
        after=after,
    )


def _keeps_shape(result: U16, retouched: U16, aligned: U16, alignment: Alignment) -> bool:
    """Return whether a result lies on the retouched picture as it was opened rather than on the aligned one."""
    if alignment.is_identity or result.shape != retouched.shape:
        return False
    scale = analysis_scale(result)
    ours, theirs = reduced(result, scale), reduced(retouched, scale)
    if result.shape == aligned.shape:
        apart = (float(np.abs(ours - other).mean()) for other in (theirs, reduced(aligned, scale)))
        if next(apart) >= next(apart):
            return False
    return is_in_place(theirs, ours)


def _mask_laid(mask: F32, size: tuple[int, ...], alignment: Alignment) -> F32:
    """Return a mask of the original on the retouched picture's grid."""
    whole = np.asarray(cv2.resize(mask, size[::-1]) * 65535, np.uint16)
    return np.asarray(resample(whole[None], alignment)[0] / np.float32(65535), np.float32)


def _lies_on(original: U16, result: U16, faces: tuple[Face, ...], scale: float) -> bool:
    """Return whether a result shows what the original does in the same places: all over, or on the largest face.

    Its background may be another one.
    """
    if result.shape != original.shape:
        return False
    parts = [(original, result)]
    for face in faces[:1]:
        left, top, right, bottom = (
            max(0, round(edge / scale))
            for edge in (face.x, face.y, face.x + face.width, face.y + face.height)
        )
        parts.append((original[:, top:bottom, left:right], result[:, top:bottom, left:right]))
    for pictures in parts:
        size = min(1.0, COMPARED_PX / max(pictures[0].shape))
        if is_in_place(*(reduced(picture, size) for picture in pictures)):
            return True
    return False


def _laid(picture: U16, original: U16, alignment: Alignment) -> U16:
    if alignment.is_identity:
        return picture
    return completed(resample(picture, alignment), original, alignment)


def _scored_faces(
    faces: tuple[Face, ...], ratios: list[F32], skin: F32, scale: float
) -> tuple[FaceScore, ...]:
    """Give each pixel of skin to the face that it is nearest to, in widths of that face."""
    if not faces:
        return ()
    y, x = np.ogrid[: skin.shape[0], : skin.shape[1]]
    away = [
        np.hypot(x - face.x - face.width / 2, y - face.y - face.height / 2) / face.width_px for face in faces
    ]
    nearest = np.argmin(np.stack(away), axis=0)
    scored = []
    for index, face in enumerate(faces):
        own: F32 = np.where(nearest == index, skin, np.float32(0))
        lost = [plasticness(ratio, own) for ratio in ratios]
        scored.append(
            FaceScore(
                x_px=face.x / scale,
                y_px=face.y / scale,
                width_px=face.width / scale,
                height_px=face.height / scale,
                plasticness_before=lost[0],
                plasticness=lost[1] if len(lost) > 1 else None,
            )
        )
    return tuple(scored)


def describe(scoring: Scoring, names: Sequence[str], warnings: Sequence[str] = ()) -> dict[str, Any]:
    """Return a scoring as plain values for JSON, with the pictures' names and what the user was told."""
    alignment = scoring.alignment
    best = scoring.after or scoring.before
    lost = [
        face.plasticness_before if face.plasticness is None else face.plasticness for face in scoring.faces
    ]
    return {
        "files": dict(zip(("original", "retouched", "result"), names, strict=False)),
        "width_px": scoring.original.shape[2],
        "height_px": scoring.original.shape[1],
        "overall": best.overall,
        "retouched": msgspec.to_builtins(scoring.before),
        "result": msgspec.to_builtins(scoring.after),
        "face_width_px": scoring.face_width_px,
        "faces": msgspec.to_builtins(scoring.faces),
        "worst_face_plasticness": max(lost, default=None),
        "skin_found_by": scoring.skin_method,
        "spots": msgspec.to_builtins(scoring.spots),
        "alignment": {
            "matrix": [float(value) for value in alignment.matrix],
            "mirrored": alignment.mirrored,
            "quarter_turns": alignment.quarter_turns,
            "coverage": alignment.coverage,
            "residual_px": alignment.residual_px,
        },
        "grid": scoring.grid,
        "warnings": list(warnings),
    }
