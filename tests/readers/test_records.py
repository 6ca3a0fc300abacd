"""Files of records: as research offices have them, and with everything wrong with them."""

import datetime as dt
import io
import json
import math
import pickle
import traceback
import zoneinfo
from csv import DictReader, DictWriter
from decimal import Decimal
from tempfile import NamedTemporaryFile, SpooledTemporaryFile, TemporaryFile

import numpy as np
import openpyxl
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lhp_metrics as lhp
from lhp_metrics.readers import _cells
from strategies import as_text, grant_lists, study_lists

LHP = lhp.liverpool_health_partners()
NEEDED = {"reference": "G1", "submitted_on": "2023-05-01", "outcome": "successful"}


def csv(*lines):
    return io.StringIO("\n".join(lines), newline="")


def grant(**fields):
    """Read one grant out of dicts."""
    (found,) = lhp.read_grants([NEEDED | fields])
    return found


def faults_of(read, source, **options):
    with pytest.raises(lhp.InvalidFileError) as caught:
        read(source, **options)
    return caught.value.faults


def fault_of(field, value, **options):
    (fault,) = faults_of(lhp.read_grants, [NEEDED | {field: value}], **options)
    return fault


# ---- Headings -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headings",
    [
        "reference,submitted_on,outcome",
        "Reference, Submitted on ,OUTCOME",
        "REFERENCE,Submitted-On,Outcome:",
        "\ufeffreference,submitted_on,outcome,,,",
    ],
)
def test_headings_are_compared_without_case_spaces_and_punctuation(headings):
    commas = "," * (headings.count(",") - 2)
    (found,) = lhp.read_grants(csv(headings, f"G1,2023-05-01,pending{commas}"))

    assert found == lhp.Grant(reference="G1", submitted_on="2023-05-01", outcome="pending")


def test_a_title_with_a_comma_is_told_to_go_too():
    faults = faults_of(
        lhp.read_grants,
        csv("Grants, LUHFT", "Reference,Submitted on,Outcome", "G1,2023-05-01,pending"),
    )

    assert [(fault.rule, fault.hint) for fault in faults] == [
        (
            "needs columns 'reference', 'submitted_on', 'outcome'",
            "'Reference' stands in row 2; headings must be the first row, without a title above "
            "them",
        )
    ]


NO_TITLE = "headings must be the first row, without a title above them"
ONE_CELL = f"its first row has one cell, 'Studies of 2023-24'; {NO_TITLE}"


@pytest.mark.parametrize(
    ("read", "heading", "said"),
    [
        (
            lhp.read_studies,
            "study_id",
            f"needs a column 'study_id'; 'study_id' stands in row 3; {NO_TITLE}",
        ),
        (lhp.read_studies, "EDGE", f"needs a column 'study_id'; {ONE_CELL}{{parted}}"),
        (lhp.read_counts, "EDGE", f"needs a column 'registrations'; {ONE_CELL}{{parted}}"),
        (
            lhp.read_grants,
            "EDGE",
            f"needs columns 'reference', 'submitted_on', 'outcome'; {ONE_CELL}{{parted}}",
        ),
    ],
)
def test_a_title_above_the_headings_is_told_to_go(read, heading, said):
    lines = ["Studies of 2023-24"], [], [heading, "lead"], ["S1", "REM"]
    # Nothing parts the cells of a workbook.
    parted = ", and parted by commas, semicolons or tabs"

    for source, end in ((csv(*map(",".join, lines)), parted), (workbook(*lines), "")):
        (fault,) = faults_of(read, source)
        found = f"{fault.rule}; {fault.hint}".removesuffix("; ")
        assert found == said.format(parted=end)


def test_dicts_with_one_key_have_no_first_row():
    (fault,) = faults_of(lhp.read_studies, [{"study": "S1"}])

    assert fault.hint == "it has 'study'; if one of them is it, say columns={'study': 'study_id'}"


def test_a_data_frame_is_sent_to_where_it_is_counted():
    frame = pd.DataFrame([NEEDED])
    for source in (frame, pl.from_pandas(frame), pl.from_pandas(frame).lazy()):
        with pytest.raises(lhp.InvalidTypeError) as caught:
            lhp.read_grants(source)
        assert str(caught.value) == (
            f"source must be a path, an open file or dicts; got a {type(source).__name__}: "
            "tally_grants and tally_registrations count a data frame of records, from_frame takes "
            "one of counts; dicts of it are df.to_dict('records'), in Polars df.to_dicts()"
        )


@pytest.mark.parametrize("options", [{}, {"partnership": LHP}])
def test_codes_with_commas_between_them_are_no_organisation(options):
    fault = fault_of("partners", "RET, RBQ; REM", **options)

    assert (fault.value, fault.hint) == (
        "RET, RBQ; REM",
        "between several stand semicolons, not commas",
    )


@pytest.mark.parametrize("name", ["Smith, Jones & Co", "Walton Centre, The", "RET"])
def test_a_name_may_have_commas(name):
    assert grant(partners=name).partners == (name,)


def test_a_map_may_have_codes_with_commas_between_them():
    (found,) = lhp.read_grants(
        [NEEDED | {"lead": "RET, RBQ"}], organisations={"RET, RBQ": "Joint Office"}
    )

    assert found.lead == "Joint Office"


