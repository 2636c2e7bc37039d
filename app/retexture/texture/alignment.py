"""Brings a retouched picture back onto its original's pixel grid: scale, crop, turn, mirror, stretch and bend.

Coordinates are continuous: 0.5 is the centre of the first pixel.
"""

from collections.abc import Callable

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.texture.alignment_affine import carried, find_affine, frame_maps, scaled, square, wide_blur
from retexture.texture.alignment_flow import Flow, find_flow, weighted_quantile
from retexture.texture.averaging import averaged

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
U16 = NDArray[np.uint16]

ANALYSIS_PIXELS = 1.2e6
CELL_ANALYSIS_PX = 8
SMALLEST_PX = 32
LUMA = (0.299, 0.587, 0.114)

SAME_SHARE = 0.4
"""Least share of the structure that correlates in two pictures of one photograph. Portraits of different people in the
same pose, bent onto each other, reach 0.23; AI results of one photograph 0.91 and more."""

STILL_PX = 0.2
"""Shift of a picture of 1000 px below which it is held to lie exactly: what smoothing alone makes edges move."""

STRAIGHT_PX = 0.25
"""Median bend of a picture of 1000 px below which it is held to be straight, for the same reason. Where one of the two
is blurred, edges lie less surely: so this and the next are divided by how sharp it is against the other."""

LIQUIFIED_PX = 2.0
LIQUIFIED_SHARE = 0.015
"""Share of the fine detail that lies off by more, in a picture of 1000 px, where one place alone was bent, such as a
nose made smaller (2.5 % and more). Smoothing, JPEG, other light and other pores reach 1 %."""

BEND_SHARE = 0.998
"""Of the detail that lies off by no more than what is told as the largest bend: few of its places are wrong."""

SMALL_PX = 500
"""Smaller pictures are measured no finer than one of this size."""

SPREAD_SHARES = (0.08, 0.03, 0.012)
"""Reach of a bend into places without detail, as shares of the longest side, from coarse to fine."""

FAINT_DETAIL = 0.01
"""Detail below which a place takes the bend of a wider surrounding."""

OWN_DETAIL = 0.1
"""Detail at which a place's own bend counts as much as that of its surroundings."""


class DifferentPictures(ValueError):
    """The two are not of one photograph, or one of them shows nothing."""


class Alignment(msgspec.Struct, frozen=True):
    """Where each pixel of the original lies in the retouched picture: matrix @ (x, y, 1) + grid(x, y).

    matrix: (2, 3) by rows, from original to retouched coordinates, mirror and turns included.
    grid: (2, gh, gw) further displacement x, y in retouched px, at the centres of cells of cell_px original px.
    confidence: (gh, gw) 0-1, 0 where the retouched picture has nothing.
    mirrored, quarter_turns: the retouched picture is the original, mirrored left to right, then turned clockwise.
    coverage: share of the detail in both frames that has a confident match: a flat background does not count.
    residual_px: median disagreement of the match forward and back, in original px, by the detail in both frames.
    bend_px: largest bend where detail shows that it is one, in retouched px.
    original_size, retouched_size: (width, height) in px.
    """

    matrix: tuple[float, ...]
    grid: F32
    confidence: F32
    cell_px: int
    mirrored: bool
    quarter_turns: int
    coverage: float
    residual_px: float
    bend_px: float
    original_size: tuple[int, int]
    retouched_size: tuple[int, int]

    @property
    def affine(self) -> F64:
        """The matrix as an array (2, 3)."""
        return np.array(self.matrix, np.float64).reshape(2, 3)

    @property
    def covered(self) -> float:
        """Share of the original that lies in the retouched picture's frame."""
        return float(inside_frame(self).mean())

    @property
    def scale(self) -> float:
        """Retouched px for one px of the original, along an edge."""
        return float(np.sqrt(abs(np.linalg.det(self.affine[:, :2]))))

    @property
    def is_bent(self) -> bool:
        return bool(self.grid.any())

    @property
    def is_identity(self) -> bool:
        """The retouched picture lies exactly on the original."""
        return (
            self.original_size == self.retouched_size
            and not self.is_bent
            and bool(np.array_equal(self.affine, np.eye(2, 3)))
        )


