"""Success rates: what share of decided applications succeeded?"""

from typing import Any

import attrs
import numpy as np

from lhp_metrics._checks import of_kind, scalar_level
from lhp_metrics.estimates import Estimate, Estimates
from lhp_metrics.intervals import ProportionMethod, proportion_interval
from lhp_metrics.metrics._outcomes import (
    BASES,
    ONE_IS_TRUE,
    Basis,
    as_grant_tally,
    hidden_note,
    outcomes,
)
from lhp_metrics.results import Row, Table, column
from lhp_metrics.tallies import GrantTally, OutcomeCounts, stated

__all__ = ["SuccessRate", "possible_success_rates", "success_rate", "success_rates"]


@attrs.frozen(kw_only=True)
class SuccessRate(Row):
    """A success rate, the counts it came from and its interval.

    `if_pending_all_fail` and `if_pending_all_succeed` bound the rate that the cohort will have
    once nothing is pending. `rate_with_pending` is the rate with the interval that holds
    whatever becomes of them: from the lower limit if all fail to the upper one if all succeed.
    `successful` and `unsuccessful` are None, and the rate is NaN, where the split of the
    decisions is not published. `pending` is None and the bounds are NaN where nobody stated how
    many are pending.
    """

    successful: int | None = column("Successful", whole=True, optional=True)
    unsuccessful: int | None = column("Unsuccessful", whole=True, optional=True)
    decided: int = column("Decided", whole=True)
    pending: int | None = column("Pending", whole=True, optional=True)
    withdrawn: int = column("Withdrawn", whole=True, detail=True)
    not_considered: int = column("Not considered", whole=True, detail=True)
    rate: Estimate = column("Success rate")
    if_pending_all_fail: float = column("If pending all fail", spec=".1%")
    if_pending_all_succeed: float = column("If pending all succeed", spec=".1%")
    rate_with_pending: Estimate = column("")
    basis: str = column("")

    def describe(self) -> str:
        """Return what the row says, in sentences for readers who are no statisticians."""
        from lhp_metrics.metrics._grant_sentences import say_success_rate

        return say_success_rate(self)

    @classmethod
    def describe_table(cls, table: Table[Any]) -> str:
        """Return what the table says; see `Table.describe`."""
        from lhp_metrics.metrics._grant_sentences import say_success_rates

        return say_success_rates(table)


def success_rate(
    counts: GrantTally | OutcomeCounts,
    *,
    basis: Basis = "decided",
    method: ProportionMethod = "wilson",
    confidence_level: float = 0.95,
) -> SuccessRate:
    """Share of grant applications that succeeded, all groups together.

    Parameters
    ----------
    counts : GrantTally or OutcomeCounts
        Applications by outcome.
    basis : {"decided", "submitted", "considered"}, default "decided"
        What the denominator counts; see `success_rates`.
    method : {"wilson", "clopper-pearson", "mid-p", ...}, default "wilson"
        Interval for the proportion; see ``lhp_metrics.intervals.proportion_interval``.
    confidence_level : float, default 0.95
        A fraction between 0 and 1 (exclusive).

    Returns
    -------
    SuccessRate
        With nothing decided the rate's value is NaN and its interval (0, 1): a rate of nothing
        is not 0 %.

    Raises
    ------
    InvalidInputError
        If `basis` or `method` is unknown or `confidence_level` is outside (0, 1).

    See Also
    --------
    success_rates : One rate per group, and the definitions.

    Examples
    --------
    >>> from lhp_metrics import OutcomeCounts, success_rate
    >>> result = success_rate(OutcomeCounts(successful=15, unsuccessful=133, pending=20))
    >>> f"{result.rate:.1%}"
    '10.1% (6.2% to 16.0%)'
    >>> f"{result.if_pending_all_fail:.1%} to {result.if_pending_all_succeed:.1%}"
    '8.9% to 20.8%'
    """
    tally = as_grant_tally("counts", counts, "success rates")
    table = success_rates(tally, basis=basis, method=method, confidence_level=confidence_level)
    return table.total


