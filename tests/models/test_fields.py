"""What all models do alike with a date or a period that they are asked about."""

import datetime as dt

import pytest

from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.models import (
    Centre,
    Grant,
    Group,
    Membership,
    Partnership,
    Period,
    ServiceEra,
    Trust,
    working_days,
)

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
