"""Whatever is asked of a tally reaches it, from records, frames, counts and JSON alike."""

import datetime as dt

import attrs
import polars as pl
import pytest

import lhp_metrics as lhp
from hospitals import hospitals
from lhp_metrics.tallies._lineage import successions_between

YEAR = lhp.Period.financial_year("2023-24")
SPAN = {"start": "2023-04-01", "end": "2024-03-31"}
LHP = lhp.liverpool_health_partners()
NAMES = {"REM": "LUHFT", "REN": "Clatterbridge", "REP": "Liverpool Women's"}
HOUSE = {"Royal": "LUHFT", "Women's": "REP"}


def said(tally):
    """Return all that a tally knows but for its counts."""
    fields = {field.name: getattr(tally, field.name) for field in attrs.fields(type(tally))}
    del fields["columns"]
    return fields | {name: dict(fields[name]) for name in ("excluded", "names")}


def date(text):
    return None if text is None else dt.date.fromisoformat(text)


def knows(**fields):
    """Return what a tally knows of which nothing else was said."""
    nothing = {
        "period": None,
        "dated_by": None,
        "as_of": None,
        "attribution": None,
        "overlapping": False,
        "names": {},
        "excluded": {},
        "rules": (),
        "notes": (),
        "exposure_unit": None,
        "successions": (),
    }
    return nothing | fields


# Counts


def test_published_counts_of_grants_know_all_that_was_said_of_them():
    keys = (
        (lhp.Period.month("2023-11"), "Liverpool Women's"),
        (
            lhp.Period.month("2023-12"),
            "LUHFT",
        ),
    )
    counts = {
        keys[0]: lhp.OutcomeCounts(successful=1, unsuccessful=2, pending=3),
        keys[1]: lhp.OutcomeCounts(decided=4, pending=5, withdrawn=6, not_considered=7),
    }
    frame = pl.DataFrame(
        {
            "month": ["2023-11", "2023-12"],
            "Trust": ["Liverpool Women's", "LUHFT"],
            "Funded": [1, None],
            "unsuccessful": [2, None],
            "pending": [3, 5],
            "withdrawn": [0, 6],
            "not_considered": [0, 7],
            "decided": [None, 4],
        }
    )
    options = {
        "by": ("month", "organisation"),
        "period": YEAR,
        "dated_by": "decided_on",
        "as_of": "2024-06-30",
        "partnership": LHP,
    }

    tally = lhp.GrantTally.from_counts(counts, **options)
    framed = lhp.GrantTally.from_frame(
        frame, columns={"Trust": "organisation", "Funded": "successful"}, **options
    )

    for each in (tally, framed):
        assert said(each) == knows(
            by=("month", "organisation"),
            keys=((keys[0][0], "REP"), (keys[1][0], "REM")),
            rows_in=28,
            period=YEAR,
            dated_by="decided_on",
            as_of=dt.date(2024, 6, 30),
            names={"REP": "Liverpool Women's", "REM": "LUHFT"},
            successions=LHP.successions,
        )
        assert [each[key] for key in each] == list(counts.values())
    assert framed == tally


def test_published_counts_of_registrations_know_all_that_was_said_of_them():
    counts = {"Liverpool Women's": 3, "LUHFT": 4}
    options = {"period": YEAR, "partnership": LHP, "attribution": "whole", "total": 5}
    frame = pl.DataFrame({"Trust": list(counts), "registrations": list(counts.values())})
    document = {"counts": counts, "period": SPAN, "attribution": "whole", "total": 5}

    tallies = [
        lhp.RegistrationTally.from_counts(counts, by="organisation", **options),
        lhp.RegistrationTally.from_frame(frame, columns={"Trust": "organisation"}, **options),
        lhp.RegistrationTally.from_json(document, partnership=LHP),
    ]

    for each in tallies:
        assert said(each) == knows(
            by=("organisation",),
            keys=("REP", "REM"),
            rows_in=5,
            period=YEAR,
            dated_by="registered_on",
            attribution="whole",
            overlapping=True,
            names={"REP": "Liverpool Women's", "REM": "LUHFT"},
            successions=LHP.successions,
        )
        assert (each["REP"], each["REM"], each.total) == (3, 4, 5)


def test_counts_of_grants_in_json_know_all_that_was_said_of_them():
    counts = {"successful": 1, "unsuccessful": 2, "pending": 3}
    document = {
        "by": "lead",
        "period": SPAN,
        "dated_by": "decided_on",
        "as_of": "2024-06-30",
        "counts": {"LUHFT": counts | {"withdrawn": 4}},
    }

    tally = lhp.GrantTally.from_json(document, partnership=LHP)

    assert said(tally) == knows(
        by=("lead",),
        keys=("REM",),
        rows_in=10,
        period=YEAR,
        dated_by="decided_on",
        as_of=dt.date(2024, 6, 30),
        names={"REM": "LUHFT"},
        successions=LHP.successions,
    )
    assert tally.to_table().provenance.notes == (
        "Applications not considered are not stated, and none are counted.",
    )


