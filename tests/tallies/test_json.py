"""JSON in and out: exact round trips, a schema that says what is read, every fault as data."""

import copy
import json
import math
from fractions import Fraction

import attrs
import jsonschema
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

import lhp_metrics as lhp
from lhp_metrics.tallies import Tally
from lhp_metrics.tallies._json import SHARED
from lhp_metrics.tallies._keys import folded_key
from lhp_metrics.tallies._money import MONEY
from strategies import (
    grant_lists,
    is_group,
    outcome_counts,
    partnerships,
    periods,
    registration_tallies,
    study_lists,
)

KINDS = (lhp.GrantTally, lhp.RegistrationTally)
YEAR = lhp.Period.financial_year("2023-24")
GRANTS = {"counts": {"NIHR": {"successful": 12, "unsuccessful": 20, "pending": 5}}}
REGISTRATIONS = {
    "period": {"start": "2023-04-01", "end": "2024-03-31"},
    "by": "organisation",
    "counts": {"REM": 69, "REN": 34},
}

attributions = st.sampled_from(["lead", "whole", "fractional"])
study_groups = st.sampled_from(
    [None, "organisation", "month", "commercial", ("financial_year", "organisation")]
)
grant_groups = st.sampled_from(
    [None, "organisation", "funder", ("quarter", "funder"), ("stage", "organisation", "month")]
)


def validator(kind):
    schema = kind.json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    return jsonschema.Draft202012Validator(schema, format_checker=checker)


VALIDATORS = {kind: validator(kind) for kind in KINDS}


def faults_of(kind, source, **options):
    with pytest.raises(lhp.FaultyInputError) as caught:
        kind.from_json(source, **options)
    return [(fault.field, fault.value, fault.rule) for fault in caught.value.faults]


def assert_same_in_everything(tally, other):
    assert type(tally) is type(other)
    for name in (field.name for field in attrs.fields(type(tally)) if field.name != "columns"):
        assert getattr(tally, name) == getattr(other, name), name
    assert list(tally.names) == list(other.names)
    assert [type(key) for key in tally.keys] == [type(key) for key in other.keys]
    assert set(tally.columns) == set(other.columns)
    for name, values in tally.columns.items():
        assert values.dtype == other.columns[name].dtype, name
        assert values.tolist() == other.columns[name].tolist(), name


def assert_round_trip(tally):
    text = tally.to_json()
    VALIDATORS[type(tally)].validate(json.loads(text))

    for source in (text, text.encode(), json.loads(text)):
        assert_same_in_everything(tally, type(tally).from_json(source))


# Round trips


@given(
    study_lists(max_size=8),
    study_groups,
    attributions,
    st.none() | periods(),
    st.none() | partnerships(closures=True, splits=True),
)
def test_registrations_of_every_making_survive_the_round_trip(
    studies, by, attribution, period, partnership
):
    if partnership is not None:
        known = {body.code for body in partnership.organisations}
        studies = [study for study in studies if set(study.organisations) <= known]
    tally = lhp.tally_registrations(
        studies, by=by, period=period, attribution=attribution, partnership=partnership
    )

    assert_round_trip(tally)
    if by == "organisation" and attribution != "whole" and partnership is not None:
        named = [code for code in tally if code != "not stated"]
        assume(named)
        assert_round_trip(tally.restate(partnership))
        assert_round_trip(tally.regroup({"some": named[:2], "others": named[1:]}))
        assert_round_trip(tally.among(named[:1]))


@given(
    grant_lists(max_size=8),
    grant_groups,
    attributions,
    st.none() | periods(),
    st.sampled_from(["submitted_on", "decided_on"]),
)
def test_grants_of_every_making_survive_the_round_trip(grants, by, attribution, period, dated_by):
    stages = ("outline", "full", "single", "not stated")
    tally = lhp.tally_grants(
        grants,
        by=by,
        period=period,
        dated_by=dated_by,
        undated="exclude",
        as_of="2024-03-31",
        attribution=attribution,
        stages=stages,
    )

    assert_round_trip(tally)
    if by == "organisation" and attribution != "whole":
        assert_round_trip(tally.regroup({"site": [code for code in tally][:2]}))  # noqa: C416
        assert_round_trip(lhp.combine([tally, tally], disjoint=True))