@pytest.mark.parametrize("word", ["Total", "GRAND TOTAL", "totals"])
def test_a_row_of_totals_is_no_record(word):
    (fault,) = faults_of(lhp.read_studies, csv("study_id,lead", "S1,REM", f"{word},REM"))
    assert (fault.row, fault.field, fault.rule) == (
        3,
        "study_id",
        "must be a study, not the total of the others: leave the row out",
    )
    (fault,) = faults_of(lhp.read_grants, [NEEDED | {"reference": word}])
    assert fault.rule == "must be a grant, not the total of the others: leave the row out"


def test_a_missing_column_lists_those_found_the_nearest_first():
    faults = faults_of(lhp.read_grants, csv("Ref no,Date,Result,Submitted"))

    assert [fault.rule for fault in faults] == [
        "needs a column 'reference'",
        "needs a column 'submitted_on'",
        "needs a column 'outcome'",
    ]
    assert faults[1].hint.startswith("it has 'Submitted', ")
    assert "columns={'Submitted': 'submitted_on'}" in faults[1].hint


def test_headings_that_stand_twice_are_refused():
    (fault,) = faults_of(lhp.read_grants, csv("reference,Note,submitted_on,outcome,note"))

    assert fault.rule == "headings stand twice: 'Note', 'note'"


def test_two_columns_of_one_field_are_refused_unless_columns_says_which():
    (fault,) = faults_of(lhp.read_grants, csv("reference,submitted_on,outcome,Out-Come"))
    assert fault.rule == "several columns hold 'outcome'"
    assert fault.hint == "'outcome', 'Out-Come'; columns= says which"
    lines = ("reference,submitted_on,outcome,Result", "G1,2023-05-01,pending,successful")
    records = lhp.read_grants(csv(*lines), columns={"Result": "outcome"})
    assert records[0].outcome == "successful"
    assert records.passed_over == ("outcome",)


def test_columns_that_are_no_field_are_passed_over_and_listed():
    records = lhp.read_grants([NEEDED | {"Comment": "x", "PI": "y"}])

    assert records.passed_over == ("Comment", "PI")
    assert "columns passed over: 'Comment', 'PI'" in repr(records)


@pytest.mark.parametrize(
    ("columns", "error", "message"),
    [
        ({"outcome": "Status"}, lhp.InvalidInputError, r"did you mean {'Status': 'outcome'}\?"),
        ({"Status": "outcom"}, lhp.InvalidInputError, "names no field; did you mean 'outcome'"),
        ({"Statue": "outcome"}, lhp.InvalidFileError, "'Statue', which is no heading.*'Status'"),
        ({"Status": "outcome", "Ref": "outcome"}, lhp.InvalidInputError, "two columns for"),
        ({"Status": 1}, lhp.InvalidTypeError, "must map text to text"),
        (["Status"], lhp.InvalidTypeError, "columns must map"),
    ],
)
def test_wrong_columns_are_named(columns, error, message):
    with pytest.raises(error, match=message):
        lhp.read_grants(csv("Ref,Status,submitted_on"), columns=columns)


# ---- What cells hold ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dates", "text", "day"),
    [
        ("iso", "2024-01-31", "2024-01-31"),
        ("iso", " 2024-01-31 14:05:00", "2024-01-31"),
        ("uk", "31/01/2024", "2024-01-31"),
        ("uk", "1/2/2024", "2024-02-01"),
        ("uk", "01-02-2024", "2024-02-01"),
        ("uk", "01.02.2024", "2024-02-01"),
        ("uk", "31/01/2024 14:05", "2024-01-31"),
        ("uk", "31/01/2024 02:05:00 PM", "2024-01-31"),
        ("uk", "31 Jan 2024", "2024-01-31"),
        ("uk", "31-Jan-2024", "2024-01-31"),
        ("uk", "1 September 2024", "2024-09-01"),
        ("uk", "1 Sept 2024", "2024-09-01"),
        ("uk", "2024-01-31", "2024-01-31"),
        # British Summer Time began on 31 March 2024 (gov.uk/when-do-the-clocks-change).
        ("iso", "2024-03-30T23:30:00Z", "2024-03-30"),
        ("iso", "2024-03-31T23:30:00Z", "2024-04-01"),
        ("iso", "2024-06-01T00:30:00+01:00", "2024-06-01"),
        ("iso", "2024-06-01T02:00:00+05:30", "2024-05-31"),
    ],
)
def test_dates_are_read_as_said(dates, text, day):
    (found,) = lhp.read_grants([NEEDED | {"submitted_on": text}], dates=dates)

    assert found.submitted_on == dt.date.fromisoformat(day)


@pytest.mark.parametrize("text", ["31/01/2024", "3/4/2024", "31 Jan 2024", "31.01.2024"])
def test_a_british_date_under_iso_says_what_to_say(text):
    fault = fault_of("submitted_on", text)

    assert (fault.row, fault.column, fault.value) == (1, "submitted_on", text)
    assert fault.rule == "must be a date such as 2024-01-31"
    assert fault.hint == "it looks like day, month, year: say dates='uk'"


@pytest.mark.parametrize(
    "text",
    ["01/31/2024", "31/02/2024", "31/01/24", "31 Foo 2024", "45322", 45322, True, "x", "٣/١/٢٠٢٤"],
)
@pytest.mark.parametrize("dates", ["iso", "uk"])
def test_what_is_no_date_is_refused(text, dates):
    assert "must be a date" in fault_of("submitted_on", text, dates=dates).rule


def test_a_year_of_two_digits_is_not_guessed():
    assert fault_of("submitted_on", "31/01/24", dates="uk").hint == "the year needs four digits"


EAST, WEST = (dt.timezone(dt.timedelta(hours=hours)) for hours in (14, -12))


