"""What every change from one period to the next makes of bodies that followed one another."""

import attrs
import pandas as pd
import pytest

import lhp_metrics as lhp

PARTNERS = lhp.liverpool_health_partners()
OLD, NEW = lhp.Period.financial_year("2018-19"), lhp.Period.financial_year("2020-21")
# RQ6 was acquired by REM on 1 October 2019: CQC, provider REM, inspection summary of 30 May 2025.
MERGED = "RLBUHT (RQ6) to LUHFT (REM) on 1 Oct 2019"


def grants(period, *leads):
    return [
        lhp.Grant(
            reference=f"{period}-{n}",
            submitted_on=period.start,
            decided_on=period.end,
            outcome="successful" if n % 2 else "unsuccessful",
            lead=lead,
            amount_requested=1000 + n,
        )
        for n, lead in enumerate(leads)
    ]


def grant_tally(period, *leads):
    return lhp.tally_grants(
        grants(period, *leads), by="organisation", period=period, partnership=PARTNERS
    )


def registration_tally(period, *leads):
    studies = [
        lhp.Study(study_id=f"{period}-{n}", registered_on=period.start, lead=lead)
        for n, lead in enumerate(leads)
    ]
    return lhp.tally_registrations(studies, period=period, partnership=PARTNERS)


def setup_tally(period, *leads):
    studies = [
        lhp.Study(
            study_id=f"{period}-{n}",
            hra_approval_on=period.start,
            lead=lead,
            sites=[lhp.StudySite(lead, opened_on=period.start.replace(month=6))],
        )
        for n, lead in enumerate(leads)
    ]
    return lhp.tally_setup(
        studies,
        clock="hra-approval-to-open",
        by="organisation",
        period=period,
        as_of=period.end,
        partnership=PARTNERS,
    )


def share_of_pounds(before, after, **options):
    return lhp.share_change(before, after, of="pounds_requested", **options)


CHANGES = pytest.mark.parametrize(
    ("change", "tally"),
    [
        (lhp.registration_change, registration_tally),
        (lhp.setup_change, setup_tally),
        (lhp.share_change, registration_tally),
        (lhp.share_change, grant_tally),
        (share_of_pounds, grant_tally),
        (lhp.success_rate_change, grant_tally),
    ],
)


@CHANGES
def test_a_change_across_a_merger_is_refused_until_restated_or_told_to_ignore_it(change, tally):
    before = tally(OLD, "REM", "REM", "RQ6", "RQ6", "RQ6", "REN")
    after = tally(NEW, "REM", "REM", "REM", "REN")

    with pytest.raises(lhp.InvalidInputError) as caught:
        change(before, after)
    restated = change(before.restate(PARTNERS), after.restate(PARTNERS))
    ignored = change(before, after, lineage="ignore")

    assert str(caught.value) == (
        f"between the tallies work passed from one body to another: {MERGED}. "
        "Restate both, tally.restate(partnership), or say lineage='ignore'"
    )
    assert sorted(row.key for row in restated) == ["REM", "REN"]
    assert "Restated: RQ6 as REM." in restated.provenance.notes
    assert sorted(row.key for row in ignored) == ["REM", "REN", "RQ6"]
    assert f"Not allowed for: {MERGED}." in ignored.provenance.notes


@CHANGES
def test_without_a_body_that_followed_another_nothing_is_refused_or_noted(change, tally):
    before, after = tally(OLD, "REN", "REN", "RET"), tally(NEW, "REN", "RET", "RET")

    notes = change(before, after).provenance.notes

    assert not [note for note in notes if "Not allowed for" in note]


@CHANGES
def test_a_body_that_closed_without_a_successor_is_noted(change, tally):
    # RY1 closed on 31 March 2018; no successor is confirmed.
    before = tally(lhp.Period.financial_year("2017-18"), "RY1", "REN", "REN")
    after = tally(lhp.Period.financial_year("2018-19"), "REN", "REN")

    closed = "Not allowed for: Liverpool Community Health (RY1) closed on 1 Apr 2018."
    assert closed in change(before, after).provenance.notes


@CHANGES
def test_an_unknown_lineage_is_refused(change, tally):
    with pytest.raises(lhp.InvalidInputError, match="lineage must be one of 'refuse', 'ignore'"):
        change(tally(OLD, "REN"), tally(NEW, "REN"), lineage="restate")


def test_applications_of_a_frame_remember_their_mergers_as_records_do():
    records = grants(OLD, "REM", "RQ6")
    rows = [attrs.asdict(grant) for grant in records]
    kept = ("reference", "submitted_on", "decided_on", "outcome", "lead")
    frame = pd.DataFrame([{name: row[name] for name in kept} for row in rows])

    counted = lhp.tally_grants(frame, by="lead", period=OLD, partnership=PARTNERS)

    assert counted.successions == PARTNERS.successions
    with pytest.raises(lhp.InvalidInputError, match="work passed from one body to another"):
        lhp.success_rate_change(
            counted,
            lhp.tally_grants(grants(NEW, "REM"), by="lead", period=NEW, partnership=PARTNERS),
        )


def test_applications_counted_elsewhere_and_read_with_a_partnership_remember_theirs():
    counts = {"REM": {"successful": 1, "unsuccessful": 1, "pending": 0}}
    period = {"start": "2020-04-01", "end": "2021-03-31"}
    document = {"by": "organisation", "period": period, "counts": counts}

    read = lhp.GrantTally.from_json(document, partnership=PARTNERS)

    assert read.successions == PARTNERS.successions
    again = lhp.GrantTally.from_json(read.to_json())
    assert again.successions == PARTNERS.successions


def test_printed_applications_of_bodies_that_followed_one_another_are_not_compared():
    counts = lhp.OutcomeCounts(successful=4, unsuccessful=6)
    frame = pd.DataFrame({"organisation": ["LUHFT"], "successful": [4], "unsuccessful": [6]})
    known = {"by": "organisation", "partnership": PARTNERS}

    before = lhp.GrantTally.from_counts({"RLBUHT": counts}, period=OLD, **known)
    after = lhp.GrantTally.from_frame(frame, period=NEW, **known)

    assert (before.keys, before.name_of("RQ6"), after.keys) == (("RQ6",), "RLBUHT", ("REM",))
    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.success_rate_change(before, after)
    assert MERGED in str(caught.value)
