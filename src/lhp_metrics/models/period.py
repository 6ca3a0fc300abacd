"""Periods: from which day to which day, both included."""

import datetime as dt
from collections.abc import Callable
from typing import Literal

import attrs

from lhp_metrics import _checks
from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.models._fields import (
    argument,
    as_int,
    order_faults,
    read_date,
    refuse_faults,
    required_date,
)
from lhp_metrics.models.bank_holidays import working_days

__all__ = ["Period", "PeriodUnit", "unit_around"]

PeriodUnit = Literal["month", "quarter", "financial_year"]

_ONE_DAY = dt.timedelta(days=1)
# Written out, because strftime follows the locale.
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_MONTHS_IN = {"month": 1, "quarter": 3, "financial_year": 12}


@attrs.frozen(order=True, repr=False)
class Period:
    """A stretch of days, from its first to its last, **both included**.

    Parameters
    ----------
    start, end : datetime.date or str
        First and last day, as dates or ISO text.

    Raises
    ------
    InvalidInputError
        If the end is before the start, or a date cannot be read.

    Notes
    -----
    Periods sort by start, then end. A whole financial year, financial quarter or month prints
    under its own name.

    Examples
    --------
    >>> spark = Period("2023-04-01", "2023-11-19")
    >>> print(spark, spark.days, sep=", ")
    1 Apr 2023 to 19 Nov 2023, 233
    >>> print(Period("2023-04-01", "2024-03-31"))
    2023-24
    """

    start: dt.date = attrs.field(converter=required_date)
    end: dt.date = attrs.field(converter=required_date)

    def __attrs_post_init__(self) -> None:
        refuse_faults("period", None, self, order_faults(self, "start", "end"))

    @classmethod
    def financial_year(cls, name: str) -> "Period":
        """Return the financial year of that name, 1 April to 31 March.

        Parameters
        ----------
        name : str
            Such as ``"2023-24"``, ``"2023/24"`` or ``"2023-2024"``.

        Returns
        -------
        Period

        Raises
        ------
        InvalidInputError
            If the name is not two years that follow one another.

        Examples
        --------
        >>> Period.financial_year("2023-24")
        Period('2023-04-01', '2024-03-31')
        """
        year = _first_year(name)
        return unit_around(dt.date(year, 4, 1), "financial_year")

    @classmethod
    def quarter(cls, financial_year: str, number: int) -> "Period":
        """Return a quarter of a financial year: the first is April to June.

        Parameters
        ----------
        financial_year : str
            Such as ``"2023-24"``.
        number : int
            1 to 4.

        Returns
        -------
        Period

        Raises
        ------
        InvalidInputError
            If the financial year is misnamed or the number is not 1, 2, 3 or 4.

        Examples
        --------
        >>> print(Period.quarter("2023-24", 3))
        2023-24 Q3 (Oct–Dec 2023)
        """
        quarters = cls.financial_year(financial_year).split("quarter")
        if as_int(number) not in (1, 2, 3, 4):
            raise InvalidInputError(f"quarter number must be 1, 2, 3 or 4; got {number!r}")
        return quarters[number - 1]

    @classmethod
    def month(cls, name: str) -> "Period":
        """Return a calendar month.

        Parameters
        ----------
        name : str
            Year and month, such as ``"2023-11"``.

        Returns
        -------
        Period

        Raises
        ------
        InvalidInputError
            If the name is not a year and a month.

        Examples
        --------
        >>> Period.month("2023-11")
        Period('2023-11-01', '2023-11-30')
        """
        year, month = _two_numbers("month", name, "'2023-11'", second_digits=(2,))
        if not 1 <= month <= 12:
            raise InvalidInputError(f"month must be like '2023-11'; got {name!r}")
        return unit_around(dt.date(year, month, 1), "month")

    @property
    def days(self) -> int:
        """Number of days, weekends and both ends included."""
        return (self.end - self.start).days + 1

    @property
    def working_days(self) -> int:
        """Number of days from Monday to Friday that are no bank holiday in England.

        Raises InvalidInputError for years outside the bundled calendar: a missing holiday would
        be an under-count that nobody sees.
        """
        return working_days(self.start, self.end)

    def contains(self, date: dt.date | str) -> bool:
        """Tell whether a date lies in the period.

        Parameters
        ----------
        date : datetime.date or str
            A date or ISO text.

        Returns
        -------
        bool

        Examples
        --------
        >>> Period("2023-04-01", "2023-11-19").contains("2023-11-19")
        True
        """
        return self.start <= argument("date", read_date, date) <= self.end

    def overlaps(self, other: "Period") -> bool:
        """Tell whether the two periods share a day.

        Parameters
        ----------
        other : Period

        Returns
        -------
        bool
        """
        _checks.of_kind("other", other, Period)
        return self.start <= other.end and other.start <= self.end

    def adjoins(self, other: "Period") -> bool:
        """Tell whether one period begins on the day after the other ends.

        Parameters
        ----------
        other : Period
            The period before or after this one.

        Returns
        -------
        bool

        Examples
        --------
        >>> Period("2023-04-01", "2023-11-19").adjoins(Period("2023-11-20", "2024-03-31"))
        True
        """
        _checks.of_kind("other", other, Period)
        first, second = sorted((self, other))
        return second.start - first.end == _ONE_DAY

    def union(self, other: "Period") -> "Period":
        """Return the period that both make together.

        Parameters
        ----------
        other : Period
            A period that overlaps or adjoins this one.

        Returns
        -------
        Period

        Raises
        ------
        InvalidInputError
            If there are days between the two.

        Examples
        --------
        >>> print(Period("2023-04-01", "2023-11-19").union(Period("2023-11-20", "2024-03-31")))
        2023-24
        """
        if not (self.overlaps(other) or self.adjoins(other)):
            first, second = sorted((self, other))
            gap = Period(first.end + _ONE_DAY, second.start - _ONE_DAY)
            raise InvalidInputError(f"periods {first} and {second} leave a gap between them: {gap}")
        return Period(min(self.start, other.start), max(self.end, other.end))

    def shift(self, *, years: int) -> "Period":
        """Return the same period in another year.

        Parameters
        ----------
        years : int
            ``-1`` for the same period last year.

        Returns
        -------
        Period

        Raises
        ------
        InvalidInputError
            If the period is 29 February alone and the other year has none, or the calendar ends.

        Notes
        -----
        The first day moves, and so does the day after the last; in a year without it 29
        February becomes 1 March. So a period that ends at a month's end still does, and
        periods that adjoin still do; the number of days may differ by one.

        Examples
        --------
        >>> Period("2024-02-01", "2024-02-29").shift(years=-1)
        Period('2023-02-01', '2023-02-28')
        """
        if (number := as_int(years)) is None:
            raise InvalidTypeError(f"years must be a whole number; got {years!r}")
        try:
            after = _same_day(self.end + _ONE_DAY, number)
            return Period(_same_day(self.start, number), after - _ONE_DAY)
        except (ValueError, OverflowError):
            year = self.start.year + number
            raise InvalidInputError(f"{self} has no counterpart in {year}") from None

    def split(self, unit: PeriodUnit) -> tuple["Period", ...]:
        """Cut the period at the borders of months, quarters or financial years.

        Parameters
        ----------
        unit : {"month", "quarter", "financial_year"}
            What to cut into.

        Returns
        -------
        tuple of Period
            In order; the first and the last are clipped to the period.

        Raises
        ------
        InvalidInputError
            If the unit is none of these.

        Examples
        --------
        >>> for part in Period("2023-11-20", "2024-01-31").split("month"):
        ...     print(part)
        20 Nov 2023 to 30 Nov 2023
        Dec 2023
        Jan 2024
        """
        _checks.choice("unit", unit, _MONTHS_IN)
        parts = []
        start, last = self.start, min(self.end, unit_around(self.start, unit).end)
        while last < self.end:
            parts.append(Period(start, last))
            start = last + _ONE_DAY
            last = min(self.end, unit_around(start, unit).end)
        return (*parts, Period(start, last))

    def __repr__(self) -> str:
        return f"Period('{self.start}', '{self.end}')"

    def __str__(self) -> str:
        for unit, name in _NAMES.items():
            if self == unit_around(self.start, unit):
                return name(self)
        if self.start == self.end:
            return _day_name(self.start)
        return f"{_day_name(self.start)} to {_day_name(self.end)}"


