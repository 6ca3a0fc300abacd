"""What is refused or noted is said whole: how many records, and the first few of them."""

import datetime as dt

import attrs
import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import lhp_metrics as lhp
from hospitals import hospitals
from lhp_metrics.tallies._lineage import succession_text

YEAR = lhp.Period.financial_year("2023-24")
LHP = lhp.liverpool_health_partners()
DAY, LATER, MUCH_LATER = dt.date(2023, 5, 1), dt.date(2023, 6, 1), dt.date(2025, 6, 1)
EARLIER = dt.date(2023, 4, 30)


def frame(size, **columns):
    """Return a frame of applications; a column is one value for all, or a list."""
    start = {
        "reference": [f"G{n}" for n in range(1, size + 1)],
        "submitted_on": DAY,
        "outcome": "pending",
    }
    return pl.DataFrame(
        {
            name: values if isinstance(values, list) else [values] * size
            for name, values in (start | columns).items()
        }
    )


def shared(size, **columns):
    """Return a frame in which each application has two organisations."""
    names = [f"G{n}" for n in range(1, size + 1) for _ in "ab"]
    return frame(2 * size, reference=names, organisation=["REM", "REN"] * size, **columns)


def studies(size, **columns):
    return frame(size, **columns).rename({"reference": "study_id", "submitted_on": "registered_on"})


def refusal(call, given, **options):
    with pytest.raises(lhp.LhpMetricsError) as caught:
        call(given, **options)
    return str(caught.value)


WHOLE = {"by": "organisation", "attribution": "whole"}
PARTS = {"by": "organisation", "attribution": "fractional"}


