import numpy as np
import pytest
from scipy import stats

from retexture.filters import Context
from retexture.filters.add_noise import AddNoise

GREY = np.full((3, 200, 240), 0.5, np.float32)


def added(context=None, colour=GREY, **parameters):
    context = context or Context()
    return AddNoise(**parameters).apply(colour, context) - colour


def test_uniform():
    noise = added(amount_percent=20, distribution="uniform")[0].ravel()
    assert np.abs(noise).max() <= 0.2 + 1e-6
    assert stats.kstest(noise, stats.uniform(-0.2, 0.4).cdf).pvalue > 0.01
    assert stats.kstest(noise, stats.norm(0, 0.2 / 3**0.5).cdf).pvalue < 1e-6


def test_gaussian():
    noise = added(amount_percent=5, distribution="gaussian")[0].ravel()
    assert stats.kstest(noise, stats.norm(0, 0.05).cdf).pvalue > 0.01
    assert stats.kstest(noise, stats.norm(0, 0.052).cdf).pvalue < 1e-3


@pytest.mark.parametrize("distribution", ["uniform", "gaussian"])
def test_monochromatic(distribution):
    same = added(distribution=distribution, monochromatic=True)
    assert np.array_equal(same[0], same[1])
    assert np.array_equal(same[0], same[2])
    apart = added(distribution=distribution, monochromatic=False)
    correlations = np.corrcoef(apart.reshape(3, -1))
    assert np.abs(correlations - np.eye(3)).max() < 0.02
    assert apart.std(axis=(1, 2)) == pytest.approx(same[0].std(), rel=0.02)


@pytest.mark.parametrize("distribution", ["uniform", "gaussian"])
def test_white_in_space_and_from_seed_to_seed(distribution):
    first = added(distribution=distribution, seed=1)[0]
    assert np.array_equal(first, added(distribution=distribution, seed=1)[0])
    limit = 4 / first.size**0.5
    for seed in (0, 2, 3, 999_999):
        second = added(distribution=distribution, seed=seed)[0]
        assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < limit
    for shift in ((0, 1), (1, 0), (1, 1), (0, 2), (3, 0)):
        moved = np.roll(first, shift, (0, 1))
        assert abs(np.corrcoef(first.ravel(), moved.ravel())[0, 1]) < limit


@pytest.mark.parametrize("monochromatic", [True, False])
@pytest.mark.parametrize("distribution", ["uniform", "gaussian"])
def test_a_preview_shows_the_noise_of_the_full_size(distribution, monochromatic):
    parameters = {"distribution": distribution, "monochromatic": monochromatic}
    full = added(Context(x=-8, y=12), **parameters)
    preview = added(Context(x=-4, y=6, step=2), colour=GREY[:, :100, :120], **parameters)
    assert np.array_equal(preview, full[:, ::2, ::2])


def test_clips():
    noise = AddNoise(amount_percent=400).apply(GREY, Context())
    assert noise.min() == 0
    assert noise.max() == 1


def test_amount_is_a_percentage_of_full_scale():
    assert added(amount_percent=0).any() == np.False_
    small, large = added(amount_percent=1), added(amount_percent=10)
    assert np.abs(large - 10 * small).max() < 1e-6
