"""Measures the alignment on known motions of real faces: ./run benchmark alignment.

Each AI version of the optional data folder is moved in a known way, and aligned to its original. Printed: how far, in
original px, skin lies from where it should, as medians over faces of the median, of the 95th percentile, and of that on
the 80 % of skin whose match is surest.
"""

import argparse
from collections.abc import Sequence

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from benchmarks.restoration import lifted
from benchmarks.restoring import Pair, floats, portrait_pairs, portraits_folder, words
from retexture.texture.alignment import align, confidence_map, positions
from retexture.texture.faces import find_faces
from retexture.texture.skin import skin_mask

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]


class Motion(msgspec.Struct, frozen=True):
    """What a tool may do to a picture; the bend is smooth and reaches `bend_px` of the original."""

    scale: float = 1.0
    stretch: float = 1.0
    """Of the width over that of the height."""
    degrees: float = 0.0
    shift_px: tuple[float, float] = (0.0, 0.0)
    bend_px: float = 0.0
    crop: float = 0.0
    """Share of each side that is cut off."""


MOTIONS = {
    "none": Motion(),
    "shift 3.3, -1.7 px": Motion(shift_px=(3.3, -1.7)),
    "crop of a tenth on each side": Motion(crop=0.1),
    "scale 0.25": Motion(scale=0.25),
    "scale 0.75, shifted": Motion(scale=0.75, shift_px=(-2.1, 1.4)),
    "scale 2": Motion(scale=2.0),
    "scale 4": Motion(scale=4.0),
    "turn of 5 degrees": Motion(degrees=5.0),
    "bend of 3 px": Motion(bend_px=3.0),
    "bend of 15 px": Motion(bend_px=15.0),
    "scale 1.5, 4 % wider, 1 degree, bend of 8 px": Motion(1.5, 1.04, 1.0, (6.0, -9.0), 8.0),
}


def moved(picture: F32, motion: Motion, seed: int) -> tuple[F32, F64, F32]:
    """Return the picture moved, the matrix from its coordinates to the old ones, and the bend (2, H, W) there."""
    height, width = picture.shape[:2]
    keep = 1 - 2 * motion.crop
    size = (round(width * keep * motion.scale * motion.stretch), round(height * keep * motion.scale))
    turn = np.deg2rad(motion.degrees)
    linear = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ np.diag(
        [width * keep / size[0], height * keep / size[1]]
    )
    centre = np.array([width / 2, height / 2]) + motion.shift_px
    matrix = np.hstack([linear, (centre - linear @ (np.array(size) / 2))[:, None]])
    noise = np.random.default_rng(seed).standard_normal((2, height, width)).astype(np.float32)
    bend = np.stack([cv2.GaussianBlur(plane, (0, 0), width / 9) for plane in noise])
    bend *= np.float32(motion.bend_px / np.abs(bend).max())
    # What shrinks is averaged first, as a tool does.
    soft = cv2.GaussianBlur(picture, (0, 0), 0.4 / motion.scale) if motion.scale < 1 else picture
    x, y = np.meshgrid(np.arange(size[0]) + 0.5, np.arange(size[1]) + 0.5)
    places = _bent(
        (matrix[:, :2] @ np.stack([x, y]).reshape(2, -1) + matrix[:, 2:]).reshape(2, *x.shape), bend
    )
    index = [np.asarray(place - 0.5, np.float32) for place in places]
    result = cv2.remap(soft, index[0], index[1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(result, np.float32), matrix, bend


def _bent(places: F64, bend: F32) -> F64:
    x, y = (np.asarray(place - 0.5, np.float32) for place in places)
    return places + np.stack(
        [cv2.remap(plane, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT) for plane in bend]
    )


def errors_px(pair: Pair, motion: Motion, seed: int) -> tuple[float, float, float]:
    original = floats(pair.original)
    picture, matrix, bend = moved(lifted(floats(pair.retouched)), motion, seed)
    found = align(pair.original, words(picture))
    height, width = original.shape[:2]
    at = np.stack([np.asarray(plane, np.float64) for plane in positions(found)])
    places = (matrix[:, :2] @ at.reshape(2, -1) + matrix[:, 2:]).reshape(at.shape)
    back = _bent(places, bend)
    off = np.hypot(back[0] - (np.arange(width) + 0.5), back[1] - (np.arange(height)[:, None] + 0.5))
    planes = np.ascontiguousarray(original.transpose(2, 0, 1))
    inside = (at[0] > 2) & (at[0] < picture.shape[1] - 2) & (at[1] > 2) & (at[1] < picture.shape[0] - 2)
    skin = (skin_mask(planes, find_faces(planes)).mask > 0.5) & inside
    sure = confidence_map(found, width, height)
    surest = skin & (sure >= np.quantile(sure[skin], 0.2))
    return (
        float(np.median(off[skin])),
        float(np.quantile(off[skin], 0.95)),
        float(np.quantile(off[surest], 0.95)),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", help="part of the name of the pairs to measure")
    args = parser.parse_args(arguments)
    folder = portraits_folder()
    if folder is None:
        raise SystemExit(
            "there are no portraits: RETEXTURE_SHARED names the folder that holds data/portraits"
        )
    pairs = [pair for pair in portrait_pairs(folder) if pair.original.shape == pair.retouched.shape]
    pairs = [pair for pair in pairs if args.only in pair.name]
    print("| motion | median | 95th percentile | of the surest 80 % |\n|---|---|---|---|")
    for name, motion in MOTIONS.items():
        found = np.median([errors_px(pair, motion, seed) for seed, pair in enumerate(pairs)], axis=0)
        print(f"| {name} | " + " | ".join(f"{value:.2f}" for value in found) + " |", flush=True)


if __name__ == "__main__":
    main()
