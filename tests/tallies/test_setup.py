import datetime as dt
import pickle

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lhp_metrics as lhp
from setup_histories import histories, site, study
from strategies import study_lists

APPROVAL_TO_OPEN = lhp.clock("hra-approval-to-open")
AT_EACH_SITE = attrs.evolve(APPROVAL_TO_OPEN, version="own", level="site", site="each")
DAY = dt.date(2024, 6, 30)


def each_site(studies, as_of=DAY, **options):
    return lhp.tally_setup(studies, clock=AT_EACH_SITE, as_of=as_of, **options)


@given(histories(), st.sampled_from(["organisation", "month", None]))
def test_every_clock_is_counted_or_stands_excluded_with_its_reason(studies, by):
    tally = each_site(studies, by=by)

    assert tally.rows_in == sum(max(len(s.sites), 1) for s in studies)
    assert tally.total.started == tally.counted
    assert tally.rows_in == tally.counted + sum(tally.excluded.values())
    if by is not None:
        assert sum(tally[key].started for key in tally) == tally.total.started
        for values in tally.columns.values():
            assert np.array_equal(values[:-1].sum(axis=0), values[-1])


@settings(max_examples=25)
@given(study_lists(max_size=6), st.sampled_from(lhp.clocks()))
def test_conservation_holds_for_any_studies_and_clock(studies, clock):
    tally = lhp.tally_setup(studies, clock=clock, as_of="2023-01-01", by=None, faults="exclude")

    assert tally.total.started + sum(tally.excluded.values()) == tally.rows_in


@given(histories(), st.integers(0, 12))
def test_adding_tallies_equals_pooling_the_studies(studies, at):
    parts = [each_site(part) for part in (studies[:at], studies[at:])]

    pooled = lhp.combine(parts, disjoint=True)

    whole = each_site(studies)
    assert attrs.evolve(pooled, notes=()) == attrs.evolve(whole, notes=())


@given(histories())
def test_adjoining_periods_add_up_to_the_whole(studies):
    first, last = lhp.Period("2024-01-01", "2024-03-31"), lhp.Period("2024-04-01", "2024-06-30")

    both = each_site(studies, period=first) + each_site(studies, period=last)
    whole = each_site(studies, period=lhp.Period("2024-01-01", "2024-06-30"))

    assert both.period == whole.period
    assert both.keys == whole.keys
    for name, values in whole.columns.items():
        assert np.array_equal(both.columns[name], values)


@given(histories(), st.integers(1, 300))
def test_a_later_day_never_raises_the_number_at_risk_of_what_had_finished(studies, later):
    finished = [
        study
        for study in studies
        if study.sites and all(s.opened_on and s.opened_on <= DAY for s in study.sites)
    ]

    then, now = (each_site(finished, day) for day in (DAY, DAY + dt.timedelta(days=later)))

    assert then.total.unfinished == now.total.unfinished == 0
    assert np.array_equal(then.columns["finished"], now.columns["finished"])


@given(histories(), st.integers(1, 300))
def test_a_later_day_never_lowers_what_is_known(studies, later):
    then, now = (each_site(studies, day) for day in (DAY, DAY + dt.timedelta(days=later)))

    def at_risk(tally, day):
        leaving = tally.columns["finished"][-1] + tally.columns["unfinished"][-1]
        return leaving[day:].sum()

    assert all(at_risk(then, day) <= at_risk(now, day) for day in range(200))
    assert now.total.finished >= then.total.finished
    assert now.columns["due"][-1] >= then.columns["due"][-1]


@given(histories())
def test_regrouping_adds_up_the_sites(studies):
    tally = each_site(studies)
    if not {"REM", "REN"} <= set(tally):
        return

    grouped = tally.regroup({"Royal site": ["REM", "REN"]})

    alone = each_site(
        [attrs.evolve(s, sites=[x for x in s.sites if x.organisation != "RET"]) for s in studies]
    )
    assert grouped["Royal site"] == alone.total
    assert grouped.total == tally.total


def test_a_clock_of_studies_takes_the_first_site_that_gets_there():
    one = study("S1", "2024-01-01", site("REM", "2024-03-01"), site("REN", "2024-02-10"))

    tally = lhp.tally_setup([one], clock=APPROVAL_TO_OPEN, as_of=DAY, by=None)

    assert np.flatnonzero(tally.columns["finished"][-1]).tolist() == [40]


def test_a_clock_of_the_lead_site_waits_for_the_lead():
    lead = attrs.evolve(APPROVAL_TO_OPEN, version="own", site="lead")
    one = study(
        "S1", "2024-01-01", site("REM", "2024-03-01"), site("REN", "2024-02-10"), lead="REM"
    )
    none = study("S2", "2024-01-01", site("REN"))
    elsewhere = study("S3", "2024-01-01", site("REN"), lead="REM")

    tally = lhp.tally_setup([one, none, elsewhere], clock=lead, as_of=DAY, by="lead")

    assert np.flatnonzero(tally.columns["finished"][-1]).tolist() == [60]
    assert tally.excluded == {"no lead site named": 1, "the lead is not among the sites": 1}


