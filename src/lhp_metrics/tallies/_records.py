"""Choosing the records that count: every one left out has its reason."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from itertools import compress
from operator import attrgetter
from typing import Any, Generic, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import each_of
from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.models import Grant, Period, Records, Study

__all__ = [
    "Record",
    "Selection",
    "checked_date",
    "checked_period",
    "coded",
    "listed",
    "record_label",
    "values_of",
]

Record: TypeAlias = Grant | Study
RecordT = TypeVar("RecordT", Grant, Study)


def record_label(record: Record) -> str:
    """Return what a message calls a record: "grant 'G-017'"."""
    if isinstance(record, Grant):
        return f"grant {record.reference!r}"
    return f"study {record.study_id!r}"


def values_of(records: Iterable[Record], field: str) -> list[Any]:
    """Return a field of each record; many of them are faster read by name than in a loop."""
    return list(map(attrgetter(field), records))


def coded(values: Iterable[Any]) -> tuple[list[Any], NDArray[np.intp]]:
    """Return the distinct values, and the place among them of each."""
    places: defaultdict[Any, int] = defaultdict()
    places.default_factory = places.__len__  # a value not seen before takes the next place
    index = np.fromiter(map(places.__getitem__, values), dtype=np.intp)
    return list(places), index


def listed(items: Iterable[str], *, most: int = 5) -> str:
    """Return the first few items and how many more there are."""
    items = list(items)
    more = f" and {len(items) - most:,} more" if len(items) > most else ""
    return ", ".join(items[:most]) + more


def checked_date(name: str, value: dt.date | str | None) -> dt.date | None:
    """Return a date from a date or its ISO text."""
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            rule = "must be a date such as 2024-03-31"
            raise InvalidInputError(f"{name} {rule}; got {value!r}") from None
    if value is not None and type(value) is not dt.date:
        raise InvalidTypeError(f"{name} must be a date; got {value!r}")
    return value


def checked_period(value: Period | None) -> Period | None:
    """Return the period, or refuse what is none."""
    if value is not None and not isinstance(value, Period):
        raise InvalidTypeError(f"period must be a Period; got {value!r}")
    return value


class Selection(Generic[RecordT]):
    """Records still in, and how many were left out for which reason."""

    def __init__(self, records: Iterable[RecordT], kind: type[RecordT], id_field: str) -> None:
        several = each_of(records, kind.__name__, single=kind, name="records")
        self.records: list[RecordT] = list(several)
        unreadable = records.unreadable if isinstance(records, Records) else 0
        self.rows_in = len(self.records) + unreadable
        self.excluded: dict[str, int] = {"unreadable in the file": unreadable} if unreadable else {}
        if set(map(type, self.records)) - {kind}:  # of a million records, faster than each asked
            for index, record in enumerate(self.records):
                if not isinstance(record, kind):
                    rule = f"must be a {kind.__name__}"
                    raise InvalidTypeError(f"record {index} {rule}; got {record!r}")
        if len(set(map(attrgetter(id_field), self.records))) < len(self.records):
            times = Counter(values_of(self.records, id_field))
            twice = [f"{name!r} ({n} times)" for name, n in times.items() if n > 1]
            raise InvalidInputError(f"each {id_field} must stand once, but not so: {listed(twice)}")

    def exclude(self, reason: str, when: Callable[[RecordT], bool]) -> None:
        """Leave out the records for which `when` holds."""
        kept = [record for record in self.records if not when(record)]
        if len(kept) < len(self.records):
            self.excluded[reason] = len(self.records) - len(kept)
        self.records = kept

    def refuse(self, when: Callable[[RecordT], bool], rule: str) -> None:
        """Raise one error naming every record for which `when` holds."""
        bad = [record_label(record) for record in self.records if when(record)]
        if bad:
            raise InvalidInputError(f"{listed(bad)}: {rule}")

    def within(self, period: Period | None, dated_by: str) -> None:
        """Leave out records dated outside `period`."""
        days, index = coded(map(attrgetter(dated_by), self.records))
        if None in days:
            rule = f"no {dated_by} to date it by"
            self.refuse(lambda record: getattr(record, dated_by) is None, rule)
        inside = [period is None or period.start <= day <= period.end for day in days]
        if not all(inside):
            kept = list(compress(self.records, np.array(inside)[index].tolist()))
            self.excluded[f"{dated_by} outside the period"] = len(self.records) - len(kept)
            self.records = kept

    def dates(self, dated_by: str) -> list[dt.date]:
        """Return the dates of the records that are still in."""
        return values_of(self.records, dated_by)