@given(registration_tallies(period=YEAR), st.floats(0.1, 1e6))
def test_exposures_survive_the_round_trip(tally, staff):
    assert_round_trip(tally.with_exposure(dict.fromkeys(tally, staff), unit="staff"))


@given(
    st.dictionaries(
        st.tuples(periods(), st.text().filter(is_group) | st.integers(-5, 5000)),
        outcome_counts()
        | st.builds(lhp.OutcomeCounts, decided=st.integers(0, 9), pending=st.integers(0, 9))
        | st.builds(
            lhp.OutcomeCounts,
            successful=st.fractions(0, 9, max_denominator=12),
            unsuccessful=st.fractions(0, 9, max_denominator=12),
        ),
        max_size=4,
    ).filter(lambda counts: len(set(map(folded_key, counts))) == len(counts))
)
def test_published_counts_of_every_key_survive_the_round_trip(counts):
    assert_round_trip(lhp.GrantTally.from_counts(counts, by=("month", "what"), period=YEAR))


def test_a_tally_with_members_and_notes_survives_the_round_trip():
    partnership = lhp.liverpool_health_partners()
    counts = {"Liverpool Women's": 3, "REN": 34}
    tally = lhp.RegistrationTally.from_counts(counts, period=YEAR, partnership=partnership)

    assert tally.successions
    assert_round_trip(tally.with_members(partnership))
    report = lhp.annual_report_2023_24()
    for each in (report.spark, report.jro, report.spark + report.jro):
        assert_round_trip(each)


def test_the_document_names_its_schema_and_has_every_field_of_a_tally():
    for kind, source in ((lhp.GrantTally, GRANTS), (lhp.RegistrationTally, REGISTRATIONS)):
        document = json.loads(kind.from_json(source).to_json())

        assert document["schema"] in json.dumps(kind.json_schema())
        assert document.keys() - {"schema"} == {field.name for field in attrs.fields(Tally)}


def test_a_tally_of_another_kind_has_no_json():
    with pytest.raises(lhp.InvalidTypeError, match="Tally has no form in JSON"):
        Tally.from_json("{}")


@pytest.mark.parametrize("kind", [lhp.SetupTally, lhp.DecisionTally])
def test_tallies_by_days_have_no_json_and_say_what_has(kind):
    tally = (
        lhp.tally_setup([], clock="combined-review", as_of="2024-03-31")
        if kind is lhp.SetupTally
        else lhp.tally_decisions([], as_of="2024-03-31")
    )

    for refused in (tally.to_json, lambda: kind.from_json("{}"), kind.json_schema):
        with pytest.raises(lhp.InvalidTypeError, match="the tables made of it, which have to_json"):
            refused()


@pytest.mark.parametrize("name", ["by", "rules", "notes", "successions"])
def test_what_should_be_an_array_is_named(name):
    document = json.loads(OVERLAPPING.to_json()) | {name: "organisation"}

    with pytest.raises(lhp.FaultyInputError) as caught:
        lhp.RegistrationTally.from_json(document)

    assert [fault.field for fault in caught.value.faults] == [f"/{name}"]


@pytest.mark.parametrize("key", [True, 2.5, b"REM"])
def test_a_key_that_json_lacks_is_refused_when_written(key):
    tally = lhp.RegistrationTally.from_counts({key: 1}, by="what")

    with pytest.raises(lhp.InvalidTypeError, match="keys of text, whole numbers and periods; got"):
        tally.to_json()


# Counts written by hand


