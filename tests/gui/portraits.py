"""Small picture files for the dialogs: an original with texture, a smooth version of it, and a stranger."""

import cv2
import numpy as np

from retexture.files.images import write_image

WIDTH, HEIGHT = 64, 48


def write_pair(folder, first="IMG_1.tif", second="IMG_2.tif", scale=1):
    """Write `first`, which is grainy, and `second`, the same smooth; return their paths."""
    grainy = portrait(3, scale)
    smooth = np.stack([cv2.GaussianBlur(plane, (0, 0), 2) for plane in grainy])
    paths = folder / first, folder / second
    for path, planes in zip(paths, (grainy, smooth), strict=True):
        write_image(path, planes)
    return paths


def portrait(seed, scale=1):
    """Return (3, H, W) uint16: forms, alike at all scales, and grain of one pixel."""
    rng = np.random.default_rng(seed)
    size = WIDTH * scale, HEIGHT * scale
    forms = cv2.resize(rng.random((6, 8, 3)), size, interpolation=cv2.INTER_CUBIC).transpose(2, 0, 1)
    grainy = 0.2 + 0.6 * forms + rng.normal(0, 0.1, forms.shape)
    return np.rint(np.clip(grainy, 0, 1) * 65535).astype(np.uint16)