def align(original: U16, retouched: U16, progress: Callable[[float], None] | None = None) -> Alignment:
    """Find where each pixel of the original lies in the retouched picture.

    A motion that is no more than what smoothing itself does to edges is taken for none: so a picture that has not
    moved, or by whole pixels only, need not be resampled.

    Args:
        original, retouched: (3, H, W) uint16, encoded RGB, any two sizes.
        progress: is told 0-1, and may raise to cancel.

    Raises:
        DifferentPictures: the two are not of the same photograph.
        ValueError: a picture is too small.
    """
    tell = progress or (lambda _: None)
    for planes, name in ((original, "original"), (retouched, "retouched image")):
        if min(planes.shape[1:]) < SMALLEST_PX:
            raise ValueError(f"the {name} is smaller than {SMALLEST_PX} px")
    sizes = [(p.shape[2], p.shape[1]) for p in (original, retouched)]
    lumas = [_luma(p) for p in (original, retouched)]
    for luma, name in zip(lumas, ("original", "retouched image"), strict=True):
        if float(luma.std()) < 2e-3:
            raise DifferentPictures(f"the {name} is one flat colour")
    tell(0.15)
    matrix = find_affine(*lumas)
    tell(0.4)
    if matrix is None:
        raise _different()
    height, width = lumas[0].shape
    near, inside = carried(lumas[1], matrix, (width, height))
    # Where the retouched picture is the smaller one, the original is held against it no finer than it is.
    density = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    flow = find_flow(lumas[0], near, inside, 0.6 / density if density < 0.9 else 0)
    tell(0.9)
    if flow.matched_share < SAME_SHARE:
        raise _different()
    zooms = [(n[0] / p.shape[1], n[1] / p.shape[0]) for n, p in zip(sizes, lumas, strict=True)]
    found = _assembled(scaled(matrix, *zooms[0], *zooms[1]), flow, zooms[0], sizes[0], sizes[1])
    tell(1)
    return found


def _different() -> DifferentPictures:
    return DifferentPictures("it does not show the same photograph as the original")


def _luma(planes: U16) -> F32:
    height, width = planes.shape[1:]
    factor = min(1.0, (ANALYSIS_PIXELS / (height * width)) ** 0.5)
    size = (max(round(width * factor), 1), max(round(height * factor), 1))
    luma = np.zeros(size[::-1], np.float32)
    for plane, share in zip(planes, LUMA, strict=True):
        luma += np.float32(share) * averaged(plane, size)
    return luma