def test_simple_counts_are_simple():
    tally = lhp.RegistrationTally.from_json(json.dumps(REGISTRATIONS))

    assert (tally["REM"], tally.total, tally.period, tally.by) == (69, 103, YEAR, ("organisation",))
    assert tally == lhp.RegistrationTally.from_counts({"REM": 69, "REN": 34}, period=YEAR)
    assert lhp.GrantTally.from_json(GRANTS)["NIHR"] == lhp.OutcomeCounts(
        successful=12, unsuccessful=20, pending=5
    )


def test_what_is_not_stated_of_withdrawals_is_said_in_the_footnote():
    text = json.dumps(GRANTS)
    stated = text.replace('"pending": 5', '"pending": 5, "withdrawn": 0, "not_considered": 0')

    footnote = str(lhp.success_rates(lhp.GrantTally.from_json(text))).replace("\n", " ")
    assert "Applications withdrawn or not considered are not stated, and none are" in footnote
    assert lhp.GrantTally.from_json(stated).to_table().provenance.notes == ()
    assert_round_trip(lhp.GrantTally.from_json(GRANTS))


@pytest.mark.parametrize(
    ("by", "name", "key"),
    [
        ("month", "2023-11", lhp.Period.month("2023-11")),
        ("quarter", "2023-24 Q3", lhp.Period.quarter("2023-24", 3)),
        ("financial_year", "2023-24", YEAR),
    ],
)
def test_groups_in_time_are_named_as_people_do(by, name, key):
    assert lhp.RegistrationTally.from_json({"by": by, "counts": {name: 5}}).keys == (key,)


def test_groups_in_time_are_clipped_to_the_period():
    tally = lhp.RegistrationTally.from_json(
        {
            "by": "month",
            "period": {"start": "2023-11-20", "end": "2023-12-31"},
            "counts": {"2023-11": 9, "2023-12": 30},
        }
    )

    assert tally.keys[0] == lhp.Period("2023-11-20", "2023-11-30")
    assert len(lhp.control_chart(tally)) == 2


def test_a_partnership_resolves_names_and_its_unknown_ones_are_faults():
    partnership = lhp.liverpool_health_partners()
    tally = lhp.RegistrationTally.from_json(
        {"counts": {"Liverpool Women's": 17}}, partnership=partnership
    )

    assert (tally["REP"], tally.name_of("REP")) == (17, "Liverpool Women's")
    [known, unknown] = faults_of(
        lhp.RegistrationTally,
        {"counts": {"Liverpool Womens Hospice": 17, "LUHFT": 1, "REM": 2}},
        partnership=partnership,
    )
    assert known[0] == "/counts/Liverpool Womens Hospice"
    assert "did you mean" in known[2]
    assert unknown == ("/counts/REM", "REM", "must be another group than 'LUHFT'")


def test_a_partnership_resolves_names_for_grants_too_but_only_of_organisations():
    partnership = lhp.liverpool_health_partners()
    counts = {"LUHFT": GRANTS["counts"]["NIHR"]}
    by_lead = lhp.GrantTally.from_json({"by": "lead", "counts": counts}, partnership=partnership)
    by_funder = lhp.GrantTally.from_json(
        {"by": "funder", "counts": counts}, partnership=partnership
    )

    assert (by_lead.keys, by_lead.name_of("REM")) == (("REM",), "LUHFT")
    assert by_funder.keys == ("LUHFT",)


def test_parts_of_a_larger_document_say_where_they_stand():
    text = '{"before": {"counts": {"REM": "1"}}, "after": {"counts": {"REN": 1, "REN": 2}}}'
    document = lhp.parse_json(text)

    assert faults_of(lhp.RegistrationTally, document["before"], at="/before") == [
        ("/before/counts/REM", "1", "must be a whole number of at least 0")
    ]
    assert faults_of(lhp.RegistrationTally, document["after"], at="/after") == [
        ("/after/counts/REN", 2, "must stand once")
    ]


# Faults


