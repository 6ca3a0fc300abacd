import json
import math
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lhp_metrics import InvalidInputError, InvalidTypeError, NotFoundError
from lhp_metrics.intervals import (
    SurvivalCurve,
    SurvivalMethod,
    kaplan_meier,
    proportion_interval,
)

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "kaplan_meier.json").read_text())
CASES = REFERENCE["cases"]
METHODS = get_args(SurvivalMethod)

# The times and events that R's survival prints as its data set `aml`.
MAINTAINED = ([9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161], [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0])
NOT_MAINTAINED = (
    [5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45],
    [1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1],
)

# With few at risk the lower limits of a curve may rise again after the first event. R's quantile()
# then searches them sorted by height, and a limit moves inwards as the confidence rises from 95 %
# (9, 59) to 99 % (13, 115); R's own table of medians takes the first crossing, as we do for all.
SORTED_BY_R = {
    ("aml_maintained", "log-log", 0.99, 0.25): 9,
    ("aml_maintained", "log-log", 0.99, 0.5): 9,
    ("ovarian_all", "log-log", 0.99, 0.25): 59,
}


@st.composite
def records(draw, min_size=1, max_size=40, days=60):
    size = draw(st.integers(min_size, max_size))
    durations = draw(st.lists(st.integers(0, days), min_size=size, max_size=size))
    observed = draw(st.lists(st.booleans(), min_size=size, max_size=size))
    return durations, observed


def known(values):
    return [math.nan if value is None else value for value in values]


@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case['dataset']}-{case['conf_type']}-{case['conf']}"
)
def test_curve_limits_and_quantiles_match_r(case):
    data = REFERENCE["data"][case["dataset"]]

    curve = kaplan_meier(
        data["time"], data["event"], method=case["conf_type"], confidence_level=case["conf"]
    )

    expected = case["curve"]
    assert curve.times.tolist() == expected["time"]
    assert curve.at_risk[0].tolist() == expected["n_risk"]
    assert curve.events[0].tolist() == expected["n_event"]
    assert curve.censored[0].tolist() == expected["n_censor"]
    close = {"rel": REFERENCE["rtol"], "abs": 1e-12, "nan_ok": True}
    assert curve.survival[0].tolist() == pytest.approx(expected["surv"], **close)
    assert curve.standard_error[0].tolist() == pytest.approx(
        known(expected["std_err_cumhaz"]), **close
    )
    assert curve.lower[0].tolist() == pytest.approx(known(expected["lower"]), **close)
    assert curve.upper[0].tolist() == pytest.approx(known(expected["upper"]), **close)
    asked = zip(
        case["quantile_probs"],
        case["quantiles"],
        case["quantiles_lower"],
        case["quantiles_upper"],
        strict=True,
    )
    for p, value, low, high in [
        *asked,
        (0.5, case["median"], case["median_lower"], case["median_upper"]),
    ]:
        estimate = curve.quantile(p)
        asked_for = case["dataset"], case["conf_type"], case["conf"], p
        low = SORTED_BY_R.get(asked_for, low)
        assert estimate.value == (math.inf if value is None else value)
        assert estimate.high == (math.inf if high is None else high)
        # What R calls missing is below what was reached, or has no event to make limits from.
        no_limit = math.inf if value is None and case["events"] else 0.0
        assert estimate.low == (no_limit if low is None else low)


# R survival, print(survfit(Surv(time, status) ~ x, data = aml), print.rmean = TRUE), as its help
# and tutorials show it: rmean 52.6 (se 19.83) and 22.7 (4.18), upper limit 161.
@pytest.mark.parametrize(
    ("data", "mean", "error"), [(MAINTAINED, 52.6, 19.83), (NOT_MAINTAINED, 22.7, 4.18)]
)
def test_restricted_mean_and_its_error_are_those_that_r_prints(data, mean, error):
    curve = kaplan_meier(*data)

    _, (value,), (found,) = curve.areas(161)

    assert value == pytest.approx(mean, abs=0.05)
    assert found == pytest.approx(error, abs=0.005)
    estimate = curve.restricted_mean(161)
    assert (estimate.value, estimate.high) == pytest.approx(
        (value, min(161, value + 1.959963984540054 * found)), rel=1e-12
    )


