"""Figures that somebody else counted: what a tally has to know of them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import of_kind
from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.models import Partnership, Period
from lhp_metrics.tallies._keys import Count, Key, KeyT, exact_count
from lhp_metrics.tallies._money import MONEY
from lhp_metrics.tallies._outcomes import OUTCOMES, OutcomeCounts

__all__ = ["checked_total", "outcome_counts", "registration_counts"]


def registration_counts(
    counts: Mapping[KeyT, Count], period: Period | None, partnership: Partnership | None
) -> tuple[dict[Key, Count], dict[str, str]]:
    """Return counts by key, and names of those keys that the partnership resolved."""
    of_kind("counts", counts, Mapping)
    if partnership is not None:
        of_kind("partnership", partnership, Partnership)
    values: dict[Key, Count] = {}
    names: dict[str, str] = {}
    for key, value in counts.items():
        code: Key = key
        if partnership is not None:
            body = partnership.resolve(str(key), on=period.end if period else None)
            code = body.code
            names[body.code] = body.short_name or body.name
        if code in values:
            name = names.get(str(code), str(code))
            raise InvalidInputError(f"counts name {name!r} ({code}) twice")
        values[code] = exact_count(f"counts[{key!r}]", value)
    return values, names


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
    values["undisclosed"] = [group.decided if group.successful is None else 0 for group in groups]
    columns = {name: np.array([*found, sum(found)]) for name, found in values.items()}
    decided = columns["successful"] + columns["unsuccessful"] + columns["undisclosed"]
    columns |= {name: np.zeros(len(decided), dtype=dtype) for name, dtype in MONEY.items()}
    columns["without_amount"] = decided
    columns["without_requested"] = decided + sum(columns[name] for name in OUTCOMES[2:])
    columns["without_award"] = columns["successful"] + columns["undisclosed"]
    return columns
