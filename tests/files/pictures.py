"""Pictures for the tests of reading and writing."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from retexture.files.images import Image


def picture(dtype: str, channels: int = 3, height: int = 37, width: int = 53) -> NDArray[Any]:
    rng = np.random.default_rng(11)
    if dtype == "float32":
        return rng.random((channels, height, width), dtype=np.float32)
    return rng.integers(0, np.iinfo(dtype).max, (channels, height, width), dtype=dtype, endpoint=True)


def chunky(planar: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(planar.transpose(1, 2, 0)) if len(planar) > 1 else planar[0].copy()


def assert_picture(image: Image, colour: NDArray[Any], alpha: NDArray[Any] | None = None) -> None:
    assert image.colour.dtype == colour.dtype
    assert image.colour.dtype.isnative
    assert image.colour.flags.c_contiguous
    assert not image.colour.flags.writeable
    assert np.array_equal(image.colour, colour)
    if alpha is None:
        assert image.alpha is None
    else:
        assert image.alpha is not None
        assert image.alpha.flags.c_contiguous
        assert not image.alpha.flags.writeable
        assert image.alpha.dtype == alpha.dtype
        assert np.array_equal(image.alpha, alpha)
