from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lhp_metrics as lhp
from hospitals import hospitals
from strategies import (
    CODES,
    adjoining_periods,
    grant_tallies,
    partnerships,
    registration_tallies,
)

TRUSTS = hospitals("REM", "REN", "RBS")
SPLIT = lhp.Partnership(
    "Example",
    TRUSTS,
    successions=[
        lhp.Succession(
            predecessor="RBS", successor=heir, on="2020-04-01", kind="split", portion=portion
        )
        for heir, portion in (("REM", "1/2"), ("REN", "1/3"))
    ],
)


@given(partnerships(splits=True, closures=True), st.data())
def test_restating_keeps_the_total_with_splits_and_closures_too(partnership, data):
    codes = [body.code for body in partnership.organisations]
    counted = data.draw(registration_tallies(codes=codes))

    restated = counted.restate(partnership)

    assert restated.total == counted.total == sum(restated[key] for key in restated)


@given(adjoining_periods(), partnerships(splits=True, closures=True), st.data())
def test_restating_commutes_with_adding_with_splits_and_closures_too(periods, partnership, data):
    codes = [body.code for body in partnership.organisations]
    one, two = (data.draw(registration_tallies(period=p, codes=codes)) for p in periods)

    added_first = (one + two).restate(partnership)
    restated_first = one.restate(partnership) + two.restate(partnership)

    assert {key: added_first[key] for key in added_first} == {
        key: restated_first[key] for key in restated_first
    }


@given(partnerships(splits=True), st.data())
def test_restating_twice_is_restating_once(partnership, data):
    codes = [body.code for body in partnership.organisations]
    counted = data.draw(registration_tallies(codes=codes))

    once = counted.restate(partnership)

    assert once.restate(partnership) == once


def test_a_split_gives_each_heir_its_exact_part_and_leaves_the_rest():
    restated = lhp.RegistrationTally.from_counts({"RBS": 7, "REM": 1}).restate(SPLIT)

    assert restated["REM"] == 1 + Fraction(7, 2)
    assert restated["REN"] == Fraction(7, 3)
    assert restated["RBS"] == Fraction(7, 6)
    assert restated.is_fractional
    assert restated.notes == ("Restated: RBS as RBS (1/6), REM (1/2), REN (1/3).",)


def test_before_the_split_nothing_is_parted():
    counted = lhp.RegistrationTally.from_counts({"RBS": 7, "REM": 1})

    restated = counted.restate(SPLIT, as_of="2020-03-31")

    assert restated == counted
    assert not restated.is_fractional
    assert restated.notes == ()
    assert [step.successor for step in restated.successions] == ["REM", "REN"]


@given(st.data())
def test_grants_split_by_outcome_and_pound_alike(data):
    counted = data.draw(grant_tallies(codes=CODES[:3]))
    counted = counted if "RBS" in counted else counted.regroup({})
    restated = counted.restate(SPLIT)

    if "RBS" in counted:
        assert restated["RBS"].pending == Fraction(counted["RBS"].pending, 6)
    assert restated.total == counted.total


def test_second_moments_of_a_part_shrink_by_its_square():
    grant = lhp.Grant(
        reference="G",
        submitted_on="2019-05-01",
        lead="RBS",
        outcome="successful",
        amount_requested="600",
    )
    restated = lhp.tally_grants([grant], by="lead").restate(SPLIT)
    place = restated.keys.index("REM")

    assert restated.columns["requested_decided_pence"][place] == 30_000
    assert restated.columns["requested_successful_squared"][place] == pytest.approx(
        restated.columns["requested_successful_squared"][-1] / 4
    )
    assert restated.columns["largest_requested_decided_pence"][place] == 60_000


def test_lhps_site_committees_regroup_with_the_overlap_said_and_the_total_unmoved():
    partners = lhp.liverpool_health_partners()
    jro = lhp.annual_report_2023_24().jro

    sites = jro.regroup(partners.groups("2024-03-31"))

    # By hand from the report's table: LUHFT 69, LHCH 8, Walton 10, Clatterbridge 34.
    assert sites["Broadgreen site"] == 77
    assert sites["Aintree site"] == 79
    assert sites["Royal Liverpool site"] == 103
    assert sites["RBS"] == 26
    assert sites.total == 164
    assert sites.overlapping
    assert (
        "Groups share records: they add up to more than the total."
        in sites.to_table().provenance.notes
    )


# Bodies that were no more

LHP = lhp.liverpool_health_partners()
AFTER = lhp.Period.financial_year("2023-24")
GONE = "Records count for organisations that had closed before the period: "


def notes_of_bodies_gone(tally):
    return [note for note in tally.to_table().provenance.notes if note.startswith(GONE)]


def test_records_of_a_body_that_was_no_more_are_noted_until_restated():
    # The Royal Liverpool (RQ6) has been part of LUHFT (REM) since 1 October 2019.
    grant = lhp.Grant(reference="G1", lead="RQ6", submitted_on="2023-05-01", outcome="unsuccessful")
    study = lhp.Study(study_id="S1", lead="RQ6", registered_on="2023-05-01")
    options = {"period": AFTER, "partnership": LHP}
    tallies = [
        lhp.tally_grants([grant], by=("lead", "funder"), **options),
        lhp.tally_registrations([study], **options),
        lhp.RegistrationTally.from_counts({"RQ6": 1, "REM": 2}, **options),
    ]

    for tally in tallies:
        assert notes_of_bodies_gone(tally) == [
            f"{GONE}RLBUHT (RQ6) to REM on 1 Oct 2019. tally.restate(partnership) counts them for "
            "their successors."
            if "REM" not in tally
            else f"{GONE}RLBUHT (RQ6) to LUHFT (REM) on 1 Oct 2019. tally.restate(partnership) "
            "counts them for their successors."
        ]
        assert notes_of_bodies_gone(tally.restate(LHP)) == []


@pytest.mark.parametrize(
    ("counts", "period"),
    [
        ({"RQ6": 0, "REM": 2}, AFTER),
        ({"RQ6": 1}, None),
        ({"RQ6": lhp.OutcomeCounts(successful=0, unsuccessful=0, unstated=["pending"])}, AFTER),
        ({"RQ6": 1}, lhp.Period("2019-09-30", "2020-03-31")),
    ],
)
def test_bodies_without_records_or_still_there_when_the_period_began_are_not(counts, period):
    kind = lhp.RegistrationTally if counts["RQ6"] in (0, 1) else lhp.GrantTally
    tally = kind.from_counts(counts, by="organisation", period=period, partnership=LHP)

    assert notes_of_bodies_gone(tally) == []


def test_records_counted_whole_are_to_be_counted_anew_for_who_followed():
    study = lhp.Study(
        study_id="S1", lead="RQ6", sites=[lhp.StudySite("REN")], registered_on="2023-05-01"
    )
    tally = lhp.tally_registrations([study], attribution="whole", period=AFTER, partnership=LHP)

    assert notes_of_bodies_gone(tally) == [
        f"{GONE}RLBUHT (RQ6) to REM on 1 Oct 2019. Counted with 'lead' or 'fractional', they can "
        "be restated."
    ]


def test_a_body_that_gave_parts_away_is_not_gone():
    tally = lhp.RegistrationTally.from_counts({"RBS": 1}, period=AFTER, partnership=SPLIT)

    assert notes_of_bodies_gone(tally) == []