WHOLE = "must be a whole number of at least 0"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"counts": {"REM": true}}', [("/counts/REM", True, WHOLE)]),
        ('{"counts": {"REM": "12"}}', [("/counts/REM", "12", WHOLE)]),
        ('{"counts": {"REM": 12.0}}', [("/counts/REM", 12.0, WHOLE)]),
        ('{"counts": {"REM": 1e3}}', [("/counts/REM", 1000.0, WHOLE)]),
        ('{"counts": {"REM": 1e999}}', [("/counts/REM", "inf", WHOLE)]),
        ('{"counts": {"REM": -1}}', [("/counts/REM", -1, WHOLE)]),
        ('{"counts": {"REM": null}}', [("/counts/REM", None, WHOLE)]),
        ('{"counts": {"REM": [1]}}', [("/counts/REM", "[…]", WHOLE)]),
        (
            '{"counts": {"REM": 9007199254740992}}',
            [("/counts/REM", 2**53, "must be below 9,007,199,254,740,992")],
        ),
        ('{"counts": {"REM": 1, "REM": 2}}', [("/counts/REM", 2, "must stand once")]),
        (
            '{"counts": {"REM": 1, " rem": 2}}',
            [("/counts/ rem", " rem", "must be another group than 'REM'")],
        ),
        ('{"counts": {"a/b~": -1}}', [("/counts/a~1b~0", -1, WHOLE)]),
        ('{"counts": {}}', [("/counts", "{…}", "must have at least one group")]),
        ("{}", [("/counts", None, "must be given")]),
        ("[]", [("", "[…]", "must be an object")]),
        ("7", [("", 7, "must be an object")]),
        (
            '{"count": {"REM": 1}}',
            [
                ("/count", "{…}", "must be a known field; did you mean 'counts'?"),
                ("/counts", None, "must be given"),
            ],
        ),
        (
            '{"counts": {"REM": 1}, "period": {"start": "2024-04-01", "end": "2024-03-31"}}',
            [("/period/end", "2024-03-31", "must not be before start (2024-04-01)")],
        ),
        (
            '{"counts": {"REM": 1}, "period": {"start": "20240401", "end": "2024-02-30"}}',
            [
                ("/period/start", "20240401", "must be a date such as '2024-03-31'"),
                ("/period/end", "2024-02-30", "must be a date such as '2024-03-31'"),
            ],
        ),
        (
            '{"counts": {"REM": 1}, "period": {"start": "2024-04-01"}, "attribution": "half"}',
            [
                ("/period/end", None, "must be given"),
                ("/attribution", "half", "must be one of 'lead', 'whole', 'fractional'"),
            ],
        ),
        (
            '{"counts": {"REM": 1}, "total": 2}',
            [("/total", 2, "must fit the counts: the counts add up to 1, not to the total 2")],
        ),
        (
            '{"by": "month", "counts": {"2023-13": 1, "Nov": 2}}',
            [
                ("/counts/2023-13", "2023-13", "must stand under a month like '2023-11'"),
                ("/counts/Nov", "Nov", "must stand under a month like '2023-11'"),
            ],
        ),
        (
            '{"schema": "lhp-metrics/registration-counts/2", "counts": {"REM": 1}}',
            [
                (
                    "/schema",
                    "lhp-metrics/registration-counts/2",
                    "must be one of 'lhp-metrics/registration-counts/1', "
                    "'lhp-metrics/registration-tally/1'",
                )
            ],
        ),
    ],
)
def test_every_fault_of_registrations_is_data(text, expected):
    assert faults_of(lhp.RegistrationTally, text) == expected


