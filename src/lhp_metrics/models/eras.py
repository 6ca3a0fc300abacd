"""Service eras: which service registered studies, from when until when."""

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import pairwise

import attrs

from lhp_metrics._checks import of_kind
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.models._fields import (
    date_or_none,
    order_faults,
    refuse_faults,
    text,
    text_or_none,
)
from lhp_metrics.models.period import Period

__all__ = ["ServiceEra", "overlapping_eras"]


@attrs.frozen
class ServiceEra:
    """The time in which a service ran under one name.

    Parameters
    ----------
    name : str
        What it was called, such as ``"SPARK"``.
    first_on, last_on : datetime.date or str, optional
        First and last day, both included; None where unknown or, for `last_on`, still running.
    note : str, optional
        What a reader should know.

    Raises
    ------
    InvalidInputError
        If the dates are in reverse.

    Examples
    --------
    >>> spark = ServiceEra("SPARK", "2019-10-28", "2023-11-19")
    >>> print(spark.period)
    28 Oct 2019 to 19 Nov 2023
    >>> jro = ServiceEra("JRO", "2023-11-20")
    >>> print(jro.within(Period.financial_year("2023-24")))
    20 Nov 2023 to 31 Mar 2024
    """

    name: str = attrs.field(converter=text)
    first_on: dt.date | None = attrs.field(default=None, converter=date_or_none)
    last_on: dt.date | None = attrs.field(default=None, converter=date_or_none)
    note: str | None = attrs.field(default=None, converter=text_or_none, kw_only=True)

    def __attrs_post_init__(self) -> None:
        refuse_faults("service era", self.name, self, order_faults(self, "first_on", "last_on"))

    @property
    def period(self) -> Period:
        """All its days. Raises InvalidInputError while it runs, or if a date is unknown."""
        if self.last_on is None:
            raise InvalidInputError(
                f"service era {self.name!r} has no last day: within(period) gives its days in a "
                "period"
            )
        return Period(self._known_first(), self.last_on)

    def within(self, period: Period) -> Period:
        """Return its days within a period; one without a last day goes on.

        Parameters
        ----------
        period : Period
            Such as the financial year of a report.

        Returns
        -------
        Period

        Raises
        ------
        InvalidInputError
            If the era has no day in the period, or its first day is unknown.
        """
        of_kind("period", period, Period)
        first = max(self._known_first(), period.start)
        last = period.end if self.last_on is None else min(self.last_on, period.end)
        if last < first:
            raise InvalidInputError(f"service era {self.name!r} has no day in {period}")
        return Period(first, last)

    def _known_first(self) -> dt.date:
        if self.first_on is None:
            raise InvalidInputError(f"the first day of service era {self.name!r} is unknown")
        return self.first_on


def overlapping_eras(eras: Iterable[ServiceEra]) -> Iterator[str]:
    """Yield a fault for each era that begins before the one ahead of it is over."""
    dated = [(era.first_on, era) for era in eras if era.first_on is not None]
    dated.sort(key=lambda pair: pair[0])
    for (_, earlier), (first, later) in pairwise(dated):
        if earlier.last_on is None or first <= earlier.last_on:
            yield f"service eras {earlier.name!r} and {later.name!r} overlap"