@pytest.mark.parametrize(
    ("given", "options", "message"),
    [
        (
            frame(1200, submitted_on=[None] * 1200).cast({"submitted_on": pl.Date}),
            {},
            "1,200 rows (grant 'G1', 'G2', 'G3', 'G4', 'G5'): no submitted_on",
        ),
        (
            frame(2, reference=[" ", None]),
            {},
            "2 rows (2023-05-01): no reference",
        ),
        (
            frame(4, reference=["A", "A", "", None], submitted_on=[DAY, DAY, LATER, EARLIER]),
            {},
            "2 rows (2023-04-30; 2023-06-01): no reference; 1 record (grant 'A'): each reference "
            "must stand once, or with a column 'organisation' once for each",
        ),
        (
            frame(4, reference=["A", "A", "B", "B"]),
            {},
            "2 records (grant 'A', 'B'): each reference must stand once, or with a column "
            "'organisation' once for each",
        ),
        (
            shared(2, outcome=["pending", "withdrawn"] * 2, submitted_on=[DAY, LATER] * 2),
            WHOLE,
            "2 records (grant 'G1': 'pending', 'withdrawn'; 'G2': 'pending', 'withdrawn'): "
            "outcome differs between its rows; 2 records (grant 'G1': 2023-05-01, 2023-06-01; "
            "'G2': 2023-05-01, 2023-06-01): submitted_on differs between its rows",
        ),
        (
            shared(1, stage=["full", None], lead=["REM", None], decided_on=[LATER, None]),
            WHOLE,
            "1 record (grant 'G1'): decided_on is stated on some of its rows only; 1 record "
            "(grant 'G1'): stage is stated on some of its rows only; 1 record (grant 'G1'): lead "
            "is stated on some of its rows only",
        ),
        (
            shared(1, resubmission_of=["G7", "G8"], amount_requested=[1.0, 2.0]),
            WHOLE,
            "1 record (grant 'G1': 'G7', 'G8'): resubmission_of differs between its rows; 1 "
            "record (grant 'G1': 1, 2): amount_requested differs between its rows",
        ),
        (
            shared(1, amount_awarded=[0.0, None]),
            WHOLE,
            "1 record (grant 'G1'): amount_awarded is stated on some of its rows only",
        ),
        (
            shared(1, amount_awarded_pence=[100, 200]),
            WHOLE,
            "1 record (grant 'G1': 100, 200): amount_awarded_pence differs between its rows",
        ),
        (
            shared(1, sponsor_known=["yes", None]),
            {"by": "sponsor_known"},
            "1 record (grant 'G1'): sponsor_known is stated on some of its rows only",
        ),
        (
            shared(2, commercial=[True, False, True, True], call=[2023, 2024, 2023, 2023]),
            {"by": ("commercial", "call")},
            "1 record (grant 'G1'): commercial differs between its rows; 1 record (grant 'G1': "
            "2023, 2024): call differs between its rows",
        ),
        (
            shared(5, decided_on=DAY),
            WHOLE,
            "10 rows (grant 'G1': 2023-05-01; 'G2': 2023-05-01; 'G3': 2023-05-01; 'G4': "
            "2023-05-01; 'G5': 2023-05-01): outcome is 'pending' but decided_on is given",
        ),
        (
            frame(1, reference=[12345], submitted_on=[None]).cast({"submitted_on": pl.Date}),
            {},
            "1 row (grant 12345): no submitted_on",
        ),
        (
            shared(1, team=["a", "b"]),
            {"by": ("organisation", "team"), "attribution": "whole"},
            "1 record (grant 'G1': 'a', 'b'): team differs between its rows",
        ),
        (
            shared(2, share=[1, None, 1, 2]),
            PARTS,
            "1 record (grant 'G1'): share is stated on some of its rows only",
        ),
        (
            shared(2, share=[0, 0, 0, 1]),
            PARTS,
            "1 record (grant 'G1'): share is 0 on all of its rows",
        ),
        (
            shared(2, share=[-1, 2, 1, 1]),
            PARTS,
            "1 record (grant 'G1'): share is not a whole number of at least 0",
        ),
        (
            shared(3),
            {"by": "organisation"},
            "records with several organisations: grant 'G1', grant 'G2', grant 'G3'; say "
            "attribution='lead', 'whole' or 'fractional'",
        ),
        (
            shared(1204),
            {"by": "organisation"},
            "records with several organisations: grant 'G1', grant 'G10', grant 'G100' and 1,201 "
            "more; say attribution='lead', 'whole' or 'fractional'",
        ),
        (
            frame(22, outcome=[f"{n}!" for n in range(10, 32)]),
            {},
            "outcome is "
            + ", ".join(f"'{n}!' (once)" for n in range(10, 30))
            + " and 2 more; say what it means in outcomes=, or unknown='other' to leave such "
            "records out",
        ),
        (
            frame(2, decided_on=LATER),
            {},
            "2 rows (grant 'G1': 2023-06-01; 'G2': 2023-06-01): outcome is 'pending' but "
            "decided_on is given",
        ),
        (
            frame(2, amount_awarded=5.0, stage="final", decided_on=[LATER, None]),
            {},
            "1 row (grant 'G1': 2023-06-01): outcome is 'pending' but decided_on is given; 2 rows "
            "(grant 'G1': 'pending', 5; 'G2': 'pending', 5): outcome is not 'successful' but "
            "amount_awarded is above 0; 2 rows (grant 'G1': 'final'; 'G2': 'final'): stage is none "
            "of 'outline', 'full', 'single'",
        ),
        (
            frame(
                4,
                outcome=["withdrawn", "withdrawn", " won", None],
                decided_on=[None, EARLIER, None, None],
                stage=["full", "outline", "full", "full"],
            ),
            {"as_of": "2024-03-31", "stages": "full", "outcomes": {"won": "successful"}},
            "1 row (grant 'G2': 2023-04-30, 2023-05-01): decided_on is before submitted_on; "
            "outcome is nothing (once); fill in the blanks, or unknown='other' to "
            "leave such records out",
        ),
        (
            frame(
                4,
                outcome=["withdrawn", "withdrawn", " won", None],
                decided_on=[None, EARLIER, None, None],
                stage=["full", "outline", "full", None],
            ),
            {
                "as_of": "2024-03-31",
                "stages": "full",
                "outcomes": {"won": "successful"},
                "unknown": "other",
            },
            "1 row (grant 'G2': 2023-04-30, 2023-05-01): decided_on is before submitted_on; 2 rows "
            "(grant 'G1': 'withdrawn'; 'G3': ' won'): outcome without decided_on; say undated="
            "'decided', 'pending' or 'exclude'",
        ),
        (
            frame(2, outcome="withdrawn", stage=["full", None], decided_on=[None, None]).cast(
                {"decided_on": pl.Date}
            ),
            {"as_of": "2024-03-31", "stages": "not stated"},
            "1 row (grant 'G2': 'withdrawn'): outcome without decided_on; say undated='decided', "
            "'pending' or 'exclude'",
        ),
        *(
            (
                frame(2, outcome="withdrawn", stage=stage, decided_on=[None, None]).cast(
                    {"decided_on": pl.Date, "stage": kind}
                ),
                {"as_of": "2024-03-31", "stages": "not stated"},
                "2 rows (grant 'G1': 'withdrawn'; 'G2': 'withdrawn'): outcome without decided_on; "
                "say undated='decided', 'pending' or 'exclude'",
            )
            for stage, kind in (([None, None], pl.Boolean), ([float("nan"), None], pl.Float64))
        ),
        (
            pa.table(
                {
                    "submitted_on": [DAY, DAY],
                    "outcome": [True, False],
                    "decided_on": pa.array([None, LATER], pa.date32()),
                }
            ),
            {
                "as_of": "2024-03-31",
                "outcomes": {"True": "successful", "False": "unsuccessful"},
                "duplicates": "unchecked",
            },
            "1 row (True): outcome without decided_on; say undated='decided', 'pending' or "
            "'exclude'",
        ),
        (
            frame(2, submitted_on=[DAY, LATER], decided_on=[EARLIER, DAY]).drop("reference"),
            {"duplicates": "unchecked"},
            "2 rows (2023-04-30, 2023-05-01; 2023-05-01, 2023-06-01): decided_on is before "
            "submitted_on; 2 rows (2023-04-30; 2023-05-01): outcome is 'pending' but decided_on "
            "is given",
        ),
        (
            frame(1200, outcome="withdrawn", decided_on=[None] * 1200).cast(
                {"decided_on": pl.Date}
            ),
            {"as_of": "2024-03-31"},
            "1,200 rows (grant 'G1': 'withdrawn'; 'G2': 'withdrawn'; 'G3': 'withdrawn'; 'G4': "
            "'withdrawn'; 'G5': 'withdrawn'): outcome without decided_on; say undated='decided', "
            "'pending' or 'exclude'",
        ),
        (
            frame(1, outcome="withdrawn", decided_on=[None]).cast({"decided_on": pl.Date}),
            {"dated_by": "decided_on", "undated": "decided"},
            "1 row (grant 'G1': 'withdrawn'): no decided_on to date it by; say undated='exclude'",
        ),
        (
            frame(1),
            {"dated_by": "decided_on"},
            "the frame has no column 'decided_on'. It has 'reference', 'submitted_on', 'outcome'; "
            "columns={'its name': 'decided_on'} says which one is meant",
        ),
        (
            frame(1),
            {"as_of": "2024-03-31", "stages": "full"},
            "the frame has no column 'decided_on' and no column 'stage'. It has 'reference', "
            "'submitted_on', 'outcome'; columns={'its name': 'decided_on'} says which one is meant",
        ),
        (
            frame(1, ref=["a"], Sent=DAY).drop("reference", "submitted_on"),
            {"columns": {"ref": "reference"}},
            "the frame has no column 'submitted_on'. It has 'outcome', 'ref', 'Sent'; "
            "columns={'its name': 'submitted_on'} says which one is meant",
        ),
        (
            frame(1, resubmission_of=["G0"]).drop("reference"),
            {"duplicates": "unchecked", "resubmissions": "latest"},
            "the frame has no column 'reference'. It has 'submitted_on', 'outcome', "
            "'resubmission_of'; columns={'its name': 'reference'} says which one is meant",
        ),
        (
            frame(1),
            {"by": ("funder", "organisation")},
            "the frame has no column 'funder' and no column 'organisation'. It has 'reference', "
            "'submitted_on', 'outcome'; columns={'its name': 'funder'} says which one is meant",
        ),
        (
            frame(1, organisation="REM"),
            {"by": "organisation", "attribution": "lead"},
            "the frame has no column 'lead'. It has 'reference', 'submitted_on', 'outcome', "
            "'organisation'; columns={'its name': 'lead'} says which one is meant",
        ),
        (
            frame(1, decided_on=7),
            {},
            "column 'decided_on' must hold dates; it holds Int64: read it as dates first, saying "
            "in which order day and month stand",
        ),
        (
            frame(1, amount_awarded=[True]),
            {},
            "column 'amount_awarded' must hold numbers; it holds Boolean",
        ),
        (
            frame(3, amount_awarded_pence=[-1, 10**14, 5]),
            {},
            "1 row (grant 'G1': -1): amount_awarded_pence is negative; 1 row (grant 'G2': "
            "100,000,000,000,000): amount_awarded_pence is not below £1,000,000,000,000; 1 row "
            "(grant 'G3': 'pending', 5): outcome is not 'successful' but amount_awarded is above 0",
        ),
        (
            frame(3, organisation=["Nowhere", "Elsewhere", "Nowhere"]),
            {"by": "organisation", "organisations": {"LUHFT": "REM"}},
            "organisations has no entry for 'Nowhere' (2 times)\n"
            "organisations has no entry for 'Elsewhere' (once)",
        ),
        (
            frame(22, funder=[f"F{n}!" for n in range(10, 32)]),
            {"by": "funder", "funders": {}},
            "funders has no entry for "
            + ", ".join(f"'F{n}!' (once)" for n in range(10, 30))
            + " and 2 more; map them, or say unknown_funders='keep' or 'other'",
        ),
        (
            frame(3, stage=["full", "single", "single"]),
            {},
            "applications of several stages would be counted together: 'full' (1), 'single' (2); "
            "say by='stage' to keep them apart, stages='full' for one of them, or "
            "stages=('full', 'single') for several together",
        ),
    ],
)
def test_a_frame_of_applications_is_refused_in_full(given, options, message):
    found = refusal(lhp.tally_grants, given, **options)

    if "no entry for" in message:  # engines find groups in any order
        assert sorted(found) == sorted(message)
    elif " is '10!'" in message:
        assert (len(found), found[-100:]) == (len(message), message[-100:])
    else:
        assert found == message


