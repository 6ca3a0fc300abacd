import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.intervals import rate_ratio_interval, rate_ratio_p_value
from two_sample_reference import cases

RATIO_METHODS = ("mid-p", "exact", "score", "wald-log", "mover-score", "scas")
RATIO_TESTS = ("mid-p", "exact", "score", "wald-log", "scas")

counts = st.integers(0, 60) | st.integers(0, 10**6)
exposures = st.floats(1e-3, 1e6)
levels = st.floats(0.3, 0.9999)
samples = st.tuples(counts, exposures, counts, exposures)
ratio_methods = st.sampled_from(RATIO_METHODS)
ratio_tests = st.sampled_from(RATIO_TESTS)


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
def test_rate_ratio_matches_independent_programs(method, name):
    known = cases("two_rate_ratio", name)

    low, high = rate_ratio_interval(*known.inputs, method=method, confidence_level=known.level)

    np.testing.assert_allclose(low, known.low, rtol=known.rtol, atol=known.atol)
    np.testing.assert_allclose(high, known.high, rtol=known.rtol, atol=known.atol)


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("mid-p", "mid-p-conditional-central"),
        ("exact", "exact-conditional-central"),
        ("score", "ratio-score"),
        ("wald-log", "ratio-wald-log"),
    ],
)
def test_rate_ratio_p_value_matches_independent_programs(method, name):
    known = cases("two_rate_tests", name)

    p_value = rate_ratio_p_value(*known.inputs, method=method)

    np.testing.assert_allclose(p_value, known.p_value, rtol=known.rtol, atol=known.atol)


# Liverpool Health Partners' registrations, 133 days after 233: roots of the defining equations
# found with 40-digit mpmath (mid-p) and R 4.2.2's poisson.test (exact), printed to 4 decimals.
@pytest.mark.parametrize(
    ("method", "low", "high"), [("mid-p", 1.4611, 2.2636), ("exact", 1.4525, 2.2770)]
)
def test_registrations_of_two_eras(method, low, high):
    interval = rate_ratio_interval(164, 133, 158, 233, method=method)

    assert (interval.low, interval.high) == pytest.approx((low, high), abs=5e-5)


# The same sources for the partner that went from 1 to 34, where the methods part company.
@pytest.mark.parametrize(("method", "high"), [("mid-p", 1224), ("exact", 2421), ("score", 344)])
def test_growth_from_one_event_has_a_far_upper_limit(method, high):
    assert rate_ratio_interval(34, 133, 1, 233, method=method).high == pytest.approx(high, abs=0.5)


def test_numbers_give_plain_floats_and_arrays_give_arrays():
    low, high = rate_ratio_interval(164, 133, 158, 233)
    assert (type(low), type(high)) == (float, float)
    assert type(rate_ratio_p_value(164, 133, 158, 233)) is float

    low, high = rate_ratio_interval([164, 34], 133, [[158], [1], [9]], 233)
    assert low.shape == high.shape == (3, 2)
    assert rate_ratio_p_value([164, 34], 133, 158, 233).shape == (2,)


@given(samples, ratio_methods, levels)
def test_swapping_the_groups_inverts_the_ratio(sample, method, level):
    x, t, x0, t0 = sample
    low, high = rate_ratio_interval(x, t, x0, t0, method=method, confidence_level=level)
    swapped = rate_ratio_interval(x0, t0, x, t, method=method, confidence_level=level)

    inverse = [1 / limit if limit else np.inf for limit in (high, low)]
    np.testing.assert_allclose(list(swapped), inverse, rtol=1e-11)


@given(samples, ratio_methods, st.floats(1e-2, 1e2))
def test_the_unit_of_exposure_does_not_matter(sample, method, unit):
    x, t, x0, t0 = sample

    np.testing.assert_allclose(
        list(rate_ratio_interval(x, t * unit, x0, t0 * unit, method=method)),
        list(rate_ratio_interval(x, t, x0, t0, method=method)),
        rtol=1e-11,
    )


@given(samples, ratio_methods, levels)
def test_more_confidence_never_narrows_the_interval(sample, method, level):
    narrow = rate_ratio_interval(*sample, method=method, confidence_level=level)
    wide = rate_ratio_interval(*sample, method=method, confidence_level=(1 + level) / 2)

    assert wide.low <= narrow.low
    assert narrow.high <= wide.high