NOT_ZERO = "must be given: a missing count is not 0"


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (
            {"successful": 1, "unsuccessful": 2},
            [("/counts/X/pending", None, NOT_ZERO)],
        ),
        (
            {"successful": 1, "pending": 2},
            [("/counts/X/unsuccessful", None, NOT_ZERO)],
        ),
        (
            {"pending": 2},
            [
                (
                    f"/counts/X/{name}",
                    None,
                    f"{NOT_ZERO}; or give decided alone, where the split is not known",
                )
                for name in ("successful", "unsuccessful")
            ],
        ),
        (
            {"successful": 1, "unsuccessful": 2, "decided": 4, "pending": 0},
            [("/counts/X/decided", 4, "must be successful + unsuccessful (3), or be left out")],
        ),
        (
            {"successful": 1, "unsuccessful": 2, "pending": 0, "withdrawn": 0},
            [
                (
                    "/counts/Y/withdrawn",
                    None,
                    f"{NOT_ZERO}, and other groups state theirs",
                )
            ],
        ),
        (7, [("/counts/X", 7, "must be an object")]),
    ],
)
def test_a_missing_outcome_is_a_fault_and_never_0(counts, expected):
    other = {"successful": 3, "unsuccessful": 4, "pending": 5}

    assert faults_of(lhp.GrantTally, {"counts": {"X": counts, "Y": other}}) == expected


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ('{"counts": {"REM": NaN}}', "must be JSON: NaN is no number"),
        ('{"counts": {"REM": -Infinity}}', "must be JSON: -Infinity is no number"),
        ('{"counts": ', "must be JSON: Expecting value"),
        ("", "must be JSON: Expecting value"),
        (b"\xff{}", "must be JSON: 'utf-8' codec"),
        ("[" * 200_000, "must not be nested so deeply"),
        ('{"a":' * 200_000, "must not be nested so deeply"),
    ],
)
def test_what_is_no_json_is_one_fault(text, rule):
    [(field, _, found)] = faults_of(lhp.RegistrationTally, text)

    assert (field, found[: len(rule)]) == ("", rule)


def test_huge_numbers_neither_crash_nor_stand_in_the_faults():
    for source in (
        '{"counts": {"REM": ' + "9" * 100_000 + "}}",
        {"counts": {"REM": 10**100_000}},
    ):
        [(_, value, rule)] = faults_of(lhp.RegistrationTally, source)
        assert value in ("inf", "a number of about 100001 digits")
        assert rule.startswith("must be")
    many = {"counts": {str(number): 2**53 - 1 for number in range(2000)}}
    assert faults_of(lhp.RegistrationTally, many)[0][2].startswith("must add up to less than")


def test_a_thousand_unknown_fields_are_all_named_and_soon():
    source = {f"{'count' * 4}{number}": 1 for number in range(3000)}

    assert len(faults_of(lhp.GrantTally, source)) == 3001


@pytest.mark.parametrize(
    "source", [None, True, 7, ["counts"], "x", '{"counts": {"REM": 1}}', b"{}"]
)
def test_a_part_of_a_document_that_is_no_object_is_a_fault(source):
    [(field, _, rule)] = faults_of(lhp.RegistrationTally, source, at="/before")

    assert (field, rule) == ("/before", "must be an object")


@pytest.mark.parametrize("source", [{"REM"}, object(), b"{}".hex])
def test_a_source_of_another_kind_is_refused(source):
    with pytest.raises(lhp.InvalidTypeError, match="source must be JSON as text or bytes"):
        lhp.RegistrationTally.from_json(source)


JSON = '{"counts": {"REM": 1}}'


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (JSON.encode("utf-16"), "UTF-16"),
        (JSON.encode("utf-16-be"), "UTF-16"),
        (JSON.encode("utf-32"), "UTF-32"),
        (bytearray(JSON.encode("utf-32-le")), "UTF-32"),
    ],
)
def test_bytes_of_another_encoding_than_utf_8_are_no_json(text, name):
    [(field, _, rule)] = faults_of(lhp.RegistrationTally, text)

    assert (field, rule) == ("", f"must be JSON: its bytes must be UTF-8; they are {name}")


@pytest.mark.parametrize(
    "text",
    [JSON, JSON.encode(), "\ufeff" + JSON, JSON.encode("utf-8-sig"), bytearray(JSON, "utf-8")],
)
def test_a_byte_order_mark_is_passed_over(text):
    assert lhp.RegistrationTally.from_json(text).total == 1


