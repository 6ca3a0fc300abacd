"""Which groups does a record count in? One answer for grants and studies."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import chain, compress
from operator import attrgetter
from typing import Any, TypeAlias, cast

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import choice, each_of, folded, near_matches, of_kind
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.models import Partnership, Period, PeriodUnit
from lhp_metrics.models.period import unit_around
from lhp_metrics.tallies._bodies import Bodies
from lhp_metrics.tallies._keys import (
    NOT_STATED,
    Attribution,
    Key,
    refuse_overflow,
    sorted_keys,
)
from lhp_metrics.tallies._records import Record, coded, listed, numbered, record_label

__all__ = [
    "ATTRIBUTIONS",
    "PERIODS",
    "Grouping",
    "by_names",
    "grouping",
    "key_texts",
    "keyed",
    "span",
]

# Texts of a key's part, and the index among them of each place where something counts.
KeyPart: TypeAlias = tuple[Sequence[Any], NDArray[np.intp]]

ATTRIBUTIONS: tuple[Attribution, ...] = ("lead", "whole", "fractional")
PERIODS = ("month", "quarter", "financial_year")


def by_names(by: str | Iterable[str] | None) -> tuple[str, ...]:
    """Return `by` as a tuple of names, none of them twice."""
    if by is None or isinstance(by, str):
        return () if by is None else (by,)
    names = tuple(each_of(by, "names", name="by"))
    for name in names:
        of_kind("a name in by", name, str)
    if len(set(names)) < len(names):
        raise InvalidInputError(f"by must not repeat a name; got {names!r}")
    return names


@attrs.frozen(kw_only=True, slots=False)
class Grouping:
    """Pairs of element and group: a record may stand in several groups, or in parts of them.

    Parameters
    ----------
    keys : tuple
        The groups, in order.
    names : mapping
        Display names of organisations.
    record, group : ndarray of int, shape (m,)
        Index of the element and of the key, one pair per place where it counts.
    weight : ndarray of Fraction, shape (m,), or None
        Part of the element that counts there; None where elements count whole.
    times : ndarray of int, or None
        In how many elements each element's records stand: a frame has a row for each of a
        record's organisations. None where every record is one element.
    """

    keys: tuple[Key, ...]
    names: Mapping[str, str]
    record: NDArray[np.intp]
    group: NDArray[np.intp]
    weight: NDArray[Any] | None
    times: NDArray[np.int64] | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """Which groups look like one that was written in several ways."""
        parts = (enumerate(key if isinstance(key, tuple) else (key,)) for key in self.keys)
        spelt: dict[tuple[int, str], dict[str, None]] = {}
        for place, part in chain.from_iterable(parts):
            if isinstance(part, str):
                spelt.setdefault((place, folded(part)), {})[part] = None
        alike = [" and ".join(map(repr, texts)) for texts in spelt.values() if len(texts) > 1]
        if not alike:
            return ()
        return (f"Counted apart, though they differ in capitals or spaces alone: {listed(alike)}.",)

    @cached_property
    def _parts(self) -> tuple[list[Fraction], NDArray[np.intp]]:
        """The distinct parts, and the place among them of each weight."""
        return coded(() if self.weight is None else self.weight)

    @property
    def _shares(self) -> NDArray[np.float64]:
        """The weights as floats."""
        parts, place = self._parts
        return np.array(parts, dtype=np.float64)[place]

    def summed(self, values: NDArray[Any], *, moment: int = 1) -> NDArray[Any]:
        """Return the sum of `values`, one per element, in each group, and the total at the end.

        Of a second moment (``moment=2``) a record that counts by half adds a quarter.
        """
        size = len(self.keys)
        column = np.zeros(size + 1, dtype=values.dtype)
        here = values[self.record]
        if values.dtype.kind == "i":
            refuse_overflow(float(here.sum(dtype=float)))
            refuse_overflow(float(values.sum(dtype=float)))
        if self.weight is not None and values.dtype.kind == "i":
            column = self._exactly_summed(here)
        else:
            here = here if self.weight is None else here * self._shares**moment
            np.add.at(column, self.group, here)
        column[size] = self.total(values)
        return column

    def _exactly_summed(self, here: NDArray[np.int64]) -> NDArray[Any]:
        """Return the exact sums of the parts of `here`, one per place, and 0 for the total.

        Whole numbers of which the same part counts in a group are added up first: fractions are
        few then, and they are slow.
        """
        parts, place = self._parts
        found, kind = np.unique(self.group * max(len(parts), 1) + place, return_inverse=True)
        sums = np.zeros(len(found), dtype=np.int64)
        np.add.at(sums, kind, here)
        column = np.full(len(self.keys) + 1, Fraction(0), dtype=object)
        for code, n in zip(found.tolist(), sums.tolist(), strict=True):
            group, part = divmod(code, len(parts))
            column[group] += parts[part] * n
        return column

    def by_day(
        self, days: NDArray[np.int64], counts: NDArray[np.int64], length: int
    ) -> NDArray[np.int64]:
        """Return how many of the elements' `counts` stand on each day, by group and in total."""
        columns = np.zeros((len(self.keys) + 1, length), dtype=np.int64)
        np.add.at(columns, (self.group, days[self.record]), counts[self.record])
        np.add.at(columns[-1], days, counts)
        return columns

    def total(self, values: NDArray[Any]) -> Any:
        """Return the sum of `values` over the records, each of them once."""
        if self.times is None:
            return values.sum().item()
        whole = values.dtype.kind == "i"
        sums = ((n, values[self.times == n].sum().item()) for n in np.unique(self.times).tolist())
        return sum(value // n if whole else value / n for n, value in sums)

    def shared(self, squares: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the sum of ``part × (1 − part) × squares`` in each group; the total's is 0.

        What sharing takes off the sum of squares: with the second moment of `summed` it adds up
        to the sum that counts a shared record by its part, once.
        """
        column = np.zeros(len(self.keys) + 1)
        if self.weight is not None:
            part = self._shares
            np.add.at(column, self.group, part * (1 - part) * squares[self.record])
        return column

    def largest(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return the largest of `values` in each group, and overall at the end."""
        column = np.zeros(len(self.keys) + 1, dtype=values.dtype)
        np.maximum.at(column, self.group, values[self.record])
        column[-1] = values.max(initial=0)
        return column


def grouping(
    records: Collection[Record],
    by: tuple[str, ...],
    *,
    kind: type[Record],
    days: NDArray[np.int64],
    period: Period | None,
    attribution: Attribution | None,
    partnership: Partnership | None,
    renamed: Mapping[str, Mapping[str, str]] | None = None,
    owners: Sequence[str | None] | None = None,
    divisible: bool = True,
) -> Grouping:
    """Return where each record counts; `days` are the dates that place records, as ordinals.

    `renamed` gives, by field, the text to count under in place of the record's own; `owners` the
    one organisation that each counts for, where that is known without attribution. Whether a
    record is `divisible` among its organisations matters to the advice on attribution alone.
    """
    if attribution is not None:
        choice("attribution", attribution, ATTRIBUTIONS)
    record = np.arange(len(records), dtype=np.intp)
    weight: NDArray[Any] | None = None
    bodies = Bodies(partnership)
    owner: KeyPart = ((), record)
    if "organisation" in by and owners is not None:
        owner = _bodies(*coded(owners), days, bodies)
    elif "organisation" in by:
        record, owner, weight = _by_organisation(
            records, days, attribution, bodies, divisible=divisible
        )
    parts: list[KeyPart] = []
    for name in by:
        if name == "organisation":
            parts.append(owner)
        elif name in ("lead", "sponsor") and partnership is not None:
            found, index = coded(_values(records, name, kind))
            labels, index = _bodies(found, index, days, bodies, known_only=name == "sponsor")
            parts.append((labels, index[record]))
        else:  # What a record has in one field says it all: each value is looked at once.
            found, index = _dates(days) if name in PERIODS else coded(_values(records, name, kind))
            other = (renamed or {}).get(name)
            labels = key_texts(name, found, found, period, bodies, renamed=other)
            parts.append((labels, index[record]))
    bodies.refuse_unknown()
    keys, group = keyed(parts)
    record = record if by else record[:0]
    return Grouping(keys=keys, names=bodies.names, record=record, group=group, weight=weight)


def _dates(days: NDArray[np.int64]) -> tuple[list[dt.date], NDArray[np.intp]]:
    """Return the distinct dates, and the place among them of each."""
    found, index = coded(days.tolist())
    return list(map(dt.date.fromordinal, found)), index


def _bodies(
    texts: Sequence[str | None],
    index: NDArray[np.intp],
    days: NDArray[np.int64],
    bodies: Bodies,
    *,
    known_only: bool = False,
) -> KeyPart:
    """Return the codes of organisations; each place has `index` among `texts`, and a date.

    Each text is looked at once, unless only a date can tell which organisation it means.
    """
    codes = bodies.undated(text for text in texts if text is not None)
    if None not in codes.values():
        return [NOT_STATED if text is None else codes[text] for text in texts], index
    every = [texts[i] for i in index.tolist()]
    dates = list(map(dt.date.fromordinal, days.tolist()))
    return bodies.codes(every, dates, known_only=known_only), np.arange(len(every), dtype=np.intp)


def keyed(parts: Sequence[KeyPart]) -> tuple[tuple[Key, ...], NDArray[np.intp]]:
    """Return the keys that parts make together, in order, and the index of each place's key."""
    group = np.zeros(len(parts[0][1]) if parts else 0, dtype=np.intp)
    found: list[tuple[Any, ...]] = [()]
    for values, index in parts:
        labels, here = coded(values)
        codes = group * max(len(labels), 1) + here[index]
        # Numbered anew for each name, so that the product of many never overflows.
        distinct, group = numbered(codes, max(len(found), 1) * max(len(labels), 1))
        pairs = (divmod(code, len(labels)) for code in distinct.tolist())
        found = [(*found[before], labels[last]) for before, last in pairs]
    if not len(group):
        return (), group
    named = [key[0] if len(key) == 1 else key for key in found]
    keys = sorted_keys(named)
    place = {key: index for index, key in enumerate(keys)}
    order = np.array([place[key] for key in named], dtype=np.intp)
    return tuple(keys), order[group]


def key_texts(
    name: str,
    texts: Sequence[Any],
    dates: Sequence[dt.date],
    period: Period | None,
    bodies: Bodies,
    *,
    renamed: Mapping[str, str] | None = None,
) -> list[Any]:
    """Return what `by=name` calls the group of each element, which has `texts` in that field."""
    if name in PERIODS:
        spans = {date: span(name, date, period) for date in set(dates)}
        return list(map(spans.__getitem__, dates))
    if name in ("organisation", "lead"):
        return bodies.codes(texts, dates)
    if name == "sponsor":
        return bodies.codes(texts, dates, known_only=True)
    if name == "centre" and bodies.partnership is not None:
        return _centres(texts, bodies.partnership)
    known = {value: value if type(value) is str else _text(value, name) for value in set(texts)}
    if renamed:
        known = {value: renamed.get(text, text) for value, text in known.items()}
    return list(map(known.__getitem__, texts))


def _values(records: Collection[Record], name: str, kind: type[Record]) -> Iterable[Any]:
    """Return a field of every record; of many, faster read by name than in a loop."""
    kinds = {kind} if name in _fields(kind) else {*map(type, records)} or {kind}
    for each in kinds:  # a subclass may have fields of its own, if all records are of it
        if name not in _fields(each):
            options = ["organisation", *PERIODS, *_fields(each)]
            raise InvalidInputError(f"cannot count by {name!r}{near_matches(name, options)}")
    return map(attrgetter(name), records)


def _fields(kind: type[Record]) -> list[str]:
    return [field.name for field in attrs.fields(kind)]


def _centres(texts: Sequence[str | None], partnership: Partnership) -> list[str]:
    """Return what the partnership calls the centre that each record names itself."""
    labels: dict[str | None, str] = {None: NOT_STATED}
    for text in dict.fromkeys(texts):
        if text is not None:
            labels[text] = partnership.centre(text).label
    return [labels[text] for text in texts]


def _text(value: object, name: str) -> str:
    if value is None:
        return NOT_STATED
    if isinstance(value, bool):
        return name.replace("_", " ") if value else f"not {name.replace('_', ' ')}"
    hint = " by='month', 'quarter' or 'financial_year'" if isinstance(value, dt.date) else ""
    raise InvalidInputError(f"cannot count by {name!r}: it is not text{hint and ';' + hint}")


def span(name: str, date: dt.date, period: Period | None) -> Period:
    """Return the month, quarter or financial year of `date`, clipped to `period`."""
    whole = unit_around(date, cast("PeriodUnit", name))
    if period is None:
        return whole
    return Period(max(whole.start, period.start), min(whole.end, period.end))


def _by_organisation(
    records: Collection[Record],
    days: NDArray[np.int64],
    attribution: Attribution | None,
    bodies: Bodies,
    *,
    divisible: bool,
) -> tuple[NDArray[np.intp], KeyPart, NDArray[Any] | None]:
    """Return record index, organisation and weight of each place where a record counts."""
    every = np.arange(len(records), dtype=np.intp)
    if attribution == "lead":
        return every, _bodies(*coded(map(attrgetter("lead"), records)), days, bodies), None
    sets, index = coded(map(attrgetter("_organisations"), records))
    owners = [owner for owners in sets for owner in owners or (None,)]
    record = every
    if len(owners) > len(sets):
        sizes = np.array([len(owners) or 1 for owners in sets], dtype=np.intp)
        first_owner, places = np.cumsum(sizes) - sizes, sizes[index]
        record = np.repeat(every, places)
        nth = np.arange(len(record)) - np.repeat(np.cumsum(places) - places, places)
        index = first_owner[index][record] + nth
    labels, index = _bodies(owners, index, days[record], bodies)
    if len(record) == len(records):  # one each
        whole = np.full(len(record), Fraction(1))
        return every, (labels, index), whole if attribution == "fractional" else None
    # Two names of one body are one place, whose parts add up.
    codes, meant = coded(labels)
    places, place = np.unique(record * len(codes) + meant[index], return_inverse=True)
    where, owner = places // len(codes), (codes, places % len(codes))
    if attribution == "fractional":
        weight = np.full(len(places), Fraction(0), dtype=object)
        np.add.at(weight, place, np.array([part for one in records for part in _parts(one)]))
        return where, owner, weight
    if attribution is None and len(where) > len(records):
        several = compress(records, (np.bincount(where) > 1).tolist())
        names = listed(
            [f"{record_label(r)} ({', '.join(r.organisations)})" for r in several], most=3
        )
        known = "'lead', 'whole' or 'fractional'" if divisible else "'lead' or 'whole'"
        raise InvalidInputError(
            f"records with several organisations: {names}; say attribution={known}"
        )
    return where, owner, None


def _parts(record: Record) -> Iterable[Fraction]:
    owners = record.organisations
    if record.shares is not None:
        return [record.shares.get(owner, Fraction(0)) for owner in owners]
    return [Fraction(1, len(owners))] * len(owners) if owners else [Fraction(1)]