@given(samples, ratio_methods, levels)
def test_the_estimate_lies_in_the_interval(sample, method, level):
    x, t, x0, t0 = sample
    low, high = rate_ratio_interval(*sample, method=method, confidence_level=level)
    ratio = (x / t) / (x0 / t0) if x0 else np.inf if x else 1.0

    assert low <= ratio * (1 + 1e-12)
    assert ratio * (1 - 1e-12) <= high


@given(samples, ratio_tests, levels, st.floats(0.9, 1.1))
@example((0, 133.0, 3, 233.0), "scas", 0.5, 1.01)
def test_the_test_rejects_exactly_what_the_interval_leaves_out(sample, method, level, nearby):
    interval = rate_ratio_interval(*sample, method=method, confidence_level=level)
    for null in (1.0, interval.low * nearby, interval.high * nearby):
        off = min(abs(null / limit - 1) if limit else 1 for limit in interval)
        if 1e-200 < null < 1e200 and off > 1e-9:
            p_value = rate_ratio_p_value(*sample, null, method=method)
            outside = not interval.low <= null <= interval.high
            assert (p_value < 1 - level) == outside


@given(samples, ratio_methods)
def test_one_sided_limits_are_those_of_twice_the_tail(sample, method):
    both = rate_ratio_interval(*sample, method=method, confidence_level=0.9)
    lower = rate_ratio_interval(
        *sample, method=method, confidence_level=0.95, alternative="greater"
    )
    upper = rate_ratio_interval(*sample, method=method, confidence_level=0.95, alternative="less")

    assert (lower.high, upper.low) == (np.inf, 0.0)
    np.testing.assert_allclose([lower.low, upper.high], list(both), rtol=1e-11)


@given(st.lists(samples, min_size=1, max_size=5), ratio_methods)
def test_arrays_give_what_a_loop_gives(rows, method):
    low, high = rate_ratio_interval(*np.array(rows, float).T, method=method)
    looped = [list(rate_ratio_interval(*row, method=method)) for row in rows]

    np.testing.assert_allclose(np.column_stack([low, high]), looped, rtol=1e-14)


@pytest.mark.parametrize("method", RATIO_METHODS)
def test_no_events_put_a_limit_at_the_edge(method):
    low, high = rate_ratio_interval([0, 0, 7], 133, [0, 7, 0], 233, method=method)

    np.testing.assert_array_equal(low[:2], 0.0)
    np.testing.assert_array_equal(high[[0, 2]], np.inf)
    assert np.isfinite(low[2])


@pytest.mark.parametrize("method", RATIO_TESTS)
def test_nothing_against_nothing_is_no_evidence(method):
    assert rate_ratio_p_value(0, 133, 0, 233, method=method) == 1.0


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


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((-1, 1, 1, 1), "events must be finite and at least 0; got -1"),
        ((1, 1, 1.5, 1), "base_events must be a whole number; got 1.5"),
        (([1, 1], [1, 0], 1, 1), "exposure must be finite and above 0; got 0.0 at index 1"),
        ((1, 1, 1, np.inf), "base_exposure must be finite and above 0; got inf"),
        (([1, 2], 1, [1, 2, 3], 1), "shapes do not broadcast"),
    ],
)
@pytest.mark.parametrize("function", [rate_ratio_interval, rate_ratio_p_value])
def test_impossible_input_is_refused(function, arguments, words):
    with pytest.raises(InvalidInputError, match=words):
        function(*arguments)


def test_text_missing_values_and_unknown_options_are_refused():
    with pytest.raises(InvalidTypeError, match="events"):
        rate_ratio_interval("7", 1, 1, 1)
    with pytest.raises(InvalidInputError, match="NaN"):
        rate_ratio_interval(np.nan, 1, 1, 1)
    with pytest.raises(InvalidInputError, match="'mid-p', 'exact', 'score'"):
        rate_ratio_interval(1, 1, 1, 1, method="midp")
    with pytest.raises(InvalidInputError, match="method must be one of 'mid-p', 'exact'"):
        rate_ratio_p_value(1, 1, 1, 1, method="mover-score")
    with pytest.raises(InvalidInputError, match="confidence_level"):
        rate_ratio_interval(1, 1, 1, 1, confidence_level=95)
    with pytest.raises(InvalidInputError, match="null"):
        rate_ratio_p_value(1, 1, 1, 1, 0.0)
