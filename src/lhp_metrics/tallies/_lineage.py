"""Which counts belong to whom once organisations have followed one another."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from lhp_metrics.models import Partnership, Succession
from lhp_metrics.provenance import date_text

if TYPE_CHECKING:
    from lhp_metrics.tallies._tally import Tally

__all__ = [
    "heirs_of",
    "known_successions",
    "moved",
    "outlived",
    "succession_text",
    "successions_between",
]

Heirs = dict[str, dict[str, Fraction]]


def heirs_of(codes: Iterable[str], partnership: Partnership, day: dt.date | None) -> Heirs:
    """Return to whom, and by which part, each code's counts go; what nobody took over stays."""
    heirs: Heirs = {}
    for code in codes:
        parts = dict(partnership.successors(code, on=day))
        rest = 1 - sum(parts.values())
        if rest:
            parts[code] = parts.get(code, Fraction(0)) + rest
        heirs[code] = parts
    return heirs


def moved(heirs: Heirs) -> Iterator[str]:
    """Yield "RQ6 as REM" for each code whose counts went to another."""
    for code, parts in heirs.items():
        if list(parts) != [code]:
            to = (heir if part == 1 else f"{heir} ({part})" for heir, part in parts.items())
            yield f"{code} as {', '.join(to)}"


def successions_between(before: "Tally[Any]", after: "Tally[Any]") -> list[Succession]:
    """Return the successions that make two tallies count different bodies under their codes.

    These took effect after the first day of `before` and up to the last of `after`, and either
    the predecessor still has counts of its own, or the successor has them in one tally only.
    Closures without a successor are among them.
    """
    if before.period is None or after.period is None:
        return []
    first, last = before.period.start, after.period.end
    earlier, later = _codes(before), _codes(after)
    return [
        step
        for step in dict.fromkeys((*before.successions, *after.successions))
        if first < step.on <= last
        and (
            step.predecessor in earlier | later
            or (step.successor in earlier) != (step.successor in later)
        )
    ]


def _codes(tally: "Tally[Any]") -> set[Any]:
    return {part for key in tally for part in (key if isinstance(key, tuple) else (key,))}


def known_successions(partnership: Partnership | None) -> tuple[Succession, ...]:
    """Return what a tally has to remember of the partnership that its names were resolved by."""
    return () if partnership is None else partnership.successions


def outlived(tally: "Tally[Any]") -> Iterator[str]:
    """Say which bodies records count for that were no more when the period began."""
    if tally.period is None:
        return
    first = tally.period.start
    past = [step for step in tally.successions if step.kind != "split" and step.on <= first]
    closed = {step.predecessor for step in past}
    counts = [
        values
        for name, values in tally.columns.items()
        if values.dtype.kind != "f" and not name.endswith("_unstated")
    ]
    found = {
        part
        for row, key in enumerate(tally.keys if closed else ())
        for part in (key if isinstance(key, tuple) else (key,))
        if part in closed and any(np.any(values[row]) for values in counts)
    }
    steps = [succession_text(step, tally.names) for step in past if step.predecessor in found]
    if steps:
        remedy = "tally.restate(partnership) counts them for their successors."
        if tally.overlapping:
            remedy = "Counted with 'lead' or 'fractional', they can be restated."
        gone = "; ".join(steps)
        yield f"Records count for organisations that had closed before the period: {gone}. {remedy}"


def succession_text(step: Succession, names: Mapping[str, str]) -> str:
    """Return "RLBUHT (RQ6) to LUHFT (REM) on 1 Oct 2019"."""
    one, other = (
        f"{names[code]} ({code})" if code in names else code
        for code in (step.predecessor, step.successor or "")
    )
    return f"{one} {f'to {other}' if other else 'closed'} on {date_text(step.on)}"
