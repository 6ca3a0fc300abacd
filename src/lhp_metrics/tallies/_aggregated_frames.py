"""Frames that somebody else counted: a row per group, a column per count."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, cast

from lhp_metrics.errors import InvalidInputError
from lhp_metrics.models import Period, PeriodUnit
from lhp_metrics.tallies._frames import Frame, collected, is_null, label, opened
from lhp_metrics.tallies._grouping import PERIODS, by_names, span
from lhp_metrics.tallies._keys import NOT_STATED, Count, Key, exact_count
from lhp_metrics.tallies._outcomes import UNDECIDED, OutcomeCounts
from lhp_metrics.tallies._records import listed

__all__ = ["group_counts", "group_outcomes"]

MOST_FAULTS = 10
DECIDED = ("successful", "unsuccessful", "decided")


def group_counts(
    source: object,
    by: str | Sequence[str],
    *,
    needed: Sequence[str] = (),
    optional: Sequence[str] = (),
    nullable: Sequence[str] = (),
    columns: Mapping[str, str] | None,
    period: Period | None,
) -> dict[Key, dict[str, Count]]:
    """Return the counts of each group of a frame; those not stated are left out.

    A frame may lack the columns that are `optional` or `nullable`; a cell without a count is a
    fault but in the latter.
    """
    names = by_names(by)
    if not names:
        raise InvalidInputError("by must name the columns that tell the groups apart")
    frame = opened(source, "the counts", columns)
    frame.need([*names, *needed], columns=columns or {})
    present = [name for name in (*optional, *nullable) if name in frame]
    found = _rows(frame, [*names, *needed, *present])
    groups: dict[Key, dict[str, Count]] = {}
    faults: list[str] = []
    for row in range(len(next(iter(found.values())))):
        parts = [_key_part(name, found[name][row], period) for name in names]
        key: Key = tuple(parts) if len(parts) > 1 else parts[0]
        if key in groups:
            faults.append(f"the frame has two rows for {_shown(key)}: add them up first")
        stated = groups[key] = {}
        for name in (*needed, *present):
            if name not in nullable or not is_null(found[name][row]):
                try:
                    stated[name] = _count(f"{name} of {_shown(key)}", found[name][row])
                except InvalidInputError as error:
                    faults.append(str(error))
    _refuse(faults)
    return groups


def group_outcomes(
    source: object,
    by: str | Sequence[str],
    *,
    columns: Mapping[str, str] | None,
    period: Period | None,
) -> dict[Key, OutcomeCounts]:
    """Return the counts of each group by outcome; name those that are impossible."""
    groups = group_counts(
        source, by, optional=UNDECIDED, nullable=DECIDED, columns=columns, period=period
    )
    found: dict[Key, OutcomeCounts] = {}
    faults: list[str] = []
    for key, counts in groups.items():
        try:
            unstated = [name for name in UNDECIDED if name not in counts]
            found[key] = OutcomeCounts(**counts, unstated=unstated)
        except InvalidInputError as error:
            faults.append(f"{_shown(key)}: {error}")
    _refuse(faults)
    return found


def _refuse(faults: Sequence[str]) -> None:
    if faults:
        raise InvalidInputError(listed(faults, most=MOST_FAULTS, between="; "))


def _rows(frame: Frame, names: Sequence[str]) -> dict[str, list[Any]]:
    return collected(frame.rows.select(*dict.fromkeys(names)))


def _count(name: str, value: Any) -> Count:
    if is_null(value):
        raise InvalidInputError(f"{name} is not stated")
    return exact_count(name, Fraction(value) if isinstance(value, Decimal) else value)


def _key_part(name: str, value: Any, period: Period | None) -> Any:
    """Return a part of a key: text, or for ``"month"`` and its like a period."""
    if name not in PERIODS:
        text = label(value, name, {})
        return NOT_STATED if text is None else text if isinstance(text, str) else str(text)
    if isinstance(value, dt.datetime | dt.date):
        date = value.date() if isinstance(value, dt.datetime) else value
        return span(name, date, period)
    if name == "quarter" or not isinstance(value, str):
        raise InvalidInputError(
            f"{name} must be a date in it"
            + ("" if name == "quarter" else " or its name")
            + f"; got {value!r}"
        )
    named = Period.month(value) if name == "month" else Period.financial_year(value)
    return span(cast("PeriodUnit", name), named.start, period)


def _shown(key: Key) -> str:
    return " × ".join(map(str, key)) if isinstance(key, tuple) else repr(str(key))
