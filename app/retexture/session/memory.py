"""Memory that is free in the process, but not yet in the system."""

import ctypes
import sys


def give_back_memory() -> None:
    """Give back what the allocator keeps of arrays that are gone; with other C libraries than glibc do nothing.

    After a picture has been read and drawn that is a tenth of a gigabyte.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
