import datetime as dt
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.models import Period
from strategies import DATES, adjoining_periods, periods

UNITS = st.sampled_from(["month", "quarter", "financial_year"])
ONE_DAY = dt.timedelta(days=1)


def test_both_dates_are_inside():
    # LHP's annual report 2023-24: SPARK ran for 233 days of the year, the JRO for 133.
    assert Period("2023-04-01", "2023-11-19").days == 233
    assert Period("2023-11-20", "2024-03-31").days == 133


@pytest.mark.parametrize(
    ("period", "printed"),
    [
        (Period("2023-04-01", "2024-03-31"), "2023-24"),
        (Period("2099-04-01", "2100-03-31"), "2099-00"),
        (Period("2023-04-01", "2023-06-30"), "2023-24 Q1 (Apr–Jun 2023)"),
        (Period("2023-10-01", "2023-12-31"), "2023-24 Q3 (Oct–Dec 2023)"),
        (Period("2024-01-01", "2024-03-31"), "2023-24 Q4 (Jan–Mar 2024)"),
        (Period("2023-11-01", "2023-11-30"), "Nov 2023"),
        (Period("2024-02-01", "2024-02-28"), "1 Feb 2024 to 28 Feb 2024"),
        (Period("2023-01-01", "2023-12-31"), "1 Jan 2023 to 31 Dec 2023"),
        (Period("2023-04-01", "2023-11-19"), "1 Apr 2023 to 19 Nov 2023"),
        (Period("2023-11-20", "2023-11-20"), "20 Nov 2023"),
    ],
)
def test_a_period_prints_under_its_own_name(period, printed):
    assert str(period) == printed


@pytest.mark.parametrize("name", ["2023-24", "2023/24", "2023–24", "2023-2024", " 2023-24 "])
def test_a_financial_year_runs_from_april_to_march(name):
    assert Period.financial_year(name) == Period("2023-04-01", "2024-03-31")


@pytest.mark.parametrize(
    ("number", "quarter"),
    [
        (1, Period("2023-04-01", "2023-06-30")),
        (2, Period("2023-07-01", "2023-09-30")),
        (3, Period("2023-10-01", "2023-12-31")),
        (4, Period("2024-01-01", "2024-03-31")),
    ],
)
def test_financial_quarters_are_counted_from_april(number, quarter):
    assert Period.quarter("2023-24", number) == quarter


@given(DATES, UNITS)
def test_a_day_lies_in_exactly_one_part_of_its_year(date, unit):
    year = Period.financial_year(
        f"{date.year - (date.month < 4)}-{(date.year + (date.month > 3)) % 100:02}"
    )

    assert [part.contains(date) for part in year.split(unit)].count(True) == 1


@given(periods(), UNITS)
def test_the_parts_of_a_split_adjoin_and_make_the_whole(period, unit):
    first, *others = period.split(unit)

    whole = first
    for part in others:
        assert whole.adjoins(part)
        assert not whole.overlaps(part)
        whole = whole.union(part)
    assert whole == period
    assert sum(part.days for part in (first, *others)) == period.days


@given(periods(), periods(), DATES)
def test_periods_overlap_exactly_where_a_day_lies_in_both(one, other, date):
    assert one.overlaps(other) == other.overlaps(one)
    if one.contains(date) and other.contains(date):
        assert one.overlaps(other)
    if one.overlaps(other):
        assert one.contains(max(one.start, other.start))
        assert other.contains(max(one.start, other.start))


@given(adjoining_periods())
def test_adjoining_periods_add_up_to_their_union_in_either_order(pair):
    before, after = pair

    assert before.adjoins(after)
    assert after.adjoins(before)
    assert before.union(after) == after.union(before)
    assert before.union(after).days == before.days + after.days
    assert before < after


@given(periods())
def test_a_period_neither_adjoins_itself_nor_leaves_itself_by_a_shift_of_nothing(period):
    assert not period.adjoins(period)
    assert period.shift(years=0) == period
    assert period.union(period) == period


@given(adjoining_periods(), st.integers(-5, 5))
def test_periods_that_adjoin_still_do_in_another_year(pair, years):
    before, after = pair
    lost_day = Period("2024-02-29", "2024-02-29"), Period("2020-02-29", "2020-02-29")
    if before in lost_day or after in lost_day:
        return

    assert before.shift(years=years).adjoins(after.shift(years=years))


@given(DATES, st.integers(-5, 5))
def test_a_period_that_ends_at_a_months_end_still_does_in_another_year(date, years):
    month = Period(date.replace(day=1), date).split("month")[0]
    whole = Period.month(f"{date:%Y-%m}")

    assert whole.shift(years=years) == Period.month(f"{date.year + years}-{date.month:02}")
    assert month.shift(years=years).start == whole.shift(years=years).start


@pytest.mark.parametrize(
    ("leap", "years", "shifted"),
    [
        (Period("2024-02-29", "2024-03-15"), -1, Period("2023-03-01", "2023-03-15")),
        (Period("2024-02-29", "2024-03-15"), 1, Period("2025-03-01", "2025-03-15")),
        (Period("2024-02-01", "2024-02-28"), -1, Period("2023-02-01", "2023-02-28")),
        (Period("2024-02-01", "2024-02-28"), 1, Period("2025-02-01", "2025-02-28")),
    ],
)
def test_a_29_february_is_a_1_march_in_a_year_without_it(leap, years, shifted):
    assert leap.shift(years=years) == shifted