def test_shared_studies_need_an_attribution_and_sites_refuse_one():
    shared = study("S1", "2024-01-01", site("REM"), site("REN", "2024-02-10"), lead="REM")

    with pytest.raises(lhp.InvalidInputError, match="say attribution='lead' or 'whole'"):
        lhp.tally_setup([shared], clock=APPROVAL_TO_OPEN, as_of=DAY)
    whole = lhp.tally_setup([shared], clock=APPROVAL_TO_OPEN, as_of=DAY, attribution="whole")
    assert whole["REM"].finished == whole["REN"].finished == whole.total.finished == 1
    assert whole.overlapping
    with pytest.raises(lhp.InvalidInputError, match="a clock cannot run by parts"):
        lhp.tally_setup([shared], clock=APPROVAL_TO_OPEN, as_of=DAY, attribution="fractional")
    with pytest.raises(lhp.InvalidInputError, match="attribution is for clocks of whole studies"):
        each_site([shared], attribution="lead")
    sites = each_site([shared])
    assert (sites["REM"].unfinished, sites["REN"].finished) == (1, 1)


def test_a_site_that_closed_without_opening_waits_no_longer():
    given_up = study("S1", "2024-01-01", site("REM", closed_on="2024-01-31"))

    tally = each_site([given_up])

    assert tally["REM"] == lhp.SetupCounts(finished=0, unfinished=1, closed=1)
    assert np.flatnonzero(tally.columns["unfinished"][-1]).tolist() == [30]
    assert tally.columns["due"][-1] == 0
    assert "1 closed without opened_on" in tally.to_table().provenance.footnote()


def test_each_study_left_out_has_its_reason():
    commercial = lhp.clock("submission-to-first-participant")
    begun = {"regulatory_submission_on": "2024-01-01", "sites": ["REM"]}
    studies = [
        lhp.Study(study_id=1, commercial=True, study_type="ctimp ", **begun),
        lhp.Study(study_id=2, commercial=False, study_type="CTIMP", **begun),
        lhp.Study(study_id=3, study_type="CTIMP", **begun),
        lhp.Study(study_id=4, commercial=True, **begun),
        lhp.Study(study_id=5, commercial=True, study_type="Device", **begun),
        lhp.Study(study_id=6, commercial=True, study_type="CTIMP", sites=["REM"]),
        lhp.Study(study_id=7, commercial=True, study_type="Drug trial", **begun),
        lhp.Study(
            study_id=8, commercial=True, study_type="CTIMP", regulatory_submission_on="2024-07-01"
        ),
    ]

    tally = lhp.tally_setup(
        studies, clock=commercial, as_of=DAY, study_types={"drug  trial": "CTIMP"}
    )

    assert tally["REM"].started == 2
    assert tally.excluded == {
        "not commercial": 1,
        "commercial or not: not stated": 1,
        "study_type not stated": 1,
        "study_type not CTIMP": 1,
        "no regulatory_submission_on": 1,
        "not started by 30 Jun 2024": 1,
    }


def test_an_end_before_its_start_or_without_one_is_named_or_left_out():
    studies = [
        study("S1", "2024-03-01", site("REM", "2024-02-01")),
        study("S2", None, site("REN", "2024-02-01")),
        study("S3", "2024-01-01", site("RET", "2024-02-01")),
    ]

    with pytest.raises(lhp.InvalidInputError) as caught:
        each_site(studies)
    assert str(caught.value) == (
        "study 'S1' at REM: opened_on (2024-02-01) is before hra_approval_on (2024-03-01), "
        "study 'S2' at REN: opened_on is 2024-02-01 but hra_approval_on is not given; "
        "mend them, or say faults='exclude'"
    )
    tally = each_site(studies, faults="exclude")
    assert tally.total.started == 1
    assert tally.excluded == {
        "opened_on before hra_approval_on": 1,
        "no hra_approval_on, though opened_on is given": 1,
    }


def test_a_day_before_the_first_event_leaves_everything_unfinished_or_not_started():
    studies = [study("S1", "2024-01-01", site("REM", "2024-03-01")), study("S2", "2024-05-01")]

    tally = lhp.tally_setup(studies, clock=APPROVAL_TO_OPEN, as_of="2024-02-01", by=None)
    before_all = lhp.tally_setup(studies, clock=APPROVAL_TO_OPEN, as_of="2023-02-01", by=None)

    assert tally.total == lhp.SetupCounts(finished=0, unfinished=1)
    assert "No clock had ended by 1 Feb 2024." in tally.notes
    assert before_all.excluded == {"not started by 1 Feb 2023": 2}
    assert str(lhp.setup_times(before_all).total.median) == "–"
    assert str(lhp.setup_times(tally).total.median) == "not reached (0 to not reached)"


