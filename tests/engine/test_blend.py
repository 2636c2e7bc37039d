"""The blend modes of the numpy engine against tables of whole numbers and fractions, and against float64."""

import numpy as np
import pytest

from retexture.engine.blend import BLENDS, EIGHT_BIT, REAL, blend
from retexture.engine.modes import FILL_MODES, BlendMode
from tests.engine.blend_tables import (
    F64,
    I64,
    JOINT,
    REALS,
    TABLES,
    burn,
    clamp,
    colour_pairs,
    dodge,
    joint_table,
    light,
    quotient,
    real_burn,
    real_dodge,
    real_grid,
    real_joint,
    real_luma,
    screen,
    vivid,
)

B, S = np.meshgrid(np.arange(256), np.arange(256), indexing="ij")
"""All pairs of 8-bit backdrop and source."""


def blended(mode: BlendMode, b: I64, s: I64, fill: float = 1.0) -> I64:
    """Return the engine's 8-bit result, rounded as compose rounds it, the same in all three channels."""
    planes = np.stack([b, b, b]).astype(np.float32), np.stack([s, s, s]).astype(np.float32)
    result = EIGHT_BIT.round(blend(mode, *planes, EIGHT_BIT, fill))
    assert np.array_equal(result[0], result[1])
    assert np.array_equal(result[0], result[2])
    whole: I64 = result[0].astype(np.int64)
    return whole


def test_every_mode_is_covered():
    assert set(TABLES) | JOINT == set(BlendMode) - {BlendMode.PASS_THROUGH} == set(BLENDS)


@pytest.mark.parametrize("mode", TABLES)
def test_8_bit_table(mode):
    assert np.array_equal(blended(mode, B, S), TABLES[mode](B, S))


