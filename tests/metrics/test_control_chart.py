import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lhp_metrics as lhp
from lhp_metrics.metrics._signals import SIGNALS, signals
from strategies import outcome_counts

CASES = json.loads((Path(__file__).parents[1] / "reference" / "xmr_limits.json").read_text())
DOTS = [case for case in CASES["cases"] if case["source"].startswith("NHSRplotthedots")]
QCC = [case for case in CASES["cases"] if case["source"].startswith("qcc")]

YEAR = lhp.Period.financial_year("2023-24")
SPARK = lhp.Period("2023-04-01", "2023-11-19")
JRO = lhp.Period("2023-11-20", "2024-03-31")

series = st.lists(st.integers(0, 200).map(float), min_size=2, max_size=30)


def case_id(case):
    return f"{case['series']}-{case.get('screen_outliers')}-{case.get('fix_after_n_points')}"


def monthly(counts, period):
    keys = period.split("month")
    return lhp.RegistrationTally.from_counts(
        dict(zip(keys, counts, strict=True)), by="month", period=period
    )


def limits_of(chart):
    return [(point.lower, point.centre, point.upper) for point in chart]


@pytest.mark.parametrize("case", DOTS, ids=case_id)
def test_xmr_limits_are_those_of_nhsrplotthedots(case):
    # tests/reference/xmr_limits.json: NHSRplotthedots 0.2.2 under R 4.2.2.
    chart = lhp.control_chart(
        case["values"],
        baseline=case["fix_after_n_points"],
        screen_outliers=case["screen_outliers"],
    )

    expected = (case["lpl"], case["mean"], case["upl"])
    for point in chart:
        assert (point.lower, point.centre, point.upper) == pytest.approx(expected, rel=1e-12)
    assert [point.outside_limits for point in chart] == case["outside"]


@pytest.mark.parametrize("case", QCC, ids=case_id)
def test_over_equal_exposures_u_prime_is_the_individuals_chart_cut_at_0(case):
    # The same file: qcc 2.7, limits from 3 / 1.128 mean moving ranges, as Laney's are.
    values = case["values"]
    whole = values if all(v == int(v) for v in values) else [100 * v for v in values]
    scale = whole[0] / values[0] if values[0] else 1.0

    chart = lhp.control_chart(np.round(whole), limits="poisson")

    expected = tuple(scale * limit for limit in (max(case["lpl"], 0), case["mean"], case["upl"]))
    assert (chart["1"].lower, chart["1"].centre, chart["1"].upper) == pytest.approx(
        expected, rel=1e-9
    )


def test_u_prime_limits_by_hand_for_months_of_unequal_length():
    # Laney (2002): u' = 60 / 91 per day over 31, 29 and 31 days with 31, 9 and 20 counts.
    chart = lhp.control_chart(
        monthly([31, 9, 20], lhp.Period("2024-01-01", "2024-03-31")), limits="poisson"
    )

    mean = 60 / 91
    sigma = [math.sqrt(mean / days) for days in (31, 29, 31)]
    z = [(c / d - mean) / s for c, d, s in zip((31, 9, 20), (31, 29, 31), sigma, strict=True)]
    sigma_z = (abs(z[1] - z[0]) + abs(z[2] - z[1])) / 2 / 1.128
    expected = [(max(mean - 3 * s * sigma_z, 0), mean, mean + 3 * s * sigma_z) for s in sigma]
    assert np.array(limits_of(chart)) == pytest.approx(np.array(expected), rel=1e-12)


@given(series, st.floats(-1e3, 1e3), st.floats(0.01, 100))
def test_limits_move_and_stretch_with_the_series(values, shift, scale):
    one = lhp.control_chart(values)
    two = lhp.control_chart([shift + scale * value for value in values])

    expected = shift + scale * np.array(limits_of(one))
    assert np.array(limits_of(two)) == pytest.approx(expected, abs=1e-8)
    assert [point.signals for point in two] == [point.signals for point in one]


@given(series)
def test_turned_upside_down_the_limits_change_places_and_signals_stay(values):
    one, two = lhp.control_chart(values), lhp.control_chart([-value for value in values])

    assert (one["1"].lower, one["1"].upper) == pytest.approx((-two["1"].upper, -two["1"].lower))
    assert [point.signals for point in two] == [point.signals for point in one]


