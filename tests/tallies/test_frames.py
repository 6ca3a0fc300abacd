import datetime as dt
from decimal import Decimal

import dask
import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings

import lhp_metrics as lhp
from frame_laws import check_grants, check_studies, grant_questions, study_questions
from frames import ENGINES

# A query takes Dask a second, whatever its size; these take a hundredth of one.
EXAMPLES = {"Dask": 2, "PyArrow": 25, "Polars": 25}


@pytest.fixture(autouse=True)
def _dask_in_this_thread():
    with dask.config.set(scheduler="synchronous"):
        yield


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("questions", "check"),
    [(grant_questions, check_grants), (study_questions, check_studies)],
    ids=["grants", "studies"],
)
def test_a_frame_counts_as_its_records_do(engine, questions, check):
    @given(asked=questions())
    @settings(max_examples=EXAMPLES.get(engine, 6))
    def law(asked):
        check(*asked, {engine: ENGINES[engine]})

    law()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_period_and_an_as_of_date_end_with_their_last_day(engine):
    on = ["2023-03-31", "2023-04-01", "2024-03-31", "2024-04-01"]
    decided = {"2023-04-01": "2024-04-30", "2024-03-31": "2024-05-01"}
    records = [
        lhp.Grant(
            reference=f"G{i}",
            submitted_on=day,
            outcome="successful" if day in decided else "pending",
            decided_on=decided.get(day),
        )
        for i, day in enumerate(on)
    ]
    question = {"period": lhp.Period.financial_year("2023-24"), "as_of": "2024-04-30"}

    check_grants(records, question, {engine: ENGINES[engine]})

    counts = lhp.tally_grants(records, **question).total
    assert (counts.successful, counts.pending) == (1, 1)


# What analysts' frames hold

DAY = dt.date(2023, 5, 1)
EARLY = dt.date(2023, 4, 30)
APPLICATIONS = {
    "reference": ["G1", "G2", "G3"],
    "submitted_on": [DAY] * 3,
    "outcome": ["successful", "unsuccessful", "pending"],
    "funder": ["NIHR", "MRC", None],
}
SHARED = APPLICATIONS | {
    "reference": ["G1", "G1", "G2"],
    "outcome": ["pending"] * 3,
    "funder": ["NIHR", "NIHR", "MRC"],
    "organisation": ["REM", "REN", "REM"],
}


def rows(start=APPLICATIONS, **columns):
    return pa.table(start | columns)


def refusal(error, frame, **question):
    with pytest.raises(error) as caught:
        lhp.tally_grants(frame, **question)
    return str(caught.value)


def test_a_missing_column_is_named_beside_near_ones_and_those_found():
    message = refusal(
        lhp.InvalidInputError, pl.DataFrame(APPLICATIONS).rename({"outcome": "Outcomes"})
    )

    assert message == (
        "the frame has no column 'outcome'; did you mean 'Outcomes'? It has 'reference', "
        "'submitted_on', 'Outcomes', 'funder'; columns={'its name': 'outcome'} says which one is "
        "meant"
    )


