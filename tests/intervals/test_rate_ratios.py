import numpy as np
import pytest

from lhp_metrics.intervals import rate_ratio_interval, rate_ratio_p_value
from likelihood_truth import relative_error, score_of_rates
from two_sample_reference import assert_interval_matches, assert_p_value_matches


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("mid-p", "mid-p-conditional"),
        ("exact", "exact-conditional"),
        ("score", "score"),
        ("wald-log", "wald-log"),
        ("mover-score", "mover-score"),
        ("scas", "scas"),
    ],
)
def test_intervals_match_independent_programs(method, name):
    assert_interval_matches("two_rate_ratio", name, rate_ratio_interval, method)


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("mid-p", "mid-p-conditional-central"),
        ("exact", "exact-conditional-central"),
        ("score", "ratio-score"),
        ("wald-log", "ratio-wald-log"),
    ],
)
def test_p_values_match_independent_programs(method, name):
    assert_p_value_matches("two_rate_tests", name, rate_ratio_p_value, method)


# Liverpool Health Partners' registrations, 133 days after 233: roots of the defining equations
# found with 40-digit mpmath (mid-p) and R 4.2.2's poisson.test (exact), printed to 4 decimals.
@pytest.mark.parametrize(
    ("method", "low", "high"), [("mid-p", 1.4611, 2.2636), ("exact", 1.4525, 2.2770)]
)
def test_registrations_of_two_eras(method, low, high):
    interval = rate_ratio_interval(164, 133, 158, 233, method=method)

    assert (interval.low, interval.high) == pytest.approx((low, high), abs=5e-5)


# The same sources for the partner that went from 1 to 34, where the methods part company.
@pytest.mark.parametrize(
    ("method", "high"), [("mid-p", 1224), ("exact", 2421), ("score", 344), ("scas", 1061)]
)
def test_growth_from_one_event_has_a_far_upper_limit(method, high):
    assert rate_ratio_interval(34, 133, 1, 233, method=method).high == pytest.approx(high, abs=0.5)


@pytest.mark.parametrize("method", ["mid-p", "exact", "score", "mover-score", "scas"])
def test_no_events_put_exactly_one_limit_at_the_edge(method):
    low, high = rate_ratio_interval([0, 0, 7], 133, [0, 7, 0], 233, method=method)

    np.testing.assert_array_equal(low == 0, [True, True, False])
    np.testing.assert_array_equal(high == np.inf, [True, False, True])


def test_one_count_of_0_makes_the_variance_of_the_log_infinite():
    low, high = rate_ratio_interval([0, 0, 7], 133, [0, 7, 0], 233, method="wald-log")

    np.testing.assert_array_equal(low, 0)
    np.testing.assert_array_equal(high, np.inf)
    assert rate_ratio_p_value(7, 133, 0, 233, method="wald-log") == 1


# With the base held, a further event only adds to the odds of the group: binomial tails order.
@pytest.mark.parametrize("method", ["mid-p", "exact", "score"])
def test_a_further_event_raises_both_limits(method):
    low, high = rate_ratio_interval(np.arange(60), 133, [[0], [1], [9], [400]], 233, method=method)

    assert np.all(np.diff(low, axis=1) > 0)
    assert np.all(np.diff(high[1:], axis=1) > 0)


@pytest.mark.parametrize(("method", "skew"), [("score", False), ("scas", True)])
@pytest.mark.parametrize(
    "sample",
    [(1, 133.0, 1, 233.0), (3, 0.001, 40, 7e5), (10**9, 365.0, 10**9 - 5000, 366.0)],
)
def test_closed_forms_match_the_constrained_likelihood(method, skew, sample):
    for level, z in LEVELS:
        limits = rate_ratio_interval(*sample, method=method, confidence_level=level)
        for limit, side in zip(limits, (z, -z), strict=True):
            if 0 < limit < np.inf:  # "scas" reaches the edge at 1 event and 99.8 %
                error = relative_error(
                    lambda null: score_of_rates("ratio", *sample, null, skew=skew), limit, side
                )
                assert error < 1e-12


# Normal quantiles: mpmath.erfinv at 30 digits.
LEVELS = [(0.95, 1.959963984540054235524594430520), (0.998, 3.090232306167813541540399830108)]


# Given n events in all, the group's are binomial with p = odds / (1 + odds): summing that
# distribution (scipy's, not ours) over the results whose interval covers is the exact coverage.
@pytest.mark.parametrize("level", [0.9, 0.95, 0.998])
@pytest.mark.parametrize("events", [1, 5, 17, 40])
def test_exact_intervals_never_cover_less_often_than_promised(events, level):
    from scipy.stats import binom

    x = np.arange(events + 1)
    low, high = rate_ratio_interval(x, 1.0, events - x, 1.0, method="exact", confidence_level=level)
    odds = np.concatenate([np.logspace(-4, 4, 401), low[1:] * (1 - 1e-9), low[1:] * (1 + 1e-9)])
    covers = (low <= odds[:, None]) & (odds[:, None] <= high)
    coverage = (covers * binom.pmf(x, events, (odds / (1 + odds))[:, None])).sum(axis=1)

    assert coverage.min() >= level - 1e-12