@pytest.mark.parametrize(
    "moment",
    [
        dt.datetime(1, 1, 1, tzinfo=EAST),  # in London it was the year 0
        dt.datetime(9999, 12, 31, 23, 59, tzinfo=WEST),  # there it will be the year 10000
    ],
)
def test_an_instant_that_has_no_date_in_london_is_refused(moment):
    fault = fault_of("submitted_on", moment)

    assert fault.rule == "must be a date such as 2024-01-31"
    assert fault.hint == "date value out of range"


def test_without_time_zones_an_instant_says_what_is_missing(monkeypatch):
    monkeypatch.setattr(zoneinfo, "ZoneInfo", no_zone)
    _cells._london.cache_clear()

    fault = fault_of("submitted_on", dt.datetime(2023, 5, 1, tzinfo=dt.UTC))

    assert fault.hint == "time zones need the package tzdata here"


def no_zone(name):
    raise zoneinfo.ZoneInfoNotFoundError(name)


@pytest.mark.parametrize("dates", ["iso", "uk"])
@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("2023-06-31", ""),  # four digits, but no such day
        ("02/13/2024", "it looks like month, day, year"),
        ("45000", "a number is no date: give the column a date format in Excel"),
    ],
)
def test_the_hint_at_a_date_fits_what_is_wrong_with_it(text, hint, dates):
    assert fault_of("submitted_on", text, dates=dates).hint == hint


def last_sunday(year, month):
    last = dt.datetime(year, month, 31)
    return last - dt.timedelta(days=(last.weekday() + 1) % 7)


@given(moment=st.datetimes(dt.datetime(1996, 1, 1), dt.datetime(2037, 1, 1)))
def test_the_date_of_an_instant_is_londons(moment):
    # Summer Time Act 1972 as amended by the Summer Time Order 2002: an hour ahead from 1 a.m.
    # Greenwich on the last Sunday of March to that of October; so in the EU's rule since 1996.
    one = dt.timedelta(hours=1)
    summer = last_sunday(moment.year, 3) + one <= moment < last_sunday(moment.year, 10) + one
    expected = (moment + one * summer).date()
    instant = moment.replace(tzinfo=dt.UTC)

    assert grant(submitted_on=instant).submitted_on == expected
    assert grant(submitted_on=instant.isoformat()).submitted_on == expected
    assert grant(submitted_on=pd.Timestamp(instant)).submitted_on == expected


@pytest.mark.parametrize(
    ("cell", "pounds"),
    [
        ("£1,234.56", "1234.56"),
        ("1234.5", "1234.50"),
        (" £ 1,000,000 ", "1000000.00"),
        (1234.56, "1234.56"),
        (0.1 + 0.2, "0.30"),
        (1234, "1234.00"),
        (Decimal("1234.560"), "1234.56"),
        (np.float64(10.5), "10.50"),
        (np.int64(10), "10.00"),
        (math.nan, None),
        (None, None),
        ("", None),
        (pd.NaT, None),
        (pd.NA, None),
    ],
)
def test_money_is_read_exactly(cell, pounds):
    found = grant(amount_requested=cell).amount_requested

    assert str(found) == str(pounds)


@pytest.mark.parametrize(
    "cell", ["1,50", "£1.2m", "-5", -5, "1234.567", 1234.567, math.inf, True, [5], "1e5"]
)
def test_what_is_no_money_is_refused(cell):
    assert fault_of("amount_requested", cell).column == "amount_requested"


@given(amount=st.decimals(0, 10**11, places=2))
def test_money_as_spreadsheets_show_it_is_the_same_money(amount):
    assert grant(amount_requested=as_text(amount)).amount_requested == amount
    assert grant(amount_requested=float(amount)).amount_requested == amount


@pytest.mark.parametrize(
    ("cell", "reference"),
    [(123.0, "123"), (123, "123"), ("00123", "00123"), ("=cmd", "=cmd"), (" a  b ", "a b")],
)
def test_references_are_text_and_whole_numbers_their_digits(cell, reference):
    assert grant(reference=cell).reference == reference


@pytest.mark.parametrize("cell", [123.5, True, "", None, math.nan, ["G1"], dt.date(2024, 1, 1)])
def test_what_is_no_reference_is_refused(cell):
    assert fault_of("reference", cell).column == "reference"


def test_a_cell_like_a_formula_is_text_and_the_escape_comes_off():
    records = lhp.read_grants(
        csv(
            "reference,submitted_on,outcome,theme",
            "=cmd,2023-05-01,pending,+1",
            "'=x,2023-05-01,pending,''@y",
            "'tis,2023-05-01,pending,'",
        )
    )

    assert [(g.reference, g.theme) for g in records] == [
        ("=cmd", "+1"),
        ("=x", "'@y"),
        ("'tis", "'"),
    ]


@pytest.mark.parametrize("cell", ["Yes", "y", "TRUE", True, 1, "Commercial", 1.0, np.True_])
def test_yes_has_spellings(cell):
    (study,) = lhp.read_studies([{"study_id": 1, "commercial": cell}])

    assert study.commercial is True


@pytest.mark.parametrize("cell", ["No", "n", "false", False, 0, "Non-commercial"])
def test_no_has_spellings(cell):
    (study,) = lhp.read_studies([{"study_id": 1, "commercial": cell}])

    assert study.commercial is False


