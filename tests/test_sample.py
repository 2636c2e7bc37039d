import hashlib
import socket
from importlib import util

import cv2
import numpy as np
import pytest

from retexture import sample
from retexture.errors import InputError

pytest.importorskip("skimage", reason="the optional extra `sample` is not installed")


@pytest.fixture(scope="module")
def made():
    return sample.make_sample(1000, seed=1)


def luma(planes):
    weights = np.array([0.299, 0.587, 0.114], np.float32)[:, None, None]
    return (planes.astype(np.float32) / 65535 * weights).sum(0)


def band(planes, low=1.0, high=3.0):
    y = luma(planes)
    return cv2.GaussianBlur(y, (0, 0), low) - cv2.GaussianBlur(y, (0, 0), high)


def solid_skin(made):
    """Skin well away from its outline, where the blurs see skin alone."""
    return cv2.erode((made.skin > 64000).astype(np.uint8), np.ones((25, 25), np.uint8)) > 0


def test_pictures_are_planar_16_bit_and_of_the_size_asked_for(made):
    for picture in (made.original, made.retouched, made.truth):
        assert picture.shape == (3, 1000, 1000)
        assert picture.dtype == np.uint16
    assert made.skin.shape == (1000, 1000)
    assert made.skin.dtype == np.uint16
    assert made.skin.max() == 65535
    assert made.skin.min() == 0
    assert 0.12 < (made.skin > 32767).mean() < 0.35


@pytest.mark.slow
def test_the_same_seed_gives_the_same_pictures(made):
    def digest(s):
        return [hashlib.sha256(p.tobytes()).hexdigest() for p in (s.original, s.retouched, s.truth, s.skin)]

    assert digest(sample.make_sample(400, 5)) == digest(sample.make_sample(400, 5))
    assert digest(sample.make_sample(400, 5))[0] != digest(sample.make_sample(400, 6))[0]


def test_the_retouched_picture_has_lost_its_texture_on_skin_and_kept_its_edges(made):
    skin = solid_skin(made)
    fine = {name: band(getattr(made, name), 0.7, 1.4) for name in ("original", "retouched", "truth")}
    lost = np.median(np.abs(fine["retouched"][skin])) / np.median(np.abs(fine["truth"][skin]))
    assert lost < 0.25
    edges = cv2.GaussianBlur(luma(made.truth), (0, 0), 3)
    steep = np.hypot(cv2.Sobel(edges, cv2.CV_32F, 1, 0), cv2.Sobel(edges, cv2.CV_32F, 0, 1))
    strongest = steep > np.quantile(steep, 0.98)
    coarse = [band(getattr(made, name), 3, 10)[strongest].std() for name in ("retouched", "truth")]
    assert coarse[0] / coarse[1] == pytest.approx(1, abs=0.1)


def test_the_truths_pores_are_dark_pits(made):
    skin = solid_skin(made)
    # Away from folds and shading: where the coarser band is calm.
    calm = skin & (np.abs(band(made.retouched, 1, 4)) < 0.004)
    pores = band(made.truth, 0.7, 2)[calm]
    deviation = pores - pores.mean()
    assert (deviation**3).mean() / deviation.std() ** 3 < -0.3
    assert 0.004 < pores.std() < 0.02


def test_truth_has_the_retouched_pictures_tone_and_the_originals_texture(made):
    def low(planes):
        return np.stack([cv2.GaussianBlur(p.astype(np.float32) / 65535, (0, 0), 12) for p in planes])

    skin = solid_skin(made)
    to_truth = np.abs(low(made.retouched) - low(made.truth))[:, skin]
    to_original = np.abs(low(made.retouched) - low(made.original))[:, skin]
    assert to_truth.mean() < 0.003
    assert to_original.mean() > 4 * to_truth.mean()
    clean = skin & ~spots(made)
    assert np.corrcoef(band(made.truth)[clean], band(made.original)[clean])[0, 1] > 0.97


