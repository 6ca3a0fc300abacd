"""What all models do alike with their fields, and with the dates and periods they are asked of."""

import datetime as dt

import pytest

from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.models import (
    Centre,
    CentrePartner,
    DatedName,
    Grant,
    Group,
    Membership,
    Partnership,
    Period,
    ServiceEra,
    Study,
    StudySite,
    Succession,
    Trust,
    University,
    working_days,
)
from lhp_metrics.models.clocks import Clock

TRUST = Trust(code="REM", names="A Hospital")
PARTNERSHIP = Partnership("Example", [TRUST])
PERIOD = Period("2023-04-01", "2024-03-31")

TAKE_A_DATE = [
    (TRUST.name_on, "date"),
    (TRUST.exists_on, "date"),
    (Centre(name="A centre").partners_on, "date"),
    (Group(name="A group", members=["REM", "REN"], kind="network").exists_on, "date"),
    (Membership(organisation="REM").on, "date"),
    (Grant(reference="G1", submitted_on="2024-01-01", outcome="pending").outcome_as_of, "date"),
    (PERIOD.contains, "date"),
    (lambda on: PARTNERSHIP.resolve("REM", on), "on"),
    (lambda on: PARTNERSHIP.successor("REM", on), "on"),
    (lambda on: PARTNERSHIP.successors("REM", on), "on"),
    (PARTNERSHIP.groups, "on"),
    (PARTNERSHIP.members, "on"),
    (lambda start: working_days(start, "2024-01-31"), "start"),
    (lambda end: working_days("2024-01-31", end), "end"),
]


# The least that each model needs.
LEAST = {
    Centre: {"name": "A centre"},
    CentrePartner: {"organisation": "REM"},
    Clock: {"name": "ours", "start": "invited_on", "end": "opened_on", "level": "site"},
    DatedName: {"name": "A name"},
    Grant: {"reference": "G1", "submitted_on": "2024-01-31", "outcome": "withdrawn"},
    Group: {"name": "A group", "members": ["REM", "REN"], "kind": "network"},
    Membership: {"organisation": "REM"},
    Partnership: {"name": "A partnership", "organisations": [TRUST]},
    ServiceEra: {"name": "An era"},
    Study: {"study_id": "S1"},
    StudySite: {"organisation": "REM"},
    Succession: {"predecessor": "RQ6", "on": "2019-10-01", "kind": "closure"},
    Trust: {"code": "REM", "names": "A hospital"},
    University: {"code": "04xs57h96", "names": "A university"},
}
TEXTS = {
    Centre: ["acronym", "note"],
    Clock: ["source"],
    Grant: [
        "funder",
        "funder_type",
        "scheme",
        "theme",
        "resubmission_of",
        "supported_by",
        "centre",
    ],
    Group: ["note"],
    Membership: ["note"],
    ServiceEra: ["note"],
    Study: [
        "registered_with",
        "title",
        "iras_id",
        "cpms_id",
        "sponsor",
        "lead",
        "study_type",
        "theme",
        "funder",
        "centre",
    ],
    Succession: ["note"],
    Trust: ["short_name", "note"],
}
NAMES = [Centre, Clock, DatedName, Group, Partnership, ServiceEra]
NUMBERS_OR_TEXTS = {
    Grant: ["reference", "resubmission_of"],
    Study: ["study_id", "iras_id", "cpms_id"],
}
CODES = {
    CentrePartner: ["organisation"],
    Grant: ["lead"],
    Membership: ["organisation"],
    Study: ["sponsor", "lead"],
    StudySite: ["organisation"],
    Succession: ["predecessor"],
    Trust: ["code"],
}
COUNTS = {Clock: ["target_days"], StudySite: ["target", "recruited"]}
DATES = {
    Centre: ["launched_on"],
    CentrePartner: ["joined_on", "left_on"],
    DatedName: ["first_on", "last_on"],
    Grant: ["submitted_on", "decided_on"],
    Group: ["first_on", "last_on"],
    Membership: ["joined_on", "left_on", "confirmed_from", "confirmed_until"],
    ServiceEra: ["first_on", "last_on"],
    Study: [
        "registered_on",
        "regulatory_submission_on",
        "combined_review_on",
        "hra_approval_on",
    ],
    StudySite: [
        "invited_on",
        "selected_on",
        "capacity_and_capability_on",
        "valid_application_on",
        "opened_on",
        "first_participant_on",
        "closed_on",
        "planned_closing_on",
    ],
    Succession: ["on"],
    Trust: ["opened_on", "closed_on"],
}