@given(st.floats(-1e6, 1e6), st.integers(1, 40), st.booleans())
def test_a_constant_series_has_limits_equal_to_its_mean_and_no_signal(value, many, screen):
    chart = lhp.control_chart([value] * many, screen_outliers=screen)

    expected = (value, value, value) if many > 1 else (None, value, None)
    assert set(limits_of(chart)) == {expected}
    assert chart.special == ()


@given(st.integers(0, 50), st.integers(2, 20))
def test_constant_counts_have_limits_equal_to_their_mean_by_u_prime_too(value, many):
    chart = lhp.control_chart([value] * many, limits="poisson")

    assert np.array(limits_of(chart)) == pytest.approx(value)
    assert chart.special == ()


def test_one_point_has_a_centre_and_no_limits():
    chart = lhp.control_chart([4.5])

    assert limits_of(chart) == [(None, 4.5, None)]
    assert chart.special == ()
    assert "The shortest baseline has 1 point," in chart.provenance.footnote()


def test_months_of_unequal_length_are_compared_per_day():
    chart = lhp.control_chart(monthly([31, 29, 31], lhp.Period("2024-01-01", "2024-03-31")))

    assert [point.value for point in chart] == [1.0, 1.0, 1.0]
    assert [point.count for point in chart] == [31, 29, 31]
    assert limits_of(chart) == [(1.0, 1.0, 1.0)] * 3
    assert chart.unit == "per day"
    assert "Values are registrations per day, as the points differ in length." in (
        chart.provenance.notes
    )


def test_a_tallys_own_exposure_takes_the_place_of_days():
    quarter = lhp.Period("2024-01-01", "2024-03-31")
    tally = monthly([31, 29, 31], quarter).with_exposure(
        dict.fromkeys(quarter.split("month"), 31.0), unit="bed-days"
    )

    chart = lhp.control_chart(tally)

    assert [point.value for point in chart] == [1.0, 29 / 31, 1.0]
    assert chart.unit == "per bed-days"


# By hand: each series makes one signal where the comment says, and no other.
@pytest.mark.parametrize(
    ("values", "name", "where"),
    [
        ([5, 6, 5, 6, 5, 6, 30, 5, 6, 5, 6, 5], "outside_limits", {7}),
        ([3, 9, 3, 9, 3, 7, 8, 7, 8, 7, 8, 7, 3, 9, 3, 2, 1, 3, 9, 3], "shift", set(range(6, 13))),
        ([5, 9, 4, 5, 6, 7, 8, 9, 4, 9, 5, 8], "trend", set(range(3, 9))),
        ([9, 8, 7, 6, 5, 4, 9, 5, 8, 4, 9, 5], "trend", set(range(1, 7))),
    ],
)
def test_each_signal_has_its_name(values, name, where):
    chart = lhp.control_chart(values)

    assert {int(point.key) for point in chart if getattr(point, name)} == where
    assert all(point.signals in ((), (name,)) for point in chart)


def test_two_of_three_near_one_limit():
    # Mean 10, mean moving range by a fixed baseline of 9, 11, 9, 11: 2; limits 10 ± 5.32, their
    # outer third from 13.55 to 15.32.
    base = [9, 11, 9, 11]
    near = [14, 10, 14]
    apart = [14, 10, 6]
    far_between = [14, 10, 10, 14]

    def found(tail):
        chart = lhp.control_chart([*base, *tail], baseline=4)
        return [point.near_limit for point in chart][4:]

    assert found(near) == [True, False, True]
    assert found(apart) == [False] * 3
    assert found(far_between) == [False] * 4
    assert found([13.5, 10, 13.5]) == [False] * 3
    assert found([6, 6, 10]) == [True, True, False]


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ([3, 9, 3, 9, 3, 7, 8, 7, 8, 7, 8, 3, 9, 3, 9, 3], "shift"),  # six on one side
        ([5, 9, 5, 6, 7, 8, 9, 4, 9, 5, 8], "trend"),  # five rising
        ([5, 9, 4, 5, 6, 6, 7, 8, 9, 4, 9, 5], "trend"),  # a step on the level
    ],
)
def test_one_point_fewer_is_no_signal(values, name):
    assert not any(getattr(point, name) for point in lhp.control_chart(values))


def test_a_point_on_the_mean_is_on_neither_side():
    values = [4, 6, 4, 6, 5.5, 5.5, 5.5, 5, 5.5, 5.5, 5.5, 4, 4, 4]
    assert sum(values) / len(values) == pytest.approx(70 / 14)

    assert not any(point.shift for point in lhp.control_chart(values))


