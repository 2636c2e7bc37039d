"""A flat picture as an immutable value, and what all picture formats share."""

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from retexture.errors import InputError

MAX_PIXELS = 300_000_000
"""Larger pictures are refused by their header, before memory is taken: damaged files claim any size."""

DECODE_ERRORS = (
    ValueError,
    RuntimeError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    AssertionError,
    EOFError,
    OSError,
    SyntaxError,
    struct.error,
)
"""What the decoders raise on damaged files: imagecodecs RuntimeError, Pillow OSError and SyntaxError,
tifffile ValueError and whatever its reading of wrong tags runs into."""

_REMAKE = "copy it again from where it came, or save it again"


class Image(msgspec.Struct, frozen=True, eq=False):
    """A flat picture, upright, in encoded values of its own profile.

    Attributes:
        colour: (C, H, W), C = 1 (grey) or 3 (R, G, B); uint8 or uint16 over the full range, or float32, 0-1
            (floats beyond that are kept: highlights of 32-bit files). C-contiguous, read-only.
        path: the file that it was read from.
        alpha: opacity, (H, W) of the same dtype, not multiplied into the colour; None where opaque.
        icc: the profile; None means sRGB.
        metadata: ``exif`` (a TIFF-structured block, orientation 1, no thumbnail and no maker notes) and
            ``xmp`` (the packet), each where present.
        warnings: what a reader of the file should be told, one phrase each.
    """

    colour: NDArray[Any]
    path: Path
    alpha: NDArray[Any] | None = None
    icc: bytes | None = None
    metadata: Mapping[str, bytes] = msgspec.field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def depth(self) -> int:
        """Bits a channel: 8, 16, or 32 (float)."""
        return int(self.colour.dtype.itemsize * 8)

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.colour.shape[2])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.colour.shape[1])


def damaged(path: Path) -> InputError:
    """Return the error for a file whose pixels cannot all be read."""
    return InputError(path, "is damaged or cut off", _REMAKE)


def check_size(path: Path, width: int, height: int) -> None:
    """Refuse sizes that a file's header should not claim.

    Raises:
        InputError: no pixels, or more than `MAX_PIXELS`.
    """
    if width < 1 or height < 1:
        raise InputError(path, f"has no pixels ({width} x {height})", _REMAKE)
    if width * height > MAX_PIXELS:
        raise InputError(
            path,
            f"claims {width} x {height} pixels, over the limit of {MAX_PIXELS // 1_000_000} megapixels",
            "make it smaller; or, if it is smaller than that, it is damaged: copy it again",
        )


def planes(chunky: NDArray[Any]) -> NDArray[Any]:
    """Return (H, W) or (H, W, C) samples as (C, H, W), contiguous."""
    if chunky.ndim == 2:
        return np.ascontiguousarray(chunky)[None]
    height, width, channels = chunky.shape
    result = np.empty((channels, height, width), chunky.dtype)
    split_into(chunky, result)
    return result


def split_into(chunky: NDArray[Any], planar: NDArray[Any]) -> None:
    """Copy (H, W, C) samples into (C, H, W) ones; OpenCV does it far faster than numpy."""
    if chunky.shape[2] == 1:
        planar[0] = chunky[:, :, 0]
    else:
        cv2.split(chunky, list(planar))


def chunky(colour: NDArray[Any], alpha: NDArray[Any] | None) -> NDArray[Any]:
    """Return planar colour (C, H, W) and alpha (H, W) as (H, W) or (H, W, C) samples."""
    channels = [np.ascontiguousarray(plane) for plane in colour]
    if alpha is not None:
        channels.append(np.ascontiguousarray(alpha))
    return channels[0] if len(channels) == 1 else cv2.merge(channels)


def upright(planar: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Return (C, H, W) turned by its EXIF or TIFF orientation tag (TIFF 6.0, page 36); not 1-8 is 1."""
    flips = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}  # OpenCV: 1 mirrors left-right, 0 top-bottom, -1 both
    if orientation not in range(2, 9):
        return planar
    turned = []
    for plane in planar:
        plane = cv2.transpose(plane) if orientation >= 5 else plane
        turned.append(cv2.flip(plane, flips[orientation]) if orientation in flips else plane)
    return np.stack(turned)


def finished(path: Path, planar: NDArray[Any], colours: int, alpha: int | None) -> dict[str, Any]:
    """Return the `colour` and `alpha` arguments of an `Image`, read-only.

    Args:
        path: for the message.
        planar: (N, H, W), the colour channels first.
        colours: 1 or 3.
        alpha: the index of the alpha channel.

    Raises:
        InputError: a float picture holds NaN or infinity.
    """
    if planar.dtype == np.float32 and not all(np.isfinite(plane).all() for plane in planar):
        raise InputError(
            path, "holds values that are no numbers (NaN or infinity)", "save it again, best with 16 bits"
        )
    planar.setflags(write=False)
    return {"colour": planar[:colours], "alpha": None if alpha is None else planar[alpha]}


def as_depth(samples: NDArray[Any], depth: int) -> NDArray[Any]:
    """Return samples of any shape at 8 (uint8), 16 (uint16) or 32 bits (float32, 0-1).

    Correctly rounded; widening is exact (8 to 16 multiplies by 257). Floats beyond 0-1 are clipped in 8 and
    16 bits. NaN is not allowed.
    """
    target = np.dtype({8: "u1", 16: "u2", 32: "f4"}[depth])
    if samples.dtype == target:
        return samples
    if samples.dtype == np.uint8 and depth == 16:
        widened: NDArray[np.uint16] = np.multiply(samples, 257, dtype=np.uint16)
        return widened
    if depth == 32:
        largest = np.float32(np.iinfo(samples.dtype).max)
        floats: NDArray[np.float32] = np.divide(samples, largest, dtype=np.float32)
        return floats
    result = np.empty(samples.shape, target)
    # A few rows at a time keeps the intermediate values in the cache.
    flat, out = samples.reshape(-1, samples.shape[-1]), result.reshape(-1, samples.shape[-1])
    white = np.float32(np.iinfo(target).max)
    step = max(1, 65536 // max(1, samples.shape[-1]))
    for top in range(0, len(flat), step):
        rows = flat[top : top + step]
        if rows.dtype == np.uint16:
            out[top : top + step] = (rows.astype(np.uint32) + 128) // 257
        else:
            scaled = np.clip(rows * white, 0, white)
            out[top : top + step] = np.rint(scaled, out=scaled)
    return result
