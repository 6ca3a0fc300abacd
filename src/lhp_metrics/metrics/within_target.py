"""Within target: what share finished in time, of those whose time is up?"""

from typing import Any

import attrs
import numpy as np

from lhp_metrics._checks import scalar_level
from lhp_metrics.errors import InvalidInputError
from lhp_metrics.estimates import Estimate, Estimates
from lhp_metrics.intervals import ProportionMethod, proportion_interval
from lhp_metrics.metrics._clock_curves import as_setup_tally, curves_with_total
from lhp_metrics.metrics._outcomes import quotient
from lhp_metrics.results import Row, Table, column
from lhp_metrics.tallies.setup import SetupTally

__all__ = ["WithinTarget", "within_target"]


@attrs.frozen(kw_only=True)
class WithinTarget(Row):
    """Share of one group's clocks that finished within the target.

    `due` counts the clocks that started so long ago that their target has passed, whether they
    finished or not, and `within` those of them that finished in time: `share` is of these two.
    `not_due` are left out of it; `share_of_all` lets them count as far as they have got.
    """

    due: int = column("Due")
    within: int = column("Within target")
    share: Estimate = column("Share of the due")
    not_due: int = column("Not due")
    share_of_all: Estimate = column("Share, all counted")
    target_days: float = column("", spec="g", given=True)

    def describe(self) -> str:
        """Return what the row says, in sentences for readers who are no statisticians."""
        from lhp_metrics.metrics._setup_sentences import say_within_target

        return say_within_target(self)

    @classmethod
    def describe_table(cls, table: Table[Any]) -> str:
        """Return what the table says; see `Table.describe`."""
        from lhp_metrics.metrics._setup_sentences import say_within_targets

        return say_within_targets(table)


def within_target(
    tally: SetupTally,
    *,
    method: ProportionMethod = "wilson",
    confidence_level: float = 0.95,
) -> Table[WithinTarget]:
    """What share of studies or sites finished within the clock's target?

    Parameters
    ----------
    tally : SetupTally
        From ``tally_setup``, with a clock that has a target.
    method : {"wilson", "clopper-pearson", "mid-p", ...}, default "wilson"
        Interval for `share`; see ``lhp_metrics.intervals.proportion_interval``.
    confidence_level : float, default 0.95
        A fraction between 0 and 1 (exclusive).

    Returns
    -------
    Table of WithinTarget
        With nothing due the share is NaN with (0, 1), and prints as "–". `share_of_all` is so
        where nobody was followed as long as the target.

    Raises
    ------
    InvalidTypeError
        If the tally is of another kind.
    InvalidInputError
        If the clock has no target.

    Notes
    -----
    Of the clocks started within the last `target_days`, only the quick ones have an outcome, a
    good one; so they are not due, finished or not. A site that closed unfinished before its
    target is not due either. `share_of_all` uses them all: one minus the Kaplan–Meier curve at
    the target, with Wilson's limits at the effective sample size [1]_. Where nothing is
    unfinished before its target the two are the same, limits included.

    References
    ----------
    .. [1] K. J. Rothman (1978), Journal of Chronic Diseases 31, 557-560.
    .. [2] R. G. Newcombe (1998), Statistics in Medicine 17, 857-872.

    Examples
    --------
    >>> import lhp_metrics as lhp
    >>> opened = ["2024-01-31", "2024-03-20", "2024-04-15", None]
    >>> studies = [
    ...     lhp.Study(study_id=number, hra_approval_on="2024-01-01",
    ...               sites=[lhp.StudySite("REM", opened_on=date)])
    ...     for number, date in enumerate(opened)
    ... ]
    >>> tally = lhp.tally_setup(studies, clock="hra-approval-to-open", as_of="2024-06-30")
    >>> row = lhp.within_target(tally)["REM"]
    >>> print(row.within, "of", row.due, row.share)
    1 of 4 25.0% (4.6% to 69.9%)
    """
    level = scalar_level(confidence_level)
    tally = as_setup_tally("tally", tally)
    target = tally.clock.target_days
    if target is None:
        raise InvalidInputError(
            f"the clock {tally.clock.name!r} has no target: count with one that has, such as "
            "attrs.evolve(clock, target_days=60)"
        )
    due, within = (tally.columns[name].astype(np.float64) for name in ("due", "within"))
    low, high = proportion_interval(within, due, method=method, confidence_level=level)
    curves = curves_with_total(tally, method="wilson", confidence_level=level)
    late = curves.survivals_at(target)
    all_counted = Estimates(
        1 - late.value, 1 - late.high, 1 - late.low, level, "wilson, effective n", "proportion"
    )
    started = sum(tally.columns[name].sum(axis=1) for name in ("finished", "unfinished"))
    return tally.as_table(
        WithinTarget,
        f"Finished within {target:,} days: {tally.clock.name}",
        {
            "due": tally.columns["due"],
            "within": tally.columns["within"],
            "share": Estimates(quotient(within, due), low, high, level, method, "proportion"),
            "not_due": started - tally.columns["due"],
            "share_of_all": all_counted,
            "target_days": np.full(len(due), float(target)),
        },
        provenance=tally.provenance(
            "within-target/1",
            basis=str(tally.clock),
            method=f"{method}; of all, Kaplan–Meier with wilson at the effective size",
            confidence_level=level,
            notes=(f"Due: started {target:,} days or more before the as-of date.",),
        ),
    )
