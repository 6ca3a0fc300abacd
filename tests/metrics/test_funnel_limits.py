import numpy as np
import pytest
from scipy import stats

from lhp_metrics.metrics._funnel_limits import (
    PROPORTION,
    RATIO,
    binomial_limits,
    limit_curves,
    overdispersion,
    poisson_limits,
    score_limits,
)

LEVELS = [0.95, 0.998]
TARGET = 0.3


def drawn(limits_of, target, level, largest, tau_squared=None):
    """Return sizes and limits of both curves, having seen what every curve keeps to."""
    (low_sizes, low), (high_sizes, high) = limit_curves(
        limits_of, target, level, largest, tau_squared
    )
    for sizes, limits in ((low_sizes, low), (high_sizes, high)):
        assert sizes.shape == limits.shape
        assert (np.diff(sizes) > 0).all()
    return low_sizes, low, high_sizes, high


@pytest.mark.parametrize("level", LEVELS)
def test_wilson_curves_are_normal_limits_at_every_whole_size(level):
    sizes, low, high_sizes, high = drawn("Wilson", TARGET, level, 60)

    assert sizes.tolist() == list(range(1, 61))
    assert high_sizes.tolist() == sizes.tolist()
    reach = stats.norm.ppf((1 + level) / 2) * np.sqrt(TARGET * (1 - TARGET) / sizes)
    assert low == pytest.approx(np.clip(TARGET - reach, 0, 1))
    assert high == pytest.approx(np.clip(TARGET + reach, 0, 1))


@pytest.mark.parametrize("level", LEVELS)
def test_exact_binomial_curves_are_quantiles_of_the_binomial(level):
    sizes, low, _, high = drawn("exact binomial", TARGET, level, 60)

    assert low == pytest.approx(stats.binom.ppf((1 - level) / 2, sizes, TARGET) / sizes)
    assert high == pytest.approx(stats.binom.ppf((1 + level) / 2, sizes, TARGET) / sizes)


@pytest.mark.parametrize("limits_of", ["Wilson", "exact binomial"])
@pytest.mark.parametrize("largest", [0.0, 1.0, 2.0])
def test_curves_of_next_to_nothing_go_from_one_to_two(limits_of, largest):
    sizes, *_ = drawn(limits_of, TARGET, 0.95, largest)

    assert sizes.tolist() == [1, 2]


def test_curves_of_large_groups_have_at_most_three_hundred_points_up_to_the_largest():
    sizes, *_ = drawn("Wilson", TARGET, 0.95, 1e6)

    assert (sizes[0], sizes[-1]) == (1, 1e6)
    assert 200 < len(sizes) <= 300


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("target", [1.0, 1.2])
def test_poisson_curves_stand_where_a_count_just_reaches_its_exact_limit(level, target):
    low_sizes, low, high_sizes, high = drawn("exact Poisson", target, level, 50)
    tail = (1 - level) / 2

    # The values along a curve are counts over expected: each is a whole number of events.
    below, above = np.rint(low * low_sizes), np.rint(high * high_sizes)
    assert low * low_sizes == pytest.approx(below, abs=1e-9)
    assert high * high_sizes == pytest.approx(above, abs=1e-9)
    assert (below[0], above[0]) == (0, 1)
    # So few, or so many, are exactly the tail of what the target gives at that size.
    assert stats.poisson.cdf(below, low_sizes * target) == pytest.approx(np.full(len(below), tail))
    assert stats.poisson.sf(above - 1, high_sizes * target) == pytest.approx(
        np.full(len(above), tail)
    )
    assert low_sizes[-1] > 50
    assert high_sizes[-1] > 50


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("largest", [0.5, 1.0, 400.0])
@pytest.mark.parametrize(
    ("limits_of", "target", "there", "back"),
    [
        # The arcsine of the root, and the root: the scales on which the variance is 1 / 4n.
        ("Wilson", TARGET, lambda p: np.arcsin(np.sqrt(p)), lambda a: np.sin(a) ** 2),
        ("exact Poisson", 1.2, np.sqrt, np.square),
    ],
)
def test_adjusted_curves_add_the_variance_between_groups(
    level, largest, limits_of, target, there, back
):
    sizes, low, high_sizes, high = drawn(limits_of, target, level, largest, tau_squared=0.01)

    assert len(sizes) == 300
    assert sizes[0] == pytest.approx(min(1, largest / 2))
    assert sizes[-1] == pytest.approx(largest)
    assert high_sizes.tolist() == sizes.tolist()
    reach = stats.norm.ppf((1 + level) / 2) * np.sqrt(1 / (4 * sizes) + 0.01)
    ends = (0, np.pi / 2) if limits_of == "Wilson" else (0, np.inf)
    assert low == pytest.approx(back(np.clip(there(target) - reach, *ends)))
    assert high == pytest.approx(back(np.clip(there(target) + reach, *ends)))


