from typing import Any

import cv2
import numpy as np
import pytest

from retexture.texture import graft


def skin(height: int, width: int, channels: int = 3, seed: int = 0) -> Any:
    """Synthetic skin: dark pits, fine noise, redness and a camera's grain; negative skew."""
    rng = np.random.default_rng(seed)
    dots = -(rng.random((height, width)) < 0.02).astype(np.float32) * rng.random((height, width), np.float32)
    pits = cv2.GaussianBlur(dots, (0, 0), 1.3)
    noise = cv2.GaussianBlur(rng.standard_normal((height, width), np.float32), (0, 0), 0.8)
    base = 0.5 * pits + 0.006 * noise
    tint = 0.004 * cv2.GaussianBlur(rng.standard_normal((height, width), np.float32), (0, 0), 2)
    planes = [base * 0.8 + tint, base, base * 1.1 - tint]
    grain = 0.004 * rng.standard_normal((height, width), np.float32)
    return np.stack(planes[:channels]).astype(np.float32) + grain


def skew(plane):
    d = plane - plane.mean()
    return float((d**3).mean() / d.std() ** 3)


def spectrum_db(plane, size=32):
    """Mean power in nine rings of spatial frequency, dB, over half-overlapping windows."""
    window = np.outer(np.hanning(size), np.hanning(size))
    powers = []
    for y in range(0, plane.shape[0] - size + 1, size // 2):
        for x in range(0, plane.shape[1] - size + 1, size // 2):
            tile = plane[y : y + size, x : x + size]
            powers.append(np.abs(np.fft.fft2((tile - tile.mean()) * window)) ** 2)
    power = np.mean(powers, axis=0)
    f = np.fft.fftfreq(size)
    ring = np.digitize(np.hypot(f[:, None], f[None]), np.linspace(0.03, 0.5, 10))
    return 10 * np.log10([power[ring == i].mean() for i in range(1, 10)])


def spectral_distance_db(a, b):
    return float(np.sqrt(((spectrum_db(a) - spectrum_db(b)) ** 2).mean()))


def largest_repeat(plane, near=12):
    """The largest normalised autocorrelation at a displacement of over `near` px."""
    power = np.abs(np.fft.fft2(plane - plane.mean())) ** 2
    correlation = np.fft.ifft2(power).real
    correlation /= correlation[0, 0]
    f = [np.minimum(np.arange(n), n - np.arange(n)) for n in plane.shape]
    return float(correlation[np.hypot(f[0][:, None], f[1][None]) > near].max())


def laid_out(height, width, size):
    """Sum of squares and maximum of the weights at each pixel, for a patch of `size`."""
    edge, row = graft.lattice(*size)
    weights = graft._weights(edge, row)
    squares, largest = np.zeros((height, width)), np.zeros((height, width))
    for j in range(-1, height // row + 2):
        for i in range(-2, width // edge + 2):
            y, x = j * row - row + 1, i * edge + (edge // 2 if j % 2 else 0) - edge + 1
            y0, x0, y1, x1 = max(y, 0), max(x, 0), min(height, y + 2 * row - 1), min(width, x + 2 * edge - 1)
            if y0 < y1 and x0 < x1:
                part = weights[y0 - y : y1 - y, x0 - x : x1 - x]
                squares[y0:y1, x0:x1] += part**2
                largest[y0:y1, x0:x1] = np.maximum(largest[y0:y1, x0:x1], part)
    return squares, largest


def gradient_ratio(plane, where):
    """Mean gradient where pieces meet over that elsewhere."""
    gradient = np.hypot(np.diff(plane, axis=0)[:, 1:], np.diff(plane, axis=1)[1:])
    return float(gradient[where[1:, 1:]].mean() / gradient[~where[1:, 1:]].mean())


def tiled(high, height, width):
    return np.tile(high, (1, -(-height // high.shape[1]), -(-width // high.shape[2])))[:, :height, :width]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "spectral", "repeat"), [((64, 64), 1.0, 0.12), ((96, 160), 0.8, 0.08), ((700, 500), 0.5, 0.05)]
)
def test_fill_has_the_patchs_spectrum_energy_skew_and_correlation(size, spectral, repeat):
    high = graft.separate(skin(*size) + 0.5, 5)
    out = graft.fill(high, 512, 640, seed=3)
    assert out.shape == (3, 512, 640)
    assert out.dtype == np.float32
    for a, b in zip(high, out, strict=True):
        assert spectral_distance_db(a, b) < spectral
        assert b.std() / a.std() == pytest.approx(1, abs=0.05)
        assert skew(a) < -0.8
        assert skew(b) == pytest.approx(skew(a), rel=0.15)
        assert largest_repeat(b) < repeat
    before, after = np.corrcoef(high.reshape(3, -1)), np.corrcoef(out.reshape(3, -1))
    assert np.abs(before - after).max() < 0.08


def test_pits_keep_their_shape_and_not_the_histogram_alone():
    high = graft.separate(skin(256, 256, 1), 5)[0]
    out = graft.fill(high[None], 512, 512, seed=1)[0]

    def band(p):
        return cv2.GaussianBlur(p, (0, 0), 1) - cv2.GaussianBlur(p, (0, 0), 2)

    assert skew(band(high)) < -0.8
    assert skew(band(out)) == pytest.approx(skew(band(high)), rel=0.25)
    # The control: noise of the same spectrum has no pits.
    rng = np.random.default_rng(0)
    phase = np.fft.rfft2(rng.standard_normal(high.shape))
    noise = np.fft.irfft2(np.abs(np.fft.rfft2(high)) * phase / np.abs(phase), high.shape)
    assert spectral_distance_db(high, noise) < 1.0
    assert abs(skew(band(noise))) < 0.15


def test_plain_tiling_fails_the_repeat_and_the_seam_test():
    high = graft.separate(skin(64, 64, 1) + 0.5, 5)
    plain = tiled(high, 512, 512)[0]
    assert largest_repeat(plain) > 0.9
    border = np.zeros((512, 512), bool)
    border[::64] = border[:, ::64] = True
    assert gradient_ratio(plain, border) > 1.15


@pytest.mark.parametrize("size", [(64, 64), (90, 200), (300, 300)])
def test_no_seam_shows_where_pieces_meet(size, monkeypatch):
    high = graft.separate(skin(size[0], size[1], 1) + 0.5, 5)
    mixed = laid_out(1024, 1024, size)[1] < 0.85
    assert 0.1 < mixed.mean() < 0.4
    assert gradient_ratio(graft.fill(high, 1024, 1024, seed=5)[0], mixed) < 1.06
    # The control: pieces put side by side without a transition.
    monkeypatch.setattr(graft, "SHARPNESS", 200.0)
    cut = laid_out(1024, 1024, size)[1] < 0.999
    assert gradient_ratio(graft.fill(high, 1024, 1024, seed=5)[0], cut) > 1.1


def test_blending_without_variance_preservation_fails_the_energy_test(monkeypatch):
    high = graft.separate(skin(96, 96, 1) + 0.5, 5)
    energy = graft.fill(high, 256, 256, seed=2).std() / high.std()
    assert energy == pytest.approx(1, abs=0.05)

    def linear(edge, row):
        dy, dx = np.mgrid[1 - row : row, 1 - edge : edge]
        share = 1 - np.maximum(np.abs(dy) / row, np.abs(dx) / edge + np.abs(dy) / (2 * row))
        return np.clip(share, 0, None).astype(np.float32)

    monkeypatch.setattr(graft, "_weights", linear)
    assert graft.fill(high, 256, 256, seed=2).std() / high.std() < 0.8


@pytest.mark.parametrize("size", [(16, 16), (50, 70), (64, 64), (600, 600)])
def test_squared_weights_sum_to_one_at_every_pixel(size):
    assert np.abs(laid_out(200, 300, size)[0] - 1).max() < 1e-6


@pytest.mark.parametrize("origin", [(0, 0), (37, 200), (-91, -15), (3, -64)])
def test_a_region_equals_the_same_part_of_the_whole(origin):
    high = graft.separate(skin(64, 90) + 0.5, 4)
    whole = graft.fill(high, 400, 300, seed=9, origin=(-100, -100))
    x, y = origin
    region = graft.fill(high, 70, 101, seed=9, origin=origin)
    assert np.array_equal(region, whole[:, y + 100 : y + 170, x + 100 : x + 201])


def test_the_seed_decides():
    high = graft.separate(skin(64, 64, 1) + 0.5, 4)
    a, b, c = (graft.fill(high, 128, 128, seed) for seed in (1, 1, 2))
    assert np.array_equal(a, b)
    assert abs(np.corrcoef(a.ravel(), c.ravel())[0, 1]) < 0.1


def test_separate_leaves_no_ramp_along_the_borders():
    y, x = np.mgrid[0:128, 0:128] / 128
    shading = 0.4 + 0.3 * x - 0.2 * y + 0.1 * x * x
    texture = skin(128, 128)
    high = graft.separate((texture + shading).astype(np.float32), 6)
    expected = graft.separate(texture, 6)
    assert np.abs(high - expected).max() < 2e-6
    inner, rim = high[:, 20:-20, 20:-20], [high[:, :6], high[:, -6:], high[:, :, :6], high[:, :, -6:]]
    for side in rim:
        assert abs(side.mean()) < 0.15 * inner.std()
        assert side.std() == pytest.approx(inner.std(), rel=0.2)
    # The control: the plain difference has a ramp there.
    shaded = (texture + shading).astype(np.float32)
    plain = shaded - np.stack(
        [cv2.GaussianBlur(p, (0, 0), 6, borderType=cv2.BORDER_REPLICATE) for p in shaded]
    )
    assert abs(plain[:, :, -6:].mean()) > 0.3 * inner.std()


def test_separate_equals_patch_minus_gaussian_inside():
    patch = skin(160, 160, 1) + 0.5
    high = graft.separate(patch, 3)[0]
    plain = patch[0] - cv2.GaussianBlur(patch[0], (0, 0), 3)
    inner = np.s_[40:-40, 40:-40]
    difference = high[inner] - plain[inner]
    assert np.abs(difference - difference.mean()).max() < 2e-4 * np.abs(plain).max() + 1e-5
    assert abs(difference.mean()) < 0.01 * plain.std()


def test_equal_channels_stay_equal():
    high = np.repeat(graft.separate(skin(64, 64, 1) + 0.5, 5), 3, axis=0)
    out = graft.fill(high, 100, 100, seed=1)
    assert np.abs(out - out[:1]).max() < 1e-6


@pytest.mark.parametrize("call", [lambda p: graft.separate(p, 5), lambda p: graft.fill(p, 32, 32, 1)])
@pytest.mark.parametrize(
    ("patch", "words"),
    [
        (np.full((3, 64, 64), 0.5, np.float32), "flat colour"),
        (skin(15, 64), "too small"),
        (skin(64, 8, 1), "too small"),
        (np.where(np.arange(64) == 5, np.nan, skin(64, 64)).astype(np.float32), "NaN"),
        (skin(64, 64)[0], "expected"),
        (np.zeros((3, 0, 0), np.float32), "expected"),
    ],
)
def test_degenerate_patches_are_refused(call, patch, words):
    with pytest.raises(ValueError, match=words):
        call(patch)


def test_bad_sizes_are_refused():
    with pytest.raises(ValueError, match="over 0"):
        graft.separate(skin(64, 64), 0)
    with pytest.raises(ValueError, match="at least one pixel"):
        graft.fill(skin(64, 64), 0, 10, 1)


@pytest.mark.parametrize("size", [(16, 16), (17, 90), (40, 23)])
def test_the_smallest_patches_work(size):
    out = graft.fill(graft.separate(skin(*size) + 0.5, 3), 90, 130, seed=4)
    assert np.isfinite(out).all()
    assert out.std() > 0.001
