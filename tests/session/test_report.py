"""The report: what it measures is what is to be seen, and its files say so."""

import json

import msgspec
import numpy as np
import pytest

from retexture.document.document import Document, Source
from retexture.document.layers import GroupLayer, LayerMask, PixelLayer, RasterMask
from retexture.document.pixels import Pixels, Tiles
from retexture.errors import InputError
from retexture.files.colour import srgb_icc
from retexture.files.images import read_image
from retexture.render.cache import Cache
from retexture.render.render import Cancelled
from retexture.sample import Sample, make_sample
from retexture.session.report import Report, has_pair, make_report, save_figures, save_page
from tests.session.restored import restored_document

pytestmark = pytest.mark.slow

PIXELS = {"original": 0, "retouched": 1, "truth": 2}


@pytest.fixture(scope="module")
def sample() -> Sample:
    return make_sample(400)


def showing(sample: Sample, key: str, retouched: np.ndarray | None = None) -> Document:
    """Return the sample as a document that shows one of its pictures."""
    pictures = (sample.original, sample.retouched if retouched is None else retouched, sample.truth)
    return Document(
        width_px=400,
        height_px=400,
        icc=srgb_icc(),
        layers=(PixelLayer(key=key, name=key, source=key),),
        sources=tuple(
            Source(key=name, name=f"{name}.tif", colour=Pixels(planes))
            for name, planes in zip(PIXELS, pictures, strict=True)
        ),
    )


def report_on(document: Document, **options: object) -> Report:
    return make_report(document, "portrait", Cache(1 << 26), **options)


@pytest.fixture(scope="module")
def restored(sample: Sample) -> Report:
    return report_on(showing(sample, "truth"))


def test_what_is_shown_is_scored(sample: Sample, restored: Report):
    scoring = restored.scoring
    assert scoring.after.overall > scoring.before.overall + 5
    assert scoring.after.plasticness < scoring.before.plasticness - 0.2
    np.testing.assert_array_equal(scoring.result, sample.truth)
    untouched = report_on(showing(sample, "retouched")).scoring
    assert untouched.after == untouched.before == scoring.before


def test_the_retouched_picture_is_measured_as_it_was_opened(sample: Sample):
    document = showing(sample, "truth", retouched=sample.original)
    raw = Source(key="unaligned", name="smooth.png", colour=Pixels(sample.retouched))
    report = report_on(msgspec.structs.replace(document, sources=(*document.sources, raw)))
    assert report.names == ("original.tif", "smooth.png", "portrait")
    np.testing.assert_array_equal(report.scoring.aligned, sample.retouched)


def test_a_mask_that_was_given_is_where_it_is_measured(sample: Sample, restored: Report):
    half = np.zeros((1, 400, 400), np.uint16)
    half[..., 200:] = 65535
    made = restored_document()
    analysis = msgspec.structs.replace(made.analysis, skin="mask")
    texture = GroupLayer(key="texture", name="", mask=LayerMask(painted=RasterMask(Tiles.from_array(half))))
    document = showing(sample, "truth")
    document = msgspec.structs.replace(document, layers=(*document.layers, texture), analysis=analysis)
    scoring = report_on(document).scoring
    assert scoring.skin_method == "given"
    assert scoring.skin[:, :190].max() < 0.1
    assert scoring.skin[0, -1] < 0.1, "of the mask the skin alone"
    assert scoring.skin.sum() > 0.2 * restored.scoring.skin.sum()


def test_its_steps_are_told_and_it_can_be_given_up(sample: Sample):
    told = []
    report_on(showing(sample, "truth"), tell=lambda step, done: told.append((step, done)))
    assert [step for step, _ in told][:2] == ["Rendering", "Measuring"]
    assert [done for _, done in told] == sorted(done for _, done in told)
    assert told[-1][1] == 1.0

    def give_up(step: str, done: float) -> None:
        if done > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        report_on(showing(sample, "truth"), tell=give_up)


def test_other_photographs_are_refused(sample: Sample):
    other = np.random.default_rng(1).integers(0, 65535, (3, 400, 400), dtype=np.uint16)
    with pytest.raises(
        InputError, match=r"retouched.tif.* cannot be measured: it does not show the same photograph"
    ):
        report_on(showing(sample, "truth", retouched=other))


def test_a_pair_is_needed():
    document = restored_document()
    assert has_pair(document)
    assert not has_pair(msgspec.structs.replace(document, sources=document.sources[:1]))


def test_the_files_hold_the_figures(restored: Report, tmp_path):
    save_figures(restored, tmp_path / "a.json", overwrite=False)
    about = json.loads((tmp_path / "a.json").read_text())
    assert about["overall"] == restored.scoring.after.overall
    assert about["files"] == {"original": "original.tif", "retouched": "retouched.tif", "result": "portrait"}
    save_page(restored, tmp_path / "a.png", overwrite=False)
    assert read_image(tmp_path / "a.png").width > 1000
    for save, name in ((save_figures, "a.json"), (save_page, "a.png")):
        with pytest.raises(InputError, match="exists already"):
            save(restored, tmp_path / name, overwrite=False)
        save(restored, tmp_path / name, overwrite=True)