@pytest.mark.parametrize("cell", [1.5, [1], "perhaps", 2])
def test_what_is_neither_yes_nor_no_is_refused(cell):
    row = {"study_id": "S1", "registered_on": "2023-05-01", "commercial": cell}

    (fault,) = faults_of(lhp.read_studies, [row])

    assert fault.rule == "must be yes or no"


def test_words_for_nothing_are_said():
    assert fault_of("amount_requested", "N/A").value == "N/A"
    found = lhp.read_grants([NEEDED | {"amount_requested": "n/a"}], missing=["N/A", "TBC"])
    assert found[0].amount_requested is None
    with pytest.raises(lhp.InvalidTypeError, match="missing must be several words"):
        lhp.read_grants([NEEDED], missing="N/A")


# ---- The house's words ----------------------------------------------------------------------


def test_outcomes_map_the_houses_words_and_ours_stand_for_themselves():
    words = ["Funded", "FUNDED ", "Not considered", "not-considered", "Unsuccessful"]
    items = [NEEDED | {"reference": i, "outcome": word} for i, word in enumerate(words)]

    found = lhp.read_grants(items, outcomes={"funded": "successful"})

    assert [g.outcome for g in found] == [
        "successful",
        "successful",
        "not_considered",
        "not_considered",
        "unsuccessful",
    ]


def test_unmapped_words_are_all_listed_with_how_often():
    words = ["Funded"] * 3 + ["Rejected"] * 2 + [f"word {i}" for i in range(40)] + ["sucessful"]
    items = [NEEDED | {"reference": i, "outcome": word} for i, word in enumerate(words)]

    with pytest.raises(lhp.InvalidFileError) as caught:
        lhp.read_grants(items)

    message = str(caught.value)
    assert "46 faults in 46 rows" in message
    assert "'Funded' (3 times: rows 1, 2, 3)" in message
    assert "'word 39' (row 45)" in message
    assert "'sucessful' (row 46); did you mean 'successful' or 'unsuccessful'?" in message
    assert "outcomes= maps the file's words" in message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"outcomes": {"Funded": "won"}}, r"outcomes must map to 'successful'.*'Funded': 'won'"),
        ({"outcomes": {"A": "pending", "a": "withdrawn"}}, "gives 'a' two meanings"),
        ({"outcomes": "Funded"}, "outcomes must map"),
        ({"funders": {1: "NIHR"}}, "funders must map text to text"),
        ({"organisations": ["REM"]}, "organisations must map"),
        ({"partnership": "LHP"}, "partnership must be a Partnership"),
        ({"unknown_funders": "x"}, "unknown_funders must be one of"),
        ({"dates": "us"}, "dates must be one of 'iso', 'uk'"),
        ({"on_error": "skip"}, "on_error must be one of 'raise', 'collect'"),
        ({"encoding": "uft-8"}, "encoding 'uft-8' is not known; did you mean 'utf-8'"),
        ({"encoding": "rot13"}, "encoding 'rot13' is not known"),
        ({"encoding": 8}, "encoding must be text"),
        ({"delimiter": "|"}, "delimiter must be one of"),
        ({"sheet": 1.5}, "sheet must be a name or a number"),
    ],
)
def test_wrong_arguments_are_named(options, message):
    with pytest.raises(lhp.LhpMetricsError, match=message):
        lhp.read_grants([NEEDED], **options)


def test_funders_are_joined_and_unknown_ones_are_said():
    items = [
        NEEDED | {"reference": i, "funder": f} for i, f in enumerate(["N.I.H.R.", "nihr", "X"])
    ]
    funders = {"N.I.H.R.": "NIHR"}

    assert faults_of(lhp.read_grants, items, funders=funders)[0].value == "X"
    for unknown, last in (("keep", "X"), ("other", "other")):
        found = lhp.read_grants(items, funders=funders, unknown_funders=unknown)
        assert [g.funder for g in found] == ["NIHR", "NIHR", last]


def test_names_are_resolved_and_unknown_ones_listed_with_near_ones():
    items = [
        NEEDED | {"reference": i, "lead": name}
        for i, name in enumerate(["Walton", "The Walton Centre NHS FT", "Waltn", "Waltn", "Acme"])
    ]

    faults = faults_of(lhp.read_grants, items, partnership=LHP)

    assert [fault.value for fault in faults] == ["Waltn", "Waltn", "Acme"]
    assert faults[0].hint == "did you mean 'Walton'?"
    maps = {"waltn": "RET", "Acme": "Alder Hey"}
    found = lhp.read_grants(items, partnership=LHP, organisations=maps)
    assert [g.lead for g in found] == ["RET", "RET", "RET", "RET", "RBS"]


def test_without_a_partnership_the_map_is_all_that_is_known():
    items = [NEEDED | {"lead": "Walton", "partners": ["RBS"]}]

    found = lhp.read_grants(items, organisations={"walton": "RET", "Alder Hey": "RBS"})
    assert found[0].organisations == ("RET", "RBS")
    assert faults_of(lhp.read_grants, items, organisations={"x": "REM"})[0].value == "Walton"
    assert lhp.read_grants(items)[0].lead == "Walton"


def test_a_sponsor_that_nobody_knows_keeps_its_name():
    (study,) = lhp.read_studies(
        [{"study_id": 1, "sponsor": "Acme Pharma", "lead": "Walton"}], partnership=LHP
    )

    assert (study.sponsor, study.lead) == ("Acme Pharma", "RET")


