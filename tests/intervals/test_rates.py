from typing import get_args

import mpmath as mp
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from lhp_metrics.errors import InvalidInputError
from lhp_metrics.intervals import RateMethod, rate_interval
from limit_truth import (
    DIGITS,
    HALF,
    MEANS,
    exact_mean_error,
    formula_errors,
    gamma_tail,
    jeffreys_mean_error,
    tails,
)
from one_sample_reference import assert_matches, cases, tolerance

METHODS = get_args(RateMethod)
NAMES = {"exact": "exact-garwood", "phe": "phe-rate"}  # in the reference file


@pytest.mark.parametrize("method", METHODS)
def test_limits_match_independent_programs(method):
    name = NAMES.get(method, method)
    within = tolerance("poisson_rate", name)
    for case in cases("poisson_rate", name):
        limits = rate_interval(
            case["count"], case["exposure"], method=method, confidence_level=case["conf"]
        )
        assert_matches(tuple(limits), (case["lower"], case["upper"]), case, **within)


@pytest.mark.parametrize("alternative", ["greater", "less"])
def test_one_sided_limits_match_independent_programs(alternative):
    name = f"exact-onesided-{alternative}"
    within = tolerance("poisson_rate", name)
    for case in cases("poisson_rate", name):
        limits = rate_interval(
            case["count"],
            case["exposure"],
            confidence_level=case["conf"],
            alternative=alternative,
        )
        assert_matches(tuple(limits), (case["lower"], case["upper"]), case, **within)


events = st.integers(0, 200) | st.integers(0, 10**9)
levels = st.floats(0.01, 0.9999)
methods = st.sampled_from(METHODS)


@given(events, st.floats(1e-6, 1e6), levels, methods)
def test_the_unit_of_exposure_only_scales(x, exposure, level, method):
    in_days = rate_interval(x, exposure, method=method, confidence_level=level)
    in_weeks = rate_interval(x, exposure / 7, method=method, confidence_level=level)

    assert (7 * in_days.low, 7 * in_days.high) == pytest.approx(tuple(in_weeks), rel=1e-14)


@given(events, levels, methods)
def test_more_confidence_means_a_wider_interval(x, level, method):
    narrow = rate_interval(x, 1, method=method, confidence_level=level)
    wide = rate_interval(x, 1, method=method, confidence_level=(1 + level) / 2)

    assert wide.low <= narrow.low
    assert narrow.high <= wide.high


@given(events, st.floats(0.5, 0.9999), methods)
def test_one_more_event_moves_neither_limit_down(x, level, method):
    # Except where the rule of English public health changes from one formula to the next.
    assume(method != "phe" or x != 9)
    fewer = rate_interval(x, 1, method=method, confidence_level=level)
    more = rate_interval(x + 1, 1, method=method, confidence_level=level)

    assert fewer.low <= more.low
    assert fewer.high <= more.high


@given(events, levels, methods)
def test_the_estimate_lies_inside(x, level, method):
    # Always for the exact, the score and the textbook's limits; for the others at the
    # levels in use, and for Jeffreys where there is an event.
    if method not in ("exact", "score", "wald"):
        level = max(level, 0.8)
    assume(method != "jeffreys" or x > 0)
    low, high = rate_interval(x, 1, method=method, confidence_level=level)

    assert low <= x * (1 + 1e-15)
    assert x <= high * (1 + 1e-15)


@given(st.lists(events, min_size=1, max_size=5), st.lists(levels, min_size=1, max_size=3))
@pytest.mark.parametrize("method", METHODS)
def test_broadcasting_equals_looping(method, counts, several):
    low, high = rate_interval(
        counts, 233, method=method, confidence_level=np.array(several)[:, np.newaxis]
    )
    assert low.shape == high.shape == (len(several), len(counts))
    for i, level in enumerate(several):
        for j, x in enumerate(counts):
            alone = rate_interval(x, 233, method=method, confidence_level=level)
            assert (low[i, j], high[i, j]) == pytest.approx(tuple(alone), rel=1e-13)


@pytest.mark.parametrize("level", [0.5, 0.95, 0.998])
def test_the_exact_method_covers_at_least_as_often_as_it_says(level):
    x = np.arange(200)
    low, high = rate_interval(x, 1, confidence_level=level)
    ends = np.concatenate([low, high])
    mean = np.concatenate([np.linspace(0, 60, 301), ends - 1e-9, ends + 1e-9])
    mean = mean[(mean > 0) & (mean < 90)][:, np.newaxis]  # 200 events and more: below 1e-20
    covered = (low <= mean) & (mean <= high)

    assert (stats.poisson.pmf(x, mean) * covered).sum(axis=1).min() >= level - 1e-7


