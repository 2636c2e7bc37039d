"""``score`` on real files: figures, JSON, the page, and what is refused."""

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from retexture.files.images import read_image, write_image
from retexture.files.page import HEIGHT_PX, WIDTH_PX, Cell, Row, cell_px, draw_page
from retexture.recipes.score_page import PLAIN
from retexture.sample import Sample
from retexture.texture.score import Score
from tests.cli.pictures import Runner, contents, only_line

Pair = tuple[Path, Path]


@pytest.fixture
def truth(pair: Pair, sample: Sample) -> Path:
    """The retouched tone with the subject's own texture, in a file beside the pair."""
    path = pair[0].with_name("truth.tif")
    write_image(path, sample.truth)
    return path


@pytest.mark.slow
def test_a_result_is_better_than_what_it_was_made_from(run: Runner, pair: Pair, truth: Path):
    ran = run("score", *pair, truth, "--json")
    assert (ran.code, ran.err) == (0, "")
    about = json.loads(ran.out)
    assert set(about["result"]) == set(Score.__struct_fields__)
    assert about["overall"] == about["result"]["overall"] > about["retouched"]["overall"] + 5
    assert about["result"]["plasticness"] < about["retouched"]["plasticness"] - 0.2
    assert about["retouched"]["tone_shift"] == 0
    assert about["skin_found_by"] == "face"
    assert len(about["faces"]) == 1
    assert about["worst_face_plasticness"] == about["faces"][0]["plasticness"]
    assert about["alignment"]["coverage"] > 0.5
    assert about["files"] == {
        "original": str(pair[0]), "retouched": str(pair[1]), "result": str(truth)
    }  # fmt: skip


@pytest.mark.slow
def test_without_a_result_the_retouched_picture_is_scored(run: Runner, pair: Pair):
    about = json.loads(run("score", *pair, "--json").out)
    assert about["result"] is None
    assert about["overall"] == about["retouched"]["overall"]
    assert about["retouched"]["plasticness"] == about["retouched"]["plasticness_before"] > 0.2


@pytest.mark.slow
def test_the_original_scored_against_itself_has_lost_nothing(run: Runner, pair: Pair):
    found = json.loads(run("score", pair[0], pair[0], "--json").out)["retouched"]
    assert (found["plasticness"], found["spots"], found["alignment_residual_px"]) == (0, 0, 0)
    assert found["overall"] == pytest.approx(100)


@pytest.mark.slow
def test_the_table_is_for_people(run: Runner, pair: Pair, truth: Path):
    ran = run("score", *pair, truth)
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0].startswith(f"{pair[0]}: 400 x 400 px, 1 face ")
    for label in PLAIN.values():
        assert any(line.startswith(label) for line in lines), label
    assert max(len(line) for line in lines[1:]) <= 120
    assert "nan" not in ran.out


@pytest.mark.slow
def test_a_given_mask_says_where_the_skin_is(run: Runner, pair: Pair, sample: Sample, tmp_path: Path):
    mask = tmp_path / "mask.png"
    write_image(mask, sample.skin[None])
    about = json.loads(run("score", *pair, "--mask", mask, "--json").out)
    assert about["skin_found_by"] == "given"
    assert about["retouched"]["skin_share"] == pytest.approx(float((sample.skin / 65535).mean()), abs=0.01)


@pytest.mark.slow
def test_the_page(run: Runner, pair: Pair, truth: Path, tmp_path: Path):
    page = tmp_path / "page.png"
    assert run("score", *pair, truth, "--picture", page).code == 0
    drawn = read_image(page)
    assert drawn.colour.shape == (3, HEIGHT_PX, WIDTH_PX)
    before = page.read_bytes()
    assert "exists already" in only_line(run("score", *pair, truth, "--picture", page))
    assert page.read_bytes() == before
    assert run("score", *pair, "--picture", page, "--overwrite").code == 0
    assert page.read_bytes() != before


def test_pictures_on_the_page_are_shown_at_100_percent():
    rng = np.random.default_rng(1)
    width, height = cell_px(2)
    picture = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    page = draw_page(
        "t", "s", ("1", "of"), [[Cell(picture, "c"), Cell(picture, "d")]], ("a",), [Row("r", ("1",), "m")]
    )
    places = [
        (y, x)
        for y, x in np.argwhere((page[:, :-1, :-1] == picture[0, 0][:, None, None]).all(0))
        if (page[:, y + 1, x + 1] == picture[1, 1]).all()
    ]
    assert any(
        np.array_equal(page[:, y : y + height, x : x + width], picture.transpose(2, 0, 1)) for y, x in places
    )


def test_long_names_stay_on_the_page():
    page = draw_page(
        "t", "name " * 500, ("1", "of"), [[Cell(np.zeros((9, 9, 3), np.uint8), "c" * 999)]], (), []
    )
    assert (page[:, 80:102, 1300:1500] == 245).all()


