"""Measures faces and the skin mask on changed portraits: ./run benchmark skin.

Printed for each change: on how many portraits of the optional data folder one face is found, and how alike the mask is
to that of the portrait as taken (common part over both together), as median and worst.
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.flaws import TONES
from benchmarks.restoring import floats, portrait_pairs, portraits_folder
from retexture.texture.faces import find_faces
from retexture.texture.skin import skin_mask

F32 = NDArray[np.float32]


def lit(*light: float) -> Callable[[F32], F32]:
    return lambda rgb: np.asarray(
        np.clip(rgb * np.array(light, np.float32) ** np.float32(1 / 2.2), 0, 1), np.float32
    )


def grey(rgb: F32) -> F32:
    return np.repeat(
        np.asarray(rgb @ np.array([0.3, 0.59, 0.11], np.float32), np.float32)[..., None], 3, axis=2
    )


def scaled(factor: float) -> Callable[[F32], F32]:
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return lambda plane: np.asarray(
        cv2.resize(plane, None, fx=factor, fy=factor, interpolation=method), np.float32
    )


def turned(degrees: float) -> Callable[[F32], F32]:
    def turn(plane: F32) -> F32:
        height, width = plane.shape[:2]
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 0.8)
        return np.asarray(cv2.warpAffine(plane, matrix, (width, height)), np.float32)

    return turn


def quartered(turns: int) -> Callable[[F32], F32]:
    return lambda plane: np.rot90(plane, turns)


def same(plane: F32) -> F32:
    return plane


CHANGES: dict[str, tuple[Callable[[F32], F32], Callable[[F32], F32]]] = {
    "as taken": (same, same),
    "darker skin": (TONES["darker"], same),
    "lighter skin": (TONES["lighter"], same),
    "a fifth of the light": (lit(0.2, 0.2, 0.2), same),
    "warm light": (lit(1.1, 0.8, 0.5), same),
    "blue light": (lit(0.6, 0.8, 1.2), same),
    "grey": (grey, same),
    "a tenth of the size": (scaled(0.1), scaled(0.1)),
    "a quarter of the size": (scaled(0.25), scaled(0.25)),
    "3 times the size": (scaled(3), scaled(3)),
    "turned by 20 degrees": (turned(20), turned(20)),
    "turned by 40 degrees": (turned(-40), turned(-40)),
    "turned by 140 degrees": (turned(140), turned(140)),
    "upside down": (quartered(2), quartered(2)),
    "a quarter turn to the left": (quartered(1), quartered(1)),
    "a quarter turn to the right": (quartered(3), quartered(3)),
}


def mask_of(rgb: F32) -> tuple[int, F32]:
    """Return how many faces are found in (H, W, 3), and the mask (H, W) of their skin."""
    planes = np.ascontiguousarray(rgb.transpose(2, 0, 1))
    faces = find_faces(planes)
    return len(faces), skin_mask(planes, faces).mask


def main() -> None:
    folder = portraits_folder()
    if folder is None:
        raise SystemExit(
            "there are no portraits: RETEXTURE_SHARED names the folder that holds data/portraits"
        )
    portraits = {pair.name.split("_")[0]: floats(pair.original) for pair in portrait_pairs(folder)}
    masks = {name: mask_of(portrait)[1] for name, portrait in portraits.items()}
    print("| change | faces found | mask, median | worst |\n|---|---|---|---|")
    for change, (of_picture, of_mask) in CHANGES.items():
        found, alike = 0, []
        for name, portrait in portraits.items():
            faces, mask = mask_of(of_picture(portrait))
            found += faces == 1
            now, before = mask > 0.5, of_mask(masks[name]) > 0.5
            alike.append(float((now & before).sum() / max((now | before).sum(), 1)))
        print(
            f"| {change} | {found} of {len(portraits)} | {np.median(alike):.2f} | {min(alike):.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
