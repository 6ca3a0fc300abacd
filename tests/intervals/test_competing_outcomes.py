import math
import re
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhp_metrics import InvalidInputError, InvalidTypeError, NotFoundError
from lhp_metrics.intervals import (
    CumulativeIncidence,
    SurvivalMethod,
    cumulative_incidence,
    kaplan_meier,
    proportion_interval,
)

METHODS = get_args(SurvivalMethod)


@st.composite
def records(draw, outcomes=3):
    size = draw(st.integers(1, 40))
    days = draw(st.lists(st.integers(0, 40), min_size=size, max_size=size))
    found = draw(st.lists(st.integers(0, outcomes), min_size=size, max_size=size))
    return np.array(days), np.array(found)


@given(records())
def test_the_outcomes_and_those_still_waiting_add_up_to_one(data):
    curves = cumulative_incidence(*data)

    total = curves.incidence.sum(axis=0) + curves.waiting.survival
    assert total[0].tolist() == pytest.approx([1] * len(curves.times))
    overall = kaplan_meier(data[0], data[1] > 0).survival
    assert curves.waiting.survival.tolist() == overall.tolist()


@given(records(outcomes=1))
def test_a_single_outcome_is_one_minus_the_survival_curve_with_its_variance(data):
    days, found = data
    survival = kaplan_meier(days, found == 1)

    curves = cumulative_incidence(days, found)

    assert (1 - curves.incidence[0]).tolist()[0] == pytest.approx(survival.survival[0].tolist())
    greenwood = survival.survival * np.nan_to_num(survival.standard_error)
    assert curves.standard_error[0, 0].tolist() == pytest.approx(greenwood[0].tolist(), abs=1e-7)


@given(records())
def test_without_censoring_it_is_the_share_with_its_binomial_variance(data):
    days, found = data[0], np.maximum(data[1], 1)

    curves = cumulative_incidence(days, found, method="wilson")

    n = len(days)
    for time in (0, 5, 20, 40):
        for outcome in range(1, len(curves.events) + 1):
            had = int(((days <= time) & (found == outcome)).sum())
            low, high = proportion_interval(had, n)
            estimate = curves.incidence_at(time, outcome=outcome)
            assert tuple(estimate) == pytest.approx((had / n, low, high), abs=1e-6)


# lifelines 0.30.3, AalenJohansenFitter().fit(days, found, event_of_interest=1), without ties.
@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (20, 0.0506578947368421),
        (50, 0.13383978328173374),
        (80, 0.28547077035148416),
        (100, 0.4890088326352211),
    ],
)
def test_curves_match_lifelines(time, expected):
    days, found = 37 * np.arange(1, 41) % 101, np.arange(40) % 3

    curves = cumulative_incidence(days, found)

    assert curves.incidence_at(time).value == pytest.approx(expected, rel=1e-12)


def test_the_variance_is_that_of_leaving_records_out():
    rng = np.random.default_rng(11)
    days, found = rng.integers(1, 60, 200), rng.choice([0, 1, 2], 200, p=[0.3, 0.4, 0.3])
    curves = cumulative_incidence(days, found)
    place = int(np.searchsorted(curves.times, 40, side="right")) - 1

    for outcome in (1, 2):
        without = [
            cumulative_incidence(np.delete(days, i), np.delete(found, i))
            .incidence_at(40, outcome=outcome)
            .value
            for i in range(len(days))
        ]
        # The jackknife's variance (Efron and Stein 1981), which is a little above it on average.
        jackknife = (len(days) - 1) * np.var(without)
        variance = curves.standard_error[outcome - 1, 0, place] ** 2
        assert variance == pytest.approx(jackknife, rel=0.03)


def test_censoring_the_competing_outcome_instead_says_too_much():
    days, found = [90, 120, 150, 200, 220, 260], np.array([1, 2, 1, 2, 1, 0])

    competing = cumulative_incidence(days, found).incidence_at(230).value
    as_if_censored = 1 - kaplan_meier(days, found == 1).survival_at(230).value

    assert competing == pytest.approx(3 / 6)
    assert as_if_censored > competing