def unit_around(date: dt.date, unit: PeriodUnit) -> Period:
    """Return the month, financial quarter or financial year that holds a date.

    What would begin before the calendar of `datetime.date`, or end after it, is cut off there.
    """
    months = _MONTHS_IN[unit]
    count = 12 * date.year + date.month - 1
    first = count - (count - 3) % months  # blocks are counted from April, month 3 of 0 to 11
    year, month = divmod(first, 12)
    next_year, next_month = divmod(first + months, 12)
    start = dt.date(year, month + 1, 1) if year >= dt.MINYEAR else dt.date.min
    ends = next_year <= dt.MAXYEAR
    end = dt.date(next_year, next_month + 1, 1) - _ONE_DAY if ends else dt.date.max
    return Period(start, end)


def _same_day(date: dt.date, years: int) -> dt.date:
    try:
        return date.replace(year=date.year + years)
    except ValueError:
        return dt.date(date.year + years, 3, 1)


def _two_numbers(
    what: str, name: str, example: str, second_digits: tuple[int, ...]
) -> tuple[int, int]:
    """Read '2023-24' as 2023 and 24; a slash or a dash does as well as a hyphen."""
    if not isinstance(name, str):
        raise InvalidTypeError(f"{what} must be text like {example}; got {name!r}")
    first, _, second = name.strip().replace("/", "-").replace("–", "-").partition("-")
    digits = (first + second).isascii() and (first + second).isdecimal()
    if not (digits and len(first) == 4 and int(first) and len(second) in second_digits):
        raise InvalidInputError(f"{what} must be like {example}; got {name!r}")
    return int(first), int(second)


def _first_year(name: str) -> int:
    year, following = _two_numbers("financial year", name, "'2023-24'", second_digits=(2, 4))
    if following not in (year + 1, (year + 1) % 100):
        right = _financial_year_name(year)
        raise InvalidInputError(
            f"financial year must name two years that follow one another; got {name!r}"
            f" (the one that begins in April {year} is {right!r})"
        )
    return year


def _financial_year_name(year: int) -> str:
    return f"{year}-{(year + 1) % 100:02}"


def _day_name(date: dt.date) -> str:
    return f"{date.day} {_month_name(date)}"


def _month_name(date: dt.date) -> str:
    return f"{_MONTHS[date.month - 1]} {date.year}"


def _quarter_name(quarter: Period) -> str:
    year, number = divmod(12 * quarter.start.year + quarter.start.month - 4, 12)
    first = _MONTHS[quarter.start.month - 1]
    name = _financial_year_name(year)
    return f"{name} Q{number // 3 + 1} ({first}–{_month_name(quarter.end)})"


# The longest first: a period has the name of the largest unit that it is.
_NAMES: dict[PeriodUnit, Callable[[Period], str]] = {
    "financial_year": lambda period: _financial_year_name(period.start.year),
    "quarter": _quarter_name,
    "month": lambda period: _month_name(period.start),
}
