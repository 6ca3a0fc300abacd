"""Comparison of success rates: whose differs from the others'?"""

from typing import Any

import attrs
import numpy as np

from lhp_metrics._checks import near_matches, scalar_level
from lhp_metrics.errors import InvalidInputError, NotFoundError
from lhp_metrics.estimates import Estimate
from lhp_metrics.intervals import DifferenceMethod, RatioMethod
from lhp_metrics.metrics._outcomes import (
    BASES,
    Basis,
    Outcomes,
    as_grant_tally,
    hidden_note,
    outcomes,
)
from lhp_metrics.metrics._two_rates import compared, method_text, side
from lhp_metrics.models import Period
from lhp_metrics.results import Row, Table, column
from lhp_metrics.results.columns import POINTS
from lhp_metrics.tallies import GrantTally, Key

__all__ = ["SuccessRateComparison", "SuccessRateComparisons", "compare_success_rates"]


@attrs.frozen(kw_only=True)
class SuccessRateComparison(Row):
    """The success rate of one group beside the reference's, and what lies between them.

    `difference` is the group's rate less the reference's; the other fields are those of
    `SuccessRateChange`, with the group for after and the reference for before.
    """

    successful: int | None = column("Successful", whole=True, optional=True)
    decided: int = column("Decided", whole=True)
    pending: int | None = column("Pending", whole=True, optional=True, detail=True)
    rate: Estimate = column("Rate")
    reference_successful: int | None = column(
        "Reference successful", whole=True, optional=True, detail=True
    )
    reference_decided: int = column("Reference decided", whole=True, detail=True)
    reference_pending: int | None = column(
        "Reference pending", whole=True, optional=True, detail=True
    )
    reference_rate: Estimate = column("Reference rate")
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
        from lhp_metrics.metrics._grant_sentences import say_comparison

        return say_comparison(self)

    @classmethod
    def describe_table(cls, table: Table[Any]) -> str:
        """Return what the table says; see `Table.describe`."""
        from lhp_metrics.metrics._grant_sentences import say_comparisons

        return say_comparisons(table)


@attrs.frozen(eq=False, repr=False, kw_only=True)
class SuccessRateComparisons(Table[SuccessRateComparison]):
    """The table of `compare_success_rates`, with one test of all groups together.

    Parameters
    ----------
    statistic : float
        Pearson's chi-squared of "all groups have one success rate"; NaN where nothing varies.
    degrees_of_freedom : int
        Number of groups with decisions, less one.
    p_value : float
        Chance of a statistic at least as large if they have.
    """

    statistic: float
    degrees_of_freedom: int
    p_value: float