def test_a_document_may_be_asked_for_its_members():
    assert lhp.parse_json('{"b": 1, "a": 2}', members=["a", "b"]) == {"a": 2, "b": 1}
    with pytest.raises(lhp.FaultyInputError) as caught:
        lhp.parse_json('{"a": 1, "a": 2, "c": 3}', members=["a", "b"])
    assert [(fault.field, fault.value, fault.rule) for fault in caught.value.faults] == [
        ("/a", 2, "must stand once"),
        ("/c", 3, "must be a known field; the fields are a, b"),
        ("/b", None, "must be given"),
    ]
    with pytest.raises(
        lhp.InvalidTypeError, match="members must be a collection of names; got 'a'"
    ):
        lhp.parse_json("{}", members="a")
    with pytest.raises(lhp.InvalidTypeError, match="each of members must be a str; got int"):
        lhp.parse_json("{}", members=[1])


# Tallies that do not add up


def changed(tally, **fields):
    return json.loads(tally.to_json()) | fields


def with_column(tally, name, values):
    document = json.loads(tally.to_json())
    document["columns"][name] = values
    return document


TALLY = lhp.RegistrationTally.from_json(REGISTRATIONS)
TALLIED = {lhp.GrantTally: lhp.GrantTally.from_json(GRANTS), lhp.RegistrationTally: TALLY}
OVERLAPPING = lhp.RegistrationTally.from_counts(
    {"REM": 3, "REN": 2}, attribution="whole", total=4, period=YEAR
)


@pytest.mark.parametrize(
    ("document", "field", "rule"),
    [
        (
            with_column(TALLY, "registrations", [69, 34, 104]),
            "/columns/registrations",
            "must end with the sum of the groups (103)",
        ),
        (
            with_column(OVERLAPPING, "registrations", [3, 2, 6]),
            "/columns/registrations",
            "must end with a total between the largest group and the sum (5)",
        ),
        (
            with_column(TALLY, "registrations", [69, 34]),
            "/columns/registrations",
            "must have 3 values: one of each group, and the total",
        ),
        (
            with_column(TALLY, "registrations", ["69", 34, "103"]),
            "/columns/registrations/0",
            WHOLE,
        ),
        (
            with_column(TALLY, "registrations", ["1/0", "1", "1"]),
            "/columns/registrations/0",
            "must be text such as '3' or '7/2'",
        ),
        (
            with_column(TALLY, "registration", [1, 2, 3]),
            "/columns/registration",
            "must be a known field; did you mean 'registrations' or 'registrations_shared'?",
        ),
        (
            with_column(TALLY, "exposure", [1.0, 2.0, 3.0]),
            "/exposure_unit",
            "must be given with the column exposure, and only with it",
        ),
        (
            with_column(TALLY, "exposure", [1.0, 1e999, 3.0]),
            "/columns/exposure/1",
            "must be a finite number of at least 0",
        ),
        (changed(TALLY, keys=["REM", "REM"]), "/keys", "must hold each group once"),
        (
            changed(TALLY, keys=["REM", None]),
            "/keys/1",
            "must be text, a whole number or a period",
        ),
        (
            changed(TALLY, by=["month", "organisation"]),
            "/keys/0",
            "must be an array of 2 parts, as by has",
        ),
        (
            changed(TALLY, by=["a", "b"], keys=[["x", "y"], ["x"]]),
            "/keys/1",
            "must have 2 parts, as by has",
        ),
        (changed(TALLY, by=["a", "a"], keys=[]), "/by", "must not repeat a name"),
        (
            changed(TALLY, excluded={"late": 3}),
            "/rows_in",
            "must be the records counted and excluded (106)",
        ),
        (
            changed(TALLY, rows_in=104),
            "/rows_in",
            "must be the records counted and excluded (103)",
        ),
        (
            changed(
                TALLY,
                successions=[
                    {
                        "predecessor": "RQ6",
                        "successor": None,
                        "on": "2019-10-01",
                        "kind": "merger",
                        "portion": None,
                        "note": None,
                    }
                ],
            ),
            "/successions/0",
            "must be a succession: succession of 'RQ6': kind 'merger' needs a successor; got None",
        ),
    ],
)
def test_a_tally_that_does_not_add_up_is_refused(document, field, rule):
    found = faults_of(lhp.RegistrationTally, document)

    assert (field, rule) in [(each[0], each[2]) for each in found]