@pytest.mark.parametrize(
    ("kind", "count", "by", "dated_by"),
    [
        (lhp.GrantTally, {"successful": 1, "unsuccessful": 2, "pending": 3}, "group", None),
        (lhp.RegistrationTally, 7, "organisation", "registered_on"),
    ],
)
def test_what_was_not_said_of_counts_is_not_known(kind, count, by, dated_by):
    tally = kind.from_json({"counts": {"A": count}})
    given = lhp.OutcomeCounts(**count) if isinstance(count, dict) else count
    columns = count if isinstance(count, dict) else {"registrations": count}
    expected = knows(by=(by,), keys=("A",), rows_in=tally.rows_in, dated_by=dated_by)

    frame = pl.DataFrame({by: ["A"]} | {name: [n] for name, n in columns.items()})
    for each in (kind.from_counts({"A": given}), kind.from_frame(frame), tally):
        assert said(each) == expected


# Records, and frames that hold them

TRUSTS = {"REM": "Royal", "REP": "Women's", "REN": "REN"}
WON, LOST, OPEN = "successful", "unsuccessful", "pending"
GRANTS = {
    # reference: submitted, decided, outcome, funder, stage, resubmission of, organisations
    "G1": ("2022-05-01", "2023-05-01", WON, "n.i.h.r.", "full", None, ["REM", "REP"]),
    "G2": ("2023-05-01", "2023-06-01", WON, "NIHR", "outline", None, ["REM"]),
    "G3": ("2024-07-01", "2024-07-02", WON, "NIHR", "full", None, ["REM"]),
    "G4": ("2023-05-01", None, LOST, "NIHR", "full", None, ["REM"]),
    "G5": ("2023-05-01", None, OPEN, "NIHR", "full", None, ["REM"]),
    "G6": ("2022-05-01", "2022-12-01", WON, "NIHR", "full", None, ["REM"]),
    "G7": ("2023-05-01", "2023-08-01", LOST, "Wellcome", None, "G8", ["REN"]),
    "G8": ("2022-05-01", "2023-05-01", LOST, "NIHR", "full", None, ["REN"]),
}


def grant_records():
    return [
        lhp.Grant(
            reference=name,
            submitted_on=submitted,
            decided_on=decided,
            outcome=outcome,
            funder=funder,
            stage=stage,
            resubmission_of=first,
            lead=bodies[0],
            partners=bodies,
        )
        for name, (submitted, decided, outcome, funder, stage, first, bodies) in GRANTS.items()
    ]


def grant_frame():
    rows = [
        {
            "ID": name,
            "submitted_on": date(submitted),
            "decided_on": date(decided),
            "outcome": "Funded" if outcome == WON else outcome,
            "funder": funder,
            "stage": stage,
            "resubmission_of": first,
            "organisation": TRUSTS[body],
        }
        for name, (submitted, decided, outcome, funder, stage, first, bodies) in GRANTS.items()
        for body in bodies
    ]
    strange = rows[0] | {"ID": "G9", "outcome": "lost in the post", "organisation": "Elsewhere"}
    abroad = rows[-2] | {"ID": "G0", "resubmission_of": None, "organisation": "Elsewhere"}
    return pl.DataFrame([*rows, strange, abroad])


def test_all_options_of_grants_reach_their_tally():
    options = {
        "by": ("funder", "organisation"),
        "period": YEAR,
        "dated_by": "decided_on",
        "as_of": "2024-06-30",
        "undated": "exclude",
        "attribution": "whole",
        "partnership": LHP,
        "stages": ["not stated", "full"],
        "resubmissions": "latest",
        "funders": {"N.I.H.R.": "NIHR"},
        "unknown_funders": "other",
    }
    expected = knows(
        by=("funder", "organisation"),
        keys=(("NIHR", "REM"), ("NIHR", "REP"), ("other", "REN")),
        rows_in=8,
        excluded={
            "submitted after 30 Jun 2024": 1,
            "stage outline": 1,
            "resubmitted later": 1,
            "outcome without decided_on": 1,
            "no decision yet": 1,
            "decided_on outside the period": 1,
        },
        period=YEAR,
        dated_by="decided_on",
        as_of=dt.date(2024, 6, 30),
        attribution="whole",
        overlapping=True,
        names=NAMES,
        rules=(
            "Stages: full, not stated.",
            "Resubmissions count once, as the latest application.",
        ),
        successions=LHP.successions,
    )

    tally = lhp.tally_grants(grant_records(), **options)
    framed = lhp.tally_grants(
        grant_frame(),
        columns={"ID": "reference"},
        outcomes={"Funded": "successful"},
        organisations=HOUSE,
        unknown="other",
        **options,
    )

    assert said(tally) == expected
    assert list(tally.excluded) == list(expected["excluded"])
    assert tally["NIHR", "REP"] == lhp.OutcomeCounts(successful=1, unsuccessful=0)
    # The frame has two more: of an outcome, and of an organisation, that no map has.
    assert said(framed) == expected | {
        "keys": (("NIHR", "REM"), ("NIHR", "REP"), ("other", "REN"), ("other", "other")),
        "rows_in": 10,
        "excluded": {"outcome not known": 1} | expected["excluded"],
    }
    assert framed["other", "other"] == lhp.OutcomeCounts(successful=0, unsuccessful=1)


