"""The compiled kernel gives the numpy engine's pixels, in all its variants, and refuses what it cannot read."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retexture.engine import reference
from retexture.engine.modes import FILL_MODES, BlendMode
from retexture.engine.program import FULL_RANGE, LayerOp, LuminosityOp

_kernel = pytest.importorskip("retexture.engine._kernel", reason="the kernel is not built")

MODES = [mode for mode in BlendMode if mode is not BlendMode.PASS_THROUGH]
VARIANTS = {"compose": _kernel.compose, "compose_baseline": _kernel.compose_baseline}

# Same operations in the same order, without fused multiply-add: equal to the bit on x86-64. The bound is the
# contract's; nothing is left out near the modes' jumps.
TOLERANCE = 1e-6


def assert_equal(ops, *, height, width, planes=4, **how):
    """Compose by the numpy engine and by every variant, and compare all samples."""
    expected = np.zeros((planes, height, width), np.float32)
    reference.compose(expected, ops, **how)
    for name, compose in VARIANTS.items():
        got = np.full_like(expected, -9)
        compose(got, ops, **how)
        off = np.abs(got - expected)
        worst = np.unravel_index(off.argmax(), off.shape)
        assert off.max() <= TOLERANCE, (
            f"{name}: {got[worst]} for {expected[worst]} at {worst}, {ops[-1].mode}"
        )


def layer(r, g, b, **rest) -> LayerOp:
    return LayerOp((r, g, b), **rest)


# --- every mode -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("fill", [1.0, 0.6, 0.0])
def test_all_pairs_of_8_bits(mode, fill):
    """Red pairs every backdrop with every source; green and blue run along, so that lumas differ."""
    s, b = np.meshgrid(np.arange(256, dtype=np.uint8), np.arange(256, dtype=np.uint8))
    under, over = layer(b, b[::-1], s), layer(s, b, s.T.copy(), mode=mode, fill=fill)
    for depth in (8, 16):
        assert_equal([under, over], height=256, width=256, depth=depth)


@pytest.mark.parametrize("mode", MODES)
def test_16_bits_with_everything_at_once(mode):
    rng = np.random.default_rng(3)

    def samples():
        values = rng.integers(0, 65536, (40, 700), np.uint16)
        return np.where(rng.random(values.shape) < 0.1, rng.choice([0, 32768, 65535], values.shape), values)

    def planes():
        return samples().astype(np.uint16), samples().astype(np.uint16), samples().astype(np.uint16)

    gate = ((31.0, 82.0, 173.0, 224.0), FULL_RANGE, (20.0, 20.0, 230.0, 230.0), FULL_RANGE)
    backdrop = rng.random((4, 40, 700), np.float32)
    backdrop[3, :10] = 1
    backdrop[3, 10:15] = 0
    for rest in [
        {},
        {"opacity": 0.7, "fill": 0.45},
        {"alpha": samples().astype(np.uint16), "masks": (samples().astype(np.uint16),), "fill": 0.8},
        {"this_layer": gate, "underlying": gate, "atop": True},
        {
            "luminosity": (LuminosityOp("midtones", 2, FULL_RANGE, inverted=False, density=0.8),),
            "underlying": gate,
        },
    ]:
        ops = [LayerOp(planes(), mode=mode, **rest), LayerOp(planes(), mode=mode, **rest)]
        for depth in (8, 16):
            assert_equal(ops, height=40, width=700, backdrop=backdrop, depth=depth, origin=(-3, 1000), step=2)


def test_fill_modes_are_the_numpy_engines():
    """A fill of one half must tell the eight modes from the others in the kernel as well."""
    rng = np.random.default_rng(4)
    backdrop = np.ones((4, 1, 200), np.float32)
    backdrop[:3] = rng.random((3, 1, 200))
    top = layer(*rng.random((3, 1, 200), np.float32))
    for mode in set(MODES) - {BlendMode.DISSOLVE}:
        by_fill, by_opacity = np.zeros((2, 3, 1, 200), np.float32)
        _kernel.compose(by_fill, [top._replace(mode=mode, fill=0.5)], backdrop=backdrop)
        _kernel.compose(by_opacity, [top._replace(mode=mode, opacity=0.5)], backdrop=backdrop)
        assert np.array_equal(by_fill, by_opacity) == (mode not in FILL_MODES)


# --- any program ----------------------------------------------------------------------------------------

ends = st.lists(st.integers(0, 255), min_size=4, max_size=4).map(lambda v: tuple(float(x) for x in sorted(v)))
slider = st.just(FULL_RANGE) | ends | ends.map(lambda e: (e[0], e[0], e[3], e[3]))
four_sliders = st.none() | st.tuples(slider, slider, slider, slider)
share = st.sampled_from([0.0, 1.0]) | st.floats(0, 1, width=32)
luminosity = st.builds(
    LuminosityOp,
    st.sampled_from(["lights", "darks", "midtones", "range"]),
    st.integers(1, 4),
    slider,
    st.booleans(),
    share,
)


def array(rng, height, width, dtype, form):
    """Return a plane: whole, a constant, constant rows, a cut-out, or upside down."""
    if form == "constant":
        return np.broadcast_to(array(rng, 1, 1, dtype, "whole"), (height, width))
    if form == "rows":
        return np.broadcast_to(array(rng, height, 1, dtype, "whole"), (height, width))
    if form == "cut":
        return array(rng, height + 3, width + 5, dtype, "whole")[1 : 1 + height, 4 : 4 + width]
    if form == "flipped":
        return array(rng, height, width, dtype, "whole")[::-1]
    values = rng.random((height, width))
    special = rng.choice([0, 0.5, 128 / 255, 1], values.shape)
    values = np.where(rng.random(values.shape) < 0.2, special, values)
    white = {"uint8": 255, "uint16": 65535, "float32": 1}[dtype]
    return (values * white if dtype == "float32" else np.floor(values * white + 0.5)).astype(dtype)


@st.composite
def programs(draw):
    """Draw layers and how to compose them."""
    height, width = draw(st.integers(1, 5)), draw(st.sampled_from([1, 2, 15, 16, 17, 255, 256, 257, 600]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    plane = st.builds(
        lambda dtype, form: array(rng, height, width, dtype, form),
        st.sampled_from(["uint8", "uint16", "float32"]),
        st.sampled_from(["whole", "whole", "constant", "rows", "cut", "flipped"]),
    )
    op = st.builds(
        LayerOp,
        planes=st.tuples(plane, plane, plane),
        alpha=st.none() | plane,
        masks=st.lists(plane, max_size=2).map(tuple),
        mode=st.sampled_from(MODES),
        opacity=share,
        fill=share,
        this_layer=four_sliders,
        underlying=four_sliders,
        luminosity=st.lists(luminosity, max_size=2).map(tuple),
        atop=st.booleans(),
    )
    ops = draw(st.lists(op, max_size=4))
    backdrop = None
    if draw(st.booleans()):
        backdrop = rng.random((4, height, width), np.float32)
        backdrop[3] = np.round(backdrop[3] * 3) / 3 if draw(st.booleans()) else 1
    how: dict[str, Any] = {
        "height": height,
        "width": width,
        "planes": draw(st.sampled_from([3, 4])),
        "depth": draw(st.sampled_from([8, 16, 32])),
        "backdrop": backdrop,
        "origin": (draw(st.integers(-(2**31), 2**31)), draw(st.integers(-(2**31), 2**31))),
        "step": draw(st.integers(1, 16)),
    }
    return ops, how


@pytest.mark.slow
@settings(max_examples=300)
@given(programs())
def test_any_program(program):
    ops, how = program
    # Layers one by one, each over what the numpy engine gave: one mode's jump must not hide in the next.
    picture = np.zeros((4, how["height"], how["width"]), np.float32)
    backdrop = how.pop("backdrop")
    if backdrop is not None:
        picture = backdrop
    for op in ops:
        assert_equal([op], backdrop=picture, **how)
        after = np.zeros_like(picture)
        reference.compose(after, [op], backdrop=picture, **{k: how[k] for k in ("depth", "origin", "step")})
        picture = after
    assert_equal(ops[:1], backdrop=backdrop, **how)


def test_dissolve_has_the_numpy_engines_pattern():
    top = layer(*[np.full((50, 1000), 40000, np.uint16)] * 3, mode=BlendMode.DISSOLVE, opacity=0.37)
    for how in ({}, {"origin": (123456, -99), "step": 8}, {"depth": 8}):
        assert_equal([top], height=50, width=1000, **how)


# --- where it goes --------------------------------------------------------------------------------------


def stack(height, width):
    rng = np.random.default_rng(5)
    base = layer(*rng.integers(0, 65536, (3, height, width), np.uint16))
    top = layer(*rng.integers(0, 65536, (3, height, width), np.uint16), mode=BlendMode.OVERLAY, opacity=0.5)
    return [base, top._replace(masks=(rng.integers(0, 65536, (height, width), np.uint16),))]


@pytest.mark.parametrize("compose", VARIANTS.values(), ids=VARIANTS)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("alpha", [1.0, 0.4])
def test_cut_outs_are_written_and_nothing_else(compose, dtype, alpha):
    height, width = 7, 530
    ops = stack(height, width)
    ops[0] = ops[0]._replace(opacity=alpha)
    big = np.full((6, height + 4, width + 9), 77, dtype)
    for view in (big[1:5, 2:-2, 3:-6], big[1:5][::-1, 2:-2, 3:-6], big[1:4, 2:-2, 3:-6][:, ::-1]):
        big[...] = 77
        expected = big.copy()
        target = expected[:0]
        compose(view, ops)
        expected = np.zeros(view.shape, dtype)
        reference.compose(expected, ops)
        # A whole number may fall to the other side of a half within the tolerance.
        off = np.abs(view.astype(np.float64) - expected)
        assert off.max() <= (TOLERANCE if dtype is np.float32 else 0)
        view[...] = 77
        assert (big == 77).all()
        assert not target.size


@pytest.mark.parametrize("compose", VARIANTS.values(), ids=VARIANTS)
@pytest.mark.parametrize("alpha", [1.0, 0.4])
def test_screen_pixels(compose, alpha):
    height, width = 7, 530
    ops = stack(height, width)
    ops[0] = ops[0]._replace(opacity=alpha)
    expected = np.zeros((height, width, 4), np.uint8)
    reference.compose(expected, ops, bgra=True)
    big = np.full((height + 2, width + 6, 4), 77, np.uint8)
    compose(big[1:-1, 2:-4], ops, bgra=True)
    assert np.array_equal(big[1:-1, 2:-4], expected)
    big[1:-1, 2:-4] = 77
    assert (big == 77).all()


def test_the_backdrop_may_be_the_target():
    ops = stack(6, 700)
    picture = np.zeros((4, 6, 700), np.float32)
    _kernel.compose(picture, ops[:1])
    expected = np.zeros_like(picture)
    reference.compose(expected, ops[1:], backdrop=picture.copy())
    _kernel.compose(picture, ops[1:], backdrop=picture)
    assert np.abs(picture - expected).max() <= TOLERANCE


def test_read_only_planes_and_empty_pictures():
    ops = stack(4, 300)
    for op in ops:
        for plane in op.planes:
            plane.flags.writeable = False
    assert_equal(ops, height=4, width=300)
    for shape in [(4, 0, 5), (4, 5, 0), (3, 0, 0)]:
        _kernel.compose(np.zeros(shape, np.float32), [])


def test_bands_in_threads_are_the_whole():
    ops = stack(256, 600)
    whole, parts = np.zeros((2, 256, 600, 4), np.uint8)
    _kernel.compose(whole, ops, bgra=True)

    def band(top):
        rows = slice(top, top + 16)
        cut = [
            op._replace(planes=tuple(p[rows] for p in op.planes), masks=tuple(m[rows] for m in op.masks))
            for op in ops
        ]
        _kernel.compose(parts[rows], cut, bgra=True)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(band, range(0, 256, 16)))
    assert np.array_equal(whole, parts)


def test_what_is_not_a_number_stays_where_it_is():
    ops = stack(3, 100)
    expected, got = np.zeros((2, 4, 3, 100), np.float32)
    _kernel.compose(expected, ops)
    broken = [op._replace(planes=tuple((p / 65535).astype(np.float32) for p in op.planes)) for op in ops]
    broken[1].planes[1][1, 50:60] = [np.nan, np.inf, -np.inf, 3e38, -3e38] * 2
    _kernel.compose(got, broken)
    for c in (0, 2, 3):
        assert np.abs(got[c] - expected[c]).max() <= 1e-6
    outside = np.ones((3, 100), bool)
    outside[1, 50:60] = False
    assert np.abs(got[1] - expected[1])[outside].max() <= 1e-6
