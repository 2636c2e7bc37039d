"""Faces in a picture: where they are, how wide, and 468 points on each.

Two small networks that come with the program (resources/models) run in OpenCV: YuNet (Wu, Peng and Yu, YuNet: A Tiny
Millisecond-level Face Detector, 2023) finds faces with their eyes, nose and mouth corners; the face mesh
(Kartynnik et al., Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs, 2019) places the points.
"""

from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]

PACKAGE = Path(__file__).resolve().parents[1]
DETECTOR = "face_detection_yunet_2023mar.onnx"
MESH = "face_landmark.tflite"

# A network holds the state of one run; a picture is searched from one thread at a time.
_RUNNING = Lock()

WHOLE_EDGE_PX = 640
SMALL_EDGE_PX = 320
FACE_EDGE_PX = 160
FINE_EDGE_PX = 1280
MESH_EDGE_PX = 192
"""The longest edge of the pictures that the networks are given."""

LIKELY, POSSIBLE = 0.6, 0.45
SURE = 0.7
"""What a face without a mesh must score: cups and wheels reach 0.65."""
CERTAIN = 0.9
"""Above it a face is upright: turned ones whose eyes are taken for their mouth reach 0.87, with a mesh that fits."""
TURNS = (40, -40, 90, -90, 180, 140, -140)
MOST_FACES = 24

CHIN, BROW_TOP, LEFT_EAR, RIGHT_EAR = 152, 10, 454, 234
# Points of the mesh at what the detector marks too: the eyes, the tip of the nose, the corners of the mouth.
MARKED = ((33, 133), (362, 263), (4,), (61,), (291,))


class Face(msgspec.Struct, frozen=True):
    """A face in a picture; lengths in pixels of that picture.

    x, y, width, height: the box around it, which may reach outside the picture.
    width_px: of the head from ear to ear, as from the front.
    score: how sure the detector is, 0-1.
    marks: (5, 2) float32 x, y of both eyes (the one on the left of an upright face first), the nose, both corners of
      the mouth.
    landmarks: (468, 2) float32 x, y of the face mesh; None where it does not fit, as in a profile.
    """

    x: float
    y: float
    width: float
    height: float
    width_px: float
    score: float
    marks: F32
    landmarks: F32 | None = None

    def scaled(self, factor: float) -> "Face":
        """Return the same face in the picture enlarged by a factor."""
        x, y, width, height, width_px = (
            v * factor for v in (self.x, self.y, self.width, self.height, self.width_px)
        )
        landmarks = None if self.landmarks is None else self.landmarks * np.float32(factor)
        return Face(x, y, width, height, width_px, self.score, self.marks * np.float32(factor), landmarks)


def find_faces(picture: F32 | U8) -> tuple[Face, ...]:
    """Find the faces, largest first; turned by any angle, from a dozen pixels up to over the edges.

    Args:
        picture: (3, h, w) encoded RGB, float32 0-1 or uint8. 1-2 megapixels are enough.
    """
    image = interleaved(picture)
    if min(image.shape[:2]) < 8:
        return ()
    found = _boxes(image, LIKELY) or _turned(image) or _boxes(image, POSSIBLE)
    faces = [face for row in found if (face := _face(image, row))]
    return tuple(sorted(faces, key=lambda face: -face.width_px))


def interleaved(picture: F32 | U8) -> U8:
    """Return (h, w, 3) uint8 RGB of planes, float32 0-1 or uint8.

    Raises:
        ValueError: not three planes.
    """
    if picture.ndim != 3 or picture.shape[0] != 3:
        raise ValueError(f"planes (3, h, w) are needed, not an array of {picture.shape}")
    scale = 1 if picture.dtype == np.uint8 else 255
    return np.asarray(cv2.merge([cv2.convertScaleAbs(plane, alpha=scale) for plane in picture]), np.uint8)


def _boxes(image: U8, threshold: float) -> list[F32]:
    """Return the detector's rows (box x y w h, five marks x y, score), best first, of several sizes of the picture."""
    edge = max(image.shape[:2])
    # A face that fills the picture or reaches over its edges is found in a small picture with room around it.
    rows = _detect(image, SMALL_EDGE_PX * 0.5, threshold, room=0.5) + _detect(image, WHOLE_EDGE_PX, threshold)
    if edge > WHOLE_EDGE_PX * 1.5 and max((row[2] for row in rows), default=0) < edge / 8:
        rows += _detect(image, FINE_EDGE_PX, threshold)
    kept: list[F32] = []
    for row in sorted(rows, key=lambda row: -row[14]):
        if all(_overlap(row, other) < 0.35 for other in kept):
            kept.append(row)
    return kept[:MOST_FACES]


