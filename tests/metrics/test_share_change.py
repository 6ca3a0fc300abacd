import datetime as dt
import math

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lhp_metrics as lhp
from lhp_metrics.intervals import difference_interval, weighted_share_interval
from strategies import CODES, EVERY_STAGE, grant_lists, registration_tallies

REPORT = lhp.annual_report_2023_24()

some = registration_tallies(codes=CODES[:4]).filter(lambda tally: tally.total > 0)


def test_the_year_in_shares():
    # Shares by hand from the printed tables: 1 of 158 and 34 of 164 for Clatterbridge.
    change = lhp.share_change(REPORT.spark, REPORT.jro)

    row = change["REN"]
    assert (row.before, row.after) == (1, 34)
    assert row.difference.value == pytest.approx(34 / 164 - 1 / 158)
    assert (change.gained, change.lost) == (("RBS", "REN"), ("REM",))
    assert change["RET"].verdict == "within chance"
    assert change.total.verdict is None
    # Half of 9.5 + 20.1 + 2.1 + 25.6 + 4.8 + 2.9 points.
    assert change.redistributed == pytest.approx(0.325, abs=1e-3)


def test_shares_that_were_known_on_different_days_are_compared_and_the_days_are_said():
    def tally(year, as_of):
        period = lhp.Period.financial_year(year)
        grants = [
            lhp.Grant(reference=lead, submitted_on=period.start, lead=lead, outcome="pending")
            for lead in ("REM", "REN")
        ]
        return lhp.tally_grants(grants, by="lead", period=period, as_of=as_of)

    before, after = tally("2022-23", "2023-03-31"), tally("2023-24", "2024-03-31")
    provenance = lhp.share_change(before, after).provenance

    assert provenance.as_of is None
    assert provenance.notes[:2] == (
        "Before: as known on 31 Mar 2023.",
        "After: as known on 31 Mar 2024.",
    )
    same = lhp.share_change(tally("2022-23", "2024-03-31"), after).provenance
    assert same.as_of == after.as_of
    assert "as known on" not in " ".join(same.notes)


def test_the_differences_hold_together_by_bonferroni():
    change = lhp.share_change(REPORT.spark, REPORT.jro, confidence_level=0.9)

    low, high = difference_interval(
        69, 164, 107, 158, method="miettinen-nurminen", confidence_level=1 - 0.1 / 6
    )
    assert tuple(change["REM"].difference)[1:] == pytest.approx((low, high))
    assert "simultaneous (Bonferroni, 6 groups)" in change.provenance.footnote()
    assert change.provenance.confidence_level == 0.9


@settings(max_examples=30)
@given(some, some)
def test_swapping_the_periods_negates_the_differences(one, two):
    there, back = lhp.share_change(one, two), lhp.share_change(two, one)

    assert set(there.gained) == set(back.lost)
    for row in there:
        value, low, high = back[row.key].difference
        assert tuple(row.difference) == pytest.approx((-value, -high, -low), abs=1e-9)


@given(some, some)
def test_growth_and_mix_add_up_to_the_change(one, two):
    table = lhp.share_change(one, two)

    change = table.column("after") - table.column("before")
    assert table.column("growth") + table.column("mix") == pytest.approx(change, abs=1e-9)
    assert table.column("growth").sum() == pytest.approx(two.total - one.total, abs=1e-9)
    assert table.column("mix").sum() == pytest.approx(0, abs=1e-9)
    assert table.total.mix == pytest.approx(0, abs=1e-9)


@given(some, st.integers(2, 5))
def test_growth_alone_changes_no_share(one, times):
    counts = {key: one[key] * times for key in one}

    table = lhp.share_change(one, lhp.RegistrationTally.from_counts(counts))

    assert table.column("mix") == pytest.approx(np.zeros(len(table)), abs=1e-9)
    assert table.redistributed == pytest.approx(0, abs=1e-12)
    assert (table.gained, table.lost) == ((), ())


def test_growth_and_mix_are_per_thirty_days_where_periods_are_known():
    table = lhp.share_change(REPORT.spark, REPORT.jro)

    assert table.total.growth == pytest.approx(30 * (164 / 133 - 158 / 233))
    assert "per thirty days" in table.provenance.footnote()


@settings(max_examples=40)
@given(grant_lists(min_size=2, codes=CODES[:3]), st.sampled_from(["fractional", "lead"]))
def test_pounds_and_parts_have_intervals_around_the_difference(records, attribution):
    half = len(records) // 2
    one, two = (
        lhp.tally_grants(
            part,
            by="organisation",
            attribution=attribution,
            stages=EVERY_STAGE,
        )
        for part in (records[:half], records[half:])
    )
    for of in ("records", "pounds_requested"):
        try:
            table = lhp.share_change(one, two, of=of)
        except lhp.InvalidInputError as error:
            assert "none of the" in str(error)  # noqa: PT017
            continue
        for row in table:
            value, low, high = row.difference
            if not math.isnan(value):
                assert -1 <= low <= value + 1e-9
                assert value - 1e-9 <= high <= 1


