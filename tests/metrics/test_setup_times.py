import datetime as dt
import math
import statistics

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lhp_metrics as lhp
from lhp_metrics.intervals import kaplan_meier
from setup_histories import one_site

CLOCK = lhp.Clock("approval-to-open", start="hra_approval_on", end="opened_on", level="site")
DAY = dt.date(2025, 1, 1)


def tally(waits, *, code="REM", followed=400, clock=CLOCK, as_of=DAY, **options):
    """Sites that started `followed` days before the as-of date; None is still waiting."""
    start = as_of - dt.timedelta(days=followed)
    studies = [one_site(f"{code}{number}", code, start, wait) for number, wait in enumerate(waits)]
    return lhp.tally_setup(studies, clock=clock, as_of=as_of, **options)


# R survival's `aml`, the maintained group: median 31, limits 13 and none, quartiles 18 and 48.
def test_quantiles_are_those_of_the_records():
    days = [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161]
    seen = [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0]
    parts = [
        tally([day if event else None], code="REM", followed=day if not event else 400)
        for day, event in zip(days, seen, strict=True)
    ]

    row = lhp.setup_times(lhp.combine(parts, disjoint=True))["REM"]

    assert tuple(row.median) == (31, 13, math.inf)
    assert (row.lower_quartile.value, row.upper_quartile.value) == (18, 48)
    assert (row.started, row.finished, row.unfinished) == (11, 7, 4)


@given(st.lists(st.integers(0, 300), min_size=1, max_size=30))
def test_without_any_unfinished_the_median_is_that_of_the_days(days):
    row = lhp.setup_times(tally(days)).total

    assert row.median.value == statistics.median(days)


@given(
    st.lists(st.none() | st.integers(0, 300), max_size=10),
    st.lists(st.none() | st.integers(0, 300), max_size=10),
)
def test_the_total_is_the_curve_of_all_records(one, two):
    both = lhp.combine([tally(one, code="REM"), tally(two, code="REN")], disjoint=True)

    waits = [*one, *two]
    curve = kaplan_meier(
        [400 if wait is None else wait for wait in waits], [wait is not None for wait in waits]
    )
    assert lhp.setup_times(both).total.median == curve.quantile(0.5)
    found = lhp.setup_curves(both)["Total"]
    assert found.survival_at(100) == curve.survival_at(100)


def test_leaving_out_those_still_open_makes_set_up_look_faster():
    waits = [20, 30, 40, 50, 60, *[None] * 4]

    honest = lhp.setup_times(tally(waits, followed=80)).total.median.value
    naive = lhp.setup_times(tally([w for w in waits if w is not None])).total.median.value

    assert (honest, naive) == (60, 40)


def test_not_reached_is_printed_as_such():
    table = lhp.setup_times(tally([20, None, None, None], followed=90))

    assert table.total.median.value == math.inf
    assert "not reached" in str(table)
    assert "not reached" in table.to_html()
    assert str(table.total.lower_quartile).startswith("55")


def test_the_footnote_names_clock_day_and_method():
    footnote = lhp.setup_times(tally([20], by="organisation")).provenance.footnote()

    for words in (
        "As known on 1 Jan 2025",
        "Basis: approval-to-open (own): hra_approval_on to opened_on, each site.",
        "Kaplan–Meier, log-log",
        "setup-times/1",
    ):
        assert words in footnote


def test_the_columns_leave_as_plain_numbers():
    (row,) = lhp.setup_times(tally([20, 40])).to_dicts()

    assert (row["median"], row["organisation"], row["started"]) == (30, "REM", 2)


def test_other_kinds_and_parts_are_refused():
    with pytest.raises(lhp.InvalidTypeError, match="tally must be a SetupTally; got list"):
        lhp.setup_times([1])
    parts = attrs.evolve(
        tally([20]), columns={n: v.astype(object) for n, v in tally([20]).columns.items()}
    )
    with pytest.raises(lhp.InvalidInputError, match="this tally counts parts of them"):
        lhp.setup_times(parts)
    with pytest.raises(lhp.InvalidInputError, match="method must be one of 'log-log'"):
        lhp.setup_times(tally([20]), method="wald")


def test_a_restated_tally_keeps_its_days():
    before = tally([20, 30], code="RQ6")
    after = lhp.combine([before, tally([40], code="REM")], disjoint=True)

    restated = after.restate(lhp.liverpool_health_partners())

    assert restated.keys == ("REM",)
    assert lhp.setup_times(restated)["REM"].median.value == 30
    assert np.array_equal(restated.columns["finished"][-1], after.columns["finished"][-1])
