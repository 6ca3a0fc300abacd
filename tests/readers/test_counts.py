"""Published counts, straight into tallies."""

import io
from typing import assert_type

import pytest

import lhp_metrics as lhp

LHP = lhp.liverpool_health_partners()


def csv(*lines):
    return io.StringIO("\n".join(lines), newline="")


def faults_of(*lines, **options):
    with pytest.raises(lhp.InvalidFileError) as caught:
        lhp.read_counts(csv(*lines), **options)
    return caught.value.faults


def test_the_source_alone_is_enough_for_registrations():
    counts = lhp.read_counts(csv("organisation,registrations", "REM,107", 'REN,"1,234"'))

    assert counts == {"REM": 107, "REN": 1234}
    tally = lhp.RegistrationTally.from_counts(counts, period=lhp.Period("2023-04-01", "2023-11-19"))
    assert tally.total == 1341


def test_the_source_alone_is_enough_for_outcomes():
    counts = lhp.read_counts(
        csv("funder,Successful,Unsuccessful,Pending", "NIHR,12,20,5", "UKRI,1,2,0")
    )

    assert counts["NIHR"] == lhp.OutcomeCounts(successful=12, unsuccessful=20, pending=5)
    assert lhp.GrantTally.from_counts(counts, by="funder").total.submitted == 40


def test_outcomes_that_have_no_column_are_said_not_to_be_stated():
    lines = ("funder,Successful,Unsuccessful,{}", "NIHR,12,20,5")

    def notes(heading):
        counts = lhp.read_counts(csv(lines[0].format(heading), lines[1]), by="funder")
        table = lhp.success_rates(lhp.GrantTally.from_counts(counts, by="funder"))
        return [note for note in table.provenance.notes if "not stated" in note]

    none = "are not stated, and none are counted."
    assert notes("Note") == [f"Applications pending, withdrawn or not considered {none}"]
    assert notes("Pending") == [f"Applications withdrawn or not considered {none}"]


def test_where_the_split_is_not_published_the_decided_alone_are():
    counts = lhp.read_counts(
        csv("funder,successful,unsuccessful,decided", "A,1,2,3", "B,,,66", "C,1,2,")
    )

    assert counts["B"] == lhp.OutcomeCounts(decided=66)
    assert counts["A"] == counts["C"]


@pytest.mark.parametrize("heading", ["Submitted", "Total"])
def test_a_column_that_sums_up_the_others_names_no_group(heading):
    lines = (f"funder,{heading},Successful,Unsuccessful,Pending", "NIHR,37,12,20,5")

    with pytest.raises(lhp.InvalidFileError, match=f"'{heading}' names no group: say by="):
        lhp.read_counts(csv(*lines))

    assert list(lhp.read_counts(csv(*lines), by="funder")) == ["NIHR"]


def test_of_several_columns_the_keys_are_tuples():
    lines = ("code,note,service,Studies", "REM,x,SPARK,107", "REM,y,JRO,69")

    counts = lhp.read_counts(
        csv(*lines), columns={"Studies": "registrations"}, by=("code", "service")
    )

    assert counts == {("REM", "SPARK"): 107, ("REM", "JRO"): 69}
    lhp.RegistrationTally.from_counts(counts, by=("organisation", "service"))


def test_funders_are_spelt_in_their_own_column_only():
    lines = ("funder,theme,registrations", "N.I.H.R.,Cancer,3", "NIHR,N.I.H.R.,1")

    counts = lhp.read_counts(csv(*lines), funders={"N.I.H.R.": "NIHR"})

    assert counts == {("NIHR", "Cancer"): 3, ("NIHR", "N.I.H.R."): 1}


def test_of_many_headings_the_nearest_are_listed():
    (fault,) = faults_of(",".join([*(f"x{i}" for i in range(34)), "registration"]))

    assert fault.rule.startswith("needs a column 'registrations'; it has 'registration', 'x")
    assert "and 5 more; columns= says what they are" in fault.rule


def test_the_type_follows_what_is_asked_for():
    source = [{"group": "a", "registrations": 1, "successful": 1, "unsuccessful": 0}]

    assert assert_type(lhp.read_counts(source, of="registrations")["a"], int) == 1
    one = assert_type(lhp.read_counts(source, of="outcomes")["a"], lhp.OutcomeCounts)
    assert one.decided == 1
    with pytest.raises(lhp.InvalidFileError, match="say of="):
        lhp.read_counts(source)


