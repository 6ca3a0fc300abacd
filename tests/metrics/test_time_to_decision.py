import datetime as dt
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lhp_metrics as lhp
from lhp_metrics.intervals import cumulative_incidence

DAY = dt.date(2024, 12, 31)
OUTCOMES = ("pending", "successful", "unsuccessful", "withdrawn", "not_considered")

applications = st.lists(
    st.tuples(st.integers(0, 500), st.sampled_from(OUTCOMES), st.sampled_from(["NIHR", "MRC"])),
    min_size=1,
    max_size=25,
)


def tally(records, by=None):
    grants = [
        lhp.Grant(
            reference=number,
            # A pending application has waited for its days; the others were decided long ago.
            submitted_on=DAY - dt.timedelta(days=days if outcome == "pending" else 800),
            decided_on=None if outcome == "pending" else DAY - dt.timedelta(days=800 - days),
            outcome=outcome,
            funder=funder,
        )
        for number, (days, outcome, funder) in enumerate(records)
    ]
    return lhp.tally_decisions(grants, as_of=DAY, by=by)


@given(applications)
def test_it_is_the_cumulative_incidence_of_the_records(records):
    table = lhp.time_to_decision(tally(records), months=[6, 12])

    days = [day for day, _, _ in records]
    curves = cumulative_incidence(
        days, [OUTCOMES.index(outcome) for _, outcome, _ in records], method="wilson"
    )
    for months, day in ((6, 183), (12, 365)):
        row = table[f"{months} months"]
        assert row.days == day
        for outcome, estimate in ((1, row.success), (2, row.failure)):
            if outcome <= len(curves.events):
                found = curves.incidence_at(day, outcome=outcome)
                assert tuple(estimate) == pytest.approx(tuple(found), nan_ok=True)
        assert tuple(row.pending) == pytest.approx(
            tuple(curves.waiting.survival_at(day)), nan_ok=True
        )


@given(applications)
def test_beside_the_probabilities_stand_the_counts_by_then(records):
    row = lhp.time_to_decision(tally(records), months=[6])["6 months"]

    known = Counter(outcome for days, outcome, _ in records if days <= 183)
    won, lost = known["successful"], known["unsuccessful"]
    assert (row.successful, row.unsuccessful) == (won, lost)
    assert row.other == known["withdrawn"] + known["not_considered"]
    assert row.waiting == len(records) - known.total()
    assert row.decided_only == pytest.approx(
        won / (won + lost) if won + lost else math.nan, nan_ok=True
    )


@given(applications)
def test_the_outcomes_add_up_to_one_minus_those_waiting(records):
    curves = lhp.decision_curves(tally(records))["Total"]

    total = curves.incidence.sum(axis=0) + curves.waiting.survival
    assert total[0].tolist() == pytest.approx([1] * len(curves.times))


@given(applications)
def test_without_pending_it_is_the_share_of_all_decided_by_then(records):
    records = [(day, o if o != "pending" else "successful", f) for day, o, f in records]

    row = lhp.time_to_decision(tally(records), months=[12])["12 months"]

    if max(day for day, _, _ in records) >= 365 or not math.isnan(row.success.value):
        won = sum(o == "successful" and day <= 365 for day, o, _ in records)
        assert row.success.value == pytest.approx(won / len(records))
        assert row.successful == won


def test_decided_only_leans_to_the_outcome_that_arrives_faster():
    # Failures arrive after 90 days, successes after 270; one application in three succeeds.
    # One arrives every ten days for a year, so that at the end the young ones' successes are out.
    rng = np.random.default_rng(1)
    grants = []
    for number in range(1200):
        submitted = DAY - dt.timedelta(days=number % 365)
        wins = rng.random() < 1 / 3
        decided = submitted + dt.timedelta(days=270 if wins else 90)
        known = decided <= DAY
        outcome = ("successful" if wins else "unsuccessful") if known else "pending"
        grants.append(
            lhp.Grant(
                reference=number,
                submitted_on=submitted,
                outcome=outcome,
                decided_on=decided if known else None,
            )
        )

    row = lhp.time_to_decision(lhp.tally_decisions(grants, as_of=DAY), months=[11])["11 months"]

    decided_only = lhp.success_rate(lhp.tally_grants(grants)).rate
    assert decided_only.high < 1 / 3
    assert row.decided_only == pytest.approx(decided_only.value)
    assert row.success.low < 1 / 3 < row.success.high
    assert abs(row.success.value - 1 / 3) < 0.04


def test_groups_have_rows_for_every_month_and_so_has_the_total():
    table = lhp.time_to_decision(
        tally([(100, "successful", "MRC"), (50, "unsuccessful", "NIHR")], by="funder"),
        months=[1, 3],
    )

    assert table.keys == (
        ("MRC", "1 month"),
        ("MRC", "3 months"),
        ("NIHR", "1 month"),
        ("NIHR", "3 months"),
        ("Total", "1 month"),
        ("Total", "3 months"),
    )
    assert table["NIHR", "3 months"].unsuccessful == 1
    assert table.by == ("funder", "months_since_submission")
    assert not table.has_total


def test_beyond_what_was_followed_nothing_is_known():
    row = lhp.time_to_decision(tally([(60, "pending", "MRC")]), months=[12])["12 months"]

    assert math.isnan(row.success.value)
    assert tuple(row.success)[1:] == (0, 1)


def test_a_tally_without_days_is_refused_with_what_to_do():
    with pytest.raises(
        lhp.InvalidTypeError, match=r"count the grants with tally_decisions\(grants"
    ):
        lhp.time_to_decision(lhp.GrantTally.from_counts({}))
    with pytest.raises(lhp.InvalidTypeError, match="tally must be a DecisionTally; got int"):
        lhp.time_to_decision(3)


@pytest.mark.parametrize(
    ("months", "error", "message"),
    [
        ("6", lhp.InvalidTypeError, "months must be a collection of numbers"),
        (6, lhp.InvalidTypeError, "months must be a collection of numbers"),
        (np.array(6), lhp.InvalidTypeError, "months must be a collection of numbers"),
        ([0], lhp.InvalidInputError, "months must each be above 0 and below 1,200; got 0"),
        ([3, 3], lhp.InvalidInputError, "months must be one or several, none twice"),
        ([], lhp.InvalidInputError, "months must be one or several"),
        (["a"], lhp.InvalidTypeError, "months must be a number"),
    ],
)
def test_bad_months_are_named(months, error, message):
    with pytest.raises(error, match=message):
        lhp.time_to_decision(tally([(60, "pending", "MRC")]), months=months)
