import datetime as dt
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.models import Centre, CentrePartner, Trust
from strategies import CODES, DATES


@given(st.lists(st.sampled_from(CODES), unique=True), DATES, DATES)
def test_partners_of_unknown_dates_are_partners_from_the_launch_on(codes, launch, date):
    centre = Centre(name="A centre", launched_on=launch, partners=codes)

    assert centre.partners_on(date) == (tuple(codes) if date >= launch else ())


@given(DATES, DATES)
def test_a_partner_that_left_was_partner_on_its_last_day_and_no_longer(date, last):
    centre = Centre(name="A centre", partners=["REM", CentrePartner("RQ6", left_on=last)])

    assert centre.partners_on(date) == (("REM", "RQ6") if date <= last else ("REM",))


@given(DATES, DATES)
def test_a_partner_that_joined_later_is_partner_from_its_first_day(date, first):
    centre = Centre(name="A centre", partners=[CentrePartner("REN", joined_on=first)])

    assert centre.partners_on(date) == (("REN",) if date >= first else ())


def test_partners_are_read_from_codes_organisations_and_partner_records():
    trust = Trust(code="REN", names="The Clatterbridge Cancer Centre")
    centre = Centre(name="A centre", partners=["rem", trust, CentrePartner(" rbs ")])

    assert centre.partners_on("2024-01-01") == ("REM", "REN", "RBS")
    assert pickle.loads(pickle.dumps(centre)) == centre  # noqa: S301


def test_the_precision_of_a_launch_is_its_day_unless_said():
    assert Centre(name="A", launched_on="2018-10-29").launch_precision == "day"
    assert Centre(name="A").launch_precision == "unknown"
    month = Centre(name="A", launched_on=dt.date(2019, 2, 1), launch_precision="month")
    assert month.launch_precision == "month"


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: Centre(name="LCCS", launched_on="2019-02-01", launch_precision="unknown"),
            InvalidInputError,
            "centre 'LCCS': launch_precision is 'unknown' but launched_on is 2019-02-01",
        ),
        (
            lambda: Centre(name="LCCS", launch_precision="year"),
            InvalidInputError,
            "centre 'LCCS': launch_precision is 'year' but launched_on is None",
        ),
        (
            lambda: Centre(name="LCCS", launched_on="2019-02-01", launch_precision="year"),
            InvalidInputError,
            "centre 'LCCS': launched_on (2019-02-01) must be 2019-01-01 where only its year is"
            " known",
        ),
        (
            lambda: Centre(name="LCCS", launched_on="2019-02-02", launch_precision="month"),
            InvalidInputError,
            "centre 'LCCS': launched_on (2019-02-02) must be 2019-02-01 where only its month is"
            " known",
        ),
        (
            lambda: Centre(name="LCCS", launched_on="2019-02-02", launch_precision="decade"),
            InvalidInputError,
            "centre 'LCCS': launch_precision must be one of 'day', 'month', 'year', 'unknown';"
            " got 'decade'",
        ),
        (
            lambda: Centre(name="LCCS", launched_on="soon", partners="RBQ"),
            InvalidTypeError,
            "centre 'LCCS': launched_on must be a date or ISO text such as '2024-01-31';"
            " got 'soon'; partners must be a collection of partners; got 'RBQ'",
        ),
        (
            lambda: Centre(name="LCCS", partners=CentrePartner("RBQ")),
            InvalidTypeError,
            "centre 'LCCS': partners must be a collection of partners; got"
            " CentrePartner(organisation='RBQ', joined_on=None, left_on=None)",
        ),
        (
            lambda: Centre(name="LCCS", partners=["RBQ", "rbq"]),
            InvalidInputError,
            "centre 'LCCS': partners must list each once; got 'RBQ' twice",
        ),
        (
            lambda: CentrePartner("RQ6", joined_on="2019-10-01", left_on="2019-09-30"),
            InvalidInputError,
            "partner 'RQ6': left_on (2019-09-30) is before joined_on (2019-10-01)",
        ),
    ],
)
def test_bad_input_names_the_centre_the_field_the_rule_and_the_value(make, error, message):
    with pytest.raises(error) as caught:
        make()

    assert str(caught.value) == message