@pytest.mark.parametrize(
    ("mode", "wrong"),
    [
        (BlendMode.LINEAR_LIGHT, lambda b, s: clamp(b + 2 * s - 255)),
        (BlendMode.LINEAR_BURN, lambda b, s: clamp(b + s - 256)),
        (BlendMode.OVERLAY, lambda b, s: np.where(b < 128, quotient(2 * b * s, 255), screen(s, 2 * b - 256))),
        (BlendMode.OVERLAY, TABLES[BlendMode.HARD_LIGHT]),
        (
            BlendMode.HARD_LIGHT,
            lambda b, s: np.where(s < 128, quotient(2 * b * s, 255), screen(b, 2 * s - 255)),
        ),
        (BlendMode.MULTIPLY, lambda b, s: b * s // 255),
        (BlendMode.SCREEN, lambda b, s: 255 - (255 - b) * (255 - s) // 255),
        (BlendMode.SOFT_LIGHT, lambda b, s: quotient(b * b * (255 - 2 * s) + 510 * b * s, 255 * 255)),
        (BlendMode.COLOR_BURN, lambda b, s: np.where(s == 0, 0, burn(b, s))),
        (BlendMode.COLOR_DODGE, lambda b, s: np.where(s == 255, 255, dodge(b, s))),
        (BlendMode.VIVID_LIGHT, lambda b, s: np.where(s < 128, burn(b, clamp(2 * s)), vivid(b, s))),
        (
            BlendMode.PIN_LIGHT,
            lambda b, s: np.where(s < 128, np.minimum(b, 2 * s), np.maximum(b, 2 * s - 256)),
        ),
        (BlendMode.HARD_MIX, lambda b, s: np.where(b + s >= 255, 255, 0)),
        (BlendMode.DIVIDE, lambda b, s: np.where(s == 0, 255, TABLES[BlendMode.DIVIDE](b, s))),
        (BlendMode.EXCLUSION, lambda b, s: quotient(255 * (b + s) - 2 * b * s, 255)),
    ],
)
def test_neighbouring_formula_is_told_apart(mode, wrong):
    """Formulas that others use, or that are right but for the rounding, must not pass for ours."""
    assert not np.array_equal(blended(mode, B, S), wrong(B, S))


# --- the modes that look at three channels ---


@pytest.mark.parametrize("mode", sorted(JOINT))
def test_8_bit_joint_modes(mode):
    b, s = colour_pairs(4000)
    got = blend(mode, b[:, None].astype(np.float32), s[:, None].astype(np.float32), EIGHT_BIT)[:, 0]
    assert np.array_equal(got, joint_table(mode, b, s))


@pytest.mark.parametrize("mode", sorted(JOINT))
def test_8_bit_joint_modes_are_the_published_ones(mode):
    """Photoshop's whole numbers are within rounding of the W3C's formulas, where no threshold decides."""
    b, s = colour_pairs(4000)
    if mode in {BlendMode.DARKER_COLOR, BlendMode.LIGHTER_COLOR}:
        clear = np.abs(np.array([30, 59, 11]) @ (b - s)) > 100
        b, s = b[:, clear], s[:, clear]
    error = np.abs(real_joint(mode, b / 255, s / 255) * 255 - joint_table(mode, b, s))
    assert error.max() < 6
    assert np.percentile(error, 90) < 2


def test_joint_modes_are_told_apart():
    """The bounds above reject a mode taken for its neighbour, and the weights of another standard."""
    b, s = colour_pairs(500)
    for mode, other in [(BlendMode.HUE, BlendMode.COLOR), (BlendMode.SATURATION, BlendMode.LUMINOSITY)]:
        assert np.abs(joint_table(mode, b, s) - joint_table(other, b, s)).max() > 6
    rec709 = np.floor(0.2126 * b[0] + 0.7152 * b[1] + 0.0722 * b[2] + 0.5)
    ours = np.array([light(c) for c in zip(*b.tolist(), strict=True)])
    assert np.abs(rec709 - ours).max() > 6


# --- reals ---


def real_blended(mode: BlendMode, b: F64, s: F64, fill: float = 1.0) -> F64:
    planes = np.stack([b, b, b]).astype(np.float32), np.stack([s, s, s]).astype(np.float32)
    result: F64 = blend(mode, *planes, REAL, fill)[1].astype(np.float64)
    return result


@pytest.mark.parametrize("mode", REALS)
def test_reals(mode):
    b, s = real_grid()
    error = np.abs(real_blended(mode, b, s) - REALS[mode](b, s))
    assert error.max() < 5e-7
    assert np.percentile(error, 99) < 2e-7


@pytest.mark.parametrize("mode", sorted(JOINT))
def test_real_joint_modes(mode):
    b, s = (c / 255 for c in colour_pairs(4000))
    tied = np.abs(real_luma(b) - real_luma(s)) < 1e-6  # single precision may decide either way
    assert tied.mean() < 0.01
    got = blend(mode, b[:, None].astype(np.float32), s[:, None].astype(np.float32), REAL)[:, 0]
    error = np.abs(got - real_joint(mode, b, s))[:, ~tied]
    assert error.max() < 2e-5  # nearly grey colours: a small spread is divided by
    assert np.percentile(error, 99) < 1e-6


@pytest.mark.parametrize("neutral", [BlendMode.LINEAR_LIGHT, BlendMode.OVERLAY, BlendMode.VIVID_LIGHT])
def test_neutral_grey(neutral):
    """Neutral grey over or under leaves the other side alone: 128 in 8 bits, one half in reals."""
    values, reals = np.arange(256)[None], np.arange(257)[None] / 256
    if neutral is BlendMode.OVERLAY:  # neutral as a layer as well, but not to the last level in 8 bits
        off = blended(neutral, values, np.full_like(values, 128)) - values
        assert np.abs(off).max() <= 1
    else:
        assert np.array_equal(blended(neutral, values, np.full_like(values, 128)), values)
    kept = real_blended(neutral, reals, np.full_like(reals, 0.5))
    inner = slice(1, -1) if neutral is BlendMode.VIVID_LIGHT else slice(None)
    assert np.abs(kept - reals)[:, inner].max() < 1e-7


# --- fill -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", sorted(FILL_MODES))
def test_fill_of_nothing_leaves_the_backdrop(mode):
    b, s = real_grid()
    assert np.array_equal(real_blended(mode, b, s, 0.0), b)
    assert np.array_equal(blended(mode, B, S, 0.0), B)


@pytest.mark.parametrize("mode", sorted(FILL_MODES - {BlendMode.HARD_MIX}))
def test_fill_reaches_the_full_effect(mode):
    """Just under full fill the result is next to the mode's own; Hard Mix, a jump, has a test of its own."""
    b, s = real_grid()
    inside = (slice(1, -1), slice(1, -1))
    error = np.abs(real_blended(mode, b, s, 1 - 1e-6) - real_blended(mode, b, s))[inside]
    assert error.max() < 6e-4  # division by 1/256 at most, twice


@pytest.mark.parametrize("fill", [0.25, 0.5, 0.9])
def test_fill_scales_before_the_clip(fill):
    b, s = real_grid()
    expected: dict[BlendMode, F64] = {
        BlendMode.LINEAR_LIGHT: np.clip(b + fill * (2 * s - 1), 0, 1),
        BlendMode.LINEAR_BURN: np.clip(b - fill * (1 - s), 0, 1),
        BlendMode.LINEAR_DODGE: np.clip(b + fill * s, 0, 1),
        BlendMode.DIFFERENCE: np.abs(b - fill * s),
        BlendMode.COLOR_BURN: real_burn(b, 1 - fill * (1 - s)),
        BlendMode.COLOR_DODGE: real_dodge(b, fill * s),
        BlendMode.VIVID_LIGHT: REALS[BlendMode.VIVID_LIGHT](b, 0.5 + fill * (s - 0.5)),
        BlendMode.HARD_MIX: np.clip((b - fill * (1 - s)) / (1 - fill), 0, 1),
    }
    assert set(expected) == FILL_MODES
    for mode, values in expected.items():
        error = np.abs(real_blended(mode, b, s, fill) - values)
        assert error.max() < 4e-6, mode  # Vivid Light's division amplifies one rounding of the source
        assert np.percentile(error, 99) < 1e-6, mode
    mixed_after = b + fill * (REALS[BlendMode.LINEAR_LIGHT](b, s) - b)
    assert np.abs(expected[BlendMode.LINEAR_LIGHT] - mixed_after).max() > 0.05


def test_fill_is_ignored_by_the_other_modes():
    for mode in set(TABLES) - FILL_MODES:
        assert np.array_equal(blended(mode, B, S, 0.3), blended(mode, B, S))
