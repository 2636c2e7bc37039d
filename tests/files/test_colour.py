"""Colour conversion against the published formulas, and against an 8-bit reference."""

import struct
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from imagecodecs import cms_profile
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageCms

from retexture.errors import InputError
from retexture.files.colour import convert, profile_name, profile_space, same_profile, srgb_icc

F64 = NDArray[np.float64]

ADOBE = cms_profile("adobergb")
GREY_22 = cms_profile("gray", gamma=2.2)
ADOBE_GAMMA = 563 / 256  # Adobe RGB (1998) Color Image Encoding, 4.3.4.2
SRGB_XY = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))  # IEC 61966-2-1
ADOBE_XY = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
D65 = (0.3127, 0.3290)


def to_xyz(primaries: tuple[tuple[float, float], ...]) -> F64:
    """The matrix from linear RGB to XYZ for given primaries and D65."""
    columns = np.array([(x / y, 1.0, (1 - x - y) / y) for x, y in primaries]).T
    white = np.array([D65[0] / D65[1], 1.0, (1 - D65[0] - D65[1]) / D65[1]])
    return np.asarray(columns * np.linalg.solve(columns, white))


def srgb_encode(linear: F64) -> F64:
    return np.where(
        linear <= 0.0031308, 12.92 * linear, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055
    )


def srgb_decode(encoded: F64) -> F64:
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def adobe_to_srgb(encoded: F64, matrix: F64) -> F64:
    linear = np.einsum("ij,jhw->ihw", matrix, encoded**ADOBE_GAMMA)
    return srgb_encode(np.clip(linear, 0, 1))


def picture(dtype: str) -> NDArray[Any]:
    rng = np.random.default_rng(3)
    if dtype == "float32":
        return rng.random((3, 300, 70), dtype=np.float32)
    return rng.integers(0, np.iinfo(dtype).max, (3, 300, 70), dtype=dtype, endpoint=True)


def matrix_of(profile: bytes) -> F64:
    """The matrix from linear RGB to XYZ (D50) that a profile holds (ICC.1:2022, 9.2.44 and 10.31)."""
    columns = []
    for name in (b"rXYZ", b"gXYZ", b"bXYZ"):
        entry = profile.index(name, 128)
        (at,) = struct.unpack_from(">I", profile, entry + 4)
        columns.append(np.array(struct.unpack_from(">3i", profile, at + 8)) / 65536)
    return np.array(columns).T


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_adobe_rgb_to_srgb(dtype: str):
    source = picture(dtype)
    white = 1.0 if dtype == "float32" else float(np.iinfo(dtype).max)
    encoded = source.astype(np.float64) / white
    result = convert(source, ADOBE, None)
    assert result.dtype == (np.float32 if dtype == "float32" else np.uint16)
    in_16_bits = np.clip(result / (1.0 if dtype == "float32" else 65535.0), 0, 1) * 65535

    # By the published primaries. A profile holds its matrix in steps of 2^-16, of which a few, amplified by
    # the inverse (row sums up to 5.3) and by sRGB's slope of 12.92 near black, make up to 100 of 65535.
    error = np.abs(
        in_16_bits - adobe_to_srgb(encoded, np.linalg.inv(to_xyz(SRGB_XY)) @ to_xyz(ADOBE_XY)) * 65535
    )
    assert error.max() < 64
    assert np.percentile(error, 99) < 16

    # By the numbers in the profiles: exact but for the rounding on the way (XYZ at 16 bits would be 40 off).
    exact = np.linalg.inv(matrix_of(srgb_icc())) @ matrix_of(ADOBE)
    error = np.abs(in_16_bits - adobe_to_srgb(encoded, exact) * 65535)
    assert error.max() < 1.5
    assert np.percentile(error, 99) < 1


def test_the_8_bit_reference_agrees():
    source = picture("uint8")
    there = ImageCms.ImageCmsProfile(BytesIO(ADOBE))
    here = ImageCms.ImageCmsProfile(BytesIO(srgb_icc()))
    pixels = Pillow.fromarray(np.ascontiguousarray(source.transpose(1, 2, 0)))
    intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
    expected = ImageCms.profileToProfile(pixels, there, here, renderingIntent=intent)
    assert expected is not None
    result = (convert(source, ADOBE, None).astype(np.int32) + 128) // 257
    difference = np.abs(result - np.asarray(expected).transpose(2, 0, 1))
    assert difference.max() <= 1
    assert np.percentile(difference, 95) == 0


