"""The outline of a face and of its parts, from the face mesh or, where that does not fit, from the detector's box."""

from typing import Any

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.texture.faces import BROW_TOP, CHIN, F32, LEFT_EAR, RIGHT_EAR, U8, Face

# Points of the face mesh, in order around each part.
OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)
EYES = (
    (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246),
    (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466),
)
BROWS = (
    (46, 53, 52, 65, 55, 107, 66, 105, 63, 70),
    (276, 283, 282, 295, 285, 336, 296, 334, 293, 300),
)
NOSTRILS = (48, 64, 98, 97, 2, 326, 327, 294, 278, 440, 275, 4, 45, 220)

# How far skin and what is around it are looked for, in widths of the face: to each side, over and under its middle.
SIDE, OVER, UNDER = 0.95, 0.95, 1.45


class FaceShape(msgspec.Struct, frozen=True):
    """The parts of a face as outlines, (n, 2) float32 x, y in pixels, and its upright axes.

    middle: (2,) between the ears. down, right: (2,) unit vectors of the upright face. width_px: ear to ear.
    sure: the outlines come from the mesh.
    """

    middle: F32
    down: F32
    right: F32
    width_px: float
    oval: F32
    lips: F32
    eyes: tuple[F32, ...]
    brows: tuple[F32, ...]
    nostrils: F32
    sure: bool

    def corners(self) -> F32:
        """Return (4, 2) the corners of the area in which this face's skin is looked for."""
        ends = ((-SIDE, -OVER), (SIDE, -OVER), (SIDE, UNDER), (-SIDE, UNDER))
        w = np.float32(self.width_px)
        return np.stack(
            [self.middle + w * (u * self.right + v * self.down) for u, v in ends], dtype=np.float32
        )

    def along(self, points: F32) -> F32:
        """Return (n, 2) where points lie to the right of and under the face's middle, in widths of the face."""
        off = (points - self.middle) / np.float32(self.width_px)
        return np.stack([off @ self.right, off @ self.down], -1, dtype=np.float32)


def shape_of(face: Face, left: float = 0, top: float = 0, scale: float = 1) -> FaceShape:
    """Return the shape of a face in the picture cut at left and top and then resized by `scale`."""
    origin = np.array([left, top], np.float32)
    marks = (face.marks - origin) * np.float32(scale)
    if face.landmarks is None:
        box = np.array([face.x + face.width / 2, face.y + face.height / 2], np.float32)
        return _of_marks(
            marks, (box - origin) * np.float32(scale), face.width_px * scale, face.height * scale
        )
    points = (face.landmarks - origin) * np.float32(scale)
    down = _unit(points[CHIN] - points[BROW_TOP])
    return FaceShape(
        middle=(points[LEFT_EAR] + points[RIGHT_EAR]) / 2,
        down=down,
        right=np.array([down[1], -down[0]], np.float32),
        width_px=face.width_px * scale,
        oval=points[list(OVAL)],
        lips=points[list(LIPS)],
        eyes=tuple(points[list(eye)] for eye in EYES),
        brows=tuple(points[list(brow)] for brow in BROWS),
        nostrils=points[list(NOSTRILS)],
        sure=True,
    )


def _of_marks(marks: F32, middle: F32, width_px: float, height_px: float) -> FaceShape:
    """Return a shape drawn of ellipses around the marks: eyes, nose, corners of the mouth."""
    eyes, nose, mouth = marks[:2].mean(0), marks[2], marks[3:].mean(0)
    down = _unit(mouth - eyes)
    right = np.array([down[1], -down[0]], np.float32)
    w = width_px

    def ellipse(centre: F32, across: float, along: float) -> F32:
        angle = np.linspace(0, 2 * np.pi, 24, endpoint=False, dtype=np.float32)
        points = centre + across * np.cos(angle)[:, None] * right + along * np.sin(angle)[:, None] * down
        return np.asarray(points, np.float32)

    half_mouth = max(float(np.linalg.norm(marks[4] - marks[3])) / 2, 0.08 * w)
    return FaceShape(
        middle=middle,
        down=down,
        right=right,
        width_px=w,
        oval=ellipse(middle, 0.45 * w, 0.48 * height_px),
        lips=ellipse(mouth, half_mouth + 0.03 * w, 0.075 * w),
        eyes=tuple(ellipse(eye, 0.12 * w, 0.06 * w) for eye in marks[:2]),
        brows=tuple(ellipse(eye - 0.14 * w * down, 0.17 * w, 0.07 * w) for eye in marks[:2]),
        nostrils=ellipse(nose + 0.05 * w * down, 0.15 * w, 0.07 * w),
        sure=False,
    )


def _unit(vector: F32) -> F32:
    return vector / np.float32(max(float(np.linalg.norm(vector)), 1e-6))


def area(outline: F32, size: tuple[Any, ...], grow_px: float = 0) -> U8:
    """Return (h, w) uint8 255 inside an outline widened by some pixels, its edge anti-aliased."""
    out = np.zeros(size, np.uint8)
    cv2.fillPoly(out, [np.round(outline * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    edge = 2 * round(grow_px) + 1
    if edge > 1:
        out = cv2.dilate(out, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (edge, edge))).astype(np.uint8)
    return out


def grid(shape: FaceShape, size: tuple[Any, ...]) -> tuple[F32, F32]:
    """Return (h, w) float32 twice: how far each pixel is right of and under the middle, in widths of the face."""
    y, x = np.mgrid[: size[0], : size[1]].astype(np.float32)
    both: NDArray[np.float32] = shape.along(np.stack([x, y], -1))
    return both[..., 0], both[..., 1]