def test_changes_of_parts_say_how_they_were_made():
    study = lhp.Study(study_id="S", registered_on="2023-05-01", sites=["REM", "REN"])
    tally = lhp.tally_registrations([study], attribution="fractional")

    table = lhp.share_change(tally, tally)

    assert table["REM"].difference.method == "square-and-add of ratio-estimator"
    assert table["REM"].difference.value == 0


def test_a_change_from_nothing_is_undefined():
    nothing = lhp.RegistrationTally.from_counts({"A": 0})
    one = lhp.RegistrationTally.from_counts({"A": 1})

    row = lhp.share_change(nothing, one)["A"]

    assert math.isnan(row.difference.value)
    assert (row.difference.low, row.difference.high) == (-1, 1)
    assert row.verdict == "within chance"


def test_periods_that_overlap_or_run_backwards_are_refused():
    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.share_change(REPORT.spark, REPORT.spark)
    assert str(caught.value).endswith("overlap")
    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.share_change(REPORT.jro, REPORT.spark)
    assert "is later than after" in str(caught.value)


def test_tallies_counted_in_two_ways_are_refused():
    whole = lhp.RegistrationTally.from_counts({"A": 1}, attribution="whole", total=1)

    with pytest.raises(lhp.InvalidInputError, match="the tallies differ in attribution"):
        lhp.share_change(lhp.RegistrationTally.from_counts({"A": 1}), whole)


def test_what_either_tally_left_out_is_in_the_footnote():
    def tally(year):
        period = lhp.Period.financial_year(year)
        dates = {"in": period.start, "out": period.end + dt.timedelta(days=1)}
        studies = [lhp.Study(study_id=n, registered_on=d, lead="REM") for n, d in dates.items()]
        return lhp.tally_registrations(studies, period=period)

    notes = lhp.share_change(tally("2022-23"), tally("2023-24")).provenance.notes

    left = "2 records in, 1 counted, excluded registered_on outside the period: 1."
    assert {f"Before: {left}", f"After: {left}"} <= set(notes)


def test_a_partner_without_an_old_share_has_no_growth_and_all_of_it_is_mix():
    before, after = (
        lhp.RegistrationTally.from_counts(counts) for counts in ({"A": 4, "B": 0}, {"A": 6, "B": 3})
    )
    change = lhp.share_change(before, after)

    # From 4 to 9 in all: A's growth is all of the 5, of which B took 3.
    assert [(row.growth, row.mix) for row in change] == [(5, -3), (0, 3)]
    assert (change.total.growth, change.total.mix) == (5, 0)


@pytest.mark.parametrize("groups", [2, 4])
def test_differences_of_pounds_hold_together_by_bonferroni_too(groups):
    leads = ("REM", "REN", "REP", "RBS")[:groups]

    def asked(year, amounts):
        period = lhp.Period.financial_year(year)
        grants = [
            lhp.Grant(
                reference=number,
                submitted_on=period.start,
                outcome="pending",
                lead=leads[number % groups],
                amount_requested=amount,
            )
            for number, amount in enumerate(amounts)
        ]
        return lhp.tally_grants(grants, by="lead", period=period)

    old, new = asked("2022-23", range(100, 120)), asked("2023-24", range(300, 280, -1))
    found = lhp.share_change(old, new, of="pounds_requested", confidence_level=0.9)

    # Each share has the ratio estimator's limits at 1 − 0.1 / k, alone; they are squared and added.
    for index, row in enumerate(found):
        sides = []
        for tally in (old, new):
            pounds = tally.columns["requested_pence"] / 100
            squares = tally.columns["requested_squared"]
            interval = weighted_share_interval(
                pounds[index],
                pounds[-1],
                squares[index],
                squares[-1],
                confidence_level=1 - 0.1 / groups,
            )
            sides.append((pounds[index] / pounds[-1], *interval))
        (first, first_low, first_high), (last, last_low, last_high) = sides
        value = last - first
        assert tuple(row.difference) == pytest.approx(
            (
                value,
                value - math.hypot(last - last_low, first_high - first),
                value + math.hypot(last_high - last, first - first_low),
            )
        )


def test_parts_of_records_left_out_are_said_as_parts():
    study = lhp.Study(
        study_id="S1", registered_on="2023-05-01", lead="REM", sites=[lhp.StudySite("REN")]
    )
    after = lhp.tally_registrations(
        [study], attribution="fractional", period=lhp.Period.financial_year("2023-24")
    )
    before = lhp.tally_registrations(
        [attrs.evolve(study, registered_on="2022-05-01")],
        attribution="fractional",
        period=lhp.Period.financial_year("2022-23"),
    )

    change = lhp.share_change(before.among(["REM"]), after.among(["REM"]))

    counted = "1 record in, 0.50 counted, excluded other organisations: 0.50."
    assert f"Before: {counted}" in change.provenance.footnote()


def test_years_that_are_groups_are_not_compared_with_themselves():
    year = lhp.Period.financial_year("2023-24")
    tally = lhp.RegistrationTally.from_counts({year: 3}, by="financial_year")

    with pytest.raises(lhp.InvalidInputError, match=r"overlap$"):
        lhp.share_change(tally, tally)