@given(periods())
def test_working_days_are_days_without_weekends_and_at_most_ten_holidays_a_year(period):
    weekdays = sum((period.start + i * ONE_DAY).weekday() < 5 for i in range(period.days))

    assert weekdays - 10 * (period.days / 365 + 1) <= period.working_days <= weekdays


@given(periods(), periods())
def test_periods_survive_pickling_and_equal_ones_hash_alike(one, other):
    assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301
    assert (one == other) == ((one.start, one.end) == (other.start, other.end))
    assert len({one, Period(str(one.start), str(one.end))}) == 1


def test_a_midnight_without_a_time_zone_is_its_date():
    assert Period(dt.datetime(2023, 4, 1), "2023-04-02").start == dt.date(2023, 4, 1)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: Period("2023-11-19", "2023-04-01"),
            InvalidInputError,
            "period: end (2023-04-01) is before start (2023-11-19)",
        ),
        (
            lambda: Period("01/04/2023", "2023-02-30"),
            InvalidInputError,
            "period: start must be a date or ISO text such as '2024-01-31'; got '01/04/2023';"
            " end must be a date or ISO text such as '2024-01-31'; got '2023-02-30'",
        ),
        (
            lambda: Period(20230401, "2023-04-02"),
            InvalidTypeError,
            "period: start must be a date or ISO text such as '2024-01-31'; got 20230401",
        ),
        (
            lambda: Period(dt.datetime(2023, 4, 1, 9, 30), "2023-04-02"),
            InvalidInputError,
            "period: start must be a date or ISO text such as '2024-01-31', without a time;"
            " got datetime.datetime(2023, 4, 1, 9, 30)",
        ),
        (
            lambda: Period.financial_year("2023-25"),
            InvalidInputError,
            "financial year must name two years that follow one another; got '2023-25'"
            " (the one that begins in April 2023 is '2023-24')",
        ),
        (
            lambda: Period.financial_year("2023-2025"),
            InvalidInputError,
            "financial year must name two years that follow one another; got '2023-2025'"
            " (the one that begins in April 2023 is '2023-24')",
        ),
        (
            lambda: Period.financial_year("23-24"),
            InvalidInputError,
            "financial year must be like '2023-24'; got '23-24'",
        ),
        (
            lambda: Period.financial_year(2023),
            InvalidTypeError,
            "financial year must be text like '2023-24'; got 2023",
        ),
        (
            lambda: Period.financial_year("year-24"),
            InvalidInputError,
            "financial year must be like '2023-24'; got 'year-24'",
        ),
        (
            lambda: Period.quarter("2023-24", 5),
            InvalidInputError,
            "quarter number must be 1, 2, 3 or 4; got 5",
        ),
        (
            lambda: Period.quarter("2023-24", True),
            InvalidInputError,
            "quarter number must be 1, 2, 3 or 4; got True",
        ),
        (
            lambda: Period.month("2023-13"),
            InvalidInputError,
            "month must be like '2023-11'; got '2023-13'",
        ),
        (
            lambda: Period.month("2023/1"),
            InvalidInputError,
            "month must be like '2023-11'; got '2023/1'",
        ),
        (
            lambda: Period.month(202311),
            InvalidTypeError,
            "month must be text like '2023-11'; got 202311",
        ),
        (
            lambda: Period("2023-04-01", "2023-04-02").split("week"),
            InvalidInputError,
            "unit must be one of 'month', 'quarter', 'financial_year'; got 'week'",
        ),
        (
            lambda: Period("2023-04-01", "2023-04-02").contains("today"),
            InvalidInputError,
            "date must be a date or ISO text such as '2024-01-31'; got 'today'",
        ),
        (
            lambda: Period("2023-04-01", "2023-04-02").union(Period.month("2023-05")),
            InvalidInputError,
            "periods 1 Apr 2023 to 2 Apr 2023 and May 2023 leave a gap between them:"
            " 3 Apr 2023 to 30 Apr 2023",
        ),
        (
            lambda: Period("2024-02-29", "2024-02-29").shift(years=-1),
            InvalidInputError,
            "29 Feb 2024 has no counterpart in 2023",
        ),
        (
            lambda: Period.month("2023-11").shift(years=1.0),
            InvalidTypeError,
            "years must be a whole number; got 1.0",
        ),
        (
            lambda: Period.month("2023-11").shift(years=-2023),
            InvalidInputError,
            "Nov 2023 has no counterpart in 0",
        ),
        (
            lambda: Period.month("9999-12").shift(years=1),
            InvalidInputError,
            "Dec 9999 has no counterpart in 10000",
        ),
    ],
)
def test_bad_input_names_the_field_the_rule_and_the_value(make, error, message):
    with pytest.raises(error) as caught:
        make()

    assert str(caught.value) == message


def test_periods_at_the_ends_of_the_calendar_are_cut_off_there():
    assert Period.month("9999-12").end == dt.date.max
    assert Period.financial_year("9999-00") == Period("9999-04-01", "9999-12-31")
    assert [str(part) for part in Period("9999-11-01", "9999-12-31").split("month")] == [
        "Nov 9999",
        "Dec 9999",
    ]
    assert str(Period("0001-01-01", "0001-01-02")) == "1 Jan 1 to 2 Jan 1"
    assert Period.month("0001-05") == Period("0001-05-01", "0001-05-31")


@pytest.mark.parametrize("make", [Period.month, Period.financial_year])
def test_there_is_no_year_0(make):
    with pytest.raises(InvalidInputError, match="must be like"):
        make("0000-01")
