"""``render`` and ``inspect``: depth, transparency, profile and metadata of what they are given."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from imagecodecs import cms_profile

from retexture.document.document import Document, Source
from retexture.document.layers import BlendIf, FillLayer, GroupLayer, PixelLayer, Range, Sliders, smart
from retexture.document.pixels import Pixels
from retexture.engine.modes import BlendMode
from retexture.files.documents import file_format, open_document
from retexture.files.images import read_image, write_image
from retexture.files.project import write_project
from retexture.filters.base import Context
from retexture.filters.gaussian_blur import GaussianBlur
from retexture.recipes.base import Materials, Options
from retexture.recipes.hybrid_fs import build
from retexture.render.render import flatten
from tests.cli.pictures import Runner, only_line

ADOBE = cms_profile("adobergb")
DTYPES: dict[int, Any] = {8: np.uint8, 16: np.uint16, 32: np.float32}


def samples(depth: int, channels: int = 3) -> np.ndarray:
    rng = np.random.default_rng(depth)
    if depth == 32:
        return rng.random((channels, 30, 50), np.float32)
    return rng.integers(0, 2**depth, (channels, 30, 50), dtype=DTYPES[depth])


def one_layer(depth: Any, alpha: np.ndarray | None = None, channels: int = 3) -> Document:
    source = Source("a", "a", Pixels(samples(depth, channels)), None if alpha is None else Pixels(alpha))
    return Document(
        width_px=50,
        height_px=30,
        depth=depth,
        mode="grey" if channels == 1 else "rgb",
        layers=(PixelLayer(key="a", name="A", source="a"),),
        sources=(source,),
        icc=ADOBE if channels == 3 else None,
        metadata={"xmp": b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"},
    )


@pytest.mark.parametrize("depth", [8, 16, 32])
@pytest.mark.parametrize("suffix", [".tif", ".png", ".jpg"])
@pytest.mark.parametrize("channels", [1, 3])
def test_depth_profile_and_metadata_are_kept(
    run: Runner, tmp_path: Path, depth: int, suffix: str, channels: int
):
    project, out = tmp_path / "p.retexture", tmp_path / f"out{suffix}"
    document = one_layer(depth, channels=channels)
    write_project(project, document)
    ran = run("render", project, "-o", out)
    assert (ran.code, ran.out) == (0, "")
    held = min(depth, {".tif": 32, ".png": 16, ".jpg": 8}[suffix])
    picture = read_image(out)
    assert picture.depth == held
    assert picture.icc == document.icc
    assert picture.metadata == document.metadata
    assert picture.alpha is None
    assert len(picture.colour) == channels
    if held < depth:
        assert ran.err.startswith(f"retexture: note: {out}: ")
        assert f"{held} bits" in ran.err
    else:
        assert ran.err == ""
    if suffix != ".jpg":
        whole = {8: 255, 16: 65535, 32: 1}
        wanted = samples(depth, channels).astype(np.float64) / whole[depth]
        assert np.abs(picture.colour / whole[held] - wanted).max() <= 0.51 / whole[min(held, 16)]


@pytest.mark.parametrize("suffix", [".tif", ".png", ".jpg"])
def test_transparency(run: Runner, tmp_path: Path, suffix: str):
    project, out = tmp_path / "p.retexture", tmp_path / f"out{suffix}"
    alpha = samples(16)[0]
    write_project(project, one_layer(16, alpha))
    ran = run("render", project, "-o", out)
    assert ran.code == 0
    written = read_image(out).alpha
    if suffix == ".jpg":
        assert written is None
        assert "transparency" in ran.err
    else:
        assert written is not None
        assert np.array_equal(written, alpha)


def test_flat_pictures_are_documents_too(run: Runner, tmp_path: Path):
    picture, project, out = tmp_path / "a.png", tmp_path / "a.retexture", tmp_path / "out.png"
    write_image(picture, samples(8), alpha=samples(8)[0], icc=ADOBE)
    assert run("render", picture, "-o", project) == (0, "", "")
    assert run("render", project, "-o", out) == (0, "", "")
    before, after = read_image(picture), read_image(out)
    assert before.alpha is not None
    assert after.alpha is not None
    assert np.array_equal(before.alpha, after.alpha)
    seen = before.alpha > 0
    assert np.array_equal(before.colour[:, seen], after.colour[:, seen])


def test_files_are_told_apart_by_content(tmp_path: Path):
    written = {"TIFF": tmp_path / "a.tif", "PNG": tmp_path / "a.png", "JPEG": tmp_path / "a.jpg"}
    for path in written.values():
        write_image(path, samples(8))
    written["project"] = tmp_path / "a.retexture"
    write_project(written["project"], one_layer(16))
    for kind, path in written.items():
        renamed = path.rename(tmp_path / f"{kind}.psd")
        assert file_format(renamed) == kind
        assert open_document(renamed)[0].width_px == 50
    assert file_format(tmp_path) == "unknown"


def test_a_photoshop_file_without_layers(run: Runner, tmp_path: Path):
    header = (
        b"8BPS\0\1" + bytes(6) + (3).to_bytes(2, "big") + (30).to_bytes(4, "big") + (50).to_bytes(4, "big")
    )
    header += (16).to_bytes(2, "big") + (3).to_bytes(2, "big") + bytes(12) + b"\0\0"
    file, out = tmp_path / "flat.psd", tmp_path / "out.tif"
    file.write_bytes(header + samples(16).astype(">u2").tobytes())
    ran = run("render", file, "-o", out)
    assert ran.code == 0
    assert np.array_equal(read_image(out).colour, samples(16))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    pixels = Pixels(samples(16))
    document = build(
        Materials(original=pixels, retouched=Pixels(samples(16)[::-1].copy()), icc=ADOBE), Options()
    )
    path = tmp_path / "project.retexture"
    write_project(path, document)
    return path


def test_inspect_json(run: Runner, project: Path):
    ran = run("inspect", project, "--json")
    assert (ran.code, ran.err) == (0, "")
    about = json.loads(ran.out)
    assert (about["format"], about["width_px"], about["height_px"], about["depth"]) == ("project", 50, 30, 16)
    assert about["profile"] == "Adobe RGB (1998)" or about["profile_embedded"]
    high, group = about["layers"]
    assert (high["key"], high["blend_mode"]) == ("high", "linear-light")
    assert high["filters"][0]["parameters"]["source"] == "low"
    assert high["mask"]["components"][0]["kind"] == "midtones"
    assert (group["kind"], group["blend_mode"]) == ("group", "pass-through")
    assert [layer["key"] for layer in group["layers"]] == ["retouched"]
    assert about["hidden"][0]["filters"][0]["parameters"] == {"radius_px": 6.0}
    assert about["warnings"] == []


def test_inspect_for_people(run: Runner, project: Path):
    text = run("inspect", project).out
    for words in (
        "50 x 30 px",
        "16-bit RGB",
        "High [high] pixel, linear-light",
        "mask: midtones 1 (off)",
        "Apply Image: source low",
        "Gaussian Blur (off): radius_px 6",
        "hidden, read by filters",
    ):
        assert words in text
    assert text.index("[high]") < text.index("[retouched_group]") < text.index("[retouched]")


def test_inspect_tells_all_of_a_layer(run: Runner, tmp_path: Path):
    fill = FillLayer(
        key="grey",
        name="Grey",
        opacity=0.25,
        fill=0.5,
        visible=False,
        locked=True,
        blend_mode=BlendMode.SOFT_LIGHT,
        blend_if=BlendIf(underlying=Sliders(gray=Range(20, 60, 210, 245))),
        filters=smart(GaussianBlur(radius_px=3)),
    )
    document = one_layer(8)
    group = GroupLayer(key="g", name="Group", layers=(fill,), blend_mode=BlendMode.NORMAL)
    path = tmp_path / "p.retexture"
    write_project(path, Document(**{**{f: getattr(document, f) for f in document.__struct_fields__},
                                    "layers": (*document.layers, group)}))  # fmt: skip
    text = run("inspect", path).out
    assert "Grey [grey] fill, soft-light, opacity 25%, fill 50%, locked, hidden" in text
    assert "blend-if underlying: gray 20/60|210/245" in text
    assert "Gaussian Blur: radius_px 3" in text
    about = json.loads(run("inspect", path, "--json").out)
    inner = about["layers"][0]["layers"][0]
    assert inner["blend_if"] == {"underlying": {"gray": "20/60|210/245"}}
    assert (inner["opacity"], inner["fill"], inner["visible"], inner["locked"]) == (0.25, 0.5, False, True)


def test_inspect_says_what_a_reader_should_know(run: Runner, tmp_path: Path):
    import tifffile

    path = tmp_path / "pages.tif"
    with tifffile.TiffWriter(path) as file:
        for _ in range(2):
            file.write(np.zeros((8, 8, 3), np.uint8), photometric="rgb", metadata=None)
    ran = run("inspect", path)
    assert "assumed, none embedded" in ran.out
    assert ran.err.startswith(f"retexture: note: {path}: ")
    told = run("inspect", path, "--json")
    assert told.err == ""
    assert "2 pages" in json.loads(told.out)["warnings"][0]
    assert run("render", path, "-o", tmp_path / "out.png").err == ran.err


def test_render_needs_an_output(run: Runner, project: Path):
    assert "--output" in only_line(run("render", project))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("radii", "applied"),
    [((2.0,), 16), ((2.0, 3.0), 32), ((2.0, 3.0, 1.0), 48), ((100.0,), 1), ((100.0, 2.0), 17)],
)
def test_what_filters_make_is_kept_as_long_as_it_is_needed(
    monkeypatch: pytest.MonkeyPatch, radii: tuple[float, ...], applied: int
):
    """Nothing is computed twice: 4 x 4 blocks a filter, or the whole picture at once."""
    done = []
    apply = GaussianBlur.apply

    def counted(blur: GaussianBlur, colour: np.ndarray, context: Context) -> np.ndarray:
        done.append(blur.radius_px)
        return apply(blur, colour, context)

    monkeypatch.setattr(GaussianBlur, "apply", counted)
    pixels = np.zeros((3, 2048, 2048), np.uint16)
    layer = PixelLayer(
        key="a", name="A", source="a", filters=smart(*(GaussianBlur(radius_px=r) for r in radii))
    )
    document = Document(
        width_px=2048, height_px=2048, layers=(layer,), sources=(Source("a", "a", Pixels(pixels)),)
    )
    flatten(document)
    assert len(done) == applied
