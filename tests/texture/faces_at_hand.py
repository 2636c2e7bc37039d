"""The portrait that scikit-image ships inside its wheel, whose skin is outlined by hand in retexture.sample."""

from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest

from retexture.sample import OUTLINE


def portrait() -> np.ndarray:
    """Return (512, 512, 3) uint8 RGB."""
    found = find_spec("skimage")
    if found is None or found.origin is None:
        pytest.skip("scikit-image is not installed")
    image = cv2.imread(str(Path(found.origin).parent / "data" / "astronaut.png"))
    assert image is not None
    return np.ascontiguousarray(image[..., ::-1])


def outlined() -> np.ndarray:
    """Return (512, 512) bool the skin's outline, eyes and lips included."""
    inside = np.zeros((512, 512), np.uint8)
    cv2.fillPoly(inside, [np.round(np.array(OUTLINE) * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    return inside > 127


def planes(image: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(image.transpose(2, 0, 1))


def turned(image: np.ndarray, degrees: float) -> np.ndarray:
    """Return the head and shoulders, turned about the nose."""
    matrix = cv2.getRotationMatrix2D((225, 130), degrees, 1.0)
    return cv2.warpAffine(image, matrix, (512, 400), borderValue=(90, 90, 90))
