"""Set-up change: is it faster than it was?"""

from collections.abc import Iterator
from typing import Any

import attrs
import numpy as np

from lhp_metrics._checks import FloatArray, scalar_level
from lhp_metrics.estimates import Estimate, Estimates
from lhp_metrics.intervals import SurvivalCurve, SurvivalMethod, log_rank_test
from lhp_metrics.intervals._frame import two_sided_quantile
from lhp_metrics.intervals._mover import difference_by_mover
from lhp_metrics.metrics._adjust import Adjustment, adjusted
from lhp_metrics.metrics._before_after import (
    LineageRule,
    common_date,
    lineage_notes,
    refuse_disorder,
    said_of_each,
    same_groups,
)
from lhp_metrics.metrics._clock_curves import as_setup_tally, curves_with_total
from lhp_metrics.results import Row, Table, column
from lhp_metrics.tallies import spans
from lhp_metrics.tallies.setup import SetupTally

__all__ = ["SetupChange", "setup_change"]

DIFFERENCE = "+,.0f"


@attrs.frozen(kw_only=True)
class SetupChange(Row):
    """How one group's clock runs in two periods.

    `mean_difference` compares the mean days within the first `upto`: a clock still running
    counts with `upto`, so that a difference is there also where a median is not reached. Its
    value and that of `median_difference` are below 0 where it has become faster. The p-values
    are the log-rank test's, of the two curves as a whole.
    """

    before: int = column("Before")
    after: int = column("After")
    before_median: Estimate = column("Half by day, before")
    after_median: Estimate = column("Half by day, after")
    median_difference: Estimate = column("Difference, days", spec=DIFFERENCE, detail=True)
    before_mean: Estimate = column("")
    after_mean: Estimate = column("")
    mean_difference: Estimate = column("Difference of means, days", spec=DIFFERENCE)
    upto: float = column("Means up to day", spec=",.0f", detail=True)
    p_value: float = column("p", spec="p")
    p_adjusted: float | None = column("p, adjusted", spec="p", optional=True, pooled=True)

    def describe(self) -> str:
        """Return what the row says, in sentences for readers who are no statisticians."""
        from lhp_metrics.metrics._setup_sentences import say_setup_change

        return say_setup_change(self)

    @classmethod
    def describe_table(cls, table: Table[Any]) -> str:
        """Return what the table says; see `Table.describe`."""
        from lhp_metrics.metrics._setup_sentences import say_setup_changes

        return say_setup_changes(table)


def setup_change(
    before: SetupTally,
    after: SetupTally,
    *,
    upto: float | None = None,
    method: SurvivalMethod = "log-log",
    confidence_level: float = 0.95,
    adjust: Adjustment = "holm",
    lineage: LineageRule = "refuse",
) -> Table[SetupChange]:
    """Has the clock become faster from one period to the next?

    Parameters
    ----------
    before, after : SetupTally
        Counted in the same way with one clock, each as of its own day.
    upto : float, optional
        Days within which means are compared; by default the longest for which both curves of a
        group are known.
    method : {"log-log", "log", "plain", "logit", "arcsin", "wilson"}, default "log-log"
        Limits of the curves that those of the medians come from.
    confidence_level : float, default 0.95
        A fraction between 0 and 1 (exclusive).
    adjust : {"holm", "benjamini-hochberg", "none"}, default "holm"
        How `p_adjusted` allows for the number of groups; the total stands outside.
    lineage : {"refuse", "ignore"}, default "refuse"
        What to do where tallies made with a partnership count bodies of which one followed
        another between the periods: refuse, so that they are restated first, or compare the
        codes as they are and say so in a note.

    Returns
    -------
    Table of SetupChange
        Where a median is not reached, or a period has no clocks, a difference is NaN and prints
        as "–".

    Raises
    ------
    InvalidTypeError
        If a tally is of another kind.
    InvalidInputError
        If the tallies were counted differently, their periods overlap or are in reverse, work
        passed from one body to another in between and was not restated, or `upto` is longer than
        somebody was followed.

    Notes
    -----
    The difference of medians has limits from those of the two medians, by the method of variance
    estimates recovery [1]_; that of restricted means is normal [2]_. Restricted means and the
    log-rank test use both curves as a whole, the medians one point of each. Proportional hazards
    are not assumed, but the test sees best where one curve is always above the other.

    References
    ----------
    .. [1] G. Y. Zou and A. Donner (2008), Statistics in Medicine 27, 1693-1702.
    .. [2] P. Royston and M. K. B. Parmar (2013), BMC Medical Research Methodology 13, 152.

    Examples
    --------
    >>> import lhp_metrics as lhp
    >>> def tally(year, days):
    ...     approved = lhp.Period.financial_year(year).start
    ...     studies = [
    ...         lhp.Study(study_id=n, hra_approval_on=approved, sites=[
    ...             lhp.StudySite("REM", opened_on=approved + timedelta(days=wait))])
    ...         for n, wait in enumerate(days)]
    ...     return lhp.tally_setup(studies, clock="hra-approval-to-open",
    ...                            as_of=lhp.Period.financial_year(year).end)
    >>> from datetime import timedelta
    >>> change = lhp.setup_change(tally("2022-23", [60, 75, 80, 110, 140]),
    ...                           tally("2023-24", [31, 40, 52, 61, 90])).total
    >>> f"{change.mean_difference:+.0f}, p = {change.p_value:.3f}"
    '-38 (-69 to -7), p = 0.083'
    """
    level = scalar_level(confidence_level)
    before, after = as_setup_tally("before", before), as_setup_tally("after", after)
    notes = tuple(_notes(before, after, lineage))
    one, two = same_groups(attrs.evolve(before, notes=()), attrs.evolve(after, notes=()))
    first, last = (
        curves_with_total(tally, method=method, confidence_level=level) for tally in (one, two)
    )
    rows = [_compared(first[key], last[key], upto, level) for key in first.keys]
    medians = first.quantiles(0.5), last.quantiles(0.5)
    p_values = np.array([row.p_value for row in rows])
    p_adjusted = np.append(adjusted(p_values[:-1], adjust), np.nan)
    return two.as_table(
        SetupChange,
        f"Change in days: {two.clock.name}",
        {
            "before": _started(one),
            "after": _started(two),
            "before_median": medians[0],
            "after_median": medians[1],
            "median_difference": _difference(*medians, level),
            "before_mean": _estimates([row.before for row in rows]),
            "after_mean": _estimates([row.after for row in rows]),
            "mean_difference": _estimates([row.difference for row in rows]),
            "upto": np.array([row.upto for row in rows]),
            "p_value": p_values,
            "p_adjusted": p_adjusted,
        },
        provenance=two.provenance(
            "setup-change/1",
            periods=spans({"before": before.period, "after": after.period}),
            as_of=common_date(before, after),
            basis=str(two.clock),
            method=f"medians {method} and MOVER, means normal; p log-rank, adjusted {adjust}",
            confidence_level=level,
            records_in=None,
            records_excluded={},
            notes=notes,
        ),
    )