def _detect(image: U8, edge_px: float, threshold: float, room: float = 0.0) -> list[F32]:
    """Run the detector on the picture at a longest edge, with grey `room` (a share of that edge) on each side."""
    scale = min(1.0, edge_px / max(image.shape[:2]))
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else image
    border = round(room * max(small.shape[:2]))
    if border:
        small = cv2.copyMakeBorder(
            small, border, border, border, border, cv2.BORDER_CONSTANT, value=(128, 128, 128)
        )
    with _RUNNING:
        detector = _detector()
        detector.setInputSize((small.shape[1], small.shape[0]))
        detector.setScoreThreshold(threshold)
        # None without faces, whatever its types say.
        rows: F32 | None = detector.detect(cv2.cvtColor(small, cv2.COLOR_RGB2BGR))[1]  # type: ignore[assignment]
    if rows is None:
        return []
    out = rows.astype(np.float32)
    out[:, [0, 1, *range(4, 14)]] -= border
    out[:, :14] /= np.float32(scale)
    return list(out)


def _turned(image: U8) -> list[F32]:
    """Return the rows found in the picture turned by the angle at which a face is most certain."""
    best: list[F32] = []
    for turn in TURNS:
        turned, back = _turn(image, turn)
        rows = _boxes(turned, LIKELY)
        if rows and (not best or rows[0][14] > best[0][14]):
            best = [_moved(row, back) for row in rows]
            if best[0][14] >= CERTAIN:
                break
    return best


def _turn(image: U8, degrees: float) -> tuple[U8, NDArray[Any]]:
    """Return the picture shrunk and turned, whole, and the matrix that leads back."""
    height, width = image.shape[:2]
    scale = min(1.0, WHOLE_EDGE_PX / max(height, width))
    matrix = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), degrees, scale), np.float64)
    size = np.rint(np.abs(matrix[:, :2]) @ [width, height])
    matrix[:, 2] += size / 2 - np.array([width / 2, height / 2])
    to = (int(size[0]), int(size[1]))
    turned = cv2.warpAffine(image, matrix, to, flags=cv2.INTER_LINEAR, borderValue=(128, 128, 128))
    return np.asarray(turned, np.uint8), cv2.invertAffineTransform(matrix)


def _moved(row: F32, matrix: NDArray[Any]) -> F32:
    """Return a row in other coordinates; its box keeps its middle and its size, but stays upright."""
    centre = np.array([[row[0] + row[2] / 2, row[1] + row[3] / 2]])
    points = cv2.transform(np.concatenate([centre, row[4:14].reshape(5, 2)])[None], matrix)[0]
    size = row[2:4] * np.hypot(*matrix[0, :2])
    return np.concatenate([points[0] - size / 2, size, points[1:].ravel(), row[14:]]).astype(np.float32)


def _overlap(a: F32, b: F32) -> float:
    """Return the common area of two boxes as a share of the smaller one."""
    inside = np.minimum(a[:2] + a[2:4], b[:2] + b[2:4]) - np.maximum(a[:2], b[:2])
    return float(np.prod(np.maximum(inside, 0)) / max(min(np.prod(a[2:4]), np.prod(b[2:4])), 1e-6))


def _face(image: U8, row: F32) -> Face | None:
    """Return the face of a row; None where it is likely to be something else."""
    mesh = _mesh(image, row)
    if mesh is None or row[14] < CERTAIN:
        row, mesh = _upright(image, row, mesh)
    x, y, width, height, score = (float(v) for v in row[[0, 1, 2, 3, 14]])
    marks = row[4:14].reshape(5, 2).copy()
    if mesh is None:
        return Face(x, y, width, height, width, score, marks) if score >= SURE else None
    width_px = float(np.linalg.norm(mesh[LEFT_EAR] - mesh[RIGHT_EAR]))
    return Face(x, y, width, height, width_px, score, marks, mesh[:, :2].copy())