@pytest.mark.parametrize(
    ("frame", "question", "error", "message"),
    [
        (
            pd.DataFrame([[1, 2]], columns=["a", "a"]),
            {},
            lhp.InvalidInputError,
            "the frame has two columns named 'a'",
        ),
        (
            pa.table([pa.array([1]), pa.array([2])], names=["a", "a"]),
            {},
            lhp.InvalidInputError,
            "the frame has two columns named 'a'",
        ),
        (
            pd.DataFrame([[1, 2]]),
            {},
            lhp.InvalidTypeError,
            "a frame's columns must have names that are text; got 0",
        ),
        (
            rows(),
            {"columns": {"funder": "outcome"}},
            lhp.InvalidInputError,
            "columns 'outcome' and 'funder' would both be 'outcome'",
        ),
        (
            rows(),
            {"columns": {1: "outcome"}},
            lhp.InvalidTypeError,
            "columns must map text to text; got 1: 'outcome'",
        ),
        (
            rows(),
            {"columns": {"founder": "funder"}},
            lhp.InvalidInputError,
            "columns names 'founder', which the frame does not have; did you mean 'funder'? It has "
            "'reference', 'submitted_on', 'outcome', 'funder'",
        ),
        (
            rows(),
            {"columns": {"zzz": "funder"}},
            lhp.InvalidInputError,
            "columns names 'zzz', which the frame does not have. It has 'reference', "
            "'submitted_on', 'outcome', 'funder'",
        ),
        (
            rows(),
            {"outcomes": {"funded": "won"}},
            lhp.InvalidInputError,
            "outcomes must map to 'successful', 'unsuccessful', 'pending', 'withdrawn', "
            "'not_considered'; got 'funded': 'won'",
        ),
        (
            rows(amount_requested=[1.0, 2.0, 3.0], amount_requested_pence=[100, 200, 300]),
            {},
            lhp.InvalidInputError,
            "the frame has both 'amount_requested' and 'amount_requested_pence': choose one",
        ),
        (
            rows(team=[["a"], ["b"], ["c"]]),
            {"by": "team"},
            lhp.InvalidInputError,
            "cannot count by 'team': it holds List(String)",
        ),
        (
            rows(team=[1.5, 2.0, 3.0]),
            {"by": "team"},
            lhp.InvalidInputError,
            "cannot count by 'team': it holds 1.5, which is no label",
        ),
        (
            rows(team=[DAY] * 3),
            {"by": "team"},
            lhp.InvalidInputError,
            "cannot count by 'team': it is not text; by='month', 'quarter' or 'financial_year'",
        ),
        (
            rows(lead=["REM", "Royl", "REM"]),
            {"by": "lead", "organisations": {"Royal": "REM"}},
            lhp.NotFoundError,
            "organisations has no entry for 'Royl'; did you mean 'Royal'? (once)",
        ),
        (
            rows(reference=[1, None, 2]),
            {},
            lhp.InvalidInputError,
            "1 row (2023-05-01): no reference",
        ),
        (
            rows(submitted_on=[DAY, None, DAY]).drop("reference"),
            {"duplicates": "unchecked"},
            lhp.InvalidInputError,
            "1 row: no submitted_on",
        ),
        (
            rows(outcome=["Funded", "Funded", "sucessful"]),
            {},
            lhp.NotFoundError,
            "outcome is 'Funded' (2 times), 'sucessful' (once); did you mean 'successful' or "
            "'unsuccessful'?; say what it means in outcomes=, or unknown='other' to leave such "
            "records out",
        ),
        (
            rows(outcome=["successful", None, "pending"]),
            {},
            lhp.NotFoundError,
            "outcome is nothing (once); fill in the blanks, or unknown='other' to "
            "leave such records out",
        ),
        (
            rows(decided_on=[dt.date(2023, 1, 1), None, None]),
            {},
            lhp.InvalidInputError,
            "1 row (grant 'G1': 2023-01-01, 2023-05-01): decided_on is before submitted_on",
        ),
        (
            rows(decided_on=[None, None, DAY]),
            {},
            lhp.InvalidInputError,
            "1 row (grant 'G3': 2023-05-01): outcome is 'pending' but decided_on is given",
        ),
        (
            rows(submitted_on=[None, DAY, None]),
            {},
            lhp.InvalidInputError,
            "2 rows (grant 'G1', 'G3'): no submitted_on",
        ),
        (
            rows(amount_requested=[-1.0, 1.123, 1e12]),
            {},
            lhp.InvalidInputError,
            "1 row (grant 'G1': -1): amount_requested is negative; 1 row (grant 'G3': "
            "1,000,000,000,000): amount_requested is not below £1,000,000,000,000; 1 row (grant "
            "'G2': 1.123): amount_requested is not whole pence",
        ),
        (
            rows(amount_awarded=[1.0, 5.0, None]),
            {},
            lhp.InvalidInputError,
            "1 row (grant 'G2': 'unsuccessful', 5): outcome is not 'successful' but "
            "amount_awarded is above 0",
        ),
        (
            rows(stage=["full", "final", None]),
            {},
            lhp.InvalidInputError,
            "1 row (grant 'G2': 'final'): stage is none of 'outline', 'full', 'single'",
        ),
        (
            rows(reference=["G1", "G1 ", "G2"]),
            {},
            lhp.InvalidInputError,
            "1 record (grant 'G1'): each reference must stand once, or with a column "
            "'organisation' once for each",
        ),
        (
            rows(SHARED, outcome=["pending", "successful", "pending"]),
            {},
            lhp.InvalidInputError,
            "1 record (grant 'G1': 'pending', 'successful'): outcome differs between its rows",
        ),
        (
            rows(SHARED, organisation=["REM", "rem", "REN"]),
            {"by": "organisation", "attribution": "whole"},
            lhp.InvalidInputError,
            "1 record (grant 'G1'): stands twice with one organisation",
        ),
        (
            rows(SHARED),
            {"by": "organisation"},
            lhp.InvalidInputError,
            "records with several organisations: grant 'G1'; say attribution='lead', 'whole' or "
            "'fractional'",
        ),
        (
            rows(SHARED, lead=["RET", "RET", "REM"]),
            {"by": "organisation", "attribution": "whole"},
            lhp.InvalidInputError,
            "1 record (grant 'G1': 'RET'): its lead is not among its organisations",
        ),
        (
            rows(SHARED, share=[0.5, 0.5, None]),
            {"by": "organisation", "attribution": "fractional"},
            lhp.InvalidInputError,
            "1 record (grant 'G1'): share is not a whole number of at least 0",
        ),
        (
            rows(submitted_on=["2023-01-01"] * 3),
            {},
            lhp.InvalidTypeError,
            "column 'submitted_on' must hold dates; it holds text: read it as dates first, saying "
            "in which order day and month stand",
        ),
        (
            rows(amount_requested=["1", "2", "3"]),
            {},
            lhp.InvalidTypeError,
            "column 'amount_requested' must hold numbers; it holds text",
        ),
        (
            pd.DataFrame(APPLICATIONS | {"submitted_on": [DAY, "2023-01-01", 3]}),
            {},
            lhp.InvalidTypeError,
            "column 'submitted_on' must hold dates of one type; it holds date (1), str (1), "
            "int (1): read it as dates first, saying in which order day and month stand",
        ),
        (
            rows(),
            {"by": "submitted_on"},
            lhp.InvalidInputError,
            "cannot count by 'submitted_on': it is not text; by='month', 'quarter' or "
            "'financial_year'",
        ),
        (
            rows(resubmission_of=[None, "G3", "G2"]),
            {},
            lhp.InvalidInputError,
            "resubmissions form a circle: 'G2', 'G3'",
        ),
        (
            rows(resubmission_of=[None, "G1", "G1"], submitted_on=[DAY, EARLY, DAY]),
            {},
            lhp.InvalidInputError,
            "grant 'G2': submitted_on (2023-04-30) is before that of 'G1' (2023-05-01), of which "
            "it is a resubmission",
        ),
        (
            rows(),
            {"resubmissions": "latest"},
            lhp.InvalidInputError,
            "the frame has no column 'resubmission_of'. It has 'reference', 'submitted_on', "
            "'outcome', 'funder'; columns={'its name': 'resubmission_of'} says which one is meant",
        ),
        (
            rows(SHARED),
            {"by": "organisation", "attribution": "whole", "duplicates": "unchecked"},
            lhp.InvalidInputError,
            "attribution 'whole' has to tell records apart, which duplicates='unchecked' leaves "
            "out",
        ),
        (
            [],
            {"columns": {"a": "b"}},
            lhp.InvalidInputError,
            "columns= translate the columns of a data frame; records have fields",
        ),
    ],
)
def test_what_a_frame_must_not_hold_is_refused_by_name(frame, question, error, message):
    assert refusal(error, frame, **question) == message


