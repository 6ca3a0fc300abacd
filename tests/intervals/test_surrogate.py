"""The fast ways to many limits give what the slow way to one gives."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lhp_metrics.intervals import proportion_interval, rate_interval
from lhp_metrics.intervals._beta import (
    _clopper_pearson_lower,
    _jeffreys_lower,
    _mid_p_lower,
)
from lhp_metrics.intervals._gamma import _garwood, _jeffreys, _mid_p
from lhp_metrics.intervals._surrogate import mean_surrogate, odds_surrogate
from limit_truth import exact_mean_error, exact_proportion_error, tails

TAILS = [0.49, 0.1, 0.025, 0.001, 5e-7, 1e-9]
counts = st.integers(0, 40) | st.integers(0, 2_000) | st.integers(0, 10**9)


@pytest.mark.parametrize("tail", TAILS)
@pytest.mark.parametrize("lower", [_clopper_pearson_lower, _mid_p_lower, _jeffreys_lower])
@settings(max_examples=30)
@given(pairs=st.lists(st.tuples(counts, counts), min_size=1, max_size=200))
def test_series_of_odds_equal_the_solver(lower, tail, pairs):
    k, failures = np.array(pairs, dtype=float).T
    low, high = odds_surrogate(lower, tail).odds(k, k + failures)

    np.testing.assert_allclose(low, lower(k, failures, tail), rtol=2e-14)
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(high, 1 / lower(failures, k, tail), rtol=2e-14)


@pytest.mark.parametrize("tail", TAILS)
@pytest.mark.parametrize("solver", [_garwood, _mid_p, _jeffreys])
@settings(max_examples=30)
@given(events=st.lists(counts, min_size=1, max_size=200))
def test_series_of_means_equal_the_solver(solver, tail, events):
    x = np.array(events, dtype=float)
    low, high = mean_surrogate(solver, tail).means(x)
    expected_low, expected_high = solver(x, tail)

    np.testing.assert_allclose(low, expected_low, rtol=2e-14)
    np.testing.assert_allclose(high, expected_high, rtol=2e-14)


# The seams: fewest successes for the plane series, most trials of the table, and the ends.
SEAMS = [(15, 31), (16, 32), (15, 32), (17, 10**6), (10**6 - 16, 10**6), (0, 40), (1, 10**6)]


@pytest.mark.parametrize("level", [0.95, 0.99, 0.998])
def test_clopper_pearson_of_arrays_keeps_all_its_digits(level):
    k, n = np.tile(np.transpose(SEAMS), 10)
    low, high = proportion_interval(k, n, method="clopper-pearson", confidence_level=level)
    for i, (successes, trials) in enumerate(SEAMS):
        for limit, side in ((low[i], -1), (high[i], 1)):
            if limit > 0:
                error = exact_proportion_error(successes, trials, limit, tails(level), side=side)
                assert error < 4e-15, (successes, trials, side)


@pytest.mark.parametrize("level", [0.95, 0.99, 0.998])
def test_exact_rates_of_arrays_keep_all_their_digits(level):
    events = [1, 15, 16, 200, 10**6]
    low, high = rate_interval(np.tile(events, 20), 1, confidence_level=level)
    for i, x in enumerate(events):
        assert exact_mean_error(x, low[i], tails(level), side=-1) < 4e-15, x
        assert exact_mean_error(x, high[i], tails(level), side=1) < 4e-15, x


@pytest.mark.parametrize(
    "method", ["clopper-pearson", "mid-p", "jeffreys", "blaker", "likelihood-ratio", "wilson"]
)
def test_inputs_of_few_distinct_counts_equal_single_ones(method):
    n = np.arange(30_000) % 13
    k = n // 2
    low, high = proportion_interval(k, n, method=method)

    for i in range(13):
        alone = proportion_interval(k[i], n[i], method=method)
        assert (low[i + 13 * 2_000], high[i + 13 * 2_000]) == pytest.approx(tuple(alone), rel=1e-13)


def test_a_table_is_no_way_round_the_checks():
    n = np.full(30_000, 3)
    with pytest.raises(ValueError, match="successes must not exceed trials"):
        proportion_interval(n + 1, n, method="clopper-pearson")