SIZES = np.array([0.0, 1.0, 5.0, 5.0, 40.0])


@pytest.mark.parametrize("target", [0.0, TARGET, 1.0])
@pytest.mark.parametrize("find", [score_limits, binomial_limits])
def test_limits_of_nothing_are_everything_and_of_a_sure_target_the_target(find, target):
    low, high, below, above = find(np.array([0.0, 0, 0, 5, 20]), SIZES, target, 0.95)

    assert (low[0], high[0]) == (0, 1)
    assert not below[0]
    assert not above[0]
    if target in (0, 1):
        assert set(low[1:]) == set(high[1:]) == {target}
        assert below[1:].tolist() == [target == 1, target == 1, False, target == 1]
        assert above[1:].tolist() == [False, False, target == 0, target == 0]


def test_a_value_on_its_limit_is_within():
    # Of 4 with target ½ the 95% quantiles are 0 and 4: nothing is outside them.
    _, _, below, above = binomial_limits(np.array([0.0, 4.0]), np.array([4.0, 4.0]), 0.5, 0.95)

    assert not below.any()
    assert not above.any()


def test_counts_are_outside_where_the_exact_test_says_so():
    sizes = np.array([3.0, 4.0, 20.0, 20.0, 8.0])
    events = np.array([0.0, 0.0, 10.0, 31.0, 8.0])

    low, high, below, above = poisson_limits(events, sizes, 1.0, 0.95)

    # Chances of so few, and of so many, with so many expected.
    assert below.tolist() == (stats.poisson.cdf(events, sizes) < 0.025).tolist()
    assert above.tolist() == (stats.poisson.sf(events - 1, sizes) < 0.025).tolist()
    assert below.tolist() == [False, True, True, False, False]
    assert above.tolist() == [False, False, False, True, False]
    assert low[:2].tolist() == [0, 0]
    assert high[:2].tolist() == [np.inf, np.inf]


def test_nobody_varies_beyond_chance_alone_or_alike():
    phi, tau_squared = overdispersion(np.array([1.5]), np.array([9.0]), 0.1)
    assert np.isnan(phi)
    assert tau_squared == 0
    # Two whose z are ±½: φ = ¼, less than chance gives, so that nothing is between them.
    assert overdispersion(np.array([0.5, -0.5]), np.array([9.0, 9.0]), 0.0) == (0.25, 0.0)


def test_two_groups_vary_beyond_chance_by_the_method_of_moments():
    # z of 3 and −3 and one unknown: φ = 9. With weights w = 4 · 25 = 100 each, DerSimonian and
    # Laird's τ² is (2 · 9 − 1) / (200 − 20,000 / 200) = 17 / 100.
    z, sizes = np.array([3.0, np.nan, -3.0]), np.array([25.0, 0.0, 25.0])

    assert overdispersion(z, sizes, 0.0) == pytest.approx((9.0, 0.17))


def test_the_scales_end_where_values_do():
    assert PROPORTION.most == 1
    assert RATIO.most == np.inf
    assert PROPORTION.value(np.array([-0.1, 1.6])) == pytest.approx([0, 1])
    assert RATIO.value(np.array([-0.1, 2.0])) == pytest.approx([0, 4])