@given(records(), st.sampled_from(METHODS))
def test_without_censoring_the_curve_is_the_empirical_distribution(data, method):
    durations, _ = data

    curve = kaplan_meier(durations, np.ones(len(durations), bool), method=method)

    values = np.array(durations)
    share_after = [(values > time).mean() for time in curve.times]
    assert curve.survival[0].tolist() == pytest.approx(share_after, abs=1e-12)
    assert curve.restricted_mean().value == pytest.approx(values.mean())


@given(records())
def test_without_censoring_wilson_is_that_of_a_plain_proportion(data):
    durations, _ = data
    curve = kaplan_meier(durations, np.ones(len(durations), bool), method="wilson")

    for time in range(0, 70, 7):
        late = sum(duration > time for duration in durations)
        low, high = proportion_interval(late, len(durations))
        assert tuple(curve.survival_at(time)) == pytest.approx((late / len(durations), low, high))


@given(records(min_size=2))
def test_the_curve_and_its_limits_match_scipy(data):
    durations, observed = np.array(data[0]), np.array(data[1])
    oracle = stats.ecdf(stats.CensoredData(durations[observed], right=durations[~observed])).sf

    curve = kaplan_meier(durations, observed)

    ours = np.searchsorted(curve.times, oracle.quantiles, side="right") - 1
    assert curve.survival[0][ours].tolist() == pytest.approx(oracle.probabilities.tolist())


@given(records(), st.integers(1, 400), st.sampled_from(METHODS))
def test_multiplying_the_time_unit_multiplies_quantiles(data, factor, method):
    durations, observed = data

    one = kaplan_meier(durations, observed, method=method)
    other = kaplan_meier(np.array(durations) * factor, observed, method=method)

    for p in (0.1, 0.25, 0.5, 0.75):
        assert tuple(other.quantile(p)) == tuple(factor * number for number in one.quantile(p))
    assert other.restricted_mean().value == pytest.approx(factor * one.restricted_mean().value)


@given(records(), st.integers(0, 5))
def test_groups_are_what_each_is_alone(data, seed):
    durations, observed = (np.array(column) for column in data)
    groups = np.random.default_rng(seed).integers(0, 3, len(durations)) * 7 - 3

    together = kaplan_meier(durations, observed, groups=groups)
    named = kaplan_meier(durations, observed, groups=[f"site {group}" for group in groups])

    assert together.keys == tuple(np.unique(groups))
    for key in together.keys:
        here = groups == key
        alone = kaplan_meier(durations[here], observed[here])
        for curve in (together[key], named[f"site {key}"]):
            assert tuple(curve.quantile(0.5)) == tuple(alone.quantile(0.5))
            assert curve.survival_at(20) == alone.survival_at(20)
            assert (
                curve.at_risk_at([0, 10, 100]).tolist() == alone.at_risk_at([0, 10, 100]).tolist()
            )


@given(records(), st.sampled_from(METHODS))
def test_the_curve_lies_between_its_limits_and_in_the_unit_interval(data, method):
    curve = kaplan_meier(*data, method=method)

    for time in (0, 10, 30, 60):
        share = curve.survival_at(time)
        if not math.isnan(share.value):
            assert 0 <= share.low <= share.value + 1e-12
            assert share.value <= share.high + 1e-12 <= 1 + 2e-12
    for p in (0.25, 0.5, 0.75):
        time = curve.quantile(p)
        assert 0 <= time.low <= time.value <= time.high


@given(records(min_size=3))
def test_more_confidence_means_wider_limits(data):
    narrow = kaplan_meier(*data, confidence_level=0.8)
    wide = kaplan_meier(*data, confidence_level=0.99)

    inside = ~np.isnan(narrow.lower)
    assert (wide.lower[inside] <= narrow.lower[inside]).all()
    assert (wide.upper[inside] >= narrow.upper[inside]).all()