@pytest.mark.parametrize("engine", ENGINES)
def test_all_that_contradicts_is_named_with_its_rows_on_every_engine(engine):
    april, june = dt.date(2023, 4, 30), dt.date(2023, 6, 1)
    columns = {
        "reference": ["G1", "G2", "G3", "G4"],
        "submitted_on": [DAY] * 4,
        "outcome": ["pending", "withdrawn", "successful", None],
        "decided_on": pa.array([june, None, april, None]),
        "stage": ["full", "final", "full", None],
        "amount_awarded_pence": [100, 0, 0, 0],
    }
    frame = ENGINES[engine](pa.table(columns))

    message = refusal(lhp.InvalidInputError, frame, as_of="2024-03-31", unknown="other")

    assert message == (
        "1 row (grant 'G3': 2023-04-30, 2023-05-01): decided_on is before submitted_on; 1 row "
        "(grant 'G1': 2023-06-01): outcome is 'pending' but decided_on is given; 1 row (grant "
        "'G1': 'pending', 100): outcome is not 'successful' but amount_awarded is above 0; 1 row "
        "(grant 'G2': 'final'): stage is none of 'outline', 'full', 'single'; 1 row (grant 'G2': "
        "'withdrawn'): outcome without decided_on; say undated='decided', 'pending' or 'exclude'"
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_partners_in_a_list_are_not_forgotten_on_any_engine(engine):
    columns = {
        "reference": ["G1", "G2"],
        "submitted_on": [DAY] * 2,
        "outcome": ["pending"] * 2,
        "lead": ["REM"] * 2,
        "partners": ["REN; RET", " "],
    }
    frame = ENGINES[engine](pa.table(columns))

    message = (
        "1 row (grant 'G1': 'REN; RET'): partners would not be counted: a frame has a row for "
        "each grant and organisation, in a column 'organisation'; or say attribution='lead'"
    )
    assert refusal(lhp.InvalidInputError, frame, by="organisation") == message
    whole = {"by": "organisation", "attribution": "whole"}
    assert refusal(lhp.InvalidInputError, frame, **whole) == message
    assert lhp.tally_grants(frame, by="organisation", attribution="lead")["REM"].pending == 2
    assert lhp.tally_grants(frame).total.pending == 2


@pytest.mark.parametrize(
    ("sites", "shown"), [(["RET", None], "'RET'"), ([["RET", "REN"], None], "['RET', 'REN']")]
)
def test_sites_in_a_list_are_not_forgotten(sites, shown):
    columns = {"study_id": ["S1", "S2"], "registered_on": [DAY] * 2, "lead": ["REM"] * 2}

    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.tally_registrations(pl.DataFrame(columns | {"sites": sites}))

    assert str(caught.value).startswith(f"1 row (study 'S1': {shown}): sites would not be counted")
    for empty in ([None, None], ["", " "], ["REM", None], [3, 1], [[], None]):
        for make in (pl.DataFrame, pd.DataFrame):
            frame = make(columns | {"sites": empty})
            assert lhp.tally_registrations(frame)["REM"] == 2
    frame = pd.DataFrame(columns | {"sites": [["RET"], []]})
    with pytest.raises(lhp.InvalidInputError, match="sites would not be counted"):
        lhp.tally_registrations(frame)


def test_references_are_followed_whatever_type_they_are_of():
    on = [DAY, DAY + dt.timedelta(days=90), DAY + dt.timedelta(days=180)]
    numbers = {"reference": [1, 2, 3], "submitted_on": on}
    again = {
        "floats with gaps": pd.DataFrame(
            APPLICATIONS | numbers | {"resubmission_of": [float("nan"), 1.0, 2.0]}
        ).assign(submitted_on=pd.to_datetime(on)),
        "numbers": pl.DataFrame(APPLICATIONS | numbers | {"resubmission_of": [None, 1, 2]}),
        "numbers of text": pl.DataFrame(
            APPLICATIONS
            | {"submitted_on": on}
            | {"reference": ["1", "2", "3"], "resubmission_of": [float("nan"), 1.0, 2.0]}
        ),
        "text": pl.DataFrame(APPLICATIONS | numbers | {"resubmission_of": ["", " 1", "2 "]}),
    }
    for kind, frame in again.items():
        each, once = (
            lhp.tally_grants(frame, resubmissions=which, period=None)
            for which in ("each", "latest")
        )
        assert each.notes == ("Resubmissions count each: 2 of the applications are one.",), kind
        assert once.total == lhp.OutcomeCounts(successful=0, unsuccessful=0, pending=1), kind
        assert once.excluded == {"resubmitted later": 2}, kind


def test_what_is_left_out_for_its_outcome_or_stage_resubmits_nothing():
    on = [DAY, DAY + dt.timedelta(days=90), DAY]
    frame = rows(
        submitted_on=on,
        resubmission_of=[None, "G1", None],
        outcome=["unsuccessful", "lost in the post", "pending"],
        stage=["full", "full", "full"],
    )
    tally = lhp.tally_grants(frame, resubmissions="latest", unknown="other")
    assert tally.excluded == {"outcome not known": 1}

    staged = rows(submitted_on=on, resubmission_of=[None, "G1", None], stage=["full", "single", ""])
    tally = lhp.tally_grants(staged, resubmissions="latest", stages=("full", "not stated"))
    assert (tally.excluded, tally.total.submitted) == ({"stage single": 1}, 2)


def test_pence_that_do_not_add_up_exactly_are_refused():
    many = {name: values * 40_000 for name, values in APPLICATIONS.items()}
    frame = pl.DataFrame(many | {"amount_requested_pence": [10**14 - 1] * 120_000})

    message = refusal(lhp.InvalidInputError, frame, duplicates="unchecked")

    assert message.startswith(
        "the counts or pence add up to about 1.2e+19, more than can be summed"
    )


@pytest.mark.parametrize("make", [pa.table, pl.DataFrame, pd.DataFrame])
def test_pence_that_one_group_cannot_hold_are_refused_before_they_wrap_round(make):
    many = {name: [values[2]] * 120_000 for name, values in APPLICATIONS.items()}
    frame = make(many | {"amount_requested_pence": [10**14 - 1] * 120_000})

    message = refusal(lhp.InvalidInputError, frame, duplicates="unchecked")

    assert message.startswith(
        "the counts or pence add up to about 1.2e+19, more than can be summed"
    )


def test_the_words_of_the_house_are_translated():
    frame = rows(outcome=["Funded ", "rejected", "Pending"]).rename_columns(
        ["ID", "Submitted", "Status", "Funder"]
    )

    tally = lhp.tally_grants(
        frame,
        by="funder",
        columns={
            "ID": "reference",
            "Submitted": "submitted_on",
            "Status": "outcome",
            "Funder": "funder",
        },
        outcomes={"funded": "successful", "Rejected": "unsuccessful"},
        funders={"NIHR": "National Institute", "MRC": "MRC"},
    )

    assert tally["National Institute"].successful == 1
    assert (tally["MRC"].unsuccessful, tally["not stated"].pending) == (1, 1)


def test_unknown_words_are_left_out_by_request_and_nothing_is_lost():
    frame = rows(outcome=["successful", None, "lapsed"], organisation=["Walton Centre", "X", "Y"])

    tally = lhp.tally_grants(
        frame,
        by="organisation",
        partnership=lhp.liverpool_health_partners(),
        unknown="other",
    )

    assert list(tally) == ["RET"]
    assert (tally.rows_in, tally.counted, tally.excluded) == (3, 1, {"outcome not known": 2})


def test_unknown_organisations_are_all_listed_or_other():
    frame = rows(organisation=["Walton Centre", "Nowhere", "Nowhere"])
    partnership = lhp.liverpool_health_partners()

    message = refusal(lhp.NotFoundError, frame, by="organisation", partnership=partnership)
    tally = lhp.tally_grants(frame, by="organisation", partnership=partnership, unknown="other")

    assert message.endswith("no organisation is called 'Nowhere' (2 times)")
    assert {key: tally[key].submitted for key in tally} == {"RET": 1, "other": 2}


@pytest.mark.parametrize(
    "make", [pl.from_arrow, duckdb.from_arrow, pa.Table.to_pandas, lambda t: t]
)
def test_the_date_of_a_timestamp_is_the_one_in_london(make):
    # Half past eleven at night in UTC is half past midnight of British Summer Time.
    late = dt.datetime(2023, 6, 30, 23, 30, tzinfo=dt.UTC)

    tally = lhp.tally_grants(make(rows(submitted_on=[late] * 3)), by="month")

    assert list(map(str, tally)) == ["Jul 2023"]
    assert tally.notes == ("submitted_on: the date in London of a timestamp with a time zone.",)


CITY_HOSPITALS = lhp.Partnership(
    "Test",
    [
        lhp.Trust(code="RAA", names=[lhp.DatedName("City Hospital", None, "2019-12-15")]),
        lhp.Trust(code="RBB", names=[lhp.DatedName("City Hospital", "2019-12-16")]),
    ],
)


def test_the_day_tells_which_of_two_organisations_of_one_name_is_meant():
    studies = {
        "study_id": ["a", "b"],
        "organisation": ["City Hospital"] * 2,
        "registered_on": [dt.date(2019, 12, 15), dt.date(2019, 12, 16)],
    }

    tally = lhp.tally_registrations(pl.DataFrame(studies), partnership=CITY_HOSPITALS)

    assert (tally["RAA"], tally["RBB"]) == (1, 1)


@pytest.mark.parametrize("role", ["lead", "sponsor"])
def test_the_day_tells_which_lead_or_sponsor_of_one_name_is_meant(role):
    studies = {
        "study_id": ["a", "b"],
        role: ["City Hospital"] * 2,
        "registered_on": [dt.date(2019, 12, 15), dt.date(2019, 12, 16)],
    }

    tally = lhp.tally_registrations(pl.DataFrame(studies), by=role, partnership=CITY_HOSPITALS)

    assert (tally["RAA"], tally["RBB"]) == (1, 1)


@pytest.mark.parametrize("value", [float("nan"), None])
def test_an_amount_that_is_no_number_is_not_stated(value):
    frame = pl.DataFrame(APPLICATIONS | {"amount_requested": [1.1, value, value]})

    tally = lhp.tally_grants(frame)

    assert tally.columns["requested_pence"].tolist() == [110]
    assert tally.columns["without_requested"].tolist() == [2]


def test_pounds_and_pence_are_the_same_money():
    pounds = rows(amount_requested=[Decimal("1200.50"), Decimal("0.29"), None])
    floats = rows(amount_requested=[1200.50, 0.29, None])
    pence = rows(amount_requested_pence=[120050, 29, None])

    assert lhp.tally_grants(pounds) == lhp.tally_grants(floats) == lhp.tally_grants(pence)


@pytest.mark.parametrize("frame", [rows().slice(0, 0), pd.DataFrame(columns=list(APPLICATIONS))])
def test_an_empty_frame_is_a_tally_of_nothing_that_says_so(frame):
    tally = lhp.tally_grants(frame, by="funder")

    assert (tally.rows_in, len(tally), tally.total.submitted) == (0, 0, 0)
    assert tally.notes == ("The frame has no rows.",)


def test_unchecked_duplicates_count_each_and_the_notes_say_so():
    tally = lhp.tally_grants(rows(reference=["G1"] * 3), duplicates="unchecked")

    assert tally.total.submitted == 3
    assert tally.notes == (
        "Duplicates were not looked for: every row of the frame counts as one record.",
    )


def test_a_column_may_be_said_to_be_what_it_is_called():
    tally = lhp.tally_grants(rows(), by="funder", columns={"funder": "funder"})

    assert tally == lhp.tally_grants(rows(), by="funder")


def test_an_organisation_that_the_map_lacks_is_other_by_request():
    frame = rows(lead=["REM", "Royl", "Royal"])
    question = {"by": "lead", "organisations": {"Royal": "RQ6", "REM": "REM"}}

    tally = lhp.tally_grants(frame, unknown="other", **question)

    assert {key: tally[key].submitted for key in tally} == {"REM": 1, "RQ6": 1, "other": 1}


def test_a_registration_without_its_date_is_refused_and_named():
    frame = pl.DataFrame(
        {"study_id": ["S1", "S2"], "registered_on": [DAY, None], "organisation": ["REM", "REM"]}
    )

    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.tally_registrations(frame, attribution="whole")

    assert str(caught.value) == "1 row (study 'S2'): no registered_on to date it by"


def test_any_column_of_the_frame_makes_groups():
    tally = lhp.tally_grants(rows(team=[7, 7, None], open=[True, False, None]), by=("team", "open"))

    assert set(tally) == {("7", "open"), ("7", "not open"), ("not stated", "not stated")}


# Frames of counts


def test_a_frame_of_counts_is_a_tally():
    frame = pl.DataFrame(
        {
            "financial_year": ["2022-23", "2023-24"],
            "funder": ["NIHR"] * 2,
            "won": [3, 4],
            "unsuccessful": [9, 8],
        }
    )

    tally = lhp.GrantTally.from_frame(
        frame, by=("financial_year", "funder"), columns={"won": "successful"}
    )

    assert tally[lhp.Period.financial_year("2023-24"), "NIHR"].decided == 12
    assert tally.total == lhp.OutcomeCounts(successful=7, unsuccessful=17)


def test_a_frame_that_lacks_an_outcome_says_so_and_one_that_lacks_a_count_is_refused():
    counts = {"funder": ["NIHR", "MRC"], "successful": [3, 4], "unsuccessful": [9, 8]}
    decided = counts | {"unsuccessful": [9, None], "successful": [3, None], "decided": [None, 5]}
    some = counts | {"pending": [1, None], "withdrawn": [None, 1]}

    def notes(columns):
        frame = pl.DataFrame(columns, strict=False)
        return lhp.GrantTally.from_frame(frame, by="funder").to_table().provenance.notes

    unstated = "Applications pending, withdrawn or not considered are not stated, and none are"
    assert notes(counts) == notes(decided) == (f"{unstated} counted.",)
    every = {"pending": [0, 0], "withdrawn": [0, 0], "not_considered": [0, 0]}
    assert notes(counts | every) == ()
    with pytest.raises(lhp.InvalidInputError) as caught:
        notes(some)
    assert str(caught.value) == "withdrawn of 'NIHR' is not stated; pending of 'MRC' is not stated"


def test_months_of_a_frame_of_counts_are_clipped_to_the_period():
    frame = duckdb.sql("select date '2023-11-01' as month, 5 as registrations")
    jro = lhp.Period("2023-11-20", "2024-03-31")

    tally = lhp.RegistrationTally.from_frame(frame, by="month", period=jro)

    assert list(tally) == [lhp.Period("2023-11-20", "2023-11-30")]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            {"organisation": ["REM", "REM"], "registrations": [1, 2]},
            "the frame has two rows for 'REM': add them up first",
        ),
        (
            {"organisation": ["REM", "REN"], "registrations": [1, None]},
            "registrations of 'REN' is not stated",
        ),
        (
            {"organisation": ["REM", "REN"], "registrations": [1, 2.5]},
            "registrations of 'REN' must be a whole number; got 2.5",
        ),
        (
            {"organisation": ["REM", "REN", "REM", "RBS"], "registrations": [0.5, None, 1, -1]},
            "registrations of 'REM' must be a whole number; got 0.5; registrations of 'REN' is not"
            " stated; the frame has two rows for 'REM': add them up first; registrations of 'RBS'"
            " must be a whole number of at least 0; got -1.0",
        ),
        (
            {"organisation": [f"R{n}" for n in range(12)], "registrations": [None] * 12},
            "; ".join(f"registrations of 'R{n}' is not stated" for n in range(10)) + " and 2 more",
        ),
    ],
)
def test_counts_that_are_none_are_refused(columns, message):
    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.RegistrationTally.from_frame(pl.DataFrame(columns, strict=False))

    assert str(caught.value) == message