@pytest.mark.parametrize(
    ("column", "text", "period"),
    [
        ("month", "2023-04", lhp.Period.month("2023-04")),
        ("financial_year", "2023-24", lhp.Period.financial_year("2023-24")),
        ("Financial year", "2023/24", lhp.Period.financial_year("2023-24")),
        ("quarter", "2023-24 Q3", lhp.Period.quarter("2023-24", 3)),
        ("period", "2023-04-01/2023-11-19", lhp.Period("2023-04-01", "2023-11-19")),
        ("month", "2023-11-01/2023-11-19", lhp.Period("2023-11-01", "2023-11-19")),
    ],
)
def test_columns_of_periods_give_periods(column, text, period):
    assert lhp.read_counts([{column: text, "registrations": 3}]) == {period: 3}


@pytest.mark.parametrize(
    ("column", "text"), [("month", "April"), ("quarter", "Q5"), ("period", "2023"), ("month", "/")]
)
def test_what_is_no_period_is_refused(column, text):
    (fault,) = faults_of(f"{column},registrations", f"{text},3")

    assert fault.rule == f"must be a {column}"


@pytest.mark.parametrize("cell", ["", " ", "-1", "1.5", "many", "1e999", "*", "9" * 17])
def test_a_count_that_is_missing_or_none_is_an_error_never_0(cell):
    (fault,) = faults_of("organisation,registrations", "REM,1", f"REN,{cell}")

    assert (fault.row, fault.column, fault.value) == (3, "registrations", cell)


def test_a_word_for_nothing_is_no_count_either():
    (fault,) = faults_of("organisation,registrations", "REM,*", missing=["*"])

    assert fault.rule == "must not be blank"


def test_names_are_resolved_and_a_group_that_stands_twice_refused():
    lines = ("Organisation,registrations", "Walton,1", "Alder Hey,2", "The Walton Centre,3")

    faults = faults_of(*lines, partnership=LHP)
    assert [(fault.row, fault.value, fault.hint) for fault in faults] == [
        (4, "RET", "row 2 has it too")
    ]
    assert list(lhp.read_counts(csv(*lines[:3]), partnership=LHP)) == ["RET", "RBS"]
    assert faults_of("organisation,registrations", "Walto,1", partnership=LHP)[0].hint
    counts = lhp.read_counts(csv(*lines[:2]), organisations={"Walton": "RET"})
    assert counts == {"RET": 1}


def test_the_row_of_the_total_is_refused():
    (fault,) = faults_of("organisation,registrations", "REM,1", "Total,1")

    assert (fault.row, fault.value) == (3, "Total")


def test_every_fault_is_listed():
    faults = faults_of("g,successful,unsuccessful,decided", ",1,1,2", "a,1,1,3", "b,1,,", "c,x,1,")

    assert [(fault.row, fault.column) for fault in faults] == [
        (2, "g"),
        (3, "g"),
        (4, "g"),
        (5, "successful"),
    ]
    assert "decided (3) is not successful + unsuccessful (2)" in faults[1].hint


@pytest.mark.parametrize(
    ("lines", "options", "message"),
    [
        (["a,b", "1,2"], {}, "needs a column 'registrations'; it has"),
        (["a,registrations"], {"of": "outcomes"}, "needs a column 'successful'"),
        (["registrations", "1"], {}, "needs a column that names the groups"),
        (["a,registrations"], {"by": "b"}, "by names 'b', but it has 'a'"),
        ([""], {}, "it is empty"),
    ],
)
def test_wrong_files_say_what_they_lack(lines, options, message):
    with pytest.raises(lhp.InvalidFileError, match=message):
        lhp.read_counts(csv(*lines), **options)


@pytest.mark.parametrize("options", [{"of": "grants"}, {"by": 5}, {"by": [5]}, {"columns": 5}])
def test_wrong_arguments_are_named(options):
    with pytest.raises(lhp.LhpMetricsError, match=f"^{next(iter(options))} must"):
        lhp.read_counts(csv("a,registrations"), **options)