def _assembled(
    matrix: F64, flow: Flow, zoom: tuple[float, float], size: tuple[int, int], other: tuple[int, int]
) -> Alignment:
    """Split the motion that was found into a map as simple as the evidence allows and a bend."""
    cell = max(1, round(CELL_ANALYSIS_PX * zoom[0]))
    columns, rows = (-(-n // cell) for n in size)

    def at_nodes(plane: F32) -> F32:
        step_x, step_y = cell * plane.shape[1] / size[0], cell * plane.shape[0] / size[1]
        index = np.array([[step_x, 0, step_x / 2 - 0.5], [0, step_y, step_y / 2 - 0.5]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(
            cv2.warpAffine(plane, index, (columns, rows), flags=flags, borderMode=cv2.BORDER_REPLICATE),
            np.float32,
        )

    confidence = at_nodes(flow.confidence)
    displacement = np.stack([at_nodes(p) for p in flow.displacement]) * np.array(zoom)[:, None, None]
    x, y = (np.arange(columns) + 0.5) * cell, (np.arange(rows) + 0.5) * cell
    nodes = np.stack([*np.meshgrid(x, y), np.ones((rows, columns))]).reshape(3, -1)
    places: F64 = matrix[:, :2] @ displacement.reshape(2, -1) + matrix @ nodes
    weight = (confidence * at_nodes(flow.detail) * (confidence > 0.5)).ravel().astype(np.float64)

    unit = max(*size, SMALL_PX) / 1000 * float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))  # retouched px
    if not weight.any():  # both are soft: the whole is all there is to go by
        weight = confidence.ravel().astype(np.float64) + 1e-6
    matrix, bend_px = _fitted(nodes, places, weight, unit)
    blurred = unit / max(flow.likeness, 0.1)
    is_straight = weighted_quantile(bend_px, weight, 0.5) < STRAIGHT_PX * blurred
    if is_straight and weight[bend_px > LIQUIFIED_PX * blurred].sum() <= LIQUIFIED_SHARE * weight.sum():
        matrix = _simplest(matrix, nodes, weight, size, other, blurred)
        grid = np.zeros((2, rows, columns), np.float32)
    else:
        bend = (places - matrix @ nodes).reshape(2, rows, columns).astype(np.float32)
        grid = _spread(bend, weight.reshape(rows, columns).astype(np.float32), max(size) / cell)
    mirrored = bool(np.linalg.det(matrix[:, :2]) < 0)
    across = matrix[:, 0] * (-1 if mirrored else 1)
    found = Alignment(
        matrix=tuple(matrix.ravel().tolist()),
        grid=grid,
        confidence=confidence,
        cell_px=cell,
        mirrored=mirrored,
        quarter_turns=round(float(np.arctan2(across[1], across[0])) / (np.pi / 2)) % 4,
        coverage=0,
        residual_px=flow.error_px * zoom[0],
        bend_px=weighted_quantile(np.hypot(*grid).ravel(), weight, BEND_SHARE),
        original_size=size,
        retouched_size=other,
    )
    own = (at_nodes(flow.own_detail) + np.float32(1e-6)) * inside_frame(found)
    coverage = float(own[confidence > 0.5].sum() / (own.sum() + 1e-9))
    return msgspec.structs.replace(found, coverage=coverage)


def _spread(bend: F32, detail: F32, longest: float) -> F32:
    """Return a bend (2, gh, gw) where places without detail take that of the detail around them, far from any none."""
    around = np.zeros_like(bend)
    for share in SPREAD_SHARES:
        sigma = share * longest
        near = np.stack([wide_blur(b * detail, sigma) for b in bend])
        around = (near + FAINT_DETAIL * around) / (wide_blur(detail, sigma) + FAINT_DETAIL)
    own = detail / (detail + OWN_DETAIL)
    return np.asarray(around + own * (bend - around), np.float32)


def _fitted(nodes: F64, places: F64, weight: F64, unit: float) -> tuple[F64, F64]:
    """Return the affine map nearest to what was measured, liquified places set aside, and how far each lies off."""
    robust = np.ones_like(weight)
    for _ in range(6):
        weighted = nodes * (weight * robust)
        moments = weighted @ nodes.T + 1e-9 * np.eye(3)
        matrix = np.asarray(np.linalg.solve(moments, weighted @ places.T).T, np.float64)
        off_px = np.hypot(*(places - matrix @ nodes))
        robust = 1 / (1 + np.square(off_px / (0.5 * unit)))
    return matrix, np.asarray(off_px, np.float64)


def _simplest(
    matrix: F64, nodes: F64, weight: F64, size: tuple[int, int], other: tuple[int, int], unit: float
) -> F64:
    """Return frame onto frame, or a shift by whole pixels, where the measured map is no different; else itself."""
    seen, seen_weight = nodes[:, weight > 0], weight[weight > 0]

    def off_px(guess: F64) -> float:
        return weighted_quantile(np.hypot(*((matrix - guess) @ seen)), seen_weight, 0.95)

    for guess in frame_maps(size, other):
        if off_px(guess) < STILL_PX * unit:
            return guess
    whole = np.round(matrix)
    whole[:, 2] = 0
    if np.array_equal(np.abs(whole[:, :2]).sum(0), [1, 1]) and np.array_equal(
        np.abs(whole[:, :2]).sum(1), [1, 1]
    ):
        whole[:, 2] = np.round(np.median((matrix - whole) @ seen, 1))
        if off_px(whole) < STILL_PX * min(unit, 1):
            return whole
    return matrix


def inside_frame(alignment: Alignment) -> NDArray[np.bool_]:
    """Return (gh, gw): whether the retouched picture has what lies at each cell's centre."""
    cell = alignment.cell_px
    rows, columns = alignment.confidence.shape
    # The last cells may end beyond the picture.
    width, height = alignment.original_size
    x = np.minimum((np.arange(columns) + 0.5) * cell, width - 0.5)
    y = np.minimum((np.arange(rows) + 0.5) * cell, height - 0.5)
    nodes = np.stack([*np.meshgrid(x, y), np.ones((rows, columns))]).reshape(3, -1)
    places = (alignment.affine @ nodes).reshape(2, rows, columns) + alignment.grid
    ends = np.array(alignment.retouched_size)[:, None, None]
    return np.asarray(((places > 0) & (places < ends)).all(0))


def expanded(nodes: F32, cell_px: int, width_px: int, top_px: int, bottom_px: int) -> F32:
    """Return rows top_px to bottom_px of what is known at the centres of cells: (gh, gw) to (bottom - top, width)."""
    first = max(top_px // cell_px - 1, 0)
    last = min(-(-bottom_px // cell_px) + 1, nodes.shape[0])
    part = nodes[first:last]
    size = (part.shape[1] * cell_px, part.shape[0] * cell_px)
    large = cv2.resize(part, size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(large[top_px - first * cell_px : bottom_px - first * cell_px, :width_px], np.float32)


def positions(alignment: Alignment, top_px: int = 0, bottom_px: int | None = None) -> tuple[F32, F32]:
    """Return x and y in the retouched picture, (rows, W) float32 each, of the original's rows top_px to bottom_px."""
    width, height = alignment.original_size
    bottom = height if bottom_px is None else bottom_px
    x = np.arange(width) + 0.5
    y = np.arange(top_px, bottom)[:, None] + 0.5
    a, b, c, d, e, f = alignment.matrix
    # Summed in double precision: a float32 of 10000 px has steps of 0.001.
    places = (np.asarray((a * x + c) + b * y, np.float32), np.asarray((d * x + f) + e * y, np.float32))
    if alignment.is_bent:
        for place, nodes in zip(places, alignment.grid, strict=True):
            place += expanded(nodes, alignment.cell_px, width, top_px, bottom)
    return places


def confidence_map(alignment: Alignment, width_px: int, height_px: int) -> F32:
    """Return (height_px, width_px) float32, 0-1: how far the match is to be trusted, for the original at any size."""
    nodes, cell = alignment.confidence, alignment.cell_px
    width, height = alignment.original_size
    step_x, step_y = width / cell / width_px, height / cell / height_px
    index = np.array([[step_x, 0, step_x / 2 - 0.5], [0, step_y, step_y / 2 - 0.5]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = (width_px, height_px)
    return np.asarray(
        cv2.warpAffine(nodes, index, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32
    )


def inverse(alignment: Alignment) -> Alignment:
    """Return where each pixel of the retouched picture lies in the original: the same with the roles exchanged."""
    size, other = alignment.retouched_size, alignment.original_size
    back = np.linalg.inv(square(alignment.affine))[:2]
    cell = max(1, round(alignment.cell_px * alignment.scale))
    columns, rows = (-(-n // cell) for n in size)
    x, y = np.meshgrid((np.arange(columns) + 0.5) * cell, (np.arange(rows) + 0.5) * cell)
    nodes = np.stack([x, y, np.ones_like(x)]).reshape(3, -1)
    straight = back @ nodes
    places = straight

    def at_places(plane: F32, border: int) -> F64:
        at_x, at_y = (places / alignment.cell_px - 0.5).reshape(2, rows, columns).astype(np.float32)
        read = cv2.remap(plane, at_x, at_y, cv2.INTER_LINEAR, borderMode=border)
        return np.asarray(read, np.float64).ravel()

    if alignment.is_bent:
        for _ in range(10):  # a contraction: a bend's slope is far below 1
            bend = np.stack([at_places(p, cv2.BORDER_REPLICATE) for p in alignment.grid])
            places = straight - back[:, :2] @ bend
    inside = (places > 0).all(0) & (places < np.array(other)[:, None]).all(0)
    confidence = at_places(alignment.confidence, cv2.BORDER_REPLICATE) * inside
    turns = alignment.quarter_turns if alignment.mirrored else -alignment.quarter_turns % 4
    return Alignment(
        matrix=tuple(back.ravel().tolist()),
        grid=(places - straight).reshape(2, rows, columns).astype(np.float32),
        confidence=confidence.reshape(rows, columns).astype(np.float32),
        cell_px=cell,
        mirrored=alignment.mirrored,
        quarter_turns=turns,
        coverage=alignment.coverage,
        residual_px=alignment.residual_px * alignment.scale,
        bend_px=alignment.bend_px / alignment.scale,
        original_size=size,
        retouched_size=other,
    )
