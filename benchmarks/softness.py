"""Measures which versions of sharp portraits are told as soft: ./run benchmark softness.

Printed for each version of the optional data folder's portraits: how many have no fine texture by the recipe's own
measure, at their own size and at half of it, and from what to what the strength of texture reaches. Then the portraits
with their right half out of focus are restored without a plate: how strong texture is in both halves.
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.restoring import Pair, floats, portrait_pairs, portraits_folder
from retexture.document.pixels import Pixels
from retexture.recipes import RECIPES
from retexture.recipes.apply import build_document
from retexture.recipes.base import Materials
from retexture.recipes.measuring import ovals
from retexture.render.render import flatten
from retexture.texture.faces import find_faces
from retexture.texture.skin import skin_mask
from retexture.texture.softness import SOFT, strength

F32 = NDArray[np.float32]
Change = Callable[[F32, float], F32]
"""Of a picture (H, W, 3) and the width of its face."""


def blurred(thousandths: float) -> Change:
    """Blurred by so many thousandths of the face's width."""
    return lambda rgb, face_px: np.asarray(
        cv2.GaussianBlur(rgb, (0, 0), thousandths * face_px / 1000), np.float32
    )


def noisy(sigma: float) -> Change:
    def change(rgb: F32, _face_px: float) -> F32:
        noise = np.random.default_rng(1).normal(0, sigma, rgb.shape)
        return np.asarray(np.clip(rgb + noise, 0, 1), np.float32)

    return change


def compressed(quality: int) -> Change:
    def change(rgb: F32, _face_px: float) -> F32:
        pixels = np.rint(np.clip(rgb, 0, 1) * 255).astype(np.uint8)
        coded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.float32) / np.float32(255)

    return change


def enlarged(times: int) -> Change:
    def change(rgb: F32, _face_px: float) -> F32:
        height, width = rgb.shape[:2]
        small = cv2.resize(rgb, (width // times, height // times), interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)

    return change


VERSIONS: dict[str, tuple[Change, ...]] = {
    "as taken": (),
    "JPEG 75": (compressed(75),),
    "JPEG 30": (compressed(30),),
    "noise 0.02": (noisy(0.02),),
    "noise 0.04, JPEG 50": (noisy(0.04), compressed(50)),
    "blurred by 2/1000": (blurred(2),),
    "blurred by 3/1000": (blurred(3),),
    "blurred by 4/1000": (blurred(4),),
    "blurred by 6/1000": (blurred(6),),
    "blurred by 4/1000, JPEG 75": (blurred(4), compressed(75)),
    "blurred by 6/1000, JPEG 50": (blurred(6), compressed(50)),
    "blurred by 6/1000, noise 0.02": (blurred(6), noisy(0.02)),
    "blurred by 6/1000, noise 0.04": (blurred(6), noisy(0.04)),
    "enlarged twice": (enlarged(2),),
    "enlarged 3 times": (enlarged(3),),
    "enlarged 4 times": (enlarged(4),),
}


def strength_of(rgb: F32) -> float | None:
    """Return the strength of a face's texture, as the recipe measures it."""
    planes = np.ascontiguousarray(rgb.transpose(2, 0, 1))
    faces = find_faces(planes)
    if not faces:
        return None
    skin = skin_mask(planes, faces).mask
    return strength(planes, skin * ovals(faces, skin.shape), max(face.width_px for face in faces))


def halves(pair: Pair, thousandths: float) -> str:
    """Return a row: what a portrait whose right half is blurred is told, and the strength of texture in its halves."""
    taken = np.asarray(floats(pair.original), np.float32)
    faces = find_faces(np.ascontiguousarray(taken.transpose(2, 0, 1)))
    face_px = max(face.width_px for face in faces)
    middle = taken.shape[1] // 2
    half = taken.copy()
    half[:, middle:] = blurred(thousandths)(taken, face_px)[:, middle:]
    pictures = [np.ascontiguousarray(p.transpose(2, 0, 1)) for p in (half, floats(pair.retouched), taken)]
    coded = [Pixels(np.rint(p * 65535).astype(np.uint16)) for p in pictures]
    document = build_document(RECIPES["auto"], Materials(original=coded[0], retouched=coded[1]))
    assert document.analysis is not None, "made by the recipe"
    result = flatten(document)[0].astype(np.float32) / np.float32(65535)
    skin = skin_mask(pictures[2], faces).mask
    skin = skin * ovals(faces, skin.shape)
    right = skin * (np.arange(taken.shape[1]) >= middle)
    found = [
        strength(picture, area, face_px) or 0.0
        for picture, area in (
            (result, skin - right),
            (pictures[0], right),
            (pictures[1], right),
            (result, right),
            (pictures[2], right),
        )
    ]
    told = [note for note in document.analysis.notes if "(layer Own texture)" in note]
    share = told[0].partition(" %")[0].split()[-1] if told else "-"
    cells = (pair.name, f"{thousandths:g}/1000", f"{share} %", *(f"{value:.4f}" for value in found))
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    folder = portraits_folder()
    if folder is None:
        raise SystemExit(
            "there are no portraits: RETEXTURE_SHARED names the folder that holds data/portraits"
        )
    taken = {pair.name.split("_")[0]: floats(pair.original) for pair in portrait_pairs(folder)}
    half = {k: cv2.resize(p, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) for k, p in taken.items()}
    print("| version | soft | strength | at half the size, soft | strength |\n|---|---|---|---|---|")
    for version, changes in VERSIONS.items():
        cells = [version]
        for portraits in (taken, half):
            found = []
            for portrait in portraits.values():
                rgb = np.asarray(portrait, np.float32)
                planes = np.ascontiguousarray(rgb.transpose(2, 0, 1))
                face_px = max(
                    (face.width_px for face in find_faces(planes)), default=0.4 * min(rgb.shape[:2])
                )
                for change in changes:
                    rgb = change(rgb, face_px)
                found.append(strength_of(rgb))
            told = [value for value in found if value is not None]
            soft = sum(value < SOFT for value in told)
            cells += [f"{soft} of {len(found)}", f"{min(told):.4f}-{max(told):.4f}" if told else "-"]
        print("| " + " | ".join(cells) + " |", flush=True)
    print(
        "\n| right half blurred | by | of the skin told | sharp half | blurred half | AI's | result's | as taken |\n"
        "|---|---|---|---|---|---|---|---|"
    )
    for pair in portrait_pairs(folder):
        if pair.name.endswith("esrgan_same"):
            for thousandths in (5, 10):
                print(halves(pair, thousandths), flush=True)


if __name__ == "__main__":
    main()