@pytest.mark.parametrize(
    ("given", "options", "message"),
    [
        (
            studies(7, submitted_on=None).cast({"registered_on": pl.Date}),
            {"by": None},
            "7 rows (study 'G1', 'G2', 'G3', 'G4', 'G5'): no registered_on to date it by",
        ),
        (
            studies(2, reference=["A", "A"]),
            {"by": None},
            "1 record (study 'A'): each study_id must stand once, or with a column 'organisation' "
            "once for each",
        ),
        (
            studies(
                2, reference=["A", "A"], organisation=["REM", "REN"], submitted_on=[DAY, LATER]
            ),
            {"attribution": "whole"},
            "1 record (study 'A': 2023-05-01, 2023-06-01): registered_on differs between its rows",
        ),
        (
            studies(2, reference=["A", "A"], organisation=["REM", "REN"], lead=["REM", "REN"]),
            {"attribution": "whole"},
            "1 record (study 'A': 'REM', 'REN'): lead differs between its rows",
        ),
        (
            studies(2, reference=["A", "A"], organisation=["REM", "REN"]),
            {},
            "records with several organisations: study 'A'; say attribution='lead', 'whole' or "
            "'fractional'",
        ),
        (
            studies(1, commercial=[1.5]),
            {"by": "commercial"},
            "cannot count by 'commercial': it holds 1.5, which is no label",
        ),
        (
            studies(1, organisation="REM"),
            {"attribution": "fractional", "duplicates": "unchecked"},
            "attribution 'fractional' has to tell records apart, which duplicates='unchecked' "
            "leaves out",
        ),
    ],
)
def test_a_frame_of_studies_is_refused_in_full(given, options, message):
    assert refusal(lhp.tally_registrations, given, **options) == message


