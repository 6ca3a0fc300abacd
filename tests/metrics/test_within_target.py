import datetime as dt
import math

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lhp_metrics as lhp
from lhp_metrics.intervals import proportion_interval
from setup_histories import one_site

CLOCK = lhp.Clock(
    "approval-to-open", start="hra_approval_on", end="opened_on", level="site", target_days=60
)
DAY = dt.date(2025, 1, 1)


def tally(records, clock=CLOCK):
    """Pairs of days followed and days waited, None being still waiting, by site."""
    studies = [
        one_site(number, code, DAY - dt.timedelta(days=followed), wait)
        for number, (code, followed, wait) in enumerate(records)
    ]
    return lhp.tally_setup(studies, clock=clock, as_of=DAY)


sites = st.lists(
    st.tuples(
        st.sampled_from(["REM", "REN"]), st.integers(0, 200), st.none() | st.integers(0, 150)
    ),
    max_size=25,
)


@given(sites)
def test_only_those_whose_clock_could_have_run_out_are_counted(records):
    row = lhp.within_target(tally(records)).total

    due = [(followed, wait) for _, followed, wait in records if followed >= 60]
    assert row.due == len(due)
    assert row.within == sum(wait is not None and wait <= 60 for _, wait in due)
    assert row.due + row.not_due == len(records)


@given(sites)
def test_without_recent_starts_both_shares_are_the_same_with_the_same_limits(records):
    records = [(code, followed + 60, wait) for code, followed, wait in records]

    row = lhp.within_target(tally(records)).total

    assert tuple(row.share_of_all) == pytest.approx(tuple(row.share), nan_ok=True, abs=1e-9)
    expected = proportion_interval(row.within, row.due)
    assert (row.share.low, row.share.high) == pytest.approx(tuple(expected))


def test_counting_only_the_finished_flatters():
    records = [("REM", 30, 10)] * 6 + [("REM", 30, None)] * 6 + [("REM", 120, 90)] * 4

    row = lhp.within_target(tally(records)).total

    finished_in_time = 6 / 10
    assert row.share.value == 0.0
    assert row.share_of_all.value == pytest.approx(6 / 16)
    assert row.share_of_all.value < finished_in_time


def test_nothing_due_is_undefined():
    table = lhp.within_target(tally([("REM", 10, None), ("REM", 10, 5)]))

    assert math.isnan(table.total.share.value)
    assert tuple(table.total.share)[1:] == (0, 1)
    assert math.isnan(table.total.share_of_all.value)
    assert (table.total.not_due, table.total.due) == (2, 0)
    assert "–" in str(table)


def test_a_funnel_compares_the_sites_with_all_of_them():
    good, bad = [("REM", 100, 20)] * 40, [("REN", 100, 90)] * 20
    counted = tally([*good, *bad, *[("REM", 100, 90)] * 5, ("RET", 10, 3)])

    points = lhp.funnel(counted)

    shares = lhp.within_target(counted)
    assert points["REN"].position == "below 99.8%"
    assert points["REM"].value == pytest.approx(shares["REM"].share.value)
    assert points["RET"].position is None
    assert points.target == pytest.approx(40 / 65)
    assert points.title == "Funnel of shares within target"
    assert "clocks due" in points.provenance.footnote()
    with pytest.raises(lhp.InvalidInputError, match="expected= is for registrations"):
        lhp.funnel(counted, expected={"REM": 4})


def test_a_clock_without_a_target_is_refused():
    counted = tally([("REM", 100, 20)], clock=attrs.evolve(CLOCK, target_days=None))

    for metric in (lhp.within_target, lhp.funnel):
        with pytest.raises(lhp.InvalidInputError, match="'approval-to-open' has no target"):
            metric(counted)
    with pytest.raises(lhp.InvalidTypeError, match="tally must be a SetupTally; got GrantTally"):
        lhp.within_target(lhp.GrantTally.from_counts({}))


def test_the_footnote_says_who_is_due():
    footnote = lhp.within_target(tally([("REM", 100, 20)])).provenance.footnote()

    assert "Due: started 60 days or more before the as-of date." in footnote
    assert "target 60 days" in footnote
