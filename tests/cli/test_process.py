"""The command as a process: start, exit codes, signals, full disks, closed pipes, odd terminals."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from retexture.cli import demo
from retexture.cli.main import COMMANDS, main
from retexture.files import documents
from retexture.files.images import read_image, write_image
from tests.cli.pictures import Runner, contents

Pair = tuple[Path, Path]
APP = Path(__file__).resolve().parents[2] / "app"


def process(*arguments: object, **options: object) -> "subprocess.CompletedProcess[str]":
    env = {**os.environ, "PYTHONPATH": str(APP), **options.pop("env", {})}  # type: ignore[dict-item]
    command = [sys.executable, "-m", "retexture", *map(str, arguments)]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload,no-any-return]


def test_help_of_every_command_shows_an_example():
    for arguments in ([], *([name] for name in COMMANDS)):
        ran = process(*arguments, "--help")
        assert (ran.returncode, ran.stderr) == (0, "")
        assert "example" in ran.stdout
        assert f"\n  retexture {' '.join(arguments)}".rstrip() in ran.stdout


def test_help_imports_nothing_heavy():
    program = (
        "import sys; from retexture.cli.main import main; main(['restore', '--help']);"
        "print(*({'numpy', 'cv2', 'msgspec', 'tifffile', 'PIL', 'imagecodecs', 'psd_tools'} & set(sys.modules)))"
    )
    env = {**os.environ, "PYTHONPATH": str(APP)}
    ran = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == ""


def test_version_tells_the_engine():
    compiled = process("--version")
    plain = process("--version", env={"RETEXTURE_ENGINE": "numpy"})
    assert compiled.returncode == plain.returncode == 0
    assert compiled.stdout.startswith("retexture ")
    assert "engine: numpy\n" in plain.stdout
    assert f"python {sys.version.split()[0]}" in plain.stdout


def test_exit_codes_of_a_process(tmp_path: Path):
    ran = process("render", tmp_path / "no.psd", "-o", tmp_path / "out.tif")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith(f"retexture: {tmp_path / 'no.psd'}: does not exist; ")
    assert ran.stderr.count("\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".tif", ".png", ".jpg", ".retexture"])
def test_a_full_disk(pair: Pair, tmp_path: Path, suffix: str):
    """A limit on the size of files stands for it: writing fails in the middle."""
    before = contents(tmp_path)
    out = tmp_path / f"out{suffix}"
    ran = process(
        "restore", *pair, "-o", out,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, 4_000)),
    )  # fmt: skip
    lines = [line for line in ran.stderr.splitlines() if "note:" not in line]
    assert ran.returncode == 2
    assert len(lines) == 1, ran.stderr
    assert lines[0].startswith(f"retexture: {out}: could not be written")
    assert contents(tmp_path) == before


@pytest.mark.slow
def test_a_closed_pipe_is_quiet():
    env = {**os.environ, "PYTHONPATH": str(APP)}
    command = [sys.executable, "-m", "retexture", "recipes", "--json"]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == b""


@pytest.mark.slow
def test_names_that_the_terminal_cannot_show(tmp_path: Path):
    path = tmp_path / "Gänse\udcff füße.png"
    write_image(tmp_path / "plain.png", np.zeros((3, 8, 8), np.uint8))
    (tmp_path / "plain.png").rename(path)
    for arguments in (["inspect", path], ["inspect", path, "--json"], ["render", path, "-o", path]):
        ran = process(*arguments, env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
        assert ran.returncode == (2 if "render" in arguments else 0), ran.stderr
        assert "Traceback" not in ran.stderr
        assert (ran.stdout + ran.stderr).isascii()


@pytest.mark.slow
def test_ctrl_c_leaves_nothing(run: Runner, pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def interrupted(path: Path, *_more: object) -> None:
        path.write_bytes(b"half a picture")
        signal.raise_signal(signal.SIGINT)

    before = contents(tmp_path)
    monkeypatch.setattr("retexture.files.tiff.write_tiff", interrupted)
    assert run("restore", *pair, "-o", tmp_path / "out.tif", "--recipe", "hybrid-fs") == (130, "", "")
    assert contents(tmp_path) == before


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_being_ended_leaves_nothing(pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str):
    number = getattr(signal, name)

    def ended(path: Path, *_more: object) -> None:
        path.write_bytes(b"half a picture")
        signal.raise_signal(number)

    before = contents(tmp_path)
    handler = signal.getsignal(number)
    monkeypatch.setattr("retexture.files.tiff.write_tiff", ended)
    with pytest.raises(SystemExit) as end:
        main(["restore", *map(str, pair), "-o", str(tmp_path / "out.tif")])
    assert end.value.code == 128 + number
    assert contents(tmp_path) == before
    assert signal.getsignal(number) is handler


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), "not enough memory"),
        (OSError(5, "Input/output error", "/a/disk"), "/a/disk: Input/output error"),
        (OSError(5, "Input/output error"), "retexture: Input/output error"),
    ],
)
def test_errors_of_the_machine_are_one_line(
    run: Runner, pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
):
    def failing(*_arguments: object) -> None:
        raise error

    monkeypatch.setattr(documents, "open_document", failing)
    ran = run("inspect", pair[0])
    assert ran.code == 2
    assert words in ran.err
    assert ran.err.count("\n") == 1


def test_bugs_are_not_hidden(pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def broken(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("retexture.render.render.flatten", broken)
    with pytest.raises(RuntimeError, match="a bug"):
        main(["restore", *map(str, pair), "-o", str(tmp_path / "out.tif")])


def test_progress_is_for_terminals(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert main(["restore", *map(str, pair), "-o", str(tmp_path / "out.tif")]) == 0
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "\r\033[KRendering 100 %" in shown.err
    assert shown.err.endswith("\r\033[K")  # and wiped away


@pytest.mark.slow
def test_the_demonstration(
    tmp_path: Path, pair: Pair, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    """On a pair that is there already; making it is tested with the sample."""
    folder = pair[0].parent
    before = contents(folder)
    assert demo.main([str(folder)]) == 0
    shown = capsys.readouterr()
    restored, picture, window = (Path(line) for line in shown.out.splitlines())
    assert (restored, picture) == (folder / "restored.tif", folder / "before-after.png")
    assert window == folder / "window.png"
    screen = read_image(window)
    assert (screen.width, screen.height) == (1280, 800)
    assert screen.colour.std() > 20, "not an empty window"
    assert read_image(restored).colour.dtype == np.uint16
    sheet = read_image(picture)
    assert sheet.colour.dtype == np.uint8
    assert (sheet.width, sheet.height) == (3 * demo.EDGE + 2 * demo.GAP, 2 * demo.EDGE + 2 * demo.LABEL)
    assert "REAL" in shown.err
    assert "SYNTHETIC" in shown.err
    assert {name: contents(folder)[name] for name in before} == before
    # The crops are the pictures' own pixels.
    original = read_image(pair[0]).colour >> 8
    crop = sheet.colour[:, demo.LABEL : demo.LABEL + 400, :400]
    assert np.abs(crop.astype(int) - original).max() <= 1


@pytest.mark.slow
def test_the_demonstration_makes_its_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sample: object):
    made: list[Path] = []
    monkeypatch.setattr("retexture.sample.make_sample", lambda: sample)
    assert demo.main([str(tmp_path / "new")]) == 0
    made = sorted((tmp_path / "new").iterdir())
    assert [path.name for path in made] == [
        "README.txt", "before-after.png", "original.tif", "restored.tif", "retouched.tif", "skin_mask.png", "truth.tif",
        "window.png",
    ]  # fmt: skip
    assert demo.main([str(tmp_path / "new")]) == 0  # again, with what is there


def test_sample_lists_what_it_wrote(
    run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sample: object
):
    monkeypatch.setattr("retexture.sample.make_sample", lambda: sample)
    ran = run("sample", tmp_path / "s")
    assert ran.code == 0
    assert ran.out.startswith(f"{tmp_path / 's' / 'original.tif'}\n")
    assert "SYNTHETIC" in ran.out
    assert run("sample", tmp_path / "s").code == 2
    assert run("sample", tmp_path / "s", "--overwrite").code == 0


@pytest.mark.slow
def test_a_closed_standard_output_is_no_error_of_ours():
    script = "import sys; sys.stdout = None; from retexture.cli.main import main; sys.exit(main(['recipes']))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