def compare_success_rates(
    tally: GrantTally,
    *,
    reference: Key = "rest",
    basis: Basis = "decided",
    method: DifferenceMethod = "miettinen-nurminen",
    ratio_method: RatioMethod = "miettinen-nurminen",
    confidence_level: float = 0.95,
    simultaneous: bool = False,
) -> SuccessRateComparisons:
    """Whose success rate differs from the others', or from one group's?

    Parameters
    ----------
    tally : GrantTally
        Applications by outcome and group.
    reference : "rest" or a key of the tally, default "rest"
        What each group is compared with: all the others together, or one group, which then has
        no row of its own.
    basis, method, ratio_method, confidence_level, simultaneous
        As for `success_rate_change`.

    Returns
    -------
    SuccessRateComparisons
        A `Table` of `SuccessRateComparison` without a total, and Pearson's test of all groups
        at once.

    Raises
    ------
    NotFoundError
        If the tally has no group `reference`.
    InvalidInputError
        If the tally has no groups or counts parts of applications; or, with "rest", if groups
        share applications, since the rest is then not known.

    Notes
    -----
    Whoever is picked from a table because it stands out was compared with everyone: read
    `p_adjusted`, not `p_value`. Holm bounds the chance of any false finding; Benjamini–Hochberg
    the expected part of false ones among the findings, which is what screening needs.

    Examples
    --------
    >>> from lhp_metrics import GrantTally, OutcomeCounts, compare_success_rates
    >>> tally = GrantTally.from_counts({
    ...     "NIHR": OutcomeCounts(successful=40, unsuccessful=60),
    ...     "MRC": OutcomeCounts(successful=10, unsuccessful=60),
    ...     "UKRI": OutcomeCounts(successful=15, unsuccessful=55, pending=4),
    ... })
    >>> table = compare_success_rates(tally)
    >>> print(table["NIHR"].difference)
    +22.1 percentage points (+10.7 to +33.6)
    """
    level = scalar_level(confidence_level)
    tally = as_grant_tally("tally", tally, "comparisons of success rates")
    if not tally.keys:
        raise InvalidInputError("comparisons need a tally by group; this one has only a total")
    columns = dict(tally.columns)
    if reference == "rest":
        if tally.overlapping:
            raise InvalidInputError(
                "groups of this tally share applications, so the rest without one of them is not "
                "known: compare with reference= one of its keys, or count with 'lead'"
            )
        places = np.arange(len(tally.keys))
        base = {name: values[-1] - values[:-1] for name, values in columns.items()}
        text = "all other groups together"
    else:
        index = _place(tally, reference)
        places = np.delete(np.arange(len(tally.keys)), index)
        base = {name: np.repeat(values[index], len(places)) for name, values in columns.items()}
        text = tally.name_of(tally.keys[index])
    groups = {name: values[places] for name, values in columns.items()}
    last, first = outcomes(groups, basis), outcomes(base, basis)
    nan = float("nan")
    one_rate = (nan, 0, nan) if tally.overlapping else _one_rate(outcomes(columns, basis))
    keys = tuple(tally.keys[place] for place in places.tolist())
    return SuccessRateComparisons(
        row_type=SuccessRateComparison,
        title=f"Success rates compared with {text}",
        by=tally.by,
        keys=keys,
        names=tuple(map(tally.name_of, keys)),
        columns={
            **side(groups, last, level),
            **{f"reference_{n}": v for n, v in side(base, first, level).items()},
            **compared(
                last,
                first,
                method=method,
                ratio_method=ratio_method,
                level=level,
                simultaneous=simultaneous,
                family=np.ones(len(places), dtype=np.bool_),
            ),
        },
        provenance=tally.provenance(
            "success-rate-comparison/1",
            basis=f"{basis} ({BASES[basis]})",
            method=method_text(method, ratio_method, simultaneous=simultaneous),
            confidence_level=level,
            notes=(f"Reference: {text}.", *hidden_note(tally), *_cohorts_note(tally)),
        ),
        has_total=False,
        statistic=one_rate[0],
        degrees_of_freedom=one_rate[1],
        p_value=one_rate[2],
    )


def _place(tally: GrantTally, reference: Key) -> int:
    """Return where the reference stands among the keys; a period may be given as its text."""
    for index, key in enumerate(tally.keys):
        if reference in (key, str(key)):
            return index
    near = near_matches(str(reference), map(str, tally.keys))
    raise NotFoundError(f"the tally has no group {reference!r} to compare with{near}")


def _cohorts_note(tally: GrantTally) -> tuple[str, ...]:
    parts = (part for key in tally.keys for part in (key if isinstance(key, tuple) else (key,)))
    ends = {part.end for part in parts if isinstance(part, Period)}
    if len(ends) < 2 or tally.dated_by == "decided_on":
        return ()
    return ("The groups are cohorts of different ages: the younger had less time for decisions.",)


def _one_rate(found: Outcomes) -> tuple[float, int, float]:
    """Return Pearson's statistic for one rate of all groups, its degrees of freedom and p."""
    from scipy.special import gammaincc

    n, won = found.trials[:-1], found.successes[:-1]
    n, won = n[n > 0], won[n > 0]
    degrees = max(len(n) - 1, 0)
    rate = won.sum() / max(n.sum(), 1.0)
    if not degrees or rate in (0.0, 1.0):
        return float("nan"), degrees, float("nan")
    statistic = float(((won - n * rate) ** 2 / (n * rate * (1 - rate))).sum())
    return statistic, degrees, float(gammaincc(degrees / 2, statistic / 2))
