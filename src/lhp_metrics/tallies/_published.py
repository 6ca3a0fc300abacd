"""Figures that somebody else counted: what a tally has to know of them."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import is_total, of_kind
from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.models import Partnership, Period
from lhp_metrics.tallies._grouping import by_names
from lhp_metrics.tallies._keys import (
    NOT_STATED,
    Count,
    Key,
    KeyT,
    exact_count,
    folded_key,
    key_part,
    with_part,
)
from lhp_metrics.tallies._money import MONEY
from lhp_metrics.tallies._outcomes import OUTCOMES, UNDECIDED, OutcomeCounts
from lhp_metrics.tallies._regrouping import ORGANISATION

__all__ = ["checked_total", "exact_counts", "outcome_counts", "resolved"]

ValueT = TypeVar("ValueT")


def resolved(
    counts: Mapping[KeyT, ValueT],
    by: str | Iterable[str],
    period: Period | None,
    partnership: Partnership | None,
) -> tuple[tuple[str, ...], dict[Key, ValueT], dict[str, str]]:
    """Return what the groups are, the counts of each, and the names of those organisations.

    With a partnership, names of organisations become codes; two of one body are refused.
    """
    names = _counted_by(by, counts)
    if partnership is None:
        return names, dict(cast("Mapping[Key, ValueT]", counts)), {}
    of_kind("partnership", partnership, Partnership)
    places = [place for place, name in enumerate(names) if name in ORGANISATION]
    if not places:
        raise InvalidInputError(
            f"partnership resolves organisations, and by names none: {' × '.join(names)}; say "
            "by='organisation' if that is what the groups are"
        )
    found: dict[Key, ValueT] = {}
    known: dict[str, str] = {}
    for key, value in counts.items():
        code: Key = key
        for place in places:
            if key_part(code, place) == NOT_STATED:
                raise InvalidInputError(
                    f"the row {_called(key, {})!r} of the counts has no organisation: say which it "
                    "is, or leave the row out"
                )
            body = partnership.resolve(key_part(code, place), on=period.end if period else None)
            known[body.code] = body.short_name or body.name
            code = with_part(code, place, body.code)
        if code in found:
            raise InvalidInputError(f"counts name {_called(code, known)} twice")
        found[code] = value
    return names, found, known


def _counted_by(by: str | Iterable[str], counts: Iterable[Key]) -> tuple[str, ...]:
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
        if any(map(is_total, parts)):
            raise InvalidInputError(
                f"counts has the key {key!r}, which is no group but the total of the others: leave "
                "it out"
            )
        if len(parts) != len(names) or any(part is None or part != part for part in parts):
            raise InvalidInputError(
                f"counts has the key {key!r}, which names no {' × '.join(names)}"
            )
    return names


def _called(key: Key, known: Mapping[Any, str]) -> str:
    parts = key if isinstance(key, tuple) else (key,)
    return " × ".join(f"{known[p]!r} ({p})" if p in known else str(p) for p in parts)


def exact_counts(counts: Mapping[KeyT, Count]) -> dict[Key, Count]:
    """Return counts as whole numbers, or as the fractions that they are."""
    of_kind("counts", counts, Mapping)
    return {key: exact_count(f"counts[{key!r}]", value) for key, value in counts.items()}


def checked_total(values: Mapping[Key, Count], total: int | None, *, whole: bool) -> Count:
    """Return the number of records, or refuse a total that the counts cannot have.

    `whole` says that a record stands in the count of each of its organisations.
    """
    found = sum(values.values())
    if whole:
        if total is None or total > found or total < max(values.values(), default=0):
            raise InvalidInputError(
                "with attribution 'whole' a study counts for each of its organisations: "
                f"total must be the number of studies, at most {found}; got {total}"
            )
    elif total is not None and total != found:
        raise InvalidInputError(f"the counts add up to {found}, not to the total {total}")
    return found if total is None else total


def outcome_counts(counts: Mapping[KeyT, OutcomeCounts]) -> dict[str, NDArray[Any]]:
    """Return the columns of a tally of grants by outcome; of their money nothing is known."""
    of_kind("counts", counts, Mapping)
    for key, value in counts.items():
        if not isinstance(value, OutcomeCounts):
            raise InvalidTypeError(f"counts[{key!r}] must be OutcomeCounts; got {value!r}")
    groups = list(counts.values())
    values = {name: [getattr(group, name) or 0 for group in groups] for name in OUTCOMES}
    for name in UNDECIDED:
        if any(name in group.unstated for group in groups):
            values[f"{name}_unstated"] = [int(name in group.unstated) for group in groups]
    values["undisclosed"] = [group.decided if group.successful is None else 0 for group in groups]
    columns = {name: np.array([*found, sum(found)]) for name, found in values.items()}
    decided = columns["successful"] + columns["unsuccessful"] + columns["undisclosed"]
    columns |= {name: np.zeros(len(decided), dtype=dtype) for name, dtype in MONEY.items()}
    columns["without_amount"] = decided
    columns["without_requested"] = decided + sum(columns[name] for name in OUTCOMES[2:])
    columns["without_award"] = columns["successful"] + columns["undisclosed"]
    return columns