class Columns:
    columns = ()


@pytest.mark.parametrize(
    ("call", "what"),
    [
        (lhp.tally_grants, "grants"),
        (lhp.tally_registrations, "studies"),
        (lhp.GrantTally.from_frame, "the counts"),
    ],
)
def test_what_is_no_frame_is_refused_as_what_it_should_be(call, what):
    assert refusal(call, Columns()) == f"{what} must be records or a data frame; got Columns"


@pytest.mark.parametrize(
    "make", [pa.table, pd.DataFrame, pl.LazyFrame, lambda rows: duckdb.from_arrow(pa.table(rows))]
)
def test_shared_records_are_counted_and_the_first_named_by_every_engine(make):
    rows = make(shared(12).to_dict(as_series=False))

    assert refusal(lhp.tally_grants, rows, by="organisation") == (
        "records with several organisations: grant 'G1', grant 'G10', grant 'G11' and 9 more; say "
        "attribution='lead', 'whole' or 'fractional'"
    )


# Frames of counts


@pytest.mark.parametrize(
    ("columns", "by", "message"),
    [
        (
            {"month": [7], "registrations": [1]},
            "month",
            "month must be a date in it or its name; got 7",
        ),
        (
            {"quarter": [7], "registrations": [1]},
            "quarter",
            "quarter must be a date in it; got 7",
        ),
        (
            {"a": ["x", "x"], "b": [1, 1], "registrations": [1, 2]},
            ("a", "b"),
            "the frame has two rows for x × 1: add them up first",
        ),
        (
            {"organisation": [None, None], "registrations": [1, 2]},
            "organisation",
            "the frame has two rows for 'not stated': add them up first",
        ),
        (
            {"organisation": ["REM"], "Registrations": [1]},
            "organisation",
            "the frame has no column 'registrations'; did you mean 'Registrations' or "
            "'organisation'? It has 'organisation', 'Registrations'; columns={'its name': "
            "'registrations'} says which one is meant",
        ),
        (
            {"a": ["x"], "b": ["y"], "registrations": [-1]},
            ("a", "b"),
            "registrations of x × y must be a whole number of at least 0; got -1",
        ),
    ],
)
def test_a_frame_of_counts_is_refused_in_full(columns, by, message):
    assert refusal(lhp.RegistrationTally.from_frame, pl.DataFrame(columns), by=by) == message


