"""A program that is killed loses no work: the next one offers it."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import ROOT

WAIT_S = 90


def start(what: str, folder: Path, *files: Path) -> "subprocess.Popen[str]":
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "app"), str(ROOT)))}
    command = [sys.executable, "-m", "tests.e2e.program", what, str(folder), *map(str, files)]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


@pytest.mark.slow
def test_work_of_a_killed_program_is_recovered(qapp: object, pair: tuple[Path, Path], tmp_path: Path):
    killed = start("paint", tmp_path, *pair)
    assert killed.stdout is not None
    line = killed.stdout.readline()
    killed.kill()
    _, problems = killed.communicate(timeout=WAIT_S)
    assert line == "painted\n", problems

    # What was edited is neither saved nor lost; nothing else is left of it.
    assert not list(tmp_path.glob("*.retexture"))
    assert list((tmp_path / "state").rglob("document.json"))

    again = start("recover", tmp_path)
    told, problems = again.communicate(timeout=WAIT_S)
    assert again.returncode == 0, problems
    assert told == "recovered portrait\n"
    assert "Error" not in problems
    painted, recovered = np.load(tmp_path / "painted.npy"), np.load(tmp_path / "recovered.npy")
    np.testing.assert_array_equal(recovered, painted)

    # It was thrown away on closing: nothing is offered a second time.
    assert not list((tmp_path / "state").rglob("document.json"))
