"""Change of success rates: is this cohort better than the one before?"""

import datetime as dt
from collections.abc import Iterator

import attrs
import numpy as np

from lhp_metrics._checks import scalar_level
from lhp_metrics.estimates import Estimate
from lhp_metrics.intervals import DifferenceMethod, RatioMethod
from lhp_metrics.metrics._before_after import (
    LineageRule,
    common_date,
    lineage_notes,
    refuse_disorder,
    said_of_each,
    same_groups,
)
from lhp_metrics.metrics._outcomes import BASES, Basis, as_grant_tally, hidden_note, outcomes
from lhp_metrics.metrics._two_rates import compared, method_text, side
from lhp_metrics.models import Period
from lhp_metrics.results import Columns, Row, Table, column
from lhp_metrics.results.columns import POINTS
from lhp_metrics.tallies import GrantTally, OutcomeCounts, spans, unstated_notes

__all__ = ["SuccessRateChange", "success_rate_change"]

SAME_AGE = 2  # Days by which a leap year makes cohorts of one age differ, and to spare.


@attrs.frozen(kw_only=True)
class SuccessRateChange(Row):
    """Success rates of one group in two cohorts, and what lies between them.

    `difference` is after less before. `lowest_difference` and `highest_difference` bound the
    difference that there will be once nothing is pending in either cohort. The p-value belongs to
    `difference`; `p_adjusted` (Holm) and `p_benjamini_hochberg` allow for the number of groups,
    of which the total is none.
    """

    before_successful: int | None = column("Successful before", whole=True, optional=True)
    before_decided: int = column("Decided before", whole=True)
    before_pending: int | None = column("Pending before", whole=True, optional=True, detail=True)
    before_rate: Estimate = column("Rate before")
    after_successful: int | None = column("Successful after", whole=True, optional=True)
    after_decided: int = column("Decided after", whole=True)
    after_pending: int | None = column("Pending after", whole=True, optional=True, detail=True)
    after_rate: Estimate = column("Rate after")
    difference: Estimate = column("Difference")
    lowest_difference: float = column("Lowest with pending", spec=POINTS)
    highest_difference: float = column("Highest with pending", spec=POINTS)
    ratio: Estimate = column("Ratio", detail=True)
    p_value: float | None = column("p", spec="p", optional=True)
    p_adjusted: float | None = column("p, Holm", spec="p", optional=True, pooled=True)
    p_benjamini_hochberg: float | None = column(
        "p, Benjamini–Hochberg", spec="p", optional=True, pooled=True, detail=True
    )

    def describe(self) -> str:
        """Return what the row says, in sentences for readers who are no statisticians."""
        from lhp_metrics.metrics._grant_sentences import say_success_change

        return say_success_change(self)


