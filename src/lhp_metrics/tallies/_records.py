"""Choosing the records that count: every one left out has its reason."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import compress
from operator import attrgetter
from typing import Any, NoReturn, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import each_of, often
from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.models import Grant, Period, Records, Study
from lhp_metrics.models.grants import GRANT_FACTS
from lhp_metrics.models.studies import STUDY_FACTS

__all__ = [
    "Record",
    "Selection",
    "checked_date",
    "checked_period",
    "coded",
    "listed",
    "numbered",
    "record_label",
]

Record: TypeAlias = Grant | Study
RecordT = TypeVar("RecordT", Grant, Study)


def record_label(record: Record) -> str:
    """Return what a message calls a record: "grant 'G-017'"."""
    if isinstance(record, Grant):
        return f"grant {record.reference!r}"
    return f"study {record.study_id!r}"


def coded(values: Iterable[Any]) -> tuple[list[Any], NDArray[np.intp]]:
    """Return the distinct values, and the place among them of each."""
    places: defaultdict[Any, int] = defaultdict()
    places.default_factory = places.__len__  # a value not seen before takes the next place
    index = np.fromiter(map(places.__getitem__, values), dtype=np.intp)
    return list(places), index


def numbered(codes: NDArray[np.intp], size: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the distinct codes, all below `size`, in order, and the place among them of each."""
    if size > max(len(codes), 1000):
        return np.unique(codes, return_inverse=True)
    # Without sorting a million codes of a few kinds.
    present = np.bincount(codes, minlength=size) > 0
    return np.flatnonzero(present), (np.cumsum(present) - 1)[codes]


def listed(items: Iterable[str], *, most: int = 5, between: str = ", ") -> str:
    """Return the first few items and how many more there are."""
    items = list(items)
    more = f" and {len(items) - most:,} more" if len(items) > most else ""
    return between.join(items[:most]) + more


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


def _refuse_others(records: Iterable[object], kind: type[Record]) -> NoReturn:
    """Raise the error that names the first record which is not of its kind."""
    for index, record in enumerate(records):
        if not isinstance(record, kind):
            raise InvalidTypeError(f"record {index} must be a {kind.__name__}; got {record!r}")
        if not hasattr(record, "_facts"):
            method = f"{kind.__name__}.__attrs_post_init__"
            raise InvalidTypeError(f"record {index}: its class must call {method}; got {record!r}")
    raise AssertionError


class Selection(Collection[RecordT]):
    """Records still in, what counting asks of them, and why the others were left out.

    Iterated over, it gives those still in; `facts` has an element for each.
    """

    def __init__(self, records: Iterable[RecordT], kind: type[RecordT], id_field: str) -> None:
        name = "grants" if kind is Grant else "studies"
        several = each_of(records, kind.__name__, single=kind, name=name)
        self._given: list[RecordT] = list(several)
        self._places = np.arange(len(self._given))
        unreadable = records.unreadable if isinstance(records, Records) else 0
        self.rows_in = len(self._given) + unreadable
        self.excluded: dict[str, int] = {"unreadable in the file": unreadable} if unreadable else {}
        facts = (GRANT_FACTS if kind is Grant else STUDY_FACTS).read(self._given)
        if facts is None:
            _refuse_others(self._given, kind)
        self.facts: NDArray[Any] = facts
        keys = np.sort(self.facts["key"])
        if (keys[1:] == keys[:-1]).any():  # the same text, or two whose hashes happen to be
            times = Counter(map(attrgetter(id_field), self))
            twice = [f"{name!r} ({often(n)})" for name, n in times.items() if n > 1]
            if twice:
                rule = f"each {id_field} must stand once, but not so"
                raise InvalidInputError(f"{rule}: {listed(twice)}")

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[RecordT]:
        if len(self) == len(self._given):
            return iter(self._given)
        kept = np.zeros(len(self._given), dtype=np.bool_)
        kept[self._places] = True
        return compress(self._given, kept.tolist())

    def __contains__(self, record: object) -> bool:
        return any(record is mine for mine in self)

    def exclude(self, reason: str, where: NDArray[np.bool_]) -> None:
        """Leave out the records that are marked."""
        if where.any():
            self.excluded[reason] = int(where.sum())
            self._places = self._places[~where]
            self.facts = self.facts[~where]

    def refuse(self, where: NDArray[np.bool_], rule: str) -> None:
        """Raise one error naming every record that is marked."""
        if where.any():
            bad = list(map(record_label, compress(self, where.tolist())))
            raise InvalidInputError(f"{listed(bad)}: {rule}")

    def within(self, period: Period | None, dated_by: str) -> None:
        """Leave out records dated outside `period`."""
        days = self.facts[dated_by]
        self.refuse(days == 0, f"no {dated_by} to date it by")
        if period is not None:
            outside = (days < period.start.toordinal()) | (days > period.end.toordinal())
            self.exclude(f"{dated_by} outside the period", outside)

    def days(self, dated_by: str) -> NDArray[np.int64]:
        """Return the dates of the records that are still in, as ordinals."""
        return self.facts[dated_by].astype(np.int64)
