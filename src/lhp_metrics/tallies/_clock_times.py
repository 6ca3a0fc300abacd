"""Clocks as numbers: when they started, how long they ran, and whether they ended."""

import datetime as dt
from collections.abc import Iterator
from typing import Self

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics.models.clocks import Clock
from lhp_metrics.provenance import date_text
from lhp_metrics.tallies._grouping import Grouping

__all__ = ["ClockTimes"]

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@attrs.frozen(eq=False, kw_only=True)
class ClockTimes:
    """Clocks that have started, one element for each, or for each class of like ones.

    Parameters
    ----------
    days : ndarray of int
        From the start to the end, or to the last day known of.
    age : ndarray of int
        From the start to the as-of date.
    finished, closed : ndarray of bool
        Whether the clock has ended; whether its sites closed without.
    counts : ndarray of int
        How many clocks each element stands for.
    """

    days: IntArray
    age: IntArray
    finished: BoolArray
    closed: BoolArray
    counts: IntArray

    @classmethod
    def read(
        cls,
        start: IntArray,
        end: IntArray,
        closed: IntArray | None,
        *,
        as_of: dt.date,
        counts: IntArray | None = None,
    ) -> Self:
        """Return clocks from ordinals of dates, 0 being none."""
        today = as_of.toordinal()
        finished = (end > 0) & (end <= today)
        shut = np.zeros(len(start), dtype=np.int64) if closed is None else closed
        left = ~finished & (shut > 0) & (shut < today)
        last = np.where(finished, end, np.where(left, np.maximum(shut, start), today))
        return cls(
            days=last - start,
            age=today - start,
            finished=finished,
            closed=left,
            counts=np.ones(len(start), dtype=np.int64) if counts is None else counts,
        )

    def columns(self, groups: Grouping, clock: Clock) -> dict[str, IntArray]:
        """Return the columns of a tally."""
        length = int(self.days.max(initial=-1)) + 1
        columns = {
            "finished": groups.by_day(self.days, self.counts * self.finished, length),
            "unfinished": groups.by_day(self.days, self.counts * ~self.finished, length),
            "closed": groups.summed(self.counts * self.closed),
        }
        if clock.target_days is not None:
            gave_up = self.closed & (self.days < clock.target_days)
            due = (self.age >= clock.target_days) & ~gave_up
            in_time = due & self.finished & (self.days <= clock.target_days)
            columns["due"] = groups.summed(self.counts * due)
            columns["within"] = groups.summed(self.counts * in_time)
        return columns

    def notes(self, clock: Clock, as_of: dt.date, *, ends_seen: bool) -> Iterator[str]:
        """Yield what a reader has to know of the clocks."""
        closed = int(self.counts[self.closed].sum())
        if closed:
            yield (
                f"{closed:,} closed without {clock.end}: they count as unfinished on the day they "
                "closed."
            )
        if len(self.days) and not ends_seen:
            yield f"No record has {clock.end}."
        elif len(self.days) and not self.finished.any():
            yield f"No clock had ended by {date_text(as_of)}."