def test_a_field_that_no_record_has_is_said():
    tally = each_site([study("S1", "2024-01-01", site("REM"))])

    assert "No record has opened_on." in tally.notes


def test_recruiting_without_opening_is_refused_where_it_is_written():
    with pytest.raises(lhp.InvalidInputError, match="recruited is 3 but opened_on is not given"):
        lhp.StudySite("REM", recruited=3)
    with pytest.raises(lhp.InvalidInputError, match="target must be at least 0; got -5"):
        lhp.StudySite("REM", target=-5)
    with pytest.raises(lhp.InvalidInputError, match=r"planned_closing_on .* is before opened_on"):
        lhp.StudySite("REM", opened_on="2024-02-01", planned_closing_on="2024-01-01")


def test_due_are_those_whose_target_has_passed():
    # The target is 60 days: day 60 itself is in time, and due on the as-of date.
    approved = DAY - dt.timedelta(days=60)
    studies = [
        study("on its last day", approved, site("REM", DAY)),
        study("one day younger", approved + dt.timedelta(days=1), site("REM", DAY)),
        study("late", "2024-01-01", site("REM", "2024-03-02")),
    ]

    tally = each_site(studies)

    assert tally.columns["due"].tolist() == [2, 2]
    assert tally.columns["within"].tolist() == [1, 1]


def test_tallies_of_different_clocks_or_days_are_not_mixed():
    one = each_site([study("S1", "2024-01-01", site())])

    for other in (
        each_site([], as_of="2024-07-01"),
        lhp.tally_setup([], clock=attrs.evolve(AT_EACH_SITE, target_days=40), as_of=DAY),
    ):
        with pytest.raises(lhp.InvalidInputError, match=r"the tallies differ in (as_of|clock)"):
            lhp.combine([one, other], disjoint=True)


def test_a_tally_prints_compares_and_survives_pickling():
    tally = each_site([study("S1", "2024-01-01", site("REM", "2024-02-01"))])

    assert pickle.loads(pickle.dumps(tally)) == tally  # noqa: S301
    assert "hra-approval-to-open (own): hra_approval_on to opened_on, each site" in " ".join(
        str(tally).split()
    )
    assert tally.to_table()["REM"].finished == 1


def test_counting_by_names_of_a_partnership():
    tally = each_site(
        [study("S1", "2024-01-01", site("The Walton Centre", "2024-02-01"))],
        partnership=lhp.liverpool_health_partners(),
    )

    assert tally.keys == ("RET",)
    assert tally.name_of("RET") == "Walton"


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"clock": 60}, lhp.InvalidTypeError, "clock must be a Clock or the name of one; got 60"),
        ({"clock": "hra"}, lhp.NotFoundError, "no clock is named 'hra'"),
        ({"as_of": None}, lhp.InvalidTypeError, "as_of must be a date"),
        ({"as_of": "June"}, lhp.InvalidInputError, "as_of must be a date such as 2024-03-31"),
        ({"faults": "skip"}, lhp.InvalidInputError, "faults must be one of 'error', 'exclude'"),
        ({"period": "2024"}, lhp.InvalidTypeError, "period must be a Period"),
        ({"study_types": {1: "CTIMP"}}, lhp.InvalidTypeError, "study_types must map spellings"),
        ({"by": "sponsr"}, lhp.InvalidInputError, "cannot count by 'sponsr'; did you mean"),
    ],
)
def test_bad_options_are_named(options, error, message):
    studies = [study("S1", "2024-01-01", site())]

    with pytest.raises(error, match=message):
        lhp.tally_setup(studies, **({"clock": AT_EACH_SITE, "as_of": DAY} | options))


def test_records_that_are_none_or_stand_twice_are_refused():
    with pytest.raises(lhp.InvalidTypeError, match="record 0 must be a Study"):
        each_site(["S1"])
    with pytest.raises(lhp.InvalidInputError, match="each study_id must stand once"):
        each_site([study(), study()])


def test_types_that_a_clock_is_not_for_are_left_out_however_they_are_spelt():
    clock = attrs.evolve(APPROVAL_TO_OPEN, version="own", not_study_types=["ATIMP"])
    kinds = {"S1": " atimp ", "S2": "CTIMP", "S3": None, "S4": "Advanced therapy"}
    studies = [study(name, study_type=kind) for name, kind in kinds.items()]

    tally = lhp.tally_setup(
        studies, clock=clock, as_of=DAY, by=None, study_types={"advanced  Therapy": "ATIMP"}
    )

    assert tally.counted == 2
    assert sum(tally.excluded.values()) == 2
    assert "study_type Advanced therapy" in tally.excluded
