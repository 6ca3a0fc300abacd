"""Wherever a document is wrong, the fault has the JSON pointer of that very place."""

import copy
import json

import pytest

import lhp_metrics as lhp
from lhp_metrics.tallies._money import MONEY

YEAR = lhp.Period.financial_year("2023-24")
SPAN = {"start": "2023-04-01", "end": "2024-03-31"}
LHP = lhp.liverpool_health_partners()


def full_grants():
    grants = [
        lhp.Grant(
            reference=f"G{n}",
            submitted_on=on,
            outcome="pending",
            lead="REM",
            partners=["RET"],
            amount_requested="1000.00",
            resubmission_of="G0" if n else None,
        )
        for n, on in enumerate(("2023-05-01", "2023-08-01", "2024-05-01"))
    ]
    return lhp.tally_grants(
        grants,
        by=("quarter", "organisation"),
        period=YEAR,
        as_of="2024-06-30",
        attribution="fractional",
        partnership=LHP,
        stages="not stated",
    )


def full_registrations():
    studies = [
        lhp.Study(study_id=f"S{n}", registered_on=on, lead="REM", sites=["REM", "RET"])
        for n, on in enumerate(("2023-05-01", "2024-05-01"))
    ]
    tally = lhp.tally_registrations(studies, period=YEAR, attribution="fractional", partnership=LHP)
    staffed = tally.with_exposure({"REM": 3.0, "RET": 4.0}, unit="beds")
    return staffed.restate(LHP, as_of="2018-01-01")


OUTCOMES = {"successful": 1, "unsuccessful": 2, "pending": 3, "withdrawn": 0, "not_considered": 4}
DOCUMENTS = {
    "counts of grants": (
        lhp.GrantTally,
        {
            "schema": "lhp-metrics/grant-counts/1",
            "by": "funder",
            "period": SPAN,
            "dated_by": "submitted_on",
            "as_of": "2024-06-30",
            "counts": {"NIHR": OUTCOMES, "a/b~c": OUTCOMES | {"decided": 3}},
        },
    ),
    "counts of registrations": (
        lhp.RegistrationTally,
        {
            "schema": "lhp-metrics/registration-counts/1",
            "by": "organisation",
            "period": SPAN,
            "attribution": "whole",
            "total": 4,
            "counts": {"REM": 3, "a/b~c": 2},
        },
    ),
    "tally of grants": (lhp.GrantTally, json.loads(full_grants().to_json())),
    "tally of registrations": (
        lhp.RegistrationTally,
        json.loads(full_registrations().to_json())
        | {"as_of": "2024-06-30", "rules": ["A rule."], "notes": ["A note."]},
    ),
}


