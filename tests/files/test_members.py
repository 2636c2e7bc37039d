"""Frames of arrays, packed beside a window that must not stand still."""

import tracemalloc

import numpy as np

from retexture.files.members import pack, unpack
from tests.document.documents import samples


def test_packing_copies_no_samples_into_bytes():
    """Such a copy holds Python's lock for as long as the system takes to find the memory."""
    frame = samples((1000, 2000), "float32")
    pack(frame)
    tracemalloc.start()
    data, digest = pack(frame)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.5 * frame.nbytes  # the compressed bytes alone
    out = np.empty_like(frame)
    unpack(bytes(data), out, digest)
    np.testing.assert_array_equal(out, frame)
