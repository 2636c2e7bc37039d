"""``restore`` and ``extract`` on real files: what comes out, in which format, grid and profile."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from imagecodecs import cms_profile
from numpy.typing import NDArray

from retexture.cli.restore import RECIPE_NAMES
from retexture.engine.gaussian import gaussian
from retexture.files.colour import srgb_icc
from retexture.files.images import read_image, write_image
from retexture.recipes import DEFAULT_RECIPE, RECIPES
from retexture.recipes.hybrid_fs import RADIUS_PX
from retexture.sample import Sample
from tests.cli.pictures import Runner, difference

ADOBE = cms_profile("adobergb")
Restore = Callable[..., Path]
Pair = tuple[Path, Path]

PATCH = {"texture-graft": ("--set", "patch=150,190,64,64")}
"""What recipes cannot do without."""


def test_help_names_the_recipes_there_are():
    assert tuple(name for name, recipe in RECIPES.items() if not recipe.flat) == RECIPE_NAMES


@pytest.mark.parametrize("recipe", RECIPE_NAMES)
def test_every_recipe_makes_a_16_bit_picture(restore: Restore, pair: Pair, sample: Sample, recipe: str):
    out = read_image(restore("--recipe", recipe, *PATCH.get(recipe, ())))
    assert out.colour.dtype == np.uint16
    assert out.alpha is None
    assert out.icc == srgb_icc()
    changed = (out.colour != sample.retouched).any(axis=0)
    if recipe == "dodge-burn":  # a layer to paint on: nothing changes until somebody does
        assert not changed.any()
    else:
        assert changed.mean() > (0.2 if recipe == "auto" else 0.9)  # skin alone
    before, after = (likeness(p, sample) for p in (sample.retouched, out.colour))
    if recipe in (
        "auto",
        "high-pass",
        "high-pass-blend-if",
        "hybrid-fs",
    ):  # the original's own texture comes back
        assert after > before + 0.1


def likeness(picture: NDArray[np.uint16], sample: Sample) -> float:
    """Correlation of a picture's pores with the true ones: of what is finer than 1.5 px, on skin."""
    fine = [plane.astype(np.float32) for plane in (picture, sample.truth)]
    a, b = ((f - gaussian(f, 1.5))[:, sample.skin > 60000].ravel() for f in fine)
    return float(np.corrcoef(a, b)[0, 1])


@pytest.mark.parametrize("recipe", RECIPE_NAMES)
def test_every_preset_works(restore: Restore, recipe: str):
    for preset in RECIPES[recipe].presets:
        assert restore("--recipe", recipe, "--preset", preset, *PATCH.get(recipe, ())).is_file()


@pytest.mark.slow
def test_the_default_recipe(restore: Restore):
    assert difference(restore(), restore("--recipe", DEFAULT_RECIPE)) == 0


def test_preset_and_settings_count(restore: Restore):
    plain = restore("--recipe", "high-pass")
    article = restore("--recipe", "high-pass", "--preset", "article")
    back = restore(
        "--recipe", "high-pass", "--preset", "article",
        "--set", "texture.opacity=0.5", "--set", "texture.high_pass.radius_px=2.5",
    )  # fmt: skip
    assert difference(plain, article) > 500
    assert difference(plain, back) == 0


def test_a_recipe_from_a_file(restore: Restore, tmp_path: Path):
    file = tmp_path / "mine.json"
    file.write_text(json.dumps({
        "recipe": "high-pass",
        "preset": "article",
        "set": {"texture.desaturate.enabled": True, "texture.opacity": 0.25, "texture.blend_mode": "overlay"},
    }))  # fmt: skip
    same = restore(
        "--recipe", "high-pass", "--preset", "article", "--set", "texture.desaturate.enabled=on",
        "--set", "texture.opacity=0.25", "--set", "texture.blend_mode=overlay",
    )  # fmt: skip
    assert difference(restore("--recipe", file), same) == 0
    assert difference(restore("--recipe", file, "--set", "texture.opacity=0.5"), same) > 100


def test_frequency_separation_gives_the_original_back(run: Runner, tmp_path: Path, sample: Sample):
    """hybrid-fs of (O, O blurred by the recipe's radius) is O."""
    blurred = gaussian(sample.original.astype(np.float32), RADIUS_PX)
    original, low, out = (tmp_path / f"{name}.tif" for name in "olr")
    write_image(original, sample.original)
    write_image(low, np.rint(blurred).astype(np.uint16))
    assert run("restore", original, low, "-o", out, "--recipe", "hybrid-fs").code == 0
    assert difference(out, sample.original) <= 1