def test_groups_whose_outcomes_cannot_be_are_all_named():
    frame = pl.DataFrame(
        {
            "funder": ["NIHR", "MRC", "UKRI"],
            "successful": [3, 2, 1],
            "unsuccessful": [9, None, 1],
            "decided": [11, None, 2],
        }
    )

    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.GrantTally.from_frame(frame, by="funder")

    assert str(caught.value) == (
        "'NIHR': decided (11) is not successful + unsuccessful (12); 'MRC': successful (2) needs"
        " unsuccessful beside it; where only the number of decisions is published, give decided="
        " alone"
    )


def test_a_quarter_is_given_by_a_day_in_it():
    counts = {"quarter": [DAY, dt.date(2023, 8, 31)], "registrations": [3, 4]}
    tally = lhp.RegistrationTally.from_frame(pl.DataFrame(counts), by="quarter")

    assert list(tally) == [
        lhp.Period("2023-04-01", "2023-06-30"),
        lhp.Period("2023-07-01", "2023-09-30"),
    ]
    named = pl.DataFrame({"quarter": ["2023Q1"], "registrations": [3]})
    with pytest.raises(lhp.InvalidInputError, match=r"^quarter must be a date in it; got '2023Q1'"):
        lhp.RegistrationTally.from_frame(named, by="quarter")