@pytest.mark.parametrize("day", [DAY, dt.datetime(2023, 5, 31, 23, 59)])
@pytest.mark.parametrize(
    ("by", "key"),
    [
        ("month", lhp.Period.month("2023-05")),
        ("quarter", lhp.Period.quarter("2023-24", 1)),
        ("financial_year", YEAR),
    ],
)
def test_a_day_or_a_time_of_day_stands_for_its_group(by, key, day):
    tally = lhp.RegistrationTally.from_frame(pl.DataFrame({by: [day], "registrations": [3]}), by=by)

    assert tally.keys == (key,)


def test_groups_of_a_frame_of_counts_are_text():
    counts = pl.DataFrame({"a": [7, None], "b": [True, False], "registrations": [1, 2]})

    tally = lhp.RegistrationTally.from_frame(counts, by=("a", "b"))

    assert tally.keys == (("7", "True"), ("not stated", "False"))


# Records


def grants(size, **fields):
    start = {"submitted_on": DAY, "outcome": "pending"}
    return [lhp.Grant(reference=f"G{n}", **start | fields) for n in range(1, size + 1)]


@pytest.mark.parametrize(
    ("given", "options", "message"),
    [
        (
            [*grants(7), *grants(7), *grants(1)],
            {},
            "each reference must stand once, but not so: 'G1' (3 times), 'G2' (2 times), 'G3' "
            "(2 times), 'G4' (2 times), 'G5' (2 times) and 2 more",
        ),
        (
            grants(5, lead="REM", partners=["REM", "REN"]),
            {"by": "organisation"},
            "records with several organisations: grant 'G1' (REM, REN), grant 'G2' (REM, REN), "
            "grant 'G3' (REM, REN) and 2 more; say attribution='lead', 'whole' or 'fractional'",
        ),
        (
            [
                *grants(1, stage="outline"),
                *(attrs.evolve(g, reference="F" + g.reference) for g in grants(1200, stage="full")),
            ],
            {},
            "applications of several stages would be counted together: 'outline' (1), 'full' "
            "(1,200); say by='stage' to keep them apart, stages='full' for one of them, or "
            "stages=('full', 'single') for several together",
        ),
        (
            [attrs.evolve(g, funder=f"F{n}!") for n, g in enumerate(grants(22), start=10)],
            {"by": "funder", "funders": {}},
            "funders has no entry for "
            + ", ".join(f"'F{n}!' (once)" for n in range(10, 30))
            + " and 2 more; map them, or say unknown_funders='keep' or 'other'",
        ),
        (
            grants(3, lead="Nowhere"),
            {"by": "lead", "partnership": LHP},
            "Liverpool Health Partners: no organisation is called 'Nowhere' (3 times)",
        ),
    ],
)
def test_records_are_refused_in_full(given, options, message):
    assert refusal(lhp.tally_grants, given, **options) == message


def test_who_cannot_count_by_parts_is_not_told_to():
    refused = "records with several organisations: {}; say attribution='lead' or 'whole'"
    applications = grants(1, lead="REM", partners=["REM", "REN"])
    [waiting] = clocks(1)
    two = attrs.evolve(waiting, sites=[lhp.StudySite("REM"), lhp.StudySite("REN")])
    clock = attrs.evolve(EACH, level="study", site="first")

    assert refusal(
        lhp.tally_decisions, applications, as_of="2024-03-31", by="organisation"
    ) == refused.format("grant 'G1' (REM, REN)")
    assert refusal(lhp.tally_setup, [two], clock=clock, as_of="2024-03-31") == refused.format(
        "study '0' (REM, REN)"
    )


# Notes


