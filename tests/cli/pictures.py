"""What the tests of the command line share."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retexture.files.images import read_image


class Ran(NamedTuple):
    """How a command line ended."""

    code: int
    out: str
    err: str


Runner = Callable[..., Ran]


def difference(path: Path, other: Path | NDArray[np.uint16]) -> int:
    """The largest difference of two 16-bit pictures in 1/65535."""
    a = read_image(path).colour
    b = read_image(other).colour if isinstance(other, Path) else other
    assert a.dtype == b.dtype == np.uint16
    assert a.shape == b.shape
    return int(np.abs(a.astype(np.int32) - b).max())


def contents(folder: Path) -> dict[str, str]:
    """Every file beneath a folder with a hash of its bytes."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def only_line(ran: Ran) -> str:
    """The one line that a refused command line prints, on standard error, with exit code 2."""
    assert (ran.code, ran.out) == (2, ""), ran
    lines = ran.err.splitlines()
    assert len(lines) == 1, ran.err
    assert lines[0].startswith("retexture: ")
    assert "Traceback" not in lines[0]
    return lines[0]
