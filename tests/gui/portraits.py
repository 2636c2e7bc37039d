"""Small picture files for the dialogs: an original with texture, and a smooth version of it."""

import cv2
import numpy as np

from retexture.files.images import write_image

WIDTH, HEIGHT = 64, 48


def write_pair(folder, first="IMG_1.tif", second="IMG_2.tif", scale=1):
    """Write `first`, which is grainy, and `second`, which is smooth; return their paths."""
    noise = np.random.default_rng(3).integers(
        20000, 45000, (3, HEIGHT * scale, WIDTH * scale), dtype=np.uint16
    )
    smooth = np.stack([cv2.GaussianBlur(plane, (0, 0), 3) for plane in noise])
    paths = folder / first, folder / second
    for path, planes in zip(paths, (noise, smooth), strict=True):
        write_image(path, planes)
    return paths