def test_the_date_decides_between_organisations_that_bore_a_name_in_turn():
    trusts = [
        lhp.Trust(code="AAA", names="Old Infirmary", closed_on="2019-12-31"),
        lhp.Trust(code="BBB", names="Old Infirmary", opened_on="2020-01-01"),
    ]
    both = lhp.Partnership("A partnership", trusts)
    items = [
        NEEDED | {"reference": 1, "submitted_on": "2019-05-01", "lead": "Old Infirmary"},
        NEEDED | {"reference": 2, "submitted_on": "2023-05-01", "lead": "Old Infirmary"},
    ]

    assert [g.lead for g in lhp.read_grants(items, partnership=both)] == ["AAA", "BBB"]


# ---- Long and wide files --------------------------------------------------------------------

LONG = (
    "study_id,registered_on,title,organisation,opened_on,target",
    "1,2023-12-01,One,REM,2024-01-15,10",
    "2,2023-12-02,Two,REN,,",
    "1,2023-12-01,One,REN,,5",
)


def test_rows_of_one_study_are_joined():
    studies = lhp.read_studies(csv(*LONG))

    assert list(studies) == [
        lhp.Study(
            study_id=1,
            registered_on="2023-12-01",
            title="One",
            sites=[
                lhp.StudySite("REM", opened_on="2024-01-15", target=10),
                lhp.StudySite("REN", target=5),
            ],
        ),
        lhp.Study(study_id=2, registered_on="2023-12-02", title="Two", sites=["REN"]),
    ]
    assert (studies.rows_in, studies.records_in) == (3, 2)


def test_a_site_that_stands_twice_names_both_rows():
    (fault,) = faults_of(lhp.read_studies, csv(*LONG, "2,2023-12-02,Two,ren,,"))

    assert (fault.row, fault.column, fault.value) == (5, "organisation", "ren")
    assert fault.hint == "row 3 of '2' has it too"


def test_two_names_of_one_site_are_that_site_twice():
    lines = ("study_id,site", "1,LUHFT", "1,Liverpool University Hospitals")

    assert len(lhp.read_studies(csv(*lines))[0].sites) == 2
    (fault,) = faults_of(lhp.read_studies, csv(*lines), partnership=LHP)
    assert fault.rule == "must stand once in a study"


@pytest.mark.parametrize("title", ["Won", ""])
def test_fields_that_disagree_between_rows_name_both(title):
    (fault,) = faults_of(lhp.read_studies, csv(*LONG, f"1,2023-12-01,{title},RET,,"))

    assert (fault.row, fault.column, fault.value) == (5, "title", title)
    assert fault.rule == "must be the same in all rows of a study"
    assert fault.hint == "row 2 has 'One'"


def test_a_reference_that_stands_twice_needs_an_organisation_column():
    (fault,) = faults_of(lhp.read_grants, [NEEDED, NEEDED])

    assert "needs a column 'organisation'" in fault.rule
    assert fault.hint == "row 1 has it too"


def test_a_blank_organisation_beside_others_is_refused():
    (fault,) = faults_of(lhp.read_studies, csv(*LONG, "2,2023-12-02,Two,,,"))

    assert fault.rule == "must not be blank where a study has several rows"


@pytest.mark.parametrize(
    ("rest", "rule"),
    [
        (",2024-02-01,5", "must not be blank beside 'opened_on', 'recruited'"),
        (",,0", "must not be blank beside 'recruited'"),
    ],
)
def test_dates_of_a_site_that_is_not_named_are_refused(rest, rule):
    rows = csv("study_id,registered_on,organisation,opened_on,recruited", f"S1,2024-01-15,{rest}")

    (fault,) = faults_of(lhp.read_studies, rows)

    assert (fault.field, fault.rule, fault.row) == ("organisation", rule, 2)


def test_a_study_without_sites_may_stand_in_a_file_of_sites():
    rows = csv("study_id,registered_on,organisation,opened_on", "S1,2024-01-15,,")

    (study,) = lhp.read_studies(rows)

    assert study.sites == ()


def test_what_is_unreadable_is_excluded_from_clocks_and_plans_too():
    rows = csv(
        "study_id,registered_on,organisation,hra_approval_on,opened_on,target,recruited",
        "S1,2024-01-01,REM,2024-01-01,2024-01-05,10,3",
        "S2,soon,REM,2024-01-01,2024-01-05,10,3",
    )
    studies = lhp.read_studies(rows, on_error="collect")

    tally = lhp.tally_setup(studies, clock="hra-approval-to-open", as_of="2024-06-30")
    pace = lhp.time_and_target(studies, "2024-06-30").provenance

    assert (tally.rows_in, dict(tally.excluded)) == (2, {"unreadable in the file": 1})
    assert (pace.records_in, dict(pace.records_excluded)) == (
        2,
        {"unreadable in the file": 1, "no planned_closing_on": 1},
    )


def test_long_and_wide_files_of_grants_give_the_same_grants():
    wide = csv(
        "reference,submitted_on,outcome,lead,partners,shares",
        "G1,2023-05-01,pending,REM,REN; RET,REM=50%; REN=1/4; RET=0.25",
    )
    long = csv(
        "reference,submitted_on,outcome,lead,partner,share",
        "G1,2023-05-01,pending,REM,REN,1/4",
        "G1,2023-05-01,pending,REM,REM,1/2",
        "G1,2023-05-01,pending,REM,RET,25%",
    )

    assert list(lhp.read_grants(wide)) == list(lhp.read_grants(long))
    assert lhp.read_grants([NEEDED | {"partners": ["REN"]}])[0].partners == ("REN",)