def test_decisions_after_the_period_are_noted_unless_a_day_is_asked_about():
    many = grants(1200, outcome="successful", decided_on=MUCH_LATER)
    note = "1,200 decisions were taken after 31 Mar 2024; as_of= shows what was known on a day."
    framed = frame(1200, outcome="successful", decided_on=MUCH_LATER)

    for given in (many, framed):
        assert lhp.tally_grants(given, period=YEAR).notes == (note,)
        assert lhp.tally_grants(given).notes == ()
        assert lhp.tally_grants(given, period=YEAR, as_of="2023-12-31").notes == ()
    last_day = grants(1, outcome="successful", decided_on="2024-03-31")
    assert lhp.tally_grants(last_day, period=YEAR).notes == ()


def test_resubmissions_and_unstated_stages_are_noted_with_their_number():
    many = [*grants(1, stage="full"), *grants(1300, resubmission_of="G0")[1:]]
    framed = frame(1300, stage=["full"] + [None] * 1299, resubmission_of=[None] + ["G0"] * 1299)

    for given in (many, framed):
        assert lhp.tally_grants(given).notes == (
            "1,299 of the applications state no stage, the others 'full'.",
            "Resubmissions count each: 1,299 of the applications are one.",
        )
        assert lhp.tally_grants(given, by="stage", resubmissions="latest").notes == ()
        assert lhp.tally_grants(given, stages=["full", "not stated"]).notes == (
            "Resubmissions count each: 1,299 of the applications are one.",
        )


EACH = lhp.Clock("own", start="hra_approval_on", end="opened_on", level="site", site="each")


def clocks(size, opened=None, closed=None):
    sites = [lhp.StudySite("REM", opened_on=opened, closed_on=closed)]
    return [lhp.Study(study_id=n, hra_approval_on=DAY, sites=sites) for n in range(size)]


@pytest.mark.parametrize(
    ("given", "notes"),
    [
        (clocks(0), ()),
        (clocks(1), ("No record has opened_on.",)),
        (clocks(1, MUCH_LATER), ("No clock had ended by 31 Mar 2024.",)),
        (clocks(1, LATER), ()),
        (
            clocks(1200, None, LATER),
            (
                "1,200 closed without opened_on: they count as unfinished on the day they closed.",
                "No record has opened_on.",
            ),
        ),
    ],
)
def test_what_a_reader_of_clocks_has_to_know_is_noted(given, notes):
    assert lhp.tally_setup(given, clock=EACH, as_of="2024-03-31").notes == notes


def test_faults_of_clocks_are_listed_and_counted():
    given = clocks(7, "2023-01-01")

    assert refusal(lhp.tally_setup, given, clock=EACH, as_of="2024-03-31") == (
        ", ".join(
            f"study '{n}' at REM: opened_on (2023-01-01) is before hra_approval_on (2023-05-01)"
            for n in range(5)
        )
        + " and 2 more; mend them, or say faults='exclude'"
    )


def test_members_without_registrations_whose_membership_is_not_known_are_named():
    partnership = lhp.Partnership(
        "Test",
        hospitals("RAA", "RBB", "RCC"),
        memberships=[
            lhp.Membership(
                organisation="RAA", joined_on="2020-01-01", confirmed_until="2024-03-31"
            ),
            lhp.Membership(organisation="RBB"),
            lhp.Membership(organisation="RCC"),
        ],
    )
    tally = lhp.RegistrationTally.from_counts({"RZZ": 1}, period=YEAR).with_members(partnership)

    assert tally.keys == ("RAA", "RZZ")
    assert tally.notes == (
        "No row for RBB Hospital, RCC Hospital: nothing registered, and membership in the period "
        "is not known.",
    )


def test_groups_and_chosen_organisations_are_noted_with_their_members():
    tally = lhp.RegistrationTally.from_counts(
        {"REM": 1, "Liverpool Women's": 2, "REN": 3, "RQ6": 4}, partnership=LHP
    )
    tally = attrs.evolve(tally, notes=("A note.",))

    grouped = tally.regroup({"City": ["REM", "REP"], "South": ["REP"]})
    among = tally.among(["REP", "REN", "RET", "RBS"])
    restated = tally.restate(LHP)

    assert grouped.notes == (
        "A note.",
        "City: LUHFT, Liverpool Women's.",
        "South: Liverpool Women's.",
    )
    assert among.notes == ("A note.", "Among REP, REN alone; without a row: RET, RBS.")
    assert restated.notes == ("A note.", "Restated: RQ6 as REM.")
    assert lhp.RegistrationTally.from_counts({"REN": 3}).restate(LHP).notes == ()