def test_fractional_columns_are_exact_text():
    studies = [
        lhp.Study(study_id=str(n), registered_on="2023-05-01", lead="REM", sites=["RET", "REN"])
        for n in range(2)
    ]
    tally = lhp.tally_registrations(studies, attribution="fractional")

    document = json.loads(tally.to_json())
    assert document["columns"]["registrations"] == ["2/3", "2/3", "2/3", "2"]
    assert lhp.RegistrationTally.from_json(document)["REM"] == Fraction(2, 3)


# The schema says what is read

names = st.sampled_from(
    ["counts", "by", "REM", "pending", "withdrawn", "decided", "schema", "exposure", "2023-11", ""]
)
dull = st.none() | st.booleans() | st.integers(-2, 9) | st.sampled_from([1.5, 2.0, 2**53, 2**63])
texts = st.text(max_size=5) | st.sampled_from(
    ["month", "whole", "2023-11", "2024-02-30", "2023-04-01", "3", "7/2", "1/0", "lead"]
)


def nested(inner):
    return st.lists(inner, max_size=3) | st.dictionaries(names | texts, inner, max_size=3)


json_values = dull | texts | nested(dull | texts | nested(dull | texts))


def places(value, path=()):
    yield path
    children = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for name, item in children:
        yield from places(item, (*path, name))


def spans_of(names):
    return {"by": "month", "counts": dict.fromkeys(names, 3)}


SEEDS = {
    lhp.GrantTally: [
        GRANTS,
        {
            "schema": "lhp-metrics/grant-counts/1",
            "by": "funder",
            "period": {"start": "2023-04-01", "end": "2024-03-31"},
            "dated_by": "submitted_on",
            "as_of": "2024-06-30",
            "counts": {
                "NIHR": {"decided": 5, "pending": 1, "withdrawn": 1, "not_considered": 0},
                "MRC": {
                    "successful": 1,
                    "unsuccessful": 2,
                    "decided": 3,
                    "pending": 1,
                    "withdrawn": 1,
                    "not_considered": 0,
                },
            },
        },
        json.loads(lhp.GrantTally.from_json(GRANTS).to_json()),
    ],
    lhp.RegistrationTally: [
        REGISTRATIONS,
        spans_of(["2023-11", "2023-12"]),
        {"counts": {"REM": 1, "REN": 2}, "attribution": "whole", "total": 2},
        json.loads(
            TALLY.with_exposure({"REM": 5, "REN": 6}, unit="beds")
            .restate(lhp.liverpool_health_partners(), as_of="2018-01-01")
            .to_json()
        ),
        json.loads(OVERLAPPING.to_json()),
    ],
}


@st.composite
def nearly_valid(draw, kind):
    """A valid document with one or two places changed, taken away or added to."""
    document = copy.deepcopy(draw(st.sampled_from(SEEDS[kind])))
    for _ in range(draw(st.integers(0, 2))):
        path = draw(st.sampled_from(list(places(document))))
        value = draw(json_values)
        if not path:
            continue
        parent = document
        for name in path[:-1]:
            parent = parent[name]
        change = draw(st.sampled_from(["replace", "remove", "add"]))
        if change == "replace":
            parent[path[-1]] = value
        elif change == "remove":
            del parent[path[-1]]
        elif isinstance(parent, dict):
            parent[draw(names | texts)] = value
        else:
            parent.append(value)
    return document


