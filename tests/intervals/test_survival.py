import json
import math
import re
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


# Times of four groups, of which one is empty, one has a single event and one leaves early.
FOUR = {
    "early": ([0, 2, 2, 3], [1, 0, 1, 0]),
    "single": ([4, 9, 12], [0, 1, 0]),
    "empty": ([], []),
    "late": ([3, 5, 5, 8, 11, 13, 13], [1, 1, 0, 1, 1, 0, 1]),
}


def of_four(method="log-log", confidence_level=0.95):
    """Return the four curves at once, and each from its own records."""
    options = {"method": method, "confidence_level": confidence_level}
    counted = [
        [
            np.bincount(np.array(days, int)[np.array(seen, int) == kind], minlength=14).tolist()
            for days, seen in FOUR.values()
        ]
        for kind in (1, 0)
    ]
    together = SurvivalCurve.from_counts(*counted, keys=FOUR, **options)
    return together, [kaplan_meier(*data, **options) for data in FOUR.values()]


def assert_each_is(together, alone):
    assert len(together) == len(alone)
    for one, other in zip(together, alone, strict=True):
        assert tuple(one) == pytest.approx(tuple(other), rel=1e-12, abs=1e-15, nan_ok=True)


@pytest.mark.parametrize("method", METHODS)
def test_several_curves_at_once_are_what_each_is_alone(method):
    together, alone = of_four(method, 0.9)

    for p in (0.25, 0.5, 0.8):
        assert_each_is(together.quantiles(p), [curve.quantile(p) for curve in alone])
    for time in (0, 1, 3, 8, 14):
        assert_each_is(together.survivals_at(time), [curve.survival_at(time) for curve in alone])
    for upto in (0.5, 2, 3):
        assert_each_is(together.restricted_means(upto), [c.restricted_mean(upto) for c in alone])
        end, means, errors = together.areas(upto)
        assert end == upto
        np.testing.assert_allclose(means, [curve.areas(upto)[1][0] for curve in alone])
        np.testing.assert_allclose(errors, [curve.areas(upto)[2][0] for curve in alone])
    asked = [0, 2, 2.5, 5, 13, 99]
    waiting = together.at_risk_at(asked)
    assert waiting.tolist() == [curve.at_risk_at(asked)[0].tolist() for curve in alone]
    assert waiting.dtype == together.events.dtype == np.int64


def test_by_default_several_means_are_of_the_longest_time_known_of_all():
    # "early" was followed to 3, "single" to 12; "late" has come down to 0.
    together, _ = of_four()

    assert together.areas()[0] == 3
    assert together["late"].areas()[0] == 13
    assert kaplan_meier([0, 0], [1, 1]).areas()[0] == 0


def test_an_estimate_of_a_curve_says_how_it_was_made():
    curve, _ = of_four("logit", 0.9)

    for estimates, method, unit in (
        (curve.quantiles(0.5), "logit", "days"),
        (curve.survivals_at(3), "logit", "proportion"),
        (curve.restricted_means(3), "greenwood", "days"),
    ):
        assert estimates.confidence_level == 0.9
        assert (estimates.method, estimates.unit) == (method, unit)


def test_the_defaults_are_those_that_are_documented():
    for made, named in (
        (
            kaplan_meier(*MAINTAINED),
            kaplan_meier(*MAINTAINED, groups=None, method="log-log", confidence_level=0.95),
        ),
        (
            SurvivalCurve.from_counts([0, 2, 1], [0, 0, 1]),
            SurvivalCurve.from_counts(
                [0, 2, 1],
                [0, 0, 1],
                times=[0, 1, 2],
                keys=(),
                method="log-log",
                confidence_level=0.95,
            ),
        ),
    ):
        assert (made.method, made.confidence_level, made.keys) == ("log-log", 0.95, ())
        assert made.times.tolist() == named.times.tolist()
        np.testing.assert_array_equal(made.upper, named.upper)
        assert made.quantile(0.5) == named.quantile(0.5)


# By hand: S(5) = 1/2 of 2 at risk, Greenwood's variance of log S is 1/(2·1), so the limits of S
# are 1/2 ∓ 1.96·1/2·√(1/2), cut to 0 and 1; the curve stays at 1/2 up to 10.
def test_a_single_event_has_limits():
    curve = kaplan_meier([5, 10], [1, 0], method="plain")

    assert tuple(curve.quantile(0.5)) == (7.5, 5, math.inf)


# By hand: of 10, 9 wait beyond day 1, 6 of them until 100; Greenwood's variance of log S is
# 1/(10·9), which makes the error of the area 9·0.9·99/9·√(1/90) = 0.9·99·√(1/90).
def test_the_limits_of_a_restricted_mean_are_cut_to_0_and_the_end():
    mean = kaplan_meier([1] + [100] * 9, [1] + [0] * 9).restricted_mean()
    reach = 1.959963984540054 * 0.9 * 99 * math.sqrt(1 / 90)
    assert tuple(mean) == pytest.approx((1 + 0.9 * 99, 1 + 0.9 * 99 - reach, 100))

    # Half leave at once, the other one at 1: the mean is 1/2 ± 1.96·1/2·√(1/2).
    low = kaplan_meier([0, 1], [1, 1]).restricted_mean()
    assert tuple(low) == (0.5, 0, 1)
    nobody = kaplan_meier([], []).restricted_mean(30)
    assert tuple(nobody) == pytest.approx((math.nan, 0, 30), nan_ok=True)
    assert math.isnan(kaplan_meier([], []).areas(30)[2][0])