def success_rate_change(
    before: GrantTally | OutcomeCounts,
    after: GrantTally | OutcomeCounts,
    *,
    basis: Basis = "decided",
    method: DifferenceMethod = "miettinen-nurminen",
    ratio_method: RatioMethod = "miettinen-nurminen",
    confidence_level: float = 0.95,
    simultaneous: bool = False,
    lineage: LineageRule = "refuse",
) -> Table[SuccessRateChange]:
    """How did success rates change from one cohort to the next?

    Parameters
    ----------
    before, after : GrantTally or OutcomeCounts
        Two cohorts without an application in common, counted in the same way; only their
        periods and as-of dates may differ.
    basis : {"decided", "submitted", "considered"}, default "decided"
        What the rates' denominators count; see `success_rates`.
    method : {"miettinen-nurminen", "mee", "newcombe", ...}, default "miettinen-nurminen"
        Interval and test for the difference; see ``lhp_metrics.intervals.difference_interval``.
        The rates themselves have Wilson's.
    ratio_method : {"miettinen-nurminen", "koopman", ...}, default "miettinen-nurminen"
        Interval for the ratio; see ``lhp_metrics.intervals.ratio_interval``.
    confidence_level : float, default 0.95
        A fraction between 0 and 1 (exclusive).
    simultaneous : bool, default False
        Widen the intervals of differences and ratios so that all groups' hold at once (by
        Bonferroni); otherwise each holds by itself. The total's always does.
    lineage : {"refuse", "ignore"}, default "refuse"
        What to do where tallies made with a partnership count bodies of which one followed
        another between the periods: refuse, so that they are restated first, or compare the
        codes as they are and say so in a note.

    Returns
    -------
    Table of SuccessRateChange
        With nothing decided on one side the difference is NaN with the interval (−1, 1), and
        there is no p-value. A ratio on a base of no successes is infinite. A method without a
        test gives `p_value` None.

    Raises
    ------
    InvalidInputError
        If the periods overlap or are in reverse, the tallies were counted differently or count
        parts of applications, or work passed from one body to another in between and was not
        restated.

    Notes
    -----
    Miettinen and Nurminen's intervals for difference and ratio invert one and the same test [1]_,
    so the p-value is below 1 − `confidence_level` exactly where they leave out 0 and 1.

    A settled cohort and a young one are not alike: of the young one the quick decisions are
    known. The footnote says so where the cohorts' ages at their as-of dates differ. Count the
    earlier one ``as_of`` the same age, or read the bounds.

    References
    ----------
    .. [1] O. Miettinen and M. Nurminen (1985), Statistics in Medicine 4, 213-226.

    Examples
    --------
    >>> from lhp_metrics import OutcomeCounts, success_rate_change
    >>> before = OutcomeCounts(successful=48, unsuccessful=32)
    >>> after = OutcomeCounts(successful=56, unsuccessful=14, pending=10)
    >>> change = success_rate_change(before, after).total
    >>> print(change.difference, f"p = {change.p_value:.3f}")
    +20.0 percentage points (+5.3 to +33.8) p = 0.008
    >>> f"{change.lowest_difference:+.3f} to {change.highest_difference:+.3f}"
    '+0.100 to +0.225'
    """
    level = scalar_level(confidence_level)
    before, after = (
        as_grant_tally(name, tally, "changes of success rates")
        for name, tally in (("before", before), ("after", after))
    )
    refuse_disorder(before, after, shared="an application")
    passed = lineage_notes(before, after, lineage)
    one, two = same_groups(before, after)
    first, last = (outcomes(tally.columns, basis) for tally in (one, two))
    family = np.arange(len(first.rate)) < len(one.keys)
    columns: dict[str, Columns] = {
        **{f"before_{n}": values for n, values in side(one.columns, first, level).items()},
        **{f"after_{n}": values for n, values in side(two.columns, last, level).items()},
        **compared(
            last,
            first,
            method=method,
            ratio_method=ratio_method,
            level=level,
            simultaneous=simultaneous,
            family=family,
        ),
    }
    notes = (
        *after.notes,
        *said_of_each(before, after),
        *hidden_note(one),
        *hidden_note(two),
        *(f"Before: {note}" for note in unstated_notes(one)),
        *(f"After: {note}" for note in unstated_notes(two)),
        *_age_notes(before, after),
        *passed,
    )
    # What neither states is said of each, above.
    said_columns = {n: values for n, values in two.columns.items() if not n.endswith("_unstated")}
    return two.as_table(
        SuccessRateChange,
        "Change in success rates",
        columns,
        provenance=attrs.evolve(two, notes=(), columns=said_columns).provenance(
            "success-rate-change/1",
            periods=spans({"before": before.period, "after": after.period}),
            as_of=common_date(before, after),
            basis=f"{basis} ({BASES[basis]})",
            method=method_text(method, ratio_method, simultaneous=simultaneous),
            confidence_level=level,
            records_in=None,
            records_excluded={},
            notes=tuple(dict.fromkeys((*before.notes, *notes))),
        ),
    )


def _age_notes(before: GrantTally, after: GrantTally) -> Iterator[str]:
    """Say where one cohort had more time for its decisions than the other."""
    by_decision = after.dated_by == "decided_on"
    if before.period is None or after.period is None or by_decision:
        return
    if before.as_of is None or after.as_of is None:
        if before.columns["pending"][-1] or after.columns["pending"][-1]:
            yield (
                "Without as-of dates the ages of the cohorts are not known; the later one will "
                "have had less time for its decisions."
            )
        return
    ages = _age(before.as_of, before.period), _age(after.as_of, after.period)
    if abs(ages[0] - ages[1]) > SAME_AGE:
        yield (
            f"The cohorts differ in age: {ages[0]:,} days from the end of the period to the as-of "
            f"date before, {ages[1]:,} after. The younger one's slower decisions are still open."
        )


def _age(as_of: dt.date, period: Period) -> int:
    return (as_of - period.end).days
