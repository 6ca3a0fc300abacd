"""Time to decision: how likely is success by so many months after submission?"""

from collections.abc import Iterable
from typing import Any, ClassVar

import attrs
import numpy as np
from numpy.typing import NDArray

from lhp_metrics._checks import each_of, numbers, of_kind, scalar_level
from lhp_metrics.errors import InvalidInputError, InvalidTypeError
from lhp_metrics.estimates import Estimate, Estimates
from lhp_metrics.intervals import CumulativeIncidence, SurvivalMethod
from lhp_metrics.metrics._clock_curves import TOTAL, refuse_parts
from lhp_metrics.metrics._outcomes import quotient
from lhp_metrics.results import Columns, Row, Table, column
from lhp_metrics.tallies import GrantTally
from lhp_metrics.tallies.decisions import DecisionTally

__all__ = ["TimeToDecision", "decision_curves", "time_to_decision"]

DAYS_PER_MONTH = 365.25 / 12
MOST_MONTHS = 1200
CAUSES = ("successful", "unsuccessful", "withdrawn", "not_considered")


@attrs.frozen(kw_only=True)
class TimeToDecision(Row):
    """Where one group's applications stand so many months after their submission.

    `successful`, `unsuccessful` and `other` (withdrawn or not considered) count what was decided
    by then; `waiting` those known to be pending still. `success`, `failure` and `pending` are
    probabilities which, with that of being withdrawn or not considered, add up to 1.
    `decided_only` is the naive rate beside them: successes over the decisions known by then.
    """

    never_suppressed: ClassVar[str] = (
        "its counts of one group add up over the months and the Total is among its rows, so that "
        "hidden ones could be had from those shown: suppress the tally's to_table() instead, or "
        "count in larger groups"
    )

    months: float = column("", spec="g", given=True)
    days: int = column("Days", spec=",d", detail=True)
    waiting: int = column("Waiting longer")
    successful: int = column("Successful by then")
    unsuccessful: int = column("Unsuccessful by then")
    other: int = column("Withdrawn or not considered", detail=True)
    success: Estimate = column("Probability of success by then")
    failure: Estimate = column("Probability of failure by then", detail=True)
    pending: Estimate = column("Probability of still pending")
    decided_only: float = column("Rate of those decided", spec=".1%")

    def describe(self) -> str:
        """Return what the row says, in sentences for readers who are no statisticians."""
        from lhp_metrics.metrics._setup_sentences import say_time_to_decision

        return say_time_to_decision(self)

    @classmethod
    def describe_table(cls, table: Table[Any]) -> str:
        """Return what the table says; see `Table.describe`."""
        from lhp_metrics.metrics._setup_sentences import say_times_to_decision

        return say_times_to_decision(table)


def time_to_decision(
    tally: DecisionTally,
    *,
    months: Iterable[float] = (3, 6, 9, 12, 18),
    method: SurvivalMethod = "wilson",
    confidence_level: float = 0.95,
) -> Table[TimeToDecision]:
    """How likely is success by so many months after submission, the pending counted fairly?

    Parameters
    ----------
    tally : DecisionTally
        From ``tally_decisions``; the counts of ``tally_grants`` hold no days.
    months : iterable of float, default (3, 6, 9, 12, 18)
        Since submission; a month is 365.25 / 12 days, rounded to a whole day.
    method : {"wilson", "log-log", "log", "plain", "logit", "arcsin"}, default "wilson"
        How limits are made; see ``lhp_metrics.intervals.cumulative_incidence``. Wilson's, at
        the effective sample size, are there also at 0 % and 100 %.
    confidence_level : float, default 0.95
        A fraction between 0 and 1 (exclusive).

    Returns
    -------
    Table of TimeToDecision
        A row for each group and month; no total, as the groups' ``"Total"`` has rows of its own.
        After the longest that anybody was followed the probabilities are NaN with (0, 1),
        printed as "–".

    Raises
    ------
    InvalidTypeError
        If the tally is of another kind, such as a `GrantTally`.
    InvalidInputError
        If `months` are not above 0, or an option is unknown.

    Notes
    -----
    The Aalen–Johansen estimator [1]_. A pending application has waited so long, and no longer, by
    the as-of date; being unsuccessful, withdrawn, or not considered are outcomes that compete
    with success. Decided-only rates of an open cohort lean to the outcome that arrives faster
    [2]_; this one does not, as long as applications submitted late in the cohort fare like those
    submitted early.

    References
    ----------
    .. [1] O. O. Aalen and S. Johansen (1978), Scandinavian Journal of Statistics 5, 141-150.
    .. [2] H. Putter, M. Fiocco and R. B. Geskus (2007), Statistics in Medicine 26, 2389-2430.

    Examples
    --------
    >>> import lhp_metrics as lhp
    >>> decided = ["2023-07-01", "2023-07-20", "2023-12-01", "2024-01-10", None, None]
    >>> outcomes = ["unsuccessful", "unsuccessful", "successful", "successful"] + ["pending"] * 2
    >>> grants = [
    ...     lhp.Grant(reference=n, submitted_on="2023-05-01", decided_on=date, outcome=outcome)
    ...     for n, (date, outcome) in enumerate(zip(decided, outcomes))
    ... ]
    >>> table = lhp.time_to_decision(lhp.tally_decisions(grants, as_of="2024-03-31"), months=[3, 9])
    >>> print(table["3 months"].success, table["9 months"].success, sep="; ")
    0.0% (0.0% to 39.0%); 33.3% (9.7% to 70.0%)
    """
    level = scalar_level(confidence_level)
    curves = decision_curves(tally, method=method, confidence_level=level)
    marks = _marks(months)
    parts = [_at(curves, tally, months, day) for months, day in marks]
    groups = len(curves.keys)
    # Rows go through the months group by group.
    order = np.arange(groups * len(marks)).reshape(len(marks), groups).T.ravel()
    columns = {name: _stacked([part[name] for part in parts], order) for name in parts[0]}
    labels = [f"{months:g} month{'s' * (months != 1)}" for months, _ in marks]
    keys: list[object] = [
        label if not tally.by else (*(_parts(key, len(tally.by))), label)
        for key in curves.keys
        for label in labels
    ]
    names = [
        label if not tally.by else f"{tally.name_of(key)}, {label}"
        for key in curves.keys
        for label in labels
    ]
    return Table(
        row_type=TimeToDecision,
        title="Probability of success by months since submission",
        by=(*tally.by, "months_since_submission"),
        keys=tuple(keys),
        names=tuple(names),
        columns=columns,
        has_total=False,
        provenance=tally.provenance(
            "time-to-decision/1",
            basis="all applications: the pending censored, other outcomes competing",
            method=f"Aalen–Johansen, {method}",
            confidence_level=level,
        ),
    )