def test_there_and_back_is_the_same_within_gamut():
    # Every sRGB colour lies within Adobe RGB.
    source = picture("uint16")
    back = convert(convert(source, None, ADOBE), ADOBE, None)
    error = np.abs(back.astype(np.int32) - source)
    # Half a step of Adobe RGB is several of sRGB where a dark channel stands beside a bright one.
    assert error.max() <= 24
    assert np.percentile(error, 99) <= 4
    assert np.median(error) <= 1


def test_bands_do_not_show():
    source = picture("uint16")
    whole = convert(source, ADOBE, None)
    for top in (0, 127, 128, 299):
        assert np.array_equal(convert(source[:, top : top + 1], ADOBE, None), whole[:, top : top + 1])


def test_grey_and_rgb():
    ramp = np.arange(0, 65536, 15, dtype=np.uint16)[None, :, None]
    assert np.array_equal(convert(ramp, None, None), ramp)
    assert np.array_equal(convert(ramp, None, srgb_icc()), np.repeat(ramp, 3, axis=0))

    as_srgb = convert(ramp, GREY_22, None)
    assert as_srgb.shape == ramp.shape
    expected = srgb_encode((ramp / 65535) ** 2.2) * 65535
    error = np.abs(as_srgb - expected)
    assert error.max() < 6
    assert np.percentile(error, 99) < 3

    as_rgb = convert(ramp, GREY_22, srgb_icc())
    assert as_rgb.shape[0] == 3
    assert np.abs(as_rgb - expected).max() < 6

    neutral = np.repeat(ramp, 3, axis=0)
    as_grey = convert(neutral, None, GREY_22)
    expected = srgb_decode(ramp / 65535) ** (1 / 2.2) * 65535
    assert as_grey.shape == ramp.shape
    bright = ramp > 2000  # below, a gamma of 2.2 is so steep that one step of XYZ shows
    assert np.abs(as_grey - expected)[bright].max() < 6


def test_same_profiles_are_told_by_effect():
    renamed = bytearray(srgb_icc())
    renamed[24:36] = bytes((7, 0xD0, 0, 2, 0, 2, 0, 0, 0, 0, 0, 0))
    other_encoding = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert same_profile(None, None)
    assert same_profile(None, srgb_icc())
    assert same_profile(bytes(renamed), srgb_icc())
    assert same_profile(other_encoding, None)
    assert not same_profile(ADOBE, None)
    assert not same_profile(None, ADOBE)
    assert not same_profile(GREY_22, None)
    assert not same_profile(GREY_22, cms_profile("gray", gamma=1.8))


def test_the_same_profile_changes_nothing():
    source = picture("uint16")
    assert np.array_equal(convert(source, None, srgb_icc()), source)
    assert np.array_equal(convert(source, ADOBE, ADOBE), source)


def test_names():
    assert profile_name(None) == "sRGB"
    assert "Adobe RGB" in profile_name(ADOBE)
    assert profile_name(b"no profile") == "unreadable profile"


def test_srgb_is_always_the_same_bytes_and_valid():
    profile = srgb_icc()
    srgb_icc.cache_clear()
    assert srgb_icc() == profile
    assert profile_space(profile, "x") == "rgb"
    assert profile_space(GREY_22, "x") == "gray"


@pytest.mark.parametrize(
    ("profile", "problem"),
    [
        (b"", "damaged"),
        (b"x" * 400, "damaged"),
        (ADOBE[:300], "damaged"),
        (ADOBE[:600], "damaged"),
        (ADOBE[:16] + b"CMYK" + ADOBE[20:], "for CMYK"),
        (ADOBE[:16] + b"Lab " + ADOBE[20:], "for Lab"),
    ],
)
def test_unusable_profiles_are_refused(profile: bytes, problem: str):
    with pytest.raises(InputError, match=f"a.tif: its colour profile is {problem}; "):
        profile_space(profile, "a.tif")
    if profile:
        with pytest.raises(InputError, match=problem):
            convert(np.zeros((3, 2, 2), np.uint16), profile, None)


def test_a_grey_profile_for_an_rgb_picture_is_refused():
    with pytest.raises(InputError, match="grey"):
        convert(np.zeros((3, 2, 2), np.uint16), GREY_22, None)