def test_all_options_of_decisions_reach_their_tally():
    tally = lhp.tally_decisions(
        grant_records(),
        by=("quarter", "organisation"),
        period=lhp.Period.financial_year("2022-23"),
        as_of="2023-05-01",
        undated="exclude",
        attribution="whole",
        partnership=LHP,
        stages=["not stated", "full"],
        resubmissions="latest",
    )
    quarter = lhp.Period.quarter("2022-23", 1)

    # What was submitted on the day itself is there, and G4 has an outcome without a date.
    assert said(tally) == knows(
        by=("quarter", "organisation"),
        keys=((quarter, "REM"), (quarter, "REP")),
        rows_in=8,
        excluded={
            "submitted after 1 May 2023": 1,
            "stage outline": 1,
            "resubmitted later": 1,
            "submitted_on outside the period": 3,
        },
        period=lhp.Period.financial_year("2022-23"),
        dated_by="submitted_on",
        as_of=dt.date(2023, 5, 1),
        attribution="whole",
        overlapping=True,
        names={"REM": "LUHFT", "REP": "Liverpool Women's"},
        rules=(
            "Stages: full, not stated.",
            "Resubmissions count once, as the latest application.",
        ),
        successions=LHP.successions,
    )
    assert tally[quarter, "REM"] == lhp.OutcomeCounts(successful=2, unsuccessful=0)


STUDIES = {
    "S1": ("2023-05-01", True, ["REM", "REP"]),
    "S2": ("2023-08-01", False, ["REN"]),
    "S3": ("2024-08-01", True, ["REN"]),
}


def test_all_options_of_registrations_reach_their_tally():
    options = {
        "by": ("commercial", "organisation"),
        "period": YEAR,
        "attribution": "whole",
        "partnership": LHP,
    }
    records = [
        lhp.Study(study_id=n, registered_on=on, commercial=firm, lead=bodies[0], sites=bodies)
        for n, (on, firm, bodies) in STUDIES.items()
    ]
    rows = [
        {
            "ID": name,
            "registered_on": dt.date.fromisoformat(on),
            "commercial": firm,
            "organisation": TRUSTS[body],
        }
        for name, (on, firm, bodies) in STUDIES.items()
        for body in bodies
    ]
    frame = pl.DataFrame([*rows, rows[2] | {"ID": "S4", "organisation": "Elsewhere"}])
    expected = knows(
        by=("commercial", "organisation"),
        keys=(("commercial", "REM"), ("commercial", "REP"), ("not commercial", "REN")),
        rows_in=3,
        excluded={"registered_on outside the period": 1},
        period=YEAR,
        dated_by="registered_on",
        attribution="whole",
        overlapping=True,
        names=NAMES,
        successions=LHP.successions,
    )

    assert said(lhp.tally_registrations(records, **options)) == expected
    framed = lhp.tally_registrations(
        frame, columns={"ID": "study_id"}, organisations=HOUSE, unknown="other", **options
    )
    assert said(framed) == expected | {
        "keys": (*expected["keys"], ("not commercial", "other")),
        "rows_in": 4,
    }
    assert (framed.total, framed["not commercial", "other"]) == (3, 1)


def test_unchecked_duplicates_are_said_of_grants_and_of_studies():
    note = "Duplicates were not looked for: every row of the frame counts as one record."
    grants = pl.DataFrame({"submitted_on": [dt.date(2023, 5, 1)] * 2, "outcome": [OPEN] * 2})
    studies = pl.DataFrame({"registered_on": [dt.date(2023, 5, 1)] * 2, "lead": ["REM"] * 2})

    counted = lhp.tally_grants(grants, duplicates="unchecked")
    registered = lhp.tally_registrations(studies, duplicates="unchecked")

    assert (counted.notes, counted.total.pending) == ((note,), 2)
    assert (registered.notes, registered["REM"]) == ((note,), 2)


AT_SITES = lhp.Clock(
    "own",
    start="hra_approval_on",
    end="opened_on",
    level="site",
    site="each",
    commercial=True,
    study_types=["CTIMP", "Device"],
    target_days=60,
)
SETUP = {
    # study: approved, type, commercial, {site: (opened, closed)}
    "S1": (
        "2023-05-01",
        "Drug trial",
        True,
        {"REM": ("2023-06-01", None), "REP": (None, "2023-06-02")},
    ),
    "S2": ("2023-06-01", "device", True, {"REN": (None, None)}),
    "S3": ("2024-05-01", "CTIMP", True, {"REN": ("2024-05-02", None)}),
    "S4": ("2024-07-01", "CTIMP", True, {"REN": (None, None)}),
    "S5": ("2023-06-01", "survey", True, {"REN": (None, None)}),
    "S6": ("2023-06-01", None, True, {"REN": (None, None)}),
    "S7": ("2023-06-01", "CTIMP", False, {"REN": (None, None)}),
    "S8": ("2023-06-01", "CTIMP", None, {"REN": (None, None)}),
    "S9": (None, "CTIMP", True, {"REN": (None, None)}),
    "S10": (None, "CTIMP", True, {"REN": ("2023-06-01", None)}),
    "S11": ("2023-06-01", "CTIMP", True, {"REN": ("2023-05-31", None)}),
    "S12": ("2023-06-01", "CTIMP", True, {"REN": ("2023-06-01", None)}),
    "S13": ("2024-06-30", "CTIMP", True, {"REN": (None, None)}),
}