# What the schemas' descriptions say is asked beyond them.
BEYOND_THE_SCHEMA = (
    "must not be before start",
    "must lie in the period",
    "must stand under a ",
    "must be another group than",
    "must add up to less than",
    "must be successful + unsuccessful",
    f"{NOT_ZERO}, and other groups state theirs",
    "must fit the counts",
    "must have ",
    "must be an array of ",
    "must hold each group once",
    "must end with",
    "must be at least the records",
    "must be given with the column exposure",
    "must be a succession",
    "must be Unicode text",
)


def is_beyond(fault):
    whole_float = isinstance(fault.value, float) and fault.value == math.floor(fault.value)
    return fault.rule.startswith(BEYOND_THE_SCHEMA) or (
        whole_float and fault.rule in (WHOLE, "must be text, a whole number or a period")
    )


def read(kind, source):
    """Return the tally, or what is wrong."""
    try:
        return kind.from_json(source), ()
    except lhp.FaultyInputError as error:
        return None, error.faults


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_what_the_schema_accepts_is_read_and_what_is_read_the_schema_accepts(kind, data):
    document = data.draw(nearly_valid(kind))
    in_schema = VALIDATORS[kind].is_valid(document)

    tally, faults = read(kind, json.dumps(document))

    if tally is None:
        assert not in_schema or all(map(is_beyond, faults)), faults
    else:
        assert in_schema
        assert_same_in_everything(tally, kind.from_json(tally.to_json()))


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_only_documented_errors_and_each_names_a_place_in_the_document(kind, data):
    document = data.draw(
        nearly_valid(kind) | json_values | st.dictionaries(names | texts, json_values)
    )
    assume(isinstance(document, dict))

    tally, faults = read(kind, document)

    assert (tally is None) == bool(faults)
    for fault in faults:
        json.dumps(fault.value, allow_nan=False).encode()
        place = document
        for name in fault.field.split("/")[1:-1]:
            part = name.replace("~1", "/").replace("~0", "~")
            place = place[int(part)] if isinstance(place, list) else place[part]


@given(st.text() | st.binary())
@example('{"counts": {"\\ud800": 1}}')
@example('{"\\ud800": {"\\ud800": 1}}')
def test_any_text_or_bytes_is_read_or_refused(source):
    for kind in KINDS:
        for fault in faults_of(kind, source):
            json.dumps(fault, ensure_ascii=False).encode()


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_requires_every_field_and_knows_every_column_of_a_tally(kind):
    whole = kind.json_schema()["$defs"]["tally"]
    columns = whole["properties"]["columns"]["properties"]

    assert set(whole["required"]) == {"schema", *(field.name for field in attrs.fields(Tally))}
    assert set(columns) >= set(TALLIED[kind].columns)
    if kind is lhp.GrantTally:
        assert set(columns) >= {*MONEY, *SHARED}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        (
            {"columns": {"registrations": ["1/2", f"{2**53}/1"]}},
            "/columns/registrations/1: must be below 9,007,199,254,740,992; got '900719925474",
        ),
        ({"dated_by": 3}, "/dated_by: must be text; got 3"),
    ],
)
def test_a_part_or_a_text_that_is_none_is_named(changes, fault):
    written = json.loads(lhp.RegistrationTally.from_counts({"REM": 2}).to_json())

    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.RegistrationTally.from_json(json.dumps(written | changes))

    assert fault in str(caught.value)


def test_what_counts_stand_under_must_not_be_blank():
    with pytest.raises(lhp.InvalidInputError, match="/by: must not be blank; got ' '"):
        lhp.RegistrationTally.from_json(json.dumps({"counts": {"REM": 3}, "by": " "}))


def test_what_json_cannot_hold_is_named():
    tally = attrs.evolve(lhp.RegistrationTally.from_counts({"REM": 2}), notes=(1j,))

    with pytest.raises(lhp.InvalidTypeError, match="JSON has no way to write 1j"):
        tally.to_json()