@given(records(min_size=2))
def test_wilson_takes_the_number_of_records_that_would_leave_the_variance(data):
    curve = kaplan_meier(*data, method="wilson", confidence_level=0.9)

    # Wilson (1927): the share is z standard errors of either limit away from it, with as many
    # records as would leave a plain proportion the curve's variance (Rothman 1978).
    z2 = 1.6448536269514722**2
    inside = (curve.survival[0] > 0) & (curve.survival[0] < 1)
    p, error = curve.survival[0, inside], curve.standard_error[0, inside]
    records_of_equal_weight = (1 - p) / p / error**2
    for limit in (curve.lower[0, inside], curve.upper[0, inside]):
        wanted = z2 * limit * (1 - limit) / records_of_equal_weight
        np.testing.assert_allclose((p - limit) ** 2, wanted, rtol=1e-9)
    assert (curve.lower[0] <= curve.survival[0]).all()
    assert (curve.upper[0] >= curve.survival[0]).all()


def test_wilson_is_exact_where_the_curve_is_1_or_0():
    for n in range(1, 60):
        curve = kaplan_meier(np.arange(2, 2 + n), np.ones(n), method="wilson")
        censored = kaplan_meier([1] * n, [0] * n, method="wilson")

        start, known = curve.survival_at(1), censored.survival_at(1)
        assert tuple(start) == tuple(known) == pytest.approx((1, *proportion_interval(n, n)))
        assert start.high == known.high == censored.upper[0, 0] == 1
        assert curve.lower[0, -1] == 0
        assert curve.upper[0, -1] == pytest.approx(proportion_interval(0, n).high)


@pytest.mark.parametrize("method", METHODS)
def test_a_group_without_anybody_has_no_limits_by_any_method(method):
    curve = of_four(method)[0]["empty"]

    if method in ("plain", "log"):  # without an error they are the curve itself
        assert (curve.lower == 1).all()
    else:
        assert np.isnan(curve.lower).all()
        assert np.isnan(curve.upper).all()


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


def test_more_records_than_are_counted_at_a_time_are_all_counted():
    days, seen = np.arange(40_000) % 7, np.arange(40_000) % 3 > 0

    curve = kaplan_meier(days, seen, groups=np.arange(40_000) // 1_000 * 1_000)

    assert curve.keys == tuple(range(0, 40_000, 1_000))
    together = kaplan_meier(days, seen)
    assert together.events.dtype == together.censored.dtype == np.int64
    assert together.events[0].tolist() == np.bincount(days[seen]).tolist()
    assert together.censored[0].tolist() == np.bincount(days[~seen]).tolist()
    assert curve.events.sum(axis=0).tolist() == together.events[0].tolist()


def test_numbers_of_groups_may_be_far_apart():
    # A table of all numbers between them would fill the memory.
    curve = kaplan_meier([1, 2, 3], [1, 1, 1], groups=[-(10**12), 10**12, 10**12])

    assert curve.keys == (-(10**12), 10**12)
    assert curve.events.tolist() == [[1, 0, 0], [0, 1, 1]]


def test_columns_of_no_records_may_be_of_any_kind():
    assert kaplan_meier([], np.array([], dtype=str)).events.sum() == 0


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
        ([0, -1], [1, 1], InvalidInputError, "durations must be at least 0; got -1 at index 1"),
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
        ([("a",), 3], InvalidTypeError, "^groups must be of one kind, such as text$"),
    ],
)
def test_bad_groups_are_named(groups, error, message):
    if not isinstance(groups[0], str | float):
        groups = np.array([*groups, None], dtype=object)[:2]
    with pytest.raises(error, match=message):
        kaplan_meier([3, 4], [1, 1], groups=groups)


SEVERAL = (
    "the curves have groups ('a', 'b'): name one, as in curve[key], or ask for all with quantiles, "
    "survivals_at or restricted_means"
)


def test_bad_options_and_questions_are_named():
    curve = kaplan_meier([3, 4], [1, 1], groups=["a", "b"])

    with pytest.raises(InvalidInputError, match="method must be one of 'log-log', 'log'"):
        kaplan_meier([3], [1], method="loglog")
    with pytest.raises(InvalidInputError, match="confidence_level must be between 0 and 1"):
        kaplan_meier([3], [1], confidence_level=95)
    with pytest.raises(InvalidInputError, match=f"^{re.escape(SEVERAL)}$"):
        curve.quantile(0.5)
    with pytest.raises(NotFoundError, match=r"^the curves have no group 'c'$"):
        curve["c"]
    with pytest.raises(NotFoundError, match=r"^the curves have no group 'A'; did you mean 'a'\?$"):
        curve["A"]
    assert curve["a"].keys == ()
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


def test_what_is_no_number_is_named_by_its_argument():
    curve = kaplan_meier([3, 4], [1, 1])
    for name, ask in (
        ("p", curve.quantiles),
        ("time", curve.survivals_at),
        ("times", curve.at_risk_at),
        ("upto", curve.restricted_means),
        ("times", lambda times: SurvivalCurve.from_counts([1, 1], [0, 0], times=times)),
        ("events", lambda events: SurvivalCurve.from_counts(events, [0, 0])),
        ("censored", lambda censored: SurvivalCurve.from_counts([0, 0], censored)),
        ("durations", lambda durations: kaplan_meier(durations, [1])),
    ):
        with pytest.raises(InvalidTypeError, match=f"^{name} must be a number or an array"):
            ask("soon")
    with pytest.raises(InvalidInputError, match=r"^upto must be finite, at least 0; got -1\.0$"):
        curve.areas(-1)
    made_by_hand = SurvivalCurve(
        times=curve.times,
        events=curve.events,
        censored=curve.censored,
        method="loglog",
        confidence_level=0.95,
    )
    with pytest.raises(InvalidInputError, match=r"^method must be one of 'log-log', 'log'"):
        made_by_hand.quantile(0.5)


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
