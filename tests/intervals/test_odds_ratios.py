from functools import partial
from math import comb

import numpy as np
import pytest
from mpmath import mpf

from lhp_metrics.intervals import odds_ratio_interval, odds_ratio_p_value
from likelihood_truth import (
    assert_score_limits,
    assert_two_sided,
    score_of_proportions,
)
from two_sample_reference import assert_interval_matches, assert_p_value_matches


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("miettinen-nurminen", "miettinen-nurminen"),
        ("exact", "exact-conditional-central"),
        ("mid-p", "exact-conditional-midp"),
        ("woolf-logit", "woolf-logit"),
        ("gart-logit", "gart-logit"),
        ("scas", "scas"),
    ],
)
def test_intervals_match_independent_programs(method, name):
    assert_interval_matches("two_proportion_odds_ratio", name, odds_ratio_interval, method)


@pytest.mark.parametrize(
    ("method", "name"), [("exact", "fisher-central"), ("mid-p", "fisher-midp-central")]
)
def test_p_values_match_independent_programs(method, name):
    assert_p_value_matches("two_proportion_tests", name, odds_ratio_p_value, method)


AWKWARD = [
    (7, 34, 1, 34),
    (5, 56, 0, 29),
    (10, 10, 1, 20),
    (974_969, 974_969, 11_274, 11_278),
    (147_457, 1_420_215, 4_551_299, 14_131_678),
    (10**9 - 1, 10**9, 3, 10**9),
    (1, 10**9, 1, 10**9),
]
METHODS = [("miettinen-nurminen", {}), ("scas", {"skew": True})]


@pytest.mark.parametrize("sample", AWKWARD, ids=str)
@pytest.mark.parametrize(("method", "options"), METHODS, ids=[name for name, _ in METHODS])
def test_score_limits_match_the_constrained_likelihood(method, options, sample):
    score = partial(score_of_proportions, "odds ratio", **options)
    assert_score_limits(
        odds_ratio_interval, score, sample, method, beside_edge={0: 1e-15, np.inf: 1e15}
    )


@pytest.mark.parametrize("sample", AWKWARD, ids=str)
@pytest.mark.parametrize(("method", "options"), METHODS, ids=[name for name, _ in METHODS])
def test_p_values_match_the_constrained_likelihood(method, options, sample):
    low, high = odds_ratio_interval(*sample, method=method, confidence_level=0.99)
    for null in (low, 0.9 * low, high if high < np.inf else 0.99 * low):
        deviate = score_of_proportions("odds ratio", *sample, null, **options)
        assert_two_sided(odds_ratio_p_value(*sample, null, method=method), deviate)


def conditional_tail(x, n, x0, n0, odds_ratio, own_share):
    """Sum the noncentral hypergeometric distribution at 45 digits, from its definition."""
    total, above, odds_ratio = mpf(0), mpf(0), mpf(odds_ratio)
    for k in range(max(0, x + x0 - n0), min(n, x + x0) + 1):
        weight = comb(n, k) * comb(n0, x + x0 - k) * odds_ratio**k
        total += weight
        above += weight * (own_share if k == x else k > x)
    return above / total


@pytest.mark.parametrize(("method", "own_share"), [("exact", 1.0), ("mid-p", 0.5)])
@pytest.mark.parametrize(
    "sample", [(7, 34, 1, 34), (1, 2, 1, 3), (600, 900, 250, 700), (1, 900, 2, 5)], ids=str
)
def test_exact_limits_leave_out_exactly_their_tails(sample, method, own_share):
    x, n, x0, n0 = sample
    for level in (0.8, 0.95, 0.999999):
        low, high = odds_ratio_interval(*sample, method=method, confidence_level=level)
        tail = (1 - mpf(level)) / 2
        below = conditional_tail(x0, n0, x, n, 1 / mpf(high), own_share)

        # An error in the limit moves the tail by at most `x + x0` times as much, relatively.
        assert conditional_tail(x, n, x0, n0, low, own_share) / tail == pytest.approx(1, abs=1e-12)
        assert below / tail == pytest.approx(1, abs=1e-12)


def test_large_tables_neither_overflow_nor_take_long():
    low, high = odds_ratio_interval(30_000_000, 10**8, 35_000_000, 10**8, method="exact")
    normal_low, normal_high = odds_ratio_interval(
        30_000_000, 10**8, 35_000_000, 10**8, method="woolf-logit"
    )

    assert (low, high) == pytest.approx((normal_low, normal_high), rel=1e-7)
    assert odds_ratio_p_value(30_000_000, 10**8, 35_000_000, 10**8, method="exact") == 0
    assert odds_ratio_p_value(1039, 1039, 0, 1994, method="mid-p") < 1e-300


@pytest.mark.parametrize("method", ["exact", "mid-p"])
def test_many_tables_at_once_give_what_each_gives_alone(method):
    x = np.repeat([150, 3, 0, 290], 2_000)

    low, high = odds_ratio_interval(x, 300, 140, 280, method=method)

    for i in (0, 2_000, 4_000, 6_000):
        alone = odds_ratio_interval(x[i], 300, 140, 280, method=method)
        np.testing.assert_allclose([low[i], high[i]], list(alone), rtol=1e-14)


@pytest.mark.parametrize("method", ["miettinen-nurminen", "exact", "mid-p", "scas"])
def test_empty_cells_put_limits_exactly_at_the_edges(method):
    low, high = odds_ratio_interval(
        [0, 13, 7, 7, 0, 13], 13, [7, 7, 0, 23, 0, 0], 23, method=method
    )

    np.testing.assert_array_equal(low == 0, [True, False, False, True, True, False])
    np.testing.assert_array_equal(high == np.inf, [False, True, True, False, True, True])


def test_one_empty_cell_makes_the_variance_of_the_logit_infinite():
    low, high = odds_ratio_interval([0, 13, 7, 7], 13, [7, 7, 0, 23], 23, method="woolf-logit")

    np.testing.assert_array_equal(low, 0)
    np.testing.assert_array_equal(high, np.inf)


# Both groups are binomial: summing the product of scipy's probabilities over the tables whose
# interval covers is the exact coverage.
@pytest.mark.parametrize("level", [0.8, 0.95])
@pytest.mark.parametrize(("n", "n0"), [(1, 4), (6, 9), (12, 12)])
def test_exact_intervals_never_cover_less_often_than_promised(n, n0, level):
    from scipy.stats import binom

    x, x0 = np.arange(n + 1)[:, None], np.arange(n0 + 1)
    low, high = odds_ratio_interval(x, n, x0, n0, method="exact", confidence_level=level)
    for odds_ratio in np.concatenate([np.logspace(-3, 3, 13), low[low > 0][:40] * (1 - 1e-9)]):
        odds = np.logspace(-3, 3, 25)[:, None, None]
        own = binom.pmf(x, n, odds * odds_ratio / (1 + odds * odds_ratio))
        base = binom.pmf(x0, n0, odds / (1 + odds))
        covers = (low <= odds_ratio) & (odds_ratio <= high)

        assert (own * base * covers).sum(axis=(1, 2)).min() >= level - 1e-12


def test_extreme_nulls_are_rejected_without_a_warning():
    for null in (1e-300, 1e300):
        for method in ("miettinen-nurminen", "exact", "mid-p", "scas"):
            assert odds_ratio_p_value(7, 13, 5, 23, null, method=method) < 1e-6