def _notes(before: SetupTally, after: SetupTally, lineage: LineageRule) -> Iterator[str]:
    """Refuse periods that cannot be compared; note what a reader has to know of the two."""
    refuse_disorder(before, after, shared="a clock")
    passed = lineage_notes(before, after, lineage)
    yield from said_of_each(before, after)
    yield from passed
    yield from dict.fromkeys((*before.notes, *after.notes))


@attrs.frozen(kw_only=True)
class _Compared:
    before: Estimate
    after: Estimate
    difference: Estimate
    upto: float
    p_value: float


def _compared(
    before: SurvivalCurve, after: SurvivalCurve, upto: float | None, level: float
) -> _Compared:
    """Return restricted means, their difference, and the log-rank test of two single curves."""
    both = _together(before, after)
    end, means, errors = both.areas(upto)
    one, two = (both[key].restricted_mean(end) for key in both.keys)
    value = float(means[1] - means[0])
    reach = two_sided_quantile(level) * float(np.hypot(*errors))
    known = value == value
    difference = Estimate(
        value,
        max(value - reach, -end) if known else -end,
        min(value + reach, end) if known else end,
        level,
        "normal",
        "days",
    )
    return _Compared(
        before=one,
        after=two,
        difference=difference,
        upto=end,
        p_value=log_rank_test(both).p_value,
    )


def _together(one: SurvivalCurve, two: SurvivalCurve) -> SurvivalCurve:
    """Return two single curves over the times of both."""
    times = np.union1d(one.times, two.times)
    columns = {name: np.zeros((2, len(times)), dtype=np.int64) for name in ("events", "censored")}
    for row, curve in enumerate((one, two)):
        place = np.searchsorted(times, curve.times)
        columns["events"][row, place] = curve.events[0]
        columns["censored"][row, place] = curve.censored[0]
    return SurvivalCurve.from_counts(
        **columns,
        times=times,
        keys=("before", "after"),
        method=one.method,
        confidence_level=one.confidence_level,
    )


def _difference(before: Estimates, after: Estimates, level: float) -> Estimates:
    reached = np.isfinite(before.value) & np.isfinite(after.value)
    with np.errstate(invalid="ignore"):
        low, high = difference_by_mover(
            after.value, after.low, after.high, before.value, before.low, before.high
        )
        value = after.value - before.value
    return Estimates(
        np.where(reached, value, np.nan),
        np.where(reached, low, -np.inf),
        np.where(reached, high, np.inf),
        level,
        "mover",
        "days",
    )


def _started(tally: SetupTally) -> FloatArray:
    started: FloatArray = tally.columns["finished"].sum(axis=1) + tally.columns["unfinished"].sum(
        axis=1
    )
    return started


def _estimates(rows: list[Estimate]) -> Estimates:
    value, low, high = (np.array(part) for part in zip(*rows, strict=True))
    return Estimates(value, low, high, rows[0].confidence_level, rows[0].method, rows[0].unit)
