import pickle

import attrs
import pytest
from hypothesis import given

from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.models import Study, StudySite, Trust
from strategies import SITE_DATES, studies


@given(studies())
def test_a_study_survives_pickling_and_rebuilding_from_its_fields(study):
    copies = pickle.loads(pickle.dumps(study)), attrs.evolve(study)  # noqa: S301

    assert all(copy == study and hash(copy) == hash(study) for copy in copies)


@given(studies())
def test_organisations_are_the_lead_then_the_sites_each_once(study):
    organisations = study.organisations

    assert len(set(organisations)) == len(organisations)
    assert set(organisations) == {study.lead, *(s.organisation for s in study.sites)} - {None}
    assert study.lead is None or organisations[0] == study.lead


def test_the_sponsor_is_no_site():
    assert Study(study_id=1, sponsor="RBS", sites=["REM"]).organisations == ("REM",)


def test_sites_are_read_from_codes_organisations_and_site_records():
    trust = Trust(code="REN", names="The Clatterbridge Cancer Centre")
    study = Study(study_id=1, sites=["rem", trust, StudySite(" rbs ")])

    assert study.organisations == ("REM", "REN", "RBS")


@pytest.mark.parametrize("earlier", range(len(SITE_DATES)))
@pytest.mark.parametrize("later", range(len(SITE_DATES)))
def test_any_two_dates_of_a_site_must_be_in_their_order(earlier, later):
    if earlier >= later:
        return
    first, second = SITE_DATES[earlier], SITE_DATES[later]
    StudySite("REM", **{first: "2024-01-01", second: "2024-01-01"})

    with pytest.raises(InvalidInputError) as caught:
        StudySite("REM", **{first: "2024-01-02", second: "2024-01-01"})

    message = f"site 'REM': {second} (2024-01-01) is before {first} (2024-01-02)"
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        (
            {"recruited": 1},
            InvalidInputError,
            "site 'REM': recruited is 1 but opened_on is not given",
        ),
        (
            {"recruited": 2.5},
            InvalidTypeError,
            "site 'REM': recruited must be a whole number; got 2.5",
        ),
        (
            {"valid_application_on": "2024-01-02", "first_participant_on": "2024-01-01"},
            InvalidInputError,
            "site 'REM': first_participant_on (2024-01-01) is before valid_application_on"
            " (2024-01-02)",
        ),
        (
            {"opened_on": "2024-01-02", "planned_closing_on": "2024-01-01"},
            InvalidInputError,
            "site 'REM': planned_closing_on (2024-01-01) is before opened_on (2024-01-02)",
        ),
        (
            {"recruited": 0, "opened_on": "2024-01-01", "first_participant_on": "2024-01-02"},
            InvalidInputError,
            "site 'REM': recruited is 0 but first_participant_on is 2024-01-02",
        ),
        (
            {"invited_on": "2024-03-01", "selected_on": "2024-01-01", "opened_on": "2024-02-01"},
            InvalidInputError,
            "site 'REM': selected_on (2024-01-01) is before invited_on (2024-03-01)",
        ),
        (
            {"target": 2.0},
            InvalidTypeError,
            "site 'REM': target must be a whole number; got 2.0",
        ),
        (
            {"target": -1, "closed_on": "soon"},
            InvalidInputError,
            "site 'REM': closed_on must be a date or ISO text such as '2024-01-31'; got 'soon';"
            " target must be at least 0; got -1",
        ),
    ],
)
def test_bad_input_names_the_site_the_field_the_rule_and_the_value(fields, error, message):
    with pytest.raises(error) as caught:
        StudySite("REM", **fields)

    assert str(caught.value) == message


def test_a_site_that_never_opened_recruited_nobody():
    assert StudySite("REM", recruited=0).recruited == 0


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        (
            {"study_id": ""},
            InvalidInputError,
            "study: study_id must not be empty; got ''",
        ),
        (
            {"sites": ["REM", "rem"]},
            InvalidInputError,
            "study 'S-1': sites must list each site once; got 'REM' twice",
        ),
        (
            {"sites": "REM"},
            InvalidTypeError,
            "study 'S-1': sites must be a collection of sites; got 'REM'",
        ),
        (
            {"lead": 5, "shares": {"REM": 1}},
            InvalidTypeError,
            "study 'S-1': lead must be text; got 5",
        ),
        (
            {"commercial": "yes"},
            InvalidTypeError,
            "study 'S-1': commercial must be True, False or None; got 'yes'",
        ),
        (
            {"regulatory_submission_on": "2024-03-01", "combined_review_on": "2024-02-01"},
            InvalidInputError,
            "study 'S-1': combined_review_on (2024-02-01) is before regulatory_submission_on"
            " (2024-03-01)",
        ),
        (
            {"regulatory_submission_on": "2024-03-01", "hra_approval_on": "2024-02-01"},
            InvalidInputError,
            "study 'S-1': hra_approval_on (2024-02-01) is before regulatory_submission_on"
            " (2024-03-01)",
        ),
        (
            {"lead": "REM", "sites": ["REN"], "shares": {"REM": "1/2"}},
            InvalidInputError,
            "study 'S-1': shares must add up to 1; they add up to 1/2",
        ),
    ],
)
def test_bad_input_names_the_study_the_field_the_rule_and_the_value(fields, error, message):
    with pytest.raises(error) as caught:
        Study(**({"study_id": "S-1"} | fields))

    assert str(caught.value) == message


def test_a_lone_site_is_no_collection_of_sites():
    with pytest.raises(InvalidTypeError, match=r"sites must be a collection of sites; got StudyS"):
        Study(study_id="S-1", sites=StudySite("REM"))


def test_a_study_that_breaks_two_rules_in_a_site_and_itself_lists_what_it_can_see():
    with pytest.raises(InvalidTypeError) as caught:
        Study(study_id="S-1", registered_on=5, sites=["REM", "REM"])

    assert str(caught.value) == (
        "study 'S-1': registered_on must be a date or ISO text such as '2024-01-31'; got 5;"
        " sites must list each site once; got 'REM' twice"
    )


def test_shares_on_a_record_that_do_not_add_up_to_1_are_refused():
    with pytest.raises(InvalidInputError) as caught:
        Study(study_id="S1", sites=["REM", "REN"], shares={"REM": "1/2", "REN": "1/3"})

    assert str(caught.value) == "study 'S1': shares must add up to 1; they add up to 5/6"
