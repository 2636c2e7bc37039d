"""Whatever is wrong: one line that names it and a remedy, exit code 2, no output, inputs untouched."""

import json
import os
import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image as Pillow

from retexture.files.images import write_image
from retexture.sample import Sample
from tests.cli.pictures import Runner, contents, only_line

Pair = tuple[Path, Path]
GREY = np.full((8, 8), 99, np.uint8)


def tiff(array: np.ndarray, **options: object) -> bytes:
    file = BytesIO()
    tifffile.imwrite(file, array, metadata=None, **options)  # type: ignore[arg-type]
    return file.getvalue()


def pillow(mode: str, kind: str) -> bytes:
    file = BytesIO()
    Pillow.fromarray(GREY).convert("RGB").convert(mode).save(file, kind)
    return file.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    sound = pillow("RGB", "PNG")
    return sound[:8] + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header)) + sound[33:]


NOISE = np.random.default_rng(5).integers(0, 65536, (40, 60, 3), dtype=np.uint16)
NAN = np.full((9, 9, 3), np.nan, np.float32)

BAD: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "empty": ("tif", lambda: b"", "is empty"),
    "cut off TIFF": ("tif", lambda: tiff(NOISE, photometric="rgb")[:9000], "cut off"),
    "cut off PNG": ("png", lambda: pillow("RGB", "PNG")[:60], "cut off"),
    "cut off JPEG": ("jpg", lambda: pillow("RGB", "JPEG")[:-40], "cut off"),
    "cut off PSD": ("psd", lambda: b"8BPS\0\1" + bytes(9), "damaged"),
    "PSD without pixels": ("psd", lambda: b"8BPS\0\1" + bytes(20), "no pixels"),
    "cut off project": ("retexture", lambda: b"PK\x03\x04" + bytes(40), "retexture"),
    "text": ("tif", lambda: b"just some words, and no picture", "known format"),
    "no pixels": ("png", lambda: png_claiming(0, 0), "no pixels"),
    "100,000 x 100,000": ("png", lambda: png_claiming(100_000, 100_000), "100000 x 100000"),
    "CMYK JPEG": ("jpg", lambda: pillow("CMYK", "JPEG"), "CMYK"),
    "CMYK TIFF": ("tif", lambda: pillow("CMYK", "TIFF"), "CMYK"),
    "palette": ("png", lambda: pillow("P", "PNG"), "palette"),
    "NaN": ("tif", lambda: tiff(NAN, photometric="rgb"), "NaN"),
}


def bad_file(folder: Path, name: str) -> Path:
    suffix, make, _ = BAD[name]
    path = folder / f"bad.{suffix}"
    path.write_bytes(make())
    return path


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("role", ["original", "retouched", "mask", "extract", "render", "inspect"])
def test_bad_picture(run: Runner, pair: Pair, tmp_path: Path, name: str, role: str):
    bad, out = bad_file(tmp_path, name), tmp_path / "out.tif"
    before = contents(tmp_path)
    line = only_line(
        {
            "original": lambda: run("restore", bad, pair[1], "-o", out),
            "retouched": lambda: run("restore", pair[0], bad, "-o", out),
            "mask": lambda: run("restore", *pair, "--mask", bad, "-o", out),
            "extract": lambda: run("extract", bad, "-o", tmp_path / "out.retexture"),
            "render": lambda: run("render", bad, "-o", out),
            "inspect": lambda: run("inspect", bad),
        }[role]()
    )
    assert line.startswith(f"retexture: {bad}: ")
    assert "; " in line  # the remedy
    if role in ("render", "inspect") or bad.suffix not in (".psd", ".retexture"):
        assert BAD[name][2] in line
    assert contents(tmp_path) == before


