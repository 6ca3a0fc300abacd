"""Set-up times: how long does it take, studies still in set-up included?"""

from typing import Any

import attrs

from lhp_metrics._checks import scalar_level
from lhp_metrics.estimates import Estimate
from lhp_metrics.intervals import SurvivalCurve, SurvivalMethod
from lhp_metrics.metrics._clock_curves import as_setup_tally, curves_with_total
from lhp_metrics.results import Row, Table, column
from lhp_metrics.tallies.setup import SetupTally

__all__ = ["SetupTime", "setup_curves", "setup_times"]

DAYS = ""  # An estimate in days has a format of its own, "not reached" included.


@attrs.frozen(kw_only=True)
class SetupTime(Row):
    """How long a clock takes in one group.

    `lower_quartile`, `median` and `upper_quartile` are the days by which a quarter, half and
    three quarters had finished. A time that is not reached yet is infinite and prints as
    "not reached".
    """

    started: int = column("Started")
    finished: int = column("Finished")
    unfinished: int = column("Unfinished")
    lower_quartile: Estimate = column("A quarter by day", spec=DAYS, detail=True)
    median: Estimate = column("Half by day", spec=DAYS)
    upper_quartile: Estimate = column("Three quarters by day", spec=DAYS, detail=True)

    def describe(self) -> str:
        """Return what the row says, in sentences for readers who are no statisticians."""
        from lhp_metrics.metrics._setup_sentences import say_setup_time

        return say_setup_time(self)

    @classmethod
    def describe_table(cls, table: Table[Any]) -> str:
        """Return what the table says; see `Table.describe`."""
        from lhp_metrics.metrics._setup_sentences import say_setup_times

        return say_setup_times(table)


def setup_times(
    tally: SetupTally,
    *,
    method: SurvivalMethod = "log-log",
    confidence_level: float = 0.95,
) -> Table[SetupTime]:
    """How many days does the clock take: median and quartiles, unfinished ones included?

    Parameters
    ----------
    tally : SetupTally
        From ``tally_setup``.
    method : {"log-log", "log", "plain", "logit", "arcsin", "wilson"}, default "log-log"
        How limits are made; see ``lhp_metrics.intervals.kaplan_meier``.
    confidence_level : float, default 0.95
        A fraction between 0 and 1 (exclusive).

    Returns
    -------
    Table of SetupTime
        A group without clocks has NaN with (0, inf), printed as "–"; one in which none has
        finished has "not reached" with those limits.

    Raises
    ------
    InvalidTypeError
        If the tally is of another kind.
    InvalidInputError
        If `method` is unknown or `confidence_level` is outside (0, 1).

    Notes
    -----
    The Kaplan–Meier estimate: a study still in set-up counts as having taken longer than its
    days so far [1]_. The median of the finished ones alone is too short while others are still
    open, since the slow ones are missing from it.

    References
    ----------
    .. [1] E. L. Kaplan and P. Meier (1958), J American Statistical Association 53, 457-481.
    .. [2] R. Brookmeyer and J. Crowley (1982), Biometrics 38, 29-41.

    Examples
    --------
    >>> import lhp_metrics as lhp
    >>> approved, opened = "2024-01-01", ["2024-01-31", "2024-03-01", "2024-04-15", None]
    >>> studies = [
    ...     lhp.Study(study_id=number, hra_approval_on=approved,
    ...               sites=[lhp.StudySite("REM", opened_on=date)])
    ...     for number, date in enumerate(opened)
    ... ]
    >>> tally = lhp.tally_setup(studies, clock="hra-approval-to-open", as_of="2024-06-30")
    >>> print(lhp.setup_times(tally)["REM"].median)
    82.5 (30 to not reached)
    """
    level = scalar_level(confidence_level)
    tally = as_setup_tally("tally", tally)
    curves = curves_with_total(tally, method=method, confidence_level=level)
    finished, unfinished = (tally.columns[name].sum(axis=1) for name in ("finished", "unfinished"))
    return tally.as_table(
        SetupTime,
        f"Days from {_words(tally.clock.start)} to {_words(tally.clock.end)}",
        {
            "started": finished + unfinished,
            "finished": finished,
            "unfinished": unfinished,
            "lower_quartile": curves.quantiles(0.25),
            "median": curves.quantiles(0.5),
            "upper_quartile": curves.quantiles(0.75),
        },
        provenance=tally.provenance(
            "setup-times/1",
            basis=str(tally.clock),
            method=f"Kaplan–Meier, {method}",
            confidence_level=level,
        ),
    )


def setup_curves(
    tally: SetupTally,
    *,
    method: SurvivalMethod = "log-log",
    confidence_level: float = 0.95,
) -> SurvivalCurve:
    """Share still unfinished by day, for every group and, under the key ``"Total"``, for all.

    Parameters
    ----------
    tally : SetupTally
        From ``tally_setup``.
    method, confidence_level
        As `setup_times` takes them.

    Returns
    -------
    SurvivalCurve

    Examples
    --------
    >>> import lhp_metrics as lhp
    >>> study = lhp.Study(study_id="S1", hra_approval_on="2024-01-01",
    ...                   sites=[lhp.StudySite("REM", opened_on="2024-02-20")])
    >>> tally = lhp.tally_setup([study], clock="hra-approval-to-open", as_of="2024-06-30")
    >>> lhp.setup_curves(tally)["Total"].times.tolist()
    [50]
    """
    return curves_with_total(
        as_setup_tally("tally", tally), method=method, confidence_level=confidence_level
    )


def _words(field: str) -> str:
    words = field.removesuffix("_on").replace("_", " ")
    return words.replace("hra", "HRA")
