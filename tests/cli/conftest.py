from collections.abc import Callable
from pathlib import Path

import pytest

from retexture.cli.main import main
from retexture.files.colour import srgb_icc
from retexture.files.images import write_image
from retexture.sample import Sample, make_sample
from tests.cli.pictures import Ran, Runner


@pytest.fixture(scope="session")
def sample() -> Sample:
    return make_sample(400)


@pytest.fixture
def pair(tmp_path: Path, sample: Sample) -> tuple[Path, Path]:
    """The files of an original and a retouched picture, 16-bit sRGB, in a folder of their own."""
    folder = tmp_path / "pair"
    folder.mkdir()
    for name in ("original", "retouched"):
        write_image(folder / f"{name}.tif", getattr(sample, name), icc=srgb_icc())
    return folder / "original.tif", folder / "retouched.tif"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    """Runs a command line in this process."""

    def runner(*arguments: object) -> Ran:
        capsys.readouterr()
        code = main([str(a) for a in arguments])
        return Ran(code, *capsys.readouterr())

    return runner


@pytest.fixture
def restore(run: Runner, pair: tuple[Path, Path], tmp_path: Path) -> Callable[..., Path]:
    """Restores the pair with more arguments, to a new file; fails where that gives anything but silence."""

    def restoring(*arguments: object, suffix: str = ".tif") -> Path:
        out = tmp_path / f"out{len(list(tmp_path.iterdir()))}{suffix}"
        ran = run("restore", *pair, "-o", out, *arguments)
        assert (ran.code, ran.out) == (0, ""), ran.err
        return out

    return restoring