def setup_records():
    return [
        lhp.Study(
            study_id=name,
            hra_approval_on=approved,
            study_type=kind,
            commercial=firm,
            sites=[
                lhp.StudySite(code, opened_on=opened, closed_on=closed)
                for code, (opened, closed) in sites.items()
            ],
        )
        for name, (approved, kind, firm, sites) in SETUP.items()
    ]


def setup_frame():
    rows = [
        {
            "ID": name,
            "hra_approval_on": date(approved),
            "study_type": kind,
            "commercial": firm,
            "organisation": TRUSTS[code],
            "opened_on": date(opened),
            "closed_on": date(closed),
        }
        for name, (approved, kind, firm, sites) in SETUP.items()
        for code, (opened, closed) in sites.items()
    ]
    dates = dict.fromkeys(("hra_approval_on", "opened_on", "closed_on"), pl.Date)
    return pl.DataFrame(rows, schema_overrides=dates)


def test_all_options_of_clocks_reach_their_tally():
    options = {
        "clock": AT_SITES,
        "as_of": "2024-06-30",
        "by": ("study_type", "organisation"),
        "period": YEAR,
        "partnership": LHP,
        "study_types": {"drug  Trial": "CTIMP"},
        "faults": "exclude",
    }

    tallies = [
        lhp.tally_setup(setup_records(), **options),
        lhp.tally_setup(setup_frame(), columns={"ID": "study_id"}, organisations=HOUSE, **options),
    ]

    for tally in tallies:
        assert said(tally) == knows(
            by=("study_type", "organisation"),
            keys=(
                ("CTIMP", "REN"),
                ("Drug trial", "REM"),
                ("Drug trial", "REP"),
                ("device", "REN"),
            ),
            rows_in=14,
            excluded={
                "study_type not CTIMP or Device": 1,
                "study_type not stated": 1,
                "not commercial": 1,
                "commercial or not: not stated": 1,
                "no hra_approval_on": 1,
                "no hra_approval_on, though opened_on is given": 1,
                "hra_approval_on outside the period": 2,
                "not started by 30 Jun 2024": 1,
                "opened_on before hra_approval_on": 1,
            },
            period=YEAR,
            dated_by="hra_approval_on",
            as_of=dt.date(2024, 6, 30),
            names=NAMES,
            notes=("1 closed without opened_on: they count as unfinished on the day they closed.",),
            successions=LHP.successions,
            clock=AT_SITES,
        )
        cell = tally["CTIMP", "REN"]
        assert (cell.finished, cell.unfinished, cell.closed) == (1, 0, 0)


def test_an_unknown_site_of_a_frame_of_clocks_may_be_other():
    frame = setup_frame().head(1)

    with pytest.raises(lhp.NotFoundError, match="organisations has no entry for 'Royal'"):
        lhp.tally_setup(
            frame,
            clock=attrs.evolve(AT_SITES, study_types=()),
            as_of="2024-06-30",
            columns={"ID": "study_id"},
            organisations={"Women's": "REP"},
        )
    tally = lhp.tally_setup(
        frame,
        clock=attrs.evolve(AT_SITES, study_types=()),
        as_of="2024-06-30",
        columns={"ID": "study_id"},
        organisations={"Women's": "REP"},
        unknown="other",
    )

    assert tally.keys == ("other",)


def test_a_clock_of_whole_studies_counts_for_whom_attribution_says():
    clock = lhp.Clock("own", start="hra_approval_on", end="opened_on", level="study", site="first")
    options = {"clock": clock, "as_of": "2024-06-30", "faults": "exclude"}
    [one] = [record for record in setup_records() if record.study_id == "S1"]
    led = attrs.evolve(one, lead="REP")

    whole = lhp.tally_setup([led], attribution="whole", **options)
    lead = lhp.tally_setup([led], attribution="lead", **options)

    assert (whole.keys, whole.attribution, whole.overlapping) == (("REM", "REP"), "whole", True)
    assert (lead.keys, lead.attribution, lead.overlapping) == (("REP",), "lead", False)
    assert not lhp.tally_setup([led], by=None, attribution="whole", **options).overlapping


# Arguments are named when they are wrong

