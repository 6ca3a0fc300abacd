"""Which groups does a record count in? One answer for grants and studies."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import choice, near_matches
from lhp_metrics.errors import InvalidInputError, NotFoundError
from lhp_metrics.models import Partnership, Period
from lhp_metrics.tallies._keys import (
    NOT_STATED,
    Attribution,
    Key,
    folded_key,
    refuse_overflow,
    sorted_keys,
)
from lhp_metrics.tallies._records import Record, listed, record_label

__all__ = ["Grouping", "by_names", "counted_by", "grouping"]

ATTRIBUTIONS: tuple[Attribution, ...] = ("lead", "whole", "fractional")
PERIODS = ("month", "quarter", "financial_year")


def by_names(by: str | Iterable[str] | None) -> tuple[str, ...]:
    """Return `by` as a tuple of names, none of them twice."""
    names = () if by is None else (by,) if isinstance(by, str) else tuple(by)
    if len(set(names)) < len(names):
        raise InvalidInputError(f"by must not repeat a name; got {names!r}")
    return names


def counted_by(by: str | Iterable[str], counts: Iterable[Key]) -> tuple[str, ...]:
    """Return `by` as a tuple, and refuse keys that do not fit it."""
    names = by_names(by)
    spelt: dict[Key, Key] = {}
    for key in counts:
        first = spelt.setdefault(folded_key(key), key)
        if first != key:
            raise InvalidInputError(
                f"counts has the keys {first!r} and {key!r}, which differ in capitals and spaces "
                "alone: write the group in one way"
            )
        parts = key if len(names) > 1 and isinstance(key, tuple) else (key,)
        if len(parts) != len(names) or any(part is None or part != part for part in parts):
            raise InvalidInputError(
                f"counts has the key {key!r}, which names no {' × '.join(names)}"
            )
    return names


@attrs.frozen(kw_only=True)
class Grouping:
    """Pairs of record and group: a record may stand in several groups, or in parts of them.

    Parameters
    ----------
    keys : tuple
        The groups, in order.
    names : mapping
        Display names of organisations.
    record, group : ndarray of int, shape (m,)
        Index of the record and of the key, one pair per place where a record counts.
    weight : ndarray of Fraction, shape (m,), or None
        Part of the record that counts there; None where records count whole.
    """

    keys: tuple[Key, ...]
    names: Mapping[str, str]
    record: NDArray[np.intp]
    group: NDArray[np.intp]
    weight: NDArray[Any] | None

    def summed(self, values: NDArray[Any], *, moment: int = 1) -> NDArray[Any]:
        """Return the sum of `values`, one per record, in each group, and the total at the end.

        Of a second moment (``moment=2``) a record that counts by half adds a quarter.
        """
        size = len(self.keys)
        column = np.zeros(size + 1, dtype=values.dtype)
        here = values[self.record]
        if values.dtype.kind == "i":
            refuse_overflow(float(here.sum(dtype=float)))
        if self.weight is not None:
            exact = values.dtype.kind == "i"
            column = np.full(size + 1, Fraction(0), dtype=object) if exact else column
            weight = self.weight if exact else self.weight.astype(np.float64) ** moment
            here = here.astype(object) * weight if exact else here * weight
        np.add.at(column, self.group, here)
        column[size] = values.sum().item()
        return column

    def shared(self, squares: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the sum of ``part × (1 − part) × squares`` in each group; the total's is 0.

        What sharing takes off the sum of squares: with the second moment of `summed` it adds up
        to the sum that counts a shared record by its part, once.
        """
        column = np.zeros(len(self.keys) + 1)
        if self.weight is not None:
            part = self.weight.astype(np.float64)
            np.add.at(column, self.group, part * (1 - part) * squares[self.record])
        return column

    def largest(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return the largest of `values` in each group, and overall at the end."""
        column = np.zeros(len(self.keys) + 1, dtype=values.dtype)
        np.maximum.at(column, self.group, values[self.record])
        column[-1] = values.max(initial=0)
        return column


def grouping(
    records: Sequence[Record],
    by: tuple[str, ...],
    *,
    dates: Sequence[dt.date],
    period: Period | None,
    attribution: Attribution | None,
    partnership: Partnership | None,
    renamed: Mapping[str, Mapping[str, str]] | None = None,
) -> Grouping:
    """Return where each record counts; `dates` are the ones that place records in time.

    `renamed` gives, by field, the text to count under in place of the record's own.
    """
    if attribution is not None:
        choice("attribution", attribution, ATTRIBUTIONS)
    record = np.arange(len(records), dtype=np.intp)
    weight: NDArray[Any] | None = None
    bodies = _Bodies(partnership)
    organisations: Sequence[str] = ()
    if "organisation" in by:
        record, organisations, weight = _by_organisation(records, dates, attribution, bodies)
    if not by:
        record = record[:0]
    group = np.zeros(len(record), dtype=np.intp)
    found: list[tuple[Any, ...]] = [()]
    for name in by:
        if name == "organisation":
            values = organisations
        elif name == "lead":
            values = bodies.codes([r.lead for r in records], dates)
        elif name == "sponsor":
            values = bodies.codes(
                [getattr(r, "sponsor", None) for r in records], dates, known_only=True
            )
        elif name == "centre" and partnership is not None:
            values = _centres(records, partnership)
        else:
            values = _values(records, name, dates, period)
            other = (renamed or {}).get(name, {})
            values = [other.get(value, value) for value in values] if other else values
        lookup: dict[Any, int] = {}
        here = np.array([lookup.setdefault(v, len(lookup)) for v in values], dtype=np.intp)
        labels = list(lookup)
        codes = group * max(len(labels), 1) + (here if name == "organisation" else here[record])
        # Numbered anew for each name, so that the product of many never overflows.
        distinct, group = np.unique(codes, return_inverse=True)
        places = (divmod(code, len(labels)) for code in distinct.tolist())
        found = [(*found[before], labels[last]) for before, last in places]
    bodies.refuse_unknown()
    found = found if len(record) else []
    named = [parts[0] if len(parts) == 1 else parts for parts in found]
    keys = sorted_keys(named)
    place = {key: index for index, key in enumerate(keys)}
    order = np.array([place[key] for key in named], dtype=np.intp)
    return Grouping(
        keys=tuple(keys),
        names=bodies.names,
        record=record,
        group=order[group] if named else group,
        weight=weight,
    )


def _values(
    records: Sequence[Record], name: str, dates: Sequence[dt.date], period: Period | None
) -> list[Any]:
    """Return what `by=name` calls each record's group."""
    if name in PERIODS:
        spans = {date: _span(name, date, period) for date in set(dates)}
        return [spans[date] for date in dates]
    if not records:
        return []
    fields = [field.name for field in attrs.fields(type(records[0]))]
    if name not in fields:
        options = ["organisation", *PERIODS, *fields]
        raise InvalidInputError(f"cannot count by {name!r}{near_matches(name, options)}")
    values = [getattr(record, name) for record in records]
    return [value if type(value) is str else _text(value, name) for value in values]


def _centres(records: Sequence[Record], partnership: Partnership) -> list[str]:
    """Return what the partnership calls the centre that each record names itself."""
    labels: dict[str | None, str] = {None: NOT_STATED}
    for text in dict.fromkeys(record.centre for record in records):
        if text is not None:
            labels[text] = partnership.centre(text).label
    return [labels[record.centre] for record in records]


def _text(value: object, name: str) -> str:
    if value is None:
        return NOT_STATED
    if isinstance(value, bool):
        return name.replace("_", " ") if value else f"not {name.replace('_', ' ')}"
    hint = " by='month', 'quarter' or 'financial_year'" if isinstance(value, dt.date) else ""
    raise InvalidInputError(f"cannot count by {name!r}: it is not text{hint and ';' + hint}")


def _span(name: str, date: dt.date, period: Period | None) -> Period:
    """Return the month, quarter or financial year of `date`, clipped to `period`."""
    first = date.year - (date.month < 4)
    year = f"{first}-{(first + 1) % 100:02d}"
    if name == "month":
        span = Period.month(f"{date.year}-{date.month:02d}")
    elif name == "quarter":
        span = Period.quarter(year, (date.month - 4) % 12 // 3 + 1)
    else:
        span = Period.financial_year(year)
    if period is None:
        return span
    return Period(max(span.start, period.start), min(span.end, period.end))


def _by_organisation(
    records: Sequence[Record],
    dates: Sequence[dt.date],
    attribution: Attribution | None,
    bodies: "_Bodies",
) -> tuple[NDArray[np.intp], Sequence[str], NDArray[Any] | None]:
    """Return record index, organisation and weight of each place where a record counts."""
    if attribution == "lead":
        leads = bodies.codes([record.lead for record in records], dates)
        return np.arange(len(records), dtype=np.intp), leads, None
    owners = [record.organisations or (None,) for record in records]
    index = np.repeat(np.arange(len(records)), [len(owner) for owner in owners])
    texts = [text for owner in owners for text in owner]
    codes = bodies.codes(texts, [dates[i] for i in index.tolist()])
    if attribution == "fractional":
        # Two names of one body make one part, which second moments are the squares of.
        parts: dict[tuple[int, str], Fraction] = {}
        given = (part for record in records for part in _parts(record))
        for pair, part in zip(zip(index.tolist(), codes, strict=True), given, strict=True):
            parts[pair] = parts.get(pair, Fraction(0)) + part
        weight = np.empty(len(parts), dtype=object)
        weight[:] = list(parts.values())
        return np.array([i for i, _ in parts], dtype=np.intp), [c for _, c in parts], weight
    once = dict.fromkeys(zip(index.tolist(), codes, strict=True))
    index = np.array([i for i, _ in once], dtype=np.intp)
    if attribution is None and len(index) > len(records):
        several = [records[i] for i in np.flatnonzero(np.bincount(index) > 1).tolist()]
        names = listed(
            [f"{record_label(r)} ({', '.join(r.organisations)})" for r in several], most=3
        )
        raise InvalidInputError(
            f"records with several organisations: {names}; say attribution='lead', 'whole' or "
            "'fractional'"
        )
    return index, [code for _, code in once], None


def _parts(record: Record) -> Iterable[Fraction]:
    owners = record.organisations
    if record.shares is not None:
        return [record.shares.get(owner, Fraction(0)) for owner in owners]
    return [Fraction(1, len(owners))] * len(owners) if owners else [Fraction(1)]


class _Bodies:
    """Organisations as records name them, each resolved once."""

    def __init__(self, partnership: Partnership | None) -> None:
        self.partnership = partnership
        self.names: dict[str, str] = {}
        self._codes: dict[tuple[str, dt.date | None], str | None] = {}
        self._unknown: dict[str, str] = {}
        self._times: dict[str, int] = {}

    def codes(
        self,
        texts: Sequence[str | None],
        dates: Sequence[dt.date],
        *,
        known_only: bool = False,
    ) -> list[str]:
        """Return the code of each text; without a partnership the text itself.

        With `known_only` the unknown, such as a company that sponsors, keep their names.
        """
        if self.partnership is None:
            return [NOT_STATED if text is None else text for text in texts]
        resolve = self._known if known_only else self._code
        return [
            NOT_STATED if text is None else resolve(text, date, self.partnership)
            for text, date in zip(texts, dates, strict=True)
        ]

    def _known(self, text: str, date: dt.date, partnership: Partnership) -> str:
        code = self._resolved(text, None, partnership) or self._resolved(text, date, partnership)
        return code or text

    def _code(self, text: str, date: dt.date, partnership: Partnership) -> str:
        code = self._known(text, date, partnership)
        if self._codes[text, None] is None and self._codes[text, date] is None:
            self._times[text] = self._times.get(text, 0) + 1
        return code

    def _resolved(self, text: str, date: dt.date | None, partnership: Partnership) -> str | None:
        """Resolve without a date first: it only breaks ties, and differs between records."""
        if (text, date) not in self._codes:
            try:
                body = partnership.resolve(text, on=date)
            except NotFoundError as error:
                self._codes[text, date] = None
                self._unknown[text] = str(error)
            else:
                self._codes[text, date] = body.code
                self.names[body.code] = body.short_name or body.name
        return self._codes[text, date]

    def refuse_unknown(self) -> None:
        """Raise one error that lists every unknown name and how often it stands."""
        if self._times:
            raise NotFoundError(
                "\n".join(f"{self._unknown[text]} ({n:,} times)" for text, n in self._times.items())
            )
