"""The samples of Photoshop documents: channels of layers and masks, as arrays."""

import zlib
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from retexture.files.raster import MAX_PIXELS

Depth = Literal[8, 16, 32]

DTYPES = {8: np.uint8, 16: np.uint16, 32: np.float32}
"""Of pixels by the document's depth. A 16-bit document's files hold 0-65535, whatever Photoshop computes with."""

_MAX_EXPANSION = 1100
"""No compression in use shrinks its input more than this: DEFLATE 1032 times, PackBits 64 times."""

_RAW, _RLE, _ZIP, _ZIP_PREDICTED = range(4)


def decode(channel: Any, width: int, height: int, depth: Depth, version: int) -> NDArray[Any]:
    """Return the samples of a channel, (height, width), in the dtype of the depth.

    Args:
        channel: psd-tools' `ChannelData` or `ImageData`.
        width: in pixels.
        height: in pixels.
        depth: bits of a sample.
        version: 1 of PSD, 2 of PSB.

    Raises:
        ValueError: the data are damaged, cut off, or claim an impossible size.
    """
    size = width * height * depth // 8
    if width * height > 4 * MAX_PIXELS or size > (len(channel.data) + 1) * _MAX_EXPANSION:
        raise ValueError(f"{width} x {height} samples cannot come from {len(channel.data)} bytes")
    data = _unpacked(channel, size, width, height, depth, version)
    if len(data) < size:
        raise ValueError(f"{len(data)} bytes of {size}")
    stored = np.dtype({8: ">u1", 16: ">u2", 32: ">f4"}[depth])
    samples: NDArray[Any] = np.frombuffer(data, stored, width * height).reshape(height, width)
    samples = samples.astype(DTYPES[depth])
    if depth == 32 and not np.isfinite(samples).all():
        raise ValueError("samples that are no numbers")
    return samples


def _unpacked(channel: Any, size: int, width: int, height: int, depth: Depth, version: int) -> bytes:
    from psd_tools.compression import decode_prediction, decode_rle

    method = int(channel.compression)
    if method == _RAW:
        raw: bytes = channel.data
        return raw
    if method == _RLE:
        return decode_rle(channel.data, width, height, depth, version)
    data = zlib.decompressobj().decompress(channel.data, size)
    return decode_prediction(data, width, height, depth) if method == _ZIP_PREDICTED else data


def mask_samples(samples: NDArray[Any], depth: Depth) -> NDArray[Any]:
    """Return a mask's samples as masks are kept: uint8 in 8-bit documents, else uint16."""
    if depth != 32:
        return samples
    whole: NDArray[np.uint16] = np.rint(np.clip(samples, 0, 1) * np.float32(65535)).astype(np.uint16)
    return whole
