import datetime as dt
import pickle
from decimal import Decimal, localcontext
from fractions import Fraction

import attrs
import pytest
from hypothesis import given

from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.models import Grant, Trust
from strategies import DATES, as_text, grants, pounds


def a_grant(**changes):
    fields = {"reference": "G-017", "submitted_on": "2024-02-01", "outcome": "successful"}
    return Grant(**(fields | changes))


@given(grants())
def test_a_grant_survives_pickling_and_rebuilding_from_its_fields(grant):
    copies = pickle.loads(pickle.dumps(grant)), attrs.evolve(grant)  # noqa: S301

    assert all(copy == grant and hash(copy) == hash(grant) for copy in copies)


@given(grants())
def test_organisations_are_the_lead_then_the_partners_each_once(grant):
    organisations = grant.organisations

    assert len(set(organisations)) == len(organisations)
    assert set(organisations) == {grant.lead, *grant.partners} - {None}
    assert grant.lead is None or organisations[0] == grant.lead


@given(grants(), DATES)
def test_an_outcome_is_pending_until_it_is_decided_and_the_final_one_after(grant, date):
    if date < grant.submitted_on or (grant.outcome != "pending" and grant.decided_on is None):
        with pytest.raises(InvalidInputError, match=r"^grant "):
            grant.outcome_as_of(date)
    elif grant.decided_on is None or date < grant.decided_on:
        assert grant.outcome_as_of(date) == "pending"
    else:
        assert grant.outcome_as_of(date) == grant.outcome


def test_a_decision_counts_on_its_own_day():
    grant = a_grant(decided_on="2024-03-31")

    assert grant.outcome_as_of("2024-02-01") == "pending"
    assert grant.outcome_as_of("2024-03-30") == "pending"
    assert grant.outcome_as_of("2024-03-31") == "successful"


def test_what_is_still_pending_was_so_from_its_submission_on():
    grant = a_grant(outcome="pending")

    assert grant.outcome_as_of("2024-02-01") == "pending"
    assert grant.outcome_as_of("2030-01-01") == "pending"


@given(pounds)
def test_money_reads_the_same_as_decimal_and_as_spreadsheet_text(amount):
    read = {
        a_grant(amount_requested=written).amount_requested
        for written in (amount, as_text(amount), f" {amount} ", as_text(amount).strip("£"))
    }

    assert read == {amount}


def test_money_needs_no_pence():
    assert a_grant(amount_requested="£1,200").amount_requested == Decimal(1200)


def test_money_is_exact_whatever_the_decimal_context_of_the_caller():
    with localcontext() as context:
        context.prec = 3
        assert a_grant(amount_awarded="123,456.78").amount_awarded == Decimal("123456.78")


def test_harmless_variation_is_normalised():
    trust = Trust(code="ren", names="The Clatterbridge Cancer Centre")
    grant = a_grant(
        reference="  G  017 ",
        lead=" rem ",
        partners=[trust, "REN", "REM", "Some  Charity", "https://ror.org/04XS57H96"],
        funder=" ",
        resubmission_of=16,
        amount_awarded=0,
        decided_on=dt.datetime(2024, 2, 1),
    )

    assert grant.reference == "G 017"
    assert grant.organisations == ("REM", "REN", "Some Charity", "04xs57h96")
    assert grant.funder is None
    assert grant.resubmission_of == "16"
    assert grant.decided_on == dt.date(2024, 2, 1)


def test_an_award_of_nothing_is_no_award():
    grant = a_grant(outcome="unsuccessful", amount_awarded=0)

    assert grant.amount_awarded == 0


def test_shares_are_exact_and_read_only():
    grant = a_grant(lead="REM", partners=["REN"], shares={"rem": "2/3", "REN": Fraction(1, 3)})

    assert grant.shares == {"REM": Fraction(2, 3), "REN": Fraction(1, 3)}
    assert repr(grant.shares) == "Shares(REM: 2/3, REN: 1/3)"
    with pytest.raises(TypeError):
        grant.shares["REM"] = Fraction(1)