def test_counts_by_time_give_the_curve_of_the_records():
    durations, observed = (np.array(column) for column in MAINTAINED)
    events = np.bincount(durations[observed == 1], minlength=162)
    censored = np.bincount(durations[observed == 0], minlength=162)

    curve = SurvivalCurve.from_counts(events, censored)

    assert curve.times.tolist() == sorted(set(durations))
    assert tuple(curve.quantile(0.5)) == (31, 13, math.inf)
    again = SurvivalCurve.from_counts(
        [curve.events[0], curve.events[0]],
        [curve.censored[0], 0 * curve.censored[0]],
        times=curve.times,
        keys=["a", "b"],
    )
    assert tuple(again["a"].quantile(0.5)) == (31, 13, math.inf)


# help(quantile.survfit) in R's survival: "the midpoint of the horizontal segment is returned".
def test_a_flat_stretch_gives_its_middle_also_where_the_curve_ends_on_it():
    assert kaplan_meier([1, 2, 6, 7], [1, 1, 1, 1]).quantile(0.5).value == 4
    assert kaplan_meier([1, 2, 3, 4], [1, 1, 0, 0]).quantile(0.5).value == 3


def test_a_few_long_times_are_ranked_rather_than_counted():
    short = kaplan_meier([1, 2, 3, 4], [1, 1, 1, 0])
    long = kaplan_meier(np.array([1, 2, 3, 4]) * 10**12, [1, 1, 1, 0])

    assert long.times.tolist() == (short.times * 10**12).tolist()
    assert long.survival.tolist() == short.survival.tolist()


def test_what_is_not_reached_is_said_in_words():
    curve = kaplan_meier([3, 5, 8, 13], [0, 0, 0, 0])

    assert str(curve.quantile(0.5)) == "not reached (0 to not reached)"
    assert str(curve.restricted_mean()) == "13 (13 to 13)"


def test_nobody_has_no_curve_and_everybody_at_once_no_limits():
    nobody = kaplan_meier([], [])
    at_once = kaplan_meier([5], [1])

    assert str(nobody.quantile(0.5)) == "–"
    assert tuple(nobody.quantile(0.5))[1:] == (0, math.inf)
    assert tuple(nobody.survival_at(3))[1:] == (0, 1)
    assert math.isnan(nobody.restricted_mean().value)
    assert tuple(at_once.quantile(0.5)) == (5, 0, math.inf)
    assert tuple(at_once.survival_at(9)) == (0, 0, 1)


def test_beyond_the_last_that_was_seen_nothing_is_known():
    curve = kaplan_meier([10, 20], [1, 0])

    assert curve.survival_at(20).value == 0.5
    assert math.isnan(curve.survival_at(21).value)
    with pytest.raises(InvalidInputError, match="nobody was followed to 30: the longest was 20"):
        curve.restricted_mean(30)


def test_observed_may_come_as_numbers_and_durations_as_whole_floats():
    assert kaplan_meier([1.0, 2.0], [1.0, 0.0]).survival.tolist() == [[0.5, 0.5]]


@pytest.mark.parametrize(
    ("durations", "observed", "error", "message"),
    [
        ([3, -1], [1, 1], InvalidInputError, "durations must be at least 0; got -1 at index 1"),
        ([3.5], [1], InvalidInputError, r"durations must be a whole number; got 3\.5"),
        ([math.nan], [1], InvalidInputError, r"durations must not be NaN \(missing\)"),
        ([math.inf], [1], InvalidInputError, "durations must be finite"),
        (["3"], [1], InvalidTypeError, "durations must be a number"),
        ([True], [1], InvalidTypeError, "durations must be a number"),
        (3, 1, InvalidInputError, "durations must have one dimension"),
        ([[3]], [[1]], InvalidInputError, r"durations must have one dimension; got shape \(1, 1\)"),
        ([3, 4], [1], InvalidInputError, r"one length; got \(2,\) and \(1,\)"),
        ([3], [2], InvalidInputError, "observed must be True or False; got 2"),
        ([3, 4], [[1], [1, 0]], InvalidTypeError, "observed must be True or False for each durati"),
        ([[3], [1, 2]], [1], (InvalidTypeError, InvalidInputError), "durations must be "),
        ([3], ["yes"], InvalidTypeError, "observed must be True or False"),
        ([3], [None], InvalidTypeError, "observed must be True or False"),
        ([3], [math.nan], InvalidInputError, "observed must not be NaN"),
    ],
)
def test_bad_records_are_named(durations, observed, error, message):
    with pytest.raises(error, match=message):
        kaplan_meier(durations, observed)


