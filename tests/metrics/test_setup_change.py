import datetime as dt
import math

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lhp_metrics as lhp
from lhp_metrics.intervals import kaplan_meier, log_rank_test
from setup_histories import one_site

CLOCK = lhp.Clock("approval-to-open", start="hra_approval_on", end="opened_on", level="site")
FIRST, SECOND = (lhp.Period.financial_year(year) for year in ("2022-23", "2023-24"))


def tally(waits, period, *, followed=300, clock=CLOCK):
    studies = [
        one_site(number, code, period.start, wait) for number, (code, wait) in enumerate(waits)
    ]
    as_of = period.start + dt.timedelta(days=followed)
    return lhp.tally_setup(studies, clock=clock, as_of=as_of, period=period)


waits = st.lists(
    st.tuples(st.sampled_from(["REM", "REN"]), st.none() | st.integers(0, 200)),
    min_size=1,
    max_size=15,
)


@given(waits, waits)
def test_the_test_and_the_means_are_those_of_the_records(one, two):
    row = lhp.setup_change(tally(one, FIRST), tally(two, SECOND)).total

    days = [300 if wait is None else wait for _, wait in [*one, *two]]
    seen = [wait is not None for _, wait in [*one, *two]]
    group = ["a"] * len(one) + ["b"] * len(two)
    curves = kaplan_meier(days, seen, groups=group)
    assert row.p_value == pytest.approx(log_rank_test(curves).p_value, nan_ok=True)
    end, means, _ = curves.areas()
    assert row.upto == end
    assert row.mean_difference.value == pytest.approx(means[1] - means[0])
    assert (row.before, row.after) == (len(one), len(two))


@given(waits, waits)
def test_swapping_the_periods_negates_the_differences(one, two):
    there = lhp.setup_change(tally(one, FIRST), tally(two, SECOND)).total
    back = lhp.setup_change(tally(two, FIRST), tally(one, SECOND)).total

    for name in ("median_difference", "mean_difference"):
        value, low, high = getattr(back, name)
        assert tuple(getattr(there, name)) == pytest.approx((-value, -high, -low), nan_ok=True)
    assert there.p_value == pytest.approx(back.p_value, nan_ok=True)


def test_faster_is_below_zero_and_medians_have_limits_from_both():
    slow, fast = [("REM", day) for day in range(60, 120, 3)], [("REM", d) for d in range(20, 80, 3)]

    row = lhp.setup_change(tally(slow, FIRST), tally(fast, SECOND))["REM"]

    before, after = row.before_median, row.after_median
    assert row.median_difference.value == after.value - before.value == -40
    # Zou and Donner's limits, by hand.
    reach = math.hypot(after.value - after.low, before.high - before.value)
    assert row.median_difference.low == pytest.approx(-40 - reach)
    assert row.mean_difference.value == pytest.approx(-40)
    assert row.p_value < 0.001
    assert row.p_adjusted == pytest.approx(row.p_value)


def test_what_is_not_reached_or_not_there_has_no_difference():
    table = lhp.setup_change(
        tally([("REM", None), ("REM", 20)], FIRST), tally([("REN", 30)], SECOND)
    )

    for key in ("REM", "REN"):
        assert math.isnan(table[key].mean_difference.value)
        assert math.isnan(table[key].p_value)
    assert tuple(table["REM"].median_difference)[1:] == (-math.inf, math.inf)
    assert "–" in str(table)


def test_periods_may_have_their_own_days_which_the_footnote_names():
    table = lhp.setup_change(tally([("REM", 20)], FIRST), tally([("REM", 20)], SECOND))

    footnote = table.provenance.footnote()
    assert "Before: as known on 26 Jan 2023." in footnote
    assert "After: as known on 26 Jan 2024." in footnote


