"""The page that shows a score: the same place of all pictures, where texture is missing, and the figures."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from retexture.declare import parameters
from retexture.files.page import Cell, Row, cell_px, draw_page
from retexture.recipes.measuring import reduced
from retexture.recipes.scoring import Scoring
from retexture.texture.score import Score

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]
U16 = NDArray[np.uint16]
Size = tuple[int, int]

PLAIN = {
    "overall": "overall, of 100",
    "plasticness": "plasticness",
    "likeness": "own texture",
    "energy_fine": "fine texture",
    "energy_middle": "middle texture",
    "energy_coarse": "coarse texture",
    "blemish_return": "blemish return",
    "halo": "halo",
    "tone_shift": "tone shift",
    "outside_change": "change outside",
    "skin_share": "skin",
    "spots": "blemishes",
    "alignment_residual_px": "alignment",
}
"""Figures in the order in which they are shown, by names to read."""

FRAME = (255, 255, 255)


def titles(scoring: Scoring) -> tuple[str, ...]:
    """Return the names of the pictures that have figures."""
    return ("retouched",) if scoring.after is None else ("retouched", "result")


def figure_rows(scoring: Scoring) -> tuple[Row, ...]:
    """Return the figures with the values of the retouched picture and, where there is one, of the result."""
    declared = {parameter.name: parameter for parameter in parameters(Score)}
    scores = [score for score in (scoring.before, scoring.after) if score is not None]
    rows = []
    for name, label in PLAIN.items():
        values = tuple(_shown(name, getattr(score, name)) for score in scores)
        unit = declared[name].unit
        label = f"{label}, {unit}" if unit else label
        rows.append(Row(label, values, declared[name].help))
    return tuple(rows)


def score_page(scoring: Scoring, names: Sequence[str]) -> U8:
    """Return the page as (3, H, W) uint8, sRGB.

    Args:
        scoring: what was measured.
        names: of the original, the retouched picture and, where there is one, the result.
    """
    pictures = [p for p in (scoring.original, scoring.aligned, scoring.result) if p is not None]
    room = cell_px(len(pictures))
    window = _window(scoring, scoring.ratios[0], room)
    scored = titles(scoring)
    crops = [
        Cell(_crop(picture, window), f"{title}: {name}")
        for picture, title, name in zip(pictures, ("original", *scored), names, strict=True)
    ]
    maps = [Cell(_overview(scoring, window, room), "frame: what is shown above, at 100 %")]
    maps += [
        Cell(_heat(picture, ratio, scoring.skin, room), f"texture missing in the {title}")
        for picture, ratio, title in zip(
            pictures[1:], scoring.ratios, ("retouched picture", "result"), strict=False
        )
    ]
    best = scoring.after or scoring.before
    return draw_page(
        title="Skin texture score",
        subtitle="  ·  ".join(names),
        mark=(
            f"{best.overall:.0f}",
            "of 100, the result" if scoring.after else "of 100, the retouched picture",
        ),
        cells=[crops, maps],
        heads=scored,
        rows=figure_rows(scoring),
        legend=("nothing is lost", _colours(np.linspace(0, 1, 160, dtype=np.float32)), "all is lost"),
    )


def _shown(name: str, value: float | None) -> str:
    if value is None:
        return "-"
    if name == "skin_share":
        return f"{100 * value:.0f} %"
    if name == "spots":
        return f"{value:.0f}"
    return f"{value:.1f}" if name in ("overall", "halo") else f"{value:.2f}"


def _window(scoring: Scoring, ratio: F32, room: Size) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom of the part of the picture with most skin and most loss in it."""
    height, width = scoring.original.shape[1:]
    scale = scoring.skin.shape[1] / width
    size = [min(cell, whole) for cell, whole in zip(room, (width, height), strict=True)]
    weight = scoring.skin * (1.3 - np.minimum(ratio, 1))
    box = [max(1, round(edge * scale)) for edge in size]
    found = cv2.boxFilter(weight, -1, box, borderType=cv2.BORDER_CONSTANT)
    y, x = np.unravel_index(int(found.argmax()), found.shape)
    left = min(max(0, round(float(x) / scale - size[0] / 2)), width - size[0])
    top = min(max(0, round(float(y) / scale - size[1] / 2)), height - size[1])
    return left, top, left + size[0], top + size[1]


def _crop(picture: U16, window: tuple[int, int, int, int]) -> U8:
    left, top, right, bottom = window
    return _bytes(reduced(picture[:, top:bottom, left:right], 1))


def _fitted(picture: U16, room: Size) -> tuple[F32, float]:
    """Return (3, h, w) float32 0-1 of a picture, as large as a cell holds, and its scale."""
    scale = min(1.0, *(cell / edge for cell, edge in zip(room, picture.shape[:0:-1], strict=True)))
    return reduced(picture, scale), scale


def _overview(scoring: Scoring, window: tuple[int, int, int, int], room: Size) -> U8:
    planes, scale = _fitted(scoring.original, room)
    view = np.ascontiguousarray(_bytes(planes))
    for spot in scoring.spots:
        centre = (round(spot.x_px * scale), round(spot.y_px * scale))
        cv2.circle(view, centre, max(3, round(1.6 * spot.radius_px * scale)), FRAME, 1, cv2.LINE_AA)
    left, top, right, bottom = (round(edge * scale) for edge in window)
    cv2.rectangle(view, (left, top), (right - 1, bottom - 1), FRAME, 2)
    return view


def _heat(picture: U16, ratio: F32, skin: F32, room: Size) -> U8:
    """Return a grey picture, coloured on the skin by how much texture it lacks."""
    planes, _ = _fitted(picture, room)
    size = (planes.shape[2], planes.shape[1])
    lost, cover = (
        cv2.resize(plane, size, interpolation=cv2.INTER_AREA) for plane in (1 - np.minimum(ratio, 1), skin)
    )
    grey = np.repeat(_bytes(planes).mean(axis=2, keepdims=True), 3, axis=2)
    share = 0.8 * np.asarray(cover, np.float32)[..., None]
    return np.asarray(grey * (1 - share) + _colours(np.asarray(lost, np.float32)) * share).astype(np.uint8)


def _colours(lost: F32) -> U8:
    """Return (..., 3) uint8: dark blue where nothing is lost, to yellow where all is."""
    levels = (np.clip(lost, 0, 1) * 255).astype(np.uint8)
    shown = cv2.applyColorMap(levels.reshape(1, -1), cv2.COLORMAP_INFERNO)[..., ::-1]
    return np.asarray(shown.reshape(*lost.shape, 3), np.uint8)


def _bytes(planes: F32) -> U8:
    return np.asarray((planes.transpose(1, 2, 0) * 255 + 0.5).astype(np.uint8))