def _upright(image: U8, row: F32, mesh: F32 | None) -> tuple[F32, F32 | None]:
    """Look again at an uncertain face, turned: its eyes may have been taken for its mouth."""
    side = 2 * float(max(row[2:4]))
    matrix = np.array(
        [[1, 0, side / 2 - row[0] - row[2] / 2], [0, 1, side / 2 - row[1] - row[3] / 2]], np.float64
    )
    scale = min(1.0, FACE_EDGE_PX / side)
    edge = max(8, round(side * scale))
    cut = np.asarray(
        cv2.warpAffine(image, matrix * scale, (edge, edge), borderValue=(128, 128, 128)), np.uint8
    )
    there = cv2.invertAffineTransform(matrix * scale)
    again: list[F32] = []
    for turn in TURNS:
        turned, back = _turn(cut, turn)
        rows = _detect(turned, WHOLE_EDGE_PX, SURE)
        again += [_moved(_moved(found, back), there) for found in rows]
    for found in sorted(again, key=lambda found: -found[14]):
        if mesh is not None and found[14] <= row[14]:
            break
        if _overlap(found, row) > 0.5 and (better := _mesh(image, found)) is not None:
            return found, better
    return row, mesh


def _mesh(image: U8, row: F32) -> F32 | None:
    """Return (468, 3) float32 x, y and depth in pixels, or None where the mesh and the detector's marks disagree."""
    marks = row[4:14].reshape(5, 2)
    eyes = marks[1] - marks[0]
    angle, centre, side = np.arctan2(eyes[1], eyes[0]), row[:2] + row[2:4] / 2, 1.5 * max(row[2:4])
    points = np.zeros((468, 3), np.float32)
    # A second look, at what the first one found, sits better.
    for _ in range(2):
        at = (float(centre[0]), float(centre[1]))
        zoom = MESH_EDGE_PX / float(side)
        matrix = np.asarray(cv2.getRotationMatrix2D(at, float(np.degrees(angle)), zoom), np.float64)
        matrix[:, 2] += MESH_EDGE_PX / 2 - centre
        points = _run_mesh(_cut(image, matrix))
        back = cv2.invertAffineTransform(matrix)
        points[:, :2] = cv2.transform(points[None, :, :2], back)[0]
        points[:, 2] *= np.float32(side / MESH_EDGE_PX)
        ears = points[LEFT_EAR, :2] - points[RIGHT_EAR, :2]
        up = points[CHIN, :2] - points[BROW_TOP, :2]
        low, high = points[:, :2].min(0), points[:, :2].max(0)
        angle, centre, side = np.arctan2(-up[0], up[1]), (low + high) / 2, 1.5 * max(high - low)
        if not (side > 0 and np.hypot(*ears) > 0):
            return None
    marked = np.stack([points[list(which), :2].mean(0) for which in MARKED])
    off = np.linalg.norm(marked - marks, axis=1)
    return points if np.median(off) < 0.1 * max(row[2:4]) else None


def _cut(image: U8, matrix: NDArray[Any]) -> U8:
    """Return the square that the mesh looks at, from the picture shrunk first so that it does not alias."""
    scale = float(np.hypot(*matrix[0, :2]))
    if scale < 0.5:
        image = cv2.resize(image, None, fx=2 * scale, fy=2 * scale, interpolation=cv2.INTER_AREA).astype(
            np.uint8
        )
        matrix = matrix.copy()
        matrix[:, :2] /= 2 * scale
    size = (MESH_EDGE_PX, MESH_EDGE_PX)
    return np.asarray(cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR), np.uint8)


def _run_mesh(square: U8) -> F32:
    blob = np.ascontiguousarray(square.transpose(2, 0, 1)[None], np.float32) / np.float32(255)
    with _RUNNING:
        net = _mesh_net()
        net.setInput(blob)
        return np.array(net.forward(), np.float32).reshape(468, 3)


def _model(name: str) -> U8:
    """Return the bytes of a model: OpenCV opens no path with letters outside ASCII on some systems."""
    places = [root / "resources" / "models" / name for root in (PACKAGE, PACKAGE.parents[1])]
    for place in places:
        if place.is_file():
            return np.fromfile(place, np.uint8)
    raise FileNotFoundError(
        f"the model {name} is missing: looked in {places[0].parent} and {places[1].parent}"
    )


@cache
def _detector() -> cv2.FaceDetectorYN:
    log = cv2.utils.logging
    level = log.getLogLevel()
    # It warns of a setting that it makes itself.
    log.setLogLevel(log.LOG_LEVEL_ERROR)
    try:
        return cv2.FaceDetectorYN.create("onnx", _model(DETECTOR), np.empty(0, np.uint8), (320, 320), LIKELY)
    finally:
        log.setLogLevel(level)


@cache
def _mesh_net() -> cv2.dnn.Net:
    return cv2.dnn.readNetFromTFLite(_model(MESH))
