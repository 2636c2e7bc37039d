"""The compiled kernel, app/kernel/module.cpp. What `compose` does, `reference.compose` tells."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from retexture.engine.program import LayerOp

variant: Literal["avx2", "baseline", "neon"]

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
def surface_blur(planes: NDArray[np.float32], radius: int, span: float) -> NDArray[np.float32]: ...
def surface_blur_baseline(planes: NDArray[np.float32], radius: int, span: float) -> NDArray[np.float32]: ...
