"""The compiled kernel refuses what it cannot read, by an error that names it, and writes nothing."""

from typing import Any

import numpy as np
import pytest

from retexture.engine.modes import BlendMode
from retexture.engine.program import FULL_RANGE, LayerOp, LuminosityOp

_kernel = pytest.importorskip("retexture.engine._kernel", reason="the kernel is not built")

F = np.zeros((3, 4), np.float32)
OUT = np.zeros((4, 3, 4), np.float32)
FINE = LayerOp((F, F, F))


def but(**fields: Any) -> LayerOp:
    return FINE._replace(**fields)


def luminosity(*fields: Any) -> LayerOp:
    return but(luminosity=(LuminosityOp(*fields),))


@pytest.mark.parametrize(
    ("op", "error"),
    [
        (but(planes=(F, F)), ValueError),
        (but(planes=[F, F, F]), TypeError),
        (but(planes=(F, F, None)), TypeError),
        (but(planes=(F, F, F[:2])), ValueError),
        (but(planes=(F, F, F[None])), ValueError),
        (but(planes=(F, F, F.astype(np.float64))), TypeError),
        (but(planes=(F, F, F.astype(np.int16))), TypeError),
        (but(planes=(F, F, F.astype(">f4"))), TypeError),
        (but(planes=(F, F, np.zeros((3, 8), np.float32)[:, ::2])), ValueError),
        (but(planes=(F, F, F[:, ::-1])), ValueError),
        (but(alpha=F[:, :3]), ValueError),
        (but(masks=(F, F[:2])), ValueError),
        (but(masks=[F]), TypeError),
        (but(mode="no-mode"), ValueError),
        (but(mode=BlendMode.PASS_THROUGH), ValueError),
        (but(mode=3), TypeError),
        (but(opacity="1"), TypeError),
        (but(fill=None), TypeError),
        (but(this_layer=(FULL_RANGE,) * 3), ValueError),
        (but(this_layer=((0, 0, 255),) * 4), ValueError),
        (but(underlying=((0, 0, 255, "x"),) * 4), TypeError),
        (but(luminosity=(("lights", 1),)), ValueError),
        (luminosity("reds", 1, FULL_RANGE, False, 1.0), ValueError),
        (luminosity("lights", 1.5, FULL_RANGE, False, 1.0), TypeError),
        (tuple(FINE)[:-1], ValueError),
        (None, TypeError),
    ],
)
def test_wrong_layers(op, error):
    out = OUT.copy()
    with pytest.raises(error, match="layer 1"):
        _kernel.compose(out, [FINE, op])
    assert not out.any()


@pytest.mark.parametrize(
    ("out", "how", "error"),
    [
        (np.zeros((2, 3, 4), np.float32), {}, ValueError),
        (np.zeros((3, 4), np.float32), {}, ValueError),
        (np.zeros((4, 3, 4), np.float64), {}, TypeError),
        (np.zeros((4, 3, 8), np.float32)[:, :, ::2], {}, ValueError),
        (np.zeros((3, 4, 4), np.float32), {"bgra": True}, ValueError),
        (np.zeros((3, 4, 3), np.uint8), {"bgra": True}, ValueError),
        (np.zeros((3, 8, 4), np.uint8)[:, ::2], {"bgra": True}, ValueError),
        (np.zeros((3, 4, 8), np.uint8)[:, :, ::2], {"bgra": True}, ValueError),
        (np.zeros(3 * 17, np.uint8).reshape(3, 17)[:, 1:].reshape(3, 4, 4)[:2], {"bgra": True}, ValueError),
        (
            np.lib.stride_tricks.as_strided(np.zeros(99, np.uint8), (3, 4, 4), (17, 4, 1)),
            {"bgra": True},
            ValueError,
        ),
        (None, {}, TypeError),
        (OUT, {"depth": 12}, ValueError),
        (OUT, {"origin": (0,)}, TypeError),
        (OUT, {"origin": (0.5, 0)}, TypeError),
        (OUT, {"backdrop": np.zeros((3, 3, 4), np.float32)}, ValueError),
        (OUT, {"backdrop": np.zeros((4, 3, 5), np.float32)}, ValueError),
        (OUT, {"backdrop": np.zeros((4, 3, 4))}, TypeError),
    ],
)
def test_wrong_calls(out, how, error):
    with pytest.raises(error):
        _kernel.compose(out, [FINE], **how)


def test_misaligned_and_read_only_arrays_are_refused():
    raw = np.zeros(4 * 12 + 1, np.uint8)[1:].view(np.float32).reshape(3, 4)
    with pytest.raises(ValueError, match="aligned"):
        _kernel.compose(OUT.copy(), [LayerOp((F, F, raw))])
    frozen = OUT.copy()
    frozen.flags.writeable = False
    with pytest.raises(TypeError, match="writable"):
        _kernel.compose(frozen, [FINE])
    with pytest.raises(ValueError, match="bgra"):
        _kernel.copy_floor(OUT.copy(), [FINE])
    with pytest.raises(TypeError):
        _kernel.compose(OUT.copy(), (op for op in [FINE]))