COUNTS = {"A": lhp.OutcomeCounts(successful=1, unsuccessful=2)}
FRAME = pl.DataFrame({"group": ["A"], "organisation": ["A"], "registrations": [1], "decided": [1]})
CALLS = {
    "tally_grants": lambda **options: lhp.tally_grants(grant_records()[:1], **options),
    "tally_decisions": lambda **options: lhp.tally_decisions(
        grant_records()[:1], **({"as_of": "2024-06-30"} | options)
    ),
    "tally_registrations": lambda **options: lhp.tally_registrations(
        [lhp.Study(study_id="S1", registered_on="2023-05-01", lead="REM")], **options
    ),
    "tally_setup": lambda **options: lhp.tally_setup(
        setup_records()[1:2],
        **({"clock": "hra-approval-to-open", "as_of": "2024-06-30"} | options),
    ),
    "framed grants": lambda **options: lhp.tally_grants(
        grant_frame().filter(pl.col("ID") == "G5"),
        **({"columns": {"ID": "reference"}} | options),
    ),
    "framed studies": lambda **options: lhp.tally_registrations(
        pl.DataFrame({"study_id": ["S1"], "registered_on": [dt.date(2023, 5, 1)], "lead": ["REM"]}),
        **options,
    ),
    "framed clocks": lambda **options: lhp.tally_setup(
        setup_frame().filter(pl.col("ID") == "S2"),
        **({"clock": AT_SITES, "as_of": "2024-06-30", "columns": {"ID": "study_id"}} | options),
    ),
    "counts of grants": lambda **options: lhp.GrantTally.from_counts(COUNTS, **options),
    "counts of studies": lambda **options: lhp.RegistrationTally.from_counts({"A": 1}, **options),
    "frame of grants": lambda **options: lhp.GrantTally.from_frame(FRAME, **options),
    "frame of studies": lambda **options: lhp.RegistrationTally.from_frame(FRAME, **options),
}
RECORDS = ["tally_grants", "tally_decisions", "tally_registrations", "tally_setup"]
FRAMES = ["framed grants", "framed studies", "framed clocks"]
PUBLISHED = ["counts of grants", "counts of studies", "frame of grants", "frame of studies"]
WRONG = [
    (
        [*RECORDS, *FRAMES, *PUBLISHED],
        {"period": "2023-24"},
        "period must be a Period; got '2023-24'",
    ),
    (
        [*RECORDS, *FRAMES, *PUBLISHED],
        {"by": 7},
        "by must be a collection of names; got 7",
    ),
    (
        [*RECORDS, *FRAMES, *PUBLISHED],
        {"by": ("lead", 7)},
        "a name in by must be a str; got int",
    ),
    (
        [*RECORDS, *FRAMES, *PUBLISHED],
        {"by": ("lead", "lead")},
        "by must not repeat a name; got ('lead', 'lead')",
    ),
    (
        ["tally_grants", "tally_registrations", "framed grants", "framed studies"],
        {"attribution": "half"},
        "attribution must be one of 'lead', 'whole', 'fractional'; got 'half'",
    ),
    (
        ["counts of studies", "frame of studies"],
        {"attribution": "half"},
        "attribution must be one of 'lead', 'whole', 'fractional'; got 'half'",
    ),
    (
        ["tally_decisions"],
        {"attribution": "fractional"},
        "attribution must be one of 'lead', 'whole'; got 'fractional'",
    ),
    (
        ["tally_grants", "tally_decisions", "tally_setup", "framed grants", "framed clocks"],
        {"as_of": "June"},
        "as_of must be a date such as 2024-03-31; got 'June'",
    ),
    (
        ["counts of grants", "frame of grants"],
        {"as_of": 2024},
        "as_of must be a date; got 2024",
    ),
    (
        ["tally_decisions"],
        {"as_of": None},
        "as_of must be a date: on which day was it known what is pending?",
    ),
    (
        ["tally_setup", "framed clocks"],
        {"as_of": None},
        "as_of must be a date: on which day were the clocks read?",
    ),
    (
        ["tally_grants", "framed grants"],
        {"dated_by": "decided"},
        "dated_by must be one of 'submitted_on', 'decided_on'; got 'decided'",
    ),
    (
        ["tally_grants", "framed grants"],
        {"undated": "lost"},
        "undated must be one of 'error', 'decided', 'pending', 'exclude'; got 'lost'",
    ),
    (
        ["tally_decisions"],
        {"undated": "pending"},
        "undated must be one of 'error', 'exclude'; got 'pending'",
    ),
    (
        ["tally_grants", "tally_decisions", "framed grants"],
        {"resubmissions": "once"},
        "resubmissions must be one of 'each', 'latest'; got 'once'",
    ),
    (
        ["tally_grants", "framed grants"],
        {"unknown_funders": "drop"},
        "unknown_funders must be one of 'error', 'keep', 'other'; got 'drop'",
    ),
    (
        ["tally_grants", "tally_decisions", "framed grants"],
        {"stages": 7},
        "stages must be a collection of names; got 7",
    ),
    (
        ["tally_setup", "framed clocks"],
        {"faults": "skip"},
        "faults must be one of 'error', 'exclude'; got 'skip'",
    ),
    (
        ["tally_setup", "framed clocks"],
        {"clock": 60},
        "clock must be a Clock or the name of one; got 60",
    ),
    (
        ["tally_setup", "framed clocks"],
        {"study_types": {"a": 1}},
        "study_types must map spellings to types; got 'a': 1",
    ),
    (
        FRAMES,
        {"unknown": "drop"},
        "unknown must be one of 'error', 'other'; got 'drop'",
    ),
    (
        ["framed grants", "framed studies"],
        {"duplicates": "drop"},
        "duplicates must be one of 'error', 'unchecked'; got 'drop'",
    ),
    (
        ["tally_grants", "tally_registrations", "tally_setup"],
        {"columns": {"a": "b"}, "organisations": {}},
        "columns= and organisations= translate the columns of a data frame; records have fields",
    ),
    (
        ["tally_grants"],
        {"outcomes": {}},
        "outcomes= translate the columns of a data frame; records have fields",
    ),
    (
        [*PUBLISHED, "tally_registrations", "framed studies"],
        {"partnership": "LHP"},
        "partnership must be a Partnership; got str",
    ),
    (
        ["frame of grants", "frame of studies"],
        {"by": ()},
        "by must name the columns that tell the groups apart",
    ),
]