def test_overlapping_reversed_and_differing_tallies_are_refused():
    one, two = tally([("REM", 20)], FIRST), tally([("REM", 20)], SECOND)

    with pytest.raises(lhp.InvalidInputError, match="overlap, so a clock may stand in both"):
        lhp.setup_change(one, one)
    with pytest.raises(lhp.InvalidInputError, match="is later than after"):
        lhp.setup_change(two, one)
    other = tally([("REM", 20)], SECOND, clock=attrs.evolve(CLOCK, target_days=60))
    with pytest.raises(lhp.InvalidInputError, match="the tallies differ in clock"):
        lhp.setup_change(one, other)
    with pytest.raises(lhp.InvalidTypeError, match="after must be a SetupTally; got NoneType"):
        lhp.setup_change(one, None)
    with pytest.raises(lhp.InvalidInputError, match="nobody was followed to 400"):
        lhp.setup_change(tally([("REM", None)], FIRST), two, upto=400)


def test_a_merger_between_the_periods_is_refused_until_it_is_restated():
    partnership = lhp.liverpool_health_partners()
    first, second = (lhp.Period.financial_year(year) for year in ("2018-19", "2019-20"))
    one, two = tally([("RQ6", 20)], first), tally([("REM", 20)], second)
    one, two = (attrs.evolve(t, successions=partnership.successions) for t in (one, two))

    with pytest.raises(lhp.InvalidInputError, match=r"work passed from one body .* Restate both"):
        lhp.setup_change(one, two)
    assert lhp.setup_change(one.restate(partnership), two.restate(partnership))["REM"].before == 1


@pytest.mark.parametrize(("followed", "as_of"), [(665, dt.date(2024, 1, 26)), (300, None)])
def test_an_as_of_date_that_both_have_is_the_result_s(followed, as_of):
    before = tally([("REM", 30)], FIRST, followed=followed)
    after = tally([("REM", 20)], SECOND, followed=300)

    provenance = lhp.setup_change(before, after).provenance

    assert provenance.as_of == as_of
    assert any(note.startswith("Before: as known") for note in provenance.notes) == (as_of is None)


def test_as_of_dates_that_differ_stand_in_the_footnote():
    before, after = tally([("REM", 20)], FIRST), tally([("REM", 30)], SECOND)

    notes = lhp.setup_change(before, after).provenance.notes

    # 300 days after 1 April 2022 and 2023.
    assert "Before: as known on 26 Jan 2023." in notes
    assert "After: as known on 26 Jan 2024." in notes


def test_a_tally_without_groups_has_the_change_of_all():
    one, two = [("REM", 40), ("REN", 50), ("REM", None)], [("REM", 20), ("REN", 30)]
    plain = [
        lhp.tally_setup(
            [one_site(n, code, period.start, wait) for n, (code, wait) in enumerate(waits)],
            clock=CLOCK,
            by=(),
            as_of=period.start + dt.timedelta(days=300),
            period=period,
        )
        for waits, period in ((one, FIRST), (two, SECOND))
    ]
    grouped = lhp.setup_change(tally(one, FIRST), tally(two, SECOND)).total
    row = lhp.setup_change(*plain).total

    for name in ("before_median", "median_difference", "before_mean", "mean_difference"):
        assert tuple(getattr(row, name)) == pytest.approx(
            tuple(getattr(grouped, name)), nan_ok=True
        )
    assert row.p_value == pytest.approx(grouped.p_value)


def test_both_means_are_up_to_the_same_day():
    one, two = [("REM", 40), ("REM", 250)], [("REM", 20), ("REM", 30)]

    row = lhp.setup_change(tally(one, FIRST), tally(two, SECOND), upto=100).total

    # 40 days of both and 60 more of one; everyone of the later two is through by 30.
    assert row.upto == 100
    assert row.before_mean.value == pytest.approx((40 + 100) / 2)
    assert row.after_mean.value == pytest.approx((20 + 30) / 2)
    assert row.mean_difference.value == pytest.approx(25 - 70)
    assert -100 <= row.mean_difference.low < row.mean_difference.high <= 100
