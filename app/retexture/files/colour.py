"""ICC profiles, through LittleCMS: checked, compared, named, and pictures converted between them.

Throughout, None instead of a profile means sRGB (IEC 61966-2-1): RGB for a picture of three channels, its
tone curve alone for a grey one.
"""

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from io import BytesIO
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from retexture.errors import InputError

Space = Literal["rgb", "gray"]

_SPACES: dict[bytes, Space] = {b"RGB ": "rgb", b"GRAY": "gray"}
_OTHER_SPACES = {b"CMYK": "CMYK", b"Lab ": "Lab", b"XYZ ": "XYZ", b"YCbr": "YCbCr", b"HSV ": "HSV"}

_RELATIVE_COLORIMETRIC = 1
# Photoshop's defaults: relative colorimetric with black point compensation (0x2000). Without NOOPTIMIZE
# (0x100) LittleCMS takes shortcuts in fixed point, over 1000/65535 off in dark colours.
_FLAGS = 0x2000 | 0x100

_SAME = 128
"""Of 65535: half an 8-bit step. The sRGB profiles of two makers differ by up to 119 (measured)."""

_BAND = 128
"""Rows that one thread converts at a time."""

_REMEDY = "assign a profile such as sRGB in an image editor and save it again"


@lru_cache(maxsize=1)
def srgb_icc() -> bytes:
    """Return an sRGB profile (ICC version 4, parametric curves), always the same bytes."""
    from imagecodecs import cms_profile

    profile = bytearray(cms_profile("srgb"))
    profile[24:36] = bytes((0x07, 0xEA, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0))  # LittleCMS puts the time of day here
    return bytes(profile)


def profile_space(icc: bytes, path: str | os.PathLike[str]) -> Space:
    """Return the colour space of a profile, having tried it in a transform.

    Raises:
        InputError: naming `path`; the profile is damaged, or neither RGB nor grey.
    """
    if len(icc) < 132 or icc[36:40] != b"acsp":
        raise InputError(path, "its colour profile is damaged", _REMEDY)
    signature = icc[16:20]
    if signature not in _SPACES:
        name = _OTHER_SPACES.get(signature, "an unknown colour space")
        raise InputError(path, f"its colour profile is for {name}", "convert it to RGB in an image editor")
    space = _SPACES[signature]
    channels = 3 if space == "rgb" else 1
    try:
        # Opening reads the header alone; tags that are cut off show only when a transform needs them.
        _transform(np.zeros((channels, 1, 1), np.uint16), icc, space, srgb_icc(), "rgb")
    except RuntimeError as error:
        raise InputError(path, "its colour profile is damaged", _REMEDY) from error
    return space


def profile_name(icc: bytes | None) -> str:
    """Return the description that the profile carries, such as ``Adobe RGB (1998)``; ``sRGB`` for None."""
    from PIL import ImageCms

    if icc is None:
        return "sRGB"
    try:
        name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(BytesIO(icc)))
    except (OSError, ValueError, TypeError, ImageCms.PyCMSError):
        return "unreadable profile"
    return name.strip() or "unnamed profile"


def same_profile(a: bytes | None, b: bytes | None) -> bool:
    """Tell whether two profiles mean the same colours, to within half an 8-bit step.

    Compared by effect, not by bytes: the same profile with another date, name or encoding of its curves is
    the same. Profiles of different spaces (RGB, grey) never are.

    Raises:
        InputError: a profile is damaged, or neither RGB nor grey.
    """
    if a == b:
        return True
    a, b = a or srgb_icc(), b or srgb_icc()
    space = profile_space(a, "colour profile")
    if space != profile_space(b, "colour profile"):
        return False
    # Denser in the shadows, where tone curves differ most.
    axis = np.array([0, 1, 2, 4, 8, 16, 32, 64, 128, 192, 255], np.uint16) * np.uint16(257)
    grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij")).reshape(3, 1, -1)
    if space == "gray":
        grid = np.arange(0, 65536, 17).astype(np.uint16)[None, None]
    probe = np.ascontiguousarray(grid)
    moved = _transform(probe, a, space, b, space)
    return bool(np.abs(moved.astype(np.int32) - probe).max() <= _SAME)


def convert(colour: NDArray[Any], from_icc: bytes | None, to_icc: bytes | None) -> NDArray[Any]:
    """Convert encoded colours from one profile to another, relative colorimetric, black point compensated.

    Args:
        colour: (C, H, W), C = 1 or 3; uint8, uint16 (full range) or float32 (0-1). A grey picture may come
            with an RGB profile: its value then stands for R = G = B.
        from_icc: the profile that `colour` is encoded in.
        to_icc: the profile wanted.

    Returns:
        (C, H, W): one channel where `to_icc` is a grey profile, or None and the picture grey; else three.
        float32 for float32, else uint16: rounding a conversion to 8 bits would leave gaps between tones.
        Profiles that are the same (`same_profile`) give `colour` back unconverted, apart from the dtype.

    Raises:
        InputError: a profile is damaged, or neither RGB nor grey, or a grey one for a picture in RGB.
    """
    source_space = profile_space(from_icc or srgb_icc(), "colour profile")
    target_space = profile_space(to_icc or srgb_icc(), "colour profile")
    grey = colour.shape[0] == 1
    if source_space == "gray" and not grey:
        raise InputError(
            f"colour profile '{profile_name(from_icc)}'", "is for grey pictures, and this one is RGB", _REMEDY
        )
    if colour.dtype == np.uint8:
        colour = np.multiply(colour, 257, dtype=np.uint16)
    stays_grey = grey and (target_space == "gray" or to_icc is None)
    if source_space == "rgb" and grey and not (to_icc is None and from_icc is None):
        colour = np.repeat(colour, 3, axis=0)
    if not same_profile(from_icc, to_icc):
        colour = _in_bands(colour, from_icc or srgb_icc(), source_space, to_icc or srgb_icc(), target_space)
    return np.ascontiguousarray(colour[:1]) if stays_grey else colour


def _in_bands(
    colour: NDArray[Any], source: bytes, source_space: Space, target: bytes, target_space: Space
) -> NDArray[Any]:
    _, height, width = colour.shape
    result = np.empty((3 if target_space == "rgb" else 1, height, width), colour.dtype)

    def band(top: int) -> None:
        rows = np.ascontiguousarray(colour[:, top : top + _BAND])
        result[:, top : top + _BAND] = _transform(rows, source, source_space, target, target_space)

    tops: Iterable[int] = range(0, height, _BAND)
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # LittleCMS runs without the interpreter's lock
        for _ in pool.map(band, tops):
            pass
    return result


def _transform(
    colour: NDArray[Any], source: bytes, source_space: Space, target: bytes, target_space: Space
) -> NDArray[Any]:
    from imagecodecs import cms_transform

    rgb_in, rgb_out = source_space == "rgb", target_space == "rgb"
    result: NDArray[Any] = cms_transform(
        colour if rgb_in else colour[0],
        source,
        target,
        colorspace=source_space,
        outcolorspace=target_space,
        planar=rgb_in,
        outplanar=rgb_out,
        intent=_RELATIVE_COLORIMETRIC,
        flags=_FLAGS,
    )
    return result.reshape(3 if rgb_out else 1, *colour.shape[1:])
