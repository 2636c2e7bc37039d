"""Measures the automatic restoration on portraits with planted flaws: ./run benchmark restoration.

Portraits and their AI versions come from the optional data folder. Each is brought to a face width, given another skin
by a tone curve, and flaws of one kind; the AI version gets a lift of its own, as such tools do. The truth is the
portrait with that lift, with the flaws that should stay and without those that should go. --help tells the options.
"""

import argparse
import math
from collections.abc import Sequence

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from benchmarks.flaws import KINDS, TONES, Planted, plant
from benchmarks.restoring import Pair, faces_of, floats, portrait_pairs, portraits_folder, restore, words
from retexture.texture.faces import find_faces
from retexture.texture.skin import skin_mask

F32 = NDArray[np.float32]
Flags = NDArray[np.bool_]

WIDTHS_PX = (200, 500, 1000, 2500)
BAND_FACE_PX = 450.0
"""Width of a face on which texture is what lies between standard deviations of 0.6 and 2.5 px."""
NONE = "none"
MOST = 80
"""Of many small flaws about so many are measured one by one."""


class Figures(msgspec.Struct, frozen=True):
    """What a restoration reached; nan where there is nothing to measure.

    Attributes:
        found: share of the planted flaws that are mostly in the mask of blemishes.
        other_percent: skin in that mask away from planted flaws (a face's own blemishes are among it).
        back: 90th percentile over flaws of how much of them shows in the result: 1 all, 0 nothing.
        back_ai: the same in the retouched picture.
        flaw_texture: strength of texture in the flaws over the truth's.
        likeness, likeness_ai: correlation of texture with the truth's away from flaws, in result and retouched picture.
        energy: strength of texture there over the truth's.
    """

    found: float
    other_percent: float
    back: float
    back_ai: float
    flaw_texture: float
    likeness: float
    likeness_ai: float
    energy: float


def lifted(rgb: F32) -> F32:
    """Return a picture as a tool hands it back: a little brighter, with less contrast, cooler."""
    lifted = 0.03 + 0.95 * np.clip(rgb, 0, 1) ** np.float32(0.9)
    return np.asarray(np.clip(lifted * np.array([0.985, 1.0, 1.015], np.float32), 0, 1), np.float32)


def blur(plane: F32, sigma: float) -> F32:
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101), np.float32)


def texture_of(rgb: F32, scale: float) -> F32:
    luma = rgb @ np.array([0.299, 0.587, 0.114], np.float32)
    return blur(luma, 0.6 * scale) - blur(luma, 2.5 * scale)


def rms(values: F32) -> float:
    return float(np.sqrt(np.mean(np.square(values, dtype=np.float64)))) if values.size else math.nan


def lab(rgb: F32) -> F32:
    return np.asarray(cv2.cvtColor(np.clip(blur(rgb, 1), 0, 1), cv2.COLOR_RGB2LAB), np.float32)