def split_year(spark=(9, 11, 10, 9, 12, 10, 11, 6), jro=(12, 30, 33, 31, 32)):
    return monthly(spark, SPARK) + monthly(jro, JRO)


def test_spark_to_jro_november_stays_two_points_and_the_new_era_has_its_own_limits():
    tally = split_year()
    era = lhp.liverpool_health_partners().era("JRO")

    chart = lhp.control_chart(tally, rebase=[era.first_on])

    assert len(chart) == 13
    november = [point for point in chart if point.key.start.month == 11]
    assert [(str(p.key), p.phase) for p in november] == [
        ("1 Nov 2023 to 19 Nov 2023", 1),
        ("20 Nov 2023 to 30 Nov 2023", 2),
    ]
    assert november[1].value == pytest.approx(12 / 11)
    alone = lhp.control_chart(monthly((9, 11, 10, 9, 12, 10, 11, 6), SPARK))
    assert limits_of(chart)[:8] == limits_of(alone)
    assert chart.special == ()
    assert lhp.control_chart(tally).special != ()


def test_signals_do_not_reach_across_a_new_phase():
    values = [5, 4, 5, 4, 1, 2, 3, 4, 5, 6, 5, 6, 5, 6]

    assert any(point.trend for point in lhp.control_chart(values))
    assert not any(point.trend for point in lhp.control_chart(values, rebase=[7]))


def test_a_baseline_may_be_a_period_or_so_many_points_of_each_phase():
    tally = split_year()

    by_period = lhp.control_chart(tally, baseline=lhp.Period("2023-04-01", "2023-06-30"))
    assert [point.in_baseline for point in by_period] == [True] * 3 + [False] * 10
    phases = lhp.control_chart(tally, baseline=3, rebase=["2023-11-20"])
    assert [point.in_baseline for point in phases] == (
        [True] * 3 + [False] * 5 + [True] * 3 + [False] * 2
    )
    mixed = lhp.control_chart(
        tally, baseline=lhp.Period("2023-04-01", "2023-06-30"), rebase=["2023-11-20"]
    )
    assert [point.in_baseline for point in mixed] == [True] * 3 + [False] * 5 + [True] * 5


def test_records_by_month_make_a_chart_and_empty_months_count_0():
    studies = [
        lhp.Study(study_id=f"{n}", registered_on=day, lead="REM")
        for n, day in enumerate(["2023-04-03", "2023-04-20", "2023-07-31"])
    ]

    chart = lhp.control_chart(lhp.tally_registrations(studies, by="month", period=SPARK))

    assert [point.count for point in chart] == [2, 0, 0, 1, 0, 0, 0, 0]


def test_the_footnote_says_whether_outlying_ranges_were_left_out():
    series = [22, 19, 27, 24, 21, 20, 25, 29, 31, 26, 23, 40]

    notes = [
        lhp.control_chart(series, screen_outliers=yes).provenance.notes for yes in (True, False)
    ]

    words = "Limits: XmR, the mean ± 2.66 mean moving ranges"
    assert [note[0] for note in notes] == [words + ", outlying ranges left out.", words + "."]


def test_points_two_thirds_of_the_way_to_a_limit_are_not_near_it():
    value, flat = np.array([2.0, 2.0, 0.0]), np.ones(3)

    found = signals(value, 0 * flat, -3 * flat, 3 * flat)
    beyond = signals(value + 1e-6, 0 * flat, -3 * flat, 3 * flat)

    assert found["near_limit"].tolist() == [False, False, False]
    assert beyond["near_limit"].tolist() == [True, True, False]


def test_a_short_baseline_is_said_to_be_provisional():
    assert (
        "The shortest baseline has 11 points, and 12 to 20 make one: its limits are provisional."
        in lhp.control_chart(list(range(11))).provenance.notes
    )
    assert not any("provisional" in n for n in lhp.control_chart([1, 2] * 6).provenance.notes)


def test_a_chart_prints_its_counts_limits_and_signals():
    text = str(lhp.control_chart(split_year()))

    for words in ("Control chart", "Value,", "per day", "Outside", "1 Nov 2023 to 19 Nov 2023"):
        assert words in text
    assert "yes" in text
    assert set(SIGNALS) <= set(lhp.control_chart([1, 2]).to_dicts()[0])


