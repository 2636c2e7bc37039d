"""Small picture files: 16-bit TIFF with a profile and EXIF, an original and the same face as an AI left it."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL.TiffImagePlugin import IFDRational
from scipy import ndimage

from retexture.files.colour import srgb_icc
from retexture.files.images import write_image

WIDTH, HEIGHT = 600, 400
CAMERA, ARTIST = "Camera 1", "Someone"


def original(seed: int = 3, width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.uint16]:
    """(3, height, width): a light oval with pores on a dark ground."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width] / (height, width)[0]
    face = np.clip(1.6 - 4 * np.hypot(x - width / height / 2, (y - 0.5) * 0.8), 0, 1)
    pores = ndimage.gaussian_filter(random.standard_normal((height, width)), 1.2) * 0.12 * face
    light = 0.12 + 0.55 * face + pores
    planes = np.stack([light * 1.15, light * 0.9, light * 0.75])
    sixteen_bits: NDArray[np.uint16] = (np.clip(planes, 0, 1) * 65535).astype(np.uint16)
    return sixteen_bits


def retouched(planes: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """The same without pores, a little warmer."""
    smooth = ndimage.gaussian_filter(planes.astype(np.float32), (0, 4, 4))
    warmer = smooth * np.array([1.04, 1.0, 0.95], np.float32)[:, None, None]
    sixteen_bits: NDArray[np.uint16] = np.clip(warmer, 0, 65535).astype(np.uint16)
    return sixteen_bits


def exif() -> bytes:
    """A camera, an artist, an exposure time."""
    block = Pillow.Exif()
    block[271], block[315] = CAMERA, ARTIST
    block.get_ifd(0x8769)[33434] = IFDRational(1, 125)
    data: bytes = block.tobytes()
    return data


def write_tiff(path: Path, planes: NDArray[np.uint16]) -> Path:
    """Write planes with profile and EXIF."""
    write_image(path, planes, icc=srgb_icc(), metadata={"exif": exif()})
    return path


def write_pair(folder: Path, *, seed: int = 3, name: str = "portrait") -> tuple[Path, Path]:
    """Write ``portrait.tif`` and ``portrait_edited.tif``."""
    planes = original(seed)
    return (
        write_tiff(folder / f"{name}.tif", planes),
        write_tiff(folder / f"{name}_edited.tif", retouched(planes)),
    )