@pytest.mark.parametrize(
    ("groups", "error", "message"),
    [
        (["a"], InvalidInputError, r"one per duration, 2 of them; got shape \(1,\)"),
        ([1.0, math.nan], InvalidInputError, "groups must not be NaN"),
        (["a", None], InvalidTypeError, "a group for every duration; got None"),
        ([("a",), 3], (InvalidTypeError, InvalidInputError), "groups must be"),
    ],
)
def test_bad_groups_are_named(groups, error, message):
    if not isinstance(groups[0], str | float):
        groups = np.array([*groups, None], dtype=object)[:2]
    with pytest.raises(error, match=message):
        kaplan_meier([3, 4], [1, 1], groups=groups)


def test_bad_options_and_questions_are_named():
    curve = kaplan_meier([3, 4], [1, 1], groups=["a", "b"])

    with pytest.raises(InvalidInputError, match="method must be one of 'log-log', 'log'"):
        kaplan_meier([3], [1], method="loglog")
    with pytest.raises(InvalidInputError, match="confidence_level must be between 0 and 1"):
        kaplan_meier([3], [1], confidence_level=95)
    with pytest.raises(InvalidInputError, match=r"the curves have groups \('a', 'b'\): name one"):
        curve.quantile(0.5)
    with pytest.raises(NotFoundError, match="the curves have no group 'c'"):
        curve["c"]
    for p in (0, 1, 50):
        with pytest.raises(InvalidInputError, match="p must be between 0 and 1"):
            curve["a"].quantile(p)
    with pytest.raises(InvalidInputError, match="time must be finite, at least 0; got -1"):
        curve["a"].survival_at(-1)
    with pytest.raises(InvalidInputError, match="times must ascend; got 3 at index 1"):
        SurvivalCurve.from_counts([1, 1], [0, 0], times=[3, 3])
    with pytest.raises(InvalidInputError, match="counts have 1 groups, but keys are"):
        SurvivalCurve.from_counts([1, 1], [0, 0], keys=["a", "b"])
    with pytest.raises(InvalidInputError, match=r"one shape, .*got censored \(1,\), events \(2,\)"):
        SurvivalCurve.from_counts([1, 1], [0])
    with pytest.raises(InvalidInputError, match="times must have 2 elements; got 3"):
        SurvivalCurve.from_counts([1, 1], [0, 0], times=[3, 4, 5])
    with pytest.raises(InvalidInputError, match=r"p must be one number; got shape \(2,\)"):
        curve["a"].quantile([0.25, 0.5])
    with pytest.raises(InvalidInputError, match=r"time must be one number; got shape \(2,\)"):
        curve["a"].survival_at([1, 2])
    with pytest.raises(InvalidInputError, match="events must be at least 0; got -1"):
        SurvivalCurve.from_counts([1, -1], [0, 0])


def test_curves_cannot_be_written_through():
    curve = kaplan_meier([3, 4], [1, 0])

    for values in (curve.times, curve.survival, curve.at_risk, curve.lower):
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 1


def test_a_curve_says_of_how_many_it_is():
    assert repr(kaplan_meier([3, 4, 5], [1, 0, 1])) == "SurvivalCurve(2 events of 3)"
    assert repr(kaplan_meier([3, 4, 5], [1, 0, 1], groups=["a", "b", "b"])) == (
        "SurvivalCurve(2 events of 3 in 2 groups)"
    )