def test_shares_are_the_same_in_any_order_and_hash_by_their_parts():
    def shares(**parts):
        return a_grant(lead="REM", partners=["REN"], shares=parts).shares

    one, other = shares(REM="2/3", REN="1/3"), shares(REN="1/3", REM="2/3")
    assert one == other
    assert len({one, other, shares(REM="1/3", REN="2/3")}) == 2
    assert hash(one) == hash(other) != hash(shares(REM="1/3", REN="2/3"))


OUTCOMES = "'successful', 'unsuccessful', 'pending', 'withdrawn', 'not_considered'"
MONEY = "must be pounds such as '£1,200.50'"
DATE = "must be a date or ISO text such as '2024-01-31'"


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        pytest.param(
            {"decided_on": "2024-01-03"},
            InvalidInputError,
            "decided_on (2024-01-03) is before submitted_on (2024-02-01)",
            id="decided before submitted",
        ),
        pytest.param(
            {"outcome": "pending", "decided_on": "2024-03-03"},
            InvalidInputError,
            "outcome is 'pending' but decided_on is 2024-03-03",
            id="pending with a decision",
        ),
        pytest.param(
            {"outcome": "unsuccessful", "amount_awarded": 1200},
            InvalidInputError,
            "outcome is 'unsuccessful' but amount_awarded is £1,200.00",
            id="award without success",
        ),
        pytest.param(
            {"outcome": "withdrawn", "amount_awarded": "0.01"},
            InvalidInputError,
            "outcome is 'withdrawn' but amount_awarded is £0.01",
            id="a penny without success",
        ),
        pytest.param(
            {"outcome": "Funded"},
            InvalidInputError,
            f"outcome must be one of {OUTCOMES}; got 'Funded'",
            id="unknown outcome",
        ),
        pytest.param(
            {"stage": "second"},
            InvalidInputError,
            "stage must be one of 'outline', 'full', 'single'; got 'second'",
            id="unknown stage",
        ),
        pytest.param(
            {"submitted_on": None}, InvalidTypeError, f"submitted_on {DATE}; got None", id="no date"
        ),
        pytest.param(
            {"amount_requested": 1200.5},
            InvalidTypeError,
            "amount_requested must be pounds as a Decimal, int or text like '1200.50'; got 1200.5",
            id="float money",
        ),
        pytest.param(
            {"amount_requested": True},
            InvalidTypeError,
            "amount_requested must be pounds as a Decimal, int or text like '1200.50'; got True",
            id="bool money",
        ),
        pytest.param(
            {"amount_requested": "1,50"},
            InvalidInputError,
            f"amount_requested {MONEY}; got '1,50'",
            id="continental decimal comma",
        ),
        pytest.param(
            {"amount_requested": "1234,567"},
            InvalidInputError,
            f"amount_requested {MONEY}; got '1234,567'",
            id="comma that marks no thousands",
        ),
        pytest.param(
            {"amount_requested": "£1.2m"},
            InvalidInputError,
            f"amount_requested {MONEY}; got '£1.2m'",
            id="abbreviated money",
        ),
        pytest.param(
            {"amount_requested": "1200.505"},
            InvalidInputError,
            "amount_requested must be whole pence; got '1200.505'",
            id="part of a penny",
        ),
        pytest.param(
            {"amount_requested": -5},
            InvalidInputError,
            "amount_requested must not be negative; got -5",
            id="negative money",
        ),
        pytest.param(
            {"amount_requested": "-1,200"},
            InvalidInputError,
            "amount_requested must not be negative; got '-1,200'",
            id="negative money as text",
        ),
        pytest.param(
            {"amount_requested": "1200."},
            InvalidInputError,
            f"amount_requested {MONEY}; got '1200.'",
            id="a point without pence",
        ),
        pytest.param(
            {"amount_requested": Decimal("NaN")},
            InvalidInputError,
            "amount_requested must be a finite number of pounds; got Decimal('NaN')",
            id="missing money",
        ),
        pytest.param(
            {"amount_requested": 10**12},
            InvalidInputError,
            "amount_requested must be below £1,000,000,000,000; got 1000000000000",
            id="more money than there is",
        ),
        pytest.param(
            {"partners": "REN"},
            InvalidTypeError,
            "partners must be a collection of organisations; got 'REN'",
            id="one text for several partners",
        ),
        pytest.param(
            {"partners": Trust(code="REN", names="A trust")},
            InvalidTypeError,
            "partners must be a collection of organisations; got Trust(code='REN',"
            " names=(DatedName(name='A trust', first_on=None, last_on=None),), short_name=None,"
            " aliases=(), opened_on=None, closed_on=None, note=None)",
            id="one organisation for several partners",
        ),
        pytest.param(
            {"lead": "REM", "shares": {"REM": "1/2", "REN": "1/4", "RBS": "1/12"}},
            InvalidInputError,
            "shares name 'REN', 'RBS', which the record does not; shares must add up to 1;"
            " they add up to 5/6",
            id="shares of strangers",
        ),
        pytest.param(
            {"lead": 5, "shares": {"REM": 1}},
            InvalidTypeError,
            "lead must be text; got 5",
            id="shares beside an unreadable lead",
        ),
        pytest.param(
            {"lead": "REM", "shares": {"REM": 0.5}},
            InvalidTypeError,
            "shares of 'REM' must be a Fraction, Decimal, int or text like '1/3'; got 0.5",
            id="float share",
        ),
        pytest.param(
            {"lead": "REM", "shares": {"REM": "4/3"}},
            InvalidInputError,
            "shares of 'REM' must be between 0 and 1; got '4/3'",
            id="share above one",
        ),
        pytest.param(
            {"lead": "REM", "partners": ["REN"], "shares": {"REM": "4/3", "REN": "-1/3"}},
            InvalidInputError,
            "shares of 'REM' must be between 0 and 1; got '4/3'",
            id="shares outside the whole",
        ),
        pytest.param(
            {"lead": "REM", "shares": {"REM": "-1/3"}},
            InvalidInputError,
            "shares of 'REM' must be between 0 and 1; got '-1/3'",
            id="negative share",
        ),
        pytest.param(
            {"lead": "REM", "shares": {"REM": "half"}},
            InvalidInputError,
            "shares of 'REM' must be a number or text like '1/3'; got 'half'",
            id="share in words",
        ),
        pytest.param(
            {"lead": "REM", "shares": {"REM": 1, "rem": 0}},
            InvalidInputError,
            "shares must name each organisation once; got 'REM' twice",
            id="organisation shared twice",
        ),
        pytest.param(
            {"lead": "REM", "shares": ["REM"]},
            InvalidTypeError,
            "shares must map organisations to their parts; got ['REM']",
            id="shares without parts",
        ),
        pytest.param(
            {"resubmission_of": "G-017"},
            InvalidInputError,
            "resubmission_of is the grant itself ('G-017')",
            id="resubmission of itself",
        ),
        pytest.param(
            {"decided_on": "2024-01-03", "amount_requested": "lots", "stage": "x"},
            InvalidInputError,
            f"amount_requested {MONEY}; got 'lots';"
            " stage must be one of 'outline', 'full', 'single'; got 'x';"
            " decided_on (2024-01-03) is before submitted_on (2024-02-01)",
            id="several faults at once",
        ),
    ],
)
def test_bad_input_names_the_grant_the_field_the_rule_and_the_value(changes, error, message):
    with pytest.raises(error) as caught:
        a_grant(**changes)

    assert str(caught.value) == f"grant 'G-017': {message}"


@pytest.mark.parametrize(
    ("reference", "error", "message"),
    [
        ("  ", InvalidInputError, "grant: reference must not be empty; got '  '"),
        (1.5, InvalidTypeError, "grant: reference must be text; got 1.5"),
    ],
)
def test_a_grant_without_a_reference_is_refused(reference, error, message):
    with pytest.raises(error) as caught:
        a_grant(reference=reference)

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("grant", "message"),
    [
        (
            a_grant(),
            "grant 'G-017': outcome is 'successful' but decided_on is not known,"
            " so the outcome as of 2024-02-15 is not known either",
        ),
        (
            a_grant(submitted_on="2024-02-16"),
            "grant 'G-017': submitted_on (2024-02-16) is after 2024-02-15,"
            " so it had no outcome then",
        ),
    ],
)
def test_an_outcome_that_cannot_be_known_is_refused(grant, message):
    with pytest.raises(InvalidInputError) as caught:
        grant.outcome_as_of("2024-02-15")

    assert str(caught.value) == message