@pytest.mark.parametrize(
    ("step", "names", "text"),
    [
        ({"successor": "RBB"}, {}, "RAA to RBB on 1 Apr 2020"),
        ({"successor": "RBB"}, {"RBB": "City"}, "RAA to City (RBB) on 1 Apr 2020"),
        ({"kind": "closure"}, {"RAA": "Town"}, "Town (RAA) closed on 1 Apr 2020"),
    ],
)
def test_a_succession_is_told_in_a_sentence(step, names, text):
    given = {"predecessor": "RAA", "on": "2020-04-01", "kind": "merger"} | step
    assert succession_text(lhp.Succession(**given), names) == text


# What cannot be done with organisations

TALLY = lhp.RegistrationTally.from_counts({"REM": 3, "REN": 4}, period=YEAR)
SHARED = lhp.RegistrationTally.from_counts({"REM": 3, "REN": 4}, attribution="whole", total=5)
VERBS = {
    "regroup": lambda tally: tally.regroup({"City": ["REM"]}),
    "restate": lambda tally: tally.restate(LHP),
    "take some organisations of": lambda tally: tally.among(["REM"]),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    ("tally", "message"),
    [
        (
            SHARED,
            "cannot {verb} a tally with attribution 'whole': a record of two members would count "
            "twice in their group; count with attribution='lead' or 'fractional'",
        ),
        (
            lhp.RegistrationTally.from_counts({("REM", "REN"): 1}, by=("organisation", "lead")),
            "cannot {verb} a tally by ('organisation', 'lead'): count by one kind of organisation",
        ),
        (
            lhp.RegistrationTally.from_counts({("a", "b"): 1}, by=("x", "y")),
            "cannot {verb} a tally by ('x', 'y'): it has no organisations",
        ),
    ],
)
def test_what_cannot_be_done_with_a_tally_says_why(verb, tally, message):
    with pytest.raises(lhp.InvalidInputError) as caught:
        VERBS[verb](tally)

    assert str(caught.value) == message.format(verb=verb)