GAP = lhp.RegistrationTally.from_counts(
    {lhp.Period.month("2023-04"): 3, lhp.Period.month("2023-06"): 4}, by="month"
)


@pytest.mark.parametrize(
    ("values", "options", "error", "message"),
    [
        ([], {}, lhp.InvalidInputError, "series has no point"),
        ([[1, 2]], {}, lhp.InvalidInputError, "series must have one dimension; got shape (1, 2)"),
        (
            [1, float("nan")],
            {},
            lhp.InvalidInputError,
            "series must not be NaN (missing); got nan at index 1",
        ),
        ([1, float("inf")], {}, lhp.InvalidInputError, "series must be finite"),
        (
            "monthly",
            {},
            lhp.InvalidTypeError,
            "series must be a number or an array of numbers; got 'monthly'",
        ),
        (
            [1.5, 2],
            {"limits": "poisson"},
            lhp.InvalidInputError,
            "series must be a whole number; got 1.5 at index 0",
        ),
        (
            [1, 2],
            {"limits": "sigma"},
            lhp.InvalidInputError,
            "limits must be one of 'xmr', 'poisson'; got 'sigma'",
        ),
        (
            [1, 2],
            {"baseline": 1},
            lhp.InvalidInputError,
            "baseline must have at least 2 points; got 1",
        ),
        (
            [1, 2],
            {"baseline": "all"},
            lhp.InvalidTypeError,
            "baseline must be a number of points or a Period; got 'all'",
        ),
        (
            [1, 2],
            {"baseline": YEAR},
            lhp.InvalidTypeError,
            "baseline must be a number of values where the series is plain values",
        ),
        (
            split_year(),
            {"baseline": lhp.Period.month("2020-01")},
            lhp.InvalidInputError,
            "no point lies within the baseline Jan 2020",
        ),
        ([1, 2], {"rebase": [2]}, lhp.InvalidInputError, "rebase must be from 1 to 1; got 2"),
        (
            [1, 2],
            {"rebase": ["2023-11-20"]},
            lhp.InvalidTypeError,
            "rebase must hold positions of values; got '2023-11-20'",
        ),
        (
            [1, 2],
            {"rebase": "2023-11-20"},
            lhp.InvalidTypeError,
            "rebase must be a collection of places; got '2023-11-20'",
        ),
        (
            [1, 2],
            {"rebase": np.array(1)},
            lhp.InvalidTypeError,
            "rebase must be a collection of places; got array(1)",
        ),
        (
            monthly([1] * 12, YEAR),
            {"rebase": ["2023-11-20"]},
            lhp.InvalidInputError,
            "no point begins on 2023-11-20, so no phase can: count the service eras apart, each "
            "with its own period, and add the tallies",
        ),
        (
            GAP,
            {},
            lhp.InvalidInputError,
            "no point between Apr 2023 and Jun 2023: give it 0, or count with a period",
        ),
        (
            lhp.RegistrationTally.from_counts(
                {lhp.Period.month("2023-04"): 3, lhp.Period("2023-04-20", "2023-05-31"): 4},
                by="month",
            ),
            {},
            lhp.InvalidInputError,
            "the points Apr 2023 and 20 Apr 2023 to 31 May 2023 overlap",
        ),
        (
            lhp.RegistrationTally.from_counts({"REM": 3}),
            {},
            lhp.InvalidInputError,
            "a chart needs a tally by 'month', 'quarter' or 'financial_year' alone; got one by "
            "organisation",
        ),
    ],
)
def test_what_cannot_be_charted_is_refused(values, options, error, message):
    with pytest.raises(error) as caught:
        lhp.control_chart(values, **options)

    assert str(caught.value) == message


def test_points_stand_in_the_order_of_time_whatever_order_they_came_in():
    months = lhp.Period("2024-01-01", "2024-03-31").split("month")
    mixed = lhp.RegistrationTally.from_counts(
        {months[2]: 31, months[0]: 62, months[1]: 29}, by="month"
    )

    assert [point.value for point in lhp.control_chart(mixed)] == [2.0, 1.0, 1.0]


def test_a_month_with_zero_days_of_exposure_is_refused_by_name():
    quarter = lhp.Period("2024-01-01", "2024-03-31")
    days = dict(zip(quarter.split("month"), (31, 0, 31), strict=True))

    with pytest.raises(lhp.InvalidInputError) as caught:
        monthly([31, 29, 31], quarter).with_exposure(days, unit="bed-days")

    assert str(caught.value) == ("exposure of 'Feb 2024' must be a finite number above 0; got 0")