@pytest.mark.parametrize(
    ("call", "options", "message"),
    [
        pytest.param(call, options, message, id=f"{call} {list(options)}")
        for calls, options, message in WRONG
        for call in calls
    ],
)
def test_a_wrong_argument_is_named_in_every_call_that_takes_it(call, options, message):
    with pytest.raises((lhp.InvalidInputError, lhp.InvalidTypeError)) as caught:
        CALLS[call](**options)

    assert str(caught.value) == message


def test_every_call_takes_its_right_arguments():
    for call in CALLS.values():
        assert call().counted > 0


# What options mean, for records and frames alike

UNDATED = [
    ("A", "2023-05-01", None, "successful"),
    ("B", "2023-05-01", None, "pending"),
    ("C", "2023-05-01", "2023-09-01", "unsuccessful"),
]
UNKNOWN, YET = "outcome without decided_on", "no decision yet"


@pytest.mark.parametrize(
    ("options", "undated", "counts", "excluded"),
    [
        ({}, "error", (1, 1, 1), {}),
        ({}, "pending", (1, 1, 1), {}),
        ({}, "exclude", (1, 1, 1), {}),
        ({"as_of": "2024-03-31"}, "decided", (1, 1, 1), {}),
        ({"as_of": "2024-03-31"}, "pending", (0, 1, 2), {}),
        ({"as_of": "2024-03-31"}, "exclude", (0, 1, 1), {UNKNOWN: 1}),
        ({"as_of": "2023-09-01"}, "exclude", (0, 1, 1), {UNKNOWN: 1}),
        ({"as_of": "2023-08-31"}, "exclude", (0, 0, 2), {UNKNOWN: 1}),
        ({"as_of": "2023-05-01"}, "decided", (1, 0, 2), {}),
        ({"as_of": "2023-04-30"}, "error", (0, 0, 0), {"submitted after 30 Apr 2023": 3}),
        ({"dated_by": "decided_on"}, "pending", (0, 1, 0), {YET: 2}),
        ({"dated_by": "decided_on"}, "exclude", (0, 1, 0), {UNKNOWN: 1, YET: 1}),
        (
            {"dated_by": "decided_on", "as_of": "2023-08-31"},
            "exclude",
            (0, 0, 0),
            {UNKNOWN: 1, YET: 2},
        ),
    ],
)
def test_an_outcome_without_its_date_counts_as_it_was_asked_to(options, undated, counts, excluded):
    records = [
        lhp.Grant(reference=name, submitted_on=submitted, decided_on=decided, outcome=outcome)
        for name, submitted, decided, outcome in UNDATED
    ]
    frame = pl.DataFrame(
        [(name, date(one), date(two), outcome) for name, one, two, outcome in UNDATED],
        schema=["reference", "submitted_on", "decided_on", "outcome"],
        orient="row",
    )

    for given in (records, frame):
        tally = lhp.tally_grants(given, undated=undated, **options)
        total = tally.total
        assert (total.successful, total.unsuccessful, total.pending) == counts
        assert (tally.excluded, tally.rows_in) == (excluded, 3)


# Days from approval to the as-of date, to opening and to closing; what counts as due, within the
# target of 60 days, finished and closed.
TARGETS = {
    "on the last day": ((60, 60, None), (1, 1, 1, 0)),
    "still open": ((60, None, None), (1, 0, 0, 0)),
    "not yet due": ((59, 59, None), (0, 0, 1, 0)),
    "a day late": ((61, 61, None), (1, 0, 1, 0)),
    "gave up before": ((61, None, 59), (0, 0, 0, 1)),
    "gave up on the day": ((61, None, 60), (1, 0, 0, 1)),
    "closes today": ((61, None, 61), (1, 0, 0, 0)),
    "opens tomorrow": ((61, 62, None), (1, 0, 0, 0)),
    "opens tomorrow but closed": ((61, 62, 62), (1, 0, 0, 0)),
    "closed before it was approved": ((61, None, -3), (0, 0, 0, 1)),
    "at once": ((0, 0, None), (0, 0, 1, 0)),
    "opened and closed since": ((61, 3, 4), (1, 1, 1, 0)),
}


