import datetime as dt

import pytest
from hypothesis import given

from lhp_metrics.errors import InvalidInputError
from lhp_metrics.models import Membership, Partnership, Period, Trust
from strategies import DATES, periods

TRUSTS = [Trust(code=code, names=f"{code} Hospital") for code in ("REM", "REN", "RBS")]


def partnership(*memberships):
    return Partnership("Example", TRUSTS, memberships=memberships)


@given(DATES, DATES)
def test_a_membership_without_dates_is_known_on_no_day(one, other):
    membership = Membership(organisation="REM")

    assert membership.on(one) is None
    assert membership.throughout(Period(min(one, other), max(one, other))) is None


@given(periods(), DATES)
def test_with_both_ends_known_every_day_is_known(period, date):
    membership = Membership(organisation="REM", joined_on=period.start, left_on=period.end)

    assert membership.on(date) is period.contains(date)


@given(periods(), DATES)
def test_beyond_what_is_confirmed_nothing_is_known(period, date):
    membership = Membership(
        organisation="REM", confirmed_from=period.start, confirmed_until=period.end
    )

    assert membership.on(date) is (True if period.contains(date) else None)


@given(periods(), periods())
def test_a_member_throughout_a_period_is_one_on_each_of_its_ends(known, asked):
    membership = Membership(organisation="REM", joined_on=known.start, left_on=known.end)

    inside = known.contains(asked.start) and known.contains(asked.end)
    assert membership.throughout(asked) is inside


def test_a_membership_that_goes_on_is_known_until_somebody_looked():
    member = Membership(organisation="REM", joined_on="2012-01-01", confirmed_until="2024-03-31")

    assert member.on("2011-12-31") is False
    assert member.on("2012-01-01") is True
    assert member.on("2024-03-31") is True
    assert member.on("2024-04-01") is None


def test_a_lone_date_is_known_by_itself():
    assert Membership(organisation="REM", joined_on="2012-01-01").on(dt.date(2012, 1, 1)) is True
    assert Membership(organisation="REM", joined_on="2012-01-01").on(dt.date(2012, 1, 2)) is None


def test_unknown_members_are_refused_included_or_left_out():
    found = partnership(
        Membership(organisation="REM", joined_on="2012-01-01", left_on="2020-12-31"),
        Membership(organisation="REN"),
        Membership(organisation="RBS", left_on="2015-03-31"),
    )

    assert found.members("2016-01-01", unknown="include") == ("REM", "REN")
    assert found.members("2016-01-01", unknown="exclude") == ("REM",)
    with pytest.raises(InvalidInputError) as caught:
        found.members("2015-01-01")
    assert str(caught.value) == (
        "Example: membership on 2015-01-01 is not known of REN, RBS; say unknown='include' or "
        "'exclude'"
    )


def test_an_organisation_may_leave_and_come_back():
    found = partnership(
        Membership(organisation="REM", joined_on="2012-01-01", left_on="2014-12-31"),
        Membership(organisation="REM", joined_on="2018-01-01", left_on="2020-12-31"),
    )

    assert found.members("2013-01-01") == found.members("2019-01-01") == ("REM",)
    assert found.members("2016-01-01") == ()
    assert found.members(Period("2014-01-01", "2018-12-31"), unknown="include") == ()


def test_who_was_a_member_by_one_membership_is_not_in_doubt_by_another():
    found = partnership(
        Membership(organisation="REM", joined_on="2012-01-01", left_on="2014-12-31"),
        Membership(organisation="REM", joined_on="2012-01-01"),
    )

    assert found.members("2013-01-01") == ("REM",)


def test_who_left_may_have_come_back_on_a_day_that_is_not_known():
    found = partnership(
        Membership(organisation="REM", joined_on="2012-01-01", left_on="2014-12-31"),
        Membership(organisation="REM"),
    )

    assert found.members("2016-01-01", unknown="include") == ("REM",)
    assert found.members("2016-01-01", unknown="exclude") == ()
    with pytest.raises(InvalidInputError, match="on 2016-01-01 is not known of REM"):
        found.members("2016-01-01")


@pytest.mark.parametrize(
    ("dates", "message"),
    [
        (
            {"joined_on": "2020-01-01", "left_on": "2019-01-01"},
            "membership of 'REM': confirmed_until (2019-01-01) is before confirmed_from "
            "(2020-01-01)",
        ),
        (
            {"left_on": "2019-01-01", "confirmed_until": "2020-01-01"},
            "membership of 'REM': left_on (2019-01-01) is before confirmed_until (2020-01-01)",
        ),
        (
            {"joined_on": "2020-01-01", "confirmed_from": "2019-01-01"},
            "membership of 'REM': confirmed_from (2019-01-01) is before joined_on (2020-01-01)",
        ),
        (
            {"left_on": "soon"},
            "membership of 'REM': left_on must be a date or ISO text such as '2024-01-31'; "
            "got 'soon'",
        ),
        (
            {"joined_on": "soon"},
            "membership of 'REM': joined_on must be a date or ISO text such as '2024-01-31'; "
            "got 'soon'",
        ),
    ],
)
def test_dates_in_impossible_order_are_refused(dates, message):
    with pytest.raises(InvalidInputError) as caught:
        Membership(organisation="REM", **dates)

    assert str(caught.value) == message


def test_members_and_options_must_be_known():
    with pytest.raises(InvalidInputError, match="a membership names 'REX', which is not listed"):
        partnership(Membership(organisation="REX"))
    with pytest.raises(InvalidInputError, match="unknown must be one of 'error', 'include'"):
        partnership().members("2020-01-01", unknown="guess")


def test_who_left_before_the_end_was_no_member_throughout_whenever_it_joined():
    membership = Membership(organisation="REM", left_on="2019-09-30")

    assert membership.throughout(Period("2019-01-01", "2019-12-31")) is False