@given(records(), st.integers(0, 3), st.sampled_from(METHODS))
def test_groups_are_what_each_is_alone(data, seed, method):
    days, found = data
    groups = np.random.default_rng(seed).integers(0, 3, len(days))
    together = cumulative_incidence(days, found, groups=groups, method=method)

    at_once = {time: together.incidences_at(time) for time in (0, 10, 30)}
    for row, key in enumerate(together.keys):
        here = groups == key
        alone = cumulative_incidence(days[here], found[here], method=method)
        assert together[key].keys == ()
        for time, estimates in at_once.items():
            expected = alone.incidence_at(time)
            assert tuple(estimates[row]) == pytest.approx(tuple(expected), abs=1e-7, nan_ok=True)
            assert together[key].incidence_at(time) == estimates[row]


def test_counts_by_time_give_the_curves_of_the_records():
    days, found = np.array([3, 5, 5, 8, 9, 9, 12]), np.array([1, 0, 2, 1, 0, 2, 1])
    groups = np.array(["a", "b", "a", "b", "b", "a", "a"])
    expected = cumulative_incidence(
        days, found, groups=groups, method="logit", confidence_level=0.9
    )
    times = [3, 5, 8, 9, 12]
    censored, *events = (
        [[int(((days == t) & (found == kind) & (groups == g)).sum()) for t in times] for g in "ab"]
        for kind in (0, 1, 2)
    )

    curves = CumulativeIncidence.from_counts(
        events, censored, times=times, keys=["a", "b"], method="logit", confidence_level=0.9
    )

    assert curves.times.tolist() == times
    assert curves.keys == expected.keys == ("a", "b")
    assert (curves.method, curves.confidence_level) == ("logit", 0.9)
    np.testing.assert_array_equal(curves.incidence, expected.incidence)
    np.testing.assert_array_equal(curves.upper, expected.upper)


def test_a_single_outcome_may_be_counted_too_and_times_then_count_from_0():
    curves = CumulativeIncidence.from_counts([[0, 2, 0, 1]], [0, 0, 0, 1])

    assert curves.times.tolist() == [1, 3]
    assert curves.incidence[0, 0].tolist() == [0.5, 0.75]


def test_the_defaults_are_those_that_are_documented():
    made = cumulative_incidence([1, 1, 2, 3], [1, 1, 2, 0])
    counted = CumulativeIncidence.from_counts([[0, 2, 0, 0], [0, 0, 1, 0]], [0, 0, 0, 1])

    for curves in (made, counted):
        assert (curves.method, curves.confidence_level, curves.keys) == ("log-log", 0.95, ())
        assert curves.incidence_at(2) == curves.incidence_at(2, outcome=1)
        assert curves.incidences_at(2)[0] == curves.incidences_at(2, outcome=1)[0]
        assert curves.incidence_at(2) != curves.incidence_at(2, outcome=2)


def test_an_estimate_of_a_curve_says_how_it_was_made():
    curves = cumulative_incidence([1, 2, 3], [1, 2, 0], method="plain", confidence_level=0.9)

    estimate = curves.incidence_at(2)
    assert (estimate.confidence_level, estimate.method, estimate.unit) == (
        (0.9, "plain", "proportion")
    )


def test_before_the_first_and_after_the_last():
    curves = cumulative_incidence([10, 20, 30], [1, 2, 0], method="wilson")

    assert tuple(curves.incidence_at(5)) == pytest.approx((0, *proportion_interval(0, 3)))
    assert math.isnan(curves.incidence_at(31).value)
    assert tuple(curves.incidence_at(31))[1:] == (0, 1)


# Limits that a method does not have are 0 and 1.
@pytest.mark.parametrize("method", METHODS)
def test_before_the_first_the_limits_are_those_of_none_of_all(method):
    curves = cumulative_incidence(
        [10, 20, 30, 30], [1, 1, 0, 0], groups=[0, 0, 1, 0], method=method
    )

    highs = curves.incidences_at(5).high.tolist()
    if method == "wilson":
        # Wilson's limits of 0 of 3 and of 0 of 1.
        assert highs == pytest.approx(proportion_interval(0, [3, 1]).high.tolist())
    else:
        assert highs == [1, 1]


