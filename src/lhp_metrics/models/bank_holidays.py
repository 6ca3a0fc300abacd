"""England's bank holidays, and the working days between two dates."""

import datetime as dt
import functools
from typing import Any

import numpy as np

from lhp_metrics.errors import InvalidInputError
from lhp_metrics.models._fields import argument, read_date

__all__ = ["england_bank_holidays", "working_days"]


@functools.cache
def england_bank_holidays() -> frozenset[dt.date]:
    """Return the bank holidays of England from 2017 to 2027, one-off days included.

    Returns
    -------
    frozenset of datetime.date
        Substitute days where a holiday falls on a weekend.

    Notes
    -----
    From the GOV.UK list for England and Wales [1]_; its copy for 2017 to 2023 was taken before
    8 May 2023 was proclaimed, which is added with its own source [2]_.

    References
    ----------
    .. [1] GOV.UK, "UK bank holidays", Open Government Licence v3.0.
    .. [2] GOV.UK, "Bank holiday proclaimed in honour of the coronation of His Majesty King
       Charles III", November 2022.

    Examples
    --------
    >>> import datetime as dt
    >>> dt.date(2023, 5, 8) in england_bank_holidays()
    True
    """
    days = (day for year in _calendar()["years"].values() for day in year)
    return frozenset(dt.date.fromisoformat(day["date"]) for day in days)


def working_days(start: dt.date | str, end: dt.date | str) -> int:
    """Count the days from Monday to Friday that are no bank holiday in England.

    Parameters
    ----------
    start, end : datetime.date or str
        First and last day, both included, as dates or ISO text.

    Returns
    -------
    int
        0 if the end is before the start.

    Raises
    ------
    InvalidInputError
        If a year is outside the calendar: a holiday that is not known would be counted as work.

    Examples
    --------
    >>> working_days("2023-05-01", "2023-05-31")
    20
    """
    known = [int(year) for year in _calendar()["years"]]
    first, last = argument("start", read_date, start), argument("end", read_date, end)
    for name, date in (("start", first), ("end", last)):
        if not known[0] <= date.year <= known[-1]:
            raise InvalidInputError(
                f"working days are known for {known[0]} to {known[-1]}; got {name} {date}"
            )
    after = last + dt.timedelta(days=1)
    return max(0, int(np.busday_count(first, after, busdaycal=_business_days())))


@functools.cache
def _business_days() -> np.busdaycalendar:
    return np.busdaycalendar(holidays=np.array(sorted(england_bank_holidays()), dtype="M8[D]"))


@functools.cache
def _calendar() -> dict[str, Any]:
    import json
    from importlib.resources import files

    path = files("lhp_metrics") / "data" / "england_bank_holidays.json"
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return content