@pytest.mark.parametrize("depth", [8, 16])
def test_extract_is_the_flat_picture_until_something_changes(
    run: Runner, tmp_path: Path, sample: Sample, depth: int
):
    flat, layered, out = tmp_path / "flat.png", tmp_path / "layers.retexture", tmp_path / "out.png"
    write_image(flat, sample.retouched, depth=8 if depth == 8 else 16)
    assert run("extract", flat, "-o", layered) == (0, "", "")
    assert run("render", layered, "-o", out) == (0, "", "")
    wide = read_image(flat).colour.astype(np.uint16) * np.uint16(257 if depth == 8 else 1)
    assert difference(out, wide) <= 1
    smoothed, out = tmp_path / "smoothed.retexture", tmp_path / "smoothed.png"
    settings = ("--set", "smooth.smooth_blur.radius_px=20", "--set", "smooth.mask.enabled=off")
    assert run("extract", flat, "-o", smoothed, *settings) == (0, "", "")
    assert run("render", smoothed, "-o", out) == (0, "", "")
    assert difference(out, wide) > 1000


@pytest.mark.slow
def test_a_project_renders_to_what_restore_writes(restore: Restore, run: Runner, tmp_path: Path):
    project, out = restore(suffix=".retexture"), tmp_path / "rendered.tif"
    assert run("render", project, "-o", out) == (0, "", "")
    assert difference(out, restore()) == 0


def test_a_black_mask_hides_all_texture(restore: Restore, tmp_path: Path, sample: Sample):
    mask = np.zeros((1, 400, 400), np.uint16)
    mask[:, :, 200:] = 65535
    file = tmp_path / "mask.png"
    write_image(file, mask)
    recipe = ("--recipe", "hybrid-fs")
    masked, unmasked = (read_image(restore(*recipe, "--mask", m)).colour for m in (file, "all"))
    assert np.abs(masked[:, :, :200].astype(int) - sample.retouched[:, :, :200]).max() <= 1
    assert np.array_equal(masked[:, :, 200:], unmasked[:, :, 200:])
    inverted = read_image(restore(*recipe, "--mask", file, "--set", "high.mask.inverted=on")).colour
    assert np.array_equal(inverted[:, :, :200], unmasked[:, :, :200])


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".png", ".PNG", ".tiff"])
def test_16_bits_in_other_formats(restore: Restore, suffix: str):
    assert difference(restore(suffix=suffix), restore()) == 0


def test_how_much_matches_and_that_jpeg_has_8_bits_is_said(run: Runner, pair: Pair, tmp_path: Path):
    ran = run("restore", *pair, "-o", tmp_path / "out.jpg")
    assert (ran.code, ran.out) == (0, "")
    match, depth = ran.err.splitlines()
    assert re.fullmatch(
        rf"retexture: note: {pair[1]}: lies exactly on the original; \d+% of what both show matches with certainty",
        match,
    )
    assert depth.startswith(f"retexture: note: {tmp_path / 'out.jpg'}: JPEG holds 8 bits")
    assert read_image(tmp_path / "out.jpg").colour.dtype == np.uint8


@pytest.mark.slow
@pytest.mark.parametrize("grid", ["original", "retouched"])
def test_grid_names_size_and_profile(run: Runner, tmp_path: Path, sample: Sample, grid: str):
    original, retouched, out = (tmp_path / f"{name}.tif" for name in "orx")
    write_image(original, sample.original, icc=ADOBE)
    write_image(retouched, sample.retouched[:, ::2, ::2], icc=srgb_icc())
    ran = run("restore", original, retouched, "-o", out, "--grid", grid)
    assert ran.code == 0
    result = read_image(out)
    assert result.icc == (ADOBE if grid == "original" else srgb_icc())
    assert (result.width, result.height) == ((400, 400) if grid == "original" else (200, 200))
    assert "400 x 400" in ran.err
    assert "200 x 200" in ran.err
    assert all(line.startswith("retexture: note: ") for line in ran.err.splitlines())


@pytest.mark.slow
def test_the_report(run: Runner, pair: Pair, tmp_path: Path):
    report = tmp_path / "report.json"
    ran = run(
        "restore", *pair, "-o", tmp_path / "out.jpg", "--recipe", "high-pass", "--preset", "article",
        "--set", "texture.opacity=0.25", "--report", report, "--align", "auto",
    )  # fmt: skip
    assert ran.code == 0
    told = json.loads(report.read_text())
    assert told["recipe"] == "high-pass"
    assert told["preset"] == "article"
    assert told["settings"] == ["texture.opacity=0.25"]
    assert (told["width_px"], told["height_px"], told["depth"]) == (400, 400, 16)
    assert [f"retexture: note: {text}" for text in told["warnings"]] == ran.err.splitlines()
    assert told["analysis"] is None
    assert told["score"]["files"]["original"] == "original.tif"
    assert told["mask"] == "all"
    assert [(layer["key"], layer["opacity"]) for layer in told["layers"]] == [
        ("texture", 0.25),
        ("retouched", 1),
    ]
    filters = {item["key"]: item for item in told["layers"][0]["filters"]}
    assert filters["high_pass"]["parameters"] == {"radius_px": 2.0}
    assert filters["desaturate"]["enabled"] is False