def fields_of(kinds):
    return pytest.mark.parametrize(
        ("kind", "field"), [(kind, field) for kind, fields in kinds.items() for field in fields]
    )


def read(kind, field, value):
    return getattr(kind(**(LEAST[kind] | {field: value})), field)


def refusal(kind, field, value):
    with pytest.raises((InvalidInputError, InvalidTypeError)) as caught:
        read(kind, field, value)
    return str(caught.value)


@pytest.mark.parametrize(
    "kind", [Centre, Grant, Group, Membership, Study, Succession, Trust, University]
)
def test_a_model_of_many_fields_is_given_each_by_its_name(kind):
    with pytest.raises(TypeError, match="takes 1 positional argument"):
        kind("REM", **LEAST[kind])


@pytest.mark.parametrize(
    ("kind", "places"),
    [(CentrePartner, 1), (StudySite, 1), (Clock, 1), (Partnership, 2), (ServiceEra, 3)],
)
def test_a_model_takes_by_place_only_what_tells_it_from_others(kind, places):
    with pytest.raises(TypeError, match=f" {places + 1} positional arguments but"):
        kind(*["2024-01-31"] * (places + 1))


@fields_of(TEXTS)
def test_a_text_loses_its_spare_spaces_and_a_blank_one_is_none(kind, field):
    assert read(kind, field, "  two  words ") == "two words"
    assert read(kind, field, "  ") is None
    assert f"{field} must be text; got 1.5" in refusal(kind, field, 1.5)


@pytest.mark.parametrize("kind", NAMES)
def test_a_name_loses_its_spare_spaces_and_must_not_be_blank(kind):
    assert read(kind, "name", "  two  words ") == "two words"
    assert "name must not be empty; got '  '" in refusal(kind, "name", "  ")


@fields_of(NUMBERS_OR_TEXTS)
def test_a_reference_may_be_a_whole_number(kind, field):
    assert read(kind, field, 140217) == "140217"


@fields_of(CODES)
def test_an_organisation_is_read_as_its_code(kind, field):
    assert read(kind, field, " ren ") == "REN"


@fields_of({kind: fields for kind, fields in CODES.items() if kind is not Trust})
def test_an_organisation_may_be_given_whole(kind, field):
    assert read(kind, field, Trust(code="REN", names="A hospital")) == "REN"


@fields_of(COUNTS)
def test_a_number_is_whole_and_not_negative(kind, field):
    assert read(kind, field, 0) == 0
    assert f"{field} must be a whole number; got 1.5" in refusal(kind, field, 1.5)
    assert f"{field} must be at least 0; got -1" in refusal(kind, field, -1)


@fields_of(DATES)
def test_a_date_is_read_from_iso_text(kind, field):
    assert read(kind, field, "2024-01-31") == dt.date(2024, 1, 31)
    assert f"{field} must be a date or ISO text" in refusal(kind, field, "31/01/2024")


@pytest.mark.parametrize(("ask", "argument"), TAKE_A_DATE)
@pytest.mark.parametrize(
    ("date", "error", "fault"),
    [
        ("31/01/2024", InvalidInputError, "; got '31/01/2024'"),
        (20240131, InvalidTypeError, "; got 20240131"),
        # Which day a moment falls on depends on the place.
        (
            dt.datetime(2024, 1, 31, tzinfo=dt.UTC),
            InvalidInputError,
            ", without a time; got"
            " datetime.datetime(2024, 1, 31, 0, 0, tzinfo=datetime.timezone.utc)",
        ),
    ],
)
def test_what_is_no_date_is_refused_by_the_name_of_its_argument(ask, argument, date, error, fault):
    with pytest.raises(error) as caught:
        ask(date)

    rule = f"{argument} must be a date or ISO text such as '2024-01-31'"
    assert str(caught.value) == rule + fault


@pytest.mark.parametrize(
    ("ask", "argument"),
    [
        (PERIOD.overlaps, "other"),
        (PERIOD.adjoins, "other"),
        (PERIOD.union, "other"),
        (ServiceEra("JRO", "2023-11-20").within, "period"),
        (Membership(organisation="REM").throughout, "period"),
    ],
)
@pytest.mark.parametrize(
    ("given", "kind"), [("2023-24", "str"), (None, "NoneType"), (dt.date(2024, 1, 31), "date")]
)
def test_what_is_no_period_is_refused_by_the_name_of_its_argument(ask, argument, given, kind):
    with pytest.raises(InvalidTypeError) as caught:
        ask(given)

    assert str(caught.value) == f"{argument} must be a Period; got {kind}"
