"""Flaws to put on portraits: what a face may have that a smoothing tool takes away, keeps or softens.

Sizes are thousandths of the face's width, from ear to ear; strengths are in L*, a*, b*.
"""

from collections.abc import Callable

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
Rng = np.random.Generator
Shape = Callable[[F32, float, Rng], F32]
"""Draws one flaw: from the offsets (2, h, w), x and y, to its centre, and the least width of anything, both in
thousandths of the face; returns the change of Lab (h, w, 3)."""

LEAST_PX = 0.8
"""Half width of the thinnest line and of the smallest spot, as a lens shows them."""
MARGIN = 12
"""How far flaws stay away from the skin's edge."""


class Kind(msgspec.Struct, frozen=True):
    """A kind of flaw: how one is drawn, how many there are on a face, and how far one reaches from its centre.

    `kept` is how much of it the retouched picture keeps (1: a mole that stays); `texture` is true of what is no
    blemish and should come back; `apart` is the least distance of two; `beard`: on the lower third of the skin alone.
    """

    shape: Shape
    count: int
    reach: float
    kept: float = 0.0
    texture: bool = False
    apart: float | None = None
    beard: bool = False


class Planted(msgspec.Struct, frozen=True, eq=False):
    """Pictures (H, W, 3) float32 RGB 0-1 with flaws; `labels` (H, W) number them from 1.

    `wanted` is the original as its texture should come back: with what is texture or stays, without blemishes.
    """

    original: F32
    retouched: F32
    wanted: F32
    labels: I32


def plant(
    kind: Kind,
    original: F32,
    retouched: F32,
    skin: F32,
    face_width_px: float,
    seed: int,
    count: int | None = None,
) -> Planted:
    """Put flaws of a kind on a pair, at random places of its skin that lie apart.

    Args:
        kind: one of `KINDS`.
        original, retouched: (H, W, 3) float32, RGB 0-1, on one grid.
        skin: (H, W) float32 0-1, where flaws may be.
        face_width_px: ear to ear.
        seed: of the places and shapes.
        count: how many at most; None is as usual for the kind.
    """
    rng = np.random.default_rng(seed)
    unit = face_width_px / 1000
    change = np.zeros(original.shape, np.float32)
    labels = np.zeros(skin.shape, np.int32)
    side = 2 * round(MARGIN * unit) + 1
    room = cv2.erode((skin > 0.8).astype(np.uint8), np.ones((side, side), np.uint8))
    ys, xs = np.nonzero(room)
    if kind.beard and len(ys):
        room[: round(float(np.quantile(ys, 0.66)))] = 0
        room[round(float(np.quantile(ys, 0.9))) :] = 0
        ys, xs = np.nonzero(room)
    apart = kind.apart or 1.6 * kind.reach
    most = kind.count if count is None else count
    number = 0
    for at in rng.permutation(len(ys)):
        x, y = int(xs[at]), int(ys[at])
        if number == most:
            break
        if not room[y, x]:
            continue
        number += 1
        reach = round(kind.reach * unit) + 3
        x0, y0 = max(x - reach, 0), max(y - reach, 0)
        part = np.s_[y0 : y + reach + 1, x0 : x + reach + 1]
        height, width = labels[part].shape
        rows, columns = np.mgrid[y0 : y0 + height, x0 : x0 + width]
        offsets = np.stack([columns - x, rows - y]).astype(np.float32) / np.float32(unit)
        drawn = kind.shape(offsets, LEAST_PX / unit, rng) * np.minimum(skin[part] / 0.8, 1)[..., None]
        change[part] += drawn
        size = np.linalg.norm(drawn, axis=-1)
        labels[part][size > 0.3 * size.max()] = number
        cv2.circle(room, (x, y), max(round(apart * unit), 2), 0, -1)
    return Planted(
        _added(original, change),
        _added(retouched, np.float32(kind.kept) * change) if kind.kept else retouched,
        _added(original, change) if kind.texture else original,
        labels,
    )


def _added(rgb: F32, change: F32) -> F32:
    lab = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB) + change
    return np.asarray(np.clip(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), 0, 1), np.float32)


def _mix(*parts: tuple[F32, tuple[float, float, float]]) -> F32:
    return np.asarray(sum(p[..., None] * np.array(lab, np.float32) for p, lab in parts), np.float32)


def _bump(offsets: F32, radius: float, x: float = 0.0, y: float = 0.0) -> F32:
    """Return a smooth hill, 1 in its middle, 0 from 1.6 radii on."""
    t = np.minimum(np.hypot(offsets[0] - x, offsets[1] - y) / (1.6 * radius), 1)
    return np.asarray((1 - t * t) ** 3, np.float32)


def _oval(offsets: F32, rng: Rng, flattest: float) -> F32:
    """Return offsets in which a circle is an oval, turned at random."""
    turn, flat = rng.uniform(0, np.pi), rng.uniform(flattest, 1)
    along = np.cos(turn) * offsets[0] + np.sin(turn) * offsets[1]
    across = np.cos(turn) * offsets[1] - np.sin(turn) * offsets[0]
    return np.stack([along * np.float32(np.sqrt(flat)), across / np.float32(np.sqrt(flat))])