def test_shares_that_no_row_states_are_equal_in_a_column_of_objects_too():
    frame = pd.DataFrame(
        {
            "study_id": ["S1", "S1"],
            "registered_on": [DAY, DAY],
            "organisation": ["REM", "REN"],
            "share": pd.Series([None, None], dtype=object),
        }
    )

    tally = lhp.tally_registrations(frame, attribution="fractional")

    assert (tally["REM"], tally["REN"]) == (0.5, 0.5)


@pytest.mark.parametrize("make", [pa.table, pd.DataFrame, pl.DataFrame])
def test_a_column_of_categories_is_a_column_of_labels(make):
    codes = pa.array(APPLICATIONS["funder"]).dictionary_encode()
    funder = {pa.table: codes, pd.DataFrame: codes.to_pandas(), pl.DataFrame: pl.from_arrow(codes)}

    tally = lhp.tally_grants(make(APPLICATIONS | {"funder": funder[make]}), by="funder")

    assert tally == lhp.tally_grants(rows(), by="funder")


def test_yes_and_no_among_pythons_own_objects_are_labels():
    frame = pd.DataFrame(APPLICATIONS | {"open": pd.Series([True, None, False], dtype=object)})

    assert set(lhp.tally_grants(frame, by="open")) == {"open", "not open", "not stated"}