def test_both_shapes_at_once_are_refused():
    item = NEEDED | {"organisation": "REM", "partners": "REN"}

    assert "both a column 'organisation'" in faults_of(lhp.read_grants, [item])[0].rule
    (fault,) = faults_of(lhp.read_studies, [{"study_id": 1, "opened_on": "2023-05-01"}])
    assert "'opened_on' but none 'organisation'" in fault.rule


@pytest.mark.parametrize(
    ("site", "hint"),
    [
        ({"organisation": "REM", "opened_on": "soon"}, "opened_on 'soon' must be a date such as"),
        ({"organisation": "REM", "recruited": "few"}, "recruited 'few' must be a whole number"),
        ({"opened_on": "2023-05-01"}, "site: organisation must be text; got None"),
        (
            {"organisation": "REM", "opened_on": "2023-05-01", "closed_on": "2023-04-01"},
            "site 'REM': closed_on (2023-04-01) is before opened_on (2023-05-01)",
        ),
    ],
)
def test_a_site_that_cannot_be_read_says_why(site, hint):
    row = {"study_id": "S1", "registered_on": "2023-05-01", "sites": [site]}

    (fault,) = faults_of(lhp.read_studies, [row])

    assert (fault.field, fault.rule) == ("sites", "must be sites that can be read")
    assert fault.hint.startswith(hint)


def test_a_site_of_a_long_file_that_contradicts_itself_names_its_row():
    table = csv(
        "study_id,registered_on,organisation,opened_on,closed_on",
        "S1,2023-05-01,REM,2023-05-01,",
        "S1,2023-05-01,REN,2023-05-01,2023-04-01",
    )

    (fault,) = faults_of(lhp.read_studies, table)

    assert fault.rule == "a study must not contradict itself"
    assert fault.hint.startswith("row 3: site 'REN': closed_on (2023-04-01) is before opened_on")


def test_shares_that_nobody_stated_are_none():
    long = csv(
        "reference,submitted_on,outcome,lead,organisation,share",
        "G1,2023-05-01,successful,REM,REM,",
        "G1,2023-05-01,successful,REM,REN,",
    )

    (found,) = lhp.read_grants(long)

    assert found.shares is None
    assert found.partners == ("REN",)


def test_shares_name_each_organisation_once():
    shares = {"REM": "1/2", "rem": "1/2"}
    fault = fault_of("shares", shares, partnership=LHP)

    assert fault.rule == "must name each organisation once"
    assert fault.hint == "'REM' stands twice"


@pytest.mark.parametrize("cell", ['"REM', '"REM"x; REN'])
def test_quotes_that_do_not_pair_are_a_fault_of_their_cell(cell):
    fault = fault_of("partners", cell)

    assert (fault.row, fault.rule) == (1, "must be names with semicolons between them")


def test_json_holds_sites_as_objects():
    text = json.dumps(
        [{"study_id": 1, "sites": ["REN", {"organisation": "REM", "Opened on": "2024-01-15"}]}]
    )

    (study,) = lhp.read_studies(io.StringIO(text))
    assert study.sites == (
        lhp.StudySite("REN"),
        lhp.StudySite("REM", opened_on=dt.date(2024, 1, 15)),
    )
    (fault,) = faults_of(
        lhp.read_studies, io.StringIO(text.replace("Opened on", "Open on").replace("-15", "-32"))
    )
    assert "did you mean 'opened_on'" in fault.hint


def test_what_contradicts_itself_names_row_and_record():
    item = NEEDED | {"decided_on": "2023-04-01", "reference": "G: 7"}

    (fault,) = faults_of(lhp.read_grants, [item])

    assert (fault.row, fault.column, fault.value) == (1, None, "G: 7")
    assert fault.hint == "decided_on (2023-04-01) is before submitted_on (2023-05-01)"


# ---- Every fault, and what is left ----------------------------------------------------------


def test_every_fault_of_the_file_is_in_one_error():
    source = csv(
        "reference,submitted_on,outcome,amount_requested",
        "G1,2023-05-01,Funded,£1",
        "G2,01/05/2023,Funded,£1.2m",
        ",2023-05-01,pending,",
        "",
        "G4,2023-05-01,pending,,extra",
        "G5,2023-05-01",
    )

    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.read_grants(source)

    error = caught.value
    assert isinstance(error, ExceptionGroup)
    # Rows are numbered as a spreadsheet shows them: headings and blank lines have numbers too.
    assert [(fault.row, fault.column, fault.value) for fault in error.faults] == [
        (2, "outcome", "Funded"),
        (3, "submitted_on", "01/05/2023"),
        (3, "outcome", "Funded"),
        (3, "amount_requested", "£1.2m"),
        (4, "reference", ""),
        (6, None, "extra"),
        (7, None, "2023-05-01"),
        (7, "outcome", None),
    ]
    assert "8 faults in 5 rows" in str(error)
    assert "Exception Group" in "".join(traceback.format_exception(error))
    assert all(isinstance(part, lhp.InvalidInputError) for part in error.exceptions)
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (str(copy), copy.faults) == (str(error), error.faults)


@pytest.mark.parametrize(
    "nothing", [math.nan, np.float64("nan"), Decimal("NaN"), None, pd.NaT, pd.NA, "", " "]
)
def test_a_dict_of_blanks_is_passed_over_as_a_blank_line_is(nothing):
    blank, faulty = dict.fromkeys(NEEDED, nothing), NEEDED | {"reference": nothing}
    lines = [",".join(NEEDED), ",".join(NEEDED.values()), ",,", ",2023-05-01,successful"]

    dicts = lhp.read_grants([NEEDED, blank, faulty], on_error="collect")
    file = lhp.read_grants(csv(*lines), on_error="collect")

    assert (dicts.rows_in, dicts.unreadable, len(dicts)) == (2, 1, 1)
    assert (file.rows_in, file.unreadable, len(file)) == (2, 1, 1)
    # A row that is passed over keeps its number.
    assert [fault.row for fault in dicts.faults] == [3]