def _line(offsets: F32, length: float, half_width: float, bend: float, turn: float) -> F32:
    """Return an arc, 1 along its middle, that thins out at its ends."""
    t = np.linspace(-1, 1, 3 + round(length / max(half_width, 0.5)))
    along, across = t * length / 2, bend * length * (t * t - 0.5)
    xs = np.cos(turn) * along - np.sin(turn) * across
    ys = np.sin(turn) * along + np.cos(turn) * across
    line = np.zeros(offsets.shape[1:], np.float32)
    for x, y, end in zip(xs, ys, np.sqrt(np.maximum(1 - t**2, 0)), strict=True):
        away = (offsets[0] - x) ** 2 + (offsets[1] - y) ** 2
        np.maximum(line, end * np.exp(-away / (2 * half_width**2)), out=line, casting="unsafe")
    return line


def _whitehead(offsets: F32, least: float, rng: Rng) -> F32:
    radius = max(rng.uniform(3, 7), 1.5 * least)
    light = rng.uniform(7, 13)
    return _mix(
        (_bump(offsets, radius), (light, -1.0, rng.uniform(1, 5))),
        (_bump(offsets, radius, 0.5 * radius, 0.7 * radius), (-0.4 * light, 2.0, 0.0)),
    )


def _pustule(offsets: F32, least: float, rng: Rng) -> F32:
    radius = max(rng.uniform(6, 14), 2 * least)
    shape = _oval(offsets, rng, 0.75)
    head = rng.uniform(0.3, 0.45) * radius
    return _mix(
        (_bump(shape, radius), (-rng.uniform(3, 7), rng.uniform(8, 15), rng.uniform(0, 4))),
        (_bump(offsets, head, 0.1 * radius, -0.1 * radius), (rng.uniform(12, 20), -9.0, 8.0)),
    )


def _scar(offsets: F32, least: float, rng: Rng) -> F32:
    length, half = rng.uniform(25, 60), max(rng.uniform(1, 2), least)
    line = _line(offsets, length, half, rng.uniform(-0.15, 0.15), rng.uniform(0, np.pi))
    pale = rng.random() < 0.5
    return _mix((line, (rng.uniform(5, 10), -4.0, -1.0) if pale else (-rng.uniform(6, 11), 4.0, 1.0)))


def _scratch(offsets: F32, least: float, rng: Rng) -> F32:
    line = _line(offsets, rng.uniform(60, 120), max(0.7, least), 0.01, rng.uniform(0, np.pi))
    return _mix((line, (-rng.uniform(6, 12), rng.uniform(6, 12), 2.0)))


def _freckle(offsets: F32, least: float, rng: Rng) -> F32:
    shape = _oval(offsets, rng, 0.55)
    radius = max(rng.uniform(1.8, 4), 1.5 * least)
    return _mix((_bump(shape, radius), (-rng.uniform(4, 9), rng.uniform(1, 3), rng.uniform(3, 7))))


def _mole(offsets: F32, least: float, rng: Rng) -> F32:
    radius = max(rng.uniform(4, 9), 1.5 * least)
    return _mix(
        (_bump(_oval(offsets, rng, 0.7), radius) ** np.float32(0.5), (-rng.uniform(18, 30), 2.0, -4.0))
    )


def _hair(offsets: F32, least: float, rng: Rng) -> F32:
    line = _line(offsets, rng.uniform(5, 11), max(0.5, least), 0.05, np.pi / 2 + rng.normal(0, 0.35))
    return _mix((line, (-rng.uniform(8, 18), -1.0, -3.0)))


def _wrinkle(offsets: F32, least: float, rng: Rng) -> F32:
    length, half, turn = rng.uniform(70, 150), max(rng.uniform(0.9, 1.8), least), rng.normal(0, 0.3)
    bend = rng.uniform(-0.06, 0.06)
    dark = _line(offsets, length, half, bend, turn)
    lip = _line(offsets + np.array([0, 2.2 * half], np.float32)[:, None, None], length, half, bend, turn)
    depth = rng.uniform(5, 9)
    return _mix((dark, (-depth, 1.5, 0.5)), (lip, (0.4 * depth, 0.0, 0.0)))


KINDS = {
    "whiteheads": Kind(_whitehead, 14, 12),
    "pustules": Kind(_pustule, 12, 24),
    "scars": Kind(_scar, 8, 36),
    "scratches": Kind(_scratch, 5, 66),
    "freckles": Kind(_freckle, 70, 7),
    "moles kept": Kind(_mole, 6, 16, kept=1.0, texture=True),
    "stubble": Kind(_hair, 1800, 7, texture=True, apart=6, beard=True),
    "wrinkles softened": Kind(_wrinkle, 5, 80, kept=0.35, texture=True),
}

TONES: dict[str, Callable[[F32], F32]] = {
    "as taken": lambda rgb: rgb,
    "darker": lambda rgb: np.asarray(rgb ** np.array([1.75, 1.9, 2.0], np.float32), np.float32),
    "lighter": lambda rgb: np.asarray(1 - (1 - rgb) ** np.array([1.35, 1.3, 1.25], np.float32), np.float32),
}
"""Tone curves that make a face's skin another: of both pictures, before flaws are put on."""