# Accuracy: benchmarks/accuracy.py prints the whole grid.


def test_the_fraction_behind_the_truth_is_the_poisson_sum():
    with mp.workdps(DIGITS):
        mean = mp.mpf(7) / 2
        summed = sum(mp.exp(-mean) * mean**i / mp.factorial(i) for i in range(6))
        tail, _ = gamma_tail(6, mean, 1)
        assert abs(tail / summed - 1) < mp.mpf(10) ** -50
        tail, _ = gamma_tail(6, mean, -1)
        assert abs(tail / (1 - summed) - 1) < mp.mpf(10) ** -50


@pytest.mark.parametrize("x", [1, 30, 9_999, 10_001, 10**9])
@pytest.mark.parametrize("level", [0.95, 1 - 1e-6])
def test_exact_limits_keep_all_their_digits(x, level):
    tail = tails(level)
    for method, weight in (("exact", 0), ("mid-p", HALF)):
        limits = rate_interval(x, 1, method=method, confidence_level=level)
        for limit, side in zip(limits, (-1, 1), strict=True):
            assert exact_mean_error(x, limit, tail, side=side, weight=weight) < 4e-15, side
    for limit, side in zip(
        rate_interval(x, 1, method="jeffreys", confidence_level=level), (-1, 1), strict=True
    ):
        assert jeffreys_mean_error(x, limit, tail, side=side) < 4e-15, side


@pytest.mark.parametrize("method", MEANS)
@pytest.mark.parametrize("level", [0.5, 0.95, 0.998, 1 - 1e-6])
def test_formulas_keep_the_digits_of_small_limits(method, level):
    for x in (0, 1, 4, 30, 10**9):
        limits = rate_interval(x, 1, method=method, confidence_level=level)
        assert max(formula_errors(MEANS[method], limits, x, tail=tails(level))) < 1e-12, x


@pytest.mark.parametrize("method", METHODS)
def test_no_events_leave_the_lower_limit_at_exactly_nothing(method):
    low, high = rate_interval(0, 233, method=method)

    assert (low == 0) == (method != "jeffreys")
    assert (high > 0) == (method != "wald")
    assert rate_interval(0, 233, method=method, alternative="greater").high == np.inf
    assert rate_interval(5, 233, method=method, alternative="less").low == 0


def test_numbers_give_floats_and_arrays_give_arrays():
    assert type(rate_interval(3, 9.5).low) is float
    assert rate_interval([[3]], 9).low.shape == (1, 1)
    assert rate_interval(3, [9.5, 233]).low.shape == (2,)


@pytest.mark.parametrize("exposure", [0, -1, np.inf, np.nan])
def test_impossible_exposure_is_refused(exposure):
    with pytest.raises(InvalidInputError, match="exposure must"):
        rate_interval(3, [10, exposure])


@pytest.mark.parametrize("impossible", [-1, 1.5, np.inf, np.nan])
def test_impossible_events_are_refused(impossible):
    with pytest.raises(InvalidInputError, match="events must"):
        rate_interval([3, impossible], 10)


@pytest.mark.parametrize("level", [0, 1, 95, np.nan, [0.95, 1.0]])
def test_impossible_levels_are_refused(level):
    with pytest.raises(InvalidInputError, match="confidence_level must"):
        rate_interval(3, 10, confidence_level=level)


def test_the_first_impossible_element_is_named_with_its_index():
    with pytest.raises(InvalidInputError, match=r"events .* got -2.0 at index \(1, 0\)"):
        rate_interval([[1, 2], [-2, -3]], 10)
    with pytest.raises(InvalidInputError, match=r"exposure .* got 0.0 at index 1"):
        rate_interval(1, [10, 0])
    with pytest.raises(InvalidInputError, match=r"broadcast: events \(2,\), exposure \(3,\)"):
        rate_interval([1, 2], [1, 2, 3])
    with pytest.raises(InvalidInputError, match="'two-sided', 'greater', 'less'; got 'larger'"):
        rate_interval(1, 2, alternative="larger")


def test_an_unknown_method_lists_the_right_ones():
    with pytest.raises(InvalidInputError, match=r"'exact', 'mid-p', 'byar'.*got 'garwood'"):
        rate_interval(3, 10, method="garwood")