def places(value, path=()):
    """Yield the names that lead to every part of a document, but for itself."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for name, item in items:
        yield (*path, name)
        if isinstance(item, dict | list):
            yield from places(item, (*path, name))


def pointer(path):
    return "".join("/" + str(name).replace("~", "~0").replace("/", "~1") for name in path)


def parent(document, path):
    for name in path[:-1]:
        document = document[name]
    return document


def faults_of(kind, document, **options):
    with pytest.raises(lhp.FaultyInputError) as caught:
        kind.from_json(document, **options)
    return [(fault.field, fault.value, fault.rule) for fault in caught.value.faults]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_documents_are_valid_and_have_all_that_there_is(name):
    kind, document = DOCUMENTS[name]

    assert kind.from_json(document) == kind.from_json(json.dumps(document))
    # No application has an exposure, and parts of records overlap nowhere.
    empty = {field for field, value in document.items() if not value}
    assert empty <= {"exposure_unit", "overlapping"}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_wrong_value_anywhere_is_named_by_its_pointer(name):
    kind, document = DOCUMENTS[name]
    for path in places(document):
        wrong = copy.deepcopy(document)
        parent(wrong, path)[path[-1]] = object()

        found = faults_of(kind, wrong, at="/before/0")

        assert ("/before/0" + pointer(path), "a object") in [fault[:2] for fault in found], path


@pytest.mark.parametrize("name", DOCUMENTS)
def test_an_unknown_or_a_missing_field_anywhere_is_named_by_its_pointer(name):
    kind, document = DOCUMENTS[name]
    free = {"excluded", "names"} | ({"counts"} if "counts" in document else set())
    optional = {"registrations_shared", "exposure", "decided", "withdrawn", "not_considered"}
    # Without its schema a tally would be read as counts.
    optional |= document.keys() - {"counts"} if "counts" in document else {"schema"}
    for path in places(document):
        if not isinstance(parent(document, path), dict) or (path[-2:-1] and path[-2] in free):
            continue
        more, less = copy.deepcopy(document), copy.deepcopy(document)
        parent(more, path)["zzz"] = 1
        del parent(less, path)[path[-1]]

        [(field, value, rule)] = faults_of(kind, more)
        assert (field, value) == (pointer((*path[:-1], "zzz")), 1)
        assert rule.startswith("must be a known field; the fields are ")
        if path[-1] not in optional and not path[-1].endswith("_shared"):
            missing = [fault[:2] for fault in faults_of(kind, less) if "must be given" in fault[2]]
            assert missing == [(pointer(path), None)]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_text_that_is_none_is_refused_wherever_a_text_stands(name):
    kind, document = DOCUMENTS[name]
    for path in places(document):
        if not isinstance(parent(document, path)[path[-1]], str):
            continue
        wrong = copy.deepcopy(document)
        parent(wrong, path)[path[-1]] = "\ud800"

        found = faults_of(kind, wrong)

        # A column of parts, or a closed list of words, says what it takes instead.
        shown = {fault[0]: fault[1] for fault in found}
        assert shown[pointer(path)] == "\ufffd", path


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("x" * 100, "x" * 100),
        ("x" * 101, "x" * 99 + "…"),
        (10**98, 10**98),
        (10**99, "a number of about 100 digits"),
        (10**101, "a number of about 102 digits"),
        (float("-inf"), "-inf"),
        (float("nan"), "nan"),
        (None, None),
        (False, False),
        ({"a": 1}, "{…}"),
        ([1], "[…]"),
        ((1,), "[…]"),
        ({1}, "a set"),
    ],
)
def test_a_fault_repeats_a_value_in_brief(value, shown):
    [(field, found, rule)] = faults_of(lhp.RegistrationTally, {"counts": {"REM": 1, "REN": value}})[
        :1
    ]

    assert field == "/counts/REN"
    assert (type(found), found) == (type(shown), shown)
    assert rule.startswith("must be ")


SUCCESSION = {
    "predecessor": "RQ6",
    "successor": "REM",
    "on": "2019-10-01",
    "kind": "split",
    "portion": "1/2",
    "note": None,
}


def counted(name, **changes):
    kind, document = DOCUMENTS[name]
    return kind, document | changes


def in_columns(name, **changes):
    kind, document = DOCUMENTS[name]
    return kind, document | {"columns": document["columns"] | changes}


SIZE = len(DOCUMENTS["tally of grants"][1]["keys"])
WHOLE = "must be a whole number of at least 0"
PENCE = sorted(name for name in MONEY if name.endswith("_pence"))


@pytest.mark.parametrize(
    ("kind", "document", "fault"),
    [
        (
            *counted("counts of grants", dated_by=" "),
            ("/dated_by", " ", "must not be blank"),
        ),
        (
            *counted("counts of grants", by=""),
            ("/by", "", "must not be blank"),
        ),
        (
            *counted("counts of grants", counts={" ": OUTCOMES}),
            ("/counts/ ", " ", "must stand under a name that is not blank"),
        ),
        (
            *counted("counts of grants", counts={"a": OUTCOMES | {"successful": 2**53}}),
            ("/counts/a/successful", 2**53, "must be below 9,007,199,254,740,992"),
        ),
        (
            *counted(
                "counts of grants",
                counts={name: OUTCOMES | {"successful": 2**52} for name in "ab"},
            ),
            # Of two groups 1 + 2 + 3 + 4 each, but the successful.
            ("/counts", 2**53 + 18, "must add up to less than 9,007,199,254,740,992"),
        ),
        (
            *counted("counts of registrations", total=2**53),
            ("/total", 2**53, "must be below 9,007,199,254,740,992"),
        ),
        (
            *counted("counts of registrations", total=None),
            (
                "/total",
                None,
                "must fit the counts: with attribution 'whole' a study counts for each of its "
                "organisations: total must be the number of studies, at most 5; got None",
            ),
        ),
        (
            *counted("counts of registrations", counts={"a": 2**52, "b": 2**52}),
            ("/counts", 2**53, "must add up to less than 9,007,199,254,740,992"),
        ),
        (
            *counted("counts of registrations", by="quarter", counts={"2023-24 Q3": 1, "x": 2}),
            ("/counts/x", "x", "must stand under a quarter like '2023-24 Q3'"),
        ),
        (
            *counted("counts of registrations", by="financial_year", counts={"2023": 1}),
            ("/counts/2023", "2023", "must stand under a financial year like '2023-24'"),
        ),
        (
            *counted("counts of registrations", by="month", counts={"2024-04": 1}),
            (
                "/counts/2024-04",
                "2024-04",
                "must lie in the period 2023-24",
            ),
        ),
        (
            *counted("tally of registrations", successions=[SUCCESSION | {"portion": "2"}]),
            ("/successions/0/portion", "2", "must be below 2"),
        ),
        (
            *counted("tally of registrations", successions=[SUCCESSION | {"kind": "merger"}]),
            (
                "/successions/0",
                "{…}",
                "must be a succession: succession of 'RQ6': portion (1/2) belongs to a split; "
                "got kind 'merger'",
            ),
        ),
        (
            *counted("tally of registrations", attribution="half"),
            ("/attribution", "half", "must be one of 'lead', 'whole', 'fractional'"),
        ),
        (
            *counted("tally of registrations", overlapping=1),
            ("/overlapping", 1, "must be true or false"),
        ),
        (
            *counted("tally of registrations", rows_in=2**53),
            ("/rows_in", 2**53, "must be below 9,007,199,254,740,992"),
        ),
        (
            *counted("tally of registrations", rows_in=f"{2**53}"),
            ("/rows_in", f"{2**53}", "must be below 9,007,199,254,740,992"),
        ),
        (
            *in_columns("tally of registrations", registrations_shared=[1.0]),
            (
                "/columns/registrations_shared",
                1,
                f"must have {len(DOCUMENTS['tally of registrations'][1]['keys']) + 1} values: "
                "one of each group, and the total",
            ),
        ),
        (
            *in_columns("tally of registrations", exposure=[2**1023, 1, 1]),
            (
                "/columns/exposure/0",
                "a number of about 309 digits",
                "must be a finite number of at least 0",
            ),
        ),
        (
            *in_columns("tally of registrations", exposure=[-1, 1, 1]),
            ("/columns/exposure/0", -1, "must be a finite number of at least 0"),
        ),
        (
            *in_columns("tally of registrations", exposure=[True, 1, 1]),
            ("/columns/exposure/0", True, "must be a finite number of at least 0"),
        ),
        (
            *in_columns("tally of grants", pending=[2**53] * (SIZE + 1)),
            ("/columns/pending/0", 2**53, "must be below 9,007,199,254,740,992"),
        ),
        (
            *in_columns("tally of grants", pending=["1/0"] * (SIZE + 1)),
            ("/columns/pending/0", "1/0", "must be text such as '3' or '7/2'"),
        ),
        *(
            (
                *in_columns("tally of grants", **{name: [2**63] * (SIZE + 1)}),
                (f"/columns/{name}/0", 2**63, "must be below 9,223,372,036,854,775,808"),
            )
            for name in PENCE
        ),
    ],
)
def test_a_value_out_of_bounds_is_a_fault_of_its_own_place(kind, document, fault):
    assert fault in faults_of(kind, document)


@pytest.mark.parametrize(
    ("kind", "document"),
    [
        counted("counts of registrations", counts={"a": 2**53 - 1}, total=2**53 - 1),
        counted("counts of grants", counts={"a": OUTCOMES | {"unsuccessful": 2**53 - 9}}),
        counted("counts of grants", counts={"a": OUTCOMES}, period=None, as_of=None, dated_by=None),
        counted("counts of registrations", period=None),
        counted("counts of registrations", attribution=None, total=None),
        counted("tally of registrations", successions=[SUCCESSION]),
        counted("tally of registrations", successions=[SUCCESSION | {"portion": "1"}]),
        counted("tally of registrations", names={}, excluded={}, notes=[], rows_in=1),
        counted("tally of registrations", rows_in=2**53 - 1, excluded={"late": 2**53 - 2}),
        counted("tally of registrations", period=SPAN | {"end": "2023-04-01"}),
    ],
)
def test_what_just_keeps_within_its_bounds_is_read(kind, document):
    written = json.loads(kind.from_json(document).to_json())

    for name in document.keys() & written.keys() - {"schema", "by"}:
        assert written[name] == document[name], name


def test_names_that_no_list_of_known_ones_is_near_to_are_told_all_of_them():
    _, document = DOCUMENTS["counts of registrations"]

    [fault] = faults_of(lhp.RegistrationTally, document | {"zzz": 1})

    assert fault == (
        "/zzz",
        1,
        "must be a known field; the fields are counts, schema, by, period, attribution, total",
    )


def test_near_names_are_looked_for_a_hundred_times_and_for_short_names_alone():
    few = faults_of(lhp.RegistrationTally, {f"count{n}": 1 for n in range(102)})
    [long, _] = faults_of(lhp.RegistrationTally, {"count" + "s" * 96: 1})

    assert ["did you mean" in rule for _, _, rule in few] == [True] * 100 + [False] * 3
    assert "did you mean" not in long[2]


def test_half_of_a_surrogate_pair_is_shown_as_what_stands_for_it():
    half = "must be Unicode text, without half of a surrogate pair"

    assert faults_of(lhp.RegistrationTally, {"counts": {"a\ud800b": -1}}) == [
        ("/counts/a\ufffdb", "a\ufffdb", half),
        ("/counts/a\ufffdb", -1, WHOLE),
    ]


def test_a_field_that_stands_twice_anywhere_is_named_once():
    text = '{"counts": {"REM": 1, "REM": 2, "REM": 3}, "by": "lead", "by": "organisation"}'

    assert faults_of(lhp.RegistrationTally, text) == [
        ("/by", "organisation", "must stand once"),
        ("/counts/REM", 3, "must stand once"),
    ]