@given(
    st.lists(outcome_counts(), min_size=2, max_size=12),
    st.sampled_from(["xmr", "poisson"]),
)
def test_a_monthly_tally_of_grants_is_charted_as_registrations_are(outcomes, limits):
    months = lhp.Period("2023-04-01", "2024-03-31").split("month")
    counts = dict(zip(months, outcomes, strict=False))
    grants = lhp.GrantTally.from_counts(counts, by="month")
    studies = lhp.RegistrationTally.from_counts(
        {month: group.submitted for month, group in counts.items()}, by="month"
    )

    chart = lhp.control_chart(grants, limits=limits)

    assert chart.unit == "per day"
    for name in ("count", "value", "centre", "lower", "upper"):
        expected = lhp.control_chart(studies, limits=limits).column(name)
        np.testing.assert_array_equal(chart.column(name), expected)
    assert "Values are applications per day" in chart.provenance.footnote()


def test_points_are_in_the_order_of_time_whatever_that_of_the_tally():
    months = lhp.Period("2023-04-01", "2023-06-30").split("month")
    counts = dict(zip(reversed(months), [30, 31, 60], strict=True))
    tally = lhp.RegistrationTally.from_counts(counts, by="month")

    assert lhp.control_chart(tally).column("value").tolist() == [2.0, 1.0, 1.0]
    assert lhp.control_chart(
        tally.with_exposure(dict(zip(months, [6, 1, 1], strict=True)), unit="person-years")
    ).column("value").tolist() == [10.0, 31.0, 30.0]


def test_tallies_of_days_have_no_chart():
    studies = [lhp.Study(study_id=1, hra_approval_on="2024-01-01", sites=["REM"])]
    clocks = lhp.tally_setup(studies, clock="hra-approval-to-open", as_of="2024-03-31", by="month")

    with pytest.raises(lhp.InvalidTypeError, match="series must be a GrantTally or Registration"):
        lhp.control_chart(clocks)


def test_a_tally_of_parts_or_of_nothing_has_no_chart():
    study = lhp.Study(
        study_id="S1",
        registered_on="2023-05-01",
        sites=[lhp.StudySite("REM"), lhp.StudySite("REN")],
    )
    parts = lhp.tally_registrations([study], by=("month", "organisation"), attribution="fractional")

    with pytest.raises(
        lhp.InvalidInputError,
        match=r"^the tally counts parts of records, and a chart needs whole ones$",
    ):
        lhp.control_chart(parts)
    with pytest.raises(lhp.InvalidInputError, match="the tally has no points: nothing was counted"):
        lhp.control_chart(lhp.RegistrationTally.from_counts({}, by="month"))


def test_the_footnote_counts_the_points_of_the_shortest_baseline():
    assert "The shortest baseline has 1 point, and 12 to 20" in str(lhp.control_chart([4]))
    assert "The shortest baseline has 2 points, and 12 to" in str(lhp.control_chart([4, 5]))


def test_a_baseline_has_at_least_two_points_and_flags_are_true_or_false():
    chart = lhp.control_chart([3, 5, 90], baseline=2)

    # The mean of 3 and 5, and 2.66 times their difference.
    assert limits_of(chart)[0] == pytest.approx((4 - 5.32, 4, 4 + 5.32))
    assert [point.in_baseline for point in chart] == [True, True, False]
    assert {type(getattr(chart["3"], name)) for name in (*SIGNALS, "in_baseline")} == {bool}
    with pytest.raises(
        lhp.InvalidInputError, match=r"^baseline must have at least 2 points; got 1$"
    ):
        lhp.control_chart([3, 5, 90], baseline=1)


def test_a_phase_alone_has_the_limits_that_it_has_among_others():
    values = [22, 19, 27, 24, 60, 62, 58, 70, 5]
    for limits in ("xmr", "poisson"):
        chart = lhp.control_chart(values, rebase=[4, 8], limits=limits)
        alone = [
            point
            for start, end in ((0, 4), (4, 8), (8, 9))
            for point in lhp.control_chart(values[start:end], limits=limits)
        ]
        for name in ("value", "centre", "lower", "upper", *SIGNALS):
            assert [getattr(point, name) for point in chart] == [
                getattr(point, name) for point in alone
            ]
        assert chart.column("phase").tolist() == [1, 1, 1, 1, 2, 2, 2, 2, 3]
