"""Brush dabs: what they are, and the compiled ones against the numpy ones."""

import numpy as np
import pytest

from retexture.engine import dabs

DTYPES = [np.uint8, np.uint16, np.float32]
SOFT, HARD = 0.0, 1.0


def lay(*rows, shape=(41, 61), left=0, top=0, stamp=dabs.stamp):
    coverage = np.zeros(shape, np.float32)
    stamp(coverage, np.array(rows, np.float64), left, top)
    return coverage


def compiled():
    return pytest.importorskip("retexture.engine._kernel", reason="the kernel is not built")


def planes(shape, dtype):
    rng = np.random.default_rng(3)
    if dtype == np.float32:
        return rng.random(shape, np.float32)
    return rng.integers(0, np.iinfo(dtype).max + 1, shape, dtype)


def test_a_soft_dab_falls_from_its_centre_to_its_radius():
    row = lay((30.5, 20.5, 10, SOFT, 1, 1))[20]
    assert row[30] == 1
    assert row[35] == row[25] == 0.5  # half way out
    assert (np.diff(row[30:41]) < 0).all()
    assert row[40] == row[20] == 0


def test_a_hard_dab_has_the_area_of_its_disc():
    coverage = lay((30.3, 20.8, 12, HARD, 1, 1))
    assert coverage.sum() == pytest.approx(np.pi * 144, rel=0.005)
    assert ((coverage > 0) & (coverage < 1)).sum() < 2 * np.pi * 13 * 1.5  # the rim alone


def test_hardness_keeps_the_inside_full():
    row = lay((30.5, 20.5, 10, 0.6, 1, 1))[20]
    assert (row[24:37] == 1).all()
    assert row[38] == 0.5


def test_flow_builds_up_to_the_ceiling_and_never_past_it():
    dab = (30.5, 20.5, 10, SOFT, 0.5, 0.8)
    centre = [lay(*[dab] * n)[20, 30] for n in (1, 2, 3, 60)]
    assert centre == pytest.approx([0.4, 0.6, 0.7, 0.8])
    assert lay(*[dab] * 60).max() <= np.float32(0.8)


def test_a_lower_ceiling_leaves_what_is_above_it():
    strong = lay((30.5, 20.5, 10, HARD, 1, 0.9))
    both = lay((30.5, 20.5, 10, HARD, 1, 0.9), (30.5, 20.5, 15, HARD, 1, 0.3))
    assert np.array_equal(both[strong > 0.3], strong[strong > 0.3])
    assert both[20, 18] == np.float32(0.3)


def test_a_dab_thinner_than_a_pixel_is_weaker():
    assert lay((30.5, 20.5, 0.25, HARD, 1, 1)).sum() < lay((30.5, 20.5, 0.5, HARD, 1, 1)).sum()
    assert not lay((30.5, 20.5, 0, HARD, 1, 1)).any()


def test_bounds_hold_what_a_dab_touches():
    for x, y, radius, hardness in [(30.5, 20.5, 10, 0), (30.2, 20.9, 7.3, 1), (30.0, 20.0, 0.5, 0.4)]:
        touched = lay((x, y, radius, hardness, 1, 1)) > 0
        left, top, right, bottom = dabs.bounds(x, y, radius, hardness)
        assert np.flatnonzero(touched.any(0))[[0, -1]].tolist() == [left, right - 1]
        assert np.flatnonzero(touched.any(1))[[0, -1]].tolist() == [top, bottom - 1]


ROWS = [
    (30.3, 20.7, 10, 0, 0.4, 0.9),
    (12.1, -3.2, 9.5, 0.5, 1, 1),
    (60.9, 40.1, 25, 1, 0.9, 0.5),
    (-400, 20, 30, 0, 1, 1),
    (1e12, 1e12, 30, 0, 1, 1),
    (20.5, 10.25, 0.3, 0.2, 1, 1),
    (30, 20, 500, 0.1, 0.1, 0.7),
]


@pytest.mark.parametrize("suffix", ["", "_baseline"])
def test_compiled_stamp(suffix):
    stamp = getattr(compiled(), f"stamp{suffix}")
    assert np.array_equal(lay(*ROWS, stamp=stamp), lay(*ROWS))
    shifted = [(x + 256, y - 512, *rest) for x, y, *rest in ROWS]
    assert np.array_equal(lay(*shifted, left=256, top=-512, stamp=stamp), lay(*shifted, left=256, top=-512))


def test_a_part_of_coverage_gets_its_part_of_the_dab(engine_stamp):
    whole = lay(*ROWS, stamp=engine_stamp)
    assert np.array_equal(lay(*ROWS, shape=(9, 20), left=17, top=14, stamp=engine_stamp), whole[14:23, 17:37])
    canvas = np.zeros((41, 61), np.float32)
    engine_stamp(canvas[14:23, 17:37], np.array(ROWS), 17, 14)
    assert np.array_equal(canvas[14:23, 17:37], whole[14:23, 17:37])
    assert np.count_nonzero(canvas) == np.count_nonzero(canvas[14:23, 17:37])


@pytest.fixture(params=["numpy", "kernel"])
def engine_stamp(request):
    return dabs.stamp if request.param == "numpy" else compiled().stamp