def test_values_are_counted_not_all_listed():
    items = [NEEDED | {"reference": i, "submitted_on": f"day {i}"} for i in range(500)]

    with pytest.raises(lhp.InvalidFileError, match="and 490 more values") as caught:
        lhp.read_grants(items)

    assert len(caught.value.faults) == 500
    assert len(str(caught.value)) < 1500


def test_even_words_have_an_end():
    items = [NEEDED | {"reference": i, "outcome": f"word {i}"} for i in range(1_000)]

    with pytest.raises(lhp.InvalidFileError, match="and 800 more values"):
        lhp.read_grants(items)


def test_collected_faults_leave_the_good_records_and_reach_the_tally():
    source = csv(
        "reference,submitted_on,outcome,organisation",
        "G1,2023-05-01,pending,REM",
        "G1,2023-05-01,pending,Nowhere",
        "G2,2023-05-01,pending,REN",
        ",2023-05-01,pending,REN",
        ",2023-05-01,pending,RET",
    )

    records = lhp.read_grants(source, partnership=LHP, on_error="collect")

    assert [g.reference for g in records] == ["G2"]
    assert records[0] is next(iter(records))
    assert records[:1] == (records[0],)
    assert (records.rows_in, records.records_in, records.unreadable) == (5, 4, 3)
    assert [fault.row for fault in records.faults] == [3, 5, 6]
    tally = lhp.tally_grants(records, by="organisation")
    assert dict(tally.excluded) == {"unreadable in the file": 3}
    assert tally.rows_in == 4 == tally.counted + sum(tally.excluded.values())
    assert pickle.loads(pickle.dumps(records)) == records  # noqa: S301


BREAKS = st.dictionaries(
    st.integers(0, 20),
    st.sampled_from(
        [
            ("reference", ""),
            ("study_id", ""),
            ("submitted_on", "soon"),
            ("registered_on", "soon"),
            ("outcome", "who knows"),
            ("lead", "Nowhere"),
            ("organisation", "Nowhere"),
        ]
    ),
)


@given(breaks=BREAKS, grants=grant_lists(max_size=6), studies=study_lists(max_size=6))
def test_every_record_of_a_file_is_read_or_counted_as_unreadable(breaks, grants, studies):
    for records, write, read, tally, key, by in (
        (grants, lhp.write_grants, lhp.read_grants, lhp.tally_grants, "reference", "stage"),
        (studies, lhp.write_studies, lhp.read_studies, lhp.tally_registrations, "study_id", None),
    ):
        file = io.StringIO(newline="")
        write(records, file, file_format="csv")
        file.seek(0)
        # Without its id a row leaves its study, whose parts then name a stranger.
        rows = [row | {"shares": ""} for row in DictReader(file)]
        broken = {
            i: change for i, change in breaks.items() if i < len(rows) and change[0] in rows[i]
        }
        for index, (field, text) in broken.items():
            rows[index][field] = text
        changed = io.StringIO(newline="")
        writer = DictWriter(changed, rows[0] if rows else [])
        writer.writeheader()
        writer.writerows(rows)
        changed.seek(0)
        if not rows:
            continue

        found = read(changed, partnership=LHP, on_error="collect")

        # By hand: a key with a broken row is lost, and so is each row that has no key.
        keys = {row[key] for row in rows if row[key]}
        lost = {rows[index][key] for index in broken if rows[index][key]}
        keyless = sum(not row[key] for row in rows)
        assert len(found) == len(keys - lost)
        assert found.unreadable == len(lost) + keyless
        assert found.records_in == len(found) + found.unreadable
        assert found.rows_in == len(rows)
        counted = tally(found, by=by)
        assert counted.rows_in == found.records_in
        assert counted.counted == len(found)


# ---- Workbooks ------------------------------------------------------------------------------


def workbook(*rows, sheets=("Sheet1",)):
    book = openpyxl.Workbook()
    book.active.title = sheets[0]
    for row in rows:
        book.active.append(row)
    for name in sheets[1:]:
        book.create_sheet(name)
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def test_workbooks_hold_dates_and_numbers():
    source = workbook(
        ["Reference", "Submitted on", "Outcome", "Amount requested", None],
        [123, dt.datetime(2023, 5, 1), "successful", 1234.56, None],
        [None, None, None, None],
        ["G2", dt.datetime(2023, 5, 2, 14, 5), "pending", "£5", None],
    )

    first, second = lhp.read_grants(source)

    assert (first.reference, first.submitted_on) == ("123", dt.date(2023, 5, 1))
    assert first.amount_requested == Decimal("1234.56")
    assert second.submitted_on == dt.date(2023, 5, 2)


def test_rows_of_workbooks_have_their_numbers_there():
    source = workbook(
        [None],
        ["reference", "submitted_on", "outcome"],
        [None],
        ["G1", 45000, True],
    )

    faults = faults_of(lhp.read_grants, source)

    assert [(fault.row, fault.column, fault.value) for fault in faults] == [
        (4, "submitted_on", 45000),
        (4, "outcome", True),
    ]
    assert "a number is no date" in faults[0].hint