def spots(made):
    """Where the original is redder than a smooth tone change of the truth explains."""
    difference = (made.original.astype(np.float32) - made.truth)[1] / 65535
    difference -= (
        cv2.medianBlur((difference * 127 + 128).astype(np.uint8), 31).astype(np.float32) / 127 - 128 / 127
    )
    mask = (difference < -0.02).astype(np.uint8)
    return cv2.dilate(mask, np.ones((5, 5), np.uint8)) > 0


def test_blemishes_are_reddish_dark_and_on_the_skin_alone(made):
    mask = spots(made)
    count, _ = cv2.connectedComponents(mask.astype(np.uint8))
    assert sample.BLEMISHES * 0.6 <= count - 1 <= sample.BLEMISHES
    assert (made.skin[mask] > 32767).mean() > 0.98
    core = cv2.erode(mask.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    around = np.stack(
        [cv2.medianBlur((p // 257).astype(np.uint8), 41).astype(np.float32) for p in made.original]
    )
    change = (made.original / 257 - around)[:, core].mean(axis=1)
    assert change[1] < -8
    assert change[0] - change[1] > 4


def test_off_the_skin_there_is_grain_and_no_blemish_or_tone_of_skin(made):
    off = cv2.dilate((made.skin > 0).astype(np.uint8), np.ones((15, 15), np.uint8)) == 0
    background = off.copy()
    background[:, 100:] = False
    background[400:] = False
    assert 0.001 < band(made.original, 0.5, 1.5)[background].std() < 0.006


def test_nothing_is_downloaded(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a connection was attempted")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert sample.make_sample(400).original.shape == (3, 400, 400)


def test_without_scikit_image_the_error_names_the_extra(monkeypatch):
    monkeypatch.setattr(sample, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"retexture\[sample\]"):
        sample.make_sample(400)


def test_a_package_without_the_photograph_is_the_same_error(monkeypatch, tmp_path):
    spec = util.spec_from_file_location("skimage", tmp_path / "__init__.py")
    monkeypatch.setattr(sample, "find_spec", lambda name: spec)
    with pytest.raises(InputError, match=r"retexture\[sample\]"):
        sample.make_sample(400)


@pytest.mark.parametrize(
    ("size", "seed", "words"), [(399, 1, "out of range"), (9000, 1, "out of range"), (400, -1, "negative")]
)
def test_sizes_and_seeds_out_of_range_are_refused(size, seed, words):
    with pytest.raises(InputError, match=words):
        sample.make_sample(size, seed)


def test_the_description_tells_real_from_synthetic():
    text = sample.describe()
    for word in (
        "REAL",
        "SYNTHETIC",
        "public domain",
        "Pores",
        "truth.tif",
        "skin_mask.png",
        "nothing was downloaded",
    ):
        assert word in text


def test_write_sample_writes_five_files_and_refuses_to_overwrite(monkeypatch, tmp_path, made):
    from retexture.files.images import read_image

    monkeypatch.setattr(sample, "make_sample", lambda: made)
    folder = tmp_path / "new" / "sample"
    paths = sample.write_sample(folder, overwrite=False)
    names = ["original.tif", "retouched.tif", "truth.tif", "skin_mask.png", "README.txt"]
    assert [p.name for p in paths] == names
    assert sorted(p.name for p in folder.iterdir()) == sorted(names)
    for path, picture in zip(
        paths, (made.original, made.retouched, made.truth, made.skin[None]), strict=False
    ):
        assert np.array_equal(read_image(path).colour, picture)
    assert paths[4].read_text(encoding="utf-8") == sample.describe()
    paths[0].unlink()
    with pytest.raises(InputError, match="exists already"):
        sample.write_sample(folder, overwrite=False)
    assert not paths[0].exists()
    sample.write_sample(folder, overwrite=True)
    assert paths[0].exists()


def test_a_file_in_the_place_of_the_folder_is_a_clear_error(tmp_path):
    (tmp_path / "taken").write_text("x")
    with pytest.raises(InputError, match="cannot be made a folder"):
        sample.write_sample(tmp_path / "taken", overwrite=False)