@pytest.mark.parametrize("what", ["missing", "folder", "below a file"])
@pytest.mark.parametrize("role", ["original", "retouched", "mask", "extract", "render", "inspect"])
def test_no_file(run: Runner, pair: Pair, tmp_path: Path, what: str, role: str):
    bad = {"missing": tmp_path / "no.tif", "folder": tmp_path, "below a file": pair[0] / "x.tif"}[what]
    test = {
        "original": ("restore", bad, pair[1], "-o", tmp_path / "out.tif"),
        "retouched": ("restore", pair[0], bad, "-o", tmp_path / "out.tif"),
        "mask": ("restore", *pair, "--mask", bad, "-o", tmp_path / "out.tif"),
        "extract": ("extract", bad, "-o", tmp_path / "out.retexture"),
        "render": ("render", bad, "-o", tmp_path / "out.tif"),
        "inspect": ("inspect", bad),
    }[role]
    before = contents(tmp_path)
    assert only_line(run(*test)).startswith(f"retexture: {bad}: ")
    assert contents(tmp_path) == before


@pytest.mark.slow
def test_transparency_and_floats_are_used_and_told(run: Runner, pair: Pair, tmp_path: Path, sample: Sample):
    half, floats = tmp_path / "half.png", tmp_path / "floats.tif"
    write_image(half, sample.original, alpha=np.full((400, 400), 30000, np.uint16))
    write_image(floats, sample.retouched, depth=32)
    ran = run("restore", half, floats, "-o", tmp_path / "out.tif")
    assert ran.code == 0
    assert f"{half}: its transparency is left out" in ran.err
    assert f"{floats}: its 32-bit floats are converted to 16 bits" in ran.err


WRONG = {
    "no recipe": (["--recipe", "hybrid"], "recipe hybrid", "hybrid-fs"),
    "a flat recipe": (["--recipe", "texture-extractor"], "texture-extractor", "extract"),
    "no preset": (["--preset", "none"], "'none'", "clean-low"),
    "no layer": (["--set", "higher.opacity=1"], "higher", "high"),
    "no parameter": (["--set", "high.opacty=1"], "high.opacty", "high.opacity"),
    "no option": (["--set", "radius=1"], "'radius'", "recipes"),
    "no value": (["--set", "high.opacity"], "'high.opacity'", "PATH=VALUE"),
    "out of range": (["--set", "low.gaussian_blur.radius_px=5000"], "5000", "0 to 1000 px"),
    "not a number": (["--set", "high.opacity=half"], "'half'", "0 to 1"),
    "NaN": (["--set", "high.opacity=nan"], "nan", "0 to 1"),
    "no choice": (["--set", "high.blend_mode=linear"], "'linear'", "linear-light"),
    "no switch": (["--set", "high.visible=maybe"], "'maybe'", "on or off"),
    "no range": (["--set", "high.blend_if.this.gray=1-2"], "1-2", "31/82|173/224"),
    "reads itself": (["--set", "low.gaussian_blur.radius_px=2", "--set", "high.apply_image.source=high"],
                     "read itself", "high"),
    "no mask": (["--mask", "skn"], "skn", "does not exist"),
    "no grid": (["--grid", "both"], "--grid", "--help"),
    "no patch": (["--recipe", "texture-graft"], "texture-graft", "patch=x,y,width,height"),
    "a patch outside": (["--recipe", "texture-graft", "--set", "patch=350,0,64,64"], "350,0,64,64", "400 x 400"),
    "no plate": (["--recipe", "texture-graft", "--set", "plate=no.tif"], "no.tif", "does not exist"),
    "an unknown option": (["--recipee", "grain"], "--recipee", "--help"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_wrong_arguments(run: Runner, pair: Pair, tmp_path: Path, case: str):
    arguments, named, remedy = WRONG[case]
    before = contents(tmp_path)
    recipe = [] if "--recipe" in arguments else ["--recipe", "hybrid-fs"]
    line = only_line(run("restore", *pair, "-o", tmp_path / "out.tif", *recipe, *arguments))
    assert named in line
    assert remedy in line
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"preset": "article"}', '{"recipe": "none"}', '{"recipe": "grain", "sets": {}}', "\xff"],
)
def test_a_wrong_file_of_settings(run: Runner, pair: Pair, tmp_path: Path, text: str):
    file = tmp_path / "settings.json"
    file.write_bytes(text.encode("latin-1"))
    line = only_line(run("restore", *pair, "-o", tmp_path / "out.tif", "--recipe", file))
    assert line.startswith(f"retexture: {file}: ")


