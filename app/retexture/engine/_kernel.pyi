"""The compiled kernel, app/kernel/module.cpp. What `compose` does, `reference.compose` tells."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from retexture.engine.program import LayerOp

variant: Literal["avx2", "baseline", "neon"]

def area_resample(
    source: NDArray[np.uint8],
    out: NDArray[np.uint8],
    scale_x: float,
    scale_y: float,
    offset_x: float = 0,
    offset_y: float = 0,
    *,
    source_x: int = 0,
    source_y: int = 0,
    width_px: int | None = None,
    height_px: int | None = None,
) -> None: ...
def area_resample_baseline(
    source: NDArray[np.uint8],
    out: NDArray[np.uint8],
    scale_x: float,
    scale_y: float,
    offset_x: float = 0,
    offset_y: float = 0,
    *,
    source_x: int = 0,
    source_y: int = 0,
    width_px: int | None = None,
    height_px: int | None = None,
) -> None: ...
def compose(
    out: NDArray[Any],
    ops: Sequence[LayerOp],
    *,
    backdrop: NDArray[np.float32] | None = None,
    depth: int = 16,
    origin: tuple[int, int] = (0, 0),
    step: int = 1,
    bgra: bool = False,
) -> None: ...
def compose_baseline(
    out: NDArray[Any],
    ops: Sequence[LayerOp],
    *,
    backdrop: NDArray[np.float32] | None = None,
    depth: int = 16,
    origin: tuple[int, int] = (0, 0),
    step: int = 1,
    bgra: bool = False,
) -> None: ...
def copy_floor(
    out: NDArray[Any],
    ops: Sequence[LayerOp],
    *,
    backdrop: NDArray[np.float32] | None = None,
    depth: int = 16,
    origin: tuple[int, int] = (0, 0),
    step: int = 1,
    bgra: bool = False,
) -> None: ...
def median(planes: NDArray[np.float32], radius: int) -> NDArray[np.float32]: ...
def median_baseline(planes: NDArray[np.float32], radius: int) -> NDArray[np.float32]: ...
def paint(
    out: NDArray[Any],
    base: NDArray[Any],
    coverage: NDArray[np.float32],
    value: tuple[float, ...] | None,
) -> None: ...
def paint_baseline(
    out: NDArray[Any],
    base: NDArray[Any],
    coverage: NDArray[np.float32],
    value: tuple[float, ...] | None,
) -> None: ...
def stamp(coverage: NDArray[np.float32], dabs: NDArray[np.float64], left: int = 0, top: int = 0) -> None: ...
def stamp_baseline(
    coverage: NDArray[np.float32], dabs: NDArray[np.float64], left: int = 0, top: int = 0
) -> None: ...
def surface_blur(planes: NDArray[np.float32], radius: int, span: float) -> NDArray[np.float32]: ...
def surface_blur_baseline(planes: NDArray[np.float32], radius: int, span: float) -> NDArray[np.float32]: ...
