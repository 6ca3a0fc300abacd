"""Successions read as a graph: whose work is with whom on a date."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from lhp_metrics.models._organisation_fields import Shares
from lhp_metrics.models.successions import Succession

__all__ = ["SuccessionGraph"]


class SuccessionGraph:
    """The successions of a partnership, by predecessor."""

    def __init__(self, successions: Iterable[Succession]) -> None:
        self._steps_from: dict[str, list[Succession]] = {}
        for step in successions:
            self._steps_from.setdefault(step.predecessor, []).append(step)

    def holders(self, code: str, day: dt.date) -> Shares:
        """Return who holds an organisation's work on a day, with the part of each."""
        parts: defaultdict[str, Fraction] = defaultdict(Fraction)
        waiting = [(code, Fraction(1))]
        while waiting:
            holder, part = waiting.pop()
            past = [step for step in self._steps_from.get(holder, ()) if step.on <= day]
            kept = part * (1 - sum(map(_portion, past)))
            if kept:
                parts[holder] += kept
            waiting.extend(
                (step.successor, part * _portion(step))
                for step in past
                if step.successor is not None
            )
        return Shares(sorted(parts.items()))

    def faults(self, closed_on: Mapping[str, dt.date | None]) -> Iterator[str]:
        """Yield a fault for each circle and for each split that is not stated."""
        yield from self._circles()
        for predecessor, steps in self._steps_from.items():
            yield from _portion_faults(predecessor, steps, closed_on.get(predecessor))

    def _circles(self) -> Iterator[str]:
        told: set[frozenset[str]] = set()
        for start in sorted(self._steps_from):
            paths: list[tuple[str, ...]] = [(start,)]
            seen = {start}
            while paths:
                path = paths.pop()
                followers = [step.successor for step in self._steps_from.get(path[-1], ())]
                if start in followers and frozenset(path) not in told:
                    told.add(frozenset(path))
                    yield f"successions go in a circle: {' → '.join((*path, start))}"
                fresh = {code for code in followers if code is not None and code not in seen}
                seen |= fresh
                paths.extend((*path, code) for code in sorted(fresh))


def _portion_faults(
    predecessor: str, steps: list[Succession], closed_on: dt.date | None
) -> Iterator[str]:
    if len(steps) > 1 and any(step.portion is None for step in steps):
        several = ", ".join(str(step.successor) for step in steps)
        yield f"{predecessor!r} has several successors ({several}): state the portion of each"
        return
    total = sum(map(_portion, steps))
    if total > 1:
        yield f"the portions of {predecessor!r} add up to {total}, more than 1"
    if closed_on is None:
        return
    if total < 1:
        yield (
            f"the portions of {predecessor!r} add up to {total}, but it closed on {closed_on}"
            " and keeps nothing"
        )
    for step in steps:
        if step.kind != "split" and step.on <= closed_on:
            yield (
                f"the {step.kind} of {predecessor!r} is on {step.on}, but it closed on"
                f" {closed_on}, not before"
            )


def _portion(step: Succession) -> Fraction:
    return Fraction(1) if step.portion is None else step.portion