def success_rates(
    tally: GrantTally,
    *,
    basis: Basis = "decided",
    method: ProportionMethod = "wilson",
    confidence_level: float = 0.95,
) -> Table[SuccessRate]:
    """Share of grant applications that succeeded, per group and in total.

    Parameters
    ----------
    tally : GrantTally
        Applications by outcome and group.
    basis : {"decided", "submitted", "considered"}, default "decided"
        The denominator: applications with a decision; everything submitted (Snowball Metrics,
        and NIHR's D/A); or everything the funder took into consideration, which is all but the
        withdrawn and not considered (NIHR's D/B). Pending applications are in the last two.
    method : {"wilson", "clopper-pearson", "mid-p", ...}, default "wilson"
        Interval for the proportion; see ``lhp_metrics.intervals.proportion_interval``.
    confidence_level : float, default 0.95
        A fraction between 0 and 1 (exclusive).

    Returns
    -------
    Table of SuccessRate
        A group with nothing in the denominator has the rate NaN with the interval (0, 1),
        printed as "–".

    Raises
    ------
    InvalidInputError
        If the tally counts parts of applications: intervals need whole ones.

    Notes
    -----
    Wilson's interval keeps near-nominal coverage for the small, lopsided counts of a single
    partner [1]_ [2]_; the textbook interval has width 0 at 0 of n. The interval describes the
    process behind the cohort. The cohort itself is complete but for what is pending, and the
    bounds say what that can change [3]_; `rate_with_pending` allows for both.

    References
    ----------
    .. [1] R. G. Newcombe (1998), Statistics in Medicine 17, 857-872.
    .. [2] L. D. Brown, T. T. Cai and A. DasGupta (2001), Statistical Science 16, 101-133.
    .. [3] C. F. Manski (1989), Journal of Human Resources 24, 343-360.

    Examples
    --------
    >>> from lhp_metrics import GrantTally, OutcomeCounts, success_rates
    >>> tally = GrantTally.from_counts({
    ...     "NIHR": OutcomeCounts(successful=12, unsuccessful=20, pending=5),
    ...     "MRC": OutcomeCounts(successful=0, unsuccessful=0, pending=3),
    ... })
    >>> table = success_rates(tally)
    >>> print(table["NIHR"].rate, table["MRC"].rate, sep="; ")
    37.5% (22.9% to 54.7%); –
    """
    level = scalar_level(confidence_level)
    tally = as_grant_tally("tally", tally, "success rates")
    part = tally.columns
    found = outcomes(part, basis)
    low, high = proportion_interval(
        found.successes, found.trials, method=method, confidence_level=level
    )
    lowest = proportion_interval(
        found.fewest, found.final, method=method, confidence_level=level
    ).low
    highest = proportion_interval(
        found.most, found.final, method=method, confidence_level=level
    ).high
    return tally.as_table(
        SuccessRate,
        "Success rates of grant applications",
        {
            "successful": np.where(found.known, part["successful"], np.nan),
            "unsuccessful": np.where(found.known, part["unsuccessful"], np.nan),
            "decided": tally.decided,
            "pending": stated(part, "pending"),
            "withdrawn": part["withdrawn"],
            "not_considered": part["not_considered"],
            "rate": Estimates(found.rate, low, high, level, method, "proportion"),
            "if_pending_all_fail": found.worst,
            "if_pending_all_succeed": found.best,
            "rate_with_pending": Estimates(
                found.rate, lowest, highest, level, f"{method}, whatever is pending", "proportion"
            ),
            "basis": np.full(len(found.rate), basis, dtype=object),
        },
        provenance=tally.provenance(
            "success-rate/1",
            basis=f"{basis} ({BASES[basis]})",
            method=method,
            confidence_level=level,
            notes=hidden_note(tally),
        ),
    )


def possible_success_rates(
    counts: OutcomeCounts,
    *,
    method: ProportionMethod = "wilson",
    confidence_level: float = 0.95,
) -> Table[SuccessRate]:
    """What would each possible number of successes mean, where only decisions are published?

    Parameters
    ----------
    counts : OutcomeCounts
        Applications with the number decided; a split that is known is not used.
    method : {"wilson", "clopper-pearson", "mid-p", ...}, default "wilson"
        Interval for the proportion; see ``lhp_metrics.intervals.proportion_interval``.
    confidence_level : float, default 0.95
        A fraction between 0 and 1 (exclusive).

    Returns
    -------
    Table of SuccessRate
        One row for each number of successes from 0 to all decided, its key that number; no
        total, since only one of the rows is true.

    Examples
    --------
    >>> from lhp_metrics import OutcomeCounts, possible_success_rates
    >>> table = possible_success_rates(OutcomeCounts(decided=66, pending=57))
    >>> print(table[33].rate)
    50.0% (38.3% to 61.7%)
    """
    of_kind("counts", counts, OutcomeCounts)
    decided = int(counts.decided)
    each = {
        successful: attrs.evolve(counts, successful=successful, unsuccessful=decided - successful)
        for successful in range(decided + 1)
    }
    # Each row counts the same applications.
    tally = attrs.evolve(
        GrantTally.from_counts(each, by="successful_if"), rows_in=int(counts.submitted)
    )
    table = success_rates(tally, method=method, confidence_level=confidence_level)
    return table.without_total(ONE_IS_TRUE)