def test_a_target_is_met_by_its_last_day_and_asked_of_those_whose_days_are_up():
    today = dt.date(2024, 6, 30)
    clock = attrs.evolve(AT_SITES, commercial=None, study_types=())
    rows = []
    for name, ((age, opened, closed), _) in TARGETS.items():
        start = today - dt.timedelta(days=age)
        ends = [None if n is None else start + dt.timedelta(days=n) for n in (opened, closed)]
        rows.append((name, start, "REM", *ends))
    records = [
        lhp.Study(
            study_id=name,
            hra_approval_on=start,
            sites=[lhp.StudySite(code, opened_on=opened, closed_on=closed)],
        )
        for name, start, code, opened, closed in rows
    ]
    columns = ["study_id", "hra_approval_on", "organisation", "opened_on", "closed_on"]
    frame = pl.DataFrame(rows, schema=columns, orient="row", infer_schema_length=None)

    for given in (records, frame):
        tally = lhp.tally_setup(given, clock=clock, as_of=today, by="study_id")
        for name, (_, expected) in TARGETS.items():
            place = tally.keys.index(name)
            due, within = (int(tally.columns[part][place]) for part in ("due", "within"))
            cell = tally[name]
            assert (due, within, cell.finished, cell.closed) == expected, name
        early = tally.columns["unfinished"][tally.keys.index("closed before it was approved")]
        assert early.nonzero()[0].tolist() == [0]
        assert tally.columns["due"][-1] == sum(due for _, (due, *_) in TARGETS.values())


def test_organisations_change_within_keys_of_several_parts():
    year, before = YEAR, lhp.Period.financial_year("2022-23")
    tally = lhp.RegistrationTally.from_counts(
        {(year, "REM"): 1, (year, "REN"): 2, (before, "RQ6"): 4, (before, "REM"): 8},
        by=("financial_year", "lead"),
    )

    among = tally.among(["REM", "RQ6"])
    grouped = tally.regroup({"City": ["REM", "REN"]})
    restated = tally.restate(LHP)

    assert {key: among[key] for key in among} == {
        (year, "REM"): 1,
        (before, "RQ6"): 4,
        (before, "REM"): 8,
    }
    assert (among.total, among.notes) == (13, ("Among REM, RQ6 alone.",))
    assert {key: grouped[key] for key in grouped} == {
        (year, "City"): 3,
        (before, "RQ6"): 4,
        (before, "City"): 8,
    }
    assert {key: restated[key] for key in restated} == {
        (year, "REM"): 1,
        (year, "REN"): 2,
        (before, "REM"): 12,
    }
    assert restated.name_of((before, "REM")) == "2022-23 × LUHFT"


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [("2019-12-01", "2019-12-15", "RAA"), ("2019-12-01", "2019-12-16", "RBB")],
)
def test_a_name_of_two_organisations_is_that_of_the_last_day_of_the_period(start, end, code):
    old = lhp.Trust(code="RAA", names=[lhp.DatedName("City Hospital", None, "2019-12-15")])
    new = lhp.Trust(code="RBB", names=[lhp.DatedName("City Hospital", "2019-12-16")])
    partnership = lhp.Partnership("Test", [old, new])
    counts = {"City Hospital": 3}
    document = {"counts": counts, "period": {"start": start, "end": end}}

    given = lhp.RegistrationTally.from_counts(
        counts, period=lhp.Period(start, end), partnership=partnership
    )
    read = lhp.RegistrationTally.from_json(document, partnership=partnership)

    assert given.keys == read.keys == (code,)


def test_a_pair_may_be_the_key_of_one_name():
    tally = lhp.RegistrationTally.from_counts({("REM", "REN"): 3}, by="pair")

    assert lhp.RegistrationTally.from_json(tally.to_json()).keys == (("REM", "REN"),)


def test_spaces_around_a_unit_do_not_matter():
    tally = lhp.RegistrationTally.from_counts({"REM": 3})

    assert tally.with_exposure({"REM": 2.0}, unit=" bed-days ") == tally.with_exposure(
        {"REM": 2.0}, unit="bed-days"
    )


@pytest.mark.parametrize(
    ("on", "between"),
    [("2022-04-01", False), ("2022-04-02", True), ("2024-03-31", True), ("2024-04-01", False)],
)
def test_a_succession_lies_between_after_the_first_day_and_up_to_the_last(on, between):
    step = lhp.Succession(predecessor="RAA", successor="RBB", on=on, kind="merger")
    before, after = (
        lhp.RegistrationTally.from_counts({"RAA": 3}, period=lhp.Period.financial_year(year))
        for year in ("2022-23", "2023-24")
    )
    known = attrs.evolve(before, successions=(step,))

    assert successions_between(known, after) == [step] * between