def test_a_workbook_of_several_sheets_needs_to_be_told():
    rows = (["reference", "submitted_on", "outcome"], ["G1", dt.date(2023, 5, 1), "pending"])
    names = ("Grants", "Notes")

    (fault,) = faults_of(lhp.read_grants, workbook(*rows, sheets=names))
    assert fault.rule == "it has the sheets 'Grants', 'Notes': say sheet="
    assert len(lhp.read_grants(workbook(*rows, sheets=names), sheet="Grants")) == 1
    assert len(lhp.read_grants(workbook(*rows, sheets=names), sheet=1)) == 1
    for wrong, message in (("Grant", "did you mean 'Grants'"), (3, "none is number 3")):
        (fault,) = faults_of(lhp.read_grants, workbook(*rows, sheets=names), sheet=wrong)
        assert message in fault.rule
    (fault,) = faults_of(lhp.read_grants, io.BytesIO(b"a"), sheet=1)
    assert fault.rule == "it is no workbook, so it has no sheet 1"


def test_formulas_without_a_value_and_errors_are_no_blanks():
    source = workbook(
        ["reference", "submitted_on", "outcome", "theme"],
        ["G1", dt.date(2023, 5, 1), "pending", "=A1&B1"],
        ["G2", dt.date(2023, 5, 1), "pending", "#N/A"],
        ["G3", "#VALUE!", "pending", None],
    )

    faults = faults_of(lhp.read_grants, source)

    assert [(fault.row, fault.column) for fault in faults] == [
        (2, "theme"),
        (3, "theme"),
        (4, "submitted_on"),
    ]
    assert "not yet worked out" in faults[0].rule
    assert "error that Excel reports" in faults[1].rule


def test_a_workbook_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr("lhp_metrics.readers._excel.MOST_BYTES", 1000)

    assert "unpacks to" in faults_of(lhp.read_grants, workbook(["reference"]))[0].rule


def test_a_workbook_of_too_many_cells_is_refused(monkeypatch):
    monkeypatch.setattr("lhp_metrics.readers._excel.MOST_CELLS", 3)

    assert "more than 3 cells" in faults_of(lhp.read_grants, workbook(["reference"] * 4))[0].rule


# ---- Sources --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source", [5, b"reference", None, ["reference"], pd.DataFrame([NEEDED]), [{1: 2}]]
)
def test_what_is_no_source_is_refused(source):
    with pytest.raises(lhp.InvalidTypeError, match=r"(source|keys) must be"):
        lhp.read_grants(source)


class BytesPath:
    def __fspath__(self):
        return b"grants.csv"


def test_a_path_of_bytes_is_refused():
    with pytest.raises(lhp.InvalidTypeError, match="source must be a path as text; got <"):
        lhp.read_grants(BytesPath())


def test_an_upload_too_long_to_keep_is_refused(monkeypatch):
    monkeypatch.setattr("lhp_metrics.readers._streams.MOST_KEPT", 50)

    class Upload(io.BytesIO):
        def seekable(self):
            return False

    line = b"reference,submitted_on,outcome\n"
    with pytest.raises(lhp.InvalidFileError, match="it is long and cannot be rewound: save it"):
        lhp.read_grants(Upload(line + b"G1,2023-05-01,pending\n" * 2))
    monkeypatch.setattr("lhp_metrics.readers._streams.MOST_KEPT", 53)
    assert len(lhp.read_grants(Upload(line + b"G1,2023-05-01,pending\n"))) == 1


def test_text_is_no_path():
    with pytest.raises(lhp.InvalidInputError, match=r"io\.StringIO"):
        lhp.read_grants("reference,outcome\nG1,pending")


def test_a_file_that_is_not_there_is_pythons_own_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        lhp.read_grants(tmp_path / "nothing.csv")


def test_the_callers_file_stays_open_and_nothing_heavy_is_loaded(tmp_path):
    lhp.write_grants([grant()], tmp_path / "g.csv")

    with (tmp_path / "g.csv").open("rb") as file:
        assert len(lhp.read_grants(file)) == 1
        assert not file.closed
        assert lhp.read_grants(tmp_path / "g.csv").source == "g.csv"
    with (tmp_path / "g.csv").open(encoding="utf-8", newline="") as file:
        assert len(lhp.read_grants(file)) == 1


@pytest.mark.parametrize("mode", ["w+", "w+b"])
@pytest.mark.parametrize("make", [TemporaryFile, NamedTemporaryFile, SpooledTemporaryFile])
def test_temporary_files_are_files(mode, make):
    options = {} if "b" in mode else {"encoding": "utf-8", "newline": ""}
    with make(mode=mode, **options) as file:
        lhp.write_grants([grant()], file, file_format="csv")
        file.seek(0)

        assert list(lhp.read_grants(file)) == [grant()]


def test_an_upload_that_cannot_be_rewound_is_read():
    class Upload(io.BytesIO):
        def seekable(self):
            return False

    assert (
        len(lhp.read_grants(Upload(b"reference,submitted_on,outcome\nG1,2023-05-01,pending"))) == 1
    )


@given(records=grant_lists(max_size=5))
def test_records_are_what_their_constructor_makes(records):
    file = io.StringIO(newline="")
    lhp.write_grants(records, file, file_format="csv")
    file.seek(0)

    for read in lhp.read_grants(file):
        fields = {name: getattr(read, name) for name in type(read).__slots__ if name[0] != "_"}
        assert lhp.Grant(**fields) == read
        assert hash(lhp.Grant(**fields)) == hash(read)
