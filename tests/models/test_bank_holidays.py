import datetime as dt
from collections import Counter

import pytest
from hypothesis import given

from lhp_metrics.errors import InvalidInputError
from lhp_metrics.models import Period, england_bank_holidays, working_days
from strategies import adjoining_periods


def easter(year):
    # The Gregorian computus as J. Meeus gives it, Astronomical Algorithms (1991), chapter 8.
    a, (b, c) = year % 19, divmod(year, 100)
    (d, e), f = divmod(b, 4), (b + 8) // 25
    g = (b - f + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    moon = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * moon) // 451
    month, day = divmod(h + moon - 7 * m + 114, 31)
    return dt.date(year, month, day + 1)


def test_every_year_has_its_eight_days_and_the_one_off_ones():
    years = Counter(day.year for day in england_bank_holidays())

    # 2022: Platinum Jubilee and the State Funeral of Queen Elizabeth II; 2023: the Coronation.
    assert years == dict.fromkeys(range(2017, 2028), 8) | {2022: 10, 2023: 9}


@pytest.mark.parametrize(
    "one_off", ["2020-05-08", "2022-06-02", "2022-06-03", "2022-09-19", "2023-05-08"]
)
def test_one_off_days_are_in_the_calendar(one_off):
    assert dt.date.fromisoformat(one_off) in england_bank_holidays()


@pytest.mark.parametrize("year", range(2017, 2028))
def test_good_friday_and_easter_monday_follow_the_computus(year):
    days = england_bank_holidays()

    assert easter(year) - dt.timedelta(days=2) in days
    assert easter(year) + dt.timedelta(days=1) in days


def test_no_bank_holiday_falls_on_a_weekend():
    assert all(day.weekday() < 5 for day in england_bank_holidays())


# 365 days less 104 on weekends less 8 holidays; 2023 began on a Sunday, so 105, and had 9.
@pytest.mark.parametrize(("year", "days"), [(2019, 253), (2021, 253), (2023, 251), (2025, 253)])
def test_working_days_of_a_calendar_year(year, days):
    assert Period(dt.date(year, 1, 1), dt.date(year, 12, 31)).working_days == days


def test_the_working_days_of_may_2023_lack_three_mondays():
    assert working_days(dt.date(2023, 5, 1), dt.date(2023, 5, 31)) == 20


@given(adjoining_periods())
def test_working_days_of_adjoining_periods_add_up(pair):
    before, after = pair

    assert before.union(after).working_days == before.working_days + after.working_days


def test_nothing_lies_between_an_end_and_a_later_start():
    assert working_days(dt.date(2023, 5, 31), dt.date(2023, 5, 1)) == 0


@pytest.mark.parametrize(
    ("period", "message"),
    [
        (
            Period("2016-12-31", "2017-01-31"),
            "working days are known for 2017 to 2027; got start 2016-12-31",
        ),
        (
            Period("2027-12-31", "2028-01-01"),
            "working days are known for 2017 to 2027; got end 2028-01-01",
        ),
    ],
)
def test_a_year_outside_the_calendar_is_refused(period, message):
    with pytest.raises(InvalidInputError) as caught:
        _ = period.working_days

    assert str(caught.value) == message