def test_a_succession_that_is_applied_is_no_longer_remembered():
    step = lhp.Succession(predecessor="RAA", successor="RBB", on="2020-04-01", kind="merger")
    trusts = hospitals("RAA", "RBB")
    partnership = lhp.Partnership("Test", trusts, successions=[step])
    tally = lhp.RegistrationTally.from_counts({"RAA": 3}, partnership=partnership)

    before, then = (tally.restate(partnership, as_of=day) for day in ("2020-03-31", "2020-04-01"))

    assert (before.keys, before.successions) == (("RAA",), (step,))
    assert (then.keys, then.successions) == (("RBB",), ())


TOTAL = "counts has the key 'Grand total', which is no group but the total of the others: leave it"


@pytest.mark.parametrize(
    "count",
    [
        lambda: lhp.RegistrationTally.from_counts({"REM": 5, "Grand total": 5}),
        lambda: lhp.RegistrationTally.from_frame(
            pl.DataFrame({"organisation": ["REM", "Grand total"], "registrations": [5, 5]})
        ),
        lambda: lhp.GrantTally.from_counts(
            dict.fromkeys(("NIHR", "Grand total"), lhp.OutcomeCounts(successful=1, unsuccessful=1))
        ),
    ],
)
def test_a_row_of_totals_is_no_group(count):
    with pytest.raises(lhp.InvalidInputError) as caught:
        count()

    assert str(caught.value) == f"{TOTAL} out"


def test_a_total_is_no_group_of_counts_in_json():
    with pytest.raises(lhp.FaultyInputError) as caught:
        lhp.RegistrationTally.from_json({"counts": {"REM": 5, "TOTAL": 5}})

    (fault,) = caught.value.faults
    assert (fault.field, fault.rule) == (
        "/counts/TOTAL",
        "must stand under a group's name, not as the total of the others",
    )


@pytest.mark.parametrize(
    "ask",
    [
        lambda tally: tally.restate("LHP"),
        lambda tally: tally.with_members("LHP"),
        lambda tally: lhp.RegistrationTally.from_json(tally.to_json(), partnership="LHP"),
    ],
)
def test_a_partnership_is_one(ask):
    with pytest.raises(lhp.InvalidTypeError) as caught:
        ask(lhp.RegistrationTally.from_counts({"REM": 1}, period=YEAR))

    assert str(caught.value) == "partnership must be a Partnership; got str"


def test_groups_to_regroup_by_are_a_mapping_or_centres():
    with pytest.raises(lhp.InvalidTypeError) as caught:
        lhp.RegistrationTally.from_counts({"REM": 1}).regroup(5)

    assert str(caught.value) == "groups must be a mapping or a list of centres; got 5"


AT_STUDIES = lhp.Clock("own", start="hra_approval_on", end="opened_on", level="study")


def test_spellings_that_differ_in_capitals_alone_count_apart_and_that_is_said():
    funders = ["NIHR", "nihr", "MRC", "Cancer Research", "cancer research"]
    note = (
        "Counted apart, though they differ in capitals or spaces alone: 'Cancer Research' and "
        "'cancer research', 'NIHR' and 'nihr'."
    )
    on = dt.date(2023, 5, 1)
    grants = [
        lhp.Grant(reference=str(n), submitted_on=on, outcome="pending", funder=funder)
        for n, funder in enumerate(funders)
    ]
    frame = pl.DataFrame(
        {
            "reference": list(map(str, range(5))),
            "submitted_on": [on] * 5,
            "outcome": ["pending"] * 5,
            "funder": funders,
        }
    )
    studies = [
        lhp.Study(study_id=str(n), registered_on=on, hra_approval_on=on, funder=funder)
        for n, funder in enumerate(funders)
    ]
    registered = pl.DataFrame(
        {"study_id": list(map(str, range(5))), "registered_on": [on] * 5, "funder": funders}
    )
    approved = registered.with_columns(hra_approval_on=pl.col("registered_on"), opened_on=None)
    clock = {"clock": AT_STUDIES, "by": "funder", "as_of": "2024-03-31"}

    for tally in (
        lhp.tally_registrations(registered, by="funder"),
        lhp.tally_setup(studies, **clock),
        lhp.tally_setup(approved.with_columns(pl.col("opened_on").cast(pl.Date)), **clock),
        lhp.tally_grants(grants, by="funder"),
        lhp.tally_grants(frame, by="funder"),
        lhp.tally_grants(grants, by=("funder", "month")),
        lhp.tally_decisions(grants, by="funder", as_of="2024-03-31"),
        lhp.tally_registrations(studies, by="funder"),
    ):
        assert tally.notes.count(note) == 1
    assert lhp.tally_grants(grants[1:3], by="funder").notes == ()