def decision_curves(
    tally: DecisionTally,
    *,
    method: SurvivalMethod = "wilson",
    confidence_level: float = 0.95,
) -> CumulativeIncidence:
    """Probability of every outcome by day, for each group and, under ``"Total"``, for all.

    Parameters
    ----------
    tally : DecisionTally
        From ``tally_decisions``.
    method, confidence_level
        As `time_to_decision` takes them.

    Returns
    -------
    CumulativeIncidence
        Its outcomes are 1 successful, 2 unsuccessful, 3 withdrawn and 4 not considered.

    Examples
    --------
    >>> import lhp_metrics as lhp
    >>> grant = lhp.Grant(reference="G1", submitted_on="2023-05-01", decided_on="2023-09-01",
    ...                   outcome="successful")
    >>> curves = lhp.decision_curves(lhp.tally_decisions([grant], as_of="2024-03-31"))
    >>> curves["Total"].incidence_at(200).value
    1.0
    """
    if isinstance(tally, GrantTally):
        raise InvalidTypeError(
            "tally must be a DecisionTally: a GrantTally holds no days until decision; count the "
            "grants with tally_decisions(grants, as_of=...)"
        )
    of_kind("tally", tally, DecisionTally)
    refuse_parts(tally, "applications")
    return CumulativeIncidence.from_counts(
        [tally.columns[name] for name in CAUSES],
        tally.columns["pending"],
        keys=(*tally.keys, TOTAL),
        method=method,
        confidence_level=confidence_level,
    )


def _marks(months: Iterable[float]) -> list[tuple[float, int]]:
    """Return the months asked for with their days."""
    marks: list[tuple[float, int]] = []
    for month in each_of(months, "numbers", name="months"):
        number = numbers("months", month)
        if number.ndim or not 0 < number < MOST_MONTHS:
            rule = f"must each be above 0 and below {MOST_MONTHS:,}"
            raise InvalidInputError(f"months {rule}; got {month!r}")
        marks.append((float(number), round(float(number) * DAYS_PER_MONTH)))
    if not marks or len(set(marks)) < len(marks):
        raise InvalidInputError(f"months must be one or several, none twice; got {months!r}")
    return marks


def _at(
    curves: CumulativeIncidence, tally: DecisionTally, months: float, day: int
) -> dict[str, Columns]:
    groups = len(curves.keys)
    known = {name: tally.columns[name][:, : day + 1].sum(axis=1) for name in CAUSES}
    decided = known["successful"] + known["unsuccessful"]
    later = np.sum(
        [tally.columns[name][:, day + 1 :].sum(axis=1) for name in (*CAUSES, "pending")], axis=0
    )
    return {
        "months": np.full(groups, months),
        "days": np.full(groups, day),
        "waiting": later,
        "successful": known["successful"],
        "unsuccessful": known["unsuccessful"],
        "other": known["withdrawn"] + known["not_considered"],
        "success": curves.incidences_at(day, outcome=1),
        "failure": curves.incidences_at(day, outcome=2),
        "pending": curves.waiting.survivals_at(day),
        "decided_only": quotient(
            known["successful"].astype(np.float64), decided.astype(np.float64)
        ),
    }


def _stacked(parts: list[Columns], order: NDArray[np.intp]) -> Columns:
    """Return the months' columns as one, in another order."""
    first = parts[0]
    if not isinstance(first, Estimates):
        return np.concatenate([np.asarray(part) for part in parts])[order]
    value, low, high = (
        np.concatenate([getattr(part, side) for part in parts])[order]
        for side in ("value", "low", "high")
    )
    return Estimates(value, low, high, first.confidence_level, first.method, first.unit)


def _parts(key: object, size: int) -> tuple[object, ...]:
    """Return a key as the parts that it has; the total is one in every part."""
    if key == TOTAL:
        return (TOTAL,) * size
    return key if isinstance(key, tuple) else (key,)