@pytest.mark.parametrize("dtype", DTYPES)
def test_mask_values_are_mixed_and_rounded_half_up(dtype):
    white = 1 if dtype == np.float32 else np.iinfo(dtype).max
    base = planes((1, 4, 5), dtype)
    coverage = np.zeros((4, 5), np.float32)
    coverage[1], coverage[2] = 1, 0.5
    out = np.empty_like(base)
    dabs.paint(out, base, coverage, (1.0,))
    assert np.array_equal(out[:, [0, 3]], base[:, [0, 3]])
    assert (out[:, 1] == white).all()
    half = (base[:, 2].astype(float) + white) / 2
    if dtype == np.float32:
        assert np.allclose(out[:, 2], half, atol=1e-7)
    else:
        assert np.array_equal(out[:, 2], np.floor(half + 0.5))


def test_paint_goes_over_by_straight_alpha():
    base = np.array([[[0.2, 0.2]], [[0.4, 0.4]], [[0.6, 0.6]], [[0.0, 0.5]]], np.float32)
    out = np.empty_like(base)
    dabs.paint(out, base, np.full((1, 2), 0.5, np.float32), (1, 0, 0))
    assert out[:, 0, 0] == pytest.approx([1, 0, 0, 0.5])  # nothing was there
    # Premultiplied: half of the new colour, and half of what half-covered.
    assert out[:, 0, 1] == pytest.approx([(0.5 + 0.25 * 0.2) / 0.75, 0.1 / 0.75, 0.15 / 0.75, 0.75])


def test_erasing_lowers_alpha_alone():
    base = planes((4, 3, 3), np.uint16)
    out = np.empty_like(base)
    dabs.paint(out, base, np.full((3, 3), 0.25, np.float32), None)
    assert np.array_equal(out[:3], base[:3])
    assert np.array_equal(out[3], np.floor(base[3] * 0.75 + 0.5))


@pytest.mark.parametrize("suffix", ["", "_baseline"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_compiled_paint(dtype, suffix):
    paint = getattr(compiled(), f"paint{suffix}")
    big = planes((4, 50, 90), dtype)
    big[3, :9] = 0
    coverage = planes((50, 90), np.float32)
    coverage[::5], coverage[1::5] = 0, 1
    cases = [(1, (0.3,)), (1, None), (4, (0.1, 1.0, 0.5)), (4, None), (4, (0.1, 0.2, 0.3, 0.4)), (2, (0.7,))]
    for count, value in cases:
        for cut in (np.s_[:, :, :], np.s_[:, 3:40, 7:68], np.s_[:, 5:6, 5:6]):
            base = big[-count:][cut]
            expected, result = (np.zeros_like(big[-count:]) for _ in range(2))
            dabs.paint(expected[cut], base, coverage[cut[1:]], value)
            paint(result[cut], base, coverage[cut[1:]], value)
            assert np.array_equal(result, expected), (count, value, cut)


def test_wrong_values_and_arrays():
    kernel = compiled()
    base = np.zeros((4, 3, 5), np.uint16)
    coverage = np.zeros((3, 5), np.float32)
    for paint in (dabs.paint, kernel.paint):
        for values in ((), (1.0,), (1.0,) * 5):
            with pytest.raises(ValueError, match="value"):
                paint(base.copy(), base, coverage, values)
    for wrong in (base[:3], base[:, :2], base[:, :, ::-1]):
        with pytest.raises(ValueError):
            kernel.paint(base.copy(), wrong, coverage, None)
    with pytest.raises(ValueError, match="coverage"):
        kernel.paint(base.copy(), base, coverage[:2], None)
    for out in (base.astype(np.uint8), base.astype(np.int32), base[0]):
        with pytest.raises(TypeError):
            kernel.paint(out, base, coverage, None)
    frozen = base.copy()
    frozen.flags.writeable = False
    with pytest.raises(TypeError):
        kernel.paint(frozen, base, coverage, None)
    for rows in (np.zeros((2, 5)), np.zeros(6), "dabs"):
        with pytest.raises(TypeError):
            kernel.stamp(coverage, rows)


@pytest.mark.parametrize("side", ["numpy", "compiled"])
def test_wrong_dabs(side):
    stamp = dabs.stamp if side == "numpy" else compiled().stamp
    coverage = np.zeros((9, 9), np.float32)
    wrong = [("radius", 2, -1), ("radius", 2, np.nan), ("radius", 2, np.inf), ("centre", 0, np.nan)]
    wrong += [("hardness, flow", place, value) for place in (3, 4, 5) for value in (-5, 1.01, np.nan)]
    for match, place, value in wrong:
        dab = [4, 4, 3, 0.5, 0.5, 1.0]
        dab[place] = value
        with pytest.raises(ValueError, match=match):
            stamp(coverage, np.array([(4, 4, 3, 1, 1, 1.0), dab]))
    assert not coverage.any()


@pytest.mark.parametrize("side", ["numpy", "compiled"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_coverage_beyond_its_range_stops_at_the_ends(dtype, side):
    paint = dabs.paint if side == "numpy" else compiled().paint
    white = np.iinfo(dtype).max
    base = np.full((4, 1, 5), white // 2, dtype)
    coverage = np.array([[2, 40000, -3, np.nan, 1]], np.float32)
    out = np.empty_like(base)
    for value in ((0.0,) * 4, (1.0,) * 4):
        paint(out, base, coverage, value)
        ends = (white, 0) if value[0] else (0, white)
        assert out[0, 0].tolist() == [ends[0], ends[0], ends[1], 0, ends[0]]
    paint(out, base, coverage, (1.0, 1.0, 1.0))
    assert out[3, 0].tolist() == [white, white, 0, 0, white]
    paint(out, base, coverage, None)
    assert out[3, 0].tolist() == [0, 0, white, 0, 0]
    for wrong in (1.01, -0.1, float("nan")):
        with pytest.raises(ValueError, match="0 to 1"):
            paint(out, base, coverage, (wrong,) * 4)