@pytest.mark.slow
@pytest.mark.parametrize("recipe", ["auto", "hybrid-fs"])
def test_a_moved_picture_is_aligned_and_told(
    run: Runner, pair: Pair, tmp_path: Path, sample: Sample, recipe: str
):
    moved, out = tmp_path / "moved.tif", tmp_path / "out.tif"
    write_image(moved, np.roll(sample.retouched, (3, -4), axis=(1, 2)), icc=srgb_icc())
    ran = run("restore", pair[0], moved, "-o", out, "--recipe", recipe, "--align", "auto")
    assert ran.code == 0
    assert f"{moved}: is aligned to the original" in ran.err
    straight = run("restore", *pair, "-o", tmp_path / "straight.tif", "--recipe", recipe, "--align", "auto")
    assert (straight.code, straight.out) == (0, "")
    assert straight.err.count("\n") == 1
    assert "lies exactly on the original" in straight.err
    inner = np.s_[:, 40:-40, 40:-40]
    off = np.abs(read_image(out).colour.astype(int) - read_image(tmp_path / "straight.tif").colour)[inner]
    assert np.percentile(off, 99) < 0.02 * 65535
    ran = run("restore", pair[0], moved, "-o", tmp_path / "off.tif", "--recipe", recipe, "--align", "off")
    assert (ran.code, "do not match pixel for pixel" in ran.err) == (0, recipe == "auto")
    laid = read_image(tmp_path / "off.tif").colour != read_image(moved).colour
    assert laid.any() == (recipe != "auto")


def test_different_photographs_are_refused(run: Runner, pair: Pair, tmp_path: Path, sample: Sample):
    other = tmp_path / "other.tif"
    noise = np.random.default_rng(3).integers(0, 65535, sample.original.shape, dtype=np.uint16)
    write_image(other, noise, icc=srgb_icc())
    ran = run("restore", pair[0], other, "-o", tmp_path / "out.tif")
    assert ran.code == 2
    assert ran.err.startswith(f"retexture: {other}: ")
    assert "choose the retouched version of this original" in ran.err
    assert "align off" not in ran.err, "contours would show double"
    assert not (tmp_path / "out.tif").exists()


def test_the_skin_as_a_mask_for_any_recipe(restore: Restore, sample: Sample):
    masked = read_image(restore("--recipe", "hybrid-fs", "--mask", "skin")).colour
    changed = (masked != sample.retouched).any(axis=0)
    assert changed[sample.skin > 60000].mean() > 0.8
    assert changed[:40, :40].mean() < 0.01


@pytest.mark.slow
def test_the_report_of_the_automatic_recipe(run: Runner, pair: Pair, tmp_path: Path):
    report = tmp_path / "report.json"
    assert run("restore", *pair, "-o", tmp_path / "out.tif", "--report", report).code == 0
    told = json.loads(report.read_text())
    assert told["recipe"] == "auto"
    assert told["mask"] == "skin"
    analysis = told["analysis"]
    assert analysis["skin"] == "face"
    assert 0.3 < analysis["plasticness"] <= 1
    assert analysis["alignment"]["resampled"] is False
    assert len(analysis["faces"]) == 1
    score = told["score"]
    assert score["result"]["plasticness"] < 0.5 * score["retouched"]["plasticness"]
    assert score["result"]["overall"] > score["retouched"]["overall"]


@pytest.mark.slow
def test_inputs_stay_and_overwrite_replaces(run: Runner, pair: Pair, tmp_path: Path):
    before = [path.read_bytes() for path in pair]
    out = tmp_path / "out.tif"
    out.write_bytes(b"older")
    refused = run("restore", *pair, "-o", out)
    assert refused.code == 2
    assert "--overwrite" in refused.err
    assert out.read_bytes() == b"older"
    assert run("restore", *pair, "-o", out, "--overwrite").code == 0
    assert read_image(out).width == 400
    assert [path.read_bytes() for path in pair] == before


@pytest.mark.slow
def test_the_report_scores_inside_a_given_mask(run: Runner, pair: Pair, tmp_path: Path):
    report = tmp_path / "report.json"
    assert run("restore", *pair, "-o", tmp_path / "out.tif", "--mask", "all", "--report", report).code == 0
    told = json.loads(report.read_text())
    assert told["analysis"]["skin"] == "mask"
    assert told["score"]["skin_found_by"] == "given"
    assert told["score"]["result"]["skin_share"] < 0.6
    assert told["score"]["result"]["overall"] > told["score"]["retouched"]["overall"]