def test_bad_input_is_named(run: Runner, pair: Pair, tmp_path: Path):
    files = contents(pair[0].parent)
    missing = tmp_path / "missing.tif"
    assert str(missing) in only_line(run("score", pair[0], missing))
    assert str(missing) in only_line(run("score", *pair, missing))
    black = tmp_path / "black.png"
    write_image(black, np.zeros((3, 300, 300), np.uint8))
    only_line(run("score", black, black))
    assert str(pair[1]) in only_line(run("score", *pair, "--picture", pair[1]))
    assert "suffix" in only_line(run("score", *pair, "--picture", tmp_path / "page.psd"))
    assert contents(pair[0].parent) == files


def rolled(planes: np.ndarray) -> np.ndarray:
    return np.roll(planes, 12, axis=2)


def mirrored(planes: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(planes[:, :, ::-1])


@pytest.mark.slow
@pytest.mark.parametrize("moved", [rolled, mirrored])
def test_a_result_that_does_not_lie_on_the_original_is_aligned_and_told(
    run: Runner, pair: Pair, truth: Path, sample: Sample, tmp_path: Path, moved: Callable[..., np.ndarray]
):
    there = json.loads(run("score", *pair, truth, "--json").out)["result"]
    other = tmp_path / "moved.tif"
    write_image(other, moved(sample.truth))
    ran = run("score", *pair, other, "--json")
    assert ran.code == 0
    assert f"{other}: does not lie on the original" in ran.err
    assert json.loads(ran.out)["result"]["overall"] > there["overall"] - 6


def bent(planes: np.ndarray) -> np.ndarray:
    """Waves of 5 px: a face that was liquified."""
    y, x = np.mgrid[:400, :400].astype(np.float32)
    there = x + 5 * np.sin(y / 30), y + 5 * np.sin(x / 30)
    return np.stack([cv2.remap(p, *there, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT) for p in planes])


@pytest.mark.slow
@pytest.mark.parametrize("grid", ["original", "retouched"])
def test_a_result_is_scored_in_the_shape_that_it_keeps(run: Runner, pair: Pair, sample: Sample, grid: str):
    out, mask = pair[0].with_name("out.tif"), pair[0].with_name("mask.tif")
    write_image(pair[1], bent(sample.retouched), overwrite=True)
    write_image(mask, sample.skin[None])
    report = pair[0].with_name("report.json")
    made = run("restore", *pair, "-o", out, "--grid", grid, "--report", report)
    assert made.code == 0
    ran = run("score", *pair, out, "--json")
    about = json.loads(ran.out)
    assert about["grid"] == grid
    assert ("lies on the retouched picture: the original was laid on that one" in ran.err) == (
        grid == "retouched"
    )
    told = json.loads(report.read_text())["score"]["result"]
    for figure, slack in (("overall", 2), ("plasticness", 0.02), ("likeness", 0.02), ("halo", 2)):
        assert about["result"][figure] == pytest.approx(told[figure], abs=slack), figure
    masked = json.loads(run("score", *pair, out, "--mask", mask, "--json").out)
    assert masked["result"]["likeness"] > about["result"]["likeness"] - 0.05
    assert masked["result"]["skin_share"] == pytest.approx(float((sample.skin / 65535).mean()), abs=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["smooth", "jpeg", "toned", "cut out"])
def test_an_honest_result_is_measured_as_it_lies(
    run: Runner, pair: Pair, sample: Sample, tmp_path: Path, kind: str
):
    planes, path = sample.retouched, tmp_path / ("result.jpg" if kind == "jpeg" else "result.tif")
    match kind:
        case "smooth":
            planes = np.stack([cv2.GaussianBlur(p, (0, 0), 4) for p in planes])
        case "toned":
            planes = np.rint(65535 * (planes / 65535) ** 2).astype(np.uint16)
        case "cut out":  # another background
            planes = np.where(np.arange(400)[:, None] < 320, planes, np.uint16(9000)).astype(np.uint16)
            planes[:, :, :80] = np.random.default_rng(2).integers(0, 65535, (400, 80), np.uint16)
    write_image(path, planes if path.suffix == ".tif" else (planes >> 8).astype(np.uint8), quality=30)
    ran = run("score", *pair, path, "--json")
    assert (ran.code, ran.err) == (0, "")


@pytest.mark.slow
def test_another_photograph_as_the_result_is_refused(run: Runner, pair: Pair, sample: Sample, tmp_path: Path):
    other = tmp_path / "other.tif"
    noise = np.random.default_rng(4).integers(0, 65535, (3, 400, 400), np.uint16)
    write_image(other, np.stack([cv2.GaussianBlur(plane, (0, 0), 3) for plane in noise]))
    line = only_line(run("score", *pair, other))
    assert f"{other}: cannot be aligned: it does not show the same photograph" in line
    flat = tmp_path / "flat.tif"
    write_image(flat, np.full_like(sample.truth, 30000))
    assert "the result is one flat colour" in only_line(run("score", *pair, flat))


def test_two_photographs_are_told_apart(run: Runner, pair: Pair, tmp_path: Path):
    other = tmp_path / "other.png"
    rng = np.random.default_rng(4)
    coarse = rng.integers(0, 256, (20, 20, 3), dtype=np.uint8)
    write_image(other, np.kron(coarse, np.ones((20, 20, 1), np.uint8)).transpose(2, 0, 1).copy())
    line = only_line(run("score", pair[0], other))
    assert str(other) in line
