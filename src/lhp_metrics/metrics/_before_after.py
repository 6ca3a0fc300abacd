"""What every change from one period to the next demands of its two tallies, and says of them."""

import datetime as dt
from collections.abc import Iterator
from typing import Any, Literal, TypeAlias, TypeVar

import attrs

from lhp_metrics._checks import choice
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.models import Period
from lhp_metrics.provenance import accounted, date_text
from lhp_metrics.tallies import Tally, aligned, succession_text, successions_between

__all__ = [
    "LineageRule",
    "common_date",
    "lineage_notes",
    "refuse_disorder",
    "said_of_each",
    "same_groups",
]

TallyT = TypeVar("TallyT", bound=Tally[Any])
LineageRule: TypeAlias = Literal["refuse", "ignore"]


def refuse_disorder(before: Tally[Any], after: Tally[Any], shared: str = "") -> None:
    """Refuse periods that overlap, so that something may be `shared`, or are in reverse."""
    one, two = _dated(before), _dated(after)
    if one is None or two is None:
        return
    if one.overlaps(two):
        why = f", so {shared} may stand in both" if shared else ""
        raise InvalidInputError(f"before ({one}) and after ({two}) overlap{why}")
    if one > two:
        raise InvalidInputError(f"before ({one}) is later than after ({two})")


def _dated(tally: Tally[Any]) -> Period | None:
    """Return the period of a tally, or where nobody said that of its groups, if they have any."""
    if tally.period is not None:
        return tally.period
    parts = [key if isinstance(key, tuple) else (key,) for key in tally.keys]
    spans = [part for key in parts for part in key if isinstance(part, Period)]
    if not spans:
        return None
    return Period(min(span.start for span in spans), max(span.end for span in spans))


def common_date(before: Tally[Any], after: Tally[Any]) -> dt.date | None:
    """Return the day on which both were known, if it is one."""
    return before.as_of if before.as_of == after.as_of else None


def same_groups(before: TallyT, after: TallyT) -> tuple[TallyT, TallyT]:
    """Return both over the groups of either, or refuse tallies that were counted differently.

    Cohorts of one age have different as-of dates: they are no difference in counting.
    """
    return aligned(attrs.evolve(before, as_of=None), attrs.evolve(after, as_of=None))


def said_of_each(before: Tally[Any], after: Tally[Any]) -> Iterator[str]:
    """Say of which day each speaks, if they differ, and what it left out.

    One list is often counted twice, so no sum of what was left out is right.
    """
    for label, tally in (("Before", before), ("After", after)):
        if tally.as_of is not None and before.as_of != after.as_of:
            yield f"{label}: as known on {date_text(tally.as_of)}."
        if tally.excluded:
            yield f"{label}: {accounted(tally.rows_in, tally.excluded)}"


def lineage_notes(before: Tally[Any], after: Tally[Any], lineage: LineageRule) -> tuple[str, ...]:
    """Refuse successions between the periods, unless told to `ignore` them; return the notes."""
    choice("lineage", lineage, ("refuse", "ignore"))
    names = {**before.names, **after.names}
    steps = successions_between(before, after)
    merged = [succession_text(step, names) for step in steps if step.successor is not None]
    if merged and lineage == "refuse":
        raise InvalidInputError(
            f"between the tallies work passed from one body to another: {'; '.join(merged)}. "
            "Restate both, tally.restate(partnership), or say lineage='ignore'"
        )
    closed = [succession_text(step, names) for step in steps if step.successor is None]
    return tuple(f"Not allowed for: {text}." for text in (*merged, *closed))