def test_settings_are_checked_before_pictures_are_read(run: Runner, tmp_path: Path):
    missing = tmp_path / "missing.tif"
    line = only_line(
        run("restore", missing, missing, "-o", tmp_path / "out.tif", "--set", "texture.opacity=2")
    )
    assert "0 to 1" in line
    assert "missing" not in line


OUTPUTS = {
    "no format": ("out.xyz", "no known format"),
    "no suffix": ("out", "no suffix"),
    "Photoshop": ("out.psd", ".retexture"),
    "large Photoshop": ("out.psb", ".retexture"),
    "no folder": ("nowhere/out.tif", "folder"),
    "below a file": ("pair/original.tif/out.tif", "folder"),
    "a folder": ("folder.tif", "is a folder"),
    "an input": ("pair/original.tif", "is also an input"),
    "a link to an input": ("symlink.tif", "is also an input"),
    "another name of an input": ("hardlink.tif", "is also an input"),
}


@pytest.mark.parametrize("case", OUTPUTS)
def test_outputs_that_are_refused(run: Runner, pair: Pair, tmp_path: Path, case: str):
    (tmp_path / "folder.tif").mkdir()
    (tmp_path / "symlink.tif").symlink_to(pair[0])
    os.link(pair[1], tmp_path / "hardlink.tif")
    name, problem = OUTPUTS[case]
    before = contents(tmp_path)
    for arguments in (("restore", *pair), ("render", pair[0])):
        if case == "another name of an input" and arguments[0] == "render":
            continue
        line = only_line(run(*arguments, "-o", tmp_path / name))
        assert line.startswith(f"retexture: {tmp_path / name}: ")
        assert problem in line
        if case in ("a folder", "below a file"):  # nothing that --overwrite could mend
            assert problem in only_line(run(*arguments, "-o", tmp_path / name, "--overwrite"))
    assert contents(tmp_path) == before


@pytest.mark.slow
def test_an_input_is_replaced_when_asked(run: Runner, pair: Pair, tmp_path: Path):
    expected = tmp_path / "expected.tif"
    assert run("restore", *pair, "-o", expected).code == 0
    assert run("restore", *pair, "-o", pair[1], "--overwrite").code == 0
    assert pair[1].read_bytes() == expected.read_bytes()


def test_extract_keeps_layers_or_refuses(run: Runner, pair: Pair, tmp_path: Path):
    for suffix in (".tif", ".png", ".jpg", ".psd"):
        line = only_line(run("extract", pair[0], "-o", tmp_path / f"out{suffix}"))
        assert ".retexture" in line


def test_a_report_is_no_picture_and_no_input(run: Runner, pair: Pair, tmp_path: Path):
    before = contents(tmp_path)
    for report in (pair[0], tmp_path / "nowhere" / "report.json", tmp_path / "out.tif"):
        line = only_line(run("restore", *pair, "-o", tmp_path / "out.tif", "--report", report))
        assert line.startswith(f"retexture: {report}: ")
    assert contents(tmp_path) == before


def test_commands(run: Runner, pair: Pair):
    assert "restore" in only_line(run("restoer", *pair))
    assert "--sample" in run("--help").out


def test_the_window_needs_a_screen(run: Runner, pair: Pair, monkeypatch: pytest.MonkeyPatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    for arguments in ((), ("--sample",), (pair[0],), pair):
        assert "screen" in only_line(run(*arguments))


def test_recipes_knows_its_names(run: Runner):
    assert "hybrid-fs" in only_line(run("recipes", "none"))


def test_json_of_a_bad_file_is_nothing(run: Runner, tmp_path: Path):
    ran = run("inspect", tmp_path / "no.tif", "--json")
    only_line(ran)
    with pytest.raises(json.JSONDecodeError):
        json.loads(ran.out)