def shown(planted: Planted, picture: F32, clean: F32, skin: F32, face_px: float) -> list[float]:
    """Return how much of each flaw shows in a picture: its part along the planted change of colour."""
    added = lab(lifted(planted.original)) - lab(lifted(clean))
    change = lab(picture) - lab(lifted(clean))
    away = planted.labels == 0
    reach = max(3, round(0.02 * face_px))
    parts = []
    count = int(planted.labels.max())
    for number in range(1, count + 1, max(1, count // MOST)):
        ys, xs = np.nonzero(planted.labels == number)
        if not len(ys):
            continue
        part = np.s_[max(ys.min() - reach, 0) : ys.max() + reach, max(xs.min() - reach, 0) : xs.max() + reach]
        flaw = planted.labels[part] == number
        ring = away[part] & (skin[part] > 0.8)
        if ring.any():
            off = change[part][flaw] - np.median(change[part][ring], axis=0)
            parts.append(float(np.sum(added[part][flaw] * off) / np.sum(added[part][flaw] ** 2)))
    return parts


def figures(pair: Pair, planted: Planted, clean: F32, ai: F32, face_px: float) -> Figures:
    """Restore planted flaws and measure what came of it."""
    done = restore(Pair(pair.name, words(planted.original), words(ai)))
    result, truth = floats(done.result), lifted(planted.wanted)
    scale = max(face_px / BAND_FACE_PX, 1.0)
    textures = [texture_of(picture, scale) for picture in (result, truth, ai)]
    flaws, masked = planted.labels > 0, done.spots > 0.5
    grown = cv2.dilate(flaws.astype(np.uint8), np.ones((2 * round(0.02 * face_px) + 1,) * 2, np.uint8)) > 0
    clear = (done.skin > 0.95) & ~grown
    labels = planted.labels.ravel()
    covered = np.bincount(labels, masked.ravel()) / np.maximum(np.bincount(labels), 1)
    likeness = [float(np.corrcoef(t[clear], textures[1][clear])[0, 1]) for t in (textures[0], textures[2])]
    parts = [shown(planted, picture, clean, done.skin, face_px) for picture in (result, ai)]
    returned, returned_ai = (float(np.percentile(np.abs(part), 90)) if part else math.nan for part in parts)
    return Figures(
        found=float(np.mean(covered[1:] > 0.5)) if len(covered) > 1 else math.nan,
        other_percent=100 * float(masked[clear].mean()),
        back=returned,
        back_ai=returned_ai,
        flaw_texture=rms(textures[0][flaws]) / rms(textures[1][flaws]) if flaws.any() else math.nan,
        likeness=likeness[0],
        likeness_ai=likeness[1],
        energy=rms(textures[0][clear]) / rms(textures[1][clear]),
    )


def portrait_at(pair: Pair, face_px: float, tone: str) -> tuple[F32, F32, F32, float] | None:
    """Return original, retouched, skin and face width of a pair whose face has about that width; None without one."""
    original, retouched = (floats(planes) for planes in (pair.original, pair.retouched))
    faces = faces_of(original)
    if not faces:
        return None
    scale = face_px / faces[0].width_px
    size = [round(edge * scale) for edge in original.shape[1::-1]]
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    pictures = [
        np.asarray(np.clip(cv2.resize(picture, size, interpolation=method), 0, 1), np.float32)
        for picture in (original, retouched)
    ]
    shrink = min(1.0, 1000 / size[0])
    small = cv2.resize(pictures[0], None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    planes = np.ascontiguousarray(np.asarray(small, np.float32).transpose(2, 0, 1))
    skin = np.asarray(cv2.resize(skin_mask(planes, find_faces(planes)).mask, size), np.float32)
    curve = TONES[tone]
    return curve(pictures[0]), curve(pictures[1]), skin, face_px


def measured(
    pairs: Sequence[Pair], kinds: Sequence[str], widths: Sequence[int], tones: Sequence[str], each: int
) -> dict[tuple[str, int, str], list[Figures]]:
    """Measure each combination on some of the pairs, others each time."""
    found: dict[tuple[str, int, str], list[Figures]] = {}
    turn = 0
    for width in widths:
        for tone in tones:
            for kind in kinds:
                for _ in range(each):
                    pair = pairs[turn % len(pairs)]
                    turn += 1
                    portrait = portrait_at(pair, width, tone)
                    if portrait is None:
                        continue
                    original, retouched, skin, face_px = portrait
                    # Without flaws the kind does not matter.
                    of, count = (kind, None) if kind != NONE else ("freckles", 0)
                    planted = plant(KINDS[of], original, retouched, skin, face_px, turn, count)
                    result = figures(pair, planted, original, lifted(planted.retouched), face_px)
                    found.setdefault((kind, width, tone), []).append(result)
                    print(".", end="", flush=True)
    print()
    return found


def table(found: dict[tuple[str, int, str], list[Figures]], place: int) -> str:
    """Return medians over all that share the given place (0 kind, 1 width, 2 tone) of their keys."""
    names = Figures.__struct_fields__
    rows = ["| | n | " + " | ".join(names) + " |", "|---" * (len(names) + 2) + "|"]
    for key in dict.fromkeys(keys[place] for keys in found):
        group = [f for keys, several in found.items() if keys[place] == key for f in several]
        values = [[getattr(f, name) for f in group] for name in names]
        medians = [np.nanmedian(v) if not np.isnan(v).all() else math.nan for v in values]
        rows.append(
            f"| {key} | {len(group)} | "
            + " | ".join("" if math.isnan(m) else f"{m:.3f}" for m in medians)
            + " |"
        )
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kinds", default=",".join([NONE, *KINDS]))
    parser.add_argument("--widths", default=",".join(map(str, WIDTHS_PX)), help="of the face, px")
    parser.add_argument("--tones", default=",".join(TONES))
    parser.add_argument("--each", type=int, default=2, help="pairs for each combination (%(default)s)")
    args = parser.parse_args()
    folder = portraits_folder()
    if folder is None:
        raise SystemExit(
            "there are no portraits: RETEXTURE_SHARED names the folder that holds data/portraits"
        )
    pairs = [pair for pair in portrait_pairs(folder) if pair.original.shape == pair.retouched.shape]
    # Neighbours are of one face: take other faces in turn.
    pairs = pairs[::2] + pairs[1::2]
    found = measured(
        pairs,
        args.kinds.split(","),
        [int(w) for w in args.widths.split(",")],
        args.tones.split(","),
        args.each,
    )
    for place in range(3):
        print(table(found, place), end="\n\n")


if __name__ == "__main__":
    main()