def test_wilson_has_limits_before_the_first_of_an_outcome_and_they_start_at_0():
    for n in range(1, 60):
        curves = cumulative_incidence([1] * n + [2], [1] * n + [2], method="wilson")

        assert curves.lower[1, 0, 0] == 0
        assert curves.upper[1, 0, 0] == pytest.approx(proportion_interval(0, n + 1).high)
    empty = CumulativeIncidence.from_counts(
        [[[1, 1], [0, 0]]], [[0, 0], [0, 0]], keys=["some", "none"], method="wilson"
    )
    assert np.isnan([empty.lower[0, 1], empty.upper[0, 1]]).all()


SEVERAL = (
    "the curves have groups ('a', 'b'): name one, as in curves[key], or ask for all with "
    "incidences_at"
)


def test_bad_input_is_named():
    with pytest.raises(InvalidInputError, match="outcomes must be finite and at least 0; got -1"):
        cumulative_incidence([1], [-1])
    with pytest.raises(InvalidInputError, match=r"one length; got \(2,\) and \(1,\)"):
        cumulative_incidence([1, 2], [1])
    with pytest.raises(InvalidInputError, match="outcomes must be numbered from 1"):
        cumulative_incidence([1], [5000])
    with pytest.raises(InvalidTypeError, match="outcomes must be a number"):
        cumulative_incidence([1], ["won"])
    curves = cumulative_incidence([1, 2], [1, 1], groups=["a", "b"])
    with pytest.raises(InvalidInputError, match="outcome must be from 1 to 1; got 2"):
        curves["a"].incidence_at(1, outcome=2)
    with pytest.raises(InvalidInputError, match=f"^{re.escape(SEVERAL)}$"):
        curves.incidence_at(1)
    with pytest.raises(NotFoundError, match="no group 'c'"):
        curves["c"]
    with pytest.raises(InvalidInputError, match="outcome must be from 1 to 1; got 0"):
        curves["a"].incidence_at(1, outcome=0)
    with pytest.raises(InvalidInputError, match=r"^method must be one of 'log-log', 'log'"):
        cumulative_incidence([1], [1], method="loglog")
    for counts, message in (
        (([], [1]), "events must hold counts of one outcome at least"),
        (([[1], [-1]], [1]), "events[1] must be at least 0; got -1 at index 0"),
        (([[1], [1]], [0.5]), "censored must be a whole number; got 0.5 at index 0"),
    ):
        with pytest.raises(InvalidInputError, match=f"^{re.escape(message)}$"):
            CumulativeIncidence.from_counts(*counts)


def test_outcomes_are_numbered_up_to_1000():
    assert len(cumulative_incidence([1], [1000]).events) == 1000
    with pytest.raises(InvalidInputError, match=r"outcomes must be numbered from 1.*; got 1001"):
        cumulative_incidence([1], [1001])


def test_curves_say_of_how_many_they_are():
    curves = cumulative_incidence([1, 2, 3, 4], [1, 2, 2, 0])

    assert repr(curves) == "CumulativeIncidence(events 1, 2; 1 censored)"


def test_limits_lie_about_the_curve_and_cannot_be_written_through():
    curves = cumulative_incidence([10, 20, 20, 30, 40], [1, 2, 1, 0, 1])

    begun = curves.incidence > 0  # before the first of an outcome the method has no limits
    assert (curves.lower < curves.incidence)[begun].all()
    assert (curves.incidence < curves.upper)[begun].all()
    assert np.isnan(curves.lower[~begun]).all()
    at = curves.incidence_at(20)
    assert at.low == curves.lower[0, 0, 1]
    assert at.high == curves.upper[0, 0, 1]
    for values in (curves.lower, curves.upper):
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 1