@pytest.mark.parametrize("verb", ["regroup", "restate"])
def test_groups_that_overlap_are_not_grouped_again(verb):
    overlapping = TALLY.regroup({"A": ["REM"], "B": ["REM"]})

    with pytest.raises(lhp.InvalidInputError) as caught:
        VERBS[verb](overlapping)

    assert str(caught.value) == (
        f"cannot {verb} a tally whose groups overlap: a record of two groups would count twice; "
        f"{verb} the tally that it was made from"
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: TALLY.restate(LHP, as_of="June"),
            "as_of must be a date such as 2024-03-31; got 'June'",
        ),
        (
            lambda: TALLY.regroup({"City": "REM"}),
            "group 'City': members must be a list of keys",
        ),
        (
            lambda: TALLY.regroup({"REM": ["REN"]}),
            "group 'REM' is also the key of REM, which stays as it is: give the group another name",
        ),
        (
            lambda: TALLY.with_exposure({"REM": 1.0}, unit="beds"),
            "exposure has no beds for REN",
        ),
        (
            lambda: TALLY.with_exposure({}, unit="beds"),
            "exposure has no beds for REM, REN",
        ),
        (
            lambda: TALLY.with_exposure({"REM": 1.0, "REN": 0}, unit="beds"),
            "exposure of 'REN' must be a finite number above 0; got 0",
        ),
        (
            lambda: TALLY.with_exposure({"REM": 1.0, "REN": [1.0]}, unit="beds"),
            "exposure of 'REN' must be a finite number above 0; got [1.0]",
        ),
        (
            lambda: TALLY.with_exposure({"REM": np.inf, "REN": 1}, unit="beds"),
            "exposure of 'REM' must be a finite number above 0; got inf",
        ),
        (
            lambda: TALLY.with_exposure({"REM": 1, "REN": 1, "REX": 2}, unit="beds"),
            "the tally has no group 'REX'; did you mean 'REN' or 'REM'?",
        ),
        (
            lambda: TALLY.with_exposure([1, 2], unit="beds"),
            "exposure must map groups to numbers; got [1, 2]",
        ),
        (
            lambda: TALLY.with_exposure({"REM": 1, "REN": 1}, unit=" "),
            "unit must be text such as 'staff'; got ' '",
        ),
        (
            lambda: TALLY.exposure("REM"),
            "the tally has no exposure: with_exposure gives it one",
        ),
        (
            lambda: SHARED.with_exposure({"REM": 1, "REN": 1}, unit="beds"),
            "the tally has no period, so beds make no exposure: give a unit with time in it, such "
            "as 'person-years'",
        ),
        (
            lambda: lhp.GrantTally.from_counts({"A": 7}),
            "counts['A'] must be OutcomeCounts; got 7",
        ),
        (
            lambda: lhp.GrantTally.from_counts([7]),
            "counts must be a Mapping; got list",
        ),
        (
            lambda: lhp.RegistrationTally.from_counts([7]),
            "counts must be a Mapping; got list",
        ),
        (
            lambda: lhp.RegistrationTally.from_json({}, at=7),
            "at must be a str; got int",
        ),
        (
            lambda: lhp.RegistrationTally.from_json({1}),
            "source must be JSON as text or bytes, or a mapping; got set",
        ),
        (
            lambda: lhp.parse_json(7),
            "text must be str or bytes; got int",
        ),
        (
            lambda: lhp.combine([], disjoint=True),
            "combine needs at least one tally",
        ),
        (
            lambda: lhp.combine(TALLY, disjoint=True),
            f"parts must be a collection of tallies; got {TALLY!r}",
        ),
        (
            lambda: lhp.combine([TALLY, 7], disjoint=True),
            "parts[1] must be a Tally; got int",
        ),
        (
            lambda: lhp.RegistrationTally.from_counts(
                {("LUHFT", 2023): 1, ("REM", 2023): 2}, by=("lead", "year"), partnership=LHP
            ),
            "counts name 'LUHFT' (REM) × 2023 twice",
        ),
    ],
)
def test_what_cannot_be_is_said_whole(call, message):
    with pytest.raises(lhp.LhpMetricsError) as caught:
        call()

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"outcomes": {None: "pending"}},
            "outcomes must map text to text; got None: 'pending'",
        ),
        ({"outcomes": {1: "pending"}}, "outcomes must map text to text; got 1: 'pending'"),
        ({"outcomes": {"Foo": None}}, "outcomes must map text to text; got 'Foo': None"),
        ({"outcomes": ["Foo"]}, "outcomes must map the house's words to ours; got ['Foo']"),
        (
            {"outcomes": {"Foo": "succesful"}},
            "outcomes must map to 'successful', 'unsuccessful', 'pending', 'withdrawn', "
            "'not_considered'; got 'Foo': 'succesful'; did you mean 'successful' or "
            "'unsuccessful'?",
        ),
        (
            {"outcomes": {"Foo": "pending", "foo": "successful"}},
            "outcomes gives 'foo' two meanings: 'pending' and 'successful'",
        ),
        (
            {"outcomes": {"Pending": "successful"}},
            "outcomes gives 'Pending' two meanings: 'pending' and 'successful'",
        ),
        (
            {"organisations": {None: "REM"}},
            "organisations must map text to text; got None: 'REM'",
        ),
        (
            {"organisations": {"Foo": None}},
            "organisations must map text to text; got 'Foo': None",
        ),
        ({"funders": ["a"]}, "funders must map the house's words to ours; got ['a']"),
        ({"columns": ["a"]}, "columns must map the house's words to ours; got ['a']"),
        ({"columns": {None: "a"}}, "columns must map text to text; got None: 'a'"),
    ],
)
def test_a_map_that_is_none_is_refused_of_a_frame_as_of_a_file(options, message):
    given = frame(1, outcome="Foo", organisation="Foo", funder="a")
    by = "funder" if "funders" in options else "organisation"

    assert (
        refusal(lhp.tally_grants, given, by=by, **({"outcomes": {"Foo": "pending"}} | options))
        == message
    )
    assert refusal(lhp.read_grants, given.to_dicts(), **options) == message


def test_a_word_may_mean_ours_however_it_is_spelt():
    tally = lhp.tally_grants(frame(1, outcome="Foo"), outcomes={"Foo": "Not considered"})

    assert tally.columns["not_considered"].tolist() == [1]


@pytest.mark.parametrize(
    ("outcomes", "message"),
    [
        ([None], "outcome is nothing (once); fill in the blanks, or "),
        (
            [None, "Foo"],
            "outcome is nothing (once), 'Foo' (once); say what it means in outcomes= and fill in "
            "the blanks, or ",
        ),
    ],
)
def test_blank_outcomes_are_not_sent_to_a_map_that_cannot_have_them(outcomes, message):
    found = refusal(lhp.tally_grants, frame(len(outcomes), outcome=outcomes))

    expected = f"{message}unknown='other' to leave such records out"
    assert sorted(found) == sorted(expected)  # engines find labels in any order
